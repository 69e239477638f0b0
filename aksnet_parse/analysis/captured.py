"""The captured text that an answer rests on, so that whoever reads the answer can look its lines up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..node import Node, ParsedCapture
from .models import LineReference, _Model

__all__ = ["CapturedText", "captured_text"]

# What these print is the network and nothing else. What others print can hold environment variables, command lines and
# keys; of it only the lines that are cited are shown.
_SHOWN_WHOLE = frozenset(
    {
        "bridge fdb",
        "bridge link",
        "brctl show",
        "ip addr",
        "ip link",
        "ip neigh",
        "ip netns",
        "ip route",
        "route -n",
    }
)
_LONGEST_CAPTURE = 20_000  # lines
_LONGEST_LINE = 10_000
_CONTEXT = 3


class CapturedText(_Model):
    """The lines of one capture, its command line first if there is one.

    ``lines``: in their order, without blank ones at the end. ``left_out``: how many lines that are not blank are not
    among them. ``reason``: why; None if all are there.
    """

    command: str
    namespace: str
    file: str | None
    lines: tuple[LineReference, ...]
    left_out: int
    reason: str | None


_Place = tuple[str | None, int]


def captured_text(nodes: Iterable[Node], cited: Iterable[LineReference]) -> tuple[CapturedText, ...]:
    """The text of every capture of ``nodes``, each once, in the order of the files.

    ``cited``: the lines that the answer names; each of them is in the result if a capture has it. A capture of the
    network's tables is shown whole; of any other, and of one that is too long for a page, what is cited. Pure; never
    raises.
    """
    wanted: dict[_Place, LineReference] = {}
    for line in cited:
        wanted.setdefault((line.file, line.line), line)
    # What the cluster lists is a capture of every node.
    captures = {
        (parsed.capture.file, parsed.capture.output_line, parsed.command): parsed
        for node in nodes
        for parsed in node.captures
    }
    files = {file: number for number, file in enumerate(dict.fromkeys(file for file, *_ in captures))}
    ordered = sorted(captures.values(), key=lambda one: (files[one.capture.file], one.capture.output_line))
    return tuple(_text(parsed, wanted) for parsed in ordered)


def _text(parsed: ParsedCapture, wanted: dict[_Place, LineReference]) -> CapturedText:
    capture = parsed.capture
    every = list(_lines(parsed))
    while every and not every[-1].text:
        every.pop()
    reason = None
    kept = every
    if parsed.command not in _SHOWN_WHOLE:
        kept = [wanted[line.file, line.line] for line in every if (line.file, line.line) in wanted]
        reason = "only the lines that are cited are shown: the rest can hold environment variables, commands and keys"
    elif len(every) > _LONGEST_CAPTURE:
        kept = list(_around(every, wanted))
        reason = f"only the lines that are cited, and {_CONTEXT} around each, are shown: the capture is too long"
    shown = tuple(_shortened(line) for line in kept)
    left_out = sum(1 for line in every if line.text) - sum(1 for line in shown if line.text)
    return CapturedText(
        command=parsed.command,
        namespace=parsed.namespace,
        file=capture.file,
        lines=shown,
        left_out=left_out,
        reason=reason if left_out else None,
    )


def _lines(parsed: ParsedCapture) -> Iterator[LineReference]:
    capture = parsed.capture
    if capture.call_line is not None and capture.call is not None:
        yield LineReference(file=capture.file, line=capture.call_line, text=capture.call)
    for number, text in enumerate(capture.lines, capture.output_line):
        yield LineReference(file=capture.file, line=number, text=text)


def _around(lines: list[LineReference], wanted: dict[_Place, LineReference]) -> Iterator[LineReference]:
    near: set[int] = set()
    for position, line in enumerate(lines):
        if (line.file, line.line) in wanted:
            near.update(range(position - _CONTEXT, position + _CONTEXT + 1))
    return (line for position, line in enumerate(lines) if position in near)


def _shortened(line: LineReference) -> LineReference:
    """A line of JSON can be all there is."""
    if len(line.text) <= _LONGEST_LINE:
        return line
    more = len(line.text) - _LONGEST_LINE
    return line.model_copy(update={"text": f"{line.text[:_LONGEST_LINE]} ... {more} more characters"})
