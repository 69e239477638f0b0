"""How the property tests search: anew each time, but always the same examples where `CI` is set, so that a gate that
passed passes again; never by the clock, which tells what else the machine does. And the table of what was compared with
the tools' own JSON, from all workers."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import settings

from .kernel.equality import SCORES

settings.register_profile("search", deadline=None)
settings.register_profile("gate", derandomize=True, deadline=None, print_blob=True)
settings.load_profile("gate" if os.environ.get("CI") else "search")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker hands its scores to the process that prints."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["scores"] = [(*key, score.scenes, score.checked, score.equal) for key, score in SCORES.items()]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    for command, call, scenes, checked, equal in getattr(node, "workeroutput", {}).get("scores", ()):
        score = SCORES[command, call]
        score.scenes += scenes
        score.checked += checked
        score.equal += equal


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
