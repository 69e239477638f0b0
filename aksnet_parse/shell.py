"""Goes through a command line as a shell would: words, quotes, variables, pipes, loops, and what is called.

What a wrapper such as sudo or nsenter says is kept: the network namespace a command ran in, the node it ran on, whether
a filter cut its output. A loop over words that stand in the line is unrolled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import PurePosixPath

from .invocation import HOST, UNNAMED, Invocation
from .wrappers import (
    KUBECTL_ACTIONS,
    SHELLS,
    after_options,
    aks_run_command,
    docker_run,
    ip_namespace,
    kubectl,
    machine_name,
    nsenter_namespace,
    nsenter_options,
    script,
    script_of_another,
    subcommand,
)

__all__ = ["ASSIGNMENT", "LONGEST", "Shell", "typed"]

ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_]\w*)=(?P<value>.*)", re.S)
LONGEST = 8192  # nobody types a longer line

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


def typed(text: str) -> str:
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
_CHOSEN_NODE = "kubectl aks use-node"  # among the variables, of which none is called so
_DEEPEST = 4  # strings of commands in strings of commands
_MOST_WRAPPERS = 16
_MOST_CALLS = 256
_LONGEST_LOOP = 2 * LONGEST
_MOST_GROWTH = 4 * LONGEST


class Shell:
    """Goes through one command line as a shell would, noting what is called."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables
        self.assigned: dict[str, str] = {}
        # How many characters loops and variables may still add: those of an enemy double at every turn.
        self.room = _MOST_GROWTH

    def calls(self, text: str, outer: Invocation) -> tuple[Invocation, ...]:
        """What ``text`` calls, in the order in which the output appears; ``outer`` says where it is typed."""
        return tuple(islice(self.run(typed(text), outer, 0), _MOST_CALLS))

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
        unrolled = "; ".join(re.sub(name, value, body) for value in values)
        self.room -= len(unrolled)
        return unrolled if self.room >= 0 else match.group()

    def _expand(self, word: str) -> str:
        def value(match: re.Match[str]) -> str:
            name = match["name"] or match["braced"]
            found = self.assigned.get(name) or self.variables.get(name) or ""
            self.room -= len(found)
            return found if found and self.room >= 0 else match.group()

        return _VARIABLE.sub(value, word)

    def _assign(self, words: Sequence[str]) -> bool:
        """Whether all ``words`` are assignments, which are then noted."""
        matches = [ASSIGNMENT.fullmatch(word) for word in (words[1:] if words[0] == "export" else words)]
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
            if name in _TRANSPARENT or ASSIGNMENT.fullmatch(words[0]):
                words = arguments
            elif name in {"sudo", "doas"}:
                options, words = after_options(
                    arguments, {"-u", "--user", "-g", "--group", "-h", "-p", "-C", "-r", "-t"}
                )
                enters = not {"-i", "-s", "--login", "--shell", "-su", "-iu"}.isdisjoint(options)
            elif name == "su":
                inner = script(arguments)
                if inner is not None:
                    yield from self.run(inner, context, depth + 1)
                    return
                enters, words = True, []
            elif name == "timeout":
                words = after_options(arguments, {"-k", "-s"})[1][1:]
            elif name == "watch":
                words = after_options(arguments, {"-n", "--interval"})[1]
                if len(words) == 1:
                    yield from self.run(words[0], context, depth + 1)
                    return
            elif name == "xargs":
                options, words = after_options(arguments, {"-I", "-n", "-P", "-L", "-d", "-s", "-a"})
                mark = next((value for option, value in pairwise([*options, ""]) if option == "-I"), None)
                mark = mark or next((word[2:] for word in options if word.startswith("-I")), None)
                words = [word.replace(mark, _UNKNOWN) for word in words] if mark else [*words, _UNKNOWN]
            elif name == "chroot":
                enters, words = True, arguments[1:]
            elif name == "nsenter":
                options, words = nsenter_options(arguments)
                enters, context = True, replace(context, namespace=nsenter_namespace(options, context.namespace))
            elif name == "ip" and len(arguments) >= 3 and arguments[0] == "netns" and arguments[1].startswith("e"):
                context = replace(context, namespace=f"netns:{arguments[2]}")
                words = arguments[3:]
            elif name in _ENGINES and subcommand(arguments) == "exec":
                options, words = after_options(
                    arguments[arguments.index("exec") + 1 :],
                    {"-u", "--user", "-w", "--workdir", "-e", "--env", "--env-file", "--detach-keys", "--timeout"},
                )
                if words:
                    enters, context = True, replace(context, namespace=f"container:{words[0]}")
                words = words[1:]
            elif name in _ENGINES and subcommand(arguments) == "run":
                context, words, enters = docker_run(arguments, context)
            elif name == "kubectl-aks" or (name == "kubectl" and arguments[:1] == ["aks"]):
                yield from self._aks(arguments[name == "kubectl" :], context, depth)
                return
            elif name == "kubectl-node_shell":
                context, words, enters = kubectl(["node-shell", *arguments], context)
            elif name in {"kubectl", "oc", "k"} and subcommand(arguments) in KUBECTL_ACTIONS:
                context, words, enters = kubectl(arguments, context)
            elif name == "ssh":
                options, words = after_options(arguments, {"-i", "-p", "-l", "-o", "-J", "-F", "-L", "-R", "-D"})
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
                context = replace(context, namespace=HOST, node=machine_name(arguments), remote=True)
                for option, value in pairwise(arguments):
                    if option in {"--scripts", "--command", "-c"}:
                        yield from self.run(value, context, depth + 1)
                return
            elif name in SHELLS and script(arguments) is not None:
                yield from self.run(script(arguments) or "", context, depth + 1)
                return
            elif name in SHELLS and all(argument.startswith("-") for argument in arguments):
                enters, words = True, []
            elif (inner := script_of_another(words[0], arguments)) is not None:
                # A program of the author's that runs it, perhaps on each node.
                outer = replace(context, namespace=HOST, node=None, remote=True, repeated=True)
                yield from self.run(inner, outer, depth + 1)
                return
            else:
                if name == "ip":
                    context = replace(context, namespace=ip_namespace(arguments, context.namespace))
                yield _placed(replace(context, argv=(name, *arguments)))
                return
        if enters:
            yield _placed(replace(context, argv=()))

    def _aks(self, arguments: Sequence[str], context: Invocation, depth: int) -> Iterator[Invocation]:
        """What Azure's plugin of kubectl runs: a script on a node, by way of its scale set."""
        if "use-node" in arguments:
            self.assigned[_CHOSEN_NODE] = arguments[-1]
        elif arguments[:1] == ["run-command"]:
            chosen = self.assigned.get(_CHOSEN_NODE) or self.variables.get(_CHOSEN_NODE)
            text, node = aks_run_command(arguments[1:], chosen)
            yield from self.run(text, replace(context, namespace=HOST, node=node, remote=True), depth + 1)


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
