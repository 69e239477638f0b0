"""Reads one line as a shell command line: its prompt, and each command in it stripped of wrappers such as sudo or
nsenter.

What a wrapper says is kept: the network namespace a command ran in, the node it ran on, whether a filter cut its
output. A loop over words that stand in the line is unrolled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import PurePosixPath

__all__ = ["HOST", "UNNAMED", "CommandLine", "Invocation", "joined", "read_command_line", "unfinished"]

HOST = "host"
UNNAMED = "pod"


@dataclass(frozen=True, slots=True)
class Invocation:
    """One command as it was called.

    ``argv``: program without its folder, then its arguments, wrappers taken off; empty for an interactive shell.
    ``namespace``: ``host``, ``pid:N``, ``netns:NAME``, ``container:ID``, ``pod:NAMESPACE/NAME`` (``pod:NAME`` when
    the namespace was not said), or ``pod`` for one that nothing names. ``node``: name of the node, if the wrapper or
    prompt says it. ``filtered``: a pipe through grep, head and the like may have cut the output. ``hidden``: the output
    went to a file or into another program. ``remote``: it ran through kubectl or the like, so the prompt's host is not
    the node. ``repeated``: it ran in a loop, the line does not say how often.
    """

    argv: tuple[str, ...]
    namespace: str = HOST
    node: str | None = None
    filtered: bool = False
    hidden: bool = False
    remote: bool = False
    repeated: bool = False


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
    rf"|{_PLACE}?{_BRANCH}[$%❯➜>]|{_PLACE}#|(?:PS[ ])?[A-Z]:\\[^>\n]{{0,200}}>))"
    r"(?:[ ]+(?P<rest>.*)|(?<=[\w\\]>)(?P<glued>[a-z].*))?"
)
# A root prompt, a comment and a heading look alike, as do a title and `code`: only what is a command by its own words
# is one.
_MARKED = re.compile(r"(?P<mark>#+|\++|`|[=*_~-]{2,})[ ]*(?P<rest>.*)")
# "aks-1# " may be a prompt, "Command: " and "Output of " may be headings: again only before what is a command.
_SHORT_PROMPT = re.compile(r"(?P<prompt>(?P<host>[A-Za-z][\w.-]{0,62})[$#%>])[ ]*(?P<rest>.+)")
_TITLE = r"(?i:command|cmd|run(?:ning)?|output(?: of)?|result of):?[ ]"
_TITLED = re.compile(rf"{_TITLE}[ ]*[`'\"“‘]?(?P<rest>[^`”’]+)[`'\"”’]?:?")
# Docker names a container's host after the first twelve digits of its id.
_CONTAINER_HOST = re.compile(r"[0-9a-f]{12}")
_LONGEST = 8192  # nobody types a longer line


def read_command_line(
    line: str, variables: Mapping[str, str] | None = None, namespace: str = HOST
) -> CommandLine | None:
    """Read ``line``, already undressed; None if it is no command line and no comment.

    ``variables`` are shell variables set by earlier lines, used for ``$NAME``. ``namespace``: where the shell runs.
    """
    stripped = line.strip()
    if len(stripped) > _LONGEST or _CANDIDATE.match(stripped) is None:
        return None
    shell = _Shell(variables or {})
    outer = Invocation((), namespace)
    match = _HOST_PROMPT.fullmatch(stripped)
    if match is not None:
        host = match["host1"] or match["host2"] or match["host3"]
        rest = match["rest"] or match["glued"] or ""
        # "path:/tmp # a note" has the shape of a prompt; without a user, the rest must begin like a command.
        if match["host3"] is None or rest == "" or re.match(r"[\w./~$({-]", rest):
            if namespace == HOST and _CONTAINER_HOST.fullmatch(host):
                return shell.read(match["prompt"], None, rest, replace(outer, namespace=f"container:{host}"))
            return shell.read(match["prompt"], host, rest, outer)
    match = _BARE_PROMPT.fullmatch(stripped)
    if match is not None:
        return shell.read(match["prompt"], None, match["rest"] or match["glued"] or "", outer)
    match = _MARKED.fullmatch(stripped)
    if match is not None:
        mark, rest = match["mark"], match["rest"].rstrip(":")
        if mark[0] not in "#+" and rest.endswith(mark[0]):
            rest = rest.rstrip(f"{mark[0]} ")
        elif mark[0] not in "#+":
            return None
        if _is_command(rest):
            return shell.read("+" if mark[0] == "+" else "#", None, rest, outer)
        return CommandLine("#", None, (), {}) if mark[0] == "#" else None
    match = _SHORT_PROMPT.fullmatch(stripped)
    if match is not None and _is_command(match["rest"]):
        # Without a user before it, a plain word is more likely one itself.
        host = match["host"] if re.search(r"[\d-]", match["host"]) else None
        return shell.read(match["prompt"], host, match["rest"], outer)
    match = _TITLED.fullmatch(stripped)
    if match is not None and _is_command(match["rest"]):
        return shell.read("#", None, match["rest"], outer)
    if _is_command(stripped) or _is_assignment(stripped):
        return shell.read(None, None, stripped, outer)
    return None


_LOOP = re.compile(r"(?:^|[;&|$#%>])\s*(?:(?P<begins>for|while|until)|done)\b")


_HERE_DOCUMENT = re.compile(r"(?<!<)<<-?[ ]?(?P<quote>['\"]?)(?P<end>[A-Za-z_]\w{0,40})(?P=quote)")
_MOST_LINES = 16


def unfinished(lines: Sequence[str]) -> int:
    """How many lines after the first belong to the command line that begins there: those after a backslash, a pipe or
    an ``&&``, the body of a loop, and a here document."""
    document = _HERE_DOCUMENT.search(lines[0])
    if document is not None:
        return next((count for count, line in enumerate(lines) if line.strip() == document["end"]), 0)
    depth = 0
    for count, line in enumerate(lines[:_MOST_LINES]):
        depth += sum(1 if match["begins"] else -1 for match in _LOOP.finditer(line))
        if depth <= 0 and not line.endswith(("\\", "|", "&&")):
            return count
    # What never ends was cut off, or is no loop.
    return 0


def joined(lines: Sequence[str]) -> str:
    """One command line out of several."""
    lines = [lines[0], *(line for line in lines[1:] if not line.lstrip().startswith("#"))]
    document = _HERE_DOCUMENT.search(lines[0])
    if document is not None and len(lines) > 2:
        given = re.sub(r"([\"\\$`])", r"\\\1", joined(lines[1:-1]))
        return f'{lines[0][: document.start()]}<<< "{given}"{lines[0][document.end() :]}'
    text = lines[0]
    for line in lines[1:]:
        open_end = text.endswith(("\\", "|", "&&", "do"))
        text = f"{text.rstrip(chr(92))}{' ' if open_end else '; '}{line.strip()}"
    return text


# --- command lines without a prompt -----------------------------------------------------------------------------------

_ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_]\w*)=(?P<value>.*)", re.S)

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
        "kubectl": "get exec debug describe logs apply run attach node-shell create delete config cp port-forward top",
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
        "ethtool traceroute grep echo printf": r"\S+",
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
    second = re.split(r"[|;&]", _typed(words[1]), maxsplit=1)[0].strip("'\"")
    pattern = _SECOND_WORDS.get(name)
    fits = (
        (second.startswith("-") and len(second) > 1)
        or second in _SUBCOMMANDS.get(name, ())
        or (pattern is not None and pattern.fullmatch(second) is not None)
    )
    # In quotes, behind a separator or in a comment, words say nothing.
    spoken = set("'\"`$;|&#").isdisjoint(text) and (_SPOKEN.fullmatch(text) or _LABEL.fullmatch(text))
    return fits and not spoken


def _is_assignment(text: str) -> bool:
    match = _ASSIGNMENT.fullmatch(text)
    return match is not None and (
        match["value"].startswith(("$(", "`")) or re.fullmatch(r"[\w./:-]+", match["value"]) is not None
    )


# --- from text to words -----------------------------------------------------------------------------------------------

_DASH = re.compile(r"(?<!\S)[‐‑‒–—−](?P<letters>(?!rm\b)\w{1,2}(?=[\s=]|$))?")
_QUOTES = str.maketrans("‘’‚‛“”„‟«»", '\'\'\'\'""""""')

_SUBSTITUTION = re.compile(r"\$\((?!\))(?P<inner>(?:[^()]|(?<=\$)\(\))*)\)|`(?P<ticks>[^`]*)`")
_UNRESOLVED = re.compile(r"\$\((?!\))(?:.*\)|.*)", re.S)
_PID = re.compile(r"\.State\.Pid\b|\.info\.pid\b|\b[Pp]id\b")
_VARIABLE = re.compile(r"\$(?:(?P<name>\w+)|\{(?P<braced>\w+)\})")
_UNKNOWN = "$()"
_LONGEST_VALUE = 200

_PIECE = re.compile(
    r"(?P<blank>\s+)|(?P<comment>(?<!\S)#.*)"
    r"|(?P<placeholder><[A-Za-z](?:[\w .-]{0,60}\w)?>(?![^\s\"';|&]))"  # nsenter -t <pid>
    r"|(?P<operator>\|[|&]?|&&|&(?!>)|;+|(?<!\$)[()]|(?:&|[0-9])?(?:>{1,2}|<{1,3})(?:&[0-9-]?)?)"
    r"|'(?P<single>[^']*)'|\"(?P<double>(?:[^\"\\]|\\.)*)\"|\\(?P<escaped>.)"
    r"|(?P<plain>\$\(\)|[^\s|&;<>()'\"\\$]+|.)",
    re.S,
)


class _Operator(str):
    """A word that the shell itself understands: a separator, a pipe or a redirection, not one in quotes."""

    __slots__ = ()

    @property
    def is_redirection(self) -> bool:
        return "<" in self or ">" in self

    @property
    def is_pipe(self) -> bool:
        return self in ("|", "|&")


def _typed(text: str) -> str:
    """Typographic quotes and dashes as they were typed, before a web page or a word processor set them."""
    return _DASH.sub(lambda match: f"-{match['letters']}" if match["letters"] else "--", text.translate(_QUOTES))


def _words(text: str) -> list[str]:
    words: list[str] = []
    pieces: list[str] = []
    for match in _PIECE.finditer(text):
        kind = str(match.lastgroup)
        if kind == "double":
            pieces.append(re.sub(r"\\([\"\\$`])", r"\1", match["double"]))
        elif kind not in {"blank", "comment", "operator"}:
            pieces.append(match[kind])
        else:
            if pieces:
                words.append("".join(pieces))
                pieces = []
            if kind == "operator":
                words.append(_Operator(match["operator"]))
    if pieces:
        words.append("".join(pieces))
    return words


def _substitute(match: re.Match[str]) -> str:
    inner = match["inner"] if match["inner"] is not None else match["ticks"]
    # What another substitution gave cannot be known; a word without blanks keeps the arguments in their places.
    if "inspect" not in inner or _PID.search(inner) is None:
        return _UNKNOWN
    words = _words(inner)
    end = next((index for index, word in enumerate(words) if isinstance(word, _Operator)), len(words))
    called = {"inspect", "inspectp"} & set(words[:end]) and words[0] in {*_ENGINES, "sudo"}
    return f"container:{words[end - 1]}" if called else _UNKNOWN


# --- from words to invocations ----------------------------------------------------------------------------------------

_SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})
_ENGINES = frozenset({"docker", "podman", "nerdctl", "crictl"})
_FILTERS = frozenset(
    {"grep", "egrep", "fgrep", "rg", "head", "tail", "sed", "awk", "gawk", "cut", "jq", "sort", "uniq"}
)
_SWALLOWERS = frozenset({"wc", "while", "base64", "md5sum", "sha256sum", "python", "python3", "perl"})
_TRANSPARENT = frozenset(
    {"time", "nohup", "command", "exec", "env", "busybox", "--", "!", "{", "if", "then", "else", "elif"}
)
_LOOPS = frozenset({"for", "while", "until"})
_ENDS = frozenset({"done", "}", "fi"})
_UNROLLED = re.compile(
    r"\bfor (?P<name>\w+) in (?P<values>[^;|&`(){}*?]+);\s*do\s(?P<body>(?:(?!\bdo\s).)*?;?)\s*done\b"
)
_LITERAL = re.compile(r"[\w./:@%+-]+")
_DEEPEST = 4  # strings of commands in strings of commands
_MOST_WRAPPERS = 16
_MOST_CALLS = 256
_LONGEST_LOOP = 2 * _LONGEST

_NODE_KINDS = ("node/", "nodes/", "no/")
_POD_KINDS = ("pod/", "pods/", "po/")


class _Shell:
    """Goes through one command line as a shell would, noting what is called."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables
        self.assigned: dict[str, str] = {}

    def read(self, prompt: str | None, host: str | None, text: str, outer: Invocation) -> CommandLine:
        invocations = tuple(islice(self.run(_typed(text), outer, 0), _MOST_CALLS))
        return CommandLine(prompt, host, invocations, self.assigned)

    def run(self, text: str, outer: Invocation, depth: int) -> Iterator[Invocation]:
        if depth > _DEEPEST:
            return
        if "$(" in text or "`" in text:
            # From the inside out; what is left open was cut off.
            for _ in range(_DEEPEST):
                text = _SUBSTITUTION.sub(_substitute, text)
            text = _UNRESOLVED.sub(lambda _: _UNKNOWN, text)
        if "for " in text:
            text = _UNROLLED.sub(self._unroll, text)
        pipelines = _pipelines(_words(text))
        for stages in pipelines:
            words, _ = _without_redirections(stages[0])
            if not words or words[0] in _ENDS:
                # What becomes of the output of a loop or a group is said behind it.
                outer = _with_output(stages, outer)
        loops = 0
        for stages in pipelines:
            words, _ = _without_redirections(stages[0])
            first = words[0] if words else None
            loops += (first == "do") - (first == "done")
            if first in _LOOPS or first in _ENDS:
                continue
            last = max((number for number, stage in enumerate(stages) if _program(stage) == "xargs"), default=0)
            if last > 0:
                words, _ = _without_redirections(stages[last])
            inner = _with_output(stages[last:], outer)
            if loops > 0 or last > 0:
                inner = replace(inner, repeated=True)
            given = _given(stages[last])
            for invocation in self._unwrap(words[1:] if first == "do" else words, inner, depth):
                if given is not None and not invocation.argv:
                    yield from self.run(given, invocation, depth + 1)
                else:
                    yield invocation

    def _unroll(self, match: re.Match[str]) -> str:
        values = self._expand(match["values"]).split()
        body = match["body"]
        if not all(map(_LITERAL.fullmatch, values)) or len(values) * len(body) > _LONGEST_LOOP:
            return match.group()
        name = rf"\\?\$(?:{match['name']}\b|\{{{match['name']}\}})"  # escaped where the loop stands in quotes
        return "; ".join(re.sub(name, value, body) for value in values)

    def _expand(self, word: str) -> str:
        def value(match: re.Match[str]) -> str:
            name = match["name"] or match["braced"]
            return self.assigned.get(name) or self.variables.get(name) or match.group()

        return _VARIABLE.sub(value, word)

    def _assign(self, words: Sequence[str]) -> bool:
        """Whether all ``words`` are assignments, which are then noted."""
        matches = [_ASSIGNMENT.fullmatch(word) for word in (words[1:] if words[0] == "export" else words)]
        for match in matches:
            if match is None:
                return False
        for match in matches:
            assert match is not None
            value = self._expand(match["value"])
            self.assigned[match["name"]] = value if len(value) <= _LONGEST_VALUE else _UNKNOWN
        return True

    def _unwrap(self, words: Sequence[str], context: Invocation, depth: int) -> Iterator[Invocation]:
        if not words or self._assign(words):
            return
        words = [self._expand(word) for word in words]
        enters = False
        for _ in range(_MOST_WRAPPERS):
            if not words:
                break
            name = PurePosixPath(words[0]).name or words[0]
            arguments = words[1:]
            if name in _TRANSPARENT or _ASSIGNMENT.fullmatch(words[0]):
                words = arguments
            elif name in {"sudo", "doas"}:
                options, words = _after_options(
                    arguments, {"-u", "--user", "-g", "--group", "-h", "-p", "-C", "-r", "-t"}
                )
                enters = not {"-i", "-s", "--login", "--shell", "-su", "-iu"}.isdisjoint(options)
            elif name == "su":
                script = _script(arguments)
                if script is not None:
                    yield from self.run(script, context, depth + 1)
                    return
                enters, words = True, []
            elif name == "timeout":
                words = _after_options(arguments, {"-k", "-s"})[1][1:]
            elif name == "watch":
                words = _after_options(arguments, {"-n", "--interval"})[1]
                if len(words) == 1:
                    yield from self.run(words[0], context, depth + 1)
                    return
            elif name == "xargs":
                options, words = _after_options(arguments, {"-I", "-n", "-P", "-L", "-d", "-s", "-a"})
                mark = next((value for option, value in pairwise([*options, ""]) if option == "-I"), None)
                mark = mark or next((word[2:] for word in options if word.startswith("-I")), None)
                words = [word.replace(mark, _UNKNOWN) for word in words] if mark else [*words, _UNKNOWN]
            elif name == "chroot":
                enters, words = True, arguments[1:]
            elif name == "nsenter":
                options, words = _nsenter_options(arguments)
                enters, context = True, replace(context, namespace=_nsenter_namespace(options, context.namespace))
            elif name == "ip" and len(arguments) >= 3 and arguments[0] == "netns" and arguments[1].startswith("e"):
                context = replace(context, namespace=f"netns:{arguments[2]}")
                words = arguments[3:]
            elif name in _ENGINES and _subcommand(arguments) == "exec":
                options, words = _after_options(
                    arguments[arguments.index("exec") + 1 :],
                    {"-u", "--user", "-w", "--workdir", "-e", "--env", "--env-file", "--detach-keys", "--timeout"},
                )
                if words:
                    enters, context = True, replace(context, namespace=f"container:{words[0]}")
                words = words[1:]
            elif name in _ENGINES and _subcommand(arguments) == "run":
                context, words, enters = _docker_run(arguments, context)
            elif name in {"kubectl", "oc", "k"} and _subcommand(arguments) in _KUBECTL_ACTIONS:
                context, words, enters = _kubectl(arguments, context)
            elif name == "ssh":
                options, words = _after_options(arguments, {"-i", "-p", "-l", "-o", "-J", "-F", "-L", "-R", "-D"})
                enters = "-N" not in options and bool(words)
                node = words[0].rpartition("@")[2] if words else ""
                node = node if re.search(r"[A-Za-z]", node) and "$" not in node else ""
                context = replace(context, namespace=HOST, node=node or None, remote=True)
                words = words[1:]
                if words:
                    yield from self.run(" ".join(words), context, depth + 1)
                    return
            elif name == "az" and "invoke" in arguments:
                # `az vmss run-command invoke` runs scripts on a node, `az aks command invoke` commands in the cluster.
                context = replace(context, namespace=HOST, node=None, remote=True)
                for option, value in pairwise(arguments):
                    if option in {"--scripts", "--command", "-c"}:
                        yield from self.run(value, context, depth + 1)
                return
            elif name in _SHELLS and _script(arguments) is not None:
                yield from self.run(_script(arguments) or "", context, depth + 1)
                return
            elif name in _SHELLS and all(argument.startswith("-") for argument in arguments):
                enters, words = True, []
            else:
                if name == "ip":
                    context = replace(context, namespace=_ip_namespace(arguments, context.namespace))
                yield _placed(replace(context, argv=(name, *arguments)))
                return
        if enters:
            yield _placed(replace(context, argv=()))


