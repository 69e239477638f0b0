"""Runs a TTP template over text in one pass, and says which line each fact came from and which lines no rule took.

TTP compiles the template, once for each template and process; its line patterns are joined into one alternation that is
matched against every line exactly once. Captured text never reaches TTP: it would open text that names a file.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from operator import methodcaller
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, TypeVar

from .errors import GrammarError
from .records import Line, Record, Source
from .repeats import Key, Piece, Repeats, Way

__all__ = ["Grammar", "Scan", "load_template"]


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """A group of the template. ``depth`` is 0 for a top-level group."""

    name: str
    parent: _Group | None
    depth: int


@dataclass(frozen=True, slots=True, eq=False)
class _Rule:
    """One template line: its group, whether it opens a record there, and which words of a line are whose value.

    ``indexes`` are groups of the joined pattern, one for each of ``names``.
    """

    group: _Group
    starts: bool
    names: tuple[str, ...]
    indexes: tuple[int, ...]

    def words(self, match: re.Match[str]) -> dict[str, Any]:
        if len(self.names) > 1:
            return {name: word for name, word in zip(self.names, match.group(*self.indexes), strict=True) if word}
        return {name: word for name in self.names if (word := match[self.indexes[0]])}


@dataclass(slots=True)
class Scan:
    """What one pass found.

    ``records`` maps each top-level group's name to its records in order. A record is a dict of the captured words that
    are not empty, a list for each child group that occurred, and ``source``. ``unmatched`` holds the non-blank lines
    that no rule took, or that no open record could take in. ``lines`` counts the non-blank lines. ``made``: typed
    records that were made at once, of whichever top-level group opens them; they are not in ``records``. ``more``: by
    the number of a line the words of lines after it that are alike but for this word, and were left out. ``unknown``:
    by the number of a line the words in it that no rule knows; they were taken out before the scan.
    """

    records: dict[str, list[dict[str, Any]]]
    unmatched: list[Line] = field(default_factory=list)
    lines: int = 0
    made: Sequence[Any] = ()
    more: Mapping[int, Sequence[str]] = field(default_factory=dict)
    unknown: dict[int, str] = field(default_factory=dict)


class Grammar:
    """A compiled template. Immutable after construction, so one instance serves any number of threads.

    ``template`` is the text of a TTP template: named groups (``name="rows*"``), variables with ``re(...)`` or
    ``ignore(...)`` patterns, and ``_start_``. Raises :class:`GrammarError` for a template that uses more of TTP.

    The records are those plain TTP gives, except that nothing is overwritten or attached by guess. A record ends where
    the next one of its group, of an outer group or of any top-level group begins, and where its outer record goes on. A
    second line of a kind that a record has already, and a line whose record is not open, are unmatched.
    """

    def __init__(self, template: str) -> None:
        lines = _ttp_lines(template)
        # In the joined pattern a line's words have its number before their names, and the number alone is the line.
        patterns = [
            f"(?P<_{number}>{line.pattern.replace('(?P<', f'(?P<_{number}_')})" for number, line in enumerate(lines)
        ]
        # The last branch takes what no rule took, so that every line is matched once and line numbers are a count.
        self._regex = _compiled(rf"^(?:(?:{'|'.join(patterns)})[\t ]*$|.*)")
        places = self._regex.groupindex
        self._groups = list(dict.fromkeys(line.group for line in lines))
        self._rules: dict[int, _Rule] = {}
        for number, line in enumerate(lines):
            indexes = tuple(places[f"_{number}_{name}"] for name in line.names)
            self._rules[places[f"_{number}"]] = _Rule(line.group, line.starts, line.names, indexes)

    def takes(self, line: str) -> bool:
        """True if some rule matches this one line (without its line end)."""
        return self._match(line) is not None

    def starts(self, line: str) -> bool:
        """True if a rule that opens a top-level record or a heading matches this one line."""
        found = self._match(line)
        return found is not None and found[0].starts and found[0].group.depth == 0

    def further_words(self, line: str) -> dict[str, str]:
        """The words of a line that goes on with a record; none of any other line."""
        found = self._match(line)
        return {} if found is None or found[0].starts else found[0].words(found[1])

    def _match(self, line: str) -> tuple[_Rule, re.Match[str]] | None:
        match = self._regex.match(line)
        # The group that closed last is the one around a whole rule.
        return None if match is None or match.lastindex is None else (self._rules[match.lastindex], match)

    def scan(
        self,
        text: str,
        *,
        file: str | None = None,
        first_line: int = 1,
        numbers: Sequence[int] | None = None,
        repeats: Repeats[Any] | None = None,
    ) -> Scan:
        """Read ``text`` (lines joined by ``\\n``), whose first line is line ``first_line`` of ``file``.

        ``numbers``: of each line of ``text`` the number of its line in the file, counted from ``first_line`` as 0; None
        if they follow each other. ``repeats``: makes the records that are like one before; it does not go with
        ``numbers``.
        """
        scan = Scan({group.name: [] for group in self._groups if group.parent is None})
        taker = _Taker(self._rules, scan, file)
        if repeats is None:
            taker.take(enumerate(self._regex.finditer(text), first_line))
        else:
            scan.made = self._take_repeated(text, first_line, taker, repeats)
        taker.close()
        scan.lines = text.count("\n") + 1 - taker.blank
        if numbers is not None:
            _renumber(scan, [first_line + number for number in numbers], first_line)
        return scan

    def _take_repeated(self, text: str, line: int, taker: _Taker, repeats: Repeats[R]) -> list[R]:
        """As ``taker.take`` all lines, the first of which is line ``line``; but where records of a known kind follow
        each other, they are made at once, and returned."""
        shapes: Mapping[int | None, _Shape] | None = repeats.shapes
        if shapes is None:
            shapes = repeats.shapes = self._shapes(repeats)
        made: list[R] = []
        attempts = _ATTEMPTS
        last: list[Any] | None = None
        place = 0

        def may_end(place: int) -> bool:
            if place == len(text):
                return True
            match = self._regex.match(text, place)
            index = match.lastindex if match is not None else None
            return index is not None and self._rules[index].starts and self._rules[index].group.depth == 0

        while True:
            record: list[_NumberedMatch] = []  # the lines of the record that is being read
            for number, match in enumerate(self._regex.finditer(text, place), line):
                shape = shapes.get(match.lastindex)
                if shape is not None and not shape.opens and 0 < len(record) <= _LONGEST_REPEATED:
                    record.append((number, match))
                    continue
                lost = len(taker.scan.unmatched)
                taker.take(record)
                if shape is None or not shape.opens:
                    # A line that belongs to no record, or to one that was read like any other.
                    record = []
                    taker.take(((number, match),))
                    continue
                if attempts:
                    attempts -= 1
                    taker.close()
                    if record and len(taker.scan.unmatched) == lost:
                        like = [(found.lastindex, shapes[found.lastindex].like(found)) for _, found in record]
                        if like == last:
                            repeats.meet(*self._pieces(record, repeats, shapes), taker.scan.records[repeats.group][-1])
                        last = like
                    records, place, line = repeats.run(text, match.start(), taker.file, number, may_end)
                    if records:
                        made += records
                        attempts = _ATTEMPTS
                        break
                record = [(number, match)]
            else:
                taker.take(record)
                return made

    def _shapes(self, repeats: Repeats[R]) -> Mapping[int | None, _Shape]:
        """Of each rule that a record of ``repeats`` can have."""
        shapes: dict[int | None, _Shape] = {}
        for index, rule in self._rules.items():
            outer = rule.group
            while outer.parent is not None:
                outer = outer.parent
            if outer.name == repeats.group:
                own = repeats.own.get(rule.group.name, {})
                places = dict(zip(rule.names, rule.indexes, strict=True))
                others = [place for name, place in places.items() if name not in own]
                shapes[index] = _Shape(
                    opens=rule.starts and rule.group is outer,
                    own=[
                        (place, name, re.compile(own[name].pattern).fullmatch)
                        for name, place in places.items()
                        if name in own
                    ],
                    like=methodcaller("group", *others) if others else _nothing,
                )
        return shapes

    def _pieces(
        self, record: Iterable[_NumberedMatch], repeats: Repeats[R], shapes: Mapping[int | None, _Shape]
    ) -> tuple[Key, list[Piece]]:
        """The parts of a record's text, and what it has in common with others of its kind."""
        key: list[Any] = []
        pieces: list[Piece] = []
        rows: dict[Way, int] = {}
        way: Way = ()
        between = ""
        for _, match in record:
            rule = self._rules[match.lastindex or 0]
            depth = rule.group.depth
            way = way[:depth]
            if rule.starts and depth:
                outer = (*way[: depth - 1], (rule.group.name, -1))
                rows[outer] = rows.get(outer, -1) + 1
                way = (*outer[:-1], (rule.group.name, rows[outer]))
            key.append(match.lastindex)
            text, place, begin = match.string, match.start(), match.start()
            if pieces or between:
                between += "\n"
            for group, name, is_plain in shapes[match.lastindex].own:
                start, end = match.span(group)
                if is_plain(text, start, end):
                    before = text[place:start]
                    _add_between(pieces, between + before, is_indent=place == begin and not before.strip(" "))
                    between = ""
                    pieces.append(Piece(text[start:end], way, name))
                    place = end
            between += text[place : match.end()]
        _add_between(pieces, between, is_indent=False)
        key += (piece.name or (piece.text, piece.is_gap) for piece in pieces)
        return tuple(key), pieces


