"""The reference as pages of the documentation: commands and the fields of their records, and the answers' JSON. Made
from the models, so that no page says what the program does not do."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator, Mapping, Sequence, Set
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ..commands.base import Command
from ..records import MacAddress, Record

__all__ = ["answers_markdown", "commands_markdown", "plain_docstring"]

_COMMANDS = """\
# Commands and their fields

The commands whose output is read. `aksnet-parse parse COMMAND FILE` gives the records of one of them as JSON, the
function named beside it the same in Python. Names of fields are those of iproute2's own JSON where it has one, and a
field whose meaning is left out here means what it means there.

A field that a capture did not show has its default. Every record has a `source` as well: the file, and the first and
the last line it was read from.

"""
_ANSWERS = """\
# JSON of the answers

What `--format json` prints is one object, for each kind of answer the model of that name in Python. No field is ever
left out: what is not known is `null` or `"unknown"`. Fields change only with `schema_version`. With the JSON Schemas
other programs can check it; `aksnet-parse schema` prints them as well.

"""


def commands_markdown(commands: Sequence[Command[Any]]) -> str:
    """The page about ``commands``: a table of them, then the fields of each record that they give."""
    models: dict[type[BaseModel], list[str]] = {}
    for command in commands:
        models.setdefault(command.model, []).append(command.name)
    lines = ["| command | records | in Python |", "|---|---|---|"]
    for command in commands:
        function = "parse_" + re.sub(r"\W+", "_", command.name.removesuffix(".json"))
        lines.append(f"| `{command.name}` | {_link(command.model)} | `aksnet_parse.{function}(text)` |")
    for model in _reachable(models):
        given = ", ".join(f"`{name}`" for name in models.get(model, ()))
        lines += ["", f"## {model.__name__}", "", *([f"A record of {given}.", ""] if given else [])]
        lines += _described(model, with_defaults=True)
    return _COMMANDS + "".join(f"{line}\n" for line in lines)


def answers_markdown(answers: Mapping[str, type[BaseModel]]) -> str:
    """The page about the JSON of ``answers``, each by the name that its schema has: a table of them, then the fields of
    each, and of all that is in them."""
    lines = ["| answer | JSON Schema |", "|---|---|"]
    lines += [f"| {_link(model)} | [{name}.schema.json]({name}.schema.json) |" for name, model in answers.items()]
    for model in _reachable([*answers.values()]):
        lines += ["", f"## {model.__name__}", "", *_described(model, with_defaults=False)]
    return _ANSWERS + "".join(f"{line}\n" for line in lines)


def plain_docstring(text: str) -> str:
    """A docstring as Markdown: no roles, and code in single backquotes."""
    return re.sub(r"``([^`]+)``", r"`\1`", re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text))


def _reachable(models: Sequence[type[BaseModel]] | Mapping[type[BaseModel], object]) -> list[type[BaseModel]]:
    """``models``, and behind each those that its fields hold, each once."""
    found: dict[type[BaseModel], None] = {}
    waiting = list(reversed(list(models)))
    while waiting:
        model = waiting.pop()
        if model not in found:
            found[model] = None
            inner = [one for field in model.model_fields.values() for one in _models_in(field.annotation)]
            waiting += reversed(inner)
    return list(found)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _models_in(argument)


def _described(model: type[BaseModel], *, with_defaults: bool) -> list[str]:
    about, meanings = _meanings(model)
    heads = ("field", "type", *(["default"] if with_defaults else []), *(["meaning"] if meanings else []))
    lines = [about, "", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for name, field in model.model_fields.items():
        if name == "source" and issubclass(model, Record):
            continue
        shown = field.serialization_alias or field.alias or name
        also = f" (in Python `{name}`)" if shown != name else ""
        default = [_default(field)] if with_defaults else []
        cells = (f"`{shown}`{also}", _type(field.annotation), *default, *([meanings.get(name, "")] if meanings else []))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return lines


def _meanings(model: type[BaseModel]) -> tuple[str, dict[str, str]]:
    """What the docstring says of the model, and of each field that it names at the beginning of a sentence."""
    text = " ".join((model.__doc__ or "").split())
    about: list[str] = []
    meanings: dict[str, str] = {}
    for part in re.split(r"(?:^|(?<=[.;] ))(?=(?:From )?``\w+``[^.:]*: )", text):
        head, _, meaning = part.partition(": ")
        names = re.findall(r"``(\w+)``", head)
        if names and re.sub(r"``\w+``|, | and ", "", head) == "" and model.model_fields.keys() >= {*names}:
            meanings.update(dict.fromkeys(names, plain_docstring(meaning.strip())))
        else:  # of the model as a whole, or of several fields
            about.append(part.strip())
    return plain_docstring(" ".join(about)), meanings


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "always there"
    value = field.get_default(call_default_factory=True)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, BaseModel) or (isinstance(value, (tuple, list, Set, Mapping)) and not value):
        return "empty"
    return f"`{value}`"


_WORDS: dict[Any, str] = {
    str: "text",
    int: "integer",
    float: "number",
    bool: "true or false",
    type(None): "null",
    Any: "any",
    MacAddress: "MAC",
    IPv4Address: "IPv4 address",
    IPv6Address: "IPv6 address",
    IPv4Network: "IPv4 network",
    IPv6Network: "IPv6 network",
    IPv4Interface: "IPv4 address with prefix length",
    IPv6Interface: "IPv6 address with prefix length",
}


def _link(model: type[BaseModel]) -> str:
    return f"[{model.__name__}](#{model.__name__.lower()})"


def _type(annotation: Any) -> str:
    """A type in words."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _link(annotation)
    if origin is Annotated:
        return _type(arguments[0])
    if origin is Literal:
        return " or ".join(f'`"{value}"`' if isinstance(value, str) else f"`{value}`" for value in arguments)
    if origin in {Union, types.UnionType}:
        return " or ".join(dict.fromkeys(map(_type, arguments)))
    if origin is dict or annotation is dict:
        return "object"
    if origin in {tuple, list} and (len(arguments) == 1 or arguments[1:] == (Ellipsis,)):
        return f"list of {_type(arguments[0])}"
    if origin is tuple:
        return f"list: {', '.join(map(_type, arguments))}"
    if origin is frozenset:
        return f"set of {_type(arguments[0])}"
    return _WORDS[annotation]
