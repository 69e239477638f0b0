"""What holds for every analysis: it is a pure function of what was captured, and its JSON is what the schema says."""

from __future__ import annotations

import ast
import builtins
import io
import random
import re
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import aksnet_parse.analysis
from aksnet_parse import analyze, read
from aksnet_parse.analysis.models import Analysis, NodeAnalysis

from .texts import CALICO_MAC, ETH0, NODES, ROUTES, analysis, brctl, inside, ip_addr, link, route_n

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*.txt"))
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in SAMPLES} | {
    kind: "\n".join(captures.values()) for kind, captures in NODES.items()
}
SOURCES = sorted(Path(aksnet_parse.analysis.__file__).parent.rglob("*.py"))


def facts(node: NodeAnalysis) -> dict[str, Any]:
    """All of an analysis but the order of the captures and where the lines stand."""
    said = node.model_dump()
    said["captures"] = sorted((item["command"], item["namespace"]) for item in said["captures"])
    said["mode"]["evidence"] = [
        (item["claim"], sorted(line["text"] for line in item["lines"])) for item in said["mode"]["evidence"]
    ]
    said["findings"] = sorted(
        (item["code"], item["message"], sorted(line["text"] for line in item["lines"])) for item in said["findings"]
    )
    return said


# --- the contract -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEXTS)
def test_the_json_is_what_the_schema_says(name: str) -> None:
    found = analyze(read(TEXTS[name], file=f"{name}.txt"))
    for schema in (Analysis.model_json_schema(), Analysis.model_json_schema(mode="serialization")):
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.Draft202012Validator(schema).validate(found.model_dump(mode="json"))
    assert Analysis.model_validate_json(found.model_dump_json()) == found


def test_the_schema_lists_every_field_as_required() -> None:
    """Absent knowledge is null; no field is ever left out."""
    schema = Analysis.model_json_schema(mode="serialization")
    for model in [schema, *schema["$defs"].values()]:
        assert set(model["required"]) == set(model["properties"])
        assert model["additionalProperties"] is False


@pytest.mark.parametrize("name", TEXTS)
def test_every_line_that_is_cited_stands_there(name: str) -> None:
    lines = TEXTS[name].split("\n")
    for node in analyze(read(TEXTS[name])).nodes:
        cited = [line for evidence in node.mode.evidence for line in evidence.lines]
        cited += [line for finding in node.findings for line in finding.lines]
        assert cited
        assert all(lines[line.line - 1].expandtabs(8).strip() == line.text.strip() for line in cited)


@pytest.mark.parametrize("name", TEXTS)
def test_sentences_are_sentences(name: str) -> None:
    for node in analyze(read(TEXTS[name])).nodes:
        said = [evidence.claim for evidence in node.mode.evidence] + [finding.message for finding in node.findings]
        for sentence in said:
            assert sentence.endswith(".")
            assert re.match(r"[A-Z0-9`]|networkPolicy |cbr0 |pod ", sentence)
            assert "  " not in sentence
            assert "None" not in sentence


def test_a_text_without_captures_has_no_nodes() -> None:
    assert analysis("Dear support, it does not work.") == Analysis(nodes=(), skipped=())


# --- pure -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: "/".join(path.parts[-2:]))
def test_nothing_that_reads_the_world_is_imported(source: Path) -> None:
    allowed = {"__future__", "bisect", "collections", "dataclasses", "functools", "hashlib", "ipaddress", "itertools"}
    allowed |= {"pydantic", "re", "typing"}
    for item in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(item, ast.Import):
            assert {alias.name.partition(".")[0] for alias in item.names} <= allowed
        elif isinstance(item, ast.ImportFrom) and item.level == 0:
            assert (item.module or "").partition(".")[0] in allowed
        elif isinstance(item, ast.Name):
            assert item.id not in {"open", "input", "print", "exec", "eval", "global"}


def forbidden(*_: object, **__: object) -> Any:
    raise AssertionError("an analysis must not do this")


def test_an_analysis_reads_no_file_and_no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    readings = [read(text) for text in TEXTS.values()]
    for module, name in ((builtins, "open"), (io, "open"), (time, "time"), (time, "monotonic"), (random, "random")):
        monkeypatch.setattr(module, name, forbidden)
    found = [analyze(reading) for reading in readings]
    monkeypatch.undo()
    assert len(found) == len(TEXTS)


@pytest.mark.parametrize("name", TEXTS)
def test_the_same_reading_gives_the_same_answer(name: str) -> None:
    reading = read(TEXTS[name])
    first = analyze(reading)
    assert analyze(reading) == first
    assert analyze(read(TEXTS[name])).model_dump_json() == first.model_dump_json()


# --- any order --------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(kind=st.sampled_from(sorted(NODES)), data=st.data())
def test_captures_in_any_order_say_the_same(kind: str, data: st.DataObject) -> None:
    captures = list(NODES[kind].values())
    others = data.draw(st.lists(st.sampled_from(EXTRAS), unique=True, max_size=4))
    captures = data.draw(st.lists(st.sampled_from(captures), unique=True, min_size=1)) + others
    wanted = analysis(*captures).nodes
    found = analysis(*data.draw(st.permutations(captures))).nodes
    assert sorted(map(str, map(facts, found))) == sorted(map(str, map(facts, wanted)))


