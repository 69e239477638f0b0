"""What a command is: its name, how its command line and its output are recognised, and how its lines become records."""

from __future__ import annotations

import dataclasses
import json
import re
from bisect import bisect
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from types import GenericAlias
from typing import Any, Generic, SupportsIndex, TypeVar, overload

from pydantic import TypeAdapter, ValidationError

from ..commandline import Invocation
from ..dressing import expanded, is_cut_mark, undressed
from ..errors import ParseError
from ..grammar import Grammar, Scan
from ..json_form import head, is_json_line, lines_of_keys, opens_json, read_entries, written
from ..records import EntrySource, Line, ParseResult, Record, Source
from ..repeats import Own, Repeats

__all__ = ["Command", "joined", "read_words"]

R = TypeVar("R", bound=Record)


# Headings stand within the first lines.
_NEAR = 4


class _Lines(Sequence[str]):
    """The lines of a text, which is parted into them only if somebody looks at one: most often none does. ``text`` may
    still have tabs, the lines have none."""

    __slots__ = ("_lines", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._lines: list[str] | None = None

    @property
    def _parted(self) -> list[str]:
        if self._lines is None:
            self._lines = expanded(self.text).split("\n")
        return self._lines

    def __len__(self) -> int:
        return self.text.count("\n") + 1

    @overload
    def __getitem__(self, index: SupportsIndex) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: SupportsIndex | slice) -> str | list[str]:
        if self._lines is None and not isinstance(index, slice) and 0 <= int(index) < _NEAR:
            return expanded(self.text.split("\n", int(index) + 1)[int(index)])
        return self._parted[index]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parted)


def joined(lines: Sequence[str]) -> str:
    """The text that has these lines. It may still have tabs."""
    return lines.text if isinstance(lines, _Lines) else "\n".join(lines)


