"""One side of a comparison: a node as it was worked out, and what its captures show well enough to say that something
else is not there."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from ipaddress import ip_interface

from ...commandline import HOST
from ...commands.interfaces import Interface
from ...commands.routes import Route
from ...names import KNOWN_BRIDGE
from ...node import ROUTING_TABLES, Node
from ...prefixes import Address, Network
from ...records import Line
from ..host import BridgeView, Host
from ..models import Pod
from ..situation import Situation
from ..wiring import Tie

__all__ = ["PodView", "Side"]


class PodView:
    """One pod of a node, and what tells which it is."""

    def __init__(self, tie: Tie, pod: Pod, host: Host) -> None:
        self.tie = tie
        self.pod = pod
        self.host = host
        reference = pod.pod
        self.namespace = reference.namespace if reference is not None else None
        self.name = reference.name if reference is not None else None
        self.uid = reference.uid if reference is not None else None
        self.veth = tie.veth

    @cached_property
    def ips(self) -> tuple[Address, ...]:
        return self.tie.end.ips or tuple(ip_interface(text).ip for text in self.pod.addresses)

    @cached_property
    def versions(self) -> frozenset[int]:
        return frozenset(ip.version for ip in self.ips)

    @property
    def is_nameless(self) -> bool:
        """True if nothing is known of the pod but the host's side."""
        return not self.ips and self.name is None and self.pod.container_id is None

    @property
    def is_in_conflict(self) -> bool:
        """True if facts disagree about which veth is the pod's, or where it leads."""
        return self.pod.status == "conflict"

    @property
    def shows_every_address(self) -> bool:
        """Whether the pod has no further address; a route tells of one only."""
        spaces = self.tie.end.namespaces
        return bool(spaces) and all("ip addr" in space.complete for space in spaces)

    @property
    def own(self) -> Interface | None:
        """The pod's own end of the pair."""
        return self.tie.end.interface

    @property
    def host_end(self) -> Interface | None:
        return self.host.by_name.get(self.veth or "")

    @property
    def bridge(self) -> BridgeView | None:
        return self.tie.bridge if self.tie.route is None else None

    @property
    def is_on_docker(self) -> bool:
        return self.bridge is not None and self.bridge.is_docker

    @property
    def label(self) -> str:
        """What the pod is called in a sentence: the best of what is known."""
        if self.name is not None:
            return f"{self.namespace}/{self.name}" if self.namespace is not None else self.name
        if self.ips:
            return str(self.ips[0])
        identifier = self.pod.container_id
        fallback = f"container {identifier[:12]}" if identifier is not None else self.pod.netns or "?"
        return self.veth if self.veth is not None else fallback

    @property
    def host_lines(self) -> tuple[Line, ...]:
        """What shows the host's end of the pair, or the host's way to it."""
        row = self.host_end or self.tie.route
        if row is not None:
            return self.host.node.cite(row)
        return tuple(self.bridge.members.get(self.veth or "", ())) if self.bridge is not None else ()

    @property
    def lines(self) -> tuple[Line, ...]:
        """What shows the pod and its way out: its own end, its veth, its route."""
        end, node = self.tie.end, self.host.node
        found = [
            line for row in (self.own, self.host_end, self.tie.route) if row is not None for line in node.cite(row)
        ]
        if self.host_end is None and self.tie.route is None:
            found += self.host_lines
        return tuple(found or (line for record in (*end.containers, *end.listed) for line in node.cite(record)))


