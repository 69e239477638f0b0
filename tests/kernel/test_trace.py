"""Traces on real nodes: the host's next interface is the kernel's, a target that answers is reached, and one that does
not because something was broken is lost where it was broken."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pytest

from aksnet_parse import Reading, parse_ip_route, read, trace
from aksnet_parse.analysis.lookup import RoutingTable, next_hop
from aksnet_parse.analysis.tracing.models import Hop, Trace
from aksnet_parse.prefixes import Address
from aksnet_parse.reading import read_texts
from aksnet_parse.records import ip_address
from tests.topology import Node, Pod, TopologyError, build, connected

from .test_nodes import place

pytestmark = pytest.mark.usefixtures("kernel")

ON_BRIDGE = ("kubenet", "azure-bridge", "cni-bridge", "docker")
ROUTED = ("kubenet-calico", "azure-transparent", "cni-ptp", "leftover")
ALL = (*ON_BRIDGE, *ROUTED, "mixed")
PODS = 6
HOST = ("ip addr", "brctl show", "ip route")
INSIDE = ("ip addr", "ip route")
OUTSIDE = ("8.8.8.8", "168.63.129.16", "169.254.169.254", "10.240.0.1", "10.244.9.9", "10.240.7.7", "172.17.0.99")


def address(pod: Pod) -> str:
    return pod.address.partition("/")[0]


def named(pod: Pod) -> str:
    return f"netns:{pod.netns}" if pod.netns else f"pid:{pod.pid}"


def source(pod: Pod | None) -> str:
    return named(pod) if pod is not None else "node"


def captured(node: Node, *, inside: Sequence[str] = INSIDE, host: Sequence[str] = HOST) -> Reading:
    return read(node.transcript(host, inside=inside))


def pings(node: Node, pod: Pod | None, target: str, *, patience: float = 5) -> bool:
    """Whether the kernel brings a packet there and back; from a pod, or from the host. ``patience``: seconds."""
    argv = ("ping", "-c", "1", "-W", str(patience), target)
    try:
        node.run(*argv) if pod is None else node.run_in(pod, *argv)
    except TopologyError:
        return False
    return True


def at_once(node: Node) -> None:
    """Proxy ARP answers without the kernel's random delay, as Calico sets it."""
    node.run("sh", "-c", "for delay in /proc/sys/net/ipv4/neigh/*/proxy_delay; do echo 0 > $delay; done")


# --- what the kernel's tables say -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """What ``ip route get`` says: ``kind`` is ``local``, ``broadcast``, ``none`` (turned away) or empty."""

    kind: str
    device: str | None = None
    gateway: str | None = None


def ways(run: Callable[..., str], targets: Sequence[str], more: str = "") -> list[Way]:
    script = f"for target in {' '.join(targets)}; do echo $(ip -o route get $target {more} 2>&1); done"
    return [way(line) for line in run("sh", "-c", script).splitlines()]


def way(line: str) -> Way:
    if line.startswith(("RTNETLINK", "Error")):
        return Way("none")
    kind = re.match(r"(local|broadcast|) ?\S+", line)
    device, gateway = re.search(r" dev (\S+)", line), re.search(r" via (\S+)", line)
    assert kind is not None
    assert device is not None
    return Way(kind[1], device[1], gateway[1] if gateway else None)


def hop(found: Trace, kind: str) -> Hop | None:
    return next((hop for hop in found.hops if hop.kind == kind), None)


def host_way(found: Trace) -> Way:
    """The same in the words of a trace: what the host does with the packet first."""
    first = next(hop for hop in found.hops if hop.kind in {"host-route", "node"})
    if first.kind == "node":
        return Way("local")
    if found.verdict == "lost" and found.hops[-1] is first:
        return Way("none") if first.interface is None else Way("broadcast", first.interface)
    return Way("", first.interface, first.gateway)


def comparable(kernel: Way) -> Way:
    return Way("local") if kernel.kind == "local" else kernel


