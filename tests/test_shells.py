"""Shells that nobody was seen to leave, commands that nobody ran, and the node that output is of."""

from __future__ import annotations

import pytest

from aksnet_parse import COMMANDS
from aksnet_parse.transcript import Capture, find_captures


def captures(text: str) -> list[Capture]:
    return find_captures(text, COMMANDS)


INSIDE = (
    "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN qlen 1000\n"
    "    inet 127.0.0.1/8 scope host lo\n"
    "7: eth0@if8: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP qlen 1000\n"
    "    inet 10.9.0.55/24 scope global eth0\n"
)
BRIDGES = "bridge name\tbridge id\t\tSTP enabled\tinterfaces\nazure0\t\t8000.000d3a000001\tno\t\tazv00000000001\n"


@pytest.mark.parametrize(
    ("enter", "inside", "outside", "left"),
    [
        ("$ kubectl exec -it web-1 -- sh", "/ # ", "me@k8s-pool1-11111111-vmss000000:~$ ", True),
        ("me@jump:~$ kubectl exec -it web-1 -- sh", "/ # ", "root@k8s-pool1-11111111-vmss000000:/# ", True),
        ("$ docker exec -it 0b7c7a46ade1 sh", "/ # ", "me@k8s-pool1-11111111-vmss000000:~$ ", True),
        ("$ docker exec -it 0b7c7a46ade1 bash", "root@0b7c7a46ade1:/# ", "me@k8s-pool1-11111111-vmss000000:~$ ", True),
        ("$ kubectl exec -it web-1 -n demo -- bash", "root@web-1:/# ", "me@k8s-pool1-11111111-vmss000000:~$ ", True),
        ("$ kubectl exec -it web-1 -n demo -- bash", "root@web-1:/# ", "root@web-1:/app# ", False),
        ("$ kubectl exec -it web-1 -- bash", "bash-5.1# ", "bash-5.1# ", False),
        ("$ kubectl exec -it web-1 -- sh", "/ # ", "~ # ", False),
    ],
)
def test_a_prompt_of_another_host_is_the_host_again(enter: str, inside: str, outside: str, left: bool) -> None:
    found = captures(f"{enter}\n{inside}ip addr\n{INSIDE}\nNow on the node:\n\n{outside}brctl show\n{BRIDGES}")
    assert [capture.command.name for capture in found] == ["ip addr", "brctl show"]
    assert found[0].namespace != "host"
    if left:
        assert (found[1].namespace, found[1].node) == ("host", "k8s-pool1-11111111-vmss000000")
    else:
        assert found[1].namespace == found[0].namespace


NODE = "azureuser@aks-np-12345678-vmss000000:~$ "
OTHER = "azureuser@aks-np-12345678-vmss000001:~$ "
ROOT = "root@aks-np-12345678-vmss000000:/# "


