"""Reads one line as a shell command line: its prompt, and each command in it stripped of wrappers such as sudo or
nsenter.

What a wrapper says is kept: the network namespace a command ran in, the node it ran on, whether a filter cut its
output.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import PurePosixPath

__all__ = ["HOST", "CommandLine", "Invocation", "read_command_line"]

HOST = "host"


@dataclass(frozen=True, slots=True)
class Invocation:
    """One command as it was called.

    ``argv``: program without its folder, then its arguments, wrappers taken off; empty for an interactive shell.
    ``namespace``: ``host``, ``pid:N``, ``netns:NAME``, ``container:ID`` or ``pod:NAMESPACE/NAME`` (``pod:NAME`` when
    the namespace was not said). ``node``: name of the node, if the wrapper or prompt says it.
    ``filtered``: a pipe through grep, head and the like may have cut the output. ``hidden``: the output went to a file.
    ``remote``: it ran through kubectl or the like, so the prompt's host is not the node.
    """

    argv: tuple[str, ...]
    namespace: str = HOST
    node: str | None = None
    filtered: bool = False
    hidden: bool = False
    remote: bool = False


@dataclass(frozen=True, slots=True)
class CommandLine:
    """``prompt``: the text before the command (None when there is none). ``host``: the machine the prompt names.

    ``invocations`` are in the order their output appears. ``assigns`` maps variables set here to what they hold.
    A lone prompt and a comment have no invocations.
    """

    prompt: str | None
    host: str | None
    invocations: tuple[Invocation, ...]
    assigns: Mapping[str, str]


_HOST_PROMPT = re.compile(
    r"(?P<prompt>(?:\([\w. -]{1,40}\)[ ]?)?"
    r"(?:\[(?P<user1>[\w.-]{1,64})@(?P<host1>[\w.-]{1,253})[ ][^\]\n]{0,200}\][ ]?[$#%]"
    r"|(?P<user2>[\w.-]{1,64})@(?P<host2>[\w.-]{1,253})(?:[:\s][^\s$#%>]{0,200})?[ ]?[$#%>]"
    r"|(?P<host3>[A-Za-z][\w.-]{1,253}):(?:[~/][^\s$#]{0,200})?[ ]?[$#]))"
    r"(?:[ ]+(?P<rest>.*)|(?P<glued>[a-z/].*))?"
)
_PLACE = r"(?:[~/][\w./-]{0,200}[ ]?|(?:ba)?sh-[0-9.]+)"
_BARE_PROMPT = re.compile(
    rf"(?P<prompt>(?:{_PLACE}|PS [A-Z]:\\[^>\n]{{0,200}})?[$%❯➜>]|{_PLACE}#)(?:[ ]+(?P<rest>.*))?"
)
_HASH = re.compile(r"#+[ ]*(?P<rest>.*)")
_ASSIGNMENT = re.compile(r"(?:export[ ]+)?(?P<name>[A-Za-z_]\w*)=(?P<value>.*)", re.S)
_SETTINGS = re.compile(r"^(?:[A-Za-z_]\w*=\S*+[ ]+)+")  # for one command alone: LANG=C ip addr
_SUBSTITUTION = re.compile(r"\$\((?P<inner>[^()]*)\)|`(?P<ticks>[^`]*)`")
_VARIABLE = re.compile(r"\$(?:(?P<name>[A-Za-z_]\w*)|\{(?P<braced>[A-Za-z_]\w*)\})")
_PID_FORMAT = re.compile(r"\{\{\s*\.State\.Pid\s*\}\}")
_DASH = re.compile(r"(?<!\S)[‐‑‒–—−](?P<letter>\w\b)?")
_QUOTES = str.maketrans("‘’‚‛“”„‟«»", '\'\'\'\'""""""')

_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})
_FILTERS = frozenset(
    {"grep", "egrep", "fgrep", "rg", "head", "tail", "sed", "awk", "gawk", "cut", "jq", "sort", "uniq"}
)

# A bare line (no prompt) counts as a command line only if its second word says so: prose begins with words, too.
# An option always does; else one of these words ...
_SUBCOMMANDS: Mapping[str, frozenset[str]] = {
    program: frozenset(words.split())
    for program, words in {
        "ip": "a ad add addr address l li lin link r ro rou route n ne nei neigh neighbor neighbour netns ru rule "
        "xfrm tunnel tuntap maddr mroute",
        "bridge": "link fdb vlan mdb vni monitor",
        "brctl": "show showmacs showstp addbr delbr addif delif stp",
        "route": "add del",
        "docker": "ps inspect exec container network image images info logs pull run rm version stats top build",
        "podman": "ps inspect exec container network run",
        "nerdctl": "ps inspect exec container network run",
        "crictl": "ps pods inspect inspectp exec images info logs stats",
        "oc": "get exec debug describe rsh",
        "apt": "update install upgrade remove search",
        "apt-get": "update install upgrade remove",
        "yum": "install update",
        "dnf": "install update",
        "apk": "add update",
        "time": "sudo ip kubectl docker",
        "watch": "ip kubectl docker brctl",
    }.items()
}
# ... or a word of this shape.
_SECOND_WORDS: Mapping[str, re.Pattern[str]] = {
    program: re.compile(pattern)
    for programs, pattern in {
        "kubectl az helm systemctl busybox": r"[a-z][a-z-]+",
        "sudo": r"[\w./-]+",
        "ssh ethtool traceroute grep echo printf": r"\S+",
        "chroot cd ls": r"[/~.]\S*",
        "cat sh bash": r"[/~.]\S*|\S+\.\w+",
        "curl wget": r"https?:\S+",
        "ping": r"[0-9.]+",
        "ps": r"aux\w*|ef",
        "export": r"\w+=.*",
        "nsenter arp iptables netstat ss journalctl tcpdump conntrack hostname uname ifconfig lsns": r"-.+",
    }.items()
    for program in programs.split()
}
# Nobody types a longer line; a limit keeps the work on hostile lines bounded.
_LONGEST = 8192
_ALONE = frozenset({"exit", "logout", "clear", "ifconfig", "lsns", "iptables-save"})


def read_command_line(line: str, variables: Mapping[str, str] | None = None) -> CommandLine | None:
    """Read ``line``, already undressed; None if it is no command line and no comment.

    ``variables`` are shell variables set by earlier lines, used for ``$NAME``.
    """
    if len(line) > _LONGEST:
        return None
    stripped = line.strip()
    known = variables or {}
    match = _HOST_PROMPT.fullmatch(stripped)
    if match is not None:
        host = match["host1"] or match["host2"] or match["host3"]
        rest = match["rest"] or match["glued"] or ""
        # "bridge name: # members" has the shape of a prompt; without a user, the rest must begin like a command.
        if match["host3"] is None or rest == "" or re.match(r"[\w./~$(-]", rest):
            return _command_line(match["prompt"], host, rest, known)
    match = _BARE_PROMPT.fullmatch(stripped)
    if match is not None:
        return _command_line(match["prompt"], None, match["rest"] or "", known)
    match = _HASH.fullmatch(stripped)
    if match is not None:
        # A root prompt and a comment look alike: only what is a command by its own words is one.
        rest = match["rest"]
        return _command_line("#", None, rest if _is_command(rest) else "", known)
    if _is_command(stripped) or _variable_assignment(stripped):
        return _command_line(None, None, stripped, known)
    return None


def _variable_assignment(text: str) -> bool:
    match = _ASSIGNMENT.fullmatch(text)
    return match is not None and (
        match["value"].startswith(("$(", "`")) or re.fullmatch(r"[\w./:-]+", match["value"]) is not None
    )


def _is_command(text: str) -> bool:
    words = _SETTINGS.sub("", text).split(None, 2)
    if not words:
        return False
    name = PurePosixPath(words[0]).name if words[0].startswith(("/", "./")) else words[0]
    if len(words) == 1:
        return name in _ALONE
    if name not in _SUBCOMMANDS and name not in _SECOND_WORDS:
        return False
    second = _plain(words[1]).strip("'\"|;")
    if (second.startswith("-") and len(second) > 1) or second in _SUBCOMMANDS.get(name, ()):
        return True
    pattern = _SECOND_WORDS.get(name)
    return pattern is not None and pattern.fullmatch(second) is not None


def _plain(text: str) -> str:
    """Typographic quotes and dashes as they were typed, before a web page or a word processor set them."""
    return _DASH.sub(lambda match: f"-{match['letter']}" if match["letter"] else "--", text.translate(_QUOTES))


def _command_line(prompt: str | None, host: str | None, text: str, variables: Mapping[str, str]) -> CommandLine:
    text = _plain(text)
    assigns: dict[str, str] = {}
    assignment = _ASSIGNMENT.fullmatch(text)
    if assignment is not None:
        value = _SUBSTITUTION.sub(_substitute, assignment["value"]).strip("'\"")
        if re.fullmatch(r"\S+", value):
            assigns[assignment["name"]] = value
            return CommandLine(prompt, host, (), assigns)
    invocations = tuple(_invocations(text, Invocation(()), variables, depth=0))
    return CommandLine(prompt, host, invocations, assigns)


def _substitute(match: re.Match[str]) -> str:
    inner = match["inner"] if match["inner"] is not None else match["ticks"]
    words = _words(inner)
    if "inspect" in words and words[0] in {"docker", "sudo", "podman", "nerdctl"} and _PID_FORMAT.search(inner):
        return f"container:{words[-1]}"
    # What another substitution gave cannot be known; a word without blanks keeps the arguments in their places.
    return "$()"


def _words(text: str) -> list[str]:
    lexer = shlex.shlex(text, posix=True, punctuation_chars="|;&<>")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        words = list(lexer)
    except ValueError:
        words = text.split()
    for index, word in enumerate(words):
        if word.startswith("#"):
            return words[:index]
    return words


def _invocations(text: str, outer: Invocation, variables: Mapping[str, str], depth: int) -> Iterator[Invocation]:
    if depth > 4:
        return
    text = _SUBSTITUTION.sub(_substitute, text)
    text = _VARIABLE.sub(lambda match: variables.get(match["name"] or match["braced"], match.group()), text)
    pipeline: list[list[str]] = [[]]
    for word in [*_words(text), ";"]:
        if word == "|" or word == "|&":
            pipeline.append([])
        elif re.fullmatch(r"[;&|]+", word):
            yield from _pipeline(pipeline, outer, variables, depth)
            pipeline = [[]]
        else:
            pipeline[-1].append(word)


def _pipeline(
    pipeline: list[list[str]], outer: Invocation, variables: Mapping[str, str], depth: int
) -> Iterator[Invocation]:
    stages: list[list[str]] = []
    hidden = outer.hidden
    for stage in pipeline:
        words: list[str] = []
        rest = iter(stage)
        for word in rest:
            if re.fullmatch(r"[<>&]+", word):
                target = next(rest, "")
                if words and words[-1] == "2":
                    words.pop()
                elif ">" in word and not target.startswith("/dev/std"):
                    hidden = True
            else:
                words.append(word)
        stages.append(words)
    filtered = outer.filtered or any(stage and PurePosixPath(stage[0]).name in _FILTERS for stage in stages[1:])
    yield from _unwrap(stages[0], replace(outer, filtered=filtered, hidden=hidden), variables, depth)


def _unwrap(words: list[str], outer: Invocation, variables: Mapping[str, str], depth: int) -> Iterator[Invocation]:
    context = outer
    while words:
        name = PurePosixPath(words[0]).name or words[0]
        arguments = words[1:]
        if _ASSIGNMENT.fullmatch(words[0]) or name in {
            "time",
            "nohup",
            "command",
            "exec",
            "env",
            "busybox",
            "then",
            "do",
        }:
            words = arguments
        elif name == "sudo":
            words = _after_options(arguments, {"-u", "--user", "-g", "--group", "-h", "-p", "-C", "-r", "-t"})[1]
        elif name == "timeout":
            words = _after_options(arguments, {"-k", "-s"})[1][1:]
        elif name == "watch":
            words = _after_options(arguments, {"-n", "--interval"})[1]
        elif name == "chroot":
            words = arguments[1:]
        elif name == "nsenter":
            options, words = _after_options(arguments, {"-t", "--target", "-S", "--setuid", "-G", "--setgid"})
            context = replace(context, namespace=_nsenter_namespace(options, context.namespace))
        elif name == "ip" and len(arguments) >= 3 and arguments[0] == "netns" and arguments[1].startswith("e"):
            context = replace(context, namespace=f"netns:{arguments[2]}")
            words = arguments[3:]
        elif name in {"docker", "podman", "nerdctl", "crictl"} and _subcommand(arguments) == "exec":
            position = arguments.index("exec") + 1
            _, rest = _after_options(
                arguments[position:],
                {"-u", "--user", "-w", "--workdir", "-e", "--env", "--env-file", "--detach-keys", "--timeout"},
            )
            context = replace(context, namespace=f"container:{rest[0]}" if rest else context.namespace)
            words = rest[1:]
        elif name in {"docker", "podman", "nerdctl"} and _subcommand(arguments) == "run":
            context, words = _docker_run(arguments, context)
        elif name in {"kubectl", "oc", "k"} and _subcommand(arguments) in {"exec", "debug", "node-shell"}:
            context, words = _kubectl(arguments, context)
        elif name == "ssh":
            _, rest = _after_options(arguments, {"-i", "-p", "-l", "-o", "-J", "-F", "-L", "-R", "-D"})
            node = rest[0].rpartition("@")[2] if rest else ""
            if not re.search(r"[A-Za-z]", node):
                node = ""
            context = replace(context, node=node or None, remote=True)
            if rest[1:]:
                yield from _invocations(" ".join(rest[1:]), context, variables, depth + 1)
                return
            words = []
        elif name in _SHELLS and "-c" in arguments[:2] and len(arguments) > arguments.index("-c") + 1:
            yield from _invocations(arguments[arguments.index("-c") + 1], context, variables, depth + 1)
            return
        elif name in _SHELLS and all(argument.startswith("-") for argument in arguments):
            words = []
        else:
            if name == "ip":
                context = replace(context, namespace=_ip_namespace(arguments, context.namespace))
            yield replace(context, argv=(name, *arguments))
            return
    if context != outer:
        yield replace(context, argv=())


def _after_options(words: list[str], with_value: set[str]) -> tuple[list[str], list[str]]:
    index = 0
    while index < len(words) and words[index].startswith("-"):
        word = words[index]
        if word == "--":
            return words[:index], words[index + 1 :]
        # Of letters run together, as in `nsenter -nt 42`, the last may take a value.
        last = f"-{word[-1]}" if re.fullmatch(r"-[a-zA-Z]+", word) else word
        index += 2 if last in with_value else 1
    return words[:index], words[index:]


def _subcommand(arguments: list[str]) -> str | None:
    for word in arguments:
        if word in {"exec", "run", "debug", "node-shell", "inspect", "get"}:
            return word
    return None


def _nsenter_namespace(options: list[str], current: str) -> str:
    target: str | None = None
    network = False
    path: str | None = None
    words = iter(options)
    for word in words:
        if word in {"-t", "--target"}:
            target = next(words, None)
        elif word.startswith("--target="):
            target = word.partition("=")[2]
        elif word.startswith("--net="):
            network, path = True, word.partition("=")[2]
        elif word in {"--net", "-a", "--all"}:
            network = True
        elif word.startswith("-n") and len(word) > 2 and "/" in word:
            network, path = True, word[2:].lstrip("=")
        elif re.fullmatch(r"-t[0-9]+", word):
            target = word[2:]
        elif re.fullmatch(r"-[a-zA-Z]+", word) and "n" in word:
            network = True
            if word.endswith("t"):
                target = next(words, None)
    if not network:
        return current
    if path is not None:
        process = re.fullmatch(r"/proc/([0-9]+)/ns/net", path)
        target, path = (process[1], None) if process else (target, path)
    if path is not None:
        return f"netns:{PurePosixPath(path).name}"
    if target is None:
        return current
    if target == "1":
        return HOST
    return target if target.startswith("container:") else f"pid:{target}"


def _ip_namespace(arguments: list[str], current: str) -> str:
    for word, value in pairwise(arguments):
        if word in {"-n", "-netns", "--netns"}:
            return f"netns:{value}"
        if not word.startswith("-"):
            break
    return current


def _docker_run(arguments: list[str], context: Invocation) -> tuple[Invocation, list[str]]:
    network = ""
    for index, word in enumerate(arguments):
        if word in {"--net", "--network"} and index + 1 < len(arguments):
            network = arguments[index + 1]
        elif word.startswith(("--net=", "--network=")):
            network = word.partition("=")[2]
        elif PurePosixPath(word).name in {
            "ip",
            "brctl",
            "route",
            "nsenter",
            "bridge",
            *_SHELLS,
        } and not word.startswith("-"):
            if network.startswith("container:"):
                context = replace(context, namespace=network)
            elif network != "host":
                context = replace(context, namespace="container:unknown")
            return context, arguments[index:]
    return context, []


def _kubectl(arguments: list[str], context: Invocation) -> tuple[Invocation, list[str]]:
    separator = arguments.index("--") if "--" in arguments else len(arguments)
    command = arguments[separator + 1 :]
    namespace: str | None = None
    names: list[str] = []
    words = iter(arguments[:separator])
    for word in words:
        if word in {"-n", "--namespace"}:
            namespace = next(words, None)
        elif word.startswith("--namespace="):
            namespace = word.partition("=")[2]
        elif word in {"-c", "--container", "--context", "--kubeconfig", "--image", "--profile", "--target", "-f"}:
            next(words, None)
        elif not word.startswith("-"):
            names.append(word)
    context = replace(context, remote=True)
    if len(names) < 2:
        return context, command
    action, name, *old_style = names
    if not command:
        command = old_style
    if action == "node-shell" or name.startswith(("node/", "nodes/")):
        return replace(context, namespace=HOST, node=name.rpartition("/")[2]), command
    name = name.rpartition("/")[2]
    return replace(context, namespace=f"pod:{namespace}/{name}" if namespace else f"pod:{name}"), command
