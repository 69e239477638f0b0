"""Tells which machine each capture was taken on.

The host's captures come first. What cannot be alike on two machines decides (MAC and address of a network card, MACs
of bridges), then the name in the prompt, then what contradicts (subnets, bridges, veths); where nothing tells, the
place in the text. A pod's capture goes to the machine that has its address and its peer.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from itertools import chain, groupby
from typing import TypeVar

from .commandline import HOST
from .commands.azure_vnet import AzureNetwork
from .commands.brctl_show import Bridge
from .commands.bridge_fdb import ForwardingEntry
from .commands.containers import Container
from .commands.interfaces import Interface
from .commands.routes import Route
from .names import CARD, KNOWN_BRIDGE, POD_VETH
from .node import ParsedCapture, may_be_peers
from .prefixes import Address, Network, PrefixMap

__all__ = ["tell_apart"]

_SHARED_MACS = frozenset({"ee:ee:ee:ee:ee:ee", "aa:aa:aa:aa:aa:aa", "00:00:00:00:00:00"})
_Values = dict[str, set[str]]
V = TypeVar("V")


# --- what tells machines apart ----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Marks:
    """The first four are values by the name of their interface, ``veths`` names by command.

    ``bridges``: for each whole listing, the bridges that are surely there, and all interfaces that may be bridges.
    ``whole``: the commands of which there is a whole listing.
    """

    card_macs: _Values = field(default_factory=dict)
    card_addresses: _Values = field(default_factory=dict)
    bridge_macs: _Values = field(default_factory=dict)
    networks: dict[str, set[Network]] = field(default_factory=dict)
    veths: _Values = field(default_factory=dict)
    bridges: set[tuple[frozenset[str], frozenset[str]]] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, parsed: ParsedCapture) -> _Marks:
        marks = cls()
        interfaces, bridges = parsed.of(Interface), parsed.of(Bridge)
        for interface in interfaces:
            marks._add_interface(interface, parsed.command)
        for bridge in bridges:
            _put(marks.bridge_macs, bridge.bridge, bridge.mac)
            for name in bridge.interfaces:
                marks._add_veth(name, parsed.command)
        for route in parsed.of(Route):
            marks._add_route(route, parsed.command)
        for name in _ports(parsed):
            marks._add_veth(name, parsed.command)
        if parsed.is_whole:
            marks.whole.add(parsed.command)
            if parsed.command == "ip addr":
                bonds = {row.master for row in interfaces if "SLAVE" in row.flags}
                names = frozenset(row.ifname for row in interfaces)
                masters = {row.master for row in interfaces if row.master is not None} - bonds
                known = {name for name in names if KNOWN_BRIDGE.fullmatch(name)}
                marks.bridges.add((frozenset(masters | known), names))
            elif parsed.command == "brctl show":
                names = frozenset(bridge.bridge for bridge in bridges)
                marks.bridges.add((names, names))
        return marks

    def _add_interface(self, interface: Interface, command: str) -> None:
        name, mac = interface.ifname, interface.mac
        if name == "lo" or self._add_veth(name, command):
            return
        card = CARD.fullmatch(name) is not None
        for address in interface.addr_info:
            if address.family == "inet":
                self.networks.setdefault(name, set()).add(address.interface.network)
                if card or name == "azure0":  # Azure CNI's bridge takes the card's address
                    _put(self.card_addresses, name, str(address.local))
        if mac is not None:
            _put(self.card_macs if card else self.bridge_macs, name, mac)

    def _add_route(self, route: Route, command: str) -> None:
        if not route.forwards or route.dst is None or route.is_link_local:
            return
        device, gateway = route.device, route.next_hop
        own = route.prefsrc
        if own is not None and own.version == 4 and (device == "azure0" or CARD.fullmatch(device or "")):
            _put(self.card_addresses, str(device), str(own))
        if route.is_default:
            if gateway is not None and gateway.version == 4:
                for name in filter(None, ("default gateway", device)):
                    self.networks.setdefault(name, set()).add(ip_network(gateway))
        elif device is not None and route.is_on_link:
            if route.is_host:
                self._add_veth(device, command)
            elif route.dst.version == 4:
                self.networks.setdefault(device, set()).add(route.dst)

    def _add_veth(self, name: str, command: str) -> bool:
        if POD_VETH.fullmatch(name) is None:
            return False
        _put(self.veths, command, name)
        return True

    @property
    def identify(self) -> bool:
        """True if there is something that cannot be alike on two machines."""
        return bool(self.card_macs or self.card_addresses or self.bridge_macs)

    def merge(self, other: _Marks) -> None:
        _update(self.card_macs, other.card_macs)
        _update(self.card_addresses, other.card_addresses)
        _update(self.bridge_macs, other.bridge_macs)
        _update(self.networks, other.networks)
        _update(self.veths, other.veths)
        self.bridges |= other.bridges
        self.whole |= other.whole

    def compare(self, other: _Marks) -> int:
        """1: the same machine; 0: nothing tells; -1: another, or listings that were cut, or taken at different times;
        -2: another."""
        # Two clusters may have a node of the same address, and who blanks out MACs may write the same for two nodes.
        cards = [
            any(mine[name] & theirs[name] for name in mine.keys() & theirs.keys())
            for mine, theirs in ((self.card_macs, other.card_macs), (self.card_addresses, other.card_addresses))
            if mine.keys() & theirs.keys()
        ]
        if cards:
            return 1 if all(cards) else -2
        if self._shares_bridge(other) or self._shares_veths(other):
            return 1
        if self._has_other_networks(other) or self._has_others_of(self.whole & other.whole, other):
            return -2
        remade = bool(self.bridge_macs.keys() & other.bridge_macs.keys())
        lacking = self._lacks_veths(other) or other._lacks_veths(self)
        # A bridge may be made anew, and pods come and go; but hardly all of that at once.
        return -2 if remade and lacking else -1 if remade or lacking or self._has_other_bridges(other) else 0

    def _shares_bridge(self, other: _Marks) -> bool:
        names = self.bridge_macs.keys() & other.bridge_macs.keys()
        return any(self.bridge_macs[name] & other.bridge_macs[name] for name in names)

    def _shares_veths(self, other: _Marks) -> bool:
        """Whether half of the veths are the same. Calico and Azure CNI name a veth after its pod, so that one pod of
        the same name in two clusters gives both the same veth."""
        mine, theirs = self._all_veths(), other._all_veths()
        return 2 * len(mine & theirs) >= min(len(mine), len(theirs)) > 0

    def _all_veths(self) -> set[str]:
        return set().union(*self.veths.values())

    def _has_other_networks(self, other: _Marks) -> bool:
        shared = self.networks.keys() & other.networks.keys()
        return not all(_overlap(self.networks[name], other.networks[name]) for name in shared)

    def _has_others_of(self, commands: set[str], other: _Marks) -> bool:
        """Whether a command of which both have a whole listing shows other cards, or other veths throughout."""
        if "ip addr" in commands and self.card_macs and other.card_macs:
            return True
        return any(self.veths[name] and other.veths[name] for name in commands & self.veths.keys() & other.veths.keys())

    def _has_other_bridges(self, other: _Marks) -> bool:
        return any(
            (mine_sure and not mine_sure & maybe) or (sure and not sure & mine_maybe)
            for mine_sure, mine_maybe in self.bridges
            for sure, maybe in other.bridges
        )

    def _lacks_veths(self, other: _Marks) -> bool:
        """Whether a whole `ip addr`, which shows every interface, has none of the veths that ``other`` names."""
        veths = other._all_veths()
        return "ip addr" in self.whole and bool(veths) and not veths & self.veths.get("ip addr", set())


def _ports(parsed: ParsedCapture) -> set[str]:
    """Names of host veths in what is not read for wiring here: ports with a MAC behind them, pods of Azure CNI."""
    names = {entry.ifname for entry in parsed.of(ForwardingEntry)}
    names |= {endpoint.host_ifname for network in parsed.of(AzureNetwork) for endpoint in network.endpoints}
    return {name for name in names if name is not None}


def _update(mine: dict[str, set[V]], theirs: dict[str, set[V]]) -> None:
    for name, values in theirs.items():
        mine.setdefault(name, set()).update(values)


def _overlap(mine: set[Network], theirs: set[Network]) -> bool:
    if mine & theirs:
        return True
    for one, other in ((mine, theirs), (theirs, mine)):
        prefixes: PrefixMap[bool] = PrefixMap()
        for network in one:
            prefixes.add(network, True)
        if any(prefixes.find(network.network_address) for network in other):
            return True
    return False


def _put(values: _Values, name: str, value: str) -> None:
    if value not in _SHARED_MACS:
        values.setdefault(name, set()).add(value)


# --- one machine ------------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class _Machine:
    """A machine while captures are being handed out. ``host`` and ``others`` are positions in the reading order.

    ``routes_to``: the devices of the host routes to an address; ``routed``: all devices that have one.
    ``taken``: the pod's end at each veth that one is known for, by the veth's ifindex.
    """

    name: str | None = None
    hint: str | None = None
    host: list[int] = field(default_factory=list)
    others: list[int] = field(default_factory=list)
    marks: _Marks = field(default_factory=_Marks)
    commands: set[str] = field(default_factory=set)
    files: set[str | None] = field(default_factory=set)
    by_index: dict[int, Interface] = field(default_factory=dict)
    routes_to: dict[Address, set[str]] = field(default_factory=dict)
    routed: set[str] = field(default_factory=set)
    networks: PrefixMap[bool] = field(default_factory=PrefixMap)
    taken: dict[int, set[object]] = field(default_factory=dict)

    def take_host(self, order: int, parsed: ParsedCapture, marks: _Marks) -> None:
        self.host.append(order)
        self.marks.merge(marks)
        self.commands.add(parsed.command)
        self.files.add(parsed.capture.file)
        self.name = self.name or parsed.node
        self.hint = self.hint or parsed.hint
        for row in parsed.of(Interface):
            self.by_index[row.ifindex] = row
            if row.link_index is None:
                for address in row.addr_info:
                    if address.is_global:
                        self.networks.add(address.interface.network, True)
        for route in parsed.of(Route):
            if not route.forwards or route.dst is None or route.is_link_local:
                continue
            if route.is_on_link and route.device is not None and not route.is_default:
                if route.is_host:
                    self.routes_to.setdefault(route.dst.network_address, set()).add(route.device)
                    self.routed.add(route.device)
                else:
                    self.networks.add(route.dst, True)

    def take_other(self, order: int, parsed: ParsedCapture) -> None:
        self.others.append(order)
        self.name = self.name or parsed.node
        for row in parsed.of(Interface):
            if row.link_index is not None:
                self.taken.setdefault(row.link_index, set()).add(_pod_end(row))

    def fit(self, rows: Iterable[Interface]) -> int | None:
        """How well a pod's interfaces fit: 4 for a host route to an address, 2 for a peer that agrees in both
        directions, 1 for an address in one of the networks; None if a peer, or the route on it, disagrees."""
        score = 0
        for row in rows:
            peer = self.by_index.get(row.link_index) if row.link_index is not None else None
            addresses = [address.local for address in row.addr_info if address.is_global]
            devices = set().union(*(self.routes_to.get(address, ()) for address in addresses))
            if peer is None:
                if row.link_index is not None and "ip addr" in self.marks.whole:
                    return None
            elif may_be_peers(row, peer):
                if (devices or peer.ifname in self.routed) and peer.ifname not in devices:
                    return None
                score += 2
            elif CARD.fullmatch(peer.ifname) is None:  # on a card it is the parent of a macvlan or ipvlan
                return None
            score += 4 if devices else sum(1 for address in addresses if self.networks.find(address))
        return score

    def has_room(self, rows: Iterable[Interface]) -> bool:
        """False if another pod is already known to be at the other end of the same veth."""
        return all(
            self.taken.get(row.link_index, {_pod_end(row)}) == {_pod_end(row)}
            for row in rows
            if row.link_index is not None
        )


def _pod_end(row: Interface) -> object:
    return (row.ifname, row.ifindex, row.mac, *(address.local for address in row.addr_info))


# --- handing out ------------------------------------------------------------------------------------------------------


def tell_apart(captures: Sequence[ParsedCapture]) -> list[list[int]]:
    """For each machine the positions of its captures; machines and positions in the order of ``captures``."""
    machines: list[_Machine] = []
    _hand_out_hosts(machines, captures)
    _hand_out_others(machines, captures)
    return sorted(sorted(machine.host + machine.others) for machine in machines)


def _is_host(parsed: ParsedCapture) -> bool:
    return parsed.namespace == HOST and not issubclass(parsed.capture.command.model, Container)


def _hand_out_hosts(machines: list[_Machine], captures: Sequence[ParsedCapture]) -> None:
    marks = {order: _Marks.of(parsed) for order, parsed in enumerate(captures) if _is_host(parsed)}
    unlike: list[int] = []
    doubtful: dict[str, list[tuple[int, list[_Machine]]]] = {}

    def of(order: int, *verdicts: int) -> list[_Machine]:
        return _possible(machines, captures[order], marks[order], verdicts)

    def lacking(order: int) -> list[_Machine]:
        # A piece of a listing with nothing of its own opens no machine: veths come and go.
        parsed = captures[order]
        return [item for item in of(order, -1) if parsed.command not in item.commands or not parsed.is_whole]

    def give(order: int, possible: list[_Machine]) -> None:
        if not possible:
            possible = [_Machine()]
            machines.extend(possible)
        if len(possible) == 1:
            possible[0].take_host(order, captures[order], marks[order])
        else:
            doubtful.setdefault(captures[order].command, []).append((order, possible))

    # First what shows network cards, then what shows bridges.
    for order in sorted(marks, key=lambda order: (not marks[order].card_macs, not marks[order].identify)):
        possible = of(order, 1, 0)
        if possible or not lacking(order):
            give(order, possible)
        else:
            unlike.append(order)
    for order in unlike:
        give(order, of(order, 1, 0) or lacking(order))
    for command, pairs in doubtful.items():
        # As many captures as machines that lack one: each machine its own, in the same order.
        in_turn = sum(command not in machine.commands for machine in machines) == len(pairs)
        for order, possible in sorted(pairs, key=lambda pair: pair[0]):
            possible = of(order, 1, 0) or possible
            pool = _in_file([item for item in possible if command not in item.commands] or possible, captures[order])
            give(order, [pool[0] if in_turn else max(pool, key=lambda machine: _closeness(machine, order))])


def _possible(
    machines: Sequence[_Machine], parsed: ParsedCapture, marks: _Marks, wanted: Iterable[int]
) -> list[_Machine]:
    """The machines a host's capture can be of: those of the same name (or hint) if there are any, else those without;
    of these the ones with the first verdict of ``wanted`` that there is."""
    verdicts = [(machine, machine.marks.compare(marks)) for machine in _of_name(machines, parsed.node)]
    name = parsed.node or parsed.hint
    named = [pair for pair in verdicts if name is not None and name in {pair[0].name, pair[0].hint}]
    for pairs in (named, verdicts):
        for verdict in wanted:
            found = [machine for machine, other in pairs if other == verdict]
            if found:
                return found
    return []


def _of_name(machines: Sequence[_Machine], name: str | None) -> list[_Machine]:
    return [machine for machine in machines if name is None or machine.name is None or machine.name == name]


def _in_file(pool: list[_Machine], parsed: ParsedCapture) -> list[_Machine]:
    return [machine for machine in pool if parsed.capture.file in machine.files] or pool


def _closeness(machine: _Machine, order: int) -> tuple[int, int]:
    """Greatest for the machine of the last host's capture before ``order``; if there is none, of the next after it."""
    before = max((other for other in machine.host if other < order), default=-1)
    return before, -min((other for other in machine.host if other > order), default=order)


