"""Lines that a terminal broke: a copied screen gives the answer of the text that was on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from aksnet_parse import analyze, read
from aksnet_parse.analysis.models import NodeAnalysis
from aksnet_parse.collected import captures_in_text
from aksnet_parse.commands import COMMANDS
from aksnet_parse.terminal import unbroken
from tests.growth import assert_linear

SAMPLES = {path.stem: path for path in sorted((Path(__file__).parent.parent / "samples").glob("*.txt"))}
WIDTHS = (72, 80, 90, 100, 120, 132)


def screen(text: str, width: int) -> str:
    """What is copied from a terminal of so many columns."""
    lines = []
    for line in text.expandtabs().split("\n"):
        lines += [line[start : start + width] for start in range(0, len(line), width)] or [""]
    return "\n".join(lines)


def answer(text: str) -> NodeAnalysis:
    [node] = analyze(read(text)).nodes
    return node


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", SAMPLES)
def test_a_screen_of_any_width_gives_the_same_answer(name: str, width: int) -> None:
    text = SAMPLES[name].read_text(encoding="utf-8")
    expected, node = answer(text), answer(screen(text, width))
    assert node.pods == expected.pods
    assert node.mode.datapath == expected.mode.datapath
    assert node.uplink == expected.uplink

    def wrong(node: NodeAnalysis) -> set[tuple[str, tuple[str, ...]]]:
        return {(finding.code, finding.subjects) for finding in node.findings if finding.severity != "info"}

    assert wrong(node) <= wrong(expected)
    assert len(node.unparsed) <= 5


@pytest.mark.parametrize("name", SAMPLES)
def test_lines_keep_their_numbers(name: str) -> None:
    broken = screen(SAMPLES[name].read_text(encoding="utf-8"), 80)
    lines = broken.split("\n")
    node = answer(broken)
    cited = [line for finding in node.findings for line in finding.lines]
    cited += [line for evidence in node.mode.evidence for line in evidence.lines]
    assert cited
    for line in cited:
        assert line.text.strip().startswith(lines[line.line - 1].strip()[:60])


def test_what_was_understood_as_it_stands_stays_so() -> None:
    """Rows of one width are no broken lines, and the text beside them is not read again."""
    rows = "".join(
        f"10.240.0.{n}      0.0.0.0         255.255.255.255 UH    0      0        0 azv{n:011x}\n"
        for n in range(10, 30)
    )
    text = f"$ route -n\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n{rows}"
    for broken in (text, text + "who knows\n", f"{text}\n$ ip addr\n1: lo: <UP> mtu\n"):
        captures = captures_in_text(broken, None, COMMANDS).captures
        assert len(captures[0].result) == 20
        assert captures[0].capture.lines[1:21] == tuple(rows.split("\n")[:20])


def test_a_call_as_wide_as_the_screen_ends_there() -> None:
    text = SAMPLES["azure-cni-broken"].read_text(encoding="utf-8")
    call = next(line for line in text.split("\n") if line.endswith("-n ip route"))
    assert len(call) == 80
    assert [route.dev for space in read(screen(text, 80)).nodes[0].namespaces for route in space.routes or ()] == [
        route.dev for space in read(text).nodes[0].namespaces for route in space.routes or ()
    ]


def test_a_call_that_the_screen_broke_is_one_call() -> None:
    call = f"azureuser@aks-nodepool1-12345678-vmss000000:~$ sudo docker inspect {'0b7c7a46ade1' * 5}abcd"
    [broken, *_] = unbroken(screen(f"{call}\n{call}\n", 80), {2, 4}, lambda line: line.endswith(("abcd", "0b7c")))
    assert broken.split("\n")[0] == call


def test_long_and_many_lines_take_linear_time() -> None:
    for piece in ("x" * 80 + "\n", "x" * 80 + "\n" + "y" * 79 + "\n", "$ ip addr" + " " * 71 + "\n", " " * 80 + "|\n"):
        assert_linear(piece.__mul__, lambda text: list(unbroken(text, range(10**6), lambda line: "$" in line)), 5_000)
        assert_linear(piece.__mul__, lambda text: read(f"$ route -n\nwho\n{text}"), 1_000)
