"""Tells which machine each capture was taken on.

The host's captures come first. What cannot be alike on two machines decides (MAC and address of a network card, MACs
of bridges), then the name in the prompt, then what contradicts (subnets, bridges, veths); where nothing tells, the
place in the text. A pod's capture goes to the machine that has its address and its peer.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby, product

from .commandline import HOST
from .commands.containers import Container
from .commands.interfaces import Interface
from .commands.routes import Route
from .marks import Marks
from .names import CARD
from .node import ParsedCapture, may_be_peers
from .prefixes import Address, Network, PrefixMap
from .suspects import Suspects, numbers_in

__all__ = ["tell_apart"]

# --- one machine ------------------------------------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class _Machine:
    """A machine while captures are being handed out. ``host`` and ``others`` are positions in the reading order,
    the former in order.

    ``routes_to``: the devices of the host routes to an address; ``routed``: all devices that have one.
    ``taken``: the pod's end at each veth that one is known for, by the veth's ifindex.
    """

    name: str | None = None
    hint: str | None = None
    host: list[int] = field(default_factory=list)
    others: list[int] = field(default_factory=list)
    marks: Marks = field(default_factory=Marks)
    commands: set[str] = field(default_factory=set)
    files: set[str | None] = field(default_factory=set)
    by_index: dict[int, Interface] = field(default_factory=dict)
    routes_to: dict[Address, set[str]] = field(default_factory=dict)
    routed: set[str] = field(default_factory=set)
    networks: PrefixMap[Network] = field(default_factory=PrefixMap)
    taken: dict[int, set[object]] = field(default_factory=dict)

    def take_host(self, order: int, parsed: ParsedCapture, marks: Marks) -> None:
        insort(self.host, order)
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
                        self.networks.add(address.interface.network, address.interface.network)
        for route in parsed.of(Route):
            if not route.forwards or route.dst is None or route.is_link_local:
                continue
            if route.is_on_link and route.device is not None and not route.is_default:
                if route.is_host:
                    self.routes_to.setdefault(route.dst.network_address, set()).add(route.device)
                    self.routed.add(route.device)
                else:
                    self.networks.add(route.dst, route.dst)

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
    marks = {order: Marks.of(parsed) for order, parsed in enumerate(captures) if _is_host(parsed)}
    names = {captures[order].node for order in marks} - {None}
    numbers: dict[_Machine, int] = {}
    suspects = Suspects()
    unlike: list[int] = []
    doubtful: dict[str, list[tuple[int, list[_Machine]]]] = {}

    def of(order: int, *verdicts: int) -> list[_Machine]:
        return _possible(machines, suspects, captures[order], marks[order], names, verdicts)

    def lacking(order: int) -> list[_Machine]:
        # A piece of a listing with nothing of its own opens no machine: veths come and go.
        parsed = captures[order]
        return [item for item in of(order, -1) if parsed.command not in item.commands or not parsed.is_whole]

    def give(order: int, possible: list[_Machine]) -> None:
        if not possible:
            possible = [_Machine()]
            numbers[possible[0]] = len(machines)
            machines.extend(possible)
        if len(possible) == 1:
            possible[0].take_host(order, captures[order], marks[order])
            suspects.add(numbers[possible[0]], marks[order], possible[0].name, possible[0].hint)
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
    machines: Sequence[_Machine],
    suspects: Suspects,
    parsed: ParsedCapture,
    marks: Marks,
    names: Collection[str | None],
    wanted: Iterable[int],
) -> list[_Machine]:
    """The machines a host's capture can be of: those of the same name (or hint) if there are any, else those without;
    of these the ones with the first verdict of ``wanted`` that there is. ``names``: those of machines that were
    captured. A hint that is one of them keeps captures of other names away, unless they have something in common."""
    all_of_them = suspects.not_unlike(marks, parsed.node)
    name = parsed.node or parsed.hint
    named = all_of_them & suspects.called(name) if name is not None else 0
    like = suspects.like(marks)
    verdicts: dict[int, int] = {}
    for numbers, verdict in product((named, all_of_them), wanted):
        found = []
        for number in numbers_in(numbers & like if verdict == 1 else numbers):
            if number not in verdicts:
                verdicts[number] = machines[number].marks.compare(marks)
            if verdicts[number] == verdict and (verdict == 1 or _may_be_called(machines[number], parsed, names)):
                found.append(machines[number])
        if found:
            return found
    return []


def _may_be_called(machine: _Machine, parsed: ParsedCapture, names: Collection[str | None]) -> bool:
    """False if a prompt before the output of one names the other's."""
    mine = machine.name or (machine.hint if machine.hint in names else None)
    name = parsed.node or (parsed.hint if parsed.hint in names else None)
    return mine is None or name is None or mine == name


def _of_name(machines: Sequence[_Machine], name: str | None) -> list[_Machine]:
    if name is None:
        return list(machines)
    return [machine for machine in machines if machine.name is None or machine.name == name]


def _in_file(pool: list[_Machine], parsed: ParsedCapture) -> list[_Machine]:
    return [machine for machine in pool if parsed.capture.file in machine.files] or pool


def _closeness(machine: _Machine, order: int) -> tuple[int, int]:
    """Greatest for the machine of the last host's capture before ``order``; if there is none, of the next after it."""
    place = bisect_left(machine.host, order)
    before = machine.host[place - 1] if place else -1
    return before, -(machine.host[place] if place < len(machine.host) else order)


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
        wanted = set(pool)
        for machines in chain(after, before) if follow else chain(before, after):
            found = [machine for machine in machines if machine in wanted]
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
    ways = _Ways(machines)
    for order, parsed in enumerate(captures):
        rows = parsed.of(Interface)
        if parsed.namespace == HOST or not rows:
            continue
        pool = _pool(machines, parsed)
        best, fitting = ways.best(rows, pool)
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


class _Ways:
    """The machines by the addresses that they have a way to: what fits a pod best is mostly found among them."""

    def __init__(self, machines: Sequence[_Machine]) -> None:
        self._routes: dict[Address, list[_Machine]] = {}
        self._networks: PrefixMap[list[_Machine]] = PrefixMap()
        for machine in machines:
            for address in machine.routes_to:
                self._routes.setdefault(address, []).append(machine)
            for network in machine.networks.values():
                self._networks.setdefault(network, []).append(machine)

    def best(self, rows: Sequence[Interface], pool: Sequence[_Machine]) -> tuple[int, list[_Machine]]:
        """The best fit to a pod's interfaces, 0 if there is none, and those of ``pool`` that have it."""
        addresses = [address.local for row in rows for address in row.addr_info if address.is_global]
        peers = sum(row.link_index is not None for row in rows)
        routed = {machine for address in addresses for machine in self._routes.get(address, ())}
        # What the rest cannot reach: it has a peer for each at most, and without a route an address in a network.
        best, fitting = _best_of(rows, pool, routed)
        if best > 2 * peers + len(addresses):
            return best, fitting
        near = {item for address in addresses for found in self._networks.all(address) for item in found}
        best, fitting = _best_of(rows, pool, routed | near)
        return (best, fitting) if best > 2 * peers else _best_of(rows, pool, None)


def _best_of(
    rows: Sequence[Interface], pool: Sequence[_Machine], among: set[_Machine] | None
) -> tuple[int, list[_Machine]]:
    """``among``: None for all of ``pool``."""
    fits = [(machine, machine.fit(rows)) for machine in pool if among is None or machine in among]
    best = max((fit for _, fit in fits if fit is not None), default=0)
    return best, [machine for machine, fit in fits if fit == best]


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
