"""What was captured on one node: the host's side, each pod's network namespace, and the lines it all stands in."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .commandline import HOST
from .commands.az_aks import AksCluster
from .commands.azure_vnet import AzureNetwork
from .commands.brctl_show import Bridge
from .commands.bridge_fdb import ForwardingEntry
from .commands.bridge_link import BridgePort
from .commands.cni_config import CniConfig
from .commands.containers import Container
from .commands.interfaces import Interface
from .commands.ip_neigh import Neighbour
from .commands.ip_netns import NamedNamespace
from .commands.kubectl_get_nodes import KubernetesNode
from .commands.kubectl_get_pods import KUBECTL_GET_PODS, KubernetesPod, lists_every_pod
from .commands.routes import Route
from .dressing import is_cut_mark
from .names import CARD, POD_VETH, TUNNEL
from .records import EntrySource, Line, ParseResult, Record
from .showing import Tabular
from .transcript import Capture

__all__ = [
    "ROUTING_TABLES",
    "Namespace",
    "Node",
    "ParsedCapture",
    "is_bridge_port",
    "is_card",
    "looks_like_pod",
    "may_be_pair",
    "may_be_peers",
    "may_be_veth",
    "shows_link",
    "shows_master",
]

# The commands that print the routing table.
ROUTING_TABLES = ("route -n", "ip route")
_LONGEST_CITED = 1000


def may_be_veth(interface: Interface) -> bool:
    """True if the interface has a peer in another namespace, or is named like one and its peer's name proves nothing:
    busybox (which prints no ``state``), ``ip -6`` and old ``ip -br`` (neither ``qdisc`` nor ``group``) look the peer's
    index up in the wrong namespace."""
    if interface.link_index is not None:
        return True
    is_short = interface.operstate is None or (interface.qdisc is None and interface.group is None)
    return is_short and POD_VETH.fullmatch(interface.ifname) is not None


def is_card(interface: Interface) -> bool:
    """True for a network card of the host: named like one, and not the host's end of a pod's veth pair. A node that is
    a container itself has a peer at its card; but that has an address, which the end of a pair has not."""
    if CARD.fullmatch(interface.ifname) is None:
        return False
    return interface.link_index is None or any(address.is_global for address in interface.addr_info)


def is_bridge_port(interface: Interface, master: Interface | None) -> bool:
    """True if the interface can be a port of a bridge, so far as the captures show it. Bonds, teams, VRFs and Open
    vSwitch have members as well; ``master``: the device they are members of, None if it was not captured."""
    if interface.master is None or "SLAVE" in interface.flags:
        return False
    info = interface.linkinfo
    if info is not None and info.info_slave_kind is not None:
        return info.info_slave_kind == "bridge"
    if master is not None:
        if master.linkinfo is not None and master.linkinfo.info_kind is not None:
            return master.linkinfo.info_kind == "bridge"
        if "MASTER" in master.flags:  # IFF_MASTER: a bond or a VRF
            return False
    return _NO_BRIDGE.fullmatch(interface.master) is None


_NO_BRIDGE = re.compile(r"ovs-system|(?:bond|team)\d+|vrf\S*")


def looks_like_pod(interfaces: Iterable[Interface]) -> bool:
    """True if these can be all interfaces of a pod's namespace: one or two, each with its peer in another namespace."""
    real = [row for row in interfaces if row.ifname != "lo" and TUNNEL.fullmatch(row.ifname) is None]
    return (
        0 < len(real) <= 2
        and all(row.link_index is not None and row.master is None for row in real)
        and not any(POD_VETH.fullmatch(row.ifname) for row in real)
    )


def shows_link(interface: Interface) -> bool:
    """True if the link itself was printed, with its flags: ``ip -o addr`` and ``ip -br`` leave them out."""
    return "mtu" in interface.model_fields_set


def shows_master(interface: Interface) -> bool:
    """True if a master would have been printed: ``ip -6 addr`` knows neither that nor qdisc and group."""
    return shows_link(interface) and not (interface.qdisc is None and interface.group is None)


def may_be_peers(inside: Interface, peer: Interface) -> bool:
    """True if ``peer``, which has the index that ``inside`` names, can be its other end. The index of ``inside`` is
    unknown in what ``ip -br`` prints; then ``peer`` must have one in another namespace all the same."""
    if peer.link_index is None:
        return may_be_veth(peer)
    return inside.ifindex in {None, peer.link_index}


