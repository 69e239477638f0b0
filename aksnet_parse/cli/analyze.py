"""``analyze``, the default: mode and wiring of every node in the text."""

from __future__ import annotations

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ..errors import UsageError
from .help import with_examples
from .inputs import read_paths
from .options import PATH, add_fleet, add_format, add_limits, add_redaction, limits_of, path, redaction_of
from .output import (
    ANSWERED,
    FAILED,
    NOTHING,
    UNUSABLE,
    complain_of,
    nothing_recognised,
    opened,
    print_json,
    renderer,
    said_of,
)
from .progress import cases_bar

if TYPE_CHECKING:
    from ..analysis.models import Analysis
    from ..fleet import Case
    from ..reading import Reading
    from ..redaction import Redaction
    from .options import Subcommands

__all__ = ["add"]

# What makes a script stop, for each value of --fail-on.
_FAILING = {"error": ("error",), "warning": ("error", "warning")}
# Formats that are a picture in the words of another program; the module in ``render`` has the same name.
_DRAWINGS = ("mermaid", "dot")


def add(commands: Subcommands) -> None:
    analyze = commands.add_parser(
        "analyze",
        help="mode and wiring of every node in the text (the default)",
        description="Tells how the pod network of each node in the text is wired, what is wrong with it, and which "
        "capture would tell more. The word analyze can be left out.",
        **with_examples(
            ("the answer for people", "aksnet-parse ticket.txt"),
            ("all pods, however many", "aksnet-parse ticket.txt --all"),
            ("one pod, with each proof and the lines that show it", "aksnet-parse ticket.txt --pod 10.220.2.21"),
            ("several files are one case; so is an archive or a folder", "aksnet-parse host.txt pod.txt"),
            ("what was captured just now", "cat ticket.txt | aksnet-parse -"),
            ("for a script: status 3 if anything loses packets", "aksnet-parse ticket.txt --fail-on error"),
            ("for a program", "aksnet-parse ticket.txt --format json"),
            ("a page to send, with the wiring drawn", "aksnet-parse ticket.txt --format html -o report.html"),
            ("the wiring drawn by Graphviz; mermaid: by Markdown", "aksnet-parse ticket.txt --format dot | dot -Tsvg"),
            ("many nodes, each a case of its own, a line for each", "aksnet-parse *.zip --jobs 2 --format jsonl"),
            ("to be shared: pseudonyms for addresses, names and ids", "aksnet-parse ticket.txt --redact"),
        ),
    )
    analyze.add_argument("paths", nargs="+", type=path, metavar="PATH", help=PATH)
    add_format(analyze, mermaid="the wiring as a flowchart for Markdown", dot="the same for Graphviz")
    analyze.add_argument(
        "--fail-on",
        choices=tuple(_FAILING),
        help="exit with status 3 if there is a finding as bad as that (`warning` includes errors)",
    )
    which = analyze.add_mutually_exclusive_group()
    which.add_argument("--all", action="store_true", help="list all pods and findings, however many")
    which.add_argument(
        "--pod",
        metavar="POD",
        help="all of one pod, with each proof and its lines: by namespace/name, name, address, container id, pid:N, "
        "netns:NAME or its veth",
    )
    add_redaction(analyze)
    add_fleet(analyze)
    add_limits(analyze)
    analyze.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    is_of_many = options.each or options.jobs is not None
    if options.format == "html" and is_of_many:
        raise UsageError("--format html goes without --each and --jobs: it is of one case")
    if options.format in {"html", *_DRAWINGS} and options.pod is not None:
        raise UsageError(f"--format {options.format} goes without --pod: it shows every pod")
    with opened(options.output) as stream:
        if is_of_many:
            return _analyze_each(options, stream)
        if options.pod is not None:
            return _explain(options, stream)
        return _report(options, stream) if options.format == "html" else _analyze(options, stream)


def _analyze(options: argparse.Namespace, stream: TextIO) -> int:
    from ..analysis import analyze

    render: Any = renderer("text", "render_text") if options.format == "text" else None
    redaction = redaction_of(options)
    reading = read_paths(options.paths, limits_of(options), redaction)
    analysis = analyze(reading)
    if redaction is not None:
        analysis = redaction(analysis)
    if options.format == "json":
        print_json(analysis.model_dump_json(indent=2), stream)
    elif options.format == "jsonl":
        for part in analysis.parts():
            print_json(part.model_dump_json(), stream)
    elif options.format in _DRAWINGS:
        stream.write(_drawn(analysis, options) if analysis.nodes else "")
    elif not analysis.is_empty:
        render(analysis, stream, passed_over=reading.passed_over, every_pod=options.all)
    return _status(reading, analysis, options, redaction)


def _report(options: argparse.Namespace, stream: TextIO) -> int:
    report_nodes: Any = renderer("html", "report_nodes")
    page: Any = renderer("html", "analysis_page")
    redaction = redaction_of(options)
    reading = read_paths(options.paths, limits_of(options), redaction)
    report = report_nodes(reading)
    if redaction is not None:
        report = redaction(report)
    if not report.analysis.is_empty:
        stream.write(page(report))
    return _status(reading, report.analysis, options, redaction)


