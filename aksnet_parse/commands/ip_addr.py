"""`ip addr`: interfaces and their addresses, with whichever options it is called; `ip link` prints the same lines."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from ..addresses import ipv4_addresses, ipv6_addresses
from ..commandline import Invocation
from ..grammar import Scan, load_template
from ..records import Line, Source, plain_macs
from ..repeats import Columns, Own, each, name_of, number_of
from .base import Command
from .interfaces import Interface
from .link_details import KINDS, counters, read_details, read_kind, read_virtual_function
from .one_line import split_joined
from .unknown_words import part_interface_line

__all__ = ["BRIEF", "INTERFACE", "IP_ADDR", "JSON_INTERFACE", "LISTING", "IpInterfaces", "from_json", "ip_arguments"]


# --- from words to what the models take -------------------------------------------------------------------------------

# IFF_* and IFA_F_* in the kernel's if.h and if_addr.h, by the names that iproute2 gives them.
_INTERFACE_FLAGS = {
    0x4: "DEBUG",
    0x20: "NOTRAILERS",
    0x100: "PROMISC",
    0x200: "ALLMULTI",
    0x400: "MASTER",
    0x800: "SLAVE",
    0x2000: "PORTSEL",
    0x4000: "AUTOMEDIA",
    0x8000: "DYNAMIC",
    0x20000: "DORMANT",
    0x40000: "ECHO",
}
_ADDRESS_FLAGS = {
    0x2: "nodad",
    0x4: "optimistic",
    0x8: "dadfailed",
    0x10: "home",
    0x20: "deprecated",
    0x40: "tentative",
    0x100: "mngtmpaddr",
    0x200: "noprefixroute",
    0x400: "autojoin",
    0x800: "stable_privacy",
}


def _named_bits(number: str, names: dict[int, str]) -> tuple[list[str], str | None]:
    """The names of the bits of a number in hex, and the rest of it in hex, None if nothing is left."""
    bits = int(number, 16)
    found = [bit for bit in names if bits & bit]
    rest = bits - sum(found)
    return [names[bit] for bit in found], f"{rest:x}" if rest else None


@lru_cache(maxsize=256)
def _interface_flags(words: str) -> frozenset[str]:
    return frozenset(words.split(",")) if words else frozenset()


_GLUED = re.compile(r"([A-Z_]*)([0-9a-f]+)")


@lru_cache(maxsize=256)
def _busybox_flags(words: str) -> frozenset[str]:
    """busybox glues the flags it does not know to the last it knows, in hex: ``LOWER_UP100``.

    It looks up M-DOWN by the peer's index in this namespace, even where the peer is in another.
    """
    flags = set(_interface_flags(words)) - {"M-DOWN"}
    for glued in [match for flag in flags if (match := _GLUED.fullmatch(flag))]:
        names, rest = _named_bits(glued[2], _INTERFACE_FLAGS)
        flags.remove(glued[0])
        flags.update(name for name in (glued[1], *names, rest) if name)
    return frozenset(flags)


@lru_cache(maxsize=256)
def _address_flags(words: str, family: str) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    rest = iter(words.split())
    for word in rest:
        if word == "flags":
            names, fields["ifa_flags"] = _named_bits(next(rest), _ADDRESS_FLAGS)
            fields |= dict.fromkeys(names, True)
        elif word == "secondary" and family == "inet6":
            fields["temporary"] = True  # one bit; busybox has one name for it
        else:
            fields[word.replace("-", "_")] = True
    return fields


def _part_names(rows: Collection[dict[str, Any]], made: Iterable[Interface] = ()) -> None:
    """In ``a@b@c`` the last @ parts the peer's name off, unless only another one leaves the name of an interface."""
    odd = [row for row in rows if "@" in row["ifname"] and "link_index" not in row]
    if odd:
        names = {row["ifname"] for row in rows} | {record.ifname for record in made}
        for row in odd:
            if row.get("link") not in names and ("link" in row or row["ifname"].endswith("@")):
                token = f"{row['ifname']}@{row['link']}" if "link" in row else row["ifname"]
                places = (index for index, sign in enumerate(token) if index and sign == "@")
                index = next((index for index in places if token[index + 1 :] in names), None)
                if index is not None:
                    row["ifname"], row["link"] = token[:index], token[index + 1 :]


