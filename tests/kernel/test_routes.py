"""Routing tables of this kernel, as the tools print them: text beside JSON, word for word, and `route` beside both."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aksnet_parse import IpRoute, Route, parse_ip_route, parse_route_n
from tests.topology.process import ENVIRONMENT, Owner, run

pytestmark = pytest.mark.usefixtures("kernel")

DEVICES = ("eth0", "-x", "state", "metric", "via", "a\\")
SETUP = [
    "link add name eth0 type veth peer name peer0",
    "link add name -x type veth peer name peer1",
    "link add name state type veth peer name peer2",
    "link add name metric type veth peer name peer3",
    "link add name via type veth peer name peer4",
    "link add name a\\ type veth peer name peer5",
    "addr add 10.0.0.2/24 dev eth0",
    "addr add fd00::2/64 dev eth0 nodad",
    "addr add 10.0.1.2/24 dev -x",
    "addr add 10.0.2.2/24 dev a\\",
    *(f"link set dev {name} up" for name in ("eth0", "peer0", "state", "peer2", "metric", "via")),
    *(f"link set dev {name} up" for name in ("-x", "a\\", "peer3", "peer4", "peer5")),  # peer1 is down: linkdown
]

# Every kind of route that iproute2 6.1 can set; what this kernel has not is left out.
KINDS = [
    "route add default via 10.0.0.1 dev eth0 proto dhcp src 10.0.0.2 metric 100",
    "route add default via 10.0.0.3 dev eth0 metric 4294967295 onlink",
    "route add 10.1.0.0/16 nexthop via 10.0.0.1 dev eth0 weight 1 nexthop via 10.0.0.5 dev eth0 weight 7",
    "route add 10.1.1.0/24 nexthop dev state weight 3 nexthop dev via weight 255",
    "route add 10.1.2.0/24 nexthop via inet6 fe80::1 dev eth0 nexthop via 10.9.9.9 dev state onlink",
    "route add blackhole 10.2.0.0/16",
    "route add unreachable 10.3.0.0/16 metric 5",
    "route add prohibit 10.4.0.0/16 proto static",
    "route add throw 10.5.0.0/16",
    "route add blackhole default metric 4294967290",
    "route add 10.6.0.1 dev metric scope link",
    "route add 10.7.0.0/16 via 10.0.0.1 mtu lock 1400 advmss 1300 window 5000 rtt 100ms rttvar 50ms ssthresh 10",
    "route add 10.7.2.0/24 via 10.0.0.1 cwnd lock 5 initcwnd 10 initrwnd 20 hoplimit 60 reordering 4 rto_min 200ms",
    "route add 10.7.3.0/24 via 10.0.0.1 quickack 1 features ecn congctl reno",
    "route add 10.7.1.0/24 via 10.0.0.1 rtt 1500ms rto_min 2s",
    "route add 10.8.0.0/16 via 10.0.0.1 tos 0x10",
    "route add 10.9.0.0/16 via 10.0.0.1 realm 3/4",
    "route add 10.9.1.0/24 via 10.0.0.1 realm 4",
    "route add 10.10.0.0/16 via inet6 fe80::1 dev eth0",
    "route add 10.11.0.0/16 dev a\\ proto 77 scope 50",
    "route add 10.12.0.0/16 dev eth0 table 100",
    "route add 10.13.0.0/16 dev eth0 proto zebra table 1000",
    "nexthop add id 7 via 10.0.0.1 dev eth0",
    "nexthop add id 8 via 10.0.0.9 dev eth0",
    "nexthop add id 9 group 7,3/8,2",
    "nexthop add id 11 group 7/8",
    "nexthop add id 12 group 7/8 type resilient buckets 32",
    "nexthop add id 10 blackhole",
    "nexthop add id 13 via 10.0.0.9 dev eth0 onlink",
    "nexthop add id 14 dev state",
    "route add 10.14.0.0/16 nhid 7",
    "route add 10.14.1.0/24 nhid 13",
    "route add 10.14.2.0/24 nhid 14",
    "route add 10.15.0.0/16 nhid 9",
    "route add 10.15.1.0/24 nhid 11",
    "route add 10.16.0.0/16 nhid 10",
    "route add local 10.17.0.0/16 dev lo",
    "route add multicast 224.1.0.0/16 dev eth0 table local",
    "route add broadcast 10.18.255.255 dev eth0 table local",
    "route add anycast 10.30.0.1 dev eth0 table local",
    "route add 10.19.0.0/16 encap mpls 100/200 via 10.0.0.1 dev eth0",
    "route add 10.20.0.0/16 encap ip id 5 dst 1.2.3.4 src 10.0.0.2 ttl 60 tos 4 dev eth0",
    "route add 10.20.1.0/24 tos 0x8 encap ip id 5 dst 1.2.3.4 key csum seq via 10.0.0.1 dev eth0",
    "route add 10.20.2.0/24 encap ip id 5 vxlan_opts 7 dst 1.2.3.4 dev eth0",
    "route add 10.21.0.0/16 encap ip6 id 5 dst fd00::9 hoplimit 60 dev eth0",
    "route add 10.22.0.0/16 encap seg6 mode encap segs fd00::a,fd00::b dev eth0",
    "route add 10.23.0.0/16 via 10.0.0.1 dev eth0 fastopen_no_cookie 1",
    "route add 10.25.0.0/16 src 10.0.0.2 dev eth0 mtu 1400",
    "route add 10.27.0.0/16 nexthop encap ip id 7 dst 1.2.3.4 via 10.0.0.1 dev eth0 nexthop via 10.0.0.6 realm 4",
    "route add 10.29.0.0/16 via 10.0.1.1 dev -x",
    "route add 10.31.0.0/16 nhid 7 mtu 1300",
    "route add 10.32.0.0/16 encap bpf xmit obj x.o dev eth0",
    "route add 10.33.0.0/16 dev state mtu 1400",
    "-6 route add default via fe80::1 dev eth0 metric 100 pref high",
    "-6 route add fd01::/64 nexthop via fd00::1 dev eth0 weight 2 nexthop via fd00::3 dev eth0",
    "-6 route add blackhole fd02::/64",
    "-6 route add unreachable fd03::/64",
    "-6 route add prohibit fd04::/64",
    "-6 route add throw fd05::/64",
    "-6 route add unreachable default metric 4294967290",
    "-6 route add fd06::1 dev eth0 expires 300 proto ra pref low",
    "-6 route add fd07::/64 from fd00::/64 dev eth0",
    "-6 route add fd08::/64 via fd00::1 mtu 1400 hoplimit 5",
    "-6 route add fd08:1::/64 via fd00::1 mtu lock 1400 features ecn",
    "-6 route add fd09::/64 encap seg6 mode inline segs fd00::a,fd00::b dev eth0",
    "-6 route add fd09:1::/64 encap seg6local action End.X nh6 fd00::1 dev eth0",
    "-6 route add fd09:2::/64 encap seg6local action End count dev eth0",
    "-6 route add fd09:3::/64 encap seg6local action End.T table main dev eth0",
    "-6 route add fd09:4::/64 encap seg6local action End.DX4 nh4 10.0.0.1 dev eth0",
    "-6 route add fd09:5::/64 encap seg6local action End.B6 srh segs fd00::a,fd00::b dev eth0",
    "-6 nexthop add id 20 via fd00::1 dev eth0",
    "-6 route add fd0a::/64 nhid 20",
    "-6 route add fd0c::/64 encap ip6 id 5 dst fd00::9 hoplimit 60 dev eth0",
    "-6 route add fd0d::/64 encap ioam6 trace prealloc type 0x800000 ns 1 size 12 dev eth0",
    "-6 route add local fd0e::/64 dev lo",
    "-6 route add anycast fd0f::1 dev eth0",
    "-6 route add fd10::/64 encap rpl segs fd00::a,fd00::b dev eth0",
    "-6 route add fd11::1 dev a\\",
    "-6 route add fd12::/64 dev eth0 table 100",
]
CLEAN = [f"{family} route flush table {table}" for family in ("-4", "-6") for table in ("100", "1000")]
CLEAN += ["-4 route flush table main", "-6 route flush table main", "nexthop flush"]
# What the kernel had set for the addresses, so that gateways can be reached.
CLEAN += [
    "route add 10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.2",
    "route add 10.0.1.0/24 dev -x proto kernel scope link src 10.0.1.2",
    "route add 10.0.2.0/24 dev a\\ proto kernel scope link src 10.0.2.2",
    "-6 route add fd00::/64 dev eth0 proto kernel metric 256",
    "-6 route add fe80::/64 dev eth0 proto kernel metric 256",
]
SELECTIONS = ("", "show table all", "show table local", "show table 100", "show dev eth0", "show scope link")


# --- a namespace and what is in it ------------------------------------------------------------------------------------


class Space:
    """A network namespace in which the tools run."""

    def __init__(self, pid: int) -> None:
        self.enter = ["nsenter", f"--net=/proc/{pid}/ns/net"]

    def batch(self, lines: Sequence[str]) -> None:
        """Run lines as ``ip`` commands; what this kernel cannot do is left out."""
        subprocess.run(
            [*self.enter, "sh", "-c", "set -f; while read -r line; do ip $line; done"],
            input="".join(f"{line}\n" for line in lines),
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
        )

    def run(self, call: str) -> str:
        # Names are looked up at a server that refuses at once.
        alone = ["unshare", "--mount", "sh", "-c", 'mount --bind /dev/null /etc/resolv.conf && exec "$@"', "sh"]
        return run([*self.enter, *(() if call.startswith("ip ") else alone), *call.split()])


@pytest.fixture(scope="module")
def space(kernel: None) -> Iterator[Space]:
    with Owner.of_pod() as owner:
        found = Space(owner.ready())
        found.batch(SETUP)
        assert set(DEVICES) <= {link["ifname"] for link in json.loads(found.run("ip -j link"))}
        yield found


@pytest.fixture(scope="module")
def full(space: Space) -> Space:
    """The namespace with one route of each kind."""
    space.batch([*CLEAN, *KINDS])
    shown = json.loads(space.run("ip -j -d route show table all"))
    assert len(shown) > 80
    return space


# --- what JSON says, in the shape of the models -----------------------------------------------------------------------


def said(route: Route) -> Any:
    return bare(route.model_dump(mode="json", by_alias=True, exclude_unset=True))


def bare(value: Any) -> Any:
    """Without what JSON has not: sources, and that a metric is locked."""
    if isinstance(value, dict):
        dropped = {"source", "source_command", "locked"}
        return {
            key: sorted(item) if key == "flags" else bare(item) for key, item in value.items() if key not in dropped
        }
    return [bare(item) for item in value] if isinstance(value, list) else value


def normal(text: str, version: int | None = None) -> list[Any]:
    """The JSON of iproute2 itself, decoded by the standard library, with destinations as networks."""
    entries = json.loads(text, object_pairs_hook=lambda pairs: Twice(pairs))
    known = [version or told(dict(entry)) for entry in entries]
    found = []
    for index, entry in enumerate(entries):
        near = [other for other in (*known[index::-1], *known[index:]) if other is not None]
        found.append(normal_hop(entry, near[0] if near else 4))
    return found


class Twice(list[tuple[str, Any]]):
    """The pairs of an object, of which some may have the same key."""


def told(entry: dict[str, Any]) -> int | None:
    words = (entry["dst"], entry.get("gateway", ""), entry.get("prefsrc", ""), "::" if "pref" in entry else "")
    nexthops = [dict(hop).get("gateway", "") for hop in entry.get("nexthops", ())]
    if dict(entry.get("via", ())).get("family") == "inet6":
        return 4
    if any(":" in word for word in (*words, *nexthops)):
        return 6
    return None if not any(character.isdigit() for word in (*words, *nexthops) for character in word) else 4


def normal_hop(entry: Any, version: int) -> Any:
    if isinstance(entry, Twice):
        result: dict[str, Any] = {}
        for key, value in entry:
            if key == "encap":
                result |= {"encap": value, "encap_args": []}
            elif (
                "encap" in result
                and not result.keys() & {"dev", "gateway", "via", "protocol", "scope", "flags"}
                and (key not in {"dev", "gateway", "via", "protocol", "scope", "flags", "metric", "prefsrc"})
            ):
                if key == "tos" and (result["encap"] != "ip" or "tos" in result["encap_args"]):
                    result["tos"] = value
                else:
                    result["encap_args"] += arguments(key, value)
            else:
                result[key] = normal_hop(value, version)
        if "encap_args" in result:
            result["encap_args"] = " ".join(result["encap_args"])
        if "dst" in result:
            word = ("0.0.0.0/0" if version == 4 else "::/0") if result["dst"] == "default" else result["dst"]
            result["dst"] = str(ip_network(word))
        if "flags" in result:
            result["flags"] = sorted(result["flags"])
        return result
    return [normal_hop(item, version) for item in entry] if isinstance(entry, list) else entry


def arguments(key: str, value: Any) -> list[str]:
    if isinstance(value, Twice):
        return [word for pair in value for word in arguments(*pair)]
    if key == "vxlan_opts":
        return [key, ",".join(str(word) for option in value for _, word in option)]
    if isinstance(value, list):
        return [key, str(len(value)), "[", *value, "]"]
    return [key] if value is None or value is True else [key, str(value)]


def without_expiry(routes: Sequence[Any]) -> list[Any]:
    return [{key: value for key, value in route.items() if key != "expires"} for route in routes]


def agrees(space: Space, options: str, selection: str) -> None:
    """Text and JSON of the same call give the same, and all that iproute2's JSON says."""
    text = parse_ip_route(space.run(f"ip {options} route {selection}"), strict=True)
    shown = space.run(f"ip -j {options.replace('-o', '')} route {selection}")
    version = 6 if "-6" in options else None
    assert without_expiry(list(map(said, text))) == without_expiry(normal(shown, version))
    for json_text in (shown, space.run(f"ip -j -p {options.replace('-o', '')} route {selection}")):
        parsed = parse_ip_route(json_text, strict=True)
        assert without_expiry(list(map(said, parsed))) == without_expiry(list(map(said, text)))
        assert parsed.coverage == 1.0


