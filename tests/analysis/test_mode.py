"""Datapath, plugin and policy, and the lines that each claim rests on."""

from __future__ import annotations

import pytest

from aksnet_parse import analyze, read
from aksnet_parse.analysis.models import Mode, NodeAnalysis

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
    node,
    route_n,
)


def claims(mode: Mode) -> str:
    return "\n".join(evidence.claim for evidence in mode.evidence)


def cited(found: NodeAnalysis, words: str) -> list[str]:
    """The lines of the claims that hold ``words``."""
    return [line.text for evidence in found.mode.evidence if words in evidence.claim for line in evidence.lines]


# --- the four kinds ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", NODES)
def test_every_claim_of_a_whole_node_carries_its_lines(kind: str) -> None:
    found = node(*NODES[kind].values())
    assert found.mode.evidence
    assert all(evidence.lines for evidence in found.mode.evidence)


def test_bridge_mode_cites_the_ports_as_both_captures_show_them() -> None:
    found = node(*KUBENET.values())
    lines = cited(found, "as its members")
    assert [line.split()[-1] for line in lines if line.startswith((" ", "cbr0"))] == ["veth11111111", "veth22222222"]
    assert [line.split()[1] for line in lines if "master cbr0" in line] == ["veth11111111@if3:", "veth22222222@if3:"]


def test_a_member_is_cited_by_its_own_line_not_by_one_that_begins_alike() -> None:
    found = node(brctl(cbr0=["veth12345", "veth1234567", "eth0", "peth0"]))
    lines = cited(found, "as its members")
    assert [line.split()[-1] for line in lines] == ["veth12345", "veth1234567", "peth0"]


def test_transparent_mode_proves_no_policy() -> None:
    found = node(*AZURE_TRANSPARENT.values())
    assert found.mode.networkPolicy.value == "unknown"
    assert found.mode.networkPolicy.certainty == "unknown"
    assert "networkPolicy cannot be told" in claims(found.mode)


def test_calico_is_proven_by_name_and_mac() -> None:
    found = node(*CALICO.values())
    assert (found.mode.networkPolicy.value, found.mode.networkPolicy.certainty) == ("calico", "certain")
    assert any(CALICO_MAC in line for line in cited(found, "are Calico's"))
    assert any("cali11111111111" in line for line in cited(found, "are Calico's"))
    without_macs = node(CALICO["route -n"])
    assert (without_macs.mode.networkPolicy.value, without_macs.mode.networkPolicy.certainty) == ("calico", "likely")


def test_azure_cni_names_its_interfaces_azv_under_calico_as_well() -> None:
    """One cali interface too few: names that are not Calico's never make the policy calico."""
    found = node(ip_addr(ETH0, link(5, "azv11111111111@if4", mac=CALICO_MAC)))
    assert found.mode.networkPlugin.value == "azure"
    assert found.mode.networkPolicy.value == "unknown"


@pytest.mark.parametrize(
    "name", ["azv0123456789", "azv0123456789ab", "azvgggggggggg0", "xazv01234567890", "azveth012345"]
)
def test_what_is_not_quite_azures_name_proves_nothing(name: str) -> None:
    found = node(route_n(*ROUTES, f"10.240.0.5/32 {name}"))
    assert found.mode.datapath == "transparent"
    assert found.mode.networkPlugin.value == "unknown"


@pytest.mark.parametrize("name", ["azv0123456789a", "azveth0123456"])
def test_azures_names_since_2017(name: str) -> None:
    assert node(route_n(*ROUTES, f"10.240.0.5/32 {name}")).mode.networkPlugin.value == "azure"


# --- bridges ----------------------------------------------------------------------------------------------------------


def test_docker0_is_never_the_pod_bridge() -> None:
    text = ip_addr(ETH0, link(3, "docker0", "172.17.0.1/16"), link(5, "veth1234567@if4", master="docker0"))
    found = node(text, brctl(docker0=["veth1234567"]), route_n(*ROUTES, "172.17.0.0/16 docker0"))
    assert (found.mode.datapath, found.mode.bridge) == ("none", None)
    assert len(found.pods) == 1
    assert found.pods[0].attachment is not None
    assert found.pods[0].attachment.model_dump() == {"kind": "bridge", "bridge": "docker0"}
    assert "no pod network is set up" in claims(found.mode)


