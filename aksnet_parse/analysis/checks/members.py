"""Which interfaces are members of which bridge, as each whole listing of the host tells it, and where two disagree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ...names import KNOWN_BRIDGE
from ...records import Line
from ..catalogue import BRIDGE_MEMBERS_DISAGREE
from ..host import Host
from ..models import Finding
from ..situation import Situation

__all__ = ["bridge_members_disagree"]


@dataclass(slots=True)
class _Listing:
    """What one command says. ``bridge_of``: the bridge of each member; ``lines``: those that say so, by member, and
    of a bridge that has a line of its own. ``shown``: the interfaces that it has anything to say about; None for all.
    """

    command: str
    bridge_of: dict[str, str] = field(default_factory=dict)
    lines: dict[str, tuple[Line, ...]] = field(default_factory=dict)
    shown: frozenset[str] | None = None

    def speaks_of(self, name: str) -> bool:
        return self.shown is None or name in self.shown

    def members(self, bridge: str) -> list[str]:
        return [name for name, found in self.bridge_of.items() if found == bridge]


def bridge_members_disagree(situation: Situation) -> Iterator[Finding]:
    """One for each bridge of which two whole listings name other members."""
    host = situation.host
    listings = list(_listings(host))
    disputed: dict[str, set[str]] = {}
    for number, one in enumerate(listings):
        for other in listings[number + 1 :]:
            for name in dict.fromkeys((*one.bridge_of, *other.bridge_of)):
                here, there = one.bridge_of.get(name), other.bridge_of.get(name)
                if here != there and one.speaks_of(name) and other.speaks_of(name):
                    for bridge in (here, there):
                        if bridge is not None:
                            disputed.setdefault(bridge, set()).add(name)
    for bridge, names in sorted(disputed.items()):
        yield _finding(bridge, sorted(names), listings, host)


def _listings(host: Host) -> Iterator[_Listing]:
    node = host.node
    if "brctl show" in node.complete:
        listing = _Listing("brctl show")
        for bridge in node.bridges or ():
            listing.lines[bridge.bridge] = node.cite(bridge)
            rows = {line.text.split()[-1]: line for line in node.lines(bridge) if line.text.strip()}
            for member in bridge.interfaces:
                listing.bridge_of[member] = bridge.bridge
                listing.lines[member] = (rows[member],) if member in rows else ()
        yield listing
    if "bridge link" in node.complete:
        listing = _Listing("bridge link")
        for port in node.bridge_ports or ():
            if port.is_port and port.master is not None:
                listing.bridge_of[port.ifname] = port.master
                listing.lines[port.ifname] = node.cite(port)
        yield listing
    for command in ("ip addr", "ip link"):
        if command in node.complete and node.interfaces is not None:
            # What people cut out of a long listing without a mark is not said to have no master.
            listing = _Listing(command, shown=frozenset(host.by_name))
            bridges = {bridge.bridge for bridge in node.bridges or ()}
            bridges |= {port.master for port in node.bridge_ports or () if port.is_port and port.master is not None}
            for row in host.by_name.values():
                listing.lines[row.ifname] = node.cite(row)
                # Bonds and VRFs are masters, too; only -d says which is what.
                is_port = row.linkinfo is not None and row.linkinfo.info_slave_kind == "bridge"
                if row.master is not None and (
                    is_port or row.master in bridges or KNOWN_BRIDGE.fullmatch(row.master) is not None
                ):
                    listing.bridge_of[row.ifname] = row.master
            yield listing
            return


def _finding(bridge: str, names: list[str], listings: list[_Listing], host: Host) -> Finding:
    sides: list[str] = []
    lines: list[Line] = []
    for listing in listings:
        spoken_of = [name for name in names if listing.speaks_of(name)]
        if not spoken_of:
            continue
        inside = [name for name in spoken_of if listing.bridge_of.get(name) == bridge]
        sides.append(f"`{listing.command}` {_enumerated(inside) if inside else 'none of them'}")
        shown = [line for name in (bridge, *spoken_of) for line in listing.lines.get(name, ())]
        lines += shown or host.node.beginnings(listing.command)
    return BRIDGE_MEMBERS_DISAGREE.found(
        (
            f"Of {_enumerated(names)}, the captures name different members of bridge {bridge}: {', '.join(sides)}; "
            "they are of different nodes or times."
        ),
        (bridge, *names),
        lines,
    )


def _enumerated(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 4 else f"{', '.join(names[:3])} and {len(names) - 3} more"
