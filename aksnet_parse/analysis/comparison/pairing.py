"""Which node of one side is which of the other, and which pod. What is not certain stays unpaired."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ...node import Node, is_card
from .side import PodView, Side

__all__ = ["PodPair", "Pods", "pair_nodes", "pair_pods"]

T = TypeVar("T")


def pair_nodes(before: Sequence[Node], after: Sequence[Node]) -> list[tuple[Node | None, Node | None]]:
    """One node on each side is the same whatever its name. Of several the name tells; of one without a name that the
    very same was captured, or a network card of the same MAC; and what is then left over is the same if there is one
    on each side."""
    if len(before) == 1 and len(after) == 1:
        return [(before[0], after[0])]
    pairs = dict(_by_key(range(len(before)), range(len(after)), lambda n: _name(before[n]), lambda n: _name(after[n])))

    def left_over() -> tuple[list[int], list[int]]:
        taken = set(pairs.values())
        return [n for n in range(len(before)) if n not in pairs], [n for n in range(len(after)) if n not in taken]

    left, right = left_over()
    same = _owners(right, lambda n: [_captured(after[n])])
    for number in left:
        twins = same.get(_captured(before[number]), [])
        if twins:
            pairs[number] = twins.pop(0)
    left, right = left_over()
    pairs |= _by_key(
        left,
        right,
        lambda n: _cards(before[n]),
        lambda n: _cards(after[n]),
        may_pair=lambda one, other: None in {before[one].name, after[other].name},
    )
    left, right = left_over()
    if len(left) == 1 and len(right) == 1:
        pairs[left[0]] = right[0]
        right = []
    found: list[tuple[Node | None, Node | None]] = [
        (node, after[pairs[number]] if number in pairs else None) for number, node in enumerate(before)
    ]
    return [*found, *((None, after[number]) for number in right)]


def _name(node: Node) -> list[Hashable]:
    return [node.name] if node.name is not None else []


def _captured(node: Node) -> Hashable:
    """Everything that was captured of a node, to the letter; of one that has a name, the name as well."""
    return node.name, tuple((parsed.command, parsed.namespace, tuple(parsed.capture.lines)) for parsed in node.captures)


def _cards(node: Node) -> list[Hashable]:
    rows = node.interfaces or ()
    return [(row.ifname, row.mac) for row in rows if row.mac is not None and is_card(row)]


@dataclass(frozen=True, slots=True)
class PodPair:
    """The same pod before and after; ``label``: what both sides call it."""

    before: PodView
    after: PodView
    label: str

    @property
    def is_in_conflict(self) -> bool:
        return self.before.is_in_conflict or self.after.is_in_conflict

    @property
    def has_moved(self) -> bool:
        """True if the pod is certainly on another veth."""
        known = self.before.veth is not None and self.after.veth is not None and not self.is_in_conflict
        return known and self.before.veth != self.after.veth

    @property
    def shows_every_address(self) -> bool:
        return self.before.shows_every_address and self.after.shows_every_address


@dataclass(frozen=True, slots=True)
class Pods:
    """The pods of two nodes. ``unsure``: those of each side of which nobody can say whether the other side has them."""

    pairs: list[PodPair]
    gone: list[PodView]
    added: list[PodView]
    unsure: tuple[list[PodView], list[PodView]]


def pair_pods(before: Side, after: Side) -> Pods:
    """Pods are the same by what Kubernetes calls them, else by uid, container, address, or by their veth. Process ids
    and indexes are others after each restart, and say nothing."""
    left, right = list(before.pods), list(after.pods)
    pairs: list[PodPair] = []
    for key in (_full_name, _short_name, _uid, _container, _addresses, _veth):
        for one, other in list(_by_key(left, right, key, key, may_pair=_may_be_same)):
            pairs.append(PodPair(one, other, _common_label(one, other)))
            left.remove(one)
            right.remove(other)
    mirrored = [(pair.after, pair.before) for pair in pairs]
    gone, unsure_before = _left_over(left, right, [(pair.before, pair.after) for pair in pairs])
    added, unsure_after = _left_over(right, left, mirrored)
    return Pods(pairs, gone, added, (unsure_before, unsure_after))


def _left_over(
    ours: Sequence[PodView], theirs: Sequence[PodView], pairs: Sequence[tuple[PodView, PodView]]
) -> tuple[list[PodView], list[PodView]]:
    """Of the pods that have no partner: those that the other side certainly has not, and those of which nobody knows.

    ``pairs``: the pods that have one, each with its partner. A capture can show one pod as two, its own end and a veth,
    where nothing ties them; what shows the veth of a pod that has a partner is no further pod.
    """
    veths = {other.veth for one, other in pairs if one.veth is None}
    certain: list[PodView] = []
    unsure: list[PodView] = []
    for pod in ours:
        if pod.veth is not None and pod.veth in veths and pod.is_nameless:
            continue
        doubted = any(_could_be_same(pod, other) for other in theirs) or any(
            _could_be_same(pod, other) and _could_be_one(pod, one) for one, other in pairs
        )
        (unsure if doubted else certain).append(pod)
    return certain, unsure


def _could_be_one(one: PodView, other: PodView) -> bool:
    """The same for two of one side: there no two veths lead to one pod."""
    return _could_be_same(one, other) and (None in {one.veth, other.veth} or one.veth == other.veth)


def _by_key(
    left: Iterable[T],
    right: Iterable[T],
    keys_left: Callable[[T], list[Hashable]],
    keys_right: Callable[[T], list[Hashable]],
    may_pair: Callable[[T, T], bool] = lambda one, other: True,
) -> Iterator[tuple[T, T]]:
    """Those that alone on their side have a key, and the same key."""
    ours, theirs = _owners(left, keys_left), _owners(right, keys_right)
    taken: tuple[set[int], set[int]] = set(), set()
    for key in sorted(ours.keys() & theirs.keys(), key=repr):
        if len(ours[key]) == 1 and len(theirs[key]) == 1:
            one, other = ours[key][0], theirs[key][0]
            if id(one) not in taken[0] and id(other) not in taken[1] and may_pair(one, other):
                taken[0].add(id(one))
                taken[1].add(id(other))
                yield one, other


def _owners(items: Iterable[T], keys: Callable[[T], list[Hashable]]) -> dict[Hashable, list[T]]:
    found: dict[Hashable, list[T]] = {}
    for item in items:
        for key in dict.fromkeys(keys(item)):
            found.setdefault(key, []).append(item)
    return found


def _full_name(pod: PodView) -> list[Hashable]:
    return [(pod.namespace, pod.name)] if pod.name is not None and pod.namespace is not None else []


def _short_name(pod: PodView) -> list[Hashable]:
    return [pod.name] if pod.name is not None else []


def _uid(pod: PodView) -> list[Hashable]:
    return [pod.uid] if pod.uid is not None else []


def _container(pod: PodView) -> list[Hashable]:
    # Listings cut an id to 12 or 13 digits.
    identifier = pod.pod.container_id
    return [identifier[:12]] if identifier is not None and len(identifier) >= 12 else []


def _addresses(pod: PodView) -> list[Hashable]:
    return list(pod.ips)


def _veth(pod: PodView) -> list[Hashable]:
    return [pod.veth] if pod.veth is not None else []


def _may_be_same(one: PodView, other: PodView) -> bool:
    """False if both have a name and it is not the same: an address is given to the next pod when one is gone."""
    if one.name is None or other.name is None:
        return True
    return one.name == other.name and (None in {one.namespace, other.namespace} or one.namespace == other.namespace)


def _could_be_same(one: PodView, other: PodView) -> bool:
    """True if nothing tells two pods apart that nothing tells to be the same."""
    if not _may_be_same(one, other):
        return False
    if one.name is not None and other.name is not None:
        return True
    return one.versions.isdisjoint(other.versions) or not set(one.ips).isdisjoint(other.ips)


def _common_label(one: PodView, other: PodView) -> str:
    if one.name is not None or other.name is not None:
        named = max(one, other, key=lambda pod: (pod.name is not None, pod.namespace is not None))
        return named.label
    common = [ip for ip in one.ips if ip in other.ips]
    if common:
        return str(min(common, key=lambda ip: (ip.version, int(ip))))
    if one.veth is not None and one.veth == other.veth:
        return one.veth
    return max(one.label, other.label)
