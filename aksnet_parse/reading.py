"""From text or paths to nodes: reads, finds the captures, parses each, and puts together what belongs to one node."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from .assembly import assemble
from .bundle import Document, Limits, Walk
from .collected import captures_in, captures_in_text, choose, holds_captures
from .commands import COMMANDS, Command
from .layouts import place
from .naming import Folder, name_of_host, with_names
from .node import Node, ParsedCapture
from .showing import Shown, Tabular
from .unread import UnreadOutput

__all__ = ["Reading", "need_reading", "read", "read_documents", "read_texts", "walker"]


@dataclass(frozen=True, slots=True)
class Reading(Tabular, Shown):
    """What :func:`read` found: the nodes, in the order in which they first appear; empty if nothing was recognised.

    ``skipped``: names of what could not be read, each with the reason. ``passed_over``: how many files of folders and
    archives hold nothing of use. ``listings``: what was asked of the cluster, such as `kubectl get pods`. ``unread``:
    output that is recognised and that nobody reads.
    """

    nodes: tuple[Node, ...]
    skipped: tuple[tuple[str, str], ...] = ()
    passed_over: int = 0
    listings: tuple[ParsedCapture, ...] = ()
    unread: tuple[UnreadOutput, ...] = ()

    def __repr__(self) -> str:
        counts = [(len(self.nodes), "node"), (sum(len(node.captures) for node in self.nodes), "capture")]
        said = [f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in counts]
        return f"<Reading: {', '.join([*said, *([f'{len(self.skipped)} not read'] if self.skipped else [])])}>"


def need_reading(*readings: object) -> None:
    """Raise TypeError for whatever is no Reading: an analysis has nodes as well, and a path is soon handed over."""
    for reading in readings:
        if not isinstance(reading, Reading):
            raise TypeError(f"a Reading is needed, as aksnet_parse.read(...) gives it, not {type(reading).__name__}")


def read(
    source: str | os.PathLike[str] | Iterable[os.PathLike[str]],
    *,
    file: str | None = None,
    limits: Limits | None = None,
    commands: Sequence[Command[Any]] = COMMANDS,
) -> Reading:
    """Read captured text, whatever stands around it.

    ``source``: a ``str`` is always text; a path object is always a path, of a file, a folder or an archive; several
    paths are read as one case, in their order. ``file``: a name for text given as ``str``, shown wherever a line is
    cited. ``limits``: how much is read of folders and archives at most. ``commands``: those whose output is looked for;
    where several could be meant, the first is. The records of one that is not of this package are in the captures of
    their node, and no analysis is made of them.

    Raises :class:`aksnet_parse.ReadError` for a path that cannot be opened. No text and no archive makes it raise: what
    cannot be read in a bundle is in ``skipped``. Raises TypeError for bytes and for an open file, whose lines would
    pass for paths.
    """
    if isinstance(source, str):
        return read_texts([(file, source)], commands=commands)
    is_readable = isinstance(source, (os.PathLike, Iterable)) and not isinstance(source, (bytes, bytearray))
    if not is_readable or hasattr(source, "read"):
        raise TypeError(f"text (str), a path object or several of these are read, not {type(source).__name__}")
    paths = [source] if isinstance(source, os.PathLike) else list(source)
    walk = walker(limits, commands=commands)
    return read_documents((document for path in paths for document in walk.path(Path(path))), walk, commands)


def walker(
    limits: Limits | None = None,
    progress: Callable[[int, int], None] | None = None,
    *,
    commands: Sequence[Command[Any]] = COMMANDS,
) -> Walk:
    """What goes through folders and archives for :func:`read_documents`; ``progress`` is told bytes and files read."""
    return Walk(partial(choose, commands=commands), partial(holds_captures, commands=commands), limits, progress)


def read_documents(documents: Iterable[Document], walk: Walk, commands: Sequence[Command[Any]] = COMMANDS) -> Reading:
    """Read what ``walk`` finds, as one case."""
    found: list[ParsedCapture] = []
    unread: list[UnreadOutput] = []
    folders: list[Folder | None] = []
    hostnames: dict[Folder, str] = {}
    passed_over = 0
    for document in documents:
        where = place(document.path)
        folder = (document.base, *filter(None, where.root.split("/"))) if document.base is not None else None
        if where.kind == "hostname" and folder is not None:
            name = name_of_host(document.text)
            if name is not None:
                hostnames.setdefault(folder, name)
            continue
        captures, others = captures_in(document.text, document.name, document.path, commands)
        found += captures
        unread += others
        folders += [folder] * len(captures)
        passed_over += not captures and not others and document.base is not None
    named = with_names(found, folders, hostnames)
    return Reading(
        assemble(named), tuple(walk.skipped), walk.passed_over + passed_over, _listings(named), tuple(unread)
    )


def _listings(captures: Iterable[ParsedCapture]) -> tuple[ParsedCapture, ...]:
    return tuple(parsed for parsed in captures if parsed.capture.command.of_cluster)


def read_texts(
    texts: Iterable[tuple[str | None, str]],
    *,
    skipped: Iterable[tuple[str, str]] = (),
    commands: Sequence[Command[Any]] = COMMANDS,
) -> Reading:
    """Read named texts as one case. ``skipped`` is handed on to the result."""
    found: list[ParsedCapture] = []
    unread: list[UnreadOutput] = []
    for name, text in texts:
        captures, others = captures_in_text(text, name, commands)
        found += captures
        unread += others
    return Reading(assemble(found), tuple(skipped), listings=_listings(found), unread=tuple(unread))
