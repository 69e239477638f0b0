"""Many address objects at a time, made from text in a tenth of the time that ``ipaddress`` takes.

Each is an object of ``ipaddress`` with the attributes that its own constructor gives it. Where these are not the ones
known here, the constructor is called.
"""

from __future__ import annotations

import socket
import struct
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from itertools import repeat
from typing import Any

__all__ = ["ipv4_addresses", "ipv4_networks", "ipv6_addresses"]

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


def _ipv4_numbers(words: Sequence[str]) -> Sequence[int]:
    try:
        return struct.unpack(f"!{len(words)}I", b"".join(map(socket.inet_pton, repeat(socket.AF_INET), words)))
    except OSError:
        return [int(IPv4Address(word)) for word in words]


def _ipv4(numbers: Sequence[int]) -> list[IPv4Address]:
    if not _AS_KNOWN:
        return list(map(IPv4Address, numbers))
    addresses = list(map(_new, repeat(IPv4Address, len(numbers))))
    _call(vars(IPv4Address)["_ip"].__set__, addresses, numbers)
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


def _only(number: int) -> list[IPv4Address]:
    return [IPv4Address(number)]


def ipv4_networks(words: Sequence[str], like: IPv4Network) -> list[IPv4Network]:
    """The network of each address, of the length of ``like``. Raises ValueError."""
    numbers = _ipv4_numbers(words)
    length = like.prefixlen
    if not _AS_KNOWN or length == 31:
        return [IPv4Network((number, length)) for number in numbers]
    mask = int(like.netmask) ^ 0xFFFFFFFF
    if mask and any(map(mask.__and__, numbers)):
        raise ValueError("an address has bits outside its network")
    networks: list[Any] = list(map(_new, repeat(IPv4Network, len(words))))
    netmask = like.netmask
    for network, address in zip(networks, _ipv4(numbers), strict=True):
        network.network_address = address
        network.netmask = netmask
        network._prefixlen = length
    if not mask:
        for network, hosts in zip(networks, map(partial, repeat(_only), numbers), strict=False):
            network.hosts = hosts
    return networks
