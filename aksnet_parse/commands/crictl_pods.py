"""`crictl pods`: the sandboxes of a node by id, with their pods; as a table, as JSON and as YAML.

A dead sandbox of a pod is listed beside the one that lives.
"""

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

__all__ = ["CRICTL_PODS"]


def _of_document(sandbox: dict[str, Any]) -> dict[str, Any] | None:
    metadata = value_at(sandbox, "metadata")
    if text_at(sandbox, "id") is None or not isinstance(metadata, dict):
        return None
    labels = labelled(value_at(sandbox, "labels"))
    return {
        "id": text_at(sandbox, "id"),
        "container_type": "podsandbox",
        "pod_name": text_at(metadata, "name") or labels["pod_name"],
        "pod_namespace": text_at(metadata, "namespace") or labels["pod_namespace"],
        "pod_uid": text_at(metadata, "uid") or labels["pod_uid"],
        "attempt": number_at(metadata, "attempt"),
        "state": STATES.get(text_at(sandbox, "state") or ""),
    }


class _CrictlPods(DocumentCommand[Container]):
    def is_heading(self, line: str) -> bool:
        return _HEADING.match(line) is not None

    def is_partial(self, argv: tuple[str, ...]) -> bool:
        return any(_CHOOSES.match(word) for word in arguments(argv, "pods") or ())

    def refine(self, scan: Scan) -> list[Source]:
        for row in scan.records[self.group]:
            row["container_type"] = "podsandbox"
            row["state"] = STATES[row["state"]]
            row["attempt"] = int(row["attempt"])
        return []


_CHOOSES = re.compile(r"-(?:[sln]|-(?:id|name|namespace|state|label|last|latest)\b)")
_HEADING = re.compile(r"[ ]*POD[ ]+ID[ ]+CREATED[ ]+STATE[ ]+NAME[ ]+NAMESPACE[ ]+ATTEMPT(?:[ ]+RUNTIME)?$")

CRICTL_PODS = _CrictlPods(
    name="crictl pods",
    grammar=partial(load_template, "crictl_pods"),
    group="sandboxes",
    model=Container,
    claims=lambda argv: prints_listing(argv, "pods"),
    herald=re.compile(
        rf"{_HEADING.pattern}"
        r"|[ ]*[0-9a-f]{12,64}[ ]+[A-Z0-9][a-z0-9 ]{1,40} ago[ ]+(?:Ready|NotReady|SANDBOX_[A-Z]+)[ ]+"
        r"\S{1,253}[ ]+\S{1,253}[ ]+[0-9]{1,9}(?:[ ]|$)"
        r'|[ ]*\{[ ]*"items":[ ]*\[[ ]*\{[ ]*"id":[ ]*"[0-9a-f]{64}",[ ]*"metadata":'
    ),
    of_document=_of_document,
    yaml_herald=re.compile(r"items:\n[ ]*- id: \"?[0-9a-f]{64}\"?\n[ ]*metadata:"),
    reordered=(
        re.compile(r'[ ]*\{[ ]*"items":[ ]*\[[ ]*\{[ ]*"(?:annotations|createdAt|labels)":'),
        re.compile(r'"state":[ ]*"SANDBOX_'),
    ),
    withheld=WITHHELD,
    row_head=re.compile(r"[ ]*POD[ ]+ID[ ]+CREATED[ ]|[ ]*[0-9a-f]{12,64}[ ]+(?:Less|About|[0-9]{1,9})[ ]"),
)
