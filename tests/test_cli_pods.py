"""What people see of one pod and of many: summaries, whole lists, one pod with its proofs; colours and widths."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import jsonschema
import pytest
from rich.cells import cell_len

from aksnet_parse import Explanation, UsageError, analyze, explain, read
from aksnet_parse.cli import main
from aksnet_parse.render.text import render_text
from tests.analysis.texts import CALICO_MAC, NO_BRIDGES, inside, ip_addr, link, route_n
from tests.benchmarks.texts import node_session

SAMPLES = Path(__file__).parent.parent / "samples"
AZURE, BROKEN, DOCKER = (
    str(SAMPLES / f"{name}.txt") for name in ("azure-cni-transparent", "azure-cni-broken", "docker-kubenet")
)
STYLE = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@cache
def session(pods: int, unrouted: int = 0) -> str:
    """A transparent node of so many pods, some of which its routes lack."""
    text = node_session(pods)
    lost = {f"10.244.0.{number}" for number in range(2, 2 + unrouted)}
    return "\n".join(
        line for line in text.split("\n") if line.split(" ")[0] not in lost or "255.255.255.255" not in line
    )


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a pipe: whoever runs the tests may have a width of its own."""
    monkeypatch.delenv("COLUMNS", raising=False)


def shown(text: str, *, every_pod: bool = False) -> str:
    stream = io.StringIO()
    render_text(analyze(read(text)), stream, every_pod=every_pod)
    return stream.getvalue()


def rows(text: str) -> list[str]:
    """The lines of tables of pods."""
    return re.findall(r"^  \S.* (?:proven|partial|conflict)$", text, re.MULTILINE)


def on_a_terminal(arguments: Sequence[str], columns: int, **environment: str) -> str:
    """What the program writes to a terminal of so many columns."""
    leader, follower = pty.openpty()
    env = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "NO_COLOR", "TERM"}}
    code = "import fcntl, struct, sys, termios; fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', 50, "
    code += f"{columns}, 0, 0)); from aksnet_parse.cli import main; sys.exit(main())"
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env={**env, "TERM": "xterm-256color", **environment},
    ) as process:
        os.close(follower)
        written = b""
        while True:
            try:
                piece = os.read(leader, 1 << 16)
            except OSError:  # the other side was closed
                break
            if not piece:
                break
            written += piece
        assert process.wait() == 0
    os.close(leader)
    return written.decode().replace("\r\n", "\n")


# --- one and many -----------------------------------------------------------------------------------------------------


def test_few_pods_are_listed() -> None:
    assert len(rows(shown(session(1)))) == 1
    assert len(rows(shown(session(12)))) == 12
    assert "--all" not in shown(session(12))


@pytest.mark.parametrize("pods", [30, 250])
def test_many_healthy_pods_are_summed_up(pods: int) -> None:
    text = shown(session(pods))
    assert f"\n{pods} pods, {pods} proven\n  proven by peer-ifindex, host-route: {pods} pods\n" in text
    assert "  --all lists all pods, --pod POD tells all of one.\n" in text
    assert rows(text) == []
    assert len(text.split("\n")) < 43


def test_all_pods_if_asked_for() -> None:
    text = shown(session(30), every_pod=True)
    assert len(rows(text)) == 30
    assert text.index("10.244.0.31/16") < text.index("proven by peer-ifindex, host-route: 30 pods")
    assert "--all" not in text


def test_of_many_pods_those_are_shown_that_something_is_wrong_with() -> None:
    text = shown(session(250, unrouted=2))
    assert "\nPods to look at: 2\n" in text
    assert [row.split()[0] for row in rows(text)] == ["10.244.0.2/16", "10.244.0.3/16"]
    # What is wrong comes before any pod, with the lines that show it.
    assert text.index("error pod-route-missing: pod 10.244.0.3/16") < text.index("250 pods")


def test_many_findings_of_a_kind_are_counted() -> None:
    text = shown(session(250, unrouted=40))
    assert text.count("error pod-route-missing: pod ") == 3
    assert "error pod-route-missing: 37 more, of " in text
    assert "\nPods to look at: 10 of 40\n" in text
    assert len(rows(text)) == 10
    everything = shown(session(250, unrouted=40), every_pod=True)
    assert everything.count("error pod-route-missing: pod ") == 40
    assert len(rows(everything)) == 250
    assert shown(session(12, unrouted=4)).count("error pod-route-missing: pod ") == 4


