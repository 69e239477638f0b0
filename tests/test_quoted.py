"""What `az vmss run-command invoke` and `az aks command invoke` hand back: the text in a string of JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aksnet_parse import analyze, html_report, read
from aksnet_parse.cli import main
from aksnet_parse.quoted import quoted_texts
from tests.growth import assert_linear

SAMPLES = Path(__file__).parent.parent / "samples"
TRANSPARENT = (SAMPLES / "azure-cni-transparent.txt").read_text(encoding="utf-8")
CALL = "me@laptop:~$ az vmss run-command invoke -g rg -n nodepool1 --instance-id 0 --command-id RunShellScript"


def of_node(printed: str) -> dict[str, Any]:
    """The form is that of Azure's documentation of run command."""
    message = f"Enable succeeded: \n[stdout]\n{printed}\n[stderr]\n"
    return {
        "value": [
            {
                "code": "ProvisioningState/succeeded",
                "displayStatus": "Provisioning succeeded",
                "level": "Info",
                "message": message,
                "time": None,
            }
        ]
    }


def of_cluster(printed: str) -> dict[str, Any]:
    """The form is that of Azure's documentation of ``az aks command invoke``."""
    return {"exitCode": 0, "id": "0123", "logs": printed, "provisioningState": "Succeeded", "reason": None}


def places(text: str, file: str | None = "answer.json") -> set[str | None]:
    return {capture.file for node in analyze(read(text, file=file)).nodes for capture in node.captures}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("form", [of_node, of_cluster])
def test_what_was_printed_is_read_as_if_it_stood_there_itself(form: Any, indent: int | None) -> None:
    [alone] = analyze(read(TRANSPARENT)).nodes
    [node] = analyze(read(json.dumps(form(TRANSPARENT), indent=indent), file="answer.json")).nodes
    assert node.pods == alone.pods
    assert node.mode.datapath == "transparent"
    assert [finding.code for finding in node.findings] == [finding.code for finding in alone.findings]


def test_a_line_is_cited_by_where_it_stands_in_the_string() -> None:
    text = json.dumps(of_cluster(TRANSPARENT), indent=2)
    [number] = [number for number, line in enumerate(text.split("\n"), 1) if '"logs"' in line]
    [node] = analyze(read(text, file="answer.json")).nodes
    for finding in node.findings:
        for line in finding.lines:
            assert line.file == f"answer.json!{number}"
            assert TRANSPARENT.split("\n")[line.line - 1].strip() == line.text.strip()


def test_it_is_found_in_a_ticket_and_without_a_name() -> None:
    ticket = f"Good morning,\n{CALL} --scripts 'sh collect.sh'\n{json.dumps(of_node(TRANSPARENT), indent=2)}\nThanks.\n"
    assert places(ticket, "ticket.txt") == {"ticket.txt!9"}
    assert places(ticket, None) == {"text!9"}


def test_only_the_end_was_handed_back() -> None:
    """Run command gives the last 4,096 bytes."""
    [node] = analyze(read(json.dumps(of_node(TRANSPARENT[-1500:])))).nodes
    assert node.mode.datapath == "transparent"
    assert len(node.pods) == 5


def test_two_nodes_and_the_text_beside_them() -> None:
    names = ["azure-cni-transparent", "kubenet-calico"]
    answers = [json.dumps(of_node((SAMPLES / f"{name}.txt").read_text()), indent=2) for name in names]
    [bridge, *others] = analyze(read((SAMPLES / "kubenet-bridge.txt").read_text() + "\n" + "\n".join(answers))).nodes
    assert bridge.mode.datapath == "bridge"
    assert [len(node.pods) for node in others] == [5, 9]


@pytest.mark.parametrize(
    "line",
    [
        '"message": "no end \\n of \\n it',
        '"message": "no \\\\n such \\\\n thing"',
        '"message": "\\ud800\\n\\n\\n"',
        '"message": "bad \\x escape\\n\\n"',
        '"Env": "1: lo: <LOOPBACK> mtu 1\\n2: eth0: <UP> mtu 1500\\n3: eth1: <UP> mtu 1500\\n"',
        '"message": ["a\\nb\\nc"]',
    ],
)
def test_other_strings_are_none(line: str) -> None:
    assert all("\ud800" in text for _, text in quoted_texts(line, None))
    assert read(line).nodes == ()


def test_the_file_is_named_where_a_number_alone_says_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("answer.json").write_text(json.dumps(of_cluster(TRANSPARENT)), encoding="utf-8")
    assert main(["answer.json"]) == 0
    assert "answer.json!1:46: 10.220.2.8 " in capsys.readouterr().out
    assert main(["answer.json", "--pod", "10.220.2.21"]) == 0
    assert "answer.json!1:32: 16: azv33ac2d062ec@if15" in capsys.readouterr().out
    assert "answer.json!1:46" in html_report(read(Path("answer.json")))


def test_in_a_bundle(tmp_path: Path) -> None:
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "node1.json").write_text(json.dumps(of_node(TRANSPARENT)), encoding="utf-8")
    reading = read(tmp_path)
    assert len(reading.nodes) == 1
    assert reading.passed_over == 0


def test_long_and_many_strings_take_linear_time() -> None:
    for piece in ('"message": "a\\n', '"message": "a\\n\\n" ', '"message": "\\\\\\n'):
        assert_linear(piece.__mul__, lambda text: list(quoted_texts(text, None)), 20_000)
    assert read('{"message": "' + "\\n" * 1_000_000 + '"}').nodes == ()


def test_one_listing_in_each_answer_is_one_node() -> None:
    reading = read(SAMPLES / "kubenet-bridge.txt")
    [node] = analyze(reading).nodes
    listings = [capture.capture.lines for capture in reading.nodes[0].captures if capture.namespace == "host"]
    answers = "".join(json.dumps(of_node("\n".join(lines)), indent=2) + "\n" for lines in listings)
    assert len(listings) == 3
    [again] = analyze(read(answers, file="node.txt")).nodes
    assert again.mode.datapath == node.mode.datapath
    assert {pod.veth for pod in again.pods} == {pod.veth for pod in node.pods}
    assert {pod.attachment for pod in again.pods} == {pod.attachment for pod in node.pods}
