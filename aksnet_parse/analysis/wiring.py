"""Which pod rides on which host veth, and that on which route or bridge: every fact that ties them, and those that
disagree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..commands.containers import Container
from ..commands.interfaces import Interface
from ..commands.routes import Route
from ..names import veth_name_of_sandbox, veth_names
from ..node import ROUTING_TABLES, Node, may_be_peers
from ..prefixes import Address
from ..records import Line
from .ends import PodEnd, pod_ends
from .host import BridgeView, Host
from .models import (
    BridgeAttachment,
    EndPoint,
    Finding,
    LineReference,
    Pod,
    Proof,
    RouteAttachment,
    Severity,
)

__all__ = ["Wiring", "references", "wire"]


def references(lines: Iterable[Line]) -> tuple[LineReference, ...]:
    """Lines as the result shows them, each once, in the order of the text."""
    # Many entries of JSON can be on one line; these stay in their order.
    unique = sorted(dict.fromkeys(lines), key=lambda line: (line.file or "", line.line))
    return tuple(LineReference(file=line.file, line=line.line, text=line.text) for line in unique)


@dataclass(slots=True)
class Wiring:
    """The pods of a node and what was found wrong while tying their ends together."""

    pods: list[Pod] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class _Tie:
    """What is known of one pod's way out while it is being worked out."""

    end: PodEnd
    veth: str | None = None
    route: Route | None = None
    bridge: BridgeView | None = None
    proofs: list[Proof] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def in_conflict(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)


def wire(node: Node, host: Host) -> Wiring:
    """Tie every pod's end to the host's, then list what the host shows of pods that nobody looked into."""
    known = pod_ends(node)
    ties = _joined([_tie(end, host) for end in known.ends], host)
    ties = [tie for tie in ties if tie.veth is not None or tie.findings or not tie.end.is_only_listed]
    shared = _shared_veths(ties, host)
    for tie in ties:
        if tie.veth in shared:
            tie.findings.append(shared[tie.veth])
        elif _is_left_out(tie, host):
            tie.findings.append(_not_wired(tie.end, host))
    places = [(_place(tie.end.ips or _addresses(tie.route)), _pod(tie, host)) for tie in ties]
    for name in _not_looked_into(ties, host):
        places.append((_place(_addresses(*host.routes_on.get(name, ()))), _host_side(name, host)))
    places.sort(key=lambda place: (*place[0], *_tie_breakers(place[1])))
    findings = dict.fromkeys(finding for tie in ties for finding in tie.findings)
    found = [*findings, *([_on_host_network(known.on_host_network, host)] if known.on_host_network else [])]
    return Wiring([pod for _, pod in places], found)


def _addresses(*routes: Route | None) -> tuple[Address, ...]:
    return tuple(route.dst.network_address for route in routes if route is not None and route.dst is not None)


def _place(addresses: tuple[Address, ...]) -> tuple[int, int]:
    """Where a pod comes in the list: by its first address, those without one last."""
    return (addresses[0].version, int(addresses[0])) if addresses else (9, 0)


def _not_looked_into(ties: Iterable[_Tie], host: Host) -> list[str]:
    """The host's interfaces that lead to pods of which nothing else was captured."""
    seen = {tie.veth for tie in ties}
    names = [name for name in host.pod_devices if name not in seen]
    indexed = [name for name in names if name in host.by_name]
    # An interface without an index may lead to a pod that was looked into; no pod must be listed twice for certain.
    without_veth = sum(tie.veth is None and not tie.findings for tie in ties)
    return names if len(names) - len(indexed) > without_veth else indexed


def _is_left_out(tie: _Tie, host: Host) -> bool:
    """True if the cluster lists the pod here, and the host, which shows how it reaches its pods, has no way to it."""
    if not tie.end.listed or tie.end.namespaces or tie.veth is not None or tie.route is not None:
        return False
    reaches_pods = bool(host.pod_routes) or any(host.bridge_of_pods(bridge) for bridge in host.bridges.values())
    return tie.bridge is None and host.node.shows_every_route and reaches_pods


