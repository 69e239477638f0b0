"""`brctl show` as the tools print it, and back from typed records."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aksnet_parse import Bridge, MacAddress, ParseError, parse_brctl_show
from aksnet_parse.commands.brctl_show import BRCTL_SHOW

from ..strategies import bridges, render_brctl_show

CAPTURES = Path(__file__).parent / "captures"
HEADING = "bridge name\tbridge id\t\tSTP enabled\tinterfaces\n"


@settings(max_examples=100, deadline=None)
@given(st.lists(bridges(), max_size=5))
def test_what_was_printed_is_read_back(rows: list[Bridge]) -> None:
    result = parse_brctl_show(render_brctl_show(rows), strict=True)
    assert list(result) == rows
    assert result.coverage == 1.0


@settings(max_examples=50, deadline=None)
@given(st.lists(bridges().filter(lambda row: "..." not in row.interfaces), max_size=5))
def test_columns_can_be_set_anew(rows: list[Bridge]) -> None:
    lines = render_brctl_show(rows).split("\n")
    indented = "\n".join("    " + line for line in lines)
    assert list(parse_brctl_show(indented)) == rows
    for blanks in (" ", "   "):
        result = parse_brctl_show("\n".join(blanks.join(line.split()) for line in lines))
        # Without indentation a word that no veth or card is called is handed back, in its place among the members.
        left = [line.text for line in result.unparsed]
        for row, read in zip(rows, result, strict=True):
            assert read == row.model_copy(update={"interfaces": read.interfaces})
            assert read.interfaces[:1] == row.interfaces[:1]
            further = list(read.interfaces[1:])
            for name in row.interfaces[1:]:
                assert name == (further if further[:1] == [name] else left).pop(0)
            assert not further
        assert not left


@pytest.mark.parametrize("blanks", [" ", "   "])
@pytest.mark.parametrize("name", ["veth32e5f189", "vethdeadbee", "azv33ac2d062ec", "cali4cd5cd7d78e", "eth0", "enP1s1"])
def test_members_whose_indentation_was_lost(name: str, blanks: str) -> None:
    text = render_brctl_show([Bridge(bridge="cbr0", bridge_id="8000.0242107e030e", stp=False, interfaces=("a", name))])
    result = parse_brctl_show("\n".join(blanks.join(line.split()) for line in text.split("\n")), strict=True)
    assert result[0].interfaces == ("a", name)


ROW = "cbr0\t\t8000.0242107e030e\tno\t\tveth32e5f189\n"
MEMBER = "\t\t\t\t\t\t\tveth8264354e\n"


@pytest.mark.parametrize(
    "word",
    [
        "thanks",
        "azureuser@aks-nodepool1:~",
        "azureuser@aks-nodepool1-12345678-vmss000000",
        "root@aks-0",
        "aks-nodepool1-12345678-vmss000000",
        "aks-0:~",
        "/var/log1",
        "16315",
        "0b7c7a46ade1",
    ],
)
def test_a_word_that_need_not_be_a_name_is_no_member(word: str) -> None:
    result = parse_brctl_show(f"{HEADING}{ROW}{word}\n")
    assert [(row.interfaces, row.source) for row in result] == [(("veth32e5f189",), (None, 2, 2))]
    assert [(line.line, line.text) for line in result.unparsed] == [(3, word)]


def test_where_members_are_indented_a_word_that_is_not_is_no_member() -> None:
    result = parse_brctl_show(f"{HEADING}{ROW}{MEMBER}veth9\n")
    assert [row.interfaces for row in result] == [("veth32e5f189", "veth8264354e")]
    assert [(line.line, line.text) for line in result.unparsed] == [(4, "veth9")]


def test_no_name_has_more_than_fifteen_bytes() -> None:
    long = "sixteenbytes_123"
    result = parse_brctl_show(f"{HEADING}{ROW}{MEMBER.replace('veth8264354e', long)}{MEMBER}")
    assert [row.interfaces for row in result] == [("veth32e5f189", "veth8264354e")]
    assert [line.line for line in result.unparsed] == [3]
    result = parse_brctl_show(f"{HEADING}{ROW.replace('veth32e5f189', long)}{MEMBER}")
    assert [row.interfaces for row in result] == [("veth8264354e",)]
    assert [line.line for line in result.unparsed] == [2]
    result = parse_brctl_show(f"{HEADING}{ROW.replace('cbr0', long)}{MEMBER}{ROW}")
    assert [(row.bridge, row.interfaces) for row in result] == [("cbr0", ("veth32e5f189",))]
    assert [line.line for line in result.unparsed] == [2, 3]


def test_real_output_with_odd_names() -> None:
    result = parse_brctl_show((CAPTURES / "brctl_show-odd_names.txt").read_text(), file="b", strict=True)
    assert [(row.bridge, row.stp, row.interfaces) for row in result] == [
        ("br0", True, ("veth0", "-x", "a@b")),
        ("averylongbridge", False, ("verylongname_1", "verylongname_2", "verylongname_3")),
        ("yes", False, ("....",)),
        ("...", False, ()),
    ]
    assert [row.source for row in result] == [("b", 2, 4), ("b", 5, 7), ("b", 8, 8), ("b", 9, 9)]
    assert (result[0].bridge_id, result[0].mac) == ("8000.261d047bdeba", MacAddress("26:1d:04:7b:de:ba"))


def test_no_output_is_no_bridges() -> None:
    result = parse_brctl_show("", strict=True)
    assert (list(result), result.coverage) == ([], 1.0)
    assert BRCTL_SHOW.answers_when_silent()


def test_a_heading_alone() -> None:
    assert list(parse_brctl_show(HEADING, strict=True)) == []


def test_a_member_called_like_a_mark_of_what_was_left_out() -> None:
    text = f"{HEADING}br0\t\t8000.261d047bdeba\tno\t\tveth0\n\t\t\t\t\t\t\t...\n...\n\t\t\t\t\t\t\tveth9\n"
    [bridge] = parse_brctl_show(text, strict=True)
    assert bridge.interfaces == ("veth0", "...", "veth9")


def test_a_lone_word_below_a_bridge_without_members_is_no_member() -> None:
    text = f"{HEADING}docker0\t\t8000.0242107e030e\tno\t\t\nHere\n\t\t\t\t\t\t\tveth1\nbr1\t\t8000.0242107e030f\tno\n"
    result = parse_brctl_show(text)
    assert [(row.bridge, row.interfaces, row.source) for row in result] == [
        ("docker0", (), (None, 2, 2)),
        ("br1", (), (None, 5, 5)),
    ]
    assert [(line.line, line.text.strip()) for line in result.unparsed] == [(3, "Here"), (4, "veth1")]
    assert result.coverage == 0.6


@pytest.mark.parametrize(
    "line",
    [
        "bridge nosuch does not exist!",
        "docker0\t\tcan't get info Operation not supported",
        "br1\t\t8000.0242107e030\tno\t\tveth7",
        "br1\t\t8000.0242107E030E\tno\t\tveth7",
        "br1\t\t8000.0242107e030e\tmaybe\t\tveth7",
        "br1\t\t8000.0242107e030e\tno\t\tveth7 veth8",
    ],
)
def test_a_line_that_is_no_row_is_handed_back(line: str) -> None:
    result = parse_brctl_show(f"{HEADING}br0\t\t8000.261d047bdeba\tno\t\tveth0\n{line}\n\t\t\t\t\t\t\tveth1\n")
    assert [row.interfaces for row in result] == [("veth0", "veth1")]
    assert [found.line for found in result.unparsed] == [3]


def test_a_heading_ends_the_bridge_before_it() -> None:
    row = "br0\t\t8000.261d047bdeba\tno\t\tveth0\n"
    result = parse_brctl_show(f"{HEADING}{row}{HEADING}stray\n{row}")
    assert [found.interfaces for found in result] == [("veth0",), ("veth0",)]
    assert [line.line for line in result.unparsed] == [4]


def test_strict() -> None:
    with pytest.raises(ParseError) as caught:
        parse_brctl_show(f"{HEADING}what is this", strict=True)
    assert (caught.value.file, caught.value.line, caught.value.text) == (None, 2, "what is this")


def test_json_and_back() -> None:
    for row in parse_brctl_show((CAPTURES / "brctl_show-odd_names.txt").read_text()):
        assert Bridge.model_validate_json(row.model_dump_json()) == row


@pytest.mark.parametrize(
    ("call", "claimed", "partial"),
    [
        ("brctl show", True, False),
        ("brctl show cbr0", True, True),
        ("brctl showmacs cbr0", False, False),
        ("brctl show --help", False, False),
        ("brctl", False, False),
        ("bridge link show", False, False),
    ],
)
def test_calls(call: str, claimed: bool, partial: bool) -> None:
    argv = tuple(call.split())
    assert BRCTL_SHOW.claims(argv) is claimed
    if claimed:
        assert BRCTL_SHOW.is_partial(argv) is partial
