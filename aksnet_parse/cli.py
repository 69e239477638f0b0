"""The command line: the only place that prints, reads arguments or exits."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from .bundle import Document, Limits, Walk, decode, read_file
from .errors import AksnetParseError, ParseError, ReadError, UsageError
from .progress import cases_bar, progress_bar

if TYPE_CHECKING:
    from .analysis.models import Analysis
    from .fleet import Case
    from .reading import Reading
    from .redaction import Redaction

__all__ = ["main"]

_ANSWERED, _NOTHING, _UNUSABLE, _FAILED = 0, 1, 2, 3
_STDIN = "<stdin>"
_KEY_VARIABLE = "AKSNET_PARSE_REDACT_KEY"
_SHOWN_SKIPPED = 10


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns the exit status: 0 answered, 1 nothing recognised, 2 wrong usage or an unreadable file, 3 a finding as bad
    as ``--fail-on`` names, or a difference or a lost packet where ``--exit-code`` asks for it.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    parser, subcommands = _parser()
    if arguments and arguments[0] not in {*subcommands, "-h", "--help", "--version"}:
        arguments.insert(0, "analyze")
    try:
        options = parser.parse_args(arguments)
        if not hasattr(options, "run"):
            parser.print_help(sys.stderr)
            return _UNUSABLE
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except AksnetParseError as error:
        return _complain(str(error))
    except BrokenPipeError:
        # Whoever read the output has seen enough (`| head`); Python must not complain about it at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _ANSWERED
    except KeyboardInterrupt:
        return 130
    except RecursionError:
        return _complain("the input is nested too deeply")


def _complain(message: str, status: int = _UNUSABLE) -> int:
    from .render.plain import printable

    print(f"aksnet-parse: {printable(message)}", file=sys.stderr)
    return status


def _print_json(text: str) -> None:
    from .render.plain import printable_json

    print(printable_json(text))


class _Parser(argparse.ArgumentParser):
    """Of wrong usage it says what is wrong in words that steer no terminal: a name of a file may begin with a dash."""

    def error(self, message: str) -> NoReturn:
        from .render.plain import printable

        super().error(printable(message))


def _parser() -> tuple[argparse.ArgumentParser, Collection[str]]:
    """The parser, and the names of the subcommands."""
    parser = _Parser(
        prog="aksnet-parse",
        description="Reads text captured on an AKS node and tells how its pod network is wired, "
        "with the lines that prove it.",
        epilog="examples:\n"
        "  aksnet-parse ticket.txt                     the answer for people\n"
        "  aksnet-parse node1.txt node2.txt --format json\n"
        "  aksnet-parse *.zip --jobs 4 --format jsonl  many nodes: each path a case of its own, on 4 cores\n"
        "  aksnet-parse collected.zip                  a bundle: folder, zip or tar, of one node or several\n"
        "  aksnet-parse compare before.txt after.txt   what is different, and what stayed\n"
        "  kubectl debug ... | aksnet-parse -          text from standard input\n"
        "  aksnet-parse trace ticket.txt --from web/web-1 --to 8.8.8.8\n"
        "  aksnet-parse parse 'ip addr' ip_addr.txt    one command's output as JSON\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show program's version number and exit")
    commands = parser.add_subparsers(title="subcommands", metavar="")

    analyze = commands.add_parser("analyze", help="mode and wiring of every node in the text (the default)")
    analyze.add_argument("paths", nargs="+", metavar="PATH", help=_PATH)
    _add_format(analyze)
    analyze.add_argument(
        "--fail-on",
        choices=tuple(_FAILING),
        help="exit with status 3 if there is a finding as bad as that (`warning` includes errors)",
    )
    _add_redaction(analyze)
    _add_fleet(analyze)
    _add_limits(analyze)
    analyze.set_defaults(run=_analyze)

    trace = commands.add_parser(
        "trace",
        help="the way of a packet by the captured tables",
        description="Follows a packet by the captured tables, in one direction: which hops it takes, where it arrives "
        "or is lost, and where the captures end. Packet filters are not asked.",
    )
    trace.add_argument("paths", nargs="+", metavar="PATH", help=_PATH)
    trace.add_argument(
        "--from",
        dest="source",
        required=True,
        metavar="POD|IP|node",
        help="a pod by namespace/name, name, address, container id, pid:N or netns:NAME; node, or node:NAME, for the "
        "node's own network",
    )
    trace.add_argument("--to", dest="target", required=True, metavar="POD|IP|node", help="the same, or any IP address")
    trace.add_argument("--exit-code", action="store_true", help="exit with status 3 if the packet is lost")
    _add_format(trace)
    _add_redaction(trace)
    _add_limits(trace)
    trace.set_defaults(run=_trace)

    comparing = commands.add_parser(
        "compare",
        help="what is different between two captures, and what stayed",
        description="Tells what is different between two captures: before and after a change, or of two nodes. "
        "One of the two may be - for standard input.",
    )
    comparing.add_argument("before", metavar="BEFORE", help=_PATH)
    comparing.add_argument("after", metavar="AFTER", help="the same for the other side")
    comparing.add_argument("--exit-code", action="store_true", help="exit with status 3 if anything is different")
    _add_format(comparing)
    _add_redaction(comparing)
    _add_limits(comparing)
    comparing.set_defaults(run=_compare)

    parse = commands.add_parser("parse", help="the output of one command as JSON records")
    parse.add_argument(
        "name", metavar="COMMAND", help="one of those that `aksnet-parse commands` lists, such as 'ip addr' or ip-addr"
    )
    parse.add_argument(
        "path", nargs="?", default="-", metavar="FILE", help="a file, or - for standard input (the default)"
    )
    parse.add_argument("--strict", action="store_true", help="stop at the first line that is not understood")
    parse.set_defaults(run=_parse)

    findings = commands.add_parser("findings", help="what can be found wrong, with cause, evidence and what to do next")
    findings.add_argument("code", nargs="?", metavar="CODE", help="explain this one, such as pod-route-missing")
    findings.add_argument(
        "--format",
        choices=("text", "json", "markdown"),
        default="text",
        help="text (default), JSON, or the page of the documentation",
    )
    findings.set_defaults(run=_findings)

    listing = commands.add_parser("commands", help="the commands whose output can be read")
    listing.set_defaults(run=_commands)

    schema = commands.add_parser("schema", help="the JSON Schema of `--format json`")
    schema.add_argument(
        "answer", nargs="?", choices=tuple(_SCHEMAS), default="analysis", help="of which answer (default analysis)"
    )
    schema.set_defaults(run=_schema)
    return parser, commands.choices


class _Version(argparse.Action):
    """Looks the version up only if it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *arguments: object) -> None:
        from . import __version__

        print(f"aksnet-parse {__version__}")
        parser.exit()


