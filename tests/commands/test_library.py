"""What the parse functions promise to the program around them: text is only text, and nothing else is touched."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import aksnet_parse
from aksnet_parse import (
    Line,
    ParseError,
    ParseResult,
    parse_az_aks,
    parse_azure_vnet,
    parse_azure_vnet_ipam,
    parse_brctl_show,
    parse_bridge_fdb,
    parse_bridge_link,
    parse_cni_config,
    parse_crictl_inspect,
    parse_crictl_inspectp,
    parse_crictl_pods,
    parse_crictl_ps,
    parse_docker_inspect,
    parse_docker_ps,
    parse_ip_addr,
    parse_ip_neigh,
    parse_ip_netns,
    parse_ip_route,
    parse_kubectl_get_nodes,
    parse_kubectl_get_pods,
    parse_route_n,
)

TEXTS: dict[Callable[..., ParseResult[Any]], str] = {
    parse_ip_addr: "1: lo: <LOOPBACK,UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n",
    parse_route_n: "0.0.0.0         10.0.0.1        0.0.0.0         UG    0      0        0 eth0\n",
    parse_ip_route: "default via 10.0.0.1 dev eth0 \n",
    parse_brctl_show: "docker0\t\t8000.0242107e030e\tno\t\t\n",
    parse_bridge_link: "5: veth1@eth0: <UP> mtu 1500 master cbr0 state forwarding priority 32 cost 2 \n",
    parse_docker_inspect: '            "Pid": 16315,\n',
    parse_kubectl_get_pods: "web-0   1/1     Running   0          4m\n",
    parse_docker_ps: '0b7c7a46ade1   busybox:1   "sleep 1"   2 days ago   Up 2 days   80/tcp   web-1\n',
    parse_crictl_pods: "0b7c7a46ade1f   2 days ago   Ready   web-1   default   0   (default)\n",
    parse_crictl_ps: "0b7c7a46ade1f   00ff00ff00ff0   2 days ago   Running   web   0   1b7c7a46ade1f   web-1\n",
    parse_crictl_inspectp: '    "pid": 16315,\n',
    parse_crictl_inspect: '    "pid": 16315,\n',
    parse_kubectl_get_nodes: "aks-1   Ready   agent   5d   v1.29.2\n",
    parse_ip_netns: "cni-1 (id: 0)\n",
    parse_ip_neigh: "10.0.0.1 dev eth0 lladdr 12:34:56:78:9a:bc REACHABLE \n",
    parse_bridge_fdb: "12:34:56:78:9a:bc dev veth1 master cbr0 \n",
    parse_cni_config: '      "mode": "transparent",\n',
    parse_azure_vnet: '  "Mode": "bridge",\n',
    parse_azure_vnet_ipam: '  "Addr": "10.9.0.36",\n',
    parse_az_aks: '    "networkPolicy": "calico",\n',
}
PARSERS = list(TEXTS)
Parse = Callable[..., ParseResult[Any]]


PRELUDE = """
import json, os, sys
DEEDS = {"subprocess.Popen", "os.system", "os.fork", "socket.connect", "os.remove", "os.mkdir", "os.rename"}
"""


def python(program: str, *, warnings: str = "error") -> Any:
    """What a fresh interpreter that writes no bytecode prints as JSON; on its standard error it prints nothing."""
    arguments = [sys.executable, "-B", "-W", warnings, "-c", PRELUDE + program]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return json.loads(done.stdout)


PARSE_ALL = "".join(
    f"assert len(aksnet_parse.{name}({TEXTS[getattr(aksnet_parse, name)]!r}, strict=True)) == 1\n"
    for name in (
        "parse_ip_addr",
        "parse_route_n",
        "parse_ip_route",
        "parse_brctl_show",
        "parse_bridge_link",
        "parse_docker_inspect",
        "parse_kubectl_get_pods",
        "parse_docker_ps",
        "parse_crictl_pods",
        "parse_crictl_ps",
        "parse_crictl_inspectp",
        "parse_crictl_inspect",
        "parse_kubectl_get_nodes",
        "parse_ip_netns",
        "parse_ip_neigh",
        "parse_bridge_fdb",
        "parse_cni_config",
        "parse_azure_vnet",
        "parse_azure_vnet_ipam",
        "parse_az_aks",
    )
)


# --- what a call gives ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parse", PARSERS)
def test_a_result_is_a_sequence_that_knows_what_was_not_understood(parse: Parse) -> None:
    text = TEXTS[parse] + "what is this\n"
    result = parse(text, file="ticket.txt")
    [record] = result
    assert (len(result), result[0], result[-1], result[:1]) == (1, record, record, (record,))
    assert record in result
    assert bool(parse("")) is False
    assert record.source == ("ticket.txt", 1, 1)
    assert [(line.file, line.line) for line in result.unparsed] == [("ticket.txt", 2)]
    assert all(isinstance(line, Line) for line in result.unparsed)
    assert result.coverage == 0.5
    assert result == parse(text)
    assert result != parse(TEXTS[parse])
    assert repr(result) == "<ParseResult: 1 record, 1 line not understood>"


@pytest.mark.parametrize("parse", PARSERS)
def test_strict_raises_for_the_first_line_not_understood(parse: Parse) -> None:
    with pytest.raises(ParseError) as caught:
        parse(TEXTS[parse] + "\nwhat is this\nand this", file="ticket.txt", strict=True)
    assert (caught.value.file, caught.value.line) == ("ticket.txt", 3)


@pytest.mark.parametrize("parse", PARSERS)
def test_records_are_equal_wherever_they_were_read(parse: Parse) -> None:
    text = TEXTS[parse]
    [here], [there] = parse(text), parse(f"\n\n{text}", file="other")
    assert here == there
    assert hash(here) == hash(there)
    assert here.source != there.source


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize("end", ["\r\n", "\r", "\n\n"])
def test_line_ends_do_not_matter(parse: Parse, end: str) -> None:
    text = TEXTS[parse].replace("\n", end) * 2
    assert len(parse(text, strict=True)) == 2


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize("text", ["", "\n", " \t\n\n", "\r\n", "\ufeff"])
def test_no_text_is_no_records(parse: Parse, text: str) -> None:
    result = parse(text, strict=True)
    assert (list(result), result.unparsed, result.coverage) == ([], (), 1.0)


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize(
    "text", ["\0", "\x1b[31m", "\ud800", "é" * 10_000, "{{ x }}", "ttp://misc/x.txt", "<group>", "\u2028"]
)
def test_no_text_makes_it_raise(parse: Parse, text: str) -> None:
    for line in (text, TEXTS[parse] + text, text + TEXTS[parse]):
        assert parse(line).coverage <= 1.0


# --- the program around -----------------------------------------------------------------------------------------------


def test_importing_starts_nothing() -> None:
    before, after = python(
        """
