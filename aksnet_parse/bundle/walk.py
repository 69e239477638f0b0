"""Goes through files, folders and archives in archives, one member at a time, and gives those that may hold something
as text. It follows no link, leaves no bundle and writes nothing.
"""

from __future__ import annotations

import codecs
import io
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from ..errors import ReadError
from .archives import Member, tar_members, zip_members
from .limits import MIB, Broken, Budget, Exhausted, Limits, TooMuch, Trouble
from .streams import CHUNK, Compressed, File, Piece, Stream, below, chunks, kind_of, read_all
from .text import decode, is_binary, name_of, shown

__all__ = ["ARCHIVE_SUFFIX", "Choice", "Document", "Walk"]

ARCHIVE_SUFFIX = re.compile(r"(?i)(?:\.(?:zip|tar|tgz|tbz2?|txz|tzst))?(?:\.(?:gz|bz2|xz|zst))?$")
_COMPRESSED_SUFFIX = re.compile(r"(?i)\.(?:gz|bz2|xz|zst)$")
_NAMED_ARCHIVE = re.compile(r"(?i)\.(?:zip|tar|tgz|tbz2?|txz|tzst|tar\.(?:gz|bz2|xz|zst))$")
_DRIVE = re.compile(rb"[A-Za-z]:")
_LONG_TEXT = 4 * MIB
_PIECE = MIB
_FEW_LINES = 4096
_MOST_SKIPPED = 1000
_LONGEST_NAME = 4096


class Choice(Enum):
    """What to do with a member, by its path alone: pass it over, read it as a whole, or look whether it holds
    anything."""

    PASS = 0
    WHOLE = 1
    LOOK = 2


@dataclass(frozen=True, slots=True)
class Document:
    """A text and where it was. ``name``: as it is shown, ``bundle.zip!collect/ip_link.json``. ``base``: name of the
    folder or archive that was given, None for a plain file. ``path``: the place in that, archives in it as folders."""

    name: str
    base: str | None
    path: str
    text: str


