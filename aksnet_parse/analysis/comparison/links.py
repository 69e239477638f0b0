"""What can be said of one interface as two captures show it: whether it is up, and its MTU."""

from __future__ import annotations

from ...commands.interfaces import Interface

__all__ = ["mtu_change", "state_change"]


def mtu_change(before: Interface, after: Interface) -> tuple[str, str] | None:
    """Both values if both are known and differ."""
    if before.mtu is None or after.mtu is None or before.mtu == after.mtu:
        return None
    return str(before.mtu), str(after.mtu)


def state_change(before: Interface, after: Interface) -> tuple[str, str] | None:
    """Both states if both are known and differ: ``up``, ``down``, or ``no carrier``."""
    up = _is_up(before), _is_up(after)
    carrier = _has_carrier(before), _has_carrier(after)
    if None in up or (up == (True, True) and None in carrier):
        return None
    old, new = (_said(*state) for state in zip(up, carrier, strict=True))
    return (old, new) if old != new else None


def _said(up: bool | None, carrier: bool | None) -> str:
    if not up:
        return "down"
    return "up" if carrier is not False else "no carrier"


def _is_up(row: Interface) -> bool | None:
    """Set up by whoever administers it; `ip -br addr` says DOWN for a lost carrier as well."""
    if "flags" in row.model_fields_set:
        return row.is_up
    return True if row.operstate == "UP" else None


def _has_carrier(row: Interface) -> bool | None:
    if "LOWER_UP" in row.flags or row.operstate == "UP":
        return True
    if "NO-CARRIER" in row.flags or row.operstate in {"DOWN", "LOWERLAYERDOWN"}:
        return False
    return None
