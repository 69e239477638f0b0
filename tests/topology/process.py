"""Processes that own namespaces, and running commands inside those namespaces."""

import subprocess
import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

ENVIRONMENT: Final = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C",
    "HOME": "/root",
    "DOCKER_CONFIG": "/run/docker-client",  # does not exist: nobody's own settings or credentials
}
_HOLDER: Final = Path(__file__).with_name("holder.py")
_POD: Final = """
sysctl=/proc/sys/net/ipv6/conf/default/accept_dad
if [ -e $sysctl ]; then echo 0 > $sysctl; fi
ip link set lo up && echo ready && exec cat
"""


class TopologyError(RuntimeError):
    """A command needed to build or to read a topology failed; the message carries what it printed."""


def run(argv: Sequence[str], *, stdin: str = "", environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        argv, input=stdin, env={**ENVIRONMENT, **(environment or {})}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise TopologyError(f"{' '.join(argv)}: exit status {done.returncode}\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def enter(node: int, network: int | None = None) -> list[str]:
    """The start of a command line that runs in a node's namespaces, but in another process' network if given."""
    return [
        "nsenter",
        f"--net=/proc/{network or node}/ns/net",
        f"--mount=/proc/{node}/ns/mnt",
        f"--uts=/proc/{node}/ns/uts",
    ]


class Owner:
    """A process that owns namespaces. It reads a pipe and ends with it, so it cannot outlive its maker."""

    def __init__(self, argv: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=ENVIRONMENT,
            start_new_session=True,  # an interrupt at the terminal is for the maker, which then tidies up
            text=True,
        )
        self.pid = self._process.pid

    @classmethod
    def of_pod(cls) -> Self:
        return cls(["unshare", "--net", "sh", "-c", _POD])

    @classmethod
    def of_node(cls, name: str, *, daemon: Sequence[str] = ()) -> Self:
        """A node; `{cgroup}` in the daemon's arguments becomes the name of a control group of its own."""
        cgroup = f"aksnet-{uuid.uuid4().hex[:12]}"  # process ids need not differ: there can be namespaces of them
        command = [word.replace("{cgroup}", cgroup) for word in daemon]
        options = [f"--cgroup={cgroup}"] if daemon else []
        holder = [sys.executable, "-I", "-S", str(_HOLDER), *options, "--", name, *command]
        return cls(["unshare", "--net", "--mount", "--uts", *holder])

    def ready(self) -> int:
        """Wait until the namespaces stand; return the process id."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line != "ready\n":
            raise TopologyError(f"no namespace: {line}{self._process.stdout.read()}".rstrip())
        return self.pid

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        finally:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
