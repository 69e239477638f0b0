"""`brctl show`: bridges and their members (bridge-utils, busybox). It prints nothing at all without a bridge."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from pydantic import Field

from ..commandline import Invocation
from ..dressing import is_cut_mark
from ..grammar import Scan, load_template
from ..records import MacAddress, Record, Source
from .base import Command

__all__ = ["BRCTL_SHOW", "Bridge"]


class Bridge(Record):
    """One bridge of ``brctl show``.

    ``bridge_id``: priority and MAC as printed (``8000.0242107e030e``). ``stp``: spanning tree on. ``interfaces``:
    names of the members in the order printed.
    """

    bridge: str
    bridge_id: str = Field(pattern=r"^[0-9a-f]{4}\.[0-9a-f]{12}$")
    stp: bool
    interfaces: tuple[str, ...] = ()

    @property
    def mac(self) -> MacAddress:
        """The bridge's own link-layer address, the second half of its id (IEEE 802.1D)."""
        digits = self.bridge_id[5:]
        return MacAddress(":".join(digits[i : i + 2] for i in range(0, 12, 2)))


_HEADING = re.compile(r"[ ]*bridge name[ ]+bridge id[ ]+STP enabled[ ]+interfaces")
_ROW = re.compile(r"[ ]*\S+[ ]+[0-9a-f]{4}\.[0-9a-f]{12}[ ]+(?:yes|no)(?P<member>[ ]+\S+)?[ ]*$")
# Where a page took the indentation away, a word alone on its line may be anything, such as "thanks" or "root@aks-0":
# what people and programs name veths and cards after has letters and a number.
_PLAIN_NAME = re.compile(r"[A-Za-z](?=\D*\d)[\w.-]+|veth[a-f]+")


def _is_name(word: str) -> bool:
    """Whether the kernel lets an interface have this name (dev_valid_name)."""
    return len(word.encode("utf-8", "surrogatepass")) < 16 and word not in {".", ".."} and {"/", ":"}.isdisjoint(word)


def _is_indented(member: dict[str, Any], row: dict[str, Any]) -> bool:
    return len(member.get("indent", "")) > len(row.get("indent", "")) and not _is_mark(member)


def _is_mark(member: dict[str, Any]) -> bool:
    """An interface can have the name "...", but stands seven tabs to the right then."""
    return len(member.get("indent", "")) < 8 and is_cut_mark(member["interface"])


def _is_member(member: dict[str, Any], row: dict[str, Any], indented: bool) -> bool:
    """``indented``: members of this table are, so that a word which is not stands for something else."""
    if _is_mark(member):
        return False
    if indented:
        return _is_indented(member, row) and _is_name(member["interface"])
    return _is_name(member["interface"]) and _PLAIN_NAME.fullmatch(member["interface"]) is not None


class _BrctlShow(Command[Bridge]):
    def restarts(self, line: str, lines: Sequence[str]) -> bool:
        return _HEADING.match(line) is not None and any(earlier.strip() for earlier in lines)

    def follows(self, line: str, invocation: Invocation | None) -> bool:
        # One word after a gap is more likely a heading of the text around than a member.
        return self.grammar().starts(line)

    def is_partial(self, argv: tuple[str, ...]) -> bool:
        return len(argv) > 2

    def answers_when_silent(self) -> bool:
        return True

    def fold(self, text: str) -> tuple[str, Sequence[int], Mapping[int, Sequence[str]]] | None:
        # On kubenet each pod is a member, on a line of its own.
        kept: list[str] = []
        numbers: list[int] = []
        left_out: dict[int, Sequence[str]] = {}
        place = line = 0
        for match in _MEMBERS.finditer(text):
            start = match.start(2)
            first = line + text.count("\n", place, start)
            words = match[2].split()
            left_out[first] = words
            kept.append(text[place:start])
            numbers += range(line, first + 1)
            place, line = match.end(), first + 1 + len(words)
            # The line end behind the run ends the line that was kept.
            place += 1
        if not left_out:
            return None
        kept.append(text[place:])
        numbers += range(line, line + 1 + text.count("\n", place))
        return "\n".join(kept), numbers, left_out

    def refine(self, scan: Scan) -> list[Source]:
        rows = scan.records[self.group]
        indented = any(_is_indented(member, row) for row in rows for member in row.get("members", ()))
        refused: list[Source] = []
        for row in rows:
            source, members = row["source"], row.pop("members", [])
            if not indented:
                members = [single for member in members for single in _singles(member, scan.more)]
            # brctl prints the first member on the bridge's own line; without it, a lone word is no member.
            first = row.pop("interface", None)
            names = [] if first is None or not _is_name(first) else [first]
            last = source.first_line
            for member in members:
                more = scan.more.get(member["source"].first_line, ()) if indented else ()
                place = member["source"]._replace(last_line=member["source"].first_line + len(more))
                if first is not None and _is_member(member, row, indented):
                    names += (member["interface"], *more)
                    last = place.last_line
                else:
                    refused.append(place)
            row["source"] = source._replace(last_line=last)
            if first is not None and not _is_name(first):
                refused.append(source._replace(last_line=source.first_line))
            if names:
                row["interfaces"] = tuple(names)
            row.pop("indent", None)
        refused += [row["source"] for row in rows if not _is_name(row["bridge"])]
        rows[:] = [row for row in rows if _is_name(row["bridge"])]
        return refused


def _singles(member: dict[str, Any], more: Mapping[int, Sequence[str]]) -> Iterator[dict[str, Any]]:
    """A member, and those on the lines after it that were left out."""
    source: Source = member["source"]
    for line, name in enumerate((member["interface"], *more.get(source.first_line, ())), source.first_line):
        yield member | {"interface": name, "source": source._replace(first_line=line, last_line=line)}


# Members one below the other whose names have nothing special about them.
_NAME = r"[a-z][a-z0-9]{0,14}+$"
_MEMBERS = re.compile(rf"^((?:[ ]{{8}}|[ ]{{0,7}}\t)[ \t]*+){_NAME}((?:\n\1{_NAME}){{3,}}+)", re.MULTILINE)


BRCTL_SHOW = _BrctlShow(
    name="brctl show",
    grammar=partial(load_template, "brctl_show"),
    group="bridges",
    model=Bridge,
    claims=lambda argv: argv[:2] == ("brctl", "show") and not any(word.startswith("-") for word in argv[2:]),
    herald=re.compile(rf"{_HEADING.pattern}|{_ROW.pattern}"),
)