R = TypeVar("R", bound=Record)
_NumberedMatch = tuple[int, re.Match[str]]
# A record of more lines is not likely to come again; and in a text where so many records were none that come again it
# is not worth looking.
_LONGEST_REPEATED = 32
_ATTEMPTS = 32


class _Shape(NamedTuple):
    """A rule as :class:`Repeats` sees it: whether it opens a record; groups and names of the words of its own, and
    whether there is nothing special about one; what gives its other words."""

    opens: bool
    own: list[tuple[int, str, Callable[[str, int, int], object]]]
    like: Callable[[re.Match[str]], Any]


def _nothing(match: re.Match[str]) -> None:
    """What a line says that consists of words of its own."""


def _add_between(pieces: list[Piece], text: str, *, is_indent: bool) -> None:
    """Add what stands between two words of their own; blanks beside these are gaps, unless they begin a line."""
    if pieces and text.startswith(" "):
        pieces.append(Piece(" ", is_gap=True))
        text = text.lstrip(" ")
    rest = text.rstrip(" ")
    if is_indent or not rest:
        rest = text
    if rest:
        pieces.append(Piece(rest))
    if rest != text:
        pieces.append(Piece(" ", is_gap=True))


class _Taker:
    """Puts the words of lines into rows; ``taken`` is the last line that went into one."""

    __slots__ = ("blank", "file", "rules", "scan", "still_open", "taken")

    def __init__(self, rules: Mapping[int, _Rule], scan: Scan, file: str | None) -> None:
        self.rules = rules
        self.scan = scan
        self.file = file
        self.blank = 0
        self.taken = 0
        # Outermost first: the group, the row, and its first line. Whatever line is taken is part of all of them.
        self.still_open: list[tuple[_Group, dict[str, Any], int]] = []

    def close(self, depth: int = 0) -> None:
        """End the records from this depth on."""
        for _, row, first in self.still_open[depth:]:
            row["source"] = Source(self.file, first, self.taken)
        del self.still_open[depth:]

    def take(self, lines: Iterable[_NumberedMatch]) -> None:
        rules, file, still_open = self.rules, self.file, self.still_open
        records, unmatched = self.scan.records, self.scan.unmatched
        for number, match in lines:
            index = match.lastindex
            if index is None:
                line = match.group()
                if line and not line.isspace():
                    unmatched.append(Line(file, number, line))
                else:
                    self.blank += 1
                continue
            rule = rules[index]
            group = rule.group
            depth = group.depth
            values = rule.words(match)
            if rule.starts:
                if depth == 0:
                    siblings = records[group.name]
                elif len(still_open) >= depth and still_open[depth - 1][0] is group.parent:
                    siblings = still_open[depth - 1][1].setdefault(group.name, [])
                else:
                    unmatched.append(Line(file, number, match.group()))
                    continue
                if len(still_open) > depth:
                    self.close(depth)
                siblings.append(values)
                still_open.append((group, values, number))
            elif (
                len(still_open) > depth
                and still_open[depth][0] is group
                and still_open[depth][1].keys().isdisjoint(values)
            ):
                if len(still_open) > depth + 1:
                    self.close(depth + 1)
                still_open[depth][1].update(values)
            else:
                unmatched.append(Line(file, number, match.group()))
                continue
            self.taken = number