class Walk:
    """``choose`` decides by a path in a bundle; ``worth`` whether a piece of a long text holds anything.

    ``skipped`` and ``passed_over`` grow while documents are taken: what could not be read, with the reason, and how
    many files hold nothing.
    """

    def __init__(
        self,
        choose: Callable[[str], Choice],
        worth: Callable[[str], bool],
        limits: Limits | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        self.choose = choose
        self.worth = worth
        self.limits = limits or Limits()
        self.budget = Budget(self.limits, progress)
        self.skipped: list[tuple[str, str]] = []
        self.passed_over = 0
        self._unlisted = 0

    def skip(self, name: str, reason: object) -> None:
        if len(self.skipped) < _MOST_SKIPPED:
            self.skipped.append((name, str(reason)))
        else:
            # One line for all that are too many to list.
            self._unlisted += 1
            self.skipped[_MOST_SKIPPED:] = [(name, f"{reason}; and {self._unlisted - 1:,} more not listed")]

    def path(self, path: Path) -> Iterator[Document]:
        """The documents of a file, folder or archive. Raises :class:`ReadError` if it cannot be opened."""
        name = shown(path)
        try:
            if path.is_dir():
                base = shown(path.resolve().name) or name
                yield from self._guarded(name, self._folder(path, name, base))
                return
            file = path.open("rb")
        except OSError as error:
            raise ReadError(f"{name}: {error.strerror or error}") from None
        except ValueError as error:
            raise ReadError(f"{name}: {error}") from None
        with file:
            yield from self.file(file, name, shown(path.name))

    def file(self, file: BinaryIO, name: str, base: str) -> Iterator[Document]:
        """The documents of an open file."""
        stream = File(file)
        try:
            head = stream.peek()
        except Broken as error:
            raise ReadError(f"{name}: {error}") from None
        if kind_of(head) is not None:
            yield from self._guarded(name, self._content(stream, name, base, "", 0))
        elif _NAMED_ARCHIVE.search(name):
            self.skip(name, "empty" if not head else "not the archive that its name says")
        else:
            yield Document(name, None, base, decode(b"".join(iter(stream.read, b""))))

    def _guarded(self, name: str, documents: Iterable[Document]) -> Iterator[Document]:
        try:
            yield from documents
        except Trouble as error:
            self.skip(name, error)

    # --- folders ------------------------------------------------------------------------------------------------------

    def _folder(self, top: Path, name: str, base: str) -> Iterator[Document]:
        pending: list[tuple[str, str]] = [(os.fspath(top), "")]
        while pending:
            folder, inside = pending.pop()
            try:
                with os.scandir(folder) as entries:
                    found = []
                    for entry in entries:
                        self.budget.member()
                        found.append(entry)
            except OSError as error:
                self.skip(shown(folder), error.strerror or error)
                continue
            folders = []
            for entry in sorted(found, key=lambda entry: entry.name):
                path = inside + shown(entry.name)
                try:
                    if entry.is_symlink():
                        self.passed_over += 1
                    elif entry.is_dir(follow_symlinks=False):
                        folders.append((entry.path, f"{path}/"))
                    elif not entry.is_file(follow_symlinks=False):
                        self.skip(shown(entry.path), "no regular file")
                    else:
                        yield from self._folder_file(entry, base, path)
                except OSError as error:
                    self.skip(shown(entry.path), error.strerror or error)
            pending += reversed(folders)

    def _folder_file(self, entry: os.DirEntry[str], base: str, path: str) -> Iterator[Document]:
        if self.choose(_uncompressed(path)) is Choice.PASS:
            self.passed_over += 1
            return
        # What was a file a moment ago may be a pipe or a link now.
        handle = os.open(entry.path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
        with open(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                self.skip(shown(entry.path), "no regular file")
                return
            yield from self._member(File(file), shown(entry.path), base, path, 0)

    # --- members ------------------------------------------------------------------------------------------------------

    def _member(self, stream: Stream, name: str, base: str, path: str, depth: int) -> Iterator[Document]:
        """A file in a folder or archive; its own troubles are noted, those of what it is read from raised."""
        source = below(stream)[1:] if isinstance(stream, Piece) else []
        try:
            yield from self._content(stream, name, base, path, depth)
        except Exhausted:
            raise
        except Trouble as error:
            if error.layer is not None and error.layer is not stream and error.layer in source:
                raise
            self.skip(name, error)

    def _content(
        self, stream: Stream, name: str, base: str, path: str, depth: int, *, packed: bool = False
    ) -> Iterator[Document]:
        kind = kind_of(stream.peek())
        if kind is None:
            yield from self._text(stream, name, base, path)
            return
        if depth >= self.limits.depth and (packed or kind in {"zip", "tar"}):
            raise TooMuch(f"archives in archives deeper than {self.limits.depth} (raise --max-depth)")
        if kind == "tar":
            yield from self._members(tar_members(stream), name, base, path, depth + 1, counted=False)
        elif kind == "zip":
            file = stream.seekable()
            if file is None:
                file = io.BytesIO(read_all(stream, self.budget))
            yield from self._members(zip_members(file, stream, self.budget), name, base, path, depth + 1, counted=True)
        else:
            inner = Compressed(stream, kind, self.budget)
            yield from self._content(inner, name, base, _uncompressed(path), depth + packed, packed=True)

    def _members(
        self, members: Iterator[Member], name: str, base: str, path: str, depth: int, *, counted: bool
    ) -> Iterator[Document]:
        """The members of an archive; ``counted``: as members, already."""
        for member in members:
            if not counted:
                self.budget.member()
            if member.kind == "folder":
                continue
            place = f"{name}!{name_of(member.name[:_LONGEST_NAME])}"
            parts = [part for part in member.name.split(b"/") if part not in {b"", b"."}]
            if member.name.startswith(b"/") or b".." in parts or _DRIVE.match(member.name) or not parts:
                self.skip(place, "its path leads out of the archive")
                continue
            if len(member.name) > _LONGEST_NAME:
                self.skip(f"{place[:200]}...", "its name is too long")
                continue
            inside = name_of(b"/".join(parts))
            place = f"{name}!{inside}"
            inside = f"{path}/{inside}" if path else inside
            if member.kind == "link" or self.choose(_uncompressed(inside)) is Choice.PASS:
                self.passed_over += 1
            elif member.kind == "special":
                self.skip(place, "no regular file")
            elif member.open is None:
                self.skip(place, member.refused)
            else:
                try:
                    stream = member.open()
                except Broken as error:
                    self.skip(place, error)
                    continue
                yield from self._member(stream, place, base, inside, depth)

    # --- texts --------------------------------------------------------------------------------------------------------

    def _text(self, stream: Stream, name: str, base: str, path: str) -> Iterator[Document]:
        head = stream.peek()
        if is_binary(head):
            self.passed_over += 1
            return
        if not path:  # one file, compressed
            yield Document(name, None, _uncompressed(base), decode(read_all(stream, self.budget)))
            return
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            text: str | None = decode(read_all(stream, self.budget))  # a long one cannot be read in pieces
        else:
            text = self._worthy(stream, whole=self.choose(path) is Choice.WHOLE)
        if text is None:
            self.passed_over += 1
        else:
            yield Document(name, base, path, text)

    def _worthy(self, stream: Stream, *, whole: bool) -> str | None:
        """The text. Of a long one only the pieces around those that hold anything, the others as blank lines, so that
        every line keeps its number; or all of it if it is wanted ``whole``. None if it holds nothing."""
        parts = chunks(stream, self.budget)
        data = b""
        for part in parts:
            data += part
            if len(data) > _LONG_TEXT:
                break
        else:
            return decode(data)
        if whole:
            is_listing = data.count(b"\n") >= _FEW_LINES and b'":' not in data[:CHUNK]  # and not JSON
            return None if is_listing and not self.worth(decode(data)) else decode(data + b"".join(parts))
        kept: list[str] = []
        before, was_worth, worth, anything = "", False, False, False
        for text in chain(_pieces(data, parts), ("",)):
            coming = bool(text) and self.worth(text)
            # What begins in one piece may go on in the next.
            kept.append(before if was_worth or worth or coming else "\n" * before.count("\n"))
            before, was_worth, worth = text, worth, coming
            anything |= coming
        return "".join(kept) if anything else None


def _pieces(data: bytes, parts: Iterator[bytes]) -> Iterator[str]:
    """``data`` and what follows in pieces of whole lines. A line that is longer than anybody reads is left blank."""
    blank = False
    more = True
    while more:
        part = next(parts, b"")
        more = bool(part)
        data += part
        while len(data) > _PIECE or (data and not more):
            end = 0 if blank else data.rfind(b"\n", 0, _PIECE) + 1
            end = end or data.find(b"\n") + 1
            if not end and more and not blank and len(data) <= _LONG_TEXT:
                break
            blank = blank or (not end and more)
            yield decode(data[: end or len(data)]) if not blank else "\n" if end else ""
            blank = blank and not end
            data = data[end or len(data) :]


def _uncompressed(path: str) -> str:
    return _COMPRESSED_SUFFIX.sub("", path)
