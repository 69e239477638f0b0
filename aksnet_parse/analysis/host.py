"""One view of a host from whichever captures there are: its bridges and their members, its routes to pods, its veths,
its uplink."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network

from ..commands.brctl_show import Bridge
from ..commands.ip_addr import Interface
from ..commands.route_n import Route
from ..node import Node
from ..records import Line
from .models import Uplink

__all__ = ["BridgeView", "Host"]

Network = IPv4Network | IPv6Network

_DOCKER_BRIDGE = re.compile(r"docker0|br-[0-9a-f]{12}")
_KNOWN_BRIDGE = re.compile(r"cbr0|azure0|cni0|docker0|br-[0-9a-f]{12}")
_PHYSICAL = re.compile(r"(?:eth|en[opsPx]|ens|bond|wl)\d\S*|en[A-Z]\d\S*")
_NO_POD_DEVICE = re.compile(
    r"lo|cilium_\S+|nodelocaldns|kube-ipvs0|tunl\d+|vxlan\S*|flannel\S*|tun\d+|wg\d+|kube-bridge|dummy\d*|virbr\d+"
)
# Azure's wire server, the instance metadata service with all of link-local, node-local DNS, loopback: no pods live
# there.
_NO_POD_NETWORKS = tuple(ip_network(text) for text in ("168.63.129.16/32", "169.254.0.0/16", "127.0.0.0/8"))


@dataclass(slots=True)
class BridgeView:
    """A bridge as all captures together show it. ``members`` maps a port's name to the lines that say so."""

    name: str
    members: dict[str, tuple[Line, ...]] = field(default_factory=dict)
    networks: set[Network] = field(default_factory=set)
    lines: tuple[Line, ...] = ()
    members_known: bool = False

    @property
    def is_docker(self) -> bool:
        return _DOCKER_BRIDGE.fullmatch(self.name) is not None


