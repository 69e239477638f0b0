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
    "CILIUM_VETH",
    "DOCKER_BRIDGE",
    "KNOWN_BRIDGE",
    "NO_POD_DEVICE",
    "POD_BRIDGE",
    "POD_VETH",
    "TUNNEL",
    "veth_name_of_sandbox",
    "veth_names",
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
