"""Each finding on a real node: healthy, then broken in exactly that way, and captured by the real tools."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from aksnet_parse import FINDINGS, analyze, read
from aksnet_parse.analysis.models import Finding, NodeAnalysis
from tests.topology import KINDS, Kind, Node, Pod, build

from .test_bundles import Files, collected, sosreport
from .test_further_facts import listing, spoken_with

pytestmark = pytest.mark.usefixtures("kernel")

SAMPLES = Path(__file__).parents[2] / "samples"
HOST = ("ip addr", "brctl show", "ip route")
OLD_HOST = ("ip addr", "brctl show", "route -n")
INSIDE = ("ip addr", "ip route", "ip neigh")


@dataclass(frozen=True)
class Broken:
    """What was captured of the broken node; what the subjects of the finding hold, and words that its lines do.
    ``findings``: how many there are, for what breaks two things."""

    text: str
    subjects: Sequence[str]
    cited: Sequence[str]
    findings: int = 1


@dataclass(frozen=True)
class Fault:
    code: str
    kind: Kind
    breaks: Callable[[Node], Broken]

    def __str__(self) -> str:
        return f"{self.breaks.__name__}-{self.kind}"


FAULTS: list[Fault] = []


def fault(code: str, *kinds: Kind) -> Callable[[Callable[[Node], Broken]], Callable[[Node], Broken]]:
    def keep(breaks: Callable[[Node], Broken]) -> Callable[[Node], Broken]:
        FAULTS.extend(Fault(code, kind, breaks) for kind in kinds)
        return breaks

    return keep


def capture(node: Node, host: Sequence[str] = HOST, pods: bool | int = True) -> str:
    return node.transcript(host, pods, INSIDE)


def analyzed(text: str) -> NodeAnalysis:
    [node] = analyze(read(text)).nodes
    return node


def worse(node: NodeAnalysis) -> list[Finding]:
    return [finding for finding in node.findings if finding.severity != "info"]


def ip_of(pod: Pod) -> str:
    return pod.address.partition("/")[0]


# --- the way to a pod -------------------------------------------------------------------------------------------------


@fault("pod-route-missing", "azure-transparent", "kubenet-calico", "cni-ptp")
def the_route_to_a_pod_is_deleted(node: Node) -> Broken:
    pod = node.pods[1]
    node.run("ip", "route", "del", ip_of(pod), "dev", pod.veth)
    return Broken(capture(node), [pod.veth, ip_of(pod)], [f"inet {pod.address}", f" {pod.veth}@", "ip route"])


@fault("pod-not-on-bridge", "kubenet", "azure-bridge", "cni-bridge", "docker")
def the_veth_is_taken_off_its_bridge(node: Node) -> Broken:
    pod = node.pods[1]
    node.run("ip", "link", "set", pod.veth, "nomaster")
    text = capture(node, OLD_HOST)
    return Broken(text, [pod.veth, str(pod.bridge)], [f"inet {pod.address}", f" {pod.veth}@", str(pod.bridge)])


@fault("pod-not-wired", "azure-transparent", "kubenet-calico")
def the_veth_of_a_listed_pod_is_gone(node: Node) -> Broken:
    pod = node.pods[1]
    listed = listing(node)
    node.run("ip", "link", "del", pod.veth)
    text = listed + node.transcript(HOST, False)
    return Broken(text, [f"{pod.namespace}/{pod.name}", f"{ip_of(pod)}/32"], [pod.name, "ip route"])


@fault("veth-leaked", "azure-transparent", "kubenet-calico")
def nothing_leads_to_a_veth_whose_pod_is_unknown(node: Node) -> Broken:
    pod = node.pods[-1]
    node.run("ip", "route", "del", ip_of(pod), "dev", pod.veth)
    return Broken(capture(node, pods=len(node.pods) - 1), [pod.veth], [f" {pod.veth}@", "ip route", "brctl show"])


@fault("veth-leaked", "kubenet", "azure-bridge")
def a_veth_nobody_uses_is_made(node: Node) -> Broken:
    node.run("ip", "link", "add", "vethdeadbeef", "type", "veth", "peer", "name", "x", "netns", str(node.pods[0].pid))
    node.run("ip", "link", "set", "vethdeadbeef", "up")
    node.run_in(node.pods[0], "ip", "link", "set", "x", "up")
    node.addresses()
    return Broken(capture(node, pods=False), ["vethdeadbeef"], [" vethdeadbeef@"])


@fault("route-interface-missing", "azure-transparent", "kubenet-calico")
def the_pod_goes_between_routes_and_interfaces(node: Node) -> Broken:
    pod = node.pods[0]
    routes = node.paste("ip route")
    others = "".join(map(node.paste, (line for other in node.pods[1:] for line in node.entering(other, INSIDE))))
    node.run("ip", "link", "del", pod.veth)
    text = routes + node.transcript(("ip addr", "brctl show"), False) + others
    return Broken(text, [pod.veth, f"{ip_of(pod)}/32"], [f"{ip_of(pod)} dev {pod.veth}", "ip addr"])


@fault("route-interface-missing", "kubenet")
def the_default_route_leads_to_an_interface_that_went(node: Node) -> Broken:
    routes = node.paste("ip route")
    node.run("ip", "link", "del", "eth0")
    text = routes + node.transcript(("ip addr", "brctl show"))
    return Broken(text, ["eth0", "0.0.0.0/0"], ["default via 10.240.0.1 dev eth0", "ip addr"])


@fault("route-interface-down", "azure-transparent", "kubenet-calico", "cni-ptp")
def the_end_in_the_pod_is_set_down(node: Node) -> Broken:
    pod = node.pods[2]
    node.run_in(pod, "ip", "link", "set", "eth0", "down")
    lines = [f"{ip_of(pod)} dev {pod.veth}", f" {pod.veth}@", f"{pod.ifindex}: eth0@"]
    return Broken(capture(node), [pod.veth, f"{ip_of(pod)}/32"], lines)


@fault("route-interface-down", "kubenet", "azure-transparent")
def the_card_loses_its_carrier(node: Node) -> Broken:
    node.run("ip", "link", "set", "eth0", "carrier", "off")
    waited_for(lambda: "NO-CARRIER" in node.run("ip", "link", "show", "eth0"))
    return Broken(capture(node, OLD_HOST), ["eth0", "0.0.0.0/0"], ["2: eth0:", "0.0.0.0         10.240.0.1"])


@fault("interface-down", "azure-transparent", "kubenet-calico", "kubenet", "azure-bridge", "docker")
def the_veth_is_set_down(node: Node) -> Broken:
    pod = node.pods[2]
    node.run("ip", "link", "set", pod.veth, "down")
    return Broken(capture(node), [pod.veth], [f" {pod.veth}@"])


@fault("interface-down", "kubenet", "azure-bridge")
def the_end_of_a_bridged_pod_is_set_down(node: Node) -> Broken:
    pod = node.pods[0]
    node.run_in(pod, "ip", "link", "set", "eth0", "down")
    return Broken(capture(node), ["eth0", pod.veth], [f"{pod.ifindex}: eth0@", f" {pod.veth}@"])


@fault("interface-down", "kubenet", "cni-bridge")
def the_bridge_is_set_down(node: Node) -> Broken:
    bridge = str(node.pods[0].bridge)
    node.run("ip", "link", "set", bridge, "down")
    return Broken(capture(node), [bridge], [f" {bridge}:"])


@fault("interface-down", "azure-bridge")
def the_card_in_the_bridge_is_set_down(node: Node) -> Broken:
    node.run("ip", "link", "set", "eth0", "down")
    return Broken(capture(node), ["eth0"], ["2: eth0:"])


# --- addresses --------------------------------------------------------------------------------------------------------


@fault("many-routes", "azure-transparent", "kubenet-calico")
def a_second_route_leads_to_another_veth(node: Node) -> Broken:
    pod, other = node.pods[:2]
    node.run("ip", "route", "append", ip_of(pod), "dev", other.veth, "metric", "5")
    text = capture(node)
    return Broken(text, [pod.veth, other.veth], [f"{ip_of(pod)} dev {pod.veth}", f"{ip_of(pod)} dev {other.veth}"])


@fault("many-routes", "azure-transparent")
def a_second_route_leads_to_another_veth_and_no_pod_was_seen(node: Node) -> Broken:
    pod, other = node.pods[:2]
    node.run("ip", "route", "append", ip_of(pod), "dev", other.veth, "metric", "5")
    text = capture(node, OLD_HOST, pods=False)
    return Broken(text, [ip_of(pod), pod.veth, other.veth], [f"0 {pod.veth}", f"0 {other.veth}", ip_of(pod)])


@fault("pod-address-shared", "kubenet", "azure-bridge", "azure-transparent")
def a_pod_takes_the_address_of_another(node: Node) -> Broken:
    owner, thief = node.pods[:2]
    kept = [line for line in node.run_in(thief, "ip", "route").splitlines() if line.startswith(("default", "169."))]
    node.run_in(thief, "ip", "addr", "del", thief.address, "dev", "eth0")
    node.run_in(thief, "ip", "addr", "add", owner.address, "dev", "eth0")
    for line in sorted(kept):
        node.run_in(thief, "ip", "route", "replace", *line.replace("linkdown", "").split())
    return Broken(capture(node), [ip_of(owner), f"pid:{owner.pid}", f"pid:{thief.pid}"], [f"inet {owner.address}"])


@fault("route-disagrees", "azure-transparent", "kubenet-calico", "cni-ptp")
def the_route_to_a_pod_leads_to_another(node: Node) -> Broken:
    pod, other = node.pods[:2]
    node.run("ip", "route", "del", ip_of(pod), "dev", pod.veth)
    node.run("ip", "route", "add", ip_of(pod), "dev", other.veth)
    return Broken(capture(node), [other.veth, f"{ip_of(pod)}/32"], [f"{ip_of(pod)} dev {other.veth}"])


@fault("address-disagrees", "kubenet", "cni-bridge")
def a_pod_has_an_address_of_another_network(node: Node) -> Broken:
    pod = node.pods[1]
    node.run_in(pod, "ip", "addr", "flush", "dev", "eth0")
    node.run_in(pod, "ip", "addr", "add", "10.99.0.5/24", "dev", "eth0")
    node.run_in(pod, "ip", "route", "add", "default", "via", "10.99.0.1", "dev", "eth0")
    return Broken(capture(node), [str(pod.bridge), "10.99.0.5/24"], ["inet 10.99.0.5/24", str(pod.bridge)])


@fault("address-dadfailed", "kubenet")
def two_pods_of_a_bridge_get_one_ipv6_address(node: Node) -> Broken:
    first, second = node.pods[:2]
    for pod in (first, second):
        node.run_in(pod, "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/eth0/accept_dad")
    node.run_in(first, "ip", "addr", "add", "2001:db8::7/64", "dev", "eth0", "nodad")
    node.run_in(second, "ip", "addr", "add", "2001:db8::7/64", "dev", "eth0")
    waited_for(lambda: "dadfailed" in node.run_in(second, "ip", "addr"))
    text = capture(node, pods=False) + "".join(map(node.paste, node.entering(second, INSIDE)))
    return Broken(text, ["eth0", "2001:db8::7"], ["inet6 2001:db8::7/64 scope global dadfailed"])


@fault("address-tentative", "kubenet", "azure-transparent")
def an_address_is_still_probed(node: Node) -> Broken:
    node.run("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/eth0/accept_dad")
    node.run("sh", "-c", "echo 60 > /proc/sys/net/ipv6/conf/eth0/dad_transmits")
    node.run("ip", "addr", "add", "2001:db8::8/64", "dev", "eth0")
    return Broken(capture(node), ["eth0", "2001:db8::8"], ["inet6 2001:db8::8/64 scope global tentative"])


@fault("networks-overlap", "kubenet", "azure-transparent", "azure-bridge")
def docker_takes_a_part_of_the_nodes_subnet(node: Node) -> Broken:
    node.run("ip", "addr", "add", "10.240.128.1/24", "dev", "docker0")
    return Broken(capture(node), ["10.240.0.0/16", "10.240.128.0/24"], ["10.240.128.0/24 dev docker0", "10.240.0.4/16"])


@fault("networks-overlap", "kubenet-calico")
def docker_takes_the_addresses_of_pods(node: Node) -> Broken:
    node.run("ip", "addr", "add", "10.244.0.1/24", "dev", "docker0")
    return Broken(capture(node, OLD_HOST), ["10.244.0.0/24", "10.244.0.2/32"], ["docker0", "10.244.0.2 "])


@fault("networks-overlap", "kubenet", "azure-bridge")
def the_services_have_the_nodes_subnet(node: Node) -> Broken:
    ordered = "$ az aks create -g rg -n cluster --service-cidr 10.240.0.0/20 --dns-service-ip 10.240.0.10\n"
    return Broken(ordered + capture(node), ["10.240.0.0/16", "10.240.0.0/20"], ["--service-cidr", "10.240.0.4/16"])


# --- both ends of a pod -----------------------------------------------------------------------------------------------


def made_anew(node: Node, pod: Pod, *, index: int, inside: int, into: Pod | None = None) -> None:
    """The pod's veth pair deleted and made again with these indexes, its own end in another pod if one is given."""
    owner = into or pod
    mac = "02:00:5e:00:53:01"
    peer = f"peer name eth0 address {mac} index {inside} netns {owner.pid}"
    node.run("ip", "link", "del", pod.veth)
    if into is not None:
        node.run("ip", "link", "del", into.veth)
    node.run("ip", "link", "add", pod.veth, "index", str(index), "type", "veth", *peer.split())
    node.run("ip", "link", "set", pod.veth, "up")
    node.run_in(owner, "ip", "link", "set", "eth0", "up")
    node.run_in(owner, "ip", "addr", "add", owner.address, "dev", "eth0")
    node.run_in(owner, "ip", "route", "replace", "169.254.1.1", "dev", "eth0")
    node.run_in(owner, "ip", "route", "replace", "default", "via", "169.254.1.1", "dev", "eth0")
    node.run("ip", "route", "replace", ip_of(owner), "dev", pod.veth)
    node.addresses()


