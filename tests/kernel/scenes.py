"""Scenes out of network namespaces that show what the tools can print: each a context manager that yields the places
to capture in, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from typing import Any

from hypothesis import strategies as st

from ..strategies import names_with_at
from ..topology import Kind, TopologyError, build
from ..topology.process import Owner, enter, run

__all__ = ["SCENES", "Place", "Plan", "built", "configure", "fresh_places", "plans"]


@dataclass(frozen=True)
class Place:
    """A network namespace, seen with the mounts of the node it belongs to."""

    node: int
    network: int | None = None

    def run(self, *argv: str, stdin: str = "") -> str:
        return run([*enter(self.node, self.network), *argv], stdin=stdin)


Draw = Callable[[st.SearchStrategy[Any]], Any]
Scene = Callable[[], AbstractContextManager[Sequence[Place]]]
SCENES: dict[str, Scene] = {}


def _scene(make: Callable[[], Iterator[Sequence[Place]]]) -> Scene:
    scene = contextmanager(make)
    SCENES[make.__name__] = scene
    return scene


@contextmanager
def fresh_places(pods: int = 0, *, named: Iterable[str] = ()) -> Iterator[list[Place]]:
    """A node, then ``pods`` namespaces without a name, then one for each of ``named``, which have a name on the node
    alone. Duplicate address detection is off, so that nothing is tentative for a second."""
    names = list(named)
    with ExitStack() as stack:
        node = stack.enter_context(Owner.of_node("scene"))
        owners = [stack.enter_context(Owner.of_pod()) for _ in range(pods + len(names))]
        here = Place(node.ready())
        places = [here, *(Place(here.node, owner.ready()) for owner in owners)]
        for place in places:
            # Nobody answers, and the counters would rise for as long as they are sent.
            place.run("sh", "-c", "echo 0 > /proc/sys/net/ipv6/conf/default/router_solicitations")
        for name, place in zip(names, places[1 + pods :], strict=True):
            path = f"/run/netns/{name}"
            here.run("sh", "-c", 'touch "$1" && mount --bind "$2" "$1"', "sh", path, f"/proc/{place.network}/ns/net")
        yield places


def configure(place: Place, *lines: str) -> None:
    """Lines of ``ip``, all of which must work. A name in double quotes is one word, as in a shell."""
    place.run("ip", "-batch", "-", stdin="".join(f"{line}\n" for line in lines))


def _try(place: Place, *lines: str) -> None:
    """Lines that some kernels refuse: each alone."""
    for line in lines:
        try:
            configure(place, line)
        except TopologyError:
            continue


# --- bridges and pods -------------------------------------------------------------------------------------------------


@_scene
def bridges() -> Iterator[Sequence[Place]]:
    with fresh_places() as (here,):
        configure(
            here,
            "link add cbr0 type bridge stp_state 1 priority 4096 forward_delay 400 ageing_time 600",
            "link add empty type bridge",
            "link add br-1 type bridge mcast_snooping 0",
            "addr add 10.244.0.1/24 brd + dev cbr0",
            "link set cbr0 up",
            "link set br-1 up",
            "link add veth1 type veth peer name veth1p",
            "link add veth2 type veth peer name veth2p",
            "link add veth3 type veth peer name veth3p",
            "link add vx0 type vxlan id 42 dstport 4789 dev cbr0 group 239.1.1.1",
            *(f"link set {name} master cbr0 up" for name in ("veth1", "veth2", "eth0")),
            *(f"link set {name} master br-1" for name in ("veth3", "vx0")),
            "link set veth1p up",
        )
        _try(here, "link set empty type bridge vlan_filtering 1", "link set br-1 type bridge nf_call_iptables 1")
        on = "hairpin guard root_block fastleave mcast_to_unicast neigh_suppress vlan_tunnel isolated locked"
        off = "learning flood mcast_flood bcast_flood"
        port = ("bridge", "link", "set", "dev")
        here.run(*port, "veth1", *(word for name in on.split() for word in (name, "on")))
        here.run(*port, "veth2", *(word for name in off.split() for word in (name, "off")))
        here.run(*port, "veth2", "cost", "77", "priority", "9", "backup_port", "veth1")
        yield [here]


@_scene
def across_namespaces() -> Iterator[Sequence[Place]]:
    with fresh_places(2, named=("blue", "cni-1")) as places:
        here = places[0]
        configure(here, "link add cbr0 type bridge", "link set cbr0 up")
        for number, place in enumerate(places[1:]):
            peer = f"peer name eth0 netns {place.network}"
            configure(here, f"link add azv{number} type veth {peer}", f"link set azv{number} up")
            configure(place, "link set eth0 up", f"addr add 10.244.0.{number + 2}/24 brd + dev eth0")
        # One on a bridge, one within the node, one between two pods, one that begins in the pod.
        configure(here, "link set azv0 master cbr0", "link add in1 type veth peer name in2", "link set in2 up")
        configure(places[1], f"link add p1 type veth peer name p2 netns {places[2].network}", "link set p1 up")
        configure(places[3], f"link add x type veth peer name back netns {here.node}")
        configure(here, f"link add mv0 link eth0 netns {places[3].network} type macvlan mode bridge")
        yield places


def _of_topology(kind: Kind, name: str, *, named_netns: bool = False) -> None:
    @contextmanager
    def scene() -> Iterator[Sequence[Place]]:
        with build(kind, 4, named_netns=named_netns) as node:
            yield [Place(node.pid), *(Place(node.pid, pod.pid) for pod in node.pods)]

    SCENES[name] = scene


_of_topology("cni-bridge", "cni_bridge")
_of_topology("cni-ptp", "cni_ptp", named_netns=True)
_of_topology("kubenet", "kubenet")
_of_topology("kubenet-calico", "calico", named_netns=True)
_of_topology("azure-transparent", "azure_transparent")
_of_topology("azure-bridge", "azure_bridge")


@_scene
def three_hundred_veths() -> Iterator[Sequence[Place]]:
    with fresh_places(1) as places:
        here, pod = places
        lines = ["link add cbr0 type bridge", "link set cbr0 up"]
        for number in range(300):
            veth = f"veth{number:08x}"
            lines += [
                f"link add {veth} type veth peer name eth{number} netns {pod.network}",
                f"link set {veth} {'master cbr0 ' if number % 3 else ''}up",
                f"route add 10.1.{number // 250}.{number % 250}/32 dev {veth} scope link",
            ]
        configure(here, *lines)
        configure(pod, *(f"link set eth{number} up" for number in range(0, 300, 2)))
        yield [here]


# --- addresses --------------------------------------------------------------------------------------------------------


@_scene
def addresses() -> Iterator[Sequence[Place]]:
    with fresh_places(1) as places:
        here, pod = places
        configure(here, f"link add veth0 type veth peer name eth0 netns {pod.network}", "link set veth0 up")
        configure(pod, "link set eth0 up")
        configure(
            here,
            "addr add 10.1.0.1/24 brd + dev veth0",
            "addr add 10.1.0.2/24 brd 10.1.0.99 dev veth0 label veth0:1",
            "addr add 10.1.0.3/24 dev veth0 noprefixroute",
            "addr add 10.2.0.1 peer 10.2.0.2/32 dev veth0",
            "addr add 10.2.1.1 peer 10.2.1.2/30 brd 10.2.1.3 dev veth0 label veth0:two",
            "addr add 10.3.0.1/32 dev veth0 scope link",
            "addr add 10.3.0.2/32 dev veth0 scope host",
            "addr add 10.3.0.3/32 dev veth0 scope 50",
            "addr add 10.4.0.1/16 dev veth0 metric 100",
            "addr add 10.5.0.1/24 dev veth0 valid_lft 5000 preferred_lft 4000",
            "addr add 10.6.0.1/24 brd + dev veth0 valid_lft forever preferred_lft 0",
            "addr add 127.0.0.2/8 dev lo",
            "addr add 10.0.0.1/0 dev veth0",
            "addr add fd00::1/64 dev veth0",
            "addr add fd00::2/64 dev veth0 nodad noprefixroute",
            "addr add fd00::3/128 dev veth0 home",
            "addr add fd00:1::1/64 dev veth0 mngtmpaddr noprefixroute",
            "addr add fd00::4/64 dev veth0 valid_lft 8000 preferred_lft 7000",
            "addr add fd00::5/64 dev veth0 preferred_lft 0",
            "addr add fd00:2::1 peer fd00:2::2/128 dev veth0",
            "addr add fec0::1/64 dev veth0",
            "addr add fd00:3::1/64 dev veth0 metric 42",
            "addr add ::ffff:10.0.0.1/128 dev veth0",
            "addr add fd00::6/64 dev lo optimistic",
        )
        _try(
            here,
            "addr add 10.7.0.1/24 dev veth0 proto 4",
            "addr add fd00:4::1/64 dev veth0 proto 0x2c",
            "addr add 224.1.1.1/32 dev veth0 autojoin",
            "addr add ff05::1:1/128 dev veth0 autojoin",
        )
        # Detection cannot end where there is no carrier, so these stay tentative.
        here.run("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/eth0/accept_dad")
        configure(
            here, "link add quiet type veth peer name quietp", "link set quiet up", "addr add fd00:9::1/64 dev quiet"
        )
        yield places


@_scene
def temporary_addresses() -> Iterator[Sequence[Place]]:
    with fresh_places() as (here,):
        configure(here, "link add t0 type veth peer name t1")
        for name, value in (("use_tempaddr", 2), ("addr_gen_mode", 3)):
            here.run("sh", "-c", f"echo {value} > /proc/sys/net/ipv6/conf/t0/{name}")
        configure(here, "link set t0 up", "link set t1 up", "addr add fd00::1/64 dev t0 mngtmpaddr")
        yield [here]


# --- routes -----------------------------------------------------------------------------------------------------------


REJECTS = ("throw", "prohibit", "blackhole", "unreachable")


@_scene
def routes() -> Iterator[Sequence[Place]]:
    with fresh_places(1) as places:
        here, pod = places
        configure(
            here,
            f"link add azv1 type veth peer name eth0 netns {pod.network}",
            "link add in1 type veth peer name in2",
            *(f"link set {name} up" for name in ("azv1", "in1", "in2", "eth0", "lo")),
            "addr add 10.0.0.2/24 dev azv1",
            "addr add fd00::2/64 dev azv1 nodad",
            "addr add 10.0.1.2/24 dev in1",
            "route add default via 10.0.0.1 dev azv1 proto dhcp src 10.0.0.2 metric 100",
            "route add default via 10.0.0.9 dev azv1 metric 4294967295 onlink",
            "route add 10.1.0.0/16 nexthop via 10.0.0.1 dev azv1 weight 1 nexthop via 10.0.0.5 dev azv1 weight 7",
            "route add 10.1.1.0/24 nexthop dev in1 weight 3 nexthop dev azv1 weight 200",
            *(
                f"route add {kind} 10.2.{n}.0/24"
                for n, kind in enumerate(["blackhole", "unreachable", "prohibit", "throw"])
            ),
            "route add unreachable 10.3.0.1 metric 5",
            "route add 10.6.0.1 dev azv1 scope link",
            "route add 10.6.0.2 dev azv1 proto static",
            "route add 10.7.0.0/16 via 10.0.0.1 mtu lock 1400 advmss 1300 window 5000 initcwnd 10 rto_min 200ms",
            "route add 10.11.0.0/16 dev in1 proto 77 scope 50",
            "route add 10.12.0.0/16 dev in1 table 100",
            "route add fd01::/64 via fd00::1 dev azv1 metric 7 pref high",
            "route add fd02::/64 nexthop via fd00::1 dev azv1 nexthop via fd00::5 dev azv1 weight 4",
            "route add fd03::7 dev azv1 mtu 1400",
            "route add blackhole fd04::/32",
            "route add unreachable fd05::/32 metric 9",
            "route add ::/0 via fd00::1 dev azv1",
        )
        _try(
            here,
            "route add 10.8.0.0/16 via 10.0.0.1 tos 0x10",
            "route add 10.9.0.0/16 via 10.0.0.1 realm 3/4",
            "route add 10.10.0.0/16 via inet6 fe80::1 dev azv1",
            "nexthop add id 7 via 10.0.0.1 dev azv1",
            "route add 10.14.0.0/16 nhid 7",
        )
        configure(
            pod,
            "link set eth0 up",
            "addr add 10.6.0.1/32 dev eth0",
            "route add 169.254.1.1 dev eth0 scope link",
            "route add default via 169.254.1.1 dev eth0",
        )
        yield places


# --- links ------------------------------------------------------------------------------------------------------------


@_scene
def links() -> Iterator[Sequence[Place]]:
    with fresh_places() as (here,):
        configure(
            here,
            *(f"link add v{number} type veth peer name p{number}" for number in range(8)),
            'link set v0 alias "rack 7, port 3: it\'s <here> @ home"',
            "link set v1 alias x",
            "link property add dev v1 altname a-much-longer-name-than-fifteen altname second altname 1",
            "link set v2 mtu 9000 txqueuelen 0 group 77",
            "link set v3 allmulticast on promisc on arp off",
            "link set v4 up",
            "link set p4 up",
            "link set v5 multicast off dynamic on address 02:00:00:00:00:05",
            "link add vx6 type vxlan id 6 dstport 4789",
            "link set vx6 protodown on",
            "link add mv6 link v4 type macvlan mode private",
            "link set mv6 up protodown on",
            "link set v7 mtu 68",
            "link set p7 addrgenmode none up",
            "link set p6 addrgenmode random",
            "link set p5 gso_max_size 1000 gso_max_segs 5",
            "link add wide numtxqueues 4 numrxqueues 3 type veth peer name widep",
        )
        _try(
            here, "link set vx6 protodown_reason 3 on", "link set vx6 protodown_reason 7 on", "link set v0 trailers off"
        )
        yield [here]


ODD_NAMES = (
    *("a@b", "-x", "...", "<UP>", "1", "state", "master", "naïve", "veth@odd", "x@", "link", "mtu", "qdisc", "up"),
    *("back\\slash", "it's", "'q'", "$HOME", "a=b", "[0]", "{}", "NONE", "if7", "-", "inet", "mode", "group", "brd"),
)


@_scene
def odd_names() -> Iterator[Sequence[Place]]:
    """Every odd name on a veth: a name with an @ can be told from its peer's only where there is one."""
    with fresh_places(1, named=("dev",)) as places:
        here, pod, other = places
        configure(here, "link add name bridge type bridge", "link set dev bridge up")
        for number, name in enumerate(ODD_NAMES):
            # A peer here that is called so could not be told from one without a name.
            where = number % 3 if name not in {"NONE", "if7"} else 1
            peer = (f"p{number}", f"eth{number} netns {pod.network}", f"eth{number} netns {other.network}")[where]
            here.run(*f"ip link add name v{number} type veth peer name {peer}".split())
            try:
                here.run("ip", "link", "set", "dev", f"v{number}", "name", name)
            except TopologyError:
                continue
            here.run("ip", "link", "set", "dev", name, "up", *(("master", "bridge") if number % 4 == 0 else ()))
            if "@" not in name:
                here.run("ip", "link", "property", "add", "dev", name, "altname", f"{name}-too")
            here.run("ip", "addr", "add", f"10.9.{number}.1/24", "dev", name)
        for master in ("master", "<UP>", "back\\slash"):
            here.run("ip", "link", "add", "name", f"{master}.br", "type", "bridge")
            here.run("ip", "link", "add", "name", f"{master}.p", "type", "veth", "peer", "name", f"{master}.q")
            here.run("ip", "link", "set", "dev", f"{master}.p", "master", f"{master}.br")
        yield places


