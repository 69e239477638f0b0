"""`route -n` as the tools print it, and back from typed records."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import aksnet_parse
from aksnet_parse import NetToolsRoute, parse_route_n
from aksnet_parse.commandline import Invocation
from aksnet_parse.commands.route_n import ROUTE_N

from ..strategies import ODD_NAMES, render_route_n, routes

CAPTURES = Path(__file__).parent / "captures"
HEADING = "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n"
ROW = "10.0.0.0        10.0.0.1        255.255.0.0     UG    0      0        0 eth0\n"


@settings(max_examples=100, deadline=None)
@given(st.lists(routes(), max_size=8))
def test_what_was_printed_is_read_back(rows: list[NetToolsRoute]) -> None:
    result = parse_route_n(render_route_n(rows), strict=True)
    assert list(result) == rows
    assert result.coverage == 1.0


@settings(max_examples=30, deadline=None)
@given(st.lists(routes(), max_size=8))
def test_columns_can_be_set_anew(rows: list[NetToolsRoute]) -> None:
    lines = render_route_n(rows).split("\n")
    collapsed = "\n".join(" ".join(line.split()) for line in lines)
    tabbed = "\n".join("\t".join(line.split()) for line in lines)
    indented = "\n".join("    " + line for line in lines)
    assert list(parse_route_n(collapsed)) == list(parse_route_n(tabbed)) == list(parse_route_n(indented)) == rows


def read(name: str) -> list[NetToolsRoute]:
    return list(parse_route_n((CAPTURES / f"route_n-{name}.txt").read_text(), strict=True))


@pytest.mark.parametrize("tool", ["net_tools", "busybox"])
def test_real_output(tool: str) -> None:
    table = read(tool)
    seen = [
        (str(row.dst), str(row.gateway) if row.gateway is not None else None, row.dev, row.metric, row.flags)
        for row in table
    ]
    assert seen == [
        ("0.0.0.0/0", "10.0.0.1", "veth0", 0, "UG"),
        ("0.0.0.0/0", "10.0.0.1", "veth0", 4294967290, "UG"),
        ("0.0.0.0/0", "10.0.0.1", "veth0", 4294967295, "UG"),
        ("10.0.0.0/24", None, "veth0", 0, "U"),
        ("10.1.0.0/16", None, None, 0, "!"),
        ("10.2.0.0/16", None, None, 0, "U"),
        ("10.3.0.0/16", None, None, 0, "!"),
        ("10.4.0.0/16", None, None, 0, "U"),
        ("10.5.1.1/32", None, None, 0, "!H"),
        ("10.6.0.0/16", "10.0.0.1", "veth0", 0, "UG"),
        ("10.7.0.1/32", None, "veth0", 1024, "UH"),
        ("10.8.0.0/16", None, "veth0", 0, "UG"),
        ("10.9.0.0/16", "10.0.0.1", "veth0", 0, "UG"),
        ("10.10.0.0/16", None, "lo", 0, "U"),
        ("10.99.0.0/24", None, "p0", 0, "U"),
    ]
    assert [row.is_default for row in table] == [True] * 3 + [False] * 12
    assert [row.dst for row in table if row.is_host] == [IPv4Network("10.5.1.1/32"), IPv4Network("10.7.0.1/32")]


def test_words_are_kept_as_printed() -> None:
    reject = read("net_tools")[4]
    assert (reject.destination, reject.genmask, reject.iface) == ("10.1.0.0", "255.255.0.0", "-")
    assert (reject.ref, reject.use) == (None, 0)
    assert read("busybox")[4].iface == "*"
    assert reject.source == (None, 7, 7)


def test_other_columns_are_not_taken_for_the_metric() -> None:
    extended, plain = read("extended"), read("net_tools")
    assert [(row.dst, row.gateway, row.dev, row.flags) for row in extended] == [
        (row.dst, row.gateway, row.dev, row.flags) for row in plain
    ]
    assert {(row.metric, row.ref, row.use) for row in extended} == {(None, None, None)}


def test_each_heading_holds_for_the_rows_below_it() -> None:
    extended = "Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n"
    table = parse_route_n(ROW + extended + ROW + HEADING + ROW, strict=True)
    assert [row.metric for row in table] == [0, None, 0]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names(name: str) -> None:
    [route] = parse_route_n(HEADING + ROW.replace("eth0", name), strict=True)
    assert (route.dev, route.iface) == (name, name)


@pytest.mark.parametrize("metric", ["-1", "4294967295"])
def test_the_highest_metric(metric: str) -> None:
    [route] = parse_route_n(ROW.replace("UG    0", f"UG    {metric}"), strict=True)
    assert route.metric == 4294967295


@pytest.mark.parametrize(
    "row",
    [
        "10.0.0.999      0.0.0.0         255.255.255.0   U     0      0        0 eth0",
        "10.0.0.1        0.0.0.0         255.255.255.0   U     0      0        0 eth0",
        "10.0.0.0        10.0.0.256      255.255.255.0   U     0      0        0 eth0",
        "10.0.0.0        0.0.0.0         255.0.255.0     U     0      0        0 eth0",
        "10.0.0.0        0.0.0.0         0.0.0.255       U     0      0        0 eth0",
        "default         10.0.0.1        255.0.255.0     UG    0      0        0 eth0",
        "fd00::1/64                     ::                         U    256 1      0 eth0",
        "fd00::/129                     ::                         U    256 1      0 eth0",
        "fd00::/64                      ::                         U    256 1        eth0",
        "10.0.0.0        10.0.0.1        255.255.0.0     UG    0      0        0",
        "10.0.0.0        10.0.0.1        255.255.0.0     UG    0      0        0 eth0 more",
        "10.0.0.0        10.0.0.1        255.255.0.0     UG    x      0        0 eth0",
        f"10.0.0.0        10.0.0.1        255.255.0.0     UG    -{'9' * 5000}      0        0 eth0",
        "SIOCADDRT: Network is unreachable",
    ],
)
def test_a_row_that_is_none_is_handed_back(row: str) -> None:
    result = parse_route_n(f"{HEADING}{ROW}{row}\n{ROW}")
    assert [str(found.dst) for found in result] == ["10.0.0.0/16"] * 2
    assert [(line.line, line.text) for line in result.unparsed] == [(3, row)]
    assert result.coverage == 0.75


def test_json_and_back() -> None:
    for row in read("net_tools"):
        assert NetToolsRoute.model_validate_json(row.model_dump_json()) == row


def test_a_route_built_by_hand() -> None:
    route = NetToolsRoute(
        dst=IPv4Network("10.0.0.0/16"),
        gateway=IPv4Address("10.0.0.1"),
        dev="eth0",
        metric=0,
        destination="10.0.0.0",
        genmask="255.255.0.0",
        flags="UG",
        ref=0,
        use=0,
        iface="eth0",
    )
    assert [route] == list(parse_route_n(ROW))


@pytest.mark.parametrize(
    ("call", "claimed"),
    [
        ("route -n", True),
        ("route -nv", True),
        ("route -ne", True),
        ("route --numeric", True),
        ("route -n -A inet", True),
        ("route -4 -n", True),
        ("route", True),
        ("route -e", True),
        ("route -n -A inet6", True),
        ("route -6n", True),
        ("route --inet6", True),
        ("netstat -rn", True),
        ("netstat -nr6", True),
        ("netstat --route", True),
        ("netstat -n", False),
        ("netstat -rni", False),
        ("route -n -A ipx", False),
        ("route -nC", False),
        ("route add default gw 10.0.0.1", False),
    ],
)
def test_calls(call: str, claimed: bool) -> None:
    assert ROUTE_N.claims(tuple(call.split())) is claimed


def test_a_second_table_begins_at_its_title_or_heading() -> None:
    title = "Kernel IP routing table"
    assert ROUTE_N.restarts(title, [title, HEADING, ROW])
    assert not ROUTE_N.restarts(title, [])
    assert not ROUTE_N.restarts(HEADING, [title])
    assert ROUTE_N.restarts(HEADING, [title, HEADING])
    assert not ROUTE_N.restarts(ROW, [title, HEADING])


def test_an_interface_may_be_called_by_a_dash() -> None:
    text = (
        "10.1.0.0        0.0.0.0         255.255.0.0     U     0      0        0 -\n"
        "10.2.0.0        -               255.255.0.0     !     0      -        0 -\n"
    )
    assert [route.dev for route in parse_route_n(text)] == ["-", None]


# --- names, more columns, IPv6 ----------------------------------------------------------------------------------------


def facts(row: NetToolsRoute) -> tuple[object, ...]:
    return (row.destination, str(row.dst) if row.dst is not None else None, row.gateway_name, row.is_on_link)


def test_names_for_numbers() -> None:
    table = parse_route_n(
        f"{HEADING}"
        "default         _gateway        0.0.0.0         UG    100    0        0 eth0\n"
        "10.240.0.0      *               255.255.0.0     U     0      0        0 eth0\n"
        "link-local      *               255.255.0.0     U     1000   0        0 eth0\n"
        "loopback        localhost       255.0.0.0       UG    0      0        0 lo\n"
        "web-1.internal  0.0.0.0         255.255.255.255 UH    0      0        0 azv33ac2d062ec\n"
        "my-net          gw.internal     255.255.255.0   UG    0      0        0 eth0\n"
        "10.1.0.0        -               255.255.0.0     !     0      -        0 -\n",
        strict=True,
    )
    assert list(map(facts, table)) == [
        ("default", "0.0.0.0/0", "_gateway", False),
        ("10.240.0.0", "10.240.0.0/16", None, True),
        ("link-local", "169.254.0.0/16", None, True),
        ("loopback", "127.0.0.0/8", "localhost", False),
        ("web-1.internal", None, None, True),
        ("my-net", None, "gw.internal", False),
        ("10.1.0.0", "10.1.0.0/16", None, True),
    ]
    assert {row.source_command for row in table} == {"route"}
    assert [row.is_reject for row in table] == [False] * 6 + [True]
    assert [row.is_default for row in table] == [True] + [False] * 6
    for row in table:
        assert NetToolsRoute.model_validate_json(row.model_dump_json()) == row


def test_more_columns() -> None:
    shown = {str(row.dst): row for row in read("ee")}
    assert {(row.mss, row.window, row.irtt) for row in shown.values()} == {
        (0, 0, 0),
        (None, None, None),
        (1340, 5000, 100),
    }
    row = shown["10.7.0.0/16"]
    assert (row.metric, row.ref, row.use, row.dev, row.source_command) == (0, 0, 0, "veth0", "route")
    assert [row.window for row in read("extended") if row.window] == [1000]


@pytest.mark.parametrize("tool", ["ipv6", "ipv6_busybox"])
def test_ipv6(tool: str) -> None:
    table = read(tool)
    seen = [(str(row.dst), str(row.gateway), row.dev, row.metric, row.flags) for row in table]
    assert len(seen) == 27
    assert seen[:4] == [
        ("fd00::/64", "None", "veth0", 256, "U"),
        ("fd01::/64", "fd00::1", "veth0", 1024, "UG"),
        ("fd01::/64", "fd00::3", "veth0", 1024, "UG"),
        ("fd02::/64", "None", "lo", 1024, "!n"),
    ]
    assert seen[-1] == ("::/0", "None", "lo", 4294967295, "!n")
    assert table[-1].is_reject
    assert {str(row.dst) for row in table if row.is_host and row.forwards} == {"fd06::1/128", "fd0f::1/128"}
    assert {row.genmask for row in table} == {None}


def test_ipv6_that_net_tools_prints_as_ipv4() -> None:
    result = parse_route_n(
        "Kernel IPv6 routing table\nDestination                    Next Hop                   Flag Met Ref Use If\n"
        "10.0.0.1/128                   ::                         U    256 1     0 in1\n"
        "10.0.0.0/24                    ::                         U    256 1     0 in1\n"
    )
    assert [(str(row.dst), row.dev) for row in result] == [("::ffff:a00:1/128", "in1")]
    assert [line.line for line in result.unparsed] == [4]


def test_the_call_names_the_tool() -> None:
    for call, said in (("route -n", "route -n"), ("route", "route"), ("netstat -rn", "netstat -rn")):
        invocation = Invocation(argv=tuple(call.split()), namespace="host")
        [row] = ROUTE_N.parse_lines([ROW.strip()], invocation=invocation)
        assert row.source_command == said
    assert ROUTE_N.is_partial(("route", "-6n"))
    assert ROUTE_N.is_partial(("route", "-A", "inet6"))
    assert not ROUTE_N.is_partial(("route", "-ee"))


@pytest.mark.parametrize(
    "line",
    [
        "Kernel IPv6 routing table",
        "Destination                    Next Hop                   Flag Met Ref  Use If",
        "fd00::/64                      ::                         U    256 5      0 veth0",
        "[::]/0                         [::]                       !n   -1  2      0 lo",
        "default         _gateway        0.0.0.0         UG    100    0        0 eth0",
        ROW.strip(),
    ],
)
def test_looks(line: str) -> None:
    assert ROUTE_N.begins([line], 0)
    assert ROUTE_N.takes(line, None)


@pytest.mark.parametrize(
    "last", ["Iface", "Use Iface", "Ref    Use Iface", "Genmask         Flags Metric Ref    Use Iface"]
)
def test_a_table_whose_lines_were_broken_is_no_empty_table(last: str) -> None:
    first = "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface".removesuffix(last)
    row = "0.0.0.0         10.220.2.1      0.0.0.0         UG    0      0        0\neth0\n"
    [node] = aksnet_parse.read(f"$ route -n\nKernel IP routing table\n{first}\n{last}\n{row}").nodes
    [parsed] = node.captures
    assert (len(parsed.result), [line.line for line in parsed.result.unparsed]) == (0, [3, 4, 5, 6])
    assert not node.complete


def test_ipv6_destinations_with_names() -> None:
    rows = {
        "localhost/128": "::1/128",
        "ip6-localhost/128": "::1/128",
        "ip6-mcastprefix/8": "ff00::/8",
        "ip6-allnodes/128": "ff02::1/128",
        "node-1/128": None,
        "fe80::/64": "fe80::/64",
        "[::]/0": "::/0",
    }
    text = (
        "Kernel IPv6 routing table\n"
        "Destination                    Next Hop                   Flag Met Ref Use If\n"
        + "".join(f"{name:30} [::]                       U    256 1     0 eth0\n" for name in rows)
    )
    result = parse_route_n(text, strict=True)
    assert [str(route.dst) if route.dst is not None else None for route in result] == list(rows.values())
    assert [route.destination for route in result if isinstance(route, NetToolsRoute)] == list(rows)
    assert parse_route_n(text.replace("node-1/128", "node-1/129")).unparsed[0].line == 7
