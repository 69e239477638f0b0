"""Commands that print one JSON document of which a few facts are kept: whole documents, and what grep left of one."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, TypeVar

from ..commandline import Invocation
from ..dressing import is_cut_mark
from ..json_form import Entry, read_entries, whole_objects
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

    def row_of_piece(self, key: str, value: dict[str, Any], source: Source) -> dict[str, Any] | None:
        """The row of an object under ``key`` in a document that was cut; None if it is none that is read by itself."""
        return None

    def row_of_facts(self, facts: dict[str, str], source: Source) -> dict[str, Any] | None:
        """The row of what the template found in a fragment; None if it is not enough."""
        return None

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
        for entry in entries:
            source = Source(file, first_line + entry.first, first_line + entry.last)
            found = self.rows(entry.value, lines, entry, source)
            rows += found
            if not found:
                unread.update(range(entry.first, entry.last + 1))
        pieces = self._pieces(lines, unread, file, first_line)
        rows += pieces
        fragments, passed = self._fragments(lines, unread, file, first_line)
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
        shown = {number for number, line in enumerate(lines, first_line) if line.strip()}
        marks = {number for number in shown if is_cut_mark(lines[number - first_line])}
        bad = (bad & shown) - marks
        return ParseResult(
            records,
            [Line(file, number, masked(lines[number - first_line])) for number in sorted(bad)],
            len(shown),
            [Line(file, number, masked(lines[number - first_line])) for number in sorted(shown - kept - bad)],
        )

    def _pieces(
        self, lines: Sequence[str], unread: set[int], file: str | None, first_line: int
    ) -> list[dict[str, Any]]:
        """Rows of whole objects in what is no whole document; their lines are taken out of ``unread``."""
        text = [line if number in unread and not is_cut_mark(line) else "" for number, line in enumerate(lines)]
        if not any(text):
            return []
        nowhere = Source(file, first_line, first_line)
        found = whole_objects(text, lambda value: self.row_of_piece("", value, nowhere) is not None)
        rows: list[dict[str, Any]] = []
        for key, entry in found:
            row = self.row_of_piece(key, entry.value, Source(file, first_line + entry.first, first_line + entry.last))
            if row is not None:
                rows.append(row)
                unread.difference_update(range(entry.first, entry.last + 1))
        return rows

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
            passed |= {first_line + number for number in unread if _MEMBER.match(lines[number])}
        return rows, passed


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
