"""Finds the captures in a text: which command printed which lines, on which node, in which network namespace.

A capture begins at a command line, or where output shows itself without one. It ends at the next command line or
fence, or where prose begins. Prose is passed over; a line inside a capture is always handed on, understood or not.
A call whose output does not follow at once waits for it: the author may have spoken, or closed a code block, between.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from .authored import authored_lines
from .commandline import HOST, CommandLine, Invocation, end_of_here_document, joined, read_command_line, unfinished
from .dressing import is_cut_mark, is_fence, undress
from .json_form import is_json_line
from .unread import Unanswered, UnreadOutput, find_by_look, is_of_interest, look_at, spoken

__all__ = ["Capture", "Recogniser", "find_captures", "find_outputs"]


class Recogniser(Protocol):
    """What the reader needs to know of a command; see :class:`aksnet_parse.Command`."""

    @property
    def name(self) -> str: ...
    @property
    def claims(self) -> Any: ...
    @property
    def of_cluster(self) -> bool: ...
    def begins(self, lines: Sequence[str], index: int) -> bool: ...
    def restarts(self, line: str, lines: Sequence[str]) -> bool: ...
    def begins_anew(self, line: str, seen: dict[Hashable, object]) -> bool: ...
    def takes(self, line: str, invocation: Invocation | None) -> bool: ...
    def follows(self, line: str, invocation: Invocation | None) -> bool: ...
    def heads(self, line: str, invocation: Invocation | None) -> bool: ...
    def is_partial(self, argv: tuple[str, ...]) -> bool: ...
    def answers_when_silent(self) -> bool: ...
    def mixes_text_and_json(self) -> bool: ...
    def call_as_capture(
        self, argv: tuple[str, ...], lines: Sequence[str]
    ) -> tuple[tuple[str, ...], list[str]] | None: ...


@dataclass(frozen=True, slots=True)
class Capture:
    """The output of one command, found in one file.

    ``invocation``: the call that printed it, None where no command line stands. ``namespace``: ``host``, ``pid:N``,
    ``netns:NAME``, ``container:ID``, ``pod:NAME``, ``pod`` for one that nothing names, or None if nothing says it.
    ``node``: name of the node, if known. ``first_line``: the command line if there is one, and ``call`` is its text;
    of several calls on one line only the first that printed has it. ``lines``: the output, undressed; item 0 is line
    ``output_line``, which need not be the next: the author may have spoken between.
    ``abbreviated``: part of the output is not here: cut by the author, filtered by a pipe, or not asked for.
    ``heading``: the author's last words before it, if they stand right above.
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
    call_line: int | None = None
    call: str | None = None
    heading: str | None = None


@dataclass(slots=True, eq=False)
class _Call:
    """A call on the last command line, which stands at line ``index``; ``number`` counts the calls on that line.

    ``kind``: what stood before it, ``host`` for a prompt that names a host, ``prompt`` for another, ``bare`` for none.
    ``alone``: it is the only call on its line. ``mixed``: other programs on its line print as well. ``text``: that
    line, without what must not be kept. ``doubtful``: prose stands where its output would.
    """

    command: Recogniser
    invocation: Invocation
    node: str | None
    index: int
    number: int
    kind: str
    alone: bool
    mixed: bool
    text: str
    doubtful: bool = False


@dataclass(slots=True)
class _Open:
    """A capture being read. ``tail``: lines since the last that was understood, which may turn out to be prose.

    ``gap``: blank lines came last. ``remarked``: a comment is in ``tail``. ``is_text``: it did not begin as JSON.
    """

    command: Recogniser
    call: _Call | None
    namespace: str | None
    node: str | None
    first_line: int
    output_line: int
    lines: list[str] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)
    gap: bool = False
    remarked: bool = False
    abbreviated: bool = False
    empty: bool = True
    is_text: bool | None = None
    seen: dict[Hashable, object] = field(default_factory=dict)

    @property
    def invocation(self) -> Invocation | None:
        return self.call.invocation if self.call is not None else None

    def take(self, line: str) -> None:
        self.lines += [*self.tail, line]
        self.tail = []
        self.gap = self.remarked = self.empty = False
        if self.is_text is None and not is_cut_mark(line):
            self.is_text = _OF_JSON.match(line) is None

    def is_followed_by(self, line: str) -> bool:
        """False if ``line`` is of something else: JSON behind text, which can be a container with all its secrets."""
        return not self.is_text or not is_json_line(line) or self.command.mixes_text_and_json()


