"""`ip route` as the tools print it, text and JSON, and back from typed records."""

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv6Address, ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aksnet_parse import IpRoute, parse_ip_route
from aksnet_parse.commandline import Invocation
from aksnet_parse.commands.ip_route import IP_ROUTE
from aksnet_parse.commands.one_line import split_joined
from aksnet_parse.commands.routes import Metrics
from aksnet_parse.dressing import undress

from ..strategies import ODD_NAMES, ip_routes, render_ip_route


def one(text: str) -> IpRoute:
    [route] = parse_ip_route(text, strict=True)
    return route


def said(record: Any) -> Any:
    """A record beside ``ip -j``: what was said, by the names of iproute2."""
    return without_sources(record.model_dump(mode="json", by_alias=True, exclude_unset=True))


def without_sources(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: without_sources(item)
            for key, item in value.items()
            if key not in {"source", "source_command"} and not (key == "flags" and item == [])
        }
    return [without_sources(item) for item in value] if isinstance(value, list) else value


# --- round trip -------------------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(st.lists(ip_routes(), max_size=5))
def test_what_was_printed_is_read_back(rows: list[IpRoute]) -> None:
    result = parse_ip_route(render_ip_route(rows), strict=True)
    assert list(result) == rows
    assert result.coverage == 1.0


@settings(max_examples=50, deadline=None)
@given(st.lists(ip_routes(), min_size=1, max_size=4))
def test_lost_indentation_and_other_blanks_do_not_matter(rows: list[IpRoute]) -> None:
    text = render_ip_route(rows)
    bare = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    indented = "\n".join("    " + line for line in text.split("\n"))
    spaced = "\n".join(line.replace(" ", "  ") for line in text.split("\n"))
    assert list(parse_ip_route(bare)) == list(parse_ip_route(indented)) == list(parse_ip_route(spaced)) == rows


@settings(max_examples=50, deadline=None)
@given(st.lists(ip_routes(), max_size=4))
def test_one_line_for_each_route(rows: list[IpRoute]) -> None:
    text = render_ip_route(rows, one_line=True)
    result = parse_ip_route(text, strict=True)
    assert list(result) == rows
    assert [route.source for route in result] == [(None, line, line) for line in range(1, len(rows) + 1)]
    collapsed = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    assert list(parse_ip_route(collapsed, strict=True)) == rows


