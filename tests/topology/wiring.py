"""How each kind of node is wired: batches for `ip`, or calls of the CNI plugins."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from .node import Node
from .plan import (
    Kind,
    NodePlan,
    PodPlan,
    azure_bridge_veth,
    azure_transparent_veth,
    calico_veth,
    docker_veth,
)
from .process import TopologyError, enter, run

CNI_DIRECTORIES: Final = (Path("/usr/lib/cni"), Path("/opt/cni/bin"))
_AZURE_HOSTS: Final = ("168.63.129.16", "169.254.169.254")
_VIRTUAL_GATEWAY: Final = "169.254.1.1"
_CALICO_MAC: Final = "ee:ee:ee:ee:ee:ee"

Planned = Sequence[tuple[PodPlan, int]]
"""Pods that are to be wired, with the process that owns the network namespace of each."""


def batch(node: Node, lines: Iterable[str], pid: int | None = None) -> None:
    """Run lines of `ip` on the node, or in the network namespace of a process."""
    text = "\n".join(lines)
    if text:
        run([*enter(node.pid, pid), "ip", "-batch", "-"], stdin=text + "\n")


def wire_host(
    node: Node, plan: NodePlan, *, mtu: int, azure0: bool, docker0: bool, leftover_azure0: bool = False
) -> None:
    """The node without its pods: NIC, routes and bridges."""
    uplink = "azure0" if azure0 else "eth0"
    dhcp = f"dev {uplink} proto dhcp src {plan.address.ip} metric 100"
    lines = [
        "link set lo up",
        f"link set eth0 address {plan.mac} mtu {mtu} up",
        "link set eth0 carrier off",  # a tap comes up in state UNKNOWN until its carrier changes
        "link set eth0 carrier on",
    ]
    if azure0:
        lines += [
            f"link add azure0 mtu {mtu} address {plan.mac} type bridge",
            "link set azure0 up",
            "link set eth0 master azure0",
        ]
    lines += [
        f"addr add {plan.address} brd + dev {uplink}",
        f"route add default via {plan.gateway} {dhcp}",
        *(f"route add {host} via {plan.gateway} {dhcp}" for host in _AZURE_HOSTS),
    ]
    if docker0:
        lines += [
            f"link add docker0 txqueuelen 0 mtu {mtu} address {plan.docker0_mac} type bridge",
            "link set docker0 up",
            "addr add 172.17.0.1/16 brd + dev docker0",
        ]
    if leftover_azure0:
        lines.append(f"link add azure0 mtu {mtu} address {plan.mac} type bridge")
    batch(node, lines)


def wire_pods(kind: Kind, node: Node, plan: NodePlan, pods: Planned, *, mtu: int) -> None:
    if kind == "kubenet":
        kubenet(node, plan, [(pod.container_id, pid) for pod, pid in pods], mtu=mtu)
    elif kind == "kubenet-calico":
        _calico(node, pods, mtu)
    elif kind == "azure-bridge":
        _azure_bridge(node, plan, pods, mtu)
    elif kind == "azure-transparent":
        _azure_transparent(node, plan, pods, mtu)
    elif kind == "cni-bridge":
        _cni(
            node, {"name": "bridged", "type": "bridge", "isGateway": True, "mtu": mtu, "ipam": _host_local(plan)}, pods
        )
    elif kind == "cni-ptp":
        _cni(node, {"name": "routed", "type": "ptp", "mtu": mtu, "ipam": _host_local(plan)}, pods)
    elif kind == "docker":
        _docker(node, pods, mtu)


def kubenet(node: Node, plan: NodePlan, containers: Sequence[tuple[str, int]], *, mtu: int) -> None:
    """The CNI call of the kubelet's kubenet, for containers given as (id, process)."""
    network = {
        "name": "kubenet",
        "type": "bridge",
        "bridge": "cbr0",
        "isGateway": True,
        "promiscMode": True,
        "mtu": mtu,
    }
    for container_id, pid in containers:
        cni_add(node, {**network, "ipMasq": False, "ipam": _host_local(plan)}, container_id, pid)


def _cni(node: Node, network: dict[str, object], pods: Planned) -> None:
    for pod, pid in pods:
        cni_add(node, network, pod.container_id, pid)


def _host_local(plan: NodePlan) -> dict[str, object]:
    # Leases are kept under /var/lib/cni, which belongs to the node alone.
    return {"type": "host-local", "ranges": [[{"subnet": str(plan.pod_network)}]], "routes": [{"dst": "0.0.0.0/0"}]}


