"""One pod in full: how it is wired, what proves it, and what was found about it."""

from __future__ import annotations

from typing import Literal

from ..errors import UsageError
from ..reading import Reading, need_reading
from ..records import Line
from .catalogue import CAPTURE_MISSING
from .findings import findings_of, those_about
from .listed import not_captured
from .models import BridgeAttachment, Finding, ListedPod, Pod, PodReference, Uplink, _Model
from .proofs import ProvenBy, proofs
from .situation import look_at
from .tracing.models import TraceNode
from .tracing.parties import find_pod, is_captured, joined
from .tracing.places import Place, tell_apart

__all__ = ["Explanation", "explain"]


class Explanation(_Model):
    """One pod; ``model_dump_json()`` gives the JSON of ``aksnet-parse --pod POD --format json``.

    ``asked``: the word that named it. ``node``: where it is. ``uplink``: the way out of that node. ``proofs``: each of
    ``pod.proofs`` with a sentence and its lines. ``findings``: those that name the pod, what is wrong with the bridge
    it is on or with the uplink, and the captures that would complete its proof. Of a pod that only the cluster lists
    there are no proofs, and ``node.number`` is 0.
    """

    schema_version: Literal[1] = 1
    asked: str
    node: TraceNode
    uplink: Uplink | None
    pod: Pod
    proofs: tuple[ProvenBy, ...]
    findings: tuple[Finding, ...]


def explain(reading: Reading, word: str) -> Explanation:
    """The pod that ``word`` names, among all nodes that :func:`aksnet_parse.read` found.

    ``word``: ``namespace/name``, its name, an address, a container id (four digits or more), ``pid:N``,
    ``netns:NAME``, or the name of its veth. Pure: reads nothing, writes nothing. Raises
    :class:`aksnet_parse.UsageError` for a word that names no pod, or several; the message lists what there is.
    """
    need_reading(reading)
    situations = [look_at(node) for node in reading.nodes]
    places = [Place(number, situation) for number, situation in enumerate(situations, 1)]
    tell_apart(places)
    others = not_captured(reading).pods
    if not is_captured(places, word):
        listed = [pod for pod in others if word in _names(pod)]
        if len(listed) == 1:
            return _of_listed(listed[0], word)
        if listed:
            raise UsageError(f"{word!r} fits several: {joined(map(_handle, listed))}")
    traced = find_pod(places, word, [_handle(pod) for pod in others])
    situation = situations[traced.place.number - 1]
    index = next(number for number, tie in enumerate(situation.ties) if tie is traced.tie)
    findings = findings_of(situation)
    about = [*traced.tie.findings, *those_about(situation.pods, findings)[index]]
    attachment, uplink = traced.pod.attachment, situation.host.uplink
    way = {attachment.bridge} if isinstance(attachment, BridgeAttachment) else set()
    way |= {uplink.interface} if uplink is not None else set()
    about += [one for one in findings if one.severity != "info" and not way.isdisjoint(one.subjects)]
    if traced.pod.status == "partial":
        about += [finding for finding in findings if finding.code == "capture-missing"]
    return Explanation(
        asked=word,
        node=traced.place.reference,
        uplink=uplink,
        pod=traced.pod,
        proofs=proofs(situation)[index],
        findings=tuple(dict.fromkeys(about)),
    )


def _names(pod: ListedPod) -> set[str]:
    bare = {address.partition("/")[0] for address in pod.addresses}
    return {pod.name, f"{pod.namespace or 'default'}/{pod.name}", *bare, *pod.addresses}


def _handle(pod: ListedPod) -> str:
    name = f"{pod.namespace or 'default'}/{pod.name}"
    name += f" ({pod.addresses[0]})" if pod.addresses else ""
    return f"{name} on {pod.node}" if pod.node is not None else name


def _of_listed(pod: ListedPod, word: str) -> Explanation:
    """What is known of a pod of whose node nothing was captured."""
    where = pod.node if pod.node is not None else "its node"
    name = f"{pod.namespace}/{pod.name}" if pod.namespace is not None else pod.name
    if pod.host_network:
        message = f"{name} has the network of its node, and so no veth."
    else:
        message = (
            f"Only the cluster's listing tells of {name}: `ip addr` and `ip route` on {where} would show its veth and "
            "the route to it."
        )
    lines = [Line(line.file, line.line, line.text) for line in pod.lines]
    return Explanation(
        asked=word,
        node=TraceNode(number=0, name=pod.node),
        uplink=None,
        pod=Pod(
            pod=PodReference(namespace=pod.namespace, name=pod.name, uid=None),
            container_id=None,
            pid=None,
            netns=None,
            interface=None,
            addresses=pod.addresses,
            veth=None,
            attachment=None,
            proofs=(),
            status="partial",
        ),
        proofs=(),
        findings=(CAPTURE_MISSING.found(message, (name,), lines),),
    )