import logging, threading
def state():
    root = logging.getLogger()
    return [root.level, len(root.handlers), root.manager.disable, threading.active_count()]
written = []
def audit(event, arguments):
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        written.append(str(arguments[0]))
    if event in DEEDS:
        written.append(event)
before = state()
sys.addaudithook(audit)
import aksnet_parse
for name in aksnet_parse.__all__:  # which loads what they stand for
    getattr(aksnet_parse, name)
print(json.dumps([[*before, [], False], [*state(), written, "ttp" in sys.modules]]))
"""
    )
    assert after == before


def test_parsing_writes_nothing_and_reads_only_what_it_is_made_of(tmp_path: Path) -> None:
    named = tmp_path / "named"
    named.write_text("secret")
    opened = python(
        f"""
import aksnet_parse
opened = []
def audit(event, arguments):
    if event == "open":
        writes = isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        opened.append(["w" if writes else "r", str(arguments[0])])
    elif event in DEEDS:
        opened.append([event, ""])
sys.addaudithook(audit)
{PARSE_ALL}
commands = aksnet_parse.COMMANDS  # which loads those that were not asked for yet
warm = len(opened)
for name in ("/etc/hostname", {str(named)!r}, "ttp://misc/Netmiko/huawei.vrp.cfg.txt", "."):
    for command in commands:
        command.parse(name)
