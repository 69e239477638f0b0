"""Named namespaces, neighbours and forwarding entries of real bridges, against the tools' own JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Final

import pytest

from aksnet_parse import COMMANDS, Command, read

from .equality import SCORES, Json, clean, compare, read_back, without_sources
from .scenes import Place, configure, fresh_places

pytestmark = pytest.mark.usefixtures("kernel")

NAMES: Final = ("cni-6f1d9a3e-0001-4c3a-9d5e-1f2e3d4c5b6a", "blue")
# What the tools count while one looks.
MOVING: Final = ("used", "confirmed", "updated", "probes", "refcnt")
FLAGS: Final = frozenset({"router", "proxy", "managed", "extern_learn", "extern_valid", "offload"})

# Command, as called, its JSON, and what the call does not print of that.
CELLS: Final = (
    ("ip netns", "ip netns", "ip -j netns", ()),
    ("ip netns", "ip -d netns", "ip -j netns", ()),
    ("ip netns", "ip netns list-id", "ip -j netns list-id", ()),
    ("ip netns", "ip -j -p netns", "ip -j netns", ()),
    ("ip neigh", "ip neigh", "ip -j neigh", ()),
    ("ip neigh", "ip -s neigh", "ip -j -s neigh", MOVING),
    ("ip neigh", "ip -4 neigh", "ip -j -4 neigh", ()),
    ("ip neigh", "ip -o -6 neigh show nud all", "ip -j -6 neigh show nud all", ()),
    ("ip neigh", "ip neigh show nud all", "ip -j -p neigh show nud all", ()),
    ("ip neigh", "ip neigh show proxy", "ip -j neigh show proxy", ()),
    ("ip neigh", "ip neigh show dev cbr0", "ip -j neigh show dev cbr0", ("dev",)),
    ("ip neigh", "busybox ip -4 neigh", "ip -j -4 neigh", (*MOVING, "extern_learn", "protocol")),
    ("bridge fdb", "bridge fdb", "bridge -j fdb", ()),
    ("bridge fdb", "bridge -s fdb", "bridge -j -s fdb", MOVING),
    ("bridge fdb", "bridge -d fdb show br cbr0", "bridge -j -p -d fdb show br cbr0", ()),
    ("bridge fdb", "bridge fdb show dev veth0", "bridge -j fdb show dev veth0", ("ifname",)),
)


@pytest.fixture(scope="module")
def place(kernel: None) -> Iterator[Place]:
    with ExitStack() as stack:
        here, *pods = stack.enter_context(fresh_places(named=NAMES))
        configure(here, "link add cbr0 type bridge", "addr add 10.244.0.1/24 dev cbr0", "link set cbr0 up")
        for number, pod in enumerate(pods):
            configure(
                here,
                f"link add veth{number} type veth peer name eth0 netns {pod.network}",
                f"link set veth{number} master cbr0 up",
            )
            configure(pod, f"addr add 10.244.0.{number + 2}/24 dev eth0", "link set eth0 up")
        configure(
            here,
            "link add vx0 type vxlan id 42 dstport 4789",
            "link set vx0 up",
            "neigh add 10.244.0.20 lladdr 02:00:00:00:00:07 nud permanent dev cbr0",
            "neigh add 10.244.0.21 lladdr 02:00:00:00:00:08 nud stale dev cbr0 router protocol static",
            "neigh add 10.244.0.22 lladdr 02:00:00:00:00:09 nud permanent dev cbr0 extern_learn",
            "neigh add fe80::7 lladdr 02:00:00:00:00:07 nud noarp dev cbr0",
            "neigh add proxy 10.244.0.30 dev cbr0",
        )
        for words in (
            "02:11:00:00:00:07 dev veth0 master static",
            "02:11:00:00:00:08 dev veth1 master dynamic extern_learn",
            "00:00:00:00:00:00 dev vx0 dst 10.244.0.3 port 4790 vni 7 via cbr0",
            "02:11:00:00:00:0a dev vx0 dst 10.244.0.9 self permanent",
        ):
            here.run("bridge", "fdb", "append" if words.startswith("00:") else "add", *words.split())
        yield here


def expected(text: str) -> list[Json]:
    """The tool's JSON in the words of the records: a key without a value says yes, and `list-id` says id as well."""
    rows = []
    for entry in json.loads(text or "[]"):
        row: dict[str, Any] = {key: True if key in FLAGS and value is None else value for key, value in entry.items()}
        if "nsid" in row:
            row["id"] = row.pop("nsid")
        if row.get("state") == "":
            del row["state"]
        rows.append(clean(without_sources(row)))
    return rows


@pytest.mark.parametrize(("name", "call", "truth", "omitted"), CELLS, ids=[cell[1] for cell in CELLS])
def test_every_field(place: Place, name: str, call: str, truth: str, omitted: tuple[str, ...]) -> None:
    command: Command[Any] = next(command for command in COMMANDS if command.name == name)
    deadline = time.monotonic() + 120
    while True:
        before, text, after = (place.run(*words.split()) for words in (truth, call, truth))
        one, other = expected(before), expected(after)
        if not compare(one, other, MOVING).differences or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    result = command.parse(text)
    comparison = compare(one, read_back(result), omitted)
    score = SCORES[name, call]
    score.scenes, score.checked, score.equal = 1, comparison.checked, comparison.equal
    assert result.unparsed == ()
    assert comparison.checked > 1
    assert comparison.differences == []
    assert compare(one, read_back(command.parse(before)), omitted).differences == []


def test_on_a_node(place: Place) -> None:
    calls = ("ip netns", "ip neigh", "bridge fdb show dev veth0")
    text = "".join(f"root@aks-1:/# {call}\n{place.run(*call.split())}" for call in calls)
    [node] = read(text).nodes
    assert {row.name for row in node.named_namespaces or ()} == set(NAMES)
    assert {row.id for row in node.named_namespaces or ()} == {0, 1}
    assert {str(row.dst) for row in node.neighbours or ()} >= {"10.244.0.20", "10.244.0.21", "10.244.0.22"}
    assert {row.ifname for row in node.forwarding or ()} == {"veth0"}
