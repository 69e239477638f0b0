"""What a test needs of the machine it runs on."""

from __future__ import annotations

import os
import shutil
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from typing import NoReturn

import pytest

__all__ = ["cannot_run", "needs_module", "needs_program"]


def cannot_run(reason: str) -> NoReturn:
    """Skip the test; where AKSNET_REQUIRE_KERNEL=1 says that this machine has all that tests need, let it fail."""
    if os.environ.get("AKSNET_REQUIRE_KERNEL") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def needs_program(*names: str, package: str | None = None) -> str:
    """The path of the first of the programs ``names`` that is there. ``package``: Debian's, if it has another name."""
    path = next(filter(None, map(shutil.which, names)), None)
    return path if path is not None else cannot_run(f"no {names[0]}: apt-get install {package or names[0]}")


def needs_module(name: str, extra: str) -> ModuleSpec:
    """Where the module ``name`` is, of a package that ``extra`` installs."""
    found = find_spec(name)
    return found if found is not None else cannot_run(f"no {name}: pip install 'aksnet-parse[{extra}]'")