def _renumber(scan: Scan, numbers: Sequence[int], first_line: int) -> None:
    scan.unmatched = [line._replace(line=numbers[line.line - first_line]) for line in scan.unmatched]
    rows = [row for records in scan.records.values() for row in records]
    while rows:
        row = rows.pop()
        file, first, last = row["source"]
        row["source"] = Source(file, numbers[first - first_line], numbers[last - first_line])
        for value in row.values():
            if isinstance(value, list):
                rows += value


_grammars: dict[str, Grammar] = {}
_grammars_lock = threading.Lock()


def load_template(name: str) -> Grammar:
    """The grammar of a template that ships with this package, by its file name without ``.ttp``."""
    grammar = _grammars.get(name)
    if grammar is None:
        with _grammars_lock:
            grammar = _grammars.get(name)
            if grammar is None:
                grammar = _grammars[name] = Grammar(_template_text(name))
    return grammar


def _template_text(name: str) -> str:
    package = Path(__file__).parent
    # In a wheel the templates lie inside the package; in a checkout (or an editable install) beside it.
    for folder in (package / "templates", package.parent / "templates"):
        path = folder / f"{name}.ttp"
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise GrammarError(f"template {name}.ttp is missing from the installation")


# --- what TTP makes of a template -------------------------------------------------------------------------------------

