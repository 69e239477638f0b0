"""A route, in the words of iproute2's own JSON, and the records of `ip route` and of `route` that add their own."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from pydantic import AliasChoices, ConfigDict, Field, PlainSerializer, PlainValidator, WithJsonSchema

from ..addresses import ipv4_network
from ..prefixes import Network
from ..records import FlagSet, IPAddress, Record, ip_address

__all__ = [
    "IpRoute",
    "Metrics",
    "NetToolsRoute",
    "Nexthop",
    "NexthopGroupMember",
    "NexthopInfo",
    "Realms",
    "Route",
    "Via",
    "network",
]


@lru_cache(maxsize=4096)
def network(text: str) -> IPv4Network | IPv6Network:
    """A network as ``ip`` prints it, the prefix length left out of one address. Raises ValueError."""
    address, slash, length = text.partition("/")
    parsed = ip_address(address)
    if not (slash == "" or (length.isascii() and length.isdigit() and len(length) <= 3)):
        raise ValueError(f"not a network: {text!r}")
    prefix = int(length) if slash else parsed.max_prefixlen
    return ipv4_network(int(parsed), prefix) if parsed.version == 4 else IPv6Network((int(parsed), prefix))


def _as_network(value: object) -> Network:
    if isinstance(value, IPv4Network | IPv6Network):
        return value
    if isinstance(value, str):
        return network(value)
    raise ValueError("expected a network")


NetworkField = Annotated[
    IPv4Network | IPv6Network,
    PlainValidator(_as_network),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "anyOf": [{"format": "ipv4network"}, {"format": "ipv6network"}]}),
]


def _as_route_flags(value: object) -> str | frozenset[str]:
    if isinstance(value, str | frozenset):
        return value
    if isinstance(value, Iterable):
        flags = list(value)
        if all(isinstance(flag, str) for flag in flags):
            return frozenset(flags)
    raise ValueError("expected letters or words")


RouteFlags = Annotated[
    str | frozenset[str],
    PlainValidator(_as_route_flags),
    PlainSerializer(lambda flags: flags if isinstance(flags, str) else sorted(flags), return_type=str | list[str]),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


class Via(Record):
    """A gateway of the other family than the route: ``via inet6 fe80::1``."""

    family: str
    host: IPAddress


class Realms(Record):
    """Realms as ``flow`` has them: ``realm 4`` is ``to`` alone, ``realms 3/4`` both."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    from_: str | None = Field(default=None, alias="from")
    to: str | None = None


class Metrics(Record):
    """What a route sets for the connections that use it (ip-route(8)).

    ``rtt``, ``rttvar`` and ``rto_min``: milliseconds. ``ecn`` and ``tcp_usec_ts`` are features: always None, and set in
    ``model_fields_set`` if printed. ``locked``: names of what was printed with ``lock``, which JSON leaves out.
    """

    mtu: int | None = None
    window: int | None = None
    rtt: int | None = None
    rttvar: int | None = None
    ssthresh: int | None = None
    cwnd: int | None = None
    advmss: int | None = None
    reordering: int | None = None
    hoplimit: int | None = None
    initcwnd: int | None = None
    ecn: None = None
    tcp_usec_ts: None = None
    features: str | None = None
    rto_min: int | None = None
    initrwnd: int | None = None
    quickack: int | None = None
    congestion: str | None = None
    fastopen_no_cookie: int | None = None
    locked: FlagSet = frozenset()


class _Hop(Record):
    gateway: IPAddress | None = None
    via: Via | None = None
    dev: str | None = None
    encap: str | None = None
    encap_args: str | None = None


class Nexthop(_Hop):
    """One hop of a route that has several. ``flow``: its realms."""

    weight: int | None = None
    flow: Realms | None = None
    flags: FlagSet = frozenset()


class NexthopGroupMember(Record):
    """One nexthop object in a group, by its ``id``."""

    id: int
    weight: int | None = None


class NexthopInfo(_Hop):
    """The nexthop object that a route refers to (``nhid``), as ``ip -d`` shows it. ``blackhole`` and ``fdb`` are always
    None, and set in ``model_fields_set`` if printed."""

    id: int
    group: tuple[NexthopGroupMember, ...] = ()
    type: str | None = None
    scope: str | None = None
    blackhole: None = None
    fdb: None = None
    protocol: str | None = None
    flags: FlagSet = frozenset()


_REJECTS = frozenset({"blackhole", "unreachable", "prohibit", "throw", "6", "7", "8", "9"})