@pytest.mark.parametrize(
    ("lines", "where"),
    [
        # Nothing was done inside: the prompt around it is back.
        ([f"{NODE}docker exec -it 0b7c7a46ade1 sh"], ("host", 0)),
        (["me@jump:~$ kubectl exec -it deploy/web -- bash"], ("host", 0)),
        # A shell in a network namespace has the host's name: another is another machine's.
        ([f"{NODE}sudo nsenter -t 55 -n bash", f"{ROOT}ip addr", INSIDE], ("host", 1)),
        ([f"{NODE}sudo ip netns exec cni-1 bash", f"{ROOT}ip addr", INSIDE], ("host", 1)),
        ([f"me@jump:~$ ssh {NODE[:-4]}", f"{ROOT}nsenter -t 55 -n sh", "# ip addr", INSIDE], ("host", 1)),
        # ... and its own is no other.
        ([f"{NODE}sudo nsenter -t 55 -n bash", f"{ROOT}ip addr", INSIDE, f"{ROOT}ip neigh"], ("pid:55", 0)),
        ([f"{NODE}sudo nsenter -t 55 -n bash", f"{ROOT}ip addr", INSIDE, f"{ROOT}su - azureuser"], ("pid:55", 0)),
        # A host called by its full name, and by as much of a name as it can have.
        (["$ kubectl exec -it web-0 -- bash", "root@web-0.web.default.svc:/# ip addr", INSIDE], ("pod:web-0", None)),
        (
            [f"$ kubectl exec -it {'web-' * 20} -- bash", f"root@{'web-' * 15}web:/# ip addr"],
            (f"pod:{'web-' * 20}", None),
        ),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_where_a_shell_is(lines: list[str], where: tuple[str, int | None], end: str) -> None:
    namespace, number = where
    prompt = "me@jump:~$ " if "jump" in lines[0] and number == 0 else [NODE, OTHER][number or 0]
    if namespace == "pid:55":
        prompt = ROOT if "su -" not in lines[-1] else NODE
    elif number is None:
        prompt = lines[1].partition(" ")[0] + " "
    text = "\n".join([*(line.rstrip("\n") for line in lines), f"{prompt}brctl show", BRIDGES])
    found = captures(text.replace("\n", end))[-1]
    assert (found.command.name, found.namespace) == ("brctl show", namespace)
    if number is not None:
        assert found.node == ("jump" if "jump" in prompt else prompt.partition("@")[2].partition(":")[0])


def test_a_prompt_in_backticks_is_a_prompt() -> None:
    found = captures(
        f"`$ kubectl exec -it web-1 -- sh`\n\n```\n/ # ip addr\n{INSIDE}```\n\n"
        f"`{NODE}brctl show`:\n\n```\n{BRIDGES}```\n"
    )
    assert [(one.namespace, one.node) for one in found] == [
        ("pod:web-1", None),
        ("host", "aks-np-12345678-vmss000000"),
    ]


@pytest.mark.parametrize("prompt", ["", "$ ", "# "])
def test_commands_of_a_list_were_never_run(prompt: str) -> None:
    table = "NAME     STATUS   ROLES    AGE     VERSION\nnode-1   Ready    <none>   11h     v1.29.7\n"
    for listed in ("ip route show\niptables -L -t nat", "brctl show\nip route", "route -n\n\nip route"):
        lines = "\n".join(f"{prompt}{line}" if line else "" for line in listed.split("\n"))
        found = captures(f"{prompt}kubectl get no\n{table}\n## worth trying on the node\n{lines}\n")
        assert [capture.command.name for capture in found] == ["kubectl get nodes"]


def test_silence_between_prompts_of_a_host_is_an_answer() -> None:
    prompt = "root@aks-1:/# "
    found = captures(f"{prompt}brctl show\n{prompt}ip route\n{prompt}ip addr\n{INSIDE}{prompt}\n")
    assert [capture.command.name for capture in found] == ["brctl show", "ip route", "ip addr"]


SCALE_SET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/aks-np-12345678-vmss"
INVOKE = "az vmss run-command invoke -g MC_x --command-id RunShellScript"
TABLE = "default via 10.9.0.1 dev eth0\n10.9.0.0/16 dev eth0 proto kernel scope link src 10.9.0.4\n"


@pytest.mark.parametrize(
    ("call", "node"),
    [
        ('kubectl aks run-command "ip route" --node aks-pool-11111111-vmss000000', "aks-pool-11111111-vmss000000"),
        ('kubectl aks run-command --node aks-pool-1-vmss000000 "ip route"', "aks-pool-1-vmss000000"),
        ('kubectl-aks run-command "sudo ip route" --node=aks-pool-1-vmss000000', "aks-pool-1-vmss000000"),
        (f"{INVOKE} -n aks-np-12345678-vmss --instance-id 0 --scripts 'ip route'", "aks-np-12345678-vmss000000"),
        (f"{INVOKE} --name aks-np-12345678-vmss --instance-id 47 --scripts 'ip route'", "aks-np-12345678-vmss00001b"),
        ("kubectl debug node/aks-np-12345678-vmss000001 -it --image=x -- ip route", "aks-np-12345678-vmss000001"),
        ("kubectl node-shell aks-np-12345678-vmss000001 -- ip route", "aks-np-12345678-vmss000001"),
        ("ssh azureuser@aks-np-12345678-vmss000001 ip route", "aks-np-12345678-vmss000001"),
        (
            'kubectl aks run-command "ip route" --vmss aks-np-12345678-vmss --instance-id 5',
            "aks-np-12345678-vmss000005",
        ),
        (f'kubectl aks run-command "ip route" --id {SCALE_SET}/virtualmachines/11', "aks-np-12345678-vmss00000b"),
        ('kubectl aks run-command "ip route" --runtime kube-api --node aks-np-1-vmss000000', "aks-np-1-vmss000000"),
        (f"{INVOKE} --name=aks-np-12345678-vmss --instance-id=10 --scripts 'ip route'", "aks-np-12345678-vmss00000a"),
        ("az vm run-command invoke -g g -n aks-np-12345678-0 --scripts 'ip route'", "aks-np-12345678-0"),
        ("kubectl-node_shell aks-np-12345678-vmss000001 -- ip route", "aks-np-12345678-vmss000001"),
        ("kubectl exec node-debugger-aks-np-12345678-vmss000001-x7k2p -- ip route", "aks-np-12345678-vmss000001"),
    ],
)
def test_a_call_names_the_node_it_runs_on(call: str, node: str) -> None:
    text = f"$ {call}\nRunning...\n\n[stdout]\n{TABLE}\n[stderr]\n"
    [capture] = captures(text)
    assert (capture.command.name, capture.node) == ("ip route", node)


@pytest.mark.parametrize("prompt", ["$ ", "", "me@jump:~$ "])
@pytest.mark.parametrize("call", ["config use-node", "use-node"])
def test_the_node_that_a_call_before_chose(prompt: str, call: str) -> None:
    chosen, other = "aks-np-12345678-vmss000000", "aks-np-12345678-vmss000001"
    text = (
        f"{prompt}kubectl aks {call} {chosen}\n{prompt}kubectl aks run-command 'ip route'\n{TABLE}"
        f"{prompt}kubectl aks run-command 'ip route' --node {other}\n{TABLE}"
        f"{prompt}kubectl aks run-command 'ip route' --vmss x --instance-id 1\n{TABLE}"
    )
    assert [capture.node for capture in captures(text)] == [chosen, other, None]


@pytest.mark.parametrize(
    "call", ["./deploy.sh 'hunter2 and more'", "/usr/bin/python3 -c 'import os'", "~/bin/x --note 'see ip route'"]
)
def test_a_sentence_given_to_a_program_is_no_script(call: str) -> None:
    assert captures(f"$ {call}\n{TABLE}")[0].call is None


@pytest.mark.parametrize(
    ("call", "order"),
    [
        ('./exec-all.sh bash -c "ip route && hostname && echo"', "after"),
        ("for n in a b; do ssh $n 'ip route; hostname'; done", "after"),
        ('./on-each.sh sh -c "hostname; ip route"', "before"),
        ("./on-each 'hostname -f && ip route'", "before"),
        ("~/bin/on-each 'ip route; uname -n'", "after"),
        ("for n in 1 2; do ssh $n 'cat /etc/hostname; ip route'; done", "before"),
        ("for n in 1 2; do ssh $n 'ip route; echo $HOSTNAME'; done", "after"),
    ],
)
def test_a_line_that_is_a_host_name_names_the_output_beside_it(call: str, order: str) -> None:
    other = TABLE.replace("10.9.0.4", "10.9.0.35")
    first, second = "aks-pool-11111111-vmss000001\n", "aks-pool-11111111-vmss000000\n"
    parts = [other, first, "\n", TABLE, second] if order == "after" else [first, other, "\n", second, TABLE]
    found = captures(f"❯ {call}\n{''.join(parts)}")
    assert [capture.node for capture in found] == [first.strip(), second.strip()]
    assert all(len([line for line in capture.lines if line]) == 2 for capture in found)
