"""How numbers and names are said in the sentences of a comparison."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["count", "enumerated", "in_order"]

_SHOWN = 3


def count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def enumerated(names: Iterable[str]) -> str:
    """The names, of many only the first few."""
    names = list(names)
    if len(names) <= _SHOWN + 1:
        return ", ".join(names)
    return f"{', '.join(names[:_SHOWN])} and {len(names) - _SHOWN} more"


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Each name once, numbers in them by their value: 10.244.0.9 comes before 10.244.0.10."""
    return tuple(sorted(set(names), key=lambda name: ([_part(part) for part in re.split(r"([0-9]+)", name)], name)))


def _part(text: str) -> tuple[int, str]:
    # Shorter runs of digits first, which is their order by value and takes no conversion of a thousand digits.
    digits = text.lstrip("0") if text.isascii() and text.isdigit() else ""
    return (len(digits), digits) if digits else (0, text)
