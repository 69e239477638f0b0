"""Which pod rides on which veth: what proves it, what is only a part of it, and what contradicts it."""

from __future__ import annotations

from hashlib import sha1

import pytest

from aksnet_parse import analyze, read
from aksnet_parse.analysis.models import EndPoint, Finding, NodeAnalysis, Pod, PodReference

from .texts import (
    AZURE_BRIDGE,
    AZURE_TRANSPARENT,
    CALICO,
    ETH0,
    KUBENET,
    NO_BRIDGES,
    NODES,
    ROUTES,
    analysis,
    brctl,
    inside,
    ip_addr,
    link,
    node,
    pod,
    route_n,
    wrong,
)

TRANSPARENT_HOST = AZURE_TRANSPARENT["ip addr"], AZURE_TRANSPARENT["route -n"]


def seen(found: NodeAnalysis) -> Pod:
    """The one pod whose own side was captured."""
    [looked_into] = [item for item in found.pods if item.interface is not None]
    return looked_into


def conflict(found: NodeAnalysis) -> Finding:
    """The one finding that says which facts of the one conflicting pod disagree."""
    [finding] = wrong(found)
    assert finding.severity == "error"
    assert finding.message.endswith(".")
    assert finding.subjects
    assert finding.lines
    assert [item.status for item in found.pods].count("conflict") == 1
    return finding


def azv(text: str) -> str:
    return f"azv{sha1(text.encode()).hexdigest()[:11]}"


# --- proven -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "proofs", "attachment"),
    [
        ("kubenet", ("peer-ifindex", "bridge-member", "pod-address"), {"kind": "bridge", "bridge": "cbr0"}),
        (
            "kubenet-calico",
            ("peer-ifindex", "host-route"),
            {"kind": "route", "destination": "10.244.0.2/32", "device": "cali11111111111"},
        ),
        ("azure-bridge", ("peer-ifindex", "bridge-member", "pod-address"), {"kind": "bridge", "bridge": "azure0"}),
        (
            "azure-transparent",
            ("peer-ifindex", "host-route"),
            {"kind": "route", "destination": "10.240.0.5/32", "device": "azv11111111111"},
        ),
    ],
)
def test_each_kind_is_proven(kind: str, proofs: tuple[str, ...], attachment: dict[str, str]) -> None:
    found = node(*NODES[kind].values())
    proven = seen(found)
    assert (proven.status, proven.proofs) == ("proven", proofs)
    assert proven.attachment is not None
    assert proven.attachment.model_dump() == attachment
    assert [item.status for item in found.pods] == ["proven", "partial"]
    assert wrong(found) == []


def test_a_peer_alone_is_one_fact() -> None:
    found = node(AZURE_TRANSPARENT["ip addr"], AZURE_TRANSPARENT["pod"])
    assert (seen(found).status, seen(found).proofs) == ("partial", ("peer-ifindex",))


def test_a_route_alone_is_one_fact() -> None:
    found = node(AZURE_TRANSPARENT["route -n"], AZURE_TRANSPARENT["pod"])
    assert (seen(found).status, seen(found).proofs) == ("partial", ("host-route",))
    assert seen(found).veth == EndPoint(name="azv11111111111", ifindex=None)


def test_the_hosts_side_alone_is_partial() -> None:
    for kind in NODES:
        found = node(*[text for name, text in NODES[kind].items() if name != "pod"])
        assert {(item.status, item.interface, item.pod, item.pid) for item in found.pods} == {
            ("partial", None, None, None)
        }
        assert len(found.pods) == 2


def test_a_named_namespace_is_a_fact_of_its_own() -> None:
    host = ip_addr(ETH0, link(5, "azv11111111111@if4", netns="cni-1"), link(7, "azv22222222222@if6", netns="cni-2"))
    entered = ip_addr(link(4, "eth0@if5", "10.240.0.5/16"), call="ip netns exec cni-1 ip addr")
    found = node(host, entered)
    assert (seen(found).status, seen(found).proofs) == ("proven", ("peer-ifindex", "netns-id"))
    assert sorted(str(item.netns) for item in found.pods) == ["cni-1", "cni-2"]


def test_the_address_alone_tells_the_bridge() -> None:
    found = node(KUBENET["route -n"], KUBENET["pod"])
    assert (seen(found).status, seen(found).proofs, seen(found).veth) == ("partial", ("pod-address",), None)
    assert seen(found).attachment is not None


def test_an_address_in_the_subnet_of_azure0_proves_nothing_by_itself() -> None:
    """Pods of both modes have addresses there."""
    found = node(AZURE_BRIDGE["route -n"], AZURE_BRIDGE["pod"])
    assert (seen(found).proofs, seen(found).attachment) == ((), None)


def test_without_ip_addr_of_the_host_a_pod_is_not_counted_twice() -> None:
    """The pod that was looked into is one of the two on the bridge."""
    found = node(KUBENET["brctl show"], KUBENET["pod"], inside(200, link(3, "eth0@if5", "10.244.0.3/24")))
    assert [item.addresses for item in found.pods] == [("10.244.0.2/24",), ("10.244.0.3/24",)]
    found = node(KUBENET["brctl show"], KUBENET["pod"])
    assert len(found.pods) == 3  # two veths, of which one may be the pod's: that there is a second pod is certain


