"""`crictl ps`, `pods`, `inspect` and `inspectp`, as tables, JSON, YAML, fragments and templates.

There was no crictl: its output is written after the published descriptions of it, not captured.
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from aksnet_parse import (
    Container,
    ParseResult,
    parse_crictl_inspect,
    parse_crictl_inspectp,
    parse_crictl_pods,
    parse_crictl_ps,
    read,
)
from aksnet_parse.commandline import read_command_line
from aksnet_parse.commands import COMMANDS
from aksnet_parse.commands.crictl_inspect import CRICTL_INSPECT, CRICTL_INSPECTP
from aksnet_parse.dressing import undress

from ..listings import (
    SECRET,
    crictl_containers,
    crictl_pods_table,
    crictl_ps_table,
    inspect_document,
    inspected_containers,
    inspected_sandboxes,
    inspectp_document,
    pods_document,
    ps_document,
    sandboxes,
)
from ..test_accounting import assert_accounted

Parse = Callable[..., ParseResult[Container]]
SANDBOX = Container.model_validate(
    {
        "id": "116419acc6958dbaa1f80380eee6762928ead0caec83d0174fc5daa91a110897",
        "container_type": "podsandbox",
        "state": "ready",
        "pod_name": "web-1",
        "pod_namespace": "default",
        "pod_uid": "1129f22f-aefb-5395-a68e-9a79a790ca72",
        "attempt": 0,
        "pid": 16315,
        "netns": "/var/run/netns/cni-1f0c8a1e-7d9a-4f5e-9a51-0f7a8c2d3b4e",
        "ip_addresses": ("10.244.0.5", "fd00::5"),
    }
)


def said(container: Container) -> dict[str, Any]:
    return container.model_dump(exclude_defaults=True, exclude={"source"}, mode="json")


def run(call: str, output: str) -> ParseResult[Container]:
    """Read ``output`` as what ``call`` printed."""
    command_line = read_command_line(f"$ {call}")
    assert command_line is not None
    [invocation] = command_line.invocations
    command = next(command for command in COMMANDS if command.claims(invocation.argv))
    result: ParseResult[Container] = command.parse_lines(output.split("\n"), first_line=2, invocation=invocation)
    return result


# --- tables -----------------------------------------------------------------------------------------------------------


def without(row: Container, *names: str) -> Container:
    return row.model_copy(update=dict.fromkeys(names))


@settings(max_examples=60, deadline=None)
@given(st.lists(sandboxes(), max_size=5), st.sampled_from((6, 7)), st.data())
def test_a_table_of_pods_is_read_back(rows: list[Container], columns: int, data: st.DataObject) -> None:
    text = data.draw(crictl_pods_table(rows, columns))
    expected = [without(row, "pod_uid") for row in rows]
    assert list(parse_crictl_pods(text, strict=True)) == expected
    assert list(parse_crictl_pods("\n".join(" ".join(line.split()) for line in text.split("\n")))) == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(crictl_containers(), max_size=5), st.sampled_from((7, 8, 9)), st.data())
def test_a_table_of_containers_is_read_back(rows: list[Container], columns: int, data: st.DataObject) -> None:
    text = data.draw(crictl_ps_table(rows, columns))
    lost = ("pod_uid", "pod_namespace", "pod_name")[: 10 - columns]
    expected = [without(row, *lost) for row in rows]
    assert list(parse_crictl_ps(text, strict=True)) == expected
    assert list(parse_crictl_ps("\n".join("\t".join(line.split()) for line in text.split("\n")))) == expected


@settings(max_examples=60, deadline=None)
@given(
    st.lists(crictl_containers(), min_size=1, max_size=4, unique_by=lambda row: str(row.id)[:13]),
    st.integers(80, 160),
    st.data(),
)
def test_a_table_that_a_terminal_broke(rows: list[Container], width: int, data: st.DataObject) -> None:
    rows = [row.model_copy(update={"pod_uid": None, "pod_namespace": None, "id": str(row.id)[:13]}) for row in rows]
    text = data.draw(crictl_ps_table(rows, 8, 1))
    broken = [line[start : start + width] for line in text.split("\n") for start in range(0, len(line) or 1, width)]
    result = parse_crictl_ps("\n".join(broken))
    assert_accounted(result, undress("\n".join(broken)))
    for found in result:
        [row] = [row for row in rows if row.id == found.id]
        assert (found.container_name, found.attempt) == (row.container_name, row.attempt)
        assert str(row.sandbox_id).startswith(str(found.sandbox_id))
        assert found.pod_name is None or str(row.pod_name).startswith(found.pod_name)
    assert len(result) == len(rows)


def test_a_pod_that_crictl_does_not_know_has_no_name() -> None:
    row = "0b7c7a46ade1f 00ff00ff00ff0 2 days ago Running web 0 1b7c7a46ade1f unknown"
    assert parse_crictl_ps(row, strict=True)[0].pod_name is None


TABLES: dict[Parse, st.SearchStrategy[str]] = {
    parse_crictl_pods: st.lists(sandboxes(), min_size=1, max_size=4).flatmap(crictl_pods_table),
    parse_crictl_ps: st.lists(crictl_containers(), min_size=1, max_size=4).flatmap(crictl_ps_table),
}


@pytest.mark.parametrize("parse", TABLES)
@settings(max_examples=150, deadline=None)
@given(data=st.data(), chance=st.randoms(use_true_random=False))
def test_spoiled_tables_invent_no_container(parse: Parse, data: st.DataObject, chance: Any) -> None:
    text = data.draw(TABLES[parse])
    for _ in range(chance.randrange(1, 8)):
        place, piece = chance.randrange(len(text)), chance.choice(["", " ", "\t", "\n", "ago", "Ready", "0", "  "])
        text = text[:place] + piece + text[place + chance.randrange(9) :]
    text = text[: chance.randrange(len(text) + 1)]
    result = parse(text)
    assert_accounted(result, undress(text))
    for row in result:
        assert row.id is not None
        assert row.id in text
        assert row.sandbox_id is None or row.sandbox_id in text.replace("\n", "")


# --- documents --------------------------------------------------------------------------------------------------------

Render = Callable[[Any], str]


class Plain(yaml.SafeDumper):
    """As Go sets YAML: without anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def to_yaml(value: Any) -> str:
    return str(yaml.dump(value, Dumper=Plain, sort_keys=False, width=10**6))


