"""One node's wiring as a graph: parts (pods, interfaces, veths, routes or bridges, uplink, gateway) and links between
them, in the order in which a packet leaves. Whatever draws a picture starts from here."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from ..analysis import catalogue
from ..analysis.models import (
    Analysis,
    BridgeAttachment,
    CaptureSummary,
    Finding,
    LineReference,
    NodeAnalysis,
    Pod,
    Severity,
)
from ..commandline import HOST
from ..names import KNOWN_BRIDGE

__all__ = [
    "LANES",
    "Graph",
    "Lane",
    "Link",
    "LinkState",
    "Part",
    "PartKind",
    "fold",
    "graphs_of",
    "wiring_graph",
]

PartKind = Literal["pod", "interface", "veth", "route", "bridge", "uplink", "port", "device", "gateway"]
Lane = Literal["pod", "interface", "veth", "attachment", "uplink", "gateway"]
LinkState = Literal["proven", "partial", "conflict", "missing"]

LANES: tuple[Lane, ...] = ("pod", "interface", "veth", "attachment", "uplink", "gateway")
_LANE_OF: dict[PartKind, Lane] = {
    "pod": "pod",
    "interface": "interface",
    "veth": "veth",
    "route": "attachment",
    "bridge": "attachment",
    "uplink": "uplink",
    "port": "uplink",
    "device": "uplink",
    "gateway": "gateway",
}
_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
# What is missing in the captures is not wrong with the node.
_OF_CAPTURES = frozenset({catalogue.CAPTURE_MISSING.code, catalogue.CAPTURE_CUT_OFF.code})
_DEFAULT_ROUTES = ("0.0.0.0/0", "::/0")
# Parts whose name does not say what they are.
_NAMED_BY_KIND = frozenset({"route", "bridge", "uplink", "gateway"})


@dataclass(frozen=True, slots=True)
class Part:
    """One box of the picture.

    ``id``: letters and digits, the same for the same analysis; that of a pod is ``pod`` and its index in
    ``NodeAnalysis.pods``. ``label`` and ``detail`` are captured text: escape them. ``pods``: indexes of the pods whose
    way leads through here; empty for what belongs to none. ``findings``: indexes in ``NodeAnalysis.findings`` of those
    about this part, and ``severity`` the worst of them, None without one. ``is_known``: False for what no capture
    shows, but which must be there or is named by a finding; the label is ``?`` if nothing names it. ``count``: of how
    many equal parts this one stands for the rest, see ``fold``.
    """

    id: str
    kind: PartKind
    label: str
    detail: tuple[str, ...] = ()
    pods: tuple[int, ...] = ()
    findings: tuple[int, ...] = ()
    severity: Severity | None = None
    is_known: bool = True
    count: int = 1

    @property
    def lane(self) -> Lane:
        """The column of a picture that it is drawn in."""
        return _LANE_OF[self.kind]

    @property
    def is_broken(self) -> bool:
        """True if a finding says that this part is wrong."""
        return self.severity in {"error", "warning"}


@dataclass(frozen=True, slots=True)
class Link:
    """From one part to the next, by their ids, in the direction in which a pod's packet leaves the node.

    ``pods``: as in ``Part``. ``state``: ``proven``, ``partial`` (one fact only, or assumed), ``conflict`` (facts
    disagree about it), ``missing`` (a finding says that it should be and is not). ``span``: across how many lanes it
    leads, at least one.
    """

    start: str
    end: str
    pods: tuple[int, ...]
    state: LinkState
    span: int


@dataclass(frozen=True, slots=True)
class Graph:
    """``title``: the node's name, or what stands for it, and its datapath. ``parts``: lane by lane, pods in the order
    of the analysis. ``links``: pod by pod along the way, then those of the node. ``uplink``: id of the part by which
    the node is left, None if not captured. ``unplaced``: indexes of findings about the node that no part stands for.
    ``codes``: the code of each finding of the node."""

    title: str
    parts: tuple[Part, ...]
    links: tuple[Link, ...]
    uplink: str | None
    unplaced: tuple[int, ...]
    codes: tuple[str, ...]

    def lines_of(self, part: Part) -> list[str]:
        """What is written in the box of a part: its name, what else is known of it, and what is wrong with it."""
        wrong = dict.fromkeys(self.codes[number] for number in part.findings) if part.is_broken else ()
        kind = f"{part.kind} " if part.kind in _NAMED_BY_KIND and part.count == 1 and part.is_known else ""
        return [f"{kind}{part.label}", *part.detail, *wrong]

    def way(self, pod: int) -> tuple[Part, ...]:
        """The parts that a packet of pod number ``pod`` goes through, lane by lane."""
        return tuple(part for part in self.parts if pod in part.pods)


def graphs_of(result: Analysis | NodeAnalysis) -> list[Graph]:
    """The graph of each node."""
    return [wiring_graph(node) for node in (result.nodes if isinstance(result, Analysis) else (result,))]


def wiring_graph(node: NodeAnalysis) -> Graph:
    """The graph of ``node``. Pure and total: the same analysis gives an equal graph, and none raises."""
    return _Builder(node).build()


@dataclass(slots=True)
class _Draft:
    part: Part
    pods: dict[int, None] = field(default_factory=dict)
    findings: dict[int, None] = field(default_factory=dict)


class _Builder:
    def __init__(self, node: NodeAnalysis) -> None:
        self.node = node
        self.drafts: dict[str, _Draft] = {}
        self.links: dict[tuple[str, str], tuple[dict[int, None], LinkState]] = {}
        self.counts: Counter[str] = Counter()
        self.devices: dict[str, str] = {}
        self.routes: dict[tuple[str, str], str] = {}
        self.uplink: str | None = None
        self.gateway: str | None = None
        self.way_out: list[str] = []
        self.links_out: list[tuple[str, str]] = []
        self.missing_routes: list[tuple[str, str]] = []
        self.named: dict[str, list[str]] = {}
        self.of_veths: dict[catalogue.FindingKind, dict[str, tuple[str, ...]]] = {}
        self.of_pods: dict[catalogue.FindingKind, dict[int, tuple[str, ...]]] = {}
        places = _Places(node)
        self.cited = [_Cited(places, finding) for finding in node.findings]
        self.by_code: dict[str, list[int]] = {}
        for number, finding in enumerate(node.findings):
            self.by_code.setdefault(finding.code, []).append(number)
        self.not_wired = {subjects[0] for _, subjects in self._findings(catalogue.POD_NOT_WIRED, 1)}

    def build(self) -> Graph:
        self._node_itself()
        ways = [self._pod(number, pod) for number, pod in enumerate(self.node.pods)]
        for number, way in enumerate(ways):
            self._way_out(number, way[-1])
        self._named_by_findings()
        self._name_parts()
        unplaced = tuple(number for number in range(len(self.node.findings)) if not self._place(number))
        parts = sorted((_finished(draft, self.node) for draft in self.drafts.values()), key=_by_lane)
        links = [
            Link(start, end, tuple(pods), state, self._span(start, end))
            for (start, end), (pods, state) in self.links.items()
        ]
        # Links of the node itself were drawn before those of any pod.
        links.sort(key=lambda link: LANES.index(self.drafts[link.start].part.lane) >= LANES.index("attachment"))
        codes = tuple(finding.code for finding in self.node.findings)
        return Graph(_title(self.node), tuple(parts), tuple(links), self.uplink, unplaced, codes)

    def _span(self, start: str, end: str) -> int:
        first, last = (LANES.index(self.drafts[name].part.lane) for name in (start, end))
        return max(1, last - first)

    # --- what to add them with ----------------------------------------------------------------------------------------

    def _add(self, kind: PartKind, label: str, detail: Iterable[str] = (), *, number: int | None = None) -> str:
        if number is None:
            number = self.counts[kind]
            self.counts[kind] += 1
        name = f"{kind}{number}"
        self.drafts[name] = _Draft(Part(name, kind, label, tuple(detail)))
        return name

    def _unknown(self, kind: PartKind, label: str = "?") -> str:
        name = self._add(kind, label)
        self._not_known(name)
        return name

    def _not_known(self, name: str) -> None:
        self.drafts[name].part = replace(self.drafts[name].part, is_known=False)

    def _device(self, name: str, kind: PartKind, detail: Iterable[str] = ()) -> str:
        """The part for an interface of the host, of that kind unless it is there as another."""
        if name not in self.devices:
            self.devices[name] = self._add(kind, name, detail)
        return self.devices[name]

    def _route(self, destination: str, device: str) -> str:
        key = (destination, device)
        if key not in self.routes:
            self.routes[key] = self._add("route", destination, [f"dev {device}"] if device else [])
        return self.routes[key]

    def _link(self, start: str, end: str, state: LinkState, pods: Iterable[int] = ()) -> None:
        if start == end:
            return
        known, _ = self.links.setdefault((start, end), ({}, state))
        known.update(dict.fromkeys(pods))

    def _go(self, number: int, names: Iterable[str]) -> None:
        """The way of a pod leads through these parts."""
        for name in names:
            self.drafts[name].pods[number] = None

    def _findings(self, kind: catalogue.FindingKind, least: int) -> Iterator[tuple[int, tuple[str, ...]]]:
        """The findings of a kind, by their index, with what they are about: so many subjects at the least."""
        for number in self.by_code.get(kind.code, ()):
            subjects = self.node.findings[number].subjects
            if len(subjects) >= least:
                yield number, subjects

    def _of_veth(self, kind: catalogue.FindingKind, veth: str) -> tuple[str, ...] | None:
        """What a finding about this veth names first, and then."""
        if kind not in self.of_veths:
            self.of_veths[kind] = {subjects[0]: subjects for _, subjects in self._findings(kind, 2)}
        return self.of_veths[kind].get(veth)

    def _of_pod(self, kind: catalogue.FindingKind, pod: int) -> tuple[str, ...] | None:
        """What a finding that cites this pod's own lines names."""
        if kind not in self.of_pods:
            found = self.of_pods[kind] = {}
            for number, subjects in self._findings(kind, 2):
                found.update(dict.fromkeys(self.cited[number].pods, subjects))
        return self.of_pods[kind].get(pod)

    # --- the node -----------------------------------------------------------------------------------------------------

    def _node_itself(self) -> None:
        uplink, bridge = self.node.uplink, self.node.mode.bridge
        if uplink is not None:
            kind: PartKind = "bridge" if uplink.interface == bridge else "uplink"
            self.uplink = self._device(uplink.interface, kind, uplink.addresses)
            if uplink.gateway is not None:
                self.gateway = self._add("gateway", uplink.gateway)
            ports = [self._device(name, "port") for name in uplink.ports]
            self._lead_out(self.uplink, ports, "proven")
        if bridge is not None:
            self._device(bridge, "bridge")
        for _, (name, *cards) in self._findings(catalogue.UPLINK_NOT_IN_BRIDGE, 1):
            start = self._device(name, "bridge")
            if self.gateway is not None:
                self.links.pop((start, self.gateway), None)
            self._lead_out(start, [self._device(card, "port") for card in cards], "missing")
        for _, (function, *cards) in self._findings(catalogue.VF_NOT_ENSLAVED, 1):
            port = self._device(function, "port")
            for card in cards:
                if card in self.devices:
                    self._link(self.devices[card], port, "missing")
        for _, (_, *cards) in self._findings(catalogue.DEFAULT_ROUTE_MISSING, 1):
            if self.gateway is None:
                self.gateway = self._unknown("gateway", "no default route")
            for card in cards:
                self._link(self._device(card, "uplink"), self.gateway, "missing")

    def _lead_out(self, start: str, ports: list[str], state: LinkState) -> None:
        for port in ports:
            self._link(start, port, state)
        if self.gateway is not None:
            for last in ports or ([start] if state != "missing" else []):
                self._link(last, self.gateway, "proven")

    # --- each pod -----------------------------------------------------------------------------------------------------

    def _pod(self, number: int, pod: Pod) -> list[str]:
        """Draw a pod up to the route or bridge it rides on; its way, and not further than where it breaks."""
        name = self._add("pod", _pod_label(pod), _pod_detail(pod), number=number)
        if _pod_label(pod) == "?":
            self._not_known(name)
        way = [name]
        if pod.interface is not None:
            way.append(self._add("interface", pod.interface.name, _index(pod.interface.ifindex), number=number))
            self._link(name, way[-1], "proven", [number])
        way.append(self._veth(number, pod, way[-1]))
        attachment = self._attachment(number, pod, way[-1])
        if attachment is not None:
            way.append(attachment)
        self._go(number, way)
        return way

    def _veth(self, number: int, pod: Pod, inside: str) -> str:
        state: LinkState = pod.status
        disputed = self._disputed(number, pod)
        for other in disputed:
            self._link(inside, other, "conflict", [number])
        if pod.veth is not None:
            veth = self._device(pod.veth.name, "veth", _index(pod.veth.ifindex))
        elif disputed:
            return disputed[0]
        else:
            gone = self._of_pod(catalogue.PEER_MISSING, number)
            veth = self._unknown("veth", f"ifindex {gone[1]}" if gone is not None else "?")
            if gone is not None or not self.not_wired.isdisjoint(_pod_names(pod)):
                state = "missing"
        self._link(inside, veth, state, [number])
        return veth

    def _disputed(self, number: int, pod: Pod) -> list[str]:
        """Parts for what else is said to be the pod's other end."""
        said = [self._of_pod(kind, number) for kind in (catalogue.PEER_DISAGREES, catalogue.PEER_IS_CARD)]
        if pod.veth is not None:
            said += [self._of_veth(kind, pod.veth.name) for kind in (catalogue.NAME_DISAGREES, catalogue.MAC_DISAGREES)]
        return [self._device(subjects[1], "veth") for subjects in said if subjects is not None]

    def _attachment(self, number: int, pod: Pod, veth: str) -> str | None:
        attachment = pod.attachment
        if isinstance(attachment, BridgeAttachment):
            bridge = self._device(attachment.bridge, "bridge")
            self._link(veth, bridge, "proven" if "bridge-member" in pod.proofs else "partial", [number])
            return bridge
        if attachment is not None:
            route = self._route(attachment.destination, attachment.device)
            device = self._device(attachment.device, "veth")
            if veth != device:
                self._link(veth, route, "conflict" if pod.veth is not None else "partial", [number])
            self._link(device, route, "proven", [number] if veth == device else [])
            return route
        if pod.veth is not None:
            self._nothing_attached(number, pod.veth.name, veth)
        return None

    def _nothing_attached(self, number: int, name: str, veth: str) -> None:
        no_route = self._of_veth(catalogue.POD_ROUTE_MISSING, name)
        off_bridge = self._of_veth(catalogue.POD_NOT_ON_BRIDGE, name)
        if no_route is not None:
            route = self._unknown("route", f"no route to {', '.join(no_route[1:])}")
            self.missing_routes += [(address, route) for address in no_route[1:]]
            self._link(veth, route, "missing", [number])
            self._go(number, [route])
        elif off_bridge is not None:
            self._link(veth, self._device(off_bridge[1], "bridge"), "missing", [number])

    def _way_out(self, number: int, start: str) -> None:
        """From the route or bridge on: by the uplink and its ports to the gateway."""
        if self.drafts[start].part.lane != "attachment":
            return
        if self.uplink is None:
            if self.gateway is not None:
                self._link(start, self.gateway, "missing", [number])
            return
        if not self.way_out:
            self._find_way_out(self.uplink)
        self._link(start, self.uplink, "proven", [number])
        self._go(number, self.way_out)
        for one, other in self.links_out:
            self.links[one, other][0][number] = None

    def _find_way_out(self, uplink: str) -> None:
        """What lies between the uplink and the gateway."""
        self.way_out = [uplink]
        for name in self.way_out:
            for (one, other), (_, state) in self.links.items():
                if one == name and state == "proven" and self.drafts[other].part.lane in {"uplink", "gateway"}:
                    self.links_out.append((one, other))
                    if other not in self.way_out:
                        self.way_out.append(other)

    # --- findings -----------------------------------------------------------------------------------------------------

    def _named_by_findings(self) -> None:
        """Add what only a finding names: routes that lead astray, devices that are not there, bridges left over."""
        for kind in (catalogue.ROUTE_INTERFACE_MISSING, catalogue.ROUTE_INTERFACE_DOWN):
            for _, (name, *destinations) in self._findings(kind, 1):
                is_new = name not in self.devices
                device = self._device(name, "device")
                if kind is catalogue.ROUTE_INTERFACE_MISSING:
                    self._not_known(device)
                for destination in destinations if is_new else ():
                    if destination not in _DEFAULT_ROUTES:
                        state: LinkState = "proven" if self.drafts[device].part.is_known else "missing"
                        self._link(self._route(destination, name), device, state)
        for _, (_, destination, *devices) in self._findings(catalogue.AZURE_ADDRESS_ASTRAY, 2):
            if destination not in _DEFAULT_ROUTES:
                route = self._route(destination, "".join(devices))
                for name in devices:
                    self._link(
                        route, self._device(name, "bridge" if KNOWN_BRIDGE.fullmatch(name) else "device"), "proven"
                    )
        for _, (name, *_) in self._findings(catalogue.BRIDGE_LEFT_OVER, 1):
            self._device(name, "bridge")
        for _, (name, *_) in self._findings(catalogue.ADDRESS_ON_BRIDGE_PORT, 1):
            self._device(name, "port")

    def _name_parts(self) -> None:
        """What findings call each part, interfaces excepted: those have names of their own in each namespace."""
        for (destination, _), name in self.routes.items():
            self.named.setdefault(destination, []).append(name)
        for address, name in self.missing_routes:
            self.named.setdefault(address, []).append(name)
        if self.gateway is not None:
            for text in (self.drafts[self.gateway].part.label, *_DEFAULT_ROUTES):
                self.named.setdefault(text, []).append(self.gateway)
        for number, pod in enumerate(self.node.pods):
            for text in sorted(_pod_names(pod)):
                self.named.setdefault(text, []).append(f"pod{number}")

    def _place(self, number: int) -> bool:
        """Mark the parts that a finding is about. False if there is none, and it is about the node."""
        finding, cited = self.node.findings[number], self.cited[number]
        if finding.code in _OF_CAPTURES:
            return True
        marked = [name for subject in finding.subjects for name in self._parts_of(subject, cited)]
        pods = set(cited.pods) if finding.severity != "info" else set()
        for name in marked:
            part = self.drafts[name].part
            if part.lane in {"pod", "interface", "veth"} or part.kind == "route":
                pods.update(self.drafts[name].pods)
        for name in (*marked, *(f"pod{pod}" for pod in sorted(pods))):
            self.drafts[name].findings[number] = None
        return bool(marked or pods)

    def _parts_of(self, subject: str, cited: _Cited) -> Iterator[str]:
        inside = [n for n in cited.pods if f"interface{n}" in self.drafts and self._inside(n) == subject]
        yield from (f"interface{number}" for number in inside)
        # A pod's eth0 is not the node's, of which something is said only if a line of it is cited.
        if subject in self.devices and (not inside or cited.names_on_host(subject)):
            yield self.devices[subject]
        yield from self.named.get(subject, ())

    def _inside(self, number: int) -> str | None:
        interface = self.node.pods[number].interface
        return interface.name if interface is not None else None


