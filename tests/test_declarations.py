"""Which node a declaration stands for: by its place in the text, by the cluster it names, by what the nodes show."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aksnet_parse import Node, read

CREATE = "az aks create -g lab -n {name} --network-plugin azure --network-policy {policy}\n"


def node_text(number: int, *, name: str | None = None, subnet: str = "10.240") -> str:
    """Two captures of a node."""
    prompt = f"azureuser@{name}:~$ " if name is not None else ""
    return (
        f"\n{prompt}ip addr\n"
        "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n"
        "    inet 127.0.0.1/8 scope host lo\n"
        "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000\n"
        f"    link/ether 00:0d:3a:9c:96:{number:02x} brd ff:ff:ff:ff:ff:ff\n"
        f"    inet {subnet}.0.{number}/16 brd {subnet}.255.255 scope global eth0\n"
        f"\n{prompt}route -n\n"
        f"0.0.0.0         {subnet}.0.1      0.0.0.0         UG    0      0        0 eth0\n"
        f"{subnet}.0.0      0.0.0.0         255.255.0.0     U     0      0        0 eth0\n\n"
    )


def policies(text: str) -> list[list[str | None]]:
    return [[row.network_policy for row in node.declarations] for node in read(text).nodes]


def create(name: str, policy: str) -> str:
    return CREATE.format(name=name, policy=policy)


def test_for_the_nodes_after_it_until_the_next() -> None:
    text = f"{create('a', 'calico')}{node_text(4)}{create('b', 'azure')}{node_text(5, subnet='10.224')}"
    assert policies(text) == [["calico"], ["azure"]]


def test_for_all_nodes_of_the_cluster() -> None:
    assert policies(create("a", "calico") + node_text(4) + node_text(5)) == [["calico"], ["calico"]]


def test_not_for_a_node_of_another_cluster() -> None:
    """It was captured in the same text, and how its cluster was made does not stand there."""
    assert policies(create("a", "calico") + node_text(4) + node_text(5, subnet="10.224")) == [["calico"], []]


def test_the_number_in_a_node_name_tells_the_cluster() -> None:
    first = node_text(4, name="aks-nodepool1-12345678-vmss000000")
    same = node_text(5, name="aks-gpu-12345678-vmss000000", subnet="10.224")
    other = node_text(6, name="aks-nodepool1-87654321-vmss000000")
    assert policies(create("a", "calico") + first + same + other) == [["calico"], ["calico"], []]


def test_nothing_stands_for_what_was_captured_before_it() -> None:
    assert policies(node_text(4) + create("a", "calico")) == [[]]


def test_but_what_azure_answers_does() -> None:
    shown = json.dumps({"name": "a", "networkProfile": {"networkPlugin": "azure", "networkPolicy": "calico"}})
    assert policies(f"{node_text(4)}$ az aks show -n a\n{shown}\n") == [["calico"]]
    # Of two clusters nothing says which.
    assert policies(f"{node_text(4)}$ az aks list\n[{shown}, {shown.replace(chr(34) + 'a', chr(34) + 'b', 1)}]\n") != [
        ["calico", "calico"]
    ]


def test_an_update_changes_what_was_declared_before() -> None:
    update = "az aks update -g lab -n a --network-policy azure\n"
    nodes = read(create("a", "calico") + update + node_text(4)).nodes
    assert [[(row.command, row.network_policy) for row in node.declarations] for node in nodes] == [
        [("create", "calico"), ("update", "azure")]
    ]
    # What was captured before it shows the cluster as it was.
    assert policies(create("a", "calico") + node_text(4) + update) == [["calico"]]


def test_an_update_of_another_cluster_speaks_of_that() -> None:
    text = create("a", "calico") + node_text(4) + "az aks update -n b --network-policy none\n"
    assert policies(text + node_text(5, subnet="10.224")) == [["calico"], ["none"]]


def test_a_cluster_made_anew() -> None:
    assert policies(create("a", "calico") + create("a", "azure") + node_text(4)) == [["azure"]]


def test_of_two_clusters_made_one_after_the_other_only_the_login_tells() -> None:
    both = create("a", "calico") + create("b", "azure")
    assert policies(both + node_text(4)) == [[]]
    assert policies(f"{both}az aks get-credentials -g lab -n a\n{node_text(4)}") == [["calico", None]]


def test_every_declaration_is_among_the_captures_of_some_node() -> None:
    nodes = read(create("a", "calico") + create("b", "azure") + node_text(4)).nodes
    assert [parsed.command for parsed in nodes[0].captures] == ["az aks", "az aks", "ip addr", "route -n"]


def test_what_is_said_of_a_cluster_alone() -> None:
    [node] = read(create("a", "calico")).nodes
    assert [row.name for row in node.declarations] == ["a"]
    assert isinstance(node, Node)
    assert node.interfaces is None


def test_a_file_beside_those_of_the_nodes(tmp_path: Path) -> None:
    (tmp_path / "node.txt").write_text(node_text(4))
    (tmp_path / "other.txt").write_text(node_text(5))
    show = {"name": "a", "networkProfile": {"networkPlugin": "azure", "networkPolicy": "calico"}, "addonProfiles": {}}
    (tmp_path / "show.json").write_text(json.dumps(dict(sorted(show.items())), indent=2))
    nodes = read(sorted(tmp_path.iterdir())).nodes
    assert [[row.network_policy for row in node.declarations] for node in nodes] == [["calico"], ["calico"]]


def test_the_citation_of_a_call_over_several_lines() -> None:
    text = "RG=lab\naz aks create \\\n  -g $RG -n a \\\n  --network-policy calico\n" + node_text(4)
    [node] = read(text).nodes
    [record] = node.declarations
    assert [line.line for line in node.lines(record)] == [2, 3, 4]
    assert (record.resource_group, record.source) == ("lab", (None, 2, 4))


@pytest.mark.parametrize(
    "said", ["# az aks create -n a --network-policy calico", "az aks create -n a --network-policy calico;"]
)
def test_however_it_is_set(said: str) -> None:
    assert policies(f"{said}\n{node_text(4)}") == [["calico"]]
