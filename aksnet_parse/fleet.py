"""Many bundles, each a case of its own, on whatever runs functions: this process, threads, processes, a cluster.

A window of a fixed size slides over the paths. What is in it was handed to the executor; the answers leave it in the
order of the paths, so that neither paths nor answers pile up.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass
from typing import Any

from .analysis import analyze
from .analysis.models import Analysis, Skipped
from .bundle import Limits
from .bundle.text import shown
from .commands import COMMANDS, Command
from .errors import ReadError
from .reading import read

__all__ = ["NOTHING", "Case", "analyze_many"]

NOTHING = "nothing recognised"
_AHEAD = 32

Finish = Callable[[Analysis], Analysis]


@dataclass(frozen=True, slots=True)
class Case:
    """One path and its answer.

    ``analysis`` is always there. If nothing came of the path, ``error`` says why, and the analysis has no nodes and
    names the path in ``skipped``. Parts of a bundle that could not be read are in ``skipped`` as well, beside the nodes
    of the rest. ``passed_over``: how many files of a folder or archive hold nothing of use. ``path`` and ``error`` say
    what they say, whatever ``finish`` does to the analysis.
    """

    path: str
    analysis: Analysis
    error: str | None = None
    passed_over: int = 0


def analyze_many(
    paths: Iterable[os.PathLike[str]],
    executor: Executor | None = None,
    *,
    limits: Limits | None = None,
    ahead: int = _AHEAD,
    finish: Finish | None = None,
    commands: Sequence[Command[Any]] | None = None,
) -> Generator[Case, None, None]:
    """Analyse each of ``paths`` as a case of its own; one :class:`Case` for each, in their order, as they come.

    ``executor``: anything with the ``submit`` of ``concurrent.futures.Executor``; None: this process, one path after
    the other. ``limits``: how much is read of each path at most. ``ahead``: how many paths are in work, or done and
    waiting for those before them; twice the number of workers keeps all busy. ``finish``: applied to each analysis
    where it was made, such as ``functools.partial(redact, key=key)``. ``commands``: as :func:`aksnet_parse.read` takes
    them; None: those of this package.
    No path makes it raise: what cannot be read, and what a worker fails on or dies of, is the ``error`` of its case. An
    executor that is broken answers no further path, and each of these says so; ``aksnet_parse.Processes`` does not
    break. Closing the iterator cancels what has not begun.
    """
    if ahead < 1:
        raise ValueError(f"not a number of paths to have in work: {ahead}")
    if isinstance(paths, (str, bytes, os.PathLike)):
        raise TypeError(f"several paths are needed, such as a list of one, not {type(paths).__name__}")
    if executor is None:
        return (analyze_case(path, limits, finish, commands) for path in paths)
    return _window(paths, executor, limits, ahead, finish, commands)


def analyze_case(
    path: os.PathLike[str],
    limits: Limits | None = None,
    finish: Finish | None = None,
    commands: Sequence[Command[Any]] | None = None,
) -> Case:
    """What a worker does with one path. Never raises an Exception."""
    try:
        reading = read(path, limits=limits, commands=COMMANDS if commands is None else commands)
        analysis = analyze(reading)
        if analysis.is_empty and not analysis.skipped:
            return _failed(path, NOTHING, finish)
        error = None if not analysis.is_empty else "; ".join(skipped.reason for skipped in analysis.skipped[:3])
        return Case(shown(path), finish(analysis) if finish else analysis, error, reading.passed_over)
    except ReadError as error:
        return _failed(path, str(error).removeprefix(f"{shown(path)}: "), finish)
    except MemoryError:
        return _failed(path, "not enough memory", finish)
    except RecursionError:
        return _failed(path, "nested too deeply", finish)
    except Exception as error:
        # Whatever is wrong with this program, it is not to cost the answers for the other paths.
        return _failed(path, f"this program failed on it: {type(error).__name__}: {error}", finish)


def _window(
    paths: Iterable[os.PathLike[str]],
    executor: Executor,
    limits: Limits | None,
    ahead: int,
    finish: Finish | None,
    commands: Sequence[Command[Any]] | None,
) -> Generator[Case, None, None]:
    window: deque[tuple[os.PathLike[str], Future[Case] | Exception]] = deque()
    try:
        for path in paths:
            window.append((path, _submitted(path, executor, limits, finish, commands)))
            if len(window) >= ahead:
                yield _outcome(*window.popleft(), finish)
        while window:
            yield _outcome(*window.popleft(), finish)
    finally:
        for _, future in window:
            if isinstance(future, Future):
                future.cancel()


def _submitted(
    path: os.PathLike[str],
    executor: Executor,
    limits: Limits | None,
    finish: Finish | None,
    commands: Sequence[Command[Any]] | None,
) -> Future[Case] | Exception:
    try:
        return executor.submit(analyze_case, path, limits, finish, commands)
    except Exception as error:  # broken or shut down; each kind of executor has an exception of its own for that
        return error


def _outcome(path: os.PathLike[str], future: Future[Case] | Exception, finish: Finish | None) -> Case:
    try:
        if isinstance(future, Exception):
            raise future
        return future.result()
    except ChildProcessError as error:
        return _failed(path, str(error), finish)
    except BrokenExecutor as error:
        return _failed(path, f"not read: the executor is broken: {error}", finish)
    except Exception as error:
        return _failed(path, f"not read: {type(error).__name__}: {error}", finish)


def _failed(path: os.PathLike[str], reason: str, finish: Finish | None) -> Case:
    name = shown(path)
    analysis = Analysis(nodes=(), skipped=(Skipped(file=name, reason=reason),))
    if finish is not None:
        try:
            analysis = finish(analysis)
        except Exception:
            # Then the analysis says nothing, because what it says may be what `finish` is there to hide.
            analysis = Analysis(nodes=(), skipped=())
    return Case(name, analysis, reason)
