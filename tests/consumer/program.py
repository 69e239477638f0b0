"""A program that uses this package as others do. It is run by the tests, and type checkers read it against the
installed package: each `assert_type` is a promise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, assert_type

import aksnet_parse
from aksnet_parse import (
    Analysis,
    Case,
    Command,
    Comparison,
    Explanation,
    Grammar,
    Interface,
    Line,
    NetToolsRoute,
    Node,
    ParseResult,
    Reading,
    Record,
    Source,
    Trace,
)


def wiring(path: Path) -> Iterator[str]:
    """Each pod's way, as text."""
    reading = aksnet_parse.read(path)
    assert_type(reading, Reading)
    analysis = aksnet_parse.analyze(reading)
    assert_type(analysis, Analysis)
    for node in analysis.nodes:
        for pod in node.pods:
            address: str = pod.addresses[0] if pod.addresses else "?"
            if pod.attachment is None:
                yield f"{address} {pod.status}"
            elif pod.attachment.kind == "route":
                yield f"{address} route {pod.attachment.destination}"
            else:
                yield f"{address} bridge {pod.attachment.bridge}"
        for finding in node.findings:
            if finding.severity == "error":
                yield f"{finding.code} {[line.line for line in finding.lines]}"


def records(text: str) -> list[tuple[str, int | None]]:
    """Interfaces by name, and their number."""
    result = aksnet_parse.parse_ip_addr(text, file="ip_addr.txt")
    assert_type(result, ParseResult[Interface])
    assert_type(result[0], Interface)
    assert_type(result[1:], tuple[Interface, ...])
    assert_type(result.unparsed, tuple[Line, ...])
    assert_type(result[0].source, Source | None)
    assert_type(aksnet_parse.parse_route_n(""), ParseResult[NetToolsRoute])
    return [(row.ifname, row.ifindex) for row in result]


def one_pod(reading: Reading, word: str) -> list[str]:
    explanation = aksnet_parse.explain(reading, word)
    assert_type(explanation, Explanation)
    way = aksnet_parse.trace(reading, word, "8.8.8.8")
    assert_type(way, Trace)
    return [*(proof.claim for proof in explanation.proofs), *(hop.sentence for hop in way.hops)]


def difference(before: Path, after: Path) -> Comparison:
    return aksnet_parse.redact(aksnet_parse.compare(aksnet_parse.read(before), aksnet_parse.read(after)), "a key")


def many(paths: Sequence[Path]) -> list[str | None]:
    cases = aksnet_parse.analyze_many(paths, limits=aksnet_parse.Limits(members=1000))
    first = next(cases)
    assert_type(first, Case)
    return [first.error, *(case.error for case in cases)]


class Setting(Record):
    """What a command of one's own reads: a setting of the kernel."""

    name: str
    value: str


TEMPLATE = """
<group name="settings*">
{{ name | re("[a-z][a-z0-9_.-]+") | _start_ }} = {{ value | re("[0-9a-z_]+") }}
</group>
"""


@cache
def _grammar() -> Grammar:
    return Grammar(TEMPLATE)


SYSCTL = Command(
    name="sysctl",
    grammar=_grammar,
    group="settings",
    model=Setting,
    claims=lambda argv: argv[0] == "sysctl",
    herald=re.compile(r"net\.[a-z0-9_.-]+ = "),
)


def settings(text: str) -> dict[str, str]:
    assert_type(SYSCTL.parse(text), ParseResult[Setting])
    commands: Sequence[Command[Any]] = (*aksnet_parse.installed_commands(), SYSCTL)
    nodes = aksnet_parse.read(text, commands=commands).nodes
    assert_type(nodes, tuple[Node, ...])
    found = [record for node in nodes for capture in node.captures for record in capture.result]
    return {record.name: record.value for record in found if isinstance(record, Setting)}


def failures(path: Path) -> str:
    try:
        aksnet_parse.read(path)
    except aksnet_parse.ReadError as error:
        return str(error)
    try:
        aksnet_parse.parse_ip_addr("nonsense", strict=True)
    except aksnet_parse.ParseError as error:
        assert_type(error.line, int)
        return f"{error.file} {error.text}"
    return aksnet_parse.__version__