class Host:
    """The host side of a node, derived once from its records."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.by_name: dict[str, Interface] = {interface.ifname: interface for interface in node.interfaces or ()}
        self.by_index: dict[int, Interface] = {interface.ifindex: interface for interface in node.interfaces or ()}
        self.routes: tuple[Route, ...] = node.routes or ()

    @cached_property
    def default_route(self) -> Route | None:
        """The default route with the lowest metric."""
        defaults = [route for route in self.routes if route.is_default and route.dev is not None]
        return min(defaults, key=lambda route: route.metric or 0, default=None)

    @cached_property
    def bridges(self) -> dict[str, BridgeView]:
        """All bridges that any capture shows, by name."""
        views: dict[str, BridgeView] = {}

        def view(name: str) -> BridgeView:
            return views.setdefault(name, BridgeView(name))

        for bridge in self.node.bridges or ():
            self._add_bridge(view(bridge.bridge), bridge)
        # A port of a bond, or the VF under a synthetic card, has a master too, and the flag SLAVE, which a bridge's
        # port has not.
        bonds = {row.master for row in self.by_name.values() if "SLAVE" in row.flags}
        for interface in self.by_name.values():
            master = interface.master
            if master is not None and master not in bonds:
                line = self.node.cite(interface)
                view(master).members[interface.ifname] = (*views[master].members.get(interface.ifname, ()), *line)
        for interface in self.by_name.values():
            name = interface.ifname
            if name in views or _KNOWN_BRIDGE.fullmatch(name):
                bridge_view = view(name)
                bridge_view.lines = (*bridge_view.lines, *self.node.cite(interface))
                bridge_view.networks |= {row.interface.network for row in interface.addr_info if row.scope == "global"}
                # Ports name their master, so a whole `ip addr` shows every member.
                bridge_view.members_known |= "ip addr" in self.node.complete
        for route in self.routes:
            if route.dev is not None and (route.dev in views or _KNOWN_BRIDGE.fullmatch(route.dev)):
                bridge_view = view(route.dev)
                bridge_view.lines = (*bridge_view.lines, *self.node.cite(route))
                if not route.is_host and not route.is_default and route.gateway is None:
                    bridge_view.networks.add(route.dst)
        return views

    def _add_bridge(self, view: BridgeView, bridge: Bridge) -> None:
        view.lines = (*view.lines, *self.node.cite(bridge))
        view.members_known = True
        for member in bridge.interfaces:
            view.members[member] = (*view.members.get(member, ()), *self.node.cite(bridge, member))

    def is_physical(self, name: str) -> bool:
        """True for a network card: by its name, or because the default route leaves by it and it is no bridge."""
        if _PHYSICAL.fullmatch(name):
            return True
        return self.default_route is not None and self.default_route.dev == name and name not in self.bridges

    def pod_ports(self, bridge: BridgeView) -> list[str]:
        """The members of a bridge that lead to pods, not to the network."""
        return [name for name in bridge.members if not self.is_physical(name)]

    @cached_property
    def pod_routes(self) -> tuple[Route, ...]:
        """Routes to one address on a device of its own, as transparent datapaths have for each pod."""
        return tuple(route for route in self.routes if self._is_pod_route(route))

    def _is_pod_route(self, route: Route) -> bool:
        device = route.dev
        if not route.is_host or route.gateway is not None or device is None or "!" in route.flags:
            return False
        if device in self.bridges or self.is_physical(device) or _NO_POD_DEVICE.fullmatch(device):
            return False
        if any(
            route.dst.version == network.version and route.dst.network_address in network
            for network in _NO_POD_NETWORKS
        ):
            return False
        interface = self.by_name.get(device)
        return interface is None or interface.link_index is not None

    @cached_property
    def veths(self) -> dict[str, Interface]:
        """The host's interfaces whose other end is in another namespace, network cards excepted."""
        return {
            name: interface
            for name, interface in self.by_name.items()
            if interface.link_index is not None and not self.is_physical(name) and not _NO_POD_DEVICE.fullmatch(name)
        }

    def bridge_of(self, veth: str) -> BridgeView | None:
        """The bridge that ``veth`` is a port of."""
        return next((bridge for bridge in self.bridges.values() if veth in bridge.members), None)

    @cached_property
    def uplink(self) -> Uplink | None:
        """The way out of the node; without a routing table, its one network card (or azure0 over it) that has an
        address."""
        route = self.default_route
        if route is not None and route.dev is not None:
            name, gateway = route.dev, str(route.gateway) if route.gateway is not None else None
        else:
            cards = [row for row in self.by_name.values() if self._global_addresses(row) and self._leads_out(row)]
            if len(cards) != 1:
                return None
            name, gateway = cards[0].ifname, None
        interface = self.by_name.get(name)
        ports = [row.ifname for row in self.by_name.values() if row.master == name and row.ifname not in self.veths]
        if name in self.bridges:
            ports += [
                member for member in self.bridges[name].members if self.is_physical(member) and member not in ports
            ]
        addresses = self._global_addresses(interface) if interface is not None else []
        return Uplink(interface=name, ports=tuple(ports), addresses=tuple(addresses), gateway=gateway)

    def _leads_out(self, interface: Interface) -> bool:
        if self.is_physical(interface.ifname):
            return True
        bridge = self.bridges.get(interface.ifname)
        return bridge is not None and any(self.is_physical(member) for member in bridge.members)

    @staticmethod
    def _global_addresses(interface: Interface) -> list[str]:
        return [str(address.interface) for address in interface.addr_info if address.scope == "global"]

    @property
    def uplink_networks(self) -> set[Network]:
        """The subnets the uplink is in, by its addresses or its connected routes."""
        if self.uplink is None:
            return set()
        name = self.uplink.interface
        networks: set[Network] = {
            address.interface.network
            for interface in [self.by_name.get(name)]
            if interface is not None
            for address in interface.addr_info
            if address.scope == "global"
        }
        networks |= {
            route.dst
            for route in self.routes
            if route.dev == name and route.gateway is None and not route.is_host and not route.is_default
        }
        return networks
