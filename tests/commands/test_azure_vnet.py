"""The state file of Azure CNI: networks, and each pod's end."""

from __future__ import annotations

import json
import time
from ipaddress import ip_interface
from typing import Any

import pytest

from aksnet_parse import AzureEndpoint, MacAddress, parse_azure_vnet, read
from aksnet_parse.commands.azure_vnet import AZURE_VNET

SANDBOX = "116419acc6958dbaa1f80380eee6762928ead0caec83d0174fc5daa91a110897"


def endpoint(**changes: Any) -> dict[str, Any]:
    return {
        "Id": "116419ac-eth0",
        "SandboxKey": "",
        "IfName": "eth0",
        "HostIfName": "azvb1f7346f51b",
        "MacAddress": "qgpV1xWB",
        "InfraVnetIP": {"IP": "", "Mask": None},
        "IPAddresses": [{"IP": "10.240.0.18", "Mask": "//8AAA=="}],
        "Gateways": ["0.0.0.0"],
        "DNS": {"Suffix": "", "Servers": ["168.63.129.16"]},
        "NetworkNameSpace": "/proc/16315/ns/net",
        "ContainerID": SANDBOX,
        "PODName": "nginx-1",
        "PODNameSpace": "default",
    } | changes


def state(mode: str = "transparent", bridge: str = "", *endpoints: dict[str, Any]) -> dict[str, Any]:
    found = endpoints or (endpoint(),)
    network = {
        "Id": "azure",
        "Mode": mode,
        "VlanId": 0,
        "Subnets": [{"Family": 2, "Prefix": {"IP": "10.240.0.0", "Mask": "//8AAA=="}, "Gateway": "10.240.0.1"}],
        "Endpoints": {item["Id"]: item for item in found},
    }
    card = {"Name": "eth0", "Networks": {"azure": network}, "Subnets": ["10.240.0.0/16"], "BridgeName": bridge}
    return {"Network": {"Version": "v1.0.29", "ExternalInterfaces": {"eth0": card}}}


def text(value: dict[str, Any]) -> str:
    return json.dumps(value, indent="\t") + "\n"


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_an_endpoint(indent: int | str | None) -> None:
    [network] = parse_azure_vnet(json.dumps(state(), indent=indent), strict=True)
    assert (network.id, network.mode, network.interface, network.bridge) == ("azure", "transparent", "eth0", None)
    assert network.subnets == ("10.240.0.0/16",)
    assert network.endpoints == (
        AzureEndpoint(
            id="116419ac-eth0",
            ifname="eth0",
            host_ifname="azvb1f7346f51b",
            mac=MacAddress("aa:0a:55:d7:15:81"),
            addresses=(ip_interface("10.240.0.18/16"),),
            pid=16315,
            container_id=SANDBOX,
            pod_name="nginx-1",
            pod_namespace="default",
        ),
    )


def test_a_named_namespace_and_a_bridge() -> None:
    first = endpoint(NetworkNameSpace="/var/run/netns/cni-1", MacAddress="")
    second = endpoint(Id="2-eth0", NetworkNameSpace="", IPAddresses=None, ContainerID="", PODName="")
    [network] = parse_azure_vnet(text(state("bridge", "azure0", first, second)), strict=True)
    assert (network.mode, network.bridge) == ("bridge", "azure0")
    assert [(item.netns, item.pid, item.mac) for item in network.endpoints] == [
        ("cni-1", None, None),
        (None, None, "aa:0a:55:d7:15:81"),
    ]
    assert (network.endpoints[1].addresses, network.endpoints[1].container_id) == ((), None)


def test_ipv6_and_a_mask_that_is_none() -> None:
    addresses = [{"IP": "fd00::5", "Mask": "//////////8AAAAAAAAAAA=="}, {"IP": "10.0.0.5", "Mask": "AP8A/w=="}]
    [network] = parse_azure_vnet(text(state("transparent", "", endpoint(IPAddresses=addresses))), strict=True)
    assert network.endpoints[0].addresses == (ip_interface("fd00::5/64"), ip_interface("10.0.0.5/32"))


