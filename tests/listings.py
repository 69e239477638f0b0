"""Containers, sandboxes and nodes of a cluster, and how docker, crictl and kubectl list them.

What Docker prints was compared with a real daemon. There was no crictl and no cluster: what they print is written here
after the published descriptions of their output, not captured.
"""

from __future__ import annotations

import json
import string
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from aksnet_parse import Container, KubernetesNode

DNS = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=12).map(lambda name: f"x{name}-1")
IDS = st.binary(min_size=32, max_size=32).map(bytes.hex)
AGO = st.sampled_from(
    ("Less than a second ago", "About a minute ago", "About an hour ago", "2 weeks ago", "1 second ago")
)
DOCKER_STATES = {
    "running": ("Up 4 seconds", "Up About an hour (healthy)", "Up 2 days (health: starting)", "Up Less than a second"),
    "paused": ("Up 5 seconds (Paused)",),
    "exited": ("Exited (0) 4 seconds ago", "Exited (137) About an hour ago"),
    "created": ("Created",),
    "restarting": ("Restarting (1) Less than a second ago",),
    "removing": ("Removal In Progress",),
    "dead": ("Dead",),
}
CRICTL_STATES = ("running", "exited", "created", "unknown")


def table(heading: Sequence[str], rows: Sequence[Sequence[str]], gap: int = 3) -> str:
    """Columns as wide as their widest word, as Go's tabwriter sets them."""
    lines = [list(heading), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) + gap for column in range(len(heading))]
    text = ["".join(word.ljust(width) for word, width in zip(line, widths, strict=True)) for line in lines]
    return "\n".join(line.rstrip() for line in text) + "\n"


# --- docker ps --------------------------------------------------------------------------------------------------------


@st.composite
def docker_containers(draw: st.DrawFn) -> Container:
    identity, state = draw(IDS), draw(st.sampled_from(sorted(DOCKER_STATES)))
    if draw(st.booleans()):
        return Container(id=identity, name=draw(DNS), state=state)
    kind, name = draw(st.sampled_from(("POD", "web"))), draw(DNS)
    namespace, uid, attempt = draw(DNS), str(draw(st.uuids())), draw(st.integers(0, 12))
    return Container(
        id=identity,
        name=f"k8s_{kind}_{name}_{namespace}_{uid}_{attempt}",
        state=state,
        pod_name=name,
        pod_namespace=namespace,
        pod_uid=uid,
        container_name=None if kind == "POD" else kind,
        container_type="podsandbox" if kind == "POD" else "container",
        attempt=attempt,
    )


COMMANDS = st.sampled_from(
    ('"/pause"', "\"sh -c 'exit 0'\"", '"sleep \\"a b\\" \\\\ #"', '"sh -c \'sleep 1;exit…"', '""')
)
PORTS = st.sampled_from(
    (
        "",
        "",
        "80/tcp",
        "9000-9002/tcp, 0.0.0.0:8080->80/tcp, [::]:8443->443/udp, :::53->53/sctp",
        "0.0.0.0:1-3->1-3/tcp",
    )
)
DOCKER_HEADING = ("CONTAINER ID", "IMAGE", "COMMAND", "CREATED", "STATUS", "PORTS", "NAMES")


@st.composite
def docker_ps_table(draw: st.DrawFn, rows: Sequence[Container]) -> str:
    return table(
        DOCKER_HEADING,
        [
            (
                str(row.id),
                draw(
                    st.sampled_from(
                        ("busybox:1", "mcr.microsoft.com/oss/pause@sha256:00ff", "0b7c7a46ade1", "<no image>")
                    )
                ),
                draw(COMMANDS),
                draw(AGO),
                draw(st.sampled_from(DOCKER_STATES[str(row.state)])),
                draw(PORTS),
                str(row.name),
            )
            for row in rows
        ],
    )


# --- crictl -----------------------------------------------------------------------------------------------------------


@st.composite
def sandboxes(draw: st.DrawFn) -> Container:
    return Container(
        id=draw(IDS),
        container_type="podsandbox",
        state=draw(st.sampled_from(("ready", "notready"))),
        pod_name=draw(DNS),
        pod_namespace=draw(DNS),
        pod_uid=str(draw(st.uuids())),
        attempt=draw(st.integers(0, 12)),
    )


@st.composite
def crictl_containers(draw: st.DrawFn) -> Container:
    return Container(
        id=draw(IDS),
        container_type="container",
        state=draw(st.sampled_from(CRICTL_STATES)),
        container_name=draw(DNS),
        pod_name=draw(DNS),
        pod_namespace=draw(DNS),
        pod_uid=str(draw(st.uuids())),
        sandbox_id=draw(IDS),
        attempt=draw(st.integers(0, 12)),
    )


def _title(state: str | None) -> str:
    return "NotReady" if state == "notready" else str(state).capitalize()


