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


# --- listings of every kind -------------------------------------------------------------------------------------------

QUIET = (
    row("kube-system", "coredns-bbb", address="10.9.1.50"),
    row("kube-system", "kube-proxy-x7f2k"),
    row("kube-system", "azure-ip-masq-agent-x2kzw"),
)
NO_NAMESPACE = HEADING.split(None, 1)[1]


NOT_WIDE = (
    "$ kubectl get pods -A\nNAMESPACE NAME READY STATUS RESTARTS AGE\nkube-system azure-npm-x7f2k 1/1 Running 0 20h\n\n"
)


def of_namespace(namespace: str, *rows: str) -> str:
    listed = "".join(one.split(None, 1)[1] for one in rows if one.startswith(namespace))
    return f"$ kubectl get pods -n {namespace} -o wide\n{NO_NAMESPACE}{listed}\n"


def test_a_whole_listing_without_an_engine_says_that_there_is_no_policy() -> None:
    found = node(table(*QUIET) + HOST)
    assert words(found)["networkPolicy"] == ("none", "likely")
    [evidence] = [item for item in found.mode.evidence if "networkPolicy" in item.claim]
    assert [line.line for line in evidence.lines] == [1, 4]


@pytest.mark.parametrize(
    "listing",
    [
        # filtered, chosen from, cut, or of no known call
        table(*QUIET).replace("-o wide", "-o wide | grep kube-system"),
        table(*QUIET).replace("-A", "-A -l app=web"),
        table(*QUIET).replace("-A", "-A --field-selector spec.nodeName=x"),
        table(*QUIET[:2], "...\n", QUIET[2]),
        table(*QUIET).replace("$ kubectl get pods -A -o wide\n", ""),
        # Calico's pods can be in a namespace of their own
        of_namespace("kube-system", *QUIET),
        # parts of an engine, or an engine that AKS does not install
        table(*QUIET, row("kube-system", "cilium-operator-7d5f8b9c6d-x7f2k", OTHER)),
        table(*QUIET, row("calico-system", "calico-typha-7d5f8b9c6d-x7f2k", OTHER)),
        table(*QUIET, row("kube-system", "antrea-agent-x7f2k")),
        # nothing shows that the pods of this node are in it
        table(QUIET[0], row("kube-system", "kube-proxy-x7f2k", OTHER)),
        table(QUIET[0]),
    ],
)
def test_a_listing_that_may_lack_an_engine_says_nothing(listing: str) -> None:
    assert words(node(listing + HOST))["networkPolicy"] == ("unknown", "unknown")


def test_the_two_namespaces_of_engines_can_be_listed_one_by_one() -> None:
    calico = row("calico-system", "csi-node-driver-x7f2k")
    listings = of_namespace("kube-system", *QUIET) + of_namespace("calico-system", calico)
    assert words(node(listings + HOST))["networkPolicy"] == ("none", "likely")
    calico = row("calico-system", "calico-node-x7f2k")
    listings = of_namespace("kube-system", *QUIET) + of_namespace("calico-system", calico)
    assert words(node(listings + HOST))["networkPolicy"] == ("calico", "certain")


@pytest.mark.parametrize("status", ["Completed", "Evicted", "Error"])
def test_a_pod_that_has_ended_makes_nothing_certain(status: str) -> None:
    ended = row("kube-system", "azure-npm-ccccc").replace("Running", status)
    found = node(table(*QUIET, ended) + HOST)
    assert words(found)["networkPolicy"] == ("azure", "likely")
    assert any("azure-npm-ccccc was on this node and has ended" in item.claim for item in found.mode.evidence)
    # The pod that took its place counts.
    found = node(table(*QUIET, ended, row("kube-system", "azure-npm-ddddd")) + HOST)
    assert words(found)["networkPolicy"] == ("azure", "certain")


def test_a_sandbox_that_has_ended_makes_nothing_certain() -> None:
    pods = (
        f"root@{NAME}:/# crictl pods\n"
        "POD ID              CREATED             STATE      NAME               NAMESPACE      ATTEMPT   RUNTIME\n"
        "0b7c7a46ade1f       2 days ago          NotReady   calico-node-x7f2k  calico-system  0         (default)\n"
    )
    assert words(node(HOST + pods))["networkPolicy"] == ("calico", "likely")


@pytest.mark.parametrize(("pod", "expected"), [("azure-npm-x7f2k", "azure"), ("azure-npm-demo1", "unknown")])
def test_a_container_whose_namespace_is_not_printed(pod: str, expected: str) -> None:
    containers = (
        f"root@{NAME}:/# crictl ps\n"
        "CONTAINER           IMAGE               CREATED             STATE               NAME                ATTEMPT"
        "             POD ID              POD\n"
        "0b7c7a46ade1f       abcdef012345f       2 days ago          Running             azure-npm           0      "
        f"             1b7c7a46ade1f       {pod}\n"
    )
    found = words(node(HOST + containers))["networkPolicy"]
    assert found == (expected, "likely" if expected != "unknown" else "unknown")