@fault("peer-disagrees", "kubenet-calico", "azure-transparent")
def the_pod_was_made_anew_after_it_was_captured(node: Node) -> Broken:
    pod = node.pods[0]
    inside = "".join(map(node.paste, (line for one in node.pods for line in node.entering(one, INSIDE))))
    made_anew(node, pod, index=pod.veth_ifindex, inside=77)
    lines = [f"{pod.ifindex}: eth0@if{pod.veth_ifindex}:", f"{pod.veth_ifindex}: {pod.veth}@if77:"]
    return Broken(inside + capture(node, pods=False), ["eth0", pod.veth], lines)


@fault("peer-missing", "kubenet-calico", "azure-transparent", "kubenet", "azure-bridge")
def the_veth_went_after_the_pod_was_captured(node: Node) -> Broken:
    pod = node.pods[0]
    inside = "".join(map(node.paste, (line for one in node.pods for line in node.entering(one, INSIDE))))
    node.run("ip", "link", "del", pod.veth)
    lines = [f"{pod.ifindex}: eth0@if{pod.veth_ifindex}:", "ip addr"]
    return Broken(inside + capture(node, pods=False), ["eth0", str(pod.veth_ifindex)], lines)


@fault("peer-is-card", "kubenet")
def a_pod_is_on_the_card_by_macvlan(node: Node) -> Broken:
    pod = node.pods[0]
    node.run("ip", "link", "del", pod.veth)
    node.run("ip", "link", "add", "mv0", "link", "eth0", "type", "macvlan", "mode", "bridge")
    node.run("ip", "link", "set", "mv0", "netns", str(pod.pid), "name", "eth0")
    for command in ("link set eth0 up", "addr add 10.240.0.99/16 dev eth0", "route add default via 10.240.0.1"):
        node.run_in(pod, "ip", *command.split())
    node.addresses(pod.pid)
    return Broken(capture(node), ["eth0"], [": eth0@if2:", "2: eth0:"])


