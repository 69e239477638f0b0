"""A line ends at a line feed and nowhere else, whatever YAML, Unicode or Python take for the end of one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aksnet_parse import COMMANDS, Command, ParseResult, Record, read
from aksnet_parse.dressing import undress
from tests.fuzz.harnesses import HARNESSES, text_of
from tests.fuzz.samples import transcripts

# All that str.splitlines() splits at, but for the line feed and the carriage return of a terminal.
SEPARATORS = ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
SAMPLES = dict(zip([command.name for command in COMMANDS], HARNESSES.values(), strict=False))


def _places(result: ParseResult[Any]) -> list[Any]:
    return [
        [record.source for record in result],
        [line.line for line in result.unparsed],
        [line.line for line in result.passed_over],
    ]


def _ended_by(separator: str, text: str) -> str:
    """``text`` with ``separator`` at the end of three of its lines, where a blank would change nothing."""
    lines = text.split("\n")
    for number in {0, len(lines) // 2, len(lines) - 2}:
        if lines[number] and not lines[number].endswith("\\"):
            lines[number] += separator
    return "\n".join(lines)


@pytest.mark.parametrize("separator", SEPARATORS, ids=ascii)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command.name))
def test_no_other_character_counts_as_a_line_end(command: Command[Record], separator: str) -> None:
    samples = [text_of(sample) for sample in SAMPLES[command.name].samples()]
    assert samples
    for text in samples:
        plain, changed = command.parse(text), command.parse(_ended_by(separator, text))
        assert changed == plain
        assert _places(changed) == _places(plain)


@pytest.mark.parametrize("separator", SEPARATORS, ids=ascii)
def test_nor_in_a_transcript(separator: str) -> None:
    for text in transcripts():
        plain, changed = read(text), read(_ended_by(separator, text))
        for one, other in zip(plain.nodes, changed.nodes, strict=True):
            captures = [(parsed.capture.lines, _places(parsed.result)) for parsed in one.captures]
            assert [(parsed.capture.lines, _places(parsed.result)) for parsed in other.captures] == captures


@pytest.mark.parametrize("separator", SEPARATORS, ids=ascii)
def test_nor_in_a_string_of_json(separator: str) -> None:
    said = f"\x20[stdout]\n1: lo: <UP> mtu 1 qdisc mq state UP {separator}\n2: eth0: <UP> mtu 1 qdisc mq state UP \n"
    [node] = read(json.dumps({"exitCode": 0, "logs": said}), file="answer.json").nodes
    assert [row.source.first_line for row in node.interfaces or () if row.source] == [2, 3]


@pytest.mark.parametrize("separator", SEPARATORS, ids=ascii)
def test_lines_are_those_that_anybody_counts(separator: str) -> None:
    assert undress(f"a{separator}b\nc") in (["a b", "c"], ["ab", "c"])
