"""What the README shows is what the program does."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

from aksnet_parse.cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)


def _shown_after(kind: str, words: str) -> str:
    """The text block that follows the first block of ``kind`` that holds ``words``."""
    index = next(index for index, (found, text) in enumerate(BLOCKS) if found == kind and words in text)
    assert BLOCKS[index + 1][0] == "text"
    return BLOCKS[index + 1][1]


# A block of commands and what it prints: the next block, under the same heading.
COMMANDS: list[tuple[str, str]] = re.findall(
    r"```sh\n((?:(?!```).)*aksnet-parse (?:(?!```).)*)```\n(?:(?!```|\n#).)*```text\n(.*?)```", README, re.DOTALL
)


@pytest.mark.parametrize(("commands", "shown"), COMMANDS, ids=[text.split("aksnet-parse ")[1] for text, _ in COMMANDS])
def test_commands_print_what_is_shown(
    commands: str, shown: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("COLUMNS", raising=False)
    *_, arguments = commands.split("aksnet-parse ")
    assert main(arguments.split()) == 0
    printed = capsys.readouterr().out
    if shown.endswith("\n...\n"):  # the rest is left out
        shown = shown.removesuffix("...\n")
        assert len(printed) > len(shown)
        printed = printed[: len(shown)]
    assert printed == shown


def test_every_command_with_an_answer_is_tried() -> None:
    assert [text.split("aksnet-parse ")[-1].split()[0] for text, _ in COMMANDS] == [
        "samples/azure-cni-transparent.txt",
        "compare",
    ]


@pytest.mark.parametrize("words", ["aksnet_parse.analyze", "aksnet_parse.compare", "aksnet_parse.parse_ip_addr"])
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
