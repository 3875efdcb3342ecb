"""Random SQL expressions of a type, with the session facts that an event knows."""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

from xtrig.facts import FACTS, Event, Fact, Item, example

Facts = frozenset[Fact]
TEXT, NUMBER, TRUTH, MOMENT = "text", "integer", "boolean", "timestamptz"

_LEAVES = {
    TEXT: ["'x'", "'it''s'", r"'a\b'", r"E'a\'b'", "'100%'", "':name'", "'$$'", "''", "U&'\\00e9'"],
    NUMBER: ["0", "1", "-7", "(2 + 3)", "0x1f"],
    TRUTH: ["true", "false"],
    MOMENT: ["now()", "clock_timestamp()", "current_timestamp", "timestamptz '2030-01-01 00:00:00+00'"],
}
_PATTERNS = {
    TEXT: [
        "{text} || {text}",
        "upper({text})",
        "coalesce({text}, {text})",
        "CASE WHEN {boolean} THEN {text} ELSE {text} END",
        "CAST({integer} AS text)",
        "({timestamptz})::text",
        "format('%s-%s', {text}, {integer})",
        "(SELECT max(v) FROM (VALUES ({text})) AS t (v))",
        "(ARRAY[{text}, {text}])[1]",
    ],
    NUMBER: ["{integer} + {integer}", "length({text})", "coalesce({integer}, 0)", "abs({integer} - {integer})"],
    TRUTH: [
        "{integer} > {integer}",
        "{text} = {text}",
        "({text}) IS NULL",
        "NOT ({boolean})",
        "CASE WHEN {boolean} THEN {boolean} ELSE {boolean} END",
        "({boolean}) AND ({boolean})",
        "({boolean}) OR ({boolean})",
        "{text} LIKE 'a%'",
        "{text} IN ('a', 'b''c')",
        "EXISTS (SELECT FROM pg_catalog.pg_class WHERE relname = {text})",
        "({timestamptz}) < ({timestamptz})",
    ],
    MOMENT: ["coalesce({timestamptz}, now())", "({timestamptz}) + interval '1 day'"],
}


def known(events: frozenset[Event], item: Item | None = None) -> Facts:
    """Return the facts that stand at all of the events, inside an item or outside."""
    return frozenset(
        fact for fact, info in FACTS.items() if events <= info.events and (item is not None or not info.items_only)
    )


@cache
def expressions(kind: str, facts: Facts, depth: int = 2) -> st.SearchStrategy[str]:
    """Return expressions of a type; none of them fails at run time."""
    mine = sorted(f"${{{example(fact)}}}" for fact in facts if FACTS[fact].type == kind)
    leaves = st.sampled_from(_LEAVES[kind])
    if mine:
        leaves = st.one_of(st.sampled_from(mine), leaves)
    if depth == 0:
        return leaves
    return st.one_of(leaves, st.sampled_from(_PATTERNS[kind]).flatmap(lambda pattern: _filled(pattern, facts, depth)))


def _filled(pattern: str, facts: Facts, depth: int) -> st.SearchStrategy[str]:
    pieces = pattern.replace("}", "{").split("{")
    inner = [expressions(kind, facts, depth - 1) for kind in pieces[1::2]]
    return st.tuples(*inner).map(lambda found: _joined(pieces, found))


def _joined(pieces: list[str], found: tuple[str, ...]) -> str:
    filled = list(pieces)
    for number, text in enumerate(found):
        # A placeholder is one operand whatever it becomes; anything longer needs its parentheses.
        filled[2 * number + 1] = text if text.startswith("${") and text.endswith("}") else f"({text})"
    return "".join(filled)


@cache
def messages(facts: Facts) -> st.SearchStrategy[str]:
    """Return texts for `deny` and `log`."""
    pieces = [
        "no",
        " ",
        "100%",
        "%s",
        "it's",
        '"',
        "\\",
        "$${",
        "é",
        "\n",
        "$$",
        *(f"${{{example(f)}}}" for f in sorted(facts)),
    ]
    return st.lists(st.sampled_from(pieces), min_size=1, max_size=5).map("".join)
