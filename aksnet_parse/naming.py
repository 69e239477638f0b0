"""Names the nodes of a bundle: by the file that holds a node's name, else by folder or archive if there are several."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from .bundle.walk import ARCHIVE_SUFFIX
from .commands.brctl_show import Bridge
from .commands.interfaces import Interface
from .commands.routes import Route
from .invocation import HOST
from .node import ParsedCapture, looks_like_pod

__all__ = ["Folder", "name_of_host", "with_names"]

Folder = tuple[str, ...]
"""The folder that a capture was found in, from the outside in; archives count as folders."""

_HOSTNAME = re.compile(r"[A-Za-z0-9](?:[\w.-]{0,251}[A-Za-z0-9])?")


def name_of_host(text: str) -> str | None:
    """The name that a file ``hostname`` holds."""
    words = text.split()
    return words[0] if len(words) == 1 and _HOSTNAME.fullmatch(words[0]) else None


def with_names(
    captures: Sequence[ParsedCapture], folders: Sequence[Folder | None], hostnames: Mapping[Folder, str]
) -> list[ParsedCapture]:
    """``captures`` with the names of their nodes, where their place tells one. A name that a prompt or a command line
    says stays; what was asked of the cluster is of no node. No folder: not in a bundle."""
    roots = _roots(captures, folders, hostnames)
    return [
        _named(parsed, _longest(folder, roots)) if folder is not None else parsed
        for parsed, folder in zip(captures, folders, strict=True)
    ]


def _named(parsed: ParsedCapture, name: str | None) -> ParsedCapture:
    capture = parsed.capture
    remote = capture.invocation is not None and capture.invocation.remote
    if name is None or remote or capture.node is not None:
        return parsed
    return replace(parsed, capture=replace(capture, node=name))


def _longest(folder: Folder, roots: Mapping[Folder, str]) -> str | None:
    return next((roots[folder[:end]] for end in range(len(folder), -1, -1) if folder[:end] in roots), None)


def _roots(
    captures: Sequence[ParsedCapture], folders: Sequence[Folder | None], hostnames: Mapping[Folder, str]
) -> dict[Folder, str]:
    """The folders that hold one node each, with its name."""
    shown: dict[Folder, set[str]] = {folder: set() for folder in hostnames}
    for parsed, folder in zip(captures, folders, strict=True):
        if folder is not None and _shows_host(parsed):
            known = next((folder[:end] for end in range(len(folder), -1, -1) if folder[:end] in hostnames), folder)
            shown.setdefault(known, set()).add(parsed.command)
    # Folders that show the same of a host show several; if each shows something else, they are parts of one.
    counts = Counter(command for commands in shown.values() for command in commands)
    if max(counts.values(), default=0) < 2:
        return dict(hostnames)
    roots = dict(hostnames)
    below = Counter(folder[:end] for folder in shown for end in range(len(folder) + 1))
    for folder in shown:
        if folder not in hostnames:
            own = next((folder[:end] for end in range(1, len(folder)) if below[folder[:end]] == 1), folder)
            roots[own] = ARCHIVE_SUFFIX.sub("", own[-1])
    doubled = {name for name, number in Counter(roots.values()).items() if number > 1}
    return {
        folder: "/".join(folder) if name in doubled and folder not in hostnames else name
        for folder, name in roots.items()
    }


def _shows_host(parsed: ParsedCapture) -> bool:
    if parsed.capture.namespace not in {None, HOST}:
        return False
    interfaces = parsed.of(Interface)
    if interfaces:
        return not looks_like_pod(interfaces)
    return bool(parsed.of(Bridge)) or len(parsed.of(Route)) > 2
