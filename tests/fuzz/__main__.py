"""`python -m tests.fuzz NAME... --seconds N`: search for inputs that break a promise; `all` is every harness in turn.

With atheris (the extra `fuzz`) the search is led by which lines of the code an input reaches; without it, or with
`--plain`, inputs are changed at random. Both begin at the samples, stop at the first input that raises or takes more
than ten seconds, and keep it in `.fuzz/`.
"""

from __future__ import annotations

import argparse
import faulthandler
import importlib.util
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent.parent.parent / ".fuzz"
_LONGEST = 1 << 14
_PATIENCE = 10


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="a harness, or `all`; none lists them")
    parser.add_argument("--seconds", type=int, default=60, help="of each (default 60)")
    parser.add_argument("--plain", action="store_true", help="do without atheris")
    parser.add_argument("--seed", type=int, help="of the random changes")
    parser.add_argument("--input", type=Path, help="check this file only, as it was kept in .fuzz/")
    options = parser.parse_args()
    led = not options.plain and options.input is None and importlib.util.find_spec("atheris") is not None
    if led and len(options.names) == 1 and options.names != ["all"]:
        return _led(options.names[0], options)
    from tests.fuzz.harnesses import HARNESSES

    names = list(HARNESSES) if options.names == ["all"] else options.names
    if not names or not set(names) <= HARNESSES.keys():
        print("\n".join(HARNESSES))
        return 2 if names else 0
    if options.input is not None:
        HARNESSES[names[0]].check(options.input.read_bytes())
        return 0
    if len(names) == 1:
        return _plain(names[0], options)
    # Each in a process of its own: atheris never comes back.
    further = [
        *(["--plain"] if options.plain else []),
        *(["--seed", str(options.seed)] if options.seed is not None else []),
    ]
    calls = [[sys.executable, "-m", "tests.fuzz", name, "--seconds", str(options.seconds), *further] for name in names]
    failed = [name for name, call in zip(names, calls, strict=True) if subprocess.run(call, check=False).returncode]
    print(f"{len(names)} harnesses, failed: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def _led(name: str, options: argparse.Namespace) -> int:
    import atheris

    with atheris.instrument_imports(include=["aksnet_parse"], enable_loader_override=False):
        from tests.fuzz.harnesses import HARNESSES
    from tests.fuzz.mutation import mutated

    harness = HARNESSES[name]
    samples = harness.samples()
    begun = _FOLDER / name / "samples"
    found = _FOLDER / name / "corpus"
    for folder in (begun, found):
        folder.mkdir(parents=True, exist_ok=True)
    for number, sample in enumerate(samples):
        (begun / f"{number:03}").write_bytes(sample)

    def mutate(data: bytes, longest: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.3:
            return bytes(atheris.Mutate(data, longest))
        return mutated(data, chance, samples, binary=harness.binary)[:longest]

    arguments = [
        f"-max_total_time={options.seconds}",
        f"-timeout={_PATIENCE}",
        f"-max_len={_LONGEST}",
        f"-artifact_prefix={_FOLDER / name}/",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
        *([f"-seed={options.seed}"] if options.seed is not None else []),
        str(found),
        str(begun),
    ]
    check: Any = harness.check
    atheris.Setup([sys.argv[0], *arguments], check, custom_mutator=mutate)
    atheris.Fuzz()
    return 0


def _plain(name: str, options: argparse.Namespace) -> int:
    from tests.fuzz.harnesses import HARNESSES
    from tests.fuzz.mutation import mutated

    harness = HARNESSES[name]
    samples = harness.samples()
    chance = random.Random(options.seed)
    kept = _FOLDER / name / "plain"
    kept.parent.mkdir(parents=True, exist_ok=True)
    runs = 0
    until = time.monotonic() + options.seconds
    while time.monotonic() < until:
        data = mutated(chance.choice(samples), chance, samples, binary=harness.binary)[:_LONGEST]
        kept.write_bytes(data)  # before it can hang or kill this process
        faulthandler.dump_traceback_later(_PATIENCE, exit=True)
        harness.check(data)
        faulthandler.cancel_dump_traceback_later()
        runs += 1
    kept.unlink(missing_ok=True)
    print(f"{name}: {runs} runs in {options.seconds} s, nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
