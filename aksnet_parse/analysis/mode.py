"""How the node's pod network is wired: datapath, plugin, policy. Each answer comes with the sentence and lines it
rests on.

Nothing is said beyond what the lines show: transparent mode alone proves no network policy, and one capture that shows
no pods does not prove that there are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from ..commands.interfaces import Interface
from ..names import AZURE_VETH, CALICO_VETH, CILIUM_VETH, POD_BRIDGE
from ..node import ROUTING_TABLES
from ..records import Line
from .citing import references
from .host import BridgeView, Host
from .models import Datapath, Evidence, LineReference, Mode, NetworkPlugin, NetworkPluginMode, NetworkPolicy, Pod

__all__ = ["Observed", "observe"]

_CALICO_MAC = "ee:ee:ee:ee:ee:ee"
_OVERLAY_DEFAULT = ip_network("10.244.0.0/16")  # az aks create --pod-cidr, when not given
_COMMANDS = ("ip addr", "brctl show", "bridge link", *ROUTING_TABLES)
_Names = dict[str, list[Line]]


@dataclass(slots=True)
class _Case:
    """What is said so far, and why. ``subject``: the field of the answer that is being decided."""

    host: Host
    evidence: list[Evidence] = field(default_factory=list)
    subject: str = "mode"
    lines: dict[str, tuple[LineReference, ...]] = field(default_factory=dict)

    def claim(self, text: str, lines: Iterable[Line] = ()) -> None:
        said = Evidence(claim=text, lines=references(lines))
        self.evidence.append(said)
        self.lines[self.subject] = (*self.lines.get(self.subject, ()), *said.lines)

    @property
    def beginnings(self) -> tuple[Line, ...]:
        """What a sentence rests on that says what the captures do not show: the captures."""
        return self.host.node.beginnings(*_COMMANDS)


@dataclass(frozen=True, slots=True)
class Observed:
    """``lines``: by field (``mode`` for the datapath) the lines that its value rests on."""

    mode: Mode
    lines: Mapping[str, tuple[LineReference, ...]]


def observe(host: Host, pods: Iterable[Pod]) -> Observed:
    """The mode of a node as its captures show it. ``declared`` is left empty."""
    case = _Case(host)
    datapath, bridge = _datapath(case)
    names = _veth_names(host)
    case.subject = "networkPlugin"
    plugin = _plugin(case, datapath, bridge, names)
    case.subject = "networkPluginMode"
    plugin_mode = _plugin_mode(case, plugin, pods)
    case.subject = "networkPolicy"
    policy = _policy(case, datapath, bridge, plugin, names)
    mode = Mode(
        datapath=datapath,
        bridge=bridge.name if bridge is not None else None,
        networkPlugin=plugin,
        networkPluginMode=plugin_mode,
        networkPolicy=policy,
        declared=None,
        evidence=tuple(case.evidence),
    )
    return Observed(mode, case.lines)


# --- datapath ---------------------------------------------------------------------------------------------------------


def _datapath(case: _Case) -> tuple[Datapath, BridgeView | None]:
    host = case.host
    candidates = [bridge for bridge in host.bridges.values() if not bridge.is_docker]
    with_pods = [bridge for bridge in candidates if host.pod_ports(bridge)]
    ready = [bridge for bridge in candidates if _is_set_up(bridge, host)]
    routed = _claim_routed(case)
    if with_pods:
        with_pods.sort(key=lambda bridge: -len(host.pod_ports(bridge)))
        for bridge in with_pods:
            _claim_ports(case, bridge)
        return ("mixed" if routed else "bridge"), with_pods[0]
    unknown = [bridge for bridge in ready if not bridge.members_known]
    if routed and unknown:
        case.claim(
            f"Addresses or routes of this node are on bridge {unknown[0].name}, too; whether it has pods as members, "
            "the captures do not show: transparent mode if it has none, else mixed.",
            unknown[0].lines,
        )
        return "unknown", None
    if routed:
        _claim_no_pod_bridge(case, candidates)
        return "transparent", None
    if ready:
        known = " No pod is on it." if ready[0].members_known else ""
        case.claim(
            f"Bridge {ready[0].name} is made for pods, and addresses or routes of this node are on it: bridge mode."
            f"{known}",
            ready[0].lines,
        )
        return "bridge", ready[0]
    return _without_pods(case), None


def _claim_routed(case: _Case) -> bool:
    """Whether pods are reached by a route each: by those routes, or by interfaces that are made for such routes."""
    host = case.host
    routes = host.pod_routes
    if routes:
        case.claim(
            f"{_count(len(routes), 'host route')} to one address each on {_count(len(host.routes_on), 'device')} of "
            f"{'its' if len(host.routes_on) == 1 else 'their'} own: pods are reached by routes, as in transparent "
            "mode.",
            host.cite_all(routes),
        )
        return True
    if host.node.shows_every_route:
        return False
    loose = [interface for interface in _loose(host) if _is_made_for_routes(interface)]
    if loose:
        case.claim(
            f"{_count(len(loose), 'interface')} with a peer in another namespace and in no bridge, named or addressed "
            "as plugins do that set a route for each pod: pods are reached by routes, as in transparent mode.",
            host.cite_all(loose),
        )
    return bool(loose)


def _loose(host: Host) -> list[Interface]:
    """Those of which the captures show that they are in no bridge."""
    return [row for name, row in host.veths.items() if name not in host.bridge_of and host.knows_bridge_of(name)]


def _is_made_for_routes(interface: Interface) -> bool:
    """A plugin's own name, or an address at the host's end, as the CNI plugin ptp puts the pod's gateway there."""
    name = interface.ifname
    return (
        AZURE_VETH.fullmatch(name) is not None
        or CALICO_VETH.fullmatch(name) is not None
        or any(address.is_global for address in interface.addr_info)
    )


