"""What a comparison says of the host itself: its bridges, routes, uplink and the interfaces that lead to no pod."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from itertools import chain

from ...commands.interfaces import Interface
from ...commands.routes import Route
from ...prefixes import Network
from ...records import Line
from ..host import BridgeView
from ..models import Uplink
from .links import mtu_change, state_change
from .models import Code
from .outcome import Outcome
from .pairing import Pods
from .side import Side
from .words import count, enumerated, in_order

__all__ = ["compare_bridges", "compare_interfaces", "compare_routes", "compare_uplink"]

# --- bridges ----------------------------------------------------------------------------------------------------------


def compare_bridges(outcome: Outcome, pods: Pods) -> None:
    """Bridges and their members. A pod that only changed its veth on a bridge is told of as that pod."""
    before, after = outcome.before, outcome.after
    outcome.unseen("bridges", before.shows_every_bridge, after.shows_every_bridge, "them all")
    for gone, here, there in outcome.one_sided:
        for name in in_order(here.bridges):
            if name not in there.device_names and there.shows_every_bridge:
                bridge = here.bridges[name]
                lines = [*bridge.lines, *chain.from_iterable(bridge.members.values())]
                outcome.only(gone, "bridge", _described(bridge), (name, *in_order(bridge.members)), lines, value=name)
    renamed = {
        name
        for pair in pods.pairs
        if pair.has_moved and _bridge(pair.before.bridge) == _bridge(pair.after.bridge)
        for name in (pair.before.veth, pair.after.veth)
    }
    for name in in_order(before.bridges.keys() & after.device_names | after.bridges.keys() & before.device_names):
        _compare_members(outcome, name, renamed)


def _bridge(bridge: BridgeView | None) -> str | None:
    return bridge.name if bridge is not None else None


def _described(bridge: BridgeView) -> str:
    if not bridge.members:
        return f"bridge {bridge.name} without members" if bridge.members_known else f"bridge {bridge.name}"
    return f"bridge {bridge.name} with {'' if bridge.members_known else 'at least '}{_members(len(bridge.members))}"


def _members(number: int) -> str:
    return count(number, "member")


def _compare_members(outcome: Outcome, name: str, renamed: Collection[str | None]) -> None:
    differ = False
    for gone, here, there in outcome.one_sided:
        ours, theirs = here.members(name), there.members(name)
        names = in_order(member for member in ours if member not in theirs and member not in renamed)
        if names and there.shows_every_member:
            differ = True
            what, rest = f"{_members(len(names))} of bridge {name}", f": {enumerated(names)}"
            lines = chain.from_iterable(ours[member] for member in names)
            value = names[0] if len(names) == 1 else None
            outcome.only(gone, "bridge-members", what, (name, *names), lines, value=value, rest=rest)
    if outcome.before.shows_every_member and outcome.after.shows_every_member and not differ:
        number = len(outcome.before.members(name))
        outcome.same(f"bridge {name} with {_members(number)}" if number else f"bridge {name} without members")


# --- routes -----------------------------------------------------------------------------------------------------------


def compare_routes(outcome: Outcome, pods: Pods) -> None:
    """Routes by their destination. What `route -n` does not print, such as who set a route, does not count."""
    before, after = outcome.before, outcome.after
    outcome.unseen("routes", before.shows_routes(4), after.shows_routes(4), "them all")
    to_pods = before.pod_destinations | after.pod_destinations
    for gone, here, there in outcome.one_sided:
        networks = [
            network
            for network in _ordered(here.routes.keys() - there.routes.keys())
            if there.shows_routes(network.version) and not _is_only_default(network, here, there)
        ]
        _enter_one_sided_routes(outcome, gone, here, [network for network in networks if network in to_pods], "pod")
        _enter_one_sided_routes(outcome, gone, here, [network for network in networks if network not in to_pods], "")
    _compare_common_routes(outcome, to_pods, _moved_addresses(pods))


def _ordered(networks: Iterable[Network]) -> list[Network]:
    return sorted(networks, key=lambda network: (network.version, int(network.network_address), network.prefixlen))


def _is_only_default(network: Network, here: Side, there: Side) -> bool:
    """The default route that only one side has is told of with the uplink."""
    default = here.host.default_route
    return default is not None and default.dst == network and there.host.default_route is None


def _moved_addresses(pods: Pods) -> frozenset[object]:
    """Addresses of pods of which is said that they are on another veth: their routes must have followed."""
    return frozenset(ip for pair in pods.pairs if pair.has_moved for ip in pair.before.ips)


def _enter_one_sided_routes(outcome: Outcome, gone: bool, here: Side, networks: list[Network], kind: str) -> None:
    if not networks:
        return
    names = in_order(map(str, networks))
    code: Code = "pod-routes" if kind else "route"
    lines = here.host.cite_all(route for network in networks for route in here.routes[network])
    if len(names) > 1:
        rest = "" if kind else f": {enumerated(names)}"
        outcome.only(gone, code, _routes(len(names), kind), names, lines, rest=rest)
        return
    value = f"{names[0]} {_joined(here.routes[networks[0]], with_gateway=True)}"
    what = f"host route for a pod, {value}," if kind else f"host route {value}"
    outcome.only(gone, code, what, names, lines, value=value)


def _routes(number: int, kind: str) -> str:
    return f"{count(number, 'host route')} for pods" if kind else count(number, "other host route")


def _compare_common_routes(outcome: Outcome, to_pods: Collection[Network], moved: Collection[object]) -> None:
    before, after = outcome.before, outcome.after
    changed: dict[tuple[str, str, str], list[Network]] = {}
    same = {"pod": 0, "": 0}
    for network in _ordered(before.routes.keys() & after.routes.keys()):
        kind = "pod" if network in to_pods else ""
        old, new = _hops(before.routes[network], after.routes[network])
        if old == new:
            same[kind] += 1
        elif not _is_of_uplink(network, before, after) and not (kind and network.network_address in moved):
            changed.setdefault((old, new, kind), []).append(network)
    for (old, new, kind), networks in changed.items():
        names = in_order(map(str, networks))
        lines = tuple(
            side.host.cite_all(route for network in networks for route in side.routes[network])
            for side in (before, after)
        )
        what = f"host route {names[0]}" if len(names) == 1 else _routes(len(names), kind)
        rest = "" if len(names) == 1 else f": {enumerated(names)}"
        message = f"{what} changed from {old} to {new}{rest}"
        outcome.changed("pod-routes" if kind else "route", message, (old, new), names, (lines[0], lines[1]))
    if before.shows_routes(4) and after.shows_routes(4):
        for kind, number in same.items():
            if number:
                outcome.same(_routes(number, kind))


def _is_of_uplink(network: Network, before: Side, after: Side) -> bool:
    """A default route of which the uplink or its gateway says all that is different."""
    old, new = before.host.default_route, after.host.default_route
    if network.prefixlen or old is None or new is None or old.dst != network or new.dst != network:
        return False
    alone = len(before.routes[network]) == len(after.routes[network]) == 1
    return alone and (old.device, old.next_hop) != (new.device, new.next_hop)


def _hops(old: list[Route], new: list[Route]) -> tuple[str, str]:
    """Where the routes to one destination lead, as both captures can tell it: `route` may print gateways as names."""
    with_gateway = all(route.gateway_name is None for route in (*old, *new))
    return _joined(old, with_gateway=with_gateway), _joined(new, with_gateway=with_gateway)


def _joined(routes: Iterable[Route], *, with_gateway: bool) -> str:
    return " and ".join(in_order(_hop(route, with_gateway=with_gateway) for route in routes))


def _hop(route: Route, *, with_gateway: bool) -> str:
    gateway = route.next_hop if route.next_hop is not None else route.gateway_name
    words = [f"via {gateway}"] if with_gateway and gateway is not None else []
    words.append(f"dev {route.device}")
    if route.metric:
        words.append(f"metric {route.metric}")
    return " ".join(words)


# --- uplink -----------------------------------------------------------------------------------------------------------


def compare_uplink(outcome: Outcome) -> None:
    old, new = outcome.before.host.uplink, outcome.after.host.uplink
    routeless = [_has_no_default(side) for side in (outcome.before, outcome.after)]
    if old is not None and new is not None:
        _compare_uplinks(outcome, old, new)
    else:
        outcome.unseen("uplink", old is not None or routeless[0], new is not None or routeless[1], "it")
    _compare_gateways(outcome)


def _has_no_default(side: Side) -> bool:
    return side.host.default_route is None and side.shows_routes(4)


def _compare_uplinks(outcome: Outcome, old: Uplink, new: Uplink) -> None:
    before, after = outcome.before, outcome.after
    lines = _uplink_lines(before, old), _uplink_lines(after, new)
    if old.interface != new.interface:
        message = f"uplink changed from {old.interface} to {new.interface}"
        outcome.changed(
            "uplink", message, (old.interface, new.interface), in_order((old.interface, new.interface)), lines
        )
    addresses = _comparable(outcome, _uplink_addresses(before, old), _uplink_addresses(after, new))
    told = tuple(", ".join(in_order(texts)) or "none" for texts in addresses)
    if told[0] != told[1]:
        message = f"uplink address changed from {told[0]} to {told[1]}"
        subjects = in_order((old.interface, new.interface))
        outcome.changed("uplink-address", message, (told[0], told[1]), subjects, lines)
    elif old.interface == new.interface:
        parts = [f"uplink {old.interface}", *in_order(addresses[0])]
        if old.gateway is not None and old.gateway == new.gateway:
            parts.append(f"via {old.gateway}")
        outcome.same(" ".join(parts))
    elif addresses[0]:
        outcome.same(f"uplink address {told[0]}")


def _uplink_addresses(side: Side, uplink: Uplink) -> dict[int, frozenset[str]]:
    """By version of IP; without the interface's own listing as the routes tell them."""
    if uplink.interface in side.host.by_name:
        return side.addresses(uplink.interface)
    found: dict[int, frozenset[str]] = {}
    for text in uplink.addresses:
        version = 6 if ":" in text else 4
        found[version] = found.get(version, frozenset()) | {text}
    return found


