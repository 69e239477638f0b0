"""Where two facts about one pod disagree: the finding that names both sides, for each way in which they can."""

from __future__ import annotations

from ..commands.interfaces import Interface
from ..commands.routes import Route
from ..node import ROUTING_TABLES
from ..prefixes import Address
from ..records import Line
from .catalogue import (
    ADDRESS_DISAGREES,
    HOST_NETWORK_PODS,
    MAC_DISAGREES,
    MANY_ROUTES,
    NAME_DISAGREES,
    PEER_DISAGREES,
    PEER_IS_CARD,
    PEER_MISSING,
    POD_ADDRESS_SHARED,
    POD_NOT_WIRED,
    ROUTE_DISAGREES,
    VETH_SHARED,
)
from .ends import PodEnd
from .host import BridgeView, Host
from .models import Finding

__all__ = [
    "address_disagrees",
    "address_not_routed",
    "address_shared",
    "cite_end",
    "mac_disagrees",
    "many_routes",
    "name_disagrees",
    "name_of",
    "not_wired",
    "on_host_network",
    "peer_disagrees",
    "peer_is_card",
    "peer_missing",
    "route_disagrees",
    "veth_shared",
]

_WHY = "the captures are of different nodes or times"


def name_of(end: PodEnd) -> str:
    pod = end.pod
    if pod is not None and pod.name is not None:
        return f"pod {pod.namespace}/{pod.name}" if pod.namespace else f"pod {pod.name}"
    if end.addresses:
        return f"pod {end.addresses[0]}"
    if end.container_id is not None:
        return f"container {end.container_id[:12]}"
    return f"pod {end.namespaces[0].id}" if end.namespaces else "pod"


def cite_end(end: PodEnd, host: Host, *words: str) -> tuple[Line, ...]:
    """The lines of the pod's interface: the first, or those that hold ``words``; without one, those that list it."""
    if end.interface is not None:
        return host.node.cite(end.interface, *words)
    return tuple(line for pod in end.listed for line in host.node.cite(pod))


def peer_disagrees(end: PodEnd, interface: Interface, peer: Interface, host: Host) -> Finding:
    theirs = f"whose peer is index {peer.link_index}" if peer.link_index is not None else "which has no such peer"
    return PEER_DISAGREES.found(
        f"{name_of(end)}: {interface.ifname}, index {interface.ifindex}, says its peer is host index "
        f"{interface.link_index}, but that is {peer.ifname}, {theirs}; {_WHY}.",
        (interface.ifname, peer.ifname),
        [*cite_end(end, host), *host.node.cite(peer)],
    )


def peer_missing(end: PodEnd, interface: Interface, host: Host) -> Finding:
    return PEER_MISSING.found(
        f"{name_of(end)}: {interface.ifname} says its peer is host index {interface.link_index}, but the host has no "
        f"such interface; {_WHY}.",
        (interface.ifname, str(interface.link_index)),
        [*cite_end(end, host), *host.node.beginnings("ip addr")],
    )


def peer_is_card(end: PodEnd, interface: Interface, peer: Interface, host: Host) -> Finding:
    return PEER_IS_CARD.found(
        f"{name_of(end)}: {interface.ifname} names host index {interface.link_index}, which is the network card "
        f"{peer.ifname}: a macvlan or ipvlan on that card, or {_WHY}.",
        (interface.ifname, peer.ifname),
        [*cite_end(end, host), *host.node.cite(peer)],
    )


def on_host_network(ends: list[PodEnd], host: Host) -> Finding:
    names = sorted(name_of(end).removeprefix("pod ") for end in ends)
    return HOST_NETWORK_PODS.found(
        f"{len(ends)} of the pods here {'has' if len(ends) == 1 else 'have'} the node's own network, and so no veth: "
        f"{', '.join(names)}.",
        names,
        [line for end in ends for line in cite_end(end, host)],
    )


def not_wired(end: PodEnd, host: Host) -> Finding:
    return POD_NOT_WIRED.found(
        f"{name_of(end)} is listed on this node with {', '.join(end.addresses)}, but the node has neither a route nor "
        f"a bridge that leads to it; {_WHY}, or its network is not set up.",
        (name_of(end).removeprefix("pod "), *end.addresses),
        [*cite_end(end, host), *host.node.beginnings(*ROUTING_TABLES)],
    )


