"""Debian's Chromium, driven by playwright: pages are opened from disk, and what they say and ask for is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from .required import needs_module, needs_program

__all__ = ["Opened", "axe_violations", "chromium", "opened"]

_NAMES = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser."""
    path = needs_program(*_NAMES)
    for module in ("playwright", "axe_playwright_python"):
        needs_module(module, "test")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Chromium's sandbox does not run as root, and needs what containers forbid.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page, and what it said and asked for since it was opened."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def opened(
    browser: Any, path: Path, *, scheme: Literal["light", "dark"] = "light", width: int = 1280
) -> Iterator[Opened]:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    seen = Opened(page)
    page.on("console", lambda message: seen.complaints.append(message.text))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("request", lambda request: seen.requests.append(request.url))
    page.goto(path.as_uri())
    yield seen
    context.close()


def axe_violations(page: Any, *, only: Sequence[str] = (), without: Sequence[str] = ()) -> list[tuple[str, str]]:
    """What axe-core finds: the rule and the first element that breaks it. ``only``: the rules that are asked, all if
    empty. ``without``: rules that are not."""
    spec = needs_module("axe_playwright_python", "test")
    assert spec.origin is not None
    # Run by the debugger, not by the page, whose policy lets no other script in.
    page.evaluate(Path(spec.origin).with_name("axe.min.js").read_text(encoding="utf-8"))
    options: dict[str, Any] = {"resultTypes": ["violations"], "rules": {rule: {"enabled": False} for rule in without}}
    if only:
        options["runOnly"] = list(only)
    result = page.evaluate("options => axe.run(options)", options)
    return [(one["id"], one["nodes"][0]["html"]) for one in result["violations"]]
