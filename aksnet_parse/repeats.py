"""Makes the records of long tables: rows that differ in a few words only, such as a veth's index, name and address.

The first two of a kind go the long way: template, words, pydantic. From them a pattern is made, in which all but the
words of their own is literal text; what it finds next to them is made by copying the validated record and filling in
these words, many records at a time. The template decides all that: a line of another shape ends the run.
"""

from __future__ import annotations

import copy
import re
import sys
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel

from .records import Record, Source

__all__ = ["Columns", "Key", "Kind", "Own", "Piece", "Repeats", "Way", "each", "name_of", "number_of"]

R = TypeVar("R", bound=Record)

# From a record to one within it: names of fields and places there.
Way = tuple[tuple[str, int], ...]
# What tells kinds apart: the rules that took the lines, and the text of all pieces but the words of its own.
Key = tuple[Any, ...]
# Whether a record can end at a place in the text.
MayEnd = Callable[[int], bool]
# The values of some fields, each by record.
Columns = Iterable[tuple[str, Iterable[Any]]]


class Own(NamedTuple):
    """A word that tells one record from the next.

    ``pattern``: what it looks like when there is nothing special about it. It must be so plain that the template takes
    any such word in its place and finds the same words around it. ``fill``: from such words, one for each record, to
    values of the records; the mapping is what the records have in common. Raises ValueError for a word that cannot be.
    """

    pattern: str
    fill: Callable[[Sequence[str], Mapping[str, Any]], Columns]


class _SharedSet(set[str]):
    """The names of the fields that were set, one set for all records of a kind: nobody changes it."""

    def _refuse(self, *args: object) -> Any:
        raise TypeError("a parsed record cannot be changed")

    add = discard = remove = pop = clear = update = _refuse
    difference_update = intersection_update = symmetric_difference_update = _refuse
    __ior__ = __iand__ = __isub__ = __ixor__ = _refuse

    def copy(self) -> set[str]:
        return set(self)

    __copy__ = copy

    def __deepcopy__(self, memo: object) -> set[str]:
        return set(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return set, (list(self),)


def each(convert: Callable[[Sequence[str]], Iterable[Any]], words: Sequence[str]) -> Iterable[Any]:
    """What ``convert`` makes of the words; what all have in common is made once."""
    if words.count(words[0]) == len(words):
        (value,) = convert(words[:1])
        return repeat(value, len(words))
    return convert(words)


def number_of(field: str) -> Own:
    """A whole number that is the value of ``field``."""
    return Own(r"[0-9]{1,9}+", lambda words, _: [(field, map(int, words))])


def name_of(field: str, *others: str) -> Own:
    """The name of an interface, as programs make them up for veths."""
    return Own(r"[a-z][a-z0-9]{0,14}+", lambda words, _: [(one, words) for one in (field, *others)])


def _call(function: Callable[..., object], *columns: Iterable[Any]) -> None:
    """Call ``function`` for each record; the quickest loop there is."""
    deque(map(function, *columns), maxlen=0)


_new = object.__new__
_new_tuple = tuple.__new__
_copied = dict.copy
_put_values = BaseModel.__dict__["__dict__"].__set__
_put_set = BaseModel.__dict__["__pydantic_fields_set__"].__set__
_put_extra = BaseModel.__dict__["__pydantic_extra__"].__set__
_put_private = BaseModel.__dict__["__pydantic_private__"].__set__


def _compact(model: type[Record], values: Mapping[str, Any]) -> dict[str, Any]:
    """The same values in a dict whose copies share their keys, where Python has that for so many."""
    instance = _new(model)
    for name, value in values.items():
        object.__setattr__(instance, name, value)
    shared = instance.__dict__
    return shared if sys.getsizeof(shared) < sys.getsizeof(dict(values)) else dict(values)


class _Prototype(Generic[R]):
    """A record, and which of its values come from which word of its own; ``line``: that of the whole record's start."""

    def __init__(self, record: R, line: int, own: Mapping[Way, list[tuple[int, Own]]]) -> None:
        source = record.source
        assert source is not None
        self.model = type(record)
        self.names = _SharedSet(record.model_fields_set)
        self.own = own.get((), [])
        self.first, self.last = source.first_line - line, source.last_line - line
        self.values = _compact(self.model, record.__dict__)
        self.children: list[tuple[str, bool, list[_Prototype[Any]]]] = []
        for field, value in record.__dict__.items():
            several = isinstance(value, tuple) and type(value) is tuple
            held = value if several else (value,)
            # A record without a source, such as Realms, holds only words that do not differ: all can share it.
            if held and all(isinstance(child, Record) and child.source is not None for child in held):
                prototypes = []
                for index, child in enumerate(held):
                    inner = {way[1:]: words for way, words in own.items() if way[:1] == ((field, index),)}
                    prototypes.append(_Prototype(child, line, inner))
                self.children.append((field, several, prototypes))

    def many(self, words: Sequence[Sequence[str]], file: str | None, lines: range) -> list[R]:
        """Records with other words of their own, beginning at ``lines``. Raises ValueError."""
        count = len(lines)
        rows = list(map(_copied, repeat(self.values, count)))
        first = list(range(lines.start + self.first, lines.stop + self.first, lines.step))
        last = list(range(lines.start + self.last, lines.stop + self.last, lines.step))
        sources = zip(repeat(file), first, first if self.last == self.first else last)
        columns: list[tuple[str, Iterable[Any]]] = [("source", map(_new_tuple, repeat(Source), sources))]
        for position, own in self.own:
            columns += own.fill(words[position], self.values)
        for field, several, children in self.children:
            made = [child.many(words, file, lines) for child in children]
            columns.append((field, zip(*made, strict=True) if several else made[0]))
        for field, column in columns:
            for row, value in zip(rows, column, strict=True):
                row[field] = value
        records = list(map(_new, repeat(self.model, count)))
        _call(_put_values, records, rows)
        _call(_put_set, records, repeat(self.names))
        _call(_put_extra, records, repeat(None))
        _call(_put_private, records, repeat(None))
        return records


def _same(a: Any, b: Any) -> bool:
    """Whether two values are the same in every way that can be seen, their types and sources included."""
    if type(a) is not type(b):
        return False
    if isinstance(a, Record):
        names = list(a.__dict__)
        return (
            names == list(b.__dict__)
            and a.model_fields_set == b.model_fields_set
            and all(_same(a.__dict__[name], b.__dict__[name]) for name in names)
        )
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(_same, a, b))
    return bool(a == b)


