"""`brctl show`: bridges and their members (bridge-utils, busybox). It prints nothing at all where there is no "
"bridge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from pydantic import Field, model_validator

from ..commandline import Invocation
from ..grammar import load_template
from ..records import Line, MacAddress, ParseResult, Record
from .base import Command

__all__ = ["BRCTL_SHOW", "Bridge"]


class Bridge(Record):
    """One bridge of ``brctl show``.

    ``bridge_id``: priority and MAC as printed (``8000.0242107e030e``). ``stp``: spanning tree on. ``interfaces``:
    names of the
    members in the order printed.
    """

    bridge: str
    bridge_id: str = Field(pattern=r"^[0-9a-f]{4}\.[0-9a-f]{12}$")
    stp: bool
    interfaces: tuple[str, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _gather_members(cls, data: Any) -> Any:
        if isinstance(data, dict) and ("interface" in data or "members" in data):
            data = dict(data)
            first = data.pop("interface", None)
            rest = [row["interface"] for row in data.pop("members", [])]
            data["interfaces"] = tuple([first, *rest] if first else rest)
        return data

    @property
    def mac(self) -> MacAddress:
        """The bridge's own link-layer address, the second half of its id (IEEE 802.1D)."""
        digits = self.bridge_id[5:]
        return MacAddress(":".join(digits[i : i + 2] for i in range(0, 12, 2)))


_HEADING = re.compile(r"[ ]*bridge name[ ]+bridge id[ ]+STP enabled[ ]+interfaces")
_ROW = re.compile(r"[ ]*\S+[ ]+[0-9a-f]{4}\.[0-9a-f]{12}[ ]+(?:yes|no)(?P<member>[ ]+\S+)?[ ]*$")


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

    def parse_lines(
        self,
        lines: Sequence[str],
        *,
        file: str | None = None,
        first_line: int = 1,
        invocation: Invocation | None = None,
    ) -> ParseResult[Bridge]:
        # brctl prints the first member on the bridge's own line, so a lone word after a row without one is no member.
        kept = list(lines)
        strays: list[Line] = []
        childless = False
        for index, line in enumerate(lines):
            row = _ROW.match(line)
            if row is not None:
                childless = row["member"] is None
            elif childless and line.strip() and " " not in line.strip():
                strays.append(Line(file, first_line + index, line))
                kept[index] = ""
        result = super().parse_lines(kept, file=file, first_line=first_line, invocation=invocation)
        if not strays:
            return result
        unparsed = sorted([*result.unparsed, *strays], key=lambda line: line.line)
        return ParseResult(result.records, unparsed, sum(1 for line in lines if line.strip()))


BRCTL_SHOW = _BrctlShow(
    name="brctl show",
    grammar=partial(load_template, "brctl_show"),
    group="bridges",
    model=Bridge,
    claims=lambda argv: argv[:2] == ("brctl", "show") and not any(word.startswith("-") for word in argv[2:]),
    herald=re.compile(rf"{_HEADING.pattern}|{_ROW.pattern}"),
)
