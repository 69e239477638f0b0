"""TTP's habits stay behind a fence: its cache, which would run the code of whoever wrote it, and its logging.

Each test is an interpreter of its own, in which nothing was imported.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.commands.test_library import PARSE_ALL, python

HOSTILE = """
import pickle
class Hostile:
    def __reduce__(self):
        return (open, (MARKER, "w"))
with open(CACHE, "wb") as file:
    pickle.dump(Hostile(), file)
"""


def ttp_folder() -> Path:
    spec = importlib.util.find_spec("ttp")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def test_plain_ttp_would_run_the_code_of_a_hostile_cache(tmp_path: Path) -> None:
    """What the fence is for. If this fails, TTP has changed for the better."""
    marker, cache = tmp_path / "loaded", tmp_path / "cache" / "ttp_dict_cache.pickle"
    cache.parent.mkdir()
    program = f"MARKER, CACHE = {str(marker)!r}, {str(cache)!r}\n{HOSTILE}\nfrom ttp import ttp\nttp()\n"
    environment = {**os.environ, "TTPCACHEFOLDER": str(cache.parent)}
    subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=False)
    assert marker.exists()


@pytest.mark.parametrize("where", ["folder", "package"])
def test_a_hostile_cache_is_not_loaded(where: str, tmp_path: Path) -> None:
    """In the folder that the environment names, or beside TTP's own code."""
    package = tmp_path / "site" / "ttp"
    shutil.copytree(ttp_folder(), package, ignore=shutil.ignore_patterns("*.pickle", "__pycache__"))
    folder = tmp_path / "cache" if where == "folder" else package
    folder.mkdir(exist_ok=True)
    marker, cache = tmp_path / "loaded", folder / "ttp_dict_cache.pickle"
    found = python(
        f"""
MARKER, CACHE = {str(marker)!r}, {str(cache)!r}
{HOSTILE}
sys.path.insert(0, {str(package.parent)!r})
if {where == "folder"}:
    os.environ["TTPCACHEFOLDER"] = {str(folder)!r}
from pathlib import Path
before = Path(CACHE).read_bytes()
import aksnet_parse
{PARSE_ALL}
import importlib.util
print(json.dumps([importlib.util.find_spec("ttp").origin, Path(CACHE).read_bytes() == before]))
"""
    )
    assert found == [str(package / "__init__.py"), True]
    assert not marker.exists()


@pytest.mark.parametrize("folder", ["unset", "missing", "a file", "empty"])
def test_nothing_is_written_and_nothing_said_where_nothing_can_be_written(folder: str, tmp_path: Path) -> None:
    """Every attempt to open a file for writing, or to make or remove one, is refused as on a read-only disk."""
    named = tmp_path / "cache"
    if folder == "a file":
        named.write_text("")
    elif folder == "empty":
        named.mkdir()
    attempts = python(
        f"""
if {folder != "unset"}:
    os.environ["TTPCACHEFOLDER"] = {str(named)!r}
attempts = []
def refuse(event, arguments):
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if writes or event in {{"os.mkdir", "os.remove", "os.rename", "os.chmod", "shutil.rmtree"}}:
        attempts.append([event, str(arguments[0])])
        raise PermissionError(13, "Read-only file system", str(arguments[0]))
sys.addaudithook(refuse)
import aksnet_parse
{PARSE_ALL}
aksnet_parse.analyze(aksnet_parse.read("route -n\\n0.0.0.0 10.0.0.1 0.0.0.0 UG 0 0 0 eth0\\n"))
print(json.dumps(attempts))
"""
    )
    assert attempts == []


LOGGERS = '["", "ttp", "ttp.ttp", "ttp.utils", "ttp.match", "other"]'
STATE = f"""
import logging
class Kept(logging.Handler):
    records = []
    def emit(self, record):
        self.records.append(record.getMessage())
def state():
    loggers = [logging.getLogger(name) for name in {LOGGERS}]
    manager = logging.Logger.manager
    return [
        [[each.level, list(map(id, each.handlers)), each.propagate, each.disabled] for each in loggers],
        [manager.disable, logging.raiseExceptions, logging.getLoggerClass().__name__, id(logging.lastResort)],
    ]
"""


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "ERROR"])
def test_the_logging_of_the_program_around_stays_as_it_was(level: str) -> None:
    before, after, records = python(
        f"""{STATE}
logging.getLogger().addHandler(Kept())
logging.getLogger().setLevel(logging.{level})
logging.getLogger("ttp").setLevel(logging.{level})
logging.getLogger("ttp").addHandler(Kept())
logging.getLogger("ttp.ttp").setLevel(17)
logging.getLogger("ttp.ttp").propagate = False
before = state()
import aksnet_parse
{PARSE_ALL}
try:
    aksnet_parse.grammar.Grammar('<group name="rows*">\\nx {{{{ a | re("a|b") }}}}\\n</group>')
except aksnet_parse.GrammarError:
    pass
print(json.dumps([before, state(), Kept.records]))
"""
    )
    assert after == before
    assert records == []


def test_logging_that_nobody_set_up_stays_so() -> None:
    before, after, known = python(
        f"""{STATE}
before = state()
import aksnet_parse
{PARSE_ALL}
logging.getLogger("other").debug("x")
print(json.dumps([before, state(), len(logging.getLogger().handlers)]))
"""
    )
    assert after == before
    assert known == 0


def test_a_program_that_set_up_logging_later_gets_what_it_asks_for() -> None:
    found: Any = python(
        f"""{STATE}
import io
import aksnet_parse
{PARSE_ALL}
stream = io.StringIO()
logging.basicConfig(stream=stream, level=logging.INFO, format="%(name)s %(message)s")
logging.getLogger("mine").info("hello")
print(json.dumps(stream.getvalue()))
"""
    )
    assert found == "mine hello\n"
