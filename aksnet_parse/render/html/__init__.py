"""Reports: one file of HTML each that needs nothing else, opens from disk and asks no network. Of an analysis, of a
comparison and of a trace."""

from __future__ import annotations

from .material import (
    AnalysisReport,
    ComparisonReport,
    TraceReport,
    report_comparison,
    report_nodes,
    report_trace,
)
from .pages import analysis_page, comparison_page, trace_page

__all__ = [
    "AnalysisReport",
    "ComparisonReport",
    "TraceReport",
    "analysis_page",
    "comparison_page",
    "report_comparison",
    "report_nodes",
    "report_trace",
    "trace_page",
]
