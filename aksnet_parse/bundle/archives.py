"""What is in a tar or zip archive, member by member, read with as little memory as its longest name takes.

The standard library's readers are not used: they hold the whole list of members, or whole blocks of unpacked data,
however large the archive says they are.
"""

from __future__ import annotations

import io
import stat
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

from .limits import Broken, Budget, TooMuch, Trouble
from .streams import Compressed, File, Piece, Stream, is_tar, skip

__all__ = ["Member", "tar_members", "zip_members"]

_LONGEST_HEADER = 1 << 20


@dataclass(slots=True)
class Member:
    """``kind``: ``file``, ``folder``, ``link`` or ``special`` (devices, pipes). ``refused``: why it cannot be read."""

    name: bytes
    kind: str
    open: Callable[[], Stream] | None = None
    refused: str | None = None


# --- tar --------------------------------------------------------------------------------------------------------------

_TAR_KINDS = {b"5": "folder", b"1": "link", b"2": "link", b"3": "special", b"4": "special", b"6": "special"}


def tar_members(stream: Stream) -> Iterator[Member]:
    """The members of a tar archive (ustar, GNU, pax), which must be read before the next is asked for."""
    pax: dict[bytes, bytes] = {}
    long_name: bytes | None = None
    while True:
        block = stream.exactly(512)
        if not block or block == bytes(512):
            return
        if len(block) < 512:
            raise Broken("cut off", stream)
        if not is_tar(block):
            raise Broken("damaged tar header", stream)
        kind, size = block[156:157], _number(block[124:136], stream)
        if kind in b"xXgLK" and kind:
            if size > _LONGEST_HEADER:
                raise TooMuch("a tar header larger than 1 MiB", stream)
            data = stream.exactly(size)
            skip(stream, -size % 512)
            if kind in b"xX":
                pax = _pax(data)
            elif kind == b"L":
                long_name = data.rstrip(b"\0")
            continue
        name = block[:100].partition(b"\0")[0]
        if block[257:263] == b"ustar\0" and block[345] != 0:
            name = block[345:500].partition(b"\0")[0] + b"/" + name
        name = pax.get(b"path", long_name if long_name is not None else name)
        if pax.get(b"size", b"").isdigit():
            size = int(pax[b"size"][:20])
        sparse = kind == b"S" or any(key.startswith(b"GNU.sparse.") for key in pax)
        pax, long_name = {}, None
        known = "folder" if name.endswith(b"/") and kind in b"0\0" else _TAR_KINDS.get(kind)
        if known is not None:
            yield Member(name, known)
            if known == "folder" and kind in b"0\0":
                skip(stream, size + -size % 512)
            continue
        if kind == b"S":
            extended = block[482]
            while extended:
                more = stream.exactly(512)
                if len(more) < 512:
                    raise Broken("cut off", stream)
                extended = more[504]
        piece = Piece(stream, size)
        if kind not in b"0\0007" or sparse:
            yield Member(name, "file", refused="a sparse file" if sparse else "of an unknown kind")
        else:
            yield Member(name, "file", open=partial(_itself, piece))
        skip(stream, piece.left + -size % 512)


def _itself(piece: Piece) -> Piece:
    return piece


def _number(field: bytes, stream: Stream) -> int:
    if field[0] & 0x80:
        number = int.from_bytes(field, "big") - (0x80 << 8 * (len(field) - 1))
        if field[0] & 0x40 or number >= 1 << 63:
            raise Broken("damaged tar header", stream)
        return number
    digits = field.strip(b" \0")
    if any(byte not in b"01234567" for byte in digits):
        raise Broken("damaged tar header", stream)
    return int(digits or b"0", 8)


