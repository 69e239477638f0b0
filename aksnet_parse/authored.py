"""Code that an author shows: manifests, pipelines, Terraform and Bicep. What stands in it was typed, not printed."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from .dressing import is_fence

__all__ = ["authored_lines"]

# None of the blocks below is in a text without one of these.
_MARKS = ("apiVersion:", "#cloud-config", ": |", ": >", "{")

# What Kubernetes and cloud-init read: YAML from here on.
_YAML = re.compile(r"(?P<indent>[ ]*)(?:(?:- )?apiVersion: ?[\w./\"'-]+$|#cloud-config$)")
# A line of it that is not further in. Keys begin in lower case; the names of interfaces are followed by flags.
_MEMBER = re.compile(r"(?:- |-$|#|---|\.\.\.$|[\"']?[a-z][\w./-]*[\"']?:(?! flags=)(?: |$))")
# Scripts in the files of pipelines and of configuration tools.
_SCRIPT = re.compile(
    r"(?P<before>[ ]*(?:- )*)(?:run|script|scripts|bash|pwsh|powershell|shell|cmd|command|args|inline|inlineScript"
    r"|before_script|after_script|user_data|user-data|userData|customData|scriptContent): [|>][-+0-9]{0,2}$"
)
_BLOCK = re.compile(
    r"(?:resource|data|module|provider|provisioner|variable|locals|output|terraform|param|var)\b"
    r"(?:[ ]+[\w.@/:\"'-]+){0,3}[ ]*(?:=[ ]*)?(?:if[ ]?\([^)]*\)[ ]*)?\{$"
)
_BLOCK_END = "}"


def authored_lines(lines: Sequence[str], text: str) -> frozenset[int]:
    """The numbers (from 0) of the ``lines`` of such code; ``text``: what they were made of."""
    if not any(mark in text for mark in _MARKS):
        return frozenset()
    ends = [number for number, line in enumerate(lines) if line == _BLOCK_END or is_fence(line)]
    found: set[int] = set()
    end = 0
    for number, line in enumerate(lines):
        if number < end:
            continue
        end = _end(lines, number, line, ends)
        found.update(range(number, end))
    return frozenset(found)


def _end(lines: Sequence[str], number: int, line: str, ends: Sequence[int]) -> int:
    """The line after the block that begins at line ``number``; ``number`` if none does."""
    if line.endswith("{") and _BLOCK.match(line) is not None:
        place = bisect_right(ends, number)
        # Where no brace closes it, nothing is known to be in it.
        return ends[place] if place < len(ends) else number
    if line.endswith(("|", ">", "-", "+")) and (script := _SCRIPT.match(line)) is not None:
        return _last(number, _deeper(lines, number, len(script["before"]))) + 1
    if ("apiVersion" in line or line.endswith("#cloud-config")) and (yaml := _YAML.match(line)) is not None:
        return _last(number, _yaml(lines, number, len(yaml["indent"]))) + 1
    return number


def _last(number: int, numbers: Iterator[int]) -> int:
    return max(numbers, default=number)


def _deeper(lines: Sequence[str], number: int, indent: int) -> Iterator[int]:
    """The lines after line ``number`` that are further in than ``indent``."""
    for following in range(number + 1, len(lines)):
        line = lines[following]
        if line:
            if _indent(line) <= indent or is_fence(line):
                return
            yield following


def _yaml(lines: Sequence[str], number: int, indent: int) -> Iterator[int]:
    for following in range(number + 1, len(lines)):
        line = lines[following]
        if line:
            inside = _indent(line) - indent
            if inside < 0 or is_fence(line) or (inside == 0 and _MEMBER.match(line, indent) is None):
                return
            yield following


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
