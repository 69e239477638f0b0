"""`route -n`, `route` and `netstat -rn`: the routing tables as net-tools and busybox print them."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache, partial
from ipaddress import IPv4Network
from operator import attrgetter
from typing import Any

from ..addresses import ipv4_network, ipv4_networks
from ..commandline import Invocation
from ..grammar import Scan, load_template
from ..prefixes import Network
from ..records import ParseResult, Source, ip_address
from ..repeats import Columns, Own, name_of
from .base import Command
from .routes import NetToolsRoute, is_in_another_table, network

__all__ = ["ROUTE_N", "NetToolsRoute"]


_PREFIX_LENGTHS = {str(IPv4Network((0, length)).netmask): length for length in range(33)}
# Names that every system has for the same networks (networks(5)).
_NAMED = {("link-local", "255.255.0.0"): "169.254.0.0", ("loopback", "255.0.0.0"): "127.0.0.0"}
_ANY = frozenset({"0.0.0.0", "-", "*", "::", "[::]"})


@lru_cache(maxsize=4096)
def _network(destination: str, genmask: str) -> Network | None:
    """The network of an IPv4 row, None if its name does not tell. Raises ValueError if there is no such network."""
    length = _PREFIX_LENGTHS.get(genmask)
    if length is None:
        raise ValueError(f"no netmask: {genmask!r}")
    if destination == "default":
        destination = "0.0.0.0"
    destination = _NAMED.get((destination, genmask), destination)
    if not _IS_IPV4.fullmatch(destination):
        return None
    return ipv4_network(int(ip_address(destination)), length)


# Names that Debian's and Red Hat's /etc/hosts have for addresses of IPv6.
_NAMED6 = {
    "localhost": "::1",
    "ip6-localhost": "::1",
    "ip6-loopback": "::1",
    "ip6-localnet": "fe00::",
    "ip6-mcastprefix": "ff00::",
    "ip6-allnodes": "ff02::1",
    "ip6-allrouters": "ff02::2",
    "ip6-allhosts": "ff02::3",
}


@lru_cache(maxsize=4096)
def _network6(destination: str) -> Network | None:
    """The network of an IPv6 row, None if its name does not tell. Raises ValueError if there is no such network."""
    address, _, length = destination.partition("/")
    if address == "default":
        return network("::/0")
    address = _NAMED6.get(address, address)
    if address not in _ANY and ":" not in address and _IS_IPV4.fullmatch(address) is None:
        network(f"::/{length}")  # the length must be one
        return None
    if "." in address and ":" not in address:
        address = f"::ffff:{address}"  # net-tools prints such an address as one of IPv4
    return network(f"{'::' if address in _ANY else address}/{length or 128}")


_ADDRESS = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_IS_IPV4 = re.compile(r"[0-9.]+")
_IS_ADDRESS = re.compile(r"[0-9.]+|[0-9a-fA-F]*:[0-9a-fA-F:.]*")
_LETTERS = frozenset("nveNFW46")
_LONG = frozenset({"--numeric", "--verbose", "--extend", "--fib", "--wide", "--inet", "--inet6"})


def _claims(argv: tuple[str, ...]) -> bool:
    letters = _LETTERS | {"r"} if argv[0] == "netstat" else _LETTERS
    listed = argv[0] == "route"
    rest = iter(argv[1:])
    for word in rest:
        if word == "-A":
            if next(rest, "") not in {"inet", "inet6"}:
                return False
        elif re.fullmatch(r"-[a-zA-Z46]+", word) and set(word[1:]) <= letters:
            listed = listed or "r" in word
        elif word == "--route" and argv[0] == "netstat":
            listed = True
        elif word not in _LONG:
            return False
    return listed and argv[0] in {"route", "netstat"}


def _is_ipv6(argv: tuple[str, ...]) -> bool:
    return any(word in {"--inet6", "inet6"} or re.fullmatch(r"-[a-zA-Z]*6[a-zA-Z]*", word) for word in argv)


def _source_command(argv: tuple[str, ...]) -> str:
    numeric = any(word == "--numeric" or re.fullmatch(r"-\w*n\w*", word) for word in argv[1:])
    if argv[0] == "netstat":
        return "netstat -rn" if numeric else "netstat -r"
    return "route -n" if numeric else "route"


_TITLE = re.compile(r"[ ]*Kernel IP(?:v6)? routing table[ ]*$")
_HEADING = re.compile(r"[ ]*Destination +(?:Gateway +Genmask +Flags|Next Hop +Flags?)\b")

# Mail programs break lines. What is left of a heading reads like prose, and without it a table would pass for empty.
_BROKEN_HEADING = re.compile(
    r"[ ]*(?:Destination +(?:Gateway|Next Hop)\b.*|(?:(?:Genmask|Flags|Metric|Ref|Use) +)*+Iface)"
)


class _RouteN(Command[NetToolsRoute]):
    def refine(self, scan: Scan) -> list[Source]:
        rows = scan.records[self.group]
        headings = [heading for heading in scan.records.get("headings", ()) if "columns" in heading]
        if any(heading["columns"].startswith("MSS") for heading in headings):
            metric_shown = True
            for row in sorted(headings + rows, key=lambda row: row["source"].first_line):
                if "columns" in row:
                    metric_shown = row["columns"].startswith(("Metric", "Flag"))
                elif not metric_shown and "mss" not in row and "genmask" in row:
                    for name, column in (("mss", "metric"), ("window", "ref"), ("irtt", "use")):
                        row[name] = row.pop(column)
        refused = [row["source"] for row in rows if not _complete(row)]
        if refused:
            rows[:] = [row for row in rows if "dst" in row]
        return refused

    def has_likes(self, text: str) -> bool:
        # With those columns, what stands in a row depends on the heading above it.
        return not ("W" in text and "MSS" in text)  # the next is Window; one letter is found sooner

    def restarts(self, line: str, lines: Sequence[str]) -> bool:
        if _TITLE.match(line):
            return any(earlier.strip() for earlier in lines)
        return _HEADING.match(line) is not None and any(
            earlier.strip() and _TITLE.match(earlier) is None for earlier in lines
        )

    def begins_anew(self, line: str, seen: dict[Hashable, object]) -> bool:
        words = line.split()
        # Destination, gateway, mask, flags, metric, ..., interface; of IPv6 the same route may have several rows.
        if len(words) < 8 or "." not in words[2] or "!" in words[3]:
            return False
        return is_in_another_table(seen, f"{words[0]}/{words[2]}", words[4], None, words[-1], None)

    def takes(self, line: str, invocation: Invocation | None) -> bool:
        return super().takes(line, invocation) or _BROKEN_HEADING.fullmatch(line) is not None

    def heads(self, line: str, invocation: Invocation | None) -> bool:
        return _BROKEN_HEADING.fullmatch(line) is not None

    def is_partial(self, argv: tuple[str, ...]) -> bool:
        return _is_ipv6(argv)

    def parse_lines(
        self,
        lines: Sequence[str],
        *,
        file: str | None = None,
        first_line: int = 1,
        invocation: Invocation | None = None,
    ) -> ParseResult[NetToolsRoute]:
        result = super().parse_lines(lines, file=file, first_line=first_line, invocation=invocation)
        shown = set(map(_SOURCE_COMMAND, result.records))
        if invocation is not None and self.claims(invocation.argv):
            said = _source_command(invocation.argv)
        else:
            # One name among the numbers tells.
            said = "route" if "route" in shown else "route -n"
        if shown <= {said}:
            return result
        return result.with_records(
            route if route.source_command == said else route.model_copy(update={"source_command": said})
            for route in result
        )


_SOURCE_COMMAND = attrgetter("source_command")


def _complete(row: dict[str, Any]) -> bool:
    """Put the fields of ``ip -j route`` beside the columns; False if there is no such network."""
    try:
        row["dst"] = _network(row["destination"], row["genmask"]) if "genmask" in row else _network6(row["destination"])
    except ValueError:
        return False
    is_name = row["destination"].partition("/")[0] in {"default", *_NAMED6}
    named = row["dst"] is None or is_name or row["gateway"] in {"*", "[::]"}
    if row["gateway"] in _ANY:
        del row["gateway"]
    elif not _IS_ADDRESS.fullmatch(row["gateway"]):
        row["gateway_name"] = row.pop("gateway")
        named = True
    row["source_command"] = "route" if named else "route -n"
    # A dash stands for no interface in a reject row only; elsewhere it is an interface of that name.
    if row["iface"] != "*" and (row["iface"] != "-" or "!" not in row["flags"]):
        row["dev"] = row["iface"]
    for name in ("metric", "ref", "use", "mss", "window", "irtt"):
        if row.get(name) == "-":
            del row[name]
    if row.get("metric", "").startswith("-"):
        # net-tools and busybox print the kernel's u32 as a signed number.
        row["metric"] = int(row["metric"]) + 2**32
    return True


# --- what tells one pod's route from another --------------------------------------------------------------------------


def _destinations(words: Sequence[str], like: Mapping[str, Any]) -> Columns:
    return [("destination", words), ("dst", ipv4_networks(words, like["dst"]))]


ROUTE_N = _RouteN(
    name="route -n",
    grammar=partial(load_template, "route_n"),
    group="routes",
    model=NetToolsRoute,
    claims=_claims,
    herald=re.compile(
        rf"{_TITLE.pattern}|{_HEADING.pattern}"
        rf"|[ ]*(?:{_ADDRESS}|default) +(?:{_ADDRESS}|[^\s/]{{1,64}}) +{_ADDRESS} +[A-Z!]+ +-?[0-9]+ "
        r"|[ ]*(?:[0-9a-fA-F]{0,4}:[0-9a-fA-F:.]{1,40}|\[::\])/[0-9]{1,3} +[0-9a-fA-F:.\[\]]{2,42} +"
        r"[A-Za-z!]{1,8} +-?[0-9]+ "
    ),
    own={"routes": {"destination": Own(r"[0-9.]++", _destinations), "iface": name_of("iface", "dev")}},
)
