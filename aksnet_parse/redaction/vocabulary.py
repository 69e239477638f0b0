"""Words that say nothing of whose network it is: those of the commands, and of the sentences that this program writes.

The commands' words are listed here, short and technical. A sentence's words are taken from
the program itself, so that no list of them can fall behind.
"""

from __future__ import annotations

import errno
import os
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.abc import InspectLoader
from types import CodeType

__all__ = ["SUFFIXES", "WORD", "is_common_name", "of_commands", "of_sentences"]

# What stands between blanks and punctuation. An underscore parts words (LOWER_UP, ip_addr.txt); what is not ASCII is
# part of one, whatever it is.
_LETTER = r"[0-9A-Za-z\u0080-\U0010ffff]"
WORD = re.compile(rf"{_LETTER}+(?:[.-]+{_LETTER}+)*")

_SUFFIXES = """
zip tar gz tgz bz2 tbz2 xz txz zst tzst txt log out json jsonl lst text md stdout conf conflist yaml yml
"""
SUFFIXES = frozenset(_SUFFIXES.split())

_WORDS = """
# programs, and what is said to them
ip addr address link route neigh neighbor neighbour netns bridge fdb brctl show showmacs showstp list list-id ls exec
nsenter docker inspect ps crictl inspectp pods kubectl get pod nodes node az aks create update sudo cat grep egrep
head tail sh bash busybox nerdctl podman container namespace host target net network format query output all wide json
yaml no-trunc show-labels netstat iptables ifconfig arp hostname cni config id pid sed awk less more echo
chroot
# programs that are not read
ss ip6tables iptables-save ip6tables-save iptables-legacy iptables-nft nft ipset ebtables ebtables-save ipvsadm
conntrack ethtool tc bpftool sysctl lsns ping ping6 traceroute tracepath mtr tcpdump tshark nslookup getent uname
resolvectl networkctl systemctl journalctl dmesg lsmod nc svc service services endpoints ep endpointslices describe
logs events ds daemonset deploy deployment ingress netpol networkpolicy cm configmap rule rules ruleset filter mangle
raw nat line-numbers kubelet containerd forward net.ipv4.ip net.ipv4.conf.all.rp net.ipv4.conf.all.forwarding
endpoint identity cilium-dbg calicoctl ctr oc vmss-name resource-group all-namespaces tunnel xfrm vlan
nvl nl vnl vnxl vxnl tlnp tlpn tulpn tunlp antp anp an ant rn ni nni nn vv nnvv ef aux auxww la zv
# what `ip` and `bridge` print
broadcast multicast loopback pointopoint noarp up lower lower_up no-carrier promisc allmulti slave master dynamic
m-down dormant down unknown lowerlayerdown notpresent testing mtu qdisc noqueue mq fifo pfifo fast codel noop state
mode default group qlen link-netnsid link-netns link-index ether none brd inet inet6 scope global site nowhere peer
any permaddr valid lft preferred forever secondary temporary tentative deprecated dadfailed noprefixroute mngtmpaddr
nodad home optimistic autojoin stable-privacy flags altname alias proto kernel ll ra static dhcp boot redirect zebra
bird unicast local anycast blackhole unreachable prohibit throw nat via dev table main src metric nhid onlink linkdown
dead pervasive offload trap notify unresolved rt weight pref medium high low expires error used age realm realms
encap nexthop nexthops from tos iif window rtt rttvar ssthresh cwnd advmss reordering hoplimit initcwnd initrwnd
features rto quickack congctl cookie ttl-propagate lock lladdr reachable stale delay probe failed incomplete permanent
router extern managed nud self dst vlan sticky learned forwarding blocking listening learning disabled priority cost
designated port root hairpin guard flood veth vxlan macvlan ipvlan tun tap dummy ifb bond openvswitch prog
promiscuity allmulti minmtu maxmtu addrgenmode numtxqueues numrxqueues gso tso gro max min size segs rx tx bytes
packets errors dropped overrun missed mcast carrier collsns length crc frame aborted heartbeat heartbt transns over
time timer hello ageing topology change detected stp interfaces interface name enabled yes no on off true false null
unset nsid reason protodown linkmode linkinfo info kind ifindex ifname ifalias operstate addr prefixlen txqlen
label stats stats64 collisions num queues eui64 random stable netns-immutable index protocol dhcp4 type created
prefsrc metrics family ttl tcp udp ip6 seg6 vni refcnt confirmed updated probes proxy learn altnames numqueues
numdisabled persist multi bcast suppress isolated locked fastleave mcast-flood neigh-suppress group-fwd-mask
bcqueuelen usedbcqueuelen srcport dstport nolearning udpcsum noudp6zerocsumtx noudp6zerocsumrx remcsum localbypass nh
mst linklocal snooping querier igmp mld ecn reno fastopen congestion ack
# tables of routes
routing destination gateway genmask ref use iface irtt mss met hop next ug uh ugh u un ue uge d r m flag
# headings and words of lists
image command status ports names attempt exited running paused ready notready sandbox ago seconds second minutes
minute hours hour days day weeks week months month about less than an a healthy unhealthy restarts nominated readiness
gates labels age roles version internal-ip external-ip os-image kernel-version container-runtime terminating pending
completed crashloopbackoff containercreating imagepullbackoff errimagepull evicted succeeded created initializing
k8s podsandbox overlay transparent tunnel transparent-vlan azure kubenet calico cilium
networkplugin networkpluginmode networkpolicy networkdataplane networkprofile podcidr podcidrs servicecidr
servicecidrs dnsserviceip dockerbridgecidr outboundtype loadbalancersku loadbalancer userdefinedrouting standard basic
network-plugin network-plugin-mode network-policy network-dataplane pod-cidr service-cidr dns-service-ip
docker-bridge-address azure-vnet azure-vnet-ipam azure-cns azure-vnet.json cilium-cni portmap bandwidth plugins
cniversion ipam ipv4 ipv6 externalinterfaces networks subnets endpoints hostifname ifname macaddress ipaddresses mask
networknamespace containerid podname podnamespace pod_name prefix gatewayipv4 bridgename vnet vnetid
# docker inspect and crictl inspect
state.pid config.image args path pidmode networkmode networksettings sandboxid sandboxkey ipaddress ipprefixlen
ipv6gateway globalipv6address globalipv6prefixlen linklocalipv6address linklocalipv6prefixlen hairpinmode ipamconfig
links aliases networkid endpointid driveropts secondaryipaddresses secondaryipv6addresses hostconfig dead exitcode
startedat finishedat oomkilled restarting platform driver linux json-file uid restartcount hostnamepath resolvconfpath
hostspath logpath io.kubernetes.container.name io.kubernetes.docker.type io.kubernetes.pod.name
io.kubernetes.pod.namespace io.kubernetes.pod.uid io.kubernetes.sandbox.id metadata namespaces cniresult sandboxkey
ipconfigs mac runtimespec netnamespaceclosed podsandboxid createdat kubernetes io items spec hostnetwork nodename
podip podips hostip phase podsandboxstatus containerstatuses additionalips options
# namespaces and owners that every cluster has
kube-system kube-public kube-node-lease calico-system tigera-operator gatekeeper-system root kubernetes.io nodepool
agentpool vmss
# files and folders
collect collected etc var run proc lib ns net.d opt home tmp usr sys resolv.conf hosts sos commands networking stdin
collector ip-addr route-n
# what plugins begin the names of veths with
azv azveth cali lxc
# marks
b s t n j o p v e4 seg ff cni 4294967295
"""
# These write no sentence of an answer.
_SILENT = ("cli", "commands", "grammar", "redaction", "templates")
_COMMENT = re.compile(r"(?m)^#.*$")