FORMS: dict[str, Render] = {
    "json": lambda value: json.dumps(value, indent=2) + "\n",
    "json on one line": lambda value: json.dumps(value) + "\n",
    "yaml": to_yaml,
}


def documents_of(parse: Parse, rows: Sequence[Container]) -> Any:
    if parse is parse_crictl_pods:
        return pods_document(rows)
    if parse is parse_crictl_ps:
        return ps_document(rows)
    [row] = rows
    return inspectp_document(row) if parse is parse_crictl_inspectp else inspect_document(row)


ROWS: dict[Parse, st.SearchStrategy[list[Container]]] = {
    parse_crictl_pods: st.lists(sandboxes(), max_size=4),
    parse_crictl_ps: st.lists(crictl_containers(), max_size=4),
    parse_crictl_inspectp: st.lists(inspected_sandboxes(), min_size=1, max_size=1),
    parse_crictl_inspect: st.lists(inspected_containers(), min_size=1, max_size=1),
}


@pytest.mark.parametrize("parse", ROWS, ids=lambda parse: parse.__self__.name)
@pytest.mark.parametrize("form", ["json", "json on one line", "yaml"])
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_document_is_read_back(parse: Parse, form: str, data: st.DataObject) -> None:
    rows = data.draw(ROWS[parse])
    text = FORMS[form](documents_of(parse, rows))
    result = parse(text, strict=True)
    assert list(result) == rows
    assert_accounted(result, text.split("\n"))
    lines = text.split("\n")
    for row in result:
        assert row.source is not None
        assert str(row.id) in "\n".join(lines[row.source.first_line - 1 : row.source.last_line])