@dataclass(frozen=True)
class Command(Generic[R]):
    """One command whose output can be read.

    ``name``: as it is typed (``ip addr``). ``grammar``: gives the compiled template; called when first needed.
    ``group``: the template's top-level group that holds the records. ``model``: the record type, built from that
    group's dicts. ``claims``: whether an argument vector (program first, wrappers taken off) is this command.
    ``herald``: a line that can only be the beginning of this command's output; the JSON form is matched as one line.
    ``from_json``: the row of one entry of the command's JSON form (``ip -j``), None if the entry is none of this
    command's. It may change the entry, and must give the row and all rows in it a ``source``. None if there is no such
    form. ``of_cluster``: it tells of the whole cluster, not of the machine on which it was called. ``own``: by the
    names of a group and of a word in it, the words that tell one record from the next where many are alike, and what
    they say (see :mod:`aksnet_parse.repeats`); what :meth:`refine` makes of a row must follow from its other words.
    """

    name: str
    grammar: Callable[[], Grammar]
    group: str
    model: type[R]
    claims: Callable[[tuple[str, ...]], bool]
    herald: re.Pattern[str]
    from_json: Callable[[dict[str, Any], Source], dict[str, Any] | None] | None = None
    of_cluster: bool = False
    own: Mapping[str, Mapping[str, Own]] = field(default_factory=dict)

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process finds a command of this package by its name; of any other, all parts must be found there."""
        from .registry import named

        if named(self.name) is self:
            return named, (self.name,)
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return _made, (type(self), fields)

    def begins(self, lines: Sequence[str], index: int) -> bool:
        """True if undressed line ``index`` shows, without a command line, that this command's output begins there."""
        line = lines[index]
        if self.from_json is not None and opens_json(line):
            line = head(lines, index)
        return self.herald.match(line) is not None

    def restarts(self, line: str, lines: Sequence[str]) -> bool:
        """True if ``line`` can only be the beginning of another output of this command, after ``lines`` of one."""
        # Inside the JSON form no line but the first begins with a bracket.
        return self.from_json is not None and line.startswith("[") and opens_json(line) and any(lines)

    def begins_anew(self, line: str, seen: dict[Hashable, object]) -> bool:
        """True if ``line`` cannot stand in one output together with the lines before it, of which ``seen`` holds what
        this needs to know; it is kept up to date here."""
        return False

    def takes(self, line: str, invocation: Invocation | None) -> bool:
        """True if an undressed line can be output of this command, as called by ``invocation``."""
        return self.grammar().takes(line) or (self.from_json is not None and is_json_line(line))

    def follows(self, line: str, invocation: Invocation | None) -> bool:
        """True if an undressed line goes on with the output after a blank line or a gap. Stricter than ``takes``."""
        return self.takes(line, invocation)

    def heads(self, line: str, invocation: Invocation | None) -> bool:
        """True if an undressed line that looks like an author's heading is the output's own."""
        return False

    def is_partial(self, argv: tuple[str, ...]) -> bool:
        """True if this call prints only a part of what the command knows (one interface, one bridge)."""
        return False

    def answers_when_silent(self) -> bool:
        """True if printing nothing at all is an answer."""
        return False

    def mixes_text_and_json(self) -> bool:
        """True if output that did not begin as JSON can go on as JSON."""
        return False

    def call_as_capture(self, argv: tuple[str, ...], lines: Sequence[str]) -> tuple[tuple[str, ...], list[str]] | None:
        """For a call that says something whatever it prints: its words and the ``lines`` it stands on, both without
        what must not be kept. The lines then are a capture of their own. None for any other call.
        """
        return None

    def parse(self, text: str, *, file: str | None = None, strict: bool = False) -> ParseResult[R]:
        """Read the output of this command: ``text`` is the output, never a path.

        ``file`` is only a name, given back in each record's ``source``. With ``strict`` the first line that is not
        understood raises :class:`ParseError`; otherwise such lines are in the result's ``unparsed``.
        """
        result = self.parse_lines(_Lines(undressed(text, keep_tabs=True)), file=file)
        result.model = self.model
        if strict and result.unparsed:
            line = result.unparsed[0]
            raise ParseError(f"not understood as output of {self.name}", file=file, line=line.line, text=line.text)
        return result

    def flow(self, lines: Sequence[str]) -> tuple[Sequence[str], Sequence[int]] | None:
        """The lines as the template knows them, and for each the number (from 0) of the line it stands on.

        None if they are those of the output. Other than that: what ``ip -o`` joins, by a backslash; without one in
        the text this is not asked.
        """
        return None

    def fold(self, text: str) -> tuple[str, Sequence[int], Mapping[int, Sequence[str]]] | None:
        """For an output that can have very many lines that are alike but for a word, all of which the template and
        :meth:`refine` take in the same way: the text with the first of them only, the numbers (from 0) of the lines it
        has left, and by the number of such a line the words of those left out. None if there are none. The text may
        have tabs: those of lines that are left out need not be made blanks.
        """
        return None

    def has_likes(self, text: str) -> bool:
        """False for an output in which a row cannot be read for itself, so that no record may be made after another."""
        return True

    def part_unknown_words(self, line: str) -> tuple[str, str] | None:
        """Part a line that the template does not take into what it may take and the words that are not known.

        A later version of a tool prints words that nobody knows yet. They must not cost the rest of the line. They are
        in ``Scan.unknown`` for :meth:`refine`; the lines of those that it leaves there are reported as not understood.
        None if the line is none of this command's.
        """
        return None

    def refine(self, scan: Scan) -> list[Source]:
        """Last work on the words of ``scan.records`` before they become models; they may be changed in place.

        Returns the sources of what the template let in and cannot be, having taken it out.
        """
        return []

    def parse_lines(
        self,
        lines: Sequence[str],
        *,
        file: str | None = None,
        first_line: int = 1,
        invocation: Invocation | None = None,
    ) -> ParseResult[R]:
        """Read undressed lines, the first of which is line ``first_line`` of ``file``."""
        text = joined(lines)
        if self.from_json is not None and (shown := _SHOWN.search(text)) is not None and opens_json(shown[0]):
            return self._parse_json(lines, file, first_line)
        grammar = self.grammar()
        numbers: Sequence[int] | None = None
        if "\\" in text:
            flowed, numbers = self.flow(lines) or (lines, None)
            text = joined(flowed)
        folded = self.fold(text) if numbers is None else None
        more: Mapping[int, Sequence[str]] = {}
        if folded is not None:
            text, numbers, left_out = folded
            more = {first_line + number: words for number, words in left_out.items()}
        text = expanded(text)
        # Few lines hold few records that are alike.
        pays = bool(self.own) and numbers is None and _is_long(text) and self.has_likes(text)
        repeats = self._repeats if pays else None

        def without_line(row: dict[str, Any], name: str) -> Source | None:
            source: Source = row["source"]
            if numbers is not None:
                return None
            # Without its first line it would be no row.
            for number in range(source.first_line + 1, source.last_line + 1):
                words = grammar.further_words(lines[number - first_line])
                if name in words and words[name] == row[name]:
                    for word in words:
                        row.pop(word, None)  # refine may have made another word of it
                    return Source(file, number, number)
            return None

        scan = grammar.scan(text, file=file, first_line=first_line, numbers=numbers, repeats=repeats)
        if scan.unmatched:
            known, unknown = self._without_unknown_words(text)
            if unknown:
                scan = grammar.scan(known, file=file, first_line=first_line, numbers=numbers)
                scan.unknown = {
                    first_line + (numbers[index] if numbers is not None else index): words
                    for index, words in unknown.items()
                }
        del text
        scan.more = more
        refused = self.refine(scan)
        records, untyped = build(self.model, scan.records[self.group], without_line)
        if scan.made:
            records = _in_order(records, scan.made)
        bad = {line.line for line in scan.unmatched}
        for number in bad & more.keys():
            bad.update(range(number, number + 1 + len(more[number])))
        for source in (*refused, *untyped):
            bad.update(range(source.first_line, source.last_line + 1))
        bad |= scan.unknown.keys()
        lost = [Line(file, number, lines[number - first_line]) for number in sorted(bad)]
        unparsed = [line for line in lost if line.text.strip() and not is_cut_mark(line.text)]
        passed_over = {
            number
            for name in scan.records
            if name != self.group
            for row in scan.records[name]
            for number in range(row["source"].first_line, row["source"].last_line + 1)
        }
        passed_over |= bad - {line.line for line in unparsed}
        return ParseResult(
            records,
            unparsed,
            scan.lines + sum(map(len, more.values())) if numbers is None or folded is not None else _count(lines),
            [
                line
                for number in sorted(passed_over)
                if (line := Line(file, number, lines[number - first_line])).text.strip()
            ],
        )

    @cached_property
    def _repeats(self) -> Repeats[R]:
        return Repeats(self.group, self.own, self._record)

    def _without_unknown_words(self, text: str) -> tuple[str, dict[int, str]]:
        """``text`` as the template takes it, and by the number of a line (from 0) the words it lacks there."""
        unknown: dict[int, str] = {}
        lines = text.split("\n")
        for index, line in enumerate(lines):
            if not self.grammar().takes(line) and (parted := self.part_unknown_words(line)) is not None:
                known, words = parted
                if self.grammar().takes(known):
                    lines[index], unknown[index] = known, words
        return "\n".join(lines), unknown

    def _record(self, row: dict[str, Any]) -> R | None:
        """The record of one row, None if anything is wrong with it."""
        scan = Scan({self.group: [row]})
        if self.refine(scan):
            return None
        records, refused = build(self.model, scan.records[self.group])
        return records[0] if len(records) == 1 and not refused else None

    def _parse_json(self, lines: Sequence[str], file: str | None, first_line: int) -> ParseResult[R]:
        """What has no name in the model is taken out and reported, each by its line and, on a long one, its key."""
        assert self.from_json is not None
        entries, lost = read_entries(lines)
        unparsed = dict.fromkeys(Line(file, first_line + number, lines[number][:_LONG]) for number in lost)
        rows: list[dict[str, Any]] = []
        empty: set[int] = set()
        keys: dict[tuple[int, int], dict[str, int]] = {}

        def line_of_key(key: str, first: int, last: int) -> int:
            """The first line of an entry that has ``key``; its first line if none has."""
            if (first, last) not in keys:
                keys[first, last] = lines_of_keys(lines, first, last)
            return keys[first, last].get(written(key), first)

        starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
        for entry in entries:
            source = Source(file, first_line + entry.first, first_line + entry.last)
            if _take_out("source", entry.value):  # no tool prints it, and here it means something else
                number = line_of_key("source", entry.first, entry.last)
                unparsed[Line(file, first_line + number, lines[number][:_LONG])] = None
            if entry.first == entry.last and len(lines[entry.first]) > _LONG:
                start = starts[entry.first]
                source = EntrySource.at(source, (entry.start - start, entry.end - start))
            row = self.from_json(entry.value, source) if entry.value else None
            if row is not None:
                rows.append(row)
            elif all(value == [] for value in entry.value.values()):
                # iproute2 4.x prints {} for what a filter left out, and -o {"addr_info":[]} for what has no address.
                empty.update(range(first_line + entry.first, first_line + entry.last + 1))
            else:
                for number in range(entry.first, entry.last + 1):
                    unparsed[Line(file, first_line + number, lines[number])] = None

        named: set[Source] = set()

        def without_key(row: dict[str, Any], name: str) -> Source | None:
            source: Source = row["source"]
            named.add(source)
            number = line_of_key(name, source.first_line - first_line, source.last_line - first_line)
            value = row.pop(name)
            text = lines[number] if len(lines[number]) <= _LONG else f'"{name}": {json.dumps(value, default=str)}'
            unparsed[Line(file, first_line + number, text[:_LONG])] = None
            return Source(file, first_line + number, first_line + number)

        records, untyped = build(self.model, rows, without_key)
        # What fell with one of its keys is reported by that key's line, unless nothing is left around it.
        kept = {record.source for record in records}
        for source in set(untyped) - (named & kept):
            for number in range(source.first_line, source.last_line + 1):
                unparsed[Line(file, number, lines[number - first_line][:_LONG])] = None
        lost_lines = sorted((line for line in unparsed if line.text.strip()), key=lambda line: line.line)
        reported = {line.line for line in lost_lines}
        for record in records:
            if empty and record.source is not None:
                empty.difference_update(range(record.source.first_line, record.source.last_line + 1))
        return ParseResult(
            records,
            lost_lines,
            max(_count(lines), len(entries), len(lost_lines)),
            [
                Line(file, number, line)
                for number, line in enumerate(lines, first_line)
                if (_BARE.fullmatch(line) or (number in empty and line.strip())) and number not in reported
            ],
        )


