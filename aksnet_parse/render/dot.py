"""The wiring in the language of Graphviz, for ``dot -Tsvg`` and the programs that read it."""

from __future__ import annotations

from ..analysis.models import Analysis, NodeAnalysis
from .graph import Graph, LinkState, Part, PartKind, fold, graphs_of
from .plain import printable

__all__ = ["dot"]

_SHAPES: dict[PartKind, str] = {"pod": "box", "bridge": "component", "route": "note", "gateway": "hexagon"}
# What stands in a column of its own also where nothing leads there.
_COLUMNS: tuple[PartKind, ...] = ("pod", "interface", "veth", "route")
_COLOURS = {"error": ("#cf222e", "#ffebe9"), "warning": ("#9a6700", "#fff8e5")}
_LINES: dict[LinkState, str] = {
    "proven": "",
    "partial": "style=dashed",
    "conflict": 'style=dashed color="#cf222e" fontcolor="#cf222e" label="conflict"',
    "missing": 'style=dotted color="#cf222e" fontcolor="#cf222e" label="missing"',
}


def dot(result: Analysis | NodeAnalysis, *, pods: int | None = None) -> str:
    """The wiring of each node as a Graphviz digraph. Pure; raises nothing.

    ``pods``: how many pods of a node are drawn one by one, the broken ones first; those that are left and are alike are
    drawn as one. None: all are drawn.
    """
    lines = [
        "digraph wiring {",
        "  rankdir=LR",
        '  graph [fontname="Helvetica" fontsize=12 nodesep=0.12 ranksep=0.4 splines=polyline]',
        '  node [fontname="Helvetica" fontsize=10 shape=box style=filled fillcolor="#f6f8fa" height=0.3]',
        '  edge [fontname="Helvetica" fontsize=9 arrowsize=0.6]',
    ]
    for place, whole in enumerate(graphs_of(result)):
        graph = fold(whole, pods) if pods is not None else whole
        lines += [f"  subgraph cluster_{place} {{", f"    label={_quoted(graph.title)}"]
        lines += [f"    n{place}_{part.id} [{_looks(part, whole)}]" for part in graph.parts]
        for kind in _COLUMNS:
            column = [f"n{place}_{part.id}" for part in graph.parts if part.kind == kind]
            lines += [f"    {{ rank=same; {'; '.join(column)} }}"] if len(column) > 1 else []
        for link in graph.links:
            words = f"minlen={link.span} {_LINES[link.state]}".strip()
            lines.append(f"    n{place}_{link.start} -> n{place}_{link.end} [{words}]")
        lines.append("  }")
    return "\n".join([*lines, "}", ""])


def _looks(part: Part, graph: Graph) -> str:
    words = [f"label={_quoted(*graph.lines_of(part))}"]
    if part.kind in _SHAPES:
        words.append(f"shape={_SHAPES[part.kind]}")
    styles = ["filled"] + (["rounded"] if part.kind == "pod" else []) + ([] if part.is_known else ["dashed"])
    if len(styles) > 1:
        words.append(f'style="{",".join(styles)}"')
    if part.severity in _COLOURS:
        line, paper = _COLOURS[part.severity]
        words.append(f'color="{line}" fillcolor="{paper}"')
    return " ".join(words)


def _quoted(*lines: str) -> str:
    """A label. Graphviz knows escapes by a backslash and entities of HTML in it."""
    escaped = (printable(line).replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;") for line in lines)
    return '"' + "\\n".join(escaped) + '"'
