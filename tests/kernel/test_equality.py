"""Every field that a tool knows of real namespaces, against what is read from the text that the same tool prints."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from aksnet_parse import COMMANDS, Address, Command, Interface

from .equality import (
    SCORES,
    Comparison,
    Json,
    compare,
    entries,
    interval,
    named_namespaces,
    read_back,
    with_names,
)
from .scenes import SCENES, Place, Plan, built, plans

pytestmark = pytest.mark.usefixtures("kernel")

# --- what a variant does not print ------------------------------------------------------------------------------------

DETAILS: Final = (
    *("ifalias", "promiscuity", "allmulti", "min_mtu", "max_mtu", "linkinfo", "inet6_addr_gen_mode"),
    *("num_tx_queues", "num_rx_queues", "gso_max_size", "gso_max_segs", "tso_max_size", "tso_max_segs", "gro_max_size"),
)
# Counters that are printed with a second -s.
ERRORS: Final = (
    *(f"stats64.rx.{name}_errors" for name in ("over", "length", "crc", "frame", "fifo")),
    *(f"stats64.tx.{name}_errors" for name in ("aborted", "fifo", "window", "heartbeat")),
    *("stats64.rx.nohandler", "stats64.tx.carrier_changes"),
)
PORT_DETAILS: Final = (
    *("hairpin", "guard", "root_block", "fastleave", "learning", "flood", "mcast_flood", "bcast_flood"),
    *("mcast_router", "mcast_to_unicast", "neigh_suppress", "vlan_tunnel", "backup_port", "isolated", "locked"),
)
# With a family, `ip` prints no link/ lines.
LINK_LINE: Final = ("link_type", "address", "broadcast", "link_pointtopoint", "permaddr")
# What `route` says in words of its own.
# The JSON does not say which metrics are locked.
IP_ROUTE: Final = ("source_command", "metrics.locked")
OF_ROUTE_N: Final = ("destination", "genmask", "flags", "ref", "use", "iface", "source_command")
BUSYBOX: Final = (
    *("link", "link_index", "link_netnsid", "link_netns", "operstate", "group", "altnames", "ifalias"),
    *("proto_down", "proto_down_reason", "addr_info.metric", "addr_info.protocol"),
)

# --- the cells of the table -------------------------------------------------------------------------------------------

Adapt = Callable[[list[Json]], list[Json]]


@dataclass(frozen=True)
class Cell:
    """A command in one variant: how it is called, what tells the truth of it, what it does not print of that.

    ``on_node``: it reads /sys, which shows the node from everywhere. ``adapt``: what the variant prints otherwise, to
    be applied to the truth.
    """

    command: str
    call: str
    truth: str
    omitted: tuple[str, ...] = ()
    adapt: Adapt = list
    on_node: bool = False

    @property
    def reader(self) -> Command[Any]:
        return next(command for command in COMMANDS if command.name == self.command)


def _without_m_down(rows: list[Json]) -> list[Json]:
    """busybox looks the peer up in the wrong namespace, so that its M-DOWN is not taken for one."""
    return [{**row, "flags": [flag for flag in row["flags"] if flag != "M-DOWN"]} for row in rows]


def _indexes(rows: list[Json]) -> list[Json]:
    """With -6 the kernel does not tell the peer's namespace, and the JSON calls a peer "if5" whose index is unknown."""
    adapted = []
    for row in rows:
        link = str(row.get("link", ""))
        if link.startswith("if") and link[2:].isdecimal():
            row = {**row, "link_index": int(link[2:])}
            del row["link"]
        adapted.append(row)
    return adapted


def _as_busybox(rows: list[Json]) -> list[Json]:
    """busybox takes two IPv6 addresses for one where the first four octets are alike, and then leaves the peer out. It
    has no name for the type of a tun."""
    adapted = []
    for row in _without_m_down(rows):
        addresses = [
            {key: value for key, value in address.items() if key != "address" or not _are_alike(address)}
            for address in row.get("addr_info", [])
        ]
        row = {**row, "addr_info": addresses} if addresses else row
        adapted.append({**row, "link_type": "[65534]"} if row["link_type"] == "none" else row)
    return adapted


