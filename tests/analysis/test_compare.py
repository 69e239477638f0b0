"""Two captures compared: what is said to have changed, what stayed, and what is not claimed because a side does not
show it."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aksnet_parse import Comparison, compare, read
from aksnet_parse.analysis.comparison.models import Change, NodeComparison
from aksnet_parse.analysis.comparison.words import in_order
from aksnet_parse.reading import Reading, read_texts

from .mirror import assert_mirrored
from .texts import (
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


def reading(*texts: str) -> Reading:
    return read("\n".join(texts))


def compared(before: Reading, after: Reading) -> NodeComparison:
    """The one node of both, and the other way round as well: it must be the mirror image."""
    comparison = compare(before, after)
    assert_mirrored(comparison, compare(after, before))
    [node] = comparison.nodes
    assert comparison.changed == bool(node.changes)
    assert comparison.no_change == node.no_change == (not node.changes)
    return node


def messages(node: NodeComparison) -> list[str]:
    return [change.message for change in node.changes]


def unseen(node: NodeComparison) -> list[str]:
    return [one.message for one in node.not_compared]


def the(code: str, node: NodeComparison) -> Change:
    [change] = [change for change in node.changes if change.code == code]
    return change


WHOLE = {kind: reading(*texts.values()) for kind, texts in NODES.items()}

# --- what is wrong ----------------------------------------------------------------------------------------------------


def azure(routed: Iterable[int], *, shift: int = 0) -> Reading:
    """A node of five pods. ``routed``: those that have a route. ``shift``: all pods were started anew."""
    numbers = range(5)
    veths = [f"azv{number + 16 * shift:011x}" for number in numbers]
    macs = [f"02:00:00:01:{shift:02x}:{number:02x}" for number in numbers]
    rows = [link(10 + n + shift, f"{veths[n]}@if{30 + n + shift}") for n in numbers]
    inner = [link(30 + n + shift, f"eth0@if{10 + n + shift}", f"10.240.0.{10 + n}/16", mac=macs[n]) for n in numbers]
    return reading(
        ip_addr(ETH0, *rows),
        NO_BRIDGES,
        route_n(*ROUTES, *(f"10.240.0.{10 + number}/32 {veths[number]}" for number in routed)),
        *(inside(100 + number + shift, inner[number]) for number in numbers),
    )


def test_what_is_wrong_now_is_said_first_and_with_its_lines() -> None:
    node = compared(azure(range(5)), azure(range(4)))
    change = node.changes[0]
    assert (change.code, change.kind, change.before, change.after) == ("finding", "added", None, "error")
    assert change.message.startswith("error pod-route-missing added: pod ")
    assert change.before_lines == ()
    assert any("10.240.0.14/16" in line.text for line in change.after_lines)
    assert [one.code for one in node.changes] == ["finding", "pod-routes"]
    mended = compared(azure(range(4)), azure(range(5))).changes[0]
    assert mended.message.startswith("error pod-route-missing gone: pod ")


def test_what_is_wrong_with_many_is_one_statement() -> None:
    change = compared(azure(range(5)), azure(range(1))).changes[0]
    assert change.message == (
        "4 errors pod-route-missing added: azv00000000001, azv00000000002, azv00000000003, azv00000000004"
    )
    assert [detail.before for detail in change.details] == [None] * 4
    assert change.details[0].subject == "azv00000000001, 10.240.0.11"
    three = compared(azure(range(5)), azure(range(2)))
    assert [one.code for one in three.changes] == ["finding"] * 3 + ["pod-routes"]


def test_what_is_still_wrong_after_a_restart_has_stayed() -> None:
    node = compared(azure(range(4)), azure(range(4), shift=3))
    assert node.stayed.count("error pod-route-missing") == 1
    assert "finding" not in {change.code for change in node.changes}


def test_the_same_fault_of_another_pod_is_another_one() -> None:
    node = compared(azure([0, 1, 2, 3]), azure([1, 2, 3, 4]))
    assert [change.kind for change in node.changes if change.code == "finding"] == ["gone", "added"]


@pytest.mark.parametrize("left_out", ["route -n", "ip addr", "pods"])
def test_of_what_a_side_cannot_show_nobody_says_that_it_is_right_there(left_out: str) -> None:
    whole = azure(range(5)).nodes[0]
    kept = [
        f"$ {parsed.command}" if parsed.namespace == "host" else f"$ sudo nsenter -t {parsed.namespace[4:]} -n ip addr"
        for parsed in whole.captures
    ]
    texts = [
        "\n".join([call, *parsed.capture.lines])
        for call, parsed in zip(kept, whole.captures, strict=True)
        if (parsed.namespace == "host" or left_out != "pods")
        and (parsed.namespace != "host" or parsed.command != left_out)
    ]
    node = compared(reading(*texts), azure(range(4)))
    assert "finding" not in {change.code for change in node.changes}
    assert "1 error pod-route-missing: BEFORE does not show whether it is so there" in unseen(node)


# --- the same ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", NODES)
def test_a_node_against_itself_has_no_change(kind: str) -> None:
    node = compared(WHOLE[kind], WHOLE[kind])
    assert node.changes == ()
    assert {one.subject for one in node.not_compared} <= {"networkPolicy"}
    assert "2 pods on the same veth" in " ".join(node.stayed) or "1 pod on the same veth" in " ".join(node.stayed)
    assert f"mode {'bridge' if 'bridge' in kind or kind == 'kubenet' else 'transparent'}" in node.stayed


@pytest.mark.parametrize("kind", NODES)
@pytest.mark.parametrize("left_out", ["ip addr", "brctl show", "route -n", "pod"])
def test_what_a_side_does_not_show_is_no_change(kind: str, left_out: str) -> None:
    node = compared(WHOLE[kind], reading(*(text for name, text in NODES[kind].items() if name != left_out)))
    assert node.changes == ()


@pytest.mark.parametrize("kind", NODES)
@pytest.mark.parametrize("shown", ["ip addr", "brctl show", "route -n", "pod"])
def test_one_capture_alone_contradicts_nothing(kind: str, shown: str) -> None:
    after = reading(NODES[kind][shown])
    if after.nodes:  # nothing at all, not even a node, is in an empty `brctl show`
        assert compared(WHOLE[kind], after).changes == ()


def test_what_was_not_captured_is_said_once() -> None:
    node = compared(WHOLE["kubenet-calico"], reading(CALICO["ip addr"]))
    assert unseen(node) == ["routes: AFTER does not show them all"]
    assert [one.missing for one in node.not_compared] == ["after"]


def test_an_interface_that_an_abbreviated_listing_leaves_out_is_not_gone() -> None:
    shown = ip_addr(ETH0, link(3, "docker0", "172.17.0.1/16"), link(4, "wg0", "10.9.0.1/24"))
    cut = ip_addr(ETH0, "...")
    node = compared(reading(shown), reading(cut))
    assert node.changes == ()
    assert "interfaces: AFTER does not show them all" in unseen(node)
    assert "interface wg0 gone" in messages(compared(reading(shown), reading(ip_addr(ETH0))))


def test_moved_indexes_counters_and_lifetimes_are_no_change() -> None:
    def captured(shift: int, seconds: str) -> Reading:
        veths = [link(number + shift, f"cali{number}1111111111@if{3 + shift}", mac=CALICO_MAC) for number in (4, 5)]
        host = ip_addr(ETH0, *veths).replace("link-netnsid 0", f"link-netnsid {shift}")
        pod = inside(100 + shift, link(3 + shift, f"eth0@if{4 + shift}", "10.244.0.4/32"))
        routes = route_n(*ROUTES, *(f"10.244.0.{number}/32 cali{number}1111111111" for number in (4, 5)))
        return reading(host.replace("qlen 1000", f"qlen {1000 + shift}").replace("forever", seconds), routes, pod)

    node = compared(captured(0, "forever"), captured(7, "500sec"))
    assert node.changes == ()
    assert "2 pods on the same veth with the same address" in node.stayed


def test_ip_route_and_route_n_of_one_state_are_the_same() -> None:
    table = (
        "$ ip route\n"
        "default via 10.240.0.1 dev eth0 proto dhcp src 10.240.0.4\n"
        "10.240.0.0/16 dev eth0 proto kernel scope link src 10.240.0.4\n"
        "10.244.0.2 dev cali11111111111 scope link\n"
        "10.244.0.3 dev cali22222222222 scope link\n"
        "168.63.129.16 via 10.240.0.1 dev eth0 proto dhcp src 10.240.0.4\n"
    )
    node = compared(WHOLE["kubenet-calico"], reading(CALICO["ip addr"], NO_BRIDGES, table, CALICO["pod"]))
    assert node.changes == ()
    assert node.not_compared == ()
    assert {"2 host routes for pods", "3 other host routes"} <= set(node.stayed)


def test_a_gateway_that_is_printed_as_a_name_is_no_other_gateway() -> None:
    named = CALICO["route -n"].replace("$ route -n", "$ route").replace("10.240.0.1 ", "_gateway   ")
    assert "_gateway" in named
    assert compared(WHOLE["kubenet-calico"], reading(CALICO["ip addr"], NO_BRIDGES, named)).changes == ()


def test_a_table_of_ipv6_alone_says_nothing_of_ipv4() -> None:
    """Without its call it looks like a whole routing table."""
    table = "2001:db8::/64 dev eth0 proto kernel metric 256 pref medium\ndefault via fe80::1 dev eth0 metric 1024\n"
    for call in ("", "$ ip -6 route\n"):
        node = compared(WHOLE["kubenet-calico"], reading(CALICO["ip addr"], NO_BRIDGES, call + table))
        assert node.changes == ()
        assert "routes: AFTER does not show them all" in unseen(node)


def test_a_part_of_the_addresses_is_no_change_of_them() -> None:
    both = link(2, "eth0", "10.240.0.4/16", "10.240.0.7/16", "2001:db8::4/64")
    before = reading(ip_addr(both), route_n(*ROUTES))
    one = ip_addr(ETH0, call="ip -4 addr")
    node = compared(before, reading(one, route_n(*ROUTES)))
    assert [change.code for change in node.changes] == ["mac"]
    other = ip_addr(ETH0.replace("10.240.0.4/", "10.240.0.5/"), call="ip -4 addr")
    assert "uplink-address" in {change.code for change in compared(before, reading(other)).changes}


# --- one kind of node against another ---------------------------------------------------------------------------------


def test_from_bridge_to_transparent_in_an_engineers_words() -> None:
    before = KUBENET | {"pod 2": inside(101, link(3, "eth0@if5", "10.244.0.3/24", mac="02:00:00:00:01:03"))}
    node = compared(reading(*before.values()), WHOLE["kubenet-calico"])
    assert messages(node) == [
        "mode changed from bridge to transparent",
        "networkPolicy changed from none (likely) to calico",
        "veth names changed from veth* to cali*",
        "bridge cbr0 with 2 members gone",
        "host route 10.244.0.0/24 dev cbr0 gone",
        "2 host routes for pods added",
        "pod prefix changed from /24 to /32",
        "pod 10.244.0.2 moved from veth veth11111111 to cali11111111111",
        "pod 10.244.0.3 moved from veth veth22222222 to cali22222222222",
        "2 pods moved from bridge cbr0 to a host route: 10.244.0.2, 10.244.0.3",
    ]
    assert node.stayed == (
        "networkPlugin kubenet",
        "networkPluginMode none",
        "networkDataplane azure",
        "3 other host routes",
        "2 pods with the same address",
        "uplink eth0 10.240.0.4/16 via 10.240.0.1",
    )
    assert node.not_compared == ()
    for change in node.changes:
        assert bool(change.before_lines) == (change.kind != "added"), change
        assert bool(change.after_lines) == (change.kind != "gone"), change
    bridge = the("bridge", node)
    assert bridge.subjects == ("cbr0", "veth11111111", "veth22222222")
    assert (bridge.before, bridge.after) == ("cbr0", None)
    assert the("pod-routes", node).subjects == ("10.244.0.2/32", "10.244.0.3/32")


def test_azure_cni_from_bridge_to_transparent() -> None:
    node = compared(WHOLE["azure-bridge"], WHOLE["azure-transparent"])
    assert {
        "mode changed from bridge to transparent",
        "bridge azure0 with 3 members gone",
        "2 host routes for pods added",
        "uplink changed from azure0 to eth0",
        "host route 10.240.0.0/16 changed from dev azure0 to dev eth0",
    } <= set(messages(node))
    assert {"veth names azv*", "pod prefix /16", "uplink address 10.240.0.4/16"} <= set(node.stayed)
    assert "networkPolicy: none (likely) before, unknown after" in unseen(node)
    assert "default-gateway" not in {change.code for change in node.changes}


def test_what_is_known_of_one_side_only_did_not_change() -> None:
    node = compared(WHOLE["azure-transparent"], WHOLE["kubenet-calico"])
    [policy] = [one for one in node.not_compared if one.subject == "networkPolicy"]
    assert (policy.message, policy.missing) == ("networkPolicy: unknown before, calico after", "before")
    assert "network-policy" not in {change.code for change in node.changes}
    assert "networkPlugin changed from azure to kubenet (likely)" in messages(node)


def test_one_bridge_listing_alone_does_not_exclude_routes_to_pods() -> None:
    host = ip_addr(
        link(2, "eth0", master="azure0"),
        link(3, "azure0", "10.240.0.4/16"),
        link(5, "azv11111111111@if4", master="azure0"),
        link(7, "azv22222222222@if6"),
    )
    ports = brctl(azure0=["azv11111111111", "eth0"])
    routes = route_n(*(row.replace("eth0", "azure0") for row in ROUTES), "10.240.0.6/32 azv22222222222")
    node = compared(reading(host, ports, routes), reading(ports))
    assert node.changes == ()
    assert "mode: mixed before, bridge after, as far as the captures show" in unseen(node)


# --- one thing at a time ----------------------------------------------------------------------------------------------


def test_a_bridge_that_came_and_its_members() -> None:
    plain = reading(ip_addr(ETH0), NO_BRIDGES)
    node = compared(plain, reading(ip_addr(ETH0, link(3, "docker0", "172.17.0.1/16")), brctl(docker0=[])))
    assert messages(node) == ["bridge docker0 without members added"]


def test_a_bridge_whose_members_nobody_lists_has_no_number_of_them() -> None:
    before = reading(ip_addr(ETH0, "..."), route_n(*ROUTES, "10.244.0.0/24 cbr0"))
    assert "bridge cbr0 gone" in messages(compared(before, reading(ip_addr(ETH0), NO_BRIDGES, route_n(*ROUTES))))


VETH = "veth22222222@if3"


def test_a_member_that_left_its_bridge() -> None:
    left = reading(
        KUBENET["ip addr"].replace(link(5, VETH, master="cbr0"), link(5, VETH)),
        brctl(cbr0=["veth11111111"]),
        KUBENET["route -n"],
        KUBENET["pod"],
    )
    node = compared(WHOLE["kubenet"], left)
    assert the("finding", node).subjects == ("veth22222222",)
    assert [change.message for change in node.changes[1:]] == ["1 member of bridge cbr0 gone: veth22222222"]
    assert the("bridge-members", node).subjects == ("cbr0", "veth22222222")


def test_a_pod_on_another_veth_is_said_of_the_pod_alone() -> None:
    moved = reading(*(text.replace("veth11111111", "veth33333333") for text in KUBENET.values()))
    node = compared(WHOLE["kubenet"], moved)
    assert messages(node) == ["pod 10.244.0.2 moved from veth veth11111111 to veth33333333"]
    assert (the("pod-veth", node).before, the("pod-veth", node).after) == ("veth11111111", "veth33333333")
    assert "veth names veth*" in node.stayed
    assert "1 pod on the same veth" in node.stayed


def test_a_pod_and_its_route_on_another_veth() -> None:
    moved = reading(*(text.replace("cali11111111111", "cali33333333333") for text in CALICO.values()))
    assert messages(compared(WHOLE["kubenet-calico"], moved)) == [
        "pod 10.244.0.2 moved from veth cali11111111111 to cali33333333333"
    ]


def test_pods_by_the_name_that_kubernetes_gives_them() -> None:
    def listed(*rows: tuple[str, str]) -> str:
        header = "$ kubectl get pods -A -o wide\nNAMESPACE   NAME   READY   STATUS    RESTARTS   AGE   IP   NODE\n"
        return header + "".join(f"default   {name}   1/1   Running   0   3d   {ip}   aks-1\n" for name, ip in rows)

    host = reading(*CALICO.values(), listed(("web-0", "10.244.0.2"), ("db-0", "10.244.0.3")))
    swapped = reading(*CALICO.values(), listed(("web-0", "10.244.0.3"), ("db-0", "10.244.0.2")))
    assert messages(compared(host, swapped)) == [
        "pod default/db-0 moved from veth cali22222222222 to cali11111111111",
        "pod default/web-0 moved from veth cali11111111111 to cali22222222222",
        "pod default/db-0 changed its address from 10.244.0.3 to 10.244.0.2",
        "pod default/web-0 changed its address from 10.244.0.2 to 10.244.0.3",
    ]
    other = reading(*CALICO.values(), listed(("web-0", "10.244.0.2"), ("cache-0", "10.244.0.3")))
    assert messages(compared(host, other)) == ["pod default/db-0 gone", "pod default/cache-0 added"]


def test_a_pod_that_came_and_one_that_is_gone() -> None:
    less = CALICO | {"route -n": route_n(*ROUTES, "10.244.0.2/32 cali11111111111")}
    less["ip addr"] = ip_addr(ETH0, link(3, "cali11111111111@if3", mac=CALICO_MAC))
    node = compared(WHOLE["kubenet-calico"], reading(*less.values()))
    assert messages(node) == [
        "host route for a pod, 10.244.0.3/32 dev cali22222222222, gone",
        "pod 10.244.0.3 gone",
    ]


def test_pods_of_which_nothing_is_known_are_not_told_apart() -> None:
    """A veth of kubenet has another name after each restart."""
    host = ("ip addr", "brctl show", "route -n")
    before = reading(*(KUBENET[name] for name in host))
    after = reading(*(KUBENET[name].replace("veth11111111", "veth33333333") for name in host))
    node = compared(before, after)
    assert messages(node) == [
        "1 member of bridge cbr0 gone: veth11111111",
        "1 member of bridge cbr0 added: veth33333333",
    ]
    assert unseen(node) == ["pods: too little is known of 1 of BEFORE and 1 of AFTER to tell which they are"]


def test_the_veth_of_a_known_pod_is_no_further_pod() -> None:
    """`ip -br addr` has no index that would tie the pod's end to the veth."""
    brief = (
        "$ ip -br addr\n"
        "lo UNKNOWN 127.0.0.1/8 \n"
        "eth0 UP 10.240.0.4/16 \n"
        "veth11111111@if3 UP \n"
        "veth22222222@if3 UP \n"
        "cbr0 UP 10.244.0.1/24 \n"
    )
    assert compared(WHOLE["kubenet"], reading(brief, KUBENET["pod"])).changes == ()


