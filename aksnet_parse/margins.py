"""What stands at the edge of every line because somebody made a list, a comment or code of a text, or numbered it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

__all__ = ["without_escapes", "without_margins", "without_ticks"]

_MARK = re.compile(r"[ ]{0,3}(?:[|│#*+;-]|//)(?=[ ]|$)")
# Not "12:", with which `ip -o` numbers its own lines.
_NUMBER = re.compile(r"[ ]{0,8}([0-9]{1,7})(?:\t|[ ]{2}|[ ]?[|│](?:[ ]|$))")
_NUMBERED = "1"
# The first two lines that are not blank.
_BEGINNING = re.compile(r"(?:[^\S\n]*+\n)*+([^\n]++)\n(?:[^\S\n]*+\n)*+([^\n]++)")
_FEWEST = 5
_MOST = 0.9  # of all lines: some get lost, and some are wrapped
_FEWEST_TICKED = 3
_TICKED = re.compile(r"[ ]{0,3}`([^`]+)`[ ]{0,2}")
_ESCAPED = re.compile(r"\\([\\_*<>\[\]#`~|()+.!-])")


def without_margins(text: str) -> str:
    """``text`` without the mark, or the number, that nearly all of its lines begin with."""
    begun = _BEGINNING.match(text)
    if begun is None:
        return text
    first = [_edge(line) for line in (begun[1], begun[2])]
    if first[0] is None or first[0] != first[1]:
        return text
    lines = text.split("\n")
    if first[0] != _NUMBERED:
        lines = _without(lines, first[0])
    elif _are_counted([line for line in lines if line.strip()]):
        lines = [_NUMBER.sub("", line, count=1) for line in lines]
    return "\n".join(lines)


def _edge(line: str) -> str | None:
    mark = _MARK.match(line)
    if mark is not None:
        return mark[0].strip()
    return _NUMBERED if _NUMBER.match(line) is not None else None


def _without(lines: list[str], mark: str) -> list[str]:
    ends = [match.end() if (match := _MARK.match(line)) and match[0].strip() == mark else 0 for line in lines]
    filled = sum(1 for line in lines if line.strip())
    marked = sum(1 for end in ends if end)
    if marked < _FEWEST or marked < _MOST * filled:
        return lines
    # One blank belongs to the mark; what follows is the line's own indentation.
    return [line[end + line.startswith(" ", end) :] if end else line for line, end in zip(lines, ends, strict=True)]


def _are_counted(lines: Sequence[str]) -> bool:
    """Whether the numbers before the lines count them; blank ones may have been left out."""
    numbers = [int(match[1]) for line in lines if (match := _NUMBER.match(line))]
    in_order = sum(1 for one, other in pairwise(numbers) if one < other <= one + 2)
    return len(numbers) >= max(_FEWEST, _MOST * len(lines)) and in_order >= _MOST * (len(numbers) - 1)


def without_ticks(lines: list[str]) -> list[str]:
    """``lines``, where each of several in a row was made code by backticks of its own, without these."""
    found: list[str] = []
    for is_ticked, group in groupby(_ticked(lines), key=lambda pair: pair[1] is not None):
        run = list(group)
        enough = is_ticked and sum(1 for line, _ in run if line.strip()) >= _FEWEST_TICKED
        found += [text if enough and text is not None else line for line, text in run]
    return found


def _ticked(lines: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """Each line with what is between its backticks; a blank one goes with those before it."""
    is_within = False
    for line in lines:
        match = _TICKED.fullmatch(line)
        is_within = match is not None or (is_within and not line.strip())
        yield line, match[1] if match is not None else "" if is_within else None


def without_escapes(text: str) -> str:
    """``text`` without the backslashes by which Markdown keeps characters from meaning anything."""
    return _ESCAPED.sub(r"\1", text)
