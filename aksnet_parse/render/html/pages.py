"""The pages: what each template is given, and in which words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ...analysis.catalogue import FINDINGS, FindingKind
from ...analysis.findings import those_about
from ...analysis.models import Finding, NodeAnalysis, Pod, Severity
from ...analysis.proofs import ProvenBy
from ..picture import draw
from ..words import (
    compared_name,
    count,
    datapath_of,
    facts_of,
    listed_by_node,
    listed_heading,
    need_names,
    pod_names,
    section,
    spans_of,
    trace_end,
    trace_node,
    way_out,
)
from .captures import Captures
from .environment import page
from .material import AnalysisReport, ComparisonReport, TraceReport

__all__ = ["analysis_page", "comparison_page", "trace_page"]

_ROWS_OF_BAND = 24
_SHOWN_SPANS = 10
_FEW_NODES = 3  # so many are shown unfolded
_FEW_PODS = 12  # the pictures of so many are shown unfolded where there are two
_KINDS: dict[str, FindingKind] = {kind.code: kind for kind in FINDINGS}
_SEVERITIES = ("error", "warning", "info")
_VERDICTS = {
    "reached": "reaches its target",
    "lost": "is lost",
    "left": "leaves what was captured",
    "unknown": "cannot be followed to the end by these captures",
}


# --- an analysis ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Pod:
    """A pod on a page. ``id``: of what belongs to it there."""

    id: str
    number: int
    pod: Pod
    name: str
    proofs: Sequence[ProvenBy]
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class _Node:
    id: str
    name: str
    node: NodeAnalysis
    sentence: str
    facts: dict[str, str]
    way_out: str
    counts: Counter[str]
    severities: Counter[Severity]
    wrong: Sequence[Finding]
    worth_knowing: Sequence[Finding]
    missing: Sequence[Finding]
    pods: Sequence[_Pod]
    bands: Sequence[str]
    is_open: bool


def analysis_page(report: AnalysisReport) -> str:
    """A whole page, for one node or several. Pure but for the templates it reads; never raises."""
    nodes = report.analysis.nodes
    names = Counter(node.name for node in nodes if node.name is not None)
    shown = [
        _node(report, number, of_one=len(nodes) == 1, is_shared=names[node.name or ""] > 1)
        for number, node in enumerate(nodes)
    ]
    if len(shown) == 1:
        title = f"Node {shown[0].name}"
    else:
        wrong = sum(1 for node in shown if node.severities["error"])
        is_empty = report.analysis.is_empty
        title = "Nothing was read" if is_empty else "No node was captured"
        title = f"{count(len(shown), 'node')}, {wrong} with errors" if shown else title
    captures = Captures(report.texts, [line for node in nodes for line in node.unparsed])
    return page(
        "analysis.html.j2",
        title=title,
        nodes=shown,
        skipped=report.analysis.skipped,
        listed=listed_by_node(report.analysis),
        listed_heading=listed_heading(report.analysis),
        unread=spans_of(
            report.analysis.unread,
            several_files=need_names(one.file for one in report.analysis.unread),
            shown=_SHOWN_SPANS,
        ),
        passed_over=report.passed_over,
        captures=captures,
        kinds=_KINDS,
    )


def _node(report: AnalysisReport, number: int, *, of_one: bool, is_shared: bool) -> _Node:
    """``is_shared``: another node has the same name."""
    node = report.analysis.nodes[number]
    identifier = f"node-{number + 1}"
    total = len(report.analysis.nodes)
    place = f"{number + 1} of {total}"
    name = node.name if node.name is not None else "without a name" if of_one else place
    if is_shared:
        name = f"{name}, {place}"
    about = those_about(node.pods, [finding for finding in node.findings if finding.severity != "info"])
    pods = []
    for position, pod in enumerate(node.pods):
        pods.append(
            _Pod(
                id=f"{identifier}-pod-{position}",
                number=position,
                pod=pod,
                name=pod_names(pod)[0],
                proofs=report.proofs[number][position],
                findings=about[position],
            )
        )
    facts = facts_of(node.mode)
    facts["uplink"] = way_out(node.uplink) if node.uplink is not None else "unknown"
    severities = Counter(finding.severity for finding in node.findings)
    return _Node(
        id=identifier,
        name=name,
        node=node,
        sentence=_sentence(node),
        facts=facts,
        way_out=_way_out(node),
        counts=Counter(pod.status for pod in node.pods),
        severities=severities,
        wrong=_of(node, "Wrong"),
        worth_knowing=_of(node, "Worth knowing"),
        missing=_of(node, "Missing"),
        pods=pods,
        bands=_bands(node),
        is_open=total <= _FEW_NODES,
    )


def _bands(node: NodeAnalysis | None, pods: Sequence[int] | None = None) -> list[str]:
    """The picture of a node, in parts; empty if there is nothing to draw."""
    if node is None or not (node.pods or node.uplink is not None):
        return []
    return list(draw(node, pods).bands(_ROWS_OF_BAND))


def _way_out(node: NodeAnalysis) -> str:
    """How a pod's way goes on from its route or bridge; empty if no uplink was captured."""
    uplink = node.uplink
    if uplink is None:
        return ""
    by = ", ".join(uplink.ports) if uplink.ports and uplink.interface == node.mode.bridge else uplink.interface
    return f"{by} → {uplink.gateway or 'gateway not captured'}"


