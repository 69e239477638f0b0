"""Every form in which captures reach us gives the same records as the clean text it was made from."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import aksnet_parse
from aksnet_parse import Reading, Record

SAMPLES = Path(__file__).parent.parent / "samples"
NAMES = ["azure-cni-bridge", "azure-cni-transparent", "docker-kubenet", "kubenet-bridge", "kubenet-calico"]
Spoiler = Callable[[str], str]


def _records(reading: Reading) -> list[tuple[str, str, tuple[Record, ...]]]:
    """Of each node, each capture's command, namespace and records."""
    return [
        (parsed.capture.command.name, parsed.namespace, parsed.result.records)
        for node in reading.nodes
        for parsed in node.captures
    ]


def _unparsed(reading: Reading) -> list[str]:
    return [line.text for node in reading.nodes for parsed in node.captures for line in parsed.result.unparsed]


def _clean(name: str) -> str:
    return (SAMPLES / f"{name}.txt").read_text(encoding="utf-8")


def _lines(text: str, change: Spoiler) -> str:
    return "\n".join(change(line) for line in text.split("\n"))


def _collapsed(text: str) -> str:
    return _lines(text, lambda line: re.sub(r"[ \t]+", " ", line).strip())


def _coloured(text: str) -> str:
    text = re.sub(r"(?m)^(\d+: )([^:\n]+)(: <)", "\\1\x1b[36m\\2\x1b[0m\\3", text)
    text = re.sub(r"(\d+\.\d+\.\d+\.\d+)", "\x1b[35m\\1\x1b[0m", text)
    return re.sub(r"state UP", "state \x1b[32mUP \x1b[0m", text)


def _typographic(text: str) -> str:
    text = re.sub(r'"([^"\n]*)"', "“\\1”", text)
    return text.replace("nsenter -t", "nsenter –t").replace(" -n ip addr", " –n ip addr").replace("'", "’")


def _fenced(text: str) -> str:
    return "Here it is:\n\n```console\n" + text.rstrip("\n") + "\n```\nThat was all.\n"


def _stamped(stamp: str) -> Spoiler:
    return lambda text: _lines(text, lambda line: stamp + line)


