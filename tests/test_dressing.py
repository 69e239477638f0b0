"""What is taken off a line, and what is left on it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aksnet_parse.dressing import is_cut_mark, is_fence, undress


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
        # What must stay as it is:
        ("10: eth0: <UP>", "10: eth0: <UP>"),
        ("02:42:10:7e:03:0e", "02:42:10:7e:03:0e"),
        ("10.0.0.0 0.0.0.0", "10.0.0.0 0.0.0.0"),
        ("5: naïve: <UP>", "5: naïve: <UP>"),
        ('"Created": "2021-03-04T10:11:12Z"', '"Created": "2021-03-04T10:11:12Z"'),
    ],
)
def test_undress(dressed: str, plain: str) -> None:
    assert undress(f"{dressed}\n") == [plain, ""]


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
    ],
)
def test_cut_marks(line: str) -> None:
    assert is_cut_mark(line)


@pytest.mark.parametrize(
    "line", ["", "eth0", "1: lo", "[", "{", "}", "]", "a ...", "veth...", "...veth", "(none)", "[]", "{}"]
)
def test_no_cut_marks(line: str) -> None:
    assert not is_cut_mark(line)


@pytest.mark.parametrize("line", ["```", "```console", "~~~", "  ```  ", "<pre>", "</code>", "{code}", "{noformat}"])
def test_fences(line: str) -> None:
    assert is_fence(line)
    assert not is_fence(f"{line} and prose")


@pytest.mark.parametrize(
    "unit", [" ", ">", "> ", "\x1b[", "\x1b]", "&lt;", "&", "2021-03-04T", "10:11:12 ", ". ", "[snip ", "\t"]
)
def test_a_hostile_line_takes_no_longer_than_its_length(unit: str) -> None:
    started = time.perf_counter()
    line = unit * (1_000_000 // len(unit))
    undress(line)
    is_cut_mark(line)
    is_fence(line)
    assert time.perf_counter() - started < 5
