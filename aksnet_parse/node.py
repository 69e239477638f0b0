"""Puts captures together that were taken on one node, and gives each fact a home: host, or one of the pod namespaces.

Nodes are told apart by what cannot be alike on two machines (addresses and MACs of the uplink, bridge ids), then by
what contradicts (subnets, default gateway). A pod's capture goes to the node whose interface is its peer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .commandline import HOST
from .commands.brctl_show import Bridge
from .commands.docker_inspect import Container
from .commands.ip_addr import Interface
from .commands.route_n import Route
from .records import Line, ParseResult, Record
from .transcript import Capture

__all__ = ["Namespace", "Node", "ParsedCapture", "assemble"]


@dataclass(frozen=True, slots=True)
class ParsedCapture:
    """A capture and what was read from it. ``namespace`` is the one decided on, ``host`` or that of a pod."""

    capture: Capture
    result: ParseResult[Record]
    namespace: str = HOST

    @property
    def position(self) -> int:
        return self.capture.first_line

    def of(self, model: type[Record]) -> tuple[Any, ...]:
        """The records of this capture that are of type ``model``."""
        return tuple(record for record in self.result if isinstance(record, model))


@dataclass(frozen=True, slots=True)
class Namespace:
    """A pod's network namespace. ``id``: ``pid:N``, ``netns:NAME``, ``container:ID``, ``pod:NAME``, or ``pod`` if
    nothing says.

    ``routes`` is None if they were not captured. ``calls``: the command lines that entered it.
    """

    id: str
    interfaces: tuple[Interface, ...] = ()
    routes: tuple[Route, ...] | None = None
    calls: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """All that was captured of one node. A field is None if no capture shows it; empty means captured, and nothing
    there.

    ``complete``: names of the host's captures (``ip addr``...) that show everything their command knows.
    """

    name: str | None
    captures: tuple[ParsedCapture, ...]
    interfaces: tuple[Interface, ...] | None = None
    bridges: tuple[Bridge, ...] | None = None
    routes: tuple[Route, ...] | None = None
    namespaces: tuple[Namespace, ...] = ()
    containers: tuple[Container, ...] = ()
    complete: frozenset[str] = frozenset()

    def beginnings(self, *commands: str) -> tuple[Line, ...]:
        """The first line (the command line, if there is one) of each of the host's captures of ``commands``."""
        return tuple(
            Line(parsed.capture.file, parsed.capture.first_line, parsed.capture.call or parsed.capture.lines[0])
            for parsed in self.captures
            if parsed.namespace == HOST and parsed.capture.command.name in commands
        )

    def cite(self, record: Record, *words: str) -> tuple[Line, ...]:
        """The lines ``record`` was read from that hold one of ``words``; its first line if none does, or none is
        given."""
        source = record.source
        if source is None:
            return ()
        for parsed in self.captures:
            capture = parsed.capture
            if capture.file == source.file and capture.output_line <= source.first_line <= capture.output_line + len(
                capture.lines
            ):
                start = source.first_line - capture.output_line
                lines = capture.lines[start : source.last_line - capture.output_line + 1]
                numbered = [Line(source.file, source.first_line + offset, text) for offset, text in enumerate(lines)]
                found = tuple(line for line in numbered if any(word in line.text for word in words))
                return found or tuple(numbered[:1])
        return ()


# --- which machine a capture was taken on -----------------------------------------------------------------------------

_UPLINK = re.compile(r"(?:eth|ens|eno|enp|azure)\d*\S*")
_VETH = re.compile(r"(?:azveth|azv|cali|lxc|veth)[0-9a-f]{5,}")
_SHARED_MACS = frozenset({"ee:ee:ee:ee:ee:ee", "aa:aa:aa:aa:aa:aa", "00:00:00:00:00:00"})
_TUNNELS = re.compile(r"(?:tunl|sit|ip6tnl|gre|gretap|erspan|ip_vti|ip6_vti|ip6gre|dummy|kube-ipvs|nodelocaldns)\S*")


