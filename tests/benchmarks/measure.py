"""Measures calls side by side in one process, so that what the machine does meanwhile happens to all of them."""

from __future__ import annotations

import gc
import math
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from functools import partial

__all__ = ["best_times", "exponent", "peak", "start_up"]

_IN_A_ROW = 3


def best_times(calls: Sequence[Callable[[], object]], seconds: float, rounds: int = 100) -> list[float]:
    """The shortest time in seconds of each call. They take turns of a few calls each, the first of which finds the
    processor's caches full of what others left, until the time for all of them is used up."""
    best = [math.inf] * len(calls)
    clock = time.perf_counter
    end = clock() + seconds * len(calls)
    for done in range(rounds):
        if done > 2 and clock() > end:
            break
        for index, call in enumerate(calls):
            for _ in range(_IN_A_ROW):
                begun = clock()
                result = call()
                best[index] = min(best[index], clock() - begun)
                del result
    return best


def peak(call: Callable[[], object]) -> int:
    """The most bytes that a call had at one time, its result included."""
    call()
    gc.collect()
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        result = call()
        _, highest = tracemalloc.get_traced_memory()
        del result
        return highest - before
    finally:
        tracemalloc.stop()


def exponent(small: tuple[int, float], large: tuple[int, float]) -> float:
    """Of what power of the size the time is, judged by two sizes; 1 for a time that grows with the size."""
    return math.log(large[1] / small[1]) / math.log(large[0] / small[0])


def start_up(codes: Sequence[str], rounds: int = 3) -> list[float]:
    """The shortest time in seconds of fresh Python processes that run each of ``codes``."""
    run = partial(subprocess.run, check=True, capture_output=True)
    return best_times([partial(run, [sys.executable, "-c", code]) for code in codes], 60, rounds)
