"""Many address objects at a time, made from text in a tenth of the time that ``ipaddress`` takes, and smaller.

Each is an object of ``ipaddress`` with the attributes that its own constructor gives it; a network of one address has
but its number, and makes the rest when asked. Where the attributes are not those known here, it calls the constructor.
"""

from __future__ import annotations

import socket
import struct
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from itertools import repeat
from typing import Any

__all__ = ["ipv4_addresses", "ipv4_network", "ipv4_networks", "ipv6_addresses"]

_new: Callable[[type], Any] = object.__new__


def _call(function: Callable[..., object], *columns: Iterable[Any]) -> None:
    deque(map(function, *columns), maxlen=0)


def _is_as_known() -> bool:
    """Whether an address has its number in ``_ip`` and nothing else, and a network what is filled in below."""
    try:
        address = _new(IPv4Address)
        address._ip = 1
        known = vars(IPv4Network((1, 32))).keys() == {"network_address", "netmask", "_prefixlen", "hosts"}
        plain = vars(IPv4Network((1 << 8, 24))).keys() == {"network_address", "netmask", "_prefixlen"}
        return known and plain and address == IPv4Address(1) and not hasattr(address, "__dict__")
    except (AttributeError, TypeError):
        return False


_AS_KNOWN = _is_as_known()
# Used only if it is as known.
_put_ip: Any = getattr(vars(IPv4Address).get("_ip"), "__set__", None)


def _ipv4_numbers(words: Sequence[str]) -> Sequence[int]:
    try:
        return struct.unpack(f"!{len(words)}I", b"".join(map(socket.inet_pton, repeat(socket.AF_INET), words)))
    except OSError:
        return [int(IPv4Address(word)) for word in words]


def _ipv4(numbers: Sequence[int]) -> list[IPv4Address]:
    if not _AS_KNOWN:
        return list(map(IPv4Address, numbers))
    addresses = list(map(_new, repeat(IPv4Address, len(numbers))))
    _call(_put_ip, addresses, numbers)
    return addresses


def ipv4_addresses(words: Sequence[str]) -> list[IPv4Address]:
    """``IPv4Address`` of each word. Raises ValueError."""
    return _ipv4(_ipv4_numbers(words))


def ipv6_addresses(words: Sequence[str]) -> list[IPv6Address]:
    """``IPv6Address`` of each word. Raises ValueError."""
    try:
        packed = list(map(socket.inet_pton, repeat(socket.AF_INET6), words))
    except OSError:
        return list(map(IPv6Address, words))
    return list(map(IPv6Address, packed))


class _OneAddress(IPv4Network):
    """The network of one address: an ``IPv4Network`` in all but the memory it needs, a fifth of that of one."""

    __slots__ = ("_number",)

    netmask = IPv4Address(0xFFFFFFFF)
    _prefixlen = 32
    _number: int

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        # So IPv4Network makes those around it and within it, of whatever length.
        return IPv4Network(*args, **kwargs)

    # typeshed has a variable that can be set here. It is computed, since to store it is what costs the memory.
    @property
    def network_address(self) -> IPv4Address:  # type: ignore[override]
        address: IPv4Address = _new(IPv4Address)
        _put_ip(address, self._number)
        return address

    # typeshed says an iterator, and CPython's IPv4Network gives a list for a /32: whoever indexes it must be able to.
    def hosts(self) -> list[IPv4Address]:  # type: ignore[override]
        return [self.network_address]

    def __eq__(self, other: object) -> bool:
        return self._number == other._number if type(other) is _OneAddress else super().__eq__(other)

    def __hash__(self) -> int:
        return hash(self._number ^ 0xFFFFFFFF)  # as IPv4Network has it, with which it is equal

    def __repr__(self) -> str:
        return f"IPv4Network({str(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return IPv4Network, ((self._number, 32),)


_put_number: Callable[[Any, int], None] = vars(_OneAddress)["_number"].__set__


def ipv4_network(number: int, length: int) -> IPv4Network:
    """The network with this address and prefix length. Raises ValueError if the address has bits outside it."""
    if length != 32 or not _AS_KNOWN or number >> 32:
        return IPv4Network((number, length))
    network: IPv4Network = _new(_OneAddress)
    _put_number(network, number)
    return network


def ipv4_networks(words: Sequence[str], like: IPv4Network) -> list[IPv4Network]:
    """The network of each address, of the length of ``like``. Raises ValueError."""
    numbers = _ipv4_numbers(words)
    length = like.prefixlen
    if not _AS_KNOWN or length == 31:
        return [IPv4Network((number, length)) for number in numbers]
    if length == 32:
        hosts = list(map(_new, repeat(_OneAddress, len(numbers))))
        _call(_put_number, hosts, numbers)
        return hosts
    mask = int(like.netmask) ^ 0xFFFFFFFF
    if any(map(mask.__and__, numbers)):
        raise ValueError("an address has bits outside its network")
    networks: list[Any] = list(map(_new, repeat(IPv4Network, len(words))))
    netmask = like.netmask
    for network, address in zip(networks, _ipv4(numbers), strict=True):
        network.network_address = address
        network.netmask = netmask
        network._prefixlen = length
    return networks
