"""Words that the sentences of a trace are made of."""

from __future__ import annotations

from ...commands.interfaces import Interface
from ...commands.routes import Route
from ...prefixes import Address
from ..interface_state import has_no_carrier, is_down
from ..lookup import NextHop
from .places import TracedPod

__all__ = [
    "address_words",
    "broken",
    "capital",
    "gateway_of",
    "its_end",
    "leads",
    "name_of_interface",
    "namely",
    "rejects",
]


def capital(text: str) -> str:
    """The beginning of a sentence; names of pods and nodes stay as they are."""
    word = text.partition(" ")[0]
    return text[:1].upper() + text[1:] if word in {"pod", "the", "container", "node"} else text


def broken(name: str, row: Interface | None, *, is_linkdown: bool = False) -> str | None:
    """Why an interface takes no packet; None if nothing says so. ``is_linkdown``: its route has that flag."""
    if is_down(row):
        return f"{name} is down."
    if has_no_carrier(row) or (row is None and is_linkdown):
        return f"{name} has no carrier: its other end is down."
    return None


def leads(way: NextHop, destination: Address) -> str:
    """Where a route leads, behind the words "the route"."""
    to = f"to {destination} itself" if way.is_on_link else f"to the gateway {gateway_of(way)}"
    by = f" by {way.device}" if way.device is not None else ""
    return f"leads {to}{by}{', the first of several hops' if way.several else ''}"


def gateway_of(way: NextHop) -> str | None:
    """The gateway as a word; None if the destination is on the link."""
    return str(way.gateway) if way.gateway is not None else way.gateway_name


def rejects(route: Route) -> str:
    """What a route does that leads nowhere; `route -n` does not always say it."""
    return f"turns packets away ({route.type})" if route.type is not None else "turns packets away or throws them away"


def namely(gateway: Address | None) -> str:
    """The gateway behind a description of it."""
    return f", {gateway}" if gateway is not None else ""


def address_words(interface: Interface, address: Address) -> tuple[str, ...]:
    """How a listing of the interface shows the address."""
    return tuple(
        word for row in interface.addr_info if row.local == address for word in (str(row.interface), str(row.local))
    )


def its_end(pod: TracedPod) -> str:
    """Where the pod's other end is, behind the pod."""
    return f"whose other end is {pod.veth}" if pod.veth is not None else "whose other end is another"


def name_of_interface(interface: Interface | None) -> str | None:
    """Its name, if it was captured."""
    return interface.ifname if interface is not None else None
