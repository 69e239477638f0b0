"""What only Calico sets up on a host besides its veths: routes, tunnels and blocks of addresses of its own."""

from __future__ import annotations

from ..commands.interfaces import Interface
from ..commands.routes import Route
from ..records import Line
from .host import Host

__all__ = ["address_management", "own_network"]

_VXLAN = frozenset({"vxlan.calico", "vxlan-v6.calico"})
_WIREGUARD = frozenset({"wireguard.cali", "wg-v6.cali"})
_TUNNELS = _VXLAN | {"tunl0"}
# Calico gives each node blocks of 64 addresses and routes what is not in use of them into a blackhole (Calico's
# documentation, "IP address management"). With kubenet its plugin takes addresses from host-local.
_BLOCK_LENGTHS = {4: 26, 6: 122}


def address_management(host: Host) -> list[Line]:
    """The lines which show that Calico hands out the pods' addresses itself."""
    blocks = [route for route in host.node.routes or () if _is_block(route)]
    tunnels = [row for row in _devices(host) if row.ifname in _TUNNELS]
    return host.cite_all((*tunnels, *_routes(host), *blocks))


def own_network(host: Host) -> list[Line]:
    """The lines of what nobody but Calico makes: its tunnels, the routes into them, and those of its BIRD. A block of
    addresses alone can be anybody's."""
    return host.cite_all((*_devices(host), *_routes(host)))


def _devices(host: Host) -> list[Interface]:
    return [row for name, row in host.by_name.items() if name in _VXLAN | _WIREGUARD or _is_tunnel_in_use(row)]


def _is_tunnel_in_use(row: Interface) -> bool:
    # The kernel puts tunl0 into every namespace; Calico gives the host's an address.
    return row.ifname == "tunl0" and any(address.is_global for address in row.addr_info)


def _routes(host: Host) -> list[Route]:
    return [route for route in host.node.routes or () if route.protocol == "bird" or route.device in _TUNNELS]


def _is_block(route: Route) -> bool:
    is_blackhole = route.type == "blackhole" or route.leads_nowhere
    return is_blackhole and route.dst is not None and route.dst.prefixlen == _BLOCK_LENGTHS[route.dst.version]