@pytest.mark.parametrize("parse", ROWS, ids=lambda parse: parse.__self__.name)
@pytest.mark.parametrize("form", ["json", "json on one line", "yaml"])
@settings(max_examples=40, deadline=None)
@given(data=st.data(), chance=st.randoms(use_true_random=False))
def test_a_spoiled_document_tells_no_secret_and_nothing_wrong(
    parse: Parse, form: str, data: st.DataObject, chance: Any
) -> None:
    rows = data.draw(ROWS[parse])
    text = FORMS[form](documents_of(parse, rows))
    start, end = sorted(chance.choices(range(len(text) + 1), k=2))
    text = text[chance.choice([0, start]) : end]
    if chance.random() < 0.5 and text:
        place = chance.randrange(len(text))
        text = (
            text[:place]
            + chance.choice(["\n...\n", '"', "}", "{", "\n", "]", ":"])
            + text[place + chance.randrange(3) :]
        )
    result = parse(text)
    assert_accounted(result, undress(text))
    assert SECRET not in str([said(row) for row in result])
    shown = [line.text for line in (*result.unparsed, *result.passed_over)]
    assert SECRET not in str([line for line in shown if not line.startswith("(")])
    ids = {row.id for row in rows} | {row.sandbox_id for row in rows}
    for row in result:
        assert row.id is None or row.id in ids or row.id in text
        assert row.pid != 666


def test_secrets_are_not_shown_in_a_broken_document() -> None:
    text = FORMS["json"](inspectp_document(SANDBOX)).replace('"mounts"', "mounts")
    result = parse_crictl_inspectp(text)
    assert result.unparsed
    assert SECRET not in str([*result.unparsed, *result.passed_over, *result])
    assert "0.0" not in str(result)


def test_the_first_document_before_a_cut_is_whole() -> None:
    rows = [SANDBOX, SANDBOX.model_copy(update={"id": "a" * 64})]
    text = FORMS["json"](pods_document(rows))
    cut = text[: text.rindex('"state"')]
    result = parse_crictl_pods(cut)
    assert [row.id for row in result] == [SANDBOX.id]
    assert result.unparsed
    shown = re.compile(r'\(not shown.*\)|[ {},]*|"\w+": (?:\*\*\*|[{0-9a-f.,"-]+)')
    assert all(shown.fullmatch(line.text) for line in result.unparsed)


def test_one_that_is_cut_in_the_middle_is_lost_alone() -> None:
    rows = [SANDBOX.model_copy(update={"id": letter * 64}) for letter in "abc"]
    lines = FORMS["json"](pods_document(rows)).split("\n")
    middle = next(number for number, line in enumerate(lines) if "b" * 64 in line) + 3
    text = "\n".join([*lines[:middle], "...", *lines[middle + 4 :]])
    assert [row.id for row in parse_crictl_pods(text)] == ["a" * 64, "c" * 64]


def test_a_sandbox() -> None:
    [row] = parse_crictl_inspectp(FORMS["json"](inspectp_document(SANDBOX)), strict=True)
    assert row == SANDBOX
    assert said(row)["ip_addresses"] == ["10.244.0.5", "fd00::5"]


def test_host_network() -> None:
    document = inspectp_document(SANDBOX)
    document["status"]["linux"]["namespaces"]["options"]["network"] = "NODE"
    [row] = parse_crictl_inspectp(json.dumps(document), strict=True)
    assert row.network_mode == "host"


@pytest.mark.parametrize("form", ["nothing", "null", "text", "text in an object", "text that is no JSON", "deep"])
def test_what_the_runtime_adds_can_be_missing_or_text(form: str) -> None:
    document = inspectp_document(SANDBOX)
    info = document.pop("info")
    if form != "nothing":
        document["info"] = {
            "null": None,
            "text": json.dumps(info),
            "text in an object": {"info": json.dumps(info)},
            "text that is no JSON": "{",
            "deep": "[" * 100_000,
        }[form]
    [row] = parse_crictl_inspectp(json.dumps(document), strict=True)
    known = form.startswith("text") and form != "text that is no JSON"
    assert (row.pid, row.netns) == ((16315, SANDBOX.netns) if known else (None, None))
    assert row.ip_addresses == SANDBOX.ip_addresses


def test_what_the_plugin_answered_stands_in() -> None:
    document = inspectp_document(SANDBOX)
    document["status"]["network"] = {"ip": "", "additionalIps": []}
    document["info"]["runtimeSpec"] = None
    document["info"]["cniResult"] = {
        "Interfaces": {
            "eth0": {"IPConfigs": [{"IP": "10.244.0.5", "Gateway": "169.254.1.1"}], "Sandbox": SANDBOX.netns},
            "lo": {"IPConfigs": [{"IP": "127.0.0.1"}], "Sandbox": "/x"},
        }
    }
    [row] = parse_crictl_inspectp(json.dumps(document), strict=True)
    assert [str(address) for address in row.ip_addresses] == ["10.244.0.5"]
    assert row.netns == SANDBOX.netns


