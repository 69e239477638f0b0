"""Rows of a table that a terminal broke at its right edge are put together again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from ..records import ParseResult, Record

__all__ = ["put_together", "spread_out"]

R = TypeVar("R", bound=Record)

# A row of the widest tables is no longer than this many lines of a narrow terminal.
_MOST = 4


def put_together(
    lines: Sequence[str], head: re.Pattern[str], takes: Callable[[str], bool]
) -> tuple[list[str], dict[int, int]]:
    """``lines`` with each broken row on the line it begins on, and blank lines where the rest of it stood.

    ``head``: how a row, or what stands above the columns, begins. Of each row that was broken, by the number (from 0)
    of its first line, the number of its last.
    """
    whole = list(lines)
    spans: dict[int, int] = {}
    number = 0
    while number < len(whole):
        line = whole[number]
        if len(line) < _LONG and head.match(line) is not None and not takes(line):
            found = _rest(lines, number, head, takes)
            if found is not None:
                last, row = found
                spans[number] = last
                whole[number : last + 1] = [row, *[""] * (last - number)]
                number = last
        number += 1
    return whole, spans


# A row that is longer was not broken by a terminal.
_LONG = 1000


def _rest(
    lines: Sequence[str], first: int, head: re.Pattern[str], takes: Callable[[str], bool]
) -> tuple[int, str] | None:
    # A blank at the edge is gone where trailing blanks are: each break may stand for one.
    texts = [lines[first]]
    for last in range(first + 1, min(first + _MOST, len(lines))):
        piece = lines[last]
        if not piece or len(piece) > _LONG or head.match(piece) is not None:
            return None
        texts = [f"{text}{gap}{piece}" for gap in ("", " ") for text in texts]
        for text in texts:
            if takes(text):
                return last, text
    return None


def spread_out(
    result: ParseResult[R], spans: Mapping[int, int], lines: Sequence[str], first_line: int
) -> ParseResult[R]:
    """The result of reading rows that were put together, each with all the lines it stood on."""
    if not spans:
        return result
    records: list[R] = []
    for record in result:
        source = record.source
        if source is not None:
            last = spans.get(source.first_line - first_line)
            if last is not None:
                record = record.model_copy(update={"source": source._replace(last_line=first_line + last)})
        records.append(record)
    passed_over = [
        line._replace(line=line.line + offset, text=lines[line.line + offset - first_line])
        for line in result.passed_over
        for offset in range(spans.get(line.line - first_line, line.line - first_line) - (line.line - first_line) + 1)
    ]
    unparsed = [line._replace(text=lines[line.line - first_line]) for line in result.unparsed]
    return ParseResult(records, unparsed, sum(1 for line in lines if line.strip()), passed_over)
