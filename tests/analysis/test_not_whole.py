"""Captures that cannot be whole, tables that are two, masters that are no bridges, and ends that were not captured."""

from __future__ import annotations

import json

import pytest

from aksnet_parse import analyze, explain, read
from aksnet_parse.analysis.models import NodeAnalysis

from .texts import ETH0, LO, NO_BRIDGES, ROUTES, inside, ip_addr, link, node, route_n

PROMPT = "root@aks-pool-11111111-vmss000000:/# "


def wrong(found: NodeAnalysis) -> list[str]:
    return [finding.code for finding in found.findings if finding.severity != "info"]


# --- cut off ----------------------------------------------------------------------------------------------------------

HEAD = "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group"


@pytest.mark.parametrize(
    "end",
    [
        "",
        HEAD,
        f"{HEAD} de",
        f"{HEAD} default",
        f"{HEAD} default qlen 1000",
        f"{HEAD} default qlen 1000\n    link/ether 00:0d:3a:00:00:0",
        f"{HEAD} default qlen 1000\n    link/ether 00:0d:3a:00:00:01 brd ff:ff:ff:ff:ff:ff\n    inet 10.240.0.4/16 brd",
    ],
)
@pytest.mark.parametrize("call", ["ip addr", "ip link", "ip -d addr"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_nothing_is_concluded_from_what_a_cut_listing_lacks(end: str, call: str, newline: str) -> None:
    text = f"{PROMPT}{call}\n{LO}\n{end}".replace("\n", newline)
    [found] = analyze(read(text)).nodes
    assert found.mode.datapath == "unknown"
    assert wrong(found) == []
    # Nor from it beside a routing table that names more.
    [found] = analyze(read(f"{text}\n{route_n(*ROUTES, '10.240.0.9/32 azv00000000001')}")).nodes
    assert wrong(found) == []


def test_a_pod_can_have_the_loopback_alone() -> None:
    [one] = read(ip_addr(ETH0) + inside(7)).nodes
    [space] = one.namespaces
    assert [row.ifname for row in space.interfaces] == ["lo"]
    assert "ip addr" in space.complete


# --- a piece of a routing table ---------------------------------------------------------------------------------------

PIECES = [
    "10.9.0.21 dev azv0a1b2c3d4e5 proto static\n168.63.129.16 via 10.9.0.1 dev eth0 proto dhcp src 10.9.0.4\n",
    "10.9.0.21 dev azv0a1b2c3d4e5 scope link\n10.244.1.0/24 via 10.9.0.5 dev eth0\n",
    "10.9.0.0/16 dev docker0 proto kernel scope link src 10.9.0.1\n168.63.129.16 via 10.9.0.1 dev eth0\n",
]


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("call", ["", f"{PROMPT}ip route\n", "```output\n"])
def test_a_table_without_the_network_of_a_gateway_is_a_piece(piece: str, call: str) -> None:
    [found] = analyze(read(f"The routes of a node:\n\n{call}{piece}")).nodes
    assert "default-route-missing" not in [finding.code for finding in found.findings]


def test_a_piece_in_json_and_of_route_n() -> None:
    rows = [
        {"dst": "10.9.0.21", "dev": "azv0a1b2c3d4e5", "scope": "link", "flags": []},
        {"dst": "168.63.129.16", "gateway": "10.9.0.1", "dev": "eth0", "flags": []},
    ]
    for text in (
        f"{PROMPT}ip -j route\n{json.dumps(rows)}\n",
        route_n("10.9.0.21/32 azv0a1b2c3d4e5", "168.63.129.16/32 via 10.9.0.1 eth0"),
    ):
        [found] = analyze(read(text)).nodes
        assert wrong(found) == []


@pytest.mark.parametrize(
    "table",
    [
        "10.9.0.0/16 dev eth0 proto kernel scope link src 10.9.0.4\n168.63.129.16 via 10.9.0.1 dev eth0\n",
        "10.9.0.21 dev azv0a1b2c3d4e5 scope link\n10.9.0.0/16 dev eth0 proto kernel scope link src 10.9.0.4\n",
        "10.244.3.0/26 via 10.9.0.64 dev tunl0 proto bird onlink\n10.9.0.0/16 dev eth0 proto kernel scope link\n",
    ],
)
def test_a_whole_table_without_a_default_route_is_an_error(table: str) -> None:
    [found] = analyze(read(f"{PROMPT}ip route\n{table}{PROMPT}\n")).nodes
    assert "default-route-missing" in wrong(found)


# --- two tables in one output -----------------------------------------------------------------------------------------


def table(address: str, veth: str, pod: str, gateway: str = "10.9.0.1") -> str:
    return (
        f"default via {gateway} dev eth0 proto dhcp src {address} metric 100\n"
        f"10.9.0.0/16 dev eth0 proto kernel scope link src {address}\n{pod} dev {veth} scope link\n"
    )


ONE, TWO = table("10.9.0.4", "azv00000000001", "10.9.0.21"), table("10.9.0.35", "azv00000000002", "10.9.0.37")


@pytest.mark.parametrize("between", ["", "\n", "node-b\n"])
@pytest.mark.parametrize("before", ["", "$ ./on-all-nodes ip route\n", f"{PROMPT}ip route\n"])
@pytest.mark.parametrize("without", ["", " src 10.9.0.4", " src 10.9.0.35"])
def test_a_second_table_is_another_node(between: str, before: str, without: str) -> None:
    one, two = (text.replace(f"{without} metric", " metric") for text in (ONE, TWO))
    nodes = analyze(read(f"{before}{one}{between}{two}")).nodes
    assert [[pod.addresses for pod in found.pods] for found in nodes] == [[("10.9.0.21/32",)], [("10.9.0.37/32",)]]


def test_a_second_table_of_route_n() -> None:
    rows = ("0.0.0.0/0 via 10.{0}.0.1 eth0", "10.{0}.0.0/16 eth0", "10.{0}.0.21/32 azv0000000000{0}")
    _, _, heading, *one = route_n(*(row.format(9) for row in rows)).split("\n")
    _, _, _, *two = route_n(*(row.format(8) for row in rows)).split("\n")
    nodes = analyze(read("\n".join([heading, *filter(None, one), *two]))).nodes
    assert [[pod.addresses for pod in found.pods] for found in nodes] == [[("10.9.0.21/32",)], [("10.8.0.21/32",)]]


CONNECTED = "10.9.0.0/16 dev eth0\n10.8.0.0/16 dev eth1\n"


@pytest.mark.parametrize(
    "text",
    [
        # Two ways out, of different metrics; one destination in two tables; several hops of IPv6.
        f"default via 10.9.0.1 dev eth0 metric 100\ndefault via 10.8.0.1 dev eth1 metric 200\n{CONNECTED}",
        "default via 10.9.0.1 dev eth0\ndefault via 10.9.0.1 dev eth0 table 200\n10.9.0.0/16 dev eth0\n",
        f"{CONNECTED}10.9.0.0/16 dev eth0 src 10.9.0.5 metric 10\ndefault via 10.9.0.1 dev eth0\n",
        "default via fe80::1 dev eth0 metric 100\ndefault via fe80::2 dev eth0 metric 100\n",
        "local 10.9.0.4 dev eth0 table local\nbroadcast 10.9.0.4 dev eth0 table local\ndefault via 10.9.0.1 dev eth0\n",
    ],
)
def test_one_table_stays_one(text: str) -> None:
    [found] = read(f"{PROMPT}ip route show table all\n{text}{PROMPT}\n").nodes
    assert len(found.captures) == 1
    assert len(found.captures[0].result) == text.count("\n")


# --- masters that are no bridges --------------------------------------------------------------------------------------


def device(index: int, name: str, flags: str, mtu: int, mac: str, detail: str = "", master: str = "") -> str:
    upper = f"master {master} " if master else ""
    head = f"{index}: {name}: <{flags}> mtu {mtu} qdisc noqueue {upper}state UP mode DEFAULT group default qlen 1000\n"
    below = f"    {detail}\n" if detail else ""
    return f"{head}    link/ether {mac} brd ff:ff:ff:ff:ff:ff{' promiscuity 0' if detail else ''}\n{below}"


MACS = [f"aa:aa:aa:aa:aa:0{number}" for number in range(1, 6)]
CARD = device(2, "eth0", "BROADCAST,UP,LOWER_UP", 1500, "00:0d:3a:00:00:01")


@pytest.mark.parametrize(
    "rows",
    [
        device(5, "vrf-a", "NOARP,MASTER,UP", 65575, MACS[0], "vrf table 10")
        + device(6, "x", "BROADCAST,UP", 1500, MACS[1], "vrf_slave table 10", "vrf-a"),
        device(5, "red", "NOARP,MASTER,UP", 65575, MACS[0]) + device(6, "x", "BROADCAST,UP", 1500, MACS[1], "", "red"),
        device(5, "ovs-system", "BROADCAST", 9000, MACS[0]) + device(6, "x", "UP", 1500, MACS[1], "", "ovs-system"),
        device(5, "br-int", "BROADCAST", 9000, MACS[0], "openvswitch")
        + device(6, "x", "UP", 1500, MACS[1], "openvswitch_slave", "br-int"),
        device(5, "team0", "BROADCAST,UP", 9000, MACS[0]) + device(6, "x", "UP", 1500, MACS[1], "", "team0"),
    ],
)
def test_a_master_that_is_no_bridge_drops_no_packets(rows: str) -> None:
    [found] = analyze(read(f"{PROMPT}ip -d link\n{LO}\n{CARD}{rows}")).nodes
    assert wrong(found) == []


def test_a_bridge_still_does() -> None:
    rows = device(5, "br0", "BROADCAST,UP", 9000, MACS[0], "bridge forward_delay 1500") + device(
        6, "x", "BROADCAST,UP", 1500, MACS[1], "bridge_slave state forwarding", "br0"
    )
    [found] = analyze(read(f"{PROMPT}ip -d link\n{LO}\n{CARD}{rows}")).nodes
    assert wrong(found) == ["mtu-differs"]


@pytest.mark.parametrize(
    ("flags", "details", "master"),
    [
        ("BROADCAST,SLAVE,UP", ("bond_slave state ACTIVE", "bond_slave state BACKUP"), "bond0"),
        ("BROADCAST,SLAVE,UP", ("", ""), "bond0"),
        ("BROADCAST,SLAVE,UP", ("", ""), "uplink"),
        ("BROADCAST,UP", ("team_slave", "team_slave"), "lag"),
    ],
)
@pytest.mark.parametrize("with_master", [True, False])
def test_slaves_of_one_bond_share_its_mac(flags: str, details: tuple[str, str], master: str, with_master: bool) -> None:
    mac = "00:0d:3a:00:00:07"
    rows = [device(3 + number, f"p{number}", flags, 1500, mac, detail, master) for number, detail in enumerate(details)]
    rows += [device(9, master, "BROADCAST,MASTER,UP", 1500, mac)] if with_master else []
    [found] = analyze(read(f"{PROMPT}ip -d link\n{LO}\n{''.join(rows)}")).nodes
    assert "mac-shared" not in wrong(found)


def test_cards_of_no_bond_still_do_not() -> None:
    rows = "".join(device(3 + number, f"p{number}", "BROADCAST,UP", 1500, MACS[0]) for number in range(2))
    [found] = analyze(read(f"{PROMPT}ip -d link\n{LO}\n{rows}")).nodes
    assert wrong(found) == ["mac-shared"]


# --- the other end ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["", NO_BRIDGES, route_n(*ROUTES), ip_addr(ETH0, "..."), ip_addr(ETH0)])
def test_the_index_to_look_for_is_said(host: str) -> None:
    text = host + inside(16315, link(7, "eth0@if19", "10.240.0.9/16"))
    found = node(text)
    said = [finding for finding in found.findings if "look for host index 19" in finding.message]
    assert [finding.code for finding in said] == ["capture-missing"] or any(
        finding.code == "peer-missing" for finding in found.findings
    )
    for finding in said:
        assert [line.text.split(":")[1].strip() for line in finding.lines] == ["eth0@if19"]
        explanation = explain(read(text), "10.240.0.9")
        assert finding.message in [one.message for one in explanation.findings]


def test_the_indexes_of_several_pods() -> None:
    pods = "".join(
        inside(100 + number, link(3, f"eth0@if{number}", f"10.240.0.{number}/16")) for number in range(11, 19)
    )
    found = node(NO_BRIDGES + pods)
    [finding] = [finding for finding in found.findings if "look for host indexes" in finding.message]
    assert "11, 12, 13, 14, 15 and 3 more" in finding.message
