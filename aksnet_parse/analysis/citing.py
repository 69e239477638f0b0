"""Lines of the input, as an answer shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..records import Line
from .models import LineReference

__all__ = ["references", "saying"]

_LONGEST = 300


def references(lines: Iterable[Line]) -> tuple[LineReference, ...]:
    """Lines as the result shows them, each once, in the order of the text."""
    # Many entries of JSON can be on one line; these stay in their order.
    unique = sorted(dict.fromkeys(lines), key=lambda line: (line.file or "", line.line))
    return tuple(LineReference(file=line.file, line=line.line, text=line.text) for line in unique)


def saying(lines: Iterable[Line], word: str) -> tuple[Line, ...]:
    """The first of ``lines`` that holds ``word``. Of JSON, and of a long line, only the part around the word: secrets
    can stand beside it."""
    for line in lines:
        place = line.text.find(word)
        if place < 0:
            continue
        if '":' in line.text:
            pattern = rf'(?:"[\w.-]{{1,40}}"\s*:\s*)?"{re.escape(word)}"(?:\s*:\s*"[\w.-]{{0,63}}")?'
            match = re.search(pattern, line.text)
            return (line._replace(text=match[0] if match is not None else word),)
        if len(line.text) > _LONGEST:
            return (line._replace(text=line.text[place : place + 100].split(",")[0]),)
        return (line,)
    return ()