def test_conflicts_and_errors_come_before_what_was_only_half_captured() -> None:
    # 14 pods seen from the host alone, one of another node whose peer is taken by another pod.
    links = [link(10 + n, f"cali{n:011x}@if3", mac=CALICO_MAC) for n in range(14)]
    routes = [f"10.1.0.{n + 1}/32 cali{n:011x}" for n in range(14)]
    stranger = inside(99, link(77, "eth0@if10", "10.9.9.9/32"))
    text = shown(ip_addr(*links) + NO_BRIDGES + route_n(*routes) + stranger)
    assert "\nPods to look at: 10 of 15\n" in text
    # A finding names the pod whose peer it is, too.
    assert [row.split()[0] for row in rows(text)][:3] == ["10.1.0.1/32", "10.9.9.9/32", "10.1.0.2/32"]
    assert rows(text)[1].endswith(" conflict")


@pytest.mark.parametrize(
    "word",
    [
        "kube-system/coredns-c9xhmpqm8f-crtrz",
        "coredns-c9xhmpqm8f-crtrz",
        "10.244.0.3",
        "10.244.0.3/24",
        "8660a5ba11a1",
        "pid:8948",
        "veth5812f705",
    ],
)
def test_one_pod_by_every_word(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([DOCKER, "--pod", word]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Pod kube-system/coredns-c9xhmpqm8f-crtrz on aks-nodepool1-12345678-vmss000000\n  proven: ")
    assert "\n3 proofs\n  peer-ifindex: " in text
    for line in (39, 47, 54, 84, 86):
        assert re.search(rf"^    {line}: ", text, re.MULTILINE)
    assert main(["trace", DOCKER, "--from", word, "--to", "8.8.8.8"]) == 0


def test_what_is_wrong_and_missing_of_one_pod(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([BROKEN, "--pod", "azv0bcc9248a17", "--fail-on", "error"]) == 3
    text = capsys.readouterr().out
    assert "\nWrong\n  error pod-route-missing: " in text
    assert text.index("Wrong") < text.index("1 proof\n")
    assert main([BROKEN, "--pod", "10.240.0.7", "--fail-on", "error"]) == 0
    assert "Wrong" not in capsys.readouterr().out
    assert main([AZURE, "--pod", "10.220.2.8"]) == 0
    assert "\nMissing\n  `ip addr` on the host is abbreviated" in capsys.readouterr().out


def test_a_bridge_that_is_down_is_wrong_with_each_pod_on_it() -> None:
    text = (
        Path(DOCKER)
        .read_text(encoding="utf-8")
        .replace("8: cbr0: <BROADCAST,MULTICAST,PROMISC,UP,LOWER_UP>", "8: cbr0: <BROADCAST,MULTICAST>")
    )
    found = explain(read(text), "10.244.0.3")
    assert [finding.code for finding in found.findings if finding.severity == "error"] == ["interface-down"]


def test_one_pod_as_json_of_its_own_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "pod"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert main([AZURE, "--pod", "10.220.2.21", "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    jsonschema.validate(answer, schema)
    assert answer["pod"]["proofs"] == [proof["proof"] for proof in answer["proofs"]]
    assert [line["line"] for line in answer["proofs"][1]["lines"]] == [14, 49]
    assert Explanation.model_validate(answer) == explain(read(Path(AZURE)), "10.220.2.21")
    assert main([AZURE, "--pod", "10.220.2.21", "--format", "jsonl", "--redact"]) == 0
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert "10.220.2" not in line
    assert "azv33ac2d062ec" not in line
    assert json.loads(line)["pod"]["proofs"] == ["peer-ifindex", "host-route"]


def test_words_that_name_no_pod_or_several(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main([AZURE, "--pod", "10.220.2.99"]) == 2
    assert capsys.readouterr().err == (
        "aksnet-parse: no pod '10.220.2.99' was captured; there are: 10.220.2.8, 10.220.2.10, 10.220.2.16, "
        "pid:16315 (10.220.2.21), 10.220.2.28\n"
    )
    assert main([AZURE, "--pod", "node"]) == 2
    assert "is the node's own network" in capsys.readouterr().err
    assert main([BROKEN, str(SAMPLES / "azure-cni-bridge.txt"), "--pod", "10.240.0.5"]) == 2
    assert "fits several: pid:" in capsys.readouterr().err
    assert main([AZURE, BROKEN, "--jobs", "2", "--pod", "10.220.2.21"]) == 2
    assert "neither --each nor --jobs" in capsys.readouterr().err
    prose = tmp_path / "prose.txt"
    prose.write_text("nothing\n", encoding="utf-8")
    assert main([str(prose), "--pod", "x"]) == 1
    with pytest.raises(UsageError, match="no pod"):
        explain(read("nothing"), "x")


# --- colours and widths -----------------------------------------------------------------------------------------------


def test_a_real_terminal_gets_colours_and_its_own_width() -> None:
    for columns in (80, 200):
        written = on_a_terminal([BROKEN], columns)
        assert "\x1b[31merror pod-route-missing" in written
        lines = STYLE.sub("", written).split("\n")
        assert columns - 12 < max(map(len, lines)) <= columns
        assert not any(line.endswith(" ") for line in lines)


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"NO_COLOR": "1", "FORCE_COLOR": "1"}])
def test_no_colours_where_they_are_not_wanted(environment: dict[str, str]) -> None:
    written = on_a_terminal([BROKEN, "--pod", "10.240.0.6"], 80, **environment)
    assert "error pod-route-missing" in written
    assert "\x1b" not in written


def test_a_file_gets_no_colours_whatever_is_forced(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE"):
        monkeypatch.setenv(name, "1")
    for arguments in (
        [BROKEN],
        [BROKEN, "--all"],
        [BROKEN, "--pod", "10.240.0.6"],
        ["compare", AZURE, BROKEN],
        ["trace", BROKEN, "--from", "10.240.0.5", "--to", "node"],
    ):
        assert main(arguments) == 0
        written = capsys.readouterr().out
        assert "\x1b" not in written
        assert max(map(len, written.split("\n"))) <= 100


@pytest.mark.parametrize("columns", [20, 40, 60, 80, 100, 200])
def test_nothing_is_wider_than_the_page(
    columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for arguments in (
        [DOCKER],
        [BROKEN],
        [AZURE, "--pod", "10.220.2.21"],
        ["compare", AZURE, BROKEN],
        ["trace", BROKEN, "--from", "10.240.0.5", "--to", "node"],
    ):
        assert main(arguments) == 0
        lines = capsys.readouterr().out.split("\n")
        assert not any(line.endswith(" ") for line in lines)
        # Below that, columns would be narrower than an address.
        assert max(map(cell_len, lines)) <= max(columns, 76)


def test_names_are_broken_at_their_joints(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main([DOCKER]) == 0
    text = capsys.readouterr().out
    assert re.search(r"^  default/nginx-5sw9r9p8c7- .* proven\n  5lxnh$", text, re.MULTILINE)
    assert "    10.244.0.2/24, container d71e8cef204c, pid 8876\n" in text


WIDE = "cali漢字漢字漢字漢字"
ACCENTS = "e\u0301" * 5


@pytest.mark.parametrize("name", [WIDE, ACCENTS, "x" * 250, "-" * 60, "👩👧" * 4])
@pytest.mark.parametrize("columns", ["80", "100"])
def test_columns_stand_below_each_other_whatever_the_names(
    name: str, columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    text = ip_addr(link(5, f"{name}@if3"), link(6, "cali00000000001@if3")) + NO_BRIDGES
    text += route_n(f"10.1.0.1/32 {name}", "10.1.0.2/32 cali00000000001")
    written = shown(text)
    lines = written.split("\n")
    [heading] = [line for line in lines if line.split() and line.split()[0] == "pod" and line.endswith("status")]
    starts = [cell_len(line[: -len("partial")]) for line in lines if line.endswith(" partial")]
    assert len(starts) == 2
    assert set(starts) == {heading.index("status")}
    assert max(map(cell_len, lines)) <= int(columns)
    assert "".join(written.split()).count(name[:2]) >= 1


def test_a_hostile_name_steers_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()
    evil = "azv\x1b[2J\u202e\x9b31m"
    render_text(analyze(read(route_n(f"10.1.0.1/32 {evil}"))), terminal)
    written = terminal.getvalue()
    assert "\x1b[1m" in written
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", STYLE.sub("", written))
