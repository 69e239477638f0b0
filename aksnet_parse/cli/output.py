"""What every subcommand says alike: exit statuses, complaints on standard error, answers in JSON, text if it can be."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from ..errors import UsageError

__all__ = [
    "ANSWERED",
    "FAILED",
    "NOTHING",
    "UNUSABLE",
    "complain",
    "complain_of",
    "nothing_recognised",
    "print_json",
    "text_renderer",
]

ANSWERED, NOTHING, UNUSABLE, FAILED = 0, 1, 2, 3
_SHOWN_SKIPPED = 10


def complain(message: str, status: int = UNUSABLE) -> int:
    from ..render.plain import printable

    print(f"aksnet-parse: {printable(message)}", file=sys.stderr)
    return status


def print_json(text: str) -> None:
    from ..render.plain import printable_json

    print(printable_json(text))


def complain_of(skipped: Sequence[tuple[str, str]]) -> None:
    for file, reason in skipped[:_SHOWN_SKIPPED]:
        complain(f"{file}: {reason}")
    if len(skipped) > _SHOWN_SKIPPED:
        complain(f"{len(skipped) - _SHOWN_SKIPPED} more could not be read")


def nothing_recognised(paths: Sequence[str]) -> int:
    from ..commands import installed_commands

    names = ", ".join(command.name for command in installed_commands())
    return complain(f"nothing recognised in {', '.join(paths)}: no output of {names}", NOTHING)


def text_renderer(module: str, function: str) -> Any:
    """The function of a module in ``render`` that writes text for people. Raises UsageError without the extra."""
    try:
        return getattr(import_module(f"aksnet_parse.render.{module}"), function)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "rich":
            raise
        raise UsageError(
            "text output needs an extra: pip install 'aksnet-parse[cli]' (--format json works without)"
        ) from None
