"""What every text for people is made of: its width, its colours, indented sentences, and the lines they rest on."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from ..analysis.models import Finding, LineReference
from .plain import printable
from .words import count

__all__ = [
    "COLOURS",
    "SHOWN_LINES",
    "write_finding",
    "write_heading",
    "write_item",
    "write_line",
    "write_lines",
    "write_page",
]

_PIPED_WIDTH = 100
_NARROWEST = 40
SHOWN_LINES = 2
_SHOWN_OF_WRONG = 4
_LONGEST_TEXT = 200  # a line of JSON can be a page; `--format json` gives all of it
_LONGEST_HANGING = 20
_SHOWN_RANGES = 8

COLOURS = {
    "proven": "green",
    "partial": "yellow",
    "conflict": "red",
    "error": "red",
    "warning": "yellow",
    "info": "cyan",
}


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise  # rich would exit with status 1 here; the command line knows better


def write_page(stream: TextIO, write: Callable[[Console], None]) -> None:
    """Let ``write`` fill a page: to its width on a terminal, else as wide as ``COLUMNS`` says, or 100 columns.

    In colour and bold only on a terminal, and neither where ``NO_COLOR`` is set or ``TERM`` is ``dumb``."""
    is_terminal = stream.isatty()
    is_plain = not is_terminal or bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") in {"dumb", "unknown"}
    console = _Console(
        file=stream,
        force_terminal=is_terminal,  # FORCE_COLOR must not colour a file
        force_jupyter=False,
        color_system=None if is_plain else "auto",
        width=None if is_terminal or "COLUMNS" in os.environ else _PIPED_WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
    )
    if console.width < _NARROWEST:
        console.width = _NARROWEST
    write(console)


def write_line(console: Console, line: Text) -> None:
    """A line that is as wide as it should be."""
    line.rstrip()
    console.print(line, soft_wrap=True)


def write_heading(console: Console, text: str) -> None:
    """A heading, after a blank line."""
    console.print()
    write_item(console, text, style="bold", indent=0)


def write_item(console: Console, text: str, *, style: str = "", indent: int = 2, label: str = "") -> None:
    """Text of its own, indented; long text goes on below its beginning. What goes on after a ``label`` is indented
    as far as what stands behind it."""
    label = printable(label)
    width = console.width - indent
    whole = Text(label + printable(text), style=style)
    if cell_len(whole.plain) <= width:
        lines = [whole]
    else:
        first = whole.wrap(console, width, overflow="fold")[0]
        rest = whole[len(first) :]
        rest = rest[len(rest.plain) - len(rest.plain.lstrip(" ")) :]
        hanging = cell_len(label) if cell_len(label) <= _LONGEST_HANGING else 2
        shift = Text(" " * hanging)
        lines = [first, *(shift + line for line in rest.wrap(console, width - hanging, overflow="fold"))]
    for line in lines:
        write_line(console, Text(" " * indent) + line)


def write_finding(console: Console, finding: Finding, *, several_files: bool) -> None:
    """What was found and the lines that show it; of what is wrong also how bad it is, and its code."""
    is_wrong = finding.severity != "info"
    label = f"{finding.severity} {finding.code}: " if is_wrong else ""
    write_item(console, f"{label}{finding.message}", style=COLOURS[finding.severity] if is_wrong else "")
    shown = _SHOWN_OF_WRONG if is_wrong else SHOWN_LINES
    write_lines(console, finding.lines, several_files=several_files, shown=shown)


def write_lines(
    console: Console,
    lines: Sequence[LineReference],
    *,
    several_files: bool,
    shown: int = SHOWN_LINES,
    indent: int = 4,
    mark: str = "",
) -> None:
    """The lines that something rests on: the first few in full, of the rest where they stand. ``several_files``: the
    answer is of several files, so that a number alone says nothing. ``mark``: what each begins with."""
    for line in lines[:shown]:
        place = f"{line.file}:{line.line}" if several_files and line.file is not None else f"{line.line}"
        text = line.text.strip()
        text = text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]} ..."
        write_item(console, text, style="dim", indent=indent, label=f"{mark}{place}: ")
    rest = [line.line for line in lines[shown:]]
    if rest:
        # Of other files than the one cited last the numbers alone say nothing.
        where = f": {_ranges(rest)}" if len({line.file for line in lines[shown - 1 :]}) == 1 else ""
        write_item(console, f"and {count(len(rest), 'more line')}{where}", style="dim", indent=indent, label=mark)


def _ranges(numbers: Sequence[int]) -> str:
    """Line numbers in few words: ``95-97, 99``; a long list shows its beginning and its end."""
    parts: list[str] = []
    start = previous = numbers[0]
    for number in [*numbers[1:], -1]:
        if number == previous + 1:
            previous = number
            continue
        parts.append(str(start) if start == previous else f"{start}-{previous}")
        start = previous = number
    if len(parts) > _SHOWN_RANGES:
        parts[_SHOWN_RANGES - 1 : -1] = ["..."]
    return ", ".join(parts)
