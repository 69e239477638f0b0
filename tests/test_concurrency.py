"""Many threads and processes read different texts at once, and each gets what it would get alone."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest

from aksnet_parse import COMMANDS, analyze, read
from tests.test_accounting import OUTPUTS, SAMPLES

THREADS, PROCESSES = 8, 4
T = TypeVar("T")

TEXTS = [path.read_text(encoding="utf-8") for path in SAMPLES]
PIECES = [(command.name, text) for command, text in OUTPUTS]


def parsed(piece: tuple[str, str]) -> str:
    """All that a parse function says of a text, as text."""
    name, text = piece
    command = next(command for command in COMMANDS if command.name == name)
    result = command.parse(text, file=str(len(text)))
    return repr(([record.model_dump_json() for record in result], result.unparsed, result.passed_over))


def answered(text: str) -> str:
    return analyze(read(text, file="ticket.txt")).model_dump_json()


def turned(items: list[T], number: int) -> list[T]:
    """Each thread begins with another, so that different texts are read at any moment."""
    start = number * len(items) // THREADS
    return items[start:] + items[:start]


@pytest.mark.parametrize(("work", "items"), [(parsed, PIECES), (answered, TEXTS)], ids=["parse", "analyze"])
def test_threads(work: Callable[[T], str], items: list[T]) -> None:
    alone = dict(zip(map(repr, items), map(work, items), strict=True))
    barrier = threading.Barrier(THREADS)

    def reader(number: int) -> list[str]:
        barrier.wait()
        return [repr(item) for item in turned(items, number) if work(item) != alone[repr(item)]]

    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # threads change places in the middle of everything
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            assert list(pool.map(reader, range(THREADS))) == [[]] * THREADS
    finally:
        sys.setswitchinterval(switching)


def test_processes() -> None:
    pieces = PIECES[:: max(1, len(PIECES) // 60)]
    alone = [*map(parsed, pieces), *map(answered, TEXTS)]
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert [*pool.map(parsed, pieces, chunksize=5), *pool.map(answered, TEXTS)] == alone


# --- first use --------------------------------------------------------------------------------------------------------

# A fresh interpreter, in which nothing was compiled: what eight threads that start at once find, and how often each
# template was compiled.
FIRST_USE = """
import json, sys, threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
import aksnet_parse
from aksnet_parse import grammar

compiled = Counter()
compile_template = grammar._compile_with_ttp

def count(template):
    compiled[template] += 1
    return compile_template(template)

grammar._compile_with_ttp = count
sys.setswitchinterval(1e-5)
pieces = json.load(sys.stdin)
barrier = threading.Barrier(8)

def said(piece):
    name, text = piece
    command = next(command for command in aksnet_parse.COMMANDS if command.name == name)
    result = command.parse(text, file=str(len(text)))
    return repr(([record.model_dump_json() for record in result], result.unparsed, result.passed_over))

def work(number):
    barrier.wait()
    start = 0 if number < 4 else number * len(pieces) // 8  # four race for the same template, four for others
    found = {repr(piece): said(piece) for piece in pieces[start:] + pieces[:start]}
    return [found[repr(piece)] for piece in pieces]

with ThreadPoolExecutor(8) as pool:
    results = list(pool.map(work, range(8)))
print(json.dumps([results[0], len(set(map(repr, results))), sorted(compiled.values())]))
"""


def test_first_use_by_many_threads_compiles_each_template_once() -> None:
    firsts = {name: (name, text) for name, text in reversed(PIECES)}
    pieces = [firsts.get(command.name, (command.name, "")) for command in COMMANDS]
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", FIRST_USE], input=json.dumps(pieces), capture_output=True, text=True, check=False
        )
        assert done.stderr == ""
        found, different, compiled = json.loads(done.stdout)
        assert different == 1
        assert found == [parsed(piece) for piece in pieces]
        templates = Path(__file__).parent.parent / "templates"
        assert compiled == [1] * len(compiled)
        assert 0 < len(compiled) <= len(list(templates.glob("*.ttp")))


def test_the_command_line_at_once(tmp_path: Path) -> None:
    """Processes that share a folder for TTP's cache, an empty one, leave nothing in it and give the same answer."""
    calls = [
        subprocess.Popen(
            [sys.executable, "-m", "aksnet_parse", str(path), "--format", "json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "TTPCACHEFOLDER": str(tmp_path)},
        )
        for path in SAMPLES[:PROCESSES]
    ]
    for path, call in zip(SAMPLES, calls, strict=False):
        out, error = call.communicate()
        assert error == b""
        assert json.loads(out) == json.loads(analyze(read(path)).model_dump_json())
    assert list(tmp_path.iterdir()) == []
