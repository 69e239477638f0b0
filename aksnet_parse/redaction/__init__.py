"""An answer that can be shared: addresses, names and ids under pseudonyms that keep how everything hangs together.

Pure functions of a key and the value: no table is kept or written, and the same key gives the same pseudonyms anywhere.
"""

from __future__ import annotations

import secrets
import typing
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import cache
from hashlib import scrypt
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel

from .text import Text
from .vocabulary import WORD, of_commands

__all__ = ["Redaction", "redact"]

_Model = TypeVar("_Model", bound=BaseModel)
_ADDRESSES = (IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network)

# What is in a field goes by the field's name and type. Everything that is not named here was written by somebody else.
_OWN_SENTENCES = frozenset({"claim", "message", "reason", "sentence", "stayed"})
# Values of a comparison, which are partly its own words: "10.1.0.0/16 dev eth0 and 3 more".
_OWN_VALUES = frozenset((model, field) for model in ("Change", "Detail") for field in ("before", "after"))
_OWN_CODES = frozenset({"code", "command"})
# A capture's command is one of this package; that of what is not read is as somebody typed it.
_TYPED = frozenset({("Unread", "command")})
# Other subjects are names; that of what could not be compared is a kind of things: "bridges".
_OWN_SUBJECT = ("NotCompared", "subject")
_FILES = frozenset({"file"})
_LINES = frozenset({"text"})


class Redaction:
    """Replaces what identifies anybody in an analysis, or in any other model of this package.

    ``key``: the same key gives the same pseudonyms; None: a new one, which nobody ever sees. Whoever has the key can
    find out what a pseudonym stands for by trying; a text is made harder to guess, but choose a long one.
    """

    def __init__(self, key: str | bytes | None = None) -> None:
        if isinstance(key, str):
            # To try many passwords is to take long.
            self._key = scrypt(key.encode("utf-8", "surrogatepass"), salt=b"aksnet_parse", n=1 << 14, r=8, p=1)
        else:
            self._key = secrets.token_bytes(32) if key is None else key

    def __call__(self, model: _Model) -> _Model:
        """``model`` with every text in it replaced; numbers and what is one of few fixed words stay.

        Raises TypeError for what is no model: what cannot be replaced must not be given back as if it had been.
        """
        if not isinstance(model, BaseModel):
            raise TypeError(
                f"pseudonyms are put into an analysis, a comparison or a trace, not into {type(model).__name__}"
            )
        text = Text(self._key)
        names = _names(model)
        files = {value: text.line(value) for kind, value in _strings(model) if kind == "file"}
        # The longest first: a bundle's name begins the names of what is in it.
        files = dict(sorted(files.items(), key=lambda pair: -len(pair[0])))

        def replace(kind: str, value: str) -> str:
            if kind == "code":
                return value
            return text.sentence(value, names, files) if kind == "sentence" else text.line(value)

        result: _Model = _replaced(model, replace)
        return result

    def name(self, text: str) -> str:
        """One name or path, as it stands in what this gives."""
        return Text(self._key).line(text)

    def message(self, text: str, *about: object) -> str:
        """A sentence of this program, such as that of an exception. ``about``: the models, or names, that it may
        mention; a word of its own that is a name in one of these is replaced."""
        return Text(self._key).sentence(text, _names(about), {})


def redact(model: _Model, key: str | bytes | None = None) -> _Model:
    """An analysis that can be shared: see :class:`Redaction`, which takes several with one key."""
    return Redaction(key)(model)


# --- through the models -----------------------------------------------------------------------------------------------


def _replaced(model: Any, replace: Callable[[str, str], str], kind: str = "name") -> Any:
    if isinstance(model, BaseModel):
        kinds = _kinds(type(model))
        changes = {}
        for name, field in kinds.items():
            value = getattr(model, name)
            changed = _replaced(value, replace, field)
            if changed is not value:
                changes[name] = changed
        return model.model_copy(update=changes) if changes else model
    if isinstance(model, str):
        return model if isinstance(model, Enum) else replace(kind, model)
    if isinstance(model, _ADDRESSES):
        return type(model)(replace(kind, str(model)))
    if isinstance(model, (tuple, list, frozenset, set)):
        return type(model)(_replaced(item, replace, kind) for item in model)
    if isinstance(model, Mapping):
        return {_replaced(key, replace, kind): _replaced(value, replace, kind) for key, value in model.items()}
    return model


def _names(model: Any) -> set[str]:
    """The words of the names in ``model``, but for those of the commands."""
    words = {word for kind, value in _strings(model) if kind == "name" for word in WORD.findall(value)}
    return {word for word in words if word.lower() not in of_commands()}


def _strings(model: Any, kind: str = "name") -> Iterator[tuple[str, str]]:
    """Every text in ``model``, with the kind of its field."""
    if isinstance(model, BaseModel):
        for name, field in _kinds(type(model)).items():
            yield from _strings(getattr(model, name), field)
    elif isinstance(model, str):
        yield kind, model
    elif isinstance(model, (tuple, list, frozenset, set)):
        for item in model:
            yield from _strings(item, kind)
    elif isinstance(model, Mapping):
        for key, value in model.items():
            yield from _strings(key, kind)
            yield from _strings(value, kind)


@cache
def _kinds(model: type[BaseModel]) -> dict[str, str]:
    """What the text in each field of ``model`` is."""
    kinds = {}
    for name, field in model.model_fields.items():
        if (model.__name__, name) in _TYPED:
            kinds[name] = "line"
        elif name in _OWN_CODES or (model.__name__, name) == _OWN_SUBJECT or not _holds_text(field.annotation):
            kinds[name] = "code"
        elif name in _OWN_SENTENCES or (model.__name__, name) in _OWN_VALUES:
            kinds[name] = "sentence"
        else:
            kinds[name] = "file" if name in _FILES else "line" if name in _LINES else "name"
    return kinds


def _holds_text(annotation: Any) -> bool:
    """False if a field has nothing but numbers and words of its schema."""
    if typing.get_origin(annotation) is Literal or annotation in {int, bool, float, type(None)}:
        return False
    arguments = [argument for argument in typing.get_args(annotation) if argument is not Ellipsis]
    if typing.get_origin(annotation) is Annotated:
        return _holds_text(arguments[0])
    return any(map(_holds_text, arguments)) if arguments else True