@fault("name-disagrees", "azure-transparent", "kubenet-calico")
def two_veths_have_each_others_name(node: Node) -> Broken:
    one, other = node.pods[:2]
    for veth, name in ((one.veth, "swap"), (other.veth, one.veth), ("swap", other.veth)):
        node.run("ip", "link", "set", veth, "down")
        node.run("ip", "link", "set", veth, "name", name)
        node.run("ip", "link", "set", name, "up")
    node.run("ip", "route", "add", ip_of(one), "dev", other.veth)
    node.run("ip", "route", "add", ip_of(other), "dev", one.veth)
    node.addresses()
    text = listing(node) + capture(node)
    return Broken(text, [one.veth, other.veth], [f" {one.veth}@", f" {other.veth}@"], findings=2)


@fault("mac-disagrees", "kubenet", "azure-bridge")
def the_bridge_has_a_pod_behind_another_port(node: Node) -> Broken:
    spoken_with(node)
    pod, other = node.pods[:2]
    mac = node.run_in(pod, "cat", "/proc/net/arp") and node.run_in(pod, "ip", "-br", "link", "show", "eth0").split()[2]
    node.run("bridge", "fdb", "replace", mac, "dev", other.veth, "master", "static")
    text = node.transcript((*HOST, "bridge fdb"), True, INSIDE)
    return Broken(text, [pod.veth, other.veth], [f"{mac} dev {other.veth} master"])