SPOILERS: dict[str, Spoiler] = {
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "old Mac line ends": lambda text: text.replace("\n", "\r"),
    "tabs": lambda text: _lines(text, lambda line: re.sub(r" {2,}", "\t", line)),
    "blanks": lambda text: text.expandtabs(8),
    "non-breaking blanks": lambda text: text.replace(" ", "\u00a0"),
    "narrow blanks": lambda text: text.replace("  ", " \u202f"),
    "zero-width blanks": lambda text: _lines(text, lambda line: f"\u200b{line}\u200b"),
    "colours": _coloured,
    "byte-order mark": lambda text: f"\ufeff{text}",
    "Markdown fence": _fenced,
    "wiki code": lambda text: "{code:bash}\n" + text + "{code}\nRegards",
    "quoted": lambda text: _lines(text, lambda line: f"> {line}"),
    "quoted twice": lambda text: _lines(text, lambda line: f">> {line}"),
    "quoted, no blank on empty lines": lambda text: _lines(text, lambda line: f"> {line}" if line else ">"),
    "ISO timestamps": _stamped("2021-03-04T10:11:12.123456789Z "),
    "ISO timestamps with a blank": _stamped("2021-03-04 10:11:12,123 "),
    "clock in brackets": _stamped("[10:11:12] "),
    "syslog": _stamped("Mar  4 10:11:12 jumphost script[4711]: "),
    "container log": _stamped("2021-03-04T10:11:12.123456789Z stdout F "),
    "typographic quotes": _typographic,
    "trailing blanks": lambda text: _lines(text, lambda line: f"{line}   \t "),
    "lost indentation": lambda text: _lines(text, str.strip),
    "collapsed columns": _collapsed,
    "HTML escapes": lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
    "no line end at the end": lambda text: text.rstrip("\n"),
    "blank lines around commands": lambda text: re.sub(
        r"(?m)^(azureuser@|ip addr|sudo |route |brctl )", "\n\n\\1", text
    ),
    "prose before and after": lambda text: (
        f"Hello,\nour pods do not start. This is what we see:\n\n{text}\nIs it the bridge? Thanks for your help.\n"
    ),
    "prose without blank lines": lambda text: f"This is what we see:\n{text}Is it the bridge, or the routes?\nThanks\n",
}
COMBINED = [
    ("quoted", "CRLF", "collapsed columns"),
    ("non-breaking blanks", "trailing blanks", "Markdown fence"),
    ("colours", "ISO timestamps", "CRLF", "byte-order mark"),
    ("typographic quotes", "lost indentation", "quoted twice"),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", SPOILERS)
def test_a_spoiled_text_gives_the_same_records(name: str, form: str) -> None:
    clean = _clean(name)
    spoiled = SPOILERS[form](clean)
    assert spoiled != clean or form in {"blanks", "tabs"}
    expected, found = aksnet_parse.read(clean), aksnet_parse.read(spoiled)
    assert _records(found) == _records(expected)
    assert _unparsed(found) == []
    assert [node.name for node in found.nodes] == [node.name for node in expected.nodes]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("forms", COMBINED, ids=" + ".join)
def test_forms_combine(name: str, forms: tuple[str, ...]) -> None:
    spoiled = clean = _clean(name)
    # The innermost dress is put on first.
    for form in reversed(forms):
        spoiled = SPOILERS[form](spoiled)
    found = aksnet_parse.read(spoiled)
    assert _records(found) == _records(aksnet_parse.read(clean))
    assert _unparsed(found) == []


@pytest.mark.parametrize("mark", [".", "...", "…", "[...]", ". . .", "<snip>", "--- snip ---", "[output omitted]"])
def test_a_cut_by_the_author(mark: str) -> None:
    clean = _clean("kubenet-bridge")
    lines = clean.split("\n")
    first = next(number for number, line in enumerate(lines) if line.startswith("5: veth"))
    last = next(number for number, line in enumerate(lines) if line.startswith("8: veth"))
    cut = "\n".join([*lines[:first], mark, *lines[last:]])
    (before,), (after,) = aksnet_parse.read(clean).nodes, aksnet_parse.read(cut).nodes
    assert before.interfaces is not None
    assert after.interfaces == tuple(row for row in before.interfaces if row.ifindex not in {5, 6, 7})
    assert _unparsed(aksnet_parse.read(cut)) == []
    host = next(parsed for parsed in after.captures if parsed.namespace == "host")
    assert host.capture.abbreviated
    assert not any(parsed.capture.abbreviated for parsed in before.captures)


def test_lifetimes_left_out() -> None:
    clean = _clean("kubenet-bridge")
    cut = "\n".join(line for line in clean.split("\n") if "valid_lft" not in line)
    (before,), (after,) = aksnet_parse.read(clean).nodes, aksnet_parse.read(cut).nodes
    assert after.interfaces == before.interfaces
    assert after.namespaces == before.namespaces or [item.interfaces for item in after.namespaces] == [
        item.interfaces for item in before.namespaces
    ]
    assert before.interfaces is not None
    assert after.interfaces is not None
    assert "valid_life_time" in before.interfaces[1].addr_info[0].model_fields_set
    assert "valid_life_time" not in after.interfaces[1].addr_info[0].model_fields_set


def test_cut_off_in_mid_line_anywhere() -> None:
    text = "$ ip addr\n" + _clean("kubenet-bridge").split("$ ip addr\n")[1].split("azureuser@")[0]
    (whole,) = aksnet_parse.read(text).nodes
    assert whole.interfaces is not None
    for end in range(text.index("5: veth"), len(text), 7):
        cut = text[:end]
        (node,) = aksnet_parse.read(cut).nodes
        assert node.interfaces is not None
        complete = cut.count("\n    link/")
        assert node.interfaces[: complete - 1] == whole.interfaces[: complete - 1]
        assert len(node.interfaces) <= complete + 1
        assert {row.ifname for row in node.interfaces} <= {row.ifname for row in whole.interfaces}
        left = cut.rsplit("\n", 1)[1]
        known = any(line.rstrip().startswith(left.rstrip()) for line in text.split("\n"))
        assert known
        unparsed = [line.text for parsed in node.captures for line in parsed.result.unparsed]
        assert unparsed in ([], [left.rstrip()])
