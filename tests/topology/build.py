"""Builds a node of a given kind out of network namespaces, and takes it down again whatever happens."""

import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from .node import Node, Seat
from .plan import KINDS, Kind, plan_node, plan_pods
from .process import Owner
from .wiring import wire_host, wire_pods


@contextmanager
def build(
    kind: Kind,
    pods: int = 30,
    *,
    name: str | None = None,
    number: int = 0,
    bridged: int = 0,
    leftover_azure0: bool = False,
    docker0: bool = True,
    named_netns: bool = False,
    mtu: int = 1500,
) -> Iterator[Node]:
    """A node with `pods` pods; `number` tells nodes apart, in the default name and in every address.

    `bridged` (azure-transparent only) puts that many further pods on a live azure0: a half-migrated node.
    `leftover_azure0` adds an azure0 nobody uses. `named_netns` gives the pods' namespaces names, as containerd does.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is none of {', '.join(KINDS)}")
    if bridged and kind != "azure-transparent":
        raise ValueError(f"bridged pods go with azure-transparent, not with {kind}")
    azure0 = kind == "azure-bridge" or bridged > 0
    if azure0 and leftover_azure0:
        raise ValueError("azure0 is in use on this node, it cannot be a leftover")
    if kind == "docker" and not docker0:
        raise ValueError("docker containers need docker0")

    plan = plan_node(kind, number, name)
    planned = plan_pods(kind, number, 0 if kind == "empty" else pods + bridged, plan)
    with ExitStack() as stack:
        holder = stack.enter_context(Owner.of_node(plan.name))
        owners = [stack.enter_context(Owner.of_pod()) for _ in planned]
        node = Node(plan.name, holder.ready())
        seats = [(pod, owner.ready()) for pod, owner in zip(planned, owners, strict=True)]

        wire_host(node, plan, mtu=mtu, azure0=azure0, docker0=docker0, leftover_azure0=leftover_azure0)
        wire_pods(kind, node, plan, seats[: len(seats) - bridged], mtu=mtu)
        if bridged:
            wire_pods("azure-bridge", node, plan, seats[-bridged:], mtu=mtu)

        found = [Seat(pod.namespace, pod.name, pid, pod.container_id) for pod, pid in seats]
        if named_netns:
            found = [replace(seat, netns=_give_name(node, seat)) for seat in found]
        node.pods = node.read(found)
        yield node


def _give_name(node: Node, seat: Seat) -> str:
    """Name a network namespace in the node's own /run/netns."""
    name = f"cni-{uuid.uuid5(uuid.NAMESPACE_OID, str(seat.container_id))}"
    path = f"/run/netns/{name}"
    node.run("sh", "-c", f"touch {path} && mount --bind /proc/{seat.pid}/ns/net {path}")
    return name