def _pipelines(words: Sequence[str]) -> list[list[list[str]]]:
    """The pipelines of a line, each a list of stages, each a list of words."""
    pipelines: list[list[list[str]]] = [[[]]]
    for word in words:
        if not isinstance(word, _Operator) or word.is_redirection:
            pipelines[-1][-1].append(word)
        elif word.is_pipe:
            pipelines[-1].append([])
        elif pipelines[-1] != [[]]:
            pipelines.append([[]])
    return pipelines


def _without_redirections(stage: Sequence[str]) -> tuple[list[str], bool]:
    """The words of a stage, and whether its output went to a file."""
    words: list[str] = []
    hidden = False
    rest = iter(stage)
    for word in rest:
        if not isinstance(word, _Operator):
            words.append(word)
        elif "&" not in word[1:]:
            target = next(rest, "")
            hidden |= ">" in word and not word.startswith("2") and not target.startswith(("/dev/std", "/dev/tty"))
    return words, hidden


def _given(stage: Sequence[str]) -> str | None:
    """What a stage is given to read."""
    return next((word for arrow, word in pairwise(stage) if isinstance(arrow, _Operator) and arrow == "<<<"), None)


def _program(stage: Sequence[str]) -> str:
    return next((PurePosixPath(word).name for word in stage if word != "sudo"), "")


