"""`kubectl get nodes`: the nodes of a cluster as Kubernetes knows them; as a table, as JSON and as YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from ..grammar import Scan, load_template
from ..json_values import text_at, value_at
from ..records import IPAddress, Record, Source
from .calls import after_options, option_values, plain_words
from .containers import Word
from .documents import DocumentCommand, is_of_cluster

__all__ = ["KUBECTL_GET_NODES", "KubernetesNode"]


class KubernetesNode(Record):
    """One node of a cluster. None: not said, or said to be unknown or none.

    ``status``: ``Ready``, ``NotReady``, ``Unknown``, with what else holds: ``Ready,SchedulingDisabled``. ``age``: as
    printed; JSON has none. ``version``: of the kubelet. From ``internal_ip`` on: printed with ``-o wide``.
    ``labels``: those by which AKS says how the network of the node is set up, as ``key=value``; no others are kept.
    """

    name: Word
    status: Word | None = None
    roles: tuple[Word, ...] = ()
    age: Word | None = None
    version: Word | None = None
    internal_ip: IPAddress | None = None
    external_ip: IPAddress | None = None
    os_image: str | None = None
    kernel_version: Word | None = None
    container_runtime: Word | None = None
    labels: tuple[str, ...] = ()


# --- the forms in which it is printed ---------------------------------------------------------------------------------

_NONE = frozenset({"<none>", "<unknown>", "<invalid>"})
_ROLE = "node-role.kubernetes.io/"
# Labels of AKS (Azure/azure-container-networking, cns/kubecontroller and npm; Azure/AgentBaker).
_OF_AKS = "kubernetes.azure.com/"
_NETWORK_LABELS = frozenset(
    (
        "podnetwork-type",
        "podv6network-type",
        "azure-cni-overlay",
        "ebpf-dataplane",
        "ebpf-host-routing",
        "network-policy",
        "podnetwork-subnet",
        "network-subnet",
    )
)
_LABEL_VALUE = re.compile(r"[\w.-]{0,63}", re.ASCII)


def _of_document(node: dict[str, Any]) -> dict[str, Any] | None:
    name = text_at(node, "metadata", "name")
    if node.get("kind") != "Node" or name is None or not is_of_cluster(node):
        return None
    info = value_at(node, "status", "nodeInfo")
    addresses = list(_pairs(value_at(node, "status", "addresses"), "type", "address"))
    return {
        "name": name,
        "status": _status(node),
        "roles": tuple(_roles(value_at(node, "metadata", "labels"))),
        "version": text_at(info, "kubeletVersion"),
        "internal_ip": next((address for kind, address in addresses if kind == "InternalIP"), None),
        "external_ip": next((address for kind, address in addresses if kind == "ExternalIP"), None),
        "os_image": text_at(info, "osImage"),
        "kernel_version": text_at(info, "kernelVersion"),
        "container_runtime": text_at(info, "containerRuntimeVersion"),
        "labels": tuple(_network_labels(value_at(node, "metadata", "labels"))),
    }


def _network_labels(labels: Any) -> Iterator[str]:
    for label, value in labels.items() if isinstance(labels, dict) else ():
        is_known = label.startswith(_OF_AKS) and label.removeprefix(_OF_AKS) in _NETWORK_LABELS
        if is_known and isinstance(value, str) and _LABEL_VALUE.fullmatch(value):
            yield f"{label}={value}"


def _pairs(items: Any, key: str, value: str) -> Iterator[tuple[str | None, str | None]]:
    for item in items if isinstance(items, list) else ():
        yield text_at(item, key), text_at(item, value)


def _status(node: Mapping[str, Any]) -> str | None:
    """As kubectl puts it together for the table."""
    conditions = dict(_pairs(value_at(node, "status", "conditions"), "type", "status"))
    if not conditions:
        return None
    ready = conditions.get("Ready")
    words = ["Unknown" if "Ready" not in conditions else "Ready" if ready == "True" else "NotReady"]
    if value_at(node, "spec", "unschedulable") is True:
        words.append("SchedulingDisabled")
    return ",".join(words)


def _roles(labels: Any) -> Iterator[str]:
    found = set()
    for label, value in labels.items() if isinstance(labels, dict) else ():
        if label.startswith(_ROLE) and len(label) > len(_ROLE):
            found.add(label.removeprefix(_ROLE))
        elif label == "kubernetes.io/role" and isinstance(value, str) and value:
            found.add(value)
    yield from sorted(found)


class _KubectlGetNodes(DocumentCommand[KubernetesNode]):
    def is_heading(self, line: str) -> bool:
        return _HEADING.match(line) is not None

    def is_partial(self, argv: tuple[str, ...]) -> bool:
        words = _arguments(argv) or ()
        return any(_CHOOSES.match(word) for word in words) or any(plain_words(words, _WITH_VALUE))

    def refine(self, scan: Scan) -> list[Source]:
        for row in scan.records[self.group]:
            for name in [name for name in row if row[name] in _NONE]:
                del row[name]
            if "roles" in row:
                row["roles"] = tuple(row["roles"].split(","))
            if "labels" in row:
                pairs = (pair.partition("=") for pair in row["labels"].strip().split(","))
                row["labels"] = tuple(_network_labels({key: value for key, _, value in pairs}))
            if "os_image" in row:
                row["os_image"] = " ".join(row["os_image"].split())
        return []


# --- the command ------------------------------------------------------------------------------------------------------

_WITH_VALUE = frozenset(
    {"-n", "--namespace", "--context", "--kubeconfig", "--cluster", "--user", "-s", "--server", "--token", "--as"}
    | {"-o", "--output", "-l", "--selector", "--field-selector", "--sort-by", "-L", "--label-columns", "--chunk-size"}
)
_CHOOSES = re.compile(r"-l|--selector|--field-selector")
_NODES = re.compile(r"(?:no|nodes?)(?:/\S+)?")


def _arguments(argv: tuple[str, ...]) -> tuple[str, ...] | None:
    """The words after ``get nodes``, with a name that was put to it; None if the call prints something else."""
    if argv[0] not in {"kubectl", "oc", "k"}:
        return None
    words = after_options(argv[1:], _WITH_VALUE)
    if words[:1] != ("get",):
        return None
    options = words[1:]
    kind = next(plain_words(options, _WITH_VALUE), "")
    if _NODES.fullmatch(kind) is None or any(word.startswith(("-L", "--label-columns")) for word in options):
        return None
    if any(form not in {"wide", "json", "yaml", ""} for form in option_values(options, "-o", "--output")):
        return None
    place = options.index(kind)
    name = (kind.partition("/")[2],) if "/" in kind else ()
    return (*options[:place], *name, *options[place + 1 :])


_HEADING = re.compile(
    r"[ ]*NAME[ ]+STATUS[ ]+ROLES[ ]+AGE[ ]+VERSION"
    r"(?:[ ]+INTERNAL-IP[ ]+EXTERNAL-IP[ ]+OS-IMAGE[ ]+KERNEL-VERSION[ ]+CONTAINER-RUNTIME)?(?:[ ]+LABELS)?$"
)
_ONE = r'\{[ ]*"apiVersion":[ ]*"v1",[ ]*"kind":[ ]*"Node",'

KUBECTL_GET_NODES = _KubectlGetNodes(
    name="kubectl get nodes",
    grammar=partial(load_template, "kubectl_get_nodes"),
    group="nodes",
    model=KubernetesNode,
    of_cluster=True,
    claims=lambda argv: _arguments(argv) is not None,
    herald=re.compile(
        rf"{_HEADING.pattern}"
        r"|[ ]*(?:node/)?[a-z0-9][a-z0-9.-]{0,252}[ ]+(?:NotReady|Ready|Unknown)(?:,[A-Za-z]{1,40})?[ ]+\S{1,200}[ ]+"
        r"(?:[0-9]{1,9}[smhdy]){1,6}[ ]+v1\.[0-9]{1,3}\.[0-9]\S{0,60}(?:[ ]|$)"
        rf'|[ ]*{_ONE}|[ ]*\{{[ ]*"apiVersion":[ ]*"v1",[ ]*"items":[ ]*\[[ ]*{_ONE}'
    ),
    of_document=_of_document,
    yaml_herald=re.compile(r"apiVersion: v1\n(?:items:\n[ ]*- apiVersion: v1\n[ ]*)?kind: Node(?:\n|$)"),
    withheld="(not shown: a list of nodes can hold other objects, and secrets)",
)
