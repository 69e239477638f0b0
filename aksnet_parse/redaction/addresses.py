"""Addresses under a pseudonym that keeps what a network is made of: two addresses share as many leading bits as before.

So what was in one subnet still is, with the same prefix length (Crypto-PAn: Xu, Fan, Ammar, Moon, 2002). Addresses that
mean the same everywhere stay as they are, private ones stay private, and the last octet of an IPv4 address stays.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address

from .pseudonyms import Pseudonyms

__all__ = ["Addresses", "edges"]

# The same on every machine, or not an address but a mask: this network, loopback, link-local (with 169.254.1.1, the
# gateway of pods, and 169.254.169.254, Azure's metadata), multicast, and what is above, with the masks.
_MEANT = tuple(map(IPv4Network, ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")))
# Azure's wire server, and the masks that look like addresses.
_CONSTANT = frozenset(int(IPv4Address(text)) for text in ("168.63.129.16", "128.0.0.0", "192.0.0.0"))
# What is in these stays in these.
_PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")))
# The bits on the way to those: none of them may change, or another address would get there.
_WAYS = frozenset(
    (int(network.network_address) >> (32 - length), length)
    for network in (*_MEANT, *_PRIVATE)
    for length in range(network.prefixlen)
)
_KEPT_BITS = 8

_MULTICAST_MACS = (b"\x01\x00\x5e", b"\x01\x80\xc2", b"\x33\x33")
# Those that Azure's machines have: Microsoft's, which identifies nobody.
_MICROSOFT = frozenset(bytes.fromhex(oui) for oui in ("000d3a", "002248", "6045bd", "7c1e52", "00155d", "000017"))
_DOCKER = b"\x02\x42"


class Addresses:
    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms
        self._upper4: dict[int, int] = {}
        self._bits6: dict[tuple[str, int, int], int] = {}

    # --- IPv4 ---------------------------------------------------------------------------------------------------------

    def ipv4(self, number: int, length: int | None = None) -> int:
        """``length``: of its prefix, if it stands with it; then a network's address, the first and the last in it,
        stays one."""
        if number in _CONSTANT or any(number >> (32 - net.prefixlen) == _head(net) for net in _MEANT):
            return number
        upper = number >> _KEPT_BITS
        if upper not in self._upper4:
            self._upper4[upper] = self._upper(upper)
        return _at_the_edge(number, self._upper4[upper] << _KEPT_BITS | number & 0xFF, length, 32)

    def _upper(self, upper: int) -> int:
        """The first three octets."""
        bits = 32 - _KEPT_BITS
        result, free = 0, False
        for length in range(bits):
            prefix = upper >> (bits - length)
            bit = upper >> (bits - length - 1) & 1
            if (prefix, length) in _WAYS:
                flip = 0
            elif not free:
                # Whatever else the key says, no address stays the same.
                flip, free = 1, True
            else:
                flip = 0 if _keeps_edge(prefix, length, 16) else self._flip("4", prefix, length)
            result = result << 1 | bit ^ flip
        return result

    def _flip(self, kind: str, prefix: int, length: int) -> int:
        return self._pseudonyms.number(f"bit{kind}", f"{length}:{prefix:x}") & 1

    # --- IPv6 ---------------------------------------------------------------------------------------------------------

    def ipv6(self, address: IPv6Address, length: int | None = None) -> str:
        number = int(address)
        if number >> 32 in {0xFFFF, 0x64FF9B << 64}:
            head = "::ffff:" if number >> 32 == 0xFFFF else "64:ff9b::"
            return f"{head}{IPv4Address(self.ipv4(number & 0xFFFFFFFF))}"
        if number >> 24 == 0xFF0200000000000000000001FF:
            # Solicited-node: its end is that of the address that is looked for.
            nic = self._nic(bytes.fromhex(f"{number & 0xFFFFFF:06x}"))
            return str(IPv6Address(number >> 24 << 24 | int.from_bytes(nic, "big")))
        if number < 2 or address.is_multicast:
            return str(address)
        upper, lower = number >> 64, number & (1 << 64) - 1
        if not address.is_link_local:
            upper = self._bits(upper, 3 if upper >> 61 == 1 else 8, 64, "upper", 48)
        mapped = upper << 64 | self._interface_id(lower)
        return str(IPv6Address(_at_the_edge(number, mapped, length, 128)))

    def _interface_id(self, lower: int) -> int:
        data = lower.to_bytes(8, "big")
        if data[3:5] == b"\xff\xfe":
            # Made of a MAC, and still is.
            mac = self.mac(bytes([data[0] ^ 2]) + data[1:3] + data[5:])
            return int.from_bytes(bytes([mac[0] ^ 2]) + mac[1:3] + b"\xff\xfe" + mac[3:], "big")
        # A counted one keeps its zeros and its end.
        return self._bits(lower >> 16, 0, 48, "lower", 0) << 16 | lower & 0xFFFF

    def _bits(self, value: int, start: int, size: int, kind: str, edge: int) -> int:
        """The leading bits of half an address, from ``start`` on."""
        key = (kind, value, start)
        if key not in self._bits6:
            result = value >> (size - start)
            for length in range(start, size):
                prefix = value >> (size - length)
                if length == start and edge:
                    flip = 1
                else:
                    flip = 0 if _keeps_edge(prefix, length, edge) else self._flip(f"6{kind}", prefix, length)
                result = result << 1 | (value >> (size - length - 1) & 1) ^ flip
            self._bits6[key] = result
        return self._bits6[key]

    # --- MAC ----------------------------------------------------------------------------------------------------------

    def mac(self, mac: bytes) -> bytes:
        """The six bytes of another. Calico's and Azure CNI's constant ones, broadcast and none stay."""
        if len(set(mac)) == 1:
            return mac
        if mac.startswith(b"\x33\x33\xff"):
            return mac[:3] + self._nic(mac[3:])
        if mac.startswith(_MULTICAST_MACS):
            return mac
        return self._maker(mac[:3]) + self._nic(mac[3:])

    def _maker(self, maker: bytes) -> bytes:
        if maker in _MICROSOFT:
            return maker
        digest = self._pseudonyms.number("maker", maker.hex()).to_bytes(16, "big")
        if maker.startswith(_DOCKER):
            return _DOCKER + digest[:1]
        # Whether it is for many, and whether somebody has made it up, stays.
        return bytes([digest[0] & 0xFC | maker[0] & 3]) + digest[1:3]

    def _nic(self, nic: bytes) -> bytes:
        return bytes.fromhex(self._pseudonyms.hexadecimal(nic.hex()))


def _head(network: IPv4Network) -> int:
    return int(network.network_address) >> (32 - network.prefixlen)


def _keeps_edge(prefix: int, length: int, edge: int) -> bool:
    """True on the way from a network of ``edge`` bits to its first address and to its last: most networks have that
    length, and where the mask is not in sight their addresses still end in zeros or ones."""
    if length < edge:
        return False
    tail = prefix & (1 << (length - edge)) - 1
    return tail == 0 or (edge > 0 and tail == (1 << (length - edge)) - 1)


def _at_the_edge(number: int, mapped: int, length: int | None, size: int) -> int:
    if length is None or length >= size - 1:
        return mapped
    hosts = (1 << (size - length)) - 1
    if number & hosts == 0:
        return mapped & ~hosts
    return mapped | hosts if number & hosts == hosts else mapped


def edges(networks: Iterable[tuple[int, int]]) -> dict[int, int]:
    """The first and last addresses of IPv4 networks, each with the length of the prefix."""
    found: dict[int, int] = {}
    for number, length in networks:
        hosts = (1 << (32 - length)) - 1
        for edge in (number & ~hosts, number | hosts):
            found[edge] = max(length, found.get(edge, 0))
    return found
