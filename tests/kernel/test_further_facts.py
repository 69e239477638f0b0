"""Pods tied to their veths by what else a node knows: forwarding, neighbours, names of namespaces, Azure CNI."""

from __future__ import annotations

import base64
import json
from hashlib import sha1

import pytest

from aksnet_parse import analyze, read
from aksnet_parse.analysis.models import NodeAnalysis, Pod
from tests.topology import KINDS, Node, build

from .test_listed_pods import HEADING, names, row, wired

pytestmark = pytest.mark.usefixtures("kernel")


def analyzed(text: str) -> NodeAnalysis:
    [node] = analyze(read(text)).nodes
    return node


def listing(node: Node) -> str:
    rows = [row(pod.namespace, pod.name, pod.address.partition("/")[0], node.name) for pod in node.pods]
    return f"$ kubectl get pods -A -o wide\n{HEADING}{''.join(rows)}\n"


def spoken_with(node: Node) -> None:
    """The host has sent each pod a packet, so that its neighbour table and bridges know them all."""
    for pod in node.pods:
        node.run("sh", "-c", f"ping -c1 -W1 {pod.address.partition('/')[0]} >/dev/null || true")


def proofs(node: NodeAnalysis) -> set[frozenset[str]]:
    return {frozenset(pod.proofs) for pod in node.pods}


def test_on_a_bridge_frames_tell_the_port_of_each_listed_pod() -> None:
    [kind] = [kind for kind in KINDS if kind == "kubenet"]
    with build(kind, 4) as node:
        spoken_with(node)
        host = ("ip route", "ip neigh", "bridge fdb", "brctl show")
        found = analyzed(listing(node) + node.transcript(host, pods=False))
        assert names(found) == wired(node)
        assert proofs(found) == {frozenset({"bridge-fdb", "bridge-member", "pod-address"})}
        assert found.unparsed == ()
        assert {finding.severity for finding in found.findings} <= {"info"}


def test_neighbours_tell_the_veth_of_each_pod_without_a_bridge() -> None:
    [kind] = [kind for kind in KINDS if kind == "azure-transparent"]
    with build(kind, 3) as node:
        spoken_with(node)
        found = analyzed(node.transcript(("ip addr", "ip route", "ip neigh")))
        assert len(found.pods) == len(node.pods)
        assert proofs(found) == {frozenset({"peer-ifindex", "host-route", "neighbour"})}


def test_frames_behind_another_port_are_a_conflict() -> None:
    [kind] = [kind for kind in KINDS if kind == "kubenet"]
    with build(kind, 2) as node:
        spoken_with(node)
        shown = node.transcript(("ip addr", "bridge fdb"))
        one, other = (pod.veth for pod in node.pods)
        head, _, table = shown.partition("bridge fdb\n")
        table = table.replace(f"dev {one} ", "dev @ ").replace(f"dev {other} ", f"dev {one} ")
        found = analyzed(f"{head}bridge fdb\n{table.replace('dev @ ', f'dev {other} ')}")
        assert {pod.status for pod in found.pods} == {"conflict"}
        assert {finding.code for finding in found.findings if finding.severity == "error"} == {"mac-disagrees"}


def test_ids_of_namespaces_tell_the_namespace_behind_each_veth() -> None:
    with build("azure-transparent", 3, named_netns=True) as node:
        host = ("ip -j addr", "ip route", "ip -j -d netns")
        found = analyzed(node.transcript(host))
        assert {pod.netns for pod in found.pods} == {pod.netns for pod in node.pods}
        assert all("netns-id" in pod.proofs for pod in found.pods)
        seen_from_outside = analyzed(node.transcript(host, pods=False))
        assert {by_veth(pod) for pod in seen_from_outside.pods} == {(pod.veth, pod.netns) for pod in node.pods}


def by_veth(pod: Pod) -> tuple[str | None, str | None]:
    return pod.veth.name if pod.veth is not None else None, pod.netns


def test_what_azure_cni_remembers_names_the_pods() -> None:
    """The file is written after its published form, with what the kernel says of this node."""
    with build("azure-transparent", 3) as node:
        endpoints = {
            f"{pod.pid}-eth0": {
                "HostIfName": pod.veth,
                "IfName": pod.interface,
                "IPAddresses": [
                    {
                        "IP": pod.address.partition("/")[0],
                        "Mask": base64.b64encode(bytes((255, 255, 0, 0))).decode(),
                    }
                ],
                "NetworkNameSpace": f"/proc/{pod.pid}/ns/net",
                "ContainerID": sha1(pod.name.encode(), usedforsecurity=False).hexdigest() + "0" * 24,
                "PODName": pod.name,
                "PODNameSpace": pod.namespace,
            }
            for pod in node.pods
        }
        network = {"Id": "azure", "Mode": "transparent", "Endpoints": endpoints}
        state = {"Network": {"ExternalInterfaces": {"eth0": {"Name": "eth0", "Networks": {"azure": network}}}}}
        shown = f"$ cat /var/run/azure-vnet.json\n{json.dumps(state, indent=4)}\n"
        found = analyzed(shown + node.transcript(("route -n",), pods=False))
        assert names(found) == wired(node)
        assert proofs(found) == {frozenset({"veth-name-hash", "host-route"})}
        inside = analyzed(shown + node.transcript())
        assert names(inside) == wired(node)
        assert {pod.pid for pod in inside.pods} == {pod.pid for pod in node.pods}
