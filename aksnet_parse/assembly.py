"""From captures to nodes: decides what shows the host and what a pod, and puts together what one machine showed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from .cluster import hand_out
from .commandline import HOST
from .commands.azure_vnet import AzureNetwork
from .commands.brctl_show import Bridge
from .commands.bridge_fdb import ForwardingEntry
from .commands.bridge_link import BridgePort
from .commands.cni_config import CniConfig
from .commands.containers import Container
from .commands.interfaces import Interface
from .commands.ip_neigh import Neighbour
from .commands.ip_netns import NamedNamespace
from .commands.routes import NetToolsRoute, Route
from .declarations import Declaring, clusters_of, declare, is_of_cluster
from .listings import Listings
from .machines import tell_apart
from .names import CARD, KNOWN_BRIDGE, POD_VETH
from .node import Namespace, Node, ParsedCapture, looks_like_pod, shows_master
from .pod_nodes import on_listed_node
from .prefixes import Address, PrefixMap
from .records import Record

__all__ = ["assemble"]


def assemble(captures: Sequence[ParsedCapture]) -> tuple[Node, ...]:
    """The nodes behind ``captures`` (in reading order), in the order in which they first appear."""
    listings = [parsed for parsed in captures if parsed.capture.command.of_cluster]
    of_clusters = [parsed for parsed in captures if is_of_cluster(parsed)]
    aside = {id(parsed) for parsed in (*listings, *of_clusters)}
    listed = Listings(listings)
    rest = [_without_pretence(parsed) for parsed in captures if id(parsed) not in aside]
    decided = _with_namespaces([on_listed_node(parsed, listed) for parsed in rest])
    machines = [[decided[order] for order in orders] for orders in tell_apart(decided)]
    if machines:
        declared = declare(machines, of_clusters)
    else:
        # What is said of a cluster is said of nodes that were not captured.
        declared = clusters_of(of_clusters) if of_clusters else []
        machines = [[] for _ in declared]
    said = [_first(parsed.node for parsed in machine) for machine in machines]
    # Where one asks the cluster need not be a node of it.
    elsewhere = {parsed.capture.node for parsed in listings}
    hinted = [_first(parsed.hint for parsed in machine if parsed.hint not in elsewhere) for machine in machines]
    # One prompt before the output of two machines names neither.
    nodes = [
        _node(name or (hint if [*said, *hinted].count(hint) == 1 else None), machine, declaring)
        for name, hint, machine, declaring in zip(said, hinted, machines, declared, strict=True)
    ]
    return _with_earlier_states(hand_out(nodes, listings))


def _with_earlier_states(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Tell each node of the one before it that has the same name: their captures contradict each other."""
    latest: dict[str, Node] = {}
    found: list[Node] = []
    for node in nodes:
        found.append(node)
        if node.name is not None:
            found[-1] = replace(node, earlier_state=latest.get(node.name))
            latest[node.name] = node
    return tuple(found)


def _first(names: Iterable[str | None]) -> str | None:
    return next((name for name in names if name is not None), None)


def _without_pretence(parsed: ParsedCapture) -> ParsedCapture:
    """Mark what cannot be whole, though nobody marked it: a listing of interfaces that does not begin with the loopback
    or ends in the middle of an interface, and a routing table that lacks a route which others in it need."""
    if parsed.capture.abbreviated:
        return parsed
    interfaces, routes = parsed.of(Interface), parsed.of(Route)
    if (interfaces and _is_cut(interfaces)) or (routes and _lacks_routes(routes)):
        return replace(parsed, capture=replace(parsed.capture, abbreviated=True))
    return parsed


def _is_cut(interfaces: Sequence[Interface]) -> bool:
    # The loopback interface has index 1 in every namespace (LOOPBACK_IFINDEX in the kernel).
    if interfaces[0].ifindex != 1:
        return True
    *others, last = interfaces
    return last.link_type is None and any(row.link_type is not None for row in others)


