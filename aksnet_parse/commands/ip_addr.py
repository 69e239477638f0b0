"""`ip addr`: interfaces and their addresses, in the words of iproute2's own JSON."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache, partial
from ipaddress import IPv4Interface, IPv6Interface
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, ConfigDict, Field, model_validator

from ..grammar import Scan, load_template
from ..records import FlagSet, IPAddress, LinkAddress, MacAddress, Record, Source
from .base import Command

__all__ = ["IP_ADDR", "Address", "Interface"]

_FOREVER = 4294967295  # INFINITY_LIFE_TIME in iproute2; the kernel's IFA_CACHEINFO has the same value


def _seconds(value: object) -> object:
    if value == "forever" or value == _FOREVER:
        return None
    return value.removesuffix("sec") if isinstance(value, str) else value


Lifetime = Annotated[int | None, BeforeValidator(_seconds)]


class Address(Record):
    """One address of an interface, as ``addr_info`` in ``ip -j addr`` has it (ip-address(8)).

    ``local``: the address. ``address``: the far end of a point-to-point address, else None; ``prefixlen`` is then the
    far end's. ``valid_life_time`` and ``preferred_life_time``: seconds, None for forever; if the capture left them out
    they are None and not in ``model_fields_set``. ``protocol``: who set the address (iproute2 6.4 and later print it).
    ``ifa_flags``: flags without a name, in hex. ``label``: of IPv4 addresses only; begins with the interface's name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    family: Literal["inet", "inet6"]
    local: IPAddress
    address: IPAddress | None = None
    prefixlen: int = Field(ge=0, le=128)
    metric: int | None = None
    broadcast: IPAddress | None = None
    anycast: IPAddress | None = None
    scope: str
    secondary: bool = False
    temporary: bool = False
    tentative: bool = False
    deprecated: bool = False
    dadfailed: bool = False
    dynamic: bool = False
    noprefixroute: bool = False
    mngtmpaddr: bool = False
    nodad: bool = False
    home: bool = False
    optimistic: bool = False
    autojoin: bool = False
    stable_privacy: bool = Field(
        default=False,
        validation_alias=AliasChoices("stable-privacy", "stable_privacy"),
        serialization_alias="stable-privacy",
    )
    ifa_flags: str | None = None
    protocol: str | None = None
    label: str | None = None
    valid_life_time: Lifetime = None
    preferred_life_time: Lifetime = None

    @model_validator(mode="after")
    def _check_family(self) -> Address:
        if self.local.version != (6 if self.family == "inet6" else 4) or self.prefixlen > self.local.max_prefixlen:
            raise ValueError("address, family and prefix length do not go together")
        return self

    @property
    def interface(self) -> IPv4Interface | IPv6Interface:
        """Address and prefix length together, such as ``10.240.0.4/16``."""
        kind = IPv4Interface if self.local.version == 4 else IPv6Interface
        return kind((int(self.local), self.prefixlen))


class Interface(Record):
    """One interface as ``ip addr`` shows it; field names as in ``ip -j addr``.

    ``link``: name of the lower or peer device in the same namespace (``eth0@NAME``), None in busybox's output, where it
    can be the name of something else. ``link_index``: its ifindex when it is in another namespace (``eth0@if16``); an
    index of that namespace, not of this one. ``link_netnsid``, ``link_netns``: which namespace that is. ``master``: the
    bridge or bond this interface is a port of. ``operstate``: None where the tool does not print it (busybox).
    ``address``: link-layer address, for tunnels the local endpoint, None for ``link/none``.
    """

    ifindex: int
    ifname: str
    link: str | None = None
    link_index: int | None = None
    flags: FlagSet
    mtu: int
    qdisc: str | None = None
    master: str | None = None
    operstate: str | None = None
    linkmode: str | None = None
    group: str | None = None
    txqlen: int | None = None
    link_type: str | None = None
    address: LinkAddress | None = None
    broadcast: LinkAddress | None = None
    link_peer: LinkAddress | None = None
    permaddr: LinkAddress | None = None
    link_netnsid: int | None = None
    link_netns: str | None = None
    protodown: str | None = None
    protodown_reason: str | None = None
    ifalias: str | None = None
    altnames: tuple[str, ...] = ()
    addr_info: tuple[Address, ...] = ()

    @property
    def is_up(self) -> bool:
        """Administratively up (``ip link set up``), whatever the carrier."""
        return "UP" in self.flags

    @property
    def mac(self) -> MacAddress | None:
        """The link-layer address if it is one of six octets and not all zero, else None."""
        if isinstance(self.address, MacAddress) and len(self.address) == 17 and self.address != "00:00:00:00:00:00":
            return self.address
        return None


# --- from words to what the models take -------------------------------------------------------------------------------

# IFF_* and IFA_F_* in the kernel's if.h and if_addr.h, by the names that iproute2 gives them.
_INTERFACE_FLAGS = {
    0x4: "DEBUG",
    0x20: "NOTRAILERS",
    0x100: "PROMISC",
    0x200: "ALLMULTI",
    0x400: "MASTER",
    0x800: "SLAVE",
    0x2000: "PORTSEL",
    0x4000: "AUTOMEDIA",
    0x8000: "DYNAMIC",
    0x20000: "DORMANT",
    0x40000: "ECHO",
}
_ADDRESS_FLAGS = {
    0x2: "nodad",
    0x4: "optimistic",
    0x8: "dadfailed",
    0x10: "home",
    0x20: "deprecated",
    0x40: "tentative",
    0x100: "mngtmpaddr",
    0x200: "noprefixroute",
    0x400: "autojoin",
    0x800: "stable_privacy",
}


