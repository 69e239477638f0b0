"""The whole way on real input: an article that shows two AKS nodes, its output real, its prose ours."""

from __future__ import annotations

from pathlib import Path

import pytest

import aksnet_parse
from aksnet_parse.analysis.models import Analysis, BridgeAttachment, NodeAnalysis, RouteAttachment, Uplink

SAMPLES = Path(__file__).parent.parent / "samples"

ARTICLE = """\
Looking into two clusters

The first one was created with Azure CNI. Let’s see which process belongs to our pod, and what it’s wired to:

# The process behind the pod, its interface, then the host
{azure}
So there is no bridge on this node apart from Docker’s.

Kubenet
The same commands, on the node of a cluster that was created with kubenet. Compare the routes!

{calico}
As you can see, every pod has a route of its own.
"""


def _output_only(name: str) -> str:
    """A sample without the comment that heads it."""
    return (SAMPLES / f"{name}.txt").read_text(encoding="utf-8").partition("\n")[2]


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    text = ARTICLE.format(azure=_output_only("azure-cni-transparent"), calico=_output_only("kubenet-calico"))
    return aksnet_parse.analyze(aksnet_parse.read(text))


@pytest.fixture(scope="module")
def azure(analysis: Analysis) -> NodeAnalysis:
    return analysis.nodes[0]


@pytest.fixture(scope="module")
def calico(analysis: Analysis) -> NodeAnalysis:
    return analysis.nodes[1]


def test_there_are_two_nodes_and_every_line_was_understood(analysis: Analysis) -> None:
    assert len(analysis.nodes) == 2
    assert [node.unparsed for node in analysis.nodes] == [(), ()]
    assert analysis.skipped == ()
    assert [len(node.captures) for node in analysis.nodes] == [5, 4]


def test_the_azure_node(azure: NodeAnalysis) -> None:
    assert azure.mode.datapath == "transparent"
    assert azure.mode.bridge is None
    assert azure.mode.networkPlugin.model_dump() == {"value": "azure", "certainty": "certain"}
    assert azure.uplink == Uplink(interface="eth0", ports=(), addresses=("10.220.2.4/24",), gateway="10.220.2.1")
    assert len(azure.pods) == 5
    assert all(isinstance(pod.attachment, RouteAttachment) for pod in azure.pods)


def test_the_pod_that_was_looked_into(azure: NodeAnalysis) -> None:
    (proven,) = [pod for pod in azure.pods if pod.status == "proven"]
    assert proven.model_dump() == {
        "pod": None,
        "container_id": "0b7c7a46ade1",
        "pid": 16315,
        "netns": None,
        "interface": {"name": "eth0", "ifindex": 15},
        "addresses": ("10.220.2.21/24",),
        "veth": {"name": "azv33ac2d062ec", "ifindex": 16},
        "attachment": {"kind": "route", "destination": "10.220.2.21/32", "device": "azv33ac2d062ec"},
        "proofs": ("peer-ifindex", "host-route"),
        "status": "proven",
    }
    assert [pod.status for pod in azure.pods].count("partial") == 4


def test_the_policy_of_the_azure_node_cannot_be_told_and_the_answer_says_so(azure: NodeAnalysis) -> None:
    assert azure.mode.networkPolicy.model_dump() == {"value": "unknown", "certainty": "unknown"}
    (evidence,) = [item for item in azure.mode.evidence if item.claim.startswith("networkPolicy")]
    assert "cannot be told from these captures" in evidence.claim
    assert evidence.lines


def test_the_calico_node(calico: NodeAnalysis) -> None:
    assert calico.mode.datapath == "transparent"
    assert calico.mode.bridge is None
    assert calico.mode.networkPolicy.model_dump() == {"value": "calico", "certainty": "certain"}
    assert calico.uplink is not None
    assert calico.uplink.model_dump() == {
        "interface": "eth0",
        "ports": ("enP1279s1",),
        "addresses": ("10.240.0.4/16",),
        "gateway": "10.240.0.1",
    }
    assert len(calico.pods) == 9
    (proven,) = [pod for pod in calico.pods if pod.status == "proven"]
    assert proven.pid == 30064
    assert proven.interface is not None
    assert (proven.interface.name, proven.interface.ifindex) == ("eth0", 3)
    assert proven.veth is not None
    assert (proven.veth.name, proven.veth.ifindex) == ("cali4cd5cd7d78e", 15)
    assert proven.attachment == RouteAttachment(destination="10.244.0.10/32", device="cali4cd5cd7d78e")


def test_what_is_missing_is_named(azure: NodeAnalysis) -> None:
    missing = [finding for finding in azure.findings if finding.code == "capture-missing"]
    assert missing
    assert {finding.severity for finding in azure.findings} == {"info"}
    assert any("azv590e0427f9b" in finding.subjects for finding in missing)


def test_cut_captures_are_marked(analysis: Analysis) -> None:
    for node in analysis.nodes:
        (host,) = [item for item in node.captures if item.command == "ip addr" and item.namespace == "host"]
        assert host.abbreviated


def test_every_claim_cites_lines_that_are_there(analysis: Analysis) -> None:
    text = ARTICLE.format(azure=_output_only("azure-cni-transparent"), calico=_output_only("kubenet-calico"))
    lines = text.split("\n")
    cited = [line for node in analysis.nodes for item in node.mode.evidence for line in item.lines]
    cited += [line for node in analysis.nodes for finding in node.findings for line in finding.lines]
    assert cited
    for line in cited:
        assert lines[line.line - 1].rstrip() == line.text


@pytest.mark.parametrize(
    ("name", "bridge", "pods"),
    [("kubenet-bridge", "cbr0", 5), ("azure-cni-bridge", "azure0", 5), ("docker-kubenet", "cbr0", 4)],
)
def test_nodes_in_bridge_mode(name: str, bridge: str, pods: int) -> None:
    (node,) = aksnet_parse.analyze(aksnet_parse.read(SAMPLES / f"{name}.txt")).nodes
    assert (node.mode.datapath, node.mode.bridge) == ("bridge", bridge)
    assert [pod.status for pod in node.pods] == ["proven"] * pods
    assert all(isinstance(pod.attachment, BridgeAttachment) for pod in node.pods)
    assert node.findings == ()


def test_text_is_text_and_a_path_is_a_path(tmp_path: Path) -> None:
    path = SAMPLES / "kubenet-bridge.txt"
    assert aksnet_parse.read(str(path)).nodes == ()
    assert len(aksnet_parse.read(path).nodes) == 1
    assert len(aksnet_parse.read([path]).nodes) == 1
    with pytest.raises(aksnet_parse.ReadError, match="No such file"):
        aksnet_parse.read(tmp_path / "missing")
    (node,) = aksnet_parse.read(path.read_text(encoding="utf-8"), file="a ticket").nodes
    assert {parsed.capture.file for parsed in node.captures} == {"a ticket"}


def test_the_answer_survives_json(analysis: Analysis) -> None:
    assert Analysis.model_validate_json(analysis.model_dump_json()) == analysis
