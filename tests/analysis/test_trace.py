"""Traces over written captures: which way a packet goes, where it is lost, and where the captures end."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import jsonschema
import pytest

from aksnet_parse import Trace, UsageError, read, trace
from aksnet_parse.analysis.tracing.models import Hop
from aksnet_parse.reading import read_texts

from .texts import (
    AZURE_BRIDGE,
    AZURE_TRANSPARENT,
    CALICO,
    CALICO_MAC,
    ETH0,
    KUBENET,
    NO_BRIDGES,
    NODES,
    ROUTES,
    brctl,
    inside,
    ip_addr,
    link,
    route_n,
)

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*.txt"))


def traced(texts: Sequence[str], source: str, target: str) -> Trace:
    return trace(read("\n".join(texts)), source, target)


def shown(found: Trace) -> list[str]:
    """The hops in short: kind, interface, and ``?`` for what is assumed."""
    return [f"{hop.kind} {hop.interface or '-'}{' ?' if hop.assumed else ''}" for hop in found.hops]


def last(found: Trace, verdict: str, kind: str) -> Hop:
    """The hop where the trace ends, as it should end."""
    assert (found.verdict, found.hops[-1].kind) == (verdict, kind), found
    assert (found.reason is None) == (verdict == "reached")
    assert found.missing or verdict != "unknown"
    return found.hops[-1]


def missing(found: Trace) -> list[str]:
    assert {(finding.code, finding.severity) for finding in found.missing} <= {("capture-missing", "info")}
    return [finding.subjects[0] for finding in found.missing]


def of_pod(pid: int | str, *rows: str) -> str:
    """`route -n` in the namespace of a process."""
    return route_n(*rows, call=f"sudo nsenter -t {pid} -n route -n")


def ip_route(*lines: str, call: str = "ip route") -> str:
    return "\n".join([f"$ {call}", *lines, ""])


def with_second(kind: str) -> list[str]:
    """A node of which both pods were looked into."""
    rows = {
        "kubenet": link(3, "eth0@if5", "10.244.0.3/24"),
        "kubenet-calico": link(3, "eth0@if4", "10.244.0.3/32"),
        "azure-bridge": link(6, "eth0@if7", "10.240.0.6/16"),
        "azure-transparent": link(6, "eth0@if7", "10.240.0.6/16"),
    }
    return [*NODES[kind].values(), inside(200, rows[kind])]


# --- the ways that packets go -----------------------------------------------------------------------------------------

POD_TO_POD = {
    "kubenet": ["pod-interface eth0", "pod-route eth0 ?", "veth veth11111111", "bridge cbr0", "veth veth22222222"],
    "kubenet-calico": [
        *("pod-interface eth0", "pod-route eth0 ?", "veth cali11111111111"),
        *("host-route cali22222222222", "veth cali22222222222"),
    ],
    "azure-bridge": [
        *("pod-interface eth0", "pod-route eth0 ?", "veth azv11111111111"),
        *("bridge azure0", "veth azv22222222222"),
    ],
    "azure-transparent": [
        *("pod-interface eth0", "pod-route eth0 ?", "veth azv11111111111"),
        *("host-route azv22222222222", "veth azv22222222222"),
    ],
}


@pytest.mark.parametrize("kind", NODES)
def test_from_pod_to_pod(kind: str) -> None:
    found = traced(with_second(kind), "pid:100", "pid:200")
    last(found, "reached", "pod")
    assert shown(found) == [*POD_TO_POD[kind], "pod eth0"]
    assert (found.source.kind, found.source.pid, found.target.pid) == ("pod", 100, 200)
    assert missing(found) == ["nsenter -t 100 -n ip route"]


POD_TO_WORLD = {
    "kubenet": ["veth veth11111111", "bridge cbr0", "host-route eth0", "interface eth0", "gateway -"],
    "kubenet-calico": ["veth cali11111111111", "host-route eth0", "interface eth0", "gateway -"],
    "azure-bridge": ["veth azv11111111111", "bridge azure0", "interface eth0", "gateway -"],
    "azure-transparent": ["veth azv11111111111", "host-route eth0", "interface eth0", "gateway -"],
}


@pytest.mark.parametrize("kind", NODES)
def test_from_pod_to_the_world(kind: str) -> None:
    found = traced([*NODES[kind].values()], "pid:100", "8.8.8.8")
    hop = last(found, "left", "gateway")
    assert hop.gateway == "10.240.0.1"
    assert hop.node is None
    assert shown(found) == ["pod-interface eth0", "pod-route eth0 ?", *POD_TO_WORLD[kind]]
    assert found.target.kind == "address"


@pytest.mark.parametrize("kind", NODES)
def test_from_pod_to_its_node_and_back(kind: str) -> None:
    there = traced([*NODES[kind].values()], "pid:100", "node")
    hop = last(there, "reached", "node")
    assert there.target.address == "10.240.0.4"
    assert hop.interface == ("azure0" if kind == "azure-bridge" else "eth0")
    assert any("10.240.0.4/16" in line.text for line in hop.lines)
    back = traced([*NODES[kind].values()], "node", "pid:100")
    last(back, "reached", "pod")
    assert back.source.kind == "node"
    assert back.hops[0].kind == "host-route"


@pytest.mark.parametrize(
    ("kind", "gateway"),
    [("kubenet", "10.244.0.1"), ("kubenet-calico", "169.254.1.1"), ("azure-bridge", "10.240.0.1")],
)
def test_the_known_default_of_a_mode_is_marked_as_assumed(kind: str, gateway: str) -> None:
    assumed = traced([*NODES[kind].values()], "pid:100", "8.8.8.8").hops[1]
    assert (assumed.gateway, assumed.assumed, assumed.lines) == (gateway, True, ())
    on_link = route_n("10.240.0.0/12 eth0", call="sudo nsenter -t 100 -n route -n")
    whole = traced([*NODES[kind].values(), of_pod(100, f"0.0.0.0/0 via {gateway} eth0")], "pid:100", "8.8.8.8")
    assert (whole.hops[1].gateway, whole.hops[1].destination, whole.hops[1].assumed) == (gateway, "0.0.0.0/0", False)
    assert [line.text.split()[0] for line in whole.hops[1].lines] == ["0.0.0.0"]
    assert missing(whole) == []
    lost = traced([*NODES[kind].values(), on_link], "pid:100", "8.8.8.8")
    last(lost, "lost", "pod-route")


def test_a_pod_sends_nothing_to_itself() -> None:
    found = traced([*KUBENET.values()], "pid:100", "10.244.0.2")
    assert [hop.kind for hop in found.hops] == ["pod"]
    last(found, "reached", "pod")


def test_a_pod_that_only_the_hosts_side_shows_is_reached_by_its_route() -> None:
    found = traced([*CALICO.values()], "pid:100", "10.244.0.3")
    assert last(found, "reached", "pod").assumed
    assert missing(found) == ["nsenter -t 100 -n ip route", "nsenter -t PID -n ip addr"]


def test_from_a_pod_that_only_the_hosts_side_shows() -> None:
    found = traced([*CALICO.values()], "10.244.0.3", "10.244.0.2")
    last(found, "reached", "pod")
    assert shown(found)[:3] == ["pod-interface eth0 ?", "pod-route eth0 ?", "veth cali22222222222"]


def test_containers_on_docker0_are_pods_on_a_bridge() -> None:
    texts = (
        ip_addr(
            ETH0,
            link(3, "docker0", "172.17.0.1/16"),
            link(5, "veth11111111@if4", master="docker0"),
            link(7, "veth22222222@if6", master="docker0"),
        ),
        brctl(docker0=["veth11111111", "veth22222222"]),
        route_n(*ROUTES, "172.17.0.0/16 docker0"),
        inside(100, link(4, "eth0@if5", "172.17.0.2/16")),
        inside(200, link(6, "eth0@if7", "172.17.0.3/16")),
    )
    last(traced(texts, "pid:100", "pid:200"), "reached", "pod")
    found = traced(texts, "pid:100", "8.8.8.8")
    last(found, "left", "gateway")
    assert found.hops[1].gateway == "172.17.0.1"


def test_the_longest_prefix_and_then_the_lowest_metric_decides() -> None:
    routes = route_n(*ROUTES, "8.8.0.0/16 via 10.240.0.9 eth0 200", "8.8.0.0/16 via 10.240.0.8 eth0 100")
    found = traced([KUBENET["ip addr"], routes], "node", "8.8.8.8")
    assert (found.hops[0].gateway, found.hops[0].destination) == ("10.240.0.8", "8.8.0.0/16")
    assert found.hops[-1].gateway == "10.240.0.8"


def test_of_several_hops_the_first_is_followed_and_it_is_said() -> None:
    routes = ip_route(
        "default proto static ",
        "\tnexthop via 10.240.0.1 dev eth0 weight 1 ",
        "\tnexthop via 10.240.0.2 dev eth0 weight 1 ",
        "10.240.0.0/16 dev eth0 proto kernel scope link src 10.240.0.4 ",
    )
    found = traced([KUBENET["ip addr"], routes], "node", "8.8.8.8")
    assert found.hops[0].gateway == "10.240.0.1"
    assert "the first of several" in found.hops[0].sentence


def test_only_the_main_table_counts() -> None:
    routes = ip_route(
        "default via 10.9.9.9 dev eth0 table 100 ",
        "default via 10.240.0.1 dev eth0 proto dhcp src 10.240.0.4 metric 100 ",
        "10.240.0.0/16 dev eth0 proto kernel scope link src 10.240.0.4 ",
        "local 10.240.0.7 dev eth0 table local proto kernel scope host src 10.240.0.7 ",
        call="ip route show table all",
    )
    found = traced([KUBENET["ip addr"], routes], "node", "8.8.8.8")
    assert found.hops[-1].gateway == "10.240.0.1"
    last(traced([KUBENET["ip addr"], routes], "node", "10.240.0.7"), "reached", "node")


# --- where packets are lost -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", NODES)
def test_a_pod_with_an_empty_table_sends_nowhere(kind: str) -> None:
    empty = "$ sudo nsenter -t 100 -n ip route\n$ hostname\n"
    found = traced([*with_second(kind), empty], "pid:100", "pid:200")
    last(found, "lost", "pod-route")
    assert "no route" in str(found.reason)


def test_a_part_of_a_pods_table_proves_no_absence() -> None:
    part = "$ sudo nsenter -t 100 -n ip route | grep 10.1\n10.1.0.0/16 via 10.244.0.9 dev eth0 \n"
    found = traced([*with_second("kubenet"), part], "pid:100", "pid:200")
    last(found, "reached", "pod")
    assert found.hops[1].assumed


@pytest.mark.parametrize("word", ["blackhole", "unreachable", "prohibit", "throw"])
def test_a_route_that_turns_packets_away(word: str) -> None:
    routes = ip_route(
        f"{word} 10.244.0.2 ",
        "default via 10.240.0.1 dev eth0 ",
        "10.244.0.2 dev cali11111111111 scope link metric 5 ",
    )
    found = traced([CALICO["ip addr"], CALICO["pod"], routes], "node", "pid:100")
    hop = last(found, "lost", "host-route")
    assert word in str(found.reason)
    assert [line.text.split()[0] for line in hop.lines] == [word]


def test_a_deleted_route_lets_the_packet_leave_by_the_uplink() -> None:
    texts = [CALICO["ip addr"], CALICO["pod"], route_n(*ROUTES, "10.244.0.3/32 cali22222222222")]
    found = traced(texts, "10.244.0.3", "10.244.0.2")
    hop = last(found, "lost", "interface")
    assert hop.interface == "eth0"
    assert found.reason == (
        "Pod 10.244.0.2/32, which has 10.244.0.2, is on the node, and the packet leaves it by eth0: no route leads "
        "there."
    )


def test_a_shortened_table_is_no_proof_that_a_route_is_missing() -> None:
    short = route_n(*ROUTES) + "...\n"
    found = traced([CALICO["ip addr"], CALICO["pod"], short], "node", "10.244.0.2")
    assert found.verdict == "unknown"
    assert found.hops[0].assumed
    assert missing(found) == ["route -n"]


def test_the_pod_network_of_the_node_itself_is_not_elsewhere() -> None:
    texts = [KUBENET["ip addr"], KUBENET["brctl show"], route_n(*ROUTES)]
    found = traced(texts, "node", "10.244.0.77")
    last(found, "lost", "interface")
    assert "cbr0" in str(found.reason)


def test_a_route_to_another_pods_veth() -> None:
    routes = route_n(*ROUTES, "10.244.0.2/32 cali22222222222", "10.244.0.3/32 cali22222222222")
    texts = [CALICO["ip addr"], CALICO["pod"], inside(200, link(3, "eth0@if4", "10.244.0.3/32")), routes]
    found = traced(texts, "node", "10.244.0.2")
    last(found, "lost", "pod")
    assert (
        found.reason == "Pod 10.244.0.3/32 is at the other end of cali22222222222; it has 10.244.0.3, not 10.244.0.2."
    )
    found = traced([CALICO["ip addr"], CALICO["pod"], routes], "node", "10.244.0.2")
    last(found, "lost", "pod")
    assert "whose other end is cali11111111111, not cali22222222222" in str(found.reason)


def test_two_pods_with_one_address() -> None:
    texts = [*CALICO.values(), inside(200, link(3, "eth0@if4", "10.244.0.2/32"))]
    last(traced(texts, "node", "pid:100"), "reached", "pod")
    found = traced(texts, "node", "pid:200")
    last(found, "lost", "pod")
    assert "as well" in str(found.reason)


def test_ends_that_do_not_fit() -> None:
    """The pod names an index that the host does not have: its captures are of another node or time."""
    texts = [CALICO["ip addr"], CALICO["route -n"], inside(100, link(3, "eth0@if99", "10.244.0.2/32"))]
    there, back = traced(texts, "node", "pid:100"), traced(texts, "pid:100", "node")
    last(there, "lost", "pod")
    last(back, "unknown", "veth")
    for found in (there, back):
        assert "host index 99" in str(found.reason)
        assert found.hops[-1].lines


def test_a_pod_without_the_address() -> None:
    texts = [*CALICO.values(), inside(200, link(3, "eth0@if4", "10.244.0.9/32"))]
    found = traced(texts, "node", "10.244.0.3")
    last(found, "lost", "pod")
    assert "it has 10.244.0.9, not 10.244.0.3" in str(found.reason)


DOWN = "BROADCAST,MULTICAST"
NO_CARRIER = "NO-CARRIER,BROADCAST,MULTICAST,UP"


def kubenet(**flags: str) -> list[str]:
    """A kubenet node with two pods, each interface with the flags given by its name."""
    usual = "BROADCAST,MULTICAST,UP,LOWER_UP"
    first, second = flags.get("first", usual), flags.get("second", usual)
    return [
        ip_addr(
            link(2, "eth0", "10.240.0.4/16", mac="00:0d:3a:00:00:01", flags=flags.get("eth0", usual)),
            link(3, "cbr0", "10.244.0.1/24", flags=flags.get("cbr0", usual)),
            link(4, "veth11111111@if3", master="cbr0", flags=flags.get("veth1", usual)),
            link(5, "veth22222222@if3", master="cbr0", flags=flags.get("veth2", usual)),
        ),
        KUBENET["brctl show"],
        KUBENET["route -n"],
        inside(100, link(3, "eth0@if4", "10.244.0.2/24", flags=first)),
        inside(200, link(3, "eth0@if5", "10.244.0.3/24", flags=second)),
    ]


@pytest.mark.parametrize(
    ("flags", "target", "kind", "interface"),
    [
        ({"first": DOWN}, "pid:200", "pod-interface", "eth0"),
        ({"first": NO_CARRIER}, "pid:200", "pod-interface", "eth0"),
        ({"first": NO_CARRIER, "veth1": DOWN}, "pid:200", "veth", "veth11111111"),
        ({"veth1": NO_CARRIER}, "pid:200", "veth", "veth11111111"),
        ({"cbr0": DOWN}, "pid:200", "bridge", "cbr0"),
        ({"veth2": DOWN}, "pid:200", "veth", "veth22222222"),
        ({"veth2": NO_CARRIER}, "pid:200", "veth", "veth22222222"),
        ({"veth2": NO_CARRIER, "second": DOWN}, "pid:200", "pod", "eth0"),
        ({"eth0": DOWN}, "8.8.8.8", "interface", "eth0"),
        ({"eth0": NO_CARRIER}, "8.8.8.8", "interface", "eth0"),
    ],
)
def test_what_is_down_is_where_the_packet_is_lost(
    flags: dict[str, str], target: str, kind: str, interface: str
) -> None:
    hop = last(traced(kubenet(), "pid:100", target), *(("left", "gateway") if "eth0" in flags else ("reached", "pod")))
    found = traced(kubenet(**flags), "pid:100", target)
    hop = last(found, "lost", kind)
    assert hop.interface == interface
    assert interface in str(found.reason)
    word = next(iter(flags.values())) if len(flags) == 1 else DOWN
    assert any(f"<{word}>" in line.text for line in hop.lines)


def test_a_bridge_without_a_port_that_is_up_takes_nothing_from_the_host() -> None:
    texts = [ip_addr(ETH0, link(3, "docker0", "172.17.0.1/16", flags=NO_CARRIER)), brctl(docker0=[])]
    found = traced([*texts, route_n(*ROUTES, "172.17.0.0/16 docker0")], "node", "172.17.0.2")
    last(found, "lost", "bridge")
    assert "no carrier" in str(found.reason)


def test_linkdown_says_what_no_listing_shows() -> None:
    routes = ip_route("10.244.0.2 dev cali11111111111 scope link linkdown ", "default via 10.240.0.1 dev eth0 ")
    found = traced([routes], "node", "10.244.0.2")
    assert last(found, "lost", "veth").interface == "cali11111111111"


def test_an_interface_that_the_host_does_not_have() -> None:
    stale = ("10.244.0.2/32 cali11111111111", "10.244.0.9/32 cali99999999999")
    texts = [CALICO["ip addr"], route_n(*ROUTES, *stale)]
    found = traced(texts, "node", "10.244.0.9")
    assert last(found, "lost", "interface").interface == "cali99999999999"


def test_a_veth_that_is_no_port() -> None:
    texts = [
        ip_addr(
            ETH0,
            link(3, "cbr0", "10.244.0.1/24"),
            link(4, "veth11111111@if3"),
            link(5, "veth22222222@if3", master="cbr0"),
        ),
        brctl(cbr0=["veth22222222"]),
        *kubenet()[2:],
    ]
    for target in ("pid:200", "8.8.8.8"):
        found = traced(texts, "pid:100", target)
        assert last(found, "lost", "veth").interface == "veth11111111"
        assert "no member of the bridge cbr0" in str(found.reason)
    last(traced(texts, "pid:200", "pid:100"), "lost", "bridge")


def test_nobody_answers_for_a_gateway_that_the_bridge_does_not_have() -> None:
    texts = [*kubenet(), of_pod(100, "0.0.0.0/0 via 10.244.0.254 eth0", "10.244.0.0/24 eth0")]
    last(traced(texts, "pid:100", "pid:200"), "reached", "pod")
    found = traced(texts, "pid:100", "8.8.8.8")
    last(found, "lost", "bridge")
    assert "gateway 10.244.0.254" in str(found.reason)


def test_a_bridge_without_the_card_leads_nowhere() -> None:
    texts = [
        ip_addr(
            link(2, "eth0", mac="00:0d:3a:00:00:01"),
            link(3, "azure0", "10.240.0.4/16", mac="00:0d:3a:00:00:01"),
            link(5, "azv11111111111@if4", master="azure0"),
        ),
        brctl(azure0=["azv11111111111"]),
        AZURE_BRIDGE["route -n"],
        AZURE_BRIDGE["pod"],
    ]
    for source in ("pid:100", "node"):
        found = traced(texts, source, "8.8.8.8")
        last(found, "lost", "bridge")
        assert "No network card" in str(found.reason)


@pytest.mark.parametrize("state", ["FAILED", "INCOMPLETE"])
def test_nobody_answered(state: str) -> None:
    neighbours = f"$ ip neigh\n10.240.0.1 dev eth0 {state}\n"
    found = traced([*CALICO.values(), neighbours], "pid:100", "8.8.8.8")
    hop = last(found, "lost", "gateway")
    assert [line.text.split()[0] for line in hop.lines] == ["10.240.0.1"]
    inside_pod = f"$ sudo nsenter -t 100 -n ip neigh\n169.254.1.1 dev eth0 {state}\n"
    routes = of_pod(100, "0.0.0.0/0 via 169.254.1.1 eth0", "169.254.1.1/32 eth0")
    found = traced([*CALICO.values(), inside_pod, routes], "pid:100", "8.8.8.8")
    last(found, "lost", "pod-route")
    assert state in str(found.reason)


def test_a_pods_own_route_that_turns_packets_away() -> None:
    routes = "$ sudo nsenter -t 100 -n ip route\nblackhole 8.8.0.0/16 \ndefault via 10.244.0.1 dev eth0 \n"
    found = traced([*KUBENET.values(), routes], "pid:100", "8.8.8.8")
    assert last(found, "lost", "pod-route").destination == "8.8.0.0/16"
    last(traced([*KUBENET.values(), routes], "pid:100", "8.9.8.8"), "left", "gateway")


def test_nobody_answered_on_a_bridge() -> None:
    neighbours = "$ ip neigh\n10.244.0.9 dev cbr0 FAILED\n"
    found = traced([*KUBENET.values(), neighbours], "node", "10.244.0.9")
    last(found, "lost", "bridge")
    assert "FAILED" in str(found.reason)


def test_linkdown_says_that_a_bridge_has_no_port() -> None:
    routes = ip_route("172.17.0.0/16 dev docker0 proto kernel scope link src 172.17.0.1 linkdown ")
    last(traced([routes], "node", "172.17.0.2"), "lost", "bridge")


def test_a_card_of_the_other_node_that_is_down() -> None:
    one, other = "\n".join(with_second("kubenet")), second_node("kubenet")
    other = other.replace("2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP>", f"2: eth0: <{NO_CARRIER}>")
    found = trace(read_texts([("1.txt", one), ("2.txt", other)]), "10.244.0.2", "10.244.1.3")
    hop = last(found, "lost", "interface")
    assert (hop.interface, hop.node.number if hop.node is not None else 0) == ("eth0", 2)


def test_the_card_above_a_vf_is_the_way_in() -> None:
    one, other = "\n".join(with_second("kubenet-calico")), second_node("kubenet-calico")
    vf = link(9, "enP1279s1", mac="00:0d:3a:00:00:02", master="eth0", flags="BROADCAST,MULTICAST,SLAVE,UP,LOWER_UP")
    other = other.replace("\n3: cali", f"\n{vf}\n3: cali", 1)
    found = trace(read_texts([("1.txt", one), ("2.txt", other)]), "10.244.0.2", "10.244.1.3")
    last(found, "reached", "pod")
    assert "interface enP1279s1" not in shown(found)


def test_a_short_listing_shows_what_is_down() -> None:
    short = (
        "$ ip -br addr\nlo               UNKNOWN        127.0.0.1/8 ::1/128 \n"
        "eth0             UP             10.240.0.4/16 \ncali11111111111@if3 DOWN           \n"
    )
    found = traced([short, CALICO["route -n"]], "node", "10.244.0.2")
    assert last(found, "lost", "veth").interface == "cali11111111111"


def test_a_broadcast_is_not_for_one_machine() -> None:
    found = traced([*KUBENET.values()], "node", "10.240.255.255")
    last(found, "lost", "host-route")
    assert "broadcast" in str(found.reason)


def test_an_address_of_the_other_version() -> None:
    found = traced([*CALICO.values()], "pid:100", "2001:db8::1")
    last(found, "lost", "pod-interface")
    assert "no IPv6 address" in str(found.reason)


# --- where the captures end -------------------------------------------------------------------------------------------


def test_without_the_hosts_captures_the_other_end_is_unknown() -> None:
    found = traced([KUBENET["pod"]], "pid:100", "8.8.8.8")
    last(found, "unknown", "veth")
    assert "ip addr" in missing(found)


def test_without_the_hosts_routes_the_way_on_is_unknown() -> None:
    found = traced([CALICO["ip addr"], CALICO["pod"]], "pid:100", "8.8.8.8")
    last(found, "unknown", "host-route")
    assert missing(found) == ["nsenter -t 100 -n ip route", "route -n"]


def test_without_the_hosts_routes_the_network_of_a_bridge_is_known() -> None:
    texts = [KUBENET["ip addr"], KUBENET["brctl show"], KUBENET["pod"]]
    found = traced(texts, "node", "pid:100")
    last(found, "reached", "pod")
    assert found.hops[0].assumed
    assert missing(found) == ["route -n"]


def test_a_pod_on_a_bridge_that_nobody_looked_into_may_have_the_address() -> None:
    found = traced([*KUBENET.values()], "pid:100", "10.244.0.3")
    last(found, "unknown", "bridge")
    assert "nsenter -t PID -n ip addr" in missing(found)


def test_what_the_bridge_has_seen_tells_the_port() -> None:
    seen = (
        "$ ip neigh\n10.244.0.3 dev cbr0 lladdr 0a:58:0a:f4:00:03 REACHABLE\n"
        "$ bridge fdb\n0a:58:0a:f4:00:03 dev veth22222222 master cbr0 \n"
    )
    found = traced([*KUBENET.values(), seen], "pid:100", "10.244.0.3")
    assert "veth veth22222222" in shown(found)
    assert last(found, "reached", "pod").assumed


def test_a_route_without_an_interface() -> None:
    found = traced([KUBENET["ip addr"], ip_route("8.8.0.0/16 via 10.240.0.9 ")], "node", "8.8.8.8")
    last(found, "unknown", "host-route")


def test_a_node_whose_uplink_was_not_captured_is_entered_all_the_same() -> None:
    other = "\n".join(
        [
            ip_addr(
                link(2, "eth0", "10.240.0.5/16", mac="00:0d:3a:00:00:02"),
                link(3, "eth1", "10.250.0.5/16", mac="00:0d:3a:00:00:03"),
                link(4, "cali33333333333@if3", mac=CALICO_MAC),
            ),
            "$ ip route\n10.244.1.3 dev cali33333333333 scope link \n...\n",
            inside(300, link(3, "eth0@if4", "10.244.1.3/32")),
        ]
    )
    one = "\n".join(with_second("kubenet-calico"))
    found = trace(read_texts([("1.txt", one), ("2.txt", other)]), "10.244.0.2", "10.244.1.3")
    last(found, "reached", "pod")
    crossing = [hop.kind for hop in found.hops].index("network")
    assert found.hops[crossing + 1].kind == "host-route"


def test_without_a_listing_of_members_they_are_not_denied() -> None:
    texts = [
        KUBENET["route -n"],
        brctl(cbr0=["veth11111111"]),
        KUBENET["pod"],
        inside(200, link(3, "eth0@if5", "10.244.0.3/24")),
    ]
    found = traced(texts, "pid:100", "pid:200")
    assert found.verdict == "reached"
    assert "ip addr" in missing(found)
    assert any(hop.assumed and hop.kind == "veth" for hop in found.hops)


@pytest.mark.parametrize("kind", NODES)
def test_no_set_of_captures_makes_it_raise_or_call_lost_what_arrives(kind: str) -> None:
    texts = with_second(kind)
    everything = read("\n".join(texts))
    reached = 0
    for chosen in range(1, 2 ** len(texts)):
        some = [text for number, text in enumerate(texts) if chosen >> number & 1]
        reading = read("\n".join(some))
        for source, target in product(("pid:100", "node"), ("10.240.0.6", "10.244.0.3", "10.240.0.4")):
            try:
                found = trace(reading, source, target)
            except UsageError:
                continue
            whole = trace(everything, source, target)
            if whole.verdict == "reached" and found.verdict not in {"reached", "unknown"}:
                pytest.fail(f"{chosen:b} {source} {target}: {found.reason}")
            reached += found.verdict == "reached"
            assert found.hops
    assert reached


def test_a_service_is_left_to_kube_proxy() -> None:
    declared = "$ az aks create -n one --network-plugin kubenet --service-cidr 10.0.0.0/16\n"
    for source in ("pid:100", "node"):
        found = traced([declared, *KUBENET.values()], source, "10.0.0.10")
        hop = last(found, "unknown", "host-route")
        assert any("--service-cidr" in line.text for line in hop.lines)
    last(traced([declared, *KUBENET.values()], "pid:100", "10.1.0.10"), "left", "gateway")


def test_a_pods_second_interface_is_not_followed() -> None:
    rows = "net1", "eth0"
    routes = of_pod(
        100, *(f"{target} {row}" for target, row in zip(("10.99.0.0/16", "10.244.0.0/24"), rows, strict=True))
    )
    found = traced([*kubenet(), routes], "pid:100", "10.99.0.1")
    assert last(found, "unknown", "pod-route").interface == "net1"


def test_two_pods_that_claim_one_veth() -> None:
    texts = [*CALICO.values(), inside(200, link(3, "eth0@if3", "10.244.0.9/32", mac="02:00:00:00:09:09"))]
    for source, target, kind in (("pid:100", "node", "veth"), ("node", "pid:100", "pod")):
        found = traced(texts, source, target)
        last(found, "unknown", kind)
        assert "cali11111111111" in str(found.reason)


def test_an_address_of_two_nodes() -> None:
    one = "\n".join([ip_addr(ETH0), route_n(*ROUTES)])
    others = [second_node("kubenet-calico"), second_node("kubenet-calico").replace("10.240.0.5", "10.240.0.6")]
    others[1] = others[1].replace("00:0d:3a:00:00:02", "00:0d:3a:00:00:03")
    found = trace(read_texts([("1.txt", one), ("2.txt", others[0]), ("3.txt", others[1])]), "node:1", "10.244.1.3")
    last(found, "unknown", "network")
    assert "node 2, node 3" in str(found.reason)


# --- from node to node ------------------------------------------------------------------------------------------------


def second_node(kind: str) -> str:
    """The node of ``texts`` with the next addresses."""
    text = "\n".join(with_second(kind)).replace("00:0d:3a:00:00:01", "00:0d:3a:00:00:02")
    if kind.startswith("azure"):
        return (
            text.replace("10.240.0.5", "10.240.1.5")
            .replace("10.240.0.6", "10.240.1.6")
            .replace("10.240.0.4", "10.240.1.4")
        )
    return text.replace("10.244.0.", "10.244.1.").replace("10.240.0.4", "10.240.0.5")


def both(kind: str) -> Trace:
    texts = [("one.txt", "\n".join(with_second(kind))), ("two.txt", second_node(kind))]
    source, target = ("10.240.0.5", "10.240.1.6") if kind.startswith("azure") else ("10.244.0.2", "10.244.1.3")
    return trace(read_texts(texts), source, target)


@pytest.mark.parametrize("kind", NODES)
def test_the_way_goes_on_into_the_other_node(kind: str) -> None:
    found = both(kind)
    last(found, "reached", "pod")
    kinds = [hop.kind for hop in found.hops]
    crossing = kinds.index("network")
    assert found.hops[crossing].assumed
    assert {hop.node.number for hop in found.hops[:crossing] if hop.node is not None} == {1}
    assert {hop.node.number for hop in found.hops[crossing:] if hop.node is not None} == {2}
    assert kinds[crossing + 1] == "interface"
    files = {line.file for hop in found.hops[crossing:] for line in hop.lines}
    assert files == {"two.txt"}


def test_the_other_node_without_a_route_to_its_pod() -> None:
    one = "\n".join(with_second("kubenet-calico"))
    other = second_node("kubenet-calico")
    row = next(line for line in other.split("\n") if line.startswith("10.244.1.3 "))
    found = trace(read_texts([("1.txt", one), ("2.txt", other.replace(row + "\n", ""))]), "10.244.0.2", "10.244.1.3")
    hop = last(found, "lost", "interface")
    assert hop.node is not None
    assert hop.node.number == 2


def test_the_pod_network_of_another_node_leads_there_though_no_pod_has_the_address() -> None:
    texts = [("one.txt", "\n".join(with_second("kubenet"))), ("two.txt", second_node("kubenet"))]
    found = trace(read_texts(texts), "10.244.0.2", "10.244.1.99")
    hop = last(found, "lost", "bridge")
    assert hop.node is not None
    assert hop.node.number == 2


def test_several_nodes_are_told_apart() -> None:
    texts = [("one.txt", "\n".join(with_second("kubenet"))), ("two.txt", second_node("kubenet"))]
    reading = read_texts(texts)
    with pytest.raises(UsageError, match=r"'node' fits several: node:1, node:2"):
        trace(reading, "node", "8.8.8.8")
    with pytest.raises(UsageError, match=r"'pid:100' fits several: pid:100 \(10.244.0.2\) on node:1, "):
        trace(reading, "pid:100", "8.8.8.8")
    found = trace(reading, "node:1", "node:2")
    assert (found.source.address, found.target.address) == ("10.240.0.4", "10.240.0.5")
    last(found, "reached", "node")
    last(trace(reading, "10.244.0.2", "node"), "reached", "node")
    assert trace(reading, "10.244.1.2", "node").target.address == "10.240.0.5"


def test_packets_that_go_round_in_a_circle() -> None:
    """Each node sends on to the other what neither has."""
    one = "\n".join([ip_addr(ETH0), route_n(*ROUTES, "10.99.0.0/16 via 10.240.0.5 eth0")])
    two = one.replace("10.240.0.4", "@").replace("10.240.0.5", "10.240.0.4").replace("@", "10.240.0.5")
    reading = read_texts([("one.txt", one), ("two.txt", two.replace("00:0d:3a:00:00:01", "00:0d:3a:00:00:02"))])
    found = trace(reading, "node:1", "10.99.1.1")
    last(found, "lost", "host-route")
    assert "circle" in str(found.reason)
    assert len(found.hops) < 12


# --- IPv6 -------------------------------------------------------------------------------------------------------------

SIX = [
    ip_addr(
        link(2, "eth0", "10.240.0.4/16", "fd01::4/64", mac="00:0d:3a:00:00:01"),
        link(3, "cali11111111111@if3", mac=CALICO_MAC),
        link(4, "cali22222222222@if3", mac=CALICO_MAC),
    ),
    NO_BRIDGES,
    ip_route(
        "fd00::2 dev cali11111111111 metric 1024 pref medium",
        "fd00::3 dev cali22222222222 metric 1024 pref medium",
        "fd01::/64 dev eth0 proto kernel metric 256 pref medium",
        "default via fe80::1 dev eth0 proto ra metric 100 pref medium",
        call="ip -6 route",
    ),
    inside(100, link(3, "eth0@if3", "fd00::2/128")),
    inside(200, link(3, "eth0@if4", "fd00::3/128")),
]


def test_ipv6() -> None:
    last(traced(SIX, "pid:100", "pid:200"), "reached", "pod")
    found = traced(SIX, "pid:100", "2001:db8::1")
    assert last(found, "left", "gateway").gateway == "fe80::1"
    assert missing(found)[0] == "nsenter -t 100 -n ip -6 route"
    last(traced(SIX, "pid:100", "fd01::4"), "reached", "node")
    assert traced(SIX, "pid:100", "node").target.address == "fd01::4"


# --- whom a word names ------------------------------------------------------------------------------------------------

LISTED = (
    "$ kubectl get pods -A -o wide\n"
    "NAMESPACE   NAME   READY   STATUS    RESTARTS   AGE   IP           NODE    NOMINATED NODE   READINESS GATES\n"
    "web         one    1/1     Running   0          5d    10.244.0.2   aks-1   <none>           <none>\n"
    "web         two    1/1     Running   0          5d    10.244.0.3   aks-1   <none>           <none>\n"
    "shop        two    1/1     Running   0          5d    10.244.0.4   aks-1   <none>           <none>\n"
    "kube-system proxy  1/1     Running   0          5d    10.240.0.4   aks-1   <none>           <none>\n"
)


def listed() -> list[str]:
    return [*(text.replace("$ ", "root@aks-1:~# ") for text in (*CALICO.values(),)), LISTED]


@pytest.mark.parametrize("word", ["web/one", "one", "10.244.0.2", "10.244.0.2/32", "pid:100"])
def test_a_pod_is_named_in_many_ways(word: str) -> None:
    found = traced(listed(), word, "8.8.8.8")
    assert found.source.pod is not None
    assert (found.source.pod.namespace, found.source.pod.name) == ("web", "one")
    assert (found.source.asked, found.source.address, found.source.pid) == (word, "10.244.0.2", 100)
    target = traced(listed(), "node", word)
    assert (target.target.kind, target.target.address) == ("pod", "10.244.0.2")


def test_a_container_id_and_a_name_of_a_namespace() -> None:
    identifier = "0b7c7a46ade1" + "0" * 52
    docker = (
        f'$ docker inspect {identifier[:12]}\n[{{"Id": "{identifier}", "State": {{"Pid": 100}}, "Name": "/web-1"}}]\n'
    )
    for word in (identifier, "0b7c", "0b7c7a46ade1", "web-1", "pid:100"):
        assert traced([*KUBENET.values(), docker], word, "8.8.8.8").source.container_id == identifier
    with pytest.raises(UsageError):
        traced([*KUBENET.values(), docker], "0b7", "8.8.8.8")
    named = KUBENET["pod"].replace("nsenter -t 100 -n", "ip netns exec cni-1")
    assert traced([KUBENET["ip addr"], named], "netns:cni-1", "10.244.0.1").source.netns == "cni-1"


def test_a_pod_on_the_hosts_network_is_the_node() -> None:
    found = traced(listed(), "kube-system/proxy", "10.244.0.2")
    assert found.source.kind == "node"
    last(found, "reached", "pod")


def test_a_name_in_two_namespaces() -> None:
    texts = [*listed()[:-1], inside(200, link(3, "eth0@if4", "10.244.0.3/32")), LISTED]
    with pytest.raises(UsageError, match=r"'two' fits several: .*web/two"):
        trace(read("\n".join(texts).replace("10.244.0.3/32 cali", "10.244.0.4/32 cali")), "two", "8.8.8.8")


def test_what_was_not_captured_is_refused_with_a_list_of_what_was() -> None:
    with pytest.raises(UsageError, match=r"no source 'nobody' was captured; there are: node, pid:100 \(10.244.0.2\), "):
        traced([*CALICO.values()], "nobody", "8.8.8.8")
    with pytest.raises(UsageError, match=r"no source '8.8.8.8' was captured"):
        traced([*CALICO.values()], "8.8.8.8", "10.244.0.2")
    with pytest.raises(UsageError, match=r"no target 'nobody' was captured; give an address"):
        traced([*CALICO.values()], "node", "nobody")
    with pytest.raises(UsageError, match="no node was captured"):
        trace(read("nothing"), "node", "8.8.8.8")
    with pytest.raises(UsageError, match="no address of the node"):
        traced([CALICO["pod"], route_n("0.0.0.0/0 via 10.240.0.1 eth0")], "pid:100", "node")


def test_a_long_list_is_cut() -> None:
    rows = [f"10.244.0.{number}/32 cali{number:011x}" for number in range(2, 40)]
    with pytest.raises(UsageError, match=r"10\.244\.0\.10 and 29 more$"):
        traced([route_n(*ROUTES, *rows)], "nobody", "8.8.8.8")


@pytest.mark.parametrize("word", ["224.0.0.1", "0.0.0.0", "127.0.0.1", "::1", "fe80::1", "ff02::1", "255.255.255.255"])
def test_addresses_that_no_one_machine_has(word: str) -> None:
    with pytest.raises(UsageError, match="no way to trace"):
        traced([*CALICO.values()], "pid:100", word)


# --- the answer -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_every_trace_fits_the_schema_and_cites_lines_that_stand_there(sample: Path) -> None:
    reading = read(sample)
    lines = sample.read_text(encoding="utf-8").split("\n")
    schema = Trace.model_json_schema(mode="serialization")
    jsonschema.Draft202012Validator.check_schema(schema)
    [node] = reading.nodes
    assert node.routes is not None
    addresses = [str(route.dst.network_address) for route in node.routes if route.dst is not None and route.is_host]
    for target in (*addresses, "8.8.8.8", "node"):
        found = trace(reading, "node", target)
        jsonschema.validate(found.model_dump(mode="json"), schema)
        assert found == Trace.model_validate_json(found.model_dump_json())
        for hop in found.hops:
            assert hop.sentence.endswith(".")
            assert hop.assumed or hop.kind == "gateway" or hop.lines
            for line in hop.lines:
                assert lines[line.line - 1].expandtabs(8).strip() == line.text.strip()


def test_the_order_of_captures_does_not_matter() -> None:
    texts = with_second("azure-transparent")
    first = traced(texts, "pid:100", "pid:200")
    again = traced(texts[::-1], "pid:100", "pid:200")
    assert shown(first) == shown(again)
    assert [hop.sentence for hop in first.hops] == [hop.sentence for hop in again.hops]


@pytest.mark.parametrize("seed", range(12))
def test_captures_with_lines_left_out_make_it_raise_nothing_else(seed: int) -> None:
    dice = random.Random(seed)
    texts = [*with_second(dice.choice([*NODES])), LISTED, SIX[2]]
    dice.shuffle(texts)
    lines = [line for text in texts for line in text.split("\n") if dice.random() > seed / 30]
    reading = read("\n".join(lines))
    ends = [
        "node",
        "node:1",
        "pid:100",
        "pid:200",
        "web/one",
        *(f"10.24{net}.0.{last}" for net in "04" for last in range(1, 9)),
    ]
    answered = 0
    for source, target in product(ends, [*ends, "8.8.8.8", "fd00::3", "172.17.0.2", "169.254.1.1"]):
        try:
            found = trace(reading, source, target)
        except UsageError:
            continue
        answered += 1
        assert found.hops
        assert (found.reason is None) == (found.verdict == "reached")
        assert found.missing or found.verdict != "unknown"
    assert answered


def test_azure_transparent_leaves_by_its_subnet_for_an_address_that_no_pod_has() -> None:
    found = traced([*AZURE_TRANSPARENT.values()], "pid:100", "10.240.0.77")
    assert last(found, "left", "neighbour").gateway == "10.240.0.77"
