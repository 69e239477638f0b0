"""Documents in another order, cut anywhere, or with line ends that only YAML knows."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aksnet_parse import COMMANDS, AksCluster, analyze, parse_azure_vnet, parse_crictl_pods, read
from aksnet_parse.transcript import find_captures

from ..listings import inspect_document, inspectp_document
from .test_azure_vnet import endpoint, state
from .test_crictl import FORMS, SANDBOX

# --- azure-vnet.json --------------------------------------------------------------------------------------------------

ENDPOINTS = [
    endpoint(Id=f"{index}-eth0", HostIfName=f"azv0000000000{index}", PODName=f"web-{index}", PODNameSpace="demo")
    for index in range(4)
]


def names(text: str) -> set[str | None]:
    return {one.pod_name for network in parse_azure_vnet(text) for one in network.endpoints}


def test_every_whole_endpoint_is_read_wherever_the_text_was_cut() -> None:
    text = json.dumps(state("bridge", "azure0", *ENDPOINTS), indent=1)
    starts = [text.index(f'"{one["Id"]}": {{') if f'"{one["Id"]}": {{' in text else -1 for one in ENDPOINTS]
    ends = [text.index(f'"web-{index}"') for index in range(4)]
    for cut in range(len(text)):
        behind, before = names(text[cut:]), names(text[:cut])
        assert {f"web-{index}" for index, start in enumerate(starts) if start >= 0 and cut <= start} <= behind
        # A pod's namespace and the closing brace stand behind its name.
        assert {f"web-{index}" for index, end in enumerate(ends) if end + 60 < cut} <= before
    middle = text[: starts[1]] + "\n.............\n" + text[starts[2] :]
    assert names(middle) == {"web-0", "web-2", "web-3"}


def test_what_is_beside_a_whole_endpoint_is_reported() -> None:
    text = '"Network": {\n"x-eth0": ' + json.dumps(ENDPOINTS[0], indent=1) + ',\n"Other": "thing"\n'
    result = parse_azure_vnet(text)
    assert names(text) == {"web-0"}
    assert [line.line for line in result.unparsed] == [1, text.count("\n")]


# --- crictl, in any order ---------------------------------------------------------------------------------------------


def resorted(value: Any) -> Any:
    return json.loads(json.dumps(value, sort_keys=True))


@pytest.mark.parametrize("before", ["", "```json\n", "Here it is:\n\n"])
@pytest.mark.parametrize("indent", [2, 4])
def test_inspections_in_any_order_without_their_call(before: str, indent: int) -> None:
    sandbox = json.dumps(resorted(inspectp_document(SANDBOX)), indent=indent)
    container = SANDBOX.model_copy(
        update={"container_type": "container", "container_name": "web", "sandbox_id": "c" * 64, "name": None}
    )
    inside = json.dumps(resorted(inspect_document(container)), indent=indent)
    found = find_captures(f"{before}{sandbox}\n```\n\n```json\n{inside}\n```\n", COMMANDS)
    assert [capture.command.name for capture in found] == ["crictl inspectp", "crictl inspect"]
    [node] = read(f"{before}{sandbox}\n").nodes
    assert [(one.pod_name, one.pid) for one in node.containers] == [(SANDBOX.pod_name, SANDBOX.pid)]


# --- az aks -----------------------------------------------------------------------------------------------------------

FIELDS = {
    "advancedNetworking": None,
    "dnsServiceIp": "10.0.0.10",
    "networkDataplane": "azure",
    "networkPlugin": "azure",
    "networkPluginMode": "overlay",
    "networkPolicy": "none",
    "podCidr": "192.168.0.0/16",
}
LINES = "".join(f'  "{name}": {json.dumps(value)},\n' for name, value in FIELDS.items())
ROUTES = (
    "root@aks-pool-11111111-vmss000000:/# ip route\ndefault via 10.9.1.1 dev eth0\n"
    "10.9.1.0/24 dev eth0 proto kernel scope link src 10.9.1.33\n192.168.0.5 dev azv00000000001 proto static\n"
)
SHOW = "az aks show -g rg -n one --query networkProfile\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{SHOW}az aks get-credentials -g rg -n one\nkubectl get no\n\n{LINES}\n{ROUTES}",
        f"{SHOW}\n{LINES}\n{ROUTES}",
        f"{SHOW}{{\n{LINES.rstrip()[:-1]}\n}}\n{ROUTES}",
        f"$ {SHOW}$ kubectl get nodes\n\n```\n{LINES}```\n\n{ROUTES}",
        f"{SHOW}{{\n{LINES}  ...\n\n{ROUTES}",
        f"The profile:\n\n{LINES}\n{ROUTES}",
    ],
)
def test_the_fields_of_a_profile_are_declared(text: str) -> None:
    [node] = analyze(read(text)).nodes
    assert node.mode.declared is not None
    declared = node.mode.declared.model_dump(exclude={"lines"})
    assert declared == {
        "networkPlugin": "azure",
        "networkPluginMode": "overlay",
        "networkDataplane": "azure",
        "networkPolicy": "none",
        "mode": None,
    }
    assert [parsed.command for one in read(text).nodes for parsed in one.captures if parsed.of(AksCluster)]


@pytest.mark.parametrize(
    "text", ['"networkPlugin" is the option.\n', '  "location": "westeurope",\n  "name": "x",\n  "type": "y",\n']
)
def test_other_members_are_no_profile(text: str) -> None:
    assert find_captures(text, COMMANDS) == []


# --- line ends --------------------------------------------------------------------------------------------------------

ENDS = {"NEL": "\x85", "LS": "\u2028", "PS": "\u2029", "VT": "\x0b", "FF": "\x0c", "FS": "\x1c", "CR": "\r"}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command.name))
def test_only_a_line_feed_ends_a_line(command: Any, end: str) -> None:
    """Whatever a text holds, no record and no line that was not understood is cited behind its last line."""
    pytest.importorskip("yaml")
    mark = ENDS[end]
    document = inspectp_document(SANDBOX)
    document["status"]["labels"]["x"] = f"a{mark}b"
    for form in ("yaml", "json"):
        written = FORMS[form](document)
        changed = written.replace("SANDBOX", f"{mark}SANDBOX")
        for text in (f'note: "a{mark}b"\n{written}', changed, f"x{mark}y\n{written}"):
            result = command.parse(text)
            last = text.count("\n") + 1
            assert all(record.source.last_line <= last for record in result)
            assert all(line.line <= last for line in (*result.unparsed, *result.passed_over))


@pytest.mark.parametrize("mark", ["\x85", "\u2028", "\u2029"])
def test_lines_behind_such_a_character_keep_their_numbers(mark: str) -> None:
    pytest.importorskip("yaml")
    item = (
        "- metadata:\n    name: {}\n    namespace: demo\n    annotations:\n"
        '      note: "a{}b"\n  id: {}\n  state: SANDBOX_READY\n'
    )
    text = "items:\n" + item.format("web-0", mark, "a" * 64) + item.format("web-1", "", "b" * 64)
    sources = [(row.pod_name, row.source) for row in parse_crictl_pods(text)]
    plain = [(row.pod_name, row.source) for row in parse_crictl_pods(text.replace(mark, "x"))]
    assert sources == plain
    assert len(sources) == 2
