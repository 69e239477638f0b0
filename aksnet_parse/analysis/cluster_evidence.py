"""What the cluster says of a node's network: the pods of its DaemonSets, and the labels that AKS puts on nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from ..commands.containers import Container
from ..commands.kubectl_get_nodes import KubernetesNode
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

    def owns(self, record: KubernetesPod | Container) -> bool:
        namespace, pod = _name(record)
        # The random part of a name; a Deployment's pods have the hash of their ReplicaSet before it.
        middle = r"(?:-[a-z0-9]{6,10})?" if self.of_deployment else ""
        random = "[a-z0-9]{3,6}"
        if namespace is None and isinstance(record, Container):
            # Older crictl prints no namespace; then the name must be one that only Kubernetes makes up.
            random = f"{_RANDOM}{{5}}"
        elif namespace not in self.namespaces:
            return False
        return re.fullmatch(rf"{self.name}{middle}-{random}", pod) is not None


# Of these characters Kubernetes makes up the ends of names (k8s.io/apimachinery/pkg/util/rand).
_RANDOM = "[bcdfghjklmnpqrstvwxz2456789]"
_SYSTEM = frozenset({"kube-system"})
# Azure/AKS, Azure/azure-container-networking and the projects' own manifests name them so.
_DAEMONS = (
    _Daemon("azure-npm(?:-win)?", _SYSTEM, (_Sign("networkPolicy", "azure", "certain"),)),
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

_NAMESPACES_OF_DAEMONS = frozenset(namespace for daemon in _DAEMONS for namespace in daemon.namespaces)
# DaemonSets of AKS that enforce no policy: they show that a listing has the pods of this node.
_OTHER_DAEMONS = re.compile(
    r"(?:kube-proxy|azure-cns|azure-ip-masq-agent|cloud-node-manager|csi-azure(?:disk|file)-node)-[a-z0-9]{3,6}"
)
_LIKE_ENGINE = re.compile(r"(?:azure-npm|calico|cilium|tigera|canal|antrea|kube-router|weave)(?:-|$)")
# Where the engines of all policies run.
_NAMESPACES_OF_POLICY = ("kube-system", "calico-system")

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
    of_system = [pod for pod in node.pods_elsewhere if pod.namespace in _NAMESPACES_OF_DAEMONS]
    for daemon in _DAEMONS:
        # A pod that runs tells more than one that has ended.
        here = sorted((record for record in _pods(node) if daemon.owns(record)), key=_has_ended)
        elsewhere = sorted((pod for pod in of_system if daemon.owns(pod)), key=_has_ended)
        for record in (here or elsewhere)[:1]:
            yield from _said(daemon, record, node, is_here=bool(here))
    yield from _without_engine(node)


def _pods(node: Node) -> tuple[KubernetesPod | Container, ...]:
    return (*node.kubernetes_pods, *node.containers)


def _name(record: KubernetesPod | Container) -> tuple[str | None, str]:
    if isinstance(record, KubernetesPod):
        return record.namespace, record.name
    return record.pod_namespace, record.pod_name or ""


def _has_ended(record: KubernetesPod | Container) -> bool:
    return record.has_ended if isinstance(record, KubernetesPod) else record.is_dead


def _said(daemon: _Daemon, record: KubernetesPod | Container, node: Node, *, is_here: bool) -> Iterator[Witness]:
    namespace, name = _name(record)
    pod = f"Pod {namespace}/{name}" if namespace is not None else f"Pod {name}, whose namespace is not shown,"
    if _has_ended(record):
        place = "was on this node and has ended" if is_here else "of the cluster has ended"
    elif is_here:
        place = "runs on this node"
    else:
        of_node = isinstance(record, KubernetesPod) and record.node is not None
        place = "runs on another node of the cluster" if of_node else "runs in the cluster"
    # A DaemonSet has a pod on each node, but it can leave nodes out.
    is_sure = is_here and namespace is not None and not _has_ended(record)
    for sign in daemon.says:
        yield Witness(
            sign.field,
            sign.value,
            sign.certainty if is_sure else "likely",
            f"{pod} {place}: {sign.field} {sign.value}.",
            saying(node.lines(record), name),
        )


def _without_engine(node: Node) -> Iterator[Witness]:
    """What it says that the whole listings of the cluster show no engine of a policy, nor a pod named like one."""
    if any(_LIKE_ENGINE.match(pod.name) for pod in (*node.kubernetes_pods, *node.pods_elsewhere)):
        return
    shown = [
        pod
        for pod in node.kubernetes_pods
        if pod.namespace == "kube-system" and _OTHER_DAEMONS.fullmatch(pod.name) and not pod.has_ended
    ]
    whole = [
        next((parsed for parsed in node.captures if parsed.lists_every_pod_of(namespace)), None)
        for namespace in _NAMESPACES_OF_POLICY
    ]
    if shown and None not in whole:
        lines = [parsed.beginning for parsed in whole if parsed is not None]
        yield Witness(
            "networkPolicy",
            "none",
            "likely",
            f"All pods of {' and '.join(_NAMESPACES_OF_POLICY)} are listed, {shown[0].name} of this node among them, "
            "and none is of Azure NPM, Calico or Cilium: networkPolicy none.",
            (*dict.fromkeys(lines), *saying(node.lines(shown[0]), shown[0].name)),
        )


def _of_labels(node: Node) -> Iterator[Witness]:
    own = node.kubernetes_node
    if own is not None and own.labels:
        yield from _labelled(node, own, "The node's label", is_here=True)
        return
    # Node pools can be set up differently, but seldom are.
    for record in node.nodes_elsewhere:
        yield from _labelled(node, record, f"Node {record.name} of the cluster has the label", is_here=False)


def _labelled(node: Node, record: KubernetesNode, words: str, *, is_here: bool) -> Iterator[Witness]:
    for label in record.labels:
        for sign in _LABELS.get(label.removeprefix(_OF_AKS), ()):
            means = f"{sign.field} {sign.value}."
            if label.partition("=")[2].startswith("vnet"):
                means = f"pods have a subnet of their own, {means}"
            lines = node.lines(record)
            yield Witness(
                sign.field,
                sign.value,
                sign.certainty if is_here else "likely",
                f"{words} {label}: {means}",
                saying(lines, label) or saying(lines, label.partition("=")[0]),
            )
