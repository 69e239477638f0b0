"""The words that `ip -d` and `ip -s` add to an interface: which field each is, as iproute2 itself names it in JSON.

Taken from the print functions of iproute2 6.1 (ip/ipaddress.c, ip/iplink_*.c, ip/link_*.c), and what later versions
add. A word that is not listed is kept as text: what follows it may be its value or the next word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

__all__ = ["KINDS", "counters", "read_details", "read_kind", "read_virtual_function"]

# What takes a word's place: the field, and how its value is read.
_Rule = tuple[str, Callable[[Iterator[str]], Any]]


def _text(words: Iterator[str]) -> str:
    return next(words)


def _number(words: Iterator[str]) -> int:
    return int(next(words))


def _number_or_name(words: Iterator[str]) -> int | str:
    word = next(words)
    return int(word) if word.isdecimal() else word


def _seconds(words: Iterator[str]) -> float:
    return float(next(words))


def _on(words: Iterator[str]) -> bool:
    return {"on": True, "off": False}[next(words)]


def _yes(words: Iterator[str]) -> bool:
    return True


def _no(words: Iterator[str]) -> bool:
    return False


def _or_zero(*names: str) -> Callable[[Iterator[str]], Any]:
    """A number that is printed as one of ``names`` when it is 0."""

    def read(words: Iterator[str]) -> int:
        word = next(words)
        return 0 if word in names else int(word)

    return read


def _number_or_inherit(words: Iterator[str]) -> int | str:
    word = next(words)
    return word if word == "inherit" else _or_zero("auto")(iter((word,)))


def _list(words: Iterator[str]) -> list[str]:
    return next(words).split(",")


def _brackets(words: Iterator[str]) -> list[str]:
    word = next(words)
    if not (word.startswith("<") and word.endswith(">")):
        raise ValueError(word)
    return word[1:-1].split(",") if len(word) > 2 else []


def _port_range(words: Iterator[str]) -> dict[str, int]:
    return {"low": int(next(words)), "high": int(next(words))}


def _map(words: Iterator[str]) -> list[dict[str, int]]:
    if next(words) != "{":
        raise ValueError
    pairs = []
    while (word := next(words)) != "}":
        before, after = word.split(":")
        pairs.append({"from": int(before), "to": int(after)})
    return pairs


def _remotes(words: Iterator[str]) -> int:
    return int(next(words).strip("()"))


def _or_null(words: Iterator[str]) -> str | None:
    word = next(words)
    return None if word == "none" else word


def _same(read: Callable[[Iterator[str]], Any], words: str) -> dict[str, _Rule]:
    return {word: (word, read) for word in words.split()}


_TUNNEL: dict[str, _Rule] = {
    **_same(_text, "remote local tos ikey okey fwmark"),
    **_same(_yes, "external pmtudisc isatap iseq oseq icsum ocsum"),
    "ipip": ("proto", lambda words: "ipip"),
    "ip6ip": ("proto", lambda words: "ip6ip"),
    "ipip6": ("proto", lambda words: "ipip6"),
    "ip6ip6": ("proto", lambda words: "ip6ip6"),
    "mplsip": ("proto", lambda words: "mplsip"),
    "any": ("proto", lambda words: "any"),
    "dev": ("link", _text),
    "ttl": ("ttl", _or_zero("inherit")),
    "nopmtudisc": ("pmtudisc", _no),
    "ignore-df": ("ignore_df", _yes),
}

_MACVLAN: dict[str, _Rule] = {
    **_same(_text, "mode"),
    **_same(_yes, "nopromisc nodst"),
    **_same(_number, "bcqueuelen usedbcqueuelen bclim"),
    "remotes": ("macaddr_count", _remotes),
}
_IPVLAN: dict[str, _Rule] = {**_same(_text, "mode"), **_same(_yes, "private vepa bridge")}

# By the kind as it is printed: the fields of `info_data`, and of `info_slave_data` for what ends in _slave.
KINDS: Mapping[str, Mapping[str, _Rule]] = {
    "veth": {},
    "dummy": {},
    "ifb": {},
    "wireguard": {},
    "nlmon": {},
    "team": {},
    "bridge": {
        **_same(
            _number,
            "forward_delay hello_time max_age ageing_time stp_state priority vlan_filtering root_port root_path_cost "
            "topology_change topology_change_detected vlan_default_pvid vlan_stats_enabled vlan_stats_per_port "
            "fdb_n_learned fdb_max_learned fdb_local_vlan_0 mcast_snooping no_linklocal_learn mcast_vlan_snooping "
            "mst_enabled mdb_offload_fail_notification mcast_router mcast_query_use_ifaddr mcast_querier "
            "mcast_hash_elasticity mcast_hash_max mcast_stats_enabled mcast_igmp_version mcast_mld_version "
            "nf_call_iptables nf_call_ip6tables nf_call_arptables",
        ),
        **_same(_text, "vlan_protocol bridge_id group_fwd_mask"),
        **_same(_seconds, "hello_timer tcn_timer topology_change_timer gc_timer"),
        "designated_root": ("root_id", _text),
        "group_address": ("group_addr", _text),
        "mcast_last_member_count": ("mcast_last_member_cnt", _number),
        "mcast_startup_query_count": ("mcast_startup_query_cnt", _number),
        "mcast_last_member_interval": ("mcast_last_member_intvl", _number),
        "mcast_membership_interval": ("mcast_membership_intvl", _number),
        "mcast_querier_interval": ("mcast_querier_intvl", _number),
        "mcast_query_interval": ("mcast_query_intvl", _number),
        "mcast_query_response_interval": ("mcast_query_response_intvl", _number),
        "mcast_startup_query_interval": ("mcast_startup_query_intvl", _number),
    },
    "bridge_slave": {
        **_same(_text, "state group_fwd_mask group_fwd_mask_str backup_port"),
        **_same(
            _number,
            "priority cost designated_port designated_cost topology_change_ack config_pending backup_nhid",
        ),
        **_same(
            _on,
            "hairpin guard root_block fastleave learning flood proxy_arp proxy_arp_wifi mcast_fast_leave mcast_flood "
            "bcast_flood mcast_to_unicast neigh_suppress neigh_vlan_suppress vlan_tunnel isolated locked mab",
        ),
        **_same(_seconds, "hold_timer message_age_timer forward_delay_timer"),
        "port_id": ("id", _text),
        "port_no": ("no", _text),
        "designated_bridge": ("bridge_id", _text),
        "designated_root": ("root_id", _text),
        "mcast_router": ("multicast_router", _number),
    },
    "vlan": {
        **_same(_text, "protocol"),
        **_same(_number, "id"),
        "ingress-qos-map": ("ingress_qos", _map),
        "egress-qos-map": ("egress_qos", _map),
    },
    "vxlan": {
        **_same(_text, "group remote local tos df reserved_bits"),
        **_same(_number, "id"),
        **_same(_yes, "external vnifilter proxy rsc l2miss l3miss gbp gpe localbypass"),
        "dev": ("link", _text),
        "srcport": ("port_range", _port_range),
        "dstport": ("port", _number),
        "nolearning": ("learning", _no),
        "nolocalbypass": ("localbypass", _no),
        "ttl": ("ttl", _number_or_inherit),
        "flowlabel": ("label", _text),
        "ageing": ("ageing", _or_zero("none")),
        "maxaddr": ("limit", _number),
        "udpcsum": ("udp_csum", _yes),
        "noudpcsum": ("udp_csum", _no),
        "udp6zerocsumtx": ("udp_zero_csum6_tx", _yes),
        "noudp6zerocsumtx": ("udp_zero_csum6_tx", _no),
        "udp6zerocsumrx": ("udp_zero_csum6_rx", _yes),
        "noudp6zerocsumrx": ("udp_zero_csum6_rx", _no),
        "remcsumtx": ("remcsum_tx", _yes),
        "remcsumrx": ("remcsum_rx", _yes),
        # These later have the names that they have in JSON, and are printed only where they are not the default.
        **_same(_yes, "udp_csum udp_zero_csum6_tx udp_zero_csum6_rx remcsum_tx remcsum_rx learning"),
        **{f"no{name}": (name, _no) for name in ("udp_csum", "proxy", "rsc", "l2miss", "l3miss")},
    },
    "macvlan": _MACVLAN,
    "macvtap": _MACVLAN,
    "ipvlan": _IPVLAN,
    "ipvtap": _IPVLAN,
    "bond": {
        **_same(
            _text,
            "mode active_slave arp_all_targets primary primary_reselect fail_over_mac xmit_hash_policy ad_select "
            "ad_actor_system",
        ),
        **_same(
            _number,
            "miimon updelay downdelay peer_notify_delay use_carrier arp_interval arp_missed_max resend_igmp "
            "all_slaves_active min_links lp_interval packets_per_slave ad_actor_sys_prio ad_user_port_key "
            "tlb_dynamic_lb",
        ),
        **_same(_list, "arp_ip_target ns_ip6_target"),
        **_same(_on, "coupled_control"),
        "arp_validate": ("arp_validate", _or_null),
        "num_grat_arp": ("num_peer_notif", _number),
        "lacp_active": ("ad_lacp_active", _text),
        "lacp_rate": ("ad_lacp_rate", _text),
        "ad_aggregator": ("ad_info.aggregator", _number),
        "ad_num_ports": ("ad_info.num_ports", _number),
        "ad_actor_key": ("ad_info.actor_key", _number),
        "ad_partner_key": ("ad_info.partner_key", _number),
        "ad_partner_mac": ("ad_info.partner_mac", _text),
    },
    "bond_slave": {
        **_same(_text, "state mii_status perm_hwaddr"),
        **_same(
            _number,
            "link_failure_count queue_id prio ad_aggregator_id ad_actor_oper_port_state ad_partner_oper_port_state",
        ),
    },
    "tun": {
        **_same(_text, "type"),
        **_same(_number_or_name, "user group"),
        **_same(_on, "pi vnet_hdr persist"),
        **_same(_yes, "multi_queue"),
        **_same(_number, "numqueues numdisabled"),
    },
    "vrf": _same(_number, "table"),
    "vrf_slave": _same(_number, "table"),
    "ipip": _TUNNEL,
    "sit": _TUNNEL,
    "gre": _TUNNEL,
    "gretap": _TUNNEL,
    "vti": _TUNNEL,
}

# What stands behind `link/ether ...`, and behind the words of the kind, of whichever it is.
_DETAILS: Mapping[str, _Rule] = {
    **_same(
        _number,
        "promiscuity allmulti gso_max_size gso_max_segs tso_max_size tso_max_segs gro_max_size gso_ipv4_max_size "
        "gro_ipv4_max_size",
    ),
    **_same(_text, "parentbus parentdev"),
    "minmtu": ("min_mtu", _number),
    "maxmtu": ("max_mtu", _number),
    "netns-immutable": ("netns_immutable", _yes),
    "addrgenmode": ("inet6_addr_gen_mode", _text),
    "numtxqueues": ("num_tx_queues", _number),
    "numrxqueues": ("num_rx_queues", _number),
    "portname": ("phys_port_name", _text),
    "portid": ("phys_port_id", _text),
    "switchid": ("phys_switch_id", _text),
}
# The first words of what is common to all kinds.
_COMMON = re.compile(r"(?:^|(?<=\s))(?:addrgenmode|numtxqueues)(?= )")


def _read(words: Iterable[str], rules: Mapping[str, _Rule]) -> tuple[dict[str, Any], list[str]]:
    """The fields that ``words`` give by ``rules``, and the words that are not known."""
    fields: dict[str, Any] = {}
    unknown: list[str] = []
    rest = list(words)
    index = 0
    while index < len(rest):
        word = rest[index]
        index += 1
        rule = rules.get(word)
        if rule is None or rule[0] in fields:
            unknown.append(word)
            continue
        ahead = _Counting(rest, index)
        try:
            fields[rule[0]] = rule[1](ahead)
        except (KeyError, ValueError, StopIteration):
            unknown.append(word)
        else:
            index = ahead.index
    return fields, unknown


class _Counting(Iterator[str]):
    def __init__(self, words: list[str], index: int) -> None:
        self.words, self.index = words, index

    def __next__(self) -> str:
        if self.index >= len(self.words):
            raise StopIteration
        self.index += 1
        return self.words[self.index - 1]


def read_details(text: str) -> dict[str, Any]:
    """Fields of an interface from the words of ``-d`` that are common to all kinds; ``details`` has those not known."""
    fields, unknown = _read(text.split(), _DETAILS)
    if unknown:
        fields["details"] = " ".join(unknown)
    return fields


def read_kind(kind: str, text: str) -> tuple[dict[str, Any], str | None, str]:
    """Of a line ``kind text``: the settings, the words that are not known (None: there are none), the common words."""
    common = _COMMON.search(text)
    end = common.start() if common is not None else len(text)
    words = text[:end].split()
    if kind not in KINDS:
        return {}, " ".join(words) or None, text[end:]
    fields, unknown = _read(words, KINDS[kind])
    if kind == "vlan" and unknown:
        unknown = [word for word in unknown if not _take_vlan_flags(word, fields)]
    elif "macaddr_count" in fields:
        fields["macaddr_data"], unknown = unknown, []
    elif kind == "vxlan":
        for name in ("group", "remote", "local"):
            if ":" in fields.get(name, ""):
                fields[f"{name}6"] = fields.pop(name)
        if fields.get("tos") == "inherit":
            fields["tos"] = "0x1"
    elif kind == "bridge_slave":
        fields.pop("mcast_fast_leave", None)  # the same bit as fastleave, printed twice
    elif kind == "bond":
        info = {name.partition(".")[2]: fields.pop(name) for name in list(fields) if name.startswith("ad_info.")}
        if info:
            fields["ad_info"] = info
    elif kind == "bond_slave":
        unknown = _take_port_states(words, fields, unknown)
    return fields, " ".join(unknown) or None, text[end:]


def _take_vlan_flags(word: str, fields: dict[str, Any]) -> bool:
    try:
        fields["flags"] = _brackets(iter((word,)))
    except ValueError:
        return False
    return True


def _take_port_states(words: list[str], fields: dict[str, Any], unknown: list[str]) -> list[str]:
    """The states in brackets, each of the number before it."""
    for name in ("ad_actor_oper_port_state", "ad_partner_oper_port_state"):
        if name in fields:
            # iproute2 prints the list without the name it has in JSON.
            after = words[words.index(name) + 2 :][:1]
            if after and after[0] in unknown and after[0].startswith("<"):
                unknown.remove(after[0])
                fields[f"{name}_str"] = _brackets(iter(after))
    return unknown


_COLUMNS = {
    "overrun": "over_errors",
    "missed": "missed_errors",
    "mcast": "multicast",
    "length": "length_errors",
    "crc": "crc_errors",
    "frame": "frame_errors",
    "fifo": "fifo_errors",
    "carrier": "carrier_errors",
    "collsns": "collisions",
    "aborted": "aborted_errors",
    "window": "window_errors",
    "heartbeat": "heartbeat_errors",
    "heartbt": "heartbeat_errors",
    "transns": "carrier_changes",
    "bcast": "broadcast",
}


def counters(columns: str, values: str) -> dict[str, int] | None:
    """The counters of a heading and the numbers under it; None if they do not go together."""
    names, numbers = columns.split(), values.split()
    if len(names) != len(numbers):
        return None
    return {_COLUMNS.get(name, name): int(number) for name, number in zip(names, numbers, strict=True)}


_VF = re.compile(
    r"\s*(?:link/(?P<link_type>\S+) |MAC )(?P<address>[0-9a-f:]+)"
    r"(?: (?:brd|(?P<link_pointtopoint>peer)) (?P<broadcast>[0-9a-f:]+))?(?P<rest>(?:,.*)?)"
)
_VF_RULES: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "vlan": ("vlan", int),
    "qos": ("qos", int),
    "vlan protocol": ("protocol", str),
    "tx rate": ("tx_rate", lambda word: int(word.removesuffix("(Mbps)"))),
    "max_tx_rate": ("max_tx", lambda word: int(word.removesuffix("Mbps"))),
    "min_tx_rate": ("min_tx", lambda word: int(word.removesuffix("Mbps"))),
    "spoof checking": ("spoofchk", lambda word: {"on": True, "off": False}[word]),
    "NODE_GUID": ("node guid", str),
    "PORT_GUID": ("port guid", str),
    "link-state": ("link_state", str),
    "trust": ("trust", lambda word: {"on": True, "off": False}[word]),
    "query_rss": ("query_rss_en", lambda word: {"on": True, "off": False}[word]),
}


def read_virtual_function(number: str, text: str) -> dict[str, Any] | None:
    """One entry of ``vfinfo_list`` from a ``vf N ...`` line; None if the line is none."""
    match = _VF.fullmatch(text.rstrip())
    if match is None:
        return None
    fields: dict[str, Any] = {"vf": int(number)}
    fields |= {name: word for name, word in match.groupdict().items() if word and name != "rest"}
    if "link_pointtopoint" in fields:
        fields["link_pointtopoint"] = True
    vlan: dict[str, Any] = {}
    rate: dict[str, Any] = {}
    for part in match["rest"].split(",")[1:]:
        name, _, value = part.strip().removesuffix(" (Mbps)").rpartition(" ")
        if name not in _VF_RULES:
            return None
        field, convert = _VF_RULES[name]
        place = vlan if field in {"vlan", "qos", "protocol"} else rate if field in {"max_tx", "min_tx"} else fields
        try:
            place[field] = convert(value)
        except (KeyError, ValueError):
            return None
    if vlan:
        fields["vlan_list"] = [vlan]
    if rate:
        fields["rate"] = {"max_tx": 0, "min_tx": 0} | rate
    return fields
