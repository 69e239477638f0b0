"""The grammar against plain TTP, and what TTP does not give: line numbers, unmatched lines, threads, bounded time."""

from __future__ import annotations

import importlib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aksnet_parse import COMMANDS, GrammarError
from aksnet_parse import grammar as grammar_module
from aksnet_parse.grammar import Grammar, load_template
from aksnet_parse.records import Line, Source
from aksnet_parse.transcript import find_captures

from .listings import (
    crictl_containers,
    crictl_pods_table,
    crictl_ps_table,
    docker_containers,
    docker_ps_table,
    inspect_document,
    inspected_containers,
    kubernetes_nodes,
    render_nodes,
    sandboxes,
)
from .strategies import (
    bridge_ports,
    bridges,
    containers,
    inspected,
    interfaces,
    ip_routes,
    kubernetes_pods,
    render_brctl_show,
    render_bridge_link,
    render_docker_inspect,
    render_ip_addr,
    render_ip_route,
    render_kubectl_get_pods,
    render_route_n,
    routes,
)

ROOT = Path(__file__).parents[1]
TEMPLATES = sorted(path.stem for path in (ROOT / "templates").glob("*.ttp"))
SAMPLES = sorted((ROOT / "samples").glob("*.txt"))


def template_of(command: Any) -> str:
    [name] = command.grammar.args
    return str(name)


# --- the oracle: plain TTP --------------------------------------------------------------------------------------------

