"""What `ip addr` and `ip link` print with -d, -s, -o and -br, and their JSON form.

Captured from iproute2 6.1, unless a comment says otherwise; device kinds that need a module of the kernel are as
iproute2's print functions (ip/iplink_*.c) write them.
"""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest

from aksnet_parse import Interface, parse_ip_addr, parse_ip_link, read
from aksnet_parse.commands.ip_addr import IP_ADDR
from aksnet_parse.commands.ip_link import IP_LINK

HEAD = "5: x: <BROADCAST,MULTICAST,UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000\n"
LINK = "    link/ether 76:e6:e0:fc:b2:e4 brd ff:ff:ff:ff:ff:ff"
DETAILS = f"{LINK} promiscuity 0  allmulti 0 minmtu 68 maxmtu 65535 \n"
TAIL = (
    "addrgenmode eui64 numtxqueues 2 numrxqueues 2 gso_max_size 65536 gso_max_segs 65535 tso_max_size 524280 "
    "tso_max_segs 65535 gro_max_size 65536 "
)


def one(text: str) -> Interface:
    result = parse_ip_link(text)
    assert result.unparsed == ()
    assert result.coverage == 1.0
    [interface] = result
    return interface


def plain(interface: Interface) -> dict[str, Any]:
    dumped = interface.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"source"})
    assert isinstance(dumped, dict)
    return dumped


# --- -d ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "data"),
    [
        # iproute2 6.15
        (
            (
                "vxlan id 7 remote 10.0.0.9 srcport 0 0 dstport 4789 tos inherit ttl auto df set ageing 9 maxaddr 5 "
                "reserved_bits 0x7700000000000000 gbp nolearning proxy rsc l2miss l3miss noudp_csum udp_zero_csum6_tx "
                "udp_zero_csum6_rx remcsum_tx remcsum_rx "
            ),
            {
                "id": 7,
                "remote": "10.0.0.9",
                "port_range": {"low": 0, "high": 0},
                "port": 4789,
                "tos": "0x1",
                "ttl": 0,
                "df": "set",
                "ageing": 9,
                "limit": 5,
                "reserved_bits": "0x7700000000000000",
                "gbp": True,
                "learning": False,
                "proxy": True,
                "rsc": True,
                "l2miss": True,
                "l3miss": True,
                "udp_csum": False,
                "udp_zero_csum6_tx": True,
                "udp_zero_csum6_rx": True,
                "remcsum_tx": True,
                "remcsum_rx": True,
            },
        ),
        # iproute2 7.x
        (
            "bridge mdb_offload_fail_notification 0 fdb_local_vlan_0 1 ",
            {"mdb_offload_fail_notification": 0, "fdb_local_vlan_0": 1},
        ),
        ("vlan protocol 802.1Q id 5 <REORDER_HDR> ", {"protocol": "802.1Q", "id": 5, "flags": ["REORDER_HDR"]}),
        (
            (
                "vxlan id 42 remote 10.0.0.2 local 10.0.0.1 dev br0 srcport 0 0 dstport 4789 ttl auto ageing 300 "
                "udpcsum noudp6zerocsumtx noudp6zerocsumrx "
            ),
            {
                "id": 42,
                "remote": "10.0.0.2",
                "local": "10.0.0.1",
                "link": "br0",
                "port_range": {"low": 0, "high": 0},
                "port": 4789,
                "ttl": 0,
                "ageing": 300,
                "udp_csum": True,
                "udp_zero_csum6_tx": False,
                "udp_zero_csum6_rx": False,
            },
        ),
        (
            (
                "vxlan external id 0 group ff05::100 local fd00::1 srcport 1 9 dstport 8472 nolearning proxy tos "
                "inherit ttl 7 flowlabel 0x4 ageing none maxaddr 9 noudpcsum udp6zerocsumtx udp6zerocsumrx gbp "
            ),
            {
                "external": True,
                "id": 0,
                "group6": "ff05::100",
                "local6": "fd00::1",
                "port_range": {"low": 1, "high": 9},
                "port": 8472,
                "learning": False,
                "proxy": True,
                "tos": "0x1",
                "ttl": 7,
                "label": "0x4",
                "ageing": 0,
                "limit": 9,
                "udp_csum": False,
                "udp_zero_csum6_tx": True,
                "udp_zero_csum6_rx": True,
                "gbp": True,
            },
        ),
        (
            "macvlan mode bridge bcqueuelen 1000 usedbcqueuelen 1000 ",
            {"mode": "bridge", "bcqueuelen": 1000, "usedbcqueuelen": 1000},
        ),
        (
            "macvlan mode source nopromisc remotes (2) 02:00:00:00:00:01 02:00:00:00:00:02 ",
            {
                "mode": "source",
                "nopromisc": True,
                "macaddr_count": 2,
                "macaddr_data": ["02:00:00:00:00:01", "02:00:00:00:00:02"],
            },
        ),
        ("ipvlan  mode l3 bridge ", {"mode": "l3", "bridge": True}),
        (
            (
                "bond mode 802.3ad active_slave eth0 miimon 100 use_carrier 1 arp_ip_target 10.0.0.1,10.0.0.2 "
                "arp_validate none primary eth0 num_grat_arp 1 lacp_rate slow ad_aggregator 1 ad_num_ports 2 "
                "ad_actor_key 9 ad_partner_key 1 ad_partner_mac 00:00:00:00:00:00 tlb_dynamic_lb 1 "
            ),
            {
                "mode": "802.3ad",
                "active_slave": "eth0",
                "miimon": 100,
                "use_carrier": 1,
                "arp_ip_target": ["10.0.0.1", "10.0.0.2"],
                "arp_validate": None,
                "primary": "eth0",
                "num_peer_notif": 1,
                "ad_lacp_rate": "slow",
                "ad_info": {
                    "aggregator": 1,
                    "num_ports": 2,
                    "actor_key": 9,
                    "partner_key": 1,
                    "partner_mac": "00:00:00:00:00:00",
                },
                "tlb_dynamic_lb": 1,
            },
        ),
        (
            "tun type tap pi off vnet_hdr on multi_queue numqueues 1 numdisabled 0 persist off user root ",
            {
                "type": "tap",
                "pi": False,
                "vnet_hdr": True,
                "multi_queue": True,
                "numqueues": 1,
                "numdisabled": 0,
                "persist": False,
                "user": "root",
            },
        ),
        # of a user who has no name there
        (
            "tun type tun pi off vnet_hdr off persist on user 1000 group docker ",
            {
                "type": "tun",
                "pi": False,
                "vnet_hdr": False,
                "persist": True,
                "user": 1000,
                "group": "docker",
            },
        ),
        (
            "ipip ipip remote 1.2.3.4 local 10.0.0.1 dev eth0 ttl inherit pmtudisc ",
            {
                "proto": "ipip",
                "remote": "1.2.3.4",
                "local": "10.0.0.1",
                "link": "eth0",
                "ttl": 0,
                "pmtudisc": True,
            },
        ),
        ("vrf table 10 ", {"table": 10}),
        ("dummy ", None),
        ("wireguard ", None),
        ("veth ", None),
    ],
)
def test_kinds_of_devices(words: str, data: dict[str, Any] | None) -> None:
    found = one(f"{HEAD}{DETAILS}    {words}{TAIL}\n")
    assert found.linkinfo is not None
    assert found.linkinfo.info_kind == words.split()[0]
    assert found.linkinfo.info_data == data
    assert found.linkinfo.text is None
    assert (found.promiscuity, found.min_mtu, found.inet6_addr_gen_mode, found.num_tx_queues) == (0, 68, "eui64", 2)
    assert (found.gro_max_size, found.details) == (65536, None)


