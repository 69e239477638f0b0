"""How the node's pod network is wired: its datapath, and with it the mode as a whole. Each answer comes with the
sentence and lines it rests on.

Nothing is said beyond what the lines show: transparent mode alone proves no network policy, and one capture that shows
no pods does not prove that there are none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..commands.interfaces import Interface
from ..names import AZURE_VETH, CALICO_VETH, EKS_VETH, GKE_VETH, POD_BRIDGE, VIRTUAL_MACHINE_PORT
from .claims import Claims, counted, plural
from .host import BridgeView, Host
from .models import Datapath, LineReference, Mode, Pod
from .plugin import tell_owner

__all__ = ["Observed", "observe"]


@dataclass(frozen=True, slots=True)
class Observed:
    """``lines``: by field (``mode`` for the datapath) the lines that its value rests on."""

    mode: Mode
    lines: Mapping[str, tuple[LineReference, ...]]


def observe(host: Host, pods: Iterable[Pod]) -> Observed:
    """The mode of a node as its captures show it. ``declared`` is left empty."""
    claims = Claims(host)
    datapath, bridge = _datapath(claims)
    owner = tell_owner(claims, datapath, bridge, pods)
    mode = Mode(
        datapath=datapath,
        bridge=bridge.name if bridge is not None else None,
        networkPlugin=owner.plugin,
        networkPluginMode=owner.plugin_mode,
        networkDataplane=owner.dataplane,
        networkPolicy=owner.policy,
        declared=None,
        evidence=tuple(claims.evidence),
    )
    return Observed(mode, claims.lines)


# --- datapath ---------------------------------------------------------------------------------------------------------


def _datapath(claims: Claims) -> tuple[Datapath, BridgeView | None]:
    host = claims.host
    candidates = [bridge for bridge in host.bridges.values() if not bridge.is_docker]
    with_pods = [bridge for bridge in candidates if host.pod_ports(bridge)]
    ready = [bridge for bridge in candidates if _is_set_up(bridge, host)]
    routed = _claim_routed(claims)
    if with_pods:
        with_pods.sort(key=lambda bridge: -len(host.pod_ports(bridge)))
        for bridge in with_pods:
            _claim_ports(claims, bridge)
        return ("mixed" if routed else "bridge"), with_pods[0]
    unknown = [bridge for bridge in ready if not bridge.members_known]
    if routed and unknown:
        claims.claim(
            f"Addresses or routes of this node are on bridge {unknown[0].name}, too; whether it has pods as members, "
            "the captures do not show: transparent mode if it has none, else mixed.",
            unknown[0].lines,
        )
        return "unknown", None
    if routed:
        _claim_no_pod_bridge(claims, candidates)
        return "transparent", None
    if ready:
        known = " No pod is on it." if ready[0].members_known else ""
        claims.claim(
            f"Bridge {ready[0].name} is made for pods, and addresses or routes of this node are on it: bridge mode."
            f"{known}",
            ready[0].lines,
        )
        return "bridge", ready[0]
    return _without_pods(claims), None


def _claim_routed(claims: Claims) -> bool:
    """Whether pods are reached by a route each: by those routes, or by interfaces that are made for such routes."""
    host = claims.host
    routes = host.pod_routes
    if routes:
        claims.claim(
            f"{counted(len(routes), 'host route')} to one address each on {counted(len(host.routes_on), 'device')} of "
            f"{'its' if len(host.routes_on) == 1 else 'their'} own: pods are reached by routes, as in transparent "
            "mode.",
            host.cite_all(routes),
        )
        return True
    if host.node.shows_every_route:
        return False
    loose = [interface for interface in _loose(host) if _is_made_for_routes(interface)]
    if loose:
        claims.claim(
            f"{counted(len(loose), 'interface')} with a peer in another namespace and in no bridge, named or addressed "
            "as plugins do that set a route for each pod: pods are reached by routes, as in transparent mode.",
            host.cite_all(loose),
        )
    return bool(loose)


def _loose(host: Host) -> list[Interface]:
    """Those of which the captures show that they are in no bridge."""
    return [row for name, row in host.veths.items() if name not in host.bridge_of and host.knows_bridge_of(name)]


def _is_made_for_routes(interface: Interface) -> bool:
    """A plugin's own name, or an address at the host's end, as the CNI plugin ptp puts the pod's gateway there."""
    return any(pattern.fullmatch(interface.ifname) for pattern in _ROUTED_VETHS) or any(
        address.is_global for address in interface.addr_info
    )