# --- one of each kind -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("selection", SELECTIONS)
@pytest.mark.parametrize("options", ["", "-d", "-o", "-o -d", "-s", "-N", "-6", "-6 -d", "-6 -o", "-6 -s", "-4 -d"])
def test_text_says_what_json_says(full: Space, options: str, selection: str) -> None:
    agrees(full, options, selection)


def test_each_keyword_was_there(full: Space) -> None:
    shown = {key for route in json.loads(full.run("ip -j -d route show table all")) for key in route}
    assert shown >= {
        *(
            "type",
            "dst",
            "gateway",
            "via",
            "dev",
            "table",
            "protocol",
            "scope",
            "prefsrc",
            "metric",
            "flags",
            "metrics",
        ),
        *("nexthops", "nhid", "nh_info", "flow", "tos", "expires", "pref", "from", "encap"),
    }


def test_colours_change_nothing(full: Space) -> None:
    plain, coloured = (parse_ip_route(full.run(f"ip {option} route"), strict=True) for option in ("", "-c=always"))
    assert list(coloured) == list(plain)


@pytest.mark.parametrize("selection", ["", "show table all"])
@pytest.mark.parametrize("option", ["", "-6"])
def test_busybox(full: Space, option: str, selection: str) -> None:
    found = parse_ip_route(full.run(f"busybox ip {option} route {selection}"), strict=True)
    expected = parse_ip_route(full.run(f"ip {option} route {selection}"), strict=True)
    wanted = [seen(route) for route in expected]
    # Where it is asked for IPv6, it shows some of other tables as well.
    assert [route for route in map(seen, found) if route in wanted] == wanted
    assert option == "-6" or len(found) == len(expected)