# --- what tells one veth from another ---------------------------------------------------------------------------------


def _locals(words: Sequence[str], like: Mapping[str, Any]) -> Columns:
    return [("local", each(ipv6_addresses if like["local"].version == 6 else ipv4_addresses, words))]


_OWN: dict[str, dict[str, Own]] = {
    "interfaces": {
        "ifindex": number_of("ifindex"),
        "ifname": name_of("ifname"),
        "link_index": number_of("link_index"),
        "address": Own(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}", lambda words, _: [("address", each(plain_macs, words))]),
        "link_netnsid": number_of("link_netnsid"),
        "link_netns": Own(r"cni-[0-9a-f-]++", lambda words, _: [("link_netns", words)]),
    },
    "addr_info": {"local": Own(r"[0-9a-f.:]++", _locals)},
}


# --- the command ------------------------------------------------------------------------------------------------------

INTERFACE = r"[ ]*[0-9]{1,9}: [^\s:/]{1,40}: <[A-Za-z0-9_,-]*> mtu [0-9]"
BRIEF = r"[^\s:/]{1,40} +(?:UNKNOWN|NOTPRESENT|DOWN|LOWERLAYERDOWN|TESTING|DORMANT|UP) +"
JSON_INTERFACE = r'[ ]*\[[ ]*(?:\{\},?[ ]*)*\{[ ]*"(?:ifindex|link_index|link|ifname)":(?=[^}]*"operstate":)'
_LOOPBACK = re.compile(r"[ ]*1: lo: <")
_ADDRESS_OBJECT = re.compile(r"a(?:d(?:d(?:r(?:e(?:ss?)?)?)?)?)?")
LISTING = re.compile(r"s(?:h(?:ow?)?)?|l(?:i(?:st?)?|st?)?")
_FAMILY = frozenset({"-4", "-6", "-f", "-family"})
_WITH_VALUE = frozenset({"-f", "-family", "-l", "-loops", "-rc", "-rcvbuf", "-n", "-netns", "--netns"})


