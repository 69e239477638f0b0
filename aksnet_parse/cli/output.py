"""What every subcommand says alike: exit statuses, complaints on standard error, answers in JSON, text if it can be."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..errors import UsageError

if TYPE_CHECKING:
    from ..reading import Reading
    from ..redaction import Redaction

__all__ = [
    "ANSWERED",
    "FAILED",
    "NOTHING",
    "UNUSABLE",
    "complain",
    "complain_of",
    "nothing_recognised",
    "print_json",
    "said_of",
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


def complain_of(skipped: Sequence[tuple[str, str]], redaction: Redaction | None = None) -> None:
    """``redaction``: what the answer is shown under, for what is said beside it must not tell more."""
    for file, reason in skipped[:_SHOWN_SKIPPED]:
        if redaction is not None:
            file, reason = _redacted(file, reason, redaction)
        complain(f"{file}: {reason}")
    if len(skipped) > _SHOWN_SKIPPED:
        complain(f"{len(skipped) - _SHOWN_SKIPPED} more could not be read")


@contextmanager
def said_of(reading: Reading, redaction: Redaction | None, *words: str) -> Iterator[None]:
    """What is raised here because of ``words`` lists what there is in ``reading``: under ``redaction``, in its
    pseudonyms."""
    try:
        yield
    except UsageError as error:
        if redaction is None:
            raise
        from ..analysis import analyze

        raise UsageError(redaction.message(str(error), analyze(reading), *words)) from None


def _redacted(file: str, reason: str, redaction: Redaction) -> tuple[str, str]:
    from ..analysis.models import Skipped

    shown = redaction(Skipped(file=file, reason=reason))
    return shown.file, shown.reason


def nothing_recognised(paths: Sequence[str], redaction: Redaction | None = None) -> int:
    from ..commands import installed_commands

    if redaction is not None:
        paths = [redaction.name(path) for path in paths]
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
