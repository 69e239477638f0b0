"""What a report is made of: an answer, what proves it, and the captured text it rests on. Pydantic models, so that all
of it can be put under pseudonyms before it is shown."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from ...analysis import analyze
from ...analysis.captured import CapturedText, captured_text
from ...analysis.comparison import Comparison, compare
from ...analysis.models import Analysis, Finding, LineReference
from ...analysis.proofs import ProvenBy, proofs
from ...analysis.situation import look_at
from ...analysis.tracing import trace
from ...analysis.tracing.models import Trace
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
    """``before``, ``after``: what the two sides are called; the texts are of either."""

    comparison: Comparison
    before: str
    after: str
    before_texts: tuple[CapturedText, ...]
    after_texts: tuple[CapturedText, ...]


class TraceReport(_Report):
    trace: Trace
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
    return ComparisonReport(
        comparison=comparison,
        before=names[0],
        after=names[1],
        before_texts=captured_text(before.nodes, (line for change in changes for line in change.before_lines)),
        after_texts=captured_text(after.nodes, (line for change in changes for line in change.after_lines)),
    )


def report_trace(reading: Reading, source: str, target: str) -> TraceReport:
    """The way of a packet. Raises :class:`aksnet_parse.UsageError` as :func:`aksnet_parse.trace` does."""
    found = trace(reading, source, target)
    cited = [line for hop in found.hops for line in hop.lines]
    return TraceReport(trace=found, texts=captured_text(reading.nodes, [*cited, *_of_findings(found.missing)]))
