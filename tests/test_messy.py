"""Clean captures of real nodes, spoiled in every way people spoil them, give what they gave before."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path
from textwrap import wrap
from typing import Any

import pytest

from aksnet_parse import COMMANDS, Interface, analyze, read
from aksnet_parse.dressing import undress
from aksnet_parse.reading import Reading

SAMPLES = sorted((Path(__file__).parent.parent / "samples").glob("*.txt"))
Spoil = Callable[[str], str]
Seen = tuple[str, str, int, bool, list[str]]


# --- what a text says -------------------------------------------------------------------------------------------------


def captures(reading: Reading) -> list[tuple[Any, ...]]:
    return [
        (
            node.name,
            parsed.capture.command.name,
            parsed.namespace,
            parsed.result.records,
            parsed.capture.abbreviated,
            len(parsed.result.unparsed),
        )
        for node in reading.nodes
        for parsed in node.captures
    ]


def without(value: Any, *keys: str) -> Any:
    if isinstance(value, dict):
        return {key: without(item, *keys) for key, item in value.items() if key not in keys}
    if isinstance(value, list | tuple):
        return [without(item, *keys) for item in value]
    return value


def told(text: str, *ignored: str) -> tuple[Any, ...]:
    """Everything a text says but how its lines look (and but ``ignored`` fields of the analysis)."""
    reading = read(text)
    return captures(reading), without(analyze(reading).model_dump(mode="json"), "text", *ignored)


def each_line(change: Callable[[str], str]) -> Spoil:
    return lambda text: "\n".join(change(line) if line else line for line in text.split("\n"))


# --- forms that keep every line in its place --------------------------------------------------------------------------


def coloured(line: str) -> str:
    """Colours as `ip -c`, grep and prompts set them."""
    line = re.sub(r"(?<=: )([\w@.-]+)(?=: <)", "\x1b[36m\\1\x1b[0m", line)
    line = re.sub(r"\b(UP|DOWN|inet6?)\b", "\x1b[01;31m\x1b[K\\1\x1b[m\x1b[K", line)
    return f"\x1b]0;title\x07\x1b[01;32m{line}\x1b[00m\x1b[K"


def typographic(line: str) -> str:
    line = re.sub(r'"([^"]*)"', "“\\1”", line)
    line = re.sub(r"(?<= )'([^']*)'", "‘\\1’", line)
    return re.sub(r" -([a-z]) ", " –\\1 ", re.sub(r" --(?=[a-z])", " –", line))


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


STAMPS = [
    "2024-01-02T03:04:05.678901234Z ",
    "2024-01-02T03:04:05+00:00 ",
    "2024-01-02T03:04:05.678901234Z stdout F ",
    "2024-01-02 03:04:05,678 ",
    "2024-01-02 03:04:05.678 INFO ",
    "2024/01/02 03:04:05 ",
    "[2024-01-02 03:04:05] ",
    "[2024-01-02T03:04:05Z] ",
    "02.01.2024 03:04:05 ",
    "1/2/2024 3:04:05 AM ",
    "02/Jan/2024:03:04:05 +0000 ",
    "[03:04:05] ",
    "03:04:05.678 ",
    "03:04:05 | ",
    "[03:04] ",
    "Jan  2 03:04:05 ",
    "Jan  2 03:04:05 aks-node-0 script[4711]: ",
    "[Tue Jan  2 03:04:05 2024] ",
    "[ 1234.567890] ",
    "1704164645.678 ",
    "I0102 03:04:05.678901    4711 capture.go:12] ",
]

IN_PLACE: dict[str, Spoil] = {
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "CR CRLF": lambda text: text.replace("\n", "\r\r\n"),
    "CR only": lambda text: text.replace("\n", "\r"),
    "^M": lambda text: text.replace("\n", "^M\n"),
    "tabs for runs of blanks": each_line(lambda line: re.sub(r" {2,}", "\t", line)),
    "blanks for tabs": lambda text: text.expandtabs(8),
    "one blank for a tab": lambda text: text.replace("\t", " "),
    "tabs for all blanks in output": each_line(
        lambda line: line if re.search(r"[$#] |^\w+ [-\w]|^\s*\"", line) else line.replace(" ", "\t")
    ),
    "non-breaking blanks": lambda text: text.replace(" ", "\u00a0"),
    "alternating blanks": lambda text: text.replace("  ", " \u00a0"),
    "narrow and wide blanks": lambda text: text.replace("  ", "\u202f\u3000"),
    "&nbsp;": lambda text: text.replace("  ", "&nbsp;&#160;"),
    "HTML escapes": escaped,
    "zero-width characters": each_line(lambda line: "\u200b" + line.replace(" ", " \u2060", 1) + "\u200e"),
    "byte-order mark": lambda text: "\ufeff" + text,
    "NUL bytes of UTF-16": lambda text: "\0".join(text),
    "colours": each_line(coloured),
    "colours as cat -v shows them": each_line(lambda line: coloured(line).partition("\x07")[2].replace("\x1b", "^[")),
    "colours without escape": each_line(lambda line: f"[01;34m{line}[0m"),
    "typed and taken back": each_line(lambda line: line.replace(" ", "x\b ", 1)),
    "painted over": each_line(lambda line: f"  1%\r 99%\r{line}"),
    "quoted": each_line(lambda line: "> " + line),
    "quoted, empty lines too": lambda text: "\n".join(f"> {line}".rstrip() for line in text.split("\n")),
    "quoted without blank": each_line(lambda line: ">" + line),
    "quoted twice": each_line(lambda line: "> > " + line),
    "quoted twice, close": each_line(lambda line: ">> " + line),
    "typographic quotes and dashes": each_line(typographic),
    "trailing blanks": each_line(lambda line: line + "  \t "),
    "no trailing blanks": each_line(str.rstrip),
    "indentation lost": each_line(str.lstrip),
    "indented by the page": each_line(lambda line: "    " + line),
    "columns collapsed": each_line(lambda line: " ".join(line.split())),
    **{f"stamp {stamp!r}": each_line(stamp.__add__) for stamp in STAMPS},
    "another stamp on each line": lambda text: "\n".join(
        f"2024-01-02T03:04:{number % 60:02}Z {line}" for number, line in enumerate(text.split("\n"))
    ),
    "stamped and quoted": each_line(lambda line: "[03:04:05] > " + line),
    "quoted and stamped": each_line(lambda line: "> 2024-01-02 03:04:05 " + line),
}

# Kept apart from the order above: what one form does must not hide what another left.
TOGETHER = [
    ("columns collapsed", "quoted", "CRLF"),
    ("indentation lost", "no trailing blanks", "typographic quotes and dashes"),
    ("tabs for runs of blanks", "stamp '[03:04:05] '", "quoted", "CRLF"),
    ("columns collapsed", "HTML escapes", "non-breaking blanks"),
    ("columns collapsed", "typographic quotes and dashes", "byte-order mark", "CR only"),
    ("colours", "quoted", "byte-order mark"),
    ("colours", "stamp '2024-01-02T03:04:05.678901234Z stdout F '", "CRLF"),
    ("columns collapsed", "quoted", "HTML escapes", "CR CRLF"),
    ("trailing blanks", "quoted twice", "zero-width characters"),
]


@pytest.fixture(scope="module")
def clean() -> Callable[[Path], tuple[Any, ...]]:
    known: dict[Path, tuple[Any, ...]] = {}

    def of(sample: Path) -> tuple[Any, ...]:
        if sample not in known:
            known[sample] = told(sample.read_text())
        return known[sample]

    return of


def names(value: object) -> str:
    return value.stem if isinstance(value, Path) else str(value)


def test_there_are_samples_and_they_are_clean() -> None:
    assert len(SAMPLES) >= 5
    for sample in SAMPLES:
        reading = read(sample)
        assert reading.nodes, sample
        assert not [line for node in analyze(reading).nodes for line in node.unparsed], sample


@pytest.mark.parametrize("form", IN_PLACE)
@pytest.mark.parametrize("sample", SAMPLES, ids=names)
def test_a_form_that_keeps_lines_in_place_changes_nothing(sample: Path, form: str, clean: Any) -> None:
    assert told(IN_PLACE[form](sample.read_text())) == clean(sample)


@pytest.mark.parametrize("forms", TOGETHER, ids="+".join)
@pytest.mark.parametrize("sample", SAMPLES, ids=names)
def test_several_forms_at_once_change_nothing(sample: Path, forms: tuple[str, ...], clean: Any) -> None:
    text = sample.read_text()
    for form in forms:
        text = IN_PLACE[form](text)
    assert told(text) == clean(sample)


# --- forms that add lines ---------------------------------------------------------------------------------------------

PLACES = ("line", "first_line", "last_line")


def blocks(text: str) -> list[str]:
    """A sample cut up into its command lines, each with its output."""
    starts = [
        match.start() for match in re.finditer(r"^(?:\S+[$#] |#|sudo |docker |ip |brctl |route )", text, re.MULTILINE)
    ]
    return [text[start:end] for start, end in itertools.pairwise([*starts, len(text)])]


def fenced(opening: str, closing: str) -> Spoil:
    return lambda text: "\n\n".join(f"{opening}\n{block.rstrip()}\n{closing}" for block in blocks(text))


def output_fenced_apart(text: str) -> str:
    """As documentation shows it: the command in one code block, its output in the next."""
    parts = []
    for block in blocks(text):
        call, _, output = block.partition("\n")
        parts.append(f"```console\n{call}\n```\n\nOutput:\n\n```output\n{output.rstrip()}\n```\n")
    return "\n".join(parts)


ADDING: dict[str, Spoil] = {
    "one fence": lambda text: f"```\n{text}\n```\n",
    "one fence, stuck to the text": lambda text: f"```{text.strip()}```",
    "a fence around each": fenced("```console", "```"),
    "a fence of tildes": fenced("~~~", "~~~"),
    "HTML code blocks": fenced('<pre class="code">', "</pre>"),
    "HTML stuck to the text": lambda text: "\n".join(f"<pre><code>{block}</code></pre>" for block in blocks(text)),
    "details of an issue": lambda text: "\n".join(
        f"<details><summary>{call}</summary>\n\n```\n{output.rstrip()}\n```\n\n</details>"
        for call, _, output in (block.partition("\n") for block in blocks(text))
    ),
    "a wiki's code blocks": fenced("{code:bash}", "{code}"),
    "fences in a quote": lambda text: IN_PLACE["quoted"](fenced("```sh", "```")(text)),
    "call and output fenced apart": output_fenced_apart,
    "blank lines between": lambda text: "\n\n\n".join(blocks(text)),
    "blank lines after the call": lambda text: "\n".join(block.replace("\n", "\n\n", 1) for block in blocks(text)),
    "blank lines around": lambda text: f"\n\n\n{text}\n\n\n",
    "a blank line after each line": lambda text: text.replace("\n", "\n\n"),
    "a blank line before each line": lambda text: "\n" + text.replace("\n", "\n\n"),
    "a pager's marks": lambda text: text.replace("    link/ether", "--More--\n    link/ether"),
    "lines of a rule between": lambda text: f"{'-' * 40}\n".join(blocks(text)),
}


@pytest.mark.parametrize("form", ADDING)
@pytest.mark.parametrize("sample", SAMPLES, ids=names)
def test_a_form_that_adds_lines_changes_no_more_than_their_numbers(sample: Path, form: str) -> None:
    text = sample.read_text()
    assert told(ADDING[form](text), *PLACES) == told(text, *PLACES)


# --- prose ------------------------------------------------------------------------------------------------------------

PROSE = [
    "So you should be able to see the difference pretty quickly.",
    "Notice that we dont have a reference to the ‘azure0’ bridge that we had in our Azure CNI walk through.",
    "as you can see there is no bridge here",
    "Kubenet",
    "Azure CNI",
    "Technical Deep Dive",
    "Now the routes:",
    "And finally the routes",
    "Thanks!",
    "thanks",
    "ok, done",
    "thx bob",
    "What does that actually mean?",
    "See https://learn.microsoft.com/azure/aks/concepts-network for details.",
    "## Routes on the host",
    "### Pod interface",
    "# Check out the routes on the host",
    "**Routes**",
    "- the bridge is gone",
    "* One route for each pod",
    "1. First we look at the interfaces",
    "2) Then at the routes",
    "=> no bridge in this mode",
    "<- this is the uplink",
    "^^^^ here is the pod",
    "----------------------------------------",
    "========================================",
    "Hi team, please find the output of the node below.",
    "Regards, Bob",
    "Bob  10:42 AM",
    "Node 2",
    "Node 2:",
    "aks-nodepool1-1-vmss000001:",
    "On Tue, Jan 2, 2024 at 3:04 AM Bob <bob@example.com> wrote:",
    "Wie man sieht, gibt es keine Bridge mehr.",
    "Über die Routen kommt man zum Pod",
    "Как видно, моста больше нет",
    "このノードにはブリッジがありません。",
    "I’ll just show you the output of the same set of commands on a kubenet cluster. Lets check out the interfaces.",
    "We can use brctl show to list the bridges, and route -n to list the routes.",
    "The ip addr command shows 3 interfaces: lo, eth0 and azv33ac2d062ec.",
    "Note: the interface eth0@if16 leads to index 16 on the host.",
    "(the second interface is the interesting one)",
]

LOOPBACK = """\
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
"""
POD = f"""{LOOPBACK}\
15: eth0@if16: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether e6:82:2e:aa:77:ff brd ff:ff:ff:ff:ff:ff link-netnsid 0
    inet 10.220.2.21/24 scope global eth0
