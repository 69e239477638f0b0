"""Pseudonyms that a key and the value alone decide: nothing is remembered, so nothing can be looked up.

What has a form keeps it: hexadecimal digits stay hexadecimal digits, and two that begin alike still do, so that a short
id is the beginning of the pseudonym of the long one.
"""

from __future__ import annotations

from hashlib import blake2b

__all__ = ["Pseudonyms"]

_DIGITS = "0123456789"
_HEX = "0123456789abcdef"
_BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
# None of them is a hexadecimal digit, so that the pseudonym of a word never looks like an id.
_LETTERS = "ghijklmnopqrstuvwxyz"
_WORD_LENGTH = 10
_CHAINED = 16


class Pseudonyms:
    """``key``: whoever has it can try values; nobody else can."""

    def __init__(self, key: bytes) -> None:
        # What blake2b takes as a key is at most 64 bytes.
        self._key = blake2b(key, digest_size=32).digest()
        self._known: dict[tuple[str, str], str] = {}

    def number(self, purpose: str, value: str) -> int:
        """128 bits that ``value`` decides."""
        data = f"{purpose}\0{value}".encode("utf-8", "surrogatepass")
        return int.from_bytes(blake2b(data, key=self._key, digest_size=16).digest(), "big")

    def word(self, value: str) -> str:
        """A word of ten letters."""
        number = self.number("word", value)
        letters = []
        for _ in range(_WORD_LENGTH):
            number, rest = divmod(number, len(_LETTERS))
            letters.append(_LETTERS[rest])
        return "".join(letters)

    def digits(self, value: str) -> str:
        return self._spelled(_DIGITS, value)

    def base36(self, value: str) -> str:
        return self._spelled(_BASE36, value)

    def hexadecimal(self, value: str) -> str:
        """As many hexadecimal digits, in capitals if ``value`` has some."""
        lower = value.lower()
        spelled = self._spelled(_HEX, lower)
        return spelled if lower == value else spelled.upper()

    def _spelled(self, alphabet: str, value: str) -> str:
        """Each character goes by those before it, so that beginnings stay beginnings; the first always changes."""
        known = self._known.get((alphabet, value))
        if known is not None:
            return known
        base = len(alphabet)
        spelled = []
        for index, char in enumerate(value[:_CHAINED]):
            shift = self.number(alphabet, value[:index])
            shift = 1 + shift % (base - 1) if index == 0 else shift
            spelled.append(alphabet[(alphabet.index(char) + shift) % base])
        # What begins with the same sixteen characters is the same value, or a piece of it.
        for start in range(_CHAINED, len(value), _CHAINED):
            shift = self.number(f"{alphabet}{start}", value[:_CHAINED])
            for char in value[start : start + _CHAINED]:
                shift, rest = divmod(shift, base)
                spelled.append(alphabet[(alphabet.index(char) + rest) % base])
        result = self._known[alphabet, value] = "".join(spelled)
        return result
