"""No line is lost: each belongs to a record, or is handed back, whatever was done to the capture."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aksnet_parse import COMMANDS, Command, ParseResult, Record, analyze, read
from aksnet_parse.dressing import undress

# What the tools printed on one real node; the name of a file is the call, with blanks as underscores, and that of its
# folder the tool and its version.
FOLDER = Path(__file__).parent / "captures"
CAPTURES = sorted(FOLDER.glob("*/*.txt"))
SAMPLES = sorted((Path(__file__).parent.parent / "samples").glob("*.txt"))
TEXTS = {str(path.relative_to(FOLDER).with_suffix("")): path.read_text(encoding="utf-8") for path in CAPTURES}


def call_of(capture: str) -> tuple[str, ...]:
    return tuple(capture.partition("/")[2].split("_"))


# Every text by the command that reads it, and those of the samples as they were cut out of their sessions.
OUTPUTS: list[tuple[Command[Record], str]] = [
    (command, text) for capture, text in TEXTS.items() for command in COMMANDS if command.claims(call_of(capture))
]
for _path in SAMPLES:
    for _node in read(_path).nodes:
        # What `docker inspect --format` prints is nothing without its call.
        _captures = [_parsed.capture for _parsed in _node.captures if len(_parsed.capture.lines) > 1]
        OUTPUTS += [(_capture.command, "\n".join(_capture.lines)) for _capture in _captures]


def assert_accounted(result: ParseResult[Record], lines: list[str]) -> None:
    """The invariant: each non-blank line is in the source of a record, or in ``unparsed``, or in ``passed_over``."""
    spans: set[int] = set()
    for record in result:
        assert record.source is not None
        assert 1 <= record.source.first_line <= record.source.last_line <= len(lines)
        spans.update(range(record.source.first_line, record.source.last_line + 1))
    unparsed = {line.line for line in result.unparsed}
    passed_over = {line.line for line in result.passed_over}
    shown = {number for number, line in enumerate(lines, 1) if line.strip()}
    assert shown <= spans | unparsed | passed_over
    # What is said of a line is said once, of a line that is there.
    assert unparsed <= shown
    assert passed_over <= shown
    assert not passed_over & unparsed
    assert all(a.line <= b.line for a, b in zip(result.unparsed, result.unparsed[1:], strict=False))
    assert 0.0 <= result.coverage <= 1.0
    assert (result.coverage == 1.0) == (not result.unparsed)


def check(command: Command[Record], text: str) -> ParseResult[Record]:
    result: ParseResult[Record] = command.parse(text)
    assert_accounted(result, undress(text))
    return result


def test_every_capture_is_claimed_by_one_command() -> None:
    assert len(OUTPUTS) >= len(CAPTURES) > 0
    for capture in TEXTS:
        assert [command.name for command in COMMANDS if command.claims(call_of(capture))], capture


@pytest.mark.parametrize(("command", "text"), OUTPUTS)
def test_real_captures_are_understood_to_the_last_line(command: Command[Record], text: str) -> None:
    result = check(command, text)
    assert result.unparsed == ()
    assert len(result) > 0 or not text.strip()


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command.name))
def test_output_of_other_commands_is_handed_back(command: Command[Record]) -> None:
    for _, text in OUTPUTS:
        check(command, text)


# --- whatever was done to them ----------------------------------------------------------------------------------------


def _shuffled(lines: list[str], chance: random.Random) -> list[str]:
    return chance.sample(lines, len(lines))


def _spliced(lines: list[str], chance: random.Random) -> list[str]:
    other = chance.choice(OUTPUTS)[1].split("\n")
    start, end = sorted(chance.choices(range(len(other) + 1), k=2))
    place = chance.randrange(len(lines) + 1)
    return [*lines[:place], *other[start:end], *lines[place:]]


def _truncated(lines: list[str], chance: random.Random) -> list[str]:
    text = "\n".join(lines)
    start, end = sorted(chance.choices(range(len(text) + 1), k=2))
    return text[start:end].split("\n")


def _mutated(lines: list[str], chance: random.Random) -> list[str]:
    text = list("\n".join(lines))
    for _ in range(chance.randrange(1, 12)):
        place = chance.randrange(len(text) + 1)
        piece = chance.choice(["", " ", "\t", "\n", "\\", "\\    ", "{", "}", "[", '"', ",", "@", "9" * 30, "...", "é"])
        text[place : place + chance.randrange(3)] = piece
    return "".join(text).split("\n")


def _doubled(lines: list[str], chance: random.Random) -> list[str]:
    return [line for line in lines for _ in range(chance.choice((0, 1, 1, 1, 2)))]


def _indented(lines: list[str], chance: random.Random) -> list[str]:
    return [" " * chance.choice((0, 0, 2, 8)) + line.lstrip(chance.choice((" \t", ""))) for line in lines]


CHANGES: list[Callable[[list[str], random.Random], list[str]]] = [
    _shuffled,
    _spliced,
    _truncated,
    _mutated,
    _doubled,
    _indented,
]


@settings(max_examples=600, deadline=None)
@given(
    output=st.sampled_from(OUTPUTS),
    changes=st.lists(st.sampled_from(CHANGES), min_size=1, max_size=4),
    chance=st.randoms(use_true_random=False),
)
def test_spliced_shuffled_truncated_and_mutated_captures(
    output: tuple[Command[Record], str],
    changes: list[Callable[[list[str], random.Random], list[str]]],
    chance: random.Random,
) -> None:
    command, text = output
    for change in changes:
        text = "\n".join(change(text.split("\n"), chance))
    check(command, text)


@settings(max_examples=200, deadline=None)
@given(command=st.sampled_from(COMMANDS), text=st.text(st.sampled_from('ab01 .:/@<>{}[]",\n\t\\-'), max_size=200))
def test_any_text(command: Command[Record], text: str) -> None:
    check(command, text)


@settings(max_examples=150, deadline=None)
@given(data=st.data(), chance=st.randoms(use_true_random=False))
def test_in_a_transcript_too(data: st.DataObject, chance: random.Random) -> None:
    pieces = data.draw(st.lists(st.sampled_from(sorted(TEXTS)), min_size=1, max_size=4))
    text = ""
    for capture in pieces:
        lines = TEXTS[capture].split("\n")
        if data.draw(st.booleans()):
            lines = data.draw(st.sampled_from(CHANGES))(lines, chance)
        text += f"azureuser@aks-node-1:~$ {' '.join(call_of(capture))}\n" + "\n".join(lines) + "\n"
    shown = undress(text)
    for node in read(text).nodes:
        for parsed in node.captures:
            lines = [""] * (parsed.capture.output_line - 1) + list(parsed.capture.lines)
            first = parsed.capture.output_line - 1
            # Lines that look broken are put together in the first of them.
            assert "".join(parsed.capture.lines) == "".join(shown[first : first + len(lines) - first])
            assert_accounted(parsed.result, lines)


@settings(max_examples=100, deadline=None)
@given(output=st.sampled_from(OUTPUTS), chance=st.randoms(use_true_random=False))
def test_records_survive_json(output: tuple[Command[Record], str], chance: random.Random) -> None:
    command, text = output
    result = check(command, "\n".join(_mutated(text.split("\n"), chance)))
    for record in result:
        dumped = record.model_dump_json(by_alias=True, exclude_unset=True)
        assert command.model.model_validate(json.loads(dumped)) == record


# --- JSON of any shape ------------------------------------------------------------------------------------------------

DOCUMENTS = [json.loads(text) for _, text in OUTPUTS if text.startswith(("[", "{")) and "\\'" not in text]
VALUES: list[Any] = [
    None,
    True,
    5,
    -1,
    1e99,
    "",
    "x",
    "default",
    "10.0.0.999",
    [],
    [5],
    [None],
    [[]],
    {},
    {"a": 1},
    2**70,
    ["x"],
]
KEYS = ["dst", "ifname", "source", "items", "encap", "nexthops", "via", "metrics", "addr_info", "linkinfo", "flags"]


def _altered(value: Any, chance: random.Random) -> Any:
    if chance.random() < 0.04:
        return chance.choice(VALUES)
    if isinstance(value, dict):
        kept = {key: _altered(item, chance) for key, item in value.items() if chance.random() > 0.02}
        if chance.random() < 0.05:
            kept[chance.choice(KEYS)] = chance.choice(VALUES)
        return kept
    return [_altered(item, chance) for item in value] if isinstance(value, list) else value


@settings(max_examples=150, deadline=None)
@given(
    document=st.sampled_from(DOCUMENTS),
    indent=st.sampled_from((None, 4)),
    chance=st.randoms(use_true_random=False),
)
def test_json_whose_values_are_of_other_types(document: Any, indent: int | None, chance: random.Random) -> None:
    text = json.dumps(_altered(document, chance), indent=indent)
    for command in COMMANDS:
        check(command, text)
    analyze(read(text)).model_dump_json()