def _title(node: NodeAnalysis) -> str:
    mode = node.mode
    datapath = f"{mode.datapath} {mode.bridge}" if mode.bridge is not None else mode.datapath
    return f"{node.name or '(no name)'}: datapath {datapath}"


class _Places:
    """Where each line was captured, and in which pod."""

    def __init__(self, node: NodeAnalysis) -> None:
        self.pods = node.pods
        self._captures: dict[str | None, list[CaptureSummary]] = {}
        for capture in sorted(node.captures, key=lambda capture: capture.first_line):
            self._captures.setdefault(capture.file, []).append(capture)
        self._pods_in: dict[str, list[int]] = {}

    def namespace(self, line: LineReference) -> str | None:
        captures = self._captures.get(line.file, [])
        place = bisect_right(captures, line.line, key=lambda capture: capture.first_line) - 1
        is_there = place >= 0 and line.line <= captures[place].last_line
        return captures[place].namespace if is_there else None

    def pods_at(self, line: LineReference) -> list[int]:
        """The pods that a line of a pod can only be of."""
        namespace = self.namespace(line)
        if namespace is None or namespace == HOST:
            return []
        if namespace not in self._pods_in:
            named = [number for number, pod in enumerate(self.pods) if _is_in(pod, namespace)]
            self._pods_in[namespace] = named
        if namespace == "pod":
            return [number for number, pod in enumerate(self.pods) if _is_line_of(pod, line.text)]
        return self._pods_in[namespace]


