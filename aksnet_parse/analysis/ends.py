"""The pods' side of a node: which namespaces and containers are one pod, and which interface is the pod's own end."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from ..commands.azure_vnet import AzureEndpoint
from ..commands.containers import Container, ContainerIds, merge_containers
from ..commands.interfaces import Interface
from ..commands.kubectl_get_pods import KubernetesPod
from ..node import Namespace, Node
from ..prefixes import Address
from .models import PodReference

__all__ = ["PodEnd", "PodEnds", "pod_ends"]


@dataclass
class PodEnd:
    """One pod as seen from its own side: its namespace, its containers, what the cluster lists, or several of these."""

    namespaces: list[Namespace] = field(default_factory=list)
    containers: list[Container] = field(default_factory=list)
    listed: list[KubernetesPod] = field(default_factory=list)

    @cached_property
    def interface(self) -> Interface | None:
        """The pod's own end; None if its namespace was not captured, or holds nothing but loopback."""
        real = [row for namespace in self.namespaces for row in namespace.interfaces if row.ifname != "lo"]
        peered = [row for row in real if row.link_index is not None]
        # Every runtime calls the first interface of a pod eth0; a second network adds net1 and so on.
        return next((row for row in peered if row.ifname == "eth0"), None) or next(iter(peered or real), None)

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        if self.interface is not None:
            return tuple(f"{row.local}/{row.prefixlen}" for row in self.interface.addr_info if row.is_global)
        texts = [
            f"{container.ip_address}/{container.prefixlen or container.ip_address.max_prefixlen}"
            for container in self.containers
            if container.ip_address is not None
        ]
        texts += [f"{ip}/{ip.max_prefixlen}" for container in self.containers for ip in container.ip_addresses]
        texts = texts or [f"{ip}/{ip.max_prefixlen}" for pod in self.listed for ip in pod.ips]
        return tuple(dict.fromkeys(texts))

    @cached_property
    def ips(self) -> tuple[Address, ...]:
        if self.interface is not None:
            return tuple(row.local for row in self.interface.addr_info if row.is_global)
        inspected = [ip for container in self.containers for ip in _ips(container)]
        return tuple(dict.fromkeys(inspected or [ip for pod in self.listed for ip in pod.ips]))

    @cached_property
    def main_container(self) -> Container | None:
        """The container that stands for the pod: its sandbox if that is known, else the one that has run longest."""
        return min(
            self.containers,
            key=lambda container: (
                container.container_type != "podsandbox",
                container.pid is None,
                container.pid or 0,
                container.id or "",
            ),
            default=None,
        )

    @property
    def container_id(self) -> str | None:
        main = self.main_container
        return main.id if main is not None and main.id is not None else self._named("container:")

    @property
    def pid(self) -> int | None:
        main = self.main_container
        if main is not None and main.pid is not None:
            return main.pid
        entered = self._named("pid:")
        return int(entered) if entered is not None else None

    @property
    def netns(self) -> str | None:
        entered = self._named("netns:")
        if entered is not None:
            return entered
        names = (name for container in self.containers if container.netns for name in container.namespaces)
        return min((name.removeprefix("netns:") for name in names if name.startswith("netns:")), default=None)

    def _named(self, kind: str) -> str | None:
        names = (space.id.removeprefix(kind) for space in self.namespaces if space.id.startswith(kind))
        return min(names, default=None)

    @property
    def pod(self) -> PodReference | None:
        named_by = max(
            (container for container in self.containers if container.pod_name is not None),
            key=lambda container: (container.pod_namespace is not None, container.pod_uid is not None),
            default=None,
        )
        if named_by is not None:
            uid = named_by.pod_uid or next((pod.uid for pod in self.listed), None)
            return PodReference(namespace=named_by.pod_namespace, name=named_by.pod_name, uid=uid)
        for pod in self.listed:
            return PodReference(namespace=pod.namespace, name=pod.name, uid=pod.uid)
        named = max((_pod_name(namespace) for namespace in self.namespaces), default=("", ""))
        return PodReference(namespace=named[0] or None, name=named[1], uid=None) if named[1] else None

    @property
    def on_host_network(self) -> bool:
        return any(container.on_host_network for container in self.containers) or any(
            pod.host_network for pod in self.listed
        )

    @property
    def is_known(self) -> bool:
        """False for a namespace that nobody named and whose interfaces nobody listed."""
        return (
            self.interface is not None
            or bool(self.containers or self.listed)
            or any(space.id != "pod" for space in self.namespaces)
        )

    @property
    def is_only_listed(self) -> bool:
        """True if containers were listed, and nothing says what network they have: it may be the node's own."""
        return (
            not self.namespaces
            and not self.listed
            and not any(
                container.pid or container.network_mode or container.namespaces or _ips(container)
                for container in self.containers
            )
        )


