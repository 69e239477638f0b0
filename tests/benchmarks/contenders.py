"""Who is measured: this package, its peers, and what no parser can do without. Each takes text and gives its result."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from aksnet_parse import COMMANDS, Command
from aksnet_parse.dressing import undressed

__all__ = ["Contender", "contenders"]

_TEMPLATES = Path(__file__).parents[2] / "templates"


@dataclass(frozen=True)
class Contender:
    """``largest``: the most pods it is given; one that takes seconds would make the table take minutes."""

    name: str
    parse: Callable[[str], object]
    largest: int = 20_000


@cache
def _command(name: str) -> Command[Any]:
    return next(command for command in COMMANDS if command.name == name)


def _ttp(template: str, *, reused: bool) -> Callable[[str], object]:
    made = importlib.import_module("ttp").ttp
    source = (_TEMPLATES / f"{template}.ttp").read_text(encoding="utf-8")
    parser: Any = made(template=source)

    def fresh(text: str) -> object:
        parser: Any = made(data="\n" + text, template=source)
        parser.parse(one=True)
        return parser.result()

    def again(text: str) -> object:
        parser.clear_input()
        parser.clear_result()
        parser.add_input("\n" + text)
        parser.parse(one=True)
        return parser.result()

    return again if reused else fresh


def _insights(module: str, name: str) -> Callable[[str], object]:
    context = importlib.import_module("insights.core.context").Context
    parser = getattr(importlib.import_module(f"insights.parsers.{module}"), name)

    def parse(text: str) -> object:
        return parser(context(content=text.splitlines(), path="x", relative_path="x"))

    return parse


def _jc(name: str) -> Callable[[str], object]:
    jc = importlib.import_module("jc")
    return lambda text: jc.parse(name, text, quiet=True)


def _ntc(command: str) -> Callable[[str], object]:
    parse: Callable[..., object] = importlib.import_module("ntc_templates.parse").parse_output
    return lambda text: parse(platform="linux", command=command, data=text)


def _floor(command: Command[Any]) -> Callable[[str], object]:
    """One ``finditer`` of the same patterns, each line's words captured, and nothing built."""
    grammar: Any = command.grammar()
    pattern: re.Pattern[str] = grammar._regex
    words = {index: rule.indexes or (0,) for index, rule in grammar._rules.items()}

    def parse(text: str) -> None:
        for match in pattern.finditer(text):
            if match.lastindex is not None:
                match.group(*words[match.lastindex])

    return lambda text: parse(undressed(text))


def contenders(command: str) -> list[Contender]:
    """Those that read the output of a command, this package first."""
    ours = _command(command)
    template = ours.grammar.args[0] if hasattr(ours.grammar, "args") else ""
    found = [Contender("aksnet_parse", ours.parse), Contender("floor", _floor(ours))]
    found += {
        "ip addr": [
            Contender("insights-core", _insights("ip", "IpAddr")),
            Contender("ntc-templates", _ntc("ip address show"), 1_000),
        ],
        "route -n": [
            Contender("insights-core", _insights("route", "Route")),
            Contender("jc", _jc("route")),
        ],
        "ip route": [Contender("jc", _jc("ip_route"))],
        "brctl show": [Contender("insights-core", _insights("brctl_show", "BrctlShow"))],
    }[command]
    return [
        *found,
        Contender("ttp, reused", _ttp(template, reused=True), 5_000),
        Contender("ttp, fresh", _ttp(template, reused=False), 5_000),
    ]
