"""The wiring of a node as a picture, from the pods' namespaces to the gateway: SVG that is the same for the same
answer. Each pod is a row, so that a page can filter and break it."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..analysis.models import Finding, NodeAnalysis, Status, Uplink
from .graph import Graph, Link, Part, wiring_graph
from .plain import printable
from .words import count

__all__ = ["Picture", "Row", "draw", "picture_style", "picture_svg"]

WIDTH = 1140
# Columns: where each begins, and how wide it is.
_POD, _POD_WIDTH = 6, 400
_PLUG, _PLUG_WIDTH = 302, 98
_EDGE = 426  # of the host's namespace
_VETH, _VETH_WIDTH = 448, 168
_RIDE, _RIDE_WIDTH = 654, 182
_BUS = _RIDE + 18
_TRUNK = 906
_UPLINK, _UPLINK_WIDTH = 852, 116
_HOST_END = 986
_GATEWAY, _GATEWAY_WIDTH = 1008, 124
_HEAD = 92
_CAPTION = 34
_BRIDGE = 52
_ROW, _LOW_ROW = 48, 30
_FEW = 40  # so many pods have rows with two lines each
_INDEX = "ifindex "
_LABEL_EACH = 8  # rows after which the uplink says its name again

# Widths of a letter, of the widest fonts that pages are seen in: fixed-width ones, others on the average, bold ones.
_GLYPH = 6.7
_LETTER = 7.0
_BOLD = 8.2

_MARKS = {"error": "bad", "warning": "odd"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a picture: what it shows as SVG, and how high it is. ``pod``: the number of the pod in the analysis,
    None for a row that no pod has to itself. ``label``: the row in words. ``classes``: what it is, for a style."""

    svg: str
    height: int
    pod: int | None
    label: str
    classes: str


@dataclass(frozen=True, slots=True)
class Picture:
    """``rows``: from above, of ``WIDTH`` each. ``label``: the picture in words."""

    rows: tuple[Row, ...]
    label: str

    def bands(self, rows: int) -> Iterator[str]:
        """The picture as several, one above the other, of so many rows each: a page can be broken between them."""
        for start in range(0, len(self.rows), rows):
            yield _svg(self.rows[start : start + rows], self.label if start == 0 else f"{self.label}, continued")


def picture_style() -> str:
    """The style of every picture; what a page does not give it is its own."""
    return (Path(__file__).parent / "picture.css").read_text(encoding="utf-8")


def picture_svg(node: NodeAnalysis) -> str:
    """The picture of a node by itself, with its style. Pure; never raises."""
    picture = draw(node)
    return _svg(picture.rows, picture.label, f"<style>{picture_style()}</style>")


def draw(node: NodeAnalysis, pods: Collection[int] | None = None) -> Picture:
    """The picture of a node. ``pods``: the numbers of those to be drawn, and then nothing that findings name besides;
    None for all. Pure; never raises."""
    graph = _Indexed(wiring_graph(node), node.findings)
    height = _ROW if len(node.pods if pods is None else pods) <= _FEW else _LOW_ROW
    # Each is what a row shows, beside the uplink's trunk, which every row passes on up to the last that joins it.
    drawn: list[tuple[bool, Callable[[_Trunk], Row]]] = []
    for bridge, lanes in _groups(node, graph):
        shown = lanes if pods is None else [lane for lane in lanes if lane.number in pods]
        if pods is not None and not shown:
            continue
        drawn.append(
            (bridge is not None and graph.leads_out(bridge), partial(_group, bridge, lanes, len(shown), graph))
        )
        for lane in shown:
            joins = lane.attachment is not None and lane.attachment.kind == "route" and lane.attachment.is_known
            drawn.append((joins, partial(_pod_row, lane, height, is_last=lane is shown[-1])))
    others = list(graph.others()) if pods is None else []
    if others:
        drawn.append((False, partial(_caption, "what findings name besides, and where it leads")))
        drawn += [(False, partial(_other_row, *pair, graph)) for pair in others]
    last = max((number for number, (joins, _) in enumerate(drawn) if joins), default=-1)
    rows = [_head(node, graph, has_trunk=last >= 0)]
    for number, (_, row) in enumerate(drawn):
        rows.append(row(_Trunk(node.uplink, number, last, len(drawn))))
    name = printable(node.name) if node.name is not None else "the node"
    total = count(len(node.pods), "pod")
    return Picture(tuple(rows), f"Wiring of {name}: {total if pods is None else f'{len(pods)} of {total}'}")


