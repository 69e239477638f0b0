"""What pods of DaemonSets and labels of nodes prove of a node's plugin, mode, dataplane and policy."""

from __future__ import annotations

import json

import pytest

from aksnet_parse import analyze, read
from aksnet_parse.analysis.models import NodeAnalysis

NAME = "aks-pool-11111111-vmss000000"
OTHER = "aks-pool-11111111-vmss000001"
HOST = (
    f"root@{NAME}:/# ip route\n"
    "default via 10.9.1.1 dev eth0 proto dhcp src 10.9.1.33 metric 100\n"
    "10.9.1.0/24 dev eth0 proto kernel scope link src 10.9.1.33\n"
    "10.9.1.50 dev azv00000000001 proto static\n"
)
HEADING = "NAMESPACE     NAME        READY   STATUS    RESTARTS   AGE   IP    NODE   NOMINATED NODE   READINESS GATES\n"


def row(namespace: str, name: str, node: str = NAME, address: str = "10.9.1.33") -> str:
    return f"{namespace}   {name}   1/1   Running   0   20h   {address}   {node}   <none>   <none>\n"


def table(*rows: str) -> str:
    return f"$ kubectl get pods -A -o wide\n{HEADING}{''.join(rows)}\n"


def node(text: str) -> NodeAnalysis:
    found = [one for one in analyze(read(text)).nodes if one.name == NAME]
    assert len(found) == 1
    return found[0]


def words(found: NodeAnalysis) -> dict[str, tuple[str, str]]:
    mode = found.mode
    return {
        name: (getattr(mode, name).value, getattr(mode, name).certainty)
        for name in ("networkPlugin", "networkPluginMode", "networkDataplane", "networkPolicy")
    }


@pytest.mark.parametrize(
    ("namespace", "pod", "field", "expected"),
    [
        ("kube-system", "azure-npm-x7f2k", "networkPolicy", ("azure", "certain")),
        ("kube-system", "calico-node-x7f2k", "networkPolicy", ("calico", "certain")),
        ("calico-system", "calico-node-x7f2k", "networkPolicy", ("calico", "certain")),
        ("kube-system", "cilium-x7f2k", "networkPolicy", ("cilium", "likely")),
        ("kube-system", "cilium-x7f2k", "networkDataplane", ("cilium", "certain")),
        ("kube-system", "cilium-operator-7d5f8b9c6d-x7f2k", "networkDataplane", ("azure", "likely")),
        ("kube-system", "kube-proxy-x7f2k", "networkDataplane", ("azure", "likely")),
        ("tigera-operator", "tigera-operator-7d5f8b9c6d-x7f2k", "networkPolicy", ("calico", "likely")),
        # names that prove nothing
        ("default", "azure-npm-x7f2k", "networkPolicy", ("unknown", "unknown")),
        ("default", "calico-node-demo1", "networkPolicy", ("unknown", "unknown")),
        ("kube-system", "my-calico-node-x7f2k", "networkPolicy", ("unknown", "unknown")),
        ("kube-system", "calico-kube-controllers-7d5f8b9c6d-x7f2k", "networkPolicy", ("unknown", "unknown")),
        ("kube-system", "cilium-operator-7d5f8b9c6d-x7f2k", "networkPolicy", ("unknown", "unknown")),
    ],
)
def test_pods_of_daemon_sets(namespace: str, pod: str, field: str, expected: tuple[str, str]) -> None:
    listing = table(row("kube-system", "coredns-bbb", address="10.9.1.50"), row(namespace, pod))
    for text in (listing + HOST, HOST + "\n" + listing):
        found = node(text)
        assert words(found)[field] == expected
        if expected[0] != "unknown":
            said = [item for item in found.mode.evidence if item.claim.startswith(f"Pod {namespace}/{pod} ")]
            [evidence] = [item for item in said if field in item.claim]
            assert all(pod in line.text for line in evidence.lines)
            assert evidence.lines