class _Places:
    """Where the host's captures stand: runs of them with nothing of a pod in between."""

    def __init__(self, machines: Iterable[_Machine], captures: Sequence[ParsedCapture]) -> None:
        owners = {order: machine for machine in machines for order in machine.host}
        seen: list[tuple[int, _Machine | None]] = [
            (order, owners.get(order))
            for order, parsed in enumerate(captures)
            if order in owners or parsed.namespace != HOST
        ]
        self.begins_with_host: dict[str | None, bool] = {}
        for order, owner in seen:
            self.begins_with_host.setdefault(captures[order].capture.file, owner is not None)
        self.starts: list[int] = []
        self.runs: list[list[_Machine]] = []
        for is_host, group in groupby(seen, key=lambda pair: pair[1] is not None):
            if is_host:
                items = list(group)
                self.starts.append(items[0][0])
                self.runs.append(list(dict.fromkeys(machine for _, machine in items if machine is not None)))

    def near(self, order: int, pool: Sequence[_Machine], *, follow: bool) -> list[_Machine]:
        """Those of ``pool`` in the next run of host's captures (``follow``) or in the last, the nearest first; if there
        is none on that side, on the other."""
        middle = bisect_left(self.starts, order)
        after = (self.runs[run] for run in range(middle, len(self.runs)))
        before = (self.runs[run][::-1] for run in range(middle - 1, -1, -1))
        for machines in chain(after, before) if follow else chain(before, after):
            found = [machine for machine in machines if machine in pool]
            if found:
                return found
        return list(pool)