# --- what is drawn ----------------------------------------------------------------------------------------------------


class _Indexed:
    """A graph, and where to find what is in it."""

    def __init__(self, graph: Graph, findings: Sequence[Finding]) -> None:
        self.graph = graph
        self._findings = findings
        self._of_pods = {number for part in graph.parts if part.kind == "pod" for number in part.findings}
        self.parts = {part.id: part for part in graph.parts}
        self.veths = {number: part for part in graph.parts if part.kind == "veth" for number in part.pods}
        self.out: dict[str, list[Link]] = {}
        for link in graph.links:
            self.out.setdefault(link.start, []).append(link)

    def of_uplink(self) -> tuple[Part | None, list[Part], Part | None]:
        """The part by which the node is left, its ports, and the gateway."""
        uplink = self.parts.get(self.graph.uplink or "")
        ports = [part for part in self.graph.parts if part.kind == "port"]
        gateway = next((part for part in self.graph.parts if part.kind == "gateway"), None)
        return uplink, ports, gateway

    def leads_out(self, part: Part) -> bool:
        """True for what the uplink is, or what leads to it, be it by a broken link."""
        ways = self.out.get(part.id, ())
        return part.id == self.graph.uplink or any(self.parts[link.end].lane == "uplink" for link in ways)

    def others(self) -> Iterator[tuple[Part, Part | None]]:
        """What a finding names and no pod's way leads through, each with where it leads."""
        ends: set[str] = set()
        for part in self.graph.parts:
            if part.kind != "route" or part.pods:
                continue
            ways = [self.parts[link.end] for link in self.out.get(part.id, ())]
            ends.update(end.id for end in ways)
            yield part, next(iter(ways), None)
        for part in self.graph.parts:
            if part.kind == "device" and part.id not in ends:
                yield part, None

    def mark(self, numbers: Iterable[int]) -> str:
        """How bad the worst of these findings is; empty if none says that anything is wrong."""
        severities = {self._findings[number].severity for number in numbers}
        return next((_MARKS[severity] for severity in _MARKS if severity in severities), "")

    def mark_of_node(self, part: Part) -> str:
        """The same of what is said of a part, and not of a pod behind it."""
        return self.mark(set(part.findings) - self._of_pods)

    def codes(self, parts: Iterable[Part]) -> list[str]:
        """What is wrong with these."""
        numbers = {number for part in parts if part.is_broken for number in part.findings}
        return [self._findings[number].code for number in sorted(numbers)]


@dataclass(frozen=True, slots=True)
class _Lane:
    """One pod on its way out, part by part as far as they are there. ``to_veth``, ``to_attachment``: the mark of what
    leads there. ``marks``: that of each part, at the last of its way that a finding is about. ``codes``: what is wrong
    on this way."""

    number: int
    status: Status
    pod: Part
    interface: Part | None
    veth: Part | None
    attachment: Part | None
    to_veth: str
    to_attachment: str
    marks: Mapping[str, str]
    codes: Sequence[str]

    @property
    def worst(self) -> str:
        """The worst mark in this row."""
        marks = {self.to_veth, self.to_attachment, *self.marks.values()}
        return next((mark for mark in _MARKS.values() if mark in marks), "")


@dataclass(frozen=True, slots=True)
class _Trunk:
    """The uplink, where row ``number`` of ``rows`` passes it; ``last`` is the last that joins it."""

    uplink: Uplink | None
    number: int
    last: int
    rows: int

    @property
    def is_there(self) -> bool:
        return self.uplink is not None and self.number <= self.last

    def drawn(self, height: int) -> str:
        if self.uplink is None or self.number > self.last:
            return ""
        middle = height // 2
        line = _line(_TRUNK, 0, middle if self.number == self.last else height, "aks-trunk")
        if not self.number or self.number % _LABEL_EACH:
            return line
        return line + _text(_TRUNK + 8, middle - 4, self.uplink.interface, "aks-mono aks-caption", 70)


