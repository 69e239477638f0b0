"""Captures in free text: where each begins and ends, whose it is, and that no line is lost or taken twice."""

from __future__ import annotations

import itertools
import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import aksnet_parse
from aksnet_parse import COMMANDS
from aksnet_parse.dressing import is_cut_mark, undress
from aksnet_parse.transcript import Capture, find_captures
from tests.growth import assert_linear

SAMPLES = [
    path.read_text(encoding="utf-8") for path in sorted((Path(__file__).parent.parent / "samples").glob("*.txt"))
]

IP_ADDR = """\
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
"""
POD = """\
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
3: eth0@if15: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default
    link/ether be:26:02:27:b2:cd brd ff:ff:ff:ff:ff:ff link-netnsid 0
    inet 10.244.0.10/32 scope global eth0
       valid_lft forever preferred_lft forever
"""
ROUTES = """\
Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
0.0.0.0         10.240.0.1      0.0.0.0         UG    0      0        0 eth0
"""
BRIDGES = (
    "bridge name\tbridge id\t\tSTP enabled\tinterfaces\ncbr0\t\t8000.0242107e030e\tno\t\tveth1\n\t\t\t\t\t\t\tveth2\n"
)


def _found(text: str) -> list[Capture]:
    return find_captures(text, COMMANDS)


def _shape(text: str) -> list[tuple[str, str | None, int, int]]:
    return [(item.command.name, item.namespace, item.first_line, item.last_line) for item in _found(text)]


def _unparsed(text: str) -> list[tuple[int, str]]:
    lines: list[tuple[int, str]] = []
    for item in _found(text):
        result = item.command.parse_lines(item.lines, first_line=item.output_line, invocation=item.invocation)
        lines += [(line.line, line.text) for line in result.unparsed]
    return lines


def test_by_command_line_and_by_look() -> None:
    assert _shape(f"$ ip addr\n{IP_ADDR}") == [("ip addr", "host", 1, 5)]
    assert _shape(f"Look:\n{IP_ADDR}") == [("ip addr", None, 2, 5)]
    assert _shape(f"{ROUTES}{BRIDGES}{IP_ADDR}") == [
        ("route -n", None, 1, 3),
        ("brctl show", None, 4, 6),
        ("ip addr", None, 7, 10),
    ]


def test_the_same_output_twice_in_a_row() -> None:
    assert _shape(f"{IP_ADDR}{POD}") == [("ip addr", None, 1, 4), ("ip addr", None, 5, 10)]
    assert _shape(f"{ROUTES}{ROUTES}") == [("route -n", None, 1, 3), ("route -n", None, 4, 6)]
    assert _shape(f"{BRIDGES}{BRIDGES}") == [("brctl show", None, 1, 3), ("brctl show", None, 4, 6)]


def test_chained_commands_share_one_line() -> None:
    assert _shape(f"# sudo nsenter -t 9 -n sh -c 'ip addr; route -n'\n{POD}{ROUTES}") == [
        ("ip addr", "pid:9", 1, 7),
        ("route -n", "pid:9", 8, 10),
    ]


def test_each_capture_knows_its_command_line() -> None:
    chain = "# sudo nsenter -t 9 -n sh -c 'ip addr; route -n'"
    loop = "$ for p in 7 8; do sudo nsenter -t $p -n ip addr; done"
    text = f"{chain}\n{POD}{ROUTES}{loop}\n{POD}{POD}{POD}$ route -n\nSee:\n\n{ROUTES}"
    assert [(item.namespace, item.call_line, item.call) for item in _found(text)] == [
        ("pid:9", 1, chain),
        ("pid:9", 1, chain),
        ("pid:7", 11, loop),
        ("pid:8", 11, loop),
        (None, None, None),
        ("host", 30, "$ route -n"),
    ]
    first, second = POD.split("    inet 10", 1)
    parts = _found(f"$ nsenter -t 9 -n ip addr\n{first}\nThe address is what we want.\n\n    inet 10{second}")
    assert [(item.namespace, item.call_line) for item in parts] == [("pid:9", 1), ("pid:9", 1)]
    node = aksnet_parse.read(f"$ ip addr; brctl show\n{IP_ADDR}{BRIDGES}").nodes[0]
    assert node.beginnings("ip addr", "brctl show") == ((None, 1, "$ ip addr; brctl show"),)