def _routes(rows: list[Json]) -> list[Json]:
    """Destinations as networks. Only what else is said of a default route tells which IP it is of."""
    adapted = []
    for row in rows:
        if row["dst"] == "default":
            told = (row, *row.get("nexthops", ()))
            is_6 = "pref" in row or any(":" in hop.get("gateway", "") for hop in told)
            row = {**row, "dst": "::/0" if is_6 else "0.0.0.0/0"}
        adapted.append({**row, "dst": str(ip_network(row["dst"]))})
    return adapted


def _rows_of_route_n(rows: list[Json]) -> list[Json]:
    """`route` shows the first hop alone, no table but main, and no device and gateway for what is turned away."""
    adapted = []
    for row in _routes(rows):
        hop = row["nexthops"][0] if "nexthops" in row else row
        shown = {"dst": row["dst"], "metric": row.get("metric", 0)}
        adapted.append(shown | {name: hop[name] for name in ("gateway", "dev") if name in hop})
    return adapted


def _are_alike(address: Json) -> bool:
    local, peer = (ip_address(address[name]).packed for name in ("local", "address"))
    return len(local) == 16 and local[:4] == peer[:4]


def _bridges(rows: list[Json]) -> list[Json]:
    """`brctl show` of the links that `ip` shows."""
    found = []
    for row in rows:
        if row.get("linkinfo", {}).get("info_kind") == "bridge":
            data = row["linkinfo"]["info_data"]
            priority, _, mac = data["bridge_id"].partition(".")
            octets = "".join(f"{int(octet, 16):02x}" for octet in mac.split(":"))
            ports = sorted(port["ifname"] for port in rows if port.get("master") == row["ifname"])
            bridge = {"bridge": row["ifname"], "bridge_id": f"{priority}.{octets}", "stp": bool(data["stp_state"])}
            found.append({**bridge, "interfaces": ports} if ports else bridge)
    return sorted(found, key=lambda bridge: str(bridge["bridge"]))


# What `ip -d` prints only if it is otherwise, with the value that it then has.
UNPRINTED_DEFAULTS: Final = {"df": "unset", "learning": True, "multi_queue": False}


def _without_defaults(rows: list[Json]) -> list[Json]:
    adapted = []
    for row in rows:
        info = row.get("linkinfo", {})
        if "info_data" in info:
            data = {name: value for name, value in info["info_data"].items() if not _is_unprinted(name, value)}
            info = {**info, "info_data": data}
            row = {**row, "linkinfo": {name: value for name, value in info.items() if value != {}}}
        adapted.append(row)
    return adapted


def _is_unprinted(name: str, value: Any) -> bool:
    return name in UNPRINTED_DEFAULTS and UNPRINTED_DEFAULTS[name] == value


def _with_addresses(rows: list[Json]) -> list[Json]:
    """With -o the addresses are listed, and no interface that has none."""
    return [row for row in rows if "addr_info" in row]


def _all_but(*printed: str) -> tuple[str, ...]:
    """Every field of an interface and its addresses, but for those."""
    fields = {field.serialization_alias or name for name, field in Interface.model_fields.items()} - {"addr_info"}
    of_addresses = {field.serialization_alias or name for name, field in Address.model_fields.items()}
    return tuple({*fields, *(f"addr_info.{name}" for name in of_addresses)} - set(printed))


_ADDRESS = tuple(f"addr_info.{field.serialization_alias or name}" for name, field in Address.model_fields.items())
ONE_LINE_ADDR: Final = _all_but("ifindex", "ifname", *_ADDRESS)
_SHORT = ("addr_info.family", "addr_info.local", "addr_info.address", "addr_info.prefixlen", "addr_info.metric")
BRIEF_ADDR: Final = _all_but("ifname", "link", "link_index", "operstate", *_SHORT)
BRIEF_LINK: Final = _all_but("ifname", "link", "link_index", "operstate", "address", "flags")

_ADDR, _LINK, _PORTS = "ip -j -d addr", "ip -j -d link", "bridge -j -d link"
# With one -s the JSON leaves out a column that the text has.
_COUNTED_ADDR, _COUNTED_LINK = "ip -j -d -s -s addr", "ip -j -d -s -s link"

