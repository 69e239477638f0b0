"""The CNI configuration of a node, `cat /etc/cni/net.d/*.conflist`: which plugin wires the pods, and in which mode."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from ..grammar import load_template
from ..json_form import Entry
from ..json_values import list_at, text_at, value_at
from ..records import Record, Source
from .json_documents import JsonCommand, KeyLines

__all__ = ["CNI_CONFIG", "CniConfig", "CniPlugin"]


class CniPlugin(Record):
    """One plugin of a configuration. None: not said.

    ``type``: the program (``azure-vnet``, ``calico``, ``cilium-cni``, ``bridge``, ``portmap``...). ``mode``: of Azure
    CNI (``bridge``, ``tunnel``, ``transparent``, ``transparent-vlan``). ``bridge``: the name of the bridge it makes.
    ``ipam_type``, ``ipam_mode`` (``overlay``): where it takes addresses from; ``subnets``: those it is told.
    ``policy_type``: who enforces network policies, as the configuration of Calico says.
    """

    type: str | None = None
    mode: str | None = None
    bridge: str | None = None
    ipam_type: str | None = None
    ipam_mode: str | None = None
    subnets: tuple[str, ...] = ()
    policy_type: str | None = None


class CniConfig(Record):
    """One file of ``/etc/cni/net.d``. ``plugins``: in the order in which they are called; one for a ``.conf``. Nothing
    else is kept: a kubeconfig can stand there. ``name`` is None for a fragment."""

    name: str | None = None
    plugins: tuple[CniPlugin, ...] = ()


def _plugin(value: dict[str, Any], source: Source) -> dict[str, Any]:
    ipam = value_at(value, "ipam")
    ranges = [item for found in list_at(ipam, "ranges") for item in (found if isinstance(found, list) else [found])]
    subnets = [text_at(ipam, "subnet"), *(text_at(item, "subnet") for item in ranges)]
    return {
        "type": text_at(value, "type"),
        "mode": text_at(value, "mode"),
        "bridge": text_at(value, "bridge"),
        "ipam_type": text_at(ipam, "type"),
        "ipam_mode": text_at(ipam, "mode"),
        "subnets": tuple(dict.fromkeys(subnet for subnet in subnets if subnet is not None)),
        "policy_type": text_at(value, "policy", "type"),
        "source": source,
    }


class _CniConfig(JsonCommand[CniConfig]):
    def rows(self, value: dict[str, Any], lines: Sequence[str], entry: Entry, source: Source) -> list[dict[str, Any]]:
        name = text_at(value, "name")
        plugins = [plugin for plugin in list_at(value, "plugins") if isinstance(plugin, dict)]
        if not plugins:
            if text_at(value, "type") is None or not ("cniVersion" in value or "ipam" in value or "bridge" in value):
                return []
            return [{"name": name, "plugins": [_plugin(value, source)], "source": source}]
        where = KeyLines(lines, entry, source).of("plugins")
        return [{"name": name, "plugins": [_plugin(plugin, where) for plugin in plugins], "source": source}]

    def row_of_facts(self, facts: dict[str, str], source: Source) -> dict[str, Any] | None:
        if facts.keys() == {"ipam_type"}:
            return None
        return {"plugins": [{**facts, "source": source}], "source": source}


_PATH = re.compile(r"(?:\S*/)?cni/net\.d/\S*|\S+\.conflist")
PRINTERS = frozenset(
    {"cat", "more", "less", "head", "tail", "jq", "type", "Get-Content", "gc", "grep", "egrep", "zcat"}
)


def _claims(argv: tuple[str, ...]) -> bool:
    return argv[0] in PRINTERS and any(_PATH.fullmatch(word) for word in argv[1:])


CNI_CONFIG = _CniConfig(
    name="cni config",
    grammar=partial(load_template, "cni_config"),
    group="facts",
    model=CniConfig,
    claims=_claims,
    herald=re.compile(
        r'[ ]*\{[ ]*(?:"name":[ ]*"[^"]{0,80}",[ ]*)?"cniVersion":[ ]*"[0-9.]{1,12}",[ ]*'
        r'(?:"(?:name|disableCheck)":[ ]*(?:"[^"]{0,80}"|true|false),[ ]*){0,2}"(?:plugins|type)":'
    ),
)
