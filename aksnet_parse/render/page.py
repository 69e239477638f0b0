"""What every text for people is made of: its width, indented sentences, and the lines they rest on."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from io import StringIO
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ..analysis.models import LineReference
from .plain import printable

__all__ = ["COLOURS", "SHOWN_LINES", "count", "write_item", "write_lines", "write_page"]

_PIPED_WIDTH = 100
SHOWN_LINES = 2
_LONGEST_TEXT = 200  # a line of JSON can be a page; `--format json` gives all of it
_SHOWN_RANGES = 8

COLOURS = {
    "proven": "green",
    "partial": "yellow",
    "conflict": "red",
    "error": "red",
    "warning": "yellow",
    "info": "cyan",
}


def write_page(stream: TextIO, write: Callable[[Console], None]) -> None:
    """Let ``write`` fill a page: in colour and to its width on a terminal, else plain and 100 columns wide."""
    console = _console(stream)
    if console.is_terminal:
        write(console)
        return
    buffer = StringIO()
    write(_console(buffer, width=None if "COLUMNS" in os.environ else _PIPED_WIDTH))
    # Rich fills the lines of a table with blanks, which nobody wants in a file.
    stream.writelines(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines())


def _console(stream: TextIO, *, width: int | None = None) -> Console:
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def write_item(console: Console, text: str, *, style: str = "", indent: int = 2) -> None:
    """Text of its own, indented; long text goes on below its beginning."""
    console.print(Padding(Text(printable(text), style=style), (0, 0, 0, indent), expand=False))


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
        write_item(console, f"{mark}{_cited(line, several_files)}", style="dim", indent=indent)
    rest = [line.line for line in lines[shown:]]
    if rest:
        # Of other files than the one cited last the numbers alone say nothing.
        where = f": {_ranges(rest)}" if len({line.file for line in lines[shown - 1 :]}) == 1 else ""
        write_item(console, f"{mark}and {count(len(rest), 'more line')}{where}", style="dim", indent=indent)


def _cited(line: LineReference, several_files: bool) -> str:
    place = f"{line.file}:{line.line}" if several_files and line.file is not None else f"{line.line}"
    text = line.text.strip()
    return f"{place}: {text if len(text) <= _LONGEST_TEXT else f'{text[:_LONGEST_TEXT]} ...'}"


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


def count(number: int, noun: str) -> str:
    """``1 pod``, ``2 pods``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
