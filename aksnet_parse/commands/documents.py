"""Commands that print a table or, asked so, a document: ``-o json`` or ``-o yaml``, as crictl and kubectl do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from ..commandline import Invocation
from ..dressing import is_cut_mark
from ..json_form import head, opens_json, whole_characters
from ..masking import masked_keys
from ..records import Line, ParseResult, Record, Source
from ..yaml_form import UnreadableYaml, looks_like_yaml, read_yaml
from .base import Command, build
from .calls import option_values
from .wrapped import put_together, spread_out

__all__ = ["Document", "DocumentCommand", "Found", "Placed", "is_of_cluster", "read_json_documents"]

R = TypeVar("R", bound=Record)


class Document(NamedTuple):
    """An object, and the lines it is on, counted from 0."""

    value: dict[str, Any]
    first: int
    last: int


# A row, and its first and last line.
Placed = tuple[dict[str, Any], int, int]


@dataclass(slots=True)
class Found:
    """What a text holds: objects, rows that were read otherwise (with their first and last line), the numbers of the
    lines that nobody understood, and the reason if there is one. ``is_final``: nothing can be salvaged from those."""

    documents: list[Document] = field(default_factory=list)
    rows: list[Placed] = field(default_factory=list)
    is_final: bool = False
    lost: set[int] = field(default_factory=set)
    reason: str | None = None


# --- JSON -------------------------------------------------------------------------------------------------------------

_BETWEEN = re.compile(r"[\s\[\],]*+")
# The object around a list begins with its kind or nothing; what stands behind the list is of no interest.
_FLAT = r'"[^"\\\n]{0,100}"\s*+:\s*+(?:"[^"\\\n]{0,300}"|[\w.+-]{1,40}|\{\s*+\})\s*+'
_AROUND = re.compile(rf'\{{\s*+(?:{_FLAT},\s*+)*?"(?:items|containers)"\s*+:\s*+(?:\[|(?=null))')
_BEHIND = re.compile(
    rf'\s*+(?:\]|null)(?:\s*+,\s*+(?:{_FLAT}|"metadata"\s*+:\s*+\{{\s*+(?:{_FLAT},?+\s*+)*+\}}))*+(?:\s*+\}})?+'
)
_NEXT = re.compile(r"\},?\s*+(?=\{)")
# A text that is broken in more places is not worth the time: looking for the next object may read all that is left.
_ATTEMPTS = 64


def read_json_documents(lines: Sequence[str], *, attempts: int = _ATTEMPTS) -> Found:
    """The objects of ``lines``: those in the list that an object holds as ``items`` or ``containers``, else the
    outermost. Each is read by itself, so that what stands before a cut is not lost.

    ``attempts``: how often to look for the next object behind one that is broken.
    """
    text = whole_characters("\n".join(lines))
    decoder = json.JSONDecoder()
    found = Found()
    position = number = 0
    in_list = False
    while True:
        step = _BEHIND.match(text, position) if in_list else None
        if step is not None:
            in_list = False
        else:
            step = _BETWEEN.match(text, position)
            assert step is not None  # it matches nothing as well
            around = _AROUND.match(text, step.end()) if not in_list else None
            if around is not None:
                step, in_list = around, True
        number += text.count("\n", position, step.end())
        position = step.end()
        if position == len(text):
            return found
        if step.re is not _BETWEEN:
            continue
        value: Any = None
        end = position
        if text.startswith("{", position):
            try:
                value, end = decoder.raw_decode(text, position)
            except (ValueError, RecursionError):
                attempts -= 1
        last = number + text.count("\n", position, end)
        if isinstance(value, dict):
            found.documents.append(Document(value, number, last))
            position, number = end, last
            continue
        following = _NEXT.search(text, position + 1) if attempts > 0 else None
        end = following.end() if following is not None else len(text)
        last = number + text.count("\n", position, end)
        found.lost.update(range(number, last + 1 if following is None else last))
        position, number = end, last


def is_of_cluster(entry: dict[str, Any]) -> bool:
    """True if an object has what only the API server writes into it, or lacks what a manifest needs; False for a
    manifest, as an author writes it."""
    metadata = entry.get("metadata")
    # `kubectl run --dry-run=client -o yaml` prints `creationTimestamp: null`.
    written = isinstance(metadata, dict) and any(metadata.get(name) for name in _BY_THE_SERVER)
    return written or bool(entry.get("status")) or ("status" in entry and "spec" not in entry)


_BY_THE_SERVER = frozenset({"uid", "resourceVersion", "creationTimestamp", "managedFields"})


# --- YAML -------------------------------------------------------------------------------------------------------------


def _read_yaml_documents(lines: Sequence[str]) -> Found:
    found = Found()
    try:
        for value, spans in read_yaml(lines):
            values = [value]
            if isinstance(value, dict):
                values = next((value[key] for key in ("items", "containers") if key in value), values) or []
            if isinstance(values, list):
                found.documents += [Document(item, *spans[id(item)]) for item in values if isinstance(item, dict)]
    except UnreadableYaml as error:
        known = found.documents[-1].last + 1 if found.documents else 0
        found.lost.update(range(min(known, len(lines)), len(lines)))
        found.reason = str(error)
    return found


# --- the command ------------------------------------------------------------------------------------------------------

_LONG = 1000
_LONGEST_DOCUMENT = 5000
# What lines of JSON and YAML have, and those of a table hardly.
_OF_DOCUMENT = re.compile(r"[\"'“”„‟{}=]|^\s*(?:-\s|[\w./-]+:(?:\s|$))")
_JSON_LINE = re.compile(r"[ ]*(?:[\"{}\[\]]|(?:-?[0-9][0-9.eE+-]*|true|false|null),?$)")
_JSON_MEMBER = re.compile(r"[ ]*(?:\"[^\"]{1,200}\":|[{}\[\]]+,?$|\"[^\"]*\",?$)")
_TOP = re.compile(r"(?:- )?(?:apiVersion|items|containers|kind|metadata|spec|status|info):|[ ]{2,}\S|- \S")


@dataclass(frozen=True, kw_only=True)
class DocumentCommand(Command[R]):
    """A command whose output is a table or a document.

    ``of_document``: the row of one object of the document, None if it is none of this command's; it gets no
    ``source``. ``yaml_herald``: the first lines of the YAML, joined, as ``herald`` has those of the JSON.
    ``withheld``: stands for each line of a document that was not understood, where those can hold secrets.
    ``has_pieces``: what is no whole object is read piece by piece. ``row_head``: how a row of the table begins, and
    what stands above its columns, where a terminal can have broken rows. ``reordered``: how JSON begins whose keys are
    in another order than the tool's, and what stands in a line of such a document that is this command's.
    """

    of_document: Callable[[dict[str, Any]], dict[str, Any] | None]
    yaml_herald: re.Pattern[str]
    withheld: str | None = None
    has_pieces: bool = False
    row_head: re.Pattern[str] | None = None
    reordered: tuple[re.Pattern[str], re.Pattern[str]] | None = None

    def begins(self, lines: Sequence[str], index: int) -> bool:
        line = lines[index]
        if opens_json(line):
            line = head(lines, index)
            if self.reordered is not None and self.reordered[0].match(line) is not None:
                return _has_within(lines, index, self.reordered[1])
        elif line.endswith(":") or line.startswith("apiVersion: "):
            return self.yaml_herald.match("\n".join(lines[index : index + 4])[:1000]) is not None
        return self.herald.match(line) is not None

    def restarts(self, line: str, lines: Sequence[str]) -> bool:
        return self.is_heading(line) and any(earlier.strip() for earlier in lines)

    def is_heading(self, line: str) -> bool:
        """True for the line above the columns of the table."""
        return False

    def takes(self, line: str, invocation: Invocation | None) -> bool:
        if self.grammar().takes(line) or (_JSON_LINE.match(line) is not None and _may_print_json(invocation)):
            return True
        if self.row_head is not None and self.row_head.match(line) is not None:
            return True
        if invocation is not None:
            return _prints_yaml(invocation) and (line.startswith(" ") or looks_like_yaml(line))
        return looks_like_yaml(line) and _TOP.match(line) is not None

    def heads(self, line: str, invocation: Invocation | None) -> bool:
        return invocation is not None and _prints_yaml(invocation) and _TOP.match(line) is not None

    def follows(self, line: str, invocation: Invocation | None) -> bool:
        if invocation is not None and _prints_yaml(invocation):
            return looks_like_yaml(line) and _TOP.match(line) is not None
        return self.grammar().takes(line) or (_JSON_MEMBER.match(line) is not None and _may_print_json(invocation))

    def parse_lines(
        self,
        lines: Sequence[str],
        *,
        file: str | None = None,
        first_line: int = 1,
        invocation: Invocation | None = None,
    ) -> ParseResult[R]:
        begun = next((line for line in lines if line and not is_cut_mark(line)), "")
        if opens_json(begun):
            attempts = 0 if self.has_pieces else _ATTEMPTS
            found = read_json_documents([_without_mark(line) for line in lines], attempts=attempts)
        elif not self.grammar().takes(begun) and looks_like_yaml(begun):
            found = _read_yaml_documents([_without_mark(line) for line in lines])
        else:
            return self.parse_table(lines, file=file, first_line=first_line, invocation=invocation)
        return self.result(found, lines, file, first_line, invocation)

    def parse_table(
        self, lines: Sequence[str], *, file: str | None, first_line: int, invocation: Invocation | None
    ) -> ParseResult[R]:
        """Read what is neither JSON nor YAML."""
        whole, spans = (
            (lines, {}) if self.row_head is None else put_together(lines, self.row_head, self.grammar().takes)
        )
        result = super().parse_lines(whole, file=file, first_line=first_line, invocation=invocation)
        result = spread_out(result, spans, lines, first_line)
        if self.withheld is None or not result.unparsed:
            return result
        unparsed = [
            line._replace(text=masked_keys(line.text, self.withheld)) if _OF_DOCUMENT.search(line.text) else line
            for line in result.unparsed
        ]
        shown = sum(1 for line in lines if line.strip())
        return ParseResult(result.records, unparsed, shown, result.passed_over)

    def salvage(self, lines: Sequence[str], lost: set[int]) -> list[Placed]:
        """Rows of what is no whole object, each with its first and last line, counted from 0.

        Takes the lines that were understood out of ``lost``.
        """
        return []

    def complete(self, rows: list[dict[str, Any]], invocation: Invocation | None) -> None:
        """Last work on all rows of an output: what its call says of them."""

    def result(
        self, found: Found, lines: Sequence[str], file: str | None, first_line: int, invocation: Invocation | None
    ) -> ParseResult[R]:
        """The records of what was found in ``lines``."""
        lost = found.lost
        placed = list(found.rows)
        if self.has_pieces and lost and found.reason is None and not found.is_final:
            placed += self.salvage(lines, lost)
        for document in found.documents:
            row = self.of_document(document.value)
            if row is not None:
                placed.append((row, document.first, document.last))
            else:
                lost.update(range(document.first, document.last + 1))
        rows: list[dict[str, Any]] = []
        for row, first, last in sorted(placed, key=lambda item: item[1]):
            rows.append({name: value for name, value in row.items() if value not in (None, "", ())})
            rows[-1]["source"] = Source(file, first_line + first, first_line + last)
        self.complete(rows, invocation)
        records, refused = build(self.model, rows)
        for source in refused:
            lost.update(range(source.first_line - first_line, source.last_line + 1 - first_line))
        return self._accounted(records, lines, lost, file, first_line, found.reason)

    def _accounted(
        self,
        records: Sequence[R],
        lines: Sequence[str],
        lost: Iterable[int],
        file: str | None,
        first_line: int,
        reason: str | None = None,
    ) -> ParseResult[R]:
        shown = {number for number, line in enumerate(lines) if line.strip()}
        unparsed = {number for number in lost if number in shown and not is_cut_mark(lines[number])}
        kept = {
            number - first_line
            for record in records
            if record.source is not None
            for number in range(record.source.first_line, record.source.last_line + 1)
        }

        def line(number: int, reason: str | None) -> Line:
            text = lines[number][:_LONG] if self.withheld is None else masked_keys(lines[number], self.withheld)
            return Line(file, first_line + number, f"({reason})" if reason is not None else text)

        return ParseResult(
            records,
            [line(number, reason) for number in sorted(unparsed)],
            len(shown),
            [line(number, None) for number in sorted(shown - kept - unparsed)],
        )


def _has_within(lines: Sequence[str], index: int, telling: re.Pattern[str]) -> bool:
    """Whether ``telling`` is found in the document that opens at line ``index``, before it closes."""
    indent = len(lines[index]) - len(lines[index].lstrip())
    for line in lines[index : index + _LONGEST_DOCUMENT]:
        if telling.search(line) is not None:
            return True
        if line[indent : indent + 1] in {"}", "]"} and not line[:indent].strip():
            return False
    return False


def _without_mark(line: str) -> str:
    return "" if is_cut_mark(line) else line


def _may_print_json(invocation: Invocation | None) -> bool:
    """False for a kubectl call that asks for a table: JSON below it is of another call."""
    if invocation is None or invocation.argv[0] not in {"kubectl", "oc", "k"}:
        return True
    return bool({"json"} & set(option_values(invocation.argv, "-o", "--output")))


def _prints_yaml(invocation: Invocation) -> bool:
    return "yaml" in option_values(invocation.argv, "-o", "--output")
