"""``parse``: the output of one command as records."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from ..errors import ParseError
from .help import with_examples
from .inputs import read_text
from .output import ANSWERED, NOTHING, complain

if TYPE_CHECKING:
    from .options import Subcommands

__all__ = ["add"]


def add(commands: Subcommands) -> None:
    parse = commands.add_parser(
        "parse",
        help="the output of one command as JSON records",
        description="Reads the output of one command, nothing around it, and prints its records as JSON. Lines that "
        "are not understood are named on standard error.",
        **with_examples(
            ("a list of interfaces", "aksnet-parse parse 'ip addr' ip_addr.txt"),
            ("as it comes", "cat route_n.txt | aksnet-parse parse route-n"),
            (
                "a record on each line, for jq",
                "aksnet-parse parse 'ip addr' ip_addr.txt --format jsonl | jq -r .ifname",
            ),
            ("for a script: stop at a line that is not understood", "aksnet-parse parse ip-addr ip_addr.txt --strict"),
        ),
    )
    parse.add_argument(
        "name", metavar="COMMAND", help="one of those that `aksnet-parse commands` lists, such as 'ip addr' or ip-addr"
    )
    parse.add_argument(
        "path", nargs="?", default="-", metavar="FILE", help="a file, or - for standard input (the default)"
    )
    parse.add_argument(
        "--format",
        choices=("json", "jsonl"),
        default="json",
        help="a JSON array (default), or one record on each line",
    )
    parse.add_argument("--strict", action="store_true", help="stop at the first line that is not understood")
    parse.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from ..commands import installed_commands

    wanted = _folded(options.name)
    commands = installed_commands()
    command = next((command for command in commands if _folded(command.name) == wanted), None)
    if command is None:
        names = ", ".join(command.name for command in commands)
        return complain(f"no command named {options.name!r}; there are: {names}")
    file, text = read_text(options.path)
    try:
        result = command.parse(text, file=file, strict=options.strict)
    except ParseError as error:
        return complain(str(error), NOTHING)
    records = [record.model_dump(mode="json", by_alias=True) for record in result]
    if options.format == "json":
        print(json.dumps(records, indent=2))
    else:
        for record in records:
            print(json.dumps(record))
    for line in result.unparsed:
        complain(f"{file}, line {line.line}: not understood as output of {command.name}: {line.text!r}")
    if not result and not (command.answers_when_silent() and not text.strip()):
        return complain(f"no output of {command.name} in {file}", NOTHING)
    return ANSWERED


def _folded(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())
