"""`az aks`: what Azure answers, what a call orders whatever it prints, and that no secret on it is kept."""

from __future__ import annotations

import json
import time
from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from aksnet_parse import AksCluster, Node, parse_az_aks, read
from aksnet_parse.commands.az_aks import AZ_AKS

PROFILE: dict[str, Any] = {
    "dnsServiceIp": "10.0.0.10",
    "ipFamilies": ["IPv4"],
    "loadBalancerProfile": {"managedOutboundIPs": {"count": 1}},
    "loadBalancerSku": "standard",
    "networkDataplane": "azure",
    "networkMode": None,
    "networkPlugin": "azure",
    "networkPluginMode": "overlay",
    "networkPolicy": "calico",
    "podCidr": "10.244.0.0/16",
    "podCidrs": ["10.244.0.0/16"],
    "serviceCidr": "10.0.0.0/16",
    "serviceCidrs": ["10.0.0.0/16"],
}
CLUSTER: dict[str, Any] = {
    "aadProfile": None,
    "addonProfiles": {},
    "agentPoolProfiles": [{"count": 3, "name": "nodepool1", "osDiskSizeGb": 128}],
    "id": "/subscriptions/0/resourcegroups/NetworkLab/providers/Microsoft.ContainerService/managedClusters/one",
    "linuxProfile": {"adminUsername": "azureuser", "ssh": {"publicKeys": [{"keyData": "ssh-rsa AAAA"}]}},
    "name": "one",
    "networkProfile": PROFILE,
    "resourceGroup": "NetworkLab",
    "servicePrincipalProfile": {"clientId": "0-0", "secret": "not-to-be-kept"},
}
SHOWN = AksCluster(
    command="show",
    name="one",
    resource_group="NetworkLab",
    network_plugin="azure",
    network_plugin_mode="overlay",
    network_policy="calico",
    network_dataplane="azure",
    pod_cidrs=(ip_network("10.244.0.0/16"),),
    service_cidrs=(ip_network("10.0.0.0/16"),),
    dns_service_ip=ip_address("10.0.0.10"),
)


def declared(text: str) -> list[AksCluster]:
    return [record for node in read(text).nodes for record in node.declarations]


# --- what Azure answers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("indent", [None, 2, 4])
def test_show(indent: int | None) -> None:
    result = parse_az_aks(json.dumps(CLUSTER, indent=indent), strict=True)
    assert list(result) == [SHOWN]
    assert "not-to-be-kept" not in result[0].model_dump_json()


def test_list() -> None:
    result = parse_az_aks(json.dumps([CLUSTER, {**CLUSTER, "name": "two"}], indent=2), strict=True)
    assert [row.name for row in result] == ["one", "two"]
    assert result[0] == SHOWN


def test_as_the_interface_of_azure_prints_it() -> None:
    value = {"id": CLUSTER["id"], "name": "one", "properties": {"networkProfile": PROFILE}}
    assert list(parse_az_aks(json.dumps(value, indent=2), strict=True)) == [SHOWN]


def test_a_query() -> None:
    result = parse_az_aks(json.dumps(PROFILE, indent=2), strict=True)
    assert list(result) == [SHOWN.model_copy(update={"name": None, "resource_group": None})]


def test_null_says_that_there_is_none() -> None:
    [row] = parse_az_aks('{"networkPlugin": "kubenet", "networkPluginMode": null, "networkPolicy": null}', strict=True)
    assert (row.network_plugin_mode, row.network_policy, row.network_dataplane) == ("none", "none", None)


def test_what_grep_leaves() -> None:
    text = '    "networkPlugin": "azure",\n    "networkPluginMode": null,\n    "networkPolicy": "calico",\n'
    [row] = parse_az_aks(text, strict=True)
    assert (row.network_plugin, row.network_plugin_mode, row.network_policy) == ("azure", "none", "calico")
    assert row.source == (None, 1, 3)