def test_networks_that_docker_made_are_dockers() -> None:
    text = ip_addr(ETH0, link(3, "br-0123456789ab", "172.18.0.1/16"), link(5, "veth1@if4", master="br-0123456789ab"))
    assert node(text).mode.datapath == "none"


def test_any_other_bridge_is_a_pod_bridge_of_an_unknown_plugin() -> None:
    text = ip_addr(ETH0, link(3, "weave", "10.32.0.1/12"), link(5, "vethwepl1234@if4", master="weave"))
    found = node(text)
    assert (found.mode.datapath, found.mode.bridge) == ("bridge", "weave")
    assert found.mode.networkPlugin.value == "unknown"


@pytest.mark.parametrize(
    "port",
    [link(5, "vnet0", master="virbr0"), link(5, "virbr0-nic", master="virbr0")],
)
def test_a_bridge_for_virtual_machines_carries_no_pods(port: str) -> None:
    assert node(ip_addr(ETH0, link(3, "virbr0", "192.168.122.1/24"), port)).mode.datapath == "none"


def test_a_bond_is_no_bridge() -> None:
    slave = "BROADCAST,MULTICAST,SLAVE,UP,LOWER_UP"
    text = ip_addr(
        link(2, "eth0", master="bond0", flags=slave),
        link(3, "veth11111111@if3", master="bond0", flags=slave),
        link(4, "bond0", "10.240.0.4/16"),
    )
    found = node(text)
    assert found.mode.bridge is None
    assert found.mode.datapath != "bridge"


def test_two_bridges_the_one_with_more_pods_is_the_pod_bridge() -> None:
    assert node(brctl(azure0=["azv11111111111"], cni0=["veth11111111", "veth22222222"])).mode.bridge == "cni0"


def test_a_pod_bridge_without_pods_is_bridge_mode() -> None:
    found = node(ip_addr(ETH0, link(3, "cbr0", "10.244.0.1/24")))
    assert (found.mode.datapath, found.mode.bridge) == ("bridge", "cbr0")
    assert "No pod is on it" in claims(found.mode)
    assert (found.mode.networkPlugin.value, found.mode.networkPlugin.certainty) == ("kubenet", "likely")


def test_members_that_were_cut_out_are_not_said_to_be_none() -> None:
    found = node(
        "$ brctl show\nbridge name\tbridge id\t\tSTP enabled\tinterfaces\nazure0\t\t8000.000d3a000001\tno\n...\n",
        AZURE_TRANSPARENT["route -n"],
    )
    assert "no pod" not in claims(found.mode).lower()


def test_a_left_over_azure0_beside_routes_is_transparent() -> None:
    text = ip_addr(ETH0, link(3, "azure0", flags="BROADCAST,MULTICAST"), link(5, "azv11111111111@if4"))
    found = node(text, brctl(azure0=[]), AZURE_TRANSPARENT["route -n"])
    assert (found.mode.datapath, found.mode.bridge) == ("transparent", None)
    assert "Bridge azure0 has no pod as a member" in claims(found.mode)


def test_azure0_as_uplink_without_pods_beside_routes_is_transparent() -> None:
    """Upgraded in place: the node's own traffic still goes over azure0."""
    text = ip_addr(link(2, "eth0", master="azure0"), link(3, "azure0", "10.240.0.4/16"), link(5, "azv11111111111@if4"))
    routes = route_n(*(row.replace("eth0", "azure0") for row in ROUTES), "10.240.0.5/32 azv11111111111")
    found = node(text, routes)
    assert (found.mode.datapath, found.mode.bridge) == ("transparent", None)
    assert found.uplink is not None
    assert (found.uplink.interface, found.uplink.ports) == ("azure0", ("eth0",))


