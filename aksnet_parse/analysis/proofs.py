"""What ties each pod to its veth, fact by fact: one sentence for each proof, and the lines that show it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import TypeVar

from ..commands.bridge_fdb import ForwardingEntry
from ..commands.ip_netns import NamedNamespace
from ..prefixes import Address
from ..records import Line, Record
from .citing import references
from .disagreements import cite_end
from .host import Host
from .models import LineReference, Proof, _Model
from .situation import Situation
from .wiring import Tie

__all__ = ["ProvenBy", "proofs"]


class ProvenBy(_Model):
    """One proof of a pod: its word in ``Pod.proofs``, what it says of this pod in one sentence, and the lines."""

    proof: Proof
    claim: str
    lines: tuple[LineReference, ...]


def proofs(situation: Situation) -> tuple[tuple[ProvenBy, ...], ...]:
    """For each of ``situation.pods``, in their order, its proofs in the order of ``Pod.proofs``. Pure; never raises.

    Empty for a pod that nothing ties to a veth. What disagrees about a pod in conflict is in the findings.
    """
    shown = _Shown(situation.host)
    return tuple(tuple(_explained(proof, tie, shown) for proof in tie.proofs) for tie in situation.ties)


def _explained(proof: Proof, tie: Tie, shown: _Shown) -> ProvenBy:
    claim, lines = _EXPLAINED[proof](tie, shown)
    return ProvenBy(proof=proof, claim=claim, lines=references(lines))


class _Shown:
    """A host, and where to find what its captures show: each is looked up, so that many pods take no longer each."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.node = host.node
        self.cite = host.node.cite

    @cached_property
    def entered(self) -> Mapping[str, list[Line]]:
        """By namespace, the command lines by which its interfaces were listed."""
        return _grouped(
            (parsed.namespace, parsed.beginning) for parsed in self.node.captures if parsed.command in _INSIDE
        )

    @cached_property
    def learned(self) -> Mapping[str | None, list[ForwardingEntry]]:
        return _grouped((entry.ifname, entry) for entry in self.host.learned)

    @cached_property
    def named(self) -> Mapping[str | None, list[NamedNamespace]]:
        return _grouped((one.name, one) for one in self.node.named_namespaces or ())

    @cached_property
    def by_pod(self) -> Mapping[str | None, list[Record]]:
        """By the pod's name, what a runtime or Azure CNI knows of it."""
        endpoints = (end for network in self.node.azure_networks for end in network.endpoints)
        containers = ((one.pod_name, one) for one in self.node.containers)
        return _grouped([*containers, *((end.pod_name, end) for end in endpoints)])

    def holding(self, record: Record, text: str) -> list[Line]:
        """The lines of ``record`` that hold ``text``, not as a part of a longer word."""
        word = re.compile(rf"(?<![0-9A-Za-z.:-]){re.escape(text)}(?![0-9A-Za-z.:-])")
        return [line for line in self.node.lines(record) if word.search(line.text)]


_K = TypeVar("_K")
_V = TypeVar("_V")


