"""Builds a node whose processes are the only ones, runs the capturing script on it, and prints what came of it.

On a node the script looks at every process; here those of other tests would be among them. So this runs as the first
process of a process namespace, in the node's network namespace, as the first process of a node does:

    python -m tests.collecting KIND WAY...
"""

import ctypes
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from aksnet_parse.cli import collect

from .topology import DockerNode, Node, Pod, build, docker_node
from .topology.docker import IMAGE
from .topology.plan import KINDS
from .topology.prerequisites import BUSYBOX
from .topology.process import ENVIRONMENT, enter

SCRIPT = Path(collect.__file__).parents[1] / "collect" / "collect.sh"
PODS = 3
# What must not be in any capture. Docker knows all three of a container.
PLANTED = ("planted-in-environment", "planted-in-command", "planted-in-mount")
_ALONE = ("unshare", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc")

# A file system in which nothing is but busybox; "debug" has that of the node below it, as `kubectl debug node` does.
_ONLY_BUSYBOX = f"""
set -e
mount -t tmpfs tmpfs /mnt
cd /mnt
mkdir bin proc sys run dev tmp
cp {BUSYBOX} bin/busybox
bin/busybox --install bin
mount --rbind /proc proc
mount --rbind /sys sys
mount --rbind /dev dev
"""
_WAYS = {
    **{shell: f"{shell} $SCRIPT" for shell in ("dash", "bash", "busybox sh")},
    "stdin": "dash <$SCRIPT",
    "busybox alone": f"{_ONLY_BUSYBOX} mount --rbind /run run; exec chroot /mnt /bin/sh <$SCRIPT",
    "debug": f"{_ONLY_BUSYBOX} mkdir host; mount --rbind / host; exec chroot /mnt /bin/sh <$SCRIPT",
    "debug of a node without a shell": f"{_ONLY_BUSYBOX} mkdir host; mount --rbind / host; mount --make-rprivate host; "
    "mount -t tmpfs tmpfs host/usr; exec chroot /mnt /bin/sh <$SCRIPT",
    "user": "setpriv --reuid=65534 --regid=65534 --clear-groups dash $SCRIPT",
    # Nothing can be written but to /dev, and what a process says of itself.
    "read-only": "for place in $(sed 's/[^ ]* \\([^ ]*\\).*/\\1/' /proc/mounts); do case $place in /dev*|/proc*) ;; "
    "*) mount -o remount,bind,ro $place 2>/dev/null;; esac; done; if (: >/tmp/x) 2>/dev/null; then exit 9; fi; exec dash $SCRIPT",
    **{
        f"without {tools}": f"for tool in {tools}; do mount --bind /dev/null $(readlink -f $(command -v $tool)); done; "
        "exec dash $SCRIPT"
        for tools in ("ip", "ip busybox", "nsenter busybox", "ip brctl bridge route busybox")
    },
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
    """Build a node of this kind (``docker``, ``named`` or one of KINDS) and run the script on it in these ways."""
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
        print(
            json.dumps(
                {
                    "name": node.name,
                    "pods": [asdict(pod) for pod in pods],
                    "texts": {way: run.stdout for way, run in runs.items()},
                    "said": {way: run.stderr for way, run in runs.items()},
                    "statuses": {way: run.returncode for way, run in runs.items()},
                }
            )
        )


@contextmanager
def _node(kind: str) -> Iterator[tuple[Node, Sequence[Pod]]]:
    if kind == "docker":
        with docker_node(pods=PODS, containers=1) as node:
            _plant(node)
            yield node, (*node.pods, *node.containers)
    elif kind == "named":
        with build("azure-transparent", PODS, named_netns=True) as named:
            yield named, named.pods
    else:
        with build(next(known for known in KINDS if known == kind), PODS) as plain:
            yield plain, plain.pods


def _plant(node: DockerNode) -> None:
    environment, command, mount = PLANTED
    network = f"container:{node.pods[0].container_id}"
    options = ["--network", network, "--env", f"TOKEN={environment}", "--volume", f"/run/{mount}:/{mount}"]
    node.docker("run", "--detach", *options, IMAGE, "sh", "-c", f"sleep 2147483647; echo {command}")


def _go_to_network(pid: int) -> None:
    with open(f"/proc/{pid}/ns/net", "rb") as namespace:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(namespace.fileno(), 0) != 0:
            raise OSError(ctypes.get_errno(), "setns")


def _run(node: Node, way: str) -> subprocess.CompletedProcess[str]:
    script = way.replace("$SCRIPT", shlex.quote(str(SCRIPT)))
    command = [*enter(node.pid), "unshare", "--mount", "sh", "-c", script]
    return subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
