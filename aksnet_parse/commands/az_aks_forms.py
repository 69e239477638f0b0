"""What `az aks show` prints in another form than JSON: as YAML, as a table, or only the field that was asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..yaml_form import UnreadableYaml, looks_like_yaml, read_yaml

__all__ = ["AnswerForm", "Answers", "form_of"]

_QUERY = re.compile(r"(?:\[[0-9]*\]\.)?(?:properties\.)?networkProfile(?:\.(?P<field>\w{1,40}))?")
_WORDS = re.compile(r"(?:azure|kubenet|cilium|calico|overlay|none)", re.I)
_CIDR = re.compile(r"[0-9a-fA-F.:]{2,45}/[0-9]{1,3}")
_ADDRESS = re.compile(r"[0-9a-fA-F.:]{2,45}")
_LOOKS = {
    **dict.fromkeys(("networkPlugin", "networkPluginMode", "networkPolicy", "networkDataplane"), _WORDS),
    **dict.fromkeys(("podCidr", "serviceCidr"), _CIDR),
    **dict.fromkeys(("dnsServiceIp", "dnsServiceIP"), _ADDRESS),
}
_RULE = re.compile(r"[ ]*-{2,}(?:[ ]+-{2,})*")
_CELLS = re.compile(r"[ ]*\S+(?:[ ]{2,}\S+)*")
_FIELD_OF_YAML = re.compile(
    r"[ ]*(?:networkProfile|network(?:Plugin|PluginMode|Policy|Dataplane|Mode)|(?:pod|service)Cidrs?):"
)


@dataclass(slots=True)
class Answers:
    """What was read: objects, each with its first and last line (from 0), and the lines that were not understood."""

    found: list[tuple[dict[str, Any], int, int]] = field(default_factory=list)
    lost: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """``kind``: ``yaml``, ``table`` or ``field``; ``name``: of the field."""

    kind: str
    name: str = ""

    def takes(self, line: str) -> bool:
        """True if ``line`` can be one of the answer."""
        if self.kind == "yaml":
            return line.startswith(" ") or looks_like_yaml(line)
        if self.kind == "table":
            return _RULE.fullmatch(line) is not None or _CELLS.fullmatch(line) is not None
        return _LOOKS[self.name].fullmatch(line.strip().strip('"')) is not None

    def follows(self, line: str) -> bool:
        """True if ``line`` goes on with the answer after a blank line."""
        if self.kind == "yaml":
            return _FIELD_OF_YAML.match(line) is not None
        return self.kind == "field" and self.takes(line)

    def read(self, lines: Sequence[str]) -> Answers:
        """The objects that ``lines`` say; a field is an object with this one member."""
        if self.kind == "yaml":
            return _of_yaml(lines)
        if self.kind == "table":
            return _of_table(lines)
        answers = Answers()
        for number, line in enumerate(lines):
            if line.strip() and self.takes(line):
                answers.found.append(({self.name: line.strip().strip('"')}, number, number))
            elif line.strip():
                answers.lost.add(number)
        return answers


def form_of(output: str, query: str | None) -> AnswerForm | None:
    """How a call with these values of ``--output`` and ``--query`` answers; None if in JSON or in a way that does not
    say which value is which."""
    asked = _QUERY.fullmatch(query.strip()) if query is not None else None
    if asked is not None and asked["field"] is not None:
        known = asked["field"] in _LOOKS and output in {"json", "jsonc", "tsv", "yaml", "yamlc"}
        return AnswerForm("field", asked["field"]) if known else None
    if output in {"yaml", "yamlc"}:
        return AnswerForm("yaml")
    return AnswerForm("table") if output == "table" and asked is not None else None


def _of_yaml(lines: Sequence[str]) -> Answers:
    answers = Answers()
    try:
        for value, spans in read_yaml(lines):
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict):
                    answers.found.append((item, *spans[id(item)]))
    except UnreadableYaml:
        known = answers.found[-1][2] + 1 if answers.found else 0
        answers.lost.update(range(known, len(lines)))
    return answers


def _of_table(lines: Sequence[str]) -> Answers:
    answers = Answers()
    columns: list[tuple[str, int, int]] = []
    for number, line in enumerate(lines):
        rule = lines[number + 1] if number + 1 < len(lines) else ""
        if _RULE.fullmatch(rule):
            # az makes names of columns out of those of the fields.
            spans = [match.span() for match in re.finditer(r"-+", rule)]
            columns = [(_field(line[start:end].strip()), start, end) for start, end in spans]
        elif _RULE.fullmatch(line) or not line.strip():
            continue
        elif columns:
            answers.found.append(({name: line[start:end].strip() for name, start, end in columns}, number, number))
        else:
            answers.lost.add(number)
    return answers


def _field(heading: str) -> str:
    return heading[:1].lower() + heading[1:]
