"""Findings about the routes of the host: the way out of the node, and where each route leads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from ...commands.interfaces import Interface
from ...commands.routes import Route
from ...node import ROUTING_TABLES
from ...prefixes import Address
from ...records import Line
from ..catalogue import (
    AZURE_ADDRESS_ASTRAY,
    DEFAULT_ROUTE_MISSING,
    GATEWAY_OFF_SUBNET,
    ROUTE_INTERFACE_DOWN,
    ROUTE_INTERFACE_MISSING,
)
from ..interface_state import fault
from ..lookup import RoutingTable
from ..models import Finding
from ..situation import Situation
from ..wiring import Tie
from .states import brief, cite_pod, default_routes, who

__all__ = [
    "azure_address_astray",
    "default_route_missing",
    "gateway_off_subnet",
    "route_interface_down",
    "route_interface_missing",
]

_AZURE = {
    ip_address("168.63.129.16"): "Azure's wire server",
    ip_address("169.254.169.254"): "Azure's instance metadata",
}


def default_route_missing(situation: Situation) -> Iterator[Finding]:
    host, node = situation.host, situation.node
    if not node.shows_every_route:
        return
    found = default_routes(host.routes)
    if found:
        yield from _default_rejected(situation, found)
        return
    down = [row for name, row in host.by_name.items() if host.is_physical(name) and fault(row) is not None]
    down = [row for row in down if row.master is None]
    why = "".join(f" {row.ifname} {fault(row)}: the kernel takes its routes away." for row in down)
    yield DEFAULT_ROUTE_MISSING.found(
        f"The node has no default route: nothing that it does not know itself can be reached.{why}",
        ("0.0.0.0/0", *(row.ifname for row in down)),
        [*node.beginnings(*ROUTING_TABLES), *host.cite_all(down)],
    )


def _default_rejected(situation: Situation, found: list[Route]) -> Iterator[Finding]:
    rejects = [route for route in situation.node.routes or () if route.is_reject and route.is_default]
    for route in rejects:
        is_first = all((route.metric or 0) < (other.metric or 0) for other in found)
        if route.dst is not None and route.dst.version == 4 and route.table in {None, "main", "254"} and is_first:
            yield DEFAULT_ROUTE_MISSING.found(
                f"The default route that comes first turns packets away ({route.type or 'reject'}): the other is not "
                "used.",
                ("0.0.0.0/0",),
                situation.host.cite_all([route, *found]),
            )


def route_interface_missing(situation: Situation) -> Iterator[Finding]:
    host, node = situation.host, situation.node
    if node.complete.isdisjoint({"ip addr", "ip link"}):
        return
    by_device: dict[str, list[Route]] = {}
    for route in host.routes:
        if route.device is not None:
            by_device.setdefault(route.device, []).append(route)
    missing = [name for name in by_device if name not in host.by_name]
    # A listing that lacks more interfaces than it shows was shortened by somebody who left no mark.
    if len(missing) > len(by_device) - len(missing):
        return
    for name in missing:
        routes = by_device[name]
        is_default = any(route.is_default for route in routes)
        leads = "the default route leads" if is_default else f"{_routes(routes)} {_verb(routes, 'lead')}"
        yield ROUTE_INTERFACE_MISSING.found(
            f"{leads[0].upper()}{leads[1:]} to {name}, and the host has no such interface; the captures are of "
            "different times, or `ip addr` was shortened.",
            (name, *(str(route.dst) for route in routes)),
            [*host.cite_all(routes), *node.beginnings("ip addr", "ip link")],
        )


def route_interface_down(situation: Situation) -> Iterator[Finding]:
    host = situation.host
    behind: dict[str | None, list[Tie]] = {}
    for tie in situation.ties:
        behind.setdefault(tie.veth, []).append(tie)
    for name, routes in _relied_on(situation).items():
        row = host.by_name.get(name)
        why = fault(row) if row is not None else None
        marked = [route for route in routes if not {"linkdown", "dead"}.isdisjoint(route.flags)]
        if why is None and marked:
            why = "has no carrier"
        if why is None:
            continue
        ties = behind.get(name, [])
        lines = [*host.cite_all(routes), *host.cite_all([row] if row is not None else [])]
        lines += [line for tie in ties for line in cite_pod(tie, situation)]
        pod = f" ({who(ties[0])})" if ties and ties[0].end.is_known else ""
        yield ROUTE_INTERFACE_DOWN.found(
            f"{_capital(_routes(routes))} {_verb(routes, 'lead')} to {name}{pod}, which {why}: packets are lost.",
            (name, *(str(route.dst) for route in routes)),
            lines,
        )


def _relied_on(situation: Situation) -> dict[str, list[Route]]:
    """The routes that pods and the node live by, by their device."""
    host = situation.host
    found = {name: list(routes) for name, routes in host.routes_on.items()}
    for route in default_routes(host.routes):
        if route.device is not None:
            found.setdefault(route.device, []).append(route)
    return found


def gateway_off_subnet(situation: Situation) -> Iterator[Finding]:
    host = situation.host
    yield from _off_subnet(situation, host.routes, list(host.by_name.values()), "The node")
    for tie in situation.ties:
        rows = [row for space in tie.end.namespaces for row in space.interfaces]
        routes = [route for space in tie.end.namespaces for route in space.routes or ()]
        yield from _off_subnet(situation, routes, rows, _capital(who(tie)))


def _off_subnet(
    situation: Situation, routes: Sequence[Route], interfaces: Sequence[Interface], whose: str
) -> Iterator[Finding]:
    rows = {row.ifname: row for row in interfaces}
    for route in default_routes(routes):
        gateway, row = route.next_hop, rows.get(route.device or "")
        if gateway is None or gateway.version != 4 or row is None or "onlink" in route.flags:
            continue
        own = [address for address in row.addr_info if address.family == "inet"]
        if not own or _is_on_link(gateway, row, routes):
            continue
        shown = ", ".join(str(address.interface) for address in own)
        yield GATEWAY_OFF_SUBNET.found(
            f"{whose}: the default gateway {gateway} is not in the subnet of {row.ifname} ({shown}), and no route "
            "leads to it.",
            (str(gateway), row.ifname),
            [*situation.node.cite(route), *situation.node.cite(row, *shown.split(", "))],
        )


def _is_on_link(gateway: Address, row: Interface, routes: Sequence[Route]) -> bool:
    if any(gateway in address.interface.network or gateway == address.address for address in row.addr_info):
        return True
    return any(
        route.device == row.ifname
        and route.is_on_link
        and not route.is_default
        and route.dst is not None
        and gateway in route.dst
        for route in routes
    )


def azure_address_astray(situation: Situation) -> Iterator[Finding]:
    host, node = situation.host, situation.node
    uplink = host.uplink
    if uplink is None or not node.shows_every_route:
        return
    table = RoutingTable(node.routes or ())
    for address, name in _AZURE.items():
        route = table.find(address)
        if route is None or (route.forwards and route.device in {uplink.interface, *uplink.ports}):
            continue
        where = f"leads to {route.device}" if route.forwards else "turns it away"
        yield AZURE_ADDRESS_ASTRAY.found(
            f"{name}, {address}, is not reached by the uplink {uplink.interface}: the route to {route.dst} {where}.",
            (str(address), str(route.dst), *([route.device] if route.device is not None else [])),
            _with_default(situation, route),
        )


def _with_default(situation: Situation, route: Route) -> list[Line]:
    default = situation.host.default_route
    return [*situation.node.cite(route), *(situation.node.cite(default) if default is not None else ())]


def _routes(routes: Sequence[Route]) -> str:
    names = ["the default route" if route.is_default else f"the route to {route.dst}" for route in routes]
    return names[0] if len(names) == 1 else f"{len(names)} routes ({brief([str(route.dst) for route in routes])})"


def _verb(routes: Sequence[Route], verb: str) -> str:
    return f"{verb}s" if len(routes) == 1 else verb


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
