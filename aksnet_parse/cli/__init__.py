"""The command line: the only place that prints, reads arguments or exits."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Collection, Sequence
from typing import NoReturn

from ..errors import AksnetParseError
from . import analyze, collect, compare, completion, listings, parse, trace
from .help import with_examples
from .output import ANSWERED, UNUSABLE, complain

__all__ = ["main"]

_SUBCOMMANDS = (analyze, trace, compare, parse, collect, listings, completion)


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
            return UNUSABLE
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except AksnetParseError as error:
        return complain(str(error))
    except BrokenPipeError:
        # Whoever read the output has seen enough (`| head`); Python must not complain about it at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ANSWERED
    except OSError as error:
        # What is still in the buffer is not to fail once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return complain(f"the answer cannot be written: {error.strerror}")
    except KeyboardInterrupt:
        return 130
    except RecursionError:
        return complain("the input is nested too deeply")


class _Parser(argparse.ArgumentParser):
    """Of wrong usage it says what is wrong in words that steer no terminal: a name of a file may begin with a dash."""

    def error(self, message: str) -> NoReturn:
        from ..render.plain import printable

        super().error(printable(message))


def _parser() -> tuple[argparse.ArgumentParser, Collection[str]]:
    """The parser, and the names of the subcommands."""
    parser = _Parser(
        prog="aksnet-parse",
        description="Reads text captured on an AKS node and tells how its pod network is wired, "
        "with the lines that prove it.",
        **with_examples(
            ("the answer for people: a file, a folder, a zip or tar", "aksnet-parse ticket.txt"),
            ("all of one pod, with what proves it", "aksnet-parse ticket.txt --pod 10.220.2.21"),
            ("the way of a packet", "aksnet-parse trace ticket.txt --from 10.220.2.21 --to 8.8.8.8"),
            ("what is different, and what stayed", "aksnet-parse compare before.txt after.txt"),
            ("many nodes: each path a case of its own", "aksnet-parse *.zip --jobs 2 --format jsonl"),
            ("one command's output as JSON", "aksnet-parse parse 'ip addr' ip_addr.txt"),
            ("the options of the answer; each subcommand has help like this", "aksnet-parse analyze --help"),
        ),
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show program's version number and exit")
    commands = parser.add_subparsers(title="subcommands", metavar="")
    for subcommand in _SUBCOMMANDS:
        subcommand.add(commands)
    return parser, commands.choices


class _Version(argparse.Action):
    """Looks the version up only if it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *arguments: object) -> None:
        from .. import __version__

        print(f"aksnet-parse {__version__}")
        parser.exit()
