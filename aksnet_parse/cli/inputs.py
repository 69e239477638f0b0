"""What the paths on the command line, and standard input, hold."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..bundle import decode, read_file
from ..errors import ReadError
from .output import complain_of
from .progress import progress_bar

if TYPE_CHECKING:
    from ..bundle import Document, Limits, Walk
    from ..reading import Reading
    from ..redaction import Redaction

__all__ = ["read_paths", "read_text"]

_STDIN = "<stdin>"


def read_text(path: str) -> tuple[str, str]:
    if path == "-":
        return _STDIN, decode(sys.stdin.buffer.read())
    return path, read_file(Path(path))


def _documents(paths: Sequence[str], walk: Walk) -> Iterator[Document]:
    for path in paths:
        try:
            if path == "-":
                yield from walk.file(sys.stdin.buffer, _STDIN, _STDIN)
            else:
                yield from walk.path(Path(path))
        except ReadError as error:
            walk.skip(path, str(error).removeprefix(f"{path}: "))


def read_paths(paths: Sequence[str], limits: Limits, redaction: Redaction | None = None) -> Reading:
    """Everything at ``paths`` as one case; what could not be read is complained about, under ``redaction``."""
    from ..commands import installed_commands
    from ..reading import read_documents, walker

    commands = installed_commands()
    with progress_bar(sys.stderr) as progress:
        walk = walker(limits, progress, commands=commands)
        reading = read_documents(_documents(paths, walk), walk, commands)
    complain_of(reading.skipped, redaction)
    return reading