def _named_bits(number: str, names: dict[int, str]) -> tuple[list[str], str | None]:
    """The names of the bits of a number in hex, and the rest of it in hex, None if nothing is left."""
    bits = int(number, 16)
    found = [bit for bit in names if bits & bit]
    rest = bits - sum(found)
    return [names[bit] for bit in found], f"{rest:x}" if rest else None


@lru_cache(maxsize=256)
def _interface_flags(words: str) -> frozenset[str]:
    return frozenset(words.split(",")) if words else frozenset()


_GLUED = re.compile(r"([A-Z_]*)([0-9a-f]+)")


@lru_cache(maxsize=256)
def _busybox_flags(words: str) -> frozenset[str]:
    """busybox glues the flags it does not know to the last it knows, in hex: ``LOWER_UP100``.

    It looks up M-DOWN by the peer's index in this namespace, even where the peer is in another.
    """
    flags = set(_interface_flags(words)) - {"M-DOWN"}
    for glued in [match for flag in flags if (match := _GLUED.fullmatch(flag))]:
        names, rest = _named_bits(glued[2], _INTERFACE_FLAGS)
        flags.remove(glued[0])
        flags.update(name for name in (glued[1], *names, rest) if name)
    return frozenset(flags)


@lru_cache(maxsize=256)
def _address_flags(words: str, family: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    rest = iter(words.split())
    for word in rest:
        if word == "flags":
            names, fields["ifa_flags"] = _named_bits(next(rest), _ADDRESS_FLAGS)
            fields |= dict.fromkeys(names, True)
        elif word == "secondary" and family == "inet6":
            fields["temporary"] = True  # one bit; busybox has one name for it
        else:
            fields[word.replace("-", "_")] = True
    return fields


def _split_by_listing(row: dict[str, Any], names: Collection[str]) -> None:
    """In ``a@b@c`` the last @ parts the peer's name off, unless only another one leaves the name of an interface."""
    token = f"{row['ifname']}@{row['link']}"
    for index in range(1, len(token)):
        if token[index] == "@" and token[index + 1 :] in names:
            row["ifname"], row["link"] = token[:index], token[index + 1 :]
            return


# --- the command ------------------------------------------------------------------------------------------------------

_LOOPBACK = re.compile(r"[ ]*1: lo: <")
_ADDRESS_OBJECT = re.compile(r"a(?:d(?:d(?:r(?:e(?:ss?)?)?)?)?)?")
_LISTING = re.compile(r"s(?:h(?:ow?)?)?|l(?:i(?:st?)?|st?)?")
_FAMILY = frozenset({"-4", "-6", "-f", "-family"})
_WITH_VALUE = frozenset({"-f", "-family", "-l", "-loops", "-rc", "-rcvbuf", "-n", "-netns", "--netns"})


def ip_arguments(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The words of an ``ip`` call after its options: object, command and selectors."""
    index = 1
    while index < len(argv) and argv[index].startswith("-"):
        index += 2 if argv[index] in _WITH_VALUE else 1
    return argv[index:]


def _claims(argv: tuple[str, ...]) -> bool:
    if argv[0] != "ip":
        return False
    words = ip_arguments(argv)
    if not words or _ADDRESS_OBJECT.fullmatch(words[0]) is None:
        return False
    return len(words) == 1 or (_LISTING.fullmatch(words[1]) is not None and len(words) <= 8)


class _IpAddr(Command[Interface]):
    def refine(self, scan: Scan) -> list[Source]:
        rows = scan.records[self.group]
        odd = [row for row in rows if "link" in row and "@" in row["ifname"]]
        if odd:
            names = {row["ifname"] for row in rows}
            for row in odd:
                if row["link"] not in names:
                    _split_by_listing(row, names)
        for row in rows:
            if "operstate" in row:
                row["flags"] = _interface_flags(row.get("flags", ""))
            else:
                row["flags"] = _busybox_flags(row.get("flags", ""))
                row.pop("link", None)
            if "altnames" in row:
                row["altnames"] = tuple(altname["altname"] for altname in row["altnames"])
            for address in row.get("addr_info", ()):
                if "flags" in address:
                    address |= _address_flags(address.pop("flags"), address["family"])
        return []

    def restarts(self, line: str, lines: Sequence[str]) -> bool:
        # The loopback interface has index 1 in every namespace (LOOPBACK_IFINDEX in the kernel) and is listed first.
        return _LOOPBACK.match(line) is not None and any(self.herald.match(earlier) for earlier in lines)

    def is_partial(self, argv: tuple[str, ...]) -> bool:
        # With a family, interfaces that have no address of it are left out.
        return len(ip_arguments(argv)) > 2 or not _FAMILY.isdisjoint(argv)


IP_ADDR = _IpAddr(
    name="ip addr",
    grammar=partial(load_template, "ip_addr"),
    group="interfaces",
    model=Interface,
    claims=_claims,
    herald=re.compile(r"[ ]*[0-9]{1,9}: [^\s:/]{1,40}: <[A-Za-z0-9_,-]*> mtu [0-9]"),
)