@dataclass(slots=True)
class _Marks:
    """What tells machines apart, by tier: alike on one machine only; usually so; contradicting if different; alike if
    shared."""

    uplink: dict[str, set[str]] = field(default_factory=dict)
    bridges: dict[str, set[str]] = field(default_factory=dict)
    subnets: dict[str, set[str]] = field(default_factory=dict)
    devices: set[str] = field(default_factory=set)

    def add(self, parsed: ParsedCapture) -> None:
        for interface in parsed.of(Interface):
            self._add_interface(interface)
        for bridge in parsed.of(Bridge):
            if bridge.mac not in _SHARED_MACS:
                self.bridges.setdefault(bridge.bridge, set()).add(bridge.mac)
            self.devices |= {name for name in bridge.interfaces if _VETH.fullmatch(name)}
        for route in parsed.of(Route):
            if route.is_default:
                self.subnets.setdefault("default gateway", set()).add(str(route.gateway))
            elif not route.is_host and route.gateway is None and route.dev is not None:
                self.subnets.setdefault(route.dev, set()).add(str(route.dst))
            elif route.dev is not None and _VETH.fullmatch(route.dev):
                self.devices.add(route.dev)

    def _add_interface(self, interface: Interface) -> None:
        name = interface.ifname
        if name == "lo":
            return
        if _VETH.fullmatch(name):
            self.devices.add(name)
            return
        addresses = [address for address in interface.addr_info if address.family == "inet"]
        if addresses:
            self.subnets.setdefault(name, set()).update(str(address.interface.network) for address in addresses)
        mac = interface.mac
        if _UPLINK.fullmatch(name):
            if addresses:
                self.uplink.setdefault(f"addresses of {name}", set()).update(
                    str(address.local) for address in addresses
                )
            if mac is not None:
                self.uplink.setdefault(f"mac of {name}", set()).add(mac)
        elif mac is not None and mac not in _SHARED_MACS:
            self.bridges.setdefault(name, set()).add(mac)

    def merge(self, other: _Marks) -> None:
        for mine, theirs in ((self.uplink, other.uplink), (self.bridges, other.bridges), (self.subnets, other.subnets)):
            for key, values in theirs.items():
                mine.setdefault(key, set()).update(values)
        self.devices |= other.devices

    def identity(self, other: _Marks) -> int:
        """1: the same machine; -1: another; 0: no address or MAC was seen on both."""
        for mine, theirs in ((self.uplink, other.uplink), (self.bridges, other.bridges)):
            shared = mine.keys() & theirs.keys()
            if any(mine[key] & theirs[key] for key in shared):
                return 1
            if shared:
                return -1
        return 0

    def verdict(self, other: _Marks, *, same_command: bool) -> int:
        """Like :meth:`identity`, with what only suggests it where that is 0."""
        identity = self.identity(other)
        if identity:
            return identity
        if any(not self.subnets[key] & other.subnets[key] for key in self.subnets.keys() & other.subnets.keys()):
            return -1
        if self.devices & other.devices:
            return 1
        if same_command and self.devices and other.devices:
            return -1
        return 0


@dataclass(slots=True)
class _Draft:
    """A node while captures are still being handed out."""

    name: str | None
    host: list[ParsedCapture] = field(default_factory=list)
    pods: list[ParsedCapture] = field(default_factory=list)
    marks: _Marks = field(default_factory=_Marks)
    order: int = 0

    def take(self, parsed: ParsedCapture, order: int) -> None:
        if not self.host:
            self.order = order
        self.host.append(parsed)
        self.marks.add(parsed)
        self.name = self.name or parsed.capture.node

    def has(self, parsed: ParsedCapture) -> bool:
        return any(other.capture.command is parsed.capture.command for other in self.host)

    def peer_fit(self, parsed: ParsedCapture) -> int:
        """How well a pod's interfaces fit this node: 2 for each peer that agrees in both directions, 1 for an
        address; -1 for never."""
        interfaces = {row.ifindex: row for host in self.host for row in host.of(Interface)}
        routes = [route for host in self.host for route in host.of(Route)]
        fit = 0
        for pod_end in parsed.of(Interface):
            if pod_end.link_index is None:
                continue
            host_end = interfaces.get(pod_end.link_index)
            if host_end is not None:
                if host_end.link_index != pod_end.ifindex:
                    return -1
                fit += 2
            fit += sum(
                1
                for address in pod_end.addr_info
                for route in routes
                if route.dst.version == address.local.version
                and not route.is_default
                and route.gateway is None
                and address.local in route.dst
            )
        return fit


def assemble(captures: Sequence[ParsedCapture]) -> tuple[Node, ...]:
    """The nodes behind ``captures`` (in reading order), in the order in which they first appear."""
    captures = _with_namespaces(captures)
    drafts: list[_Draft] = []
    waiting: list[tuple[int, ParsedCapture]] = []
    for order, parsed in enumerate(captures):
        if parsed.namespace == HOST and not parsed.of(Container) and parsed.capture.command.name != "docker inspect":
            _hand_out_host(drafts, waiting, parsed, order)
    for order, parsed in waiting:
        _nearest(drafts, order, follow=False).take(parsed, order)
    _hand_out_pods(drafts, captures)
    return tuple(_finish(draft, captures) for draft in sorted(drafts, key=lambda draft: _first(draft, captures)))


