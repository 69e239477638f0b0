"""One node worked out: what was captured, the host's side of it, each pod's way out, and the mode. Everything else that
is said of a node starts from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..node import Node
from .declared import with_declared
from .host import Host
from .mode import observe
from .models import Finding, LineReference, Mode, Pod
from .wiring import Tie, wire

__all__ = ["Situation", "look_at"]


@dataclass(frozen=True, slots=True)
class Situation:
    """``ties`` and ``pods``: the same pods in the same order, as records of the captures and as the answer shows them.
    ``findings``: what was found wrong on the way here. ``mode_lines``: what each field of the mode rests on,
    ``mode`` for the datapath."""

    node: Node
    host: Host
    ties: tuple[Tie, ...]
    pods: tuple[Pod, ...]
    mode: Mode
    findings: tuple[Finding, ...]
    mode_lines: Mapping[str, tuple[LineReference, ...]]


def look_at(node: Node) -> Situation:
    """Work out a node. Pure; never raises."""
    host = Host(node)
    wiring = wire(node, host)
    observed = observe(host, wiring.pods)
    mode, differing = with_declared(node, observed)
    findings = (*wiring.findings, *differing)
    return Situation(node, host, tuple(wiring.ties), tuple(wiring.pods), mode, findings, observed.lines)
