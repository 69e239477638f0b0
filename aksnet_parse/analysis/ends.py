"""The pods' side of a node: which namespaces and containers are one pod, and which interface is the pod's own end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address

from ..commands.docker_inspect import Container
from ..commands.ip_addr import Interface
from ..node import Namespace, Node
from ..records import Line
from .models import PodReference

__all__ = ["PodEnd", "pod_ends"]


@dataclass(slots=True)
class PodEnd:
    """One pod as seen from its own side: its namespace, its containers, or both.

    ``interface`` is None if its namespace was not captured, or holds nothing but loopback.
    """

    namespaces: list[Namespace] = field(default_factory=list)
    containers: list[Container] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    @property
    def interface(self) -> Interface | None:
        real = [row for namespace in self.namespaces for row in namespace.interfaces if row.ifname != "lo"]
        peered = [row for row in real if row.link_index is not None]
        # Every runtime calls the first interface of a pod eth0; a second network adds net1 and so on.
        return next((row for row in peered if row.ifname == "eth0"), None) or next(iter(peered or real), None)

    @property
    def addresses(self) -> tuple[str, ...]:
        interface = self.interface
        if interface is not None:
            return tuple(str(row.interface) for row in interface.addr_info if row.scope == "global")
        return tuple(
            f"{container.ip_address}/{container.prefixlen or container.ip_address.max_prefixlen}"
            for container in self.containers
            if container.ip_address is not None
        )

    @property
    def ips(self) -> tuple[IPv4Address | IPv6Address, ...]:
        interface = self.interface
        if interface is not None:
            return tuple(row.local for row in interface.addr_info if row.scope == "global")
        return tuple(container.ip_address for container in self.containers if container.ip_address is not None)

    @property
    def main_container(self) -> Container | None:
        """The container that stands for the pod: the sandbox if it is known, else the one that was inspected first."""
        sandbox = next((container for container in self.containers if container.container_type == "podsandbox"), None)
        return sandbox or next(iter(self.containers), None)

    @property
    def container_id(self) -> str | None:
        main = self.main_container
        if main is not None and main.id is not None:
            return main.id
        return self._named("container:")

    @property
    def pid(self) -> int | None:
        entered = self._named("pid:")
        if entered is not None and entered.isdigit():
            return int(entered)
        main = self.main_container
        return main.pid if main is not None else None

    @property
    def netns(self) -> str | None:
        return self._named("netns:")

    def _named(self, prefix: str) -> str | None:
        found = (namespace.id.removeprefix(prefix) for namespace in self.namespaces if namespace.id.startswith(prefix))
        return next((name for name in found if name != "unknown" and not name.startswith("$")), None)

    @property
    def pod(self) -> PodReference | None:
        for container in self.containers:
            if container.pod_name is not None:
                return PodReference(namespace=container.pod_namespace, name=container.pod_name, uid=container.pod_uid)
        named = self._named("pod:")
        if named is None:
            return None
        namespace, _, name = named.rpartition("/")
        return PodReference(namespace=namespace or None, name=name, uid=None)

    @property
    def on_host_network(self) -> bool:
        return any(container.network_mode == "host" for container in self.containers)


def pod_ends(node: Node) -> list[PodEnd]:
    """All pods that were looked at from their own side, in the order of the captures."""
    ends = [PodEnd(containers=group) for group in _container_groups(node.containers)]
    for namespace in node.namespaces:
        end = next((end for end in ends if _belongs(namespace, end)), None)
        if end is None:
            end = PodEnd()
            ends.append(end)
        end.namespaces.append(namespace)
        end.lines.extend(namespace.calls)
    for end in ends:
        for container in end.containers:
            end.lines.extend(node.cite(container, '"Pid"'))
    return [end for end in ends if not end.on_host_network]


def _belongs(namespace: Namespace, end: PodEnd) -> bool:
    kind, _, name = namespace.id.partition(":")
    for container in end.containers:
        if kind == "pid" and name == str(container.pid):
            return True
        if kind == "container" and (_same_id(name, container.id) or name == container.name):
            return True
        if (
            kind == "pod"
            and container.pod_name is not None
            and name in {container.pod_name, f"{container.pod_namespace}/{container.pod_name}"}
        ):
            return True
    mine = _identity(namespace.interfaces)
    return mine is not None and any(mine == _identity(other.interfaces) for other in end.namespaces)


def _identity(interfaces: Iterable[Interface]) -> object:
    """The same pod captured twice shows the same interface with the same index, peer and MAC."""
    row = PodEnd(namespaces=[Namespace("", tuple(interfaces))]).interface
    return (row.ifname, row.ifindex, row.link_index, row.mac) if row is not None and row.mac is not None else None


def _same_id(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and (one.startswith(other) or other.startswith(one))


def _container_groups(containers: Iterable[Container]) -> list[list[Container]]:
    """Containers that share one network namespace: a pod's sandbox and the containers joined to it."""
    groups: list[list[Container]] = []
    for container in containers:
        group = next((group for group in groups if any(_one_pod(container, other) for other in group)), None)
        if group is None:
            groups.append([container])
        else:
            group.append(container)
    return groups


def _one_pod(one: Container, other: Container) -> bool:
    if _same_id(one.id, other.id) or (one.pid is not None and one.pid == other.pid):
        return True
    if one.pod_uid is not None and one.pod_uid == other.pod_uid:
        return True
    for inner, outer in ((one, other), (other, one)):
        if _same_id(inner.sandbox_id, outer.id):
            return True
        if inner.network_mode is not None and inner.network_mode.startswith("container:"):
            joined = inner.network_mode.removeprefix("container:")
            if _same_id(joined, outer.id) or joined == outer.name or inner.network_mode == outer.network_mode:
                return True
    return False
