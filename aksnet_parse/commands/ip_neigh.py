"""`ip neigh`: which link-layer address belongs to which IP address, in the words of iproute2's own JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from pydantic import Field

from ..commandline import Invocation
from ..grammar import Scan, load_template
from ..records import IPAddress, LinkAddress, ParseResult, Record, Source
from .base import Command, read_words
from .ip_addr import LISTING, ip_arguments

__all__ = ["IP_NEIGH", "Neighbour"]


class Neighbour(Record):
    """One entry of the neighbour table (ARP, neighbour discovery); field names as in ``ip -j -s neigh``.

    ``dev``: also from the call, where it names one and the lines do not. ``state``: empty for a proxy entry, else
    mostly one word (``REACHABLE``, ``STALE``, ``PERMANENT``...). ``lladdr`` is None while nobody has answered.
    ``used``, ``confirmed``, ``updated``: seconds ago; busybox prints zeros instead.
    """

    dst: IPAddress
    dev: str | None = None
    lladdr: LinkAddress | None = None
    router: bool = False
    proxy: bool = False
    managed: bool = False
    extern_learn: bool = False
    extern_valid: bool = False
    offload: bool = False
    refcnt: int | None = Field(default=None, ge=0)
    used: int | None = Field(default=None, ge=0)
    confirmed: int | None = Field(default=None, ge=0)
    updated: int | None = Field(default=None, ge=0)
    probes: int | None = Field(default=None, ge=0)
    state: tuple[str, ...] = ()
    protocol: str | None = None
    nhid: int | None = Field(default=None, ge=0)


_FLAGS = frozenset({"router", "proxy", "managed", "extern_learn", "extern_valid", "offload"})
_WITH_WORD = {
    "dev": "dev",
    "lladdr": "lladdr",
    "ref": "refcnt",
    "probes": "probes",
    "proto": "protocol",
    "nhid": "nhid",
}
_STATE = re.compile(r"INCOMPLETE|REACHABLE|STALE|DELAY|PROBE|FAILED|NOARP|PERMANENT|NONE|0x[0-9a-f]{1,4}")
# "1/61/1probes 0", "1/61/1 probes 0"
_USED = re.compile(r"([0-9]{1,18})/([0-9]{1,18})/([0-9]{1,18})(probes)?")


def _facts(words: Sequence[str]) -> dict[str, Any] | None:
    """What the words behind the address say; None if one of them has no meaning here, or says something twice."""
    found: dict[str, Any] = {}
    state: list[str] = []
    rest = iter(words)
    for word in rest:
        facts: dict[str, Any]
        if word in _WITH_WORD:
            facts = {_WITH_WORD[word]: next(rest, None)}
        elif word in _FLAGS:
            facts = {word: True}
        elif _STATE.fullmatch(word):
            state.append(word)
            continue
        elif word == "used":
            used = _USED.fullmatch(next(rest, ""))
            if used is None:
                return None
            facts = {"used": used[1], "confirmed": used[2], "updated": used[3]}
            if used[4]:
                facts["probes"] = next(rest, None)
        else:
            return None
        if None in facts.values() or not found.keys().isdisjoint(facts):
            return None
        found |= facts
    return found | ({"state": tuple(state)} if state else {})


def _from_json(entry: dict[str, Any], source: Source) -> dict[str, Any] | None:
    if "dst" not in entry or entry.keys().isdisjoint({"state", "lladdr", "proxy"}):
        return None
    # The JSON says yes by a key without a value.
    return {key: True if key in _FLAGS and value is None else value for key, value in entry.items()} | {
        "source": source
    }


# --- the command ------------------------------------------------------------------------------------------------------

_OBJECT = re.compile(r"n(?:e(?:i(?:g(?:h(?:b(?:o(?:u(?:rs?)?|rs?)?)?)?)?)?)?)?")


class _IpNeigh(Command[Neighbour]):
    def refine(self, scan: Scan) -> list[Source]:
        return read_words(scan.records[self.group], _facts)

    def parse_lines(
        self,
        lines: Sequence[str],
        *,
        file: str | None = None,
        first_line: int = 1,
        invocation: Invocation | None = None,
    ) -> ParseResult[Neighbour]:
        result = super().parse_lines(lines, file=file, first_line=first_line, invocation=invocation)
        return result.with_default("dev", _device(invocation.argv) if invocation is not None else None)

    def is_partial(self, argv: tuple[str, ...]) -> bool:
        return len(ip_arguments(argv)) > 2 or not {"-4", "-6", "-f", "-family"}.isdisjoint(argv)

    def answers_when_silent(self) -> bool:
        return True


def _device(argv: tuple[str, ...]) -> str | None:
    return next((value for word, value in pairwise(ip_arguments(argv)[2:]) if word == "dev"), None)


def _claims(argv: tuple[str, ...]) -> bool:
    words = ip_arguments(argv) if argv[0] == "ip" else ()
    if not words or _OBJECT.fullmatch(words[0]) is None:
        return False
    return len(words) == 1 or LISTING.fullmatch(words[1]) is not None


_ADDRESS = r"[ ]*(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9a-f]{0,4}:[0-9a-f:.]{1,40})"

IP_NEIGH = _IpNeigh(
    name="ip neigh",
    grammar=partial(load_template, "ip_neigh"),
    group="neighbours",
    model=Neighbour,
    claims=_claims,
    herald=re.compile(
        rf"{_ADDRESS} dev [^\s/]{{1,40}} +"
        r"(?:lladdr \S|proxy$|(?:used \S{1,60} *probes [0-9]{1,9} +)?(?:FAILED|INCOMPLETE|NOARP)$)"
        r'|[ ]*\[[ ]*\{[ ]*"dst":[ ]*"[0-9a-f.:]{2,45}",[ ]*"dev":[ ]*"[^"]{1,40}",[ ]*'
        r'(?:"lladdr":|"(?:used|state)":(?=[^}]*"state":[ ]*\[))'
    ),
    from_json=_from_json,
)