def _lacks_routes(routes: Sequence[Route]) -> bool:
    """True if a gateway is on no network of its own device. The kernel takes no such route, unless it was told that the
    gateway is on the link (``onlink``; fib_check_nh in net/ipv4/fib_semantics.c)."""
    on_link: dict[str | None, PrefixMap[bool]] = {}
    for route in routes:
        if route.dst is not None and route.is_on_link and not route.is_default:
            on_link.setdefault(route.device, PrefixMap()).add(route.dst, True)
    return any(
        route.next_hop is not None
        and route.next_hop.version == 4
        and not route.nexthops
        and "onlink" not in route.flags
        and (route.device not in on_link or not on_link[route.device].find(route.next_hop))
        for route in routes
        if route.dst is not None and route.dst.version == 4
    )


# --- host or pod ------------------------------------------------------------------------------------------------------


def _with_namespaces(captures: Sequence[ParsedCapture]) -> list[ParsedCapture]:
    """Decide for each capture whether it shows the host or a pod, by its command line and by what it shows."""
    called = [_called_in(parsed.capture.namespace) for parsed in captures]
    host_rows = [
        row
        for parsed, namespace in zip(captures, called, strict=True)
        if namespace in {None, HOST} and not looks_like_pod(parsed.of(Interface))
        for row in parsed.of(Interface)
    ]
    cards = {_card(row) for row in host_rows} - {None}
    addresses = {str(address.local) for row in host_rows for address in row.addr_info}
    rows_at: dict[tuple[str, Address], list[Interface]] = {}
    for row in host_rows:
        for address in row.addr_info if row.ifname != "lo" else ():
            rows_at.setdefault((row.ifname, address.local), []).append(row)

    decided: list[ParsedCapture] = []
    prompts_of_pods: list[int] = []
    for parsed, namespace in zip(captures, called, strict=True):
        interfaces = parsed.of(Interface)
        if namespace not in {None, HOST}:
            # A pod on the host's network shows the host.
            if (
                _shows_host(interfaces)
                or any(_card(row) in cards for row in interfaces)
                or _routes_of_host(parsed.of(Route))
            ):
                namespace = HOST
        elif (host_rows or namespace is None) and (
            looks_like_pod(interfaces) and not _are_shown_already(interfaces, rows_at)
            if interfaces
            else _routes_of_pod(parsed.of(Route), addresses)
        ):
            namespace = "pod"
            prompts_of_pods.append(len(decided))
        else:
            namespace = HOST
        if namespace == HOST and interfaces and all(row.ifname == "lo" for row in interfaces):
            # A pod can have the loopback alone; a host has a card as well.
            parsed = replace(parsed, capture=replace(parsed.capture, abbreviated=True))
        name = parsed.capture.node
        node, hint = (None, name) if parsed.capture.invocation is None else (name, None)
        decided.append(replace(parsed, namespace=namespace, node=node, hint=hint))
    # In a pod the prompt names the pod, unless the shell was the node's and only its network namespace the pod's.
    names = {parsed.node or parsed.hint for parsed in decided if parsed.namespace == HOST}
    for number in prompts_of_pods:
        if (decided[number].node or decided[number].hint) not in names:
            decided[number] = replace(decided[number], node=None, hint=None)
    return decided


def _called_in(namespace: str | None) -> str | None:
    """Without the name if it is none: a variable of the shell, or ``<pid>`` in a how-to, can be another each time."""
    if namespace is None or namespace == HOST:
        return namespace
    kind, _, name = namespace.partition(":")
    is_name = re.fullmatch(r"[0-9]+" if kind == "pid" else r"(?!unknown$)[\w./-]+", name) is not None
    return namespace if is_name else "pod"


def _shows_host(interfaces: Sequence[Interface]) -> bool:
    # A pod in which Docker runs has bridges and veths as well; but its eth0 has a peer, and a host's has none.
    return any(
        row.master is not None or KNOWN_BRIDGE.fullmatch(row.ifname) or POD_VETH.fullmatch(row.ifname)
        for row in interfaces
    ) and not any(row.link_index is not None and CARD.fullmatch(row.ifname) for row in interfaces)