def _groups(node: NodeAnalysis, graph: _Indexed) -> list[tuple[Part | None, list[_Lane]]]:
    """The pods of each bridge, then those that ride on routes, then those of which neither is known (both None); what
    is broken comes first in each."""
    lanes = [_lane(number, pod.status, graph) for number, pod in enumerate(node.pods)]
    lanes.sort(key=lambda lane: (["bad", "odd", ""].index(lane.worst), lane.number))
    groups: dict[str, list[_Lane]] = {part.id: [] for part in graph.graph.parts if part.kind == "bridge"}
    others: list[_Lane] = []
    for lane in lanes:
        on_bridge = lane.attachment is not None and lane.attachment.kind == "bridge"
        (groups[lane.attachment.id] if on_bridge and lane.attachment is not None else others).append(lane)
    found: list[tuple[Part | None, list[_Lane]]] = [(graph.parts[name], lanes) for name, lanes in groups.items()]
    return [*found, (None, others)] if others else found


def _lane(number: int, status: Status, graph: _Indexed) -> _Lane:
    pod, interface, veth = graph.parts[f"pod{number}"], graph.parts.get(f"interface{number}"), graph.veths.get(number)
    inside = graph.out.get(interface.id if interface is not None else pod.id, ())
    to_veth = [link for link in inside if number in link.pods and graph.parts[link.end].lane == "veth"]
    outside = graph.out.get(veth.id, ()) if veth is not None else ()
    out = [link for link in outside if number in link.pods and graph.parts[link.end].lane == "attachment"]
    attachment = graph.parts[out[0].end] if out else None
    parts = [part for part in (pod, interface, veth, attachment) if part is not None]
    marks: dict[str, str] = {}
    told: set[int] = set()
    for part in reversed(parts):
        is_shared = part.kind == "bridge"
        marks[part.lane] = "" if is_shared else graph.mark(set(part.findings) - told)
        told.update(part.findings)
    return _Lane(
        number,
        status,
        pod,
        interface,
        veth,
        attachment,
        _worst_of(to_veth),
        _worst_of(out),
        marks,
        graph.codes(parts),
    )


def _mark(part: Part | None) -> str:
    """How bad what was found about a part is; empty if nothing was."""
    return _MARKS.get(part.severity or "", "") if part is not None else ""


def _worst_of(links: Iterable[Link]) -> str:
    return "bad" if any(link.state in {"missing", "conflict"} for link in links) else ""


# --- rows -------------------------------------------------------------------------------------------------------------


def _head(node: NodeAnalysis, graph: _Indexed, *, has_trunk: bool) -> Row:
    """What the columns are, the uplink and the gateway."""
    name = node.name if node.name is not None else "the node"
    parts = [
        _host(_HEAD),
        _text(_POD, 16, "Pods, each in a network namespace of its own", "aks-heading"),
        _text(_VETH, 16, f"{name}: the host’s network namespace", "aks-heading", _HOST_END - _VETH - 8),
        _text(_GATEWAY, 16, "Network", "aks-heading"),
    ]
    columns = ((_POD, "pod"), (_PLUG, "interface"), (_VETH, "veth"), (_RIDE, "rides on"))
    parts += [_text(x, _HEAD - 12, caption, "aks-caption") for x, caption in columns]
    uplink, ports, gateway = graph.of_uplink()
    top = 34
    middle = top + 20
    if uplink is None:
        parts.append(_box(_UPLINK, top, _UPLINK_WIDTH, 40, "aks-uplink aks-unknown"))
        parts.append(_text(_UPLINK + 10, top + 24, "uplink unknown", "aks-small", _UPLINK_WIDTH - 16))
        to_gateway = "bad" if gateway is not None else ""
    else:
        # A bridge that is the uplink is drawn where the pods join it.
        shown = ports[0] if ports and uplink.kind == "bridge" else uplink
        more = f", {', '.join(port.label for port in ports if port is not shown)}" if len(ports) > 1 else ""
        below = f"port of {uplink.label}{more}" if shown is not uplink else next(iter(uplink.detail), "uplink")
        mark = next(filter(None, map(_mark, (uplink, *ports))), "")
        links = [link for part in (uplink, *ports) for link in graph.out.get(part.id, ())]
        to_gateway = _worst_of(link for link in links if gateway is not None and link.end == gateway.id)
        parts += [
            _wire(_UPLINK + _UPLINK_WIDTH, middle, _GATEWAY, to_gateway),
            _line(_TRUNK, top + 40, _HEAD, "aks-trunk") if has_trunk else "",
            _box(_UPLINK, top, _UPLINK_WIDTH, 40, f"aks-uplink {_class(mark)}"),
            _text(_UPLINK + 10, top + 17, shown.label, "aks-mono aks-strong", _UPLINK_WIDTH - 16),
            _text(_UPLINK + 10, top + 32, below, "aks-mono aks-small", _UPLINK_WIDTH - 16),
            _cross(_UPLINK + _UPLINK_WIDTH - 2, top + 2, mark),
        ]
    known = gateway is not None and gateway.is_known
    label = gateway.label if gateway is not None else "not captured"
    mark = _mark(gateway)
    parts += [
        _box(_GATEWAY, top, _GATEWAY_WIDTH, 40, f"aks-gateway {_class(mark)}{'' if known else ' aks-unknown'}"),
        _text(_GATEWAY + 10, top + 17, "gateway", "aks-strong"),
        _text(_GATEWAY + 10, top + 32, label, "aks-mono aks-small", _GATEWAY_WIDTH - 16),
        _cross(_GATEWAY - 12, middle, to_gateway or mark),
    ]
    words = f"uplink {uplink.label if uplink is not None else 'not captured'}, gateway {label}"
    codes = graph.codes(part for part in (uplink, *ports, gateway) if part is not None)
    return Row("".join(parts), _HEAD, None, "; ".join([words, *codes]), "aks-head")


