"""Of many machines those that a capture may be of, found without comparing it with each: where thousands of nodes were
captured and nothing names them, that would take the square of their number.

Machines are numbers, and sets of them the bits of an integer. What is given back may hold too many, never too few.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Hashable, Iterable, Iterator
from functools import reduce
from operator import or_

from .marks import Marks
from .prefixes import Network

__all__ = ["Suspects", "numbers_in"]

# To leave out fewer machines than that saves nothing.
_FEW = 32


def numbers_in(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


class _Holders:
    """The machines that have something. ``many``: their bits, 0 while they are few."""

    __slots__ = ("_numbers", "many")

    def __init__(self) -> None:
        self._numbers: set[int] = set()
        self.many = 0

    def add(self, number: int) -> None:
        self._numbers.add(number)
        if self.many:
            self.many |= 1 << number
        elif len(self._numbers) > _FEW:
            self.many = self._bits()

    @property
    def all(self) -> int:
        return self.many or self._bits()

    def _bits(self) -> int:
        return reduce(or_, (1 << number for number in self._numbers), 0)


class _Networks:
    """The machines by the networks of one of their interfaces."""

    def __init__(self) -> None:
        self._holders: dict[tuple[int, int], _Holders] = {}
        self._ordered: list[tuple[int, int]] = []
        self._lengths: set[int] = set()

    def add(self, network: Network, number: int) -> None:
        key = (int(network.network_address), network.prefixlen)
        if key not in self._holders:
            self._holders[key] = _Holders()
            insort(self._ordered, key)
            self._lengths.add(network.prefixlen)
        self._holders[key].add(number)

    def overlapping(self, network: Network) -> int:
        first, last = int(network.network_address), int(network.broadcast_address)
        around = [
            (first >> (network.max_prefixlen - length) << (network.max_prefixlen - length), length)
            for length in self._lengths
            if length <= network.prefixlen
        ]
        inside = self._ordered[bisect_left(self._ordered, (first, 0)) : bisect_right(self._ordered, (last, 999))]
        return _union(self._holders[key].all for key in {*around, *inside} if key in self._holders)


class Suspects:
    """Machines by their marks and names."""

    def __init__(self) -> None:
        self._all = 0
        self._holders: dict[Hashable, _Holders] = {}
        self._networks: dict[str, _Networks] = {}

    def add(self, number: int, marks: Marks, name: str | None, hint: str | None) -> None:
        """Machine ``number`` has ``marks`` too, and these names if any."""
        self._all |= 1 << number
        for key in _keys(marks):
            self._put(key, number)
        for interface, networks in marks.networks.items():
            self._put(("network of", interface), number)
            for network in networks:
                self._networks.setdefault(interface, _Networks()).add(network, number)
        if name is not None:
            self._put("named", number)
            self._put(("name", name), number)
        for word in (name, hint):
            if word is not None:
                self._put(("called", word), number)

    def called(self, word: str) -> int:
        """Those of which it is the name, or may be."""
        return self._having([("called", word)])

    def like(self, marks: Marks) -> int:
        """Those with something of ``marks``: where :meth:`Marks.compare` may give 1."""
        return self._having(
            [
                *_pairs("card", marks.card_macs),
                *_pairs("address", marks.card_addresses),
                *_pairs("bridge", marks.bridge_macs),
                *(("veth", name) for name in marks.all_veths()),
            ]
        )

    def not_unlike(self, marks: Marks, name: str | None) -> int:
        """Those of which a capture of ``name`` with ``marks`` may be: none that has another name, and few where
        :meth:`Marks.compare` gives -2."""
        others = 0 if name is None else self._having(["named"]) & ~self._having([("name", name)])
        return self._all & ~others & ~self._with_other_cards(marks) & ~self._contradicted(marks)

    def _put(self, key: Hashable, number: int) -> None:
        self._holders.setdefault(key, _Holders()).add(number)

    def _having(self, keys: Iterable[Hashable]) -> int:
        return _union(self._holders[key].all for key in keys if key in self._holders)

    def _many(self, *keys: Hashable) -> int:
        """As far as they are many."""
        return _union(self._holders[key].many for key in keys if key in self._holders)

    def _with_other_cards(self, marks: Marks) -> int:
        others = 0
        for kind, values in (("card", marks.card_macs), ("address", marks.card_addresses)):
            others |= self._many(*((kind, name) for name in values)) & ~self._having(_pairs(kind, values))
        return others

    def _contradicted(self, marks: Marks) -> int:
        others = 0
        for interface, networks in marks.networks.items():
            having = self._many(("network of", interface))
            if having:
                others |= having & ~_union(self._networks[interface].overlapping(network) for network in networks)
        for command in marks.whole:
            if marks.veths.get(command):
                others |= self._many(("whole", command)) & self._many(("veths of", command))
        if "ip addr" in marks.whole and marks.card_macs:
            others |= self._many(("whole", "ip addr")) & self._many("cards")
        remade = self._many(*(("bridge", name) for name in marks.bridge_macs))
        lacking = self._many("veths") if "ip addr" in marks.whole else 0
        if marks.veths:
            lacking |= self._many(("whole", "ip addr"))
        return (others | (remade & lacking)) & ~self.like(marks)


def _union(sets: Iterable[int]) -> int:
    return reduce(or_, sets, 0)


def _pairs(kind: str, values: dict[str, set[str]]) -> Iterator[Hashable]:
    return ((kind, name, value) for name, all_of_it in values.items() for value in all_of_it)


def _keys(marks: Marks) -> Iterator[Hashable]:
    for kind, values in (("card", marks.card_macs), ("address", marks.card_addresses), ("bridge", marks.bridge_macs)):
        yield from ((kind, name) for name in values)
        yield from _pairs(kind, values)
    if marks.card_macs:
        yield "cards"
    for command, names in marks.veths.items():
        yield ("veths of", command)
        yield from (("veth", name) for name in names)
    if marks.veths:
        yield "veths"
    yield from (("whole", command) for command in marks.whole)