def _of(node: NodeAnalysis, heading: str) -> list[Finding]:
    found = [finding for finding in node.findings if section(finding) == heading]
    return sorted(found, key=lambda finding: _SEVERITIES.index(finding.severity))


def _sentence(node: NodeAnalysis) -> str:
    """The answer for a node in one sentence."""
    mode = node.mode
    plugin = {"azure": "Azure CNI", "unknown": "An unknown plugin", "none": "No plugin"}
    words = plugin.get(mode.networkPlugin.value, mode.networkPlugin.value)
    if mode.networkPluginMode.value == "overlay":
        words += " Overlay"
    policy = mode.networkPolicy.value
    if policy not in {"none", "unknown"}:
        words += f" with {policy.capitalize() if policy != 'azure' else 'Azure'} network policy"
    path = datapath_of(mode)
    path = f"the datapath {path}" if mode.datapath == "unknown" else path
    proven = sum(pod.status == "proven" for pod in node.pods)
    number = count(len(node.pods), "pod")
    pods = f"{number}, {'all' if proven == len(node.pods) > 0 else proven} proven" if node.pods else "no pods seen"
    severities = Counter(finding.severity for finding in node.findings)
    wrong = [count(severities[severity], severity) for severity in ("error", "warning") if severities[severity]]
    return f"{words[:1].upper()}{words[1:]}, {path}; {pods}; {' and '.join(wrong) or 'nothing found wrong'}."


# --- a comparison, a trace --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Wiring:
    side: str
    pods: str
    bands: Sequence[str]
    is_open: bool


def comparison_page(report: ComparisonReport) -> str:
    """A whole page. Pure but for the templates it reads; never raises."""
    comparison = report.comparison
    number = sum(len(node.changes) for node in comparison.nodes)
    title = f"{count(number, 'change')}" if number else "No change"
    return page(
        "comparison.html.j2",
        title=title,
        report=report,
        comparison=comparison,
        names=[compared_name(node) for node in comparison.nodes],
        wirings=[_wirings(pair) for pair in report.nodes],
        before=Captures(report.before_texts, prefix="before-"),
        after=Captures(report.after_texts, prefix="after-"),
    )


def _wirings(pair: tuple[NodeAnalysis | None, NodeAnalysis | None]) -> list[_Wiring]:
    is_open = all(len(node.pods) <= _FEW_PODS for node in pair if node is not None)
    return [
        _Wiring(side, count(len(node.pods), "pod"), bands, is_open)
        for side, node in zip(("before", "after"), pair, strict=True)
        if node is not None and (bands := _bands(node))
    ]


def trace_page(report: TraceReport) -> str:
    """A whole page. Pure but for the templates it reads; never raises."""
    trace = report.trace
    nodes = {node for node in _nodes_of(report) if node is not None}
    ends = [trace_end(end, len(nodes) > 1) for end in (trace.source, trace.target)]
    return page(
        "trace.html.j2",
        title=f"From {ends[0]} to {ends[1]}",
        verdict=_VERDICTS[trace.verdict],
        trace=trace,
        several_nodes=len(nodes) > 1,
        assumed=sum(hop.assumed for hop in trace.hops),
        wirings=[(trace_node(one.reference), bands) for one in report.nodes if (bands := _bands(one.node, one.pods))],
        captures=Captures(report.texts),
    )


def _nodes_of(report: TraceReport) -> Iterable[object]:
    trace = report.trace
    return (trace.source.node, trace.target.node, *(hop.node for hop in trace.hops))
