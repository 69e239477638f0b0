"""A case with something of everything that identifies somebody, and what pseudonyms must keep and must not."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from aksnet_parse import Analysis
from aksnet_parse.names import veth_names
from aksnet_parse.redaction.vocabulary import WORD, is_common_name, of_commands

__all__ = [
    "CONTAINER",
    "HOST",
    "KEY",
    "RICH",
    "SECRETS",
    "UID",
    "VETH",
    "assert_made_up",
    "neighbourhoods",
    "without_texts",
]

KEY = b"a key for tests"

# Something of everything: names, ids of all kinds, IPv6, a user, a domain, prose, lines nobody understands.
UID = "7d3f0a52-3a1e-4c7b-9d2e-0f6b1c2d3e4f"
CONTAINER = "0b7c7a46ade1f2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b"
VETH = veth_names("payments", "checkout-6d4cf56db6-x7k2p")[1]
HOST = "aks-contosopool-12345678-vmss00001a"
RICH = f"""\
jdoe@{HOST}:~$ ip addr
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
    inet6 ::1/128 scope host
2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000
    link/ether 00:0d:3a:9c:96:47 brd ff:ff:ff:ff:ff:ff
    inet 10.19.68.4/22 brd 10.19.71.255 scope global eth0
    inet6 fd12:3456:789a:1::4/64 scope global
    inet6 fe80::20d:3aff:fe9c:9647/64 scope link
    contact: jane.roe@fabrikam.example, room 4711, tel 555-0100
16: {VETH}@if15: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default link-netns cni-{UID}
    link/ether 5e:8b:21:77:c4:0f brd ff:ff:ff:ff:ff:ff
    inet6 fe80::5c8b:21ff:fe77:c40f/64 scope link
18: corpvpn0@if17: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default link-netnsid 3
    link/ether 5e:8b:21:77:c4:10 brd ff:ff:ff:ff:ff:ff
jdoe@{HOST}:~$ route -n
Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
0.0.0.0         10.19.68.1      0.0.0.0         UG    100    0        0 eth0
10.19.68.0      0.0.0.0         255.255.252.0   U     0      0        0 eth0
10.19.69.7      0.0.0.0         255.255.255.255 UH    0      0        0 {VETH}
168.63.129.16   10.19.68.1      255.255.255.255 UGH   100    0        0 eth0
jdoe@{HOST}:~$ sudo ip netns exec cni-{UID} ip addr
15: eth0@if16: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default link-netnsid 0
    link/ether 5e:8b:21:77:c4:0e brd ff:ff:ff:ff:ff:ff
    inet 10.19.69.7/22 scope global eth0
    inet6 fe80::5c8b:21ff:fe77:c40e/64 scope link
jdoe@{HOST}:~$ kubectl get pods -A -o wide
NAMESPACE     NAME                        READY   STATUS    RESTARTS   AGE    IP           NODE
payments      checkout-6d4cf56db6-x7k2p   1/1     Running   0          5d3h   10.19.69.7   {HOST}
payments      ledger-0                    1/1     Running   0          5d3h   10.19.69.9   {HOST}
jdoe@{HOST}:~$ sudo crictl pods -o json
{{"items": [{{"id": "{CONTAINER}", "metadata": {{"name": "checkout-6d4cf56db6-x7k2p", "namespace": "payments",
"uid": "{UID}", "attempt": 0}}, "state": "SANDBOX_READY"}}]}}
"""
SECRETS = [
    "jdoe", "jane", "roe", "fabrikam", "contosopool", "12345678", "00001a", "payments", "checkout", "ledger",
    "corpvpn0", "6d4cf56db6", "x7k2p", UID, UID[:8], CONTAINER, CONTAINER[:12], VETH, VETH[3:], "10.19.68.4",
    "10.19.69.7", "10.19.", "10.19.71.255", "fd12:3456", "9c:96:47", "fe9c:9647", "5e:8b:21", "77:c4",
    "5c8b:21ff", "4711-", "555-0100",
]  # fmt: skip


def without_texts(value: Any) -> Any:
    """A dump of an answer with every text empty."""
    if isinstance(value, dict):
        return {name: without_texts(item) for name, item in value.items()}
    if isinstance(value, list):
        return [without_texts(item) for item in value]
    return "" if isinstance(value, str) else value


def neighbourhoods(analysis: Analysis) -> list[list[bool]]:
    """Which of the addresses and networks of each node's pods and uplink are in which."""
    found = []
    for node in analysis.nodes:
        texts = [address for pod in node.pods for address in pod.addresses]
        texts += [pod.attachment.destination for pod in node.pods if pod.attachment and pod.attachment.kind == "route"]
        if node.uplink is not None:
            texts += [*node.uplink.addresses, *([node.uplink.gateway] if node.uplink.gateway else [])]
        # `route` without -n prints names.
        texts = [text for text in texts if re.search(r"[:.].*[:.]", text) and re.fullmatch(r"[0-9a-f:.]+(/\d+)?", text)]
        networks = [ip_network(text, strict=False) for text in texts]
        addresses = [ip_address(text.split("/")[0]) for text in texts]
        found += [[address in network for network in networks] for address in addresses]
    return found


_WITH_COLONS = re.compile(r"(?<![0-9A-Za-z/.])[0-9a-fA-F]*:[0-9a-fA-F]*:[0-9a-fA-F:.]*+(?:(?![0-9A-Za-z])|(?<=:))")


def assert_made_up(before: str, after: str) -> None:
    """Every word of ``after`` that ``before`` has too is one that tells nobody anything."""
    # A piece of an address may be one of its pseudonym, too.
    was, became = (set(_WITH_COLONS.findall(line)) for line in (before, after))
    assert not {text for text in was & became if _is_somebodys(text)}
    # What stands before every IPv4 address that is written as an IPv6 address (RFC 4291) tells of none.
    before, after = (re.sub("::ffff:", " ", text, flags=re.IGNORECASE) for text in (before, after))
    words = set(WORD.findall(_WITH_COLONS.sub(" ", before)))
    for word in WORD.findall(_WITH_COLONS.sub(" ", after)):
        parts = re.split(r"[.-]+", word)
        assert word not in words or _is_harmless(word) or all(map(_is_harmless, parts)) or _is_meant(word), word


def _is_somebodys(text: str) -> bool:
    """True for a MAC that one card has, and for an address that one machine has."""
    if re.fullmatch(r"[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}", text):
        octets = bytes.fromhex(text.replace(":", ""))
        return len(set(octets)) > 1 and octets[0] & 1 == 0
    try:
        return IPv6Address(text).is_global and not IPv6Address(text).is_multicast
    except ValueError:
        return False


def _is_harmless(word: str) -> bool:
    return (
        word.lower() in of_commands()
        or is_common_name(word)
        or (word.isdigit() and len(word) <= 7)
        or (len(word) == 1 and word.isascii())
        or re.fullmatch(r"nodepool\d*|agentpool\d*|fe80|[0-9a-f]{1,2}", word) is not None
    )


def _is_meant(word: str) -> bool:
    try:
        address = IPv4Address(word)
    except ValueError:
        return False
    return not address.is_global or address.is_multicast or str(address) == "168.63.129.16" or int(address) >> 24 >= 224
