"""Streams of bytes that give no more at a time than they are asked for: of files, of pieces of them, decompressed.

Whatever a stream reads from says by ``layer`` who is to blame for a failure.
"""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Protocol

from .limits import Broken, Budget, Trouble

__all__ = ["Compressed", "File", "Piece", "Stream", "below", "chunks", "kind_of", "read_all", "skip"]

CHUNK = 1 << 16
HEAD = 4096
_XZ_MEMORY = 128 << 20
_ZSTD_WINDOW = 128 << 20
_MAGIC = (
    ("zip", b"PK\x03\x04"),
    ("zip", b"PK\x05\x06"),
    ("gzip", b"\x1f\x8b\x08"),
    ("bzip2", b"BZh"),
    ("xz", b"\xfd7zXZ\x00"),
    ("zstd", b"\x28\xb5\x2f\xfd"),
)


class Stream(ABC):
    """Base: ``peek`` looks ahead, ``read`` gives at most ``size`` bytes and none only at the end.

    ``counted``: what it gives was counted where it came from.
    """

    counted = False

    def __init__(self) -> None:
        self._ahead = b""

    @abstractmethod
    def _next(self, size: int) -> bytes:
        """At most ``size`` bytes; none only at the end."""

    def peek(self, size: int = HEAD) -> bytes:
        while len(self._ahead) < size and (more := self._next(size - len(self._ahead))):
            self._ahead += more
        return self._ahead[:size]

    def read(self, size: int = CHUNK) -> bytes:
        if self._ahead:
            data, self._ahead = self._ahead[:size], self._ahead[size:]
            return data
        return self._next(size)

    def exactly(self, size: int) -> bytes:
        """``size`` bytes, fewer only at the end."""
        parts: list[bytes] = []
        while size > 0 and (data := self.read(min(size, CHUNK))):
            parts.append(data)
            size -= len(data)
        return b"".join(parts)

    def skip(self, size: int) -> bool:
        """Pass over ``size`` bytes; False if there are fewer."""
        while size > 0:
            data = self.read(min(size, CHUNK))
            if not data:
                return False
            size -= len(data)
        return True

    def seekable(self) -> BinaryIO | None:
        """The file behind it, if nothing was read that cannot be read again."""
        return None


class File(Stream):
    """A file."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__()
        self.file = file

    def _next(self, size: int) -> bytes:
        try:
            return self.file.read(size)
        except OSError as error:
            raise Broken(error.strerror or str(error), self) from None

    def skip(self, size: int) -> bool:
        if not self.file.seekable() or size <= len(self._ahead):
            return super().skip(size)
        place = self.file.tell() + size - len(self._ahead)
        self._ahead = b""
        end = self.file.seek(0, io.SEEK_END)
        self.file.seek(min(place, end))
        return place <= end

    def seekable(self) -> BinaryIO | None:
        return self.file if self.file.seekable() else None


class Piece(Stream):
    """The next ``size`` bytes of another stream."""

    def __init__(self, source: Stream, size: int) -> None:
        super().__init__()
        self.source = source
        self.left = size
        self.counted = source.counted

    def _next(self, size: int) -> bytes:
        data = self.source.read(min(size, self.left)) if self.left else b""
        if self.left and size and not data:
            raise Broken("cut off", self.source)
        self.left -= len(data)
        return data


class _Decompressor(Protocol):
    """Of the standard library's bz2 and lzma."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Zlib:
    """zlib in the manner of bz2 and lzma."""

    def __init__(self, window: int) -> None:
        self._inner = zlib.decompressobj(window)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max(max_length, 0))


