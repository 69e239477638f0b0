"""The comparison itself finds what is wrong; it needs no kernel."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aksnet_parse import parse_ip_addr

from .equality import FOREVER, MISSING, clean, compare, entries, interval, named_namespaces, read_back, with_names

TEXT = """\
2: eth0@if9: <BROADCAST,UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 00:0d:3a:00:00:01 brd ff:ff:ff:ff:ff:ff link-netns blue
    inet 10.0.0.4/16 brd 10.0.255.255 scope global dynamic eth0
       valid_lft 500sec preferred_lft forever
    inet6 ::ffff:10.0.0.1/128 scope global
       valid_lft forever preferred_lft forever
"""
JSON: dict[str, Any] = {
    "ifindex": 2,
    "link_index": 9,
    "ifname": "eth0",
    "flags": ["UP", "BROADCAST"],
    "mtu": 1500,
    "qdisc": "noqueue",
    "operstate": "UP",
    "group": "default",
    "txqlen": 1000,
    "link_type": "ether",
    "address": "00:0d:3a:00:00:01",
    "broadcast": "ff:ff:ff:ff:ff:ff",
    "link_netnsid": 3,
    "addr_info": [
        {
            "family": "inet",
            "local": "10.0.0.4",
            "prefixlen": 16,
            "broadcast": "10.0.255.255",
            "scope": "global",
            "dynamic": True,
            "label": "eth0",
            "valid_life_time": 500,
            "preferred_life_time": FOREVER,
        },
        {
            "family": "inet6",
            "local": "::ffff:10.0.0.1",
            "prefixlen": 128,
            "scope": "global",
            "valid_life_time": FOREVER,
            "preferred_life_time": FOREVER,
        },
    ],
}
FIELDS = 13 + 9 + 6


def told(**changes: Any) -> list[dict[str, Any]]:
    return with_names(entries(json.dumps([{**JSON, **changes}])), {3: "blue"})


def got(text: str = TEXT) -> list[dict[str, Any]]:
    return read_back(parse_ip_addr(text, strict=True))


def test_what_is_alike_is_equal_and_every_field_counts() -> None:
    comparison = compare(told(), got())
    assert (comparison.differences, comparison.checked, comparison.equal) == ([], FIELDS, FIELDS)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("mtu 1500", "mtu 1501", ("[2 eth0]/mtu", 1500, 1501)),
        (" state UP", "", ("[2 eth0]/operstate", "UP", MISSING)),
        ("qlen 1000", "", ("[2 eth0]/txqlen", 1000, MISSING)),
        ("BROADCAST,UP", "UP", ("[2 eth0]/flags", ["BROADCAST", "UP"], ["UP"])),
        ("dynamic eth0", "eth0", ("[2 eth0]/addr_info[inet 10.0.0.4 16]/dynamic", True, MISSING)),
        ("dynamic eth0", "dynamic deprecated eth0", ("[2 eth0]/addr_info[inet 10.0.0.4 16]/deprecated", MISSING, True)),
        ("500sec", "forever", ("[2 eth0]/addr_info[inet 10.0.0.4 16]/valid_life_time", 500, "forever")),
        ("link-netns blue", "link-netns red", ("[2 eth0]/link_netns", "blue", "red")),
    ],
)
def test_one_thing_that_is_otherwise_is_one_difference(old: str, new: str, expected: tuple[str, Any, Any]) -> None:
    assert old in TEXT
    assert compare(told(), got(TEXT.replace(old, new))).differences == [expected]


def test_a_record_that_is_lost_loses_all_its_fields() -> None:
    assert len(compare(told(), []).differences) == FIELDS
    assert len(compare([], got()).differences) == FIELDS
    assert len(compare(told(), got(TEXT[: TEXT.index("    inet6")])).differences) == 6
    assert len(compare(told(), got(TEXT[: TEXT.index("    inet ")])).differences) == 15


def test_a_record_twice_is_a_difference() -> None:
    assert len(compare(told(), got() * 2).differences) == FIELDS


def test_only_what_is_named_is_left_out() -> None:
    wrong = got(TEXT.replace("mtu 1500", "mtu 9").replace("dynamic", "deprecated"))
    assert len(compare(told(), wrong).differences) == 3
    assert len(compare(told(), wrong, ["mtu"]).differences) == 2
    assert len(compare(told(), wrong, ["mtu", "addr_info.dynamic"]).differences) == 1
    assert compare(told(), wrong, ["mtu", "addr_info.dynamic", "addr_info.deprecated"]).differences == []


def test_true_is_not_one() -> None:
    assert compare([{"a": True}], [{"a": 1}]).differences == [("[0]/a", True, 1)]
    assert compare([{"a": False}], [{}]).differences == [("[0]/a", False, MISSING)]


def test_a_lifetime_may_run_on_and_no_more() -> None:
    before, after = told(), told()
    after[0]["addr_info"][0]["valid_life_time"] = 498
    expected = interval(before, after)
    for seconds, wrong in ((500, 0), (499, 0), (498, 0), (497, 1), (501, 1)):
        assert len(compare(expected, got(TEXT.replace("500sec", f"{seconds}sec"))).differences) == wrong
    assert len(compare(expected, got(TEXT.replace("500sec", "forever"))).differences) == 1


@pytest.mark.parametrize("changes", [{"mtu": 9}, {"flags": ["UP"]}, {"addr_info": []}, {"new": 1}])
def test_anything_else_that_changes_meanwhile_is_noticed(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="changed meanwhile"):
        interval(told(), told(**changes))


def test_names_of_namespaces() -> None:
    listing = "nsid 0 \nnsid 2 (iproute2 netns name: blue)\nnsid 13 current-nsid 4 (iproute2 netns name: a b)\n"
    assert named_namespaces(listing) == {2: "blue", 13: "a b"}


def test_nothing_and_none_are_alike_but_not_for_a_lifetime() -> None:
    assert clean({"a": None, "b": [], "c": {}, "d": False, "e": 0}) == {"d": False, "e": 0}
    assert clean({"valid_life_time": None}) == clean({"valid_life_time": FOREVER}) == {"valid_life_time": "forever"}
