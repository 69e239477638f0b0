"""The result of an analysis: the contract of the JSON output, as frozen pydantic models. Fields change only with the
schema version."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..showing import Drawn, Shown, Tabular

__all__ = [
    "Analysis",
    "BridgeAttachment",
    "CaptureSummary",
    "Declared",
    "EndPoint",
    "Evidence",
    "Finding",
    "LineReference",
    "ListedNode",
    "ListedPod",
    "Mode",
    "NetworkDataplane",
    "NetworkPlugin",
    "NetworkPluginMode",
    "NetworkPolicy",
    "NodeAnalysis",
    "Pod",
    "PodReference",
    "Proof",
    "RouteAttachment",
    "Skipped",
    "Unread",
    "Uplink",
]

Certainty = Literal["certain", "likely", "unknown"]
Datapath = Literal["bridge", "transparent", "mixed", "none", "unknown"]
Proof = Literal[
    "peer-ifindex",
    "host-route",
    "bridge-member",
    "veth-name-hash",
    "netns-id",
    "pod-address",
    "bridge-fdb",
    "neighbour",
    "cni-state",
]
Status = Literal["proven", "partial", "conflict"]
Severity = Literal["error", "warning", "info"]


class _Model(BaseModel):
    # No field is ever left out of the JSON, and the schema says so.
    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_serialization_defaults_required=True)


class LineReference(_Model):
    """One line of the input, without what a terminal or a page put around it. ``file`` is None for text given
    directly."""

    file: str | None
    line: int
    text: str


class Evidence(_Model):
    """One plain sentence, and the lines it rests on."""

    claim: str
    lines: tuple[LineReference, ...]


class NetworkPlugin(_Model):
    """``az aks create --network-plugin``. ``none``: a plugin that somebody brought along."""

    value: Literal["azure", "kubenet", "none", "unknown"] = "unknown"
    certainty: Certainty = "unknown"


class NetworkPluginMode(_Model):
    """``az aks create --network-plugin-mode``."""

    value: Literal["overlay", "none", "unknown"] = "unknown"
    certainty: Certainty = "unknown"


class NetworkDataplane(_Model):
    """``az aks create --network-dataplane``: ``cilium`` for Azure CNI powered by Cilium, and where somebody brought
    Cilium along."""

    value: Literal["azure", "cilium", "unknown"] = "unknown"
    certainty: Certainty = "unknown"


class NetworkPolicy(_Model):
    """``az aks create --network-policy``."""

    value: Literal["calico", "azure", "cilium", "none", "unknown"] = "unknown"
    certainty: Certainty = "unknown"


class Declared(_Model):
    """What a configuration or command line in the same text says the node should be; never mixed into what was
    observed."""

    networkPlugin: str | None
    networkPluginMode: str | None
    networkDataplane: str | None
    networkPolicy: str | None
    mode: str | None
    lines: tuple[LineReference, ...]


class Mode(_Model):
    """How the node's pods reach the network.

    ``datapath``: ``bridge`` (pods are ports of a bridge), ``transparent`` (a route for each pod), ``mixed`` (both),
    ``none`` (no pod network on this node), ``unknown`` (the captures cannot tell). ``bridge``: the pod bridge, never
    docker0.
    """

    datapath: Datapath
    bridge: str | None
    networkPlugin: NetworkPlugin
    networkPluginMode: NetworkPluginMode
    networkDataplane: NetworkDataplane
    networkPolicy: NetworkPolicy
    declared: Declared | None
    evidence: tuple[Evidence, ...]


class Uplink(_Model):
    """The way out of the node.

    ``interface``: device of the default route, or the only network card with an address if no routes were captured.
    ``ports``: its enslaved members that are no pod veths. ``gateway``: None if not captured.
    """

    interface: str
    ports: tuple[str, ...]
    addresses: tuple[str, ...]
    gateway: str | None


class PodReference(_Model):
    """A pod as Kubernetes names it; None for what was not captured."""

    namespace: str | None
    name: str | None
    uid: str | None


class EndPoint(_Model):
    """One end of a veth pair. ``ifindex`` is None if no ``ip addr`` showed it."""

    name: str
    ifindex: int | None


class RouteAttachment(_Model):
    """The pod rides on a route of the host."""

    kind: Literal["route"] = "route"
    destination: str
    device: str


class BridgeAttachment(_Model):
    """The pod rides on a bridge of the host."""

    kind: Literal["bridge"] = "bridge"
    bridge: str


class Pod(_Model):
    """One pod (or plain container) and the way it is wired.

    ``proven``: the pod's own end is known and at least two independent facts tie it to the veth. ``partial``: one end
    or one fact only. ``conflict``: two facts disagree, and a finding says which.
    """

    pod: PodReference | None
    container_id: str | None
    pid: int | None
    netns: str | None
    interface: EndPoint | None
    addresses: tuple[str, ...]
    veth: EndPoint | None
    attachment: Annotated[RouteAttachment | BridgeAttachment, Field(discriminator="kind")] | None
    proofs: tuple[Proof, ...]
    status: Status


class Finding(_Model):
    """Something worth knowing: ``subjects`` are the interfaces, addresses or commands it is about."""

    code: str
    severity: Severity
    message: str
    subjects: tuple[str, ...]
    lines: tuple[LineReference, ...]


class CaptureSummary(_Model):
    """One capture that was read. ``namespace``: ``host``, ``pid:N``, ``netns:NAME``, ``container:ID``, ``pod:NAME``,
    or ``pod`` for a pod nobody named."""

    command: str
    namespace: str
    file: str | None
    first_line: int
    last_line: int
    abbreviated: bool


class NodeAnalysis(_Model, Drawn, Tabular, Shown):
    """One node."""

    name: str | None
    mode: Mode
    uplink: Uplink | None
    pods: tuple[Pod, ...]
    findings: tuple[Finding, ...]
    captures: tuple[CaptureSummary, ...]
    unparsed: tuple[LineReference, ...]


class Skipped(_Model):
    """Something that could not be read, and why."""

    file: str
    reason: str


class ListedPod(_Model):
    """A pod that the cluster lists for a node of which nothing was captured. ``host_network``: whether it has the
    node's own network, None if nothing says it."""

    namespace: str | None
    name: str
    addresses: tuple[str, ...]
    node: str | None
    host_network: bool | None
    lines: tuple[LineReference, ...]


