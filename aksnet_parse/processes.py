"""Processes of this machine as an executor that outlives the death of one of them.

One thread for each process hands it one call at a time over a pipe. So it is known which call a process died of, and no
other is lost with it; ``ProcessPoolExecutor`` fails all that are waiting.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from queue import SimpleQueue
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

__all__ = ["Processes", "usable_cores"]

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


class Processes(Executor):
    """``jobs`` processes; all usable cores if None.

    Each is a new interpreter, so a script uses this under ``if __name__ == "__main__":``, like every pool of processes.
    A call whose process dies raises ChildProcessError, and a new process takes its place. A ``with`` that is left by an
    exception ends the processes at once; otherwise it waits until all that was submitted is done.
    """

    def __init__(self, jobs: int | None = None) -> None:
        number = usable_cores() if jobs is None else jobs
        if number < 1:
            raise ValueError(f"not a number of processes: {number}")
        self._lock = threading.Lock()
        self._ended = False
        self._all: set[_Process] = set()
        self._idle: SimpleQueue[_Process | None] = SimpleQueue()
        self._threads = ThreadPoolExecutor(number, thread_name_prefix="aksnet-parse")
        with _deaf_to_interrupts():
            for _ in range(number):
                self._idle.put(self._start())

    def submit(
        self, fn: Callable[_Parameters, _Result], /, *args: _Parameters.args, **kwargs: _Parameters.kwargs
    ) -> Future[_Result]:
        return self._threads.submit(self._call, fn, args, kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._threads.shutdown(wait=wait, cancel_futures=cancel_futures)
        if wait:
            self._close()
        else:
            threading.Thread(target=self._close_when_done).start()

    def terminate(self) -> None:
        """End every process, whatever it is doing, and drop what is waiting."""
        # What waits is dropped first: it must not begin, and fail, because a process has ended.
        self._threads.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            self._ended = True
            for process in self._all:
                process.end()
        self.shutdown()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.shutdown()
        else:
            self.terminate()

    def _call(self, function: Callable[..., _Result], args: tuple[Any, ...], kwargs: dict[str, Any]) -> _Result:
        process = self._idle.get()
        try:
            if process is None:
                process = self._start()
            return process.call(function, args, kwargs)
        finally:
            if process is not None and process.is_dead:
                with self._lock:
                    self._all.discard(process)
                process = None
            self._idle.put(process)

    def _start(self) -> _Process:
        with self._lock:
            if self._ended:
                raise ChildProcessError("the processes were ended")
            process = _Process()
            self._all.add(process)
        return process

    def _close(self) -> None:
        for process in self._all:
            process.close()
        self._all.clear()

    def _close_when_done(self) -> None:
        self._threads.shutdown(wait=True)
        self._close()


class _Process:
    """One process and the pipe to it."""

    def __init__(self) -> None:
        # A new interpreter, wherever this runs: a fork of a program with threads may hang.
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other,), daemon=True)
        self._process.start()
        other.close()
        self.is_dead = False

    def call(self, function: Callable[..., _Result], args: tuple[Any, ...], kwargs: dict[str, Any]) -> _Result:
        try:
            self._pipe.send((function, args, kwargs))
            done, answer = self._pipe.recv()
        except (EOFError, OSError):
            self.is_dead = True
            self._process.join()
            self._pipe.close()
            raise ChildProcessError(f"the process that did it {_end_of(self._process.exitcode)}") from None
        if done:
            result: _Result = answer
            return result
        raise answer

    def end(self) -> None:
        self._process.terminate()

    def close(self) -> None:
        self._pipe.close()
        self._process.join()


def _end_of(code: int | None) -> str:
    if code is None or code >= 0:
        return f"ended with status {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was ended by {name}" + (", as where memory runs out" if name == "SIGKILL" else "")


def _serve(pipe: Connection) -> None:
    """What a process does: one call after another, until the pipe's other end is closed."""
    # Ctrl-C reaches every process of a terminal; the one that prints decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        answer: tuple[bool, Any]
        try:
            function, args, kwargs = pipe.recv()
        except EOFError:
            return
        except Exception as error:  # what was sent cannot be imported here
            answer = (False, error)
        else:
            try:
                answer = (True, function(*args, **kwargs))
            except BaseException as error:
                answer = (False, error)
        try:
            pipe.send(answer)
        except OSError:
            return
        except Exception as error:  # the answer cannot be sent
            pipe.send((False, RuntimeError(f"{type(error).__name__}: {error}")))


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """What is started here does not hear Ctrl-C, not even before its first line runs."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before if before is not None else signal.SIG_DFL)
