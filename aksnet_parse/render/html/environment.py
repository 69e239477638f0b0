"""Templates made into pages: everything is escaped, style and script are in the page, and the page forbids itself any
network."""

from __future__ import annotations

import base64
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..picture import picture_style
from ..plain import printable
from ..words import count, end_of, rides_on, trace_node

__all__ = ["page"]

_LONGEST_TEXT = 200


def page(template: str, **values: object) -> str:
    """A template of this package, filled in."""
    style = f"{_asset('report.css')}\n{picture_style()}"
    script = _asset("report.js")
    # Nothing is loaded from anywhere, and what is in the page runs only if it is what this program wrote.
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        _environment()
        .get_template(template)
        .render(style=Markup(style), script=Markup(script), policy=policy, **values)
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__ or "", "templates"),
        autoescape=True,
        finalize=_plain,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(count=count, end=end_of, rides_on=rides_on, trace_node=trace_node, excerpt=_excerpt)
    environment.tests["containing"] = lambda items, item: item in items
    return environment


def _plain(value: Any) -> Any:
    """What would steer the reader's terminal or turn the text around is spelled out, wherever a value is shown."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _excerpt(text: str) -> str:
    """A line where it is cited; a line of JSON can be a page, and stands in full where it was captured."""
    text = text.strip()
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]} ..."


@cache
def _asset(name: str) -> str:
    return files(__package__ or "").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}"