@fault("veth-shared", "kubenet-calico")
def a_veth_was_given_to_another_pod(node: Node) -> Broken:
    gone, heir, *others = node.pods
    inside = "".join(map(node.paste, (line for one in (gone, *others) for line in node.entering(one, INSIDE))))
    made_anew(node, gone, index=gone.veth_ifindex, inside=gone.ifindex, into=heir)
    inside += "".join(map(node.paste, node.entering(heir, INSIDE)))
    return Broken(inside + capture(node, pods=False), [gone.veth], [f"{gone.ifindex}: eth0@if{gone.veth_ifindex}:"])


@fault("mac-shared", "kubenet", "azure-bridge", "azure-transparent")
def a_pod_has_the_mac_of_another(node: Node) -> Broken:
    one, other = node.pods[:2]
    mac = node.run_in(one, "ip", "-br", "link", "show", "eth0").split()[2]
    node.run_in(other, "ip", "link", "set", "eth0", "address", mac)
    return Broken(capture(node), [mac, one.veth, other.veth], [f"link/ether {mac}"])


@fault("mac-shared", "kubenet", "azure-transparent")
def a_veth_has_the_mac_of_another(node: Node) -> Broken:
    one, other = node.pods[:2]
    mac = node.run("ip", "-br", "link", "show", one.veth).split()[2]
    node.run("ip", "link", "set", other.veth, "address", mac)
    return Broken(capture(node), [mac, one.veth, other.veth], [f"link/ether {mac}"])