def test_routes_alone_cannot_tell_transparent_from_mixed_over_azure0() -> None:
    routes = route_n(*(row.replace("eth0", "azure0") for row in ROUTES), "10.240.0.5/32 azv11111111111")
    found = node(routes)
    assert (found.mode.datapath, found.mode.bridge) == ("unknown", None)
    assert "else mixed" in claims(found.mode)
    assert node(routes, brctl(azure0=["eth0"])).mode.datapath == "transparent"
    assert node(routes, brctl(azure0=["eth0", "azv22222222222"])).mode.datapath == "mixed"


def test_an_empty_azure0_is_a_mark_of_azure_cni() -> None:
    found = node(brctl(azure0=[]))
    assert found.mode.datapath == "unknown"
    assert (found.mode.networkPlugin.value, found.mode.networkPlugin.certainty) == ("azure", "likely")


# --- routes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        "168.63.129.16/32 eth0",
        "169.254.169.254/32 azv11111111111",
        "169.254.20.10/32 nodelocaldns",
        "10.240.0.9/32 eth0",
        "10.240.0.9/32 enP1279s1",
        "10.240.0.9/32 bond0",
        "10.240.0.9/32 via 10.240.0.1 azv11111111111",
        "10.244.0.9/32 tunl0",
        "10.244.0.9/32 cilium_host",
        "10.244.0.9/32 vxlan.calico",
        "10.244.0.9/31 azv11111111111",
    ],
)
def test_a_route_that_leads_to_no_pod(row: str) -> None:
    found = node(route_n(*ROUTES, row))
    assert found.mode.datapath == "unknown"
    assert found.pods == ()


def test_a_device_that_ip_addr_shows_as_no_veth_leads_to_no_pod() -> None:
    routes = route_n(*ROUTES, "10.8.0.2/32 ppp7")
    assert node(routes).mode.datapath == "transparent"
    found = node(ip_addr(ETH0, link(3, "ppp7", "10.8.0.1/32")), routes)
    assert (found.mode.datapath, found.pods) == ("none", ())


def test_overlay_by_its_default_pod_cidr() -> None:
    found = node(route_n(*ROUTES, "10.244.3.17/32 azv11111111111"))
    assert (found.mode.networkPluginMode.value, found.mode.networkPluginMode.certainty) == ("overlay", "likely")


def test_addresses_outside_the_subnet_may_be_a_subnet_for_pods() -> None:
    found = node(route_n(*ROUTES, "10.241.0.17/32 azv11111111111"))
    assert found.mode.networkPluginMode.value == "unknown"
    assert "or a subnet of the VNet for pods" in claims(found.mode)


def test_addresses_in_the_subnet_are_no_overlay() -> None:
    found = node(AZURE_TRANSPARENT["route -n"])
    assert (found.mode.networkPluginMode.value, found.mode.networkPluginMode.certainty) == ("none", "certain")


def test_plain_containers_say_nothing_about_overlay() -> None:
    docker = link(9, "docker0", "172.17.0.1/16"), link(11, "veth1234567@if10", master="docker0")
    host = ip_addr(ETH0, link(5, "azv11111111111@if4"), *docker)
    found = node(host, AZURE_TRANSPARENT["route -n"], inside(7, link(10, "eth0@if11", "172.17.0.2/16")))
    assert found.mode.networkPluginMode.value == "none"


# --- nothing, or not enough -------------------------------------------------------------------------------------------


def test_no_pods_at_all() -> None:
    found = node(ip_addr(ETH0), NO_BRIDGES, route_n(*ROUTES))
    assert found.mode.datapath == "none"
    assert "no pods on this node" in claims(found.mode)
    assert all(evidence.lines for evidence in found.mode.evidence)


def test_a_cut_listing_without_pods_cannot_tell() -> None:
    found = node(ip_addr(ETH0, "..."))
    assert found.mode.datapath == "unknown"
    assert "do not show enough" in claims(found.mode)


def test_cilium_without_a_route_for_each_pod_is_not_taken_for_no_pods() -> None:
    routes = route_n(*ROUTES, "10.244.1.0/24 cilium_host", "10.244.1.7/32 cilium_host")
    assert node(NO_BRIDGES, routes).mode.datapath == "unknown"


