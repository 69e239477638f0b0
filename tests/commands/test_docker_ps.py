"""`docker ps` as Docker prints it, set anew and spoiled; which pod a container is of."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aksnet_parse import Container, parse_docker_ps, read
from aksnet_parse.commandline import read_command_line
from aksnet_parse.commands.docker_ps import DOCKER_PS
from aksnet_parse.dressing import undress

from ..listings import docker_containers, docker_ps_table
from ..test_accounting import assert_accounted

CAPTURES = Path(__file__).parent / "captures"
HEADING = "CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES\n"


def said(container: Container) -> dict[str, Any]:
    return container.model_dump(exclude_defaults=True, exclude={"source"})


def real(name: str) -> list[Container]:
    return list(parse_docker_ps((CAPTURES / f"docker_ps-{name}.txt").read_text(), strict=True))


@settings(max_examples=100, deadline=None)
@given(st.lists(docker_containers(), max_size=6), st.data())
def test_what_was_printed_is_read_back(rows: list[Container], data: st.DataObject) -> None:
    text = data.draw(docker_ps_table(rows))
    result = parse_docker_ps(text, strict=True)
    assert list(result) == rows
    assert [line.line for line in result.passed_over] == [1]
    lines = text.split("\n")
    assert list(parse_docker_ps("\n".join(" ".join(line.split()) for line in lines), strict=True)) == rows
    assert list(parse_docker_ps("\n".join("\t".join(line.split("   ")) for line in lines), strict=True)) == rows
    assert list(parse_docker_ps("\n".join("  " + line for line in lines[1:]), strict=True)) == rows


@settings(max_examples=100, deadline=None)
@given(
    st.lists(docker_containers(), min_size=1, max_size=4, unique_by=lambda row: str(row.id)[:12]),
    st.integers(60, 250),
    st.data(),
)
def test_a_table_that_a_terminal_broke(rows: list[Container], width: int, data: st.DataObject) -> None:
    rows = [row.model_copy(update={"id": str(row.id)[:12]}) for row in rows]
    text = data.draw(docker_ps_table(rows))
    broken = [line[start : start + width] for line in text.split("\n") for start in range(0, len(line) or 1, width)]
    result = parse_docker_ps("\n".join(broken))
    assert_accounted(result, undress("\n".join(broken)))
    for found in result:
        [row] = [row for row in rows if row.id == found.id]
        assert found.state == row.state
        assert str(row.name).startswith(str(found.name))
        assert found.pod_name in {None, row.pod_name}


def test_a_broken_row_has_all_its_lines() -> None:
    lines = (CAPTURES / "docker_ps-all.txt").read_text().rstrip().split("\n")
    lines = [" ".join(line.split()) for line in lines]
    broken = [piece for line in lines for piece in (line[:100], line[100:]) if piece]
    [node] = read("$ docker ps -a\n" + "\n".join(broken)).nodes
    assert [(row.name, row.state) for row in node.containers] == [(row.name, row.state) for row in real("all")]
    [parsed] = node.captures
    assert parsed.result.unparsed == ()
    first = node.containers[0].source
    assert first is not None
    assert (first.first_line, first.last_line) == (3, 4)


def test_real_output() -> None:
    seen = [(row.name, row.state) for row in real("all")]
    assert seen == [
        ("k8s_POD_kube-proxy-x_kube-system_11111111-2222-3333-4444-666666666666_0", "running"),
        ("k8s_POD_gone_default_11111111-2222-3333-4444-555555555555_0", "exited"),
        ("health", "running"),
        ("again", "running"),
        ("linked", "running"),
        ("ports", "running"),
        ("made", "created"),
        ("paused", "paused"),
        ("once", "exited"),
        ("k8s_web_coredns-c9xhmpqm8f-2wd7f_kube-system_1ac9c910-9d81-58d2-a817-adfc85e5089f_0", "running"),
        ("k8s_web_nginx-5sw9r9p8c7-rr2t2_default_aca22d94-7fe1-59dc-91cb-5f8c7ee6c59a_0", "running"),
        ("k8s_POD_coredns-c9xhmpqm8f-2wd7f_kube-system_1ac9c910-9d81-58d2-a817-adfc85e5089f_0", "running"),
        ("k8s_POD_nginx-5sw9r9p8c7-rr2t2_default_aca22d94-7fe1-59dc-91cb-5f8c7ee6c59a_0", "running"),
        ("web-1", "running"),
    ]
    assert said(real("all")[11]) == {
        "id": "c34da5b40786",
        "name": seen[11][0],
        "state": "running",
        "pod_name": "coredns-c9xhmpqm8f-2wd7f",
        "pod_namespace": "kube-system",
        "pod_uid": "1ac9c910-9d81-58d2-a817-adfc85e5089f",
        "container_type": "podsandbox",
        "attempt": 0,
    }
    # The same, with ids and commands in full, and a further name for a linked container.
    assert [(row.name, row.state) for row in real("no_trunc")] == seen
    assert [str(row.id)[:12] for row in real("no_trunc")] == [row.id for row in real("all")]
    assert [row.name for row in real("sizes")] == [name for name, state in seen if state in {"running", "paused"}]


def test_names_of_containerd() -> None:
    row = '0b7c7a46ade1   busybox   "sh"   2 days ago   Up 2 days   80/tcp   k8s://kube-system/coredns-x/coredns\n'
    [container] = parse_docker_ps(HEADING + row, strict=True)
    assert (container.pod_namespace, container.pod_name, container.container_name) == (
        "kube-system",
        "coredns-x",
        "coredns",
    )
    [sandbox] = parse_docker_ps(row.replace("-x/coredns", "-x"), strict=True)
    assert (sandbox.container_type, sandbox.container_name) == ("podsandbox", None)


@pytest.mark.parametrize(
    "row",
    [
        '0b7c7a46ade1   busybox   "sh"   2 days ago   Up 2 days',
        '0b7c7a46ade1   busybox   "sh"   2 days ago   Up 2 days   80/tcp',
        '0b7c7a46ade1   busybox   "sh"   2 days ago   Up 2 da',
        '0b7c7a46ade1   busybox   "sh"',
        '0b7c7a46ade   busybox   "sh"   2 days ago   Up 2 days   web',
        '0B7C7A46ADE1   busybox   "sh"   2 days ago   Up 2 days   web',
        "0b7c7a46ade1   busybox   sh -c x   2 days ago   Up 2 days   web",
        "0b7c7a46ade1 web",
        "what is this",
    ],
)
def test_a_row_that_is_not_sure_is_handed_back(row: str) -> None:
    result = parse_docker_ps(f"{HEADING}{row}\n")
    assert list(result) == []
    assert [line.text for line in result.unparsed] == [row]


@pytest.mark.parametrize(
    ("call", "claimed", "partial"),
    [
        ("docker ps", True, False),
        ("sudo docker ps -a --no-trunc", True, False),
        ("docker -H unix:///x container ls", True, False),
        ("docker container list -as", True, False),
        ("nerdctl -n k8s.io ps", True, False),
        ("docker ps -f name=POD", True, True),
        ("docker ps -a --filter=name=x", True, True),
        ("docker ps -l", True, True),
        ("docker ps -n 3", True, True),
        ("docker ps -q", False, False),
        ("docker ps -aq", False, False),
        ("docker ps --format '{{.ID}}'", False, False),
        ("docker ps --quiet", False, False),
        ("docker images", False, False),
        ("docker inspect ps", False, False),
    ],
)
def test_claims(call: str, claimed: bool, partial: bool) -> None:
    command_line = read_command_line(f"$ {call}")
    assert command_line is not None
    [invocation] = command_line.invocations
    assert DOCKER_PS.claims(invocation.argv) is claimed
    assert DOCKER_PS.is_partial(invocation.argv) is partial


@pytest.mark.parametrize("call", ["$ docker ps\n", "", "Here is what runs:\n\n"])
def test_in_a_text_of_other_things(call: str) -> None:
    text = f"{call}{(CAPTURES / 'docker_ps-all.txt').read_text()}\nAs you can see, web-1 is up 5 seconds.\n"
    [node] = read(text).nodes
    assert len(node.containers) == 14
    [parsed] = node.captures
    assert parsed.result.unparsed == ()


@pytest.mark.parametrize(
    "prose",
    [
        "CONTAINER ID and IMAGE are the first columns.",
        "0b7c7a46ade1 is the container, up 2 days ago",
        'The 0b7c7a46ade1 busybox "sh" 2 days ago was Up',
        "CONTAINER ID",
    ],
)
def test_prose_is_no_listing(prose: str) -> None:
    assert read(prose).nodes == ()


@settings(max_examples=200, deadline=None)
@given(st.lists(docker_containers(), min_size=1, max_size=4), st.data(), st.randoms(use_true_random=False))
def test_spoiled_tables_invent_no_container(rows: list[Container], data: st.DataObject, chance: Any) -> None:
    text = data.draw(docker_ps_table(rows))
    for _ in range(chance.randrange(1, 8)):
        place = chance.randrange(len(text))
        text = (
            text[:place]
            + chance.choice(["", " ", "\t", "\n", '"', "ago", "Up", "0", "  "])
            + text[place + chance.randrange(9) :]
        )
    for row in parse_docker_ps(text):
        assert row.id is not None
        assert row.id in text


def test_a_large_listing_takes_linear_time() -> None:
    row = '{:012x}   busybox:1   "sleep 1"   2 days ago   Up 2 days   80/tcp   k8s_web_p{}_default_1129f22f_0\n'
    begun = time.process_time()
    assert len(parse_docker_ps(HEADING + "".join(row.format(number, number) for number in range(100_000)))) == 100_000
    assert time.process_time() - begun < 30
    for long in (" " * 1_000_000, '"' * 1_000_000, "80/tcp, " * 125_000, "a,b/c" * 200_000, '"\\' * 500_000):
        begun = time.process_time()
        parse_docker_ps(f'0b7c7a46ade1 busybox "sh" 2 days ago Up 2 days {long} !')
        parse_docker_ps(f"0b7c7a46ade1 busybox {long} 2 days ago Up 2 days !")
        read(f"0b7c7a46ade1 busybox {long} 2 days ago Up 2 days !")
        assert time.process_time() - begun < 10


@pytest.mark.parametrize(
    "size", ["796 B (virtual 669.2 MB)", "0B (virtual 1.02MB)", "1.2 kB (virtual 5 GB)", "2.3MB (virtual 4.56GB)"]
)
@pytest.mark.parametrize("identity", ["0b7c7a46ade1", "0b7c7a46ade1" + "f" * 52])
@pytest.mark.parametrize("ports", ["", "0.0.0.0:80->80/tcp, :::80->80/tcp   "])
def test_sizes_as_every_version_prints_them(size: str, identity: str, ports: str) -> None:
    text = (
        "CONTAINER ID        IMAGE     COMMAND    CREATED      STATUS      PORTS     NAMES     SIZE\n"
        f'{identity}   nginx:1   "nginx -g x"   2 days ago   Up 2 days   {ports}k8s_web_web-1_demo_1_0,other   {size}\n'
    )
    result = parse_docker_ps(text, strict=True)
    assert [container.id for container in result] == [identity]
