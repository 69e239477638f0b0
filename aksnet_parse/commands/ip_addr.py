"""`ip addr`: interfaces and their addresses, in the words of iproute2's own JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache, partial
from ipaddress import IPv4Interface, IPv6Interface, ip_interface
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, ConfigDict, Field, model_validator

from ..grammar import load_template
from ..records import FlagSet, IPAddress, LinkAddress, MacAddress, Record
from .base import Command

__all__ = ["IP_ADDR", "Address", "Interface"]

_FOREVER = 4294967295  # INFINITY_LIFE_TIME in iproute2; the kernel's IFA_CACHEINFO has the same value


def _seconds(value: object) -> object:
    if value == "forever" or value == _FOREVER:
        return None
    if isinstance(value, str):
        return int(value.removesuffix("sec"))
    return value


Lifetime = Annotated[int | None, BeforeValidator(_seconds)]


@lru_cache(maxsize=256)
def _flag_fields(words: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    rest = iter(words.split())
    for word in rest:
        if word == "flags":
            fields["ifa_flags"] = next(rest)
        else:
            fields[word.replace("-", "_")] = True
    return fields


class Address(Record):
    """One address of an interface, as ``addr_info`` in ``ip -j addr`` has it (ip-address(8)).

    ``local``: the address. ``address``: the far end of a point-to-point address, else None; ``prefixlen`` is then the
    far end's.
    ``valid_life_time`` and ``preferred_life_time``: seconds, None for forever; if the capture left them out they are
    None and not in ``model_fields_set``. ``protocol``: who set the address (iproute2 6.4 and later print it).
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

    @model_validator(mode="before")
    @classmethod
    def _read_flags(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("flags"), str):
            data = dict(data)
            data |= _flag_fields(data.pop("flags"))
        return data

    @model_validator(mode="after")
    def _check_prefix_length(self) -> Address:
        if self.prefixlen > self.local.max_prefixlen:
            raise ValueError("the prefix is longer than the address")
        return self

    @property
    def interface(self) -> IPv4Interface | IPv6Interface:
        """Address and prefix length together, such as ``10.240.0.4/16``."""
        return (
            ip_interface((int(self.local), self.prefixlen))
            if self.local.version == 4
            else IPv6Interface((int(self.local), self.prefixlen))
        )


class Interface(Record):
    """One interface as ``ip addr`` shows it; field names as in ``ip -j addr``.

    ``link``: name of the lower or peer device in the same namespace (``eth0@NAME``). ``link_index``: its ifindex when
    it is
    in another namespace (``eth0@if16``); an index of that namespace, not of this one. ``link_netnsid``, ``link_netns``:
    which namespace that is. ``master``: the bridge or bond this interface is a port of. ``operstate``: None where the
    tool does not
    print it (busybox). ``address``: link-layer address, for tunnels the local endpoint, None for ``link/none``.
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

    @model_validator(mode="before")
    @classmethod
    def _flatten_altnames(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("altnames") and isinstance(data["altnames"][0], dict):
            data = data | {"altnames": tuple(row["altname"] for row in data["altnames"])}
        return data

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


_LOOPBACK = re.compile(r"[ ]*1: lo: <")
_ADDRESS_OBJECT = re.compile(r"a(?:d(?:d(?:r(?:e(?:ss?)?)?)?)?)?")
_LISTING = re.compile(r"s(?:h(?:ow?)?)?|l(?:i(?:st?)?|st)?")
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
    def restarts(self, line: str, lines: Sequence[str]) -> bool:
        # The loopback interface has index 1 in every namespace (LOOPBACK_IFINDEX in the kernel) and is listed first.
        return _LOOPBACK.match(line) is not None and any(self.herald.match(earlier) for earlier in lines)

    def is_partial(self, argv: tuple[str, ...]) -> bool:
        return len(ip_arguments(argv)) > 2


IP_ADDR = _IpAddr(
    name="ip addr",
    grammar=partial(load_template, "ip_addr"),
    group="interfaces",
    model=Interface,
    claims=_claims,
    herald=re.compile(r"[ ]*[0-9]{1,9}: [^\s:/]{1,40}: <[A-Z0-9_,-]*> mtu [0-9]"),
)
