"""Which pod rides on which host veth, and that on which route or bridge: every fact that ties them, and those that
disagree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_interface

from ..commands.containers import Container
from ..commands.routes import Route
from ..names import veth_name_of_sandbox, veth_names
from ..node import Node, may_be_pair, may_be_peers
from ..prefixes import Address
from . import disagreements
from .catalogue import MANY_ROUTES, ROUTE_DISAGREES
from .ends import PodEnd, pod_ends
from .host import BridgeView, Host
from .models import BridgeAttachment, EndPoint, Finding, Pod, Proof, RouteAttachment

__all__ = ["Tie", "Wiring", "wire"]


@dataclass(slots=True)
class Wiring:
    """The pods of a node, what was found wrong while tying their ends together, and the tie that each pod of ``pods``
    was made of, in the same order."""

    pods: list[Pod]
    findings: list[Finding]
    ties: list[Tie]


@dataclass(slots=True)
class Tie:
    """One pod's end and what is known of its way out: its veth on the host, the route or bridge that leads there.

    The end is empty where only the host's side was captured."""

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
    _settle_shared_addresses(ties, host)
    ties = [tie for tie in ties if tie.veth is not None or tie.findings or not tie.end.is_only_listed]
    shared = _shared_veths(ties, host)
    for tie in ties:
        if tie.veth in shared:
            tie.findings = [*_without_routes(tie.findings), shared[tie.veth]]
        elif _is_left_out(tie, host):
            tie.findings.append(disagreements.not_wired(tie.end, host))
    ties += [_host_side(name, host) for name in _not_looked_into(ties, host)]
    wired = [(tie, _pod(tie, host)) for tie in ties]
    wired.sort(key=lambda pair: (*_place(*pair), *_tie_breakers(pair[1])))
    # One that many pods share is long, and hashed once.
    found = {id(finding): finding for tie in ties for finding in tie.findings}
    findings = list(dict.fromkeys(found.values()))
    if known.on_host_network:
        findings.append(disagreements.on_host_network(known.on_host_network, host))
    return Wiring([pod for _, pod in wired], findings, [tie for tie, _ in wired])


def _place(tie: Tie, pod: Pod) -> tuple[int, int]:
    """Where a pod comes in the list: by its first address, those without one last."""
    first = tie.end.ips[:1] or tuple(ip_interface(text).ip for text in pod.addresses[:1])
    return (first[0].version, int(first[0])) if first else (9, 0)


def _not_looked_into(ties: Iterable[Tie], host: Host) -> list[str]:
    """The host's interfaces that lead to pods of which nothing else was captured."""
    seen = {tie.veth for tie in ties}
    # A pod's second interface (net1 of Multus) leads to no other pod.
    for tie in ties:
        inside = [row for space in tie.end.namespaces for row in space.interfaces if row.link_index is not None]
        peers = [(row, host.by_index.get(row.link_index or 0)) for row in inside]
        seen |= {peer.ifname for row, peer in peers if peer is not None and may_be_peers(row, peer)}
    names = [name for name in host.pod_devices if name not in seen]
    without_veth = [tie for tie in ties if tie.veth is None and not tie.findings]
    # An interface without an index may lead to a pod that was looked into; no pod must be listed twice for certain.
    doubtful = {
        name
        for name in names
        if name not in host.by_name and any(_may_lead_to(name, tie.end, host) for tie in without_veth)
    }
    return names if len(doubtful) > len(without_veth) else [name for name in names if name not in doubtful]


def _may_lead_to(name: str, end: PodEnd, host: Host) -> bool:
    """False if the routes on the interface are to other addresses than those that the pod's own interface has."""
    routed = {route.dst.network_address for route in host.routes_on.get(name, ()) if route.dst is not None}
    own = set(end.ips) if end.interface is not None else set()
    versions = {address.version for address in own}
    return not own.isdisjoint(routed) or not any(address.version in versions for address in routed)


def _is_left_out(tie: Tie, host: Host) -> bool:
    """True if the cluster lists the pod here, and the host, which shows how it reaches its pods, has no way to it."""
    if not tie.end.listed or tie.end.namespaces or tie.veth is not None or tie.route is not None:
        return False
    reaches_pods = bool(host.pod_routes) or any(host.bridge_of_pods(bridge) for bridge in host.bridges.values())
    return tie.bridge is None and host.node.shows_every_route and reaches_pods


