"""The wiring as a Mermaid flowchart, which Markdown on many platforms draws."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..analysis.models import Analysis, NodeAnalysis
from .graph import Graph, LinkState, Part, PartKind, fold, graphs_of
from .plain import printable

__all__ = ["mermaid"]

# What Mermaid draws unless the page that it is on allows more.
_MOST_LINKS = 500
_MOST_CHARACTERS = 50_000
# How many pods of a node are tried to draw one by one, until the whole is no more than that.
_LIMITS = (250, 100, 50, 25, 10, 5, 2, 0)

_SHAPES: dict[PartKind, tuple[str, str]] = {
    "pod": ("([", "])"),
    "bridge": ("[[", "]]"),
    "route": ("[/", "/]"),
    "gateway": ("{{", "}}"),
}
_BOX = ("[", "]")
# Words in a text between quote marks; all else is written by its number. A point or a hyphen before a blank would make
# a list of it, which Mermaid refuses to draw.
_PLAIN = re.compile(r"[A-Za-z0-9/:, ]|[.-](?=[A-Za-z0-9])")
_STYLES = (
    "classDef error fill:#ffebe9,stroke:#cf222e,color:#1f2328",
    "classDef warning fill:#fff8e5,stroke:#9a6700,color:#1f2328",
    "classDef unknown stroke-dasharray:4 3",
)
_BROKEN = {"conflict", "missing"}


def mermaid(result: Analysis | NodeAnalysis, *, pods: int | None = None) -> str:
    """The wiring of each node as Mermaid text. Pure; raises nothing.

    ``pods``: how many pods of a node are drawn one by one, the broken ones first; those that are left and are alike are
    drawn as one. None: as many as Mermaid draws with its usual limits.
    """
    graphs = graphs_of(result)
    if pods is not None:
        return _text(graphs, pods)
    for limit in _LIMITS:
        text = _text(graphs, limit)
        if len(text) <= _MOST_CHARACTERS and sum(len(fold(graph, limit).links) for graph in graphs) <= _MOST_LINKS:
            break
    return text


def _text(graphs: list[Graph], pods: int) -> str:
    lines = ["flowchart LR"]
    classes: dict[str, list[str]] = {"error": [], "warning": [], "unknown": []}
    broken: list[str] = []
    number = 0
    for place, whole in enumerate(graphs):
        graph = fold(whole, pods)
        lines += [f'  subgraph node{place}["{_escaped(graph.title)}"]', "    direction LR"]
        for part in graph.parts:
            lines.append(f"    {_box(place, part, whole)}")
            for name in _classes(part):
                classes[name].append(f"n{place}_{part.id}")
        for link in graph.links:
            arrow = _arrow(link.state, link.span)
            lines.append(f"    n{place}_{link.start} {arrow} n{place}_{link.end}")
            if link.state in _BROKEN:
                broken.append(str(number))
            number += 1
        lines.append("  end")
    lines += [f"  {style}" for style in _STYLES]
    lines += [f"  class {','.join(names)} {name}" for name, names in classes.items() if names]
    if broken:
        lines.append(f"  linkStyle {','.join(broken)} stroke:#cf222e,color:#cf222e")
    return "\n".join(lines) + "\n"


def _box(place: int, part: Part, graph: Graph) -> str:
    opening, closing = _SHAPES.get(part.kind, _BOX)
    label = "<br/>".join(_escaped(line) for line in graph.lines_of(part))
    return f'n{place}_{part.id}{opening}"{label}"{closing}'


def _classes(part: Part) -> Iterator[str]:
    if part.severity == "error" or part.severity == "warning":
        yield part.severity
    if not part.is_known:
        yield "unknown"


def _arrow(state: LinkState, length: int) -> str:
    """An arrow across so many columns. What is not proven is dotted."""
    if state == "proven":
        return f"{'-' * (length + 1)}>"
    dots = "." * length
    return f"-{dots}->" if state == "partial" else f"-. {state} {dots}->"


def _escaped(text: str) -> str:
    # Between two pairs of dollar signs Mermaid sets mathematics, however they are written.
    plain = re.sub(r"\$(?=\$)", "$\u2060", printable(text))
    return "".join(
        character if _PLAIN.match(plain, place) else f"#{ord(character)};" for place, character in enumerate(plain)
    )
