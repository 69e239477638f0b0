"""The picture of a node: every pod is in it, what is wrong is marked where it is, whatever the names are."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from aksnet_parse import analyze, read
from aksnet_parse.analysis.models import EndPoint, NodeAnalysis, PodReference
from aksnet_parse.render.picture import draw, picture_svg
from tests.benchmarks.texts import node_session

SAMPLES = sorted((Path(__file__).parent.parent / "samples").glob("*.txt"))
SVG = "{http://www.w3.org/2000/svg}"


def _node(path: Path) -> NodeAnalysis:
    return analyze(read(path)).nodes[0]


def _sample(name: str) -> NodeAnalysis:
    return _node(next(path for path in SAMPLES if path.stem == name))


def _words(svg: str) -> str:
    return " ".join(text for element in ElementTree.fromstring(svg).iter() if (text := (element.text or "").strip()))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_pod_has_a_row_with_what_is_known_of_its_way(path: Path) -> None:
    node = _node(path)
    picture = draw(node)
    rows = {row.pod: row for row in picture.rows if row.pod is not None}
    assert sorted(rows) == list(range(len(node.pods)))
    for number, pod in enumerate(node.pods):
        words = _words(f"<g>{rows[number].svg}</g>")
        assert pod.veth is not None
        assert pod.veth.name in words
        assert pod.addresses[0].partition("/")[0] in rows[number].label
        assert (pod.interface is None) == ("not captured" in words)
        assert f"aks-{pod.status}" in rows[number].classes
    assert node.uplink is not None
    assert node.uplink.gateway is not None
    assert node.uplink.gateway in _words(picture_svg(node))


def test_the_same_answer_gives_the_same_picture() -> None:
    assert picture_svg(_sample("azure-cni-broken")) == picture_svg(_sample("azure-cni-broken"))


def test_what_is_wrong_is_marked_where_it_is_and_comes_first() -> None:
    rows = draw(_sample("azure-cni-broken")).rows
    pods = [row for row in rows if row.pod is not None]
    assert [row.pod for row in pods] == [1, 0, 2, 3]
    assert "no route to 10.240.0.6" in pods[0].svg
    assert "aks-has-bad" in pods[0].classes
    assert pods[0].svg.count("aks-mark") == 1
    assert "pod-route-missing" in pods[0].label
    assert all("aks-bad" not in row.svg for row in pods[1:])
    [other] = [row for row in rows if row.classes == "aks-other"]
    assert "168.63.129.16/32" in other.svg
    assert "docker0" in other.svg
    assert "azure-address-astray" in other.label


def test_a_node_that_is_well_has_no_mark() -> None:
    assert "aks-bad" not in "".join(row.svg for row in draw(_sample("kubenet-bridge")).rows)


def test_bands_are_the_picture_in_pieces() -> None:
    picture = draw(analyze(read(node_session(60))).nodes[0])
    bands = [ElementTree.fromstring(band) for band in picture.bands(24)]
    assert [len(band.findall(f"{SVG}g")) for band in bands] == [24, 24, 14]
    assert sum(float(band.attrib["height"]) for band in bands) == sum(row.height for row in picture.rows)


def test_no_name_is_markup_or_wider_than_its_box() -> None:
    node = _sample("docker-kubenet")
    name = PodReference(namespace="<b>", name="\u202e" + "\u6f22\u5b57</svg><script>" * 9 + '"&', uid=None)
    pod = node.pods[0].model_copy(update={"pod": name, "veth": EndPoint(name="<script>x=1<b>'", ifindex=99999999)})
    svg = picture_svg(node.model_copy(update={"pods": (pod, *node.pods[1:]), "name": "]]><!--"}))
    assert not {element.tag for element in ElementTree.fromstring(svg).iter()} - {
        f"{SVG}{tag}" for tag in ("svg", "style", "g", "title", "rect", "path", "circle", "text")
    }
    assert "\u202e" not in svg
    texts = [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    assert any("…" in text and text.startswith("<b>/") for text in texts)
    assert max(map(len, texts)) < 60


def test_a_node_of_which_nothing_is_known_is_drawn() -> None:
    node = _sample("kubenet-bridge")
    nothing = node.model_copy(update={"name": None, "uplink": None, "pods": (), "findings": (), "captures": ()})
    assert "uplink unknown" in _words(picture_svg(nothing))
