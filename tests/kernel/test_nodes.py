"""Real nodes, as they were wired: what the analysis says of them is compared with what the kernel says."""

import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import combinations, permutations
from typing import Any

import pytest

from aksnet_parse import analyze, read
from aksnet_parse.analysis.models import Analysis, NodeAnalysis
from aksnet_parse.analysis.models import Pod as Told
from aksnet_parse.reading import read_texts
from tests.topology import HOST_COMMANDS, KINDS, Node, Pod, build, docker_node
from tests.topology.process import Owner

pytestmark = pytest.mark.usefixtures("kernel")

PODS = 30
FEW = 8
COLUMNS = ("kubenet", "kubenet-calico", "azure-bridge", "azure-transparent")
ALL = (*KINDS, "leftover", "mixed")


# --- nodes, each built once and captured ------------------------------------------------------------------------------


@dataclass
class Shot:
    """Everything that was captured on one node, piece by piece, and the truth about its pods."""

    name: str
    pods: tuple[Pod, ...]
    host: dict[str, str]
    inside: list[str]
    inspected: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join((*self.host.values(), *self.inspected, *self.inside))


def take(node: Node, pods: Sequence[Pod]) -> Shot:
    inside = ["".join(map(node.paste, node.entering(pod, ("ip addr",)))) for pod in pods]
    return Shot(node.name, tuple(pods), {command: node.paste(command) for command in HOST_COMMANDS}, inside)


def place(kind: str, number: int, pods: int) -> AbstractContextManager[Node]:
    if kind == "leftover":
        return build("azure-transparent", pods, number=number, leftover_azure0=True)
    if kind == "mixed":
        return build("azure-transparent", pods - 3, number=number, bridged=3, named_netns=True)
    return build(next(known for known in KINDS if known == kind), pods, number=number)


Shots = Callable[..., Shot]


@pytest.fixture(scope="session")
def shots(kernel: None) -> Shots:
    """A node by kind, number and number of pods; each is built once."""
    taken: dict[tuple[str, int, int], Shot] = {}

    def shot(kind: str, number: int = 0, pods: int = PODS) -> Shot:
        if (kind, number, pods) not in taken:
            with place(kind, number, pods) as node:
                taken[kind, number, pods] = take(node, node.pods)
        return taken[kind, number, pods]

    return shot


@pytest.fixture(scope="session")
def docker_shot(docker_daemon: None) -> Shot:
    with docker_node(pods=5, containers=2) as node:
        shot = take(node, (*node.pods, *node.containers))
        for pod in node.pods:
            for identifier in (str(pod.container_id), node.apps[str(pod.container_id)]):
                shot.inspected.append(node.paste(f"docker inspect {identifier[:12]}"))
        shot.inspected += [node.paste(f"docker inspect {str(pod.container_id)[:12]}") for pod in node.containers]
    return shot


# --- the truth --------------------------------------------------------------------------------------------------------


def truth(pod: Pod) -> tuple[object, ...]:
    attachment = ("route", pod.destination, pod.veth) if pod.destination else ("bridge", pod.bridge)
    return (
        pod.netns or pod.pid,
        (pod.interface, pod.ifindex),
        (pod.address,),
        (pod.veth, pod.veth_ifindex),
        attachment,
    )


def told(pod: Told) -> tuple[object, ...]:
    assert pod.interface is not None
    assert pod.veth is not None
    assert pod.attachment is not None
    return (
        pod.netns or pod.pid,
        (pod.interface.name, pod.interface.ifindex),
        pod.addresses,
        (pod.veth.name, pod.veth.ifindex),
        tuple(pod.attachment.model_dump().values()),
    )


def assert_wired(node: NodeAnalysis, shot: Shot, *, named: bool = True) -> None:
    """Every pod is proven and wired as the kernel says; ``named``: and has the pid or namespace it was entered by."""
    first = 0 if named else 1
    assert {told(pod)[first:] for pod in node.pods} == {truth(pod)[first:] for pod in shot.pods}
    assert len(node.pods) == len(shot.pods)
    assert {pod.status for pod in node.pods} <= {"proven"}


def one(analysis: Analysis) -> NodeAnalysis:
    [node] = analysis.nodes
    return node


