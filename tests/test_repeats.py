"""Records that are made by copying one before are those that the long way gives, in every way that can be seen."""

from __future__ import annotations

import copy
import gc
import pickle
import random
import threading
from collections.abc import Callable
from dataclasses import replace
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network, collapse_addresses
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from aksnet_parse import Command, Interface, IpRoute, NetToolsRoute, ParseResult, Record
from aksnet_parse import addresses as addresses_module
from aksnet_parse.addresses import ipv4_addresses, ipv4_network, ipv4_networks, ipv6_addresses
from aksnet_parse.commands.brctl_show import BRCTL_SHOW
from aksnet_parse.commands.ip_addr import IP_ADDR
from aksnet_parse.commands.ip_link import IP_LINK
from aksnet_parse.commands.ip_route import IP_ROUTE
from aksnet_parse.commands.route_n import ROUTE_N

from .benchmarks.texts import TEXTS, Text
from .strategies import interfaces, ip_routes, render_ip_addr, render_ip_route, render_route_n, routes
from .test_accounting import OUTPUTS

COMMANDS: dict[str, Command[Any]] = {command.name: command for command in (IP_ADDR, ROUTE_N, IP_ROUTE, BRCTL_SHOW)}
BY_TEXT = [text for text in TEXTS if text.command in COMMANDS]


def strictly(value: Any) -> Any:
    """``value`` with whatever two values can differ in, even if they are equal."""
    if isinstance(value, Record):
        fields = [(name, strictly(item)) for name, item in value.__dict__.items()]
        hidden = value.__pydantic_extra__, value.__pydantic_private__
        return type(value), fields, set(value.model_fields_set), hidden
    if isinstance(value, tuple):
        return type(value), [strictly(item) for item in value]
    if isinstance(value, IPv4Network):
        return type(value), value, value.hosts() if value.prefixlen == 32 else None, value.netmask
    return type(value), value


def the_long_way(command: Command[Any]) -> Command[Any]:
    return replace(command, own={})


def assert_same(command: Command[Any], text: str) -> tuple[ParseResult[Any], int]:
    """The result, and how many of its records were copied."""
    expected = the_long_way(command).parse(text, file="f")
    fresh = replace(command)
    for _ in ("kinds are met", "kinds are known"):
        result = fresh.parse(text, file="f")
        assert [strictly(record) for record in result] == [strictly(record) for record in expected]
        assert result.unparsed == expected.unparsed
        assert result.passed_over == expected.passed_over
        assert result.coverage == expected.coverage
    return result, sum(1 for record in result if type(record.model_fields_set) is not set)


SIZES = [
    pytest.param(text, pods, id=f"{text.name}-{pods}")
    for text in BY_TEXT
    for pods in (0, 1, 2, 3, 4, 5, 17, 40, 300)
    if pods or text.command != "brctl show"  # of which a bridge has a member here
]


@pytest.mark.parametrize(("text", "pods"), SIZES)
def test_tables_of_all_sizes(text: Text, pods: int) -> None:
    assert_same(COMMANDS[text.command], text.of(pods))
    assert_same(COMMANDS[text.command], text.of(pods).rstrip("\n"))


@pytest.mark.parametrize("text", [text for text in BY_TEXT if text.command != "brctl show"], ids=lambda text: text.name)
def test_most_records_of_a_long_table_are_copied(text: Text) -> None:
    _, copied = assert_same(COMMANDS[text.command], text.of(300))
    assert copied >= 298


@pytest.mark.parametrize(("command", "text"), OUTPUTS)
def test_captures_and_samples(command: Command[Any], text: str) -> None:
    assert_same(command, text)
    assert_same(command, text + "\n" + text)


# --- whatever stands among them ---------------------------------------------------------------------------------------

PIECES = (
    "",
    " ",
    "\t",
    "\n",
    "@",
    "a@b@",
    "0",
    "9",
    "99999999999",
    "999.0.0.1",
    "10.0.0.1",
    "fe80::1",
    "::ffff:1.2.3.4",
    "FE",
    "-",
    "*",
    "default",
    "UG",
    "\\",
    "é",
    "...",
    "lo",
    "    link/ether 02:42:98:E2:19:C6 brd ff:ff:ff:ff:ff:ff link-netns cni-1a2b-3c",
    "    inet 10.244.0.2/16 scope global eth0",
    "    inet6 fe80::1/64 scope link ",
    "       valid_lft 5sec preferred_lft forever",
    "    altname enp0s3",
    "Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface",
    "10.0.0.0        0.0.0.0         255.255.255.0   U         0 0          0 eth0",
    "default         _gateway        0.0.0.0         UG    100    0        0 eth0",
    "7: a@b: <UP> mtu 1500 qdisc noqueue state UP group default qlen 1000",
    "2: eth0    inet 10.240.0.4/16 brd 10.240.255.255 scope global eth0",
    "eth0             UP             10.240.0.4/16 fe80::20d:3aff:fe9c:3cc1/64 ",
)


