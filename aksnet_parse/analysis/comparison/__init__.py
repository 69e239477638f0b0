"""Compares two captures, before and after a change or of two nodes: what is not as it was, what stayed, and what could
not be compared because a side does not show it."""

from __future__ import annotations

from ...node import Node
from ...reading import Reading, need_reading
from ..models import Skipped
from ..situation import look_at
from .findings import compare_findings
from .host import compare_bridges, compare_interfaces, compare_routes, compare_uplink
from .models import Code, Comparison, Missing, NodeComparison
from .outcome import Outcome
from .pairing import pair_nodes, pair_pods
from .pods import compare_pods, compare_prefixes, compare_veth_names
from .side import Side

__all__ = ["Comparison", "compare"]


def compare(before: Reading, after: Reading) -> Comparison:
    """What is different between two captures. Pure: reads nothing, writes nothing, never raises for Readings.

    The other way round the same changes come out, with added for gone and the values and lines swapped."""
    need_reading(before, after)
    nodes = tuple(_compare(old, new) for old, new in pair_nodes(before.nodes, after.nodes))
    return Comparison(
        changed=any(not node.no_change for node in nodes),
        nodes=nodes,
        skipped_before=tuple(Skipped(file=file, reason=reason) for file, reason in before.skipped),
        skipped_after=tuple(Skipped(file=file, reason=reason) for file, reason in after.skipped),
    )


def _compare(before: Node | None, after: Node | None) -> NodeComparison:
    if before is not None and after is not None:
        return _compare_pair(before, after)
    node = before if before is not None else after
    assert node is not None  # of a pair of nodes at least one is there
    return _only(node, gone=before is not None)


def _only(node: Node, *, gone: bool) -> NodeComparison:
    outcome = Outcome(Side(look_at(node)), Side(look_at(node)))
    commands = (parsed.command for parsed in node.captures)
    name = f"node {node.name}" if node.name is not None else "node without a name"
    subjects = [node.name] if node.name is not None else []
    outcome.only(gone, "node", name, subjects, node.beginnings(*commands), value=node.name)
    return NodeComparison(
        status="gone" if gone else "added",
        before=node.name if gone else None,
        after=None if gone else node.name,
        changes=tuple(outcome.changes),
        stayed=(),
        not_compared=(),
    )


def _compare_pair(before: Node, after: Node) -> NodeComparison:
    outcome = Outcome(Side(look_at(before)), Side(look_at(after)))
    pods = pair_pods(outcome.before, outcome.after)
    compare_findings(outcome, pods)
    _compare_modes(outcome)
    compare_veth_names(outcome)
    compare_bridges(outcome, pods)
    compare_routes(outcome, pods)
    compare_prefixes(outcome)
    compare_pods(outcome, pods)
    compare_uplink(outcome)
    compare_interfaces(outcome)
    return NodeComparison(
        status="compared",
        before=before.name,
        after=after.name,
        changes=tuple(outcome.changes),
        stayed=tuple(outcome.stayed),
        not_compared=tuple(outcome.not_compared),
    )


_PLUGIN: tuple[tuple[Code, str], ...] = (
    ("network-plugin", "networkPlugin"),
    ("network-plugin-mode", "networkPluginMode"),
    ("network-dataplane", "networkDataplane"),
    ("network-policy", "networkPolicy"),
)


def _compare_modes(outcome: Outcome) -> None:
    """What is known of one side only did not change: it is now known, or no longer shown."""
    old, new = outcome.before.situation.mode, outcome.after.situation.mode
    datapaths = old.datapath, new.datapath
    possible = outcome.before.possible_datapaths & outcome.after.possible_datapaths
    if old.datapath != new.datapath and possible:
        message = f"mode: {old.datapath} before, {new.datapath} after, as far as the captures show"
        outcome.could_not("mode", "both", message)
    else:
        _compare_mode(outcome, "datapath", "mode", datapaths, datapaths)
    for code, name in _PLUGIN:
        said = getattr(old, name), getattr(new, name)
        told = tuple(f"{one.value} (likely)" if one.certainty == "likely" else one.value for one in said)
        _compare_mode(outcome, code, name, (said[0].value, said[1].value), (told[0], told[1]))


def _compare_mode(outcome: Outcome, code: Code, name: str, values: tuple[str, str], told: tuple[str, str]) -> None:
    """``told``: the values with how certain they are."""
    before, after = values
    if before == after == "unknown":
        outcome.could_not(name, "both", f"{name}: unknown on both sides")
    elif "unknown" in values:
        missing: Missing = "before" if before == "unknown" else "after"
        outcome.could_not(name, missing, f"{name}: {told[0]} before, {told[1]} after")
    elif before == after:
        outcome.same(f"{name} {before}")
    else:
        lines = (
            outcome.before.situation.mode_lines.get(name, ()),
            outcome.after.situation.mode_lines.get(name, ()),
        )
        outcome.changed(code, f"{name} changed from {told[0]} to {told[1]}", values, [name], lines)
