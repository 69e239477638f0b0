"""Text under pseudonyms, word by word: what is known to identify nobody stays, an address becomes an address, an id an
id, and any other word a made-up one. Whatever nobody thought of is replaced, not kept."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from itertools import pairwise

from .addresses import Addresses, edges
from .pseudonyms import Pseudonyms
from .vocabulary import SUFFIXES, WORD, is_common_name, of_commands, of_sentences

__all__ = ["Text"]

# Digits are those of ASCII: nothing that is spelled with others is an address.
_EDGE = r"(?<![0-9A-Za-z])"
_END = r"(?![0-9A-Za-z])"
_IPV4 = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_DASHED_MAC = r"(?:[0-9a-fA-F]{2}-){5}[0-9a-fA-F]{2}"
_DASHED_IPV4 = r"[0-9]{1,3}(?:-[0-9]{1,3}){3}"

_TOKEN = re.compile(
    rf"(?P<uuid>{_EDGE}{_UUID.pattern}{_END})"
    # A bridge's id: its priority, and a MAC, which JSON does not pad.
    rf"|(?P<priority>{_EDGE}[0-9a-fA-F]{{4}}\.)(?P<bridge>[0-9a-fA-F]{{12}}|[0-9a-fA-F]{{1,2}}(?::[0-9a-fA-F]{{1,2}}){{5}})"
    rf"(?!:?[0-9A-Za-z])"
    rf"|(?P<mac>{_EDGE}[0-9a-fA-F]{{1,2}}(?::[0-9a-fA-F]{{1,2}}){{5,}}(?!:?[0-9A-Za-z]))"
    rf"|(?P<ipv6>{_EDGE}(?=[0-9a-fA-F]*:[0-9a-fA-F]*:)(?:[0-9a-fA-F:]*:{_IPV4}|[0-9a-fA-F:]+))"
    rf"(?:/(?P<length6>[0-9]{{1,3}}){_END})?{_END}(?!\.[0-9])"
    rf"|(?P<ipv4>(?<![0-9A-Za-z.]){_IPV4})(?![0-9A-Za-z]|[.-][0-9A-Za-z])(?:/(?P<length4>[0-9]{{1,2}}){_END}(?!\.[0-9]))?"
    rf"|(?P<word>{WORD.pattern})"
)
# What a word may have in it.
_INSIDE = re.compile(
    rf"(?P<uuid>{_UUID.pattern})"
    rf"|{_EDGE}(?P<mac>{_DASHED_MAC}){_END}"
    rf"|{_EDGE}(?P<ipv4>{_IPV4}|{_DASHED_IPV4}){_END}"
)
# The networks that a line tells of where it gives an address and a length apart from each other.
_APART = (
    re.compile(rf"^\s*({_IPV4})\s+\S+\s+({_IPV4})\s"),  # route -n: destination, gateway, genmask
    re.compile(rf"(?<![0-9.])({_IPV4})/({_IPV4})(?![0-9.])"),
    re.compile(rf'"(?:local|dst|address)"\s*:\s*"({_IPV4})"\s*,\s*"prefixlen"\s*:\s*([0-9]{{1,2}})'),
)
_TOGETHER = re.compile(rf"(?<![0-9.])({_IPV4})/([0-9]{{1,2}})(?![0-9.])")

_TIME = re.compile(r"[0-2]?[0-9]:[0-5][0-9]:[0-5][0-9]:?")
_VETH = re.compile(r"(azveth|azv|cali|veth|lxc|tap|br-)([0-9a-f]{4,})")
_CARD_WITH_MAC = re.compile(r"enx([0-9a-f]{12})")
_ID = re.compile(r"(?=[0-9]*[a-fA-F])(?=[a-fA-F]*[0-9])[0-9a-fA-F]{4,}|[0-9a-fA-F]{12,}")
_SCALE_SET = re.compile(r"vmss([0-9a-z]{6})")
_POOL = re.compile(r"(?:nodepool|agentpool)[0-9]{0,3}")
_RANGE = re.compile(r"[0-9]{1,7}-[0-9]{1,7}")  # of lines
_LONGEST_NUMBER = 7  # process ids have up to seven digits
_ORDINAL = 3
_PLURAL = "s"


class Text:
    """``key``: what the pseudonyms go by."""

    def __init__(self, key: bytes) -> None:
        self._pseudonyms = Pseudonyms(key)
        self._addresses = Addresses(self._pseudonyms)
        self._known: dict[str, str] = {}
        # Names of files and lines are cited many times.
        self._lines: dict[str, str] = {}

    def line(self, text: str) -> str:
        """What somebody else wrote: a line, a name, a path."""
        known = self._lines.get(text)
        if known is None:
            known = self._lines[text] = self._redacted(text, frozenset())
        return known

    def sentence(self, text: str, names: Collection[str], files: Mapping[str, str]) -> str:
        """What this program wrote. Its own words stay, but for those that are ``names`` in what it was made of.
        ``files``: names of files, with their pseudonyms."""
        for file, pseudonym in files.items():
            if file in text and (found := re.search(rf"{_EDGE}{re.escape(file)}{_END}", text)):
                before, after = text[: found.start()], text[found.end() :]
                return self.sentence(before, names, files) + pseudonym + self.sentence(after, names, files)
        own = of_sentences()
        words = {word for word in WORD.findall(text) if word not in names}
        return self._redacted(text, {word for word in words if _is_among(word.lower(), own) or _RANGE.fullmatch(word)})

    # --- one token after another --------------------------------------------------------------------------------------

    def _redacted(self, text: str, own: Collection[str]) -> str:
        edges_here = edges(_networks(text)) if "." in text else {}

        def replaced(match: re.Match[str]) -> str:
            token = match[0]
            if match["word"] is not None:
                return token if token in own else self._word(token)
            if match["uuid"] is not None:
                return self._uuid(token)
            if match["bridge"] is not None:
                return match["priority"] + self._mac(match["bridge"])
            if match["mac"] is not None:
                return self._mac(token)
            if match["ipv4"] is not None:
                return self._ipv4(match["ipv4"], match["length4"], edges_here)
            return self._ipv6(match["ipv6"], match["length6"])

        return _TOKEN.sub(replaced, text)

    def _ipv4(self, text: str, length: str | None, edges_here: Mapping[int, int]) -> str:
        number = _number(text)
        if number is None or (length is not None and int(length) > 32):
            tail = f"/{length}" if length is not None else ""
            return ".".join(self._pseudonyms.digits(part) for part in text.split(".")) + tail
        if length is None:
            return str(IPv4Address(self._addresses.ipv4(number, edges_here.get(number))))
        return f"{IPv4Address(self._addresses.ipv4(number, int(length)))}/{length}"

    def _ipv6(self, text: str, length: str | None) -> str:
        tail = f"/{length}" if length is not None else ""
        # A colon may follow, as in a prompt.
        for end in ("", ":"):
            if not text.endswith(end):
                continue
            try:
                address = IPv6Address(text.removesuffix(end))
            except AddressValueError:
                continue
            return self._addresses.ipv6(address, int(length) if length is not None else None) + end + tail
        if _TIME.fullmatch(text):
            return text + tail
        # No address: too many parts, or with the end of none.
        return re.sub("[0-9a-fA-F]+", lambda match: self._pseudonyms.hexadecimal(match[0]), text) + tail

    def _mac(self, text: str) -> str:
        mark = next((mark for mark in ":-" if mark in text), "")
        parts = text.split(mark) if mark else [text[place : place + 2] for place in range(0, len(text), 2)]
        data = bytes(int(part, 16) for part in parts)
        other = self._addresses.mac(data) if len(data) == 6 else self._longer(data)
        width = 1 if any(len(part) == 1 for part in parts) else 2
        shown = mark.join(f"{byte:0{width}x}" for byte in other)
        return shown.upper() if text != text.lower() else shown

    def _longer(self, data: bytes) -> bytes:
        """The address of a link of another kind, such as InfiniBand's 20 bytes."""
        return bytes.fromhex(self._pseudonyms.hexadecimal(data.hex())) if any(data) and len(set(data)) > 1 else data

    def _uuid(self, text: str) -> str:
        digits = self._pseudonyms.hexadecimal(text.replace("-", ""))
        places = (0, 8, 12, 16, 20, 32)
        return "-".join(digits[start:end] for start, end in pairwise(places))

    # --- words --------------------------------------------------------------------------------------------------------

    def _word(self, word: str) -> str:
        known = self._known.get(word)
        if known is None:
            known = self._known[word] = self._new_word(word)
        return known

    def _new_word(self, word: str) -> str:
        if word.lower() in of_commands() or is_common_name(word) or (len(word) == 1 and word.isascii()):
            return word
        if _INSIDE.search(word):
            return "".join(self._pieces(word))
        if veth := _VETH.fullmatch(word):
            return veth[1] + self._pseudonyms.hexadecimal(veth[2])
        if card := _CARD_WITH_MAC.fullmatch(word):
            return f"enx{self._mac(card[1])}"
        if word.isascii() and word.isdigit():
            return self._digits(word)
        return self._name(word)

    def _pieces(self, word: str) -> Iterator[str]:
        """What is in ``word`` and what is around it, one after another."""
        end = 0
        for inside in _INSIDE.finditer(word):
            yield self._redacted(word[end : inside.start()], frozenset())
            end = inside.end()
            if inside["uuid"]:
                yield self._uuid(inside[0])
            elif inside["mac"]:
                yield self._mac(inside[0])
            else:
                mark = "-" if "-" in inside[0] else "."
                yield self._ipv4(inside[0].replace("-", "."), None, {}).replace(".", mark)
        yield self._redacted(word[end:], frozenset())

    def _digits(self, word: str) -> str:
        if len(word) <= _LONGEST_NUMBER:
            return word
        # Twelve digits may be the beginning of an id.
        return self._pseudonyms.digits(word) if len(word) < 12 else self._pseudonyms.hexadecimal(word)

    def _name(self, name: str) -> str:
        """Part by part, so that pods of one deployment and nodes of one pool are still seen to be that."""
        pieces = re.split(r"([.-]+)", name)
        parts = pieces[::2]
        known = of_commands()
        suffixes = 0
        while suffixes < len(parts) - 1 and "." in pieces[-2 - 2 * suffixes] and _is_suffix(parts[-1 - suffixes]):
            suffixes += 1
        rest = parts[: len(parts) - suffixes]
        if suffixes and all(part.lower() in known or (part.isdigit() and len(part) <= _ORDINAL) for part in rest):
            return name
        last = len(rest) - 1
        for index, part in enumerate(rest):
            is_aks = index == 0 and last > 0 and part == "aks"
            if not is_aks and not _POOL.fullmatch(part):
                pieces[2 * index] = self._part(part, is_last=index == last)
        return "".join(pieces)

    def _part(self, part: str, *, is_last: bool) -> str:
        if part.isascii() and part.isdigit():
            return part if is_last and len(part) <= _ORDINAL else self._pseudonyms.digits(part)
        if machine := _SCALE_SET.fullmatch(part):
            return f"vmss{self._pseudonyms.base36(machine[1])}"
        if _ID.fullmatch(part):
            return self._pseudonyms.hexadecimal(part)
        return self._pseudonyms.word(part)


def _is_suffix(part: str) -> bool:
    return part.lower() in SUFFIXES


def _is_among(word: str, words: Collection[str]) -> bool:
    return word in words or (word.endswith(_PLURAL) and word.removesuffix(_PLURAL) in words)


def _number(text: str) -> int | None:
    parts = [int(part) for part in text.split(".")]
    return int.from_bytes(bytes(parts), "big") if all(part < 256 for part in parts) else None


def _networks(text: str) -> Iterator[tuple[int, int]]:
    for found in _TOGETHER.findall(text):
        yield from _network(*found)
    for pattern in _APART:
        for found in pattern.findall(text):
            yield from _network(*found)


def _network(address: str, length: str) -> Iterator[tuple[int, int]]:
    number = _number(address)
    size = int(length) if length.isdigit() else _length_of(length)
    if number is not None and size is not None and size <= 32:
        yield number, size


def _length_of(mask: str) -> int | None:
    number = _number(mask)
    if number is None:
        return None
    length = number.bit_count()
    return length if number == (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF else None
