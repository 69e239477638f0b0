"""Two comparisons of the same two captures, one the other way round, must be mirror images."""

from __future__ import annotations

from collections import Counter

from aksnet_parse import Comparison
from aksnet_parse.analysis.comparison.models import NodeComparison

__all__ = ["assert_mirrored"]

_OPPOSITE = {"changed": "changed", "added": "gone", "gone": "added", "compared": "compared"}
_OTHER = {"before": "after", "after": "before", "both": "both"}


def assert_mirrored(there: Comparison, back: Comparison) -> None:
    """The same statements with the sides swapped."""

    def seen(node: NodeComparison, *, swap: bool) -> tuple[object, ...]:
        def pair(before: object, after: object) -> tuple[object, object]:
            return (after, before) if swap else (before, after)

        changes = Counter(
            (
                change.code,
                _OPPOSITE[change.kind] if swap else change.kind,
                change.subjects,
                pair(change.before, change.after),
                tuple((detail.subject, *pair(detail.before, detail.after)) for detail in change.details),
                pair(change.before_lines, change.after_lines),
            )
            for change in node.changes
        )
        status = _OPPOSITE[node.status] if swap else node.status
        missing = Counter((one.subject, _OTHER[one.missing] if swap else one.missing) for one in node.not_compared)
        return status, pair(node.before, node.after), changes, Counter(node.stayed), missing

    assert there.changed == back.changed
    ours = [seen(node, swap=False) for node in there.nodes]
    theirs = [seen(node, swap=True) for node in back.nodes]
    assert len(ours) == len(theirs)
    assert all(node in theirs for node in ours)
    assert all(node in ours for node in theirs)