def _with_output(stages: Sequence[Sequence[str]], outer: Invocation) -> Invocation:
    """``outer`` with what a pipeline does with the output of its first stage."""
    hidden = any(_without_redirections(stage)[1] for stage in stages)
    filtered = False
    for stage in stages[1:]:
        program = _program(stage)
        filtered |= program in _FILTERS
        hidden |= program in _SWALLOWERS
    return replace(outer, filtered=outer.filtered or filtered, hidden=outer.hidden or hidden)


def _placed(invocation: Invocation) -> Invocation:
    """``invocation`` in a namespace without a name, if nothing in the text tells which it was."""
    namespace = invocation.namespace
    if _UNKNOWN in namespace or (invocation.repeated and "$" in namespace):
        return replace(invocation, namespace=UNNAMED)
    return invocation


# --- wrappers ---------------------------------------------------------------------------------------------------------

_KUBECTL_ACTIONS = frozenset({"exec", "debug", "node-shell", "run", "attach", "rsh"})


def _after_options(words: list[str], with_value: set[str]) -> tuple[list[str], list[str]]:
    index = 0
    while index < len(words) and words[index].startswith("-"):
        if words[index] == "--":
            return words[:index], words[index + 1 :]
        index += 2 if words[index] in with_value else 1
    return words[:index], words[index:]


