"""`kubectl get pods`: tables as kubectl sets them, columns three blanks apart, JSON and YAML of the API's fields."""

from __future__ import annotations

import json
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aksnet_parse import KubernetesPod, parse_kubectl_get_pods, read
from aksnet_parse.commands.kubectl_get_pods import KUBECTL_GET_PODS

from ..strategies import kubernetes_pods, render_kubectl_get_pods

WIDE = """\
NAMESPACE     NAME                       READY   STATUS             RESTARTS        AGE     IP            \
NODE              NOMINATED NODE   READINESS GATES
default       nginx-85b98978db-x2x7k     1/1     Running            0               3d21h   10.244.0.10   \
aks-np1-0         <none>           <none>
kube-system   coredns-59b6bf8b4f-9lqbm   1/1     Running            2 (5d ago)      12d     10.244.0.2    \
aks-np1-0         <none>           1/1
shop          broken-0                   0/1     CrashLoopBackOff   117 (89s ago)   9h      10.244.0.30   \
aks-np1-1         aks-np1-2        <none>
shop          waiting-0                  0/2     Pending            0               <unknown>   <none>    \
<none>            <none>           <none>
shop          dual-0                     2/2     Init:0/1           0               10s     fd00::7       \
aks-np1-1         <none>           <none>
"""


NAME = WIDE.partition("\n")[0].removeprefix("NAMESPACE")


def one(text: str) -> KubernetesPod:
    result = parse_kubectl_get_pods(text, strict=True)
    [pod] = result
    return pod


def test_wide() -> None:
    result = parse_kubectl_get_pods(WIDE)
    assert (result.unparsed, [line.line for line in result.passed_over]) == ((), [1])
    assert [(pod.namespace, pod.name) for pod in result] == [
        ("default", "nginx-85b98978db-x2x7k"),
        ("kube-system", "coredns-59b6bf8b4f-9lqbm"),
        ("shop", "broken-0"),
        ("shop", "waiting-0"),
        ("shop", "dual-0"),
    ]
    assert [str(pod.ip) for pod in result] == ["10.244.0.10", "10.244.0.2", "10.244.0.30", "None", "fd00::7"]
    assert [pod.node for pod in result] == ["aks-np1-0", "aks-np1-0", "aks-np1-1", None, "aks-np1-1"]
    assert [(pod.ready, pod.status, pod.restarts) for pod in result][1:3] == [
        ("1/1", "Running", 2),
        ("0/1", "CrashLoopBackOff", 117),
    ]
    assert [pod.source and pod.source.first_line for pod in result] == [2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NAME    READY   STATUS    RESTARTS   AGE\nweb-0   1/1     Running   0          4m\n", {"namespace": None}),
        ("web-0   1/1     Running   0          4m\n", {"name": "web-0", "age": "4m"}),
        ("pod/web-0   1/1     Running   0          4m\n", {"name": "web-0"}),
        (
            "shop  web-0   1/1  Running  0  4m  10.0.0.9  node-1  <none>  <none>\n",
            {"namespace": "shop", "node": "node-1"},
        ),
        (
            "NAME    READY   STATUS    RESTARTS   AGE   LABELS\nweb-0   1/1     Running   0   4m   app=web,tier=\n",
            {"labels": (("app", "web"), ("tier", "")), "ips": ()},
        ),
        (
            f"{NAME} LABELS\nweb-0 1/1 Running 0 4m 10.0.0.9 node-1 <none> <none> <none>\n",
            {"labels": (), "node": "node-1"},
        ),
        ("web-0   1/1     Running   0          4m   10.0.0.9   node-1\n", {"node": "node-1"}),
    ],
)
def test_other_tables(text: str, expected: dict[str, Any]) -> None:
    pod = one(text)
    assert {name: getattr(pod, name) for name in expected} == expected


@given(st.lists(kubernetes_pods(), max_size=6))
def test_what_was_printed_is_read_back(pods: list[KubernetesPod]) -> None:
    result = parse_kubectl_get_pods(render_kubectl_get_pods(pods))
    assert (list(result), result.unparsed) == (pods, ())


@pytest.mark.parametrize(
    "line",
    [
        "No resources found in default namespace.",
        "web-0   1/1     Running   0",
        "web-0   1/1     Running   0          4m   something else",
        "shop  web-0   1/1  Running  0  4m  10.0.0.999  node-1  <none>  <none>",
        "Error from server (Forbidden): pods is forbidden",
    ],
)
def test_what_is_no_row_is_handed_back(line: str) -> None:
    result = parse_kubectl_get_pods(WIDE + line + "\n")
    assert ([unparsed.text for unparsed in result.unparsed], len(result)) == ([line], 5)


