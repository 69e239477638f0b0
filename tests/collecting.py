"""Builds a node whose processes are the only ones, runs the capturing script on it, and prints what came of it.

On a node the script looks at every process; here those of other tests would be among them. So this runs as the first
process of a process namespace, in the node's network namespace, as the first process of a node does:

    python -m tests.collecting KIND WAY...
"""

import base64
import ctypes
import json
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from ipaddress import ip_interface
from pathlib import Path
from typing import Any

from aksnet_parse import Container
from aksnet_parse.cli import collect

from .listings import PODS_HEADING, PS_HEADING, SECRET, inspectp_document, table
from .topology import KINDS, DockerNode, Node, Pod, build, docker_node
from .topology.docker import IMAGE
from .topology.prerequisites import BUSYBOX
from .topology.process import ENVIRONMENT, Owner, enter

SCRIPT = Path(collect.__file__).parents[1] / "collect" / "collect.sh"
PODS = 3
# What must not be in any capture: where people put secrets, and where the listings of crictl have one.
PLANTED = ("in-environment", "in-command", "in-mount", "in-own-environment", "in-cni-config", "in-kubeconfig", SECRET)
_ALONE = ("unshare", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc")

# --- ways to run it ---------------------------------------------------------------------------------------------------

# A file system in which nothing is but busybox; for "debug" it has the node's at /host, as in `kubectl debug node`.
_ONLY_BUSYBOX = f"""
set -e
mount -t tmpfs tmpfs /mnt
cd /mnt
mkdir bin proc sys run dev host
cp {BUSYBOX} bin/busybox
bin/busybox --install bin
mount --rbind /proc proc
mount --rbind /sys sys
mount --rbind /dev dev
"""
_ENTER = "exec chroot /mnt /bin/sh <$SCRIPT"
_WITHOUT = "for tool in {}; do mount --bind /dev/null $(readlink -f $(command -v $tool)); done; exec dash $SCRIPT"
# All but what the kernel makes up becomes read-only.
_READ_ONLY = r"""
for place in $(sed 's/[^ ]* \([^ ]*\).*/\1/' /proc/mounts); do
  case $place in /dev*|/proc*) ;; *) mount -o remount,bind,ro $place 2>/dev/null ;; esac
done
for place in / /run /tmp /var/lib; do if (: >$place/written) 2>/dev/null; then exit 99; fi; done
exec dash $SCRIPT
"""
# One command never ends, another fails in the middle.
_FAILING = r"""
PATH=/run/failing:$PATH
mkdir /run/failing
printf '#!/bin/sh\nexec sleep 600\n' >/run/failing/docker
printf '#!/bin/sh\n[ "$*" != route ] || { %s route; echo "no more" >&2; exit 1; }\nexec %s "$@"\n' \
  $(command -v ip) $(command -v ip) >/run/failing/ip
chmod +x /run/failing/*
sed 's/^seconds=.*/seconds=3/' $SCRIPT | dash
"""
_FILE = r"""
cp $SCRIPT /run/script  # it may be in what is hidden now
umask 022
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /var/tmp
cd /run
ls -R /run /tmp /var/tmp /var/lib >/run/before
dash /run/script node.txt || exit
ls -R /run /tmp /var/tmp /var/lib | diff /run/before - | grep '^[<>]'
stat -c '%a' node.txt
echo mine >taken.txt; ln -s /run/elsewhere link.txt
for name in taken.txt link.txt none/node.txt; do dash /run/script $name; echo "status $?"; done
cat taken.txt; ls elsewhere 2>&1
"""
_CONFIGURED = """
PATH=/run/crictl/bin:$PATH
mkdir -p /run/upper /run/work
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/upper,workdir=/run/work /etc
mkdir -p /etc/cni && cp -r /run/crictl/net.d /etc/cni
"""
_WAYS = {
    **{shell: f"exec {shell} $SCRIPT" for shell in ("dash", "bash", "busybox sh")},
    "terminal": "exec dash <$SCRIPT 2>&1",
    "busybox alone": f"{_ONLY_BUSYBOX} mount --rbind /run run; rmdir host; {_ENTER}",
    "debug": f"{_ONLY_BUSYBOX} mount --rbind / host; {_ENTER}",
    "debug without a shell": f"{_ONLY_BUSYBOX} mount --rbind / host; mount --make-rprivate host; "
    f"mount -t tmpfs tmpfs host/usr; {_ENTER}",
    "user": "exec setpriv --reuid=65534 --regid=65534 --clear-groups dash $SCRIPT",
    "root without rights": "exec setpriv --bounding-set=-sys_admin,-sys_ptrace dash $SCRIPT",
    "root who cannot enter": "exec setpriv --bounding-set=-sys_admin dash $SCRIPT",
    "in a pod": "exec nsenter --net=/proc/$POD/ns/net dash $SCRIPT",
    "read-only": _READ_ONLY,
    "failing": _FAILING,
    "file": _FILE,
    **{
        f"without {tools}": _WITHOUT.format(tools)
        for tools in ("ip", "brctl", "ip busybox", "nsenter busybox", "ip brctl bridge route busybox")
    },
    "configured": f"{_CONFIGURED} exec dash $SCRIPT",
    "configured, debug": f"{_CONFIGURED} {_ONLY_BUSYBOX} mount --rbind / host; {_ENTER}",
}


@dataclass(frozen=True)
class Collected:
    """What the script wrote and said, by the way it was run, and the truth about the pods of the node."""

    name: str
    pods: tuple[Pod, ...]
    texts: dict[str, str]
    said: dict[str, str]
    statuses: dict[str, int]


def collected(kind: str, *ways: str) -> Collected:
    """Build a node of this kind (one of KINDS, ``docker`` or ``containerd``) and run the script on it in these ways."""
    command = [*_ALONE, sys.executable, "-m", __name__, kind, *ways]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return Collected(**{**found, "pods": tuple(Pod(**pod) for pod in found["pods"])})


def main(kind: str, *ways: str) -> None:
    with ExitStack() as stack:
        node, pods = stack.enter_context(_node(kind))
        _go_to_network(node.pid)
        runs = {way: _run(node, _WAYS[way]) for way in ways}
        found = Collected(
            node.name,
            tuple(pods),
            {way: run.stdout for way, run in runs.items()},
            {way: run.stderr for way, run in runs.items()},
            {way: run.returncode for way, run in runs.items()},
        )
        print(json.dumps(asdict(found)))


def _go_to_network(pid: int) -> None:
    with open(f"/proc/{pid}/ns/net", "rb") as namespace:
        if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), 0) != 0:
            raise OSError(ctypes.get_errno(), "setns")


