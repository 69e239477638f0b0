"""Containers as several commands show them: put together by id, and tied to the namespaces that were entered.

What crictl prints is written after the published descriptions of it, not captured.
"""

from __future__ import annotations

import json
import random
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aksnet_parse import Container, Node
from aksnet_parse.analysis.ends import pod_ends
from aksnet_parse.analysis.models import PodReference
from aksnet_parse.commands.containers import merge_containers
from aksnet_parse.node import Namespace

from ..listings import inspected_sandboxes, inspectp_document, pods_document
from .texts import KUBENET, inside, ip_addr, link, node, wrong

FULL = "116419acc6958dbaa1f80380eee6762928ead0caec83d0174fc5daa91a110897"
OLD = "ee" * 32
UID = "1129f22f-aefb-5395-a68e-9a79a790ca72"
WEB = PodReference(namespace="shop", name="web-0", uid=UID)
CNI = "cni-1f0c8a1e-7d9a-4f5e-9a51-0f7a8c2d3b4e"


# --- one record for each container ------------------------------------------------------------------------------------


def test_short_and_full_ids_are_one_container() -> None:
    listed = Container(id=FULL[:12], name="web", state="running")
    inspected = Container(id=FULL, name="web", pid=7, network_mode="none")
    for order in ([listed, inspected], [inspected, listed]):
        [merged] = merge_containers(order)
        assert merged == Container(id=FULL, name="web", pid=7, network_mode="none", state="running")


def test_of_each_field_the_fullest_record_counts_and_of_equals_the_later() -> None:
    full = Container(id=FULL, name="web", pid=7, state="running")
    assert merge_containers([full, Container(id=FULL[:13], pid=8)])[0].pid == 7
    assert merge_containers([Container(id=FULL, pid=8), Container(id=FULL, pid=9)])[0].pid == 9


def test_what_cannot_be_told_stays_apart() -> None:
    one, two = Container(id="abcd1" + "0" * 59), Container(id="abcd2" + "0" * 59)
    short = Container(id="abcd", pid=7)
    nameless = [Container(pid=1), Container(pid=1)]
    assert merge_containers([one, two, short, *nameless]) == [one, two, short, *nameless]
    assert merge_containers([]) == []


_IDS = st.sampled_from([FULL, FULL[:12], FULL[:13], OLD, OLD[:12], "ab" * 32, None])
_RECORDS = st.builds(
    Container,
    id=_IDS,
    pid=st.one_of(st.none(), st.integers(1, 9)),
    state=st.sampled_from(["running", "exited", None]),
    pod_name=st.sampled_from(["web-0", None]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_RECORDS, max_size=8))
def test_merging_invents_and_loses_nothing(records: list[Container]) -> None:
    merged = merge_containers(records)
    ids = [record.id for record in merged if record.id is not None]
    assert len(ids) == len(set(ids))
    assert {*ids} <= {record.id for record in records}
    for name in ("pid", "state", "pod_name"):
        said = {getattr(record, name) for record in records}
        assert {getattr(record, name) for record in merged} <= said | {None}
    assert merge_containers(merged) == merged


# --- docker -----------------------------------------------------------------------------------------------------------

DOCKER_PS = (
    "$ docker ps\nCONTAINER ID   IMAGE   COMMAND   CREATED   STATUS   PORTS   NAMES\n"
    f'{FULL[:12]}   pause:1   "/pause"   2 days ago   Up 2 days             k8s_POD_web-0_shop_{UID}_0\n'
    f'{OLD[:12]}   pause:1   "/pause"   2 days ago   Up 2 days             k8s_POD_proxy_kube-system_33-44_0\n'
)
PID = f"$ docker inspect -f '{{{{.State.Pid}}}}' {FULL[:12]}\n100\n"


def test_docker_ps_names_the_pod_that_was_entered_by_its_pid() -> None:
    for texts in ([DOCKER_PS, PID, KUBENET["pod"]], [KUBENET["pod"], PID, DOCKER_PS]):
        found = node(KUBENET["ip addr"], KUBENET["brctl show"], KUBENET["route -n"], *texts)
        [web] = [pod for pod in found.pods if pod.interface is not None]
        assert (web.pod, web.pid, web.container_id) == (WEB, 100, FULL[:12])
        assert web.status == "proven"
        # Of the other nothing but its name is known: it may be on the node's own network.
        assert len(found.pods) == 2
        assert wrong(found) == []


