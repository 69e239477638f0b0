"""Whom the words of a trace name: a pod, a node, or an address that nothing captured has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ...errors import UsageError
from ...prefixes import Address
from ...records import ip_address
from ..ends import PodEnd, pod_ends
from ..models import PodReference
from .models import TraceEnd
from .places import Place, TracedPod

__all__ = ["Party", "find_pod", "find_source", "find_target", "is_captured", "joined"]

_SHOWN = 10
_CONTAINER_ID = re.compile(r"[0-9a-f]{4,64}")


@dataclass(frozen=True, slots=True)
class Party:
    """The source or the target. ``place``: None for an address that nothing captured has; ``pod``: None for a node,
    too. ``address``: None for a source of which none is known."""

    asked: str
    place: Place | None
    pod: TracedPod | None
    address: Address | None

    def described(self) -> TraceEnd:
        pod = self.pod.pod if self.pod is not None else None
        return TraceEnd(
            asked=self.asked,
            kind="pod" if pod is not None else "node" if self.place is not None else "address",
            node=self.place.reference if self.place is not None else None,
            pod=pod.pod if pod is not None else None,
            container_id=pod.container_id if pod is not None else None,
            pid=pod.pid if pod is not None else None,
            netns=pod.netns if pod is not None else None,
            address=str(self.address) if self.address is not None else None,
        )


def find_source(places: Sequence[Place], word: str) -> Party:
    """The pod or node that ``word`` names. Raises UsageError if there is none, or several."""
    found = list(_fitting(places, word))
    if not found:
        raise UsageError(f"no source {word!r} was captured; there are: {_listed(places)}")
    return _the_one(found, word)


def is_captured(places: Sequence[Place], word: str) -> bool:
    """True if something that was captured has this name."""
    return any(True for _ in _fitting(places, word))


def find_pod(places: Sequence[Place], word: str, others: Sequence[str] = ()) -> TracedPod:
    """The pod that ``word`` names. Raises UsageError if there is none, or several, or it is no pod with a network of
    its own. ``others``: what else could have been named."""
    found = list(_fitting(places, word))
    pods = [party for party in found if party.pod is not None]
    if found and not pods:
        raise UsageError(f"{word!r} is the node's own network, and no pod with a veth")
    if not pods:
        there = _listed(places, pods_only=True, others=others)
        raise UsageError(f"no pod {word!r} was captured; there {f'are: {there}' if there else 'is none'}")
    pod = _the_one(pods, word).pod
    assert pod is not None
    return pod


def find_target(places: Sequence[Place], word: str, source: Party) -> Party:
    """What ``word`` names; an address may be any machine's. Raises UsageError if it is neither, or fits several."""
    address = _as_address(word)
    if address is not None:
        _check(address, word)
        here = [party for party in _at_address(places, address, word) if party.place is not None]
        # Several may have it; which of them a packet comes to is what the tables tell.
        return here[0] if len(here) == 1 else Party(word, None, None, address)
    if word == "node" and source.place is not None:
        found = [Party(word, source.place, None, None)]
    else:
        found = list(_fitting(places, word))
    if not found:
        raise UsageError(f"no target {word!r} was captured; give an address, or one of: {_listed(places)}")
    party = _the_one(found, word)
    address = _address_of(party, source)
    if address is None:
        whose = party.pod.name if party.pod is not None else "the node"
        raise UsageError(
            f"no address of {whose} was captured, so that no route can be looked up; give one, or capture `ip addr`"
        )
    return Party(word, party.place, party.pod, address)


def _as_address(word: str) -> Address | None:
    """An address, also with the length of its prefix, as an answer shows those of pods."""
    try:
        return ip_address(word.partition("/")[0])
    except ValueError:
        return None


def _check(address: Address, word: str) -> None:
    for is_so, kind in (
        (address.is_multicast, "a multicast address"),
        (address.is_unspecified, "no machine's address"),
        (address.is_loopback, "the loopback address, which never leaves its own network"),
        (address.version == 6 and address.is_link_local, "a link-local address, which every link has for itself"),
        (str(address) == "255.255.255.255", "the broadcast address"),
    ):
        if is_so:
            raise UsageError(f"{word!r} is {kind}; there is no way to trace")