"""
POD_2 = POD.replace("15: eth0@if16", "17: eth0@if18").replace("e6:82", "e6:83").replace("2.21", "2.28")
UPLINK = """\
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000
    link/ether 00:0d:3a:9c:96:47 brd ff:ff:ff:ff:ff:ff
    inet 10.220.2.4/24 brd 10.220.2.255 scope global eth0
       valid_lft forever preferred_lft forever
"""
VETH = """\
16: azv33ac2d062ec@if15: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 92:81:10:67:e0:26 brd ff:ff:ff:ff:ff:ff link-netnsid 4
    inet6 fe80::9081:10ff:fe67:e026/64 scope link
       valid_lft forever preferred_lft forever
"""
HOST = LOOPBACK + UPLINK + VETH
BRIDGES = """\
bridge name	bridge id		STP enabled	interfaces
docker0		8000.0242107e030e	no
"""
AZURE0 = """\
bridge name	bridge id		STP enabled	interfaces
azure0		8000.000d3a9c9647	no		azv33ac2d062ec
							eth0
"""
ROUTES = """\
Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
0.0.0.0         10.220.2.1      0.0.0.0         UG    0      0        0 eth0
10.220.2.0      0.0.0.0         255.255.255.0   U     0      0        0 eth0
10.220.2.21     0.0.0.0         255.255.255.255 UH    0      0        0 azv33ac2d062ec
"""
PIDS = """\
            "Pid": 16315,
            "PidMode": "",
            "PidsLimit": null,
