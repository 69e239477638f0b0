"""A node that stands: its pods as the kernel reports them, and running the real tools on it."""

import json
import shlex
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .process import TopologyError, enter, run

Json = dict[str, Any]
HOST_COMMANDS: Final = ("ip addr", "brctl show", "route -n")
_SETTLING_SECONDS: Final = 120.0


@dataclass(frozen=True)
class Pod:
    """One pod, or one plain container (then without a namespace). Its wiring is read back from `ip -j`."""

    namespace: str
    name: str
    pid: int
    container_id: str | None
    interface: str
    ifindex: int
    address: str
    veth: str
    veth_ifindex: int
    destination: str | None
    bridge: str | None
    netns: str | None = None


@dataclass(frozen=True)
class Seat:
    """Who is to be found in a network namespace: a pod whose wiring has not been read yet."""

    namespace: str
    name: str
    pid: int
    container_id: str | None
    netns: str | None = None


@dataclass
class Node:
    name: str
    pid: int
    pods: tuple[Pod, ...] = ()

    def run(self, *argv: str) -> str:
        """Standard output of a command run in the node's namespaces; anything but exit status 0 raises."""
        return run([*enter(self.pid), *argv])

    def run_in(self, pod: Pod, *argv: str) -> str:
        """The same with the pod's network namespace in place of the node's, as `nsenter -t PID -n` does."""
        return run([*enter(self.pid, pod.pid), *argv])

    def paste(self, command: str) -> str:
        """The command at a prompt and what it prints. `sudo` is for show, we are root."""
        argv = shlex.split(command)
        output = self.run(*argv[argv[0] == "sudo" :])
        if output and not output.endswith("\n"):
            output += "\n"
        return f"azureuser@{self.name}:~$ {command}\n{output}"

    def transcript(
        self,
        host: Iterable[str] = HOST_COMMANDS,
        pods: bool | int = True,
        inside: Iterable[str] = ("ip addr",),
    ) -> str:
        """A terminal session: `host` commands on the node, then `inside` commands in every pod (or the first N)."""
        inside = tuple(inside)
        commands = [*host, *(line for pod in self.chosen(pods) for line in self.entering(pod, inside))]
        return "".join(map(self.paste, commands))

    def chosen(self, pods: bool | int) -> tuple[Pod, ...]:
        if isinstance(pods, bool):
            return self.pods if pods else ()
        return self.pods[:pods]

    def entering(self, pod: Pod, commands: Iterable[str]) -> list[str]:
        """The lines a person types on the node to run commands inside a pod."""
        prefix = f"sudo ip netns exec {pod.netns}" if pod.netns else f"sudo nsenter -t {pod.pid} -n"
        return [f"{prefix} {command}" for command in commands]

    def addresses(self, pid: int | None = None) -> list[Json]:
        """`ip -j addr` on the node or in the network namespace of a process, once no link is still coming up."""
        deadline = time.monotonic() + _SETTLING_SECONDS
        previous = None
        while True:
            links = _ip_json([*enter(self.pid, pid)], "addr")
            unsettled = _unsettled(links)
            if not unsettled and (pid is not None or links == previous):
                return links
            if time.monotonic() > deadline:
                raise TopologyError(
                    f"{self.name}: not settled after {_SETTLING_SECONDS:.0f} s: {unsettled or 'changing'}"
                )
            previous = links
            time.sleep(0.02)

    def read(self, seats: Sequence[Seat]) -> tuple[Pod, ...]:
        """What the kernel says about the wiring of these pods."""
        links = {int(link["ifindex"]): link for link in self.addresses()}
        routes = _ip_json(enter(self.pid), "route")
        return tuple(_read_pod(seat, self.addresses(seat.pid), links, routes) for seat in seats)


def _ip_json(prefix: Sequence[str], what: str) -> list[Json]:
    found = json.loads(run([*prefix, "ip", "-j", what]))
    assert isinstance(found, list)
    return [item for item in found if item]  # iproute2 4.x and 5.x print {} for what they filter


def _unsettled(links: Sequence[Json]) -> str:
    """Names of the links that are up but have no carrier yet, or an address whose uniqueness is still being probed."""
    masters = {link.get("master") for link in links}
    waiting = []
    for link in links:
        wired = "link_index" in link or link["ifname"] in masters or link["ifname"] == "eth0"
        rising = wired and "UP" in link["flags"] and link["operstate"] != "UP"
        if rising or any(address.get("tentative") for address in link["addr_info"]):
            waiting.append(str(link["ifname"]))
    return " ".join(waiting)


def _read_pod(seat: Seat, inside: Sequence[Json], links: dict[int, Json], routes: Sequence[Json]) -> Pod:
    [link] = [link for link in inside if "link_index" in link]
    [address] = [address for address in link["addr_info"] if address["family"] == "inet"]
    veth = links[link["link_index"]]
    if veth["link_index"] != link["ifindex"]:
        raise TopologyError(f"{seat.name}: {veth['ifname']} and {link['ifname']} are not peers")
    destinations = [route["dst"] for route in routes if route.get("dev") == veth["ifname"] and "/" not in route["dst"]]
    return Pod(
        namespace=seat.namespace,
        name=seat.name,
        pid=seat.pid,
        container_id=seat.container_id,
        interface=link["ifname"],
        ifindex=link["ifindex"],
        address=f"{address['local']}/{address['prefixlen']}",
        veth=veth["ifname"],
        veth_ifindex=veth["ifindex"],
        destination=f"{destinations[0]}/32" if destinations else None,
        bridge=veth.get("master"),
        netns=seat.netns,
    )