def test_ifindexes_of_the_interface_inside() -> None:
    assert seen(node(*AZURE_BRIDGE.values())).interface == EndPoint(name="eth0", ifindex=4)
    assert seen(node(*AZURE_BRIDGE.values())).veth == EndPoint(name="azv11111111111", ifindex=5)


# --- names that are computed from the pod's ---------------------------------------------------------------------------


def test_azure_and_calico_name_the_veth_after_the_pod() -> None:
    for name in (azv("shop.web-0"), "cali" + azv("shop.web-0")[3:]):
        host = ip_addr(ETH0, link(5, f"{name}@if4"), link(7, "azv22222222222@if6"))
        entered = ip_addr(link(4, "eth0@if5", "10.240.0.5/16"), call="kubectl exec -n shop web-0 -- ip addr")
        found = node(host, entered)
        assert (seen(found).status, seen(found).proofs) == ("proven", ("peer-ifindex", "veth-name-hash"))
        assert seen(found).pod == PodReference(namespace="shop", name="web-0", uid=None)


def test_a_name_that_the_hash_contradicts() -> None:
    host = ip_addr(ETH0, link(5, "azv11111111111@if4"), link(7, f"{azv('shop.web-0')}@if6"))
    entered = ip_addr(link(4, "eth0@if5", "10.240.0.5/16"), call="kubectl exec -n shop web-0 -- ip addr")
    assert conflict(node(host, entered)).code == "name-disagrees"


SANDBOX = "116419acc6958dbaa1f80380eee6762928ead0caec83d0174fc5daa91a110897"


def inspected(*, name: str, pid: int | str = 100, mode: str = "none", identifier: str = SANDBOX, **labels: str) -> str:
    more = ", ".join(f'"io.kubernetes.{key.replace("_", ".")}": "{value}"' for key, value in labels.items())
    return (
        f'$ docker inspect {identifier[:12]}\n[\n    {{\n        "Id": "{identifier}",\n'
        f'        "State": {{"Pid": {pid}}},\n'
        f'        "Name": "/{name}",\n        "HostConfig": {{"NetworkMode": "{mode}"}},\n'
        f'        "Config": {{"Labels": {{{more}}}}},\n        "NetworkSettings": {{}}\n    }}\n]\n'
    )


KUBELET = {"pod_name": "web-0", "pod_namespace": "shop", "pod_uid": "11-22", "docker_type": "podsandbox"}


def test_in_bridge_mode_azure_names_the_veth_after_the_sandbox() -> None:
    """As in a real log: this sandbox got azvb1f7346f51b."""
    host = ip_addr(
        link(2, "eth0", master="azure0"),
        link(3, "azure0", "10.240.0.4/16"),
        link(5, "azvb1f7346f51b@if4", master="azure0"),
    )
    found = pod(host, inspected(name="k8s_POD_web-0_shop_11-22_0", **KUBELET))
    assert found.proofs == ("veth-name-hash", "bridge-member")
    assert found.veth == EndPoint(name="azvb1f7346f51b", ifindex=5)
    assert found.status == "partial"  # nobody saw its own end
    assert found.pod == PodReference(namespace="shop", name="web-0", uid="11-22")


def test_a_named_pod_and_a_namespace_that_nobody_named_meet_at_the_veth() -> None:
    host = ip_addr(ETH0, link(5, f"{azv('shop.web-0')}@if4"))
    bare = inside("$PID", link(4, "eth0@if5", "10.240.0.5/16"))
    for texts in (
        [inspected(name="k8s_POD_web-0_shop_11-22_0", **KUBELET), bare],
        [bare, inspected(name="x", **KUBELET)],
    ):
        found = pod(host, *texts)
        assert found.status == "proven"
        assert found.proofs == ("peer-ifindex", "veth-name-hash")
        assert (found.pid, found.addresses) == (100, ("10.240.0.5/16",))


def test_the_address_of_a_pod_that_is_known_by_its_veths_name_alone() -> None:
    found = pod(route_n(*ROUTES, f"10.240.0.5/32 {azv('shop.web-0')}"), inspected(name="x", **KUBELET))
    assert found.addresses == ("10.240.0.5/32",)
    assert (found.status, found.proofs) == ("partial", ("veth-name-hash",))


# --- containers -------------------------------------------------------------------------------------------------------


