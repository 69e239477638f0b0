"""`ip addr` as the tools print it, and back from typed records."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aksnet_parse import Address, Interface, MacAddress, ParseError, parse_ip_addr
from aksnet_parse.commands.ip_addr import IP_ADDR

from ..strategies import ODD_NAMES, interfaces, render_ip_addr

CAPTURES = Path(__file__).parent / "captures"


def one(text: str) -> Interface:
    result = parse_ip_addr(text)
    assert result.unparsed == ()
    [interface] = result
    return interface


def address(line: str, lifetimes: str = "       valid_lft forever preferred_lft forever\n") -> Address:
    [found] = one(f"1: x: <UP> mtu 1500 state UP\n{line}\n{lifetimes}").addr_info
    return found


def said(record: Interface | Address) -> dict[str, Any]:
    """What a record says beyond its defaults."""
    return {
        name: getattr(record, name)
        for name, field in type(record).model_fields.items()
        if name not in {"source", "addr_info"} and getattr(record, name) != field.default
    }


# --- round trip -------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.lists(interfaces(), max_size=5))
def test_what_was_printed_is_read_back(rows: list[Interface]) -> None:
    result = parse_ip_addr(render_ip_addr(rows), strict=True)
    assert list(result) == rows
    assert result.coverage == 1.0


@settings(max_examples=30, deadline=None)
@given(st.lists(interfaces(), min_size=1, max_size=4))
def test_lost_indentation_and_added_blanks_do_not_matter(rows: list[Interface]) -> None:
    text = render_ip_addr(rows)
    bare = "\n".join(line.strip() for line in text.split("\n"))
    indented = "\n".join("    " + line for line in text.split("\n"))
    spaced = "\n".join(line.replace(" ", "  ") for line in text.split("\n"))
    assert list(parse_ip_addr(bare)) == list(parse_ip_addr(indented)) == list(parse_ip_addr(spaced)) == rows


@settings(max_examples=30, deadline=None)
@given(st.lists(interfaces(), min_size=1, max_size=4), st.data())
def test_a_cut_off_capture_gives_what_stands_before_the_cut(rows: list[Interface], data: st.DataObject) -> None:
    lines = render_ip_addr(rows).split("\n")
    kept = data.draw(st.integers(0, len(lines)))
    result = parse_ip_addr("\n".join(lines[:kept]))
    assert result.unparsed == ()
    for found, row in zip(result, rows, strict=False):
        assert found.ifname == row.ifname
        assert len(found.addr_info) <= len(row.addr_info)
    assert list(result)[:-1] == rows[: max(len(result) - 1, 0)]


# --- real output ------------------------------------------------------------------------------------------------------

# iproute2 6.1. Interface names are as odd as the kernel allows.
ODD = (CAPTURES / "ip_addr-odd_names.txt").read_text(encoding="utf-8")


def test_real_output_with_odd_names() -> None:
    result = parse_ip_addr(ODD, strict=True)
    assert [(row.ifindex, row.ifname, row.link, row.link_index) for row in result] == [
        (1, "lo", None, None),
        (2, "-x", "a@b", None),
        (3, "a@b", "-x", None),
        (4, "<UP>", "...", None),
        (5, "...", "<UP>", None),
        (6, "state", "1", None),
        (7, "1", "state", None),
        (9, "naïve", None, 8),
        (11, "x@", None, 10),
        (12, "dynamic", "home", None),
        (13, "home", "dynamic", None),
        (14, "tun0", None, None),
    ]
    by_name = {row.ifname: row for row in result}
    assert by_name["naïve"].master == "state"
    assert (by_name["naïve"].link_netnsid, by_name["x@"].link_netns) == (0, "blue")
    assert by_name["..."].altnames == ("a-very-long-alternative-name-here", "two")
    assert said(by_name["tun0"]) == {
        "ifindex": 14,
        "ifname": "tun0",
        "flags": {"NO-CARRIER", "POINTOPOINT", "MULTICAST", "NOARP", "UP"},
        "mtu": 1500,
        "qdisc": "pfifo_fast",
        "operstate": "DOWN",
        "group": "default",
        "txqlen": 500,
        "link_type": "none",
    }
    assert [said(row) for row in by_name["..."].addr_info[:6]] == [
        {
            "family": "inet",
            "local": IPv4Address("10.9.1.1"),
            "prefixlen": 24,
            "scope": "50",
            "noprefixroute": True,
            "label": "...",
        },
        {
            "family": "inet",
            "local": IPv4Address("10.1.0.1"),
            "prefixlen": 24,
            "broadcast": IPv4Address("10.1.0.255"),
            "scope": "global",
            "label": "...:1",
        },
        {
            "family": "inet",
            "local": IPv4Address("10.8.0.1"),
            "address": IPv4Address("10.8.0.2"),
            "prefixlen": 32,
            "scope": "global",
            "label": "...",
        },
        {
            "family": "inet",
            "local": IPv4Address("10.9.0.1"),
            "prefixlen": 24,
            "metric": 50,
            "scope": "global",
            "dynamic": True,
            "label": "...",
            "valid_life_time": 999,
            "preferred_life_time": 499,
        },
        {
            "family": "inet",
            "local": IPv4Address("10.1.0.2"),
            "prefixlen": 24,
            "scope": "global",
            "secondary": True,
            "label": "...",
        },
        {
            "family": "inet6",
            "local": IPv6Address("fd00::5"),
            "prefixlen": 64,
            "scope": "global",
            "dynamic": True,
            "noprefixroute": True,
            "valid_life_time": 99,
            "preferred_life_time": 49,
        },
    ]
    assert [
        (row.label, row.dynamic, row.secondary) for name in ("dynamic", "home") for row in by_name[name].addr_info
    ] == [
        ("dynamic", True, False),
        ("home", False, False),
        ("home", False, True),
    ]


def test_sources_are_the_lines_of_the_record() -> None:
    lo = parse_ip_addr(ODD, file="odd.txt")[0]
    assert lo.source == ("odd.txt", 1, 6)
    assert [row.source for row in lo.addr_info] == [("odd.txt", 3, 4), ("odd.txt", 5, 6)]


# busybox 1.35: no state, group, netns or altname; peers looked up here even where they are elsewhere.
BUSYBOX = (CAPTURES / "ip_addr-busybox.txt").read_text(encoding="utf-8")


def test_busybox() -> None:
    _lo, docker0, veth, eth0, tun0 = parse_ip_addr(BUSYBOX, strict=True)
    assert docker0.flags == {"BROADCAST", "MULTICAST", "UP", "LOWER_UP", "PROMISC"}
    assert (docker0.operstate, docker0.group, docker0.txqlen) == (None, None, 1000)
    assert (veth.link, veth.link_index, veth.master) == (None, None, "cbr0")
    assert veth.flags == {"BROADCAST", "MULTICAST", "UP", "LOWER_UP"}
    assert said(veth.addr_info[0]) == {
        "family": "inet6",
        "local": IPv6Address("fd00::4"),
        "prefixlen": 64,
        "scope": "global",
        "deprecated": True,
        "nodad": True,
        "home": True,
        "preferred_life_time": 0,
    }
    assert (veth.addr_info[1].temporary, veth.addr_info[1].secondary) == (True, False)
    assert eth0.link_index == 15
    assert eth0.flags == {"BROADCAST", "MULTICAST", "UP", "LOWER_UP"}
    assert tun0.flags == {"NO-CARRIER", "POINTOPOINT", "MULTICAST", "NOARP", "UP", "PROMISC", "SLAVE", "80000000"}
    assert (tun0.link_type, tun0.address) == ("[65534]", None)


def test_busybox_prints_long_lifetimes_as_negative_numbers() -> None:
    head = "4: x: <UP> mtu 1500 qdisc noqueue\n    inet6 fd00::1/64 scope global \n"
    text = f"{head}       valid_lft -2sec preferred_lft -9sec\n"
    [found] = parse_ip_addr(text)[0].addr_info
    assert (found.valid_life_time, found.preferred_life_time) == (2**32 - 2, 2**32 - 9)


def test_one_family_has_no_link_lines_but_the_namespace_of_the_peer() -> None:
    ipv4 = one(
        "4: eth0@if5: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000 link-netnsid 0\n"
        "    inet 10.244.0.9/24 scope global eth0\n       valid_lft forever preferred_lft forever\n"
    )
    assert (ipv4.link_index, ipv4.link_netnsid, ipv4.txqlen, ipv4.link_type) == (5, 0, 1000, None)
    ipv6 = one("1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 state UNKNOWN qlen 1000\n    inet6 ::1/128 scope host \n")
    assert (ipv6.qdisc, ipv6.operstate, ipv6.group, ipv6.txqlen) == (None, "UNKNOWN", None, 1000)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("    link/none ", {"link_type": "none"}),
        ("    link/none", {"link_type": "none"}),
        ("    link/ether aa:aa:aa:aa:aa:aa brd ff:ff:ff:ff:ff:ff", {"address": "aa:aa:aa:aa:aa:aa"}),
        ("    link/ether aa:aa:aa:aa:aa:aa brd ff:ff:ff:ff:ff:ff link-netnsid 4", {"link_netnsid": 4}),
        ("    link/ether aa:aa:aa:aa:aa:aa brd ff:ff:ff:ff:ff:ff link-netnsid unknown", {"link_netnsid": None}),
        ("    link/ether aa:aa:aa:aa:aa:aa brd ff:ff:ff:ff:ff:ff link-netns cni-1", {"link_netns": "cni-1"}),
        ("    link/ether aa:aa:aa:aa:aa:aa brd ff:ff:ff:ff:ff:ff protodown on ", {"proto_down": True}),
        (
            "    link/ether aa:aa:aa:aa:aa:aa brd ff:ff:ff:ff:ff:ff link-netnsid 4 protodown on protodown_reason <3> ",
            {"link_netnsid": 4, "proto_down": True, "proto_down_reason": ("3",)},
        ),
        (
            "    link/ether aa:aa:aa:aa:aa:aa brd ff:ff:ff:ff:ff:ff permaddr bb:bb:bb:bb:bb:bb",
            {"permaddr": "bb:bb:bb:bb:bb:bb"},
        ),
        (
            "    link/ipip 10.0.0.1 peer 10.0.0.2",
            {
                "link_type": "ipip",
                "address": IPv4Address("10.0.0.1"),
                "link_pointtopoint": True,
                "broadcast": IPv4Address("10.0.0.2"),
            },
        ),
        ("    link/sit 0.0.0.0 brd 0.0.0.0", {"address": IPv4Address("0.0.0.0"), "broadcast": IPv4Address("0.0.0.0")}),
        (
            "    link/tunnel6 :: brd :: permaddr 4e6f:3fc9:5b02::",
            {"address": IPv6Address("::"), "permaddr": IPv6Address("4e6f:3fc9:5b02::")},
        ),
        ("    link/gre6 fe80::1 peer fe80::2", {"address": IPv6Address("fe80::1")}),
        ("    link/infiniband 80:00:02:08:fe:80:00:00", {"address": "80:00:02:08:fe:80:00:00"}),
        ("    link/ieee802.11/radiotap 00:0d:3a:00:00:01", {"link_type": "ieee802.11/radiotap"}),
        ("    alias  uplink of rack 7 ", {"ifalias": "uplink of rack 7"}),
    ],
)
def test_link_lines(line: str, expected: dict[str, Any]) -> None:
    result = parse_ip_addr(f"1: x: <UP> mtu 1500 state UP\n{line}\n")
    assert result.unparsed == ()
    assert {name: getattr(result[0], name) for name in expected} == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("5: x: <> mtu 0", {"flags": frozenset(), "mtu": 0}),
        ("5: x@NONE: <NOARP> mtu 1480 qdisc noop state DOWN group default qlen 1000", {"link": None, "txqlen": 1000}),
        ("5: x@y: <UP> mtu 1500 xdp/id:7 qdisc mq state UP", {"qdisc": "mq", "link": "y"}),
        ("5: x: <UP> mtu 1500 xdpgeneric/id:7 qdisc mq state UP", {"qdisc": "mq"}),
        ("5: x: <UP> mtu 1500 qdisc noqueue master br0 state UP mode DORMANT group 50 qlen 7", {"linkmode": "DORMANT"}),
        ("5: x: <UP,10000000> mtu 1500 state UP", {"flags": {"UP", "10000000"}}),
        ("5: @x: <UP> mtu 1500 state UP", {"ifname": "@x", "link": None}),
        ("5: x@: <UP> mtu 1500 state UP", {"ifname": "x@", "link": None}),
        ("5: a@@b: <UP> mtu 1500 state UP", {"ifname": "a@", "link": "b"}),
        ("5: veth@odd@if8: <UP> mtu 1500 state UP", {"ifname": "veth@odd", "link": None, "link_index": 8}),
        ("5: @if8: <UP> mtu 1500 state UP", {"ifname": "@if8", "link_index": None}),
        ("5: a@ifb0: <UP> mtu 1500 state UP", {"ifname": "a", "link": "ifb0", "link_index": None}),
        ("  5:  x:  <UP>  mtu  1500  state  UP  ", {"ifindex": 5, "operstate": "UP"}),
    ],
)
def test_first_lines(head: str, expected: dict[str, Any]) -> None:
    interface = one(head)
    assert {name: getattr(interface, name) for name in expected} == expected


def test_a_peer_of_the_name_at_is_told_by_the_listing() -> None:
    text = "3: p0@@: <UP> mtu 1500 state UP\n4: @@p0: <UP> mtu 1500 state UP\n5: x@: <UP> mtu 1500 state UP\n"
    assert [(row.ifname, row.link) for row in parse_ip_addr(text)] == [("p0", "@"), ("@", "p0"), ("x@", None)]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_in_every_place(name: str) -> None:
    text = (
        f"5: {name}@if9: <BROADCAST,UP> mtu 1500 qdisc noqueue master {name} state UP group default qlen 1000\n"
        f"    link/ether aa:aa:aa:aa:aa:aa brd ff:ff:ff:ff:ff:ff link-netns {name}\n"
        f"    altname {name}\n"
        f"    inet 10.0.0.1/24 brd 10.0.0.255 scope global secondary {name}\n"
        "       valid_lft forever preferred_lft forever\n"
        f"    inet 10.0.0.2/24 scope global {name}\n"
        "       valid_lft forever preferred_lft forever\n"
        f"    inet 10.0.0.3/24 scope host proto kernel_lo {name}\n"
        "       valid_lft forever preferred_lft forever\n"
    )
    row = one(text)
    assert (row.ifname, row.master, row.link_netns, row.altnames) == (name, name, name, (name,))
    assert [found.label for found in row.addr_info] == [name] * 3
    assert [found.secondary for found in row.addr_info] == [True, False, False]
    assert [found.protocol for found in row.addr_info] == [None, None, "kernel_lo"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("    inet6 fe80::1/64 scope link proto kernel_ll ", {"protocol": "kernel_ll"}),
        (
            "    inet6 ::1/128 scope host noprefixroute proto kernel_lo ",
            {"protocol": "kernel_lo", "noprefixroute": True},
        ),
        ("    inet 10.0.0.1/24 scope global proto 0x2c eth0", {"protocol": "0x2c", "label": "eth0"}),
        ("    inet 10.0.0.1/24 metric 100 brd 10.0.0.255 scope global eth0", {"metric": 100}),
        ("    inet6 fd00::1/64 scope global flags 800 ", {"stable_privacy": True, "ifa_flags": None}),
        ("    inet6 fd00::1/64 scope global stable-privacy ", {"stable_privacy": True}),
        ("    inet6 fd00::1/64 scope global dadfailed tentative ", {"dadfailed": True, "tentative": True}),
        ("    inet6 fd00::1/64 scope global tentative dadfailed ", {"dadfailed": True, "tentative": True}),
        ("    inet6 fd00::1/64 scope global mngtmpaddr dynamic ", {"mngtmpaddr": True, "dynamic": True}),
        ("    inet6 fd00::1/64 scope global temporary dynamic ", {"temporary": True, "secondary": False}),
        ("    inet6 fd00::1/64 scope global flags 10800 ", {"stable_privacy": True, "ifa_flags": "10000"}),
        ("    inet6 fd00::1/64 scope global autojoin optimistic ", {"autojoin": True, "optimistic": True}),
        ("    inet6 ff0e::1/64 any ff02::1 scope site", {"anycast": IPv6Address("ff02::1"), "scope": "site"}),
        ("    inet 10.0.0.1/24 scope nowhere eth0:web-1", {"scope": "nowhere", "label": "eth0:web-1"}),
        ("    inet 10.8.0.1 peer 10.8.0.2/32 brd 10.8.0.3 scope global tun0", {"prefixlen": 32}),
    ],
)
def test_address_lines(line: str, expected: dict[str, Any]) -> None:
    found = address(line)
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("words", "seconds"), [("forever", None), ("86396sec", 86396), ("0sec", 0), ("4294967294sec", 4294967294)]
)
def test_lifetimes(words: str, seconds: int | None) -> None:
    found = address("    inet6 fd00::1/64 scope global", f"       valid_lft forever preferred_lft {words}\n")
    assert (found.valid_life_time, found.preferred_life_time) == (None, seconds)
    assert {"valid_life_time", "preferred_life_time"} <= found.model_fields_set


def test_lifetimes_left_out_of_the_capture_are_not_said_to_be_forever() -> None:
    assert "valid_life_time" not in address("    inet 10.0.0.1/24 scope global eth0", "").model_fields_set


# --- what is not understood -------------------------------------------------------------------------------------------

HEAD = "5: x: <UP> mtu 1500 qdisc mq state UP group default qlen 1000\n"


@pytest.mark.parametrize(
    "line",
    [
        # of another call
        '[{"ifindex":1,"ifname":"lo","flags":["LOOPBACK","UP"],"mtu":65536}]',
        # of no version
        "    inet 10.0.0.1/24 scope global flags 800 flags eth0 eth0",
        "    inet fd00::1/64 scope global eth0",
        "    inet 10.0.0.1 scope global eth0",
        "5 : x: <UP> mtu 1500",
        "5: x y: <UP> mtu 1500",
        "Error: Peer netns reference is invalid.",
        "    an unheard-of line without -d",
        "    vf 0 link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff, unheard-of on",
        "    RX: bytes packets errors dropped missed mcast",
        "    1 2 3 4",
    ],
)
def test_a_line_of_another_kind_is_handed_back_and_spoils_nothing(line: str) -> None:
    result = parse_ip_addr(HEAD + line + "\n    inet 10.0.0.9/24 scope global x\n")
    assert [(unparsed.line, unparsed.text) for unparsed in result.unparsed] == [(2, line.rstrip())]
    [interface] = result
    assert [str(found.local) for found in interface.addr_info] == ["10.0.0.9"]
    assert interface.link_type is None


@pytest.mark.parametrize(
    "line",
    [
        "    inet 10.0.0.999/24 scope global x",
        "    inet 10.0.0.1/33 scope global x",
        "    inet 10.0.0/8 scope global x",
        "    inet 10.0.0.01/8 scope global x",
        "    inet6 10.0.0.1/24 scope global",
        "    inet6 fd00:::1/64 scope global",
        "    inet6 fd00::1/129 scope global",
        "    inet 10.0.0.1 peer 10.0.0.256/24 scope global x",
        f"    inet 10.0.0.1/{'9' * 5000} scope global x",
    ],
)
def test_an_address_that_is_none_is_handed_back_with_its_lines(line: str) -> None:
    lifetimes = "       valid_lft forever preferred_lft forever"
    good = "    inet 10.0.0.9/24 scope global x"
    result = parse_ip_addr(f"{HEAD}{good}\n{lifetimes}\n{line}\n{lifetimes}\n{good}\n{lifetimes}\n")
    assert [unparsed.line for unparsed in result.unparsed] == [4, 5]
    assert [str(found.local) for found in result[0].addr_info] == ["10.0.0.9", "10.0.0.9"]
    assert result.coverage == pytest.approx(1 - 2 / 7)


@pytest.mark.parametrize(
    "line",
    [
        "    link/sit 1.2.3.999 brd 0.0.0.0",
        "    link/sit 1.2.3.4 brd 0.0.0.999 link-netnsid 3",
        "    link/ether 00:0d:3a:9c",
        "    link/ether 00:0d:3a:9c:96:47 brd ff:ff:ff:ff:ff:f",
        f"    link/ether 00:0d:3a:9c:96:47 brd ff:ff:ff:ff:ff:ff link-netnsid {'9' * 5000}",
    ],
)
def test_a_line_whose_words_have_no_type_goes_alone(line: str) -> None:
    result = parse_ip_addr(
        f"{HEAD}{line}\n    inet 10.0.0.9/24 scope global x\n       valid_lft forever preferred_lft forever\n"
    )
    [interface] = result
    assert [found.line for found in result.unparsed] == [2]
    assert (interface.link_type, interface.address, interface.link_netnsid) == (None, None, None)
    assert interface == parse_ip_addr(f"{HEAD}    inet 10.0.0.9/24 scope global x\n")[0]


def test_a_lifetime_that_is_none_goes_alone() -> None:
    text = f"{HEAD}    inet 10.0.0.9/24 scope global x\n       valid_lft {'9' * 5000}sec preferred_lft 7sec\n"
    result = parse_ip_addr(text)
    assert [found.line for found in result.unparsed] == [3]
    assert said(result[0].addr_info[0])["label"] == "x"
    assert "preferred_life_time" not in result[0].addr_info[0].model_fields_set


def test_an_interface_that_cannot_be_is_handed_back_whole_and_each_line_once() -> None:
    text = (
        HEAD.replace("1500", "9" * 5000) + "    link/sit 1.2.3.999\n    not a line\n...\n\n"
        "    inet 10.0.0.999/24 scope global x\n    inet 10.0.0.9/24 scope global x\n" + HEAD.replace("5:", "6:")
    )
    result = parse_ip_addr(text)
    assert [row.ifindex for row in result] == [6]
    assert [line.line for line in result.unparsed] == [1, 2, 3, 6, 7]
    assert result.coverage == pytest.approx(1 - 5 / 7)


def test_marks_of_what_an_author_left_out_are_no_lines() -> None:
    result = parse_ip_addr(f"{HEAD}.\n.\n...\n[snip]\n--\n{HEAD}", strict=True)
    assert (len(result), result.coverage) == (2, 1.0)


def test_strict_raises_with_file_line_and_text() -> None:
    with pytest.raises(ParseError) as caught:
        parse_ip_addr(f"{HEAD}  what is this\n{HEAD}and this\n", file="ticket.txt", strict=True)
    assert (caught.value.file, caught.value.line, caught.value.text) == ("ticket.txt", 2, "  what is this")
    assert "ticket.txt, line 2: not understood as output of ip addr: '  what is this'" in str(caught.value)


# --- the models -------------------------------------------------------------------------------------------------------


def test_interface_properties() -> None:
    up = one("5: x: <UP> mtu 1500 state UP\n    link/ether 00:0D:3A:00:00:01")
    assert (up.is_up, up.mac) == (True, MacAddress("00:0d:3a:00:00:01"))
    for link in ("loopback 00:00:00:00:00:00", "infiniband 80:00:02:08:fe:80:00:01", "sit 10.0.0.1", "none"):
        assert one(f"5: x: <DOWN> mtu 1500 state UP\n    link/{link}").mac is None
    assert not one("5: x: <LOWER_UP> mtu 1500 state UP").is_up


def test_address_with_its_prefix() -> None:
    assert address("    inet 10.240.0.4/16 scope global x").interface == IPv4Interface("10.240.0.4/16")
    assert address("    inet6 fe80::1/64 scope link").interface == IPv6Interface("fe80::1/64")


def test_json_and_back() -> None:
    for row in parse_ip_addr(ODD):
        again = Interface.model_validate_json(row.model_dump_json())
        assert again == row
        assert again.source == row.source
        assert hash(again) == hash(row)


VETH = "7: azv0@if6: <BROADCAST,UP> mtu 1500 qdisc noqueue state UP group default qlen 1000"
VETH_LINK = "    link/ether aa:aa:aa:aa:aa:01 brd ff:ff:ff:ff:ff:ff link-netnsid 0"
VETH_INET = "    inet 10.9.0.5/16 metric 100 brd 10.9.255.255 scope global dynamic azv0"
VETH_INET6 = "    inet6 fe80::1/64 scope link tentative proto kernel_ll"


@pytest.mark.parametrize(
    ("line", "changed", "words"),
    [
        (VETH, f"{VETH} newattr", "newattr"),
        (VETH, f"{VETH} newattr 5", "newattr 5"),
        (VETH, VETH.replace("group default", "newattr 5 group default"), "newattr 5"),
        (VETH, VETH.replace("qdisc", "newattr qdisc"), "newattr"),
        (VETH, VETH.replace("state UP", "state UP a <3> b"), "a <3> b"),
        (VETH_LINK, f"{VETH_LINK} newattr on", "newattr on"),
        (VETH_LINK, VETH_LINK.replace("link-netnsid", "newattr on link-netnsid"), "newattr on"),
        (VETH_INET, VETH_INET.replace("dynamic", "newflag dynamic"), "newflag"),
        (VETH_INET, VETH_INET.replace("metric 100", "metric 100 newattr 5"), "newattr 5"),
        (VETH_INET6, f"{VETH_INET6} newflag", "newflag"),
        (VETH_INET6, VETH_INET6.replace("tentative", "newflag tentative"), "newflag"),
    ],
)
def test_a_word_that_nobody_knows_costs_that_word(line: str, changed: str, words: str) -> None:
    text = "\n".join(("1: lo: <UP> mtu 65536 state UNKNOWN", VETH, VETH_LINK, VETH_INET, VETH_INET6, ""))
    expected = list(parse_ip_addr(text))
    result = parse_ip_addr(text.replace(line, changed))
    assert result.unparsed == ()
    assert result.coverage == 1.0
    assert result[1].details == words
    assert [result[0], result[1].model_copy(update={"details": None})] == expected


@pytest.mark.parametrize(
    "line",
    [
        VETH.removesuffix(" 1000"),
        VETH.removesuffix(" default qlen 1000"),
        f"{VETH.removesuffix(' UP group default qlen 1000')}",
        VETH.removesuffix("oup default qlen 1000"),
        "    inet 10.9.0.5/16 brd 10.9.255.255",
        "    inet 10.9.0.5/16 brd 10.9.255.255 scope",
        "    link/ether aa:aa:aa:aa:aa:01 brd",
    ],
)
def test_a_line_that_was_cut_off_is_none_with_unknown_words(line: str) -> None:
    below = "    inet 10.9.0.6/16 scope global x\n"
    assert line in [lost.text for lost in parse_ip_addr(f"1: x: <UP> mtu 1500 state UP\n{line}\n{below}").unparsed]


def test_forever_of_iproute2_json_is_none() -> None:
    entry = {"family": "inet", "local": "10.0.0.1", "prefixlen": 8, "scope": "host", "valid_life_time": 4294967295}
    found = Address.model_validate(entry)
    assert found.valid_life_time is None


@pytest.mark.parametrize("end", ["\nUP group default qlen 1000", " UP group default qlen"])
@pytest.mark.parametrize("before", [1, 40])
def test_an_address_is_not_that_of_the_interface_above_one_that_nobody_understood(before: int, end: str) -> None:
    above = "".join(
        f"{number}: veth{number}@if2: <UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default\n"
        f"    link/ether 02:42:ad:76:07:{number:02x} brd ff:ff:ff:ff:ff:ff link-netnsid {number}\n"
        f"    inet 172.17.{number}.1/16 brd 172.17.255.255 scope global veth{number}\n"
        for number in range(3, 3 + before)
    )
    broken = (
        f"77: cbr0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state{end}\n"
        "    link/ether 92:d5:8a:20:76:90 brd ff:ff:ff:ff:ff:ff\n"
        "    inet 10.244.0.1/24 brd 10.244.0.255 scope global cbr0\n    altname bridge\n"
    )
    result = parse_ip_addr(above + broken + above)
    assert list(result) == [*parse_ip_addr(above)] * 2
    assert "".join(f"{line.text}\n" for line in result.unparsed) == broken
    assert [one.source for one in result[:before]] == [one.source for one in parse_ip_addr(above)]


# --- which calls these are --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "claimed", "partial"),
    [
        ("ip addr", True, False),
        ("ip a", True, False),
        ("ip address show", True, False),
        ("ip addr ls", True, False),
        ("ip -4 addr", True, True),
        ("ip -d -s a s", True, False),
        ("ip addr show dev eth0", True, True),
        ("ip a s eth0", True, True),
        ("ip -n blue addr", True, False),
        ("ip -netns blue addr list", True, False),
        ("ip addr add 10.0.0.1/8 dev eth0", False, False),
        ("ip addr flush dev eth0", False, False),
        ("ip link", False, False),
        ("ip route", False, False),
        ("ip", False, False),
        ("ifconfig -a", False, False),
    ],
)
def test_calls(call: str, claimed: bool, partial: bool) -> None:
    argv = tuple(call.split())
    assert IP_ADDR.claims(argv) is claimed
    if claimed:
        assert IP_ADDR.is_partial(argv) is partial
