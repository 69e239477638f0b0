"""Words that a later iproute2 may print in a line of `ip addr`, parted from those that are known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

__all__ = ["part_interface_line"]

# In the order in which iproute2 prints them (ip/ipaddress.c, print_linkinfo and print_addrinfo).
_HEAD_KEYWORDS = ("qdisc", "master", "state", "mode", "group", "qlen", "link-netnsid", "link-netns", "protodown")
_LINK_KEYWORDS = ("brd", "peer", "permaddr", "link-netnsid", "link-netns", "protodown", "protodown_reason")
_ADDRESS_KEYWORDS = ("metric", "brd", "any", "scope")
# IFA_F_* in the kernel's if_addr.h, as iproute2 spells them.
_ADDRESS_FLAG = re.compile(
    r"secondary|temporary|tentative|deprecated|dadfailed|dynamic|noprefixroute|mngtmpaddr|nodad|home|optimistic|autojoin"
    r"|stable-privacy"
)
_HEAD = re.compile(r"(?P<known>[ \t]*+[0-9]++: [^\s:/]++: <[^\s<>]*+> mtu [0-9]++(?:[ \t]++xdp\S*+)?+)(?P<rest>.*)")
_LINK = re.compile(
    r"(?P<known>[ \t]*+link/(?:none|[^\s:]++[ \t]++[0-9a-fA-F]++[.:][0-9a-fA-F.:]++)(?!\S))(?P<rest>.*?)"
    r"(?P<details>[ \t]promiscuity [0-9].*)?"
)
# The state of a port in `bridge link`, where `ip link` has that of the link in capitals.
_OF_PORT = re.compile(r"[ \t]state[ \t]++[a-z(]")
_ADDRESS = re.compile(
    r"(?P<known>[ \t]*+(?P<family>inet6?+) [0-9a-fA-F.:]++(?:[ \t]++peer[ \t]++[0-9a-fA-F.:]++)?+/[0-9]++)(?P<rest>.*)"
)


def part_interface_line(line: str) -> tuple[str, str] | None:
    """The known words of a line of `ip addr` or `ip link` in their usual order, and the other words; None if it is no
    line of an interface, or if it was cut off or broken."""
    match = _ADDRESS.fullmatch(line)
    if match is not None:
        return _part_address(match)
    for pattern, keywords in ((_HEAD, _HEAD_KEYWORDS), (_LINK, _LINK_KEYWORDS)):
        match = pattern.fullmatch(line)
        if match is not None:
            parted = _part(match["rest"].split(), keywords)
            if parted is None or _OF_PORT.search(match["rest"]):
                return None
            details = match.groupdict().get("details") or ""
            return match["known"] + _joined(parted[0]) + details, " ".join(parted[1])
    return None


def _joined(words: Sequence[str]) -> str:
    return "".join(f" {word}" for word in words)


def _part(words: Sequence[str], keywords: Sequence[str]) -> tuple[list[str], list[str]] | None:
    """Keywords with their values, in the order of ``keywords``, and the words that belong to none of them."""
    values: dict[str, str] = {}
    unknown: list[str] = []
    rest = iter(words)
    for word in rest:
        value = next(rest, None) if word in keywords and word not in values else ""
        if value is None:
            return None  # a keyword at the end: its value is on the next line, or lost
        if value:
            values[word] = value
        else:
            unknown.append(word)
    if not unknown or _is_cut(words[-1], keywords):
        return None
    return [part for word in keywords if word in values for part in (word, values[word])], unknown


def _is_cut(word: str, keywords: Sequence[str]) -> bool:
    """Whether ``word`` is the beginning of a keyword, as at the end of a line that somebody cut off."""
    return any(keyword.startswith(word) for keyword in keywords)


def _part_address(match: re.Match[str]) -> tuple[str, str] | None:
    words = match["rest"].split()
    if "scope" not in words[:-1]:
        return None
    end = words.index("scope") + 2
    before = _part_before_scope(words[:end])
    behind = words[end:]
    # The label of an IPv4 address stands last; IPv6 addresses have none.
    has_label = match["family"] == "inet" and bool(behind) and not _ADDRESS_FLAG.fullmatch(behind[-1])
    label = behind[-1:] if has_label else []
    flags: list[str] = []
    protocol: list[str] = []
    unknown = list(before[1])
    rest: Iterator[str] = iter(behind[:-1] if has_label else behind)
    for word in rest:
        if _ADDRESS_FLAG.fullmatch(word):
            flags.append(word)
        elif word in {"flags", "proto"}:
            value = next(rest, None)
            if value is None:
                return None
            (flags if word == "flags" else protocol).extend((word, value))
        else:
            unknown.append(word)
    if not unknown:
        return None
    return match["known"] + _joined([*before[0], *flags, *protocol, *label]), " ".join(unknown)


def _part_before_scope(words: Sequence[str]) -> tuple[list[str], list[str]]:
    parted = _part(words, _ADDRESS_KEYWORDS)
    return parted if parted is not None else (list(words), [])