_LINE_START = "\\n"
_LINE_END = "[\\t ]*(?=\\n|\\r\\n)"
_GROUP_NAME = re.compile(r"\(\?P<([^>]+)>")
# A leading underscore means something else to TTP, and so do dots, slashes, braces and a second star.
_PATH = re.compile(r"[A-Za-z]\w*\*")
_REFERENCE = re.compile(r"(?<!\\)(?:\\\\)*(?:\\[1-9]|\(\?P=|\(\?\()")
_ttp_lock = threading.Lock()


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.MULTILINE)
    except re.error as error:
        raise GrammarError(f"a line of the template is no pattern: {error}") from error


class _Line(NamedTuple):
    """A line of a template: its group, whether it opens a record there, TTP's pattern and the names of its words."""

    group: _Group
    starts: bool
    pattern: str
    names: tuple[str, ...]


def _ttp_lines(template: str) -> list[_Line]:
    """The lines of a template, in order.

    With the functions below, this is the one place that looks into TTP's objects.
    """
    try:
        parsed = _compile_with_ttp(template)
        for feature in ("macro_text", "outputs", "groups_outputs", "inputs", "lookups"):
            if getattr(parsed, feature):
                raise GrammarError(f"the template has {feature}; only groups, variables and a doc may stand in it")
        if parsed.vars["_vars_to_results_"]:
            raise GrammarError("the template gives its variables a name, which would put them among the records")
        lines = [line for group in parsed.groups for line in _lines_of_group(group, None)]
    except GrammarError:
        raise
    # TTP calls exit() for an attribute it cannot read.
    except (Exception, SystemExit) as error:
        raise GrammarError(
            f"TTP {metadata.version('ttp')} does not build this template as expected: {error!r}"
        ) from error
    if not lines:
        raise GrammarError("the template has no group with a line to match")
    return lines


def _compile_with_ttp(template: str) -> Any:
    with _ttp_lock:
        ttp_module = _private_ttp()
        ttp_module.log = complaints = _Complaints("ttp")
        ttp_object = ttp_module.ttp()
        complaints.messages.clear()  # that there is no cache
        # With a blank line before it, no template can be the name of a file, which TTP would open.
        ttp_object.add_template("\n" + template)
    if complaints.messages:
        raise GrammarError(f"TTP complains about the template: {complaints.messages[0]}")
    (parsed,) = ttp_object._templates
    return parsed