def _first(draft: _Draft, captures: Sequence[ParsedCapture]) -> int:
    mine = {id(parsed) for parsed in (*draft.host, *draft.pods)}
    return next((order for order, parsed in enumerate(captures) if id(parsed) in mine), len(captures))


def _hand_out_host(
    drafts: list[_Draft], waiting: list[tuple[int, ParsedCapture]], parsed: ParsedCapture, order: int
) -> None:
    name = parsed.capture.node
    marks = _Marks()
    marks.add(parsed)
    # Authors blank out host names, and two clusters can use the same; addresses and MACs outweigh them.
    named = [item for item in drafts if name is not None and item.name == name and marks.identity(item.marks) >= 0]
    if named:
        named[-1].take(parsed, order)
        return
    open_to_name = [draft for draft in drafts if name is None or draft.name is None]
    verdicts = [(draft, marks.verdict(draft.marks, same_command=draft.has(parsed))) for draft in open_to_name]
    same = [draft for draft, verdict in verdicts if verdict > 0]
    possible = [draft for draft, verdict in verdicts if verdict == 0]
    silent = not (marks.uplink or marks.bridges or marks.subnets or marks.devices)
    if same:
        same[-1].take(parsed, order)
    elif silent and possible and possible[-1].has(parsed):
        # A second capture that shows nothing may already be the next node's; the captures after it will tell.
        waiting.append((order, parsed))
    elif possible and possible[-1] is drafts[-1]:
        possible[-1].take(parsed, order)
    elif possible and not silent:
        lacking = [draft for draft in possible if not draft.has(parsed)]
        (lacking or possible)[-1].take(parsed, order)
    else:
        draft = _Draft(name)
        drafts.append(draft)
        for earlier in waiting:
            draft.take(earlier[1], earlier[0])
        waiting.clear()
        draft.take(parsed, order)


def _nearest(drafts: list[_Draft], order: int, *, follow: bool) -> _Draft:
    """The draft that begins next after ``order`` (``follow``), or the last that began before it."""
    if not drafts:
        drafts.append(_Draft(None, order=order))
    after = [draft for draft in drafts if draft.order > order]
    before = [draft for draft in drafts if draft.order <= order]
    return (after[0] if after else before[-1]) if follow or not before else before[-1]


def _hand_out_pods(drafts: list[_Draft], captures: Sequence[ParsedCapture]) -> None:
    host_first = bool(captures) and captures[0].namespace == HOST and not captures[0].of(Container)
    by_namespace: dict[str, _Draft] = {}
    pods = [(order, parsed) for order, parsed in enumerate(captures) if parsed.namespace != HOST]
    # Interfaces say which node a namespace is on; what else was captured in that namespace goes with them.
    for order, parsed in sorted(pods, key=lambda pair: not pair[1].of(Interface)):
        draft = None if parsed.of(Interface) else by_namespace.get(parsed.namespace)
        if draft is None:
            candidates = _of_name(drafts, parsed.capture.node)
            if not candidates:
                draft = _Draft(parsed.capture.node, order=order)
                drafts.append(draft)
            else:
                fits = [(item.peer_fit(parsed), item) for item in candidates]
                best = max((fit for fit, _ in fits), default=0)
                if best > 0:
                    fitting = [item for fit, item in fits if fit == best]
                    draft = _nearest(fitting, order, follow=not host_first)
                else:
                    possible = [item for fit, item in fits if fit == 0]
                    draft = _nearest(possible or candidates, order, follow=True)
        draft.pods.append(parsed)
        draft.name = draft.name or parsed.capture.node
        by_namespace.setdefault(parsed.namespace, draft)
    for order, parsed in enumerate(captures):
        if parsed.namespace == HOST and parsed.capture.command.name == "docker inspect":
            draft = None
            for container in parsed.of(Container):
                draft = (
                    draft or by_namespace.get(f"pid:{container.pid}") or by_namespace.get(f"container:{container.id}")
                )
            draft = draft or _nearest(_of_name(drafts, parsed.capture.node) or drafts, order, follow=not host_first)
            draft.pods.append(parsed)
            draft.name = draft.name or parsed.capture.node


def _of_name(drafts: list[_Draft], name: str | None) -> list[_Draft]:
    """The drafts a capture that names its node (or not) can belong to, those of the same name before the nameless."""
    same = [draft for draft in drafts if name is not None and draft.name == name]
    return same or [draft for draft in drafts if name is None or draft.name is None]


# --- host or pod ------------------------------------------------------------------------------------------------------