@pytest.mark.parametrize(
    "document",
    [
        {"status": {"id": 7}},
        {"status": None, "info": {"pid": 7}},
        {"status": []},
        {"items": [7, None, "x", [], {}, {"id": "x"}, {"id": "NOT HEX", "metadata": {}}]},
        {"containers": [{"id": "a" * 64}]},
        {"items": None},
        {"items": {}},
        {"id": "a" * 64},
        [],
        [[]],
    ],
)
def test_what_is_no_container_is_none(document: Any) -> None:
    for parse in ROWS:
        for form in ("json", "json on one line", "yaml"):
            text = FORMS[form](document)
            result = parse(text)
            assert [said(row) for row in result if row.id is not None] == []
            assert_accounted(result, text.split("\n"))


@pytest.mark.parametrize(
    "change",
    [
        lambda status: status.update(state=7, metadata=[], labels=3, linux=[], network="x"),
        lambda status: status.update(metadata={"attempt": "x", "name": 3}, network={"ip": 3, "additionalIps": 3}),
        lambda status: status.update(metadata={"attempt": -1}, network={"ip": "10.0.0.1", "additionalIps": [3, None]}),
    ],
)
def test_values_of_another_type_are_not_taken(change: Any) -> None:
    document = inspectp_document(SANDBOX)
    change(document["status"])
    assert [row.id for row in parse_crictl_inspectp(json.dumps(document))] == [SANDBOX.id]


def test_an_address_that_cannot_be_is_handed_back() -> None:
    document = inspectp_document(SANDBOX)
    document["status"]["network"]["ip"] = "10.0.0.999"
    result = parse_crictl_inspectp(FORMS["json"](document))
    assert list(result) == []
    assert result.coverage < 0.1


# --- YAML -------------------------------------------------------------------------------------------------------------


def test_without_pyyaml_each_line_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    text = FORMS["yaml"](pods_document([SANDBOX]))
    monkeypatch.setitem(sys.modules, "yaml", None)
    result = parse_crictl_pods(text)
    assert list(result) == []
    assert {line.text for line in result.unparsed} == {"(YAML is not read without PyYAML: install aksnet-parse[yaml])"}
    assert_accounted(result, text.split("\n"))


@pytest.mark.parametrize(
    "yaml_text",
    [
        "items: &a\n- id: x\n" + "".join(f"b{n}: [*a, *a, *a]\n" for n in range(20)),
        "items:\n- " + "[" * 100_000,
        "items:\n- !!python/object/apply:os.system [echo]\n",
        "items:\n- {id: a, metadata: {}}\n- {id: }}\n",
        "items:\n- id: 1\n metadata: 3\n\tx: 3\n",
        "items:\n- id: " + "9" * 100_000 + "\n  metadata: {}\n",
        "items:\n- ? [a, b]\n  : c\n",
        "items: \n" + "- a:\n" * 100_000,
        "items:\n" + "x: y\n" * 2_000_000,
    ],
)
def test_hostile_yaml_is_refused_in_time(yaml_text: str) -> None:
    begun = time.process_time()
    result = parse_crictl_pods(yaml_text)
    assert list(result) == []
    assert result.unparsed
    assert time.process_time() - begun < 20


def test_a_number_that_may_be_cut_is_not_taken() -> None:
    text = f"status:\n  id: {SANDBOX.id}\n  state: SANDBOX_READY\ninfo:\n  pid: 163"
    assert parse_crictl_inspectp(text)[0].pid is None
    assert parse_crictl_inspectp(f"{text}\n  x: y")[0].pid == 163


# --- fragments and templates ------------------------------------------------------------------------------------------

CUT = FORMS["json"](inspectp_document(SANDBOX))


def test_a_cut_paste_says_what_it_says() -> None:
    [row] = parse_crictl_inspectp(CUT[: CUT.index('"destination"')])
    assert (
        said(row).items()
        >= {
            "id": SANDBOX.id,
            "pid": 16315,
            "pod_name": "web-1",
            "pod_namespace": "default",
            "state": "ready",
            "container_type": "podsandbox",
        }.items()
    )
    assert [str(address) for address in row.ip_addresses] == ["fd00::5", "10.244.0.5"]