def _doubled(lines: list[str], chance: random.Random) -> None:
    place = chance.randrange(len(lines))
    lines.insert(place, lines[place])


def _dropped(lines: list[str], chance: random.Random) -> None:
    del lines[chance.randrange(len(lines))]


def _swapped(lines: list[str], chance: random.Random) -> None:
    place = chance.randrange(len(lines))
    lines[place - 1], lines[place] = lines[place], lines[place - 1]


def _mixed(lines: list[str], chance: random.Random) -> None:
    lines.insert(chance.randrange(len(lines)), chance.choice(PIECES))


def _altered(lines: list[str], chance: random.Random) -> None:
    place = chance.randrange(len(lines))
    words = lines[place].split(" ")
    words[chance.randrange(len(words))] = chance.choice(PIECES)
    lines[place] = " ".join(words)


def _scratched(lines: list[str], chance: random.Random) -> None:
    place = chance.randrange(len(lines))
    start = chance.randrange(len(lines[place]) + 1)
    lines[place] = lines[place][:start] + chance.choice(PIECES) + lines[place][start + chance.randrange(3) :]


CHANGES: list[Callable[[list[str], random.Random], None]] = [_doubled, _dropped, _swapped, _mixed, _altered, _scratched]


@settings(max_examples=200, deadline=None)
@given(
    text=st.sampled_from(BY_TEXT),
    pods=st.integers(3, 24),
    changes=st.lists(st.sampled_from(CHANGES), max_size=6),
    chance=st.randoms(use_true_random=False),
)
def test_tables_in_which_lines_are_changed(
    text: Text, pods: int, changes: list[Callable[[list[str], random.Random], None]], chance: random.Random
) -> None:
    lines = text.of(pods).split("\n")
    for change in changes:
        change(lines, chance)
    assert_same(COMMANDS[text.command], "\n".join(lines))


@settings(max_examples=50, deadline=None)
@given(rows=st.lists(interfaces(), min_size=1, max_size=3), times=st.integers(2, 6), data=st.data())
def test_interfaces_of_any_kind_that_come_again(rows: list[Interface], times: int, data: st.DataObject) -> None:
    block = render_ip_addr(rows)
    text = "\n".join(block for _ in range(times))
    command = data.draw(st.sampled_from((IP_ADDR, IP_LINK)))
    assert_same(command, text + "\n" + IP_TABLE)


IP_TABLE = next(text for text in TEXTS if text.command == "ip addr").of(6)


@settings(max_examples=50, deadline=None)
@given(rows=st.lists(routes(), min_size=1, max_size=4), times=st.integers(2, 6))
def test_routes_of_any_kind_that_come_again(rows: list[NetToolsRoute], times: int) -> None:
    assert_same(ROUTE_N, render_route_n(rows * times))


@settings(max_examples=50, deadline=None)
@given(rows=st.lists(ip_routes(), min_size=1, max_size=4), times=st.integers(2, 6))
def test_routes_of_ip_that_come_again(rows: list[IpRoute], times: int) -> None:
    text = render_ip_route(rows) * times
    assert_same(IP_ROUTE, text)
    assert_same(IP_ROUTE, text + "default dev eth0\n")


@pytest.mark.parametrize("realm", ["4", "3/4", "cosmos"])
def test_routes_with_realms(realm: str) -> None:
    rows = [f"10.0.0.{index} dev veth{index:08x} scope link realm {realm} " for index in range(40)]
    assert_same(IP_ROUTE, "\n".join([*rows, ""]))


def test_networks_of_every_veth() -> None:
    rows = [f"fe80::/64 dev azv{index}{index} proto kernel metric 256 pref medium" for index in range(40)]
    _, copied = assert_same(IP_ROUTE, "\n".join([*rows, ""]))
    assert copied >= 36


@pytest.mark.parametrize("netmask", ["255.255.255.255", "255.255.255.254", "255.255.255.0", "0.0.0.0"])
def test_routes_to_networks_of_any_size(netmask: str) -> None:
    row = "{:15} 0.0.0.0         {:15} U     0      0        0 veth{}"
    rows = [row.format(f"10.{index}.0.{index % 2 * 2 if index < 30 else index}", netmask, index) for index in range(40)]
    assert_same(ROUTE_N, "\n".join([*rows, ""]))


# --- what such records can be used for --------------------------------------------------------------------------------


