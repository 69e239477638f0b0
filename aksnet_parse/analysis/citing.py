"""Lines of the input, as an answer shows them."""

from __future__ import annotations

from collections.abc import Iterable

from ..records import Line
from .models import LineReference

__all__ = ["references"]


def references(lines: Iterable[Line]) -> tuple[LineReference, ...]:
    """Lines as the result shows them, each once, in the order of the text."""
    # Many entries of JSON can be on one line; these stay in their order.
    unique = sorted(dict.fromkeys(lines), key=lambda line: (line.file or "", line.line))
    return tuple(LineReference(file=line.file, line=line.line, text=line.text) for line in unique)
