"""`crictl ps`: the containers of a node by id, with their pods; as a table, as JSON and as YAML."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from ..grammar import Scan, load_template
from ..json_values import text_at, value_at
from ..records import Source
from .containers import Container
from .crictl import STATES, WITHHELD, arguments, labelled, number_at, prints_listing
from .documents import DocumentCommand

__all__ = ["CRICTL_PS"]


def _of_document(container: dict[str, Any]) -> dict[str, Any] | None:
    if text_at(container, "id") is None or text_at(container, "podSandboxId") is None:
        return None
    return {
        **labelled(value_at(container, "labels")),
        "id": text_at(container, "id"),
        "container_type": "container",
        "container_name": text_at(container, "metadata", "name"),
        "attempt": number_at(value_at(container, "metadata"), "attempt"),
        "state": STATES.get(text_at(container, "state") or ""),
        "sandbox_id": text_at(container, "podSandboxId"),
    }


class _CrictlPs(DocumentCommand[Container]):
    def is_heading(self, line: str) -> bool:
        return _HEADING.match(line) is not None

    def is_partial(self, argv: tuple[str, ...]) -> bool:
        return any(_CHOOSES.match(word) for word in arguments(argv, "ps") or ())

    def refine(self, scan: Scan) -> list[Source]:
        for row in scan.records[self.group]:
            row["container_type"] = "container"
            row["state"] = STATES[row["state"]]
            row["attempt"] = int(row["attempt"])
            if row.get("pod_name") == "unknown":  # the label that would say it is missing
                del row["pod_name"]
        return []


_CHOOSES = re.compile(r"-(?:a?[pslnr]|-(?:id|name|pod|state|label|image|last|latest|resolve)\b)")
_HEADING = re.compile(
    r"[ ]*CONTAINER(?:[ ]+ID)?[ ]+IMAGE[ ]+CREATED[ ]+STATE[ ]+NAME[ ]+ATTEMPT[ ]+POD[ ]+ID"
    r"(?:[ ]+POD(?:[ ]+NAMESPACE)?)?$"
)

CRICTL_PS = _CrictlPs(
    name="crictl ps",
    grammar=partial(load_template, "crictl_ps"),
    group="containers",
    model=Container,
    claims=lambda argv: prints_listing(argv, "ps"),
    herald=re.compile(
        rf"{_HEADING.pattern}"
        r"|[ ]*[0-9a-f]{12,64}[ ]+\S{1,300}[ ]+[A-Z0-9][a-z0-9 ]{1,40} ago[ ]+"
        r"(?:Running|Exited|Created|Unknown|CONTAINER_[A-Z]+)[ ]+\S{1,253}[ ]+[0-9]{1,9}[ ]+[0-9a-f]{12,64}(?:[ ]|$)"
        r'|[ ]*\{[ ]*"containers":[ ]*\[[ ]*\{[ ]*"id":[ ]*"[0-9a-f]{64}",[ ]*"podSandboxId":'
    ),
    of_document=_of_document,
    yaml_herald=re.compile(r"containers:\n(?:[ ]*- annotations:|[ ]*- id: \"?[0-9a-f]{64}\"?\n[ ]*podSandboxId:)"),
    reordered=(
        re.compile(r'[ ]*\{[ ]*"containers":[ ]*\[[ ]*\{[ ]*"(?:annotations|createdAt|image|imageRef)":'),
        re.compile(r'"podSandboxId":[ ]*"[0-9a-f]'),
    ),
    withheld=WITHHELD,
    row_head=re.compile(
        r"[ ]*CONTAINER(?:[ ]+ID)?[ ]+IMAGE[ ]+CREATED|[ ]*[0-9a-f]{12,64}[ ]+\S{1,300}[ ]+(?:Less|About|[0-9]{1,9})[ ]"
    ),
)