_ROUTED_VETHS = (AZURE_VETH, CALICO_VETH, EKS_VETH, GKE_VETH)


def _claim_ports(claims: Claims, bridge: BridgeView) -> None:
    ports = claims.host.pod_ports(bridge)
    claims.claim(
        f"Bridge {bridge.name} has {counted(len(ports), 'pod interface')} as its {plural(len(ports), 'member')}: "
        "bridge mode.",
        [line for port in ports for line in bridge.members[port]],
    )


def _is_set_up(bridge: BridgeView, host: Host) -> bool:
    """A bridge made for pods that would carry them: it has an address or the default route. A left-over bridge has
    neither."""
    default = host.default_route
    if POD_BRIDGE.fullmatch(bridge.name) is None:
        return False
    return bool(bridge.networks) or (default is not None and default.device == bridge.name)


def _without_pods(claims: Claims) -> Datapath:
    """The datapath of a node on which neither a pod bridge nor a route to a pod is seen."""
    host = claims.host
    _claim_other_bridges(claims)
    loose = _loose(host)
    docker = [bridge for bridge in host.bridges.values() if bridge.is_docker and bridge.members]
    if loose:
        no_route = "" if host.node.routes is None else " and with no route to one address"
        claims.claim(
            f"{counted(len(loose), 'interface')} with a peer in another namespace, in no bridge{no_route}: the "
            "captures do not show how what is behind is reached.",
            host.cite_all(loose),
        )
        return "unknown"
    other = [
        route
        for route in host.routes
        if route.device is not None and route.device not in host.bridges and not host.is_physical(route.device)
    ]
    shows_every_bridge = "brctl show" in host.node.complete
    if host.shows_every_interface or (shows_every_bridge and host.node.shows_every_route and not other):
        if docker:
            claims.claim(
                "All containers are on Docker's own bridge; no pod network is set up on this node.",
                [line for bridge in docker for lines in bridge.members.values() for line in lines],
            )
        else:
            claims.claim(
                "No bridge has a pod as its member, and no route or interface leads to a pod: no pods on this node.",
                claims.beginnings,
            )
        return "none"
    claims.claim(
        "These captures show neither a pod bridge nor routes to pods, and do not show enough to say that there "
        "are none.",
        claims.beginnings,
    )
    return "unknown"


def _claim_other_bridges(claims: Claims) -> None:
    """Say of bridges with ports that are no pods what is known of them."""
    for bridge in claims.host.bridges.values():
        machines = [name for name in bridge.members if VIRTUAL_MACHINE_PORT.fullmatch(name)]
        if machines:
            claims.claim(
                f"{', '.join(machines[:3])} on bridge {bridge.name} {'is' if len(machines) == 1 else 'are'} named as "
                "libvirt and QEMU name the ports of virtual machines: no pod bridge.",
                [line for name in machines for line in bridge.members[name]],
            )
        unknown = [name for name in bridge.members if claims.host.is_unknown_port(name, bridge)]
        if unknown:
            claims.claim(
                f"The name of {', '.join(unknown[:3])} on bridge {bridge.name} does not tell whether a pod is behind; "
                "`ip addr` would.",
                [line for name in unknown for line in bridge.members[name]],
            )


def _claim_no_pod_bridge(claims: Claims, candidates: list[BridgeView]) -> None:
    host = claims.host
    for bridge in candidates:
        if bridge.members_known:
            claims.claim(f"Bridge {bridge.name} has no pod as a member: no pod is reached through it.", bridge.lines)
    if not candidates and ("brctl show" in host.node.complete or host.shows_every_interface):
        docker = [bridge for bridge in host.bridges.values() if bridge.is_docker]
        claims.claim(
            "No bridge but Docker's own." if docker else "No bridge on this node.",
            [line for bridge in docker for line in bridge.lines] or host.node.beginnings("brctl show", "ip addr"),
        )