# The blanks at the end of lines are left out here and below.
BRIDGE = """\
4: cbr0: <BROADCAST,MULTICAST,PROMISC,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000
    link/ether b6:bf:37:a7:81:a6 brd ff:ff:ff:ff:ff:ff promiscuity 1  allmulti 0 minmtu 68 maxmtu 65535
    bridge forward_delay 1500 hello_time 200 max_age 2000 ageing_time 30000 stp_state 0 priority 32768 \
vlan_filtering 0 bridge_id 8000.b6:bf:37:a7:81:a6 designated_root 8000.b6:bf:37:a7:81:a6 root_port 0 \
hello_timer    0.00 gc_timer    0.02 group_fwd_mask 0 group_address 01:80:c2:00:00:00 mcast_query_interval 12500 \
nf_call_iptables 0 addrgenmode eui64 numtxqueues 1 numrxqueues 1
5: vethe18caba1@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master cbr0 state UP mode DEFAULT \
group default
    link/ether 4e:9d:61:b5:cf:db brd ff:ff:ff:ff:ff:ff link-netnsid 0 promiscuity 1  allmulti 1 minmtu 68 maxmtu 65535
    veth
    bridge_slave state forwarding priority 32 cost 2 hairpin off guard off fastleave off learning on port_id 0x8001 \
port_no 0x1 designated_port 32769 designated_bridge 8000.b6:bf:37:a7:81:a6 designated_root 8000.b6:bf:37:a7:81:a6 \
forward_delay_timer   14.93 mcast_router 1 mcast_fast_leave off group_fwd_mask 0 group_fwd_mask_str 0x0 \
addrgenmode eui64 numtxqueues 2 numrxqueues 2
"""


