"""Which pod rides on which host veth, and that on which route or bridge: every fact that ties them, and those that
disagree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_interface

from ..commands.ip_addr import Interface
from ..commands.route_n import Route
from ..node import Node
from ..records import Line
from .ends import PodEnd, pod_ends
from .host import BridgeView, Host
from .models import BridgeAttachment, EndPoint, Finding, LineReference, Pod, Proof, RouteAttachment

__all__ = ["Wiring", "references", "wire"]


def references(lines: Iterable[Line]) -> tuple[LineReference, ...]:
    """Lines as the result shows them, each once, in the order of the text."""
    unique = sorted(set(lines), key=lambda line: (line.file or "", line.line))
    return tuple(LineReference(file=line.file, line=line.line, text=line.text) for line in unique)


@dataclass(slots=True)
class Wiring:
    """The pods of a node and what was found wrong while tying their ends together."""

    pods: list[Pod] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class _Tie:
    """What is known of one pod's way out while it is being worked out."""

    veth: str | None = None
    route: Route | None = None
    bridge: BridgeView | None = None
    proofs: list[Proof] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def prove(self, proof: Proof) -> None:
        if proof not in self.proofs:
            self.proofs.append(proof)


def wire(node: Node, host: Host) -> Wiring:
    """Tie every pod's end to the host's, then list what the host shows of pods that nobody looked into."""
    wiring = Wiring()
    used_veths: set[str] = set()
    used_routes: set[int] = set()
    for end in pod_ends(node):
        tie = _tie(end, host)
        wiring.findings += tie.findings
        if tie.veth is not None:
            used_veths.add(tie.veth)
            used_routes |= {
                id(route) for route in host.pod_routes if route.dev == tie.veth and route.dst.network_address in end.ips
            }
        if tie.route is not None:
            used_routes.add(id(tie.route))
        wiring.pods.append(_pod(end, tie, host))
    for route in host.pod_routes:
        if id(route) not in used_routes and route.dev is not None:
            used_veths.add(route.dev)
            wiring.pods.append(_host_side(route.dev, host, route=route))
    for name in host.veths:
        if name not in used_veths:
            used_veths.add(name)
            wiring.pods.append(_host_side(name, host))
    for bridge in host.bridges.values():
        for name in host.pod_ports(bridge):
            if name not in used_veths:
                used_veths.add(name)
                wiring.pods.append(_host_side(name, host))
    wiring.pods.sort(key=_order)
    return wiring


def _order(pod: Pod) -> tuple[bool, int, int, str]:
    first = ip_interface(pod.addresses[0]) if pod.addresses else None
    return (first is None, first.version if first else 0, int(first) if first else 0, pod.veth.name if pod.veth else "")


def _tie(end: PodEnd, host: Host) -> _Tie:
    tie = _Tie()
    interface = end.interface
    routes = [route for route in host.pod_routes if route.dst.network_address in end.ips]
    tie.route = routes[0] if routes else None
    routed = tie.route.dev if tie.route is not None else None
    peer = (
        host.by_index.get(interface.link_index) if interface is not None and interface.link_index is not None else None
    )
    if interface is not None and interface.link_index is not None:
        if peer is not None and peer.link_index == interface.ifindex:
            tie.veth = peer.ifname
            tie.prove("peer-ifindex")
            if peer.link_netns is not None and peer.link_netns == end.netns:
                tie.prove("netns-id")
        elif peer is not None:
            tie.findings.append(_peer_disagrees(end, interface, peer, host))
        elif "ip addr" in host.node.complete:
            tie.findings.append(_peer_missing(end, interface, host))
    if routed is not None:
        tie.prove("host-route")
        known = host.by_name.get(routed)
        if tie.veth is not None and tie.veth != routed:
            tie.findings.append(_route_disagrees(end, tie.veth, tie.route, host))
        elif (
            tie.veth is None
            and known is not None
            and interface is not None
            and known.ifindex != interface.link_index
            and not tie.findings
        ):
            tie.findings.append(_route_disagrees(end, f"ifindex {interface.link_index}", tie.route, host))
        tie.veth = tie.veth or routed
    if len({route.dev for route in routes}) > 1:
        tie.findings.append(_many_routes(end, routes, host))
    if tie.veth is not None:
        tie.bridge = host.bridge_of(tie.veth)
        if tie.bridge is not None:
            tie.prove("bridge-member")
    bridge = tie.bridge or (_bridge_by_address(end, host) if tie.veth is None and tie.route is None else None)
    if bridge is not None and any(
        ip in network for ip in end.ips for network in bridge.networks if ip.version == network.version
    ):
        tie.bridge = bridge
        tie.prove("pod-address")
    elif interface is not None and any(
        container.ip_address in end.ips for container in end.containers if container.ip_address
    ):
        tie.prove("pod-address")
    return tie


