"""Whether the cost of a call grows with its input and no faster. Ratios, not seconds: these differ by machine."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import TypeVar

__all__ = ["assert_linear"]

T = TypeVar("T")

_FACTOR = 4
# 4 if linear and 16 if quadratic. Caches that fill up and other work on the machine make more than 4 of linear.
_MOST = 9
_ATTEMPTS = 4


def assert_linear(make: Callable[[int], T], call: Callable[[T], object], size: int) -> None:
    """Fail if four times as much takes nine times as long, whenever it is tried. ``make`` gives an input of a size."""
    little, much = make(size), make(_FACTOR * size)
    call(little)  # what is compiled at first use is compiled now
    found: list[float] = []
    for _ in range(_ATTEMPTS):
        few = _seconds(call, little)
        found.append(_seconds(call, much) / max(few, 1e-4))
        if found[-1] < _MOST:
            return
    raise AssertionError(f"{_FACTOR} times as much takes {min(found):.1f} times as long")


def _seconds(call: Callable[[T], object], value: T) -> float:
    # What the collector does depends on all that other tests have left in this process.
    gc.collect()
    gc.disable()
    try:
        begun = time.process_time()
        call(value)
        return time.process_time() - begun
    finally:
        gc.enable()
