"""Findings about bridge mode and what is left of it: azure0, its card, and the node's own address."""

from __future__ import annotations

from collections.abc import Iterator

from ...names import POD_BRIDGE
from ...node import is_card
from ..catalogue import ADDRESS_ON_BRIDGE_PORT, BRIDGE_LEFT_OVER, HALF_MIGRATED, UPLINK_NOT_IN_BRIDGE
from ..models import Finding
from ..situation import Situation

__all__ = ["address_on_bridge_port", "bridge_left_over", "half_migrated", "uplink_not_in_bridge"]


def half_migrated(situation: Situation) -> Iterator[Finding]:
    host, mode = situation.host, situation.mode
    if mode.datapath != "mixed" or mode.bridge is None:
        return
    ports = host.pod_ports(host.bridges[mode.bridge])
    yield HALF_MIGRATED.found(
        f"{len(ports)} pods are on bridge {mode.bridge} and {len(host.routes_to)} have a route each: the node is "
        "half-migrated from bridge mode to transparent mode.",
        (mode.bridge,),
        [
            *(line for port in ports for line in host.bridges[mode.bridge].members[port]),
            *host.cite_all(host.pod_routes),
        ],
    )


def bridge_left_over(situation: Situation) -> Iterator[Finding]:
    host = situation.host
    if situation.mode.datapath != "transparent":
        return
    for bridge in host.bridges.values():
        is_idle = bridge.members_known and not host.pod_ports(bridge) and not bridge.networks
        if POD_BRIDGE.fullmatch(bridge.name) and is_idle:
            yield BRIDGE_LEFT_OVER.found(
                f"Bridge {bridge.name} has neither pods nor an address: it is left from the time when this node was "
                "in bridge mode.",
                (bridge.name,),
                bridge.lines,
            )


def uplink_not_in_bridge(situation: Situation) -> Iterator[Finding]:
    host, node = situation.host, situation.node
    bridge = host.bridges.get("azure0")
    if bridge is None or situation.mode.bridge != "azure0" or not bridge.members_known:
        return
    if any(host.is_physical(member) for member in bridge.members):
        return
    cards = [row for row in host.by_name.values() if is_card(row) and row.master is None]
    name = cards[0].ifname if cards else "the network card"
    yield UPLINK_NOT_IN_BRIDGE.found(
        f"{name} is no member of azure0, which carries this node's pods and its way out: neither the node nor its pods "
        "reach the network.",
        ("azure0", *(row.ifname for row in cards)),
        [*bridge.lines, *host.cite_all(cards), *node.beginnings("brctl show", "bridge link")],
    )


def address_on_bridge_port(situation: Situation) -> Iterator[Finding]:
    host, node = situation.host, situation.node
    pod_bridges = {name for name in host.bridges if POD_BRIDGE.fullmatch(name)}
    holders = {
        address.local: row for name, row in host.by_name.items() if name in pod_bridges for address in row.addr_info
    }
    for name, row in host.by_name.items():
        bridge = host.bridge_of.get(name)
        if not is_card(row):
            continue
        for address in row.addr_info:
            if address.family != "inet" or not address.is_global:
                continue
            twin = holders.get(address.local)
            if bridge is None and twin is None:
                continue
            where = f"{name} is member of bridge {bridge.name}" if bridge is not None else f"{name} is a network card"
            also = f", and so has {twin.ifname}" if twin is not None else ""
            yield ADDRESS_ON_BRIDGE_PORT.found(
                f"{where} and has the address {address.interface}{also}: answers leave by the wrong interface.",
                (name, str(address.interface), *([twin.ifname] if twin is not None else [])),
                [
                    *node.cite(row),
                    *node.cite(row, str(address.interface)),
                    *(node.cite(twin, str(address.interface)) if twin is not None else ()),
                    *(bridge.members.get(name, ()) if bridge is not None else ()),
                ],
            )