def test_the_line_of_the_pod_is_cited() -> None:
    found = node(table(row("kube-system", "azure-npm-x7f2k")) + HOST)
    [evidence] = [item for item in found.mode.evidence if "azure-npm" in item.claim]
    assert [line.line for line in evidence.lines] == [3]


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_pods_as_documents(form: str) -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "azure-npm-x7f2k", "namespace": "kube-system", "uid": "1"},
        "spec": {"nodeName": NAME, "hostNetwork": True},
        "status": {"podIP": "10.9.1.33", "hostIP": "10.9.1.33", "phase": "Running"},
    }
    listing = json.dumps({"apiVersion": "v1", "items": [pod], "kind": "List"}, indent=4)
    if form == "yaml":
        yaml = pytest.importorskip("yaml")
        listing = yaml.safe_dump(json.loads(listing))
    assert words(node(f"$ kubectl get pods -A -o {form}\n{listing}\n{HOST}"))["networkPolicy"] == ("azure", "certain")


def test_sandboxes_of_the_node_tell_too() -> None:
    pods = (
        f"root@{NAME}:/# crictl pods\n"
        "POD ID              CREATED             STATE      NAME               NAMESPACE      ATTEMPT   RUNTIME\n"
        "0b7c7a46ade1f       2 days ago          Ready      calico-node-x7f2k  calico-system  0         (default)\n"
    )
    assert words(node(HOST + pods))["networkPolicy"] == ("calico", "certain")


def test_a_pod_on_another_node_of_the_cluster_is_likely_to_be_here_too() -> None:
    listing = table(
        row("kube-system", "coredns-bbb", address="10.9.1.50"), row("kube-system", "azure-npm-ccccc", OTHER)
    )
    assert words(node(listing + HOST))["networkPolicy"] == ("azure", "likely")


def test_two_policy_engines_make_neither_certain() -> None:
    listing = table(row("kube-system", "azure-npm-ccccc"), row("calico-system", "calico-node-ddddd"))
    found = node(listing + HOST)
    assert words(found)["networkPolicy"][1] == "likely"
    assert len([item for item in found.mode.evidence if "networkPolicy" in item.claim and "Pod " in item.claim]) == 2


LABELS = [
    ("podnetwork-type=overlay", "networkPluginMode", ("overlay", "certain")),
    ("podnetwork-type=overlay", "networkPlugin", ("azure", "certain")),
    ("podv6network-type=overlay", "networkPluginMode", ("overlay", "certain")),
    ("azure-cni-overlay=true", "networkPluginMode", ("overlay", "certain")),
    ("podnetwork-type=vnet", "networkPluginMode", ("none", "certain")),
    ("podnetwork-type=vnetblock", "networkPluginMode", ("none", "certain")),
    ("ebpf-dataplane=cilium", "networkDataplane", ("cilium", "certain")),
    ("network-policy=calico", "networkPolicy", ("calico", "certain")),
    ("network-policy=azure", "networkPolicy", ("azure", "certain")),
]
OTHER_SUBNET = HOST.replace("10.9.1.50 dev", "192.168.0.5 dev")


@pytest.mark.parametrize(("label", "field", "expected"), LABELS)
def test_labels_of_the_node(label: str, field: str, expected: tuple[str, str]) -> None:
    labels = f"agentpool=pool,kubernetes.azure.com/{label},team=secret-project"
    listing = (
        "$ kubectl get nodes --show-labels\nNAME   STATUS   ROLES   AGE   VERSION   LABELS\n"
        f"{NAME}   Ready    agent   11h   v1.29.7   {labels}\n"
    )
    document = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": NAME, "labels": dict(pair.split("=") for pair in labels.split(","))},
        "status": {"addresses": [{"type": "InternalIP", "address": "10.9.1.33"}]},
    }
    in_json = json.dumps({"apiVersion": "v1", "items": [document], "kind": "List"}, indent=4)
    for text in (listing + OTHER_SUBNET, f"$ kubectl get nodes -o json\n{in_json}\n{OTHER_SUBNET}"):
        reading = read(text)
        found = node(text)
        assert words(found)[field] == expected
        [record] = {one.kubernetes_node for one in reading.nodes}
        assert record is not None
        assert record.labels == (f"kubernetes.azure.com/{label}",)
        [evidence] = [item for item in found.mode.evidence if label in item.claim and f"{field} " in item.claim]
        assert any(label.partition("=")[0] in line.text for line in evidence.lines)
