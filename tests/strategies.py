"""Hypothesis strategies for typed records, and how the tools print each of them, column by column."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Network
from typing import Any, Literal

from hypothesis import strategies as st

from aksnet_parse import (
    Address,
    Bridge,
    BridgePort,
    Container,
    Interface,
    IpRoute,
    KubernetesPod,
    MacAddress,
    NetToolsRoute,
    Nexthop,
)
from aksnet_parse.commands.routes import Metrics, Realms, Via

__all__ = [
    "ODD_NAMES",
    "addresses",
    "bridge_ports",
    "bridges",
    "containers",
    "inspected",
    "interfaces",
    "ip_routes",
    "kubernetes_pods",
    "names",
    "names_with_at",
    "render_brctl_show",
    "render_bridge_link",
    "render_docker_inspect",
    "render_ip_addr",
    "render_ip_route",
    "render_kubectl_get_pods",
    "render_route_n",
    "routes",
]

Draw = Callable[[st.SearchStrategy[Any]], Any]

# --- words ------------------------------------------------------------------------------------------------------------

# The kernel forbids only "/", ":" and blanks. "&", "^" and ">" at the start are left to the tests of dressing, which is
# free to take them for HTML, colour codes and quotation marks.
_LETTERS = string.ascii_letters + string.digits + "-_.<=~+,!#$%()*|{}[]\\'\"éß中"
ODD_NAMES = (
    "state",
    "master",
    "qdisc",
    "group",
    "mtu",
    "proto",
    "scope",
    "dynamic",
    "home",
    "secondary",
    "deprecated",
    "flags",
    "1",
    "-x",
    "...",
    "<UP>",
    "if5",
    "NONE",
    "naïve",
    "inet",
    "link",
    "yes",
    "no",
    "*a",
)


def names() -> st.SearchStrategy[str]:
    """Names an interface can have, without an @."""
    word = st.text(_LETTERS, min_size=1, max_size=15)
    usual = st.sampled_from(("eth0", "azv33ac2d062ec", "cali4cd5cd7d78e", "veth5812f705", "cbr0", "azure0", "docker0"))
    return st.one_of(usual, st.sampled_from(ODD_NAMES), word).filter(_is_name)


def names_with_at() -> st.SearchStrategy[str]:
    """Names an interface can have; with an @ they can be read only where a peer follows."""
    joined = st.tuples(st.sampled_from(("", "a", "veth")), st.sampled_from(("@", "@@")), st.sampled_from(("", "odd")))
    return st.one_of(names(), joined.map("".join).filter(lambda name: name != ""))


def _is_name(name: str) -> bool:
    return name not in {".", "..", "-", "*"} and len(name.encode()) <= 15


def macs() -> st.SearchStrategy[MacAddress]:
    return st.binary(min_size=6, max_size=6).map(lambda octets: MacAddress(octets.hex(":")))


def _one_in(n: int, strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(*[st.none()] * (n - 1), strategy)


# --- ip addr ----------------------------------------------------------------------------------------------------------

_INTERFACE_FLAGS = (
    "NO-CARRIER",
    "LOOPBACK",
    "BROADCAST",
    "POINTOPOINT",
    "MULTICAST",
    "NOARP",
    "PROMISC",
    "MASTER",
    "SLAVE",
    "UP",
    "LOWER_UP",
    "ECHO",
    "M-DOWN",
)
_BOTH = ("nodad", "optimistic", "dadfailed", "home", "deprecated", "tentative", "mngtmpaddr", "noprefixroute")
_MORE = ("autojoin", "stable_privacy", "dynamic")
_SECONDS = st.one_of(st.none(), st.integers(0, 4294967294))


def addresses() -> st.SearchStrategy[Address]:
    return st.one_of(_addresses(4), _addresses(6))


@st.composite
def _addresses(draw: Draw, version: Literal[4, 6]) -> Address:
    ip = st.ip_addresses(v=version)
    flags = st.sets(st.sampled_from((*_BOTH, *_MORE, "secondary" if version == 4 else "temporary")), max_size=3)
    flagged: dict[str, Any] = dict.fromkeys(draw(flags), True)
    return Address(
        family="inet" if version == 4 else "inet6",
        local=draw(ip),
        address=draw(_one_in(4, ip)),
        prefixlen=draw(st.integers(0, 32 if version == 4 else 128)),
        metric=draw(_one_in(5, st.integers(0, 4294967295))),
        broadcast=draw(_one_in(2, ip)) if version == 4 else None,
        anycast=draw(_one_in(9, ip)) if version == 6 else None,
        scope=draw(st.sampled_from(("global", "link", "host", "site", "50", "dynamic", "scope"))),
        protocol=draw(_one_in(4, st.sampled_from(("kernel_lo", "kernel_ll", "kernel_ra", "0x2c", "proto")))),
        label=draw(names()) if version == 4 else None,
        valid_life_time=draw(_SECONDS),
        preferred_life_time=draw(_SECONDS),
        **flagged,
    )


@st.composite
def interfaces(draw: Draw) -> Interface:
    link_index = draw(st.one_of(st.none(), st.integers(1, 2**31 - 1)))
    # "@if5" and "@NONE" are what is printed of a peer without a name here.
    peers = names().filter(lambda name: name != "NONE" and not re.fullmatch("if[0-9]+", name))
    link = draw(_one_in(3, peers)) if link_index is None else None
    link_type, hardware = draw(
        st.sampled_from(
            (
                ("ether", macs()),
                ("loopback", macs()),
                ("ipip", st.ip_addresses(v=4)),
                ("sit", st.ip_addresses(v=4)),
                ("tunnel6", st.ip_addresses(v=6)),
                ("ieee802.11/radiotap", macs()),
                ("infiniband", st.binary(min_size=20, max_size=20).map(lambda octets: MacAddress(octets.hex(":")))),
                ("none", None),
                ("[65534]", None),
            )
        )
    )
    address, broadcast, permaddr = None, None, None
    pointtopoint = False
    if hardware is not None:
        address = draw(hardware)
        broadcast = draw(_one_in(2, hardware))
        pointtopoint = broadcast is not None and draw(st.booleans())
        permaddr = draw(_one_in(5, hardware))
    netns = draw(_one_in(3, names())) if link_index is not None else None
    proto_down = draw(_one_in(6, st.just(True))) or False
    return Interface(
        ifindex=draw(st.integers(1, 2**31 - 1)),
        ifname=draw(names() if link is None and link_index is None else names_with_at()),
        link=link,
        link_index=link_index,
        flags=draw(st.frozensets(st.sampled_from(_INTERFACE_FLAGS), max_size=6)),
        mtu=draw(st.integers(0, 2**32 - 1)),
        qdisc=draw(st.one_of(st.sampled_from(("noqueue", "mq", "pfifo_fast", "noop")), st.none())),
        master=draw(_one_in(2, names())),
        operstate=draw(st.sampled_from(("UP", "DOWN", "UNKNOWN", "LOWERLAYERDOWN", "DORMANT", "TESTING"))),
        group=draw(st.sampled_from(("default", "50", None))),
        txqlen=draw(st.one_of(st.none(), st.integers(1, 10000))),
        link_type=link_type,
        address=address,
        broadcast=broadcast,
        link_pointtopoint=pointtopoint,
        permaddr=permaddr,
        link_netnsid=draw(st.integers(0, 300)) if link_index is not None and netns is None else None,
        link_netns=netns,
        proto_down=proto_down,
        proto_down_reason=draw(st.sampled_from(((), ("3",), ("bpf", "1")))) if proto_down else (),
        altnames=tuple(draw(st.lists(names(), max_size=2))),
        addr_info=tuple(draw(st.lists(addresses(), max_size=4))),
    )


def render_ip_addr(rows: Sequence[Interface]) -> str:
    """As iproute2 prints them: blanks at the end of most lines, ``qlen`` left out when there is none."""
    lines: list[str] = []
    for row in rows:
        peer = f"@{row.link}" if row.link is not None else f"@if{row.link_index}" if row.link_index is not None else ""
        words = [f"{row.ifindex}: {row.ifname}{peer}: <{','.join(sorted(row.flags))}> mtu {row.mtu}"]
        for keyword, value in (
            ("qdisc", row.qdisc),
            ("master", row.master),
            ("state", row.operstate),
            ("mode", row.linkmode),
            ("group", row.group),
        ):
            words += [f"{keyword} {value}"] if value is not None else []
        lines.append(f"{' '.join(words)} " + (f"qlen {row.txqlen}" if row.txqlen is not None else ""))
        link = f"    link/{row.link_type} "
        link += f"{row.address}" if row.address is not None else ""
        link += f" {'peer' if row.link_pointtopoint else 'brd'} {row.broadcast}" if row.broadcast is not None else ""
        link += f" permaddr {row.permaddr}" if row.permaddr is not None else ""
        link += f" link-netnsid {row.link_netnsid}" if row.link_netnsid is not None else ""
        link += f" link-netns {row.link_netns}" if row.link_netns is not None else ""
        link += " protodown on " if row.proto_down else ""
        link += f"protodown_reason <{','.join(row.proto_down_reason)}> " if row.proto_down_reason else ""
        lines.append(link)
        lines += [f"    altname {name}" for name in row.altnames]
        for address in row.addr_info:
            lines += _address_lines(address)
    return "".join(f"{line}\n" for line in lines)


def _address_lines(address: Address) -> list[str]:
    line = f"    {address.family} {address.local}"
    line += f" peer {address.address}" if address.address is not None else ""
    line += f"/{address.prefixlen} "
    line += f"metric {address.metric} " if address.metric is not None else ""
    line += f"brd {address.broadcast} " if address.broadcast is not None else ""
    line += f"any {address.anycast} " if address.anycast is not None else ""
    line += f"scope {address.scope} "
    for flag in ("secondary", "temporary", *_BOTH, *_MORE):
        line += f"{flag.replace('_', '-')} " if getattr(address, flag) else ""
    line += f"proto {address.protocol} " if address.protocol is not None else ""
    line += address.label or ""
    valid, preferred = (
        "forever" if seconds is None else f"{seconds}sec"
        for seconds in (address.valid_life_time, address.preferred_life_time)
    )
    return [line, f"       valid_lft {valid} preferred_lft {preferred}"]


# --- brctl show -------------------------------------------------------------------------------------------------------


@st.composite
def bridges(draw: Draw) -> Bridge:
    return Bridge(
        bridge=draw(names_with_at()),
        bridge_id=f"{draw(st.integers(0, 65535)):04x}.{draw(st.binary(min_size=6, max_size=6)).hex()}",
        stp=draw(st.booleans()),
        interfaces=tuple(draw(st.lists(names_with_at(), max_size=4))),
    )


def render_brctl_show(rows: Sequence[Bridge]) -> str:
    """As brctl prints them: tabs, two of them at the end of a bridge without members, nothing without a bridge."""
    lines = ["bridge name\tbridge id\t\tSTP enabled\tinterfaces"] if rows else []
    for row in rows:
        first, *more = row.interfaces or ("",)
        lines.append(f"{row.bridge}\t\t{row.bridge_id}\t{'yes' if row.stp else 'no'}\t\t{first}")
        lines += ["\t" * 7 + name for name in more]
    return "".join(f"{line}\n" for line in lines)


# --- bridge link ------------------------------------------------------------------------------------------------------

_STATES = ("disabled", "listening", "learning", "forwarding", "blocking")
_SWITCHES = ("hairpin", "guard", "root_block", "fastleave", "learning", "flood", "mcast_flood", "bcast_flood")
_MORE_SWITCHES = ("mcast_to_unicast", "neigh_suppress", "vlan_tunnel")
_LAST_SWITCHES = ("isolated", "locked", "mab")


@st.composite
def bridge_ports(draw: Draw) -> BridgePort:
    """Ports, and network cards that answer for themselves."""
    link = draw(_one_in(2, names().filter(lambda name: name != "NONE")))
    values: dict[str, Any] = {}
    if draw(st.integers(0, 3)):
        values = {
            "master": draw(names_with_at()),
            "priority": draw(st.integers(0, 63)),
            "cost": draw(st.integers(1, 99)),
        }
        values |= draw(
            st.one_of(st.sampled_from(_STATES).map(lambda name: {"state": name}), st.just({"state_index": 9}))
        )
        if draw(st.booleans()):
            values |= {name: draw(st.booleans()) for name in (*_SWITCHES, *_MORE_SWITCHES, *_LAST_SWITCHES)}
            values |= {"mcast_router": draw(st.integers(0, 2)), "backup_port": draw(_one_in(3, names_with_at()))}
    else:
        values["hwmode"] = draw(st.sampled_from(("VEB", "VEPA", "0x2")))
    return BridgePort(
        ifindex=draw(st.integers(1, 2**31 - 1)),
        # A name with an @ can be read only where a peer follows.
        ifname=draw(names() if link is None else names_with_at()),
        link=link,
        flags=draw(st.frozensets(st.sampled_from(_INTERFACE_FLAGS), max_size=6)),
        mtu=draw(st.integers(0, 2**32 - 1)),
        **values,
    )


def render_bridge_link(rows: Sequence[BridgePort], *, joined: bool = False) -> str:
    """As ``bridge -d link`` prints those that have more to say, with ``joined`` as ``bridge -o -d link``."""
    lines: list[str] = []
    for row in rows:
        peer = f"@{row.link}" if row.link is not None else ""
        line = f"{row.ifindex}: {row.ifname}{peer}: <{','.join(sorted(row.flags))}> mtu {row.mtu} "
        state = row.state if row.state_index is None else f"({row.state_index})"
        pairs = (("master", row.master), ("state", state), ("priority", row.priority), ("cost", row.cost))
        line += "".join(f"{name} {value} " for name, value in (*pairs, ("hwmode", row.hwmode)) if value is not None)
        more = "".join(f"{name} {_on_off(getattr(row, name))} " for name in _SWITCHES)
        more += f"mcast_router {row.mcast_router} "
        more += "".join(f"{name} {_on_off(getattr(row, name))} " for name in _MORE_SWITCHES)
        more += f"backup_port {row.backup_port} " if row.backup_port is not None else ""
        more += "".join(f"{name} {_on_off(getattr(row, name))} " for name in _LAST_SWITCHES)
        if row.hairpin is None:
            lines.append(line)
        else:
            lines += [f"{line}\\    {more}"] if joined else [line, f"    {more}"]
    return "".join(f"{line}\n" for line in lines)


def _on_off(value: bool | None) -> str:
    return "on" if value else "off"


# --- route -n ---------------------------------------------------------------------------------------------------------


@st.composite
def routes(draw: Draw) -> NetToolsRoute:
    network = IPv4Network((draw(st.integers(0, 2**32 - 1)), draw(st.integers(0, 32))), strict=False)
    rejected = draw(st.integers(0, 5)) == 0
    gateway: IPv4Address | None = None if rejected else draw(_one_in(2, st.ip_addresses(v=4)))
    if gateway == IPv4Address(0):
        gateway = None
    iface = "-" if rejected else draw(names_with_at())
    flags = ("!" if rejected else "U") + "G" * (gateway is not None) + "H" * (network.prefixlen == 32)
    return NetToolsRoute(
        dst=network,
        gateway=gateway,
        dev=None if rejected else iface,
        metric=draw(st.integers(0, 2**31 - 1)),
        destination=str(network.network_address),
        genmask=str(network.netmask),
        flags=flags + draw(st.sampled_from(("", "D", "M"))),
        ref=None if rejected else draw(st.integers(0, 9)),
        use=draw(st.integers(0, 99999)),
        iface=iface,
    )


def render_route_n(rows: Sequence[NetToolsRoute]) -> str:
    """As net-tools prints them."""
    lines = [
        "Kernel IP routing table",
        "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface",
    ]
    for row in rows:
        rejected = row.iface == "-"
        gateway = "-" if rejected else row.gateway if row.gateway is not None else "0.0.0.0"
        ref = "-" if row.ref is None else row.ref
        lines.append(
            f"{row.destination:<15} {gateway!s:<15} {row.genmask:<15} {row.flags:<5} {row.metric:<6} {ref:<2} "
            f"{row.use:>7} {row.iface}"
        )
    return "".join(f"{line}\n" for line in lines)


# --- ip route ---------------------------------------------------------------------------------------------------------

_ROUTE_FLAGS = st.frozensets(st.sampled_from(("onlink", "linkdown", "dead", "pervasive", "offload", "rt_trap")))
_COUNT = st.integers(0, 2**32 - 1)
_MILLISECONDS = st.one_of(st.integers(0, 999), st.sampled_from((1000, 1500, 2250)))
_METRICS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("mtu", "window", "ssthresh", "cwnd", "advmss", "reordering", "hoplimit", "initcwnd"), _COUNT),
    **dict.fromkeys(("initrwnd", "quickack", "fastopen_no_cookie"), _COUNT),
    **dict.fromkeys(("rtt", "rttvar", "rto_min"), _MILLISECONDS),
    "ecn": st.none(),
    "congestion": st.sampled_from(("reno", "cubic", "mtu")),
}
_LOCKABLE = ("mtu", "cwnd", "rtt", "rto_min")
_REALM = st.sampled_from(("3", "cosmos", "dev"))


@st.composite
def _hop_fields(draw: Draw, version: Literal[4, 6]) -> dict[str, Any]:
    fields: dict[str, Any] = {"dev": draw(names_with_at())}
    kind = draw(st.sampled_from(("link", "gateway", "gateway", "via")))
    if kind == "gateway":
        fields["gateway"] = draw(st.ip_addresses(v=version))
    elif kind == "via":
        other: Literal[4, 6] = 4 if version == 6 else 6
        fields["via"] = Via(family="inet6" if other == 6 else "inet", host=draw(st.ip_addresses(v=other)))
    if draw(st.integers(0, 4)) == 0:
        encaps = (
            ("ip", "id 5 src 10.0.0.2 dst 1.2.3.4 ttl 60 tos 4 key"),
            ("mpls", "100/200 ttl 5"),
            ("seg6", "mode encap segs 2 [ fd00::a fd00::b ]"),
            ("seg6local", "action End.T table main"),
            ("made_up", "some thing 7"),
        )
        fields["encap"], fields["encap_args"] = draw(st.sampled_from(encaps))
    return fields


@st.composite
def ip_routes(draw: Draw) -> IpRoute:
    version = draw(st.sampled_from((4, 6)))
    bits = 32 if version == 4 else 128
    kind: Any = IPv4Network if version == 4 else IPv6Network
    fields: dict[str, Any] = {
        "type": draw(st.sampled_from((None, None, "unicast", "local", "broadcast", "blackhole", "throw", "7"))),
        "dst": kind((draw(st.integers(0, 2**bits - 1)), draw(st.sampled_from((0, 8, bits - 9, bits)))), strict=False),
        "flags": draw(_ROUTE_FLAGS),
        "table": draw(_one_in(3, st.sampled_from(("main", "local", "100", "dev")))),
        "protocol": draw(_one_in(2, st.sampled_from(("kernel", "static", "bird", "77", "scope")))),
        "scope": draw(_one_in(2, st.sampled_from(("link", "global", "50")))),
        "metric": draw(_one_in(2, _COUNT)),
        "nhid": draw(_one_in(5, _COUNT)),
        "tos": draw(_one_in(5, st.sampled_from(("0x10", "lowdelay")))),
        "expires": draw(_one_in(5, st.integers(-99, 99999))),
        "error": draw(_one_in(5, st.integers(-99, 0))),
        "pref": draw(st.sampled_from(("low", "medium", "high"))) if version == 6 else None,
        "prefsrc": draw(_one_in(1 if version == 4 else 3, st.ip_addresses(v=version))),
    }
    realms = (Realms(to="4"), Realms.model_validate({"from": draw(_REALM), "to": draw(_REALM)}))
    fields["flow"] = draw(_one_in(5, st.sampled_from(realms)))
    if draw(st.booleans()):
        fields |= draw(_hop_fields(version))
        if fields.get("encap") == "made_up":
            del fields["tos"]  # nobody knows whose it would be
    else:
        hops = draw(st.lists(st.tuples(_hop_fields(version), _ROUTE_FLAGS, st.integers(1, 256)), max_size=3))
        fields["nexthops"] = tuple(Nexthop(**hop, flags=flags, weight=weight) for hop, flags, weight in hops)
    chosen = draw(st.lists(st.sampled_from(sorted(_METRICS)), max_size=4, unique=True))
    if chosen:
        locked = {name for name in chosen if name in _LOCKABLE and draw(st.booleans())}
        values = {name: draw(_METRICS[name]) for name in chosen}
        fields["metrics"] = (Metrics(**values, locked=frozenset(locked)),)
    given = {name: value for name, value in fields.items() if value is not None}
    return IpRoute(**given)


def render_ip_route(rows: Sequence[IpRoute], *, one_line: bool = False) -> str:
    """As iproute2 prints them: a blank at the end of nearly every line, two before an encapsulation."""
    lines: list[str] = []
    for row in rows:
        assert row.dst is not None
        dst = "default" if row.is_default else str(row.dst.network_address) if row.is_host else str(row.dst)
        words = [*([row.type] if row.type is not None else []), dst]
        words += [f"nhid {row.nhid}"] if row.nhid is not None else []
        words += _hop_words(row, tos=row.tos)
        for keyword, value in (
            ("table", row.table),
            ("proto", row.protocol),
            ("scope", row.scope),
            ("src", row.prefsrc),
            ("metric", row.metric),
        ):
            words += [f"{keyword} {value}"] if value is not None else []
        words += sorted(row.flags) + _realm_words(row.flow)
        words += [f"expires {row.expires}sec"] if row.expires is not None else []
        words += [f"error {row.error}"] if row.error is not None else []
        for metrics in row.metrics:
            words += _metrics_words(metrics)
        words += [f"pref {row.pref}"] if row.pref is not None else []
        record = [" ".join(words) + " "]
        for hop in row.nexthops:
            words = ["\tnexthop", *_hop_words(hop), *_realm_words(hop.flow), f"weight {hop.weight}", *sorted(hop.flags)]
            record.append(" ".join(words) + " ")
        lines.append(("\\" if one_line else "\n").join(record))
    return "".join(f"{line}\n" for line in lines)


def _hop_words(hop: IpRoute | Nexthop, *, tos: str | None = None) -> list[str]:
    words = [f" encap {hop.encap} {hop.encap_args}"] if hop.encap is not None else []
    words += [f"tos {tos}"] if tos is not None else []
    words += [f"via {hop.gateway}"] if hop.gateway is not None else []
    words += [f"via {hop.via.family} {hop.via.host}"] if hop.via is not None else []
    return words + ([f"dev {hop.dev}"] if hop.dev is not None else [])


def _realm_words(realms: Realms | None) -> list[str]:
    if realms is None:
        return []
    return [f"realms {realms.from_}/{realms.to}" if realms.from_ is not None else f"realm {realms.to}"]


def _metrics_words(metrics: Metrics) -> list[str]:
    words: list[str] = []
    for name in sorted(metrics.model_fields_set - {"locked"}):
        value = getattr(metrics, name)
        if name == "ecn":
            words.append("features ecn")
            continue
        lock = "lock " if name in metrics.locked else ""
        if name in {"rtt", "rttvar", "rto_min"}:
            value = f"{value / 1000:g}s" if value >= 1000 else f"{value}ms"
        words.append(f"{'congctl' if name == 'congestion' else name} {lock}{value}")
    return words


# --- docker inspect ---------------------------------------------------------------------------------------------------

_DNS = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=12)
_LABELS = {
    "pod_name": "io.kubernetes.pod.name",
    "pod_namespace": "io.kubernetes.pod.namespace",
    "pod_uid": "io.kubernetes.pod.uid",
    "container_name": "io.kubernetes.container.name",
    "container_type": "io.kubernetes.docker.type",
    "sandbox_id": "io.kubernetes.sandbox.id",
}


@st.composite
def containers(draw: Draw) -> Container:
    identity = st.binary(min_size=32, max_size=32).map(bytes.hex)
    pod = draw(st.booleans())
    address = draw(_one_in(2, st.ip_addresses(v=4)))
    labels: dict[str, Any] = {}
    if pod:
        labels = {
            "pod_name": draw(_DNS),
            "pod_namespace": draw(_DNS),
            "pod_uid": draw(st.uuids().map(str)),
            "container_name": draw(_DNS),
            "container_type": draw(st.sampled_from(("podsandbox", "container"))),
            "sandbox_id": draw(_one_in(2, identity)),
        }
    return Container(
        id=draw(identity),
        name=draw(_DNS) if not pod else f"x_{draw(_DNS)}",
        pid=draw(st.one_of(st.none(), st.integers(1, 4194304))),
        state=draw(st.sampled_from(("created", "running", "paused", "exited"))),
        network_mode=draw(st.sampled_from(("bridge", "none", "host", "container:0b7c7a46ade1"))),
        sandbox_key=f"/var/run/docker/netns/{draw(identity)[:12]}",
        ip_address=address,
        prefixlen=draw(st.integers(1, 32)) if address is not None else None,
        mac_address=draw(macs()) if address is not None else None,
        **labels,
    )


_NOISE = st.lists(
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(
            ("PASSWORD=hunter2", '"Pid": 666,', '"Id": "000000000000",', "“x”", "}, {", '"Name": "/evil",', "\\", "\n")
        ),
    ),
    max_size=3,
)


@st.composite
def inspected(draw: Draw, container: Container) -> dict[str, Any]:
    """What ``docker inspect`` says of a container, in Docker's order, with things in it that must not be kept."""
    noise = draw(_NOISE)
    address = str(container.ip_address) if container.ip_address is not None else ""
    network = {
        "Gateway": "",
        "IPAddress": address,
        "IPPrefixLen": container.prefixlen or 0,
        "MacAddress": container.mac_address or "",
    }
    return {
        "Id": container.id,
        "Created": "2020-10-01T10:00:00.000000000Z",
        "Path": "/pause",
        "Args": noise,
        "State": {"Status": container.state, "Running": True, "Pid": container.pid or 0, "ExitCode": 0, "Error": ""},
        "Image": "sha256:" + "0" * 64,
        "Name": f"/{container.name}",
        "HostConfig": {"Binds": noise, "NetworkMode": container.network_mode, "RestartPolicy": {"Name": "no"}},
        "Mounts": [{"Type": "volume", "Name": "data", "Source": text} for text in noise],
        "Config": {
            "Hostname": "x",
            "Env": noise,
            "Cmd": None,
            "Labels": {
                "annotation.io.kubernetes.container.hash": "0",
                **{label: getattr(container, name) for name, label in _LABELS.items() if getattr(container, name)},
            },
        },
        "NetworkSettings": {
            "Bridge": "",
            "SandboxKey": container.sandbox_key,
            "Ports": {},
            **(network if draw(st.booleans()) else {}),
            "Networks": {"bridge": {"IPAMConfig": None, **network}, "none": {"IPAddress": "", "IPPrefixLen": 0}},
        },
    }


