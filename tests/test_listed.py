"""What only the cluster's listings tell of: pods and nodes of which nothing was captured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aksnet_parse import Reading, UsageError, analyze, explain, read, redact
from aksnet_parse.analysis.models import Analysis
from aksnet_parse.cli import main

ONE, TWO = "aks-pool-11111111-vmss000000", "aks-pool-11111111-vmss000001"
WIDE = "READY   STATUS    RESTARTS      AGE   IP          NODE      NOMINATED NODE   READINESS GATES\n"


def row(name: str, address: str, node: str, namespace: str | None = None) -> str:
    start = f"{namespace}   " if namespace is not None else ""
    return f"{start}{name}   1/1     Running   0     94m   {address}   {node}   <none>   <none>\n"


PODS = f"$ kubectl get pods -o wide\nNAME      {WIDE}{row('web', '10.9.0.55', TWO)}{row('api', '10.9.0.56', ONE)}"
NODES = (
    "$ kubectl get nodes -o wide\n"
    "NAME    STATUS   ROLES   AGE    VERSION   INTERNAL-IP   EXTERNAL-IP   OS-IMAGE   KERNEL-VERSION   "
    "CONTAINER-RUNTIME\n"
    + "".join(
        f"{name}   Ready    agent   129m   v1.22.6   {address}   <none>   Ubuntu 18.04.6 LTS   5.4.0-1083-azure   "
        "containerd://1.5.11\n"
        for name, address in ((ONE, "10.9.0.4"), (TWO, "10.9.0.35"))
    )
)
DOCUMENT = {
    "apiVersion": "v1",
    "kind": "List",
    "items": [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": "default", "uid": f"u-{name}"},
            "spec": {"nodeName": node, "containers": [{"env": [{"name": "A", "value": "hunter2"}]}]},
            "status": {"podIP": address, "phase": "Running"},
        }
        for name, address, node in (("web", "10.9.0.55", TWO), ("api", "10.9.0.56", ONE))
    ],
}
IN_JSON = f"$ kubectl get pods -o json\n{json.dumps(DOCUMENT, indent=4)}\n"


def listed(analysis: Analysis) -> list[tuple[str, tuple[str, ...], str | None]]:
    return [(pod.name, pod.addresses, pod.node) for pod in analysis.listed_pods]


@pytest.mark.parametrize("text", [PODS, IN_JSON, PODS + "\n" + NODES, NODES + "\n" + PODS])
def test_pods_that_only_kubectl_lists_are_answered(text: str) -> None:
    analysis = analyze(read(text, file="ticket.txt"))
    assert analysis.nodes == ()
    assert listed(analysis) == [("web", ("10.9.0.55",), TWO), ("api", ("10.9.0.56",), ONE)]
    assert {node.name for node in analysis.listed_nodes} == {ONE, TWO}
    for pod in analysis.listed_pods:
        assert [pod.name in line.text and line.file == "ticket.txt" for line in pod.lines] == [True]
    assert "hunter2" not in analysis.model_dump_json()


def test_listed_nodes_have_their_address() -> None:
    analysis = analyze(read(NODES))
    assert [(node.name, node.addresses) for node in analysis.listed_nodes] == [
        (ONE, ("10.9.0.4",)),
        (TWO, ("10.9.0.35",)),
    ]
    assert analysis.listed_pods == ()


HOST = (
    f"root@{ONE}:/# ip route\n"
    "default via 10.9.0.1 dev eth0 proto dhcp src 10.9.0.4 metric 100\n"
    "10.9.0.0/24 dev eth0 proto kernel scope link src 10.9.0.4\n"
    "10.9.0.56 dev azv00000000001 proto static\n"
)


@pytest.mark.parametrize("text", [PODS + "\n" + HOST, HOST + "\n" + PODS, HOST + "\n" + IN_JSON])
def test_pods_of_other_nodes_do_not_vanish(text: str) -> None:
    analysis = analyze(read(text))
    [node] = analysis.nodes
    assert [pod.pod.name for pod in node.pods if pod.pod is not None] == ["api"]
    assert listed(analysis) == [("web", ("10.9.0.55",), TWO)]
    assert [one.name for one in analysis.listed_nodes] == [TWO]


@pytest.mark.parametrize("word", ["web", "10.9.0.55"])
@pytest.mark.parametrize("text", [PODS, PODS + "\n" + HOST])
def test_one_of_them_is_explained(text: str, word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    explanation = explain(read(text), word)
    assert (explanation.node.name, explanation.pod.addresses, explanation.pod.veth) == (TWO, ("10.9.0.55",), None)
    path = tmp_path / "ticket.txt"
    path.write_text(text)
    assert main([str(path), "--pod", word]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert f"`ip route` on {TWO} would show its veth" in shown
    assert "10.9.0.55" in shown


def test_a_word_that_names_nothing_is_refused() -> None:
    with pytest.raises(UsageError):
        explain(read(PODS), "nothing-of-it")


def test_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ticket.txt"
    path.write_text(PODS)
    assert main([str(path)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Nodes without captures, as the cluster lists them\n")
    assert f"{TWO}: web 10.9.0.55" in shown
    assert "unknown" not in shown


@pytest.mark.parametrize("command", [["trace", "--from", "web", "--to", "api"], ["compare"]])
def test_what_needs_a_node_says_that_there_is_none(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ticket.txt"
    path.write_text(PODS)
    paths = [str(path)] * (2 if command == ["compare"] else 1)
    assert main([command[0], *paths, *command[1:]]) == 1
    assert "no capture of a node in" in capsys.readouterr().err


def test_redaction_covers_them() -> None:
    text = PODS.replace("web", "secretapp").replace("10.9.0.55", "10.9.123.55")
    answer = redact(analyze(read(text)), "key").model_dump_json()
    assert "secretapp" not in answer
    assert "10.9.123.55" not in answer


# --- captures in pods go to the node that the listing names -----------------------------------------------------------

INSIDE = (
    "/ # ip addr\n"
    "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN qlen 1000\n"
    "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n"
    "    inet 127.0.0.1/8 scope host lo\n"
    "7: eth0@if8: <BROADCAST,UP,LOWER_UP,M-DOWN> mtu 1500 qdisc noqueue state UP qlen 1000\n"
    "    link/ether da:79:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n"
    "    inet 10.9.0.55/24 scope global eth0\n"
)


def pods_by_node(reading: Reading) -> dict[str | None, list[str | None]]:
    return {
        node.name: [pod.pod.name if pod.pod is not None else None for pod in node.pods]
        for node in analyze(reading).nodes
    }


@pytest.mark.parametrize("listing", [PODS, IN_JSON])
@pytest.mark.parametrize("call", ["kubectl exec -it web -- sh", "kubectl exec -it -n default web -- sh"])
@pytest.mark.parametrize("order", ["before", "after"])
def test_an_exec_is_of_the_node_that_the_pod_is_listed_for(listing: str, call: str, order: str) -> None:
    host = HOST.replace(ONE, "aks-pool-22222222-vmss000002").replace("10.9.0.56", "10.9.0.70")
    inside = f"$ {call}\n{INSIDE}/ # exit\n"
    text = "\n".join([listing, host, inside] if order == "before" else [host, inside, listing])
    found = pods_by_node(read(text))
    assert found[TWO] == ["web"]
    assert "web" not in found["aks-pool-22222222-vmss000002"]


def test_of_two_pods_of_one_name_none_is_taken() -> None:
    pods = (
        f"$ kubectl get pods -A -o wide\nNAMESPACE   NAME   {WIDE}"
        f"{row('web', '10.9.0.55', TWO, 'a')}{row('web', '10.9.0.57', ONE, 'b')}"
    )
    named = read(f"{pods}\n$ kubectl exec -it web -n a -- sh\n{INSIDE}")
    assert [node.name for node in named.nodes] == [TWO]
    unnamed = read(f"{pods}\n$ kubectl exec -it web -- sh\n{INSIDE}")
    assert [node.namespaces[0].id for node in unnamed.nodes] == ["pod:web"]


CILIUM_ROUTES = (
    "default via 10.9.0.1 dev eth0\n"
    "10.9.0.0/16 dev eth0 proto kernel scope link src 10.9.0.35\n"
    "10.9.0.37 dev lxcaaaaaaaaaaaa scope link\n"
    "168.63.129.16 via 10.9.0.1 dev eth0\n"
)
SYSTEM = (
    f"$ kubectl -n kube-system get pods -o wide\nNAME    {WIDE}"
    f"{row('cilium-abcde', '10.9.0.35', TWO)}{row('web', '10.9.0.37', TWO)}"
)


@pytest.mark.parametrize(
    ("call", "routes"),
    [
        ("kubectl -n kube-system exec cilium-abcde -- ip route", CILIUM_ROUTES),
        ("kubectl exec -n kube-system cilium-abcde -c agent -- ip route", CILIUM_ROUTES),
        # A host that nothing but its own address tells.
        ("kubectl -n kube-system exec cilium-abcde -- ip route", CILIUM_ROUTES.replace("lxcaaaaaaaaaaaa", "other0")),
    ],
)
@pytest.mark.parametrize("order", ["before", "after"])
def test_a_pod_with_the_address_of_the_node_shows_the_node(call: str, routes: str, order: str) -> None:
    shown = f"$ {call}\n{routes}"
    [node] = read("\n".join([SYSTEM, shown] if order == "before" else [shown, SYSTEM])).nodes
    assert node.name == TWO
    assert node.routes is not None
    assert node.namespaces == ()
    [answer] = analyze(read(f"{shown}\n{SYSTEM}")).nodes
    assert [pod.pod.name for pod in answer.pods if pod.pod is not None] == ["web"]
    assert "pod-not-wired" not in [finding.code for finding in answer.findings]


def test_routes_to_pods_are_those_of_a_host_without_any_listing() -> None:
    [node] = read(f"$ kubectl -n kube-system exec ds/cilium -- ip route\n{CILIUM_ROUTES}").nodes
    assert node.routes is not None
    assert node.namespaces == ()


# --- which pod a capture was made in ----------------------------------------------------------------------------------

OTHER = HOST.replace(ONE, "aks-pool-22222222-vmss000002").replace("10.9.0.56", "10.9.0.70")


@pytest.mark.parametrize(
    "shown",
    [
        f"$ kubectl exec -it deploy/web -- sh\n{INSIDE}/ # exit\n",
        f"$ kubectl exec deployment.apps/web -- ip addr\n{INSIDE.partition(chr(10))[2]}",
        f"root@web-5d4f8c7b9-x2x4z:/# ip addr\n{INSIDE.partition(chr(10))[2]}",
        (
            "$ kubectl exec deploy/web -- ip route\ndefault via 169.254.1.1 dev eth0\n"
            "10.9.0.0/24 dev eth0 proto kernel scope link src 10.9.0.55\n"
        ),
    ],
    ids=["deployment, shell", "deployment", "prompt", "deployment, routes"],
)
@pytest.mark.parametrize("order", ["before", "after"])
def test_a_pod_is_known_by_its_prompt_and_its_address(shown: str, order: str) -> None:
    pods = PODS.replace("web ", "web-5d4f8c7b9-x2x4z ")
    reading = read("\n".join([pods, OTHER, shown] if order == "before" else [OTHER, shown, pods]))
    found = pods_by_node(reading)
    assert found == {"aks-pool-22222222-vmss000002": [None], TWO: ["web-5d4f8c7b9-x2x4z"]}


def test_of_two_pods_of_one_name_the_address_tells() -> None:
    pods = (
        f"$ kubectl get pods -A -o wide\nNAMESPACE   NAME   {WIDE}"
        f"{row('web', '10.9.0.57', ONE, 'a')}{row('web', '10.9.0.55', TWO, 'b')}"
    )
    [node] = analyze(read(f"{pods}\n$ kubectl exec -it web -- sh\n{INSIDE}")).nodes
    assert node.name == TWO
    named = [(pod.pod.namespace, pod.addresses) for pod in node.pods if pod.pod is not None]
    assert named == [("b", ("10.9.0.55/24",))]


def test_a_pod_that_was_made_anew_is_not_where_it_was_listed() -> None:
    pods = PODS.replace("10.9.0.55", "10.9.0.99")
    assert TWO not in pods_by_node(read(f"{pods}\n$ kubectl exec -it web -- sh\n{INSIDE}"))


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("ip route", "default via 10.9.0.1 dev eth0\n10.9.0.0/24 dev eth0 proto kernel scope link src 10.9.0.55\n"),
        ("ip -o -4 addr", "1: lo    inet 127.0.0.1/8 scope host lo\n7: eth0    inet 10.9.0.55/24 scope global eth0\n"),
    ],
)
def test_the_own_address_of_a_pod_does_not_make_it_the_host(call: str, shown: str) -> None:
    [node] = analyze(read(f"{PODS}\n$ kubectl exec web -- {call}\n{shown}")).nodes
    assert [capture.namespace for capture in node.captures if capture.command in {"ip addr", "ip route"}] == ["pod:web"]
    assert [pod.pod.name for pod in node.pods if pod.pod is not None] == ["web"]
    assert [finding.code for finding in node.findings if finding.code != "capture-missing"] == []


ROUTES_OF_CARD = (
    "Kernel IP routing table\n"
    "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n"
    "0.0.0.0         10.9.0.1        0.0.0.0         UG    100    0        0 eth0\n"
    "10.9.0.0        0.0.0.0         255.255.0.0     U     0      0        0 eth0\n"
)


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("ds/cilium -- ip route", CILIUM_ROUTES),
        ("cilium-abcde -- route -n", ROUTES_OF_CARD),
        ("kube-proxy-fghij -- route -n", ROUTES_OF_CARD),
    ],
)
def test_pods_with_one_address_have_the_network_of_their_node(call: str, shown: str) -> None:
    listing = f"{SYSTEM}{row('kube-proxy-fghij', '10.9.0.35', TWO)}"
    [node] = read(f"$ kubectl -n kube-system exec {call}\n{shown}\n{listing}").nodes
    assert (node.name, node.namespaces) == (TWO, ())
    assert node.routes is not None


def test_an_ended_pod_shares_no_address() -> None:
    ended = row("job", "10.9.0.55", TWO).replace("Running", "Completed")
    assert [pod.host_network for pod in analyze(read(PODS + ended)).listed_pods] == [None, None, None]


def test_two_listings_of_one_pod_or_of_two_times_prove_no_host_network() -> None:
    everywhere = f"$ kubectl get pods -A -o wide\nNAMESPACE   NAME   {WIDE}{row('web', '10.9.0.55', TWO, 'default')}"
    later = PODS.replace("web ", "new-web ")
    assert not any(pod.host_network for pod in analyze(read(f"{PODS}\n{everywhere}\n{later}")).listed_pods)


# --- how it is told ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("nothing-of-it", f"there are: default/web (10.9.0.55) on {TWO}, default/api (10.9.0.56) on {ONE}"),
        ("default/nothing", "there are: default/web"),
    ],
)
def test_a_refusal_says_which_pods_are_listed(word: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        explain(read(PODS), word)
    assert said in str(raised.value)


def test_a_name_that_several_listed_pods_have_is_refused() -> None:
    pods = (
        f"$ kubectl get pods -A -o wide\nNAMESPACE   NAME   {WIDE}"
        f"{row('web', '10.9.0.57', ONE, 'a')}{row('web', '10.9.0.55', TWO, 'b')}"
    )
    with pytest.raises(UsageError) as raised:
        explain(read(pods), "web")
    assert f"'web' fits several: a/web (10.9.0.57) on {ONE}, b/web (10.9.0.55) on {TWO}" in str(raised.value)
    assert explain(read(pods), "b/web").node.name == TWO


def test_a_pod_is_named_with_its_namespace_as_captured_ones_are() -> None:
    assert explain(read(PODS), "default/web").node.name == TWO


def test_captures_without_a_name_may_be_of_a_listed_node(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ticket.txt"
    host = HOST.replace(f"root@{ONE}:/#", "$").replace("10.9.0.56", "10.9.0.99")
    path.write_text(f"{PODS}\n{host}")
    assert main([str(path)]) == 0
    shown = capsys.readouterr().out
    assert "Nodes without captures" not in shown
    assert "captures above that name no node may be of one of them" in " ".join(shown.split())


def test_frames_have_them() -> None:
    pytest.importorskip("pandas")
    analysis = analyze(read(PODS, file="ticket.txt"))
    frame = analysis.to_frame("listed_pods")
    assert frame[["node_name", "pod_name", "address", "line"]].to_numpy().tolist() == [
        [TWO, "web", "10.9.0.55", 3],
        [ONE, "api", "10.9.0.56", 4],
    ]
    assert analyze(read("")).to_frame("listed_pods").dtypes.equals(frame.dtypes)


def test_a_report_of_listed_pods_alone_does_not_say_that_nothing_was_read(tmp_path: Path) -> None:
    pytest.importorskip("jinja2")
    path, page = tmp_path / "ticket.txt", tmp_path / "report.html"
    path.write_text(PODS)
    assert main([str(path), "--format", "html", "-o", str(page)]) == 0
    text = page.read_text()
    assert "<h1>No node was captured</h1>" in text
    assert "web 10.9.0.55" in text
