"""A comparison for people: what changed, what stayed, what could not be compared, and what shows each change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.text import Text

from ..analysis.comparison.models import Change, Comparison, NodeComparison
from .page import Page, count, item, write_page
from .plain import printable

__all__ = ["render_comparison"]

_SHOWN_DETAILS = 3
_COLOURS = {"changed": "yellow", "added": "green", "gone": "red"}


def render_comparison(comparison: Comparison, stream: TextIO, *, before: str, after: str) -> None:
    """Write ``comparison`` to ``stream``. ``before`` and ``after``: what the two sides are called."""
    write_page(stream, lambda console: _render(comparison, console, before, after))


def _render(comparison: Comparison, console: Console, before: str, after: str) -> None:
    console.print(Text(printable(f"BEFORE {before}")))
    console.print(Text(printable(f"AFTER  {after}")))
    nodes = comparison.nodes
    if len(nodes) > 1:
        changed = sum(not node.no_change for node in nodes)
        console.print()
        console.print(Text(f"{count(len(nodes), 'node')}, {changed} changed", style="bold"))
    for node in nodes:
        page = _Page(console, _has_several_files(comparison))
        page.heading(f"Node {printable(_name(node))}")
        page.node(node)
    for side, skipped in (("BEFORE", comparison.skipped_before), ("AFTER", comparison.skipped_after)):
        if skipped:
            console.print()
            console.print(Text(f"Not read of {side}", style="bold"))
        for one in skipped:
            item(console, f"{one.file}: {one.reason}")


def _has_several_files(comparison: Comparison) -> bool:
    """True if one of the sides has, and so a number alone does not say where a line stands."""
    changes = [change for node in comparison.nodes for change in node.changes]
    before = {line.file for change in changes for line in change.before_lines}
    after = {line.file for change in changes for line in change.after_lines}
    return len(before) > 1 or len(after) > 1


def _name(node: NodeComparison) -> str:
    if node.before == node.after or node.status == "gone":
        return node.before or "(no name)"
    if node.status == "added":
        return node.after or "(no name)"
    return f"{node.before or '(no name)'} before, {node.after or '(no name)'} after"


class _Page(Page):
    def node(self, node: NodeComparison) -> None:
        if node.no_change:
            item(self.console, "No change." if node.stayed else "Nothing could be compared.")
        for change in node.changes:
            item(self.console, change.message, style=_COLOURS[change.kind])
        self._sentences("Stayed", node.stayed)
        self._sentences("Not compared", [one.message for one in node.not_compared])
        shown = [change for change in node.changes if change.details or change.before_lines or change.after_lines]
        if shown:
            self.heading("Why")
        for change in shown:
            self._change(change)

    def _sentences(self, heading: str, sentences: Sequence[str]) -> None:
        if sentences:
            self.heading(heading)
        for sentence in sentences:
            item(self.console, sentence)

    def _change(self, change: Change) -> None:
        item(self.console, change.message)
        for detail in change.details[:_SHOWN_DETAILS]:
            item(self.console, f"{detail.subject}: {detail.before} -> {detail.after}", indent=4)
        if len(change.details) > _SHOWN_DETAILS:
            item(self.console, f"and {len(change.details) - _SHOWN_DETAILS} more", indent=4)
        self.lines(change.before_lines, shown=1, mark="- ")
        self.lines(change.after_lines, shown=1, mark="+ ")