class _Cited:
    """Whose lines a finding cites: an interface's name alone does not tell a pod's eth0 from the node's."""

    def __init__(self, places: _Places, finding: Finding) -> None:
        self._on_host = [line.text for line in finding.lines if places.namespace(line) in {None, HOST}]
        self.pods = dict.fromkeys(number for line in finding.lines for number in places.pods_at(line))

    def names_on_host(self, name: str) -> bool:
        pattern = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])")
        return any(pattern.search(text) for text in self._on_host)


def _is_in(pod: Pod, namespace: str) -> bool:
    """True if the namespace is this pod's by its name."""
    kind, _, name = namespace.partition(":")
    if kind == "pid":
        return str(pod.pid) == name
    if kind == "netns":
        return pod.netns == name
    if kind == "container":
        known = pod.container_id or ""
        return bool(known) and (known.startswith(name) or name.startswith(known))
    return kind == "pod" and name in _pod_names(pod)


def _is_line_of(pod: Pod, text: str) -> bool:
    """True if a line from a pod that nobody named shows this one's interface or address."""
    interface = pod.interface
    if interface is not None and text.strip().startswith(f"{interface.ifindex}: {interface.name}"):
        return True
    return not set(pod.addresses).isdisjoint(text.split())


def _pod_names(pod: Pod) -> frozenset[str]:
    """What a finding may call a pod."""
    names = {*pod.addresses, *(address.partition("/")[0] for address in pod.addresses)}
    if pod.pod is not None and pod.pod.name is not None:
        names |= {pod.pod.name, f"{pod.pod.namespace}/{pod.pod.name}"}
    if pod.container_id is not None:
        names |= {pod.container_id[:12], f"container {pod.container_id[:12]}", f"container:{pod.container_id}"}
    if pod.pid is not None:
        names.add(f"pid:{pod.pid}")
    if pod.netns is not None:
        names.add(f"netns:{pod.netns}")
    return frozenset(names)


