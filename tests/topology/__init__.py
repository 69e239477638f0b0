"""Real AKS-like nodes built of kernel namespaces, whose output the tests capture with the real tools."""

from .build import build
from .docker import DockerNode, docker_node
from .fabric import connected
from .node import HOST_COMMANDS, Node, Pod
from .plan import KINDS, Kind
from .prerequisites import missing
from .process import TopologyError

__all__ = [
    "HOST_COMMANDS",
    "KINDS",
    "DockerNode",
    "Kind",
    "Node",
    "Pod",
    "TopologyError",
    "build",
    "connected",
    "docker_node",
    "missing",
]
