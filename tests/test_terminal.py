"""Nothing that was captured, and no name of a file, steers a terminal or a page: what would is spelled out."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aksnet_parse import COMMANDS, analyze, read
from aksnet_parse.cli import main
from aksnet_parse.cli.progress import progress_bar
from aksnet_parse.render.plain import printable, printable_json
from aksnet_parse.render.text import render_text
from tests.required import cannot_run

from .benchmarks.texts import node_session

# Colours, the title of the window, a link (OSC 8), the bell, backspaces, C1 (what one byte says for two), directions.
EVIL = {
    "colour": "\x1b[31m",
    "clear": "\x1b[2J\x1b[H",
    "title": "\x1b]0;gone\x07",
    "link": "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "bell": "\x07",
    "backspace": "\x08\x08\x08",
    "CSI": "\x9b31m",
    "OSC": "\x9d0;gone\x9c",
    "device": "\x1bP1$r0m\x1b\\",
    "right to left": "\u202egnp.exe",
    "isolate": "\u2066x\u2069",
    "mark": "\u200f\u061c",
    "line": "\u2028x\u2029y\x85z",
    "delete": "\x7f",
    "vertical": "\x0b\x0c",
    "carriage": "good\rbad",
}
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
TEXT = """azureuser@aks-{0}1:~$ ip addr
1: lo: <LOOPBACK,UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
2: et{0}h0: <BROADCAST,UP{0}> mtu 1500 qdisc m{0}q state UP group def{0}ault qlen 1000
    inet 10.240.0.4/16 brd 10.240.255.255 scope global et{0}h0
    what is {0} this
7: veth{0}12345@if3: <UP> mtu 1500 qdisc noqueue master cbr{0}0 state UP
azureuser@aks-1:~$ sudo nsenter -t 16315 -n ip addr
3: eth0@if7: <UP> mtu 1500 qdisc noqueue state UP
    inet 10.244.0.9/24 scope global eth0
