"""A node as a packet finds it: which addresses are its own, which pods have which, what its tables say, and what of it
is down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_interface

from ...commands.az_aks import AksCluster
from ...commands.interfaces import Interface
from ...commands.ip_neigh import Neighbour
from ...prefixes import Address, Network
from ...records import Line
from ..disagreements import cite_end, name_of
from ..host import VIRTUAL_GATEWAY, BridgeView, Host
from ..lookup import RoutingTable
from ..models import Pod
from ..situation import Situation
from ..wiring import Tie
from .models import TraceNode

__all__ = [
    "OwnAddress",
    "Place",
    "TracedPod",
    "tell_apart",
    "unanswered",
]

# What Calico and Azure CNI in transparent mode give to pods as their gateway.


@dataclass(frozen=True, slots=True)
class OwnAddress:
    """An address of the host itself. ``interface``: None where only a route tells of it."""

    interface: str | None
    lines: tuple[Line, ...]


class TracedPod:
    """A pod of a node, as a packet finds it."""

    def __init__(self, place: Place, tie: Tie, pod: Pod) -> None:
        self.place = place
        self.tie = tie
        self.pod = pod

    @property
    def interface(self) -> Interface | None:
        """The pod's own end; None if it was not captured."""
        return self.tie.end.interface

    @property
    def veth(self) -> str | None:
        return self.tie.veth

    @cached_property
    def addresses(self) -> tuple[Address, ...]:
        """What the pod is known to have; where nothing of it was captured, what the host's routes lead to."""
        if self.shows_every_address:
            return self.tie.end.ips
        return self.tie.end.ips or tuple(ip_interface(text).ip for text in self.pod.addresses)

    def address_of(self, version: int) -> Address | None:
        """Its first address of a version of IP."""
        return next((address for address in self.addresses if address.version == version), None)

    @property
    def is_seen(self) -> bool:
        """False for a pod that only the host's side shows."""
        return bool(self.tie.end.ips) or self.interface is not None

    @property
    def name(self) -> str:
        """The pod in a sentence."""
        if self.tie.end.is_known:
            return name_of(self.tie.end)
        return f"pod {self.pod.addresses[0]}" if self.pod.addresses else f"the pod behind {self.veth}"

    def lines(self, *words: str) -> tuple[Line, ...]:
        """Lines that show the pod's own end."""
        return cite_end(self.tie.end, self.place.host, *words)

    def networks(self, version: int) -> tuple[Network, ...]:
        """The subnets that the pod takes to be on its link, by the prefixes of its addresses."""
        interface = self.interface
        rows = [row.interface.network for row in interface.addr_info if row.is_global] if interface is not None else []
        return tuple(row for row in rows if row.version == version and row.prefixlen < row.max_prefixlen)

    @cached_property
    def neighbours(self) -> tuple[Neighbour, ...]:
        return tuple(entry for namespace in self.tie.end.namespaces for entry in namespace.neighbours or ())

    def shows_every_route(self, version: int) -> bool:
        return version == 4 and any(namespace.shows_every_route for namespace in self.tie.end.namespaces)

    @property
    def shows_every_address(self) -> bool:
        return any("ip addr" in namespace.complete for namespace in self.tie.end.namespaces)

    def table(self, source: Address | None) -> RoutingTable:
        spaces = self.tie.end.namespaces
        return RoutingTable((route for namespace in spaces for route in namespace.routes or ()), source)

    @property
    def enter(self) -> str:
        """The beginning of a command line that runs in the pod's network namespace."""
        if self.pod.pid is None and self.pod.netns is not None:
            return f"ip netns exec {self.pod.netns}"
        return f"nsenter -t {self.pod.pid if self.pod.pid is not None else 'PID'} -n"