def seen(route: IpRoute) -> Any:
    """What busybox shows of a route: it knows no hop but the only one, and no gateway of the other family."""
    return (
        *(route.type, route.dst, route.gateway, route.dev, route.table, route.scope, route.prefsrc, route.metric),
        "onlink" in route.flags,
    )


# --- route ------------------------------------------------------------------------------------------------------------


def of_both(route: Route, *, metric: bool = True) -> Any:
    hop = route.nexthops[0] if route.nexthops else route
    gateway = hop.gateway
    # For a route that throws packets away the device is not shown, and lo where it is a nexthop object's.
    return (str(route.dst), gateway, None if route.is_reject else hop.dev, (route.metric or 0) if metric else None)


@pytest.mark.parametrize("call", ["route -n", "route", "route -ee", "route -nee", "busybox route -n", "busybox route"])
def test_route_shows_the_same_routes(full: Space, call: str) -> None:
    table = parse_route_n(full.run(call), strict=True)
    expected = parse_ip_route(full.run("ip -j route"), strict=True)
    rejects = {"blackhole", "throw"}
    assert [of_both(row) for row in table if row.dev != "lo"] == [of_both(row) for row in expected if row.dev != "lo"]
    for row, route in zip(table, expected, strict=True):
        assert row.is_default == route.is_default
        assert row.is_host == route.is_host
        assert row.is_on_link == route.is_on_link or route.encap is not None or bool(route.nexthops)
        assert row.is_reject == route.is_reject or route.type in rejects
        if "ee" in call:
            metrics = route.metrics[0] if route.metrics else None
            assert row.window == (0 if metrics is None or metrics.window is None else metrics.window) or row.is_reject
    assert {row.source_command for row in table} == {"route -n" if "-n" in call else "route"}


