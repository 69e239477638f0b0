"""A comparison for people: what changed, what stayed, what could not be compared, and what shows each change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from rich.console import Console

from ..analysis.comparison.models import Change, Comparison, NodeComparison
from .page import write_heading, write_item, write_lines, write_page
from .words import compared_name, count, need_names

__all__ = ["render_comparison"]

_SHOWN_DETAILS = 3
_COLOURS = {"changed": "yellow", "added": "green", "gone": "red"}


def render_comparison(comparison: Comparison, stream: TextIO, *, before: str, after: str) -> None:
    """Write ``comparison`` to ``stream``. ``before`` and ``after``: what the two sides are called."""
    write_page(stream, lambda console: _render(comparison, console, before, after))


def _render(comparison: Comparison, console: Console, before: str, after: str) -> None:
    write_item(console, before, indent=0, label="BEFORE ")
    write_item(console, after, indent=0, label="AFTER  ")
    nodes = comparison.nodes
    if len(nodes) > 1:
        changed = sum(not node.no_change for node in nodes)
        write_heading(console, f"{count(len(nodes), 'node')}, {changed} changed")
    several_files = _has_several_files(comparison)
    for node in nodes:
        _node(console, node, several_files)
    for side, skipped in (("BEFORE", comparison.skipped_before), ("AFTER", comparison.skipped_after)):
        _sentences(console, f"Not read of {side}", [f"{one.file}: {one.reason}" for one in skipped])


def _has_several_files(comparison: Comparison) -> bool:
    """True if one of the sides has, and so a number alone does not say where a line stands."""
    changes = [change for node in comparison.nodes for change in node.changes]
    before = (line.file for change in changes for line in change.before_lines)
    after = (line.file for change in changes for line in change.after_lines)
    return need_names(before) or need_names(after)


def _node(console: Console, node: NodeComparison, several_files: bool) -> None:
    write_heading(console, f"Node {compared_name(node)}")
    if node.no_change:
        write_item(console, "No change." if node.stayed else "Nothing could be compared.")
    for change in node.changes:
        write_item(console, change.message, style=_COLOURS[change.kind])
    _sentences(console, "Stayed", node.stayed)
    _sentences(console, "Not compared", [one.message for one in node.not_compared])
    shown = [change for change in node.changes if change.details or change.before_lines or change.after_lines]
    if shown:
        write_heading(console, "Why")
    for change in shown:
        _proof(console, change, several_files)


def _sentences(console: Console, heading: str, sentences: Sequence[str]) -> None:
    if sentences:
        write_heading(console, heading)
    for sentence in sentences:
        write_item(console, sentence)


def _proof(console: Console, change: Change, several_files: bool) -> None:
    """What a change is for its first few subjects, and the lines that show it, as `diff` marks the two sides."""
    write_item(console, change.message)
    for detail in change.details[:_SHOWN_DETAILS]:
        write_item(console, f"{detail.subject}: {detail.before} -> {detail.after}", indent=4)
    if len(change.details) > _SHOWN_DETAILS:
        write_item(console, f"and {len(change.details) - _SHOWN_DETAILS} more", indent=4)
    for mark, lines in (("- ", change.before_lines), ("+ ", change.after_lines)):
        write_lines(console, lines, several_files=several_files, shown=1, mark=mark)