def _with_namespaces(captures: Sequence[ParsedCapture]) -> list[ParsedCapture]:
    """Decide for each capture whether it shows the host or a pod, by its command line and by what it shows."""
    plain = [parsed for parsed in captures if parsed.capture.namespace in (None, HOST) and parsed.of(Interface)]
    host_seen = any(not _looks_like_pod(parsed.of(Interface)) for parsed in plain)
    decided: list[ParsedCapture] = []
    for parsed in captures:
        namespace = parsed.capture.namespace or HOST
        interfaces = parsed.of(Interface)
        if namespace == HOST:
            called_on_host = parsed.capture.namespace == HOST
            in_pod = _looks_like_pod(interfaces) if interfaces else _routes_of_pod(parsed.of(Route))
            if in_pod and (host_seen or not called_on_host):
                namespace = "pod"
        elif _is_host(interfaces):
            namespace = HOST
        decided.append(ParsedCapture(parsed.capture, parsed.result, namespace))
    return decided


def _looks_like_pod(interfaces: Iterable[Interface]) -> bool:
    real = [
        interface for interface in interfaces if interface.ifname != "lo" and not _TUNNELS.fullmatch(interface.ifname)
    ]
    return (
        bool(real)
        and len(real) <= 2
        and all(row.link_index is not None and row.master is None for row in real)
        and not any(_VETH.fullmatch(row.ifname) for row in real)
    )


def _is_host(interfaces: Iterable[Interface]) -> bool:
    return any(
        row.master is not None or row.ifname in {"docker0", "azure0", "cbr0", "cni0"} or _VETH.fullmatch(row.ifname)
        for row in interfaces
    )


def _routes_of_pod(routes: Iterable[Route]) -> bool:
    # 169.254.1.1 is the gateway that Calico and Azure CNI (transparent) give to pods, and to nothing else.
    return any(route.is_default and str(route.gateway) == "169.254.1.1" for route in routes)


# --- the finished node ------------------------------------------------------------------------------------------------


def _finish(draft: _Draft, captures: Sequence[ParsedCapture]) -> Node:
    mine = {id(parsed) for parsed in (*draft.host, *draft.pods)}
    ordered = tuple(parsed for parsed in captures if id(parsed) in mine)
    host = [parsed for parsed in ordered if parsed.namespace == HOST]
    namespaces: dict[str, Namespace] = {}
    for number, parsed in enumerate(ordered):
        if parsed.namespace != HOST:
            # Two captures of unnamed pods are two pods, unless their interfaces say otherwise.
            key = parsed.namespace if parsed.namespace != "pod" else f"pod {number}"
            before = namespaces.get(key, Namespace(parsed.namespace))
            capture = parsed.capture
            calls = (Line(capture.file, capture.first_line, capture.call),) if capture.call else ()
            namespaces[key] = Namespace(
                before.id,
                _latest(before.interfaces, parsed.of(Interface)),
                (*(before.routes or ()), *parsed.of(Route)) if capture.command.name == "route -n" else before.routes,
                (*before.calls, *calls),
            )
    return Node(
        name=draft.name,
        captures=ordered,
        interfaces=_host_records(host, "ip addr", Interface),
        bridges=_host_records(host, "brctl show", Bridge),
        routes=_host_records(host, "route -n", Route),
        namespaces=tuple(namespaces.values()),
        containers=tuple(container for parsed in ordered for container in parsed.of(Container)),
        complete=frozenset(parsed.capture.command.name for parsed in host if not parsed.capture.abbreviated),
    )


def _host_records(host: Sequence[ParsedCapture], command: str, model: type[Record]) -> tuple[Any, ...] | None:
    mine = [parsed for parsed in host if parsed.capture.command.name == command]
    # Lines that nobody understood are no answer, and must not pass for an empty one.
    if not any(len(parsed.result) or not parsed.result.unparsed for parsed in mine):
        return None
    records: tuple[Any, ...] = ()
    for parsed in mine:
        # A whole listing replaces what was listed before; a part of one adds to it.
        records = _latest(records, parsed.of(model)) if parsed.capture.abbreviated else parsed.of(model)
    return records


def _key(record: Record) -> object:
    if isinstance(record, Interface):
        return record.ifname
    if isinstance(record, Bridge):
        return record.bridge
    return record


def _latest(earlier: tuple[Any, ...], later: tuple[Any, ...]) -> tuple[Any, ...]:
    """Both together; where both show the same thing, as the later one shows it."""
    keys = {_key(record) for record in later}
    return (*(record for record in earlier if _key(record) not in keys), *later) if keys else earlier