@pytest.mark.parametrize("call", ["route -ne", "route -e", "netstat -rn", "busybox route -ne", "busybox netstat -rn"])
def test_other_columns(full: Space, call: str) -> None:
    table = parse_route_n(full.run(call), strict=True)
    expected = parse_route_n(full.run("route -nee"), strict=True)
    assert [(row.dst, row.gateway, row.dev) for row in table] == [(row.dst, row.gateway, row.dev) for row in expected]
    assert [row.metric for row in table] == [None] * len(expected)
    shown = [(row.mss, row.window, row.irtt) for row in table if not row.is_reject]
    assert shown == [(row.mss, row.window, row.irtt) for row in expected if not row.is_reject]


@pytest.mark.parametrize(
    "call", ["route -6 -n", "route -A inet6", "netstat -rn6", "busybox route -n -A inet6", "busybox route -A inet6"]
)
def test_route_of_ipv6(full: Space, call: str) -> None:
    table = parse_route_n(full.run(call), strict=True)
    expected = parse_ip_route(full.run("ip -j -6 route show table all"), strict=True)
    hops: list[Any] = []
    for route in expected:
        if route.table in {None, "local"}:
            for hop in route.nexthops or (route,):
                hops.append((str(route.dst), hop.gateway, hop.dev, route.metric))
    shown = [(str(row.dst), row.gateway, row.dev, row.metric) for row in table]
    # The kernel's own last row, and routes of other tables, are in /proc/net/ipv6_route alone.
    assert set(map(str, hops)) <= set(map(str, shown))
    main = {(route.dst, route.device) for route in expected if route.forwards and not route.nexthops}
    local = {(route.dst, route.device) for route in expected if route.type == "local" and route.protocol == "kernel"}
    forwarding = {(row.dst, row.device) for row in table if row.forwards}
    assert main <= forwarding
    assert not local & forwarding - main
    assert {row.dst for row in table if row.is_reject} >= {route.dst for route in expected if route.is_reject}