def _address_of(party: Party, source: Party) -> Address | None:
    """Where to send: of the version of IP that the source has, of IPv4 if it has both."""
    versions = {address.version for address in source.pod.addresses} if source.pod is not None else set()
    addresses: list[Address] = []
    if party.pod is not None:
        addresses += party.pod.addresses
    elif party.place is not None:
        mine = (party.place.main_address(4), party.place.main_address(6))
        addresses += [address for address in mine if address is not None]
    return min(
        addresses,
        key=lambda address: (bool(versions) and address.version not in versions, address.version),
        default=None,
    )


# --- what a word fits -------------------------------------------------------------------------------------------------


def _fitting(places: Sequence[Place], word: str) -> Iterator[Party]:
    kind, colon, name = word.partition(":")
    address = _as_address(word)
    if address is not None:
        yield from _at_address(places, address, word)
    elif word == "node":
        yield from (Party(word, place, None, None) for place in places)
    elif colon and kind == "node":
        for place in places:
            if name in {place.node.name, str(place.number)}:
                yield Party(word, place, None, None)
    else:
        yield from _by_name(places, word)


def _at_address(places: Sequence[Place], address: Address, word: str) -> Iterator[Party]:
    for place in places:
        if address in place.own:
            yield Party(word, place, None, address)
        else:
            yield from (Party(word, place, pod, address) for pod in place.pods_at(address))


def _by_name(places: Sequence[Place], word: str) -> Iterator[Party]:
    pods = [pod for place in places for pod in place.pods]
    named = [pod for pod in pods if word in set(_names(pod.tie.end, pod.pod.pod))]
    if not named:
        named = [pod for pod in pods if pod.veth == word]
    if not named and _CONTAINER_ID.fullmatch(word.removeprefix("container:")):
        named = [pod for pod in pods if _has_container(pod, word.removeprefix("container:"))]
    yield from (Party(word, pod.place, pod, None) for pod in named)
    if not named:
        for place in places:
            ends = pod_ends(place.node).on_host_network
            if any(word in set(_names(end, end.pod)) for end in ends):
                yield Party(word, place, None, None)  # the pod's network is the node's


def _names(end: PodEnd, pod: PodReference | None) -> Iterator[str]:
    """Every word by which a pod is known."""
    if pod is not None and pod.name is not None:
        yield pod.name
        yield f"{pod.namespace or 'default'}/{pod.name}"
    for namespace in end.namespaces:
        if namespace.id != "pod":
            yield namespace.id
    for container in end.containers:
        yield from container.namespaces
        if container.pid is not None:
            yield f"pid:{container.pid}"
        if container.name is not None:
            yield container.name
    if end.netns is not None:
        yield f"netns:{end.netns}"


def _has_container(pod: TracedPod, prefix: str) -> bool:
    ids = [pod.pod.container_id, *(container.id for container in pod.tie.end.containers)]
    return any(identifier is not None and identifier.startswith(prefix) for identifier in ids)


def _the_one(found: Sequence[Party], word: str) -> Party:
    if len(found) > 1:
        several = joined(_handle(party.place, party.pod) for party in found if party.place is not None)
        raise UsageError(f"{word!r} fits several: {several}")
    return found[0]


# --- what there is ----------------------------------------------------------------------------------------------------


def _listed(places: Sequence[Place], *, pods_only: bool = False, others: Sequence[str] = ()) -> str:
    nodes = [] if pods_only else [place.handle for place in places]
    return joined([*nodes, *(_handle(place, pod) for place in places for pod in place.pods), *others])


def _handle(place: Place, pod: TracedPod | None) -> str:
    """A word that names the pod or node and, where it can, no other."""
    if pod is None:
        return place.handle
    told = pod.pod
    if told.pod is not None and told.pod.name is not None:
        name = f"{told.pod.namespace or 'default'}/{told.pod.name}"
    elif told.pid is not None:
        name = f"pid:{told.pid}"
    elif told.netns is not None:
        name = f"netns:{told.netns}"
    elif told.container_id is not None:
        name = told.container_id[:12]
    else:
        name = ""
    address = str(pod.addresses[0]) if pod.addresses else ""
    shown = f"{name} ({address})" if name and address else name or address or f"the pod behind {pod.veth}"
    return shown if place.handle == "node" else f"{shown} on {place.handle}"


def joined(words: Iterable[str]) -> str:
    """``words`` for a message, of many the first and how many more."""
    listed = list(words)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(listed[:_SHOWN]) + more
