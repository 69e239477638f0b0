"""What a person hands over by mistake is refused in words that say what was wanted."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aksnet_parse import (
    analyze,
    analyze_many,
    compare,
    explain,
    html_comparison,
    html_report,
    html_trace,
    read,
    trace,
)

SAMPLE = Path(__file__).parent.parent / "samples" / "kubenet-bridge.txt"
READING = read(SAMPLE)
NEED_A_READING: dict[str, Callable[[Any], Any]] = {
    "analyze": analyze,
    "explain": lambda reading: explain(reading, "10.244.0.2"),
    "trace": lambda reading: trace(reading, "10.244.0.2", "8.8.8.8"),
    "compare before": lambda reading: compare(reading, READING),
    "compare after": lambda reading: compare(READING, reading),
    "html_report": html_report,
    "html_comparison": lambda reading: html_comparison(READING, reading),
    "html_trace": lambda reading: html_trace(reading, "10.244.0.2", "8.8.8.8"),
}


@pytest.mark.parametrize("wrong", [analyze(READING), READING.nodes[0], SAMPLE, "ip addr", None], ids=type)
@pytest.mark.parametrize("name", NEED_A_READING)
def test_what_is_no_reading_is_refused(name: str, wrong: object) -> None:
    with pytest.raises(TypeError, match=rf"a Reading is needed.*not {type(wrong).__name__}"):
        NEED_A_READING[name](wrong)


@pytest.mark.parametrize("wrong", [b"ip addr", io.StringIO(SAMPLE.read_text()), 3, None], ids=type)
def test_only_text_and_paths_are_read(wrong: Any) -> None:
    with pytest.raises(TypeError, match=rf"text \(str\), a path object.*not {type(wrong).__name__}"):
        read(wrong)


@pytest.mark.parametrize("wrong", ["samples", SAMPLE])
def test_one_path_is_not_many(wrong: Any) -> None:
    with pytest.raises(TypeError, match="several paths are needed"):
        analyze_many(wrong)
