"""What stands at a place of a JSON document that may have any shape: nothing here raises."""

from __future__ import annotations

from typing import Any

__all__ = ["list_at", "text_at", "value_at"]


def value_at(value: Any, *path: str) -> Any:
    """What stands at ``path``; None if nothing does."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def text_at(value: Any, *path: str) -> str | None:
    """The text at ``path``; None if there is none, an empty one, or something else."""
    found = value_at(value, *path)
    return found if isinstance(found, str) and found else None


def list_at(value: Any, *path: str) -> list[Any]:
    """The list at ``path``; empty if there is none."""
    found = value_at(value, *path)
    return found if isinstance(found, list) else []
