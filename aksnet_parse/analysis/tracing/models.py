"""The result of a trace: the contract of the JSON of ``aksnet-parse trace``, as frozen pydantic models."""

from __future__ import annotations

from typing import Literal

from ...showing import Shown
from ..models import Finding, LineReference, PodReference, _Model

__all__ = ["Hop", "HopKind", "Trace", "TraceEnd", "TraceNode", "Verdict"]

Verdict = Literal["reached", "lost", "left", "unknown"]
HopKind = Literal[
    "pod-interface",
    "pod-route",
    "veth",
    "bridge",
    "host-route",
    "interface",
    "gateway",
    "neighbour",
    "network",
    "pod",
    "node",
]


class TraceNode(_Model):
    """A node: its place among the nodes of the analysis, counted from 1, and its name if it was captured."""

    number: int
    name: str | None


class TraceEnd(_Model):
    """What the source or the target was taken for.

    ``asked``: the word that named it. ``kind``: ``pod``, ``node`` (the node's own network) or ``address`` (nothing
    captured has it). ``node``, ``pod`` and the rest: None for what is not known. ``address``: the one that packets
    come from or go to.
    """

    asked: str
    kind: Literal["pod", "node", "address"]
    node: TraceNode | None
    pod: PodReference | None
    container_id: str | None
    pid: int | None
    netns: str | None
    address: str | None


class Hop(_Model):
    """One step of the way.

    ``kind``: ``pod-interface`` (the pod's own), ``pod-route`` (the route in the pod), ``veth`` (its other end on the
    host), ``bridge``, ``host-route`` (the route of the host), ``interface`` (by which the packet leaves or enters the
    node), ``gateway``, ``neighbour`` (in the subnet), ``network`` (from node to node), ``pod`` and ``node`` (which has
    the target's address). ``node``: None between nodes. ``place``: whose tables decide there.
    ``destination``: network of the route. ``gateway``: to which the packet is handed next. ``assumed``: no capture
    shows this hop; it is what nodes of this mode have.
    """

    kind: HopKind
    node: TraceNode | None
    place: Literal["pod", "host", "network"]
    interface: str | None
    destination: str | None
    gateway: str | None
    sentence: str
    assumed: bool
    lines: tuple[LineReference, ...]


class Trace(_Model, Shown):
    """The way of a packet by the captured tables, in one direction; ``model_dump_json()`` gives the JSON of
    ``aksnet-parse trace --format json``.

    ``verdict``: ``reached``, ``lost`` (at the last hop), ``left`` (it leaves by a gateway or to a neighbour of which
    nothing was captured) or ``unknown`` (the captures end). ``reason``: why it is lost, or where the data ends; None
    if the target is reached. ``missing``: captures that would tell more, as findings of code ``capture-missing``.
    """

    schema_version: Literal[1] = 1
    source: TraceEnd
    target: TraceEnd
    verdict: Verdict
    reason: str | None
    hops: tuple[Hop, ...]
    missing: tuple[Finding, ...]
