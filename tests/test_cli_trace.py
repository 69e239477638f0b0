"""`aksnet-parse trace`: what goes to which stream, with which exit status."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import jsonschema
import pytest

from aksnet_parse.cli import main

from .analysis.texts import KUBENET, inside, link

ROOT = Path(__file__).parent.parent
AZURE = str(ROOT / "samples" / "azure-cni-transparent.txt")
SAMPLES = sorted((ROOT / "samples").glob("*.txt"))


@pytest.fixture
def kubenet(tmp_path: Path) -> str:
    """A node with two pods."""
    path = tmp_path / "node.txt"
    second = inside(200, link(3, "eth0@if5", "10.244.0.3/24"))
    path.write_text("\n".join([*KUBENET.values(), second]), encoding="utf-8")
    return str(path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["trace", *arguments])
    shown = capsys.readouterr()
    return status, shown.out, shown.err


def test_json_fits_the_schema_that_is_printed(kubenet: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "trace"]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    status, out, err = run(capsys, kubenet, "--from", "pid:100", "--to", "pid:200", "--format", "json")
    answer = json.loads(out)
    jsonschema.validate(answer, schema)
    assert (status, err, answer["verdict"]) == (0, "", "reached")
    assert list(answer) == ["schema_version", "source", "target", "verdict", "reason", "hops", "missing"]
    # No field is left out, whatever is in it, and the schema says so.
    assert all(list(hop) == schema["$defs"]["Hop"]["required"] for hop in answer["hops"])
    assert schema["required"] == list(answer)


def test_the_schema_of_an_analysis_is_still_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    printed = []
    for arguments in (["schema"], ["schema", "analysis"]):
        assert main(arguments) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]
    assert json.loads(printed[0])["title"] == "Analysis"
    with pytest.raises(SystemExit) as raised:
        main(["schema", "nothing"])
    assert raised.value.code == 2


def test_jsonl_is_one_line(kubenet: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, kubenet, "--from", "node", "--to", "8.8.8.8", "--format", "jsonl")
    assert out.count("\n") == 1
    assert json.loads(out)["verdict"] == "left"


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("pid:200", "reached"),
        ("8.8.8.8", "left what was captured"),
        ("10.244.0.77", "lost"),
        ("2001:db8::1", "lost"),
    ],
)
def test_any_verdict_is_an_answer(kubenet: str, target: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, kubenet, "--from", "pid:100", "--to", target)
    assert (status, err) == (0, "")
    assert out.split("\n")[1].startswith(words)
    assert not any(line.endswith(" ") for line in out.split("\n"))


def test_that_the_captures_end_is_an_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "pod.txt"
    path.write_text(KUBENET["pod"], encoding="utf-8")
    status, out, _ = run(capsys, str(path), "--from", "pid:100", "--to", "8.8.8.8")
    assert status == 0
    assert out.split("\n")[1].startswith("cannot be told from these captures")
    assert "`ip addr` on the host would show the pod's other end." in out


def test_several_nodes_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "300")  # no path is broken, however long
    texts = [text.replace("$ ", "root@one:~# ") for text in KUBENET.values()]
    others = [
        text.replace("$ ", "root@two:~# ").replace("10.244.0.", "10.244.1.").replace("10.240.0.4", "10.240.0.5")
        for text in KUBENET.values()
    ]
    paths = []
    for name, lines in (("one", texts), ("two", others)):
        path = tmp_path / f"{name}.txt"
        path.write_text("\n".join(lines).replace("00:01", "00:02" if name == "two" else "00:01"), encoding="utf-8")
        paths.append(str(path))
    status, out, _ = run(capsys, *paths, "--from", "10.244.0.2", "--to", "10.244.1.2")
    assert status == 0
    assert out.startswith("From pod pid 100 (10.244.0.2) on one to pod pid 100 (10.244.1.2) on two\nreached, ")
    assert out.index("  on one\n") < out.index("network (assumed)") < out.index("  on two\n")
    assert f"{paths[1]}:" in out


def test_who_cannot_be_found_is_wrong_usage(kubenet: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, kubenet, "--from", "nobody", "--to", "node")
    assert (status, out) == (2, "")
    assert err.startswith("aksnet-parse: no source 'nobody' was captured; there are: node, pid:100 (10.244.0.2), ")
    assert err.count("\n") == 1
    for arguments in ([kubenet], [kubenet, "--from", "node"], [kubenet, "--to", "node"]):
        with pytest.raises(SystemExit) as raised:
            main(["trace", *arguments])
        assert raised.value.code == 2


def test_nothing_recognised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "prose.txt"
    path.write_text("Nothing but prose.\n", encoding="utf-8")
    status, out, err = run(capsys, str(path), "--from", "node", "--to", "8.8.8.8")
    assert (status, out) == (1, "")
    assert err.startswith("aksnet-parse: nothing recognised in ")


def test_an_unreadable_file_is_named_and_the_rest_traced(kubenet: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "no-such-file", kubenet, "--from", "node", "--to", "8.8.8.8")
    assert status == 2
    assert err == "aksnet-parse: no-such-file: No such file or directory\n"
    assert out.split("\n")[1] == "left what was captured"
    status, out, _ = run(capsys, "no-such-file", "--from", "node", "--to", "8.8.8.8")
    assert (status, out) == (2, "")


def test_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(Path(AZURE).read_bytes())))
    status, out, _ = run(capsys, "-", "--from", "pid:16315", "--to", "node", "--format", "json")
    assert status == 0
    assert json.loads(out)["hops"][0]["lines"][0]["file"] == "<stdin>"


def test_a_narrow_output_breaks_no_address(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for sample in SAMPLES:
        status, out, _ = run(capsys, str(sample), "--from", "node", "--to", "8.8.8.8")
        assert status == 0
        assert all(len(line) <= 80 for line in out.split("\n"))
        assert "to the gateway 10." in out


def test_control_characters_are_spelled_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "evil.txt"
    path.write_text(
        "route -n\n10.0.0.9 0.0.0.0 255.255.255.255 UH 0 0 0 veth\x9b2J\n10.0.0.8 0.0.0.0 255.255.255.255 UH 0 0 0 v\n",
        encoding="utf-8",
    )
    status, out, _ = run(capsys, str(path), "--from", "node", "--to", "10.0.0.9")
    assert status == 0
    assert "\x9b" not in out
    assert "veth\\x9b2J" in out
    assert main(["trace", str(path), "--from", "a\x1b[2Jb", "--to", "node"]) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_without_rich_one_line_says_what_to_install(
    kubenet: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name == "rich" or name.startswith("rich.")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("page", "trace"):
        monkeypatch.delitem(sys.modules, f"aksnet_parse.render.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "rich", None)
    status, out, err = run(capsys, kubenet, "--from", "node", "--to", "8.8.8.8")
    assert (status, out) == (2, "")
    assert "pip install 'aksnet-parse[cli]'" in err
    assert run(capsys, kubenet, "--from", "node", "--to", "8.8.8.8", "--format", "json")[0] == 0


def test_a_limit_is_heeded(kubenet: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(Path(kubenet).parent)
    assert run(capsys, folder, "--from", "node", "--to", "8.8.8.8")[0] == 0
    status, out, err = run(capsys, folder, "--from", "node", "--to", "8.8.8.8", "--max-member-size", "1")
    assert (status, out) == (2, "")
    assert "node.txt" in err


@pytest.mark.parametrize(
    ("target", "status"), [("10.240.0.7", 0), ("10.240.0.6", 3), ("168.63.129.16", 3), ("8.8.8.8", 0)]
)
def test_a_script_can_ask_whether_it_is_lost(target: str, status: int, capsys: pytest.CaptureFixture[str]) -> None:
    broken = str(ROOT / "samples" / "azure-cni-broken.txt")
    ends = ("--from", "10.240.0.5", "--to", target)
    assert run(capsys, broken, *ends)[0] == 0
    found, shown, _ = run(capsys, broken, *ends, "--exit-code", "--format", "json")
    assert found == status
    assert (json.loads(shown)["verdict"] == "lost") == bool(status)