def render_docker_inspect(documents: Sequence[dict[str, Any]], *, indent: int | None = 4) -> str:
    """As Docker prints JSON; ``indent`` None puts it on one line."""
    if indent is None:
        return json.dumps(documents, separators=(",", ":"), ensure_ascii=False) + "\n"
    return json.dumps(documents, indent=indent, ensure_ascii=False) + "\n"


# --- kubectl get pods -------------------------------------------------------------------------------------------------

_KUBERNETES_NAMES = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)


@st.composite
def kubernetes_pods(draw: Draw) -> KubernetesPod:
    return KubernetesPod(
        namespace=draw(_KUBERNETES_NAMES),
        name=draw(_KUBERNETES_NAMES),
        ready=draw(st.from_regex(r"[0-9]{1,2}/[1-9]", fullmatch=True)),
        status=draw(st.sampled_from(("Running", "Init:0/2", "CrashLoopBackOff", "Completed"))),
        restarts=draw(st.integers(0, 5000)),
        age=draw(st.sampled_from(("9s", "3d21h", "2y45d", "<unknown>"))),
        ips=tuple(draw(st.lists(st.ip_addresses(), max_size=1))),
        node=draw(_one_in(2, _KUBERNETES_NAMES)),
    )


def render_kubectl_get_pods(pods: Sequence[KubernetesPod]) -> str:
    """``kubectl get pods -A -o wide``: columns as wide as their widest word, three blanks apart."""
    heading = ["NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE", "IP", "NODE"]
    heading += ["NOMINATED NODE", "READINESS GATES"]
    rows = [
        [
            *(str(pod.namespace), pod.name, str(pod.ready), str(pod.status)),
            str(pod.restarts) if not pod.restarts else f"{pod.restarts} (5d ago)",
            *(str(pod.age), str(pod.ip or "<none>"), pod.node or "<none>", "<none>", "<none>"),
        ]
        for pod in pods
    ]
    widths = [max(map(len, column)) + 3 for column in zip(heading, *rows, strict=True)]
    table = [heading, *rows] if rows else []
    return "".join("".join(map(str.ljust, row, widths)).rstrip() + "\n" for row in table)
