"""Findings about addresses and the networks they are in: overlaps, and addresses that cannot be used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from ...commands.interfaces import Address, Interface
from ...prefixes import Network
from ...records import Line
from ..catalogue import ADDRESS_DADFAILED, ADDRESS_TENTATIVE, NETWORKS_OVERLAP
from ..models import Finding
from ..situation import Situation
from ..wiring import Tie
from .states import brief, who

__all__ = ["address_dadfailed", "address_tentative", "networks_overlap"]


def address_dadfailed(situation: Situation) -> Iterator[Finding]:
    for row, address, tie in _addresses(situation):
        if address.dadfailed:
            yield ADDRESS_DADFAILED.found(
                f"{address.interface} on {row.ifname}{_of(tie)} is not used: another machine on the link has it "
                "(duplicate address detection failed).",
                (row.ifname, str(address.local)),
                situation.node.cite(row, str(address.interface)),
            )


def address_tentative(situation: Situation) -> Iterator[Finding]:
    for row, address, tie in _addresses(situation):
        if address.tentative and not address.dadfailed and not address.local.is_link_local:
            yield ADDRESS_TENTATIVE.found(
                f"{address.interface} on {row.ifname}{_of(tie)} cannot be used yet: it is still being probed for "
                "duplicates (tentative).",
                (row.ifname, str(address.local)),
                situation.node.cite(row, str(address.interface)),
            )


def _of(tie: Tie | None) -> str:
    return f" of {who(tie)}" if tie is not None else ""


def _addresses(situation: Situation) -> Iterator[tuple[Interface, Address, Tie | None]]:
    """Every address that was printed, with its interface and the pod whose that is; None for the host's."""
    for row in situation.host.by_name.values():
        for address in row.addr_info:
            yield row, address, None
    for tie in situation.ties:
        for row in (row for space in tie.end.namespaces for row in space.interfaces):
            for address in row.addr_info:
                yield row, address, tie


# --- overlaps ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Range:
    """A network that somebody has taken: ``whose`` in words, ``kind`` so that one kind is not held against itself."""

    kind: str
    whose: str
    network: Network
    lines: tuple[Line, ...]


def networks_overlap(situation: Situation) -> Iterator[Finding]:
    ranges = list(_ranges(situation))
    for one, other in combinations(ranges, 2):
        if one.kind != other.kind and _overlap(one.network, other.network):
            yield _overlapping(one, f"{other.whose} {other.network}", [str(other.network)], other.lines)
    # Pods of Azure CNI live in the node's subnet, and those of others where pods should be; nowhere else.
    for taken in ranges:
        routes = [route for route in situation.host.pod_routes if route.dst is not None]
        inside = [route for route in routes if route.dst is not None and _overlap(taken.network, route.dst)]
        if taken.kind in {"docker", "service"} and inside:
            names = [str(route.dst) for route in inside]
            yield _overlapping(taken, f"the addresses of pods {brief(names)}", names, situation.host.cite_all(inside))


def _overlap(one: Network, other: Network) -> bool:
    return one.version == other.version and one.overlaps(other)


def _overlapping(one: _Range, other: str, names: Iterable[str], lines: Iterable[Line]) -> Finding:
    return NETWORKS_OVERLAP.found(
        f"{one.whose} {one.network} and {other} overlap: what is sent to one may go to the other.",
        (str(one.network), *names),
        [*one.lines, *lines],
    )


def _ranges(situation: Situation) -> Iterator[_Range]:
    host, node = situation.host, situation.node
    for network in sorted(host.uplink_networks, key=str):
        yield _Range("node", "The node's subnet", network, tuple(_uplink_lines(situation)))
    for bridge in host.bridges.values():
        lines = tuple(bridge.lines)
        for network in sorted(bridge.networks, key=str):
            if bridge.is_docker:
                yield _Range("docker", f"Docker's network on {bridge.name}", network, lines)
            elif network not in host.uplink_networks:
                yield _Range("pods", f"The pods' network on {bridge.name}", network, lines)
    for cluster in node.declarations:
        cited = node.cite(cluster)
        yield from (_Range("pods", "The declared pod CIDR", network, cited) for network in cluster.pod_cidrs)
        yield from (_Range("service", "The declared service CIDR", network, cited) for network in cluster.service_cidrs)


def _uplink_lines(situation: Situation) -> list[Line]:
    host = situation.host
    if host.uplink is None:
        return []
    row = host.by_name.get(host.uplink.interface)
    connected = [route for route in host.routes if route.device == host.uplink.interface and route.is_on_link]
    lines = situation.node.cite(row, *host.uplink.addresses) if row is not None else ()
    return [*lines, *host.cite_all(connected)]
