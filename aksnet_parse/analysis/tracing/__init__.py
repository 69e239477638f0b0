"""The way of a packet by the captured tables, in one direction: from a pod or a node, hop by hop, to where it arrives,
is lost, leaves what was captured, or where the captures end."""

from __future__ import annotations

from ...errors import UsageError
from ...prefixes import Address
from ...reading import Reading, need_reading
from ..situation import look_at
from .models import Trace
from .parties import Party, find_source, find_target
from .places import Place, tell_apart
from .walk import Walk

__all__ = ["trace"]


def trace(reading: Reading, source: str, target: str) -> Trace:
    """The hops that a packet from ``source`` to ``target`` would take by what :func:`aksnet_parse.read` found.

    ``source``: a pod, or ``node`` for the node's own network (``node:NAME`` if there are several). ``target``: the
    same, or any IP address. A pod is named by ``namespace/name``, its name, an address, a container id (four digits or
    more), ``pid:N``, ``netns:NAME`` or the name of its veth. Pure: reads nothing, writes nothing. Raises
    :class:`aksnet_parse.UsageError` for a word that names nothing captured, or several things; the message lists what
    there is.
    """
    need_reading(reading)
    situations = [look_at(node) for node in reading.nodes]
    if not situations:
        raise UsageError("no node was captured")
    places = [Place(number, situation) for number, situation in enumerate(situations, 1)]
    tell_apart(places)
    sender = find_source(places, source)
    receiver = find_target(places, target, sender)
    assert receiver.address is not None
    walk = Walk(places, receiver, receiver.address)
    end = walk.from_pod(sender.pod) if sender.pod is not None else walk.at_host(_place(sender))
    return Trace(
        source=_with_address(sender, receiver.address).described(),
        target=receiver.described(),
        verdict=end.verdict,
        reason=end.reason,
        hops=tuple(walk.hops),
        missing=tuple(dict.fromkeys(walk.missing)),
    )


def _place(party: Party) -> Place:
    assert party.place is not None
    return party.place


def _with_address(sender: Party, target: Address) -> Party:
    """The sender with the address that its packets have."""
    address = sender.address
    if address is None or address.version != target.version:
        if sender.pod is not None:
            address = sender.pod.address_of(target.version)
        else:
            address = _place(sender).main_address(target.version)
    return Party(sender.asked, sender.place, sender.pod, address)
