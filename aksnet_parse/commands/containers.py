"""What is known of a container, whichever command says it, and how what several commands say is put together."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field

from ..records import IPAddress, LinkAddress, Record, Source

__all__ = [
    "KUBELET_NAME",
    "LABELS",
    "Container",
    "ContainerIds",
    "Word",
    "container_row",
    "merge_containers",
]

# JSON can hold any text for a name, even such as can be neither printed nor written to a file.
Word = Annotated[str, Field(pattern=r"^\S+$")]
_ID = r"^[0-9a-f]{4,64}$"
# Of these states a sandbox holds no network (any more).
_DEAD = frozenset({"notready", "exited", "dead", "removing"})


class Container(Record):
    """One container or sandbox, as far as it concerns the network. None: not said.

    ``id``: as much of the id as was given, 64 hex digits in full. ``name``: what Docker calls it. ``pid``: process id
    on the host, None also for a container that does not run. ``state``: ``running``, ``created``, ``exited``,
    ``paused``, ``restarting``, ``dead``, ``removing``, ``unknown``; of a sandbox ``ready`` or ``notready``.
    ``network_mode``: ``bridge``, ``none``, ``host`` (the node's own network), ``container:ID``, or a network's name.
    ``sandbox_key``, ``netns``: path of its network namespace, as Docker or the runtime behind crictl gives it.
    ``ip_address``, ``prefixlen``, ``mac_address``: as Docker's own network gave them, the first network that has an
    address; None under Kubernetes. ``ip_addresses``: those of the pod, as crictl gives them.
    ``pod_*``, ``container_name``, ``container_type`` (``podsandbox`` or ``container``), ``sandbox_id``: from the
    kubelet's labels, or from the name the kubelet gives (``k8s_<container>_<pod>_<namespace>_<uid>_<attempt>``).
    ``attempt``: how often it was made before.
    """

    id: str | None = Field(default=None, pattern=_ID)
    name: Word | None = None
    pid: int | None = Field(default=None, ge=1)
    state: Word | None = None
    network_mode: Word | None = None
    sandbox_key: Word | None = None
    netns: Word | None = None
    ip_address: IPAddress | None = None
    prefixlen: int | None = Field(default=None, ge=0, le=128)
    mac_address: LinkAddress | None = None
    ip_addresses: tuple[IPAddress, ...] = ()
    pod_name: Word | None = None
    pod_namespace: Word | None = None
    pod_uid: Word | None = None
    container_name: Word | None = None
    container_type: Word | None = None
    sandbox_id: Word | None = None
    attempt: int | None = Field(default=None, ge=0)

    @property
    def is_dead(self) -> bool:
        """True if it has ended, so that it holds no network namespace; another may stand for its pod."""
        return self.state in _DEAD

    @property
    def on_host_network(self) -> bool:
        """True if it has the node's own network, and so no interface of its own."""
        return self.network_mode in {"host", "NODE"}

    @property
    def namespaces(self) -> tuple[str, ...]:
        """Its network namespace in the words of a capture: ``netns:NAME`` or ``pid:N``, of the process whose it is."""
        paths = dict.fromkeys(path for path in (self.netns, self.sandbox_key) if path is not None)
        return tuple(name for path in paths if (name := _namespace(path)) is not None)


_PROCESS = re.compile(r"/proc/([0-9]{1,10})(?:/task/[0-9]+)?/ns/net")
_NAMED = re.compile(r"/.*/([^/\s]+)")


def _namespace(path: str) -> str | None:
    process = _PROCESS.fullmatch(path)
    if process is not None:
        # The first process has the node's own.
        return f"pid:{int(process[1])}" if int(process[1]) > 1 else None
    named = _NAMED.fullmatch(path)
    return f"netns:{named[1]}" if named is not None else None


# --- one container, from wherever its facts were read -----------------------------------------------------------------

LABELS: Mapping[str, str] = {
    "pod.name": "pod_name",
    "pod.namespace": "pod_namespace",
    "pod.uid": "pod_uid",
    "container.name": "container_name",
    "docker.type": "container_type",
    "sandbox.id": "sandbox_id",
}
KUBELET_NAME = re.compile(
    r"k8s_(?P<container>[^_]+)_(?P<pod>[^_]+)_(?P<namespace>[^_]+)_(?P<uid>[^_]+)_(?P<attempt>[0-9]{1,9})"
)


def container_row(facts: Mapping[str, Any], source: Source) -> dict[str, Any]:
    """The fields of a :class:`Container` out of what was read; what the kubelet's name for it says stands in for the
    labels."""
    row = {name: value for name, value in facts.items() if value not in (None, "", ())}
    if row.get("pid") in (0, "0"):
        del row["pid"]
    name = KUBELET_NAME.fullmatch(row.get("name", ""))
    if name is not None:
        row.setdefault("container_type", "podsandbox" if name["container"] == "POD" else "container")
        row.setdefault("container_name", name["container"])
        row.setdefault("pod_name", name["pod"])
        row.setdefault("pod_namespace", name["namespace"])
        row.setdefault("pod_uid", name["uid"])
        row.setdefault("attempt", int(name["attempt"]))
    if row.get("container_name") == "POD":
        del row["container_name"]  # the kubelet's word for the sandbox, which is no container of the pod
    row["source"] = source
    return row


# --- several records of one container ---------------------------------------------------------------------------------

_HEX_ID = re.compile(r"[0-9a-f]{4,64}")


class ContainerIds:
    """Ids of containers, some of them cut short."""

    def __init__(self, ids: Iterable[str | None]) -> None:
        self._ids = sorted({name for name in ids if name is not None and _HEX_ID.fullmatch(name)})

    def full(self, identifier: str) -> str:
        """The full id that ``identifier`` is the beginning of; itself if there is none, or more than one."""
        full = identifier
        for number in range(bisect_left(self._ids, identifier), len(self._ids)):
            candidate = self._ids[number]
            if not candidate.startswith(identifier):
                break
            if not candidate.startswith(full):
                return identifier
            full = candidate
        return full


def merge_containers(containers: Iterable[Container], ids: ContainerIds | None = None) -> list[Container]:
    """One record for each container: of several with one id, cut short or not, the one that says most has each field.

    Of two that say as much the later counts. ``ids``: further ids by which a short one is told; by default those of
    ``containers``. A record without an id stays by itself.
    """
    containers = list(containers)
    ids = ids if ids is not None else ContainerIds(container.id for container in containers)
    found: dict[str | int, list[Container]] = {}
    for number, container in enumerate(containers):
        found.setdefault(ids.full(container.id) if container.id is not None else number, []).append(container)
    return [
        _merged(same, key) if isinstance(key, str) and (len(same) > 1 or same[0].id != key) else same[0]
        for key, same in found.items()
    ]


def _merged(containers: Iterable[Container], identifier: str) -> Container:
    def said(container: Container) -> dict[str, Any]:
        return {name: value for name, value in container if value not in (None, ())}

    fullest_last = sorted(containers, key=lambda container: len(said(container)))
    facts: dict[str, Any] = {}
    for container in fullest_last:
        facts |= said(container)
    return fullest_last[-1].model_copy(update=facts | {"id": identifier})
