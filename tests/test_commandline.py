"""Command lines as people paste them: prompts, wrappers, pipes; and prose that only looks like one."""

from __future__ import annotations

import time

import pytest

from aksnet_parse.commandline import CommandLine, Invocation, read_command_line


def _read(line: str) -> CommandLine:
    found = read_command_line(line)
    assert found is not None, line
    return found


def _call(line: str) -> Invocation:
    (invocation,) = _read(line).invocations
    return invocation


@pytest.mark.parametrize(
    ("line", "host"),
    [
        ("azureuser@aks-nodepool1-12345678-0:~$ brctl show", "aks-nodepool1-12345678-0"),
        ("root@node:/# brctl show", "node"),
        ("root@node:/#brctl show", "node"),
        ("aks-nodepool1-12345678-vmss000005:/# brctl show", "aks-nodepool1-12345678-vmss000005"),
        ("[root@aks-1 ~]# brctl show", "aks-1"),
        ("(base) me@aks-1:~/logs$ brctl show", "aks-1"),
        ("/ # brctl show", None),
        ("~ $ brctl show", None),
        ("sh-5.1# brctl show", None),
        ("bash-4.2$ brctl show", None),
        ("$ brctl show", None),
        ("# brctl show", None),
        ("PS C:\\Users\\me> brctl show", None),
        ("❯ brctl show", None),
        ("brctl show", None),
        ("  brctl show  ", None),
    ],
)
def test_prompts(line: str, host: str | None) -> None:
    assert _call(line).argv == ("brctl", "show")
    assert _read(line).host == host


def test_a_lone_prompt() -> None:
    assert _read("root@node:/#") == CommandLine("root@node:/#", "node", (), {})


@pytest.mark.parametrize(
    ("line", "argv", "namespace"),
    [
        ("ip a", ("ip", "a"), "host"),
        ("/sbin/ip addr", ("ip", "addr"), "host"),
        ("sudo -u root /usr/sbin/ip address show", ("ip", "address", "show"), "host"),
        ("LANG=C sudo ip addr list", ("ip", "addr", "list"), "host"),
        ("sudo nsenter -t 16315 -n ip addr", ("ip", "addr"), "pid:16315"),
        ("nsenter -n -t 16315 -- ip addr", ("ip", "addr"), "pid:16315"),
        ("nsenter -t16315 -n ip addr", ("ip", "addr"), "pid:16315"),
        ("nsenter -nt 16315 ip addr", ("ip", "addr"), "pid:16315"),
        ("nsenter --target=16315 --net ip addr", ("ip", "addr"), "pid:16315"),
        ("nsenter --net=/proc/16315/ns/net ip addr", ("ip", "addr"), "pid:16315"),
        ("nsenter --net=/var/run/netns/cni-1 ip addr", ("ip", "addr"), "netns:cni-1"),
        ("nsenter -t 1 -m -u -i -n -p -- ip addr", ("ip", "addr"), "host"),
        ("nsenter -t 16315 -m ip addr", ("ip", "addr"), "host"),
        ("sudo nsenter –t 16315 –n ip addr", ("ip", "addr"), "pid:16315"),
        ("ip netns exec cni-1 ip addr", ("ip", "addr"), "netns:cni-1"),
        ("ip -n cni-1 addr", ("ip", "-n", "cni-1", "addr"), "netns:cni-1"),
        ("docker exec -it 0b7c7a46ade1 ip addr", ("ip", "addr"), "container:0b7c7a46ade1"),
        ("docker exec -u 0 -i 0b7c7a46ade1 /sbin/ip addr", ("ip", "addr"), "container:0b7c7a46ade1"),
        ("crictl exec 0b7c7a46ade1 ip addr", ("ip", "addr"), "container:0b7c7a46ade1"),
        ("docker run --rm --net=container:web busybox ip addr", ("ip", "addr"), "container:web"),
        ("kubectl exec -it nginx-1 -n web -- ip addr", ("ip", "addr"), "pod:web/nginx-1"),
        ("kubectl -n web exec pod/nginx-1 -c app -- ip addr", ("ip", "addr"), "pod:web/nginx-1"),
        ("kubectl exec nginx-1 ip addr", ("ip", "addr"), "pod:nginx-1"),
        ("chroot /host ip addr", ("ip", "addr"), "host"),
        ("busybox ip addr", ("ip", "addr"), "host"),
        ("sudo sh -c 'route -n'", ("route", "-n"), "host"),
        ("ssh azureuser@10.0.0.4 sudo nsenter -t 7 -n ip addr", ("ip", "addr"), "pid:7"),
        (
            "nsenter -t $(docker inspect -f '{{.State.Pid}}' 0b7c7a46ade1) -n ip addr",
            ("ip", "addr"),
            "container:0b7c7a46ade1",
        ),
        (
            "docker inspect --format ‘{{ .State.Pid }}’ 0b7c7a46ade1",
            ("docker", "inspect", "--format", "{{ .State.Pid }}", "0b7c7a46ade1"),
            "host",
        ),
    ],
)
def test_wrappers(line: str, argv: tuple[str, ...], namespace: str) -> None:
    call = _call(line)
    assert (call.argv, call.namespace) == (argv, namespace)
    assert not call.filtered
    assert not call.hidden


