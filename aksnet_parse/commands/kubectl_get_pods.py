"""`kubectl get pods`: which pods there are, on which node and with which address; as a table, as JSON and as YAML."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import partial
from typing import Any

from ..commandline import Invocation
from ..grammar import Scan, load_template
from ..json_values import list_at, text_at, value_at
from ..records import IPAddress, ParseResult, Record, Source
from .documents import DocumentCommand, is_of_cluster

__all__ = ["KUBECTL_GET_PODS", "KubernetesPod", "lists_every_pod"]


class KubernetesPod(Record):
    """One pod as the cluster lists it.

    ``namespace``: None where neither the table nor the call says it. ``ready``, ``status``, ``restarts``, ``age``: as
    printed; in JSON there is only ``status``, which then is the phase. ``ips``: empty while the pod has none. ``node``:
    the Kubernetes name of its node, which on AKS is the machine's host name; None if it was not printed.
    ``uid``, ``host_network`` and ``container_ids``: of JSON only; ``host_network`` is None where nothing says it.
    ``labels``: with ``--show-labels`` and in JSON.
    """

    namespace: str | None = None
    name: str
    uid: str | None = None
    ready: str | None = None
    status: str | None = None
    restarts: int | None = None
    age: str | None = None
    ips: tuple[IPAddress, ...] = ()
    node: str | None = None
    host_ip: IPAddress | None = None
    host_network: bool | None = None
    container_ids: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] | None = None

    @property
    def ip(self) -> IPAddress | None:
        """The pod's first address."""
        return self.ips[0] if self.ips else None

    @property
    def place(self) -> str:
        """The pod's network namespace, as the call of a command in the pod names it."""
        return f"pod:{self.namespace}/{self.name}" if self.namespace is not None else f"pod:{self.name}"

    @property
    def has_ended(self) -> bool:
        """True if its containers have ended, so that it has no network any more (its address may be another's)."""
        return self.status in {
            "Succeeded",
            "Failed",
            "Completed",
            "Evicted",
            "Error",
            "OOMKilled",
            "ContainerStatusUnknown",
        }


_HEADING = re.compile(r"[ ]*(?:NAMESPACE +)?NAME +READY +STATUS +RESTARTS +AGE\b")
_ROW = re.compile(
    r"[ ]*(?:[a-z0-9-]{1,63} +)?(?:pod/)?[a-z0-9.-]{1,253} +[0-9]{1,4}/[0-9]{1,4} +[A-Z][A-Za-z:0-9/]{1,63} +[0-9]{1,6}"
    r"(?: +\([0-9a-z]+ ago\))? +(?:[0-9]{1,9}[smhdy])+(?: |$)"
)
_NONE = "<none>"
_ADDRESSES = re.compile(r"[0-9a-fA-F.:]+(?:,[0-9a-fA-F.:]+)*")
_ALL = frozenset({"-A", "--all-namespaces", "--all-namespaces=true"})
_PODS = frozenset({"po", "pod", "pods"})
_ONE = r'\{[ ]*"apiVersion":[ ]*"v1",[ ]*"kind":[ ]*"Pod",'