def _tie_breakers(pod: Pod) -> tuple[str, str, int]:
    """Pods of the same address, or of none: the order of the captures must not matter."""
    name = f"{pod.pod.namespace}/{pod.pod.name}" if pod.pod is not None else ""
    return pod.veth.name if pod.veth is not None else "", name, pod.pid or 0


def _joined(ties: list[_Tie], host: Host) -> list[_Tie]:
    """A container whose veth is known by the pod's name, and a namespace that nobody named but has that veth's other
    end, are one pod."""
    named: dict[str | None, _Tie] = {
        tie.veth: tie for tie in ties if tie.veth is not None and tie.end.interface is None
    }
    nameless = {
        tie.veth: tie
        for tie in ties
        if tie.veth in named and tie.end.interface is not None and tie.end.pod is None and not tie.end.containers
    }
    joined: list[_Tie] = []
    for tie in ties:
        other = nameless.get(tie.veth)
        if other is not None and tie is named.get(tie.veth):
            namespaces = [*tie.end.namespaces, *other.end.namespaces]
            joined.append(_tie(PodEnd(namespaces, tie.end.containers, tie.end.listed), host))
        elif other is None or other is not tie:
            joined.append(tie)
    return joined


# --- tying the two ends together --------------------------------------------------------------------------------------


def _tie(end: PodEnd, host: Host) -> _Tie:
    tie = _Tie(end)
    _tie_by_peer(tie, host)
    _tie_by_name(tie, host)
    _tie_by_route(tie, host)
    _tie_by_mac(tie, host)
    _tie_by_bridge(tie, host)
    return tie


def _tie_by_peer(tie: _Tie, host: Host) -> None:
    interface = tie.end.interface
    if interface is None or interface.link_index is None:
        return
    peer = host.by_index.get(interface.link_index)
    if peer is None:
        if host.shows_every_interface:
            tie.findings.append(_peer_missing(tie.end, interface, host))
    elif may_be_peers(interface, peer):
        tie.veth = peer.ifname
        tie.proofs.append("peer-ifindex")
        if tie.end.netns is not None and host.netns_of(peer.ifname) == tie.end.netns:
            tie.proofs.append("netns-id")
    elif peer.link_index is None and host.is_physical(peer.ifname):
        tie.findings.append(_peer_is_card(tie.end, interface, peer, host))
    else:
        tie.findings.append(_peer_disagrees(tie.end, interface, peer, host))


def _tie_by_name(tie: _Tie, host: Host) -> None:
    computed = [name for name in _computed_names(tie.end) if name in host.device_names]
    if not computed:
        return
    if tie.veth is not None and tie.veth not in computed:
        tie.findings.append(_name_disagrees(tie.end, tie.veth, computed[0], host))
    elif not tie.findings:
        tie.veth = tie.veth or computed[0]
        tie.proofs.append("veth-name-hash")


def _computed_names(end: PodEnd) -> list[str]:
    """The names that Calico and Azure CNI would give to the pod's veth."""
    pod = end.pod
    names = list(veth_names(pod.namespace, pod.name)) if pod is not None and pod.name is not None else []
    for sandbox in dict.fromkeys(_sandbox(container) for container in end.containers):
        if sandbox is not None and len(sandbox) == 64:
            names.append(veth_name_of_sandbox(sandbox))
    return names


def _sandbox(container: Container) -> str | None:
    return container.id if container.container_type == "podsandbox" else container.sandbox_id


