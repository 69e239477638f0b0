"""``completion``: scripts that complete this program's command lines in bash, zsh and fish.

They are written out of the parsers themselves, so that a new option needs no line here, and start no Python for a key
that is pressed. The libraries for this know nothing of a subcommand that can be left out.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from .help import with_examples
from .output import ANSWERED

if TYPE_CHECKING:
    from .options import Subcommands

__all__ = ["add"]

_DEFAULT = "analyze"


def add(commands: Subcommands) -> None:
    completion = commands.add_parser(
        "completion",
        help="a script that completes command lines in bash, zsh or fish",
        description="Prints a script for the shell that you name, which completes subcommands, options, their values "
        "and files when you press Tab.",
        **with_examples(
            ("bash: this shell; in ~/.bashrc, each", 'eval "$(aksnet-parse completion bash)"'),
            ("zsh: in ~/.zshrc, after compinit", 'eval "$(aksnet-parse completion zsh)"'),
            ("fish: each shell from now on", "aksnet-parse completion fish > aksnet-parse.fish"),
        ),
    )
    completion.add_argument("shell", choices=tuple(_WRITERS), help="the shell to write for")
    completion.set_defaults(run=partial(_run, commands))


def _run(commands: Subcommands, options: argparse.Namespace) -> int:
    print(_WRITERS[options.shell](_subcommands(commands)), end="")
    return ANSWERED


# --- what there is to complete ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Option:
    """``values``: what can stand behind it; empty for any word, None if it takes none. ``takes_file``: a file can."""

    flags: Sequence[str]
    help: str
    values: Sequence[str] | None
    takes_file: bool


@dataclass(frozen=True, slots=True)
class _Subcommand:
    """``words``: what can stand first behind the subcommand. Anything else there is a file."""

    name: str
    help: str
    options: Sequence[_Option]
    words: Sequence[str]


def _subcommands(commands: Subcommands) -> list[_Subcommand]:
    helps = {action.dest: action.help or "" for action in commands._get_subactions()}
    return [_subcommand(name, helps.get(name, ""), parser) for name, parser in commands.choices.items()]


def _subcommand(name: str, text: str, parser: argparse.ArgumentParser) -> _Subcommand:
    actions = parser._actions
    words = [word for action in actions if not action.option_strings for word in _words(action)]
    return _Subcommand(name, text, [_option(action) for action in actions if action.option_strings], words)


def _words(action: argparse.Action) -> Sequence[str]:
    if action.metavar == "COMMAND":
        from ..commands import installed_commands

        return [re.sub(r"[ -]+", "-", command.name) for command in installed_commands()]
    if action.metavar == "CODE":
        from ..analysis.catalogue import FINDINGS

        return [kind.code for kind in FINDINGS]
    return [str(choice) for choice in action.choices or ()]


def _option(action: argparse.Action) -> _Option:
    values = None if action.nargs == 0 else [str(choice) for choice in action.choices or ()]
    return _Option(action.option_strings, action.help or "", values, action.metavar in {"FILE", "PATH"})


def _of_words(names: Iterable[str]) -> str:
    return " ".join(names)


# --- bash -------------------------------------------------------------------------------------------------------------

_BASH = """\
# bash completion of aksnet-parse
_aksnet_parse() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local subcommand=@default@ words= value= word
    if [ "$current" = = ]; then
        current=
    elif [ "$previous" = = ]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    COMPREPLY=()
    if [ "$COMP_CWORD" -gt 1 ]; then
        case ${COMP_WORDS[1]} in
            @alternatives@) subcommand=${COMP_WORDS[1]} ;;
        esac
    fi
    case $subcommand:$previous in
@values@
    esac
    if [ -z "$value" ]; then
        case $subcommand:$current:$COMP_CWORD in