def copied_records() -> list[Record]:
    found: list[Record] = []
    for text in BY_TEXT:
        result = replace(COMMANDS[text.command]).parse(text.of(40))
        found += [record for record in result if type(record.model_fields_set) is not set][:1]
    assert len(found) >= 4
    return found


@pytest.mark.parametrize("record", copied_records())
def test_a_copied_record_is_a_record_like_any_other(record: Record) -> None:
    model = type(record)
    dumped = record.model_dump(by_alias=True, exclude_unset=True)
    again = model.model_validate(dumped)
    assert again == record
    assert hash(again) == hash(record)
    assert again.model_fields_set == record.model_fields_set
    for mode in ("python", "json"):
        for unset in (True, False):
            assert again.model_dump(mode=mode, exclude_unset=unset) == record.model_dump(mode=mode, exclude_unset=unset)
    assert again.model_dump_json() == record.model_dump_json()
    assert sorted(repr(again)) == sorted(repr(record))  # the order of flags is that of a set
    assert TypeAdapter(model).validate_python(record) is record


@pytest.mark.parametrize("record", copied_records())
@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda record: pickle.loads(pickle.dumps(record)), lambda r: r.model_copy()]
)
def test_a_copy_of_it_is_an_ordinary_record(record: Record, copied: Callable[[Record], Record]) -> None:
    other = copied(record)
    assert other == record
    assert type(other.model_fields_set) is set
    assert other.model_fields_set == record.model_fields_set
    changed = record.model_copy(update={"source": None})
    assert changed.source is None
    assert record.source is not None


@pytest.mark.parametrize("record", copied_records())
def test_it_cannot_be_changed(record: Record) -> None:
    for name in type(record).model_fields:
        with pytest.raises(ValidationError):
            setattr(record, name, None)
    names: Any = record.model_fields_set
    before = set(names)
    for change in (
        lambda: names.add("x"),
        lambda: names.discard("source"),
        lambda: names.remove("source"),
        lambda: names.update({"x"}),
        lambda: names.__ior__({"x"}),
        names.pop,
        names.clear,
    ):
        with pytest.raises(TypeError):
            change()
    assert names == before
    assert names | {"x"} == before | {"x"}
    assert type(names.copy()) is set


def test_records_share_nothing_that_can_be_changed() -> None:
    first, second = replace(IP_ADDR).parse(IP_TABLE)[-2:]
    assert first.__dict__ is not second.__dict__
    assert first.addr_info[0].__dict__ is not second.addr_info[0].__dict__


