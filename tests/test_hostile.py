"""Text made to take long or to fill the memory: the cost of the whole way grows with its length and no faster."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from aksnet_parse import COMMANDS, Command, analyze, parse_brctl_show, parse_ip_addr, parse_kubectl_get_pods, read
from aksnet_parse.assembly import assemble
from aksnet_parse.collected import parsed as parsed_capture
from aksnet_parse.node import ParsedCapture
from aksnet_parse.render.text import render_text
from aksnet_parse.transcript import find_captures
from tests.growth import assert_linear

PROMPT = "azureuser@aks-1:~$ "
UP = "<UP> mtu 1500 qdisc mq state UP\n"
PODS = f"{PROMPT}kubectl get pods -o wide\nNAME READY STATUS RESTARTS AGE IP NODE NOMINATED NODE READINESS GATES\n"
BRIDGE = "bridge name\tbridge id\t\tSTP enabled\tinterfaces\ncbr0\t\t8000.0242107e030e\tno\t\tvetha\n"
Make = Callable[[int], str]


def whole_way(text: str) -> None:
    analyze(read(text)).model_dump_json()


def rows(row: Callable[[int], str], length: int, size: int) -> str:
    return "".join(row(number) for number in range(size // length))


def filled(unit: str) -> Make:
    """Nothing but ``unit``, over and over."""
    return lambda size: unit * (size // len(unit))


# --- lines that never end ---------------------------------------------------------------------------------------------

ONE_LINE: dict[str, Make] = {
    filling: filled(filling)
    for filling in (
        *(
            " ",
            "1",
            "a ",
            "[",
            '{"a":',
            "},{",
            ".",
            "... ",
            "* ",
            ">",
            "&",
            "&#",
            "&amp;",
            "\x1b[",
            "\x1b]",
            "\x1b[31m",
        ),
        *(
            "[31m",
            "\0",
            "\ud800",
            "a\b",
            "\t",
            "<pre>",
            "<pre ",
            "```",
            "a: ",
            "$(",
            "`",
            '\\"',
            "'",
            "é",
            "\u200b",
        ),
    )
}
ONE_LINE |= {
    "an escape that does not end": lambda size: "\x1b]8;;" + "a" * size,
    "an entity that does not end": lambda size: "&" + "a" * size,
    "a name": lambda size: "1: " + "a" * size + f": {UP}",
    "flags": lambda size: "1: a: <" + "A," * (size // 2) + "UP> mtu 1500 qdisc mq state UP\n",
    "a device": lambda size: f"{PROMPT}ip route\n10.0.0.1 dev " + "a" * size + "\n",
    "brackets in an interface": lambda size: '[{"ifindex":1,"ifname":"x","flags":[],"a":' + "[" * size,
    "YAML in YAML": lambda size: f"{PROMPT}kubectl get pods -o yaml\napiVersion: v1\nitems:\n" + "- " * (size // 2),
    "brackets in YAML": lambda size: f"{PROMPT}kubectl get pods -o yaml\napiVersion: v1\nitems: " + "[" * size,
}


@pytest.mark.parametrize("shape", ONE_LINE)
def test_one_line(shape: str) -> None:
    assert_linear(ONE_LINE[shape], whole_way, 200_000)


# --- lines without end ------------------------------------------------------------------------------------------------

MANY_LINES: dict[str, Make] = {
    line: filled(line)
    for line in (
        *(
            "x\n",
            "{\n",
            "[\n",
            "a\r",
            "$ \n",
            "root@a:/# \n",
            f"{PROMPT}ip addr\n",
            "exit\n",
            "```\n",
            "Command: ip addr\n",
        ),
        *(
            "$ bash -c '\n",
            "$ ip addr \\\n",
            "$ cat <<EOF\n",
            "$ for i in a b; do\n",
            "az aks create -n x \\\n",
            "> > >\n",
        ),
        f"{PROMPT}ip addr\nbash: ip: command not found\n",
        f"{PROMPT}nsenter -t 7 -n ip route\ndefault via 10.0.0.1 dev eth0\n",
        "# nsenter -t 7 -n bash\n",
        "$ " + "kubectl exec a -- nsenter -t 1 -n " * 40 + "ip addr\n",
        "$ " + "bash -c '" * 200 + "ip addr\n",
        "$ " + "ip addr; " * 200 + "\n" + f"1: lo: {UP}" * 20,
    )
}
MANY_LINES |= {
    "a backslash after each": lambda size: "$ ip addr \\\n" + "x \\\n" * (size // 4),
    "shell in shell": lambda size: rows(lambda i: f"root@n{i}:/# ssh n{i + 1}\n", 22, size) + "exit\n" * (size // 22),
    "variables of variables": lambda size: rows(lambda i: f"$ a{i}=$a{i - 1}b\n", 14, size),
    "output and prose": lambda size: f"{PROMPT}ip route\n" + "10.0.0.1 dev eth0\nThis is the way\n\n" * (size // 36),
    "dots": lambda size: f"{PROMPT}ip route\n" + "...\n" * (size // 4),
    "blank lines and brackets": lambda size: f"{PROMPT}docker inspect x\n" + "\n" * (size // 4) + "[\n" * (size // 4),
    "containers": lambda size: f"{PROMPT}docker inspect x\n" + '[\n{"Id":"0b7c7a46ade1"\n' * (size // 24),
    "words without a type": lambda size: f"1: a: {UP}" + "    inet 10.0.0.999/8 scope global a\n" * (size // 35),
    "rows that were broken": lambda size: (
        f"{PROMPT}docker ps\nCONTAINER ID IMAGE COMMAND CREATED STATUS PORTS NAMES\n"
        + rows(lambda i: f"{i:012x} x\n", 15, size)
    ),
    "YAML documents": lambda size: f"{PROMPT}kubectl get pods -o yaml\napiVersion: v1\n" + "---\na: b\n" * (size // 9),
    "a quote in YAML": lambda size: f'{PROMPT}kubectl get pods -o yaml\napiVersion: v1\nitems: "' + "x\n" * (size // 2),
    "laughs": lambda size: (
        f"{PROMPT}kubectl get pods -o yaml\napiVersion: v1\nitems:\n- &a [x,x]\n"
        + rows(lambda i: f"- &a{i} [*a{i - 1 if i else ''},*a]\n", 20, size)
    ),
}


@pytest.mark.parametrize("shape", MANY_LINES)
def test_many_lines(shape: str) -> None:
    assert_linear(MANY_LINES[shape], whole_way, 6_000)


# --- networks that cannot be ------------------------------------------------------------------------------------------

NETWORKS: dict[str, Make] = {
    "every listing shows one interface more": lambda size: rows(
        lambda i: f"{PROMPT}ip addr show dev a{i}\n{i + 1}: a{i}: {UP}", 90, size
    ),
    "every listing shows other routes": lambda size: (
        f"{PROMPT}ip route show table all\n"
        + rows(lambda i: f"10.0.{i >> 8}.{i & 255} dev eth0 table 9\n", 60, size)
        + rows(lambda i: f"{PROMPT}ip route\n10.1.{i >> 8}.{i & 255} dev eth0\n", 60, size)
    ),
    "a bridge is its own port": lambda size: (
        f"{PROMPT}ip addr\n"
        + rows(lambda i: f"{i + 1}: cbr{i}: <UP> mtu 1500 qdisc mq master cbr{i} state UP\n", 60, size)
    ),
    "bridges in a circle": lambda size: (
        f"{PROMPT}ip addr\n"
        + rows(lambda i: f"{i + 1}: cbr{i}: <UP> mtu 1500 qdisc mq master cbr{(i + 1) % 99} state UP\n", 60, size)
    ),
    "routes in a circle": lambda size: (
        f"{PROMPT}ip route\n"
        + rows(lambda i: f"10.0.{i >> 8}.{i & 255} via 10.0.{i + 1 >> 8}.{i + 1 & 255} dev veth{i:08x}\n", 45, size)
    ),
    "routes to one address": lambda size: (
        f"{PROMPT}ip route\n" + rows(lambda i: f"10.0.0.1 dev veth{i:08x} scope link\n", 38, size)
    ),
    "members of one bridge": lambda size: (
        f"{PROMPT}{BRIDGE}" + rows(lambda i: f"\t\t\t\t\t\t\tveth{i:08x}\n", 20, size)
    ),
    "pods of one address": lambda size: (
        f"{PROMPT}ip route\n10.0.0.9 dev veth00000001 scope link\n"
        + PODS
        + rows(lambda i: f"p{i} 1/1 Running 0 1d 10.0.0.9 n1 <none> <none>\n", 50, size)
    ),
    "namespaces of one address": lambda size: (
        f"{PROMPT}ip route\n10.0.0.9 dev veth00000001 scope link\n"
        + rows(
            lambda i: (
                f"{PROMPT}nsenter -t {i + 1} -n ip addr\n7: eth0@if{i + 10}: {UP}"
                "    inet 10.0.0.9/32 scope global eth0\n"
            ),
            150,
            size,
        )
    ),
    "one index": lambda size: f"{PROMPT}ip addr\n" + rows(lambda i: f"1: veth{i:08x}@if9: {UP}", 60, size),
    "one name": lambda size: f"{PROMPT}ip addr\n" + rows(lambda i: f"{i + 1}: eth0: {UP}", 50, size),
    "one MAC": lambda size: (
        f"{PROMPT}ip addr\n"
        + rows(lambda i: f"{i + 1}: eth{i}: {UP}    link/ether 00:0d:3a:00:00:01 brd ff:ff:ff:ff:ff:ff\n", 100, size)
    ),
    "one network": lambda size: (
        f"{PROMPT}ip addr\n"
        + rows(lambda i: f"{i + 1}: eth{i}: {UP}    inet 10.0.0.4/8 scope global eth{i}\n", 90, size)
    ),
    "nodes by name": lambda size: rows(
        lambda i: f"root@n{i}:/# ip addr\n1: eth0: {UP}    inet 10.0.0.9/8 scope global eth0\n", 110, size
    ),
}


@pytest.mark.parametrize("shape", NETWORKS)
def test_networks(shape: str) -> None:
    assert_linear(NETWORKS[shape], whole_way, 12_000)


# --- one part of the way ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command.name))
def test_a_key_that_is_repeated_in_json(command: Command[Any]) -> None:
    first = {"ip netns": "name", "ip neigh": "dst", "ip route": "dst", "bridge fdb": "mac"}
    key = first.get(command.name, "ifname")

    def repeated(count: int) -> str:
        return "[{" + ",".join(f'"{key}":"x"' for _ in range(count)) + "}]"

    assert_linear(repeated, command.parse, 2_000)


def test_what_a_repeated_key_says_is_not_lost() -> None:
    result = parse_ip_addr('[{"ifindex":1,"ifname":"x","flags":[],"a":1,"a":2,"a":3,"a\'":4}]')
    assert len(result.unparsed) == 1
    long = " " * 1000
    result = parse_ip_addr(f'[{{"ifindex":1,"ifname":"x","flags":[],{long}"a":1,"a":2,"a":3,"a\'":4}}]')
    assert sorted(line.text[-1] for line in result.unparsed) == ["1", "2", "3", "4"]


def test_many_keys_that_nobody_knows() -> None:
    def written(indent: int | None) -> Make:
        return lambda count: json.dumps(
            [{"ifindex": 1, "ifname": "x", "flags": [], **{f"z{number}": number for number in range(count)}}],
            indent=indent,
        )

    for indent in (None, 1):
        assert_linear(written(indent), parse_ip_addr, 1_000)


def test_many_members_of_a_bridge() -> None:
    assert_linear(
        lambda size: BRIDGE + rows(lambda i: f"\t\t\t\t\t\t\tveth{i:08x}\n", 20, size), parse_brctl_show, 20_000
    )


def test_many_captures_of_one_container() -> None:
    text = NETWORKS["namespaces of one address"](0)
    call = f"{PROMPT}docker inspect -f '{{{{ .State.Pid }}}}' 0b7c7a46ade1\n7\n"
    captures = [parsed.capture for node in read(text + call).nodes for parsed in node.captures]
    assert_linear(lambda count: [parsed_capture(captures[-1])] * count, assemble, 1_500)


def test_many_captures_of_one_place() -> None:
    for shape in ("every listing shows one interface more", "every listing shows other routes"):
        made = NETWORKS[shape]
        assert_linear(partial(_captures_of, made), assemble, 40_000)


def _node(number: int) -> str:
    """A node with a pod that nothing names: its own MACs, addresses and veth, in a subnet and behind a gateway that all
    nodes share."""
    octets, low = (number >> 8, number & 255), f"{number >> 8:02x}:{number & 255:02x}"
    pod, veth = f"10.1.{octets[0]}.{octets[1]}", f"azv{number:011x}"
    return (
        f"$ ip addr\n1: lo: {UP}2: eth0: {UP}    link/ether 00:0d:3a:00:{low} brd ff:ff:ff:ff:ff:ff\n"
        f"    inet 10.0.{octets[0]}.{octets[1]}/8 scope global eth0\n"
        f"3: docker0: {UP}    link/ether 02:42:00:00:{low} brd ff:ff:ff:ff:ff:ff\n10: {veth}@if50: {UP}"
        f"$ brctl show\nbridge name\tbridge id\t\tSTP enabled\tinterfaces\n"
        f"docker0\t\t8000.02420000{number:04x}\tno\t\t\n"
        f"$ ip route\ndefault via 10.255.0.1 dev eth0\n10.0.0.0/8 dev eth0 scope link\n{pod} dev {veth} scope link\n"
        f"$ sudo nsenter -t 7 -n ip addr\n1: lo: {UP}50: eth0@if10: {UP}    inet {pod}/8 scope global eth0\n"
    )


UNNAMED: dict[str, Callable[[int], str]] = {
    "whole nodes": _node,
    "cards": lambda i: "".join(_node(i).partition("$ brctl")[:1]),
    "bridges with a veth": lambda i: f"$ {BRIDGE}".replace("0242107e030e", f"0242{i:08x}").replace(
        "vetha", f"veth{i:08x}"
    ),
    "gateways": lambda i: f"$ ip route\ndefault via 10.{i >> 8}.{i & 255}.1 dev eth0\n",
}


@pytest.mark.parametrize("shape", UNNAMED)
def test_many_nodes_without_a_name(shape: str) -> None:
    made = UNNAMED[shape]
    assert len(assemble(_captures("".join(map(made, range(50)))))) == 50
    assert_linear(lambda count: _captures("".join(map(made, range(count)))), assemble, 150)


def _captures_of(make: Make, size: int) -> list[ParsedCapture]:
    return _captures(make(size))


def _captures(text: str) -> list[ParsedCapture]:
    return [parsed_capture(capture) for capture in find_captures(text, COMMANDS)]


def test_a_finding_that_many_pods_share() -> None:
    assert_linear(lambda size: read(NETWORKS["pods of one address"](size)), analyze, 30_000)


@pytest.mark.parametrize("shape", ["pods of one address", "members of one bridge"])
def test_the_text_for_people(shape: str) -> None:
    assert_linear(
        lambda size: analyze(read(NETWORKS[shape](size))), lambda answer: render_text(answer, io.StringIO()), 3_000
    )


def test_a_million_lines_of_one_document() -> None:
    pod = {"kind": "Pod", "metadata": {"name": "p", "namespace": "d"}, "status": {"podIP": "10.0.0.4"}}
    assert_linear(
        lambda count: json.dumps({"apiVersion": "v1", "items": [pod] * count, "kind": "List"}, indent=1),
        parse_kubectl_get_pods,
        1_000,
    )
