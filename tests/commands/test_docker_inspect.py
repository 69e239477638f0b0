"""`docker inspect`: whole JSON, what grep or a cut leaves of it, and `--format`; nothing secret is kept or shown."""

from __future__ import annotations

import json
import time
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aksnet_parse import Container, ParseError, ParseResult, parse_docker_inspect, read
from aksnet_parse.commandline import Invocation, read_command_line
from aksnet_parse.commands.docker_inspect import DOCKER_INSPECT

from ..strategies import containers, inspected, render_docker_inspect

CAPTURES = Path(__file__).parent / "captures"
REAL = (CAPTURES / "docker_inspect-20.10.txt").read_text()
SANDBOX = "ac881aaba9cb1ef432bc8638d487219476921cc078031baeb683cdb3f043e292"
APP = "157c2d334bfee629489bfbde94a3baf57dee0685a7b7f2971153d7f4d115c2e8"
POD = {
    "pod_name": "nginx-5sw9r9p8c7-5lxnh",
    "pod_namespace": "default",
    "pod_uid": "1129f22f-aefb-5395-a68e-9a79a790ca72",
}
NAME = "k8s_POD_nginx-5sw9r9p8c7-5lxnh_default_1129f22f-aefb-5395-a68e-9a79a790ca72_0"


def said(container: Container) -> dict[str, Any]:
    return container.model_dump(exclude_defaults=True, exclude={"source"})


def run(call: str, output: str) -> ParseResult[Container]:
    """Read ``output`` as what ``call`` printed."""
    command_line = read_command_line(f"$ {call}")
    assert command_line is not None
    [invocation] = command_line.invocations
    assert DOCKER_INSPECT.claims(invocation.argv)
    return DOCKER_INSPECT.parse_lines(output.split("\n"), first_line=2, invocation=invocation)


# --- whole JSON -------------------------------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(st.lists(containers(), max_size=3), st.sampled_from((4, 2, None)), st.data())
def test_what_was_printed_is_read_back(rows: list[Container], indent: int | None, data: st.DataObject) -> None:
    text = render_docker_inspect([data.draw(inspected(row)) for row in rows], indent=indent)
    result = parse_docker_inspect(text, strict=True)
    assert list(result) == rows
    assert result.coverage == 1.0


@settings(max_examples=100, deadline=None)
@given(st.lists(containers(), min_size=1, max_size=2), st.sampled_from((4, None)), st.data())
def test_a_cut_gives_the_containers_before_it_and_nothing_wrong(
    rows: list[Container], indent: int | None, data: st.DataObject
) -> None:
    text = render_docker_inspect([data.draw(inspected(row)) for row in rows], indent=indent)
    result = parse_docker_inspect(text[: data.draw(st.integers(0, len(text)))])
    assert len(result) <= len(rows)
    for found, row in zip(result, rows, strict=False):
        assert said(found).items() <= said(row).items()
    assert list(result)[:-1] == rows[: max(len(result) - 1, 0)]


def test_a_number_that_was_cut_is_not_taken() -> None:
    assert list(parse_docker_inspect('"Running": true,\n"Pid": 1')) == []
    assert parse_docker_inspect('[{"Id": "0b7c7a46ade1", "State": {"Pid": 1')[0].pid is None
    assert [row.pid for row in parse_docker_inspect('"Pid": 16315')] == [16315]
    assert [row.pid for row in parse_docker_inspect('"Pid": 16315\n"Pid": 17')] == [16315, 17]


@settings(max_examples=100, deadline=None)
@given(st.lists(containers(), min_size=1, max_size=3), st.data())
def test_chosen_lines_say_of_each_container_what_they_say(rows: list[Container], data: st.DataObject) -> None:
    lines = render_docker_inspect([data.draw(inspected(row)) for row in rows]).split("\n")
    words = data.draw(st.sets(st.sampled_from(('"Id"', '"Pid"', '"Name": "/', "SandboxKey", "pod.name")), min_size=1))
    words.add('"Pid"')
    result = parse_docker_inspect("\n".join(line for line in lines if any(word in line for word in words)), strict=True)
    for found, row in zip(result, rows, strict=True):
        assert said(found).items() <= said(row).items()
        assert found.pid == row.pid
        assert found.id == (row.id if '"Id"' in words else None)