def test_a_sandbox_and_its_containers_are_one_pod() -> None:
    sandbox = inspected(name="k8s_POD_web-0_shop_11-22_0", **KUBELET)
    app = inspected(
        name="k8s_nginx_web-0_shop_11-22_0",
        pid=140,
        mode=f"container:{SANDBOX}",
        identifier="ab" * 32,
        **{**KUBELET, "docker_type": "container", "sandbox_id": SANDBOX},
    )
    entered = inside(140, link(3, "eth0@if4", "10.244.0.2/24"))
    for texts in ([sandbox, app, entered], [entered, app, sandbox], [app, sandbox, entered]):
        found = node(KUBENET["ip addr"], *texts)
        assert seen(found).pod == PodReference(namespace="shop", name="web-0", uid="11-22")
        assert (seen(found).container_id, seen(found).pid) == (SANDBOX, 100)
        assert len(found.pods) == 2


def test_containers_that_meet_only_through_a_third_are_one_pod() -> None:
    one = inspected(name="one", pid=1, identifier="aa" * 32, mode=f"container:{'cc' * 32}")
    two = inspected(name="two", pid=2, identifier="bb" * 32, mode="container:three")
    three = inspected(name="three", pid=3, identifier="cc" * 32)
    for texts in ([one, two, three], [three, one, two], [two, one, three]):
        assert len(node(KUBENET["route -n"], *texts).pods) == 1


def test_a_name_that_begins_like_another_is_another_container() -> None:
    one = inspected(name="web", pid=1, identifier="aa" * 32)
    two = inspected(name="web-2", pid=2, identifier="bb" * 32)
    assert len(node(one, two).pods) == 2


@pytest.mark.parametrize("called", [SANDBOX[:12], SANDBOX, "k8s_POD_web-0_shop_11-22_0"])
def test_a_container_that_was_entered_by_id_or_name(called: str) -> None:
    entered = ip_addr(link(3, "eth0@if4", "10.244.0.2/24"), call=f"docker exec {called} ip addr")
    found = node(KUBENET["ip addr"], entered, inspected(name="k8s_POD_web-0_shop_11-22_0", **KUBELET))
    assert seen(found).pod is not None
    assert seen(found).container_id == SANDBOX


def test_an_id_that_begins_two_containers_is_neither() -> None:
    one = inspected(name="one", pid=1, identifier="abcd1" + "0" * 59)
    two = inspected(name="two", pid=2, identifier="abcd2" + "0" * 59)
    entered = ip_addr(link(3, "eth0@if4", "10.244.0.2/24"), call="docker exec abcd ip addr")
    assert len([item for item in node(KUBENET["ip addr"], one, two, entered).pods if item.veth is None]) == 2


def test_two_calls_of_docker_inspect_about_one_container() -> None:
    fragment = f'$ docker inspect {SANDBOX[:12]} | grep Pid\n            "Pid": 100,\n'
    whole = inspected(name="k8s_POD_web-0_shop_11-22_0", **KUBELET)
    for texts in ([fragment, whole], [whole, fragment]):
        found = pod(*texts)
        assert (found.container_id, found.pid) == (SANDBOX, 100)


def test_pods_on_the_hosts_network_have_no_veth_and_are_not_listed() -> None:
    proxy = inspected(name="k8s_POD_proxy_kube-system_33-44_0", mode="host", **{**KUBELET, "pod_name": "proxy"})
    found = node(*(text for name, text in KUBENET.items() if name != "pod"), proxy)
    assert len(found.pods) == 2
    assert all(item.pod is None for item in found.pods)


def test_docker_gives_plain_containers_their_address_itself() -> None:
    host = ip_addr(ETH0, link(3, "docker0", "172.17.0.1/16"), link(5, "veth1234567@if4", master="docker0"))
    shown = (
        f'$ docker inspect web\n[{{"Id": "{SANDBOX}", "State": {{"Pid": 7}}, "Name": "/web",'
        ' "NetworkSettings": {"Networks": {"bridge": {"IPAddress": "172.17.0.2", "IPPrefixLen": 16}}}}]\n'
    )
    found = node(host, shown, inside(7, link(4, "eth0@if5", "172.17.0.2/16")))
    assert (seen(found).container_id, seen(found).pod) == (SANDBOX, None)
    assert seen(found).proofs == ("peer-ifindex", "bridge-member", "pod-address")
    alone = node(shown)
    assert alone.pods[0].addresses == ("172.17.0.2/16",)


def test_a_pod_made_anew_under_its_old_name_is_not_mixed_up_with_it() -> None:
    old = inspected(name="a", pid=1, identifier="aa" * 32, **{**KUBELET, "pod_uid": "old"})
    new = inspected(name="b", pid=2, identifier="bb" * 32, **{**KUBELET, "pod_uid": "new"})
    entered = ip_addr(link(3, "eth0@if4", "10.244.0.2/24"), call="kubectl exec -n shop web-0 -- ip addr")
    found = node(KUBENET["ip addr"], old, new, entered)
    assert seen(found).container_id is None
    assert seen(found).pod == PodReference(namespace="shop", name="web-0", uid=None)


# --- the same pod, seen more than once --------------------------------------------------------------------------------


def test_a_pod_that_was_entered_in_two_ways_is_one() -> None:
    rows = link(3, "eth0@if4", "10.244.0.2/24")
    ways = [inside(100, rows), inside(140, rows), ip_addr(rows, call="kubectl exec -n shop web-0 -- ip addr")]
    found = node(KUBENET["ip addr"], *ways)
    assert len(found.pods) == 2
    assert (seen(found).status, seen(found).pid) == ("proven", 100)
    assert wrong(found) == []