def test_another_uplink_gateway_and_address() -> None:
    moved = [
        text.replace("10.240.0.1 ", "10.240.0.9 ").replace("10.240.0.4/", "10.240.0.5/") for text in CALICO.values()
    ]
    node = compared(WHOLE["kubenet-calico"], reading(*moved))
    assert messages(node) == [
        "host route 168.63.129.16/32 changed from via 10.240.0.1 dev eth0 to via 10.240.0.9 dev eth0",
        "uplink address changed from 10.240.0.4/16 to 10.240.0.5/16",
        "default gateway changed from 10.240.0.1 to 10.240.0.9",
    ]


def test_a_default_route_that_is_gone() -> None:
    without = CALICO | {
        "route -n": CALICO["route -n"].replace(
            "0.0.0.0         10.240.0.1      0.0.0.0", "10.9.0.0        10.240.0.1      255.255.0.0"
        )
    }
    node = compared(WHOLE["kubenet-calico"], reading(*without.values()))
    assert "default route via 10.240.0.1 dev eth0 gone" in messages(node)
    assert "host route 10.9.0.0/16 via 10.240.0.1 dev eth0 added" in messages(node)


UP = "<BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP"
NO_CARRIER = "<NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state DOWN"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("mtu 1500 qdisc noqueue state", "mtu 1400 qdisc noqueue state", "MTU of eth0 changed from 1500 to 1400"),
        ("MULTICAST,UP,LOWER_UP", "MULTICAST", "eth0 changed from up to down"),
        (UP, NO_CARRIER, "eth0 changed from up to no carrier"),
        ("00:0d:3a:00:00:01", "00:0d:3a:00:00:02", "MAC of eth0 changed from 00:0d:3a:00:00:01 to 00:0d:3a:00:00:02"),
    ],
)  # fmt: skip
def test_a_card_with_other_settings(old: str, new: str, message: str) -> None:
    assert old in ETH0
    before = reading(ip_addr(ETH0), route_n(*ROUTES))
    node = compared(before, reading(ip_addr(ETH0.replace(old, new)), route_n(*ROUTES)))
    *findings, change = node.changes
    assert change.message == message
    assert [(one.code, one.kind, one.subjects[0]) for one in findings] == [("finding", "added", "eth0")] * (
        change.code == "interface-state"
    )
    assert change.before is not None
    assert change.before in change.before_lines[0].text or change.code == "interface-state"


