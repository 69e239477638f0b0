"""However `ip` was called, the node is the same: compared with what plain `ip addr` gives of the same real node."""

from __future__ import annotations

import pytest

from aksnet_parse import analyze, read
from aksnet_parse.analysis.models import NodeAnalysis
from tests.topology import HOST_COMMANDS, KINDS, build

pytestmark = pytest.mark.usefixtures("kernel")

PODS = 4
HOST: dict[str, tuple[str, ...]] = {
    "details": ("ip -d addr",),
    "statistics": ("ip -s -s addr",),
    "JSON": ("ip -j addr",),
    "JSON on many lines, with details": ("ip -j -p -d addr",),
    "links, then addresses": ("ip -d link", "ip -o addr"),
    "addresses, then links": ("ip -o addr", "ip -o -s -d link"),
    "JSON of links and of each family": ("ip -4 -d -j addr show", "ip -6 -d -j addr show", "ip -j link"),
    "each family": ("ip -4 addr", "ip -6 addr"),
    "links and brief": ("ip link", "ip -br addr"),
}
INSIDE = ("ip -d addr", "ip -s addr", "ip -j addr", "ip -j -p addr", "ip -4 addr")


def analyzed(text: str) -> NodeAnalysis:
    [node] = analyze(read(text)).nodes
    assert node.unparsed == ()
    return node


def same(node: NodeAnalysis) -> tuple[object, ...]:
    mode = node.mode.model_dump(exclude={"evidence"})
    return mode, node.uplink, [pod.model_dump() for pod in node.pods]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind in {"kubenet", "azure-transparent", "azure-bridge"}])
def test_every_call_gives_the_same_wiring(kind: str) -> None:
    [known] = [known for known in KINDS if known == kind]
    with build(known, PODS) as node:
        expected = same(analyzed(node.transcript()))
        others = [command for command in HOST_COMMANDS if command != "ip addr"]
        for name, commands in HOST.items():
            found = analyzed(node.transcript((*commands, *others)))
            # Without link-layer addresses the network plugin is less certain.
            first = 1 if name == "each family" else 0
            assert same(found)[first:] == expected[first:], name
        for command in INSIDE:
            found = analyzed(node.transcript(inside=(command,)))
            assert same(found) == expected, command


def test_without_a_command_line_they_are_known_by_their_look() -> None:
    with build("azure-transparent", 2) as node:
        for command in (
            "ip -d addr",
            "ip -s addr",
            "ip -j addr",
            "ip -j -p addr",
            "ip link",
            "ip -o addr",
            "ip -br addr",
        ):
            [found] = analyze(read(f"Look:\n\n{node.run(*command.split())}\nYours\n")).nodes
            assert [capture.command for capture in found.captures] == ["ip link" if "link" in command else "ip addr"]
            assert found.unparsed == ()
            assert len(found.pods) == 2, command
