"""How much a bundle may hold, and what is said where it holds more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..errors import AksnetParseError

__all__ = ["MIB", "Broken", "Budget", "Exhausted", "Limits", "TooMuch", "Trouble"]

MIB = 1 << 20
FREE_OF_RATIO = MIB
_TICK = MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """What is read at most of what one call of ``read`` was given. Sizes are in bytes, after unpacking.

    ``member_size``: of one file in a folder or archive. ``total_size``: of all that is read. ``members``: files and
    folders. ``ratio``: size after unpacking for each byte before, where more than 1 MiB comes out. ``depth``: archives
    in archives.
    """

    member_size: int = 64 * MIB
    total_size: int = 1024 * MIB
    members: int = 100_000
    ratio: int = 200
    depth: int = 3


class Trouble(AksnetParseError):
    """Something in a bundle cannot be read; ``layer`` is the stream that says so."""

    def __init__(self, reason: str, layer: object = None) -> None:
        super().__init__(reason)
        self.layer = layer


class Broken(Trouble):
    """An archive or a compressed stream that is damaged."""


class TooMuch(Trouble):
    """One member goes over a limit."""


class Exhausted(Trouble):
    """All that was read goes over a limit: nothing more is read."""


class Budget:
    """What was read so far. ``progress`` is told now and then: bytes, members."""

    def __init__(self, limits: Limits, progress: Callable[[int, int], None] | None = None) -> None:
        self.limits = limits
        self.progress = progress
        self.size = 0
        self.members = 0
        self._told = 0

    def spend(self, size: int) -> None:
        self.size += size
        if self.progress is not None and self.size - self._told >= _TICK:
            self._told = self.size
            self.progress(self.size, self.members)
        if self.size > self.limits.total_size:
            raise Exhausted(
                f"more than {human(self.limits.total_size)} in all; the rest is not read (raise --max-total-size)"
            )

    def member(self) -> None:
        self.members += 1
        if self.progress is not None and self.members % 256 == 0:
            self.progress(self.size, self.members)
        if self.members > self.limits.members:
            raise Exhausted(f"more than {self.limits.members:,} members; the rest is not read (raise --max-members)")

    def check_member(self, size: int) -> None:
        if size > self.limits.member_size:
            raise TooMuch(f"larger than {human(self.limits.member_size)} (raise --max-member-size)")

    def check_ratio(self, size: int, packed: int, layer: object) -> None:
        if size > FREE_OF_RATIO and size > self.limits.ratio * packed:
            raise TooMuch(f"unpacks to more than {self.limits.ratio:,} times its size (raise --max-ratio)", layer)


def human(size: int) -> str:
    """A size in the largest unit that it is a whole number of."""
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= factor and size % factor == 0:
            return f"{size // factor:,} {unit}"
    return f"{size:,} bytes"
