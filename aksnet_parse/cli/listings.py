"""``findings``, ``commands``, ``schema``: what this program knows, without any text."""

from __future__ import annotations

import argparse
import json
from importlib import import_module
from typing import TYPE_CHECKING

from .help import with_examples
from .output import ANSWERED, complain

if TYPE_CHECKING:
    from .options import Subcommands

__all__ = ["add"]


def add(commands: Subcommands) -> None:
    findings = commands.add_parser(
        "findings",
        help="what can be found wrong, with cause, evidence and what to do next",
        description="Lists what can be found wrong with a node, or explains one of it: cause, evidence, what to do.",
        **with_examples(
            ("all of them", "aksnet-parse findings"),
            ("what a finding of an answer means", "aksnet-parse findings pod-route-missing"),
        ),
    )
    findings.add_argument("code", nargs="?", metavar="CODE", help="explain this one, such as pod-route-missing")
    findings.add_argument(
        "--format",
        choices=("text", "json", "markdown"),
        default="text",
        help="text (default), JSON, or the page of the documentation",
    )
    findings.set_defaults(run=_findings)

    listing = commands.add_parser(
        "commands",
        help="the commands whose output can be read",
        description="Lists the commands whose output can be read, each as `aksnet-parse parse` takes it.",
        **with_examples(("", "aksnet-parse commands")),
    )
    listing.set_defaults(run=_commands)

    schema = commands.add_parser(
        "schema",
        help="the JSON Schema of `--format json`",
        description="Prints the JSON Schema of what `--format json` prints.",
        **with_examples(
            ("of the answer for a node", "aksnet-parse schema"),
            ("of a trace", "aksnet-parse schema trace"),
        ),
    )
    schema.add_argument(
        "answer", nargs="?", choices=tuple(_SCHEMAS), default="analysis", help="of which answer (default analysis)"
    )
    schema.set_defaults(run=_schema)


def _findings(options: argparse.Namespace) -> int:
    from ..analysis.catalogue import FINDINGS
    from ..render.findings import findings_json, findings_markdown, findings_text

    kinds = [kind for kind in FINDINGS if options.code in {None, kind.code}]
    if not kinds:
        from difflib import get_close_matches

        near = get_close_matches(options.code, [kind.code for kind in FINDINGS], n=1)
        hint = f"; did you mean {near[0]}?" if near else "; `aksnet-parse findings` lists all"
        return complain(f"no finding has the code {options.code!r}{hint}")
    if options.format == "json":
        print(findings_json(kinds))
    elif options.format == "markdown":
        print(findings_markdown(kinds), end="")
    else:
        print(findings_text(kinds, explained=options.code is not None), end="")
    return ANSWERED


def _commands(options: argparse.Namespace) -> int:
    from ..commands import installed_commands

    for command in installed_commands():
        print(command.name)
    return ANSWERED


# The model of each answer, by the module and the name it has there: imported when it is asked for.
_SCHEMAS = {
    "analysis": ("models", "Analysis"),
    "trace": ("tracing.models", "Trace"),
    "compare": ("comparison.models", "Comparison"),
    "pod": ("explaining", "Explanation"),
}


def _schema(options: argparse.Namespace) -> int:
    module, name = _SCHEMAS[options.answer]
    model = getattr(import_module(f"aksnet_parse.analysis.{module}"), name)
    print(json.dumps(model.model_json_schema(mode="serialization"), indent=2))
    return ANSWERED
