"""What a command is: its name, how its command line and its output are recognised, and how its lines become records."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from ..commandline import Invocation
from ..dressing import is_cut_mark, undress
from ..errors import ParseError
from ..grammar import Grammar
from ..records import Line, ParseResult, Record, Source

__all__ = ["Command"]

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Command(Generic[R]):
    """One command whose output can be read.

    ``name``: as it is typed (``ip addr``). ``grammar``: gives the compiled template; called when first needed.
    ``group``: the template's top-level group that holds the records. ``model``: the record type, built from that
    group's dicts. ``claims``: whether an argument vector (program first, wrappers taken off) is this command.
    ``herald``: a line that can only be the beginning of this command's output.
    """

    name: str
    grammar: Callable[[], Grammar]
    group: str
    model: type[R]
    claims: Callable[[tuple[str, ...]], bool]
    herald: re.Pattern[str]

    def begins(self, lines: Sequence[str], index: int) -> bool:
        """True if undressed line ``index`` shows, without a command line, that this command's output begins there."""
        return self.herald.match(lines[index]) is not None

    def restarts(self, line: str, lines: Sequence[str]) -> bool:
        """True if ``line`` can only be the beginning of another output of this command, after ``lines`` of one."""
        return False

    def takes(self, line: str, invocation: Invocation | None) -> bool:
        """True if an undressed line can be output of this command, as called by ``invocation``."""
        return self.grammar().takes(line)

    def follows(self, line: str, invocation: Invocation | None) -> bool:
        """True if an undressed line goes on with the output after a blank line or a gap. Stricter than ``takes``."""
        return self.takes(line, invocation)

    def is_partial(self, argv: tuple[str, ...]) -> bool:
        """True if this call prints only a part of what the command knows (one interface, one bridge)."""
        return False

    def answers_when_silent(self) -> bool:
        """True if printing nothing at all is an answer."""
        return False

    def parse(self, text: str, *, file: str | None = None, strict: bool = False) -> ParseResult[R]:
        """Read the output of this command: ``text`` is the output, never a path.

        ``file`` is only a name, given back in each record's ``source``. With ``strict`` the first line that is not
        understood raises :class:`ParseError`; otherwise such lines are in the result's ``unparsed``.
        """
        result = self.parse_lines(undress(text), file=file)
        if strict and result.unparsed:
            line = result.unparsed[0]
            raise ParseError(f"not understood as output of {self.name}", file=file, line=line.line, text=line.text)
        return result

    def parse_lines(
        self,
        lines: Sequence[str],
        *,
        file: str | None = None,
        first_line: int = 1,
        invocation: Invocation | None = None,
    ) -> ParseResult[R]:
        """Read undressed lines, the first of which is line ``first_line`` of ``file``."""
        text = "\n".join("" if _may_be_cut(line) and is_cut_mark(line) else line for line in lines)
        scan = self.grammar().scan(text, file=file, first_line=first_line)
        unparsed = scan.unmatched
        records, refused = build(self.model, scan.records[self.group])
        for source in refused:
            unparsed.extend(
                Line(file, number, lines[number - first_line])
                for number in range(source.first_line, source.last_line + 1)
                if lines[number - first_line].strip()
            )
        unparsed.sort(key=lambda line: line.line)
        return ParseResult(records, unparsed, scan.lines)


def _may_be_cut(line: str) -> bool:
    return line.lstrip()[:1] in {".", "…", "⋮", "·", "*", "[", "(", "<", "{", "-", "#", "o", "l", "r", "m"}


_adapters: dict[type[Record], TypeAdapter[Any]] = {}


def build(model: type[R], rows: list[dict[str, Any]]) -> tuple[list[R], list[Source]]:
    """Typed records of ``rows``, and the sources of those (or of their children) whose words have no such type.

    A word can have the shape the template asks for and still be no address, such as ``10.0.0.999``.
    """
    adapter = _adapters.get(model)
    if adapter is None:
        adapter = _adapters[model] = TypeAdapter(list[model])  # type: ignore[valid-type]
    refused: list[Source] = []
    while True:
        try:
            records: list[R] = adapter.validate_python(rows)
            return records, refused
        except ValidationError as error:
            rows, sources = _without_bad_rows(rows, error)
            refused.extend(sources)


def _without_bad_rows(rows: list[dict[str, Any]], error: ValidationError) -> tuple[list[dict[str, Any]], list[Source]]:
    """``rows`` without the innermost row each error lies in. Every call takes at least one row away."""
    bad: dict[int, tuple[list[dict[str, Any]], int]] = {}
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        location = detail["loc"]
        container: Any = rows
        innermost = (rows, int(location[0]))
        for step, following in zip(location, (*location[1:], None), strict=True):
            try:
                if isinstance(container, list) and isinstance(container[step], dict):  # type: ignore[index]
                    innermost = (container, int(step))
                container = container[step]
            except (KeyError, IndexError, TypeError):
                break
            if following is None:
                break
        bad[id(innermost[0][innermost[1]])] = innermost
    sources: list[Source] = []
    doomed = set(bad)
    for container, index in bad.values():
        sources.append(container[index]["source"])
    for container in {id(container): container for container, _ in bad.values()}.values():
        container[:] = [row for row in container if id(row) not in doomed]
    return rows, sources