def _are_shown_already(interfaces: Sequence[Interface], rows_at: dict[tuple[str, Address], list[Interface]]) -> bool:
    """True if one of them is an interface of the host that another listing shows: a node that is a container itself has
    a peer at its card, and a part of its listing (``ip -4 addr``, ``ip addr show eth0``) looks like a pod's."""
    return any(
        _may_be_the_same(row, other)
        for row in interfaces
        for address in row.addr_info
        if address.is_global
        for other in rows_at.get((row.ifname, address.local), ())
    )


def _may_be_the_same(one: Interface, other: Interface) -> bool:
    facts = ((one.ifindex, other.ifindex), (one.link_index, other.link_index), (one.mac, other.mac))
    return all(mine is None or theirs is None or mine == theirs for mine, theirs in facts)


def _routes_of_host(routes: Iterable[Route]) -> bool:
    """True if some lead to one address each by what is named like a pod's veth, as only those of a host do."""
    return any(route.is_host and route.is_on_link and POD_VETH.fullmatch(route.device or "") for route in routes)


def _card(row: Interface) -> object:
    """What a network card is known by, in the host's namespace and in no other; None for what is none."""
    return (row.ifname, row.ifindex, row.mac) if row.link_index is None and row.mac is not None else None


def _routes_of_pod(routes: Iterable[Route], host_addresses: set[str]) -> bool:
    # 169.254.1.1 is the gateway that Calico and Azure CNI (transparent) give to pods, and to nothing else; a bridge's
    # pods have the host itself.
    return any(
        route.is_default and (str(route.next_hop) == "169.254.1.1" or str(route.next_hop) in host_addresses)
        for route in routes
    )


# --- the finished node ------------------------------------------------------------------------------------------------


def _node(name: str | None, captures: Sequence[ParsedCapture], declaring: Declaring) -> Node:
    host: list[ParsedCapture] = []
    inside: dict[str, list[ParsedCapture]] = {}
    for number, parsed in enumerate(captures):
        if parsed.namespace == HOST:
            host.append(parsed)
        else:
            # Two captures of unnamed pods are two pods, unless their interfaces say otherwise.
            key = parsed.namespace if parsed.namespace != "pod" else f"pod {number}"
            inside.setdefault(key, []).append(parsed)
    return Node(
        name=name,
        captures=(*declaring.captures, *captures),
        interfaces=_records(host, Interface),
        bridges=_records(host, Bridge),
        bridge_ports=_records(host, BridgePort),
        routes=_records(host, Route),
        namespaces=tuple(
            Namespace(
                taken[0].namespace,
                _records(taken, Interface) or (),
                _records(taken, Route),
                _records(taken, Neighbour),
                _complete(taken),
            )
            for taken in inside.values()
        ),
        containers=tuple(container for parsed in captures for container in parsed.of(Container)),
        named_namespaces=_records(host, NamedNamespace),
        neighbours=_records(host, Neighbour),
        forwarding=_records(host, ForwardingEntry),
        cni_configs=_configs(captures),
        azure_networks=tuple(network for parsed in captures for network in parsed.of(AzureNetwork)),
        declarations=tuple(declaring.clusters),
        undecided=tuple(declaring.undecided),
        complete=_complete(host),
    )


def _complete(captures: Iterable[ParsedCapture]) -> frozenset[str]:
    return frozenset(parsed.command for parsed in captures if parsed.is_whole)


def _configs(captures: Iterable[ParsedCapture]) -> tuple[CniConfig, ...]:
    """Of several files in /etc/cni/net.d the first by name counts, as a pattern such as ``*`` lists them as well."""

    def name(parsed: ParsedCapture) -> str:
        argv = parsed.capture.invocation.argv if parsed.capture.invocation is not None else ()
        paths = [word for word in argv[1:] if "/" in word or word.endswith((".conf", ".conflist"))]
        return re.split(r"[/\\]", paths[0] if paths else parsed.capture.file or "")[-1]

    ordered = sorted((parsed for parsed in captures if parsed.of(CniConfig)), key=name)
    return tuple(dict.fromkeys(config for parsed in ordered for config in parsed.of(CniConfig)))


