"""Documents about Kubernetes and Azure in which no node was captured: none is invented, and no pod and no finding."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import Any

import pytest

from aksnet_parse import KubernetesPod, analyze, read

WORDS = re.findall(
    r"\w+",
    """
    the node pool uses a subnet of the virtual network and each pod gets an address from it so that traffic between pods
    is routed by Azure CNI in transparent mode while kubenet needs a route table see the steps below to create a cluster
    with network policy enabled then deploy the sample application and check that it runs
    """,
)
NAMES = ("web", "api", "my-aks", "contoso", "demo-rg", "nodepool1", "frontend", "ingress")


def prose(rng: random.Random) -> str:
    sentences = [
        " ".join(rng.choices(WORDS, k=rng.randint(5, 18))).capitalize() + "." for _ in range(rng.randint(1, 4))
    ]
    return rng.choice(["", "## ", "- ", "> ", "1. "]) + " ".join(sentences)


def address(rng: random.Random) -> str:
    return f"10.{rng.randint(0, 255)}.{rng.randint(0, 255)}.{rng.randint(1, 254)}"


def terraform(rng: random.Random) -> str:
    name = rng.choice(NAMES)
    return (
        f'resource "azurerm_kubernetes_cluster" "{name}" {{\n  name                = "{name}"\n'
        f'  dns_prefix          = "{name}"\n\n  default_node_pool {{\n    name = "default"\n    node_count = 3\n'
        f'    vnet_subnet_id = azurerm_subnet.{name}.id\n  }}\n\n  network_profile {{\n    network_plugin = "azure"\n'
        f'    network_policy = "calico"\n    pod_cidr = "10.2.0.0/16"\n    dns_service_ip = "{address(rng)}"\n  }}\n}}'
    )


def bicep(rng: random.Random) -> str:
    return (
        "resource aks 'Microsoft.ContainerService/managedClusters@2023-01-01' = {\n"
        f"  name: '{rng.choice(NAMES)}'\n  location: location\n  properties: {{\n    networkProfile: {{\n"
        "      networkPlugin: 'azure'\n      networkPolicy: 'azure'\n      podCidr: '10.244.0.0/16'\n    }\n  }\n}"
    )


def pod_manifest(rng: random.Random) -> str:
    kind = rng.choice(["Pod", "Deployment", "NetworkPolicy", "Service", "DaemonSet", "Node"])
    return (
        f"apiVersion: {'apps/v1' if kind in {'Deployment', 'DaemonSet'} else 'v1'}\nkind: {kind}\nmetadata:\n"
        f"  name: {rng.choice(NAMES)}\n  namespace: default\n  labels:\n    app: web\nspec:\n  hostNetwork: true\n"
        f"  nodeName: aks-nodepool1-12345678-vmss000000\n  containers:\n  - name: web\n    image: nginx\n    env:\n"
        f"    - name: IP\n      value: {address(rng)}\n    ports:\n    - containerPort: 80"
    )


def dry_run(rng: random.Random) -> str:
    name = rng.choice(NAMES)
    pod = (
        f"apiVersion: v1\nkind: Pod\nmetadata:\n  creationTimestamp: null\n  labels:\n    run: {name}\n  name: {name}\n"
        f"spec:\n  containers:\n  - image: nginx\n    name: {name}\n    resources: {{}}\n  dnsPolicy: ClusterFirst\n"
        "status: {}"
    )
    call = f"$ kubectl run {name} --image nginx --dry-run=client -o yaml\n"
    return rng.choice(["", call]) + pod


def kubernetes_resource(rng: random.Random) -> str:
    """What holds addresses and names of nodes, and is neither a pod nor a node."""
    return rng.choice(
        [
            (
                "apiVersion: crd.projectcalico.org/v1\nkind: IPPool\nmetadata:\n  name: default-ipv4-ippool\nspec:\n"
                "  cidr: 10.244.0.0/16\n  ipipMode: Always"
            ),
            (
                "apiVersion: acn.azure.com/v1alpha\nkind: NodeNetworkConfig\nmetadata:\n  name: aks-pool-1-vmss000000\n"
                f"status:\n  networkContainers:\n  - ipAssignments:\n    - ip: {address(rng)}\n      name: x\n"
                f"    nodeIP: {address(rng)}"
            ),
            (
                "apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    server: https://contoso:443\n  name: one\n"
                "contexts:\n- context:\n    cluster: one\n    user: clusterUser_rg_one\n  name: one"
            ),
        ]
    )


def wiring_calls(rng: random.Random) -> str:
    """Calls that make devices and print nothing."""
    calls = [
        "ip link add veth0 type veth peer name veth1",
        f"ip addr add {address(rng)}/24 dev veth0",
        f"ip route add 10.0.1.0/24 via {address(rng)} dev veth0",
        "brctl addbr br0",
        "brctl addif br0 eth0",
        f"route add -net 10.1.0.0 netmask 255.255.0.0 gw {address(rng)}",
    ]
    return "\n".join(rng.choice(["", "sudo ", "# "]) + call for call in rng.sample(calls, 4))


def other_systems(rng: random.Random) -> str:
    return rng.choice(
        [
            (
                f"R1# show ip route\nS*    0.0.0.0/0 [1/0] via {address(rng)}\n"
                "C     10.0.0.0/24 is directly connected, GigabitEthernet0/0"
            ),
            (
                "Source    State    Address Prefix    Next Hop Type     Next Hop IP\n"
                "--------  -------  ----------------  ----------------  -------------\n"
                f"User      Active   0.0.0.0/0         VirtualAppliance  {address(rng)}"
            ),
        ]
    )


def json_manifest(rng: random.Random) -> str:
    value = {
        "apiVersion": "v1",
        "kind": rng.choice(["Pod", "Service", "Node"]),
        "metadata": {"name": rng.choice(NAMES), "namespace": "default"},
        "spec": {"containers": [{"name": "web", "image": "nginx"}], "podIP": address(rng)},
    }
    return json.dumps(value, indent=rng.choice([2, 4]))


def here_document(rng: random.Random) -> str:
    end = rng.choice(["EOF", "END", "'EOF'", '"EOF"'])
    call = rng.choice(
        ["cat <<{} | kubectl apply -f -", "kubectl apply -f - <<{}", "cat > web.yaml <<{}", "tee x.yaml <<{}"]
    )
    prompt = rng.choice(["", "$ ", "azureuser@jump:~$ "])
    return f"{prompt}{call.format(end)}\n{pod_manifest(rng)}\n{end.strip(chr(39) + chr(34))}"


def azure_json(rng: random.Random) -> str:
    identifier = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg"
    values: list[Any] = [
        {
            "addressSpace": {"addressPrefixes": ["10.0.0.0/8"]},
            "id": f"{identifier}/providers/Microsoft.Network/virtualNetworks/vnet",
            "name": "vnet",
            "subnets": [{"addressPrefix": "10.240.0.0/16", "name": "aks", "privateIPAddress": address(rng)}],
        },
        [
            {
                "name": "aks-nodepool1-12345678-vmss",
                "sku": {"capacity": 3},
                "virtualMachineProfile": {"networkProfile": {}},
            }
        ],
        {"loginServer": "contoso.azurecr.io", "name": "contoso", "status": None, "Id": "contoso"},
        {"nextHopType": "VirtualAppliance", "addressPrefix": "10.244.0.0/24", "nextHopIpAddress": address(rng)},
        {"appId": "0", "password": "x", "tenant": "y"},
    ]
    return json.dumps(rng.choice(values), indent=2)


def python_code(rng: random.Random) -> str:
    return (
        "from kubernetes import client, config\n\nconfig.load_kube_config()\nv1 = client.CoreV1Api()\n"
        f"for pod in v1.list_namespaced_pod('{rng.choice(NAMES)}').items:\n    print(pod.status.pod_ip)"
    )


def other_shell(rng: random.Random) -> str:
    name = rng.choice(NAMES)
    return rng.choice(
        [
            f"az group create --name {name} --location westeurope",
            f"az network vnet create -g rg -n {name} --address-prefixes 10.0.0.0/8 --subnet-name aks",
            f"helm repo add {name} https://charts.example.com && helm install {name} {name}/{name}",
            f"export CLUSTER={name}\nRESOURCE_GROUP=rg\necho $CLUSTER",
            f"kubectl apply -f {name}.yaml\nkubectl delete pod {name}",
            "docker build -t web .\ndocker push contoso.azurecr.io/web",
            "curl -s http://169.254.169.254/metadata/instance?api-version=2021-02-01",
        ]
    )


def configuration(rng: random.Random) -> str:
    return rng.choice(
        [
            f"[Interface]\nAddress = {address(rng)}/24\nListenPort = 51820\n\n[Peer]\nAllowedIPs = 10.0.0.0/8",
            f"server {{\n  listen 80;\n  location / {{\n    proxy_pass http://{address(rng)};\n  }}\n}}",
            f"network:\n  version: 2\n  ethernets:\n    eth0:\n      addresses: [{address(rng)}/24]\n      dhcp4: true",
            f"auto eth0\niface eth0 inet static\n  address {address(rng)}\n  netmask 255.255.255.0",
            "interface GigabitEthernet0/1\n ip address 10.0.0.1 255.255.255.0\n no shutdown",
            f"| Subnet | Range |\n|---|---|\n| aks | {address(rng)}/24 |\n| pods | 10.244.0.0/16 |",
        ]
    )


PIECES: dict[str, tuple[Callable[[random.Random], str], tuple[str, ...]]] = {
    "prose": (prose, ()),
    "terraform": (terraform, ("hcl", "terraform", "")),
    "bicep": (bicep, ("bicep", "")),
    "manifest": (pod_manifest, ("yaml", "yml", "", "kubernetes")),
    "dry run": (dry_run, ("yaml", "", "output")),
    "resource": (kubernetes_resource, ("yaml", "")),
    "calls": (wiring_calls, ("bash", "console", "")),
    "other systems": (other_systems, ("console", "output", "")),
    "json manifest": (json_manifest, ("json", "")),
    "here document": (here_document, ("bash", "azurecli-interactive", "")),
    "azure": (azure_json, ("json", "output", "")),
    "python": (python_code, ("python", "")),
    "shell": (other_shell, ("azurecli", "bash", "sh", "")),
    "configuration": (configuration, ("ini", "", "yaml")),
}


def document(seed: int) -> str:
    """Prose with blocks of code between, in fences mostly."""
    rng = random.Random(seed)
    parts = [f"# {rng.choice(NAMES).capitalize()}"]
    for _ in range(rng.randint(3, 9)):
        make, languages = PIECES[rng.choice(list(PIECES))]
        text = make(rng)
        if not languages:
            parts.append(text)
        elif rng.random() < 0.2:
            parts.append("\n".join(f"    {line}" for line in text.split("\n")) if rng.random() < 0.5 else text)
        else:
            parts.append(f"```{rng.choice(languages)}\n{text}\n```")
        if rng.random() < 0.7:
            parts.append(prose(rng))
    return "\n\n".join(parts) + "\n"


@pytest.mark.parametrize("seed", range(400))
def test_nothing_is_invented(seed: int) -> None:
    analysis = analyze(read(document(seed), file="guide.md"))
    assert analysis.nodes == ()
    assert analysis.listed_pods == ()
    assert analysis.listed_nodes == ()


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("before", ["", "$ kubectl get pods -o wide\n\n", "Run `ip addr` on the node.\n\n"])
def test_each_piece_alone(piece: str, before: str) -> None:
    make, languages = PIECES[piece]
    for seed in range(8):
        text = make(random.Random(seed))
        for written in (text, *(f"```{language}\n{text}\n```" for language in languages)):
            analysis = analyze(read(f"{before}{written}\n"))
            assert analysis.nodes == ()
            assert analysis.listed_pods == ()


def test_what_kubectl_would_create_is_the_authors() -> None:
    reading = read(
        "$ kubectl run web --image=x --dry-run=client -o yaml\napiVersion: v1\nkind: Pod\nmetadata:\n"
        "  creationTimestamp: null\n  name: web\nspec:\n  containers: []\nstatus: {}\n"
    )
    assert (reading.nodes, reading.listings) == ((), ())


TABLE = "default via 10.9.0.1 dev eth0\n10.9.0.0/16 dev eth0 proto kernel scope link src 10.9.0.4\n"


@pytest.mark.parametrize(
    "text",
    [
        f"cat <<EOF > /tmp/routes\n{TABLE}EOF\n",
        f"$ cat << 'END-OF-FILE' > x\nip route\n{TABLE}END-OF-FILE\n",
        f"sudo tee /tmp/x <<EOF\n{TABLE}EOF\n",
        "kubectl apply -f - <<EOF\n" + "# a long manifest\n" * 150 + f"ip route\n{TABLE}EOF\n",
        f"```\n$ cat <<EOF | sudo tee x\nip route\n{TABLE}```\n\nand so on\n",
        f"root@node-1:/# cat > x.sh <<EOF\nip route\n{TABLE}EOF\nroot@node-1:/# \n",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_here_documents_are_the_authors(text: str, end: str) -> None:
    reading = read(text.replace("\n", end))
    assert (reading.nodes, reading.unread) == ((), ())


def test_what_a_shell_is_given_in_a_here_document_was_run() -> None:
    [node] = read(f"$ ssh node-1 <<EOF\nip route\nEOF\n{TABLE}").nodes
    assert (node.name, [capture.command for capture in node.captures]) == ("node-1", ["ip route"])


CONFIG_MAP = """apiVersion: v1
kind: ConfigMap
metadata:
  name: calico-config
