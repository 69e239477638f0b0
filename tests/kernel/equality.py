"""Compares what was read from a command's text with what the same tool says in JSON, field by field.

The tables below are all that is known to differ. Whatever they do not name has to be equal.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from typing import Any, Final

from aksnet_parse import ParseResult

Json = dict[str, Any]
Fields = Mapping[str, Any]
Normalise = Callable[[list[Json], Json], list[Json]]

FOREVER: Final = 4294967295  # INFINITY_LIFE_TIME

# Timers, which run on while one looks. Lifetimes run on as well and are compared as an interval.
MOVING: Final = frozenset(
    (
        *("hello_timer", "tcn_timer", "topology_change_timer", "gc_timer"),
        *("hold_timer", "message_age_timer", "forward_delay_timer"),
        *("expires", "age", "used"),  # of routes
    )
)
_LIFETIMES: Final = frozenset({"valid_life_time", "preferred_life_time"})

# An IPv6 address can be written in more than one way (::ffff:10.0.0.1).
_ADDRESSES: Final = frozenset({"local", "address", "broadcast", "anycast"})

# Lists whose order says nothing.
_SETS: Final = frozenset({"flags"})

# By what one record of each kind is found among the others.
_KEYS: Final = {"addr_info": ("family", "local", "prefixlen", "address"), "": ("ifindex", "ifname")}


@dataclass
class Score:
    """How many fields of how many scenes were compared, and how many were equal."""

    scenes: int = 0
    checked: int = 0
    equal: int = 0

    @property
    def percent(self) -> float:
        return 100.0 * self.equal / self.checked if self.checked else 0.0


@dataclass
class Comparison:
    """``differences``: where, what the tool's JSON says, and what was read from its text."""

    checked: int = 0
    differences: list[tuple[str, Any, Any]] = field(default_factory=list)

    @property
    def equal(self) -> int:
        return self.checked - len(self.differences)


MISSING: Final = "(nothing)"
SCORES: Final[dict[tuple[str, str], Score]] = defaultdict(Score)


def compare(expected: Sequence[Json], got: Sequence[Json], omitted: Iterable[str] = ()) -> Comparison:
    """All fields of all records: those that either side has, but for the ``omitted``.

    A name such as ``addr_info.label`` omits the field of the records in that list.
    """
    comparison = Comparison()
    _compare_lists("", expected, got, frozenset(omitted), comparison)
    return comparison


def _compare_lists(
    where: str, expected: Sequence[Json], got: Sequence[Json], omitted: frozenset[str], comparison: Comparison
) -> None:
    name = where.rpartition("/")[2]
    if not all(isinstance(row, dict) for row in (*expected, *got)):
        _compare_values(where, expected, got, comparison)
        return
    keys = [key for key in _KEYS.get(name, ()) if _path(name, key) not in omitted]
    if not keys:
        rows = [(str(number), number, number) for number in range(max(len(expected), len(got)))]
    else:
        # Records of the same name (one address twice) are taken in their order.
        places: list[dict[tuple[str, int], int]] = [{}, {}]
        for side, records in zip(places, (expected, got), strict=True):
            seen: Counter[str] = Counter()
            for number, row in enumerate(records):
                key = " ".join(str(row[field]) for field in keys if field in row)
                side[key, seen[key]] = number
                seen[key] += 1
        rows = [
            (key[0] or str(key[1]), places[0].get(key, len(expected)), places[1].get(key, len(got)))
            for key in dict.fromkeys((*places[0], *places[1]))
        ]
    for label, here, there in rows:
        one = expected[here] if here < len(expected) else {}
        other = got[there] if there < len(got) else {}
        _compare_rows(f"{where}[{label}]", name, one, other, omitted, comparison)


