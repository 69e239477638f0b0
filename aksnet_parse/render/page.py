"""What the answers for people have in common: the width of a page, headings and items, and how lines are cited."""

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

__all__ = ["Page", "count", "item", "write_page"]

_PIPED_WIDTH = 100
_SHOWN_LINES = 2
_LONGEST_TEXT = 200  # a line of JSON can be a page; `--format json` gives all of it
_SHOWN_RANGES = 8


def write_page(stream: TextIO, draw: Callable[[Console], None]) -> None:
    """Write what ``draw`` prints to ``stream``; in colour and to its width on a terminal, else plain and 100 columns
    wide."""
    console = _console(stream)
    if console.is_terminal:
        draw(console)
        return
    buffer = StringIO()
    draw(_console(buffer, width=None if "COLUMNS" in os.environ else _PIPED_WIDTH))
    # Rich fills the lines of a table with blanks, which nobody wants in a file.
    stream.writelines(f"{line.rstrip()}\n" for line in buffer.getvalue().splitlines())


def _console(stream: TextIO, *, width: int | None = None) -> Console:
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def item(console: Console, text: str, *, style: str = "", indent: int = 2) -> None:
    console.print(Padding(Text(printable(text), style=style), (0, 0, 0, indent), expand=False))


def count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


class Page:
    """A page that is being written. ``several_files``: lines are cited with the file they stand in."""

    def __init__(self, console: Console, several_files: bool) -> None:
        self.console = console
        self.several_files = several_files

    def heading(self, text: str) -> None:
        self.console.print()
        self.console.print(Text(text, style="bold"))

    def lines(
        self, lines: Sequence[LineReference], *, shown: int = _SHOWN_LINES, indent: int = 4, mark: str = ""
    ) -> None:
        """The first few lines, each after ``mark``, and the numbers of the others."""
        for line in lines[:shown]:
            item(self.console, f"{mark}{self._cited(line)}", style="dim", indent=indent)
        rest = [line.line for line in lines[shown:]]
        if rest:
            # Of other files than the one cited last the numbers alone say nothing.
            where = f": {_ranges(rest)}" if len({line.file for line in lines[shown - 1 :]}) == 1 else ""
            item(self.console, f"{mark}and {count(len(rest), 'more line')}{where}", style="dim", indent=indent)

    def _cited(self, line: LineReference) -> str:
        place = f"{line.file}:{line.line}" if self.several_files and line.file is not None else f"{line.line}"
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