def _bridge_by_address(end: PodEnd, host: Host) -> BridgeView | None:
    uplinks = host.uplink_networks
    for bridge in host.bridges.values():
        # azure0 holds the node's own subnet, where pods of other modes live as well: an address there proves nothing.
        if bridge.networks & uplinks:
            continue
        if any(ip in network for ip in end.ips for network in bridge.networks if ip.version == network.version):
            return bridge
    return None


def _attachment(route: Route | None, bridge: BridgeView | None) -> RouteAttachment | BridgeAttachment | None:
    if route is not None and route.dev is not None:
        return RouteAttachment(destination=str(route.dst), device=route.dev)
    return BridgeAttachment(bridge=bridge.name) if bridge is not None else None


def _veth(name: str, host: Host) -> EndPoint:
    interface = host.by_name.get(name)
    return EndPoint(name=name, ifindex=interface.ifindex if interface is not None else None)


def _pod(end: PodEnd, tie: _Tie, host: Host) -> Pod:
    interface = end.interface
    end_known = interface is not None or (end.pod is not None and bool(end.addresses))
    proven = end_known and tie.veth is not None and len(tie.proofs) >= 2
    return Pod(
        pod=end.pod,
        container_id=end.container_id,
        pid=end.pid,
        netns=end.netns,
        interface=EndPoint(name=interface.ifname, ifindex=interface.ifindex) if interface is not None else None,
        addresses=end.addresses,
        veth=_veth(tie.veth, host) if tie.veth is not None else None,
        attachment=_attachment(tie.route, tie.bridge),
        proofs=tuple(tie.proofs),
        status="conflict" if tie.findings else "proven" if proven else "partial",
    )


def _host_side(name: str, host: Host, *, route: Route | None = None) -> Pod:
    """A pod of which only the host's side was captured."""
    bridge = host.bridge_of(name)
    proofs: list[Proof] = []
    if route is not None:
        proofs.append("host-route")
    if bridge is not None:
        proofs.append("bridge-member")
    return Pod(
        pod=None,
        container_id=None,
        pid=None,
        netns=host.by_name[name].link_netns if name in host.by_name else None,
        interface=None,
        addresses=(str(route.dst),) if route is not None else (),
        veth=_veth(name, host),
        attachment=_attachment(route, bridge),
        proofs=tuple(proofs),
        status="partial",
    )


# --- where two facts disagree -----------------------------------------------------------------------------------------


def _name(end: PodEnd) -> str:
    pod = end.pod
    if pod is not None and pod.name is not None:
        return f"pod {pod.namespace}/{pod.name}" if pod.namespace else f"pod {pod.name}"
    if end.addresses:
        return f"pod {end.addresses[0]}"
    return f"pod {end.namespaces[0].id}" if end.namespaces else "pod"


def _peer_disagrees(end: PodEnd, interface: Interface, peer: Interface, host: Host) -> Finding:
    other = f"index {peer.link_index}" if peer.link_index is not None else "no interface in another namespace"
    return Finding(
        code="peer-disagrees",
        severity="error",
        message=(
            f"{_name(end)}: {interface.ifname} says its peer is host index {interface.link_index}, but that is "
            f"{peer.ifname}, "
            f"whose peer is {other}, not {interface.ifindex}; the captures are of different nodes or times."
        ),
        subjects=(interface.ifname, peer.ifname),
        lines=references([*host.node.cite(interface), *host.node.cite(peer)]),
    )


def _peer_missing(end: PodEnd, interface: Interface, host: Host) -> Finding:
    return Finding(
        code="peer-missing",
        severity="error",
        message=(
            f"{_name(end)}: {interface.ifname} says its peer is host index {interface.link_index}, but the host "
            f"has no such "
            "interface; the captures are of different nodes or times."
        ),
        subjects=(interface.ifname, str(interface.link_index)),
        lines=references(host.node.cite(interface)),
    )


def _route_disagrees(end: PodEnd, veth: str, route: Route | None, host: Host) -> Finding:
    assert route is not None
    interface = end.interface
    return Finding(
        code="route-disagrees",
        severity="error",
        message=f"{_name(end)}: its interface leads to {veth}, but the host's route to {route.dst} to {route.dev}.",
        subjects=(veth, str(route.dev), str(route.dst)),
        lines=references([*(host.node.cite(interface) if interface is not None else ()), *host.node.cite(route)]),
    )


def _many_routes(end: PodEnd, routes: list[Route], host: Host) -> Finding:
    devices = tuple(dict.fromkeys(str(route.dev) for route in routes))
    return Finding(
        code="many-routes",
        severity="error",
        message=f"{_name(end)}: the host has routes to its addresses on more than one device: {', '.join(devices)}.",
        subjects=devices,
        lines=references(line for route in routes for line in host.node.cite(route)),
    )