def _made(kind: type[Command[R]], fields: Mapping[str, Any]) -> Command[R]:
    return kind(**fields)


def _take_out(key: str, value: Any) -> bool:
    """Take ``key`` out of all objects in ``value``; True if it was in one."""
    found = False
    rest = [value]
    while rest:
        item = rest.pop()
        if isinstance(item, dict):
            found = item.pop(key, None) is not None or found
            rest += item.values()
        elif isinstance(item, list):
            rest += item
    return found


def _is_long(text: str) -> bool:
    """Whether it pays to look for records that are alike."""
    return text.count("\n", 0, 1000) >= 10


_SHOWN = re.compile(r"[^\n]+")


def _first_line(record: Record) -> int:
    return record.source.first_line if record.source is not None else 0


def _in_order(few: Iterable[R], many: Sequence[R]) -> list[R]:
    """All records by line, as each of both are."""
    records: list[R] = []
    start = 0
    for record in few:
        end = bisect(many, _first_line(record), start, key=_first_line)
        records += many[start:end]
        records.append(record)
        start = end
    return records + list(many[start:])


# A line of JSON that is longer holds more than one thing.
_LONG = 1000
_BARE = re.compile(r"\s*[\[\]{},][\[\]{},\s]*")


def _count(lines: Iterable[str]) -> int:
    """How many are not blank."""
    return sum(1 for line in lines if line.strip())


