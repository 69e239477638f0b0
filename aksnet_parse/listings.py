"""What the cluster lists: its pods and nodes, put together out of all listings."""

from __future__ import annotations

from collections.abc import Iterable

from .commands.kubectl_get_nodes import KubernetesNode
from .commands.kubectl_get_pods import KubernetesPod
from .node import ParsedCapture

__all__ = ["Listings", "short_name"]


def short_name(name: str | None) -> str | None:
    """The name of a machine without its domain."""
    return name.partition(".")[0].lower() if name is not None else None


class Listings:
    """``pods``: each listed pod once, with all that the listings say of it. ``nodes``: the same of nodes, by their
    short names. ``by_node``: the pods by the short name of their node, None for those of which no listing says it."""

    def __init__(self, captures: Iterable[ParsedCapture]) -> None:
        pods: dict[tuple[str | None, str], KubernetesPod] = {}
        self.nodes: dict[str, KubernetesNode] = {}
        for parsed in captures:
            for pod in parsed.of(KubernetesPod):
                pods[pod.namespace, pod.name] = _fuller(pods.get((pod.namespace, pod.name)), pod)
            for row in parsed.of(KubernetesNode):
                name = short_name(row.name) or ""
                earlier = self.nodes.get(name)
                facts = {field: getattr(row, field) for field in row.model_fields_set}
                self.nodes[name] = row if earlier is None else earlier.model_copy(update=facts)
        self.pods = tuple(pods.values())
        self.by_node: dict[str | None, list[KubernetesPod]] = {}
        self._by_name: dict[str, list[KubernetesPod]] = {}
        for pod in self.pods:
            self.by_node.setdefault(short_name(pod.node), []).append(pod)
            self._by_name.setdefault(pod.name, []).append(pod)

    @property
    def node_names(self) -> frozenset[str]:
        """The short names of all nodes that are listed, or that pods are listed for."""
        return frozenset(name for name in (*self.by_node, *self.nodes) if name is not None)

    def pod_at(self, place: str) -> KubernetesPod | None:
        """The pod that a capture's namespace names (``pod:NAME`` or ``pod:NAMESPACE/NAME``), if only one is listed."""
        kind, _, name = place.partition(":")
        namespace, slash, pod = name.rpartition("/")
        if kind != "pod":
            return None
        found = [one for one in self._by_name.get(pod, ()) if not slash or one.namespace in {None, namespace}]
        return found[0] if len(found) == 1 else None


def _fuller(earlier: KubernetesPod | None, later: KubernetesPod) -> KubernetesPod:
    """One pod as two listings show it; the later one's words count, where it has them."""
    if earlier is None:
        return later
    facts = {name: getattr(later, name) for name in later.model_fields_set}
    return earlier.model_copy(update=facts)