def _drawn(analysis: Analysis, options: argparse.Namespace) -> str:
    draw: Any = renderer(options.format, options.format)
    return str(draw(analysis))


def _status(reading: Reading, analysis: Analysis, options: argparse.Namespace, redaction: Redaction | None) -> int:
    if reading.skipped:
        return UNUSABLE
    if analysis.is_empty:
        return nothing_recognised(options.paths, redaction)
    return FAILED if _fails(analysis, options) else ANSWERED


def _explain(options: argparse.Namespace, stream: TextIO) -> int:
    """One pod. The status tells of the findings that name it."""
    from ..analysis.explaining import explain

    render: Any = renderer("pods", "render_explanation") if options.format == "text" else None
    redaction = redaction_of(options)
    reading = read_paths(options.paths, limits_of(options), redaction)
    if not reading.nodes and not reading.listings:
        return UNUSABLE if reading.skipped else nothing_recognised(options.paths, redaction, [reading])
    with said_of(reading, redaction, options.pod):
        explanation = explain(reading, options.pod)
    if redaction is not None:
        explanation = redaction(explanation)
    if options.format == "text":
        render(explanation, stream)
    else:
        print_json(explanation.model_dump_json(indent=2 if options.format == "json" else None), stream)
    if reading.skipped:
        return UNUSABLE
    failing = _FAILING.get(options.fail_on, ())
    return FAILED if any(finding.severity in failing for finding in explanation.findings) else ANSWERED


def _fails(analysis: Analysis, options: argparse.Namespace) -> bool:
    severities = {finding.severity for node in analysis.nodes for finding in node.findings}
    return not severities.isdisjoint(_FAILING.get(options.fail_on, ()))


def _analyze_each(options: argparse.Namespace, stream: TextIO) -> int:
    """Each path as a case of its own. The status is that of the worst: 2 before 1 before 3."""
    from ..analysis.models import Analysis
    from ..commands import installed_commands
    from ..fleet import analyze_many
    from ..processes import Processes, usable_cores

    if "-" in options.paths:
        raise UsageError("standard input is one case: --each and --jobs take paths")
    if options.pod is not None:
        raise UsageError("--pod tells of a pod of one case: it goes with neither --each nor --jobs")
    in_text = options.format == "text"
    render: Any = renderer("text", "render_case") if in_text else None
    totals: Any = renderer("text", "Totals")() if in_text else None
    paths = [Path(path) for path in options.paths]
    kept: list[Analysis] = []
    statuses = {ANSWERED}
    bad = 0
    with ExitStack() as stack:
        # Where the answers run over the terminal, they are the progress.
        is_quiet = options.format not in {"text", "jsonl"} or not stream.isatty()
        progress = stack.enter_context(cases_bar(sys.stderr, len(paths))) if is_quiet else None
        jobs = min(options.jobs or usable_cores(), len(paths))
        executor = stack.enter_context(Processes(jobs)) if options.jobs is not None else None
        redaction = redaction_of(options)
        cases = analyze_many(
            paths,
            executor,
            limits=limits_of(options),
            ahead=4 * jobs,
            finish=redaction,
            commands=installed_commands(),
        )
        for number, case in enumerate(cases, 1):
            _complain_of_case(case, number, redaction)
            statuses.add(_status_of_case(case, options))
            bad += case.error is not None
            if progress is not None:
                progress(number, bad)
            if in_text:
                totals.add(case.analysis)
                place = f"{number:,} of {len(paths):,}"
                name = case.path if redaction is None else redaction.name(case.path)
                render(name, place, case.analysis, stream, passed_over=case.passed_over, every_pod=options.all)
            elif options.format == "jsonl":
                for part in case.analysis.parts():
                    print(part.model_dump_json(), file=stream)
            else:
                kept.append(case.analysis)
            stream.flush()
    if options.format not in {"text", "jsonl"}:
        whole = Analysis.together(kept)
        if options.format == "json":
            print(whole.model_dump_json(indent=2), file=stream)
        elif whole.nodes:
            stream.write(_drawn(whole, options))
    elif in_text:
        print(f"{len(paths):,} paths, {bad:,} not answered: {totals}", file=stream)
    return next(status for status in (UNUSABLE, NOTHING, FAILED, ANSWERED) if status in statuses)


def _complain_of_case(case: Case, number: int, redaction: Redaction | None) -> None:
    """``redaction``: if any, the names in the analysis are pseudonyms. ``number`` tells whoever has the command line
    which path it is."""
    skipped = [(skipped.file, skipped.reason) for skipped in case.analysis.skipped]
    if case.error is not None and not skipped:
        path = case.path if redaction is None else redaction.name(case.path)
        skipped = [(path, case.error if redaction is None else redaction.message(case.error))]
    if redaction is not None:
        skipped = [(f"path {number}: {file}", reason) for file, reason in skipped]
    complain_of(skipped)


def _status_of_case(case: Case, options: argparse.Namespace) -> int:
    from ..fleet import NOTHING as NOTHING_RECOGNISED

    if case.error == NOTHING_RECOGNISED:
        return NOTHING
    if case.error is not None or case.analysis.skipped:
        return UNUSABLE
    return FAILED if _fails(case.analysis, options) else ANSWERED
