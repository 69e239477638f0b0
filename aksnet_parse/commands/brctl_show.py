"""`brctl show`: bridges and their members (bridge-utils, busybox). It prints nothing at all without a bridge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial

from pydantic import Field

from ..commandline import Invocation
from ..dressing import is_cut_mark
from ..grammar import Scan, load_template
from ..records import MacAddress, ParseResult, Record, Source
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

    def refine(self, scan: Scan) -> list[Source]:
        refused: list[Source] = []
        for row in scan.records[self.group]:
            members = row.pop("members", [])
            if "interface" in row:
                row["interfaces"] = (row.pop("interface"), *(member["interface"] for member in members))
            else:
                # brctl prints the first member on the bridge's own line; without it, a lone word is no member.
                refused += [member["source"] for member in members]
                row["source"] = row["source"]._replace(last_line=row["source"].first_line)
        return refused

    def parse_lines(
        self,
        lines: Sequence[str],
        *,
        file: str | None = None,
        first_line: int = 1,
        invocation: Invocation | None = None,
    ) -> ParseResult[Bridge]:
        # An interface can have the name "...", but stands seven tabs to the right then.
        kept = ["" if not line.startswith(" " * 8) and is_cut_mark(line) else line for line in lines]
        return super().parse_lines(kept, file=file, first_line=first_line, invocation=invocation)


BRCTL_SHOW = _BrctlShow(
    name="brctl show",
    grammar=partial(load_template, "brctl_show"),
    group="bridges",
    model=Bridge,
    claims=lambda argv: argv[:2] == ("brctl", "show") and not any(word.startswith("-") for word in argv[2:]),
    herald=re.compile(rf"{_HEADING.pattern}|{_ROW.pattern}"),
)
