"""Real nodes compared: of different kinds, before and after one change, and as different tools show one state."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from itertools import combinations

import pytest

from aksnet_parse import compare, read
from aksnet_parse.analysis.comparison.models import Change, NodeComparison
from aksnet_parse.reading import Reading
from tests.analysis.mirror import assert_mirrored
from tests.topology import KINDS, Kind, Node, Pod, build

pytestmark = pytest.mark.usefixtures("kernel")

PODS = 9
HOST = ("ip addr", "brctl show", "route -n")
# Further ways to show the same state.
OTHER_TOOLS = (
    (("ip addr", "brctl show", "ip route"), ("ip addr",)),
    (("ip -d -s addr", "bridge link", "ip route show table all"), ("ip -s addr",)),
    (("ip -j addr", "brctl show", "ip -j route"), ("ip -j addr",)),
    (("busybox ip addr", "brctl show", "busybox route -n"), ("busybox ip addr",)),
)
PARTS = (*HOST, "ip route", "ip link", "ip -br addr", "ip -4 addr", "ip -o addr", "bridge link", "ip addr show eth0")


def compared(before: Reading, after: Reading) -> NodeComparison:
    comparison = compare(before, after)
    assert_mirrored(comparison, compare(after, before))
    [node] = comparison.nodes
    return node


def messages(node: NodeComparison) -> list[str]:
    return [change.message for change in node.changes]


# --- nodes that stay as they are --------------------------------------------------------------------------------------


class Taken:
    """One node, captured whole, by other tools, and piece by piece."""

    def __init__(self, node: Node) -> None:
        self.whole = read(node.transcript(HOST))
        self.others = [read(node.transcript(host, inside=inside)) for host, inside in OTHER_TOOLS]
        self.host = {command: node.paste(command) for command in PARTS}
        self.inside = ["".join(map(node.paste, node.entering(pod, ("ip addr",)))) for pod in node.pods]


@pytest.fixture(scope="module")
def taken(kernel: None) -> Callable[[Kind], Taken]:
    found: dict[Kind, Taken] = {}

    def take(kind: Kind) -> Taken:
        if kind not in found:
            with build(kind, PODS) as node:
                found[kind] = Taken(node)
        return found[kind]

    return take


def test_kubenet_without_and_with_calico(taken: Callable[[Kind], Taken]) -> None:
    node = compared(taken("kubenet").whole, taken("kubenet-calico").whole)
    assert [message for message in messages(node) if not message.startswith("MAC of eth0 ")] == [
        "mode changed from bridge to transparent",
        "networkPolicy changed from none (likely) to calico",
        "veth names changed from veth* to cali*",
        "bridge cbr0 with 9 members gone",
        "host route 10.244.0.0/24 dev cbr0 gone",
        "9 host routes for pods added",
        "pod prefix changed from /24 to /32",
        "9 pods are on another veth",
        "9 pods moved from bridge cbr0 to a host route: 10.244.0.2, 10.244.0.3, 10.244.0.4 and 6 more",
    ]
    assert set(node.stayed) == {
        "networkPlugin kubenet",
        "networkPluginMode none",
        "networkDataplane azure",
        "bridge docker0 without members",
        "5 other host routes",
        "9 pods with the same address",
        "uplink eth0 10.240.0.4/16 via 10.240.0.1",
    }
    assert node.not_compared == ()


def test_azure_cni_in_bridge_mode_and_transparent(taken: Callable[[Kind], Taken]) -> None:
    node = compared(taken("azure-bridge").whole, taken("azure-transparent").whole)
    old, new = "via 10.240.0.1 dev azure0 metric 100", "via 10.240.0.1 dev eth0 metric 100"
    assert [message for message in messages(node) if not message.startswith("MAC of eth0 ")] == [
        "mode changed from bridge to transparent",
        "bridge azure0 with 10 members gone",
        "9 host routes for pods added",
        "host route 10.240.0.0/16 changed from dev azure0 to dev eth0",
        f"2 other host routes changed from {old} to {new}: 168.63.129.16/32, 169.254.169.254/32",
        "9 pods are on another veth",
        "9 pods moved from bridge azure0 to a host route: 10.240.0.5, 10.240.0.6, 10.240.0.7 and 6 more",
        "uplink changed from azure0 to eth0",
    ]
    assert {"veth names azv*", "pod prefix /16", "uplink address 10.240.0.4/16"} <= set(node.stayed)
    assert [one.message for one in node.not_compared] == ["networkPolicy: none (likely) before, unknown after"]


def test_each_statement_names_the_wiring_as_it_was_built() -> None:
    with build("kubenet", PODS) as old, build("kubenet-calico", PODS) as new:
        changes = {change.code: change for change in compared(read(old.transcript()), read(new.transcript())).changes}
        before = {pod.address.partition("/")[0]: pod.veth for pod in old.pods}
        after = {pod.address.partition("/")[0]: pod.veth for pod in new.pods}
        assert set(changes["bridge"].subjects) == {"cbr0", *before.values()}
        assert set(changes["pod-routes"].subjects) == {pod.destination for pod in new.pods}
        moved = {detail.subject: (detail.before, detail.after) for detail in changes["pod-veth"].details}
        assert moved == {address: (before[address], after[address]) for address in before}


@pytest.mark.parametrize("kind", KINDS)
def test_other_tools_on_one_state_show_no_change(kind: Kind, taken: Callable[[Kind], Taken]) -> None:
    shot = taken(kind)
    for other in (shot.whole, *shot.others):
        node = compared(shot.whole, other)
        assert node.changes == ()
        assert {one.subject for one in node.not_compared} <= {
            "networkPlugin",
            "networkPluginMode",
            "networkDataplane",
            "networkPolicy",
        } | ({"interfaces"} if other is shot.others[-1] else set())
        if kind != "empty":
            assert f"{PODS} pods on the same veth with the same address" in node.stayed


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_of_what_a_node_shows_contradicts_nothing(kind: Kind, taken: Callable[[Kind], Taken]) -> None:
    shot = taken(kind)
    draw = random.Random(KINDS.index(kind))
    for _ in range(12):
        host = draw.sample(PARTS, draw.randint(1, 3))
        inside = draw.sample(shot.inside, draw.randint(0, len(shot.inside)))
        part = read("".join((*(shot.host[command] for command in host), *inside)))
        for node in compare(shot.whole, part).nodes:
            assert (host, len(inside), messages(node)) == (host, len(inside), [])


def test_any_two_kinds_the_other_way_round_are_the_mirror_image(taken: Callable[[Kind], Taken]) -> None:
    for one, other in combinations(KINDS, 2):
        comparison = compare(taken(one).whole, taken(other).whole)
        assert_mirrored(comparison, compare(taken(other).whole, taken(one).whole))
        assert comparison.changed


# --- one change on a node ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["kubenet", "kubenet-calico", "azure-bridge", "azure-transparent"])
def pristine(request: pytest.FixtureRequest, kernel: None) -> Iterator[Node]:
    """A node that each test changes and changes back."""
    with build(request.param, 3) as node:
        yield node


def captured(node: Node) -> Reading:
    """Everything that the node shows, once its links have come up."""
    node.addresses()
    for pod in node.pods:
        node.addresses(pod.pid)
    return read(node.transcript(HOST))


def changes(node: Node, *commands: str) -> list[Change]:
    """What changes with some commands of ``ip`` on the node."""
    before = captured(node)
    for command in commands:
        node.run("ip", *command.split())
    return list(compared(before, captured(node)).changes)


def remake(node: Node, pod: Pod, veth: str) -> None:
    """Another pair for the pod, as a plugin makes it when the sandbox is made anew: other indexes and MACs."""
    node.run("ip", "link", "del", pod.veth)
    node.run("ip", "link", "add", veth, "mtu", "1500", "type", "veth", "peer", "name", "eth0", "netns", str(pod.pid))
    if pod.bridge is not None:
        node.run("ip", "link", "set", veth, "master", pod.bridge)
    node.run("ip", "link", "set", veth, "up")
    node.run_in(pod, "ip", "link", "set", "eth0", "mtu", "1500", "up")
    node.run_in(pod, "ip", "addr", "add", pod.address, "dev", "eth0")
    if pod.destination is not None:
        node.run("ip", "route", "add", pod.destination, "dev", veth, "scope", "link")


def label(pod: Pod) -> str:
    return pod.address.partition("/")[0]


def test_pods_that_were_made_anew_with_other_indexes_are_the_same(pristine: Node) -> None:
    before = captured(pristine)
    for pod in reversed(pristine.pods):
        remake(pristine, pod, pod.veth)
    after = captured(pristine)
    [old], [new] = before.nodes, after.nodes
    indexes = [{row.ifname: row.ifindex for row in node.interfaces or ()} for node in (old, new)]
    assert all(indexes[0][pod.veth] != indexes[1][pod.veth] for pod in pristine.pods)
    node = compared(before, after)
    assert node.changes == ()
    assert "3 pods on the same veth with the same address" in node.stayed


def test_a_pod_whose_veth_has_another_name(pristine: Node) -> None:
    pod = pristine.pods[1]
    other = f"{pod.veth[:-2]}{'00' if pod.veth[-2:] != '00' else '11'}"
    before = captured(pristine)
    try:
        remake(pristine, pod, other)
        node = compared(before, captured(pristine))
        assert messages(node) == [f"pod {label(pod)} moved from veth {pod.veth} to {other}"]
        assert "2 pods on the same veth with the same address" in node.stayed
    finally:
        pristine.run("ip", "link", "set", other, "down")
        pristine.run("ip", "link", "set", other, "name", pod.veth)
        pristine.run("ip", "link", "set", pod.veth, "up")
        if pod.destination is not None:
            pristine.run("ip", "route", "replace", pod.destination, "dev", pod.veth, "scope", "link")


def test_a_pod_that_left_its_bridge_or_lost_its_route(pristine: Node) -> None:
    pod = pristine.pods[0]
    if pod.bridge is not None:
        wrong, change = changes(pristine, f"link set {pod.veth} nomaster")
        assert wrong.message.startswith(f"error pod-not-on-bridge added: pod {label(pod)}")
        assert change.message == f"1 member of bridge {pod.bridge} gone: {pod.veth}"
        assert pod.veth in change.before_lines[0].text
        pristine.run("ip", "link", "set", pod.veth, "master", pod.bridge)
    else:
        assert pod.destination is not None
        wrong, change = changes(pristine, f"route del {pod.destination}")
        assert wrong.message.startswith(f"error pod-route-missing added: pod {label(pod)}")
        assert change.message == f"host route for a pod, {pod.destination} dev {pod.veth}, gone"
        assert [line.text.split()[0] for line in change.before_lines] == [label(pod)]
        pristine.run("ip", "route", "add", pod.destination, "dev", pod.veth, "scope", "link")


def test_other_settings_of_links(pristine: Node) -> None:
    pod = pristine.pods[2]
    uplink = "azure0" if pod.bridge == "azure0" else "eth0"
    *wrong, change = changes(pristine, f"link set {uplink} mtu 1400")
    assert all(one.message.startswith("warning mtu-differs added: ") for one in wrong)
    assert wrong
    assert (change.code, change.message) == ("mtu", f"MTU of {uplink} changed from 1500 to 1400")
    pristine.run("ip", "link", "set", uplink, "mtu", "1500")
    changed = changes(pristine, f"link set {pod.veth} mtu 1450")
    assert changed[0].message.startswith("warning mtu-differs added: The MTU is 1500 in pod ")
    assert [change.code for change in changed[1:3]].count("finding") == 0
    found = [change.message for change in changed if change.code != "finding"]
    assert found[0] == f"MTU of 1 host veth changed from 1500 to 1450: {label(pod)}"
    # The kernel gives a bridge the smallest MTU of its ports, unless somebody has set another.
    assert found[1:] == (["MTU of cbr0 changed from 1500 to 1450"] if pod.bridge == "cbr0" else [])
    pristine.run("ip", "link", "set", pod.veth, "mtu", "1500")
    assert [change.message for change in changes(pristine, "link set docker0 down")] == [
        "host route 172.17.0.0/16 dev docker0 gone",
        "docker0 changed from no carrier to down",
    ]
    pristine.run("ip", "link", "set", "docker0", "up")


def test_another_gateway_and_a_bridge_that_is_new(pristine: Node) -> None:
    uplink = "azure0" if pristine.pods[0].bridge == "azure0" else "eth0"
    changed = changes(
        pristine,
        f"route replace default via 10.240.0.9 dev {uplink} metric 100",
        "link add br7 type bridge",
        "addr add 10.77.0.1/24 dev br7",
        "link set br7 up",
    )
    assert [change.message for change in changed] == [
        "bridge br7 without members added",
        "host route 10.77.0.0/24 dev br7 added",
        "default gateway changed from 10.240.0.1 to 10.240.0.9",
    ]
    pristine.run("ip", "link", "del", "br7")
    pristine.run("ip", "route", "replace", "default", "via", "10.240.0.1", "dev", uplink, "metric", "100")


def test_a_pod_that_is_gone(pristine: Node) -> None:
    """The last test of a node: its pod does not come back."""
    pod = pristine.pods[0]
    before = captured(pristine)
    pristine.run("ip", "link", "del", pod.veth)
    after = read(
        pristine.transcript(HOST, pods=False)
        + "".join(
            pristine.paste(line) for other in pristine.pods[1:] for line in pristine.entering(other, ("ip addr",))
        )
    )
    node = compared(before, after)
    wanted = (
        f"1 member of bridge {pod.bridge} gone: {pod.veth}"
        if pod.bridge is not None
        else f"host route for a pod, {pod.destination} dev {pod.veth}, gone"
    )
    assert messages(node) == [wanted, f"pod {label(pod)} gone"]
    assert "2 pods on the same veth with the same address" in node.stayed