def test_cilium() -> None:
    text = ip_addr(
        ETH0, link(3, "cilium_net@cilium_host"), link(4, "cilium_host@cilium_net"), link(6, "lxc0123456789ab@if5")
    )
    found = node(text, route_n(*ROUTES, "10.244.1.9/32 lxc0123456789ab"))
    assert found.mode.datapath == "transparent"
    assert found.mode.networkPlugin.model_dump() == {"value": "unknown", "certainty": "unknown"}
    assert "was installed by hand (networkPlugin none): networkPlugin cannot be told" in claims(found.mode)
    assert found.mode.networkDataplane.model_dump() == {"value": "cilium", "certainty": "certain"}
    assert found.mode.networkPolicy.model_dump() == {"value": "cilium", "certainty": "likely"}
    assert [pod.addresses for pod in found.pods] == [("10.244.1.9/32",)]


@pytest.mark.parametrize("bridges", [NO_BRIDGES, ""])
@pytest.mark.parametrize("routed", [True, False])
def test_the_devices_of_cilium_are_no_pods(bridges: str, routed: bool) -> None:
    text = ip_addr(
        ETH0,
        link(3, "cilium_net@cilium_host"),
        link(4, "cilium_host@cilium_net"),
        link(5, "cilium_vxlan"),
        link(6, "lxc_health@if5"),
        link(8, "lxc0123456789ab@if7"),
    )
    health = ["10.244.1.200/32 lxc_health"] if routed else []
    found = node(text, bridges, route_n(*ROUTES, "10.244.1.9/32 lxc0123456789ab", *health))
    assert [pod.veth.name for pod in found.pods if pod.veth is not None] == ["lxc0123456789ab"]
    assert [finding.code for finding in found.findings if finding.severity != "info"] == []


def test_cilium_told_by_its_health_endpoint_alone() -> None:
    found = node(route_n(*ROUTES, "10.244.1.200/32 lxc_health"))
    assert found.mode.networkDataplane.value == "cilium"
    assert found.pods == ()


CALICO_ROUTE = "10.40.76.130 dev calid63a5000001 scope link\n"
UPLINK_ROUTES = "default via 10.9.240.1 dev eth0\n10.9.240.0/20 dev eth0 proto kernel scope link src 10.9.240.61\n"
IN_JSON = (
    "$ ip -j route\n"
    '[{"dst":"default","gateway":"10.9.240.1","dev":"eth0","flags":[]},'
    '{"type":"blackhole","dst":"10.40.76.128/26","protocol":"bird","flags":[]},'
    '{"dst":"10.40.76.130","dev":"calid63a5000001","scope":"link","flags":[]}]\n'
)
ROUTE_N = (
    "$ route -n\nKernel IP routing table\n"
    "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n"
    "0.0.0.0         10.9.240.1      0.0.0.0         UG    0      0        0 eth0\n"
)
CALICO_ROW = "10.40.76.130    0.0.0.0         255.255.255.255 UH    0      0        0 calid63a5000001\n"


@pytest.mark.parametrize(
    "text",
    [
        f"$ ip route\n{UPLINK_ROUTES}10.40.21.0/26 via 10.9.240.64 dev eth0 proto bird\n{CALICO_ROUTE}",
        f"$ ip route\n{UPLINK_ROUTES}10.40.21.0/26 via 10.9.240.64 dev tunl0 onlink\n{CALICO_ROUTE}",
        f"$ ip route\n{UPLINK_ROUTES}10.40.21.0/26 via 10.40.21.0 dev vxlan.calico onlink\n{CALICO_ROUTE}",
        f"$ ip route\n{UPLINK_ROUTES}blackhole 10.40.76.128/26\n{CALICO_ROUTE}",
        IN_JSON,
        f"{ROUTE_N}10.40.21.0      10.9.240.64     255.255.255.192 UG    0      0        0 tunl0\n{CALICO_ROW}",
        f"{ROUTE_N}10.40.76.128    0.0.0.0         255.255.255.192 U     0      0        0 *\n{CALICO_ROW}",
        f"$ ip route\n{UPLINK_ROUTES}{CALICO_ROUTE}\n"
        + ip_addr(link(2, "eth0", "10.9.240.61/20"), link(4, "vxlan.calico")),
    ],
)
def test_calico_that_manages_addresses_was_installed_by_hand(text: str) -> None:
    [found] = analyze(read(text)).nodes
    assert found.mode.networkPlugin.model_dump() == {"value": "none", "certainty": "likely"}
    assert found.mode.networkPolicy.value == "calico"
    assert "Calico was installed by hand" in claims(found.mode)