def _group(bridge: Part | None, lanes: Sequence[_Lane], shown: int, graph: _Indexed, trunk: _Trunk) -> Row:
    """What the pods below ride on. ``shown``: how many of them are drawn."""
    number = count(len(lanes), "pod")
    drawn = number if shown == len(lanes) else f"{shown} of {number}"
    if bridge is None:
        routed = any(lane.attachment is not None for lane in lanes)
        words = "a route of the host for each pod" if routed else "neither bridge nor route known"
        return _caption(words, trunk, drawn)
    height, mark = _BRIDGE, graph.mark_of_node(bridge)
    out = _worst_of(link for link in graph.out.get(bridge.id, ()) if graph.parts[link.end].lane == "uplink")
    joins = trunk.is_there and graph.leads_out(bridge)
    middle = height // 2
    parts = [
        _host(height),
        trunk.drawn(height),
        _wire(_RIDE + _RIDE_WIDTH, middle, _TRUNK, out) if joins else "",
        _dot(_TRUNK, middle) if joins else "",
        _line(_BUS, middle, height, f"aks-bus {_class(mark)}") if lanes else "",
        _box(_RIDE, 6, _RIDE_WIDTH, height - 12, f"aks-bridge {_class(mark)}"),
        _text(_RIDE + 12, 24, bridge.label, "aks-mono aks-strong", _RIDE_WIDTH - 20),
        _text(_RIDE + 12, 39, f"bridge, {number}" if lanes else "bridge", "aks-small", _RIDE_WIDTH - 20),
        _cross(_RIDE + _RIDE_WIDTH - 2, 8, mark),
        _text(_POD, height - 10, drawn, "aks-caption") if lanes else "",
    ]
    return Row("".join(parts), height, None, f"bridge {bridge.label}: {drawn}", "aks-group")


def _caption(words: str, trunk: _Trunk, number: str = "") -> Row:
    parts = [
        _host(_CAPTION),
        trunk.drawn(_CAPTION),
        _text(_RIDE if number else _VETH, _CAPTION - 10, words, "aks-caption"),
        _text(_POD, _CAPTION - 10, number, "aks-caption"),
    ]
    label = f"{number}: {words}" if number else words
    return Row("".join(parts), _CAPTION, None, label, "aks-group")


def _other_row(part: Part, end: Part | None, graph: _Indexed, trunk: _Trunk) -> Row:
    """What a finding names on the host, and where it leads."""
    middle, inner = _LOW_ROW // 2, _LOW_ROW - 6
    parts = [_host(_LOW_ROW), trunk.drawn(_LOW_ROW)]
    for x, width, one in ((_VETH, _VETH_WIDTH, part), (_RIDE, _RIDE_WIDTH, end)):
        if one is not None:
            kind = "" if one.is_known else " aks-unknown"
            parts.append(_box(x, 3, width, inner, f"aks-route {_class(_mark(one))}{kind}"))
            parts.append(_text(x + 10, middle + 4, f"{one.kind} {one.label}", "aks-mono", width - 16))
    if end is not None:
        mark = _mark(part) or _mark(end)
        parts += [_wire(_VETH + _VETH_WIDTH, middle, _RIDE, mark), _cross(_RIDE - 19, middle, mark)]
    both = [one for one in (part, end) if one is not None]
    words = ", ".join(f"{one.kind} {one.label}" for one in both)
    return Row("".join(parts), _LOW_ROW, None, "; ".join([words, *graph.codes(both)]), "aks-other")


