"""A bar on a terminal for what takes its time: reading one case, or many."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

__all__ = ["cases_bar", "progress_bar"]

_PATIENCE = 1.0


@contextmanager
def progress_bar(stream: TextIO) -> Iterator[Callable[[int, int], None] | None]:
    """What is to be told how many bytes and files were read. It shows itself after a second, on a terminal only; None
    where there is none, or no rich."""
    if not stream.isatty():
        yield None
        return
    try:
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
    except ModuleNotFoundError:
        yield None
        return
    begun = time.monotonic()
    bar: Any = None
    task: Any = None

    def progress(size: int, members: int) -> None:
        nonlocal bar, task
        if bar is None:
            if time.monotonic() - begun < _PATIENCE:
                return
            bar = Progress(
                TextColumn("reading"),
                BarColumn(),
                DownloadColumn(binary_units=True),
                TextColumn("{task.fields[members]:,} files"),
                console=Console(file=stream),
                transient=True,
            )
            bar.start()
            task = bar.add_task("reading", total=None, members=members)
        bar.update(task, completed=size, members=members)

    try:
        yield progress
    finally:
        if bar is not None:
            bar.stop()


@contextmanager
def cases_bar(stream: TextIO, total: int) -> Iterator[Callable[[int, int], None] | None]:
    """What is to be told how many of ``total`` cases are done, and how many of these are bad. On a terminal only; None
    where there is none, or no rich."""
    if not stream.isatty():
        yield None
        return
    try:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    except ModuleNotFoundError:
        yield None
        return
    bar = Progress(
        TextColumn("reading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[bad]:,} not answered"),
        TimeRemainingColumn(),
        console=Console(file=stream),
        transient=True,
        redirect_stdout=False,  # the answers go elsewhere
    )
    with bar:
        task = bar.add_task("reading", total=total, bad=0)
        yield lambda done, bad: bar.update(task, completed=done, bad=bad)
