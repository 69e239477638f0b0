"""``compare``: what is different between two captures, and what stayed."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from .help import with_examples
from .inputs import read_paths
from .options import PATH, add_format, add_limits, add_redaction, limits_of, redaction_of
from .output import ANSWERED, FAILED, UNUSABLE, nothing_recognised, print_json, text_renderer

if TYPE_CHECKING:
    from .options import Subcommands

__all__ = ["add"]


def add(commands: Subcommands) -> None:
    comparing = commands.add_parser(
        "compare",
        help="what is different between two captures, and what stayed",
        description="Tells what is different between two captures: before and after a change, or of two nodes. "
        "One of the two may be - for standard input.",
        **with_examples(
            ("before and after a change", "aksnet-parse compare before.txt after.txt"),
            ("two nodes, one of which works", "aksnet-parse compare good.zip bad.zip"),
            (
                "for a script: status 3 if anything is different",
                "aksnet-parse compare before.txt before.txt --exit-code",
            ),
            ("for a program", "aksnet-parse compare before.txt after.txt --format json"),
        ),
    )
    comparing.add_argument("before", metavar="BEFORE", help=PATH)
    comparing.add_argument("after", metavar="AFTER", help="the same for the other side")
    comparing.add_argument("--exit-code", action="store_true", help="exit with status 3 if anything is different")
    add_format(comparing)
    add_redaction(comparing)
    add_limits(comparing)
    comparing.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from ..analysis.comparison import compare

    if options.before == options.after == "-":
        raise UsageError("only one of BEFORE and AFTER can be standard input")
    render: Any = text_renderer("compare", "render_comparison") if options.format == "text" else None
    redaction = redaction_of(options)
    before, after = (read_paths([path], limits_of(options), redaction) for path in (options.before, options.after))
    unrecognised = [path for path, reading in ((options.before, before), (options.after, after)) if not reading.nodes]
    skipped = before.skipped or after.skipped
    if unrecognised:
        return UNUSABLE if skipped else nothing_recognised(unrecognised, redaction)
    comparison = compare(before, after)
    sides = {"before": options.before, "after": options.after}
    if redaction is not None:
        comparison = redaction(comparison)
        sides = {side: redaction.name(path) for side, path in sides.items()}
    if options.format == "json":
        print_json(comparison.model_dump_json(indent=2))
    elif options.format == "jsonl":
        for part in comparison.parts():
            print_json(part.model_dump_json())
    else:
        render(comparison, sys.stdout, **sides)
    if skipped:
        return UNUSABLE
    return FAILED if options.exit_code and comparison.changed else ANSWERED
