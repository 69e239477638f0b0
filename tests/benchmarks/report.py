"""`python -m tests.benchmarks.report`: how large a report is, how soon Chromium has opened it from disk, and what
axe-core finds in it. Needs the extras `report` and `test`, and Chromium."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from aksnet_parse import html_report, read
from tests.browser import axe_violations, chromium, opened

from .__main__ import machine
from .measure import best_times
from .texts import node_listing, node_session

_SIZES = (5, 30, 250)
_EMPTY = "<!doctype html><title>nothing</title><p>nothing"
# The second frame after the page was loaded is there when the first has been painted.
_SHOWN = """() => new Promise(done => {
  const painted = () => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
  document.readyState === 'complete' ? painted() : addEventListener('load', painted);
})"""


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.report", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=_SIZES, metavar="PODS")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is opened; the shortest time counts")
    options = parser.parse_args(argv)
    print(f"# {machine()}\n")
    print(f"{'report':16} {'made, ms':>9} {'MB':>6} {'elements':>9} {'opened, ms':>11} {'to empty':>9} {'axe':>4}")
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        paths = [Path(folder, "empty.html")]
        paths[0].write_text(_EMPTY, encoding="utf-8")
        made = [0.0]
        for pods in options.sizes:
            reading = read(node_session(pods) + node_listing(pods))
            made += best_times([partial(html_report, reading)], 1)
            paths.append(Path(folder, f"{pods}.html"))
            paths[-1].write_text(html_report(reading), encoding="utf-8")
        rounds = [[_open(browser, path) for path in paths] for _ in range(options.rounds)]
        times = [min(times) for times in zip(*rounds, strict=True)]
        for path, making, time in zip(paths, made, times, strict=True):
            name = "empty page" if path is paths[0] else f"{path.stem} pods"
            elements, violations = _looked_into(browser, path)
            print(
                f"{name:16} {making * 1e3:>9.0f} {path.stat().st_size / 1e6:>6.2f} {elements:>9} {time:>11.0f} "
                f"{time / times[0]:>9.1f} {violations:>4}"
            )
    return 0


def _open(browser: Any, path: Path) -> float:
    """Milliseconds from the beginning until the page is painted."""
    with opened(browser, path) as seen:
        return float(seen.page.evaluate(_SHOWN))


def _looked_into(browser: Any, path: Path) -> tuple[int, int]:
    """How many elements a page has, and how many rules of axe-core it breaks."""
    with opened(browser, path) as seen:
        elements = int(seen.page.evaluate("document.querySelectorAll('*').length"))
        is_page = seen.page.query_selector("main") is not None
        return elements, len(axe_violations(seen.page)) if is_page else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
