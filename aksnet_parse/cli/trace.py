"""``trace``: the way of a packet by the captured tables."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, TextIO

from .help import with_examples
from .inputs import read_paths
from .options import PATH, add_format, add_limits, add_redaction, limits_of, path, redaction_of
from .output import ANSWERED, FAILED, UNUSABLE, nothing_recognised, opened, print_json, renderer, said_of

if TYPE_CHECKING:
    from ..analysis.tracing.models import Trace
    from ..reading import Reading
    from .options import Subcommands

__all__ = ["add"]


def add(commands: Subcommands) -> None:
    trace = commands.add_parser(
        "trace",
        help="the way of a packet by the captured tables",
        description="Follows a packet by the captured tables, in one direction: which hops it takes, where it arrives "
        "or is lost, and where the captures end. Packet filters are not asked.",
        **with_examples(
            ("from one pod to another", "aksnet-parse trace ticket.txt --from 10.220.2.21 --to 10.220.2.28"),
            (
                "from the process of a pod to the internet",
                "aksnet-parse trace ticket.txt --from pid:16315 --to 8.8.8.8",
            ),
            ("from the node to the pod behind a veth", "aksnet-parse trace ticket.txt --from node --to azv33ac2d062ec"),
            (
                "from a pod of one node to a pod of another",
                "aksnet-parse trace node1.zip node2.zip --from 10.240.0.5 --to 10.244.0.3",
            ),
            (
                "for a script: status 3 if the packet is lost",
                "aksnet-parse trace ticket.txt --from node --to 10.220.2.8 --exit-code",
            ),
        ),
    )
    trace.add_argument("paths", nargs="+", type=path, metavar="PATH", help=PATH)
    trace.add_argument(
        "--from",
        dest="source",
        required=True,
        metavar="POD|IP|node",
        help="a pod by namespace/name, name, address, container id, pid:N, netns:NAME or its veth; node, or "
        "node:NAME, for the node's own network",
    )
    trace.add_argument("--to", dest="target", required=True, metavar="POD|IP|node", help="the same, or any IP address")
    trace.add_argument("--exit-code", action="store_true", help="exit with status 3 if the packet is lost")
    add_format(trace)
    add_redaction(trace)
    add_limits(trace)
    trace.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    with opened(options.output) as stream:
        return _report(options, stream) if options.format == "html" else _trace(options, stream)


def _trace(options: argparse.Namespace, stream: TextIO) -> int:
    from ..analysis.tracing import trace

    render: Any = renderer("trace", "render_trace") if options.format == "text" else None
    redaction = redaction_of(options)
    reading = read_paths(options.paths, limits_of(options), redaction)
    if not reading.nodes:
        return UNUSABLE if reading.skipped else nothing_recognised(options.paths, redaction, [reading])
    with said_of(reading, redaction, options.source, options.target):
        found = trace(reading, options.source, options.target)
    if redaction is not None:
        found = redaction(found)
    if options.format == "text":
        render(found, stream)
    else:
        print_json(found.model_dump_json(indent=2 if options.format == "json" else None), stream)
    return _status(reading, found, options)


def _report(options: argparse.Namespace, stream: TextIO) -> int:
    report_trace: Any = renderer("html", "report_trace")
    page: Any = renderer("html", "trace_page")
    redaction = redaction_of(options)
    reading = read_paths(options.paths, limits_of(options), redaction)
    if not reading.nodes:
        return UNUSABLE if reading.skipped else nothing_recognised(options.paths, redaction, [reading])
    with said_of(reading, redaction, options.source, options.target):
        report = report_trace(reading, options.source, options.target)
    if redaction is not None:
        report = redaction(report)
    stream.write(page(report))
    return _status(reading, report.trace, options)


def _status(reading: Reading, found: Trace, options: argparse.Namespace) -> int:
    if reading.skipped:
        return UNUSABLE
    return FAILED if options.exit_code and found.verdict == "lost" else ANSWERED
