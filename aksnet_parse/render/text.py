"""The answer for people: the mode and why, the wiring of every pod as a table, what is wrong and what is missing."""

from __future__ import annotations

from collections import Counter
from typing import TextIO

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..analysis.models import Analysis, BridgeAttachment, Finding, Mode, NodeAnalysis, Pod
from .page import COLOURS, SHOWN_LINES, count, write_item, write_lines, write_page
from .plain import printable

__all__ = ["Totals", "render_case", "render_text"]

# Headings of the table, each with the width of what must not be broken: an IPv4 address with its prefix, a name.
_COLUMNS = {"pod": 18, "interface": 9, "host veth": 15, "rides on": 14, "uplink": 4, "status": 8}
_SHOWN_OF_WRONG = 4
_SHOWN_UNPARSED = 10

_DATAPATHS = {
    "bridge": "bridge mode: pods are ports of the bridge {bridge}",
    "transparent": "transparent mode: each pod is reached by a route of its own",
    "mixed": "mixed: some pods are on the bridge {bridge}, others are reached by a route of their own",
    "none": "no pod network on this node",
    "unknown": "cannot be told from these captures",
}


def render_text(analysis: Analysis, stream: TextIO, *, passed_over: int = 0) -> None:
    """Write ``analysis`` to ``stream``; in colour and to its width on a terminal, else plain and 100 columns wide.

    ``passed_over``: how many files of a bundle hold nothing of use."""
    write_page(stream, lambda console: _render(analysis, console, passed_over))


def render_case(name: str, place: str, analysis: Analysis, stream: TextIO, *, passed_over: int = 0) -> None:
    """Write ``analysis`` of one case among many, under its name and which one it is; then a blank line."""

    def write(console: Console) -> None:
        console.print(Text(f"{printable(name)} ({place})", style="bold"), soft_wrap=True)
        _render(analysis, console, passed_over)
        console.print()

    write_page(stream, write)


class Totals:
    """All nodes in one line, counted one analysis after the other."""

    def __init__(self) -> None:
        self._nodes = 0
        self._datapaths: Counter[str] = Counter()
        self._statuses: Counter[str] = Counter()
        self._severities: Counter[str] = Counter()

    def add(self, analysis: Analysis) -> None:
        self._nodes += len(analysis.nodes)
        for node in analysis.nodes:
            self._datapaths[node.mode.datapath] += 1
            self._statuses.update(pod.status for pod in node.pods)
            self._severities.update(finding.severity for finding in node.findings)

    def __str__(self) -> str:
        paths = ", ".join(f"{number} {path}" for path, number in self._datapaths.items())
        parts = [
            count(self._nodes, "node") + (f" ({paths})" if paths else ""),
            count(sum(self._statuses.values()), "pod"),
            *(f"{number} {status}" for status, number in sorted(self._statuses.items(), reverse=True)),
            *(
                count(self._severities[severity], severity)
                for severity in ("error", "warning")
                if self._severities[severity]
            ),
        ]
        return ", ".join(parts)


def _render(analysis: Analysis, console: Console, passed_over: int) -> None:
    several_files = len({capture.file for node in analysis.nodes for capture in node.captures}) > 1
    if len(analysis.nodes) > 1:
        console.print(Text(_summary(analysis), style="bold"))
        console.print()
    for number, node in enumerate(analysis.nodes, 1):
        if number > 1:
            console.print()
        _Page(console, several_files).node(node, number, len(analysis.nodes))
    if analysis.skipped:
        if analysis.nodes:
            console.print()
        console.print(Text("Not read", style="bold"))
        for skipped in analysis.skipped:
            write_item(console, f"{skipped.file}: {skipped.reason}")
    if passed_over:
        console.print()
        console.print(Text(f"Passed over: {count(passed_over, 'file')} with nothing of use"))


def _summary(analysis: Analysis) -> str:
    totals = Totals()
    totals.add(analysis)
    return str(totals)