def test_without_macs_the_address_tells_that_it_is_the_same_pod() -> None:
    rows = "3: eth0@if4: <UP> mtu 1500 qdisc noqueue state UP\n    inet 10.244.0.2/24 scope global eth0"
    assert len(node(KUBENET["ip addr"], inside(100, rows), inside(140, rows)).pods) == 2


def test_one_veth_leads_to_one_pod() -> None:
    other = inside(200, link(3, "eth0@if4", "10.244.0.77/24", mac="02:00:00:00:09:09"))
    found = node(KUBENET["ip addr"], KUBENET["pod"], other)
    [finding] = wrong(found)
    assert finding.code == "veth-shared"
    assert finding.subjects == ("veth11111111",)
    assert "10.244.0.2/24" in finding.message
    assert "10.244.0.77/24" in finding.message
    assert [item.status for item in found.pods].count("conflict") == 2


# --- busybox ----------------------------------------------------------------------------------------------------------


def busybox(text: str) -> str:
    """As busybox prints it: the name of whatever has the peer's index here, no state, group or namespace."""
    for index, name in ((1, "lo"), (2, "eth0"), (3, "cbr0"), (4, "veth11111111"), (5, "veth22222222")):
        text = text.replace(f"@if{index}:", f"@{name}:")
    return (
        text.replace(" state UP group default", "")
        .replace(" state UNKNOWN group default", "")
        .replace(" link-netnsid 0", "")
    )


@pytest.mark.parametrize("kind", ["kubenet", "kubenet-calico"])
def test_the_wrong_peers_that_busybox_prints_on_the_host(kind: str) -> None:
    """The pod's own side, the number of an interface on the host, is printed right."""
    captures = dict(NODES[kind])
    captures["ip addr"] = busybox(captures["ip addr"])
    assert "@if" not in captures["ip addr"]
    found, wanted = node(*captures.values()), node(*NODES[kind].values())
    assert found.mode.datapath == wanted.mode.datapath
    assert found.pods == wanted.pods
    assert seen(found).status == "proven"
    assert wrong(found) == []


def test_what_busybox_does_not_print_is_no_excuse_for_another_interface() -> None:
    finding = conflict(node(busybox(KUBENET["ip addr"]), inside(100, link(3, "eth0@if3", "10.244.0.2/24"))))
    assert finding.code == "peer-disagrees"
    assert "cbr0, which has no such peer" in finding.message


# --- conflicts --------------------------------------------------------------------------------------------------------


def test_the_peer_disagrees() -> None:
    finding = conflict(node(KUBENET["ip addr"], inside(100, link(9, "eth0@if4", "10.244.0.2/24"))))
    assert finding.code == "peer-disagrees"
    assert "host index 4" in finding.message
    assert "whose peer is index 3" in finding.message
    assert [line.text.split()[1] for line in finding.lines] == ["veth11111111@if3:", "eth0@if4:"]


def test_the_peer_is_no_veth() -> None:
    finding = conflict(node(KUBENET["ip addr"], inside(100, link(9, "eth0@if3", "10.244.0.2/24"))))
    assert finding.code == "peer-disagrees"
    assert "cbr0, which has no such peer" in finding.message


def test_the_peer_is_missing() -> None:
    found = node(KUBENET["ip addr"], KUBENET["brctl show"], inside(100, link(3, "eth0@if44", "10.244.0.9/24")))
    finding = conflict(found)
    assert finding.code == "peer-missing"
    assert finding.lines[0].text == "$ ip addr"
    assert seen(found).veth is None


def test_a_peer_is_not_missing_where_not_everything_was_listed() -> None:
    entered = inside(100, link(3, "eth0@if44", "10.244.0.9/24"))
    cut = node(KUBENET["ip addr"].rstrip() + "\n...\n", entered)
    assert (seen(cut).status, wrong(cut)) == ("partial", [])
    # An `ip addr` without the interfaces that `brctl show` names was cut without a mark, or is of another time.
    silently_cut = node(ip_addr(ETH0), KUBENET["brctl show"], entered)
    assert (seen(silently_cut).status, wrong(silently_cut)) == ("partial", [])


def test_a_macvlan_on_the_card_is_no_disagreement_but_no_proof_either() -> None:
    found = node(AZURE_TRANSPARENT["ip addr"], inside(100, link(9, "eth0@if2", "10.240.0.50/16")))
    [finding] = wrong(found)
    assert (finding.code, finding.severity) == ("peer-is-card", "warning")
    assert (seen(found).status, seen(found).veth, seen(found).proofs) == ("partial", None, ())


def test_an_interface_without_a_peer_is_no_disagreement() -> None:
    """A card of its own, as SR-IOV gives to a pod."""
    found = node(
        AZURE_TRANSPARENT["route -n"], AZURE_TRANSPARENT["ip addr"], inside(100, link(9, "eth0", "10.240.0.5/16"))
    )
    assert wrong(found) == []
    assert (seen(found).status, seen(found).proofs) == ("partial", ("host-route",))