def test_a_shell_in_a_pod_is_entered_and_left() -> None:
    text = (
        f"root@node:~# ip addr\n{IP_ADDR}root@node:~# docker exec -it 0b7c7a46ade1 sh\n/ # ip addr\n{POD}/ # exit\n"
        f"root@node:~# route -n\n{ROUTES}"
    )
    assert [(item.command.name, item.namespace, item.node) for item in _found(text)] == [
        ("ip addr", "host", "node"),
        ("ip addr", "container:0b7c7a46ade1", "node"),
        ("route -n", "host", "node"),
    ]
    # Left by Ctrl-D, which leaves no trace but the prompt.
    without_exit = text.replace("/ # exit\n", "")
    assert [item.namespace for item in _found(without_exit)] == ["host", "container:0b7c7a46ade1", "host"]


def test_kubectl_debug_names_the_node() -> None:
    text = f"me@laptop:~$ kubectl debug node/aks-1 -it --image=busybox\n/ # chroot /host\nsh-5.1# ip addr\n{IP_ADDR}"
    assert [(item.namespace, item.node) for item in _found(text)] == [("host", "aks-1")]


def test_brctl_that_prints_nothing() -> None:
    assert _shape("root@node:~# brctl show\nroot@node:~# ls\n") == [("brctl show", "host", 1, 1)]
    # In a text of bare commands, silence is an answer where the others have output.
    assert _shape(f"brctl show\nroute -n\n{ROUTES}") == [("brctl show", "host", 1, 1), ("route -n", "host", 2, 5)]
    assert _shape("ip addr\nbrctl show\nroute -n\n") == []
    assert _shape("Then run `brctl show` and look.\n") == []


def test_a_message_of_the_shell_is_no_output_and_not_lost() -> None:
    text = "root@node:~# brctl show\nbash: brctl: command not found\n"
    assert _unparsed(text) == [(2, "bash: brctl: command not found")]
    (node,) = aksnet_parse.read(text).nodes
    assert node.bridges is None


@pytest.mark.parametrize(
    "prose",
    [
        "Notice that we do not have a bridge here.",
        "and here are the routes on the host",
        "What now?",
        "Kubenet",
        "**Routes**",
        "Hier sind die Routen:",
    ],
)
@pytest.mark.parametrize("gap", ["", "\n"])
def test_prose_after_output_is_prose(prose: str, gap: str) -> None:
    text = f"$ ip addr\n{IP_ADDR}{gap}{prose}\n$ route -n\n{ROUTES}"
    assert _unparsed(text) == []
    assert [item.command.name for item in _found(text)] == ["ip addr", "route -n"]


def test_a_line_nobody_understands_is_handed_on() -> None:
    head, tail = IP_ADDR.split("    inet", 1)
    assert _unparsed(f"$ ip addr\n{head}    frob 7 knob on\n    inet{tail}") == [(4, "    frob 7 knob on")]
    assert _unparsed(f"$ ip addr\n{IP_ADDR}    frob 7 knob on\n") == [(6, "    frob 7 knob on")]


def test_output_goes_on_after_the_author_spoke() -> None:
    first, second = POD.split("3: eth0", 1)
    captures = _found(f"$ nsenter -t 9 -n ip addr\n{first}\nThe second one is the one we want.\n\n3: eth0{second}")
    assert [len(item.lines) for item in captures] == [2, 4]


def test_output_in_a_file_is_not_here() -> None:
    assert _shape("root@node:~# brctl show > bridges.txt\nroot@node:~#\n") == []