_KINDS = (
    "vxlan id 7 remote 10.0.0.9 local 10.0.0.1 dstport 4789 ttl 5 nolearning",
    "vxlan external dstport 8472",
    "macvlan mode private",
    "macvlan mode passthru",
    "macvlan mode source",
    "macvtap mode vepa",
    "ipvlan mode l3",
    "ifb",
    "dummy",
    "vlan id 5",
    "bond mode active-backup",
    "vrf table 10",
    "gre local 10.0.0.1 remote 10.0.0.2 ttl 9 key 5",
    "gretap local 10.0.0.1 remote 10.0.0.2",
    "erspan local 10.0.0.1 remote 10.0.0.2 seq key 3 erspan_ver 1",
    "ipip local 10.0.0.1 remote 10.0.0.2",
    "sit local 10.0.0.1 remote 10.0.0.2",
    "vti local 10.0.0.1 remote 10.0.0.2 key 4",
    "ip6tnl local fd00::1 remote fd00::2",
    "ip6gre local fd00::1 remote fd00::2",
    "ip6gretap local fd00::1 remote fd00::2",
    "geneve id 9 remote 10.0.0.3",
    "bareudp dstport 6635 ethertype mpls_uc",
    "wireguard",
    "nlmon",
    "vcan",
    "team",
    "xfrm dev eth0 if_id 5",
    "hsr slave1 eth0 slave2 lo",
    "amt mode relay local 10.0.0.1 dev eth0 relay_port 2268",
)