def test_the_route_leads_elsewhere() -> None:
    found = node(
        AZURE_TRANSPARENT["ip addr"], AZURE_TRANSPARENT["route -n"], inside(100, link(4, "eth0@if5", "10.240.0.6/16"))
    )
    finding = conflict(found)
    assert finding.code == "route-disagrees"
    assert "azv11111111111" in finding.message
    assert "10.240.0.6/32 leads to azv22222222222" in finding.message
    assert seen(found).veth == EndPoint(name="azv11111111111", ifindex=5)


def test_the_route_leads_to_another_index_than_the_interface_says() -> None:
    host = ip_addr(ETH0, link(5, "azv11111111111@if4"), "...")
    found = node(host, AZURE_TRANSPARENT["route -n"], inside(100, link(8, "eth0@if9", "10.240.0.5/16")))
    finding = conflict(found)
    assert finding.code == "route-disagrees"
    assert "host index 9" in finding.message


def test_the_route_on_its_veth_leads_to_another_address() -> None:
    found = node(
        AZURE_TRANSPARENT["ip addr"], AZURE_TRANSPARENT["route -n"], inside(100, link(4, "eth0@if5", "10.240.0.99/16"))
    )
    finding = conflict(found)
    assert finding.code == "route-disagrees"
    assert "has 10.240.0.99/16, but the host's route on azv11111111111 leads to 10.240.0.5/32" in finding.message


def test_routes_to_one_pod_on_two_interfaces() -> None:
    routes = route_n(*ROUTES, "10.240.0.5/32 azv11111111111", "10.240.0.5/32 azv22222222222 100")
    finding = conflict(node(AZURE_TRANSPARENT["ip addr"], routes, AZURE_TRANSPARENT["pod"]))
    assert finding.code == "many-routes"
    assert finding.subjects == ("azv11111111111", "azv22222222222")


def test_two_routes_on_one_interface_are_one_pod() -> None:
    rows = ("10.240.0.5/32 azv11111111111", "10.240.0.15/32 azv11111111111", "10.240.0.6/32 azv22222222222")
    routes = route_n(*ROUTES, *rows)
    found = node(AZURE_TRANSPARENT["ip addr"], routes)
    assert [item.addresses for item in found.pods] == [("10.240.0.5/32", "10.240.0.15/32"), ("10.240.0.6/32",)]
    assert wrong(node(AZURE_TRANSPARENT["ip addr"], routes, AZURE_TRANSPARENT["pod"])) == []


def test_the_address_is_not_of_the_bridge() -> None:
    """A pod of the next node, whose interfaces have the same numbers."""
    found = node(KUBENET["ip addr"], inside(100, link(3, "eth0@if4", "10.244.7.2/24")))
    finding = conflict(found)
    assert finding.code == "address-disagrees"
    assert "cbr0" in finding.message
    assert "10.244.0.0/24" in finding.message


def test_a_bridge_without_an_address_contradicts_no_pod() -> None:
    host = ip_addr(ETH0, link(3, "cni0"), link(4, "veth11111111@if3", master="cni0"))
    found = node(host, inside(100, link(3, "eth0@if4", "10.99.0.2/24")))
    assert wrong(found) == []
    assert seen(found).proofs == ("peer-ifindex", "bridge-member")


# --- addresses of all kinds -------------------------------------------------------------------------------------------


def test_the_gateway_that_ptp_puts_on_every_veth_is_no_conflict() -> None:
    host = ip_addr(ETH0, link(4, "veth11111111@if2", "10.244.0.1/32"), link(5, "veth22222222@if2", "10.244.0.1/32"))
    routes = route_n(*ROUTES, "10.244.0.2/32 veth11111111", "10.244.0.3/32 veth22222222")
    pods = [inside(n, link(2, f"eth0@if{3 + n}", f"10.244.0.{1 + n}/24", mac=f"02:00:00:00:01:0{n}")) for n in (1, 2)]
    found = node(host, routes, *pods)
    assert [item.status for item in found.pods] == ["proven", "proven"]
    assert found.findings == ()
    assert found.uplink is not None
    assert found.uplink.interface == "eth0"


def test_two_families() -> None:
    host = ip_addr(ETH0, link(3, "cbr0", "10.244.0.1/24", "fd00:10::1/64"), link(4, "veth11111111@if3", master="cbr0"))
    both = node(host, inside(100, link(3, "eth0@if4", "10.244.0.2/24", "fd00:10::2/64")))
    assert seen(both).addresses == ("10.244.0.2/24", "fd00:10::2/64")
    assert seen(both).status == "proven"
    six = node(host, inside(100, link(3, "eth0@if4", "fd00:10::2/64")))
    assert seen(six).addresses == ("fd00:10::2/64",)
    assert seen(six).proofs == ("peer-ifindex", "bridge-member", "pod-address")
    assert wrong(six) == []


