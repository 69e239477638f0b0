"""What every parsed record is made of: where it came from, how it compares, and the typed values of its fields.

A record is a frozen pydantic model with a ``source``. Two records are equal when their facts are equal; where the
facts were read does not count.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from typing import TYPE_CHECKING, Annotated, Any, Generic, NamedTuple, SupportsIndex, TypeVar, overload

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    PlainValidator,
    TypeAdapter,
    WithJsonSchema,
)

if TYPE_CHECKING:
    import pandas

__all__ = [
    "EntrySource",
    "FlagSet",
    "IPAddress",
    "JsonObject",
    "Line",
    "LinkAddress",
    "MacAddress",
    "ParseResult",
    "Record",
    "Source",
    "Value",
]


class Line(NamedTuple):
    """One line of the input. ``file`` is None for text given directly; ``line`` counts from 1."""

    file: str | None
    line: int
    text: str


class Source(NamedTuple):
    """Where a record was read: ``file`` (None for text given directly), first and last line, counted from 1."""

    file: str | None
    first_line: int
    last_line: int


class EntrySource(Source):
    """Where an entry of JSON stands that shares its line with others: from column to column, counted from 0."""

    columns: tuple[int, int]

    @classmethod
    def at(cls, source: Source, columns: tuple[int, int]) -> EntrySource:
        made = cls(*source)
        made.columns = columns
        return made


def _as_source(value: object) -> Source:
    if isinstance(value, Source):
        return value
    if isinstance(value, Mapping) and {"first_line", "last_line"} <= value.keys():
        return Source(value.get("file"), int(value["first_line"]), int(value["last_line"]))
    raise ValueError("expected a Source")


SourceField = Annotated[
    Source,
    PlainValidator(_as_source),
    PlainSerializer(lambda source: source._asdict(), return_type=dict[str, Any]),
    WithJsonSchema(
        {
            "type": "object",
            "properties": {
                "file": {"type": ["string", "null"]},
                "first_line": {"type": "integer"},
                "last_line": {"type": "integer"},
            },
            "required": ["file", "first_line", "last_line"],
            "additionalProperties": False,
        }
    ),
]


class Value(BaseModel):
    """Base of what a record holds that is more than one word: immutable, and equal when its facts are."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Record(Value):
    """Base of all parsed records. ``source`` is None for a record that was built by hand."""

    source: SourceField | None = Field(default=None, repr=False)

    def _facts(self) -> tuple[Any, ...]:
        values = self.__dict__
        return tuple(values[name] for name in type(self).model_fields if name != "source")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._facts() == other._facts()

    def __hash__(self) -> int:
        return hash((type(self), self._facts()))


# --- typed values -----------------------------------------------------------------------------------------------------

_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2})+")


class MacAddress(str):
    """A link-layer address of an Ethernet-like device: octets in lower-case hex, joined by colons.

    Raises ValueError for anything else. It is a ``str``, so it compares with plain text.
    """

    __slots__ = ()

    def __new__(cls, text: str) -> MacAddress:
        lowered = text.lower()
        if _MAC.fullmatch(lowered) is None:
            raise ValueError(f"not a link-layer address: {text!r}")
        return super().__new__(cls, lowered)


def plain_macs(texts: Iterable[str]) -> Iterable[MacAddress]:
    """The same of texts that are known to be such addresses, in lower case."""
    return map(str.__new__, repeat(MacAddress), texts)


@lru_cache(maxsize=4096)
def ip_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """As the function of this name in ``ipaddress``, which takes five times as long. Raises ValueError."""
    try:
        if ":" in text:
            return ipaddress.IPv6Address(socket.inet_pton(socket.AF_INET6, text))
        return ipaddress.IPv4Address(socket.inet_pton(socket.AF_INET, text))
    except (OSError, ValueError):
        return ipaddress.ip_address(text)


# EUI-48 (Ethernet), EUI-64 (FireWire), and what InfiniBand has.
_MAC_OCTETS = frozenset({6, 8, 20})


@lru_cache(maxsize=4096)
def _link_address(text: str) -> MacAddress | ipaddress.IPv4Address | ipaddress.IPv6Address:
    # Tunnels have an IP endpoint where Ethernet has a MAC. A MAC of eight pairs must not be taken for an IPv6 address,
    # nor half of a MAC for a MAC.
    try:
        mac = MacAddress(text)
    except ValueError:
        return ip_address(text)
    if (len(mac) + 1) // 3 not in _MAC_OCTETS:
        raise ValueError(f"not a link-layer address: {text!r}")
    return mac


def _unless_text(convert: Callable[[str], Any], *types: type) -> Callable[[object], Any]:
    def validate(value: object) -> Any:
        if isinstance(value, types):
            return value
        if isinstance(value, str):
            return convert(value)
        raise ValueError(f"expected text, got {type(value).__name__}")

    return validate


