"""Tells whether a line is a command line: by its prompt, or by the command it begins with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from .invocation import HOST, UNNAMED, Invocation
from .shell import ASSIGNMENT, LONGEST, Shell, typed

__all__ = [
    "HOST",
    "UNNAMED",
    "CommandLine",
    "Invocation",
    "end_of_here_document",
    "joined",
    "read_command_line",
    "unfinished",
]


@dataclass(frozen=True, slots=True)
class CommandLine:
    """``prompt``: the text before the command (None when there is none). ``host``: the machine the prompt names.

    ``invocations`` are in the order their output appears. ``assigns`` maps variables set here to what they hold, with
    ``$()`` for what is not known. A lone prompt and a comment have no invocations.
    """

    prompt: str | None
    host: str | None
    invocations: tuple[Invocation, ...]
    assigns: Mapping[str, str]


# --- prompts ----------------------------------------------------------------------------------------------------------

# A virtual environment or a cluster before the prompt; the line that a prompt of two lines draws.
_BEFORE = r"(?:\([^()\n]{1,80}\)[ ]?)?(?:[└╰]─{1,3}[ ]?)?"
_BRANCH = r"(?:[ ]\([^()\n]{1,80}\))?"
_HOST_PROMPT = re.compile(
    rf"(?P<prompt>{_BEFORE}"
    r"(?:\[[\w.-]{1,64}@(?P<host1>[\w.-]{1,253})[ ][^\]\n]{0,200}\][ ]?[$#%]"
    r"|[\w.-]{1,64}@(?P<host2>[\w.-]{1,253})(?::[^\s$#%>]{0,200}|[ ]\[[^\]\n]{1,200}\]|[ ][^\s$#%>]{0,200})?"
    rf"{_BRANCH}[ ]?[$#%>❯➜]"
    r"|(?P<host3>[A-Za-z][\w.-]{1,253}):[~/][^\s$#]{0,200}[ ]?[$#]))"
    r"(?:[ ]+(?P<rest>.*)|(?P<glued>[a-z/].*))?"
)
_PLACE = r"(?:[~/][\w./-]{0,200}[ ]?|(?:ba)?sh-[0-9.]{1,9}|\w{1,32}[ ]\[[ ][^\]\n]{1,200}[ ]\])"
_BARE_PROMPT = re.compile(
    rf"(?P<prompt>{_BEFORE}(?:➜[ ]{{2}}[~\w./-]{{1,200}}(?:[ ]git:\([^()\n]{{1,80}}\))?(?:[ ]✗)?"
    rf"|{_PLACE}?{_BRANCH}[$%❯➜>]|{_PLACE}#|(?:PS[ ])?[A-Z]:\\[^>\n]{{0,200}}>|PS[ ](?:Azure:|[~/])[^>\n]{{0,200}}>))"
    r"(?:[ ]+(?P<rest>.*)|(?<=[\w\\/~]>)(?P<glued>[a-z].*))?"
)
# A root prompt, a comment and a heading look alike, as do a title and `code`: only what is a command by its own words
# is one.
_MARKED = re.compile(r"(?P<mark>#+|\++|`|[=*_~-]{2,})[ ]*(?P<rest>.*)")
# A command line that an author made code of, with its prompt.
_TICKED = re.compile(r"`([^`\n]*[$#][ ]+[^`\n]+)`:?")
# "aks-1# " may be a prompt, "Command: " and "Output of " may be headings: again only before what is a command.
_SHORT_PROMPT = re.compile(r"(?P<prompt>(?P<host>[A-Za-z][\w.-]{0,62})[$#%>])[ ]*(?P<rest>.+)")
_TITLE = r"(?i:command|cmd|run(?:ning)?|output(?: of)?|result of):?[ ]"
_TITLED = re.compile(rf"{_TITLE}[ ]*[`'\"“‘]?(?P<rest>[^`”’]+)[`'\"”’]?:?")
# Docker names a container's host after the first twelve digits of its id.
_CONTAINER_HOST = re.compile(r"[0-9a-f]{12}")


def read_command_line(
    line: str, variables: Mapping[str, str] | None = None, namespace: str = HOST
) -> CommandLine | None:
    """Read ``line``, already undressed; None if it is no command line and no comment.

    ``variables`` are shell variables set by earlier lines, used for ``$NAME``. ``namespace``: where the shell runs.
    """
    stripped = line.strip()
    if len(stripped) > LONGEST or _CANDIDATE.match(stripped) is None:
        return None
    ticked = _TICKED.fullmatch(stripped)
    if ticked is not None and (_HOST_PROMPT.fullmatch(ticked[1]) or _BARE_PROMPT.fullmatch(ticked[1])):
        stripped = ticked[1]
    shell = Shell(variables or {})
    outer = Invocation((), namespace)

    def read(prompt: str | None, host: str | None, text: str, context: Invocation = outer) -> CommandLine:
        text = _POWERSHELL_ASSIGNMENT.sub(r"\g<name>=\g<value>", text)
        return CommandLine(prompt, host, shell.calls(text, context), shell.assigned)

    match = _HOST_PROMPT.fullmatch(stripped)
    if match is not None:
        host = match["host1"] or match["host2"] or match["host3"]
        rest = match["rest"] or match["glued"] or ""
        # "path:/tmp # a note" has the shape of a prompt; without a user, the rest must begin like a command.
        if match["host3"] is None or rest == "" or re.match(r"[\w./~$({-]", rest):
            if namespace == HOST and _CONTAINER_HOST.fullmatch(host):
                return read(match["prompt"], None, rest, replace(outer, namespace=f"container:{host}"))
            return read(match["prompt"], host, rest)
    match = _BARE_PROMPT.fullmatch(stripped)
    if match is not None:
        return read(match["prompt"], None, match["rest"] or match["glued"] or "")
    match = _MARKED.fullmatch(stripped)
    if match is not None:
        mark, rest = match["mark"], match["rest"].rstrip(":")
        if mark[0] not in "#+" and rest.endswith(mark[0]):
            rest = rest.rstrip(f"{mark[0]} ")
        elif mark[0] not in "#+":
            return None
        if _is_command(rest):
            return read("+" if mark[0] == "+" else "#", None, rest)
        return CommandLine("#", None, (), {}) if mark[0] == "#" else None
    match = _SHORT_PROMPT.fullmatch(stripped)
    if match is not None and _is_command(match["rest"]):
        # Without a user before it, a plain word is more likely one itself.
        host = match["host"] if re.search(r"[\d-]", match["host"]) else None
        return read(match["prompt"], host, match["rest"])
    match = _TITLED.fullmatch(stripped)
    if match is not None and _is_command(match["rest"]):
        return read("#", None, match["rest"])
    if _is_command(stripped) or _is_assignment(stripped) or _POWERSHELL_ASSIGNMENT.fullmatch(stripped):
        return read(None, None, stripped)
    return None


_LOOP = re.compile(r"(?:^|[;&|$#%>])\s*(?:(?P<begins>for|while|until)|done)\b")


_HERE_DOCUMENT = re.compile(r"(?<!<)<<-?[ ]?(?P<quote>['\"]?)(?P<end>[A-Za-z_][\w.-]{0,40})(?P=quote)")
_MOST_LINES = 64
# In PowerShell; a word in backticks has one at each end.
_BACKTICK = re.compile(r"[^`]*\s`")


def end_of_here_document(line: str) -> str | None:
    """The word that ends the here document which a command line begins; None if it begins none."""
    document = _HERE_DOCUMENT.search(line)
    return document["end"] if document is not None else None


def unfinished(lines: Sequence[str]) -> int:
    """How many lines after the first belong to the command line that begins there: those after a backslash, a pipe, an
    ``&&`` or the backtick of PowerShell, the body of a loop, and a here document."""
    end = end_of_here_document(lines[0])
    if end is not None:
        return next((count for count, line in enumerate(lines) if line.strip() == end), 0)
    depth = 0
    for count, line in enumerate(lines[:_MOST_LINES]):
        depth += sum(1 if match["begins"] else -1 for match in _LOOP.finditer(line))
        if depth <= 0 and not line.endswith(("\\", "|", "&&")) and _BACKTICK.fullmatch(line) is None:
            return count
    # What never ends was cut off, or is no loop; only a line may go on for longer than anybody reads.
    return _MOST_LINES - 1 if depth <= 0 and len(lines) >= _MOST_LINES else 0


def joined(lines: Sequence[str]) -> str:
    """One command line out of several; of what is longer than anybody types no more than shows that."""
    lines = [lines[0], *(line for line in lines[1:] if not line.lstrip().startswith("#"))]
    document = _HERE_DOCUMENT.search(lines[0])
    if document is not None and len(lines) > 2:
        inner = joined(lines[1:-1])
        if len(inner) > LONGEST:
            return inner
        given = re.sub(r"([\"\\$`])", r"\\\1", inner)
        return f'{lines[0][: document.start()]}<<< "{given}"{lines[0][document.end() :]}'
    text = lines[0]
    for line in lines[1:]:
        if len(text) > LONGEST:
            break
        if _BACKTICK.fullmatch(text):
            text = f"{text[:-1]}{chr(92)}"
        open_end = text.endswith(("\\", "|", "&&", "do"))
        text = f"{text.rstrip(chr(92))}{' ' if open_end else '; '}{line.strip()}"
    return text


# --- command lines without a prompt -----------------------------------------------------------------------------------


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
        "oc": "get exec debug describe rsh run",
        "kubectl": "get exec debug describe logs apply run attach node-shell create delete config cp port-forward top "
        "aks",
        "az": "aks network vmss vm account group login acr",
        "helm": "install upgrade repo list template",
        "systemctl": "status start stop restart",
        "busybox": "ip route brctl ifconfig arp sh",
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
        "sudo": r"[\w./-]+",
        "ethtool grep echo printf": r"\S+",
        "traceroute": r"(?!to$)\S+",  # what it prints begins with its own name
        "ssh": r"\S*[@.\d-]\S*",
        "chroot cd ls": r"[/~.]\S*",
        "cat sh bash": r"[/~.]\S*|\S+\.\w+",
        "curl wget": r"https?:\S+",
        "ping": r"[0-9.]+",
        "ps": r"aux\w*|ef",
        "export": r"\w+=.*",
        "timeout": r"[0-9.]+[smhd]?",
        "nsenter su arp iptables iptables-save netstat ss journalctl tcpdump conntrack hostname uname ifconfig": r"-.+",
    }.items()
    for program in programs.split()
}
_ALONE = frozenset({"exit", "logout", "clear", "ifconfig", "lsns", "iptables-save"})
# What every command line has: the end of a prompt, a mark, an assignment or a program. Most lines of output have none.
_PROGRAMS = "|".join(sorted({*_SUBCOMMANDS, *_SECOND_WORDS, *_ALONE, "for"}))
_CANDIDATE = re.compile(rf"[^$#%>❯➜]*[$#%>❯➜]|[#+`=*_~-]|[A-Za-z_]\w*=|{_TITLE}|(?:\.?/\S*/)?(?:{_PROGRAMS})\b")
# Words by which a sentence that begins with a command, or a label such as "route -n (pod)", gives itself away.
_SPOKEN = re.compile(
    r"(?:.* )?(?:the|is|are|was|we|you|will|shows|lists|gives|prints|that|which|and|or|in|on|inside) .*"
)
_LABEL = re.compile(r".*\s\([^()]*\):?")
_POWERSHELL_ASSIGNMENT = re.compile(r"\A\$(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>\"[^\"$`]*\"|'[^'$`]*')\s*\Z")
_ASSIGNMENTS = re.compile(r"(?:[A-Za-z_]\w*=\S*\s+)*+")
_FOR = re.compile(r"for [A-Za-z_]\w* in [^;]+;[ ]*do\b.*")


def _is_command(text: str) -> bool:
    assigned = _ASSIGNMENTS.match(text)
    words = text[assigned.end() if assigned is not None else 0 :].split(None, 2)
    if not words:
        return False
    name = PurePosixPath(words[0]).name if words[0].startswith(("/", "./")) else words[0]
    if len(words) == 1:
        return name in _ALONE
    if name == "for":
        return _FOR.fullmatch(text) is not None
    if name not in _SUBCOMMANDS and name not in _SECOND_WORDS:
        return False
    second = re.split(r"[|;&]", typed(words[1]), maxsplit=1)[0].strip("'\"")
    pattern = _SECOND_WORDS.get(name)
    fits = (
        (second.startswith("-") and len(second) > 1)
        or end_of_here_document(words[1]) is not None
        or second in _SUBCOMMANDS.get(name, ())
        or (pattern is not None and pattern.fullmatch(second) is not None)
    )
    # In quotes, behind a separator or in a comment, words say nothing.
    spoken = set("'\"`$;|&#").isdisjoint(text) and (_SPOKEN.fullmatch(text) or _LABEL.fullmatch(text))
    return fits and not spoken


def _is_assignment(text: str) -> bool:
    match = ASSIGNMENT.fullmatch(text)
    return match is not None and (
        match["value"].startswith(("$(", "`")) or re.fullmatch(r"[\w./:-]+", match["value"]) is not None
    )
