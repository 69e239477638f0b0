"""A network between nodes, as a VNet with its route table is: it brings each pod's address to the node of the pod."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ipaddress import IPv4Interface

from .node import Node
from .process import Owner, enter, run
from .wiring import batch

# The VNet routes, and answers itself for every address in it, also to one in the same subnet.
_SETTINGS = """
cd /proc/sys/net/ipv4 && echo 1 > ip_forward
echo 1 > conf/vnet/proxy_arp && echo 1 > conf/vnet/proxy_arp_pvlan && echo 0 > neigh/vnet/proxy_delay
"""
_EVERY_PACKET = ("protocol", "all", "u32", "match", "u32", "0", "0", "action", "mirred")


@contextmanager
def connected(nodes: Sequence[Node]) -> Iterator[None]:
    """Connect nodes that stand, each with an interface `cable` that has what its NIC sends and brings what it receives:
    routes and addresses stay as they are. What is captured of them should be captured before."""
    with Owner.of_pod() as owner:
        vnet = Node("vnet", owner.ready())
        batch(vnet, ["link add vnet type bridge", "link set vnet up"])
        run([*enter(vnet.pid), "sh", "-c", _SETTINGS])
        addresses = [_address_of(node) for node in nodes]
        for gateway in sorted({f"{address.network[1]}/{address.network.prefixlen}" for address in addresses}):
            batch(vnet, [f"addr add {gateway} dev vnet"])
        for number, (node, address) in enumerate(zip(nodes, addresses, strict=True)):
            _lay_cable(node, vnet, f"port{number}")
            batch(vnet, [f"route add {pod.address.partition('/')[0]} via {address.ip}" for pod in node.pods])
        yield


def _lay_cable(node: Node, vnet: Node, port: str) -> None:
    # A frame is taken to be for the host by the MAC of the interface that it first came in by.
    mac = node.run("cat", "/sys/class/net/eth0/address").strip()
    cable = f"link add cable address {mac} type veth peer name {port} netns {vnet.pid}"
    batch(node, [cable, "link set cable up"])
    batch(vnet, [f"link set {port} master vnet up"])
    for here, there, hook in (("eth0", "cable", "egress"), ("cable", "eth0", "ingress")):
        node.run("tc", "qdisc", "add", "dev", here, "clsact")
        node.run("tc", "filter", "add", "dev", here, hook, *_EVERY_PACKET, hook, "redirect", "dev", there)


def _address_of(node: Node) -> IPv4Interface:
    """That of the interface which leads out of the node."""
    links = {link["ifname"]: link for link in node.addresses()}
    rows = [row for name in ("eth0", "azure0") if name in links for row in links[name]["addr_info"]]
    [address] = [IPv4Interface(f"{row['local']}/{row['prefixlen']}") for row in rows if row["family"] == "inet"]
    return address