def test_real_output() -> None:
    result = parse_docker_inspect(REAL, file="i.json", strict=True)
    assert [said(row) for row in result] == [
        {
            "id": SANDBOX,
            "name": NAME,
            "pid": 29683,
            "state": "running",
            "attempt": 0,
            "network_mode": "none",
            "sandbox_key": "/var/run/docker/netns/9fa9e7ffd85b",
            "container_type": "podsandbox",
            **POD,
        },
        {
            "id": APP,
            "name": NAME.replace("POD", "web"),
            "pid": 29768,
            "state": "running",
            "attempt": 0,
            "network_mode": f"container:{SANDBOX}",
            "container_name": "web",
            "container_type": "container",
            "sandbox_id": SANDBOX,
            **POD,
        },
        {
            "id": result[2].id,
            "name": "web-1",
            "pid": 29615,
            "state": "running",
            "network_mode": "default",
            "sandbox_key": "/var/run/docker/netns/a2e977d40ea0",
            "ip_address": "172.17.0.2",
            "prefixlen": 16,
            "mac_address": "02:42:ac:11:00:02",
        },
    ]
    assert result[2].ip_address == IPv4Address("172.17.0.2")
    assert [row.source.file for row in result if row.source is not None] == ["i.json"] * 3


def test_sources_are_the_lines_of_each_container() -> None:
    lines = REAL.split("\n")
    for row in parse_docker_inspect(REAL):
        assert row.source is not None
        text = "\n".join(lines[row.source.first_line - 1 : row.source.last_line])
        assert json.loads(text.removesuffix(","))["Id"] == row.id


@pytest.mark.parametrize("form", ["one line", "lines of JSON", "no list", "curly quotes", "indented"])
def test_other_shapes_of_the_same(form: str) -> None:
    documents = json.loads(REAL)
    text = {
        "one line": json.dumps(documents),
        "lines of JSON": "\n".join(json.dumps(document) for document in documents),
        "no list": json.dumps(documents[0], indent=4),
        "curly quotes": REAL.replace('": "', "”: “").replace('"', "”"),
        "indented": "\n".join("    " + line for line in REAL.split("\n")),
    }[form]
    expected = list(parse_docker_inspect(REAL))
    assert list(parse_docker_inspect(text, strict=True)) == expected[: 1 if form == "no list" else None]


def test_curly_quotes_within_text_are_text() -> None:
    document = json.loads(REAL)[2]
    document["Config"]["Env"] = ["MOTTO=“so be it”"]
    text = json.dumps([document], ensure_ascii=False)
    assert len(parse_docker_inspect(text, strict=True)) == 1


def test_what_is_no_container_is_none() -> None:
    text = json.dumps(
        [{"Id": "sha256:" + "0" * 64, "RepoTags": ["busybox:latest"]}, {"Name": "bridge", "Id": "0" * 64}]
    )
    assert list(parse_docker_inspect(text)) == []


@pytest.mark.parametrize("text", ["", "[]", "[]\n", "  \n[\n]\n"])
def test_nothing_inspected(text: str) -> None:
    result = parse_docker_inspect(text, strict=True)
    assert (list(result), result.unparsed) == ([], ())