def _ips(container: Container) -> tuple[Address, ...]:
    first = () if container.ip_address is None else (container.ip_address,)
    return (*first, *container.ip_addresses)


def _pod_name(namespace: Namespace) -> tuple[str, str]:
    """Kubernetes namespace and name of the pod as the command line gave them; empty if it did not."""
    if not namespace.id.startswith("pod:"):
        return "", ""
    space, _, name = namespace.id.removeprefix("pod:").rpartition("/")
    return space, name


# --- what is one pod --------------------------------------------------------------------------------------------------

_Token = tuple[object, ...]
_Item = Container | Namespace | KubernetesPod


@dataclass(frozen=True, slots=True)
class PodEnds:
    """``ends``: the pods with a network of their own. ``on_host_network``: those that have the node's."""

    ends: list[PodEnd]
    on_host_network: list[PodEnd]


def pod_ends(node: Node) -> PodEnds:
    """All pods that were looked at from their own side or are listed, in the order of the captures."""
    listed = _with_network(node)
    containers = [*node.containers, *(_sandbox_of(endpoint) for endpoint in _endpoints(node))]
    merged = merge_containers(containers, _ids(containers, node.namespaces, listed))
    # A sandbox that has ended may be listed beside the one that took its place.
    alive = [container for container in merged if not container.is_dead]
    names = _Names(alive, node.namespaces, listed)
    items: list[_Item] = [*alive, *node.namespaces, *listed]
    ends: list[PodEnd] = []
    for group in _groups([set(names.tokens(item)) for item in items]):
        end = PodEnd()
        for item in (items[number] for number in group):
            if isinstance(item, Container):
                end.containers.append(item)
            elif isinstance(item, Namespace):
                end.namespaces.append(item)
            else:
                end.listed.append(item)
        ends.append(end)
    known = [end for end in ends if end.is_known]
    return PodEnds([end for end in known if not end.on_host_network], [end for end in known if end.on_host_network])


def _endpoints(node: Node) -> Iterator[AzureEndpoint]:
    return (endpoint for network in node.azure_networks for endpoint in network.endpoints)


def _sandbox_of(endpoint: AzureEndpoint) -> Container:
    """What Azure CNI remembers of a pod's network, as the pod's sandbox would show it."""
    named = endpoint.pod_name is not None and endpoint.pod_namespace is not None
    words = (endpoint.pod_name or "", endpoint.pod_namespace or "", endpoint.netns or "")
    # A name that holds a blank is none.
    sound = not any(re.search(r"\s", word) for word in words)
    return Container(
        id=endpoint.container_id,
        pid=endpoint.pid,
        netns=f"/var/run/netns/{endpoint.netns}" if sound and endpoint.netns else None,
        ip_addresses=tuple(address.ip for address in endpoint.addresses),
        pod_name=endpoint.pod_name if sound and named else None,
        pod_namespace=endpoint.pod_namespace if sound and named else None,
        container_type="podsandbox",
        source=endpoint.source,
    )