def _tie_by_route(tie: _Tie, host: Host) -> None:
    end, interface = tie.end, tie.end.interface
    routes = [route for address in end.ips for route in host.routes_to.get(address, ())]
    if routes:
        tie.route = next((route for route in routes if route.device == tie.veth), routes[0])
        if len({route.device for route in routes}) > 1:
            tie.findings.append(_many_routes(end, routes, host))
        device = host.by_name.get(tie.route.device or "")
        if tie.veth is not None and tie.veth != tie.route.device:
            tie.findings.append(_route_disagrees(end, tie.veth, tie.route, host))
        elif (
            tie.veth is None
            and device is not None
            and interface is not None
            and interface.link_index not in {None, device.ifindex}
            and not tie.findings
        ):
            tie.findings.append(_route_disagrees(end, f"host index {interface.link_index}", tie.route, host))
        else:
            tie.proofs.append("host-route")
        tie.veth = tie.veth or tie.route.device
    elif tie.veth in host.routes_on:
        others = host.routes_on[tie.veth]
        if any(address.version == 4 for address in end.ips):
            tie.findings.append(_address_not_routed(end, tie.veth, others, host))
        else:
            tie.route = others[0]  # nothing tells the pod's address but this route


def _tie_by_mac(tie: _Tie, host: Host) -> None:
    """By the bridge that has seen the pod's frames come in, and by the host that has spoken with the pod."""
    neighbours = [entry for ip in tie.end.ips for entry in host.neighbours_at.get(ip, ())]
    interface = tie.end.interface
    macs = {str(entry.lladdr) for entry in neighbours}
    if interface is not None and interface.mac is not None:
        macs = {str(interface.mac)}
    ports = {port for mac in macs - _NO_ONE for port in host.ports_of_mac.get(mac, ())}
    devices = {entry.dev for entry in neighbours if entry.dev in host.veths or entry.dev in host.routes_on}
    for proof, names in (("bridge-fdb", ports), ("neighbour", devices)):
        if len(names) != 1:
            continue
        [name] = names
        if tie.veth is None and not tie.findings:
            tie.veth = name
        if tie.veth == name:
            tie.proofs.append("bridge-fdb" if proof == "bridge-fdb" else "neighbour")
        elif tie.veth is not None:
            tie.findings.append(_mac_disagrees(tie.end, tie.veth, str(name), proof, host))


# Calico and Azure CNI give these to every veth.
_NO_ONE = frozenset({"ee:ee:ee:ee:ee:ee", "aa:aa:aa:aa:aa:aa"})


def _tie_by_bridge(tie: _Tie, host: Host) -> None:
    end = tie.end
    if tie.veth is not None:
        tie.bridge = host.bridge_of.get(tie.veth)
        if tie.bridge is not None:
            tie.proofs.append("bridge-member")
    elif tie.route is None:
        tie.bridge = next((bridge for address in end.ips if (bridge := host.bridge_at(address)) is not None), None)
    if tie.bridge is not None and any(tie.bridge.holds(address) for address in end.ips):
        tie.proofs.append("pod-address")
    elif (
        tie.bridge is not None and tie.route is None and tie.bridge.versions & {address.version for address in end.ips}
    ):
        tie.findings.append(_address_disagrees(end, tie.bridge, host))


def _attachment(route: Route | None, bridge: BridgeView | None) -> RouteAttachment | BridgeAttachment | None:
    if route is not None and route.device is not None:
        return RouteAttachment(destination=str(route.dst), device=route.device)
    return BridgeAttachment(bridge=bridge.name) if bridge is not None else None


def _veth(name: str, host: Host) -> EndPoint:
    interface = host.by_name.get(name)
    return EndPoint(name=name, ifindex=interface.ifindex if interface is not None else None)


def _pod(tie: _Tie, host: Host) -> Pod:
    end, interface, pod = tie.end, tie.end.interface, tie.end.pod
    end_known = interface is not None or (pod is not None and bool(end.addresses))
    proven = end_known and tie.veth is not None and len(tie.proofs) >= 2
    addresses = end.addresses or ((str(tie.route.dst),) if tie.route is not None else ())
    return Pod(
        pod=pod,
        container_id=end.container_id,
        pid=end.pid,
        netns=end.netns or host.netns_of(tie.veth),
        interface=EndPoint(name=interface.ifname, ifindex=interface.ifindex) if interface is not None else None,
        addresses=addresses,
        veth=_veth(tie.veth, host) if tie.veth is not None else None,
        attachment=_attachment(tie.route, tie.bridge),
        proofs=tuple(tie.proofs),
        status="conflict" if tie.in_conflict else "proven" if proven else "partial",
    )


