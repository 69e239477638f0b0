"""How the words of a call are told apart: options before a subcommand, and the value of one."""

from __future__ import annotations

from collections.abc import Collection, Iterator

__all__ = ["after_options", "option_values", "plain_words"]


def after_options(words: tuple[str, ...], with_value: Collection[str]) -> tuple[str, ...]:
    """``words`` from the first that is no option on; those of ``with_value`` take the next word."""
    index = 0
    while index < len(words) and words[index].startswith("-"):
        index += 2 if words[index] in with_value else 1
    return words[index:]


def option_values(words: tuple[str, ...], short: str, long: str) -> Iterator[str]:
    """What is given with an option: ``-o json``, ``-o=json``, ``-ojson``, ``--output json``, ``--output=json``."""
    for index, word in enumerate(words):
        if word in {short, long}:
            yield words[index + 1] if index + 1 < len(words) else ""
        elif word.startswith(f"{long}="):
            yield word.partition("=")[2]
        elif word.startswith(short) and not word.startswith("--"):
            yield word.removeprefix(short).removeprefix("=")


def plain_words(words: tuple[str, ...], with_value: Collection[str]) -> Iterator[str]:
    """The words that are neither options nor the values of ``with_value``."""
    rest = iter(words)
    for word in rest:
        if word in with_value:
            next(rest, None)
        elif not word.startswith("-"):
            yield word
