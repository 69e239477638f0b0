"""What tells machines apart: what cannot be alike on two of them, and what contradicts."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import TypeVar

from .commands.azure_vnet import AzureNetwork
from .commands.brctl_show import Bridge
from .commands.bridge_fdb import ForwardingEntry
from .commands.interfaces import Interface
from .commands.routes import Route
from .names import CARD, KNOWN_BRIDGE, POD_VETH
from .node import ParsedCapture, is_bridge_port, is_card
from .prefixes import Network, PrefixMap

__all__ = ["Marks"]

_SHARED_MACS = frozenset({"ee:ee:ee:ee:ee:ee", "aa:aa:aa:aa:aa:aa", "00:00:00:00:00:00"})
_Values = dict[str, set[str]]
V = TypeVar("V")


@dataclass(slots=True)
class Marks:
    """What one capture, or all of one machine, says. The first four are values by the name of their interface,
    ``veths`` names by command.

    ``bridges``: for each listing, the bridges that are surely there, and all interfaces that may be bridges; None for
    these if the listing is not whole. ``whole``: the commands of which there is a whole listing.
    """

    card_macs: _Values = field(default_factory=dict)
    card_addresses: _Values = field(default_factory=dict)
    bridge_macs: _Values = field(default_factory=dict)
    networks: dict[str, set[Network]] = field(default_factory=dict)
    veths: _Values = field(default_factory=dict)
    bridges: set[tuple[frozenset[str], frozenset[str] | None]] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, parsed: ParsedCapture) -> Marks:
        marks = cls()
        interfaces, bridges = parsed.of(Interface), parsed.of(Bridge)
        for interface in interfaces:
            marks._add_interface(interface, parsed.command)
        for bridge in bridges:
            _put(marks.bridge_macs, bridge.bridge, bridge.mac)
            for name in bridge.interfaces:
                marks._add_veth(name, parsed.command)
        for route in parsed.of(Route):
            marks._add_route(route, parsed.command)
        for name in _ports(parsed):
            marks._add_veth(name, parsed.command)
        by_name = {row.ifname: row for row in interfaces}
        ports = [row for row in interfaces if is_bridge_port(row, by_name.get(row.master or ""))]
        masters = {row.master for row in ports if row.master is not None}
        if masters and not parsed.is_whole:
            marks.bridges.add((frozenset(masters), None))
        if parsed.is_whole:
            marks.whole.add(parsed.command)
            if parsed.command == "ip addr":
                names = frozenset(by_name)
                known = {name for name in names if KNOWN_BRIDGE.fullmatch(name)}
                marks.bridges.add((frozenset(masters | known), names))
            elif parsed.command == "brctl show":
                names = frozenset(bridge.bridge for bridge in bridges)
                marks.bridges.add((names, names))
        return marks

    def _add_interface(self, interface: Interface, command: str) -> None:
        name, mac = interface.ifname, interface.mac
        if name == "lo" or self._add_veth(name, command):
            return
        card = is_card(interface)
        for address in interface.addr_info:
            if address.family == "inet":
                self.networks.setdefault(name, set()).add(address.interface.network)
                if card or name == "azure0":  # Azure CNI's bridge takes the card's address
                    _put(self.card_addresses, name, str(address.local))
        if mac is not None:
            _put(self.card_macs if card else self.bridge_macs, name, mac)

    def _add_route(self, route: Route, command: str) -> None:
        if not route.forwards or route.dst is None or route.is_link_local:
            return
        device, gateway = route.device, route.next_hop
        own = route.prefsrc
        if own is not None and own.version == 4 and (device == "azure0" or CARD.fullmatch(device or "")):
            _put(self.card_addresses, str(device), str(own))
        if route.is_default:
            if gateway is not None and gateway.version == 4:
                for name in filter(None, ("default gateway", device)):
                    self.networks.setdefault(name, set()).add(ip_network(gateway))
        elif device is not None and route.is_on_link:
            if route.is_host:
                self._add_veth(device, command)
            elif route.dst.version == 4:
                self.networks.setdefault(device, set()).add(route.dst)

    def _add_veth(self, name: str, command: str) -> bool:
        if POD_VETH.fullmatch(name) is None:
            return False
        _put(self.veths, command, name)
        return True

    @property
    def identify(self) -> bool:
        """True if there is something that cannot be alike on two machines."""
        return bool(self.card_macs or self.card_addresses or self.bridge_macs)

    def merge(self, other: Marks) -> None:
        _update(self.card_macs, other.card_macs)
        _update(self.card_addresses, other.card_addresses)
        _update(self.bridge_macs, other.bridge_macs)
        _update(self.networks, other.networks)
        _update(self.veths, other.veths)
        self.bridges |= other.bridges
        self.whole |= other.whole

    def compare(self, other: Marks) -> int:
        """1: the same machine; 0: nothing tells; -1: another, or listings that were cut, or taken at different times;
        -2: another."""
        # Two clusters may have a node of the same address, and who blanks out MACs may write the same for two nodes.
        cards = [
            any(mine[name] & theirs[name] for name in mine.keys() & theirs.keys())
            for mine, theirs in ((self.card_macs, other.card_macs), (self.card_addresses, other.card_addresses))
            if mine.keys() & theirs.keys()
        ]
        if cards:
            return 1 if all(cards) else -2
        if self._shares_bridge(other) or self._shares_veths(other):
            return 1
        if self._has_other_networks(other) or self._has_others_of(self.whole & other.whole, other):
            return -2
        if self._has_no_veth_of(other) or other._has_no_veth_of(self):
            return -2
        remade = bool(self.bridge_macs.keys() & other.bridge_macs.keys())
        lacking = self._lacks_veths(other) or other._lacks_veths(self)
        # A bridge may be made anew, and pods come and go; but hardly all of that at once.
        return -2 if remade and lacking else -1 if remade or lacking or self._has_other_bridges(other) else 0

    def _shares_bridge(self, other: Marks) -> bool:
        names = self.bridge_macs.keys() & other.bridge_macs.keys()
        return any(self.bridge_macs[name] & other.bridge_macs[name] for name in names)

    def _shares_veths(self, other: Marks) -> bool:
        """Whether half of the veths are the same. Calico and Azure CNI name a veth after its pod, so that one pod of
        the same name in two clusters gives both the same veth."""
        mine, theirs = self.all_veths(), other.all_veths()
        return 2 * len(mine & theirs) >= min(len(mine), len(theirs)) > 0

    def all_veths(self) -> set[str]:
        return set().union(*self.veths.values())

    def _has_other_networks(self, other: Marks) -> bool:
        shared = self.networks.keys() & other.networks.keys()
        return not all(_overlap(self.networks[name], other.networks[name]) for name in shared)

    def _has_others_of(self, commands: set[str], other: Marks) -> bool:
        """Whether a command of which both have a whole listing shows other cards, or other veths throughout."""
        if "ip addr" in commands and self.card_macs and other.card_macs:
            return True
        return any(self.veths[name] and other.veths[name] for name in commands & self.veths.keys() & other.veths.keys())

    def _has_other_bridges(self, other: Marks) -> bool:
        return any(
            (maybe is not None and mine_sure and not mine_sure & maybe)
            or (mine_maybe is not None and sure and not sure & mine_maybe)
            for mine_sure, mine_maybe in self.bridges
            for sure, maybe in other.bridges
        )

    def _has_no_veth_of(self, other: Marks) -> bool:
        """Whether a whole `ip addr` with veths, and another whole listing of ``other``, have none in common: each names
        those that are there, so that they cannot be of one time."""
        mine = self.veths.get("ip addr", set()) if "ip addr" in self.whole else set()
        listed = [other.veths.get(command, set()) for command in other.whole - {"ip addr"}]
        return bool(mine) and any(veths and veths.isdisjoint(mine) for veths in listed)

    def _lacks_veths(self, other: Marks) -> bool:
        """Whether a whole `ip addr`, which shows every interface, has none of the veths that ``other`` names."""
        veths = other.all_veths()
        return "ip addr" in self.whole and bool(veths) and not veths & self.veths.get("ip addr", set())


def _ports(parsed: ParsedCapture) -> set[str]:
    """Names of host veths in what is not read for wiring here: ports with a MAC behind them, pods of Azure CNI."""
    names = {entry.ifname for entry in parsed.of(ForwardingEntry)}
    names |= {endpoint.host_ifname for network in parsed.of(AzureNetwork) for endpoint in network.endpoints}
    return {name for name in names if name is not None}


def _update(mine: dict[str, set[V]], theirs: dict[str, set[V]]) -> None:
    for name, values in theirs.items():
        mine.setdefault(name, set()).update(values)


def _overlap(mine: set[Network], theirs: set[Network]) -> bool:
    if mine & theirs:
        return True
    for one, other in ((mine, theirs), (theirs, mine)):
        prefixes: PrefixMap[bool] = PrefixMap()
        for network in one:
            prefixes.add(network, True)
        if any(prefixes.find(network.network_address) for network in other):
            return True
    return False


def _put(values: _Values, name: str, value: str) -> None:
    if value not in _SHARED_MACS:
        values.setdefault(name, set()).add(value)