TUNNEL_IN_USE = link(4, "tunl0@NONE", "10.40.76.128/32")


@pytest.mark.parametrize(
    "text",
    [
        f"$ ip route\n{UPLINK_ROUTES}10.40.21.0/26 via 10.9.240.64 dev eth0 proto bird\n",
        ip_addr(link(2, "eth0", "10.9.240.61/20"), link(4, "vxlan.calico")),
        ip_addr(link(2, "eth0", "10.9.240.61/20"), link(4, "vxlan-v6.calico")),
        ip_addr(link(2, "eth0", "10.9.240.61/20"), TUNNEL_IN_USE),
        ip_addr(link(2, "eth0", "10.9.240.61/20"), TUNNEL_IN_USE, link(6, "calid63a5000001@if3")),
    ],
)
def test_calico_by_hand_is_told_without_its_pods(text: str) -> None:
    [found] = analyze(read(text)).nodes
    assert found.mode.networkPlugin.model_dump() == {"value": "none", "certainty": "likely"}
    assert found.mode.networkPolicy.model_dump() == {"value": "calico", "certainty": "likely"}


@pytest.mark.parametrize(
    "text",
    [
        f"$ ip route\n{UPLINK_ROUTES}blackhole 10.40.76.128/26\n",
        ip_addr(link(2, "eth0", "10.9.240.61/20"), link(4, "tunl0@NONE")),
    ],
)
def test_a_blackhole_or_an_unused_tunnel_alone_is_not_calico(text: str) -> None:
    [found] = analyze(read(text)).nodes
    assert (found.mode.networkPlugin.value, found.mode.networkPolicy.value) == ("unknown", "unknown")


def test_encryption_by_calico_goes_with_any_plugin() -> None:
    text = ip_addr(ETH0, link(4, "wireguard.cali", "10.240.0.99/32"), link(6, "azv00000000001@if3"))
    found = node(text, route_n(*ROUTES, "10.240.0.9/32 azv00000000001"))
    assert found.mode.networkPlugin.value == "azure"
    assert found.mode.networkPolicy.model_dump() == {"value": "calico", "certainty": "likely"}


@pytest.mark.parametrize("more", ["", "10.244.3.0/24 via 10.9.240.64 dev eth0\n", "blackhole 10.50.0.0/16\n"])
def test_calico_for_policy_only_is_that_of_kubenet(more: str) -> None:
    [found] = analyze(read(f"$ ip route\n{UPLINK_ROUTES}{more}{CALICO_ROUTE}")).nodes
    assert found.mode.networkPlugin.model_dump() == {"value": "kubenet", "certainty": "likely"}


@pytest.mark.parametrize(
    "port", ["vnet0", "vnet12", "tap0", "tap1a2b3c4d-5e", "macvtap0", "em1", "p3p1", "p1p1_0", "ens5", "team0", "ib0"]
)
def test_ports_of_virtual_machines_and_cards_are_no_pods(port: str) -> None:
    found = node(brctl(br0=[port]))
    assert found.pods == ()
    assert found.mode.datapath == "unknown"
    assert found.mode.bridge is None


def test_a_port_of_which_only_a_name_is_known_that_nobody_knows_is_no_pod() -> None:
    found = node(brctl(br0=["whatever"]))
    assert (found.pods, found.mode.datapath) == ((), "unknown")
    assert "The name of whatever on bridge br0 does not tell whether a pod is behind" in claims(found.mode)
    # The peer proves it, whatever the name.
    found = node(brctl(br0=["whatever"]), ip_addr(ETH0, link(5, "whatever@if3", master="br0"), link(6, "br0")))
    assert [pod.veth.name for pod in found.pods if pod.veth is not None] == ["whatever"]


