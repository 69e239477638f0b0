"""Takes off what terminals, web pages, chats and log collectors put around captured lines, and keeps the line count.

Off go HTML escapes, colour codes, byte-order marks, carriage returns, invisible characters, exotic blanks, quote marks,
log timestamps and code fences stuck to a line; tabs become blanks up to the next column of eight, as a terminal shows
them. Nothing else of a line changes.
"""

from __future__ import annotations

import html
import re

from .margins import without_escapes, without_margins, without_ticks

__all__ = ["CUT_STARTS", "expanded", "is_cut_mark", "is_fence", "undress", "undressed"]

# --- characters -------------------------------------------------------------------------------------------------------

_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#[0-9]{1,5}|#x[0-9a-fA-F]{1,4});")
_ESCAPES = re.compile(
    r"\x1b(?:"
    r"\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement (ECMA-48)
    r"|\][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # OSC: window titles
    r"|[()*+][0-9A-Za-z]"  # character sets
    r"|[=>@-Z\\^_78])"
    r"|\^(?:\[\[[0-9;]*[A-Za-z]|M(?=\n))"  # the same as `cat -v` and many log viewers spell it
)
# Colours whose escape character was lost on a web page.
_LOST_ESCAPES = re.compile(r"\[(?:[0-9]{1,3}(?:;[0-9]{1,3}){0,4}m|m\[K)(?:\[K)?")
# YAML and Unicode end a line here, terminals do not: left in the text, they would shift the numbers of lines.
_LINE_SEPARATORS = "\x85\u2028\u2029"
_BLANKS = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\x0b\x0c"
    + _LINE_SEPARATORS
)
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff\u00ad"
# Of the control characters only those that move the cursor mean anything: backspace, tab, carriage return, line end.
_CONTROL = re.compile(r"[\x00-\x07\x0b\x0c\x0e-\x1f\x7f]")
_TRANSLATION: dict[int, str | None] = {ord(char): " " for char in _BLANKS}
_TRANSLATION |= {code: None for code in range(0x80) if _CONTROL.match(chr(code)) and chr(code) not in _BLANKS}
_TRANSLATION |= {ord(char): None for char in _INVISIBLE}
# Half a character cannot be written to any file; bytes that are no text are spelled out in this way, too.
_TRANSLATION |= {code: f"\\u{code:04x}" for code in range(0xD800, 0xE000)}

# --- what stands before a line ----------------------------------------------------------------------------------------

# Possessive: nothing behind it wants a mark back, and to remember each would need memory.
_QUOTE = r"(?:[ \t]{0,3}>)++[ \t]?"
_CLOCK = r"[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{1,9})?(?:[ ]?[AP]M)?"
_DATE = (
    r"(?:[0-9]{4}([-/.])[0-9]{2}\1[0-9]{2}|[0-9]{1,2}([-/.])[0-9]{1,2}\2(?:[0-9]{4}|[0-9]{2})"
    r"|[0-9]{1,2}/[A-Z][a-z]{2}/[0-9]{4})"
)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_STAMP = (
    rf"(?:\[?(?:{_DATE}(?:[T:]|,?[ ]){_CLOCK}(?:Z|[ ]?(?:[+-][0-9]{{2}}:?[0-9]{{2}}|UTC))?"
    rf"|(?:[A-Z][a-z]{{2}}[ ])?{_MONTH}[ ]{{1,2}}[0-9]{{1,2}} {_CLOCK}(?:[ ][0-9]{{4}}(?=\]))?"
    rf"|{_CLOCK})\]?"
    r"|\[[0-9]{1,2}:[0-9]{2}\]"
    r"|\[[ ]{0,7}[0-9]{1,10}\.[0-9]{3,9}\]|[0-9]{10}\.[0-9]{1,9}"  # dmesg, epoch
    rf"|[IWEF][0-9]{{4}} {_CLOCK}[ ]+[0-9]{{1,10}} [\w.-]{{1,64}}:[0-9]{{1,6}}\])"  # klog
    r"(?:[ ]std(?:out|err)[ ][FP])?"  # the container runtime's log format
    r"(?:[ ][\w.-]{1,64}[ ][\w./-]{1,64}\[[0-9]{1,10}\]:)?"  # syslog: host and program
    r"(?:[ ]\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR)\]?:?)?"
    r"(?:[ ][|>-](?=[ ]|$))?"
    r"(?:[ \t]|$)"
)
_PREFIX = re.compile(rf"(?:{_QUOTE})?(?:{_STAMP})?(?:{_QUOTE})?")
# Chats put the three backticks of a code block on the first and the last line of the code itself.
_OPENING = re.compile(r"[ ]{0,3}`{3}(?=[^\s`{][^`]*[ ])")
_CLOSING = re.compile(r"(?<=[^\s`])[ ]?`{3}$")
# HTML that stands in Markdown.
_TAGS = r"(?:pre|code|samp|kbd|details|summary)"
_TAG = rf"</?{_TAGS}(?:[ ][^<>\n]{{0,200}})?>"
_LINE_TAGS = r"(?:br|p|div|span|font)"
_TAGGED = re.compile(rf"</?(?:{_TAGS}|{_LINE_TAGS})(?:[ /]|>)", re.I)
_FIRST_TAGS = re.compile(rf"[ ]{{0,3}}(?:{_TAG}|</?{_LINE_TAGS}(?:[ ][^<>\n]{{0,200}})?>){{1,9}}", re.I)
_ONLY_LINE_TAGS = re.compile(rf"[ ]*(?:</?{_LINE_TAGS}(?:[ ][^<>\n]{{0,200}})?/?>[ ]*){{1,9}}", re.I)
_LAST_TAG = re.compile(rf"(?:</(?:{_TAGS}|{_LINE_TAGS})>|<br[ ]?/?>)$", re.I)