def test_a_bridge_and_its_port() -> None:
    bridge, port = parse_ip_link(BRIDGE)
    assert bridge.linkinfo is not None
    assert bridge.linkinfo.info_kind == "bridge"
    assert bridge.linkinfo.info_data == {
        "forward_delay": 1500,
        "hello_time": 200,
        "max_age": 2000,
        "ageing_time": 30000,
        "stp_state": 0,
        "priority": 32768,
        "vlan_filtering": 0,
        "bridge_id": "8000.b6:bf:37:a7:81:a6",
        "root_id": "8000.b6:bf:37:a7:81:a6",
        "root_port": 0,
        "hello_timer": 0.0,
        "gc_timer": 0.02,
        "group_fwd_mask": "0",
        "group_addr": "01:80:c2:00:00:00",
        "mcast_query_intvl": 12500,
        "nf_call_iptables": 0,
    }
    assert (port.link_netnsid, port.promiscuity, port.max_mtu, port.num_rx_queues) == (0, 1, 65535, 2)
    assert port.linkinfo is not None
    assert (port.linkinfo.info_kind, port.linkinfo.info_data, port.linkinfo.info_slave_kind) == ("veth", None, "bridge")
    assert port.linkinfo.info_slave_data == {
        "state": "forwarding",
        "priority": 32,
        "cost": 2,
        "hairpin": False,
        "guard": False,
        "fastleave": False,
        "learning": True,
        "id": "0x8001",
        "no": "0x1",
        "designated_port": 32769,
        "bridge_id": "8000.b6:bf:37:a7:81:a6",
        "root_id": "8000.b6:bf:37:a7:81:a6",
        "forward_delay_timer": 14.93,
        "multicast_router": 1,
        "group_fwd_mask": "0",
        "group_fwd_mask_str": "0x0",
    }


def test_a_port_of_a_bond() -> None:
    found = one(
        f"{HEAD}{DETAILS}    bond_slave state ACTIVE mii_status UP link_failure_count 0 perm_hwaddr 02:00:00:00:00:01 "
        "queue_id 0 ad_actor_oper_port_state 61  <active,aggregating> ad_partner_oper_port_state 1  <active> "
        f"{TAIL}\n"
    )
    assert found.linkinfo is not None
    assert (found.linkinfo.info_kind, found.linkinfo.info_slave_kind, found.linkinfo.text) == (None, "bond", None)
    assert found.linkinfo.info_slave_data == {
        "state": "ACTIVE",
        "mii_status": "UP",
        "link_failure_count": 0,
        "perm_hwaddr": "02:00:00:00:00:01",
        "queue_id": 0,
        "ad_actor_oper_port_state": 61,
        "ad_actor_oper_port_state_str": ["active", "aggregating"],
        "ad_partner_oper_port_state": 1,
        "ad_partner_oper_port_state_str": ["active"],
    }


def test_maps_of_a_vlan_stand_on_lines_of_their_own() -> None:
    found = one(
        f"{HEAD}{DETAILS}    vlan protocol 802.1Q id 5 <REORDER_HDR> \n"
        "      ingress-qos-map { 1:2 3:4 } \n"
        f"      egress-qos-map {{ 5:6 }} {TAIL}\n"
    )
    assert found.linkinfo is not None
    assert found.linkinfo.info_data is not None
    assert found.linkinfo.info_data["ingress_qos"] == [{"from": 1, "to": 2}, {"from": 3, "to": 4}]
    assert found.linkinfo.info_data["egress_qos"] == [{"from": 5, "to": 6}]
    assert found.num_tx_queues == 2


def test_of_an_unknown_kind_the_words_are_kept() -> None:
    found = one(f"{HEAD}{DETAILS}    netkit mode l3 type primary policy forward \n    veth_slave new word {TAIL}\n")
    assert found.linkinfo is not None
    assert (found.linkinfo.info_kind, found.linkinfo.info_slave_kind) == ("netkit", "veth")
    assert found.linkinfo.text == "mode l3 type primary policy forward new word"
    assert found.num_tx_queues == 2


@pytest.mark.parametrize(
    ("words", "text", "data"),
    [
        ("bridge stp_state 0 unheard_of 7 priority 9 ", "unheard_of 7", {"stp_state": 0, "priority": 9}),
        ("bridge stp_state x priority 9 ", "stp_state x", {"priority": 9}),
        ("bridge priority 9 priority 8 ", "priority 8", {"priority": 9}),
        ("bridge priority ", "priority", {}),
        ("vlan id 5 ingress-qos-map { 1:2 ", "ingress-qos-map { 1:2", {"id": 5}),
    ],
)
def test_of_a_known_kind_the_words_that_are_not_understood_are_kept(
    words: str, text: str, data: dict[str, Any]
) -> None:
    found = one(f"{HEAD}{DETAILS}    {words}{TAIL}\n")
    assert found.linkinfo is not None
    assert (found.linkinfo.text, found.linkinfo.info_data) == (text, data)


