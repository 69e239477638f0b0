"""What this machine lacks for building topologies, in words for a skip reason."""

import os
import shutil
import sys
from pathlib import Path

from .process import ENVIRONMENT, TopologyError, run
from .wiring import cni_directory

BUSYBOX = Path("/bin/busybox")
_TOOLS = ("ip", "ping", "brctl", "route", "nsenter", "unshare", "mount")
_DOCKER_TOOLS = ("dockerd", "docker", "containerd", "runc")
_TRIAL = "mount -t sysfs sysfs /sys && ip link add veth0 type veth peer name veth1 && ip link add br0 type bridge"
# What the cables between nodes need of the kernel's traffic control.
_FABRIC_TRIAL = (
    "ip link add veth0 type veth peer name veth1 && tc qdisc add dev veth0 clsact && tc filter add dev veth0 egress "
    "protocol all u32 match u32 0 0 action mirred egress redirect dev veth1"
)


def missing(*, docker: bool = False, fabric: bool = False) -> list[str]:
    """Reasons why `build` (or, if asked for, `docker_node` or `connected`) cannot work here; none if it can."""
    if sys.platform != "linux":
        return ["not Linux"]
    if os.geteuid() != 0:
        return ["not root"]
    tools = _TOOLS + (_DOCKER_TOOLS if docker else ())
    reasons = [f"no {tool}" for tool in tools if shutil.which(tool, path=ENVIRONMENT["PATH"]) is None]
    if cni_directory() is None:
        reasons.append("no CNI plugins")
    if not Path("/dev/net/tun").exists():
        reasons.append("no /dev/net/tun")
    if not BUSYBOX.exists():
        reasons.append(f"no {BUSYBOX}")
    if not reasons:
        try:
            run(["unshare", "--net", "--mount", "--uts", "sh", "-c", _TRIAL])
        except TopologyError as error:
            reasons.append(f"no network namespaces: {error}")
    if not reasons and fabric:
        try:
            run(["unshare", "--net", "sh", "-c", _FABRIC_TRIAL])
        except TopologyError as error:
            reasons.append(f"no traffic control: {error}")
    return reasons
