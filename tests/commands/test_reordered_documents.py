"""JSON whose keys somebody sorted, and lists with objects of several kinds, without the call that printed them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aksnet_parse import COMMANDS, parse_docker_inspect, parse_kubectl_get_nodes, read
from aksnet_parse.transcript import find_captures

from ..listings import pods_document, ps_document
from ..test_secrets import DOCKER
from .test_crictl import SANDBOX


def resorted(value: Any) -> Any:
    return json.loads(json.dumps(value, sort_keys=True))


@pytest.mark.parametrize("indent", [None, 2, 4])
@pytest.mark.parametrize("before", ["", "Here it is:\n\n"])
def test_listings_and_containers_in_any_order_without_their_call(before: str, indent: Any) -> None:
    app = SANDBOX.model_copy(update={"container_name": "web", "sandbox_id": "c" * 64, "state": "running"})
    documents = {
        "crictl pods": pods_document([SANDBOX]),
        "crictl ps": ps_document([app]),
        "docker inspect": [{"AppArmorProfile": "", **one} for one in DOCKER],
    }
    for name, document in documents.items():
        text = f"{before}{json.dumps(resorted(document), indent=indent)}\n"
        [capture] = find_captures(text, COMMANDS)
        assert capture.command.name == name
        assert capture.command.parse_lines(capture.lines).unparsed == ()
        [node] = read(text).nodes
        assert {one.pod_name for one in node.containers} == {"web-1"}


def test_sorted_containers_are_told_apart_by_their_braces() -> None:
    documents = [resorted({**one, "State": {"Pid": 1000 + number}}) for number, one in enumerate(DOCKER)]
    wholes = {row.pid: row for row in parse_docker_inspect(json.dumps(documents))}
    lines = json.dumps(documents, indent=4).split("\n")
    second = next(number for number, line in enumerate(lines) if line == "    {" and number > 1)
    for cut in range(1, second + 1):
        for row in parse_docker_inspect("\n".join(lines[cut:])):
            assert row.source is not None
            if row.source.first_line + cut > second:
                assert row == wholes[1001]
            else:
                assert row.pid in {1000, None}
                assert row.source.last_line + cut <= second + 1


def test_objects_of_another_kind_in_a_list_of_nodes_are_not_shown() -> None:
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n", "uid": "u"}, "status": {}}
    env = [{"name": "PASSWORD", "value": "hunter2"}]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"env": env}]}}
    text = json.dumps({"apiVersion": "v1", "items": [node, pod], "kind": "List"}, indent=2)
    result = parse_kubectl_get_nodes(text)
    assert len(result) == 1
    assert result.unparsed
    assert "hunter2" not in repr(result.unparsed + result.passed_over)
