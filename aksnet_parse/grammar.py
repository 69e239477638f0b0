"""Runs a TTP template over text in one pass, and says which line each fact came from and which lines no rule took.

TTP compiles the template, once for each template and process; its line patterns are joined into one alternation that is
matched against every line exactly once. Captured text never reaches TTP: it would open text that names a file.
"""

from __future__ import annotations

import importlib
import logging
import re
import threading
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from .errors import GrammarError
from .records import Line, Source

__all__ = ["Grammar", "Scan", "load_template"]

_LINE_START = "\\n"
_LINE_END = "[\\t ]*(?=\\n|\\r\\n)"
_GROUP_NAME = re.compile(r"\(\?P<([^>]+)>")
_compile_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Rule:
    """One template line: which group it belongs to, whether it opens a record there, and what it captures."""

    group: int
    starts: bool
    names: tuple[str, ...]
    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    name: str
    parent: int | None
    depth: int


@dataclass(slots=True)
class Scan:
    """What one pass found.

    ``records`` maps each top-level group's name to its records in order. A record is a dict of the captured words that
    are not empty, a list for each child group that occurred, and ``source``. ``unmatched`` holds the non-blank lines
    that no rule took, or
    that no open record could take in. ``lines`` counts the non-blank lines.
    """

    records: dict[str, list[dict[str, Any]]]
    unmatched: list[Line] = field(default_factory=list)
    lines: int = 0


class Grammar:
    """A compiled template. Immutable after construction, so one instance serves any number of threads.

    ``template`` is the text of a TTP template: named groups (``name="rows*"``), variables with ``re(...)`` or
    ``ignore(...)`` patterns, and ``_start_``. Raises :class:`GrammarError` for a template that uses more of TTP.
    """

    def __init__(self, template: str) -> None:
        self._groups: list[_Group] = []
        self._rules: dict[str, _Rule] = {}
        patterns: list[str] = []
        offset = 1
        for group, starts, pattern in _ttp_lines(template, self._groups):
            compiled = re.compile(pattern)
            key = f"rule{len(patterns)}"
            names = tuple(compiled.groupindex)
            indexes = tuple(offset + compiled.groupindex[name] for name in names)
            self._rules[key] = _Rule(group, starts, names, indexes)
            patterns.append(f"(?P<{key}>{_GROUP_NAME.sub('(', pattern)})")
            offset += 1 + compiled.groups
        # The last branch takes what no rule took, so that every line is matched once and line numbers are a count.
        self._regex = re.compile(rf"^(?:(?:{'|'.join(patterns)})[\t ]*$|.*)", re.MULTILINE)

    def takes(self, line: str) -> bool:
        """True if some rule matches this one line (without its line end)."""
        match = self._regex.match(line)
        return match is not None and match.lastgroup is not None

    def starts(self, line: str) -> bool:
        """True if a rule that opens a top-level record or a heading matches this one line."""
        match = self._regex.match(line)
        if match is None or match.lastgroup is None:
            return False
        rule = self._rules[match.lastgroup]
        return rule.starts and self._groups[rule.group].depth == 0

    def scan(self, text: str, *, file: str | None = None, first_line: int = 1) -> Scan:
        """Read ``text`` (lines joined by ``\\n``), whose first line is line ``first_line`` of ``file``."""
        groups = self._groups
        rules = self._rules
        scan = Scan({group.name: [] for group in groups if group.parent is None})
        unmatched = scan.unmatched
        open_records: list[dict[str, Any]] = []
        open_groups: list[int] = []
        closed: list[dict[str, Any]] = []
        number = first_line - 1
        blank = 0
        for match in self._regex.finditer(text):
            number += 1
            key = match.lastgroup
            if key is None:
                line = match.group()
                if line and not line.isspace():
                    unmatched.append(Line(file, number, line))
                else:
                    blank += 1
                continue
            rule = rules[key]
            group_index = rule.group
            values = {
                name: value
                for name, value in zip(rule.names, match.group(0, 0, *rule.indexes)[2:], strict=True)
                if value
            }
            if rule.starts:
                group = groups[group_index]
                depth = group.depth
                if depth == 0:
                    scan.records[group.name].append(values)
                elif len(open_groups) >= depth and open_groups[depth - 1] == group.parent:
                    parent = open_records[depth - 1]
                    siblings = parent.get(group.name)
                    if siblings is None:
                        parent[group.name] = [values]
                    else:
                        siblings.append(values)
                else:
                    unmatched.append(Line(file, number, match.group()))
                    continue
                del open_groups[depth:], open_records[depth:]
                open_groups.append(group_index)
                open_records.append(values)
                closed.append(values)
                values["source"] = [number, number]
                for record in open_records[:-1]:
                    record["source"][1] = number
                continue
            if group_index not in open_groups:
                unmatched.append(Line(file, number, match.group()))
                continue
            depth = open_groups.index(group_index)
            record = open_records[depth]
            if not record.keys().isdisjoint(values):
                # A second line of a kind that occurs once: taking it would overwrite the first without a word.
                unmatched.append(Line(file, number, match.group()))
                continue
            record.update(values)
            for record in open_records[: depth + 1]:
                record["source"][1] = number
        for record in closed:
            record["source"] = Source(file, *record["source"])
        scan.lines = number + 1 - first_line - blank
        return scan


