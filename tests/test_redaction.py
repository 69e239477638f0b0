"""An answer under pseudonyms hangs together as it did, and holds nothing that identifies anybody."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from aksnet_parse import COMMANDS, FINDINGS, Analysis, Redaction, analyze, compare, read, redact
from aksnet_parse.cli import main
from aksnet_parse.redaction.addresses import Addresses
from aksnet_parse.redaction.pseudonyms import Pseudonyms
from aksnet_parse.redaction.text import Text
from aksnet_parse.redaction.vocabulary import WORD, of_commands
from aksnet_parse.render.text import render_text
from tests.bundles import zipped
from tests.redacted import CONTAINER, HOST, KEY, RICH, SECRETS, UID, VETH, assert_made_up, neighbourhoods, without_texts

ROOT = Path(__file__).parent.parent
SAMPLES = sorted((ROOT / "samples").glob("*.txt"))


def _analysis(text: str, file: str | None = "cases/fabrikam/node 1.txt") -> Analysis:
    return analyze(read(text, file=file))


def _everything() -> Iterator[tuple[str, Analysis]]:
    for sample in SAMPLES:
        yield sample.stem, analyze(read(sample))
    yield "rich", _analysis(RICH)
    for name in ("iproute2-6.1", "busybox-1.35", "net-tools-2.10"):
        answer = analyze(read(ROOT / "tests" / "captures" / name)).model_dump_json()
        # A folder named like a word of a sentence would be one name in the path and another word in the sentence.
        yield name, Analysis.model_validate_json(answer.replace(str(ROOT / "tests" / "captures"), "case"))


ANALYSES = dict(_everything())


# --- what an answer looks like but for its names ----------------------------------------------------------------------


def _strings(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _strings(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, (tuple, list)):
        for index, item in enumerate(value):
            yield from _strings(item, f"{path}[{index}]")
    elif isinstance(value, str):
        yield path, value


def shape(analysis: Analysis) -> Any:
    """Everything that is no text, and of the texts which are the same: equal for two answers exactly if one becomes
    the other by giving other names one for one. Texts are taken apart into names, and addresses into their networks."""
    numbers: dict[str, int] = {}

    def named(text: str) -> list[Any]:
        return [numbers.setdefault(word, len(numbers)) for word in re.split(r"[\s,/!]+", text)]

    texts = [(path, named(text)) for path, text in _strings(analysis)]
    rest = json.dumps(without_texts(analysis.model_dump(mode="json")))
    return texts, rest, neighbourhoods(analysis)


@pytest.mark.parametrize("name", ANALYSES)
def test_the_topology_is_the_same(name: str) -> None:
    before = ANALYSES[name]
    after = redact(before, KEY)
    assert shape(after) == shape(before)
    for was, node in zip(before.nodes, after.nodes, strict=True):
        # What is one of few words has stayed.
        assert node.mode.model_dump(include={"datapath", "networkPlugin", "networkPluginMode", "networkPolicy"}) == (
            was.mode.model_dump(include={"datapath", "networkPlugin", "networkPluginMode", "networkPolicy"})
        )
        assert [(pod.status, pod.proofs, pod.pid) for pod in node.pods] == [
            (pod.status, pod.proofs, pod.pid) for pod in was.pods
        ]
        assert [(finding.code, finding.severity) for finding in node.findings] == [
            (finding.code, finding.severity) for finding in was.findings
        ]
        assert [capture.command for capture in node.captures] == [capture.command for capture in was.captures]


def test_a_comparison_has_the_same_changes() -> None:
    readings = [read(path) for path in SAMPLES]
    text = Text(KEY)
    for before in readings[:2]:
        for after in readings:
            comparison = compare(before, after)
            other = redact(comparison, KEY)
            for was, node in zip(comparison.nodes, other.nodes, strict=True):
                assert [(change.code, change.kind) for change in node.changes] == [
                    (change.code, change.kind) for change in was.changes
                ]
                for old, new in zip(was.changes, node.changes, strict=True):
                    assert new.subjects == tuple(map(text.line, old.subjects))
                    words = [
                        [word for word in change.message.split() if re.fullmatch(r"[a-z]+", word)]
                        for change in (old, new)
                    ]
                    assert words[0] == words[1]


@pytest.mark.parametrize("wrong", [read(RICH), read(RICH).nodes[0], "10.1.2.3"], ids=type)
def test_what_cannot_be_replaced_is_not_given_back_as_if_it_had_been(wrong: Any) -> None:
    for function in (redact, Redaction("key")):
        with pytest.raises(TypeError, match="pseudonyms are put into an analysis, a comparison or a trace"):
            function(wrong)


def test_what_could_not_be_compared_keeps_its_name() -> None:
    prompt = "azureuser@aks-nodepool1-12345678-vmss000000:~$"
    before = f"{prompt} brctl show\nbridge name\tbridge id\t\tSTP enabled\tinterfaces\ncbr0\t\t8000.1\tno\t\tveth1\n"
    after = f"{prompt} ip addr\n2: eth0: <UP> mtu 1500 qdisc mq state UP group default qlen 1000\n"
    [plain] = compare(read(before), read(after)).nodes
    [shown] = redact(compare(read(before), read(after)), KEY).nodes
    assert {"bridges", "uplink"} <= {one.subject for one in plain.not_compared}
    assert [one.subject for one in shown.not_compared] == [one.subject for one in plain.not_compared]


@pytest.mark.parametrize("name", ["azure-cni-broken", "rich"])
def test_redacted_once_more_it_is_the_same_again(name: str) -> None:
    once = redact(ANALYSES[name], KEY)
    assert shape(redact(once, b"another")) == shape(once)


def test_different_topologies_have_different_shapes() -> None:
    shapes = {json.dumps(shape(analysis)) for analysis in ANALYSES.values()}
    assert len(shapes) == len(ANALYSES)
    analysis = ANALYSES["azure-cni-transparent"]
    other = analysis.model_dump_json().replace("10.220.2.16/32", "10.220.2.10/32")
    assert shape(Analysis.model_validate_json(other)) != shape(analysis)


def test_fields_and_cited_lines_agree() -> None:
    """What a field says is still what the line says that it was read from."""
    node = redact(ANALYSES["rich"], KEY).nodes[0]
    lines = [line.text for evidence in node.mode.evidence for line in evidence.lines]
    lines += [line.text for finding in node.findings for line in finding.lines]
    [pod] = [pod for pod in node.pods if pod.status == "proven"]
    assert pod.veth is not None
    assert pod.pod is not None
    assert pod.container_id is not None
    assert node.name is not None
    assert any(pod.veth.name in line for line in lines)
    assert any(f"{pod.addresses[0].split('/')[0]} " in line and line.endswith(pod.veth.name) for line in lines)
    assert re.fullmatch(r"aks-[g-z]{10}-\d{8}-vmss[0-9a-z]{6}", node.name)
    assert re.fullmatch(r"cni-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", str(pod.netns))
    assert re.fullmatch(r"azv[0-9a-f]{11}", pod.veth.name)
    assert re.fullmatch(r"[g-z]{10}-[0-9a-f]{10}-[g-z]{10}", str(pod.pod.name))
    assert str(pod.netns).removeprefix("cni-") == pod.pod.uid
    assert any(f"netns:{pod.netns}" == capture.namespace for capture in node.captures)


# --- nothing survives -------------------------------------------------------------------------------------------------


def _forms(analysis: Analysis) -> str:
    """All that is ever shown of an analysis."""
    text = io.StringIO()
    render_text(analysis, text)
    lines = "\n".join(part.model_dump_json() for part in analysis.parts())
    return "\n".join([text.getvalue(), analysis.model_dump_json(indent=2), lines])


def test_nothing_that_identifies_is_left() -> None:
    before, after = _forms(ANALYSES["rich"]), _forms(redact(ANALYSES["rich"], KEY))
    # What is looked for is what there was.
    assert {secret for secret in SECRETS if secret in before} >= {
        "jdoe", "fabrikam", "contosopool", "payments", "checkout", "ledger", "corpvpn0", UID, CONTAINER[:12], VETH,
        "10.19.68.4", "10.19.71.255", "555-0100",
    }  # fmt: skip
    assert [secret for secret in SECRETS if secret in after] == []
    # And what says how everything is wired is still there.
    for kept in ("eth0", "168.63.129.16", "255.255.252.0", "<BROADCAST,MULTICAST,UP,LOWER_UP>", "Running"):
        assert kept in after or kept not in before


_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_WORDS = st.text(_LETTERS, min_size=5, max_size=12).filter(lambda word: word not in of_commands())
_OTHERS = st.text(st.characters(min_codepoint=0xC0, max_codepoint=0x2FFF, categories=["L"]), min_size=3, max_size=8)
_PRIVATE = st.builds(
    "{}{}".format,
    st.sampled_from(["10.", "172.20.", "192.168.", "100.77.", "52."]),
    st.tuples(*[st.integers(1, 254)] * 3).map(lambda parts: ".".join(map(str, parts))),
).map(lambda text: ".".join(text.split(".")[:4]))
_MACS = st.binary(min_size=6, max_size=6).filter(lambda mac: len(set(mac)) > 1 and mac[0] not in {1, 0x33})
_NAMES = st.one_of(
    _WORDS,
    _OTHERS,
    st.lists(_WORDS, min_size=2, max_size=4).map("-".join),
    st.lists(_WORDS, min_size=2, max_size=4).map(".".join),
    st.builds("aks-{}-{:08d}-vmss{:06x}".format, _WORDS, st.integers(0, 10**8 - 1), st.integers(1, 16**6 - 1)),
)
_TOKENS = st.one_of(
    _NAMES,
    _PRIVATE,
    st.integers(1 << 64, (1 << 125) - 1).map(lambda number: str(IPv6Address(0x2 << 124 | number))),
    _MACS.map(lambda mac: mac.hex(":")),
    _MACS.map(lambda mac: mac.hex("-").upper()),
    st.uuids().map(str),
    st.binary(min_size=32, max_size=32).map(bytes.hex),
    st.binary(min_size=6, max_size=6).map(bytes.hex),
    st.builds("{}{:011x}".format, st.sampled_from(["azv", "cali", "veth", "lxc"]), st.integers(0, 16**11 - 1)),
    st.from_regex(r"[0-9]{9,14}", fullmatch=True),
)
_AROUND = st.sampled_from(
    ["{}", "x {} y", "[{}]", '"{}"', "<{}>", "({}),", "{}:", "'{}'", "a={};", "user@{}:~$ ip addr", "/home/{}/x",
     "{}/24", "k8s_POD_{}_default", "dev {} scope link", "{}.", "{}%eth0", "https://{}:443/", "\\{}", "{}|", "é{}",
     "HWaddr:{}", "MAC:{}:", "inet6 addr:{}/64 Scope:Link"]
)  # fmt: skip


def _planted(value: Any, token: str, around: str) -> Any:
    """``value``, a dump of an analysis, with ``token`` in every text."""
    if isinstance(value, dict):
        fixed = {"status", "severity", "code", "kind", "datapath", "certainty", "value", "proofs", "command"}
        return {name: item if name in fixed else _planted(item, token, around) for name, item in value.items()}
    if isinstance(value, list):
        return [_planted(item, token, around) for item in value]
    if isinstance(value, str):
        return f"{value} {around.format(token)}"
    return value


_WITHOUT_BREAKS = re.compile(r"\n *")
_SMALL = _analysis("\n".join(RICH.split("\n")[:20])).model_dump(mode="json")


_UNPLANTED = _forms(redact(Analysis.model_validate(_SMALL), KEY)).lower()


@settings(deadline=None, max_examples=100)
@given(_TOKENS, _AROUND)
@example("payments", "{}")
@example("2000:0:0:1::", "user@{}:~$ ip addr")
@example("2001:10:20:30", "{}")
@example("10.19.68.4", "x-{}-y")
@example("10-19-68-4", "{}.default.pod.cluster.local")
def test_what_is_planted_anywhere_is_found_nowhere(token: str, around: str) -> None:
    # Five letters may be part of a word that stays.
    assume(token.lower() not in _UNPLANTED)
    planted = _planted(_SMALL, token, around)
    for skipped in ([], [{"file": token, "reason": f"cannot read {token}"}]):
        analysis = Analysis.model_validate_json(json.dumps({**planted, "skipped": skipped}))
        forms = _forms(redact(analysis, KEY))
        assert token.lower() not in _WITHOUT_BREAKS.sub("", forms).lower()
        assert token.lower() not in forms.lower()


# A piece of an IPv6 address may be one of the pseudonym, too.
_RICH_WORDS = [word for word in RICH.split() if "::" not in word]


@settings(deadline=None, max_examples=300)
@given(st.lists(st.one_of(_NAMES, st.text(max_size=20), st.sampled_from(_RICH_WORDS)), max_size=8))
def test_a_word_of_a_line_is_known_or_made_up(words: list[str]) -> None:
    line = " ".join(words)
    after = Text(KEY).line(line)
    assert len(after.split("\n")) == len(line.split("\n"))
    assert_made_up(line, after)


@pytest.mark.parametrize(
    "token",
    [
        "1:2:3:4:5:6:7:8:10.19.68.4", "1:2:999.19.68.4", "::ffff:٤٢.19.68.4", "٩٩٩.19.68.4", "٤٢.19.68.4/٢٤",
        "10.19.68.4/٢٤", "fd12:3456::1/٦٤", "٤٢-19-68-4", "contoso٤٢",
    ],
)  # fmt: skip
def test_what_only_looks_like_an_address_is_replaced_too(token: str) -> None:
    after = Text(KEY).line(f"inet {token} dev eth0")
    assert after.startswith("inet ")
    assert after.endswith(" dev eth0")
    assert "19.68" not in after
    assert "3456" not in after
    assert "contoso" not in after


# --- the program's own words ------------------------------------------------------------------------------------------


def test_own_sentences_stay_as_they_are() -> None:
    text = Text(KEY)
    for kind in FINDINGS:
        for sentence in (kind.summary, kind.cause, kind.evidence, kind.advice):
            assert _without_addresses(text.sentence(sentence, (), {})) == _without_addresses(sentence)
    for name, analysis in ANALYSES.items():
        names = {word for path, value in _strings(analysis) if _is_name(path) for word in WORD.findall(value)}
        after = dict(_strings(redact(analysis, KEY)))
        for path, sentence in _strings(analysis):
            if path.rpartition(".")[2] in {"claim", "message"}:
                words = [word for word in re.findall(r"[A-Za-z]+(?:'s)?", sentence) if word not in names]
                found = re.findall(r"[A-Za-z]+(?:'s)?", after[path])
                assert [word for word in words if word not in found and not _has_digits(word, sentence)] == [], name


def _has_digits(word: str, sentence: str) -> bool:
    """True for a piece of an id or address."""
    return any(word in token and re.search(r"\d", token) for token in sentence.split())


def _is_name(path: str) -> bool:
    return path.rpartition(".")[2].partition("[")[0] not in {"claim", "message", "reason", "text", "file"}


def _without_addresses(text: str) -> str:
    return re.sub(r"\d+\.\d+\.\d+\.\d+", "", text)


def test_a_name_that_is_a_word_of_a_sentence_is_replaced_in_it_too() -> None:
    text = RICH.replace("payments", "nothing").replace("ledger-0", "reaches")
    analysis = _analysis(text)
    [message] = [f.message for node in analysis.nodes for f in node.findings if f.code == "pod-not-wired"]
    assert "nothing/reaches" in message
    node = redact(analysis, KEY).nodes[0]
    [message] = [finding.message for finding in node.findings if finding.code == "pod-not-wired"]
    pods = {f"{pod.pod.namespace}/{pod.pod.name}" for pod in node.pods if pod.pod is not None}
    assert "nothing" not in message
    assert "reaches" not in message
    [listed] = re.findall(r"[g-z]{10}/[g-z]{10}", message)
    assert not pods or listed.split("/")[0] in {pod.split("/")[0] for pod in pods}


def test_the_names_of_the_commands_stay() -> None:
    text = Text(KEY)
    for command in COMMANDS:
        assert text.line(command.name) == command.name


def test_a_reason_keeps_its_words_and_hides_the_file() -> None:
    analysis = Analysis.model_validate(
        {"nodes": [], "skipped": [{"file": "acme/b.zip!is", "reason": "acme/b.zip!is: No such file or directory"}]}
    )
    [skipped] = redact(analysis, KEY).skipped
    assert skipped.reason == f"{skipped.file}: No such file or directory"
    assert re.fullmatch(r"[g-z]{10}/b\.zip![g-z]{10}", skipped.file)


# --- addresses --------------------------------------------------------------------------------------------------------

_IPV4 = st.integers(0, (1 << 32) - 1)


def _addresses() -> Addresses:
    return Addresses(Pseudonyms(KEY))


def _common(one: int, other: int, size: int = 32) -> int:
    return size - (one ^ other).bit_length()


@st.composite
def _pairs(draw: st.DrawFn) -> tuple[int, int]:
    one = draw(st.sampled_from(["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "20.0.0.0/8"]))
    network = IPv4Network(one)
    first = int(network.network_address) + draw(st.integers(0, network.num_addresses - 1))
    return first, first ^ draw(st.integers(0, (1 << draw(st.integers(0, 32 - network.prefixlen))) - 1))


@given(_pairs())
def test_two_ipv4_addresses_share_as_many_bits_as_before(pair: tuple[int, int]) -> None:
    addresses = _addresses()
    assert _common(addresses.ipv4(pair[0]), addresses.ipv4(pair[1])) == _common(*pair)
    for number in pair:
        other = addresses.ipv4(number)
        assert other != number
        for private in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"):
            assert (IPv4Address(number) in IPv4Network(private)) == (IPv4Address(other) in IPv4Network(private))


@given(_IPV4, _IPV4)
def test_no_two_ipv4_addresses_become_one(one: int, other: int) -> None:
    addresses = _addresses()
    assert (addresses.ipv4(one) == addresses.ipv4(other)) == (one == other)


@given(_pairs(), st.integers(1, 30))
def test_a_network_stays_a_network_and_keeps_what_is_in_it(pair: tuple[int, int], length: int) -> None:
    text = Text(KEY)
    network = IPv4Network((pair[0], length), strict=False)
    line = f"inet {IPv4Address(pair[0])}/{length} brd {network.broadcast_address} via {IPv4Address(pair[1])} {network}"
    _, inside, _, last, _, other, whole = text.line(line).split()
    mapped = IPv4Network(whole)
    assert mapped.prefixlen == length
    assert IPv4Network(inside, strict=False) == mapped
    assert IPv4Address(last) == mapped.broadcast_address
    assert (IPv4Address(other) in mapped) == (IPv4Address(pair[1]) in network)


@pytest.mark.parametrize("mask", ["255.255.252.0", "255.255.0.0", "255.255.255.0", "255.240.0.0", "255.255.255.192"])
def test_route_n_keeps_its_masks_and_its_networks(mask: str) -> None:
    network = IPv4Network(f"10.19.68.0/{mask}", strict=False)
    row = f"{network.network_address}      0.0.0.0         {mask}   U     0      0        0 eth0"
    destination, gateway, kept, *rest = Text(KEY).line(row).split()
    assert (gateway, kept, rest) == ("0.0.0.0", mask, ["U", "0", "0", "0", "eth0"])
    assert str(IPv4Network(f"{destination}/{mask}")) == Text(KEY).line(str(network))


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0", "127.0.0.1", "169.254.1.1", "169.254.169.254", "169.254.20.10", "168.63.129.16", "224.0.0.1",
     "255.255.255.255", "255.255.252.0", "128.0.0.0", "192.0.0.0", "0.0.0.0/0", "::", "::1", "::/0", "ff02::1",
     "fe80::1", "fe80::ecee:eeff:feee:eeee", "ee:ee:ee:ee:ee:ee",
     "aa:aa:aa:aa:aa:aa", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00",
     "33:33:00:00:00:01", "01:00:5e:00:00:01"],
)  # fmt: skip
def test_what_means_the_same_everywhere_stays(address: str) -> None:
    assert Text(KEY).line(f"via {address} dev") == f"via {address} dev"


@given(st.integers(0, (1 << 61) - 1), st.integers(0, 63), st.integers(0, (1 << 64) - 1), st.integers(3, 64))
def test_ipv6_networks_keep_what_is_in_them(upper: int, shared: int, lower: int, length: int) -> None:
    addresses = _addresses()
    one = (1 << 61 | upper) << 64 | lower
    other = one ^ 1 << (64 + shared - 3 if shared >= 3 else 64)
    first, second = (int(IPv6Address(addresses.ipv6(IPv6Address(number)))) for number in (one, other))
    assert _common(first, second, 128) == _common(one, other, 128)
    assert first != one
    network = IPv6Network((one, length), strict=False)
    mapped = IPv6Network(f"{addresses.ipv6(network.network_address, length)}/{length}")
    assert IPv6Address(first) in mapped
    assert (IPv6Address(second) in mapped) == (IPv6Address(other) in network)


@given(_MACS)
def test_an_address_made_of_a_mac_still_is(mac: bytes) -> None:
    lower = bytes([mac[0] ^ 2]) + mac[1:3] + b"\xff\xfe" + mac[3:]
    text = Text(KEY)
    other = bytes.fromhex(text.line(mac.hex(":")).replace(":", ""))
    expected = bytes([other[0] ^ 2]) + other[1:3] + b"\xff\xfe" + other[3:]
    assert text.line(f"{IPv6Address(0xFE80 << 112 | int.from_bytes(lower, 'big'))}/64") == (
        f"{IPv6Address(0xFE80 << 112 | int.from_bytes(expected, 'big'))}/64"
    )
    assert other[0] & 3 == mac[0] & 3
    assert other != mac


def test_forms_of_one_mac_agree() -> None:
    text = Text(KEY)
    mac = text.line("00:0d:3a:01:02:05")
    assert mac.startswith("00:0d:3a:")
    assert mac != "00:0d:3a:01:02:05"
    assert text.line("00:0D:3A:01:02:05") == mac.upper()
    assert text.line("00-0d-3a-01-02-05") == mac.replace(":", "-")
    assert text.line("8000.000d3a010205") == f"8000.{mac.replace(':', '')}"
    assert text.line("enx000d3a010205") == f"enx{mac.replace(':', '')}"
    unpadded = ":".join(f"{int(part, 16):x}" for part in mac.split(":"))
    assert text.line('"bridge_id":"8000.0:d:3a:1:2:5"') == f'"bridge_id":"8000.{unpadded}"'
    # A solicited-node address ends like the address that is looked for.
    assert text.line("ff02::1:ff01:205").replace(":", "").endswith(mac.replace(":", "")[6:].lstrip("0"))


def test_an_ipv4_address_in_an_ipv6_address_is_the_same_as_alone() -> None:
    text = Text(KEY)
    mapped = text.line("10.19.68.4")
    for prefix in ("::ffff:", "64:ff9b::"):
        assert text.line(f"via {prefix}10.19.68.4/128 dev eth0") == f"via {prefix}{mapped}/128 dev eth0"


@pytest.mark.parametrize(
    "piece",
    [
        "a-",
        "1.",
        ":",
        "0:",
        "f",
        "10.0.0.",
        "00:0d:",
        "1-",
        "::1 ",
        "10.0.0.1/24 ",
        '"',
        "7d3f0a52-",
        "é",
        "aks-",
        "0:0.0:",
        "a:.1",
    ],
)
def test_a_hostile_line_takes_no_longer_than_a_long_one(piece: str) -> None:
    begun = time.process_time()
    Text(KEY).line(piece * (100_000 // len(piece)) + "g")
    Text(KEY).sentence(piece * (100_000 // len(piece)) + "g", (), {"x": "y"})
    assert time.process_time() - begun < 10


# --- ids --------------------------------------------------------------------------------------------------------------


@given(st.binary(min_size=32, max_size=32), st.integers(12, 64), st.integers(0, 63))
def test_the_beginning_of_an_id_is_the_beginning_of_its_pseudonym(data: bytes, length: int, place: int) -> None:
    pseudonyms = Pseudonyms(KEY)
    whole = data.hex()
    assert pseudonyms.hexadecimal(whole).startswith(pseudonyms.hexadecimal(whole[:length]))
    assert pseudonyms.hexadecimal(whole)[0] != whole[0]
    other = f"{whole[:place]}{(int(whole[place], 16) + 1) % 16:x}{whole[place + 1 :]}"
    assert pseudonyms.hexadecimal(other) != pseudonyms.hexadecimal(whole)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("azv33ac2d062ec@if15", r"azv[0-9a-f]{11}@if15"),
        ("cali16fcf5898b5", r"cali[0-9a-f]{11}"),
        ("veth32e5f189", r"veth[0-9a-f]{8}"),
        ("br-0123456789ab", r"br-[0-9a-f]{12}"),
        ("aks-nodepool1-12345678-vmss000003", r"aks-nodepool1-\d{8}-vmss[0-9a-z]{6}"),
        ("10-19-68-4.payments.pod.cluster.local", r"10-\d+-\d+-4(\.[g-z]{10}){4}"),
        ("ip_netns_exec_red_ip_addr.txt", r"ip_netns_exec_[g-z]{10}_ip_addr\.txt"),
        ("collect/ip_netns_red/ip_4_addr.json", r"collect/ip_netns_[g-z]{10}/ip_4_addr\.json"),
        ("case-4711.tar.gz!b/hostname", r"[g-z]{10}-\d{4}\.tar\.gz!b/hostname"),
        ("web-0", r"[g-z]{10}-0"),
        ("10.240.0", r"(?!10\.240\.0)\d\d\.\d{3}\.\d"),
        (f"k8s_POD_web-0_kube-system_{UID}_0", r"k8s_POD_[g-z]{10}-0_kube-system_[-0-9a-f]{36}_0"),
    ],
)  # fmt: skip
def test_what_has_a_form_keeps_it(before: str, after: str) -> None:
    found = Text(KEY).line(before)
    assert re.fullmatch(after, found), found
    assert found != before


@pytest.mark.parametrize(
    "line",
    [
        "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000",
        "       valid_lft 86396sec preferred_lft forever",
        "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface",
        "bridge name     bridge id               STP enabled     interfaces",
        "default via 169.254.1.1 dev eth0 proto static metric 1024 onlink",
        "3: enP1279s1: <BROADCAST,MULTICAST,SLAVE,UP,LOWER_UP> mtu 1500 qdisc mq master eth0 state UP",
        "# sudo nsenter -t 16315 -n ip addr",
        "NAMESPACE     NAME   READY   STATUS    RESTARTS   AGE    IP    NODE   NOMINATED NODE   READINESS GATES",
        "kube-system   1/1   Running   0   5d3h",
        "    tun0 eth0.100 eth0:1 docker0 cbr0 azure0 cni0 tunl0 v1.21.9 4294967295 0x2c",
    ],
)
def test_what_the_commands_print_stays(line: str) -> None:
    assert Text(KEY).line(line) == line


# --- keys -------------------------------------------------------------------------------------------------------------


def test_one_key_gives_one_answer_and_no_key_a_new_one() -> None:
    analysis = ANALYSES["rich"]
    assert redact(analysis, "a phrase") == redact(analysis, "a phrase") == Redaction("a phrase")(analysis)
    assert len({redact(analysis, key).model_dump_json() for key in (None, None, "a phrase", "another", KEY)}) == 5


def test_names_are_the_same_in_every_answer_of_one_key() -> None:
    redaction = Redaction()
    one, other = redaction(ANALYSES["rich"]), redaction(_analysis(RICH.replace("10.19.69.7", "10.19.69.8")))
    assert one.nodes[0].name == other.nodes[0].name
    assert one.nodes[0].uplink == other.nodes[0].uplink
    assert redaction.name(HOST) == one.nodes[0].name


def test_any_model_can_be_redacted() -> None:
    class Pair(BaseModel):
        left: Analysis
        note: dict[str, list[str]]
        address: IPv4Address
        network: IPv6Network | None
        number: int = 10

    pair = Pair(
        left=ANALYSES["rich"],
        note={"payments": ["checkout", "eth0"]},
        address=IPv4Address("10.19.68.4"),
        network=IPv6Network("fd12:3456:789a::/48"),
    )
    redaction = Redaction(KEY)
    other = redaction(pair)
    assert other.left == redaction(pair.left)
    assert other.note == {redaction.name("payments"): [redaction.name("checkout"), "eth0"]}
    assert str(other.address) == redaction.name("10.19.68.4")
    assert other.network is not None
    assert other.network.prefixlen == 48
    assert other.network != pair.network
    assert other.number == 10


# --- the command line -------------------------------------------------------------------------------------------------


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    path = tmp_path / "fabrikam-ticket.txt"
    path.write_text(RICH, encoding="utf-8")
    return path


@pytest.mark.parametrize("form", ["text", "json", "jsonl"])
@pytest.mark.parametrize("how", [[], ["--each"]])
def test_every_format_is_redacted(form: str, how: list[str], rich: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(rich), "--redact", "--format", form, *how]) == 0
    shown = capsys.readouterr()
    assert shown.err == ""
    assert [secret for secret in (*SECRETS, rich.parent.name) if secret in shown.out] == []
    if form != "text":
        assert main(["schema"]) == 0
        jsonschema.validate(json.loads(shown.out), json.loads(capsys.readouterr().out))


@pytest.mark.parametrize("form", ["text", "json", "jsonl"])
def test_comparisons_and_traces_are_redacted(form: str, rich: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = rich.with_name("fabrikam-later.txt")
    other.write_text(RICH.replace("10.19.69.7", "10.19.69.8").replace("00:0d:3a:9c", "00:0d:3a:9d"), encoding="utf-8")
    for arguments in (
        ["compare", str(rich), str(other)],
        ["trace", str(rich), "--from", "payments/checkout-6d4cf56db6-x7k2p", "--to", "10.19.68.9"],
        [str(rich), "--pod", "payments/checkout-6d4cf56db6-x7k2p"],
    ):
        assert main([*arguments, "--format", form]) == 0
        plain = capsys.readouterr().out
        assert main([*arguments, "--format", form, "--redact"]) == 0
        shown = capsys.readouterr().out
        assert any(secret in plain for secret in SECRETS)
        assert [secret for secret in (*SECRETS, rich.parent.name) if secret in shown] == []
        if form == "text":
            assert re.findall(r"[a-z]+", _without_names(plain)) == re.findall(r"[a-z]+", _without_names(shown))
        else:
            assert main(["schema", "pod" if "--pod" in arguments else arguments[0]]) == 0
            jsonschema.validate(json.loads(shown), json.loads(capsys.readouterr().out))


def _without_names(text: str) -> str:
    """The sentences of an answer for people: no cited lines, and no word with a digit or a mark in it."""
    lines = [line for line in re.sub(r"\n {2,5}(?=\w)", " ", text).split("\n") if not re.search(r"^.*\d+: ", line)]
    return " ".join(word for line in lines for word in line.split() if re.fullmatch(r"[a-z]+[,.:]?", word))


def test_the_key_may_be_in_the_environment(
    rich: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def printed(*arguments: str) -> str:
        assert main([str(rich), "--format", "json", *arguments]) == 0
        return capsys.readouterr().out

    plain = printed()
    redacted = printed("--redact-key", "a phrase")
    assert redacted not in {plain, printed("--redact"), printed("--redact-key", "another")}
    monkeypatch.setenv("AKSNET_PARSE_REDACT_KEY", "a phrase")
    assert printed("--redact") == redacted
    assert printed() == plain


def test_a_fleet_shares_one_key_and_hides_what_was_not_read(
    rich: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "fabrikam.zip"
    broken.write_bytes(zipped({"ip_addr.txt": "x"})[:30])
    partly = tmp_path / "contosopool.zip"
    partly.write_bytes(zipped({"session.txt": RICH, "inner/jdoe.zip": zipped({"x": "y"})[:30]}))
    arguments = [str(rich), str(broken), str(partly), str(rich)]
    assert main([*arguments, "--jobs", "2", "--redact", "--format", "jsonl"]) == 2
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert len(lines) == 5
    assert lines[0] == lines[4]
    assert json.loads(lines[0])["nodes"][0]["name"] == json.loads(lines[2])["nodes"][0]["name"]
    assert [secret for secret in SECRETS if secret in shown.out] == []
    # Whoever has the command line is told which files they are, and nobody else.
    bad = [skipped for line in lines for skipped in json.loads(line)["skipped"]]
    assert shown.err == "".join(
        f"aksnet-parse: path {number}: {skipped['file']}: no zip directory: cut off, or no zip archive\n"
        for number, skipped in zip((2, 3), bad, strict=True)
    )


def test_what_is_said_beside_the_answer_is_redacted_too(
    rich: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both streams of a program are often kept in one file."""
    broken, prose, missing = (tmp_path / f"fabrikam-{name}" for name in ("jdoe.zip", "payments.txt", "ledger.txt"))
    broken.write_bytes(zipped({"ip_addr.txt": "x"})[:30])
    prose.write_text("Nothing but prose.\n", encoding="utf-8")
    for arguments, status, said in (
        ([rich, broken, missing], 2, ["no zip directory: cut off, or no zip archive", "No such file or directory"]),
        ([prose], 1, ["nothing recognised in ", "no output of "]),
        (["compare", rich, broken], 2, ["no zip directory: cut off"]),
        (["compare", rich, prose], 1, ["nothing recognised in "]),
        (["trace", rich, broken, "--from", "node", "--to", "8.8.8.8"], 2, ["no zip directory: cut off"]),
        (["trace", prose, "--from", "node", "--to", "8.8.8.8"], 1, ["nothing recognised in "]),
        (
            ["trace", rich, "--from", "jane.roe", "--to", "8.8.8.8"],
            2,
            ["no source '", " was captured; there are: node, "],
        ),
        (["trace", rich, "--from", "node", "--to", "ledger"], 2, ["no target '", "give an address, or one of: node, "]),
        ([rich, "--pod", "jane.roe"], 2, ["no pod '", " was captured; there are: "]),
        ([rich, broken, "--pod", "payments/checkout-6d4cf56db6-x7k2p"], 2, ["no zip directory: cut off"]),
        ([prose, "--pod", "jane.roe"], 1, ["nothing recognised in "]),
        ([missing, prose, "--each"], 2, ["path 1: ", "No such file or directory", "path 2: ", ": nothing recognised"]),
    ):
        assert main([*map(str, arguments), "--redact", "--format", "json"]) == status
        shown = capsys.readouterr()
        assert [words for words in said if words not in shown.err] == []
        assert [secret for secret in (*SECRETS, tmp_path.name) if secret in shown.out + shown.err] == []


def test_a_name_in_a_message_that_is_a_word_of_it_is_replaced() -> None:
    message = "no source 'nothing' was captured; there are: node, lost/captured (10.19.69.7)"
    shown = Redaction(KEY).message(message, {"lost", "captured"}, "nothing")
    assert re.fullmatch(
        r"no source '[g-z]{10}' was [g-z]{10}; there are: node, [g-z]{10}/[g-z]{10} \(10\.\d+\.\d+\.7\)", shown
    )


@pytest.mark.parametrize("name", ["default", "gateway", "Ready"])
def test_a_name_that_is_a_word_of_the_commands_stays(name: str) -> None:
    """In a line nobody can tell which of the two it is; in a longer name it is a part like others."""
    assert Text(KEY).line(f"{name} x {name}-web") == f"{name} x {Text(KEY).line(f'{name}-web')}"
    assert name.lower() not in Text(KEY).line(f"{name}-web").lower()
