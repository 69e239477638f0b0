"""Which capture would complete the answer: one finding for each command whose output would add something."""

from __future__ import annotations

from ..records import Line
from .host import Host
from .models import Finding, Mode, Pod
from .wiring import references

__all__ = ["missing_captures"]


def missing_captures(host: Host, mode: Mode, pods: list[Pod]) -> list[Finding]:
    """Findings of code ``capture-missing``, severity info, in the order in which one would take the captures."""
    node = host.node
    findings: list[Finding] = []
    if node.interfaces is None:
        findings.append(
            _missing(
                "ip addr", "`ip addr` on the host would show its interfaces, and which of them leads to which pod."
            )
        )
    elif "ip addr" not in node.complete and any(pod.veth is None or pod.veth.ifindex is None for pod in pods):
        names = tuple(pod.veth.name for pod in pods if pod.veth is not None and pod.veth.ifindex is None)
        findings.append(
            _missing(
                "ip addr",
                "`ip addr` on the host is abbreviated: in full it would show "
                f"the {_count(len(names), 'pod interface')} that it leaves out.",
                names,
            )
        )
    if node.routes is None:
        if mode.datapath == "bridge":
            why = "would show the way out of the node, and whether any pod is reached by a route of its own"
        else:
            why = "would show the way out of the node, and the route to each pod"
        findings.append(_missing("route -n", f"`route -n` on the host {why}."))
    bridges_shown = node.bridges is not None or "ip addr" in node.complete
    if not bridges_shown:
        findings.append(
            _missing("brctl show", "`brctl show` on the host would show whether a pod bridge is left, and its members.")
        )
    unseen = [pod for pod in pods if pod.interface is None]
    if unseen:
        subjects = tuple(
            pod.addresses[0] if pod.addresses else pod.veth.name if pod.veth is not None else pod.container_id or ""
            for pod in unseen
        )
        findings.append(
            _missing(
                "ip addr",
                f"`nsenter -t PID -n ip addr` would prove the pod's own end of {_count(len(unseen), 'pod')} "
                f"that only the host's side shows.",
                subjects,
            )
        )
    return findings


def _missing(command: str, message: str, subjects: tuple[str, ...] = (), lines: tuple[Line, ...] = ()) -> Finding:
    return Finding(
        code="capture-missing",
        severity="info",
        message=message,
        subjects=subjects or (command,),
        lines=references(lines),
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
