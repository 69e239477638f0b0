"""Text of which every line was made an item, a comment, code or a numbered line gives the answer of the text itself."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from aksnet_parse import analyze, read
from aksnet_parse.dressing import undress, undressed
from aksnet_parse.margins import without_margins, without_ticks
from tests.growth import assert_linear

SAMPLES = sorted((Path(__file__).parent.parent / "samples").glob("*.txt"))


def each(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: "\n".join(map(change, text.split("\n")))


FORMS: dict[str, Callable[[str], str]] = {
    **{mark: each(f"{mark} {{}}".format) for mark in ("|", "│", "#", "*", "-", "//")},
    "cat -n": lambda text: "\n".join(f"{number:6}\t{line}" for number, line in enumerate(text.split("\n"), 1)),
    "columns": lambda text: "\n".join(f"{number:>4} | {line}" for number, line in enumerate(text.split("\n"), 1)),
    "nl": lambda text: "\n".join(f"{n:6}  {line}" if line else "" for n, line in enumerate(text.split("\n"), 1)),
    "code": each(lambda line: f"`{line}`" if line.strip() else line),
    "escaped": each(lambda line: re.sub(r"([\\_*<>\[\]-])", r"\\\1", line)),
    "br": each(lambda line: f"{html.escape(line, quote=False)}<br>"),
    "br/": each(lambda line: f"{line}<br />"),
    "p": each(lambda line: f"<p>{line}</p>" if line else line),
    "div": each(lambda line: f'<div class="x">{html.escape(line)}</div>'),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_line_in_a_form_gives_the_same_answer(path: Path, form: str) -> None:
    text = path.read_text(encoding="utf-8")
    [expected] = analyze(read(text)).nodes
    [node] = analyze(read(FORMS[form](text))).nodes
    assert (node.name, node.pods, node.uplink) == (expected.name, expected.pods, expected.uplink)
    assert [one.code for one in node.findings] == [one.code for one in expected.findings]
    assert node.unparsed == ()


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_what_has_no_margin_stays_as_it_is(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert without_margins(text) == text
    assert without_ticks(text.split("\n")) == text.split("\n")


@pytest.mark.parametrize(
    "text",
    [
        # Prompts of root, in few lines and among others.
        "# ip addr\n# brctl show\n# route -n",
        "# ip addr\n" + "1: lo: <LOOPBACK,UP>\n    link/loopback 00:00:00:00:00:00\n" * 3,
        # `ip -o` numbers its own lines.
        "".join(
            f"{number}: veth{number}: <UP> mtu 1500 \\    link/ether 02:00:00:00:00:0{number}\n"
            for number in range(1, 9)
        ),
        # Rows of numbers that do not count.
        "".join(f"{number}  rows of a table\n" for number in (9, 3, 17, 4, 11, 2)),
        "- one\n- two\nprose\nprose\nprose\nprose",
        "`ip addr`\n`ip route`\nshow it.",
    ],
)
def test_what_only_looks_like_a_margin(text: str) -> None:
    assert undressed(text) == "\n".join(line.rstrip() for line in text.split("\n"))


def test_numbers_may_leave_out_blank_lines_and_a_few_lines_may_have_none() -> None:
    lines = [f"{number}  line {number}" for number in range(1, 30) if number % 7]
    lines[5] = "wrapped"
    assert undress("\n".join(lines))[:3] == ["line 1", "line 2", "line 3"]


def test_a_call_in_backticks_is_still_one() -> None:
    [node] = read("Run `ip addr`:\n`ip addr`\n1: lo: <LOOPBACK,UP> mtu 65536\n2: eth0: <UP> mtu 1500\n").nodes
    assert [capture.command for capture in node.captures] == ["ip addr"]


def test_margins_take_linear_time() -> None:
    for piece in ("# \n", "| a\n", "`a`\n", "1  a\n2  b\n", "\\<A\\<A\n", " \n", "<br><p>\n"):
        assert_linear(piece.__mul__, undressed, 20_000)
        assert_linear(piece.strip("\n").__mul__, undressed, 20_000)
