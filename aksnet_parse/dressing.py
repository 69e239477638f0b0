"""Takes off what terminals, web pages, chats and log collectors put around captured lines, and keeps the line count.

Off go colour codes, byte-order marks, carriage returns, quote marks, log timestamps, HTML escapes, invisible
characters and exotic blanks;
tabs become blanks up to the next column of eight, as a terminal shows them. Nothing else of a line changes.
"""

from __future__ import annotations

import html
import re

__all__ = ["is_cut_mark", "is_fence", "undress"]

_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement (ECMA-48)
    r"|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # OSC: window titles
    r"|\x1b[()*+][0-9A-Za-z]"  # character sets
    r"|\x1b[=>@-Z\\^_78]"
    r"|\^\[\[[0-9;]*[A-Za-z]"  # the same colour codes as `cat -v` and many log viewers spell them
)
_BLANKS = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\x0b\x0c"
_INVISIBLE = (
    "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad\x00\x07"
)
_TRANSLATION = {ord(char): " " for char in _BLANKS} | {ord(char): None for char in _INVISIBLE}

_QUOTE = r"(?:[ \t]{0,3}>)+[ \t]?"
_CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?"
_STAMP = (
    rf"\[?(?:[0-9]{{4}}[-/][0-9]{{2}}[-/][0-9]{{2}}[T ]{_CLOCK}(?:Z|[ ]?[+-][0-9]{{2}}:?[0-9]{{2}})?"
    rf"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[ ]{{1,2}}[0-9]{{1,2}} {_CLOCK}"
    rf"|{_CLOCK})\]?"
    r"(?:[ ]std(?:out|err)[ ][FP])?"  # the container runtime's log format
    r"(?:[ ][\w.-]{1,64}[ ][\w./-]{1,64}\[[0-9]{1,10}\]:)?"  # syslog: host and program
    r"(?:[ ]\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR)\]?:?)?"
    r"(?:[ ][|>-](?=[ ]|$))?"
    r"(?:[ ]|$)"
)
_PREFIX = re.compile(rf"(?:{_QUOTE})?(?:{_STAMP})?(?:{_QUOTE})?")
# What to look for in a whole text to know whether any line needs more than a split. Line starts are searched for with
# the line end before them: the search then leaps from one to the next.
_UNUSUAL = re.compile(r"[^\n -~]|\^\[\[")
_DRESSED_START = re.compile(
    r"\n(?:[ ]{0,3}>|\[?[0-9]{2}(?::[0-9]{2}|[0-9]{2}[-/])|[A-Z][a-z]{2}[ ]{1,2}[0-9])",
)
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#[0-9]{1,5}|#x[0-9a-fA-F]{1,4});")

_CUT_WORD = r"(?:snip|snipped|cut|omitted|truncated|abbreviated|removed|redacted|skipped|trimmed)"
_CUT_MARK = re.compile(
    r"[ \t]*(?:#[ \t]*)?(?:"
    r"[.…⋮·*](?:[ \t]*[.…⋮·*]){0,199}"
    rf"|[\[(<{{*-]{{1,3}}[ \t]*(?:[.…]{{1,3}}|(?:[\w ,.]{{0,40}}\b)?{_CUT_WORD}\b[\w ,.…]{{0,40}})[ \t]*"
    r"[\])>}*-]{1,3}"
    r"|(?:output|lines|rest|more)[ \t](?:omitted|truncated|snipped|cut|removed|abbreviated)\.{0,3}"
    r"|--"  # what grep -A prints between groups
    r")[ \t]*"
)
_FENCE = re.compile(
    r"[ \t]*(?:`{3,}|~{3,})[ \t]*[\w.+-]*[ \t]*"
    r"|[ \t]*</?(?:pre|code)(?:[ ][^<>\n]{0,200})?>[ \t]*"
    r"|\{(?:code|noformat)(?::[\w=|]+)?\}",
    re.I,
)


def undress(text: str) -> list[str]:
    """The lines of ``text`` as the command printed them; item 0 is line 1. Never raises."""
    if "\n" not in text and "\r" in text:
        text = text.replace("\r", "\n")
    dressed = _UNUSUAL.search(text) or ("&" in text and _ENTITY.search(text)) or _DRESSED_START.search(f"\n{text}")
    if not dressed:
        return [line.rstrip(" ") for line in text.split("\n")]
    return [_undress_line(line) for line in text.split("\n")]


def _undress_line(line: str) -> str:
    line = _ESCAPES.sub("", line).translate(_TRANSLATION)
    if "\r" in line:
        # A carriage return inside a line is a terminal painting over it: the last painting is what was seen.
        line = line.rstrip("\r \t").rpartition("\r")[2]
    if "&" in line:
        line = _ENTITY.sub(lambda match: html.unescape(match.group()), line).replace("\u00a0", " ")
    prefix = _PREFIX.match(line)
    if prefix is not None:
        line = line[prefix.end() :]
    return line.expandtabs(8).rstrip(" ")


def is_cut_mark(line: str) -> bool:
    """True for a line by which an author says that output was left out (``...``, ``.``, ``[snip]``)."""
    return _CUT_MARK.fullmatch(line) is not None


def is_fence(line: str) -> bool:
    """True for a line that opens or closes a code block in Markdown, HTML or a wiki."""
    return _FENCE.fullmatch(line) is not None