def _with_network(node: Node) -> list[KubernetesPod]:
    """The listed pods that run, each marked if its address is the node's own: kubectl's table has no word for it."""
    running = [pod for pod in node.kubernetes_pods if pod.ips and not pod.has_ended]
    own = {address.local for row in node.interfaces or () for address in row.addr_info if row.link_index is None}
    # The kernel sends from the address of the card, by the default route and into the card's own subnet.
    uplinks = {route.device for route in node.routes or () if route.is_default}
    own |= {route.prefsrc for route in node.routes or () if route.prefsrc is not None and route.device in uplinks}
    own |= {pod.host_ip for pod in running if pod.host_ip is not None}
    if node.kubernetes_node is not None and node.kubernetes_node.internal_ip is not None:
        own.add(node.kubernetes_node.internal_ip)
    # No two pods have one address, unless it is the node's, to which no route of its own leads.
    routed = {route.dst.network_address for route in node.routes or () if route.dst is not None and route.is_host}
    counts = Counter(pod.ips[0] for pod in running if pod.ips[0] not in routed)
    return [
        pod.model_copy(update={"host_network": True})
        if pod.host_network is None and (pod.ips[0] in own or counts[pod.ips[0]] > 1)
        else pod
        for pod in running
    ]


def _groups(tokens: Sequence[set[_Token]]) -> list[list[int]]:
    """Positions that share a token, directly or through others, in order."""
    leader = list(range(len(tokens)))

    def find(number: int) -> int:
        while leader[number] != number:
            leader[number] = leader[leader[number]]
            number = leader[number]
        return number

    first: dict[_Token, int] = {}
    for number, mine in enumerate(tokens):
        for token in mine:
            one, other = find(first.setdefault(token, number)), find(number)
            leader[max(one, other)] = min(one, other)
    groups: dict[int, list[int]] = {}
    for number in range(len(tokens)):
        groups.setdefault(find(number), []).append(number)
    return list(groups.values())