class _Page:
    def __init__(self, console: Console, several_files: bool) -> None:
        self.console = console
        self.several_files = several_files

    def node(self, node: NodeAnalysis, number: int, total: int) -> None:
        name = printable(node.name) if node.name is not None else f"{number} of {total}" if total > 1 else "(no name)"
        self.console.print(Text(f"Node {name}", style="bold"))
        self._mode(node.mode)
        uplink = node.uplink
        if uplink is not None:
            parts = [uplink.interface, *uplink.addresses]
            if uplink.gateway is not None:
                parts.append(f"via {uplink.gateway}")
            if uplink.ports:
                parts.append(f"(ports: {', '.join(uplink.ports)})")
            self._fact("uplink", " ".join(parts))
        self._findings("Wrong", node)
        self._pods(node)
        self._why(node.mode)
        self._findings("Worth knowing", node)
        self._findings("Missing", node)
        if node.unparsed:
            self._heading(f"Not understood: {count(len(node.unparsed), 'line')}")
            write_lines(self.console, node.unparsed, several_files=self.several_files, shown=_SHOWN_UNPARSED, indent=2)

    def _findings(self, heading: str, node: NodeAnalysis) -> None:
        found = [finding for finding in node.findings if _section(finding) == heading]
        # What is worst comes first.
        found.sort(key=lambda finding: list(COLOURS).index(finding.severity))
        if found:
            self._heading(heading)
        for finding in found:
            label, style, shown = "", "", SHOWN_LINES
            if heading == "Wrong":
                label, style = f"{finding.severity} {finding.code}: ", COLOURS[finding.severity]
                shown = _SHOWN_OF_WRONG
            write_item(self.console, f"{label}{finding.message}", style=style)
            write_lines(self.console, finding.lines, several_files=self.several_files, shown=shown)

    def _heading(self, text: str) -> None:
        self.console.print()
        self.console.print(Text(text, style="bold"))

    def _fact(self, name: str, value: str) -> None:
        grid = Table.grid(padding=(0, 2))
        grid.add_column(width=17)
        grid.add_column(overflow="fold")
        grid.add_row(Text(name), Text(printable(value)))
        self.console.print(Padding(grid, (0, 0, 0, 2), expand=False))

    def _mode(self, mode: Mode) -> None:
        datapath = _DATAPATHS[mode.datapath].format(bridge=mode.bridge)
        if mode.declared is not None and mode.declared.mode is not None:
            datapath += f"; declared: {mode.declared.mode}"
        self._fact("datapath", datapath)
        for name in ("networkPlugin", "networkPluginMode", "networkPolicy"):
            said = getattr(mode, name)
            value = said.value if said.certainty in {"certain", "unknown"} else f"{said.value} ({said.certainty})"
            declared = getattr(mode.declared, name) if mode.declared is not None else None
            if declared is not None and declared != said.value:
                value += f"; declared: {declared}"
            self._fact(name, value)

    def _why(self, mode: Mode) -> None:
        self._heading("Why")
        for evidence in mode.evidence:
            write_item(self.console, evidence.claim)
            write_lines(self.console, evidence.lines, several_files=self.several_files)

    def _pods(self, node: NodeAnalysis) -> None:
        proven = sum(1 for pod in node.pods if pod.status == "proven")
        self._heading(f"{count(len(node.pods), 'pod')}, {proven} proven" if node.pods else "No pods")
        if not node.pods:
            return
        table = Table(
            box=None, padding=(0, 1 if self.console.width < 90 else 2, 0, 0), pad_edge=False, header_style="underline"
        )
        for heading, width in _COLUMNS.items():
            table.add_column(heading, overflow="fold", min_width=width)
        for pod in node.pods:
            uplink = node.uplink.interface if node.uplink is not None else "?"
            table.add_row(
                Text("\n".join(printable(name) for name in _pod_names(pod))),
                Text(printable(_end(pod.interface))),
                Text(printable(_end(pod.veth))),
                Text(printable(_rides_on(pod))),
                Text(printable(uplink)),
                Text(pod.status, style=COLOURS[pod.status]),
            )
        self.console.print(Padding(table, (0, 0, 0, 2), expand=False))
        for (status, proofs), number in Counter((pod.status, pod.proofs) for pod in node.pods).items():
            by = f" by {', '.join(proofs)}" if proofs else ""
            write_item(self.console, f"{status}{by}: {count(number, 'pod')}")


def _section(finding: Finding) -> str:
    if finding.severity != "info":
        return "Wrong"
    return "Missing" if finding.code == "capture-missing" else "Worth knowing"


def _pod_names(pod: Pod) -> list[str]:
    names: list[str] = []
    if pod.pod is not None and pod.pod.name is not None:
        names.append(f"{pod.pod.namespace}/{pod.pod.name}" if pod.pod.namespace else pod.pod.name)
    names.extend(pod.addresses)
    if pod.container_id is not None:
        names.append(f"container {pod.container_id[:12]}")
    if pod.pid is not None:
        names.append(f"pid {pod.pid}")
    if pod.netns is not None:
        names.append(f"netns {pod.netns}")
    return names or ["?"]


def _end(end: object) -> str:
    name, ifindex = getattr(end, "name", None), getattr(end, "ifindex", None)
    if name is None:
        return "?"
    return f"{name} ({ifindex})" if ifindex is not None else str(name)


def _rides_on(pod: Pod) -> str:
    if pod.attachment is None:
        return "?"
    if isinstance(pod.attachment, BridgeAttachment):
        return f"bridge {pod.attachment.bridge}"
    return f"route {pod.attachment.destination}"
