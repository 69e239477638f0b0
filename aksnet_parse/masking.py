"""Lines of JSON and YAML as they can be shown: with the values that may be secrets masked, and all else as it is."""

from __future__ import annotations

import re

__all__ = ["masked", "masked_keys"]

_LONGEST = 200
_STRING = re.compile(
    r"(?P<string>\"(?:[^\"\\]|\\.)*+(?:\"|\\?$)|[“„‟][^“”„‟]*+[”‟]?)(?P<key>\s*:)?"
    r"|(?P<harmless>(?:-?[0-9][0-9.eE+-]*+|true|false|null)(?![^\s,\]}]))|(?P<other>[^\s\"“”„‟{}\[\],:]+)"
)
_QUOTED = re.compile(r"[\"“”„‟]")
# The keys whose values say how a network is wired: those of Azure CNI and azure-cns, docker, crictl, kubectl, CNI
# configurations and az aks. What a user writes himself (labels, annotations, environment, arguments) is none of them.
_SHOWN_KEYS = frozenset(
    re.findall(
        r"\w+",
        """
        Id ID Name Mode IfName HostIfName HostVethName MacAddress IP Mask Gateway VlanID NetworkNameSpace
        NetNs ContainerID PODName PODNameSpace PodName PodNamespace InterfaceName BridgeName Version TimeStamp
        Addr InUse Prefix Family Subnets Dst Gw DevName Pid SandboxKey SandboxID NetworkMode IPAddress
        IPPrefixLen Status State Created id pid ip state network attempt createdAt podSandboxId sandboxID type
        path apiVersion kind hostIP podIP nodeName phase hostNetwork podCIDR address uid cniVersion mode ipam
        bridge subnet master mtu executionMode ipsToRouteViaHost networkPlugin networkPluginMode networkPolicy
        networkDataplane podCidr serviceCidr outboundType dnsServiceIp dnsServiceIP dockerBridgeCidr
        loadBalancerSku advancedNetworking location
        """,
    )
)
# No value of those keys has a blank or another character than these.
_PLAIN = re.compile(r"[\w.:/+=,-]{0,128}", re.ASCII)
_YAML_MEMBER = re.compile(r"(?P<start>\s*(?:- )*)(?P<key>[A-Za-z_][\w./-]*):(?:[ ](?P<value>.*))?")


def masked(line: str) -> str:
    """``line`` with three stars for each value that may be a secret; at most 200 characters of it."""
    if _QUOTED.search(line) is None:
        return _masked_yaml(line)[:_LONGEST]
    key = ""

    def shown(match: re.Match[str]) -> str:
        nonlocal key
        text = match.group()
        if match["key"]:
            key = match["string"].strip('"“”„‟')
            return text
        if match["harmless"]:
            return text
        if match["other"]:
            return "***"
        value = match["string"]
        whole = value.endswith(('"', "”", "‟")) and len(value) > 1
        return text if whole and key in _SHOWN_KEYS and _PLAIN.fullmatch(value.strip('"“”„‟')) else '"***"'

    return _STRING.sub(shown, line)[:_LONGEST]


def _masked_yaml(line: str) -> str:
    member = _YAML_MEMBER.fullmatch(line)
    if member is None:
        return line if re.fullmatch(r"[\s{}\[\],.-]*", line) else f"{line[: len(line) - len(line.lstrip())]}***"
    value = member["value"]
    if not value or (member["key"] in _SHOWN_KEYS and _PLAIN.fullmatch(value)) or _HARMLESS.fullmatch(value):
        return line
    return f"{member['start']}{member['key']}: ***"


_KEY_LINE = re.compile(r"\s*(?:[{\[]\s*)?[\"“”](?P<key>[A-Za-z]{2,40})[\"“”]\s*:\s*(?P<value>.*)")
_SAFE_VALUE = re.compile(
    r"[\"“”]?(?:-?[0-9]{1,12}|true|false|null|[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2})?|[0-9a-f]{12,64}"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})[\"“”]?,?|[{\[]"
)


def masked_keys(line: str, withheld: str) -> str:
    """No more of ``line`` than a key that is known, with a value that is a number or an address; else ``withheld``.

    For output that is full of what users write: environment, arguments, mounts.
    """
    match = _KEY_LINE.fullmatch(line)
    if match is None or match["key"] not in _SHOWN_KEYS:
        return line if re.fullmatch(r"[\s{}\[\],]*", line) else withheld
    value = match["value"].rstrip()
    return f'"{match["key"]}": {value if _SAFE_VALUE.fullmatch(value) else "***"}'


_HARMLESS = re.compile(r"-?[0-9.]{1,20}|true|false|null|\"\"|\[\]|\{\}")