# So many records are made at a time: few at first, then those of so many characters. A step has its cost, and what it
# works with needs memory.
_FIRST, _CHARACTERS = 16, 1 << 14
# A process that meets more kinds of records than these forgets those before.
_KINDS = 16


class Piece(NamedTuple):
    """A part of a record's text: a word of its own, by its name in the template and the row it is in; without a name
    what stands between. ``is_gap``: blanks that pad a column, of which there may be more or fewer."""

    text: str
    way: Way = ()
    name: str | None = None
    is_gap: bool = False


class Kind(Generic[R]):
    """Records of one kind: the pattern of one and of a run of them, how many lines one has, and what to copy.

    ``parts``: of the pattern; None where a word of its own begins.
    """

    def __init__(self, parts: Sequence[str | None], prototype: _Prototype[R]) -> None:
        self._pattern = re.compile("".join("(" if part is None else part for part in parts))
        self._columns = self._pattern.groups + 1
        self._prototype = prototype

    def run(self, text: str, start: int, file: str | None, line: int, may_end: MayEnd) -> tuple[list[R], int, int]:
        """The records of this kind at ``start``, which is in line ``line``, and the place and line behind them.

        ``may_end``: whether the record before a place in the text can end there.
        """
        records: list[R] = []
        length = self._prototype.last + 1
        most = _FIRST
        while True:
            first = self._pattern.match(text, start)
            if first is None:
                return records, start, line
            region = text[start : start + most * (first.end() - start)]
            # What stands before, between and behind the records, each of these followed by the words of a record.
            parts = self._pattern.split(region)
            between = parts[:: self._columns]
            count = len(between) - 1
            end = len(region) - len(between[-1])
            if any(between[:-1]):
                # They do not follow each other to the end of the region.
                count = next(index for index, part in enumerate(between) if part)
                end = 0
                for _ in range(count * length):
                    end = region.index("\n", end) + 1
            if count and not may_end(start + end):
                count -= 1
                end -= 1
                for _ in range(length):
                    end = region.rfind("\n", 0, end)
                end += 1
            if count < 2:
                return records, start, line
            words = [parts[column : count * self._columns : self._columns] for column in range(1, self._columns)]
            try:
                records += self._prototype.many(words, file, range(line, line + count * length, length))
            except ValueError:
                return records, start, line
            line += count * length
            start += end
            most = max(_FIRST, _CHARACTERS // (first.end() - first.start()))


class Repeats(Generic[R]):
    """What is known of the records of a command that repeat themselves.

    ``group``: the template's group that holds the records. ``own``: their own words, by the names of a group and of the
    word. ``learn``: the long way from a row to its record, None if it gives none. ``shapes``: what the grammar of these
    records has made of ``own``, the same for each text.
    """

    def __init__(
        self,
        group: str,
        own: Mapping[str, Mapping[str, Own]],
        learn: Callable[[dict[str, Any]], R | None],
    ) -> None:
        self.group = group
        self.own = own
        self.shapes: Any = None
        self._learn = learn
        self._kinds: dict[Key, Kind[R] | None] = {}
        self._known: tuple[Kind[R], ...] = ()

    def run(self, text: str, start: int, file: str | None, line: int, may_end: MayEnd) -> tuple[list[R], int, int]:
        """Records of some known kind at ``start``, which is in line ``line``, and the place and line behind them."""
        for kind in self._known:
            records, place, number = kind.run(text, start, file, line, may_end)
            if records:
                return records, place, number
        return [], start, line

    def meet(self, key: Key, pieces: Sequence[Piece], row: dict[str, Any]) -> None:
        """Get to know the kind of a record that came twice: ``pieces`` are its text, ``row`` is what it says."""
        if key in self._kinds:
            return
        kinds = dict(list(self._kinds.items())[1 - _KINDS :])
        kinds[key] = self._learnt(pieces, row)
        self._kinds = kinds
        self._known = tuple(kind for kind in kinds.values() if kind is not None)

    def _learnt(self, pieces: Sequence[Piece], row: dict[str, Any]) -> Kind[R] | None:
        source: Source = row["source"]
        record = self._learn(copy.deepcopy(row))
        own: dict[Way, list[tuple[int, Own]]] = {}
        parts: list[str | None] = []
        words = 0
        for piece in pieces:
            if piece.name is not None:
                word = self.own[piece.way[-1][0] if piece.way else self.group][piece.name]
                own.setdefault(piece.way, []).append((words, word))
                words += 1
                parts += (None, word.pattern, ")")
            else:
                parts.append(" ++" if piece.is_gap else re.escape(piece.text))
        if record is None or not words:
            return None
        kind = Kind([*parts, "\n"], _Prototype(record, source.first_line, own))
        # What is made of the record's own words must be the record.
        text = "".join(piece.text for piece in pieces) + "\n"
        made, *_ = kind.run(text * 2, 0, source.file, source.first_line, lambda place: True)
        return kind if _same(tuple(made[:1]), (record,)) else None
