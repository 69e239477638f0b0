"""Results in a notebook: they show themselves, no name is markup, and the tutorial is true."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from aksnet_parse import Analysis, Reading, analyze, compare, read, trace
from aksnet_parse.analysis.models import EndPoint, LineReference, PodReference
from tests.benchmarks.texts import node_session
from tests.browser import axe_violations, chromium, opened
from tests.markup import Page, assert_inert

SAMPLES = Path(__file__).parent.parent / "samples"
TUTORIAL = SAMPLES / "tutorial.ipynb"
NAMES = sorted(path.stem for path in SAMPLES.glob("*.txt"))
HOSTILE = "</style></svg><script>alert(1)</script><img src=x onerror='y' a=\"&amp;\u202e\x1b[2J"


def _page(result: Any) -> Page:
    page = assert_inert(result._repr_html_())
    assert "a" not in page.tags
    return page


@pytest.fixture(scope="module")
def readings() -> dict[str, Reading]:
    return {name: read(SAMPLES / f"{name}.txt") for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_an_analysis_shows_the_picture_what_is_wrong_and_the_pods(name: str, readings: dict[str, Reading]) -> None:
    analysis = analyze(readings[name])
    page = _page(analysis)
    [node] = analysis.nodes
    assert {"svg", "table"} <= page.tags
    for pod in node.pods:
        assert pod.veth is not None
        assert pod.veth.name in page.text
    for finding in node.findings:
        assert finding.message in page.text
        assert all(line.text.strip() in page.text for line in finding.lines[:3])
    assert _page(node).text == page.text


def test_a_comparison_and_a_trace_show_themselves(readings: dict[str, Reading]) -> None:
    change = compare(readings["kubenet-bridge"], readings["kubenet-calico"])
    page = _page(change)
    assert len(change.nodes[0].changes) > 3
    assert all(one.message in page.text for one in change.nodes[0].changes)
    assert f"{len(change.nodes[0].changes)} changes" in change._repr_mimebundle_()["text/plain"]
    way = trace(readings["azure-cni-transparent"], "10.220.2.21", "8.8.8.8")
    page = _page(way)
    assert all(hop.sentence in page.text for hop in way.hops)
    assert ": left" in page.text
    assert way._repr_mimebundle_()["text/plain"].startswith("<Trace: From ")


def test_no_name_is_markup(readings: dict[str, Reading]) -> None:
    [node] = analyze(readings["azure-cni-broken"]).nodes
    pod = node.pods[0].model_copy(
        update={
            "pod": PodReference(namespace=HOSTILE, name=HOSTILE, uid=None),
            "veth": EndPoint(name=HOSTILE, ifindex=3),
        }
    )
    line = LineReference(file=HOSTILE, line=7, text=HOSTILE)
    finding = node.findings[0].model_copy(update={"message": HOSTILE, "lines": (line,), "subjects": (HOSTILE,)})
    spoiled = node.model_copy(update={"name": HOSTILE, "pods": (pod,), "findings": (finding,), "unparsed": (line,)})
    for result in (spoiled, Analysis(nodes=(spoiled, spoiled), skipped=())):
        page = _page(result)
        assert "<script>alert(1)</script><img src=x onerror='y' a=\"&amp;\\u202e\\x1b[2J" in page.text
        for kind, shown in result._repr_mimebundle_().items():
            assert not {"\u202e", "\x1b"} & set(shown), kind


def test_of_many_pods_the_first_are_shown_and_the_rest_is_told() -> None:
    analysis = analyze(read(node_session(250)))
    page = _page(analysis)
    assert "and 150 more pods" in page.text
    assert analysis._repr_mimebundle_()["text/plain"].startswith("<Analysis: 1 node, 250 pods")


def test_nothing_recognised_is_shown_as_that() -> None:
    assert "0 nodes, 0 pods" in _page(analyze(read(""))).text


def test_pandas_is_needed_for_frames_alone(readings: dict[str, Reading], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    analysis = analyze(readings["kubenet-calico"])
    assert set(analysis._repr_mimebundle_()) == {"text/plain", "text/html"}
    assert analysis.to_mermaid().startswith("flowchart")
    assert analysis.to_dot().startswith("digraph")


# --- the tutorial -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tutorial() -> Any:
    reads: Any = nbformat.reads  # which has no types
    return reads(TUTORIAL.read_text(encoding="utf-8"), as_version=4)


def test_the_tutorial_is_kept_without_outputs(tutorial: Any) -> None:
    nbformat.validate(tutorial)
    cells = [cell for cell in tutorial.cells if cell.cell_type == "code"]
    assert cells
    assert all(cell.outputs == [] and cell.execution_count is None for cell in cells)


def test_what_the_tutorial_pastes_was_captured(tutorial: Any) -> None:
    [pasted] = [cell.source for cell in tutorial.cells if cell.source.startswith("capture = ")]
    lines = pasted.split("\n")[1:-1]
    captured = (SAMPLES / "azure-cni-broken.txt").read_text(encoding="utf-8").split("\n")
    assert len(lines) > 50
    assert set(lines) <= {line.rstrip() for line in captured}


def test_the_tutorial_leads_to_the_diagnosis(tutorial: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))
    # The kernel starts when the machine lets it: no time of its own is set.
    done = NotebookClient(
        tutorial, timeout=None, startup_timeout=900, kernel_name="python3", resources={"metadata": {"path": SAMPLES}}
    ).execute()
    outputs = [output for cell in done.cells if cell.cell_type == "code" for output in cell.outputs]
    printed = "".join(output.text for output in outputs if output.output_type == "stream")
    shown = [output.data for output in outputs if output.output_type == "execute_result"]
    assert "the host has no route to it: nothing reaches the pod." in printed
    assert "\nlost\n" in printed
    assert "flowchart LR\n" in printed
    assert any("<svg" in data.get("text/html", "") and "pod-route-missing" in data["text/html"] for data in shown)
    assert sum("dataframe" in data.get("text/html", "") for data in shown) == 4
    assert any(data["text/plain"].startswith("<Trace: ") for data in shown)


# --- what was read ----------------------------------------------------------------------------------------------------


def test_a_reading_says_what_was_captured_and_where() -> None:
    reading = read([SAMPLES / "azure-cni-bridge.txt", SAMPLES / "kubenet-calico.txt"])
    assert repr(reading) == "<Reading: 2 nodes, 12 captures>"
    assert repr(reading.nodes[0]) == "<Node 'aks-nodepool1-12345678-vmss000000': 8 captures>"
    assert repr(reading.nodes[0].captures[0]) == "<ParsedCapture 'ip addr' in 'host', line 2>"
    assert reading._repr_mimebundle_()["text/plain"] == repr(reading)
    page = _page(reading)
    for shown in ("kubenet-calico.txt:2", "pid:30064", "brctl show", "8 captures"):
        assert shown in page.text
    assert repr(read("no captures")) == "<Reading: 0 nodes, 0 captures>"
    assert "Nothing recognised" in _page(read("no captures")).text


def test_a_reading_says_what_was_not_read_and_not_understood() -> None:
    reading = Reading(read(f"node:~$ brctl show\nbridge name\tbridge id\tx\n{HOSTILE}\n").nodes, (("a.zip", HOSTILE),))
    assert repr(reading).endswith("1 not read>")
    page = _page(reading)
    assert "a.zip" in page.text
    assert page.tags.isdisjoint({"script", "img"})


def test_a_reading_of_many_nodes_stays_short() -> None:
    [node] = read(node_session(150)).nodes
    page = _page(Reading((node,) * 30))
    assert "203 more captures" in page.text
    assert "20 more nodes" in page.text


# --- in a browser -----------------------------------------------------------------------------------------------------

# What JupyterLab says of all that a result shows, and the colours of its pages.
_LAB = ".output td, .output th, .output tr { text-align: right }"
_PAGES = {"light": "background: #fff; color: #000", "dark": "background: #111; color: #fff"}


def test_results_are_legible_wherever_they_are_shown(tmp_path: Path) -> None:
    broken = read(SAMPLES / "azure-cni-broken.txt")
    results: list[Any] = [analyze(broken), compare(broken, read(SAMPLES / "kubenet-calico.txt"))]
    results.append(trace(broken, "10.240.0.6", "10.240.0.5"))
    with chromium() as browser:
        for scheme, colours in _PAGES.items():
            path = tmp_path / f"{scheme}.html"
            shown = "".join(f'<div class="output">{result._repr_html_()}</div>' for result in results)
            # The page's own style comes after that of the result, as in a notebook that was opened again.
            path.write_text(
                f'<!doctype html><html lang="en"><head><title>output</title></head><body style="{colours}">'
                f"<main>{shown}</main><style>{_LAB}</style></body></html>",
                encoding="utf-8",
            )
            with opened(browser, path) as seen:
                aligned = "all => [...new Set(all.map(one => getComputedStyle(one).textAlign))]"
                assert seen.page.eval_on_selector_all("td, th", aligned) == ["left"]
                seen.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
                assert axe_violations(seen.page, only=["color-contrast"]) == []