PODS_HEADING = ("POD ID", "CREATED", "STATE", "NAME", "NAMESPACE", "ATTEMPT", "RUNTIME")
PS_HEADING = ("CONTAINER", "IMAGE", "CREATED", "STATE", "NAME", "ATTEMPT", "POD ID", "POD", "NAMESPACE")


@st.composite
def crictl_pods_table(draw: st.DrawFn, rows: Sequence[Container], columns: int = 7, gap: int = 3) -> str:
    lines = [
        (
            str(row.id),
            draw(AGO),
            _title(row.state),
            str(row.pod_name),
            str(row.pod_namespace),
            str(row.attempt),
            draw(st.sampled_from(("(default)", "runc"))),
        )
        for row in rows
    ]
    return table(PODS_HEADING[:columns], [line[:columns] for line in lines], gap)


@st.composite
def crictl_ps_table(draw: st.DrawFn, rows: Sequence[Container], columns: int = 9, gap: int = 3) -> str:
    lines = [
        (
            str(row.id),
            draw(st.sampled_from(("0af0d5a7d7a2e", "sha256:00ff", "docker.io/library/busybox:1"))),
            draw(AGO),
            _title(row.state),
            str(row.container_name),
            str(row.attempt),
            str(row.sandbox_id),
            str(row.pod_name),
            str(row.pod_namespace),
        )
        for row in rows
    ]
    return table(PS_HEADING[:columns], [line[:columns] for line in lines], gap)


SECRET = "hunter2"


def labels(row: Container) -> dict[str, str]:
    names = {"pod.name": row.pod_name, "pod.namespace": row.pod_namespace, "pod.uid": row.pod_uid}
    names |= {"container.name": row.container_name} if row.container_name else {}
    return {f"io.kubernetes.{name}": str(value) for name, value in names.items()}


def remarks(row: Container) -> dict[str, str]:
    manifest = {"env": [{"name": "PASSWORD", "value": SECRET}], "id": "0" * 64}
    return {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(manifest), "note": '{"pid": 666},{'}


def pods_document(rows: Sequence[Container]) -> dict[str, Any]:
    return {
        "items": [
            {
                "id": row.id,
                "metadata": {
                    "name": row.pod_name,
                    "uid": row.pod_uid,
                    "namespace": row.pod_namespace,
                    "attempt": row.attempt,
                },
                "state": f"SANDBOX_{str(row.state).upper()}",
                "createdAt": "1700000000000000000",
                "labels": labels(row),
                "annotations": remarks(row),
                "runtimeHandler": "",
            }
            for row in rows
        ]
    }


def ps_document(rows: Sequence[Container]) -> dict[str, Any]:
    return {
        "containers": [
            {
                "id": row.id,
                "podSandboxId": row.sandbox_id,
                "metadata": {"name": row.container_name, "attempt": row.attempt},
                "image": {"image": "sha256:00ff", "annotations": {}},
                "imageRef": "sha256:00ff",
                "state": f"CONTAINER_{str(row.state).upper()}",
                "createdAt": "1700000000000000000",
                "labels": labels(row),
                "annotations": remarks(row),
            }
            for row in rows
        ]
    }


def runtime_spec(netns: str | None) -> dict[str, Any]:
    namespaces = [{"type": "pid"}, {"type": "ipc", "path": "/proc/7/ns/ipc"}, {"type": "mount"}]
    return {
        "process": {"args": ["--password", SECRET], "env": [f"PASSWORD={SECRET}", '"pid": 666,', "}, {"], "cwd": "/"},
        "mounts": [{"destination": "/etc/hosts", "source": SECRET}],
        "linux": {"namespaces": [*namespaces, {"type": "network", **({"path": netns} if netns else {})}]},
    }


def inspectp_document(row: Container) -> dict[str, Any]:
    """As for a sandbox that has all that is read."""
    [item] = pods_document([row])["items"]
    addresses = [str(address) for address in row.ip_addresses]
    network = {
        "additionalIps": [{"ip": address} for address in addresses[1:]],
        "ip": addresses[0] if addresses else "",
    }
    options = {"ipc": "POD", "network": "NODE" if row.network_mode == "host" else "POD", "pid": "CONTAINER"}
    return {
        "status": {**item, "network": network, "linux": {"namespaces": {"options": options}}},
        "info": {
            "pid": row.pid or 0,
            "processStatus": "running",
            "netNamespaceClosed": False,
            "snapshotKey": row.id,
            "config": {"metadata": item["metadata"], "annotations": remarks(row), "labels": labels(row)},
            "runtimeSpec": runtime_spec(row.netns),
        },
    }


def inspect_document(row: Container) -> dict[str, Any]:
    [item] = ps_document([row])["containers"]
    del item["podSandboxId"]
    return {
        "status": {
            **{name: item[name] for name in ("id", "metadata", "state")},
            **item,
            "exitCode": 0,
            "logPath": "/var/log/pods/x",
            "mounts": [{"hostPath": SECRET}],
        },
        "info": {
            "sandboxID": row.sandbox_id,
            "pid": row.pid or 0,
            "removing": False,
            "config": {"metadata": item["metadata"], "envs": [{"key": "PASSWORD", "value": SECRET}]},
            "runtimeSpec": runtime_spec(row.netns),
        },
    }


