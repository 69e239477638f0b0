"""`route -n`: the IPv4 routing table in numbers (net-tools, busybox)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache, partial
from ipaddress import IPv4Network

from ..grammar import Scan, load_template
from ..records import IPAddress, Record, Source, ip_address
from .base import Command

__all__ = ["ROUTE_N", "Route"]


_PREFIX_LENGTHS = {str(IPv4Network((0, length)).netmask): length for length in range(33)}


@lru_cache(maxsize=4096)
def _network(destination: str, genmask: str) -> IPv4Network | None:
    """None if there is no such network; the model then refuses it."""
    try:
        return IPv4Network((int(ip_address(destination)), _PREFIX_LENGTHS[genmask]))
    except (KeyError, ValueError):
        return None


class Route(Record):
    """One row of the routing table.

    As ``ip -j route`` names them: ``dst`` (network; ``0.0.0.0/0`` is the default route), ``gateway`` (None if the
    destination is on the link), ``dev`` (None for a reject row), ``metric`` (None in a table that does not show it). As
    ``route -n`` prints them (route(8)): ``destination``, ``genmask``, ``flags`` (letters: U up, H host, G gateway,
    ! reject), ``ref``, ``use``, ``iface``; ``ref`` and ``use`` are None where "-" is printed.
    """

    dst: IPv4Network
    gateway: IPAddress | None = None
    dev: str | None = None
    metric: int | None = None
    destination: str
    genmask: str
    flags: str
    ref: int | None = None
    use: int | None = None
    iface: str
    source_command: str = "route -n"

    @property
    def is_default(self) -> bool:
        """True for the default route."""
        return self.dst.prefixlen == 0

    @property
    def is_host(self) -> bool:
        """True for a route to one address."""
        return self.dst.prefixlen == self.dst.max_prefixlen


_ADDRESS = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_FLAGS = frozenset("nveNF4")


def _claims(argv: tuple[str, ...]) -> bool:
    if argv[0] != "route" or len(argv) < 2:
        return False
    numeric = False
    rest = iter(argv[1:])
    for word in rest:
        if word == "-A":
            if next(rest, "") != "inet":
                return False
        elif word in {"--numeric", "--verbose", "--extend", "--fib", "--inet"}:
            numeric = numeric or word == "--numeric"
        elif re.fullmatch(r"-[a-zA-Z4]+", word) and set(word[1:]) <= _FLAGS:
            numeric = numeric or "n" in word
        else:
            return False
    return numeric


_TITLE = re.compile(r"[ ]*Kernel IP routing table[ ]*$")
_HEADING = re.compile(r"[ ]*Destination +Gateway +Genmask +Flags\b")


class _RouteN(Command[Route]):
    def refine(self, scan: Scan) -> list[Source]:
        rows = scan.records[self.group]
        headings = [heading for heading in scan.records["headings"] if "columns" in heading]
        if any(heading["columns"].startswith("MSS") for heading in headings):
            metric_shown = True
            for row in sorted(headings + rows, key=lambda row: row["source"].first_line):
                if "columns" in row:
                    metric_shown = row["columns"].startswith("Metric")
                elif not metric_shown:
                    del row["metric"], row["ref"], row["use"]
        for row in rows:
            row["dst"] = _network(row["destination"], row["genmask"])
            if row["gateway"] in {"0.0.0.0", "-", "*"}:
                del row["gateway"]
            if row["iface"] not in {"-", "*"}:
                row["dev"] = row["iface"]
            for name in ("metric", "ref", "use"):
                if row.get(name) == "-":
                    del row[name]
            if row.get("metric", "").startswith("-"):
                # net-tools and busybox print the kernel's u32 as a signed number.
                row["metric"] = int(row["metric"]) + 2**32
        return []

    def restarts(self, line: str, lines: Sequence[str]) -> bool:
        if _TITLE.match(line):
            return any(earlier.strip() for earlier in lines)
        return _HEADING.match(line) is not None and any(
            earlier.strip() and _TITLE.match(earlier) is None for earlier in lines
        )


ROUTE_N = _RouteN(
    name="route -n",
    grammar=partial(load_template, "route_n"),
    group="routes",
    model=Route,
    claims=_claims,
    herald=re.compile(
        rf"{_TITLE.pattern}|{_HEADING.pattern}"
        rf"|[ ]*{_ADDRESS} +(?:{_ADDRESS}|-|\*) +{_ADDRESS} +[A-Z!]+ +-?[0-9]+ "
    ),
)
