"""What the commands of crictl have in common: their options, the words for a state, the kubelet's labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..json_values import text_at
from .calls import after_options, option_values
from .containers import LABELS

__all__ = ["STATES", "WITHHELD", "arguments", "labelled", "number_at", "prints_listing"]

# The annotations of a pod can hold its whole manifest.
WITHHELD = "(not shown: output of crictl can hold secrets)"
STATES: Mapping[str, str] = {
    **{name: name.lower() for name in ("Running", "Exited", "Created", "Unknown", "Ready", "NotReady")},
    **{f"CONTAINER_{name.upper()}": name for name in ("running", "exited", "created", "unknown")},
    **{f"SANDBOX_{name.upper()}": name for name in ("ready", "notready")},
}
_WITH_VALUE = frozenset(
    {"-r", "--runtime-endpoint", "-i", "--image-endpoint", "-c", "--config", "-t", "--timeout", "--tracing-endpoint"}
)


def arguments(argv: tuple[str, ...], command: str) -> tuple[str, ...] | None:
    """The words after ``command`` of a call of crictl; None if it is no such call."""
    words = after_options(argv[1:], _WITH_VALUE) if argv[0] == "crictl" else ()
    return words[1:] if words[:1] == (command,) else None


def prints_listing(argv: tuple[str, ...], command: str) -> bool:
    """True for a call that prints a table or a document of its own, and not only ids or what a template says."""
    words = arguments(argv, command)
    if words is None or not {"-q", "--quiet", "-h", "--help", "-aq", "-qa"}.isdisjoint(words):
        return False
    return all(form in {"table", "json", "yaml"} for form in option_values(words, "-o", "--output"))


def labelled(labels: Any) -> dict[str, Any]:
    """What the kubelet's labels say of a container."""
    return {name: text_at(labels, f"io.kubernetes.{label}") for label, name in LABELS.items()}


def number_at(value: Any, key: str) -> int | None:
    """The number that ``key`` has; None if there is none."""
    found = value.get(key) if isinstance(value, dict) else None
    return found if type(found) is int and found >= 0 else None
