"""The wiring of a node as a graph, and in the words of Mermaid and Graphviz: all of it is there, and no name is read as
anything but a name."""

from __future__ import annotations

import html
import json
import re
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from aksnet_parse import Analysis, analyze, read
from aksnet_parse.analysis.models import EndPoint, NodeAnalysis, PodReference
from aksnet_parse.cli import main
from aksnet_parse.render.graph import LANES, Graph, fold, wiring_graph
from tests.benchmarks.texts import node_session
from tests.required import needs_program

SAMPLES = sorted((Path(__file__).parent.parent / "samples").glob("*.txt"))
HOSTILE = (
    '"]; end',
    "end",
    "a\nend\nb",
    "<script>alert(1)</script>",
    '[("{q}")]',
    "\u202eabc",
    "1. list",
    "- item",
    "$$x^2$$",
    "`code` **b** _i_",
    "#quot;&lt;&#x27;",
    "\\N\\l\\",
    "%%{init: {}}%%",
    'click n0 "javascript:x"',
    "\x1b[31m",
    "漢字 🙂",
    "",
)


@pytest.fixture(scope="module")
def samples() -> dict[str, Analysis]:
    return {path.stem: analyze(read(path)) for path in SAMPLES}


@pytest.fixture(scope="module")
def many() -> Analysis:
    return analyze(read(node_session(250)))


@pytest.fixture(scope="module")
def hostile(samples: dict[str, Analysis]) -> NodeAnalysis:
    """A node whose pods and veths have the hostile names."""
    [node] = samples["kubenet-bridge"].nodes
    pods = tuple(
        node.pods[0].model_copy(
            update={
                "pod": PodReference(namespace="default", name=name, uid=None),
                "veth": EndPoint(name=f"{name}{number}", ifindex=number),
            }
        )
        for number, name in enumerate(HOSTILE)
    )
    return node.model_copy(update={"pods": pods, "name": HOSTILE[0]})


# --- the graph --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [path.stem for path in SAMPLES])
def test_each_pod_has_its_way_lane_by_lane(samples: dict[str, Analysis], name: str) -> None:
    [node] = samples[name].nodes
    graph = wiring_graph(node)
    linked = {(link.start, link.end): link for link in graph.links}
    for number, pod in enumerate(node.pods):
        way = graph.way(number)
        assert way[0].id == f"pod{number}"
        assert [LANES.index(part.lane) for part in way] == sorted(LANES.index(part.lane) for part in way)
        assert pod.veth is None or pod.veth.name in {part.label for part in way if part.kind == "veth"}
        steps = [(one.id, next_.id) for one, next_ in pairwise(way)]
        assert any(number in linked[step].pods for step in steps if step in linked)


@pytest.mark.parametrize("name", [path.stem for path in SAMPLES])
def test_links_lead_from_part_to_part_and_ids_are_one_each(samples: dict[str, Analysis], name: str) -> None:
    [node] = samples[name].nodes
    graph = wiring_graph(node)
    ids = [part.id for part in graph.parts]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch("[a-z]+[0-9]+", one) for one in ids)
    lanes = {part.id: LANES.index(part.lane) for part in graph.parts}
    for link in graph.links:
        assert link.span == max(1, lanes[link.end] - lanes[link.start])
    assert graph == wiring_graph(node)


def test_what_is_wrong_is_at_the_part_that_is_wrong(samples: dict[str, Analysis]) -> None:
    [node] = samples["azure-cni-broken"].nodes
    graph = wiring_graph(node)
    placed = {number for part in graph.parts for number in part.findings} | set(graph.unplaced)
    assert placed == set(range(len(node.findings)))
    parts = {part.id: part for part in graph.parts}
    [missing] = [link for link in graph.links if link.state == "missing"]
    start, end = parts[missing.start], parts[missing.end]
    assert start.label == "azv0bcc9248a17"
    assert (end.label, end.is_known) == ("no route to 10.240.0.6", False)
    assert all("pod-route-missing" in graph.lines_of(part) for part in (start, end))
    assert {part.label for part in graph.parts if part.is_broken} >= {"docker0", "168.63.129.16/32"}


def test_a_node_of_which_nothing_is_known_is_a_graph(samples: dict[str, Analysis]) -> None:
    [node] = samples["kubenet-bridge"].nodes
    nothing = NodeAnalysis.model_validate(
        {**node.model_dump(), "name": None, "uplink": None, "pods": (), "findings": (), "captures": ()}
    )
    graph = wiring_graph(nothing)
    assert "(no name)" in graph.title
    assert graph.uplink is None
    assert nothing.to_mermaid().startswith("flowchart LR\n")


def test_pods_that_are_alike_are_drawn_as_one(many: Analysis) -> None:
    whole = wiring_graph(many.nodes[0])
    folded = fold(whole, 5)
    assert sum(part.count for part in folded.parts if part.kind == "pod") == 250
    assert sum(part.kind == "pod" for part in folded.parts) < 10
    ids = {part.id for part in folded.parts}
    assert all({link.start, link.end} <= ids for link in folded.links)
    assert fold(whole, 250) == whole


# --- Mermaid ----------------------------------------------------------------------------------------------------------

