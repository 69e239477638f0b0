"""What a comparison says of pods: which came and went, and how those that are on both sides are wired now."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...commands.interfaces import Interface
from ...names import AZURE_VETH, CALICO_VETH, CILIUM_VETH
from ...records import Line
from .links import mtu_change, state_change
from .models import Code, Detail
from .outcome import Outcome
from .pairing import PodPair, Pods
from .side import PodView, Side
from .words import count, enumerated, in_order

__all__ = ["compare_pods", "compare_prefixes", "compare_veth_names"]

_PATTERNS = {"azv*": AZURE_VETH, "cali*": CALICO_VETH, "lxc*": CILIUM_VETH}
_SINGLE = 3  # so many pods have a sentence each; of more, one sentence tells what happened to all of them


# --- how pods are named and addressed as a whole ----------------------------------------------------------------------


def compare_veth_names(outcome: Outcome) -> None:
    """The pattern by which the plugin names veths; other names of the same pattern are no change of it."""
    before, after = _patterns(outcome.before), _patterns(outcome.after)
    # What shows only a part of the interfaces can miss a pattern that is there.
    sure_before = outcome.before.host.shows_every_interface or before.keys() >= after.keys()
    sure_after = outcome.after.host.shows_every_interface or after.keys() >= before.keys()
    if before.keys().isdisjoint(after.keys()) or (sure_before and sure_after):
        _compare_sets(outcome, "veth-names", "veth names", before, after)


def _patterns(side: Side) -> dict[str, list[Line]]:
    """The patterns of the names of pods' veths, each with the lines that show them; Docker's own veths left out."""
    found: dict[str, list[Line]] = {}
    for pod in side.pods:
        if pod.veth is not None and not pod.is_on_docker:
            pattern = next((text for text, regex in _PATTERNS.items() if regex.fullmatch(pod.veth)), None)
            if pattern is None and pod.veth.startswith("veth"):
                pattern = "veth*"
            if pattern is not None:
                found.setdefault(pattern, []).extend(pod.host_lines)
    return found


def compare_prefixes(outcome: Outcome) -> None:
    """The prefix length that pods have on their own address; what the host's route says is always one address."""
    for version, name in ((4, "pod prefix"), (6, "IPv6 pod prefix")):
        _compare_sets(
            outcome, "pod-prefix", name, _prefixes(outcome.before, version), _prefixes(outcome.after, version)
        )


def _prefixes(side: Side, version: int) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for pod in side.pods:
        if pod.own is None or pod.is_on_docker:
            continue
        for address in pod.own.addr_info:
            if address.is_global and address.local.version == version:
                found.setdefault(f"/{address.prefixlen}", []).extend(side.node.cite(pod.own, str(address.interface)))
    return found


def _compare_sets(
    outcome: Outcome, code: Code, name: str, before: dict[str, list[Line]], after: dict[str, list[Line]]
) -> None:
    """``before`` and ``after``: the values that there are, each with the lines that show it."""
    if not before or not after:
        return
    old, new = " and ".join(in_order(before)), " and ".join(in_order(after))
    if old == new:
        outcome.same(f"{name} {old}")
        return
    lines = _flat(before.values()), _flat(after.values())
    outcome.changed(code, f"{name} changed from {old} to {new}", (old, new), in_order((*before, *after)), lines)


def _flat(groups: Iterable[Iterable[Line]]) -> list[Line]:
    return [line for group in groups for line in group]


# --- which pods there are ---------------------------------------------------------------------------------------------


def compare_pods(outcome: Outcome, pods: Pods) -> None:
    _compare_presence(outcome, pods)
    disputed = in_order(pair.label for pair in pods.pairs if pair.is_in_conflict)
    if disputed:
        message = f"wiring of {count(len(disputed), 'pod')}: facts of one capture disagree: {enumerated(disputed)}"
        outcome.could_not("pods", "both", message)
    _compare_veths(outcome, pods)
    _compare_attachments(outcome, pods)
    _compare_addresses(outcome, pods)
    _compare_links(outcome, pods, "host veth", lambda pod: pod.host_end)
    _compare_links(outcome, pods, "pod interface", lambda pod: pod.own)
    _say_same(outcome, pods)


def _compare_presence(outcome: Outcome, pods: Pods) -> None:
    for gone, _, there in outcome.one_sided:
        found = pods.gone if gone else pods.added
        missing = [pod for pod in found if there.shows_every_pod(of_docker=pod.is_on_docker)]
        if missing:
            what, rest, names = _pods([pod.label for pod in missing])
            value = names[0] if len(missing) == 1 else None
            outcome.only(gone, "pods", what, names, _flat(pod.lines for pod in missing), value=value, rest=rest)
        unseen = in_order(pod.label for pod in found if pod not in missing)
        if unseen:
            side = "AFTER" if gone else "BEFORE"
            message = f"pods: {side} does not show them all; not seen there: {enumerated(unseen)}"
            outcome.could_not("pods", "after" if gone else "before", message)
    left, right = (len(side) for side in pods.unsure)
    if left or right:
        message = f"pods: too little is known of {left} of BEFORE and {right} of AFTER to tell which they are"
        outcome.could_not("pods", "both", message)