def test_a_pod_with_ipv6_alone_is_not_held_against_routes_of_ipv4() -> None:
    found = node(
        AZURE_TRANSPARENT["ip addr"], AZURE_TRANSPARENT["route -n"], inside(100, link(4, "eth0@if5", "fd00::5/64"))
    )
    assert wrong(found) == []
    assert seen(found).proofs == ("peer-ifindex",)


def test_link_local_addresses_are_not_the_pods() -> None:
    rows = link(3, "eth0@if4", "10.244.0.2/24"), "    inet6 fe80::1/64 scope link "
    assert seen(node(KUBENET["ip addr"], inside(100, *rows))).addresses == ("10.244.0.2/24",)


def test_overlay_addresses() -> None:
    host = ip_addr(ETH0, link(5, "azv11111111111@if4"))
    found = node(
        host, route_n(*ROUTES, "10.244.3.7/32 azv11111111111"), inside(100, link(4, "eth0@if5", "10.244.3.7/16"))
    )
    assert seen(found).status == "proven"
    assert found.mode.networkPluginMode.value == "overlay"


def test_the_order_of_the_list_is_that_of_the_addresses() -> None:
    rows = [f"10.240.0.{last}/32 azv{last:011x}" for last in (100, 20, 3)]
    assert [item.addresses[0] for item in node(route_n(*ROUTES, *rows)).pods] == [
        "10.240.0.3/32",
        "10.240.0.20/32",
        "10.240.0.100/32",
    ]


def test_the_first_interface_is_the_pods_own_end() -> None:
    rows = [link(2, "net1@if9", "192.168.7.2/24"), link(3, "eth0@if4", "10.244.0.2/24")]
    assert seen(node(KUBENET["ip addr"], inside(100, *rows))).interface == EndPoint(name="eth0", ifindex=3)


# --- leaked veths, empty namespaces -----------------------------------------------------------------------------------


def test_a_leaked_veth_is_listed_as_what_the_host_shows() -> None:
    host = ip_addr(ETH0, link(5, "azv11111111111@if4"), link(9, "azv99999999999@if8"))
    found = node(host, route_n(*ROUTES, "10.240.0.5/32 azv11111111111"))
    leaked = found.pods[-1]
    assert leaked.veth == EndPoint(name="azv99999999999", ifindex=9)
    assert (leaked.status, leaked.proofs, leaked.attachment, leaked.addresses) == ("partial", (), None, ())
    assert found.mode.datapath == "transparent"


def test_a_pod_whose_plugin_has_not_run_has_loopback_alone() -> None:
    found = node(KUBENET["ip addr"], ip_addr(call="sudo nsenter -t 100 -n ip addr"))
    [waiting] = [item for item in found.pods if item.pid == 100]
    assert (waiting.interface, waiting.addresses, waiting.veth, waiting.status) == (None, (), None, "partial")


def test_a_table_of_routes_that_nobody_named_is_no_pod() -> None:
    assert (
        node(KUBENET["ip addr"], route_n("0.0.0.0/0 via 169.254.1.1 eth0").partition("\n")[2]).pods
        == node(KUBENET["ip addr"]).pods
    )


# --- the uplink -------------------------------------------------------------------------------------------------------


def uplink(*texts: str) -> tuple[str, tuple[str, ...], tuple[str, ...], str | None] | None:
    found = node(*texts).uplink
    return (found.interface, found.ports, found.addresses, found.gateway) if found is not None else None


SLAVE = "BROADCAST,MULTICAST,SLAVE,UP,LOWER_UP"


def test_the_uplink_is_where_the_default_route_leads() -> None:
    assert uplink(route_n(*ROUTES)) == ("eth0", (), (), "10.240.0.1")
    assert uplink(ip_addr(ETH0), route_n(*ROUTES)) == ("eth0", (), ("10.240.0.4/16",), "10.240.0.1")


def test_azure0_carries_the_nodes_address_over_eth0() -> None:
    assert uplink(*AZURE_BRIDGE.values()) == ("azure0", ("eth0",), ("10.240.0.4/16",), "10.240.0.1")
    assert uplink(AZURE_BRIDGE["brctl show"], AZURE_BRIDGE["route -n"]) == ("azure0", ("eth0",), (), "10.240.0.1")
    assert uplink(AZURE_BRIDGE["ip addr"]) == ("azure0", ("eth0",), ("10.240.0.4/16",), None)


def test_the_function_of_accelerated_networking_is_a_port() -> None:
    host = ip_addr(ETH0, link(3, "enP1279s1", master="eth0", flags=SLAVE, mac="00:0d:3a:00:00:01"))
    assert uplink(host, route_n(*ROUTES)) == ("eth0", ("enP1279s1",), ("10.240.0.4/16",), "10.240.0.1")
    assert node(host).mode.datapath == "none"


