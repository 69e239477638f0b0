"""What the name of an interface says: a network card, a bridge, a pod's veth, or a device that no pod is behind.

A name alone proves little; what is said here is what the programs that give these names do with them.
"""

from __future__ import annotations

import re
from hashlib import sha1

__all__ = [
    "AZURE_VETH",
    "CALICO_VETH",
    "CARD",
    "CILIUM_DEVICE",
    "CILIUM_VETH",
    "DOCKER_BRIDGE",
    "EKS_VETH",
    "GKE_VETH",
    "KNOWN_BRIDGE",
    "NO_POD_DEVICE",
    "POD_BRIDGE",
    "POD_VETH",
    "TUNNEL",
    "VIRTUAL_MACHINE_PORT",
    "veth_name_of_sandbox",
    "veth_names",
]

# The veths of other clouds' plugins: Amazon's VPC CNI (pkg/sgpp of amazon-vpc-cni-k8s) and Google's GKE.
EKS_VETH = re.compile(r"eni[0-9a-f]{11}")
GKE_VETH = re.compile(r"gke[0-9a-f]{11}")

# eth0, ens3, eno1, enp0s3, enP1279s1 (the VF of accelerated networking), enx and a MAC, ib0 and wlp3s0; em1, p3p1 and
# p3p1_0 as biosdevname(1) gives them; bond0 and team0.
CARD = re.compile(
    rf"(?!{EKS_VETH.pattern}$)(?:(?:eth|en[a-zA-Z]|ib[a-z]?|wl[a-z]*|bond|team)\d\S*|enx[0-9a-f]{{12}}"
    r"|(?:em\d+|p\d+p\d+)(?:_\d+)?)"
)
# What libvirt and QEMU put into a bridge for a virtual machine.
VIRTUAL_MACHINE_PORT = re.compile(r"vnet\d+|(?:mac)?v?tap\S*")

DOCKER_BRIDGE = re.compile(r"docker0|docker_gwbridge|br-[0-9a-f]{12}")
POD_BRIDGE = re.compile(r"cbr0|azure0|cni0")
KNOWN_BRIDGE = re.compile(rf"{POD_BRIDGE.pattern}|{DOCKER_BRIDGE.pattern}")

AZURE_VETH = re.compile(r"azv(?:[0-9a-f]{11}|eth[0-9a-f]{7})")
CALICO_VETH = re.compile(r"cali[0-9a-f]{11}")
CILIUM_VETH = re.compile(r"lxc[0-9a-f]{10,}")
# Cilium's own: the agent's health endpoint, its pair in the host, its tunnels (cilium/pkg/defaults).
CILIUM_DEVICE = re.compile(r"lxc_health|cilium_\S+")
POD_VETH = re.compile(
    rf"{AZURE_VETH.pattern}|{CALICO_VETH.pattern}|{CILIUM_VETH.pattern}|{EKS_VETH.pattern}|{GKE_VETH.pattern}"
    r"|veth[0-9a-f]{5,}"
)

# The kernel puts some of these into every namespace as soon as their module is loaded.
TUNNEL = re.compile(r"(?:tunl|sit|ip6tnl|gre|gretap|erspan|ip_vti|ip6_vti|ip6gre)\d+")
NO_POD_DEVICE = re.compile(
    rf"lo|{TUNNEL.pattern}|{CILIUM_DEVICE.pattern}|nodelocaldns|kube-ipvs0|vxlan\S*|flannel\S*|tun\d+|wg\d+|kube-bridge|dummy\d*"
    r"|virbr\d+"
)


def veth_names(namespace: str | None, pod: str) -> tuple[str, ...]:
    """The names that Calico and Azure CNI in transparent mode give to the host's end of a pod's veth pair.

    ``namespace``: the Kubernetes namespace, None if it was not said; then those of the namespace ``default``, in which
    kubectl looks when none is said.
    """
    digits = sha1(f"{namespace or 'default'}.{pod}".encode(), usedforsecurity=False).hexdigest()[:11]
    return f"cali{digits}", f"azv{digits}"


def veth_name_of_sandbox(container_id: str) -> str:
    """The name that Azure CNI in its other modes gives: of the full id of the sandbox's container."""
    return f"azv{sha1(f'azure{container_id}eth0'.encode(), usedforsecurity=False).hexdigest()[:11]}"
