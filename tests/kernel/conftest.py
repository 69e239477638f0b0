"""Tests here need root and real tools. Without them they are skipped with a reason, or failed where
AKSNET_REQUIRE_KERNEL=1 says that this machine must have them.
"""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.required import cannot_run
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
    if reasons:
        cannot_run(f"cannot build a topology here: {', '.join(reasons)}")
