"""`bridge link`: the ports of bridges, in the words of iproute2's own JSON."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache, partial
from typing import Any

from ..commandline import Invocation
from ..grammar import Scan, load_template
from ..records import FlagSet, Record, Source
from .base import Command
from .one_line import split_joined

__all__ = ["BRIDGE_LINK", "LISTING", "BridgePort", "bridge_arguments"]


class BridgePort(Record):
    """One port of a bridge as ``bridge link`` shows it; field names as in ``bridge -j -d link``.

    ``master``: the bridge. ``state``: of the spanning tree (``forwarding``, ``disabled``...), ``state_index`` if it
    has no name. A row without either is no port: a network card that switches by itself (``hwmode``), whose master
    can be a bond.

    ``link`` is what is printed after the ``@``, and **proves nothing**: where the peer is in another namespace the
    tool looks up its index in this one and prints the name of something else. ``operstate``: printed to iproute2 4.15.

    From ``hairpin`` on: printed with ``-d``; None if not.
    """

    ifindex: int
    link: str | None = None
    ifname: str
    operstate: str | None = None
    flags: FlagSet
    mtu: int
    master: str | None = None
    state: str | None = None
    state_index: int | None = None
    priority: int | None = None
    cost: int | None = None
    hwmode: str | None = None
    hairpin: bool | None = None
    guard: bool | None = None
    root_block: bool | None = None
    fastleave: bool | None = None
    learning: bool | None = None
    learning_sync: bool | None = None
    flood: bool | None = None
    mcast_flood: bool | None = None
    bcast_flood: bool | None = None
    mcast_router: int | None = None
    mcast_n_groups: int | None = None
    mcast_max_groups: int | None = None
    mcast_to_unicast: bool | None = None
    neigh_suppress: bool | None = None
    neigh_vlan_suppress: bool | None = None
    vlan_tunnel: bool | None = None
    backup_port: str | None = None
    backup_nhid: int | None = None
    isolated: bool | None = None
    locked: bool | None = None
    mab: bool | None = None

    @property
    def is_port(self) -> bool:
        """True if the kernel's bridge answered for it, so that ``master`` is a bridge."""
        return self.master is not None and (self.state is not None or self.state_index is not None)


@lru_cache(maxsize=256)
def _flags(words: str) -> frozenset[str]:
    return frozenset(words.split(",")) if words else frozenset()


def _part_by_listing(row: dict[str, Any], names: Collection[str]) -> None:
    """In ``a@b@c`` the last @ parts the peer's name off, unless only another one leaves the name of a port."""
    token = f"{row['ifname']}@{row['link']}" if "link" in row else row["ifname"]
    for index in range(1, len(token)):
        if token[index] == "@" and token[index + 1 :] in names:
            row["ifname"], row["link"] = token[:index], token[index + 1 :]
            return


# --- the forms in which it is printed ---------------------------------------------------------------------------------


def _from_json(entry: dict[str, Any], source: Source) -> dict[str, Any] | None:
    if "ifname" not in entry or entry.keys().isdisjoint({"master", "state", "state_index", "hwmode"}):
        return None
    return {**entry, "source": source}


class _BridgeLink(Command[BridgePort]):
    def flow(self, lines: Sequence[str]) -> tuple[Sequence[str], Sequence[int]] | None:
        return split_joined(lines)

    def takes(self, line: str, invocation: Invocation | None) -> bool:
        lines, _ = split_joined([line]) or ([line], [])
        return all(super(_BridgeLink, self).takes(part, invocation) for part in lines)

    def refine(self, scan: Scan) -> list[Source]:
        refused: list[Source] = []
        rows = scan.records[self.group]
        odd = [row for row in rows if "@" in row["ifname"]]
        if odd:
            names = {row["ifname"] for row in rows}
            for row in odd:
                if row.get("link") not in names:
                    _part_by_listing(row, names)
        for row in rows:
            row["flags"] = _flags(row.get("flags", ""))
            words = row.pop("details", "").split()
            details = dict(zip(words[::2], words[1::2], strict=True))
            if len(details) * 2 == len(words) and row.keys().isdisjoint(details):
                row |= details
            else:  # says something twice
                last = row["source"].last_line
                refused.append(row["source"]._replace(first_line=last))
        return refused

    def is_partial(self, argv: tuple[str, ...]) -> bool:
        words = bridge_arguments(argv)
        return words is not None and len(words) > 2

    def answers_when_silent(self) -> bool:
        return True


# --- the command ------------------------------------------------------------------------------------------------------

LISTING = re.compile(r"s(?:h(?:ow?)?)?|l(?:i(?:st?)?|st?)?")
_OBJECT = re.compile(r"l(?:i(?:nk?)?)?")
_WITH_VALUE = frozenset({"-n", "-netns", "-net"})
_OTHERWISE = frozenset({"-V", "-Version", "-h", "-help", "--help", "-b", "-batch"})


def bridge_arguments(argv: tuple[str, ...]) -> tuple[str, ...] | None:
    """The words of a ``bridge`` call after its options; None if it does something else than print."""
    index = 1
    while index < len(argv) and argv[index].startswith("-"):
        if argv[index] in _OTHERWISE:
            return None
        index += 2 if argv[index] in _WITH_VALUE else 1
    return argv[index:]


def _claims(argv: tuple[str, ...]) -> bool:
    words = bridge_arguments(argv) if argv[0] == "bridge" else None
    if not words or _OBJECT.fullmatch(words[0]) is None:
        return False
    return len(words) == 1 or (LISTING.fullmatch(words[1]) is not None and len(words) <= 6)


# What a port's line has and no line of `ip addr`: no qdisc before the master, and a state in small letters.
_PORT = r"(?:master [^\s]{1,40} )?+(?:state (?:disabled|listening|learning|forwarding|blocking|\([0-9]+\))|hwmode )"
_HEAD = r"[ ]*[0-9]{1,9}: [^\s:/]{1,40}"
# iproute2 5.10 lists bridges with -d, each as its own master.
_BRIDGE = r"[ ]*[0-9]{1,9}: ([^\s:/]{1,40}): <[A-Za-z0-9_,-]*> mtu [0-9]{1,10} master \1[ ]*$"

BRIDGE_LINK = _BridgeLink(
    name="bridge link",
    grammar=partial(load_template, "bridge_link"),
    group="ports",
    model=BridgePort,
    claims=_claims,
    herald=re.compile(
        rf"{_HEAD}: <[A-Za-z0-9_,-]*> mtu [0-9]{{1,10}} {_PORT}"
        rf"|{_BRIDGE}"
        rf"|{_HEAD} state [A-Z]{{2,20}} (?:@[^\s:/]{{1,40}})?: <"
        r'|[ ]*\[[ ]*\{[ ]*"ifindex":[ ]*[0-9]{1,9},[ ]*(?:"link":[ ]*(?:"[^"]{1,40}"|null),[ ]*)?"ifname":[ ]*'
        r'"[^"]{1,40}",[ ]*"flags":[ ]*\[[^\]]{0,400}\],[ ]*"mtu":[ ]*[0-9]{1,10},[ ]*'
        r'(?:(?:"master":[ ]*"[^"]{1,40}",[ ]*)?"(?:state|state_index|hwmode)"|"master":[ ]*"[^"]{1,40}"[ ]*\})'
    ),
    from_json=_from_json,
)
