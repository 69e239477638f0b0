"""What was declared of a node, beside what its captures show: the cluster's order (`az aks`), the CNI configuration,
and the state of Azure CNI.

A declaration is never taken for an observation. Where both are known and differ, a finding names both sides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..commands.cni_config import CniConfig, CniPlugin
from ..node import Node
from ..records import Line, Record
from .catalogue import DECLARATION_UNDECIDED, DECLARED_MODE_DIFFERS
from .citing import references
from .mode import Observed
from .models import Declared, Evidence, Finding, LineReference, Mode

__all__ = ["with_declared"]

_FIELDS = ("networkPlugin", "networkPluginMode", "networkDataplane", "networkPolicy", "mode")
_VALUE = re.compile(r"[^,}\]]{0,80}")


@dataclass(frozen=True, slots=True)
class _Statement:
    """One thing that was declared: ``origin`` says in words where, ``lines`` show it.

    ``implied``: by what was left out; it counts only where the captures show something else. ``outranked``: another
    file of the same folder counts.
    """

    field: str
    value: str
    origin: str
    lines: tuple[Line, ...]
    implied: bool = False
    outranked: bool = False


def with_declared(node: Node, observed: Observed) -> tuple[Mode, list[Finding]]:
    """The observed mode with ``declared`` filled, a sentence about each thing declared, and what differs."""
    statements = [*_of_clusters(node), *_of_configs(node), *_of_azure_networks(node)]
    undecided = [_undecided(node)] if node.undecided else []
    if not statements:
        return observed.mode, undecided
    outranked = [statement for statement in statements if statement.outranked]
    statements = [statement for statement in statements if not statement.outranked]
    chosen: dict[str, _Statement] = {}
    for statement in statements:
        chosen.setdefault(statement.field, statement)
    evidence = list(_not_counting(outranked, chosen))
    findings: list[Finding] = []
    for field in _FIELDS:
        if field not in chosen:
            continue
        statement = chosen[field]
        if statement.implied and _shown(observed.mode, field) in {None, statement.value}:
            del chosen[field]
            continue
        shown = _shown(observed.mode, field)
        lines = references(statement.lines)
        said = f"{field} {statement.value} is declared by {statement.origin}"
        if shown is None:
            fits = observed.mode.datapath not in {"none", "unknown"}
            verdict = "the captures fit but cannot prove it." if fits else "the captures do not show it."
            evidence.append(Evidence(claim=f"{said}; {verdict}", lines=lines))
        elif _fits(field, statement.value, shown, observed.mode):
            evidence.append(Evidence(claim=f"{said}, and the captures show it.", lines=lines))
        else:
            words = _words(observed.mode, field)
            evidence.append(Evidence(claim=f"{said}, but the captures show {words}.", lines=lines))
            findings.append(
                _finding(
                    field,
                    f"{field}: the captures show {words}, but {statement.value} is declared by {statement.origin}.",
                    (*lines, *(line for line in observed.lines.get(field, ()) if line not in lines)),
                )
            )
        for other in statements:
            if other.field == field and not _agree(field, statement.value, other.value):
                findings.append(
                    _finding(
                        field,
                        f"{field}: {statement.value} is declared by {statement.origin}, but {other.value} by "
                        f"{other.origin}.",
                        references((*statement.lines, *other.lines)),
                    )
                )
                break
    # Where two say different things of a node that nobody captured, neither wins.
    open_fields = {
        field
        for field, statement in chosen.items()
        if observed.mode.datapath == "unknown" and _shown(observed.mode, field) is None and node.name is None
        if any(other.field == field and not _agree(field, statement.value, other.value) for other in statements)
    }
    values = {field: chosen[field].value if field in chosen.keys() - open_fields else None for field in _FIELDS}
    all_lines = references(line for field in _FIELDS if field in chosen for line in chosen[field].lines)
    declared = Declared(**values, lines=tuple(dict.fromkeys(all_lines)))
    mode = observed.mode.model_copy(update={"declared": declared, "evidence": (*observed.mode.evidence, *evidence)})
    return mode, [*findings, *undecided]


def _not_counting(outranked: Sequence[_Statement], chosen: Mapping[str, _Statement]) -> Iterator[Evidence]:
    """What files of /etc/cni/net.d say that are not the first, where the first says something else or nothing."""
    for statement in outranked:
        first = chosen.get(statement.field)
        if first is None or not _agree(first.field, first.value, statement.value):
            claim = (
                f"{statement.field} {statement.value} in {statement.origin} does not count: of several files in "
                "/etc/cni/net.d the first by name does."
            )
            yield Evidence(claim=claim, lines=references(statement.lines))


def _undecided(node: Node) -> Finding:
    """What was said of several clusters, of which nothing tells which one the node is of."""
    names = list(dict.fromkeys(record.name or "(no name)" for record in node.undecided))
    lines = [
        line
        for record in node.undecided
        for line in _cited(node, record, r"network-(?:plugin|policy|dataplane)[\w-]*|\"network\w+\"")
    ]
    return DECLARATION_UNDECIDED.found(
        f"{len(names)} clusters are declared: {', '.join(names)}. Nothing tells which of them this node is of, so "
        "nothing of what was declared is taken for it.",
        names,
        lines,
    )


def _finding(field: str, message: str, lines: Sequence[LineReference]) -> Finding:
    return DECLARED_MODE_DIFFERS.found(message, (field,), (Line(line.file, line.line, line.text) for line in lines))


# --- what was declared ------------------------------------------------------------------------------------------------

_OF_CLUSTER = {
    "networkPlugin": ("network_plugin", "network-plugin"),
    "networkPluginMode": ("network_plugin_mode", "network-plugin-mode"),
    "networkDataplane": ("network_dataplane", "network-dataplane"),
    "networkPolicy": ("network_policy", "network-policy"),
}


def _of_clusters(node: Node) -> Iterator[_Statement]:
    for field, (name, option) in _OF_CLUSTER.items():
        for record in reversed(node.declarations):
            value = getattr(record, name)
            if value is None:
                # A new cluster has Azure's dataplane unless another is ordered (az aks create --help).
                if field == "networkDataplane" and record.command == "create" and record.network_plugin is not None:
                    if record.network_plugin != "none":
                        lines = _cited(node, record, r"network-plugin(?![\w-])")
                        origin = f"`az aks create` without another {_place(node, lines)}".rstrip()
                        yield _Statement(field, "azure", origin, lines, implied=True)
                    break
                continue
            lines = _cited(node, record, rf"{option}(?![\w-])|\"{field}\"")
            command = "az aks show" if record.command == "show" else f"az aks {record.command}"
            yield _Statement(field, value, f"`{command}` {_place(node, lines)}".rstrip(), lines)
            break


def _of_configs(node: Node) -> Iterator[_Statement]:
    # Only the first file of /etc/cni/net.d counts, and of each the first plugin makes the interface.
    named = _are_of_one_folder(node)
    for number, config in enumerate(config for config in node.cni_configs if config.plugins):
        for field, value, pattern in _meaning(config.plugins[0]):
            lines = _cited(node, config, pattern)
            origin = f"the CNI configuration {_place(node, lines)}".rstrip()
            yield _Statement(field, value, origin, lines, outranked=named and number > 0)


def _are_of_one_folder(node: Node) -> bool:
    """True if the configurations were printed from files of /etc/cni/net.d, so that their names tell which counts."""
    calls = [parsed.capture for parsed in node.captures if parsed.of(CniConfig)]
    return all(
        (capture.invocation is not None and "net.d" in " ".join(capture.invocation.argv))
        or (capture.file is not None and "net.d" in capture.file)
        for capture in calls
    )


def _meaning(plugin: CniPlugin) -> Iterator[tuple[str, str, str]]:
    kind = rf"\"type\"\s*:\s*\"{re.escape(plugin.type or '')}\""
    if plugin.type == "azure-vnet":
        yield "networkPlugin", "azure", kind
    elif plugin.type == "bridge" and plugin.bridge == "cbr0":
        yield "networkPlugin", "kubenet", r"\"bridge\"\s*:\s*\"cbr0\""
        yield "mode", "bridge", r"\"bridge\"\s*:\s*\"cbr0\""
    elif plugin.type == "cilium-cni":
        if plugin.ipam_type == "azure-ipam":  # Azure CNI powered by Cilium; else Cilium was brought along
            yield "networkPlugin", "azure", r"\"type\"\s*:\s*\"azure-ipam\""
        yield "networkDataplane", "cilium", kind
        yield "networkPolicy", "cilium", kind
    elif plugin.type == "calico" and plugin.policy_type is not None:
        yield "networkPolicy", "calico", kind
    if plugin.mode is not None:
        yield "mode", plugin.mode, r"\"mode\"\s*:\s*\"(?!overlay)"
    if plugin.ipam_mode == "overlay":
        yield "networkPluginMode", "overlay", r"\"mode\"\s*:\s*\"overlay\""


def _of_azure_networks(node: Node) -> Iterator[_Statement]:
    for network in node.azure_networks:
        if network.mode is not None:
            lines = _cited(node, network, r"\"Mode\"\s*:")
            yield _Statement("mode", network.mode, f"azure-vnet.json {_place(node, lines)}".rstrip(), lines)


def _cited(node: Node, record: Record, pattern: str) -> tuple[Line, ...]:
    """Those lines of a record that hold what is looked for; its first line if none does. Of a line of JSON with more
    than that on it only this part: tokens can stand beside it."""
    lines = node.lines(record)
    regex = re.compile(pattern)
    found: list[Line] = []
    for line in lines:
        match = regex.search(line.text)
        if match is not None:
            value = _VALUE.match(line.text, match.end())
            end = value.end() if value is not None else match.end()
            is_part = line.text.count('":') > 1
            found.append(line._replace(text=line.text[match.start() : end]) if is_part else line)
    return tuple(found[:2]) or tuple(
        line._replace(text=line.text[:1]) if '":' in line.text else line for line in lines[:1]
    )


def _place(node: Node, lines: Sequence[Line]) -> str:
    if not lines:
        return ""
    files = {parsed.capture.file for parsed in node.captures}
    line = lines[0]
    return f"in {line.file}, line {line.line}" if len(files) > 1 and line.file is not None else f"in line {line.line}"


# --- both sides -------------------------------------------------------------------------------------------------------

_DATAPATH_OF: Mapping[str, str] = {
    "bridge": "bridge",
    "tunnel": "bridge",
    "transparent": "transparent",
    "transparent-vlan": "transparent",
}


def _shown(mode: Mode, field: str) -> str | None:
    """What the captures show; None if they cannot tell."""
    if field == "mode":
        return mode.datapath if mode.datapath not in {"none", "unknown"} else None
    value = str(getattr(mode, field).value)
    return None if value == "unknown" else value


def _words(mode: Mode, field: str) -> str:
    if field == "mode":
        return {"mixed": "pods on a bridge and pods with a route each"}.get(mode.datapath, f"{mode.datapath} mode")
    said = getattr(mode, field)
    return str(said.value) if said.certainty == "certain" else f"{said.value} ({said.certainty})"


def _fits(field: str, declared: str, shown: str, mode: Mode) -> bool:
    if field == "mode":
        return _DATAPATH_OF.get(declared, shown) == shown
    if declared == shown:
        return True
    if field == "networkPlugin":
        # Who brings a plugin of their own brings Calico, Cilium or another.
        return declared == "none" and mode.networkPlugin.certainty != "certain"
    return False


def _agree(field: str, one: str, other: str) -> bool:
    if field == "mode":
        return _DATAPATH_OF.get(one, one) == _DATAPATH_OF.get(other, other)
    return one == other
