"""`az aks show`, `az aks list`, and the calls `az aks create` and `az aks update`: how a cluster's network was ordered.

What is ordered is a fact of the call, whatever it prints. Of a call only the options that concern the network are kept,
and the cluster's name: others hold secrets.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import takewhile
from typing import Any, Literal

from ..commandline import Invocation, joined, read_command_line, unfinished
from ..dressing import is_cut_mark
from ..grammar import load_template
from ..json_form import Entry
from ..json_pieces import Piece
from ..json_values import list_at, text_at, value_at
from ..masking import masked
from ..records import IPAddress, Line, ParseResult, Record, Source
from .az_aks_forms import AnswerForm, form_of
from .base import build
from .json_documents import JsonCommand
from .routes import NetworkField

__all__ = ["AZ_AKS", "AksCluster"]


class AksCluster(Record):
    """What was said of a cluster's network. None: not said.

    ``command``: ``create`` or ``update`` (what was asked for), ``show`` (what Azure says, ``none`` where it says that
    there is none), ``get-credentials`` (only which cluster is spoken of from here on). Field names are those of the
    options of ``az aks create``; ``node_pools``: those that the call names.
    """

    command: Literal["create", "update", "show", "get-credentials"]
    name: str | None = None
    resource_group: str | None = None
    network_plugin: str | None = None
    network_plugin_mode: str | None = None
    network_policy: str | None = None
    network_dataplane: str | None = None
    pod_cidrs: tuple[NetworkField, ...] = ()
    service_cidrs: tuple[NetworkField, ...] = ()
    dns_service_ip: IPAddress | None = None
    node_pools: tuple[str, ...] = ()


# --- the call ---------------------------------------------------------------------------------------------------------

_OPTIONS = {
    "--name": "name",
    "-n": "name",
    "--resource-group": "resource_group",
    "-g": "resource_group",
    "--network-plugin": "network_plugin",
    "--network-plugin-mode": "network_plugin_mode",
    "--network-policy": "network_policy",
    "--network-dataplane": "network_dataplane",
    "--pod-cidr": "pod_cidrs",
    "--pod-cidrs": "pod_cidrs",
    "--service-cidr": "service_cidrs",
    "--service-cidrs": "service_cidrs",
    "--dns-service-ip": "dns_service_ip",
    "--nodepool-name": "node_pools",
}
# Options whose values are shown where a line is cited. Of all others only the name is.
_SHOWN = frozenset(
    (
        *_OPTIONS,
        *[
            "--location",
            "-l",
            "--node-count",
            "-c",
            "--node-vm-size",
            "-s",
            "--kubernetes-version",
            "-k",
            "--zones",
            "-z",
            "--max-pods",
            "-m",
        ],
        *[
            "--vnet-subnet-id",
            "--pod-subnet-id",
            "--load-balancer-sku",
            "--outbound-type",
            "--tier",
            "--docker-bridge-address",
        ],
        *[
            "--nodepool-name",
            "--min-count",
            "--max-count",
            "--vm-set-type",
            "--ip-families",
            "--network-mode",
            "--os-sku",
        ],
        *["--output", "-o", "--node-osdisk-size", "--node-osdisk-type"],
    )
)
_MOST_LINES = 100  # of one call
_WORD = re.compile(r"[a-z]{2,20}")
_NAME = re.compile(r"[\w.()-]{1,90}")
_POOL = re.compile(r"[a-z][a-z0-9]{0,11}")


def _verb(argv: tuple[str, ...]) -> str | None:
    return argv[2] if len(argv) > 2 and argv[:2] == ("az", "aks") else None


def _options(argv: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    index = 3
    while index < len(argv):
        name, sign, value = argv[index].partition("=")
        if not name.startswith("-"):
            index += 1
        elif sign:
            yield name, value
            index += 1
        else:
            following = argv[index + 1] if index + 1 < len(argv) else ""
            has_value = not following.startswith("-")
            yield name, following if has_value else ""
            index += 2 if has_value else 1


def _facts_of_call(argv: tuple[str, ...]) -> dict[str, Any]:
    facts: dict[str, Any] = {"command": _verb(argv)}
    for option, value in _options(argv):
        field = _OPTIONS.get(option)
        if field is None or not value or "$" in value:
            continue
        if field.endswith("_cidrs"):
            found = tuple(cidr for cidr in re.split(r"[,\s]+", value) if _is_network(cidr))
            facts |= {field: found} if found else {}
        elif field == "dns_service_ip":
            facts |= {field: value} if _is_address(value) else {}
        elif field == "node_pools":
            facts |= {field: (value.lower(),)} if _POOL.fullmatch(value.lower()) else {}
        elif field in {"name", "resource_group"}:
            facts |= {field: value} if _NAME.fullmatch(value) else {}
        elif _WORD.fullmatch(value.lower()):
            facts[field] = value.lower()
    return facts


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


_OPTION_OR_WORD = re.compile(
    r"(?P<option>(?<!\S)(?:--?|[‐‑‒–—−])[A-Za-z][\w-]*)(?P<sign>=?)|(?P<end>[\\`]$|[|;&><]+)"
    r"|(?P<word>\$\([^()]*\)|\"(?:[^\"\\]|\\.)*\"?|'[^']*'?|[“‘][^”’]*[”’]?|[^\s\"'|;&><=]+|=)"
)


_ASSIGNMENT = re.compile(r"(?<!\S)([A-Za-z_]\w*=)(?:\"(?:[^\"\\]|\\.)*\"?|'[^']*'?|[^\s\"'$]\S*)")
_VARIABLE = re.compile(r"\"?\$(?:\w+|\{\w+\}|\([^()]*\))\"?")


def _without_secrets(lines: Sequence[str]) -> list[str]:
    """The lines of a call with three stars for the values of options that are not known to be harmless, be they of this
    call or of another on its lines."""
    harmless = True
    kept: list[str] = []
    for line in lines:
        line = _ASSIGNMENT.sub(r"\1***", line)
        pieces: list[str] = []
        position = 0
        for match in _OPTION_OR_WORD.finditer(line):
            pieces.append(line[position : match.start()])
            position = match.end()
            piece = match.group()
            if match["option"] is not None:
                option = re.sub(r"^[‐‑‒–—−](?=\w{2})", "--", match["option"])
                harmless = option in _SHOWN
            elif match["end"] is not None:
                # What comes after the end of a call is of another; a sign without blanks around it may be of a secret.
                harmless |= piece in {"&&", "||", ";", "|"} and line[: match.start()].endswith(" ")
            elif not harmless and _VARIABLE.fullmatch(piece) is None:
                # Pieces of one word, with and without quotes, are one secret.
                piece = "" if not pieces[-1] and pieces[-2:-1] == ["***"] else "***"
            pieces.append(piece)
        kept.append("".join(pieces) + line[position:])
    return kept


def _argv_without_secrets(argv: tuple[str, ...]) -> tuple[str, ...]:
    """The words of a call that are read."""
    kept = [*argv[:3]]
    for option, value in _options(argv):
        if option in _SHOWN:
            kept += [option, value] if value else [option]
    return tuple(kept)


# --- what Azure answers -----------------------------------------------------------------------------------------------


def _profile(value: dict[str, Any]) -> dict[str, Any] | None:
    for found in (value.get("networkProfile"), value_at(value, "properties", "networkProfile"), value):
        if isinstance(found, dict) and "networkPlugin" in found:
            return found
    return None


def _of_cluster(cluster: dict[str, Any]) -> dict[str, Any]:
    """Which cluster it is."""
    group = _GROUP.search(text_at(cluster, "id") or "")
    return {
        "name": text_at(cluster, "name"),
        "resource_group": text_at(cluster, "resourceGroup") or (group[1] if group is not None else None),
    }


def _said(profile: dict[str, Any], name: str) -> str | None:
    """One of the words; none where Azure says that there is none."""
    if name not in profile:
        return None
    value = profile[name]
    if value is None:
        return "none" if name != "networkDataplane" else None
    return value.lower() if isinstance(value, str) and _WORD.fullmatch(value.lower()) else None


def _cidrs(profile: dict[str, Any], name: str) -> tuple[str, ...]:
    found = [item for item in (*list_at(profile, f"{name}s"), text_at(profile, name)) if isinstance(item, str)]
    return tuple(dict.fromkeys(cidr for cidr in found if _is_network(cidr)))


def _row(profile: dict[str, Any], source: Source) -> dict[str, Any]:
    dns = text_at(profile, "dnsServiceIp") or text_at(profile, "dnsServiceIP")
    return {
        "command": "show",
        "network_plugin": _said(profile, "networkPlugin"),
        "network_plugin_mode": _said(profile, "networkPluginMode"),
        "network_policy": _said(profile, "networkPolicy"),
        "network_dataplane": _said(profile, "networkDataplane"),
        "pod_cidrs": _cidrs(profile, "podCidr"),
        "service_cidrs": _cidrs(profile, "serviceCidr"),
        "dns_service_ip": dns if dns is not None and _is_address(dns) else None,
        "source": source,
    }


def _rows(value: dict[str, Any], source: Source) -> list[dict[str, Any]]:
    profile = _profile(value)
    if profile is None:
        return []
    return [_row(profile, source) | (_of_cluster(value) if profile is not value else {})]


# The fields of a profile that are read.
_KNOWN = (
    *("networkPlugin", "networkPluginMode", "networkPolicy", "networkDataplane", "dnsServiceIp", "dnsServiceIP"),
    *("podCidr", "podCidrs", "serviceCidr", "serviceCidrs"),
)
# What az says of its work while it goes on.
_PROGRESS = re.compile(
    r"[ ]*(?:[-\\|/] (?:Running|Starting|Finished|InProgress)\b|AAD role propagation|Finished service principal"
    r"|Merged \"|SSH key files |WARNING: |The behavior of this command |docker_bridge_cidr is not )"
)
_GROUP = re.compile(r"/resourcegroups/([^/\s]{1,90})/", re.I)


class _AzAks(JsonCommand[AksCluster]):
    def rows(self, value: dict[str, Any], lines: Sequence[str], entry: Entry, source: Source) -> list[dict[str, Any]]:
        return _rows(value, source)

    def rows_of_pieces(
        self, pieces: Sequence[Piece], file: str | None, first_line: int
    ) -> tuple[list[dict[str, Any]], list[Piece]]:
        rows: list[dict[str, Any]] = []
        used: list[Piece] = []
        for piece in pieces:
            known = [piece.lines[name] for name in _KNOWN if name in piece.value]
            if "networkPlugin" in piece.value:
                cluster = piece.parent if piece.key == "networkProfile" else None
                source = Source(file, first_line + min(known), first_line + max(known))
                rows.append(_row(piece.value, source) | (_of_cluster(cluster.value) if cluster is not None else {}))
                used += [piece] if cluster is None else [piece, cluster]
        return rows, used

    def row_of_facts(self, facts: dict[str, str], source: Source) -> dict[str, Any] | None:
        return _row({name: None if word == "null" else word.strip('"') for name, word in facts.items()}, source)

    def call_as_capture(self, argv: tuple[str, ...], lines: Sequence[str]) -> tuple[tuple[str, ...], list[str]] | None:
        if _verb(argv) not in {"create", "update", "get-credentials"}:
            return None
        return _argv_without_secrets(argv), _without_secrets(lines)

    def begins(self, lines: Sequence[str], index: int) -> bool:
        if super().begins(lines, index):
            return True
        # The fields of a profile without the braces around them, as a paste or a filter leaves them.
        near = lines[index : index + _MOST_FIELDS] if _FIELD.match(lines[index]) else []
        fields = list(takewhile(_ANY_FIELD.match, near))
        return len(fields) > 2 and any(_TELLING_FIELD.match(line) for line in fields)

    def takes(self, line: str, invocation: Invocation | None) -> bool:
        form = _form(invocation)
        known = super().takes(line, invocation) if form is None else form.takes(line)
        return known or (invocation is not None and _PROGRESS.match(line) is not None)

    def follows(self, line: str, invocation: Invocation | None) -> bool:
        form = _form(invocation)
        return super().follows(line, invocation) if form is None else form.follows(line)

    def parse_lines(
        self,
        lines: Sequence[str],
        *,
        file: str | None = None,
        first_line: int = 1,
        invocation: Invocation | None = None,
    ) -> ParseResult[AksCluster]:
        calls: list[dict[str, Any]] = []
        # What a query leaves of the answer need not have the cluster's name.
        asked = _facts_of_call(invocation.argv) if invocation is not None and _verb(invocation.argv) == "show" else {}
        taken: set[int] = set()
        index = 0
        while index < len(lines):
            count = 1
            command_line = read_command_line(lines[index]) if "az" in lines[index] else None
            if command_line is not None:
                count += unfinished(lines[index : index + _MOST_LINES])
                argvs = self._calls(joined(lines[index : index + count]), invocation)
                source = Source(file, first_line + index, first_line + index + count - 1)
                calls += [{**_facts_of_call(argv), "source": source} for argv in argvs]
                if argvs:
                    taken.update(range(index, index + count))
            index += count
        rest = ["" if number in taken or _PROGRESS.match(line) else line for number, line in enumerate(lines)]
        form = _form(invocation)
        if form is None:
            result = super().parse_lines(rest, file=file, first_line=first_line, invocation=invocation)
        else:
            result = _answered(form, rest, file, first_line)
        for field in ("name", "resource_group"):
            result = result.with_default(field, asked.get(field))
        records, _ = build(AksCluster, calls)
        progress = [
            Line(file, number, line[:200])
            for number, line in enumerate(lines, first_line)
            if number - first_line not in taken and _PROGRESS.match(line)
        ]
        return ParseResult(
            sorted((*records, *result), key=lambda record: record.source.first_line if record.source else 0),
            result.unparsed,
            sum(1 for line in lines if line.strip()),
            sorted((*progress, *result.passed_over), key=lambda line: line.line),
        )

    @staticmethod
    def _calls(text: str, invocation: Invocation | None) -> list[tuple[str, ...]]:
        """The calls on a command line; ``invocation`` is one of them with its variables known."""
        command_line = read_command_line(text)
        found = [found.argv for found in command_line.invocations] if command_line is not None else []
        found = [argv for argv in found if _verb(argv) in {"create", "update", "get-credentials"}]
        return [invocation.argv] if found and invocation is not None else found


def _claims(argv: tuple[str, ...]) -> bool:
    verb = _verb(argv)
    options = dict(_options(argv)) if verb is not None else {}
    if verb in {"create", "update", "get-credentials"}:
        return options.keys().isdisjoint({"--help", "-h"})
    return verb in {"show", "list"} and (_output(options) in {"json", "jsonc"} or _form_of_call(argv) is not None)


def _output(options: Mapping[str, str]) -> str:
    return options.get("--output") or options.get("-o") or "json"


def _form_of_call(argv: tuple[str, ...]) -> AnswerForm | None:
    options = dict(_options(argv)) if _verb(argv) in {"show", "list"} else {}
    return form_of(_output(options), options.get("--query")) if options else None


def _form(invocation: Invocation | None) -> AnswerForm | None:
    return _form_of_call(invocation.argv) if invocation is not None else None


def _answered(form: AnswerForm, lines: Sequence[str], file: str | None, first_line: int) -> ParseResult[AksCluster]:
    """What an answer says that is no JSON."""
    answers = form.read(lines)
    rows: list[dict[str, Any]] = []
    lost = answers.lost
    for value, first, last in answers.found:
        source = Source(file, first_line + first, first_line + last)
        found = [_row(value, source)] if form.kind == "field" else _rows(value, source)
        rows += found
        if not found:
            lost.update(range(first, last + 1))
    records, _ = build(AksCluster, rows)
    shown = {number for number, line in enumerate(lines) if line.strip()}
    unparsed = {number for number in lost & shown if not is_cut_mark(lines[number])}
    kept = {number for _, first, last in answers.found for number in range(first, last + 1)}
    return ParseResult(
        records,
        [Line(file, first_line + number, masked(lines[number])) for number in sorted(unparsed)],
        len(shown),
        [Line(file, first_line + number, masked(lines[number])) for number in sorted(shown - kept - unparsed)],
    )


_FIRST_OF_CLUSTER = r'"(?:aadProfile|addonProfiles|agentPoolProfiles|apiServerAccessProfile|aiToolchain\w{1,40})":'
_FIRST_OF_PROFILE = (
    r'"(?:advancedNetworking|dnsServiceI[pP]|dockerBridgeCidr|ipFamilies|loadBalancer(?:Profile|Sku)|network\w{1,40})":'
)

_MOST_FIELDS = 32
_ANY_FIELD = re.compile(r'[ ]*(?:"[A-Za-z]\w{1,60}":|[\]}],?$|"[0-9a-fA-F.:/]{2,49}",?$|"IPv[46]",?$)')
_FIELD = re.compile(rf"[ ]*(?:{_FIRST_OF_PROFILE}|\"(?:outboundType|podCidrs?|serviceCidrs?|natGatewayProfile)\":)")
_TELLING_FIELD = re.compile(r'[ ]*"networkPlugin":')

AZ_AKS = _AzAks(
    name="az aks",
    grammar=partial(load_template, "az_aks"),
    group="facts",
    model=AksCluster,
    claims=_claims,
    herald=re.compile(
        rf"[ ]*(?:\[[ ]*)?+\{{[ ]*(?:{_FIRST_OF_CLUSTER}"
        rf'|{_FIRST_OF_PROFILE}(?=.*"networkPlugin":)'
        r'|"id":[ ]*"/subscriptions/[^"]{1,300}/managedClusters/[^"/]{1,90}")'
    ),
)
