"""`ip link`: the lines of `ip addr` without the addresses, and how each device was set up."""

from __future__ import annotations

import re
from functools import partial

from ..grammar import load_template
from .interfaces import Interface
from .ip_addr import BRIEF, INTERFACE, JSON_INTERFACE, LISTING, IpInterfaces, from_json, ip_arguments

__all__ = ["IP_LINK"]

_LINK_OBJECT = re.compile(r"l(?:i(?:nk?)?)?")


def _claims(argv: tuple[str, ...]) -> bool:
    if argv[0] != "ip":
        return False
    words = ip_arguments(argv)
    if not words or _LINK_OBJECT.fullmatch(words[0]) is None:
        return False
    return len(words) == 1 or (LISTING.fullmatch(words[1]) is not None and len(words) <= 8)


IP_LINK = IpInterfaces(
    name="ip link",
    # The same program prints the same lines with the same code.
    grammar=partial(load_template, "ip_addr"),
    group="interfaces",
    model=Interface,
    claims=_claims,
    herald=re.compile(
        rf"{INTERFACE}(?=.* mode [A-Z])"
        rf"|{BRIEF}(?:[0-9a-f.:]+ +)?<[A-Z0-9_,-]+>"
        rf'|{JSON_INTERFACE}(?=[^}}]*"(?:linkmode":|operstate": ?"[A-Z]+", ?"(?:address|flags)":))'
    ),
    from_json=from_json,
)