# Of all lines, the quick look ahead leaves few.
_PREFIXED = re.compile(
    rf"\n(?=[ \t]{{0,3}}>|\[|[0-9]{{1,2}}(?::[0-9]|[-/.][0-9]{{1,2}}[-/.]|/[A-Z])|[0-9]{{4}}[-/.]|[0-9]{{10}}\.|[A-Z])"
    rf"(?:{_QUOTE}|{_STAMP})",
    re.MULTILINE,
)
_STAMPED = re.compile(r"\n[\[0-9A-Z]")
# What of an interface's flags is left where Markdown escaped them.
_ESCAPED_FLAGS = re.compile(r"\\<[A-Z_\\,-]{2,200}\\?>")
_CONTROLS = bytes(code for code in range(0x80) if _CONTROL.match(chr(code)))


def undress(text: str) -> list[str]:
    """The lines of ``text`` as the command printed them; item 0 is line 1. Never raises."""
    return undressed(text).split("\n")


def undressed(text: str, *, keep_tabs: bool = False) -> str:
    """The same as one text, its lines joined by ``\\n``. ``keep_tabs``: do not make them blanks yet."""
    # Each step begins with the quick question whether any line needs it: most texts need none.
    if "\r" in text:
        if "\n" not in text:
            text = text.replace("\r", "\n")
        text = text.replace("\r\n", "\n")
    text = _plain_characters(text)
    if "\\<" in text and _ESCAPED_FLAGS.search(text) is not None:
        text = without_escapes(text)
    text = without_margins(text)
    if "`\n" in text:
        text = "\n".join(without_ticks(text.split("\n")))
    is_retyped, is_painted_over = "\b" in text, "\r" in text
    is_prefixed = is_retyped or is_painted_over or _may_be_prefixed(text)
    is_fenced, is_tagged = "`" in text and "```" in text, "<" in text and _TAGGED.search(text) is not None
    if is_prefixed or is_fenced or is_tagged:
        lines = text.split("\n")
        if is_retyped:
            lines = [_retyped(line) for line in lines]
        if is_painted_over:
            # A carriage return inside a line is a terminal painting over it: the last painting is what was seen.
            lines = [line.rstrip("\r \t").rpartition("\r")[2] for line in lines]
        if is_prefixed:
            lines = [_PREFIX.sub("", line, count=1) for line in lines]
        if is_fenced:
            lines = [_unfenced(line) for line in lines]
        if is_tagged:
            lines = [_untagged(line) for line in lines]
        text = "\n".join(lines)
    lines = text.split("\n")
    # In ASCII there are no other blanks by now; without naming them it takes half the time.
    text = "\n".join(map(str.rstrip, lines) if text.isascii() else [line.rstrip(" \t") for line in lines])
    return text if keep_tabs else expanded(text)


