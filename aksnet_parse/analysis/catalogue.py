"""The catalogue of findings: what each code means, how bad it is, where it comes from and what to do next. What finds
them is elsewhere; this is the one place that describes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..records import Line
from .citing import references
from .models import Finding, Severity

__all__ = ["FINDINGS", "FindingKind"]


@dataclass(frozen=True, slots=True)
class FindingKind:
    """A kind of finding.

    ``code``: what ``Finding.code`` says. ``severity``: ``error`` (packets are lost, or two facts contradict each
    other), ``warning`` (it may work, and should not be so) or ``info``. ``summary``: what is wrong, in one sentence.
    ``cause``: how it comes about. ``evidence``: which captures show it. ``advice``: what to capture or do next.
    """

    code: str
    severity: Severity
    summary: str
    cause: str
    evidence: str
    advice: str

    def found(self, message: str, subjects: Iterable[str], lines: Iterable[Line]) -> Finding:
        """A finding of this kind: one plain sentence, what it is about, and the lines that prove it."""
        return Finding(
            code=self.code,
            severity=self.severity,
            message=message,
            subjects=tuple(dict.fromkeys(subjects)),
            lines=references(lines),
        )


# --- the way to a pod -------------------------------------------------------------------------------------------------

POD_ROUTE_MISSING = FindingKind(
    code="pod-route-missing",
    severity="error",
    summary="A pod's address has no route on the host, which reaches its pods by a route each.",
    cause=(
        "The plugin's ADD was cut short, somebody deleted the route, or the pod's veth was set down and up again: the "
        "kernel drops a route with its device and does not bring it back."
    ),
    evidence=(
        "The pod's interface or listing, and the host's whole `route -n` or `ip route`. Where the pod's veth is down, "
        "`interface-down` is reported instead, because the route went with it."
    ),
    advice="Delete the pod so that the plugin wires it anew; `ip route add ADDRESS dev VETH` restores it until then.",
)
POD_NOT_ON_BRIDGE = FindingKind(
    code="pod-not-on-bridge",
    severity="error",
    summary="The veth of a pod is no member of the pod bridge, and no route leads to it.",
    cause=(
        "Somebody or something (a network manager, a script) took the port off the bridge, or the plugin's ADD was "
        "cut short."
    ),
    evidence="The pod's interface, and a whole `brctl show`, `bridge link` or `ip addr` of the host.",
    advice="Delete the pod so that the plugin wires it anew; `ip link set VETH master BRIDGE` restores it until then.",
)
POD_NOT_WIRED = FindingKind(
    code="pod-not-wired",
    severity="warning",
    summary="The cluster lists a pod on this node, and the node has no way to its address.",
    cause="The captures are of different nodes or times, or the pod's network was never set up.",
    evidence="`kubectl get pods -o wide` or a listing of containers, beside the host's whole routing table.",
    advice=(
        "`kubectl describe pod`: its events tell of a sandbox that failed; then the plugin's log "
        "(`/var/log/azure-vnet.log`)."
    ),
)
VETH_LEAKED = FindingKind(
    code="veth-leaked",
    severity="warning",
    summary="A veth on the host is neither member of a bridge nor has a route, and no pod is known at its other end.",
    cause=(
        "The plugin's DEL or ADD was cut short, so that the pod is gone and its veth stayed; or a tool of another "
        "kind made it."
    ),
    evidence=(
        "`ip addr` of the host with its whole routing table, and a listing that shows every member of its bridges."
    ),
    advice=(
        "`ip netns` and `ip -d link show VETH` tell which namespace is behind it; if none or a dead one, `ip link del "
        "VETH`."
    ),
)
ROUTE_INTERFACE_MISSING = FindingKind(
    code="route-interface-missing",
    severity="error",
    summary="A route leads to an interface that the host does not have.",
    cause=(
        "The two captures were taken at different times, and the pod went in between; or `ip addr` was shortened "
        "without a mark."
    ),
    evidence="The routing table, and an `ip addr` or `ip link` of the host that looks whole.",
    advice="Capture `ip addr` and `ip route` again, one right after the other.",
)
ROUTE_INTERFACE_DOWN = FindingKind(
    code="route-interface-down",
    severity="error",
    summary=(
        "A route to a pod, or the default route, leads out of an interface that is down or whose other end is down."
    ),
    cause=(
        "The other end of the veth pair was set down inside the pod (state LOWERLAYERDOWN), the card lost its "
        "carrier, or the interface was set down between the two captures."
    ),
    evidence="The route (`ip route` marks it `linkdown`, too), and the interface's line in `ip addr` or `ip link`.",
    advice=(
        "`ip addr` in the pod's namespace tells whether its end is down; `ip link set eth0 up` there brings it back."
    ),
)
INTERFACE_DOWN = FindingKind(
    code="interface-down",
    severity="error",
    summary=(
        "An interface that a pod or the node depends on is down: a pod's own, its veth, its bridge, or the card under "
        "the bridge."
    ),
    cause="It was set down, or its other end was. The kernel takes an interface's routes away when it goes down.",
    evidence=(
        "The interface's line in `ip addr` or `ip link`: no `UP` among its flags, or `NO-CARRIER` and state DOWN or "
        "LOWERLAYERDOWN."
    ),
    advice="`ip link set NAME up`; in transparent mode the pod's route must be added again, or the pod deleted.",
)

# --- addresses --------------------------------------------------------------------------------------------------------

MANY_ROUTES = FindingKind(
    code="many-routes",
    severity="error",
    summary="Routes of the host lead to one address by more than one interface.",
    cause="An address was given to a new pod before the old pod's route was removed.",
    evidence="The host's routing table; the pod's own end tells which of the routes is right.",
    advice="Remove the route whose veth has no live pod behind it.",
)
POD_ADDRESS_SHARED = FindingKind(
    code="pod-address-shared",
    severity="error",
    summary="Two pods of one node have the same address.",
    cause=(
        "The address management lost track: its state was deleted or restored while pods ran, or two plugins share "
        "one range."
    ),
    evidence="`ip addr` in both pods, or listings that name both with the address.",
    advice=(
        "Delete the younger pod; look at the state of the address management (`azure-vnet-ipam.json`, "
        "`/var/lib/cni/networks`)."
    ),
)
ROUTE_DISAGREES = FindingKind(
    code="route-disagrees",
    severity="error",
    summary=(
        "The host's route to a pod's address leads to another interface than the one the pod is at the other end of."
    ),
    cause="The captures are of different nodes or times, or an address was given anew and a stale route stayed.",
    evidence="The pod's `ip addr` (its peer's index), the host's `ip addr` and routing table.",
    advice="Capture all three again at one time. If it stays, delete the pod.",
)
ADDRESS_DISAGREES = FindingKind(
    code="address-disagrees",
    severity="error",
    summary="A pod is on a bridge and has no address in that bridge's network.",
    cause="The captures are of different nodes or times, or the node's pod CIDR was changed while the pod ran.",
    evidence="The pod's `ip addr`, the bridge's address or connected route.",
    advice="Capture again at one time. If it stays, delete the pod.",
)
ADDRESS_DADFAILED = FindingKind(
    code="address-dadfailed",
    severity="error",
    summary=(
        "An IPv6 address is not used because another machine on the link has it (duplicate address detection failed)."
    ),
    cause="Two interfaces of one link have one MAC or one address, or a loop brings the node's own probes back to it.",
    evidence="The flag `dadfailed` in `ip addr`.",
    advice="Look for the other owner with `ip -6 neigh` and `bridge fdb`; give the interface another MAC.",
)
ADDRESS_TENTATIVE = FindingKind(
    code="address-tentative",
    severity="warning",
    summary="An address is still being probed for duplicates and cannot be used yet.",
    cause="The interface came up a second ago; if it stays so, the link has no carrier.",
    evidence="The flag `tentative` in `ip addr`. Link-local addresses are left out: they come and go with each pod.",
    advice="Capture `ip addr` again after some seconds.",
)
NETWORKS_OVERLAP = FindingKind(
    code="networks-overlap",
    severity="error",
    summary="Two of docker0's network, the pods' network, the service CIDR and the node's subnet overlap.",
    cause=(
        "The VNet was planned over 172.17.0.0/16, which Docker takes by default, or over the cluster's pod or service "
        "CIDR."
    ),
    evidence=(
        "The addresses and routes of the bridges and of the uplink; pod and service CIDR as `az aks` declares them."
    ),
    advice=(
        "`az aks create --docker-bridge-address`, `--pod-cidr` and `--service-cidr` take other ranges; they cannot be "
        "changed later."
    ),
)

# --- both ends of a pod -----------------------------------------------------------------------------------------------

PEER_DISAGREES = FindingKind(
    code="peer-disagrees",
    severity="error",
    summary="The two ends of a veth pair name each other by indexes that do not fit.",
    cause="The captures are of different nodes or times: the pod was made anew in between.",
    evidence="`eth0@ifN` in the pod, and index N on the host with its own `@ifM`.",
    advice="Capture the pod and the host again at one time.",
)
PEER_MISSING = FindingKind(
    code="peer-missing",
    severity="error",
    summary="A pod names a peer on the host that the host does not have.",
    cause="The captures are of different nodes or times.",
    evidence="`eth0@ifN` in the pod, and a whole `ip addr` of the host without index N.",
    advice="Capture the pod and the host again at one time.",
)
PEER_IS_CARD = FindingKind(
    code="peer-is-card",
    severity="warning",
    summary="A pod names the node's network card as the other end of its interface.",
    cause="The pod's interface is a macvlan or ipvlan on that card, or the captures are of different nodes.",
    evidence="`eth0@ifN` in the pod, and index N on the host, which has no peer.",
    advice="`ip -d link` in the pod tells the kind of its interface.",
)
NAME_DISAGREES = FindingKind(
    code="name-disagrees",
    severity="error",
    summary="A pod is at the other end of one veth, and another is named after it.",
    cause="The captures are of different nodes or times, or a stale veth of an earlier pod of that name stayed.",
    evidence="The pod's name (veth names are hashes of it, see `veth-name-hash`) and its `ip addr`.",
    advice="Capture again at one time; `ip netns` tells what is behind the other veth.",
)
MAC_DISAGREES = FindingKind(
    code="mac-disagrees",
    severity="error",
    summary="The bridge's forwarding table or the neighbour table has a pod behind another interface.",
    cause="The captures are of different times, or two pods have one MAC or address.",
    evidence="`bridge fdb` or `ip neigh` of the host, and the pod's `ip addr`.",
    advice="Capture again at one time; entries of pods that are gone age out within minutes.",
)
VETH_SHARED = FindingKind(
    code="veth-shared",
    severity="error",
    summary="Two pods say that one veth is theirs.",
    cause=(
        "The captures are of different nodes or times: the pods' own ends are of two nodes, or of a pod and its "
        "successor."
    ),
    evidence="`ip addr` of both pods, which name one index of the host.",
    advice="Capture the pods and the host again at one time.",
)
MAC_SHARED = FindingKind(
    code="mac-shared",
    severity="warning",
    summary="Two interfaces have one MAC that should have one each.",
    cause=(
        "A machine image or a pod was cloned with its MAC, or something sets MACs by hand. Calico's and Azure CNI's "
        "constants, bridges and their ports, and a VF and its card share theirs by design."
    ),
    evidence="`ip addr` or `ip link` of the host and of the pods.",
    advice="On a bridge, frames for one reach the other: give one of them another MAC.",
)

# --- the node's own network -------------------------------------------------------------------------------------------

HALF_MIGRATED = FindingKind(
    code="half-migrated",
    severity="warning",
    summary="Some pods are on a bridge and others have a route each.",
    cause=(
        "The node was upgraded from bridge mode to transparent mode in place: pods keep the wiring they were made with."
    ),
    evidence="Members of the bridge, and routes to one address each.",
    advice=(
        "Drain and reimage the node (`az aks nodepool upgrade --node-image-only`), or delete the pods that are on the "
        "bridge."
    ),
)
BRIDGE_LEFT_OVER = FindingKind(
    code="bridge-left-over",
    severity="info",
    summary="A pod bridge without pods and without an address is left on a node that reaches its pods by routes.",
    cause="The node was upgraded in place from bridge mode to transparent mode, or from kubenet.",
    evidence="The bridge in `brctl show` or `ip addr`, and the routes to pods.",
    advice="Nothing needs it; it goes when the node is reimaged.",
)
UPLINK_NOT_IN_BRIDGE = FindingKind(
    code="uplink-not-in-bridge",
    severity="error",
    summary="The network card is no member of azure0, which carries pods and the node's way out.",
    cause="A network manager (netplan, systemd-networkd) or DHCP client took the card back at boot or after an update.",
    evidence="A listing that shows every member of azure0.",
    advice="`ip link set eth0 master azure0`; a restart of the node lets Azure CNI set it up anew.",
)
ADDRESS_ON_BRIDGE_PORT = FindingKind(
    code="address-on-bridge-port",
    severity="error",
    summary="A network card that is member of a bridge has an address of its own.",
    cause="DHCP gave the card the node's address again while the bridge has it: answers leave by the wrong interface.",
    evidence="`ip addr` of the host.",
    advice="`ip addr del ADDRESS dev CARD`; look at what runs DHCP on the card.",
)
DEFAULT_ROUTE_MISSING = FindingKind(
    code="default-route-missing",
    severity="error",
    summary="The node has no default route.",
    cause="The lease ran out, the uplink was set down, or somebody flushed the table.",
    evidence="A whole `route -n` or `ip route` of the host.",
    advice=(
        "`ip addr` tells whether the uplink is up and has its address; a restart of systemd-networkd fetches the "
        "route again."
    ),
)
GATEWAY_OFF_SUBNET = FindingKind(
    code="gateway-off-subnet",
    severity="error",
    summary="The gateway of a default route is in no subnet of that route's interface, and no route leads to it.",
    cause="The interface's address or prefix length was changed after the route was made.",
    evidence="The default route, and the interface's addresses in `ip addr`; of the host or of a pod.",
    advice="Compare address, prefix and gateway with the VNet's subnet (`az network vnet subnet show`).",
)
AZURE_ADDRESS_ASTRAY = FindingKind(
    code="azure-address-astray",
    severity="error",
    summary="Azure's wire server (168.63.129.16) or instance metadata (169.254.169.254) is not reached by the uplink.",
    cause="A route of a VPN, of a bridge, or of a static configuration is more specific than the one DHCP gives.",
    evidence="The routing table of the host: the longest prefix that holds the address.",
    advice="Remove the route: without the wire server the node has no DNS of Azure and loses its health reports.",
)
VF_NOT_ENSLAVED = FindingKind(
    code="vf-not-enslaved",
    severity="warning",
    summary="The VF of accelerated networking is not under the synthetic card.",
    cause="The driver came up late, or a network manager configures the VF by itself.",
    evidence="`enP...` in `ip addr` without `SLAVE` and `master`.",
    advice=(
        "Traffic takes the slow path; `ethtool -S eth0` shows it. Leave the VF unmanaged in netplan, and restart the "
        "node."
    ),
)
VF_MAC_DIFFERS = FindingKind(
    code="vf-mac-differs",
    severity="warning",
    summary="The VF of accelerated networking has another MAC than the card it is under.",
    cause="Something set the MAC of one of them; the host matches the two by it.",
    evidence="`link/ether` of both in `ip addr` or `ip link`.",
    advice="Give both the MAC that Azure knows (instance metadata, `network/interface`).",
)
MTU_DIFFERS = FindingKind(
    code="mtu-differs",
    severity="warning",
    summary="The MTU changes on the way from a pod to the uplink so that packets get lost.",
    cause=(
        "It was changed on one of pod, veth, bridge and uplink only. A pod network whose MTU is smaller than the "
        "uplink's throughout is sound (overlays need it) and not reported."
    ),
    evidence=(
        "`mtu` in `ip addr` of the pod and of the host: the ends of a pair differ, members of a bridge differ, or it "
        "is larger than the uplink's."
    ),
    advice="`ping -M do -s SIZE` from the pod shows the size that passes; set the MTU in the plugin's configuration.",
)

# --- inside a pod -----------------------------------------------------------------------------------------------------

POD_DEFAULT_ROUTE_MISSING = FindingKind(
    code="pod-default-route-missing",
    severity="error",
    summary="A pod has no default route.",
    cause="The plugin's ADD was cut short, or the pod changed its own routes.",
    evidence="A whole `ip route` or `route -n` in the pod's namespace.",
    advice="Delete the pod so that the plugin wires it anew.",
)
POD_GATEWAY_UNANSWERED = FindingKind(
    code="pod-gateway-unanswered",
    severity="error",
    summary="No one answers for a pod's default gateway.",
    cause="The bridge lost its address, the gateway was changed, or proxy ARP was switched off on the veth.",
    evidence=(
        "The pod's routes, with the host's whole `ip addr`; or the pod's `ip neigh` that says FAILED or INCOMPLETE."
    ),
    advice="`ip neigh` in the pod; on the host `sysctl net.ipv4.conf.VETH.proxy_arp` (Calico wants 1).",
)

# --- what the captures say of themselves ------------------------------------------------------------------------------

BRIDGE_MEMBERS_DISAGREE = FindingKind(
    code="bridge-members-disagree",
    severity="warning",
    summary="Whole listings of one host name different members of a bridge.",
    cause="They are of different nodes or times.",
    evidence="`brctl show`, `bridge link` and `ip addr` of the host.",
    advice="Capture them again, one right after the other.",
)
CAPTURES_CONTRADICT = FindingKind(
    code="captures-contradict",
    severity="warning",
    summary="Two captures of one place show different things.",
    cause="They were taken at different times, and something changed in between; the answer goes by the later one.",
    evidence=(
        "Two captures that show one interface with different facts, or two whole routing tables with different routes."
    ),
    advice="`aksnet-parse compare` tells what changed, if each state is in a file of its own.",
)
NODE_STATES_DIFFER = FindingKind(
    code="node-states-differ",
    severity="warning",
    summary="Captures under one name cannot be of one node at one time.",
    cause="The node was rebuilt or its pods were replaced between them, or two nodes have one name.",
    evidence=(
        "Whole listings that have no veth in common, other bridges, other cards or other networks. Each state is "
        "answered as a node of its own, and nothing is concluded from mixing them."
    ),
    advice="Capture again in one go; `aksnet-parse compare` tells what changed, if each state is in a file of its own.",
)
CAPTURE_CUT_OFF = FindingKind(
    code="capture-cut-off",
    severity="info",
    summary="A capture is not whole: someone shortened it, or it lost its beginning or its end.",
    cause="Text was cut for a ticket, a terminal scrolled, or a log collector kept only the tail of a file.",
    evidence=(
        "Marks such as `...`, a listing of interfaces that does not begin with `lo`, an entry or document that does "
        "not end."
    ),
    advice="Capture it again into a file.",
)
CAPTURE_MISSING = FindingKind(
    code="capture-missing",
    severity="info",
    summary="Another capture would complete the answer.",
    cause="It was not taken, or not whole.",
    evidence="What the captures at hand leave open.",
    advice="Run the command that the finding names.",
)
DECLARATION_UNDECIDED = FindingKind(
    code="declaration-undecided",
    severity="info",
    summary="Several clusters are declared, and nothing tells which of them the node is of.",
    cause="The text orders or shows several clusters one after the other, and names none beside the captures.",
    evidence="The declarations of the clusters.",
    advice="Put the name of the cluster above the captures, or each cluster into a file of its own.",
)
DECLARED_MODE_DIFFERS = FindingKind(
    code="declared-mode-differs",
    severity="warning",
    summary="What was declared of the node's network is not what the captures show.",
    cause="The node was made before the cluster was changed, or the declaration is of another cluster.",
    evidence="`az aks create` or `show`, a CNI configuration or azure-vnet.json, and what shows the mode.",
    advice="`az aks show --query networkProfile`, and the age of the node.",
)
HOST_NETWORK_PODS = FindingKind(
    code="host-network-pods",
    severity="info",
    summary="Pods with the node's own network have no veth.",
    cause="They ask for it (`hostNetwork: true`), as kube-proxy and CNI daemons do.",
    evidence="The node's own address in the listing, or the container's network mode.",
    advice="Nothing: it is told so that nobody looks for their veths.",
)

FINDINGS: tuple[FindingKind, ...] = tuple(value for value in list(globals().values()) if isinstance(value, FindingKind))
"""Every kind of finding, in the order of this file."""