def may_be_pair(inside: Interface, outside: Interface) -> bool:
    """False if the indexes that two interfaces name show that neither is the other's peer."""
    names_other = inside.link_index is not None and outside.ifindex is not None
    is_named = outside.link_index is not None and inside.ifindex is not None
    return not (names_other and inside.link_index != outside.ifindex) and not (
        is_named and outside.link_index != inside.ifindex
    )


@dataclass(frozen=True, slots=True)
class ParsedCapture:
    """A capture and what was read from it.

    ``namespace``: the one decided on, ``host`` or that of a pod. ``node``: name of the machine, if the capture says it.
    ``hint``: a name that it may have, that of the last prompt before output without a command line.
    """

    capture: Capture
    result: ParseResult[Record]
    namespace: str = HOST
    node: str | None = None
    hint: str | None = None

    def __repr__(self) -> str:
        return f"<ParsedCapture {self.command!r} in {self.namespace!r}, line {self.beginning.line}>"

    @property
    def command(self) -> str:
        """Name of the command, such as ``ip addr``."""
        return str(self.capture.command.name)

    @property
    def is_answer(self) -> bool:
        """False if nobody understood what the command printed. Such a capture must not pass for an empty listing."""
        return len(self.result) > 0 or not self.result.unparsed

    @property
    def is_whole(self) -> bool:
        """True if it shows all that the command knows; of a routing table, that of IPv4. What is missing may stand in a
        line that nobody understood."""
        return not self.result.unparsed and not self.capture.abbreviated and not self._is_of_ipv6

    @property
    def _is_of_ipv6(self) -> bool:
        """True for a routing table without its call that can only be that of ``ip -6``."""
        if self.capture.invocation is not None or not self.result:
            return False
        return all(
            isinstance(record, Route) and record.dst is not None and record.dst.version == 6 for record in self.result
        )

    @property
    def is_cut(self) -> bool:
        """True if part of what the call would have printed is not there: somebody or something cut it off."""
        call = self.capture.invocation
        asked_for_part = call is not None and (call.filtered or self.capture.command.is_partial(call.argv))
        return self.capture.abbreviated and not asked_for_part

    def lists_every_pod_of(self, namespace: str) -> bool:
        """True if this is a listing by ``kubectl get pods`` of all pods of ``namespace``, and nothing of it was cut."""
        call = self.capture.invocation
        if call is None or call.filtered or call.repeated or self.command != KUBECTL_GET_PODS.name:
            return False
        is_cut = (
            self.is_cut or bool(self.result.unparsed) or any(is_cut_mark(line.text) for line in self.result.passed_over)
        )
        return not is_cut and lists_every_pod(call.argv, namespace)

    @property
    def cut_at(self) -> tuple[Line, ...]:
        """The marks of what was left out; where there are none, the last line if nobody understood it, or the call."""
        marks = tuple(line for line in self.result.passed_over if is_cut_mark(line.text))
        last = tuple(line for line in self.result.unparsed[-1:] if line.line == self.capture.last_line)
        if marks or last or self.capture.call_line is None:
            return marks or last
        return (Line(self.capture.file, self.capture.call_line, self.capture.call or ""),)

    @property
    def beginning(self) -> Line:
        """The command line; where there is none, the first line."""
        capture = self.capture
        if capture.call_line is not None:
            return Line(capture.file, capture.call_line, capture.call or "")
        return Line(capture.file, capture.output_line, "".join(capture.lines[:1])[:_LONGEST_CITED])

    def of(self, model: type[Record]) -> tuple[Any, ...]:
        """The records of this capture that are of type ``model``."""
        return tuple(record for record in self.result if isinstance(record, model))


@dataclass(frozen=True, slots=True)
class Namespace:
    """A pod's network namespace. ``id``: ``pid:N``, ``netns:NAME``, ``container:ID``, ``pod:NAME``, or ``pod`` if
    nothing says.

    ``routes`` and ``neighbours`` are None if they were not captured. ``complete``: names of the commands of which this
    namespace shows everything they know.
    """

    id: str
    interfaces: tuple[Interface, ...] = ()
    routes: tuple[Route, ...] | None = None
    neighbours: tuple[Neighbour, ...] | None = None
    complete: frozenset[str] = frozenset()

    @property
    def shows_every_route(self) -> bool:
        """True if some capture shows the whole routing table of this namespace."""
        return not self.complete.isdisjoint(ROUTING_TABLES)


