"""`docker inspect`: which process, pod and network a container has; whole JSON, a fragment of it, or `--format` output.

Environment, command lines and mounts are never kept: they hold secrets and say nothing about the network.
"""

from __future__ import annotations

import json
import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from ..commandline import Invocation
from ..dressing import is_cut_mark
from ..grammar import load_template
from ..json_values import text_at, value_at
from ..masking import masked_keys
from ..records import Line, ParseResult, Source
from .base import Command, build
from .containers import LABELS, Container, container_row

__all__ = ["DOCKER_INSPECT", "reflow", "straighten"]

_WITHHELD = "(not shown: output of docker inspect can hold secrets)"


# --- the facts of one container ---------------------------------------------------------------------------------------


def _number_at(value: Any, *path: str) -> int | None:
    found = value_at(value, *path)
    return found if type(found) is int else None


def _facts_of_json(container: dict[str, Any]) -> dict[str, Any]:
    networks = value_at(container, "NetworkSettings", "Networks")
    endpoints = (
        [endpoint for endpoint in networks.values() if isinstance(endpoint, dict)] if isinstance(networks, dict) else []
    )
    network = next(
        (endpoint for endpoint in endpoints if endpoint.get("IPAddress")), value_at(container, "NetworkSettings")
    )
    facts: dict[str, Any] = {
        "id": text_at(container, "Id"),
        "name": (text_at(container, "Name") or "").removeprefix("/"),
        "pid": _number_at(container, "State", "Pid"),
        "state": text_at(container, "State", "Status"),
        "network_mode": text_at(container, "HostConfig", "NetworkMode"),
        "sandbox_key": text_at(container, "NetworkSettings", "SandboxKey"),
        "ip_address": text_at(network, "IPAddress"),
        "prefixlen": _number_at(network, "IPPrefixLen") if text_at(network, "IPAddress") else None,
        "mac_address": text_at(network, "MacAddress"),
    }
    labels = value_at(container, "Config", "Labels")
    for label, field in LABELS.items():
        facts[field] = text_at(labels, f"io.kubernetes.{label}")
    return facts


# --- the three forms of output ----------------------------------------------------------------------------------------

_CURLY_QUOTES = str.maketrans("“”„‟", '""""')


def straighten(line: str) -> str:
    """A line with the quotes it was printed with: where straight ones stand, the curly ones are text."""
    return line if '"' in line else line.translate(_CURLY_QUOTES)


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|"[^\n]*|[{}\[\],:]|[^\s"{}\[\],:]+')
_JSON_MEMBER = re.compile(r'[ ]*(?:"[^"]{1,200}":|[{}\[\]]+,?$|"[^"]*",?$)')
_JSON_LINE = re.compile(r'[ ]*["{}\[\]]')


def reflow(line: str) -> Iterator[str]:
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
    "State.Status": "state",
    "HostConfig.NetworkMode": "network_mode",
    "NetworkSettings.SandboxKey": "sandbox_key",
    "NetworkSettings.IPAddress": "ip_address",
    "NetworkSettings.IPPrefixLen": "prefixlen",
    "NetworkSettings.MacAddress": "mac_address",
    "IPAddress": "ip_address",
    "IPPrefixLen": "prefixlen",
    "MacAddress": "mac_address",
}
# What may stand between the braces: braces themselves only in quoted text, which none of these has.
_ACTION = re.compile(r"\{\{([^{}]*+)\}\}")
_CONTROL = re.compile(r"-?\s*(?:range|with|end)\b.*", re.S)
_VALUE = re.compile(r"-?\s*(?:(?:println|json)\s+)?(?:\$\w*)?(\.[\w.]*)\s*-?")


@dataclass(frozen=True, slots=True)
class _Format:
    """What a ``--format`` template prints: ``texts`` around ``fields``, of which None is one not known here."""

    texts: tuple[str, ...]
    fields: tuple[str | None, ...]

    def values(self, line: str) -> tuple[str, ...] | None:
        """The word each field left in the line, in order; None if the line is not, or not surely, of this format."""
        line = _one_blank(line)
        first, *between, last = self.texts
        if not (line.startswith(first) and line.endswith(last) and len(line) >= len(first) + len(last)):
            return None
        rest = line[len(first) : len(line) - len(last)]
        # Each text is looked for once from either side. If that gives two readings, neither is sure.
        from_left: list[str] = []
        start = 0
        for text in between:
            found = rest.find(text, start)
            if found < 0:
                return None
            from_left.append(rest[start:found])
            start = found + len(text)
        from_right: list[str] = []
        end = len(rest)
        for text in reversed(between):
            found = rest.rfind(text, 0, end)
            from_right.append(rest[found + len(text) : end])
            end = found
        readings = [(*from_left, rest[start:]), (rest[:end], *reversed(from_right))]
        fitting = {reading for reading in readings if self._fits(reading)}
        return fitting.pop() if len(fitting) == 1 else None

    def _fits(self, values: tuple[str, ...]) -> bool:
        return all(
            _WORDS.get(field, _WORD).fullmatch(value.strip('"'))
            for field, value in zip(self.fields, values, strict=True)
            if field is not None
        )


