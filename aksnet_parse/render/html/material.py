"""What a report is made of: an answer, what proves it, and the captured text it rests on. Pydantic models, so that all
of it can be put under pseudonyms before it is shown."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from ...analysis import analyze
from ...analysis.captured import CapturedText, captured_text
from ...analysis.comparison import Comparison, compare
from ...analysis.comparison.pairing import pair_nodes
from ...analysis.models import Analysis, Finding, LineReference, NodeAnalysis, Pod
from ...analysis.proofs import ProvenBy, proofs
from ...analysis.situation import look_at
from ...analysis.tracing import trace
from ...analysis.tracing.models import Trace, TraceEnd, TraceNode
from ...reading import Reading

__all__ = ["AnalysisReport", "ComparisonReport", "TraceReport", "report_comparison", "report_nodes", "report_trace"]


class _Report(BaseModel):
    model_config = ConfigDict(frozen=True)


class AnalysisReport(_Report):
    """``proofs``: for each node, for each of its pods, what proves it. ``texts``: all that was captured.
    ``passed_over``: how many files hold nothing of use."""

    analysis: Analysis
    proofs: tuple[tuple[tuple[ProvenBy, ...], ...], ...]
    texts: tuple[CapturedText, ...]
    passed_over: int


class ComparisonReport(_Report):
    """``nodes``: each node of the comparison as it was and as it is, None on a side that has no such node. ``before``,
    ``after``: what the two sides are called; the texts are of either."""

    comparison: Comparison
    nodes: tuple[tuple[NodeAnalysis | None, NodeAnalysis | None], ...]
    before: str
    after: str
    before_texts: tuple[CapturedText, ...]
    after_texts: tuple[CapturedText, ...]


class TracedNode(_Report):
    """A node that the packet comes by. ``pods``: the numbers of its pods that are an end of the way."""

    reference: TraceNode
    node: NodeAnalysis
    pods: tuple[int, ...]


class TraceReport(_Report):
    trace: Trace
    nodes: tuple[TracedNode, ...]
    texts: tuple[CapturedText, ...]


def report_nodes(reading: Reading) -> AnalysisReport:
    """The analysis of all that was read, with its proofs and its text. Pure; never raises."""
    analysis = analyze(reading)
    proven = tuple(proofs(look_at(node)) for node in reading.nodes)
    texts = captured_text(reading.nodes, _cited(analysis, proven))
    return AnalysisReport(analysis=analysis, proofs=proven, texts=texts, passed_over=reading.passed_over)


def _cited(analysis: Analysis, proven: tuple[tuple[tuple[ProvenBy, ...], ...], ...]) -> Iterator[LineReference]:
    for node in analysis.nodes:
        for evidence in node.mode.evidence:
            yield from evidence.lines
        yield from node.mode.declared.lines if node.mode.declared is not None else ()
        yield from _of_findings(node.findings)
        yield from node.unparsed
    for of_node in proven:
        for of_pod in of_node:
            for proof in of_pod:
                yield from proof.lines


def _of_findings(findings: tuple[Finding, ...]) -> Iterator[LineReference]:
    return (line for finding in findings for line in finding.lines)


def report_comparison(before: Reading, after: Reading, *, names: tuple[str, str]) -> ComparisonReport:
    """The comparison of two sides, which are called ``names``. Pure; never raises."""
    comparison = compare(before, after)
    changes = [change for node in comparison.nodes for change in node.changes]
    analyses = {
        id(node): analysis
        for reading in (before, after)
        for node, analysis in zip(reading.nodes, analyze(reading).nodes, strict=True)
    }
    return ComparisonReport(
        comparison=comparison,
        nodes=tuple(
            (analyses.get(id(old)), analyses.get(id(new))) for old, new in pair_nodes(before.nodes, after.nodes)
        ),
        before=names[0],
        after=names[1],
        before_texts=captured_text(before.nodes, (line for change in changes for line in change.before_lines)),
        after_texts=captured_text(after.nodes, (line for change in changes for line in change.after_lines)),
    )


def report_trace(reading: Reading, source: str, target: str) -> TraceReport:
    """The way of a packet. Raises :class:`aksnet_parse.UsageError` as :func:`aksnet_parse.trace` does."""
    found = trace(reading, source, target)
    cited = [line for hop in found.hops for line in hop.lines]
    analyses = analyze(reading).nodes
    nodes = []
    for reference in dict.fromkeys(hop.node for hop in found.hops if hop.node is not None):
        node = analyses[reference.number - 1]
        ends = [end for end in (found.source, found.target) if end.node == reference]
        pods = [number for number, pod in enumerate(node.pods) if any(_is_end(pod, end) for end in ends)]
        nodes.append(TracedNode(reference=reference, node=node, pods=tuple(pods)))
    texts = captured_text(reading.nodes, [*cited, *_of_findings(found.missing)])
    return TraceReport(trace=found, nodes=tuple(nodes), texts=texts)


def _is_end(pod: Pod, end: TraceEnd) -> bool:
    if end.kind != "pod" or (pod.pod, pod.container_id, pod.pid, pod.netns) != (
        end.pod,
        end.container_id,
        end.pid,
        end.netns,
    ):
        return False
    return end.address is None or end.address in {address.partition("/")[0] for address in pod.addresses}
