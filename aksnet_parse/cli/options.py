"""Options that several subcommands take, and what they mean."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..bundle import Limits

if TYPE_CHECKING:
    from ..redaction import Redaction

    Subcommands = argparse._SubParsersAction[argparse.ArgumentParser]

__all__ = ["PATH", "add_fleet", "add_format", "add_limits", "add_redaction", "limits_of", "path", "redaction_of"]

_KEY_VARIABLE = "AKSNET_PARSE_REDACT_KEY"

PATH = "a file with captured text, a folder, a zip or tar archive, or - for standard input"


def path(text: str) -> str:
    """A path as it was typed. An empty one, as of a variable that was never set, would be the current folder."""
    if not text:
        raise argparse.ArgumentTypeError("an empty path; the current folder is .")
    return text


def add_format(parser: argparse.ArgumentParser, **drawings: str) -> None:
    """``drawings``: further formats, and what each is."""
    more = "".join(f"; {name}: {what}" for name, what in drawings.items())
    parser.add_argument(
        "--format",
        choices=("text", "json", "jsonl", "html", *drawings),
        default="text",
        help="text for people (default), JSON, JSON on one line each, or a report: one page of HTML with all in it"
        + more,
    )
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="write to FILE, in whole or not at all; - is standard output"
    )


def add_redaction(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--redact",
        action="store_true",
        help="replace addresses, names and ids by pseudonyms that keep the structure, so that the answer can be shared",
    )
    parser.add_argument(
        "--redact-key",
        metavar="KEY",
        help=f"the same, with the same pseudonyms wherever KEY is the same; ${_KEY_VARIABLE} holds it for --redact",
    )


def redaction_of(options: argparse.Namespace) -> Redaction | None:
    """What the options say is to be done with each result before it is shown."""
    if not options.redact and options.redact_key is None:
        return None
    from ..redaction import Redaction

    return Redaction(options.redact_key or os.environ.get(_KEY_VARIABLE) or None)


def add_fleet(parser: argparse.ArgumentParser) -> None:
    fleet = parser.add_argument_group("many nodes")
    fleet.add_argument("--each", action="store_true", help="each PATH is a case of its own; one bad one stops no other")
    fleet.add_argument(
        "--jobs",
        type=_jobs,
        metavar="N",
        help="the same on N processes; 0 or auto: one for each core",
    )


def add_limits(parser: argparse.ArgumentParser) -> None:
    limits = parser.add_argument_group("limits", "how much is read of folders and archives; sizes such as 512M or 2G")
    for field, name, kind, text in _LIMITS:
        default = getattr(Limits(), field)
        shown = f"{default >> 20}M" if kind is _size else f"{default}"
        limits.add_argument(
            f"--{name}", dest=field, type=kind, default=default, metavar="N", help=f"{text} (default {shown})"
        )


def _size(text: str) -> int:
    """A number of bytes, with a unit or without."""
    match = re.fullmatch(r"([0-9]{1,15})([KMGT]?)(?:i?B)?", text, re.I)
    if match is None or not int(match[1]):
        raise argparse.ArgumentTypeError(f"not a size: {text!r}")
    return int(match[1]) << {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}[match[2].upper()]


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,15}", text) or not int(text):
        raise argparse.ArgumentTypeError(f"not a number above 0: {text!r}")
    return int(text)


def _jobs(text: str) -> int:
    if text == "auto":
        return 0
    if not re.fullmatch(r"[0-9]{1,4}", text):
        raise argparse.ArgumentTypeError(f"neither a number nor auto: {text!r}")
    return int(text)


_LIMITS: tuple[tuple[str, str, Callable[[str], int], str], ...] = (
    ("member_size", "max-member-size", _size, "of one file, unpacked"),
    ("total_size", "max-total-size", _size, "of all files together, unpacked"),
    ("members", "max-members", _number, "files and folders"),
    ("ratio", "max-ratio", _number, "size unpacked for each byte packed, above 1M"),
    ("depth", "max-depth", _number, "archives in archives"),
)


def limits_of(options: argparse.Namespace) -> Limits:
    return Limits(**{field: getattr(options, field) for field, *_ in _LIMITS})
