"""`kubectl get nodes`, as a table, JSON and YAML.

There was no cluster: its output is written after the published descriptions of it, not captured.
"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aksnet_parse import KubernetesNode, parse_kubectl_get_nodes, read
from aksnet_parse.commandline import read_command_line
from aksnet_parse.commands.kubectl_get_nodes import KUBECTL_GET_NODES
from aksnet_parse.dressing import undress

from ..listings import kubernetes_nodes, node_document, nodes_document, render_nodes
from ..test_accounting import assert_accounted
from .test_crictl import FORMS

WIDE = """\
NAME                                STATUS                     ROLES    AGE   VERSION    INTERNAL-IP   \
EXTERNAL-IP   OS-IMAGE             KERNEL-VERSION      CONTAINER-RUNTIME
aks-nodepool1-12345678-vmss000000   Ready                      agent    5d    v1.29.2    10.224.0.4    <none> \
       Ubuntu 22.04.4 LTS   5.15.0-1064-azure   containerd://1.7.15-1
aks-nodepool1-12345678-vmss000001   NotReady,SchedulingDisabled   <none>   2y34d   v1.18.14   10.224.0.5    \
20.1.2.3      Ubuntu 16.04.7 LTS   4.15.0-1096-azure   docker://19.3.14
akswin000000                        Ready                      agent    3h    v1.29.2    10.224.0.6    <none> \
       Windows Server 2022 Datacenter   10.0.20348.2227   containerd://1.6.21+azure