Oracle = Callable[[str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oracle]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TTPCACHEFOLDER", str(tmp_path_factory.mktemp("ttp")))
        ttp = importlib.import_module("ttp").ttp
        parsers: dict[str, Any] = {}

        def parse(name: str, text: str) -> dict[str, Any]:
            if name not in parsers:
                parsers[name] = ttp(template=(ROOT / "templates" / f"{name}.ttp").read_text())
            parser = parsers[name]
            parser.clear_input()
            parser.clear_result()
            # Text that is one line long could be the name of a file to TTP; with a blank line before it it is none.
            parser.add_input("\n" + text)
            parser.parse(one=True)
            [[found]] = parser.result()
            assert isinstance(found, dict | list)
            return bare(found) if isinstance(found, dict) else {}

        yield parse


def bare(found: Any) -> Any:
    """Records as both can give them: no sources, no empty words, no records without words."""
    if isinstance(found, dict):
        kept = {key: bare(value) for key, value in found.items() if key != "source"}
        return {key: value for key, value in kept.items() if value not in ("", [], {})}
    if isinstance(found, list):
        return [value for value in map(bare, found) if value != {}]
    return found


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_samples_give_what_plain_ttp_gives(path: Path, oracle: Oracle) -> None:
    captures = find_captures(path.read_text(), COMMANDS)
    assert captures
    for capture in captures:
        text = "\n".join(capture.lines)
        name = template_of(capture.command)
        assert bare(capture.command.grammar().scan(text).records) == oracle(name, text)


def with_unknown_lines(text: str, lines: list[tuple[int, str]]) -> str:
    """``text`` with lines no rule takes between its own."""
    result = text.split("\n")
    for position, line in lines:
        result.insert(position % len(result), line)
    return "\n".join(result)


UNKNOWN = st.lists(
    st.tuples(
        st.integers(0, 99),
        st.sampled_from(("", "   ", "not a line of any tool", "    veth numtxqueues 1 numrxqueues 1 ", "é è\t")),
    ),
    max_size=3,
)


def _some_of(*lines: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(lines), max_size=5).map("\n".join)


TEXTS = {
    "ip_addr": st.lists(interfaces(), max_size=5).map(render_ip_addr),
    "brctl_show": st.lists(bridges(), max_size=5).map(render_brctl_show),
    "bridge_link": st.lists(bridge_ports(), max_size=5).map(render_bridge_link),
    "route_n": st.lists(routes(), max_size=5).map(render_route_n),
    "ip_route": st.lists(ip_routes(), max_size=5).map(render_ip_route),
    "kubectl_get_pods": st.lists(kubernetes_pods(), max_size=5).map(render_kubectl_get_pods),
    "ip_netns": _some_of("cni-1 (id: 0)", "blue", "  x", "nsid 1 (iproute2 netns name: cni-1)", "nsid 2 "),
    "ip_neigh": _some_of("10.0.0.1 dev eth0 lladdr 12:34:56:78:9a:bc REACHABLE ", "fe80::1 dev e router STALE"),
    "bridge_fdb": _some_of("12:34:56:78:9a:bc dev veth1 master cbr0 ", "33:33:00:00:00:01 dev br0 self permanent"),
    "cni_config": _some_of('  "type": "azure-vnet",', '"mode":"transparent"', '"mode":"overlay"},', '"bridge":"cbr0",'),
    "azure_vnet": _some_of(' "Mode": "bridge",', '"BridgeName": "azure0",', '"Mode": "x"'),
    "azure_vnet_ipam": _some_of(' "Addr": "10.9.0.36",', '"InUse": true', '"InUse" : false ,', '"Addr": "x"'),
    "az_aks": _some_of('"networkPlugin": "azure",', '  "networkPolicy": null', '"networkPluginMode":"overlay",'),
    "docker_inspect": st.lists(containers().flatmap(inspected), max_size=2).map(render_docker_inspect),
    "docker_ps": st.lists(docker_containers(), max_size=5).flatmap(docker_ps_table),
    "crictl_ps": st.lists(crictl_containers(), max_size=5).flatmap(crictl_ps_table),
    "crictl_pods": st.lists(sandboxes(), max_size=5).flatmap(crictl_pods_table),
    "crictl_inspect": inspected_containers().map(lambda row: json.dumps(inspect_document(row), indent=2)),
    "kubectl_get_nodes": st.lists(kubernetes_nodes(), max_size=5).map(render_nodes),
}


@pytest.mark.parametrize("name", TEMPLATES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_generated_texts_give_what_plain_ttp_gives(name: str, oracle: Oracle, data: st.DataObject) -> None:
    text = with_unknown_lines(data.draw(TEXTS[name]), data.draw(UNKNOWN))
    assert bare(load_template(name).scan(text).records) == oracle(name, text)


@pytest.mark.parametrize("name", TEMPLATES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_line_is_accounted_for_once(name: str, data: st.DataObject) -> None:
    text = with_unknown_lines(data.draw(TEXTS[name]), data.draw(UNKNOWN))
    scan = load_template(name).scan(text, file="f", first_line=7)
    lines = text.split("\n")
    assert scan.lines == sum(1 for line in lines if line.strip())
    assert scan.unmatched == sorted(set(scan.unmatched), key=lambda line: line.line)
    assert all(lines[line.line - 7] == line.text for line in scan.unmatched)

    def sources(found: Any) -> Iterator[Source]:
        if isinstance(found, dict):
            yield from [found["source"]] if "source" in found else []
            found = list(found.values())
        if isinstance(found, list):
            for item in found:
                yield from sources(item)

    covered = {line.line for line in scan.unmatched}
    for source in sources(scan.records):
        assert source.file == "f"
        assert 7 <= source.first_line <= source.last_line < 7 + len(lines)
        covered |= set(range(source.first_line, source.last_line + 1))
    assert covered >= {number for number, line in enumerate(lines, 7) if line.strip()}


# --- line numbers, order, and lines that belong nowhere ---------------------------------------------------------------

FAMILY = Grammar(
    """
<group name="parents*">
parent {{ name | re("WORD") }}
  age {{ age | re("[0-9]+") }}
<group name="children*">
  child {{ name | re("WORD") }}
    age {{ age | re("[0-9]+") }}
<group name="toys*">
    toy {{ name | re("WORD") }}
</group>
</group>
</group>

<group name="pets*">
pet {{ name | re("WORD") }}
</group>
"""
)


def family(text: str) -> tuple[dict[str, Any], list[int]]:
    scan = FAMILY.scan(text)
    return scan.records, [line.line for line in scan.unmatched]


def test_records_know_their_lines_and_unmatched_lines_theirs() -> None:
    scan = FAMILY.scan(
        "parent a\n  age 40\n\n  child b\n    noise\n    age 4\nparent c\npet d\n", file="family.txt", first_line=101
    )
    assert scan.records == {
        "parents": [
            {
                "name": "a",
                "age": "40",
                "source": ("family.txt", 101, 106),
                "children": [{"name": "b", "age": "4", "source": ("family.txt", 104, 106)}],
            },
            {"name": "c", "source": ("family.txt", 107, 107)},
        ],
        "pets": [{"name": "d", "source": ("family.txt", 108, 108)}],
    }
    assert scan.unmatched == [Line("family.txt", 105, "    noise")]
    assert scan.lines == 7


@pytest.mark.parametrize("text", ["", "\n", " \n\t\n"])
def test_blank_text_has_no_records_and_no_lines(text: str) -> None:
    scan = FAMILY.scan(text)
    assert (scan.records, scan.unmatched, scan.lines) == ({"parents": [], "pets": []}, [], 0)


@pytest.mark.parametrize("text", ["parent a", "parent a\n", "parent a  \t", "parent  \t a"])
def test_blanks_between_and_behind_words_do_not_matter(text: str) -> None:
    assert family(text) == ({"parents": [{"name": "a", "source": (None, 1, 1)}], "pets": []}, [])


@pytest.mark.parametrize("text", [" parent a", "parent a b", "xparent a", "parent", "parent a\r"])
def test_a_rule_takes_the_whole_line_or_nothing(text: str) -> None:
    assert family(text) == ({"parents": [], "pets": []}, [1])


@pytest.mark.parametrize(
    ("text", "unmatched"),
    [
        ("  child b\nparent a", [1]),
        ("  age 4\nparent a", [1]),
        ("    age 4", [1]),
        ("    toy x\nparent a\n    toy x", [1, 3]),
        ("parent a\npet d\n  child b\n  age 4", [3, 4]),
        ("parent a\n  child b\n    toy x\n    age 4", []),
        ("parent a\n  child b\n  age 4\n    toy x", [4]),
    ],
)
def test_a_line_whose_record_is_not_open_is_unmatched(text: str, unmatched: list[int]) -> None:
    assert family(text)[1] == unmatched


def test_a_second_line_of_a_kind_that_occurs_once_is_unmatched_and_overwrites_nothing() -> None:
    records, unmatched = family("parent a\n  age 40\n  age 41\n  child b\n    age 4\n    age 5\n")
    assert unmatched == [3, 6]
    assert bare(records) == {"parents": [{"name": "a", "age": "40", "children": [{"name": "b", "age": "4"}]}]}


def test_takes_and_starts() -> None:
    assert [FAMILY.takes(line) for line in ("parent a", "  age 4", "pet", "")] == [True, True, False, False]
    assert [FAMILY.starts(line) for line in ("parent a", "  child b", "pet d", "x")] == [True, False, True, False]


def test_words_with_capturing_groups_of_their_own() -> None:
    grammar = Grammar(
        '<vars>\nPAIR = r"(a|b)(c)?"\n</vars>\n<group name="rows*">\n'
        '{{ x | re("PAIR") }} {{ y | PHRASE }}\n{{ z | re("PAIR") | _start_ }}\n</group>'
    )
    assert bare(grammar.scan("ac some words\nb").records) == {"rows": [{"x": "ac", "y": "some words"}, {"z": "b"}]}


# --- templates that are not grammars ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "template",
    {
        "nothing": "",
        "no template": "just text",
        "no XML": "<group name='a*'>\n{{ x }}\n",
        "raw less-than": '<group name="a*">\n<{{ x }}>\n</group>',
        "no group": "<doc>\nnothing here\n</doc>",
        "only a line": "interface {{ name }}",
        "group without a name": "<group>\nx {{ name }}\n</group>",
        "child group without a name": '<group name="a*">\nx {{ name }}\n<group>\ny {{ z }}\n</group>\n</group>',
        "group without a star": '<group name="a">\nx {{ name }}\n</group>',
        "group with two stars": '<group name="a**">\nx {{ name }}\n</group>',
        "null path": '<group name="_*">\nx {{ name }}\n</group>',
        "path of two": '<group name="a.b*">\nx {{ name }}\n</group>',
        "dynamic path": '<group name="{{ name }}*">\nx {{ name }}\n</group>',
        "absolute path": '<group name="a*">\nx {{ n }}\n<group name="/b*">\ny {{ z }}\n</group>\n</group>',
        "group without lines": '<group name="a*">\n<group name="b*">\nx {{ name }}\n</group>\n</group>',
        "line without a variable": '<group name="a*">\nx {{ name }}\njust text\n</group>',
        "function": '<group name="a*">\nx {{ name | upper }}\n</group>',
        "unknown function": '<group name="a*">\nx {{ name | nonsense }}\n</group>',
        "conversion": '<group name="a*">\nx {{ name | to_int }}\n</group>',
        "condition": '<group name="a*">\nx {{ name | contains("y") }}\n</group>',
        "set": '<group name="a*">\nx {{ name }}\n{{ kind | set("x") }}\n</group>',
        "conditional set": '<group name="a*">\nx {{ name }}\nup {{ up | set(True) }}\n</group>',
        "default": '<group name="a*">\nx {{ name | default("y") }}\n</group>',
        "group default": '<group name="a*" default="y">\nx {{ name }}\n</group>',
        "join": '<group name="a*">\nx {{ name }}\ny {{ more | joinmatches }}\n</group>',
        "_line_": '<group name="a*">\nx {{ name }}\n{{ rest | _line_ }}\n</group>',
        "_end_": '<group name="a*">\nx {{ name }}\nend {{ _end_ }}\n</group>',
        "_headers_": '<group name="a*">\nName  Age {{ _headers_ }}\n</group>',
        "macro": '<macro>\ndef f(data):\n    return data\n</macro>\n<group name="a*">\n{{ n | macro("f") }}\n</group>',
        "unused macro": '<macro>\ndef f(data):\n    return data\n</macro>\n<group name="a*">\nx {{ n }}\n</group>',
        "group function": '<group name="a*" contains="name">\nx {{ name }}\n</group>',
        "group output": '<output name="o"/>\n<group name="a*" output="o">\nx {{ name }}\n</group>',
        "output": '<group name="a*">\nx {{ name }}\n</group>\n<output format="json"/>',
        "input": '<input load="text">\nx y\n</input>\n<group name="a*">\nx {{ name }}\n</group>',
        "group input": '<group name="a*" input="/etc">\nx {{ name }}\n</group>',
        "lookup": '<lookup name="l">\na = 1\n</lookup>\n<group name="a*">\nx {{ name }}\n</group>',
        "two templates": "<template>\nx {{ a }}\n</template>\n<template>\ny {{ b }}\n</template>",
        "vars among the results": '<vars name="v">\na = 1\n</vars>\n<group name="a*">\nx {{ name }}\n</group>',
        "unknown tag": '<nonsense>\n</nonsense>\n<group name="a*">\nx {{ name }}\n</group>',
        "unknown tag in a group": '<group name="a*">\nx {{ name }}\n<nonsense>\ny {{ z }}\n</nonsense>\n</group>',
        "bad regex": '<group name="a*">\nx {{ name | re("[") }}\n</group>',
        "alternation in re()": '<group name="a*">\nx {{ name | re("a|b") }}\n</group>',
        "unreadable attribute": '<group name="a*">\nx {{ name | re("a }}\n</group>',
        "nothing in a variable": '<group name="a*">\nx {{ | }}\n</group>',
        "name twice in a line": '<group name="a*">\nx {{ name }} {{ name }}\n</group>',
        "no identifier": '<group name="a*">\nx {{ a-b }}\n</group>',
        "named group in re()": '<group name="a*">\nx {{ name | re("(?P<y>a)") }}\n</group>'.replace("<y>", "&lt;y&gt;"),
        "reference": '<vars>\nX = r"(.)\\2"\n</vars>\n<group name="a*">\n{{ n | re("X") }}\n</group>',
        "named reference": '<vars>\nX = r"(?P=n)"\n</vars>\n<group name="a*">\n{{ n }} {{ m | re("X") }}\n</group>',
        "condition on a group": '<vars>\nX = r"(a)?(?(2)b)"\n</vars>\n<group name="a*">\n{{ n | re("X") }}\n</group>',
        "words on a _start_ line": '<group name="a*">\nx {{ name }} {{ _start_ }}\n</group>',
        "late _start_": '<group name="a*">\n{{ n }}\n<group name="b*">\n{{ m }}\n</group>\n{{ o | _start_ }}\n</group>',
        "word named source": '<group name="a*">\nx {{ source }}\n</group>',
        "word named as a child": '<group name="a*">\nx {{ b }}\n<group name="b*">\ny {{ n }}\n</group>\n</group>',
    }.items(),
    ids=lambda item: item[0],
)
def test_a_template_that_is_no_grammar(template: tuple[str, str]) -> None:
    with pytest.raises(GrammarError):
        Grammar(template[1])


def test_a_template_is_never_taken_for_a_file_name(tmp_path: Path) -> None:
    path = tmp_path / "template.ttp"
    path.write_text('<group name="a*">\nx {{ name }}\n</group>')
    with pytest.raises(GrammarError):
        Grammar(str(path))
    with pytest.raises(GrammarError):
        Grammar("ttp://misc/Netmiko/huawei.vrp.cfg.txt")


def test_a_template_that_does_not_ship() -> None:
    with pytest.raises(GrammarError, match=r"no_such_command\.ttp"):
        load_template("no_such_command")


# --- threads ----------------------------------------------------------------------------------------------------------


def test_first_use_by_many_threads_compiles_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compile_with_ttp = grammar_module._compile_with_ttp

    def count(template: str) -> Any:
        compiled.append(template)
        time.sleep(0.01)
        return compile_with_ttp(template)

    monkeypatch.setattr(grammar_module, "_compile_with_ttp", count)
    monkeypatch.setattr(grammar_module, "_grammars", {})
    barrier = threading.Barrier(8)

    def load(number: int) -> Grammar:
        barrier.wait()
        return load_template(TEMPLATES[number % 2])

    with ThreadPoolExecutor(8) as pool:
        loaded = list(pool.map(load, range(8)))
    assert len(set(map(id, loaded))) == 2
    assert len(compiled) == 2


def test_many_threads_read_different_texts() -> None:
    def read(number: int) -> bool:
        text = "".join(f"parent p{number}\n  child c{number}.{i}\n    age {i}\n" for i in range(200))
        return all(
            record["name"] == f"p{number}" and record["children"][0]["name"] == f"c{number}.{i}"
            for i, record in enumerate(FAMILY.scan(text).records["parents"])
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(read, range(64)))


def test_templates_can_be_compiled_by_many_threads() -> None:
    def build(number: int) -> str:
        grammar = Grammar(f'<group name="rows*">\nw{"x" * number} {{{{ name }}}}\n</group>')
        return str(grammar.scan(f"w{'x' * number} y").records["rows"][0]["name"])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(build, range(32))) == ["y"] * 32


# --- bounded time -----------------------------------------------------------------------------------------------------

# Every part of every line, with all that may be left out.
FULL_LINES = {
    "ip_addr": (
        "16: azv@odd@if15: <BROADCAST,UP> mtu 1500 qdisc noqueue master br0 state UP mode DEFAULT group default qlen 1",
        "16: a@b: <UP> mtu 9 xdp/id:7 state UP qlen 1 link-netnsid 0 link-netns x protodown on protodown_reason <3>",
        "    link/ether 92:81:10:67:e0:26 brd ff:ff:ff:ff:ff:ff peer ::1 permaddr 92:81:10:67:e0:26 link-netnsid 4",
        "    link/tunnel6 :: brd :: link-netnsid unknown link-netns x protodown on protodown_reason <3>",
        "    alias some text",
        "    altname name",
        "    inet 10.0.0.4 peer 10.0.0.5/24 metric 9 brd 10.0.0.9 scope global dynamic flags 800 proto kernel_l eth0:1",
        "    inet6 fe80::1 peer fe80::2/64 metric 256 any ff02::1 scope link tentative dynamic flags 800 proto x ",
        "       valid_lft 100sec preferred_lft forever",
    ),
    "route_n": (
        "Kernel IP routing table",
        "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface",
        "Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface",
        "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface    MSS   Window irtt",
        "Kernel IPv6 routing table",
        "Destination                    Next Hop                   Flag Met Ref  Use If",
        "10.0.0.0        10.0.0.1        255.255.0.0     !UGH  -1      -        0 eth0",
        "10.0.0.0        10.0.0.1        255.255.0.0     UG    0       0        0 eth0     1340  5000   100",
        "fd00::/64                      fe80::1                    UGe  1024 1      0 eth0",
    ),
    "ip_route": (
        "unicast 10.0.0.0/24 nhid 7 via 10.0.0.1 dev eth0 table main proto static scope link src 10.0.0.2 metric 1 ",
        "default via inet6 fe80::1 dev eth0  mtu lock 1400 features ecn pref medium",
        "2001:db8::/64  encap seg6 mode encap segs 2 [ fd00::a fd00::b ] dev eth0 metric 1024 pref medium",
        "\tnexthop  encap ip id 7 dst 1.2.3.4 via 10.0.0.1 dev eth0 weight 1 onlink ",
        "\tvxlan_opts 7 dev eth0 scope link",
        "\tnh_info id 9 group 7,3/8,2 scope global proto unspec ",
        "    cache <local> expires 5sec users 2 mtu lock 1400",
    ),
    "brctl_show": (
        "bridge name\tbridge id\t\tSTP enabled\tinterfaces",
        "br0\t\t8000.261d047bdeba\tyes\t\tveth0",
        "\t\t\t\t\t\t\tveth1",
    ),
    "bridge_link": (
        "16: azv@odd@cbr0: <BROADCAST,UP> mtu 1500 master cbr0 state forwarding priority 32 cost 2 hwmode VEB",
        "16: azv@NONE: <UP> mtu 1500 master cbr0 state (9) priority 32 cost 2",
        "16: azv state UP @cbr0: <UP> mtu 1500 master cbr0 state (9) priority 32 cost 2 hwmode 0x2",
        "    hairpin off learning on mcast_router 1 mcast_to_unicast off backup_port azv1 isolated off hwmode VEB",
    ),
    "kubectl_get_pods": (
        "NAMESPACE  NAME  READY  STATUS  RESTARTS  AGE  IP  NODE  NOMINATED NODE  READINESS GATES  LABELS",
        "shop  web-0  1/1  Init:0/1  117 (89s ago)  3d21h  10.0.0.9  node-1  <none>  1/1  app=web",
        "web-0  0/1  Running  0  <unknown>",
    ),
    "docker_inspect": (
        '        "Id": "0b7c7a46ade1",',
        '            "Pid": 16315,',
        '        "Name": "/k8s_POD_a_b_c_0" ,',
        '            "NetworkMode": "none",',
        '            "SandboxKey": "/var/run/docker/netns/x",',
        '            "IPAddress": "172.17.0.2",',
        '            "IPPrefixLen": 16,',
        '            "MacAddress": "02:42:ac:11:00:02"',
        '                "io.kubernetes.pod.name": "x",',
        "    -1.5e+3 ,",
        "    null ,",
    ),
    "docker_ps": (
        "CONTAINER ID IMAGE COMMAND CREATED STATUS PORTS NAMES SIZE",
        '0b7c7a46ade1 <no image> "sh \\"x\\"" 2 days ago Up 2 days (Paused) 1:8-9->8/tcp, 1/udp a/b,a 1B (virtual 2MB)',
        "0b7c7a46ade1 x “sh” 2 days ago Exited (1) Less than a second ago web",
        '0b7c7a46ade1 x "sh" 2 days ago Removal In Progress web',
    ),
    "crictl_ps": (
        "CONTAINER ID IMAGE CREATED STATE NAME ATTEMPT POD ID POD NAMESPACE",
        "0b7c7a46ade1f sha256:00 Less than a second ago CONTAINER_RUNNING web 0 0b7c7a46ade1e web-1 default",
        "0b7c7a46ade1f sha256:00 About an hour ago Running web 0 0b7c7a46ade1e",
    ),
    "crictl_pods": (
        "POD ID CREATED STATE NAME NAMESPACE ATTEMPT RUNTIME",
        "0b7c7a46ade1f Less than a second ago SANDBOX_NOTREADY web-1 default 0 (default)",
        "0b7c7a46ade1f About an hour ago Ready web-1 default 0",
    ),
    "crictl_inspect": (
        ' "id": "0b7c7a46ade1",',
        ' "state": "SANDBOX_READY" ,',
        ' "sandboxID": "0b7c7a46ade1",',
        ' "pid": 16315,',
        ' "ip": "10.244.0.5",',
        ' "network": "NODE",',
        ' "path": "/var/run/netns/cni-1",',
        ' "path": "/proc/16315/ns/net"',
        ' "io.kubernetes.pod.name": "x",',
        " -1.5e+3 ,",
        " null ,",
    ),
    "kubectl_get_nodes": (
        "NAME STATUS ROLES AGE VERSION INTERNAL-IP EXTERNAL-IP OS-IMAGE KERNEL-VERSION CONTAINER-RUNTIME LABELS",
        "aks-1 Ready,SchedulingDisabled agent,x 5d2h v1.29.2 agentpool=x",
        "aks-1 Ready <none> 5d v1.29.2 10.0.0.4 <none> Ubuntu 22.04 LTS 5.15.0 containerd://1.7 a=b",
    ),
    "ip_netns": (
        "  cni-6f1d9a3e-0001 (id: 3)",
        "nsid 3 current-nsid 4 (iproute2 netns name: cni-6f1d9a3e-0001)",
        "nsid unassigned current-nsid unassigned (iproute2 netns name: x)",
    ),
    "ip_neigh": (
        "  10.224.0.7 dev eth0 lladdr 12:34:56:78:9a:bc router proxy  ref 1 used 1/61/1probes 4 STALE proto static ",
        "fe80::1234:5678:9abc:def0 FAILED",
    ),
    "bridge_fdb": (
        "  12:34:56:78:9a:bc dev vx0 dst 10.9.0.3 vlan 1 port 4790 vni 7 via br0 used 1/1 self master br0 permanent",
        "12:34:56:78:9a:bc state=0x40",
    ),
    "cni_config": (
        '   { "type" : "azure-vnet" , ',
        '    "type": "azure-vnet-ipam" },',
        '  "mode": "transparent-vlan",',
        '  "mode": "overlay" }',
        '  "bridge": "azure0",',
    ),
    "azure_vnet": ('    "Mode" : "transparent-vlan" ,', '    "BridgeName": "azure0",'),
    "azure_vnet_ipam": ('    "Addr": "10.9.0.36",', '    "InUse" : true ,'),
    "az_aks": (
        '    "networkPlugin" : "azure" ,',
        '    "networkPluginMode": null,',
        '    "networkPolicy": "calico",',
        '    "networkDataplane": "cilium"',
    ),
}
FILLINGS = (
    " ",
    "\t",
    "0",
    "a",
    "a ",
    "é",
    ":",
    "::",
    "0:",
    ".",
    "1.",
    "@",
    "a@",
    "@if1",
    "-",
    "/",
    "<",
    ",",
    '"',
    "\\",
    '"a":',
    "{",
    "inet ",
    "inet6 ",
    "altname ",
    " secondary",
    " flags 1",
    " proto a",
    "yes ",
)


def hostile_lines(line: str, size: int) -> Iterator[str]:
    """``line`` with each of its words, blanks and signs repeated or replaced by ``size`` characters, whole and cut."""
    pieces = re.findall(r"\w+|\s+|[^\w\s]", line)
    for index, piece in enumerate(pieces):
        before, after = "".join(pieces[:index]), "".join(pieces[index + 1 :])
        for filling in (piece, *FILLINGS):
            blown = before + filling * (size // len(filling))
            yield blown + after
            yield blown + after + " ! !"
            yield blown + " ! !"


@pytest.mark.parametrize("name", TEMPLATES)
def test_full_lines_are_of_the_template(name: str) -> None:
    assert [line for line in FULL_LINES[name] if not load_template(name).takes(line)] == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_pattern_is_linear(name: str) -> None:
    # A linear pattern takes well under a millisecond; a quadratic one takes some hundred.
    grammar = load_template(name)
    slow: list[str] = []
    for line in FULL_LINES[name]:
        for hostile in hostile_lines(line, 5_000):
            if all(_seconds(grammar.takes, hostile) > 0.05 for _ in range(4)):
                slow.append(hostile[:80])
    assert slow == []


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("filling", FILLINGS)
def test_a_hundred_thousand_characters_are_no_work(name: str, filling: str) -> None:
    starts = ("", *(line[: len(line) * part // 4] for line in FULL_LINES[name] for part in (1, 2, 3, 4)))
    text = "\n".join(start + filling * (100_000 // len(filling)) + " !" for start in starts)
    assert _seconds(load_template(name).scan, text) < 5


def _seconds(call: Callable[[str], Any], text: str) -> float:
    begun = time.process_time()
    call(text)
    return time.process_time() - begun
