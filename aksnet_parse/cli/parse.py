"""``parse``: the output of one command as records."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from ..errors import ParseError
from .inputs import read_text
from .output import ANSWERED, NOTHING, complain

if TYPE_CHECKING:
    from .options import Subcommands

__all__ = ["add"]


def add(commands: Subcommands) -> None:
    parse = commands.add_parser("parse", help="the output of one command as JSON records")
    parse.add_argument(
        "name", metavar="COMMAND", help="one of those that `aksnet-parse commands` lists, such as 'ip addr' or ip-addr"
    )
    parse.add_argument(
        "path", nargs="?", default="-", metavar="FILE", help="a file, or - for standard input (the default)"
    )
    parse.add_argument("--strict", action="store_true", help="stop at the first line that is not understood")
    parse.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from ..commands import COMMANDS

    wanted = _folded(options.name)
    command = next((command for command in COMMANDS if _folded(command.name) == wanted), None)
    if command is None:
        names = ", ".join(command.name for command in COMMANDS)
        return complain(f"no command named {options.name!r}; there are: {names}")
    file, text = read_text(options.path)
    try:
        result = command.parse(text, file=file, strict=options.strict)
    except ParseError as error:
        return complain(str(error), NOTHING)
    print(json.dumps([record.model_dump(mode="json", by_alias=True) for record in result], indent=2))
    for line in result.unparsed:
        complain(f"{file}, line {line.line}: not understood as output of {command.name}: {line.text!r}")
    if not result and not (command.answers_when_silent() and not text.strip()):
        return complain(f"no output of {command.name} in {file}", NOTHING)
    return ANSWERED


def _folded(name: str) -> str:
    return "".join(char for char in name.lower() if char.isalnum())