@pytest.mark.parametrize(
    "document",
    [
        {"Id": 7, "State": {"Pid": "x"}, "Name": None, "Config": [], "NetworkSettings": "", "HostConfig": 3},
        {"State": {"Pid": True}, "NetworkSettings": {"Networks": [], "IPPrefixLen": "x"}},
        {"State": {"Pid": 1.5}, "NetworkSettings": {"Networks": {"a": None, "b": {"IPAddress": 3}}}},
        {"State": {}, "Config": {"Labels": {"io.kubernetes.pod.name": 3}}},
    ],
)
def test_values_of_another_type_are_not_taken(document: dict[str, Any]) -> None:
    assert [said(row) for row in parse_docker_inspect(json.dumps(document))] == [{}]


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.update(Id="NOT HEX"),
        lambda document: document["State"].update(Pid=-1),
        lambda document: document["NetworkSettings"]["Networks"]["bridge"].update(IPAddress="10.0.0.999"),
        lambda document: document["NetworkSettings"]["Networks"]["bridge"].update(IPPrefixLen=200),
        lambda document: document.update(Name="/\ud800"),
    ],
)
def test_a_container_that_cannot_be_is_handed_back_and_the_others_kept(change: Any) -> None:
    documents = json.loads(REAL)
    change(documents[2])
    text = json.dumps(documents, indent=4)
    result = parse_docker_inspect(text)
    assert [row.id for row in result] == [SANDBOX, APP]
    numbers = [line.line for line in result.unparsed]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert '"Id"' in text.split("\n")[numbers[0]]


# --- what grep or a cut leaves ----------------------------------------------------------------------------------------


def test_a_grepped_pid() -> None:
    fragment = '            "Pid": 16315,\n            "PidMode": "",\n            "PidsLimit": null,\n'
    result = parse_docker_inspect(fragment, strict=True)
    assert [said(row) for row in result] == [{"pid": 16315}]
    assert result[0].source == (None, 1, 1)
    [named] = run("docker inspect 0b7c7a46ade1|grep Pid", fragment)
    assert said(named) == {"id": "0b7c7a46ade1", "pid": 16315}
    [named] = run("sudo docker inspect web-1 | grep -i pid", fragment)
    assert said(named) == {"name": "web-1", "pid": 16315}


def test_grepped_pids_of_several() -> None:
    result = run("docker inspect 0b7c7a46ade1 web-1 | grep '\"Pid\"'", '            "Pid": 1,\n            "Pid": 2,\n')
    assert [said(row) for row in result] == [{"id": "0b7c7a46ade1", "pid": 1}, {"name": "web-1", "pid": 2}]
    # One that does not run has no PID, and which one that is cannot be told from less than all of them.
    assert len(run("docker inspect a1b2 c3d4 | grep Pid", '            "Pid": 0,\n            "Pid": 2,\n')) == 2


def test_a_gap_between_two_containers_does_not_join_them() -> None:
    fragment = (
        '            "SandboxKey": "/var/run/docker/netns/a",\n...\n            "Pid": 7,\n        "Name": "/b",\n'
    )
    assert [said(row) for row in parse_docker_inspect(fragment, strict=True)] == [
        {"sandbox_key": "/var/run/docker/netns/a"},
        {"pid": 7, "name": "b"},
    ]


def test_an_address_of_another_network_is_handed_back() -> None:
    address = '            "IPAddress": "{}",\n'
    fragment = '"Pid": 7,\n' + "".join(map(address.format, ("172.17.0.2", "172.17.0.2", "172.18.0.2")))
    result = parse_docker_inspect(fragment)
    assert [said(row) for row in result] == [{"pid": 7, "ip_address": "172.17.0.2"}]
    assert [line.line for line in result.unparsed] == [4]


def test_a_whole_container_before_a_cut_one() -> None:
    text = REAL[: REAL.index('"NetworkMode": "default"')]
    result = parse_docker_inspect(text, strict=True)
    assert [row.pid for row in result] == [29683, 29768, 29615]
    assert (result[2].name, result[2].network_mode) == ("web-1", None)


@pytest.mark.parametrize("name", ["$ID", '"${ID}"', "$(docker ps -q)", "$(docker ps -q)x", "'<container>'", "-"])
def test_what_the_shell_puts_in_is_no_name(name: str) -> None:
    [container] = run(f"docker inspect -f '{{{{.State.Pid}}}}' {name}", "16315\n")
    assert said(container) == {"pid": 16315}


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0b7c7a46ade1", {"id": "0b7c7a46ade1"}), ("web-1", {"name": "web-1"}), ("$(docker ps -q)", {})],
)
def test_a_variable_is_what_the_text_set_it_to(value: str, expected: dict[str, str]) -> None:
    [node] = read(f"$ ID={value}\n$ docker inspect -f '{{{{.State.Pid}}}}' $ID\n16315\n").nodes
    assert [said(container) for container in node.containers] == [expected | {"pid": 16315}]


