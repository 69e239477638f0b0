"""What every subcommand says alike: exit statuses, complaints on standard error, where answers go and what can write
them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

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
    "opened",
    "print_json",
    "renderer",
    "said_of",
]

ANSWERED, NOTHING, UNUSABLE, FAILED = 0, 1, 2, 3
_SHOWN_SKIPPED = 10


def complain(message: str, status: int = UNUSABLE) -> int:
    from ..render.plain import printable

    print(f"aksnet-parse: {printable(message)}", file=sys.stderr)
    return status


def print_json(text: str, stream: TextIO | None = None) -> None:
    from ..render.plain import printable_json

    print(printable_json(text), file=stream)


@contextmanager
def opened(path: str | None) -> Iterator[TextIO]:
    """Where an answer goes: standard output, or the file at ``path``, which is there once all is written; if nothing
    was written, or something went wrong, it stays as it was. Raises UsageError if it cannot be written."""
    if path in {None, "-"}:
        yield sys.stdout
        return
    target = Path(os.path.realpath(str(path)))
    try:
        if target.exists() and not target.is_file():  # such as /dev/stdout, which nothing can replace
            with target.open("w", encoding="utf-8", errors="backslashreplace") as stream:
                yield stream
            return
        import tempfile

        descriptor, name = tempfile.mkstemp(prefix=".aksnet-parse-", dir=target.parent)
        try:
            with open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
                yield stream
                is_empty = not stream.tell()
            if not is_empty:
                os.chmod(name, target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
                os.replace(name, target)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror or error}") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


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


def nothing_recognised(
    paths: Sequence[str], redaction: Redaction | None = None, readings: Sequence[Reading] = ()
) -> int:
    """``readings``: what was read of the paths, if a node is needed and none was found."""
    from ..commands import installed_commands

    if redaction is not None:
        paths = [redaction.name(path) for path in paths]
    if any(reading.listings or reading.unread for reading in readings):
        return complain(f"no capture of a node in {', '.join(paths)}: what was recognised is of no node", NOTHING)
    names = ", ".join(command.name for command in installed_commands())
    return complain(f"nothing recognised in {', '.join(paths)}: no output of {names}", NOTHING)


# The extra that has each of the packages that ways of showing an answer need.
_EXTRAS = {"rich": ("text output", "cli"), "jinja2": ("a report", "report"), "markupsafe": ("a report", "report")}


def renderer(module: str, function: str) -> Any:
    """The function of a module in ``render``. Raises UsageError without the extra that it needs."""
    try:
        return getattr(import_module(f"aksnet_parse.render.{module}"), function)
    except ModuleNotFoundError as error:
        name = (error.name or "").partition(".")[0]
        if name not in _EXTRAS:
            raise
        what, extra = _EXTRAS[name]
        raise UsageError(
            f"{what} needs an extra: pip install 'aksnet-parse[{extra}]' (--format json works without)"
        ) from None
