"""Reports for programs: an answer as one page of HTML, without the command line. What makes pages is imported when one
is asked for, and needs the extra ``report``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import UsageError

if TYPE_CHECKING:
    from .reading import Reading
    from .redaction import Redaction

__all__ = ["html_comparison", "html_report", "html_trace"]


def html_report(reading: Reading, *, redaction: Redaction | None = None) -> str:
    """The page that ``aksnet-parse PATH --format html`` makes: what :func:`aksnet_parse.analyze` says of ``reading``,
    its proofs and the captured text.

    ``redaction``: puts the whole page under pseudonyms, the captured text too; None: nothing is replaced. Returns a
    whole document of HTML, to be written as UTF-8, which loads nothing and sends nothing. Raises
    :class:`aksnet_parse.UsageError` without the extra ``report``.
    """
    try:
        from .render.html import analysis_page, report_nodes
    except ModuleNotFoundError as error:
        raise _without_extra(error) from None
    report = report_nodes(reading)
    return analysis_page(redaction(report) if redaction is not None else report)


def html_comparison(
    before: Reading,
    after: Reading,
    *,
    names: tuple[str, str] = ("before", "after"),
    redaction: Redaction | None = None,
) -> str:
    """The same of what :func:`aksnet_parse.compare` says. ``names``: what the two sides are called on the page."""
    try:
        from .render.html import comparison_page, report_comparison
    except ModuleNotFoundError as error:
        raise _without_extra(error) from None
    report = report_comparison(before, after, names=names)
    return comparison_page(redaction(report) if redaction is not None else report)


def html_trace(reading: Reading, source: str, target: str, *, redaction: Redaction | None = None) -> str:
    """The same of what :func:`aksnet_parse.trace` says. Raises :class:`aksnet_parse.UsageError` as that does, too."""
    try:
        from .render.html import report_trace, trace_page
    except ModuleNotFoundError as error:
        raise _without_extra(error) from None
    report = report_trace(reading, source, target)
    return trace_page(redaction(report) if redaction is not None else report)


def _without_extra(error: ModuleNotFoundError) -> Exception:
    if (error.name or "").partition(".")[0] not in {"jinja2", "markupsafe"}:
        return error
    return UsageError("a report needs an extra: pip install 'aksnet-parse[report]'")