@pytest.mark.parametrize("text", ["hello\n", '{"kind": "Pod"}\n', '{"name": "x", "networkProfile": null}\n'])
def test_what_is_no_cluster_is_handed_back(text: str) -> None:
    result = parse_az_aks(json.dumps(CLUSTER) + "\n" + text)
    assert (list(result), [line.line for line in result.unparsed]) == ([SHOWN], [2])


@pytest.mark.parametrize("call", ["azureuser@shell:~$ az aks show -n one -g NetworkLab\n", "The cluster is this.\n\n"])
@pytest.mark.parametrize("value", [CLUSTER, [CLUSTER], PROFILE])
def test_it_is_found_by_its_call_and_by_its_look(call: str, value: Any) -> None:
    [node] = read(call + json.dumps(value, indent=2) + "\n").nodes
    assert [parsed.command for parsed in node.captures] == ["az aks"]
    assert [row.network_policy for row in node.declarations] == ["calico"]
    assert node.captures[0].result.unparsed == ()


# --- what a call orders -----------------------------------------------------------------------------------------------

CREATE = (
    "az aks create -g NetworkLab -n one --network-plugin azure --network-policy=calico --network-plugin-mode overlay "
    "--network-dataplane azure --pod-cidr 10.244.0.0/16 --service-cidr 10.0.0.0/16 --dns-service-ip 10.0.0.10"
)
ORDERED = SHOWN.model_copy(update={"command": "create"})


def folded(text: str, mark: str) -> str:
    head, *options = text.split(" -")
    return f" {mark}\n".join([head, *(f"    -{option}" for option in options)])


@pytest.mark.parametrize(
    "text",
    [
        CREATE,
        f"# {CREATE}",
        f"azureuser@shell:~$ {CREATE}",
        folded(CREATE, "\\"),
        folded(CREATE, "`"),
        f"PS C:\\Users\\me> {folded(CREATE, '`')}",
        CREATE.replace("-n ", "--name=").replace("-g ", "--resource-group "),
        CREATE.replace("--", "–"),
        f"RG=NetworkLab\nNAME=one\n{CREATE.replace('NetworkLab', '$RG').replace('-n one', '-n ${NAME}')}",
        f'$rg = "NetworkLab"\n{folded(CREATE.replace("NetworkLab", "$rg"), "`")}',
        f"az group create -n NetworkLab -l eastus && {CREATE} --no-wait",
        f"{CREATE} > /dev/null",
        f"{CREATE} -o none",
        f"{CREATE} | jq .id",
    ],
)
@pytest.mark.parametrize("after", ["\n", "\n\nThat takes a while.\n", "\nkubectl get nodes\n"])
def test_a_call_is_a_fact(text: str, after: str) -> None:
    assert declared(text + after) == [ORDERED]


def test_a_long_call() -> None:
    more = "".join(f" --label-{number} x" for number in range(30))
    assert declared(folded(CREATE.replace("create", f"create{more}"), "\\") + "\n") == [ORDERED]


def test_what_it_prints_is_a_fact_too() -> None:
    text = f"azureuser@shell:~$ {CREATE}\n / Running ..\n{json.dumps(CLUSTER, indent=2)}\nazureuser@shell:~$ exit\n"
    assert declared(text) == [ORDERED, SHOWN]
    [node] = read(text).nodes
    assert [line for parsed in node.captures for line in parsed.result.unparsed] == []


def test_the_words_of_a_call_are_no_capture_of_a_node() -> None:
    [node] = read(f"{CREATE}\n").nodes
    assert (node.interfaces, node.routes, node.complete) == (None, None, frozenset())


@pytest.mark.parametrize(
    "text", ["az aks create --help\n", "az aks delete -n one\n", "az aks nodepool add -n x --cluster-name one\n"]
)
def test_other_calls_say_nothing(text: str) -> None:
    assert read(text).nodes == ()


def test_what_cannot_be_told_is_not_said() -> None:
    [row] = declared("az aks create -n $CLUSTER -g <group> --network-plugin $PLUGIN --pod-cidr nowhere\n")
    assert row == AksCluster(command="create")