def analyzed(text: str) -> NodeAnalysis:
    return one(analyze(read(text)))


@dataclass(frozen=True)
class Expected:
    datapath: str
    bridge: str | None
    plugin: tuple[str, str]
    mode: tuple[str, str]
    policy: tuple[str, str]
    uplink: tuple[str, tuple[str, ...]] = ("eth0", ())


UNKNOWN = ("unknown", "unknown")
AZURE = ("azure", "certain")
EXPECTED = {
    "kubenet": Expected("bridge", "cbr0", ("kubenet", "certain"), ("none", "certain"), ("none", "likely")),
    "kubenet-calico": Expected("transparent", None, ("kubenet", "likely"), ("none", "likely"), ("calico", "certain")),
    "azure-bridge": Expected("bridge", "azure0", AZURE, ("none", "certain"), ("none", "likely"), ("azure0", ("eth0",))),
    "azure-transparent": Expected("transparent", None, AZURE, ("none", "certain"), UNKNOWN),
    "leftover": Expected("transparent", None, AZURE, ("none", "certain"), UNKNOWN),
    "mixed": Expected("mixed", "azure0", AZURE, ("none", "certain"), UNKNOWN, ("azure0", ("eth0",))),
    "cni-bridge": Expected("bridge", "cni0", UNKNOWN, UNKNOWN, UNKNOWN),
    "cni-ptp": Expected("transparent", None, UNKNOWN, UNKNOWN, UNKNOWN),
    "docker": Expected("none", None, UNKNOWN, UNKNOWN, UNKNOWN),
    "empty": Expected("none", None, UNKNOWN, UNKNOWN, UNKNOWN),
}
TOLD = {"leftover": ["bridge-left-over"], "mixed": ["half-migrated"]}


@pytest.mark.parametrize("kind", ALL)
def test_a_whole_capture_tells_all(kind: str, shots: Shots) -> None:
    shot, expected = shots(kind), EXPECTED[kind]
    node = analyzed(shot.text)
    mode = node.mode
    assert node.name == shot.name
    assert (mode.datapath, mode.bridge) == (expected.datapath, expected.bridge)
    assert (mode.networkPlugin.value, mode.networkPlugin.certainty) == expected.plugin
    assert (mode.networkPluginMode.value, mode.networkPluginMode.certainty) == expected.mode
    assert (mode.networkPolicy.value, mode.networkPolicy.certainty) == expected.policy
    assert all(evidence.lines for evidence in mode.evidence)
    assert node.uplink is not None
    assert (node.uplink.interface, node.uplink.ports) == expected.uplink
    assert node.uplink.addresses == ("10.240.0.4/16",)
    assert node.uplink.gateway == "10.240.0.1"
    assert node.unparsed == ()
    assert [finding.code for finding in node.findings] == TOLD.get(kind, [])
    assert len(node.pods) == (0 if kind == "empty" else PODS)
    assert_wired(node, shot)


def test_every_cited_line_stands_where_it_is_said_to(shots: Shots) -> None:
    for kind in ALL:
        lines = shots(kind).text.split("\n")
        for evidence in analyzed(shots(kind).text).mode.evidence:
            for line in evidence.lines:
                assert lines[line.line - 1].expandtabs(8).strip() == line.text.strip()


@pytest.mark.usefixtures("docker_daemon")
def test_a_docker_era_node_has_its_pods_named(docker_shot: Shot) -> None:
    node = analyzed(docker_shot.text)
    assert (node.mode.datapath, node.mode.bridge) == ("bridge", "cbr0")
    assert node.mode.networkPlugin.value == "kubenet"
    assert node.unparsed == ()
    assert node.findings == ()
    assert_wired(node, docker_shot)
    names = {
        (pod.pod.namespace, pod.pod.name, pod.container_id) if pod.pod is not None else ("", "", pod.container_id)
        for pod in node.pods
    }
    assert names == {(pod.namespace, pod.name if pod.namespace else "", pod.container_id) for pod in docker_shot.pods}
    assert "hunter2" not in analyze(read(docker_shot.text)).model_dump_json()