# --- --format ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "output", "expected"),
    [
        ("docker inspect --format '{{ .State.Pid }}' 0b7c7a46ade1", "16315\n", [{"id": "0b7c7a46ade1", "pid": 16315}]),
        ("docker inspect -f '{{.State.Pid}}' web-1", "16315", [{"name": "web-1", "pid": 16315}]),
        (
            "docker inspect --format='{{.State.Pid}}' web-1 web-2",
            "1\n2",
            [{"name": "web-1", "pid": 1}, {"name": "web-2", "pid": 2}],
        ),
        ("docker container inspect -f {{.State.Pid}} a1b2", "0\n", [{"id": "a1b2"}]),
        ('docker inspect --format "{{json .State.Pid}}" a1b2', "7\n", [{"id": "a1b2", "pid": 7}]),
        ("docker inspect -f 'PID: {{ .State.Pid }}.' a1b2", "PID: 7.\n", [{"id": "a1b2", "pid": 7}]),
        (
            "docker inspect -f '{{.Name}} {{.State.Pid}}' $(docker ps -q)",
            "/a 1\n/b 2",
            [{"name": "a", "pid": 1}, {"name": "b", "pid": 2}],
        ),
        ("docker inspect -f '{{.Name}}-{{.State.Pid}}' $(docker ps -q)", "/a-b-1", [{"name": "a-b", "pid": 1}]),
        ("docker inspect -f '{{.State.Pid}}-{{.Name}}' $(docker ps -q)", "1-/a-b", [{"name": "a-b", "pid": 1}]),
        ("docker inspect -f '{{json .Name}}' a1b2", '"/x"', [{"id": "a1b2", "name": "x"}]),
        (
            "docker inspect -f '{{.NetworkSettings.SandboxKey}}' a1b2",
            "/var/run/docker/netns/x",
            [{"id": "a1b2", "sandbox_key": "/var/run/docker/netns/x"}],
        ),
        (
            "docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' a1b2",
            "172.17.0.2",
            [{"id": "a1b2", "ip_address": "172.17.0.2"}],
        ),
        (
            "docker inspect -f '{{range $k, $v := .NetworkSettings.Networks}}{{$v.IPAddress}}{{end}}' a1b2",
            "172.17.0.2",
            [{"id": "a1b2", "ip_address": "172.17.0.2"}],
        ),
        ("docker inspect -f '{{.Config.Env}} {{.State.Pid}}' a1b2", "[A=x y] 7", [{"id": "a1b2", "pid": 7}]),
        (r"docker inspect -f '{{.Name}}\t{{.State.Pid}}' a1b2", r"/x\t7", [{"id": "a1b2", "name": "x", "pid": 7}]),
    ],
)
def test_format(call: str, output: str, expected: list[dict[str, Any]]) -> None:
    result = run(call, output)
    assert [said(row) for row in result] == expected
    assert (result.unparsed == ()) == bool(expected)


def test_format_of_everything_is_json() -> None:
    output = "\n".join(json.dumps(document) for document in json.loads(REAL))
    assert list(run("docker inspect --format '{{json .}}' a b c", output)) == list(parse_docker_inspect(REAL))


