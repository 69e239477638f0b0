"""Which captures make up a node, what shows the host and what a pod, and what a node holds in the end."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from itertools import permutations

import pytest

from aksnet_parse import Node, read
from aksnet_parse.prefixes import PrefixMap
from aksnet_parse.reading import read_texts
from aksnet_parse.records import Record

from .analysis.texts import (
    AZURE_TRANSPARENT,
    CALICO,
    ETH0,
    KUBENET,
    NO_BRIDGES,
    ROUTES,
    brctl,
    inside,
    ip_addr,
    link,
    route_n,
)


def nodes(*texts: str) -> tuple[Node, ...]:
    return read("\n".join(texts)).nodes


def only(*texts: str) -> Node:
    [node] = nodes(*texts)
    return node


def places(node: Node) -> list[tuple[str, str]]:
    return [(parsed.command, parsed.namespace) for parsed in node.captures]


def names(records: Sequence[Record] | None) -> list[str]:
    assert records is not None
    return [str(getattr(record, "ifname", None) or getattr(record, "bridge", None)) for record in records]


def host(number: int, *, subnet: int = 240) -> list[str]:
    """The three captures of a kubenet node; nodes of different numbers are different machines in one subnet."""
    card = link(2, "eth0", f"10.{subnet}.0.{3 + number}/16", mac=f"00:0d:3a:00:00:{number:02x}")
    bridge = link(3, "cbr0", f"10.244.{number}.1/24", mac=f"0a:58:0a:f4:{number:02x}:01")
    ports = [f"veth{number}1111111", f"veth{number}2222222"]
    veths = [link(4 + index, f"{port}@if3", master="cbr0") for index, port in enumerate(ports)]
    shown = brctl(cbr0=ports).replace("8000.024200000000", f"8000.0a580af4{number:02x}01")
    rows = [row.replace("10.240", f"10.{subnet}") for row in ROUTES]
    return [ip_addr(card, bridge, *veths), shown, route_n(*rows, f"10.244.{number}.0/24 cbr0")]


def pod(number: int, which: int) -> str:
    """`ip addr` in the first or second pod of that node."""
    return inside(1000 * number + which, link(3, f"eth0@if{3 + which}", f"10.244.{number}.{1 + which}/24"))


# --- host or pod ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "namespace"),
    [
        ("ip addr", "host"),
        ("sudo nsenter -t 100 -n ip addr", "pid:100"),
        ("ip netns exec cni-1 ip addr", "netns:cni-1"),
        ("docker exec 0b7c7a46ade1 ip addr", "container:0b7c7a46ade1"),
        ("kubectl exec web-0 -n shop -- ip addr", "pod:shop/web-0"),
        ("sudo nsenter -t $PID -n ip addr", "pod"),
        ("sudo nsenter -t <pid> -n ip addr", "pod"),
        ("docker exec <container-id> ip addr", "pod"),
        ("ip netns exec $NS ip addr", "pod"),
    ],
)
def test_the_command_line_says_where(call: str, namespace: str) -> None:
    shown = link(3, "eth0@if4", "10.244.0.2/24") if namespace != "host" else ETH0
    assert places(only(ip_addr(shown, call=call))) == [("ip addr", namespace)]


def bare(text: str) -> str:
    return text.partition("\n")[2]


def test_bare_output_says_by_its_look_where_it_is_from() -> None:
    node = only(*map(bare, KUBENET.values()))
    assert places(node) == [("ip addr", "host"), ("brctl show", "host"), ("route -n", "host"), ("ip addr", "pod")]


def test_a_pod_that_the_command_line_does_not_mention_shows_beside_the_host() -> None:
    """Somebody entered the pod before, and kept quiet about it."""
    pasted = KUBENET["pod"].replace("sudo nsenter -t 100 -n ", "")
    assert places(only(KUBENET["ip addr"], pasted))[-1] == ("ip addr", "pod")
    assert places(only(pasted)) == [("ip addr", "host")]  # alone, the command line is all there is to go by


def test_the_prompt_in_a_pod_is_not_the_name_of_a_node() -> None:
    on_node = KUBENET["ip addr"].replace("$ ip", "azureuser@aks-1:~$ ip")
    in_pod = KUBENET["pod"].replace("$ sudo nsenter -t 100 -n ip", "root@web-0:/# ip")
    node = only(on_node, in_pod)
    assert node.name == "aks-1"
    assert places(node)[-1] == ("ip addr", "pod")
    assert only(in_pod, on_node).name == "aks-1"


def test_a_shell_in_the_network_namespace_alone_keeps_the_prompt_of_the_node() -> None:
    captures = [
        KUBENET["ip addr"].replace("$ ip", f"root@aks-{number}:~# ip").replace("00:00:01", f"00:00:0{number}")
        for number in (1, 2)
    ]
    in_pod = KUBENET["pod"].replace("$ sudo nsenter -t 100 -n ip", "root@aks-2:~# ip")
    first, second = nodes(*captures, in_pod)
    assert (first.name, len(first.captures)) == ("aks-1", 1)
    assert (second.name, places(second)[-1]) == ("aks-2", ("ip addr", "pod"))


def test_a_pod_on_the_hosts_network_shows_the_host() -> None:
    in_pod = ip_addr(*KUBENET["ip addr"].split("\n")[4:-1], call="kubectl exec proxy-1 -n kube-system -- ip addr")
    assert places(only(in_pod)) == [("ip addr", "host")]
    node = only(ip_addr(ETH0), ip_addr(ETH0, call="sudo nsenter -t 77 -n ip addr"))
    assert places(node) == [("ip addr", "host"), ("ip addr", "host")]
    assert node.namespaces == ()


def test_a_pod_in_which_docker_runs_is_a_pod() -> None:
    rows = link(2, "docker0", "172.17.0.1/16"), link(4, "veth1234567@if3", master="docker0")
    node = only(KUBENET["ip addr"], inside(100, *rows, link(5, "eth0@if4", "10.244.0.2/24")))
    assert places(node) == [("ip addr", "host"), ("ip addr", "pid:100")]


def test_tunnels_that_the_kernel_puts_everywhere_do_not_make_a_host() -> None:
    tunnel = "2: tunl0@NONE: <NOARP> mtu 1480 qdisc noop state DOWN group default qlen 1000"
    text = bare(inside(1, tunnel, "    link/ipip 0.0.0.0 brd 0.0.0.0", link(4, "eth0@if12", "10.244.0.2/32")))
    assert places(only(text)) == [("ip addr", "pod")]


@pytest.mark.parametrize("gateway", ["169.254.1.1", "10.244.0.1"])
def test_a_table_whose_gateway_is_the_host_is_a_pods(gateway: str) -> None:
    table = bare(route_n(f"0.0.0.0/0 via {gateway} eth0", "10.244.0.0/24 eth0"))
    node = only(KUBENET["ip addr"], KUBENET["route -n"], table)
    assert places(node)[-1] == ("route -n", "pod")
    assert node.routes is not None
    assert len(node.routes) == 4


# --- what a node holds ------------------------------------------------------------------------------------------------


def test_what_was_not_captured_is_none_and_what_was_is_not() -> None:
    node = only(KUBENET["pod"])
    assert (node.interfaces, node.bridges, node.routes, node.complete) == (None, None, None, frozenset())
    node = only(CALICO["ip addr"], NO_BRIDGES)
    assert (names(node.interfaces), node.bridges) == (["lo", "eth0", "cali11111111111", "cali22222222222"], ())
    assert node.complete == {"ip addr", "brctl show"}


def test_a_complaint_in_place_of_output_is_no_answer() -> None:
    complaint = "$ brctl show\n-bash: brctl: command not found\n"
    node = only(KUBENET["ip addr"], complaint)
    assert node.bridges is None
    assert "brctl show" not in node.complete
    for texts in permutations([KUBENET["ip addr"], KUBENET["brctl show"], complaint]):
        assert names(only(*texts).bridges) == ["cbr0"]
        assert "brctl show" in only(*texts).complete


def test_a_later_whole_listing_replaces_the_earlier_one() -> None:
    later = ip_addr(ETH0, link(3, "cbr0", "10.244.0.1/24"), link(9, "veth99999999@if3", master="cbr0"))
    node = only(KUBENET["ip addr"], KUBENET["brctl show"], later, brctl(cbr0=["veth99999999"]))
    assert names(node.interfaces) == ["lo", "eth0", "cbr0", "veth99999999"]
    assert node.bridges is not None
    assert [bridge.interfaces for bridge in node.bridges] == [("veth99999999",)]


def test_a_table_of_ipv6_without_its_call_is_not_that_of_ipv4() -> None:
    table = "fe80::/64 dev eth0 proto kernel metric 256 pref medium\n2001:db8::/64 dev eth0 metric 1024 pref medium"
    alone = only(ip_addr(ETH0), table)
    assert not alone.shows_every_route
    both = only(ip_addr(ETH0), route_n(*ROUTES), table)
    assert both.shows_every_route
    assert both.routes is not None
    assert [route.dst.version for route in both.routes if route.dst is not None] == [4] * len(ROUTES) + [6, 6]


def test_a_listing_that_does_not_begin_with_the_loopback_interface_lost_its_beginning() -> None:
    veths = [link(4, "veth11111111@if3"), link(5, "veth22222222@if3")]
    for text in ("\n".join([ETH0, *veths]), "\n".join(["$ ip addr", ETH0, *veths]), "\n".join(veths)):
        node = only(text)
        assert [parsed.capture.abbreviated for parsed in node.captures] == [True], text
        assert "ip addr" not in node.complete
    assert "ip addr" in only(bare(ip_addr(ETH0, *veths))).complete


def test_a_later_part_adds_to_the_listing_and_brings_it_up_to_date() -> None:
    part = ip_addr(link(4, "veth11111111@if3"), link(9, "veth99999999@if3"), call="ip addr show up")
    node = only(KUBENET["ip addr"], part)
    assert sorted(names(node.interfaces)) == ["cbr0", "eth0", "lo", "veth11111111", "veth22222222", "veth99999999"]
    assert node.interfaces is not None
    assert [row.master for row in node.interfaces if row.ifname == "veth11111111"] == [None]
    assert "ip addr" in node.complete


def test_interfaces_asked_for_one_by_one_are_one_node() -> None:
    parts = [ip_addr(link(4 + n, f"veth{n}1111111@if3"), call=f"ip addr show dev veth{n}1111111") for n in range(3)]
    node = only(*parts)
    assert len(names(node.interfaces)) == 4
    assert "ip addr" not in node.complete


def test_the_same_pod_captured_twice_is_one_namespace() -> None:
    node = only(*KUBENET.values(), KUBENET["pod"], inside(100, link(3, "eth0@if4", "10.244.0.99/24")))
    [namespace] = node.namespaces
    assert [str(address.local) for row in namespace.interfaces[1:] for address in row.addr_info] == ["10.244.0.99"]


def test_two_pods_that_nobody_named_are_two_namespaces() -> None:
    node = only(KUBENET["ip addr"], bare(pod(0, 1)), bare(pod(0, 2)))
    assert [namespace.id for namespace in node.namespaces] == ["pod", "pod"]


def test_routes_of_a_pod_go_with_its_interfaces() -> None:
    table = route_n("0.0.0.0/0 via 10.244.0.1 eth0", call="sudo nsenter -t 100 -n route -n")
    for texts in ([KUBENET["pod"], table], [table, KUBENET["pod"]]):
        [namespace] = only(*texts, KUBENET["ip addr"]).namespaces
        assert namespace.id == "pid:100"
        assert namespace.routes is not None
        assert len(namespace.routes) == 1
        assert len(namespace.interfaces) == 2


def test_lines_are_found_again() -> None:
    texts = [("a.txt", KUBENET["ip addr"]), ("b.txt", KUBENET["brctl show"] + KUBENET["route -n"])]
    [node] = read_texts(texts).nodes
    for records in (node.interfaces, node.bridges, node.routes):
        assert records is not None
        for record in records:
            assert record.source is not None
            whole = dict(texts)[str(record.source.file)].split("\n")
            lines = node.lines(record)
            assert [(line.file, line.line) for line in lines] == [
                (record.source.file, number) for number in range(record.source.first_line, record.source.last_line + 1)
            ]
            assert all(whole[line.line - 1].expandtabs(8).rstrip() == line.text for line in lines)
    assert node.interfaces is not None
    by_hand = node.interfaces[1].model_copy(update={"source": None})
    assert node.cite(by_hand) == ()
    assert [line.text.split()[0] for line in node.cite(node.interfaces[1], "10.240.0.4/16")] == ["inet"]
    assert [line.text.split()[0] for line in node.cite(node.interfaces[1], "10.240.0.4")] == ["2:"]


def test_captures_are_in_the_order_of_their_files() -> None:
    silent = "$ ip addr; brctl show; route -n\n" + bare(KUBENET["ip addr"]) + bare(KUBENET["route -n"])
    texts = [("b.txt", KUBENET["pod"] + silent), ("a.txt", KUBENET["route -n"] + KUBENET["ip addr"])]
    [node] = read_texts(texts).nodes
    found = [(parsed.capture.file, parsed.command, parsed.capture.output_line) for parsed in node.captures]
    assert [file for file, _, _ in found] == ["b.txt"] * 4 + ["a.txt"] * 2
    assert found == sorted(found, key=lambda item: (item[0] != "b.txt", item[2]))


# --- several nodes ----------------------------------------------------------------------------------------------------


def numbers(found: Sequence[Node]) -> list[set[str]]:
    """For each node the numbers that its texts carry (see `host` and `pod`)."""
    result = []
    for node in found:
        said = set()
        for parsed in node.captures:
            said |= {str(route.dst)[7] for route in node.routes or () if str(route.dst).startswith("10.244.")}
            text = "\n".join(parsed.capture.lines)
            said |= {part[0] for part in text.split("10.244.")[1:]}
        result.append(said)
    return result


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_two_nodes_whatever_the_order_of_their_captures(order: Sequence[int]) -> None:
    one, two = host(1), host(2)
    for texts in (
        [*(one[index] for index in order), *(two[index] for index in order)],
        [text for index in order for text in (one[index], two[index])],
        [text for index in order for text in (two[index], one[index])],
    ):
        found = nodes(*texts)
        assert [len(node.captures) for node in found] == [3, 3]
        assert sorted(map(sorted, numbers(found))) == [["1"], ["2"]]


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_second_capture_of_the_same_command_elsewhere_opens_a_node(which: int) -> None:
    assert len(nodes(host(1)[which], host(2)[which])) == 2
    assert len(nodes(host(1)[which], host(1)[which])) == 1


def test_a_piece_of_a_listing_opens_no_node() -> None:
    piece = f"Later there was one more:\n\n{link(9, 'veth99999999@if3')}\n"
    for texts in permutations([piece, KUBENET["ip addr"], KUBENET["route -n"]]):
        assert len(nodes(*texts)) == 1
    # One that shows the network card of another machine does.
    assert len(nodes(*host(1), bare(host(2)[0]).partition("2: ")[2].join(["2: ", ""]))) == 2


def test_names_in_the_prompt_tell_nodes_apart_that_nothing_else_does() -> None:
    tables = [route_n(*ROUTES).replace("$ ", f"azureuser@aks-{number}:~$ ") for number in (1, 2)]
    assert [node.name for node in nodes(*tables)] == ["aks-1", "aks-2"]


def at_prompt(number: int, *texts: str) -> str:
    return "".join(texts).replace("$ ", f"azureuser@aks-{number}:~$ ")


def test_output_without_a_call_need_not_be_of_the_node_at_whose_prompt_it_stands() -> None:
    one, two = at_prompt(1, *host(1)), "\n".join(map(bare, host(2)))
    found = nodes(one, "The other node:\n", two)
    assert [node.name for node in found] == ["aks-1", None]
    assert sorted(map(sorted, numbers(found))) == [["1"], ["2"]]
    for lost in range(3):
        # One command line was lost, of either node.
        texts = [at_prompt(number, *host(number)) for number in (1, 2)]
        for which in (0, 1):
            call = at_prompt(which + 1, host(which + 1)[lost].split("\n")[0])
            spoiled = [text.replace(call + "\n", "") if at == which else text for at, text in enumerate(texts)]
            found = nodes(*spoiled)
            assert [(node.name, len(node.captures)) for node in found] == [("aks-1", 3), ("aks-2", 3)], (lost, which)


def test_what_a_script_prints_is_of_the_node_at_whose_prompt_it_was_called() -> None:
    outputs = ["\n".join(map(bare, host(number))) for number in (1, 2)]
    one, two = (at_prompt(number, "$ ./collect.sh\n", outputs[number - 1]) for number in (1, 2))
    assert [node.name for node in nodes(one)] == ["aks-1"]
    assert [node.name for node in nodes(one, two)] == ["aks-1", "aks-2"]
    # Where it printed what two nodes show, it ran on neither.
    assert [node.name for node in nodes(at_prompt(3, "$ cat one.txt two.txt\n", *outputs))] == [None, None]


def test_one_name_for_two_machines_does_not_make_them_one() -> None:
    texts = [text.replace("$ ", "azureuser@aks:~$ ") for number in (1, 2) for text in host(number)]
    found = nodes(*texts)
    assert [node.name for node in found] == ["aks", "aks"]
    assert sorted(map(sorted, numbers(found))) == [["1"], ["2"]]


def test_two_clusters_may_each_have_a_node_of_the_same_address() -> None:
    one = ip_addr(link(2, "eth0", "10.240.0.4/16", mac="00:0d:3a:00:00:01"))
    two = ip_addr(link(2, "eth0", "10.240.0.4/16", mac="00:0d:3a:00:00:02"))
    assert len(nodes(one, two)) == 2


def test_who_blanks_out_macs_may_write_the_same_for_two_nodes() -> None:
    one = ip_addr(link(2, "eth0", "10.240.0.4/16", mac="00:0d:3a:aa:bb:cc"))
    two = ip_addr(link(2, "eth0", "10.240.0.5/16", mac="00:0d:3a:aa:bb:cc"))
    assert len(nodes(one, two)) == 2


def test_a_bridge_whose_mac_has_changed_meanwhile_is_still_of_this_node() -> None:
    """A bridge takes the lowest MAC of its ports, if nobody gives it one of its own."""
    for ports in (["veth11111111"], []):
        shown = brctl(cbr0=ports).replace("024200000000", "0a580af40001")
        assert len(nodes(KUBENET["ip addr"], shown)) == 1


def test_a_bridge_of_another_mac_whose_ports_are_not_there_is_of_another_node() -> None:
    one, two = host(1), host(2)
    found = nodes(*one[::2], two[1], two[2])
    assert sorted(map(sorted, numbers(found))) == [["1"], ["2"]]
    assert [len(node.captures) for node in found] == [2, 2]


def test_the_gateway_must_be_in_the_subnet_of_the_card() -> None:
    gateway = route_n("0.0.0.0/0 via 10.241.0.1 eth0")
    assert len(nodes(host(1)[0], gateway)) == 2
    assert len(nodes(host(1, subnet=241)[0], gateway)) == 1


def test_no_bridges_goes_where_no_bridges_are() -> None:
    captures = [ip_addr(ETH0), KUBENET["ip addr"].replace("0.4/", "0.5/").replace("00:01", "00:02")]
    for texts in (captures, captures[::-1]):
        found = nodes(*texts, NO_BRIDGES)
        assert {len(node.captures): len(names(node.interfaces)) for node in found} == {1: 5, 2: 2}
    assert len(nodes(KUBENET["ip addr"], NO_BRIDGES)) == 1  # its output is more likely to have been left out


def test_silent_captures_are_dealt_out_in_order() -> None:
    """`brctl show` prints nothing on either node; each has one all the same."""
    cards = [ip_addr(link(2, "eth0", f"10.240.0.{n}/16", mac=f"00:0d:3a:00:00:{n:02x}")) for n in (4, 5)]
    silent = "root@node:~# brctl show\n"
    cards = [card.replace("$", "root@node:~#") for card in cards]
    for texts in ([cards[0], silent, cards[1], silent], [*cards, silent, silent], [silent, cards[0], silent, cards[1]]):
        found = nodes(*texts)
        assert [sorted(node.complete) for node in found] == [["brctl show", "ip addr"]] * 2


def test_a_routing_table_can_be_empty() -> None:
    """`ip route` prints nothing then; `route -n` has a heading, and `ip -6 route` is a part of the table only."""
    pod = KUBENET["pod"].replace("$", "root@node:~#")
    for call, routes in (("ip route", ()), ("ip -6 route", None), ("ip route | grep default", None)):
        node = only(pod, f"root@node:~# nsenter -t 100 -n {call}\nroot@node:~# \n")
        [space] = node.namespaces
        assert (space.routes, space.shows_every_route) == (routes, routes == ())
    assert only(pod, "root@node:~# nsenter -t 100 -n ip route").namespaces[0].routes is None  # the text ends there


def test_a_pod_between_two_nodes_goes_where_its_interface_fits() -> None:
    """Interface numbers fit both nodes: the address tells."""
    for which in (1, 2):
        found = nodes(*host(1), pod(which, 1), *host(2))
        assert numbers(found) == [{"1"}, {"2"}]
        assert [len(node.namespaces) for node in found] == ([1, 0] if which == 1 else [0, 1])


def test_a_pod_goes_by_its_interface_number_where_addresses_do_not_tell() -> None:
    one = ip_addr(ETH0, link(5, "azv11111111111@if4"))
    two = ip_addr(ETH0.replace("0.4/", "0.5/").replace("00:01", "00:02"), link(7, "azv22222222222@if6"))
    for index, veth in ((5, "azv11111111111"), (7, "azv22222222222")):
        in_pod = inside(100, link(index - 1, f"eth0@if{index}", "10.240.0.9/16"))
        for texts in ([one, in_pod, two], [in_pod, one, two], [one, two, in_pod]):
            assert sorted((node.interfaces or ())[2].ifname for node in nodes(*texts) if node.namespaces) == [veth]


def test_both_directions_must_agree() -> None:
    one = ip_addr(ETH0, link(5, "azv11111111111@if9"))
    two = ip_addr(ETH0.replace("0.4/", "0.5/").replace("00:01", "00:02"), link(5, "azv22222222222@if4"))
    in_pod = inside(100, link(4, "eth0@if5", "10.240.0.9/16"))
    assert [len(node.namespaces) for node in nodes(one, in_pod, two)] == [0, 1]
    assert [len(node.namespaces) for node in nodes(two, in_pod, one)] == [1, 0]


def test_a_pod_that_fits_neither_goes_to_the_node_that_follows() -> None:
    in_pod = inside(100, link(3, "eth0@if99", "10.99.0.9/16"))
    assert [len(node.namespaces) for node in nodes(*host(1), in_pod, *host(2))] == [0, 1]
    assert [len(node.namespaces) for node in nodes(*host(1), *host(2), in_pod)] == [0, 1]
    assert [len(node.namespaces) for node in nodes(in_pod, *host(1), *host(2))] == [1, 0]


def test_the_same_address_in_two_clusters_goes_by_the_route_on_its_own_interface() -> None:
    calico = [CALICO["ip addr"].replace("00:01", "00:02").replace("0.4/", "0.5/"), CALICO["route -n"]]
    kubenet = [KUBENET["ip addr"], KUBENET["route -n"]]
    in_kubenet = inside(100, link(3, "eth0@if5", "10.244.0.3/24"))
    in_calico = inside(200, link(3, "eth0@if3", "10.244.0.2/32"))
    for texts in ([*kubenet, *calico], [*calico, *kubenet]):
        found = nodes(*texts, in_kubenet, in_calico)
        assert {node.namespaces[0].id: "cbr0" in names(node.interfaces) for node in found} == {
            "pid:100": True,
            "pid:200": False,
        }


def test_one_process_number_on_two_nodes() -> None:
    table = route_n("0.0.0.0/0 via 169.254.1.1 eth0", call="sudo nsenter -t 100 -n route -n")
    shown = [pod(number, 1).replace(f"{number}001", "100") for number in (1, 2)]
    found = nodes(*host(1), shown[0], table, *host(2), shown[1], table)
    assert [
        [(space.id, len(space.interfaces), space.routes is not None) for space in node.namespaces] for node in found
    ] == [[("pid:100", 2, True)]] * 2


def test_files_keep_their_captures_together_where_nothing_else_tells() -> None:
    pods = inside(100, link(9, "eth0@if10", "10.99.0.9/16"))
    texts = [("one.txt", "".join([host(1)[1], pods])), ("two.txt", host(2)[1])]
    assert [len(node.namespaces) for node in read_texts(texts).nodes] == [1, 0]
    assert [len(node.namespaces) for node in read_texts(reversed(texts)).nodes] == [0, 1]


def test_docker_inspect_goes_with_the_process_it_names() -> None:
    inspect = "$ docker inspect 0b7c7a46ade1 | grep Pid\n" + " " * 12 + '"Pid": 2001,\n'
    captures = [*host(1), pod(1, 1), *host(2), pod(2, 1)]
    for texts in ([inspect, *captures], [*captures, inspect], [*captures[:4], inspect, *captures[4:]]):
        assert {len(node.captures): len(node.containers) for node in nodes(*texts)} == {4: 0, 5: 1}


def test_nothing_at_all() -> None:
    assert nodes("") == ()
    assert nodes("Dear support, it does not work.") == ()
    assert len(nodes(AZURE_TRANSPARENT["pod"])) == 1


def test_networks_are_found_by_address() -> None:
    prefixes: PrefixMap[str] = PrefixMap()
    for text in ("10.0.0.0/8", "10.244.0.0/16", "10.244.3.0/24", "0.0.0.0/0", "fd00::/8", "10.0.0.7/32"):
        prefixes.add(ip_network(text), text)
    prefixes.add(ip_network("10.0.0.0/8"), "later")
    for address, network in (
        ("10.244.3.9", "10.244.3.0/24"),
        ("10.244.4.9", "10.244.0.0/16"),
        ("10.1.1.1", "10.0.0.0/8"),
        ("10.0.0.7", "10.0.0.7/32"),
        ("11.0.0.1", "0.0.0.0/0"),
        ("fd12::1", "fd00::/8"),
        ("fe80::1", None),
    ):
        assert prefixes.find(ip_address(address)) == network


def test_a_table_with_a_line_that_nobody_understood_is_not_the_whole_table() -> None:
    # Mail programs break lines; the route that seems to be missing is in one of the pieces.
    broken = "10.244.1.3      0.0.0.0         255.255.255.255 UH    0      0        0"
    whole = only(*host(1))
    text = route_n(*ROUTES)
    cut = only(*host(1)[:2], text.replace("0.0.0.0", f"{broken}\n0.0.0.0", 1))
    assert whole.shows_every_route
    assert not cut.shows_every_route
