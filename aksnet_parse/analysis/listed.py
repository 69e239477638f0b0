"""What only the cluster's listings tell of: pods and nodes of which nothing was captured."""

from __future__ import annotations

from typing import NamedTuple

from ..commands.kubectl_get_pods import KubernetesPod
from ..listings import Listings, short_name
from ..node import Node
from ..reading import Reading
from .citing import references, saying
from .models import ListedNode, ListedPod

__all__ = ["NotCaptured", "not_captured"]


class NotCaptured(NamedTuple):
    """Pods and nodes in the order in which they are listed."""

    pods: tuple[ListedPod, ...]
    nodes: tuple[ListedNode, ...]


def not_captured(reading: Reading) -> NotCaptured:
    """The listed pods that are on no captured node, and the listed nodes that were not captured."""
    if not reading.listings:
        return NotCaptured((), ())
    listed = Listings(reading.listings)
    shown = {(pod.namespace, pod.name) for node in reading.nodes for pod in node.kubernetes_pods}
    captured = {short_name(node.name) for node in reading.nodes}
    captured |= {short_name(node.kubernetes_node.name) for node in reading.nodes if node.kubernetes_node is not None}
    source = Node(None, reading.listings)
    pods = tuple(
        ListedPod(
            namespace=pod.namespace,
            name=pod.name,
            addresses=tuple(map(str, pod.ips)),
            node=pod.node,
            host_network=_is_on_host_network(pod, listed),
            lines=references(saying(source.lines(pod), pod.name)),
        )
        for pod in listed.pods
        if (pod.namespace, pod.name) not in shown and short_name(pod.node) not in captured - {None}
    )
    names = dict.fromkeys(pod.node for pod in listed.pods if pod.node is not None)
    rows = {row.name: row for row in listed.nodes.values()}
    known = {short_name(name) for name in rows}
    nodes = tuple(
        ListedNode(
            name=name,
            addresses=(str(rows[name].internal_ip),) if name in rows and rows[name].internal_ip is not None else (),
            lines=references(saying(source.lines(rows[name]), name)) if name in rows else (),
        )
        for name in (*rows, *(name for name in names if short_name(name) not in known))
        if short_name(name) not in captured
    )
    return NotCaptured(pods, nodes)


def _is_on_host_network(pod: KubernetesPod, listed: Listings) -> bool | None:
    if pod.host_network is not None or listed.is_on_host_network(pod):
        return pod.host_network is not False
    machine = listed.nodes.get(short_name(pod.node) or "")
    return False if pod.ips and machine is not None and machine.internal_ip is not None else None