def test_the_loopback_has_no_line_for_its_kind() -> None:
    found = one(f"{HEAD}{LINK} promiscuity 0  allmulti 0 minmtu 0 maxmtu 0 {TAIL}\n")
    assert found.linkinfo is None
    assert (found.max_mtu, found.gso_max_segs) == (0, 65535)


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        # iproute2 4.x
        (" promiscuity 0 addrgenmode eui64 ", {"promiscuity": 0, "inet6_addr_gen_mode": "eui64"}),
        (" promiscuity 0 numtxqueues 1 numrxqueues 1 gso_max_size 65536 gso_max_segs 65535 ", {"num_rx_queues": 1}),
        # 6.12 and later
        (" promiscuity 0 allmulti 0 minmtu 68 maxmtu 65535 netns-immutable ", {"netns_immutable": True}),
        (
            " promiscuity 0 parentbus vmbus parentdev 0022482f-1d3a-0022-482f-1d3a0022482f ",
            {"parentbus": "vmbus", "parentdev": "0022482f-1d3a-0022-482f-1d3a0022482f"},
        ),
        (" promiscuity 0 portname p0 portid 0a switchid 0b ", {"phys_port_name": "p0", "phys_switch_id": "0b"}),
        (" promiscuity 0 unheard-of 7 ", {"details": "unheard-of 7"}),
        (" link-netnsid 3 protodown on  promiscuity 7 ", {"link_netnsid": 3, "proto_down": True, "promiscuity": 7}),
    ],
)
def test_details_of_the_link_line(details: str, expected: dict[str, Any]) -> None:
    found = one(f"{HEAD}{LINK}{details}\n")
    assert {name: getattr(found, name) for name in expected} == expected


def test_a_bad_word_on_a_line_with_details_takes_the_line_with_it() -> None:
    result = parse_ip_link(f"{HEAD}{DETAILS.replace('76:e6', '76:e6:76:e6:76:e6:76')}")
    assert ([line.line for line in result.unparsed], len(result)) == ([2], 1)


def test_xdp_programs() -> None:
    found = one(HEAD.replace("qdisc", "xdpgeneric/id:7 qdisc") + LINK + "\n")
    assert (found.xdp, found.qdisc) == ({"mode": 2, "prog": {"id": 7}}, "noqueue")
    found = one(
        HEAD.replace("qdisc", "xdp qdisc")
        + LINK
        + "\n    prog/xdp id 7 name cil_xdp_entry tag 3b185187f1855c4c jited \n"
    )
    assert found.xdp == {
        "mode": 1,
        "prog": {"id": 7, "name": "cil_xdp_entry", "tag": "3b185187f1855c4c", "jited": 1},
    }


def test_virtual_functions() -> None:
    found = one(
        f"{HEAD}{LINK}\n"
        "    vf 0     link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff, vlan 5, qos 3, tx rate 100 (Mbps), "
        "max_tx_rate 100Mbps, spoof checking on, link-state auto, trust off, query_rss off\n"
        # before iproute2 4.20
        "    vf 1 MAC 02:00:00:00:00:02, spoof checking off, link-state enable\n"
    )
    assert [dict(function) for function in found.vfinfo_list] == [
        {
            "vf": 0,
            "link_type": "ether",
            "address": "02:00:00:00:00:01",
            "broadcast": "ff:ff:ff:ff:ff:ff",
            "vlan_list": [{"vlan": 5, "qos": 3}],
            "tx_rate": 100,
            "rate": {"max_tx": 100, "min_tx": 0},
            "spoofchk": True,
            "link_state": "auto",
            "trust": False,
            "query_rss_en": False,
        },
        {"vf": 1, "address": "02:00:00:00:00:02", "spoofchk": False, "link_state": "enable"},
    ]


# --- -s ---------------------------------------------------------------------------------------------------------------

STATISTICS = {
    # iproute2 6.1, -s -s
    "6.1": """\
    RX:  bytes packets errors dropped  missed   mcast
          1084      14      1       2       3       4
    RX errors:  length    crc   frame    fifo overrun nohandler
                     5      6       7       8       9        10
    TX:  bytes packets errors dropped carrier collsns
          1216      15     11      12      13      14
    TX errors: aborted   fifo  window heartbt transns
                    15     16      17      18      19
""",
    # iproute2 4.15, -s -s
    "4.15": """\
    RX: bytes  packets  errors  dropped overrun mcast
    1084       14       1       2       9       4
    RX errors: length   crc     frame   fifo    missed nohandler
               5        6       7       8       3      10
    TX: bytes  packets  errors  dropped carrier collsns
    1216       15       11      12      13      14
    TX errors: aborted  fifo   window heartbeat transns
               15       16      17      18      19
""",
}