class _Zstd:
    """Zstandard in the manner of bz2 and lzma. It cannot be told how much to give, so it is fed in small bites: four
    bytes give at most 128 KiB."""

    _BITE = 512

    def __init__(self) -> None:
        try:
            import zstandard
        except ModuleNotFoundError:
            raise Trouble("reading .zst needs an extra: pip install 'aksnet-parse[zst]'") from None
        self._inner: Any = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
        self._input = b""
        self._ready = b""

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof) and not self._ready

    @property
    def needs_input(self) -> bool:
        return not self._input and not self._ready

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data) + self._input

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        self._input += data
        while not self._ready and self._input and not self._inner.eof:
            bite, self._input = self._input[: self._BITE], self._input[self._BITE :]
            self._ready = self._inner.decompress(bite)
        given, self._ready = self._ready[:max_length], self._ready[max_length:]
        return given


def _zstd() -> _Decompressor:
    return _Zstd()


_DECOMPRESSORS: dict[str, Callable[[], _Decompressor]] = {
    "gzip": lambda: _Zlib(zlib.MAX_WBITS | 16),
    "deflate": lambda: _Zlib(-zlib.MAX_WBITS),
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY),
    "zstd": _zstd,
}


class Compressed(Stream):
    """What another stream holds compressed. One stream after the other, as `cat a.gz b.gz` makes them, is one."""

    counted = True

    def __init__(self, source: Stream, kind: str, budget: Budget) -> None:
        super().__init__()
        self.source = source
        self.kind = kind
        self.budget = budget
        self.taken = self.given = 0
        self._decompressor = _DECOMPRESSORS[kind]()
        self._ended = False

    def _feed(self) -> bytes:
        data = self.source.read(CHUNK)
        self.taken += len(data)
        return data

    def _next(self, size: int) -> bytes:
        while not self._ended and size:
            if self._decompressor.eof:
                self._another()
                continue
            data = self._feed() if self._decompressor.needs_input else b""
            if not data and self._decompressor.needs_input:
                raise Broken("cut off", self)
            try:
                given = self._decompressor.decompress(data, size)
            except Trouble:
                raise
            except Exception as error:  # each library has errors of its own
                reason = "needs too much memory" if "emory" in str(error) else f"damaged {self.kind} data"
                raise Broken(reason, self) from None
            if given:
                self.given += len(given)
                self.budget.spend(len(given))
                self.budget.check_ratio(self.given, self.taken, self)
                return given
        return b""

    def _another(self) -> None:
        rest = self._decompressor.unused_data or self._feed()
        if self.kind == "deflate" or kind_of(rest) != self.kind:
            self._ended = True  # what follows is padding
            return
        self._decompressor = _DECOMPRESSORS[self.kind]()
        self.source._ahead = rest + self.source._ahead
        self.taken -= len(rest)


def kind_of(head: bytes) -> str | None:
    """``zip``, ``tar``, a way of compression, or None, by the first bytes."""
    for kind, magic in _MAGIC:
        if head.startswith(magic):
            return kind if kind != "bzip2" or head[4:10] in {b"1AY&SY", b"\x17rE8P\x90"} else None
    return "tar" if is_tar(head) else None


def is_tar(head: bytes) -> bool:
    """Whether a block of 512 bytes is the header of a tar member, by its checksum."""
    if len(head) < 512 or head[0] == 0:
        return False
    field = head[148:156].strip(b" \0")
    if not field or any(byte not in b"01234567" for byte in field):
        return False
    return sum(head[:148]) + 8 * 32 + sum(head[156:512]) == int(field, 8)


def chunks(stream: Stream, budget: Budget) -> Iterator[bytes]:
    """A member, piece by piece; raises where it becomes too much."""
    size = 0
    while data := stream.read(CHUNK):
        size += len(data)
        budget.check_member(size)
        if not stream.counted:
            budget.spend(len(data))
        yield data


def read_all(stream: Stream, budget: Budget) -> bytes:
    """All of a member."""
    return b"".join(chunks(stream, budget))


def below(stream: Stream) -> list[Stream]:
    """The stream and those that it reads from."""
    found = [stream]
    while (source := getattr(found[-1], "source", None) or getattr(found[-1], "inner", None)) is not None:
        found.append(source)
    return found


def skip(stream: Stream, size: int) -> None:
    if not stream.skip(size):
        raise Broken("cut off", stream)
