"""Typed values, and how words without a type are taken out and handed back."""

from __future__ import annotations

import ipaddress
import re
import time
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from aksnet_parse import COMMANDS, Command, Grammar, MacAddress, Record, Source, parse_ip_addr
from aksnet_parse.commands.base import build
from aksnet_parse.records import FlagSet, IPAddress, LinkAddress, ip_address

# --- typed values -----------------------------------------------------------------------------------------------------


@given(
    st.one_of(
        st.ip_addresses().map(str),
        st.ip_addresses(v=6).map(lambda address: address.exploded),
        st.from_regex(r"[0-9]{1,4}(?:\.[0-9]{1,4}){2,4}", fullmatch=True),
        st.from_regex(r"[0-9a-fA-F]{0,5}(?::[0-9a-fA-F]{0,5}){1,8}", fullmatch=True),
        st.from_regex(r"(?:[0-9a-f]{1,4}:){1,6}(?::|[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3})", fullmatch=True),
        st.text(max_size=20),
    )
)
def test_addresses_are_read_as_the_standard_library_reads_them(text: str) -> None:
    try:
        expected = ipaddress.ip_address(text)
    except ValueError:
        with pytest.raises(ValueError, match="does not appear to be an"):
            ip_address(text)
    else:
        assert ip_address(text) == expected
        assert type(ip_address(text)) is type(expected)


@pytest.mark.parametrize("text", ["", "1", "1.2.3", "01.2.3.4", "1.2.3.4\0", "::1\0", "fe80::1%", "\ud800", "::1\n"])
def test_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="does not appear to be an"):
        ip_address(text)


def test_link_addresses() -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(LinkAddress)
    assert adapter.validate_python("00:0D:3a:00:00:01") == "00:0d:3a:00:00:01"
    assert type(adapter.validate_python("00:11:22:33:44:55:66:77")) is MacAddress
    assert adapter.validate_python("10.0.0.1") == ipaddress.IPv4Address("10.0.0.1")
    assert adapter.validate_python("::") == ipaddress.IPv6Address("::")
    assert adapter.dump_json(adapter.validate_python("::")) == b'"::"'
    for wrong in ("", "zz:zz", "1.2.3.999", "00:0d:3a:00:00:001", 7, None):
        with pytest.raises(ValidationError):
            adapter.validate_python(wrong)


def test_mac_addresses_are_text_and_canonical() -> None:
    assert MacAddress("EE:EE:EE:EE:EE:EE") == "ee:ee:ee:ee:ee:ee"
    assert repr(MacAddress("0a:00")) == "'0a:00'"
    for wrong in ("", "0a", "0a:0", "0a-00", "0a:00:", "0a:00\n", "0a:0g"):
        with pytest.raises(ValueError, match="not a link-layer address"):
            MacAddress(wrong)


def test_flags() -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(FlagSet)
    assert adapter.validate_python(["UP", "UP", "LOWER_UP"]) == {"UP", "LOWER_UP"}
    assert adapter.validate_json('["UP"]') == {"UP"}
    assert adapter.dump_json(frozenset({"b", "a"})) == b'["a","b"]'
    for wrong in ("UP", 7, [7], None):
        with pytest.raises(ValidationError):
            adapter.validate_python(wrong)


# --- words without a type ---------------------------------------------------------------------------------------------


class Leaf(Record):
    number: int
    address: IPAddress | None = None


class Twig(Record):
    leaves: tuple[Leaf, ...] = ()
    number: int = 0


class Branch(Record):
    twigs: tuple[Twig, ...] = ()
    number: int = 0


def leaf(number: object, line: int) -> dict[str, Any]:
    return {"number": number, "source": Source(None, line, line)}


def numbers(records: Sequence[Branch]) -> list[list[list[int]]]:
    return [[[found.number for found in twig.leaves] for twig in branch.twigs] for branch in records]


def branch(line: int, *twigs: list[object], number: object = 0, twig_number: object = 0) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    for words in twigs:
        first = line + 1 + sum(1 + len(row["leaves"]) for row in rows)
        leaves = [leaf(word, first + 1 + index) for index, word in enumerate(words)]
        rows.append({"leaves": leaves, "number": twig_number, "source": Source(None, first, first + len(words))})
    last = rows[-1]["source"].last_line if rows else line
    return {"twigs": rows, "number": number, "source": Source(None, line, last)}


def test_good_rows_are_built() -> None:
    records, refused = build(Branch, [branch(1, ["1", "2"], ["3"]), branch(10)])
    assert (numbers(records), refused) == ([[[1, 2], [3]], []], [])


def test_a_bad_row_goes_and_its_siblings_and_parents_stay() -> None:
    records, refused = build(Branch, [branch(1, ["1", "x", "2"], ["y"]), branch(10, ["3"], ["z", "4"])])
    assert numbers(records) == [[[1, 2], []], [[3], [4]]]
    assert sorted(source.first_line for source in refused) == [4, 7, 14]