def test_each_endpoint_knows_its_lines() -> None:
    written = text(state("transparent", "", endpoint(), endpoint(Id="2-eth0", PODName="two")))
    lines = written.splitlines()
    [network] = parse_azure_vnet(written, file="f")
    for item in network.endpoints:
        assert item.source is not None
        own = lines[item.source.first_line - 1 : item.source.last_line]
        assert own[0].strip() == f'"{item.id}": {{'
        assert own[-1].strip().rstrip(",") == "}"
        assert f'"{item.pod_name}"' in "".join(own)
    assert network.source == ("f", 1, len(lines))


def test_an_endpoint_that_cannot_be_is_handed_back_and_the_others_stay() -> None:
    bad = endpoint(Id="bad-eth0", IPAddresses=[{"IP": "10.0.0.999"}])
    result = parse_azure_vnet(text(state("transparent", "", bad, endpoint())))
    assert [item.id for item in result[0].endpoints] == ["116419ac-eth0"]
    assert any("bad-eth0" in line.text for line in result.unparsed)


def test_nothing_wired_yet() -> None:
    [network] = parse_azure_vnet('{"Network": {"Version": "v1", "ExternalInterfaces": {}}}', strict=True)
    assert (network.id, network.endpoints) == (None, ())


def test_what_grep_leaves() -> None:
    [network] = parse_azure_vnet('   "Mode": "bridge",\n   "BridgeName": "azure0",\n', strict=True)
    assert (network.mode, network.bridge) == ("bridge", "azure0")


@pytest.mark.parametrize("other", ["hello\n", '{"Network": 1}\n', '{"IPAM": {}}\n'])
def test_what_is_no_state_is_handed_back(other: str) -> None:
    written = text(state())
    result = parse_azure_vnet(written + other)
    assert (len(result), [line.line for line in result.unparsed]) == (1, [written.count("\n") + 1])


@pytest.mark.parametrize(
    ("call", "claimed"),
    [
        ("cat /var/run/azure-vnet.json", True),
        ("cat /host/var/run/azure-vnet.json", True),
        ("jq . /var/run/azure-vnet.json", True),
        ("cat /var/log/azure-vnet.log", False),
        ("ls /var/run/azure-vnet.json", False),
    ],
)
def test_calls(call: str, claimed: bool) -> None:
    assert AZURE_VNET.claims(tuple(call.split())) is claimed


@pytest.mark.parametrize("call", ["root@aks-1:/# cat /var/run/azure-vnet.json\n", "Its state is this.\n\n"])
@pytest.mark.parametrize("indent", [None, "\t"])
def test_it_is_found_by_its_call_and_by_its_look(call: str, indent: str | None) -> None:
    [node] = read(call + json.dumps(state(), indent=indent) + "\n").nodes
    assert [parsed.command for parsed in node.captures] == ["azure-vnet.json"]
    assert [item.pid for network in node.azure_networks for item in network.endpoints] == [16315]
    assert node.captures[0].result.unparsed == ()


def test_many_endpoints_are_no_work() -> None:
    many = [endpoint(Id=f"{number}-eth0") for number in range(2000)]
    written = text(state("transparent", "", *many))
    begun = time.process_time()
    [network] = parse_azure_vnet(written, strict=True)
    assert len(network.endpoints) == 2000
    assert time.process_time() - begun < 5


def test_it_tells_two_nodes_apart_by_their_veths() -> None:
    routes = "".join(
        f"ip route\ndefault via 10.{number}.0.1 dev eth0\n10.{number}.0.9 dev azv0000000000{number} proto static\n\n"
        for number in (1, 2)
    )
    pods = [endpoint(HostIfName=f"azv0000000000{number}") for number in (2, 1)]
    states = "".join(f"cat /var/run/azure-vnet.json\n{text(state('transparent', '', pod))}\n" for pod in pods)
    found = read(routes + states).nodes
    assert [node.azure_networks[0].endpoints[0].host_ifname for node in found] == ["azv00000000001", "azv00000000002"]
