"""What a topology is to look like before it is built: names, addresses and MACs, all computed, nothing random."""

import hashlib
import uuid
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Final, Literal, get_args

Kind = Literal[
    "kubenet", "kubenet-calico", "azure-bridge", "azure-transparent", "cni-bridge", "cni-ptp", "docker", "empty"
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

_LETTERS: Final = "bcdfghjklmnpqrstvwxz2456789"  # what Kubernetes makes generated names of
_WORKLOADS: Final = (
    ("default", "nginx"),
    ("kube-system", "coredns"),
    ("shop", "checkout-api"),
    ("kube-system", "metrics-server"),
    ("shop", "cart"),
    ("ingress-basic", "nginx-ingress-controller"),
    ("monitoring", "prometheus"),
    ("default", "hello-world"),
    ("batch", "report-worker"),
)
_DOCKER: Final = ("web", "db", "cache", "queue", "proxy")


@dataclass(frozen=True)
class NodePlan:
    name: str
    address: IPv4Interface
    gateway: IPv4Address
    mac: str
    docker0_mac: str
    pod_network: IPv4Network
    """The node's pod CIDR, or the VNet subnet where pods live in that."""
    first_pod: IPv4Address


@dataclass(frozen=True)
class PodPlan:
    namespace: str
    name: str
    uid: str
    container_id: str
    address: IPv4Address
    """The address to give; a CNI plugin with its own address management is not asked to heed it."""
    mac: str
    host_mac: str


def plan_node(kind: Kind, number: int, name: str | None = None) -> NodePlan:
    if not 0 <= number <= 250:
        raise ValueError(f"number must be from 0 to 250, not {number}")
    if not kind.startswith("azure"):
        address = IPv4Interface((IPv4Address("10.240.0.4") + number, 16))
        pods = IPv4Network(f"10.244.{number}.0/24")
    elif number % 2 == 0:
        address = IPv4Interface(f"10.240.{number}.4/16")
        pods = address.network
    else:
        address = IPv4Interface(f"10.220.{number + 1}.4/24")
        pods = address.network
    if kind == "docker":
        pods = IPv4Network("172.17.0.0/16")
    return NodePlan(
        name=name or f"aks-nodepool1-12345678-vmss{number:06}",
        address=address,
        gateway=address.network[1],
        mac="00:0d:3a:" + _hex_pairs(f"node/{kind}/{number}", 3),
        docker0_mac="02:42:" + _hex_pairs(f"docker0/{kind}/{number}", 4),
        pod_network=pods,
        first_pod=address.ip + 1 if kind.startswith("azure") else pods[2],
    )


def plan_pods(kind: Kind, number: int, count: int, node: NodePlan) -> tuple[PodPlan, ...]:
    if count < 0 or node.first_pod + count - 1 >= node.pod_network.broadcast_address:
        raise ValueError(f"{node.pod_network} has no room for {count} pods")
    return tuple(_plan_pod(kind, f"{kind}/{number}/{index}", index, node.first_pod + index) for index in range(count))


def _plan_pod(kind: Kind, seed: str, index: int, address: IPv4Address) -> PodPlan:
    namespace, name = _docker_name(index) if kind == "docker" else _pod_name(seed, index)
    mac = _local_mac(f"pod/{seed}")
    if kind == "docker":
        mac = "02:42:" + address.packed.hex(":")
    return PodPlan(
        namespace=namespace,
        name=name,
        uid=str(uuid.uuid5(uuid.NAMESPACE_OID, seed)),
        container_id=hashlib.sha256(seed.encode()).hexdigest(),
        address=address,
        mac=mac,
        host_mac=_local_mac(f"veth/{seed}"),
    )


def _docker_name(index: int) -> tuple[str, str]:
    return "", f"{_DOCKER[index % len(_DOCKER)]}-{index // len(_DOCKER) + 1}"


def _pod_name(seed: str, index: int) -> tuple[str, str]:
    namespace, workload = _WORKLOADS[index % len(_WORKLOADS)]
    return namespace, f"{workload}-{_generated(workload, 10)}-{_generated(seed, 5)}"


def _generated(seed: str, length: int) -> str:
    """What Kubernetes appends to the names it makes up."""
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in hashlib.sha256(f"name/{seed}".encode()).digest()[:length])


def calico_veth(pod: PodPlan) -> str:
    return "cali" + _sha1(f"{pod.namespace}.{pod.name}")[:11]


def azure_transparent_veth(pod: PodPlan) -> str:
    return "azv" + _sha1(f"{pod.namespace}.{pod.name}")[:11]


def azure_bridge_veth(pod: PodPlan) -> str:
    return "azv" + _sha1(f"azure{pod.container_id}eth0")[:11]


def docker_veth(pod: PodPlan) -> str:
    return "veth" + _sha1(pod.container_id)[:7]


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()


def _hex_pairs(seed: str, count: int) -> str:
    return hashlib.sha1(seed.encode()).digest()[:count].hex(":")


def _local_mac(seed: str) -> str:
    first, *rest = hashlib.sha1(seed.encode()).digest()[:6]
    return bytes([first & 0xFC | 0x02, *rest]).hex(":")
