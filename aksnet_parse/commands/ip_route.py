"""`ip route`: the routing table, text and JSON (iproute2, busybox)."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from ..addresses import ipv4_networks
from ..commandline import Invocation
from ..grammar import Scan, load_template
from ..records import ParseResult, Source
from ..repeats import Columns, Own, name_of
from .base import Command
from .ip_addr import ip_arguments
from .one_line import split_joined
from .routes import IpRoute, is_in_another_table, network

__all__ = ["IP_ROUTE"]

# --- from words to what the model takes -------------------------------------------------------------------------------

# Keywords with one word behind them, and the field it goes to (print_route in iproute2).
_ROUTE = {
    "dev": "dev",
    "table": "table",
    "proto": "protocol",
    "scope": "scope",
    "src": "prefsrc",
    "metric": "metric",
    "nhid": "nhid",
    "tos": "tos",
    "from": "from",
    "mark": "mark",
    "uid": "uid",
    "expires": "expires",
    "error": "error",
    "users": "users",
    "used": "used",
    "age": "age",
    "iif": "iif",
    "pref": "pref",
    "ttl-propagate": "ttl-propagate",
}
_HOP = {"dev": "dev", "weight": "weight"}
_INFO = {"id": "id", "dev": "dev", "scope": "scope", "proto": "protocol", "type": "type"}
_FLAGS = frozenset(
    {
        *("dead", "onlink", "pervasive", "offload", "trap", "notify", "linkdown", "unresolved"),
        *("rt_offload", "rt_trap", "rt_offload_failed"),
    }
)
_METRICS = {
    name: name
    for name in (
        *("mtu", "window", "rtt", "rttvar", "ssthresh", "cwnd", "advmss", "reordering", "hoplimit", "initcwnd"),
        *("rto_min", "initrwnd", "quickack", "fastopen_no_cookie"),
    )
} | {"congctl": "congestion"}
_FEATURES = frozenset({"ecn", "tcp_usec_ts"})
# How many words the parameters of an encapsulation have behind them; those of a list stand in brackets.
_LIST = -1
_TUNNEL = dict.fromkeys(("id", "src", "dst", "ttl", "tos", "hoplimit", "tc"), 1) | dict.fromkeys(
    ("key", "csum", "seq"), 0
)
_TUNNEL |= dict.fromkeys(("geneve_opts", "vxlan_opts", "erspan_opts"), 1)
_ENCAPSULATIONS: dict[str, dict[str, int]] = {
    "ip": _TUNNEL,
    "ip6": _TUNNEL,
    "mpls": {"ttl": 1},
    "seg6": {"mode": 1, "segs": _LIST, "hmac": 1},
    "seg6local": dict.fromkeys(("action", "table", "vrftable", "nh4", "nh6", "iif", "oif", "endpoint", "flavors"), 1)
    | dict.fromkeys(("packets", "bytes", "errors", "lblen", "nflen", "hmac"), 1)
    | {"srh": 0, "count": 0, "segs": _LIST},
    "bpf": dict.fromkeys(("in", "out", "xmit", "headroom"), 1),
    "ioam6": dict.fromkeys(("freq", "mode", "tundst", "trace", "type", "ns", "size"), 1),
    "rpl": {"segs": _LIST},
    "xfrm": {"if_id": 1, "link_dev": 1},
}
_AFTER_ENCAP = frozenset({"via", "dev", "table", "proto", "scope", "metric", "weight", "pref"})


class _Words:
    """The words of a line, read from left to right into ``fields``. ``rest`` is what nobody understood. ``dev``: the
    interface, if that was read before."""

    def __init__(self, text: str, keywords: dict[str, str], *, metrics: bool = False, dev: str | None = None) -> None:
        self.words = text.split()
        self.at = 0
        self.keywords = keywords
        self.metrics = metrics
        self.fields: dict[str, Any] = {"flags": set()} if dev is None else {"flags": set(), "dev": dev}
        while self.at < len(self.words) and self._one():
            pass
        self.rest = self.words[self.at :]

    def _one(self) -> bool:
        """Read what begins at this word; False if nobody knows it."""
        word = self.words[self.at]
        following = self.words[self.at + 1 :][:2]
        name = self.keywords.get(word)
        if word in _FLAGS and word not in self.fields["flags"]:
            self.fields["flags"].add(word)
            return self._took(1)
        if name is not None and following and name not in self.fields:
            self.fields[name] = _value(name, following[0])
            return self._took(2)
        if word == "via" and following and not self.fields.keys() & {"via", "gateway"}:
            if following[0] in {"inet", "inet6"} and len(following) == 2:
                self.fields["via"] = {"family": following[0], "host": following[1]}
                return self._took(3)
            self.fields["gateway"] = following[0]
            return self._took(2)
        if word in {"realm", "realms"} and following and "flow" not in self.fields:
            first, slash, second = following[0].partition("/")
            self.fields["flow"] = {"from": first, "to": second} if slash else {"to": first}
            return self._took(2)
        if word == "encap" and following and "encap" not in self.fields:
            return self._encap()
        if self.keywords is _INFO:
            return self._of_info(word, following)
        return self.metrics and self._metric(word, following)

    def _took(self, words: int) -> bool:
        self.at += words
        return True

    def _encap(self) -> bool:
        kind = self.words[self.at + 1]
        known = _ENCAPSULATIONS.get(kind)
        self.at += 2
        start = self.at
        # The labels of MPLS have no keyword.
        self.at += kind == "mpls"
        seen: set[str] = set()
        while self.at < len(self.words):
            word = self.words[self.at]
            if known is None:
                if word in _AFTER_ENCAP:
                    break
                self.at += 1
                continue
            if word not in known or word in seen:
                break
            seen.add(word)
            if known[word] == _LIST and "]" in self.words[self.at :]:
                self.at = self.words.index("]", self.at) + 1
            else:
                self.at += 1 + abs(known[word])
        self.at = min(self.at, len(self.words))
        self.fields["encap"] = kind
        if self.at > start:
            self.fields["encap_args"] = " ".join(self.words[start : self.at])
        return True

    def _of_info(self, word: str, following: Sequence[str]) -> bool:
        if word in {"blackhole", "fdb"}:
            self.fields[word] = None
            return self._took(1)
        if word == "group" and following and "group" not in self.fields:
            members = [member.split(",") for member in following[0].split("/")]
            self.fields["group"] = [dict(zip(("id", "weight"), member, strict=False)) for member in members]
            return self._took(2)
        return False

    def _metric(self, word: str, following: Sequence[str]) -> bool:
        metrics: dict[str, Any] = self.fields.get("metrics", [{}])[0]
        name = _METRICS.get(word)
        if word == "features" and following and not metrics.keys() & {"features", *_FEATURES}:
            self.at += 1
            while self.at < len(self.words) and self.words[self.at] in _FEATURES:
                metrics[self.words[self.at]] = None
                self.at += 1
            if self.at < len(self.words) and self.words[self.at].startswith("0x"):
                metrics["features"] = self.words[self.at]
                self.at += 1
        elif name is None or not following or name in metrics:
            return False
        else:
            locked = following[0] == "lock" and len(following) == 2
            if locked:
                metrics.setdefault("locked", set()).add(word)
            metrics[name] = _time(following[locked])
            self.at += 2 + locked
        self.fields["metrics"] = [metrics]
        return True


def _value(name: str, word: str) -> object:
    if name in {"expires", "age"}:
        return word.removesuffix("sec")
    if name == "metric" and re.fullmatch(r"-[0-9]{1,10}", word):
        return int(word) + 2**32  # busybox prints the kernel's u32 as a signed number
    return word


def _time(word: str) -> object:
    """Milliseconds, as JSON has them; text has seconds from one second on."""
    match = re.fullmatch(r"([0-9]{1,10})ms|([0-9]{1,10}(?:\.[0-9]{1,9})?(?:e\+?[0-9]{1,2})?)s", word)
    if match is None:
        return word
    return int(match[1]) if match[1] else round(float(match[2]) * 1000)


def _default(row: dict[str, Any]) -> str:
    """What ``default`` means in ``row``: IPv4 where the row does not say."""
    return "::/0" if _version(row) == 6 else "0.0.0.0/0"


def _version(row: dict[str, Any]) -> int | None:
    """The version of IP that a row shows in other words than its destination."""
    via = row.get("via")
    if isinstance(via, dict):
        return 4 if via.get("family") == "inet6" else 6
    addresses = [row.get("gateway"), row.get("prefsrc"), row.get("from")]
    hops = row.get("nexthops")
    addresses += [hop.get("gateway") for hop in hops if isinstance(hop, dict)] if isinstance(hops, list) else []
    for address in addresses:
        if isinstance(address, str) and address != "default":
            return 6 if ":" in address else 4
    if row.get("pref") is not None or (row.get("dev") == "lo" and row.get("type") in _REJECTS and "nhid" not in row):
        return 6
    return None


_REJECTS = frozenset({"blackhole", "unreachable", "prohibit", "throw", "6", "7", "8", "9"})


# --- the JSON form ----------------------------------------------------------------------------------------------------

_JSON_AFTER_ENCAP = frozenset(
    ("gateway", "via", "dev", "protocol", "scope", "prefsrc", "metric", "flags", "flow", "weight")
)


def _from_json(entry: dict[str, Any], source: Source) -> dict[str, Any] | None:
    if not isinstance(entry.get("dst"), str):
        return None
    row = _with_source(entry, source)
    hops = row.get("nexthops")
    for hop in (row, row.get("nh_info"), *(hops if isinstance(hops, list) else ())):
        if isinstance(hop, dict) and isinstance(hop.get("encap"), str):
            _gather_encap(hop)
        elif isinstance(hop, dict) and isinstance(hop.get("encap"), dict):
            _open_encap(hop)
    if row.get("dst") == "default":
        row["dst"] = _default(row)
    try:
        network(row["dst"])
    except (KeyError, ValueError):
        return None  # an encapsulation may have taken it
    if row.get("from") == "default":
        row["from"] = "::/0" if ":" in row["dst"] else "0.0.0.0/0"
    return row


def _with_source(entry: dict[str, Any], source: Source) -> dict[str, Any]:
    for value in entry.values():
        for item in value if isinstance(value, list) else [value] if isinstance(value, dict) else []:
            if isinstance(item, dict):
                _with_source(item, source)
    entry["source"] = source
    return entry


def _gather_encap(hop: dict[str, Any]) -> None:
    """Parameters of an encapsulation stand among the keys of what it is in, some of the same name as those."""
    kind = hop["encap"]
    known = _ENCAPSULATIONS.get(kind)
    keys = list(hop)
    words: list[str] = []
    seen: set[str] = set()
    for key in keys[keys.index("encap") + 1 :]:
        name = key.rstrip("'")
        takes = name in known or name in {"stats64", "dst"} if known is not None else name not in _JSON_AFTER_ENCAP
        if not takes or name in seen or key == "source":
            break
        seen.add(name)
        words += _encap_words(kind, name, hop.pop(key))
    for key in [key for key in hop if key.endswith("'") and key.rstrip("'") not in hop]:
        hop[key.rstrip("'")] = hop.pop(key)
    if words:
        hop["encap_args"] = " ".join(words)


def _open_encap(hop: dict[str, Any]) -> None:
    """Later the parameters have an object of their own (iproute2 6.15 does so, 6.1 does not)."""
    encap = {name: value for name, value in hop["encap"].items() if name != "source"}
    kind = encap.pop("encap_type", None)
    if not isinstance(kind, str):
        return  # it is reported
    words = [word for name, value in encap.items() for word in _encap_words(kind, name.rstrip("'"), value)]
    hop["encap"] = kind
    if words:
        hop["encap_args"] = " ".join(words)


def _encap_words(kind: str, name: str, value: object) -> list[str]:
    if value is None or value is True:
        return [name]
    if isinstance(value, list) and name.endswith("_opts"):
        return [
            name,
            ",".join(":".join(str(word) for key, word in option.items() if key != "source") for option in value),
        ]
    if isinstance(value, list):
        return [name, str(len(value)), "[", *map(str, value), "]"]
    if isinstance(value, dict):
        return [word for key, item in value.items() if key != "source" for word in _encap_words(kind, key, item)]
    return [str(value)] if (kind, name) == ("mpls", "dst") else [name, str(value)]


# --- the command ------------------------------------------------------------------------------------------------------

_OBJECT = re.compile(r"r(?:o(?:u(?:te?)?)?)?")
_LISTING = re.compile(r"s(?:h(?:ow?)?)?|l(?:i(?:st?)?|st?)?")
_NOT_ROUTES = frozenset({"cache", "cached", "cloned"})
_ADDRESS = r"(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}+|[0-9a-fA-F]{0,4}+:[0-9a-fA-F:.]{1,40}+)"
_DESTINATION = rf"(?:default|{_ADDRESS}(?:/[0-9]{{1,3}}+)?+)"
_BEFORE_VIA = (
    rf"(?:from[ ]++{_DESTINATION}[ ]++)?+(?:nhid[ ]++[0-9]{{1,10}}+[ ]++)?+"
    r"(?:encap[ ]++(?:ip6?|mpls|seg6(?:local)?|bpf|ioam6|rpl|xfrm)[ ](?:(?!dev[ ]|via[ ])[^ ]*+[ ]++)*+)?+"
    r"(?:tos[ ]++\w{1,16}+[ ]++)?+"
)
_HERALD = re.compile(
    r"[ ]*+(?:"
    # A cached route, as `ip route get` prints it, is none of the table.
    r"(?![^\n]*[ ]uid[ ][0-9])(?:(?:unicast|local|broadcast|anycast|multicast)[ ]++)?+(?:"
    rf"{_DESTINATION}[ ]++{_BEFORE_VIA}via[ ]++(?:inet6?+[ ]++)?+{_ADDRESS}[ ]++(?:dev|proto|metric)[ ]"
    rf"|{_DESTINATION}[ ]++{_BEFORE_VIA}dev[ ]++[^\s:/]{{1,40}}+[ ]*+"
    r"(?:$|(?:table|proto|scope|src|metric|mtu|pref|onlink|linkdown|dead)(?![^ ]))"
    rf"|{_ADDRESS}(?:/[0-9]{{1,3}}+)?+[ ]++(?:proto[ ]++\w{{1,16}}+[ ]++(?:scope|metric|src)[ ]"
    r"|scope[ ]++link[ ]*+(?:$|src)|nhid[ ]++[0-9]{1,10}+[ ]*+$|metric[ ]++[0-9]{1,10}+[ ]*+(?:$|pref[ ]))"
    rf")|(?:blackhole|unreachable|prohibit|throw)[ ]++{_DESTINATION}"
    r"[ ]*+(?:$|(?:dev|proto|metric|table|scope|nhid)[ ])"
    # ip neigh begins in the same way, and has a state.
    r'|\[[ ]*+\{[ ]*+(?:"type"[ ]*+:[ ]*+"\w{1,16}+"[ ]*+,[ ]*+)?+"dst"[ ]*+:[ ]*+"'
    r'(?![^}]*"(?:lladdr|state|uid|cache)"[ ]*+:)'
    r")"
)
_CACHED_LINE = re.compile(r"[ ]*cache(?:[ ]|$)")


def _claims(argv: tuple[str, ...]) -> bool:
    if argv[0] != "ip":
        return False
    words = ip_arguments(argv)
    if not words or _OBJECT.fullmatch(words[0]) is None:
        return False
    return len(words) == 1 or (_LISTING.fullmatch(words[1]) is not None and _NOT_ROUTES.isdisjoint(words))


def _family(argv: tuple[str, ...]) -> int | None:
    """The version of IP that a call asks for, None if it does not say."""
    for word, value in pairwise((*argv, "")):
        if word in {"-4", "-6"}:
            return int(word[1])
        if word in {"-f", "-family", "--family"}:
            return {"inet": 4, "inet6": 6}.get(value)
    return None


class _IpRouteCommand(Command[IpRoute]):
    def begins(self, lines: Sequence[str], index: int) -> bool:
        if index + 1 < len(lines) and _CACHED_LINE.match(lines[index + 1]) is not None:
            return False
        pieces = self.flow([lines[index]])
        return super().begins(lines, index) if pieces is None else super().begins(pieces[0], 0)

    def takes(self, line: str, invocation: Invocation | None) -> bool:
        pieces = self.flow([line])
        return all(super(_IpRouteCommand, self).takes(piece, invocation) for piece in (pieces[0] if pieces else [line]))

    def follows(self, line: str, invocation: Invocation | None) -> bool:
        # A destination alone, or a word and "cache", may be the author's.
        return self.takes(line, invocation) and (
            self.begins([line], 0) or re.match(r"[ ]*(?:\S+[ ]+)+(?:via|dev|metric|proto)[ ]", line) is not None
        )

    def flow(self, lines: Sequence[str]) -> tuple[Sequence[str], Sequence[int]] | None:
        return split_joined(lines)

    def refine(self, scan: Scan) -> list[Source]:
        refused: list[Source] = []
        kept: list[dict[str, Any]] = []
        for row in scan.records[self.group]:
            words = row.pop("words", "")
            options, hops, infos, caches = (row.pop(name, []) for name in ("opts", "hops", "infos", "caches"))
            source: Source = row["source"]
            if options and options[0]["source"].first_line <= source.first_line + 1:
                # The options of a tunnel begin a line, on which the route goes on.
                words += f" {options.pop(0)['words']}"
            refused += [option["source"] for option in options]
            head = _Words(words, _ROUTE, metrics=True, dev=row.get("dev"))
            own = source._replace(last_line=source.first_line)
            if head.rest and len(head.rest) == len(head.words) and "dev" not in row:
                # Not even the first word is one that stands in a route.
                refused.append(source)
                continue
            if head.rest:
                refused.append(own)
            row |= head.fields
            for hop in hops:
                self._further(hop, _HOP, refused)
            for info in infos:
                self._further(info, _INFO, refused)
                for member in info.get("group", ()):
                    member["source"] = info["source"]
            for cache in caches:
                self._cached(cache, row, refused)
            if hops:
                row["nexthops"] = hops
            if infos:
                row["nh_info"] = infos[0]
                refused += [info["source"] for info in infos[1:]]
            for metrics in row.get("metrics", ()):
                metrics["source"] = source
            if row["dst"] == "default":
                row["dst"] = _default(row)
            if row.get("from") == "default":
                row["from"] = "::/0" if ":" in row["dst"] else "0.0.0.0/0"
            kept.append(row)
        scan.records[self.group][:] = kept
        return refused

    @staticmethod
    def _further(row: dict[str, Any], keywords: dict[str, str], refused: list[Source]) -> None:
        words = _Words(row.pop("words", ""), keywords)
        row |= words.fields
        if words.rest:
            refused.append(row["source"])

    @staticmethod
    def _cached(cache: dict[str, Any], row: dict[str, Any], refused: list[Source]) -> None:
        flags, _, text = cache.get("words", "").strip().partition(" ")
        if not flags.startswith("<"):
            flags, text = "", f"{flags} {text}"
        words = _Words(text, _ROUTE, metrics=True)
        del words.fields["flags"]
        if words.rest or words.fields.keys() & row.keys():
            refused.append(cache["source"])
        row |= {"cache": tuple(flag for flag in flags.strip("<>").split(",") if flag)}
        row |= {name: value for name, value in words.fields.items() if name not in row}

    def parse_lines(
        self,
        lines: Sequence[str],
        *,
        file: str | None = None,
        first_line: int = 1,
        invocation: Invocation | None = None,
    ) -> ParseResult[IpRoute]:
        result = super().parse_lines(lines, file=file, first_line=first_line, invocation=invocation)
        family = _family(invocation.argv) if invocation is not None else None
        said = _said(invocation.argv) if invocation is not None else {}
        routes = _with_family(result.records, family)
        if said:
            routes = [_with(route, said) for route in routes]
        if all(new is old for new, old in zip(routes, result.records, strict=True)):
            return result
        return result.with_records(routes)

    def begins_anew(self, line: str, seen: dict[Hashable, object]) -> bool:
        match = _OF_MAIN_TABLE.match(line)
        if match is None or _OTHER_TABLE.search(line) is not None:
            return False
        words = line.split()
        said = dict(pairwise(words))
        metric, tos, device, source = map(said.get, ("metric", "tos", "dev", "src"))
        return is_in_another_table(seen, match[1], metric, tos, device, source)

    def is_partial(self, argv: tuple[str, ...]) -> bool:
        rest = ip_arguments(argv)[2:]
        return _family(argv) == 6 or (rest != () and rest not in _WHOLE)

    def answers_when_silent(self) -> bool:
        return True  # a table can be empty, as that of a pod whose routes were flushed


_OF_MAIN_TABLE = re.compile(
    rf"[ ]*(?:unicast )?(default|{_ADDRESS}(?:/[0-9]{{1,2}})?)[ ](?=(?:via|dev|proto|nhid|tos) )"
)
_OTHER_TABLE = re.compile(r" table (?!main |254 )|:[0-9a-fA-F]*:")
# Without a table, or with all of them, the main one is shown.
_WHOLE = {
    (word, table)
    for word in ("table", "tabl", "tab", "ta", "t")
    for table in ("all", "main", "254", "0", "unspec", "any")
} - {("t", "unspec")}


def _said(argv: tuple[str, ...]) -> dict[str, str]:
    """What a call says of all its routes, so that they are printed without it."""
    said: dict[str, str] = {}
    for word, value in pairwise(ip_arguments(argv)[2:]):
        if word == "table" and value not in {"all", "main", "254", "0", "unspec", "any", "cache"}:
            said["table"] = value
        elif word == "vrf":
            said["table"] = f"vrf {value}"
        elif word in {"dev", "oif"}:
            said["dev"] = value
    return said


def _with(route: IpRoute, said: dict[str, str]) -> IpRoute:
    update = {name: value for name, value in said.items() if getattr(route, name) is None}
    if route.nexthops:
        update.pop("dev", None)
    return route.model_copy(update=update) if update else route


def _with_family(routes: Sequence[IpRoute], family: int | None) -> list[IpRoute]:
    """Default routes that do not tell their version of IP have that of the call, or of the route before; the first
    that of the next."""
    found = list(routes)
    if not any(_shown(route) is None for route in routes if route.dst is not None and route.dst.prefixlen == 0):
        return found
    shown = [_shown(route) for route in routes]
    last = family or next((version for version in shown if version is not None), 4)
    for index, (route, version) in enumerate(zip(routes, shown, strict=True)):
        last = version or last
        if version is None and route.dst is not None and route.dst.version != (family or last):
            found[index] = route.model_copy(update={"dst": network("0.0.0.0/0" if route.dst.version == 6 else "::/0")})
    return found


def _shown(route: IpRoute) -> int | None:
    """The version of IP that a route shows, None for a default route that has no word of it."""
    if route.dst is None or not route.is_default:
        return None if route.dst is None else route.dst.version
    return _version(
        {
            "via": {"family": route.via.family} if route.via is not None else None,
            "gateway": str(route.gateway or "") or None,
            "prefsrc": str(route.prefsrc or "") or None,
            "from": str(route.from_) if route.from_ is not None else None,
            "nexthops": [{"gateway": str(hop.gateway)} for hop in route.nexthops if hop.gateway is not None],
            "pref": route.pref,
            "dev": route.dev,
            "type": route.type,
            **({"nhid": route.nhid} if route.nhid is not None else {}),
        }
    )


# --- what tells one pod's route from another --------------------------------------------------------------------------


def _destinations(words: Sequence[str], like: Mapping[str, Any]) -> Columns:
    return [("dst", ipv4_networks(words, like["dst"]))]


IP_ROUTE = _IpRouteCommand(
    name="ip route",
    grammar=partial(load_template, "ip_route"),
    group="routes",
    model=IpRoute,
    claims=_claims,
    herald=_HERALD,
    from_json=_from_json,
    own={"routes": {"dst": Own(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}+", _destinations), "dev": name_of("dev")}},
)
