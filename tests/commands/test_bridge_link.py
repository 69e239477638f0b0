"""`bridge link` as the tools print it, in every form, and back from typed records."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aksnet_parse import BridgePort, ParseError, parse_bridge_link, parse_ip_addr, read
from aksnet_parse.commands.bridge_link import BRIDGE_LINK

from ..strategies import bridge_ports, render_bridge_link

CAPTURES = Path(__file__).parent / "captures"


def capture(form: str) -> str:
    """One state of one kernel in five forms (iproute2 6.1)."""
    return (CAPTURES / f"bridge_link-odd_names-{form}.txt").read_text(encoding="utf-8")


def _is_read_alike(rows: list[BridgePort]) -> bool:
    # Where the end of a name is the name of another port, only a person can tell where the peer begins.
    found = {row.ifname for row in rows}
    tails = {row.ifname[index + 1 :] for row in rows for index, sign in enumerate(row.ifname) if sign == "@"}
    return not any("@" in row.ifname for row in rows) or not found & (tails | {row.link for row in rows})


# --- round trip -------------------------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(st.lists(bridge_ports(), max_size=5).filter(_is_read_alike), st.booleans())
def test_what_was_printed_is_read_back(rows: list[BridgePort], joined: bool) -> None:
    result = parse_bridge_link(render_bridge_link(rows, joined=joined), strict=True)
    assert list(result) == rows
    assert result.coverage == 1.0


@settings(max_examples=50, deadline=None)
@given(st.lists(bridge_ports(), min_size=1, max_size=4))
def test_lost_indentation_and_added_blanks_do_not_matter(rows: list[BridgePort]) -> None:
    lines = render_bridge_link(rows).split("\n")
    bare = "\n".join(line.strip() for line in lines)
    indented = "\n".join("    " + line for line in lines)
    spaced = "\n".join(line.replace(" ", "  ") for line in lines)
    expected = parse_bridge_link("\n".join(lines), strict=True)
    assert parse_bridge_link(bare) == parse_bridge_link(indented) == parse_bridge_link(spaced) == expected


# --- real output ------------------------------------------------------------------------------------------------------


def test_real_output_with_odd_names() -> None:
    result = parse_bridge_link(capture("plain"), strict=True)
    assert [(row.ifindex, row.ifname, row.link, row.master, row.state) for row in result] == [
        (5, "a@b", "...", "state", "forwarding"),
        (6, "-x", "state", "state", "disabled"),  # its peer is in another namespace, and no such thing as "state"
        (8, "master", "naïve", "\\", "forwarding"),
        (9, "x@", "veth\\x", "state", "disabled"),
        (10, "veth\\x", "x@", "\\", "disabled"),
        (11, "tap0", None, "state", "disabled"),
    ]
    assert all(row.is_port for row in result)
    assert (result[0].mtu, result[0].priority, result[0].cost) == (1500, 32, 2)
    assert result[0].flags == {"BROADCAST", "MULTICAST", "UP", "LOWER_UP"}


@pytest.mark.parametrize(("text", "json"), [("plain", "json"), ("details", "json_details"), ("joined", "json_details")])
def test_text_and_json_of_one_state_are_equal(text: str, json: str) -> None:
    assert parse_bridge_link(capture(text), strict=True) == parse_bridge_link(capture(json), strict=True)


def test_details() -> None:
    rows = {row.ifname: row for row in parse_bridge_link(capture("details"), strict=True)}
    assert (rows["a@b"].isolated, rows["a@b"].learning, rows["a@b"].hairpin) == (True, False, False)
    assert (rows["x@"].backup_port, rows["x@"].mcast_router) == ("a@b", 1)
    assert (rows["tap0"].backup_port, rows["tap0"].mab) == (None, None)
    assert parse_bridge_link(capture("plain"))[0].hairpin is None


@pytest.mark.parametrize("form", ["details", "joined", "json_details"])
def test_each_record_knows_its_lines(form: str) -> None:
    lines = capture(form).splitlines()
    for row in parse_bridge_link(capture(form), file="f"):
        assert row.source is not None
        own = "\n".join(lines[row.source.first_line - 1 : row.source.last_line])
        assert f"{row.ifindex}" in own
        assert f"{row.ifname.replace(chr(92), chr(92) * 2) if form == 'json_details' else row.ifname}" in own
        assert "hairpin" in own


def test_the_older_form() -> None:
    """To iproute2 4.15 the state of the link and the peer stand apart."""
    text = (
        "4: veth1 state UP @docker0: <BROADCAST,UP> mtu 1500 master cbr0 state forwarding priority 32 cost 2 \n"
        "5: state state UNKNOWN : <BROADCAST,UP> mtu 1500 master cbr0 state disabled priority 32 cost 2 \n"
        "    hairpin on guard off root_block off fastleave off learning on flood on \n"
        "6: eth0 state UP @NONE: <BROADCAST,UP> mtu 1500 hwmode VEB \n"
    )
    result = parse_bridge_link(text, strict=True)
    assert [(row.ifname, row.operstate, row.link, row.master, row.state, row.hairpin) for row in result] == [
        ("veth1", "UP", "docker0", "cbr0", "forwarding", None),
        ("state", "UNKNOWN", None, "cbr0", "disabled", True),
        ("eth0", "UP", None, None, None, None),
    ]


def test_a_card_that_switches_by_itself_is_no_port() -> None:
    text = "7: enP1s1: <BROADCAST,SLAVE,UP> mtu 1500 master eth0 hwmode VEB \n"
    [row] = parse_bridge_link(text, strict=True)
    assert (row.master, row.hwmode, row.is_port) == ("eth0", "VEB", False)


def test_a_state_without_a_name() -> None:
    [row] = parse_bridge_link("7: x: <UP> mtu 1500 master br0 state (9) priority 32 cost 2 ", strict=True)
    assert (row.state, row.state_index, row.is_port) == (None, 9, True)


# --- what is not understood -------------------------------------------------------------------------------------------

PORT = "5: veth1: <UP> mtu 1500 master cbr0 state forwarding priority 32 cost 2 "


@pytest.mark.parametrize(
    "line",
    [
        "6: veth2: <UP> mtu 1500 qdisc noqueue master cbr0 state UP group default qlen 1000",
        "6: veth2: <UP> mtu 1500 master cbr0 state forwarding priority 32 cost 2 new 7",
        "    hairpin on unheard_of on",
        "    hairpin maybe",
        "    hairpin on flood",
        "    1 PVID Egress Untagged",
        'Cannot find bridge device "cbr1"',
    ],
)
def test_a_line_that_is_no_port_is_handed_back(line: str) -> None:
    result = parse_bridge_link(f"{PORT}\n{line}\n{PORT.replace('5:', '8:')}\n")
    assert [row.ifindex for row in result] == [5, 8]
    assert [found.line for found in result.unparsed] == [2]


def test_what_is_said_twice_is_handed_back() -> None:
    result = parse_bridge_link(f"{PORT}\n    hairpin on hairpin off\n")
    assert ([row.hairpin for row in result], [line.line for line in result.unparsed]) == ([None], [2])


def test_a_number_too_large_is_handed_back() -> None:
    result = parse_bridge_link(PORT.replace("32", "9" * 5000) + f"\n{PORT}")
    assert (len(result), [line.line for line in result.unparsed]) == (1, [1])


def test_a_key_without_a_name_in_the_model_is_reported_and_the_rest_stays() -> None:
    text = capture("json").replace('"priority":32', '"unheard_of":{"a":[1]},"priority":32', 1)
    result = parse_bridge_link(text)
    assert list(result) == list(parse_bridge_link(capture("json")))
    assert [line.line for line in result.unparsed] == [1]
    assert "unheard_of" in result.unparsed[0].text


def test_entries_of_another_command_are_reported() -> None:
    result = parse_bridge_link('[{"ifindex":1,"ifname":"lo","flags":[],"mtu":1,"qdisc":"noqueue"}]')
    assert (list(result), len(result.unparsed)) == ([], 1)


def test_json_cut_off() -> None:
    lines = capture("json_details").splitlines()
    result = parse_bridge_link("\n".join(lines[: len(lines) - 10]))
    assert list(result) == list(parse_bridge_link(capture("json_details")))[:-1]
    assert result.unparsed != ()


def test_no_output_is_no_ports() -> None:
    for text in ("", "[]", "[ ]\n"):
        result = parse_bridge_link(text, strict=True)
        assert (list(result), result.coverage) == ([], 1.0)
    assert BRIDGE_LINK.answers_when_silent()


def test_strict() -> None:
    with pytest.raises(ParseError) as caught:
        parse_bridge_link(f"{PORT}\nwhat is this", strict=True)
    assert (caught.value.line, caught.value.text) == (2, "what is this")


def test_json_and_back() -> None:
    for row in parse_bridge_link(capture("details")):
        assert BridgePort.model_validate_json(row.model_dump_json()) == row


# --- how it is recognised ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["plain", "details", "joined", "json", "json_details"])
@pytest.mark.parametrize("call", ["$ bridge link\n", "some prose about bridges\n\n"])
def test_it_is_found_by_its_call_and_by_its_look(form: str, call: str) -> None:
    [node] = read(call + capture(form)).nodes
    assert [parsed.command for parsed in node.captures] == ["bridge link"]
    assert node.captures[0].result == parse_bridge_link(capture(form))
    assert "bridge link" in node.complete


def test_the_older_form_is_found_by_its_look() -> None:
    [node] = read("4: veth1 state UP @docker0: <UP> mtu 1500 master cbr0 state forwarding priority 32 cost 2 \n").nodes
    assert [parsed.command for parsed in node.captures] == ["bridge link"]


@pytest.mark.parametrize("form", ["bridge_-d_link", "bridge_-o_-d_link", "bridge_-j_-p_-d_link"])
def test_a_listing_that_begins_with_a_bridge_is_found_by_its_look(form: str) -> None:
    """iproute2 5.10."""
    text = (Path(__file__).parents[1] / "captures" / "iproute2-5.10" / f"{form}.txt").read_text(encoding="utf-8")
    [node] = read(text).nodes
    assert [parsed.command for parsed in node.captures] == ["bridge link"]
    assert node.captures[0].result == parse_bridge_link(text)
    assert [port.ifname for port in parse_bridge_link(text) if not port.is_port] == ["cbr0", "br-stp"]


def test_it_is_not_taken_for_ip_addr_nor_the_other_way_round() -> None:
    addr = "5: veth1@if3: <UP> mtu 1500 qdisc noqueue master cbr0 state UP group default qlen 1000\n"
    nodes = read(f"{addr}{capture('plain')}").nodes
    assert [parsed.command for node in nodes for parsed in node.captures] == ["ip addr", "bridge link"]
    assert not BRIDGE_LINK.begins([addr], 0)
    assert not BRIDGE_LINK.begins(['[{"ifindex":5,"ifname":"x","flags":["UP"],"mtu":1500,"qdisc":"noqueue"'], 0)
    assert len(parse_ip_addr(capture("plain")).unparsed) == 6


@pytest.mark.parametrize(
    ("call", "claimed", "partial"),
    [
        ("bridge link", True, False),
        ("bridge link show", True, False),
        ("bridge link list", True, False),
        ("bridge -d -s link ls", True, False),
        ("bridge -j -p l", True, False),
        ("bridge -n blue link", True, False),
        ("bridge link show dev veth1", True, True),
        ("bridge link show master cbr0", True, True),
        ("bridge link set dev veth1 cost 2", False, False),
        ("bridge fdb show", False, False),
        ("bridge vlan", False, False),
        ("bridge", False, False),
        ("bridge -V", False, False),
        ("ip link", False, False),
        ("brctl show", False, False),
    ],
)
def test_calls(call: str, claimed: bool, partial: bool) -> None:
    argv = tuple(call.split())
    assert BRIDGE_LINK.claims(argv) is claimed
    if claimed:
        assert BRIDGE_LINK.is_partial(argv) is partial
