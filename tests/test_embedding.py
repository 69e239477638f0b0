"""What other programs build on: public names, `python -m`, commands of their own, types as a consumer sees them."""

from __future__ import annotations

import inspect
import json
import os
import pickle
import runpy
import shutil
import sys
import tomllib
from pathlib import Path

import pytest

import aksnet_parse
from aksnet_parse import COMMANDS, Command, Processes, UsageError, analyze, analyze_many, installed_commands, read
from aksnet_parse.cli import main

from .consumer import program

ROOT = Path(__file__).parent.parent
PLUGIN = Path(__file__).parent / "plugin"
AZURE = ROOT / "samples" / "azure-cni-transparent.txt"
# Captured in a network namespace (iproute2 6.1.0).
RULES = """\
0:\tfrom all lookup local
28:\tnot from all fwmark 0xca6c lookup 51820
29:\tfrom all to 10.241.0.0/16 iif eth0 [detached] lookup 101
30:\tfrom all fwmark 0x2000/0x2000 lookup 200
32765:\tfrom 10.240.0.9 lookup 100
32766:\tfrom all lookup main
32767:\tfrom all lookup default
"""
TICKET = (
    f"azureuser@aks-1:~$ ip rule\n{RULES}azureuser@aks-1:~$ ip addr\n1: lo: <LOOPBACK,UP> mtu 65536 qdisc noqueue\n"
)


# --- a command of one's own -------------------------------------------------------------------------------------------