@settings(max_examples=50, deadline=None)
@given(st.lists(ip_routes(), max_size=4))
def test_json_of_a_record_and_back(rows: list[IpRoute]) -> None:
    for row in rows:
        assert IpRoute.model_validate_json(row.model_dump_json(by_alias=True)) == row


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names(name: str) -> None:
    route = one(f"10.0.0.0/24 dev {name} proto kernel scope link src 10.0.0.2 linkdown ")
    assert (route.dev, route.protocol, route.flags) == (name, "kernel", frozenset({"linkdown"}))
    joined = one(f"10.0.0.0/24 \\\tnexthop via 10.0.0.1 dev {name} weight 1 \\\tnexthop dev {name} weight 2 ")
    assert [hop.dev for hop in joined.nexthops] == [name, name]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "default via 10.0.0.1 dev eth0 proto dhcp src 10.0.0.2 metric 100 ",
            {
                "dst": "0.0.0.0/0",
                "gateway": "10.0.0.1",
                "dev": "eth0",
                "protocol": "dhcp",
                "prefsrc": "10.0.0.2",
                "metric": 100,
            },
        ),
        ("10.0.0.5 dev azv1 scope link ", {"dst": "10.0.0.5/32", "dev": "azv1", "scope": "link"}),
        ("blackhole 10.2.0.0/16 ", {"type": "blackhole", "dst": "10.2.0.0/16"}),
        ("6 10.2.0.0/16 ", {"type": "6", "dst": "10.2.0.0/16"}),
        ("10.2.0.0/16 ", {"dst": "10.2.0.0/16"}),
        ("::/1 dev x pref low", {"dst": "::/1", "dev": "x", "pref": "low"}),
        ("default via fe80::1 dev x", {"dst": "::/0", "gateway": "fe80::1", "dev": "x"}),
        (
            "default via inet6 fe80::1 dev x",
            {"dst": "0.0.0.0/0", "via": {"family": "inet6", "host": "fe80::1"}, "dev": "x"},
        ),
        ("default dev x pref medium", {"dst": "::/0", "dev": "x", "pref": "medium"}),
        (
            "unreachable default dev lo  table unspec  proto kernel  metric 4294967295  error -101",
            {
                "type": "unreachable",
                "dst": "::/0",
                "dev": "lo",
                "table": "unspec",
                "protocol": "kernel",
                "metric": 4294967295,
                "error": -101,
            },
        ),
        (
            "10.0.0.0/8 dev x metric -1 onlink ",
            {"dst": "10.0.0.0/8", "dev": "x", "metric": 4294967295, "flags": ["onlink"]},
        ),
        (
            "10.7.0.0/16 via 10.0.0.1 dev x mtu lock 1400 rtt 1.5s rto_min lock 200ms features ecn congctl reno ",
            {
                "dst": "10.7.0.0/16",
                "gateway": "10.0.0.1",
                "dev": "x",
                "metrics": [
                    {
                        "mtu": 1400,
                        "rtt": 1500,
                        "rto_min": 200,
                        "ecn": None,
                        "congestion": "reno",
                        "locked": ["mtu", "rto_min"],
                    }
                ],
            },
        ),
        ("fd00::/64 from fd01::/64 dev x", {"dst": "fd00::/64", "from": "fd01::/64", "dev": "x"}),
        ("fd00::1 from default dev x", {"dst": "fd00::1/128", "from": "::/0", "dev": "x"}),
        ("10.0.0.0/8 dev x realms 3/4 ", {"dst": "10.0.0.0/8", "dev": "x", "flow": {"from": "3", "to": "4"}}),
        ("10.0.0.0/8 dev x realm 4 ", {"dst": "10.0.0.0/8", "dev": "x", "flow": {"to": "4"}}),
        (
            "10.0.0.0/8 tos 0x10 via 10.0.0.1 dev x ttl-propagate enabled",
            {"dst": "10.0.0.0/8", "tos": "0x10", "gateway": "10.0.0.1", "dev": "x", "ttl-propagate": "enabled"},
        ),
        (
            "fd06::1 dev x expires 298sec users 2 used 3 age 4sec",
            {"dst": "fd06::1/128", "dev": "x", "expires": 298, "users": 2, "used": 3, "age": 4},
        ),
        (
            "10.20.0.0/16  encap ip id 5 src 10.0.0.2 dst 1.2.3.4 ttl 60 tos 4 tos 0x8 dev x",
            {
                "dst": "10.20.0.0/16",
                "encap": "ip",
                "encap_args": "id 5 src 10.0.0.2 dst 1.2.3.4 ttl 60 tos 4",
                "tos": "0x8",
                "dev": "x",
            },
        ),
        (
            "10.0.0.0/8  encap mpls  100/200 via 10.0.0.1 dev x",
            {"dst": "10.0.0.0/8", "encap": "mpls", "encap_args": "100/200", "gateway": "10.0.0.1", "dev": "x"},
        ),
        (
            "10.0.0.0/8  encap new_kind of 7 things dev x",
            {"dst": "10.0.0.0/8", "encap": "new_kind", "encap_args": "of 7 things", "dev": "x"},
        ),
    ],
)
def test_words(line: str, expected: dict[str, Any]) -> None:
    assert said(one(line)) == expected