@_scene
def kinds() -> Iterator[Sequence[Place]]:
    """One device of each kind that this kernel knows."""
    with fresh_places() as (here,):
        configure(here, "link add low type veth peer name lowp", "link set low up")
        for number, kind in enumerate(_KINDS):
            below = "link low " if kind.split()[0] in {"macvlan", "macvtap", "ipvlan", "vlan"} else ""
            _try(here, f"link add k{number} {below}type {kind}", f"link set k{number} up")
        # Passthrough wants a lower device of its own.
        _try(here, "link add deep type veth peer name deepp", "link add pass link deep type macvlan mode passthru")
        configure(
            here,
            "tuntap add dev tun0 mode tun",
            "tuntap add dev tap1 mode tap user 0 multi_queue",
            "link set tun0 up",
            "addr add 10.8.0.1 peer 10.8.0.2/32 dev tun0",
        )
        yield [here]


# --- scenes that nobody thought of ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Plan:
    """Lines of ``ip`` for a fresh namespace, ``{pod}`` being another one. The kernel may refuse some of them."""

    lines: tuple[str, ...] = field(default=())


@contextmanager
def built(plan: Plan) -> Iterator[Sequence[Place]]:
    with fresh_places(1) as places:
        here, pod = places
        lines = "".join(line.replace("{pod}", str(pod.network)) + "\n" for line in plan.lines)
        # What is refused is reported in the exit status, and all else is done.
        here.run("sh", "-c", "ip -force -batch - 2>/dev/null || true", stdin=lines)
        yield places