# --- tables at random -------------------------------------------------------------------------------------------------


@st.composite
def hops(draw: Any, version: int) -> str:
    gateways = ("10.0.0.1", "10.0.0.7", "10.0.0.9") if version == 4 else ("fd00::1", "fd00::7", "fe80::1")
    device = draw(st.sampled_from(("eth0", "state", "via", "a\\")))
    kind = draw(st.sampled_from(("link", "gateway", "onlink", "via")))
    if kind == "via" and version == 4:
        return f"via inet6 fe80::{draw(st.integers(1, 9))} dev {device}"
    if kind == "onlink":
        return f"via {draw(st.sampled_from(gateways))} dev {device} onlink"
    return f"dev {device}" if kind == "link" else f"via {draw(st.sampled_from(gateways))} dev eth0"


@st.composite
def commands(draw: Any) -> str:
    version = draw(st.sampled_from((4, 6)))
    if version == 4:
        bits = draw(st.sampled_from((0, 1, 8, 16, 24, 31, 32)))
        network = ip_network((draw(st.integers(11 << 24, 126 << 24)) if bits else 0, bits), strict=False)
    else:
        bits = draw(st.sampled_from((0, 7, 64, 127, 128)))
        network = ip_network(((0xFD << 120 | draw(st.integers(0, 2**120 - 1))) if bits else 2**127, bits), strict=False)
        network = ip_network("::/0") if not bits else network
    words = [f"-{version} route add"]
    kind = draw(st.sampled_from((*[""] * 6, "blackhole", "unreachable", "prohibit", "throw", "local")))
    words += [kind, str(network)]
    encap = draw(
        st.sampled_from(("", "", "", "encap ip id 7 dst 1.2.3.4", "encap seg6 mode encap segs fd00::a,fd00::b"))
    )
    if kind == "local":
        words.append("dev lo")
    elif kind == "" and draw(st.integers(0, 3)) == 0:
        weights = draw(st.lists(st.integers(1, 256), min_size=2, max_size=3))
        words += [f"nexthop {draw(hops(version))} weight {weight}" for weight in weights]
    elif kind == "":
        words += [encap, draw(hops(version))]
    for name, strategy in (
        ("metric", st.integers(1, 2**32 - 1)),
        ("proto", st.sampled_from(("static", "bird", "200"))),
        ("table", st.sampled_from(("100", "1000"))),
        ("mtu", st.sampled_from(("1400", "lock 1300"))),
        ("hoplimit", st.integers(1, 255)),
        ("rtt", st.sampled_from(("50ms", "999ms", "1000ms", "1500ms", "3s"))),
        ("rto_min", st.sampled_from(("40ms", "1s", "1200ms"))),
        ("quickack", st.integers(0, 1)),
        ("congctl", st.sampled_from(("reno", "lock reno"))),
        ("tos" if version == 4 else "pref", st.sampled_from(("0x10", "0x08") if version == 4 else ("low", "high"))),
        ("realm", st.sampled_from(("7", "3/4"))),
    ):
        if draw(st.integers(0, 4)) == 0:
            words.append(f"{name} {draw(strategy)}")
    return " ".join(word for word in words if word)


@settings(
    max_examples=40,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to find a smaller example takes long with real tools
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(commands(), min_size=1, max_size=15), st.sampled_from(("", "-d", "-o", "-o -d", "-6 -d")))
def test_tables_at_random(space: Space, lines: list[str], options: str) -> None:
    space.batch([*CLEAN, *lines])
    try:
        for selection in ("", "show table all"):
            agrees(space, options, selection)
        table = parse_route_n(space.run("route -n"), strict=True)
        expected = parse_ip_route(space.run("ip -j route"), strict=True)
        assert [of_both(row) for row in table if row.dev != "lo"] == [
            of_both(row) for row in expected if row.dev != "lo"
        ]
    finally:
        space.batch(CLEAN)
