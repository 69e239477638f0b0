"""What a file in a bundle is, by its place alone: tables of the layouts that tools make, and the rule by which people
name files after commands. Pure functions from names; no file is opened here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from .invocation import HOST, UNNAMED, Invocation

__all__ = ["Place", "place"]


@dataclass(frozen=True, slots=True)
class Place:
    """What a path says of a file.

    ``kind``: ``output`` of a command, as a known tool names it; ``named`` by a person after what may be a command;
    ``hostname``; ``text`` of any kind; ``nothing`` of use. ``root``: the folder that belongs to the node as a whole,
    for a text the one it is in. ``calls``: what may have printed it, the likelier first.
    """

    kind: Literal["output", "named", "hostname", "text", "nothing"]
    root: str
    calls: tuple[Invocation, ...] = ()


# --- the AKS node log collector ---------------------------------------------------------------------------------------

# Files in `collect/`, and those of them that it makes for each namespace in `collect/ip_netns_<name>/`, too.
_COLLECTED: Mapping[str, tuple[str, ...]] = {
    name: tuple(call.split())
    for name, call in {
        "ip_4_addr.json": "ip -4 -d -j addr show",
        "ip_6_addr.json": "ip -6 -d -j addr show",
        "ip_link.json": "ip -d -j link show",
        "ip_4_route.json": "ip -4 -d -j route show",
        "ip_6_route.json": "ip -6 -d -j route show",
        "ip_4_neighbor.json": "ip -4 -d -j neighbor show",
        "ip_6_neighbor.json": "ip -6 -d -j neighbor show",
        "ip_rule.json": "ip -d -j rule show",
        "ip_netns.json": "ip -d -j netns show",
        "crictl_pods.json": "crictl pods -o json",
        "crictl_ps.json": "crictl ps -o json",
    }.items()
}
_COLLECTOR = re.compile(r"(?s)(?P<root>|.*?/)collect/(?:ip_netns_(?P<netns>[^/]+)/)?(?P<name>[^/]+)")

# Files of the node itself, under their own path: what is in them is what `cat` prints.
_NODE_FILES = re.compile(
    r"(?s)(?P<root>|.*?/)(?P<path>etc/cni/net\.d/[^/]+|(?:var/)?run/(?P<state>azure-(?:vnet|cns)[\w.-]*\.json))"
)
# ... and where somebody copied them to.
_COPIED_FILES = re.compile(
    r"(?s)(?P<root>|.*?/)(?P<name>(?P<state>azure-vnet(?:-ipam(?:v6)?)?\.json)|[\w.-]+\.conflist)"
)
_HOSTNAME = re.compile(r"(?s)(?P<root>|.*?/)(?:etc/hostname|sos_commands/host/hostname|hostname)(?:\.txt)?")

# --- sosreport --------------------------------------------------------------------------------------------------------

_SOS = re.compile(
    r"(?s)(?P<root>|.*?/)sos_commands/[^/]+/(?:namespaces/(?P<netns>[^/]+)/)?(?:(?:containers|pods)/)?(?P<name>[^/]+)"
)

# --- what is never of use ---------------------------------------------------------------------------------------------

_SYSTEM = re.compile(
    r"(?s)(?:|.*/)(?:(?:bin|boot|dev|etc|lib|lib64|opt|proc|run|sbin|sys|usr|var|sos_commands|sos_logs|sos_reports"
    r"|sos_strings)/.*|(?:version|sosreport|sos)\.(?:txt|json|xml|html)|manifest\.json)"
)


def place(path: str) -> Place:
    """What ``path``, with ``/`` between folders (and archives) and none at its beginning, says of the file there."""
    if match := _HOSTNAME.fullmatch(path):
        return Place("hostname", _folder(match["root"]))
    if match := _COLLECTOR.fullmatch(path):
        return _collected(match, path)
    if match := _SOS.fullmatch(path):
        return _sos(match)
    if match := _NODE_FILES.fullmatch(path):
        file = f"/var/run/{match['state']}" if match["state"] else f"/{match['path']}"
        return Place("output", _folder(match["root"]), (Invocation(("cat", file)),))
    parent, _, name = path.rpartition("/")
    if _SYSTEM.fullmatch(path):
        return Place("nothing", parent)
    if match := _COPIED_FILES.fullmatch(path):
        file = f"/var/run/{name}" if match["state"] else f"/etc/cni/net.d/{name}"
        return Place("named", parent, (Invocation(("cat", file)),))
    calls = tuple(_calls(_stem(name)))
    return Place("named" if calls else "text", parent, calls)


def _folder(root: str) -> str:
    return root.rstrip("/")


def _collected(match: re.Match[str], path: str) -> Place:
    root, namespace = _folder(match["root"]), _namespace(match["netns"])
    argv = _COLLECTED.get(match["name"])
    if argv is not None:
        return Place("output", root, (Invocation(argv, namespace),))
    calls = tuple(replace(call, namespace=namespace) for call in _calls(_stem(match["name"])))
    return Place("output", root, calls) if calls else Place("text", root)


def _sos(match: re.Match[str]) -> Place:
    root, name, netns = _folder(match["root"]), match["name"], match["netns"]
    if netns is not None:
        name = name.removeprefix(f"ip_netns_exec_{netns}_")
        calls = tuple(replace(call, namespace=_namespace(netns)) for call in _calls(name))
    else:
        calls = tuple(_calls(name))
    return Place("output" if calls else "nothing", root, calls)


def _namespace(netns: str | None) -> str:
    return f"netns:{netns}" if netns is not None else HOST


# --- files that are named after commands ------------------------------------------------------------------------------

_ENGINES = frozenset({"docker", "podman", "nerdctl", "crictl"})
# Programs that print all they know when they are called without a word.
_ALONE_TEXT = """
route netstat arp ifconfig iptables ip6tables iptables-save ip6tables-save nft ipset ebtables ebtables-save
conntrack sysctl ss ipvsadm lsns
"""
_ALONE = frozenset(_ALONE_TEXT.split())
_PROGRAMS = _ENGINES | _ALONE | {"ip", "bridge", "brctl", "kubectl", "az", "tc"}
_REMOTE = frozenset({"kubectl", "az"})
_SUFFIX = re.compile(r"(?i)\.(?:txt|log|out|json|lst|text|md|stdout)$")
# Options that lost their dash, or have a file name's `_` for it; `ip` has them before its object.
_LOST_DASHES = {
    "ip": re.compile(r"[046adenosj]|br|rc|ts"),
    "bridge": re.compile(r"[dnosjc]"),
    "route": re.compile(r"[neAC64]|ee|en"),
    "netstat": re.compile(r"[rne64]+"),
    "kubectl": re.compile(r"[onA]"),
}
_MOST_WORDS = 24


def _stem(name: str) -> str:
    return _SUFFIX.sub("", name)


def _calls(stem: str) -> Iterator[Invocation]:
    """The calls that ``stem`` may stand for: words joined by ``_``, blanks or dashes, wrappers and all."""
    words = [word for word in re.split(r"[_\s+]+", stem) if word]
    if len(words) == 1 and words[0] in _ALONE:
        yield Invocation((words[0],))
        return
    if len(words) == 1 and not words[0].startswith("-"):
        words = [word for word in words[0].split("-") if word]
    if words[:1] == ["sudo"]:
        words = words[1:]
    if len(words) < 2 or len(words) > _MOST_WORDS:
        return
    head = words[0]
    if words[:3] == ["ip", "netns", "exec"]:
        yield from _inside(words[3:], "netns:")
    elif head == "nsenter":
        yield from _entered(words[1:])
    elif head in {"pid", "netns", "pod", "container"}:
        yield from _inside(words[1:], f"{head}:")
    elif head in {*_ENGINES, "kubectl"} and words[1] == "exec":
        rest = [word for word in words[2:] if word != "--" and word not in {"-it", "-i", "-t"}]
        yield from _inside(rest, "pod:" if head == "kubectl" else "container:")
    elif head in _PROGRAMS:
        yield _call(words, HOST)


def _entered(words: list[str]) -> Iterator[Invocation]:
    """After ``nsenter``: the process, with or without the options."""
    rest = [word for word in words if word not in {"-t", "-n", "--net", "--target", "t", "n", "--", "-nt"}]
    rest = [word.removeprefix("-t").removeprefix("--target=") for word in rest[:1]] + rest[1:]
    if "-n" in words:
        # The program may have options of its own; only those before it are those of nsenter.
        start = next((number for number, word in enumerate(words) if word in _PROGRAMS), len(words))
        before = [word for word in words[:start] if re.fullmatch(r"(?:-t)?[0-9]+", word)]
        rest = [word.removeprefix("-t") for word in before[:1]] + words[start:]
    yield from _inside(rest, "pid:")


def _inside(words: list[str], kind: str) -> Iterator[Invocation]:
    """A name, which may have a ``_`` in it, and then a call."""
    for number in range(1, len(words)):
        if words[number] in _PROGRAMS:
            name = "_".join(words[:number])
            if kind != "pid:" or name.isdigit():
                yield _call(words[number:], f"{kind}{name}")
            elif kind == "pid:":
                yield _call(words[number:], UNNAMED)


def _call(words: list[str], namespace: str) -> Invocation:
    program = words[0]
    lost = _LOST_DASHES.get(program)
    rest = words[1:]
    if lost is not None:
        # The last word of `ip a` is no option.
        end = len(rest) if program not in {"ip", "bridge"} else _objects(rest, lost)
        rest = [f"-{word}" if number < end and lost.fullmatch(word) else word for number, word in enumerate(rest)]
    return Invocation((program, *rest), namespace, remote=program in _REMOTE)


def _objects(words: list[str], lost: re.Pattern[str]) -> int:
    """How many words come before the object that `ip` is asked for."""
    options = (number for number, word in enumerate(words) if not word.startswith("-") and not lost.fullmatch(word))
    return min(next(options, len(words)), len(words) - 1)
