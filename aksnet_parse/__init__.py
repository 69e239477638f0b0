"""Reads text captured on an AKS node and tells how its pod network is wired, with the lines that prove it.

    >>> from pathlib import Path
    >>> import aksnet_parse
    >>> analysis = aksnet_parse.analyze(aksnet_parse.read(Path("ticket.txt")))  # doctest: +SKIP

Importing this package starts nothing, configures no logging and writes no file.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .analysis import analyze
    from .analysis.catalogue import FINDINGS, FindingKind
    from .analysis.comparison import Comparison, compare
    from .analysis.explaining import Explanation, explain
    from .analysis.models import Analysis
    from .analysis.tracing import trace
    from .analysis.tracing.models import Trace
    from .bundle import Limits
    from .commands import COMMANDS, Command, installed_commands
    from .commands.az_aks import AZ_AKS, AksCluster
    from .commands.azure_vnet import AZURE_VNET, AzureEndpoint, AzureNetwork
    from .commands.azure_vnet_ipam import AZURE_VNET_IPAM, AzureIpamAddress
    from .commands.brctl_show import BRCTL_SHOW, Bridge
    from .commands.bridge_fdb import BRIDGE_FDB, ForwardingEntry
    from .commands.bridge_link import BRIDGE_LINK, BridgePort
    from .commands.cni_config import CNI_CONFIG, CniConfig, CniPlugin
    from .commands.containers import Container
    from .commands.crictl_inspect import CRICTL_INSPECT, CRICTL_INSPECTP
    from .commands.crictl_pods import CRICTL_PODS
    from .commands.crictl_ps import CRICTL_PS
    from .commands.docker_inspect import DOCKER_INSPECT
    from .commands.docker_ps import DOCKER_PS
    from .commands.interfaces import Address, Interface, LinkInfo, Statistics
    from .commands.ip_addr import IP_ADDR
    from .commands.ip_link import IP_LINK
    from .commands.ip_neigh import IP_NEIGH, Neighbour
    from .commands.ip_netns import IP_NETNS, NamedNamespace
    from .commands.ip_route import IP_ROUTE
    from .commands.kubectl_get_nodes import KUBECTL_GET_NODES, KubernetesNode
    from .commands.kubectl_get_pods import KUBECTL_GET_PODS, KubernetesPod
    from .commands.route_n import ROUTE_N
    from .commands.routes import IpRoute, NetToolsRoute, Nexthop, Route
    from .errors import AksnetParseError, GrammarError, ParseError, ReadError, UsageError
    from .fleet import Case, analyze_many
    from .grammar import Grammar
    from .node import Node
    from .processes import Processes
    from .reading import Reading, read
    from .records import Line, MacAddress, ParseResult, Record, Source
    from .redaction import Redaction, redact
    from .reports import html_comparison, html_report, html_trace

    parse_ip_addr = IP_ADDR.parse
    parse_ip_link = IP_LINK.parse
    parse_brctl_show = BRCTL_SHOW.parse
    parse_bridge_fdb = BRIDGE_FDB.parse
    parse_bridge_link = BRIDGE_LINK.parse
    parse_ip_neigh = IP_NEIGH.parse
    parse_ip_netns = IP_NETNS.parse
    parse_ip_route = IP_ROUTE.parse
    parse_route_n = ROUTE_N.parse
    parse_kubectl_get_pods = KUBECTL_GET_PODS.parse
    parse_docker_inspect = DOCKER_INSPECT.parse
    parse_docker_ps = DOCKER_PS.parse
    parse_crictl_pods = CRICTL_PODS.parse
    parse_crictl_ps = CRICTL_PS.parse
    parse_crictl_inspectp = CRICTL_INSPECTP.parse
    parse_crictl_inspect = CRICTL_INSPECT.parse
    parse_kubectl_get_nodes = KUBECTL_GET_NODES.parse
    parse_cni_config = CNI_CONFIG.parse
    parse_azure_vnet = AZURE_VNET.parse
    parse_azure_vnet_ipam = AZURE_VNET_IPAM.parse
    parse_az_aks = AZ_AKS.parse
    __version__: str

__all__ = [
    "COMMANDS",
    "FINDINGS",
    "Address",
    "AksCluster",
    "AksnetParseError",
    "Analysis",
    "AzureEndpoint",
    "AzureIpamAddress",
    "AzureNetwork",
    "Bridge",
    "BridgePort",
    "Case",
    "CniConfig",
    "CniPlugin",
    "Command",
    "Comparison",
    "Container",
    "Explanation",
    "FindingKind",
    "ForwardingEntry",
    "Grammar",
    "GrammarError",
    "Interface",
    "IpRoute",
    "KubernetesNode",
    "KubernetesPod",
    "Limits",
    "Line",
    "LinkInfo",
    "MacAddress",
    "NamedNamespace",
    "Neighbour",
    "NetToolsRoute",
    "Nexthop",
    "Node",
    "ParseError",
    "ParseResult",
    "Processes",
    "ReadError",
    "Reading",
    "Record",
    "Redaction",
    "Route",
    "Source",
    "Statistics",
    "Trace",
    "UsageError",
    "__version__",
    "analyze",
    "analyze_many",
    "compare",
    "explain",
    "html_comparison",
    "html_report",
    "html_trace",
    "installed_commands",
    "parse_az_aks",
    "parse_azure_vnet",
    "parse_azure_vnet_ipam",
    "parse_brctl_show",
    "parse_bridge_fdb",
    "parse_bridge_link",
    "parse_cni_config",
    "parse_crictl_inspect",
    "parse_crictl_inspectp",
    "parse_crictl_pods",
    "parse_crictl_ps",
    "parse_docker_inspect",
    "parse_docker_ps",
    "parse_ip_addr",
    "parse_ip_link",
    "parse_ip_neigh",
    "parse_ip_netns",
    "parse_ip_route",
    "parse_kubectl_get_nodes",
    "parse_kubectl_get_pods",
    "parse_route_n",
    "read",
    "redact",
    "trace",
]

# Where each public name comes from; it is imported when it is first asked for, so that importing this package costs
# little, and a program pays for what it uses.
_FROM = {
    ".analysis": ("analyze",),
    ".analysis.catalogue": (
        "FINDINGS",
        "FindingKind",
    ),
    ".analysis.comparison": (
        "Comparison",
        "compare",
    ),
    ".analysis.explaining": (
        "Explanation",
        "explain",
    ),
    ".analysis.models": ("Analysis",),
    ".analysis.tracing": ("trace",),
    ".analysis.tracing.models": ("Trace",),
    ".bundle": ("Limits",),
    ".commands": (
        "COMMANDS",
        "Command",
        "installed_commands",
    ),
    ".commands.az_aks": ("AksCluster",),
    ".commands.azure_vnet": (
        "AzureEndpoint",
        "AzureNetwork",
    ),
    ".commands.azure_vnet_ipam": ("AzureIpamAddress",),
    ".commands.brctl_show": ("Bridge",),
    ".commands.bridge_fdb": ("ForwardingEntry",),
    ".commands.bridge_link": ("BridgePort",),
    ".commands.cni_config": (
        "CniConfig",
        "CniPlugin",
    ),
    ".commands.containers": ("Container",),
    ".commands.interfaces": (
        "Address",
        "Interface",
        "LinkInfo",
        "Statistics",
    ),
    ".commands.ip_neigh": ("Neighbour",),
    ".commands.ip_netns": ("NamedNamespace",),
    ".commands.kubectl_get_nodes": ("KubernetesNode",),
    ".commands.kubectl_get_pods": ("KubernetesPod",),
    ".commands.routes": (
        "IpRoute",
        "NetToolsRoute",
        "Nexthop",
        "Route",
    ),
    ".errors": (
        "AksnetParseError",
        "GrammarError",
        "ParseError",
        "ReadError",
        "UsageError",
    ),
    ".fleet": (
        "Case",
        "analyze_many",
    ),
    ".grammar": ("Grammar",),
    ".node": ("Node",),
    ".processes": ("Processes",),
    ".reading": (
        "Reading",
        "read",
    ),
    ".records": (
        "Line",
        "MacAddress",
        "ParseResult",
        "Record",
        "Source",
    ),
    ".redaction": (
        "Redaction",
        "redact",
    ),
    ".reports": (
        "html_comparison",
        "html_report",
        "html_trace",
    ),
}
_MODULES = {name: module for module, names in _FROM.items() for name in names}
_PARSERS = {
    "parse_ip_addr": (".commands.ip_addr", "IP_ADDR"),
    "parse_ip_link": (".commands.ip_link", "IP_LINK"),
    "parse_brctl_show": (".commands.brctl_show", "BRCTL_SHOW"),
    "parse_bridge_fdb": (".commands.bridge_fdb", "BRIDGE_FDB"),
    "parse_bridge_link": (".commands.bridge_link", "BRIDGE_LINK"),
    "parse_ip_neigh": (".commands.ip_neigh", "IP_NEIGH"),
    "parse_ip_netns": (".commands.ip_netns", "IP_NETNS"),
    "parse_ip_route": (".commands.ip_route", "IP_ROUTE"),
    "parse_route_n": (".commands.route_n", "ROUTE_N"),
    "parse_kubectl_get_pods": (".commands.kubectl_get_pods", "KUBECTL_GET_PODS"),
    "parse_docker_inspect": (".commands.docker_inspect", "DOCKER_INSPECT"),
    "parse_docker_ps": (".commands.docker_ps", "DOCKER_PS"),
    "parse_crictl_pods": (".commands.crictl_pods", "CRICTL_PODS"),
    "parse_crictl_ps": (".commands.crictl_ps", "CRICTL_PS"),
    "parse_crictl_inspectp": (".commands.crictl_inspect", "CRICTL_INSPECTP"),
    "parse_crictl_inspect": (".commands.crictl_inspect", "CRICTL_INSPECT"),
    "parse_kubectl_get_nodes": (".commands.kubectl_get_nodes", "KUBECTL_GET_NODES"),
    "parse_cni_config": (".commands.cni_config", "CNI_CONFIG"),
    "parse_azure_vnet": (".commands.azure_vnet", "AZURE_VNET"),
    "parse_azure_vnet_ipam": (".commands.azure_vnet_ipam", "AZURE_VNET_IPAM"),
    "parse_az_aks": (".commands.az_aks", "AZ_AKS"),
}

if not TYPE_CHECKING:  # a type checker must go on to refuse names that are not there

    def __getattr__(name: str) -> Any:
        if name in _MODULES:
            value = getattr(import_module(_MODULES[name], __name__), name)
        elif name in _PARSERS:
            module, command = _PARSERS[name]
            value = getattr(import_module(module, __name__), command).parse
        elif name == "__version__":
            value = _version()
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _version() -> str:
    from importlib import metadata

    try:
        return metadata.version("aksnet-parse")
    except metadata.PackageNotFoundError:  # a checkout on the path that nobody installed
        return "unknown"
