"""A packet's walk: out of a pod, over a bridge or by the host's routes, into a pod or out of the node, and on into
another node. What filters packets (iptables, policies) is not asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from ...commands.routes import Route
from ...node import shows_master
from ...prefixes import Address
from ...records import Line
from ..catalogue import CAPTURE_MISSING
from ..citing import references
from ..host import VIRTUAL_GATEWAY, BridgeView
from ..interface_state import has_no_carrier, is_down
from ..lookup import NextHop, next_hop
from ..models import Finding, LineReference
from .models import Hop, HopKind, Verdict
from .parties import Party
from .places import Place, TracedPod, unanswered
from .wording import (
    address_words,
    broken,
    capital,
    gateway_of,
    its_end,
    leads,
    name_of_interface,
    namely,
    rejects,
)

__all__ = ["End", "Walk"]

# With these the captures do not say which veth is the pod's.
_CONTRADICTIONS = frozenset({"peer-disagrees", "peer-missing", "peer-is-card", "veth-shared"})


@dataclass(frozen=True, slots=True)
class End:
    """How a walk ended, and why it did not arrive."""

    verdict: Verdict
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Onward:
    """Where a pod hands its packet: to the target itself, if that is on its link, or to a gateway; None if that is not
    known by its address."""

    is_on_link: bool
    gateway: Address | None = None


@dataclass(slots=True)
class Walk:
    """A packet on its way to ``address``. Each method is a place it comes to, and ends where the next one ends."""

    places: list[Place]
    target: Party
    address: Address
    hops: list[Hop] = field(default_factory=list)
    missing: list[Finding] = field(default_factory=list)
    visited: set[int] = field(default_factory=set)

    # --- out of a pod -------------------------------------------------------------------------------------------------

    def from_pod(self, pod: TracedPod) -> End:
        interface = pod.interface
        version = self.address.version
        if self.address in pod.addresses:
            self._hop("pod", pod.place, f"{capital(pod.name)} has {self.address} itself.", lines=pod.lines())
            return End("reached")
        source = pod.address_of(version)
        if interface is None:
            self._hop(
                "pod-interface",
                pod.place,
                f"The interface of {pod.name} was not captured; pods call theirs eth0.",
                interface="eth0",
                assumed=True,
            )
            self._would_tell(f"{pod.enter} ip addr", f"would show the interface of {pod.name}")
        else:
            has = f", with {source}" if source is not None else ""
            self._hop(
                "pod-interface",
                pod.place,
                f"{capital(pod.name)} sends by its {interface.ifname}{has}.",
                interface=interface.ifname,
                lines=[*pod.lines(), *(pod.lines(*address_words(interface, source)) if source is not None else ())],
            )
            if is_down(interface):
                return End("lost", f"{interface.ifname} of {pod.name} is down.")
            if has_no_carrier(interface) and not is_down(pod.place.host.by_name.get(pod.veth or "")):
                return End("lost", f"{interface.ifname} of {pod.name} has no carrier: its other end is down.")
            if source is None and pod.shows_every_address:
                return End("lost", f"{interface.ifname} of {pod.name} has no IPv{version} address.")
        onward = self._by_pods_routes(pod, source)
        return onward if isinstance(onward, End) else self._out_of(pod, onward)

    def _by_pods_routes(self, pod: TracedPod, source: Address | None) -> _Onward | End:
        route = pod.table(source).find(self.address)
        if route is None and pod.shows_every_route(self.address.version):
            self._hop("pod-route", pod.place, f"{capital(pod.name)} has no route to {self.address}.")
            return End("lost", f"{capital(pod.name)} has no route to {self.address}, nor a default route.")
        if route is None:
            return self._by_known_default(pod)
        lines = pod.place.node.cite(route)
        way = next_hop(route)
        if way is None:
            self._hop(
                "pod-route",
                pod.place,
                f"The route {route.dst} of {pod.name} turns packets away.",
                destination=str(route.dst),
                lines=lines,
            )
            return End("lost", f"{capital(pod.name)} has a route to {route.dst} that {rejects(route)}.")
        entry = unanswered(pod.neighbours, self.address if way.is_on_link else way.gateway, way.device)
        self._hop(
            "pod-route",
            pod.place,
            f"The route {route.dst} of {pod.name} {leads(way, self.address)}.",
            interface=way.device,
            destination=str(route.dst),
            gateway=gateway_of(way),
            lines=[*lines, *(pod.place.node.cite(entry) if entry is not None else ())],
        )
        if entry is not None:
            return End("lost", f"Nobody answered {pod.name} for {entry.dst} ({' '.join(entry.state)}).")
        interface = pod.interface
        if interface is not None and way.device not in {None, interface.ifname}:
            self._would_tell("ip -d addr", f"on the host would show the other end of {way.device}")
            return End("unknown", f"{capital(pod.name)} sends by {way.device}, whose other end is not known.")
        return _Onward(way.is_on_link, way.gateway)

    def _by_known_default(self, pod: TracedPod) -> _Onward:
        """What pods of this mode have, where the pod's routes were not captured."""
        place, version = pod.place, self.address.version
        bridge = place.bridge_for(pod)
        networks = pod.networks(version) or tuple(bridge.networks if bridge is not None else ())
        gateway: Address | None = None
        is_on_link = False
        if bridge is not None and any(self.address in known for known in networks if known.version == version):
            is_on_link = True
            sentence = f"on the bridge {bridge.name}, {self.address} is in its subnet and so on the link"
        elif bridge is not None and place.host.uplink is not None and place.host.uplink.interface == bridge.name:
            gateway = _as_version(place.host.default_route, version)
            sentence = f"pods on the bridge {bridge.name} have the gateway of the subnet{namely(gateway)}"
        elif bridge is not None:
            gateway = place.own_on(bridge.name, version)
            sentence = f"pods on the bridge {bridge.name} have the bridge itself as gateway{namely(gateway)}"
        elif pod.tie.route is None and place.mode.datapath not in {"transparent", "mixed"}:
            sentence = "nothing captured tells in which mode it is"
        else:
            gateway = place.own_on(pod.veth or "", version) or (VIRTUAL_GATEWAY if version == 4 else None)
            sentence = f"in transparent mode the host answers for the pods' gateway{namely(gateway)}"
        self._hop(
            "pod-route",
            place,
            f"The routes of {pod.name} were not captured; {sentence}.",
            interface=pod.interface.ifname if pod.interface is not None else "eth0",
            gateway=str(gateway) if gateway is not None else None,
            assumed=True,
        )
        six = "-6 " if version == 6 else ""
        self._would_tell(f"{pod.enter} ip {six}route", f"would show the routes of {pod.name}")
        return _Onward(is_on_link, gateway)

    def _out_of(self, pod: TracedPod, onward: _Onward) -> End:
        """At the other end of the pod's interface."""
        place, host, veth = pod.place, pod.place.host, pod.veth
        bridge = host.bridge_of.get(veth) if veth is not None else place.bridge_for(pod)
        row = host.by_name.get(veth or "")
        contradiction = next((found for found in pod.tie.findings if found.code in _CONTRADICTIONS), None)
        if contradiction is not None:
            self._hop("veth", place, f"The other end of {pod.name} cannot be told.", cited=contradiction.lines)
            return self._contradicted(contradiction, "unknown" if veth is not None else "lost")
        if veth is None and bridge is None:
            self._hop("veth", place, f"Nothing captured shows the other end of {pod.name}.", assumed=True)
            self._would_tell("ip addr", "on the host would show the pod's other end")
            return End("unknown", f"The captures do not show where {pod.name} is attached on the host.")
        if veth is None:
            assert bridge is not None
            self._hop(
                "veth",
                place,
                f"Which port is the other end of {pod.name} was not captured; its address is one of {bridge.name}.",
                assumed=True,
                lines=bridge.lines,
            )
            self._would_tell("ip addr", "on the host would show which port is the pod's other end")
            return self._on_bridge(place, bridge, None, onward)
        lines = host.node.cite(row) if row is not None else ()
        if bridge is not None:
            lines = (*lines, *bridge.members.get(veth, ()))
        elif pod.tie.route is not None:
            lines = (*lines, *host.node.cite(pod.tie.route))
        if bridge is not None:
            sentence = f"Its other end on the host is {veth}, a port of the bridge {bridge.name}."
        elif onward.is_on_link:
            sentence = f"Its other end is {veth}, where the host answers for {self.address}."
        else:
            answers = f", where the host answers for {onward.gateway}" if onward.gateway is not None else ""
            sentence = f"Its other end on the host is {veth}{answers}."
        is_sure = bridge is not None or onward.gateway is None or place.answers_for(onward.gateway)
        self._hop(
            "veth",
            place,
            sentence,
            interface=veth,
            assumed=row is None or not is_sure or (bridge is None and onward.is_on_link),
            lines=lines,
        )
        fault = broken(veth, row)
        if fault is not None:
            return End("lost", fault)
        if bridge is not None:
            return self._on_bridge(place, bridge, veth, onward)
        wanted = place.bridge_for(pod)
        if wanted is None or onward.gateway == VIRTUAL_GATEWAY:
            return self.at_host(place)
        if wanted.members_known or (row is not None and shows_master(row)):
            return End(
                "lost", f"{veth} is no member of the bridge {wanted.name}, which has the pod's network; nobody answers."
            )
        self._would_tell("brctl show", "on the host would show the members of its bridges")
        return self._on_bridge(place, wanted, veth, onward)

    def _contradicted(self, found: Finding, verdict: Verdict) -> End:
        """Two captures disagree about the pod's other end."""
        self._would_tell(
            "ip addr", "of the host and of the pod, captured at one time, would show which veth is its own"
        )
        return End(verdict, found.message)

    # --- on a bridge --------------------------------------------------------------------------------------------------

    def _on_bridge(
        self, place: Place, bridge: BridgeView, came_by: str | None, onward: _Onward, *, is_linkdown: bool = False
    ) -> End:
        """A frame on a bridge, to the target or to a gateway. ``came_by``: the port; None if it is the host's own, or
        that of a pod whose port is not known."""
        host, row = place.host, place.host.by_name.get(bridge.name)
        wanted = self.address if onward.is_on_link else onward.gateway
        from_host = bool(self.hops) and self.hops[-1].kind == "host-route"
        has_no_port = from_host and (has_no_carrier(row) or (row is None and is_linkdown))
        if is_down(row) or has_no_port:
            self._bridge_hop(place, bridge, f"The way goes over the bridge {bridge.name}.")
            why = "has no carrier: none of its ports is up" if has_no_port else "is down"
            return End("lost", f"The bridge {bridge.name} {why}.")
        if not from_host and (wanted is None or wanted in place.own):
            return self._to_host(place, bridge, wanted)
        known = place.pods_at(wanted) if wanted is not None else []
        on_it = [pod for pod in known if pod.veth in bridge.members or (pod.veth is None and pod.tie.bridge is bridge)]
        if on_it:
            return self._to_port(place, bridge, on_it, came_by, wanted)
        if known:
            return self._to_no_port(place, bridge, known[0], wanted)
        seen_at = self._port_seen(place, bridge, wanted)
        if seen_at is not None and wanted is not None and not host.is_physical(seen_at):
            lines = [line for entry in host.neighbours_at.get(wanted, ()) for line in host.node.cite(entry)]
            self._bridge_hop(place, bridge, f"The bridge {bridge.name} has seen {wanted} at {seen_at}.", lines)
            return self._into(place, seen_at, was_seen=True)
        return self._to_no_known_port(place, bridge, came_by, wanted, onward)

    def _to_host(self, place: Place, bridge: BridgeView, wanted: Address | None) -> End:
        own = place.own.get(wanted) if wanted is not None else None
        what = f"the host, which has {wanted}" if wanted is not None else "the host, as the pods' gateway"
        lines = own.lines if own is not None else ()
        self._bridge_hop(place, bridge, f"The bridge {bridge.name} hands it to {what}.", lines, assumed=own is None)
        return self.at_host(place)

    def _to_port(
        self, place: Place, bridge: BridgeView, pods: list[TracedPod], came_by: str | None, wanted: Address | None
    ) -> End:
        pod = next((pod for pod in pods if pod is self.target.pod), pods[0])
        if pod.veth is None:
            return self._to_unknown_port(place, bridge, pod, wanted)
        lines = bridge.members.get(pod.veth, [])
        self._bridge_hop(place, bridge, f"The bridge {bridge.name} hands it to its port {pod.veth}.", lines)
        if pod.veth == came_by:
            return End("lost", f"{wanted} is behind {came_by}, from which the packet comes: no bridge sends it back.")
        return self._into(place, pod.veth)

    def _to_no_port(self, place: Place, bridge: BridgeView, pod: TracedPod, wanted: Address | None) -> End:
        """The pod that has the address is at no port that was captured."""
        row = place.host.by_name.get(pod.veth or "")
        if pod.veth is None:
            return self._to_unknown_port(place, bridge, pod, wanted)
        if bridge.members_known or pod.tie.route is not None or (row is not None and shows_master(row)):
            lines = place.node.cite(row) if row is not None else ()
            self._bridge_hop(place, bridge, f"No port of {bridge.name} leads to {wanted}.", lines)
            return End("lost", f"{capital(pod.name)} has {wanted}, and {pod.veth} is no member of {bridge.name}.")
        self._bridge_hop(place, bridge, f"The bridge {bridge.name} should hand it to {pod.veth}.", assumed=True)
        self._would_tell("brctl show", "on the host would show the members of its bridges")
        return self._into(place, pod.veth)

    def _to_unknown_port(self, place: Place, bridge: BridgeView, pod: TracedPod, wanted: Address | None) -> End:
        """The pod that has the address was seen from its own side only."""
        self._bridge_hop(place, bridge, f"A port of the bridge {bridge.name} leads to {wanted}.", assumed=True)
        self._would_tell("ip addr", f"on the host would show which port leads to {pod.name}")
        return self._arrive(place, pod, None)

    def _port_seen(self, place: Place, bridge: BridgeView, wanted: Address | None) -> str | None:
        """The port behind which the bridge has seen the address, by the neighbour and forwarding tables."""
        entries = place.host.neighbours_at.get(wanted, []) if wanted is not None else []
        macs = {str(entry.lladdr) for entry in entries if entry.dev == bridge.name}
        ports = {port for mac in macs for port in place.host.ports_of_mac.get(mac, ()) if port in bridge.members}
        return next(iter(ports)) if len(ports) == 1 else None

    def _to_no_known_port(
        self, place: Place, bridge: BridgeView, came_by: str | None, wanted: Address | None, onward: _Onward
    ) -> End:
        """No pod that was captured has the address: it is in the network, if the bridge leads there, or nowhere."""
        host = place.host
        cards = [name for name in bridge.members if host.is_physical(name) and name != came_by]
        unseen = [name for name in host.pod_ports(bridge) if not any(pod.is_seen for pod in place.pods_behind(name))]
        leads_out = bool(cards) or (host.uplink is not None and host.uplink.interface == bridge.name)
        elsewhere = [other for other in self.places if other is not place and other.has(self.address)]
        entry = unanswered(host.node.neighbours or (), wanted, bridge.name)
        if leads_out and not host.is_physical(came_by or ""):
            if not cards and bridge.members_known:
                self._bridge_hop(place, bridge, f"The bridge {bridge.name} has no port to the network.")
                return End("lost", f"No network card is a member of the bridge {bridge.name}, which is the way out.")
            if not onward.is_on_link or elsewhere or (bridge.members_known and not unseen):
                card = cards[0] if cards else None
                sentence = f"No pod on the bridge {bridge.name} has {wanted}: it goes out to the network."
                shown = bridge.members.get(card, []) if card is not None else bridge.lines[:1]
                self._bridge_hop(place, bridge, sentence, shown, assumed=card is None)
                return self._on_wire(place, card or bridge.name, onward)
        lines = host.node.cite(entry) if entry is not None else ()
        self._bridge_hop(place, bridge, f"Nothing captured on the bridge {bridge.name} has {wanted}.", lines)
        if not onward.is_on_link and (place.shows_own_addresses or place.own_on(bridge.name, self.address.version)):
            return End("lost", f"Nobody answers for the gateway {wanted}: no address of the host is like that.")
        if entry is not None:
            return End("lost", f"Nobody answered for {wanted} on {bridge.name} ({' '.join(entry.state)}).")
        if not unseen and bridge.members_known and onward.is_on_link:
            return End("lost", f"Nobody on the bridge {bridge.name} has {wanted}.")
        if not bridge.members_known:
            self._would_tell("brctl show", "on the host would show the members of its bridges")
        self._would_tell("nsenter -t PID -n ip addr", "of the other pods would show which of them has which address")
        return End("unknown", f"The captures do not show which port of {bridge.name}, if any, leads to {wanted}.")

    # --- on a host ----------------------------------------------------------------------------------------------------

    def at_host(self, place: Place) -> End:
        """A packet that the host itself handles: delivers, or forwards by its table."""
        own = place.own.get(self.address)
        if own is not None:
            on = f" on {own.interface}" if own.interface is not None else ""
            self._hop(
                "node",
                place,
                f"{capital(place.name)} has {self.address}{on}: the packet has arrived.",
                interface=own.interface,
                lines=own.lines,
            )
            return End("reached")
        if place.number in self.visited:
            self._hop("host-route", place, f"The packet comes to {place.name} again.")
            return End("lost", f"The packet goes round in a circle: it was at {place.name} before.")
        self.visited.add(place.number)
        cluster = place.cluster_with_service(self.address)
        if cluster is not None:
            sentence = f"{self.address} is in the cluster's network for services."
            self._hop("host-route", place, sentence, lines=place.node.cite(cluster))
            self._would_tell("kubectl get endpoints -A", "would show the pods behind the service")
            return End("unknown", f"{self.address} is a service's: kube-proxy's rules send it to one of its pods.")
        if not place.own:
            self._would_tell("ip addr", f"on the host would show whether {self.address} is its own")
        route = place.table.find(self.address)
        if route is None:
            return self._without_route(place)
        lines = place.node.cite(route)
        way = next_hop(route)
        if way is None:
            sentence = f"The host's route {route.dst} turns packets away."
            self._hop("host-route", place, sentence, destination=str(route.dst), lines=lines)
            return End("lost", f"The host has a route to {route.dst} that {rejects(route)}.")
        is_whole = place.node.shows_every_route or route.is_host
        doubt = "" if is_whole else " A route that was not captured may be more specific."
        self._hop(
            "host-route",
            place,
            f"The host's route {route.dst} {leads(way, self.address)}.{doubt}",
            interface=way.device,
            destination=str(route.dst),
            gateway=gateway_of(way),
            assumed=not is_whole,
            lines=lines,
        )
        if not is_whole:
            self._would_tell("route -n", "on the host, in full, would show whether a more specific route comes first")
        broadcast = self._broadcast(place)
        if broadcast is not None:
            return End("lost", f"{self.address} is the broadcast address of {broadcast}, not one machine's.")
        return self._by_route(place, way)

    def _without_route(self, place: Place) -> End:
        version = self.address.version
        if place.shows_every_route(version):
            self._hop(
                "host-route",
                place,
                f"The host has no route to {self.address}.",
                lines=place.node.beginnings("ip route", "route -n"),
            )
            return End("lost", f"The host has no route to {self.address}, nor a default route.")
        bridge = place.host.bridge_at(self.address)
        command = "ip -6 route" if version == 6 else "route -n"
        self._would_tell(command, f"on the host would show its route to {self.address}")
        if bridge is not None and not place.node.routes:
            [network, *_] = [known for known in bridge.networks if known.version == version and self.address in known]
            self._hop(
                "host-route",
                place,
                f"The host's routes were not captured; {network} is the network of {bridge.name}.",
                interface=bridge.name,
                destination=str(network),
                assumed=True,
                lines=bridge.lines[:1],
            )
            return self._on_bridge(place, bridge, None, _Onward(is_on_link=True))
        self._hop("host-route", place, f"No captured route of the host leads to {self.address}.")
        return End("unknown", f"The captures do not show the host's route to {self.address}.")

    def _broadcast(self, place: Place) -> str | None:
        for row in place.host.by_name.values():
            for address in row.addr_info:
                network = address.interface.network
                if network.version == 4 and network.prefixlen < 31 and network.broadcast_address == self.address:
                    return str(network)
        return None

    def _by_route(self, place: Place, way: NextHop) -> End:
        host, device = place.host, way.device
        onward = _Onward(way.is_on_link, way.gateway)
        if device is None:
            self._would_tell("ip route", "on the host would show the interface of the route")
            return End("unknown", "The captured route does not name an interface.")
        if device in host.unlisted and not host.node.complete.isdisjoint({"ip addr", "ip link"}):
            self._hop("interface", place, f"The way out of {place.name} is {device}.", interface=device)
            return End("lost", f"The host has no interface {device}, to which its route leads.")
        bridge = host.bridges.get(device)
        if bridge is not None:
            return self._on_bridge(place, bridge, None, onward, is_linkdown=way.is_linkdown)
        if place.leads_to_pod(device) and not host.is_physical(device):
            return self._into(place, device, is_linkdown=way.is_linkdown)
        return self._on_wire(place, device, onward, is_linkdown=way.is_linkdown)

    # --- into a pod ---------------------------------------------------------------------------------------------------

    def _into(self, place: Place, veth: str, *, is_linkdown: bool = False, was_seen: bool = False) -> End:
        """Out of the host by a veth, to whatever is at its other end. ``was_seen``: the target answered there."""
        row = place.host.by_name.get(veth)
        behind = place.pods_behind(veth)
        pod = next((pod for pod in behind if self.address in pod.addresses), behind[0] if behind else None)
        lines = place.node.cite(row) if row is not None else ()
        sentence = f"The way into the pod is {veth}."
        self._hop("veth", place, sentence, interface=veth, assumed=row is None, lines=lines)
        inside_is_down = pod is not None and is_down(pod.interface)
        fault = broken(veth, row, is_linkdown=is_linkdown)
        if fault is not None and (is_down(row) or not inside_is_down):
            return End("lost", fault)
        return self._arrive(place, pod, veth, was_seen=was_seen)

    def _arrive(self, place: Place, pod: TracedPod | None, veth: str | None, *, was_seen: bool = False) -> End:
        """At a pod; ``veth``: the way to it, None if the captures do not show it."""
        behind = f"at the other end of {veth}" if veth is not None else f"with {self.address}"
        if was_seen and (pod is None or not pod.is_seen):
            self._hop("pod", place, f"The pod {behind} was not captured; it answered for {self.address}.", assumed=True)
            self._would_tell("nsenter -t PID -n ip addr", f"would show whether the pod {behind} has {self.address}")
            return End("reached")
        if pod is None or (not pod.is_seen and self.address not in pod.addresses):
            wanted = self._elsewhere_here(place, veth)
            if wanted is not None:
                self._hop("pod", place, f"{capital(wanted.name)} is not {behind}.", lines=wanted.lines())
                return End("lost", f"{capital(wanted.name)} has {self.address}, {its_end(wanted)}, not {veth}.")
            self._hop("pod", place, f"The pod {behind} was not captured.", assumed=True)
            self._would_tell("nsenter -t PID -n ip addr", f"would show whether the pod {behind} has {self.address}")
            return End("unknown", f"The captures do not show which pod is {behind}.")
        if not pod.is_seen:
            return self._at_unseen(place, pod, veth)
        row = pod.interface
        lines = pod.lines()
        if row is not None:
            lines = (*lines, *pod.lines(*address_words(row, self.address)))
        if self.address not in pod.addresses:
            has = ", ".join(map(str, pod.addresses)) or "no address"
            self._hop("pod", place, f"{capital(pod.name)} is {behind}.", interface=name_of_interface(row), lines=lines)
            return End("lost", f"{capital(pod.name)} is {behind}; it has {has}, not {self.address}.")
        contradiction = next((found for found in pod.tie.findings if found.code in _CONTRADICTIONS), None)
        if contradiction is not None:
            self._hop("pod", place, f"{capital(pod.name)} may not be {behind}.", cited=contradiction.lines)
            return self._contradicted(contradiction, "unknown" if contradiction.code == "veth-shared" else "lost")
        if is_down(row):
            sentence = f"{capital(pod.name)} is {behind}."
            self._hop("pod", place, sentence, interface=name_of_interface(row), lines=lines)
            return End("lost", f"{name_of_interface(row)} of {pod.name} is down.")
        if self.target.pod is not None and pod is not self.target.pod:
            self._hop(
                "pod",
                place,
                f"{capital(pod.name)} has {self.address}, too.",
                interface=name_of_interface(row),
                lines=lines,
            )
            return End("lost", f"{capital(self.target.pod.name)} has {self.address} as well, and is not {behind}.")
        on = f" on its {row.ifname}" if row is not None else ""
        self._hop(
            "pod",
            place,
            f"{capital(pod.name)} has {self.address}{on}: the packet has arrived.",
            interface=name_of_interface(row),
            assumed=row is None or veth is None,
            lines=lines,
        )
        if row is None:
            self._would_tell(f"{pod.enter} ip addr", f"would show the interface of {pod.name}")
        return End("reached")

    def _at_unseen(self, place: Place, pod: TracedPod, veth: str | None) -> End:
        """At a pod that only the host's side shows: the host sends there what is for the address."""
        wanted = self._elsewhere_here(place, veth)
        if wanted is not None:
            self._hop("pod", place, f"{capital(wanted.name)} is not at the other end of {veth}.", lines=wanted.lines())
            return End("lost", f"{capital(wanted.name)} has {self.address}, {its_end(wanted)}, not {veth}.")
        sentence = f"The pod at the other end of {veth} was not captured; by the host's route it has {self.address}."
        self._hop("pod", place, sentence, assumed=True)
        self._would_tell(f"{pod.enter} ip addr", f"would show whether the pod behind {veth} has {self.address}")
        return End("reached")

    def _elsewhere_here(self, place: Place, veth: str | None) -> TracedPod | None:
        """The pod that was seen to have the target's address, and is not at the other end of ``veth``."""
        seen = (pod for pod in place.pods_at(self.address) if pod.is_seen and pod.veth != veth)
        return next(seen, None)

    # --- out of a node ------------------------------------------------------------------------------------------------

    def _on_wire(self, place: Place, device: str, onward: _Onward, *, is_linkdown: bool = False) -> End:
        """Out of the node by an interface that leads to the network."""
        host, row = place.host, place.host.by_name.get(device)
        lines = place.node.cite(row) if row is not None else ()
        sentence = f"The way out of {place.name} is {device}."
        self._hop("interface", place, sentence, interface=device, assumed=row is None, lines=lines)
        fault = broken(device, row, is_linkdown=is_linkdown)
        if fault is not None:
            return End("lost", fault)
        here = self._kept_here(place, device)
        if here is not None:
            if place.node.shows_every_route or self.hops[-2].kind == "bridge":
                return End("lost", f"{here}, and the packet leaves it by {device}: no route leads there.")
            return End("unknown", f"{here}, and no captured route leads there.")
        wanted = self.address if onward.is_on_link else onward.gateway
        upper = row.master if row is not None and row.master is not None else device
        entry = unanswered(host.node.neighbours or (), wanted, upper)
        if entry is not None:
            kind: Literal["neighbour", "gateway"] = "neighbour" if onward.is_on_link else "gateway"
            said = f"{place.name} has asked for {wanted}"
            self._hop(kind, None, f"{capital(said)}.", gateway=str(wanted), lines=place.node.cite(entry))
            return End("lost", f"Nobody answered {place.name} for {wanted} ({' '.join(entry.state)}).")
        if not onward.is_on_link:
            called = str(wanted) if wanted is not None else "of its default route"
            self._hop("gateway", None, f"The gateway {called} takes it.", gateway=str(wanted) if wanted else None)
            relay = [
                other for other in self.places if other is not place and wanted is not None and wanted in other.own
            ]
            if len(relay) == 1 and not relay[0].has(self.address):
                return self._enter(place, relay[0], f"{relay[0].name} has {wanted}")
        return self._over_network(place, onward)

    def _kept_here(self, place: Place, device: str) -> str | None:
        """Why the target is on the very node that the packet leaves; None if it is not."""
        for pod in place.pods_at(self.address):
            if pod.veth != device:
                has = f"{capital(pod.name)}, which has {self.address}, is on {place.name}"
                fault = broken(str(pod.veth), place.host.by_name.get(pod.veth or ""))
                return f"{has} ({fault.removesuffix('.')})" if fault is not None else has
        bridge = place.host.bridge_at(self.address)
        if bridge is not None and bridge.name != device and place.holds(self.address):
            return f"{self.address} is in the network of {bridge.name} on {place.name}"
        return None

    def _over_network(self, place: Place, onward: _Onward) -> End:
        others = [other for other in self.places if other is not place]
        owners = [other for other in others if other.has(self.address)]
        if self.target.place is not None and self.target.place in owners:
            owners = [self.target.place]
        owners = owners or [other for other in others if other.holds(self.address)]
        if len(owners) > 1:
            names = ", ".join(owner.name for owner in owners)
            self._hop("network", None, f"More than one captured node has {self.address}.", assumed=True)
            self._would_tell("kubectl get pods -A -o wide", f"would show on which node {self.address} is")
            return End("unknown", f"{self.address} is on {names}; the network decides which of them it is.")
        if owners:
            return self._enter(place, owners[0], "the VNet's addresses and route table lead there")
        if onward.is_on_link:
            sentence = f"{self.address} is a neighbour in the subnet."
            self._hop("neighbour", None, sentence, gateway=str(self.address))
            if not place.own:
                return End("unknown", f"The captures do not show whether {self.address} is {place.name} itself.")
            return End("left", f"{self.address} is in the subnet of {place.name}; nothing was captured there.")
        return End("left", f"Beyond the gateway of {place.name} nothing was captured that has {self.address}.")

    def _enter(self, place: Place, other: Place, why: str) -> End:
        """Over the network into another captured node."""
        self._hop(
            "network",
            None,
            f"From {place.name} the network brings {self.address} to {other.name}: {why}.",
            assumed=True,
        )
        uplink = other.host.uplink
        if uplink is None:
            return self.at_host(other)
        # The port of a bridge; below a card that is none, the VF of accelerated networking is no way of its own.
        ports = uplink.ports if uplink.interface in other.host.bridges else ()
        device = next(iter(ports), uplink.interface)
        row = other.host.by_name.get(device)
        lines = other.node.cite(row) if row is not None else ()
        sentence = f"The way into {other.name} is {device}."
        self._hop("interface", other, sentence, interface=device, assumed=row is None, lines=lines)
        fault = broken(device, row)
        if fault is not None:
            return End("lost", fault)
        bridge = other.host.bridge_of.get(device)
        # Azure CNI has the bridge hand a pod's packets to its port; all else is for the host.
        if bridge is not None and any(pod.veth in bridge.members for pod in other.pods_at(self.address)):
            return self._on_bridge(other, bridge, device, _Onward(is_on_link=True))
        return self.at_host(other)

    # --- what is said -------------------------------------------------------------------------------------------------

    def _hop(
        self,
        kind: HopKind,
        place: Place | None,
        sentence: str,
        *,
        interface: str | None = None,
        destination: str | None = None,
        gateway: str | None = None,
        assumed: bool = False,
        lines: Iterable[Line] = (),
        cited: tuple[LineReference, ...] = (),
    ) -> None:
        in_pod = kind in {"pod-interface", "pod-route", "pod"}
        self.hops.append(
            Hop(
                kind=kind,
                node=place.reference if place is not None else None,
                place="network" if place is None else "pod" if in_pod else "host",
                interface=interface,
                destination=destination,
                gateway=gateway,
                sentence=sentence,
                assumed=assumed,
                lines=cited or references(lines),
            )
        )

    def _bridge_hop(
        self,
        place: Place,
        bridge: BridgeView,
        sentence: str,
        lines: Iterable[Line] = (),
        *,
        assumed: bool = False,
    ) -> None:
        row = place.host.by_name.get(bridge.name)
        own = place.node.cite(row) if row is not None else bridge.lines[:1]
        self._hop("bridge", place, sentence, interface=bridge.name, assumed=assumed, lines=[*own, *lines])

    def _would_tell(self, command: str, why: str) -> None:
        self.missing.append(CAPTURE_MISSING.found(f"`{command}` {why}.", (command,), ()))


def _as_version(route: Route | None, version: int) -> Address | None:
    gateway = route.next_hop if route is not None else None
    return gateway if gateway is not None and gateway.version == version else None
