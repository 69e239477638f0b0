"""What the cluster says of a node's network: the pods of its DaemonSets, and the labels that AKS puts on nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ..commands.containers import Container
from ..commands.kubectl_get_pods import KubernetesPod
from ..node import Node
from ..records import Line
from .citing import saying
from .models import Certainty

__all__ = ["Witness", "witnesses"]


class Witness(NamedTuple):
    """One thing that the cluster says. ``field``: the part of the mode it speaks of, as `az aks` calls it."""

    field: str
    value: str
    certainty: Certainty
    claim: str
    lines: tuple[Line, ...]


class _Sign(NamedTuple):
    field: str
    value: str
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class _Daemon:
    """A DaemonSet or Deployment that AKS or its user installs; ``says`` is what one of its pods proves."""

    name: str
    namespaces: frozenset[str]
    says: tuple[_Sign, ...]
    of_deployment: bool = False

    def owns(self, namespace: str | None, pod: str) -> bool:
        # The kubelet's part of a name; a Deployment's pods have the hash of their ReplicaSet before it.
        middle = r"(?:-[a-z0-9]{6,10})?" if self.of_deployment else ""
        return namespace in self.namespaces and re.fullmatch(rf"{self.name}{middle}-[a-z0-9]{{3,6}}", pod) is not None


_SYSTEM = frozenset({"kube-system"})
# Azure/AKS, Azure/azure-container-networking and the projects' own manifests name them so.
_DAEMONS = (
    _Daemon("azure-npm", _SYSTEM, (_Sign("networkPolicy", "azure", "certain"),)),
    _Daemon("calico-node", _SYSTEM | {"calico-system"}, (_Sign("networkPolicy", "calico", "certain"),)),
    _Daemon(
        "cilium",
        _SYSTEM | {"cilium"},
        (_Sign("networkDataplane", "cilium", "certain"), _Sign("networkPolicy", "cilium", "likely")),
    ),
    _Daemon("azure-cns", _SYSTEM, (_Sign("networkPlugin", "azure", "certain"),)),
    _Daemon("kube-proxy", _SYSTEM, (_Sign("networkDataplane", "azure", "likely"),)),
    _Daemon("tigera-operator", frozenset({"tigera-operator"}), (_Sign("networkPolicy", "calico", "likely"),), True),
    _Daemon("cilium-operator", _SYSTEM | {"cilium"}, (_Sign("networkDataplane", "cilium", "likely"),), True),
)

_OF_AKS = "kubernetes.azure.com/"
_OVERLAY = (_Sign("networkPluginMode", "overlay", "certain"), _Sign("networkPlugin", "azure", "certain"))
_IN_VNET = (_Sign("networkPluginMode", "none", "certain"), _Sign("networkPlugin", "azure", "certain"))
_CILIUM = (_Sign("networkDataplane", "cilium", "certain"), _Sign("networkPlugin", "azure", "certain"))
_LABELS = {
    "podnetwork-type=overlay": _OVERLAY,
    "podv6network-type=overlay": _OVERLAY,
    "azure-cni-overlay=true": _OVERLAY,
    "podnetwork-type=vnet": _IN_VNET,
    "podnetwork-type=vnetblock": _IN_VNET,
    "ebpf-dataplane=cilium": _CILIUM,
    "ebpf-host-routing=true": _CILIUM,
    "network-policy=calico": (_Sign("networkPolicy", "calico", "certain"),),
    "network-policy=azure": (_Sign("networkPolicy", "azure", "certain"),),
    "network-policy=cilium": (_Sign("networkPolicy", "cilium", "certain"),),
    "network-policy=none": (_Sign("networkPolicy", "none", "certain"),),
}


def witnesses(node: Node) -> Iterator[Witness]:
    """Everything that the cluster says of ``node``: labels first, then pods of the node, then those of other nodes."""
    yield from _of_labels(node)
    here: set[str] = set()
    for daemon in _DAEMONS:
        found = [record for record in _pods(node) if daemon.owns(*_name(record))]
        if found:
            here.add(daemon.name)
            yield from _said(daemon, found[0], node, "on this node")
    for daemon in _DAEMONS:
        elsewhere = [pod for pod in node.pods_elsewhere if daemon.owns(pod.namespace, pod.name)]
        if elsewhere and daemon.name not in here:
            yield from _said(daemon, elsewhere[0], node, "on another node of the cluster")


def _pods(node: Node) -> tuple[KubernetesPod | Container, ...]:
    return (*node.kubernetes_pods, *node.containers)


def _name(record: KubernetesPod | Container) -> tuple[str | None, str]:
    if isinstance(record, KubernetesPod):
        return record.namespace, record.name
    return record.pod_namespace, record.pod_name or ""


def _said(daemon: _Daemon, record: KubernetesPod | Container, node: Node, place: str) -> Iterator[Witness]:
    namespace, name = _name(record)
    for sign in daemon.says:
        # A DaemonSet has a pod on each node, but it can leave nodes out.
        certainty: Certainty = sign.certainty if place == "on this node" else "likely"
        claim = f"Pod {namespace}/{name} runs {place}: {sign.field} {sign.value}."
        yield Witness(sign.field, sign.value, certainty, claim, saying(node.lines(record), name))


def _of_labels(node: Node) -> Iterator[Witness]:
    record = node.kubernetes_node
    for label in record.labels if record is not None else ():
        for sign in _LABELS.get(label.removeprefix(_OF_AKS), ()):
            claim = f"The node's label {label} says so: {sign.field} {sign.value}."
            if label.partition("=")[2].startswith("vnet"):
                claim = f"The node's label {label} says that pods have their own subnet: {sign.field} {sign.value}."
            lines = node.lines(record) if record is not None else ()
            yield Witness(
                sign.field,
                sign.value,
                sign.certainty,
                claim,
                saying(lines, label) or saying(lines, label.partition("=")[0]),
            )
