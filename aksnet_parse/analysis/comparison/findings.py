"""What a comparison says of findings: what is wrong on one side only, where the other side shows enough to say that it
is not so there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..findings import findings_of, names_of
from ..models import Finding
from .models import Detail, Missing
from .outcome import Outcome
from .pairing import Pods
from .side import PodView, Side
from .words import count, enumerated, in_order

__all__ = ["compare_findings"]

_SINGLE = 3  # so many findings of a kind have a sentence each
_WORDS: dict[Missing, str] = {"before": "BEFORE", "after": "AFTER"}
# A finding is the same by its code and by what it is about.
_Key = tuple[str, frozenset[object]]


@dataclass(frozen=True, slots=True)
class _Found:
    """``pods``: the pairs of pods that it names, by their number."""

    finding: Finding
    pods: frozenset[int]


def compare_findings(outcome: Outcome, pods: Pods) -> None:
    """Errors and warnings. Those of a pod are the same whatever its veth, address and process id are now."""
    before = _by_key(outcome.before, [pair.before for pair in pods.pairs])
    after = _by_key(outcome.after, [pair.after for pair in pods.pairs])
    for gone, there, other in outcome.one_sided:
        ours, theirs = (before, after) if gone else (after, before)
        new: dict[str, list[Finding]] = {}
        unseen: dict[str, list[Finding]] = {}
        for key, found in ours.items():
            for one in found[len(theirs.get(key, ())) :]:
                pairs = [pods.pairs[number] for number in one.pods]
                views = [(pair.before, pair.after) if gone else (pair.after, pair.before) for pair in pairs]
                is_told = _shows(other) >= _shows(there) and all(_inside(two) >= _inside(one) for one, two in views)
                (new if is_told else unseen).setdefault(one.finding.code, []).append(one.finding)
        for findings in new.values():
            _enter(outcome, gone, findings)
        missing: Missing = "after" if gone else "before"
        for code, findings in unseen.items():
            number = count(len(findings), findings[0].severity)
            message = f"{number} {code}: {_WORDS[missing]} does not show whether it is so there"
            outcome.could_not(code, missing, message)
    for key, found in before.items():
        for one in found[: len(after.get(key, ()))]:
            outcome.same(f"{one.finding.severity} {one.finding.code}")


def _enter(outcome: Outcome, gone: bool, findings: Sequence[Finding]) -> None:
    """Enter findings of one kind: a few by a sentence each, many by one for all."""
    severity, code = findings[0].severity, findings[0].code
    if len(findings) <= _SINGLE:
        for finding in findings:
            subjects, rest = finding.subjects, f": {finding.message}"
            outcome.only(gone, "finding", f"{severity} {code}", subjects, finding.lines, value=severity, rest=rest)
        return
    subjects = in_order(subject for finding in findings for subject in finding.subjects)
    lines = [line for finding in findings for line in finding.lines]
    values = (severity, None) if gone else (None, severity)
    details = [Detail(subject=", ".join(finding.subjects), before=values[0], after=values[1]) for finding in findings]
    rest = f": {enumerated(in_order(finding.subjects[0] for finding in findings if finding.subjects))}"
    outcome.only(
        gone, "finding", f"{count(len(findings), severity)} {code}", subjects, lines, rest=rest, details=details
    )


def _by_key(side: Side, pods: Sequence[PodView]) -> Mapping[_Key, list[_Found]]:
    numbers = {name: number for number, pod in enumerate(pods) for name in names_of(pod.pod)}
    found: dict[_Key, list[_Found]] = {}
    for finding in findings_of(side.situation):
        if finding.severity == "info":
            continue
        named = frozenset(numbers[subject] for subject in finding.subjects if subject in numbers)
        # Indexes are others after each restart.
        others = {word for word in finding.subjects if word not in numbers and not word.isdecimal()}
        found.setdefault((finding.code, frozenset({*named, *others})), []).append(_Found(finding, named))
    return found


def _shows(side: Side) -> frozenset[str]:
    """What is shown of the host so that nothing can be missing."""
    node = side.node
    return _told(
        ("interfaces", "ip addr" in node.complete),
        ("routes", node.shows_every_route),
        ("bridges", not node.complete.isdisjoint({"brctl show", "bridge link"})),
        ("containers", bool(node.containers)),
        ("pods", bool(node.kubernetes_pods)),
        ("neighbours", node.neighbours is not None),
        ("declarations", bool(node.declarations)),
    )


def _inside(pod: PodView) -> frozenset[str]:
    """The same of a pod's namespace."""
    spaces = pod.tie.end.namespaces
    return _told(
        ("interfaces", any("ip addr" in space.complete for space in spaces)),
        ("routes", any(space.shows_every_route for space in spaces)),
    )


def _told(*facts: tuple[str, bool]) -> frozenset[str]:
    return frozenset(name for name, is_told in facts if is_told)
