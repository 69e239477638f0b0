"""Many paths on any executor: the same answers, in order, within bounds, whatever becomes of one of them."""

from __future__ import annotations

import contextlib
import io
import json
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from aksnet_parse import Analysis, Case, Limits, Processes, Redaction, analyze, analyze_many, read
from aksnet_parse.cli import main
from aksnet_parse.cli.progress import cases_bar
from tests.bundles import IP_ADDR, ROUTE_N, zipped
from tests.required import cannot_run

ROOT = Path(__file__).parent.parent
SAMPLES = sorted((ROOT / "samples").glob("*.txt"))
NODE = zipped({"ip_addr.txt": IP_ADDR, "route_-n": ROUTE_N, "notes.txt": "nothing"})


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    """Good bundles and bad ones."""
    contents = {
        "node.zip": NODE,
        "cut.zip": NODE[:100],
        "prose.txt": b"Nothing but prose.\n",
        "partly.zip": zipped({"ip_addr.txt": IP_ADDR, "more.zip": NODE[:100]}),
    }
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    return [SAMPLES[0], *(tmp_path / name for name in contents), tmp_path / "missing.zip", *SAMPLES[1:]]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed", reason="needs the extra `dask`")
    import dask

    with (
        # One death is enough to give a task up; what only takes long on a busy machine is none.
        dask.config.set(
            {
                "distributed.scheduler.allowed-failures": 0,
                "distributed.comm.timeouts.connect": "300s",
                "distributed.comm.timeouts.tcp": "300s",
            }
        ),
        distributed.LocalCluster(
            processes=True, n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1"
        ) as local,
        distributed.Client(local) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    with Processes(2) as executor:
        yield executor


@contextmanager
def _executor(kind: str, request: pytest.FixtureRequest) -> Iterator[Executor | None]:
    with ExitStack() as stack:
        if kind == "none":
            yield None
        elif kind == "processes":
            yield request.getfixturevalue("processes")
        elif kind == "dask":
            yield request.getfixturevalue("cluster").get_executor(pure=False)
        else:
            yield stack.enter_context(_POOLS[kind]())


_POOLS: dict[str, Callable[[], Executor]] = {
    "threads": lambda: ThreadPoolExecutor(2),
    "pool": lambda: ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")),
}
KINDS = ["none", *_POOLS, "processes", "dask"]


# --- the library ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_every_executor_gives_the_same_answers_in_order(
    kind: str, paths: list[Path], request: pytest.FixtureRequest
) -> None:
    with _executor(kind, request) as executor:
        cases = list(analyze_many(iter(paths), executor, ahead=3))
        redacted = list(analyze_many(paths[:3], executor, finish=Redaction(b"key")))
    assert [case.path for case in cases] == [str(path) for path in paths]
    by_name = {Path(case.path).name: case for case in cases}
    assert {name: case.error for name, case in by_name.items() if case.error is not None} == {
        "cut.zip": "no zip directory: cut off, or no zip archive",
        "prose.txt": "nothing recognised",
        "missing.zip": "No such file or directory",
    }
    for case in cases:
        if case.error is None:
            assert case.analysis == analyze(read(Path(case.path)))
        else:
            [skipped] = case.analysis.skipped
            assert case.analysis.nodes == ()
            assert (skipped.file, skipped.reason) == (case.path, case.error)
    assert by_name["node.zip"].passed_over == 1
    assert [case.analysis for case in redacted] == [Redaction(b"key")(case.analysis) for case in cases[:3]]
    assert len(by_name["partly.zip"].analysis.nodes) == len(by_name["partly.zip"].analysis.skipped) == 1