class Route(_Hop):
    """A route, whichever command printed it (``source_command``): what all tables tell.

    As ``ip -j route`` names them: ``type`` (None where it is not printed: unicast), ``dst`` (network; ``0.0.0.0/0`` and
    ``::/0`` are the default routes; None if `route` gives a name whose network nobody can know), ``gateway`` (None if
    the destination is on the link), ``via`` (a gateway of the other family), ``dev`` (None for a reject row of
    `route -n`), ``table`` (None where it is not printed: main), ``protocol``, ``prefsrc``, ``metric`` (None where it is
    not printed), ``nexthops``. ``encap`` is the kind of encapsulation and ``encap_args`` its parameters as text, which
    JSON spreads over the route. ``flags``: words such as ``onlink``, or the letters of route(8). ``gateway_name``: a
    gateway that `route` prints as a name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    type: str | None = None
    dst: NetworkField | None = None
    from_: NetworkField | None = Field(default=None, alias="from")
    tos: str | None = None
    table: str | None = None
    protocol: str | None = None
    prefsrc: IPAddress | None = None
    metric: int | None = None
    flags: RouteFlags = frozenset()
    cache: tuple[str, ...] | None = None
    nexthops: tuple[Nexthop, ...] = ()
    gateway_name: str | None = None
    source_command: str = "ip route"

    @property
    def is_default(self) -> bool:
        """True for a default route."""
        return self.dst is not None and self.dst.prefixlen == 0

    @property
    def is_host(self) -> bool:
        """True for a route to one address."""
        return self.dst is not None and self.dst.prefixlen == self.dst.max_prefixlen

    @property
    def is_reject(self) -> bool:
        """True if packets are turned away or thrown away. `route -n` does not show it of blackhole and throw."""
        return self.type in _REJECTS or (isinstance(self.flags, str) and "!" in self.flags)

    @property
    def forwards(self) -> bool:
        """True for a route by which packets leave: unicast, in the main table, no reject, and not from the cache."""
        if isinstance(self.flags, str):
            # `route -6` lists the host's own addresses ("n": no next hop) and the cache as well.
            return self._leads and not {"n", "l", "C", "c"} & set(self.flags)
        return self._leads and self.type in {None, "unicast", "1"} and self.table in {None, "main", "254"}

    @property
    def _leads(self) -> bool:
        return not self.is_reject and self.cache is None

    @property
    def leads_nowhere(self) -> bool:
        """True if the row names no way at all: so `route -n` shows blackhole and throw."""
        return False

    @property
    def is_on_link(self) -> bool:
        """True if the destination is reached on the device itself: no gateway, no encapsulation."""
        if isinstance(self.flags, str) and "G" in self.flags:
            return False
        return self.gateway_name is None and all(
            hop.gateway is None and hop.via is None and hop.encap is None for hop in (self, *self.nexthops)
        )

    @property
    def device(self) -> str | None:
        """``dev``; of a route with several hops that of the first."""
        if self.dev is not None:
            return self.dev
        return next((hop.dev for hop in self.nexthops[:1]), None)

    @property
    def next_hop(self) -> IPAddress | None:
        """The gateway, of whichever family; of a route with several hops that of the first."""
        gateways = (hop.gateway if hop.via is None else hop.via.host for hop in (self, *self.nexthops[:1]))
        return next((gateway for gateway in gateways if gateway is not None), None)

    @property
    def is_link_local(self) -> bool:
        """True for what every interface has for itself: link-local, multicast and loopback destinations."""
        if self.dst is None:
            return False
        address, length = self.dst.network_address, self.dst.prefixlen
        return any(address in known and length >= known.prefixlen for known in _OF_EVERY_INTERFACE)


def is_in_another_table(
    seen: dict[Hashable, object],
    destination: str,
    metric: str | None,
    tos: str | None,
    device: str | None,
    source: str | None,
) -> bool:
    """True if a route of IPv4 cannot be in the main table whose routes are in ``seen``; else it is noted there.

    The kernel has no two routes of one destination, TOS and metric in a table (fib_table_insert in net/ipv4/fib_trie.c
    gives EEXIST), and nobody has two default routes of one device with different sources.
    """
    key = (destination, metric or "0", tos)
    other = seen.get(("default of", device), source)
    if key in seen or (destination == "default" and source is not None and other not in {None, source}):
        return True
    seen[key] = True
    if destination == "default" and source is not None:
        seen["default of", device] = source
    return False


class IpRoute(Route):
    """A route of `ip route`, in the words of ``ip -j route``.

    ``scope``, ``metrics``, ``flow`` (realms), ``pref``, ``expires`` (seconds), ``nhid`` and ``nh_info`` (the nexthop
    object it refers to). ``mark``, ``uid``, ``error``, ``users``, ``used``, ``age`` and ``iif`` stand in cached routes.
    None where it is not printed.
    """

    nhid: int | None = None
    scope: str | None = None
    mark: int | str | None = None
    flow: Realms | None = None
    uid: int | None = None
    expires: int | None = None
    error: int | None = None
    users: int | None = None
    used: int | None = None
    age: int | None = None
    metrics: tuple[Metrics, ...] = ()
    iif: str | None = None
    pref: str | None = None
    ttl_propagate: str | bool | None = Field(
        default=None,
        validation_alias=AliasChoices("ttl-propagate", "ttl-propogate", "ttl_propagate"),
        serialization_alias="ttl-propagate",
    )
    nh_info: NexthopInfo | None = None


class NetToolsRoute(Route):
    """A row of `route`, `route -n` or `netstat -r` (net-tools, busybox).

    As route(8) prints them: ``destination``, ``genmask``, ``flags`` (letters: U up, H host, G gateway, ! reject),
    ``ref``, ``use``, ``iface``, ``mss``, ``window``, ``irtt``. Numbers are None where "-" is printed, or another
    column.
    """

    # No more fields than 30 in all: Python lets dicts of so many share their keys, which is most of what a row needs.
    destination: str | None = None
    genmask: str | None = None
    ref: int | None = None
    use: int | None = None
    iface: str | None = None
    mss: int | None = None
    window: int | None = None
    irtt: int | None = None
    source_command: str = "route -n"

    @property
    def leads_nowhere(self) -> bool:
        """True if the row names no way at all: so `route -n` shows blackhole and throw."""
        return self.iface == "*" and self.dev is None and self.gateway is None


_OF_EVERY_INTERFACE = tuple(
    ip_network(text) for text in ("fe80::/10", "ff00::/8", "::1/128", "127.0.0.0/8", "224.0.0.0/4")
)