def _hand_out_others(machines: list[_Machine], captures: Sequence[ParsedCapture]) -> None:
    places = _Places(machines, captures)
    homes: dict[str, _Homes] = {}

    def give(order: int, machine: _Machine) -> None:
        machine.take_other(order, captures[order])
        for name in _identities(captures[order]):
            homes.setdefault(name, _Homes()).add(order, machine)

    for order, machine in _hand_out_interfaces(machines, captures, places):
        give(order, machine)
    # What shows no interface goes where the same namespace or container was seen, at last where it stands. Twice,
    # because a container may be known by another that is found only later.
    rest = [
        order
        for order, parsed in enumerate(captures)
        if not _is_host(parsed) and (parsed.namespace == HOST or not parsed.of(Interface))
    ]
    for last in (False, True):
        left: list[int] = []
        for order in rest:
            parsed = captures[order]
            known = [home for name in _identities(parsed) if name in homes for home in homes[name].near(order, parsed)]
            if known:
                give(order, min(known, key=lambda home: home[0])[1])
            elif last:
                pool = _in_file(_pool(machines, parsed), parsed)
                follow = not places.begins_with_host.get(parsed.capture.file, False)
                give(order, places.near(order, pool, follow=follow)[0])
            else:
                left.append(order)
        rest = left


