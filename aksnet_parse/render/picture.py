"""The wiring of a node as a picture, from the pods' namespaces to the gateway: SVG that is the same for the same
answer. Each pod is a row, so that a page can filter and break it."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ..analysis.findings import those_about
from ..analysis.models import BridgeAttachment, Finding, NodeAnalysis, Pod, RouteAttachment, Uplink
from .plain import printable
from .words import count, end_of, pod_names, rides_on

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
_LABEL_EACH = 8  # rows after which the uplink says its name again

_GLYPH = 6.7  # width of one of the fixed-width letters
_LETTER = 6.4  # of the others, on the average

# Where a finding is seen; of what is not here, at the veth if it names it, else at the pod.
_AT_RIDE = frozenset(
    {
        "address-disagrees",
        "many-routes",
        "pod-not-on-bridge",
        "pod-not-wired",
        "pod-route-missing",
        "route-disagrees",
        "route-interface-down",
        "route-interface-missing",
        "veth-leaked",
    }
)
_AT_POD = frozenset({"address-dadfailed", "address-tentative", "pod-address-shared", "pod-default-route-missing"})
_AT_WAY_OUT = frozenset({"default-route-missing", "gateway-off-subnet", "uplink-not-in-bridge"})
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


def draw(node: NodeAnalysis) -> Picture:
    """The picture of a node. Pure; never raises."""
    wrong = [finding for finding in node.findings if finding.severity in _MARKS]
    groups = _groups(node, those_about(node.pods, wrong))
    uplink = node.uplink
    height = _ROW if len(node.pods) <= _FEW else _LOW_ROW
    # Each is what a row shows, beside the uplink's trunk, which every row passes on up to the last that joins it.
    drawn: list[tuple[bool, Callable[[_Trunk], Row]]] = []
    for bridge, lanes in groups:
        drawn.append((bridge is not None, partial(_group, bridge, lanes, wrong)))
        for lane in lanes:
            joins = isinstance(lane.pod.attachment, RouteAttachment)
            drawn.append((joins, partial(_pod_row, lane, height, is_last=lane is lanes[-1])))
    last = max((number for number, (joins, _) in enumerate(drawn) if joins), default=-1)
    rows = [_head(node, wrong, has_trunk=last >= 0)]
    for number, (_, row) in enumerate(drawn):
        rows.append(row(_Trunk(uplink, number, last, len(drawn))))
    name = printable(node.name) if node.name is not None else "the node"
    return Picture(tuple(rows), f"Wiring of {name}: {count(len(node.pods), 'pod')}")


# --- what is drawn ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Lane:
    """One pod on its way out. ``broken``: the mark of each part that something is wrong with: ``pod``, ``veth``,
    ``ride``. ``wrong``: what was found about it."""

    number: int
    pod: Pod
    broken: dict[str, str]
    wrong: Sequence[Finding]


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
        if self.number % _LABEL_EACH:
            return line
        return line + _text(
            _TRUNK + 8, middle - 4, self.uplink.interface if self.number else "", "aks-mono aks-caption", 70
        )


def _groups(node: NodeAnalysis, about: Sequence[Sequence[Finding]]) -> list[tuple[str | None, list[_Lane]]]:
    """The pods of each bridge, then those that ride on routes, then those of which neither is known (both None); what
    is broken comes first in each."""
    lanes = [_lane(number, pod, wrong) for number, (pod, wrong) in enumerate(zip(node.pods, about, strict=True))]
    lanes.sort(key=lambda lane: ("bad" not in lane.broken.values(), not lane.broken, lane.number))
    bridges: dict[str, list[_Lane]] = {}
    others: list[_Lane] = []
    for lane in lanes:
        if isinstance(lane.pod.attachment, BridgeAttachment):
            bridges.setdefault(lane.pod.attachment.bridge, []).append(lane)
        else:
            others.append(lane)
    ordered = sorted(bridges, key=lambda name: (name != node.mode.bridge, name))
    groups: list[tuple[str | None, list[_Lane]]] = [(name, bridges[name]) for name in ordered]
    if node.mode.bridge is not None and node.mode.bridge not in bridges:
        groups.insert(0, (node.mode.bridge, []))
    return [*groups, (None, others)] if others else groups


def _lane(number: int, pod: Pod, wrong: Sequence[Finding]) -> _Lane:
    broken: dict[str, str] = {}
    for finding in sorted(wrong, key=lambda finding: finding.severity, reverse=True):
        broken[_part(finding, pod)] = _MARKS[finding.severity]  # an error counts more than a warning
    return _Lane(number, pod, broken, wrong)


def _part(finding: Finding, pod: Pod) -> str:
    if finding.code in _AT_RIDE:
        return "ride"
    if finding.code in _AT_POD:
        return "pod"
    return "veth" if pod.veth is not None and pod.veth.name in finding.subjects else "pod"


def _mark(wrong: Sequence[Finding], *names: str | None) -> str:
    """How bad what was found about one of ``names`` is; empty if nothing was."""
    severities = {finding.severity for finding in wrong if not set(names).isdisjoint(finding.subjects)}
    return next((_MARKS[severity] for severity in _MARKS if severity in severities), "")


# --- rows -------------------------------------------------------------------------------------------------------------


def _head(node: NodeAnalysis, wrong: Sequence[Finding], *, has_trunk: bool) -> Row:
    """What the columns are, the uplink and the gateway."""
    name = node.name if node.name is not None else "the node"
    parts = [
        _host(_HEAD, first=True),
        _text(_POD, 16, "Pods, each in a network namespace of its own", "aks-heading"),
        _text(_VETH, 16, f"{name}: the host’s network namespace", "aks-heading", _HOST_END - _VETH - 8),
        _text(_GATEWAY, 16, "Network", "aks-heading"),
    ]
    columns = ((_POD, "pod"), (_PLUG, "interface"), (_VETH, "veth"), (_RIDE, "rides on"))
    parts += [_text(x, _HEAD - 12, caption, "aks-caption") for x, caption in columns]
    uplink, top = node.uplink, 34
    if uplink is None:
        parts.append(_box(_UPLINK, top, _UPLINK_WIDTH, 40, "aks-uplink aks-unknown"))
        parts.append(_text(_UPLINK + 10, top + 24, "uplink unknown", "aks-small", _UPLINK_WIDTH - 16))
        return Row("".join(parts), _HEAD, None, "uplink not captured", "aks-head")
    port = uplink.ports[0] if uplink.ports and uplink.interface == node.mode.bridge else None
    below = f"port of {uplink.interface}" if port is not None else next(iter(uplink.addresses), "uplink")
    mark = _mark(wrong, uplink.interface, *uplink.ports)
    way_out = next((_MARKS[one.severity] for one in wrong if one.code in _AT_WAY_OUT), "")
    middle = top + 20
    parts += [
        _wire(_UPLINK + _UPLINK_WIDTH, middle, _GATEWAY, way_out),
        _line(_TRUNK, top + 40, _HEAD, "aks-trunk") if has_trunk else "",
        _box(_UPLINK, top, _UPLINK_WIDTH, 40, f"aks-uplink {_class(mark)}"),
        _text(_UPLINK + 10, top + 17, port or uplink.interface, "aks-mono aks-strong", _UPLINK_WIDTH - 16),
        _text(_UPLINK + 10, top + 32, below, "aks-mono aks-small", _UPLINK_WIDTH - 16),
        _cross(_GATEWAY - 12, middle, mark or way_out),
    ]
    known = "" if uplink.gateway is not None else " aks-unknown"
    parts += [
        _box(_GATEWAY, top, _GATEWAY_WIDTH, 40, f"aks-gateway {_class(way_out)}{known}"),
        _text(_GATEWAY + 10, top + 17, "gateway", "aks-strong"),
        _text(_GATEWAY + 10, top + 32, uplink.gateway or "not captured", "aks-mono aks-small", _GATEWAY_WIDTH - 16),
    ]
    label = f"uplink {uplink.interface}, gateway {uplink.gateway or 'not captured'}"
    return Row("".join(parts), _HEAD, None, label, "aks-head")


def _group(bridge: str | None, lanes: Sequence[_Lane], wrong: Sequence[Finding], trunk: _Trunk) -> Row:
    """What the pods below ride on."""
    height = _CAPTION if bridge is None else _BRIDGE
    parts = [_host(height, last=trunk.number == trunk.rows - 1), trunk.drawn(height)]
    number = count(len(lanes), "pod")
    if bridge is None:
        routed = sum(lane.pod.attachment is not None for lane in lanes)
        words = "a route of the host for each pod" if routed else "neither bridge nor route known"
        parts.append(_text(_RIDE, height - 10, words, "aks-caption"))
        label = f"{number}: {words}"
    else:
        mark = _mark(wrong, bridge)
        middle = height // 2
        parts += [
            _wire(_RIDE + _RIDE_WIDTH, middle, _TRUNK, mark) if trunk.is_there else "",
            _dot(_TRUNK, middle) if trunk.is_there else "",
            _line(_BUS, middle, height, f"aks-bus {_class(mark)}") if lanes else "",
            _box(_RIDE, 6, _RIDE_WIDTH, height - 12, f"aks-bridge {_class(mark)}"),
            _text(_RIDE + 12, 24, bridge, "aks-mono aks-strong", _RIDE_WIDTH - 20),
            _text(_RIDE + 12, 39, f"bridge, {number}", "aks-small", _RIDE_WIDTH - 20),
            _cross(_RIDE + _RIDE_WIDTH + 14, middle, mark),
        ]
        label = f"bridge {bridge}: {number}"
    parts.append(_text(_POD, height - 10, number, "aks-caption"))
    return Row("".join(parts), height, None, label, "aks-group")


def _pod_row(lane: _Lane, height: int, trunk: _Trunk, *, is_last: bool) -> Row:
    """``is_last``: of its group."""
    pod, broken = lane.pod, lane.broken
    top, middle, inner = 3, height // 2, height - 6
    on_bridge = isinstance(pod.attachment, BridgeAttachment)
    parts = [_host(height, last=trunk.number == trunk.rows - 1), trunk.drawn(height)]
    parts += [
        _wire(_PLUG + _PLUG_WIDTH, middle, _VETH, broken.get("veth", "")),
        _wire(_VETH + _VETH_WIDTH, middle, _BUS if on_bridge else _RIDE, broken.get("ride", "")),
        *_pod_box(lane, top, inner),
        _box(_VETH, top, _VETH_WIDTH, inner, f"aks-veth {_class(broken.get('veth'))}{_unknown(pod.veth)}"),
        _text(_VETH + 10, middle + 4, end_of(pod.veth) if pod.veth else "no veth known", "aks-mono", _VETH_WIDTH - 16),
    ]
    if on_bridge:
        parts += [_line(_BUS, 0, middle if is_last else height, "aks-bus"), _dot(_BUS, middle)]
    else:
        reached = pod.attachment is not None
        words = rides_on(pod) if reached else "no route, no bridge"
        if reached and trunk.is_there:
            parts += [_wire(_RIDE + _RIDE_WIDTH, middle, _TRUNK, ""), _dot(_TRUNK, middle)]
        parts += [
            _box(_RIDE, top, _RIDE_WIDTH, inner, f"aks-route {_class(broken.get('ride'))}{_unknown(pod.attachment)}"),
            _text(_RIDE + 10, middle + 4, words, "aks-mono", _RIDE_WIDTH - 16),
        ]
    parts += [
        _cross((_PLUG + _PLUG_WIDTH + _VETH) // 2 + 10, middle, broken.get("veth", "")),
        _cross((_VETH + _VETH_WIDTH + _RIDE) // 2, middle, broken.get("ride", "")),
    ]
    worst = next((f" aks-has-{mark}" for mark in _MARKS.values() if mark in broken.values()), "")
    return Row(
        "".join(parts), height, lane.number, _in_words(lane, trunk.uplink), f"aks-pod-row aks-{pod.status}{worst}"
    )


def _pod_box(lane: _Lane, top: int, height: int) -> Iterator[str]:
    pod, mark = lane.pod, lane.broken.get("pod", "")
    middle = top + height // 2
    name, *others = pod_names(pod)
    address = next(iter(pod.addresses), "")
    yield _box(_POD, top, _POD_WIDTH, height, f"aks-pod {_class(mark)}{_unknown(pod.interface or pod.pod)}")
    yield f'<path class="aks-status" d="M{_POD + 14} {middle - 5}h10v10h-10z"/>'
    if mark:
        yield _cross(_POD + 19, middle, mark)
    start, room = _POD + 34, _PLUG - _POD - 42
    if height > _LOW_ROW:
        second = ", ".join(others) if address != name else ", ".join(others) or "only the host’s side was captured"
        yield _text(start, middle - 3, name, "aks-strong", room)
        yield _text(start, middle + 12, second, "aks-small", room)
    elif address and address != name:
        width = min(len(address) * _GLYPH + 8, room / 2)
        yield _text(start, middle + 4, name, "aks-strong", room - width)
        yield _text(start + room, middle + 4, address, "aks-mono aks-small aks-end", width)
    else:
        yield _text(start, middle + 4, name, "aks-strong", room)
    known = pod.interface is not None
    yield _box(_PLUG, top + 4, _PLUG_WIDTH, height - 8, f"aks-plug{'' if known else ' aks-unknown'}")
    words = end_of(pod.interface) if known else "not captured"
    yield _text(_PLUG + 8, middle + 4, words, "aks-mono aks-small" if known else "aks-small", _PLUG_WIDTH - 12)


def _in_words(lane: _Lane, uplink: Uplink | None) -> str:
    pod = lane.pod
    way = [f"interface {end_of(pod.interface)}" if pod.interface else "interface not captured"]
    way.append(f"veth {end_of(pod.veth)}" if pod.veth else "no veth known")
    way.append(rides_on(pod) if pod.attachment else "neither route nor bridge")
    if uplink is not None:
        way.append(f"uplink {uplink.interface}")
    found = "".join(f"; {finding.severity} {finding.code}" for finding in lane.wrong)
    names = ", ".join(dict.fromkeys([pod_names(pod)[0], *pod.addresses]))
    return f"{names}: {', '.join(way)}; {pod.status}{found}"


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


def _unknown(what: object) -> str:
    return "" if what is not None else " aks-unknown"


def _host(height: int, *, first: bool = False, last: bool = False) -> str:
    """The host's namespace, behind all that is in it."""
    kind = " aks-first" if first else " aks-last" if last else ""
    return f'<rect class="aks-host{kind}" x="{_EDGE}" width="{_HOST_END - _EDGE}" height="{height}"/>'


def _box(x: int, y: int, width: int, height: int, classes: str) -> str:
    return f'<rect class="aks-box {classes}" x="{x}" y="{y}" width="{width}" height="{height}" rx="5"/>'


def _wire(start: int, y: int, end: int, mark: str) -> str:
    return f'<path class="aks-wire {_class(mark)}" d="M{start} {y}H{end}"/>'


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
    shown = _fitting(printable(text), room, _GLYPH if "aks-mono" in classes else _LETTER) if room else printable(text)
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