def _pax(data: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    while data:
        length, blank, _ = data[:21].partition(b" ")
        if not blank or not length.isdigit() or int(length) <= len(length) + 1:
            break
        key, _, value = data[len(length) + 1 : int(length)].rstrip(b"\n").partition(b"=")
        found[key] = value
        data = data[int(length) :]
    return found


# --- zip --------------------------------------------------------------------------------------------------------------

_METHODS = {8: "deflate", 12: "bzip2", 93: "zstd"}


@dataclass(slots=True)
class _Entry:
    name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    mode: int
    overlaps: bool = False


def zip_members(file: BinaryIO, layer: Stream, budget: Budget) -> Iterator[Member]:
    """The members of a zip archive."""
    try:
        entries, too_many = _directory(file, layer, budget)
    except (OSError, ValueError, OverflowError, struct.error):
        raise Broken("damaged zip directory", layer) from None
    for entry in entries:
        if entry.name.endswith(b"/"):
            yield Member(entry.name, "folder")
        elif stat.S_IFMT(entry.mode) not in {0, stat.S_IFREG}:
            yield Member(entry.name, "link" if stat.S_ISLNK(entry.mode) else "special")
        elif entry.overlaps:
            yield Member(entry.name, "file", refused="overlaps another member")
        elif entry.flags & 1:
            yield Member(entry.name, "file", refused="encrypted")
        elif entry.method != 0 and entry.method not in _METHODS:
            yield Member(entry.name, "file", refused=f"compressed in a way that is not read (method {entry.method})")
        else:

            def opened(entry: _Entry = entry) -> Stream:
                return _ZipMember(file, entry, budget)

            yield Member(entry.name, "file", open=opened)
    if too_many is not None:
        raise too_many


def _directory(file: BinaryIO, layer: Stream, budget: Budget) -> tuple[list[_Entry], Trouble | None]:
    length = file.seek(0, io.SEEK_END)
    start = max(0, length - 65557)
    file.seek(start)
    tail = file.read(65557)
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) - place < 22:
        raise Broken("no zip directory: cut off, or no zip archive", layer)
    size, offset = struct.unpack_from("<LL", tail, place + 12)
    end = start + place
    if place >= 20 and tail[place - 20 :].startswith(b"PK\x06\x07"):
        (found,) = struct.unpack_from("<Q", tail, place - 12)
        file.seek(found)
        record = file.read(56)
        if not record.startswith(b"PK\x06\x06"):
            raise Broken("damaged zip directory", layer)
        size, offset = struct.unpack_from("<QQ", record, 40)
        end = found
    before = end - size - offset  # bytes that someone put before the archive
    if before < 0 or size > length:
        raise Broken("damaged zip directory", layer)
    file.seek(offset + before)
    entries: list[_Entry] = []
    too_many: Trouble | None = None
    reader = File(file)
    while size >= 46:
        header = reader.exactly(46)
        if len(header) < 46 or not header.startswith(b"PK\x01\x02"):
            raise Broken("damaged zip directory", layer)
        system, flags, method, crc, packed, full, name, extra, comment, attributes, local = struct.unpack(
            "<4xxBxxHH4xLLLHHH4xLL", header
        )
        rest = reader.exactly(name + extra + comment)
        size -= 46 + len(rest)
        try:
            budget.member()
        except Trouble as error:
            too_many = error
            break
        packed, full, local = _large(rest[name : name + extra], full, packed, local)
        mode = attributes >> 16 if system == 3 else 0
        entries.append(_Entry(rest[:name].replace(b"\\", b"/"), flags, method, crc, packed, full, local + before, mode))
    _mark_overlaps(entries)
    return entries, too_many


def _large(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Packed size, size and offset, the large ones from the extra field that ZIP64 has for them."""
    while len(extra) >= 4:
        tag, length = struct.unpack_from("<HH", extra)
        if tag == 1:
            numbers = iter(struct.unpack_from(f"<{length // 8}Q", extra, 4))
            size = next(numbers, size) if size == 0xFFFFFFFF else size
            packed = next(numbers, packed) if packed == 0xFFFFFFFF else packed
            offset = next(numbers, offset) if offset == 0xFFFFFFFF else offset
        extra = extra[4 + length :]
    return packed, size, offset


def _mark_overlaps(entries: list[_Entry]) -> None:
    """Members that share their bytes: how a small archive holds endlessly much."""
    before: _Entry | None = None
    reached = 0
    for entry in sorted(entries, key=lambda entry: entry.offset):
        if before is not None and entry.offset < reached:
            entry.overlaps = before.overlaps = True
        end = entry.offset + 30 + len(entry.name) + entry.packed
        if end > reached:
            before, reached = entry, end


class _ZipMember(Stream):
    """A member, opened; its checksum is compared at its end."""

    def __init__(self, file: BinaryIO, entry: _Entry, budget: Budget) -> None:
        super().__init__()
        try:
            file.seek(entry.offset)
            header = file.read(30)
        except (OSError, ValueError, OverflowError):
            header = b""
        if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
            raise Broken("damaged zip header", self)
        name, extra = struct.unpack_from("<HH", header, 26)
        file.seek(entry.offset + 30 + name + extra)
        inner: Stream = Piece(File(file), entry.packed)
        if entry.method:
            inner = Compressed(inner, _METHODS[entry.method], budget)
        self.inner = inner
        self.counted = inner.counted
        self.entry = entry
        self.crc = self.given = 0

    def _next(self, size: int) -> bytes:
        try:
            data = self.inner.read(size)
        except Broken as error:
            raise Broken(str(error), self) from None
        self.crc = zlib.crc32(data, self.crc)
        self.given += len(data)
        if not data and (self.crc != self.entry.crc or self.given != self.entry.size):
            raise Broken("damaged: its checksum or size is not what the archive says", self)
        return data
