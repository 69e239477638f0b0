"""Documents in another order, cut anywhere, or with line ends that only YAML knows."""

from __future__ import annotations

import json
import zipfile
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest

from aksnet_parse import (
    COMMANDS,
    AksCluster,
    analyze,
    parse_azure_vnet,
    parse_crictl_pods,
    read,
)
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


CALL = "root@n:/# cat /var/run/azure-vnet.json\n"


def cut_at(text: str, word: str) -> tuple[str, str]:
    place = text.index(word)
    return text[:place], text[place:]


@pytest.mark.parametrize("indent", [None, 1, "\t"])
def test_what_stood_around_an_endpoint_is_known(indent: Any) -> None:
    text = json.dumps(state("bridge", "azure0", *ENDPOINTS), indent=indent)
    before, behind = cut_at(text, '"web-2"')
    [network] = parse_azure_vnet(before)
    assert (network.id, network.mode, network.interface) == ("azure", "bridge", "eth0")
    assert [one.pod_name for one in network.endpoints] == ["web-0", "web-1"]
    assert [one.pod_name for one in parse_azure_vnet(behind)[0].endpoints] == ["web-3"]
    for half in (before, behind):
        result = parse_azure_vnet(half)
        assert result.unparsed  # of the endpoint that was cut


def test_a_cut_inside_endpoints_makes_no_endpoint_of_two() -> None:
    lines = json.dumps(state("bridge", "azure0", *ENDPOINTS), indent=1).split("\n")
    for mark in ("...", "........", "[snip]"):
        for first in range(len(lines)):
            for last in range(first + 1, len(lines), 7):
                text = "\n".join([*lines[:first], mark, *lines[last:]])
                for network in parse_azure_vnet(text):
                    for one in network.endpoints:
                        assert one.id == f"{(one.pod_name or '')[-1:]}-eth0"


@pytest.mark.parametrize("before", [CALL, "Its endpoint:\n\n```json\n"])
@pytest.mark.parametrize("key", ["", '"0-eth0": '])
def test_one_endpoint_is_read_by_itself(before: str, key: str) -> None:
    [node] = read(f"{before}{key}{json.dumps(ENDPOINTS[0], indent=4)}\n").nodes
    assert [one.pod_name for network in node.azure_networks for one in network.endpoints] == ["web-0"]
    assert node.captures[0].result.unparsed == ()


@pytest.mark.parametrize("path", ["var/run/azure-vnet.json", "copied/azure-vnet.json"])
@pytest.mark.parametrize("indent", [None, 1])
def test_a_tail_in_a_bundle(path: str, indent: Any, tmp_path: Path) -> None:
    addresses = [{"IP": "10.0.0.1", "Mask": "//8AAA=="}, {"IP": "fd00::1", "Mask": "//////////8AAAAAAAAAAA=="}]
    dual = [{**one, "IPAddresses": addresses} for one in ENDPOINTS]
    text = json.dumps(state("bridge", "azure0", *dual), indent=indent)
    with zipfile.ZipFile(tmp_path / "node.zip", "w") as archive:
        archive.writestr("etc/hostname", "aks-1\n")
        archive.writestr(path, cut_at(text, '"HostIfName"')[1])
    [node] = read(tmp_path / "node.zip").nodes
    found = [one.pod_name for network in node.azure_networks for one in network.endpoints]
    assert found == ["web-1", "web-2", "web-3"]


# --- crictl, in any order ------------------------------------------------------------------------------------------


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


ANSWER = {"podCidr": "192.168.0.0/16", "serviceCidr": "10.0.0.0/16", **FIELDS}
YAML = "".join(f"{name}: {'null' if value is None else value}\n" for name, value in ANSWER.items())
TABLE = (
    "DnsServiceIp    NetworkDataplane    NetworkPlugin    NetworkPluginMode    NetworkPolicy    PodCidr\n"
    "--------------  ------------------  ---------------  -------------------  ---------------  --------------\n"
    "10.0.0.10       azure               azure            overlay              none             192.168.0.0/16\n"
)
ASK = "$ az aks show -g rg -n one"


@pytest.mark.parametrize(
    "text",
    [
        f"{ASK} --query networkProfile -o yaml\n{YAML}$ ls\n",
        f"{ASK} --output yamlc\nid: x\nnetworkProfile:\n{indent(YAML, '  ')}$ ls\n",
        f"{ASK} --query networkProfile -o table\n{TABLE}$ ls\n",
        f"{ASK} --query networkProfile\n{LINES}$ ls\n",
        f"{ASK} --query networkProfile\n{json.dumps(ANSWER)[1:]}\n$ ls\n",
        f'{ASK} --query networkProfile\n{json.dumps(ANSWER)[:-1]}, "x\n$ ls\n',
        f"{ASK}\n{json.dumps({'name': 'one', 'networkProfile': ANSWER, 'resourceGroup': 'rg'})[:-8]}\n$ ls\n",
        f"{ASK} -o yaml --query networkProfile\r\n{YAML}$ ls\n".replace("\n", "\r\n"),
    ],
)
def test_a_profile_in_each_form(text: str) -> None:
    [capture] = find_captures(text, COMMANDS)
    [cluster] = capture.command.parse_lines(capture.lines, invocation=capture.invocation)
    assert (cluster.command, cluster.network_plugin, cluster.network_plugin_mode) == ("show", "azure", "overlay")
    assert (cluster.network_dataplane, cluster.network_policy) == ("azure", "none")
    assert list(map(str, cluster.pod_cidrs)) == ["192.168.0.0/16"]


@pytest.mark.parametrize(
    ("query", "form", "printed", "field", "value"),
    [
        ("networkProfile.networkPlugin", " -o tsv", "azure", "network_plugin", "azure"),
        ("networkProfile.networkPlugin", "", '"kubenet"', "network_plugin", "kubenet"),
        ("networkProfile.networkPolicy", " -o tsv", "calico", "network_policy", "calico"),
        ("networkProfile.networkPluginMode", " -o yaml", "overlay", "network_plugin_mode", "overlay"),
        ("networkProfile.dnsServiceIp", " -o tsv", "10.0.0.10", "dns_service_ip", IPv4Address("10.0.0.10")),
        ("networkProfile.podCidr", " -o tsv", "10.244.0.0/16", "pod_cidrs", (IPv4Network("10.244.0.0/16"),)),
    ],
)
def test_one_field(query: str, form: str, printed: str, field: str, value: Any) -> None:
    [capture] = find_captures(f"{ASK} --query {query}{form}\n{printed}\n$ ls\n", COMMANDS)
    [cluster] = capture.command.parse_lines(capture.lines, invocation=capture.invocation)
    assert getattr(cluster, field) == value
    assert cluster.command == "show"


@pytest.mark.parametrize(
    "call",
    [f"{ASK} -o table", f"{ASK} --query networkProfile -o tsv", f"{ASK} --query networkProfile.outboundType -o tsv"],
)
def test_a_form_that_does_not_say_which_value_is_which_is_not_read(call: str) -> None:
    assert find_captures(f"{call}\nazure\tnone\n$ ls\n", COMMANDS) == []


def test_prose_is_no_field() -> None:
    assert find_captures(f"{ASK} --query networkProfile.networkPlugin -o tsv\ndone\n", COMMANDS) == []


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