def _pod_row(lane: _Lane, height: int, trunk: _Trunk, *, is_last: bool) -> Row:
    """``is_last``: of its group."""
    top, middle, inner = 3, height // 2, height - 6
    attachment = lane.attachment
    on_bridge = attachment is not None and attachment.kind == "bridge"
    parts = [
        _host(height),
        trunk.drawn(height),
        _wire(_PLUG + _PLUG_WIDTH, middle, _VETH, lane.to_veth),
        _wire(_VETH + _VETH_WIDTH, middle, _BUS if on_bridge else _RIDE, lane.to_attachment),
        *_pod_box(lane, top, inner),
        _box(_VETH, top, _VETH_WIDTH, inner, f"aks-veth {_class(lane.marks.get('veth'))}{_unknown(lane.veth)}"),
        _text(_VETH + 10, middle + 4, _name(lane.veth, "no veth known"), "aks-mono", _VETH_WIDTH - 16),
    ]
    if on_bridge:
        parts += [_line(_BUS, 0, middle if is_last else height, "aks-bus"), _dot(_BUS, middle)]
    else:
        if attachment is not None and attachment.is_known and trunk.is_there:
            parts += [_wire(_RIDE + _RIDE_WIDTH, middle, _TRUNK, ""), _dot(_TRUNK, middle)]
        words = _attached(attachment)
        parts += [
            _box(
                _RIDE,
                top,
                _RIDE_WIDTH,
                inner,
                f"aks-route {_class(lane.marks.get('attachment'))}{_unknown(attachment)}",
            ),
            _text(_RIDE + 10, middle + 4, words, "aks-mono", _RIDE_WIDTH - 16),
        ]
    parts += [
        _cross((_PLUG + _PLUG_WIDTH + _VETH) // 2, middle, lane.to_veth or lane.marks.get("veth", "")),
        _cross((_VETH + _VETH_WIDTH + _RIDE) // 2, middle, lane.to_attachment or lane.marks.get("attachment", "")),
    ]
    worst = f" aks-has-{lane.worst}" if lane.worst else ""
    return Row("".join(parts), height, lane.number, _in_words(lane, trunk), f"aks-pod-row aks-{lane.status}{worst}")


def _pod_box(lane: _Lane, top: int, height: int) -> Iterator[str]:
    name, others = lane.pod.label, lane.pod.detail
    of_pod, of_plug = lane.marks.get("pod", ""), lane.marks.get("interface", "")
    middle = top + height // 2
    yield _box(_POD, top, _POD_WIDTH, height, f"aks-pod {_class(of_pod)}{_unknown(lane.interface)}")
    yield f'<path class="aks-status" d="M{_POD + 14} {middle - 5}h10v10h-10z"/>'
    start, room = _POD + 34, _PLUG - _POD - 42
    if height > _LOW_ROW:
        yield _text(start, middle - 3, name, "aks-strong", room)
        yield _text(start, middle + 12, ", ".join(others) or "only the host’s side was captured", "aks-small", room)
    elif others:
        width = min(len(others[0]) * _GLYPH + 8, room / 2)
        yield _text(start, middle + 4, name, "aks-name", room - width)
        yield _text(start + room, middle + 4, others[0], "aks-mono aks-small aks-end", width)
    else:
        yield _text(start, middle + 4, name, "aks-name", room)
    plug = lane.interface
    yield _box(_PLUG, top + 4, _PLUG_WIDTH, height - 8, f"aks-plug {_class(of_plug)}{_unknown(plug)}")
    style = "aks-mono aks-small" if plug is not None else "aks-small"
    yield _text(_PLUG + 8, middle + 4, _name(plug, "not captured"), style, _PLUG_WIDTH - 12)
    yield _cross(_POD + 19, middle, of_pod or of_plug)


def _name(part: Part | None, without: str) -> str:
    if part is None:
        return without
    index = next((f" ({words.removeprefix(_INDEX)})" for words in part.detail if words.startswith(_INDEX)), "")
    return f"{part.label}{index}"


def _attached(part: Part | None) -> str:
    if part is None:
        return "no route, no bridge"
    return f"{part.kind} {part.label}" if part.is_known else part.label


def _in_words(lane: _Lane, trunk: _Trunk) -> str:
    way = [f"interface {_name(lane.interface, 'not captured')}", f"veth {_name(lane.veth, 'not known')}"]
    way.append(_attached(lane.attachment))
    if trunk.is_there and trunk.uplink is not None:
        way.append(f"uplink {trunk.uplink.interface}")
    names = ", ".join([lane.pod.label, *lane.pod.detail[:1]])
    return "; ".join([f"{names}: {', '.join(way)}", lane.status, *dict.fromkeys(lane.codes)])


# --- SVG --------------------------------------------------------------------------------------------------------------


def _svg(rows: Sequence[Row], label: str, style: str = "") -> str:
    parts, y = [], 0
    for row in rows:
        number = f' data-pod="{row.pod}"' if row.pod is not None else ""
        title = f"<title>{_escaped(row.label)}</title>"
        parts.append(
            f'<g class="{row.classes}" data-height="{row.height}"{number} transform="translate(0 {y})">'
            f"{title}{row.svg}</g>"
        )
        y += row.height
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="aks-picture" role="img" aria-label="{_escaped(label)}" '
        f'viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}">{style}{"".join(parts)}</svg>'
    )


def _escaped(text: str) -> str:
    return html.escape(printable(text))


def _class(mark: str | None) -> str:
    return f"aks-{mark}" if mark else ""


def _unknown(part: Part | None) -> str:
    return "" if part is not None and part.is_known else " aks-unknown"


def _host(height: int) -> str:
    """The host's namespace, behind all that is in it."""
    return f'<rect class="aks-host" x="{_EDGE}" width="{_HOST_END - _EDGE}" height="{height}"/>'


def _box(x: int, y: int, width: int, height: int, classes: str) -> str:
    return f'<rect class="aks-box {classes.strip()}" x="{x}" y="{y}" width="{width}" height="{height}" rx="5"/>'


def _wire(start: int, y: int, end: int, mark: str) -> str:
    return f'<path class="{f"aks-wire {_class(mark)}".strip()}" d="M{start} {y}H{end}"/>'


def _line(x: int, start: int, end: int, classes: str) -> str:
    return f'<path class="{classes}" d="M{x} {start}V{end}"/>'


def _dot(x: int, y: int) -> str:
    return f'<circle class="aks-dot" cx="{x}" cy="{y}" r="4"/>'


def _cross(x: int, y: int, mark: str) -> str:
    """The mark of something broken, which is not by its colour alone."""
    if not mark:
        return ""
    shape = "m-4 -4l8 8m0-8l-8 8" if mark == "bad" else "v-4m0 7v1"
    return f'<g class="aks-mark {_class(mark)}"><circle cx="{x}" cy="{y}" r="8"/><path d="M{x} {y}{shape}"/></g>'


def _text(x: float, y: int, text: str, classes: str, room: float = 0) -> str:
    """``room``: how wide it may be; what is longer loses its middle."""
    glyph = _GLYPH if "aks-mono" in classes else _BOLD if "aks-strong" in classes else _LETTER
    shown = _fitting(printable(text), room, glyph) if room else printable(text)
    return f'<text class="{classes}" x="{x:g}" y="{y}">{html.escape(shown)}</text>'


def _fitting(text: str, room: float, glyph: float) -> str:
    glyphs = [2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text]
    fitting = int(room / glyph)
    if sum(glyphs) <= fitting:
        return text
    head: list[str] = []
    tail: list[str] = []
    left, right, used = 0, len(text) - 1, 1
    while left <= right:
        # The end of a name tells pods of one deployment apart.
        side, position = (head, left) if len(head) <= len(tail) else (tail, right)
        used += glyphs[position]
        if used > fitting:
            break
        side.append(text[position])
        left, right = (left + 1, right) if side is head else (left, right - 1)
    return f"{''.join(head)}…{''.join(reversed(tail))}"
