"""A real node under pseudonyms: wired as it was, in every form, and nothing of it left."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aksnet_parse import analyze, read, redact
from tests.bundles import zipped
from tests.kernel.test_bundles import collected
from tests.redacted import KEY
from tests.test_redaction import shape
from tests.topology import Kind, build

pytestmark = pytest.mark.usefixtures("kernel")


@pytest.mark.parametrize("kind", ["azure-transparent", "azure-bridge", "kubenet"])
def test_a_real_node_is_wired_as_before(kind: Kind, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.zip"
    with build(kind, 4, named_netns=True) as real:
        bundle.write_bytes(zipped(collected(real)))
        session = real.transcript()
        identifying = {real.name, *(value for pod in real.pods for value in (pod.netns, pod.veth, pod.address))}
    for reading in (read(bundle), read(session, file="session.txt")):
        before = analyze(reading)
        after = redact(before, KEY)
        assert shape(after) == shape(before)
        shown = after.model_dump_json()
        assert [text for text in identifying if text is not None and re.search(rf"\b{re.escape(text)}\b", shown)] == []
        assert sum(text is not None and text in before.model_dump_json() for text in identifying) >= 1 + 3 * 4 - 4