@pytest.mark.parametrize("kind", ["none", "processes"])
def test_the_limits_hold_for_each_path(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    bundle = tmp_path / "node.zip"
    bundle.write_bytes(NODE)
    size = len(IP_ADDR) + len(ROUTE_N) + 100
    with _executor(kind, request) as executor:
        cases = list(analyze_many([bundle] * 3, executor, limits=Limits(total_size=size)))
        assert [case.analysis.skipped for case in cases] == [()] * 3
        [case] = analyze_many([bundle], executor, limits=Limits(total_size=size - 200))
    assert "more than" in case.analysis.skipped[0].reason


class _ByHand:
    """Runs what it was given when it is told to, the last first; it has ``submit`` and nothing else."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []
        self.futures: list[Future[Any]] = []

    def submit(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.futures.append(future)
        self.waiting.append((future, lambda: function(*args)))
        return future

    def run(self) -> None:
        while self.waiting:
            future, call = self.waiting.pop()
            if future.set_running_or_notify_cancel():
                future.set_result(call())


@pytest.mark.parametrize("ahead", [1, 2, 5])
def test_no_more_than_a_window_is_in_work(ahead: int) -> None:
    taken = given = most = 0

    def endless() -> Iterator[Path]:
        nonlocal taken, most
        while True:
            taken += 1
            most = max(most, taken - given)
            yield SAMPLES[taken % len(SAMPLES)]

    class LastFirst(_ByHand):
        def submit(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
            future = super().submit(function, *args)
            if taken - given >= ahead:
                self.run()
            return future

    executor: Any = LastFirst()
    cases = analyze_many(endless(), executor, ahead=ahead)
    for number in range(1, 13):
        assert next(cases).path == str(SAMPLES[number % len(SAMPLES)])
        given += 1
    assert most == ahead


def test_without_an_executor_nothing_is_read_ahead() -> None:
    asked: list[Path] = []

    def given() -> Iterator[Path]:
        for path in SAMPLES:
            asked.append(path)
            yield path

    cases = analyze_many(given())
    assert asked == []
    assert next(cases).error is None
    assert asked == SAMPLES[:1]


def test_closing_cancels_what_has_not_begun() -> None:
    by_hand: Any = _ByHand()
    cases = analyze_many([*SAMPLES, *SAMPLES], by_hand, ahead=4)
    with ThreadPoolExecutor(1) as other:
        first = other.submit(next, cases)
        while len(by_hand.waiting) < 4:
            time.sleep(0.001)
        future, call = by_hand.waiting.pop(0)
        future.set_result(call())
        assert isinstance(first.result(), Case)
    cases.close()
    assert [future.cancelled() for future in by_hand.futures] == [False, True, True, True]


def test_no_window_is_no_way_to_work() -> None:
    with pytest.raises(ValueError, match="0"):
        analyze_many([], ahead=0)
    with pytest.raises(ValueError, match="0"):
        Processes(0)


# --- workers that fail ------------------------------------------------------------------------------------------------


def _file_of(analysis: Analysis) -> str:
    files = [capture.file for node in analysis.nodes for capture in node.captures]
    return str(files[0]) if files else ""


def _die_of_some(analysis: Analysis) -> Analysis:
    if _file_of(analysis) == str(SAMPLES[2]):
        os._exit(9)
    if _file_of(analysis) == str(SAMPLES[4]):
        os.kill(os.getpid(), signal.SIGKILL)
    return analysis


def _fail_on_some(analysis: Analysis) -> Analysis:
    errors = {SAMPLES[1]: MemoryError(), SAMPLES[2]: RecursionError("deep"), SAMPLES[3]: ValueError("odd")}
    for path, error in errors.items():
        if _file_of(analysis) == str(path):
            raise error
    return analysis


def _always_fail(analysis: Analysis) -> Analysis:
    raise ValueError("never")


@pytest.mark.parametrize("kind", ["none", "threads", "processes"])
def test_an_exception_is_the_answer_for_its_path(kind: str, request: pytest.FixtureRequest) -> None:
    with _executor(kind, request) as executor:
        cases = list(analyze_many(SAMPLES, executor, finish=_fail_on_some))
    assert [case.error for case in cases] == [
        None,
        "not enough memory",
        "nested too deeply",
        "this program failed on it: ValueError: odd",
        None,
        None,
    ]


def test_what_cannot_be_finished_is_not_shown_unfinished() -> None:
    [case] = analyze_many([SAMPLES[0]], finish=_always_fail)
    assert case.error == "this program failed on it: ValueError: never"
    assert case.analysis == Analysis(nodes=(), skipped=())


def test_a_process_that_dies_costs_one_path() -> None:
    with Processes(2) as executor:
        cases = list(analyze_many(SAMPLES, executor, finish=_die_of_some))
    assert [case.error for case in cases] == [
        None,
        None,
        "the process that did it ended with status 9",
        None,
        "the process that did it was ended by SIGKILL, as where memory runs out",
        None,
    ]


def test_a_broken_pool_says_so_for_the_rest() -> None:
    with _POOLS["pool"]() as executor:
        # One at a time: what else is in work when a process dies may or may not be done by then.
        cases = list(analyze_many(SAMPLES, executor, finish=_die_of_some, ahead=1))
    assert len(cases) == len(SAMPLES)
    assert [case.error for case in cases[:2]] == [None, None]
    assert all("the executor is broken" in str(case.error) for case in cases[2:])


def test_a_pool_that_was_shut_down_says_so() -> None:
    with ThreadPoolExecutor(1) as executor:
        pass
    assert [case.error for case in analyze_many(SAMPLES[:2], executor)] == [
        "not read: RuntimeError: cannot schedule new futures after shutdown"
    ] * 2


def test_a_worker_of_a_cluster_that_dies_costs_one_path(cluster: Any) -> None:
    executor = cluster.get_executor(pure=False)
    cases = list(analyze_many(SAMPLES, executor, finish=_die_of_some, ahead=1))
    assert [case.error is None for case in cases] == [True, True, False, True, False, True]
    assert "KilledWorker" in str(cases[2].error)


def test_processes_are_an_executor(processes: Processes) -> None:
    assert list(processes.map(abs, [-1, -2, -3])) == [1, 2, 3]
    with pytest.raises(ValueError, match="invalid literal"):
        processes.submit(int, "x").result()
    with pytest.raises(RuntimeError, match="pickle"):
        processes.submit(eval, "lambda: 0").result()
    assert processes.submit(abs, -4).result() == 4


def test_processes_finish_what_they_were_given() -> None:
    executor = Processes(1)
    future = executor.submit(abs, -5)
    executor.shutdown(wait=False)
    assert future.result() == 5
    with pytest.raises(RuntimeError):
        executor.submit(abs, -1)


def test_leaving_by_an_exception_ends_the_processes_at_once() -> None:
    futures: list[Future[None]] = []
    with contextlib.suppress(KeyboardInterrupt), Processes(1) as executor:
        futures += [executor.submit(time.sleep, 600) for _ in range(3)]
        while not futures[0].running():
            time.sleep(0.01)
        raise KeyboardInterrupt
    # Nobody waited for it: it would have returned then.
    assert isinstance(futures[0].exception(), ChildProcessError)
    assert [future.cancelled() for future in futures[1:]] == [True, True]
    with pytest.raises(RuntimeError):
        executor.submit(abs, -1)


# --- the command line -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["--each"], ["--jobs", "auto"]])
def test_jsonl_has_a_line_for_each_node_and_each_bad_path(
    arguments: list[str], paths: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*map(str, paths), *arguments, "--format", "jsonl"]) == 2
    shown = capsys.readouterr()
    lines = [Analysis.model_validate_json(line) for line in shown.out.splitlines()]
    assert lines == [part for case in analyze_many(paths) for part in case.analysis.parts()]
    bad = [skipped for line in lines for skipped in line.skipped]
    assert shown.err == "".join(f"aksnet-parse: {skipped.file}: {skipped.reason}\n" for skipped in bad)


def test_json_is_one_document(paths: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*map(str, paths), "--each", "--format", "json"]) == 2
    answer = json.loads(capsys.readouterr().out)
    assert main(["schema"]) == 0
    jsonschema.validate(answer, json.loads(capsys.readouterr().out))
    assert len(answer["nodes"]) == len(SAMPLES) + 2
    assert len(answer["skipped"]) == 4


def test_text_names_each_path_and_ends_with_a_summary(paths: list[Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*map(str, paths), "--each"]) == 2
    lines = capsys.readouterr().out.splitlines()
    headings = [f"{path} ({number} of {len(paths)})" for number, path in enumerate(paths, 1)]
    assert [line for line in lines if line.endswith(f" of {len(paths)})")] == headings
    assert lines[lines.index(headings[1]) + 1].startswith("Node")
    assert lines[lines.index(headings[2]) + 1] == "Not read"
    nodes = [node for case in analyze_many(paths) for node in case.analysis.nodes]
    pods = sum(len(node.pods) for node in nodes)
    assert lines[-1].startswith(f"{len(paths)} paths, 3 not answered: {len(nodes)} nodes (")
    assert f"), {pods} pods, " in lines[-1]


@pytest.mark.parametrize(
    ("names", "more", "status"),
    [
        (["azure-cni-transparent"], [], 0),
        (["azure-cni-transparent", "azure-cni-broken"], ["--fail-on", "error"], 3),
        (["azure-cni-broken", "prose"], ["--fail-on", "error"], 1),
        (["prose"], [], 1),
        (["azure-cni-broken", "prose", "missing"], ["--fail-on", "error"], 2),
    ],
)
def test_the_status_is_that_of_the_worst_case(
    names: list[str], more: list[str], status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "prose.txt").write_text("Nothing but prose.\n", encoding="utf-8")
    samples = {path.stem: path for path in SAMPLES}
    given = [str(samples.get(name, tmp_path / f"{name}.txt")) for name in names]
    assert main([*given, "--each", "--format", "jsonl", *more]) == status


def test_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-", str(SAMPLES[0]), "--jobs", "2"]) == 2
    assert capsys.readouterr().err == "aksnet-parse: standard input is one case: --each and --jobs take paths\n"
    for number in ("-1", "two", "1.5", ""):
        with pytest.raises(SystemExit) as raised:
            main([str(SAMPLES[0]), f"--jobs={number}"])
        assert raised.value.code == 2


# Only what hangs takes as long: a busy machine does not.
_PATIENCE = 300


def test_control_c_ends_the_processes_without_a_traceback(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        cannot_run("no named pipes, which tell when a path is being read")
    pipes = [tmp_path / "one", tmp_path / "two"]
    for pipe in pipes:
        os.mkfifo(pipe)
    command = [sys.executable, "-m", "aksnet_parse", *map(str, pipes), "--jobs", "2", "--format", "jsonl"]
    # What is ignored here is ignored by what is started here, and a shell lets its background ignore this.
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    finally:
        signal.signal(signal.SIGINT, before)
    writers = [_writer(pipe) for pipe in pipes]
    # As a terminal does: to every process of the group.
    os.killpg(running.pid, signal.SIGINT)
    printed = running.communicate(timeout=_PATIENCE)
    for writer in writers:
        os.close(writer)
    assert (running.returncode, *printed) == (130, b"", b"")


def _writer(pipe: Path) -> int:
    """The pipe, open: as soon as somebody reads it, who then waits for its end."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(OSError):
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        time.sleep(0.01)
    raise AssertionError(f"nobody reads {pipe}")


# --- the README ------------------------------------------------------------------------------------------------------

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_shows_the_last_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    [shown] = re.findall(r"```sh\naksnet-parse samples/\*\.txt --jobs auto\n```.*?```text\n(.*?)\n```", README, re.S)
    assert main([*map(str, SAMPLES), "--each"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == shown


def test_the_readme_runs_on_a_cluster(
    cluster: Any, paths: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [program] = re.findall(r"```py\n(.*?)```", README, re.S)
    for written, here in {"tcp://scheduler:8786": cluster.scheduler.address, "/mnt/bundles": str(tmp_path)}.items():
        assert written in program
        program = program.replace(written, here)
    monkeypatch.chdir(tmp_path)
    exec(compile(program, "README.md", "exec"), {})
    lines = Path("fleet.jsonl").read_text(encoding="utf-8").splitlines()
    bundles = sorted(path for path in paths if path.suffix == ".zip" and path.exists())
    assert [Analysis.model_validate_json(line) for line in lines] == [case.analysis for case in analyze_many(bundles)]


# --- progress ---------------------------------------------------------------------------------------------------------


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_how_many_are_done_and_how_many_of_them_are_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    terminal = _Terminal()
    with cases_bar(terminal, 5000) as progress:
        assert progress is not None
        progress(1200, 3)
    assert "1200/5000" in terminal.getvalue()
    assert "3 not answered" in terminal.getvalue()


def test_there_is_no_bar_but_on_a_terminal() -> None:
    stream = io.StringIO()
    with cases_bar(stream, 3) as progress:
        assert progress is None
    assert stream.getvalue() == ""
