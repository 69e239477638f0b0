"""`python -m tests.benchmarks`: how fast this package reads what its peers read, on the same texts in one process."""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from aksnet_parse import COMMANDS, analyze, read
from aksnet_parse.transcript import find_captures

from .contenders import contenders
from .measure import best_times, exponent, peak, start_up
from .texts import TEXTS, Text, node_session

_SIZES = (30, 250, 1_000, 5_000, 20_000)
_GROWTH = (1_000, 20_000)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=_SIZES, metavar="PODS")
    parser.add_argument("--only", metavar="TEXT", help="texts whose name begins so, such as 'ip addr'")
    parser.add_argument("--seconds", type=float, default=1.0, help="for each measurement (default 1)")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    options = parser.parse_args(argv)

    texts = [text for text in TEXTS if text.name.startswith(options.only or "")]
    found: dict[str, Any] = {"machine": machine(), "tables": [], "growth": [], "node": None, "start": None}
    for text in texts:
        for pods in options.sizes:
            found["tables"] += table(text, pods, options.seconds)
    if set(_GROWTH) <= set(options.sizes):
        found["growth"] = [growth(text, options.seconds) for text in texts]
    if options.only is None:
        found["node"] = node(options.seconds)
        found["start"] = start()
    print(json.dumps(found, indent=2) if options.format == "json" else as_text(found))
    return 0


def machine() -> str:
    model = next(
        (line.partition(":")[2].strip() for line in _lines_of("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, {python}"


def _lines_of(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []


def table(text: Text, pods: int, seconds: float) -> list[dict[str, Any]]:
    """A row for each contender."""
    source = text.of(pods)
    size = len(source.encode())
    taking = [contender for contender in contenders(text.command) if pods <= contender.largest]
    times = best_times([partial(contender.parse, source) for contender in taking], seconds)
    return [
        {
            "text": text.name,
            "pods": pods,
            "by": contender.name,
            "ms": duration * 1e3,
            "MB/s": size / duration / 1e6,
            "memory": peak(partial(contender.parse, source)) / size,
            "ratio": duration / times[0],
        }
        for contender, duration in zip(taking, times, strict=True)
    ]


def growth(text: Text, seconds: float) -> dict[str, Any]:
    """Of what power of the number of pods our time is, with the garbage collector and without."""
    parse = contenders(text.command)[0].parse
    sources = [(pods, text.of(pods)) for pods in _GROWTH]
    found: dict[str, Any] = {"text": text.name}
    for name, switch in (("collector on", gc.enable), ("collector off", gc.disable)):
        gc.collect()
        switch()
        try:
            small, large = best_times([partial(parse, source) for _, source in sources], seconds * 5)
        finally:
            gc.enable()
        found[name] = exponent((_GROWTH[0], small), (_GROWTH[1], large))
    return found


def node(seconds: float, pods: int = 250) -> dict[str, float]:
    """A whole node, each of its pods captured: milliseconds for reading it, for its captures alone, and the answer."""
    source = node_session(pods)
    reading = read(source)
    captures = find_captures(source, COMMANDS)
    answered = analyze(reading).nodes[0]
    assert len(answered.pods) == pods

    def parse() -> None:
        for capture in captures:
            capture.command.parse_lines(capture.lines, file=capture.file, first_line=capture.output_line)

    times = best_times([lambda: read(source), parse, lambda: analyze(reading)], seconds)
    return dict(zip(("read", "parse", "analyze"), (time * 1e3 for time in times), strict=True))


_HELP = "import sys\nfrom aksnet_parse.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass"
_FIRST = (
    "from aksnet_parse import parse_ip_addr\nfrom tests.benchmarks.texts import TEXTS\nimport time\n"
    "text = TEXTS[0].of(30)\nclock = time.perf_counter\na = clock()\nparse_ip_addr(text)\nb = clock()\n"
    "parse_ip_addr(text)\nprint((b - a) - (clock() - b))"
)


def start() -> dict[str, float]:
    """Processes that do next to nothing: times in milliseconds."""
    codes = {
        "python": "pass",
        "import pydantic": "import pydantic",
        "import aksnet_parse": "import aksnet_parse",
        "aksnet-parse --help": _HELP,
        "a parser imported": "from aksnet_parse import parse_ip_addr",
        "a pydantic model made": "from pydantic import BaseModel\nclass A(BaseModel):\n    a: int",
    }
    times = dict(zip(codes, (time * 1e3 for time in start_up(list(codes.values()))), strict=True))
    first = [
        subprocess.run([sys.executable, "-c", _FIRST], check=True, capture_output=True, text=True) for _ in range(7)
    ]
    times["first parse, beyond the second"] = min(float(done.stdout) for done in first) * 1e3
    return times


def as_text(found: dict[str, Any]) -> str:
    lines = [f"# {found['machine']}", ""]
    last = None
    for row in found["tables"]:
        if row["text"] != last:
            last = row["text"]
            lines += ["", f"{last:24} {'pods':>6} {'ms':>10} {'MB/s':>7} {'memory/text':>12} {'ratio':>7}"]
        lines.append(
            f"  {row['by']:22} {row['pods']:>6} {row['ms']:>10.3f} {row['MB/s']:>7.1f} {row['memory']:>12.1f} "
            f"{row['ratio']:>7.2f}"
        )
    if found["growth"]:
        lines += ["", f"{'growth, 1000 to 20000':24} {'collector on':>14} {'collector off':>14}"]
        lines += [
            f"  {row['text']:22} {row['collector on']:>14.2f} {row['collector off']:>14.2f}" for row in found["growth"]
        ]
    if found["node"]:
        lines += ["", "a node of 250 pods, all captured, ms"]
        lines += [f"  {name:22} {value:>14.1f}" for name, value in found["node"].items()]
    if found["start"]:
        base = found["start"]["import pydantic"]
        lines += ["", f"{'start-up':40} {'ms':>8} {'to import pydantic':>20}"]
        lines += [f"  {name:38} {value:>8.1f} {value / base:>20.2f}" for name, value in found["start"].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