data:
  cni_network_config: |-
    {
      "name": "k8s-pod-network",
      "cniVersion": "0.3.1",
      "plugins": [
        {"type": "calico", "ipam": {"type": "host-local"}}
      ]
    }
"""
SCRIPT = f"ip route\n{TABLE}brctl show\naz aks create -g a -n b --network-plugin kubenet\nkubectl get pods -o wide\n"


def indented(text: str, width: int) -> str:
    return "".join(f"{' ' * width}{line}\n" for line in text.splitlines())


CODE = {
    "configuration": CONFIG_MAP,
    "DaemonSet": "apiVersion: apps/v1\nkind: DaemonSet\nspec:\n  template:\n    spec:\n      containers:\n"
    f"      - command:\n        - sh\n        - -c\n        - |\n{indented(SCRIPT, 10)}      hostNetwork: true\n",
    "list": f"---\n- apiVersion: v1\n  kind: Pod\n  spec:\n    args:\n    - |\n{indented(SCRIPT, 6)}",
    "workflow": f"jobs:\n  x:\n    steps:\n    - run: |\n{indented(SCRIPT, 8)}    - uses: checkout\n",
    "pipeline": f"steps:\n- task: AzureCLI@2\n  inputs:\n    inlineScript: |\n{indented(SCRIPT, 6)}",
    "cloud-init": "#cloud-config\nwrite_files:\n- path: /etc/cni/net.d/10-x.conflist\n  content: |\n"
    f"{indented(CONFIG_MAP.partition('|-')[2], 2)}runcmd:\n- ip route\n",
    "terraform": 'resource "x" "y" {\n  provisioner "local-exec" {\n    command = <<-EOT\n'
    f"{indented(SCRIPT, 6)}    EOT\n  }}\n}}\n",
    "user data": f'resource "x" "y" {{\n  user_data = <<EOF\n{SCRIPT}EOF\n}}\n',
    "bicep": "resource s 'Microsoft.Resources/deploymentScripts@2020-10-01' = {\n  properties: {\n"
    f"    scriptContent: '''\n{indented(SCRIPT, 6)}    '''\n  }}\n}}\n",
}


@pytest.mark.parametrize("name", CODE)
@pytest.mark.parametrize("around", ["{}", "```\n{}```\n", "```yaml\n{}```\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_nothing_in_code_was_printed(name: str, around: str, end: str) -> None:
    reading = read(f"Do it so:\n\n{around.format(CODE[name])}\nIt works.\n".replace("\n", end))
    assert (reading.nodes, reading.listings, reading.unread) == ((), (), ())


@pytest.mark.parametrize("name", CODE)
@pytest.mark.parametrize("mark", ["", "> "])
def test_what_stands_behind_code_is_read(name: str, mark: str) -> None:
    text = f"{CODE[name]}\nazureuser@aks-np-12345678-vmss000001:~$ ip route\n{TABLE}"
    [node] = read("".join(f"{mark}{line}\n" for line in text.splitlines())).nodes
    assert (node.name, [capture.command for capture in node.captures]) == ("aks-np-12345678-vmss000001", ["ip route"])


def test_scripts_in_a_pod_as_the_cluster_lists_it() -> None:
    script = indented(SCRIPT, 8)
    text = (
        "$ kubectl get pod web -o yaml\napiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    note: |\n"
        f"{script}  name: web\n  namespace: demo\n  uid: 11111111-2222-3333-4444-555555555555\nspec:\n"
        f"  containers:\n  - command:\n    - sh\n    - -c\n    - |\n{script}  nodeName: aks-1\nstatus:\n"
        f"  podIP: 10.9.0.5\n"
    )
    reading = read(text)
    assert reading.nodes == ()
    [listing] = reading.listings
    assert [(pod.name, pod.node) for pod in listing.of(KubernetesPod)] == [("web", "aks-1")]


def test_what_ansible_prints_is_no_script() -> None:
    [node] = read(f"ok: [aks-1] => \n  stdout: |-\n{indented(TABLE, 4)}").nodes
    assert [capture.command for capture in node.captures] == ["ip route"]
