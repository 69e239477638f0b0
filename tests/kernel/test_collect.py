"""The capturing script on nodes as they were wired: the analysis of what it wrote, and what the kernel says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest

from aksnet_parse import analyze, read
from aksnet_parse.analysis.models import NodeAnalysis
from tests.collecting import PLANTED, PODS, Collected, collected

from .test_nodes import EXPECTED, told, truth

pytestmark = pytest.mark.usefixtures("kernel")

# How the script is run where it finds all it needs, and the kinds of nodes it is run on.
WHOLE = {
    "kubenet": (
        *("dash", "bash", "busybox sh", "terminal", "busybox alone", "debug", "debug without a shell"),
        *("in a pod", "read-only", "without ip", "without brctl"),
    ),
    "kubenet-calico": ("dash", "busybox alone"),
    "azure-bridge": ("dash", "busybox alone"),
    "containerd": ("busybox alone", "configured", "configured, debug"),
}
NO_TOOLS = "without ip brctl bridge route busybox"
NO_RIGHTS = ("user", "root without rights", "root who cannot enter")
PARTIAL = (*NO_RIGHTS, "failing", "file", "without ip busybox", "without nsenter busybox", NO_TOOLS)
OF_DOCKER = ("dash", "debug")

Runs = Callable[[str], Collected]


@pytest.fixture(scope="module")
def runs(kernel: None) -> Runs:
    """What the script wrote on a node of a kind; each is built once."""
    done: dict[str, Collected] = {}

    def run(kind: str) -> Collected:
        if kind not in done:
            done[kind] = collected(kind, *WHOLE[kind], *(PARTIAL if kind == "kubenet" else ()))
        return done[kind]

    return run


@pytest.fixture(scope="module")
def docker_run(docker_daemon: None) -> Collected:
    return collected("docker", *OF_DOCKER)


def analyzed(text: str) -> NodeAnalysis:
    [node] = analyze(read(text)).nodes
    return node


def assert_healthy(text: str, found: Collected) -> NodeAnalysis:
    """Every pod is proven and wired as the kernel says, every line read, and each namespace captured once."""
    node = analyzed(text)
    assert node.name == found.name
    assert {told(pod)[1:] for pod in node.pods} == {truth(pod)[1:] for pod in found.pods}
    assert {pod.status for pod in node.pods} == {"proven"}
    assert len(node.pods) == len(found.pods)
    assert node.unparsed == ()
    assert {finding.severity for finding in node.findings} <= {"info"}
    assert "capture-missing" not in {finding.code for finding in node.findings}
    lines = text.splitlines()
    cut = {lines[capture.first_line - 1].partition(" ")[2] for capture in node.captures if capture.abbreviated}
    assert not [call for call in cut if " -6 " not in call and "| grep" not in call]
    inside = Counter(capture.namespace for capture in node.captures if capture.command == "ip addr")
    assert inside.pop("host") == 1
    assert sorted(inside.values()) == [1] * len(found.pods)
    for pod in node.pods:
        assert {f"pid:{pod.pid}", f"netns:{pod.netns}"} & {*inside}
    return node


@pytest.mark.parametrize(("kind", "way"), [(kind, way) for kind, ways in WHOLE.items() for way in ways])
def test_every_pod_is_proven(kind: str, way: str, runs: Runs) -> None:
    found = runs(kind)
    assert found.statuses[way] == 0
    node = assert_healthy(found.texts[way], found)
    expected = EXPECTED["azure-transparent" if kind == "containerd" else kind]
    assert (node.mode.datapath, node.mode.bridge) == (expected.datapath, expected.bridge)
    assert (node.mode.networkPlugin.value, node.mode.networkPlugin.certainty) == expected.plugin
    assert node.mode.networkPolicy.value == expected.policy[0]
    assert node.uplink is not None
    assert node.uplink.interface == expected.uplink[0]


@pytest.mark.parametrize("way", OF_DOCKER)
def test_docker_names_the_pods(way: str, docker_run: Collected) -> None:
    node = assert_healthy(docker_run.texts[way], docker_run)
    assert (node.mode.datapath, node.mode.bridge) == ("bridge", "cbr0")
    names = {(pod.pod.namespace, pod.pod.name) if pod.pod is not None else None for pod in node.pods}
    assert names == {(pod.namespace, pod.name) if pod.namespace else None for pod in docker_run.pods}
    assert {pod.container_id for pod in node.pods} == {pod.container_id for pod in docker_run.pods}
    assert {pod.pid for pod in node.pods} == {pod.pid for pod in docker_run.pods}
    assert f"{PODS + 1} network namespaces of pods, 0 not collected" in docker_run.said[way]


@pytest.mark.parametrize("way", ["configured", "configured, debug"])
def test_crictl_names_the_pods(way: str, runs: Runs) -> None:
    found = runs("containerd")
    node = analyzed(found.texts[way])
    names = {(pod.pod.namespace, pod.pod.name, pod.netns) for pod in node.pods if pod.pod is not None}
    assert names == {(pod.namespace, pod.name, pod.netns) for pod in found.pods}
    assert {pod.pid for pod in node.pods} == {pod.pid for pod in found.pods}
    assert {"netns-id", "veth-name-hash", "host-route", "peer-ifindex"} <= {*node.pods[0].proofs}
    assert node.mode.declared is not None
    assert (node.mode.declared.networkPlugin, node.mode.declared.mode) == ("azure", "transparent")
    assert {"crictl pods", "crictl ps", "crictl inspectp", "cni config", "azure-vnet.json"} <= {
        capture.command for capture in node.captures
    }
    assert " 0 not collected" in found.said[way]


def test_no_secret_is_in_any_text(runs: Runs, docker_run: Collected) -> None:
    for found in (*map(runs, WHOLE), docker_run):
        for text in (*found.texts.values(), *found.said.values()):
            assert not [secret for secret in PLANTED if secret in text]


def test_no_name_steers_a_terminal(runs: Runs) -> None:
    text = runs("kubenet").texts["dash"]
    assert ": painted[7m: " in text
    for found in map(runs, WHOLE):
        for written in (*found.texts.values(), *found.said.values()):
            assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", written)


def test_the_tools_of_the_node_come_first(runs: Runs) -> None:
    text = runs("containerd").texts["configured, debug"]
    assert re.search(r"^\S+ chroot /host /\S*/ip addr$", text, re.MULTILINE)
    assert re.search(r"^\S+ chroot /host /\S*/nsenter --net=/run/netns/cni-\S+ /\S*/ip addr$", text, re.MULTILINE)
    assert "cat /host/etc/cni/net.d/10-azure.conflist" in text


def test_a_namespace_with_nothing_in_it_is_said_to_be_passed_over(runs: Runs) -> None:
    text = runs("kubenet").texts["dash"]
    assert len(re.findall(r"^# passed over: nsenter -t \d+ -n ip addr: nothing but", text, re.MULTILINE)) == 1


def test_prose_of_kubectl_and_line_ends_of_a_terminal_do_no_harm(runs: Runs) -> None:
    found = runs("kubenet")
    text = found.texts["terminal"]
    assert "\ncollect: not collected: docker" in text
    head = "Creating debugging pod node-debugger-aks-1-x with container debugger on node aks-1.\n"
    head += "If you don't see a command prompt, try pressing enter.\n"
    assert_healthy((head + text).replace("\n", "\r\n"), found)


@pytest.mark.parametrize(
    ("way", "told"),
    [*zip(NO_RIGHTS, ("only root may see them", "own is to be seen", "may not be entered"), strict=True)],
)
def test_who_may_not_look_into_pods_is_told(way: str, told: str, runs: Runs) -> None:
    found = runs("kubenet")
    assert found.statuses[way] == 0
    for text in (found.texts[way], found.said[way]):
        assert len(re.findall(f"not collected: .*{told}", text)) == 1
        assert len(re.findall("not collected: .*(?:nsenter|pods)", text)) <= 2
    node = analyzed(found.texts[way])
    assert node.name == found.name
    assert node.mode.datapath == "bridge"
    assert {pod.veth.name for pod in node.pods if pod.veth} == {pod.veth for pod in found.pods}
    assert {pod.status for pod in node.pods} == {"partial"}
    assert node.unparsed == ()


@pytest.mark.parametrize(
    ("without", "commands", "lacking"),
    [
        ("ip busybox", {"route -n", "brctl show", "bridge fdb"}, ("interfaces: there is no ip", "pods: there is no")),
        (
            "nsenter busybox",
            {"ip addr", "ip route", "ip neigh", "ip netns", "brctl show", "bridge fdb"},
            ("pods: there is no nsenter",),
        ),
    ],
)
def test_what_is_there_is_taken_and_what_is_not_is_told(
    without: str, commands: set[str], lacking: tuple[str, ...], runs: Runs
) -> None:
    found = runs("kubenet")
    way = f"without {without}"
    node = analyzed(found.texts[way])
    assert {capture.command for capture in node.captures} == commands
    assert node.mode.datapath == "bridge"
    assert node.unparsed == ()
    for reason in lacking:
        assert f"# not collected: {reason}" in found.texts[way]
        assert f"collect: not collected: {reason}" in found.said[way]


def test_nothing_at_all_is_a_failure(runs: Runs) -> None:
    found = runs("kubenet")
    assert found.statuses[NO_TOOLS] == 1
    assert analyze(read(found.texts[NO_TOOLS])).nodes == ()
    for what in ("interfaces", "routes", "bridges", "pods"):
        assert f"collect: not collected: {what}: there " in found.said[NO_TOOLS]


def test_what_does_not_end_or_fails_is_told(runs: Runs) -> None:
    found = runs("kubenet")
    assert found.statuses["failing"] == 0
    for text in (found.texts["failing"], found.said["failing"]):
        assert "not collected: docker ps -q: took longer than 3 seconds\n" in text
        assert "not collected: the rest of ip route: no more\n" in text
    node = analyzed(found.texts["failing"])
    cut = [capture.abbreviated for capture in node.captures if capture.command == "ip route"]
    assert cut == [True] * (PODS + 2)  # of the host also ip -6 route, which is part of the routes
    whole = [capture.abbreviated for capture in node.captures if capture.command == "route -n"]
    assert whole == [False]
    assert node.unparsed == ()


def test_nothing_but_the_file_is_written_and_no_file_is_written_over(runs: Runs) -> None:
    found = runs("kubenet")
    changed, mode, *refused = found.texts["file"].splitlines()
    assert (changed, mode) == ("> node.txt", "600")
    assert refused[:-1] == ["status 1"] * 3 + ["mine"]
    assert "No such file" in refused[-1]
    assert found.said["file"].count("collect: cannot make ") == 3
