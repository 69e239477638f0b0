"""Finds the node of captures made in pods: the node that the cluster lists the pod for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from .commandline import HOST, UNNAMED
from .commands.interfaces import Interface
from .commands.kubectl_get_pods import KubernetesPod
from .commands.routes import Route
from .listings import Listings
from .node import ParsedCapture, looks_like_pod, shows_link
from .prefixes import Address

__all__ = ["on_listed_node"]


def on_listed_node(parsed: ParsedCapture, listed: Listings) -> ParsedCapture:
    """``parsed`` with the node that its pod is listed for. A pod with the host's network shows the host."""
    capture = parsed.capture
    pods = _pods(parsed, listed)
    if not pods or len({pod.node for pod in pods}) > 1:
        return parsed
    place, node = capture.namespace, capture.node
    if listed.pods_called(capture.node):
        # The prompt of a shell in a pod has the pod's name.
        place, node = pods[0].place, None
    if all(listed.is_on_host_network(pod) or _shows_node(parsed, pod.ips) for pod in pods):
        place = HOST
    return replace(parsed, capture=replace(capture, namespace=place, node=node if node is not None else pods[0].node))


def _pods(parsed: ParsedCapture, listed: Listings) -> Sequence[KubernetesPod]:
    """The pods that the capture can have been made in: that which its call or its prompt names, else those that have
    one of its addresses."""
    capture = parsed.capture
    place = capture.namespace
    called = listed.pods_at(place or "") or (listed.pods_called(capture.node) if place in {None, HOST} else ())
    shown = {address.local for row in parsed.of(Interface) for address in row.addr_info if address.is_global}
    here = shown | {route.prefsrc for route in parsed.of(Route) if route.prefsrc is not None}
    if called:
        at = [pod for pod in called if not here.isdisjoint(pod.ips)]
        # A pod made anew under its name has another address, and may be on another node.
        found = at if len(called) > 1 or (shown and called[0].ips) else called
        return found if len(found) == 1 else ()
    is_unnamed = place == UNNAMED or (place in {None, HOST} and looks_like_pod(parsed.of(Interface)))
    return listed.pods_with(here) if is_unnamed and capture.node is None else ()


def _shows_node(parsed: ParsedCapture, addresses: Collection[Address]) -> bool:
    """True if ``addresses`` are on an interface that has no peer, or in a routing table that no pod has: with a route
    from DHCP, or one to a single address by another interface."""
    cards = (row for row in parsed.of(Interface) if shows_link(row) and row.link_index is None and row.link is None)
    if any(address.local in addresses for row in cards for address in row.addr_info):
        return True
    routes = parsed.of(Route)
    mine = {route.device for route in routes if route.prefsrc in addresses}
    return bool(mine) and any(
        route.protocol == "dhcp" or (route.is_host and route.is_on_link and route.device not in mine)
        for route in routes
    )