@settings(max_examples=200, deadline=None)
@given(st.one_of(inspected_sandboxes()), st.data())
def test_a_cut_gives_nothing_wrong(row: Container, data: st.DataObject) -> None:
    text = FORMS["json"](inspectp_document(row))
    cut = text[: data.draw(st.integers(0, len(text)))]
    result = parse_crictl_inspectp(cut)
    assert len(result) <= 1
    expected = said(row)
    for found in result:
        facts = said(found)
        assert set(facts.pop("ip_addresses", ())) <= set(expected.get("ip_addresses", ()))
        assert facts.items() <= {**expected, "container_type": "podsandbox"}.items()


@pytest.mark.parametrize(
    ("call", "output", "expected"),
    [
        ("crictl inspect 0b7c7a46ade1 | grep pid", '    "pid": 16315,\n          "type": "pid"\n', {"pid": 16315}),
        (
            "sudo crictl inspectp 0b7c7a46ade1 | grep '\"ip\"'",
            '      "ip": "10.244.0.5"\n',
            {"ip_addresses": ["10.244.0.5"]},
        ),
        (
            "crictl inspectp 0b7c7a46ade1 | grep netns",
            '   "path": "/var/run/netns/cni-1"\n',
            {"netns": "/var/run/netns/cni-1"},
        ),
        ("crictl inspect --output go-template --template '{{.info.pid}}' 0b7c7a46ade1", "16315\n", {"pid": 16315}),
        ("crictl inspectp -o go-template --template={{.info.pid}} 0b7c7a46ade1", "16315\n", {"pid": 16315}),
        (
            "crictl inspectp -o go-template --template '{{.status.network.ip}}' 0b7c7a46ade1",
            "10.1.0.5",
            {"ip_addresses": ["10.1.0.5"]},
        ),
    ],
)
def test_pieces(call: str, output: str, expected: dict[str, Any]) -> None:
    kind = "podsandbox" if "inspectp" in call else "container"
    [row] = run(call, output)
    assert said(row) == {"id": "0b7c7a46ade1", "container_type": kind, **expected}


@pytest.mark.parametrize("template", ["{{.info.pid}} {{.status.id}}", "{{range .x}}{{end}}", "{{.info.other}}", "x"])
def test_a_template_that_is_not_known_is_handed_back(template: str) -> None:
    result = run(f"crictl inspect -o go-template --template '{template}' 0b7c7a46ade1", "16315\n")
    assert (list(result), len(result.unparsed)) == ([], 1)


@pytest.mark.parametrize("output", ["FATA[0000] not found", "0", "-1", "9" * 5000])
def test_no_pid(output: str) -> None:
    result = run("crictl inspect -o go-template --template '{{.info.pid}}' 0b7c7a46ade1", output)
    assert all(row.pid is None for row in result)


# --- calls and looks --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "name", "partial"),
    [
        ("crictl ps", "crictl ps", False),
        ("sudo crictl -r unix:///run/containerd/containerd.sock ps -a -o json", "crictl ps", False),
        ("crictl ps --name web", "crictl ps", True),
        ("crictl ps -p 0b7c7a46ade1", "crictl ps", True),
        ("crictl pods", "crictl pods", False),
        ("crictl pods --no-trunc -o yaml", "crictl pods", False),
        ("crictl pods --namespace kube-system", "crictl pods", True),
        ("crictl pods -s Ready", "crictl pods", True),
        ("crictl inspect 0b7c", "crictl inspect", False),
        ("crictl --timeout 5s inspectp 0b7c", "crictl inspectp", False),
        ("crictl ps -q", None, False),
        ("crictl pods --quiet", None, False),
        ("crictl ps -o go-template --template x", None, False),
        ("crictl images", None, False),
        ("crictl stats ps", None, False),
    ],
)
def test_claims(call: str, name: str | None, partial: bool) -> None:
    command_line = read_command_line(f"$ {call}")
    assert command_line is not None
    [invocation] = command_line.invocations
    claimed = [command for command in COMMANDS if command.claims(invocation.argv)]
    assert [command.name for command in claimed] == ([name] if name else [])
    assert [command.is_partial(invocation.argv) for command in claimed] == ([partial] if name else [])