@cache
def _private_ttp() -> Any:
    """A copy of TTP's main module for this one alone: what is replaced in it touches nothing of the program around."""
    spec = importlib.util.find_spec("ttp.ttp")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    vars(module).update(os=_OsForTtp(), re=_ReForTtp())
    return module


class _ReForTtp:
    """Stands in for ``re`` where TTP compiles the pattern of each line: here all of them are compiled as one."""

    def __getattr__(self, name: str) -> Any:
        return getattr(re, name)

    def compile(self, pattern: str) -> SimpleNamespace:
        return SimpleNamespace(pattern=pattern)


class _OsForTtp:
    """Stands in for ``os`` where TTP collects its functions.

    It hides TTP's pickle cache, the loading of which would run code of whoever wrote it, and the functions that no
    grammar may use, the collecting of which takes longer than all else.
    """

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def getenv(self, name: str, default: str | None = None) -> str | None:
        return "\0no such folder" if name == "TTPCACHEFOLDER" else os.getenv(name, default)

    def walk(self, top: str) -> Iterator[tuple[str, list[str], list[str]]]:
        for folder in ("utils", "patterns", "variable"):
            yield from os.walk(os.path.join(top, folder))


class _Complaints(logging.Logger):
    """Keeps what TTP has to say in ``messages``: a template's mistakes it only logs."""

    def __init__(self, name: str) -> None:
        super().__init__(name, logging.WARNING)
        self.messages: list[str] = []

    def handle(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def _lines_of_group(ttp_group: Any, parent: _Group | None) -> Iterator[_Line]:
    depth = 0 if parent is None else parent.depth + 1
    *outer, path = ttp_group.path
    if len(outer) != depth or _PATH.fullmatch(path) is None:
        raise GrammarError(f"group {ttp_group.name!r}: a group needs a name of one word and a star, such as 'rows*'")
    if ttp_group.end_re or ttp_group.funcs or ttp_group.outputs or ttp_group.inputs or ttp_group.defaults:
        raise GrammarError(f"group {ttp_group.name!r} has an end line, a function, an input, an output or a default")
    if not ttp_group.start_re:
        raise GrammarError(f"group {ttp_group.name!r} has no line to begin with")
    group = _Group(path[:-1], parent, depth)
    taken = {"source"} | {child.path[-1][:-1] for child in ttp_group.children}
    for rules, actions in ((ttp_group.start_re, {"start", "startempty"}), (ttp_group.re, {"add"})):
        for rule in rules:
            pattern = rule["REGEX"].pattern
            names = tuple(_GROUP_NAME.findall(pattern))
            where = f"group {ttp_group.name!r}, line {pattern!r}"
            if rule["IS_LINE"] or not (pattern.startswith(_LINE_START) and pattern.endswith(_LINE_END)):
                raise GrammarError(f"{where}: not a pattern of one line, its words and blanks")
            if rule["ACTION"] not in actions:
                raise GrammarError(f"{where}: joins lines, or begins a record after a child group")
            if any(variable.functions for variable in rule["VARIABLES"].values()):
                raise GrammarError(f"{where}: only match patterns may stand in a line")
            if _REFERENCE.search(pattern):
                raise GrammarError(f"{where}: refers to a group, and groups get other numbers here")
            if any(rule["VARIABLES"][name].var_name_original != name for name in names):
                raise GrammarError(f"{where}: the name of a variable has to be an identifier")
            if taken.intersection(names):
                raise GrammarError(
                    f"{where}: {', '.join(taken.intersection(names))} is the name of something else in the record"
                )
            if rule["ACTION"] == "startempty" and names:
                raise GrammarError(f"{where}: TTP drops the words of a line with {{{{ _start_ }}}}; use word | _start_")
            inner = pattern[len(_LINE_START) : -len(_LINE_END)]
            yield _Line(group, rules is ttp_group.start_re, inner, names)
    for child in ttp_group.children:
        yield from _lines_of_group(child, group)
