"""From text or paths to nodes: reads, finds the captures, parses each, and puts together what belongs to one node."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .assembly import assemble
from .bundle import read_file
from .commands import COMMANDS
from .node import Node, ParsedCapture
from .transcript import find_captures

__all__ = ["Reading", "read", "read_texts"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What :func:`read` found: the nodes, in the order in which they first appear; empty if nothing was recognised.

    ``skipped``: names of what could not be read, each with the reason.
    """

    nodes: tuple[Node, ...]
    skipped: tuple[tuple[str, str], ...] = ()


def read(source: str | os.PathLike[str] | Iterable[os.PathLike[str]], *, file: str | None = None) -> Reading:
    """Read captured text, whatever stands around it.

    ``source``: a ``str`` is always text; a path object is always a path; several paths are read as one case, in their
    order. ``file``: a name for text given as ``str``, shown wherever a line is cited.

    Raises :class:`aksnet_parse.ReadError` for a path that cannot be read. No text makes it raise.
    """
    if isinstance(source, str):
        return read_texts([(file, source)])
    paths = [source] if isinstance(source, os.PathLike) else list(source)
    return read_texts((os.fspath(path), read_file(Path(path))) for path in paths)


def read_texts(texts: Iterable[tuple[str | None, str]], *, skipped: Iterable[tuple[str, str]] = ()) -> Reading:
    """Read named texts as one case. ``skipped`` is handed on to the result."""
    parsed: list[ParsedCapture] = []
    for name, text in texts:
        for capture in find_captures(text, COMMANDS, file=name):
            result = capture.command.parse_lines(
                capture.lines, file=name, first_line=capture.output_line, invocation=capture.invocation
            )
            parsed.append(ParsedCapture(capture, result))
    return Reading(assemble(parsed), tuple(skipped))