_WORD = re.compile(r'[^\s"]*+')
_WORDS = {"id": re.compile(r"[0-9a-f]*+"), "pid": re.compile(r"[0-9]++"), "prefixlen": re.compile(r"[0-9]*+")}


def _one_blank(text: str) -> str:
    return " ".join(text.split())


@lru_cache(maxsize=64)
def _format(template: str) -> _Format | None:
    """None for a template that does more than name fields, with text between each two of them."""
    pieces = _ACTION.split(_one_blank(template))
    texts = [pieces[0]]
    fields: list[str | None] = []
    for action, text in zip(pieces[1::2], pieces[2::2], strict=True):
        if _CONTROL.fullmatch(action):
            texts[-1] += text
            continue
        value = _VALUE.fullmatch(action)
        if value is None:
            return None
        field = _FIELDS.get(value[1][1:])
        fields.append(None if field in fields else field)
        texts.append(text)
    if not fields or "" in texts[1:-1] or any("{{" in text for text in texts):
        return None
    return _Format(tuple(texts), tuple(fields))


_WHOLE = re.compile(r"\s*\{\{\s*json\s+\.\s*\}\}\s*")


def _call(argv: tuple[str, ...]) -> tuple[str | None, list[str]]:
    """(value of --format, the containers asked for) of a ``docker inspect`` call. None: it prints JSON."""
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
    return None if template is not None and _WHOLE.fullmatch(template) else template, names


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

    def restarts(self, line: str, lines: Sequence[str]) -> bool:
        # Only what surrounds all containers of one call is an array in which an object with an id begins.
        return line.lstrip().startswith("[") and any(earlier.strip() for earlier in lines)

    def mixes_text_and_json(self) -> bool:
        return True

    def takes(self, line: str, invocation: Invocation | None) -> bool:
        template = _call(invocation.argv)[0] if invocation is not None else None
        if template is not None:
            form = _format(template)
            return form is not None and form.values(line) is not None
        line = straighten(line)
        return self.grammar().takes(line) or _JSON_LINE.match(line) is not None

    def follows(self, line: str, invocation: Invocation | None) -> bool:
        template = _call(invocation.argv)[0] if invocation is not None else None
        if template is not None:
            # Any word may be a name, but hardly any line has a number where the PID stands.
            form = _format(template)
            return form is not None and "pid" in form.fields and form.values(line) is not None
        return _JSON_MEMBER.match(straighten(line)) is not None

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
            rows, unparsed, past = _read_formatted(lines, template, file, first_line)
        else:
            rows, unparsed, past = self._read_json(lines, file, first_line)
        if len(rows) == len(names):
            for row, name in zip(rows, names, strict=True):
                if re.fullmatch(r"[0-9a-f]{4,64}", name):
                    row.setdefault("id", name)
                elif _NAME.fullmatch(name):
                    row.setdefault("name", name)
        records, refused = build(Container, rows)
        for source in refused:
            unparsed.update(range(source.first_line, source.last_line + 1))
        shown = {number for number, line in enumerate(lines, first_line) if line.strip()}
        marks = {number for number in shown if is_cut_mark(lines[number - first_line])}
        unparsed &= shown - marks
        kept = {number for row in rows for number in range(row["source"].first_line, row["source"].last_line + 1)}
        return ParseResult(
            records,
            [Line(file, number, masked_keys(lines[number - first_line], _WITHHELD)) for number in sorted(unparsed)],
            len(shown),
            [Line(file, number, _WITHHELD) for number in sorted((past & shown | marks) - kept - unparsed)],
        )

    def _read_json(
        self, lines: Sequence[str], file: str | None, first_line: int
    ) -> tuple[list[dict[str, Any]], set[int], set[int]]:
        """Rows, the numbers of the lines not understood, and those of the lines that say nothing of the network.

        Whole containers first, each by itself, so that a cut-off paste still gives those before the cut.
        """
        text = "\n".join(map(straighten, lines))
        decoder = json.JSONDecoder()
        rows: list[dict[str, Any]] = []
        past = {number for number, line in enumerate(lines, first_line) if _BARE.fullmatch(line)}
        position, number = 0, first_line
        while True:
            between = _BETWEEN.match(text, position)
            start = between.end() if between is not None else position
            if not text.startswith("{", start):
                break
            try:
                value, end = decoder.raw_decode(text, start)
            except (ValueError, RecursionError):
                break
            number += text.count("\n", position, start)
            last = number + text.count("\n", start, end)
            # Images, networks and volumes can be inspected too; only a container has a state.
            if isinstance(value.get("State"), dict):
                rows.append(container_row(_facts_of_json(value), Source(file, number, last)))
            else:
                past.update(range(number, last + 1))
            position, number = end, last
        fragment = text[position:].split("\n")
        if position:
            fragment[0] = fragment[0].lstrip(" ,")
        more, unparsed, beside = self._read_fragment(fragment, file, number)
        return rows + more, unparsed, past | beside

    def _read_fragment(
        self, lines: Sequence[str], file: str | None, first_line: int
    ) -> tuple[list[dict[str, Any]], set[int], set[int]]:
        flowed: list[str] = []
        numbers: list[int] = []
        for number, line in enumerate(lines, first_line):
            for piece in reflow(line):
                flowed.append(piece)
                numbers.append(number)
        if any(piece.endswith((",", "{", "[")) for piece in flowed):
            # Where the commas were kept, a last number without one was cut, and is not the number that was there.
            flowed[-1] = flowed[-1].rstrip(" 0123456789") or flowed[-1].strip()[:1]
        scan = self.grammar().scan("\n".join(flowed))
        unparsed = {numbers[line.line - 1] for line in scan.unmatched}
        past = {numbers[row["source"].first_line - 1] for row in scan.records["unkept"]}
        rows: list[dict[str, Any]] = []
        facts: dict[str, Any] = {}
        first = last = first_line
        beginnings = _beginnings(flowed)
        passed = 0  # of those
        for found in scan.records[self.group]:
            place = found["source"].first_line - 1
            number = numbers[place]
            begun = bisect(beginnings, place)
            if facts and begun > passed:
                rows.append(container_row(facts, Source(file, first, last)))
                facts = {}
            passed = begun
            fact = {name: value for name, value in found.items() if name != "source"}
            if "label" in fact:
                field = LABELS.get(fact["label"])
                if field is None:
                    past.add(number)
                    continue
                fact = {field: fact["label_value"]}
            ((name, value),) = fact.items()
            if name in facts and name in _OF_EACH_NETWORK:
                (past if value == facts[name] else unparsed).add(number)
                continue
            # What Docker prints before, or only once for each container, is of the next one. Keys may have been sorted.
            if facts and (name in facts or (not passed and _rank(name) < max(map(_rank, facts)))):
                rows.append(container_row(facts, Source(file, first, last)))
                facts = {}
            if not facts:
                first = number
            last = number
            facts[name] = value
        if facts:
            rows.append(container_row(facts, Source(file, first, last)))
        return rows, unparsed, past


