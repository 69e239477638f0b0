"""The topologies the other tests rely on: what they say about a pod is so, and nothing of them remains."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from hashlib import sha1
from pathlib import Path
from typing import Any, Self

import pytest

from tests.topology import KINDS, Kind, Node, Pod, build, docker_node

ROOT = Path(__file__).parents[2]
BRIDGES = {"kubenet": "cbr0", "azure-bridge": "azure0", "cni-bridge": "cni0", "docker": "docker0"}
ROUTED = ("kubenet-calico", "azure-transparent", "cni-ptp")

pytestmark = pytest.mark.usefixtures("kernel")


def one(text: str) -> dict[str, Any]:
    [found] = [item for item in json.loads(text) if item]
    assert isinstance(found, dict)
    return found


def assert_true(node: Node, pod: Pod) -> None:
    """Ask the kernel again, about this pod alone."""
    inside = one(node.run_in(pod, "ip", "-j", "-4", "addr", "show", "dev", pod.interface))
    veth = one(node.run("ip", "-j", "link", "show", "dev", pod.veth))
    address = inside["addr_info"][0]
    assert (inside["ifindex"], inside["link_index"]) == (pod.ifindex, pod.veth_ifindex)
    assert (veth["ifindex"], veth["link_index"]) == (pod.veth_ifindex, pod.ifindex)
    assert f"{address['local']}/{address['prefixlen']}" == pod.address
    assert veth.get("master") == pod.bridge
    routes = [route["dst"] for route in json.loads(node.run("ip", "-j", "route", "show", "dev", pod.veth))]
    assert [f"{route}/32" for route in routes] == ([pod.destination] if pod.destination else [])


class Pinned:
    """Network namespaces held open, so that their inode numbers cannot be given to others meanwhile."""

    def __init__(self, pids: Iterable[int]) -> None:
        self._open = [os.open(f"/proc/{pid}/ns/net", os.O_RDONLY) for pid in pids]
        self.inodes = {os.fstat(descriptor).st_ino for descriptor in self._open}

    def inhabited(self) -> bool:
        for link in Path("/proc").glob("[0-9]*/ns/net"):
            with suppress(OSError):
                if link.stat().st_ino in self.inodes:
                    return True
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._open:
            os.close(descriptor)


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 120
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def links() -> list[str]:
    return sorted(os.listdir("/sys/class/net"))


def control_groups(maker: int) -> list[Path]:
    root, name = Path("/sys/fs/cgroup"), f"aksnet-{maker}-*"
    return [*root.glob(name), *root.glob(f"*/{name}")]


@pytest.mark.parametrize("kind", KINDS)
def test_pods_are_wired_as_they_say(kind: Kind) -> None:
    with build(kind, 3) as node:
        assert len(node.pods) == (0 if kind == "empty" else 3)
        for pod in node.pods:
            assert_true(node, pod)
            assert pod.bridge == BRIDGES.get(kind)
            assert (pod.destination == pod.address.split("/")[0] + "/32") == (kind in ROUTED)
            if kind in ("kubenet-calico", "azure-transparent"):
                assert pod.veth[-11:] == sha1(f"{pod.namespace}.{pod.name}".encode()).hexdigest()[:11]
            if kind == "azure-bridge":
                assert pod.veth[-11:] == sha1(f"azure{pod.container_id}eth0".encode()).hexdigest()[:11]


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_remains(kind: Kind) -> None:
    before = links()
    with build(kind, 3) as node:
        pids = [node.pid, *(pod.pid for pod in node.pods)]
        pinned = Pinned(pids)
    with pinned:
        assert len(pinned.inodes) == len(pids)
        assert not pinned.inhabited()
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert links() == before


def test_a_failure_inside_leaves_nothing() -> None:
    pids: list[int] = []

    def fail() -> None:
        with build("kubenet", 3) as node:
            pids.extend([node.pid, *(pod.pid for pod in node.pods)])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert len(pids) == 4
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.parametrize("make", ["build('azure-bridge', 3)", "docker_node(containers=1, pods=1)"])
def test_a_killed_maker_leaves_nothing(make: str, request: pytest.FixtureRequest) -> None:
    if make.startswith("docker"):
        request.getfixturevalue("docker_daemon")
    program = f"""if True:
        from tests.topology import build, docker_node
        with {make} as node:
            print(node.pid, *(pod.pid for pod in node.pods), flush=True)
            input()
    """
    maker = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with maker:
        assert maker.stdout is not None
        pinned = Pinned(map(int, maker.stdout.readline().split()))
        assert len(pinned.inodes) > 1
        assert pinned.inhabited()
        maker.send_signal(signal.SIGKILL)
    with pinned:
        assert eventually(lambda: not pinned.inhabited())
    assert eventually(lambda: not control_groups(maker.pid))


def test_a_half_migrated_node_has_both() -> None:
    with build("azure-transparent", 2, bridged=2, named_netns=True) as node:
        for pod in node.pods:
            assert_true(node, pod)
        assert [pod.bridge for pod in node.pods] == [None, None, "azure0", "azure0"]
        assert all(f"link-netns {pod.netns}" in node.run("ip", "addr", "show", "dev", pod.veth) for pod in node.pods)


def test_a_leftover_azure0_is_empty_and_down() -> None:
    with build("azure-transparent", 1, leftover_azure0=True) as node:
        assert "UP" not in one(node.run("ip", "-j", "link", "show", "dev", "azure0"))["flags"]
        assert node.pods[0].bridge is None


def test_the_same_request_gives_the_same_node_and_another_number_another() -> None:
    def planned(number: int) -> list[tuple[str | None, ...]]:
        with build("azure-transparent", 3, number=number) as node:
            return [(pod.name, pod.container_id, pod.address, pod.veth) for pod in node.pods]

    first, again, other = planned(0), planned(0), planned(1)
    assert first == again
    assert all(set(left).isdisjoint(right) for left, right in zip(first, other, strict=True))


@pytest.mark.usefixtures("docker_daemon")
def test_a_docker_node_is_wired_as_it_says() -> None:
    before = links()
    with docker_node(containers=1, pods=1) as node:
        [pod], [container] = node.pods, node.containers
        assert_true(node, pod)
        assert_true(node, container)
        assert (pod.bridge, container.bridge) == ("cbr0", "docker0")
        sandbox = one(node.docker("inspect", str(pod.container_id)))
        assert sandbox["State"]["Pid"] == pod.pid
        assert sandbox["Name"].startswith(f"/k8s_POD_{pod.name}_{pod.namespace}_")
        app = one(node.docker("inspect", node.apps[str(pod.container_id)]))
        assert app["Config"]["Env"] == ["PASSWORD=hunter2"]
        assert os.readlink(f"/proc/{app['State']['Pid']}/ns/net") == os.readlink(f"/proc/{pod.pid}/ns/net")
        pids = [node.pid, pod.pid, container.pid]
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    assert links() == before
    assert not control_groups(os.getpid())
