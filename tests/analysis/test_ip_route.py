"""`ip route` serves wherever `route -n` does, and both together say nothing twice."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from aksnet_parse import Route, analyze, parse_route_n, read
from aksnet_parse.analysis.models import NodeAnalysis

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*.txt"))
CALL = re.compile(
    r"^(?P<prompt>.*?)(?P<call>(?:sudo )?route -n)\n(?P<output>(?:(?:Kernel|Destination|[0-9]).*\n)+)", re.M
)


def as_ip_route(route: Route) -> str:
    dst = "default" if route.is_default else str(route.dst).removesuffix("/32")
    words = [dst, *([f"via {route.gateway}"] if route.gateway is not None else []), f"dev {route.dev}"]
    scope = [] if route.gateway is not None else ["scope link"]
    metric = [f"metric {route.metric}"] if route.metric else []
    return " ".join((*words, *scope, *metric)) + " \n"


def replaced(text: str, *, both: str = "") -> str:
    """``text`` with `ip route` for each `route -n`, or ``both`` one after the other."""

    def other(match: re.Match[str]) -> str:
        shown = "".join(map(as_ip_route, parse_route_n(match["output"], strict=True)))
        own = f"{match['prompt']}ip route\n{shown}"
        return {"": own, "after": match.group() + own, "before": own + match.group()}[both]

    changed, number = CALL.subn(other, text)
    assert number > 0
    return changed


def wired(text: str) -> list[Any]:
    return [facts(node) for node in analyze(read(text)).nodes]


def facts(node: NodeAnalysis) -> Any:
    return (
        *(node.mode.datapath, node.mode.bridge, node.mode.networkPlugin, node.mode.networkPluginMode),
        *(node.mode.networkPolicy, node.uplink, len(node.unparsed)),
        tuple((pod.addresses, pod.interface, pod.veth, pod.attachment, pod.proofs, pod.status) for pod in node.pods),
        tuple(finding.code for finding in node.findings),
        tuple(re.sub(r"`(?:route -n|ip route)`", "", evidence.claim) for evidence in node.mode.evidence),
    )


@pytest.mark.parametrize("both", ["", "after", "before"])
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_samples_say_the_same(sample: Path, both: str) -> None:
    text = sample.read_text()
    assert wired(replaced(text, both=both)) == wired(text)


PROMPT = "azureuser@aks-nodepool1-12345678-0:~$ "
ADDRESSES = """\
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000
    link/ether 00:0d:3a:9c:96:47 brd ff:ff:ff:ff:ff:ff
    inet 10.220.2.4/24 brd 10.220.2.255 scope global eth0
