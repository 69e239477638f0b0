"""Output that is recognised and not read: by the command line above it, or by its look.

Each entry of the table below is a command that may be read one day. Then it leaves this table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

__all__ = ["Unanswered", "UnreadOutput", "find_by_look", "is_of_interest", "look_at", "spoken"]


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
_OF_NO_INTEREST_TEXT = """
cd pushd popd export unset set alias source read true false : sleep clear reset exit logout wait echo printf mkdir
rmdir rm cp mv ln touch chmod chown vi vim nano less more man tee kill pkill test [ apt apt-get apk yum dnf tdnf pip
git helm terraform history hostname
"""
_OF_NO_INTEREST = frozenset(_OF_NO_INTEREST_TEXT.split())
# Programs whose words are all about the network: they can be shown.
_OF_THE_NETWORK_TEXT = """
ip bridge brctl route arp ifconfig netstat ss iptables ip6tables iptables-save ip6tables-save iptables-legacy
iptables-nft nft ipset ebtables ebtables-save ipvsadm conntrack ethtool tc bpftool sysctl lsns ping ping6 traceroute
tracepath mtr tcpdump tshark nslookup host getent uname resolvectl networkctl systemctl journalctl dmesg ps lsmod nc
"""
_OF_THE_NETWORK = frozenset(_OF_THE_NETWORK_TEXT.split())
# Programs of which only words that name a file are shown: other words are what somebody looks for.
_OF_FILES = frozenset({"cat", "ls", "head", "tail"})
# Programs with subcommands. Of the first kind all words are shown, of any other only the subcommand.
_READING: Mapping[str, frozenset[str]] = {
    program: frozenset(words.split())
    for programs, words in {
        "kubectl oc k": "get describe logs top version cluster-info api-resources explain",
        "docker podman nerdctl": "ps images info version network inspect logs stats top port events",
        "crictl": "ps pods images info version inspect inspectp logs stats statsp",
        "cilium cilium-dbg": "endpoint status bpf service identity node ip map monitor policy config",
        "calicoctl": "get node ipam version",
        "az": "aks network vmss vm account",
    }.items()
    for program in programs.split()
}
_CHANGING: Mapping[str, frozenset[str]] = {
    program: frozenset(words.split())
    for programs, words in {
        "kubectl oc k": "apply create delete run exec debug cp edit patch label annotate taint scale rollout cordon "
        "drain uncordon expose set config port-forward proxy wait auth",
        "docker podman nerdctl crictl": "run exec pull push rm rmi start stop restart kill build tag login volume "
        "system",
        "ctr": "containers c images i tasks t namespaces ns snapshots info version",
        "az": "login group acr acs deployment resource",
    }.items()
    for program in programs.split()
}
# Options of them that are no secrets, nor is their value.
_SHOWN_OPTION = re.compile(
    r"-[AaqwiItf]|-[no]|-o\w{1,10}|--(?:namespace|all-namespaces|output|all|no-trunc|show-labels|no-headers|watch|since|tail"
    r"|previous|follow|container|name|resource-group|vmss-name|nodegroup)(?:=[\w./-]{1,80})?|-[cglp]"
)
_PLAIN_WORD = re.compile(r"[\w./:@*{}\[\],%+-]{1,80}|\[\[.*\]\]", re.ASCII)
_PROGRAM = re.compile(r"[\w.+-]{1,40}|\[", re.ASCII)
_FILE = re.compile(r"-[\w-]{1,20}|[\w.*~-]*/[\w./*~-]*|[\w-]{1,40}\.\w{1,10}", re.ASCII)
_SECRET = re.compile(
    r"(?i)pass|secret|token|key|credential|creds|auth|bearer|cert|sas|signature|connection|@.*:|://"
    r"|(?:0x)?[0-9a-f]{16,}|[a-z0-9+/]{40,}"
)
_MOST_WORDS = 12
_LEFT_OUT = "..."


def is_of_interest(argv: Sequence[str]) -> bool:
    """True unless what a call prints says nothing about a node."""
    if not argv or argv[0] in _OF_NO_INTEREST or _PLAIN_WORD.fullmatch(argv[0]) is None:
        return False
    if argv[0] in {"cat", "tee"} and len(argv) == 1:
        return False  # it prints what the author gave it
    return not _CHANGES.intersection(argv[1:2]) or argv[0] not in _READING


# What these verbs print is that something was done.
_CHANGES_TEXT = "apply create delete edit patch label annotate taint scale rollout cordon uncordon drain"
_CHANGES = frozenset(_CHANGES_TEXT.split())


def spoken(argv: Sequence[str]) -> str:
    """A call as it can be shown: without what may be a secret. Of a program that is not known, only its name."""
    program = PurePosixPath(argv[0]).name
    words = argv[1:]
    if program in _OF_THE_NETWORK:
        return _shown(program, words, _PLAIN_WORD)
    if program in _OF_FILES:
        return _shown(program, words, _FILE)
    if program in _READING or program in _CHANGING:
        return _with_subcommand(program, words)
    return program if _PROGRAM.fullmatch(program) is not None else _LEFT_OUT


def _shown(program: str, words: Sequence[str], fits: re.Pattern[str]) -> str:
    shown: list[str] = []
    for word in words[:_MOST_WORDS]:
        if _SECRET.search(word) is not None or fits.fullmatch(word) is None:
            break
        shown.append(word)
    left_out = (_LEFT_OUT,) if len(shown) < len(words) else ()
    return " ".join((program, *shown, *left_out))


def _with_subcommand(program: str, words: Sequence[str]) -> str:
    """Up to the first word that may be a secret: an option that is not known can have one as its value."""
    reading, changing = _READING.get(program, frozenset()), _CHANGING.get(program, frozenset())
    verb = next((number for number, word in enumerate(words) if word in reading or word in changing), None)
    if verb is None:
        return program
    known = 0
    last = len(words) if words[verb] in reading else verb + 1
    for word in words[: min(last, _MOST_WORDS)]:
        is_shown = _SHOWN_OPTION if word.startswith("-") else _PLAIN_WORD
        if _SECRET.search(word) is not None or is_shown.fullmatch(word) is None:
            break
        known += 1
    left_out = (_LEFT_OUT,) if known < len(words) else ()
    return " ".join((program, *words[:known], *left_out))


# --- looks ------------------------------------------------------------------------------------------------------------


class _Look(NamedTuple):
    """``begins``: the first line, if need be with the second. ``goes_on``: each further line."""

    name: str
    begins: str
    goes_on: str


_MAC = r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}"
_ADDRESS = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
# As the tools of Debian 12 print them (iptables 1.8.9, net-tools 2.10, iproute2 6.1, busybox 1.35, conntrack 1.4.7,
# nftables 1.0.6), and kubectl 1.29 and cilium 1.14 after their documentation.
_LOOKS = (
    _Look(
        "iptables -L",
        r"Chain \S{1,64} \((?:policy [A-Z]+|[0-9]+ references)[^)\n]*\)$",
        r"Chain \S+ \(.*\)$|[ ]*(?:num +)?(?:pkts +bytes +)?target +prot +opt "
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
        r"|(?:\S{1,15} +(?:In|Out|P|B|M) +)?(?:IP6? \S+ > \S+: |ARP, (?:Request|Reply) )"
        rf"|{_MAC} (?:> {_MAC}|\([^)\n]{{1,40}}\) > \S+), ethertype ",
        r"(?:\S{1,15} +(?:In|Out|P|B|M) +)?(?:IP6?|ARP,) |tcpdump: |listening on |[0-9]+ packets? |[ \t]+\S|\^C$"
        rf"|{_MAC} ",
    ),
    _Look(
        "cat /etc/resolv.conf",
        r"nameserver [0-9a-fA-F.:]+$|(?:search|domain) \S+(?: \S+){0,20}\n(?:nameserver|options) "
        r"|# (?:This (?:file|is) .*(?:systemd-resolved|resolv\.conf)|Generated by .*)",
        r"(?:nameserver|search|domain|options|sortlist) |#",
    ),
    _Look(
        "ip rule",
        r"[0-9]+:[ \t]+(?:not )?from \S+ (?:(?:to|iif|oif|fwmark) \S+ )*(?:lookup|table) \S",
        r"[0-9]+:[ \t]+(?:not )?from ",
    ),
    _Look("sysctl", r"net\.(?:ipv[46]|core|bridge|netfilter)\.[\w.\-/]+ ?= ?\S+$", r"[a-z]+\.[\w.\-/]+ ?= ?"),
    _Look(
        "conntrack -L",
        r"(?:ipv[46] +[0-9]+ +)?(?:tcp|udp|icmp|unknown) +[0-9]+ +[0-9]+ [^=\n]*+=[0-9a-fA-F.:]++ dst=",
        r"(?:ipv[46] +[0-9]+ +)?(?:tcp|udp|icmp|sctp|unknown) +[0-9]+ |conntrack v",
    ),
    _Look("ethtool -S", r"NIC statistics:$", r"[ ]+\S"),
    _Look("tc qdisc", r"qdisc \S+ [0-9a-f]+: (?:dev|root) ", r"qdisc \S+ |[ ]+\S"),
    _Look("ipvsadm", r"IP Virtual Server version ", r"Prot |(?:TCP|UDP|SCTP|FWM) |[ ]+->"),
    _Look("bridge vlan", r"port[ ]+vlan(?: |-)ids?", r"\S+ +[0-9]+|[ ]+[0-9]|$"),
    _Look("brctl showmacs", r"port no +mac addr", rf"[ ]+[0-9]+ +{_MAC}"),
    _Look("lsns", r"[ ]+NS TYPE +NPROCS +PID ", r"[ ]*[0-9]+ "),
    _Look(
        "ping",
        r"PING \S{1,255}(?: \(\S{1,64}\))?[: ][^\n]{1,80}bytes",
        r"[0-9]+ bytes from |64 bytes|From |---|[0-9]+ packets transmitted|rtt |round-trip |\^C$",
    ),
    _Look("traceroute", r"traceroute to \S+ \(\S+\)", r"[ ]*[0-9]+ "),
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
        r"(?:NAMESPACE +)?NAME +(?=[A-Z][A-Z0-9()/ -]*$)(?=.* AGE(?: |$))",
        r"(?:[a-z0-9-]+ +)?(?:[a-z.]+/)?[a-z0-9][a-z0-9.-]* +\S",
    ),
    _Look(
        "kubectl get events", r"(?:NAMESPACE +)?LAST SEEN +TYPE +REASON +OBJECT", r"(?:[a-z0-9-]+ +)?[0-9]+[smhd]\S* "
    ),
    _Look(
        "kubectl describe",
        r"Name: {6,}\S+\n(?:Namespace|Roles|Labels|Priority|Annotations):",
        r"[A-Z][\w ()./-]*: |[A-Z][\w ()./-]*:$|[ ]+\S|[a-z][\w./-]*[=:]",
    ),
)
_BEGINS = re.compile(
    rf"^(?:{'|'.join(f'(?P<_{number}>{look.begins})' for number, look in enumerate(_LOOKS))})", re.MULTILINE
)
_BEGINNING = 2  # lines that the first pattern of a look is about, at most
_GOES_ON = tuple(re.compile(look.goes_on) for look in _LOOKS)


def look_at(lines: Sequence[str], index: int, taken: Sequence[bool]) -> tuple[str, int] | None:
    """What the output that begins at line ``index`` looks like, and its last line; None if it looks like nothing known.

    ``taken``: for each line whether it is of something else.
    """
    match = _BEGINS.match("\n".join(lines[index : index + _BEGINNING]))
    return (_name(match), _end(match, lines, index, taken)) if match is not None else None


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
        if index > end:
            end = _end(match, lines, index, taken)
            yield UnreadOutput(_name(match), nodes[index], file, index + 1, end + 1)


def _look(match: re.Match[str]) -> int:
    return int(str(match.lastgroup)[1:])


def _name(match: re.Match[str]) -> str:
    return _LOOKS[_look(match)].name


def _end(match: re.Match[str], lines: Sequence[str], index: int, taken: Sequence[bool]) -> int:
    """The last line that goes on with the output that begins at line ``index``; one blank line may be in it."""
    goes_on = _GOES_ON[_look(match)]
    end = index
    for number in range(index + 1, len(lines)):
        if taken[number] or (lines[number] and goes_on.match(lines[number]) is None):
            break
        if lines[number]:
            end = number
        elif number - end > 1:
            break
    return end