def test_macs_of_veths_and_link_local_addresses_are_random() -> None:
    def captured(mac: str, local: str) -> Reading:
        veth = link(4, "veth11111111@if3", mac=mac, master="cbr0")
        veth += f"\n    inet6 {local}/64 scope link\n       valid_lft forever preferred_lft forever"
        return reading(ip_addr(ETH0, link(3, "cbr0", "10.244.0.1/24", mac=mac), veth))

    assert compared(captured("02:00:00:00:00:01", "fe80::1"), captured("02:00:00:00:00:02", "fe80::2")).changes == ()


def test_an_address_of_another_interface() -> None:
    def captured(*addresses: str) -> Reading:
        return reading(ip_addr(ETH0, link(3, "wg0", *addresses)))

    node = compared(captured("10.9.0.1/24"), captured("10.9.0.2/24"))
    assert messages(node) == ["address of wg0 changed from 10.9.0.1/24 to 10.9.0.2/24"]
    assert messages(compared(captured("10.9.0.1/24"), captured())) == ["address 10.9.0.1/24 of wg0 gone"]


# --- many -------------------------------------------------------------------------------------------------------------


def many(pods: int, *, name: str = "cali", mtu: int = 1500) -> Reading:
    veths = [link(10 + n, f"{name}{n:011x}@if3", mac=CALICO_MAC) for n in range(pods)]
    ips = [str(IPv4Address("10.244.0.2") + n) for n in range(pods)]
    routes = [f"{ip}/32 {name}{n:011x}" for n, ip in enumerate(ips)]
    return reading(ip_addr(ETH0, *veths).replace("mtu 1500", f"mtu {mtu}"), NO_BRIDGES, route_n(*ROUTES, *routes))