16: azv33ac2d062ec@if15: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 92:81:10:67:e0:26 brd ff:ff:ff:ff:ff:ff link-netnsid 4
"""
ROUTES = """\
default via 10.220.2.1 dev eth0 proto dhcp src 10.220.2.4 metric 100
10.220.2.0/24 dev eth0 proto kernel scope link src 10.220.2.4 metric 100
10.220.2.21 dev azv33ac2d062ec proto static
168.63.129.16 via 10.220.2.1 dev eth0 proto dhcp src 10.220.2.4 metric 100
"""
LOCAL = """\
local 10.220.2.4 dev eth0 table local proto kernel scope host src 10.220.2.4
broadcast 10.220.2.255 dev eth0 table local proto kernel scope link src 10.220.2.4
local 10.220.2.99 dev azv33ac2d062ec table local proto kernel scope host src 10.220.2.99
10.220.2.98 dev azv33ac2d062ec table 100 scope link
local 127.0.0.1 dev lo table local proto kernel scope host src 127.0.0.1
fe80::/64 dev azv33ac2d062ec proto kernel metric 256 pref medium
local ::1 dev lo table local proto kernel metric 0 pref medium
anycast fe80:: dev azv33ac2d062ec table local proto kernel metric 0 pref medium
multicast ff00::/8 dev azv33ac2d062ec table local proto kernel metric 256 pref medium
"""


def one(*pairs: tuple[str, str]) -> NodeAnalysis:
    text = f"{PROMPT}ip addr\n{ADDRESSES}" + "".join(f"{PROMPT}{call}\n{output}" for call, output in pairs)
    [node] = analyze(read(f"{text}{PROMPT}\n")).nodes
    assert node.unparsed == ()
    return node


@pytest.mark.parametrize("call", ["ip route show table all", "ip r ls table all"])
def test_only_routes_of_the_main_table_lead_to_pods(call: str) -> None:
    plain, full = one(("ip route", ROUTES)), one((call, ROUTES + LOCAL))
    assert facts(full) == facts(plain)
    assert [pod.addresses for pod in full.pods] == [("10.220.2.21/32",)]
    assert full.mode.datapath == "transparent"


def test_a_table_that_was_asked_for_adds_no_pods() -> None:
    plain = one(("ip route", ROUTES))
    asked = one(("ip route", ROUTES), ("ip route show table 100", "10.220.2.98 dev azv33ac2d062ec scope link\n"))
    assert facts(asked) == facts(plain)


def test_ipv6_is_added_to_ipv4() -> None:
    ipv6 = "fd00::21 dev azv33ac2d062ec metric 1024 pref medium\ndefault via fe80::1 dev eth0 metric 5 pref medium\n"
    for pairs in (
        (("ip route", ROUTES), ("ip -6 route", ipv6)),
        (("ip -6 route", ipv6), ("ip route", ROUTES)),
        (("ip -6 route", ipv6), ("ip route", ROUTES), ("ip route", ROUTES)),
    ):
        node = one(*pairs)
        [pod] = node.pods
        assert set(pod.addresses) == {"10.220.2.21/32", "fd00::21/128"}
        assert node.uplink is not None
        assert (node.uplink.interface, node.uplink.gateway) == ("eth0", "10.220.2.1")


def test_several_hops_of_the_default_route() -> None:
    several = (
        "default proto static \n\tnexthop via 10.220.2.1 dev eth0 weight 1 \n"
        "\tnexthop via 10.220.2.2 dev eth0 weight 1 \n"
    )
    node = one(("ip route", several + ROUTES.partition("\n")[2]))
    assert node.uplink is not None
    assert (node.uplink.interface, node.uplink.gateway) == ("eth0", "10.220.2.1")


@pytest.mark.parametrize("kind", ["blackhole", "unreachable", "prohibit", "throw"])
def test_what_turns_packets_away_is_no_pod(kind: str) -> None:
    plain, rejecting = (
        one(("ip route", ROUTES)),
        one(("ip route", f"{ROUTES}{kind} 10.220.2.77 \n{kind} default metric 4278198272\n")),
    )
    assert facts(rejecting) == facts(plain)


def test_names_for_numbers() -> None:
    table = """\
Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
default         _gateway        0.0.0.0         UG    100    0        0 eth0
10.220.2.0      0.0.0.0         255.255.255.0   U     100    0        0 eth0
10.220.2.21     0.0.0.0         255.255.255.255 UH    0      0        0 azv33ac2d062ec
web-1.internal  0.0.0.0         255.255.255.255 UH    0      0        0 azv44ac2d062ec
link-local      0.0.0.0         255.255.0.0     U     1000   0        0 eth0
10.9.0.0        -               255.255.0.0     !     0      -        0 -
"""
    node = one(("route", table))
    assert node.uplink is not None
    assert (node.uplink.interface, node.uplink.gateway) == ("eth0", "_gateway")
    assert [pod.addresses for pod in node.pods if pod.addresses] == [("10.220.2.21/32",)]


def test_json_serves_as_well() -> None:
    shown = (
        '[{"dst":"default","gateway":"10.220.2.1","dev":"eth0","protocol":"dhcp","prefsrc":"10.220.2.4","metric":100,'
        '"flags":[]},{"dst":"10.220.2.0/24","dev":"eth0","protocol":"kernel","scope":"link","prefsrc":"10.220.2.4",'
        '"metric":100,"flags":[]},{"dst":"10.220.2.21","dev":"azv33ac2d062ec","protocol":"static","flags":[]}]\n'
    )
    assert facts(one(("ip -j route", shown))) == facts(one(("ip route", ROUTES)))


def test_an_abbreviated_table_is_asked_for_by_its_name() -> None:
    text = f"{PROMPT}ip route\n10.9.0.0/24 dev eth0 scope link\n...\n{PROMPT}\n"
    [node] = analyze(read(text)).nodes
    assert any(finding.subjects == ("ip route",) for finding in node.findings)
