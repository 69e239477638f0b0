"""Of many machines those that a capture may be of: none is overlooked that a comparison with each would find."""

from __future__ import annotations

import random
from ipaddress import IPv4Network

import pytest

from aksnet_parse.marks import Marks
from aksnet_parse.suspects import Suspects, numbers_in

MACHINES = 90  # many more than are few


def marks(chance: random.Random, kinds: int) -> Marks:
    """What a listing could show, out of so few values that many machines share some."""

    def some(values: int, most: int = 2) -> set[str]:
        return {f"{chance.randrange(values)}" for _ in range(chance.randrange(1, most + 1))}

    def by_name(names: tuple[str, ...], values: int) -> dict[str, set[str]]:
        return {name: some(values) for name in names if chance.randrange(kinds) == 0}

    lengths = (8, 16, 18, 24, 32)
    networks = [f"10.{chance.randrange(3)}.{chance.randrange(4) * 64}.0/{chance.choice(lengths)}" for _ in "ab"]
    names = frozenset(some(5, 3))
    return Marks(
        card_macs=by_name(("eth0", "eth1"), 60),
        card_addresses=by_name(("eth0", "azure0"), 60),
        bridge_macs=by_name(("docker0", "cbr0"), 60),
        networks={
            name: {IPv4Network(network, strict=False) for network in networks}
            for name in ("eth0", "default gateway")
            if chance.randrange(kinds) == 0
        },
        veths=by_name(("ip addr", "brctl show", "ip route"), 60),
        bridges={(names, names)} if chance.randrange(kinds) == 0 else set(),
        whole={name for name in ("ip addr", "brctl show") if chance.randrange(2) == 0},
    )


@pytest.mark.parametrize("kinds", [1, 3])
@pytest.mark.parametrize("seed", range(10))
def test_none_is_overlooked(kinds: int, seed: int) -> None:
    chance = random.Random(seed)
    suspects, machines = Suspects(), [Marks() for _ in range(MACHINES)]
    names: list[str | None] = [chance.choice((None, "a", "b")) for _ in machines]
    for number, machine in enumerate(machines):
        for _ in range(chance.choice((1, 1, 2))):
            more = marks(chance, kinds)
            machine.merge(more)
            suspects.add(number, more, names[number], None)
    for asked in (None, "a", "c"):
        capture = marks(chance, kinds)
        verdicts = [machine.compare(capture) for machine in machines]
        may_be = [number for number, name in enumerate(names) if asked is None or name in {None, asked}]
        found = set(numbers_in(suspects.not_unlike(capture, asked)))
        assert found <= set(may_be)
        assert found >= {number for number in may_be if verdicts[number] != -2}
        like = set(numbers_in(suspects.like(capture)))
        assert like >= {number for number, verdict in enumerate(verdicts) if verdict == 1}


def test_what_contradicts_is_left_out() -> None:
    suspects = Suspects()
    for number in range(MACHINES):
        suspects.add(number, Marks(card_macs={"eth0": {f"{number}"}}), None, f"n{number}")
    assert list(numbers_in(suspects.not_unlike(Marks(card_macs={"eth0": {"7"}}), None))) == [7]
    assert list(numbers_in(suspects.not_unlike(Marks(), None))) == list(range(MACHINES))
    assert list(numbers_in(suspects.called("n5"))) == [5]