@cache
def of_commands() -> frozenset[str]:
    """Words, in lower case, that may stand in any line of what the commands print."""
    return frozenset(word.lower() for word in WORD.findall(_COMMENT.sub("", _WORDS)))


@cache
def of_sentences() -> frozenset[str]:
    """Words, in lower case, of what this program says: findings, claims, reasons."""
    texts = [os.strerror(code) for code in errno.errorcode]
    package = __name__.partition(".")[0]
    for module in pkgutil.walk_packages(import_module(package).__path__, f"{package}."):
        if module.name.startswith(tuple(f"{package}.{name}" for name in _SILENT)):
            continue
        find = getattr(module.module_finder, "find_spec", None)
        loader = getattr(find(module.name, None), "loader", None) if find is not None else None
        code = loader.get_code(module.name) if isinstance(loader, InspectLoader) else None
        texts += _strings(code) if code is not None else ()
    return frozenset(word.lower() for text in texts for word in WORD.findall(text))


def _strings(code: CodeType) -> Iterator[str]:
    pending: list[object] = [code]
    while pending:
        constant = pending.pop()
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, CodeType):
            pending += constant.co_consts
        elif isinstance(constant, (tuple, frozenset)):
            pending += constant


# Interfaces that every node has: network cards, the bridges of plugins, tunnels that the kernel makes.
_COMMON_NAME = re.compile(
    r"(?:eth\d{1,3}(?:\.\d{1,4})?|eno\d{1,3}|ens\d{1,5}|enp\d{1,4}s\d{1,3}(?:f\d{1,2})?|enP\d{1,6}s\d{1,3}|bond\d{1,2}"
    r"|if\d{1,10}|lo|docker0|gwbridge|azure0|cbr0|cni0|virbr\d|br\d{1,3}"
    r"|(?:tunl|sit|ip6tnl|gre|gretap|erspan|vti|vti6|ip6gre|tun|tap|wg|dummy|ifb|flannel\.|vxlan)\d{1,3}"
    r"|nodelocaldns|kube-ipvs0|overlay2|net\.d)"
    # What counts, measures or dates something.
    r"|UP[0-9a-f]{1,6}|\d{1,9}probes|0x[0-9a-fA-F]{1,5}|-?\d{1,10}(?:sec|ms|us|ns|s|m|h|d|[kKMGT]?i?[bB]|[KMGT]i?|[kMG]?bit)"
    r"|(?:\d{1,4}[dhms]){1,4}|v?\d{1,7}(?:\.\d{1,7})?|v\d{1,3}(?:\.\d{1,3}){1,3}",
    re.ASCII,
)


def is_common_name(word: str) -> bool:
    """True for a name that machines have everywhere, and for what is a number and no id."""
    return _COMMON_NAME.fullmatch(word) is not None
