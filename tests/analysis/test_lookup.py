"""The route a packet takes out of a table: compared with a search through all routes, one by one."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aksnet_parse import Nexthop, Route, parse_ip_route, parse_route_n
from aksnet_parse.analysis.lookup import NextHop, RoutingTable, next_hop
from aksnet_parse.prefixes import Address, Network

# Few distinct bits, so that networks often hold each other and many routes have one network.
_FIRST = st.sampled_from((0x0A000000, 0x0AF00000, 0x0AF40000, 0xC0A80000))
_NUMBERS = st.builds(lambda first, rest: first | rest, _FIRST, st.integers(0, 1023))
_LENGTHS = st.sampled_from((0, 1, 8, 9, 16, 22, 23, 24, 29, 30, 31, 32))
_NUMBERS6 = st.builds(lambda first, rest: first << 120 | rest, st.sampled_from((0xFD, 0x20)), st.integers(0, 1023))
_LENGTHS6 = st.sampled_from((0, 8, 64, 118, 119, 120, 127, 128))


def _network4(number: int, length: int) -> Network:
    return IPv4Network((number >> 32 - length << 32 - length, length))


def _network6(number: int, length: int) -> Network:
    return IPv6Network((number >> 128 - length << 128 - length, length))


NETWORKS = st.one_of(st.builds(_network4, _NUMBERS, _LENGTHS), st.builds(_network6, _NUMBERS6, _LENGTHS6))
ADDRESSES = st.one_of(st.builds(IPv4Address, _NUMBERS), st.builds(IPv6Address, _NUMBERS6))
ROUTES = st.lists(
    st.builds(
        Route,
        dst=NETWORKS,
        dev=st.sampled_from(("eth0", "cbr0", "azv1")),
        metric=st.none() | st.integers(0, 3),
        table=st.sampled_from((None, None, "main", "254", "local", "100")),
        type=st.sampled_from((None, None, "unicast", "blackhole", "throw", "unreachable", "local", "broadcast")),
        flags=st.sampled_from((frozenset(), frozenset({"linkdown"}), frozenset({"dead"}))),
        tos=st.sampled_from((None, None, None, "0x10")),
    ),
    max_size=40,
)


def slowly(routes: list[Route], destination: Address) -> Route | None:
    """Every route looked at in turn, as the words of ip-route(8) have it."""
    best: Route | None = None
    for route in routes:
        network = route.dst
        if network is None or network.version != destination.version or destination not in network:
            continue
        if route.table not in {None, "main", "254"} or route.type in {"local", "broadcast"}:
            continue
        if "dead" in route.flags or route.tos is not None:
            continue
        rank = (-network.prefixlen, route.metric or 0)
        if best is None or best.dst is None or rank < (-best.dst.prefixlen, best.metric or 0):
            best = route
    return best


@given(ROUTES, st.lists(ADDRESSES, min_size=1, max_size=20))
def test_the_table_finds_what_a_search_finds(routes: list[Route], destinations: list[Address]) -> None:
    table = RoutingTable(routes)
    for destination in destinations:
        assert table.find(destination) is slowly(routes, destination)


@given(ROUTES)
def test_every_network_of_the_table_is_found(routes: list[Route]) -> None:
    table = RoutingTable(routes)
    for route in routes:
        assert route.dst is not None
        found = table.find(route.dst.network_address)
        assert found is slowly(routes, route.dst.network_address)


def table(*lines: str) -> RoutingTable:
    return RoutingTable(parse_ip_route("\n".join(lines), strict=True))


def hop(found: Route | None) -> NextHop | None:
    assert found is not None
    return next_hop(found)


def test_of_equal_routes_the_first_counts() -> None:
    found = table("10.0.0.0/8 dev eth0", "10.0.0.0/8 via 10.0.0.1 dev eth1").find(IPv4Address("10.1.1.1"))
    assert hop(found) == NextHop("eth0", None)


@pytest.mark.parametrize("kind", ["blackhole", "unreachable", "prohibit", "throw"])
def test_a_route_that_turns_packets_away_is_found_and_leads_nowhere(kind: str) -> None:
    found = table(f"{kind} 10.0.0.0/8", "default via 10.240.0.1 dev eth0").find(IPv4Address("10.1.1.1"))
    assert found is not None
    assert found.type == kind
    assert next_hop(found) is None


def test_of_several_hops_the_first_that_is_alive_counts() -> None:
    found = table(
        "default proto static ",
        "\tnexthop via 10.0.0.1 dev eth0 weight 1 dead linkdown ",
        "\tnexthop via 10.0.0.2 dev eth1 weight 1 ",
        "\tnexthop via 10.0.0.3 dev eth2 weight 1 ",
    ).find(IPv4Address("8.8.8.8"))
    assert hop(found) == NextHop("eth1", IPv4Address("10.0.0.2"), several=True)
    dead = Route(dst=IPv4Network("0.0.0.0/0"), nexthops=(Nexthop(dev="eth0", flags=frozenset({"dead"})),))
    assert next_hop(dead) is None


def test_a_gateway_of_the_other_family() -> None:
    found = table("default via inet6 fe80::1 dev eth0").find(IPv4Address("8.8.8.8"))
    assert hop(found) == NextHop("eth0", IPv6Address("fe80::1"))


def test_linkdown_is_no_reason_to_take_another_route() -> None:
    found = table("10.0.0.0/8 dev azv1 linkdown ", "default via 10.240.0.1 dev eth0").find(IPv4Address("10.1.1.1"))
    assert hop(found) == NextHop("azv1", None, is_linkdown=True)


def test_a_route_for_some_senders_is_for_no_others() -> None:
    routes = parse_ip_route("fd00::/64 from fd01::/64 dev eth1 metric 1\ndefault via fe80::1 dev eth0 metric 9\n")
    destination = IPv6Address("fd00::5")
    assert hop(RoutingTable(routes, IPv6Address("fd01::7")).find(destination)) == NextHop("eth1", None)
    for source in (IPv6Address("fd02::7"), IPv4Address("10.0.0.1"), None):
        assert hop(RoutingTable(routes, source).find(destination)) == NextHop("eth0", IPv6Address("fe80::1"))


def test_route_n_shows_what_turns_away_in_three_ways() -> None:
    routes = parse_route_n(
        "10.1.0.0        -               255.255.0.0     !     0      -        0 -\n"
        "10.2.0.0        0.0.0.0         255.255.0.0     U     0      0        0 *\n"
        "0.0.0.0         10.240.0.1      0.0.0.0         UG    100    0        0 eth0\n",
        strict=True,
    )
    for destination, expected in (
        ("10.1.2.3", None),
        ("10.2.2.3", None),
        ("10.3.2.3", NextHop("eth0", IPv4Address("10.240.0.1"))),
    ):
        assert hop(RoutingTable(routes).find(IPv4Address(destination))) == expected


def test_a_gateway_that_was_printed_as_a_name_is_one() -> None:
    [route] = parse_route_n(
        "default         _gateway        0.0.0.0         UG    100    0        0 eth0\n", strict=True
    )
    found = next_hop(route)
    assert found == NextHop("eth0", None, "_gateway")
    assert not found.is_on_link


def test_the_local_table_and_the_cache_are_not_the_main_table() -> None:
    found = table(
        "local 10.240.0.4 dev eth0 table local proto kernel scope host src 10.240.0.4 ",
        "10.240.0.5 dev eth1 table 100 ",
        "10.240.0.0/16 dev eth0 proto kernel scope link src 10.240.0.4 ",
    )
    for destination in ("10.240.0.4", "10.240.0.5"):
        assert hop(found.find(IPv4Address(destination))) == NextHop("eth0", None)
