"""Bytes as text, and the text of one plain file."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

from ..errors import ReadError

__all__ = ["decode", "is_binary", "name_of", "read_file", "shown"]

_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def read_file(path: Path) -> str:
    """The text of a file. Raises :class:`ReadError` naming the path and the reason."""
    try:
        return decode(path.read_bytes())
    except IsADirectoryError:
        raise ReadError(f"{path}: is a folder; name the files in it") from None
    except OSError as error:
        raise ReadError(f"{path}: {error.strerror or error}") from None
    except ValueError as error:
        raise ReadError(f"{path!s}: {error}") from None


def decode(data: bytes) -> str:
    """Bytes as text: UTF-8, or UTF-16 where a byte-order mark says so (PowerShell's redirection). Never raises.

    Bytes that are neither stand as backslash escapes, so that no two different names become the same.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace").removeprefix("\ufeff")
    return data.decode("utf-8", errors="backslashreplace")


def is_binary(head: bytes) -> bool:
    """Whether a file that begins with ``head`` holds no text."""
    return b"\0" in head and not any(head.startswith(mark) for mark, _ in _BYTE_ORDER_MARKS)


def shown(path: str | os.PathLike[str]) -> str:
    """A path of this machine as it is shown: bytes that are no UTF-8 stand as backslash escapes."""
    return name_of(os.fsencode(path))


def name_of(name: bytes) -> str:
    """The name of a file as text."""
    return name.decode("utf-8", errors="backslashreplace")
