"""`crictl inspect` and `crictl inspectp`: which process, network namespace and addresses a container or a pod has.

Environment, command lines and mounts are never kept: they hold secrets and say nothing about the network.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..commandline import Invocation
from ..grammar import load_template
from ..json_values import text_at, value_at
from ..records import ParseResult
from .calls import option_values, plain_words
from .containers import LABELS, Container
from .crictl import STATES, WITHHELD, arguments, labelled, number_at
from .docker_inspect import reflow, straighten
from .documents import DocumentCommand, Found, Placed

__all__ = ["CRICTL_INSPECT", "CRICTL_INSPECTP"]

# --- one whole object -------------------------------------------------------------------------------------------------


def _of_document(container_type: str, document: dict[str, Any]) -> dict[str, Any] | None:
    status, info = value_at(document, "status"), _info(document)
    if text_at(status, "id") is None:
        return None
    state = text_at(status, "state") or ""
    if state.startswith(("SANDBOX_", "CONTAINER_")):
        container_type = "podsandbox" if state.startswith("SANDBOX_") else "container"
    metadata, labels = value_at(status, "metadata"), labelled(value_at(status, "labels"))
    row: dict[str, Any] = {
        **labels,
        "id": text_at(status, "id"),
        "container_type": container_type,
        "attempt": number_at(metadata, "attempt"),
        "state": STATES.get(state),
        "pid": number_at(info, "pid") or None,
        "netns": _netns(info),
    }
    if container_type == "container":
        row |= {"container_name": text_at(metadata, "name"), "sandbox_id": text_at(info, "sandboxID")}
        return row
    return row | {
        "container_name": None,
        "pod_name": text_at(metadata, "name") or labels["pod_name"],
        "pod_namespace": text_at(metadata, "namespace") or labels["pod_namespace"],
        "pod_uid": text_at(metadata, "uid") or labels["pod_uid"],
        "network_mode": _network_mode(text_at(status, "linux", "namespaces", "options", "network")),
        "ip_addresses": tuple(dict.fromkeys(_addresses(status, info))),
    }


def _info(document: dict[str, Any]) -> Any:
    """What the runtime adds, which crictl gets as text of JSON and may hand on as that."""
    info = value_at(document, "info")
    for _ in range(2):
        if isinstance(info, dict) and isinstance(info.get("info"), str | dict):
            info = info["info"]
        if isinstance(info, str):
            try:
                info = json.loads(info)
            except (ValueError, RecursionError):
                return None
    return info


def _network_mode(network: str | None) -> str | None:
    return "host" if network == "NODE" else None


def _netns(info: Any) -> str | None:
    namespaces = value_at(info, "runtimeSpec", "linux", "namespaces")
    for namespace in namespaces if isinstance(namespaces, list) else ():
        if text_at(namespace, "type") == "network":
            return text_at(namespace, "path")
    return next((path for interface in _cni_interfaces(info) if (path := text_at(interface, "Sandbox"))), None)


def _cni_interfaces(info: Any) -> Iterator[Any]:
    interfaces = value_at(info, "cniResult", "Interfaces")
    if isinstance(interfaces, dict):
        yield from (interface for name, interface in sorted(interfaces.items()) if name != "lo")


def _addresses(status: Any, info: Any) -> Iterator[str]:
    first = text_at(status, "network", "ip")
    further = value_at(status, "network", "additionalIps")
    if first is not None:
        yield first
        yield from (ip for item in (further if isinstance(further, list) else ()) if (ip := text_at(item, "ip")))
        return
    # The plugin's own answer; the first interface is the pod's, others are of further networks.
    configs = value_at(next(_cni_interfaces(info), None), "IPConfigs")
    yield from (ip for item in (configs if isinstance(configs, list) else ()) if (ip := text_at(item, "IP")))


# --- what grep or a cut leaves, and what a template prints ------------------------------------------------------------

_TEMPLATE = re.compile(r"\s*\{\{-?\s*\.([\w.]+)\s*-?\}\}\s*(?:\\n)?\s*")
_FIELDS = {
    "info.pid": ("pid", re.compile(r"[0-9]{1,10}")),
    "info.sandboxID": ("sandbox_id", re.compile(r"[0-9a-f]{12,64}")),
    "status.id": ("id", re.compile(r"[0-9a-f]{12,64}")),
    "status.network.ip": ("ip", re.compile(r"[0-9a-fA-F.:]{2,45}")),
}


@dataclass(frozen=True, kw_only=True)
class _CrictlInspect(DocumentCommand[Container]):
    container_type: str

    def mixes_text_and_json(self) -> bool:
        return True

    def takes(self, line: str, invocation: Invocation | None) -> bool:
        asked = self._asked(invocation)
        if asked is not None:
            return asked[1].fullmatch(line.strip()) is not None
        return super().takes(straighten(line), invocation)

    def follows(self, line: str, invocation: Invocation | None) -> bool:
        asked = self._asked(invocation)
        if asked is not None:
            return asked[1].fullmatch(line.strip()) is not None
        return super().follows(straighten(line), invocation) and self.takes(line, invocation)

    def is_partial(self, argv: tuple[str, ...]) -> bool:
        return False

    def _asked(self, invocation: Invocation | None) -> tuple[str, re.Pattern[str]] | None:
        """The field that the call's template prints, and its look; None for a call without a template."""
        words = self._words(invocation)
        template = next(option_values(words, "--template", "--template"), None)
        if template is None:
            return None
        field = _TEMPLATE.fullmatch(template)
        return _FIELDS.get(field[1], _UNKNOWN) if field is not None else _UNKNOWN

    def _words(self, invocation: Invocation | None) -> tuple[str, ...]:
        return arguments(invocation.argv, self.name.split()[1]) or () if invocation is not None else ()

    def parse_table(
        self, lines: Sequence[str], *, file: str | None, first_line: int, invocation: Invocation | None
    ) -> ParseResult[Container]:
        found = Found(lost=set(range(len(lines))))
        asked = self._asked(invocation)
        if asked is None:
            return self.result(found, lines, file, first_line, invocation)
        found.is_final = True
        name, look = asked
        rows: list[Placed] = []
        for number, line in enumerate(lines):
            if name and look.fullmatch(line.strip()):
                rows.append((_fact(name, line.strip()), number, number))
                found.lost.discard(number)
        found.rows = rows
        return self.result(found, lines, file, first_line, invocation)

    def salvage(self, lines: Sequence[str], lost: set[int]) -> list[Placed]:
        rows: list[Placed] = []
        run: list[int] = []
        for number in sorted(lost):
            if run and number != run[-1] + 1:
                rows += self._read_fragment(lines, run, lost)
                run = []
            run.append(number)
        rows += self._read_fragment(lines, run, lost)
        return rows

    def _read_fragment(self, lines: Sequence[str], run: Sequence[int], lost: set[int]) -> Iterator[Placed]:
        flowed: list[str] = []
        numbers: list[int] = []
        for number in run:
            for piece in reflow(straighten(lines[number])):
                flowed.append(piece)
                numbers.append(number)
        if any(piece.endswith((",", "{", "[")) for piece in flowed):
            # Where the commas were kept, a last number without one was cut, and is not the number that was there.
            flowed[-1] = flowed[-1].rstrip(" 0123456789") or flowed[-1].strip()[:1]
        scan = self.grammar().scan("\n".join(flowed))
        lost.difference_update(run)
        lost.update(numbers[line.line - 1] for line in scan.unmatched)
        facts: dict[str, Any] = {}
        first = last = 0
        for found in scan.records[self.group]:
            number = numbers[found["source"].first_line - 1]
            fact = {name: value for name, value in found.items() if name != "source"}
            if "label" in fact:
                name = LABELS.get(fact["label"])
                fact = {name: fact["label_value"]} if name is not None else {}
            for name, value in fact.items():
                fact = _fact(name, value)
            ip_addresses = (*facts.get("ip_addresses", ()), *fact.pop("ip_addresses", ()))
            # The PID is printed once for each container, all else can be said twice.
            if any(name in facts and (name == "pid" or facts[name] != value) for name, value in fact.items()):
                yield facts, first, last
                facts = {}
            if not facts:
                first = number
            if fact or ip_addresses:
                facts |= fact
                last = number
            if ip_addresses:
                facts["ip_addresses"] = tuple(dict.fromkeys(ip_addresses))
        if facts:
            yield facts, first, last

    def complete(self, rows: list[dict[str, Any]], invocation: Invocation | None) -> None:
        for row in rows:
            row.setdefault("container_type", self.container_type)
        names = list(plain_words(self._words(invocation), _WITH_VALUE))
        if len(rows) == len(names):
            for row, name in zip(rows, names, strict=True):
                if re.fullmatch(r"[0-9a-f]{4,64}", name):
                    row.setdefault("id", name)


