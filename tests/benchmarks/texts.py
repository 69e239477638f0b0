"""The texts that are measured: what the tools print on nodes of any size, in the shapes of the captured samples."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

__all__ = ["TEXTS", "Text", "brctl_show", "ip_addr", "node_listing", "node_session", "route_n"]

_GLOBAL = "valid_lft forever preferred_lft forever"
_UP = "<BROADCAST,MULTICAST,UP,LOWER_UP>"
_PROMISC = "<BROADCAST,MULTICAST,PROMISC,UP,LOWER_UP>"
_FIRST_POD = IPv4Address("10.244.0.2")
_NODE = "aks-nodepool1-12345678-vmss000000"
_CALICO_MAC = "ee:ee:ee:ee:ee:ee"


def _digest(seed: str) -> bytes:
    return hashlib.sha1(seed.encode()).digest()


def _mac(seed: str) -> str:
    first, *rest = _digest(seed)[:6]
    return bytes([first & 0xFC | 0x02, *rest]).hex(":")


def _link_local(mac: str) -> str:
    """What the kernel makes of a MAC (EUI-64), as ``ip`` prints it."""
    octets = bytes.fromhex(mac.replace(":", ""))
    words = (octets[0] ^ 2) << 8 | octets[1], octets[2] << 8 | 0xFF, 0xFE00 | octets[3], octets[4] << 8 | octets[5]
    return "fe80::" + ":".join(f"{word:x}" for word in words)


@dataclass(frozen=True)
class _Flavour:
    """How a network plugin names and wires its veths."""

    prefix: str
    digits: int
    shares_mac: bool = False
    bridge: str | None = None
    txqlen: str = ""

    def veth(self, pod: int) -> str:
        return self.prefix + _digest(f"{self.prefix}/{pod}").hex()[: self.digits]

    def mac(self, pod: int) -> str:
        return _CALICO_MAC if self.shares_mac else _mac(f"veth/{pod}")


CALICO = _Flavour("cali", 11, shares_mac=True)
AZURE = _Flavour("azv", 11, txqlen="qlen 1000")
KUBENET = _Flavour("veth", 8, bridge="cbr0")


def _host_links(flavour: _Flavour) -> Iterator[str]:
    yield from (
        "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000",
        "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00",
        "    inet 127.0.0.1/8 scope host lo",
        f"       {_GLOBAL}",
        "    inet6 ::1/128 scope host ",
        f"       {_GLOBAL}",
        f"2: eth0: {_UP} mtu 1500 qdisc mq state UP group default qlen 1000",
        "    link/ether 00:0d:3a:9c:3c:c1 brd ff:ff:ff:ff:ff:ff",
        "    inet 10.240.0.4/16 brd 10.240.255.255 scope global eth0",
        f"       {_GLOBAL}",
        "    inet6 fe80::20d:3aff:fe9c:3cc1/64 scope link ",
        f"       {_GLOBAL}",
        "3: docker0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state DOWN group default ",
        "    link/ether 02:42:98:e2:19:c6 brd ff:ff:ff:ff:ff:ff",
        "    inet 172.17.0.1/16 brd 172.17.255.255 scope global docker0",
        f"       {_GLOBAL}",
    )
    if flavour.bridge is not None:
        yield from (
            f"4: {flavour.bridge}: {_PROMISC} mtu 1500 qdisc noqueue state UP group default qlen 1000",
            "    link/ether 92:d5:8a:20:76:90 brd ff:ff:ff:ff:ff:ff",
            "    inet 10.244.0.1/16 brd 10.244.255.255 scope global cbr0",
            f"       {_GLOBAL}",
            "    inet6 fe80::90d5:8aff:fe20:7690/64 scope link ",
            f"       {_GLOBAL}",
        )


def ip_addr(flavour: _Flavour, pods: int) -> str:
    """``ip addr`` of the host: each pod's veth has four lines."""
    lines = list(_host_links(flavour))
    state = "state UP group default" if flavour.bridge is None else f"master {flavour.bridge} state UP group default"
    for pod in range(pods):
        mac = flavour.mac(pod)
        # The pod's end was made first and has the index before.
        index, peer = (5 + pod, 2) if flavour.bridge is not None else (5 + 2 * pod, 4 + 2 * pod)
        lines += (
            f"{index}: {flavour.veth(pod)}@if{peer}: {_UP} mtu 1500 qdisc noqueue {state} {flavour.txqlen}",
            f"    link/ether {mac} brd ff:ff:ff:ff:ff:ff link-netnsid {pod}",
            f"    inet6 {_link_local(mac)}/64 scope link ",
            f"       {_GLOBAL}",
        )
    return "\n".join(lines) + "\n"


