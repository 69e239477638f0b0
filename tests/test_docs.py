"""What the pages of the documentation show is what the program does; what is made from the program tells all of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

import aksnet_parse
from aksnet_parse import COMMANDS, Analysis, Comparison, Explanation, Trace
from aksnet_parse.render.reference import answers_markdown, commands_markdown
from tests.required import needs_program

from .documents import ROOT, Reader, blocks, is_shown, update

ANSWERS: dict[str, type[BaseModel]] = {"analysis": Analysis, "trace": Trace, "compare": Comparison, "pod": Explanation}
PAGES = sorted((ROOT / "docs" / "pages").rglob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_runs_and_prints_what_is_shown(page: Path, tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    if "jq -r" in text:
        needs_program("jq")
    shown_blocks = 0
    for block, printed, shown in Reader(tmp_path).follow(text):
        if shown is not None:
            shown_blocks += 1
            assert is_shown(printed, shown.text), f"{page}, line {shown.line}: {block.text}prints\n{printed}"
    assert shown_blocks == sum(block.is_output for block in blocks(text)), "output that nothing printed"
    assert len(re.findall(r"^\s*```", text, re.MULTILINE)) == 2 * len(blocks(text)), "a block that is not run"


def test_lines_may_be_left_out_and_no_others() -> None:
    assert is_shown("a\nb\n", "a\nb\n")
    assert is_shown("a\nb\nc\nd\n", "a\n...\nd\n")
    assert is_shown("a\nb\n", "a\n...\n")
    assert not is_shown("a\nb\n", "a\n")
    assert not is_shown("a\nb\n", "a\nb\n...\n")
    assert not is_shown("a\nb\nx\n", "a\n...\nd\n")


def test_what_a_page_shows_can_be_made_anew(tmp_path: Path) -> None:
    call = "```sh\necho one && echo two\n```\n\n"
    old, new, gap, wrong = (f"{call}```text\n{text}```\n" for text in ("", "one\ntwo\n", "one\n...\n", "...\nthree\n"))
    page, stale = update(f"{old}{gap}{wrong}", tmp_path)
    assert page == f"{new}{gap}{wrong}"
    assert [(block.text, printed) for block, printed in stale] == [("...\nthree\n", "one\ntwo\n")]


def test_the_command_that_is_shown_is_the_one_that_is_tested_as_a_package() -> None:
    page = (ROOT / "docs" / "pages" / "how-to" / "add-a-command.md").read_text(encoding="utf-8")
    package = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "plugin").glob("*.*")}
    shown = {block.title: block.text for block in blocks(page)}
    assert {name: shown.get(name) for name in package} == package


# --- the reference ----------------------------------------------------------------------------------------------------


def sections(page: str) -> dict[str, str]:
    """The text under each heading."""
    parts = re.split(r"^## (.+)\n", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_reference_has_every_command_and_each_of_its_fields() -> None:
    page = commands_markdown(COMMANDS)
    about = sections(page)
    for command in COMMANDS:
        [function] = re.findall(
            rf"^\| `{re.escape(command.name)}` \|.*`aksnet_parse\.(\w+)\(text\)`", page, re.MULTILINE
        )
        assert getattr(aksnet_parse, function).__self__ is command
        section = about[command.model.__name__]
        assert f"`{command.name}`" in section
        for name, field in command.model.model_fields.items():
            if name != "source":
                assert section.count(f"\n| `{field.serialization_alias or name}`") == 1


def test_the_reference_says_what_a_field_means() -> None:
    section = sections(commands_markdown(COMMANDS))["Address"]
    [row] = [line for line in section.split("\n") if line.startswith("| `valid_life_time` ")]
    assert row == (
        "| `valid_life_time` | integer or null | null | seconds, None for forever; if the capture left them out they "
        "are None and not in `model_fields_set`. |"
    )
    assert "| `stable-privacy` (in Python `stable_privacy`) | true or false | false |" in section


def test_the_reference_of_answers_has_all_that_the_schemas_have() -> None:
    about = sections(answers_markdown(ANSWERS))
    for answer in ANSWERS.values():
        schema = answer.model_json_schema(mode="serialization")
        for name, definition in {answer.__name__: schema, **schema["$defs"]}.items():
            for field in definition["properties"]:
                assert about[name].count(f"\n| `{field}` |") == 1


@pytest.mark.parametrize("page", [commands_markdown(COMMANDS), answers_markdown(ANSWERS)])
def test_the_links_of_the_reference_lead_somewhere(page: str) -> None:
    links = set(re.findall(r"\]\(#([^)]+)\)", page))
    assert links
    assert links <= {name.lower() for name in sections(page)}


def test_every_public_name_has_a_place_in_the_reference() -> None:
    page = (ROOT / "docs" / "pages" / "reference" / "api.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^::: aksnet_parse\.(\w+)$", page, re.MULTILINE))
    models = {*sections(commands_markdown(COMMANDS)), *sections(answers_markdown(ANSWERS))}
    parsers = {name for name in aksnet_parse.__all__ if name.startswith("parse_")}
    assert {*aksnet_parse.__all__} - models - parsers - {"__version__"} <= shown
