"""What the name of an interface says: a network card, a bridge, a pod's veth, or a device that no pod is behind.

A name alone proves little; what is said here is what the programs that give these names do with them.
"""

from __future__ import annotations

import re

__all__ = [
    "AZURE_VETH",
    "CALICO_VETH",
    "CARD",
    "CILIUM_VETH",
    "DOCKER_BRIDGE",
    "KNOWN_BRIDGE",
    "NO_POD_DEVICE",
    "POD_BRIDGE",
    "POD_VETH",
    "TUNNEL",
]

# eth0, ens3, eno1, enp0s3, enP1279s1 (the VF of accelerated networking), enx and a MAC, bond0.
CARD = re.compile(r"(?:eth|en[a-zA-Z]|bond)\d\S*|enx[0-9a-f]{12}")

DOCKER_BRIDGE = re.compile(r"docker0|docker_gwbridge|br-[0-9a-f]{12}")
POD_BRIDGE = re.compile(r"cbr0|azure0|cni0")
KNOWN_BRIDGE = re.compile(rf"{POD_BRIDGE.pattern}|{DOCKER_BRIDGE.pattern}")

AZURE_VETH = re.compile(r"azv(?:[0-9a-f]{11}|eth[0-9a-f]{7})")
CALICO_VETH = re.compile(r"cali[0-9a-f]{11}")
CILIUM_VETH = re.compile(r"lxc[0-9a-f]{10,}|lxc_health")
POD_VETH = re.compile(rf"{AZURE_VETH.pattern}|{CALICO_VETH.pattern}|lxc[0-9a-f]{{10,}}|veth[0-9a-f]{{5,}}")

# The kernel puts some of these into every namespace as soon as their module is loaded.
TUNNEL = re.compile(r"(?:tunl|sit|ip6tnl|gre|gretap|erspan|ip_vti|ip6_vti|ip6gre)\d+")
NO_POD_DEVICE = re.compile(
    rf"lo|{TUNNEL.pattern}|cilium_\S+|nodelocaldns|kube-ipvs0|vxlan\S*|flannel\S*|tun\d+|wg\d+|kube-bridge|dummy\d*"
    r"|virbr\d+"
)
