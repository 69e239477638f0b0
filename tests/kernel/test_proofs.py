"""The lines of the proofs that need more than `ip addr` and routes: forwarding, neighbours, namespaces, names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aksnet_parse import read
from aksnet_parse.analysis.models import Pod
from aksnet_parse.analysis.proofs import ProvenBy, proofs
from aksnet_parse.analysis.situation import look_at
from tests.topology import KINDS, Node, build

from .test_further_facts import listing, spoken_with

pytestmark = pytest.mark.usefixtures("kernel")


def proven(text: str) -> Iterator[tuple[Pod, dict[str, ProvenBy]]]:
    [node] = read(text).nodes
    lines = text.split("\n")
    situation = look_at(node)
    for pod, found in zip(situation.pods, proofs(situation), strict=True):
        assert tuple(one.proof for one in found) == pod.proofs
        for one in found:
            assert one.lines, one
            assert all(line.text.split() == lines[line.line - 1].split() for line in one.lines)
        yield pod, {one.proof: one for one in found}


def shown(one: ProvenBy) -> str:
    return "\n".join(line.text for line in one.lines)


def built(name: str) -> str:
    [kind] = [kind for kind in KINDS if kind == name]
    return kind


def mac_of(node: Node, number: int) -> str:
    [entry] = [link for link in node.addresses(node.pods[number].pid) if link["ifname"] == "eth0"]
    return str(entry["address"])


def test_frames_and_what_the_cluster_lists() -> None:
    with build("kubenet", 2) as node:
        spoken_with(node)
        host = ("ip route", "ip neigh", "bridge fdb", "brctl show", "ip addr")
        found = list(proven(listing(node) + node.transcript(host)))
        assert len(found) == 2
        for number, (pod, by) in enumerate(found):
            assert {"peer-ifindex", "bridge-fdb", "bridge-member", "pod-address"} <= by.keys()
            assert pod.veth is not None
            mac = mac_of(node, number)
            assert mac in by["bridge-fdb"].claim
            assert [line.text.split()[:3] for line in by["bridge-fdb"].lines if pod.veth.name in line.text] == [
                [mac, "dev", pod.veth.name]
            ]
            assert mac in by["bridge-fdb"].lines[-1].text
        # Without the pods' own side the neighbour table has to say whose the MAC is.
        for pod, by in proven(listing(node) + node.transcript(host, pods=False)):
            address = pod.addresses[0].partition("/")[0]
            assert f"{address} dev cbr0 lladdr" in shown(by["bridge-fdb"])
            assert pod.pod is not None
            assert str(pod.pod.name) in shown(by["pod-address"])


def test_names_neighbours_and_namespaces() -> None:
    with build("azure-transparent", 2, named_netns=True) as node:
        spoken_with(node)
        for host in (("ip addr", "ip route", "ip neigh", "ip netns"), ("ip -j -p addr", "ip -j -p route", "ip netns")):
            for pod, by in proven(listing(node) + node.transcript(host)):
                assert pod.veth is not None
                assert pod.pod is not None
                assert {"peer-ifindex", "netns-id", "host-route", "veth-name-hash"} <= by.keys()
                assert "netns" in shown(by["netns-id"])
                assert f"netns exec {pod.netns} " in shown(by["netns-id"])
                assert str(pod.pod.name) in shown(by["veth-name-hash"])
                assert pod.veth.name in shown(by["veth-name-hash"])
                assert f"{pod.pod.namespace}/{pod.pod.name}" in by["veth-name-hash"].claim
                if "neighbour" in by:
                    address = pod.addresses[0].partition("/")[0]
                    assert f"{address} dev {pod.veth.name} lladdr" in shown(by["neighbour"])
