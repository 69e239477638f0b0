"""Findings about single pods: whether anything leads to each, and how it finds its own way out."""

from __future__ import annotations

from collections.abc import Iterator

from ...commands.ip_neigh import Neighbour
from ...names import CILIUM_VETH
from ...node import ROUTING_TABLES
from ...prefixes import Address
from ..catalogue import (
    MANY_ROUTES,
    POD_DEFAULT_ROUTE_MISSING,
    POD_GATEWAY_UNANSWERED,
    POD_NOT_ON_BRIDGE,
    POD_ROUTE_MISSING,
    VETH_LEAKED,
)
from ..models import Finding
from ..situation import Situation
from ..wiring import Tie
from .states import VIRTUAL_GATEWAY, cite_pod, default_routes, fault, knows_members, who

__all__ = [
    "many_routes",
    "pod_default_route_missing",
    "pod_gateway_unanswered",
    "pod_not_on_bridge",
    "pod_route_missing",
    "veth_leaked",
]


def pod_route_missing(situation: Situation) -> Iterator[Finding]:
    node = situation.node
    for tie in _cut_off(situation):
        if _lives_on_bridge(tie, situation):
            continue
        addresses = _unrouted(tie, situation)
        yield POD_ROUTE_MISSING.found(
            f"{who(tie)} is at the other end of {tie.veth} and has {', '.join(map(str, addresses))}, but the host has "
            "no route to it: nothing reaches the pod.",
            (str(tie.veth), *map(str, addresses)),
            [*cite_pod(tie, situation, *tie.end.addresses), *node.beginnings(*ROUTING_TABLES)],
        )


def pod_not_on_bridge(situation: Situation) -> Iterator[Finding]:
    node, host = situation.node, situation.host
    for tie in _cut_off(situation):
        if not _lives_on_bridge(tie, situation):
            continue
        bridge = next((found for ip in tie.end.ips if (found := host.bridge_at(ip)) is not None), None)
        name = bridge.name if bridge is not None else str(situation.mode.bridge)
        lines = bridge.lines if bridge is not None else host.bridges[name].lines if name in host.bridges else ()
        yield POD_NOT_ON_BRIDGE.found(
            f"{who(tie)} is at the other end of {tie.veth}, which is no member of bridge {name}, and no route leads to "
            "it: nothing reaches the pod.",
            (str(tie.veth), name),
            [*cite_pod(tie, situation, *tie.end.addresses), *lines, *node.beginnings("brctl show", "bridge link")],
        )


def _cut_off(situation: Situation) -> Iterator[Tie]:
    """Pods whose veth is known, is up, and has neither a bridge nor a route."""
    if not situation.node.shows_every_route:
        return
    for tie in situation.ties:
        if tie.veth is None or tie.bridge is not None or tie.route is not None or tie.findings:
            continue
        if _is_led_by_programs(tie.veth, situation):
            continue
        row = situation.host.by_name.get(tie.veth)
        # What is set down has lost its routes for that reason, which is another finding.
        if row is None or fault(row) == "is set down" or not knows_members(situation, tie.veth):
            continue
        if tie.end.ips and _unrouted(tie, situation):
            yield tie


def _is_led_by_programs(veth: str, situation: Situation) -> bool:
    """True for Cilium's veths on a node where none has a route: its programs in the kernel know the way."""
    return CILIUM_VETH.fullmatch(veth) is not None and not any(map(CILIUM_VETH.fullmatch, situation.host.routes_on))


def _unrouted(tie: Tie, situation: Situation) -> list[Address]:
    """The pod's addresses to which no route leads by its veth, of those versions whose routes were captured."""
    host = situation.host
    versions = {4} | {route.dst.version for route in host.pod_routes if route.dst is not None}
    led_to = [route.dst for route in host.routes if route.device == tie.veth and route.dst is not None]
    return [ip for ip in tie.end.ips if ip.version in versions and not any(ip in network for network in led_to)]


def _lives_on_bridge(tie: Tie, situation: Situation) -> bool:
    if any(situation.host.bridge_at(ip) is not None for ip in tie.end.ips):
        return True
    return situation.mode.datapath == "bridge" and situation.mode.bridge is not None