def route_n(flavour: _Flavour, pods: int) -> str:
    """``route -n`` of a node where each pod has a route of its own."""
    rows = [
        ("0.0.0.0", "10.240.0.1", "0.0.0.0", "UG", "eth0"),
        ("10.240.0.0", "0.0.0.0", "255.255.0.0", "U", "eth0"),
        *((str(_FIRST_POD + pod), "0.0.0.0", "255.255.255.255", "UH", flavour.veth(pod)) for pod in range(pods)),
        ("168.63.129.16", "10.240.0.1", "255.255.255.255", "UGH", "eth0"),
        ("169.254.169.254", "10.240.0.1", "255.255.255.255", "UGH", "eth0"),
        ("172.17.0.0", "0.0.0.0", "255.255.0.0", "U", "docker0"),
    ]
    lines = [
        "Kernel IP routing table",
        "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface",
        *(f"{row[0]:15} {row[1]:15} {row[2]:15} {row[3]:5} 0      0        0 {row[4]}" for row in rows),
    ]
    return "\n".join(lines) + "\n"


def ip_route(flavour: _Flavour, pods: int) -> str:
    """``ip route`` of the same node."""
    lines = [
        "default via 10.240.0.1 dev eth0 proto dhcp src 10.240.0.4 metric 100 ",
        "10.240.0.0/16 dev eth0 proto kernel scope link src 10.240.0.4 ",
        *(f"{_FIRST_POD + pod} dev {flavour.veth(pod)} scope link " for pod in range(pods)),
        "168.63.129.16 via 10.240.0.1 dev eth0 proto dhcp src 10.240.0.4 metric 100 ",
        "169.254.169.254 via 10.240.0.1 dev eth0 proto dhcp src 10.240.0.4 metric 100 ",
        "172.17.0.0/16 dev docker0 proto kernel scope link src 172.17.0.1 linkdown ",
    ]
    return "\n".join(lines) + "\n"


def brctl_show(flavour: _Flavour, pods: int) -> str:
    """``brctl show`` of a node where all pods are on one bridge."""
    first, *others = sorted(flavour.veth(pod) for pod in range(pods))
    lines = [
        "bridge name\tbridge id\t\tSTP enabled\tinterfaces",
        f"{flavour.bridge}\t\t8000.92d58a207690\tno\t\t{first}",
        *("\t" * 7 + other for other in others),
        "docker0\t\t8000.024298e219c6\tno\t\t",
    ]
    return "\n".join(lines) + "\n"


def node_session(pods: int) -> str:
    """A session on a transparent node: the host's tables, and each pod's ``ip addr`` and ``ip route``."""
    prompt = f"azureuser@{_NODE}:~$"
    parts = [f"{prompt} ip addr\n", ip_addr(AZURE, pods), f"{prompt} brctl show\n"]
    parts += ["bridge name\tbridge id\t\tSTP enabled\tinterfaces\ndocker0\t\t8000.024298e219c6\tno\t\t\n"]
    parts += [f"{prompt} route -n\n", route_n(AZURE, pods)]
    for pod in range(pods):
        mac = _mac(f"pod/{pod}")
        parts.append(
            f"{prompt} sudo nsenter -t {20000 + pod} -n ip addr\n"
            "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n"
            "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n"
            "    inet 127.0.0.1/8 scope host lo\n"
            f"       {_GLOBAL}\n"
            "    inet6 ::1/128 scope host \n"
            f"       {_GLOBAL}\n"
            f"{4 + 2 * pod}: eth0@if{5 + 2 * pod}: {_UP} mtu 1500 qdisc noqueue state UP group default qlen 1000\n"
            f"    link/ether {mac} brd ff:ff:ff:ff:ff:ff link-netnsid 0\n"
            f"    inet {_FIRST_POD + pod}/16 scope global eth0\n"
            f"       {_GLOBAL}\n"
            f"    inet6 {_link_local(mac)}/64 scope link \n"
            f"       {_GLOBAL}\n"
            f"{prompt} sudo nsenter -t {20000 + pod} -n ip route\n"
            "default via 169.254.1.1 dev eth0 \n"
            "169.254.1.1 dev eth0 scope link \n"
        )
    return "".join(parts)


def node_listing(pods: int) -> str:
    """The pods of :func:`node_session` as the cluster lists them."""
    rows = ["NAMESPACE NAME READY STATUS RESTARTS AGE IP NODE NOMINATED READINESS"]
    for pod in range(pods):
        name = f"checkout-backend-worker-6d4cf56db6-{pod:05}"
        rows.append(f"payments-prod {name} 1/1 Running 0 5d3h {_FIRST_POD + pod} {_NODE} <none> <none>")
    return f"azureuser@{_NODE}:~$ kubectl get pods -A -o wide\n" + "\n".join(rows) + "\n"


@dataclass(frozen=True)
class Text:
    """One kind of text: the command that prints it, what is special about it, and how it is made for some pods."""

    command: str
    flavour: str
    of: Callable[[int], str]

    @property
    def name(self) -> str:
        return f"{self.command}, {self.flavour}"


TEXTS = (
    Text("ip addr", "Calico", lambda pods: ip_addr(CALICO, pods)),
    Text("ip addr", "Azure CNI", lambda pods: ip_addr(AZURE, pods)),
    Text("ip addr", "kubenet", lambda pods: ip_addr(KUBENET, pods)),
    Text("route -n", "Azure CNI", lambda pods: route_n(AZURE, pods)),
    Text("ip route", "Azure CNI", lambda pods: ip_route(AZURE, pods)),
    Text("brctl show", "kubenet", lambda pods: brctl_show(KUBENET, pods)),
)