CELLS: Final = (
    Cell("ip addr", "ip addr", _ADDR, DETAILS),
    Cell("ip addr", "ip -d addr", _ADDR, (), _without_defaults),
    Cell("ip addr", "ip -s addr", _COUNTED_ADDR, (*DETAILS, *ERRORS)),
    Cell("ip addr", "ip -s -s addr", _COUNTED_ADDR, DETAILS),
    Cell("ip addr", "ip -o addr", _ADDR, ONE_LINE_ADDR, _with_addresses),
    Cell("ip addr", "ip -br addr", _ADDR, BRIEF_ADDR),
    Cell("ip addr", "ip -j addr", _ADDR, DETAILS),
    Cell("ip addr", "ip -j -p addr", _ADDR, DETAILS),
    Cell("ip addr", "ip -j -d addr", _ADDR),
    Cell("ip addr", "ip -4 addr", "ip -j -d -4 addr", (*DETAILS, *LINK_LINE)),
    Cell("ip addr", "ip -6 addr", "ip -j -d -6 addr", (*DETAILS, *LINK_LINE), _indexes),
    Cell("ip addr", "busybox ip addr", _ADDR, (*DETAILS, *BUSYBOX), _as_busybox),
    Cell("ip link", "ip link", _LINK, DETAILS),
    Cell("ip link", "ip -d link", _LINK, (), _without_defaults),
    Cell("ip link", "ip -s link", _COUNTED_LINK, (*DETAILS, *ERRORS)),
    Cell("ip link", "ip -s -s link", _COUNTED_LINK, DETAILS),
    Cell("ip link", "ip -o link", _LINK, DETAILS),
    Cell("ip link", "ip -br link", _LINK, BRIEF_LINK),
    Cell("ip link", "ip -o -d -s link", _COUNTED_LINK, ERRORS, _without_defaults),
    Cell("ip link", "ip -j link", _LINK, DETAILS),
    Cell("ip link", "ip -j -d -p link", _LINK),
    Cell("bridge link", "bridge link", _PORTS, PORT_DETAILS),
    Cell("bridge link", "bridge -d link", _PORTS),
    Cell("bridge link", "bridge -o link", _PORTS, PORT_DETAILS),
    Cell("bridge link", "bridge -o -d link", _PORTS),
    Cell("bridge link", "bridge -s -d link", _PORTS),
    Cell("bridge link", "bridge -j link", _PORTS, PORT_DETAILS),
    Cell("bridge link", "bridge -j -p link", _PORTS, PORT_DETAILS),
    Cell("bridge link", "bridge -j -d link", _PORTS),
    Cell("route -n", "route -n", "ip -j -4 route", OF_ROUTE_N, _rows_of_route_n),
    Cell("brctl show", "brctl show", _LINK, (), _bridges, on_node=True),
)

# Each is told by its own JSON, as `ip` leaves out what has its usual value.
_MAIN, _ALL = "ip -j route", "ip -j -d route show table all"
ROUTE_CELLS: Final = (
    Cell("ip route", "ip route", _MAIN, IP_ROUTE, _routes),
    Cell("ip route", "ip -o route", _MAIN, IP_ROUTE, _routes),
    Cell("ip route", "ip -d route", "ip -j -d route", IP_ROUTE, _routes),
    Cell("ip route", "ip -6 route", "ip -j -6 route", IP_ROUTE, _routes),
    Cell("ip route", "ip -6 -d route", "ip -j -6 -d route", IP_ROUTE, _routes),
    Cell("ip route", "ip route show table all", "ip -j route show table all", IP_ROUTE, _routes),
    Cell("ip route", "ip -d route show table all", _ALL, IP_ROUTE, _routes),
    Cell("ip route", "ip -o -d route show table all", _ALL, IP_ROUTE, _routes),
    Cell("ip route", "ip -j route", _MAIN, IP_ROUTE, _routes),
    Cell("ip route", "ip -j -p route", _MAIN, IP_ROUTE, _routes),
    Cell("ip route", "ip -j -d route show table all", _ALL, IP_ROUTE, _routes),
)


