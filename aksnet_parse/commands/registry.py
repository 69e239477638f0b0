"""The registry: every command that can be read. A new command is one module here, one template, and one line below."""

from typing import Any

from .az_aks import AZ_AKS
from .azure_vnet import AZURE_VNET
from .azure_vnet_ipam import AZURE_VNET_IPAM
from .base import Command
from .brctl_show import BRCTL_SHOW
from .bridge_fdb import BRIDGE_FDB
from .bridge_link import BRIDGE_LINK
from .cni_config import CNI_CONFIG
from .crictl_inspect import CRICTL_INSPECT, CRICTL_INSPECTP
from .crictl_pods import CRICTL_PODS
from .crictl_ps import CRICTL_PS
from .docker_inspect import DOCKER_INSPECT
from .docker_ps import DOCKER_PS
from .ip_addr import IP_ADDR
from .ip_link import IP_LINK
from .ip_neigh import IP_NEIGH
from .ip_netns import IP_NETNS
from .ip_route import IP_ROUTE
from .kubectl_get_nodes import KUBECTL_GET_NODES
from .kubectl_get_pods import KUBECTL_GET_PODS
from .route_n import ROUTE_N

__all__ = ["COMMANDS", "named"]

# What looks more special stands first: a line of `bridge link` begins like one of `ip addr`.
COMMANDS: tuple[Command[Any], ...] = (
    BRIDGE_LINK,
    IP_ADDR,
    IP_LINK,
    BRCTL_SHOW,
    ROUTE_N,
    IP_NEIGH,
    IP_ROUTE,
    IP_NETNS,
    BRIDGE_FDB,
    DOCKER_INSPECT,
    KUBECTL_GET_PODS,
    DOCKER_PS,
    CRICTL_PODS,
    CRICTL_PS,
    CRICTL_INSPECTP,
    CRICTL_INSPECT,
    KUBECTL_GET_NODES,
    CNI_CONFIG,
    AZURE_VNET,
    AZURE_VNET_IPAM,
    AZ_AKS,
)


def named(name: str) -> Command[Any] | None:
    """The command of this package that has this name."""
    return next((command for command in COMMANDS if command.name == name), None)