def _claim_ports(case: _Case, bridge: BridgeView) -> None:
    ports = case.host.pod_ports(bridge)
    case.claim(
        f"Bridge {bridge.name} has {_count(len(ports), 'pod interface')} as its {_plural(len(ports), 'member')}: "
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


def _without_pods(case: _Case) -> Datapath:
    """The datapath of a node on which neither a pod bridge nor a route to a pod is seen."""
    host = case.host
    loose = _loose(host)
    docker = [bridge for bridge in host.bridges.values() if bridge.is_docker and bridge.members]
    if loose:
        no_route = "" if host.node.routes is None else " and with no route to one address"
        case.claim(
            f"{_count(len(loose), 'interface')} with a peer in another namespace, in no bridge{no_route}: the captures "
            "do not show how what is behind is reached.",
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
            case.claim(
                "All containers are on Docker's own bridge; no pod network is set up on this node.",
                [line for bridge in docker for lines in bridge.members.values() for line in lines],
            )
        else:
            case.claim(
                "No bridge has a pod as its member, and no route or interface leads to a pod: no pods on this node.",
                case.beginnings,
            )
        return "none"
    case.claim(
        "These captures show neither a pod bridge nor routes to pods, and do not show enough to say that there "
        "are none.",
        case.beginnings,
    )
    return "unknown"


def _claim_no_pod_bridge(case: _Case, candidates: list[BridgeView]) -> None:
    host = case.host
    for bridge in candidates:
        if bridge.members_known:
            case.claim(f"Bridge {bridge.name} has no pod as a member: no pod is reached through it.", bridge.lines)
    if not candidates and ("brctl show" in host.node.complete or host.shows_every_interface):
        docker = [bridge for bridge in host.bridges.values() if bridge.is_docker]
        case.claim(
            "No bridge but Docker's own." if docker else "No bridge on this node.",
            [line for bridge in docker for line in bridge.lines] or host.node.beginnings("brctl show", "ip addr"),
        )


# --- whose work it is -------------------------------------------------------------------------------------------------


def _veth_names(host: Host) -> _Names:
    """Every name of a host interface that leads to a pod, with the lines that show it; Docker's own left out."""
    names: _Names = {}
    for name in host.pod_devices:
        bridge = host.bridge_of.get(name)
        if bridge is not None and bridge.is_docker:
            continue
        if name in host.by_name:
            names[name] = list(host.node.cite(host.by_name[name]))
        elif name in host.routes_on:
            names[name] = host.cite_all(host.routes_on[name])
        elif bridge is not None:
            names[name] = bridge.members[name]
    return names


def _matching(names: _Names, pattern: re.Pattern[str]) -> list[Line]:
    return [line for name, lines in names.items() if pattern.fullmatch(name) for line in lines]


def _cilium(host: Host, names: _Names) -> list[Line]:
    own = [host.by_name[name] for name in ("cilium_host", "cilium_net") if name in host.by_name]
    return _matching(names, CILIUM_VETH) or host.cite_all(own)


def _plugin(case: _Case, datapath: Datapath, bridge: BridgeView | None, names: _Names) -> NetworkPlugin:
    host = case.host
    azure = _matching(names, AZURE_VETH)
    if azure:
        case.claim("Interfaces named azv and hex digits are made by Azure CNI: networkPlugin azure.", azure)
        return NetworkPlugin(value="azure", certainty="certain")
    calico = _matching(names, CALICO_VETH)
    if calico:
        case.claim(
            "Interfaces named cali and 11 hex digits are made by Calico's own CNI plugin, which AKS uses with "
            "networkPlugin kubenet; "
            "Azure CNI names its interfaces azv even under Calico's policy. A cluster without a plugin of AKS's "
            "(none) where Calico was installed by hand looks the same.",
            calico,
        )
        return NetworkPlugin(value="kubenet", certainty="likely")
    cilium = _cilium(host, names)
    if cilium:
        case.claim("Interfaces of Cilium: Azure CNI powered by Cilium, or Cilium installed by hand.", cilium)
        return NetworkPlugin(value="cilium", certainty="likely")
    if "azure0" in host.bridges:
        case.claim("Only Azure CNI makes a bridge named azure0: networkPlugin azure.", host.bridges["azure0"].lines)
        # A bridge in use is this node's plugin at work; a left-over one is what is left of it.
        in_use = bridge is not None and bridge.name == "azure0"
        return NetworkPlugin(value="azure", certainty="certain" if in_use else "likely")
    if bridge is not None and bridge.name == "cbr0":
        with_pods = bool(host.pod_ports(bridge))
        case.claim("cbr0 is the bridge of kubenet: networkPlugin kubenet.", bridge.lines)
        return NetworkPlugin(value="kubenet", certainty="certain" if with_pods else "likely")
    if datapath in {"bridge", "transparent", "mixed"}:
        what = f"a bridge named {bridge.name}" if bridge is not None else "interfaces named like these"
        case.claim(
            f"No plugin that AKS installs makes {what}: networkPlugin cannot be told.",
            bridge.lines if bridge is not None else [line for lines in names.values() for line in lines],
        )
    else:
        case.claim("Nothing here carries the mark of a network plugin.", case.beginnings)
    return NetworkPlugin()


def _plugin_mode(case: _Case, plugin: NetworkPlugin, pods: Iterable[Pod]) -> NetworkPluginMode:
    if plugin.value == "kubenet":
        return NetworkPluginMode(value="none", certainty=plugin.certainty)
    if plugin.value != "azure":
        return NetworkPluginMode()
    networks = case.host.uplink_networks
    docker = {bridge.name for bridge in case.host.bridges.values() if bridge.is_docker}
    # Plain containers on Docker's own bridge say nothing about where the plugin takes its addresses from.
    own = [pod for pod in pods if pod.status != "conflict" and getattr(pod.attachment, "bridge", None) not in docker]
    addresses = [ip_address(text.partition("/")[0]) for pod in own for text in pod.addresses]
    addresses = [address for address in addresses if address.version == 4]
    if not networks or not addresses:
        return NetworkPluginMode()
    shown = case.host.uplink.interface if case.host.uplink is not None else "the uplink"
    if all(any(address in network for network in networks if network.version == 4) for address in addresses):
        case.claim(f"The pods' addresses are in the subnet of {shown}: not overlay.", _subnet_lines(case.host))
        return NetworkPluginMode(value="none", certainty="certain")
    if all(address in _OVERLAY_DEFAULT for address in addresses) and not any(
        network.overlaps(_OVERLAY_DEFAULT) for network in networks if network.version == 4
    ):
        case.claim(
            f"The pods' addresses are outside the subnet of {shown} and inside {_OVERLAY_DEFAULT}, the default "
            f"pod CIDR of overlay.",
            _subnet_lines(case.host),
        )
        return NetworkPluginMode(value="overlay", certainty="likely")
    case.claim(
        f"The pods' addresses are outside the subnet of {shown}: overlay, or a subnet of the VNet for pods "
        f"alone; the captures cannot tell which.",
        _subnet_lines(case.host),
    )
    return NetworkPluginMode()


def _subnet_lines(host: Host) -> list[Line]:
    if host.uplink is None:
        return []
    interface = host.by_name.get(host.uplink.interface)
    if interface is not None and host.uplink.addresses:
        return list(host.node.cite(interface, host.uplink.addresses[0]))
    return [
        line
        for route in host.routes
        if route.device == host.uplink.interface and route.is_on_link
        for line in host.node.cite(route)
    ]


def _policy(
    case: _Case, datapath: Datapath, bridge: BridgeView | None, plugin: NetworkPlugin, names: _Names
) -> NetworkPolicy:
    host = case.host
    calico = [name for name in names if CALICO_VETH.fullmatch(name)]
    if calico:
        marked = [
            host.by_name[name] for name in calico if name in host.by_name and host.by_name[name].mac == _CALICO_MAC
        ]
        if marked:
            case.claim(
                f"Interfaces named cali with MAC {_CALICO_MAC} are Calico's: networkPolicy calico.",
                [
                    line
                    for interface in marked
                    for line in (*host.node.cite(interface), *host.node.cite(interface, _CALICO_MAC))
                ],
            )
            return NetworkPolicy(value="calico", certainty="certain")
        case.claim(
            f"Interfaces are named as Calico names them; their MAC, which would prove it ({_CALICO_MAC}), was "
            f"not captured.",
            _matching(names, CALICO_VETH),
        )
        return NetworkPolicy(value="calico", certainty="likely")
    if plugin.value == "cilium":
        case.claim(
            "Cilium enforces network policy where it is the datapath: networkPolicy cilium.",
            _cilium(host, names),
        )
        return NetworkPolicy(value="cilium", certainty="likely")
    if datapath == "bridge" and plugin.value in {"azure", "kubenet"}:
        why = (
            "Calico would give kubenet's pods cali interfaces and no bridge"
            if plugin.value == "kubenet"
            else "Azure CNI always runs in transparent mode with a network policy"
        )
        lines = [line for name in names for line in names[name]] or (bridge.lines if bridge is not None else ())
        case.claim(f"The pods' datapath is a bridge, and {why}: networkPolicy none.", lines)
        return NetworkPolicy(value="none", certainty="likely")
    if datapath in {"transparent", "mixed"} and plugin.value == "azure":
        case.claim(
            "networkPolicy cannot be told from these captures: Azure CNI is transparent by default since "
            "version 1.2.0, with a policy and without one, and names its "
            "interfaces azv under Calico as well. `az aks show --query networkProfile` or the pods of "
            "kube-system would tell.",
            _matching(names, AZURE_VETH)[:1],
        )
    else:
        case.claim("networkPolicy cannot be told from these captures.", case.beginnings)
    return NetworkPolicy()


def _plural(number: int, noun: str) -> str:
    return noun if number == 1 else f"{noun}s"


def _count(number: int, noun: str) -> str:
    return f"{number} {_plural(number, noun)}"
