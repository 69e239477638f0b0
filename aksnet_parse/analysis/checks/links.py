"""Findings about interfaces themselves: their state, their MTU, their MAC, and the VF of accelerated networking."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ...commands.interfaces import Interface
from ...names import CARD, POD_BRIDGE
from ...node import is_bridge_port, shows_master
from ...records import Line
from ..catalogue import INTERFACE_DOWN, MAC_SHARED, MTU_DIFFERS, VF_MAC_DIFFERS, VF_NOT_ENSLAVED
from ..disagreements import cite_end
from ..host import BridgeView
from ..interface_state import fault
from ..models import Finding
from ..situation import Situation
from ..wiring import Tie
from .states import CONSTANT_MACS, brief, cite_pod, who

__all__ = ["interface_down", "mac_shared", "mtu_differs", "vf_mac_differs", "vf_not_enslaved"]

# enP and the number of the PCI domain that Hyper-V gives to the VF.
_VF = re.compile(r"enP\d+s\d+\S*")


# --- state ------------------------------------------------------------------------------------------------------------


def interface_down(situation: Situation) -> Iterator[Finding]:
    """Where a route still leads to the interface, `route-interface-down` says so instead."""
    for tie in situation.ties:
        yield from _pod_down(tie, situation)
    yield from _bridges_down(situation)
    yield from _uplink_down(situation)


def _pod_down(tie: Tie, situation: Situation) -> Iterator[Finding]:
    host = situation.host
    if tie.veth in host.routes_on:
        return
    rows = [row for row in (tie.end.interface, host.by_name.get(tie.veth or "")) if row is not None]
    faulty = [row for row in rows if fault(row) is not None]
    if not faulty:
        return
    # The end that was set down is the reason why the other has no carrier.
    row = next((row for row in faulty if not row.is_up), faulty[0])
    went = ""
    if tie.bridge is None and row is not tie.end.interface and fault(row) == "is set down":
        went = "; the kernel took its route with it"
    yield INTERFACE_DOWN.found(
        f"{who(tie)}: {'its own ' if row is tie.end.interface else ''}{row.ifname} {fault(row)}{went}: nothing reaches "
        "the pod.",
        (row.ifname, *(other.ifname for other in rows if other is not row)),
        [*cite_pod(tie, situation), *_of_bridge(tie.bridge, tie.veth)],
    )


def _of_bridge(bridge: BridgeView | None, port: str | None) -> list[Line]:
    return bridge.members.get(port or "", []) if bridge is not None else []


def _bridges_down(situation: Situation) -> Iterator[Finding]:
    host = situation.host
    carrying: dict[str, list[Tie]] = {}
    for tie in situation.ties:
        if tie.bridge is not None:
            carrying.setdefault(tie.bridge.name, []).append(tie)
    for name, ties in carrying.items():
        row = host.by_name.get(name)
        if row is not None and fault(row) == "is set down":
            yield INTERFACE_DOWN.found(
                f"Bridge {name}, which carries {_pods(len(ties))}, is set down: nothing reaches them.",
                (name,),
                [*host.cite_all([row]), *host.bridges[name].lines],
            )


def _uplink_down(situation: Situation) -> Iterator[Finding]:
    host = situation.host
    uplink = host.uplink
    if uplink is None:
        return
    through = {host.default_route.device} if host.default_route is not None else set()
    for name in (uplink.interface, *uplink.ports):
        row = host.by_name.get(name)
        if row is None or name in through or _VF.fullmatch(name) or (why := fault(row)) is None:
            continue
        yield INTERFACE_DOWN.found(
            f"{name}, by which this node reaches the network, {why}.", (name,), host.cite_all([row])
        )


# --- MTU --------------------------------------------------------------------------------------------------------------


def mtu_differs(situation: Situation) -> Iterator[Finding]:
    pairs = _unequal_pairs(situation)
    yield from _pairs_differ(situation, pairs)
    yield from _members_differ(situation, pairs)
    yield from _larger_than_uplink(situation)


def _unequal_pairs(situation: Situation) -> dict[tuple[int, int], list[Tie]]:
    """The pods whose MTU is not that of their veth, by both."""
    by_sizes: dict[tuple[int, int], list[Tie]] = {}
    for tie in situation.ties:
        row = situation.host.by_name.get(tie.veth or "")
        inside = tie.end.interface
        if row is not None and inside is not None and row.mtu and inside.mtu and row.mtu != inside.mtu:
            by_sizes.setdefault((inside.mtu, row.mtu), []).append(tie)
    return by_sizes


def _pairs_differ(situation: Situation, pairs: Mapping[tuple[int, int], Sequence[Tie]]) -> Iterator[Finding]:
    host = situation.host
    for (inside_mtu, outside_mtu), ties in pairs.items():
        names = {tie.bridge.name for tie in ties if tie.bridge is not None}
        rows = [row for name in sorted(names) if (row := host.by_name.get(name)) is not None]
        following = [row for row in rows if row.mtu == outside_mtu < inside_mtu]
        more = "".join(f" The bridge {row.ifname} has the smallest MTU of its ports, {row.mtu}." for row in following)
        yield MTU_DIFFERS.found(
            f"The MTU is {inside_mtu} in {brief([who(tie) for tie in ties])} and {outside_mtu} at the other end "
            f"({brief([str(tie.veth) for tie in ties])}): larger packets are lost between them.{more}",
            [str(tie.veth) for tie in ties],
            [*(line for tie in ties for line in cite_pod(tie, situation)), *host.cite_all(following)],
        )


def _members_differ(situation: Situation, pairs: Mapping[tuple[int, int], Sequence[Tie]]) -> Iterator[Finding]:
    """But for what follows from a veth that was said to differ from its pod: the kernel gives a bridge the smallest MTU
    of its ports, unless somebody has set another."""
    host = situation.host
    told = {tie.veth for ties in pairs.values() for tie in ties}
    smaller = {tie.veth: outside for (inside, outside), ties in pairs.items() if outside < inside for tie in ties}
    for bridge in host.bridges.values():
        row = host.by_name.get(bridge.name)
        if row is None or not row.mtu:
            continue
        if any(smaller.get(name) == row.mtu for name in bridge.members):
            continue
        others = [
            member
            for name in bridge.members
            if name not in told
            and (member := host.by_name.get(name)) is not None
            and member.mtu
            and member.mtu != row.mtu
        ]
        if others:
            sizes = ", ".join(str(size) for size in sorted({member.mtu or 0 for member in others}))
            yield MTU_DIFFERS.found(
                f"The MTU of bridge {bridge.name} is {row.mtu}, that of its members "
                f"{brief([member.ifname for member in others])} {sizes}: the larger packets are lost on the bridge.",
                (bridge.name, *(member.ifname for member in others)),
                host.cite_all([row, *others]),
            )


def _larger_than_uplink(situation: Situation) -> Iterator[Finding]:
    host = situation.host
    row = host.by_name.get(host.uplink.interface) if host.uplink is not None else None
    if row is None or not row.mtu:
        return
    larger = [
        (tie, outside)
        for tie in situation.ties
        if (outside := host.by_name.get(tie.veth or "")) is not None
        and (outside.mtu or 0) > row.mtu
        # Members of the uplink's own bridge are compared with that.
        and (tie.bridge is None or tie.bridge.name != row.ifname)
    ]
    if larger:
        sizes = ", ".join(str(size) for size in sorted({outside.mtu or 0 for _, outside in larger}))
        yield MTU_DIFFERS.found(
            f"The MTU of {_pods(len(larger))} ({brief([outside.ifname for _, outside in larger])}) is {sizes}, that of "
            f"the uplink {row.ifname} {row.mtu}: what they send may be too large for the way out.",
            (row.ifname, *(outside.ifname for _, outside in larger)),
            host.cite_all([row, *(outside for _, outside in larger)]),
        )


# --- accelerated networking -------------------------------------------------------------------------------------------


def _vfs(situation: Situation) -> Iterator[Interface]:
    return (row for name, row in situation.host.by_name.items() if _VF.fullmatch(name) and shows_master(row))


def vf_not_enslaved(situation: Situation) -> Iterator[Finding]:
    host = situation.host
    for row in _vfs(situation):
        if row.master is None and "SLAVE" not in row.flags:
            cards = [card for name, card in host.by_name.items() if CARD.fullmatch(name) and not _VF.fullmatch(name)]
            same = [card for card in cards if card.mac is not None and card.mac == row.mac]
            whose = f" of {same[0].ifname}" if same else ""
            yield VF_NOT_ENSLAVED.found(
                f"{row.ifname}, the VF{whose} of accelerated networking, is under no card: packets go the slow way.",
                (row.ifname, *(card.ifname for card in same)),
                [*situation.node.lines(row)[:2], *(line for card in same for line in situation.node.lines(card)[:2])],
            )


def vf_mac_differs(situation: Situation) -> Iterator[Finding]:
    for row in _vfs(situation):
        card = situation.host.by_name.get(row.master or "")
        if card is not None and row.mac is not None and card.mac is not None and row.mac != card.mac:
            yield VF_MAC_DIFFERS.found(
                f"{row.ifname}, the VF of {card.ifname}, has the MAC {row.mac}, and {card.ifname} has {card.mac}.",
                (row.ifname, card.ifname),
                [*situation.node.lines(row)[:2], *situation.node.lines(card)[:2]],
            )


# --- MAC --------------------------------------------------------------------------------------------------------------


def mac_shared(situation: Situation) -> Iterator[Finding]:
    yield from _shared_on_host(situation)
    by_pod: dict[str, list[Tie]] = {}
    for tie in situation.ties:
        mac = tie.end.interface.mac if tie.end.interface is not None else None
        if mac is not None and mac not in CONSTANT_MACS:
            by_pod.setdefault(str(mac), []).append(tie)
    for shared, ties in by_pod.items():
        # Two that claim one veth are one pod, or captures of two times.
        if len({tie.veth for tie in ties if tie.veth is not None}) > 1:
            yield MAC_SHARED.found(
                f"{brief([who(tie) for tie in ties])} have one MAC, {shared}.",
                (shared, *(str(tie.veth) for tie in ties if tie.veth is not None)),
                [line for tie in ties for line in cite_end(tie.end, situation.host, shared)],
            )


def _shared_on_host(situation: Situation) -> Iterator[Finding]:
    host = situation.host
    by_mac: dict[str, list[Interface]] = {}
    for row in host.by_name.values():
        if row.mac is not None and row.mac not in CONSTANT_MACS:
            by_mac.setdefault(str(row.mac), []).append(row)
    for mac, rows in by_mac.items():
        strangers = _strangers(rows, situation)
        if len(strangers) > 1:
            yield MAC_SHARED.found(
                f"{brief([row.ifname for row in strangers])} on the host have one MAC, {mac}.",
                (mac, *(row.ifname for row in strangers)),
                [line for row in strangers for line in situation.node.cite(row, mac)],
            )


def _strangers(rows: list[Interface], situation: Situation) -> list[Interface]:
    """Of interfaces with one MAC those that have it from none of the others: a bridge has that of a port, a VF that of
    its card, and what sits on an interface (VLAN, macvlan) takes its."""
    names = {row.ifname for row in rows}
    strangers = [row for row in rows if names.isdisjoint(_givers(row, rows, situation))]
    # The slaves of one bond or team share its MAC, whether it was captured or not.
    shared: dict[str, Interface] = {}
    for row in strangers:
        together = row.master is not None and not is_bridge_port(row, situation.host.by_name.get(row.master))
        shared.setdefault(f"master {row.master}" if together else row.ifname, row)
    return list(shared.values())


def _givers(row: Interface, rows: Iterable[Interface], situation: Situation) -> set[str]:
    """Those that ``row`` may have its MAC from."""
    found = {row.link} if row.link is not None else set()
    if row.master is not None and not is_bridge_port(row, situation.host.by_name.get(row.master)):
        found.add(row.master)
    if row.ifname in situation.host.bridges:
        found |= situation.host.bridges[row.ifname].members.keys()
    if _VF.fullmatch(row.ifname) or POD_BRIDGE.fullmatch(row.ifname):
        # azure0 has the card's MAC even when the card was taken off it.
        found |= {card.ifname for card in rows if CARD.fullmatch(card.ifname) and not _VF.fullmatch(card.ifname)}
    return found


def _pods(number: int) -> str:
    return f"{number} pod{'' if number == 1 else 's'}"
