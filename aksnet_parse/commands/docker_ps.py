"""`docker ps` (also `docker container ls`, `nerdctl ps`): the containers of a node by id and name.

The kubelet's names tell which pod a container is of. Images, command lines and ports are not kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from ..commandline import Invocation
from ..grammar import Scan, load_template
from ..records import ParseResult, Source
from .base import Command
from .calls import after_options
from .containers import KUBELET_NAME, Container, container_row
from .wrapped import put_together, spread_out

__all__ = ["DOCKER_PS"]

_STATES = {
    "Up": "running",
    "Exited": "exited",
    "Created": "created",
    "Restarting": "restarting",
    "Removal": "removing",
    "Dead": "dead",
}
# containerd's names for pods and their containers, as nerdctl shows them.
_CONTAINERD_NAME = re.compile(r"k8s://(?P<namespace>[^/]+)/(?P<pod>[^/]+)(?:/(?P<container>[^/]+))?")


def _row(words: dict[str, str], source: Source) -> dict[str, Any]:
    # A container has a further name, with a slash in it, for each that was linked to it.
    names = words["names"].split(",")
    name = next((name for name in names if "/" not in name), None)
    state = "paused" if "Paused" in words.get("remark", "") else _STATES[words["state"]]
    facts: dict[str, Any] = {"id": words["id"], "name": name, "state": state}
    pod = _CONTAINERD_NAME.fullmatch(names[0])
    if pod is not None:
        facts |= {"name": names[0], "pod_namespace": pod["namespace"], "pod_name": pod["pod"]}
        facts |= {"container_name": pod["container"]}
        facts |= {"container_type": "container" if pod["container"] else "podsandbox"}
    return container_row(facts, source)


class _DockerPs(Command[Container]):
    def restarts(self, line: str, lines: Sequence[str]) -> bool:
        return _HEADING.match(line) is not None and any(earlier.strip() for earlier in lines)

    def takes(self, line: str, invocation: Invocation | None) -> bool:
        return super().takes(line, invocation) or _HEAD.match(line) is not None

    def follows(self, line: str, invocation: Invocation | None) -> bool:
        return super().takes(line, invocation)

    def _is_whole(self, line: str) -> bool:
        """Whether a line is a whole row, with a name that is whole if the kubelet gave it."""
        match = _KUBELETS.search(line)
        return self.grammar().takes(line) and (match is None or KUBELET_NAME.fullmatch(match[1]) is not None)

    def parse_lines(
        self,
        lines: Sequence[str],
        *,
        file: str | None = None,
        first_line: int = 1,
        invocation: Invocation | None = None,
    ) -> ParseResult[Container]:
        whole, spans = put_together(lines, _HEAD, self._is_whole)
        result = super().parse_lines(whole, file=file, first_line=first_line, invocation=invocation)
        return spread_out(result, spans, lines, first_line)

    def is_partial(self, argv: tuple[str, ...]) -> bool:
        return any(_CHOOSES.match(word) for word in _options(argv) or ())

    def refine(self, scan: Scan) -> list[Source]:
        rows = scan.records[self.group]
        rows[:] = [_row(words, words["source"]) for words in rows]
        return []


# --- the command ------------------------------------------------------------------------------------------------------

_WITH_VALUE = frozenset({"-H", "--host", "-c", "--context", "--config", "-l", "--log-level", "-n", "--namespace", "-a"})
_LISTINGS = (("ps",), ("container", "ls"), ("container", "list"), ("container", "ps"))
# Of options that print something else than the table, or of these containers only some.
_OTHERWISE = re.compile(r"-[a-z]*q|--quiet|--format|--help|--version")
_CHOOSES = re.compile(r"-(?:[as]*[fnl])|--(?:filter|last|latest)")


def _options(argv: tuple[str, ...]) -> tuple[str, ...] | None:
    """The words of a call after what it is; None if it prints no table of containers."""
    if argv[0] not in {"docker", "nerdctl"}:
        return None
    words = after_options(argv[1:], _WITH_VALUE)
    listing = next((listing for listing in _LISTINGS if words[: len(listing)] == listing), None)
    options = words[len(listing) :] if listing is not None else ()
    return None if listing is None or any(_OTHERWISE.match(word) for word in options) else options


_HEADING = re.compile(r"[ ]*CONTAINER[ ]+ID[ ]+IMAGE[ ]+COMMAND[ ]+CREATED[ ]+STATUS[ ]+PORTS[ ]+NAMES(?:[ ]+SIZE)?$")

# How a row begins, and what stands above the columns.
_HEAD = re.compile(r"[ ]*CONTAINER[ ]+ID[ ]+IMAGE[ ]+COMMAND|[ ]*[0-9a-f]{12}(?:[0-9a-f]{52})?[ ]+\S{1,300}[ ]+[\"“”]")
_KUBELETS = re.compile(r"(?<=[ ])(k8s_\S*)$")

DOCKER_PS = _DockerPs(
    name="docker ps",
    grammar=partial(load_template, "docker_ps"),
    group="containers",
    model=Container,
    claims=lambda argv: _options(argv) is not None,
    herald=re.compile(
        rf"{_HEADING.pattern}"
        r'|[ ]*[0-9a-f]{12}(?:[0-9a-f]{52})?[ ]+\S{1,200}[ ]+(?:"[^"]{0,200}"|[“”][^“”]{0,200}[“”])[ ]+'
        r"[A-Z0-9][a-z0-9 ]{1,40} ago[ ]+(?:Up|Exited|Created|Restarting|Removal|Dead)\b"
    ),
)