@dataclass(slots=True)
class _Shell:
    """An interactive shell entered from another: where it is, the prompt it was entered from with the host that this
    names, the node to return to; the last prompt seen in it, and the host that this prompt names."""

    namespace: str
    entered_from: str | None
    entered_host: str | None
    outer_node: str | None
    prompt: str | None = None
    host: str | None = None


# What wrappers and pagers say of themselves, beside what the command says.
_REMARK = re.compile(
    r"\[sudo\] password for |sudo: unable to resolve host |Default(?:ed|ing) container "
    r"|If you don't see a command prompt|Unable to use a TTY|kubectl exec \[POD\] \[COMMAND\] is DEPRECATED"
    r"|Connection to \S+ closed\.$|Enable succeeded:|\[std(?:out|err)\]$"
    r"|--More--|\(END\)$|lines [0-9]+-[0-9]+(?:/[0-9]+)?(?: \(END\))?$"
)
_OF_JSON = re.compile(r"[ ]*[\"“”{}\[\]]")
# What `hostname` prints, alone on its line: a name with a dash or a digit in it.
_HOST_LINE = re.compile(r"(?=[^\s]*[0-9-])[a-zA-Z0-9](?:[a-zA-Z0-9.-]{0,251}[a-zA-Z0-9])?")
# Programs that print nothing, so that what follows is the output of the next on their line.
_QUIET = frozenset({"cd", "export", "set", "true", ":", "sleep", "clear"})
_LONGEST_COMMAND_LINE = 100
_LONGEST_HEADING = 200
_LONGEST_HOST = 63
_LONGEST_END = 41


def find_captures(text: str, commands: Sequence[Recogniser], *, file: str | None = None) -> list[Capture]:
    """All captures in ``text``, in order. Never raises for any text."""
    return find_outputs(text, commands, file=file)[0]


def find_outputs(
    text: str, commands: Sequence[Recogniser], *, file: str | None = None
) -> tuple[list[Capture], list[UnreadOutput]]:
    """All captures in ``text``, and the output of other commands that is recognised as such; both in order."""
    lines = undress(text)
    reader = _Reader(lines, commands, file, authored_lines(lines, text))
    captures = reader.read()
    return captures, reader.unread(captures)