def test_pipes_and_redirections() -> None:
    assert _call("docker inspect 0b7c7a46ade1|grep Pid").filtered
    assert _call("ip addr | head -20").filtered
    assert not _call("ip addr | tee out.txt").filtered
    assert not _call("ip addr | less").filtered
    assert not _call("ip addr 2>/dev/null").hidden
    assert not _call("ip addr 2>&1 | less").hidden
    assert _call("ip addr > out.txt").hidden


def test_several_commands_on_a_line() -> None:
    calls = _read("ip addr; brctl show && route -n").invocations
    assert [call.argv for call in calls] == [("ip", "addr"), ("brctl", "show"), ("route", "-n")]
    calls = _read('kubectl exec nginx -- sh -c "ip addr; ip route"').invocations
    assert [(call.argv[1], call.namespace) for call in calls] == [("addr", "pod:nginx"), ("route", "pod:nginx")]


def test_the_node_a_wrapper_names() -> None:
    call = _call("kubectl debug node/aks-1 -it --image=busybox -- chroot /host ip addr")
    assert (call.node, call.namespace, call.remote, call.argv) == ("aks-1", "host", True, ("ip", "addr"))
    assert _call("ssh azureuser@aks-2 ip addr").node == "aks-2"


@pytest.mark.parametrize(
    ("line", "namespace"),
    [
        ("sudo nsenter -t 16315 -n bash", "pid:16315"),
        ("docker exec -it 0b7c7a46ade1 sh", "container:0b7c7a46ade1"),
        ("kubectl exec -it nginx-1 -- /bin/sh", "pod:nginx-1"),
    ],
)
def test_an_interactive_shell(line: str, namespace: str) -> None:
    call = _call(line)
    assert (call.argv, call.namespace) == ((), namespace)


def test_variables() -> None:
    assert _read("PID=$(docker inspect -f '{{.State.Pid}}' 0b7c)").assigns == {"PID": "container:0b7c"}
    for line in ("nsenter -t $PID -n ip addr", "nsenter -t ${PID} -n ip addr"):
        found = read_command_line(line, {"PID": "4711"})
        assert found is not None
        assert found.invocations[0].namespace == "pid:4711"


@pytest.mark.parametrize("line", ["# Check the bridge networks on the host", "## Routes", "#"])
def test_a_comment_is_no_command(line: str) -> None:
    assert _read(line).invocations == ()


@pytest.mark.parametrize(
    "line",
    [
        "Overview",
        "Azure CNI",
        "route everything through the firewall",
        "bridge mode is what we want",
        "    bridge forward_delay 1500 hello_time 200",
        "ip forwarding has to be on",
        "docker is gone since 1.19",
        "time to look at the routes",
        "So you should be able to see it: there is no bridge.",
        "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000",
        "    inet 10.220.2.4/24 brd 10.220.2.255 scope global eth0",
        "10.220.2.0      0.0.0.0         255.255.255.0   U     0      0        0 eth0",
        "docker0     8000.0242107e030e   no",
        '            "Pid": 16315,',
        "-g $RG \\",
        "",
    ],
)
def test_prose_and_output_are_no_command_lines(line: str) -> None:
    assert read_command_line(line) is None


@pytest.mark.parametrize(
    "unit", ["a ", "sudo ", "$(", "`", '"', "'", "| ", "; ", "{{", "x=", "a@", "/", "nsenter -t 1 "]
)
def test_a_hostile_line_takes_no_longer_than_its_length(unit: str) -> None:
    started = time.perf_counter()
    for prefix in ("", "$ ", "sudo ", "root@node:~# ", "PID="):
        read_command_line(prefix + unit * (1_000_000 // len(unit)))
        read_command_line(prefix + unit * (8_000 // len(unit)))
    assert time.perf_counter() - started < 5