@pytest.mark.usefixtures("docker_daemon")
def test_docker_inspect_may_stand_anywhere(docker_shot: Shot) -> None:
    pieces = [*docker_shot.host.values(), *docker_shot.inspected, *docker_shot.inside]
    whole = facts(analyzed("".join(pieces)))
    for seed in range(6):
        random.Random(seed).shuffle(pieces)
        assert facts(analyzed("".join(pieces))) == whole


# --- some of the captures ---------------------------------------------------------------------------------------------

IP, BRCTL, ROUTE = HOST_COMMANDS
SUBSETS = ((IP,), (BRCTL,), (ROUTE,), (IP, BRCTL), (IP, ROUTE), (BRCTL, ROUTE), (IP, BRCTL, ROUTE))
BRI, TRA, MIX, NON, UNK = "bridge", "transparent", "mixed", "none", "unknown"
# What each of these sets can tell. `brctl show` alone shows no route, and where it shows no pod bridge it cannot tell;
# of `mixed` it shows the bridge alone. `route -n` alone shows no member of a bridge: whether azure0, over which the
# node reaches the network, has pods as well, it cannot tell.
DATAPATHS = {
    #                    ip   brctl route ip+br ip+ro br+ro all
    "kubenet":           (BRI, BRI, BRI, BRI, BRI, BRI, BRI),
    "kubenet-calico":    (TRA, UNK, TRA, TRA, TRA, TRA, TRA),
    "azure-bridge":      (BRI, BRI, BRI, BRI, BRI, BRI, BRI),
    "azure-transparent": (TRA, UNK, TRA, TRA, TRA, TRA, TRA),
    "leftover":          (TRA, UNK, TRA, TRA, TRA, TRA, TRA),
    "mixed":             (MIX, BRI, UNK, MIX, MIX, MIX, MIX),
    "cni-bridge":        (BRI, BRI, BRI, BRI, BRI, BRI, BRI),
    "cni-ptp":           (TRA, UNK, TRA, TRA, TRA, TRA, TRA),
    "docker":            (NON, UNK, UNK, NON, NON, NON, NON),
    "empty":             (NON, UNK, UNK, NON, NON, NON, NON),
}  # fmt: skip
PLUGINS = {
    "kubenet": "kubenet",
    "kubenet-calico": "kubenet",
    "azure-bridge": "azure",
    "azure-transparent": "azure",
    "leftover": "azure",
    "mixed": "azure",
}


def asked_for(node: NodeAnalysis) -> set[str]:
    """The commands that the findings say would complete the answer."""
    missing = [finding for finding in node.findings if finding.code == "capture-missing"]
    assert {finding.severity for finding in missing} <= {"info"}
    return {finding.message.split("`")[1] for finding in missing}


def facts(node: NodeAnalysis) -> dict[str, Any]:
    """All of an analysis but where the lines stand."""
    said = node.model_dump()
    for name in ("captures", "unparsed"):
        said[name] = len(said[name])
    said["mode"]["evidence"] = [(item["claim"], len(item["lines"])) for item in said["mode"]["evidence"]]
    said["findings"] = sorted((item["code"], item["message"], len(item["lines"])) for item in said["findings"])
    return said


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("with_pods", [False, True])
def test_any_captures_give_the_best_answer_they_support(kind: str, with_pods: bool, shots: Shots) -> None:
    shot = shots(kind)
    inside = "".join(shot.inside) if with_pods else ""
    for subset, datapath in zip(SUBSETS, DATAPATHS[kind], strict=True):
        pieces = [shot.host[command] for command in subset] + ([inside] if inside else [])
        node = analyzed("".join(pieces))
        assert node.mode.datapath == datapath
        assert node.mode.networkPlugin.value in {PLUGINS.get(kind, "unknown"), "unknown"}
        assert node.mode.networkPolicy.value in {EXPECTED[kind].policy[0], "unknown", "none"}
        worse = {finding.code for finding in node.findings if finding.severity != "info"}
        assert worse == ({"half-migrated"} if node.mode.datapath == "mixed" else set())
        assert len(node.pods) <= len(shot.pods)
        if inside:
            assert len(node.pods) == len(shot.pods)
            assert {pod.addresses for pod in node.pods} == {(pod.address,) for pod in shot.pods}
        unseen = any(pod.interface is None for pod in node.pods)
        assert asked_for(node) == {
            *({IP} - {*subset}),
            *({ROUTE} - {*subset}),
            *({BRCTL} - {*subset} if IP not in subset else ()),
            *({"nsenter -t PID -n ip addr"} if unseen else ()),
        }


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("with_pods", [False, True])
def test_the_order_of_captures_does_not_matter(kind: str, with_pods: bool, shots: Shots) -> None:
    shot = shots(kind, 0, FEW)
    inside = ["".join(shot.inside)] if with_pods else []
    for subset in SUBSETS:
        first, *others = permutations([*(shot.host[command] for command in subset), *inside])
        wanted = facts(analyzed("".join(first)))
        assert all(facts(analyzed("".join(order))) == wanted for order in others)


