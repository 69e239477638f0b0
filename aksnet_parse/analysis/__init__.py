"""Pure functions from nodes to answers: no input or output, no clock, no state. Same nodes, same answer."""

from __future__ import annotations

from ..node import Node
from ..reading import Reading, need_reading
from .findings import findings_of
from .listed import not_captured
from .models import Analysis, CaptureSummary, LineReference, NodeAnalysis, Skipped, Unread
from .situation import look_at

__all__ = ["analyze"]


def analyze(reading: Reading) -> Analysis:
    """The answer for everything that :func:`aksnet_parse.read` found. Pure: reads nothing, writes nothing, never
    raises for a Reading."""
    need_reading(reading)
    listed = not_captured(reading)
    return Analysis(
        nodes=tuple(_analyze_node(node) for node in reading.nodes),
        skipped=tuple(Skipped(file=file, reason=reason) for file, reason in reading.skipped),
        listed_pods=listed.pods,
        listed_nodes=listed.nodes,
        unread=tuple(Unread(**said._asdict()) for said in reading.unread),
    )


def _analyze_node(node: Node) -> NodeAnalysis:
    situation = look_at(node)
    captures = tuple(
        CaptureSummary(
            command=parsed.capture.command.name,
            namespace=parsed.namespace,
            file=parsed.capture.file,
            first_line=parsed.capture.first_line,
            last_line=parsed.capture.last_line,
            abbreviated=parsed.capture.abbreviated,
        )
        for parsed in node.captures
    )
    unparsed = tuple(
        LineReference(file=line.file, line=line.line, text=line.text)
        for parsed in node.captures
        for line in parsed.result.unparsed
    )
    return NodeAnalysis(
        name=node.name,
        mode=situation.mode,
        uplink=situation.host.uplink,
        pods=situation.pods,
        findings=findings_of(situation),
        captures=captures,
        unparsed=unparsed,
    )