class _Homes:
    """Where a namespace or container was seen: the positions of its captures, and the machine each was given to."""

    def __init__(self) -> None:
        self._orders: list[int] = []
        self._given: dict[int, tuple[int, _Machine]] = {}

    def add(self, order: int, machine: _Machine) -> None:
        if order not in self._given:
            insort(self._orders, order)
            self._given[order] = (len(self._given), machine)

    def near(self, order: int, parsed: ParsedCapture) -> list[tuple[int, _Machine]]:
        """On either side the nearest machine that ``parsed`` can be of, with its distance; if both are as near, first
        that which was given first."""
        middle = bisect_left(self._orders, order)
        sides = (range(middle - 1, -1, -1), range(middle, len(self._orders)))
        nearest = [
            next((other for place in side if _may_be(self._given[other := self._orders[place]][1], parsed)), None)
            for side in sides
        ]
        found = sorted((self._given[other][0], other) for other in nearest if other is not None)
        return [(abs(other - order), self._given[other][1]) for _, other in found]


def _hand_out_interfaces(
    machines: list[_Machine], captures: Sequence[ParsedCapture], places: _Places
) -> Iterator[tuple[int, _Machine]]:
    """Captures that show a pod's interfaces, each with its machine; first those that fit one machine alone."""
    doubtful: list[tuple[int, list[_Machine]]] = []
    for order, parsed in enumerate(captures):
        rows = parsed.of(Interface)
        if parsed.namespace == HOST or not rows:
            continue
        pool = _pool(machines, parsed)
        fits = [(machine, machine.fit(rows)) for machine in pool]
        best = max((fit for _, fit in fits if fit is not None), default=0)
        fitting = [machine for machine, fit in fits if fit == best]
        if best > 0 and len(fitting) == 1:
            yield order, fitting[0]
        elif best > 1:
            doubtful.append((order, fitting))
        else:
            yield order, places.near(order, _in_file(fitting or pool, parsed), follow=True)[0]
    for order, pool in doubtful:
        rows = captures[order].of(Interface)
        follow = not places.begins_with_host[captures[order].capture.file]
        near = places.near(order, _in_file(pool, captures[order]), follow=follow)
        # One veth leads to one pod: where several machines have one that fits, the pods take them in turn.
        in_turn = sorted(near, key=machines.index)
        yield order, next((machine for machine in in_turn if machine.has_room(rows)), near[0])