def texts() -> list[tuple[str, str]]:
    container = SANDBOX.model_copy(
        update={"container_type": "container", "state": "running", "container_name": "web", "sandbox_id": SANDBOX.id}
    )
    return [
        (
            "crictl pods",
            (
                f"POD ID   CREATED   STATE   NAME   NAMESPACE   ATTEMPT   RUNTIME\n{SANDBOX.id}   2 days ago   "
                "Ready   web-1   default   0   (default)\n"
            ),
        ),
        (
            "crictl ps",
            (
                f"CONTAINER   IMAGE   CREATED   STATE   NAME   ATTEMPT   POD ID   POD\n{SANDBOX.id}   00ff00ff00ff0   "
                "2 days ago   Running   web   0   0b7c7a46ade1f   web-1\n"
            ),
        ),
        ("crictl pods -o json", FORMS["json"](pods_document([SANDBOX]))),
        ("crictl ps -o json", FORMS["json"](ps_document([container]))),
        ("crictl inspectp 116419acc695", FORMS["json"](inspectp_document(SANDBOX))),
        ("crictl inspect 116419acc695", FORMS["json"](inspect_document(container))),
        ("crictl pods -o yaml", to_yaml(pods_document([SANDBOX]))),
        ("crictl ps -o yaml", to_yaml(ps_document([container]))),
        ("crictl inspect -o yaml 116419acc695", to_yaml(inspect_document(container))),
    ]


@pytest.mark.parametrize("call", [call for call, _ in texts()])
@pytest.mark.parametrize("shown", ["call", "look", "prose before and behind"])
def test_in_a_text_of_other_things(call: str, shown: str) -> None:
    output = dict(texts())[call]
    before = {
        "call": f"root@aks-1:~# {call}\n",
        "look": "",
        "prose before and behind": "Here are the pods we have:\n\n",
    }
    behind = "\nAs you can see, the pod is there.\n" if shown != "look" else ""
    [node] = read(f"{before[shown]}{output}{behind}").nodes
    [parsed] = node.captures
    assert call.startswith(parsed.command)
    assert [row.id for row in node.containers] == [SANDBOX.id]
    assert parsed.result.unparsed == ()


@pytest.mark.parametrize(
    "prose",
    [
        "POD ID and CREATED are columns.",
        "The pod 0b7c7a46ade1f was Ready 2 days ago.",
        "0b7c7a46ade1f 2 days ago was Ready",
        "items:\n- id of the pod\n- its name",
        "status: all good",
        "status:\n  id: none",
        "containers:\n- web\n- db",
        '{"status": "ok"}',
        '{"items": []}',
        '{"items": [{"id": 3}]}',
        "info:\n  pid: 3",
    ],
)
def test_prose_is_no_listing(prose: str) -> None:
    assert read(prose).nodes == ()


# --- time -------------------------------------------------------------------------------------------------------------


def test_large_outputs_take_linear_time() -> None:
    begun = time.process_time()
    pods = "".join(f"{number:013x} 2 days ago Ready p{number} default 0 (default)\n" for number in range(100_000))
    assert len(parse_crictl_pods(pods)) == 100_000
    rows = "".join(f"{n:013x} 00ff00ff00ff0 2 days ago Running w 0 {n:013x} p{n}\n" for n in range(100_000))
    assert len(parse_crictl_ps(rows)) == 100_000
    document = pods_document([SANDBOX])
    document["items"] *= 20_000
    assert len(parse_crictl_pods(json.dumps(document, indent=1))) == 20_000
    assert time.process_time() - begun < 60


@pytest.mark.parametrize(
    "filling",
    [" ", '"', "{", "[", '{"items":[', '{"a":1,', "},{", '"a":1,', "\\", "] ,", "- ", "a:\n", "0", '"pid": 1,'],
)
@pytest.mark.parametrize(
    "start", ["", '{"items": [', '{"status": {"id": "0b7c7a46ade1"}, ', "items:\n- id: ", "0b7c7a46ade1f 2 days ago "]
)
def test_hostile_lines_take_linear_time(filling: str, start: str) -> None:
    text = start + filling * (200_000 // len(filling))
    for parse in ROWS:
        begun = time.process_time()
        parse(text)
        assert time.process_time() - begun < 10
    assert CRICTL_INSPECT.begins([text], 0) in {True, False}
    assert CRICTL_INSPECTP.begins([text], 0) in {True, False}