@pytest.mark.parametrize(
    ("template", "output"),
    [
        ("{{.State.Pid}}", "Error: No such object: x"),
        ("{{.State.Pid}}", "<no value>"),
        ("{{.State.Pid}}", "12 34"),
        ("{{.State.Pid}}", "-1"),
        ("{{.State.Pid}}", "9" * 5000),
        ("PID {{.State.Pid}}", "12"),
        ("{{.Name}}{{.State.Pid}}", "x12"),
        ("{{.Name}}-{{.HostConfig.NetworkMode}}", "a-b-bridge"),
        ("{{if .State.Running}}{{.State.Pid}}{{end}}", "12"),
        ("{{.State.Pid", "12"),
        ("no field", "no field"),
        ("{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", "172.17.0.2172.18.0.2"),
    ],
)
def test_format_output_that_is_not_sure_is_handed_back(template: str, output: str) -> None:
    result = run(f"docker inspect --format '{template}' x", output)
    assert list(result) == []
    assert [line.line for line in result.unparsed] == [2]


def test_takes_only_lines_the_format_can_have_printed() -> None:
    command_line = read_command_line("$ docker inspect -f '{{.State.Pid}}' x")
    assert command_line is not None
    [invocation] = command_line.invocations
    assert DOCKER_INSPECT.takes("16315", invocation)
    assert not DOCKER_INSPECT.takes("Then we enter its namespace:", invocation)


# --- secrets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [None, 20000, 12000, 300])
def test_no_secret_is_kept(cut: int | None) -> None:
    assert "hunter2" in REAL
    for text in (REAL[:cut], json.dumps(json.loads(REAL))[:cut], "junk PASSWORD=hunter2\n" + REAL):
        result = parse_docker_inspect(text)
        assert "hunter2" not in repr(result.records) + repr(result.unparsed)
        assert "hunter2" not in "".join(row.model_dump_json() for row in result)


def test_no_secret_is_in_an_error() -> None:
    with pytest.raises(ParseError) as caught:
        parse_docker_inspect('"Pid": 7,\nPASSWORD=hunter2\n', strict=True)
    assert caught.value.line == 2
    assert "hunter2" not in str(caught.value) + caught.value.text


# --- bounded time -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{" * 100_000,
        '{"a":' * 50_000,
        '"' * 100_000,
        '"\\' * 50_000,
        " " * 100_000 + "x",
        "[\n" * 50_000,
        '{"Id"' + " " * 100_000,
        '"Pid": 1,\n' * 20_000,
        '{"State":{}}' * 10_000,
        '"io.kubernetes.' + "a." * 50_000,
        '"x' * 50_000 + "\n",
        '{"Pid":1}' + "{" * 50_000,
    ],
    ids=lambda text: text[:12],
)
def test_hostile_text_is_no_work(text: str) -> None:
    begun = time.process_time()
    parse_docker_inspect(text)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("{{.a}}-" * 50, "-" * 100_000),
        ("{{.a}}-" * 15_000, "-" * 100_000),
        ("{{.Name}} {{.Id}} {{.a}} {{.b}} {{.c}} {{.d}}", "a " * 50_000),
        ("{{" * 50_000, "x"),
        ("{{.State.Pid}}", "1" * 100_000 + "x"),
        ("{{" + " " * 50_000, "x"),
        ("{{-" + " " * 50_000 + "}}", "x"),
        ("{{range" + " " * 50_000 + "}}{{end}}", "x"),
    ],
    ids=lambda text: text[:12],
)
def test_hostile_formats_are_no_work(template: str, line: str) -> None:
    invocation = Invocation(("docker", "inspect", "--format", template, "x"))
    begun = time.process_time()
    DOCKER_INSPECT.parse_lines([line], invocation=invocation)
    DOCKER_INSPECT.takes(line, invocation)
    assert time.process_time() - begun < 5


# --- which calls these are --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "claimed"),
    [
        ("docker inspect x", True),
        ("docker inspect --format {{.Id}} x", True),
        ("docker container inspect x", True),
        ("podman inspect x", True),
        ("nerdctl inspect x", True),
        ("docker --debug inspect x", True),
        ("docker image inspect x", False),
        ("docker network inspect x", False),
        ("docker ps", False),
        ("crictl inspect x", False),
    ],
)
def test_calls(call: str, claimed: bool) -> None:
    assert DOCKER_INSPECT.claims(tuple(call.split())) is claimed