@pytest.mark.parametrize("name", ["eni0a1b2c3d4e5", "gke0a1b2c3d4e5", "ens7", "em2"])
def test_a_peer_in_another_namespace_wins_over_the_name(name: str) -> None:
    interfaces = ip_addr(ETH0, link(5, f"{name}@if3"))
    for captures in ([interfaces, route_n(*ROUTES, f"10.240.0.9/32 {name}")], [interfaces]):
        found = node(*captures)
        assert [pod.veth.name for pod in found.pods if pod.veth is not None] == [name]


def test_a_veth_that_is_named_like_a_card_is_no_card_that_azure0_lacks() -> None:
    interfaces = ip_addr(
        link(2, "eth0"), link(3, "azure0", "10.240.0.4/16"), link(5, "azv11111111111@if4"), link(6, "ens7@if3")
    )
    found = node(interfaces, brctl(azure0=["azv11111111111"]))
    [finding] = [one for one in found.findings if one.code == "uplink-not-in-bridge"]
    assert finding.subjects == ("azure0", "eth0")


@pytest.mark.parametrize(("name", "words"), [("eni0a1b2c3d4e5", "EKS"), ("gke0a1b2c3d4e5", "GKE")])
def test_veths_of_other_clouds(name: str, words: str) -> None:
    found = node(route_n(*ROUTES, f"10.240.0.9/32 {name}"))
    assert found.mode.datapath == "transparent"
    assert found.mode.networkPlugin.value == "none"
    assert f"({words})" in claims(found.mode) or f"{words}: this is no node of AKS" in claims(found.mode)
    assert [pod.addresses for pod in found.pods] == [("10.240.0.9/32",)]


def test_a_node_that_is_a_container_has_a_card_with_a_peer() -> None:
    found = node(ip_addr(link(4, "eth0@if5", "10.240.0.4/16"), link(7, "veth12345678@if2")), route_n(*ROUTES))
    assert found.uplink is not None
    assert found.uplink.interface == "eth0"
    assert [pod.veth.name for pod in found.pods if pod.veth is not None] == ["veth12345678"]


def test_an_interface_in_no_bridge_with_no_route_cannot_be_placed() -> None:
    found = node(ip_addr(ETH0, link(5, "veth12345678@if4")), route_n(*ROUTES))
    assert found.mode.datapath == "unknown"
    assert "with no route to one address" in claims(found.mode)


def test_where_routes_were_not_captured_nothing_is_said_of_them() -> None:
    found = node(ip_addr(ETH0, link(5, "veth12345678@if4")))
    assert found.mode.datapath == "unknown"
    assert "route" not in claims(found.mode)


def test_names_and_addresses_of_routing_plugins_tell_without_routes() -> None:
    assert node(ip_addr(ETH0, link(5, "azv11111111111@if4"))).mode.datapath == "transparent"
    assert node(ip_addr(ETH0, link(5, "cali11111111111@if4"))).mode.datapath == "transparent"
    ptp = node(
        ip_addr(ETH0, link(5, "veth11111111@if2", "10.244.0.1/32"), link(6, "veth22222222@if2", "10.244.0.1/32"))
    )
    assert ptp.mode.datapath == "transparent"
    assert ptp.findings[0].severity == "info"


def test_a_stray_veth_beside_a_bridge_does_not_make_it_mixed() -> None:
    host = KUBENET["ip addr"] + link(9, "veth99999999@if3") + "\n"
    assert node(host).mode.datapath == "bridge"


def test_loose_azure_interfaces_beside_azure0_are_mixed() -> None:
    host = AZURE_BRIDGE["ip addr"] + link(9, "azv99999999999@if8") + "\n"
    found = node(host)
    assert (found.mode.datapath, found.mode.bridge) == ("mixed", "azure0")
    assert node(host, AZURE_BRIDGE["route -n"]).mode.datapath == "bridge"  # the routes were captured; it has none


def test_nothing_is_declared_where_nothing_is() -> None:
    assert node(*KUBENET.values()).mode.declared is None
