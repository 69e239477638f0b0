"""The addresses that Azure CNI manages on a node, `cat /var/run/azure-vnet-ipam.json`, and which of them are in use."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from ..grammar import load_template
from ..json_form import Entry
from ..json_pieces import Piece
from ..json_values import text_at, value_at
from ..records import IPAddress, Record, Source
from .cni_config import PRINTERS
from .json_documents import JsonCommand, KeyLines, objects_at

__all__ = ["AZURE_VNET_IPAM", "AzureIpamAddress"]


class AzureIpamAddress(Record):
    """One address of the pool that Azure CNI gives pods of a node their addresses from.

    ``in_use``: whether a pod has it; None if the capture does not say. ``pool``: the subnet, ``interface`` the network
    card it is reached by; None in a fragment. ``id``: of the endpoint that has the address, None if it is empty.
    """

    address: IPAddress
    in_use: bool | None = None
    pool: str | None = None
    interface: str | None = None
    id: str | None = None


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def _of_pool(name: str | None, pool: dict[str, Any]) -> tuple[str | None, str | None]:
    """Its subnet and its interface."""
    subnet = next((text for text in (name, text_at(pool, "Id")) if text is not None and _is_network(text)), None)
    return subnet, text_at(pool, "IfName")


def _row(value: Any, source: Source, pool: str | None = None, interface: str | None = None) -> dict[str, Any]:
    in_use = value_at(value, "InUse")
    return {
        "address": text_at(value, "Addr"),
        "in_use": in_use if isinstance(in_use, bool) else None,
        "pool": pool,
        "interface": interface,
        "id": text_at(value, "ID"),
        "source": source,
    }


class _AzureVnetIpam(JsonCommand[AzureIpamAddress]):
    def rows(self, value: dict[str, Any], lines: Sequence[str], entry: Entry, source: Source) -> list[dict[str, Any]]:
        where = KeyLines(lines, entry, source)
        return [
            _row(address, where.of(key), *_of_pool(name, pool))
            for _, space in objects_at(value, "IPAM", "AddressSpaces")
            for name, pool in objects_at(space, "Pools")
            for key, address in objects_at(pool, "Addresses")
            if text_at(address, "Addr") is not None
        ]

    def rows_of_pieces(
        self, pieces: Sequence[Piece], file: str | None, first_line: int
    ) -> tuple[list[dict[str, Any]], list[Piece]]:
        rows: list[dict[str, Any]] = []
        used: list[Piece] = []
        for piece in pieces:
            if piece.is_whole and text_at(piece.value, "Addr") is not None and "InUse" in piece.value:
                around = piece.around(_PLACE)
                pool = around[1] if len(around) > 1 else None
                source = Source(file, first_line + piece.first, first_line + piece.last)
                rows.append(_row(piece.value, source, *_of_pool(pool.key, pool.value) if pool is not None else ()))
                used += [piece, *around]
        return rows, used

    def row_of_facts(self, facts: dict[str, str], source: Source) -> dict[str, Any] | None:
        if "address" not in facts:
            return None
        in_use = facts.get("in_use")
        return {"address": facts["address"], "in_use": in_use == "true" if in_use else None, "source": source}


# Where an address stands.
_PLACE = ("IPAM", "AddressSpaces", None, "Pools", None, "Addresses", None)
_PATH = re.compile(r"(?:\S*/)?azure-vnet-ipam(?:v6)?\.json")


def _claims(argv: tuple[str, ...]) -> bool:
    return argv[0] in PRINTERS and any(_PATH.fullmatch(word) for word in argv[1:])


AZURE_VNET_IPAM = _AzureVnetIpam(
    name="azure-vnet-ipam.json",
    grammar=partial(load_template, "azure_vnet_ipam"),
    group="facts",
    model=AzureIpamAddress,
    claims=_claims,
    herald=re.compile(r'[ ]*\{[ ]*"IPAM":[ ]*\{[ ]*"(?:Version|TimeStamp|AddressSpaces)":'),
)