def _host_side(name: str, host: Host) -> Pod:
    """A pod of which only the host's side was captured."""
    bridge = host.bridge_of.get(name)
    routes = host.routes_on.get(name, [])
    proofs: list[Proof] = []
    if routes:
        proofs.append("host-route")
    if bridge is not None:
        proofs.append("bridge-member")
    return Pod(
        pod=None,
        container_id=None,
        pid=None,
        netns=host.netns_of(name),
        interface=None,
        addresses=tuple(dict.fromkeys(str(route.dst) for route in routes)),
        veth=_veth(name, host),
        attachment=_attachment(routes[0] if routes else None, bridge),
        proofs=tuple(proofs),
        status="partial",
    )


# --- where two facts disagree -----------------------------------------------------------------------------------------

_WHY = "the captures are of different nodes or times"


def _name(end: PodEnd) -> str:
    pod = end.pod
    if pod is not None and pod.name is not None:
        return f"pod {pod.namespace}/{pod.name}" if pod.namespace else f"pod {pod.name}"
    if end.addresses:
        return f"pod {end.addresses[0]}"
    if end.container_id is not None:
        return f"container {end.container_id[:12]}"
    return f"pod {end.namespaces[0].id}" if end.namespaces else "pod"


def _finding(code: str, message: str, subjects: Iterable[str], lines: Iterable[Line], severity: Severity) -> Finding:
    return Finding(code=code, severity=severity, message=message, subjects=tuple(subjects), lines=references(lines))


def _cite_end(end: PodEnd, host: Host, *words: str) -> tuple[Line, ...]:
    """The lines of the pod's interface: the first, or those that hold ``words``; without one, those that list it."""
    if end.interface is not None:
        return host.node.cite(end.interface, *words)
    return tuple(line for pod in end.listed for line in host.node.cite(pod))


def _peer_disagrees(end: PodEnd, interface: Interface, peer: Interface, host: Host) -> Finding:
    theirs = f"whose peer is index {peer.link_index}" if peer.link_index is not None else "which has no such peer"
    return _finding(
        "peer-disagrees",
        f"{_name(end)}: {interface.ifname}, index {interface.ifindex}, says its peer is host index "
        f"{interface.link_index}, but that is {peer.ifname}, {theirs}; {_WHY}.",
        (interface.ifname, peer.ifname),
        [*_cite_end(end, host), *host.node.cite(peer)],
        "error",
    )


def _peer_missing(end: PodEnd, interface: Interface, host: Host) -> Finding:
    return _finding(
        "peer-missing",
        f"{_name(end)}: {interface.ifname} says its peer is host index {interface.link_index}, but the host has no "
        f"such interface; {_WHY}.",
        (interface.ifname, str(interface.link_index)),
        [*_cite_end(end, host), *host.node.beginnings("ip addr")],
        "error",
    )


def _peer_is_card(end: PodEnd, interface: Interface, peer: Interface, host: Host) -> Finding:
    return _finding(
        "peer-is-card",
        f"{_name(end)}: {interface.ifname} names host index {interface.link_index}, which is the network card "
        f"{peer.ifname}: a macvlan or ipvlan on that card, or {_WHY}.",
        (interface.ifname, peer.ifname),
        [*_cite_end(end, host), *host.node.cite(peer)],
        "warning",
    )


def _on_host_network(ends: list[PodEnd], host: Host) -> Finding:
    names = sorted(_name(end).removeprefix("pod ") for end in ends)
    return _finding(
        "host-network-pods",
        f"{len(ends)} of the pods here {'has' if len(ends) == 1 else 'have'} the node's own network, and so no veth: "
        f"{', '.join(names)}.",
        names,
        [line for end in ends for line in _cite_end(end, host)],
        "info",
    )