def _all_cells() -> tuple[Cell, ...]:
    """The cells of commands that are read."""
    names = {command.name for command in COMMANDS}
    return tuple(cell for cell in (*CELLS, *ROUTE_CELLS) if cell.command in names)


# --- capturing and comparing ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Captured:
    """What one place shows: the text of every cell, and the truths that held before and after."""

    texts: dict[str, str]
    truths: dict[str, list[Json]]
    raw: dict[str, tuple[str, str]]
    names: dict[int, str]


def capture(place: Place, cells: Sequence[Cell]) -> Captured:
    """Capture until nothing changes meanwhile: links come up, and statistics count, for a moment."""
    names = named_namespaces(place.run("ip", "netns", "list-id"))
    calls = list(dict.fromkeys(cell.truth for cell in cells))
    deadline = time.monotonic() + 120
    while True:
        before = [place.run(*call.split()) for call in calls]
        texts = {cell.call: _printed(place, cell.call) for cell in cells}
        after = [place.run(*call.split()) for call in calls]
        try:
            truths = [
                interval(entries(one), entries(other)) if one != other else entries(one)
                for one, other in zip(before, after, strict=True)
            ]
        except ValueError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
            continue
        return Captured(
            texts=texts,
            truths=dict(zip(calls, truths, strict=True)),
            raw={call: (one, other) for call, one, other in zip(calls, before, after, strict=True)},
            names=names,
        )


def _printed(place: Place, call: str) -> str:
    # `route` exits with 1 where it has no route to show.
    return place.run("sh", "-c", f"{call} || [ $? = 1 ]") if call.startswith("route") else place.run(*call.split())


def compare_cell(cell: Cell, captured: Captured) -> tuple[Comparison, Comparison | None]:
    """What was read from the text against the tool's JSON; and against what this library reads from that JSON, if it
    reads the JSON of this command."""
    result = cell.reader.parse(captured.texts[cell.call])
    got = read_back(result)
    if cell.command == "brctl show":
        got = [{**row, "interfaces": sorted(row["interfaces"])} if "interfaces" in row else row for row in got]
    names = {} if "-j" in cell.call.split() else captured.names
    comparison = compare(cell.adapt(with_names(captured.truths[cell.truth], names)), got, cell.omitted)
    for line in result.unparsed:
        comparison.checked += 1
        comparison.differences.append((f"line {line.line}", "(understood)", line.text))
    if cell.reader.from_json is None:
        return comparison, None
    one, other = (read_back(cell.reader.parse(text)) for text in captured.raw[cell.truth])
    expected = cell.adapt(with_names(interval(one, other), names))
    return comparison, compare(expected, got, cell.omitted)


def check(places: Iterable[Place], cells: Sequence[Cell] = _all_cells()) -> list[str]:
    """Compare every cell in all places; returns the differences in words, one cell after the other."""
    captures = [
        capture(place, [cell for cell in cells if place.network is None or not cell.on_node]) for place in places
    ]
    wrong: list[str] = []
    for cell in cells:
        score = SCORES[cell.command, cell.call]
        score.scenes += 1
        for captured in captures:
            if cell.call not in captured.texts:
                continue
            comparison, with_json = compare_cell(cell, captured)
            score.checked += comparison.checked
            score.equal += comparison.equal
            wrong += [
                f"{cell.call}: {where}: expected {expected!r}, got {got!r}"
                for where, expected, got in comparison.differences
            ]
            wrong += [
                f"{cell.call}: {where}: read from JSON {expected!r}, from text {got!r}"
                for where, expected, got in (with_json.differences if with_json is not None else ())
            ]
    return wrong


@pytest.mark.parametrize("name", SCENES)
def test_every_field_of_a_scene(name: str) -> None:
    with SCENES[name]() as places:
        assert check(places) == []


# Without looking for a smaller example, which would take minutes.
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[*HealthCheck],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(plans())
def test_every_field_of_a_random_scene(plan: Plan) -> None:
    with built(plan) as places:
        assert check(places[:1]) == []
