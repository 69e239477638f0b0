"""What the cluster lists: its pods and nodes, put together out of all listings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .commands.kubectl_get_nodes import KubernetesNode
from .commands.kubectl_get_pods import KubernetesPod
from .node import ParsedCapture
from .prefixes import Address

__all__ = ["Listings", "keys_of_node", "short_name"]

# The nodes of one virtual machine scale set: all before the number of the instance.
_SCALE_SET = re.compile(r"(aks-[a-z0-9]{1,12}-[0-9]{8}-vmss)[0-9a-z]{6}")


def short_name(name: str | None) -> str | None:
    """The name of a machine without its domain."""
    return name.partition(".")[0].lower() if name is not None else None


def keys_of_node(name: str | None) -> frozenset[str]:
    """What a node is known by in its cluster: its short name, and the scale set it belongs to."""
    short = short_name(name)
    if short is None:
        return frozenset()
    match = _SCALE_SET.fullmatch(short)
    return frozenset({short} if match is None else {short, match[1]})


class Listings:
    """``pods``: each listed pod once, with all that the listings say of it. ``nodes``: the same of nodes, by their
    short names. ``by_node``: the pods by the short name of their node, None for those of which no listing says it.
    ``clusters``: what the nodes of each cluster are known by; those in one listing, or of one scale set, are of one.
    ``keys``: what the nodes in each listing are known by."""

    def __init__(self, captures: Iterable[ParsedCapture]) -> None:
        pods: dict[tuple[str | None, str], KubernetesPod] = {}
        self.nodes: dict[str, KubernetesNode] = {}
        self._shared: set[tuple[Address, str]] = set()
        self.clusters: list[frozenset[str]] = []
        self.keys: list[frozenset[str]] = []
        for parsed in captures:
            self._shared |= _shared(parsed.of(KubernetesPod))
            self._join(parsed)
            for pod in parsed.of(KubernetesPod):
                pods[pod.namespace, pod.name] = _fuller(pods.get((pod.namespace, pod.name)), pod)
            for row in parsed.of(KubernetesNode):
                name = short_name(row.name) or ""
                earlier = self.nodes.get(name)
                facts = {field: getattr(row, field) for field in row.model_fields_set}
                self.nodes[name] = row if earlier is None else earlier.model_copy(update=facts)
        self.pods = tuple(pods.values())
        self.by_node: dict[str | None, list[KubernetesPod]] = {}
        self._by_name: dict[str, list[KubernetesPod]] = {}
        self._by_address: dict[Address, list[KubernetesPod]] = {}
        for pod in self.pods:
            self.by_node.setdefault(short_name(pod.node), []).append(pod)
            self._by_name.setdefault(pod.name, []).append(pod)
            for address in pod.ips if not pod.has_ended else ():
                self._by_address.setdefault(address, []).append(pod)

    def _join(self, parsed: ParsedCapture) -> None:
        """Put the nodes of one listing to those of the clusters it shares something with."""
        names = {pod.node for pod in parsed.of(KubernetesPod)} | {row.name for row in parsed.of(KubernetesNode)}
        keys = frozenset[str]().union(*map(keys_of_node, names))
        self.keys.append(keys)
        if keys:
            apart = [cluster for cluster in self.clusters if cluster.isdisjoint(keys)]
            joined = keys.union(*(cluster for cluster in self.clusters if not cluster.isdisjoint(keys)))
            self.clusters = [*apart, joined]

    def cluster_of(self, name: str | None) -> frozenset[str]:
        """What the nodes of the cluster are known by that the node ``name`` belongs to; empty if no listing says."""
        own = keys_of_node(name)
        return next((keys for keys in self.clusters if not keys.isdisjoint(own)), frozenset())

    def pods_called(self, name: str | None) -> Sequence[KubernetesPod]:
        """The pods of all namespaces that have this name."""
        return self._by_name.get(name or "", ())

    def pods_at(self, place: str) -> Sequence[KubernetesPod]:
        """The pods that a capture's namespace names: ``pod:NAME`` or ``pod:NAMESPACE/NAME``."""
        kind, _, name = place.partition(":")
        namespace, slash, pod = name.rpartition("/")
        if kind != "pod":
            return ()
        return [one for one in self.pods_called(pod) if not slash or one.namespace in {None, namespace}]

    def pods_with(self, addresses: Iterable[Address]) -> Sequence[KubernetesPod]:
        """The running pods that have one of ``addresses``."""
        return list(dict.fromkeys(pod for address in addresses for pod in self._by_address.get(address, ())))

    def is_on_host_network(self, pod: KubernetesPod) -> bool:
        """True if the listings prove it: they say so, or the address is the node's, or several pods have it."""
        if pod.host_network is not None:
            return pod.host_network
        machine = self.nodes.get(short_name(pod.node) or "")
        if machine is not None and machine.internal_ip in pod.ips:
            return True
        return not pod.has_ended and any((address, pod.node) in self._shared for address in pod.ips)


def _shared(pods: Iterable[KubernetesPod]) -> set[tuple[Address, str]]:
    """The addresses that several pods of one node have at one time, as a single listing shows it, with that node."""
    names: dict[tuple[Address, str], set[tuple[str | None, str]]] = {}
    for pod in pods:
        for address in pod.ips if pod.node is not None and not pod.has_ended else ():
            names.setdefault((address, pod.node or ""), set()).add((pod.namespace, pod.name))
    return {place for place, found in names.items() if len(found) > 1}


def _fuller(earlier: KubernetesPod | None, later: KubernetesPod) -> KubernetesPod:
    """One pod as two listings show it; the later one's words count, where it has them."""
    if earlier is None:
        return later
    facts = {name: getattr(later, name) for name in later.model_fields_set}
    return earlier.model_copy(update=facts)