def test_250_pods_need_no_250_sentences() -> None:
    node = compared(many(0), many(250))
    assert messages(node) == [
        "mode changed from none to transparent",
        "250 host routes for pods added",
        "250 pods added: 10.244.0.2, 10.244.0.3, 10.244.0.4 and 247 more",
    ]
    assert len(the("pods", node).subjects) == 250
    moved = the("pod-veth", compared(many(250), many(250, name="azv")))
    assert moved.message == "250 pods are on another veth"
    assert (moved.before, moved.after) == (None, None)
    assert [detail.subject for detail in moved.details] == list(moved.subjects)
    assert (moved.details[8].subject, moved.details[8].before, moved.details[8].after) == (
        "10.244.0.10",
        "cali00000000008",
        "azv00000000008",
    )
    assert messages(compared(many(250), many(250, mtu=1400))) == [
        "MTU of 250 host veths changed from 1500 to 1400: 10.244.0.2, 10.244.0.3, 10.244.0.4 and 247 more",
        "MTU of eth0 changed from 1500 to 1400",
    ]


# --- several nodes ----------------------------------------------------------------------------------------------------


def machine(name: str, number: int) -> str:
    card = link(2, "eth0", f"10.240.0.{number}/16", mac=f"00:0d:3a:00:00:{number:02x}")
    return ip_addr(card, call="ip addr").replace("$ ", f"root@{name}:~# ")