def _pods(labels: list[str]) -> tuple[str, str, tuple[str, ...]]:
    """What a sentence about some pods begins and ends with, and what they are called."""
    names = in_order(labels)
    if len(labels) == 1:
        return f"pod {names[0]}", "", names
    return count(len(labels), "pod"), f": {enumerated(names)}", names


# --- each pod that is on both sides -----------------------------------------------------------------------------------


def _compare_veths(outcome: Outcome, pods: Pods) -> None:
    moved = [
        (pair, pair.before.veth, pair.after.veth)
        for pair in pods.pairs
        if pair.has_moved and pair.before.veth is not None and pair.after.veth is not None
    ]
    _enter_each(outcome, "pod-veth", moved, "moved from veth {} to {}", "are on another veth")


def _compare_addresses(outcome: Outcome, pods: Pods) -> None:
    moved = []
    for pair in pods.pairs:
        versions = pair.before.versions & pair.after.versions
        if not pair.shows_every_address and not {*pair.before.ips}.isdisjoint(pair.after.ips):
            continue
        old, new = (
            ", ".join(in_order(str(ip) for ip in pod.ips if ip.version in versions))
            for pod in (pair.before, pair.after)
        )
        if old != new and not pair.is_in_conflict:
            moved.append((pair, old, new))
    _enter_each(outcome, "pod-address", moved, "changed its address from {} to {}", "have another address")


def _enter_each(outcome: Outcome, code: Code, found: list[tuple[PodPair, str, str]], one: str, many: str) -> None:
    """Enter what has its own values for each pod: a few pods by a sentence each, many by one for all."""
    order = {label: place for place, label in enumerate(in_order(pair.label for pair, *_ in found))}
    found = sorted(found, key=lambda entry: order[entry[0].label])
    if len(found) <= _SINGLE:
        for pair, old, new in found:
            message = f"pod {pair.label} {one.format(old, new)}"
            outcome.changed(code, message, (old, new), [pair.label], _lines([pair]))
        return
    details = [Detail(subject=pair.label, before=old, after=new) for pair, old, new in found]
    pairs = [pair for pair, *_ in found]
    message = f"{count(len(pairs), 'pod')} {many}"
    outcome.changed(code, message, None, [pair.label for pair in pairs], _lines(pairs), details)


def _lines(pairs: Iterable[PodPair]) -> tuple[list[Line], list[Line]]:
    pairs = list(pairs)
    return _flat(pair.before.lines for pair in pairs), _flat(pair.after.lines for pair in pairs)


def _compare_attachments(outcome: Outcome, pods: Pods) -> None:
    moved: dict[tuple[str, str], list[PodPair]] = {}
    for pair in pods.pairs:
        old, new = _attachment(outcome.before, pair.before), _attachment(outcome.after, pair.after)
        if old is not None and new is not None and old != new and not pair.is_in_conflict:
            moved.setdefault((old, new), []).append(pair)
    for (old, new), pairs in moved.items():
        what, rest, names = _pods([pair.label for pair in pairs])
        message = f"{what} moved from {old} to {new}{rest}"
        outcome.changed("pod-attachment", message, (old, new), names, _lines(pairs))


def _attachment(side: Side, pod: PodView) -> str | None:
    """What the pod rides on; None where a route or a bridge that was not captured could be it as well."""
    route, bridge = pod.tie.route, pod.tie.bridge
    if route is None and bridge is not None and side.shows_routes(4):
        return f"bridge {bridge.name}"
    return "a host route" if route is not None and bridge is None and side.shows_every_bridge else None


def _compare_links(outcome: Outcome, pods: Pods, noun: str, end: Callable[[PodView], Interface | None]) -> None:
    rows = [
        (pair, before, after)
        for pair in pods.pairs
        if (before := end(pair.before)) is not None and (after := end(pair.after)) is not None
    ]
    changes: tuple[tuple[Code, str, Callable[[Interface, Interface], tuple[str, str] | None]], ...] = (
        ("interface-state", "", state_change),
        ("mtu", "MTU of ", mtu_change),
    )
    for code, start, change in changes:
        found: dict[tuple[str, str], list[PodPair]] = {}
        for pair, before, after in rows:
            values = change(before, after)
            if values is not None:
                found.setdefault(values, []).append(pair)
        for values, pairs in found.items():
            names = in_order(pair.label for pair in pairs)
            message = f"{start}{count(len(pairs), noun)} changed from {values[0]} to {values[1]}: {enumerated(names)}"
            lines = (
                _flat(pair.before.host.cite_all(filter(None, [end(pair.before)])) for pair in pairs),
                _flat(pair.after.host.cite_all(filter(None, [end(pair.after)])) for pair in pairs),
            )
            outcome.changed(code, message, values, names, lines)


def _say_same(outcome: Outcome, pods: Pods) -> None:
    counts = {"on the same veth with the same address": 0, "with the same address": 0, "on the same veth": 0}
    for pair in pods.pairs:
        veth = pair.before.veth is not None and pair.before.veth == pair.after.veth
        versions = pair.before.versions & pair.after.versions
        old, new = ({ip for ip in pod.ips if ip.version in versions} for pod in (pair.before, pair.after))
        address = bool(old) and old == new
        if veth or address:
            words = ["on the same veth"] * veth + ["with the same address"] * address
            counts[" ".join(words)] += 1
    for words_said, number in counts.items():
        if number:
            outcome.same(f"{count(number, 'pod')} {words_said}")
