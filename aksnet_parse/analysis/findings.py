"""Everything that is found on a node, and which of it is about which pod."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .checks import check
from .missing import missing_captures
from .models import Finding, Pod
from .situation import Situation

__all__ = ["findings_of", "names_of", "those_about"]


def findings_of(situation: Situation) -> tuple[Finding, ...]:
    """What disagrees, what is wrong, and what is missing, in this order. Pure; never raises."""
    missing = missing_captures(situation.host, situation.mode, situation.pods, situation.ties)
    return (*situation.findings, *check(situation), *missing)


def those_about(pods: Sequence[Pod], findings: Iterable[Finding]) -> list[list[Finding]]:
    """For each pod, in order, the findings that name it: by its name, an address or its veth among their subjects."""
    found: list[list[Finding]] = [[] for _ in pods]
    known: dict[str, list[int]] = {}
    for number, pod in enumerate(pods):
        for word in dict.fromkeys(names_of(pod)):
            known.setdefault(word, []).append(number)
    for finding in findings:
        for number in dict.fromkeys(number for word in finding.subjects for number in known.get(word, ())):
            found[number].append(finding)
    return found


def names_of(pod: Pod) -> Iterable[str]:
    """What findings call a pod, and its veth."""
    if pod.veth is not None:
        yield pod.veth.name
    for address in pod.addresses:
        yield from (address, address.partition("/")[0])
    if pod.pod is not None and pod.pod.name is not None:
        yield f"{pod.pod.namespace}/{pod.pod.name}" if pod.pod.namespace is not None else pod.pod.name
    if pod.container_id is not None:
        yield pod.container_id[:12]
    if pod.pid is not None:
        yield f"pid:{pod.pid}"
    if pod.netns is not None:
        yield f"netns:{pod.netns}"