def test_nodes_are_paired_by_name() -> None:
    before = read_texts([(None, machine("aks-1", 1) + machine("aks-2", 2) + machine("aks-3", 3))])
    after = read_texts([(None, machine("aks-3", 3) + machine("aks-2", 9) + machine("aks-4", 4))])
    comparison = compare(before, after)
    assert_mirrored(comparison, compare(after, before))
    assert [(node.status, node.before, node.after) for node in comparison.nodes] == [
        ("compared", "aks-1", "aks-4"),
        ("compared", "aks-2", "aks-2"),
        ("compared", "aks-3", "aks-3"),
    ]
    assert [node.no_change for node in comparison.nodes] == [False, False, True]
    parts = list(comparison.parts())
    assert [part.changed for part in parts] == [True, True, False]
    assert [part.nodes for part in parts] == [(node,) for node in comparison.nodes]


def nameless(number: int, mtu: int = 1500) -> str:
    return machine("", number).replace("root@:~# ", "$ ").replace("mtu 1500", f"mtu {mtu}")


def test_nodes_without_a_name_are_paired_by_what_was_captured() -> None:
    nodes = read(nameless(1) + nameless(2) + nameless(3))
    assert len(nodes.nodes) == 3
    assert compare(nodes, nodes).no_change
    comparison = compare(nodes, read(nameless(3) + nameless(1, mtu=1400) + nameless(2, mtu=1400)))
    assert [node.status for node in comparison.nodes] == ["compared"] * 3
    assert [[change.code for change in node.changes] for node in comparison.nodes] == [["mtu"], ["mtu"], []]
    # Neither the same capture nor the same card: nobody can say which is which.
    comparison = compare(nodes, read(nameless(3) + nameless(4) + nameless(5)))
    assert [node.status for node in comparison.nodes] == ["gone", "gone", "compared", "added", "added"]
    assert comparison.nodes[2].no_change