def _comparable(
    outcome: Outcome, ours: dict[int, frozenset[str]], theirs: dict[int, frozenset[str]]
) -> tuple[frozenset[str], frozenset[str]]:
    """Of the addresses of an interface, by version of IP, those of each side that may be compared."""
    if outcome.before.shows_every_address and outcome.after.shows_every_address:
        return frozenset().union(*ours.values()), frozenset().union(*theirs.values())
    old: frozenset[str] = frozenset()
    new: frozenset[str] = frozenset()
    for version in ours.keys() & theirs.keys():
        # What only one side shows beside what both show may just not have been captured on the other.
        common = ours[version] & theirs[version]
        old |= common or ours[version]
        new |= common or theirs[version]
    return old, new


def _uplink_lines(side: Side, uplink: Uplink) -> list[Line]:
    row, default = side.host.by_name.get(uplink.interface), side.host.default_route
    lines = list(side.node.cite(row, *uplink.addresses)) if row is not None else []
    return [*lines, *(side.node.cite(default) if default is not None else ())]


def _compare_gateways(outcome: Outcome) -> None:
    before, after = outcome.before.host.default_route, outcome.after.host.default_route
    if before is not None and after is not None:
        old, new = before.next_hop, after.next_hop
        if old is not None and new is not None and old.version == new.version and old != new:
            message = f"default gateway changed from {old} to {new}"
            lines = outcome.before.node.cite(before), outcome.after.node.cite(after)
            outcome.changed("default-gateway", message, (str(old), str(new)), in_order((str(old), str(new))), lines)
        return
    for gone, here, there in outcome.one_sided:
        default = here.host.default_route
        if default is not None and default.dst is not None and there.shows_routes(default.dst.version):
            value = _hop(default, with_gateway=True)
            cited = here.node.cite(default)
            outcome.only(gone, "default-gateway", f"default route {value}", [str(default.dst)], cited, value=value)


