"""The command line: the only place that prints, reads arguments or exits."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .bundle import Document, Limits, Walk, decode, read_file
from .errors import AksnetParseError, ParseError, ReadError, UsageError
from .progress import progress_bar

if TYPE_CHECKING:
    from .reading import Reading

__all__ = ["main"]

_ANSWERED, _NOTHING, _UNUSABLE, _FAILED = 0, 1, 2, 3
_STDIN = "<stdin>"
_SHOWN_SKIPPED = 10


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns the exit status: 0 answered, 1 nothing recognised, 2 wrong usage or an unreadable file, 3 a finding as bad
    as ``--fail-on`` names.
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


def _parser() -> tuple[argparse.ArgumentParser, Collection[str]]:
    """The parser, and the names of the subcommands."""
    parser = argparse.ArgumentParser(
        prog="aksnet-parse",
        description="Reads text captured on an AKS node and tells how its pod network is wired, "
        "with the lines that prove it.",
        epilog="examples:\n"
        "  aksnet-parse ticket.txt                     the answer for people\n"
        "  aksnet-parse node1.txt node2.txt --format json\n"
        "  aksnet-parse collected.zip                  a bundle: folder, zip or tar, of one node or several\n"
        "  kubectl debug ... | aksnet-parse -          text from standard input\n"
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
    _add_limits(analyze)
    analyze.set_defaults(run=_analyze)

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

    limits = Limits(**{field: getattr(options, field) for field, *_ in _LIMITS})
    with progress_bar(sys.stderr) as progress:
        walk = walker(limits, progress)
        reading = read_documents(_documents(paths, walk), walk)
    for file, reason in reading.skipped[:_SHOWN_SKIPPED]:
        _complain(f"{file}: {reason}")
    if len(reading.skipped) > _SHOWN_SKIPPED:
        _complain(f"{len(reading.skipped) - _SHOWN_SKIPPED} more could not be read")
    return reading


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

    render: Any = _text_renderer("text", "render_text") if options.format == "text" else None
    reading = _reading(options.paths, options)
    analysis = analyze(reading)
    if options.format == "json":
        print(analysis.model_dump_json(indent=2))
    elif options.format == "jsonl":
        for part in analysis.parts():
            print(part.model_dump_json())
    elif analysis.nodes:
        render(analysis, sys.stdout, passed_over=reading.passed_over)
    if reading.skipped:
        return _UNUSABLE
    if not analysis.nodes:
        return _nothing_recognised(options.paths)
    severities = {finding.severity for node in analysis.nodes for finding in node.findings}
    return _ANSWERED if severities.isdisjoint(_FAILING.get(options.fail_on, ())) else _FAILED


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


def _schema(options: argparse.Namespace) -> int:
    from .analysis.models import Analysis

    print(json.dumps(Analysis.model_json_schema(mode="serialization"), indent=2))
    return _ANSWERED