def _run(node: Node, way: str) -> subprocess.CompletedProcess[str]:
    words = {"$SCRIPT": shlex.quote(str(SCRIPT)), "$POD": str(node.pods[0].pid)}
    for word, value in words.items():
        way = way.replace(word, value)
    return subprocess.run(
        [*enter(node.pid), "unshare", "--mount", "sh", "-c", way],
        env={**ENVIRONMENT, "TOKEN": "in-own-environment"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


# --- nodes ------------------------------------------------------------------------------------------------------------


@contextmanager
def _node(kind: str) -> Iterator[tuple[Node, Sequence[Pod]]]:
    if kind == "docker":
        with docker_node(pods=PODS, containers=1) as docker:
            _plant(docker)
            yield docker, (*docker.pods, *docker.containers)
    elif kind == "containerd":
        with build("azure-transparent", PODS, named_netns=True) as node:
            _configure(node)
            yield node, node.pods
    else:
        # Beside the pods there is a namespace in which there is nothing, as services of a node have.
        known = next(known for known in KINDS if known == kind)
        with Owner.of_pod() as service, build(known, PODS) as node:
            service.ready()
            node.run("ip", "link", "add", "painted\x1b[7m", "type", "ifb")
            yield node, node.pods


def _plant(node: DockerNode) -> None:
    network = f"container:{node.pods[0].container_id}"
    options = ["--network", network, "--env", "TOKEN=in-environment", "--volume", "/run/in-mount:/in-mount"]
    node.docker("run", "--detach", *options, IMAGE, "sh", "-c", "sleep 2147483647; echo in-command")


# There is no crictl to be had. What this prints is made after the published descriptions of crictl's output.
_CRICTL = """#!/bin/sh
cd /run/crictl
echo 'WARN[0000] runtime connect using default endpoints' >&2
case $* in
"pods --no-trunc") cat pods ;;
"ps --no-trunc") cat ps ;;
"pods -q --state ready") cat ready ;;
"inspectp "*) cat "$2.json" ;;
*) exit 1 ;;
esac
"""


def _configure(node: Node) -> None:
    """What a containerd-era node of Azure CNI has beside its wiring; `net.d` is for /etc/cni."""
    # The file system as the processes of the node see it (proc(5)); nothing of this machine's own is in it.
    run = Path(f"/proc/{node.pid}/root/run")
    folder = run / "crictl"
    (folder / "bin").mkdir(parents=True)
    (folder / "net.d").mkdir()
    crictl = folder / "bin" / "crictl"
    crictl.write_text(_CRICTL, encoding="ascii")
    crictl.chmod(0o755)

    sandboxes = [_sandbox(pod) for pod in node.pods]
    sandboxes.append(
        Container(
            id=sha256(b"kube-proxy").hexdigest(),
            state="ready",
            pod_name="kube-proxy-x7k2p",
            pod_namespace="kube-system",
            pod_uid="4f6c6b0e-0000-4000-8000-000000000001",
            attempt=0,
            pid=1,
            network_mode="host",
        )
    )
    dead = sandboxes[0].model_copy(update={"id": sha256(b"dead").hexdigest(), "state": "notready", "attempt": 0})
    (folder / "pods").write_text(
        table(PODS_HEADING, [_row_of_pods(row) for row in (*sandboxes, dead)]), encoding="ascii"
    )
    (folder / "ps").write_text(table(PS_HEADING, [_row_of_ps(row) for row in sandboxes]), encoding="ascii")
    (folder / "ready").write_text("".join(f"{row.id}\n" for row in sandboxes), encoding="ascii")
    for row in sandboxes:
        document = json.dumps(inspectp_document(row), indent=2)
        (folder / f"{row.id}.json").write_text(document + "\n", encoding="ascii")

    plugin = {
        "type": "azure-vnet",
        "mode": "transparent",
        "ipsToRouteViaHost": ["169.254.20.10"],
        "ipam": {"type": "azure-vnet-ipam"},
        "policy": {"type": "k8s", "k8s_auth_token": "in-cni-config"},
        "args": ["in-cni-config", {"type": "x"}, "in-cni-config"],
    }
    config = {"cniVersion": "0.3.0", "name": "azure", "plugins": [plugin, {"type": "portmap", "snat": True}]}
    (folder / "net.d" / "10-azure.conflist").write_text(json.dumps(config, indent=3) + "\n", encoding="ascii")
    (folder / "net.d" / "calico-kubeconfig").write_text("users: [{user: {token: in-kubeconfig}}]\n", encoding="ascii")

    endpoints = {f"{pod.pid}-eth0": _endpoint(pod) for pod in node.pods}
    network = {"Id": "azure", "Mode": "transparent", "Endpoints": endpoints}
    interfaces = {"eth0": {"Name": "eth0", "Networks": {"azure": network}, "Remark": "in-cni-config"}}
    state = {"Network": {"Version": "v1.4.56", "TimeStamp": "2026-01-01T00:00:00Z", "ExternalInterfaces": interfaces}}
    (run / "azure-vnet.json").write_text(json.dumps(state, indent="\t"), encoding="ascii")


def _sandbox(pod: Pod) -> Container:
    return Container(
        id=sha256(pod.name.encode()).hexdigest(),
        state="ready",
        pod_name=pod.name,
        pod_namespace=pod.namespace,
        pod_uid="4f6c6b0e-0000-4000-8000-000000000000",
        attempt=1,
        pid=pod.pid,
        netns=f"/var/run/netns/{pod.netns}",
        ip_addresses=(ip_interface(pod.address).ip,),
    )


def _row_of_pods(row: Container) -> tuple[str, ...]:
    state = "NotReady" if row.is_dead else "Ready"
    names = (str(row.pod_name), str(row.pod_namespace), str(row.attempt))
    return (str(row.id), "2 weeks ago", state, *names, "(default)")


def _row_of_ps(row: Container) -> tuple[str, ...]:
    container = sha256(f"web of {row.id}".encode()).hexdigest()
    pod = (str(row.id), str(row.pod_name), str(row.pod_namespace))
    return (container, "sha256:00ff", "2 weeks ago", "Running", "web", "0", *pod)


def _endpoint(pod: Pod) -> dict[str, Any]:
    address = ip_interface(pod.address)
    mask = base64.b64encode(address.netmask.packed).decode()
    return {
        "Id": f"{pod.pid}-eth0",
        "HostIfName": pod.veth,
        "IfName": pod.interface,
        "IPAddresses": [{"IP": str(address.ip), "Mask": mask}],
        "NetworkNameSpace": f"/var/run/netns/{pod.netns}",
        "ContainerID": sha256(pod.name.encode()).hexdigest(),
        "PODName": pod.name,
        "PODNameSpace": pod.namespace,
        "DNS": {"Suffix": "in-cni-config"},
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
