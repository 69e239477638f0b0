"""`docker inspect`: which process, pod and network a container has; whole JSON, a fragment of it, or `--format` output.

Environment, command lines and mounts are never kept: they hold secrets and say nothing about the network.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from typing import Any

from pydantic import Field

from ..commandline import Invocation
from ..grammar import load_template
from ..records import IPAddress, Line, LinkAddress, ParseResult, Record, Source
from .base import Command, build

__all__ = ["DOCKER_INSPECT", "Container"]

_WITHHELD = "(not shown: output of docker inspect can hold secrets)"


class Container(Record):
    """What ``docker inspect`` says of one container, as far as it concerns the network. None: not said.

    ``id``: as much of the id as was given, 64 hex digits in full. ``pid``: process id on the host, None also for a
    container that does not run. ``network_mode``: ``bridge``, ``none``, ``host``, ``container:ID``, or a network's
    name. ``sandbox_key``: path of its network namespace. ``ip_address``, ``prefixlen``, ``mac_address``: as Docker's
    own
    network gave them; None under Kubernetes. ``pod_*``, ``container_name``, ``container_type`` (``podsandbox`` or
    ``container``), ``sandbox_id``: from the kubelet's labels, or from the name the kubelet gives
    (``k8s_<container>_<pod>_<namespace>_<uid>_<attempt>``).
    """

    id: str | None = Field(default=None, pattern=r"^[0-9a-f]{4,64}$")
    name: str | None = None
    pid: int | None = None
    network_mode: str | None = None
    sandbox_key: str | None = None
    ip_address: IPAddress | None = None
    prefixlen: int | None = Field(default=None, ge=0, le=128)
    mac_address: LinkAddress | None = None
    pod_name: str | None = None
    pod_namespace: str | None = None
    pod_uid: str | None = None
    container_name: str | None = None
    container_type: str | None = None
    sandbox_id: str | None = None


# --- one container, from wherever its facts were read -----------------------------------------------------------------

_LABELS = {
    "pod.name": "pod_name",
    "pod.namespace": "pod_namespace",
    "pod.uid": "pod_uid",
    "container.name": "container_name",
    "docker.type": "container_type",
    "sandbox.id": "sandbox_id",
}
_KUBELET_NAME = re.compile(r"k8s_(?P<container>[^_]+)_(?P<pod>[^_]+)_(?P<namespace>[^_]+)_(?P<uid>[^_]+)_[0-9]+")


def _row(facts: dict[str, Any], source: Source) -> dict[str, Any]:
    row = {name: value for name, value in facts.items() if value not in (None, "")}
    if row.get("pid") in (0, "0"):
        del row["pid"]
    name = _KUBELET_NAME.fullmatch(row.get("name", ""))
    if name is not None:
        sandbox = name["container"] == "POD"
        row.setdefault("container_type", "podsandbox" if sandbox else "container")
        if not sandbox:
            row.setdefault("container_name", name["container"])
        row.setdefault("pod_name", name["pod"])
        row.setdefault("pod_namespace", name["namespace"])
        row.setdefault("pod_uid", name["uid"])
    row["source"] = source
    return row


def _at(value: Any, *path: str) -> Any:
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def _text_at(value: Any, *path: str) -> str | None:
    found = _at(value, *path)
    return found if isinstance(found, str) and found else None


def _facts_of_json(container: dict[str, Any]) -> dict[str, Any]:
    networks = _at(container, "NetworkSettings", "Networks")
    endpoints = (
        [endpoint for endpoint in networks.values() if isinstance(endpoint, dict)] if isinstance(networks, dict) else []
    )
    network = next((endpoint for endpoint in endpoints if endpoint.get("IPAddress")), _at(container, "NetworkSettings"))
    facts: dict[str, Any] = {
        "id": _text_at(container, "Id"),
        "name": (_text_at(container, "Name") or "").removeprefix("/"),
        "pid": _at(container, "State", "Pid"),
        "network_mode": _text_at(container, "HostConfig", "NetworkMode"),
        "sandbox_key": _text_at(container, "NetworkSettings", "SandboxKey"),
        "ip_address": _text_at(network, "IPAddress"),
        "prefixlen": (_at(network, "IPPrefixLen") or None) if _text_at(network, "IPAddress") else None,
        "mac_address": _text_at(network, "MacAddress"),
    }
    labels = _at(container, "Config", "Labels")
    for label, field in _LABELS.items():
        facts[field] = _text_at(labels, f"io.kubernetes.{label}")
    return facts


# --- the three forms of output ----------------------------------------------------------------------------------------

_QUOTES = str.maketrans("“”„‟", '""""')
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|"[^\n]*|[{}\[\],:]|[^\s"{}\[\],:]+')
_JSON_MEMBER = re.compile(r'[ ]*(?:"[^"]{1,200}":|[{}\[\]]+,?$|"[^"]*",?$)')
_JSON_LINE = re.compile(r'[ ]*["{}\[\]]')