@pytest.mark.parametrize("version", STATISTICS)
def test_statistics(version: str) -> None:
    found = one(f"{HEAD}{LINK}\n{STATISTICS[version]}")
    assert found.stats64 is not None
    assert found.stats64.model_dump(exclude_unset=True) == {
        "rx": {
            "bytes": 1084,
            "packets": 14,
            "errors": 1,
            "dropped": 2,
            "missed_errors": 3,
            "multicast": 4,
            "length_errors": 5,
            "crc_errors": 6,
            "frame_errors": 7,
            "fifo_errors": 8,
            "over_errors": 9,
            "nohandler": 10,
        },
        "tx": {
            "bytes": 1216,
            "packets": 15,
            "errors": 11,
            "dropped": 12,
            "carrier_errors": 13,
            "collisions": 14,
            "aborted_errors": 15,
            "fifo_errors": 16,
            "window_errors": 17,
            "heartbeat_errors": 18,
            "carrier_changes": 19,
        },
    }


def test_statistics_stand_behind_the_addresses_of_ip_addr() -> None:
    [found] = parse_ip_addr(
        f"{HEAD}{LINK}\n    inet 10.0.0.1/24 scope global x\n       valid_lft forever preferred_lft forever\n"
        f"{STATISTICS['6.1']}"
    )
    assert len(found.addr_info) == 1
    assert found.addr_info[0].source is not None
    assert found.addr_info[0].source[1:] == (3, 4)
    assert found.source is not None
    assert found.source[1:] == (1, 12)
    assert found.stats64 is not None


def test_statistics_of_virtual_functions_are_theirs() -> None:
    found = one(
        f"{HEAD}{LINK}\n{STATISTICS['6.1']}"
        "    vf 0     link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff, spoof checking off\n"
        "    RX: bytes  packets  mcast   bcast   dropped \n    1 2 3 4 5\n"
        "    TX: bytes  packets   dropped \n    6 7 8\n"
    )
    assert found.vfinfo_list[0]["stats"] == {
        "rx": {"bytes": 1, "packets": 2, "multicast": 3, "broadcast": 4, "dropped": 5},
        "tx": {"bytes": 6, "packets": 7, "dropped": 8},
    }
    assert found.stats64 is not None
    assert found.stats64.rx.bytes == 1084


def test_numbers_that_do_not_fit_their_heading_are_not_understood() -> None:
    result = parse_ip_link(f"{HEAD}{LINK}\n    RX: bytes packets errors dropped missed mcast\n    1 2 3\n")
    assert [line.line for line in result.unparsed] == [3, 4]
    assert result[0].stats64 is None


# --- -o and -br -------------------------------------------------------------------------------------------------------


def test_one_line_for_each_address() -> None:
    result = parse_ip_addr(
        "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever\n"
        "1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft forever\n"
        "2: a@b    inet 10.8.0.1 peer 10.8.0.2/32 metric 5 brd 10.8.0.3 scope global dynamic a\\b:1"
        "\\       valid_lft 86396sec preferred_lft 5sec\n"
        "2: a@b    inet6 fe80::1/64 scope link tentative proto kernel_ll "
        "\\       valid_lft forever preferred_lft 0sec\n"
    )
    assert result.unparsed == ()
    lo, ab = result
    assert plain(lo) == {
        "ifindex": 1,
        "ifname": "lo",
        "addr_info": [
            {
                "source": {"file": None, "first_line": line, "last_line": line},
                **address,
                "valid_life_time": None,
                "preferred_life_time": None,
            }
            for line, address in (
                (1, {"family": "inet", "local": "127.0.0.1", "prefixlen": 8, "scope": "host", "label": "lo"}),
                (2, {"family": "inet6", "local": "::1", "prefixlen": 128, "scope": "host"}),
            )
        ],
    }
    assert (ab.ifname, ab.source and ab.source[1:]) == ("a@b", (3, 4))
    ipv4, ipv6 = ab.addr_info
    assert (str(ipv4.address), ipv4.metric, ipv4.dynamic, ipv4.label) == ("10.8.0.2", 5, True, "a\\b:1")
    assert (ipv4.valid_life_time, ipv4.preferred_life_time) == (86396, 5)
    assert (ipv6.tentative, ipv6.protocol, ipv6.preferred_life_time) == (True, "kernel_ll", 0)


def joined(text: str) -> str:
    """As ``-o`` prints it: a backslash where a line of the interface would end."""
    lines = text.rstrip("\n").split("\n")
    return "".join(("\\" if line.startswith(" ") else "\n") + line for line in lines).lstrip("\n") + "\n"


