"""Which route a packet takes out of a captured table: the longest prefix that holds its destination, and of several
routes to one network that with the lowest metric, as the kernel chooses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..commands.routes import Nexthop, Route
from ..prefixes import Address, PrefixMap

__all__ = ["NextHop", "RoutingTable", "next_hop"]

_MAIN = frozenset({None, "main", "254"})


class RoutingTable:
    """The main table among ``routes``. ``source``: the sender's address, for routes that are for some senders only."""

    def __init__(self, routes: Iterable[Route], source: Address | None = None) -> None:
        self._routes: PrefixMap[Route] = PrefixMap()
        usable = [route for route in routes if _is_usable(route) and _is_for(route, source)]
        # The first that is added stays, and of two with one metric the kernel lists first what it uses.
        for route in sorted(usable, key=lambda route: route.metric or 0):
            if route.dst is not None:
                self._routes.add(route.dst, route)

    def find(self, destination: Address) -> Route | None:
        """The route that a packet to ``destination`` takes, which may be one that turns it away; None if there is
        none."""
        return self._routes.find(destination)


def _is_usable(route: Route) -> bool:
    usable = route.table in _MAIN if route.is_reject else route.forwards
    # What is marked so has lost its interface; what is for one type of service is not for all.
    return usable and "dead" not in route.flags and route.tos in {None, "0", "0x00"}


def _is_for(route: Route, source: Address | None) -> bool:
    if route.from_ is None or route.from_.prefixlen == 0:
        return True
    return source is not None and source.version == route.from_.version and source in route.from_


@dataclass(frozen=True, slots=True)
class NextHop:
    """Where a route leads. ``gateway``: None if the destination is on the link. ``device``: None if nothing names it.
    ``several``: the route has further hops, of which the kernel may choose another for another connection.
    ``is_linkdown``: the route itself says that its interface has no carrier."""

    device: str | None
    gateway: Address | None
    gateway_name: str | None = None
    several: bool = False
    is_linkdown: bool = False

    @property
    def is_on_link(self) -> bool:
        return self.gateway is None and self.gateway_name is None


def next_hop(route: Route) -> NextHop | None:
    """The first hop of a route that is alive; None if the route throws packets away."""
    alive = [hop for hop in route.nexthops if "dead" not in hop.flags]
    if route.is_reject or (route.nexthops and not alive):
        return None
    hop: Route | Nexthop = alive[0] if alive else route
    device = hop.dev if hop.dev is not None else route.dev
    gateway = hop.via.host if hop.via is not None else hop.gateway
    if route.leads_nowhere:
        return None
    return NextHop(device, gateway, route.gateway_name, len(alive) > 1, "linkdown" in hop.flags)
