"""The answer for people: the mode and why, what is wrong, how the pods are wired, and what is missing. Of many pods a
summary, and those that something is wrong with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.text import Text

from ..analysis.findings import those_about
from ..analysis.models import Analysis, Finding, Mode, NodeAnalysis
from .page import COLOURS, write_finding, write_heading, write_item, write_line, write_lines, write_page
from .plain import printable
from .pods import write_facts, write_pods
from .words import (
    count,
    facts_of,
    is_only_declared,
    listed_by_node,
    listed_heading,
    need_names,
    section,
    spans_of,
    way_out,
)

__all__ = ["Totals", "render_case", "render_text"]

_FEW_PODS = 12  # so many are listed without being asked for
_SHOWN_PODS = 10
_SHOWN_ALIKE = 3
_SHOWN_UNPARSED = 10
_FEW_SKIPPED = 20
_CAPTURE_A_NODE = (
    "`ip addr`, `ip route` and `brctl show` on a node would show how its pods are wired; `aksnet-parse collect` prints "
    "a script that captures them."
)


def render_text(analysis: Analysis, stream: TextIO, *, passed_over: int = 0, every_pod: bool = False) -> None:
    """Write ``analysis`` to ``stream``; in colour and to its width on a terminal, else plain and 100 columns wide.

    ``passed_over``: how many files of a bundle hold nothing of use. ``every_pod``: list all pods, however many."""
    write_page(stream, lambda console: _render(analysis, console, passed_over, every_pod))


def render_case(
    name: str, place: str, analysis: Analysis, stream: TextIO, *, passed_over: int = 0, every_pod: bool = False
) -> None:
    """Write ``analysis`` of one case among many, under its name and which one it is; then a blank line."""

    def write(console: Console) -> None:
        write_line(console, Text(f"{printable(name)} ({place})", style="bold"))
        _render(analysis, console, passed_over, every_pod)
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


def _render(analysis: Analysis, console: Console, passed_over: int, every_pod: bool) -> None:
    several_files = need_names(
        [capture.file for node in analysis.nodes for capture in node.captures]
        + [one.file for one in analysis.unread]
        + [line.file for pod in analysis.listed_pods for line in pod.lines]
    )
    if len(analysis.nodes) > 1 and not all(map(is_only_declared, analysis.nodes)):
        write_item(console, _summary(analysis), style="bold", indent=0)
        console.print()
    for number, node in enumerate(analysis.nodes, 1):
        if number > 1:
            console.print()
        _Page(console, several_files, every_pod).node(node, number, len(analysis.nodes))
    _not_captured(analysis, console, every_pod)
    if analysis.unread:
        if not analysis.nodes and not analysis.listed_nodes and not analysis.listed_pods:
            write_item(console, "Nothing here is read, but it was recognised.", indent=0)
        console.print()
        write_item(console, f"Skipped: {_skipped(analysis, several_files, every_pod)}", indent=0)
    if analysis.skipped:
        if not analysis.is_empty:
            console.print()
        write_item(console, "Not read", style="bold", indent=0)
        for skipped in analysis.skipped:
            write_item(console, f"{skipped.file}: {skipped.reason}")
    if passed_over:
        console.print()
        write_item(console, f"Passed over: {count(passed_over, 'file')} with nothing of use", indent=0)


def _not_captured(analysis: Analysis, console: Console, every_pod: bool) -> None:
    """Nodes that only the cluster lists, each with its pods, shortly."""
    by_node = listed_by_node(analysis)
    if not by_node:
        return
    if analysis.nodes:
        console.print()
    write_item(console, listed_heading(analysis), style="bold", indent=0)
    for label, pods in by_node.items():
        shown = pods if every_pod or len(pods) <= _FEW_PODS else pods[:_SHOWN_PODS]
        more = f", and {len(pods) - len(shown)} more" if len(pods) > len(shown) else ""
        write_item(console, f"{label}: {', '.join(shown) or 'no pods listed'}{more}")
    if not analysis.nodes:
        console.print()
        write_item(console, f"No node was captured. {_CAPTURE_A_NODE}", indent=0)


def _skipped(analysis: Analysis, several_files: bool, every_pod: bool) -> str:
    """Each command once, with the lines of its outputs: `iptables -L (lines 12-40), arp -n (41-43)`."""
    shown = len(analysis.unread) if every_pod else _SHOWN_ALIKE
    spans = spans_of(analysis.unread, several_files=several_files, shown=shown)
    few = list(spans.items()) if every_pod or len(spans) <= _FEW_SKIPPED else list(spans.items())[:_FEW_SKIPPED]
    said = [f"{command} ({'' if number else 'lines '}{places})" for number, (command, places) in enumerate(few)]
    return ", ".join([*said, *([f"and {len(spans) - len(few)} more"] if len(spans) > len(few) else [])])


def _summary(analysis: Analysis) -> str:
    totals = Totals()
    totals.add(analysis)
    return str(totals)


class _Page:
    def __init__(self, console: Console, several_files: bool, every_pod: bool) -> None:
        self.console = console
        self.several_files = several_files
        self.every_pod = every_pod

    def node(self, node: NodeAnalysis, number: int, total: int) -> None:
        if is_only_declared(node):
            self._declared(node, number, total)
            return
        name = node.name if node.name is not None else f"{number} of {total}" if total > 1 else "(no name)"
        write_item(self.console, f"Node {name}", style="bold", indent=0)
        facts = facts_of(node.mode)
        if node.uplink is not None:
            facts["uplink"] = way_out(node.uplink)
        write_facts(self.console, facts)
        self._findings("Wrong", node)
        self._pods(node)
        self._why(node.mode)
        self._findings("Worth knowing", node)
        self._findings("Missing", node)
        if node.unparsed:
            write_heading(self.console, f"Not understood: {count(len(node.unparsed), 'line')}")
            write_lines(self.console, node.unparsed, several_files=self.several_files, shown=_SHOWN_UNPARSED, indent=2)

    def _declared(self, node: NodeAnalysis, number: int, total: int) -> None:
        """What was ordered or configured, where nothing was captured that could show what there is."""
        place = f" ({number} of {total})" if total > 1 else ""
        write_item(self.console, f"Declared{place}; no node was captured", style="bold", indent=0)
        declared = node.mode.declared
        names = ("networkPlugin", "networkPluginMode", "networkDataplane", "networkPolicy", "mode")
        facts = {name: value for name in names if (value := getattr(declared, name, None)) is not None}
        write_facts(self.console, facts)
        if declared is None:
            write_item(self.console, "Nothing is said of the cluster's network.")
        self._findings("Wrong", node)
        lines = set(declared.lines) if declared is not None else set()
        shown = tuple(one for one in node.mode.evidence if not lines.isdisjoint(one.lines))
        if shown:
            self._why(node.mode.model_copy(update={"evidence": shown}))
        if node.unparsed:
            write_heading(self.console, f"Not understood: {count(len(node.unparsed), 'line')}")
            write_lines(self.console, node.unparsed, several_files=self.several_files, shown=_SHOWN_UNPARSED, indent=2)
        write_heading(self.console, "Missing")
        write_item(self.console, _CAPTURE_A_NODE)

    def _findings(self, heading: str, node: NodeAnalysis) -> None:
        found = [finding for finding in node.findings if section(finding) == heading]
        # What is worst comes first.
        found.sort(key=lambda finding: list(COLOURS).index(finding.severity))
        if found:
            write_heading(self.console, heading)
        alike: dict[str, list[Finding]] = {}
        for finding in found:
            alike.setdefault(finding.code, []).append(finding)
        for kind in alike.values():
            # One more is shown in the place of a sentence that one more is not.
            shown = len(kind) if self.every_pod or len(kind) == _SHOWN_ALIKE + 1 else _SHOWN_ALIKE
            for finding in kind[:shown]:
                write_finding(self.console, finding, several_files=self.several_files)
            self._more_alike(kind[shown:])

    def _more_alike(self, findings: Sequence[Finding]) -> None:
        if not findings:
            return
        first = findings[0]
        label = f"{first.severity} {first.code}" if first.severity != "info" else first.code
        subjects = ", ".join(finding.subjects[0] for finding in findings[:_SHOWN_PODS] if finding.subjects)
        more = ", ..." if len(findings) > _SHOWN_PODS else ""
        style = COLOURS[first.severity] if first.severity != "info" else ""
        write_item(self.console, f"{label}: {len(findings)} more, of {subjects}{more}; --all shows them.", style=style)

    def _why(self, mode: Mode) -> None:
        write_heading(self.console, "Why")
        for evidence in mode.evidence:
            write_item(self.console, evidence.claim)
            write_lines(self.console, evidence.lines, several_files=self.several_files)

    def _pods(self, node: NodeAnalysis) -> None:
        pods = node.pods
        proven = sum(1 for pod in pods if pod.status == "proven")
        write_heading(self.console, f"{count(len(pods), 'pod')}, {proven} proven" if pods else "No pods")
        if not pods:
            return
        if self.every_pod or len(pods) <= _FEW_PODS:
            write_pods(self.console, pods, node.uplink)
            self._counts(node)
            return
        self._counts(node)
        unwell = _unwell(node)
        if unwell:
            shown = [pods[number] for number in unwell[:_SHOWN_PODS]]
            which = f"{len(shown)} of {len(unwell)}" if len(unwell) > len(shown) else f"{len(shown)}"
            write_heading(self.console, f"Pods to look at: {which}")
            write_pods(self.console, shown, node.uplink)
        write_item(self.console, "--all lists all pods, --pod POD tells all of one.", style="dim")

    def _counts(self, node: NodeAnalysis) -> None:
        for (status, proofs), number in Counter((pod.status, pod.proofs) for pod in node.pods).items():
            by = f" by {', '.join(proofs)}" if proofs else ""
            write_item(self.console, f"{status}{by}: {count(number, 'pod')}")


def _unwell(node: NodeAnalysis) -> list[int]:
    """The pods, by number, that something is wrong with or that are not proven, the worst first."""
    wrong = [finding for finding in node.findings if finding.severity != "info"]
    rank: dict[int, tuple[int, int]] = {}
    for number, (pod, findings) in enumerate(zip(node.pods, those_about(node.pods, wrong), strict=True)):
        severities = {finding.severity for finding in findings}
        if pod.status == "conflict" or "error" in severities:
            rank[number] = (0, number)
        elif severities:
            rank[number] = (1, number)
        elif pod.status == "partial":
            rank[number] = (2, number)
    return sorted(rank, key=rank.__getitem__)