def _records(captures: Iterable[ParsedCapture], model: type[Record]) -> tuple[Any, ...] | None:
    """What all captures of one place together say; None if none of them shows it."""
    records: _Shown | None = None
    for parsed in captures:
        if not issubclass(parsed.capture.command.model, model) or not parsed.is_answer:
            continue
        records = records or _Shown()
        shown = [_together(records.latest(record), record, parsed) for record in parsed.of(model)]
        # A whole listing replaces what was listed before; a part of one adds to it.
        if parsed.is_whole:
            records.drop_what_would_be_in(shown)
        records.take(shown)
    return tuple(records.rows.values()) if records is not None else None


class _Shown:
    """Records of one kind in the order in which they were last shown. ``rows`` are by number, so that to take one out
    costs the same however many there are; ``numbers`` are those of one thing, ``usual`` those of routes as they mostly
    are."""

    def __init__(self) -> None:
        self.rows: dict[int, Record] = {}
        self.numbers: dict[object, list[int]] = {}
        self.usual: set[int] = set()
        self.count = 0

    def latest(self, record: Record) -> Record | None:
        """The same thing as it was shown last."""
        numbers = self.numbers.get(_key(record))
        return self.rows[numbers[-1]] if numbers else None

    def take(self, shown: Sequence[Record]) -> None:
        """Add ``shown``, in the place of what showed the same thing before."""
        keys = [_key(record) for record in shown]
        for key in keys:
            self._drop(key)
        for key, record in zip(keys, shown, strict=True):
            self.rows[self.count] = record
            self.numbers.setdefault(key, []).append(self.count)
            if isinstance(record, Route) and _is_usual(record):
                self.usual.add(self.count)
            self.count += 1

    def drop_what_would_be_in(self, whole: Sequence[Record]) -> None:
        """`route -n` and `ip route` show IPv4 and the main table, `ip route show table all` and others show all."""
        first = next(iter(self.rows.values()), None)
        if isinstance(first, Route) and all(isinstance(row, Route) and _is_usual(row) for row in whole):
            for key in {_key(self.rows[number]) for number in self.usual}:
                self._drop(key)
        else:
            self.rows, self.numbers, self.usual = {}, {}, set()

    def _drop(self, key: object) -> None:
        for number in self.numbers.pop(key, ()):
            del self.rows[number]
            self.usual.discard(number)


def _together(earlier: Record | None, later: Record, parsed: ParsedCapture) -> Record:
    """What two captures show; of an interface the later, ``parsed``, may show only its link or its addresses."""
    if not isinstance(earlier, Interface) or not isinstance(later, Interface):
        return later
    if parsed.is_whole and parsed.command == "ip addr":
        return later
    shown = {address.family for address in later.addr_info}
    addresses = (*(address for address in earlier.addr_info if address.family not in shown), *later.addr_info)
    if shows_master(later):
        return later.model_copy(update={"addr_info": addresses})
    # The peer that such a short form prints is looked up in the wrong namespace.
    facts = {name: getattr(later, name) for name in later.model_fields_set - {"source", "link"}}
    return earlier.model_copy(update=facts | {"addr_info": addresses})


def _is_usual(route: Route) -> bool:
    return route.table in {None, "main", "254"} and (route.dst is None or route.dst.version == 4)


def _key(record: Record) -> object:
    if isinstance(record, Interface | BridgePort):
        return record.ifname
    if isinstance(record, Bridge):
        return record.bridge
    if isinstance(record, NamedNamespace):
        return record.name if record.name is not None else record.id
    if isinstance(record, Neighbour):
        return (record.dst, record.dev, record.proxy)
    if isinstance(record, ForwardingEntry):
        return (record.mac, record.ifname, record.master, record.vlan, record.dst, "self" in record.flags)
    if isinstance(record, Route):
        # `route -n` prints a metric and a table where `ip route` leaves them out.
        named = record.destination if isinstance(record, NetToolsRoute) and record.dst is None else None
        place = (record.dst, named, record.device, record.next_hop, record.gateway_name)
        return (*place, record.metric or 0, record.table or "main", record.tos)
    return record
