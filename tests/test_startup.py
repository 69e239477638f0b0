"""What is loaded when: importing costs little, and TTP is not there before a text is parsed."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys

import pytest

import aksnet_parse


def loaded_by(code: str, *modules: str) -> set[str]:
    """Which of ``modules`` a fresh process has after ``code``."""
    check = f"{code}\nimport sys\nprint(*(name for name in {modules!r} if name in sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_importing_the_package_loads_nothing_big() -> None:
    assert loaded_by("import aksnet_parse", "pydantic", "ttp", "importlib.metadata", "aksnet_parse.records") == set()


def test_help_loads_no_models() -> None:
    code = "from aksnet_parse.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass"
    assert loaded_by(code, "pydantic", "ttp", "importlib.metadata", "rich") == set()


def test_ttp_is_loaded_by_the_first_text() -> None:
    code = "import aksnet_parse\nparse = aksnet_parse.parse_ip_netns"
    assert loaded_by(code, "pydantic", "ttp") == {"pydantic"}
    assert loaded_by(f"{code}\nassert parse('cni-1 (id: 0)')[0].name == 'cni-1'", "ttp") == {"ttp"}
    assert loaded_by("from aksnet_parse import *", "ttp") == set()


def test_one_command_does_not_load_the_others() -> None:
    code = "from aksnet_parse import parse_brctl_show"
    others = ("aksnet_parse.commands.ip_addr", "aksnet_parse.commands.docker_inspect", "aksnet_parse.analysis")
    assert loaded_by(code, "aksnet_parse.commands.brctl_show", *others) == {"aksnet_parse.commands.brctl_show"}


def test_every_public_name_is_there() -> None:
    for name in aksnet_parse.__all__:
        assert getattr(aksnet_parse, name) is not None
    assert set(aksnet_parse.__all__) <= set(dir(aksnet_parse))
    name = "nonsense"
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        getattr(aksnet_parse, name)


def test_names_that_type_checkers_see_are_those_that_are_there() -> None:
    tree = ast.parse(inspect.getsource(aksnet_parse))
    [block] = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    imported = {
        alias.name: f".{node.module}" for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    parsers = {
        ast.unparse(node.targets[0]): ast.unparse(node.value) for node in block.body if isinstance(node, ast.Assign)
    }
    table = vars(aksnet_parse)
    assert table["_MODULES"] == {name: module for name, module in imported.items() if name in aksnet_parse.__all__}
    assert {name: f"{command}.parse" for name, (_, command) in table["_PARSERS"].items()} == parsers
    assert all(imported[command] == module for module, command in table["_PARSERS"].values())
    assert set(aksnet_parse.__all__) == {*table["_MODULES"], *parsers, "__version__"}
