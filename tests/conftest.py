"""How the property tests search: anew each time, but always the same examples where `CI` is set, so that a gate that
passed passes again."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("gate", derandomize=True, deadline=None, print_blob=True)
if os.environ.get("CI"):
    settings.load_profile("gate")
