"""A table as wide as the page: columns by what is in them, names broken where they have a joint, nothing cut off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.text import Text

from .page import write_item, write_line
from .plain import printable

__all__ = ["Column", "Row", "write_table"]

_JOINTS = re.compile(r"[^/.\s-]*[/.\s-]?")
_INDENT = 2


@dataclass(frozen=True, slots=True)
class Column:
    """``narrowest``: what must not be broken has this width."""

    heading: str
    narrowest: int


@dataclass(frozen=True, slots=True)
class Row:
    """``style``: of the last cell. ``below``: what else there is to say, on a line of its own."""

    cells: Sequence[str]
    style: str = ""
    below: str = ""


def write_table(console: Console, columns: Sequence[Column], rows: Sequence[Row]) -> None:
    """Write ``rows``, each with as many cells as there are ``columns``, to the width of the page if that can be."""
    cells = [[printable(cell) for cell in row.cells] for row in rows]
    wanted = [
        max(cell_len(text) for text in (column.heading, *(row[number] for row in cells)))
        for number, column in enumerate(columns)
    ]
    narrowest = [max(column.narrowest, cell_len(column.heading)) for column in columns]
    width = console.width - _INDENT
    gap = 2 if sum(wanted) + 2 * (len(columns) - 1) <= width else 1
    widths = _fitted(wanted, narrowest, width - gap * (len(columns) - 1))
    headings = [Text(column.heading, style="underline") for column in columns]
    _write_row(console, headings, widths, gap)
    for row, texts in zip(rows, cells, strict=True):
        folded = [_folded(text, width) for text, width in zip(texts, widths, strict=True)]
        for number in range(max(map(len, folded))):
            parts = [Text(lines[number] if number < len(lines) else "") for lines in folded]
            parts[-1].stylize(row.style)
            _write_row(console, parts, widths, gap)
        if row.below:
            write_item(console, row.below, style="dim", indent=2 * _INDENT)


def _write_row(console: Console, cells: Sequence[Text], widths: Sequence[int], gap: int) -> None:
    line = Text(" " * _INDENT)
    for cell, width in zip(cells, widths, strict=True):
        line.append_text(cell).append(" " * (width - cell_len(cell.plain) + gap))
    write_line(console, line)


def _fitted(wanted: Sequence[int], narrowest: Sequence[int], room: int) -> list[int]:
    """The widths of the columns: those that are wide for their kind give away what there is no room for."""
    widths = list(wanted)
    while sum(widths) > room:
        spare = [width - least for width, least in zip(widths, narrowest, strict=True)]
        widest = max(range(len(widths)), key=spare.__getitem__)
        if spare[widest] <= 0:
            break
        widths[widest] -= min(spare[widest], sum(widths) - room)
    return widths


def _folded(text: str, width: int) -> list[str]:
    """``text`` in lines of ``width`` cells, broken at a joint of the name if there is one."""
    lines = [""]
    for part in _JOINTS.findall(text):
        if cell_len(lines[-1] + part) <= width:
            lines[-1] += part
            continue
        pieces = chop_cells(part, width) if cell_len(part) > width else [part]
        lines[-1:] = [line for line in lines[-1:] if line]
        lines += pieces
    return [line.rstrip() for line in lines]
