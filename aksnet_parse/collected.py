"""From one file of a bundle to the captures in it: a file that is named after a call holds what that call printed,
unless it shows command lines of its own; any other is read like every text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from .bundle import Choice
from .commandline import read_command_line
from .commands import Command
from .dressing import undress
from .invocation import HOST, Invocation
from .json_form import opens_json
from .layouts import Place, place
from .node import ParsedCapture
from .quoted import quoted_texts
from .records import Line, ParseResult
from .terminal import unbroken
from .transcript import Capture, find_outputs
from .unread import UnreadOutput, is_of_interest, spoken

__all__ = ["Outputs", "captures_in", "captures_in_text", "choose", "holds_captures", "parsed"]


class Outputs(NamedTuple):
    """What commands printed into a text: what is read, and what is recognised and not read."""

    captures: list[ParsedCapture]
    unread: list[UnreadOutput]


# A file that was understood less than this is not what its name says, if something else can be seen in it.
_UNDERSTOOD = 0.5
# What a command says where it fails takes few lines.
_LONGEST_REFUSAL = 20
_LONGEST_LINE = 1000
_WINDOW = 64
_KEY = re.compile(r"\"[\w-]+\": ?")
_NEXT_ENTRY = re.compile(r"\},\s*(?=\{)")


def choose(path: str, commands: Sequence[Command[Any]]) -> Choice:
    """What to do with the file at ``path`` in a bundle."""
    found = place(path)
    if found.kind == "hostname" or _claimed(found, commands) is not None:
        return Choice.WHOLE
    if found.calls and is_of_interest(found.calls[0].argv):
        return Choice.WHOLE  # it is said that nobody reads it
    return Choice.LOOK if found.kind in {"text", "named"} else Choice.PASS


def holds_captures(text: str, commands: Sequence[Command[Any]]) -> bool:
    """Whether anything in a piece of text can be read."""
    return bool(_found(text, None, commands)[0])


_Outputs = tuple[list[Capture], list[UnreadOutput]]


def _found(text: str, file: str | None, commands: Sequence[Command[Any]]) -> _Outputs:
    """The outputs that show themselves, those in strings of JSON too."""
    captures, unread = find_outputs(text, commands, file=file)
    for name, said in quoted_texts(text, file):
        more, others = find_outputs(said, commands, file=name)
        captures, unread = [*captures, *more], [*unread, *others]
    return captures, unread


def captures_in_text(text: str, file: str | None, commands: Sequence[Command[Any]]) -> Outputs:
    """All captures in a text of which nothing else is known, and the output in it that nobody reads."""
    captures, unread = _found(text, file, commands)
    return Outputs(_parsed(captures, text, file, commands), unread)


def _parsed(
    seen: Sequence[Capture], text: str, file: str | None, commands: Sequence[Command[Any]]
) -> list[ParsedCapture]:
    """``seen``: what shows itself in ``text`` as it stands. Where more is understood of it with its lines put together,
    as if a terminal had broken them, it is that."""
    found = [parsed(capture) for capture in seen]
    doubtful = {line.line for one in found for line in one.result.unparsed if line.file == file}
    if doubtful:
        for whole in unbroken(text, doubtful, partial(_is_call, commands=commands)):
            found = max(found, [parsed(one) for one in _found(whole, file, commands)[0]], key=_understood)
    return [one for one in found if not _is_of_the_author(one)]


def _is_of_the_author(one: ParsedCapture) -> bool:
    """True for a manifest that looks like what kubectl prints: nobody called kubectl, and nothing is of a cluster."""
    return one.capture.invocation is None and one.capture.command.of_cluster and not one.result.records


def _is_call(line: str, commands: Sequence[Command[Any]]) -> bool:
    command_line = read_command_line(line)
    calls = command_line.invocations if command_line is not None else ()
    return any(call.argv and command.claims(call.argv) for call in calls for command in commands)


def _understood(captures: Sequence[ParsedCapture]) -> int:
    """How much text was understood, in characters."""
    read = sum(len(line) for one in captures for line in one.capture.lines)
    return read - sum(len(line.text) for one in captures for line in one.result.unparsed)


def captures_in(text: str, file: str | None, path: str, commands: Sequence[Command[Any]]) -> Outputs:
    """All captures in the text of a file that was at ``path`` in a bundle, and the output in it that nobody reads."""
    where = place(path)
    claimed = _claimed(where, commands)
    seen, unread = _found(text, file, commands)
    if claimed is None or any(capture.call_line is not None for capture in seen):
        if not seen and where.calls and is_of_interest(where.calls[0].argv) and text.strip():
            unread = [UnreadOutput(spoken(where.calls[0].argv), None, file, 1, len(undress(text.rstrip())))]
        return Outputs(_parsed(seen, text, file, commands), unread)
    return Outputs(_claimed_output(seen, text, file, where, claimed), [])


def _claimed_output(
    seen: Sequence[Capture], text: str, file: str | None, where: Place, claimed: tuple[Any, Invocation]
) -> list[ParsedCapture]:
    """What a file holds that is named after a call of a command."""
    command, invocation = claimed
    whole = _whole(command, invocation, text, file)
    if whole is None or not whole.result.unparsed:
        return [whole] if whole is not None else []
    found = [parsed(_of_call(capture, command, invocation)) for capture in seen]
    understood = whole.result.coverage if whole.result.records else 0.0
    if seen and understood < _UNDERSTOOD:
        return found
    if where.kind == "named" and len(whole.result) <= sum(
        len(one.result) for one in found if one.command == command.name
    ):
        # What somebody named so may have prose around it.
        return found
    return [whole] if understood or len(whole.result.unparsed) <= _LONGEST_REFUSAL else []


def _of_call(capture: Capture, command: Any, invocation: Invocation) -> Capture:
    """A capture found by its look, as what ``invocation`` printed."""
    if capture.command is command:
        partial = capture.abbreviated or command.is_partial(invocation.argv)
        return replace(capture, invocation=invocation, namespace=invocation.namespace, abbreviated=partial)
    return replace(capture, namespace=invocation.namespace) if invocation.namespace != HOST else capture


def parsed(capture: Capture) -> ParsedCapture:
    result = capture.command.parse_lines(
        capture.lines, file=capture.file, first_line=capture.output_line, invocation=capture.invocation
    )
    return ParsedCapture(capture, result)


def _claimed(found: Place, commands: Sequence[Command[Any]]) -> tuple[Any, Invocation] | None:
    for call in found.calls:
        for command in commands:
            if command.claims(call.argv):
                return command, call
    return None


def _whole(command: Any, invocation: Invocation, text: str, file: str | None) -> ParsedCapture | None:
    """The text as one capture; None if it is empty and that is no answer."""
    lines = undress(text)
    while lines and not lines[-1]:
        lines.pop()
    partial = command.is_partial(invocation.argv)
    if not lines and (partial or not command.answers_when_silent()):
        return None
    lost, lines = _without_lost_head(lines) if command.from_json is not None else ([], lines)
    first = max(len(lost), 1)
    result: ParseResult[Any] = command.parse_lines(lines, file=file, first_line=first, invocation=invocation)
    missing = [Line(file, number, line[:_LONGEST_LINE]) for number, line in enumerate(lost, 1) if line]
    if missing:
        count = len(missing) + sum(1 for line in lines if line)
        result = ParseResult(result.records, [*missing, *result.unparsed], count, result.passed_over)
    bad = {line.line for line in result.unparsed}
    capture = Capture(
        command=command,
        invocation=invocation,
        namespace=invocation.namespace,
        node=None,
        file=file,
        first_line=1,
        last_line=max(first + len(lines) - 1, 1),
        output_line=first,
        lines=tuple(lines),
        # Output that begins or stops at a line that is not understood was cut off there.
        abbreviated=partial or bool(bad & {_first(lines, first), 1, first + len(lines) - 1}),
    )
    return ParsedCapture(capture, result)


def _first(lines: Sequence[str], first_line: int) -> int:
    return next((number for number, line in enumerate(lines, first_line) if line), first_line)


def _without_lost_head(lines: list[str]) -> tuple[list[str], list[str]]:
    """JSON that begins in the middle, because only a tail of it was kept: what stands before the first whole entry, by
    line, the last of it on the same line as that entry; and the rest."""
    first = next((line for line in lines if line), "")
    if opens_json(first) or not any(map(_KEY.search, lines[:_WINDOW])):
        return [], lines
    text = "\n".join(lines)
    match = _NEXT_ENTRY.search(text)
    if match is None:
        return [], lines
    return text[: match.end()].split("\n"), text[match.end() :].split("\n")
