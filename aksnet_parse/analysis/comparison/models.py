"""The result of a comparison: the contract of its JSON output, as frozen pydantic models. Fields change only with the
schema version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from ...showing import Shown
from ..models import LineReference, Skipped, _Model

__all__ = ["Change", "Code", "Comparison", "Detail", "Kind", "Missing", "NodeComparison", "NotCompared"]

Code = Literal[
    "node",
    "finding",
    "datapath",
    "network-plugin",
    "network-plugin-mode",
    "network-dataplane",
    "network-policy",
    "veth-names",
    "bridge",
    "bridge-members",
    "pod-routes",
    "pod-prefix",
    "pods",
    "pod-veth",
    "pod-attachment",
    "pod-address",
    "uplink",
    "uplink-address",
    "default-gateway",
    "route",
    "interface",
    "interface-address",
    "interface-state",
    "mac",
    "mtu",
]
Kind = Literal["changed", "added", "gone"]
Missing = Literal["before", "after", "both"]


class Detail(_Model):
    """What a change is for one of its subjects, where it is another for each."""

    subject: str
    before: str | None
    after: str | None


class Change(_Model):
    """One thing that is not as it was, in one plain sentence (``message``).

    ``subjects``: the interfaces, addresses or pods it is about. ``before``, ``after``: the value on each side; None
    where there is none, or where each subject has its own (then ``details`` has them). ``before_lines``,
    ``after_lines``: what shows it.
    """

    code: Code
    kind: Kind
    message: str
    subjects: tuple[str, ...]
    before: str | None
    after: str | None
    details: tuple[Detail, ...]
    before_lines: tuple[LineReference, ...]
    after_lines: tuple[LineReference, ...]


class NotCompared(_Model):
    """Something that could not be compared, as ``message`` says; ``missing``: which side does not tell it."""

    subject: str
    missing: Missing
    message: str


class NodeComparison(_Model):
    """A node before and after. ``before``, ``after``: its names; None for a node without a name, and for the side that
    has no such node: then ``status`` is not ``compared``.

    ``stayed``: the important things that are the same on both sides.
    """

    status: Literal["compared", "added", "gone"]
    before: str | None
    after: str | None
    changes: tuple[Change, ...]
    stayed: tuple[str, ...]
    not_compared: tuple[NotCompared, ...]

    @property
    def no_change(self) -> bool:
        """True if nothing of what both sides show is different."""
        return not self.changes


class Comparison(_Model, Shown):
    """The whole answer; ``model_dump_json()`` gives the JSON of ``aksnet-parse compare --format json``.

    ``skipped_before``, ``skipped_after``: what could not be read of either side.
    """

    schema_version: Literal[1] = 1
    changed: bool
    nodes: tuple[NodeComparison, ...]
    skipped_before: tuple[Skipped, ...]
    skipped_after: tuple[Skipped, ...]

    @property
    def no_change(self) -> bool:
        """True if nothing of what both sides show is different."""
        return not self.changed

    def parts(self) -> Iterator[Comparison]:
        """The same as one comparison for each node, and one for what could not be read: the lines of ``--format
        jsonl``, each of which is a whole document of this schema."""
        for node in self.nodes:
            yield Comparison(changed=not node.no_change, nodes=(node,), skipped_before=(), skipped_after=())
        if self.skipped_before or self.skipped_after or not self.nodes:
            yield self.model_copy(update={"changed": False, "nodes": ()})