def test_a_bond() -> None:
    host = ip_addr(
        link(2, "eth0", master="bond0", flags=SLAVE),
        link(3, "eth1", master="bond0", flags=SLAVE),
        link(4, "bond0", "10.240.0.4/16"),
    )
    table = route_n(*(row.replace("eth0", "bond0") for row in ROUTES))
    assert uplink(host, table) == ("bond0", ("eth0", "eth1"), ("10.240.0.4/16",), "10.240.0.1")


def test_a_table_without_a_default_route_has_no_uplink() -> None:
    assert uplink(ip_addr(ETH0), route_n("10.240.0.0/16 eth0")) is None
    assert uplink(route_n("10.240.0.0/16 eth0")) is None
    assert uplink(ip_addr(ETH0), route_n("10.240.0.0/16 eth0") + "...\n") is not None  # it may have been cut out


def test_of_two_default_routes_the_lower_metric_counts() -> None:
    table = route_n("0.0.0.0/0 via 10.9.0.1 eth1 200", "0.0.0.0/0 via 10.240.0.1 eth0 100", "10.240.0.0/16 eth0")
    assert uplink(table) == ("eth0", (), (), "10.240.0.1")


def test_of_two_cards_none_is_taken_without_a_route() -> None:
    assert uplink(ip_addr(ETH0, link(3, "eth1", "10.9.0.4/16"))) is None
    assert uplink(ip_addr(ETH0, link(3, "eth1"))) == ("eth0", (), ("10.240.0.4/16",), None)


def test_a_default_route_out_of_a_tunnel() -> None:
    assert uplink(route_n("0.0.0.0/0 ppp0", "10.240.0.0/16 eth0")) == ("ppp0", (), (), None)


def test_pods_are_no_ports_of_the_uplink() -> None:
    assert uplink(AZURE_BRIDGE["ip addr"], AZURE_BRIDGE["route -n"]) is not None
    assert CALICO["ip addr"]
    assert uplink(*CALICO.values()) == ("eth0", (), ("10.240.0.4/16",), "10.240.0.1")


# --- what is missing --------------------------------------------------------------------------------------------------


def asked_for(found: NodeAnalysis) -> dict[str, tuple[str, ...]]:
    missing = [finding for finding in found.findings if finding.code == "capture-missing"]
    assert {finding.severity for finding in missing} <= {"info"}
    return {finding.message.split("`")[1]: finding.subjects for finding in missing}


def test_a_whole_answer_misses_nothing() -> None:
    both = inside(200, link(3, "eth0@if5", "10.244.0.3/24", mac="02:00:00:00:01:02"))
    assert node(*KUBENET.values(), both).findings == ()


def test_each_missing_capture_is_named() -> None:
    captures = {name: text for name, text in KUBENET.items() if name != "pod"}
    assert asked_for(node(*captures.values())) == {"nsenter -t PID -n ip addr": ("veth11111111", "veth22222222")}
    assert {*asked_for(node(KUBENET["route -n"]))} == {"ip addr", "brctl show"}
    assert {*asked_for(node(KUBENET["ip addr"], KUBENET["pod"]))} == {"route -n", "nsenter -t PID -n ip addr"}
    assert {*asked_for(node(NO_BRIDGES))} == {"ip addr", "route -n"}
    assert {*asked_for(node(KUBENET["pod"]))} == {"ip addr", "route -n", "brctl show"}


def test_an_abbreviated_capture_is_asked_for_in_full() -> None:
    host = ip_addr(ETH0, link(5, "azv11111111111@if4"), "...")
    found = node(host, AZURE_TRANSPARENT["route -n"], AZURE_TRANSPARENT["pod"])
    assert asked_for(found)["ip addr"] == ("azv22222222222",)
    assert asked_for(node(ip_addr(ETH0, "..."), NO_BRIDGES, route_n(*ROUTES) + "...\n")).keys() == {
        "ip addr",
        "route -n",
    }


def test_each_node_of_a_text_has_its_own_answer() -> None:
    other = ip_addr(link(2, "eth0", "10.250.0.4/16", mac="00:0d:3a:00:00:09"), link(3, "cbr0", "10.245.0.1/24"))
    found = analysis(
        *AZURE_TRANSPARENT.values(), other, brctl(cbr0=[]), inside(9, link(3, "eth0@if9", "10.245.0.9/24"))
    )
    assert [item.mode.datapath for item in found.nodes] == ["transparent", "bridge"]
    assert [len(item.pods) for item in found.nodes] == [2, 1]


def test_a_brief_listing_of_a_pod_on_the_card_is_tied_to_no_veth() -> None:
    text = (
        f"{ip_addr(ETH0)}"
        "$ ip netns exec cni-1 ip -br addr\n"
        "lo               UNKNOWN        127.0.0.1/8 \n"
        "eth0@if2         UP             10.240.0.77/16 \n"
    )
    [node] = analyze(read(text)).nodes
    [pod] = node.pods
    assert (pod.veth, pod.proofs, pod.status) == (None, (), "partial")
    assert "peer-is-card" in {finding.code for finding in node.findings}