class Place:
    """One node of a case. ``number``: counted from 1, as the nodes of the analysis stand. ``name``: the node in a
    sentence. ``handle``: what names it in a call."""

    def __init__(self, number: int, situation: Situation) -> None:
        self.number = number
        self.name = "the node"
        self.handle = "node"
        self.host: Host = situation.host
        self.node = situation.node
        self.mode = situation.mode
        self.pods = tuple(TracedPod(self, tie, pod) for tie, pod in zip(situation.ties, situation.pods, strict=True))

    @property
    def reference(self) -> TraceNode:
        return TraceNode(number=self.number, name=self.node.name)

    @cached_property
    def table(self) -> RoutingTable:
        return RoutingTable(self.node.routes or ())

    def shows_every_route(self, version: int) -> bool:
        """True if no route can be missing. `ip route` and `route -n` show those of IPv4."""
        return version == 4 and self.node.shows_every_route

    # --- the host's own addresses -------------------------------------------------------------------------------------

    @cached_property
    def own(self) -> dict[Address, OwnAddress]:
        """The addresses at which the host itself answers: by whichever interface, and also if its own is down."""
        found: dict[Address, OwnAddress] = {}
        for row in self.host.by_name.values():
            for address in row.addr_info:
                found.setdefault(
                    address.local,
                    OwnAddress(row.ifname, self.node.cite(row, str(address.interface), str(address.local))),
                )
        for route in self.node.routes or ():
            if route.prefsrc is not None and (route.protocol == "kernel" or route.is_default):
                found.setdefault(route.prefsrc, OwnAddress(route.device, self.node.cite(route)))
            if route.type == "local" and route.is_host and route.dst is not None:
                found.setdefault(route.dst.network_address, OwnAddress(route.device, self.node.cite(route)))
        return found

    @property
    def shows_own_addresses(self) -> bool:
        return "ip addr" in self.node.complete

    def answers_for(self, gateway: Address) -> bool:
        """True if the host answers where pods in transparent mode ask for their gateway."""
        return gateway in self.own or gateway == VIRTUAL_GATEWAY or gateway.is_link_local

    def own_on(self, interface: str, version: int) -> Address | None:
        """The host's address on an interface, not a link-local one; several interfaces may have the same."""
        row = self.host.by_name.get(interface)
        addresses = [address.local for address in row.addr_info] if row is not None else []
        addresses += [address for address, own in self.own.items() if own.interface == interface]
        usable = (address for address in addresses if address.version == version and not address.is_link_local)
        return next(usable, None)

    def main_address(self, version: int | None = None) -> Address | None:
        """The address by which others know the node: that of its uplink; if that has none, of another interface."""
        uplink = self.host.uplink
        addresses = [ip_interface(text).ip for text in uplink.addresses] if uplink is not None else []
        addresses += [
            address
            for address, own in self.own.items()
            if not (address.is_loopback or address.is_link_local or self._is_of_docker(own.interface))
        ]
        return next((address for address in addresses if version in {None, address.version}), None)

    # --- pods ---------------------------------------------------------------------------------------------------------

    @cached_property
    def _pods_at(self) -> dict[Address, list[TracedPod]]:
        found: dict[Address, list[TracedPod]] = {}
        for pod in self.pods:
            for address in pod.addresses:
                found.setdefault(address, []).append(pod)
        return found

    def pods_at(self, address: Address) -> list[TracedPod]:
        """The pods that have an address."""
        return self._pods_at.get(address, [])

    @cached_property
    def _pods_behind(self) -> dict[str, list[TracedPod]]:
        found: dict[str, list[TracedPod]] = {}
        for pod in self.pods:
            if pod.veth is not None:
                found.setdefault(pod.veth, []).append(pod)
        return found

    def pods_behind(self, veth: str) -> list[TracedPod]:
        """The pods at the other end of a veth: one, unless captures disagree."""
        return self._pods_behind.get(veth, [])

    def leads_to_pod(self, device: str) -> bool:
        return device in self._pods_behind or device in self.host.pod_devices

    def bridge_for(self, pod: TracedPod) -> BridgeView | None:
        """The bridge that the pod is on, or should be on because it has an address of its network and nothing else
        leads to it."""
        bridge = self.host.bridge_of.get(pod.veth or "")
        if bridge is not None or pod.tie.route is not None:
            return bridge
        if pod.tie.bridge is not None:
            return pod.tie.bridge
        holding = (bridge for bridge in self.host.bridges.values() if any(map(bridge.holds, pod.addresses)))
        return next(holding, None) if self.mode.datapath != "transparent" else None

    def cluster_with_service(self, address: Address) -> AksCluster | None:
        """What declares that the address is one of a service's; None if the last word on it does not."""
        told = next((cluster for cluster in reversed(self.node.declarations) if cluster.service_cidrs), None)
        if told is None or not any(cidr.version == address.version and address in cidr for cidr in told.service_cidrs):
            return None
        return told

    # --- from outside -------------------------------------------------------------------------------------------------

    def has(self, address: Address) -> bool:
        """True if the node or a pod of it has the address, and others can reach it there: not what is Docker's own."""
        own = self.own.get(address)
        if own is not None:
            return not self._is_of_docker(own.interface)
        return any(pod.tie.bridge is None or not pod.tie.bridge.is_docker for pod in self.pods_at(address))

    def holds(self, address: Address) -> bool:
        """True if the address is of the network that the node has for its pods alone."""
        bridge = self.host.bridge_at(address)
        return bridge is not None and self.host.bridge_of_pods(bridge)

    def _is_of_docker(self, interface: str | None) -> bool:
        bridge = self.host.bridges.get(interface or "")
        return bridge is not None and bridge.is_docker


def tell_apart(places: Sequence[Place]) -> None:
    """Give several nodes names that tell which is meant."""
    names = Counter(place.node.name for place in places)
    for place in places if len(places) > 1 else ():
        unique = place.node.name if names[place.node.name] == 1 else None
        place.name = unique or f"node {place.number}"
        place.handle = f"node:{unique or place.number}"


# --- what is down -----------------------------------------------------------------------------------------------------


def unanswered(neighbours: Iterable[Neighbour], address: Address | None, device: str | None) -> Neighbour | None:
    """The entry that says that nobody answered for an address."""
    for entry in neighbours:
        if entry.dst == address and (device is None or entry.dev == device) and not entry.proxy:
            return entry if entry.lladdr is None and {"FAILED", "INCOMPLETE"} & set(entry.state) else None
    return None