def _script(arguments: Sequence[str]) -> str | None:
    """The string of commands that a shell was given with ``-c``."""
    for option, value in pairwise(arguments):
        if re.fullmatch(r"-[a-z]*c", option):
            return value
        if not option.startswith("-"):
            break
    return None


def _subcommand(arguments: Sequence[str]) -> str | None:
    known = {"inspect", "get", *_KUBECTL_ACTIONS}
    return next((word for word in arguments if word in known), None)


def _is_interactive(options: Sequence[str]) -> bool:
    return any(
        re.fullmatch(r"-[a-z]*[it][a-z]*|--stdin(?:=true)?|--tty(?:=true)?|--interactive", word) for word in options
    )


def _nsenter_options(arguments: list[str]) -> tuple[list[str], list[str]]:
    # Short options come in clusters; the last of one can take the next word: -nt 16315.
    clusters = {word for word in arguments if re.fullmatch(r"-[a-zA-Z]*[tSG]", word)}
    return _after_options(arguments, clusters | {"--target", "--setuid", "--setgid"})


def _nsenter_namespace(options: list[str], current: str) -> str:
    target: str | None = None
    network = False
    path: str | None = None
    words = iter(options)
    for word in words:
        if word == "--target":
            target = next(words, None)
        elif word.startswith("--target="):
            target = word.partition("=")[2]
        elif word.startswith("--net="):
            network, path = True, word.partition("=")[2]
        elif word in {"--net", "--all"}:
            network = True
        elif word.startswith("-n") and "/" in word:
            network, path = True, word[2:].lstrip("=")
        elif match := re.fullmatch(r"-([a-zA-Z]*)t([0-9]*)", word):
            network = network or not {"n", "a"}.isdisjoint(match[1])
            target = match[2] or next(words, None)
        elif re.fullmatch(r"-[a-zA-Z]+", word):
            network = network or not {"n", "a"}.isdisjoint(word)
    if not network:
        return current
    if path is not None:
        process = re.fullmatch(r"/proc/([^/]+)/ns/net", path)
        target, path = (process[1], None) if process else (target, path)
    if path is not None:
        return f"netns:{PurePosixPath(path).name}"
    if target is None:
        return current
    if target == "1":
        return HOST
    return target if target.startswith("container:") else f"pid:{target}"