def test_a_bad_parent_goes_with_its_children() -> None:
    records, refused = build(Branch, [branch(1, ["1"], number="x"), branch(10, ["2"])])
    assert numbers(records) == [[[2]]]
    assert [(source.first_line, source.last_line) for source in refused] == [(1, 3)]
    records, refused = build(Branch, [branch(1, ["1"], ["x"], twig_number="y")])
    assert numbers(records) == [[]]
    assert {(source.first_line, source.last_line) for source in refused} >= {(2, 3), (4, 5)}


def test_every_row_bad() -> None:
    records, refused = build(Leaf, [leaf("x", number) for number in range(1, 4)])
    assert (records, [source.first_line for source in refused]) == ([], [1, 2, 3])


def test_an_unknown_word_is_refused() -> None:
    records, refused = build(Leaf, [{**leaf("1", 1), "unheard_of": "x"}, leaf("2", 2)])
    assert ([found.number for found in records], refused) == ([2], [Source(None, 1, 1)])


def test_many_bad_rows_are_no_work() -> None:
    text = "1: x: <UP> mtu 1500 state UP\n" + "    inet 10.0.0.999/24 scope global x\n" * 20_000
    begun = time.process_time()
    result = parse_ip_addr(text)
    assert time.process_time() - begun < 10
    assert (len(result), len(result.unparsed)) == (1, 20_000)


# --- records ----------------------------------------------------------------------------------------------------------


def test_sources_survive_json() -> None:
    found = Leaf(number=1, source=Source("f", 1, 2))
    assert found.model_dump()["source"] == {"file": "f", "first_line": 1, "last_line": 2}
    assert Leaf.model_validate_json(found.model_dump_json()).source == Source("f", 1, 2)
    assert Leaf(number=1).source is None
    with pytest.raises(ValidationError):
        Leaf.model_validate({"number": 1, "source": (1, 2, 3)})


def test_records_are_frozen_and_compare_by_their_facts_and_kind() -> None:
    found = Leaf(number=1, source=Source("f", 1, 2))
    assert found == Leaf(number=1)
    assert found != Leaf(number=2)
    assert found != Twig(number=1)
    assert found != 1
    assert len({found, Leaf(number=1), Leaf(number=2)}) == 2
    with pytest.raises(ValidationError):
        found.number = 2


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_model_has_a_schema_and_no_loose_ends(command: Any) -> None:
    assert issubclass(command.model, BaseModel)
    schema = TypeAdapter(list[command.model]).json_schema()
    assert schema["items"]["$ref"].endswith(command.model.__name__)
    assert command.model.model_config["frozen"] is True
    assert command.model.model_config["extra"] == "forbid"


HOSTILE_HERALDS = (
    " ",
    "\t",
    "0",
    "1.",
    "a",
    "a ",
    ":",
    "[",
    "{",
    "[{",
    '"',
    '"Id": ',
    "10.0.0.0 ",
    "bridge name ",
    "1: a",
)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
@pytest.mark.parametrize("filling", HOSTILE_HERALDS)
def test_recognising_a_line_is_linear(command: Any, filling: str) -> None:
    starts = (
        "",
        "10.0.0.0 10.0.0.1 255.0.0.0",
        "br0 8000.0242107e030e",
        "bridge",
        "1: x: <",
        '"Id":',
        "Destination",
        "[",
    )
    for start in starts:
        line = start + filling * (100_000 // len(filling)) + " !"
        begun = time.process_time()
        command.begins([line, line], 0)
        command.restarts(line, ["1: lo: <> mtu 1", "x"])
        command.takes(line, None)
        command.follows(line, None)
        assert time.process_time() - begun < 2


def test_every_line_of_a_heading_is_accounted_for() -> None:
    template = """
<group name="headings*">
PORT{{ ignore("[ ]+") }}POLICY
{{ ignore("[ ]+") }}ENFORCEMENT
</group>
<group name="ports*">
port {{ name | re("[a-z]+") }} {{ policy | re("[A-Z][a-z]+") }}
</group>
"""

    class Port(Record):
        name: str
        policy: str

    command = Command(
        name="show ports",
        grammar=lambda: Grammar(template),
        group="ports",
        model=Port,
        claims=lambda argv: argv == ("show", "ports"),
        herald=re.compile("PORT +POLICY"),
    )
    result = command.parse("PORT   POLICY\n       ENFORCEMENT\nport a Disabled\n")
    assert [line.line for line in result.passed_over] == [1, 2]
    assert (result.unparsed, result.coverage) == ((), 1.0)
    assert [record.source for record in result] == [Source(None, 3, 3)]
