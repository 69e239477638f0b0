"""What is fuzzed: for each name in ``HARNESSES`` a function of bytes, which raises if a promise is broken, and samples.

A harness for every parse function is made out of ``COMMANDS``: a new command is fuzzed without another line here.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import jsonschema

import aksnet_parse
from aksnet_parse import COMMANDS, Analysis, Command, Limits, ParseError, ReadError, Record, analyze, read
from aksnet_parse.analysis.proofs import proofs
from aksnet_parse.analysis.situation import look_at
from aksnet_parse.bundle import decode
from aksnet_parse.dressing import undress
from aksnet_parse.node import Node
from aksnet_parse.reading import read_documents, walker
from aksnet_parse.render.plain import printable
from aksnet_parse.render.text import render_text
from aksnet_parse.transcript import find_captures
from tests import bundles
from tests.fuzz.samples import captures_of, documents_of, lines_of, transcripts
from tests.test_accounting import OUTPUTS, assert_accounted

__all__ = ["HARNESSES", "Harness", "check_answer", "check_bundle", "check_command", "check_transcript", "text_of"]


@dataclass(frozen=True)
class Harness:
    """``check`` raises nothing for any bytes. ``samples``: where a search begins. ``binary``: these are no text."""

    check: Callable[[bytes], None]
    samples: Callable[[], list[bytes]]
    binary: bool = False


def text_of(data: bytes) -> str:
    """What a program could hand over: lone surrogates, where the bytes are those of one."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return decode(data)


# --- one parse function -----------------------------------------------------------------------------------------------


def check_command(command: Command[Record], data: bytes) -> None:
    """Every line is accounted for, every record can be written as JSON, and ``strict`` raises for what is not
    understood and for nothing else."""
    text = text_of(data)
    result = command.parse(text)
    assert_accounted(result, undress(text))
    for record in result:
        json.loads(record.model_dump_json(by_alias=True))
        assert hash(record) == hash(record.model_copy())
    assert command.parse(text) == result
    first = [(line.line, line.text) for line in result.unparsed[:1]]
    assert _refused(command, text) == first


def _refused(command: Command[Record], text: str) -> list[tuple[int, str]]:
    """The line that strict reading stops at."""
    try:
        command.parse(text, strict=True)
    except ParseError as error:
        return [(error.line, error.text)]
    return []


def _samples_of(command: Command[Record]) -> list[bytes]:
    own = [text for other, text in OUTPUTS if other is command]
    return _encoded([*own, *captures_of(command), *documents_of(command.name), *lines_of(command.name)])


def _encoded(texts: Iterable[str]) -> list[bytes]:
    return [text.encode("utf-8", "surrogatepass") for text in dict.fromkeys(texts)]


# --- transcripts ------------------------------------------------------------------------------------------------------


def check_transcript(data: bytes) -> None:
    """Captures are lines of the text as it was undressed, in order, and none of them lies outside."""
    text = text_of(data)
    lines = undress(text)
    for capture in find_captures(text, COMMANDS, file="fuzz"):
        assert 1 <= capture.first_line <= capture.output_line <= len(lines) + 1
        assert capture.last_line <= len(lines)
        if capture.call_line != capture.output_line:  # of a call that is a capture itself, secrets are taken out
            shown = lines[capture.output_line - 1 : capture.output_line - 1 + len(capture.lines)]
            assert list(capture.lines) == shown


# --- bundles ----------------------------------------------------------------------------------------------------------

_LIMITS = Limits(member_size=1 << 20, total_size=4 << 20, members=2000)


def check_bundle(data: bytes) -> None:
    """Whatever an archive holds is read or reported; only what cannot be opened at all raises."""
    walk = walker(_LIMITS)
    try:
        reading = read_documents(walk.file(io.BytesIO(data), "fuzz", "fuzz"), walk)
    except ReadError:
        return
    check_nodes(reading.nodes)
    for name, reason in reading.skipped:
        (name + reason).encode("utf-8")
        assert reason


def _bundles() -> list[bytes]:
    files: dict[str, str | bytes] = {
        "ip_addr.txt": bundles.IP_ADDR,
        "route_-n": bundles.ROUTE_N,
        "etc/hostname": "aks-nodepool1-12345678-vmss000000\n",
        "collect/ip_netns_cni-1/ip_4_addr.json": "[]",
    }
    some = {"ip_addr.txt": bundles.IP_ADDR}
    return [
        bundles.zipped(files),
        bundles.zipped(files, method=0),
        *(bundles.tarred(files, mode) for mode in ("w", "w:gz", "w:bz2", "w:xz")),
        *(bundles.tarred(some, "w", form=form) for form in (0, 1, 2)),
        bundles.tarred({"inner.zip": bundles.zipped(some), "b/inner.tgz": bundles.tarred(some)}, "w"),
        bundles.overlapping_zip(3),
        bundles.encrypted_zip(some),
        b"\x1f\x8b",
    ]


# --- the whole way ----------------------------------------------------------------------------------------------------


@cache
def _validator() -> Any:
    schema = Analysis.model_json_schema(mode="serialization")
    return jsonschema.Draft202012Validator(schema)


def check_answer(data: bytes) -> None:
    """The answer is JSON of its own schema and the same each time, and the text for people steers no terminal."""
    text = text_of(data)
    reading = read(text, file="fuzz")
    check_nodes(reading.nodes)
    analysis = analyze(reading)
    written = analysis.model_dump_json()
    _validator().validate(json.loads(written))
    assert analyze(read(text, file="fuzz")).model_dump_json() == written
    page = io.StringIO()
    render_text(analysis, page)
    for node in reading.nodes:
        situation = look_at(node)
        for pod, proven_by in zip(situation.pods, proofs(situation), strict=True):
            assert tuple(one.proof for one in proven_by) == pod.proofs
    assert page.getvalue().replace("\n", "") == printable(page.getvalue().replace("\n", ""))


def check_nodes(nodes: Iterable[Node]) -> None:
    for node in nodes:
        for parsed in node.captures:
            before = [""] * (parsed.capture.output_line - 1)
            assert_accounted(parsed.result, [*before, *parsed.capture.lines])


# --- all of them ------------------------------------------------------------------------------------------------------


def _name_of(command: Command[Record]) -> str:
    names = {getattr(aksnet_parse, name).__self__.name: name for name in dir(aksnet_parse) if name.startswith("parse_")}
    return names.get(command.name, command.name.replace(" ", "_"))


HARNESSES: Mapping[str, Harness] = {
    **{
        _name_of(command): Harness(partial(check_command, command), partial(_samples_of, command))
        for command in COMMANDS
    },
    "transcript": Harness(check_transcript, lambda: _encoded(transcripts())),
    "bundle": Harness(check_bundle, _bundles, binary=True),
    "analyze": Harness(check_answer, lambda: _encoded(transcripts())),
}