azureuser@aks-1:~$ ip route
default via 10.240.0.1 dev et{0}h0
10.244.0.9 dev azv{0}12345678901 scope link
azureuser@aks-1:~$ docker ps
CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES
0b7c7a46ade1   x   "sh"   2 days ago   Up 2 days   80/tcp   k8s_POD_w{0}eb_sh{0}op_uid_0
azureuser@aks-1:~$ kubectl get pods -o wide
NAME READY STATUS RESTARTS AGE IP NODE NOMINATED NODE READINESS GATES
w{0}eb 1/1 Running 0 1d 10.244.0.9 aks-1 <none> <none>
"""
# The same in JSON, whose escapes survive what is taken off captured lines.
IN_JSON = (
    '[{{"ifindex":2,"ifname":{0},"flags":["UP",{0}],"mtu":1500,"qdisc":{0},"operstate":"UP","master":{0},"x":{0}}}]\n'
)


def assert_calm(*shown: str) -> None:
    for text in shown:
        assert STEERING.findall(text) == []


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is printed on both streams."""
    with contextlib.suppress(SystemExit):
        main([*arguments])
    shown = capsys.readouterr()
    return shown.out + shown.err


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize("dress", [TEXT, f"$ ip -j addr\n{IN_JSON}"], ids=["text", "json"])
def test_captured_text(dress: str, evil: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    word = EVIL[evil] if dress is TEXT else json.dumps(f"e{EVIL[evil]}0")
    path = tmp_path / "ticket.txt"
    path.write_text(dress.format(word), encoding="utf-8")
    for arguments in (
        [],
        ["--format", "json"],
        ["--format", "jsonl"],
    ):
        shown = run(capsys, str(path), *arguments)
        assert len(shown) > 100
        assert_calm(shown)
    assert_calm(run(capsys, "trace", str(path), "--from", f"w{EVIL[evil]}eb", "--to", "8.8.8.8"))
    assert_calm(run(capsys, "trace", str(path), "--from", "10.244.0.9", "--to", "8.8.8.8", "--format", "json"))
    other = tmp_path / "other.txt"
    other.write_text(dress.format(json.dumps("other") if dress is not TEXT else ""), encoding="utf-8")
    for form in ("text", "json"):
        assert_calm(run(capsys, "compare", str(path), str(other), "--format", form))
    for command in COMMANDS:
        assert_calm(
            run(capsys, "parse", command.name, str(path)), run(capsys, "parse", command.name, str(path), "--strict")
        )


@pytest.mark.parametrize("evil", EVIL)
def test_names_of_files(evil: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = f"a{EVIL[evil]}\nb".replace("/", "")
    text = TEXT.format("").encode()
    folder = tmp_path / f"case{name}"
    folder.mkdir()
    (folder / f"{name}.txt").write_bytes(text)
    (folder / f"{name}.zip").write_bytes(b"PK\x03\x04 broken")
    (folder / f"{name}2.txt").write_bytes(text + b"\xff\x9b31m\n")
    os.mkfifo(folder / f"{name}.fifo")
    bundle = tmp_path / f"{name}.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        archive.writestr(f"{name}/ip_addr.txt", text)
        archive.writestr(f"../{name}", text)
    for path in (folder, bundle, folder / f"{name}.txt", folder / f"{name}.zip", tmp_path / f"{name} missing"):
        for form in ("text", "json"):
            assert_calm(run(capsys, str(path), "--format", form))
        assert_calm(run(capsys, "parse", "ip addr", str(path)), run(capsys, "compare", str(path), str(path)))


@pytest.mark.parametrize("evil", EVIL)
def test_wrong_usage(evil: str, capsys: pytest.CaptureFixture[str]) -> None:
    word = EVIL[evil]
    for arguments in (
        [f"--{word}"],
        [f"--{word}", "x"],
        ["x", "--format", word],
        ["x", f"--form{word}", "json"],
        ["x", "--max-members", word],
        ["x", "--fail-on", f"error{word}"],
        ["findings", word],
        ["parse", word],
        ["schema", word],
        ["trace", "x", f"--fro{word}"],
        [word],
    ):
        shown = run(capsys, *arguments)
        assert "aksnet-parse" in shown
        assert_calm(shown)


def test_bytes_that_are_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / os.fsdecode(b"a\xff\x9b31m.txt")
    try:
        path.write_bytes(TEXT.format("").encode().replace(b"what is", b"\xff\x9b31m\x80"))
    except OSError:
        cannot_run("this file system takes no names that are not UTF-8")
    for arguments in ([str(path)], [str(path), "--format", "json"], ["parse", "ip addr", str(path)]):
        assert_calm(run(capsys, *arguments))


@pytest.mark.parametrize("evil", EVIL)
def test_on_a_terminal_only_the_colours_of_this_program(evil: str) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    render_text(analyze(read(TEXT.format(EVIL[evil]), file=f"f{EVIL[evil]}")), terminal)
    shown = terminal.getvalue()
    assert "\x1b[1m" in shown
    assert_calm(re.sub(r"\x1b\[[0-9;]*m", "", shown).replace("\n", ""))


def test_the_bar_shows_numbers_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aksnet_parse.cli.progress._PATIENCE", 0.0)
    reader, writer = pty.openpty()
    with os.fdopen(writer, "w") as terminal, progress_bar(terminal) as progress:
        assert progress is not None
        progress(1 << 20, 3)
        progress(1 << 21, 4)
    pieces = []
    with contextlib.suppress(OSError):  # Linux raises it at the end, when nobody writes any more
        while piece := os.read(reader, 1 << 16):
            pieces.append(piece)
    os.close(reader)
    shown = b"".join(pieces).decode()
    assert "reading" in shown
    assert "\x1b]" not in shown


@settings(max_examples=200)
@given(st.text(st.characters(codec=None)))
def test_spelling_out_is_complete(text: str) -> None:
    assert_calm(printable(text))
    assert "\n" not in printable(text)
    printable(text).encode("utf-8")
    if text.isascii() or not re.search("[\ud800-\udfff]", text):
        written = json.dumps(text, ensure_ascii=False)
        assert_calm(printable_json(written))
        assert json.loads(printable_json(written)) == text
    assert printable("plain é 漢 text") == "plain é 漢 text"


def test_the_catalogue_and_the_lists(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["commands"], ["findings"], ["findings", "--format", "markdown"], ["schema"], ["--help"]):
        assert_calm(run(capsys, *arguments))
    assert sys.stdout is not None


@pytest.mark.parametrize("form", ["text", "json"])
def test_whoever_has_seen_enough_may_go(form: str, tmp_path: Path) -> None:
    """As `aksnet-parse ... | head` does."""
    path = tmp_path / "node.txt"
    path.write_text(node_session(250), encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "aksnet_parse", str(path), "--all", "--format", form],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (0, b"")