def _quoted(word: str) -> str:
    return f"'{word}'" if '"' in word else f'"{word}"'


def _interface_names() -> st.SearchStrategy[str]:
    # A batch takes # for a comment and the kernel % for a number; no quotation mark can stand beside the other kind.
    # NONE and if7 are printed of peers without a name.
    odd = set("#%{}")
    return names_with_at().filter(
        lambda name: not odd & set(name) and not {"'", '"'} <= set(name) and name not in {"NONE", "if5", "lo", "eth0"}
    )


_LIFETIMES = ("", "valid_lft 5000 preferred_lft 4000", "preferred_lft 0", "valid_lft 4294967294 preferred_lft 1000")
_V4_FLAGS = ("", "noprefixroute", "metric 7", "scope link", "scope 77", "brd +", "brd 10.9.9.9", "scope host")
_V6_FLAGS = ("", "noprefixroute", "nodad", "home", "mngtmpaddr", "optimistic", "metric 9", "nodad noprefixroute")
_SETTINGS = (
    *("mtu 1400", "group 5", "txqueuelen 0", "txqueuelen 7", 'alias "some words"', "arp off", "multicast off"),
    *("promisc on", "allmulticast on", "dynamic on", "addrgenmode none", "addrgenmode random", "protodown on"),
)


