r"""What ``ip -o`` joins into one line: a backslash stands for each line end within a record."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["split_joined"]

# A name may hold a backslash, even at its end: then a blank and a keyword follow, or four and `inet`, with which no
# joined line begins.
_JOINT = re.compile(r"\\(?=[ \t]{4,}+(?!inet)\S|[ \t]++(?:nexthop|nh_info|cache|(?:geneve|vxlan|erspan)_opts)(?!\S))")


def split_joined(lines: Sequence[str], joined: re.Pattern[str] | None = None) -> tuple[list[str], list[int]] | None:
    """The lines as they are printed without ``-o``, and for each the number (from 0) of the line it stands on; None if
    nothing is joined. ``joined``: what a line begins with that can be joined; None for any."""
    if not any("\\" in line for line in lines):
        return None
    pieces: list[str] = []
    numbers: list[int] = []
    for number, line in enumerate(lines):
        is_joined = "\\" in line and (joined is None or joined.match(line) is not None)
        split = _JOINT.split(line) if is_joined else [line]
        pieces += split
        numbers += [number] * len(split)
    return (pieces, numbers) if len(pieces) > len(lines) else None
