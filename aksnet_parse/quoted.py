"""Text in a string of JSON. So `az vmss run-command invoke` hands back what a script printed on a node (``message``),
and `az aks command invoke -o json` what was printed in the cluster (``logs``): all of it in one line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

__all__ = ["quoted_texts"]

# Quotes within a string have a backslash before them: where one has no end, no other begins behind it.
_STRING = re.compile(r'"(?:message|logs)"[ ]?:[ ]?("(?:[^"\\]|\\.)*+")')
_FEWEST_LINES = 2


def quoted_texts(text: str, file: str | None) -> Iterator[tuple[str, str]]:
    """Each such text in ``text``, with a name: ``file`` (None: a text without a name) and the line in which it stands,
    ``answer.json!7``."""
    if r"\n" not in text:
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(r"\n") < _FEWEST_LINES:
            continue
        for match in _STRING.finditer(line):
            try:
                said = json.loads(match[1])
            except ValueError:
                continue
            if said.count("\n") >= _FEWEST_LINES:
                yield f"{file or 'text'}!{number}", said