# One line of a flowchart as it may be written; what is between quote marks has nothing in it but words and entities.
_TEXT = r'"(?:[A-Za-z0-9/:, .-]|#[0-9]+;|<br/>)*"'
_ID = "n[0-9]+_[a-z]+[0-9]+"
_GRAMMAR = re.compile(
    rf"flowchart LR|  subgraph node[0-9]+\[{_TEXT}\]|    direction LR|  end"
    rf"|    {_ID}(?:\[{_TEXT}\]|\(\[{_TEXT}\]\)|\[\[{_TEXT}\]\]|\[/{_TEXT}/\]|\{{\{{{_TEXT}\}}\}})"
    rf"|    {_ID} (?:-+>|-\.+->|-\. [a-z]+ \.+->) {_ID}"
    rf"|  classDef [a-z]+ \S+(?: \S+)*|  class {_ID}(?:,{_ID})* [a-z]+|  linkStyle [0-9,]+ \S+"
)


def _labels(text: str) -> list[str]:
    """What Mermaid writes in the boxes, with the entities as they are shown."""
    return [
        re.sub(r"#(\d+);", lambda match: chr(int(match[1])), label.replace("<br/>", "\n"))
        for label in re.findall(r'"([^"]*)"', text)
    ]


def _shape_of(graph: Graph) -> tuple[int, int]:
    return len(graph.parts), len(graph.links)


@pytest.mark.parametrize("name", [path.stem for path in SAMPLES])
def test_mermaid_has_every_part_and_link(samples: dict[str, Analysis], name: str) -> None:
    text = samples[name].to_mermaid()
    assert [line for line in text.splitlines() if not _GRAMMAR.fullmatch(line)] == []
    [graph] = map(wiring_graph, samples[name].nodes)
    boxes = len(re.findall(rf"^    {_ID}[\[({{]", text, re.MULTILINE))
    arrows = len(re.findall(rf"^    {_ID} [^\n]*> {_ID}$", text, re.MULTILINE))
    assert (boxes, arrows) == _shape_of(graph)
    assert sorted(_labels(text)[1:]) == sorted("\n".join(graph.lines_of(part)) for part in graph.parts)


def test_no_name_is_mermaid(hostile: NodeAnalysis) -> None:
    text = hostile.to_mermaid()
    assert [line for line in text.splitlines() if not _GRAMMAR.fullmatch(line)] == []
    assert text.count("subgraph") == text.splitlines().count("  end") == 1
    shown = "\n".join(_labels(text))
    for name in ('"]; end', "a\\nend\\nb", "<script>alert(1)</script>", "\\u202eabc", "\\x1b[31m", "漢字 🙂"):
        assert name in shown
    assert "$$" not in shown, "Mermaid would set it as mathematics"


def test_mermaid_stays_within_what_it_draws(many: Analysis) -> None:
    text = many.to_mermaid()
    assert len(text) <= 50_000
    assert len(re.findall(rf"> {_ID}$", text, re.MULTILINE)) <= 500
    assert len(many.to_mermaid(pods=3)) < len(text)


# --- Graphviz ---------------------------------------------------------------------------------------------------------


def _drawn_by_dot(text: str) -> dict[str, Any]:
    """The digraph as Graphviz understands it."""
    needs_program("dot", package="graphviz")
    done = subprocess.run(["dot", "-Tjson"], input=text, capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stderr == ""
    return dict(json.loads(done.stdout))


def _labels_of(drawn: dict[str, Any]) -> list[str]:
    """Labels as Graphviz shows them: entities and then escapes resolved."""
    return sorted(
        re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], html.unescape(box["label"]))
        for box in drawn["objects"]
        if "shape" in box
    )


def test_graphviz_reads_every_part_and_link(samples: dict[str, Analysis]) -> None:
    every = Analysis(nodes=tuple(node for analysis in samples.values() for node in analysis.nodes), skipped=())
    drawn = _drawn_by_dot(every.to_dot())
    graphs = [wiring_graph(node) for node in every.nodes]
    assert _labels_of(drawn) == sorted("\n".join(graph.lines_of(part)) for graph in graphs for part in graph.parts)
    assert len(drawn["edges"]) == sum(len(graph.links) for graph in graphs)


def test_no_name_is_dot(hostile: NodeAnalysis) -> None:
    drawn = _drawn_by_dot(hostile.to_dot())
    labels = _labels_of(drawn)
    assert len(labels) == len(wiring_graph(hostile).parts)
    shown = "\n".join(labels)
    for name in ('"]; end', "<script>alert(1)</script>", "#quot;&lt;&#x27;", "漢字 🙂"):
        assert name in shown
    assert not {"\u202e", "\x1b"} & set(shown)


def test_graphviz_draws_hostile_names_as_they_are(hostile: NodeAnalysis) -> None:
    _drawn_by_dot(hostile.to_dot())
    svg = subprocess.run(
        ["dot", "-Tsvg"], input=hostile.to_dot(), capture_output=True, text=True, check=True, encoding="utf-8"
    ).stdout
    shown = html.unescape(svg.replace("&#160;", " "))
    assert "\\u202eabc" in shown
    assert "\\N\\l\\" in shown
    assert "#quot;&lt;&#x27;" in shown
    assert "<script" not in svg


# --- from the command line --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["mermaid", "dot"])
def test_the_command_prints_what_the_library_gives(
    kind: str, samples: dict[str, Analysis], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = SAMPLES[0]
    assert main([str(path), "--format", kind]) == 0
    printed = capsys.readouterr().out
    assert printed == getattr(samples[path.stem], f"to_{kind}")()
    assert main([str(path), "--format", kind, "-o", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out").read_text(encoding="utf-8") == printed
    assert main([str(path), str(path), "--each", "--format", kind]) == 0
    assert len(capsys.readouterr().out) > 1.5 * len(printed)


def test_a_drawing_has_every_pod(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(SAMPLES[0]), "--format", "dot", "--pod", "10.0.0.1"]) == 2
    assert "--format dot goes without --pod" in capsys.readouterr().err