@pytest.mark.parametrize("kind", [*ALL, "empty"])
@pytest.mark.parametrize("table", ["ip route", "route -n"])
def test_the_hosts_next_interface_is_the_kernels(kind: str, table: str) -> None:
    dice = random.Random(f"{kind} {table}")
    anywhere = [f"{dice.randrange(1, 224)}.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(256)}"]
    nearby = [f"10.{dice.choice((240, 244))}.0.{dice.randrange(1, 255)}" for _ in range(12)]
    with place(kind, 0, 0 if kind == "empty" else PODS) as node:
        targets = [*OUTSIDE, *nearby, *anywhere, "10.240.0.4", "10.240.255.255", *map(address, node.pods)]
        targets = [target for target in targets if not target.startswith("127.")]
        reading = captured(node, host=("ip addr", "brctl show", table))
        kernel = ways(node.run, targets)
    for target, expected in zip(targets, kernel, strict=True):
        assert host_way(trace(reading, "node", target)) == comparable(expected), target


@pytest.mark.parametrize("kind", ALL)
def test_what_pods_send_goes_the_kernels_way(kind: str) -> None:
    """In the pod by its own table, and on the host by the table for what comes from the pod."""
    dice = random.Random(kind)
    with place(kind, 0, PODS) as node:
        reading = captured(node)
        unlooked = captured(node, inside=("ip addr",))
        forwarded = 0
        for pod in dice.sample(node.pods, 4):
            targets = [*OUTSIDE, "10.240.0.4", *(address(other) for other in node.pods if other is not pod)]
            inside = ways(lambda *argv, pod=pod: node.run_in(pod, *argv), targets)
            came_by = pod.bridge or pod.veth
            on_host = ways(node.run, targets, f"from {address(pod)} iif {came_by}")
            for target, in_pod, then in zip(targets, inside, on_host, strict=True):
                found, guessed = trace(reading, named(pod), target), trace(unlooked, named(pod), target)
                sent = hop(found, "pod-route")
                assert sent is not None
                assert not sent.assumed
                assert (sent.interface, sent.gateway) == (in_pod.device, in_pod.gateway), target
                # What is known of pods of this mode is true of this one.
                default = hop(guessed, "pod-route")
                assert default is not None
                assert default.assumed
                assert (default.interface, default.gateway) == (in_pod.device, in_pod.gateway), target
                assert guessed.verdict == found.verdict
                if hop(found, "host-route") is not None or found.hops[-1].kind == "node":
                    forwarded += 1
                    assert host_way(found) == comparable(then), target
        assert forwarded


def test_the_nodes_own_address_answers_though_its_card_is_down() -> None:
    with place("kubenet", 0, 2) as node:
        node.run("ip", "link", "set", "eth0", "down")
        pod = node.pods[0]
        assert pings(node, pod, "10.240.0.4")
        assert trace(captured(node), named(pod), "10.240.0.4").verdict == "reached"


def random_routes(dice: random.Random, count: int) -> Iterator[str]:
    for _ in range(count):
        length = dice.choice((0, 1, 8, 12, 16, 20, 24, 28, 30, 31, 32))
        network = dice.randrange(2**32) if dice.random() < 0.5 else 0x0AF00000 | dice.randrange(2**16)
        prefix = f"{ip_address_of(network >> (32 - length) << (32 - length) if length else 0)}/{length}"
        metric = f" metric {dice.randrange(1, 5)}" if dice.random() < 0.8 else ""
        way = dice.choice(
            ("dev eth0", "dev docker0", "via 10.240.0.1 dev eth0", "blackhole", "unreachable", "prohibit")
        )
        reject = way in {"blackhole", "unreachable", "prohibit"}
        yield f"route append {way + ' ' if reject else ''}{prefix}{'' if reject else ' ' + way}{metric}"


def ip_address_of(number: int) -> str:
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


@pytest.mark.parametrize("seed", range(3))
def test_the_longest_prefix_and_the_lowest_metric_are_the_kernels(seed: int) -> None:
    dice = random.Random(seed)
    with build("empty", 0) as node:
        batch = "\n".join(random_routes(dice, 120))
        node.run("sh", "-c", f"ip -force -batch - <<END\n{batch}\nEND\ntrue")
        targets = [ip_address_of(dice.randrange(2**24, 224 * 2**24)) for _ in range(80)]
        targets += [ip_address_of(0x0AF00000 | dice.randrange(2**16)) for _ in range(120)]
        targets = [target for target in targets if not target.startswith("127.")]
        kernel = ways(node.run, targets)
        table = RoutingTable(parse_ip_route(node.run("ip", "route"), strict=True))
    compared = 0
    for target, expected in zip(targets, kernel, strict=True):
        if expected.kind in {"local", "broadcast"}:
            continue
        route = table.find(ip_address(target))
        taken = next_hop(route) if route is not None else None
        found = Way("none") if taken is None else Way("", taken.device, text(taken.gateway))
        assert found == expected, target
        compared += 1
    assert compared > 150