def _arguments(argv: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The words of a call that are no options, and the options with their values."""
    words: list[str] = []
    options: dict[str, str] = {}
    rest = iter(argv[1:])
    for word in rest:
        name, equals, value = word.partition("=")
        if not word.startswith("-"):
            words.append(word)
        elif equals:
            options[name] = value
        elif word in _WITH_VALUE:
            options[name] = next(rest, "")
        else:
            options[word[:2] if re.fullmatch(r"-[on]\w+", word) else word] = word[2:]
    return words, options


_WITH_VALUE = frozenset(
    {
        "-n",
        "--namespace",
        "-o",
        "--output",
        "-l",
        "--selector",
        "--context",
        "--kubeconfig",
        "--field-selector",
        "--sort-by",
    }
)


# Options that leave out no pod of the namespaces asked for.
_OF_ALL_PODS = frozenset(
    {"-o", "--output", "--context", "--kubeconfig", "--sort-by", "--show-labels", "--no-headers", "-n", "--namespace"}
)


def lists_every_pod(argv: Sequence[str], namespace: str) -> bool:
    """True if a call of ``kubectl get pods`` prints every pod of ``namespace``."""
    words, options = _arguments(argv)
    if len(words) != 2 or not options.keys() <= _OF_ALL_PODS | _ALL:
        return False
    return bool(options.keys() & _ALL) or options.get("-n", options.get("--namespace")) == namespace


def _claims(argv: tuple[str, ...]) -> bool:
    if argv[0] not in {"kubectl", "oc", "k"}:
        return False
    words, options = _arguments(argv)
    output = options.get("-o", options.get("--output", "wide"))
    return words[:1] == ["get"] and len(words) > 1 and words[1] in _PODS and output in {"wide", "json", "yaml"}


class _KubectlGetPods(DocumentCommand[KubernetesPod]):
    def is_heading(self, line: str) -> bool:
        return _HEADING.match(line) is not None

    def is_partial(self, argv: tuple[str, ...]) -> bool:
        return not (_arguments(argv)[1].keys() & _ALL and lists_every_pod(argv, ""))

    def refine(self, scan: Scan) -> list[Source]:
        refused: list[Source] = []
        headings = {row["source"].first_line: row.get("columns", "").split() for row in scan.records["headings"]}
        places = sorted(headings)
        kept: list[dict[str, Any]] = []
        for row in scan.records[self.group]:
            above = bisect_left(places, row["source"].first_line)
            if _complete(row, headings[places[above - 1]] if above else None):
                kept.append(row)
            else:
                refused.append(row["source"])
        scan.records[self.group][:] = kept
        return refused

    def parse_table(
        self, lines: Sequence[str], *, file: str | None, first_line: int, invocation: Invocation | None
    ) -> ParseResult[KubernetesPod]:
        result = super().parse_table(lines, file=file, first_line=first_line, invocation=invocation)
        options = _arguments(invocation.argv)[1] if invocation is not None else {}
        namespace = options.get("-n", options.get("--namespace"))
        return result if options.keys() & _ALL else result.with_default("namespace", namespace)


def _complete(row: dict[str, Any], columns: Sequence[str] | None) -> bool:
    """Put the words behind the age into their fields; False if they do not go with the heading."""
    row["name"] = row["name"].rpartition("/")[2]
    words = row.pop("words", "").split()
    if columns is None:
        wide = len(words) >= 2 and _ADDRESSES.fullmatch(words[0]) is not None
        labelled = "=" in words[-1] if words else False
    else:
        wide, labelled = "IP" in columns, "LABELS" in columns
    if labelled and words:
        text = words.pop()
        pairs = [label.partition("=") for label in text.split(",")] if text != _NONE else []
        row["labels"] = tuple((name, value) for name, _, value in pairs)
    if wide and len(words) >= 2:
        address, node = words[:2]
        if address != _NONE:
            row["ips"] = tuple(address.split(","))
        if node != _NONE:
            row["node"] = node
        words = words[4:]
    return not words and bool(row["name"])


def _of_document(entry: dict[str, Any]) -> dict[str, Any] | None:
    name = text_at(entry, "metadata", "name")
    if name is None or entry.get("kind", "Pod") != "Pod" or not is_of_cluster(entry):
        return None
    addresses = [text_at(item, "ip") for item in list_at(entry, "status", "podIPs")]
    containers = [text_at(item, "containerID") or "" for item in list_at(entry, "status", "containerStatuses")]
    labels = value_at(entry, "metadata", "labels")
    return {
        "namespace": text_at(entry, "metadata", "namespace"),
        "name": name,
        "uid": text_at(entry, "metadata", "uid"),
        "status": text_at(entry, "status", "phase"),
        "ips": tuple(filter(None, addresses or [text_at(entry, "status", "podIP")])),
        "node": text_at(entry, "spec", "nodeName"),
        "host_ip": text_at(entry, "status", "hostIP"),
        "host_network": value_at(entry, "spec", "hostNetwork") is True,
        "container_ids": tuple(name.rpartition("//")[2] for name in containers if name),
        "labels": tuple(labels.items()) if isinstance(labels, dict) else None,
    }


KUBECTL_GET_PODS = _KubectlGetPods(
    name="kubectl get pods",
    grammar=partial(load_template, "kubectl_get_pods"),
    group="pods",
    model=KubernetesPod,
    claims=_claims,
    herald=re.compile(
        rf"{_HEADING.pattern}|{_ROW.pattern}"
        rf'|[ ]*{_ONE}|[ ]*\{{[ ]*"apiVersion":[ ]*"v1",[ ]*"items":[ ]*\[[ ]*{_ONE}'
    ),
    of_cluster=True,
    of_document=_of_document,
    yaml_herald=re.compile(r"apiVersion: v1\n(?:items:\n[ ]*- apiVersion: v1\n[ ]*)?kind: Pod(?:\n|$)"),
    withheld="(not shown: the description of a pod can hold secrets)",
)
