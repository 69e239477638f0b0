"""Tells which node a cluster's declaration speaks for: what `az aks create` ordered, `az aks show` answered.

Within one text a declaration stands for the nodes captured after it, until the next cluster is declared or spoken of; a
text without captures of nodes stands for all of them, if it is about one cluster. A node that is seen to be of another
cluster than the first one after the declaration gets none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network

from .commandline import HOST
from .commands.az_aks import AksCluster
from .commands.interfaces import Interface
from .commands.routes import Route
from .names import CARD, POD_VETH
from .node import ParsedCapture
from .prefixes import Address

__all__ = ["Declaring", "clusters_of", "declare", "is_of_cluster"]


@dataclass(slots=True)
class Declaring:
    """What stands for one machine: its ``clusters``, the later correcting the earlier, and the ``captures`` it was
    read from, with those that stand for none and are nearest to this one. ``undecided``: what was said of several
    clusters, if nothing tells which of them the machine is of."""

    clusters: list[AksCluster] = field(default_factory=list)
    undecided: list[AksCluster] = field(default_factory=list)
    captures: list[ParsedCapture] = field(default_factory=list)


def is_of_cluster(parsed: ParsedCapture) -> bool:
    """True for a capture that speaks of a cluster and of no node."""
    return parsed.command == "az aks"


@dataclass(slots=True, eq=False)
class _Cluster:
    name: str | None
    group: str | None
    said: list[tuple[int, AksCluster]] = field(default_factory=list)

    def is_meant_by(self, record: AksCluster) -> bool:
        return all(
            mine is None or other is None or mine.lower() == other.lower()
            for mine, other in ((self.name, record.name), (self.group, record.resource_group))
        )

    def take(self, place: int, record: AksCluster) -> None:
        self.name, self.group = self.name or record.name, self.group or record.resource_group
        self.said.append((place, record))


def declare(machines: Sequence[Sequence[ParsedCapture]], declarations: Sequence[ParsedCapture]) -> list[Declaring]:
    """For each machine (its captures, in reading order) what stands for it."""
    found = [Declaring() for _ in machines]
    by_file: dict[str | None, list[ParsedCapture]] = {}
    for parsed in declarations:
        by_file.setdefault(parsed.capture.file, []).append(parsed)
    apart: list[_Cluster] = []
    for file, captures in by_file.items():
        places = [_places(machine, file) for machine in machines]
        if any(places):
            _by_place(machines, places, captures, found)
        else:
            apart += _clusters([record for parsed in captures for record in parsed.of(AksCluster)])[0]
    for declaring in found if apart else ():
        if not declaring.clusters and len(apart) == 1:
            declaring.clusters += [record for _, record in apart[0].said]
        elif not declaring.clusters:
            declaring.undecided += [record for cluster in apart for _, record in cluster.said]
    for parsed in declarations:
        users = [
            item
            for item in found
            if any(record in item.clusters or record in item.undecided for record in parsed.of(AksCluster))
        ]
        for declaring in users or [found[_nearest(machines, parsed)]]:
            declaring.captures.append(parsed)
    return found


def _places(machine: Iterable[ParsedCapture], file: str | None) -> list[int]:
    """The lines of a file at which the machine's captures begin; those of the host, if there are any."""
    here = [parsed for parsed in machine if parsed.capture.file == file]
    host = [parsed for parsed in here if parsed.namespace == HOST and parsed.command != "docker inspect"]
    return [parsed.capture.first_line for parsed in host or here]


def _nearest(machines: Sequence[Sequence[ParsedCapture]], parsed: ParsedCapture) -> int:
    places = [_places(machine, parsed.capture.file) for machine in machines]
    line = parsed.capture.first_line
    near = [(min(abs(place - line) for place in here), number) for number, here in enumerate(places) if here]
    return min(near)[1] if near else 0


def _line(record: AksCluster) -> int:
    return record.source.first_line if record.source is not None else 0


def _clusters(records: Sequence[AksCluster]) -> tuple[list[_Cluster], list[tuple[int, _Cluster]]]:
    """The clusters spoken of, and which of them from which line on."""
    clusters: list[_Cluster] = []
    turns: list[tuple[int, _Cluster]] = []
    current: _Cluster | None = None
    for record in records:
        # Of two clusters made one after the other without a name that can be told, the second is not the first.
        is_known = record.command != "create" or record.name is not None
        if current is not None and current.is_meant_by(record) and is_known:
            cluster = current
        else:
            known = (cluster for cluster in clusters if record.name is not None and cluster.name == record.name)
            known = (cluster for cluster in known if cluster.is_meant_by(record))
            cluster = next(known, _Cluster(record.name, record.resource_group))
            if cluster not in clusters:
                clusters.append(cluster)
        if record.command == "create":
            # Made anew, it keeps nothing of what it was.
            cluster.said = [pair for pair in cluster.said if pair[1].command == "get-credentials"]
        cluster.take(_line(record), record)
        turns.append((_line(record), cluster))
        current = cluster
    return clusters, turns


