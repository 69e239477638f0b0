"""Runs the blocks of a page in their order, as a reader would, and compares what they print with what the page shows.

``python -m tests.documents PAGE...`` puts into pages what their blocks print now; where a page leaves lines out, it
only says that they do not hold any more.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

from aksnet_parse.cli import _parser, main

ROOT = Path(__file__).parent.parent
# Titles of blocks that need what is not there where the tests run: of these only the grammar and the calls are checked.
_ELSEWHERE = {"Install", "On the cluster"}
_FENCED = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r'title="([^"]*)"')
_GAP = re.compile(r"^\.\.\.\n", re.MULTILINE)
_OUTPUTS = {"text", "json"}
# A line that is a call of the program and nothing else need not start another interpreter.
_PLAIN = re.compile(r"aksnet-parse(?: (?:'[^']*'|[\w./:=@+-]+))*")
_CALL = re.compile(r"aksnet-parse [^|<>&;\n]+")


@dataclass(frozen=True)
class Block:
    """A fenced block. ``kind``: the language. ``title``: with a file's name it is that file. ``line``: of its first
    line of text."""

    kind: str
    title: str | None
    text: str
    line: int
    span: tuple[int, int]

    @property
    def is_output(self) -> bool:
        return self.title is None and self.kind in _OUTPUTS


def blocks(page: str) -> list[Block]:
    """The blocks of a page, in order."""
    found = []
    for match in _FENCED.finditer(page):
        title = _TITLE.search(match[2])
        line = page.count("\n", 0, match.start(3)) + 1
        found.append(Block(match[1], title[1] if title else None, match[3], line, match.span(3)))
    return found


def is_shown(printed: str, shown: str) -> bool:
    """True if ``printed`` is what a page shows, where a line of three dots stands for lines left out."""
    parts = _GAP.split(shown)
    pattern = "(?:[^\n]*\n)+".join(map(re.escape, parts))
    return re.fullmatch(pattern, printed) is not None


class Reader:
    """Somebody who follows a page in ``folder``, beside the samples."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[str, object] = {"__name__": "__page__"}
        with contextlib.suppress(FileExistsError):
            (folder / "samples").symlink_to(ROOT / "samples")

    def follow(self, page: str) -> Iterator[tuple[Block, str, Block | None]]:
        """Each block that runs, what it printed, and the block that shows it, None if the page does not."""
        for block, after in pairwise([*blocks(page), None]):
            assert block is not None
            if not block.is_output:
                yield block, self.run(block), after if after is not None and after.is_output else None

    def run(self, block: Block) -> str:
        """Do what one block says; what it printed."""
        if block.title in _ELSEWHERE:
            self._check(block)
            return ""
        if block.title is not None:
            path = self.folder / block.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, encoding="utf-8")
            return ""
        if block.kind == "python":
            return self._python(block)
        assert block.kind == "sh", f"line {block.line}: nobody knows how to run {block.kind}"
        return self._shell(block)

    def _check(self, block: Block) -> None:
        subprocess.run(["bash", "-n", "-c", block.text], check=True)
        parser, subcommands = _parser()
        for call in _CALL.findall(block.text):
            words = shlex.split(call)[1:]
            parser.parse_args(words if words[0] in subcommands else ["analyze", *words])

    def _python(self, block: Block) -> str:
        printed = io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(printed):
            exec(compile(block.text, f"line {block.line}", "exec"), self.names)
        return printed.getvalue()

    def _shell(self, block: Block) -> str:
        calls = block.text.splitlines()
        if all(_PLAIN.fullmatch(call) for call in calls):
            return "".join(map(self._call, calls))
        environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block.text],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        assert done.returncode == 0, f"exit status {done.returncode} of {block.text}{done.stderr}"
        return done.stdout

    def _call(self, call: str) -> str:
        printed = io.StringIO()
        environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
        with (
            contextlib.chdir(self.folder),
            contextlib.redirect_stdout(printed),
            patch.dict(os.environ, environment, clear=True),
        ):
            assert main(shlex.split(call)[1:]) == 0, call
        return printed.getvalue()


def update(page: str, folder: Path) -> tuple[str, list[tuple[Block, str]]]:
    """The page with what its blocks print now, and those blocks that leave lines out and do not hold, with that."""
    changed, stale = page, []
    for _, printed, shown in reversed([*Reader(folder).follow(page)]):
        if shown is None or is_shown(printed, shown.text):
            continue
        if _GAP.search(shown.text):
            stale.append((shown, printed))
        else:
            start, end = shown.span
            changed = changed[:start] + printed + changed[end:]
    return changed, stale[::-1]


def _main(paths: Sequence[str]) -> None:
    for path in map(Path, paths):
        folder = Path(tempfile.mkdtemp())
        try:
            page = path.read_text(encoding="utf-8")
            changed, stale = update(page, folder)
            for block, printed in stale:
                print(f"{path}, line {block.line}: what is printed is\n{printed}")
            if changed != page:
                path.write_text(changed, encoding="utf-8")
                print(f"{path}: other output")
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    _main(sys.argv[1:])
