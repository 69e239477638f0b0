"""The members of bridges on real nodes, as `brctl show`, `bridge link`, `ip addr` and `ip link` tell them."""

from __future__ import annotations

from itertools import combinations

import pytest

from aksnet_parse import analyze, read
from aksnet_parse.analysis.models import Finding
from tests.topology import KINDS, Kind, build

pytestmark = pytest.mark.usefixtures("kernel")

COMMANDS = ("brctl show", "bridge link", "ip addr", "ip link", "bridge -d link", "bridge -j link", "ip -d addr")


def disagreements(text: str) -> list[Finding]:
    [node] = analyze(read(text)).nodes
    return [finding for finding in node.findings if finding.code == "bridge-members-disagree"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_healthy_node_has_no_disagreement(kind: Kind) -> None:
    with build(kind, 4) as node:
        for pair in combinations(COMMANDS, 2):
            assert disagreements(node.transcript(pair, pods=False)) == []
        assert disagreements(node.transcript(COMMANDS)) == []


def test_bridge_link_alone_shows_what_brctl_shows() -> None:
    with build("kubenet", 4) as node:
        by_link, by_brctl = (
            analyze(read(node.transcript([command]))).nodes[0] for command in ("bridge link", "brctl show")
        )
        assert (by_link.mode.datapath, by_link.mode.bridge) == ("bridge", "cbr0")
        assert [pod.veth for pod in by_link.pods] == [pod.veth for pod in by_brctl.pods]
        assert [pod.proofs for pod in by_link.pods] == [pod.proofs for pod in by_brctl.pods]


@pytest.mark.parametrize("later", ["brctl show", "bridge link", "ip addr", "ip link"])
@pytest.mark.parametrize("earlier", ["brctl show", "bridge link", "ip addr", "ip link"])
def test_a_port_that_moved_between_two_captures(earlier: str, later: str) -> None:
    if {earlier, later} <= {"ip addr", "ip link"}:
        return  # the later of two listings of interfaces replaces the earlier one
    with build("kubenet", 3) as node:
        veth = node.pods[1].veth
        before = node.transcript([earlier], pods=False)
        node.run("ip", "link", "set", veth, "master", "docker0")
        after = node.transcript([later], pods=False)
        if earlier == later:
            assert disagreements(before + after) == []  # as the later one shows it
            return
        findings = disagreements(before + after)
        assert [finding.subjects for finding in findings] == [("cbr0", veth), ("docker0", veth)]
        assert all(veth in " ".join(line.text for line in finding.lines) for finding in findings)
        assert {finding.severity for finding in findings} == {"warning"}


def test_a_port_that_was_taken_off() -> None:
    with build("azure-bridge", 3) as node:
        veth = node.pods[0].veth
        before = node.transcript(["brctl show"], pods=False)
        node.run("ip", "link", "set", veth, "nomaster")
        for command in ("bridge link", "ip addr"):
            [finding] = disagreements(before + node.transcript([command], pods=False))
            assert finding.subjects == ("azure0", veth)


@pytest.mark.parametrize("listing", ["ip -br link", "ip -br addr", "ip -o addr"])
def test_a_listing_without_masters_does_not_tell_the_mode(listing: str) -> None:
    with build("azure-bridge", 3) as node:
        [found] = analyze(read(node.transcript([listing], pods=False))).nodes
    assert found.mode.datapath in {"bridge", "unknown"}


@pytest.mark.parametrize("kind", ["azure-bridge", "kubenet"])
def test_addresses_of_ipv6_take_no_member_off_its_bridge(kind: Kind) -> None:
    with build(kind, 3) as node:
        text = node.transcript(["ip addr", "ip -6 addr", "ip route"])
    [found] = analyze(read(text)).nodes
    assert found.mode.datapath == "bridge"
    assert {pod.status for pod in found.pods} == {"proven"}
    assert [finding.code for finding in found.findings if finding.severity != "info"] == []
