"""Commands that print one JSON document of which a few facts are kept: whole documents, and what grep left of one."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from ..commandline import Invocation
from ..dressing import is_cut_mark
from ..json_form import Entry, head, opens_json, read_entries
from ..json_pieces import Piece, read_pieces
from ..json_values import value_at
from ..masking import masked
from ..records import Line, ParseResult, Record, Source
from .base import Command, build

__all__ = ["JsonCommand", "KeyLines", "objects_at"]

R = TypeVar("R", bound=Record)

_JSON_LINE = re.compile(r"[ ]*[\"{}\[\]]")
_MEMBER = re.compile(r"[ ]*(?:\"[^\"]{1,200}\":|\"[^\"]*\",?$|[{}\[\]][{}\[\], ]*$)")
_BARE = re.compile(r"\s*[\[\]{},][\[\]{},\s]*")
_KEY = re.compile(r"[ ]*\"((?:[^\"\\]|\\.)*+)\":")
_LONGEST_OBJECT = 500


class JsonCommand(Command[R], ABC):
    """A command whose output is one or several JSON documents."""

    @abstractmethod
    def rows(self, value: dict[str, Any], lines: Sequence[str], entry: Entry, source: Source) -> list[dict[str, Any]]:
        """The rows of one document, each with ``source``; none if it is no document of this command."""

    def rows_of_pieces(
        self, pieces: Sequence[Piece], file: str | None, first_line: int
    ) -> tuple[list[dict[str, Any]], list[Piece]]:
        """The rows of what is left of a document that was cut, whose first line is ``first_line``, and all pieces that
        they rest on: those that are whole, and what is left of those around them."""
        return [], []

    def row_of_facts(self, facts: dict[str, str], source: Source) -> dict[str, Any] | None:
        """The row of what the template found in a fragment; None if it is not enough."""
        return None

    def begins(self, lines: Sequence[str], index: int) -> bool:
        line = lines[index]
        return self.herald.match(head(lines, index) if opens_json(line) else line) is not None

    def is_beside(self, line: str) -> bool:
        """True if a line around the facts of a fragment is another member of the document, and of no interest."""
        return _MEMBER.match(line) is not None

    def mixes_text_and_json(self) -> bool:
        return True

    def takes(self, line: str, invocation: Invocation | None) -> bool:
        return _JSON_LINE.match(line) is not None

    def follows(self, line: str, invocation: Invocation | None) -> bool:
        return _MEMBER.match(line) is not None

    def restarts(self, line: str, lines: Sequence[str]) -> bool:
        return False

    def parse_lines(
        self,
        lines: Sequence[str],
        *,
        file: str | None = None,
        first_line: int = 1,
        invocation: Invocation | None = None,
    ) -> ParseResult[R]:
        entries, lost = read_entries(lines)
        rows: list[dict[str, Any]] = []
        unread = set(lost)
        read: set[int] = set()
        for entry in entries:
            source = Source(file, first_line + entry.first, first_line + entry.last)
            found = self.rows(entry.value, lines, entry, source)
            rows += found
            (read if found else unread).update(range(entry.first, entry.last + 1))
        left_over: set[int] = set()
        for run in _runs([number for number in range(len(lines)) if number not in read] if unread - read else []):
            pieces, broken = read_pieces(lines[run.start : run.stop])
            found, used = self.rows_of_pieces(pieces, file, first_line + run.start)
            if found:
                rows += found
                unread.difference_update(run)
                left_over.update(run.start + number for number in _left_over(len(run), pieces, used, broken))
        fragments, passed = self._fragments(lines, unread | left_over, file, first_line)
        rows += fragments
        records, refused = build(self.model, rows)
        kept = {
            number
            for record in records
            if record.source is not None
            for number in range(record.source.first_line, record.source.last_line + 1)
        }
        bad = {number for source in refused for number in range(source.first_line, source.last_line + 1)}
        bad |= {first_line + number for number in unread} - passed - kept
        bad |= {first_line + number for number in left_over}
        shown = {number for number, line in enumerate(lines, first_line) if line.strip()}
        marks = {number for number in shown if is_cut_mark(lines[number - first_line])}
        bad = (bad & shown) - marks
        return ParseResult(
            records,
            [Line(file, number, masked(lines[number - first_line])) for number in sorted(bad)],
            len(shown),
            [Line(file, number, masked(lines[number - first_line])) for number in sorted(shown - kept - bad)],
        )

    def _fragments(
        self, lines: Sequence[str], unread: set[int], file: str | None, first_line: int
    ) -> tuple[list[dict[str, Any]], set[int]]:
        """Rows of lines that stand in no whole document, and the numbers of those that only brackets stand on or that
        say something else."""
        if not unread:
            return [], set()
        text = "\n".join(line if number in unread else "" for number, line in enumerate(lines))
        scan = self.grammar().scan(text, file=file, first_line=first_line)
        passed = {first_line + number for number in unread if _BARE.fullmatch(lines[number])}
        rows: list[dict[str, Any]] = []
        facts: dict[str, str] = {}
        first = last = 0

        def finish() -> None:
            source = Source(file, first, last)
            row = self.row_of_facts(facts, source) if facts else None
            if row is not None:
                rows.append(row)

        for found in scan.records[self.group]:
            number = found["source"].first_line
            words = {name: value for name, value in found.items() if name != "source"}
            if not facts.keys().isdisjoint(words):
                finish()
                facts = {}
            if not facts:
                first = number
            last = number
            facts |= words
        finish()
        if rows:
            # Around the facts of a fragment, other members of the same document.
            passed |= {first_line + number for number in unread if self.is_beside(lines[number])}
        return rows, passed


def _runs(numbers: Sequence[int]) -> Iterator[range]:
    """The numbers that follow each other, together."""
    first = 0
    for place in range(1, len(numbers) + 1):
        if place == len(numbers) or numbers[place] != numbers[place - 1] + 1:
            yield range(numbers[first], numbers[place - 1] + 1)
            first = place


def _left_over(count: int, pieces: Sequence[Piece], used: Sequence[Piece], broken: set[int]) -> set[int]:
    """Of ``count`` lines those that hold something beside the pieces that were used: what stands in an object around
    them is of the document, but for objects that were cut."""
    found = set(range(count))
    for piece in used:
        found.difference_update(range(piece.first, piece.last + 1))
    known = set(map(id, used))
    around = {id(above) for piece in used for above in _above(piece)}
    for piece in pieces:
        if not piece.is_whole and piece.value and id(piece) not in known | around:
            found.update(range(piece.first, piece.last + 1))
    return found | broken


def _above(piece: Piece) -> Iterator[Piece]:
    while piece.parent is not None:
        piece = piece.parent
        yield piece


def objects_at(value: Any, *path: str) -> list[tuple[str, dict[str, Any]]]:
    """The objects in the one at ``path``, by their keys."""
    found = value_at(value, *path)
    return [(key, item) for key, item in found.items() if isinstance(item, dict)] if isinstance(found, dict) else []


class KeyLines:
    """Where the objects of a document stand, as far as line ends tell."""

    def __init__(self, lines: Sequence[str], entry: Entry, source: Source) -> None:
        self._lines, self._entry, self._source = lines, entry, source
        self._first: dict[str, int] = {}
        for number in range(entry.first, entry.last + 1):
            match = _KEY.match(lines[number])
            if match is not None:
                self._first.setdefault(match[1], number)

    def of(self, key: str) -> Source:
        """The lines of the object or list under ``key``; the first of the document if the key begins no line."""
        lines, entry = self._lines, self._entry
        first = self._first.get(json.dumps(key, ensure_ascii=False)[1:-1], entry.first)
        last = first
        if lines[first].endswith(("{", "[")):
            indent = len(lines[first]) - len(lines[first].lstrip())
            closing = re.compile(rf"[ ]{{{indent}}}[}}\]]")
            rest = range(first + 1, min(entry.last, first + _LONGEST_OBJECT) + 1)
            last = next((number for number in rest if closing.match(lines[number])), first)
        shift = self._source.first_line - entry.first
        return self._source._replace(first_line=first + shift, last_line=last + shift)
