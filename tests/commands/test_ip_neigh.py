"""`ip neigh` as iproute2 and busybox print it, text and JSON."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path

import pytest

from aksnet_parse import MacAddress, Neighbour, parse_ip_neigh, parse_ip_route, read
from aksnet_parse.commands.ip_neigh import IP_NEIGH

CAPTURES = Path(__file__).parent.parent / "captures"


def capture(name: str) -> str:
    return (CAPTURES / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(("text", "json"), [("ip_neigh", "ip_-j_neigh"), ("ip_-s_neigh", "ip_-j_-p_-s_neigh")])
def test_text_and_json_of_one_state_are_equal(text: str, json: str) -> None:
    result = parse_ip_neigh(capture(text), strict=True)
    assert result == parse_ip_neigh(capture(json), strict=True)
    assert len(result) > 3


def test_every_word() -> None:
    text = (
        "10.9.0.8 dev br0 lladdr 02:00:00:00:00:08 router extern_learn offload  ref 1 used 1/61/3probes 4 STALE "
        "proto static \n"
        "10.9.0.9 dev br0  used 1/61/3 probes 0 FAILED\n"
        "10.9.0.10 dev br0 proxy \n"
        "fe80::7 dev br0 lladdr 02:00:00:00:00:07 managed NOARP nhid 4\n"
    )
    first, second, third, fourth = parse_ip_neigh(text, strict=True)
    assert first == Neighbour(
        dst=ip_address("10.9.0.8"),
        dev="br0",
        lladdr=MacAddress("02:00:00:00:00:08"),
        router=True,
        extern_learn=True,
        offload=True,
        refcnt=1,
        used=1,
        confirmed=61,
        updated=3,
        probes=4,
        state=("STALE",),
        protocol="static",
    )
    assert (second.state, second.lladdr, second.probes, second.updated) == (("FAILED",), None, 0, 3)
    assert (third.proxy, third.state) == (True, ())
    assert (fourth.dst.version, fourth.managed, fourth.nhid, fourth.state) == (6, True, 4, ("NOARP",))


def test_busybox() -> None:
    rows = parse_ip_neigh(capture("busybox_ip_neigh"), strict=True)
    assert {row.dev for row in rows} == {"br0"}
    assert {row.state for row in rows} >= {("FAILED",), ("REACHABLE",)}


@pytest.mark.parametrize(
    "line",
    [
        "10.0.0.1 dev",
        "10.0.0.1 dev eth0 unheard_of STALE",
        "10.0.0.1 dev eth0 dev eth1 STALE",
        "10.0.0.999 dev eth0 STALE",
        "10.0.0.1 dev eth0 lladdr nonsense STALE",
        "10.0.0.1 dev eth0 used 1/2 probes 3 STALE",
        "10.0.0.0/24 dev eth0 proto kernel",
        "hello",
    ],
)
def test_a_line_that_is_no_neighbour_is_handed_back(line: str) -> None:
    result = parse_ip_neigh(f"10.0.0.2 dev eth0 STALE\n{line}\n")
    assert (len(result), [found.line for found in result.unparsed]) == (1, [2])


def test_the_device_of_the_call() -> None:
    [node] = read("root@aks-1:/# ip neigh show dev eth0\n10.0.0.1 lladdr 12:34:56:78:9a:bc STALE \n").nodes
    assert [row.dev for row in node.neighbours or ()] == ["eth0"]
    assert "ip neigh" not in node.complete


@pytest.mark.parametrize(
    ("call", "claimed"),
    [
        ("ip neigh", True),
        ("ip n", True),
        ("ip neighbour show", True),
        ("ip -s neighbor ls nud all", True),
        ("ip -4 -j nei", True),
        ("ip neigh add 10.0.0.1 dev x", False),
        ("ip neigh get 10.0.0.1 dev x", False),
        ("ip netns", False),
        ("ip ntable", False),
    ],
)
def test_calls(call: str, claimed: bool) -> None:
    assert IP_NEIGH.claims(tuple(call.split())) is claimed


@pytest.mark.parametrize("name", ["ip_neigh", "ip_-j_neigh", "ip_-j_-p_-s_neigh", "ip_neigh_show_proxy"])
def test_it_is_found_by_its_look(name: str) -> None:
    [node] = read(capture(name)).nodes
    assert [parsed.command for parsed in node.captures] == ["ip neigh"]
    assert node.neighbours == parse_ip_neigh(capture(name)).records


def test_it_is_not_taken_for_routes_nor_the_other_way_round() -> None:
    route = "10.0.0.1 dev azv1 proto static \n10.0.0.2 dev azv2 scope link \n"
    nodes = read(f"{route}\n```\n\n10.0.0.1 dev azv1 lladdr 12:34:56:78:9a:bc STALE\n").nodes
    assert [parsed.command for node in nodes for parsed in node.captures] == ["ip route", "ip neigh"]
    assert len(parse_ip_route("10.0.0.1 dev azv1 lladdr 12:34:56:78:9a:bc STALE\n").unparsed) == 1


def test_in_a_pod_it_is_the_pods() -> None:
    [node] = read("root@aks-1:/# nsenter -t 7 -n ip neigh\n10.0.0.1 dev eth0 STALE\n").nodes
    assert node.neighbours is None