def _pod_label(pod: Pod) -> str:
    if pod.pod is not None and pod.pod.name is not None:
        return f"{pod.pod.namespace}/{pod.pod.name}" if pod.pod.namespace else pod.pod.name
    if pod.addresses:
        return pod.addresses[0]
    if pod.container_id is not None:
        return f"container {pod.container_id[:12]}"
    if pod.pid is not None:
        return f"pid {pod.pid}"
    return f"netns {pod.netns}" if pod.netns is not None else "?"


def _pod_detail(pod: Pod) -> tuple[str, ...]:
    said = [*pod.addresses]
    if pod.container_id is not None:
        said.append(f"container {pod.container_id[:12]}")
    if pod.pid is not None:
        said.append(f"pid {pod.pid}")
    if pod.netns is not None:
        said.append(f"netns {pod.netns}")
    return tuple(text for text in said if text != _pod_label(pod))


def _index(ifindex: int | None) -> tuple[str, ...]:
    return (f"ifindex {ifindex}",) if ifindex is not None else ()


def _by_lane(part: Part) -> int:
    return LANES.index(part.lane)


def _finished(draft: _Draft, node: NodeAnalysis) -> Part:
    return replace(
        draft.part,
        pods=tuple(sorted(draft.pods)),
        findings=tuple(sorted(draft.findings)),
        severity=_worst(node.findings[number].severity for number in draft.findings),
    )


