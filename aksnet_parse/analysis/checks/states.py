"""What several checks ask of an interface, a pod or a listing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ...commands.routes import Route
from ...records import Line
from ..disagreements import cite_end, name_of
from ..situation import Situation
from ..wiring import Tie

__all__ = [
    "CONSTANT_MACS",
    "brief",
    "cite_pod",
    "default_routes",
    "who",
]

# Calico and Azure CNI give these to every veth.
CONSTANT_MACS = frozenset({"ee:ee:ee:ee:ee:ee", "aa:aa:aa:aa:aa:aa"})
_FEW = 3


def default_routes(routes: Iterable[Route], version: int = 4) -> list[Route]:
    """The default routes of one version of IP by which packets leave."""
    return [
        route
        for route in routes
        if route.is_default and route.forwards and route.dst is not None and route.dst.version == version
    ]


def who(tie: Tie) -> str:
    """The pod, in words: by its name, its address, or the veth that it is behind."""
    return name_of(tie.end) if tie.end.is_known else f"the pod behind {tie.veth}"


def cite_pod(tie: Tie, situation: Situation, *words: str) -> Iterator[Line]:
    """The lines of a pod's own end, and of its veth."""
    if tie.end.is_known:
        yield from cite_end(tie.end, situation.host, *words)
    row = situation.host.by_name.get(tie.veth or "")
    if row is not None:
        yield from situation.node.cite(row)


def brief(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    shown = ", ".join(names[:_FEW])
    return f"{shown} and {len(names) - _FEW} more" if len(names) > _FEW else shown
