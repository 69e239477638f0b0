"""Results as pandas frames: one row for each thing, one column for each fact, the types of the columns always the same.

The columns of each table stand in ``TABLES``. Numbers are ``Int64``, truth values ``boolean``, words ``string``, and
words of a short list ``category``; what is not known is missing. Addresses are text, as other tools want them.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from ..analysis.host import Host
from ..analysis.models import (
    Analysis,
    BridgeAttachment,
    Finding,
    ListedPod,
    NodeAnalysis,
    Pod,
    RouteAttachment,
    Severity,
    Status,
)
from ..commandline import HOST
from ..commands.brctl_show import Bridge
from ..commands.interfaces import Interface
from ..commands.routes import IpRoute, NetToolsRoute, Route
from ..errors import UsageError
from ..node import Node
from ..reading import Reading
from ..records import ParseResult, Record

if TYPE_CHECKING:
    import pandas

__all__ = ["TABLES", "frame_of", "frame_of_records"]

_ORDERED = ("info", "warning", "error")
_KNOWN: dict[str, tuple[str, ...]] = {
    "status": tuple(get_args(Status)),
    "severity": _ORDERED,
    "attachment": ("bridge", "route"),
    "family": ("inet", "inet6"),
}
assert set(_ORDERED) == set(get_args(Severity))


def _type_of(annotation: Any) -> str:
    """The type of the column for a field of a model: that of its values, None left out; text for what is more than one
    value."""
    kinds = get_args(annotation) if get_origin(annotation) in {Union, types.UnionType} else (annotation,)
    known = [kind for kind in kinds if kind is not types.NoneType]
    if known == [bool]:
        return "boolean"
    if known == [int]:
        return "Int64"
    return "category" if len(known) == 1 and get_origin(known[0]) is Literal else "string"


# A type of a column: one of pandas' own, or the name of a list of words.
_NODE = {"node": "Int64", "node_name": "string"}
_PLACE = {"file": "string", "line": "Int64"}
_INTERFACE = {
    "ifindex": "Int64",
    "ifname": "string",
    "link": "string",
    "link_index": "Int64",
    "link_netnsid": "Int64",
    "link_netns": "string",
    "kind": "category",
    "link_type": "category",
    "operstate": "category",
    "is_up": "boolean",
    "flags": "string",
    "mtu": "Int64",
    "qdisc": "string",
    "master": "string",
    "group": "string",
    "txqlen": "Int64",
    "mac": "string",
    "addresses": "string",
    **_PLACE,
}
_ROUTE = {
    "dst": "string",
    "prefixlen": "Int64",
    "family": "family",
    "is_default": "boolean",
    "is_host": "boolean",
    "is_reject": "boolean",
    "gateway": "string",
    "dev": "string",
    "type": "category",
    "protocol": "category",
    "table": "string",
    "metric": "Int64",
    "prefsrc": "string",
    "flags": "string",
    "hops": "Int64",
    "source_command": "category",
}
# What else one command or the other tells of a route; `gateway` tells `via` and `gateway_name` as well.
_REST_OF_ROUTE = {
    name: _type_of(field.annotation)
    for model in (IpRoute, NetToolsRoute)
    for name, field in model.model_fields.items()
    if name not in {*_ROUTE, "via", "gateway_name", "source"}
}
_BRIDGE = {"bridge": "string", "port": "string", "bridge_id": "string", "stp": "boolean", **_PLACE}

TABLES: Mapping[str, Mapping[str, str]] = {
    "interfaces": {**_NODE, "namespace": "string", **_INTERFACE},
    "addresses": {
        **_NODE,
        "namespace": "string",
        "ifindex": "Int64",
        "ifname": "string",
        "family": "family",
        "local": "string",
        "prefixlen": "Int64",
        "scope": "category",
        "valid_life_time": "Int64",
        "preferred_life_time": "Int64",
        **_PLACE,
    },
    "routes": {**_NODE, "namespace": "string", **_ROUTE, **_REST_OF_ROUTE, **_PLACE},
    "bridges": {**_NODE, **_BRIDGE, "networks": "string", "is_docker": "boolean"},
    "pods": {
        **_NODE,
        "pod_namespace": "string",
        "pod_name": "string",
        "pod_uid": "string",
        "container_id": "string",
        "pid": "Int64",
        "netns": "string",
        "interface": "string",
        "ifindex": "Int64",
        "address": "string",
        "addresses": "string",
        "veth": "string",
        "veth_ifindex": "Int64",
        "attachment": "attachment",
        "bridge": "string",
        "route": "string",
        "device": "string",
        "proofs": "string",
        "proof_count": "Int64",
        "status": "status",
    },
    "findings": {
        **_NODE,
        "code": "category",
        "severity": "severity",
        "message": "string",
        "subjects": "string",
        "line_count": "Int64",
        **_PLACE,
    },
    "listed_pods": {
        "node_name": "string",
        "pod_namespace": "string",
        "pod_name": "string",
        "address": "string",
        "addresses": "string",
        "host_network": "boolean",
        **_PLACE,
    },
}
_OF_NODE = ("pods", "findings")


def frame_of(result: object, table: str) -> pandas.DataFrame:
    """A table of an analysis, a node of one, a reading or a node of one. Raises UsageError if it has none of that name,
    or pandas is not there."""
    if isinstance(result, Analysis | NodeAnalysis):
        analyzed = result.nodes if isinstance(result, Analysis) else (result,)
        if table == "listed_pods" and isinstance(result, Analysis):
            return _frame(TABLES[table], map(_listed_pod, result.listed_pods))
        if table in _OF_NODE:
            of = _pods if table == "pods" else _findings
            rows = ({**_named(number, node), **row} for number, node in enumerate(analyzed, 1) for row in of(node))
            return _frame(TABLES[table], rows)
        where = "what was captured is in the reading: aksnet_parse.read(...).to_frame" if table in TABLES else ""
    elif isinstance(result, Reading | Node):
        nodes = result.nodes if isinstance(result, Reading) else (result,)
        if table in _CAPTURED:
            rows = ({**_named(n, node), **row} for n, node in enumerate(nodes, 1) for row in _CAPTURED[table](node))
            return _frame(TABLES[table], rows)
        where = "what was found out is in the analysis: aksnet_parse.analyze(...).to_frame" if table in TABLES else ""
    else:
        raise TypeError(f"no tables in {type(result).__name__}")
    of_analysis = (*_OF_NODE, "listed_pods") if isinstance(result, Analysis) else _OF_NODE
    there = of_analysis if isinstance(result, Analysis | NodeAnalysis) else tuple(_CAPTURED)
    raise UsageError(f"no table {table!r} here, but {', '.join(there)}" + (f"; {where}({table!r})" if where else ""))


def frame_of_records(result: ParseResult[Any]) -> pandas.DataFrame:
    """The records of one capture. Interfaces, routes and bridges have the columns of the tables of these names, all
    others the fields of their model. Raises UsageError without pandas."""
    model = result.model or (type(result[0]) if result else Record)
    for kind, columns, of in (
        (Interface, _INTERFACE, _interface),
        (Route, {**_ROUTE, **_REST_OF_ROUTE, **_PLACE}, _route),
        (Bridge, _BRIDGE, _bridge),
    ):
        if issubclass(model, kind):
            return _frame(columns, (row for record in result for row in of(record)))
    columns = {name: _type_of(field.annotation) for name, field in model.model_fields.items() if name != "source"}
    return _frame({**columns, **_PLACE}, (_fields(record, columns) for record in result))


# --- the rows of each table -------------------------------------------------------------------------------------------

Row = dict[str, Any]


def _named(number: int, node: Node | NodeAnalysis) -> Row:
    return {"node": number, "node_name": node.name}


def _where(record: Record) -> Row:
    source = record.source
    return {"file": source.file, "line": source.first_line} if source is not None else {}


def _interface(row: Interface) -> Iterator[Row]:
    is_listed = bool(row.flags) or "mtu" in row.model_fields_set
    yield {
        "ifindex": row.ifindex,
        "ifname": row.ifname,
        "link": row.link,
        "link_index": row.link_index,
        "link_netnsid": row.link_netnsid,
        "link_netns": row.link_netns,
        "kind": row.linkinfo.info_kind if row.linkinfo is not None else None,
        "link_type": row.link_type,
        "operstate": row.operstate,
        "is_up": "UP" in row.flags if is_listed else None,
        "flags": _joined(sorted(row.flags)) if is_listed else None,
        "mtu": row.mtu,
        "qdisc": row.qdisc,
        "master": row.master,
        "group": row.group,
        "txqlen": row.txqlen,
        "mac": row.address,
        "addresses": _joined(address.interface for address in row.addr_info),
        **_where(row),
    }


def _route(row: Route) -> Iterator[Row]:
    yield {
        "dst": row.dst,
        "prefixlen": row.dst.prefixlen if row.dst is not None else None,
        "family": f"inet{'' if row.dst.version == 4 else 6}" if row.dst is not None else None,
        "is_default": row.is_default,
        "is_host": row.is_host,
        "is_reject": row.is_reject,
        "gateway": row.next_hop if row.next_hop is not None else row.gateway_name,
        "dev": row.device,
        "type": row.type,
        "protocol": row.protocol,
        "table": row.table,
        "metric": row.metric,
        "prefsrc": row.prefsrc,
        "flags": row.flags if isinstance(row.flags, str) else _joined(sorted(row.flags)),
        "hops": len(row.nexthops) or 1,
        "source_command": row.source_command,
        **_fields(row, {name: kind for name, kind in _REST_OF_ROUTE.items() if name in type(row).model_fields}),
        **_where(row),
    }


def _bridge(row: Bridge) -> Iterator[Row]:
    for port in row.interfaces or (None,):
        yield {"bridge": row.bridge, "port": port, "bridge_id": row.bridge_id, "stp": row.stp, **_where(row)}


def _interfaces(node: Node) -> Iterator[Row]:
    for namespace, rows in _places(node, lambda place: place.interfaces):
        yield from ({"namespace": namespace, **made} for row in rows for made in _interface(row))


def _addresses(node: Node) -> Iterator[Row]:
    for namespace, rows in _places(node, lambda place: place.interfaces):
        for row in rows:
            for address in row.addr_info:
                yield {
                    "namespace": namespace,
                    "ifindex": row.ifindex,
                    "ifname": row.ifname,
                    "family": address.family,
                    "local": address.local,
                    "prefixlen": address.prefixlen,
                    "scope": address.scope,
                    "valid_life_time": address.valid_life_time,
                    "preferred_life_time": address.preferred_life_time,
                    **_where(address if address.source is not None else row),
                }


def _routes(node: Node) -> Iterator[Row]:
    for namespace, rows in _places(node, lambda place: place.routes):
        yield from ({"namespace": namespace, **made} for row in rows for made in _route(row))


def _places(node: Node, of: Callable[[Any], Iterable[Any] | None]) -> Iterator[tuple[str, Iterable[Any]]]:
    yield HOST, of(node) or ()
    for space in node.namespaces:
        yield space.id, of(space) or ()


def _bridges(node: Node) -> Iterator[Row]:
    """Every bridge of the host that any capture shows, and every port that any shows of it."""
    shown = {bridge.bridge: bridge for bridge in node.bridges or ()}
    for view in Host(node).bridges.values():
        record = shown.get(view.name)
        for port in view.members or (None,):
            line = next(iter((*view.members.get(port or "", ()), *view.lines)), None)
            yield {
                "bridge": view.name,
                "port": port,
                "bridge_id": record.bridge_id if record is not None else None,
                "stp": record.stp if record is not None else None,
                "networks": _joined(sorted(map(str, view.networks))),
                "is_docker": view.is_docker,
                "file": line.file if line is not None else None,
                "line": line.line if line is not None else None,
            }


_CAPTURED: dict[str, Callable[[Node], Iterator[Row]]] = {
    "interfaces": _interfaces,
    "addresses": _addresses,
    "routes": _routes,
    "bridges": _bridges,
}


def _pods(node: NodeAnalysis) -> Iterator[Row]:
    return (_pod(pod) for pod in node.pods)


def _pod(pod: Pod) -> Row:
    by, attachment = pod.pod, pod.attachment
    return {
        "pod_namespace": by.namespace if by is not None else None,
        "pod_name": by.name if by is not None else None,
        "pod_uid": by.uid if by is not None else None,
        "container_id": pod.container_id,
        "pid": pod.pid,
        "netns": pod.netns,
        "interface": pod.interface.name if pod.interface is not None else None,
        "ifindex": pod.interface.ifindex if pod.interface is not None else None,
        "address": pod.addresses[0].partition("/")[0] if pod.addresses else None,
        "addresses": _joined(pod.addresses),
        "veth": pod.veth.name if pod.veth is not None else None,
        "veth_ifindex": pod.veth.ifindex if pod.veth is not None else None,
        "attachment": attachment.kind if attachment is not None else None,
        "bridge": attachment.bridge if isinstance(attachment, BridgeAttachment) else None,
        "route": attachment.destination if isinstance(attachment, RouteAttachment) else None,
        "device": attachment.device if isinstance(attachment, RouteAttachment) else None,
        "proofs": _joined(pod.proofs),
        "proof_count": len(pod.proofs),
        "status": pod.status,
    }


def _findings(node: NodeAnalysis) -> Iterator[Row]:
    return (_finding(finding) for finding in node.findings)


def _finding(finding: Finding) -> Row:
    first = finding.lines[0] if finding.lines else None
    return {
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "subjects": _joined(finding.subjects),
        "line_count": len(finding.lines),
        "file": first.file if first is not None else None,
        "line": first.line if first is not None else None,
    }


def _listed_pod(pod: ListedPod) -> Row:
    first = pod.lines[0] if pod.lines else None
    return {
        "node_name": pod.node,
        "pod_namespace": pod.namespace,
        "pod_name": pod.name,
        "address": pod.addresses[0] if pod.addresses else None,
        "addresses": _joined(pod.addresses),
        "host_network": pod.host_network,
        "file": first.file if first is not None else None,
        "line": first.line if first is not None else None,
    }


# --- any other record -------------------------------------------------------------------------------------------------


def _fields(record: Record, columns: Mapping[str, str]) -> Row:
    return {**{name: _one(getattr(record, name)) for name in columns}, **_where(record)}


def _one(value: Any) -> Any:
    """A value as one of a column: words joined, what has parts of its own as JSON."""
    if isinstance(value, frozenset):
        value = tuple(sorted(map(str, value)))
    if isinstance(value, tuple) and all(not isinstance(one, Record | dict | tuple) for one in value):
        return _joined(value)
    if isinstance(value, tuple | dict | Record):
        return json.dumps(value, default=_plain)
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return value.model_dump(mode="json", exclude={"source"})
    return str(value)


def _cell(value: Any, kind: str) -> Any:
    """A value as pandas can hold it: no number of more than 64 bits, and text that can be written as UTF-8."""
    if kind == "Int64":
        return value if value is not None and -(2**63) <= value < 2**63 else None
    if value is None or kind == "boolean":
        return value
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")


# --- pandas -----------------------------------------------------------------------------------------------------------


def _joined(values: Iterable[object]) -> str | None:
    return ", ".join(map(str, values)) or None


def _frame(columns: Mapping[str, str], rows: Iterable[Row]) -> pandas.DataFrame:
    try:
        import pandas
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "pandas":
            raise
        raise UsageError("frames need an extra: pip install 'aksnet-parse[notebook]'") from None
    listed = list(rows)
    made = {}
    for name, kind in columns.items():
        values = [_cell(row.get(name), kind) for row in listed]
        dtype: Any = kind
        if kind in _KNOWN:
            dtype = pandas.CategoricalDtype(list(_KNOWN[kind]), ordered=kind == "severity")
        elif kind == "category" and not listed:
            dtype = pandas.CategoricalDtype([])
        made[name] = pandas.Series(values, dtype=dtype)
    return pandas.DataFrame(made)
