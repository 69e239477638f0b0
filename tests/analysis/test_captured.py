"""The captured text of an answer: whole where it is the network's, the lines that are cited where it can hold more."""

from __future__ import annotations

from pathlib import Path

import pytest

from aksnet_parse import analyze, read
from aksnet_parse.analysis import captured
from aksnet_parse.analysis.captured import captured_text
from aksnet_parse.analysis.models import LineReference

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*.txt"))
DOCKER = next(path for path in SAMPLES if path.stem == "docker-kubenet")


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_line_is_that_of_the_file(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    texts = captured_text(read(path).nodes, ())
    assert texts
    for text in texts:
        for line in text.lines:
            assert line.text.strip() == lines[line.line - 1].expandtabs().strip()
        if text.command == "ip addr":
            assert text.left_out == 0
            assert text.reason is None


def test_of_what_can_hold_secrets_only_cited_lines_are_there() -> None:
    reading = read(DOCKER)
    [line] = [
        LineReference(file=str(DOCKER), line=number, text=text)
        for number, text in enumerate(DOCKER.read_text(encoding="utf-8").split("\n"), 1)
        if '"Id":' in text
    ][:1]
    inspected = [text for text in captured_text(reading.nodes, [line]) if text.command == "docker inspect"]
    assert [one for text in inspected for one in text.lines] == [line]
    assert sum(text.left_out for text in inspected) > 50
    assert "environment variables" in str(inspected[0].reason)


def test_of_a_long_capture_what_is_cited_is_there_with_what_is_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captured, "_LONGEST_CAPTURE", 5)
    path = next(path for path in SAMPLES if path.stem == "azure-cni-transparent")
    reading = read(path)
    cited = analyze(reading).nodes[0].mode.evidence[0].lines[:1]
    [text] = [text for text in captured_text(reading.nodes, cited) if text.command == "route -n"]
    assert [line.line for line in text.lines] == list(range(cited[0].line - 3, cited[0].line + 4))
    assert text.left_out > 0
    assert "too long" in str(text.reason)


def test_a_line_that_is_a_page_is_cut() -> None:
    text = f'$ ip -j addr\n[{{"ifindex":1,"ifname":"lo"{" " * 20_000}}}]\n'
    [found] = captured_text(read(text).nodes, ())
    assert found.lines[-1].text.endswith("more characters")
    assert len(found.lines[-1].text) < 10_100


def test_what_several_nodes_share_is_there_once() -> None:
    node = read(DOCKER).nodes[0]
    assert captured_text([node, node], ()) == captured_text([node], ())