def test_threads_that_meet_kinds_at_the_same_time() -> None:
    command = replace(IP_ADDR)
    texts = [text.of(40) for text in TEXTS if text.command == "ip addr"] * 4
    expected = [the_long_way(IP_ADDR).parse(text) for text in texts]
    found: list[ParseResult[Interface] | None] = [None] * len(texts)

    def parse(index: int) -> None:
        found[index] = command.parse(texts[index])

    threads = [threading.Thread(target=parse, args=(index,)) for index in range(len(texts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == expected


def test_what_is_known_of_kinds_does_not_grow() -> None:
    command = replace(ROUTE_N)
    row = "10.0.0.{}        0.0.0.0         255.255.255.255 UH    {}      0        0 veth{}\n"
    for metric in range(60):
        command.parse("".join(row.format(index, metric, index) for index in range(1, 30)))
    repeats: Any = command._repeats
    assert len(repeats._kinds) <= 16


def test_no_more_objects_than_needed_are_left_to_the_garbage_collector() -> None:
    # The collector's work grows with what it has to look at.
    text = next(text for text in TEXTS if text.name == "ip addr, Azure CNI").of(200)
    command = replace(IP_ADDR)
    command.parse(text)
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        result = command.parse(text)
        after = len(gc.get_objects())
    finally:
        gc.enable()
    # Two records, each with its values and its source, the tuple around the inner one, an address and a MAC.
    assert after - before <= 9 * len(result) + 100


# --- address objects --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("as_known", [True, False])
@settings(max_examples=60, deadline=None)
@given(numbers=st.lists(st.integers(0, 2**32 - 1), min_size=1), length=st.integers(0, 32))
def test_many_addresses_and_networks_at_a_time(as_known: bool, numbers: list[int], length: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(addresses_module, "_AS_KNOWN", as_known)
        words = [str(IPv4Address(number)) for number in numbers]
        assert ipv4_addresses(words) == [IPv4Address(word) for word in words]
        mask = 2**32 - 2 ** (32 - length)
        words = [str(IPv4Address(number & mask)) for number in numbers]
        networks = [IPv4Network(f"{word}/{length}") for word in words]
        made = ipv4_networks(words, networks[0])
        assert made == networks
        for network, expected in zip(made, networks, strict=True):
            assert (repr(network), hash(network)) == (repr(expected), hash(expected))
            for name in _PROPERTIES:
                assert getattr(network, name) == getattr(expected, name), name
            if length > 24:
                assert list(network.hosts()) == list(expected.hosts())
            for copied in (pickle.loads(pickle.dumps(network)), copy.deepcopy(network)):
                assert copied == network == expected == copied


_SOME = IPv4Network("10.0.0.0/8")
_PROPERTIES = [name for name in dir(_SOME) if not name.startswith("_") and not callable(getattr(_SOME, name))]


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_a_network_of_one_address_is_like_any_other(number: int, other: int, length: int) -> None:
    made, plain = ipv4_network(number, 32), IPv4Network((number, 32))
    assert made == plain
    assert plain == made
    assert isinstance(made, IPv4Network)
    others = [
        IPv4Network((other, length), strict=False),
        ipv4_network(other, 32),
        IPv4Network((number, length), strict=False),
    ]
    for network in (*others, IPv6Network((number, 128))):
        assert (made == network) == (plain == network)
        assert (network == made) == (network == plain)
    for network in others:
        assert (made < network, made > network) == (plain < network, plain > network)
        assert made.overlaps(network) == plain.overlaps(network)
        assert (made.subnet_of(network), network.subnet_of(made)) == (
            plain.subnet_of(network),
            network.subnet_of(plain),
        )
        assert made.compare_networks(network) == plain.compare_networks(network)
    assert list(made) == list(plain)
    assert made[0] in made
    assert made.supernet(new_prefix=length) == plain.supernet(new_prefix=length)
    assert list(made.subnets()) == list(plain.subnets())
    assert list(collapse_addresses([made, plain])) == [plain]
    with pytest.raises(AttributeError):
        made.network_address = IPv4Address(0)


def test_this_python_has_addresses_as_they_are_known() -> None:
    assert addresses_module._AS_KNOWN


@given(st.lists(st.ip_addresses(v=6).map(str), min_size=1))
def test_many_ipv6_addresses_at_a_time(words: list[str]) -> None:
    assert ipv6_addresses(words) == [IPv6Address(word) for word in words]


@pytest.mark.parametrize("word", ["10.0.0.999", "1.2.3", "01.2.3.4", "", "::1"])
def test_words_that_are_no_address(word: str) -> None:
    with pytest.raises(AddressValueError):
        ipv4_addresses(["10.0.0.1", word])
    with pytest.raises(AddressValueError):
        ipv4_networks(["10.0.0.1", word], IPv4Network("10.0.0.0/32"))


@pytest.mark.parametrize("length", [31, 30, 8, 0])
def test_an_address_that_is_no_network(length: int) -> None:
    with pytest.raises(ValueError, match="bits"):
        ipv4_networks(["0.0.0.0", "10.0.0.1"], IPv4Network(f"0.0.0.0/{length}"))


# --- members of a bridge ----------------------------------------------------------------------------------------------


def _unfolded(text: str) -> ParseResult[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(BRCTL_SHOW), "fold", lambda self, text: None)
        return BRCTL_SHOW.parse(text)


@settings(max_examples=300, deadline=None)
@given(
    bridges=st.lists(
        st.tuples(
            st.sampled_from(("", " ", " " * 8, " " * 20)),
            st.sampled_from(("cbr0", "br/0", "docker0")),
            st.sampled_from(("", "veth0", "a/b", "waytoolongforaname")),
            st.lists(
                st.tuples(
                    st.sampled_from((" " * 56, " " * 56, " " * 56, " " * 8, " " * 9, "", "\t" * 7)),
                    st.sampled_from(("veth1", "veth2", "thanks", "lxcab", "a/b", "...", ".", "x y", "", "Veth", "é")),
                    st.integers(1, 6),
                ),
                max_size=4,
            ),
        ),
        max_size=3,
    ),
    heading=st.booleans(),
)
def test_members_in_one_step_and_one_by_one(
    bridges: list[tuple[str, str, str, list[tuple[str, str, int]]]], heading: bool
) -> None:
    lines = ["bridge name\tbridge id\t\tSTP enabled\tinterfaces"] if heading else []
    for indent, name, first, members in bridges:
        lines.append(f"{indent}{name}\t\t8000.92d58a207690\tno\t\t{first}")
        lines += [blanks + word for blanks, word, times in members for _ in range(times)]
    text = "\n".join(lines)
    result, expected = BRCTL_SHOW.parse(text), _unfolded(text)
    assert [strictly(bridge) for bridge in result] == [strictly(bridge) for bridge in expected]
    assert (result.unparsed, result.passed_over) == (expected.unparsed, expected.passed_over)
    assert result.coverage == expected.coverage
