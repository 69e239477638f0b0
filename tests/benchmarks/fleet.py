"""How many nodes a core gets through: zips of the log collector, made of real nodes, on every kind of executor.

    python -m tests.benchmarks.fleet [--pods 30 250] [--bundles 500] [--jobs 2] [--executors serial processes dask]

Each bundle has addresses, names and ids of its own. Time is that of the cores (user and system, of this process and its
workers, without their start), so that other work on the machine matters little; what the clock says stands beside it.
"""

from __future__ import annotations

import argparse
import platform
import re
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from aksnet_parse import Processes, analyze_many
from tests.bundles import zipped
from tests.kernel.test_bundles import collected
from tests.topology import build, missing

_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_MAC = r"(?!ff:ff|00:00)(?<![0-9a-f:])(?:[0-9a-f]{2}:){5}[0-9a-f]{2}(?![0-9a-f:])"
_IDS = re.compile(rf"(?<=azv)[0-9a-f]{{11}}|(?<=cni-){_UUID}|(?<=fe80::)[0-9a-f:]+|{_MAC}")
_DIGITS = re.compile(r"[0-9a-f]")


@dataclass(frozen=True)
class Fleet:
    """Bundles of one size. ``text``: bytes of what is in one, unpacked."""

    pods: int
    paths: Sequence[Path]
    packed: float
    text: float


def make(folder: Path, pods: int, bundles: int) -> Fleet:
    with build("azure-transparent", pods, named_netns=True) as real:
        files = collected(real)
    folder.mkdir()
    paths = []
    for number in range(bundles):
        path = folder / f"node{number:04}.zip"
        path.write_bytes(zipped({_varied(name, number): _varied(text, number) for name, text in files.items()}))
        paths.append(path)
    packed = sum(path.stat().st_size for path in paths) / bundles
    return Fleet(pods, paths, packed, sum(map(len, files.values())))


def _varied(text: str, number: int) -> str:
    """The same node with other addresses and ids, so that no cache helps from one to the next."""

    def other(match: re.Match[str]) -> str:
        digits = iter(blake2b(f"{number}{match[0]}".encode(), digest_size=20).hexdigest())
        return _DIGITS.sub(lambda _: next(digits), match[0])

    return _IDS.sub(other, text).replace("10.240.", f"10.{number % 256}.")


@contextmanager
def _executor(kind: str, jobs: int) -> Iterator[Executor | None]:
    with ExitStack() as stack:
        if kind == "processes":
            yield stack.enter_context(Processes(jobs))
        elif kind == "dask":
            import distributed

            starting: Any = distributed.LocalCluster  # it has no types
            cluster = stack.enter_context(
                starting(n_workers=jobs, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1")
            )
            connecting: Any = distributed.Client
            yield stack.enter_context(connecting(cluster)).get_executor(pure=False)
        else:
            yield None


def _core_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def measure(fleet: Fleet, kind: str, jobs: int) -> tuple[float, float]:
    """Seconds of the cores, and of the clock, once the workers are there and have done something."""
    start, _ = _run(fleet, kind, jobs, 0)
    cores, wall = _run(fleet, kind, jobs, len(fleet.paths))
    return cores - start, wall


def _run(fleet: Fleet, kind: str, jobs: int, number: int) -> tuple[float, float]:
    before = _core_seconds()
    with _executor(kind, jobs) as executor:
        list(analyze_many(fleet.paths[: 2 * jobs], executor))
        begun = time.perf_counter()
        proven = 0
        for case in analyze_many(fleet.paths[:number], executor, ahead=4 * jobs):
            assert case.error is None, case.error
            proven += sum(pod.status == "proven" for node in case.analysis.nodes for pod in node.pods)
        wall = time.perf_counter() - begun
    assert proven == fleet.pods * number
    # What the workers took counts only after they have ended.
    return _core_seconds() - before, wall


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.fleet", description=__doc__)
    parser.add_argument("--pods", type=int, nargs="+", default=[30, 250])
    parser.add_argument("--bundles", type=int, default=500, help="of the smallest size; fewer of the larger ones")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--executors", nargs="+", default=["serial", "processes", "dask"])
    options = parser.parse_args()
    if reasons := missing():
        print(f"cannot build a node here: {', '.join(reasons)}", file=sys.stderr)
        return 1
    print(f"{_processor()}, {platform.python_implementation()} {platform.python_version()}, {options.jobs} workers")
    print(f"{'pods':>5} {'bundles':>8} {'executor':<10} {'nodes/s/core':>13} {'MB/s/core':>10} {'nodes/s':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for pods in options.pods:
            fleet = make(Path(folder) / str(pods), pods, max(2, options.bundles * min(options.pods) // pods))
            number = len(fleet.paths)
            for kind in options.executors:
                cores, wall = measure(fleet, kind, options.jobs)
                rate = number / cores
                megabytes = rate * fleet.text / 1e6
                print(
                    f"{pods:>5} {number:>8} {kind:<10} {rate:>13.1f} {megabytes:>10.2f} {number / wall:>8.1f}",
                    flush=True,
                )
            print(f"      a bundle is {fleet.packed / 1e3:.0f} kB, unpacked {fleet.text / 1e3:.0f} kB")
    return 0


def _processor() -> str:
    found = re.search(r"(?m)^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return found[1] if found else platform.processor() or "unknown processor"


if __name__ == "__main__":
    sys.exit(main())