class _Names:
    """What containers and namespaces are known by; whatever shares one of these names is one pod."""

    def __init__(
        self, containers: Sequence[Container], namespaces: Iterable[Namespace], listed: Sequence[KubernetesPod]
    ) -> None:
        self.ids = _ids(containers, namespaces, listed)
        self._listed_at: dict[Address, set[_Token]] = {}
        self._listed_called: dict[str, list[KubernetesPod]] = {}
        for pod in listed:
            self._listed_called.setdefault(pod.name, []).append(pod)
            for ip in () if pod.host_network else pod.ips:
                self._listed_at.setdefault(ip, set()).add(_listed_token(pod))
        self._uids: dict[tuple[str, str], set[str]] = {}
        self._at: dict[Address, set[_Token]] = {}
        self._taken = {name for container in containers for name in container.namespaces}
        for container in containers:
            if container.pid is not None:
                self._taken.add(f"pid:{container.pid}")
            if container.pod_namespace is not None and container.pod_name is not None:
                uids = self._uids.setdefault((container.pod_namespace, container.pod_name), set())
                uids |= {container.pod_uid} if container.pod_uid is not None else set()
        self._pods: dict[tuple[str | None, ...], set[_Token]] = {}
        for container in containers:
            token = self._pod_token(container)
            if token is not None:
                for key in ((container.pod_namespace, container.pod_name), (container.pod_name,)):
                    self._pods.setdefault(key, set()).add(token)
            for ip in () if container.on_host_network else _ips(container):
                self._at.setdefault(ip, set()).add(("container", self._own(container)))

    def _own(self, container: Container) -> str | None:
        """The id of the sandbox, which all containers of a pod share."""
        identifier = container.sandbox_id or container.id or container.name
        return self.ids.full(identifier) if identifier is not None else None

    def _pod_token(self, container: Container) -> _Token | None:
        """The pod by its uid; by its name if no container of that name has one, or only one has."""
        if container.pod_uid is not None:
            return "uid", container.pod_uid
        if container.pod_namespace is None or container.pod_name is None:
            return None
        uids = self._uids[container.pod_namespace, container.pod_name]
        if len(uids) == 1:
            return "uid", next(iter(uids))
        return ("pod", f"{container.pod_namespace}/{container.pod_name}") if not uids else None

    def tokens(self, item: _Item) -> Iterator[_Token]:
        if isinstance(item, Container):
            return self._of_container(item)
        return self._of_namespace(item) if isinstance(item, Namespace) else self._of_listed(item)

    def _of_listed(self, pod: KubernetesPod) -> Iterator[_Token]:
        yield _listed_token(pod)
        for identifier in pod.container_ids:
            yield "container", self.ids.full(identifier)
        if pod.uid is not None:
            yield "uid", pod.uid
        else:
            made_anew = self._pods.get((pod.namespace, pod.name), set())
            yield from made_anew if len(made_anew) == 1 else ()

    def _listed_as(self, name: str) -> Iterator[_Token]:
        """The only listed pod of that name, where the call or the listing does not say the namespace."""
        namespace, _, pod = name.rpartition("/")
        found = [one for one in self._listed_called.get(pod, ()) if not namespace or one.namespace in {None, namespace}]
        if len(found) == 1:
            yield _listed_token(found[0])

    def _of_container(self, container: Container) -> Iterator[_Token]:
        for identifier in (container.id, container.sandbox_id, _joined(container), container.name):
            if identifier:
                yield "container", self.ids.full(identifier)
        if container.pid is not None:
            yield "pid", container.pid
        for name in container.namespaces:
            yield _namespace_token(name)
        token = self._pod_token(container)
        if token is not None:
            yield token

    def _of_namespace(self, namespace: Namespace) -> Iterator[_Token]:
        kind, _, name = namespace.id.partition(":")
        if kind == "container":
            yield "container", self.ids.full(name)
        elif kind in {"pid", "netns"}:
            yield _namespace_token(namespace.id)
        elif kind == "pod" and name:
            yield "pod", name
            pods = self._pods.get(_pod_name(namespace) if "/" in name else (name,), set())
            # A pod that was made anew under the same name has another uid; then its name does not tell which it is.
            yield from pods if len(pods) == 1 else ()
            yield from self._listed_as(name)
        # The same pod captured twice shows the same interface with the same index and peer, and the same MAC or
        # address.
        row = PodEnd(namespaces=[namespace]).interface
        if row is not None and kind in {"pod", "pid", "netns"} and namespace.id not in self._taken:
            # Nothing but its address may tell which container's it is.
            for address in row.addr_info:
                owners = self._at.get(address.local, set()) if address.is_global else set()
                yield from owners if len(owners) == 1 else ()
        if row is not None and row.link_index is not None:
            end = (row.ifname, row.ifindex, row.link_index)
            if row.mac is not None:
                yield "mac", *end, row.mac
            for address in row.addr_info:
                if address.is_global:
                    yield "address", *end, address.local
                    here = self._listed_at.get(address.local, set())
                    yield from here if len(here) == 1 else ()


def _joined(container: Container) -> str | None:
    """The container whose namespace this one has joined, by id or name."""
    mode = container.network_mode or ""
    return mode.removeprefix("container:") if mode.startswith("container:") else None


def _namespace_token(name: str) -> _Token:
    kind, _, word = name.partition(":")
    return (kind, int(word)) if kind == "pid" else (kind, word)


def _listed_token(pod: KubernetesPod) -> _Token:
    return "pod", f"{pod.namespace}/{pod.name}"


def _ids(
    containers: Iterable[Container], namespaces: Iterable[Namespace], listed: Iterable[KubernetesPod]
) -> ContainerIds:
    ids: set[str | None] = set()
    for container in containers:
        ids |= {container.id, container.sandbox_id, _joined(container)}
    ids.update(identifier for pod in listed for identifier in pod.container_ids)
    ids |= {space.id.removeprefix("container:") for space in namespaces if space.id.startswith("container:")}
    return ContainerIds(ids)