# --- the node's own network -------------------------------------------------------------------------------------------


@fault("uplink-not-in-bridge", "azure-bridge")
def the_card_is_taken_out_of_azure0(node: Node) -> Broken:
    node.run("ip", "link", "set", "eth0", "nomaster")
    node.addresses()
    return Broken(capture(node), ["azure0", "eth0"], [" azure0:", " eth0:"])


@fault("address-on-bridge-port", "azure-bridge")
def the_card_has_the_nodes_address_too(node: Node) -> Broken:
    node.run("ip", "addr", "add", "10.240.0.4/16", "dev", "eth0")
    return Broken(capture(node), ["eth0", "azure0", "10.240.0.4/16"], ["inet 10.240.0.4/16", "2: eth0:"])


@fault("default-route-missing", *(kind for kind in KINDS if kind != "empty"))
def the_default_route_is_deleted(node: Node) -> Broken:
    node.run("ip", "route", "del", "default")
    return Broken(capture(node), ["0.0.0.0/0"], ["ip route"])


@fault("default-route-missing", "kubenet", "azure-transparent", "kubenet-calico")
def the_card_is_set_down(node: Node) -> Broken:
    node.run("ip", "link", "set", "eth0", "down")
    return Broken(capture(node, OLD_HOST), ["0.0.0.0/0", "eth0"], ["route -n", "2: eth0:"])


@fault("default-route-missing", "kubenet")
def an_unreachable_default_route_comes_first(node: Node) -> Broken:
    node.run("ip", "route", "add", "unreachable", "default", "metric", "5")
    return Broken(capture(node), ["0.0.0.0/0"], ["unreachable default", "default via"])


@fault("gateway-off-subnet", "kubenet", "kubenet-calico", "azure-transparent")
def the_card_gets_an_address_of_another_subnet(node: Node) -> Broken:
    node.run("ip", "route", "replace", "default", "via", "10.240.0.1", "dev", "eth0", "metric", "100")
    node.run("ip", "addr", "add", "10.99.0.4/24", "dev", "eth0")
    node.run("ip", "addr", "del", "10.240.0.4/16", "dev", "eth0")
    return Broken(capture(node), ["10.240.0.1", "eth0"], ["default via 10.240.0.1", "inet 10.99.0.4/24"])


@fault("gateway-off-subnet", "kubenet", "azure-bridge")
def a_pod_gets_a_longer_prefix(node: Node) -> Broken:
    pod = node.pods[-1]
    node.run_in(pod, "ip", "addr", "add", f"{ip_of(pod)}/32", "dev", "eth0")
    node.run_in(pod, "ip", "addr", "del", pod.address, "dev", "eth0")
    text = capture(node)
    return Broken(text, ["eth0"], ["default via", f"inet {ip_of(pod)}/32"])


