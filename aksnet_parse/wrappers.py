"""What programs that run another program say of it: nsenter, ip netns exec, docker and kubectl, and their options."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import PurePosixPath

from .invocation import HOST, UNNAMED, Invocation

__all__ = [
    "KUBECTL_ACTIONS",
    "SHELLS",
    "after_options",
    "aks_run_command",
    "docker_run",
    "ip_namespace",
    "kubectl",
    "machine_name",
    "nsenter_namespace",
    "nsenter_options",
    "script",
    "script_of_another",
    "subcommand",
]

SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})
_NODE_KINDS = ("node/", "nodes/", "no/")
_POD_KINDS = ("pod/", "pods/", "po/")
# The pod that `kubectl debug node/NAME` makes has the node's network.
_NODE_DEBUGGER = re.compile(r"node-debugger-(?P<node>.+)-[a-z0-9]{5}")
KUBECTL_ACTIONS = frozenset({"exec", "debug", "node-shell", "run", "attach", "rsh"})


def after_options(words: list[str], with_value: set[str]) -> tuple[list[str], list[str]]:
    index = 0
    while index < len(words) and words[index].startswith("-"):
        if words[index] == "--":
            return words[:index], words[index + 1 :]
        index += 2 if words[index] in with_value else 1
    return words[:index], words[index:]


def script(arguments: Sequence[str]) -> str | None:
    """The string of commands that a shell was given with ``-c``."""
    for option, value in pairwise(arguments):
        if re.fullmatch(r"-[a-z]*c", option):
            return value
        if not option.startswith("-"):
            break
    return None


def script_of_another(program: str, arguments: Sequence[str]) -> str | None:
    """The string of commands in the call of an author's own program: ``./on-all-nodes.sh bash -c '...'``.

    ``program``: as it was called; one of the author's is not among those installed, or has the ending of a script.
    """
    if not program.startswith(("./", "../", "~/")) and not program.endswith((".sh", ".py")):
        return None
    for index, word in enumerate(arguments):
        if PurePosixPath(word).name in SHELLS:
            return script(arguments[index + 1 :])
    return next((word for word in reversed(arguments) if " " in word and word.split()[0] in _COMMANDS), None)


_COMMANDS = frozenset({"ip", "brctl", "bridge", "route", "hostname", "sudo", "nsenter", "docker", "crictl", *SHELLS})

# --- nodes by way of Azure --------------------------------------------------------------------------------------------

_AKS_OPTIONS_TEXT = """
--node --subscription --node-resource-group --vmss --instance-id --id --timeout --runtime --image --debug-image
"""
_AKS_OPTIONS = frozenset(_AKS_OPTIONS_TEXT.split())
_INSTANCE_ID = re.compile(r"(?i).*/virtualMachineScaleSets/(?P<set>[^/]+)/virtualMachines/(?P<number>[^/]+)/?")
_INSTANCE = re.compile(r"[0-9]{1,7}")
_SCALE_SET = re.compile(r"aks-[a-z0-9]+-[0-9]+-vmss")
# A node of an availability set is called as its virtual machine is.
_MACHINE = re.compile(r"(?:aks|k8s)-[a-z0-9]+-[0-9]+-[0-9]{1,4}")


def aks_run_command(arguments: Sequence[str], chosen: str | None) -> tuple[str, str | None]:
    """The script that `kubectl aks run-command` runs, and the node, None if it is not said by its name.

    ``chosen``: the node that `kubectl aks use-node` named before.
    """
    said = _options(arguments)
    text = ""
    is_value = False
    for word in arguments:
        if is_value or word.startswith("-"):
            is_value = not is_value and word in _AKS_OPTIONS
        else:
            text = text or word
    node = said.get("--node")
    if node is not None:
        return text, node if "$" not in node else None
    machine = _INSTANCE_ID.fullmatch(said.get("--id", ""))
    if machine is not None:
        return text, _instance(machine["set"], machine["number"])
    is_said = not {"--id", "--vmss", "--instance-id"}.isdisjoint(said)
    return text, _instance(said.get("--vmss", ""), said.get("--instance-id", "")) if is_said else chosen


def machine_name(arguments: Sequence[str]) -> str | None:
    """The host name of the machine that `az vmss run-command` or `az vm run-command` is for, if its name says it."""
    said = _options(arguments)
    name = said.get("-n") or said.get("--name") or said.get("--vmss-name") or ""
    if "--instance-id" in said:
        return _instance(name, said["--instance-id"])
    return name if "vm" in arguments and _MACHINE.fullmatch(name) is not None else None


def _options(arguments: Sequence[str]) -> dict[str, str]:
    """The value of each option, in the next word or after an equals sign."""
    said = {option: value for option, value in pairwise(arguments) if option.startswith("-")}
    for word in arguments:
        option, mark, value = word.partition("=")
        if mark and option.startswith("-"):
            said[option] = value
    return said


def _instance(scale_set: str, number: str) -> str | None:
    """The host name of an instance of an AKS scale set, of which Azure knows name and number: the name of the scale set
    and the number in base 36 (Azure's documentation of scale sets, "Instance ID")."""
    if _SCALE_SET.fullmatch(scale_set) is None or _INSTANCE.fullmatch(number) is None:
        return None
    digits = ""
    rest = int(number)
    while rest:
        rest, digit = divmod(rest, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return f"{scale_set}{digits:0>6}"


# --- subcommands ------------------------------------------------------------------------------------------------------


def subcommand(arguments: Sequence[str]) -> str | None:
    known = {"inspect", "get", *KUBECTL_ACTIONS}
    return next((word for word in arguments if word in known), None)


def _is_interactive(options: Sequence[str]) -> bool:
    return any(
        re.fullmatch(r"-[a-z]*[it][a-z]*|--stdin(?:=true)?|--tty(?:=true)?|--interactive", word) for word in options
    )


def nsenter_options(arguments: list[str]) -> tuple[list[str], list[str]]:
    # Short options come in clusters; the last of one can take the next word: -nt 16315.
    clusters = {word for word in arguments if re.fullmatch(r"-[a-zA-Z]*[tSG]", word)}
    return after_options(arguments, clusters | {"--target", "--setuid", "--setgid"})


def nsenter_namespace(options: list[str], current: str) -> str:
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


def ip_namespace(arguments: Sequence[str], current: str) -> str:
    for word, value in pairwise(arguments):
        if word in {"-n", "-netns", "--netns"}:
            return f"netns:{value}"
        if not word.startswith("-"):
            break
    return current


def docker_run(arguments: list[str], context: Invocation) -> tuple[Invocation, list[str], bool]:
    network = ""
    command = len(arguments)
    for index, word in enumerate(arguments):
        if word in {"--net", "--network"} and index + 1 < len(arguments):
            network = arguments[index + 1]
        elif word.startswith(("--net=", "--network=")):
            network = word.partition("=")[2]
        elif PurePosixPath(word).name in {"ip", "brctl", "route", "nsenter", "bridge", *SHELLS}:
            command = index
            break
    if network != "host":
        context = replace(context, namespace=network if network.startswith("container:") else UNNAMED)
    return context, arguments[command:], _is_interactive(arguments[:command])


def kubectl(arguments: list[str], context: Invocation) -> tuple[Invocation, list[str], bool]:
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
    debugger = _NODE_DEBUGGER.fullmatch(name.rpartition("/")[2])
    if debugger is not None:
        return replace(context, namespace=HOST, node=debugger["node"]), command, enters
    if name.startswith(_POD_KINDS) or "/" not in name:
        name = name.rpartition("/")[2]
        place = f"pod:{namespace}/{name}" if namespace else f"pod:{name}"
    else:
        # One pod of a deployment: which one, kubectl does not say.
        place = UNNAMED
    return replace(context, namespace=place), command, enters
