"""`ip rule` for aksnet-parse: which routing table is asked for which packets."""

import re
from functools import cache

from aksnet_parse import Command, Grammar, Record

TEMPLATE = r"""
<vars>
NUMBER  = r"[0-9]{1,10}"
PACKETS = r"(?:not )?from (?:(?! lookup ).)++"
TABLE   = r"[^\s]++"
</vars>

<group name="rules*">
{{ priority | re("NUMBER") | _start_ }}: {{ packets | re("PACKETS") }} lookup {{ table | re("TABLE") }}
</group>
"""


class Rule(Record):
    """One rule. ``packets``: which it is for. ``table``: name or number of the table that is asked."""

    priority: int
    packets: str
    table: str


@cache
def _grammar() -> Grammar:
    return Grammar(TEMPLATE)


def _claims(argv: tuple[str, ...]) -> bool:
    words = [word for word in argv if not word.startswith("-")]
    return words[:2] in (["ip", "rule"], ["ip", "ru"]) and words[2:] in ([], ["show"], ["list"])


IP_RULE = Command(
    name="ip rule",
    grammar=_grammar,
    group="rules",
    model=Rule,
    claims=_claims,
    herald=re.compile(r"0:[ \t]+from all lookup local$"),
)
