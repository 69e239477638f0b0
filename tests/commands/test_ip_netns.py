"""`ip netns` as the tool prints it: names, numbers, and what only its command line tells from a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from aksnet_parse import NamedNamespace, parse_ip_netns, read
from aksnet_parse.commands.ip_netns import IP_NETNS

CAPTURES = Path(__file__).parent.parent / "captures"
A, B = "cni-6f1d9a3e-0001-4c3a-9d5e-1f2e3d4c5b6a", "cni-0b8e7f52-0002-4d1b-8c6f-2a3b4c5d6e7f"


def capture(name: str) -> str:
    return (CAPTURES / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["ip_netns", "ip_-j_netns"])
def test_names_and_numbers(name: str) -> None:
    assert list(parse_ip_netns(capture(name), strict=True)) == [
        NamedNamespace(name="blue"),
        NamedNamespace(name=B, id=1),
        NamedNamespace(name=A, id=0),
    ]


@pytest.mark.parametrize("name", ["ip_netns_list-id", "ip_-j_-p_netns_list-id"])
def test_by_numbers(name: str) -> None:
    expected = [NamedNamespace(name=A, id=0), NamedNamespace(name=B, id=1)]
    assert list(parse_ip_netns(capture(name), strict=True)) == expected


def test_a_number_without_a_name_and_a_name_without_a_number() -> None:
    text = (
        "nsid 3 \nnsid 4 current-nsid 7 (iproute2 netns name: x)\n"
        "nsid unassigned (iproute2 netns name: y)\nz (id: -1)\n"
    )
    assert [(row.name, row.id, row.current_nsid) for row in parse_ip_netns(text, strict=True)] == [
        (None, 3, None),
        ("x", 4, 7),
        ("y", None, None),
        ("z", None, None),
    ]


def test_each_record_knows_its_line() -> None:
    assert [row.source for row in parse_ip_netns("a\nb (id: 1)\n", file="f")] == [("f", 1, 1), ("f", 2, 2)]


@pytest.mark.parametrize("line", ["two words", "x (id: )", "x (id: one)", "a/b", "Error: something"])
def test_a_line_that_is_no_namespace_is_handed_back(line: str) -> None:
    result = parse_ip_netns(f"blue\n{line}\n")
    assert ([row.name for row in result], [found.line for found in result.unparsed]) == (["blue"], [2])


def test_other_json_is_handed_back() -> None:
    result = parse_ip_netns('[{"name":"blue"},{"ifname":"lo"},{"name":"red","new":1}]')
    assert [row.name for row in result] == ["blue", "red"]
    assert [line.line for line in result.unparsed] == [1]


@pytest.mark.parametrize(
    ("call", "claimed", "partial"),
    [
        ("ip netns", True, False),
        ("ip netns list", True, False),
        ("ip -d -j netns show", True, False),
        ("ip netns ls", True, False),
        ("ip netns list-id", True, True),
        ("ip netns add x", False, False),
        ("ip netns identify 7", False, False),
        ("ip neigh", False, False),
        ("ip n", False, False),
        ("bridge link", False, False),
    ],
)
def test_calls(call: str, claimed: bool, partial: bool) -> None:
    argv = tuple(call.split())
    assert IP_NETNS.claims(argv) is claimed
    assert not claimed or IP_NETNS.is_partial(argv) is partial


def test_on_a_node() -> None:
    text = f"azureuser@aks-1:~$ sudo ip netns\n{capture('ip_netns')}azureuser@aks-1:~$ ip netns list-id\nnsid 7 \n"
    [node] = read(text).nodes
    assert node.named_namespaces is not None
    assert [(row.name, row.id) for row in node.named_namespaces] == [("blue", None), (B, 1), (A, 0), (None, 7)]


def test_silence_says_that_there_is_none() -> None:
    [node] = read("root@aks-1:/# ip netns\nroot@aks-1:/# exit\n").nodes
    assert node.named_namespaces == ()


def test_in_a_pod_the_numbers_are_of_the_pod() -> None:
    [node] = read("root@aks-1:/# nsenter -t 7 -n ip netns\nblue (id: 1)\n").nodes
    assert node.named_namespaces is None


@pytest.mark.parametrize("name", ["ip_netns_list-id", "ip_-j_netns", "ip_-j_-p_netns_list-id"])
def test_it_is_found_by_its_look(name: str) -> None:
    [node] = read(f"Now the namespaces.\n\n{capture(name)}").nodes
    assert [parsed.command for parsed in node.captures] == ["ip netns"]


def test_words_alone_are_no_capture() -> None:
    assert read("blue\nred\n").nodes == ()
    [node] = read("$ ip netns\nblue\n\nThat was all.\n\ndone\n").nodes
    assert [row.name for row in node.named_namespaces or ()] == ["blue"]