@st.composite
def inspected_sandboxes(draw: st.DrawFn) -> Container:
    row = draw(sandboxes())
    host = draw(st.booleans())
    addresses = draw(st.lists(st.ip_addresses(), max_size=2, unique=True))
    return row.model_copy(
        update={
            "pid": draw(st.one_of(st.none(), st.integers(1, 4194304))),
            "network_mode": "host" if host else None,
            "netns": None if host else f"/var/run/netns/cni-{draw(st.uuids())}",
            "ip_addresses": tuple(addresses),
        }
    )


@st.composite
def inspected_containers(draw: st.DrawFn) -> Container:
    pids = {
        "pid": draw(st.one_of(st.none(), st.integers(1, 4194304))),
        "netns": f"/proc/{draw(st.integers(1, 9999))}/ns/net",
    }
    return draw(crictl_containers()).model_copy(update=pids)


# --- kubectl get nodes ------------------------------------------------------------------------------------------------

NODES_HEADING = ("NAME", "STATUS", "ROLES", "AGE", "VERSION")
WIDE_HEADING = (*NODES_HEADING, "INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION", "CONTAINER-RUNTIME")


@st.composite
def kubernetes_nodes(draw: st.DrawFn, *, wide: bool = True) -> KubernetesNode:
    further: dict[str, Any] = {}
    if wide:
        further = {
            "internal_ip": draw(st.ip_addresses()),
            "external_ip": draw(st.one_of(st.none(), st.ip_addresses(v=4))),
            "os_image": draw(
                st.sampled_from(("Ubuntu 22.04.4 LTS", "Ubuntu", "Windows Server 2022 Datacenter", "CBL-Mariner/Linux"))
            ),
            "kernel_version": draw(st.sampled_from(("5.15.0-1064-azure", "10.0.20348.2227"))),
            "container_runtime": draw(st.sampled_from(("containerd://1.7.15-1", "docker://19.3.14"))),
        }
    return KubernetesNode(
        name=f"aks-nodepool1-12345678-vmss{draw(DNS)}",
        status=draw(st.sampled_from(("Ready", "NotReady", "Unknown", "Ready,SchedulingDisabled"))),
        roles=tuple(sorted(draw(st.sets(st.sampled_from(("agent", "control-plane", "master")), max_size=2)))),
        age=draw(st.sampled_from(("5d", "3h12m", "2y34d"))),
        version=draw(st.sampled_from(("v1.29.2", "v1.18.14"))),
        **further,
    )


def render_nodes(rows: Sequence[KubernetesNode], *, wide: bool = True) -> str:
    def word(value: Any) -> str:
        return "<none>" if value in (None, ()) else str(value)

    lines = [
        (
            row.name,
            word(row.status),
            ",".join(row.roles) or "<none>",
            word(row.age),
            word(row.version),
            *((word(getattr(row, name)) for name in _WIDE) if wide else ()),
        )
        for row in rows
    ]
    return table(WIDE_HEADING if wide else NODES_HEADING, lines)


_WIDE = ("internal_ip", "external_ip", "os_image", "kernel_version", "container_runtime")


def nodes_document(rows: Sequence[KubernetesNode]) -> dict[str, Any]:
    """As kubectl prints a list of nodes."""
    return {
        "apiVersion": "v1",
        "items": [node_document(row) for row in rows],
        "kind": "List",
        "metadata": {"resourceVersion": ""},
    }


def node_document(row: KubernetesNode) -> dict[str, Any]:
    state, *more = str(row.status).split(",")
    ready = [{"type": "Ready", "status": "True" if state == "Ready" else "False"}] if state != "Unknown" else []
    addresses = [("InternalIP", row.internal_ip), ("ExternalIP", row.external_ip), ("Hostname", row.name)]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "annotations": {"node.alpha.kubernetes.io/ttl": "0"},
            "creationTimestamp": "2024-05-01T10:00:00Z",
            "labels": {"agentpool": "nodepool1", **{f"node-role.kubernetes.io/{role}": "" for role in row.roles}},
            "name": row.name,
        },
        "spec": {"podCIDR": "10.244.0.0/24", **({"unschedulable": True} if more else {})},
        "status": {
            "addresses": [{"address": str(address), "type": kind} for kind, address in addresses if address],
            "conditions": [{"type": "MemoryPressure", "status": "False"}, *ready],
            "images": [{"names": ["busybox:1", "x"], "sizeBytes": 1}],
            "nodeInfo": {
                "containerRuntimeVersion": row.container_runtime or "",
                "kernelVersion": row.kernel_version or "",
                "kubeletVersion": row.version or "",
                "osImage": row.os_image or "",
            },
        },
    }
