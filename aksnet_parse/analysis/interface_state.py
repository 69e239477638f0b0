"""Whether anything passes an interface, as its flags and its state say (``ip-link(8)``)."""

from __future__ import annotations

from ..commands.interfaces import Interface

__all__ = ["fault", "has_no_carrier", "is_down"]


def is_down(interface: Interface | None) -> bool:
    """True if the interface is known to be set down."""
    if interface is None:
        return False
    if "flags" in interface.model_fields_set:
        return not interface.is_up
    return interface.operstate == "DOWN"  # `ip -br addr` prints no more


def has_no_carrier(interface: Interface | None) -> bool:
    """True if the interface is up, and its other end (of a bridge: every port) is known not to be.

    Busybox prints ``M-DOWN`` for every interface, so that proves nothing."""
    if interface is None or is_down(interface):
        return False
    return "NO-CARRIER" in interface.flags or interface.operstate == "LOWERLAYERDOWN"


def fault(interface: Interface) -> str | None:
    """Why nothing passes the interface, in words that follow its name; None if nothing says so."""
    if is_down(interface):
        return "is set down"
    if has_no_carrier(interface):
        of_a_pair = interface.operstate == "LOWERLAYERDOWN"
        return "has no carrier, because its other end is down" if of_a_pair else "has no carrier"
    return None