def _beginnings(pieces: Sequence[str]) -> list[int]:
    """Which of ``pieces`` of JSON, one member each, open the object of a container: those in the outermost list."""
    found: list[int] = []
    depth = outermost = 0
    for number, piece in enumerate(pieces):
        if piece.startswith("}"):
            depth -= 1
            outermost = min(outermost, depth)
        if piece.strip() == "{" and depth <= outermost:
            found.append(number)
        depth += piece.endswith("{")
    return found


# What Docker lets a container be called; no variable of the shell and no <container> of a how-to is.
_NAME = re.compile(r"[a-zA-Z0-9][\w.-]+", re.A)
_BARE = re.compile(r"[\s\[\]{},]*")
_BETWEEN = re.compile(r"[\s\[\],]*+")
_OF_EACH_NETWORK = frozenset({"ip_address", "prefixlen", "mac_address"})
_FIRST = ("id", "pid", "name")


def _rank(field: str) -> int:
    """Docker prints the id, the PID and the name in this order, and before all else that is read here."""
    return _FIRST.index(field) if field in _FIRST else len(_FIRST)


def _read_formatted(
    lines: Sequence[str], template: str, file: str | None, first_line: int
) -> tuple[list[dict[str, Any]], set[int], set[int]]:
    form = _format(template)
    rows: list[dict[str, Any]] = []
    unparsed: set[int] = set()
    past: set[int] = set()
    for number, line in enumerate(lines, first_line):
        values = form.values(line) if form is not None else None
        if form is None or values is None:
            unparsed.add(number)
            continue
        words = {field: value.strip('"') for field, value in zip(form.fields, values, strict=True) if field}
        if "name" in words:
            words["name"] = words["name"].removeprefix("/")
        if words and line.strip():
            rows.append(container_row(words, Source(file, number, number)))
        else:
            past.add(number)
    return rows, unparsed, past


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
    herald=re.compile(
        r'[ ]*+(?:\[?\{[ ]*+)?+["“”](?:Id["“”]:[ ]*["“”](?:sha256:)?[0-9a-f]{12}|Pid["“”]:[ ]*[0-9]'
        r'|SandboxKey["“”]:[ ]*["“”][/0-9a-f]|NetworkMode["“”]:[ ]*["“”]?[0-9a-f/]'
        r'|AppArmorProfile["“”]:)'
    ),
)