def text(gateway: Address | None) -> str | None:
    return str(gateway) if gateway is not None else None


# --- who answers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ALL)
def test_what_answers_is_reached_there_and_back(kind: str) -> None:
    """On a half-migrated node no frame comes from a pod on the bridge to one that is not."""
    dice = random.Random(kind)
    with place(kind, 0, PODS) as node:
        at_once(node)
        reading, bare = captured(node), captured(node, inside=("ip addr",))
        ends: list[Pod | None] = [None, *node.pods]
        pairs = [(one, other) for one in ends for other in ends if one is not other]
        answered = 0
        for one, other in dice.sample(pairs, 12):
            there = address(other) if other is not None else "10.240.0.4"
            back = address(one) if one is not None else "10.240.0.4"
            answers = pings(node, one, there, patience=1)
            for captures in (reading, bare):
                ways = (trace(captures, source(one), there), trace(captures, source(other), back))
                assert ({way.verdict for way in ways} == {"reached"}) == answers, ways
            answered += answers
        assert answered >= (4 if kind == "mixed" else 12)


def test_nobody_answers_for_an_address_that_no_pod_has() -> None:
    with build("kubenet", 3) as node:
        reading = captured(node)
        assert not pings(node, node.pods[0], "10.244.0.77", patience=0.5)
    found = trace(reading, named(node.pods[0]), "10.244.0.77")
    assert (found.verdict, found.hops[-1].kind) == ("lost", "bridge")


