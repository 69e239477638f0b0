"""What is left of JSON wherever it was cut: whole objects, what stood around them, and nothing put together."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aksnet_parse.json_pieces import Piece, read_pieces
from tests.growth import assert_linear

DOCUMENT = {
    "pools": {
        "10.0.0.0/8": {"name": "one", "list": [{"a": 1}, {"a": -2.5}], "of": {"x": {"n": "x", "deep": {"b": None}}}},
        "fd00::/8": {"name": 'qu"o\\te', "list": [], "of": {"y": {"n": "y"}, "z": {"n": "z", "t": True}}},
    }
}
PLACE = ("pools", None, "of", None)
LEAVES = [{"n": "x", "deep": {"b": None}}, {"n": "y"}, {"n": "z", "t": True}]


def pieces(text: str) -> list[Piece]:
    return read_pieces(text.split("\n"))[0]


def leaves(text: str) -> list[dict[str, Any]]:
    return [piece.value for piece in pieces(text) if piece.is_whole and "n" in piece.value]


@pytest.mark.parametrize("indent", [None, 1, "\t"])
def test_a_whole_document_is_in_pieces_that_are_whole(indent: Any) -> None:
    text = json.dumps(DOCUMENT, indent=indent)
    found = pieces(text)
    assert found[0].value == DOCUMENT
    assert all(piece.is_whole for piece in found)
    assert leaves(text) == LEAVES
    assert [piece.around(PLACE)[1].key for piece in found if "n" in piece.value] == ["10.0.0.0/8", *["fd00::/8"] * 2]
    lines = text.split("\n")
    for piece in found:
        shown = "\n".join(lines[piece.first : piece.last + 1])
        assert piece.key is None or json.dumps(piece.key) in shown
        assert all(json.dumps(key) in lines[line] for key, line in piece.lines.items())


@pytest.mark.parametrize("indent", [None, 1])
def test_cut_anywhere_what_is_whole_is_there_and_nothing_else(indent: Any) -> None:
    text = json.dumps(DOCUMENT, indent=indent)
    ends = [text.index('"n": "x"'), text.index('"n": "y"'), text.index('"n": "z"')]
    starts = [text.index(f'"{name}": {{') for name in "xyz"]
    for cut in range(len(text)):
        before, behind = leaves(text[:cut]), leaves(text[cut:])
        assert all(leaf in LEAVES for leaf in (*before, *behind))
        assert [leaf for leaf, end in zip(LEAVES, ends, strict=True) if end + 60 < cut and leaf not in before] == []
        assert [leaf for leaf, start in zip(LEAVES, starts, strict=True) if cut <= start and leaf not in behind] == []


def test_nothing_is_put_together_across_a_cut() -> None:
    text = json.dumps(DOCUMENT, indent=1)
    lines = text.split("\n")
    for first in range(len(lines)):
        for last in range(first + 1, len(lines) + 1):
            cut = "\n".join([*lines[:first], "...", *lines[last:]])
            assert all(leaf in LEAVES for leaf in leaves(cut))


def test_what_was_cut_off_above_is_not_known() -> None:
    text = json.dumps(DOCUMENT, indent=1)
    [last] = [piece for piece in pieces(text[text.index('"z"') :]) if "n" in piece.value]
    assert (last.key, last.around(PLACE)[1:]) == ("z", [])
    [elsewhere] = [piece for piece in pieces('{"pools": {"z": {"n": "z"}}}') if "n" in piece.value]
    assert elsewhere.around(PLACE) == []


def test_members_without_braces_are_those_of_one_object_until_one_comes_again() -> None:
    found = pieces('"a": 1,\n"b": "x",\n"a": 2,\n"b": "y",\n')
    assert [(piece.value, piece.is_whole, piece.first, piece.last) for piece in found] == [
        ({"a": 1, "b": "x"}, False, 0, 1),
        ({"a": 2, "b": "y"}, False, 2, 3),
    ]


@pytest.mark.parametrize(
    "text",
    ['{"a": 12', '{"a": "x', '{"a": {"b": 1}', '{"a" 1}', '{"a": 1 {"b": 2}', '{"a": [1, 2}', '{"a": ]}', '{"a": x}'],
)
def test_what_is_broken_is_not_whole(text: str) -> None:
    assert not pieces(text)[0].is_whole


def test_a_number_at_the_end_may_have_been_cut() -> None:
    assert pieces('"a": 12')[0].value == {}
    assert pieces('"a": 12,')[0].value == {"a": 12}


@given(text=st.text(st.sampled_from('ab01 .:{}[]",\n\\-'), max_size=200))
def test_any_text(text: str) -> None:
    lines = text.split("\n")
    found, broken = read_pieces(lines)
    assert all(0 <= piece.first <= piece.last < len(lines) for piece in found)
    assert broken <= set(range(len(lines)))


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.dictionaries(st.text(), inner) | st.lists(inner),
        max_leaves=20,
    )
)
def test_any_json(value: Any) -> None:
    found, broken = read_pieces(json.dumps({"value": value}, indent=1).split("\n"))
    assert (found[0].value, found[0].is_whole, broken) == ({"value": value}, True, set())


@pytest.mark.parametrize(
    "filling", ['{"a":', "[", '"', "\\", '"a": ', "}", "]", "a", "1", ": ", '"a" ', '{"a": 1},', '"\\']
)
def test_hostile_texts_take_no_longer_than_their_length(filling: str) -> None:
    assert_linear(lambda size: [filling * (size // len(filling))], read_pieces, 20_000)