# What differs between releases, made of real lines by the differences.
@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (
            "10.0.0.0/24 dev eth0  proto kernel  scope link  src 10.0.0.2  metric 100 ",
            "10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.2 metric 100 ",
        ),
        (
            "10.7.0.0/16 via 10.0.0.1 dev eth0  mtu lock 1400  window 5000 ",
            "10.7.0.0/16 via 10.0.0.1 dev eth0 mtu lock 1400 window 5000 ",
        ),
        (
            "10.1.0.0/16 \n\tnexthop via 10.0.0.1  dev eth0 weight 3\n\tnexthop via 10.0.0.5  dev eth0 weight 1 ",
            "10.1.0.0/16 \n\tnexthop via 10.0.0.1 dev eth0 weight 3 \n\tnexthop via 10.0.0.5 dev eth0 weight 1 ",
        ),
    ],
)
def test_releases(older: str, newer: str) -> None:
    assert one(older) == one(newer)


def test_a_nexthop_object_is_told_before_the_gateway() -> None:
    older, newer = one("10.14.0.0/16 via 10.0.0.1 dev eth0 "), one("10.14.0.0/16 nhid 7 via 10.0.0.1 dev eth0 ")
    assert (older.nhid, newer.nhid) == (None, 7)
    assert older.gateway == newer.gateway


def test_several_hops_of_ipv6() -> None:
    # To 4.15 each was a line of its own, later they stand below a line that has the preference.
    older = parse_ip_route(
        "fd01::/64 via fd00::1 dev x metric 1024 pref medium\nfd01::/64 via fd00::3 dev x metric 1024 "
    )
    newer = one(
        "fd01::/64 metric 1024 pref medium\n\tnexthop via fd00::1 dev x weight 2 \n"
        "\tnexthop via fd00::3 dev x weight 1 "
    )
    assert [route.gateway for route in older] == [hop.gateway for hop in newer.nexthops]
    assert (newer.pref, newer.source) == ("medium", (None, 1, 3))
    assert (newer.device, newer.next_hop) == ("x", IPv6Address("fd00::1"))
    assert [hop.source for hop in newer.nexthops] == [(None, 2, 2), (None, 3, 3)]


def test_details_of_nexthop_objects() -> None:
    text = (
        "unicast 10.15.0.0/16 nhid 9 proto boot scope global \n"
        "\tnh_info id 9 group 7,3/8 scope global proto unspec \\\tnexthop via 10.0.0.1 dev x weight 3 \n"
        "blackhole 10.16.0.0/16 nhid 10 dev lo proto boot scope global \n"
        "\tnh_info id 10 scope global blackhole proto unspec \n"
    )
    first, second = parse_ip_route(text, strict=True)
    assert said(first)["nh_info"] == {
        "id": 9,
        "group": [{"id": 7, "weight": 3}, {"id": 8}],
        "scope": "global",
        "protocol": "unspec",
    }
    assert [hop.weight for hop in first.nexthops] == [3]
    assert said(second)["nh_info"] == {"id": 10, "scope": "global", "blackhole": None, "protocol": "unspec"}
    assert (second.dst, first.source, second.source) == (ip_network("10.16.0.0/16"), (None, 1, 2), (None, 3, 4))


def test_cached_routes_are_none_of_the_table() -> None:
    route = one("10.7.0.1 via 10.0.0.1 dev x \n    cache <local,src-direct>  expires 5sec users 2 mtu lock 1400 ")
    assert (route.cache, route.expires, route.users, route.forwards) == (("local", "src-direct"), 5, 2, False)
    assert route.metrics == (Metrics(mtu=1400, locked=frozenset({"mtu"})),)
    assert one("10.7.0.1 dev x src 10.0.0.2 uid 0 \n    cache ").cache == ()


