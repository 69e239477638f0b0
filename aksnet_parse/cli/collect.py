"""``collect``: the script that captures all of this on a node."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from .help import with_examples
from .output import ANSWERED

if TYPE_CHECKING:
    from .options import Subcommands

__all__ = ["add"]


def add(commands: Subcommands) -> None:
    parser = commands.add_parser(
        "collect",
        help="print a shell script that captures on a node all that can be read",
        description="Prints a POSIX shell script that captures on a node, in one text, all that can be read here. It "
        "only reads, and collects no environment, command line, mount or secret.",
        **with_examples(
            ("to look at it first; sh collect.sh --help says how it is used", "aksnet-parse collect > collect.sh"),
            ("on a node one can log in to", "aksnet-parse collect | ssh azureuser@NODE sudo sh > node.txt"),
            (
                "on any node, in a container of its own",
                "aksnet-parse collect | kubectl debug node/NAME -i --profile=sysadmin --image=busybox -- sh > node.txt",
            ),
        ),
    )
    parser.set_defaults(run=_collect)


def _collect(options: argparse.Namespace) -> int:
    from importlib.resources import files

    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(newline="\n")  # no shell understands the line ends of Windows
    sys.stdout.write(files("aksnet_parse").joinpath("collect", "collect.sh").read_text(encoding="utf-8"))
    return ANSWERED
