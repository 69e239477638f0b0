"""Captures written out for the tests, line for line as the commands print them."""

from __future__ import annotations

from collections.abc import Iterable

from aksnet_parse import analyze, read
from aksnet_parse.analysis.models import Analysis, Finding, NodeAnalysis, Pod

CALICO_MAC = "ee:ee:ee:ee:ee:ee"
LO = (
    "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n"
    "    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n"
    "    inet 127.0.0.1/8 scope host lo"
)


def link(
    index: int,
    name: str,
    *addresses: str,
    mac: str | None = None,
    master: str | None = None,
    flags: str = "BROADCAST,MULTICAST,UP,LOWER_UP",
    netns: str | None = None,
) -> str:
    """One interface of ``ip addr``; ``name`` with the peer, as in ``azv1@if5``."""
    upper = f"master {master} " if master else ""
    octets = mac or f"02:00:00:00:{index // 256:02x}:{index % 256:02x}"
    space = f" link-netns {netns}" if netns else " link-netnsid 0" if "@if" in name else ""
    lines = [
        f"{index}: {name}: <{flags}> mtu 1500 qdisc noqueue {upper}state UP group default qlen 1000",
        f"    link/ether {octets} brd ff:ff:ff:ff:ff:ff{space}",
    ]
    for address in addresses:
        if ":" in address:
            lines.append(f"    inet6 {address} scope global ")
        else:
            lines.append(f"    inet {address} scope global {name.partition('@')[0]}")
        lines.append("       valid_lft forever preferred_lft forever")
    return "\n".join(lines)


def ip_addr(*links: str, call: str = "ip addr") -> str:
    return "\n".join([f"$ {call}", LO, *links, ""])


def inside(pid: int | str, *links: str) -> str:
    """`ip addr` in the namespace of a process."""
    return ip_addr(*links, call=f"sudo nsenter -t {pid} -n ip addr")


def brctl(**bridges: Iterable[str]) -> str:
    lines = ["$ brctl show", "bridge name\tbridge id\t\tSTP enabled\tinterfaces"]
    for number, (name, ports) in enumerate(bridges.items()):
        first, *others = [*ports] or [""]
        lines.append(f"{name}\t\t8000.02420000000{number}\tno\t\t{first}")
        lines += [f"\t\t\t\t\t\t\t{port}" for port in others]
    return "\n".join([*lines, ""])


NO_BRIDGES = "$ brctl show\n"


def route_n(*rows: str, call: str = "route -n") -> str:
    """Rows as ``destination/length [via gateway] device [metric]``."""
    lines = [
        f"$ {call}",
        "Kernel IP routing table",
        "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface",
    ]
    for row in rows:
        words = row.split()
        gateway = words.pop(2) if words[1] == "via" else None
        if gateway:
            words.pop(1)
        destination, _, length = words[0].partition("/")
        mask = (0xFFFFFFFF << (32 - int(length))) & 0xFFFFFFFF
        genmask = ".".join(str(mask >> shift & 255) for shift in (24, 16, 8, 0))
        flags = "U" + ("G" if gateway else "") + ("H" if length == "32" else "")
        metric = words[2] if len(words) > 2 else "0"
        lines.append(
            f"{destination:<15} {gateway or '0.0.0.0':<15} {genmask:<15} {flags:<5} {metric:<6} 0        0 {words[1]}"
        )
    return "\n".join([*lines, ""])


def analysis(*texts: str) -> Analysis:
    return analyze(read("\n".join(texts)))


def node(*texts: str) -> NodeAnalysis:
    [only] = analysis(*texts).nodes
    return only


def pod(*texts: str) -> Pod:
    [only] = node(*texts).pods
    return only


def wrong(found: NodeAnalysis) -> list[Finding]:
    """The findings that are more than a hint."""
    return [finding for finding in found.findings if finding.severity != "info"]


# A node of each of the four kinds, with two pods of which one was looked into. The addresses and names are invented.
ETH0 = link(2, "eth0", "10.240.0.4/16", mac="00:0d:3a:00:00:01")
ROUTES = ("0.0.0.0/0 via 10.240.0.1 eth0", "10.240.0.0/16 eth0", "168.63.129.16/32 via 10.240.0.1 eth0")

KUBENET = {
    "ip addr": ip_addr(
        ETH0,
        link(3, "cbr0", "10.244.0.1/24"),
        link(4, "veth11111111@if3", master="cbr0"),
        link(5, "veth22222222@if3", master="cbr0"),
    ),
    "brctl show": brctl(cbr0=["veth11111111", "veth22222222"]),
    "route -n": route_n(*ROUTES, "10.244.0.0/24 cbr0"),
    "pod": inside(100, link(3, "eth0@if4", "10.244.0.2/24")),
}
CALICO = {
    "ip addr": ip_addr(
        ETH0,
        link(3, "cali11111111111@if3", mac=CALICO_MAC),
        link(4, "cali22222222222@if3", mac=CALICO_MAC),
    ),
    "brctl show": NO_BRIDGES,
    "route -n": route_n(*ROUTES, "10.244.0.2/32 cali11111111111", "10.244.0.3/32 cali22222222222"),
    "pod": inside(100, link(3, "eth0@if3", "10.244.0.2/32")),
}
AZURE_BRIDGE = {
    "ip addr": ip_addr(
        link(2, "eth0", mac="00:0d:3a:00:00:01", master="azure0"),
        link(3, "azure0", "10.240.0.4/16", mac="00:0d:3a:00:00:01"),
        link(5, "azv11111111111@if4", master="azure0"),
        link(7, "azv22222222222@if6", master="azure0"),
    ),
    "brctl show": brctl(azure0=["azv11111111111", "azv22222222222", "eth0"]),
    "route -n": route_n(*(row.replace("eth0", "azure0") for row in ROUTES)),
    "pod": inside(100, link(4, "eth0@if5", "10.240.0.5/16")),
}
AZURE_TRANSPARENT = {
    "ip addr": ip_addr(ETH0, link(5, "azv11111111111@if4"), link(7, "azv22222222222@if6")),
    "brctl show": NO_BRIDGES,
    "route -n": route_n(*ROUTES, "10.240.0.5/32 azv11111111111", "10.240.0.6/32 azv22222222222"),
    "pod": inside(100, link(4, "eth0@if5", "10.240.0.5/16")),
}
NODES = {
    "kubenet": KUBENET,
    "kubenet-calico": CALICO,
    "azure-bridge": AZURE_BRIDGE,
    "azure-transparent": AZURE_TRANSPARENT,
}