def _check(lines: list[str], captures: list[Capture]) -> None:
    """Captures are in order, and no line of output is in two of them."""
    assert [capture.output_line for capture in captures] == sorted(capture.output_line for capture in captures)
    last = begun = 0
    for capture in captures:
        assert begun <= capture.first_line <= capture.output_line
        assert capture.last_line == capture.output_line + len(capture.lines) - 1
        begun = capture.first_line
        if capture.lines:
            assert capture.output_line > last
            assert capture.lines[-1]
            last = capture.last_line
        assert capture.first_line in {capture.call_line, capture.output_line}
        assert (capture.call is None) == (capture.call_line is None) == (capture.invocation is None)
        if capture.call_line is not None:
            assert capture.call_line <= capture.first_line
            assert capture.call == lines[capture.call_line - 1].expandtabs(8).strip()
    assert last <= len(lines)


@pytest.mark.parametrize("seed", range(40))
def test_lines_are_taken_once_and_in_order(seed: int) -> None:
    chance = random.Random(seed)
    lines = [line for text in chance.sample(SAMPLES, 2) for line in text.split("\n")]
    for _ in range(chance.randrange(60)):
        position = chance.randrange(len(lines))
        action = chance.randrange(4)
        if action == 0:
            del lines[position]
        elif action == 1:
            lines.insert(position, chance.choice(["", "Prose stands here.", "...", "```", "$ ip addr", "a b c"]))
        elif action == 2:
            lines[position] = lines[position][: chance.randrange(len(lines[position]) + 1)]
        else:
            other = chance.randrange(len(lines))
            lines[position], lines[other] = lines[other], lines[position]
    captures = _found("\n".join(lines))
    _check(lines, captures)
    for capture in captures:
        # Every line of a capture was understood or is reported.
        result = capture.command.parse_lines(
            capture.lines, first_line=capture.output_line, invocation=capture.invocation
        )
        reported = [line.line for line in result.unparsed]
        assert reported == sorted(set(reported))
        assert all(capture.output_line <= line <= capture.last_line for line in reported)
    aksnet_parse.analyze(aksnet_parse.read("\n".join(lines))).model_dump_json()


PIECES = [
    *(
        "ip addr",
        "brctl show",
        "route -n",
        "docker inspect x",
        "docker inspect -f '{{.State.Pid}}' x",
        "ip a | grep inet",
    ),
    *(
        "ip addr; brctl show; route -n",
        "date; ip addr",
        "for p in 1 2; do nsenter -t $p -n ip a; done",
        "PID=$(pidof x)",
    ),
    *(
        "sudo nsenter -t $PID -n ip addr",
        "sudo nsenter \\",
        "docker exec -it x sh",
        "exit",
        "ssh node",
        "sudo -i",
        "brctl show >x",
    ),
    *(
        "1: lo: <UP> mtu 1",
        "2: eth0: <UP> mtu 1",
        "    inet 10.0.0.1/8 scope host lo",
        "    link/ether 0",
        "bridge name bridge id",
    ),
    *(
        "bridge name bridge id STP enabled interfaces",
        "br0 8000.000000000000 no veth0",
        "veth1",
        "Kernel IP routing table",
    ),
    *(
        "0.0.0.0 10.0.0.1 0.0.0.0 UG 0 0 0 eth0",
        '"Pid": 7,',
        "[",
        "{",
        "}",
        "8876",
        "",
        "",
        "...",
        "```",
        "# a remark",
        "#",
    ),
    *(
        "Prose stands here.",
        "Kubenet",
        "what is this",
        "bash: brctl: command not found",
        "[sudo] password for x:",
        "garbage",
    ),
]
PROMPTS = ["", "", "$ ", "# ", "root@node:~# ", "root@0b7c7a46ade1:/# ", "/ # ", "> ", "2024-01-02T03:04:05Z "]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PROMPTS), st.sampled_from(PIECES)).map("".join), max_size=40))
def test_pieces_in_any_order(lines: list[str]) -> None:
    text = "\n".join(lines)
    captures = _found(text)
    plain = undress(text)
    _check(plain, captures)
    for capture in captures:
        start = capture.output_line - 1
        for line, read in zip(plain[start : start + len(capture.lines)], capture.lines, strict=True):
            # What wrappers say is not output.
            assert read == line or (read == "" and "password" in line)
        assert capture.abbreviated or not any(map(is_cut_mark, capture.lines))
    aksnet_parse.analyze(aksnet_parse.read(text)).model_dump_json()