# --- the version of IP of a default route -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "versions"),
    [
        ("default dev x scope link ", [4]),
        ("default dev x metric 1024\nfd00::/64 dev x", [6, 6]),
        ("fd00::/64 dev x\nunicast default dev x", [6, 6]),
        ("10.0.0.0/8 dev x\ndefault dev x\nfd00::/64 dev x", [4, 4, 6]),
        ("default metric 1 \n\tnexthop via fe80::1 dev x weight 1 ", [6]),
        ("default via inet fe80::1 dev x", [6]),
        ("default dev x src fd00::1", [6]),
        ("unreachable default metric 5 \nfd00::/64 dev x", [6, 6]),
        ('[{"dst":"default","dev":"x","flags":[]},{"dst":"fd00::/64","dev":"x","flags":[]}]', [6, 6]),
    ],
)
def test_version_of_default(text: str, versions: list[int]) -> None:
    assert [route.dst.version for route in parse_ip_route(text, strict=True) if route.dst is not None] == versions


def called(call: str, text: str) -> IpRoute:
    invocation = Invocation(argv=tuple(call.split()), namespace="host")
    [route] = IP_ROUTE.parse_lines(undress(text), invocation=invocation)
    return route


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("ip route", ("0.0.0.0/0", "x", None, True)),
        ("ip -6 route", ("::/0", "x", None, True)),
        ("ip -f inet6 route", ("::/0", "x", None, True)),
        ("ip -family inet r ls", ("0.0.0.0/0", "x", None, True)),
        ("ip route show table 100", ("0.0.0.0/0", "x", "100", False)),
        ("ip route show table all", ("0.0.0.0/0", "x", None, True)),
        ("ip route show table main", ("0.0.0.0/0", "x", None, True)),
        ("ip route show vrf blue", ("0.0.0.0/0", "x", "vrf blue", False)),
    ],
)
def test_the_call_says_more(call: str, expected: tuple[Any, ...]) -> None:
    for text in ("default dev x ", '[{"dst":"default","dev":"x","flags":[]}]'):
        route = called(call, text)
        assert (str(route.dst), route.dev, route.table, route.forwards) == expected


def test_what_the_call_selects_is_not_printed() -> None:
    route = called("ip route show dev azv1", "10.0.0.5 scope link ")
    assert (route.dev, route.is_host, route.is_on_link) == ("azv1", True, True)


# --- what a route is good for -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "forwards", "is_on_link", "is_reject"),
    [
        ("10.0.0.5 dev x", True, True, False),
        ("unicast 10.0.0.5 dev x table main", True, True, False),
        ("local 10.0.0.5 dev x table local", False, True, False),
        ("local 10.0.0.5 dev x", False, True, False),
        ("broadcast 10.0.0.255 dev x", False, True, False),
        ("10.0.0.5 dev x table 100", False, True, False),
        ("blackhole 10.0.0.5", False, True, True),
        ("8 10.0.0.5", False, True, True),
        ("10.0.0.5 via 10.0.0.1 dev x", True, False, False),
        ("10.0.0.5 via inet6 fe80::1 dev x", True, False, False),
        ("10.0.0.5 encap ip id 1 dst 1.2.3.4 dev x", True, False, False),
        ("10.0.0.5 \n\tnexthop via 10.0.0.1 dev x weight 1", True, False, False),
        ("10.0.0.5 \n\tnexthop dev x weight 1", True, True, False),
    ],
)
def test_properties(text: str, forwards: bool, is_on_link: bool, is_reject: bool) -> None:
    route = one(text)
    assert (route.forwards, route.is_on_link, route.is_reject) == (forwards, is_on_link, is_reject)
    assert route.device == (None if is_reject else "x")


# --- JSON -------------------------------------------------------------------------------------------------------------

JSON = [
    {"dst": "default", "gateway": "10.0.0.1", "dev": "eth0", "protocol": "dhcp", "metric": 100, "flags": []},
    {"type": "blackhole", "dst": "10.2.0.0/16", "flags": []},
    {
        "dst": "10.1.0.0/16",
        "flags": [],
        "metrics": [{"mtu": 1400}],
        "nexthops": [{"gateway": "10.0.0.1", "dev": "a", "weight": 3, "flags": ["onlink"]}],
    },
]


