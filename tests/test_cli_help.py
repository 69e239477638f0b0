"""Help that teaches by example: every example runs. And what the shells complete."""

from __future__ import annotations

import argparse
import glob
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from aksnet_parse.cli import main
from tests.required import needs_program

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "samples"


def help_of(*words: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as raised:
        main([*words, "--help"])
    assert raised.value.code == 0
    return capsys.readouterr().out


def subcommands() -> list[str]:
    from aksnet_parse.cli import _parser

    return [*_parser()[1]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what the examples name."""
    made = tmp_path_factory.mktemp("examples")
    transparent = (SAMPLES / "azure-cni-transparent.txt").read_text(encoding="utf-8")
    texts = {
        "ticket.txt": transparent,
        "before.txt": (SAMPLES / "kubenet-bridge.txt").read_text(encoding="utf-8"),
        "after.txt": (SAMPLES / "kubenet-calico.txt").read_text(encoding="utf-8"),
        "ip_addr.txt": (ROOT / "tests" / "captures" / "iproute2-6.1" / "ip_addr.txt").read_text(encoding="utf-8"),
        "route_n.txt": (ROOT / "tests" / "captures" / "net-tools-2.10" / "route_-n.txt").read_text(encoding="utf-8"),
    }
    texts["host.txt"], texts["pod.txt"] = texts["before.txt"].split("nsenter", 1)
    texts["pod.txt"] = f"$ sudo nsenter{texts['pod.txt']}"
    for name, text in texts.items():
        (made / name).write_text(text, encoding="utf-8")
    for name, sample in (
        ("good", "azure-cni-bridge"),
        ("bad", "azure-cni-broken"),
        ("node1", "azure-cni-bridge"),
        ("node2", "docker-kubenet"),
    ):
        with zipfile.ZipFile(made / f"{name}.zip", "w") as archive:
            archive.write(SAMPLES / f"{sample}.txt", "session.txt")
    return made


def run(line: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit status and what is printed. What needs a shell gets one, the rest has its files expanded here."""
    if not re.search(r"[|>$]", line):
        words = [match for word in shlex.split(line)[1:] for match in sorted(glob.glob(word)) or [word]]
        try:
            status = main(words)
        except SystemExit as left:  # --help
            status = int(left.code or 0)
        shown = capsys.readouterr()
        return status, shown.out, shown.err
    program = f'aksnet-parse() {{ {sys.executable} -m aksnet_parse "$@"; }}\n'
    # There is no node: what would run there is only read as a script.
    program += "kubectl() { sh -n; }\nssh() { sh -n; }\n"
    shell = ["bash", "-euo", "pipefail", "-c"]
    if "completion zsh" in line:
        shell, program = ["zsh", "-f", "-c"], f"autoload -U compinit; compinit -D -u\n{program}"
    done = subprocess.run(
        [*shell, f"{program}{line}"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("words", [[], *([name] for name in subcommands())], ids=lambda words: " ".join(words) or "-")
def test_every_example_runs(
    words: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    shown = help_of(*words, capsys=capsys)
    assert max(map(len, shown.split("\n"))) <= 110
    examples = shown.split("\nexamples:\n")[1].rstrip("\n").split("\n")
    lines = [line.strip() for line in examples if not line.startswith("  # ")]
    assert lines
    monkeypatch.chdir(folder)
    for line in lines:
        if any(f"{tool}" in line and shutil.which(tool) is None for tool in ("jq", "zsh", "dot")):
            continue
        assert not words or words[0] == "analyze" or f"aksnet-parse {words[0]}" in line
        status, out, err = run(line, folder, capsys)
        assert err == "", line
        assert status == 0, line
        assert out or re.search("[>$]|-o ", line), line


def test_an_example_for_jq_gives_the_names(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    needs_program("jq")
    [line] = re.findall(r"aksnet-parse .* \| jq .*", help_of("parse", capsys=capsys))
    _, out, _ = run(line, folder, capsys)
    assert out.split("\n")[:2] == ["lo", "eth0"]


def test_the_help_says_what_each_subcommand_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    shown = help_of(capsys=capsys)
    for name in subcommands():
        assert re.search(rf"^    {name}( |$)", shown, re.MULTILINE)
        description = help_of(name, capsys=capsys).split("\n\n")[1]
        assert description.endswith(".")


# --- completion -------------------------------------------------------------------------------------------------------

# What is typed, and what is offered for its last word.
TYPED = {
    "aksnet-parse tra": ["trace"],
    "aksnet-parse tick": ["ticket.txt"],
    "aksnet-parse ticket.txt --fail-on ": ["error", "warning"],
    "aksnet-parse ticket.txt --format j": ["json", "jsonl"],
    "aksnet-parse --po": ["--pod"],
    "aksnet-parse trace ticket.txt --f": ["--format", "--from"],
    "aksnet-parse parse ip-a": ["ip-addr"],
    "aksnet-parse findings pod-route": ["pod-route-missing"],
    "aksnet-parse completion ": ["bash", "fish", "zsh"],
    "aksnet-parse schema t": ["trace"],
}


def completion(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


def test_bash_completes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = completion("bash", capsys)
    for typed in [*TYPED, "aksnet-parse ticket.txt --format = j"]:
        words = shlex.split(typed) + ([""] if typed.endswith(" ") else [])
        script += f"COMP_WORDS=({' '.join(shlex.quote(word) for word in words)}) COMP_CWORD={len(words) - 1}\n"
        script += '_aksnet_parse; echo "${COMPREPLY[*]}"\n'
    done = subprocess.run(
        ["bash", "-u", "-c", script], cwd=folder, capture_output=True, text=True, check=True, env={"PATH": os.defpath}
    )
    offered = [sorted(line.split()) for line in done.stdout.split("\n")]
    assert offered[: len(TYPED)] == [*TYPED.values()]
    assert offered[len(TYPED)] == ["json", "jsonl"]


def test_fish_completes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    needs_program("fish")
    script = completion("fish", capsys)
    script += "".join(f"complete -C '{typed}' | string split -f 1 \\t | string join ' '\n" for typed in TYPED)
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"{script}true"], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    offered = [sorted(line.split()) for line in done.stdout.rstrip("\n").split("\n")]
    assert offered == [*TYPED.values()]


def test_zsh_reads_the_script(capsys: pytest.CaptureFixture[str]) -> None:
    needs_program("zsh")
    script = completion("zsh", capsys)
    start = "autoload -U compinit; compinit -D -u\n"
    done = subprocess.run(
        ["zsh", "-f", "-c", f"{start}{script}whence -w _aksnet_parse"], capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("_aksnet_parse: function\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_option_is_completed(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    from aksnet_parse.cli import _parser

    script = completion(shell, capsys)
    [action] = [action for action in _parser()[0]._actions if isinstance(action, argparse._SubParsersAction)]
    flags = {flag for parser in action.choices.values() for one in parser._actions for flag in one.option_strings}
    assert {"--pod", "--all", "--format", "--from"} <= flags
    for flag in flags:
        assert (flag if shell != "fish" else f"-{'l' if flag[:2] == '--' else 's'} {flag.lstrip('-')} ") in script
