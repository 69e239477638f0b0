"""The JSON form of a command's output (``ip -j``, ``bridge -j``): how it begins, its entries, and their lines.

iproute2 prints one list of objects, on one line or, with ``-p``, on many. Each object is read by itself, so that what
stands before a cut is not lost.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = [
    "Entry",
    "head",
    "is_json_line",
    "lines_of_keys",
    "opens_json",
    "read_entries",
    "whole_characters",
    "written",
]

_OPENING = re.compile(r"[ ]*(?:\[[ ]*(?:$|\]|\{)|\{[ ]*(?:$|\}|\"))")
_LINE = re.compile(r"[ ]*(?:\"[\w-]+\":|\[[ ]*\{|[\[\]{}][\[\]{}, ]*$)")
_BETWEEN = re.compile(r"[\s\[\],]*+")
_NEXT = re.compile(r"\},\s*(?=\{)")
_ESCAPED = re.compile(r"\\.")
_KEY = re.compile(r"\"((?:[^\"\\]|\\.)*+)\"(?=:)")
_HEX = "[0-9a-fA-F]{2}"
_HALVES = re.compile(rf"\\(?:u[dD][89abAB]{_HEX}\\u[dD][c-fC-F]{_HEX}|(?P<lone>u[dD][89a-fA-F]{_HEX})|.)", re.S)
_WINDOW = 16
# A text that is broken in more places is not worth the time: looking for the next entry may read all that is left.
_ATTEMPTS = 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One object of the list. ``first`` and ``last``: the lines it is on, counted from 0; ``start``: its place in the
    text, ``end``: that behind it."""

    value: dict[str, Any]
    first: int
    last: int
    start: int
    end: int


def opens_json(line: str) -> bool:
    """True if an undressed line can be the first of the JSON form. A prompt such as ``[root@node ~]#`` cannot."""
    return _OPENING.match(line) is not None


def is_json_line(line: str) -> bool:
    """True if an undressed line can be one of the JSON form, as ``-p`` sets it or all on one line."""
    return _LINE.match(line) is not None


def head(lines: Sequence[str], index: int) -> str:
    """The beginning of the JSON form that opens at line ``index``, on one line whichever way it was printed."""
    return " ".join(line.strip()[:4096] for line in lines[index : index + _WINDOW])[:4096]


def whole_characters(text: str) -> str:
    """``text`` of JSON with U+FFFD, as Go reads it, for an escape of half a character: no output could hold that."""
    if "\\ud" not in text and "\\uD" not in text:
        return text
    return _HALVES.sub(lambda match: match[0] if match["lone"] is None else "\\ufffd", text)


def read_entries(lines: Sequence[str]) -> tuple[list[Entry], list[int]]:
    """The objects of the list, and the numbers (from 0) of the lines that hold something else than these."""
    text = whole_characters("\n".join(lines))
    if "\\'" in text:  # iproute2 5.10 prints an apostrophe so, which is no JSON
        text = _ESCAPED.sub(lambda match: match[0][1:] if match[0] == "\\'" else match[0], text)
    decoder = json.JSONDecoder(object_pairs_hook=_unique)
    entries: list[Entry] = []
    lost: set[int] = set()
    position = number = 0
    attempts = _ATTEMPTS
    while True:
        between = _BETWEEN.match(text, position)
        start = between.end() if between is not None else position
        number += text.count("\n", position, start)
        position = start
        if position == len(text):
            break
        value: Any = None
        end = position
        if text.startswith("{", position):
            try:
                value, end = decoder.raw_decode(text, position)
            except (ValueError, RecursionError):
                attempts -= 1
        last = number + text.count("\n", position, end)
        if isinstance(value, dict):
            entries.append(Entry(value, number, last, position, end))
            position, number = end, last
            continue
        following = _NEXT.search(text, position) if attempts else None
        end = following.end() if following is not None else len(text)
        last = number + text.count("\n", position, end)
        lost.update(range(number, last + 1 if following is None else last))
        position, number = end, last
    return entries, sorted(lost)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which ``ip -j route`` uses a key twice: the second is told from the first by a prime."""
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    value = {}
    primes: Counter[str] = Counter()
    for key, item in pairs:
        told = key
        while told in value:
            # None is used a third time, but for an enemy, whom a row of primes would let fill the memory.
            primes[key] += 1
            told = f"{key}'" if primes[key] == 1 else f"{key}'{primes[key]}'"
        value[told] = item
    return value


def lines_of_keys(lines: Sequence[str], first: int, last: int) -> dict[str, int]:
    """Of each key in lines ``first`` to ``last`` (from 0), as it stands between its quotes, the first line it is on."""
    found: dict[str, int] = {}
    for number in range(first, last + 1):
        for match in _KEY.finditer(lines[number]):
            found.setdefault(match[1], number)
    return found


def written(key: str) -> str:
    """``key`` as it stands between its quotes."""
    return json.dumps(key, ensure_ascii=False)[1:-1]
