"""What every way of showing an answer calls things: nodes, pods, the ends of a veth, what a pod rides on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..analysis.comparison.models import NodeComparison
from ..analysis.models import Analysis, BridgeAttachment, EndPoint, Finding, Mode, NodeAnalysis, Pod, Unread, Uplink
from ..analysis.tracing.models import TraceEnd, TraceNode

__all__ = [
    "compared_name",
    "count",
    "datapath_of",
    "end_of",
    "facts_of",
    "is_only_declared",
    "listed_by_node",
    "listed_heading",
    "need_names",
    "pod_names",
    "rides_on",
    "section",
    "spans_of",
    "trace_end",
    "trace_node",
    "way_out",
]

_DATAPATHS = {
    "bridge": "bridge mode: pods are ports of the bridge {bridge}",
    "transparent": "transparent mode: each pod is reached by a route of its own",
    "mixed": "mixed: some pods are on the bridge {bridge}, others are reached by a route of their own",
    "none": "no pod network on this node",
    "unknown": "cannot be told from these captures",
}


def count(number: int, noun: str) -> str:
    """``1 pod``, ``2 pods``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def need_names(files: Iterable[str | None]) -> bool:
    """True if the number alone does not say where a line stands: of several files, or of one in another."""
    named = set(files)
    return len(named) > 1 or any("!" in file for file in named if file is not None)


def section(finding: Finding) -> str:
    """The heading under which a finding stands."""
    if finding.severity != "info":
        return "Wrong"
    return "Missing" if finding.code == "capture-missing" else "Worth knowing"


def datapath_of(mode: Mode) -> str:
    return _DATAPATHS[mode.datapath].format(bridge=mode.bridge)


def facts_of(mode: Mode) -> dict[str, str]:
    """What the mode is by each of its names, with what was declared to the contrary."""
    facts = {"datapath": datapath_of(mode)}
    if mode.declared is not None and mode.declared.mode is not None:
        facts["datapath"] += f"; declared: {mode.declared.mode}"
    for name in ("networkPlugin", "networkPluginMode", "networkDataplane", "networkPolicy"):
        said = getattr(mode, name)
        facts[name] = said.value if said.certainty in {"certain", "unknown"} else f"{said.value} ({said.certainty})"
        declared = getattr(mode.declared, name) if mode.declared is not None else None
        if declared is not None and declared != said.value:
            facts[name] += f"; declared: {declared}"
    return facts


def is_only_declared(node: NodeAnalysis) -> bool:
    """True if nothing but what somebody ordered or configured is known of a node that nobody named."""
    commands = {capture.command for capture in node.captures}
    return node.name is None and not node.pods and commands <= _DECLARING


_DECLARING = frozenset({"az aks", "cni config", "kubectl get pods", "kubectl get nodes"})


def listed_heading(analysis: Analysis) -> str:
    """The heading of what :func:`listed_by_node` gives."""
    if any(node.name is None and not is_only_declared(node) for node in analysis.nodes):
        return "Nodes as the cluster lists them; captures above that name no node may be of one of them"
    return "Nodes without captures, as the cluster lists them"


def listed_by_node(analysis: Analysis) -> dict[str, list[str]]:
    """Nodes that only the cluster lists, with their addresses, and what it lists for each: names and addresses."""
    addresses = {node.name: node.addresses for node in analysis.listed_nodes}
    by_node: dict[str | None, list[str]] = {node.name: [] for node in analysis.listed_nodes}
    for pod in analysis.listed_pods:
        name = f"{pod.namespace}/{pod.name}" if pod.namespace is not None else pod.name
        by_node.setdefault(pod.node, []).append(" ".join((name, *pod.addresses)))
    return {
        " ".join((node if node is not None else "(node not said)", *addresses.get(node or "", ()))): pods
        for node, pods in by_node.items()
    }


def spans_of(unread: Sequence[Unread], *, several_files: bool, shown: int) -> dict[str, str]:
    """Each command whose output is not read, with the lines of at most ``shown`` of its outputs."""
    spans: dict[str, list[str]] = {}
    for one in unread:
        lines = str(one.first_line) if one.first_line == one.last_line else f"{one.first_line}-{one.last_line}"
        place = f"{one.file}:{lines}" if several_files and one.file is not None else lines
        spans.setdefault(one.command, []).append(place)
    said: dict[str, str] = {}
    for command, places in spans.items():
        more = f" and {len(places) - shown} more" if len(places) > shown else ""
        said[command] = f"{', '.join(places[:shown])}{more}"
    return said


def way_out(uplink: Uplink) -> str:
    parts = [uplink.interface, *uplink.addresses]
    if uplink.gateway is not None:
        parts.append(f"via {uplink.gateway}")
    if uplink.ports:
        parts.append(f"(ports: {', '.join(uplink.ports)})")
    return " ".join(parts)


# --- pods -------------------------------------------------------------------------------------------------------------


def pod_names(pod: Pod) -> list[str]:
    """What a pod is known by, the best first."""
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


def end_of(end: EndPoint | None) -> str:
    if end is None:
        return "?"
    return f"{end.name} ({end.ifindex})" if end.ifindex is not None else end.name


def rides_on(pod: Pod) -> str:
    if pod.attachment is None:
        return "?"
    if isinstance(pod.attachment, BridgeAttachment):
        return f"bridge {pod.attachment.bridge}"
    return f"route {pod.attachment.destination}"


# --- comparison and trace ---------------------------------------------------------------------------------------------


def compared_name(node: NodeComparison) -> str:
    if node.before == node.after or node.status == "gone":
        return node.before or "(no name)"
    if node.status == "added":
        return node.after or "(no name)"
    return f"{node.before or '(no name)'} before, {node.after or '(no name)'} after"


def trace_end(end: TraceEnd, several_nodes: bool) -> str:
    """Who the source or the target is, by the best name there is, and its address."""
    on = f" on {trace_node(end.node)}" if several_nodes and end.node is not None else ""
    address = f" ({end.address})" if end.address is not None else ""
    if end.kind == "address":
        return str(end.address)
    if end.kind == "node":
        return f"{trace_node(end.node) if end.node is not None else 'the node'}{address}"
    if end.pod is not None and end.pod.name is not None:
        name = f"{end.pod.namespace}/{end.pod.name}" if end.pod.namespace is not None else end.pod.name
        return f"pod {name}{address}{on}"
    if end.pid is not None:
        return f"pod pid {end.pid}{address}{on}"
    if end.netns is not None:
        return f"pod netns {end.netns}{address}{on}"
    return f"pod {end.address or end.asked}{on}"


def trace_node(node: TraceNode) -> str:
    return node.name or f"node {node.number}"