class _Reader:
    def __init__(
        self, lines: list[str], commands: Sequence[Recogniser], file: str | None, authored: frozenset[int]
    ) -> None:
        self.lines = lines
        self.commands = commands
        self.file = file
        self.authored = authored
        # A page that was copied with a blank line after (or before) each line.
        self.spaced = len(lines) > 4 and not (any(lines[1::2]) and any(lines[::2]))
        self.captures: list[Capture] = []
        self.open: _Open | None = None
        self.interrupted: _Open | None = None
        self.cut = False
        self.waiting: list[_Call] = []  # calls on the last command line whose output has not begun
        self.answered = -1  # number of the last call whose output, or an error in its place, was seen
        self.silent: list[tuple[_Call, Capture]] = []
        self.shown: set[str] = set()  # kinds of calls of which output was seen
        self.mute: set[str] = set()  # kinds of calls of which output that must be there was not seen
        self.shells: list[_Shell] = []
        self.left = -1
        self.node: str | None = None
        self.variables: dict[str, str] = {}
        self.fences: list[int] = []
        self.command_lines: list[tuple[int, int]] = []  # first line, and the line after the last
        self.nodes: list[tuple[int, str | None]] = []  # the node of the shell from this line on
        self.unanswered: list[Unanswered] = []
        self.host_lines: str | None = None  # whether `hostname` is called before or after what is read
        self.unnamed = 0  # captures from this one on have no node said for them by `hostname`
        self.said_host: str | None = None
        self.prose: list[int] = []  # the lines that were the author's

    def read(self) -> list[Capture]:
        index = 0
        while index < len(self.lines):
            index += self._line(index)
        self._close(index)
        self._settle(index, returned=False)
        # Authors also list commands that they only talk about: silence is an answer where other calls of its kind show
        # their output, and after a prompt where none of them should and does not.
        silent = [
            capture
            for call, capture in self.silent
            if (call.kind in self.shown or not (call.kind == "bare" or call.kind in self.mute))
            # The table of a pod can be empty, that of a host cannot.
            and not (call.kind != "host" and call.invocation.namespace == HOST and self._is_in_list(call))
        ]
        return sorted([*silent, *self.captures], key=lambda capture: capture.output_line)

    def _line(self, index: int) -> int:
        """Take in line ``index``, with those that go on with it if it is a command line; gives their number."""
        line = self.lines[index]
        current = self.open
        if not line:
            if current is not None:
                (current.tail if current.tail else current.lines).append("")
                current.gap = not self.spaced or self.lines[index - 1] == ""
        elif is_fence(line):
            self._close(index)
            self.interrupted = None
            self.fences.append(index)
        elif _REMARK.match(line):
            if current is not None:
                (current.tail if current.tail else current.lines).append("")
        elif is_cut_mark(line):
            self.cut = current is None
            if current is not None:
                current.take(line)
                current.abbreviated = True
        elif index not in self.authored and (command_line := read_command_line(line)) is not None:
            more = self._further_lines(index)
            if current is not None and command_line.prompt == "#" and not command_line.invocations:
                # A remark on the output, or the heading of what comes next.
                current.tail.append(line)
                self.prose.append(index)
                current.remarked = True
            else:
                self._close(index)
                self._run(index, index + more + 1, command_line)
                if command_line.prompt == "#" and not command_line.invocations:
                    self.prose.append(index)
                return more + 1
        elif index in self.authored and (current is None or not current.command.of_cluster):
            self._close(index)
            self._outside(index, line)
        elif self.host_lines is not None and _HOST_LINE.fullmatch(line):
            self._close(index)
            self._name_by(line)
        elif current is None:
            self._outside(index, line)
        else:
            self._inside(current, index, line)
        return 1

    def _further_lines(self, index: int) -> int:
        """How many lines after line ``index`` belong to the command line that begins there."""
        word = end_of_here_document(self.lines[index])
        if word is None:
            return unfinished(self.lines[index : index + _LONGEST_COMMAND_LINE])
        end = _next(self._lone_words.get(word, []), index)
        if len(self.fences) % 2 == 1:
            # One that was cut off ends with its code block.
            fence = _next(self._fence_lines, index)
            end = fence - 1 if fence is not None and (end is None or fence < end) else end
        return end - index if end is not None else 0

    @cached_property
    def _lone_words(self) -> dict[str, list[int]]:
        """The lines that are one word, which can end a here document."""
        found: dict[str, list[int]] = {}
        for number, line in enumerate(self.lines):
            word = line.strip()
            if word and len(word) <= _LONGEST_END and " " not in word:
                found.setdefault(word, []).append(number)
        return found

    @cached_property
    def _fence_lines(self) -> list[int]:
        return [number for number, line in enumerate(self.lines) if is_fence(line)]

    def _name_by(self, host: str) -> None:
        """Take in the answer of `hostname`: it names the output beside it that the same command line printed."""
        if self.host_lines == "before":
            self.said_host = host
            return
        for number in range(self.unnamed, len(self.captures)):
            if self.captures[number].namespace in {None, HOST}:
                self.captures[number] = replace(self.captures[number], node=host)
        self.unnamed = len(self.captures)

    @property
    def _place(self) -> str:
        """The namespace of the shell at this point of the text."""
        return self.shells[-1].namespace if self.shells else HOST

    # --- output -------------------------------------------------------------------------------------------------------

    def _inside(self, current: _Open, index: int, line: str) -> None:
        command = current.command
        if not current.is_followed_by(line):
            self._close(index)
            self.interrupted = current
            self._outside(index, line)
            return
        begins = command.begins(self.lines, index)
        if begins and (command.restarts(line, current.lines) or self._is_of_next_call(current)):
            self._open_by_look(command, index)
        elif begins and current.remarked and not current.empty:
            current.abbreviated = True
            self._open_by_look(command, index, part=True)
        elif self._goes_on(current, line) and command.begins_anew(line, current.seen):
            self._open_by_look(command, index)
        elif self._goes_on(current, line):
            if current.empty and _reads_as_prose(current.tail):
                current.output_line, current.lines, current.tail = index, [], []
            current.take(line)
            self._answer(current.call)
        elif self._begin(index) or self._refused(index, line):
            pass
        elif current.gap and not (current.empty and _ERROR.match(line)):
            self._close(index)
            self.interrupted = current
            self.prose.append(index)
        else:
            current.tail.append(line)
            self.prose.append(index)

    def _goes_on(self, current: _Open, line: str) -> bool:
        if _is_heading(line) and not current.command.heads(line, current.invocation):
            return False
        if current.gap and not current.empty:
            return current.command.follows(line, current.invocation)
        return current.command.takes(line, current.invocation)

    def _outside(self, index: int, line: str) -> None:
        before = self.interrupted
        if self._begin(index) or self._refused(index, line):
            return
        goes_on = before is not None and self._can_be(before.command, index) and before.is_followed_by(line)
        if before is not None and goes_on and before.command.follows(line, before.invocation):
            # The author spoke in the middle of the output; what goes on after that is still output.
            self.open = replace(before, first_line=index, output_line=index, lines=[], tail=[], abbreviated=True)
            self.open.take(line)
        else:
            self.prose.append(index)
        self.cut = False

    def _can_be(self, command: Recogniser, index: int) -> bool:
        """False if line ``index`` is an author's code: only what kubectl prints looks like that."""
        return index not in self.authored or command.of_cluster

    def _is_of_next_call(self, current: _Open) -> bool:
        """Whether a line that looks like a beginning belongs to the next call of the same command on the line."""
        invocation = current.invocation
        if invocation is None or self._next_call(current.command) is None:
            return False
        if current.empty:
            return bool(current.tail) and _ERROR.match(current.tail[0]) is not None
        return invocation.filtered or current.command.is_partial(invocation.argv)

    def _begin(self, index: int) -> bool:
        """Open the capture that begins at line ``index``, if its look or a waiting call says that one does."""
        running = self.open.command if self.open is not None else None
        for command in self.commands:
            if command is not running and self._can_be(command, index) and command.begins(self.lines, index):
                before = self.interrupted
                again = before is not None and before.command is command and not before.empty
                part = again and not command.restarts(self.lines[index], before.lines if before is not None else ())
                self._open_by_look(command, index, part=part)
                return True
        call = self.waiting[0] if self.waiting else None
        if call is None or call.command is running or not self._can_be(call.command, index):
            return False
        # A code block that opens right here was made for the output.
        fits = call.command.takes if is_fence(self.lines[index - 1]) else call.command.follows
        if not fits(self.lines[index], call.invocation):
            return False
        self._open_by_look(call.command, index)
        return True

    def _open_by_look(self, command: Recogniser, index: int, *, part: bool = False) -> None:
        self._close(index)
        call = self._next_call(command)
        if call is not None:
            self._open_call(call, call.index if self.answered < 0 else index, index)
        else:
            self._settle(index, returned=False)
            namespace = self._place if self._place != HOST else None
            self.open = _Open(command, None, namespace, self.node, index, index)
            self.interrupted = None
        assert self.open is not None
        self.open.abbreviated |= part or self.cut
        self.cut = False
        self.open.take(self.lines[index])
        command.begins_anew(self.lines[index], self.open.seen)
        self._answer(call)

    def _refused(self, index: int, line: str) -> bool:
        """Whether ``line`` is an error that names the program of a call whose output has not begun."""
        if not self.waiting or _ERROR.match(line) is None:
            return False
        words = set(re.findall(r"[\w-]+", line))
        call = next((call for call in self.waiting if call.invocation.argv[0] in words), None)
        if call is None or (self.open is not None and self.open.call is call):
            return False
        self._close(index)
        self._open_call(call, index, index)
        assert self.open is not None
        self.open.tail.append(line)
        return True

    def _next_call(self, command: Recogniser) -> _Call | None:
        """The first call of ``command`` on the last command line whose output has not begun."""
        running = self.open.call if self.open is not None else None
        for call in self.waiting:
            if call.command is command and (call is not running or call.invocation.repeated):
                return call
        return None

    def _answer(self, call: _Call | None) -> None:
        if call is not None:
            self.answered = max(self.answered, call.number)
            if call in self.waiting and not call.invocation.repeated:
                self.waiting.remove(call)

    # --- command lines ------------------------------------------------------------------------------------------------

    def _run(self, index: int, output: int, command_line: CommandLine) -> None:
        prompt = command_line.prompt
        self._settle(index, returned=prompt is not None)
        if prompt != "#" or command_line.invocations:
            self.command_lines.append((index, output))
        self.host_lines, self.said_host, self.unnamed = None, None, len(self.captures)
        self.answered, self.interrupted, self.cut = -1, None, False
        # A comment has the mark of a prompt, what `set -x` prints has one of its own.
        if (
            prompt is not None
            and prompt != "+"
            and (prompt != "#" or command_line.invocations or self.lines[index] == "#")
        ):
            self._see_prompt(prompt, command_line.host)
        if self.variables or self.shells or output > index + 1:
            # Only now it is known which shell reads the line.
            text = joined(self.lines[index:output])
            command_line = read_command_line(text, self.variables, self._place) or command_line
        for name, value in command_line.assigns.items():
            # What is not known is called by the variable's name and the place where it was set.
            self.variables[name] = value if "$()" not in value else f"${name}:{index + 1}"
        kind = "bare" if prompt in {None, "#"} else "host" if command_line.host is not None else "prompt"
        printing: list[tuple[Invocation, Recogniser | None]] = []
        said: list[tuple[Invocation, Recogniser]] = []
        shown = self.lines[index:output]
        for invocation in command_line.invocations:
            if not invocation.argv:
                node = invocation.node if invocation.node or invocation.remote else self.node
                self.shells.append(_Shell(invocation.namespace, prompt, command_line.host, self.node))
                self.node = node
            elif invocation.argv[0] in {"exit", "logout"}:
                self._leave(index, prompt)
            elif invocation.argv[0] not in _QUIET:
                claims = (command for command in self.commands if command.claims(invocation.argv))
                command = next(claims, None)
                kept = command.call_as_capture(invocation.argv, shown) if command is not None else None
                if command is not None and kept is not None:
                    invocation, shown = replace(invocation, argv=kept[0]), kept[1]
                    said.append((invocation, command))
                if not invocation.hidden:
                    printing.append((invocation, command))
        for invocation, command in said:
            self._take_call(invocation, command, index, shown)
        self._note_other_calls(index, output, kind, printing)
        known = sum(1 for _, command in printing if command is not None)
        for invocation, command in printing:
            if command is not None:
                node = invocation.node if invocation.node or invocation.remote else self.node
                alone, mixed = len(printing) == 1, known < len(printing)
                number = len(self.waiting)
                text = shown[0].strip()
                self.waiting.append(_Call(command, invocation, node, index, number, kind, alone, mixed, text))
        if printing and printing[0][1] is not None:
            self._open_call(self.waiting[0], index, output)

    def _note_other_calls(
        self, index: int, output: int, kind: str, printing: Sequence[tuple[Invocation, Recogniser | None]]
    ) -> None:
        """Note the calls of which nobody reads the output, and where one of them prints the host's name."""
        hosts = [number for number, (invocation, _) in enumerate(printing) if _says_host(invocation.argv)]
        read = [number for number, (_, command) in enumerate(printing) if command is not None]
        if hosts and read:
            self.host_lines = "before" if hosts[0] < read[0] else "after"
        self.nodes.append((index, self.node))
        others = [invocation for invocation, command in printing if command is None and is_of_interest(invocation.argv)]
        if others and not read:
            node = others[0].node if others[0].node or others[0].remote else self.node
            certain = kind != "bare" or len(self.fences) % 2 == 1
            self.unanswered.append(Unanswered(spoken(others[0].argv), node, index, output, certain))

    def _take_call(self, invocation: Invocation, command: Recogniser, index: int, lines: Sequence[str]) -> None:
        """The capture that a call is by itself, which stands on ``lines`` from ``index`` on."""
        self.captures.append(
            Capture(
                command=command,
                invocation=invocation,
                namespace=invocation.namespace,
                node=None,
                file=self.file,
                first_line=index + 1,
                last_line=index + len(lines),
                output_line=index + 1,
                lines=tuple(lines),
                abbreviated=False,
                call_line=index + 1,
                call=lines[0].strip(),
            )
        )

    def _open_call(self, call: _Call, first: int, output: int) -> None:
        invocation = call.invocation
        partial = invocation.filtered or call.command.is_partial(invocation.argv)
        self.open = _Open(call.command, call, invocation.namespace, call.node, first, output, abbreviated=partial)

    def _leave(self, index: int, prompt: str | None) -> None:
        # bash itself prints the word when it leaves.
        if self.shells and not (prompt is None and self.left == index - 1):
            self.node = self.shells.pop().outer_node
        self.left = index

    def _see_prompt(self, prompt: str, host: str | None) -> None:
        while self.shells and self._is_left(self.shells[-1], prompt, host):
            # Nobody need have shown how the shell was left.
            self.node = self.shells.pop().outer_node
        if self.shells:
            self.shells[-1].prompt, self.shells[-1].host = prompt, host
            if self.shells[-1].namespace != HOST:
                return
        if host is not None:
            self.node = host

    @staticmethod
    def _is_left(shell: _Shell, prompt: str, host: str | None) -> bool:
        """Whether a prompt cannot be one of ``shell``: it names another host, or is that of the shell around it.

        A shell in another network namespace has the host's name and prompt; one in a container has neither.
        """
        kind, _, name = shell.namespace.partition(":")
        if shell.prompt is not None:
            if shell.entered_from == prompt and shell.prompt != prompt:
                return True
            return kind != HOST and host is not None and host != shell.host
        if host is None or kind not in {"pod", "container"}:
            return False
        if kind == "pod" and name:
            return not _is_host_of(name.rpartition("/")[2], host)
        return host == shell.entered_host

    # --- the end of a capture -----------------------------------------------------------------------------------------

    def _close(self, index: int) -> None:
        current, self.open = self.open, None
        if current is None:
            return
        call = current.call
        tail = current.tail
        while tail and not tail[-1]:
            tail.pop()
        last = index == len(self.lines) and current.tail[-1:] == self.lines[-1:]
        if tail and not _reads_as_prose(tail, cut=last):
            if call is None or not call.mixed or index == len(self.lines):
                current.lines += tail
                # Output that stops at a line nobody understands was cut off in mid-line, or goes on in an unknown way.
                current.abbreviated = True
                self._answer(call)
        elif tail and call is not None and not tail[0].startswith("#"):
            call.doubtful = True
        lines = current.lines
        while lines and not lines[-1]:
            lines.pop()
        if not any(line and not is_cut_mark(line) for line in lines):
            # Dots in the place of the whole output say nothing, not even that there is none.
            if lines:
                self._answer(call)
            return
        if call is not None:
            self.shown.add(call.kind)
        self.captures.append(self._capture(current, lines))

    def _capture(self, current: _Open, lines: Sequence[str]) -> Capture:
        is_host = current.namespace in {None, HOST}
        return Capture(
            command=current.command,
            invocation=current.invocation,
            namespace=current.namespace,
            node=self.said_host if self.said_host is not None and is_host else current.node,
            file=self.file,
            first_line=current.first_line + 1,
            last_line=current.output_line + len(lines),
            output_line=current.output_line + 1,
            lines=tuple(lines),
            abbreviated=current.abbreviated,
            call_line=current.call.index + 1 if current.call is not None else None,
            call=current.call.text if current.call is not None else None,
            heading=self._heading_of(current),
        )

    def _heading_of(self, current: _Open) -> str | None:
        first = current.call.index if current.call is not None else current.first_line
        number = bisect_left(self.prose, first) - 1
        if number < 0:
            return None
        place = self.prose[number]
        is_near = not any(line and not is_fence(line) for line in self.lines[place + 1 : first])
        return self.lines[place][:_LONGEST_HEADING] if is_near else None

    def _settle(self, index: int, *, returned: bool) -> None:
        """Let the calls that wait go before line ``index``, noting which printed nothing where that is an answer.

        ``returned``: the shell's prompt came back.
        """
        waiting, self.waiting = self.waiting, []
        self.mute |= {call.kind for call in waiting if not call.command.answers_when_silent()}
        silent = [call for call in waiting if self._can_be_silent(call)]
        if not silent:
            return
        # The author may have cut their output out with that of another call; one that a later call followed is over.
        cut = any(map(is_cut_mark, self.lines[silent[0].index + 1 : index]))
        for call in silent:
            if call.alone or call.number < self.answered or (returned and not cut):
                empty = _Open(call.command, call, call.invocation.namespace, call.node, call.index, call.index + 1)
                self.silent.append((call, self._capture(empty, ())))

    def _can_be_silent(self, call: _Call) -> bool:
        invocation = call.invocation
        return (
            call.command.answers_when_silent()
            and not (invocation.filtered or invocation.repeated or call.command.is_partial(invocation.argv))
            and not (call.doubtful and call.kind != "host")
            and call.index < len(self.lines) - 1  # else the text ends in the middle of the command line
        )

    def _is_in_list(self, call: _Call) -> bool:
        """Whether the command lines beside that of a silent call printed nothing either: a list of commands, which
        nobody ran."""
        place = bisect_left(self.command_lines, (call.index, 0))
        return any(self._is_bare(number) for number in (place - 1, place + 1) if 0 <= number < len(self.command_lines))

    def _is_bare(self, number: int) -> bool:
        """Whether no output stands behind a command line that should have some."""
        first, end = self.command_lines[number]
        following = self.command_lines[number + 1][0] if number + 1 < len(self.command_lines) else len(self.lines)
        line = read_command_line(self.lines[first])
        calls = line.invocations if line is not None else ()
        prints = any(item.argv and item.argv[0] not in _QUIET and not item.hidden for item in calls)
        return prints and not any(line and not is_fence(line) for line in self.lines[end:following])

    # --- what is recognised and not read ------------------------------------------------------------------------------

    def unread(self, captures: Sequence[Capture]) -> list[UnreadOutput]:
        """Output of other commands: what stands below their calls, and what is known by its look."""
        taken = [is_fence(line) for line in self.lines]
        for capture in captures:
            for number in range(min(capture.first_line, capture.output_line) - 1, capture.last_line):
                if number < len(taken):
                    taken[number] = True
        for first, end in self.command_lines:
            taken[first:end] = [True] * (end - first)
        found = [said for call in self.unanswered if (said := self._output_of(call, taken)) is not None]
        for said in found:
            taken[said.first_line - 1 : said.last_line] = [True] * (said.last_line - said.first_line + 1)
        nodes: list[str | None] = []
        place = 0
        current: str | None = None
        for number in range(len(self.lines)):
            while place < len(self.nodes) and self.nodes[place][0] <= number:
                current = self.nodes[place][1]
                place += 1
            nodes.append(current)
        for number in self.authored:
            taken[number] = True
        found += find_by_look(self.lines, taken, nodes, self.file)
        return sorted(found, key=lambda said: said.first_line)

    def _output_of(self, call: Unanswered, taken: Sequence[bool]) -> UnreadOutput | None:
        """The lines after a call up to the next command line, fence, capture or paragraph of the author's."""
        first = next((number for number in range(call.output, len(self.lines)) if self.lines[number]), None)
        if first is None or taken[first]:
            return None
        look = look_at(self.lines, first, taken)
        if look is None and not call.certain:
            return None
        last = look[1] if look is not None else first
        for number in range(last + 1, len(self.lines) if call.certain else last + 1):
            if taken[number]:
                break
            if not self.lines[number]:
                continue
            line = self.lines[number]
            if not self.lines[number - 1] and not _is_in_columns(line) and _reads_as_prose([line]):
                break
            last = number
        return UnreadOutput(call.command, call.node, self.file, call.call + 1, last + 1)


