"""A trace for people: from where to where, what became of the packet, every hop with its lines, and what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console

from ..analysis.tracing.models import Hop, Trace, TraceNode
from .page import write_heading, write_item, write_lines, write_page
from .words import count, need_names, trace_end, trace_node

__all__ = ["render_trace"]

_VERDICTS = {
    "reached": ("reached", "bold green"),
    "lost": ("lost", "bold red"),
    "left": ("left what was captured", "bold yellow"),
    "unknown": ("cannot be told from these captures", "bold yellow"),
}
_NUMBERED = 5  # columns before a hop's sentence


def render_trace(trace: Trace, stream: TextIO) -> None:
    """Write ``trace`` to ``stream``; in colour and to its width on a terminal, else plain and 100 columns wide."""
    write_page(stream, lambda console: _render(trace, console))


def _render(trace: Trace, console: Console) -> None:
    parties = (trace.source, trace.target)
    nodes = {node for node in (*(end.node for end in parties), *(hop.node for hop in trace.hops)) if node is not None}
    several = len(nodes) > 1
    ends = f"From {trace_end(trace.source, several)} to {trace_end(trace.target, several)}"
    write_item(console, ends, style="bold", indent=0)
    words, style = _VERDICTS[trace.verdict]
    assumed = sum(hop.assumed for hop in trace.hops)
    by = f", {count(assumed, 'hop')} of {len(trace.hops)} assumed" if assumed else ""
    write_item(console, f"{words}{by}", style=style, indent=0)
    if trace.reason is not None:
        write_item(console, trace.reason)
    write_heading(console, "Hops")
    _hops(trace.hops, console, several_nodes=several)
    if trace.missing:
        write_heading(console, "Missing")
        for finding in trace.missing:
            write_item(console, finding.message)


def _hops(hops: Sequence[Hop], console: Console, *, several_nodes: bool) -> None:
    several_files = need_names(line.file for hop in hops for line in hop.lines)
    at: TraceNode | None = None
    for number, hop in enumerate(hops, 1):
        if several_nodes and hop.node is not None and hop.node != at:
            write_item(console, f"on {trace_node(hop.node)}", style="underline")
            at = hop.node
        assumed = " (assumed)" if hop.assumed else ""
        write_item(console, f"{number:>2} {hop.kind}{assumed}")
        write_item(console, hop.sentence, indent=_NUMBERED)
        write_lines(console, hop.lines, several_files=several_files, indent=_NUMBERED + 2)
