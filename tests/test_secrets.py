"""What a container was given (environment, commands, mounts) reaches no record, no report and no message, however its
description was cut, dressed or called."""

from __future__ import annotations

import io
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aksnet_parse import COMMANDS, Command, ParseError, analyze, read
from aksnet_parse.cli import main
from aksnet_parse.commands import az_aks, azure_vnet, crictl_inspect, docker_inspect, kubectl_get_pods
from aksnet_parse.render.text import render_text
from tests.commands import test_kubectl_get_pods
from tests.commands.test_azure_vnet import state
from tests.commands.test_crictl import SANDBOX
from tests.fuzz.samples import yaml_of
from tests.listings import inspect_document, inspectp_document

SECRET = "hunter2"
PROMPT = "azureuser@aks-1:~$ "
ID, OTHER = "0b7c7a46ade1" + "ab" * 26, "1c7c7a46ade1" + "cd" * 26
HOST = f"""{PROMPT}ip addr
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000
    inet 10.240.0.4/16 brd 10.240.255.255 scope global eth0
7: veth1234567@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master cbr0 state UP group default
{PROMPT}sudo nsenter -t 16315 -n ip addr
3: eth0@if9: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default
    inet 10.244.0.9/24 scope global eth0
"""


def container(identifier: str, name: str, kind: str, mode: str) -> dict[str, Any]:
    """As `docker inspect` prints one, with a secret wherever somebody can put one."""
    labels = {"pod.name": "web-1", "pod.namespace": "shop", "pod.uid": "u-1", "docker.type": kind, "sandbox.id": OTHER}
    return {
        "Id": identifier,
        "Path": f"/bin/{SECRET}",
        "Args": ["--password", SECRET, f"--x={SECRET}"],
        "State": {"Status": "running", "Pid": 16315, "Error": f"oci {SECRET}", "Health": {"Log": [{"Output": SECRET}]}},
        "LogPath": f"/log/{SECRET}",
        "Name": f"/{name}",
        "HostConfig": {
            "Binds": [f"/etc/{SECRET}:/x:ro"],
            "NetworkMode": mode,
            "Dns": [SECRET],
            "ExtraHosts": [f"{SECRET}:1.2.3.4"],
            "LogConfig": {"Type": "x", "Config": {"token": SECRET}},
            "SecurityOpt": [f"seccomp={SECRET}"],
        },
        "GraphDriver": {"Data": {"LowerDir": f"/{SECRET}"}, "Name": "overlay2"},
        "Mounts": [{"Type": "bind", "Source": f"/{SECRET}", "Destination": f"/run/{SECRET}", "Name": SECRET}],
        "Config": {
            "User": SECRET,
            "Env": [f"PASSWORD={SECRET}", f'"Pid": 666, {SECRET}', f'A={{"Id":"{SECRET}"}}', SECRET],
            "Cmd": ["sh", "-c", f"x {SECRET}"],
            "Entrypoint": [f"/{SECRET}"],
            "Labels": {
                **{f"io.kubernetes.{label}": value for label, value in labels.items()},
                "io.kubernetes.container.logpath": f"/{SECRET}",
                "annotation.io.kubernetes.container.ports": SECRET,
                "my.label": SECRET,
            },
        },
        "NetworkSettings": {"SandboxKey": "/var/run/docker/netns/x", "IPAddress": "", "Networks": {}},
    }


DOCKER = [
    container(ID, "k8s_web_web-1_shop_u-1_0", "container", f"container:{OTHER}"),
    container(OTHER, "k8s_POD_web-1_shop_u-1_0", "podsandbox", "none"),
]
_APP = SANDBOX.model_copy(
    update={"sandbox_id": SANDBOX.id, "container_name": "web", "container_type": "container", "state": "running"}
)
_POD = test_kubectl_get_pods.POD
KUBECTL = {
    "apiVersion": "v1",
    "kind": "List",
    "items": [
        {
            **_POD,
            "metadata": {
                **_POD["metadata"],
                "annotations": {"kubectl.kubernetes.io/last-applied-configuration": SECRET},
            },
            "spec": {**_POD["spec"], "volumes": [{"hostPath": {"path": f"/{SECRET}"}}], "initContainers": [SECRET]},
        }
    ],
}
AZURE = {**state(), "Token": SECRET, "Env": [SECRET]}
FORMS: dict[str, Callable[[Any], str]] = {
    "as printed": lambda value: json.dumps(value, indent=4),
    "tabs": lambda value: json.dumps(value, indent="\t"),
    "one line": json.dumps,
    "compact": lambda value: json.dumps(value, separators=(",", ":")),
    "no indentation": lambda value: re.sub(r"(?m)^ +", "", json.dumps(value, indent=4)),
    "curly quotes": lambda value: re.sub(r'"([^"\n]*)"', "“\\1”", json.dumps(value, indent=4)),
    "YAML": yaml_of,
}
CALLS: list[tuple[Command[Any], str, Any]] = [
    (docker_inspect.DOCKER_INSPECT, "docker inspect 0b7c", DOCKER),
    (crictl_inspect.CRICTL_INSPECTP, "sudo crictl inspectp 0b7c", inspectp_document(SANDBOX)),
    (crictl_inspect.CRICTL_INSPECT, "sudo crictl inspect 0b7c", inspect_document(_APP)),
    (kubectl_get_pods.KUBECTL_GET_PODS, "kubectl get pods -o json", KUBECTL),
    (kubectl_get_pods.KUBECTL_GET_PODS, "kubectl get pods -o yaml", KUBECTL),
    (azure_vnet.AZURE_VNET, "cat /var/run/azure-vnet.json", AZURE),
]