def test_cilium_needs_no_route_to_a_pod() -> None:
    host = ip_addr(
        ETH0,
        link(3, "cilium_host", "10.244.0.10/32"),
        link(4, "lxc1111111111aa@if5", mac="02:00:00:00:02:01"),
        link(6, "lxc2222222222bb@if7", mac="02:00:00:00:02:02"),
    )
    pod = inside(100, link(5, "eth0@if4", "10.244.0.5/32"))
    without = route_n(*ROUTES, "10.244.0.10/32 cilium_host", "10.244.0.0/24 via 10.244.0.10 cilium_host")
    assert wrong(node(host, without, pod)) == []
    # Where it sets a route for each pod, one that has none is cut off.
    routed = route_n(*ROUTES, "10.244.0.10/32 cilium_host", "10.244.0.7/32 lxc2222222222bb")
    assert [finding.code for finding in wrong(node(host, routed, pod))] == ["pod-route-missing"]


def test_the_second_interface_of_a_pod_is_not_left_over() -> None:
    host = ip_addr(ETH0, link(5, "azv11111111111@if4"), link(7, "vethabcdef12@if6"), link(9, "azv22222222222@if8"))
    routes = route_n(*ROUTES, "10.240.0.5/32 azv11111111111", "10.240.0.6/32 azv22222222222")
    both = inside(100, link(4, "eth0@if5", "10.240.0.5/16"), link(6, "net1@if7", "10.9.0.5/24"))
    one = inside(100, link(4, "eth0@if5", "10.240.0.5/16"))
    assert [finding.code for finding in wrong(node(host, routes, one))] == ["veth-leaked"]
    assert wrong(node(host, routes, both)) == []


def test_two_ports_of_a_bridge_with_its_mac_are_two() -> None:
    shared = "02:00:00:00:09:09"
    host = ip_addr(
        ETH0,
        link(3, "cbr0", "10.244.0.1/24", mac=shared),
        link(4, "veth11111111@if3", master="cbr0", mac=shared),
        link(5, "veth22222222@if3", master="cbr0", mac=shared),
    )
    [finding] = wrong(node(host, KUBENET["brctl show"], KUBENET["route -n"]))
    assert (finding.code, finding.subjects) == ("mac-shared", (shared, "veth11111111", "veth22222222"))


def test_the_second_interface_of_a_pod_is_no_pod() -> None:
    host = ip_addr(
        ETH0,
        link(3, "cbr0", "10.244.0.1/24"),
        link(4, "veth11111111@if3", master="cbr0"),
        link(5, "veth22222222@if6", master="br-multus"),
        link(6, "br-multus", "10.9.0.1/24"),
    )
    inner = inside(
        100, link(3, "eth0@if4", "10.244.0.2/24"), link(6, "net1@if5", "10.9.0.2/24", mac="02:00:00:00:07:07")
    )
    found = node(host, route_n(*ROUTES, "10.244.0.0/24 cbr0", "10.9.0.0/24 br-multus"), inner)
    assert [(item.veth and item.veth.name, item.status) for item in found.pods] == [("veth11111111", "proven")]
    assert wrong(found) == []


def test_a_brief_listing_has_no_index_that_a_route_could_disagree_with() -> None:
    host = "$ ip -br addr\nlo UNKNOWN 127.0.0.1/8 \neth0 UP 10.240.0.4/16 \nazv11111111111@if4 UP \n"
    found = node(
        host, route_n(*ROUTES, "10.240.0.5/32 azv11111111111"), inside(100, link(4, "eth0@if5", "10.240.0.5/16"))
    )
    assert wrong(found) == []
    assert [(item.veth and item.veth.name, item.proofs, item.status) for item in found.pods] == [
        ("azv11111111111", ("host-route",), "partial")
    ]


@pytest.mark.parametrize("count", [1, 2])
def test_a_route_to_another_address_is_of_another_pod(count: int) -> None:
    """A pod whose veth is not known hides none that the host's routes show."""
    prompt = "root@aks-pool-11111111-vmss000000:/# "
    host = (
        f"{prompt}ip route\ndefault via 10.9.0.1 dev eth0 proto dhcp src 10.9.0.66\n"
        "10.9.0.0/24 dev eth0 proto kernel scope link src 10.9.0.66\n"
        "10.9.0.70 dev azv00000000001 proto static\n"
    )
    inside = "".join(
        f"{prompt}nsenter -t 100{number} -n ip addr\n"
        "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n"
        "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n"
        f"7: eth0@if2{number}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default\n"
        f"    link/ether da:79:00:00:00:0{number} brd ff:ff:ff:ff:ff:ff link-netnsid 0\n"
        f"    inet 10.9.0.{50 + number}/24 scope global eth0\n"
        for number in range(1, count + 1)
    )
    [answer] = analyze(read(host + inside)).nodes
    known = {pod.addresses: pod.veth.name if pod.veth is not None else None for pod in answer.pods}
    expected: dict[tuple[str, ...], str | None] = {
        (f"10.9.0.{50 + number}/24",): None for number in range(1, count + 1)
    }
    assert known == {**expected, ("10.9.0.70/32",): "azv00000000001"}
