"""The first process of a node's fresh namespaces: gives the node its own /sys, /run and /var/lib, its name and its
NIC, starts a daemon if asked to, and lives until standard input ends, that is until its maker closes it or dies.

Run as a script under `unshare --net --mount --uts`; it imports nothing but the standard library.
"""

import argparse
import ctypes
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI, IFF_MULTI_QUEUE = 0x0002, 0x1000, 0x0100
PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--cgroup", help="where the daemon puts its containers; removed at the end")
    parser.add_argument("daemon", nargs="*")
    options = parser.parse_args()

    signal.signal(signal.SIGTERM, leave)
    socket.sethostname(options.name)
    private_mounts(with_cgroups=bool(options.daemon))
    set_sysctl("net/ipv4/ip_forward", "1")
    set_sysctl("net/ipv6/conf/default/accept_dad", "0")  # otherwise addresses print as "tentative" for a second
    nic = open_nic("eth0")
    try:
        if options.daemon:
            private_etc(options.name)
            start_daemon(options.daemon)
        print("ready", flush=True)
        sys.stdin.buffer.read()
    finally:
        os.close(nic)
        end_descendants()
        if options.cgroup:
            remove_cgroups(options.cgroup)


def leave(_signal: int, _frame: object) -> NoReturn:
    sys.exit(0)


def private_mounts(with_cgroups: bool) -> None:
    """Mounts that die with this namespace: /sys shows this network namespace, /run and /var/lib start empty."""
    mount("-t", "tmpfs", "tmpfs", "/run")
    if with_cgroups:
        Path("/run/cgroup").mkdir()
        mount("--rbind", "/sys/fs/cgroup", "/run/cgroup")
    mount("-t", "sysfs", "sysfs", "/sys")
    if with_cgroups:
        mount("--rbind", "/run/cgroup", "/sys/fs/cgroup")
    mount("-t", "tmpfs", "tmpfs", "/var/lib")
    Path("/run/netns").mkdir()


def private_etc(name: str) -> None:
    """A writable copy of /etc, because dockerd writes a key into /etc/docker."""
    for part in ("upper", "work"):
        Path("/run/etc", part).mkdir(parents=True)
    mount("-t", "overlay", "overlay", "-o", "lowerdir=/etc,upperdir=/run/etc/upper,workdir=/run/etc/work", "/etc")
    Path("/etc/hostname").write_text(name + "\n", encoding="ascii")


def mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


def set_sysctl(name: str, value: str) -> None:
    path = Path("/proc/sys", name)
    if path.exists():
        path.write_text(value, encoding="ascii")


def open_nic(name: str) -> int:
    """A tap device, which prints like a physical NIC as long as somebody holds it open."""
    tap = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI | IFF_MULTI_QUEUE))
    return tap


def start_daemon(argv: list[str]) -> None:
    """Start it as our child, and become the parent of whatever it leaves behind."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")
    with open("/run/daemon.log", "wb") as log:
        subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def end_descendants() -> None:
    """Kill our children until there are none: the children of a killed child become ours."""
    while True:
        for pid in children():
            os.kill(pid, signal.SIGKILL)  # cannot hit a stranger: until we wait for it, its id stays taken
        try:
            os.wait()
        except ChildProcessError:
            return


def children() -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = stat.read_text(errors="replace").rpartition(")")[2].split()[1]
        except OSError:
            continue
        if int(parent) == os.getpid():
            found.append(int(stat.parent.name))
    return found


def remove_cgroups(name: str) -> None:
    """Remove the (now empty) control groups of the daemon's containers from every hierarchy."""
    root = Path("/sys/fs/cgroup")
    for top in (root / name, *root.glob(f"*/{name}")):
        for directory, _, _ in os.walk(top, topdown=False):
            for _ in range(100):
                try:
                    os.rmdir(directory)
                    break
                except OSError:  # a member that is still dying
                    time.sleep(0.02)


if __name__ == "__main__":
    main()