@pytest.mark.parametrize("kind", [kind for kind in ALL if kind != "empty"])
def test_pods_alone_tell_their_own_side_only(kind: str, shots: Shots) -> None:
    shot = shots(kind)
    node = analyzed("".join(shot.inside))
    assert node.mode.datapath == "unknown"
    assert node.mode.networkPlugin.value == "unknown"
    assert node.uplink is None
    assert {pod.addresses for pod in node.pods} == {(pod.address,) for pod in shot.pods}
    assert {(pod.veth, pod.attachment, pod.proofs, pod.status) for pod in node.pods} == {(None, None, (), "partial")}
    assert asked_for(node) == {*HOST_COMMANDS}


@pytest.mark.parametrize("kind", ALL)
def test_captures_shuffled_one_by_one_tell_the_same(kind: str, shots: Shots) -> None:
    shot = shots(kind)
    pieces = [*shot.host.values(), *shot.inside]
    whole = facts(analyzed("".join(pieces)))
    for seed in range(4):
        random.Random(seed).shuffle(pieces)
        assert facts(analyzed("".join(pieces))) == whole


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize("dress", ["no prompts", "no commands"])
def test_bare_output_tells_the_same_of_the_host(kind: str, dress: str, shots: Shots) -> None:
    shot = shots(kind)
    node = analyzed(DRESS[dress](shot.text))
    assert node.mode.datapath == EXPECTED[kind].datapath
    assert [finding.code for finding in node.findings] == TOLD.get(kind, [])
    assert_wired(node, shot, named=dress == "no prompts" or kind == "mixed")


@pytest.mark.parametrize("kind", COLUMNS)
def test_busybox_tells_the_same(kind: str) -> None:
    """On the host it prints a wrong name for the peer of an interface whose number is taken there."""
    with place(kind, 0, FEW) as node:
        commands = [f"busybox {IP}", BRCTL, f"busybox {ROUTE}"]
        text = node.transcript(commands, inside=[f"busybox {IP}"])
        shot = take(node, node.pods)
    found = analyzed(text)
    assert found.mode.datapath == EXPECTED[kind].datapath
    assert found.findings == ()
    assert found.unparsed == ()
    assert_wired(found, shot)


@pytest.mark.parametrize("part", ["ip -4 addr", "ip addr show eth0", "ip -br -4 addr", "ip -d -j addr show eth0"])
@pytest.mark.parametrize("kind", ["kubenet", "kubenet-calico", "azure-transparent"])
def test_the_card_of_a_node_that_is_a_container_is_no_pods(kind: str, part: str) -> None:
    """Such a card is one end of a veth pair, and what shows it alone looks like a listing of a pod's interfaces."""
    with place(kind, 0, FEW) as node, Owner.of_pod() as machine:
        card = next(link for link in node.addresses() if link["ifname"] == "eth0")
        routes = json.loads(node.run("ip", "-j", "route", "show", "dev", "eth0"))
        node.run("ip", "link", "set", "eth0", "down")
        node.run("ip", "link", "set", "eth0", "name", "parked")
        node.run("ip", "addr", "flush", "dev", "parked")
        node.run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "cable", "netns", str(machine.ready()))
        for address in card["addr_info"]:
            if address["family"] == "inet":
                node.run("ip", "addr", "add", f"{address['local']}/{address['prefixlen']}", "dev", "eth0")
        node.run("ip", "link", "set", "eth0", "up")
        for route in routes:
            if "gateway" in route:
                node.run("ip", "route", "replace", route["dst"], "via", route["gateway"], "dev", "eth0")
        whole = [node.paste(command) for command in HOST_COMMANDS]
        texts = ["".join((*whole, node.paste(part))), "".join((node.paste(part), *whole))]
        veths = {pod.veth for pod in node.pods}
    for text in texts:
        found = analyzed(text)
        assert {pod.veth.name for pod in found.pods if pod.veth is not None} <= veths
        assert [pod.interface for pod in found.pods if pod.interface is not None] == []