"""
PROMPT = "azureuser@aks-nodepool1-1-vmss000000:~$ "
NODE = "aks-nodepool1-1-vmss000000"
OUTPUTS = {"ip addr": HOST, "brctl show": BRIDGES, "route -n": ROUTES}


def seen(text: str) -> list[Seen]:
    """Of each capture: command, namespace, number of records, whether abbreviated, lines not understood."""
    found = [parsed for node in read(text).nodes for parsed in node.captures]
    return [
        (
            parsed.capture.command.name,
            parsed.namespace,
            len(parsed.result),
            parsed.capture.abbreviated,
            [line.text for line in parsed.result.unparsed],
        )
        for parsed in sorted(found, key=lambda parsed: parsed.capture.output_line)
    ]


IP: Seen = ("ip addr", "host", 3, False, [])
IN_POD: Seen = ("ip addr", "pid:16315", 2, False, [])
BR: Seen = ("brctl show", "host", 1, False, [])
NO_BR: Seen = ("brctl show", "host", 0, False, [])
RT: Seen = ("route -n", "host", 3, False, [])


@pytest.mark.parametrize("prose", PROSE)
@pytest.mark.parametrize("prompt", ["", "$ ", PROMPT], ids=["bare", "dollar", "host"])
def test_prose_right_after_output_is_prose(prose: str, prompt: str) -> None:
    for command, output in OUTPUTS.items():
        expected = {"ip addr": IP, "brctl show": BR, "route -n": RT}[command]
        assert seen(f"{prompt}{command}\n{output}{prose}\n") == [expected], command
        assert seen(f"{prompt}{command}\n{output}{prose}\nand more of it, on the next line.\n") == [expected], command


@pytest.mark.parametrize("prose", PROSE)
def test_prose_before_and_between_captures_without_a_blank_line(prose: str) -> None:
    with_calls = f"{prose}\nip addr\n{HOST}{prose}\nbrctl show\n{BRIDGES}{prose}\nroute -n\n{ROUTES}{prose}\n"
    assert seen(with_calls) == [IP, BR, RT]
    by_look = f"{prose}\n{HOST}{prose}\n{BRIDGES}{prose}\n{ROUTES}{prose}\n"
    assert seen(by_look) == [IP, BR, RT]
    paragraphs = f"{prose}\n\nip addr\n\n{HOST}\n{prose}\n\n{BRIDGES}\n{prose}\n\n{ROUTES}\n{prose}\n"
    assert seen(paragraphs) == [IP, BR, RT]


@pytest.mark.parametrize("prose", PROSE)
def test_prose_alone_says_nothing(prose: str) -> None:
    assert seen(f"{prose}\n\n{prose}\n{prose}\n") == []


@pytest.mark.parametrize("prose", [prose for prose in PROSE if not prose.startswith("#")])
def test_prose_between_a_call_and_its_output_keeps_them_together(prose: str) -> None:
    assert seen(f"sudo nsenter -t 16315 -n ip addr\n{prose}\n{POD}") == [IN_POD]
    assert seen(f"sudo nsenter -t 16315 -n ip addr\n\n{prose}\n\n{POD}") == [IN_POD]


def test_prose_in_the_middle_of_output_is_reported_and_what_follows_is_read() -> None:
    text = f"{PROMPT}ip addr\n{LOOPBACK}{UPLINK}And here comes the pod:\n{VETH}"
    assert seen(text) == [("ip addr", "host", 3, False, ["And here comes the pod:"])]
    text = f"{PROMPT}ip addr\n" + HOST.replace("    link/ether 00:0d", "# this is the uplink\n    link/ether 00:0d")
    assert seen(text) == [("ip addr", "host", 3, False, ["# this is the uplink"])]


# --- captures without a call, and close together ----------------------------------------------------------------------


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
@pytest.mark.parametrize("between", ["", "\n", "\n\n", "and then\n", "---\n"])
def test_captures_without_any_call_in_any_order(order: tuple[int, ...], between: str) -> None:
    parts = [HOST, BRIDGES, ROUTES, POD]
    expected = [IP, BR, RT, ("ip addr", "pod", 2, False, [])]
    if between == "and then\n":
        between = "and then there is\n"
    text = between.join(parts[index] for index in order)
    assert seen(text) == [expected[index] for index in order]
    assert len(read(text).nodes) == 1


def test_captures_of_one_command_one_after_the_other() -> None:
    assert seen(POD + POD_2 + HOST) == [
        ("ip addr", "pod", 2, False, []),
        ("ip addr", "pod", 2, False, []),
        IP,
    ]
    assert seen(AZURE0 + ROUTES + BRIDGES + ROUTES) == [
        ("brctl show", "host", 1, False, []),
        RT,
        BR,
        RT,
    ]


@pytest.mark.parametrize("prompt", ["", "$ ", "# ", PROMPT], ids=["bare", "dollar", "hash", "host"])
@pytest.mark.parametrize("join", ["; ", " ; ", " && ", ";", " & ", "&&"])
def test_calls_chained_on_one_line(prompt: str, join: str) -> None:
    chain = join.join(["ip addr", "brctl show", "route -n"])
    assert seen(f"{prompt}{chain}\n{HOST}{BRIDGES}{ROUTES}{prompt}\n") == [IP, BR, RT]
    assert seen(f"{prompt}{chain}\n\n{HOST}\n{BRIDGES}\n{ROUTES}{prompt}\n") == [IP, BR, RT]


@pytest.mark.parametrize(
    "call",
    [
        "sudo nsenter -t 16315 -n ip addr; ip addr; route -n",
        "sudo sh -c 'nsenter -t 16315 -n ip addr; ip addr; route -n'",
        "PID=16315; nsenter -t $PID -n ip addr; ip a; route -n",
        "date; nsenter -t 16315 -n ip addr; echo ----; ip addr; echo ----; route -n",
        "(nsenter -t 16315 -n ip addr; ip addr; route -n) | tee out.txt",
    ],
)
def test_a_chain_says_which_namespace_each_output_came_from(call: str) -> None:
    assert seen(f"{PROMPT}{call}\n{POD}{HOST}{ROUTES}{PROMPT}\n") == [IN_POD, IP, RT]
    assert seen(f"{PROMPT}{call}\nTue Jan  2\n{POD}----\n{HOST}----\n{ROUTES}{PROMPT}\n")[-1] == RT


def test_what_other_programs_of_a_chain_print_is_not_of_the_capture() -> None:
    text = f"{PROMPT}hostname; ip addr; uptime; route -n\n{NODE}\n{HOST} 10:42:01 up 3 days\n{ROUTES}{PROMPT}\n"
    assert seen(text) == [IP, RT]


# --- shells and loops -------------------------------------------------------------------------------------------------

ENTERED = [
    ("docker exec -it 0b7c7a46ade1 sh", "/ # ", "container:0b7c7a46ade1"),
    ("docker exec -it 0b7c7a46ade1 bash", "root@0b7c7a46ade1:/# ", "container:0b7c7a46ade1"),
    ("sudo nsenter -t 16315 -n bash", "root@aks-nodepool1-1-vmss000000:/home/azureuser# ", "pid:16315"),
    ("sudo nsenter -t 16315 -n", "# ", "pid:16315"),
    ("sudo ip netns exec cni-1 bash", "root@aks-nodepool1-1-vmss000000:/# ", "netns:cni-1"),
    ("kubectl exec -it web -n shop -- sh", "/ $ ", "pod:shop/web"),
    ("kubectl run -it --rm tmp --image=busybox -- sh", "/ # ", "pod:tmp"),
]


@pytest.mark.parametrize(("call", "inside", "namespace"), ENTERED)
@pytest.mark.parametrize("leave", ["exit", "exit\nexit", "logout", ""])
def test_what_is_called_in_a_shell_is_called_where_the_shell_is(
    call: str, inside: str, namespace: str, leave: str
) -> None:
    text = f"{PROMPT}{call}\n{inside}ip a\n{POD}{inside}{leave}\n{PROMPT}ip addr\n{HOST}{PROMPT}route -n\n{ROUTES}"
    assert seen(text) == [("ip addr", namespace, 2, False, []), IP, RT]


def test_a_shell_left_without_a_word_is_left_where_the_outer_prompt_is_back() -> None:
    for outer, inner in (("# ", "/ # "), ("$ ", "/ $ "), ("bash-5.1# ", "# "), ("$ ", "# ")):
        text = f"{outer}docker exec -it 0b7c7a46ade1 sh\n{inner}ip a\n{POD}{outer}ip a\n{HOST}"
        assert seen(text) == [("ip addr", "container:0b7c7a46ade1", 2, False, []), IP], outer


def test_a_shell_without_prompts_lasts_until_it_is_left() -> None:
    text = f"docker exec -it 0b7c7a46ade1 sh\nip a\n{POD}exit\nip a\n{HOST}"
    assert seen(text) == [("ip addr", "container:0b7c7a46ade1", 2, False, []), IP]


def test_shells_within_shells() -> None:
    text = (
        f"me@laptop:~$ ssh azureuser@{NODE}\nWelcome to Ubuntu 18.04\n\n{PROMPT}sudo -i\nroot@{NODE}:~# ip addr\n{HOST}"
        f"root@{NODE}:~# nsenter -t 16315 -n bash\nroot@{NODE}:~# ip addr\n{POD}root@{NODE}:~# exit\nexit\n"
        f"root@{NODE}:~# route -n\n{ROUTES}root@{NODE}:~# exit\nlogout\n{PROMPT}exit\nlogout\n"
        f"Connection to {NODE} closed.\nme@laptop:~$ kubectl exec web -- ip a\n{POD_2}"
    )
    assert seen(text)[:3] == [IP, IN_POD, RT]
    assert seen(text)[3][:2] == ("ip addr", "pod:web")
    assert read(text).nodes[0].name == NODE


def test_leaving_a_node_gives_back_the_node_before() -> None:
    text = f"$ ssh azureuser@{NODE}\n$ ip addr\n{HOST}$ exit\n$ ip addr\n{POD}"
    assert [parsed.capture.node for node in read(text).nodes for parsed in node.captures] == [NODE, None]


LOOPS = [
    "for p in 16315 16400; do sudo nsenter -t $p -n ip addr; done",
    "for p in 16315 16400; do echo $p; sudo nsenter -t ${p} -n ip addr; done",
    "for p in 16315 16400; do\n> echo $p\n> sudo nsenter -t $p -n ip addr\n> done",
    "for p in 16315 16400\ndo\n  sudo nsenter -t $p -n ip addr\ndone",
]


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("prompt", ["$ ", PROMPT], ids=["dollar", "host"])
def test_a_loop_over_known_words_is_unrolled(loop: str, prompt: str) -> None:
    echoed = ("16315\n", "16400\n") if "echo" in loop else ("", "")
    text = f"{prompt}{loop}\n{echoed[0]}{POD}{echoed[1]}{POD_2}{prompt}ip addr\n{HOST}"
    assert seen(text) == [IN_POD, ("ip addr", "pid:16400", 2, False, []), IP]


@pytest.mark.parametrize(
    "loop",
    [
        "for p in $(pgrep nginx); do sudo nsenter -t $p -n ip addr; done",
        "docker ps -q | while read c; do docker exec $c ip addr; done",
    ],
)
def test_a_loop_over_unknown_words_gives_a_pod_for_each_turn(loop: str) -> None:
    text = f"{PROMPT}{loop}\n{POD}{POD_2}{PROMPT}ip addr\n{HOST}"
    assert seen(text) == [("ip addr", "pod", 2, False, [])] * 2 + [IP]


def test_a_call_over_several_lines() -> None:
    text = f"{PROMPT}sudo nsenter \\\n>   --target 16315 \\\n>   --net ip addr\n{POD}"
    assert seen(text) == [IN_POD]
    text = f"{PROMPT}ip addr |\n> cat &&\n> route -n\n{HOST}{ROUTES}"
    assert seen(text) == [IP, RT]


def test_variables_are_known_afterwards() -> None:
    text = (
        f"{PROMPT}PID=16315\n{PROMPT}sudo nsenter -t $PID -n ip addr\n{POD}{PROMPT}export PID=16400\n"
        f"{PROMPT}sudo nsenter -t ${{PID}} -n ip addr\n{POD_2}"
    )
    assert [capture[1] for capture in seen(text)] == ["pid:16315", "pid:16400"]


def test_a_variable_nobody_knows_is_another_each_time_it_is_set() -> None:
    text = (
        "PID=$(pgrep nginx)\nnsenter -t $PID -n ip addr\n" + POD + "PID=$(pgrep redis)\n"
        "nsenter -t $PID -n ip addr\n" + POD_2
    )
    namespaces = {parsed.capture.namespace for node in read(text).nodes for parsed in node.captures}
    assert len(namespaces) == 2
    assert "host" not in namespaces


# --- silence, errors --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f"{PROMPT}brctl show\n{PROMPT}route -n\n{ROUTES}",
        f"{PROMPT}sudo brctl show\n[sudo] password for azureuser: \n{PROMPT}route -n\n{ROUTES}",
        f"{PROMPT}sudo brctl show\nsudo: unable to resolve host {NODE}: unknown\n{PROMPT}route -n\n{ROUTES}",
        f"{PROMPT}brctl show\n\nAs you see, there is none.\n\n{PROMPT}route -n\n{ROUTES}",
        f"{PROMPT}brctl show\nAs you see, there is none.\n{PROMPT}route -n\n{ROUTES}",
        f"$ brctl show\n$ route -n\n{ROUTES}",
        f"+ brctl show\n+ route -n\n{ROUTES}",
        f"# brctl show\n# route -n\n{ROUTES}",
        f"brctl show\nroute -n\n{ROUTES}",
        f"# Check the bridges\nbrctl show\n\n# Check the routes\nroute -n\n{ROUTES}",
        f"```\nbrctl show\n```\n\n```\nroute -n\n{ROUTES}```\n",
    ],
)
def test_brctl_that_prints_nothing_says_that_there_is_no_bridge(text: str) -> None:
    assert seen(text) == [NO_BR, RT]
    assert read(text).nodes[0].bridges == ()


def test_brctl_that_prints_nothing_in_a_chain() -> None:
    text = f"{PROMPT}ip addr; brctl show; route -n\n{HOST}{ROUTES}{PROMPT}\n"
    assert sorted(seen(text)) == sorted([IP, NO_BR, RT])
    text = f"{PROMPT}ip addr; brctl show\n{HOST}{PROMPT}\n"
    assert sorted(seen(text)) == sorted([IP, NO_BR])
    for text in (f"{PROMPT}ip addr; brctl show\n{HOST}...\n{PROMPT}\n", f"{PROMPT}ip addr; brctl show\n{HOST}"):
        assert [capture[0] for capture in seen(text)] == ["ip addr"]


REFUSALS = [
    "-bash: brctl: command not found",
    "bash: brctl: command not found",
    "bash: /usr/sbin/brctl: No such file or directory",
    "sudo: brctl: command not found",
    "sh: 1: brctl: not found",
    "sh: brctl: not found",
    "zsh: command not found: brctl",
    "nsenter: failed to execute brctl: No such file or directory",
    'exec of "brctl" failed: No such file or directory',
    "Command 'brctl' not found, but can be installed with:\n\nsudo apt install bridge-utils\n",
    "\nCommand 'brctl' not found, but can be installed with:\n\nsudo apt install bridge-utils\n",
    "The program 'brctl' is currently not installed. You can install it by typing:\napt install bridge-utils",
    'OCI runtime exec failed: exec failed: exec: "brctl": executable file not found in $PATH: unknown\nexit code 126',
]


@pytest.mark.parametrize("error", REFUSALS)
@pytest.mark.parametrize("prompt", ["", "$ ", PROMPT], ids=["bare", "dollar", "host"])
def test_brctl_that_is_missing_is_no_answer(error: str, prompt: str) -> None:
    text = f"{prompt}route -n\n{ROUTES}{prompt}brctl show\n{error}\n{prompt}ip addr\n{HOST}"
    reading = read(text)
    assert reading.nodes[0].bridges is None
    assert [capture for capture in seen(text) if capture[0] != "brctl show"] == [RT, IP]
    # The error is not passed over in silence: it stands where the output of brctl would.
    assert [line for capture in seen(text) for line in capture[4]] != []


@pytest.mark.parametrize("error", [error for error in REFUSALS if "\n" not in error])
def test_brctl_that_is_missing_in_a_chain_is_no_answer(error: str) -> None:
    text = f"{PROMPT}ip addr; brctl show; route -n\n{HOST}{error}\n{ROUTES}{PROMPT}\n"
    assert seen(text) == [IP, ("brctl show", "host", 0, True, [error]), RT]
    assert read(text).nodes[0].bridges is None


@pytest.mark.parametrize(
    "mention",
    [
        "brctl show",
        "brctl show lists the bridges of a node.",
        "$ ip addr\n$ brctl show\n$ route -n",
        "- ip addr\n- brctl show\n- route -n",
        "* `brctl show`",
        "`brctl show`",
        "We run\nbrctl show\nto see the bridges.",
        "Please send the output of `brctl show`.",
        "To see the bridges:\n\n    brctl show\n",
        "```\nbrctl show\n```",
        "brctl show azure0",
        "brctl show | grep azure0",
        "brctl show > bridges.txt",
        "which brctl",
        "sudo apt install bridge-utils # for brctl show",
    ],
)
def test_brctl_that_is_only_mentioned_is_no_answer(mention: str) -> None:
    assert seen(f"{mention}\n") == []
    text = f"{mention}\n\n{PROMPT}ip addr\n{HOST}{PROMPT}route -n\n{ROUTES}"
    assert seen(text) == [IP, RT]
    assert read(text).nodes[0].bridges is None


def test_what_azure_says_around_a_script_is_no_output() -> None:
    call = "az vmss run-command invoke -g rg -n x --command-id RunShellScript --scripts 'ip addr; route -n' -o tsv"
    text = f"me@laptop:~$ {call}\nEnable succeeded: \n[stdout]\n{HOST}{ROUTES}\n[stderr]\n\nme@laptop:~$\n"
    assert seen(text) == [IP, RT]
    assert [node.name for node in read(text).nodes] == [None]


def test_commands_in_a_here_document() -> None:
    text = f"$ cat > x.sh <<EOF\nip addr\nbrctl show\nEOF\n$ bash x.sh\n{HOST}{BRIDGES}$ route -n\n{ROUTES}"
    assert seen(text) == [IP, BR, RT]
    for prompt in ("", "> "):
        text = f"me@laptop:~$ ssh {NODE} <<'EOF'\n{prompt}ip addr\n{prompt}route -n\n{prompt}EOF\n{HOST}{ROUTES}"
        assert seen(text) == [IP, RT]
        assert [node.name for node in read(text).nodes] == [NODE]


def test_pids_between_what_other_programs_print() -> None:
    loop = "for c in $(docker ps -q); do echo $c; docker inspect -f '{{.State.Pid}}' $c; done"
    text = f"$ {loop}\n0b7c7a46ade1\n16315\n1b7c7a46ade1\n16316\n$ route -n\n{ROUTES}"
    assert [container.pid for container in read(text).nodes[0].containers] == [16315, 16316]
    text = "$ echo; docker inspect -f '{{.Name}}' x\nword\n"
    assert seen(text) == []


@pytest.mark.parametrize("between", ["", "\n", "# and the other\n", "\n# and the other\n\n"])
@pytest.mark.parametrize("indent", [4, None])
def test_whole_json_after_whole_json(between: str, indent: int | None) -> None:
    first, second = (
        json.dumps([{"Id": digit * 64, "State": {"Pid": 7}, "Config": {"Cmd": ["a"]}}], indent=indent) for digit in "ab"
    )
    expected: Seen = ("docker inspect", "host", 1, False, [])
    assert seen(f"{first}\n{between}{second}\n") == [expected, expected]
    assert seen(f"$ docker inspect x\n{first}\n{between}{second}\n") == [expected, expected]
    text = f"$ docker inspect x; docker inspect y\n{first}\n{second}\n"
    assert seen(text) == [expected, expected]
    assert [container.id for container in read(text).nodes[0].containers] == ["a" * 64, "b" * 64]


def test_output_that_was_interrupted_is_abbreviated() -> None:
    assert seen(f"{PROMPT}ip addr\n{HOST}^C\n{PROMPT}brctl show\n^C\n{PROMPT}route -n\n{ROUTES}") == [
        ("ip addr", "host", 3, True, []),
        RT,
    ]


def test_silence_is_no_answer_where_the_text_ends_or_was_cut() -> None:
    assert seen(f"{PROMPT}route -n\n{ROUTES}{PROMPT}brctl show") == [RT]
    assert seen(f"{PROMPT}route -n\n{ROUTES}{PROMPT}brctl show\n...\n{PROMPT}") == [RT]
    assert seen(f"{PROMPT}ip addr\n{PROMPT}route -n\n") == []


@pytest.mark.parametrize(
    "error",
    [
        'Device "eth9" does not exist.',
        "RTNETLINK answers: Operation not permitted",
        "Dump terminated",
        "nsenter: cannot open /proc/16315/ns/net: No such file or directory",
        "nsenter: neither filename nor target pid supplied for ns/net",
        'Cannot open network namespace "cni-1": No such file or directory',
        "Error: No such object: 0b7c7a46ade1",
        'Error from server (NotFound): pods "web" not found',
        "Error response from daemon: No such container: 0b7c7a46ade1",
        "-bash: ip: command not found",
        "ip: can't find device 'eth9'",
    ],
)
def test_an_error_in_the_place_of_output_is_reported(error: str) -> None:
    text = f"{PROMPT}ip addr\n{error}\n{PROMPT}route -n\n{ROUTES}"
    assert seen(text) == [("ip addr", "host", 0, True, [error]), RT]
    assert read(text).nodes[0].interfaces is None


def test_in_a_chain_an_error_stands_for_the_call_that_failed() -> None:
    error = "nsenter: cannot open /proc/16314/ns/net: No such file or directory"
    text = f"{PROMPT}for p in 16314 16315; do nsenter -t $p -n ip addr; done\n{error}\n{POD}{PROMPT}\n"
    assert seen(text) == [("ip addr", "pid:16314", 0, True, [error]), IN_POD]


REMARKS = [
    "[sudo] password for azureuser: ",
    f"sudo: unable to resolve host {NODE}: Resource temporarily unavailable",
    'Defaulted container "web" out of: web, sidecar',
    "Defaulting container name to web.",
    "kubectl exec [POD] [COMMAND] is DEPRECATED and will be removed in a future version.",
]


@pytest.mark.parametrize("remark", REMARKS)
def test_what_a_wrapper_says_is_not_output(remark: str) -> None:
    assert seen(f"{PROMPT}sudo nsenter -t 16315 -n ip addr\n{remark}\n{POD}{PROMPT}\n") == [IN_POD]


# --- what authors cut -------------------------------------------------------------------------------------------------

CUTS = [
    "...",
    ".\n.\n.",
    ".",
    ". . .",
    "…",
    "[...]",
    "(...)",
    "<...>",
    "[snip]",
    "<snip>",
    "--- snip ---",
    "----8<----",
    "(output omitted)",
    "[output truncated]",
    "... output omitted ...",
    "[... 12 more interfaces ...]",
    "# ...",
    "...\n...",
    "\n...\n",
    "*\n*\n*",
]


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("prompt", [None, "", PROMPT], ids=["no call", "bare", "host"])
def test_where_the_author_cut_the_rest_is_the_same_and_abbreviated(cut: str, prompt: str | None) -> None:
    call = "" if prompt is None else f"{prompt}ip addr\n"
    whole = read(call + HOST).nodes[0].captures[0].result.records
    for text, kept in (
        (f"{LOOPBACK}{cut}\n{VETH}", whole[::2]),
        (f"{LOOPBACK}{UPLINK}{cut}\n", whole[:2]),
        (f"{LOOPBACK}{cut}\n{UPLINK}{cut}\n{VETH}{cut}\n", whole),
        (f"{cut}\n{UPLINK}{VETH}", whole[1:]),
    ):
        (parsed,) = read(call + text).nodes[0].captures
        assert parsed.result.records == kept
        assert parsed.capture.abbreviated
        assert not parsed.result.unparsed


@pytest.mark.parametrize("cut", CUTS)
def test_a_cut_in_one_capture_does_not_touch_the_next(cut: str) -> None:
    text = f"{LOOPBACK}{cut}\n{VETH}{ROUTES}{BRIDGES}"
    assert seen(text) == [("ip addr", "host", 2, True, []), RT, BR]


@pytest.mark.parametrize("sample", SAMPLES, ids=names)
def test_lifetimes_left_out_change_nothing_else(sample: Path) -> None:
    text = sample.read_text()
    cut = "".join(line for line in text.splitlines(keepends=True) if "valid_lft" not in line)
    lifetimes = ("valid_life_time", "preferred_life_time")

    def facts(text: str) -> list[Any]:
        return [
            [command, namespace, [without(record.model_dump(), "source", *lifetimes) for record in records]]
            for _, command, namespace, records, _, _ in captures(read(text))
        ]

    assert facts(cut) == facts(text)
    assert told(cut, *PLACES)[1] == told(text, *PLACES)[1]


@pytest.mark.parametrize("sample", SAMPLES, ids=names)
def test_a_sample_cut_off_in_any_line_keeps_what_stands_before(sample: Path) -> None:
    text = sample.read_text()
    lines = text.split("\n")
    whole = {(capture[1], capture[2]): capture[3] for capture in captures(read(text))}
    for number in range(0, len(lines), 7):
        half = "\n".join([*lines[:number], lines[number][: len(lines[number]) // 2]])
        for _, command, namespace, records, _, _ in captures(read(half)):
            if command == "docker inspect" or (command, namespace) not in whole:
                continue
            # All but the one that the cut goes through.
            assert set(records[:-1]) <= set(whole[command, namespace])


SMALL = (
    f"{PROMPT}docker inspect 0b7c7a46ade1 | grep Pid\n{PIDS}{PROMPT}ip addr\n{HOST}{PROMPT}brctl show\n{AZURE0}"
    f"{PROMPT}route -n\n{ROUTES}"
)


@pytest.mark.parametrize("form", ["as it is", "columns collapsed", "quoted", "CRLF", "without prompts"])
def test_a_text_cut_off_at_any_byte(form: str) -> None:
    text = {"as it is": SMALL, "without prompts": SMALL.replace(PROMPT, "")}.get(form) or IN_PLACE[form](SMALL)
    calls = {line for line in undress(text) if re.search(r"(?:^|[$] )(?:docker|ip|brctl|route) ", line)}
    before: list[Any] = []
    for cut in range(len(text) + 1):
        half = text[:cut]
        reading = read(half)
        analyze(reading)
        records = [record for capture in captures(reading) for record in capture[3]]
        line = undress(half)[-1]
        if cut == half.rfind("\n") + 1:
            before = records
            assert records == [record for capture in captures(read(half[:-1])) for record in capture[3]] or not line
            continue
        # Nothing before the record that the cut goes through changes, and no more than that one begins.
        assert records[: len(before) - 1] == before[:-1], line
        assert len(records) - len(before) in {-1, 0, 1}, line
        reported = [unparsed.text for node in reading.nodes for unparsed in analyze_unparsed(node)]
        if line in reported:
            assert records in (before, before[:-1]), line
        elif line.strip() and not any(call.startswith(line) for call in calls):
            assert any(command.takes(line, None) for command in COMMANDS), line


def analyze_unparsed(node: Any) -> list[Any]:
    return [line for parsed in node.captures for line in parsed.result.unparsed]


def test_half_a_line_marks_the_capture_as_abbreviated() -> None:
    for text in (f"{PROMPT}ip addr\n{HOST}17: azv5a", f"{HOST}17: azv5a", f"{PROMPT}route -n\n{ROUTES}10.220.2.2"):
        (parsed,) = read(text).nodes[0].captures
        assert parsed.capture.abbreviated
        assert [line.text for line in parsed.result.unparsed] == [text.rpartition("\n")[2]]


def _told(text: str) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """The errors with what they are about, and the addresses with the interfaces they are on."""
    reading = read(text)
    findings = [finding for node in analyze(reading).nodes for finding in node.findings]
    shown = [one for node in reading.nodes for parsed in node.captures for one in parsed.of(Interface)]
    return (
        {(one.code, name) for one in findings if one.severity == "error" for name in one.subjects},
        {(one.ifname, str(address.interface)) for one in shown for address in one.addr_info},
    )


@pytest.mark.parametrize("width", [66, 72, 76, 80])
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_lines_that_a_mail_program_broke_lose_facts_and_make_up_none(sample: Path, width: int) -> None:
    text = sample.read_text(encoding="utf-8")
    lines = [part for line in text.split("\n") for part in wrap(line, width, replace_whitespace=False) or [""]]
    wrong, addresses = _told(text)
    still_wrong, still_there = _told("\n".join(lines))
    assert still_wrong <= wrong
    assert still_there <= addresses
