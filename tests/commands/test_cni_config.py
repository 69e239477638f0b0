"""CNI configurations as they lie on nodes; only what concerns the wiring is kept."""

from __future__ import annotations

import pytest

from aksnet_parse import CniConfig, CniPlugin, parse_cni_config, read
from aksnet_parse.commands.cni_config import CNI_CONFIG

AZURE = """\
{
   "cniVersion":"0.3.0",
   "name":"azure",
   "plugins":[
      {
         "type":"azure-vnet",
         "mode":"transparent",
         "ipsToRouteViaHost":["169.254.20.10"],
         "ipam":{
            "type":"azure-vnet-ipam"
         }
      },
      {
         "type":"portmap",
         "capabilities":{
            "portMappings":true
         },
         "snat":true
      }
   ]
}
"""
OVERLAY = AZURE.replace('"azure-vnet-ipam"', '"azure-cns",\n            "mode":"overlay"')
KUBENET = """\
{
    "cniVersion": "0.3.1",
    "name": "kubenet",
    "plugins": [{
    "type": "bridge",
    "bridge": "cbr0",
    "mtu": 1500,
    "addIf": "eth0",
    "isGateway": true,
    "ipMasq": false,
    "promiscMode": true,
    "hairpinMode": false,
    "ipam": {
        "type": "host-local",
        "ranges": [[{"subnet": "10.244.0.0/24"}]],
        "routes": [{"dst": "0.0.0.0/0"}]
    }
    },
    {
    "type": "portmap",
    "capabilities": {"portMappings": true},
    "externalSetMarkChain": "KUBE-MARK-MASQ"
    }]
}
"""
CALICO = """\
{
  "name": "k8s-pod-network",
  "cniVersion": "0.3.1",
  "plugins": [
    {
      "type": "calico",
      "log_level": "info",
      "datastore_type": "kubernetes",
      "nodename": "aks-nodepool1-12345678-0",
      "mtu": 1440,
      "ipam": {"type": "host-local", "subnet": "usePodCidr"},
      "policy": {"type": "k8s", "k8s_auth_token": "not-to-be-kept"},
      "kubernetes": {"kubeconfig": "/etc/cni/net.d/calico-kubeconfig"}
    },
    {"type": "portmap", "snat": true, "capabilities": {"portMappings": true}}
  ]
}
"""
CILIUM = '{"cniVersion": "0.3.1", "name": "cilium", "plugins": [{"type": "cilium-cni", "enable-debug": false}]}\n'


def test_azure() -> None:
    [config] = parse_cni_config(AZURE, strict=True)
    assert config == CniConfig(
        name="azure",
        plugins=(
            CniPlugin(type="azure-vnet", mode="transparent", ipam_type="azure-vnet-ipam"),
            CniPlugin(type="portmap"),
        ),
    )
    assert config.source == (None, 1, 21)


def test_overlay() -> None:
    [config] = parse_cni_config(OVERLAY, strict=True)
    assert (config.plugins[0].mode, config.plugins[0].ipam_type, config.plugins[0].ipam_mode) == (
        "transparent",
        "azure-cns",
        "overlay",
    )


def test_kubenet() -> None:
    [config] = parse_cni_config(KUBENET, strict=True)
    assert config.plugins[0] == CniPlugin(
        type="bridge", bridge="cbr0", ipam_type="host-local", subnets=("10.244.0.0/24",)
    )


def test_calico_and_no_secret() -> None:
    result = parse_cni_config(CALICO, strict=True)
    assert (result[0].plugins[0].type, result[0].plugins[0].policy_type) == ("calico", "k8s")
    assert "not-to-be-kept" not in result[0].model_dump_json()


def test_a_single_plugin() -> None:
    [config] = parse_cni_config(
        '{"cniVersion":"0.3.0","name":"azure","type":"azure-vnet","mode":"bridge"}', strict=True
    )
    assert (config.name, config.plugins) == ("azure", (CniPlugin(type="azure-vnet", mode="bridge"),))


def test_several_files() -> None:
    result = parse_cni_config(f"{CALICO}{AZURE}\n{CILIUM}", strict=True)
    assert [config.name for config in result] == ["k8s-pod-network", "azure", "cilium"]


@pytest.mark.parametrize(
    ("text", "mode"), [('         "mode":"transparent",\n', "transparent"), ('  "mode": "bridge"\n', "bridge")]
)
def test_what_grep_leaves(text: str, mode: str) -> None:
    [config] = parse_cni_config(text, strict=True)
    assert config.plugins == (CniPlugin(mode=mode),)


def test_cut_off() -> None:
    lines = AZURE.splitlines()
    result = parse_cni_config("\n".join(lines[:8]))
    assert result[0].plugins == (CniPlugin(type="azure-vnet", mode="transparent"),)


@pytest.mark.parametrize("text", ["hello\n", '{"kind": "Pod"}\n', '{"type": "azure-vnet"\n', "[]x\n"])
def test_what_is_no_configuration_is_handed_back(text: str) -> None:
    result = parse_cni_config(f"{CILIUM}{text}")
    assert result[0].name == "cilium"
    assert len(result) == 1 or result[1].plugins == (CniPlugin(type="azure-vnet"),)
    assert len(result) == 2 or [line.line for line in result.unparsed] == [2]


@pytest.mark.parametrize(
    ("call", "claimed"),
    [
        ("cat /etc/cni/net.d/10-azure.conflist", True),
        ("cat /etc/cni/net.d/*", True),
        ("cat 10-azure.conflist", True),
        ("cat /host/etc/cni/net.d/15-azure-swift-overlay.conflist", True),
        ("grep mode /etc/cni/net.d/10-azure.conflist", True),
        ("cat /etc/hosts", False),
        ("ls /etc/cni/net.d/", False),
        ("cat /var/run/azure-vnet.json", False),
    ],
)
def test_calls(call: str, claimed: bool) -> None:
    assert CNI_CONFIG.claims(tuple(call.split())) is claimed


@pytest.mark.parametrize("text", [AZURE, OVERLAY, KUBENET, CALICO, CILIUM])
@pytest.mark.parametrize("call", ["root@aks-1:/# cat /etc/cni/net.d/*\n", "The configuration is this.\n\n"])
def test_it_is_found_by_its_call_and_by_its_look(call: str, text: str) -> None:
    [node] = read(call + text).nodes
    assert [parsed.command for parsed in node.captures] == ["cni config"]
    assert node.cni_configs == parse_cni_config(text).records
    assert node.captures[0].result.unparsed == ()


def test_the_first_file_by_name_counts() -> None:
    text = (
        f"root@aks-1:/# cat /etc/cni/net.d/10-azure.conflist\n{AZURE}"
        f"root@aks-1:/# cat /etc/cni/net.d/05-cilium.conflist\n{CILIUM}"
    )
    [node] = read(text).nodes
    assert [config.name for config in node.cni_configs] == ["cilium", "azure"]
