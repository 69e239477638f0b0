"""A node with a real Docker daemon, wired the way the kubelet's kubenet wired the pods of docker-era AKS."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from .node import HOST_COMMANDS, Node, Pod, Seat
from .plan import PodPlan, plan_node, plan_pods
from .prerequisites import BUSYBOX
from .process import Owner, TopologyError
from .wiring import kubenet, wire_host

IMAGE: Final = "busybox:imported"
_DAEMON: Final = (
    "dockerd",
    "--iptables=false",
    "--ip6tables=false",
    "--ip-masq=false",
    "--exec-opt=native.cgroupdriver=cgroupfs",
    "--cgroup-parent=/{cgroup}",
)
_START_SECONDS: Final = 180.0
_IMPORT: Final = f"""
mkdir -p /run/image/bin && cp {BUSYBOX} /run/image/bin/busybox && cd /run/image/bin
for applet in sh sleep env ip route; do ln -s busybox $applet; done
tar -C /run/image -c . | docker import - {IMAGE} && rm -r /run/image
"""
_FOREVER: Final = ("sleep", "2147483647")


@dataclass
class DockerNode(Node):
    """`pods` are the Kubernetes ones, on cbr0; `containers` the plain ones, on docker0."""

    containers: tuple[Pod, ...] = ()
    apps: Mapping[str, str] = field(default_factory=dict)
    """The id of the app container that lives in each sandbox, by the sandbox's id."""

    def docker(self, *argv: str) -> str:
        return self.run("docker", *argv)

    def transcript(
        self,
        host: Iterable[str] = ("docker ps", *HOST_COMMANDS),
        pods: bool | int = True,
        inside: Iterable[str] = ("ip addr",),
    ) -> str:
        """As for any node, and then everything `docker inspect` knows about one sandbox and its app container."""
        session = super().transcript(host, pods, inside)
        for pod in self.pods[:1]:
            for identifier in (str(pod.container_id), self.apps[str(pod.container_id)]):
                session += self.paste(f"docker inspect {identifier[:12]}")
        return session

    def chosen(self, pods: bool | int) -> tuple[Pod, ...]:
        everyone = (*self.pods, *self.containers)
        return everyone[: len(everyone) * pods if isinstance(pods, bool) else pods]

    def entering(self, pod: Pod, commands: Iterable[str]) -> list[str]:
        pid = f"docker inspect --format '{{{{ .State.Pid }}}}' {str(pod.container_id)[:12]}"
        return [pid, *super().entering(pod, commands)]


@contextmanager
def docker_node(
    number: int = 0, containers: int = 2, pods: int = 2, *, name: str | None = None, mtu: int = 1500
) -> Iterator[DockerNode]:
    """A node whose daemon, images and containers live and die with it."""
    plan = plan_node("kubenet", number, name)
    with Owner.of_node(plan.name, daemon=_DAEMON) as holder:
        node = DockerNode(plan.name, holder.ready())
        wire_host(node, plan, mtu=mtu, azure0=False, docker0=False)
        _await_daemon(node)
        node.run("sh", "-c", _IMPORT)

        plain = plan_pods("docker", number, containers, plan_node("docker", number))
        plain_seats = [_seat(node, pod, _start(node, pod.name)) for pod in plain]

        planned = plan_pods("kubenet", number, pods, plan)
        seats = [_seat(node, pod, _start_sandbox(node, pod)) for pod in planned]
        kubenet(node, plan, [(str(seat.container_id), seat.pid) for seat in seats], mtu=mtu)
        node.apps = {
            str(seat.container_id): _start_app(node, pod, str(seat.container_id))
            for pod, seat in zip(planned, seats, strict=True)
        }

        node.containers = node.read(plain_seats)
        node.pods = node.read(seats)
        yield node


def _await_daemon(node: DockerNode) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            node.docker("version")
            return
        except TopologyError as error:
            if time.monotonic() > deadline:
                raise TopologyError(f"{error}\n{node.run('cat', '/run/daemon.log')}") from error
        time.sleep(0.05)


def _start(node: DockerNode, name: str, *options: str) -> str:
    return node.docker("run", "--detach", "--name", name, *options, IMAGE, *_FOREVER).strip()


def _seat(node: DockerNode, pod: PodPlan, container_id: str) -> Seat:
    pid = int(node.docker("inspect", "--format", "{{ .State.Pid }}", container_id))
    return Seat(pod.namespace, pod.name, pid, container_id)


def _start_sandbox(node: DockerNode, pod: PodPlan) -> str:
    labels = _labels(pod, "POD", "podsandbox")
    return _start(node, _container_name(pod, "POD"), "--network", "none", "--hostname", pod.name, *labels)


def _start_app(node: DockerNode, pod: PodPlan, sandbox: str) -> str:
    labels = _labels(pod, "web", "container", {"io.kubernetes.sandbox.id": sandbox})
    invented_secret = ("--env", "PASSWORD=hunter2")  # what a parser of `docker inspect` must never keep
    network = f"container:{sandbox}"
    return _start(node, _container_name(pod, "web"), "--network", network, *invented_secret, *labels)


def _container_name(pod: PodPlan, container: str) -> str:
    return f"k8s_{container}_{pod.name}_{pod.namespace}_{pod.uid}_0"


def _labels(pod: PodPlan, container: str, kind: str, more: Mapping[str, str] | None = None) -> list[str]:
    """The labels the kubelet puts on its containers."""
    labels = {
        "io.kubernetes.container.name": container,
        "io.kubernetes.docker.type": kind,
        "io.kubernetes.pod.name": pod.name,
        "io.kubernetes.pod.namespace": pod.namespace,
        "io.kubernetes.pod.uid": pod.uid,
        **(more or {}),
    }
    return [word for key, value in labels.items() for word in ("--label", f"{key}={value}")]
