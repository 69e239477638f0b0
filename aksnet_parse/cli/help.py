"""Help that teaches by example: below the options of each subcommand stand command lines that can be typed."""

from __future__ import annotations

import argparse
from typing import Any

__all__ = ["HelpFormatter", "with_examples"]

_HEADING = "examples:\n"


class HelpFormatter(argparse.HelpFormatter):
    """Examples keep their lines; every other text is wrapped."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if text.startswith(_HEADING) else super()._fill_text(text, width, indent)


def with_examples(*examples: tuple[str, str]) -> dict[str, Any]:
    """Arguments of a parser that show ``examples``: what each is for (empty if the line
    says it), and the command line."""
    shown = "".join(f"  # {purpose}\n  {line}\n" if purpose else f"  {line}\n" for purpose, line in examples)
    return {"epilog": f"{_HEADING}{shown}", "formatter_class": HelpFormatter}