def test_what_cannot_be_told_apart_is_no_change() -> None:
    """Two nodes of the same words: which of them is which makes no difference."""
    node = read(nameless(1))
    twins = Reading(nodes=(*node.nodes, *node.nodes), skipped=())
    assert compare(twins, twins).no_change


def test_a_node_without_a_partner_is_gone_or_added() -> None:
    before = read_texts([(None, machine("aks-1", 1) + machine("aks-2", 2) + machine("aks-3", 3))])
    after = read_texts([(None, machine("aks-3", 3))])
    comparison = compare(before, after)
    assert_mirrored(comparison, compare(after, before))
    assert [(node.status, node.before, node.after) for node in comparison.nodes] == [
        ("gone", "aks-1", None),
        ("gone", "aks-2", None),
        ("compared", "aks-3", "aks-3"),
    ]
    assert messages(comparison.nodes[0]) == ["node aks-1 gone"]
    assert comparison.nodes[0].changes[0].before_lines
    assert compare(read(""), read("")).no_change


def test_what_could_not_be_read_is_handed_on() -> None:
    comparison = compare(read_texts([], skipped=[("a.zip", "broken")]), read_texts([], skipped=[("b.zip", "empty")]))
    assert [skipped.file for skipped in comparison.skipped_before] == ["a.zip"]
    assert [skipped.file for skipped in comparison.skipped_after] == ["b.zip"]
    [part] = comparison.parts()
    assert part == comparison