def test_a_sandbox_that_ended_stands_for_no_pod() -> None:
    dead = DOCKER_PS.replace("$ docker ps", "$ docker ps -a").replace("proxy_kube-system_33-44", f"web-0_shop_{UID}")
    dead = dead.replace(
        f'{OLD[:12]}   pause:1   "/pause"   2 days ago   Up',
        f'{OLD[:12]}   pause:1   "/pause"   2 days ago   Exited (0)',
    )
    dead = dead.replace("Exited (0) 2 days  ", "Exited (0) 2 days ago  ")
    found = node(KUBENET["ip addr"], dead, PID, KUBENET["pod"])
    [web] = [pod for pod in found.pods if pod.interface is not None]
    assert (web.pod, web.container_id) == (WEB, FULL[:12])


# --- crictl -----------------------------------------------------------------------------------------------------------


def sandbox(**facts: Any) -> Container:
    usual = {
        "id": FULL,
        "container_type": "podsandbox",
        "state": "ready",
        "pod_name": "web-0",
        "pod_namespace": "shop",
        "pod_uid": UID,
        "attempt": 1,
        "pid": 100,
        "netns": f"/var/run/netns/{CNI}",
        "ip_addresses": ("10.244.0.2",),
    }
    return Container.model_validate(usual | facts)


def inspectp(row: Container) -> str:
    return f"$ crictl inspectp {str(row.id)[:13]}\n{json.dumps(inspectp_document(row), indent=2)}\n"


PODS = (
    "$ crictl pods\nPOD ID   CREATED   STATE   NAME   NAMESPACE   ATTEMPT   RUNTIME\n"
    f"{FULL[:13]}   2 days ago   Ready      web-0   shop   1   (default)\n"
    f"{OLD[:13]}   3 days ago   NotReady   web-0   shop   0   (default)\n"
)
END = link(3, "eth0@if4", "10.244.0.2/24")


@pytest.mark.parametrize(
    ("call", "facts"),
    [
        (f"ip netns exec {CNI} ip addr", {"pid": 0, "ip_addresses": ()}),
        (f"nsenter --net=/var/run/netns/{CNI} ip addr", {"pid": 0, "ip_addresses": ()}),
        ("nsenter -t 100 -n ip addr", {"netns": None, "ip_addresses": ()}),
        ("nsenter -t 100 -n ip addr", {"pid": 0, "netns": "/proc/100/ns/net", "ip_addresses": ()}),
        ("ip netns exec cni-other ip addr", {"pid": 0, "netns": None}),
        ("nsenter -t 999 -n ip addr", {"pid": 0, "netns": None}),
        ("kubectl exec -n shop web-0 -- ip addr", {"pid": 0, "netns": None, "ip_addresses": ()}),
    ],
)
def test_a_namespace_is_known_by_its_path_its_process_or_its_address(call: str, facts: dict[str, Any]) -> None:
    row = sandbox(**{name: value or None if name != "ip_addresses" else value for name, value in facts.items()})
    entered = ip_addr(END, call=call)
    for texts in ([PODS, inspectp(row), entered], [entered, inspectp(row), PODS]):
        found = node(KUBENET["ip addr"], KUBENET["brctl show"], KUBENET["route -n"], *texts)
        [web] = [pod for pod in found.pods if pod.interface is not None]
        assert (web.pod, web.container_id, web.status) == (WEB, FULL, "proven")
        assert len(found.pods) == 2
        assert wrong(found) == []


def test_json_of_pods_with_a_dead_sandbox_beside() -> None:
    rows = [sandbox(id=OLD, state="notready", pid=None, netns=None, attempt=0), sandbox()]
    text = f"$ crictl pods -o json\n{json.dumps(pods_document(rows), indent=2)}\n"
    found = node(KUBENET["ip addr"], text, inspectp(sandbox()), ip_addr(END, call=f"ip netns exec {CNI} ip addr"))
    [web] = [pod for pod in found.pods if pod.pod is not None]
    assert (web.pod, web.container_id, web.netns) == (WEB, FULL, CNI)


