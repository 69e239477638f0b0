"""What texts there are: reads files, folders and archives into names and text, nothing else. It never writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .limits import Limits
from .text import decode, read_file

if TYPE_CHECKING:
    from .walk import Choice, Document, Walk

__all__ = ["Choice", "Document", "Limits", "Walk", "decode", "read_file"]


def __getattr__(name: str) -> Any:
    # What opens archives is loaded when something is read, not when the command line tells its options.
    if name in {"Choice", "Document", "Walk"}:
        from . import walk

        return getattr(walk, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
