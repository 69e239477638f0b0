"""What several checks ask of an interface, a pod or a listing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_network

from ...commands.interfaces import Interface
from ...commands.routes import Route
from ...node import shows_link
from ...records import Line
from ..disagreements import cite_end, name_of
from ..situation import Situation
from ..wiring import Tie

__all__ = [
    "CONSTANT_MACS",
    "VIRTUAL_GATEWAY",
    "brief",
    "cite_pod",
    "default_routes",
    "fault",
    "who",
]

# Calico and Azure CNI give these to every veth.
CONSTANT_MACS = frozenset({"ee:ee:ee:ee:ee:ee", "aa:aa:aa:aa:aa:aa"})
# The gateway that Calico and Azure CNI (transparent) give to pods: the host answers for it on each veth.
VIRTUAL_GATEWAY = ip_network("169.254.1.1/32")[0]
_FEW = 3


def fault(interface: Interface) -> str | None:
    """Why nothing passes this interface, in words that follow its name; None if nothing says so.

    Flags and states are those of ``ip-link(8)``: without ``UP`` it was set down; with ``NO-CARRIER`` the other end of
    a veth pair was, or the cable is out. Busybox prints ``M-DOWN`` for all, so that proves nothing.
    """
    if shows_link(interface) and not interface.is_up:
        return "is set down"
    if interface.operstate == "LOWERLAYERDOWN":
        return "has no carrier, because its other end is down"
    if "NO-CARRIER" in interface.flags:
        return "has no carrier"
    if not shows_link(interface) and interface.operstate in {"DOWN", "NOTPRESENT"}:
        return "is down"
    return None


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
