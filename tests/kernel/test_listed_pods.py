"""Pods by what the cluster lists and the node's routes alone: proven twice, by the veth's name and the route."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from aksnet_parse import analyze, read
from aksnet_parse.analysis.models import NodeAnalysis
from tests.topology import KINDS, Node, build

pytestmark = pytest.mark.usefixtures("kernel")

HEADING = "NAMESPACE  NAME  READY  STATUS  RESTARTS  AGE  IP  NODE  NOMINATED NODE  READINESS GATES\n"


def address_of(node: Node) -> str:
    [found] = [
        address["local"]
        for link in node.addresses()
        if link["ifname"] in {"eth0", "azure0"}
        for address in link["addr_info"]
        if address["family"] == "inet"
    ]
    return str(found)


def row(space: str, name: str, address: str, node: str, status: str = "Running") -> str:
    return f"{space}   {name}   1/1   {status}   2 (5d ago)   9d   {address}   {node}   <none>   <none>\n"


def rows(node: Node) -> str:
    own = address_of(node)
    listed = [row(pod.namespace, pod.name, pod.address.partition("/")[0], node.name) for pod in node.pods]
    listed += [row("kube-system", f"{name}-{own}", own, node.name) for name in ("kube-proxy", "azure-cns")]
    listed.append(row("shop", f"done-{own}", node.pods[0].address.partition("/")[0], node.name, "Completed"))
    return "".join(listed)


def names(analysis: NodeAnalysis) -> set[tuple[str | None, str | None, str | None]]:
    return {
        (pod.pod.namespace, pod.pod.name, pod.veth.name if pod.veth is not None else None)
        for pod in analysis.pods
        if pod.pod is not None and pod.status == "proven"
    }


def wired(node: Node) -> set[tuple[str, str, str]]:
    return {(pod.namespace, pod.name, pod.veth) for pod in node.pods}


@pytest.mark.parametrize("command", ["route -n", "ip route"])
@pytest.mark.parametrize("kind", ["azure-transparent", "kubenet-calico"])
@pytest.mark.parametrize("prompts", [True, False])
def test_every_pod_is_proven_by_its_name_and_its_route(kind: str, command: str, prompts: bool) -> None:
    [known] = [known for known in KINDS if known == kind]
    with build(known, 5, number=0) as one, build(known, 4, number=1) as other:
        table = HEADING + rows(one) + rows(other) + row("shop", "elsewhere", "10.250.0.9", "aks-elsewhere-7")
        text = f"me@laptop:~$ kubectl get pods -A -o wide\n{table}\n"
        for node in (one, other):
            shown = node.transcript((command,), pods=False)
            text += shown if prompts else "The table of a node:\n\n" + shown.partition("\n")[2] + "\n"
        analysis = analyze(read(text))
        assert [node.name for node in analysis.nodes] == [one.name, other.name]
        for found, node in zip(analysis.nodes, (one, other), strict=True):
            assert names(found) == wired(node)
            assert len(found.pods) == len(node.pods)
            assert {frozenset(pod.proofs) for pod in found.pods} == {frozenset({"veth-name-hash", "host-route"})}
            [on_host] = [finding for finding in found.findings if finding.code == "host-network-pods"]
            assert [name.partition("-1")[0] for name in on_host.subjects] == [
                "kube-system/azure-cns",
                "kube-system/kube-proxy",
            ]
            assert len(on_host.lines) == 2
            assert found.unparsed == ()
            assert {finding.severity for finding in found.findings} <= {"info"}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind in {"kubenet", "azure-bridge", "azure-transparent"}])
def test_names_join_what_was_captured_inside(kind: str) -> None:
    [known] = [known for known in KINDS if known == kind]
    with build(known, 4) as node:
        items = [
            {
                "kind": "Pod",
                "metadata": {"namespace": pod.namespace, "name": pod.name, "uid": f"uid-{pod.name}"},
                "spec": {"nodeName": node.name},
                "status": {"phase": "Running", "podIP": pod.address.partition("/")[0]},
            }
            for pod in node.pods
        ]
        listing = json.dumps({"apiVersion": "v1", "items": items, "kind": "List"}, indent=4)
        [found] = analyze(read(f"$ kubectl get pods -A -o json\n{listing}\n{node.transcript()}")).nodes
        assert names(found) == wired(node)
        assert len(found.pods) == len(node.pods)
        assert {pod.pod.uid for pod in found.pods if pod.pod is not None} == {f"uid-{pod.name}" for pod in node.pods}
        assert all(pod.interface is not None for pod in found.pods)


def test_a_listed_pod_that_the_node_has_no_way_to_is_found() -> None:
    with build("azure-transparent", 3) as node:
        gone = row("shop", "gone-0", "10.240.0.99", node.name)
        text = (
            f"$ kubectl get pods -A -o wide\n{HEADING}{rows(node)}{gone}\n{node.transcript(('ip route',), pods=False)}"
        )
        [found] = analyze(read(text)).nodes
        [finding] = [finding for finding in found.findings if finding.severity != "info"]
        assert (finding.code, finding.severity) == ("pod-not-wired", "warning")
        assert finding.subjects == ("shop/gone-0", "10.240.0.99/32")
        assert any("gone-0" in line.text for line in finding.lines)
        assert names(found) == wired(node)


def test_veths_that_are_named_after_other_pods_are_a_conflict() -> None:
    with build("azure-transparent", 2) as node:
        one, other = node.pods
        swapped: Sequence[str] = [
            row(one.namespace, one.name, other.address.partition("/")[0], node.name),
            row(other.namespace, other.name, one.address.partition("/")[0], node.name),
        ]
        text = (
            f"$ kubectl get pods -A -o wide\n{HEADING}{''.join(swapped)}\n{node.transcript(('ip route',), pods=False)}"
        )
        [found] = analyze(read(text)).nodes
        assert {pod.status for pod in found.pods} == {"conflict"}
        assert {finding.code for finding in found.findings if finding.severity == "error"} == {"route-disagrees"}
