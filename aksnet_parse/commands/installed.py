"""The commands of this package, and those that other installed packages offer."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any

from ..errors import UsageError
from .base import Command
from .registry import COMMANDS

__all__ = ["GROUP", "installed_commands"]

GROUP = "aksnet_parse.commands"


def installed_commands() -> tuple[Command[Any], ...]:
    """``COMMANDS``, and behind them what other packages name as entry points of the group ``aksnet_parse.commands``.

    They stand last, so that no package that is installed changes how a command of this one is read. Raises
    :class:`aksnet_parse.UsageError` for an entry point that cannot be loaded, is no :class:`aksnet_parse.Command`, or
    has the name of another command.
    """
    found: list[Command[Any]] = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)):
        command = _loaded(point)
        if any(command.name == other.name for other in (*COMMANDS, *found)):
            raise _unusable(point, f"there is another command named {command.name!r}")
        found.append(command)
    return (*COMMANDS, *found)


def _loaded(point: EntryPoint) -> Command[Any]:
    try:
        command = point.load()
    except Exception as error:  # it runs whatever that package does when it is imported
        raise _unusable(point, f"{type(error).__name__}: {error}") from None
    if not isinstance(command, Command):
        raise _unusable(point, f"it is a {type(command).__name__}, not a Command")
    return command


def _unusable(point: EntryPoint, reason: str) -> UsageError:
    package = point.dist.name if point.dist is not None else point.value
    return UsageError(f"the command {point.name!r} of the package {package} cannot be used: {reason}")
