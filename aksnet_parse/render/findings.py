"""The catalogue of findings: as a list for people, as JSON, and as a page of the documentation."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from dataclasses import asdict

from ..analysis.catalogue import FindingKind

__all__ = ["findings_json", "findings_markdown", "findings_text"]

_WIDTH = 80
_PARTS = {"cause": "Cause", "evidence": "Evidence", "advice": "What to do"}
_INTRODUCTION = """\
# Findings

What `aksnet-parse` can find wrong with a node. This page is what `aksnet-parse findings --format markdown` prints.

- **error**: packets are lost, or two facts contradict each other.
- **warning**: it may work, and should not be so.
- **info**: worth knowing; a healthy node can have it.

Each finding in an answer has its code, its severity, one sentence, what it is about, and the lines that prove it. One
cause gives one finding: what follows from it (a route that went with its interface) is not told twice.

"""


def findings_json(kinds: Sequence[FindingKind]) -> str:
    """A list of objects with the fields of :class:`FindingKind`."""
    return json.dumps([asdict(kind) for kind in kinds], indent=2)


def findings_text(kinds: Sequence[FindingKind], *, explained: bool) -> str:
    """A line or two for each; with ``explained`` all that is known of it."""
    lines: list[str] = []
    for kind in kinds:
        lines += [f"{kind.code} ({kind.severity})", *_indented(kind.summary)]
        for name, heading in _PARTS.items() if explained else ():
            lines += ["", heading, *_indented(str(getattr(kind, name)))]
    return "".join(f"{line}\n" for line in lines)


def _indented(text: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent="  ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )


def findings_markdown(kinds: Sequence[FindingKind]) -> str:
    """The page: a table of all, then each by itself."""
    lines = ["| code | severity | what is wrong |", "|---|---|---|"]
    lines += [f"| [`{kind.code}`](#{kind.code}) | {kind.severity} | {kind.summary} |" for kind in kinds]
    for kind in kinds:
        lines += ["", f"## {kind.code}", "", f"{kind.summary} Severity: **{kind.severity}**.", ""]
        lines += [f"- **{heading}.** {getattr(kind, name)}" for name, heading in _PARTS.items()]
    return _INTRODUCTION + "".join(f"{line}\n" for line in lines)
