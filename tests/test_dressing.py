"""What is taken off a line, and what is left on it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aksnet_parse.dressing import is_cut_mark, is_fence, undress
from tests.growth import assert_linear


@pytest.mark.parametrize(
    ("dressed", "plain"),
    [
        ("\ufeff1: lo", "1: lo"),
        ("1: lo\r", "1: lo"),
        ("  inet\u00a010.0.0.1/8", "  inet 10.0.0.1/8"),
        ("\x1b[1;32mroot@node\x1b[0m:~# ls", "root@node:~# ls"),
        ("\x1b]0;title\x07root@node:~# ls", "root@node:~# ls"),
        ("^[[36meth0^[[0m", "eth0"),
        (">     inet", "    inet"),
        ("> > 1: lo", "1: lo"),
        (">", ""),
        ("2021-03-04T10:11:12Z     inet", "    inet"),
        ("2021-03-04T10:11:12.5+01:00 1: lo", "1: lo"),
        ("[2021-03-04 10:11:12] 1: lo", "1: lo"),
        ("2021/03/04 10:11:12 INFO 1: lo", "1: lo"),
        ("Mar  4 10:11:12 host script[12]: 1: lo", "1: lo"),
        ("10:11:12 | 1: lo", "1: lo"),
        ("2021-03-04T10:11:12Z stdout F 1: lo", "1: lo"),
        ("2: eth0: &lt;UP&gt; mtu", "2: eth0: <UP> mtu"),
        ("cbr0\t\t8000.0", "cbr0            8000.0"),
        ("progress\rdone", "done"),
        ("1: l\u200bo", "1: lo"),
        ("1: lo   ", "1: lo"),
        ("01/02/2024 03:04:05 AM 1: lo", "1: lo"),
        ("02.01.2024 03:04:05     inet", "    inet"),
        ("[ 1234.567890] 1: lo", "1: lo"),
        ("[Tue Jan  2 03:04:05 2024] 1: lo", "1: lo"),
        ("Jan  2 03:04:05 8876", "8876"),
        ("I0102 03:04:05.678901       1 capture.go:12] 1: lo", "1: lo"),
        ("[03:04:05] > 1: lo", "1: lo"),
        ("> 2024-01-02 03:04:05 1: lo", "1: lo"),
        ("    \x1b[01;31m\x1b[Kinet\x1b[m\x1b[K 10.0.0.1/8", "    inet 10.0.0.1/8"),
        ("    [01;31m[Kinet[m[K 10.0.0.1/8", "    inet 10.0.0.1/8"),
        ("1: lo^M", "1: lo"),
        ("&#39;a&#39;&#160;&#xa0;&apos;b&apos;", "'a'  'b'"),
        ("a&#10;b&#13;c", "a b c"),
        ("ip adx\b\bddr", "ip addr"),
        ("\b\b\bip", "ip"),
        ("```1: lo: <UP> mtu 1", "1: lo: <UP> mtu 1"),
        ("       valid_lft forever```", "       valid_lft forever"),
        ("<pre>1: lo: <UP> mtu 1", "1: lo: <UP> mtu 1"),
        ("       valid_lft forever</code></pre>", "       valid_lft forever"),
        ("<details><summary>ip addr</summary>", "ip addr"),
        ('<pre class="x"><code>bridge name', "bridge name"),
        ("1\x00:\x00 \x00l\x00o\x00", "1: lo"),
        ("a\x1b", "a"),
        ("a\x1c\x7fb", "ab"),
        # What must stay as it is:
        ("```console", "```console"),
        ("```", "```"),
        ("[master]", "[master]"),
        ("<pre><code>", "<pre><code>"),
        ("1: lo: <UP> mtu 1", "1: lo: <UP> mtu 1"),
        ("a && b", "a && b"),
        ("10.24.0.0 255.255.0.0", "10.24.0.0 255.255.0.0"),
        ("1.2.3.4 5.6.7.8", "1.2.3.4 5.6.7.8"),
        ("10: eth0: <UP>", "10: eth0: <UP>"),
        ("02:42:10:7e:03:0e", "02:42:10:7e:03:0e"),
        ("10.0.0.0 0.0.0.0", "10.0.0.0 0.0.0.0"),
        ("5: naïve: <UP>", "5: naïve: <UP>"),
        ('"Created": "2021-03-04T10:11:12Z"', '"Created": "2021-03-04T10:11:12Z"'),
    ],
)
def test_undress(dressed: str, plain: str) -> None:
    assert undress(f"{dressed}\n") == [plain, ""]


PIECES = [
    "\n",
    "\r",
    "\r\n",
    "\t",
    " ",
    ">",
    "> ",
    "\x1b[1m",
    "\x1b]0;",
    "\x07",
    "\b",
    "^[[1m",
    "^M",
    "[0m",
    "&lt;",
    "&#10;",
]
PIECES += [
    "<pre>",
    "</code>",
    "\u2028",
    "&",
    "```",
    "2024-01-02T03:04:05Z ",
    "[03:04:05] ",
    "1: lo",
    "inet",
    "\u00a0",
    "\u200b",
    "é",
    "\x00",
    "\x0b",
]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_a_line_is_undressed_alike_alone_and_among_others(text: str) -> None:
    lines = text.replace("\r", "").split("\n")
    among = undress("\n".join(lines) + "\n")
    assert among == [line for text in lines for line in undress(text + "\n")[:1]] + [""]


@given(st.text() | st.lists(st.sampled_from(PIECES)).map("".join))
def test_nothing_is_left_that_moves_a_cursor(text: str) -> None:
    for line in undress(text):
        assert not set(line) & set("\n\r\t\b\x00\x07\x1b\u00a0\u200b\ufeff")
        assert line == line.rstrip(" ")


@given(st.text())
def test_lines_are_kept(text: str) -> None:
    if "\n" in text or "\r" not in text:
        assert len(undress(text)) == text.count("\n") + 1


@pytest.mark.parametrize(
    "line",
    [
        ".",
        "..",
        "...",
        "  ...  ",
        "…",
        ". . .",
        "[...]",
        "(...)",
        "<snip>",
        "--- snip ---",
        "[output omitted]",
        "# ...",
        "--",
        "<...>",
        "[SNIP]",
        "----8<----",
        "-- 8< --",
        "(output omitted for brevity)",
        "... output omitted ...",
        "...output omitted...",
        "... 12 more interfaces",
        "[... 12 more interfaces ...]",
        "<truncated>",
        "*** truncated ***",
        "output omitted",
        "^C",
    ],
)
def test_cut_marks(line: str) -> None:
    assert is_cut_mark(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "- the bridge was removed",
        "[ ]",
        "---",
        "$ ...",
        "eth0",
        "1: lo",
        "[",
        "{",
        "}",
        "]",
        "a ...",
        "veth...",
        "...veth",
        "... 8000.000000000000 no",
        "(none)",
        "[]",
        "{}",
    ],
)
def test_no_cut_marks(line: str) -> None:
    assert not is_cut_mark(line)


@pytest.mark.parametrize(
    "line",
    [
        "```",
        "```console",
        "```{.sh .numberLines}",
        "`````",
        "~~~",
        "  ```  ",
        "<pre>",
        '<pre class="x"><code>',
        "</code>",
        "{code}",
        "{code:bash}",
        "{noformat}",
        "[code]",
        "[/code]",
    ],
)
def test_fences(line: str) -> None:
    assert is_fence(line)
    assert not is_fence(f"{line} and prose")


HOSTILE = [
    " ",
    "1",
    ">",
    "> ",
    "\x1b[",
    "\x1b]",
    "\x1b[1;",
    "^[[",
    "[0m",
    "[1;",
    "&lt;",
    "&",
    "&#",
    "2021-03-04T",
    "10:11:12 ",
]
HOSTILE += [
    "Jan ",
    ". ",
    ".",
    "…",
    "*",
    "[snip ",
    "snip ",
    "... a ",
    "\t",
    "\u00a0",
    "\b",
    "a\b",
    "\r",
    "`",
    "```",
    "``` ",
    "<pre ",
    "<pre>",
    "</pre>",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_hostile_line_takes_no_longer_than_its_length(unit: str) -> None:
    def lines(size: int) -> list[str]:
        prefixes = ("", "> ", "```", "[", "...", "<pre ", "<pre>", "</pre>", "2021-03-04T10:11:12Z ")
        return [prefix + unit * (size // len(unit)) + suffix for prefix in prefixes for suffix in ("", "!", "\n")]

    def read(lines: list[str]) -> None:
        for line in lines:
            undress(line)
            is_cut_mark(line)
            is_fence(line)

    assert_linear(lines, read, 25_000)