@dataclass(frozen=True)
class Node(Tabular):
    """All that was captured of one node. A field is None if no capture shows it; empty means captured, and nothing
    there.

    ``kubernetes_pods``: those that the cluster lists for this node; ``kubernetes_node``: what it lists of the node
    itself. ``pods_elsewhere``, ``nodes_elsewhere``: what the same cluster lists of other nodes, and the pods of which
    no listing says where they are.
    ``named_namespaces``, ``neighbours`` and ``forwarding`` are the host's. ``cni_configs``: in the order in which the
    node takes them, the first counts. ``declarations``: what was said of this node's cluster, the later correcting
    the earlier; ``undecided``: what was said of several clusters, of which nothing tells which one is this node's.
    ``earlier_state``: what other captures show under the same name, that cannot be of the same time.

    ``complete``: names of the commands (``ip addr``...) of which the host shows everything they know.
    """

    name: str | None
    captures: tuple[ParsedCapture, ...]
    interfaces: tuple[Interface, ...] | None = None
    bridges: tuple[Bridge, ...] | None = None
    bridge_ports: tuple[BridgePort, ...] | None = None
    routes: tuple[Route, ...] | None = None
    namespaces: tuple[Namespace, ...] = ()
    containers: tuple[Container, ...] = ()
    kubernetes_pods: tuple[KubernetesPod, ...] = ()
    pods_elsewhere: tuple[KubernetesPod, ...] = ()
    kubernetes_node: KubernetesNode | None = None
    nodes_elsewhere: tuple[KubernetesNode, ...] = ()
    named_namespaces: tuple[NamedNamespace, ...] | None = None
    neighbours: tuple[Neighbour, ...] | None = None
    forwarding: tuple[ForwardingEntry, ...] | None = None
    cni_configs: tuple[CniConfig, ...] = ()
    azure_networks: tuple[AzureNetwork, ...] = ()
    declarations: tuple[AksCluster, ...] = ()
    undecided: tuple[AksCluster, ...] = ()
    earlier_state: Node | None = None
    complete: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        count = len(self.captures)
        return f"<Node {self.name!r}: {count} capture{'' if count == 1 else 's'}>"

    @property
    def shows_every_route(self) -> bool:
        """True if some capture of the host shows its whole routing table."""
        return not self.complete.isdisjoint(ROUTING_TABLES)

    @cached_property
    def _by_file(self) -> dict[str | None, tuple[list[int], list[Capture]]]:
        """The captures of each file with the numbers of their first lines, in the order of the file."""
        found: dict[str | None, tuple[list[int], list[Capture]]] = {}
        for capture in sorted((parsed.capture for parsed in self.captures), key=lambda capture: capture.output_line):
            starts, captures = found.setdefault(capture.file, ([], []))
            starts.append(capture.output_line)
            captures.append(capture)
        return found

    def lines(self, record: Record) -> tuple[Line, ...]:
        """The lines ``record`` was read from; none for a record that was built by hand. Of a long line of JSON that
        holds other records as well, only what is this one's."""
        source = record.source
        if source is None or source.file not in self._by_file:
            return ()
        starts, captures = self._by_file[source.file]
        place = bisect_right(starts, source.first_line) - 1
        if place < 0:
            return ()
        start = source.first_line - starts[place]
        texts = captures[place].lines[start : start + source.last_line - source.first_line + 1]
        if isinstance(source, EntrySource):
            texts = tuple(text[slice(*source.columns)] for text in texts)
        return tuple(Line(source.file, number, text) for number, text in enumerate(texts, source.first_line))

    def cite(self, record: Record, *words: str) -> tuple[Line, ...]:
        """Those lines of ``record`` that hold one of ``words``; its first line if none does, or none is given."""
        lines = self.lines(record)
        found = tuple(line for line in lines if any(word in line.text.split() for word in words)) if words else ()
        return found or lines[:1]

    def beginnings(self, *commands: str, namespace: str = HOST) -> tuple[Line, ...]:
        """The command line (where there is none, the first line) of each capture of ``commands`` in ``namespace``."""
        lines = (
            parsed.beginning for parsed in self.captures if parsed.namespace == namespace and parsed.command in commands
        )
        return tuple(dict.fromkeys(lines))