def _reflow(line: str) -> Iterator[str]:
    """One ``"key": value`` a line, as Docker prints JSON, out of a line that may hold a whole document."""
    if _JSON_LINE.match(line) is None:
        yield line
        return
    buffer: list[str] = []
    for token in _TOKEN.findall(line):
        if token == ":":
            buffer.append(": ")
        elif token in {"}", "]"}:
            if buffer:
                yield "".join(buffer)
            buffer = [token]
        else:
            buffer.append(token)
            if token in {",", "{", "["}:
                yield "".join(buffer)
                buffer = []
    if buffer:
        yield "".join(buffer)


_FIELDS = {
    "Id": "id",
    "ID": "id",
    "Name": "name",
    "State.Pid": "pid",
    "HostConfig.NetworkMode": "network_mode",
    "NetworkSettings.SandboxKey": "sandbox_key",
    "NetworkSettings.IPAddress": "ip_address",
    "NetworkSettings.IPPrefixLen": "prefixlen",
    "NetworkSettings.MacAddress": "mac_address",
    "IPAddress": "ip_address",
    "IPPrefixLen": "prefixlen",
    "MacAddress": "mac_address",
}
_ACTION = re.compile(r"\{\{-?\s*(?:(?P<keyword>range|end|with|println|json)\b)?\s*\$?(?P<field>\.[\w.]+)?\s*-?\}\}")


@lru_cache(maxsize=64)
def _format_pattern(template: str) -> re.Pattern[str] | None:
    """A pattern for the lines a Go template prints; None for a template that does more than name fields."""
    pattern = ""
    position = 0
    seen: set[str] = set()
    for action in re.finditer(r"\{\{.*?\}\}", template):
        pattern += re.escape(template[position : action.start()])
        position = action.end()
        match = _ACTION.fullmatch(action.group())
        if match is None:
            return None
        if match["keyword"] in {"range", "end", "with"}:
            continue
        if match["field"] is None:
            return None
        field = _FIELDS.get(match["field"][1:])
        if field is None or field in seen:
            pattern += r".*?"
        else:
            seen.add(field)
            pattern += rf'"?/?(?P<{field}>[^\s"]*)"?'
    return re.compile(rf"\s*{pattern}{re.escape(template[position:])}\s*")


def _call(argv: tuple[str, ...]) -> tuple[str | None, list[str]]:
    """(value of --format or None, the containers asked for) of a ``docker inspect`` call."""
    template: str | None = None
    names: list[str] = []
    rest = iter(argv[argv.index("inspect") + 1 :] if "inspect" in argv else ())
    for word in rest:
        if word in {"-f", "--format"}:
            template = next(rest, "")
        elif word.startswith(("--format=", "-f=")):
            template = word.partition("=")[2]
        elif word == "--type":
            next(rest, None)
        elif not word.startswith("-"):
            names.append(word)
    return template, names


