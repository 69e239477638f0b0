"""Frames: the columns and their types are always the same, and the values are those of the models."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas
import pytest

import aksnet_parse
from aksnet_parse import Analysis, Reading, UsageError, analyze, read
from aksnet_parse.commands import COMMANDS
from aksnet_parse.commands.routes import IpRoute, NetToolsRoute
from aksnet_parse.render.frames import TABLES

SAMPLES = sorted((Path(__file__).parent.parent / "samples").glob("*.txt"))
OF_READING = ("interfaces", "addresses", "routes", "bridges")
OF_ANALYSIS = ("pods", "findings")


@pytest.fixture(scope="module")
def readings() -> dict[str, Reading]:
    return {path.stem: read(path) for path in SAMPLES}


@pytest.fixture(scope="module")
def analyses(readings: dict[str, Reading]) -> dict[str, Analysis]:
    return {name: analyze(reading) for name, reading in readings.items()}


def _known(series: pandas.Series[Any]) -> list[Any]:
    """The values, None for what is missing."""
    return [None if pandas.isna(value) else value for value in series]


def _types(frame: pandas.DataFrame) -> dict[str, str]:
    """The type of each column. Words of no fixed list are a category of those that occur."""
    return {str(name): str(kind) for name, kind in frame.dtypes.items()}


@pytest.mark.parametrize("table", OF_READING + OF_ANALYSIS)
def test_columns_and_types_are_the_same_for_all(
    table: str, readings: dict[str, Reading], analyses: dict[str, Analysis]
) -> None:
    of: dict[str, Any] = dict(readings if table in OF_READING else analyses)
    nothing: Any = read("") if table in OF_READING else analyze(read(""))
    empty = nothing.to_frame(table)
    assert len(empty) == 0
    assert list(empty.columns) == list(TABLES[table])
    of_own_lists = {"status", "severity", "attachment", "family"}
    expected = {name: "category" if kind in of_own_lists else kind for name, kind in TABLES[table].items()}
    assert _types(empty) == expected
    rows = 0
    for result in of.values():
        frame = result.to_frame(table)
        assert _types(frame) == expected
        rows += len(frame)
    assert rows > 0


@pytest.mark.parametrize("name", [path.stem for path in SAMPLES])
def test_pods_are_those_of_the_analysis(name: str, analyses: dict[str, Analysis]) -> None:
    [node] = analyses[name].nodes
    frame = node.to_frame("pods")
    assert _known(frame["veth"]) == [pod.veth.name if pod.veth else None for pod in node.pods]
    assert _known(frame["ifindex"]) == [pod.interface.ifindex if pod.interface else None for pod in node.pods]
    assert _known(frame["pid"]) == [pod.pid for pod in node.pods]
    assert list(frame["status"]) == [pod.status for pod in node.pods]
    assert list(frame["proof_count"]) == [len(pod.proofs) for pod in node.pods]
    assert list(frame["addresses"]) == [", ".join(pod.addresses) for pod in node.pods]
    whole = analyses[name].to_frame("pods")
    assert set(whole["node"]) == {1}
    pandas.testing.assert_frame_equal(whole.drop(columns="node"), frame.drop(columns="node"))


def test_findings_can_be_sorted_by_how_bad_they_are(analyses: dict[str, Analysis]) -> None:
    [node] = analyses["azure-cni-broken"].nodes
    frame = node.to_frame("findings")
    assert list(frame["code"]) == [finding.code for finding in node.findings]
    assert list(frame["line"]) == [finding.lines[0].line for finding in node.findings]
    worst = frame.sort_values("severity", ascending=False)
    assert worst["severity"].iloc[0] == "error"
    assert (frame["severity"] >= "warning").sum() == sum(one.severity != "info" for one in node.findings)


@pytest.mark.parametrize("name", [path.stem for path in SAMPLES])
def test_what_was_captured_is_in_the_frames_of_a_reading(name: str, readings: dict[str, Reading]) -> None:
    [node] = readings[name].nodes
    interfaces = readings[name].to_frame("interfaces")
    listed = [*(node.interfaces or ()), *(one for space in node.namespaces for one in space.interfaces or ())]
    assert _known(interfaces["ifname"]) == [one.ifname for one in listed]
    assert _known(interfaces["mtu"]) == [one.mtu for one in listed]
    assert _known(interfaces["mac"]) == [str(one.address) if one.address else None for one in listed]
    assert _known(interfaces["line"]) == [one.source.first_line if one.source else None for one in listed]
    addresses = readings[name].to_frame("addresses")
    assert len(addresses) == sum(len(one.addr_info) for one in listed)
    assert _known(addresses["local"]) == [str(address.local) for one in listed for address in one.addr_info]
    routes = node.to_frame("routes")
    of_host = routes[routes["namespace"] == "host"]
    assert _known(of_host["dst"]) == [str(route.dst) for route in node.routes or ()]
    assert _known(of_host["is_host"]) == [route.is_host for route in node.routes or ()]


def test_bridges_have_a_row_for_each_port(readings: dict[str, Reading]) -> None:
    [node] = readings["kubenet-bridge"].nodes
    frame = node.to_frame("bridges")
    [shown] = [bridge for bridge in node.bridges or () if bridge.bridge == "cbr0"]
    ports = frame[frame["bridge"] == "cbr0"]["port"]
    assert set(shown.interfaces) <= set(ports)
    assert not frame[frame["bridge"] == "cbr0"]["is_docker"].any()


def test_a_route_has_what_either_command_tells_of_it() -> None:
    by_ip = aksnet_parse.parse_ip_route(
        "10.0.0.0/8 via 10.1.0.1 dev eth0 proto static scope link metric 7 mtu 1400\nblackhole 10.244.0.0/24\n"
    ).to_frame()
    by_route = aksnet_parse.parse_route_n(
        "Kernel IP routing table\n"
        "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n"
        "10.220.2.8      0.0.0.0         255.255.255.255 UH    0      0        4 azv590e0427f9b\n"
    ).to_frame()
    assert list(by_ip.columns) == list(by_route.columns)
    fields = {*IpRoute.model_fields, *NetToolsRoute.model_fields} - {"source", "via", "gateway_name"}
    assert fields <= set(by_ip.columns)
    assert _types(by_ip) == _types(by_route)
    assert _known(by_ip["scope"]) == ["link", None]
    assert _known(by_ip["metrics"])[0] is not None
    assert "1400" in by_ip["metrics"][0]
    assert list(by_ip["is_reject"]) == [False, True]
    assert _known(by_ip["genmask"]) == [None, None]
    [row] = by_route.to_dict("records")
    assert (row["dst"], row["genmask"], row["use"], row["iface"]) == (
        "10.220.2.8/32",
        "255.255.255.255",
        4,
        "azv590e0427f9b",
    )
    assert pandas.isna(row["scope"])


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_has_a_frame_of_nothing(command: Any) -> None:
    frame = command.parse("").to_frame()
    assert len(frame) == 0
    assert {"file", "line"} <= set(frame.columns)
    assert set(_types(frame).values()) <= {"string", "Int64", "boolean", "category"}


def test_any_record_is_a_row() -> None:
    frame = aksnet_parse.parse_ip_neigh(
        "10.1.0.4 dev eth0 lladdr 00:0d:3a:9c:96:47 REACHABLE\n", file="a.txt"
    ).to_frame()
    [row] = frame.to_dict("records")
    assert (row["dst"], row["dev"], row["lladdr"]) == ("10.1.0.4", "eth0", "00:0d:3a:9c:96:47")
    assert (row["file"], row["line"]) == ("a.txt", 1)
    assert row["state"] == "REACHABLE"


def test_numbers_that_no_column_holds_are_missing() -> None:
    frame = aksnet_parse.parse_ip_addr(f"7: eth0: <UP> mtu {10**30} qdisc mq state UP qlen 1000\n").to_frame()
    assert list(frame["ifname"]) == ["eth0"]
    assert _known(frame["mtu"]) == [None]


def test_a_frame_can_be_written(analyses: dict[str, Analysis], tmp_path: Path) -> None:
    frame = analyses["kubenet-calico"].to_frame("pods")
    frame.to_csv(tmp_path / "pods.csv", index=False)
    again = pandas.read_csv(tmp_path / "pods.csv")
    assert list(again["veth"]) == list(frame["veth"])


def test_another_table_is_refused_with_those_there_are(
    readings: dict[str, Reading], analyses: dict[str, Analysis]
) -> None:
    with pytest.raises(
        UsageError,
        match=r"no table 'routes' here, but pods, findings, listed_pods; .*read\(\.\.\.\)\.to_frame\('routes'",
    ):
        analyses["kubenet-bridge"].to_frame("routes")
    with pytest.raises(
        UsageError, match=r"no table 'pods' here, but interfaces, .*analyze\(\.\.\.\)\.to_frame\('pods'"
    ):
        readings["kubenet-bridge"].to_frame("pods")
    with pytest.raises(UsageError, match=r"no table 'all' here, but interfaces, addresses, routes, bridges$"):
        readings["kubenet-bridge"].to_frame("all")


def test_without_pandas_the_extra_is_named(readings: dict[str, Reading], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match=r"aksnet-parse\[notebook\]"):
        readings["kubenet-bridge"].to_frame("routes")
    with pytest.raises(UsageError, match=r"aksnet-parse\[notebook\]"):
        aksnet_parse.parse_ip_addr("").to_frame()
