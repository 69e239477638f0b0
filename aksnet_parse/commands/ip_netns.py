"""`ip netns` and `ip netns list-id`: the names that network namespaces have on a machine, and their numbers there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from pydantic import AliasChoices, Field

from ..commandline import Invocation
from ..grammar import Scan, load_template
from ..json_form import is_json_line
from ..records import Record, Source
from .base import Command
from .ip_addr import LISTING, ip_arguments

__all__ = ["IP_NETNS", "NamedNamespace"]


class NamedNamespace(Record):
    """A network namespace by its name, its number, or both; field names as in ``ip -j netns``.

    ``name``: of its file in /var/run/netns, None if ``list-id`` knows none. ``id``: the number by which the namespace
    of the capture calls it, as in ``link-netnsid``; ``nsid`` in the words of ``list-id``. None: it has no number there.
    ``current_nsid``: with ``target-nsid``, the number in the namespace where ``ip`` ran.
    """

    name: str | None = None
    id: int | None = Field(default=None, ge=0)
    current_nsid: int | None = Field(
        default=None,
        ge=0,
        validation_alias=AliasChoices("current-nsid", "current_nsid"),
        serialization_alias="current-nsid",
    )


_NO_NUMBER = frozenset({"-1", "unassigned", -1})


def _without_no_numbers(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if not (key.endswith(("id", "nsid")) and value in _NO_NUMBER)}


def _from_json(entry: dict[str, Any], source: Source) -> dict[str, Any] | None:
    if entry.keys().isdisjoint({"name", "nsid"}) or any(isinstance(value, dict | list) for value in entry.values()):
        return None
    row = {("id" if key == "nsid" else key): value for key, value in entry.items()}
    return {**_without_no_numbers(row), "source": source}


# --- the command ------------------------------------------------------------------------------------------------------

_OBJECT = re.compile(r"netns?|net|ne")
_LIST_ID = re.compile(r"list-(?:i(?:d)?)?")
# What only a program gives: no word of a sentence looks like it.
_MARKED = re.compile(r"[ ]*(?:\S+ +\(id: *-?[0-9]+\)|nsid [0-9u]|(?:cni|qrouter|qdhcp|netns)-[\w-]+$)")


class _IpNetns(Command[NamedNamespace]):
    def takes(self, line: str, invocation: Invocation | None) -> bool:
        # Any word can be a name; without the command line it needs a mark.
        if invocation is None and _MARKED.match(line) is None and not is_json_line(line):
            return False
        return super().takes(line, invocation)

    def follows(self, line: str, invocation: Invocation | None) -> bool:
        return super().takes(line, invocation) and (_MARKED.match(line) is not None or '"' in line)

    def refine(self, scan: Scan) -> list[Source]:
        rows = scan.records[self.group]
        rows[:] = [_without_no_numbers(row) for row in rows]
        return []

    def is_partial(self, argv: tuple[str, ...]) -> bool:
        # By numbers there are only those that have one.
        return any(map(_LIST_ID.fullmatch, ip_arguments(argv)[1:2]))

    def answers_when_silent(self) -> bool:
        return True


def _claims(argv: tuple[str, ...]) -> bool:
    words: Sequence[str] = ip_arguments(argv) if argv[0] == "ip" else ()
    if not words or _OBJECT.fullmatch(words[0]) is None or words[0] == "ne":
        return False
    return len(words) == 1 or LISTING.fullmatch(words[1]) is not None or _LIST_ID.fullmatch(words[1]) is not None


IP_NETNS = _IpNetns(
    name="ip netns",
    grammar=partial(load_template, "ip_netns"),
    group="namespaces",
    model=NamedNamespace,
    claims=_claims,
    herald=re.compile(
        r"[ ]*[\w.-]{1,80} \(id: [0-9]{1,9}\)$"
        r"|[ ]*nsid (?:[0-9]{1,9}|unassigned) (?:current-nsid |\(iproute2 netns name: )"
        r'|[ ]*\[[ ]*(?:\{[ ]*"name":[ ]*"[^"]{1,80}"[ ]*\},[ ]*)*+'
        r'\{[ ]*(?:"name":[ ]*"[^"]{1,80}",[ ]*"id":[ ]*[0-9]|"name":[ ]*"cni-[0-9a-f-]{36}"[ ]*[,}]|"nsid":[ ]*[0-9])'
    ),
    from_json=_from_json,
)