@pytest.mark.parametrize(
    "listing",
    [
        NOT_WIDE,
        "$ kubectl -n kube-system get po\nNAME READY STATUS RESTARTS AGE\nazure-npm-x7f2k 1/1 Running 0 20h\n\n",
        # nodes of the same scale set
        table(row("kube-system", "azure-npm-x7f2k", OTHER, "10.9.1.99")),
    ],
)
def test_pods_of_the_cluster_that_are_not_listed_for_this_node(listing: str) -> None:
    for text in (listing + HOST, (listing + HOST).replace("\n", "\r\n")):
        found = node(text)
        assert words(found)["networkPolicy"] == ("azure", "likely")
        [evidence] = [item for item in found.mode.evidence if "azure-npm" in item.claim]
        assert ["azure-npm-x7f2k" in line.text for line in evidence.lines] == [True]


def test_a_listing_of_nodes_of_which_this_is_none_says_nothing() -> None:
    listing = table(row("kube-system", "azure-npm-x7f2k", "aks-other-22222222-vmss000001", "10.8.1.99"))
    assert words(node(listing + HOST))["networkPolicy"] == ("unknown", "unknown")


def test_a_listing_that_names_no_nodes_is_of_no_node_where_several_were_captured() -> None:
    other = HOST.replace(NAME, "aks-other-22222222-vmss000000").replace("10.9.1", "10.8.1").replace("azv0", "azv1")
    assert words(node(NOT_WIDE + HOST + "\n" + other))["networkPolicy"] == ("unknown", "unknown")


def test_the_lines_of_another_listing_are_cited() -> None:
    """The pods of this node and those of another node are in two listings."""
    mine = f"$ kubectl get pods -A -o wide --field-selector spec.nodeName={NAME}\n{HEADING}{QUIET[0]}\n"
    other = (
        f"$ kubectl get pods -A -o wide --field-selector spec.nodeName={OTHER}\n{HEADING}"
        f"{row('kube-system', 'calico-node-x7f2k', OTHER)}\n"
    )
    for text in (mine + other + HOST, other + mine + HOST):
        found = node(text)
        assert words(found)["networkPolicy"] == ("calico", "likely")
        [evidence] = [item for item in found.mode.evidence if "calico-node" in item.claim]
        assert ["calico-node-x7f2k" in line.text for line in evidence.lines] == [True]


def test_a_pod_in_two_listings_is_cited() -> None:
    wide = table(QUIET[0], row("kube-system", "azure-npm-x7f2k", OTHER, "10.9.1.99"))
    for text in (wide + NOT_WIDE + HOST, NOT_WIDE + wide + HOST):
        found = node(text)
        assert words(found)["networkPolicy"] == ("azure", "likely")
        [evidence] = [item for item in found.mode.evidence if "azure-npm" in item.claim]
        assert ["azure-npm-x7f2k" in line.text for line in evidence.lines] == [True]


def test_what_another_cluster_lists_says_nothing() -> None:
    other = "aks-other-22222222-vmss00000"
    mine = table(row("kube-system", "coredns-bbb", address="10.9.1.50"), row("kube-system", "calico-node-ccccc"))
    theirs = table(
        row("kube-system", "azure-npm-ccccc", f"{other}0", "10.8.1.9"),
        row("kube-system", "azure-npm-ddddd", f"{other}1", "10.8.1.8"),
    )
    for text in (mine + theirs + HOST, theirs + mine + HOST):
        found = node(text)
        assert words(found)["networkPolicy"] == ("calico", "certain")
        assert not any("azure-npm" in item.claim for item in found.mode.evidence)


def test_labels_of_another_node_of_the_cluster() -> None:
    listing = (
        "$ kubectl get nodes --show-labels\nNAME   STATUS   ROLES   AGE   VERSION   LABELS\n"
        f"{OTHER}   Ready    agent   11h   v1.29.7   kubernetes.azure.com/podnetwork-type=overlay\n\n"
    )
    found = node(listing + OTHER_SUBNET)
    assert words(found)["networkPluginMode"] == ("overlay", "likely")
    assert any(f"Node {OTHER} of the cluster has the label" in item.claim for item in found.mode.evidence)


def test_a_label_that_the_wiring_contradicts_makes_neither_certain() -> None:
    listing = (
        "$ kubectl get nodes --show-labels\nNAME   STATUS   ROLES   AGE   VERSION   LABELS\n"
        f"{NAME}   Ready    agent   11h   v1.29.7   kubernetes.azure.com/podnetwork-type=overlay\n\n"
    )
    found = node(listing + HOST)
    assert words(found)["networkPluginMode"] == ("none", "likely")
    assert any("neither is certain" in item.claim for item in found.mode.evidence)
