"""The members of bridges from `brctl show`, `bridge link` and `ip addr`, and where two of them disagree."""

from __future__ import annotations

from pathlib import Path

import pytest

from aksnet_parse import analyze, read
from aksnet_parse.analysis.models import Finding, NodeAnalysis

from .texts import brctl, ip_addr, link, node

CODE = "bridge-members-disagree"
SAMPLES = Path(__file__).parents[2] / "samples"
CBR0 = link(3, "cbr0", "10.244.0.1/24")
ADDR = ip_addr(CBR0, link(4, "veth1@if3", master="cbr0"), link(5, "veth2@if3", master="cbr0"))
BRCTL = brctl(cbr0=["veth1", "veth2"])


def bridge_link(*ports: str, call: str = "bridge link") -> str:
    """Ports as ``name@peer bridge``."""
    lines = [f"$ {call}"]
    for number, port in enumerate(ports, 4):
        name, master = port.split()
        lines.append(f"{number}: {name}: <UP> mtu 1500 master {master} state forwarding priority 32 cost 2 ")
    return "\n".join([*lines, ""])


# The peers' names are wrong, as the tool prints them.
LINK = bridge_link("veth1@cbr0 cbr0", "veth2@cbr0 cbr0")


def disagreements(*texts: str) -> list[Finding]:
    return [finding for finding in node(*texts).findings if finding.code == CODE]


def shown(finding: Finding) -> list[str]:
    return [" ".join(line.text.split()[:2]) for line in finding.lines]


# --- where all agree --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("texts", [(ADDR, BRCTL, LINK), (ADDR, BRCTL), (BRCTL, LINK), (ADDR, LINK), (LINK,)])
def test_agreement_is_no_finding(texts: tuple[str, ...]) -> None:
    assert disagreements(*texts) == []


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.txt")), ids=lambda path: path.stem)
def test_healthy_nodes_have_none(path: Path) -> None:
    assert not [found for one in analyze(read(path)).nodes for found in one.findings if found.code == CODE]


@pytest.mark.parametrize(
    "texts",
    [
        # Not whole: one port only, cut off, one bridge only, filtered.
        (ADDR, bridge_link("veth1@cbr0 cbr0", call="bridge link show dev veth1")),
        (ADDR, BRCTL, bridge_link("veth1@cbr0 cbr0") + "...\n"),
        (ADDR, brctl(cbr0=["veth1"]).replace("show", "show cbr0")),
        (BRCTL, bridge_link("veth1@cbr0 cbr0", call="bridge link | grep veth1")),
        # An interface that was cut out of `ip addr` is not said to have no master.
        (ip_addr(CBR0, link(4, "veth1@if3", master="cbr0")), BRCTL, LINK),
        # A bond's members are no ports of a bridge, and a VF answers for itself.
        (ip_addr(link(4, "eth1", master="bond0", flags="SLAVE,UP")), brctl(cbr0=[])),
        (ip_addr(link(4, "eth1", master="vrf1")), brctl(cbr0=[]), bridge_link()),
        (
            ip_addr(link(4, "enP1s1", master="eth0", flags="SLAVE,UP")),
            "$ bridge link\n4: enP1s1: <UP> mtu 1500 master eth0 hwmode VEB \n",
        ),
        # A bridge without members is none of theirs.
        (ip_addr(CBR0), brctl(cbr0=[]), bridge_link()),
    ],
)
def test_what_is_no_disagreement(texts: tuple[str, ...]) -> None:
    assert [found for text in (texts,) for found in disagreements(*text)] == []


# --- where they do not ------------------------------------------------------------------------------------------------


def test_a_member_that_one_of_them_does_not_name() -> None:
    [finding] = disagreements(ADDR, brctl(cbr0=["veth1"]), LINK)
    assert (finding.severity, finding.subjects) == ("warning", ("cbr0", "veth2"))
    assert finding.message == (
        "Of veth2, the captures name different members of bridge cbr0: `brctl show` none of them, `bridge link` veth2, "
        "`ip addr` veth2; they are of different nodes or times."
    )
    assert shown(finding) == ["3: cbr0:", "5: veth2@if3:", "cbr0 8000.024200000000", "5: veth2@cbr0:"]


def test_another_bridge_for_one_interface() -> None:
    findings = disagreements(brctl(cbr0=["veth1"], br1=["veth2"]), LINK)
    assert [finding.subjects for finding in findings] == [("br1", "veth2"), ("cbr0", "veth2")]
    assert shown(findings[0]) == ["br1 8000.024200000001", "5: veth2@cbr0:"]


def test_nothing_printed_is_a_side_too() -> None:
    [finding] = disagreements(ADDR, "$ bridge link\n")
    assert finding.subjects == ("cbr0", "veth1", "veth2")
    assert "$ bridge link" in [line.text for line in finding.lines]
    assert len(disagreements("$ brctl show\n", LINK)) == 1


def test_an_interface_that_has_no_master_in_ip_addr() -> None:
    [finding] = disagreements(ip_addr(CBR0, link(4, "veth1@if3"), link(5, "veth2@if3", master="cbr0")), BRCTL)
    assert finding.subjects == ("cbr0", "veth1")
    assert "4: veth1@if3:" in shown(finding)


def test_many_names_are_counted() -> None:
    names = [f"veth{number}" for number in range(10, 40)]
    [finding] = disagreements(brctl(cbr0=names), "$ bridge link\n")
    assert len(finding.subjects) == 31
    assert "veth10, veth11, veth12 and 27 more" in finding.message
    assert len(finding.message) < 300


# --- what `bridge link` adds to the answer ----------------------------------------------------------------------------


def facts(found: NodeAnalysis) -> tuple[str, str | None, list[str]]:
    return found.mode.datapath, found.mode.bridge, [pod.veth.name for pod in found.pods if pod.veth is not None]


def test_bridge_link_alone_shows_the_pod_bridge() -> None:
    found = node(LINK)
    assert facts(found) == ("bridge", "cbr0", ["veth1", "veth2"])
    assert all(pod.proofs == ("bridge-member",) for pod in found.pods)
    evidence = next(item for item in found.mode.evidence if "cbr0" in item.claim)
    assert [line.text.split()[1] for line in evidence.lines] == ["veth1@cbr0:", "veth2@cbr0:"]


def test_the_name_after_the_at_proves_nothing() -> None:
    found = node(ip_addr(CBR0, link(4, "veth1@if3", master="cbr0")), bridge_link("veth1@eth0 cbr0"))
    assert facts(found) == ("bridge", "cbr0", ["veth1"])
    assert found.pods[0].proofs == ("bridge-member",)
    assert found.uplink is None


def test_brctl_and_bridge_link_say_the_same() -> None:
    by_brctl, by_link = node(BRCTL), node(LINK)
    assert facts(by_brctl) == facts(by_link)
    assert [pod.proofs for pod in by_brctl.pods] == [pod.proofs for pod in by_link.pods]
