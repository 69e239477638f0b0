"""``compare``: what is different between two captures, and what stayed."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, TextIO

from ..errors import UsageError
from .help import with_examples
from .inputs import read_paths
from .options import PATH, add_format, add_limits, add_redaction, limits_of, path, redaction_of
from .output import ANSWERED, FAILED, UNUSABLE, nothing_recognised, opened, print_json, renderer

if TYPE_CHECKING:
    from ..analysis.comparison import Comparison
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
            ("as a page to send", "aksnet-parse compare before.txt after.txt --format html -o changes.html"),
        ),
    )
    comparing.add_argument("before", type=path, metavar="BEFORE", help=PATH)
    comparing.add_argument("after", type=path, metavar="AFTER", help="the same for the other side")
    comparing.add_argument("--exit-code", action="store_true", help="exit with status 3 if anything is different")
    add_format(comparing)
    add_redaction(comparing)
    add_limits(comparing)
    comparing.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    if options.before == options.after == "-":
        raise UsageError("only one of BEFORE and AFTER can be standard input")
    with opened(options.output) as stream:
        return _compare(options, stream)


def _compare(options: argparse.Namespace, stream: TextIO) -> int:
    from ..analysis.comparison import compare

    page: Any = renderer("html", "comparison_page") if options.format == "html" else None
    render: Any = renderer("compare", "render_comparison") if options.format == "text" else None
    redaction = redaction_of(options)
    before, after = (read_paths([path], limits_of(options), redaction) for path in (options.before, options.after))
    unrecognised = {
        path: reading for path, reading in ((options.before, before), (options.after, after)) if not reading.nodes
    }
    skipped = before.skipped or after.skipped
    if unrecognised:
        return UNUSABLE if skipped else nothing_recognised([*unrecognised], redaction, [*unrecognised.values()])
    if options.format == "html":
        report_comparison: Any = renderer("html", "report_comparison")
        report = report_comparison(before, after, names=(options.before, options.after))
        report = redaction(report) if redaction is not None else report
        stream.write(page(report))
        return _status(report.comparison, options, skipped=bool(skipped))
    comparison = compare(before, after)
    sides = {"before": options.before, "after": options.after}
    if redaction is not None:
        comparison = redaction(comparison)
        sides = {side: redaction.name(path) for side, path in sides.items()}
    if options.format == "json":
        print_json(comparison.model_dump_json(indent=2), stream)
    elif options.format == "jsonl":
        for part in comparison.parts():
            print_json(part.model_dump_json(), stream)
    else:
        render(comparison, stream, **sides)
    return _status(comparison, options, skipped=bool(skipped))


def _status(comparison: Comparison, options: argparse.Namespace, *, skipped: bool) -> int:
    if skipped:
        return UNUSABLE
    return FAILED if options.exit_code and comparison.changed else ANSWERED
