"""Finds what belongs to the networks an address lies in, in a time that does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Generic, TypeVar

__all__ = ["Address", "Network", "PrefixMap"]

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
V = TypeVar("V")


class PrefixMap(Generic[V]):
    """Values by network. The first value that is set for a network stays."""

    def __init__(self) -> None:
        self._values: dict[tuple[int, int, int], V] = {}
        self._shifts: dict[int, set[int]] = {4: set(), 6: set()}

    def add(self, network: Network, value: V) -> None:
        shift = network.max_prefixlen - network.prefixlen
        self._shifts[network.version].add(shift)
        self._values.setdefault((network.version, shift, int(network.network_address) >> shift), value)

    def setdefault(self, network: Network, value: V) -> V:
        """The value that is set for ``network``, which is ``value`` if there was none."""
        self.add(network, value)
        shift = network.max_prefixlen - network.prefixlen
        return self._values[network.version, shift, int(network.network_address) >> shift]

    def values(self) -> Iterable[V]:
        return self._values.values()

    def all(self, address: Address) -> Iterator[V]:
        """The value of each prefix that holds ``address``."""
        number = int(address)
        for shift in self._shifts[address.version]:
            value = self._values.get((address.version, shift, number >> shift))
            if value is not None:
                yield value

    def find(self, address: Address) -> V | None:
        """The value of the longest prefix that holds ``address``."""
        number = int(address)
        for shift in sorted(self._shifts[address.version]):
            value = self._values.get((address.version, shift, number >> shift))
            if value is not None:
                return value
        return None
