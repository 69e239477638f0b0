"""Command lines as people paste them: prompts, wrappers, pipes; and prose that only looks like one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aksnet_parse.commandline import CommandLine, Invocation, joined, read_command_line, unfinished


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
        ("PS /home/me> brctl show", None),  # Azure Cloud Shell
        ("PS Azure:\\> brctl show", None),
        ("PS ~> brctl show", None),
        ("❯ brctl show", None),
        ("brctl show", None),
        ("  brctl show  ", None),
        ("azureuser@aks-1 [ ~ ]$ brctl show", "aks-1"),  # Azure Linux
        ("root [ / ]# brctl show", None),
        ("azureuser@aks-1:~/net (main)$ brctl show", "aks-1"),
        ("(aks:prod) me@aks-1 ~ % brctl show", "aks-1"),
        ("me@aks-1 ~> brctl show", "aks-1"),
        ("└─$ brctl show", None),
        ("➜ brctl show", None),
        ("➜  ~ brctl show", None),
        ("➜  my.repo git:(main) brctl show", None),
        ("➜  my.repo git:(main) ✗ brctl show", None),
        ("aks-1# brctl show", "aks-1"),
        ("aks-1$ brctl show", "aks-1"),
        ("aks-1:~ # brctl show", "aks-1"),
        ("root# brctl show", None),
        ("Command: brctl show", None),
        ("Output of `brctl show`:", None),
        ("Output of “brctl show”", None),
        ("C:\\Users\\me>brctl show", None),
        ("#brctl show", None),
        ("## brctl show", None),
        ("+ brctl show", None),
        ("++ brctl show", None),
        ("`brctl show`", None),
        ("`brctl show`:", None),
        ("**brctl show**", None),
        ("=== brctl show ===", None),
        ("---- brctl show ----", None),
    ],
)
def test_prompts(line: str, host: str | None) -> None:
    assert _call(line).argv == ("brctl", "show")
    assert _read(line).host == host


@pytest.mark.parametrize("line", ["root@0b7c7a46ade1:/# ip addr", "[root@0b7c7a46ade1 /]# ip addr"])
def test_a_prompt_that_names_a_container(line: str) -> None:
    assert _call(line).namespace == "container:0b7c7a46ade1"
    assert _read(line).host is None
    # Where the shell was entered, more is known.
    found = read_command_line(line, namespace="pid:16315")
    assert found is not None
    assert found.invocations[0].namespace == "pid:16315"


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
        ("ssh -i key -o StrictHostKeyChecking=no azureuser@aks-1 'ip addr'", ("ip", "addr"), "host"),
        ("su -c 'ip addr'", ("ip", "addr"), "host"),
        ("sudo -E -u root ip addr", ("ip", "addr"), "host"),
        ("timeout 5 ip addr", ("ip", "addr"), "host"),
        ("time sudo ip addr", ("ip", "addr"), "host"),
        ("watch -n 1 ip addr", ("ip", "addr"), "host"),
        ("watch -n1 'ip addr'", ("ip", "addr"), "host"),
        ("sudo bash -lc 'ip addr'", ("ip", "addr"), "host"),
        ("nsenter -at 16315 ip addr", ("ip", "addr"), "pid:16315"),
        ("nsenter -n/proc/16315/ns/net ip addr", ("ip", "addr"), "pid:16315"),
        (
            "nsenter --net=/proc/$(docker inspect -f '{{.State.Pid}}' web)/ns/net ip addr",
            ("ip", "addr"),
            "container:web",
        ),
        ("nsenter -t $(crictl inspect 0b7c | jq .info.pid) -n ip addr", ("ip", "addr"), "container:0b7c"),
        ("nsenter -t `docker inspect -f {{.State.Pid}} 0b7c` -n ip addr", ("ip", "addr"), "container:0b7c"),
        ("PID=$(docker inspect -f '{{.State.Pid}}' web); nsenter -t $PID -n ip addr", ("ip", "addr"), "container:web"),
        ("nsenter -t $PID -n ip addr", ("ip", "addr"), "pid:$PID"),
        ("nsenter -t $(pgrep nginx) -n ip addr", ("ip", "addr"), "pod"),
        ("nsenter -t $(ps aux | awk '/(nginx)/ {print $2}') -n ip addr", ("ip", "addr"), "pod"),
        ("docker exec $(docker ps -qf name=web) ip addr", ("ip", "addr"), "pod"),
        ("docker exec –it 0b7c ip addr", ("ip", "addr"), "container:0b7c"),
        ("podman exec web ip addr", ("ip", "addr"), "container:web"),
        ("nerdctl -n k8s.io exec 0b7c ip addr", ("ip", "addr"), "container:0b7c"),
        ("docker run --rm busybox ip addr", ("ip", "addr"), "pod"),
        ("docker run --rm --net=host busybox ip addr", ("ip", "addr"), "host"),
        ("docker run --pid=host --privileged debian nsenter -t 1 -n ip addr", ("ip", "addr"), "host"),
        ("kubectl exec deploy/web -- ip addr", ("ip", "addr"), "pod"),
        ("kubectl exec –it web — ip addr", ("ip", "addr"), "pod:web"),
        ("kubectl run -it --rm tmp --image=busybox -- ip addr", ("ip", "addr"), "pod:tmp"),
        ("oc rsh web ip addr", ("ip", "addr"), "pod:web"),
        ("oc debug node/aks-1 -- chroot /host ip addr", ("ip", "addr"), "host"),
        ("kubectl node-shell aks-1 -- ip addr", ("ip", "addr"), "host"),
        ("ip a # what is there", ("ip", "a"), "host"),
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


@pytest.mark.parametrize(
    ("line", "argv", "namespace"),
    [
        ("docker ps -q | xargs docker inspect -f x", ("docker", "inspect", "-f", "x", "$()"), "host"),
        ("docker ps -q | sudo xargs -n 1 docker inspect", ("docker", "inspect", "$()"), "host"),
        ("docker ps -q | grep x | xargs -I {} docker exec {} ip a", ("ip", "a"), "pod"),
        ("cat pids | xargs -I% sudo nsenter -t % -n ip a", ("ip", "a"), "pod"),
    ],
)
def test_what_xargs_calls(line: str, argv: tuple[str, ...], namespace: str) -> None:
    call = _call(f"$ {line}")
    assert (call.argv, call.namespace, call.repeated) == (argv, namespace, True)
    assert (call.hidden, call.filtered) == (False, False)
    assert _call(f"$ {line} | grep x").filtered
    assert _call(f"$ {line} > x").hidden


def test_two_dashes_before_a_remote_command() -> None:
    call = _call("ssh -J bastion azureuser@aks-1 -- sudo ip a")
    assert (call.argv, call.node, call.remote) == (("ip", "a"), "aks-1", True)


def test_what_a_shell_is_given_to_read_it_runs() -> None:
    lines = ["$ ssh aks-1 <<'EOF' | tee x", "# first", "ip addr", "for p in 7 8; do"]
    lines += ['  nsenter -t "$p" -n ip a', "done", "EOF"]
    assert unfinished([*lines, "ip addr"]) == 6
    command_line = _read(joined(lines))
    assert [(call.argv, call.node, call.namespace) for call in command_line.invocations] == [
        (("ip", "addr"), "aks-1", "host"),
        (("ip", "a"), "aks-1", "pid:7"),
        (("ip", "a"), "aks-1", "pid:8"),
    ]
    assert _call("$ sudo bash <<< 'ip addr'").argv == ("ip", "addr")
    # What other programs are given they do not run, and a document without end was cut off, or is none.
    assert _call(joined(["$ cat > x.sh <<EOF", "ip addr", "EOF"])).argv == ("cat",)
    assert unfinished(["$ cat > x.sh <<EOF", "ip addr"]) == 0


def test_scripts_that_azure_runs() -> None:
    line = "az vmss run-command invoke -g rg -n x --command-id RunShellScript --scripts 'ip addr; route -n' -o tsv"
    calls = _read(f"me@laptop:~$ {line}").invocations
    assert [(call.argv, call.namespace, call.node, call.remote) for call in calls] == [
        (("ip", "addr"), "host", None, True),
        (("route", "-n"), "host", None, True),
    ]
    call = _call('az aks command invoke -g rg -n aks --command "kubectl exec web-0 -n shop -- ip addr"')
    assert (call.argv, call.namespace, call.remote) == (("ip", "addr"), "pod:shop/web-0", True)
    assert _call("az aks show -g rg -n aks -o json").argv[0] == "az"


@pytest.mark.parametrize(
    ("line", "namespace", "argv"),
    [
        ("sudo nsenter -t <pid> -n ip addr", "pid:<pid>", ("ip", "addr")),
        ("docker exec <container id> ip addr", "container:<container id>", ("ip", "addr")),
        ("kubectl exec <pod-name> -n <namespace> -- ip addr", "pod:<namespace>/<pod-name>", ("ip", "addr")),
        ("docker inspect -f x <container>", "host", ("docker", "inspect", "-f", "x", "<container>")),
        ("ip addr <in", "host", ("ip", "addr")),
    ],
)
def test_the_gap_that_a_how_to_leaves_is_no_redirection(line: str, namespace: str, argv: tuple[str, ...]) -> None:
    call = _call(line)
    assert (call.namespace, call.argv, call.hidden) == (namespace, argv, False)
    assert _call("ip addr <in >out").hidden
    assert _call("ip addr <in>out").hidden


def test_pipes_and_redirections() -> None:
    assert _call("docker inspect 0b7c7a46ade1|grep Pid").filtered
    assert _call("ip addr | head -20").filtered
    assert not _call("ip addr | tee out.txt").filtered
    assert not _call("ip addr | less").filtered
    assert not _call("ip addr 2>/dev/null").hidden
    assert not _call("ip addr 2>&1 | less").hidden
    assert _call("ip addr > out.txt").hidden
    assert _call("ip addr &> out.txt").hidden
    assert _call("$ (ip addr) >> out.txt").hidden
    assert _call("ip addr | wc -l").hidden
    assert not _call("ip addr >&2").hidden
    assert not _call("ip addr > /dev/stdout").hidden
    assert not _call("ip addr < /dev/null").hidden
    assert _call("sudo ip addr | sudo grep inet").filtered
    assert _call("$ { ip addr; } | grep inet").filtered
    assert _call("for p in 1; do ip addr; done | grep inet").filtered
    # In quotes these are words like others.
    assert _call("docker inspect -f '{{.Name}} | {{.State.Pid}} > x; #' web").argv == (
        "docker",
        "inspect",
        "-f",
        "{{.Name}} | {{.State.Pid}} > x; #",
        "web",
    )


def test_several_commands_on_a_line() -> None:
    calls = _read("ip addr; brctl show && route -n").invocations
    assert [call.argv for call in calls] == [("ip", "addr"), ("brctl", "show"), ("route", "-n")]
    calls = _read('kubectl exec nginx -- sh -c "ip addr; ip route"').invocations
    assert [(call.argv[1], call.namespace) for call in calls] == [("addr", "pod:nginx"), ("route", "pod:nginx")]


@pytest.mark.parametrize(
    ("line", "namespaces"),
    [
        ("for p in 7 8 9; do nsenter -t $p -n ip addr; done", ["pid:7", "pid:8", "pid:9"]),
        ("for p in 7 8; do sudo nsenter -t ${p} -n ip addr ; done", ["pid:7", "pid:8"]),
        ("for c in web db; do docker exec $c sh -c 'ip addr'; done", ["container:web", "container:db"]),
        ("for p in $(pgrep nginx); do nsenter -t $p -n ip addr; done", ["pod"]),
        ("docker ps -q | while read c; do docker exec $c ip addr; done", ["pod"]),
        ("for n in /var/run/netns/*; do ip netns exec $n ip addr; done", ["pod"]),
        ("while true; do ip addr; done", ["host"]),
    ],
)
def test_loops(line: str, namespaces: list[str]) -> None:
    calls = [call for call in _read(f"$ {line}").invocations if call.argv[0] == "ip"]
    assert [call.namespace for call in calls] == namespaces
    assert all(call.repeated == ("pod" in namespaces or "while" in line) for call in calls)


@pytest.mark.parametrize(
    ("lines", "more"),
    [
        (["$ ip addr", "1: lo"], 0),
        (["$ ip \\", "addr", "1: lo"], 1),
        (["$ ip addr |", "cat &&", "route -n", "1: lo"], 2),
        (["$ for p in 1 2; do", "ip addr", "done", "1: lo"], 2),
        (["$ for p in 1 2", "do", "for q in 3; do", "ip addr", "done", "done", "1: lo"], 5),
        (["$ for p in 1 2; do ip addr; done", "1: lo"], 0),
        (["$ while read c; do", "ip addr", "done < list", "1: lo"], 2),
        (["$ for p in 1 2; do", "1: lo"], 0),
        (["$ ip \\"], 0),
    ],
)
def test_how_many_lines_go_on_with_a_command_line(lines: list[str], more: int) -> None:
    assert unfinished(lines) == more


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
        ("sudo nsenter -t 16315 -n", "pid:16315"),
        ("sudo ip netns exec cni-1 bash", "netns:cni-1"),
        ("kubectl debug node/aks-1 -it --image=busybox", "host"),
        ("kubectl run -it --rm tmp --image=busybox", "pod:tmp"),
        ("docker run -it --rm --net=container:web nicolaka/netshoot", "container:web"),
        ("ssh azureuser@aks-1", "host"),
        ("sudo -i", "host"),
        ("sudo su -", "host"),
        ("$ bash", "host"),
        ("$ chroot /host", "host"),
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


def test_what_a_variable_holds_is_not_read_again() -> None:
    variables = {f"V{number}": f"$V{number + 1}$V{number + 1}" for number in range(100)}
    found = read_command_line("echo $V0", variables)
    assert found is not None
    assert found.invocations[0].argv == ("echo", "$V1$V1")
    # Nor does a value grow without bound.
    for _ in range(100):
        found = read_command_line("$ V0=$V0$V0", variables)
        assert found is not None
        variables |= found.assigns
    assert len(variables["V0"]) <= 200


@pytest.mark.parametrize(
    "line", ["# ip addr shows the interfaces", "# Check the bridge networks on the host", "## Routes", "#"]
)
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
        "ip-masq-agent runs as a daemon set",
        "for each of them the result is the same",
        "ssh access",
        "Note: # of pods is 3",
        "- `ip addr` and `route -n`",
        "`ip addr` shows the interfaces",
        "**Important** ip addr",
        "====",
        "---",
        "ip addr show dev eth0 shows the address",
        "ip addr is the command we need",
        "docker inspect gives us the PID:",
        "route -n (inside the pod)",
        "ip addr (host):",
        "brctl show on the node",
        "kubectl debug is what we use",
        "az and kubectl",
        "kubectl is a tool",
        "Output of the command",
        "Command: none",
        "Run brctl show on the node",
        "C# is a language",
        "veth32e5f189#",
        "systemctl and journalctl",
        "docker0		8000.0242107e030e	no",
        "veth32e5f189",
        "odd@if8",
        "[1/2] done",
    ],
)
def test_prose_and_output_are_no_command_lines(line: str) -> None:
    assert read_command_line(line) is None


HOSTILE = [
    "a ",
    "1",
    " ",
    "sudo ",
    "nsenter -t 1 -n ",
    "docker exec a ",
    "ip netns exec a ",
    "sh -c ",
    "ssh a@b ",
    "$(",
]
HOSTILE += [
    "`",
    '"',
    "'",
    '"\\',
    "| ",
    "| grep x ",
    "; ",
    "ip a; ",
    "&&",
    "> x ",
    "{{",
    "(",
    "x=",
    "A=b ",
    "$A ",
    "${A}",
]
HOSTILE += [
    "a@",
    "a@b:",
    "a@b:~$ ",
    "/",
    "~/",
    "#",
    "# ",
    "+ ",
    "-",
    "--",
    "–",
    " –n",
    "for a in b; do ",
    "for a in b ",
    "done; ",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_a_hostile_line_takes_no_longer_than_its_length(unit: str) -> None:
    started = time.process_time()
    for prefix in ("", "$ ", "sudo ", "root@node:~# ", "PID=", "# ", "`"):
        for suffix in ("", "!"):
            for length in (1_000_000, 8_000):
                read_command_line(prefix + unit * (length // len(unit)) + suffix)
    assert time.process_time() - started < 10


@settings(max_examples=300, deadline=None)
@given(st.text() | st.lists(st.sampled_from(["$ ", "ip addr", *HOSTILE])).map("".join), st.text())
def test_no_line_makes_it_raise(line: str, value: str) -> None:
    found = read_command_line(line, {"A": value}, "pid:7")
    if found is not None:
        assert all(isinstance(word, str) for call in found.invocations for word in call.argv)
    assert 0 <= unfinished([line, value]) <= 1


# --- PowerShell -------------------------------------------------------------------------------------------------------


def test_a_backtick_goes_on() -> None:
    lines = ["PS C:\\> az aks create `", "    -n one `", "    --network-plugin azure", "something else"]
    assert unfinished(lines) == 2
    assert _call(joined(lines[:3])).argv == ("az", "aks", "create", "-n", "one", "--network-plugin", "azure")


@pytest.mark.parametrize("line", ["Look at `ip addr`", "See `ip addr `", "``` ", "`"])
def test_words_in_backticks_do_not(line: str) -> None:
    assert unfinished([line, "ip addr"]) == 0


@pytest.mark.parametrize("line", ['$rg = "NetworkLab"', "PS C:\\> $rg='NetworkLab'", '$rg="NetworkLab"'])
def test_its_variables(line: str) -> None:
    command_line = _read(line)
    assert command_line.assigns == {"rg": "NetworkLab"}
    assert command_line.invocations == ()


@pytest.mark.parametrize("line", ["$rg is the resource group", "costs $5 = too much", '$x = "$y"'])
def test_what_is_no_assignment_there(line: str) -> None:
    command_line = read_command_line(line)
    assert command_line is None or command_line.assigns == {}


# --- what doubles at every turn ---------------------------------------------------------------------------------------


def test_here_documents_in_each_other() -> None:
    depth = 40
    lines = [f"bash <<A{number}" for number in range(depth)]
    text = [f"$ {lines[0]}", *lines[1:], 'echo "x"', *(f"A{number}" for number in reversed(range(depth)))]
    assert unfinished(text) == len(text) - 1
    assert len(joined(text)) < 20_000  # with a backslash before every backslash it would be 2 ** 40
    assert _call(joined(["$ bash <<A", "bash <<B", "ip addr", "B", "A"])).argv == ("ip", "addr")


@pytest.mark.parametrize("call", ["{}", "ssh h {}", "ssh h ssh i {}", "bash -c 'bash -c \"{}\"'", "watch '{}'"])
def test_variables_of_variables(call: str) -> None:
    variables = {"a": "$b" * 100, "b": "$c" * 100, "c": "x" * 200}
    found = read_command_line("$ " + call.format("ip addr " + "$a" * 1000), variables)
    assert found is not None
    assert sum(len(word) for invocation in found.invocations for word in invocation.argv) < 100_000


def test_loops_in_loops() -> None:
    values = " ".join("abcdefghij"[number % 10] for number in range(90))
    loop = f"for i in {values}; do ip addr show $i; done; "
    found = read_command_line("$ " + loop * 30)
    assert found is not None
    assert 90 <= len(found.invocations) <= 256
    assert [call.argv[-1] for call in found.invocations[:3]] == ["a", "b", "c"]