# What makes a script stop, for each value of --fail-on.
_FAILING = {"error": ("error",), "warning": ("error", "warning")}

_PATH = "a file with captured text, a folder, a zip or tar archive, or - for standard input"


def _add_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=("text", "json", "jsonl"),
        default="text",
        help="text for people (default), JSON, or JSON on one line each",
    )


def _add_redaction(parser: argparse.ArgumentParser) -> None:
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


def _redaction(options: argparse.Namespace) -> Redaction | None:
    """What the options say is to be done with each result before it is shown."""
    if not options.redact and options.redact_key is None:
        return None
    from .redaction import Redaction

    return Redaction(options.redact_key or os.environ.get(_KEY_VARIABLE) or None)


def _add_fleet(parser: argparse.ArgumentParser) -> None:
    fleet = parser.add_argument_group("many nodes")
    fleet.add_argument("--each", action="store_true", help="each PATH is a case of its own; one bad one stops no other")
    fleet.add_argument(
        "--jobs",
        type=_jobs,
        metavar="N",
        help="the same on N processes; 0 or auto: one for each core",
    )


def _add_limits(parser: argparse.ArgumentParser) -> None:
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


def _read(path: str) -> tuple[str, str]:
    if path == "-":
        return _STDIN, decode(sys.stdin.buffer.read())
    return path, read_file(Path(path))


def _documents(paths: Sequence[str], walk: Walk) -> Iterator[Document]:
    for path in paths:
        try:
            if path == "-":
                yield from walk.file(sys.stdin.buffer, _STDIN, _STDIN)
            else:
                yield from walk.path(Path(path))
        except ReadError as error:
            walk.skip(path, str(error).removeprefix(f"{path}: "))


def _reading(paths: Sequence[str], options: argparse.Namespace) -> Reading:
    """Everything at ``paths`` as one case; what could not be read is complained about."""
    from .reading import read_documents, walker

    with progress_bar(sys.stderr) as progress:
        walk = walker(_limits(options), progress)
        reading = read_documents(_documents(paths, walk), walk)
    _complain_of(reading.skipped)
    return reading


def _limits(options: argparse.Namespace) -> Limits:
    return Limits(**{field: getattr(options, field) for field, *_ in _LIMITS})


def _complain_of(skipped: Sequence[tuple[str, str]]) -> None:
    for file, reason in skipped[:_SHOWN_SKIPPED]:
        _complain(f"{file}: {reason}")
    if len(skipped) > _SHOWN_SKIPPED:
        _complain(f"{len(skipped) - _SHOWN_SKIPPED} more could not be read")


