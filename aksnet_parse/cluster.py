"""What the cluster lists, handed out to the nodes it is about: which listed pods live on which captured node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from .commands.kubectl_get_nodes import KubernetesNode
from .commands.kubectl_get_pods import KubernetesPod
from .listings import Listings, short_name
from .names import POD_BRIDGE, veth_names
from .node import Node, ParsedCapture
from .prefixes import Address, Network

__all__ = ["hand_out"]


def hand_out(nodes: Sequence[Node], listings: Sequence[ParsedCapture]) -> tuple[Node, ...]:
    """Give each node the pods that ``listings`` say are on it.

    A pod's node is known by its name. Where the captures do not name their node, it is the one whose routes, veths,
    bridge and own addresses fit the pods listed for it, and no other's.
    """
    if not listings or not nodes:
        return tuple(nodes)
    views = [_View(node) for node in nodes]
    listed = Listings(listings)
    by_node, machines = listed.by_node, listed.nodes
    names = _names(views, by_node, machines)
    handed: list[Node] = []
    unseen = dict.fromkeys(range(len(listings)))
    for view, name in zip(views, names, strict=True):
        mine = list(by_node.get(name, ())) if name is not None else []
        # Without the node's name a pod is here only if something of it is.
        nowhere: list[KubernetesPod] = []
        for pod in by_node.get(None, ()):
            (mine if view.holds(pod) else nowhere).append(pod)
        said = machines.get(name) if name is not None else None
        own = (*mine, *([said] if said is not None else []))
        cluster = listed.cluster_of(name or view.node.name)
        pods, others = _elsewhere(cluster, name or view.node.name, listed)
        # Listings that name no nodes are of the one cluster there is.
        is_of_one = len(listed.clusters) < 2 and bool(own or cluster or (len(nodes) == 1 and not listed.clusters))
        sources = {record.source for record in own}
        shown = [
            number
            for number, (parsed, keys) in enumerate(zip(listings, listed.keys, strict=True))
            if not keys.isdisjoint(cluster)
            or (is_of_one and not keys)
            or any(record.source in sources for record in parsed.result)
        ]
        for number in shown:
            unseen.pop(number, None)
        handed.append(
            replace(
                view.node,
                name=view.node.name or name,
                kubernetes_pods=tuple(mine),
                pods_elsewhere=(*pods, *(nowhere if is_of_one else ())),
                nodes_elsewhere=tuple(others),
                kubernetes_node=said,
                captures=(*view.node.captures, *(listings[number] for number in shown)),
            )
        )
    # What speaks of no node that was captured must be found somewhere.
    if handed and unseen:
        handed[0] = replace(handed[0], captures=(*handed[0].captures, *(listings[number] for number in unseen)))
    return tuple(handed)


def _elsewhere(
    cluster: frozenset[str], name: str | None, listed: Listings
) -> tuple[list[KubernetesPod], list[KubernetesNode]]:
    """What the cluster of the node ``name`` lists of its other nodes."""
    others = sorted(cluster - {short_name(name)})
    return (
        [pod for other in others for pod in listed.by_node.get(other, ())],
        [listed.nodes[other] for other in others if other in listed.nodes],
    )


def _names(
    views: Sequence[_View],
    by_node: dict[str | None, list[KubernetesPod]],
    machines: dict[str, KubernetesNode],
) -> list[str | None]:
    """The Kubernetes name of each node: its own, or that of the one listed node whose address and pods it fits."""
    known = by_node.keys() | machines.keys()
    names = [short_name(view.node.name) if short_name(view.node.name) in known else None for view in views]
    free = [name for name in dict.fromkeys((*by_node, *machines)) if name is not None and name not in names]
    scores = {
        (number, name): sum(view.holds(pod) for pod in by_node.get(name, ())) + view.has_address_of(machines.get(name))
        for number, view in enumerate(views)
        if names[number] is None and view.node.name is None
        for name in free
    }
    best_of_view = _best(scores, 0)
    best_of_name = _best(scores, 1)
    for number, name in best_of_view.items():
        if isinstance(number, int) and isinstance(name, str) and best_of_name.get(name) == number:
            names[number] = name
    return names


def _best(scores: dict[tuple[int, str], int], side: int) -> dict[int | str, int | str]:
    """For each node, or each name, the other that fits it best; none where two fit equally well, or none fits."""
    found: dict[int | str, list[tuple[int, int | str]]] = {}
    for pair, score in scores.items():
        if score:
            found.setdefault(pair[side], []).append((score, pair[1 - side]))
    best: dict[int | str, int | str] = {}
    for one, others in found.items():
        top = max(score for score, _ in others)
        fitting = [other for score, other in others if score == top]
        if len(fitting) == 1:
            best[one] = fitting[0]
    return best


class _View:
    """What a node's captures have that a listed pod can be known by."""

    def __init__(self, node: Node) -> None:
        self.node = node

    @cached_property
    def devices(self) -> frozenset[str]:
        names = [row.ifname for row in self.node.interfaces or ()]
        names += [route.device for route in self.node.routes or () if route.device is not None]
        names += [name for bridge in self.node.bridges or () for name in bridge.interfaces]
        return frozenset(names)

    @cached_property
    def addresses(self) -> frozenset[Address]:
        own = [address.local for row in self.node.interfaces or () for address in row.addr_info if address.is_global]
        own += [route.prefsrc for route in self.node.routes or () if route.prefsrc is not None]
        routed = [
            route.dst.network_address for route in self.node.routes or () if route.is_host and route.dst is not None
        ]
        inside = [
            address.local
            for space in self.node.namespaces
            for row in space.interfaces
            for address in row.addr_info
            if address.is_global
        ]
        return frozenset((*own, *routed, *inside))

    @cached_property
    def bridged(self) -> frozenset[Network]:
        # azure0 holds the subnet of all nodes.
        routes = [
            route.dst
            for route in self.node.routes or ()
            if route.dst is not None and route.device is not None and self._is_pod_bridge(route.device)
        ]
        rows = [row for row in self.node.interfaces or () if self._is_pod_bridge(row.ifname)]
        return frozenset((*routes, *(address.interface.network for row in rows for address in row.addr_info)))

    @staticmethod
    def _is_pod_bridge(name: str) -> bool:
        return POD_BRIDGE.fullmatch(name) is not None and name != "azure0"

    def has_address_of(self, machine: KubernetesNode | None) -> bool:
        return machine is not None and machine.internal_ip is not None and machine.internal_ip in self.addresses

    def holds(self, pod: KubernetesPod) -> bool:
        """True if something of the pod is on this node."""
        if any(ip in self.addresses for ip in pod.ips):
            return True
        if any(ip.version == network.version and ip in network for ip in pod.ips for network in self.bridged):
            return True
        return not self.devices.isdisjoint(veth_names(pod.namespace, pod.name))
