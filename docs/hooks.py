"""What the site has beside its written pages, made by the program itself at each build: the reference, and pictures of
samples."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
from pathlib import Path
from typing import Any
from unittest.mock import patch

import griffe
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from pydantic import BaseModel

from aksnet_parse import COMMANDS, Analysis, Comparison, Explanation, Trace, analyze, read
from aksnet_parse.cli import _parser, main
from aksnet_parse.render.picture import picture_svg
from aksnet_parse.render.reference import answers_markdown, commands_markdown, plain_docstring

_ANSWERS: dict[str, type[BaseModel]] = {
    "analysis": Analysis,
    "trace": Trace,
    "compare": Comparison,
    "pod": Explanation,
}
_SAMPLES = Path(__file__).parent.parent / "samples"
_PICTURES = {"bridge": "kubenet-bridge", "azure-bridge": "azure-cni-bridge", "transparent": "azure-cni-broken"}


class PlainDocstrings(griffe.Extension):
    """Shows docstrings, which are written for any reader, as Markdown."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = plain_docstring(obj.docstring.value)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    made = {
        "reference/commands.md": commands_markdown(COMMANDS),
        "reference/json.md": answers_markdown(_ANSWERS),
        "reference/command-line.md": _command_line(),
    }
    for name, model in _ANSWERS.items():
        schema = model.model_json_schema(mode="serialization")
        made[f"reference/{name}.schema.json"] = json.dumps(schema, indent=2)
    for name, sample in _PICTURES.items():
        [node] = analyze(read(_SAMPLES / f"{sample}.txt")).nodes
        made[f"explained/{name}.svg"] = picture_svg(node)
    with contextlib.chdir(_SAMPLES.parent):
        made["how-to/report-azure-cni-broken.html"] = _printed("samples/azure-cni-broken.txt", "--format", "html")
    for path, content in made.items():
        files.append(File.generated(config, path, content=content))
    return files


def _command_line() -> str:
    """The help of each subcommand."""
    lines = ["# Command line", "", "What `--help` says, of the program and of each of its subcommands.", ""]
    for name in ("", *_parser()[1]):
        words = [name] if name else []
        shown = re.sub(r"[ \t]+$", "", _printed(*words, "--help"), flags=re.MULTILINE).rstrip()
        lines += [f"## {' '.join(['aksnet-parse', *words])}", "", "```text", shown, "```", ""]
    return "\n".join(lines)


def _printed(*words: str) -> str:
    """What the program prints."""
    shown = io.StringIO()
    with patch.dict(os.environ, COLUMNS="100"), contextlib.redirect_stdout(shown), contextlib.suppress(SystemExit):
        main(words)
    return shown.getvalue()