# --- what is broken ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """``commands``: what breaks a node, `in pod` in the pod. ``way``: from where to where no packet comes then; `pod`
    is the broken one. ``hop``: where the trace ends, and ``words``: what its reason names."""

    kinds: Sequence[str]
    commands: Sequence[str]
    way: tuple[str, str]
    hop: str
    words: Sequence[str]


FAULTS = {
    "host route deleted": Fault(ROUTED, ["ip route del {ip}"], ("other", "pod"), "interface", ["{ip}", "eth0"]),
    "veth down, from the pod": Fault(
        (*ROUTED, *ON_BRIDGE), ["ip link set {veth} down"], ("pod", "other"), "veth", ["{veth} is down"]
    ),
    "veth down, to the pod": Fault(
        ON_BRIDGE, ["ip link set {veth} down"], ("other", "pod"), "veth", ["{veth} is down"]
    ),
    # The kernel takes the route away with its interface, unless its scope is `host` as that of cni-ptp.
    "veth down, to the pod by a route": Fault(
        ("kubenet-calico", "azure-transparent"),
        ["ip link set {veth} down"],
        ("other", "pod"),
        "interface",
        ["{ip}", "{veth} is down", "no route"],
    ),
    "pod interface down, from it": Fault(
        (*ROUTED, *ON_BRIDGE), ["in pod ip link set eth0 down"], ("pod", "other"), "pod-interface", ["eth0", "is down"]
    ),
    "pod interface down, to it": Fault(
        (*ROUTED, *ON_BRIDGE), ["in pod ip link set eth0 down"], ("other", "pod"), "pod", ["eth0", "is down"]
    ),
    "no port, from the pod": Fault(
        ON_BRIDGE, ["ip link set {veth} nomaster"], ("pod", "other"), "veth", ["{veth}", "no member", "{bridge}"]
    ),
    "no port, to the pod": Fault(
        ON_BRIDGE, ["ip link set {veth} nomaster"], ("other", "pod"), "bridge", ["{veth}", "no member", "{bridge}"]
    ),
    "no port, from the host": Fault(
        ON_BRIDGE, ["ip link set {veth} nomaster"], ("node", "pod"), "bridge", ["{veth}", "no member", "{bridge}"]
    ),
    "blackhole": Fault(
        ROUTED, ["ip route replace blackhole {ip}/32"], ("other", "pod"), "host-route", ["{ip}/32", "blackhole"]
    ),
    "unreachable": Fault(
        ROUTED, ["ip route replace unreachable {ip}/32"], ("other", "pod"), "host-route", ["{ip}/32", "unreachable"]
    ),
    "prohibit": Fault(
        (*ROUTED, *ON_BRIDGE),
        ["ip route replace prohibit {ip}/32"],
        ("node", "pod"),
        "host-route",
        ["{ip}/32", "prohibit"],
    ),
    "throw": Fault(ON_BRIDGE, ["ip route add throw {ip}/32"], ("node", "pod"), "host-route", ["{ip}/32", "throw"]),
    "no default route in the pod": Fault(
        ("kubenet-calico", "azure-transparent"),
        ["in pod ip route del default"],
        ("pod", "other"),
        "pod-route",
        ["no route to {other}"],
    ),
    "no default route in the pod, to the node": Fault(
        ("kubenet", "cni-bridge", "docker"),
        ["in pod ip route del default"],
        ("pod", "node"),
        "pod-route",
        ["no route to 10.240.0.4"],
    ),
    "no route at all in the pod": Fault(
        (*ROUTED, *ON_BRIDGE),
        ["in pod ip route flush table main"],
        ("pod", "other"),
        "pod-route",
        ["no route to {other}"],
    ),
    "blackhole in the pod": Fault(
        (*ROUTED, *ON_BRIDGE),
        ["in pod ip route add blackhole {other}/32"],
        ("pod", "other"),
        "pod-route",
        ["{other}/32", "blackhole"],
    ),
    "pod address deleted, from it": Fault(
        (*ROUTED, *ON_BRIDGE), ["in pod ip addr flush dev eth0"], ("pod", "other"), "pod-interface", ["no IPv4 address"]
    ),
    "pod address deleted, by a route": Fault(
        ROUTED, ["in pod ip addr flush dev eth0"], ("other", "pod"), "pod", ["no address, not {ip}"]
    ),
    "pod address deleted, on a bridge": Fault(
        ("kubenet", "cni-bridge", "docker"),
        ["in pod ip addr flush dev eth0"],
        ("other", "pod"),
        "bridge",
        ["Nobody", "{ip}"],
    ),
    "route to another pod": Fault(
        ROUTED, ["ip route replace {ip} dev {third}"], ("other", "pod"), "pod", ["{third}", "not {ip}"]
    ),
    "bridge down": Fault(ON_BRIDGE, ["ip link set {bridge} down"], ("pod", "other"), "bridge", ["{bridge} is down"]),
    "bridge without its address": Fault(
        ("kubenet", "cni-bridge", "docker"),
        ["ip addr flush dev {bridge}"],
        ("pod", "node"),
        "bridge",
        ["Nobody answers for the gateway"],
    ),
    "card not in the bridge": Fault(
        ("azure-bridge",), ["ip link set eth0 nomaster"], ("pod", "8.8.8.8"), "bridge", ["No network card", "azure0"]
    ),
    "card down": Fault(
        (*ROUTED, "kubenet", "docker"),
        ["ip link set eth0 down"],
        ("pod", "8.8.8.8"),
        "host-route",
        ["no route to 8.8.8.8"],
    ),
    "no default route on the host": Fault(
        (*ROUTED, "kubenet", "docker"),
        ["ip route del default"],
        ("pod", "8.8.8.8"),
        "host-route",
        ["no route to 8.8.8.8"],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_was_broken_is_where_the_packet_is_lost(fault: str) -> None:
    told = FAULTS[fault]
    for kind in told.kinds:
        with place(kind, 0, 3) as node:
            at_once(node)
            pod, other, third = node.pods
            targets = {"pod": address(pod), "other": address(other), "node": "10.240.0.4"}
            words = {
                "ip": address(pod),
                "other": address(other),
                "veth": pod.veth,
                "bridge": pod.bridge,
                "third": third.veth,
            }
            start, end = told.way
            target = targets.get(end, end)
            sender = {"pod": pod, "other": other, "node": None}[start]
            if end != "8.8.8.8":
                assert pings(node, sender, target), kind
                assert trace(captured(node), source(sender), target).verdict == "reached"
            for command in told.commands:
                inside, argv = command.startswith("in pod "), command.removeprefix("in pod ").format(**words).split()
                node.run_in(pod, *argv) if inside else node.run(*argv)
            assert not pings(node, sender, target, patience=0.5), kind
            reading = captured(node)
        found = trace(reading, source(sender), target)
        assert (found.verdict, found.hops[-1].kind) == ("lost", told.hop), (kind, found)
        assert found.reason is not None
        for word in told.words:
            assert word.format(**words) in found.reason, kind


# --- from node to node ------------------------------------------------------------------------------------------------


GROUPS = [
    (kind, second)
    for kind in ("kubenet", "kubenet-calico", "azure-bridge", "azure-transparent", "cni-ptp")
    for second in (1, 2)
]


@pytest.mark.usefixtures("fabric")
@pytest.mark.parametrize(("kind", "second"), GROUPS)
def test_pods_of_another_node_are_reached(kind: str, second: int) -> None:
    """The nodes of azure-bridge and azure-transparent are in one subnet for 0 and 2, in two for 0 and 1."""
    dice = random.Random(f"{kind} {second}")
    with place(kind, 0, 4) as one, place(kind, second, 4) as other:
        for node in (one, other):
            at_once(node)
        reading = read_texts([(node.name, node.transcript(HOST, inside=INSIDE)) for node in (one, other)])
        with connected([one, other]):
            for _ in range(4):
                here, there = dice.sample((one, other), 2)
                pod, target = dice.choice(here.pods), address(dice.choice(there.pods))
                assert pings(here, pod, target)
                found = trace(reading, address(pod), target)
                assert found.verdict == "reached", found
                assert [hop.assumed for hop in found.hops if hop.kind == "network"] == [True]
                assert {hop.node.name for hop in found.hops if hop.node is not None} == {one.name, other.name}


@pytest.mark.usefixtures("fabric")
@pytest.mark.parametrize("kind", ["kubenet-calico", "azure-transparent", "cni-ptp"])
def test_a_route_that_the_other_node_lacks_is_named(kind: str) -> None:
    with place(kind, 0, 2) as one, place(kind, 1, 2) as other:
        pod, target = one.pods[0], address(other.pods[1])
        other.run("ip", "route", "del", target)
        reading = read_texts([(node.name, node.transcript(HOST, inside=INSIDE)) for node in (one, other)])
        with connected([one, other]):
            assert not pings(one, pod, target, patience=0.5)
    found = trace(reading, address(pod), target)
    assert (found.verdict, found.hops[-1].kind) == ("lost", "interface")
    assert found.hops[-1].node is not None
    assert found.hops[-1].node.name == other.name
    assert other.name in str(found.reason)


# --- IPv6 -------------------------------------------------------------------------------------------------------------


def with_ipv6(node: Node) -> None:
    """Give each pod an IPv6 address with a route on the host, as Calico does."""
    node.run("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding")
    for number, pod in enumerate(node.pods, 2):
        node.run("ip", "-6", "addr", "add", "fe80::1/64", "dev", pod.veth, "nodad")
        node.run("ip", "-6", "route", "add", f"fd00::{number}", "dev", pod.veth)
        node.run_in(pod, "ip", "-6", "addr", "add", f"fd00::{number}/128", "dev", "eth0", "nodad")
        node.run_in(pod, "ip", "-6", "route", "add", "default", "via", "fe80::1", "dev", "eth0")


def test_ipv6_goes_by_its_own_routes() -> None:
    host, inside = (*HOST, "ip -6 route"), (*INSIDE, "ip -6 route")
    with place("kubenet-calico", 0, 3) as node:
        with_ipv6(node)
        pod = node.pods[0]
        assert pings(node, pod, "fd00::3")
        found = trace(read(node.transcript(host, inside=inside)), named(pod), "fd00::3")
        assert found.verdict == "reached"
        sent, routed = hop(found, "pod-route"), hop(found, "host-route")
        assert sent is not None
        assert routed is not None
        assert (sent.gateway, sent.assumed) == ("fe80::1", False)
        assert (routed.destination, routed.interface) == ("fd00::3/128", node.pods[1].veth)
        node.run("ip", "-6", "route", "replace", "blackhole", "fd00::3")
        assert not pings(node, pod, "fd00::3", patience=0.5)
        found = trace(read(node.transcript(host, inside=inside)), named(pod), "fd00::3")
        assert (found.verdict, found.hops[-1].kind) == ("lost", "host-route")