print(json.dumps([opened[:warm], opened[warm:]]))
"""
    )
    first, later = opened
    assert later == []
    assert {mode for mode, _ in first} == {"r"}
    # The archive of the standard library is on Python's own path, whether it is there or not.
    code = [path for _, path in first if not (path.endswith(".zip") and path in sys.path)]
    assert all(path.endswith((".py", ".pyc", ".ttp", ".so")) or "dist-info" in path for path in code), code


def test_text_that_is_a_path_is_text() -> None:
    for parse in PARSERS:
        assert parse("/etc/hostname").coverage in {0.0, 1.0}
        assert list(parse("/etc/hostname")) == []


def test_text_never_reaches_ttp(monkeypatch: pytest.MonkeyPatch) -> None:
    ttp = pytest.importorskip("ttp.ttp").ttp

    def fail(*_: object, **__: object) -> None:
        raise AssertionError("text reached TTP")

    for parse, text in TEXTS.items():
        parse(text)
    for method in ("__init__", "add_input", "set_input", "add_template"):
        monkeypatch.setattr(ttp, method, fail)
    for parse, text in TEXTS.items():
        assert len(parse(text)) == 1


@pytest.mark.parametrize("where", ["folder", "package"])
def test_the_cache_of_ttp_is_neither_read_nor_written(where: str, tmp_path: Path) -> None:
    opened, left = python(
        f"""
import pickle
folder = {str(tmp_path)!r}
class Hostile:
    def __reduce__(self):
        return (open, (os.path.join(folder, "loaded"), "w"))
if {where!r} == "folder":
    os.environ["TTPCACHEFOLDER"] = folder
    with open(os.path.join(folder, "ttp_dict_cache.pickle"), "wb") as file:
        pickle.dump(Hostile(), file)
import aksnet_parse
opened = []
sys.addaudithook(lambda event, arguments: opened.append(str(arguments[0])) if event == "open" else None)
{PARSE_ALL}
print(json.dumps([[path for path in opened if path.endswith(".pickle")], sorted(os.listdir(folder))]))
"""
    )
    assert opened == []
    assert left == (["ttp_dict_cache.pickle"] if where == "folder" else [])


def test_ttp_of_the_program_around_stays_as_it_is(tmp_path: Path) -> None:
    """Its logger's level, its module, and its own parsers, before and after."""
    level, same, first, second = python(
        f"""
import logging
os.environ["TTPCACHEFOLDER"] = {str(tmp_path)!r}
import importlib
module = importlib.import_module("ttp.ttp")
TEMPLATE = '<group name="rows*">\\nport {{{{ name | upper }}}}\\n speed {{{{ speed | to_int }}}}\\n</group>'
TEXT = "port a\\n speed 10\\n"
own = module.ttp(TEXT, TEMPLATE)
logging.getLogger("ttp.ttp").setLevel(17)
before = dict(vars(module))
import aksnet_parse
{PARSE_ALL}
level = logging.getLogger("ttp.ttp").level
same = dict(vars(module)) == before and sys.modules["ttp.ttp"] is module
own.parse(one=True)
other = module.ttp(TEXT, TEMPLATE)
other.parse(one=True)
print(json.dumps([level, same, own.result(), other.result()]))
""",
        warnings="ignore",  # plain TTP has some to give
    )
    assert (level, same) == (17, True)
    assert first == second == [[{"rows": [{"name": "A", "speed": 10}]}]]


def test_ttp_can_be_used_by_other_threads_meanwhile(tmp_path: Path) -> None:
    results = python(
        f"""
os.environ["TTPCACHEFOLDER"] = {str(tmp_path)!r}
from concurrent.futures import ThreadPoolExecutor
from ttp import ttp
from aksnet_parse.grammar import Grammar
TEMPLATE = '<group name="rows*">\\nport {{{{ name | upper }}}}\\n</group>'
for _ in range(2):
    ttp("port a", TEMPLATE).parse(one=True)  # its cache is complete after the second
def work(number):
    if number % 2:
        grammar = Grammar('<group name="rows*">\\nport {{{{ name }}}}\\n</group>')
        return grammar.scan("port a").records["rows"][0]["name"]
    parser = ttp("port a\\nport b", TEMPLATE)
    parser.parse(one=True)
    return parser.result()[0][0]["rows"][0]["name"]
with ThreadPoolExecutor(4) as pool:
    print(json.dumps(list(pool.map(work, range(40)))))
""",
        warnings="ignore",  # plain TTP has some to give
    )
    assert results == ["A", "a"] * 20