def _next(numbers: Sequence[int], number: int) -> int | None:
    """The first of ``numbers``, which are in order, behind ``number``."""
    place = bisect_left(numbers, number + 1)
    return numbers[place] if place < len(numbers) else None


# --- prose ------------------------------------------------------------------------------------------------------------

_FUNCTION_WORD = re.compile(
    r"\b(?:the|we|you|our|your|this|these|those|that|is|are|was|were|here|and|but|now|with|from|have|has|will|can|let'?s|it|its|"
    r"how|what|why|when|where|as|of|to|in|on|not|so|then|there|see|an?|i)\b",
    re.I,
)
_COURTESY = re.compile(r"(?:thanks?|thx|cheers|regards|ok|okay|done|hi|hello)\b[\w ,.!]*", re.I)
_LABEL = re.compile(r"[A-Za-z].*:|[A-Z][a-z]+ [0-9]{1,3}")
_SENTENCE = re.compile(
    r"[\W_]*[A-Z][a-z']+[ ,:].*|.*[a-z)'’\"][.!?:]|[-*•+>][ ].*|[0-9]{1,2}[.)][ ][A-Za-z].*|[<=-]{1,2}[>-].*|\^.*"
)
_TITLE = re.compile(r"[\W_]*[A-Z][\w'’-]*(?:[ ][\w'’-]+){0,6}[\W_]*")
_HEADING = re.compile(r"[A-Z][a-z]+[\w'’-]*|\S*[a-z][.!?]|\S*\w:|[*_=~-]{2,}\S*|[^\W\d_a-zA-Z]\S*")
_FOREIGN_LETTER = re.compile(r"[^\W\d_a-zA-Z]")
# How shells and the tools themselves begin to say that something went wrong.
_ERROR = re.compile(
    r"-?[a-z][\w./-]*: .*(?:not found|[Nn]o such|denied|not permitted|[Cc]annot|[Cc]an't|[Ff]ail|[Uu]nable|[Ii]nvalid"
    r"|[Uu]nknown|[Uu]nrecognized|not exist|not installed|[Uu]sage)"
    r"|[Ee]rror\b|E: |Cannot |Command '|Device \"|Object \"|The program '|OCI runtime|RTNETLINK |Dump |rpc error"
    r"|setting the network namespace|command terminated|unable to |Segmentation fault|Killed$|Terminated$"
    r"|exec of \"|bridge \S+ does not exist|Failed "
)


