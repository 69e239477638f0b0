"""Objects in JSON that was cut, filtered or pasted in pieces: each with what is left of the objects around it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .dressing import is_cut_mark
from .json_form import whole_characters

__all__ = ["Piece", "read_pieces"]

# A word that ends in a quote is the rest of a string that began before the cut.
_TOKEN = re.compile(
    r'"(?P<string>(?:[^"\\\n]|\\.)*+)"(?P<colon>[ \t]*+:)?+'
    r"|(?P<opening>[{\[])|(?P<closing>[}\]])"
    r"|(?P<word>(?P<number>-?[0-9][0-9.eE+-]*+)|true|false|null)(?![^\s,\]}])"
    r'|(?P<broken>"[^\n]*+|[^\s",{}\[\]]++"?+)'
)
_DEEPEST = 64


@dataclass(slots=True, eq=False)
class Piece:
    """An object, or what is left of one.

    ``key``: what it stands under; None if that was cut off, or if it stands in a list or outermost. ``value``: its
    members. ``first``, ``last``: the lines it is on, counted from 0. ``parent``: the object around it, None if that
    was cut off. ``is_whole``: False if something may be missing in it. ``lines``: on which line each member begins.
    """

    key: str | None
    parent: Piece | None
    first: int
    last: int
    value: dict[str, Any] = field(default_factory=dict)
    is_whole: bool = True
    lines: dict[str, int] = field(default_factory=dict)

    def around(self, path: Sequence[str | None]) -> list[Piece]:
        """The objects around this one, the innermost first, if it stands at ``path`` as far as that can be seen.

        ``path``: the keys from the outermost object on, None for any. Empty if it stands elsewhere.
        """
        found: list[Piece] = []
        piece: Piece | None = self
        for key in reversed(path):
            if piece is None:
                return found
            if key is not None and piece.key not in {key, None}:
                return []
            piece = piece.parent
            if piece is not None:
                found.append(piece)
        return found if piece is None or (piece.parent is None and piece.key is None) else []


@dataclass(slots=True)
class _Open:
    """An object (``piece``) or a list that is not closed. ``key``: the member whose value comes next."""

    value: Any
    piece: Piece | None
    has_beginning: bool
    key: str | None = None


def read_pieces(lines: Sequence[str]) -> tuple[list[Piece], set[int]]:
    """All objects in ``lines`` in the order in which they begin, and the numbers of the lines that hold no JSON.

    Nothing is put together across a cut: what was open there is not whole.
    """
    text = whole_characters("\n".join("..." if is_cut_mark(line) else line for line in lines))
    reader = _Reader()
    counted = number = 0
    end = len(text.rstrip())
    for match in _TOKEN.finditer(text):
        number += text.count("\n", counted, match.start())
        counted = match.start()
        reader.at(number)
        if match["opening"]:
            reader.open(is_object=match["opening"] == "{")
        elif match["closing"]:
            reader.close(is_object=match["closing"] == "}")
        elif match["broken"] or (match["number"] and match.end() == end):
            # A number that ends the text may have been cut, and is not the number that was there.
            reader.cut()
        elif match["colon"]:
            reader.key(_text(match["string"]))
        else:
            reader.put(_text(match["string"]) if match["word"] is None else _value(match["word"]))
    reader.at(number)
    reader.close_all()
    return reader.pieces, reader.broken - {number for number, line in enumerate(lines) if is_cut_mark(line)}


def _text(written: str) -> str:
    if "\\" not in written:
        return written
    try:
        return str(json.loads(f'"{written}"', strict=False))
    except ValueError:
        return written


def _value(word: str) -> Any:
    try:
        return json.loads(word)
    except ValueError:  # a number of very many digits, or none
        return None


class _Reader:
    def __init__(self) -> None:
        self.line = self.before = 0  # of this token, and of the one before it
        self.pieces: list[Piece] = []
        self.broken: set[int] = set()
        self._stack: list[_Open] = []

    def at(self, line: int) -> None:
        """The next token stands on ``line``."""
        self.before, self.line = self.line, line

    def cut(self) -> None:
        """What is open here is not whole."""
        self.broken.add(self.line)
        self._spoil()

    def open(self, *, is_object: bool) -> None:
        if self._stack and isinstance(self._stack[-1].value, dict) and self._stack[-1].key is None:
            self.close_all()  # nothing stands in an object without a key: another document begins here
        if len(self._stack) >= _DEEPEST:
            self.cut()
            return
        key = self._stack[-1].key if self._stack else None
        value: Any = {} if is_object else []
        piece = self._piece(key, value) if is_object else None
        self.put(value)
        self._stack.append(_Open(value, piece, has_beginning=True))

    def close(self, *, is_object: bool) -> None:
        kind = dict if is_object else list
        if not any(isinstance(item.value, kind) for item in self._stack):
            # It closes what began before the cut, and with it whatever is open here.
            self.close_all()
            return
        while not isinstance(self._stack[-1].value, kind):
            self._spoil()
            self._pop()
        if self._stack[-1].key is not None:
            self._spoil()
        self._pop()

    def key(self, name: str) -> None:
        while self._stack and not isinstance(self._stack[-1].value, dict):
            self._spoil()
            self._pop()
        if self._stack and name in self._stack[-1].value and not self._stack[-1].has_beginning:
            self.close_all()  # of an object without braces, the next begins
        if not self._stack:
            value: dict[str, Any] = {}
            piece = self._piece(None, value)
            piece.is_whole = False
            self._stack.append(_Open(value, piece, has_beginning=False))
        innermost = self._stack[-1]
        if innermost.key is not None or name in innermost.value:
            self._spoil()
        innermost.key = name
        assert innermost.piece is not None
        innermost.piece.lines.setdefault(name, self.line)

    def put(self, value: Any) -> None:
        """A value where it stands; one without a key belongs to what was cut."""
        if not self._stack:
            return
        innermost = self._stack[-1]
        if innermost.piece is None:
            innermost.value.append(value)
        elif innermost.key is None:
            self.cut()
        else:
            innermost.value.setdefault(innermost.key, value)
            innermost.key = None

    def close_all(self) -> None:
        self._spoil()
        for item in self._stack:
            if item.piece is not None:
                item.piece.last = self.before
        self._stack.clear()

    def _piece(self, key: str | None, value: dict[str, Any]) -> Piece:
        parent = next((item.piece for item in reversed(self._stack) if item.piece is not None), None)
        piece = Piece(key, parent, self.line, self.line, value)
        self.pieces.append(piece)
        return piece

    def _spoil(self) -> None:
        for item in self._stack:
            item.key = None
            if item.piece is not None:
                item.piece.is_whole = False

    def _pop(self) -> None:
        item = self._stack.pop()
        if item.piece is not None:
            item.piece.last = self.line