# --- secrets ----------------------------------------------------------------------------------------------------------

SECRET = "s3cr3t-do-not-keep"
WITH_SECRET = [
    f"--client-secret {SECRET}",
    f"--client-secret={SECRET}",
    f"--client-secret '{SECRET} and more'",
    f'--client-secret "{SECRET} \\" {SECRET}"',
    f"--client-secret “{SECRET}”",
    f"–client-secret {SECRET}",
    f"--client-sec {SECRET}",
    f"--client-secret a'{SECRET}'",
    f"--service-principal 1 --client-secret {SECRET}",
    f"--ssh-key-value 'ssh-rsa {SECRET} me@here'",
    f"--windows-admin-password {SECRET}",
    f"--aad-server-app-secret {SECRET}",
    f"--unheard-of {SECRET}",
    f"--client-secret $X{SECRET}",
    f"--client-secret a&{SECRET}",
    f"--client-secret a>{SECRET}",
    f"--tags owner={SECRET} {SECRET}",
    f"--client-secret \\\n   {SECRET} \\\n ",
    f"--client-secret `\n   {SECRET} `\n ",
]


def everything(node: Node) -> str:
    kept = [parsed.capture for parsed in node.captures]
    cited = [line for parsed in node.captures for record in parsed.result for line in node.lines(record)]
    rest = [line for parsed in node.captures for line in (*parsed.result.unparsed, *parsed.result.passed_over)]
    return f"{node!r} {kept!r} {cited!r} {rest!r}"


@pytest.mark.parametrize("option", WITH_SECRET)
@pytest.mark.parametrize("place", [0, 1])
def test_no_secret_is_kept(option: str, place: int) -> None:
    words = ["az aks create", "-n one --network-policy calico"]
    words.insert(1 + place, option)
    text = " ".join(words) + "\n"
    [node] = read(text).nodes
    assert SECRET not in everything(node)
    if "&" not in option:  # where the shell ends the call
        assert [(row.name, row.network_policy) for row in node.declarations] == [("one", "calico")]
    assert SECRET not in repr(list(parse_az_aks(text)))


def test_no_secret_of_another_call_on_the_line_is_kept() -> None:
    text = f"SECRET={SECRET} az login -p {SECRET} && az aks create -n one --network-policy calico && x -p {SECRET}\n"
    [node] = read(text).nodes
    assert SECRET not in everything(node)
    assert [row.network_policy for row in node.declarations] == ["calico"]


def test_what_is_harmless_is_shown_as_it_stands() -> None:
    text = "az aks create \\\n  -g $RG -n one \\\n  --network-plugin azure \\\n  --generate-ssh-keys\n"
    [node] = read(text).nodes
    assert "\n".join(node.captures[0].capture.lines) + "\n" == text


# --- calls ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "claimed"),
    [
        ("az aks show -n one -g two", True),
        ("az aks show -n one -g two --query networkProfile -o json", True),
        ("az aks show -n one -g two -o table", False),
        ("az aks show -n one --output=tsv", False),
        ("az aks list", True),
        ("az aks create -n one -o table", True),
        ("az aks update -n one", True),
        ("az aks get-credentials -n one", True),
        ("az aks nodepool list", False),
        ("az aks", False),
        ("az group create -n one", False),
        ("kubectl get nodes", False),
    ],
)
def test_calls(call: str, claimed: bool) -> None:
    assert AZ_AKS.claims(tuple(call.split())) is claimed


@pytest.mark.parametrize(
    "unit", ["az aks list\n", "az aks create \\\n", "--x $( ", '--x "', "--x a=", "\u2013x ", "{", '{"a":', "[[", "`\n"]
)
def test_hostile_text_is_no_work(unit: str) -> None:
    for text in (unit * (50_000 // len(unit)), "az aks create -n one " + unit * (50_000 // len(unit))):
        begun = time.process_time()
        parse_az_aks(text)
        read(text)
        assert time.process_time() - begun < 5