def test_links_on_one_line_are_the_same_links() -> None:
    text = BRIDGE + HEAD.replace("5: x", "6: a\\b") + LINK + "\n" + STATISTICS["6.1"] + "    altname b\\c\n"
    several = parse_ip_link(text)
    single = parse_ip_link(joined(text))
    assert (several.unparsed, single.unparsed) == ((), ())
    assert several.records == single.records
    assert [record.source and record.source[1:] for record in single] == [(1, 1), (2, 2), (3, 3)]
    assert single.coverage == 1.0


def test_a_piece_that_is_not_understood_gives_its_whole_line_once() -> None:
    line = joined(HEAD + LINK + " unheard-of\n    !!!!\n").rstrip("\n")
    result = parse_ip_link(line)
    assert [(unparsed.line, unparsed.text) for unparsed in result.unparsed] == [(1, line)]
    assert [interface.mtu for interface in result] == [1500]
    assert result.coverage == 0.0


@pytest.mark.parametrize(
    "line",
    [
        r"1: lo    inet 127.0.0.1/8 scope host lo\       valid_lft forever preferred_lft forever",
        "eth0@if5         UP             10.9.1.1/24 fe80::1/64 ",
    ],
)
def test_a_line_of_another_call_is_handed_back(line: str) -> None:
    result = parse_ip_addr(f"{HEAD}{line}\n{HEAD}")
    assert ([unparsed.line for unparsed in result.unparsed], len(result)) == ([2], 2)


def test_brief() -> None:
    result = parse_ip_addr(
        "lo               UNKNOWN        127.0.0.1/8 ::1/128 \n"
        "veth0@if2        LOWERLAYERDOWN \n"
        "mv0@br0          DOWN           10.8.0.1 peer 10.8.0.2/32 10.9.0.1/24 metric 50 \n"
        "verylongname_15@if17 UP             fe80::1/64 \n"
        "x@y@if8          UP             \n"
    )
    assert result.unparsed == ()
    assert [(row.ifname, row.link, row.link_index, row.operstate) for row in result] == [
        ("lo", None, None, "UNKNOWN"),
        ("veth0", None, 2, "LOWERLAYERDOWN"),
        ("mv0", "br0", None, "DOWN"),
        ("verylongname_15", None, 17, "UP"),
        ("x@y", None, 8, "UP"),
    ]
    assert [str(address.interface) for address in result[0].addr_info] == ["127.0.0.1/8", "::1/128"]
    assert [(str(found.local), str(found.address), found.prefixlen, found.metric) for found in result[2].addr_info] == [
        ("10.8.0.1", "10.8.0.2", 32, None),
        ("10.9.0.1", "None", 24, 50),
    ]
    assert not {"ifindex", "mtu", "flags"} & result[0].model_fields_set


def test_a_backslash_in_a_name_joins_nothing() -> None:
    [brief] = parse_ip_link("a\\                DOWN           3e:c6:40:83:28:79 <BROADCAST,MULTICAST> \n")
    assert (brief.ifname, brief.operstate) == ("a\\", "DOWN")
    [found] = parse_ip_addr(
        "2: a\\    inet 10.0.0.1/24 scope global a\\\\       valid_lft 5sec preferred_lft forever\n"
    )
    assert (found.ifname, found.addr_info[0].label, found.addr_info[0].valid_life_time) == ("a\\", "a\\", 5)
    [link] = parse_ip_link(joined(HEAD.replace("x:", "a\\:").replace("state", "master b\\ state") + LINK))
    assert (link.ifname, link.master, link.link_type) == ("a\\", "b\\", "ether")


def test_brief_links() -> None:
    result = parse_ip_link(
        "lo               UNKNOWN        00:00:00:00:00:00 <LOOPBACK,UP,LOWER_UP> \n"
        "tun0             DOWN           <POINTOPOINT,MULTICAST,NOARP> \n"
        "gre1@NONE        DOWN           10.0.0.1 <NOARP> \n"
    )
    assert result.unparsed == ()
    assert [str(row.address) for row in result] == ["00:00:00:00:00:00", "None", "10.0.0.1"]
    assert result[1].flags == {"POINTOPOINT", "MULTICAST", "NOARP"}
    assert (result[2].ifname, result[2].link) == ("gre1", None)


# --- JSON -------------------------------------------------------------------------------------------------------------

ENTRY: dict[str, Any] = {
    "ifindex": 5,
    "link_index": 2,
    "ifname": "vethe18caba1",
    "flags": ["BROADCAST", "MULTICAST", "UP", "LOWER_UP"],
    "mtu": 1500,
    "qdisc": "noqueue",
    "master": "cbr0",
    "operstate": "UP",
    "group": "default",
    "link_type": "ether",
    "address": "4e:9d:61:b5:cf:db",
    "broadcast": "ff:ff:ff:ff:ff:ff",
    "link_netnsid": 0,
    "addr_info": [
        {
            "family": "inet6",
            "local": "fe80::4c9d:61ff:feb5:cfdb",
            "prefixlen": 64,
            "scope": "link",
            "stable-privacy": True,
            "valid_life_time": 4294967295,
            "preferred_life_time": 7,
        }
    ],
}
TEXT = """\
5: vethe18caba1@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master cbr0 state UP group default
    link/ether 4e:9d:61:b5:cf:db brd ff:ff:ff:ff:ff:ff link-netnsid 0
    inet6 fe80::4c9d:61ff:feb5:cfdb/64 scope link stable-privacy
       valid_lft forever preferred_lft 7sec
"""


