"""What was declared of several clusters, or by several configurations, and of nodes that nobody captured."""

from __future__ import annotations

from pathlib import Path

import pytest

from aksnet_parse import analyze, read
from aksnet_parse.analysis.models import NodeAnalysis
from aksnet_parse.cli import main

ONE = "az aks create -g rg -n one --network-plugin azure --network-policy calico\n"
TWO = "az aks create -g rg -n two --network-plugin azure --network-plugin-mode overlay --pod-cidr 192.168.0.0/16\n"
LOGINS = "az aks get-credentials -g rg -n one\naz aks get-credentials -g rg -n two\n"
PROMPT = "root@aks-pool-11111111-vmss000000:/# "


def table(address: str) -> str:
    return (
        f"{PROMPT}ip route\ndefault via 10.9.1.1 dev eth0\n10.9.1.0/24 dev eth0 proto kernel scope link src 10.9.1.33\n"
        f"{address} dev azv00000000001 proto static\n"
    )


IN_SUBNET, IN_CIDR = table("10.9.1.50"), table("192.168.0.5")


def declared(text: str) -> tuple[NodeAnalysis, str | None, str | None]:
    [node] = analyze(read(text)).nodes
    said = node.mode.declared
    return node, said.networkPolicy if said is not None else None, said.networkPluginMode if said is not None else None


@pytest.mark.parametrize("orders", [ONE + TWO, TWO + ONE])
@pytest.mark.parametrize("logins", ["", LOGINS, "".join(reversed(LOGINS.splitlines(keepends=True)))])
def test_nothing_tells_which_of_two_clusters(orders: str, logins: str) -> None:
    node, policy, mode = declared(f"{orders}{logins}\nA node:\n\n{IN_SUBNET}")
    assert (policy, mode) == (None, None)
    [finding] = [one for one in node.findings if one.code == "declaration-undecided"]
    assert {"one", "two"} == set(finding.subjects)
    assert {line.text.split(" --")[0] for line in finding.lines} >= {
        "az aks create -g rg -n one",
        "az aks create -g rg -n two",
    }


@pytest.mark.parametrize("orders", [ONE + TWO, TWO + ONE])
@pytest.mark.parametrize("heading", ["Cluster {}:", "### {}", "On `{}` we see", "A node of {}."])
@pytest.mark.parametrize("fence", ["", "```\n"])
def test_the_author_tells(orders: str, heading: str, fence: str) -> None:
    for name, expected in (("one", ("calico", None)), ("two", (None, "overlay"))):
        text = f"{orders}{LOGINS}\n{heading.format(name)}\n\n{fence}{IN_SUBNET}{fence}"
        node, policy, mode = declared(text)
        assert (policy, mode) == expected
        assert "declaration-undecided" not in [finding.code for finding in node.findings]


@pytest.mark.parametrize(("text", "expected"), [(ONE + TWO + LOGINS, "overlay"), (TWO + ONE, "overlay")])
def test_the_addresses_of_pods_tell(text: str, expected: str) -> None:
    assert declared(f"{text}\nA node:\n\n{IN_CIDR}")[2] == expected


def test_one_login_tells() -> None:
    assert declared(f"{ONE}{TWO}az aks get-credentials -g rg -n one\n\n{IN_SUBNET}")[1:] == ("calico", None)


# --- several configurations -------------------------------------------------------------------------------------------

AZURE = '{\n "cniVersion":"0.3.0",\n "name":"azure",\n "plugins":[{ "type":"azure-vnet", "mode":"transparent" }]\n}\n'
KUBENET = '{\n "cniVersion": "0.3.1",\n "name": "kubenet",\n "plugins": [{ "type": "bridge", "bridge": "cbr0" }]\n}\n'


@pytest.mark.parametrize("order", [(AZURE, KUBENET), (KUBENET, AZURE)])
@pytest.mark.parametrize("fence", ["```json\n{}```\n", "{}"])
def test_configurations_that_disagree_are_all_told(order: tuple[str, str], fence: str) -> None:
    text = "\n".join(f"## The defaults\n\n{fence.format('')[:0]}{fence.replace('{}', config)}" for config in order)
    [node] = analyze(read(text)).nodes
    assert node.mode.declared is not None
    assert (node.mode.declared.networkPlugin, node.mode.declared.mode) == (None, None)
    said = [finding.message for finding in node.findings if finding.code == "declared-mode-differs"]
    assert len(said) == 2
    assert all(word in " ".join(said) for word in ("azure", "kubenet", "transparent", "bridge"))


def test_of_files_of_one_folder_the_first_counts_and_the_other_is_mentioned() -> None:
    text = "".join(
        f"{PROMPT}cat /etc/cni/net.d/{name}\n{config}"
        for name, config in (("20-kubenet.conflist", KUBENET), ("10-azure.conflist", AZURE))
    )
    [node] = analyze(read(text)).nodes
    assert node.mode.declared is not None
    assert (node.mode.declared.networkPlugin, node.mode.declared.mode) == ("azure", "transparent")
    assert [finding.code for finding in node.findings if finding.severity != "info"] == []
    assert any("networkPlugin kubenet" in one.claim and "does not count" in one.claim for one in node.mode.evidence)


