"""`bridge fdb` as iproute2 prints it, text and JSON."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

import pytest

from aksnet_parse import ForwardingEntry, MacAddress, parse_bridge_fdb, read
from aksnet_parse.commands.bridge_fdb import BRIDGE_FDB

CAPTURES = Path(__file__).parent.parent / "captures"


def capture(name: str) -> str:
    return (CAPTURES / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(("text", "json"), [("bridge_fdb", "bridge_-j_fdb"), ("bridge_-s_fdb", "bridge_-j_-p_-s_fdb")])
def test_text_and_json_of_one_state_are_equal(text: str, json: str) -> None:
    result = parse_bridge_fdb(capture(text), strict=True)
    assert result == parse_bridge_fdb(capture(json), strict=True)
    assert len(result) > 10


def test_what_is_behind_a_port() -> None:
    rows = parse_bridge_fdb(capture("bridge_fdb"), strict=True)
    learned = [row for row in rows if row.master == "br0" and row.state is None and "extern_learn" not in row.flags]
    assert [row.ifname for row in learned] == ["veth1", "veth2"]
    [flood] = [row for row in rows if row.mac == "00:00:00:00:00:00"]
    assert flood == ForwardingEntry(
        mac=MacAddress("00:00:00:00:00:00"),
        ifname="vx0",
        dst=ip_address("10.9.0.3"),
        port=4790,
        vni=7,
        via_if="br0",
        flags=frozenset({"self"}),
        state="permanent",
    )


def test_words_in_any_order() -> None:
    text = (
        "12:34:56:78:9a:bc dev veth1 vlan 1 used 3/4 sticky master br0 stale\n"
        "12:34:56:78:9a:bd dev vx0 dst fe80::1 src_vni 9 via ifindex 7 link-netnsid 2 nhid 5 self offload state=0x40\n"
    )
    first, second = parse_bridge_fdb(text, strict=True)
    assert (first.vlan, first.used, first.updated, first.flags, first.state) == (
        1,
        3,
        4,
        frozenset({"sticky"}),
        "stale",
    )
    assert (second.via_ifindex, second.link_netnsid, second.nhid, second.src_vni) == (7, 2, 5, 9)
    assert second.model_dump(mode="json", by_alias=True, exclude_unset=True)["linkNetNsId"] == 2


@pytest.mark.parametrize(
    "line",
    [
        "12:34:56:78:9a dev veth1 self",
        "12:34:56:78:9a:bc dev veth1 unheard_of self",
        "12:34:56:78:9a:bc dev veth1 vlan x",
        "12:34:56:78:9a:bc dev veth1 master a master b",
        "12:34:56:78:9a:bc dev",
        "hello",
    ],
)
def test_a_line_that_is_no_entry_is_handed_back(line: str) -> None:
    result = parse_bridge_fdb(f"12:34:56:78:9a:bc dev veth1 master br0 \n{line}\n")
    assert (len(result), [found.line for found in result.unparsed]) == (1, [2])


def test_the_device_of_the_call() -> None:
    [node] = read("root@aks-1:/# bridge fdb show dev veth1\n12:34:56:78:9a:bc master br0 \n").nodes
    assert [(row.ifname, row.master) for row in node.forwarding or ()] == [("veth1", "br0")]


@pytest.mark.parametrize(
    ("call", "claimed", "partial"),
    [
        ("bridge fdb", True, False),
        ("bridge -s -j fdb show", True, False),
        ("bridge fdb show br cbr0", True, True),
        ("bridge fdb list dev veth1", True, True),
        ("bridge fdb add 12:34:56:78:9a:bc dev x", False, False),
        ("bridge link", False, False),
        ("ip neigh", False, False),
    ],
)
def test_calls(call: str, claimed: bool, partial: bool) -> None:
    argv = tuple(call.split())
    assert BRIDGE_FDB.claims(argv) is claimed
    assert not claimed or BRIDGE_FDB.is_partial(argv) is partial


@pytest.mark.parametrize("name", ["bridge_fdb", "bridge_-s_fdb", "bridge_-j_fdb", "bridge_-j_-p_-s_fdb"])
def test_it_is_found_by_its_look(name: str) -> None:
    [node] = read(capture(name)).nodes
    assert [parsed.command for parsed in node.captures] == ["bridge fdb"]
    assert node.forwarding == parse_bridge_fdb(capture(name)).records