class _DockerInspect(Command[Container]):
    def begins(self, lines: Sequence[str], index: int) -> bool:
        if self.herald.match(lines[index]):
            return True
        if lines[index].strip() not in {"[", "{", "[{"}:
            return False
        for line in lines[index + 1 : index + 6]:
            if line.strip() not in {"", "{"}:
                return self.herald.match(line) is not None
        return False

    def takes(self, line: str, invocation: Invocation | None) -> bool:
        template = _call(invocation.argv)[0] if invocation is not None else None
        if template is not None:
            pattern = _format_pattern(template)
            return pattern is not None and pattern.fullmatch(line) is not None
        return self.grammar().takes(line.translate(_QUOTES)) or _JSON_LINE.match(line.translate(_QUOTES)) is not None

    def follows(self, line: str, invocation: Invocation | None) -> bool:
        return _JSON_MEMBER.match(line.translate(_QUOTES)) is not None

    def parse_lines(
        self,
        lines: Sequence[str],
        *,
        file: str | None = None,
        first_line: int = 1,
        invocation: Invocation | None = None,
    ) -> ParseResult[Container]:
        template, names = _call(invocation.argv) if invocation is not None else (None, [])
        if template is not None:
            rows, unparsed = _read_formatted(lines, template, file, first_line)
        else:
            rows, unparsed = self._read_json(lines, file, first_line)
        if len(rows) == len(names):
            for row, name in zip(rows, names, strict=True):
                if re.fullmatch(r"[0-9a-f]{4,64}", name):
                    row.setdefault("id", name)
                elif name != "$()":
                    row.setdefault("name", name)
        records, refused = build(Container, rows)
        unparsed.extend(Line(file, source.first_line, _WITHHELD) for source in refused)
        unparsed.sort(key=lambda line: line.line)
        return ParseResult(records, unparsed, sum(1 for line in lines if line.strip()))

    def _read_json(
        self, lines: Sequence[str], file: str | None, first_line: int
    ) -> tuple[list[dict[str, Any]], list[Line]]:
        """Whole containers first, each by itself, so that a cut-off paste still gives those before the cut."""
        text = "\n".join(lines).translate(_QUOTES)
        decoder = json.JSONDecoder()
        rows: list[dict[str, Any]] = []
        position, number = 0, first_line
        while True:
            skipped = re.compile(r"[\s\[\],]*").match(text, position)
            start = skipped.end() if skipped is not None else position
            if not text.startswith("{", start):
                break
            try:
                value, end = decoder.raw_decode(text, start)
            except (ValueError, RecursionError):
                break
            number += text.count("\n", position, start)
            last = number + text.count("\n", start, end)
            # Images, networks and volumes can be inspected too; only a container has a state.
            if isinstance(value, dict) and isinstance(value.get("State"), dict):
                rows.append(_row(_facts_of_json(value), Source(file, number, last)))
            position, number = end, last
        fragment = text[position:].split("\n")
        if position:
            fragment[0] = fragment[0].lstrip(" ,")
        more, unparsed = self._read_fragment(fragment, file, number)
        return rows + more, unparsed

    def _read_fragment(
        self, lines: Sequence[str], file: str | None, first_line: int
    ) -> tuple[list[dict[str, Any]], list[Line]]:
        flowed: list[str] = []
        numbers: list[int] = []
        for number, line in enumerate(lines, first_line):
            for piece in _reflow(line):
                flowed.append(piece)
                numbers.append(number)
        scan = self.grammar().scan("\n".join(flowed))
        rows: list[dict[str, Any]] = []
        facts: dict[str, Any] = {}
        first = last = first_line
        for fact in scan.records[self.group]:
            number = numbers[fact.pop("source").first_line - 1]
            if "label" in fact:
                field = _LABELS.get(fact["label"])
                if field is None:
                    continue
                fact = {field: fact["label_value"]}
            # Docker prints Id, Pid and Name once for each container and in this order; any of them again is the next.
            if facts and ("id" in fact or any(name in facts for name in fact if name in {"pid", "name"})):
                rows.append(_row(facts, Source(file, first, last)))
                facts = {}
            if not facts:
                first = number
            last = number
            for name, value in fact.items():
                facts.setdefault(name, value)
        if facts:
            rows.append(_row(facts, Source(file, first, last)))
        unparsed = [
            Line(file, number, _WITHHELD) for number in sorted({numbers[line.line - 1] for line in scan.unmatched})
        ]
        return rows, unparsed


def _read_formatted(
    lines: Sequence[str], template: str, file: str | None, first_line: int
) -> tuple[list[dict[str, Any]], list[Line]]:
    pattern = _format_pattern(template)
    rows: list[dict[str, Any]] = []
    unparsed: list[Line] = []
    for number, line in enumerate(lines, first_line):
        if not line.strip():
            continue
        match = pattern.fullmatch(line) if pattern is not None else None
        if match is None:
            unparsed.append(Line(file, number, _WITHHELD))
        elif match.groupdict():
            rows.append(_row(match.groupdict(), Source(file, number, number)))
    return rows, unparsed


def _claims(argv: tuple[str, ...]) -> bool:
    if argv[0] not in {"docker", "podman", "nerdctl"} or "inspect" not in argv:
        return False
    before = [word for word in argv[1 : argv.index("inspect")] if not word.startswith("-")]
    return before in ([], ["container"])


DOCKER_INSPECT = _DockerInspect(
    name="docker inspect",
    grammar=partial(load_template, "docker_inspect"),
    group="facts",
    model=Container,
    claims=_claims,
    herald=re.compile(r'[ ]*(?:\[?\{)?[ ]*["“”](?:Id|Pid|SandboxKey|NetworkMode)["“”]:[ ]*["“”]?[0-9a-f/]'),
)