def install(into: Path, entry: str | None = None) -> None:
    """What an installer does with the package in ``tests/plugin``: its module and what it says of itself.

    ``entry``: what it names in place of its command."""
    project = tomllib.loads((PLUGIN / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    shutil.copy(PLUGIN / "aksnet_parse_ip_rule.py", into)
    about = into / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n", encoding="utf-8"
    )
    lines = []
    for group, points in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {entry or value}" for name, value in points.items())]
    (about / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    install(folder)
    monkeypatch.syspath_prepend(folder)
    return folder


def own() -> Command[aksnet_parse.Record]:
    [command] = installed_commands()[len(COMMANDS) :]
    return command


def test_without_other_packages_there_are_the_commands_of_this_one() -> None:
    assert installed_commands() == COMMANDS


def test_a_command_of_another_package_is_read_where_it_is_asked_for(plugin: Path) -> None:
    command = own()
    assert command.name == "ip rule"
    [node] = read(TICKET, commands=installed_commands()).nodes
    rules, addresses = node.captures
    assert rules.command == "ip rule"
    assert [(rule.model_dump()["priority"], rule.model_dump()["table"]) for rule in rules.result] == [
        (0, "local"),
        (28, "51820"),
        (29, "101"),
        (30, "200"),
        (32765, "100"),
        (32766, "main"),
        (32767, "default"),
    ]
    assert rules.result[1].source == (None, 3, 3)
    assert addresses.command == "ip addr"
    # Not for who did not ask.
    assert [capture.command for capture in read(TICKET).nodes[0].captures] == ["ip addr"]
    # By its look alone, without a command line, and in an analysis.
    [analysis] = analyze(read(RULES, commands=[command])).nodes
    assert [capture.command for capture in analysis.captures] == ["ip rule"]
    assert analysis.unparsed == ()


def test_a_file_of_a_bundle_can_be_named_after_it(plugin: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    (bundle / "ip_rule.txt").write_text(RULES.replace("0:\tfrom all lookup local\n", ""), encoding="utf-8")
    assert read(bundle).nodes == ()
    [node] = read(bundle, commands=installed_commands()).nodes
    assert len(node.captures[0].result) == 6


def test_the_command_line_knows_what_is_installed(
    plugin: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ticket.txt"
    path.write_text(TICKET, encoding="utf-8")
    assert main(["commands"]) == 0
    assert capsys.readouterr().out.rstrip("\n").split("\n")[-1] == "ip rule"
    assert main([str(path), "--format", "json"]) == 0
    [node] = json.loads(capsys.readouterr().out)["nodes"]
    assert [capture["command"] for capture in node["captures"]] == ["ip rule", "ip addr"]
    alone = tmp_path / "rules.txt"
    alone.write_text(RULES, encoding="utf-8")
    assert main(["parse", "ip rule", str(alone), "--format", "jsonl"]) == 0
    lines = capsys.readouterr().out.rstrip("\n").split("\n")
    assert json.loads(lines[2])["packets"] == "from all to 10.241.0.0/16 iif eth0 [detached]"
    assert len(lines) == 7


def test_other_processes_read_it_too(plugin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ticket.txt"
    path.write_text(TICKET, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(plugin), str(ROOT))))
    with Processes(1) as processes:
        [case] = analyze_many([path], processes, commands=installed_commands())
    assert case.error is None
    assert [capture.command for capture in case.analysis.nodes[0].captures] == ["ip rule", "ip addr"]


def test_every_command_survives_a_pickle(plugin: Path) -> None:
    for command in COMMANDS:
        assert pickle.loads(pickle.dumps(command)) is command
    copied = pickle.loads(pickle.dumps(own()))
    assert copied.parse(RULES) == own().parse(RULES)
    reading = read(AZURE)
    assert pickle.loads(pickle.dumps(reading)).nodes[0].interfaces == reading.nodes[0].interfaces


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("no_such_module:X", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("aksnet_parse_ip_rule:X", "AttributeError: module 'aksnet_parse_ip_rule' has no attribute 'X'"),
        ("aksnet_parse_ip_rule:TEMPLATE", "it is a str, not a Command"),
        ("aksnet_parse.commands.ip_addr:IP_ADDR", "there is another command named 'ip addr'"),
    ],
)
def test_a_command_that_cannot_be_used_gets_one_clear_message(
    entry: str,
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    install(tmp_path, entry)
    monkeypatch.syspath_prepend(tmp_path)
    message = f"the command 'ip-rule' of the package aksnet-parse-ip-rule cannot be used: {reason}"
    with pytest.raises(UsageError) as raised:
        installed_commands()
    assert str(raised.value) == message
    assert main([str(AZURE)]) == 2
    assert capsys.readouterr() == ("", f"aksnet-parse: {message}\n")
    assert len(read(AZURE).nodes) == 1


# --- names ------------------------------------------------------------------------------------------------------------

# Programs are written against these: none goes away, or takes other arguments by position, within a major version.
NAMES = """
COMMANDS FINDINGS Address AksCluster AksnetParseError Analysis AzureEndpoint AzureIpamAddress AzureNetwork Bridge
BridgePort Case CniConfig CniPlugin Command Comparison Container Explanation FindingKind ForwardingEntry Grammar
GrammarError Interface KubernetesNode KubernetesPod Limits Line LinkInfo MacAddress NamedNamespace Neighbour Nexthop
Node ParseError ParseResult Processes ReadError Reading Record Redaction Route Source Statistics Trace UsageError
__version__ analyze analyze_many compare explain installed_commands parse_az_aks parse_azure_vnet
parse_azure_vnet_ipam parse_brctl_show parse_bridge_fdb parse_bridge_link parse_cni_config parse_crictl_inspect
parse_crictl_inspectp parse_crictl_pods parse_crictl_ps parse_docker_inspect parse_docker_ps parse_ip_addr
parse_ip_link parse_ip_neigh parse_ip_netns parse_ip_route parse_kubectl_get_nodes parse_kubectl_get_pods
parse_route_n read redact trace
"""
CALLS = {
    "analyze": "(reading)",
    "analyze_many": "(paths, executor, *, limits, ahead, finish, commands)",
    "compare": "(before, after)",
    "explain": "(reading, word)",
    "installed_commands": "()",
    "parse_ip_addr": "(text, *, file, strict)",
    "read": "(source, *, file, limits, commands)",
    "redact": "(model, key)",
    "trace": "(reading, source, target)",
}


def test_the_public_names_stay() -> None:
    missing = set(NAMES.split()) - set(aksnet_parse.__all__)
    assert missing == set()


def shape(function: object) -> str:
    """A signature without types and defaults."""
    assert callable(function)
    parameters = inspect.signature(function).parameters.values()
    bare = [parameter.replace(annotation=parameter.empty, default=parameter.empty) for parameter in parameters]
    return str(inspect.Signature(bare))


def test_public_functions_are_called_as_before() -> None:
    assert {name: shape(getattr(aksnet_parse, name)) for name in CALLS} == CALLS


@pytest.mark.parametrize(
    "arguments",
    [
        [str(AZURE)],
        ["--version"],
        ["analyze", str(AZURE), "--pod", "10.220.2.21"],
        ["trace", str(AZURE), "--from", "node", "--to", "10.220.2.21", "--format", "json"],
        ["compare", str(AZURE), str(AZURE)],
        ["parse", "ip route", str(ROOT / "tests" / "captures" / "iproute2-6.1" / "ip_route.txt")],
        ["findings", "veth-leaked"],
        ["commands"],
        ["schema", "trace"],
        ["completion", "bash"],
    ],
    ids=lambda arguments: str(arguments[0]).rpartition("/")[2],
)
def test_python_dash_m_is_the_program(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["aksnet_parse", *arguments])
    with pytest.raises(SystemExit) as raised:
        runpy.run_module("aksnet_parse", run_name="__main__", alter_sys=True)
    assert not raised.value.code
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out


# --- a consumer -------------------------------------------------------------------------------------------------------


def test_the_program_that_type_checkers_read_runs(tmp_path: Path) -> None:
    assert list(program.wiring(ROOT / "samples" / "azure-cni-broken.txt"))[:2] == [
        "10.240.0.5/16 route 10.240.0.5/32",
        "10.240.0.6/16 partial",
    ]
    addresses = (ROOT / "tests" / "captures" / "iproute2-6.1" / "ip_addr.txt").read_text(encoding="utf-8")
    assert program.records(addresses)[:2] == [("lo", 1), ("eth0", 2)]
    assert len(program.one_pod(read(AZURE), "10.220.2.21")) > 4
    assert program.difference(AZURE, ROOT / "samples" / "azure-cni-broken.txt").changed
    assert program.many([AZURE, tmp_path]) == [None, "nothing recognised"]
    called = "$ sysctl net.ipv4.ip_forward net.ipv4.conf.all.rp_filter\n"
    assert program.settings(f"{called}net.ipv4.ip_forward = 0\nnet.ipv4.conf.all.rp_filter = 0\n") == {
        "net.ipv4.ip_forward": "0",
        "net.ipv4.conf.all.rp_filter": "0",
    }
    assert "No such file" in program.failures(tmp_path / "missing")
    assert program.failures(AZURE) == "None nonsense"
