"""The catalogue of findings, as a list, as JSON and as a page; and the gate that scripts make of it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from aksnet_parse import FINDINGS, analyze, read
from aksnet_parse.analysis.checks import CHECKS
from aksnet_parse.analysis.models import Analysis
from aksnet_parse.cli import main
from aksnet_parse.render.findings import findings_markdown

from .analysis.texts import AZURE_TRANSPARENT, KUBENET, inside, ip_addr, link, route_n

ROOT = Path(__file__).parent.parent


def text_file(folder: Path, name: str, *texts: str) -> str:
    path = folder / name
    path.write_text("\n".join(texts), encoding="utf-8")
    return str(path)


@pytest.fixture
def healthy(tmp_path: Path) -> str:
    return text_file(tmp_path, "healthy.txt", *KUBENET.values())


@pytest.fixture
def with_warning(tmp_path: Path) -> str:
    pod = inside(100, link(3, "eth0@if4", "10.244.0.2/24").replace("mtu 1500", "mtu 1400"))
    return text_file(tmp_path, "warning.txt", *(text for name, text in KUBENET.items() if name != "pod"), pod)


@pytest.fixture
def with_error(tmp_path: Path) -> str:
    routes = AZURE_TRANSPARENT["route -n"].split("\n")
    kept = "\n".join(line for line in routes if not line.startswith("0.0.0.0 "))
    rest = [text for name, text in AZURE_TRANSPARENT.items() if name != "route -n"]
    return text_file(tmp_path, "error.txt", *rest, kept)


# --- the catalogue ----------------------------------------------------------------------------------------------------


def test_every_kind_is_described_once_and_whole() -> None:
    codes = [kind.code for kind in FINDINGS]
    assert len(set(codes)) == len(codes) > 30
    for kind in FINDINGS:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.code)
        for sentence in (kind.summary, kind.cause, kind.evidence, kind.advice):
            assert sentence.endswith((".", ").", "`."))
            assert sentence[0].isupper() or sentence[0] == "`" or sentence.startswith("docker0")


def test_every_check_is_named_after_a_finding() -> None:
    assert {one.__name__.replace("_", "-") for one in CHECKS} <= {kind.code for kind in FINDINGS}


def test_the_page_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "pages" / "reference" / "findings.md").read_text(encoding="utf-8")
    assert main(["findings", "--format", "markdown"]) == 0
    assert capsys.readouterr().out == page == findings_markdown(FINDINGS)
    anchors = set(re.findall(r"^## (\S+)$", page, re.MULTILINE))
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) == anchors == {kind.code for kind in FINDINGS}


def test_the_list_names_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["findings"]) == 0
    shown = capsys.readouterr().out
    assert [line.partition(" ")[0] for line in shown.split("\n") if line and not line.startswith(" ")] == [
        kind.code for kind in FINDINGS
    ]
    assert max(map(len, shown.split("\n"))) <= 80
    assert main(["findings", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0].keys() == {
        "code",
        "severity",
        "summary",
        "cause",
        "evidence",
        "advice",
    }


def test_one_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["findings", "mtu-differs"]) == 0
    shown = capsys.readouterr().out
    for heading in ("mtu-differs (warning)", "Cause", "Evidence", "What to do", "ping -M do"):
        assert heading in shown
    assert main(["findings", "mtu-difers"]) == 2
    assert capsys.readouterr().err == (
        "aksnet-parse: no finding has the code 'mtu-difers'; did you mean mtu-differs?\n"
    )
    assert main(["findings", "zzz"]) == 2
    assert capsys.readouterr().err.endswith("`aksnet-parse findings` lists all\n")


@pytest.mark.parametrize("sample", sorted((ROOT / "samples").glob("*.txt")), ids=lambda path: path.stem)
def test_only_the_broken_sample_has_something_wrong(sample: Path) -> None:
    [node] = analyze(read(sample)).nodes
    worse = {finding.code for finding in node.findings if finding.severity != "info"}
    assert worse == ({"azure-address-astray", "pod-route-missing"} if "broken" in sample.stem else set())


# --- the gate ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["text", "json", "jsonl"])
def test_fail_on(
    form: str, healthy: str, with_warning: str, with_error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    statuses = {
        (name, level): main([path, "--format", form, *(["--fail-on", level] if level else [])])
        for name, path in (("healthy", healthy), ("warning", with_warning), ("error", with_error))
        for level in ("", "warning", "error")
    }
    assert capsys.readouterr().err == ""
    assert statuses == {
        ("healthy", ""): 0,
        ("healthy", "warning"): 0,
        ("healthy", "error"): 0,
        ("warning", ""): 0,
        ("warning", "warning"): 3,
        ("warning", "error"): 0,
        ("error", ""): 0,
        ("error", "warning"): 3,
        ("error", "error"): 3,
    }


def test_what_cannot_be_read_is_worse_than_a_finding(with_error: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([with_error, "missing.txt", "--fail-on", "error"]) == 2
    assert "missing.txt: No such file" in capsys.readouterr().err


def test_json_lines_are_one_analysis_each(
    tmp_path: Path, healthy: str, with_error: str, capsys: pytest.CaptureFixture[str]
) -> None:
    interfaces = ip_addr(link(2, "eth0", "10.9.0.4/16", mac="00:0d:3a:00:00:99"))
    other = text_file(tmp_path, "other.txt", interfaces, route_n("10.9.0.0/16 eth0"))
    assert main([healthy, other, "missing.txt", "--format", "jsonl"]) == 2
    shown = capsys.readouterr().out.splitlines()
    schema = Analysis.model_json_schema(mode="serialization")
    documents = [json.loads(line) for line in shown]
    for document in documents:
        jsonschema.validate(document, schema)
    assert [len(document["nodes"]) for document in documents] == [1, 1, 0]
    assert [item["file"] for item in documents[-1]["skipped"]] == ["missing.txt"]
    whole = analyze(read([Path(healthy), Path(other)]))
    assert tuple(Analysis.model_validate(document).nodes[0] for document in documents[:2]) == whole.nodes


def test_nothing_recognised_is_a_line_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([text_file(tmp_path, "prose.txt", "Nothing.\n"), "--format", "jsonl"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "schema_version": 2,
        "nodes": [],
        "skipped": [],
        "listed_pods": [],
        "listed_nodes": [],
        "unread": [],
    }