POD: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web-0", "namespace": "shop", "uid": "0b7c", "labels": {"app": "web"}},
    "spec": {
        "nodeName": "aks-np1-0",
        "hostNetwork": True,
        "containers": [{"name": "web", "env": [{"name": "PASSWORD", "value": "hunter2"}]}],
    },
    "status": {
        "phase": "Running",
        "hostIP": "10.240.0.4",
        "podIP": "10.244.0.9",
        "podIPs": [{"ip": "10.244.0.9"}, {"ip": "fd00::9"}],
        "containerStatuses": [{"containerID": f"containerd://{'ab' * 32}"}, {"name": "starting"}],
    },
}


@pytest.mark.parametrize("indent", [None, 4])
def test_json(indent: int | None) -> None:
    pods = [
        POD,
        {**POD, "spec": {}, "status": {"phase": "Pending"}, "metadata": {"name": "new-0", "namespace": "shop"}},
    ]
    result = parse_kubectl_get_pods(json.dumps({"apiVersion": "v1", "items": pods, "kind": "List"}, indent=indent))
    assert result.unparsed == ()
    first, second = result
    assert first.ips == (ip_address("10.244.0.9"), ip_address("fd00::9"))
    assert (first.uid, first.node, first.host_network, first.container_ids) == ("0b7c", "aks-np1-0", True, ("ab" * 32,))
    assert (second.name, second.ips, second.host_network, second.node) == ("new-0", (), False, None)
    assert one(json.dumps(POD, indent=indent)) == first


def test_yaml() -> None:
    yaml = pytest.importorskip("yaml")
    pods = [POD, {**POD, "metadata": {"name": "web-1", "namespace": "shop"}}]
    text = yaml.safe_dump(json.loads(json.dumps({"apiVersion": "v1", "items": pods, "kind": "List"})))
    result = parse_kubectl_get_pods(text)
    assert result.unparsed == ()
    assert result[0] == one(json.dumps(POD))
    assert [pod.name for pod in result] == ["web-0", "web-1"]
    assert "hunter2" not in repr((list(result), result.passed_over))


def test_secrets_are_not_kept() -> None:
    whole = json.dumps({"items": [POD, {**POD, "status": {"podIP": "no address"}}]}, indent=4)
    for text in (whole, whole[:-700], whole.replace('"kind": "Pod"', '"kind": "Secret"')):
        result = parse_kubectl_get_pods(text)
        assert "hunter2" not in repr((list(result), result.unparsed, result.passed_over))
        assert "hunter2" not in "".join(pod.model_dump_json() for pod in result)


def test_json_cut_off_gives_the_pods_before_the_cut() -> None:
    text = json.dumps({"items": [POD, POD]}, indent=4)
    result = parse_kubectl_get_pods(text[:-400])
    assert len(result) == 1
    assert result[0].source is not None
    lines = text[:-400].split("\n")
    accounted = {line.line for line in (*result.unparsed, *result.passed_over)}
    accounted.update(range(result[0].source.first_line, result[0].source.last_line + 1))
    assert accounted == {number for number, line in enumerate(lines, 1) if line.strip()}


@pytest.mark.parametrize(
    "text", ["{", '{"items": [', '{"items": [{}]}', "{" * 9999, '{"items": [1, 2]}', '{"a": {"b": 1}}']
)
def test_other_json_never_raises(text: str) -> None:
    result = parse_kubectl_get_pods(text)
    assert len(result) == 0
    assert len(result.unparsed) + len(result.passed_over) > 0


@pytest.mark.parametrize(
    ("call", "claimed", "partial"),
    [
        ("kubectl get pods -A -o wide", True, False),
        ("kubectl get po --all-namespaces -owide --show-labels", True, False),
        ("kubectl get pods", True, True),
        ("kubectl -n shop get pods -o wide", True, True),
        ("kubectl get pod web-0 -o json", True, True),
        ("kubectl get pods -o name", False, False),
        ("kubectl get nodes -o wide", False, False),
        ("kubectl describe pods", False, False),
        ("docker ps", False, False),
    ],
)
def test_calls(call: str, claimed: bool, partial: bool) -> None:
    argv = tuple(call.split())
    assert KUBECTL_GET_PODS.claims(argv) is claimed
    if claimed:
        assert KUBECTL_GET_PODS.is_partial(argv) is partial


def test_the_call_says_the_namespace() -> None:
    table = "NAME    READY   STATUS    RESTARTS   AGE   IP   NODE\nweb-0   1/1  Running   0   4m   10.0.0.9   node-1\n"
    text = f"$ kubectl get pods -n shop -o wide\n{table}$ ip route\n10.0.0.9 dev azv00000000000 scope link\n"
    [node] = read(text).nodes
    assert [(pod.namespace, pod.name) for pod in node.kubernetes_pods] == [("shop", "web-0")]
