"""Tests here need root and real tools. Without them they are skipped with a reason, or failed where
AKSNET_REQUIRE_KERNEL=1 says that this machine must have them.
"""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.kernel.equality import SCORES
from tests.topology import missing


@pytest.fixture(scope="session")
def kernel() -> None:
    """This machine can build nodes out of network namespaces."""
    _require(missing())


@pytest.fixture(scope="session")
def docker_daemon() -> None:
    """This machine can run a Docker daemon on such a node."""
    _require(missing(docker=True))


@pytest.fixture(scope="session")
def fabric() -> None:
    """This machine can connect such nodes."""
    _require(missing(fabric=True))


def _require(reasons: list[str]) -> None:
    if not reasons:
        return
    message = f"cannot build a topology here: {', '.join(reasons)}"
    if os.environ.get("AKSNET_REQUIRE_KERNEL") == "1":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How much of what the tools know was read from what they print."""
    if not SCORES:
        return
    terminalreporter.section("fields read from text and JSON that equal the tool's own JSON")
    heading = f"{'command':<12} {'as called':<24} {'scenes':>7} {'checked':>9} {'equal':>9} {'percent':>8}"
    terminalreporter.write_line(heading)
    for (command, call), score in SCORES.items():
        terminalreporter.write_line(
            f"{command:<12} {call:<24} {score.scenes:>7} {score.checked:>9} {score.equal:>9} {score.percent:>8.2f}"
        )
