"""Words of PostgreSQL: reserved ones, and the command tags that event triggers know."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from xtrig.errors import is_near
from xtrig.plugin import Event, Version, identifier


def _lines(file: str) -> frozenset[str]:
    # Not by importlib.resources, which takes as long to import as some dialects.
    return frozenset(Path(__file__).with_name(file).read_text("utf-8").splitlines())


RESERVED = _lines("reserved_words.txt")
"""pg_get_keywords() of PostgreSQL 18.4, all but the unreserved."""

# src/include/tcop/cmdtaglist.h of 17 and 18, the tags with event_trigger_ok. LOGIN is flagged there too,
# but no DDL command carries it, so a filter on it never fires.
_TAGS = _lines("command_tags.txt")
_TAGS_19 = frozenset(("ALTER PROPERTY GRAPH", "CREATE PROPERTY GRAPH", "DROP PROPERTY GRAPH"))
_REWRITE_TAGS = frozenset(("ALTER MATERIALIZED VIEW", "ALTER TABLE", "ALTER TYPE"))

SILENT_TAGS = frozenset(
    (
        "ALTER DATABASE|ALTER EVENT TRIGGER|ALTER ROLE|ALTER SYSTEM|ALTER TABLESPACE|ANALYZE|CLUSTER|COPY|"
        "CREATE DATABASE|CREATE EVENT TRIGGER|CREATE ROLE|CREATE TABLESPACE|DROP DATABASE|DROP EVENT TRIGGER|DROP ROLE|"
        "DROP TABLESPACE|GRANT ROLE|LOGIN|REASSIGN OWNED|REVOKE ROLE|TRUNCATE TABLE|VACUUM"
    ).split("|")
)
"""Tags of commands that no event trigger ever sees."""


LISTS_OF_NAMES = frozenset(
    "search_path temp_tablespaces local_preload_libraries session_preload_libraries shared_preload_libraries".split()
)
"""Parameters that are lists of names, each an identifier: those with GUC_LIST_QUOTE in guc_tables.c."""
_LISTED_NAME = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^",\s]+))\s*(?:,|\Z)')


def listed_names(value: str) -> tuple[str, ...]:
    """Return the names of the value of such a parameter, as the catalogs have it."""
    found = _LISTED_NAME.findall(value)
    return tuple(quoted.replace('""', '"') if not plain else plain.lower() for quoted, plain in found)


@lru_cache(maxsize=4096)
def name(word: str) -> str:
    """Return an identifier as SQL."""
    return identifier(word, RESERVED)


def qualified(schema: str, word: str) -> str:
    """Return a schema-qualified identifier as SQL."""
    return f"{name(schema)}.{name(word)}"


def tags(event: Event, version: Version) -> frozenset[str]:
    """Return the command tags for which ``event`` can fire.

    Source: the firing matrix of the PostgreSQL 17 manual, and cmdtaglist.h for the tags new in 19.
    """
    known = _TAGS | _TAGS_19 if version >= (19,) else _TAGS
    if version < (17,):
        known -= {"REINDEX"}  # seen on 16: no event trigger fires for it
    if event is Event.TABLE_REWRITE:
        return _REWRITE_TAGS
    if event is Event.SQL_DROP:
        return frozenset(tag for tag in known if tag.startswith("DROP ")) | {"ALTER TABLE", "ALTER FOREIGN TABLE"}
    return known


def lacks(tag: str, event: Event, version: Version) -> bool:
    """Whether ``event`` never fires for a command; one that is misspelt is not meant."""
    legal = tags(event, version)
    return tag not in legal and (tag in SILENT_TAGS or not is_near(tag, legal))


def listed_tags(version: Version) -> frozenset[str]:
    """Return the command tags for which pg_event_trigger_ddl_commands() may list something at ddl_command_end.

    It lists nothing for what is dropped; DROP OWNED also takes rights away, which it lists. Seen command by command on
    16, 17 and 18: tests/server/test_listed_commands.py.
    """
    known = tags(Event.DDL_COMMAND_END, version)
    return known - {tag for tag in known if tag.startswith("DROP ") and tag != "DROP OWNED"}