SANDBOX = "116419acc6958dbaa1f80380eee6762928ead0caec83d0174fc5daa91a110897"
EXTRAS = [
    inside(200, link(3, "eth0@if5", "10.244.0.3/24")),
    inside(300, link(6, "eth0@if7", "10.240.0.6/16")),
    inside("$PID", link(3, "eth0@if5", "10.244.0.3/24")),
    ip_addr(link(3, "eth0@if4", "10.244.0.9/32", mac="02:00:00:00:09:09"), call="kubectl exec shop-0 -- ip addr"),
    inside(500, link(8, "eth0@if44", "10.99.0.3/24")),
    route_n("0.0.0.0/0 via 169.254.1.1 eth0", call="sudo nsenter -t 200 -n route -n"),
    f'$ docker inspect x\n[{{"Id": "{SANDBOX}", "State": {{"Pid": 200}}, "Name": "/k8s_POD_web-0_shop_11_0"}}]\n',
    '$ docker inspect -f "{{ .State.Pid }}" 0b7c7a46ade1\n300\n',
]


# --- any text ---------------------------------------------------------------------------------------------------------

LINES = sorted({line for text in TEXTS.values() for line in text.split("\n")})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(LINES), max_size=60))
def test_no_text_makes_it_raise(lines: list[str]) -> None:
    found = analyze(read("\n".join(lines)))
    assert Analysis.model_validate_json(found.model_dump_json()) == found


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(sorted(TEXTS)), data=st.data())
def test_no_damage_makes_it_raise_or_prove_what_is_not_so(name: str, data: st.DataObject) -> None:
    """Lines lost, doubled or moved: nothing is proven of an address that is not in the text."""
    lines = TEXTS[name].split("\n")
    for _ in range(data.draw(st.integers(1, 12))):
        index = data.draw(st.integers(0, len(lines) - 1))
        other = data.draw(st.integers(0, len(lines) - 1))
        change = data.draw(st.sampled_from(["lose", "double", "move"]))
        if change == "lose" and len(lines) > 1:
            del lines[index]
        elif change == "double":
            lines.insert(other, lines[index])
        elif change == "move":
            lines.insert(other, lines.pop(index))
    text = "\n".join(lines)
    for node in analyze(read(text)).nodes:
        for pod in node.pods:
            assert pod.status != "proven" or (pod.veth is not None and len(set(pod.proofs)) > 1)
            assert all(address.partition("/")[0] in text for address in pod.addresses)
            assert pod.veth is None or pod.veth.name in text


# --- cost -------------------------------------------------------------------------------------------------------------


def large(kind: str, pods: int) -> str:
    """The host and every pod of a large node."""
    links, ports, rows, ends = [ETH0], [], [*ROUTES], []
    if kind == "bridge":
        links.append(link(3, "cbr0", "10.244.0.1/16"))
        rows.append("10.244.0.0/16 cbr0")
    for number in range(pods):
        index, high, low = number + 10, number // 200, number % 200
        address, mac = f"10.244.{1 + high}.{1 + low}", f"02:00:00:01:{high:02x}:{low:02x}"
        name = f"veth{number:08x}" if kind == "bridge" else f"cali{number:011x}"
        links.append(link(index, f"{name}@if3", mac=CALICO_MAC, master="cbr0" if kind == "bridge" else None))
        if kind == "bridge":
            ports.append(name)
        else:
            rows.append(f"{address}/32 {name}")
        ends.append(inside(1000 + number, link(3, f"eth0@if{index}", f"{address}/16", mac=mac)))
    shown = [brctl(cbr0=ports)] if ports else []
    return "\n".join([ip_addr(*links), *shown, route_n(*rows), *ends])


def steps(call: Callable[[], object]) -> int:
    """The lines of Python that ``call`` runs through: the same number on every machine, however busy."""
    count = 0

    def count_line(frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
        nonlocal count
        count += event == "line"
        return count_line

    before = sys.gettrace()
    sys.settrace(count_line)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("kind", ["bridge", "routes"])
def test_the_cost_grows_with_the_number_of_pods_and_no_faster(kind: str) -> None:
    readings = [read(large(kind, pods)) for pods in (200, 800)]
    assert [len(reading.nodes[0].namespaces) for reading in readings] == [200, 800]
    few, many = (steps(partial(analyze, reading)) for reading in readings)
    assert many < 5 * few  # 4 if linear, 16 if quadratic
    assert {pod.status for pod in analyze(readings[1]).nodes[0].pods} == {"proven"}


def many_nodes(nodes: int, pods: int) -> str:
    captures: list[str] = []
    for number in range(nodes):
        card = link(2, "eth0", f"10.240.0.{number + 4}/16", mac=f"00:0d:3a:00:00:{number:02x}")
        veths = [f"azv{number:05x}{pod:06x}" for pod in range(pods)]
        addresses = [f"10.240.{number + 1}.{pod}" for pod in range(pods)]
        captures.append(ip_addr(card, *(link(10 + pod, f"{veth}@if4") for pod, veth in enumerate(veths))))
        captures.append(
            route_n(*ROUTES, *(f"{address}/32 {veth}" for address, veth in zip(addresses, veths, strict=True)))
        )
        captures += [
            inside(
                1000 * number + pod,
                link(4, f"eth0@if{10 + pod}", f"{address}/16", mac=f"02:00:00:02:{number:02x}:{pod:02x}"),
            )
            for pod, address in enumerate(addresses)
        ]
    return "\n".join(captures)


def test_the_cost_of_telling_nodes_apart() -> None:
    few, many = many_nodes(5, 20), many_nodes(20, 20)
    assert [len(node.namespaces) for node in read(many).nodes] == [20] * 20
    assert steps(partial(read, many)) < 6 * steps(partial(read, few))  # 4 if linear