def _nothing_recognised(paths: Sequence[str]) -> int:
    from .commands import COMMANDS

    names = ", ".join(command.name for command in COMMANDS)
    return _complain(f"nothing recognised in {', '.join(paths)}: no output of {names}", _NOTHING)


def _text_renderer(module: str, function: str) -> Any:
    """The function of a module in ``render`` that writes text for people. Raises UsageError without the extra."""
    try:
        return getattr(import_module(f".render.{module}", __package__), function)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "rich":
            raise
        raise UsageError(
            "text output needs an extra: pip install 'aksnet-parse[cli]' (--format json works without)"
        ) from None


def _analyze(options: argparse.Namespace) -> int:
    from .analysis import analyze

    if options.each or options.jobs is not None:
        return _analyze_each(options)
    render: Any = _text_renderer("text", "render_text") if options.format == "text" else None
    reading = _reading(options.paths, options)
    analysis = analyze(reading)
    redaction = _redaction(options)
    if redaction is not None:
        analysis = redaction(analysis)
    if options.format == "json":
        _print_json(analysis.model_dump_json(indent=2))
    elif options.format == "jsonl":
        for part in analysis.parts():
            _print_json(part.model_dump_json())
    elif analysis.nodes:
        render(analysis, sys.stdout, passed_over=reading.passed_over)
    if reading.skipped:
        return _UNUSABLE
    if not analysis.nodes:
        return _nothing_recognised(options.paths)
    return _FAILED if _fails(analysis, options) else _ANSWERED


def _fails(analysis: Analysis, options: argparse.Namespace) -> bool:
    severities = {finding.severity for node in analysis.nodes for finding in node.findings}
    return not severities.isdisjoint(_FAILING.get(options.fail_on, ()))


def _analyze_each(options: argparse.Namespace) -> int:
    """Each path as a case of its own. The status is that of the worst: 2 before 1 before 3."""
    from .analysis.models import Analysis
    from .fleet import analyze_many
    from .processes import Processes, usable_cores

    if "-" in options.paths:
        raise UsageError("standard input is one case: --each and --jobs take paths")
    in_text = options.format == "text"
    render: Any = _text_renderer("text", "render_case") if in_text else None
    totals: Any = _text_renderer("text", "Totals")() if in_text else None
    paths = [Path(path) for path in options.paths]
    kept: list[Analysis] = []
    statuses = {_ANSWERED}
    bad = 0
    with ExitStack() as stack:
        # Where the answers run over the terminal, they are the progress.
        is_quiet = options.format == "json" or not sys.stdout.isatty()
        progress = stack.enter_context(cases_bar(sys.stderr, len(paths))) if is_quiet else None
        jobs = min(options.jobs or usable_cores(), len(paths))
        executor = stack.enter_context(Processes(jobs)) if options.jobs is not None else None
        redaction = _redaction(options)
        cases = analyze_many(paths, executor, limits=_limits(options), ahead=4 * jobs, finish=redaction)
        for number, case in enumerate(cases, 1):
            _complain_of_case(case, by_path=redaction is not None)
            statuses.add(_status_of(case, options))
            bad += case.error is not None
            if progress is not None:
                progress(number, bad)
            if in_text:
                totals.add(case.analysis)
                place = f"{number:,} of {len(paths):,}"
                name = case.path if redaction is None else redaction.name(case.path)
                render(name, place, case.analysis, sys.stdout, passed_over=case.passed_over)
            elif options.format == "jsonl":
                for part in case.analysis.parts():
                    print(part.model_dump_json())
            else:
                kept.append(case.analysis)
            sys.stdout.flush()
    if options.format == "json":
        nodes = tuple(node for analysis in kept for node in analysis.nodes)
        skipped = tuple(skipped for analysis in kept for skipped in analysis.skipped)
        print(Analysis(nodes=nodes, skipped=skipped).model_dump_json(indent=2))
    elif in_text:
        print(f"{len(paths):,} paths, {bad:,} not answered: {totals}")
    return next(status for status in (_UNUSABLE, _NOTHING, _FAILED, _ANSWERED) if status in statuses)


def _complain_of_case(case: Case, *, by_path: bool) -> None:
    """``by_path``: the analysis does not say what the files are called."""
    skipped = [(skipped.file, skipped.reason) for skipped in case.analysis.skipped]
    if case.error is not None and (by_path or not skipped):
        skipped = [(case.path, case.error)]
    elif by_path and skipped:
        skipped = [(case.path, f"could not be read in {len(skipped)} places")]
    _complain_of(skipped)