@fault("azure-address-astray", "kubenet", "azure-bridge", "azure-transparent")
def the_wire_server_is_behind_docker(node: Node) -> Broken:
    node.run("ip", "route", "add", "168.63.129.16", "dev", "docker0")
    lines = ["168.63.129.16 dev docker0", "default via"]
    return Broken(capture(node), ["168.63.129.16", "168.63.129.16/32", "docker0"], lines)


@fault("azure-address-astray", "kubenet-calico")
def the_metadata_is_turned_away(node: Node) -> Broken:
    node.run("ip", "route", "del", "169.254.169.254")
    node.run("ip", "route", "add", "unreachable", "169.254.169.254")
    return Broken(capture(node), ["169.254.169.254"], ["unreachable 169.254.169.254"])


@fault("vf-not-enslaved", "kubenet", "azure-transparent")
def a_vf_is_under_no_card(node: Node) -> Broken:
    """A tap plays the VF: it prints like a card."""
    mac = node.run("ip", "-br", "link", "show", "eth0").split()[2]
    node.run("ip", "tuntap", "add", "enP1279s1", "mode", "tap")
    node.run("ip", "link", "set", "enP1279s1", "address", mac, "up")
    return Broken(capture(node), ["enP1279s1", "eth0"], [" enP1279s1:", f"link/ether {mac}"])


@fault("mtu-differs", "kubenet", "azure-bridge", "azure-transparent", "kubenet-calico", "docker")
def a_veth_has_a_smaller_mtu(node: Node) -> Broken:
    pod = node.pods[1]
    node.run("ip", "link", "set", pod.veth, "mtu", "1400")
    return Broken(capture(node), [pod.veth], [f" {pod.veth}@", f"{pod.ifindex}: eth0@", "mtu 1400"])


@fault("mtu-differs", "kubenet", "azure-transparent", "kubenet-calico", "azure-bridge")
def the_uplink_has_a_smaller_mtu(node: Node) -> Broken:
    node.run("ip", "link", "set", "eth0", "mtu", "1400")
    if node.pods[0].bridge == "azure0":
        # A bridge follows the smallest of its ports unless somebody says otherwise.
        node.run("ip", "link", "set", "azure0", "mtu", "1500")
    return Broken(capture(node, pods=False), ["eth0"], ["2: eth0:", "mtu 1400"])


# --- inside a pod -----------------------------------------------------------------------------------------------------


@fault("pod-default-route-missing", "kubenet", "azure-bridge", "azure-transparent", "kubenet-calico")
def a_pod_loses_its_default_route(node: Node) -> Broken:
    pod = node.pods[1]
    node.run_in(pod, "ip", "route", "del", "default")
    return Broken(capture(node), ["eth0", pod.address], [f"{pod.ifindex}: eth0@", f"-t {pod.pid} -n ip route"])


@fault("pod-gateway-unanswered", "kubenet", "azure-bridge", "cni-bridge")
def a_pod_has_a_gateway_nobody_is(node: Node) -> Broken:
    pod = node.pods[1]
    wrong = ip_of(pod).rpartition(".")[0] + ".250"
    node.run_in(pod, "ip", "route", "replace", "default", "via", wrong, "dev", "eth0")
    return Broken(capture(node), [pod.address, wrong], [f"default via {wrong}"])


@fault("pod-gateway-unanswered", "kubenet-calico")
def proxy_arp_is_switched_off(node: Node) -> Broken:
    pod = node.pods[1]
    node.run("sh", "-c", f"echo 0 > /proc/sys/net/ipv4/conf/{pod.veth}/proxy_arp")
    node.run("sh", "-c", "echo 0 > /proc/sys/net/ipv4/conf/all/proxy_arp")
    node.run_in(pod, "sh", "-c", "ping -c1 -W4 10.240.0.4 >/dev/null || true")
    waited_for(lambda: "FAILED" in node.run_in(pod, "ip", "neigh"))
    return Broken(capture(node), [pod.address, "169.254.1.1"], ["default via 169.254.1.1", "FAILED"])


# --- what the captures say of themselves ------------------------------------------------------------------------------


@fault("bridge-members-disagree", "kubenet", "azure-bridge")
def a_port_moves_between_two_captures(node: Node) -> Broken:
    pod = node.pods[1]
    before = node.transcript(["brctl show"], False)
    node.run("ip", "link", "set", pod.veth, "master", "docker0")
    text = before + node.transcript(["ip addr", "ip route"], False)
    return Broken(text, [str(pod.bridge), pod.veth], [pod.veth], findings=2)


