"""What the README shows is what the program does."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from aksnet_parse import FINDINGS
from aksnet_parse.cli import main
from tests.required import needs_program

from .documents import ROOT, blocks, is_shown

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [(block.kind, block.text) for block in blocks(README)]


def _shown_after(kind: str, words: str) -> str:
    """The text block that follows the first block of ``kind`` that holds ``words``."""
    index = next(index for index, (found, text) in enumerate(BLOCKS) if found == kind and words in text)
    assert BLOCKS[index + 1][0] == "text"
    return BLOCKS[index + 1][1]


def test_the_first_command_prints_what_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("COLUMNS", raising=False)
    command = next(text for kind, text in BLOCKS if kind == "sh" and "aksnet-parse" in text)
    arguments = command.split(".venv/bin/aksnet-parse")[1].split()
    assert main(arguments) == 0
    assert capsys.readouterr().out == _shown_after("sh", "aksnet-parse samples")


def test_what_is_wrong_is_what_is_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("COLUMNS", raising=False)
    command = next(text for kind, text in BLOCKS if kind == "sh" and "--fail-on" in text)
    assert main(command.split()[1:]) == 3
    assert f"\n\n{_shown_after('sh', '--fail-on')}\n" in capsys.readouterr().out


def test_the_number_of_findings_is_right() -> None:
    [number] = re.findall(r"lists the (\d+) kinds of findings", README)
    assert int(number) == len(FINDINGS)


EXAMPLES: list[tuple[str, str]] = re.findall(
    r"```sh\n(aksnet-parse [^\n|]*)\n```\n\n(?:It prints:\n\n|tells [^`]*\n\n)?```text\n(.*?)```", README, re.DOTALL
)


@pytest.mark.parametrize(("command", "printed"), EXAMPLES, ids=[command for command, _ in EXAMPLES])
def test_commands_print_what_is_shown(
    command: str, printed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("COLUMNS", raising=False)
    assert main(shlex.split(command)[1:]) == 0
    assert is_shown(capsys.readouterr().out, printed)


def test_there_are_examples_of_commands() -> None:
    assert {command.split()[1] for command, _ in EXAMPLES} >= {"compare", "trace"}
    assert any("--pod" in command for command, _ in EXAMPLES)


def test_the_records_go_through_jq() -> None:
    needs_program("jq")
    [line] = re.findall(r"```sh\n(aksnet-parse [^\n]* \| jq [^\n]*)\n```", README)
    program = f'aksnet-parse() {{ {sys.executable} -m aksnet_parse "$@"; }}\n'
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", program + line], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:2] == ["lo 65536", "eth0 1500"]


def test_graphviz_draws_the_wiring(tmp_path: Path) -> None:
    needs_program("dot", package="graphviz")
    [line] = re.findall(r"```sh\n(aksnet-parse [^\n]* \| dot [^\n]*)\n```", README)
    program = f'aksnet-parse() {{ {sys.executable} -m aksnet_parse "$@"; }}\n'
    line = line.replace("wiring.svg", str(tmp_path / "wiring.svg"))
    subprocess.run(["bash", "-euo", "pipefail", "-c", program + line], cwd=ROOT, check=True)
    assert "no route to 10.240.0.6" in (tmp_path / "wiring.svg").read_text(encoding="utf-8").replace("&#160;", " ")


@pytest.mark.parametrize(
    "words",
    [
        "aksnet_parse.analyze",
        "to_frame",
        "aksnet_parse.compare",
        "aksnet_parse.trace",
        "aksnet_parse.parse_ip_addr",
        "aksnet_parse.explain",
        "Command(",
    ],
)
def test_python_blocks_print_what_is_shown(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.chdir(ROOT)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        namespace: dict[str, object] = {}
        for kind, text in BLOCKS:
            if kind == "python":
                if words in text:
                    printed.truncate(0)
                    printed.seek(0)
                exec(compile(text, "README.md", "exec"), namespace)
                if words in text:
                    break
    assert printed.getvalue() == _shown_after("python", words)


def test_the_commands_listed_are_the_commands_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    main(["commands"])
    listed = capsys.readouterr().out.split("\n")
    table = re.findall(r"^\| `([^`]+)` \|", README, re.MULTILINE)
    assert table == [name for name in listed if name]


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", README):
        assert (ROOT / target).exists(), target
