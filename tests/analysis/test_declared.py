"""What was declared, beside what the captures show: never mixed, agreement is no finding, a difference is one."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from aksnet_parse import analyze, read
from aksnet_parse.analysis.models import Finding, NodeAnalysis
from aksnet_parse.render.text import render_text

SAMPLES = Path(__file__).parents[2] / "samples"


def sample(name: str) -> str:
    return (SAMPLES / f"{name}.txt").read_text(encoding="utf-8").partition("\n")[2]


TRANSPARENT, CALICO = sample("azure-cni-transparent"), sample("kubenet-calico")
KUBENET, BRIDGE = sample("kubenet-bridge"), sample("azure-cni-bridge")


def answer(text: str) -> NodeAnalysis:
    [node] = analyze(read(text)).nodes
    return node


def differing(node: NodeAnalysis) -> list[Finding]:
    return [finding for finding in node.findings if finding.code == "declared-mode-differs"]


def claims(node: NodeAnalysis) -> list[str]:
    return [item.claim for item in node.mode.evidence if "declared" in item.claim]


def rendered(text: str) -> str:
    stream = io.StringIO()
    render_text(analyze(read(text)), stream)
    return " ".join(stream.getvalue().split())


def config(mode: str, name: str = "10-azure.conflist") -> str:
    plugins = [{"type": "azure-vnet", "mode": mode, "ipam": {"type": "azure-vnet-ipam"}}, {"type": "portmap"}]
    value = {"cniVersion": "0.3.0", "name": "azure", "plugins": plugins}
    return f"cat /etc/cni/net.d/{name}\n{json.dumps(value, indent=2)}\n\n"


def state(mode: str) -> str:
    networks = {"azure": {"Id": "azure", "Mode": mode, "Endpoints": {}}}
    value = {"Network": {"Version": "v1", "ExternalInterfaces": {"eth0": {"Name": "eth0", "Networks": networks}}}}
    return f"cat /var/run/azure-vnet.json\n{json.dumps(value, indent=2)}\n\n"


CREATE = "az aks create -g lab -n one \\\n--network-plugin azure \\\n--network-policy calico\n\n"


# --- declared, and not shown ------------------------------------------------------------------------------------------


def test_what_is_only_declared_stays_unknown_and_is_said() -> None:
    node = answer(CREATE + TRANSPARENT)
    assert node.mode.networkPolicy.model_dump() == {"value": "unknown", "certainty": "unknown"}
    assert node.mode.declared is not None
    assert node.mode.declared.model_dump(exclude={"lines"}) == {
        "networkPlugin": "azure",
        "networkPluginMode": None,
        "networkDataplane": None,
        "networkPolicy": "calico",
        "mode": None,
    }
    assert [(line.line, line.text) for line in node.mode.declared.lines] == [
        (2, "--network-plugin azure \\"),
        (3, "--network-policy calico"),
    ]
    assert claims(node) == [
        "networkPlugin azure is declared by `az aks create` in line 2, and the captures show it.",
        "networkPolicy calico is declared by `az aks create` in line 3; the captures fit but cannot prove it.",
    ]
    assert differing(node) == []


def test_in_words() -> None:
    text = rendered(CREATE + TRANSPARENT)
    assert "networkPolicy unknown; declared: calico" in text
    assert (
        "declared by `az aks create` in line 3; the captures fit but cannot prove it. 3: --network-policy calico"
        in text
    )
    assert "declared" not in rendered(TRANSPARENT)


def test_nothing_declared() -> None:
    for text in (TRANSPARENT, CALICO, KUBENET, BRIDGE):
        assert answer(text).mode.declared is None


def test_observed_values_are_those_without_a_declaration() -> None:
    for text in (TRANSPARENT, CALICO, KUBENET, BRIDGE):
        for before in (CREATE, config("bridge"), state("transparent")):
            alone, both = answer(text).mode, answer(before + text).mode
            for name in ("datapath", "bridge", "networkPlugin", "networkPluginMode", "networkPolicy"):
                assert getattr(alone, name) == getattr(both, name)
            assert both.evidence[: len(alone.evidence)] != ()
            assert [item.claim for item in both.evidence][: len(alone.evidence)] == [
                item.claim for item in alone.evidence
            ]


def test_a_declaration_without_a_node() -> None:
    node = answer(CREATE)
    assert node.mode.declared is not None
    assert (node.mode.datapath, node.mode.networkPolicy.value) == ("unknown", "unknown")
    assert claims(node)[1].endswith("in line 3; the captures do not show it.")


# --- agreement --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        config("transparent") + TRANSPARENT,
        config("transparent-vlan") + TRANSPARENT,
        state("transparent") + TRANSPARENT,
        config("bridge") + BRIDGE,
        config("tunnel") + state("bridge") + BRIDGE,
        f"az aks create -n one --network-plugin kubenet\n{KUBENET}",
        f"az aks create -n one --network-plugin kubenet --network-policy calico\n{CALICO}",
        f"az aks create -n one --network-plugin none\n{CALICO}",
        f"az aks create -n one --network-plugin azure --network-policy none\n{BRIDGE}",
    ],
)
def test_agreement_is_no_finding(text: str) -> None:
    node = answer(text)
    assert node.mode.declared is not None
    assert differing(node) == []


# --- difference -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        (
            config("bridge") + TRANSPARENT,
            "mode",
            "the captures show transparent mode, but bridge is declared by the CNI",
        ),
        (
            config("transparent") + BRIDGE,
            "mode",
            "the captures show bridge mode, but transparent is declared by the CNI",
        ),
        (state("bridge") + TRANSPARENT, "mode", "but bridge is declared by azure-vnet.json in line "),
        (
            CREATE + BRIDGE,
            "networkPolicy",
            "the captures show none (likely), but calico is declared by `az aks create`",
        ),
        (
            f"az aks create -n one --network-plugin kubenet\n{BRIDGE}",
            "networkPlugin",
            "the captures show azure, but kubenet is declared by `az aks create` in line 1.",
        ),
        (
            f"az aks create -n one --network-plugin azure --network-policy none\n{CALICO}",
            "networkPolicy",
            "the captures show calico, but none is declared by `az aks create` in line 1.",
        ),
        (
            f"az aks create -n one --network-plugin azure --network-plugin-mode overlay\n{TRANSPARENT}",
            "networkPluginMode",
            "the captures show none, but overlay is declared",
        ),
    ],
)
def test_a_difference_names_both_sides(text: str, field: str, words: str) -> None:
    node = answer(text)
    found = [finding for finding in differing(node) if finding.subjects == (field,)]
    assert len(found) == 1
    assert found[0].severity == "warning"
    assert words in found[0].message
    # The lines of both: what was declared, and what shows the other.
    assert node.mode.declared is not None
    own = set(node.mode.declared.lines)
    assert own & set(found[0].lines)
    assert set(found[0].lines) - own


def test_two_declarations_that_differ() -> None:
    node = answer(config("transparent") + state("bridge") + TRANSPARENT)
    [finding] = differing(node)
    assert "transparent is declared by the CNI configuration in line " in finding.message
    assert "but bridge by azure-vnet.json in line " in finding.message
    assert len(finding.lines) == 2


def test_the_later_order_counts() -> None:
    text = f"{CREATE}az aks update -n one --network-policy none\n{BRIDGE}"
    node = answer(text)
    assert node.mode.declared is not None
    assert (node.mode.declared.networkPlugin, node.mode.declared.networkPolicy) == ("azure", "none")
    assert differing(node) == []
    assert any("networkPolicy none is declared by `az aks update` in line 5" in claim for claim in claims(node))


def test_the_first_configuration_counts() -> None:
    text = config("bridge", "20-old.conflist") + config("transparent", "10-azure.conflist") + TRANSPARENT
    node = answer(text)
    assert node.mode.declared is not None
    assert (node.mode.declared.mode, differing(node)) == ("transparent", [])


CILIUM = (
    "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n"
    "2: eth0: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000\n"
    "    inet 10.224.0.4/16 scope global eth0\n"
    "3: cilium_net@cilium_host: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000\n"
    "4: cilium_host@cilium_net: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000\n"
    "6: lxc0123456789ab@if5: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000\n"
)


@pytest.mark.parametrize(
    ("options", "findings"),
    [
        ("--network-plugin azure --network-dataplane cilium", []),
        ("--network-plugin none", []),
        ("--network-plugin azure", ["networkDataplane"]),
        ("--network-plugin kubenet", ["networkDataplane"]),
        ("--network-dataplane cilium --network-plugin azure --network-policy calico", ["networkPolicy"]),
    ],
)
def test_cilium(options: str, findings: list[str]) -> None:
    node = answer(f"az aks create -n one {options}\n\nip addr\n{CILIUM}")
    assert [subject for finding in differing(node) for subject in finding.subjects] == findings


def test_a_long_line_is_cited_in_part() -> None:
    shown = {"addonProfiles": {}, "tags": {"x": "y" * 900}, "networkProfile": {"networkPlugin": "kubenet"}, "name": "a"}
    node = answer(f"az aks show -n a\n{json.dumps(shown)}\n\n{KUBENET}")
    assert node.mode.declared is not None
    [line] = node.mode.declared.lines
    assert line.text == '"networkPlugin": "kubenet"'


def test_no_token_beside_it_is_cited() -> None:
    plugins = [{"type": "calico", "policy": {"type": "k8s", "k8s_auth_token": "not-to-be-shown"}}]
    value = json.dumps({"name": "x", "cniVersion": "0.3.1", "plugins": plugins})
    for text in (value, value[:-3], value.replace(": ", ":\n")):
        analysis = analyze(read(f"cat /etc/cni/net.d/10-calico.conflist\n{text}\n\n{CALICO}"))
        assert "not-to-be-shown" not in analysis.model_dump_json()