class ListedNode(_Model):
    """A node that the cluster lists and of which nothing was captured."""

    name: str
    addresses: tuple[str, ...]
    lines: tuple[LineReference, ...]


class Unread(_Model):
    """Output that was recognised and is not read. ``command``: the call that printed it, without its wrappers and what
    may be secret in it; where no call stands, the one whose output looks like it. ``node``: the host that the prompt
    names."""

    command: str
    node: str | None
    file: str | None
    first_line: int
    last_line: int


class Analysis(_Model, Drawn, Tabular, Shown):
    """The whole answer; ``model_dump_json()`` gives the JSON of ``aksnet-parse --format json``.

    ``listed_pods``, ``listed_nodes``: what only the cluster's listings tell of. ``unread``: output that was recognised
    and is not read.
    """

    schema_version: Literal[2] = 2
    nodes: tuple[NodeAnalysis, ...]
    skipped: tuple[Skipped, ...]
    listed_pods: tuple[ListedPod, ...] = ()
    listed_nodes: tuple[ListedNode, ...] = ()
    unread: tuple[Unread, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True if nothing was recognised at all."""
        return not (self.nodes or self.listed_pods or self.listed_nodes or self.unread)

    @classmethod
    def together(cls, analyses: Iterable[Analysis]) -> Analysis:
        """Several analyses as one, such as those of the paths of a fleet."""
        kept = tuple(analyses)
        return cls(
            nodes=tuple(one for analysis in kept for one in analysis.nodes),
            skipped=tuple(one for analysis in kept for one in analysis.skipped),
            listed_pods=tuple(one for analysis in kept for one in analysis.listed_pods),
            listed_nodes=tuple(one for analysis in kept for one in analysis.listed_nodes),
            unread=tuple(one for analysis in kept for one in analysis.unread),
        )

    def parts(self) -> Iterator[Analysis]:
        """The same as one analysis for each node, and one for everything else: the lines of ``--format jsonl``,
        each of which is a whole document of this schema."""
        for node in self.nodes:
            yield Analysis(nodes=(node,), skipped=())
        rest = Analysis(
            nodes=(),
            skipped=self.skipped,
            listed_pods=self.listed_pods,
            listed_nodes=self.listed_nodes,
            unread=self.unread,
        )
        if self.skipped or not self.nodes or not rest.is_empty:
            yield rest
