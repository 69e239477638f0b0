"""The state of Azure CNI, `cat /var/run/azure-vnet.json`: its networks, and the veth of each pod."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema

from ..grammar import load_template
from ..json_form import Entry, head
from ..json_pieces import Piece
from ..json_values import list_at, text_at, value_at
from ..records import LinkAddress, Record, Source
from .cni_config import PRINTERS
from .json_documents import JsonCommand, KeyLines, objects_at

__all__ = ["AZURE_VNET", "AzureEndpoint", "AzureNetwork"]


def _interface(value: object) -> ipaddress.IPv4Interface | ipaddress.IPv6Interface:
    if isinstance(value, ipaddress.IPv4Interface | ipaddress.IPv6Interface):
        return value
    if isinstance(value, str):
        return ipaddress.ip_interface(value)
    raise ValueError("expected text")


IPInterface = Annotated[
    ipaddress.IPv4Interface | ipaddress.IPv6Interface,
    PlainValidator(_interface),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string"}),
]


class AzureEndpoint(Record):
    """One pod's end as Azure CNI made it. None: not said.

    ``host_ifname``: the veth on the host, ``ifname`` the pod's interface. ``pid`` or ``netns``: the pod's network
    namespace, by the process that owns it (``/proc/PID/ns/net``) or its name (``/var/run/netns/NAME``).
    ``container_id``: of the sandbox.
    """

    id: str
    ifname: str | None = None
    host_ifname: str | None = None
    mac: LinkAddress | None = None
    addresses: tuple[IPInterface, ...] = ()
    pid: int | None = Field(default=None, ge=1)
    netns: str | None = None
    container_id: str | None = Field(default=None, pattern=r"^[0-9a-f]{4,64}$")
    pod_name: str | None = None
    pod_namespace: str | None = None


class AzureNetwork(Record):
    """One network of Azure CNI. ``mode``: ``bridge``, ``tunnel``, ``transparent`` or ``transparent-vlan``.

    ``interface``: the network card that it is on. ``bridge``: None without one. ``subnets``: as written there.
    """

    id: str | None = None
    mode: str | None = None
    interface: str | None = None
    bridge: str | None = None
    subnets: tuple[str, ...] = ()
    endpoints: tuple[AzureEndpoint, ...] = ()


# --- from the document ------------------------------------------------------------------------------------------------

_PROCESS = re.compile(r"/proc/([0-9]{1,10})/ns/net")
_NAMED = re.compile(r"(?:/var)?/run/netns/([^\s/]{1,255})")


def _octets(text: str | None) -> bytes:
    try:
        return base64.b64decode(text or "", validate=True)
    except (binascii.Error, ValueError):
        return b""


def _mac(text: str | None) -> str | None:
    # Go writes bytes in base64; who asks for text gets it with colons.
    if text is not None and ":" in text:
        return text
    octets = _octets(text)
    return octets.hex(":") if len(octets) in {6, 8} else None


def _address(value: Any) -> str | None:
    address, mask = text_at(value, "IP"), text_at(value, "Mask")
    if address is None:
        return None
    if mask is None:
        return address
    bits = f"{int.from_bytes(_octets(mask), 'big'):b}" if _octets(mask) else ""
    return f"{address}/{bits.count('1')}" if "01" not in bits else address


def _network(value: Any) -> str | None:
    if isinstance(value, str):
        return value or None
    return _address(value_at(value, "Prefix"))


def _endpoint(name: str, value: dict[str, Any], source: Source) -> dict[str, Any]:
    path = text_at(value, "NetworkNameSpace") or text_at(value, "NetNs") or ""
    process, named = _PROCESS.fullmatch(path), _NAMED.fullmatch(path)
    facts = {
        "id": text_at(value, "Id") or name,
        "ifname": text_at(value, "IfName"),
        "host_ifname": text_at(value, "HostIfName"),
        "mac": _mac(text_at(value, "MacAddress")),
        "addresses": tuple(found for item in list_at(value, "IPAddresses") if (found := _address(item)) is not None),
        "pid": int(process[1]) if process is not None else None,
        "netns": named[1] if named is not None else None,
        "container_id": text_at(value, "ContainerID"),
        "pod_name": text_at(value, "PODName"),
        "pod_namespace": text_at(value, "PODNameSpace"),
    }
    return {name: fact for name, fact in facts.items() if fact is not None} | {"source": source}


class _AzureVnet(JsonCommand[AzureNetwork]):
    def rows(self, value: dict[str, Any], lines: Sequence[str], entry: Entry, source: Source) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        where = KeyLines(lines, entry, source)
        for card, external in objects_at(value, "Network", "ExternalInterfaces"):
            for name, network in objects_at(external, "Networks"):
                subnets = [_network(item) for item in list_at(network, "Subnets")]
                rows.append(
                    {
                        "id": text_at(network, "Id") or name,
                        "mode": text_at(network, "Mode"),
                        "interface": text_at(external, "Name") or card,
                        "bridge": text_at(external, "BridgeName"),
                        "subnets": tuple(subnet for subnet in subnets if subnet is not None),
                        "endpoints": [
                            _endpoint(key, endpoint, where.of(key))
                            for key, endpoint in objects_at(network, "Endpoints")
                        ],
                        "source": source,
                    }
                )
        if not rows and isinstance(value_at(value, "Network"), dict) and text_at(value, "Network", "Version"):
            # Azure CNI was started and has wired nothing yet.
            rows.append({"source": source})
        return rows

    def begins(self, lines: Sequence[str], index: int) -> bool:
        # One endpoint, or several, that somebody took out of the document.
        return super().begins(lines, index) or (
            _MEMBER.match(lines[index]) is not None and _ENDPOINT.match(head(lines, index)) is not None
        )

    def rows_of_pieces(
        self, pieces: Sequence[Piece], file: str | None, first_line: int
    ) -> tuple[list[dict[str, Any]], list[Piece]]:
        networks: dict[int, tuple[Piece | None, Piece | None, list[Piece]]] = {}
        used: list[Piece] = []
        for piece in pieces:
            if piece.is_whole and _is_endpoint(piece.value):
                around = piece.around(_PLACE)
                _, network, _, card, *_ = [*around, None, None, None, None]
                networks.setdefault(id(network), (network, card, []))[2].append(piece)
                used += [piece, *around]
            elif text_at(piece.value, "Mode") and piece.parent is not None and piece.parent.key == "Networks":
                around = piece.around(_PLACE[:-2])
                networks.setdefault(id(piece), (piece, around[1] if len(around) > 1 else None, []))
                used += [piece, *around]
        return [_of_pieces(*found, file, first_line) for found in networks.values()], used

    def is_beside(self, line: str) -> bool:
        return super().is_beside(line) and _OF_ENDPOINT.match(line) is None

    def row_of_facts(self, facts: dict[str, str], source: Source) -> dict[str, Any] | None:
        return {**facts, "source": source}


# Where an endpoint stands.
_PLACE = ("Network", "ExternalInterfaces", None, "Networks", None, "Endpoints", None)
_OF_ENDPOINT = re.compile(
    r"[ ]*\"(?:IfName|HostIfName|MacAddress|IPAddresses|IP|NetworkNameSpace|ContainerID|PODName|PODNameSpace)\":"
)
_MEMBER = re.compile(r"[ ]*(?:\"[^\"]{1,100}\":[ ]*)?\{$")
_ENDPOINT = re.compile(r"[ ]*(?:\"[^\"]{1,100}\":[ ]*)?\{[ ]*\"(?=[^{}]*\"HostIfName\":)(?=[^{}]*\"IfName\":)")


def _is_endpoint(value: dict[str, Any]) -> bool:
    return "HostIfName" in value and ("IPAddresses" in value or "ContainerID" in value)


def _of_pieces(
    network: Piece | None, card: Piece | None, endpoints: Sequence[Piece], file: str | None, first_line: int
) -> dict[str, Any]:
    """The row of a network of which only pieces are left."""
    said = network.value if network is not None else {}
    lines = [network.lines[key] for key in ("Id", "Mode", "Subnets") if key in network.lines] if network else []
    lines += [line for piece in endpoints for line in (piece.first, piece.last)]
    subnets = [_network(item) for item in list_at(said, "Subnets")]
    return {
        "id": text_at(said, "Id") or (network.key if network is not None else None),
        "mode": text_at(said, "Mode"),
        "interface": text_at(card.value, "Name") or card.key if card is not None else None,
        "bridge": text_at(card.value, "BridgeName") if card is not None else None,
        "subnets": tuple(subnet for subnet in subnets if subnet is not None),
        "endpoints": [
            _endpoint(piece.key or "", piece.value, Source(file, first_line + piece.first, first_line + piece.last))
            for piece in endpoints
        ],
        "source": Source(file, first_line + min(lines), first_line + max(lines)),
    }


_PATH = re.compile(r"(?:\S*/)?azure-vnet\.json")


def _claims(argv: tuple[str, ...]) -> bool:
    return argv[0] in PRINTERS and any(_PATH.fullmatch(word) for word in argv[1:])


AZURE_VNET = _AzureVnet(
    name="azure-vnet.json",
    grammar=partial(load_template, "azure_vnet"),
    group="facts",
    model=AzureNetwork,
    claims=_claims,
    herald=re.compile(r'[ ]*\{[ ]*"Network":[ ]*\{[ ]*"Version":'),
)
