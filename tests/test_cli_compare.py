"""`aksnet-parse compare` on the command line: what goes to which stream, and with which exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from aksnet_parse.cli import main

SAMPLES = Path(__file__).parent.parent / "samples"
BRIDGE, CALICO = str(SAMPLES / "kubenet-bridge.txt"), str(SAMPLES / "kubenet-calico.txt")
AZURE = str(SAMPLES / "azure-cni-transparent.txt")


def _run(*arguments: str, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "aksnet_parse", "compare", *arguments],
        input=stdin,
        capture_output=True,
        env={**os.environ, **environment},
        check=False,
    )


def test_the_text_begins_with_what_changed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", BRIDGE, CALICO]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    lines = shown.out.split("\n")
    assert lines[:5] == [
        f"BEFORE {BRIDGE}",
        f"AFTER  {CALICO}",
        "",
        "Node aks-nodepool1-12345678-vmss000000 before, (no name) after",
        "  mode changed from bridge to transparent",
    ]
    for statement in (
        "bridge cbr0 with 5 members gone",
        "9 host routes for pods added",
        "veth names changed from veth* to cali*",
        "pod prefix changed from /24 to /32",
    ):
        assert lines.count(f"  {statement}") == 2  # once in the list, once with its lines
    assert lines.index("Stayed") < lines.index("Not compared") < lines.index("Why")
    assert "    10.244.0.2: veth32e5f189 -> cali16fcf5898b5" in lines
    assert "    + and 8 more lines: 49-56" in lines
    assert not any(line.endswith(" ") for line in lines)


def test_no_change_is_said_with_what_stayed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", CALICO, CALICO, "--exit-code"]) == 0
    shown = capsys.readouterr().out
    assert "\nNode (no name)\n  No change.\n\nStayed\n  mode transparent\n" in shown
    assert "9 pods on the same veth with the same address" in shown
    assert "Why" not in shown


def test_the_exit_status_tells_a_change_if_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", BRIDGE, CALICO]) == 0
    assert main(["compare", BRIDGE, CALICO, "--exit-code"]) == 3
    assert main(["compare", BRIDGE, BRIDGE, "--exit-code", "--format", "json"]) == 0
    capsys.readouterr()


def test_the_json_fits_its_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "compare"]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    for after in (CALICO, BRIDGE):
        assert main(["compare", BRIDGE, after, "--format", "json"]) == 0
        answer = json.loads(capsys.readouterr().out)
        jsonschema.validate(answer, schema)
        assert list(answer) == ["schema_version", "changed", "nodes", "skipped_before", "skipped_after"]
        assert answer["changed"] == (after != BRIDGE)
        [node] = answer["nodes"]
        assert list(node) == ["status", "before", "after", "changes", "stayed", "not_compared"]
        assert set(node) == set(schema["$defs"]["NodeComparison"]["required"])
        for change in node["changes"]:
            assert set(change) == set(schema["$defs"]["Change"]["required"])
            for side, path in (("before_lines", BRIDGE), ("after_lines", after)):
                text = Path(path).read_text(encoding="utf-8").split("\n")
                for line in change[side]:
                    assert line["file"] == path
                    assert line["text"].strip() in text[line["line"] - 1].expandtabs(8)


def test_the_schema_of_an_analysis_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    default = capsys.readouterr().out
    assert main(["schema", "analysis"]) == 0
    assert capsys.readouterr().out == default
    with pytest.raises(SystemExit) as raised:
        main(["schema", "poem"])
    assert raised.value.code == 2


def test_one_line_for_each_node(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = "$ ip addr\n2: eth0: <BROADCAST,UP> mtu 1500 qdisc mq state UP\n    link/ether 00:0d:3a:00:00:0{} {}\n"
    for name, numbers in (("before", "12"), ("after", "13")):
        for number in numbers:
            (tmp_path / name / f"aks-{number}").mkdir(parents=True)
            text = card.format(number, "brd ff:ff:ff:ff:ff:ff").replace("$", f"root@aks-{number}:~#")
            (tmp_path / name / f"aks-{number}" / "ticket.txt").write_text(text, encoding="utf-8")
    sides = str(tmp_path / "before"), str(tmp_path / "after")
    assert main(["compare", *sides, "--format", "jsonl"]) == 0
    parts = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [part["nodes"][0]["before"] for part in parts] == ["aks-1", "aks-2"]
    assert [part["changed"] for part in parts] == [False, True]
    assert main(["compare", *sides]) == 0
    shown = capsys.readouterr().out
    assert "\n2 nodes, 1 changed\n" in shown
    assert "Node aks-2 before, aks-3 after" in shown


def test_one_side_can_be_standard_input() -> None:
    done = _run("-", CALICO, stdin=Path(BRIDGE).read_bytes())
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"BEFORE -\n" in done.stdout
    done = _run(BRIDGE, "-", "--format", "json", stdin=Path(CALICO).read_bytes())
    assert json.loads(done.stdout)["nodes"][0]["changes"][0]["after_lines"][0]["file"] == "<stdin>"
    done = _run("-", "-", stdin=Path(CALICO).read_bytes())
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"aksnet-parse: only one of BEFORE and AFTER can be standard input\n"


def test_a_side_in_which_nothing_is_recognised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prose = tmp_path / "prose.txt"
    prose.write_text("Dear support,\nit does not work.\n", encoding="utf-8")
    for sides in ([str(prose), CALICO], [CALICO, str(prose)]):
        assert main(["compare", *sides]) == 1
        shown = capsys.readouterr()
        assert shown.out == ""
        assert f"nothing recognised in {prose}: no output of" in shown.err


def test_a_side_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", CALICO, str(tmp_path / "none.txt")]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "none.txt" in shown.err
    assert "nothing recognised" not in shown.err


def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["compare", CALICO])
    assert raised.value.code == 2
    assert "AFTER" in capsys.readouterr().err


def test_a_narrow_page_is_kept_and_nothing_steers_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["compare", BRIDGE, AZURE]) == 0
    shown = capsys.readouterr().out
    assert all(len(line) <= 80 for line in shown.split("\n"))
    assert "10.220.2.8, 10.220.2.10" in shown
    table = (
        "route -n\n10.0.0.{} 0.0.0.0 255.255.255.255 UH 0 0 0 veth\x9b2J\n10.0.0.1 0.0.0.0 255.255.255.255 UH 0 0 0 a\n"
    )
    monkeypatch.chdir(tmp_path)  # a short path is not broken
    paths = Path("a\x1b[2J.txt"), Path("b.txt")
    for number, path in enumerate(paths, 8):
        path.write_text(table.format(number), encoding="utf-8")
    assert main(["compare", *map(str, paths)]) == 0
    shown = capsys.readouterr().out
    assert "\x9b" not in shown
    assert "\x1b" not in shown
    assert "veth\\x9b2J" in shown
    assert "a\\x1b[2J.txt" in shown


def test_the_answer_does_not_depend_on_the_seed_of_hashes() -> None:
    answers = {_run(BRIDGE, CALICO, "--format", "json", PYTHONHASHSEED=seed).stdout for seed in ("1", "2")}
    assert len(answers) == 1