@st.composite
def plans(draw: Draw) -> Plan:
    """Interfaces of several kinds with any names; addresses, masters, and up or down for each."""
    names = draw(st.lists(_interface_names(), min_size=1, max_size=5, unique=True))
    tails = {name[index + 1 :] for name in names for index, sign in enumerate(name) if sign == "@"}
    names = [name for name in names if name not in tails]  # "a@b" beside "b" can be read in two ways
    # Nor can a name with an @ be told from a peer's with one, and a peer's number may be that of anything here.
    names = [name for name in names if "@" not in name] + [name for name in names if "@" in name][:1]
    # `bridge link` gives a peer the name of anything here, and lists ports only.
    with_ports = not any("@" in name for name in names)
    bridges: list[str] = ["cbr.0"]
    below: list[str] = []
    lines: list[str] = ["link add name cbr.0 type bridge", "link set dev cbr.0 up"]
    for number, name in enumerate(names):
        # A name with an @ can be told from its peer's only where there is one, and a peer's only where it is listed,
        # too, which -4 and -6 do not do if it has no address.
        kinds = ["veth to a pod"]
        if "@" not in name:
            kinds += ["veth", "bridge", "vxlan", "ifb", "tun", "tap"]
        if below:
            kinds += ["macvlan"]
        kind = draw(st.sampled_from(kinds))
        word = _quoted(name)
        if kind.startswith("veth"):
            pod = " netns {pod}" if kind == "veth to a pod" else ""
            lines.append(f"link add name {word} type veth peer name p{number}{pod}")
            below += [word] if "@" not in name else []
        elif kind == "macvlan":
            lines.append(f"link add link {draw(st.sampled_from(below))} name {word} type macvlan mode bridge")
        elif kind in {"tun", "tap"}:
            lines.append(f"tuntap add dev {word} mode {kind}")
        elif kind == "vxlan":
            lines.append(f"link add name {word} type vxlan id {number} dstport {4789 + number}")
        else:
            stp = f" stp_state {draw(st.integers(0, 1))}" if kind == "bridge" else ""
            lines.append(f"link add name {word} type {kind}{stp}")
        if kind == "bridge":
            bridges.append(word)
        elif with_ports and draw(st.booleans()):
            lines.append(f"link set dev {word} master {draw(st.sampled_from(bridges))}")
        lines += [
            f"link set dev {word} {setting}" for setting in draw(st.lists(st.sampled_from(_SETTINGS), max_size=2))
        ]
        if draw(st.booleans()):
            lines.append(f"link property add dev {word} altname alt{number}")
        if draw(st.booleans()):
            lines.append(f"link set dev {word} up")
        lines += draw(st.lists(_address_lines(word, name), max_size=3))
        if kind == "veth" and draw(st.booleans()):
            lines.append(f"link set dev p{number} up")
    return Plan(tuple(lines))


@st.composite
def _address_lines(draw: Draw, word: str, name: str) -> str:
    address: IPv4Address | IPv6Address
    peer: IPv4Address | IPv6Address
    if draw(st.booleans()):
        address = IPv4Address(0x0A000000 + draw(st.integers(1, 0xFFFFFE)))
        peer = IPv4Address(0x0A000000 + draw(st.integers(1, 0xFFFFFE)))
        flags, length = draw(st.sampled_from(_V4_FLAGS)), draw(st.integers(8, 32))
    else:
        address = IPv6Address((0xFD << 120) + draw(st.integers(1, 2**118)))
        peer = IPv6Address((0xFD << 120) + draw(st.integers(1, 2**118)))
        flags, length = draw(st.sampled_from(_V6_FLAGS)), draw(st.integers(8, 128))
    local = f"{address} peer {peer}/{length}" if draw(st.integers(0, 4)) == 0 else f"{address}/{length}"
    labelled = isinstance(address, IPv4Address) and len(name.encode()) < 13 and draw(st.booleans())
    label = f"label {_quoted(name + ':x')}" if labelled else ""
    return f"addr add {local} {flags} {draw(st.sampled_from(_LIFETIMES))} dev {word} {label}"