def _not_wired(end: PodEnd, host: Host) -> Finding:
    return _finding(
        "pod-not-wired",
        f"{_name(end)} is listed on this node with {', '.join(end.addresses)}, but the node has neither a route nor a "
        f"bridge that leads to it; {_WHY}, or its network is not set up.",
        (_name(end).removeprefix("pod "), *end.addresses),
        [*_cite_end(end, host), *host.node.beginnings(*ROUTING_TABLES)],
        "warning",
    )


def _name_disagrees(end: PodEnd, veth: str, computed: str, host: Host) -> Finding:
    devices = [host.by_name[name] for name in (veth, computed) if name in host.by_name]
    return _finding(
        "name-disagrees",
        f"{_name(end)}: its interface leads to {veth}, but {computed} is named after this pod; {_WHY}.",
        (veth, computed),
        [*_cite_end(end, host), *host.cite_all(devices)],
        "error",
    )


def _route_disagrees(end: PodEnd, veth: str, route: Route, host: Host) -> Finding:
    return _finding(
        "route-disagrees",
        f"{_name(end)}: it is at the other end of {veth}, but the host's route to {route.dst} leads to {route.device}; "
        f"{_WHY}.",
        (str(route.device), str(route.dst)),
        [*_cite_end(end, host), *host.node.cite(route)],
        "error",
    )


def _mac_disagrees(end: PodEnd, veth: str, other: str, proof: str, host: Host) -> Finding:
    table = "forwarding table of the bridge" if proof == "bridge-fdb" else "neighbour table"
    entries = (*(host.node.forwarding or ()), *(host.node.neighbours or ()))
    named = [entry for entry in entries if other in {getattr(entry, "ifname", None), getattr(entry, "dev", None)}]
    return _finding(
        "mac-disagrees",
        f"{_name(end)}: it is at the other end of {veth}, but the {table} has it behind {other}; {_WHY}.",
        (veth, other),
        [*_cite_end(end, host), *(line for entry in named for line in host.node.cite(entry))],
        "error",
    )


def _many_routes(end: PodEnd, routes: list[Route], host: Host) -> Finding:
    devices = tuple(dict.fromkeys(str(route.device) for route in routes))
    return _finding(
        "many-routes",
        f"{_name(end)}: the host has routes to its addresses on more than one interface: {', '.join(devices)}.",
        devices,
        [*_cite_end(end, host, *end.addresses), *host.cite_all(routes)],
        "error",
    )


def _address_not_routed(end: PodEnd, veth: str, routes: list[Route], host: Host) -> Finding:
    wanted, found = ", ".join(end.addresses), ", ".join(str(route.dst) for route in routes)
    return _finding(
        "route-disagrees",
        f"{_name(end)}: its interface leads to {veth} and has {wanted}, but the host's route on {veth} leads to "
        f"{found}; {_WHY}.",
        (veth, *(str(route.dst) for route in routes)),
        [*_cite_end(end, host, *end.addresses), *host.cite_all(routes)],
        "error",
    )


def _address_disagrees(end: PodEnd, bridge: BridgeView, host: Host) -> Finding:
    networks = ", ".join(sorted(str(network) for network in bridge.networks))
    return _finding(
        "address-disagrees",
        f"{_name(end)}: it is on bridge {bridge.name}, but has no address in that bridge's {networks}; {_WHY}.",
        (bridge.name, *end.addresses),
        [*_cite_end(end, host, *end.addresses), *bridge.lines],
        "error",
    )


def _shared_veths(ties: Iterable[_Tie], host: Host) -> dict[str | None, Finding]:
    """One veth leads to one pod: a finding for each that several pods claim."""
    by_veth: dict[str, list[_Tie]] = {}
    for tie in ties:
        if tie.veth is not None:
            by_veth.setdefault(tie.veth, []).append(tie)
    return {
        veth: _finding(
            "veth-shared",
            f"{veth} leads to one pod, but {len(claims)} say that it is theirs: "
            f"{', '.join(sorted(_name(tie.end) for tie in claims))}; {_WHY}.",
            (veth,),
            [line for tie in claims for line in _cite_end(tie.end, host)],
            "error",
        )
        for veth, claims in by_veth.items()
        if len(claims) > 1
    }
