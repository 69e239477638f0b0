"""Lines that a terminal of fixed width broke wherever it ended, as a copied screen has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import groupby

__all__ = ["unbroken"]

_NARROWEST, _WIDEST = 60, 400
_FEWEST = 2
_MOST_WIDTHS = 2
_MOST_PIECES = 12  # of one line


def unbroken(text: str, doubtful: Collection[int], is_call: Callable[[str], bool]) -> Iterator[str]:
    """``text`` with its broken lines put together, in each way in which a terminal may have broken them.

    Its width is that of the widest line of a block (up to a blank line), if several such or the lines after them are
    among the ``doubtful``, the numbers of those that were not understood. Lines of this width go on in the next one;
    but equally wide lines may as well be whole, so whoever calls this must see what is understood best. ``is_call``:
    whether a line is a command line, which ends where the next one makes none of it. What is taken up is left blank, so
    that every line keeps its number.
    """
    lines = text.split("\n")
    widths = [len(line.expandtabs()) for line in lines]
    blocks = list(_blocks(lines))
    counts: Counter[int] = Counter()
    for start, end in blocks:
        widest = max(widths[start:end])
        if _NARROWEST <= widest <= _WIDEST:
            broken = (place for place in range(start, end) if widths[place] == widest)
            counts[widest] += sum(1 for place in broken if place + 1 in doubtful or place + 2 in doubtful)
    for width, number in counts.most_common(_MOST_WIDTHS):
        if number < _FEWEST:
            break
        found = set()
        # Between columns a line may be broken within spaces; elsewhere an indented line is one of its own.
        for indented in (True, False):
            joined = list(lines)
            for start, end in blocks:
                if max(widths[start:end]) == width:
                    _join(joined, widths, range(start, end), width, is_call, indented=indented)
            found.add("\n".join(joined))
        yield from sorted(found)


def _join(
    lines: list[str], widths: Sequence[int], block: range, width: int, is_call: Callable[[str], bool], *, indented: bool
) -> None:
    first = block.start
    for place in block[1:]:
        goes_on = widths[place - 1] == width and (indented or not lines[place].startswith("  "))
        if goes_on and place - first <= _MOST_PIECES:
            whole = lines[first] + lines[place]
            if is_call(whole) or not is_call(lines[first]):
                lines[first], lines[place] = whole, ""
                continue
        first = place


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    for is_blank, numbers in groupby(range(len(lines)), key=lambda number: not lines[number].strip()):
        if not is_blank:
            block = list(numbers)
            yield block[0], block[-1] + 1
