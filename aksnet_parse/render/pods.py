"""Pods for people: many as a table, one of them in full with what proves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TextIO

from rich.console import Console

from ..analysis.explaining import Explanation
from ..analysis.models import Pod, Uplink
from .page import COLOURS, write_finding, write_heading, write_item, write_lines, write_page
from .table import Column, Row, write_table
from .words import count, end_of, need_names, pod_names, rides_on, section, way_out

__all__ = ["render_explanation", "write_facts", "write_pods"]

_COLUMNS = (
    Column("pod", 18),
    Column("interface", 9),
    Column("host veth", 15),
    Column("rides on", 14),
    Column("uplink", 6),
    Column("status", 8),
)
_UPLINK = 4
_WIDE = 90  # below that there is no room for what is the same in each row
_FACT = 19
_SHOWN_OF_PROOF = 6


def write_facts(console: Console, facts: Mapping[str, str]) -> None:
    """Names of facts, and what they are, one below the other."""
    for name, value in facts.items():
        write_item(console, value, label=f"{name:{_FACT}}")


def write_pods(console: Console, pods: Sequence[Pod], uplink: Uplink | None) -> None:
    """A table of pods, each on a line, with what else it is known by below."""
    shown = [number for number in range(len(_COLUMNS)) if number != _UPLINK or console.width >= _WIDE]
    rows = []
    for pod in pods:
        name, *others = pod_names(pod)
        cells = (
            name,
            end_of(pod.interface),
            end_of(pod.veth),
            rides_on(pod),
            uplink.interface if uplink is not None else "?",
            pod.status,
        )
        rows.append(Row([cells[number] for number in shown], COLOURS[pod.status], ", ".join(others)))
    write_table(console, [_COLUMNS[number] for number in shown], rows)


# --- one pod ----------------------------------------------------------------------------------------------------------

_STATUSES = {
    "proven": "its own end is known, and at least two facts tie it to the veth",
    "partial": "only one end is known, or fewer than two facts tie it to the veth",
    "conflict": "two facts about it disagree",
}


def render_explanation(explanation: Explanation, stream: TextIO) -> None:
    """Write ``explanation`` to ``stream``, as :func:`aksnet_parse.render.text.render_text` writes an analysis."""
    write_page(stream, lambda console: _render(explanation, console))


def _render(explanation: Explanation, console: Console) -> None:
    pod, uplink = explanation.pod, explanation.uplink
    cited = [one.lines for one in explanation.proofs] + [one.lines for one in explanation.findings]
    several_files = need_names(line.file for lines in cited for line in lines)
    on = f" on {explanation.node.name}" if explanation.node.name is not None else ""
    write_item(console, f"Pod {pod_names(pod)[0]}{on}", style="bold", indent=0)
    write_item(console, f"{pod.status}: {_STATUSES[pod.status]}", style=COLOURS[pod.status])
    facts = {
        "addresses": ", ".join(pod.addresses) or "?",
        "uid": pod.pod.uid if pod.pod is not None else None,
        "container": pod.container_id,
        "pid": str(pod.pid) if pod.pid is not None else None,
        "netns": pod.netns,
        "interface": end_of(pod.interface),
        "host veth": end_of(pod.veth),
        "rides on": rides_on(pod),
        "uplink": way_out(uplink) if uplink is not None else "?",
    }
    write_facts(console, {name: value for name, value in facts.items() if value is not None})

    def findings(heading: str) -> None:
        found = [finding for finding in explanation.findings if section(finding) == heading]
        if found:
            write_heading(console, heading)
        for finding in found:
            write_finding(console, finding, several_files=several_files)

    findings("Wrong")
    write_heading(console, count(len(explanation.proofs), "proof") if explanation.proofs else "No proofs")
    for proof in explanation.proofs:
        write_item(console, f"{proof.proof}: {proof.claim}")
        write_lines(console, proof.lines, several_files=several_files, shown=_SHOWN_OF_PROOF)
    findings("Worth knowing")
    findings("Missing")
