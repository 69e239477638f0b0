"""Output that is recognised and not read: by the command line above it, or by its look.

Each entry of the table below is a command that may be read one day. Then it leaves this table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

__all__ = ["Unanswered", "UnreadOutput", "find_by_look", "is_of_interest", "spoken"]


class UnreadOutput(NamedTuple):
    """Output of a command that no reader is for. ``command``: the call without wrappers and without what may be secret,
    or what the output looks like. ``node``: the host that the prompt named, None if nothing says it. ``first_line`` is
    that of the call where there is one."""

    command: str
    node: str | None
    file: str | None
    first_line: int
    last_line: int


class Unanswered(NamedTuple):
    """A call on a command line that no command claims, until it is known which lines it printed.

    ``call`` and ``output``: the numbers (from 0) of the command line and of the line after it. ``certain``: a prompt or
    a fence says that it was typed.
    """

    command: str
    node: str | None
    call: int
    output: int
    certain: bool


# --- calls ------------------------------------------------------------------------------------------------------------

# What these print is nothing, or nothing about a node.
_OF_NO_INTEREST = frozenset(
    (
        *("cd", "pushd", "popd", "export", "unset", "set", "alias", "source", "read", "true", "false", ":", "sleep"),
        *(
            "clear",
            "reset",
            "exit",
            "logout",
            "wait",
            "echo",
            "printf",
            "mkdir",
            "rmdir",
            "rm",
            "cp",
            "mv",
            "ln",
            "touch",
        ),
        *("chmod", "chown", "vi", "vim", "nano", "less", "more", "man", "tee", "kill", "pkill", "test", "["),
        *("apt", "apt-get", "apk", "yum", "dnf", "tdnf", "pip", "git", "helm", "terraform", "history", "hostname"),
    )
)
# Calls of these are all about the network: their words can be shown. Of another program only its name is.
_KNOWN = frozenset(
    (
        *(
            "ip",
            "bridge",
            "brctl",
            "route",
            "arp",
            "ifconfig",
            "netstat",
            "ss",
            "iptables",
            "ip6tables",
            "iptables-save",
        ),
        *("ip6tables-save", "iptables-legacy", "iptables-nft", "nft", "ipset", "ebtables", "ebtables-save", "ipvsadm"),
        *(
            "conntrack",
            "ethtool",
            "tc",
            "bpftool",
            "sysctl",
            "cat",
            "grep",
            "egrep",
            "ls",
            "head",
            "tail",
            "lsns",
            "ping",
        ),
        *("ping6", "traceroute", "tracepath", "mtr", "tcpdump", "tshark", "nslookup", "dig", "host", "getent", "uname"),
        *("cilium", "cilium-dbg", "calicoctl", "crictl", "docker", "nerdctl", "ctr", "podman", "kubectl", "oc", "k"),
        *("systemctl", "journalctl", "dmesg", "ps", "lsmod", "modprobe", "resolvectl", "networkctl", "nc", "telnet"),
    )
)
_PLAIN_WORD = re.compile(r"[\w./:@*{}\[\],%+-]{1,80}|\[\[.*\]\]", re.ASCII)
_SECRET = re.compile(r"(?i)pass|secret|token|key|credential|auth|bearer|cert|sas|signature|connection|@.*:|://")
_MOST_WORDS = 12


def is_of_interest(argv: Sequence[str]) -> bool:
    """True unless what a call prints says nothing about a node."""
    return bool(argv) and argv[0] not in _OF_NO_INTEREST and _PLAIN_WORD.fullmatch(argv[0]) is not None


def spoken(argv: Sequence[str]) -> str:
    """A call as it can be shown: without what may be a secret."""
    program = PurePosixPath(argv[0]).name
    if program not in _KNOWN:
        action = argv[1:2] if re.fullmatch(r"[a-z][a-z-]{1,20}", argv[1] if len(argv) > 1 else "") else ()
        return " ".join((program, *action))
    words: list[str] = []
    for word in argv[1 : _MOST_WORDS + 1]:
        if _SECRET.search(word) or _PLAIN_WORD.fullmatch(word) is None:
            words.append("...")
            break
        words.append(word)
    if len(argv) > _MOST_WORDS + 1:
        words.append("...")
    return " ".join((program, *words))


# --- looks ------------------------------------------------------------------------------------------------------------


class _Look(NamedTuple):
    """``begins``: the first line. ``goes_on``: each further line."""

    name: str
    begins: str
    goes_on: str


_ADDRESS = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
# As the tools of Debian 12 print them (iptables 1.8.9, net-tools 2.10, iproute2 6.1, busybox 1.35, conntrack 1.4.7,
# nftables 1.0.6), and kubectl 1.29 and cilium 1.14 after their documentation.
_LOOKS = (
    _Look(
        "iptables -L",
        r"Chain \S{1,64} \((?:policy [A-Z]+|[0-9]+ references)[^)\n]*\)$",
        r"Chain \S+ \(.*\)$|(?:num +)?(?:pkts +bytes +)?target +prot +opt "
        r"|[ ]*(?:[0-9]+[KMGT]? +){0,3}\S+ +(?:all|tcp|udp|icmp|[0-9]+) +(?:--|-f|!f) "
        r"|[ ]+[0-9]+[KMGT]? +[0-9]+[KMGT]? +(?:all|tcp|udp|icmp|[0-9]+) ",
    ),
    _Look(
        "iptables-save",
        r"# Generated by ip6?tables(?:-nft)?-save |\*(?:nat|filter|mangle|raw|security)$",
        r"#|\*[a-z]+$|:\S+ (?:ACCEPT|DROP|-|REJECT)|(?:\[[0-9]+:[0-9]+\] )?-[A-Z] |COMMIT$",
    ),
    _Look("iptables -S", r"-P [A-Z]+ (?:ACCEPT|DROP)$|-N \S+$|-A \S+ -", r"-[PNA] \S"),
    _Look(
        "ifconfig",
        r"\S{1,15}: flags=[0-9]+<|\S{1,15} +Link encap:",
        r"[ ]+\S|\S{1,15}: flags=[0-9]+<|\S{1,15} +Link encap:",
    ),
    _Look(
        "arp -n", r"Address +HWtype +HWaddress", rf"(?:{_ADDRESS}|[\w.-]+) +(?:[a-z]+ +[0-9a-f:]{{17}}|\(incomplete\)) "
    ),
    _Look(
        "arp -a",
        rf"[\w.?-]+ \({_ADDRESS}\) at (?:[0-9a-f:]{{17}} \[\w+\]|<incomplete>) ",
        rf"[\w.?-]+ \({_ADDRESS}\) at ",
    ),
    _Look("cat /proc/net/arp", r"IP address +HW type +Flags +HW address", rf"{_ADDRESS} +0x"),
    _Look(
        "netstat -i",
        r"Kernel Interface table$|Iface +MTU +(?:Met +)?RX-OK",
        r"Iface +MTU |\S{1,15} +[0-9]+ +[0-9]+ +[0-9]+ ",
    ),
    _Look(
        "netstat",
        r"Active Internet connections |Proto +Recv-Q +Send-Q +Local Address",
        r"Proto +Recv-Q |(?:tcp|udp|raw|unix)6? +[0-9]+ |Active |[ ]+",
    ),
    _Look(
        "ss",
        r"(?:Netid +)?State +Recv-Q +Send-Q +Local Address:Port",
        r"(?:tcp|udp|u_\w+|nl|p_\w+|icmp6?)? *(?:LISTEN|ESTAB|UNCONN|TIME-WAIT|SYN-\w+|CLOSE-?\w*|FIN-\w+)"
        r" +[0-9]+ +[0-9]+ ",
    ),
    _Look(
        "ebtables -L",
        r"Bridge table: \w+$",
        r"Bridge chain: |-[a-z] |$",
    ),
    # The time of a packet is taken off like that of every log.
    _Look(
        "tcpdump",
        r"tcpdump: (?:listening on|verbose output|WARNING)|listening on \S+, link-type"
        r"|(?:\S{1,15} +(?:In|Out|P|B|M) +)?(?:IP6? \S+ > \S+: |ARP, (?:Request|Reply) )",
        r"(?:\S{1,15} +(?:In|Out|P|B|M) +)?(?:IP6?|ARP,) |tcpdump: |listening on |[0-9]+ packets? |[ \t]+\S",
    ),
    _Look("cat /etc/resolv.conf", r"nameserver [0-9a-fA-F.:]+$", r"(?:nameserver|search|domain|options|sortlist) |#"),
    _Look(
        "ip rule",
        r"0:[ \t]+from all lookup local",
        r"[0-9]+:[ \t]+(?:not )?from ",
    ),
    _Look("sysctl", r"net\.(?:ipv[46]|core|bridge|netfilter)\.[\w.\-/]+ ?= ?\S+$", r"[a-z]+\.[\w.\-/]+ ?= ?"),
    _Look(
        "conntrack -L",
        r"(?:tcp|udp|icmp|unknown) +[0-9]+ +[0-9]+ [^=\n]*+=[0-9a-fA-F.:]++ dst=",
        r"(?:tcp|udp|icmp|sctp|unknown) +[0-9]+ |conntrack v",
    ),
    _Look("nft list ruleset", r"table (?:ip6?|inet|bridge|arp|netdev) \S+ \{$", r"[ \t]+\S|\}|table |#"),
    _Look(
        "ipset list",
        r"Name: \S+$",
        r"(?:Type|Revision|Header|Size in memory|References|Number of entries|Members|Name):|\S+$",
    ),
    _Look(
        "cilium endpoint list",
        r"ENDPOINT +POLICY \(ingress\)",
        r"[ ]+\S|[0-9]+ +(?:Disabled|Enabled)",
    ),
    _Look(
        "kubectl get svc",
        r"(?:NAMESPACE +)?NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\)",
        r"\S+ +(?:\S+ +)?(?:ClusterIP|NodePort|LoadBalancer|ExternalName) ",
    ),
    _Look(
        "kubectl get endpoints",
        r"(?:NAMESPACE +)?NAME +(?:ENDPOINTS|ADDRESSTYPE) +",
        r"\S+ +(?:\S+ +)?(?:IPv[46] |[0-9<])",
    ),
    _Look(
        "kubectl get",
        r"(?:NAMESPACE +)?NAME +(?:READY +UP-TO-DATE|DESIRED +CURRENT|DATA|POD-SELECTOR|CLASS|COMPLETIONS|SCHEDULE"
        r"|TYPE +DATA) +",
        r"(?:[a-z0-9-]+ +)?(?:[a-z.]+/)?[a-z0-9][a-z0-9.-]* +\S",
    ),
    _Look(
        "kubectl describe",
        r"Name: {6,}\S+$",
        r"[A-Z][\w ()./-]*: |[A-Z][\w ()./-]*:$|[ ]+\S|[a-z][\w./-]*[=:]",
    ),
)
_BEGINS = re.compile(
    rf"^(?:{'|'.join(f'(?P<_{number}>{look.begins})' for number, look in enumerate(_LOOKS))})", re.MULTILINE
)
_GOES_ON = tuple(re.compile(look.goes_on) for look in _LOOKS)


def find_by_look(
    lines: Sequence[str], taken: Sequence[bool], nodes: Sequence[str | None], file: str | None
) -> Iterator[UnreadOutput]:
    """Known output in the lines that are not ``taken``. ``nodes``: the host of the last prompt before each line."""
    text = "\n".join("" if is_taken else line for line, is_taken in zip(lines, taken, strict=True))
    index = place = 0
    end = -1
    for match in _BEGINS.finditer(text):
        index += text.count("\n", place, match.start())
        place = match.start()
        if index <= end:
            continue
        goes_on = _GOES_ON[int(str(match.lastgroup)[1:])]
        end = index
        for number in range(index + 1, len(lines)):
            if taken[number] or (lines[number] and goes_on.match(lines[number]) is None):
                break
            if lines[number]:
                end = number
            elif number - end > 1:
                break
        name = _LOOKS[int(str(match.lastgroup)[1:])].name
        yield UnreadOutput(name, nodes[index], file, index + 1, end + 1)
