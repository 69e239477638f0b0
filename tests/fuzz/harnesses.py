"""What is fuzzed: for each name in ``HARNESSES`` a function of bytes, which raises if a promise is broken, and samples.

A harness for every parse function is made out of ``COMMANDS``: a new command is fuzzed without another line here.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import jsonschema
from pydantic import BaseModel

import aksnet_parse
from aksnet_parse import (
    COMMANDS,
    Command,
    Comparison,
    Limits,
    ParseError,
    ReadError,
    Reading,
    Record,
    UsageError,
    analyze,
    compare,
    html_comparison,
    html_report,
    read,
    redact,
    trace,
)
from aksnet_parse.analysis.models import LineReference
from aksnet_parse.analysis.proofs import proofs
from aksnet_parse.analysis.situation import look_at
from aksnet_parse.bundle import decode
from aksnet_parse.dressing import undress
from aksnet_parse.node import Node
from aksnet_parse.reading import read_documents, walker
from aksnet_parse.render.compare import render_comparison
from aksnet_parse.render.plain import printable
from aksnet_parse.render.text import render_text
from aksnet_parse.render.trace import render_trace
from aksnet_parse.transcript import find_captures
from tests import bundles
from tests.analysis.mirror import assert_mirrored
from tests.fuzz.samples import AFTER, captures_of, documents_of, lines_of, pairs, questions, transcripts
from tests.markup import assert_inert
from tests.redacted import KEY, RICH, assert_made_up, neighbourhoods, without_texts
from tests.test_accounting import OUTPUTS, assert_accounted

__all__ = [
    "HARNESSES",
    "Harness",
    "check_answer",
    "check_bundle",
    "check_command",
    "check_comparison",
    "check_redaction",
    "check_shown",
    "check_trace",
    "check_transcript",
    "text_of",
]


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
def _validator(model: type[BaseModel]) -> Any:
    return jsonschema.Draft202012Validator(model.model_json_schema(mode="serialization"))


def _written(model: BaseModel) -> str:
    """The JSON of an answer, which is of its own schema."""
    written = model.model_dump_json()
    _validator(type(model)).validate(json.loads(written))
    return written


def _check_page(render: Callable[[io.StringIO], None]) -> None:
    """The text for people steers no terminal."""
    page = io.StringIO()
    render(page)
    shown = page.getvalue().replace("\n", "")
    assert shown == printable(shown)


def check_answer(data: bytes) -> None:
    """The answer is JSON of its own schema and the same each time, and the text for people steers no terminal."""
    text = text_of(data)
    reading = read(text, file="fuzz")
    check_nodes(reading.nodes)
    analysis = analyze(reading)
    written = _written(analysis)
    assert analyze(read(text, file="fuzz")).model_dump_json() == written
    _check_page(partial(render_text, analysis))
    for node in reading.nodes:
        situation = look_at(node)
        for pod, proven_by in zip(situation.pods, proofs(situation), strict=True):
            assert tuple(one.proof for one in proven_by) == pod.proofs


def check_nodes(nodes: Iterable[Node]) -> None:
    for node in nodes:
        for parsed in node.captures:
            before = [""] * (parsed.capture.output_line - 1)
            assert_accounted(parsed.result, [*before, *parsed.capture.lines])


# --- the way of a packet ----------------------------------------------------------------------------------------------


def check_trace(data: bytes) -> None:
    """``data``: a line with the two ends, and a text. A trace ends, says why it ends there, and cites what is there."""
    asked, _, text = text_of(data).partition("\n")
    source, _, target = asked.partition(" ")
    reading = read(text, file="fuzz")
    try:
        found = trace(reading, source, target)
    except UsageError:
        return
    written = _written(found)
    assert trace(read(text, file="fuzz"), source, target).model_dump_json() == written
    assert (found.reason is None) == (found.verdict == "reached")
    assert found.missing or found.verdict != "unknown"
    assert found.hops
    _check_lines((line for hop in found.hops for line in hop.lines), text)
    _check_page(partial(render_trace, found))
    _written(redact(found, KEY))


def _check_lines(lines: Iterable[LineReference], text: str) -> None:
    """What is cited is there, but for what was taken off around it, or out of a long line."""
    last = len(undress(text))
    assert all(line.file == "fuzz" and 1 <= line.line <= last for line in lines)


# --- before and after -------------------------------------------------------------------------------------------------


def check_comparison(data: bytes) -> None:
    """``data``: two texts and between them a line. The other way round is the mirror image, and what is compared with
    itself has not changed."""
    texts = text_of(data).split(f"\n{AFTER}\n")
    before, after = read(texts[0], file="fuzz"), read(texts[-1], file="fuzz")
    comparison = compare(before, after)
    written = _written(comparison)
    assert compare(before, after).model_dump_json() == written
    assert_mirrored(comparison, compare(after, before))
    for same in (before, after):
        assert _against_itself(same).no_change
    for part in comparison.parts():
        _written(part)
    changes = [change for node in comparison.nodes for change in node.changes]
    _check_lines((line for change in changes for line in change.before_lines), texts[0])
    _check_lines((line for change in changes for line in change.after_lines), texts[-1])
    _check_page(partial(render_comparison, comparison, before="before", after="after"))
    _written(redact(comparison, KEY))


def _against_itself(reading: Reading) -> Comparison:
    return compare(reading, reading)


# --- an answer to be shared -------------------------------------------------------------------------------------------

_SENTENCES = frozenset({"claim", "message", "reason"})
_CODES = frozenset({"code", "command", "status", "severity", "kind", "datapath", "certainty", "value", "proofs"})


def check_redaction(data: bytes) -> None:
    """Whatever names or lines hold, no word of them is left that tells anything, and all hangs together as before."""
    analysis = analyze(read(text_of(data), file="fuzz"))
    redacted = redact(analysis, KEY)
    written = _written(redacted)
    assert redact(analysis, KEY).model_dump_json() == written
    before, after = analysis.model_dump(mode="json"), redacted.model_dump(mode="json")
    assert without_texts(before) == without_texts(after)
    assert neighbourhoods(analysis) == neighbourhoods(redacted)
    for field, was, became in _changed(before, after):
        assert (was == became) or field not in _CODES
        if field not in _CODES | _SENTENCES:
            assert_made_up(was, became)
    _check_page(partial(render_text, redacted))


def _changed(before: Any, after: Any, field: str = "") -> Iterator[tuple[str, str, str]]:
    """Every text before and after, with the name of its field."""
    if isinstance(before, dict):
        for name, value in before.items():
            # A call that is not read is as somebody typed it.
            yield from _changed(value, after[name], f"{field} {name}" if field == "unread" else name)
    elif isinstance(before, list):
        for one, other in zip(before, after, strict=True):
            yield from _changed(one, other, field)
    elif isinstance(before, str):
        yield field, before, after


# --- pages and pictures -----------------------------------------------------------------------------------------------


def check_shown(data: bytes) -> None:
    """Whatever was captured is text in a page, and only text; pages and pictures are the same each time."""
    reading = read(text_of(data), file="fuzz")
    analysis = analyze(reading)
    page = html_report(reading)
    assert_inert(page, scripts=1)
    assert html_report(read(text_of(data), file="fuzz")) == page
    assert_inert(html_comparison(reading, reading), scripts=1)
    for result in (reading, analysis, compare(reading, reading)):
        assert_inert(result._repr_html_())
    for drawn in (analysis.to_mermaid(), analysis.to_dot()):
        assert drawn.replace("\n", "") == printable(drawn.replace("\n", ""))


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
    "trace": Harness(check_trace, lambda: _encoded(questions())),
    "compare": Harness(check_comparison, lambda: _encoded(pairs())),
    "show": Harness(check_shown, lambda: _encoded([RICH, *transcripts()])),
    "redact": Harness(check_redaction, lambda: _encoded([RICH, *transcripts()])),
}
