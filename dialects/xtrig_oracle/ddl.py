"""Command tags of a definition as Oracle's DDL events and types of objects."""

from __future__ import annotations

from collections.abc import Iterable

from xtrig.errors import is_near
from xtrig.plugin import Event

VERBS = frozenset("alter analyze audit comment create drop grant noaudit rename revoke truncate".split())
"""The DDL events of CREATE TRIGGER that are one word, but for DDL, which is all of them."""
ALONE = frozenset("analyze audit comment grant noaudit rename revoke".split())
"""Those whose tag is the verb, whatever the object."""
# The names that the tags of PostgreSQL and Oracle's ORA_DICT_OBJ_TYPE have in common.
TYPES = frozenset(
    "table|index|view|sequence|function|procedure|package|trigger|type|role|user|tablespace|synonym|database link|"
    "directory|profile|context".split("|")
)

TAGS = sorted(tag.upper() for tag in {*ALONE, *(f"{verb} {kind}" for verb in VERBS - ALONE for kind in TYPES)})
"""All that a tag can be for."""


def is_known(tag: str, event: Event) -> bool:
    """Whether an event of Oracle's can be for a command."""
    verb, _, kind = tag.lower().partition(" ")
    if event is Event.SQL_DROP and verb != "drop":
        return False
    return (verb in ALONE and not kind) or (verb in VERBS - ALONE and kind in TYPES)


def lacks(tag: str, event: Event) -> bool:
    """Whether no event of Oracle's is for a command; one that is misspelt is not meant."""
    return not is_known(tag, event) and (tag in TAGS or not is_near(tag, TAGS))


def verbs(tags: Iterable[str]) -> str:
    """Return the DDL events that some tags need, as CREATE TRIGGER names them."""
    return " OR ".join(dict.fromkeys(tag.partition(" ")[0] for tag in tags)) or "DDL"


def condition(tags: Iterable[str]) -> str:
    """Return what is true for some tags."""
    listed = list(tags)
    whole = ", ".join(f"'{tag}'" for tag in listed if tag.lower() not in ALONE)
    alone = ", ".join(f"'{tag}'" for tag in listed if tag.lower() in ALONE)
    parts = [f"ORA_SYSEVENT || ' ' || ORA_DICT_OBJ_TYPE IN ({whole})"] if whole else []
    return " OR ".join([*parts, *([f"ORA_SYSEVENT IN ({alone})"] if alone else [])])
