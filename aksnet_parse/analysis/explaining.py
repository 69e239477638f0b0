"""One pod in full: how it is wired, what proves it, and what was found about it."""

from __future__ import annotations

from typing import Literal

from ..reading import Reading, need_reading
from .findings import findings_of, those_about
from .models import BridgeAttachment, Finding, Pod, Uplink, _Model
from .proofs import ProvenBy, proofs
from .situation import look_at
from .tracing.models import TraceNode
from .tracing.parties import find_pod
from .tracing.places import Place, tell_apart

__all__ = ["Explanation", "explain"]


class Explanation(_Model):
    """One pod; ``model_dump_json()`` gives the JSON of ``aksnet-parse --pod POD --format json``.

    ``asked``: the word that named it. ``node``: where it is. ``uplink``: the way out of that node. ``proofs``: each of
    ``pod.proofs`` with a sentence and its lines. ``findings``: those that name the pod, what is wrong with the bridge
    it is on or with the uplink, and the captures that would complete its proof.
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
    traced = find_pod(places, word)
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