def _status_of(case: Case, options: argparse.Namespace) -> int:
    from .fleet import NOTHING

    if case.error == NOTHING:
        return _NOTHING
    if case.error is not None or case.analysis.skipped:
        return _UNUSABLE
    return _FAILED if _fails(case.analysis, options) else _ANSWERED


def _trace(options: argparse.Namespace) -> int:
    from .analysis.tracing import trace

    render: Any = _text_renderer("trace", "render_trace") if options.format == "text" else None
    reading = _reading(options.paths, options)
    if not reading.nodes:
        return _UNUSABLE if reading.skipped else _nothing_recognised(options.paths)
    found = trace(reading, options.source, options.target)
    redaction = _redaction(options)
    if redaction is not None:
        found = redaction(found)
    if options.format == "text":
        render(found, sys.stdout)
    else:
        _print_json(found.model_dump_json(indent=2 if options.format == "json" else None))
    if reading.skipped:
        return _UNUSABLE
    return _FAILED if options.exit_code and found.verdict == "lost" else _ANSWERED


def _compare(options: argparse.Namespace) -> int:
    from .analysis.comparison import compare

    if options.before == options.after == "-":
        raise UsageError("only one of BEFORE and AFTER can be standard input")
    render: Any = _text_renderer("compare", "render_comparison") if options.format == "text" else None
    before, after = (_reading([path], options) for path in (options.before, options.after))
    unrecognised = [path for path, reading in ((options.before, before), (options.after, after)) if not reading.nodes]
    skipped = before.skipped or after.skipped
    if unrecognised:
        return _UNUSABLE if skipped else _nothing_recognised(unrecognised)
    comparison = compare(before, after)
    sides = {"before": options.before, "after": options.after}
    redaction = _redaction(options)
    if redaction is not None:
        comparison = redaction(comparison)
        sides = {side: redaction.name(path) for side, path in sides.items()}
    if options.format == "json":
        _print_json(comparison.model_dump_json(indent=2))
    elif options.format == "jsonl":
        for part in comparison.parts():
            _print_json(part.model_dump_json())
    else:
        render(comparison, sys.stdout, **sides)
    if skipped:
        return _UNUSABLE
    return _FAILED if options.exit_code and comparison.changed else _ANSWERED


def _parse(options: argparse.Namespace) -> int:
    from .commands import COMMANDS

    wanted = _folded(options.name)
    command = next((command for command in COMMANDS if _folded(command.name) == wanted), None)
    if command is None:
        names = ", ".join(command.name for command in COMMANDS)
        return _complain(f"no command named {options.name!r}; there are: {names}")
    file, text = _read(options.path)
    try:
        result = command.parse(text, file=file, strict=options.strict)
    except ParseError as error:
        return _complain(str(error), _NOTHING)
    print(json.dumps([record.model_dump(mode="json", by_alias=True) for record in result], indent=2))
    for line in result.unparsed:
        _complain(f"{file}, line {line.line}: not understood as output of {command.name}: {line.text!r}")
    if not result and not (command.answers_when_silent() and not text.strip()):
        return _complain(f"no output of {command.name} in {file}", _NOTHING)
    return _ANSWERED


def _folded(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())


def _findings(options: argparse.Namespace) -> int:
    from .analysis.catalogue import FINDINGS
    from .render.findings import findings_json, findings_markdown, findings_text

    kinds = [kind for kind in FINDINGS if options.code in {None, kind.code}]
    if not kinds:
        near = get_close_matches(options.code, [kind.code for kind in FINDINGS], n=1)
        hint = f"; did you mean {near[0]}?" if near else "; `aksnet-parse findings` lists all"
        return _complain(f"no finding has the code {options.code!r}{hint}")
    if options.format == "json":
        print(findings_json(kinds))
    elif options.format == "markdown":
        print(findings_markdown(kinds), end="")
    else:
        print(findings_text(kinds, explained=options.code is not None), end="")
    return _ANSWERED


def _commands(options: argparse.Namespace) -> int:
    from .commands import COMMANDS

    for command in COMMANDS:
        print(command.name)
    return _ANSWERED


# The model of each answer, by the module and the name it has there: imported when it is asked for.
_SCHEMAS = {
    "analysis": ("models", "Analysis"),
    "trace": ("tracing.models", "Trace"),
    "compare": ("comparison.models", "Comparison"),
}


def _schema(options: argparse.Namespace) -> int:
    module, name = _SCHEMAS[options.answer]
    model = getattr(import_module(f".analysis.{module}", __package__), name)
    print(json.dumps(model.model_json_schema(mode="serialization"), indent=2))
    return _ANSWERED
