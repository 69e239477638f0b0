"""Changes what a capture goes through on its way, and what an enemy would do to it; for text, line by line."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from tests.test_accounting import CHANGES

__all__ = ["mutated"]

# Bytes that are no UTF-8 stand as surrogates; these are those of a lone surrogate.
_LONE = b"\xed\xa0\x80".decode("utf-8", "surrogateescape")
_SIGNS = ("", " ", "\t", "\n", "\r", "\r\n", "\0", "\b", "\x85", "\u2028", "\u3000", "\u202e", "\ufeff", "é", _LONE)
_ESCAPES = ("\x1b[31m", "\x9b2J", "\x1b]8;;http://x\x07", "^[[0m", "&lt;", "&#10;")
_OF_JSON = ("{", "}", "[", "]", '"', "\\", "null", "{}", "[]", "-1", "9" * 40, "1e999", '"source":', "},{")
_OF_SHELLS = (
    *("`", "'", "$(", "${a}", "<<EOF\n", "\nEOF\n", " | ", " && ", "; ", " > x", "# ", "```\n", "...", "root@a:/# "),
    *("sudo nsenter -t 7 -n ", "kubectl exec p -- ", "for i in a b; do ", "done\n", "x=1\n", "exit\n", "$ ip addr\n"),
    *("docker inspect -f '{{ .State.Pid }}' a\n", "ip route\n", "route -n\n", "brctl show\n", "az aks create -n x "),
)
_OF_NETWORKS = (
    *("@", "@if7", ":", "/", ".", "0x", "10.0.0.1", "10.0.0.0/33", "fe80::1%eth0", "::ffff:1.2.3.4", "master br0 "),
    *("via inet6 ", "table 9 ", "link-netnsid 0 ", "dev eth0 ", "ee:ee:ee:ee:ee:ee", "nexthop ", "metric 4294967295 "),
)
_PIECES = (*_SIGNS, *_ESCAPES, *_OF_JSON, *_OF_SHELLS, *_OF_NETWORKS)


def mutated(data: bytes, chance: random.Random, others: Sequence[bytes] = (), *, binary: bool = False) -> bytes:
    """``data`` changed in one to four ways; ``others`` are what pieces may come from."""
    for _ in range(chance.randrange(1, 5)):
        data = (_bytes if binary or chance.random() < 0.2 else _lines)(data, chance, others)
    return data


def _bytes(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    start = chance.randrange(len(changed) + 1)
    end = min(len(changed), start + chance.choice((0, 1, 1, 2, 4, 16, 256)))
    other = chance.choice(others) if others else data
    place = chance.randrange(len(other) + 1)
    piece: Callable[[], bytes] = chance.choice(
        (
            lambda: b"",
            lambda: chance.randbytes(max(1, end - start)),
            lambda: bytes(byte ^ (1 << chance.randrange(8)) for byte in changed[start:end]),
            lambda: chance.choice((b"\0", b"\xff")) * (end - start),
            lambda: other[place : place + chance.choice((1, 8, 64, 512))],
            lambda: bytes(changed[start:end]) * 2,
        )
    )
    changed[start:end] = piece()
    return bytes(changed)


def _lines(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    kind = chance.randrange(4)
    if kind == 0:
        lines = chance.choice(CHANGES)(lines, chance)
    elif kind == 1 and others:
        other = chance.choice(others).decode("utf-8", "surrogateescape").split("\n")
        first = chance.randrange(len(other))
        place = chance.randrange(len(lines) + 1)
        lines[place:place] = other[first : first + chance.choice((1, 1, 3, 10, 40))]
    elif kind == 2:
        words = chance.choice(lines).split(" ")
        place = chance.randrange(len(lines))
        target = lines[place].split(" ")
        target[chance.randrange(len(target))] = chance.choice(words) * chance.choice((1, 1, 2, 50))
        lines[place] = " ".join(target)
    else:
        place = chance.randrange(len(lines))
        column = chance.randrange(len(lines[place]) + 1)
        piece = chance.choice(_PIECES) * chance.choice((1, 1, 1, 2, 9))
        lines[place] = lines[place][:column] + piece + lines[place][column + chance.choice((0, 0, 1, 5)) :]
    return "\n".join(lines).encode("utf-8", "surrogateescape")
