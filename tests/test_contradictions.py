"""Captures that cannot be of one node at one time are kept apart, said to be so once, and give no other error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aksnet_parse import analyze, read
from aksnet_parse.analysis.models import Analysis, NodeAnalysis

NAME = "aks-pool-22222222-vmss000002"
OTHER = "aks-pool-11111111-vmss000001"
PROMPT = f"root@{NAME}:/# "
LO = (
    "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n"
    "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n"
)


def card(address: str = "10.9.0.66/24", mac: str = "00:0d:3a:00:00:01") -> str:
    return (
        "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000\n"
        f"    link/ether {mac} brd ff:ff:ff:ff:ff:ff\n    inet {address} scope global eth0\n"
    )


def veth(name: str, index: int, peer: int, master: str = "") -> str:
    upper = f"master {master} " if master else ""
    return (
        f"{index}: {name}@if{peer}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue {upper}state UP group "
        f"default qlen 1000\n    link/ether ae:c0:00:00:00:{index:02x} brd ff:ff:ff:ff:ff:ff link-netnsid 0\n"
    )


def listing(*interfaces: str, prompt: str = PROMPT, call: str = "ip addr") -> str:
    return f"{prompt}{call}\n{LO}{''.join(interfaces)}"


def routes(*pods: tuple[str, str], prompt: str = PROMPT, form: str = "route -n") -> str:
    if form == "route -n":
        rows = [
            "0.0.0.0         10.9.0.1        0.0.0.0         UG    100    0        0 eth0\n",
            "10.9.0.0        0.0.0.0         255.255.255.0   U     0      0        0 eth0\n",
            *(
                f"{address:15} 0.0.0.0         255.255.255.255 UH    0      0        0 {name}\n"
                for address, name in pods
            ),
        ]
        heading = "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n"
        return f"{prompt}route -n\nKernel IP routing table\n{heading}{''.join(rows)}"
    entries = [
        {"dst": "default", "gateway": "10.9.0.1", "dev": "eth0", "metric": 100, "flags": []},
        {"dst": "10.9.0.0/24", "dev": "eth0", "scope": "link", "flags": []},
        *({"dst": address, "dev": name, "scope": "link", "flags": []} for address, name in pods),
    ]
    if form == "ip -j route":
        return f"{prompt}ip -j route\n{json.dumps(entries)}\n"
    lines = ["default via 10.9.0.1 dev eth0 metric 100", "10.9.0.0/24 dev eth0 proto kernel scope link"]
    return f"{prompt}ip route\n" + "".join(
        f"{line}\n" for line in (*lines, *(f"{a} dev {n} scope link" for a, n in pods))
    )


def wrong(analysis: Analysis) -> list[str]:
    return [finding.code for node in analysis.nodes for finding in node.findings if finding.severity != "info"]


def veths(node: NodeAnalysis) -> set[str]:
    return {pod.veth.name for pod in node.pods if pod.veth is not None}


# --- veths that have nothing in common --------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["route -n", "ip route", "ip -j route"])
@pytest.mark.parametrize("order", ["interfaces first", "routes first"])
@pytest.mark.parametrize("number", [1, 3])
def test_disjoint_veths_are_two_states(form: str, order: str, number: int) -> None:
    names = [f"azv{index:011x}" for index in range(number)]
    others = [(f"10.9.0.7{index}", f"azv{index + 100:011x}") for index in range(number)]
    shown = listing(card(), *(veth(name, 11 + index, 3) for index, name in enumerate(names)))
    table = routes(*others, form=form)
    analysis = analyze(read(shown + table if order == "interfaces first" else table + shown))
    assert [node.name for node in analysis.nodes] == [NAME, NAME]
    assert wrong(analysis) == ["node-states-differ"]
    assert sorted(map(sorted, map(veths, analysis.nodes))) == sorted(
        [sorted(names), sorted(name for _, name in others)]
    )
    [finding] = [one for one in analysis.nodes[1].findings if one.code == "node-states-differ"]
    assert {line.text for line in finding.lines} == {f"{PROMPT}ip addr", f"{PROMPT}{form}"}


def test_one_stale_route_among_good_ones_is_a_fault_of_the_node() -> None:
    shown = listing(card(), veth("azv00000000001", 11, 3))
    analysis = analyze(read(shown + routes(("10.9.0.70", "azv00000000001"), ("10.9.0.71", "azv00000000009"))))
    assert len(analysis.nodes) == 1
    assert wrong(analysis) == ["route-interface-missing"]


# --- a name hash and a peer's index -----------------------------------------------------------------------------------

HASHED = {"azv": "azv68caf03a5f4", "cali": "cali68caf03a5f4"}  # of default.web
POD = (
    "/ # ip addr\n" + LO + "7: eth0@if8: <BROADCAST,UP,LOWER_UP,M-DOWN> mtu 1500 qdisc noqueue state UP qlen 1000\n"
    "    link/ether da:79:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n    inet 10.9.0.55/24 scope global eth0\n"
)


@pytest.mark.parametrize("kind", HASHED)
@pytest.mark.parametrize("index", [11, 8])
@pytest.mark.parametrize("peer", [10, 7])
def test_a_name_never_outweighs_an_index(kind: str, index: int, peer: int) -> None:
    name = HASHED[kind]
    text = listing(card(), veth(name, index, peer)) + f"me@jump:~$ kubectl exec -it web -- sh\n{POD}"
    for table in ("", routes(("10.9.0.55", name))):
        analysis = analyze(read(table + text))
        pods = [pod for node in analysis.nodes for pod in node.pods if pod.pod is not None and pod.pod.name == "web"]
        assert len(pods) == 1
        if (index, peer) == (8, 7):
            assert "veth-name-hash" in pods[0].proofs
            assert "peer-ifindex" in pods[0].proofs
        else:
            assert pods[0].status in {"conflict", "partial"}
            assert "veth-name-hash" not in pods[0].proofs
            assert "pod-route-missing" not in wrong(analysis)


def test_a_pod_that_is_listed_on_another_node() -> None:
    listed = (
        "me@jump:~$ kubectl get pods -o wide\n"
        "NAME   READY   STATUS    RESTARTS   AGE   IP          NODE   NOMINATED NODE   READINESS GATES\n"
        f"web    1/1     Running   0          5h    10.9.0.55   {OTHER}   <none>   <none>\n"
    )
    shown = listing(card(), veth(HASHED["azv"], 11, 10)) + routes(("10.9.0.70", "azv33333333333"))
    analysis = analyze(read(f"{listed}{shown}me@jump:~$ kubectl exec -it web -- sh\n{POD}"))
    assert wrong(analysis) == ["node-states-differ"]
    assert [
        [pod.pod.name for pod in node.pods if pod.pod is not None] for node in analysis.nodes if node.name == OTHER
    ] == [["web"]]


# --- one name, two states ---------------------------------------------------------------------------------------------


def bridges(**ports: list[str]) -> str:
    rows = ["bridge name\tbridge id\t\tSTP enabled\tinterfaces"]
    for number, (name, members) in enumerate(ports.items()):
        mac = f"8000.{sum(map(ord, ''.join(members))) + number:012x}"
        rows += [f"{name}\t\t{mac}\tno\t\t{members[0]}", *(f"\t\t\t\t\t\t\t{member}" for member in members[1:])]
    return f"{PROMPT}brctl show\n" + "\n".join(rows) + "\n"


AZURE = bridges(azure0=["azv00000000001", "azv00000000002", "eth0"])
KUBENET = bridges(cbr0=["veth00000001", "veth00000002"])
PIECE_OF_AZURE = f"{PROMPT}ip a | grep 17\n" + veth("azv00000000001", 17, 16, "azure0").split("\n")[0] + "\n"
PIECE_OF_KUBENET = (
    f"{PROMPT}ip a | grep 10\n"
    "2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000\n"
    "    inet 10.20.0.4/24 brd 10.20.0.255 scope global eth0\n"
    "5: cbr0: <BROADCAST,MULTICAST,PROMISC,UP,LOWER_UP> mtu 1500 qdisc htb state UP group default qlen 1000\n"
    "    inet 10.244.1.1/24 scope global cbr0\n" + veth("veth00000001", 10, 3, "cbr0").split("\n")[0] + "\n"
)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("pieces", [True, False])
@pytest.mark.parametrize("in_files", [True, False])
def test_a_node_that_was_rebuilt(reverse: bool, pieces: bool, in_files: bool, tmp_path: Path) -> None:
    states = [(PIECE_OF_AZURE if pieces else "") + AZURE, (PIECE_OF_KUBENET if pieces else "") + KUBENET]
    states = states[::-1] if reverse else states
    if in_files:
        for number, state in enumerate(states):
            (tmp_path / f"{number}.txt").write_text(state)
        analysis = analyze(read(tmp_path))
    else:
        analysis = analyze(read("\nWe rebuilt the cluster:\n\n".join(states)))
    found = {node.mode.bridge: node for node in analysis.nodes}
    assert found.keys() == {"azure0", "cbr0"}
    assert {node.name for node in analysis.nodes} == {NAME}
    assert (found["azure0"].mode.networkPlugin.value, veths(found["azure0"])) == (
        "azure",
        {"azv00000000001", "azv00000000002"},
    )
    assert (found["cbr0"].mode.networkPlugin.value, veths(found["cbr0"])) == (
        "kubenet",
        {"veth00000001", "veth00000002"},
    )
    assert wrong(analysis) == ["node-states-differ"]


@pytest.mark.parametrize(
    "later",
    [
        bridges(azure0=["azv00000000001", "azv00000000009", "eth0"]),
        bridges(azure0=["azv00000000001", "azv00000000002", "azv00000000003", "eth0"]),
        AZURE,
    ],
)
def test_pods_that_come_and_go_are_one_node(later: str) -> None:
    analysis = analyze(read(AZURE + "\nAfter the fix:\n\n" + later))
    assert len(analysis.nodes) == 1
    assert "node-states-differ" not in wrong(analysis)


# --- output without a prompt ------------------------------------------------------------------------------------------

CONFIG = (
    f"root@{OTHER}:/# cat /etc/cni/net.d/10-azure.conflist\n"
    '{\n "cniVersion":"0.3.0",\n "name":"azure",\n "plugins":[{ "type":"azure-vnet", "mode":"transparent" }]\n}\n'
)
SHOWN = listing(card("10.9.0.66/24"), veth("azv5a000000001", 18, 17), prompt="", call="").lstrip("\n")
INSIDE = (
    f"{PROMPT}nsenter -t 56665 -n ip addr\n{LO}"
    "17: eth0@if18: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000\n"
    "    link/ether ba:06:00:00:00:01 brd ff:ff:ff:ff:ff:ff link-netnsid 0\n    inet 10.9.0.192/24 scope global eth0\n"
)
TABLE = routes(("10.9.0.192", "azv5a000000001"))
UNPROMPTED = {
    "ip addr": (SHOWN, TABLE + INSIDE),
    "route -n": (
        routes(("10.9.0.192", "azv5a000000001"), prompt="").removeprefix("route -n\n"),
        listing(card(), veth("azv5a000000001", 18, 17)) + INSIDE,
    ),
}


@pytest.mark.parametrize("kind", UNPROMPTED)
@pytest.mark.parametrize("place", ["behind", "between", "before"])
def test_output_without_a_prompt_is_of_the_node_it_fits(kind: str, place: str) -> None:
    output, rest = UNPROMPTED[kind]
    note = "\nThe other output:\n\n"
    text = {
        "behind": f"{CONFIG}\nNow the other:\n\n{rest}{note}{output}",
        "between": f"{CONFIG}\nNow the other:\n\n{TABLE if kind == 'ip addr' else rest}{note}{output}\n{INSIDE}",
        "before": f"{note}{output}\n{rest}\n{CONFIG}",
    }[place]
    nodes = {node.name: node for node in analyze(read(text)).nodes}
    assert nodes.keys() == {NAME, OTHER}
    assert nodes[OTHER].pods == ()
    assert [pod.status for pod in nodes[NAME].pods] == ["proven"]
    assert {"peer-ifindex", "host-route"} <= set(nodes[NAME].pods[0].proofs)