def veth_leaked(situation: Situation) -> Iterator[Finding]:
    host, node = situation.host, situation.node
    if not node.shows_every_route:
        return
    used = {route.device for route in node.routes or ()}
    # The second interface of a pod is no pod of its own, and need not have a route.
    named = {row.link_index for tie in situation.ties for space in tie.end.namespaces for row in space.interfaces}
    for tie in situation.ties:
        row = host.by_name.get(tie.veth or "")
        if row is None or tie.end.is_known or tie.bridge is not None or row.ifname in used:
            continue
        if row.ifindex in named or _is_led_by_programs(row.ifname, situation):
            continue
        if row.master is None and fault(row) != "is set down" and knows_members(situation, row.ifname):
            yield VETH_LEAKED.found(
                f"{row.ifname} is neither member of a bridge nor does a route lead to it, and no capture shows a pod "
                "behind it: it is left over, or its pod is cut off.",
                (row.ifname,),
                [*node.cite(row), *node.beginnings(*ROUTING_TABLES, "brctl show", "bridge link")],
            )


def many_routes(situation: Situation) -> Iterator[Finding]:
    """Of addresses whose pod was not captured; where it was, the pod's own end tells which route is wrong."""
    host = situation.host
    known = {ip for tie in situation.ties for ip in tie.end.ips}
    for address, routes in host.routes_to.items():
        devices = tuple(dict.fromkeys(str(route.device) for route in routes))
        if len(devices) > 1 and address not in known:
            yield MANY_ROUTES.found(
                f"The host has routes to {address} on more than one interface: {', '.join(devices)}.",
                (str(address), *devices),
                host.cite_all(routes),
            )


# --- from the pod's own side ------------------------------------------------------------------------------------------


def pod_default_route_missing(situation: Situation) -> Iterator[Finding]:
    node = situation.node
    for tie in situation.ties:
        spaces = [space for space in tie.end.namespaces if space.shows_every_route]
        if not spaces or not any(ip.version == 4 for ip in tie.end.ips):
            continue
        routes = [route for space in spaces for route in space.routes or ()]
        row = tie.end.interface
        if default_routes(routes) or row is None or fault(row) == "is set down":
            continue
        calls = [line for space in spaces for line in node.beginnings(*ROUTING_TABLES, namespace=space.id)]
        yield POD_DEFAULT_ROUTE_MISSING.found(
            f"{who(tie)} has no default route: it reaches nothing beyond its own subnet.",
            (who(tie).removeprefix("pod "), row.ifname),
            [*cite_pod(tie, situation), *calls, *(line for route in routes for line in node.cite(route))],
        )


def pod_gateway_unanswered(situation: Situation) -> Iterator[Finding]:
    node = situation.node
    for tie in situation.ties:
        # Where the way to the pod is missing, dead or disputed, the gateway's silence has that reason.
        rows = [tie.end.interface, situation.host.by_name.get(tie.veth or "")]
        if (
            tie.in_conflict
            or (tie.bridge is None and tie.route is None)
            or any(row is not None and fault(row) for row in rows)
        ):
            continue
        for route in default_routes(route for space in tie.end.namespaces for route in space.routes or ()):
            gateway = route.next_hop
            if gateway is None:
                continue
            entries = [
                entry for space in tie.end.namespaces for entry in space.neighbours or () if entry.dst == gateway
            ]
            why = _silence(tie, gateway, entries, situation)
            if why is not None:
                lines = [*node.cite(route), *(line for entry in entries for line in node.cite(entry))]
                bridge = tie.bridge.lines if tie.bridge is not None else ()
                yield POD_GATEWAY_UNANSWERED.found(
                    f"{who(tie)}: no one answers for its default gateway {gateway}: {why}.",
                    (who(tie).removeprefix("pod "), str(gateway)),
                    [*lines, *bridge],
                )


def _silence(tie: Tie, gateway: Address, entries: list[Neighbour], situation: Situation) -> str | None:
    """What says that nobody answers for the gateway; None if nothing does."""
    host = situation.host
    states = {state for entry in entries for state in entry.state}
    if any(entry.lladdr is not None for entry in entries):
        return None
    if not states.isdisjoint({"FAILED", "INCOMPLETE"}):
        return "the pod's neighbour table has asked for it in vain"
    uplink = host.uplink
    if uplink is None or not host.shows_every_interface or "ip addr" not in situation.node.complete:
        return None
    if gateway in host.own_addresses:
        return None
    if tie.bridge is None:
        # On a veth of its own the host answers for the virtual gateway, and (older Azure CNI) for the subnet's.
        expected = gateway == VIRTUAL_GATEWAY or any(gateway in network for network in host.uplink_networks)
        return None if expected else "neither the host has this address nor is it the virtual gateway 169.254.1.1"
    if tie.bridge.name == uplink.interface and any(gateway in network for network in host.uplink_networks):
        return None if uplink.gateway in {None, str(gateway)} else f"the subnet's is {uplink.gateway}"
    return f"the host does not have this address on bridge {tie.bridge.name}"