IPAddress = Annotated[
    ipaddress.IPv4Address | ipaddress.IPv6Address,
    PlainValidator(_unless_text(ip_address, ipaddress.IPv4Address, ipaddress.IPv6Address)),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}),
]

LinkAddress = Annotated[
    MacAddress | ipaddress.IPv4Address | ipaddress.IPv6Address,
    PlainValidator(_unless_text(_link_address, MacAddress, ipaddress.IPv4Address, ipaddress.IPv6Address)),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string"}),
]


def _as_flags(value: object) -> frozenset[str]:
    if isinstance(value, frozenset):
        return value
    if isinstance(value, Iterable) and not isinstance(value, str):
        flags = list(value)
        if all(isinstance(flag, str) for flag in flags):
            return frozenset(flags)
    raise ValueError("expected words")


FlagSet = Annotated[
    frozenset[str],
    PlainValidator(_as_flags),
    PlainSerializer(sorted, return_type=list[str]),
    WithJsonSchema({"type": "array", "items": {"type": "string"}, "uniqueItems": True}),
]


class _FrozenDict(dict[str, Any]):
    """A dict that nobody changes, so that a record that holds one stays what it was and can be in a set."""

    def _refuse(self, *args: object, **kwargs: object) -> Any:
        raise TypeError("a parsed record cannot be changed")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    # typeshed has None for dict, since a dict can change. This one cannot.
    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)


JsonObject = Annotated[
    dict[str, Any],
    PlainValidator(lambda value: _FrozenDict(_JSON_OBJECT.validate_python(value))),
    PlainSerializer(dict, return_type=dict[str, Any]),
    WithJsonSchema({"type": "object"}),
]
_JSON_OBJECT = TypeAdapter(dict[str, JsonValue])


# --- the result of parsing one capture --------------------------------------------------------------------------------

R = TypeVar("R", covariant=True)


class ParseResult(Sequence[R], Generic[R]):
    """The records of one capture, in order, as an immutable sequence that also knows what was not understood.

    Attributes: ``records`` (tuple of records), ``unparsed`` (tuple of :class:`Line`, the non-blank lines that no rule
    took), ``passed_over`` (tuple of :class:`Line`: titles, column headings, brackets around a list, marks of what an
    author left out, and what a command says of other things than the network), ``coverage`` (share of the non-blank
    lines that were understood, 0.0 to 1.0; 1.0 for an empty text), ``model`` (the type of its records where a command
    says it, also of none; else None).

    Each non-blank line of the input is in the ``source`` of a record, in ``unparsed`` or in ``passed_over``.
    """

    __slots__ = ("coverage", "model", "passed_over", "records", "unparsed")

    def __init__(
        self, records: Iterable[R], unparsed: Iterable[Line] = (), lines: int = 0, passed_over: Iterable[Line] = ()
    ) -> None:
        self.records = tuple(records)
        self.unparsed = tuple(unparsed)
        self.passed_over = tuple(passed_over)
        self.coverage = 1.0 - len(self.unparsed) / lines if lines else 1.0
        self.model: type[Record] | None = None

    def with_records(self, records: Iterable[R]) -> ParseResult[R]:
        """The same with other records of the same lines."""
        other: ParseResult[R] = ParseResult(records, self.unparsed, passed_over=self.passed_over)
        other.coverage = self.coverage
        other.model = self.model
        return other

    def to_frame(self) -> pandas.DataFrame:
        """The records as a pandas frame, one row each (one for each port of a bridge), with where it was read.

        Needs the extra ``notebook``, and raises :class:`aksnet_parse.UsageError` without it."""
        from .showing import frame_of_records

        return frame_of_records(self)

    def with_default(self, field: str, value: object) -> ParseResult[R]:
        """The same with ``value`` in ``field`` of the records that have None there: what a call says of all of them."""
        if value is None:
            return self
        return self.with_records(
            record.model_copy(update={field: value})
            if isinstance(record, BaseModel) and getattr(record, field) is None
            else record
            for record in self.records
        )

    def __len__(self) -> int:
        return len(self.records)

    @overload
    def __getitem__(self, index: SupportsIndex) -> R: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[R, ...]: ...

    def __getitem__(self, index: SupportsIndex | slice) -> R | tuple[R, ...]:
        return self.records[index]

    def __iter__(self) -> Iterator[R]:
        return iter(self.records)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ParseResult):
            return NotImplemented
        return self.records == other.records and [line.text for line in self.unparsed] == [
            line.text for line in other.unparsed
        ]

    def __hash__(self) -> int:
        return hash(self.records)

    def __repr__(self) -> str:
        counts = ((len(self.records), "record"), (len(self.unparsed), "line"))
        records, unparsed = (f"{number} {noun}{'' if number == 1 else 's'}" for number, noun in counts)
        return f"<ParseResult: {records}, {unparsed} not understood>"
