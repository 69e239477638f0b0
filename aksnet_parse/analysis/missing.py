"""Which capture would complete the answer: one finding for each command whose output would add something."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..commandline import HOST
from ..node import ROUTING_TABLES
from ..records import Line
from .catalogue import CAPTURE_MISSING, PEER_MISSING
from .disagreements import name_of
from .host import Host
from .models import Finding, Mode, Pod
from .wiring import Tie

_SHOWN = 5

__all__ = ["missing_captures"]


def missing_captures(host: Host, mode: Mode, pods: Sequence[Pod], ties: Sequence[Tie]) -> list[Finding]:
    """Findings of code ``capture-missing``, severity info, in the order in which one would take the captures."""
    return [
        *_interfaces(host, pods),
        *_routes(host, mode),
        *_bridges(host),
        *_host_ends(host, ties),
        *_pod_ends(pods),
    ]


def _interfaces(host: Host, pods: Sequence[Pod]) -> list[Finding]:
    node = host.node
    if node.interfaces is None:
        return [
            _missing(
                "ip addr", "`ip addr` on the host would show its interfaces, and which of them leads to which pod."
            )
        ]
    abbreviated = "ip addr" not in node.complete
    left_out = tuple(name for name in host.pod_devices if name not in host.by_name)
    if left_out:
        fault = "is abbreviated" if abbreviated else "does not show every interface that other captures name"
        return [
            _missing(
                "ip addr",
                f"`ip addr` on the host {fault}: in full it would show the {_count(len(left_out), 'pod interface')} "
                "that it leaves out.",
                left_out,
            )
        ]
    if abbreviated and (not pods or any(pod.veth is None for pod in pods)):
        return [_missing("ip addr", "`ip addr` on the host is abbreviated: in full it would show every interface.")]
    return []


def _routes(host: Host, mode: Mode) -> list[Finding]:
    if host.node.routes is None:
        if mode.datapath == "bridge":
            why = "would show the way out of the node, and whether any pod is reached by a route of its own"
        else:
            why = "would show the way out of the node, and the route to each pod"
        return [_missing("route -n", f"`route -n` on the host {why}.")]
    if not host.node.shows_every_route and mode.datapath == "unknown":
        shown = {parsed.command for parsed in host.node.captures if parsed.namespace == HOST}
        command = next((command for command in ROUTING_TABLES if command in shown), ROUTING_TABLES[0])
        return [
            _missing(command, f"`{command}` on the host is abbreviated: in full it would show every route to a pod.")
        ]
    return []


def _bridges(host: Host) -> list[Finding]:
    whole = not host.node.complete.isdisjoint({"ip addr", "ip link"})
    if host.node.bridges is not None or whole or host.node.bridge_ports:
        return []
    return [
        _missing("brctl show", "`brctl show` on the host would show whether there is a pod bridge, and its members.")
    ]


def _host_ends(host: Host, ties: Sequence[Tie]) -> list[Finding]:
    """The host's ends of pods' interfaces that name their index, where no capture shows it."""
    unseen = [
        (row, name_of(tie.end))
        for tie in ties
        if tie.veth is None and (row := tie.end.interface) is not None and row.link_index is not None
        # A whole listing without it is another finding.
        if row.link_index not in host.by_index and not any(found.code == PEER_MISSING.code for found in tie.findings)
    ]
    if not unseen:
        return []
    shown = [f"{name} has {row.ifname}@if{row.link_index}" for row, name in unseen]
    indexes = ", ".join(str(row.link_index) for row, _ in unseen[:_SHOWN])
    more = f" and {len(unseen) - _SHOWN} more" if len(unseen) > _SHOWN else ""
    noun = "index" if len(unseen) == 1 else "indexes"
    return [
        _missing(
            "ip addr",
            f"`ip addr` on the host would show the other end: look for host {noun} {indexes}{more} "
            f"({', '.join(shown[:_SHOWN])}{more}).",
            tuple(str(row.link_index) for row, _ in unseen),
            [line for row, _ in unseen for line in host.node.cite(row)],
        )
    ]


def _pod_ends(pods: Sequence[Pod]) -> list[Finding]:
    unseen = [pod for pod in pods if pod.interface is None and pod.status != "proven"]
    if not unseen:
        return []
    subjects = tuple(
        pod.addresses[0] if pod.addresses else pod.veth.name if pod.veth is not None else pod.container_id or ""
        for pod in unseen
    )
    return [
        _missing(
            "nsenter",
            f"`nsenter -t PID -n ip addr` would prove the pod's own end of {_count(len(unseen), 'pod')} that only "
            "the host's side shows.",
            subjects,
        )
    ]


def _missing(command: str, message: str, subjects: tuple[str, ...] = (), lines: Iterable[Line] = ()) -> Finding:
    return CAPTURE_MISSING.found(message, subjects or (command,), lines)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