@settings(max_examples=200, deadline=None)
@given(
    st.text(alphabet=st.sampled_from(list("ip adrouten-:<>@/0123456789.{}[]\"'$#|;\n\t\r\x1b\ufeff…–“")), max_size=300)
)
def test_no_text_makes_it_raise(text: str) -> None:
    aksnet_parse.analyze(aksnet_parse.read(text)).model_dump_json()


MANY = 20_000
LO = "1: lo: <UP> mtu 1"
PLAIN = "This is prose, and no more than that."


@pytest.mark.parametrize(
    ("first", "lines"),
    [
        ("", ["ip addr"]),
        ("", ["$ brctl show"]),
        ("", ["brctl show", "route -n"]),
        ("", ["root@node:~#"]),
        ("", [LO]),
        ("", ["bridge name bridge id STP enabled interfaces"]),
        ("", ["10.0.0.0 0.0.0.0 255.255.255.255 UH 0 0 0 veth0"]),
        ("", ['"Pid": 1,']),
        ("", ["docker inspect x", "[{"]),
        ("", ["A=x", "ip a $A"]),
        ("", [f"V{number}=$V{number - 1}$V{number - 1}" for number in range(1000)]),
        ("", ["docker exec -it x sh"]),
        ("", ["docker exec -it x sh", "/ # ip a", LO, "/ # exit"]),
        ("", ["$ for p in 1 2; do"]),
        ("", ["$ ip addr \\"]),
        ("", ["ip a; brctl show; route -n", LO]),
        ("", ["..."]),
        ("", ["```"]),
        ("", ["[", " {"]),
        ("", [LO, "", PLAIN, "", "    inet 10.0.0.1/8 scope host lo"]),
        ("ip addr", ["    link/ether 00:00:00:00:00:00", "1: lo: <"]),
        ("ip addr", ["    link/ether 00:00:00:00:00:00"] * MANY + ["1: lo: <"] * MANY),
        ("ip addr", [LO, "# a remark"]),
        ("brctl show", [""] * MANY + ["bridge name bridge id STP enabled interfaces"] * MANY),
        ("brctl show", ["veth0"]),
        (f"ip addr\n{LO}", ["frob: 7"]),
        (f"ip addr\n{LO}", ["frob: 7", ""]),
        ("brctl show; " * 600, ["...", PLAIN]),
        ("ip a; brctl show; route -n; docker inspect x", ["bash: brctl: command not found"]),
        ("for p in $(pidof x); do nsenter -t $p -n ip a; done", [LO]),
        ("docker inspect -f '{{.State.Pid}}' x", ["8876"]),
    ],
)
def test_many_lines_take_time_by_their_number(first: str, lines: list[str]) -> None:
    text = f"{first}\n" + "\n".join(itertools.islice(itertools.cycle(lines), max(MANY, len(lines))))
    started = time.process_time()
    find_captures(text, COMMANDS)
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    "unit", [" ", "1", "a ", ">", "@", '"', "$(", "{{", "<", "\x1b[", "2021-01-01T", "ip a;", "a.", "[", "Aa "]
)
def test_a_long_line_takes_time_by_its_length(unit: str) -> None:
    def texts(size: int) -> list[str]:
        lines = ("", "ip addr\n", "$ docker inspect x\n", f"{LO}\n", "brctl show\nx 8000.000000000000 no a\n")
        return [before + unit * (size // len(unit)) + "!" for before in lines]

    assert_linear(texts, lambda texts: [find_captures(text, COMMANDS) for text in texts], 50_000)