def _grouped(pairs: Iterable[tuple[_K, _V]]) -> dict[_K, list[_V]]:
    found: dict[_K, list[_V]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


_Said = tuple[str, Iterable[Line]]
_INSIDE = ("ip addr", "ip link")

# Where JSON is printed on many lines, those that count; in text no line has them, and the first is cited.
_LINK_KEYS = ('"ifindex":', '"ifname":', '"link_index":')
_ROUTE_KEYS = ('"dst":', '"dev":')
_ENTRY_KEYS = ('"mac":', '"ifname":', '"dst":', '"dev":', '"lladdr":')


def _inside(tie: Tie) -> str:
    """The pod's own interface in a sentence."""
    interface = tie.end.interface
    if interface is None:
        return "the pod"
    index = f", index {interface.ifindex}," if interface.ifindex is not None else ""
    return f"the pod's {interface.ifname}{index}"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _peer(tie: Tie, shown: _Shown) -> _Said:
    interface = tie.end.interface
    peer = shown.host.by_name.get(tie.veth or "")
    claim = f"{_inside(tie)} names host index {interface.link_index if interface is not None else '?'} as its peer"
    claim += f": {tie.veth}"
    if peer is not None and peer.link_index is not None:
        claim += f", whose peer is index {peer.link_index}"
    rows = [row for row in (interface, peer) if row is not None]
    return f"{_capital(claim)}.", [line for row in rows for line in shown.cite(row, *_LINK_KEYS)]


def _netns(tie: Tie, shown: _Shown) -> _Said:
    netns, row = str(tie.end.netns), shown.host.by_name.get(tie.veth or "")
    lines: list[Line] = []
    if row is not None:
        lines += shown.cite(row, "link-netnsid", "link-netns", '"link_netnsid":', '"link_netns":')
        if row.link_netns is None:
            lines += [line for one in shown.named.get(netns, ()) for line in shown.cite(one)]
    lines += [line for space in tie.end.namespaces for line in shown.entered.get(space.id, ())]
    lines += [line for container in tie.end.containers for line in shown.holding(container, netns)]
    return f"The other end of {tie.veth} is in {netns}, the pod's network namespace.", lines


def _own_address(tie: Tie, shown: _Shown, addresses: Iterable[Address]) -> list[Line]:
    """The lines that show that the pod has one of ``addresses``."""
    wanted = [str(address) for address in addresses]
    if tie.end.interface is not None:
        words = [text for text in tie.end.addresses if text.partition("/")[0] in wanted]
        return list(cite_end(tie.end, shown.host, *wanted, *words, *(f'"{text}",' for text in wanted)))
    records: list[Record] = [*tie.end.containers, *tie.end.listed]
    return [line for record in records for text in wanted for line in shown.holding(record, text)]


def _route(tie: Tie, shown: _Shown) -> _Said:
    assert tie.route is not None
    routed = tie.route.dst.network_address if tie.route.dst is not None else None
    own = [address for address in tie.end.ips if address == routed]
    whose = "the pod's address" if own else "to that address alone"
    claim = f"The host has a route to {tie.route.dst}, {whose}, by {tie.route.device}."
    return claim, [*_own_address(tie, shown, own), *shown.cite(tie.route, *_ROUTE_KEYS)]


def _member(tie: Tie, shown: _Shown) -> _Said:
    assert tie.bridge is not None
    return f"{tie.veth} is a port of the bridge {tie.bridge.name}.", tie.bridge.members.get(tie.veth or "", ())


def _pod_address(tie: Tie, shown: _Shown) -> _Said:
    assert tie.bridge is not None
    own = next(address for address in tie.end.ips if tie.bridge.holds(address))
    networks = [network for network in tie.bridge.networks if network.version == own.version and own in network]
    network = max(networks, key=lambda network: network.prefixlen)
    row = shown.host.by_name.get(tie.bridge.name)
    lines = [
        line
        for address in (row.addr_info if row is not None else ())
        if address.is_global and address.interface.network == network and row is not None
        for line in shown.cite(row, str(address.interface), f'"{address.local}",')
    ]
    if not lines:
        routes = (route for route in shown.host.routes if route.device == tie.bridge.name and route.dst == network)
        lines = [line for route in routes for line in shown.cite(route, *_ROUTE_KEYS)]
    claim = f"The pod's address {own} is in {network}, the network of the bridge {tie.bridge.name}."
    return claim, [*_own_address(tie, shown, [own]), *lines]


def _name(tie: Tie, shown: _Shown) -> _Said:
    pod = tie.end.pod
    name = pod.name if pod is not None else None
    records = [*tie.end.containers, *tie.end.listed, *(shown.by_pod.get(name, ()) if name is not None else ())]
    ids = {identifier for one in tie.end.containers for identifier in (one.id, one.sandbox_id)}
    words = [word for word in (name, *sorted(filter(None, ids))) if word is not None]
    lines = [line for record in records for word in words for line in shown.holding(record, word)[:1]]
    lines += [
        line for space in tie.end.namespaces if space.id.startswith("pod:") for line in shown.entered.get(space.id, ())
    ]
    kind = "Calico" if (tie.veth or "").startswith("cali") else "Azure CNI"
    after = f"{pod.namespace or 'default'}/{name}" if pod is not None and name is not None else "the id of its sandbox"
    return f"{tie.veth} is the name that {kind} computes from {after}.", [*lines, *_of_interface(tie.veth, shown)]


def _of_interface(name: str | None, shown: _Shown) -> list[Line]:
    """A line that shows the interface: its own, or that of what leads to it."""
    row = shown.host.by_name.get(name or "")
    if row is not None:
        return list(shown.cite(row, *_LINK_KEYS))
    for route in shown.host.routes_on.get(name or "", ()):
        return list(shown.cite(route, *_ROUTE_KEYS))
    bridge = shown.host.bridge_of.get(name or "")
    return list(bridge.members[name or ""]) if bridge is not None else []


def _forwarding(tie: Tie, shown: _Shown) -> _Said:
    interface = tie.end.interface
    behind = shown.learned.get(tie.veth, [])
    if interface is not None and interface.mac is not None:
        macs = {str(interface.mac)}
        whose = list(shown.cite(interface, *macs, f'"{interface.mac}",'))
    else:
        known = [entry for ip in tie.end.ips for entry in shown.host.neighbours_at.get(ip, ())]
        macs = {str(entry.lladdr) for entry in known} & {str(entry.mac) for entry in behind}
        whose = [line for entry in known if str(entry.lladdr) in macs for line in shown.cite(entry, *_ENTRY_KEYS)]
    seen = [line for entry in behind if str(entry.mac) in macs for line in shown.cite(entry, *_ENTRY_KEYS)]
    return f"The bridge has seen the pod's MAC, {', '.join(sorted(macs))}, behind {tie.veth}.", [*whose, *seen]


def _neighbour(tie: Tie, shown: _Shown) -> _Said:
    entries = [entry for ip in tie.end.ips for entry in shown.host.neighbours_at.get(ip, ()) if entry.dev == tie.veth]
    addresses = list(dict.fromkeys(entry.dst for entry in entries))
    claim = f"The host has spoken with {', '.join(map(str, addresses))}, the pod's address, on {tie.veth}."
    return claim, [
        *_own_address(tie, shown, addresses),
        *(line for one in entries for line in shown.cite(one, *_ENTRY_KEYS)),
    ]


def _state(tie: Tie, shown: _Shown) -> _Said:
    ids = {container.id for container in tie.end.containers}
    endpoints = [
        endpoint
        for network in shown.node.azure_networks
        for endpoint in network.endpoints
        if endpoint.container_id in ids and endpoint.host_ifname == tie.veth
    ]
    claim = f"Azure CNI remembers to have made {tie.veth} for this pod."
    return claim, [line for one in endpoints for line in shown.holding(one, str(tie.veth))]


_EXPLAINED: Mapping[Proof, Callable[[Tie, _Shown], _Said]] = {
    "peer-ifindex": _peer,
    "netns-id": _netns,
    "host-route": _route,
    "bridge-member": _member,
    "pod-address": _pod_address,
    "veth-name-hash": _name,
    "bridge-fdb": _forwarding,
    "neighbour": _neighbour,
    "cni-state": _state,
}
