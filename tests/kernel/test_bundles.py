"""Bundles of real nodes, as people have them: whatever the shape, the answer is that of the pasted terminal session."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aksnet_parse import Limits, analyze, read
from aksnet_parse.analysis.models import NodeAnalysis
from tests.bundles import tarred, zipped
from tests.topology import Kind, Node, build

pytestmark = pytest.mark.usefixtures("kernel")

PODS = 6
Files = dict[str, str]
COLLECTED = {
    "ip_4_addr.json": "ip -4 -d -j addr show",
    "ip_6_addr.json": "ip -6 -d -j addr show",
    "ip_link.json": "ip -d -j link show",
    "ip_4_route.json": "ip -4 -d -j route show",
    "ip_6_route.json": "ip -6 -d -j route show",
    "ip_4_neighbor.json": "ip -4 -d -j neighbor show",
    "ip_rule.json": "ip -d -j rule show",
}


# --- what tools and people make of a node -----------------------------------------------------------------------------


def collected(node: Node) -> Files:
    """What the AKS node log collector puts into its zip."""
    files = {f"collect/{name}": node.run(*command.split()) for name, command in COLLECTED.items()}
    files["collect/ip_netns.json"] = node.run("ip", "-d", "-j", "netns", "show") if node.pods[0].netns else ""
    for pod in node.pods:
        if pod.netns is not None:
            for name, command in COLLECTED.items():
                files[f"collect/ip_netns_{pod.netns}/{name}"] = node.run_in(pod, *command.split())
    return files | {
        "etc/hostname": f"{node.name}\n",
        "etc/os-release": 'NAME="Ubuntu"\n',
        "collect/iptables.txt": "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n",
        "var/log/syslog": "Nov 23 10:00:00 node kubelet[1]: $ ip addr\n" * 1000,
        "var/log/azure-vnet.log": "",
    }


def folder_of_texts(node: Node) -> Files:
    files = {
        "ip_addr.txt": node.run("ip", "addr"),
        "brctl-show.txt": node.run("brctl", "show"),
        "route_-n": node.run("route", "-n"),
    }
    for pod in node.pods:
        name = f"ip_netns_exec_{pod.netns}" if pod.netns else f"nsenter_{pod.pid}"
        files[f"pods/{name}_ip_addr.log"] = node.run_in(pod, "ip", "addr")
    return files


def sosreport(node: Node) -> Files:
    top = "sosreport-node-2020-01-01-abcdefg"
    networking = f"{top}/sos_commands/networking"
    files = {
        f"{top}/version.txt": "sosreport: 4.5\n",
        f"{top}/proc/net/route": "Iface Destination\n",
        f"{top}/sos_commands/host/hostname": f"{node.name}\n",
        f"{top}/sos_commands/kernel/uname_-a": "Linux\n",
        f"{networking}/ip_-d_address": node.run("ip", "-d", "address"),
        f"{networking}/ip_-o_addr": node.run("ip", "-o", "addr"),
        f"{networking}/ip_-s_-d_link": node.run("ip", "-s", "-d", "link"),
        f"{networking}/ip_route_show_table_all": node.run("ip", "route", "show", "table", "all"),
        f"{networking}/route_-n": node.run("route", "-n"),
        f"{networking}/brctl_show": node.run("brctl", "show"),
    }
    for pod in node.pods:
        inside = f"{networking}/namespaces/{pod.netns}/ip_netns_exec_{pod.netns}"
        files[f"{inside}_ip_-d_address_show"] = node.run_in(pod, "ip", "-d", "address", "show")
        files[f"{inside}_ip_route_show_table_all"] = node.run_in(pod, "ip", "route", "show", "table", "all")
    return files


# --- comparing --------------------------------------------------------------------------------------------------------


def answer(path: Path, **limits: Any) -> list[NodeAnalysis]:
    analysis = analyze(read(path, limits=Limits(**limits)))
    assert analysis.skipped == ()
    for node in analysis.nodes:
        assert node.unparsed == ()
    return list(analysis.nodes)


def wiring(node: NodeAnalysis, *, names: bool = True) -> Any:
    mode = node.mode.model_dump(exclude={"evidence"})
    pods = sorted((pod.model_dump() for pod in node.pods), key=lambda pod: str(pod["addresses"]))
    codes = sorted((finding.code, sorted(finding.subjects)) for finding in node.findings)
    return node.name if names else None, mode, node.uplink, pods, codes


def assert_proven(node: NodeAnalysis, real: Node) -> None:
    assert sorted((pod.netns, pod.addresses, pod.veth.name) for pod in node.pods if pod.veth is not None) == sorted(
        (pod.netns, (pod.address,), pod.veth) for pod in real.pods
    )
    assert {pod.status for pod in node.pods} == {"proven"}
    assert node.findings == ()


# --- the tests --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "datapath"), [("azure-transparent", "transparent"), ("kubenet", "bridge")])
def test_the_zip_of_the_log_collector(kind: Kind, datapath: str, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.zip"
    with build(kind, PODS, named_netns=True) as real:
        bundle.write_bytes(zipped(collected(real)))
        [node] = answer(bundle)
        assert node.name == real.name
        assert node.mode.datapath == datapath
        assert_proven(node, real)
    cited = [line for evidence in node.mode.evidence for line in evidence.lines]
    with zipfile.ZipFile(bundle) as archive:
        for line in cited:
            name, _, inside = str(line.file).partition("!")
            assert name == str(bundle)
            assert line.text in archive.read(inside).decode().split("\n")[line.line - 1]
            assert len(line.text) < 2000


@pytest.mark.parametrize("kind", ["azure-transparent", "kubenet"])
def test_every_shape_gives_the_same_answer(kind: Kind, tmp_path: Path) -> None:
    with build(kind, PODS, named_netns=True) as real:
        transcript, texts, sos = real.transcript(), folder_of_texts(real), sosreport(real)
        zip_of_collector = zipped(collected(real))
    expected = answer_of_text(transcript)
    for name, text in texts.items():
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shapes: dict[str, bytes] = {
        "transcript.txt.gz": tarred({"session.txt": transcript}),
        "texts.tar.gz": tarred(texts),
        "texts.tar.xz": tarred(texts, "w:xz"),
        "texts.bin": tarred(texts, "w:bz2"),
        "texts.zip": zipped(texts),
        "nested.tar": tarred({"inner.zip": zipped(texts)}, "w"),
        "deeper.zip": zipped({"a/b.tar.gz": tarred({"inner.zip": zipped(texts)})}),
        "sos.tar.xz": tarred(sos, "w:xz"),
        "collector.tar": tarred({"collector.zip": zip_of_collector}, "w"),
    }
    [node] = answer(tmp_path / "folder")
    assert wiring(node, names=False) == wiring(expected, names=False)
    for name, data in shapes.items():
        (tmp_path / name).write_bytes(data)
        [node] = answer(tmp_path / name)
        found = wiring(node, names=False)
        wanted = wiring(expected, names=False)
        if name.startswith("collector"):
            # `ip -j` leaves the names of the peers' namespaces out.
            for pod in wanted[3]:
                pod["proofs"] = tuple(proof for proof in pod["proofs"] if proof != "netns-id")
            for pod in found[3]:
                pod["proofs"] = tuple(proof for proof in pod["proofs"] if proof != "netns-id")
        assert found == wanted, name


def answer_of_text(text: str) -> NodeAnalysis:
    [node] = analyze(read(text)).nodes
    return node


@pytest.mark.parametrize("shape", [collected, folder_of_texts], ids=lambda shape: shape.__name__)
def test_a_bundle_of_several_nodes(shape: Callable[[Node], Files], tmp_path: Path) -> None:
    kinds: tuple[Kind, ...] = ("azure-transparent", "kubenet", "azure-transparent")
    alone: dict[str, Any] = {}
    nested: dict[str, str | bytes] = {}
    flat: dict[str, str | bytes] = {}
    for number, kind in enumerate(kinds):
        with build(kind, 3, number=number, named_netns=True) as real:
            files = shape(real)
        path = tmp_path / f"one{number}.zip"
        path.write_bytes(zipped(files))
        [node] = answer(path)
        name = real.name if shape is collected else f"node-{number}"
        alone[name] = wiring(node, names=False)
        nested[f"node-{number}.zip"] = zipped(files)
        flat |= {f"case/node-{number}/{inside}": text for inside, text in files.items()}
    for name, data in (("nested.tar.gz", tarred(nested)), ("flat.zip", zipped(flat))):
        (tmp_path / name).write_bytes(data)
        nodes = answer(tmp_path / name)
        assert {str(node.name): wiring(node, names=False) for node in nodes} == alone
        assert len(nodes) == len(kinds)