@pytest.mark.parametrize("indent", [None, 4])
def test_json_and_text_give_equal_models(indent: int | None) -> None:
    result = parse_ip_addr(json.dumps([ENTRY], indent=indent), file="ip.json")
    assert result.unparsed == ()
    assert result.records == parse_ip_addr(TEXT).records
    assert result[0].source is not None
    assert (result[0].source.file, result[0].source.first_line) == ("ip.json", 1 if indent is None else 2)
    assert result[0].addr_info[0].source is not None


def test_json_of_brief_and_of_filters() -> None:
    result = parse_ip_addr(
        '[{},{"link_index":2,"ifname":"veth0","operstate":"UP","addr_info":[{},{"local":"10.0.0.1","prefixlen":24},'
        '{"local":"fe80::1","prefixlen":64}]},{}]'
    )
    assert (len(result), result.unparsed) == (1, ())
    assert [found.family for found in result[0].addr_info] == ["inet", "inet6"]


def test_json_of_one_line_for_each_address() -> None:
    text = (
        '[{"addr_info":[{"index":2,"dev":"eth0","family":"inet","local":"10.0.0.1","prefixlen":24,"scope":"global"},{},'
        '{"index":2,"dev":"eth0","family":"inet6","local":"fe80::1","prefixlen":64,"scope":"link"}]},{},'
        '{"addr_info":[]},{"addr_info":[{"index":3,"dev":"None","family":"inet","local":"10.0.0.9","prefixlen":24,"scope":"host"}]}]'
    )
    result = parse_ip_addr(text)
    assert result.unparsed == ()
    assert [(found.ifindex, found.ifname, len(found.addr_info)) for found in result] == [(2, "eth0", 2), (3, "None", 1)]
    pretty = parse_ip_addr(json.dumps(json.loads(text), indent=4))
    assert (list(pretty), pretty.unparsed) == (list(result), ())
    assert '        "addr_info": []' in [line.text for line in pretty.passed_over]
    for whole in (text, f"[{{}},{text[1:]}", json.dumps([{"addr_info": []}, *json.loads(text)], indent=4)):
        [node] = read(whole).nodes
        assert [capture.command for capture in node.captures] == ["ip addr"]
        assert list(node.captures[0].result) == list(result)
    [lost] = parse_ip_addr('[{"addr_info":[{"index":2,"dev":"a","local":"10.0.0.1"},{"index":3,"dev":"b"}]}]').unparsed
    assert lost.line == 1


def test_json_with_an_apostrophe_as_iproute2_5_10_prints_it() -> None:
    text = r'[{"ifindex":3,"link":"a\\b","ifname":"it\'s","flags":["UP"],"mtu":1500,"ifalias":"rack\'s \"7\" \\"}]'
    [found] = parse_ip_link(text, strict=True)
    assert (found.ifname, found.link, found.ifalias) == ("it's", "a\\b", 'rack\'s "7" \\')


def test_json_fields_that_have_no_name_here_are_reported_and_nothing_else_is_lost() -> None:
    entry = {**ENTRY, "unheard_of": {"a": [1]}}
    [line] = parse_ip_addr(json.dumps([entry])).unparsed
    assert line.line == 1
    pretty = parse_ip_addr(json.dumps([ENTRY, entry], indent=4))
    assert len(pretty) == 2
    assert pretty[0] == pretty[1]
    assert [line.text.strip() for line in pretty.unparsed] == ['"unheard_of": {']
    long = parse_ip_addr(json.dumps([entry] * 9))
    assert (len(long), [line.text for line in long.unparsed]) == (9, ['"unheard_of": {"a": [1]}'])
    assert 0.8 < long.coverage < 1.0


def test_json_values_of_a_wrong_type_are_reported() -> None:
    broken = {**ENTRY, "mtu": "many", "addr_info": [{**ENTRY["addr_info"][0], "local": "10.0.0.999"}]}
    result = parse_ip_addr(json.dumps([broken, ENTRY], indent=4))
    assert [line.text.strip() for line in result.unparsed][:1] == ['"mtu": "many",']
    assert any('"local": "10.0.0.999"' in line.text for line in result.unparsed)
    assert [interface.mtu for interface in result] == [None, 1500]


