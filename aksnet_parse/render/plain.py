"""Captured text made safe to show: what would steer a terminal is spelled out instead."""

from __future__ import annotations

import re

__all__ = ["printable"]

_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """``text`` with control characters, bidirectional marks and lone surrogates as backslash escapes."""
    return _STEERING.sub(lambda match: match.group().encode("unicode_escape").decode("ascii"), text)
