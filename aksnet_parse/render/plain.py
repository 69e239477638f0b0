"""Captured text made safe to show: what would steer a terminal is spelled out instead."""

from __future__ import annotations

import re

__all__ = ["printable", "printable_json"]

_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_STEERING_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """``text`` with control characters, bidirectional marks and lone surrogates as backslash escapes."""
    return _STEERING.sub(lambda match: match.group().encode("unicode_escape").decode("ascii"), text)


def printable_json(text: str) -> str:
    """JSON that says the same, with escapes for what would steer a terminal. JSON itself asks that of the first 32
    characters only."""
    return _STEERING_IN_JSON.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