def _tie_breakers(pod: Pod) -> tuple[str, str, int]:
    """Pods of the same address, or of none: the order of the captures must not matter."""
    name = f"{pod.pod.namespace}/{pod.pod.name}" if pod.pod is not None else ""
    return pod.veth.name if pod.veth is not None else "", name, pod.pid or 0


def _settle_shared_addresses(ties: Iterable[Tie], host: Host) -> None:
    """Of pods that have one address, the routes to it can be of one only: that they share it says it all."""
    by_address: dict[Address, list[Tie]] = {}
    for tie in ties:
        for address in dict.fromkeys(tie.end.ips):
            by_address.setdefault(address, []).append(tie)
    for address, sharing in by_address.items():
        if len(sharing) > 1:
            finding = disagreements.address_shared(address, [tie.end for tie in sharing], host)
            for tie in sharing:
                tie.findings = [*_without_routes(tie.findings), finding]


def _without_routes(findings: Iterable[Finding]) -> list[Finding]:
    """Without what a route of the host disagrees with, where the pods themselves disagree already."""
    return [finding for finding in findings if finding.code not in {ROUTE_DISAGREES.code, MANY_ROUTES.code}]


def _joined(ties: list[Tie], host: Host) -> list[Tie]:
    """A container whose veth is known by the pod's name, and a namespace that nobody named but has that veth's other
    end, are one pod."""
    named: dict[str | None, Tie] = {tie.veth: tie for tie in ties if tie.veth is not None and tie.end.interface is None}
    nameless = {
        tie.veth: tie
        for tie in ties
        if tie.veth in named and tie.end.interface is not None and tie.end.pod is None and not tie.end.containers
    }
    joined: list[Tie] = []
    for tie in ties:
        other = nameless.get(tie.veth)
        if other is not None and tie is named.get(tie.veth):
            namespaces = [*tie.end.namespaces, *other.end.namespaces]
            joined.append(_tie(PodEnd(namespaces, tie.end.containers, tie.end.listed), host))
        elif other is None or other is not tie:
            joined.append(tie)
    return joined


# --- tying the two ends together --------------------------------------------------------------------------------------


def _tie(end: PodEnd, host: Host) -> Tie:
    tie = Tie(end)
    _tie_by_peer(tie, host)
    _tie_by_name(tie, host)
    _tie_by_route(tie, host)
    _tie_by_mac(tie, host)
    _tie_by_state(tie, host)
    _tie_by_bridge(tie, host)
    return tie


def _tie_by_peer(tie: Tie, host: Host) -> None:
    interface = tie.end.interface
    if interface is None or interface.link_index is None:
        return
    peer = host.by_index.get(interface.link_index)
    if peer is None:
        if host.shows_every_interface:
            tie.findings.append(disagreements.peer_missing(tie.end, interface, host))
    elif may_be_peers(interface, peer):
        tie.veth = peer.ifname
        tie.proofs.append("peer-ifindex")
        if tie.end.netns is not None and host.netns_of(peer.ifname) == tie.end.netns:
            tie.proofs.append("netns-id")
    elif peer.link_index is None and host.is_physical(peer.ifname):
        tie.findings.append(disagreements.peer_is_card(tie.end, interface, peer, host))
    else:
        tie.findings.append(disagreements.peer_disagrees(tie.end, interface, peer, host))


def _tie_by_name(tie: Tie, host: Host) -> None:
    computed = [name for name in _computed_names(tie.end) if name in host.device_names]
    if not computed:
        return
    interface, device = tie.end.interface, host.by_name.get(computed[0])
    if tie.veth is not None and tie.veth not in computed:
        tie.findings.append(disagreements.name_disagrees(tie.end, tie.veth, computed[0], host))
    elif tie.veth is None and interface is not None and device is not None and not may_be_pair(interface, device):
        # The name is the same in every cluster, an index is not.
        named = f"host index {interface.link_index}"
        tie.findings.append(disagreements.name_disagrees(tie.end, named, computed[0], host))
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


