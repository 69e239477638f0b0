"""Findings about the captures themselves: two that contradict each other, and those that are not whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ...commandline import HOST
from ...commands.interfaces import Interface
from ...commands.routes import Route
from ...node import ROUTING_TABLES, ParsedCapture, shows_link, shows_master
from ..catalogue import CAPTURE_CUT_OFF, CAPTURES_CONTRADICT, NODE_STATES_DIFFER
from ..models import Finding
from ..situation import Situation
from .states import brief

__all__ = ["capture_cut_off", "captures_contradict", "node_states_differ"]


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two captures of one place, one after the other in the text."""

    situation: Situation
    earlier: ParsedCapture
    later: ParsedCapture

    def contradiction(self, said: Sequence[str], subjects: Iterable[str], rows: Iterable[Interface | Route]) -> Finding:
        namespace = self.earlier.namespace
        where = "the host" if namespace == HOST else namespace
        commands = " and ".join(f"`{parsed.command}`" for parsed in (self.earlier, self.later))
        return CAPTURES_CONTRADICT.found(
            f"Two captures of {where}, {commands}, are of different times: {brief(said)}. The answer goes by the later "
            "one.",
            subjects,
            (line for row in rows for line in self.situation.node.cite(row)),
        )


def node_states_differ(situation: Situation) -> Iterator[Finding]:
    node = situation.node
    earlier = node.earlier_state
    if earlier is None:
        return
    before, after = ([parsed for parsed in one.captures if parsed.namespace == HOST] for one in (earlier, node))
    shown = [parsed for parsed in (*before, *after) if not parsed.capture.command.of_cluster]
    commands = dict.fromkeys(f"`{parsed.command}`" for parsed in shown)
    yield NODE_STATES_DIFFER.found(
        f"The captures of {node.name} ({', '.join(commands)}) cannot be of one node at one time. They are answered as "
        "two nodes of this name: it was rebuilt or changed between them, or there are two.",
        (str(node.name),),
        [parsed.beginning for parsed in shown],
    )


def captures_contradict(situation: Situation) -> Iterator[Finding]:
    by_place: dict[str, list[ParsedCapture]] = {}
    for parsed in situation.node.captures:
        # Captures of pods that nobody named need not be of one pod.
        if parsed.namespace != "pod" and parsed.is_answer:
            by_place.setdefault(parsed.namespace, []).append(parsed)
    for captures in by_place.values():
        listings = [parsed for parsed in captures if parsed.of(Interface)]
        tables = [parsed for parsed in captures if parsed.command in ROUTING_TABLES and parsed.is_whole]
        for earlier, later in pairwise(listings):
            yield from _interfaces_contradict(_Pair(situation, earlier, later))
        for earlier, later in pairwise(tables):
            yield from _routes_contradict(_Pair(situation, earlier, later))


def _interfaces_contradict(pair: _Pair) -> Iterator[Finding]:
    before = {row.ifname: row for row in pair.earlier.of(Interface)}
    after = {row.ifname: row for row in pair.later.of(Interface)}
    said: dict[str, str] = {}
    for name in dict.fromkeys((*before, *after)):
        words = _difference(before.get(name), after.get(name), pair)
        if words is not None:
            said[name] = f"{name} {words}"
    if said:
        rows = [row for name in said for row in (before.get(name), after.get(name)) if row is not None]
        yield pair.contradiction(list(said.values()), said, rows)


def _difference(one: Interface | None, other: Interface | None, pair: _Pair) -> str | None:
    """How two captures of one interface differ in what does not change by itself."""
    if one is None or other is None:
        if not _lists_links(pair.earlier) or not _lists_links(pair.later):
            return None
        return f"is in the {'later' if one is None else 'earlier'} one only"
    if one.ifindex is not None and other.ifindex is not None and one.ifindex != other.ifindex:
        return f"has index {one.ifindex} and then {other.ifindex}"
    if one.mac is not None and other.mac is not None and one.mac != other.mac:
        return f"has MAC {one.mac} and then {other.mac}"
    if shows_master(one) and shows_master(other) and one.master != other.master:
        return f"has {one.master or 'no bridge'} and then {other.master or 'no bridge'} as its master"
    if all(parsed.command == "ip addr" and _lists_links(parsed) for parsed in (pair.earlier, pair.later)):
        had, has = (
            sorted(str(address.interface) for address in row.addr_info if address.is_global) for row in (one, other)
        )
        if had != has:
            return f"has {', '.join(had) or 'no address'} and then {', '.join(has) or 'no address'}"
    return None


def _lists_links(parsed: ParsedCapture) -> bool:
    """True if the capture shows every interface."""
    return parsed.is_whole and all(shows_link(row) for row in parsed.of(Interface))


def _routes_contradict(pair: _Pair) -> Iterator[Finding]:
    before, after = _comparable(pair.earlier), _comparable(pair.later)
    gone = [before[key] for key in before if key not in after]
    come = [after[key] for key in after if key not in before]
    if gone or come:
        said = [f"the route to {route.dst} by {route.device} is in the earlier one only" for route in gone]
        said += [f"the route to {route.dst} by {route.device} is in the later one only" for route in come]
        yield pair.contradiction(said, (str(route.dst) for route in (*gone, *come)), (*gone, *come))


def _comparable(parsed: ParsedCapture) -> dict[tuple[object, ...], Route]:
    """The routes that `route -n` and `ip route` both show: unicast, IPv4, in the main table, with one hop."""
    return {
        (route.dst, route.device): route
        for route in parsed.of(Route)
        if route.forwards and route.dst is not None and route.dst.version == 4 and route.device and not route.nexthops
    }


def capture_cut_off(situation: Situation) -> Iterator[Finding]:
    for parsed in situation.node.captures:
        if parsed.is_cut:
            where = "" if parsed.namespace == HOST else f" in {parsed.namespace}"
            yield CAPTURE_CUT_OFF.found(
                f"`{parsed.command}`{where} is not whole: lines were left out, or its beginning or end is lost.",
                (parsed.command,),
                parsed.cut_at or [line for record in parsed.result[:1] for line in situation.node.cite(record)],
            )