def _reads_as_prose(tail: Sequence[str], *, cut: bool = False) -> bool:
    """Whether the lines that directly follow output are the author speaking, judged by the first of them.

    ``cut``: the text ends right there, so that the line may be half of one.
    """
    first = next((line for line in tail if line), "")
    if first.startswith("#") or not any(map(str.isalnum, first)):
        return True
    if first.startswith(" ") or _ERROR.match(first):
        return False
    if _FOREIGN_LETTER.match(first) or _COURTESY.fullmatch(first) or (not cut and _LABEL.fullmatch(first)):
        return True
    words = first.split()
    plain = sum(1 for word in words if _is_plain(word))
    if plain < 0.6 * len(words):
        return False
    # The last word of half a line may be half a word.
    if len(words) >= 3 and _FUNCTION_WORD.search(first if not cut else first.rpartition(" ")[0]):
        return True
    return not cut and (_SENTENCE.fullmatch(first) is not None or _TITLE.fullmatch(first) is not None)


def _says_host(argv: Sequence[str]) -> bool:
    """Whether what a call prints is the name of the host alone."""
    return (argv[0] == "hostname" and argv[1:] in {(), ("-f",), ("-s",)}) or argv in _SAY_HOST


_SAY_HOST = frozenset({("uname", "-n"), ("cat", "/etc/hostname"), ("echo", "$HOSTNAME"), ("echo", "${HOSTNAME}")})


def _is_host_of(pod: str, host: str) -> bool:
    """Whether ``host`` can be what a pod calls itself: its name, cut at the longest that a host can have."""
    return host.partition(".")[0] == pod[:_LONGEST_HOST].rstrip("-.")


def _is_in_columns(line: str) -> bool:
    return "  " in line.strip()


def _is_heading(line: str) -> bool:
    """Whether a line is more likely the author's than the name of an interface alone on its line."""
    return _HEADING.fullmatch(line) is not None or _COURTESY.fullmatch(line) is not None


def _is_plain(word: str) -> bool:
    bare = word.strip("*_`'\"“”‘’(),.:;!?-–—").replace("'", "").replace("’", "")
    return bare.isalpha() or word.startswith(("http://", "https://"))
