"""The commands that can be read, one module each; ``registry`` lists them. Who needs one does not load the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .base import Command
    from .installed import installed_commands
    from .registry import COMMANDS
else:

    def __getattr__(name: str) -> Any:
        if name == "COMMANDS":
            from .registry import COMMANDS as value
        elif name == "Command":
            from .base import Command as value
        elif name == "installed_commands":
            from .installed import installed_commands as value
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return value


__all__ = ["COMMANDS", "Command", "installed_commands"]
