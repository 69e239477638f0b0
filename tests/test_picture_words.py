"""What a picture joins to the uplink, and that its words stay in their boxes, as a browser sets them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aksnet_parse import analyze, read
from aksnet_parse.analysis.models import NodeAnalysis
from aksnet_parse.render.picture import draw, picture_svg
from tests.benchmarks.texts import node_session
from tests.browser import chromium

SAMPLES = Path(__file__).parent.parent / "samples"
NAMES = sorted(path.name for path in SAMPLES.glob("*.txt"))
LONG = "payments-production checkout-backend-worker-mmwm-6d4cf56db6-{:05}"


def _node(text: Path | str) -> NodeAnalysis:
    return analyze(read(text)).nodes[0]


def _named(pods: int) -> NodeAnalysis:
    """A node whose pods have long names, of the widest letters."""
    rows = ["NAMESPACE NAME READY STATUS RESTARTS AGE IP NODE NOMINATED READINESS"]
    for number in range(pods):
        address = f"10.244.{(number + 2) >> 8}.{(number + 2) & 255}"
        rows.append(
            f"{LONG.format(number)} 1/1 Running 0 5d3h {address} aks-nodepool1-12345678-vmss000000 <none> <none>"
        )
    listed = "\n".join(rows)
    return _node(
        f"{node_session(pods)}azureuser@aks-nodepool1-12345678-vmss000000:~$ kubectl get pods -A -o wide\n{listed}\n"
    )


def test_only_what_leads_out_joins_the_uplink() -> None:
    rows = draw(_node(SAMPLES / "azure-cni-broken.txt")).rows
    docker = next(row for row in rows if row.label.startswith("bridge docker0"))
    routed = next(row for row in rows if row.label.startswith("10.240.0.7"))
    assert "aks-dot" not in docker.svg
    assert "aks-dot" in routed.svg
    bridge = next(row for row in draw(_node(SAMPLES / "azure-cni-bridge.txt")).rows if "bridge azure0" in row.label)
    assert "aks-dot" in bridge.svg


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with chromium() as browser:
        yield browser.new_page()


# Each text, and the box that its row drew last before it around where it begins.
_OVERFLOWING = """() => {
  const found = [];
  for (const row of document.querySelectorAll("svg > g")) {
    const boxes = [...row.querySelectorAll(".aks-box")].map((box) => box.getBBox());
    const texts = [...row.querySelectorAll("text")].map((text) => [text.textContent, text.getBBox()]);
    for (const [words, one] of texts) {
      const around = boxes.filter((box) => box.x <= one.x && one.x < box.x + box.width &&
        box.y <= one.y + one.height / 2 && one.y + one.height / 2 <= box.y + box.height).pop();
      if (around && one.x + one.width > around.x + around.width) found.push(["beyond its box", words]);
      for (const [others, other] of texts) {
        if (words !== others && one.x < other.x && one.x + one.width > other.x &&
            one.y < other.y + other.height && other.y < one.y + one.height) found.push([words, others]);
      }
      for (const box of boxes) {
        if (one.x < box.x && one.x + one.width > box.x && box.y < one.y + one.height / 2 &&
            one.y + one.height / 2 < box.y + box.height) found.push(["into the next box", words]);
      }
    }
  }
  return found;
}"""


@pytest.mark.parametrize("pods", [5, 60])
def test_words_stay_in_their_boxes_and_apart(page: Any, pods: int) -> None:
    page.set_content(picture_svg(_named(pods)))
    assert page.locator(".aks-pod-row").count() == pods
    assert page.evaluate(_OVERFLOWING) == []


@pytest.mark.parametrize("name", NAMES)
def test_so_they_do_on_each_sample(page: Any, name: str) -> None:
    page.set_content(picture_svg(_node(SAMPLES / name)))
    assert page.evaluate(_OVERFLOWING) == []
