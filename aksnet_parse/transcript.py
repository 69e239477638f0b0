"""Finds the captures in a text: which command printed which lines, on which node, in which network namespace.

A capture begins at a command line, or where output shows itself without one. It ends at the next command line, comment
or fence, or where prose begins. Prose is passed over; a line inside a capture is always handed on, understood or not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from .commandline import HOST, CommandLine, Invocation, read_command_line
from .dressing import is_cut_mark, is_fence, undress

__all__ = ["Capture", "Recogniser", "find_captures"]


class Recogniser(Protocol):
    """What the reader needs to know of a command; see :class:`aksnet_parse.Command`."""

    @property
    def name(self) -> str: ...
    @property
    def claims(self) -> Any: ...
    def begins(self, lines: Sequence[str], index: int) -> bool: ...
    def restarts(self, line: str, lines: Sequence[str]) -> bool: ...
    def takes(self, line: str, invocation: Invocation | None) -> bool: ...
    def follows(self, line: str, invocation: Invocation | None) -> bool: ...
    def is_partial(self, argv: tuple[str, ...]) -> bool: ...
    def answers_when_silent(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Capture:
    """The output of one command, found in one file.

    ``invocation``: the call that printed it, None where no command line stands. ``namespace``: ``host``, ``pid:N``,
    ``netns:NAME``, ``container:ID``, ``pod:NAME``, or None if nothing says it. ``node``: name of the node, if known.
    ``first_line``: the command line if there is one, and ``call`` is its text. ``lines``: the output, undressed; item
    0 is line ``output_line``.
    ``abbreviated``: part of the output is not here: cut by the author, filtered by a pipe, or not asked for.
    """

    command: Any
    invocation: Invocation | None
    namespace: str | None
    node: str | None
    file: str | None
    first_line: int
    last_line: int
    output_line: int
    lines: tuple[str, ...]
    abbreviated: bool
    call: str | None = None


@dataclass(slots=True)
class _Open:
    """A capture being read. ``tail``: lines since the last that was understood, which may turn out to be prose."""

    command: Recogniser
    invocation: Invocation | None
    namespace: str | None
    node: str | None
    prompt: bool
    first_line: int
    output_line: int
    lines: list[str] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)
    gap: bool = False
    abbreviated: bool = False


@dataclass(slots=True)
class _Shell:
    """An interactive shell entered from another: where it is, and the prompt it was entered from."""

    namespace: str
    node: str | None
    entered_from: str | None
    prompt: str | None = None


def find_captures(text: str, commands: Sequence[Recogniser], *, file: str | None = None) -> list[Capture]:
    """All captures in ``text``, in order. Never raises for any text."""
    return _Reader(undress(text), commands, file).read()


class _Reader:
    def __init__(self, lines: list[str], commands: Sequence[Recogniser], file: str | None) -> None:
        self.lines = lines
        self.commands = commands
        self.file = file
        self.captures: list[Capture] = []
        self.silent: list[tuple[int, Capture]] = []
        self.open: _Open | None = None
        self.interrupted: _Open | None = None
        self.chain: list[Invocation] = []
        self.shells: list[_Shell] = []
        self.variables: dict[str, str] = {}
        self.node: str | None = None
        self.bare_output = False

    def read(self) -> list[Capture]:
        for index, line in enumerate(self.lines):
            self._line(index, line)
        self._close(len(self.lines))
        # A bare `brctl show` without output is an answer only in a text that shows the output of its other bare
        # commands.
        if self.bare_output:
            for position, capture in reversed(self.silent):
                self.captures.insert(position, capture)
        return self.captures

    def _line(self, index: int, line: str) -> None:
        current = self.open
        if not line.strip():
            if current is not None:
                (current.tail if current.tail else current.lines).append("")
                current.gap = True
            return
        if is_fence(line):
            self._close(index)
            self.chain, self.interrupted = [], None
            return
        if current is not None and is_cut_mark(line):
            current.lines += [*current.tail, line]
            current.tail = []
            current.abbreviated = True
            current.gap = False
            return
        command_line = read_command_line(line, self.variables)
        if command_line is not None:
            self._close(index)
            self._command_line(index, command_line)
            return
        if current is not None:
            if current.command.restarts(line, current.lines):
                self._close(index)
                self._open_by_look(current.command, index)
            elif (current.command.follows if current.gap else current.command.takes)(line, current.invocation):
                current.lines += [*current.tail, line]
                current.tail = []
                current.gap = False
            elif self._begin_by_look(index):
                pass
            elif current.gap:
                self._close(index)
                self.interrupted = current
            else:
                current.tail.append(line)
        elif not self._begin_by_look(index) and self.interrupted is not None:
            before = self.interrupted
            if before.command.follows(line, before.invocation):
                # The author spoke in the middle of the output; what goes on after that is still output.
                self.open = replace(
                    before, first_line=index, output_line=index, lines=[line], tail=[], gap=False, abbreviated=True
                )

    def _begin_by_look(self, index: int) -> bool:
        for command in self.commands:
            if (self.open is None or command is not self.open.command) and command.begins(self.lines, index):
                self._close(index)
                self._open_by_look(command, index)
                return True
        return False

    def _open_by_look(self, command: Recogniser, index: int) -> None:
        invocation = next((call for call in self.chain if command.claims(call.argv)), None)
        if invocation is not None:
            self.chain.remove(invocation)
            self.open = self._opened(command, invocation, index, index, prompt=False)
        else:
            namespace = self.shells[-1].namespace if self.shells else None
            self.open = _Open(command, None, namespace, self.node, False, index, index)
        self.open.lines.append(self.lines[index])

    def _command_line(self, index: int, command_line: CommandLine) -> None:
        self.chain, self.interrupted = [], None
        self.variables |= command_line.assigns
        prompt = command_line.prompt
        if prompt is not None and prompt != "#":
            self._see_prompt(prompt, command_line.host)
        claimed = False
        for invocation in command_line.invocations:
            if not invocation.argv:
                self.shells.append(_Shell(invocation.namespace, invocation.node or self.node, prompt))
                self.node = invocation.node or self.node
                continue
            if invocation.argv[0] in {"exit", "logout"}:
                if self.shells:
                    self.node = self.shells.pop().node
                continue
            if invocation.hidden:
                continue
            call = self._in_shell(invocation)
            command = next((command for command in self.commands if command.claims(call.argv)), None)
            if command is None:
                continue
            if claimed:
                self.chain.append(call)
            else:
                claimed = True
                with_prompt = prompt is not None and prompt != "#"
                self.open = self._opened(command, call, index, index + 1, prompt=with_prompt)

    def _see_prompt(self, prompt: str, host: str | None) -> None:
        while self.shells and self.shells[-1].entered_from == prompt and self.shells[-1].prompt not in {None, prompt}:
            self.node = self.shells.pop().node
        if self.shells:
            self.shells[-1].prompt = prompt
            if self.shells[-1].namespace != HOST:
                return
        if host is not None:
            self.node = host

    def _in_shell(self, invocation: Invocation) -> Invocation:
        if self.shells and invocation.namespace == HOST:
            return replace(invocation, namespace=self.shells[-1].namespace)
        return invocation

    def _opened(self, command: Recogniser, invocation: Invocation, first: int, output: int, *, prompt: bool) -> _Open:
        node = invocation.node if invocation.node or invocation.remote else self.node
        partial = invocation.filtered or command.is_partial(invocation.argv)
        return _Open(command, invocation, invocation.namespace, node, prompt, first, output, abbreviated=partial)

    def _close(self, index: int) -> None:
        current, self.open = self.open, None
        if current is None:
            return
        tail = current.tail
        while tail and not tail[-1]:
            tail.pop()
        if tail and not _reads_as_prose(tail):
            current.lines += tail
            # Output that stops at a line nobody understands was cut off in mid-line, or goes on in an unknown way.
            current.abbreviated = True
            tail = []
        lines = current.lines
        while lines and not lines[-1]:
            lines.pop()
        silent = not lines
        bare = current.invocation is not None and not current.prompt
        if silent and (tail or not current.command.answers_when_silent()):
            return
        last = current.output_line + len(lines) - 1
        capture = Capture(
            command=current.command,
            invocation=current.invocation,
            namespace=current.namespace,
            node=current.node,
            file=self.file,
            first_line=current.first_line + 1,
            last_line=last + 1,
            output_line=current.output_line + 1,
            lines=tuple(lines),
            abbreviated=current.abbreviated,
            call=self.lines[current.first_line].strip() if current.first_line < current.output_line else None,
        )
        if silent and bare:
            self.silent.append((len(self.captures), capture))
            return
        if bare:
            self.bare_output = True
        self.captures.append(capture)


_FUNCTION_WORD = re.compile(
    r"\b(?:the|we|you|our|your|this|these|those|that|is|are|was|were|here|and|but|now|with|from|have|has|will|can|let'?s|it|its|"
    r"how|what|why|when|where|as|of|to|in|on|not|so|then|there|see|an?|i)\b",
    re.I,
)
_SENTENCE = re.compile(r"[\W_]*[A-Z][a-z']+[ ,:].*|.*[a-z)'’\"][.!?:]|[*#=-]{2,}.*|[A-Z][\w'’-]*(?:[ ][\w'’-]+){0,6}")
_MACHINE = re.compile(
    r"[Ee]rror\b|.*(?:: command not found|[Nn]o such file|[Pp]ermission denied|[Oo]peration not permitted"
    r"|does not exist|[Cc]annot )"
)


def _reads_as_prose(tail: list[str]) -> bool:
    """Whether the lines that directly follow output are the author speaking, judged by the first of them."""
    first = next((line for line in tail if line.strip()), "")
    if _MACHINE.match(first) or first.startswith((" ", "\t")):
        return False
    words = first.split()
    plain = sum(1 for word in words if word.strip("*_`'\"“”‘’(),.:;!?-–—").replace("'", "").replace("’", "").isalpha())
    if len(words) >= 3 and plain < 0.6 * len(words):
        return False
    return _SENTENCE.fullmatch(first) is not None or (len(words) >= 3 and len(_FUNCTION_WORD.findall(first)) >= 1)