def of_one_call(command: Command[Any], text: str) -> Iterator[str]:
    """All that is said of ``text`` by the parse function."""
    result = command.parse(text, file="f")
    yield repr([list(result), result.unparsed, result.passed_over])
    yield from (record.model_dump_json() for record in result)
    try:
        command.parse(text, strict=True)
    except ParseError as error:
        yield f"{error!r} {error} {error.text}"


def of_the_whole_way(text: str) -> Iterator[str]:
    """All that is said of ``text`` by the answer."""
    reading = read(text, file="f")
    analysis = analyze(reading)
    yield analysis.model_dump_json()
    page = io.StringIO()
    render_text(analysis, page)
    yield page.getvalue().replace("\n", "")
    for node in reading.nodes:
        for parsed in node.captures:
            yield repr([list(parsed.result), parsed.result.unparsed, parsed.result.passed_over])


def changed(text: str, chance: random.Random) -> str:
    """As somebody may paste it: cut, grepped, put out of order, indented anew."""
    lines = text.split("\n")
    kind = chance.randrange(5)
    if kind == 0:
        return text[: chance.randrange(len(text) + 1)]
    if kind == 1:
        return text[chance.randrange(len(text) + 1) :]
    if kind == 2:
        return "\n".join(line for line in lines if chance.random() < 0.6)
    if kind == 3:
        return "\n".join(" " * chance.choice((0, 2, 9)) + line.strip() for line in lines)
    chance.shuffle(lines)
    return "\n".join(lines)


def assert_silent(said: Iterator[str]) -> None:
    for text in said:
        assert SECRET not in text


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("command", "call", "document"), CALLS, ids=[call for _, call, _ in CALLS])
def test_a_whole_document(command: Command[Any], call: str, document: Any, form: str) -> None:
    text = FORMS[form](document) + "\n"
    assert SECRET in text
    assert_silent(of_one_call(command, text))
    assert_silent(of_the_whole_way(f"{HOST}{PROMPT}{call}\n{text}"))


@pytest.mark.parametrize("form", [form for form in FORMS if form != "YAML"])
@pytest.mark.parametrize(("call", "document"), [(call, document) for _, call, document in CALLS[:3]])
def test_a_document_without_its_call_behind_other_output(call: str, document: Any, form: str) -> None:
    text = FORMS[form](document) + "\n"
    for between in ("\n", "", "And this is the container:\n\n"):
        assert_silent(of_the_whole_way(f"{HOST}{between}{text}"))


@settings(max_examples=80, deadline=None)
@given(
    number=st.integers(0, len(CALLS) - 1), form=st.sampled_from(sorted(FORMS)), chance=st.randoms(use_true_random=False)
)
def test_any_piece_of_one(number: int, form: str, chance: random.Random) -> None:
    command, call, document = CALLS[number]
    text = changed(FORMS[form](document), chance) + "\n"
    assert_silent(of_one_call(command, text))
    assert_silent(of_the_whole_way(f"{HOST}{PROMPT}{call}\n{text}"))
    if form != "YAML":
        assert_silent(of_the_whole_way(f"{HOST}\n{text}"))


def test_without_pyyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "yaml", None)
    for command, call, document in CALLS[1:5]:
        text = yaml_of(document) + "\n"
        assert_silent(of_one_call(command, text))
        assert_silent(of_the_whole_way(f"{HOST}{PROMPT}{call} -o yaml\n{text}"))


@pytest.mark.parametrize("strict", [[], ["--strict"]])
@pytest.mark.parametrize(("command", "document"), [(command, document) for command, _, document in CALLS])
def test_on_the_command_line(
    command: Command[Any],
    document: Any,
    strict: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "container.txt"
    for form, write in FORMS.items():
        text = write(document)
        for piece in (text, text[: len(text) // 2], text[len(text) // 2 :], f"PASSWORD={SECRET}\n{text}"):
            if piece.startswith("PASSWORD") and form == "YAML":
                continue  # what begins so is no document, and its lines are not of one
            path.write_text(piece, encoding="utf-8")
            main(["parse", command.name, str(path), *strict])
            main([str(path)])
            main([str(path), "--format", "json"])
            shown = capsys.readouterr()
            assert SECRET not in shown.out.replace("\n", "")
            if not piece.startswith("PASSWORD") or "inspect" in command.name:
                assert SECRET not in shown.err


def test_the_options_of_az_aks_create(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ticket.txt"
    for option in ("--client-secret hunter2", "--windows-admin-password='hunter2'", "--tags x=hunter2 hunter2"):
        text = f"$ az aks create -n one --network-policy calico {option} --network-plugin azure\n"
        assert_silent(of_the_whole_way(HOST + text))
        assert_silent(iter([repr(list(az_aks.AZ_AKS.parse(text)))]))
        path.write_text(HOST + text)
        for arguments in ([str(path)], [str(path), "--format", "json"], ["parse", "az aks", str(path)]):
            main(arguments)
            shown = capsys.readouterr()
            assert SECRET not in shown.out.replace("\n", "") + shown.err.replace("\n", "")


def test_every_command_that_prints_containers_is_tested() -> None:
    withheld = {command.name for command in COMMANDS if getattr(command, "withheld", None) is not None}
    listings = {"crictl pods", "crictl ps", "kubectl get nodes"}  # see their own tests
    assert withheld - listings <= {command.name for command, _, _ in CALLS}
