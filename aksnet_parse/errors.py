"""The exceptions this package raises. Every one of them is an AksnetParseError."""

__all__ = ["AksnetParseError", "GrammarError", "ParseError", "ReadError", "UsageError"]


class AksnetParseError(Exception):
    """Base of all exceptions raised on purpose by aksnet_parse."""


class ParseError(AksnetParseError):
    """A line of a capture was not understood; raised only under ``strict=True``.

    Attributes: ``file`` (name of the file, None for text given directly), ``line`` (number, from 1), ``text`` (the
    line).
    """

    def __init__(self, message: str, *, file: str | None, line: int, text: str) -> None:
        super().__init__(f"{file or 'text'}, line {line}: {message}: {text!r}")
        self.file = file
        self.line = line
        self.text = text


class ReadError(AksnetParseError):
    """A path could not be read; the message names the path and the reason."""


class GrammarError(AksnetParseError):
    """A template is not usable, or the installed TTP does not build it as expected."""


class UsageError(AksnetParseError):
    """What was asked for cannot be answered as it was asked: a pod that the captures do not show, a name that fits
    several, an extra that is not installed. The message says what there is."""
