"""`bridge fdb`: behind which port a bridge (or VXLAN device) knows which MAC, in the words of iproute2's own JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from pydantic import AliasChoices, Field

from ..commandline import Invocation
from ..grammar import Scan, load_template
from ..records import FlagSet, IPAddress, LinkAddress, ParseResult, Record, Source
from .base import Command, read_words
from .bridge_link import LISTING, bridge_arguments

__all__ = ["BRIDGE_FDB", "ForwardingEntry"]


class ForwardingEntry(Record):
    """One entry of a forwarding table; field names as in ``bridge -j -s fdb``.

    ``ifname``: the port; also from the call, where it names one and the lines do not. ``master``: the bridge whose
    table it is; None with flag ``self``: the device's own. ``state``: ``permanent`` is a MAC of this machine,
    ``static`` set by hand; None was learned. ``dst`` to ``via_ifindex``: of a VXLAN device.
    """

    mac: LinkAddress
    ifname: str | None = None
    vlan: int | None = None
    dst: IPAddress | None = None
    port: int | None = None
    vni: int | None = None
    src_vni: int | None = None
    via_if: str | None = Field(
        default=None, validation_alias=AliasChoices("viaIf", "via_if"), serialization_alias="viaIf"
    )
    via_ifindex: int | None = Field(
        default=None, validation_alias=AliasChoices("viaIfIndex", "via_ifindex"), serialization_alias="viaIfIndex"
    )
    nhid: int | None = None
    link_netnsid: int | None = Field(
        default=None, validation_alias=AliasChoices("linkNetNsId", "link_netnsid"), serialization_alias="linkNetNsId"
    )
    used: int | None = None
    updated: int | None = None
    flags: FlagSet = frozenset()
    master: str | None = None
    state: str | None = None


_WITH_WORD = {
    "dev": "ifname",
    "vlan": "vlan",
    "dst": "dst",
    "port": "port",
    "vni": "vni",
    "src_vni": "src_vni",
    "via": "viaIf",
    "nhid": "nhid",
    "link-netnsid": "linkNetNsId",
    "master": "master",
}
_FLAGS = frozenset(
    {"self", "router", "extern_learn", "offload", "sticky", "locked", "added_by_user", "activity_notify", "inactive"}
)
_STATE = re.compile(r"permanent|static|stale|state=0x[0-9a-f]{1,4}")
_USED = re.compile(r"([0-9]{1,18})/([0-9]{1,18})")


def _facts(words: Sequence[str]) -> dict[str, Any] | None:
    """What the words behind the MAC say; None if one of them has no meaning here, or says something twice."""
    found: dict[str, Any] = {}
    flags: set[str] = set()
    rest = iter(words)
    for word in rest:
        facts: dict[str, Any]
        if word in _WITH_WORD:
            name, value = _WITH_WORD[word], next(rest, None)
            if word == "via" and value == "ifindex":
                name, value = "viaIfIndex", next(rest, None)
            facts = {name: value}
        elif word in _FLAGS:
            flags.add(word)
            continue
        elif _STATE.fullmatch(word):
            facts = {"state": word}
        elif word == "used":
            used = _USED.fullmatch(next(rest, ""))
            if used is None:
                return None
            facts = {"used": used[1], "updated": used[2]}
        else:
            return None
        if None in facts.values() or not found.keys().isdisjoint(facts):
            return None
        found |= facts
    return found | {"flags": frozenset(flags)}


def _from_json(entry: dict[str, Any], source: Source) -> dict[str, Any] | None:
    if "mac" not in entry or entry.keys().isdisjoint({"flags", "state", "master"}):
        return None
    row = {**entry, "source": source}
    if row.get("state") == "":
        del row["state"]
    return row


# --- the command ------------------------------------------------------------------------------------------------------

_OBJECT = re.compile(r"f(?:db?)?")


class _BridgeFdb(Command[ForwardingEntry]):
    def refine(self, scan: Scan) -> list[Source]:
        return read_words(scan.records[self.group], _facts)

    def parse_lines(
        self,
        lines: Sequence[str],
        *,
        file: str | None = None,
        first_line: int = 1,
        invocation: Invocation | None = None,
    ) -> ParseResult[ForwardingEntry]:
        result = super().parse_lines(lines, file=file, first_line=first_line, invocation=invocation)
        words = (bridge_arguments(invocation.argv) or ()) if invocation is not None else ()
        device = next((value for word, value in pairwise(words[2:]) if word in {"dev", "brport"}), None)
        return result.with_default("ifname", device)

    def is_partial(self, argv: tuple[str, ...]) -> bool:
        words = bridge_arguments(argv)
        return words is not None and len(words) > 2

    def answers_when_silent(self) -> bool:
        return True


def _claims(argv: tuple[str, ...]) -> bool:
    words = bridge_arguments(argv) if argv[0] == "bridge" else None
    if not words or _OBJECT.fullmatch(words[0]) is None:
        return False
    return len(words) == 1 or LISTING.fullmatch(words[1]) is not None


_MAC = r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}"

BRIDGE_FDB = _BridgeFdb(
    name="bridge fdb",
    grammar=partial(load_template, "bridge_fdb"),
    group="entries",
    model=ForwardingEntry,
    claims=_claims,
    herald=re.compile(
        rf"[ ]*{_MAC} dev [^\s/]{{1,40}} (?:[a-z_]+ [0-9./:a-f]{{1,45}} ){{0,6}}(?:[a-z_]+ ){{0,4}}"
        r"(?:self|master)(?!\S)"
        rf'|[ ]*\[[ ]*\{{[ ]*"mac":[ ]*"{_MAC}",[ ]*"(?:ifname|flags|vlan)":'
    ),
    from_json=_from_json,
)