@pytest.mark.parametrize("kind", ["kubenet-calico", "azure-transparent"])
def test_the_pods_name_is_a_second_proof(kind: str, shots: Shots) -> None:
    shot = shots(kind, 0, FEW)
    inside = "".join(
        text.replace(f"sudo nsenter -t {pod.pid} -n", f"kubectl exec -n {pod.namespace} {pod.name} --")
        for pod, text in zip(shot.pods, shot.inside, strict=True)
    )
    node = analyzed(shot.host[IP] + inside)
    assert {(pod.status, pod.proofs) for pod in node.pods} == {("proven", ("peer-ifindex", "veth-name-hash"))}
    names = {(pod.pod.namespace, pod.pod.name, pod.addresses[0]) for pod in node.pods if pod.pod is not None}
    assert names == {(pod.namespace, pod.name, pod.address) for pod in shot.pods}


@pytest.mark.parametrize("kind", [*COLUMNS, "cni-ptp"])
def test_pods_of_the_next_node_are_not_taken_for_this_ones(kind: str, shots: Shots) -> None:
    """Their interfaces have the same numbers, in both directions."""
    node = analyzed("".join(DRESS["no prompts"](text) for text in (*host(shots(kind)), *shots(kind, 1, FEW).inside)))
    looked_into = [pod for pod in node.pods if pod.interface is not None]
    assert len(looked_into) == FEW
    assert {pod.status for pod in looked_into} == {"conflict"}
    assert [finding.severity for finding in node.findings].count("error") == FEW


# --- several nodes ----------------------------------------------------------------------------------------------------


def undressed(text: str, *, commands: bool) -> str:
    lines = [line.partition(":~$ ") if line.startswith("azureuser@") else ("", "", line) for line in text.split("\n")]
    return "\n".join(line for _, prompt, line in lines if commands or not prompt)


DRESS: dict[str, Callable[[str], str]] = {
    "named": lambda text: text,
    "one name": lambda text: "\n".join(
        "azureuser@aks:~$ " + line.partition(":~$ ")[2] if line.startswith("azureuser@") else line
        for line in text.split("\n")
    ),
    "no prompts": lambda text: undressed(text, commands=True),
    "no commands": lambda text: undressed(text, commands=False),
}


def in_turn(*lists: Sequence[str]) -> Iterator[str]:
    for number in range(max(map(len, lists))):
        yield from (items[number] for items in lists if number < len(items))


def host(shot: Shot) -> list[str]:
    return list(shot.host.values())


ARRANGEMENTS: dict[str, Callable[[Sequence[Shot]], Iterable[str]]] = {
    "host then its pods": lambda group: [piece for shot in group for piece in (*host(shot), *shot.inside)],
    "pods then their host": lambda group: [piece for shot in group for piece in (*shot.inside, *host(shot))],
    "pods in between": lambda group: [
        piece for shot in group for piece in (*host(shot)[:1], *shot.inside, *host(shot)[1:])
    ],
    "hosts, then pods": lambda group: [
        *(piece for shot in group for piece in host(shot)),
        *(piece for shot in group for piece in shot.inside),
    ],
    "pods, then hosts": lambda group: [
        *(piece for shot in group for piece in shot.inside),
        *(piece for shot in group for piece in host(shot)),
    ],
    "hosts by command": lambda group: [
        *in_turn(*map(host, group)),
        *(piece for shot in group for piece in shot.inside),
    ],
    "all in turn": lambda group: in_turn(*([*host(shot), *shot.inside] for shot in group)),
}


