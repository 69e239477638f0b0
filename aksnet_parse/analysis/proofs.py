"""What ties each pod to its veth, fact by fact: one sentence for each proof, and the lines that show it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

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
    return tuple(_of_tie(tie, situation.host) for tie in situation.ties)


def _of_tie(tie: Tie, host: Host) -> tuple[ProvenBy, ...]:
    found = []
    for proof in tie.proofs:
        claim, lines = _EXPLAINED[proof](tie, host)
        found.append(ProvenBy(proof=proof, claim=claim, lines=references(lines)))
    return tuple(found)


_Said = tuple[str, Iterable[Line]]

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


def _peer(tie: Tie, host: Host) -> _Said:
    interface = tie.end.interface
    peer = host.by_name.get(tie.veth or "")
    claim = f"{_inside(tie)} names host index {interface.link_index if interface is not None else '?'} as its peer"
    claim += f": {tie.veth}"
    if peer is not None and peer.link_index is not None:
        claim += f", whose peer is index {peer.link_index}"
    rows = [row for row in (interface, peer) if row is not None]
    return f"{_capital(claim)}.", [line for row in rows for line in host.node.cite(row, *_LINK_KEYS)]


def _netns(tie: Tie, host: Host) -> _Said:
    netns, row = tie.end.netns, host.by_name.get(tie.veth or "")
    lines: list[Line] = []
    if row is not None:
        words = ("link-netnsid", "link-netns", '"link_netnsid":', '"link_netns":')
        lines += host.node.cite(row, *words)
        named = (one for one in host.node.named_namespaces or () if one.name == netns and row.link_netns is None)
        lines += [line for one in named for line in host.node.cite(one)]
    names_it = [line for space in tie.end.namespaces for line in host.node.beginnings(*_INSIDE, namespace=space.id)]
    listed = [
        line
        for container in tie.end.containers
        if f"netns:{netns}" in container.namespaces
        for line in _lines_holding(container, str(netns), host)
    ]
    return f"The other end of {tie.veth} is in {netns}, the pod's network namespace.", [*lines, *names_it, *listed]


_INSIDE = ("ip addr", "ip link")


def _own_address(tie: Tie, host: Host, addresses: Iterable[Address]) -> list[Line]:
    """The lines that show that the pod has one of ``addresses``."""
    wanted = [str(address) for address in addresses]
    if tie.end.interface is not None:
        words = [text for text in tie.end.addresses if text.partition("/")[0] in wanted]
        return list(cite_end(tie.end, host, *wanted, *words, *(f'"{text}",' for text in wanted)))
    records: list[Record] = [*tie.end.containers, *tie.end.listed]
    return [line for record in records for text in wanted for line in _lines_holding(record, text, host, strict=True)]


def _route(tie: Tie, host: Host) -> _Said:
    assert tie.route is not None
    routed = tie.route.dst.network_address if tie.route.dst is not None else None
    own = [address for address in tie.end.ips if address == routed]
    whose = "the pod's address" if own else "to that address alone"
    claim = f"The host has a route to {tie.route.dst}, {whose}, by {tie.route.device}."
    return claim, [*_own_address(tie, host, own), *host.node.cite(tie.route, *_ROUTE_KEYS)]


def _member(tie: Tie, host: Host) -> _Said:
    assert tie.bridge is not None
    return f"{tie.veth} is a port of the bridge {tie.bridge.name}.", tie.bridge.members.get(tie.veth or "", ())


def _pod_address(tie: Tie, host: Host) -> _Said:
    assert tie.bridge is not None
    own = next(address for address in tie.end.ips if tie.bridge.holds(address))
    networks = [network for network in tie.bridge.networks if network.version == own.version and own in network]
    network = max(networks, key=lambda network: network.prefixlen)
    row = host.by_name.get(tie.bridge.name)
    lines = [
        line
        for address in (row.addr_info if row is not None else ())
        if address.is_global and address.interface.network == network and row is not None
        for line in host.node.cite(row, str(address.interface), f'"{address.local}",')
    ]
    if not lines:
        routes = (route for route in host.routes if route.device == tie.bridge.name and route.dst == network)
        lines = [line for route in routes for line in host.node.cite(route, *_ROUTE_KEYS)]
    claim = f"The pod's address {own} is in {network}, the network of the bridge {tie.bridge.name}."
    return claim, [*_own_address(tie, host, [own]), *lines]


def _name(tie: Tie, host: Host) -> _Said:
    pod = tie.end.pod
    words = {pod.name} if pod is not None and pod.name is not None else set()
    sandboxes = {identifier for container in tie.end.containers for identifier in (container.id, container.sandbox_id)}
    records: list[Record] = [
        *(one for one in host.node.containers if one.pod_name in words or _is_one_of(one.id, sandboxes)),
        *(end for network in host.node.azure_networks for end in network.endpoints if end.pod_name in words),
        *tie.end.listed,
    ]
    named = [
        line
        for record in records
        for word in (*words, *sandboxes)
        if word is not None
        for line in _lines_holding(record, word, host, strict=True)[:1]
    ]
    called = [
        line
        for space in tie.end.namespaces
        if space.id.startswith("pod:")
        for line in host.node.beginnings(*_INSIDE, namespace=space.id)
    ]
    kind = "Calico" if (tie.veth or "").startswith("cali") else "Azure CNI"
    after = f"{pod.namespace or 'default'}/{pod.name}" if pod is not None and pod.name is not None else "the sandbox"
    claim = f"{tie.veth} is the name that {kind} computes from {after}."
    return claim, [*named, *called, *_shown(tie.veth, host)]


def _is_one_of(identifier: str | None, full: Iterable[str | None]) -> bool:
    return identifier is not None and any(one is not None and one.startswith(identifier) for one in full)


def _shown(name: str | None, host: Host) -> list[Line]:
    """A line that shows the interface: its own, or that of what leads to it."""
    row = host.by_name.get(name or "")
    if row is not None:
        return list(host.node.cite(row, *_LINK_KEYS))
    for route in host.routes:
        if route.device == name:
            return list(host.node.cite(route, *_ROUTE_KEYS))
    bridge = host.bridge_of.get(name or "")
    return list(bridge.members[name or ""]) if bridge is not None else []


def _forwarding(tie: Tie, host: Host) -> _Said:
    interface = tie.end.interface
    behind = [entry for entry in host.learned if entry.ifname == tie.veth]
    if interface is not None and interface.mac is not None:
        macs = {str(interface.mac)}
        whose = list(host.node.cite(interface, *macs, f'"{interface.mac}",'))
    else:
        known = [entry for ip in tie.end.ips for entry in host.neighbours_at.get(ip, ())]
        macs = {str(entry.lladdr) for entry in known} & {str(entry.mac) for entry in behind}
        whose = [line for entry in known if str(entry.lladdr) in macs for line in host.node.cite(entry, *_ENTRY_KEYS)]
    seen = [line for entry in behind if str(entry.mac) in macs for line in host.node.cite(entry, *_ENTRY_KEYS)]
    return f"The bridge has seen the pod's MAC, {', '.join(sorted(macs))}, behind {tie.veth}.", [*whose, *seen]


def _neighbour(tie: Tie, host: Host) -> _Said:
    entries = [entry for ip in tie.end.ips for entry in host.neighbours_at.get(ip, ()) if entry.dev == tie.veth]
    addresses = list(dict.fromkeys(entry.dst for entry in entries))
    claim = f"The host has spoken with {', '.join(map(str, addresses))}, the pod's address, on {tie.veth}."
    return claim, [
        *_own_address(tie, host, addresses),
        *(line for one in entries for line in host.node.cite(one, *_ENTRY_KEYS)),
    ]


def _lines_holding(record: Record, text: str, host: Host, *, strict: bool = False) -> list[Line]:
    """The lines of ``record`` that hold ``text``; if none does, its first, or with ``strict`` none."""
    lines = host.node.lines(record)
    found = [line for line in lines if text in line.text]
    return found or ([] if strict else list(lines[:1]))


_EXPLAINED: Mapping[Proof, Callable[[Tie, Host], _Said]] = {
    "peer-ifindex": _peer,
    "netns-id": _netns,
    "host-route": _route,
    "bridge-member": _member,
    "pod-address": _pod_address,
    "veth-name-hash": _name,
    "bridge-fdb": _forwarding,
    "neighbour": _neighbour,
}
