"""Results as a notebook shows them: a fragment of HTML with the picture, what is wrong and the tables, which needs
neither script nor network. Everything captured is escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from ..analysis.comparison.models import Comparison, NodeComparison
from ..analysis.models import Analysis, Finding, LineReference, NodeAnalysis, Skipped
from ..analysis.tracing.models import Trace
from ..node import Node, ParsedCapture
from ..reading import Reading
from .picture import picture_svg
from .plain import printable
from .words import (
    compared_name,
    count,
    datapath_of,
    end_of,
    facts_of,
    listed_by_node,
    listed_heading,
    need_names,
    pod_names,
    rides_on,
    spans_of,
    trace_end,
    way_out,
)

__all__ = ["Result", "notebook_html", "notebook_text"]

# A notebook keeps what it shows.
_MOST_NODES = 10
_MOST_PODS = 100
_MOST_CAPTURES = 100
_MOST_LINES = 20
_LONGEST_LINE = 200
_ORDER = ("error", "warning", "info")

# The table's own name outweighs what notebooks say of all cells. Colours are mixed with that of the text around them,
# which is light where the page is dark.
_STYLE = """
.aksnet-parse { font: 13px/1.5 system-ui, sans-serif; }
.aksnet-parse h3, .aksnet-parse h4 { margin: 0.9em 0 0.3em; }
.aksnet-parse .aks-scroll { max-height: 36em; overflow: auto; }
.aksnet-parse .aks-paper { background: #fff; }
.aksnet-parse table { font: inherit; border-collapse: collapse; margin: 0.3em 0; }
.aksnet-parse table :is(th, td) { text-align: left; vertical-align: top; padding: 0.15em 0.8em 0.15em 0; }
.aksnet-parse pre { margin: 0.2em 0 0.4em; white-space: pre-wrap; font-size: 12px; }
.aksnet-parse ul { margin: 0.2em 0; padding-left: 1.4em; }
.aksnet-parse .aks-tag { border: 1px solid; border-radius: 0.7em; padding: 0 0.6em; font-size: 12px; }
.aksnet-parse :is(.aks-error, .aks-conflict, .aks-lost) { color: color-mix(in srgb, #cf222e 65%, currentColor); }
.aksnet-parse :is(.aks-warning, .aks-partial, .aks-unknown) { color: color-mix(in srgb, #9a6700 65%, currentColor); }
.aksnet-parse :is(.aks-proven, .aks-reached) { color: color-mix(in srgb, #1a7f37 65%, currentColor); }
"""

Result = Analysis | NodeAnalysis | Comparison | Trace | Reading


def notebook_html(result: Result) -> str:
    """The result as HTML. Pure; never raises."""
    if isinstance(result, Comparison):
        parts = _comparison(result)
    elif isinstance(result, Trace):
        parts = _trace(result)
    elif isinstance(result, Reading):
        parts = _reading(result)
    else:
        parts = _analysis(result)
    return f'<div class="aksnet-parse"><style>{_STYLE}</style>{"".join(parts)}</div>'


def notebook_text(result: Result) -> str:
    """The result in a line, for what shows text alone."""
    if isinstance(result, Reading):
        return printable(repr(result))
    if isinstance(result, Comparison):
        changes = sum(len(node.changes) for node in result.nodes)
        said = f"{count(len(result.nodes), 'node')}, {count(changes, 'change')}"
    elif isinstance(result, Trace):
        said = f"{_who(result)}: {result.verdict}, {count(len(result.hops), 'hop')}"
    elif isinstance(result, NodeAnalysis):
        said = f"{result.name or '(no name)'}, {_totals([result])}"
    else:
        said = f"{count(len(result.nodes), 'node')}, {_totals(result.nodes)}"
    return printable(f"<{type(result).__name__}: {said}>")


# --- what was read ----------------------------------------------------------------------------------------------------


def _reading(result: Reading) -> Iterator[str]:
    if not result.nodes and not result.listings and not result.unread:
        yield "<p><b>Nothing recognised</b></p>"
    for node in result.nodes[:_MOST_NODES]:
        yield from _captured(node)
    if len(result.nodes) > _MOST_NODES:
        yield f"<p>and {count(len(result.nodes) - _MOST_NODES, 'more node')}</p>"
    yield from _not_read([Skipped(file=file, reason=reason) for file, reason in result.skipped])


def _captured(node: Node) -> Iterator[str]:
    yield f"<h3>{_text(node.name or '(no name)')}: {count(len(node.captures), 'capture')}</h3>"
    rows = [
        (
            _text(parsed.command),
            _text(parsed.namespace),
            _text(_place(parsed)),
            str(len(parsed.result)),
            str(len(parsed.result.unparsed) or ""),
        )
        for parsed in node.captures[:_MOST_CAPTURES]
    ]
    yield _table(("command", "captured in", "begins at", "records", "lines not understood"), rows)
    if len(node.captures) > _MOST_CAPTURES:
        yield f"<p>and {count(len(node.captures) - _MOST_CAPTURES, 'more capture')}</p>"


def _place(parsed: ParsedCapture) -> str:
    first = parsed.beginning
    return f"line {first.line}" if first.file is None else f"{first.file}:{first.line}"


# --- an analysis ------------------------------------------------------------------------------------------------------


def _analysis(result: Analysis | NodeAnalysis) -> Iterator[str]:
    if isinstance(result, NodeAnalysis):
        yield from _node(result)
        return
    if len(result.nodes) != 1:
        yield f"<p><b>{_text(count(len(result.nodes), 'node'))}, {_text(_totals(result.nodes))}</b></p>"
    for node in result.nodes[:_MOST_NODES]:
        yield from _node(node)
    if len(result.nodes) > _MOST_NODES:
        more = count(len(result.nodes) - _MOST_NODES, "more node")
        yield f"<p>and {more}: each of <code>nodes</code> shows itself</p>"
    listed = listed_by_node(result)
    if listed:
        yield f"<h4>{listed_heading(result)}</h4>"
        yield _items(f"{node}: {', '.join(pods[:_MOST_CAPTURES]) or 'no pods listed'}" for node, pods in listed.items())
    if result.unread:
        spans = spans_of(
            result.unread, several_files=need_names(one.file for one in result.unread), shown=_MOST_CAPTURES
        )
        yield "<h4>Skipped</h4>"
        yield _items(f"{command}, lines {lines}" for command, lines in spans.items())
    yield from _not_read(result.skipped)


def _totals(nodes: Iterable[NodeAnalysis]) -> str:
    listed = list(nodes)
    statuses = Counter(pod.status for node in listed for pod in node.pods)
    severities = Counter(finding.severity for node in listed for finding in node.findings)
    said = [count(sum(statuses.values()), "pod")]
    said += [f"{statuses[status]} {status}" for status in ("proven", "partial", "conflict") if statuses[status]]
    said += [count(severities[severity], severity) for severity in ("error", "warning") if severities[severity]]
    return ", ".join(said)


def _node(node: NodeAnalysis) -> Iterator[str]:
    yield f"<h3>{_text(node.name or '(no name)')}: {_text(datapath_of(node.mode))}</h3>"
    facts = facts_of(node.mode)
    del facts["datapath"]
    if node.uplink is not None:
        facts["uplink"] = way_out(node.uplink)
    yield f"<p>{'; '.join(f'{_text(name)} <b>{_text(value)}</b>' for name, value in facts.items())}</p>"
    yield f'<div class="aks-scroll aks-paper">{picture_svg(node)}</div>'
    wrong = [finding for finding in node.findings if finding.severity != "info"]
    if wrong:
        yield f"<h4>{count(len(wrong), 'thing')} wrong</h4>"
        yield from _findings(wrong)
    yield f"<h4>{_text(_totals([node]))}</h4>"
    if node.pods:
        rows = [
            (
                "<br>".join(map(_text, pod_names(pod))),
                _text(end_of(pod.interface)),
                _text(end_of(pod.veth)),
                _text(rides_on(pod)),
                _tag(pod.status),
                _text(", ".join(pod.proofs)),
            )
            for pod in node.pods[:_MOST_PODS]
        ]
        yield _table(("pod", "interface", "host veth", "rides on", "status", "proofs"), rows)
    if len(node.pods) > _MOST_PODS:
        yield f"<p>and {count(len(node.pods) - _MOST_PODS, 'more pod')}: <code>to_frame('pods')</code> has all</p>"
    known = [finding for finding in node.findings if finding.severity == "info"]
    if known:
        yield f"<details><summary>{count(len(known), 'thing')} worth knowing</summary>"
        yield from _findings(known)
        yield "</details>"
    if node.unparsed:
        yield f"<details><summary>{count(len(node.unparsed), 'line')} not understood</summary>"
        yield f"{_pre(node.unparsed)}</details>"


def _findings(findings: Sequence[Finding]) -> Iterator[str]:
    yield "<ul>"
    for finding in sorted(findings, key=lambda finding: _ORDER.index(finding.severity)):
        code = f"<b>{_text(finding.code)}</b>: " if finding.severity != "info" else ""
        yield f"<li>{_tag(finding.severity)} {code}{_text(finding.message)}{_cited(finding.lines)}</li>"
    yield "</ul>"


def _not_read(skipped: Sequence[Skipped]) -> Iterator[str]:
    if skipped:
        yield "<h4>Not read</h4>"
        yield _items(f"{one.file}: {one.reason}" for one in skipped)


# --- a comparison and a trace -----------------------------------------------------------------------------------------


def _comparison(result: Comparison) -> Iterator[str]:
    for node in result.nodes:
        yield f"<h3>{_text(compared_name(node))}: {_text(_outcome(node))}</h3>"
        if node.changes:
            rows = [
                (
                    _text(change.message),
                    _text(change.before or ""),
                    _text(change.after or ""),
                    _cited(change.before_lines, "before") + _cited(change.after_lines, "after"),
                )
                for change in node.changes
            ]
            yield _table(("change", "before", "after", "lines"), rows)
        for heading, said in (
            ("stayed", node.stayed),
            ("not compared", tuple(f"{one.subject}: {one.message}" for one in node.not_compared)),
        ):
            if said:
                yield f"<details><summary>{count(len(said), 'thing')} {heading}</summary>{_items(said)}</details>"
    yield from _not_read((*result.skipped_before, *result.skipped_after))


def _outcome(node: NodeComparison) -> str:
    if node.status != "compared":
        return node.status
    return count(len(node.changes), "change") if node.changes else "no change"


def _trace(result: Trace) -> Iterator[str]:
    yield f"<h3>{_text(_who(result))}: {_tag(result.verdict)}</h3>"
    if result.reason is not None:
        yield f"<p>{_text(result.reason)}</p>"
    rows = [
        (
            str(number),
            _text(hop.kind),
            _text(hop.interface or ""),
            _text(hop.sentence) + (" <i>(assumed)</i>" if hop.assumed else "") + _cited(hop.lines),
        )
        for number, hop in enumerate(result.hops, 1)
    ]
    yield _table(("", "hop", "interface", "what happens"), rows)
    if result.missing:
        yield "<h4>Missing</h4>"
        yield _items(finding.message for finding in result.missing)


def _who(result: Trace) -> str:
    numbers = {end.node.number for end in (result.source, result.target) if end.node is not None}
    several = len(numbers) > 1
    return f"From {trace_end(result.source, several)} to {trace_end(result.target, several)}"


# --- HTML -------------------------------------------------------------------------------------------------------------


def _text(text: str) -> str:
    return escape(printable(text))


def _tag(word: str) -> str:
    return f'<span class="aks-tag aks-{_text(word)}">{_text(word)}</span>'


def _items(texts: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{_text(text)}</li>' for text in texts)}</ul>"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """``rows``: cells that are HTML."""
    head = "".join(f"<th>{_text(heading)}</th>" for heading in headings)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="aks-scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cited(lines: Sequence[LineReference], whose: str = "") -> str:
    if not lines:
        return ""
    return f"<details><summary>{count(len(lines), 'line')} {whose}</summary>{_pre(lines)}</details>"


def _pre(lines: Sequence[LineReference]) -> str:
    said = [
        f"{f'{line.file}:' if line.file is not None else ''}{line.line}: {line.text.strip()[:_LONGEST_LINE]}"
        for line in lines[:_MOST_LINES]
    ]
    if len(lines) > _MOST_LINES:
        said.append(f"and {count(len(lines) - _MOST_LINES, 'more line')}")
    return f"<pre>{_text_of_lines(said)}</pre>"


def _text_of_lines(lines: Iterable[str]) -> str:
    return "\n".join(map(_text, lines))
