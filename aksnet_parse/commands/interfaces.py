"""What `ip addr` and `ip link` say of an interface, in the words of iproute2's own JSON."""

from __future__ import annotations

from ipaddress import IPv4Interface, IPv6Interface
from typing import Annotated, Literal

from pydantic import AliasChoices, BeforeValidator, ConfigDict, Field, model_validator

from ..records import FlagSet, IPAddress, JsonObject, LinkAddress, MacAddress, Record, Value

__all__ = ["Address", "Counters", "Interface", "LinkInfo", "Statistics"]

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
    ``scope``: None in what ``ip -br addr`` prints.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    family: Literal["inet", "inet6"]
    local: IPAddress
    address: IPAddress | None = None
    prefixlen: int = Field(ge=0, le=128)
    metric: int | None = None
    broadcast: IPAddress | None = None
    anycast: IPAddress | None = None
    scope: str | None = None
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

    @property
    def is_global(self) -> bool:
        """Of scope global; where the scope was not printed, neither loopback nor link-local."""
        if self.scope is None:
            return not self.local.is_loopback and not self.local.is_link_local
        return self.scope == "global"


class LinkInfo(Value):
    """What ``-d`` says of the kind of a device, as ``linkinfo`` in ``ip -d -j link`` has it.

    ``info_kind``: such as ``veth``; None for a device whose driver names none. ``info_data``: its settings.
    ``info_slave_kind``, ``info_slave_data``: the same of what it is a port of. ``text``: of a kind or of words that are
    not known here, the words as printed; None if there are none.
    """

    info_kind: str | None = None
    info_data: JsonObject | None = None
    info_xstats: JsonObject | None = None
    info_slave_kind: str | None = None
    info_slave_data: JsonObject | None = None
    text: str | None = None


class Counters(Value):
    """What ``-s`` counted in one direction. None: not printed, or not counted in this direction."""

    bytes: int | None = None
    packets: int | None = None
    errors: int | None = None
    dropped: int | None = None
    over_errors: int | None = None
    missed_errors: int | None = None
    multicast: int | None = None
    compressed: int | None = None
    length_errors: int | None = None
    crc_errors: int | None = None
    frame_errors: int | None = None
    fifo_errors: int | None = None
    nohandler: int | None = None
    otherhost: int | None = None
    carrier_errors: int | None = None
    collisions: int | None = None
    aborted_errors: int | None = None
    window_errors: int | None = None
    heartbeat_errors: int | None = None
    carrier_changes: int | None = None


class Statistics(Value):
    """``stats64`` of ``ip -s -j link``: received and sent."""

    rx: Counters = Counters()
    tx: Counters = Counters()


class Interface(Record):
    """One interface as ``ip addr`` or ``ip link`` shows it; field names as in ``ip -d -s -j addr``.

    ``ifindex``: None in what ``ip -br`` prints. ``link``: name of the lower or peer device in the same namespace
    (``eth0@NAME``); it is the name of something else where ``ip -6 addr``, or ``ip -br`` before iproute2 4.18, shows an
    interface whose peer is in another one, and None in busybox's output, which has the same fault. ``link_index``:
    its ifindex when it is in another namespace (``eth0@if16``); an index of that namespace, not of this one.
    ``link_netnsid``,
    ``link_netns``: which namespace that is. ``master``: the bridge or bond this interface is a port of. ``operstate``:
    None where the tool does not print it (busybox). ``flags``, ``mtu`` and what the ``link/`` line has: not in
    ``model_fields_set`` where the call leaves that line out (``ip -o addr``, ``ip -br addr``). ``address``: link-layer
    address, for tunnels the local endpoint, None for ``link/none``. ``broadcast``: if ``link_pointtopoint``, the far
    endpoint. From ``promiscuity`` on: of ``-d`` and ``-s``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    ifindex: int | None = None
    ifname: str
    link: str | None = None
    link_index: int | None = None
    flags: FlagSet = frozenset()
    mtu: int | None = None
    xdp: JsonObject | None = None
    qdisc: str | None = None
    master: str | None = None
    operstate: str | None = None
    linkmode: str | None = None
    group: str | None = None
    txqlen: int | None = None
    link_type: str | None = None
    address: LinkAddress | None = None
    link_pointtopoint: bool = False
    broadcast: LinkAddress | None = None
    permaddr: LinkAddress | None = None
    link_netnsid: int | None = None
    link_netns: str | None = None
    proto_down: bool = False
    proto_down_reason: tuple[str, ...] = ()
    ifalias: str | None = None
    altnames: tuple[str, ...] = ()
    addr_info: tuple[Address, ...] = ()
    promiscuity: int | None = None
    allmulti: int | None = None
    min_mtu: int | None = None
    max_mtu: int | None = None
    netns_immutable: bool = Field(
        default=False,
        validation_alias=AliasChoices("netns-immutable", "netns_immutable"),
        serialization_alias="netns-immutable",
    )
    linkinfo: LinkInfo | None = None
    inet6_addr_gen_mode: str | None = None
    num_tx_queues: int | None = None
    num_rx_queues: int | None = None
    gso_max_size: int | None = None
    gso_max_segs: int | None = None
    tso_max_size: int | None = None
    tso_max_segs: int | None = None
    gro_max_size: int | None = None
    gso_ipv4_max_size: int | None = None
    gro_ipv4_max_size: int | None = None
    phys_port_name: str | None = None
    phys_port_id: str | None = None
    phys_switch_id: str | None = None
    parentbus: str | None = None
    parentdev: str | None = None
    details: str | None = Field(default=None, description="Words that have no name here, as printed.")
    vfinfo_list: tuple[JsonObject, ...] = ()
    stats64: Statistics | None = Field(default=None, validation_alias=AliasChoices("stats64", "stats"))

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
