"""`python -m tests.topology KIND --pods N`: build a node and print a terminal session captured on it."""

import argparse
import shlex
import sys
from contextlib import AbstractContextManager

from . import KINDS, Node, build, docker_node, missing
from .process import run


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.topology", description=__doc__)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--pods", type=int, default=5)
    parser.add_argument("--number", type=int, default=0, help="tells nodes apart")
    parser.add_argument("--bridged", type=int, default=0, help="further pods on azure0 (azure-transparent)")
    parser.add_argument("--leftover-azure0", action="store_true")
    parser.add_argument("--no-docker0", action="store_true")
    parser.add_argument("--named-netns", action="store_true")
    parser.add_argument("--docker", action="store_true", help="with a real Docker daemon (kubenet, docker)")
    parser.add_argument("--first", action="append", default=[], metavar="COMMAND", help="run this on the node unseen")
    parser.add_argument("--inside", action="append", metavar="COMMAND", help="run this in each pod, not `ip addr`")
    parser.add_argument("--host", action="append", metavar="COMMAND", help="run this on the node in place of the usual")
    options = parser.parse_args(argv)

    if reasons := missing(docker=options.docker):
        print(f"cannot build a topology here: {', '.join(reasons)}", file=sys.stderr)
        return 2
    with _node(options) as node:
        for command in options.first:
            node.run("sh", "-c", command)
        chosen = {"host": options.host, "inside": options.inside}
        session = node.transcript(**{name: commands for name, commands in chosen.items() if commands})
    print(header(argv), session, sep="\n", end="")
    return 0


def _node(options: argparse.Namespace) -> AbstractContextManager[Node]:
    if options.docker and options.kind == "docker":
        return docker_node(options.number, containers=options.pods, pods=0)
    if options.docker and options.kind == "kubenet":
        return docker_node(options.number, pods=options.pods)
    if options.docker:
        raise SystemExit("--docker goes with kubenet and docker only")
    return build(
        options.kind,
        options.pods,
        number=options.number,
        bridged=options.bridged,
        leftover_azure0=options.leftover_azure0,
        docker0=not options.no_docker0,
        named_netns=options.named_netns,
    )


def header(argv: list[str]) -> str:
    """Where a capture came from, as a comment line."""
    kernel, tool = run(["uname", "-r"]).strip(), run(["ip", "-V"]).strip()
    command = shlex.join(["python", "-m", "tests.topology", *argv])
    return f"# captured from network namespaces by `{command}` (kernel {kernel}; {tool})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