@pytest.mark.parametrize("cut", range(1, 700, 23))
def test_json_cut_off_gives_what_stands_before_the_cut(cut: int) -> None:
    text = json.dumps([ENTRY, ENTRY], indent=4)
    result = parse_ip_addr(text[:-cut])
    whole = parse_ip_addr(text)
    assert whole.records[: len(result)] == result.records
    accounted = {line.line for line in result.unparsed}
    accounted.update(
        number for record in result if record.source for number in range(record.source[1], record.source[2] + 1)
    )
    bare = {number for number, line in enumerate(text[:-cut].split("\n"), 1) if not line.strip(" []{},")}
    assert accounted | bare == set(range(1, len(text[:-cut].split("\n")) + 1))


def test_json_gives_an_index_the_look_of_a_name_where_nothing_else_is_known() -> None:
    # ip -6 -j addr, where the peer is in another namespace and has no index in this one
    text = '[{"ifindex":2,"link":"if5","ifname":"eth0","flags":["UP"],"mtu":1500,"operstate":"UP","addr_info":[]}]'
    [interface] = parse_ip_addr(text)
    assert (interface.link, interface.link_index) == (None, 5)


@pytest.mark.parametrize("text", ["[]", "[ ]", "[{}]", "[\n]"])
def test_json_of_nothing(text: str) -> None:
    result = parse_ip_addr(text)
    assert (len(result), result.unparsed, result.coverage) == (0, (), 1.0)


@pytest.mark.parametrize(
    "text", ["[" * 99999, '[{"ifname":' * 9999, "[{},1]", '[{"ifname":1e999}]', '{"a":1}', '[{"mtu":1}]', "{}{}", "["]
)
def test_json_of_other_things_never_raises(text: str) -> None:
    result = parse_ip_addr(text)
    assert len(result) == 0


def test_a_record_with_details_is_a_value_like_any_other() -> None:
    bridge, _ = parse_ip_link(BRIDGE)
    again = pickle.loads(pickle.dumps(bridge))
    assert again == bridge
    assert len({bridge, again}) == 1
    assert Interface.model_validate_json(bridge.model_dump_json(by_alias=True)) == bridge
    assert bridge.linkinfo is not None
    assert bridge.linkinfo.info_data is not None
    with pytest.raises(TypeError):
        bridge.linkinfo.info_data["priority"] = 0
    assert Interface.model_json_schema(mode="serialization")["properties"]["linkinfo"]


# --- in a transcript --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("ip -d link", BRIDGE),
        ("ip -d -s link show", BRIDGE + STATISTICS["6.1"]),
        ("ip -o -d link", joined(BRIDGE)),
        ("ip -details address", HEAD + DETAILS + "    netkit mode l3 \n"),
        ("ip -br a", "lo               UNKNOWN        127.0.0.1/8 ::1/128 \n"),
        ("ip -br l", "lo               UNKNOWN        00:00:00:00:00:00 <LOOPBACK,UP,LOWER_UP> \n"),
        ("ip -o a", "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever\n"),
        ("ip -j addr", json.dumps([ENTRY]) + "\n"),
        ("ip -j -p addr", json.dumps([ENTRY], indent=4) + "\n"),
        (
            "ip -j link",
            json.dumps([{**dict(list(ENTRY.items())[:8]), "linkmode": "DEFAULT", "link_type": "none"}]) + "\n",
        ),
    ],
)
def test_found_by_call_and_by_look(call: str, text: str) -> None:
    wanted = (IP_LINK if " l" in call else IP_ADDR).name
    [node] = read(f"root@aks-node-1:~# {call}\n{text}root@aks-node-1:~# exit\n").nodes
    [parsed] = node.captures
    assert (parsed.command, parsed.result.unparsed, parsed.capture.lines[-1] != "") == (wanted, (), True)
    assert "\n".join(parsed.capture.lines).split() == text.split()
    if call != "ip -details address":
        [node] = read(f"Here is what I saw:\n\n{text}\nand that is all.\n").nodes
        [parsed] = node.captures
        assert (parsed.command, parsed.result.unparsed) == (wanted, ())


@pytest.mark.parametrize(
    ("call", "claimed", "partial"),
    [
        ("ip link", True, False),
        ("ip l", True, False),
        ("ip -d -s link show", True, False),
        ("ip link show dev eth0", True, True),
        ("ip -br link", True, True),
        ("ip -j -p link ls", True, False),
        ("ip link set eth0 up", False, False),
        ("ip link add x type veth", False, False),
        ("ip addr", False, False),
        ("bridge link", False, False),
    ],
)
def test_calls_of_ip_link(call: str, claimed: bool, partial: bool) -> None:
    argv = tuple(call.split())
    assert IP_LINK.claims(argv) is claimed
    if claimed:
        assert IP_LINK.is_partial(argv) is partial