def _by_place(
    machines: Sequence[Sequence[ParsedCapture]],
    places: Sequence[Sequence[int]],
    captures: Sequence[ParsedCapture],
    found: list[Declaring],
) -> None:
    records = sorted((record for parsed in captures for record in parsed.of(AksCluster)), key=_line)
    first_of: dict[int, int] = {}
    for number in sorted((number for number, here in enumerate(places) if here), key=lambda number: places[number][0]):
        first, last = min(places[number]), max(places[number])
        before = [record for record in records if _line(record) < first]
        _, turns = _clusters(before)
        if turns:
            cluster = turns[-1][1]
            # Clusters declared one right after the other: which of them comes next, nothing says but the login.
            earlier = max((place for here in places for place in here if place < first), default=0)
            together = list({id(item): item for line, item in turns if line > earlier}.values())
            if len(together) > 1:
                meant = _meant(together, before, earlier, machines[number])
                if meant is None:
                    found[number].undecided += [record for item in together for _, record in item.said]
                    continue
                cluster = meant
            leader = first_of.setdefault(_line(cluster.said[0][1]), number)
            if leader != number and not _may_be_of_one_cluster(machines[leader], machines[number]):
                continue
            later = [
                record
                for record in records
                if first <= _line(record) < last and cluster.is_meant_by(record) and record.command != "create"
            ]
            found[number].clusters += [*(record for _, record in cluster.said), *later]
        else:
            clusters, _ = _clusters(records)
            if len(clusters) == 1:
                # Only an answer speaks of what was there before it.
                found[number].clusters += [
                    record for record in records if record.command == "show" or _line(record) < last
                ]
            elif len(clusters) > 1:
                meant = _meant(clusters, (), 0, machines[number])
                spoken = found[number].undecided if meant is None else found[number].clusters
                spoken += [record for item in ([meant] if meant else clusters) for _, record in item.said]


def _meant(
    clusters: Sequence[_Cluster], before: Sequence[AksCluster], earlier: int, machine: Sequence[ParsedCapture]
) -> _Cluster | None:
    """Of clusters declared one right after the other, the one that ``machine`` is of: that the author names above its
    captures, that alone has a node pool of its name or its pods' addresses, or into which alone somebody logged in."""
    headings = {parsed.capture.heading for parsed in machine if parsed.capture.heading is not None}
    named = [item for item in clusters if item.name and any(_names_cluster(text, item.name) for text in headings)]
    if len(named) == 1:
        return named[0]
    pools = {match[1].lower() for parsed in machine if (match := _NODE_NAME.match(parsed.node or parsed.hint or ""))}
    with_pool = [item for item in clusters if any(pools.intersection(record.node_pools) for _, record in item.said)]
    if len(with_pool) == 1 and all(any(record.node_pools for _, record in item.said) for item in clusters):
        return with_pool[0]
    addresses = _pod_addresses(machine)
    cidrs = [[cidr for _, record in item.said for cidr in record.pod_cidrs] for item in clusters]
    holding = [
        item
        for item, texts in zip(clusters, cidrs, strict=True)
        if addresses and texts and all(any(address in ip_network(text) for text in texts) for address in addresses)
    ]
    if len(holding) == 1:
        return holding[0]
    logins = [record for record in before if record.command == "get-credentials" and _line(record) > earlier]
    into = [item for item in clusters if any(item.is_meant_by(record) for record in logins)]
    return into[0] if len(into) == 1 and before[-1].command == "get-credentials" else None


def _names_cluster(heading: str, name: str) -> bool:
    """True if the author's words above a capture name the cluster: few words, or the name marked as one. In a long
    sentence it may be a word of the language, such as ``one`` or ``test``."""
    words = re.findall(r"[\w-]+", heading)
    if name not in words:
        return False
    marked = (
        rf"[`\"'*]{re.escape(name)}[`\"'*]|\bcluster {re.escape(name)}(?![\w-])|(?<![\w-]){re.escape(name)} cluster\b"
    )
    return len(words) <= _FEW_WORDS or re.search(marked, heading, re.I) is not None


_FEW_WORDS = 4


def _pod_addresses(machine: Iterable[ParsedCapture]) -> list[Address]:
    """The addresses to which the machine has a route each, on what is named like a pod's veth."""
    return [
        route.dst.network_address
        for parsed in machine
        for route in parsed.of(Route)
        if route.dst is not None and route.dst.version == 4 and route.is_host
        if POD_VETH.fullmatch(route.device or "")
    ]


def clusters_of(captures: Sequence[ParsedCapture]) -> list[Declaring]:
    """Of a text without any node: what stands for each cluster that is spoken of."""
    clusters, _ = _clusters([record for parsed in captures for record in parsed.of(AksCluster)])
    saying = [item for item in clusters if any(_says_something(record) for _, record in item.said)]
    found: list[Declaring] = []
    for cluster in saying or clusters[:1]:
        records = [record for _, record in cluster.said]
        used = [parsed for parsed in captures if any(record in records for record in parsed.of(AksCluster))]
        found.append(Declaring(clusters=records, captures=used))
    return found or [Declaring(captures=list(captures))]


def _says_something(record: AksCluster) -> bool:
    return bool(record.network_plugin or record.network_policy or record.network_dataplane)


_NODE_NAME = re.compile(r"aks-([a-z0-9]+)-([0-9]{8})-", re.I)


def _may_be_of_one_cluster(one: Iterable[ParsedCapture], other: Iterable[ParsedCapture]) -> bool:
    """False if the nodes' names have another cluster's number, or else their subnets have nothing in common."""
    (numbers, subnets), (others, other_subnets) = _known_by(one), _known_by(other)
    if numbers and others:
        return not numbers.isdisjoint(others)
    return not subnets or not other_subnets or not subnets.isdisjoint(other_subnets)


def _known_by(machine: Iterable[ParsedCapture]) -> tuple[set[str], set[object]]:
    numbers: set[str] = set()
    subnets: set[object] = set()
    for parsed in machine:
        match = _NODE_NAME.match(parsed.node or parsed.hint or "")
        if match is not None:
            numbers.add(match[2])
        if parsed.namespace != HOST:
            continue
        for row in parsed.of(Interface):
            if row.link_index is None and (CARD.fullmatch(row.ifname) or row.ifname == "azure0"):
                subnets |= {address.interface.network for address in row.addr_info if address.family == "inet"}
    return numbers, subnets
