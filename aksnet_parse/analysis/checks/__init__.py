"""What can be wrong with a node: one small pure function for each kind of finding, from a Situation to its findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..models import Finding
from ..situation import Situation
from . import addresses, bridges, captures, links, members, pods, routes

__all__ = ["CHECKS", "check"]

CHECKS: tuple[Callable[[Situation], Iterator[Finding]], ...] = (
    routes.default_route_missing,
    routes.gateway_off_subnet,
    routes.route_interface_missing,
    routes.route_interface_down,
    routes.azure_address_astray,
    links.interface_down,
    pods.pod_route_missing,
    pods.pod_not_on_bridge,
    pods.veth_leaked,
    pods.many_routes,
    pods.pod_default_route_missing,
    pods.pod_gateway_unanswered,
    bridges.half_migrated,
    bridges.bridge_left_over,
    bridges.uplink_not_in_bridge,
    bridges.address_on_bridge_port,
    addresses.networks_overlap,
    addresses.address_dadfailed,
    addresses.address_tentative,
    links.mtu_differs,
    links.vf_not_enslaved,
    links.vf_mac_differs,
    links.mac_shared,
    members.bridge_members_disagree,
    captures.node_states_differ,
    captures.captures_contradict,
    captures.capture_cut_off,
)


def check(situation: Situation) -> list[Finding]:
    """Everything that the checks find, in the order of ``CHECKS``."""
    return [finding for one in CHECKS for finding in one(situation)]
