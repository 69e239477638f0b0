"""Where a search begins: captures, documents of commands that could not be captured here, and whole transcripts."""

from __future__ import annotations

import json
from itertools import permutations, product
from typing import Any

from aksnet_parse import Command, Container, KubernetesNode, Record, analyze, read
from tests import listings
from tests.analysis.texts import NODES
from tests.commands import test_az_aks, test_azure_vnet, test_cni_config, test_kubectl_get_nodes, test_kubectl_get_pods
from tests.commands.test_crictl import SANDBOX
from tests.test_accounting import FOLDER, SAMPLES, TEXTS, call_of
from tests.test_grammar import FULL_LINES

__all__ = ["AFTER", "captures_of", "documents_of", "lines_of", "pairs", "questions", "transcripts", "yaml_of"]

# Between the two texts of a comparison.
AFTER = "=== after ==="

_APP = Container(
    id="1b7c" * 16, container_name="web", sandbox_id=SANDBOX.id, pod_name="web-1", pod_namespace="shop", state="running"
)
_NODE = KubernetesNode(name="aks-1", status="Ready", version="v1.29.2")


def documents_of(name: str) -> list[str]:
    """Documents of a command, each as it is printed and on one line; for some also as YAML."""
    made: dict[str, list[Any]] = {
        "crictl pods": [listings.pods_document([SANDBOX])],
        "crictl ps": [listings.ps_document([_APP])],
        "crictl inspectp": [listings.inspectp_document(SANDBOX)],
        "crictl inspect": [listings.inspect_document(_APP)],
        "kubectl get pods": [{"apiVersion": "v1", "items": [test_kubectl_get_pods.POD], "kind": "List"}],
        "kubectl get nodes": [listings.nodes_document([_NODE])],
        "az aks": [test_az_aks.CLUSTER, test_az_aks.PROFILE],
        "azure-vnet.json": [test_azure_vnet.state()],
        "cni config": [json.loads(test_cni_config.AZURE), json.loads(test_cni_config.KUBENET)],
    }
    documents = made.get(name, [])
    texts = [json.dumps(document, indent=indent) + "\n" for document in documents for indent in (None, 2)]
    if name.startswith(("crictl", "kubectl")):
        texts += [yaml_of(document) + "\n" for document in documents]
    return texts + {
        "az aks": [test_az_aks.CREATE],
        "kubectl get pods": [test_kubectl_get_pods.WIDE],
        "kubectl get nodes": [test_kubectl_get_nodes.WIDE],
    }.get(name, [])


def yaml_of(value: Any, depth: int = 0) -> str:
    """As kubectl sets it, without PyYAML: a fuzzer must not depend on an extra."""
    gap = "\n" + "  " * depth
    if isinstance(value, dict) and value:
        return "".join(f"{gap}{key}:{_after(item, depth)}" for key, item in value.items()).removeprefix("\n")
    if isinstance(value, list) and value:
        return "".join(f"{gap}- {yaml_of(item, depth + 1).lstrip()}" for item in value).removeprefix("\n")
    return json.dumps(value)


def _after(value: Any, depth: int) -> str:
    if isinstance(value, dict | list) and value:
        return "\n" + yaml_of(value, depth + isinstance(value, dict))
    return f" {yaml_of(value)}"


def captures_of(command: Command[Record]) -> list[str]:
    """Captures that stand in no folder of a version, by the call that is their name."""
    return [
        path.read_text(encoding="utf-8")
        for path in sorted(FOLDER.glob("*.txt"))
        if command.claims(tuple(path.stem.removeprefix("busybox_").split("_")))
    ]


def lines_of(name: str) -> list[str]:
    """Every kind of line that the command's template knows."""
    template = {
        "cni config": "cni_config",
        "azure-vnet.json": "azure_vnet",
        "azure-vnet-ipam.json": "azure_vnet_ipam",
        "ip link": "ip_addr",
    }
    lines = FULL_LINES.get(template.get(name, name.replace(" ", "_")), ())
    return ["\n".join(lines) + "\n"] if lines else []


def transcripts() -> list[str]:
    """The samples, and every capture under a prompt of its own."""
    texts = [path.read_text(encoding="utf-8") for path in SAMPLES]
    sessions = [f"azureuser@aks-node-1:~$ {' '.join(call_of(capture))}\n{text}" for capture, text in TEXTS.items()]
    prompt = "azureuser@aks-node-1:~$ "
    return [
        *texts,
        *sessions,
        f"{prompt}{test_az_aks.CREATE}",
        f"{prompt}kubectl get pods -A -o wide\n{test_kubectl_get_pods.WIDE}{texts[0]}",
        f"{prompt}cat /etc/cni/net.d/10-azure.conflist\n{test_cni_config.AZURE}\n{texts[0]}",
        f"{prompt}sudo crictl inspectp x\n{json.dumps(listings.inspectp_document(SANDBOX), indent=2)}\n",
        f"{prompt}for p in 1 2; do sudo nsenter -t $p -n ip addr; done | grep inet \\\n && exit\n",
        f"{prompt}bash -c 'X=$(docker inspect -f \"{{{{.State.Pid}}}}\" a); nsenter -t $X -n' <<EOF\nip a\nEOF\n",
    ]


def _nodes() -> list[str]:
    """The samples, and nodes of each kind with the inside of a pod."""
    return [
        *(path.read_text(encoding="utf-8") for path in SAMPLES),
        *("\n".join(node.values()) for node in NODES.values()),
    ]


def questions() -> list[str]:
    """Every two ends of each node, in a line before its text."""
    asked = []
    for text in _nodes():
        pods = [pod for node in analyze(read(text)).nodes for pod in node.pods]
        ends = ["node", "8.8.8.8", *(f"pid:{pod.pid}" for pod in pods[:2] if pod.pid is not None)]
        ends += [pod.addresses[0].split("/")[0] for pod in pods[:3] if pod.addresses]
        asked += [f"{source} {target}\n{text}" for source, target in permutations(ends, 2) if source != "8.8.8.8"]
    return asked


def pairs() -> list[str]:
    """Every two nodes, a line between them."""
    return [f"{before}\n{AFTER}\n{after}" for before, after in product(_nodes(), repeat=2)]