# --- interfaces -------------------------------------------------------------------------------------------------------


def compare_interfaces(outcome: Outcome) -> None:
    """The host's interfaces that lead to no pod; which bridges there are is told elsewhere."""
    before, after = outcome.before, outcome.after
    shown = before.node.interfaces is not None, after.node.interfaces is not None
    if all(shown):
        outcome.unseen("interfaces", before.host.shows_every_interface, after.host.shows_every_interface, "them all")
    else:
        outcome.unseen("interfaces", *shown)
    others = before.veths | after.veths
    for gone, here, there in outcome.one_sided:
        bridges = here.bridges.keys()
        names = in_order(here.host.by_name.keys() - there.device_names - others - bridges)
        if names and there.host.shows_every_interface:
            what = f"interface {names[0]}" if len(names) == 1 else count(len(names), "interface")
            rest = "" if len(names) == 1 else f": {enumerated(names)}"
            value = names[0] if len(names) == 1 else None
            outcome.only(gone, "interface", what, names, here.cite_interfaces(names), value=value, rest=rest)
    names = in_order((before.host.by_name.keys() & after.host.by_name.keys()) - others)
    uplinks = {side.host.uplink.interface for side in (before, after) if side.host.uplink is not None}
    for name in names:
        if name not in uplinks:
            _compare_addresses(outcome, name)
    _compare_each(outcome, names, "interface-state", "", state_change)
    _compare_each(outcome, names, "mtu", "MTU of ", mtu_change)
    cards = [
        name for name in names if name in uplinks or (before.host.is_physical(name) and after.host.is_physical(name))
    ]
    _compare_each(outcome, cards, "mac", "MAC of ", _mac_change)