class Side:
    """A node on one side of a comparison."""

    def __init__(self, situation: Situation) -> None:
        self.situation = situation
        self.node: Node = situation.node
        self.host: Host = situation.host
        self.pods = tuple(PodView(tie, pod, self.host) for tie, pod in zip(situation.ties, situation.pods, strict=True))

    # --- what can be said not to be there -----------------------------------------------------------------------------

    @cached_property
    def shows_every_bridge(self) -> bool:
        return "brctl show" in self.node.complete or self.host.shows_every_master

    @property
    def shows_every_member(self) -> bool:
        """Whether no member of a bridge can be missing."""
        return not self.node.complete.isdisjoint({"brctl show", "bridge link"}) or self.host.shows_every_master

    def shows_routes(self, version: int) -> bool:
        """Whether every route of this version of IP is shown."""
        return version in self._route_versions

    @cached_property
    def _route_versions(self) -> frozenset[int]:
        if any(route.dst is None for route in self.host.routes):
            return frozenset()  # printed as a name, which can stand for any network
        versions: set[int] = set()
        for parsed in self.node.captures:
            # Only `table all` shows IPv6 beside IPv4; an empty table is one of IPv4.
            if parsed.namespace == HOST and parsed.command in ROUTING_TABLES and parsed.is_whole:
                versions |= {route.dst.version for route in parsed.of(Route) if route.dst is not None} or {4}
        return frozenset(versions)

    @property
    def possible_datapaths(self) -> frozenset[str]:
        """What the datapath can be, where the captures, which show one way to pods, could leave out the other."""
        datapath = self.situation.mode.datapath
        if datapath == "bridge" and not (self.shows_routes(4) or self.host.shows_every_interface):
            return frozenset({"bridge", "mixed"})
        # The bridge of pods has a route, of the node's own subnet if not of one for pods alone; where the listing of
        # interfaces hides members, such a bridge was taken for one without.
        by_routes = self.shows_routes(4) and not self.host.shows_every_interface
        if datapath in {"transparent", "none"} and not (self.shows_every_bridge or by_routes):
            return frozenset({"bridge", "mixed", "transparent", "none"})
        return frozenset({datapath})

    def shows_every_pod(self, *, of_docker: bool) -> bool:
        """Whether no pod can be on the node unseen; ``of_docker``: no plain container either."""
        if self.host.shows_every_interface:
            return True
        members_known = all(
            bridge.members_known for bridge in self.host.bridges.values() if of_docker or not bridge.is_docker
        )
        return self.shows_routes(4) and members_known and self.situation.mode.datapath != "unknown"

    @property
    def shows_every_address(self) -> bool:
        return "ip addr" in self.node.complete

    # --- what is there ------------------------------------------------------------------------------------------------

    @cached_property
    def bridges(self) -> dict[str, BridgeView]:
        """What is certainly a bridge; bonds and VRFs have members as well."""
        named = {bridge.bridge for bridge in self.node.bridges or ()}
        named |= {port.master for port in self.node.bridge_ports or () if port.is_port and port.master is not None}
        return {
            name: bridge
            for name, bridge in self.host.bridges.items()
            if name in named or KNOWN_BRIDGE.fullmatch(name) is not None or _says_bridge(self.host.by_name.get(name))
        }

    def members(self, bridge: str) -> dict[str, list[Line]]:
        """The members of a bridge, each with the lines that say so."""
        return self.host.bridges[bridge].members if bridge in self.host.bridges else {}

    @cached_property
    def device_names(self) -> frozenset[str]:
        return self.host.device_names | self.host.bridges.keys()

    @cached_property
    def routes(self) -> dict[Network, list[Route]]:
        """By destination: the routes by which packets leave the node."""
        found: dict[Network, list[Route]] = {}
        for route in self.host.routes:
            if route.dst is not None and route.device is not None:
                found.setdefault(route.dst, []).append(route)
        return found

    @cached_property
    def pod_destinations(self) -> frozenset[Network]:
        return frozenset(route.dst for route in self.host.pod_routes if route.dst is not None)

    @cached_property
    def veths(self) -> frozenset[str]:
        """Names of interfaces that lead to pods."""
        return frozenset((*self.host.pod_devices, *(pod.veth for pod in self.pods if pod.veth is not None)))

    def addresses(self, name: str) -> dict[int, frozenset[str]]:
        """The lasting addresses of an interface, by version of IP."""
        row = self.host.by_name.get(name)
        found: dict[int, set[str]] = {}
        for address in row.addr_info if row is not None else ():
            if address.is_global and not address.temporary:
                found.setdefault(address.local.version, set()).add(str(address.interface))
        return {version: frozenset(texts) for version, texts in found.items()}

    def cite_interfaces(self, names: Iterable[str], *words: str) -> list[Line]:
        """Of each interface the lines that hold one of ``words``, else its first line."""
        rows = (self.host.by_name.get(name) for name in names)
        return [line for row in rows if row is not None for line in self.node.cite(row, *words)]


def _says_bridge(row: Interface | None) -> bool:
    return row is not None and row.linkinfo is not None and row.linkinfo.info_kind == "bridge"