@cache
def load_template(name: str) -> Grammar:
    """The grammar of a template that ships with this package, by its file name without ``.ttp``."""
    package = Path(__file__).parent
    # In a wheel the templates lie inside the package; in a checkout (or an editable install) beside it.
    for folder in (package / "templates", package.parent / "templates"):
        path = folder / f"{name}.ttp"
        if path.is_file():
            return compile_template(path.read_text(encoding="utf-8"))
    raise GrammarError(f"template {name}.ttp is missing from the installation")


def compile_template(template: str) -> Grammar:
    """Compile a template; one thread at a time, because TTP's construction is not thread-safe."""
    with _compile_lock:
        return Grammar(template)


def _ttp_lines(template: str, groups: list[_Group]) -> list[tuple[int, bool, str]]:
    """TTP's own line patterns of a template, in order: (index into ``groups``, opens a record, pattern).

    Fills ``groups``. This is the one place that looks into TTP's objects.
    """
    try:
        ttp_object = _construct_ttp(template)
        (parsed,) = ttp_object._templates
        found: list[tuple[int, bool, str]] = []
        for group in parsed.groups:
            _collect(group, None, groups, found)
    except GrammarError:
        raise
    except Exception as error:
        raise GrammarError(
            f"TTP {metadata.version('ttp')} does not build this template as expected: {error}"
        ) from error
    if not found:
        raise GrammarError("the template has no group with a line to match")
    return found


def _construct_ttp(template: str) -> Any:
    # Imported by name: the package hides its module of the same name behind its class.
    ttp_module: Any = importlib.import_module("ttp.ttp")

    class NoCache:
        """Stands in for ``os`` while TTP looks for its pickle cache: loading one would run code of whoever wrote it."""

        def __getattr__(self, name: str) -> Any:
            return getattr(real_os, name)

        def getenv(self, name: str, default: str | None = None) -> str | None:
            return "\0no cache" if name == "TTPCACHEFOLDER" else real_os.getenv(name, default)

    quiet = logging.Logger("aksnet_parse.ttp", level=logging.CRITICAL)
    real_os, real_log, real_logging_config = ttp_module.os, ttp_module.log, ttp_module.logging_config
    ttp_module.os, ttp_module.log = NoCache(), quiet
    ttp_module.logging_config = lambda *_: None
    try:
        # Never short: a template is far longer than any path, so TTP does not take its text for a file name.
        return ttp_module.ttp(template=template)
    finally:
        ttp_module.os, ttp_module.log = real_os, real_log
        ttp_module.logging_config = real_logging_config


def _collect(group: Any, parent: int | None, groups: list[_Group], found: list[tuple[int, bool, str]]) -> None:
    depth = 0 if parent is None else groups[parent].depth + 1
    path = list(group.path)
    name = path[-1]
    if len(path) != depth + 1 or not name.endswith("*"):
        raise GrammarError(f"group {group.name!r}: a group needs a name of one part that ends in '*'")
    if group.end_re or group.funcs or group.outputs or group.runs or group.defaults:
        raise GrammarError(f"group {group.name!r} uses an end line, a function, an output or a default")
    index = len(groups)
    groups.append(_Group(name[:-1], parent, depth))
    for rules, starts in ((group.start_re, True), (group.re, False)):
        for rule in rules:
            pattern = rule["REGEX"].pattern
            if rule["IS_LINE"] or not (pattern.startswith(_LINE_START) and pattern.endswith(_LINE_END)):
                raise GrammarError(f"group {group.name!r}: TTP built an unexpected pattern: {pattern!r}")
            if any(variable.functions for variable in rule["VARIABLES"].values()):
                raise GrammarError(f"group {group.name!r}: only match patterns may stand in a template line")
            found.append((index, starts, pattern[len(_LINE_START) : -len(_LINE_END)]))
    for child in group.children:
        _collect(child, index, groups, found)