@fault("captures-contradict", "azure-transparent", "kubenet-calico")
def a_pod_is_made_anew_between_two_captures(node: Node) -> Broken:
    pod = node.pods[0]
    before = node.transcript(HOST, False)
    made_anew(node, pod, index=999, inside=77)
    lines = [f"{pod.veth_ifindex}: {pod.veth}@", f"999: {pod.veth}@"]
    return Broken(before + capture(node), [pod.veth], lines)


@fault("captures-contradict", "azure-transparent", "kubenet")
def a_route_goes_between_two_captures(node: Node) -> Broken:
    node.run("ip", "route", "add", "10.77.0.0/16", "via", "10.240.0.1")
    before = node.transcript(["route -n"], False)
    node.run("ip", "route", "del", "10.77.0.0/16")
    return Broken(before + capture(node), ["10.77.0.0/16"], ["10.77.0.0"])


@fault("declared-mode-differs", "azure-bridge")
def another_mode_was_ordered(node: Node) -> Broken:
    ordered = "$ az aks create -g rg -n cluster --network-plugin kubenet\n"
    return Broken(ordered + capture(node), ["networkPlugin"], ["--network-plugin kubenet", " azv"])


def waited_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < deadline, "it did not happen within two minutes"
        time.sleep(0.05)


# --- the test ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("injected", FAULTS, ids=str)
def test_a_healthy_node_that_is_broken(injected: Fault) -> None:
    with build(injected.kind, 4) as node:
        assert worse(analyzed(capture(node))) == []
        assert worse(analyzed(capture(node, OLD_HOST))) == []
        broken = injected.breaks(node)
    found = analyzed(broken.text)
    assert found.unparsed == ()
    assert_told(found, injected.code, broken)
    # One cause gives one finding.
    assert [finding.code for finding in worse(found)] == [injected.code] * broken.findings


def assert_told(found: NodeAnalysis, code: str, broken: Broken) -> None:
    """The finding is there, is about what was broken, and cites lines that stand where it says and show it."""
    told = [finding for finding in found.findings if finding.code == code]
    assert told, [finding.message for finding in found.findings]
    fitting = [finding for finding in told if set(broken.subjects) <= set(finding.subjects)]
    assert fitting, [finding.subjects for finding in told]
    lines = broken.text.split("\n")
    for finding in fitting:
        assert all(lines[line.line - 1].expandtabs(8).strip() == line.text.strip() for line in finding.lines)
        cited = "\n".join(line.text.strip() and f" {line.text.strip()}" for line in finding.lines)
        assert all(word in cited for word in broken.cited), cited


@pytest.mark.parametrize("kind", KINDS)
def test_a_healthy_node_has_nothing_wrong(kind: Kind) -> None:
    with build(kind, 12) as node:
        for host in (HOST, OLD_HOST, (*HOST, "route -n", "bridge link", "ip -d link", "ip neigh", "bridge fdb")):
            assert worse(analyzed(capture(node, host))) == []
        spoken_with(node)
        assert worse(analyzed(capture(node, (*HOST, "ip neigh", "bridge fdb")))) == []


SHAPES: tuple[Callable[[Node], Files], ...] = (collected, sosreport)
SHORT = ("mtu-differs", "pod-route-missing", "pod-not-on-bridge", "interface-down", "default-route-missing")
COLUMNS = ("kubenet", "kubenet-calico", "azure-bridge", "azure-transparent")


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
@pytest.mark.parametrize("kind", COLUMNS)
def test_bundles_tell_the_same(kind: str, shape: Callable[[Node], Files], tmp_path: Path) -> None:
    """The first fault of each code that this kind of node can have, as a log collector and sosreport see it."""
    chosen = {injected.code: injected for injected in reversed(FAULTS) if injected.kind == kind}
    for code in SHORT:
        if code not in chosen:
            continue
        with build(chosen[code].kind, 3, named_netns=True) as node:
            expected = chosen[code].breaks(node)
            files = shape(node)
        folder = tmp_path / code
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        [found] = analyze(read(folder)).nodes
        assert {finding.code for finding in worse(found)} == {code}
        subjects = {subject for finding in worse(found) for subject in finding.subjects}
        assert set(expected.subjects) <= subjects


