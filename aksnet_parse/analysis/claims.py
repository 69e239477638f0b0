"""What is said of a node's mode while it is worked out: sentences with the lines they rest on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..node import ROUTING_TABLES
from ..records import Line
from .citing import references
from .host import Host
from .models import Evidence, LineReference

__all__ = ["Claims", "counted", "plural"]

_COMMANDS = ("ip addr", "brctl show", "bridge link", *ROUTING_TABLES)


@dataclass(slots=True)
class Claims:
    """What is said so far, and why. ``subject``: the field of the answer that is being decided."""

    host: Host
    evidence: list[Evidence] = field(default_factory=list)
    subject: str = "mode"
    lines: dict[str, tuple[LineReference, ...]] = field(default_factory=dict)

    def claim(self, text: str, lines: Iterable[Line] = ()) -> None:
        said = Evidence(claim=text, lines=references(lines))
        self.evidence.append(said)
        self.lines[self.subject] = (*self.lines.get(self.subject, ()), *said.lines)

    @property
    def beginnings(self) -> tuple[Line, ...]:
        """What a sentence rests on that says what the captures do not show: the captures."""
        return self.host.node.beginnings(*_COMMANDS)


def plural(number: int, noun: str) -> str:
    return noun if number == 1 else f"{noun}s"


def counted(number: int, noun: str) -> str:
    return f"{number} {plural(number, noun)}"
