"""What results can do to show themselves, as bases of their classes: the one place in which a result reaches the ways
of rendering it, each imported when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import pandas

    from .analysis.models import Analysis, NodeAnalysis
    from .records import ParseResult
    from .render.notebook import Result

__all__ = ["Drawn", "Shown", "Tabular", "frame_of_records"]


# The modules that make results know this one alone; so `analysis` imports nothing of `render`, and a result that nobody
# shows loads none of it.


class Tabular:
    """A result with tables. Needs the extra ``notebook``."""

    __slots__ = ()

    def to_frame(self, table: str) -> pandas.DataFrame:
        """One of the result's tables as a pandas frame: of an analysis ``pods``, ``findings`` or ``listed_pods`` (of
        one node the first two); of a reading or a node ``interfaces``, ``addresses``, ``routes`` or ``bridges``.

        Columns and their types are the same for every result, an empty one as well; what is not known is missing
        (``pandas.NA``). Raises :class:`aksnet_parse.UsageError` for another table, and without the extra.
        """
        from .render.frames import frame_of

        return frame_of(self, table)


class Drawn:
    """A result with wiring that can be drawn."""

    __slots__ = ()

    def to_mermaid(self, *, pods: int | None = None) -> str:
        """The wiring of each node as a Mermaid flowchart.

        ``pods``: how many pods of a node are drawn one by one, the broken ones first; those that are left and are alike
        are drawn as one. None: as many as Mermaid draws with its usual limits.
        """
        from .render.mermaid import mermaid

        return mermaid(cast("Analysis | NodeAnalysis", self), pods=pods)

    def to_dot(self, *, pods: int | None = None) -> str:
        """The wiring of each node as a Graphviz digraph. ``pods`` as in :meth:`to_mermaid`; None: all are drawn."""
        from .render.dot import dot

        return dot(cast("Analysis | NodeAnalysis", self), pods=pods)


class Shown:
    """A result that a notebook shows as tables and pictures."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        from .render.notebook import notebook_html

        return notebook_html(cast("Result", self))

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, Any]:
        """What a notebook shows, and a line of text for what cannot show that."""
        from .render.notebook import notebook_text

        return {"text/plain": notebook_text(cast("Result", self)), "text/html": self._repr_html_()}


def frame_of_records(result: ParseResult[Any]) -> pandas.DataFrame:
    """The records of one capture as a frame."""
    from .render.frames import frame_of_records

    return frame_of_records(result)