# --- no node at all ---------------------------------------------------------------------------------------------------


def test_a_guide_answers_what_was_declared_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "guide.md"
    path.write_text(f"# A guide\n\nCreate a cluster:\n\n```sh\n{ONE}```\n\nAnd with overlay:\n\n```sh\n{TWO}```\n")
    assert main([str(path)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(
        "Declared (1 of 2); no node was captured\n  networkPlugin      azure\n  networkPolicy      calico\n"
    )
    assert (
        "Declared (2 of 2); no node was captured\n  networkPlugin      azure\n  networkPluginMode  overlay\n" in shown
    )
    assert "unknown" not in shown
    assert "No pods" not in shown
    assert len(shown.split("\n")) < 40


# --- what else tells which cluster ------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", ["## ", "Cluster ", ""])
def test_each_heading_is_of_the_captures_below_it(prefix: str) -> None:
    second = IN_SUBNET.replace("vmss000000", "vmss000001").replace("10.9.1.33", "10.9.1.34")
    text = f"{ONE}{TWO}{LOGINS}\n{prefix}one:\n\n{IN_SUBNET}\n{prefix}two:\n\n{second}"
    modes = [node.mode.declared for node in analyze(read(text)).nodes]
    assert [said.networkPolicy if said is not None else None for said in modes] == ["calico", None]
    assert [said.networkPluginMode if said is not None else None for said in modes] == [None, "overlay"]


def test_a_word_of_a_sentence_names_no_cluster() -> None:
    node, policy, mode = declared(f"{ONE}{TWO}\nNow we log in to one of the nodes there.\n\n{IN_SUBNET}")
    assert (policy, mode) == (None, None)
    assert "declaration-undecided" in [finding.code for finding in node.findings]


@pytest.mark.parametrize("query", [" --query networkProfile", ""])
def test_answers_about_two_clusters_are_not_mixed(query: str) -> None:
    shown = "".join(
        f'$ az aks show -g rg -n {name}{query}\n{{\n "networkPlugin": "azure",\n "networkPolicy": {policy}\n}}\n'
        for name, policy in (("one", '"calico"'), ("two", "null"))
    )
    node, policy, _ = declared(f"{shown}\n{IN_SUBNET}")
    assert policy is None
    assert "declaration-undecided" in [finding.code for finding in node.findings]


@pytest.mark.parametrize("table", [IN_SUBNET, IN_CIDR])
def test_clusters_that_are_declared_after_the_captures(table: str) -> None:
    node, _, mode = declared(f"{table}\n\nThis was made so:\n\n{ONE}{TWO}")
    assert mode == ("overlay" if table == IN_CIDR else None)
    codes = [finding.code for finding in node.findings]
    assert ("declaration-undecided" in codes) == (table == IN_SUBNET)


@pytest.mark.parametrize("order", [1, -1])
def test_the_name_of_a_node_pool_tells(order: int) -> None:
    orders = [ONE.replace("\n", " --nodepool-name alpha\n"), TWO.replace("\n", " --nodepool-name beta\n")][::order]
    node, policy, mode = declared("".join(orders) + "\n" + IN_SUBNET.replace("aks-pool-", "aks-alpha-"))
    assert (node.name, policy, mode) == ("aks-alpha-11111111-vmss000000", "calico", None)


LISTED = (
    "\n$ kubectl get pods -o wide\n"
    "NAME   READY   STATUS    RESTARTS   AGE   IP   NODE   NOMINATED NODE   READINESS GATES\n"
    "web    1/1     Running   0   94m   10.9.0.55   aks-pool-11111111-vmss000001   <none>   <none>\n"
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{ONE}{LISTED}", "networkPolicy      calico"),
        (f"{LISTED}\n{AZURE}", "mode               transparent"),
        ("az aks create -g rg -n one\n", "Nothing is said of the cluster's network."),
        (LOGINS, "Nothing is said of the cluster's network."),
    ],
)
def test_without_captures_of_a_node_nothing_is_unknown(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "guide.md"
    path.write_text(text)
    assert main([str(path)]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Declared; no node was captured\n")
    assert said in shown
    assert "unknown" not in shown
    assert ("web 10.9.0.55" in shown) == (LISTED in text)


CILIUM = '{"cniVersion":"0.3.1","name":"cilium","plugins":[{"type":"cilium-cni","ipam":{"type":"azure-ipam"}}]}\n'


@pytest.mark.parametrize(
    "files",
    [
        (("10-azure.conflist", AZURE), ("05-cilium.conflist", CILIUM)),
        (("05-cilium.conflist", CILIUM), ("10-azure.conflist", AZURE)),
    ],
)
def test_what_only_a_later_file_says_is_mentioned_and_not_taken(files: tuple[tuple[str, str], ...]) -> None:
    [node] = analyze(read("".join(f"{PROMPT}cat /etc/cni/net.d/{name}\n{config}" for name, config in files))).nodes
    said = node.mode.declared
    assert said is not None
    assert (said.networkPlugin, said.networkDataplane, said.mode) == ("azure", "cilium", None)
    assert any("mode transparent" in one.claim and "does not count" in one.claim for one in node.mode.evidence)
