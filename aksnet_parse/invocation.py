"""A command as it was called, its wrappers taken off and what they say kept."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["HOST", "UNNAMED", "Invocation"]

HOST = "host"
UNNAMED = "pod"


@dataclass(frozen=True, slots=True)
class Invocation:
    """One command as it was called.

    ``argv``: program without its folder, then its arguments, wrappers taken off; empty for an interactive shell.
    ``namespace``: ``host``, ``pid:N``, ``netns:NAME``, ``container:ID``, ``pod:NAMESPACE/NAME`` (``pod:NAME`` when
    the namespace was not said), or ``pod`` for one that nothing names. ``node``: name of the node, if the wrapper or
    prompt says it. ``filtered``: a pipe through grep, head and the like may have cut the output. ``hidden``: the output
    went to a file or into another program. ``remote``: it ran through kubectl or the like, so the prompt's host is not
    the node. ``repeated``: it ran in a loop, the line does not say how often.
    """

    argv: tuple[str, ...]
    namespace: str = HOST
    node: str | None = None
    filtered: bool = False
    hidden: bool = False
    remote: bool = False
    repeated: bool = False
