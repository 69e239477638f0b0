"""`azure-vnet-ipam.json`: the addresses in use, whole or cut, and nothing more."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from aksnet_parse import COMMANDS, AzureIpamAddress, parse_azure_vnet_ipam, read
from aksnet_parse.transcript import find_captures

ADDRESSES = {"10.9.0.36": True, "10.9.0.37": False, "10.9.0.38": True}


def state(addresses: dict[str, bool] = ADDRESSES) -> dict[str, Any]:
    pool = {
        "Id": "10.9.0.0/16",
        "IfName": "eth0",
        "Addresses": {one: {"ID": "e" if used else "", "Addr": one, "InUse": used} for one, used in addresses.items()},
    }
    spaces = {"local": {"Id": "local", "Scope": 0, "Pools": {"10.9.0.0/16": pool}}}
    return {"IPAM": {"Version": "v1.0.17", "TimeStamp": "2021-01-01T00:00:00Z", "AddressSpaces": spaces}}


def facts(rows: Any) -> list[tuple[str, bool | None, str | None, str | None]]:
    return [(str(row.address), row.in_use, row.pool, row.interface) for row in rows]


@pytest.mark.parametrize("indent", [None, 1, 4, "\t"])
def test_a_whole_document(indent: Any) -> None:
    result = parse_azure_vnet_ipam(json.dumps(state(), indent=indent), strict=True)
    assert facts(result) == [(one, used, "10.9.0.0/16", "eth0") for one, used in ADDRESSES.items()]
    assert [row.id for row in result] == ["e", None, "e"]


def test_the_lines_of_each_address() -> None:
    text = json.dumps(state(), indent=2)
    for row in parse_azure_vnet_ipam(text):
        assert row.source is not None
        lines = text.split("\n")[row.source.first_line - 1 : row.source.last_line]
        assert f'"Addr": "{row.address}"' in "\n".join(lines)
        assert len(lines) == 5


def test_cut_anywhere_each_whole_address_is_read() -> None:
    text = json.dumps(state(), indent=2)
    for cut in range(0, len(text), 7):
        front, back = parse_azure_vnet_ipam(text[:cut]), parse_azure_vnet_ipam(text[cut:])
        for rows in (front, back):
            assert all(
                row.in_use in {None, ADDRESSES[str(row.address)]} for row in rows if str(row.address) in ADDRESSES
            )
        whole = [one for one in ADDRESSES if text.index(f'"{one}": {{') + 90 < cut]
        assert {str(row.address) for row in front} >= set(whole)


@pytest.mark.parametrize("indent", [None, 1, "\t"])
def test_of_a_document_that_was_cut_the_pool_is_known(indent: Any) -> None:
    text = json.dumps(state(), indent=indent)
    result = parse_azure_vnet_ipam(text[: text.index('"10.9.0.38"') + 30])
    assert facts(result) == [("10.9.0.36", True, "10.9.0.0/16", "eth0"), ("10.9.0.37", False, "10.9.0.0/16", "eth0")]
    assert [line.line for line in result.unparsed] == ([1] if indent is None else [25])
    tail = parse_azure_vnet_ipam(text[text.index('"10.9.0.37"') :])
    assert facts(tail) == [("10.9.0.37", False, None, None), ("10.9.0.38", True, None, None)]


@pytest.mark.parametrize("before", ["", "$ cat /var/run/azure-vnet-ipam.json\n", "```json\n"])
def test_it_is_itself_and_no_docker_inspect(before: str) -> None:
    text = json.dumps(state(), indent=8).replace('"10.9.0.38"', '..............\n"10.9.0.38"', 1)
    for written in (text, text[: text.index("......") + 14]):
        found = find_captures(f"Its contents:\n{before}{written}\n", COMMANDS)
        assert [capture.command.name for capture in found] == ["azure-vnet-ipam.json"]


@pytest.mark.parametrize("path", ["var/run/azure-vnet-ipam.json", "run/azure-vnet-ipamv6.json", "azure-vnet-ipam.json"])
def test_in_a_bundle(path: str, tmp_path: Path) -> None:
    bundle = tmp_path / "node.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr(path, json.dumps(state()))
        archive.writestr("collect/ip_4_route.json", '[{"dst":"default","gateway":"10.9.0.1","dev":"eth0","flags":[]}]')
    [node] = read(bundle).nodes
    [capture] = [parsed for parsed in node.captures if parsed.command == "azure-vnet-ipam.json"]
    assert len(capture.of(AzureIpamAddress)) == 3


OTHERS: list[Any] = [
    {
        "id": "/subscriptions/x/virtualNetworks/v",
        "name": "v",
        "Id": "v",
        "addressSpace": {"addressPrefixes": ["10.0.0.0/8"]},
    },
    [{"Id": "local", "name": "vm-1", "osProfile": {"computerName": "vm-1"}, "hardwareProfile": {"vmSize": "D2"}}],
    {"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a"}}]},
    {"version": 4, "terraform_version": "1.5", "resources": [{"mode": "managed", "type": "azurerm_x", "name": "a"}]},
    {"name": "app", "version": "1.0.0", "dependencies": {"x": "^1"}},
    {"Id": "registry", "NetworkModel": "x", "Pidgin": 1},
]


@pytest.mark.parametrize("value", OTHERS)
@pytest.mark.parametrize("indent", [None, 2, 8])
def test_json_of_other_tools_opens_no_command(value: Any, indent: int | None) -> None:
    assert find_captures(f"Look:\n\n```json\n{json.dumps(value, indent=indent)}\n```\n", COMMANDS) == []