def _tie_by_route(tie: Tie, host: Host) -> None:
    end, interface = tie.end, tie.end.interface
    routes = [route for address in end.ips for route in host.routes_to.get(address, ())]
    if routes:
        tie.route = next((route for route in routes if route.device == tie.veth), routes[0])
        if len({route.device for route in routes}) > 1:
            tie.findings.append(disagreements.many_routes(end, routes, host))
        device = host.by_name.get(tie.route.device or "")
        if tie.veth is not None and tie.veth != tie.route.device:
            tie.findings.append(disagreements.route_disagrees(end, tie.veth, tie.route, host))
        elif (
            tie.veth is None
            and device is not None
            and device.ifindex is not None
            and interface is not None
            and interface.link_index not in {None, device.ifindex}
            and not tie.findings
        ):
            named = f"host index {interface.link_index}"
            tie.findings.append(disagreements.route_disagrees(end, named, tie.route, host))
        else:
            tie.proofs.append("host-route")
        tie.veth = tie.veth or tie.route.device
    elif tie.veth in host.routes_on:
        others = host.routes_on[tie.veth]
        if any(address.version == 4 for address in end.ips):
            tie.findings.append(disagreements.address_not_routed(end, tie.veth, others, host))
        else:
            tie.route = others[0]  # nothing tells the pod's address but this route


def _tie_by_mac(tie: Tie, host: Host) -> None:
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
            tie.findings.append(disagreements.mac_disagrees(tie.end, tie.veth, str(name), proof, host))


def _tie_by_state(tie: Tie, host: Host) -> None:
    """By the veth that Azure CNI remembers to have made, where the kernel's own tables do not tell."""
    if tie.veth is not None or tie.findings:
        return
    names = {host.recorded_veths.get(container.id or "") for container in tie.end.containers} - {None}
    known = [name for name in names if name in host.device_names]
    if len(known) == 1:
        tie.veth = known[0]
        tie.proofs.append("cni-state")


# Calico and Azure CNI give these to every veth.
_NO_ONE = frozenset({"ee:ee:ee:ee:ee:ee", "aa:aa:aa:aa:aa:aa"})


def _tie_by_bridge(tie: Tie, host: Host) -> None:
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
        tie.findings.append(disagreements.address_disagrees(end, tie.bridge, host))


def _attachment(route: Route | None, bridge: BridgeView | None) -> RouteAttachment | BridgeAttachment | None:
    if route is not None and route.device is not None:
        return RouteAttachment(destination=str(route.dst), device=route.device)
    return BridgeAttachment(bridge=bridge.name) if bridge is not None else None


def _veth(name: str, host: Host) -> EndPoint:
    interface = host.by_name.get(name)
    return EndPoint(name=name, ifindex=interface.ifindex if interface is not None else None)


def _pod(tie: Tie, host: Host) -> Pod:
    end, interface, pod = tie.end, tie.end.interface, tie.end.pod
    end_known = interface is not None or (pod is not None and bool(end.addresses))
    proven = end_known and tie.veth is not None and len(tie.proofs) >= 2
    routed = host.routes_on.get(tie.veth or "", ()) if tie.route is not None else ()
    addresses = end.addresses or tuple(dict.fromkeys(str(route.dst) for route in routed))
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


def _host_side(name: str, host: Host) -> Tie:
    """A pod of which only the host's side was captured."""
    tie = Tie(PodEnd(), name, next(iter(host.routes_on.get(name, ())), None), host.bridge_of.get(name))
    if tie.route is not None:
        tie.proofs.append("host-route")
    if tie.bridge is not None:
        tie.proofs.append("bridge-member")
    return tie


def _shared_veths(ties: Iterable[Tie], host: Host) -> dict[str | None, Finding]:
    """One veth leads to one pod: a finding for each that several pods claim."""
    by_veth: dict[str, list[PodEnd]] = {}
    for tie in ties:
        if tie.veth is not None:
            by_veth.setdefault(tie.veth, []).append(tie.end)
    return {veth: disagreements.veth_shared(veth, ends, host) for veth, ends in by_veth.items() if len(ends) > 1}