def test_a_dead_sandbox_is_no_pod_even_if_it_says_an_address() -> None:
    found = node(KUBENET["ip addr"], inspectp(sandbox(state="notready")))
    assert [pod.pod for pod in found.pods] == [None, None]


def test_pods_on_the_hosts_network_are_no_pods_with_a_veth() -> None:
    proxy = sandbox(network_mode="host", netns=None, ip_addresses=("10.240.0.4",))
    found = node(KUBENET["ip addr"], KUBENET["pod"], PODS, inspectp(proxy))
    assert all(pod.pod is None for pod in found.pods)


def test_an_address_that_two_claim_tells_neither() -> None:
    one = sandbox(pid=None, netns=None)
    two = sandbox(id=OLD, pod_name="db-0", pod_uid="55-66", pid=None, netns=None)
    found = node(KUBENET["ip addr"], inspectp(one), inspectp(two), ip_addr(END, call="ip netns exec cni-x ip addr"))
    assert [pod.pod for pod in found.pods if pod.interface is not None] == [None]


def test_an_address_does_not_outweigh_the_process() -> None:
    one = sandbox(netns=None, pid=100)
    other = sandbox(id=OLD, pod_name="db-0", pod_uid="55-66", netns=None, pid=200, ip_addresses=())
    found = node(KUBENET["ip addr"], inspectp(one), inspectp(other), inside(200, END))
    [seen] = [pod for pod in found.pods if pod.interface is not None]
    assert seen.pod is not None
    assert seen.pod.name == "db-0"


def test_containers_of_pods_of_one_name_in_two_namespaces_stay_apart() -> None:
    rows = [
        sandbox(id="aa" * 32, pod_namespace="a", pod_uid="1", pid=1, netns=None, ip_addresses=()),
        sandbox(id="bb" * 32, pod_namespace="b", pod_uid="2", pid=2, netns=None, ip_addresses=()),
    ]
    listed = "$ crictl ps\nCONTAINER   IMAGE   CREATED   STATE   NAME   ATTEMPT   POD ID   POD\n" + "".join(
        f"{letter * 13}   00ff00ff00ff0   2 days ago   Running   web   0   {identifier * 13}   web-0\n"
        for letter, identifier in (("c", "a"), ("d", "b"))
    )
    found = node(*map(inspectp, rows), listed)
    assert [pod.pod.namespace for pod in found.pods if pod.pod is not None] == ["a", "b"]


@settings(max_examples=50, deadline=None)
@given(st.lists(inspected_sandboxes(), max_size=5, unique_by=lambda row: row.id), st.randoms(use_true_random=False))
def test_the_order_of_the_captures_does_not_matter(rows: list[Container], chance: random.Random) -> None:
    records = [record for row in rows for record in (row, Container(id=str(row.id)[:13], state=row.state))]

    def answer(containers: list[Container]) -> Any:
        ends = pod_ends(Node(None, (), containers=tuple(containers))).ends
        return sorted((end.container_id or "", end.pid or 0, end.addresses, end.netns or "") for end in ends)

    assert answer(chance.sample(records, len(records))) == answer(records)
    assert len(answer(records)) <= sum(row.state == "ready" and row.network_mode is None for row in rows)


def test_many_containers_take_linear_time() -> None:
    def seconds(count: int) -> float:
        rows = [
            Container(
                id=f"{number:064x}"[::-1],
                container_type="podsandbox",
                pod_name=f"web-{number}",
                pod_namespace="shop",
                pod_uid=str(number),
                netns=f"/var/run/netns/cni-{number}",
                ip_addresses=(),
            )
            for number in range(1, count + 1)
        ]
        listed = [Container(id=f"{number:064x}"[::-1][:13], state="ready") for number in range(1, count + 1)]
        spaces = tuple(Namespace(f"netns:cni-{number}") for number in range(1, count + 1))
        begun = time.process_time()
        ends = pod_ends(Node(None, (), containers=(*rows, *listed), namespaces=spaces)).ends
        assert len(ends) <= count
        return time.process_time() - begun

    seconds(100)
    assert seconds(20_000) < 20
