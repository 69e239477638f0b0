"""What a page of HTML is made of, for tests that ask whether captured text has become part of it."""

from __future__ import annotations

from html.parser import HTMLParser

from aksnet_parse.render.plain import printable

__all__ = ["Page", "assert_inert"]

_EMPTY = {"img", "input", "link", "meta", "br", "hr"}
_LOADING = {"img", "iframe", "link", "object", "foreignobject", "embed", "video", "audio", "base", "form"}


class Page(HTMLParser):
    """The tags, attributes and text of a page or fragment; ``open`` is empty at its end if every tag is closed in
    order. ``links``: where its links lead. ``scripts``: how many there are."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.scripts = 0
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(fragment)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in _EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.scripts += tag == "script"
        self.attributes.update(name for name, _ in attrs)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["style"], ["script"]):
            self.words.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)


def assert_inert(fragment: str, scripts: int = 0) -> Page:
    """What was captured is text there, and no more: it loads nothing, runs nothing, and turns no line around."""
    page = Page(fragment)
    assert page.open == []
    assert page.scripts == scripts
    assert page.tags.isdisjoint(_LOADING)
    assert not {name for name in page.attributes if name.startswith("on") or name in {"src", "srcset", "style"}}
    assert all(link.startswith("#") for link in page.links)
    assert page.text.replace("\n", "") == printable(page.text.replace("\n", ""))
    return page