def test_json() -> None:
    for text in (json.dumps(JSON, separators=(",", ":")), json.dumps(JSON, indent=4), json.dumps(JSON)):
        result = parse_ip_route(text, strict=True)
        expected = without_sources(JSON)
        expected[0]["dst"] = "0.0.0.0/0"
        assert list(map(said, result)) == expected
        assert IP_ROUTE.begins(undress(text), 0)


def test_keys_that_stand_twice_in_one_object() -> None:
    text = (
        '[{"dst":"10.20.0.0/16","encap":"ip","id":5,"src":"0.0.0.0","dst":"1.2.3.4","ttl":60,"tos":4,"tos":"0x8",'
        '"dev":"x","flags":[]}]'
    )
    route = one(text)
    assert (str(route.dst), route.tos, route.encap) == ("10.20.0.0/16", "0x8", "ip")
    assert route.encap_args == "id 5 src 0.0.0.0 dst 1.2.3.4 ttl 60 tos 4"


def test_an_encapsulation_with_an_object_of_its_own() -> None:
    """iproute2 6.15."""
    text = (
        '[{"dst":"fd09::/64","encap":{"encap_type":"seg6","mode":"encap","segs":["fd00::7"]},"dev":"x","flags":[]},'
        '{"dst":"fd09:1::/64","flags":[],"nexthops":[{"encap":{"encap_type":"ip6","id":5,"hoplimit":0},"dev":"x"}]},'
        '{"dst":"fd09:2::/64","encap":{"id":5},"dev":"x","flags":[]}]'
    )
    result = parse_ip_route(text)
    assert [(route.encap, route.encap_args) for route in result][:2] == [
        ("seg6", "mode encap segs 1 [ fd00::7 ]"),
        (None, None),
    ]
    [hop] = result[1].nexthops
    assert (hop.encap, hop.encap_args) == ("ip6", "id 5 hoplimit 0")
    assert [line.line for line in result.unparsed] == [1]


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        ({"dst": "10.0.0.0/8", "dev": "x", "new": 7, "flags": []}, "new"),
        ({"dst": "10.0.0.0/8", "metrics": [{"mtu": 9, "new": 7}]}, "new"),
        ({"dst": "10.0.0.0/8", "nexthops": [{"dev": "x", "new": 7}]}, "new"),
        ({"dst": "10.0.0.0/8", "metric": "x"}, "metric"),
    ],
)
def test_an_unknown_key_is_handed_back_alone(entry: dict[str, Any], key: str) -> None:
    result = parse_ip_route(json.dumps([entry, JSON[1]], indent=4))
    assert [str(route.dst) for route in result] == ["10.0.0.0/8", "10.2.0.0/16"]
    assert [f'"{key}":' in line.text for line in result.unparsed] == [True]


def test_an_entry_that_is_no_route_is_handed_back() -> None:
    result = parse_ip_route('[{"ifname":"x"},{"dst":"10.0.0.999"},{"dst":"10.0.0.1","dev":"x","flags":[]}]')
    assert len(result) == 1
    assert len(result.unparsed) == 1


# --- real output ------------------------------------------------------------------------------------------------------

CAPTURES = Path(__file__).parent / "captures"


def test_real_output_says_what_its_json_says() -> None:
    text = parse_ip_route((CAPTURES / "ip_route-details.txt").read_text(), strict=True)
    from_json = parse_ip_route((CAPTURES / "ip_route-details.json").read_text(), strict=True)

    def without_locks(route: IpRoute) -> Any:
        told = said(route)
        for metrics in told.get("metrics", ()):
            metrics.pop("locked", None)
        return told

    assert list(map(without_locks, text)) == list(map(said, from_json))
    assert len(text) == 63


def test_real_output_of_busybox() -> None:
    table = parse_ip_route((CAPTURES / "ip_route-busybox.txt").read_text(), strict=True)
    assert len(table) == 63
    assert [route.metric for route in table if "onlink" in route.flags] == [4294967295]
    assert {route.table for route in table} == {None, "local", "100", "1000"}