"""


def said(node: KubernetesNode) -> dict[str, Any]:
    return node.model_dump(exclude_defaults=True, exclude={"source"}, mode="json")


def test_a_wide_table() -> None:
    first, second, third = parse_kubectl_get_nodes(WIDE, strict=True)
    assert said(first) == {
        "name": "aks-nodepool1-12345678-vmss000000",
        "status": "Ready",
        "roles": ["agent"],
        "age": "5d",
        "version": "v1.29.2",
        "internal_ip": "10.224.0.4",
        "os_image": "Ubuntu 22.04.4 LTS",
        "kernel_version": "5.15.0-1064-azure",
        "container_runtime": "containerd://1.7.15-1",
    }
    assert (second.status, second.roles, str(second.external_ip)) == ("NotReady,SchedulingDisabled", (), "20.1.2.3")
    assert (third.os_image, third.kernel_version) == ("Windows Server 2022 Datacenter", "10.0.20348.2227")


@pytest.mark.parametrize("wide", [True, False])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_table_is_read_back(wide: bool, data: st.DataObject) -> None:
    rows = data.draw(st.lists(kubernetes_nodes(wide=wide), max_size=5))
    text = render_nodes(rows, wide=wide)
    assert list(parse_kubectl_get_nodes(text, strict=True)) == rows
    lines = text.split("\n")
    assert list(parse_kubectl_get_nodes("\n".join(" ".join(line.split()) for line in lines), strict=True)) == rows
    assert list(parse_kubectl_get_nodes("\n".join(lines[1:]), strict=True)) == rows
    labelled = [f"{line}   agentpool=x,kubernetes.io/os=linux" if line else "" for line in lines[1:]]
    assert list(parse_kubectl_get_nodes("\n".join(labelled), strict=True)) == rows


@pytest.mark.parametrize("form", ["json", "json on one line", "yaml"])
@settings(max_examples=40, deadline=None)
@given(rows=st.lists(kubernetes_nodes(), max_size=4))
def test_a_document_is_read_back(form: str, rows: list[KubernetesNode]) -> None:
    expected = [row.model_copy(update={"age": None}) for row in rows]
    text = FORMS[form](nodes_document(rows))
    result = parse_kubectl_get_nodes(text, strict=True)
    assert list(result) == expected
    assert_accounted(result, undress(text))
    for row in rows[:1]:
        assert list(parse_kubectl_get_nodes(FORMS[form](node_document(row)), strict=True)) == expected[:1]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["json", "yaml", "table"]),
    st.lists(kubernetes_nodes(), min_size=1, max_size=3),
    st.randoms(use_true_random=False),
)
def test_spoiled_output_invents_no_node(form: str, rows: list[KubernetesNode], chance: Any) -> None:
    text = render_nodes(rows) if form == "table" else FORMS[form](nodes_document(rows))
    for _ in range(chance.randrange(4)):
        place, piece = chance.randrange(len(text)), chance.choice(["", " ", "\n", "\n...\n", '"', "}", "Ready", "v1"])
        text = text[:place] + piece + text[place + chance.randrange(9) :]
    text = text[: chance.randrange(len(text) + 1)]
    result = parse_kubectl_get_nodes(text)
    assert_accounted(result, undress(text))
    assert all(row.name in text for row in result)


def test_other_kinds_are_handed_back() -> None:
    document = {"apiVersion": "v1", "items": [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}}]}
    result = parse_kubectl_get_nodes(json.dumps(document, indent=4))
    assert list(result) == []
    assert result.unparsed


@pytest.mark.parametrize(
    ("call", "claimed", "partial"),
    [
        ("kubectl get nodes", True, False),
        ("kubectl get no -o wide", True, False),
        ("kubectl get nodes -owide --show-labels", True, False),
        ("kubectl --context aks get -o=json nodes", True, False),
        ("kubectl get nodes --output yaml", True, False),
        ("kubectl get node aks-1 -o json", True, True),
        ("kubectl get node/aks-1", True, True),
        ("kubectl get nodes -l agentpool=x", True, True),
        ("kubectl get nodes -o name", False, False),
        ("kubectl get nodes -o jsonpath={.items}", False, False),
        ("kubectl get nodes -L agentpool", False, False),
        ("kubectl get nodes,pods", False, False),
        ("kubectl get pods -o wide", False, False),
        ("kubectl describe nodes", False, False),
    ],
)
def test_claims(call: str, claimed: bool, partial: bool) -> None:
    command_line = read_command_line(f"$ {call}")
    assert command_line is not None
    [invocation] = command_line.invocations
    assert KUBECTL_GET_NODES.claims(invocation.argv) is claimed
    assert not claimed or KUBECTL_GET_NODES.is_partial(invocation.argv) is partial


NODE = KubernetesNode(name="aks-1", status="Ready", version="v1.29.2")
TEXTS = {
    "kubectl get nodes -o wide": WIDE,
    "kubectl get nodes -o json": FORMS["json"](nodes_document([NODE])),
    "kubectl get nodes -o yaml": FORMS["yaml"](nodes_document([NODE])),
    "kubectl get node aks-1 -o yaml": FORMS["yaml"](node_document(NODE)),
}


@pytest.mark.parametrize("call", TEXTS)
@pytest.mark.parametrize("before", ["$ {}\n", "", "Here are the nodes:\n\n"])
def test_in_a_text_of_other_things(call: str, before: str) -> None:
    [parsed] = read(f"{before.format(call)}{TEXTS[call]}\nAll of them are there.\n").listings
    assert parsed.command == "kubectl get nodes"
    assert len(parsed.result) == (3 if "wide" in call else 1)
    assert parsed.result.unparsed == ()


def test_the_machine_that_asks_is_no_node() -> None:
    text = "me@laptop-1:~$ kubectl get nodes\n" + WIDE + "azureuser@aks-1:~$ brctl show\nbridge name\tbridge id\n"
    text += "docker0\t\t8000.0242107e030e\tno\t\t\n"
    assert [node.name for node in read(text).nodes] == ["aks-1"]


@pytest.mark.parametrize(
    "prose",
    [
        "NAME STATUS ROLES are columns.",
        "node1 is Ready since 5d with v1.29.2",
        "The node is Ready and its version is v1.29.2",
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: x",
        '{"apiVersion": "v1", "kind": "Service"}',
    ],
)
def test_prose_is_no_listing(prose: str) -> None:
    assert read(prose).nodes == ()


def test_large_outputs_take_linear_time() -> None:
    begun = time.process_time()
    row = (
        "aks-{}   Ready   agent   5d   v1.29.2   10.224.0.4   <none>   Ubuntu 22.04.4 LTS   5.15.0   containerd://1.7\n"
    )
    assert len(parse_kubectl_get_nodes("".join(row.format(number) for number in range(100_000)))) == 100_000
    assert time.process_time() - begun < 30
    for filling in (" ", "a ", "a://", "Ready,", "1d", "a", "<none> ", "a:// ", "10.0.0.1 "):
        begun = time.process_time()
        long = filling * (1_000_000 // len(filling))
        parse_kubectl_get_nodes(f"aks-1 Ready agent 5d v1.29.2 10.0.0.4 <none> {long} !")
        parse_kubectl_get_nodes(f"aks-1 {long} 5d v1.29.2")
        assert time.process_time() - begun < 10
