"""The capturing script as it is handed out, where no node is needed to see what it does."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import aksnet_parse
from aksnet_parse.cli import main
from tests.required import cannot_run, needs_program

SCRIPT = Path(aksnet_parse.__file__).parent / "collect" / "collect.sh"
TEXT = SCRIPT.read_text(encoding="utf-8")
SHELLS = [shell for shell in ("dash", "bash", "busybox sh", "sh") if shutil.which(shell.split()[0])]
AWKS = [awk for awk in ("mawk", "gawk", "busybox awk", "original-awk", "awk") if shutil.which(awk.split()[0])]


@pytest.fixture(scope="module", autouse=True)
def shell_is_there() -> None:
    if not SHELLS:
        cannot_run("no shell")


def run(shell: str, *arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*shell.split(), *arguments], input=given or "", capture_output=True, text=True, check=False)


def test_the_command_prints_the_script(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["collect"]) == 0
    assert capfdbinary.readouterr().out.replace(b"\r\n", b"\n") == SCRIPT.read_bytes()


def test_help_teaches_the_commands_of_the_readme(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["collect", "--help"])
    shown = " ".join(capsys.readouterr().out.replace("\\\n", " ").split())
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8").replace("\\\n", " ")
    commands = [" ".join(line.split()) for line in readme.splitlines() if line.startswith("aksnet-parse collect | ")]
    assert len(commands) == 2
    for command in commands:
        assert command in shown


@pytest.mark.parametrize("shell", SHELLS)
def test_the_script_says_how_it_is_used(shell: str) -> None:
    for option in ("-h", "--help"):
        told = run(shell, str(SCRIPT), option)
        assert (told.returncode, told.stderr) == (0, "")
        assert told.stdout.startswith("usage: collect.sh [FILE]\n")
        assert run(shell, "-s", "--", option, given=TEXT).stdout == told.stdout
    for wrong in (["--unknown"], ["-x"], ["one", "two"]):
        refused = run(shell, str(SCRIPT), *wrong)
        assert (refused.returncode, refused.stdout, refused.stderr) == (2, "", told.stdout)


def test_shellcheck_finds_nothing() -> None:
    needs_program("shellcheck")
    checked = run("shellcheck", "--shell=sh", "--norc", str(SCRIPT))
    assert (checked.returncode, checked.stdout) == (0, "")
    assert "shellcheck disable" not in TEXT


# --- what may be copied of a configuration ----------------------------------------------------------------------------

KEYS = "cniVersion name type mode subnet mtu isGateway"
SECRET = "hunter2"


def copied(awk: str, text: str) -> str:
    """What the script copies of a configuration, by the function of the script alone."""
    function = TEXT[TEXT.index("known_values() {") :]
    function = function[: function.index("\n}\n") + 3]
    done = run("sh", "-c", f'awk() {{ command {awk} "$@"; }}\n{function}known_values "$1"', "sh", KEYS, given=text)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def kept(value: Any, key: str = "") -> Any:
    """What should be left of JSON."""
    if isinstance(value, dict):
        return {name: kept(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [kept(item, key) for item in value]
    if value is None or isinstance(value, bool) or key in KEYS.split():
        return value
    return "-"


CONFIG = {
    "cniVersion": "0.3.1",
    "name": "k8s-pod-network",
    "plugins": [
        {
            "type": "calico",
            "mtu": 1500,
            "isGateway": True,
            "nothing": None,
            "policy": {"type": "k8s", "k8s_auth_token": SECRET},
            "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.244.0.0/24"}], [{"subnet": "fd00::/64"}]]},
            "args": [SECRET, {"type": "x"}, SECRET, [SECRET]],
            "type2": SECRET,
            "port": 4711,
            "env": [{"name": "PASSWORD", "value": SECRET}],
            "empty": {},
            "list": [],
            "quoted": f'\\"type\\": \\"{SECRET}\\"',
            "kubernetes": {"kubeconfig": f"/{SECRET}", "type": "y"},
        }
    ],
    "behind": SECRET,
}


@pytest.mark.parametrize("awk", AWKS)
@pytest.mark.parametrize("indent", [None, 0, 2, "\t"])
def test_of_a_configuration_only_known_values_are_copied(awk: str, indent: int | str | None) -> None:
    text = json.dumps(CONFIG, indent=indent) + "\n"
    shown = copied(awk, text)
    assert json.loads(shown) == kept(CONFIG)
    assert SECRET not in shown
    assert shown.count("\n") == text.count("\n")


@pytest.mark.parametrize("awk", AWKS)
@pytest.mark.parametrize(
    "text",
    [
        f"apiVersion: v1\nusers:\n- name: x\n  user:\n    token: {SECRET}\n",
        f'{{"type": {{"a": "{SECRET}"}}, "{SECRET} as a key": 1}}',
        f'{{"type": "a {SECRET}!"}}',
        f'{{"type": "x", "{SECRET}", "{SECRET}"}}',
        f'{{"type": "x" "{SECRET}"}}',
        f'{{"type": "unfinished {SECRET}',
        f'{{"type": "x"}}, "{SECRET}"',
        f'{{"type":\n"x"\n"{SECRET}"}}',
        f'[[["type": "{SECRET}"]]]',
        f'"type": "{SECRET}"',
        f"type={SECRET}\nexport TOKEN={SECRET}",
        f"-----BEGIN KEY-----\n{SECRET}\n-----END KEY-----",
        f'{{"type": {SECRET}}}',
        f'{{"type": ["{SECRET}!"]}}',
        f'{{"a": {{"type": "x"}} "b": "{SECRET}"}}',
        f'}}]{{"type": "x"}} "{SECRET}"',
    ],
)
def test_of_what_is_no_configuration_nothing_is_copied(awk: str, text: str) -> None:
    assert SECRET not in copied(awk, text + "\n")