# --- those that are no fault of a node ----------------------------------------------------------------------------


def test_a_half_migrated_node() -> None:
    with build("azure-transparent", 4, bridged=3) as node:
        text = capture(node)
        bridged = [pod.veth for pod in node.pods if pod.bridge]
        routed = [ip_of(pod) for pod in node.pods if pod.destination]
    found = analyzed(text)
    assert [finding.code for finding in worse(found)] == ["half-migrated"]
    assert_told(found, "half-migrated", Broken(text, ["azure0"], [*bridged, *routed]))


def test_a_bridge_that_is_left_over() -> None:
    with build("azure-transparent", 4, leftover_azure0=True) as node:
        text = capture(node)
    found = analyzed(text)
    assert worse(found) == []
    assert_told(found, "bridge-left-over", Broken(text, ["azure0"], ["azure0"]))


def test_captures_that_are_missing_or_cut() -> None:
    with build("azure-transparent", 4) as node:
        text = node.transcript(("ip addr",), False)
        lines = text.split("\n")
        cut = "\n".join([*lines[:12], "...", *lines[20:]]) + node.transcript(("ip route",), False)
    missing = [finding for finding in analyzed(text).findings if finding.code == "capture-missing"]
    assert missing[0].subjects == ("route -n",)
    found = analyzed(cut)
    assert worse(found) == []
    assert_told(found, "capture-cut-off", Broken(cut, ["ip addr"], ["..."]))


def test_a_node_whose_pods_were_all_made_anew() -> None:
    with build("azure-transparent", 3) as node:
        before = capture(node, pods=False)
        node.run("ip", "link", "set", "eth0", "address", "00:0d:3a:00:00:77")
        for number, pod in enumerate(node.pods):
            node.run("ip", "link", "set", pod.veth, "down")
            node.run("ip", "link", "set", pod.veth, "name", f"azv0000000000{number}")
        after = capture(node, pods=False)
    first, second = analyze(read(before + after)).nodes
    assert [finding.code for finding in first.findings if finding.code == "node-states-differ"] == []
    assert_told(second, "node-states-differ", Broken(before + after, [node.name], ["ip addr"]))


def test_a_node_of_one_of_two_clusters() -> None:
    with build("azure-bridge", 3) as node:
        ordered = "".join(
            f"$ az aks create -g rg -n {name} --network-plugin azure{policy}\n"
            for name, policy in (("one", " --network-policy calico"), ("two", ""))
        )
        text = ordered + capture(node)
    assert_told(analyzed(text), "declaration-undecided", Broken(text, ["one", "two"], ["-n one", "-n two"]))


def test_pods_with_the_nodes_own_network() -> None:
    with build("kubenet", 2) as node:
        row = f"kube-system   kube-proxy-x   1/1   Running   0   5d   10.240.0.4   {node.name}   <none>   <none>\n"
        text = listing(node).rstrip("\n") + f"\n{row}\n" + capture(node)
    found = analyzed(text)
    assert worse(found) == []
    assert_told(found, "host-network-pods", Broken(text, ["kube-system/kube-proxy-x"], ["kube-proxy-x"]))


def test_a_vf_with_another_mac() -> None:
    """From a capture of a real VF (this kernel has no card that takes one), with one octet changed."""
    text = (SAMPLES / "kubenet-calico.txt").read_text(encoding="utf-8")
    assert worse(analyzed(text)) == []
    head, vf, rest = text.partition("3: enP1279s1:")
    changed = head + vf + rest.replace("00:0d:3a:9c:3c:c1", "00:0d:3a:9c:3c:c2", 1)
    found = analyzed(changed)
    assert [finding.code for finding in worse(found)] == ["vf-mac-differs"]
    wanted = ["00:0d:3a:9c:3c:c2", "00:0d:3a:9c:3c:c1"]
    assert_told(found, "vf-mac-differs", Broken(changed, ["enP1279s1", "eth0"], wanted))


def test_every_finding_of_the_catalogue_is_tested_here() -> None:
    alone = {
        "half-migrated",
        "bridge-left-over",
        "capture-missing",
        "capture-cut-off",
        "declaration-undecided",
        "node-states-differ",
        "host-network-pods",
        "vf-mac-differs",
    }
    assert {injected.code for injected in FAULTS} | alone == {kind.code for kind in FINDINGS}
    assert alone.isdisjoint(injected.code for injected in FAULTS)
