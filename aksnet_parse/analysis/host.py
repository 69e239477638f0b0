"""One view of a host from whichever captures there are: its bridges and their members, its routes to pods, its veths,
its uplink."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_address, ip_network

from ..commands.brctl_show import Bridge
from ..commands.bridge_fdb import ForwardingEntry
from ..commands.interfaces import Interface
from ..commands.ip_neigh import Neighbour
from ..commands.routes import Route
from ..names import CARD, DOCKER_BRIDGE, KNOWN_BRIDGE, NO_POD_DEVICE, POD_BRIDGE, POD_VETH, VIRTUAL_MACHINE_PORT
from ..node import Node, is_bridge_port, is_card, may_be_veth, shows_master
from ..prefixes import Address, Network, PrefixMap
from ..records import Line
from .models import Uplink

__all__ = ["VIRTUAL_GATEWAY", "BridgeView", "Host"]

# The gateway that Calico and Azure CNI (transparent) give to pods: the host answers for it on each veth.
VIRTUAL_GATEWAY = ip_address("169.254.1.1")

# How plugins begin the names of veths; nobody calls anything else so.
_VETH = re.compile(rf"veth|{POD_VETH.pattern}")

# Azure's wire server, the instance metadata service with all of link-local, node-local DNS, loopback: no pods live
# there.
_NO_POD_NETWORKS = tuple(ip_network(text) for text in ("168.63.129.16/32", "169.254.0.0/16", "127.0.0.0/8"))


@dataclass(slots=True)
class BridgeView:
    """A bridge as all captures together show it. ``members`` maps a port's name to the lines that say so.

    ``members_known``: no port can be missing in ``members``.
    """

    name: str
    members: dict[str, list[Line]] = field(default_factory=dict)
    networks: set[Network] = field(default_factory=set)
    lines: list[Line] = field(default_factory=list)
    members_known: bool = False

    @property
    def is_docker(self) -> bool:
        return DOCKER_BRIDGE.fullmatch(self.name) is not None

    @property
    def versions(self) -> set[int]:
        """Versions of IP in which the bridge has a network, so that a pod on it should have an address there."""
        return {network.version for network in self.networks}

    def holds(self, address: Address) -> bool:
        return any(address.version == network.version and address in network for network in self.networks)


class Host:
    """The host side of a node, derived once from its records."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.by_name: dict[str, Interface] = {row.ifname: row for row in node.interfaces or ()}
        self.by_index: dict[int, Interface] = {
            row.ifindex: row for row in node.interfaces or () if row.ifindex is not None
        }
        # By which packets leave the host: what is for the host itself, or for nobody, says nothing of pods.
        self.routes: tuple[Route, ...] = tuple(
            route for route in node.routes or () if route.forwards and not route.is_link_local
        )

    @cached_property
    def unlisted(self) -> tuple[str, ...]:
        """Interfaces that the host's routes or bridges name and its ``ip addr`` does not show."""
        if self.node.interfaces is None:
            return ()
        named = [name for bridge in self.node.bridges or () for name in (bridge.bridge, *bridge.interfaces)]
        for port in self.node.bridge_ports or ():
            if port.is_port and port.master is not None:
                named += [port.master, port.ifname]
        named += [route.device for route in self.routes if route.device is not None]
        return tuple(name for name in dict.fromkeys(named) if name not in self.by_name)

    @cached_property
    def shows_every_interface(self) -> bool:
        """True if there is a whole ``ip addr`` or ``ip link``, and nothing says that an interface is missing in it."""
        return not self.node.complete.isdisjoint({"ip addr", "ip link"}) and not self.unlisted

    @cached_property
    def shows_every_master(self) -> bool:
        """True if a whole `ip addr` or `ip link` names the master of each port, and so every member of each bridge."""
        return self.shows_every_interface and all(map(shows_master, self.by_name.values()))

    @cached_property
    def default_route(self) -> Route | None:
        """The default route with the lowest metric, of IPv4 if there is one."""
        defaults = [route for route in self.routes if route.is_default and route.device is not None]
        return min(defaults, key=lambda route: (route.dst.version if route.dst else 0, route.metric or 0), default=None)

    @cached_property
    def addresses(self) -> frozenset[Address]:
        """Every address of the host itself: those of its interfaces, and those that its routes send from."""
        shown = {address.local for row in self.by_name.values() for address in row.addr_info}
        return frozenset(shown | {route.prefsrc for route in self.node.routes or () if route.prefsrc is not None})

    @cached_property
    def recorded_veths(self) -> dict[str, str]:
        """The veth that Azure CNI remembers for each sandbox, by the sandbox's id."""
        return {
            endpoint.container_id: endpoint.host_ifname
            for network in self.node.azure_networks
            for endpoint in network.endpoints
            if endpoint.container_id is not None and endpoint.host_ifname is not None
        }

    @cached_property
    def namespace_names(self) -> dict[int, str]:
        """The name of each namespace that has one, by the id it has on the host."""
        return {
            named.id: named.name
            for named in self.node.named_namespaces or ()
            if named.id is not None and named.name is not None
        }

    def netns_of(self, name: str | None) -> str | None:
        """The namespace that the interface's other end is in, by its name."""
        interface = self.by_name.get(name or "")
        if interface is None or interface.link_netns is not None or interface.link_netnsid is None:
            return interface.link_netns if interface is not None else None
        return self.namespace_names.get(interface.link_netnsid)

    @cached_property
    def learned(self) -> tuple[ForwardingEntry, ...]:
        """What bridges know of link-layer addresses that are not this machine's own: behind which port they are."""
        return tuple(
            entry
            for entry in self.node.forwarding or ()
            if entry.ifname is not None
            and entry.state != "permanent"
            and entry.dst is None
            and "self" not in entry.flags
        )

    @cached_property
    def ports_of_mac(self) -> dict[str, set[str]]:
        """The bridge ports behind which each link-layer address was seen."""
        found: dict[str, set[str]] = {}
        for entry in self.learned:
            if entry.ifname is not None:
                found.setdefault(str(entry.mac), set()).add(entry.ifname)
        return found

    @cached_property
    def neighbours_at(self) -> dict[Address, list[Neighbour]]:
        """What the neighbour table knows of each address: entries that have a link-layer address."""
        found: dict[Address, list[Neighbour]] = {}
        for entry in self.node.neighbours or ():
            if entry.lladdr is not None and entry.dev is not None:
                found.setdefault(entry.dst, []).append(entry)
        return found

    # --- bridges ------------------------------------------------------------------------------------------------------

    @cached_property
    def bridges(self) -> dict[str, BridgeView]:
        """All bridges that any capture shows, by name."""
        views: dict[str, BridgeView] = {}
        for bridge in self.node.bridges or ():
            self._add_bridge(views.setdefault(bridge.bridge, BridgeView(bridge.bridge)), bridge)
        for port in self.node.bridge_ports or ():
            if port.is_port and port.master is not None:
                view = views.setdefault(port.master, BridgeView(port.master))
                view.members.setdefault(port.ifname, []).extend(self.node.cite(port))
        # A VF has a master too, its synthetic card; the card itself may stand in a bridge.
        bonds = {row.master for row in self.by_name.values() if "SLAVE" in row.flags}
        for row in self.by_name.values():
            if row.master is None or row.master in bonds:
                continue
            if is_bridge_port(row, self.by_name.get(row.master)):
                view = views.setdefault(row.master, BridgeView(row.master))
                view.members.setdefault(row.ifname, []).extend(self.node.cite(row))
        for name, row in self.by_name.items():
            if name in views or KNOWN_BRIDGE.fullmatch(name):
                view = views.setdefault(name, BridgeView(name))
                view.lines += self.node.cite(row)
                view.networks |= {address.interface.network for address in row.addr_info if address.is_global}
                view.members_known |= self.shows_every_master
        for route in self.routes:
            device = route.device
            if device is not None and (device in views or KNOWN_BRIDGE.fullmatch(device)):
                view = views.setdefault(device, BridgeView(device))
                view.lines += self.node.cite(route)
                if route.dst is not None and not route.is_host and not route.is_default and route.is_on_link:
                    view.networks.add(route.dst)
        if "bridge link" in self.node.complete:  # it shows every port of every bridge
            for view in views.values():
                view.members_known = True
        return views

    def _add_bridge(self, view: BridgeView, bridge: Bridge) -> None:
        view.lines += self.node.cite(bridge)
        view.members_known |= "brctl show" in self.node.complete
        shown = {word: line for line in self.node.lines(bridge) for word in line.text.split()}
        for member in bridge.interfaces:
            view.members.setdefault(member, []).extend([shown[member]] if member in shown else [])

    @cached_property
    def bridge_of(self) -> dict[str, BridgeView]:
        """The bridge of each port, by the port's name."""
        return {member: bridge for bridge in reversed(self.bridges.values()) for member in bridge.members}

    def knows_bridge_of(self, name: str) -> bool:
        """True if the captures show whether the interface is member of a bridge."""
        row = self.by_name.get(name)
        if row is not None and shows_master(row):
            return True
        return not self.node.complete.isdisjoint({"brctl show", "bridge link"})

    def bridge_of_pods(self, bridge: BridgeView) -> bool:
        """True if the bridge has a network for pods alone. azure0 holds the node's own subnet, where pods of other
        modes live as well: an address there proves nothing."""
        return not bridge.is_docker and bool(bridge.networks) and not bridge.networks & self.uplink_networks

    @cached_property
    def _bridge_networks(self) -> PrefixMap[BridgeView]:
        found: PrefixMap[BridgeView] = PrefixMap()
        for bridge in self.bridges.values():
            if not bridge.networks & self.uplink_networks:
                for network in bridge.networks:
                    found.add(network, bridge)
        return found

    def bridge_at(self, address: Address) -> BridgeView | None:
        """The bridge whose own network ``address`` is in."""
        return self._bridge_networks.find(address)

    def is_physical(self, name: str) -> bool:
        """True for a network card: by its name, unless it has a peer, or because the default route leaves by it and it
        is no bridge."""
        row = self.by_name.get(name)
        if is_card(row) if row is not None else CARD.fullmatch(name):
            return True
        return self.default_route is not None and self.default_route.device == name and name not in self.bridges

    def pod_ports(self, bridge: BridgeView) -> list[str]:
        """The members of a bridge that lead to pods: not to the network, nor to a virtual machine. Where only the name
        of a port is known, it must be one of a veth, or the bridge one that is made for pods."""
        return [name for name in bridge.members if not self.is_physical(name) and self._leads_to_pod(name, bridge)]

    def _leads_to_pod(self, name: str, bridge: BridgeView) -> bool:
        if name in self.by_name:
            return may_be_veth(self.by_name[name])
        if POD_BRIDGE.fullmatch(bridge.name) or bridge.is_docker:
            return VIRTUAL_MACHINE_PORT.fullmatch(name) is None
        return _VETH.match(name) is not None

    def is_unknown_port(self, name: str, bridge: BridgeView) -> bool:
        """True if only the name of a bridge's member is known, and it tells nothing."""
        known = name in self.by_name or self.is_physical(name) or self._leads_to_pod(name, bridge)
        return not (known or VIRTUAL_MACHINE_PORT.fullmatch(name) or NO_POD_DEVICE.fullmatch(name))

    def _may_be_veth(self, name: str) -> bool:
        interface = self.by_name.get(name)
        return interface is None or may_be_veth(interface)

    # --- routes and veths ---------------------------------------------------------------------------------------------

    @cached_property
    def pod_routes(self) -> tuple[Route, ...]:
        """Routes to one address on a device of its own, as transparent datapaths have for each pod."""
        return tuple(route for route in self.routes if self._is_pod_route(route))

    def _is_pod_route(self, route: Route) -> bool:
        device = route.device
        if route.dst is None or not route.is_host or not route.is_on_link or device is None:
            return False
        if device in self.bridges or self.is_physical(device) or NO_POD_DEVICE.fullmatch(device):
            return False
        address = route.dst.network_address
        if any(address.version == network.version and address in network for network in _NO_POD_NETWORKS):
            return False
        return self._may_be_veth(device)

    @cached_property
    def routes_to(self) -> dict[Address, list[Route]]:
        """The routes to pods by the address they lead to."""
        found: dict[Address, list[Route]] = {}
        for route in self.pod_routes:
            if route.dst is not None:
                found.setdefault(route.dst.network_address, []).append(route)
        return found

    @cached_property
    def routes_on(self) -> dict[str, list[Route]]:
        """The routes to pods by their device."""
        found: dict[str, list[Route]] = {}
        for route in self.pod_routes:
            if route.device is not None:
                found.setdefault(route.device, []).append(route)
        return found

    @cached_property
    def veths(self) -> dict[str, Interface]:
        """The host's interfaces whose other end is in another namespace, network cards excepted."""
        return {
            name: row
            for name, row in self.by_name.items()
            if may_be_veth(row) and not self.is_physical(name) and NO_POD_DEVICE.fullmatch(name) is None
        }

    @cached_property
    def pod_devices(self) -> tuple[str, ...]:
        """Every name of an interface that leads to a pod, from whichever capture shows it."""
        ports = (name for bridge in self.bridges.values() for name in self.pod_ports(bridge))
        return tuple(dict.fromkeys((*self.veths, *self.routes_on, *ports)))

    @cached_property
    def device_names(self) -> frozenset[str]:
        """Every name of an interface that any capture shows."""
        return frozenset((*self.by_name, *self.unlisted, *self.pod_devices))

    # --- uplink -------------------------------------------------------------------------------------------------------

    @cached_property
    def uplink(self) -> Uplink | None:
        """The way out of the node; without a routing table, its one network card (or azure0 over it) that has an
        address."""
        route = self.default_route
        if route is not None and route.device is not None:
            name = route.device
            gateway = str(route.next_hop) if route.next_hop is not None else route.gateway_name
        elif self.node.shows_every_route:
            return None
        else:
            cards = [row for row in self.by_name.values() if self._global_addresses(row) and self._leads_out(row)]
            if len(cards) != 1:
                return None
            name, gateway = cards[0].ifname, None
        interface = self.by_name.get(name)
        ports = [row.ifname for row in self.by_name.values() if row.master == name and row.ifname not in self.veths]
        if name in self.bridges:
            ports += [port for port in self.bridges[name].members if self.is_physical(port) and port not in ports]
        addresses = self._global_addresses(interface) if interface is not None else self._connected_addresses(name)
        return Uplink(interface=name, ports=tuple(ports), addresses=tuple(addresses), gateway=gateway)

    def _leads_out(self, interface: Interface) -> bool:
        if self.is_physical(interface.ifname):
            return True
        bridge = self.bridges.get(interface.ifname)
        return bridge is not None and any(self.is_physical(member) for member in bridge.members)

    def _connected_addresses(self, name: str) -> list[str]:
        """The addresses of an interface that was not captured: the kernel's route to a subnet has them as source."""
        connected = (route for route in self.routes if route.device == name and route.protocol == "kernel")
        return [f"{route.prefsrc}/{route.dst.prefixlen}" for route in connected if route.prefsrc and route.dst]

    @staticmethod
    def _global_addresses(interface: Interface) -> list[str]:
        return [str(address.interface) for address in interface.addr_info if address.is_global]

    @cached_property
    def uplink_networks(self) -> frozenset[Network]:
        """The subnets the uplink is in, by its addresses or its connected routes."""
        if self.uplink is None:
            return frozenset()
        name = self.uplink.interface
        rows = [self.by_name[name]] if name in self.by_name else []
        networks: set[Network] = {
            address.interface.network for row in rows for address in row.addr_info if address.is_global
        }
        networks |= {
            route.dst
            for route in self.routes
            if route.dst is not None
            and route.device == name
            and route.is_on_link
            and not route.is_host
            and not route.is_default
        }
        return frozenset(networks)

    def cite_all(self, records: Iterable[Interface | Route]) -> list[Line]:
        """The first line of each record."""
        return [line for record in records for line in self.node.cite(record)]