def test_backslashes_of_names_join_nothing() -> None:
    assert split_joined(["10.0.0.0/24 dev a\\ scope link", "x"]) is None
    assert split_joined(["2: a\\    inet 10.0.0.1/24 scope global a"]) is None
    assert split_joined(["1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever", "x"]) == (
        ["1: lo    inet 127.0.0.1/8 scope host lo", "       valid_lft forever", "x"],
        [0, 0, 1],
    )
    assert split_joined(["10.0.0.0/8 \\\tnexthop dev a\\ weight 1 \\ nexthop dev b"]) == (
        ["10.0.0.0/8 ", "\tnexthop dev a\\ weight 1 ", " nexthop dev b"],
        [0, 0, 0],
    )


# --- what is not understood -------------------------------------------------------------------------------------------

HEAD = "default via 10.0.0.1 dev eth0 \n"


@pytest.mark.parametrize(
    "line",
    [
        "10.0.0.999 dev x",
        "10.0.0.1/24 dev x",
        "10.0.0.0/33 dev x",
        "10.0.0.0/8 via 10.0.0.999 dev x",
        "10.0.0.0/8 via the way out",
        f"10.0.0.0/8 metric {'9' * 5000}",
        "10.0.0.0/8 dev",
        "10.0.0.0/8 unheard-of",
        "10.0.0.0/8 dev x from somewhere",
        "default gateway is 10.0.0.1",
        "\tnh_info of something",
        "\tnexthop",
        "RTNETLINK answers: Operation not permitted",
        "Dump terminated",
        "10.0.0.1 dev eth0 lladdr 00:0d:3a:9c:96:47 REACHABLE",
    ],
)
def test_a_line_that_is_none_is_handed_back(line: str) -> None:
    result = parse_ip_route(f"{HEAD}{line}\n{HEAD}")
    assert [found.line for found in result.unparsed] == [2]
    assert [str(route.dst) for route in result if str(route.dst) == "0.0.0.0/0"] == ["0.0.0.0/0"] * 2


def test_what_follows_an_unknown_word_is_not_believed_and_its_line_is_handed_back() -> None:
    result = parse_ip_route(
        "10.0.0.5 dev x unheard-of dev metric 7\n10.1.0.0/16 \n\tnexthop dev y unheard-of weight 3\n"
    )
    assert [(route.device, route.metric) for route in result] == [("x", None), ("y", None)]
    assert [found.line for found in result.unparsed] == [1, 3]


@settings(max_examples=60, deadline=None)
@given(st.lists(ip_routes(), max_size=4), st.lists(st.tuples(st.integers(0, 30), st.text(max_size=20)), max_size=3))
def test_every_line_is_in_a_record_or_handed_back(rows: list[IpRoute], noise: list[tuple[int, str]]) -> None:
    lines = render_ip_route(rows).split("\n")
    for place, word in noise:
        at = place % len(lines)
        lines[at] = f"{lines[at]} {word}"
    text = "\n".join(lines)
    shown = undress(text)
    result = parse_ip_route(text)
    covered = {line.line for line in result.unparsed}
    for route in result:
        assert route.source is not None
        covered.update(range(route.source.first_line, route.source.last_line + 1))
    assert {number for number, line in enumerate(shown, 1) if line.strip()} <= covered | {
        number for number, line in enumerate(shown, 1) if not any(map(str.isalnum, line))
    }