def test_the_answer_survives_its_json() -> None:
    comparison = compare(WHOLE["kubenet"], WHOLE["azure-transparent"])
    assert Comparison.model_validate_json(comparison.model_dump_json()) == comparison


def test_names_are_listed_by_the_value_of_their_numbers() -> None:
    assert in_order(["10.0.0.10", "10.0.0.9", "10.0.0.9", "a10", "a9", "a²", "a09"]) == (
        "10.0.0.9",
        "10.0.0.10",
        "a09",
        "a9",
        "a10",
        "a²",
    )


# --- any two nodes ----------------------------------------------------------------------------------------------------

PODS = st.lists(
    st.tuples(st.integers(2, 9), st.sampled_from(["cali", "azv"]), st.integers(0, 4), st.booleans(), st.booleans()),
    max_size=5,
    unique_by=lambda pod: pod[0],
)


@st.composite
def captured(draw: st.DrawFn) -> Reading:
    """A node with a few pods, each on a bridge or a route of its own or neither, of which some captures are there."""
    pods = draw(PODS)
    bridge = draw(st.sampled_from(["cbr0", "azure0", "docker0"]))
    gateway = draw(st.sampled_from(["10.240.0.1", "10.240.0.9"]))
    card = ETH0.replace("mtu 1500", f"mtu {draw(st.sampled_from([1500, 9000]))}")
    cards = [card, link(3, bridge, draw(st.sampled_from(["10.244.0.1/24", "10.240.0.5/16"])))]
    routes, ports, own = [row.replace("10.240.0.1", gateway) for row in ROUTES], [], []
    for order, (last, prefix, digit, on_bridge, looked_into) in enumerate(pods):
        index = 10 + order
        veth = f"{prefix}{digit:x}{order:010x}" if draw(st.booleans()) else f"veth{digit:x}{last:x}00000"
        cards.append(link(index, f"{veth}@if3", master=bridge if on_bridge else None))
        if on_bridge:
            ports.append(veth)
        elif draw(st.booleans()):
            routes.append(f"10.244.0.{last}/32 {veth}")
        if looked_into:
            own.append(inside(100 + index, link(3, f"eth0@if{index}", f"10.244.0.{last}/{24 if on_bridge else 32}")))
    dots = ["..."] if draw(st.booleans()) else []
    texts = [ip_addr(*cards, *dots), brctl(**{bridge: ports}), route_n(*routes)]
    shown = draw(st.lists(st.sampled_from(texts), min_size=1, unique=True))
    return reading(*shown, *own)


@given(captured(), captured())
def test_the_other_way_round_is_the_mirror_image(before: Reading, after: Reading) -> None:
    assert_mirrored(compare(before, after), compare(after, before))


@given(captured())
def test_any_node_against_itself_has_no_change(node: Reading) -> None:
    assert compare(node, node).no_change