def _compare_rows(
    where: str, path: str, expected: Json, got: Json, omitted: frozenset[str], comparison: Comparison
) -> None:
    for key in dict.fromkeys((*expected, *got)):
        if _path(path, key) in omitted or key in MOVING:
            continue
        here, there = expected.get(key, MISSING), got.get(key, MISSING)
        # What is not there at all lacks each field, so that a list that was not read weighs what it holds.
        if _are_records(here, there):
            lists: list[Any] = [[] if side == MISSING else side for side in (here, there)]
            _compare_lists(f"{where}/{key}", lists[0], lists[1], omitted, comparison)
        elif all(isinstance(side, dict) or side == MISSING for side in (here, there)):
            rows: list[Any] = [{} if side == MISSING else side for side in (here, there)]
            _compare_rows(f"{where}/{key}", _path(path, key), rows[0], rows[1], omitted, comparison)
        else:
            _compare_values(f"{where}/{key}", here, there, comparison)


def _are_records(*sides: Any) -> bool:
    inner = [value for side in sides if isinstance(side, list) for value in side]
    return all(isinstance(side, list) or side == MISSING for side in sides) and any(
        isinstance(value, dict) for value in inner
    )


def _compare_values(where: str, expected: Any, got: Any, comparison: Comparison) -> None:
    comparison.checked += 1
    if isinstance(expected, Interval):
        if got in expected:
            return
        expected = str(expected)
    if expected != got or type(expected) is not type(got):
        comparison.differences.append((where, expected, got))


def _path(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


# --- the two sides, made comparable -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Interval:
    """A lifetime that runs down: what it was before the text was printed, and what it was after."""

    first: int
    last: int

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int) and self.last <= value <= self.first


def read_back(result: ParseResult[Any]) -> list[Json]:
    """What was read, as JSON: nothing that was not in the text."""
    return [
        clean(without_sources(record.model_dump(mode="json", by_alias=True, exclude_unset=True)))
        for record in result.records
    ]


def without_sources(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_sources(inner) for key, inner in value.items() if key != "source"}
    return [without_sources(inner) for inner in value] if isinstance(value, list) else value


def clean(value: Any, name: str = "") -> Any:
    """None and empty lists say no more than a missing field does, but for a lifetime, where None is forever."""
    if isinstance(value, dict):
        cleaned = {key: clean(inner, key) for key, inner in value.items()}
        return {key: inner for key, inner in cleaned.items() if inner not in (None, [], {}) or inner is False}
    if isinstance(value, list):
        return sorted(value) if name in _SETS else [clean(inner, name) for inner in value]
    if name in _LIFETIMES and value in {None, FOREVER}:
        return "forever"
    if name in _ADDRESSES and isinstance(value, str) and ":" in value:
        with suppress(ValueError):
            return IPv6Address(value).exploded
    return value


def interval(before: Any, after: Any, name: str = "") -> Any:
    """``before``, with an interval where a lifetime ran on. Raises ValueError if anything else is not the same."""
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
        return {key: interval(before[key], after[key], key) for key in before}
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [interval(one, other, name) for one, other in zip(before, after, strict=True)]
    if name in _LIFETIMES and isinstance(before, int) and isinstance(after, int):
        return Interval(before, after)
    if before != after and name not in MOVING:
        raise ValueError(f"{name} changed meanwhile: {before!r}, then {after!r}")
    return before


def entries(text: str) -> list[Json]:
    """The tool's own JSON. It prints nothing where there is nothing, and {} for what a filter leaves out."""
    return [clean(entry) for entry in json.loads(text or "[]") if entry]


def walk(value: Any) -> Iterator[Json]:
    """Every object in a JSON value."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from walk(inner)


def named_namespaces(listing: str) -> dict[int, str]:
    """The names of other namespaces by the number they have in this one (``ip netns list-id``)."""
    return {int(match[1]): match[2] for match in re.finditer(r"nsid (\d+) .*?\(iproute2 netns name: (.+)\)", listing)}


def with_names(rows: list[Json], names: Mapping[int, str]) -> list[Json]:
    """The text names a namespace that has a name; the JSON has its number."""
    renamed = []
    for row in rows:
        if row.get("link_netnsid") in names:
            row = {**row, "link_netns": names[row["link_netnsid"]]}
            del row["link_netnsid"]
        renamed.append(row)
    return renamed