def assert_apart(analysis: Analysis, group: Sequence[Shot], dress: str, *, alike: bool = False) -> None:
    """Each node has its own pods and no others, and all its captures. ``alike``: all nodes have one name, which is told
    of once for each of them but the first."""
    assert len(analysis.nodes) == len(group)
    by_veths = {frozenset(pod.veth for pod in shot.pods): shot for shot in group}
    for node in analysis.nodes:
        shot = by_veths[frozenset(pod.veth.name for pod in node.pods if pod.veth is not None)]
        assert_wired(node, shot, named=dress != "no commands")
        assert len(node.captures) == len(shot.host) + len(shot.inside)
        assert node.unparsed == ()
    told = [finding.code for node in analysis.nodes for finding in node.findings]
    assert told == ["node-states-differ"] * (len(group) - 1 if alike or dress == "one name" else 0)


# The nodes of a kind have the same ifindexes throughout. 0 and 2 of azure-bridge are in one subnet as well, so nothing
# that `ip addr` in a pod shows tells on which of them the pod is: there only the place in the text does.
GROUPS = [*((kind, numbers) for kind in COLUMNS for numbers in ((0, 1), (0, 2), (0, 1, 2))), ("cni-ptp", (0, 1))]


@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
@pytest.mark.parametrize("dress", DRESS)
@pytest.mark.parametrize(("kind", "numbers"), GROUPS)
def test_each_pod_is_on_its_own_node(
    kind: str, numbers: Sequence[int], dress: str, arrangement: str, shots: Shots
) -> None:
    group = [shots(kind, number, FEW) for number in numbers]
    pieces = ARRANGEMENTS[arrangement](group)
    analysis = analyze(read("".join(DRESS[dress](piece) for piece in pieces)))
    assert_apart(analysis, group, dress)
    if dress == "named":
        assert [node.name for node in analysis.nodes] == [shot.name for shot in group]


@pytest.mark.parametrize("dress", DRESS)
@pytest.mark.parametrize("kinds", list(combinations(COLUMNS, 2)))
def test_nodes_of_two_kinds(kinds: Sequence[str], dress: str, shots: Shots) -> None:
    """The first nodes of two clusters: both have the address 10.240.0.4."""
    group = [shots(kind, 0, FEW) for kind in kinds]
    for arrangement in ("host then its pods", "hosts by command"):
        pieces = ARRANGEMENTS[arrangement](group)
        text = "".join(DRESS[dress](piece) for piece in pieces)
        if dress == "named":
            text = text.replace(f"azureuser@{group[0].name}", "azureuser@aks-other-1")  # they are named alike
        assert_apart(analyze(read(text)), group, dress, alike=dress == "named")


@pytest.mark.parametrize("dress", ["named", "no prompts"])
@pytest.mark.parametrize(("kind", "numbers"), [group for group in GROUPS if group[0] != "azure-bridge"])
def test_one_file_for_each_capture_in_any_order(kind: str, numbers: Sequence[int], dress: str, shots: Shots) -> None:
    group = [shots(kind, number, FEW) for number in numbers]
    pieces = [DRESS[dress](piece) for shot in group for piece in (*shot.host.values(), *shot.inside)]
    for seed in range(3):
        random.Random(seed).shuffle(pieces)
        texts = [(f"{number}.txt", text) for number, text in enumerate(pieces)]
        assert_apart(analyze(read_texts(texts)), group, dress)


@pytest.mark.parametrize("kind", COLUMNS)
def test_one_file_for_each_node(kind: str, shots: Shots) -> None:
    group = [shots(kind, number, FEW) for number in (0, 2)]
    for dress in ("no prompts", "no commands"):
        texts = [(f"{shot.name}.txt", DRESS[dress](shot.text)) for shot in group]
        for order in permutations(texts):
            assert_apart(analyze(read_texts(order)), group, dress)


def test_a_listing_of_one_family_is_no_whole_listing() -> None:
    with build("kubenet-calico", 3) as node:
        text = node.transcript(("ip -4 addr",), False)
    (found,) = analyze(read(text)).nodes
    assert found.mode.datapath == "unknown"
    assert found.captures[0].abbreviated