def _mac_change(before: Interface, after: Interface) -> tuple[str, str] | None:
    if before.mac is None or after.mac is None or before.mac == after.mac:
        return None
    return str(before.mac), str(after.mac)


def _compare_each(
    outcome: Outcome,
    names: Iterable[str],
    code: Code,
    start: str,
    change: Callable[[Interface, Interface], tuple[str, str] | None],
) -> None:
    """Interfaces that changed alike share a sentence."""
    before, after = outcome.before, outcome.after
    found: dict[tuple[str, str], list[str]] = {}
    for name in names:
        values = change(before.host.by_name[name], after.host.by_name[name])
        if values is not None:
            found.setdefault(values, []).append(name)
    for values, alike in found.items():
        message = f"{start}{enumerated(alike)} changed from {values[0]} to {values[1]}"
        lines = before.cite_interfaces(alike, values[0]), after.cite_interfaces(alike, values[1])
        outcome.changed(code, message, values, alike, lines)


def _compare_addresses(outcome: Outcome, name: str) -> None:
    before, after = outcome.before, outcome.after
    old, new = _comparable(outcome, before.addresses(name), after.addresses(name))
    if old and new and old != new:
        values = ", ".join(in_order(old)), ", ".join(in_order(new))
        message = f"address of {name} changed from {values[0]} to {values[1]}"
        lines = before.cite_interfaces([name], *(old - new)), after.cite_interfaces([name], *(new - old))
        outcome.changed("interface-address", message, values, [name], lines)
    elif old != new:
        here, shown = (before, old) if old else (after, new)
        value = ", ".join(in_order(shown))
        what = f"address {value} of {name}"
        cited = here.cite_interfaces([name], *shown)
        outcome.only(bool(old), "interface-address", what, [name], cited, value=value)
