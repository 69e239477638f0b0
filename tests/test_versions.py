"""What releases of iproute2, busybox, net-tools and bridge-utils printed of one state of one node, field by field.

``tests/captures/TOOL-VERSION/CALL.txt`` is the output as it was, the blanks of the call being underscores. Nothing
changed from the first capture to the last but what runs down by itself. Of one release all is kept, of the others what
they print otherwise: what is missing of iproute2 5.10, 6.15 and 7.3, of busybox 1.30 and 1.37 and of net-tools 1.60 was
the same. iproute2 7.2 printed what 7.3 did, busybox 1.38 what 1.37 did, bridge-utils 1.7 what 1.7.1 did. (Debian's
iproute2 5.10 calls itself 5.9.0, its bridge-utils 1.7 1.6.)

The truth is the JSON of iproute2 6.1, and that of 7.3 for what later releases print. The tables of
``tests/kernel/test_equality.py`` say what a call leaves out; those below, what a release does.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final

import pytest

from aksnet_parse import (
    COMMANDS,
    Command,
    Interface,
    parse_bridge_link,
    parse_ip_addr,
    parse_ip_link,
    parse_ip_route,
    parse_route_n,
)

from .kernel.equality import FOREVER, Interval, Json, clean, compare, read_back, with_names
from .kernel.test_equality import (
    CELLS,
    LINK_LINE,
    ONE_LINE_ADDR,
    ROUTE_CELLS,
    Cell,
)

FOLDER: Final = Path(__file__).parent / "captures"
CAPTURES: Final = sorted(str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.glob("*/*.txt"))
# Namespaces that have a name, by their number on the node.
NAMES: Final = {1: "blue"}

Adapt = Callable[[list[Json]], list[Json]]

# --- what a release does not print, or prints otherwise ---------------------------------------------------------------

# Fields that the truth has and the release has not. What is a detail in 7.3 is one that 6.1 does not know.
LATE_DETAILS: Final = ("gso_ipv4_max_size", "gro_ipv4_max_size", "netns-immutable")
NOT_PRINTED: Final = {
    "iproute2-5.10": (
        *("allmulti", "tso_max_size", "tso_max_segs", "gro_max_size"),
        *(f"linkinfo.info_data.{name}" for name in ("no_linklocal_learn", "mcast_vlan_snooping")),
        *(f"linkinfo.info_data.{name}" for name in ("bcqueuelen", "usedbcqueuelen")),
        *(f"linkinfo.info_slave_data.{name}" for name in ("bcast_flood", "locked")),
        *("bcast_flood", "mcast_router", "locked", "nh_info"),
    ),
    "iproute2-6.15": (
        "netns-immutable",
        *(f"linkinfo.info_data.{name}" for name in ("mdb_offload_fail_notification", "fdb_local_vlan_0")),
    ),
    "busybox-1.30": tuple(
        f"addr_info.{name}" for name in ("noprefixroute", "mngtmpaddr", "autojoin", "stable-privacy")
    ),
}
# The same of one call.
NOT_PRINTED_BY_CALL: Final = {
    # Earlier releases ask for the length of the queue by other means, where the kernel does not say it.
    "iproute2-6.15/ip_-6_addr": ("txqlen",),
}
# Fields that 7.3 knows and the truth, which is 6.1's, does not.
PRINTED_LATER: Final = {
    "bridge": ("neigh_vlan_suppress", "mab", "mcast_n_groups", "mcast_max_groups"),
}
# What vxlan has in 7.3 and 6.15: in JSON always, in text only if it is otherwise.
VXLAN_DEFAULTS: Final = {
    **dict.fromkeys(("external", "proxy", "rsc", "l2miss", "l3miss", "remcsum_tx", "remcsum_rx"), False),
    **dict.fromkeys(("udp_zero_csum6_tx", "udp_zero_csum6_rx"), False),
    **dict.fromkeys(("udp_csum", "localbypass"), True),
}
# busybox prints of a route no more than this.
BUSYBOX_ROUTE: Final = ("type", "dst", "gateway", "dev", "scope", "prefsrc", "metric", "flags", "table")


def _no_length_of_0(rows: list[Json]) -> list[Json]:
    """Only 7.x prints that a queue has no length."""
    return [row if row.get("txqlen") else _only(row, row.keys() - {"txqlen"}) for row in rows]


def _vxlan(rows: list[Json]) -> list[Json]:
    adapted = []
    for row in rows:
        info = row.get("linkinfo", {})
        if info.get("info_kind") == "vxlan":
            data = {key: value for key, value in info["info_data"].items() if VXLAN_DEFAULTS.get(key) is not value}
            row = {**row, "linkinfo": {**info, "info_data": data}}
        adapted.append(row)
    return adapted


def _with_bridges(rows: list[Json]) -> list[Json]:
    """With -d, 5.10 lists bridges as if each were its own master, without a state."""
    bridges = [row for row in truth("6.1", "ip -j -d addr") if row.get("linkinfo", {}).get("info_kind") == "bridge"]
    listed = [{**_only(row, ("ifindex", "ifname", "flags", "mtu")), "master": row["ifname"]} for row in bridges]
    return sorted([*rows, *listed], key=lambda row: int(row["ifindex"]))


def _only(row: Json, names: Iterable[str]) -> Json:
    return {name: value for name, value in row.items() if name in set(names)}


# --- the truth --------------------------------------------------------------------------------------------------------


@cache
def printed(capture: str) -> str:
    return (FOLDER / f"{capture}.txt").read_text(encoding="utf-8")


def entries(release: str, call: str) -> list[Json]:
    text = printed(f"iproute2-{release}/{call.replace(' ', '_')}")
    # 6.1 puts the parameters of an encapsulation among the keys of the route, "dst" for the second time.
    rows = json.loads(text, object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    return [clean(entry) for entry in rows if entry]


def truth(release: str, call: str) -> list[Json]:
    """What a call for JSON told of that state; where it says no more than another does, the other is kept."""
    words = call.split()
    if words[-1] == "addr":
        rows = entries(release, "ip -j -d -6 addr" if "-6" in words else "ip -j -d -s -s addr")
        if "-s" not in words:
            rows = _without(rows, "stats64")
        return [{**row, "addr_info": own} for row in rows if (own := _inet(row))] if "-4" in words else rows
    if words[-1] == "link" and words[0] == "ip":
        modes = {row["ifindex"]: row for row in entries("6.1", "ip -j -p -d link")}
        return [
            {**row, **_only(modes[row["ifindex"]], ("linkmode", "inet6_addr_gen_mode"))}
            for row in _without(truth(release, call.replace("link", "addr")), "addr_info")
        ]
    if words[0] == "bridge":
        return entries(release, "bridge -j -p -d link")
    if words[-1] == "route" and {"-d", "-6"} <= set(words):
        rows = [row for row in truth(release, "ip -j -d route show table all") if "pref" in row]
        rows = _without([row for row in rows if row["table"] == "main"], "table")
    else:
        rows = entries(
            release, {"ip -j -d route": "ip -j -p -d route", "ip -j -4 route": "ip -j route"}.get(call, call)
        )
    return [_with_encapsulation(row) for row in rows]


def _with_encapsulation(row: Json) -> Json:
    """The kind of encapsulation and its parameters as the text has them."""
    if "encap" not in row or "encap_args" in row:
        return row
    [found] = [
        entry["encap"]
        for entry in entries("7.3", "ip -j -d route show table all")
        if entry["dst"] == row["dst"] and "encap" in entry
    ]
    words: list[str] = []
    for name, value in reversed(found.items()):
        if name != "encap_type":
            words += [name, *([str(len(value)), "[", *value, "]"] if isinstance(value, list) else [str(value)])]
    kept = _only(row, row.keys() - found.keys() | {"dst"})
    return {**kept, "encap": found["encap_type"], "encap_args": " ".join(words)}


def _without(rows: Iterable[Json], *names: str) -> list[Json]:
    return [_only(row, row.keys() - set(names)) for row in rows]


def _inet(row: Json) -> list[Json]:
    return [address for address in row.get("addr_info", ()) if address["family"] == "inet"]


def _about(value: Any, name: str = "") -> Any:
    """Lifetimes ran down while the node was captured, which took less than a minute."""
    if isinstance(value, dict):
        return {key: _about(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_about(inner, name) for inner in value]
    if name in {"valid_life_time", "preferred_life_time"} and isinstance(value, int) and value not in {0, FOREVER}:
        return Interval(value + 60, value - 60)
    return value


# --- the comparison ---------------------------------------------------------------------------------------------------


def reader(capture: str) -> Command[Any]:
    argv = tuple(capture.partition("/")[2].split("_"))
    [command] = [command for command in COMMANDS if command.claims(argv)]
    return command


_OF_CALL: Final = {cell.call: cell for cell in (*CELLS, *ROUTE_CELLS)}
_BUSYBOX_ADDR: Final = _OF_CALL["busybox ip addr"]
_ONE_LINE: Final = _OF_CALL["ip -o addr"]
_NOT_OF_BUSYBOX_ROUTE: Final = (
    *("protocol", "metrics", "nexthops", "via", "nhid", "tos", "flow", "encap", "encap_args", "pref", "from"),
    "source_command",
)


def _busybox_family(rows: list[Json]) -> list[Json]:
    return _BUSYBOX_ADDR.adapt([{"link_type": "ether", **row} for row in rows])


def _busybox_routes(rows: list[Json]) -> list[Json]:
    rows = [{**row, "flags": [flag for flag in row.get("flags", ()) if flag == "onlink"]} for row in rows]
    return _OF_CALL["ip route"].adapt([clean(row) for row in rows])


def _busybox_ipv6_of_old(rows: list[Json]) -> list[Json]:
    return _busybox_routes([row for row in rows if "pref" in row and row.get("type") not in {"local", "anycast"}])


def _cell(command: str, truth: str, omitted: Iterable[str], adapt: Adapt = list) -> Cell:
    return Cell(command, "", truth, tuple(omitted), adapt)


# Calls that the tables of the kernel tests have not, or by another order of the options.
FURTHER: Final = {
    "busybox": {
        "ip addr": _BUSYBOX_ADDR,
        "ip -4 addr": _cell("ip addr", "ip -j -d -4 addr", (*_BUSYBOX_ADDR.omitted, *LINK_LINE), _busybox_family),
        "ip -6 addr": _cell("ip addr", "ip -j -d -6 addr", (*_BUSYBOX_ADDR.omitted, *LINK_LINE), _busybox_family),
        "ip -o addr": _cell(
            "ip addr",
            _ONE_LINE.truth,
            (*ONE_LINE_ADDR, "addr_info.metric", "addr_info.protocol"),
            lambda rows: _ONE_LINE.adapt(_BUSYBOX_ADDR.adapt(rows)),
        ),
        **dict.fromkeys(
            ("ip link", "ip -o link"),
            _cell("ip link", "ip -j -d link", (*_BUSYBOX_ADDR.omitted, "linkmode"), _BUSYBOX_ADDR.adapt),
        ),
        **dict.fromkeys(
            ("ip route", "ip -o route"), _cell("ip route", "ip -j route", _NOT_OF_BUSYBOX_ROUTE, _busybox_routes)
        ),
        "ip -6 route": _cell("ip route", "ip -j -6 route", _NOT_OF_BUSYBOX_ROUTE, _busybox_routes),
        "ip route show table all": _cell(
            "ip route", "ip -j route show table all", _NOT_OF_BUSYBOX_ROUTE, _busybox_routes
        ),
        "route -n": _OF_CALL["route -n"],
    },
    "net-tools": {"route -n": _OF_CALL["route -n"]},
    "bridge-utils": {"brctl show": _OF_CALL["brctl show"]},
    "iproute2": {
        **_OF_CALL,
        "bridge -j -p -d link": _OF_CALL["bridge -j -d link"],
        "ip -d -6 route": _OF_CALL["ip -6 -d route"],
        "ip -j -p -d route": _OF_CALL["ip -d route"],
        "ip -j -p -d link": _OF_CALL["ip -j -d -p link"],
        "ip -j -6 route": _OF_CALL["ip -6 route"],
        "ip -j route show table all": _OF_CALL["ip route show table all"],
        "ip -j -d -s -s addr": _cell("ip addr", "ip -j -d -s -s addr", ()),
        "ip -j -d -6 addr": _cell("ip addr", "ip -j -d -6 addr", (), _OF_CALL["ip -6 addr"].adapt),
        "ip -j -o addr": _cell("ip addr", _ONE_LINE.truth, ONE_LINE_ADDR, _ONE_LINE.adapt),
        "ip -j -br addr": _OF_CALL["ip -br addr"],
    },
}
# Compared with another text of the same tool.
BESIDE: Final = {"netstat -rn", "route", "route -ee", "route -n -6", "route -n -A inet6"}


def compared(capture: str) -> list[tuple[str, Any, Any]]:
    folder, _, call = capture.partition("/")
    call = call.replace("_", " ")
    tool = folder.rpartition("-")[0]
    cell = FURTHER_OF_RELEASE.get(capture) or FURTHER[tool][call]
    is_json = "-j" in call.split()
    omitted = {*cell.omitted, *NOT_PRINTED.get(folder, ()), *NOT_PRINTED_BY_CALL.get(capture, ())}
    release = "6.1"
    if folder in {"iproute2-6.15", "iproute2-7.3"} and cell.command in {"ip addr", "ip link"}:
        release = "7.3"
        omitted |= set(LATE_DETAILS) if "promiscuity" in omitted else set()
    rows = truth(release, cell.truth)
    if release == "7.3" and not is_json:
        rows = _vxlan(rows)
    if folder == "iproute2-6.15":
        rows = _no_length_of_0(rows)
        if call.startswith("bridge"):
            omitted |= set(PRINTED_LATER["bridge"])
    if folder == "iproute2-5.10" and call.startswith("bridge") and "-d" in call.split():
        rows = _with_bridges(rows)
    expected = cell.adapt(_about(with_names(rows, {} if is_json else NAMES)))
    got = read_back(reader(capture).parse(printed(capture)))
    if cell.command == "brctl show":
        got = [{**row, "interfaces": sorted(row["interfaces"])} for row in got]
    return compare(expected, got, omitted).differences


# In 1.35 and before, `ip -6 route` shows more tables than the main one.
FURTHER_OF_RELEASE: Final = {
    "busybox-1.35/ip_-6_route": _cell(
        "ip route", "ip -j route show table all", (*_NOT_OF_BUSYBOX_ROUTE, "table"), _busybox_ipv6_of_old
    ),
}


@pytest.mark.parametrize("capture", CAPTURES)
def test_every_line_is_understood(capture: str) -> None:
    result = reader(capture).parse(printed(capture))
    assert (result.unparsed, result.coverage) == ((), 1.0)
    assert len(result) > 0


@pytest.mark.parametrize(
    "capture", [name for name in CAPTURES if name.partition("/")[2].replace("_", " ") not in BESIDE]
)
def test_every_field_is_the_truth(capture: str) -> None:
    assert compared(capture) == []


def test_a_word_that_is_read_otherwise_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    capture = "iproute2-5.10/ip_-d_addr"
    text = printed(capture)
    for before, after in (("in1:two", "in1:tow"), ("10.1.0.99", "10.1.0.98"), ("nodad home", "home"), ("87", "88")):
        assert before in text
        spoiled = read_back(reader(capture).parse(text.replace(before, after)))
        assert compare(read_back(reader(capture).parse(text)), spoiled).differences
    monkeypatch.setitem(NOT_PRINTED, "iproute2-5.10", ())
    assert len(compared(capture)) > 50


def test_both_truths_are_of_one_state() -> None:
    """What 6.1 and 7.3 both know is the same in the JSON of both."""
    late = {
        *LATE_DETAILS,
        *("addr_info.protocol", "linkinfo.info_data.reserved_bits"),
        *(f"linkinfo.info_data.{name}" for name in ("fdb_n_learned", "fdb_max_learned", "mst_enabled")),
        *(f"linkinfo.info_data.{name}" for name in ("mdb_offload_fail_notification", "fdb_local_vlan_0")),
        *(f"linkinfo.info_slave_data.{name}" for name in ("mab", "neigh_vlan_suppress")),
    }
    for call in ("ip -j -d -s -s addr", "ip -j -d -6 addr"):
        old, new = (_no_length_of_0(_vxlan(truth(release, call))) for release in ("6.1", "7.3"))
        omitted = {*late, *(["txqlen"] if "-6" in call else [])}
        assert compare(_about(old), new, omitted).differences == []
    old, new = (truth(release, "ip -j -d route show table all") for release in ("6.1", "7.3"))
    assert compare(old, new).differences == []


# --- route, beside ip route -------------------------------------------------------------------------------------------

TABLES: Final = [name for name in CAPTURES if name.partition("/")[2].replace("_", " ") in BESIDE]


@pytest.mark.parametrize("capture", [name for name in TABLES if "6" not in name.partition("/")[2]])
def test_rows_of_route_are_those_of_ip_route(capture: str) -> None:
    """With names for some addresses (`route`), or with other columns (`netstat`, `-ee`)."""
    expected = _OF_CALL["route -n"].adapt(truth("6.1", "ip -j -4 route"))
    names = {"gw-1": "10.240.0.1", "pod-2.example": "10.67.0.2"}
    found = parse_route_n(printed(capture))
    assert len(found) == len(expected)
    for row, known in zip(found, expected, strict=True):
        assert row.gateway_name in {None, *names}
        gateway = names.get(row.gateway_name or "", str(row.gateway) if row.gateway is not None else None)
        assert row.dst is None or str(row.dst) == known["dst"]
        assert row.dst is not None or names[row.destination or ""] == known["dst"].partition("/")[0]
        assert (gateway, row.dev) == (known.get("gateway"), known.get("dev"))
        assert row.metric == (None if "netstat" in capture else known["metric"])
        if "netstat" in capture or "-ee" in capture:
            assert row.window == (5000 if known["dst"] == "10.68.0.0/16" else None if row.iface == "-" else 0)


@pytest.mark.parametrize("capture", [name for name in TABLES if "6" in name.partition("/")[2]])
def test_rows_of_ipv6_are_those_of_ip_route(capture: str) -> None:
    """`route -6` shows every table and every hop, and what it knows of unreachable defaults, in another order."""
    expected: Counter[tuple[str, str | None, str, int | None]] = Counter()
    for row in truth("6.1", "ip -j -d route show table all"):
        if "pref" not in row:
            continue
        dst = str(ip_network("::/0" if row["dst"] == "default" else row["dst"]))
        for hop in row.get("nexthops", [row]):
            expected[dst, hop.get("gateway"), hop["dev"], row.get("metric", 0)] += 1
    found = Counter(
        (str(row.dst), None if row.gateway is None else str(row.gateway), str(row.dev), row.metric)
        for row in parse_route_n(printed(capture))
    )
    assert expected - found == Counter()
    assert set(found - expected) == {("::/0", None, "lo", 4294967295)}


# --- what differs between releases, one by one ------------------------------------------------------------------------
# What only releases before 5.10 print is in no capture here. It is read in the tests named at each place, from texts
# that are not captures.


def _named(rows: Iterable[Interface], name: str) -> Interface:
    return next(row for row in rows if row.ifname == name)


def _lines(capture: str, words: str) -> list[str]:
    return [line for line in printed(capture).split("\n") if words in line]


def test_namespace_of_the_peer() -> None:
    """``link-netns NAME`` if it has a name (before 4.17 always ``link-netnsid``: test_ip_addr.py, test_link_lines)."""
    for release in ("5.10", "6.1", "7.3"):
        found = parse_ip_addr(printed(f"iproute2-{release}/ip_-d_addr"))
        assert (_named(found, "veth699de12d").link_netnsid, _named(found, "veth699de12d").link_netns) == (0, None)
        assert (_named(found, "azv33ac2d062ec").link_netnsid, _named(found, "azv33ac2d062ec").link_netns) == (
            None,
            "blue",
        )


def test_metric_of_an_address() -> None:
    """Between prefix and ``brd`` (before 4.18 not printed, as in busybox)."""
    assert _lines("iproute2-5.10/ip_-d_addr", "10.240.0.4/16") == [
        "    inet 10.240.0.4/16 metric 100 brd 10.240.255.255 scope global eth0"
    ]
    assert _lines("busybox-1.30/ip_addr", "10.240.0.4/16") == [
        "    inet 10.240.0.4/16 brd 10.240.255.255 scope global eth0"
    ]
    for capture, metric in (("iproute2-5.10/ip_-d_addr", 100), ("busybox-1.30/ip_addr", None)):
        eth0 = _named(parse_ip_addr(printed(capture)), "eth0")
        [address] = [row for row in eth0.addr_info if row.family == "inet"]
        assert address.metric == metric


def test_further_names() -> None:
    """``altname`` lines between ``link/`` and ``inet`` (before 5.5 not printed, as in busybox)."""
    text = printed("iproute2-6.1/ip_addr").split("\n")
    first = text.index("    altname enP1279s1")
    assert (text[first - 1].split()[0], text[first + 2].split()[0]) == ("link/ether", "inet")
    assert _named(parse_ip_addr(printed("iproute2-6.1/ip_addr")), "eth0").altnames == (
        "enP1279s1",
        "a-much-longer-name-than-fifteen",
    )
    assert "altname" not in printed("busybox-1.35/ip_addr")


def test_protodown_with_and_without_a_reason() -> None:
    """``protodown on `` since 4.3, with ``protodown_reason`` since 5.10."""
    for release in ("5.10", "6.1"):
        assert [
            line.split(" promiscuity")[0].rpartition("ff:ff ")[2]
            for line in _lines(f"iproute2-{release}/ip_-d_addr", "protodown")
        ] == [
            "protodown on protodown_reason <3,7>",
            "protodown on ",
        ]
    found = parse_ip_addr(printed("iproute2-6.1/ip_addr"))
    assert [(row.proto_down, row.proto_down_reason) for row in found if row.proto_down] == [
        (True, ("3", "7")),
        (True, ()),
    ]


def test_who_set_an_address() -> None:
    """``proto`` since 6.4, in 6.1 not."""
    assert not _lines("iproute2-6.1/ip_addr", "proto kernel")
    for release in ("6.15", "7.3"):
        found = parse_ip_addr(printed(f"iproute2-{release}/ip_addr"))
        words = {str(row.local): row.protocol for interface in found for row in interface.addr_info}
        assert (words["::1"], words["fd00:4::1"], words["fd00:4::2"]) == ("kernel_lo", "0x2c", "kernel_ra")
        assert all(word == "kernel_ll" for local, word in words.items() if local.startswith("fe80"))
        assert (words["10.7.0.1"], words["10.240.0.4"]) == ("0x4", None)


def test_stable_privacy() -> None:
    """By name since 4.15; ``flags 800`` before, and in busybox."""
    assert _lines("busybox-1.35/ip_addr", "flags 800")
    assert _lines("iproute2-5.10/ip_-d_addr", "stable-privacy")
    for capture in ("busybox-1.35/ip_addr", "iproute2-5.10/ip_-d_addr"):
        found = _named(parse_ip_addr(printed(capture)), "in2").addr_info
        assert [row.stable_privacy for row in found if row.local.is_link_local] == [True]


def test_order_of_flags() -> None:
    """As since 4.15; busybox has kept the other one (for the rest of it: test_ip_addr.py, test_address_lines)."""
    assert _lines("iproute2-5.10/ip_-d_addr", "scope global dadfailed tentative ")
    assert _lines("iproute2-5.10/ip_-d_addr", "scope global dynamic mngtmpaddr ")
    assert _lines("iproute2-5.10/ip_-d_addr", "scope global nodad home ")
    assert _lines("busybox-1.35/ip_addr", "scope global tentative dadfailed ")
    for capture in ("busybox-1.35/ip_addr", "iproute2-5.10/ip_-d_addr"):
        found = parse_ip_addr(printed(capture))
        assert any(row.dadfailed and row.tentative for row in _named(found, "dup2").addr_info)
        assert any(row.dynamic and row.mngtmpaddr for row in _named(found, "in2").addr_info)
        assert any(row.nodad and row.home for row in _named(found, "in1").addr_info)


def test_columns_of_counters() -> None:
    """Aligned to the right since 5.15. 5.10 aligns them to the left and has ``missed`` already; for ``overrun`` there:
    test_ip_options.py, test_statistics."""
    assert _lines("iproute2-5.10/ip_-s_link", "RX:")[0] == "    RX: bytes  packets  errors  dropped missed  mcast   "
    assert (
        _lines("iproute2-6.1/ip_-s_link", "RX:")[0]
        == "    RX:  bytes packets errors dropped  missed   mcast           "
    )
    old, new = (parse_ip_link(printed(f"iproute2-{release}/ip_-s_link")) for release in ("5.10", "6.1"))
    assert [row.stats64 for row in old] == [row.stats64 for row in new]
    assert _named(old, "cbr0").stats64 is not None


def test_details() -> None:
    """More words behind ``promiscuity`` from release to release; ``lo`` has no line for its kind."""
    heads = {
        "5.10": " promiscuity 0 minmtu 0 maxmtu 0 numtxqueues 1 ",
        "6.1": " promiscuity 0  allmulti 0 minmtu 0 maxmtu 0 numtxqueues 1 ",
        "7.3": " promiscuity 0 allmulti 0 minmtu 0 maxmtu 0 netns-immutable numtxqueues 1 ",
    }
    for release, words in heads.items():
        [line] = _lines(f"iproute2-{release}/ip_-d_addr", "link/loopback")
        assert words in line
        lo = _named(parse_ip_addr(printed(f"iproute2-{release}/ip_-d_addr")), "lo")
        assert (lo.promiscuity, lo.max_mtu, lo.num_tx_queues, lo.details, lo.linkinfo) == (0, 0, 1, None, None)
        assert (lo.allmulti, lo.netns_immutable) == (None if release == "5.10" else 0, release == "7.3")
    for capture in CAPTURES:
        if reader(capture).model is Interface:
            for row in reader(capture).parse(printed(capture)):
                assert (row.details, row.linkinfo and row.linkinfo.text) == (None, None), capture


def test_length_of_the_queue() -> None:
    """``qlen 0`` is printed by 7.x only, which does not print ``qlen`` at all where it lists one family."""
    assert [
        _named(parse_ip_addr(printed(f"iproute2-{release}/ip_addr")), "odd").txqlen
        for release in ("6.1", "6.15", "7.3")
    ] == [
        None,
        None,
        0,
    ]
    assert "qlen" in printed("iproute2-6.15/ip_-6_addr")
    assert "qlen" not in printed("iproute2-7.3/ip_-6_addr")


def test_nexthop_objects_and_preference() -> None:
    """``nhid`` before ``via`` since 5.5, its object with ``-d`` after 5.10; ``pref`` before the hops, after 4.15."""
    assert _lines("iproute2-5.10/ip_-d_route", "nhid 7 via")
    assert not _lines("iproute2-5.10/ip_-d_route", "nh_info")
    assert _lines("iproute2-6.1/ip_-d_route", "nh_info id 7 via")
    assert _lines("iproute2-6.1/ip_-6_route", "fd02::/64") == ["fd02::/64 metric 1024 pref medium"]
    [route] = [row for row in parse_ip_route(printed("iproute2-6.1/ip_-6_route")) if str(row.dst) == "fd02::/64"]
    assert (route.pref, [hop.weight for hop in route.nexthops]) == ("medium", [1, 4])


def test_two_blanks_in_a_route() -> None:
    """Before ``src`` and ``metric`` in busybox, as in iproute2 4.3; before ``encap`` in every release. For those of 4.3
    and 4.9 before ``proto``, ``mtu`` and ``dev``: test_ip_route.py."""
    assert _lines("busybox-1.35/ip_route", "10.1.0.0/24") == ["10.1.0.0/24 dev in1 scope link  src 10.1.0.1 "]
    assert all("  encap " in line for line in _lines("iproute2-6.1/ip_-6_route", "encap"))
    old, new = (parse_ip_route(printed(capture)) for capture in ("busybox-1.35/ip_route", "iproute2-6.1/ip_route"))
    assert [(row.dst, row.dev, row.prefsrc, row.metric) for row in old] == [
        (row.dst, row.dev, row.prefsrc, row.metric) for row in new
    ]


def test_encapsulations() -> None:
    """The parameters have an object of their own in the JSON of 6.15, and stand among the keys of the route in 6.1."""
    old, new, text = (
        {str(row.dst): (row.encap, row.encap_args) for row in parse_ip_route(printed(capture)) if row.encap}
        for capture in ("iproute2-6.1/ip_-j_-6_route", "iproute2-6.15/ip_-j_-6_route", "iproute2-6.1/ip_-6_route")
    )
    assert old == new == text
    assert text["fd09::/64"] == ("seg6", "mode encap segs 1 [ fd00::7 ]")


def test_ports_and_bridges() -> None:
    """``veth0@peer:`` with the name of what has the peer's index here, which is wrong in every release; with ``-d``,
    5.10 lists bridges, too. To 4.15 ``veth0 state UP @peer:``: test_bridge_link.py."""
    for capture in ("iproute2-5.10/bridge_-d_link", "iproute2-6.1/bridge_link", "iproute2-6.15/bridge_-d_link"):
        found = parse_bridge_link(printed(capture))
        assert {row.ifname: row.link for row in found if row.link} == {"veth699de12d": "eth0", "azv33ac2d062ec": "eth0"}
        assert [row.ifname for row in found if row.is_port] == ["veth699de12d", "azv33ac2d062ec", "ifb0"]
        assert [row.ifname for row in found if not row.is_port] == (["cbr0", "br-stp"] if "5.10" in capture else [])


def test_wrong_names_of_peers() -> None:
    """busybox says of a peer in another namespace what has its index here; it is not taken for the peer."""
    for release in ("1.30", "1.35"):
        assert _lines(f"busybox-{release}/ip_addr", "veth699de12d@eth0")
        assert _named(parse_ip_addr(printed(f"busybox-{release}/ip_addr")), "veth699de12d").link is None
    for release in ("6.1", "7.3"):
        found = _named(parse_ip_addr(printed(f"iproute2-{release}/ip_addr")), "veth699de12d")
        assert (found.link, found.link_index) == (None, 2)
    assert _named(parse_ip_addr(printed("iproute2-6.1/ip_-br_addr")), "veth699de12d").link_index == 2