@options@
@positional@
        esac
        if [ "$COMP_CWORD" -eq 1 ]; then
            words="@first@ $words"
        fi
    fi
    while IFS= read -r word; do
        COMPREPLY+=("$word")
    done < <(compgen -W "$words" -- "$current")
    if [ "$COMP_CWORD" -eq 1 ]; then
        while IFS= read -r word; do
            COMPREPLY+=("$word")
        done < <(compgen -f -- "$current")
    fi
}
complete -o default -o filenames -F _aksnet_parse aksnet-parse
"""


def _bash(subcommands: Sequence[_Subcommand]) -> str:
    values, options, positional = [], [], []
    for one in subcommands:
        for option in one.options:
            if option.values is not None:
                flags = "|".join(f"{one.name}:{flag}" for flag in option.flags)
                values.append(f'        {flags}) value=1 words="{_of_words(option.values)}" ;;')
        flags = _of_words(flag for option in one.options for flag in option.flags)
        options.append(f'            {one.name}:-*:*) words="{flags}" ;;')
        if one.words:
            positional.append(f'            {one.name}:*:2) words="{_of_words(one.words)}" ;;')
    return _filled(
        _BASH,
        default=_DEFAULT,
        alternatives="|".join(one.name for one in subcommands),
        first=_of_words(one.name for one in subcommands),
        values="\n".join(values),
        options="\n".join(options),
        positional="\n".join(positional),
    )


def _filled(template: str, **parts: str) -> str:
    return re.sub(r"@(\w+)@", lambda match: parts[match[1]], template)


# --- zsh --------------------------------------------------------------------------------------------------------------

_ZSH = """\
#compdef aksnet-parse
_aksnet_parse() {
    local subcommand=@default@
    local -a subcommands
    subcommands=(
@described@
    )
    if (( CURRENT == 2 )); then
        if [[ $words[2] != -* ]]; then
            _alternative 'subcommands:subcommand:{_describe subcommand subcommands}' 'files:file:_files'
            return
        fi
    elif (( ${subcommands[(I)$words[2]:*]} )); then
        subcommand=$words[2]
        shift words
        (( CURRENT-- ))
    fi
    case $subcommand in
@cases@
    esac
}
compdef _aksnet_parse aksnet-parse
"""


def _zsh(subcommands: Sequence[_Subcommand]) -> str:
    cases = []
    for one in subcommands:
        specs = [_zsh_option(option, flag) for option in one.options for flag in option.flags]
        specs += [_quoted(f"1:word:({_of_words(one.words)})")] if one.words else []
        specs.append(_quoted("*:file:_files"))
        lines = " \\\n".join(f"                {spec}" for spec in specs)
        cases.append(f"        {one.name})\n            _arguments \\\n{lines}\n            ;;")
    described = "\n".join(f"        {_quoted(f'{one.name}:{one.help}')}" for one in subcommands)
    return _filled(_ZSH, default=_DEFAULT, described=described, cases="\n".join(cases))


def _zsh_option(option: _Option, flag: str) -> str:
    text = re.sub(r"([\[\]\\:])", r"\\\1", option.help)
    if option.values is None:
        value = ""
    elif option.takes_file:
        value = ":file:_files"
    else:
        value = f":value:({_of_words(option.values)})" if option.values else ":value: "
    return _quoted(f"{flag}[{text}]{value}")


def _quoted(text: str) -> str:
    """Text in single quotes, as zsh reads it."""
    return "'" + text.replace("'", "'\\''") + "'"


# --- fish -------------------------------------------------------------------------------------------------------------

_FISH = """\
# fish completion of aksnet-parse
function __aksnet_parse_in
    set -l tokens (commandline -opc)
    set -l subcommand @default@
    if contains -- "$tokens[2]" @names@
        set subcommand $tokens[2]
    end
    test "$subcommand" = "$argv[1]"
end
function __aksnet_parse_after
    test (count (commandline -opc)) -eq "$argv[1]"
end
@lines@
"""


def _fish(subcommands: Sequence[_Subcommand]) -> str:
    lines = []
    for one in subcommands:
        lines.append(
            f"complete -c aksnet-parse -n '__aksnet_parse_after 1' -a {one.name} -d {_quoted_for_fish(one.help)}"
        )
        condition = f"complete -c aksnet-parse -n '__aksnet_parse_in {one.name}'"
        if one.words:
            first = f"__aksnet_parse_in {one.name}; and __aksnet_parse_after 2"
            lines.append(f"complete -c aksnet-parse -n '{first}' -f -a '{_of_words(one.words)}'")
        for option in one.options:
            names = " ".join(f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags)
            if option.values is None:
                value = ""
            elif option.takes_file:
                value = " -r"
            else:
                value = f" -x -a '{_of_words(option.values)}'" if option.values else " -x"
            lines.append(f"{condition} {names}{value} -d {_quoted_for_fish(option.help)}")
    return _filled(_FISH, default=_DEFAULT, names=_of_words(one.name for one in subcommands), lines="\n".join(lines))


def _quoted_for_fish(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


_WRITERS: Mapping[str, Callable[[Sequence[_Subcommand]], str]] = {"bash": _bash, "zsh": _zsh, "fish": _fish}
