"""The captured text on a page: where each line stands there, so that whatever cites it can lead to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ...analysis.captured import CapturedText
from ...analysis.models import LineReference
from ...commandline import HOST
from ..words import need_names

__all__ = ["Captures", "Run"]

_FEW = 12


@dataclass(frozen=True, slots=True)
class Run:
    """Lines of a capture that follow each other, each with its id on the page. ``after``: how many of those before
    them are left out."""

    first: int
    lines: Sequence[tuple[str, LineReference]]
    after: int


_Shown = tuple[CapturedText, list[Run]]


class Captures:
    """``texts``: what there is to show. ``unparsed``: the lines that nobody understood. ``prefix``: what ids of lines
    begin with, where a page has two of these."""

    def __init__(
        self, texts: Sequence[CapturedText], unparsed: Iterable[LineReference] = (), *, prefix: str = "l"
    ) -> None:
        files = {file: number for number, file in enumerate(dict.fromkeys(text.file for text in texts), 1)}
        self.several_files = need_names(files)
        self._ids: dict[tuple[str | None, int], str] = {}
        self._texts: dict[tuple[str | None, int], str] = {}
        self._unparsed = {(line.file, line.line) for line in unparsed}
        self.texts: list[_Shown] = []
        self.number = 0
        for text in texts:
            shown = []
            for line in text.lines:
                place = line.file, line.line
                if place not in self._ids:  # two calls can have one command line
                    self._ids[place] = (
                        f"{prefix}{files[text.file]}-{line.line}" if self.several_files else f"{prefix}{line.line}"
                    )
                    self._texts[place] = line.text
                    shown.append((self._ids[place], line))
            self.number += len(shown)
            self.texts.append((text, list(_runs(shown))))

    def place(self, line: LineReference) -> str:
        """The id of a line on the page; empty if it is not there."""
        return self._ids.get((line.file, line.line), "")

    def cited(self, line: LineReference) -> str:
        """What a line is called where it is cited."""
        return f"{line.file}:{line.line}" if self.several_files and line.file is not None else str(line.line)

    def ranges(self, lines: Sequence[LineReference]) -> Iterator[tuple[LineReference, str]]:
        """Lines in few words: the first of those that follow each other, and what they are called."""
        start = 0
        for position in range(1, len(lines) + 1):
            last = lines[position - 1]
            if position < len(lines) and (lines[position].file, lines[position].line) == (last.file, last.line + 1):
                continue
            first = lines[start]
            yield first, self.cited(first) + (f"–{last.line}" if last is not first else "")
            start = position

    def shows(self, line: LineReference) -> bool:
        """True if the page shows the same text where ``line`` stands: not so where only part of it is cited."""
        return self._texts.get((line.file, line.line), "").strip() == line.text.strip()

    @property
    def parts(self) -> list[tuple[str, list[_Shown]]]:
        """The captures, those of the pods apart if they are many; each part with its heading."""
        inside = [shown for shown in self.texts if shown[0].namespace != HOST]
        if len(inside) <= _FEW:
            return [("", self.texts)]
        return [("", [shown for shown in self.texts if shown[0].namespace == HOST]), ("in the pods", inside)]

    def is_unparsed(self, line: LineReference) -> bool:
        return (line.file, line.line) in self._unparsed

    @property
    def left_out(self) -> int:
        """How many lines of the captures are not on the page."""
        return sum(text.left_out for text, _ in self.texts)


def _runs(lines: Sequence[tuple[str, LineReference]]) -> Iterator[Run]:
    start = 0
    end = None
    for position in range(1, len(lines) + 1):
        if position < len(lines) and lines[position][1].line == lines[position - 1][1].line + 1:
            continue
        run = lines[start:position]
        if run:
            yield Run(run[0][1].line, run, run[0][1].line - end - 1 if end is not None else 0)
            end = run[-1][1].line
        start = position
