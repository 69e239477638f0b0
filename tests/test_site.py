"""The site as it is built: strictly, and with nothing in it that is fetched from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from .documents import ROOT

# Of an element, what a browser loads by itself.
_LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src", "object": "data"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("mkdocs", reason="the extra docs is not installed")
    made = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", "docs/mkdocs.yml", "-d", str(made)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return made


class _Page(HTMLParser):
    """What a page loads, where its links lead, and the places in it that a link can name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        if (place := values.get("id")) is not None:
            self.places.add(place)
        if tag in _LOADED and values.get("rel") != "canonical" and (url := values.get(_LOADED[tag])) is not None:
            self.loaded.append(url)
        if tag == "a" and (url := values.get("href")) is not None:
            self.links.append(url)


def test_the_site_is_whole_and_loads_nothing_from_elsewhere(site: Path) -> None:
    pages = {path: _Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html") if path.name != "404.html"}
    written = {path.relative_to(ROOT / "docs" / "pages") for path in (ROOT / "docs" / "pages").rglob("*.md")}
    assert {path.relative_to(site).with_suffix(".md") for path in pages} > written
    assert pages[site / "index.html"].loaded
    for path, page in pages.items():
        for url in page.loaded:
            assert not urlsplit(url).netloc, f"{path}: {url}"
            assert (path.parent / urlsplit(url).path).is_file(), f"{path}: {url}"
        for url in page.links:
            parts = urlsplit(url)
            if parts.scheme in {"https", "mailto"}:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_file(), f"{path}: {url}"
            if parts.fragment and target in pages:
                assert unquote(parts.fragment) in pages[target].places, f"{path}: {url}"
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", sheet.read_text(encoding="utf-8")), sheet


def test_the_reference_is_in_it(site: Path) -> None:
    commands = (site / "reference" / "commands.html").read_text(encoding="utf-8")
    assert 'id="interface"' in commands
    assert "<code>addr_info</code>" in commands
    api = (site / "reference" / "api.html").read_text(encoding="utf-8")
    assert 'id="aksnet_parse.analyze_many"' in api
    assert ":class:" not in api
    assert "``" not in api
    help_page = (site / "reference" / "command-line.html").read_text(encoding="utf-8")
    assert "--fail-on" in help_page
    assert (site / "reference" / "analysis.schema.json").is_file()