def _fact(name: str, value: str) -> dict[str, Any]:
    if name == "state":
        return {"state": STATES.get(value)} if value in STATES else {}
    if name == "network":
        return {"network_mode": "host"} if value == "NODE" else {}
    if name == "ip":
        return {"ip_addresses": (value,)}
    if name == "pid":
        return {"pid": int(value)} if value.strip("0") and len(value) < 11 else {}
    return {name: value}


_UNKNOWN = ("", re.compile(r"(?!)"))
_WITH_VALUE = frozenset({"-o", "--output", "--template", "--name", "-n"})


# --- the commands -----------------------------------------------------------------------------------------------------


_INFO_FIRST = re.compile(
    r'[ ]*(?:\[[ ]*)?\{[ ]*"info":[ ]*(?:\{|"\{)'
    r'|[ ]*\{[ ]*"status":[ ]*\{[ ]*"(?:annotations|attempt|createdAt|image)":'
)


def _reordered(state: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    return _INFO_FIRST, re.compile(rf'"state":[ ]*"{state}_')


def _herald(state: str) -> re.Pattern[str]:
    return re.compile(
        r'[ ]*\{[ ]*"status":[ ]*\{[ ]*"id":[ ]*"[0-9a-f]{64}",[ ]*"metadata":[ ]*\{[^{}]{0,900}\},[ ]*'
        rf'"state":[ ]*"{state}_'
    )


CRICTL_INSPECT = _CrictlInspect(
    name="crictl inspect",
    grammar=partial(load_template, "crictl_inspect"),
    group="facts",
    model=Container,
    claims=lambda argv: arguments(argv, "inspect") is not None,
    herald=_herald("CONTAINER"),
    of_document=partial(_of_document, "container"),
    reordered=_reordered("CONTAINER"),
    yaml_herald=re.compile(r"status:\n[ ]+id: \"?[0-9a-f]{64}\"?\n[ ]+metadata:"),
    withheld=WITHHELD,
    has_pieces=True,
    container_type="container",
)
CRICTL_INSPECTP = _CrictlInspect(
    name="crictl inspectp",
    grammar=partial(load_template, "crictl_inspect"),
    group="facts",
    model=Container,
    claims=lambda argv: arguments(argv, "inspectp") is not None,
    herald=_herald("SANDBOX"),
    of_document=partial(_of_document, "podsandbox"),
    reordered=_reordered("SANDBOX"),
    yaml_herald=re.compile(r"(?!)"),
    withheld=WITHHELD,
    has_pieces=True,
    container_type="podsandbox",
)