def _ip_namespace(arguments: Sequence[str], current: str) -> str:
    for word, value in pairwise(arguments):
        if word in {"-n", "-netns", "--netns"}:
            return f"netns:{value}"
        if not word.startswith("-"):
            break
    return current


def _docker_run(arguments: list[str], context: Invocation) -> tuple[Invocation, list[str], bool]:
    network = ""
    command = len(arguments)
    for index, word in enumerate(arguments):
        if word in {"--net", "--network"} and index + 1 < len(arguments):
            network = arguments[index + 1]
        elif word.startswith(("--net=", "--network=")):
            network = word.partition("=")[2]
        elif PurePosixPath(word).name in {"ip", "brctl", "route", "nsenter", "bridge", *_SHELLS}:
            command = index
            break
    if network != "host":
        context = replace(context, namespace=network if network.startswith("container:") else UNNAMED)
    return context, arguments[command:], _is_interactive(arguments[:command])


def _kubectl(arguments: list[str], context: Invocation) -> tuple[Invocation, list[str], bool]:
    separator = arguments.index("--") if "--" in arguments else len(arguments)
    command = arguments[separator + 1 :]
    namespace: str | None = None
    names: list[str] = []
    words = iter(arguments[:separator])
    for word in words:
        if word in {"-n", "--namespace"}:
            namespace = next(words, None)
        elif word.startswith(("--namespace=", "-n=")):
            namespace = word.partition("=")[2]
        elif word in {"-c", "--container", "--context", "--kubeconfig", "--image", "--profile", "--target", "-f"}:
            next(words, None)
        elif not word.startswith("-"):
            names.append(word)
    context = replace(context, remote=True)
    if len(names) < 2:
        return context, command, False
    action, name, *old_style = names
    if action in {"exec", "run", "rsh"}:
        command = command or old_style
    enters = not old_style and (action in {"debug", "node-shell", "rsh"} or _is_interactive(arguments[:separator]))
    if action == "node-shell" or name.startswith(_NODE_KINDS):
        return replace(context, namespace=HOST, node=name.rpartition("/")[2]), command, enters
    if name.startswith(_POD_KINDS) or "/" not in name:
        name = name.rpartition("/")[2]
        place = f"pod:{namespace}/{name}" if namespace else f"pod:{name}"
    else:
        # One pod of a deployment: which one, kubectl does not say.
        place = UNNAMED
    return replace(context, namespace=place), command, enters