def expanded(text: str) -> str:
    """``text`` with blanks for its tabs."""
    return text.expandtabs(8)  # it begins to count anew at each line end


def _may_be_prefixed(text: str) -> bool:
    text = "\n" + text
    return (">" in text or _STAMPED.search(text) is not None) and _PREFIXED.search(text) is not None


def _plain_characters(text: str) -> str:
    """``text`` without escapes and invisible characters, and with no blanks but blank and tab; it keeps its lines."""
    if "&" in text:
        text = _ENTITY.sub(_unescape, text)
    if (
        "\x1b" in text
        or ("^" in text and ("^[[" in text or "^M\n" in text))
        or ("[" in text and _LOST_ESCAPES.search(text) is not None)
    ):
        text = _LOST_ESCAPES.sub("", _ESCAPES.sub("", text))
    if not text.isascii() or len(text.encode().translate(None, _CONTROLS)) != len(text):
        text = text.translate(_TRANSLATION)
    return text


def _unescape(match: re.Match[str]) -> str:
    char = html.unescape(match.group())
    # An escaped line end must not make two lines of one.
    return " " if char in "\r\n" else char


def _retyped(line: str) -> str:
    """The line after its backspaces, as typed characters are taken back at a prompt."""
    kept: list[str] = []
    for char in line:
        if char != "\b":
            kept.append(char)
        elif kept:
            kept.pop()
    return "".join(kept)


def _unfenced(line: str) -> str:
    opening = _OPENING.match(line)
    return _CLOSING.sub("", line[opening.end() if opening is not None else 0 :].rstrip(" \t"))


def _untagged(line: str) -> str:
    """The line without the tags around it. Those of code are kept where there is nothing else: they are fences."""
    first = _FIRST_TAGS.match(line)
    text = line[first.end() if first is not None else 0 :].rstrip(" \t")
    for _ in range(9):
        last = _LAST_TAG.search(text, max(0, len(text) - 12))
        if last is None:
            break
        text = text[: last.start()].rstrip(" \t")
    return text or ("" if _ONLY_LINE_TAGS.fullmatch(line) else line)


# --- lines an author put in -------------------------------------------------------------------------------------------

_CUT_WORD = r"(?:snip|snipped|cut|omitted|truncated|abbreviated|removed|redacted|skipped|trimmed)"
_WORD = r"(?:[A-Za-z'(),.…-]{1,20}|[0-9]{1,5})"
_CUT_MARK = re.compile(
    r"\^C|(?:#[ \t]{0,9})?(?:"
    r"[.…⋮·*][.…⋮·* \t]*"
    rf"|(?:\.{{2,9}}|…)(?:[ ]{_WORD}|{_WORD}[ ]{_WORD})(?:[ ]{_WORD}){{0,12}}"
    rf"|[\[(<{{*-]{{1,9}}[ ]?(?:[.…][\w ,.…]{{0,60}}|(?:[\w ,.…]{{0,40}}\b)?{_CUT_WORD}\b[\w ,.…]{{0,40}}|8<|>8)[ ]?"
    r"[\])>}*-]{1,9}"
    r"|(?:output|lines|rest|more)[ \t](?:omitted|truncated|snipped|cut|removed|abbreviated)\.{0,3}"
    r"|--"  # what grep -A prints between groups
    r")",
    re.I,
)
CUT_STARTS = frozenset("^.…⋮·*#[(<{-olrmOLRM")
_FENCE = re.compile(
    r"(?:`{3,}|~{3,})(?:[ ]?[\w.+-]+|[ ]?\{[^`\n]{0,100}\})?"
    rf"|(?:{_TAG}){{1,9}}"
    r"|\{(?:code|noformat)(?::[\w=|]{1,100})?\}|\[/?(?:code|pre)\]",
    re.I,
)
_FENCE_STARTS = frozenset("`~<{[")


def is_cut_mark(line: str) -> bool:
    """True for a line by which an author says that output was left out (``...``, ``.``, ``[snip]``)."""
    stripped = line.strip()
    return stripped[:1] in CUT_STARTS and _CUT_MARK.fullmatch(stripped) is not None


def is_fence(line: str) -> bool:
    """True for a line that opens or closes a code block in Markdown, HTML or a wiki."""
    stripped = line.strip()
    return stripped[:1] in _FENCE_STARTS and _FENCE.fullmatch(stripped) is not None