def _pool(machines: list[_Machine], parsed: ParsedCapture) -> list[_Machine]:
    """The machines that a capture in a pod, or of a container, can be of: those of its name before the nameless."""
    same = [machine for machine in machines if parsed.node is not None and machine.name == parsed.node]
    pool = same or _of_name(machines, parsed.node)
    if not pool:
        pool = [_Machine(parsed.node)]
        machines += pool
    return pool


def _may_be(machine: _Machine, parsed: ParsedCapture) -> bool:
    return parsed.node is None or machine.name is None or machine.name == parsed.node


def _identities(parsed: ParsedCapture) -> Iterator[str]:
    """What one namespace or one container is known by, in the same words for both."""
    if parsed.namespace not in {HOST, "pod"}:
        kind, _, name = parsed.namespace.partition(":")
        yield f"{kind}:{name[:12]}" if kind == "container" else parsed.namespace
    for container in parsed.of(Container):
        for identifier in (container.id, container.sandbox_id):
            if identifier is not None:
                yield f"container:{identifier[:12]}"
        if container.pid is not None:
            yield f"pid:{container.pid}"
        yield from container.namespaces
        if container.pod_uid is not None:
            yield f"uid:{container.pod_uid}"
        if container.pod_name is not None:
            yield f"pod:{container.pod_name}"
            yield f"pod:{container.pod_namespace}/{container.pod_name}"