def name_disagrees(end: PodEnd, veth: str, computed: str, host: Host) -> Finding:
    devices = [host.by_name[name] for name in (veth, computed) if name in host.by_name]
    return NAME_DISAGREES.found(
        f"{name_of(end)}: its interface leads to {veth}, but {computed} is named after this pod; {_WHY}.",
        (veth, computed),
        [*cite_end(end, host), *host.cite_all(devices)],
    )


def route_disagrees(end: PodEnd, veth: str, route: Route, host: Host) -> Finding:
    return ROUTE_DISAGREES.found(
        f"{name_of(end)}: it is at the other end of {veth}, but the host's route to {route.dst} leads to "
        f"{route.device}; {_WHY}.",
        (str(route.device), str(route.dst)),
        [*cite_end(end, host), *host.node.cite(route)],
    )


def mac_disagrees(end: PodEnd, veth: str, other: str, proof: str, host: Host) -> Finding:
    table = "forwarding table of the bridge" if proof == "bridge-fdb" else "neighbour table"
    entries = (*(host.node.forwarding or ()), *(host.node.neighbours or ()))
    named = [entry for entry in entries if other in {getattr(entry, "ifname", None), getattr(entry, "dev", None)}]
    return MAC_DISAGREES.found(
        f"{name_of(end)}: it is at the other end of {veth}, but the {table} has it behind {other}; {_WHY}.",
        (veth, other),
        [*cite_end(end, host), *(line for entry in named for line in host.node.cite(entry))],
    )


def many_routes(end: PodEnd, routes: list[Route], host: Host) -> Finding:
    devices = tuple(dict.fromkeys(str(route.device) for route in routes))
    return MANY_ROUTES.found(
        f"{name_of(end)}: the host has routes to its addresses on more than one interface: {', '.join(devices)}.",
        devices,
        [*cite_end(end, host, *end.addresses), *host.cite_all(routes)],
    )


def address_shared(address: Address, ends: list[PodEnd], host: Host) -> Finding:
    names = sorted(_known_as(end) for end in ends)
    return POD_ADDRESS_SHARED.found(
        f"{address} is the address of {len(ends)} pods: {', '.join(names)}; one of them has it by mistake, or {_WHY}.",
        (str(address), *names),
        [
            *(line for end in ends for line in cite_end(end, host, *end.addresses)),
            *host.cite_all(host.routes_to.get(address, ())),
        ],
    )


def _known_as(end: PodEnd) -> str:
    """A pod by something else than its address."""
    pod = end.pod
    if pod is not None and pod.name is not None:
        return f"{pod.namespace}/{pod.name}" if pod.namespace else pod.name
    if end.container_id is not None:
        return end.container_id[:12]
    return end.namespaces[0].id if end.namespaces else "a pod"


def address_not_routed(end: PodEnd, veth: str, routes: list[Route], host: Host) -> Finding:
    wanted, found = ", ".join(end.addresses), ", ".join(str(route.dst) for route in routes)
    return ROUTE_DISAGREES.found(
        f"{name_of(end)}: its interface leads to {veth} and has {wanted}, but the host's route on {veth} leads to "
        f"{found}; {_WHY}.",
        (veth, *(str(route.dst) for route in routes)),
        [*cite_end(end, host, *end.addresses), *host.cite_all(routes)],
    )


def address_disagrees(end: PodEnd, bridge: BridgeView, host: Host) -> Finding:
    networks = ", ".join(sorted(str(network) for network in bridge.networks))
    return ADDRESS_DISAGREES.found(
        f"{name_of(end)}: it is on bridge {bridge.name}, but has no address in that bridge's {networks}; {_WHY}.",
        (bridge.name, *end.addresses),
        [*cite_end(end, host, *end.addresses), *bridge.lines],
    )


def veth_shared(veth: str, ends: list[PodEnd], host: Host) -> Finding:
    return VETH_SHARED.found(
        f"{veth} leads to one pod, but {len(ends)} say that it is theirs: "
        f"{', '.join(sorted(name_of(end) for end in ends))}; {_WHY}.",
        (veth,),
        [line for end in ends for line in cite_end(end, host)],
    )