def ip_arguments(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The words of an ``ip`` call after its options: object, command and selectors."""
    index = 1
    while index < len(argv) and argv[index].startswith("-"):
        index += 2 if argv[index] in _WITH_VALUE else 1
    return argv[index:]


def _claims(argv: tuple[str, ...]) -> bool:
    if argv[0] != "ip":
        return False
    words = ip_arguments(argv)
    if not words or _ADDRESS_OBJECT.fullmatch(words[0]) is None:
        return False
    return len(words) == 1 or (LISTING.fullmatch(words[1]) is not None and len(words) <= 8)


@dataclass(frozen=True)
class IpInterfaces(Command[Interface]):
    """`ip addr` or `ip link`."""

    own: Mapping[str, Mapping[str, Own]] = field(default_factory=lambda: _OWN)

    def takes(self, line: str, invocation: Invocation | None) -> bool:
        pieces, _ = self.flow([line]) or ([line], [])
        if not super().takes(pieces[0], invocation):
            parted = self.part_unknown_words(line)
            return parted is not None and super().takes(parted[0], invocation)
        kind = _KIND_LINE.match(line)
        if kind is None or kind[1] in KINDS or " numtxqueues " in line:
            return True
        # Of a kind that nobody knows only the call tells that it is none of the author's words.
        return invocation is not None and _has_option("d", invocation.argv)

    def restarts(self, line: str, lines: Sequence[str]) -> bool:
        # The loopback interface has index 1 in every namespace (LOOPBACK_IFINDEX in the kernel) and is listed first.
        return super().restarts(line, lines) or (
            _LOOPBACK.match(line) is not None and any(self.herald.match(earlier) for earlier in lines)
        )

    def is_partial(self, argv: tuple[str, ...]) -> bool:
        # With a family, interfaces that have no address of it are left out.
        return (
            len(ip_arguments(argv)) > 2 or not _FAMILY.isdisjoint(argv) or any(_has_option(word, argv) for word in "ob")
        )

    def flow(self, lines: Sequence[str]) -> tuple[Sequence[str], Sequence[int]] | None:
        # An address and its lifetimes stay one line: the template knows them so.
        return split_joined(lines, _LINK)

    def part_unknown_words(self, line: str) -> tuple[str, str] | None:
        return part_interface_line(line)

    def refine(self, scan: Scan) -> list[Source]:
        rows = scan.records[self.group]
        refused = _sever(rows, scan.unmatched)
        _keep_unknown_words(rows, scan.unknown)
        _part_names(rows, scan.made)
        for row in rows:
            if "operstate" in row:
                row["flags"] = _interface_flags(row.get("flags", ""))
            else:
                row["flags"] = _busybox_flags(row.get("flags", ""))
                row.pop("link", None)
                for address in row.get("addr_info", ()):
                    for name in ("valid_life_time", "preferred_life_time"):
                        if address.get(name, "").startswith("-"):
                            # busybox prints the kernel's u32 as a signed number.
                            address[name] = 2**32 + int(address[name].removesuffix("sec"))
            if "altnames" in row:
                row["altnames"] = tuple(altname["altname"] for altname in row["altnames"])
            for address in row.get("addr_info", ()):
                if "flags" in address:
                    address |= _address_flags(address.pop("flags"), address["family"])
            if not _RARE.isdisjoint(row):
                refused += _refine_rare(row)
        short = _of_one_line(scan.records.pop("one_line", ())) + _of_brief(scan.records.pop("brief", ()))
        if rows or scan.made:  # no call prints both
            refused += [row["source"] for row in short]
        else:
            rows += short
        return refused


_LINK = re.compile(r"[ ]*[0-9]++:[ ]+[^\s:]++:[ ]")
# The template takes any word as a kind; these begin the other lines.
_KIND_LINE = re.compile(
    r"[ ]+(?!inet6?[ ]|link/|alias[ ]|altname[ ]|valid_lft[ ]|vf[ ]|prog/)([a-z][a-z0-9_-]*+)(?:[ ]|$)"
)
_HEAD = re.compile(r"[ ]*[0-9]++:[ ]+[^\s:/]++:[ ]*+<")


def _sever(rows: list[dict[str, Any]], unmatched: Sequence[Line]) -> list[Source]:
    """Take out of each interface what stands below the head of another that nobody understood, as where a mail program
    broke the line: it is that one's. Returns the sources of these lines."""
    refused: list[Source] = []
    heads = [line.line for line in unmatched if _HEAD.match(line.text)]
    for row in rows if heads else ():
        source: Source = row["source"]
        place = bisect_right(heads, source.first_line)
        if place == len(heads) or heads[place] > source.last_line:
            continue
        row["source"] = source._replace(last_line=heads[place] - 1)
        refused.append(source._replace(first_line=heads[place]))
        for name in _PARTS & row.keys():
            row[name] = [part for part in row[name] if part["source"].first_line < heads[place]]
    return refused


def _keep_unknown_words(rows: list[dict[str, Any]], unknown: dict[int, str]) -> None:
    """Put the words that nobody knows into ``details``, each beside what else is read of its line."""
    for row in rows if unknown else ():
        source: Source = row["source"]
        words = [unknown.pop(line) for line in range(source.first_line, source.last_line + 1) if line in unknown]
        if words:
            row["details"] = " ".join((*row.get("details", "").split(), *words))


_PARTS = frozenset({"addr_info", "altnames", "programs", "functions", "counters", "kinds"})
_RARE = frozenset({"link_peer", "protodown", "xdp", "programs", "details", "kinds", "functions", "counters"})
_XDP_MODES = {"xdp": 1, "xdpgeneric": 2, "xdpoffload": 3, "xdpmulti": 4}


def _refine_rare(row: dict[str, Any]) -> list[Source]:
    """The words that plain `ip addr` seldom prints. Returns the sources of the lines that are none of it."""
    refused: list[Source] = []
    if "link_peer" in row:
        row["broadcast"] = row.pop("link_peer")
        row["link_pointtopoint"] = True
    if "protodown" in row:
        row["proto_down"] = row.pop("protodown")
    if "protodown_reason" in row:
        row["proto_down_reason"] = tuple(row.pop("protodown_reason").strip("<>").split(","))
    if "xdp" in row or "programs" in row:
        refused += _refine_xdp(row)
    details = row.pop("details", None)
    if "kinds" in row:
        details = _refine_kinds(row, details, refused)
    if details is not None:
        row |= read_details(details)
    functions = row.pop("functions", [])
    found = [(entry, read_virtual_function(entry["number"], entry.get("words", ""))) for entry in functions]
    refused += [entry["source"] for entry, function in found if function is None]
    vfinfo = [(entry["source"].first_line, function) for entry, function in found if function is not None]
    _refine_counters(row, vfinfo, refused)
    if vfinfo:
        row["vfinfo_list"] = tuple(function for _, function in vfinfo)
    return refused


def _refine_xdp(row: dict[str, Any]) -> list[Source]:
    mode, _, number = row.pop("xdp", "").strip().partition("/id:")
    programs = row.pop("programs", [])
    program: dict[str, Any] = {"id": int(number)} if number.isdigit() else {}
    words = iter(programs[0].get("words", "").split() if programs else ())
    for word in words:
        if word == "jited":
            program[word] = 1
        else:
            value = next(words, "")
            program[word] = int(value) if value.isdigit() and word not in {"tag", "name"} else value
    row["xdp"] = {"mode": _XDP_MODES.get(mode)} | ({"prog": program} if program else {})
    return [entry["source"] for entry in programs[1:]]


def _refine_kinds(row: dict[str, Any], details: str | None, refused: list[Source]) -> str | None:
    """The lines of ``-d`` that begin with a kind. Returns ``details`` and the words that follow those of the kind."""
    info: dict[str, Any] = {}
    texts: list[str] = []
    lines: list[tuple[str, str]] = []
    for entry in row.pop("kinds"):
        kind, words = entry["kind"], entry.get("words", "")
        if kind in {"ingress-qos-map", "egress-qos-map"} and lines:
            lines[-1] = (lines[-1][0], f"{lines[-1][1]} {kind}{words}")
        elif (kind in KINDS or details is not None) and len(lines) < 2:
            lines.append((kind, words))
        else:
            refused.append(entry["source"])
    for kind, words in lines:
        data, text, common = read_kind(kind, words)
        name = "info_slave_" if kind.endswith("_slave") else "info_"
        info[f"{name}kind"] = kind.removesuffix("_slave")
        if KINDS.get(kind):
            info[f"{name}data"] = data
        if text is not None:
            texts.append(text)
        details = f"{details or ''} {common}"
    if texts:
        info["text"] = " ".join(texts)
    if info:
        row["linkinfo"] = info
    return details


def _refine_counters(row: dict[str, Any], functions: list[tuple[int, dict[str, Any]]], refused: list[Source]) -> None:
    statistics: dict[str, Any] = {}
    for entry in row.pop("counters", []):
        found = counters(entry["columns"], entry.get("numbers", ""))
        direction = entry["direction"][:2].lower()
        # Those of a virtual function have no errors, but packets to all, or no more than bytes, packets and drops.
        of_function = functions and "errors" not in entry["columns"] and "errors" not in entry["direction"]
        place = statistics
        if of_function:
            place = max((line, function) for line, function in functions if line <= entry["source"].first_line)[1]
            place = place.setdefault("stats", {})
        if found is None:
            refused.append(entry["source"])
        else:
            place.setdefault(direction, {}).update(found)
    if statistics:
        row["stats64"] = statistics


def _of_one_line(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The interfaces of ``ip -o addr``, which has a line for each address and none for the interface."""
    rows: list[dict[str, Any]] = []
    for entry in entries:
        head = {name: entry.pop(name) for name in ("ifindex", "ifname")}
        if "flags" in entry:
            entry |= _address_flags(entry.pop("flags"), entry["family"])
        source: Source = entry["source"]
        if rows and all(rows[-1][name] == word for name, word in head.items()):
            rows[-1]["addr_info"].append(entry)
            rows[-1]["source"] = rows[-1]["source"]._replace(last_line=source.last_line)
        else:
            rows.append({**head, "addr_info": [entry], "source": source})
    return rows


def _of_brief(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The interfaces of ``ip -br``, each a row of state and addresses (addr) or of state, MAC and flags (link)."""
    rows = list(entries)
    _part_names(rows)
    for row in rows:
        words = row.pop("words", "").split()
        addresses: list[dict[str, Any]] = []
        for word, following in zip(words, (*words[1:], ""), strict=False):
            local, slash, length = word.partition("/")
            if word.startswith("<"):
                row["flags"] = _interface_flags(word[1:-1])
            elif addresses and addresses[-1].get("metric") == "metric":
                addresses[-1]["metric"] = word
            elif addresses and addresses[-1].get("address") == "peer":
                addresses[-1] |= {"address": local, "prefixlen": length}
            elif word in {"peer", "metric"} and addresses:
                addresses[-1]["address" if word == "peer" else word] = word
            elif slash or following == "peer":
                family = "inet6" if ":" in local else "inet"
                addresses.append({"family": family, "local": local, "prefixlen": length, "source": row["source"]})
            else:
                row["address"] = word
        if addresses:
            row["addr_info"] = addresses
    return rows


def _has_option(letter: str, argv: Iterable[str]) -> bool:
    """True if an ``ip`` call has this option, which may be spelled out."""
    return any(word.lstrip("-").startswith(_OPTIONS[letter]) for word in argv if word.startswith("-"))


_OPTIONS = {"d": "d", "o": "o", "b": "br"}


# What iproute2 calls an interface whose index it cannot look up; in text it stands where the index does.
_NO_NAME = re.compile(r"if[0-9]{1,9}")


def _name_by_addresses(entry: dict[str, Any]) -> bool:
    """With -o an entry is nothing but addresses, each of which says of which interface it is."""
    addresses = entry.get("addr_info")
    if not isinstance(addresses, list):
        return False
    rows = [row for row in addresses if row]
    if not rows or not all(isinstance(row, dict) and isinstance(row.get("dev"), str) for row in rows):
        return False
    index, name = rows[0].get("index"), rows[0]["dev"]
    if any((row.get("index"), row["dev"]) != (index, name) for row in rows):
        return False
    entry["ifindex"], entry["ifname"] = index, name
    return True


def from_json(entry: dict[str, Any], source: Source) -> dict[str, Any] | None:
    if "ifname" not in entry and not _name_by_addresses(entry):
        return None
    entry["source"] = source
    link = entry.get("link")
    if isinstance(link, str) and _NO_NAME.fullmatch(link):
        entry["link_index"] = int(entry.pop("link")[2:])
    addresses = entry.get("addr_info")
    if isinstance(addresses, list):
        # iproute2 4.x prints {} for an address that a filter left out.
        entry["addr_info"] = [address for address in addresses if address]
        for address in entry["addr_info"]:
            if isinstance(address, dict):
                address["source"] = source
                for name in ("index", "dev"):  # -o repeats them for each
                    address.pop(name, None)
                if "family" not in address:  # -br
                    address["family"] = "inet6" if ":" in str(address.get("local")) else "inet"
    return entry


IP_ADDR = IpInterfaces(
    name="ip addr",
    grammar=partial(load_template, "ip_addr"),
    group="interfaces",
    model=Interface,
    claims=_claims,
    herald=re.compile(
        rf"{INTERFACE}(?!.* mode [A-Z])"
        r"|[ ]*[0-9]{1,9}: [^\s:/]{1,40} +inet6? [0-9a-f.:]+(?:/| peer )"
        rf"|{BRIEF}[0-9a-f.:]+/[0-9]"
        rf'|{JSON_INTERFACE}(?=[^}}]*"(?:qdisc|addr_info)":)(?![^}}]*"linkmode":)'
        r'|[ ]*\[[ ]*(?:\{[ ]*(?:"addr_info":[ ]*\[[ ]*\][ ]*)?\},?[ ]*)*+\{[ ]*"addr_info":[ ]*\[[ ]*\{[ ]*"index":'
    ),
    from_json=from_json,
)
