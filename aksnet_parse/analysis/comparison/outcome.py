"""What a comparison of two nodes has found so far. What is gone and what is added are entered by the same code, so that
the same two nodes the other way round give the same changes with their sides swapped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ...records import Line
from ..citing import references
from ..models import LineReference
from .models import Change, Code, Detail, Missing, NotCompared
from .side import Side

__all__ = ["Outcome"]

_WORDS = {"before": "BEFORE does not show", "after": "AFTER does not show", "both": "neither side shows"}


@dataclass(slots=True)
class Outcome:
    """``before`` and ``after``: the node on each side."""

    before: Side
    after: Side
    changes: list[Change] = field(default_factory=list)
    stayed: list[str] = field(default_factory=list)
    not_compared: list[NotCompared] = field(default_factory=list)

    @property
    def one_sided(self) -> tuple[tuple[bool, Side, Side], tuple[bool, Side, Side]]:
        """What only one side has: whether that is gone (else added), the side that has it, and the other one."""
        return (True, self.before, self.after), (False, self.after, self.before)

    def changed(
        self,
        code: Code,
        message: str,
        values: tuple[str, str] | None,
        subjects: Sequence[str],
        lines: tuple[Iterable[Line | LineReference], Iterable[Line | LineReference]],
        details: Iterable[Detail] = (),
    ) -> None:
        """Enter a change. ``values`` and ``lines``: before and after."""
        self.changes.append(
            Change(
                code=code,
                kind="changed",
                message=message,
                subjects=tuple(subjects),
                before=values[0] if values is not None else None,
                after=values[1] if values is not None else None,
                details=tuple(details),
                before_lines=_cited(lines[0]),
                after_lines=_cited(lines[1]),
            )
        )

    def only(
        self,
        gone: bool,
        code: Code,
        what: str,
        subjects: Sequence[str],
        lines: Iterable[Line | LineReference],
        *,
        value: str | None = None,
        rest: str = "",
        details: Iterable[Detail] = (),
    ) -> None:
        """Enter something that is gone or added; ``rest``: what the sentence says after that word."""
        cited = _cited(lines)
        self.changes.append(
            Change(
                code=code,
                kind="gone" if gone else "added",
                message=f"{what} {'gone' if gone else 'added'}{rest}",
                subjects=tuple(subjects),
                before=value if gone else None,
                after=None if gone else value,
                details=tuple(details),
                before_lines=cited if gone else (),
                after_lines=() if gone else cited,
            )
        )

    def same(self, sentence: str) -> None:
        self.stayed.append(sentence)

    def unseen(self, subject: str, before: bool, after: bool, what: str = "them") -> bool:
        """Note what cannot be compared because a side does not show it; False if both do."""
        if before and after:
            return False
        missing: Missing = "after" if before else "before" if after else "both"
        self.could_not(subject, missing, f"{subject}: {_WORDS[missing]} {what}")
        return True

    def could_not(self, subject: str, missing: Missing, message: str) -> None:
        self.not_compared.append(NotCompared(subject=subject, missing=missing, message=message))


def _cited(lines: Iterable[Line | LineReference]) -> tuple[LineReference, ...]:
    return references(line if isinstance(line, Line) else Line(line.file, line.line, line.text) for line in lines)
