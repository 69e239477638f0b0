"""What is measured is what the tools print, and each of those compared reads it. How fast is not tested here."""

from __future__ import annotations

import gc
import json
import math

import pytest

from aksnet_parse import COMMANDS, analyze, read

from .benchmarks.measure import best_times, exponent, peak
from .benchmarks.texts import TEXTS, Text, node_session


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.name)
def test_texts_are_understood_to_the_last_line(text: Text) -> None:
    command = next(command for command in COMMANDS if command.name == text.command)
    result = command.parse(text.of(40))
    assert result.unparsed == ()
    assert text.of(40) == text.of(40)
    if text.command == "brctl show":
        assert [len(bridge.interfaces) for bridge in result] == [40, 0]
    else:
        assert len(result) > 40


def test_every_pod_of_the_node_is_proven() -> None:
    [node] = analyze(read(node_session(12))).nodes
    assert [pod.status for pod in node.pods] == ["proven"] * 12
    assert node.unparsed == ()


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.name)
def test_all_that_are_compared_read_the_texts(text: Text) -> None:
    for module in ("jc", "insights", "ntc_templates"):
        pytest.importorskip(module, reason="the extra bench is not installed")
    from .benchmarks.contenders import contenders

    names = [contender.name for contender in contenders(text.command)]
    assert names[:2] == ["aksnet_parse", "floor"]
    for contender in contenders(text.command):
        contender.parse(text.of(5))


def test_the_table_has_a_row_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    for module in ("jc", "insights", "ntc_templates"):
        pytest.importorskip(module, reason="the extra bench is not installed")
    from .benchmarks.__main__ import main

    arguments = ["--sizes", "5", "--only", "brctl", "--seconds", "0.01"]
    assert main([*arguments, "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)["tables"]
    assert [(row["by"], row["pods"]) for row in rows][:2] == [("aksnet_parse", 5), ("floor", 5)]
    assert rows[0]["ratio"] == 1
    assert all(row["ms"] > 0 and row["MB/s"] > 0 and row["memory"] > 0 for row in rows)
    assert main(arguments) == 0
    assert "insights-core" in capsys.readouterr().out


def test_reports_are_measured_in_a_browser(capsys: pytest.CaptureFixture[str]) -> None:
    from .benchmarks.report import main

    assert main(["--sizes", "3", "--rounds", "1"]) == 0
    *_, empty, three = capsys.readouterr().out.splitlines()
    assert empty.startswith("empty page ")
    assert three.startswith("3 pods ")
    *_, size, elements, time, ratio, violations = three.split()
    assert float(size) < 0.1
    assert int(elements) > 100
    assert float(time) > 0
    assert float(ratio) > 0
    assert violations == "0"


def test_measuring() -> None:
    calls: list[str] = []
    times = best_times([lambda: calls.append("a"), lambda: calls.append("b")], 1, rounds=5)
    assert calls == [*"aaabbb"] * 5
    assert all(0 <= time < math.inf for time in times)
    assert exponent((10, 1.0), (1000, 100.0)) == pytest.approx(1)
    assert exponent((10, 1.0), (100, 100.0)) == pytest.approx(2)
    assert 1_000_000 <= peak(lambda: bytearray(1_000_000)) < 1_100_000
    assert gc.isenabled()
