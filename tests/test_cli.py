"""The command line: what goes to which stream, with which exit status, and never a traceback."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from aksnet_parse.cli import main
from aksnet_parse.commands import COMMANDS
from tests.required import cannot_run

ROOT = Path(__file__).parent.parent
SAMPLES = sorted((ROOT / "samples").glob("*.txt"))
EMPTY = {"schema_version": 2, "nodes": [], "listed_pods": [], "listed_nodes": [], "unread": []}
AZURE = ROOT / "samples" / "azure-cni-transparent.txt"


def _run(*arguments: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "aksnet_parse", *arguments],
        input=stdin,
        capture_output=True,
        env={**os.environ, **environment},
        check=False,
    )


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_json_of_every_sample_fits_the_schema(sample: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert main([str(sample), "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(answer, schema)
    assert list(answer) == ["schema_version", "nodes", "skipped", "listed_pods", "listed_nodes", "unread"]
    assert list(answer["nodes"][0]) == ["name", "mode", "uplink", "pods", "findings", "captures", "unparsed"]
    assert answer["nodes"][0]["unparsed"] == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_text_of_every_sample_names_every_pod(sample: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(sample), "--format", "json"])
    (node,) = json.loads(capsys.readouterr().out)["nodes"]
    assert main(["analyze", str(sample)]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    for finding in node["findings"]:
        assert finding["message"].split()[-1] in shown.out
    for pod in node["pods"]:
        assert pod["veth"]["name"] in shown.out
        assert pod["addresses"][0] in shown.out
    assert not any(line.endswith(" ") for line in shown.out.split("\n"))


def test_several_paths_are_one_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "300")  # no path is broken, however long
    text = AZURE.read_text(encoding="utf-8")
    parts = text.split("\n\n")
    paths = []
    for number, part in enumerate(parts):
        path = tmp_path / f"{number}.txt"
        path.write_text(part, encoding="utf-8")
        paths.append(str(path))
    assert main([*paths, "--format", "json"]) == 0
    (node,) = json.loads(capsys.readouterr().out)["nodes"]
    assert [pod["status"] for pod in node["pods"]].count("proven") == 1
    assert main(paths) == 0
    assert f"{paths[-1]}:" in capsys.readouterr().out


def test_standard_input() -> None:
    done = _run("-", "--format", "json", stdin=AZURE.read_bytes())
    assert done.returncode == 0
    assert done.stderr == b""
    assert json.loads(done.stdout)["nodes"][0]["captures"][0]["file"] == "<stdin>"


def test_nothing_recognised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "prose.txt"
    path.write_text("Nothing but prose.\n", encoding="utf-8")
    assert main([str(path)]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("aksnet-parse: nothing recognised in ")
    assert main([str(path), "--format", "json"]) == 1
    assert json.loads(capsys.readouterr().out) == {**EMPTY, "skipped": []}


def test_an_unreadable_file_is_named_and_the_rest_answered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "missing.txt")
    assert main([missing, str(AZURE), "--format", "json"]) == 2
    shown = capsys.readouterr()
    assert shown.err == f"aksnet-parse: {missing}: No such file or directory\n"
    answer = json.loads(shown.out)
    assert len(answer["nodes"]) == 1
    assert answer["skipped"] == [{"file": missing, "reason": "No such file or directory"}]


def test_an_empty_folder_holds_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith(f"aksnet-parse: nothing recognised in {tmp_path}: no output of ")


def test_a_folder_is_no_command_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parse", "ip addr", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"aksnet-parse: {tmp_path}: is a folder; name the files in it\n"


def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["analyze"], ["--no-such-option"], [str(AZURE), "--format", "yaml"]):
        with pytest.raises(SystemExit) as raised:
            main(arguments)
        assert raised.value.code == 2
    assert main([]) == 2
    assert main(["parse", "ip frobnicate", str(AZURE)]) == 2
    assert f"there are: {', '.join(command.name for command in COMMANDS)}" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [[""], [str(AZURE), ""], ["compare", "", str(AZURE)], ["trace", "", "--from", "node", "--to", "1.1.1.1"]],
)
def test_an_empty_path_is_not_the_current_folder(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "an empty path" in capsys.readouterr().err


def test_without_rich_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name == "rich" or name.startswith("rich.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "aksnet_parse.render.text", raising=False)
    monkeypatch.setitem(sys.modules, "rich", None)
    assert main([str(AZURE)]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert "pip install 'aksnet-parse[cli]'" in shown.err
    assert main([str(AZURE), "--format", "json"]) == 0


@pytest.mark.parametrize("name", ["ip addr", "ip-addr", "ip_addr", "IP ADDR"])
def test_parse_gives_records_and_reports_the_rest(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = b"1: lo: <LOOPBACK,UP> mtu 65536 qdisc noqueue state UNKNOWN\n    inet 127.0.0.1/8 scope host lo\n  what?\n"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert main(["parse", name]) == 0
    shown = capsys.readouterr()
    (record,) = json.loads(shown.out)
    assert record["ifname"] == "lo"
    assert record["addr_info"][0]["local"] == "127.0.0.1"
    assert record["source"] == {"file": "<stdin>", "first_line": 1, "last_line": 2}
    assert shown.err == "aksnet-parse: <stdin>, line 3: not understood as output of ip addr: '  what?'\n"


def test_parse_strict_stops_at_the_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "routes.txt"
    path.write_text("0.0.0.0 10.0.0.1 0.0.0.0 UG 0 0 0 eth0\nnonsense\n", encoding="utf-8")
    assert main(["parse", "route -n", str(path), "--strict"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == f"aksnet-parse: {path}, line 2: not understood as output of route -n: 'nonsense'\n"


def test_parse_of_something_else_recognises_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "empty.txt"
    path.write_text("", encoding="utf-8")
    assert main(["parse", "route -n", str(path)]) == 1
    assert capsys.readouterr().err == f"aksnet-parse: no output of route -n in {path}\n"
    # brctl prints nothing where there is no bridge, so nothing is an answer.
    assert main(["parse", "brctl show", str(path)]) == 0
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\xff\xfe" * 1000,
        "ip addr\n1: lo: <LOOPBACK> mtu 1\n".encode("utf-16"),
        b"[" * 100_000,
        b'docker inspect x\n[{"Id": ' + b'{"a":' * 100_000,
        b"azureuser@node:~$ ip addr\n1: lo\xff: <UP> mtu 1\n",
    ],
    ids=["binary", "utf-16", "brackets", "nested", "odd bytes"],
)
def test_odd_input_never_gives_a_traceback(data: bytes) -> None:
    for arguments in (["-"], ["-", "--format", "json"], ["parse", "ip addr"], ["parse", "docker inspect"]):
        done = _run(*arguments, stdin=data)
        assert done.returncode in {0, 1}
        assert b"Traceback" not in done.stderr


def test_output_can_be_cut_short() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as stdout:
        done = subprocess.run(
            [sys.executable, "-m", "aksnet_parse", str(AZURE), "--format", "json"],
            stdout=stdout,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.stderr == b""


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_a_full_disk_is_told_in_one_line(form: str) -> None:
    if not Path("/dev/full").exists():
        cannot_run("only Linux has /dev/full")
    with open("/dev/full", "wb") as full:
        run = [sys.executable, "-m", "aksnet_parse", str(AZURE), "--format", form]
        done = subprocess.run(run, stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert done.stderr == b"aksnet-parse: the answer cannot be written: No space left on device\n"


def test_control_characters_are_spelled_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "evil.txt"
    path.write_text(
        "route -n\n10.0.0.9 0.0.0.0 255.255.255.255 UH 0 0 0 veth\x9b2J\n"
        "10.0.0.8 0.0.0.0 255.255.255.255 UH 0 0 0 veth\x08\x08\n",
        encoding="utf-8",
    )
    assert main([str(path)]) == 0
    shown = capsys.readouterr().out
    assert "\x9b" not in shown
    assert "\x08" not in shown
    assert "veth\\x9b2J" in shown


def test_a_narrow_output_breaks_no_address(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    main([str(ROOT / "samples" / "docker-kubenet.txt")])
    lines = capsys.readouterr().out.split("\n")
    assert all(len(line) <= 80 for line in lines)
    assert any("10.244.0.2/24" in line for line in lines)
    assert any(line.endswith("proven") for line in lines)


def test_the_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["--help"])
    assert raised.value.code == 0
    shown: Any = capsys.readouterr().out
    assert "aksnet-parse ticket.txt" in shown


def test_many_lines_that_were_not_understood_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "statistics.txt"
    odd = "    RX: bytes packets\n    0 0 0\n"
    path.write_text(
        "$ ip -s addr\n" + f"1: lo: <LOOPBACK,UP> mtu 65536 qdisc noqueue state UP\n{odd}" * 20, encoding="utf-8"
    )
    assert main([str(path)]) == 0
    shown = capsys.readouterr().out
    assert "Not understood: 40 lines\n  3: RX: bytes packets\n" in shown
    assert "and 30 more lines: 18-19, 21-22, 24-25, 27-28, 30-31, 33-34, 36-37, ..., 60-61\n" in shown


def test_one_line_says_all_of_several_nodes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(SAMPLES[0]), str(AZURE)]) == 0
    first = capsys.readouterr().out.split("\n")[0]
    assert re.fullmatch(r"2 nodes \(1 bridge, 1 transparent\), \d+ pods(, \d+ (proven|partial|conflict))+", first)


def test_a_long_line_is_cited_by_its_beginning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "long.txt"
    path.write_text(f"$ ip addr\n1: lo: <LOOPBACK,UP> mtu 65536 qdisc noqueue state UP\n    link/{'x' * 900} !\n")
    assert main([str(path)]) == 0
    shown = capsys.readouterr().out
    # Cited where it is not understood, and where the capture was cut.
    assert 0 < shown.replace("\n", "").count("x") < 2 * 250
    assert " ...\n" in shown


def test_the_answer_does_not_depend_on_the_seed_of_hashes() -> None:
    captures = ROOT / "tests" / "captures" / "iproute2-6.1"
    paths = [str(captures / name) for name in ("ip_-j_link.txt", "ip_-j_route.txt")]
    answers = {
        subprocess.run(
            [sys.executable, "-m", "aksnet_parse", *paths, "--format", "json"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(answers) == 1