def cni_add(node: Node, network: dict[str, object], container_id: str, pid: int) -> None:
    """Call a CNI plugin as a container runtime does."""
    directory = cni_directory()
    if directory is None:
        raise TopologyError(f"no CNI plugins in {' or '.join(map(str, CNI_DIRECTORIES))}")
    environment = {
        "CNI_COMMAND": "ADD",
        "CNI_CONTAINERID": container_id,
        "CNI_NETNS": f"/proc/{pid}/ns/net",
        "CNI_IFNAME": "eth0",
        "CNI_PATH": str(directory),
    }
    plugin = str(directory / str(network["type"]))
    run([*enter(node.pid), plugin], stdin=json.dumps({"cniVersion": "0.3.1", **network}), environment=environment)


def cni_directory() -> Path | None:
    return next((path for path in CNI_DIRECTORIES if (path / "bridge").exists()), None)


def _calico(node: Node, pods: Planned, mtu: int) -> None:
    lines = []
    for pod, pid in pods:
        veth = calico_veth(pod)
        host = f"txqueuelen 0 mtu {mtu} address {_CALICO_MAC}"
        peer = f"txqueuelen 0 mtu {mtu} address {pod.mac} netns {pid}"  # begins in the pod, so it is number 2 in each
        lines += [
            f"link add {veth} {host} type veth peer name eth0 {peer}",
            f"link set {veth} up",
            f"route add {pod.address} dev {veth} scope link",
        ]
    batch(node, lines)
    for pod, pid in pods:
        batch(
            node,
            [
                "link set eth0 up",
                f"addr add {pod.address}/32 dev eth0",
                f"route add {_VIRTUAL_GATEWAY} dev eth0 scope link",
                f"route add default via {_VIRTUAL_GATEWAY} dev eth0",
            ],
            pid,
        )
    node.run("sh", "-c", "for port in /proc/sys/net/ipv4/conf/cali*; do echo 1 > $port/proxy_arp; done")


def _azure_bridge(node: Node, plan: NodePlan, pods: Planned, mtu: int) -> None:
    lines = []
    for pod, pid in pods:
        veth = azure_bridge_veth(pod)
        lines += [*_azure_pair(veth, pod, pid, mtu), f"link set {veth} master azure0 up"]
    batch(node, lines)
    for pod, pid in pods:
        _azure_pod(node, plan, pod, pid, [f"route add default via {plan.gateway} dev eth0"])


def _azure_transparent(node: Node, plan: NodePlan, pods: Planned, mtu: int) -> None:
    lines = []
    for pod, pid in pods:
        veth = azure_transparent_veth(pod)
        lines += [
            *_azure_pair(veth, pod, pid, mtu),
            f"link set {veth} up",
            f"route add {pod.address} dev {veth} proto static scope global",
        ]
    batch(node, lines)
    for pod, pid in pods:
        routes = [
            f"route del {plan.address.network} dev eth0",
            f"route add {_VIRTUAL_GATEWAY} dev eth0 scope link",
            f"route add default via {_VIRTUAL_GATEWAY} dev eth0",
            f"neigh add {_VIRTUAL_GATEWAY} lladdr {pod.host_mac} dev eth0 nud permanent",
        ]
        _azure_pod(node, plan, pod, pid, routes)


def _azure_pair(veth: str, pod: PodPlan, pid: int, mtu: int) -> list[str]:
    """Azure CNI makes both ends on the host and moves one, which keeps its index (one less than its peer's)."""
    host, peer = f"mtu {mtu} address {pod.host_mac}", f"mtu {mtu} address {pod.mac}"
    return [f"link add {veth} {host} type veth peer name {veth}2 {peer}", f"link set {veth}2 netns {pid} name eth0"]


def _azure_pod(node: Node, plan: NodePlan, pod: PodPlan, pid: int, routes: list[str]) -> None:
    address = f"{pod.address}/{plan.address.network.prefixlen}"
    batch(node, ["link set eth0 up", f"addr add {address} dev eth0", *routes], pid)


def _docker(node: Node, pods: Planned, mtu: int) -> None:
    lines = []
    for pod, pid in pods:
        veth = docker_veth(pod)
        host, peer = f"txqueuelen 0 mtu {mtu} address {pod.host_mac}", f"txqueuelen 0 mtu {mtu} address {pod.mac}"
        lines += [
            f"link add {veth} {host} type veth peer name {veth}p {peer}",
            f"link set {veth}p netns {pid} name eth0",
            f"link set {veth} master docker0 up",
        ]
    batch(node, lines)
    for pod, pid in pods:
        inside = [
            "link set eth0 up",
            f"addr add {pod.address}/16 brd 172.17.255.255 dev eth0",
            "route add default via 172.17.0.1 dev eth0",
        ]
        batch(node, inside, pid)
