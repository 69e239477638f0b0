"""Each proof of a pod has a sentence and the lines that show it."""

from __future__ import annotations

from pathlib import Path

import pytest

from aksnet_parse import analyze, read
from aksnet_parse.analysis.proofs import proofs
from aksnet_parse.analysis.situation import look_at

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*.txt"))


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_every_proof_of_every_pod_is_shown_by_lines_about_that_pod(sample: Path) -> None:
    text = sample.read_text(encoding="utf-8").split("\n")
    [node] = read(sample).nodes
    [answer] = analyze(read(sample)).nodes
    found = proofs(look_at(node))
    assert len(found) == len(answer.pods) > 0
    for pod, proven_by in zip(answer.pods, found, strict=True):
        assert tuple(one.proof for one in proven_by) == pod.proofs
        assert pod.veth is not None
        own = {pod.veth.name, *(address.partition("/")[0] for address in pod.addresses)}
        own |= {f"eth0@if{pod.veth.ifindex}:"}
        networks = {f"{bridge}" for bridge in ("azure0", "cbr0", "docker0")}
        for one in proven_by:
            assert pod.veth.name in one.claim or pod.addresses[0].partition("/")[0] in one.claim
            assert one.lines
            shown = [line.text.split() for line in one.lines]
            about = own | networks if one.proof == "pod-address" else own
            for line, words in zip(one.lines, shown, strict=True):
                assert line.file == str(sample)
                assert words == text[line.line - 1].split()
                assert any(word.startswith(tuple(about)) or word.partition("/")[0] in about for word in words), line


def test_the_sentences_say_what_ties_the_two_ends() -> None:
    sample = next(path for path in SAMPLES if path.stem == "azure-cni-transparent")
    situation = look_at(read(sample).nodes[0])
    [proven] = [
        by for pod, by in zip(situation.pods, proofs(situation), strict=True) if pod.addresses == ("10.220.2.21/24",)
    ]
    assert [(one.proof, one.claim, [line.line for line in one.lines]) for one in proven] == [
        (
            "peer-ifindex",
            "The pod's eth0, index 15, names host index 16 as its peer: azv33ac2d062ec, whose peer is index 15.",
            [12, 32],
        ),
        (
            "host-route",
            "The host has a route to 10.220.2.21/32, the pod's address, by azv33ac2d062ec.",
            [14, 49],
        ),
    ]
