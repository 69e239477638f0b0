"""YAML as kubectl and crictl print it, read from the parser's events: nothing is built but dicts, lists and words.

It needs PyYAML, the extra ``yaml``. What these tools never print (anchors, aliases, tags, deep nesting) is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

__all__ = ["UnreadableYaml", "looks_like_yaml", "read_yaml"]

MISSING = "YAML is not read without PyYAML: install aksnet-parse[yaml]"
_LONGEST = 8_000_000
_DEEPEST = 64
_LINE = re.compile(r"[ ]*(?:- )*(?:[A-Za-z_][\w./-]*|\"[^\"]{1,200}\"):(?: .*)?$|[ ]*- \S")
_HALF = re.compile("[\ud800-\udfff]")
_NUMBER = re.compile(r"-?[0-9]{1,18}")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}


class UnreadableYaml(ValueError):
    """Why a document is not read. ``line``: where it broke, counted from 0, if it did in the middle."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.line = line


def looks_like_yaml(line: str) -> bool:
    """True if an undressed line can be one of such a document."""
    return _LINE.match(line) is not None


def read_yaml(lines: Sequence[str]) -> Iterator[tuple[Any, dict[int, tuple[int, int]]]]:
    """Each document with the first and last line (from 0) of every dict in it, by the dict's ``id()``.

    Raises :class:`UnreadableYaml`.
    """
    try:
        import yaml
    except ImportError:
        raise UnreadableYaml(MISSING) from None
    text = "\n".join(lines)
    if len(text) > _LONGEST:
        raise UnreadableYaml(f"YAML of more than {_LONGEST} characters is not read")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        last = next((number for number in range(len(lines) - 1, -1, -1) if lines[number].strip()), 0)
        yield from _documents(yaml, yaml.parse(text, Loader=loader), last)
    except UnreadableYaml:
        raise
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise UnreadableYaml("this is no YAML", mark.line if mark is not None else 0) from None
    except (RecursionError, ValueError) as error:
        raise UnreadableYaml(f"this YAML cannot be read: {type(error).__name__}") from None


def _documents(yaml: Any, events: Any, last: int) -> Iterator[tuple[Any, dict[int, tuple[int, int]]]]:
    spans: dict[int, tuple[int, int]] = {}
    document: list[Any] = []
    # Innermost last: the collection, the key that waits for its value, and the line it began on.
    still_open: list[tuple[Any, list[Any], int]] = []

    def put(value: Any) -> None:
        if not still_open:
            document.append(value)
            return
        collection, key, _ = still_open[-1]
        if isinstance(collection, list):
            collection.append(value)
        elif key:
            collection[key.pop()] = value
        else:
            key.append(value if isinstance(value, str) else str(value))

    for event in events:
        if getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None:
            raise UnreadableYaml("YAML with anchors, aliases or tags is not read", event.start_mark.line)
        if isinstance(event, yaml.ScalarEvent):
            if not event.value.isascii() and _HALF.search(event.value) is not None:
                # The C parser refuses such an escape, the other one lets it pass.
                raise UnreadableYaml("YAML with half a character is not read", event.start_mark.line)
            is_key = bool(still_open) and isinstance(still_open[-1][0], dict) and not still_open[-1][1]
            value = event.value if event.style or is_key else _typed(event.value)
            # A number that ends the text may have been cut, and is not the number that was there.
            put(None if type(value) is int and event.start_mark.line == last else value)
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(still_open) >= _DEEPEST:
                raise UnreadableYaml("YAML that is nested so deeply is not read", event.start_mark.line)
            if still_open and isinstance(still_open[-1][0], dict) and not still_open[-1][1]:
                raise UnreadableYaml("this is no YAML of kubectl or crictl", event.start_mark.line)
            still_open.append(({} if isinstance(event, yaml.MappingStartEvent) else [], [], event.start_mark.line))
        elif isinstance(event, yaml.CollectionEndEvent):
            collection, _, first = still_open.pop()
            # A block ends where the next thing begins.
            end = event.end_mark.line - (0 if event.end_mark.column else 1)
            if isinstance(collection, dict):
                spans[id(collection)] = (first, max(first, end))
            put(collection)
        elif isinstance(event, yaml.DocumentEndEvent):
            yield document[0], spans
            spans, document = {}, []


def _typed(word: str) -> Any:
    if word in _WORDS:
        return _WORDS[word]
    return int(word) if _NUMBER.fullmatch(word) else word