def _worst(severities: Iterable[Severity | None]) -> Severity | None:
    known = {severity for severity in severities if severity is not None}
    return next((severity for severity in _SEVERITIES if severity in known), None)


# --- many pods --------------------------------------------------------------------------------------------------------


def fold(graph: Graph, limit: int) -> Graph:
    """The same with at most ``limit`` pods drawn one by one, the broken ones first; the rest are one pod, one
    interface, one veth, one route for all that are alike, with a ``count``. A graph of no more pods is returned as it
    is."""
    pods = [part for part in graph.parts if part.kind == "pod"]
    if len(pods) <= limit:
        return graph
    rank = {severity: number for number, severity in enumerate((*_SEVERITIES, None))}
    first = sorted(pods, key=lambda part: rank[part.severity])[:limit]
    drawn = {pod for part in first for pod in part.pods}
    # What only folded pods have is folded by its kind and fate, and how the pods it belongs to are wired.
    ways: dict[int, list[object]] = {}
    for part in graph.parts:
        for pod in part.pods:
            bridge = part.id if part.kind == "bridge" else None
            ways.setdefault(pod, []).append((part.kind, bridge, part.is_known, part.severity))
    for link in graph.links:
        for pod in link.pods:
            ways.setdefault(pod, []).append(link.state)
    likes = {pod: tuple(way) for pod, way in ways.items()}
    new: dict[str, str] = {}
    kept: dict[tuple[object, ...], list[Part]] = {}
    for part in graph.parts:
        own = part.kind in {"pod", "interface", "veth", "route"}
        key: tuple[object, ...] = (part.id,)
        if own and part.pods and drawn.isdisjoint(part.pods):
            key = (part.kind, likes[part.pods[0]])
        together = kept.setdefault(key, [])
        together.append(part)
        new[part.id] = together[0].id
    links: dict[tuple[str, str, LinkState], tuple[Link, dict[int, None]]] = {}
    for link in graph.links:
        start, end = new[link.start], new[link.end]
        _, through = links.setdefault((start, end, link.state), (replace(link, start=start, end=end), {}))
        through.update(dict.fromkeys(link.pods))
    return replace(
        graph,
        parts=tuple(_one_for_all(together) for together in kept.values()),
        links=tuple(replace(link, pods=tuple(through)) for link, through in links.values()),
    )


_PLURALS: dict[PartKind, str] = {"pod": "pods", "interface": "interfaces", "veth": "veths", "route": "routes"}


def _one_for_all(parts: list[Part]) -> Part:
    first = parts[0]
    if len(parts) == 1:
        return first
    return replace(
        first,
        label=f"{len(parts)} {_PLURALS[first.kind]}",
        detail=(f"{first.label} to {parts[-1].label}",) if first.is_known else (),
        pods=tuple(sorted({pod for part in parts for pod in part.pods})),
        findings=tuple(sorted({number for part in parts for number in part.findings})),
        severity=_worst(part.severity for part in parts),
        count=len(parts),
    )