# --- calls and looks --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "claimed", "partial"),
    [
        ("ip route", True, False),
        ("ip r", True, False),
        ("ip ro ls", True, False),
        ("ip -d -o route list", True, False),
        ("ip -4 route show", True, False),
        ("ip -j route", True, False),
        ("ip -n blue route", True, False),
        ("ip route show table all", True, False),
        ("ip route show table main", True, False),
        ("ip -6 route", True, True),
        ("ip -f inet6 route", True, True),
        ("ip route show table 100", True, True),
        ("ip route show dev eth0", True, True),
        ("ip route list 10.0.0.0/8", True, True),
        ("ip route get 10.0.0.1", False, False),
        ("ip route add default via 10.0.0.1", False, False),
        ("ip route flush cache", False, False),
        ("ip route show cache", False, False),
        ("ip rule", False, False),
        ("ip addr", False, False),
        ("route -n", False, False),
    ],
)
def test_calls(call: str, claimed: bool, partial: bool) -> None:
    argv = tuple(call.split())
    assert IP_ROUTE.claims(argv) is claimed
    if claimed:
        assert IP_ROUTE.is_partial(argv) is partial


@pytest.mark.parametrize(
    "line",
    [
        "default via 10.0.0.1 dev eth0",
        "default via 10.0.0.1 dev eth0 proto dhcp src 10.0.0.2 metric 100 ",
        "default via fe80::1 dev eth0 proto ra metric 100 expires 8998sec hoplimit 64 pref medium",
        "default dev eth0 scope link ",
        "10.0.0.0/24 dev eth0  proto kernel  scope link  src 10.0.0.2 ",
        "10.240.0.5 dev azv33ac2d062ec scope link ",
        "10.240.0.5 dev azv33ac2d062ec proto static ",
        "10.240.0.5 dev azv33ac2d062ec",
        "blackhole 10.2.0.0/16 ",
        "unreachable default dev lo metric 4294967295 error -101",
        "local 127.0.0.1 dev lo table local proto kernel scope host src 127.0.0.1 ",
        "10.20.0.0/16  encap ip id 5 src 10.0.0.2 dst 1.2.3.4 ttl 60 tos 4 dev veth0 scope link ",
        "10.14.0.0/16 nhid 7 via 10.0.0.1 dev veth0 ",
        r"10.15.0.0/16 nhid 9 \ nexthop via 10.0.0.1 dev veth0 weight 3 ",
        "10.8.0.0/16 tos 0x10 via 10.0.0.1 dev veth0 ",
        "fd00::/64 dev veth0 proto kernel metric 256 pref medium",
        "default proto static metric 5 ",
    ],
)
def test_looks(line: str) -> None:
    expected = not line.startswith("default proto")
    assert IP_ROUTE.begins([line], 0) is expected
    assert IP_ROUTE.takes(line, None)


@pytest.mark.parametrize(
    "line",
    [
        "default",
        "default is fine",
        "default via the firewall",
        "10.0.0.1",
        "10.0.0.1 is the gateway",
        "10.0.0.1 dev box is down",
        "10.0.0.1 dev eth0 lladdr 00:0d:3a:9c:96:47 REACHABLE",
        "10.0.0.1 dev eth0  FAILED",
        "10.0.0.7 dev eth0 src 10.0.0.2 uid 0 ",
        "unreachable hosts are listed below",
        "0:	from all lookup local",
        '[{"dst":"10.0.0.1","dev":"eth0","lladdr":"00:0d:3a:9c:96:47","state":["REACHABLE"]}]',
        '[{"dst":"10.0.0.7","dev":"eth0","prefsrc":"10.0.0.2","flags":[],"uid":0,"cache":[]}]',
        '[{"ifindex":1,"ifname":"lo"}]',
    ],
)
def test_other_looks(line: str) -> None:
    assert not IP_ROUTE.begins([line], 0)


def test_what_a_cache_line_follows_is_an_answer_to_route_get() -> None:
    assert not IP_ROUTE.begins(["10.0.0.7 dev veth0  src 10.0.0.2 ", "    cache "], 0)


def test_a_route_built_by_hand() -> None:
    route = IpRoute(
        dst=ip_network("10.0.0.0/16"),
        gateway=IPv4Address("10.0.0.1"),
        dev="eth0",
        flags=frozenset({"onlink"}),
        source_command="ip route",
    )
    assert [route] == list(parse_ip_route("10.0.0.0/16 via 10.0.0.1 dev eth0 onlink "))
