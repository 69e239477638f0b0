"""What a path says: the layouts of tools, names after commands, and what is of no use."""

from __future__ import annotations

import pytest

from aksnet_parse.layouts import place

UUID = "cni-0fc350a8-fc2f-551b-b310-5110ffd9d92c"
SOS = "sosreport-node-1/sos_commands"


def call(path: str) -> tuple[str, str, str, str]:
    found = place(path)
    [invocation] = found.calls
    return found.kind, found.root, " ".join(invocation.argv), invocation.namespace


@pytest.mark.parametrize(
    ("path", "root", "argv", "namespace"),
    [
        ("collect/ip_4_addr.json", "", "ip -4 -d -j addr show", "host"),
        ("collect/ip_6_route.json", "", "ip -6 -d -j route show", "host"),
        ("a/b.zip/collect/ip_link.json", "a/b.zip", "ip -d -j link show", "host"),
        ("collect/ip_netns.json", "", "ip -d -j netns show", "host"),
        (f"collect/ip_netns_{UUID}/ip_4_neighbor.json", "", "ip -4 -d -j neighbor show", f"netns:{UUID}"),
        ("collect/crictl_pods.json", "", "crictl pods -o json", "host"),
        ("collect/crictl_ps.json", "", "crictl ps -o json", "host"),
        ("etc/cni/net.d/10-azure.conflist", "", "cat /etc/cni/net.d/10-azure.conflist", "host"),
        ("n/etc/cni/net.d/05-cilium.conf", "n", "cat /etc/cni/net.d/05-cilium.conf", "host"),
        ("var/run/azure-vnet.json", "", "cat /var/run/azure-vnet.json", "host"),
        ("n/var/run/azure-vnet.json", "n", "cat /var/run/azure-vnet.json", "host"),
        ("n/run/azure-vnet.json", "n", "cat /var/run/azure-vnet.json", "host"),
        (f"{SOS}/networking/ip_-o_addr", "sosreport-node-1", "ip -o addr", "host"),
        (f"{SOS}/networking/ip_-d_address", "sosreport-node-1", "ip -d address", "host"),
        (f"{SOS}/networking/ip_route_show_table_all", "sosreport-node-1", "ip route show table all", "host"),
        (f"{SOS}/networking/route_-n", "sosreport-node-1", "route -n", "host"),
        (f"{SOS}/networking/ip_-s_-d_link", "sosreport-node-1", "ip -s -d link", "host"),
        (f"{SOS}/networking/bridge_-d_link", "sosreport-node-1", "bridge -d link", "host"),
        (
            f"{SOS}/networking/namespaces/{UUID}/ip_netns_exec_{UUID}_ip_-d_address_show",
            "sosreport-node-1",
            "ip -d address show",
            f"netns:{UUID}",
        ),
        (
            f"{SOS}/networking/namespaces/a_b/ip_netns_exec_a_b_ip_route_show_table_all",
            "sosreport-node-1",
            "ip route show table all",
            "netns:a_b",
        ),
        (
            f"{SOS}/docker/containers/docker_inspect_0b7c7a46ade1",
            "sosreport-node-1",
            "docker inspect 0b7c7a46ade1",
            "host",
        ),
        (f"{SOS}/crio/crictl_inspectp_0b7c", "sosreport-node-1", "crictl inspectp 0b7c", "host"),
    ],
)
def test_layouts_of_tools(path: str, root: str, argv: str, namespace: str) -> None:
    assert call(path) == ("output", root, argv, namespace)


@pytest.mark.parametrize(
    ("name", "argv", "namespace"),
    [
        ("ip_addr.txt", "ip addr", "host"),
        ("ip-addr.log", "ip addr", "host"),
        ("ip addr", "ip addr", "host"),
        ("ip_a", "ip a", "host"),
        ("ip-a.txt", "ip a", "host"),
        ("ip_-d_-s_link.out", "ip -d -s link", "host"),
        ("ip_d_j_addr.json", "ip -d -j addr", "host"),
        ("ip_-4_route.txt", "ip -4 route", "host"),
        ("ip-6-route.txt", "ip -6 route", "host"),
        ("route_-n", "route -n", "host"),
        ("route-n.log", "route -n", "host"),
        ("route_n.txt", "route -n", "host"),
        ("route.txt", "route", "host"),
        ("iptables", "iptables", "host"),
        ("iptables-save.txt", "iptables-save", "host"),
        ("netstat-rn.txt", "netstat -rn", "host"),
        ("brctl-show.txt", "brctl show", "host"),
        ("sudo_brctl_show", "brctl show", "host"),
        ("docker_inspect_0b7c.json", "docker inspect 0b7c", "host"),
        ("kubectl_get_pods_-o_wide.txt", "kubectl get pods -o wide", "host"),
        ("kubectl-get-pods-A-o-wide.txt", "kubectl get pods -A -o wide", "host"),
        ("nsenter_16315_ip_addr.log", "ip addr", "pid:16315"),
        ("nsenter_-t_16315_-n_ip_-d_addr.log", "ip -d addr", "pid:16315"),
        ("nsenter_-t_16315_-n_route_-n", "route -n", "pid:16315"),
        ("pid_16315_ip_addr", "ip addr", "pid:16315"),
        (f"ip_netns_exec_{UUID}_ip_addr", "ip addr", f"netns:{UUID}"),
        ("docker_exec_0b7c_ip_addr.txt", "ip addr", "container:0b7c"),
        ("kubectl_exec_nginx_--_ip_addr.txt", "ip addr", "pod:nginx"),
    ],
)
def test_names_after_commands(name: str, argv: str, namespace: str) -> None:
    assert call(f"some/where/{name}") == ("named", "some/where", argv, namespace)


@pytest.mark.parametrize("path", ["notes.txt", "case/readme.md", "x", "a/ticket ip addr.txt", "ip.txt"])
def test_everything_else_is_text(path: str) -> None:
    assert place(path).kind == "text"


@pytest.mark.parametrize(
    "path",
    ["var/log/syslog", "n/var/log/azure-vnet.log", "sos/proc/net/route", "sos/etc/passwd", f"{SOS}/kernel/uname_-a"],
)
def test_what_is_of_no_use(path: str) -> None:
    assert place(path).kind == "nothing"


@pytest.mark.parametrize(
    ("path", "root"),
    [("etc/hostname", ""), ("a/etc/hostname", "a"), ("a/hostname", "a"), (f"{SOS}/host/hostname", "sosreport-node-1")],
)
def test_files_that_name_a_node(path: str, root: str) -> None:
    found = place(path)
    assert (found.kind, found.root) == ("hostname", root)


def test_what_kubectl_prints_is_of_no_node() -> None:
    assert place("kubectl_get_nodes.txt").calls[0].remote
    assert not place("ip_addr.txt").calls[0].remote


def test_files_of_a_node_that_somebody_copied() -> None:
    assert call("10-azure.conflist")[2] == "cat /etc/cni/net.d/10-azure.conflist"
    assert call("x/azure-vnet.json") == ("named", "x", "cat /var/run/azure-vnet.json", "host")