def read_words(rows: list[dict[str, Any]], read: Callable[[list[str]], dict[str, Any] | None]) -> list[Source]:
    """Put what ``read`` makes of each row's ``words`` in their place.

    Rows it makes nothing of are taken out of ``rows``; returns their sources.
    """
    refused: list[Source] = []
    kept: list[dict[str, Any]] = []
    for row in rows:
        facts = read(row.pop("words").split())
        if facts is None:
            refused.append(row["source"])
        else:
            kept.append(row | facts)
    rows[:] = kept
    return refused


_adapters: dict[type[Record], TypeAdapter[Any]] = {}


def build(
    model: type[R],
    rows: list[dict[str, Any]],
    without_line: Callable[[dict[str, Any], str], Source | None] = lambda row, name: None,
) -> tuple[list[R], list[Source]]:
    """Typed records of ``rows``, and the sources of the words that have no such type.

    A word can have the shape the template asks for and still be no address, such as ``10.0.0.999``. Then the row it
    is in is taken out of ``rows``, be it among them or within one; what stands beside or around it stays.
    ``without_line`` can spare the row: it takes out the words of the line that one of them is on, and gives its source.
    """
    adapter = _adapters.get(model)
    if adapter is None:
        rows_of_model: Any = GenericAlias(list, (model,))
        adapter = _adapters[model] = TypeAdapter(rows_of_model)
    refused: list[Source] = []
    while True:
        try:
            return adapter.validate_python(rows), refused
        except ValidationError as error:
            bad = list(_bad_words(rows, error))
        doomed: dict[int, dict[str, Any]] = {}
        for _, row, name in bad:
            if name is not None and name not in row:
                continue  # it went with another of its line
            source = without_line(row, name) if name is not None else None
            if source is not None:
                refused.append(source)
            else:
                doomed[id(row)] = row
        for siblings in {id(siblings): siblings for siblings, _, _ in bad}.values():
            siblings[:] = [row for row in siblings if id(row) not in doomed]
        refused += [row["source"] for row in doomed.values()]


def _is_row(value: Any) -> bool:
    return isinstance(value, dict) and "source" in value


def _bad_words(
    rows: list[dict[str, Any]], error: ValidationError
) -> Iterator[tuple[list[dict[str, Any]], dict[str, Any], str | None]]:
    """Of each place ``error`` names: the innermost row around it, the list that is in, and the name of the word.

    None for a word that is missing, or an error of the row as a whole.
    """
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        # The way to the place: an index into ``rows``, then names and indexes, the last of them in the model only.
        place: Any = rows
        siblings, row, name = rows, rows[int(detail["loc"][0])], None
        for step in detail["loc"]:
            if isinstance(place, list) and isinstance(step, int) and _is_row(place[step]):
                siblings, row, name = place, place[step], None
                place = row
            else:
                if place is row:
                    name = str(step)
                place = place.get(step) if isinstance(place, dict) else None
        yield siblings, row, None if detail["type"] == "missing" else name
