"""Whatever is handed over, the whole way never raises, the JSON is of its schema, and the answer is the same again."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aksnet_parse import COMMANDS, analyze, parse_ip_addr, parse_kubectl_get_pods, read
from tests.fuzz.harnesses import HARNESSES, check_answer, check_bundle, check_command, check_transcript
from tests.fuzz.mutation import mutated
from tests.fuzz.samples import transcripts

TRANSCRIPTS = [text.encode() for text in transcripts()]
BUNDLES = HARNESSES["bundle"].samples()
PARSERS = [name for name in HARNESSES if name.startswith("parse_")]
CHANCE = st.randoms(use_true_random=False)


@settings(max_examples=150, deadline=None)
@given(text=st.text(st.characters(codec=None), max_size=400), before=st.sampled_from(["", "$ ip addr\n", "route -n\n"]))
def test_any_text(text: str, before: str) -> None:
    check_answer((before + text).encode("utf-8", "surrogatepass"))


@settings(max_examples=150, deadline=None)
@given(
    data=st.binary(max_size=400),
    before=st.sampled_from([b"", b"\xff\xfe", b"PK\x03\x04", b"\x1f\x8b\x08", b"$ ip addr\n"]),
)
def test_any_bytes(data: bytes, before: bytes) -> None:
    check_answer(before + data)
    check_bundle(before + data)


@settings(max_examples=80, deadline=None)
@given(sample=st.sampled_from(TRANSCRIPTS), chance=CHANCE)
def test_mutated_captures_through_the_whole_way(sample: bytes, chance: random.Random) -> None:
    data = mutated(sample, chance, TRANSCRIPTS)
    check_answer(data)
    check_transcript(data)


@settings(max_examples=150, deadline=None)
@given(command=st.sampled_from(COMMANDS), name=st.sampled_from(PARSERS), chance=CHANCE)
def test_mutated_output_in_every_parse_function(command: Any, name: str, chance: random.Random) -> None:
    samples = HARNESSES[name].samples()
    data = mutated(chance.choice(samples), chance, samples)
    check_command(command, data)
    HARNESSES[name].check(data)


@settings(max_examples=100, deadline=None)
@given(sample=st.sampled_from(BUNDLES), chance=CHANCE)
def test_mutated_bundles(sample: bytes, chance: random.Random) -> None:
    check_bundle(mutated(sample, chance, BUNDLES, binary=True))


@pytest.mark.parametrize("name", ["trace", "compare", "show", "redact"])
@settings(max_examples=25, deadline=None)
@given(chance=CHANCE)
def test_mutated_captures_in_traces_comparisons_pages_and_under_pseudonyms(name: str, chance: random.Random) -> None:
    samples = _samples(name)
    HARNESSES[name].check(mutated(chance.choice(samples), chance, samples))


@cache
def _samples(name: str) -> list[bytes]:
    return HARNESSES[name].samples()


# --- values of JSON that no tool prints -------------------------------------------------------------------------------

ODD: list[Any] = [
    *("x\ud800", "", "\0", float("nan"), float("inf"), 10**400, -1, 2**63, 1.5, True, None, [], {}, [[[]]]),
    {"source": {"file": 1, "first_line": 1, "last_line": 2}},
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield (*path, key)
            yield from places(value[key], (*path, key))


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(PARSERS), odd=st.sampled_from(ODD), chance=CHANCE, is_key=st.booleans())
def test_odd_values_in_json(name: str, odd: Any, chance: random.Random, is_key: bool) -> None:
    documents = [json.loads(text) for text in HARNESSES[name].samples() if text[:1] in b"[{" and _is_json(text)]
    if not documents:
        return
    document = copy.deepcopy(chance.choice(documents))
    *path, last = chance.choice(list(places(document)) or [(0,)])
    inner = document
    for step in path:
        inner = inner[step]
    if is_key and isinstance(inner, dict):
        inner[f"{last}\ud800"] = inner.pop(last)
    elif inner:
        inner[last] = odd
    HARNESSES[name].check(json.dumps(document).encode())


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


# --- half a character -------------------------------------------------------------------------------------------------


def test_half_a_character_is_spelled_out_in_text() -> None:
    analysis = analyze(read("$ ip addr\n1: l\ud800o: <UP> mtu 1500 qdisc mq state UP\n    \udfff ?\n"))
    assert "\\\\udfff" in analysis.model_dump_json()
    [interface] = parse_ip_addr("1: l\ud800o: <UP> mtu 1500 qdisc mq state UP\n")
    assert interface.ifname == "l\\ud800o"


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (r"\ud800", "\ufffd"),
        (r"x\uDFFFy", "x\ufffdy"),
        (r"\ud83d\ude00", "\U0001f600"),
        (r"\ude00\ud83d", "\ufffd\ufffd"),
        (r"\\ud800", r"\ud800"),
        (r"\\\ud800", "\\\ufffd"),
        (r"\u00e9", "é"),
    ],
)
def test_half_a_character_of_json_is_what_go_makes_of_it(written: str, read_as: str) -> None:
    [interface] = parse_ip_addr(f'[{{"ifindex":1,"ifname":"eth0","flags":["UP"],"ifalias":"{written}"}}]', strict=True)
    assert interface.model_dump(mode="json")["ifalias"] == read_as
    metadata = f'{{"name":"{written}","namespace":"d","uid":"1"}}'
    [pod] = parse_kubectl_get_pods(f'{{"kind":"Pod","metadata":{metadata},"status":{{}}}}')
    assert pod.name == read_as
    json.loads(pod.model_dump_json())
