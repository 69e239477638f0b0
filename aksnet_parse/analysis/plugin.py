"""Whose work a node's pod network is: plugin, mode, dataplane and policy, in the words of `az aks`.

What the wiring shows comes first, then what the cluster says of the node. Names of interfaces prove little where
several plugins give the same; then the answer says what would tell them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address, ip_network
from typing import NamedTuple, TypeVar

from ..names import AZURE_VETH, CALICO_VETH, CILIUM_DEVICE, CILIUM_VETH, EKS_VETH, GKE_VETH
from ..records import Line
from . import calico
from .claims import Claims
from .cluster_evidence import Witness, witnesses
from .host import BridgeView, Host
from .models import Certainty, Datapath, NetworkDataplane, NetworkPlugin, NetworkPluginMode, NetworkPolicy, Pod

__all__ = ["Owner", "tell_owner"]

_CALICO_MAC = "ee:ee:ee:ee:ee:ee"
_OVERLAY_DEFAULT = ip_network("10.244.0.0/16")  # az aks create --pod-cidr, when not given
_Names = dict[str, list[Line]]
W = TypeVar("W", NetworkPlugin, NetworkPluginMode, NetworkDataplane, NetworkPolicy)


class Owner(NamedTuple):
    """The four words of `az aks` for a node."""

    plugin: NetworkPlugin
    plugin_mode: NetworkPluginMode
    dataplane: NetworkDataplane
    policy: NetworkPolicy


def tell_owner(claims: Claims, datapath: Datapath, bridge: BridgeView | None, pods: Iterable[Pod]) -> Owner:
    """What the captures show of each word, with a sentence for each in ``claims``."""
    return _Teller(claims, datapath, bridge).owner(pods)


class _Teller:
    def __init__(self, claims: Claims, datapath: Datapath, bridge: BridgeView | None) -> None:
        self.claims = claims
        self.host = claims.host
        self.datapath = datapath
        self.bridge = bridge
        self.names = _veth_names(self.host)
        self.said: dict[str, list[Witness]] = {}
        for witness in witnesses(self.host.node):
            self.said.setdefault(witness.field, []).append(witness)
        self.cilium = _cilium_lines(self.host, self.names)
        self.calico = calico.own_network(self.host)

    def owner(self, pods: Iterable[Pod]) -> Owner:
        self.claims.subject = "networkPlugin"
        plugin = self._with_witnesses("networkPlugin", self._plugin())
        self.claims.subject = "networkPluginMode"
        plugin_mode = self._with_witnesses("networkPluginMode", self._plugin_mode(plugin, pods))
        self.claims.subject = "networkDataplane"
        dataplane = self._with_witnesses("networkDataplane", self._dataplane(plugin))
        self.claims.subject = "networkPolicy"
        policy = self._with_witnesses("networkPolicy", self._policy(plugin))
        return Owner(plugin, plugin_mode, dataplane, policy)

    def _with_witnesses(self, field: str, shown: W) -> W:
        """What the wiring shows and what the cluster says: the surer of the two, the wiring if they are as sure. Where
        the cluster says two things, or the two contradict each other, nothing is certain."""
        said = self.said.get(field, [])
        if not said:
            if shown.value == "unknown":
                self._cannot_tell(field)
            return shown
        best = min(said, key=lambda witness: witness.certainty != "certain")
        for witness in said:
            if witness is best or witness.value != best.value:
                self.claims.claim(witness.claim, witness.lines)
        agree = all(witness.value == best.value for witness in said)
        certainty: Certainty = best.certainty if agree else "likely"
        if shown.value == "unknown" or (shown.certainty == "likely" and certainty == "certain"):
            return type(shown).model_validate({"value": best.value, "certainty": certainty})
        if shown.value != best.value and shown.certainty == certainty == "certain":
            self.claims.claim(
                f"The captures of the node show {field} {shown.value}, the cluster says {best.value}: neither is "
                "certain.",
                best.lines,
            )
            return type(shown).model_validate({"value": shown.value, "certainty": "likely"})
        return shown

    def _cannot_tell(self, field: str) -> None:
        claims, names = self.claims, self.names
        if field == "networkPlugin" and self.cilium:
            claims.claim(
                "Cilium's interfaces look the same in Azure CNI powered by Cilium (networkPlugin azure) and where "
                "Cilium was installed by hand (networkPlugin none): networkPlugin cannot be told.",
                self.cilium,
            )
        elif field == "networkPlugin" and self.datapath in {"bridge", "transparent", "mixed"}:
            bridge = self.bridge
            what = f"a bridge named {bridge.name}" if bridge is not None else "interfaces named like these"
            claims.claim(
                f"No plugin that AKS installs makes {what}: networkPlugin cannot be told.",
                bridge.lines if bridge is not None else [line for lines in names.values() for line in lines],
            )
        elif field == "networkPlugin":
            claims.claim("Nothing here carries the mark of a network plugin.", claims.beginnings)
        elif field == "networkPolicy" and self.datapath in {"transparent", "mixed"} and _matching(names, AZURE_VETH):
            claims.claim(
                "networkPolicy cannot be told from these captures: Azure CNI is transparent by default since "
                "version 1.2.0, with a policy and without one, and names its "
                "interfaces azv under Calico as well. `az aks show --query networkProfile` or "
                "`kubectl get pods -A -o wide` would tell.",
                _matching(names, AZURE_VETH)[:1],
            )
        elif field == "networkPolicy":
            claims.claim("networkPolicy cannot be told from these captures.", claims.beginnings)

    # --- plugin -------------------------------------------------------------------------------------------------------

    def _plugin(self) -> NetworkPlugin:
        claims, host, bridge = self.claims, self.host, self.bridge
        azure = _matching(self.names, AZURE_VETH)
        if azure:
            claims.claim("Interfaces named azv and hex digits are made by Azure CNI: networkPlugin azure.", azure)
            return NetworkPlugin(value="azure", certainty="certain")
        if _matching(self.names, CALICO_VETH):
            return self._plugin_of_calico()
        for pattern, what in _OTHER_CLOUDS:
            lines = _matching(self.names, pattern)
            if lines:
                claims.claim(f"{what}: this is no node of AKS.", lines)
                return NetworkPlugin(value="none", certainty="likely")
        if self.cilium:
            return NetworkPlugin()
        if "azure0" in host.bridges:
            claims.claim(
                "Only Azure CNI makes a bridge named azure0: networkPlugin azure.", host.bridges["azure0"].lines
            )
            # A bridge in use is this node's plugin at work; a left-over one is what is left of it.
            in_use = bridge is not None and bridge.name == "azure0"
            return NetworkPlugin(value="azure", certainty="certain" if in_use else "likely")
        if bridge is not None and bridge.name == "cbr0":
            with_pods = bool(host.pod_ports(bridge))
            claims.claim("cbr0 is the bridge of kubenet: networkPlugin kubenet.", bridge.lines)
            return NetworkPlugin(value="kubenet", certainty="certain" if with_pods else "likely")
        own = calico.address_management(host) if self.calico and not self.names else []
        return self._plugin_by_hand(own) if own else NetworkPlugin()

    def _plugin_of_calico(self) -> NetworkPlugin:
        own = calico.address_management(self.host)
        if own:
            return self._plugin_by_hand(own)
        self.claims.claim(
            "Interfaces named cali and 11 hex digits are made by Calico's own CNI plugin, which AKS uses with "
            "networkPlugin kubenet; "
            "Azure CNI names its interfaces azv even under Calico's policy. A cluster without a plugin of AKS's "
            "(none) where Calico was installed by hand looks the same.",
            _matching(self.names, CALICO_VETH),
        )
        return NetworkPlugin(value="kubenet", certainty="likely")

    def _plugin_by_hand(self, lines: list[Line]) -> NetworkPlugin:
        self.claims.claim(
            "Calico manages the pods' addresses itself here: routes of BIRD, its tunnels tunl0 or vxlan.calico, or "
            "a blackhole for a block of 64 addresses. Under AKS's kubenet it does not. Calico was installed by "
            "hand: networkPlugin none.",
            lines,
        )
        return NetworkPlugin(value="none", certainty="likely")

    # --- mode ---------------------------------------------------------------------------------------------------------

    def _plugin_mode(self, plugin: NetworkPlugin, pods: Iterable[Pod]) -> NetworkPluginMode:
        if plugin.value in {"kubenet", "none"}:
            return NetworkPluginMode(value="none", certainty=plugin.certainty)
        if plugin.value != "azure":
            return NetworkPluginMode()
        host, claims = self.host, self.claims
        networks = host.uplink_networks
        docker = {bridge.name for bridge in host.bridges.values() if bridge.is_docker}
        # Plain containers on Docker's own bridge say nothing about where the plugin takes its addresses from.
        own = [
            pod for pod in pods if pod.status != "conflict" and getattr(pod.attachment, "bridge", None) not in docker
        ]
        addresses = [ip_address(text.partition("/")[0]) for pod in own for text in pod.addresses]
        addresses = [address for address in addresses if address.version == 4]
        if not networks or not addresses:
            return NetworkPluginMode()
        shown = host.uplink.interface if host.uplink is not None else "the uplink"
        lines = _subnet_lines(host)
        if all(any(address in network for network in networks if network.version == 4) for address in addresses):
            claims.claim(f"The pods' addresses are in the subnet of {shown}: not overlay.", lines)
            return NetworkPluginMode(value="none", certainty="certain")
        if all(address in _OVERLAY_DEFAULT for address in addresses) and not any(
            network.overlaps(_OVERLAY_DEFAULT) for network in networks if network.version == 4
        ):
            claims.claim(
                f"The pods' addresses are outside the subnet of {shown} and inside {_OVERLAY_DEFAULT}, the default "
                f"pod CIDR of overlay.",
                lines,
            )
            return NetworkPluginMode(value="overlay", certainty="likely")
        claims.claim(
            f"The pods' addresses are outside the subnet of {shown}: overlay, or a subnet of the VNet for pods "
            f"alone; the captures cannot tell which.",
            lines,
        )
        return NetworkPluginMode()

    # --- dataplane ----------------------------------------------------------------------------------------------------

    def _dataplane(self, plugin: NetworkPlugin) -> NetworkDataplane:
        if self.cilium:
            self.claims.claim("Interfaces of Cilium: networkDataplane cilium.", self.cilium)
            return NetworkDataplane(value="cilium", certainty="certain")
        if plugin.value in {"azure", "kubenet"} and self.names:
            # Where Cilium is the dataplane it makes the pods' veths itself, and names them lxc.
            self.claims.claim(
                "The pods' interfaces are not Cilium's: networkDataplane azure.",
                next(iter(self.names.values()))[:1],
            )
            return NetworkDataplane(value="azure", certainty="likely")
        return NetworkDataplane()

    # --- policy -------------------------------------------------------------------------------------------------------

    def _policy(self, plugin: NetworkPlugin) -> NetworkPolicy:
        claims, names = self.claims, self.names
        if _matching(names, CALICO_VETH):
            return self._policy_of_calico()
        if self.cilium:
            claims.claim(
                "Cilium enforces network policy where it is the datapath: networkPolicy cilium.",
                self.cilium,
            )
            return NetworkPolicy(value="cilium", certainty="likely")
        if self.calico:
            claims.claim("Tunnels or routes of Calico's own: networkPolicy calico.", self.calico)
            return NetworkPolicy(value="calico", certainty="likely")
        if self.datapath == "bridge" and plugin.value in {"azure", "kubenet"}:
            why = (
                "Calico would give kubenet's pods cali interfaces and no bridge"
                if plugin.value == "kubenet"
                else "Azure CNI always runs in transparent mode with a network policy"
            )
            lines = [line for name in names for line in names[name]]
            lines = lines or (list(self.bridge.lines) if self.bridge is not None else [])
            claims.claim(f"The pods' datapath is a bridge, and {why}: networkPolicy none.", lines)
            return NetworkPolicy(value="none", certainty="likely")
        return NetworkPolicy()

    def _policy_of_calico(self) -> NetworkPolicy:
        host = self.host
        rows = [host.by_name[name] for name in self.names if CALICO_VETH.fullmatch(name) and name in host.by_name]
        marked = [row for row in rows if row.mac == _CALICO_MAC]
        if marked:
            self.claims.claim(
                f"Interfaces named cali with MAC {_CALICO_MAC} are Calico's: networkPolicy calico.",
                [line for row in marked for line in (*host.node.cite(row), *host.node.cite(row, _CALICO_MAC))],
            )
            return NetworkPolicy(value="calico", certainty="certain")
        self.claims.claim(
            f"Interfaces are named as Calico names them; their MAC, which would prove it ({_CALICO_MAC}), was "
            f"not captured.",
            _matching(self.names, CALICO_VETH),
        )
        return NetworkPolicy(value="calico", certainty="likely")


_OTHER_CLOUDS = (
    (EKS_VETH, "Interfaces named eni and 11 hex digits are made by Amazon's VPC CNI (EKS)"),
    (GKE_VETH, "Interfaces named gke and 11 hex digits are made by Google's GKE"),
)


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


def _cilium_lines(host: Host, names: _Names) -> list[Line]:
    """The lines that show Cilium's interfaces: those of pods, or its own."""
    of_pods = _matching(names, CILIUM_VETH)
    own = [row for name, row in host.by_name.items() if CILIUM_DEVICE.fullmatch(name)]
    routes = [route for route in host.routes if route.device is not None and CILIUM_DEVICE.fullmatch(route.device)]
    return of_pods or host.cite_all(own) or host.cite_all(routes)


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
