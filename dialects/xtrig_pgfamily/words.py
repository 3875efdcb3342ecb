"""Words of PostgreSQL: reserved ones, and the command tags that event triggers know."""

from __future__ import annotations

from functools import lru_cache

from xtrig.plugin import Event, Version, identifier

# pg_get_keywords() of PostgreSQL 18.4, all but the unreserved.
RESERVED = frozenset(
    """
    all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean
    both case cast char character check coalesce collate collation column concurrently constraint create
    cross current_catalog current_date current_role current_schema current_time current_timestamp
    current_user dec decimal default deferrable desc distinct do else end except exists extract false
    fetch float for foreign freeze from full grant greatest group grouping having ilike in initially
    inner inout int integer intersect interval into is isnull join json json_array json_arrayagg
    json_exists json_object json_objectagg json_query json_scalar json_serialize json_table json_value
    lateral leading least left like limit localtime localtimestamp merge_action national natural nchar
    none normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay
    placing position precision primary real references returning right row select session_user setof
    similar smallint some substring symmetric system_user table tablesample then time timestamp to
    trailing treat trim true union unique user using values varchar variadic verbose when where window
    with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot
    xmlserialize xmltable
    """.split()
)

# src/include/tcop/cmdtaglist.h of 17 and 18, the tags with event_trigger_ok. LOGIN is flagged there too,
# but no DDL command carries it, so a filter on it never fires.
_TAGS = frozenset(
    """
    ALTER ACCESS METHOD
    ALTER AGGREGATE
    ALTER CAST
    ALTER COLLATION
    ALTER CONSTRAINT
    ALTER CONVERSION
    ALTER DEFAULT PRIVILEGES
    ALTER DOMAIN
    ALTER EXTENSION
    ALTER FOREIGN DATA WRAPPER
    ALTER FOREIGN TABLE
    ALTER FUNCTION
    ALTER INDEX
    ALTER LANGUAGE
    ALTER LARGE OBJECT
    ALTER MATERIALIZED VIEW
    ALTER OPERATOR
    ALTER OPERATOR CLASS
    ALTER OPERATOR FAMILY
    ALTER POLICY
    ALTER PROCEDURE
    ALTER PUBLICATION
    ALTER ROUTINE
    ALTER RULE
    ALTER SCHEMA
    ALTER SEQUENCE
    ALTER SERVER
    ALTER STATISTICS
    ALTER SUBSCRIPTION
    ALTER TABLE
    ALTER TEXT SEARCH CONFIGURATION
    ALTER TEXT SEARCH DICTIONARY
    ALTER TEXT SEARCH PARSER
    ALTER TEXT SEARCH TEMPLATE
    ALTER TRANSFORM
    ALTER TRIGGER
    ALTER TYPE
    ALTER USER MAPPING
    ALTER VIEW
    COMMENT
    CREATE ACCESS METHOD
    CREATE AGGREGATE
    CREATE CAST
    CREATE COLLATION
    CREATE CONSTRAINT
    CREATE CONVERSION
    CREATE DOMAIN
    CREATE EXTENSION
    CREATE FOREIGN DATA WRAPPER
    CREATE FOREIGN TABLE
    CREATE FUNCTION
    CREATE INDEX
    CREATE LANGUAGE
    CREATE MATERIALIZED VIEW
    CREATE OPERATOR
    CREATE OPERATOR CLASS
    CREATE OPERATOR FAMILY
    CREATE POLICY
    CREATE PROCEDURE
    CREATE PUBLICATION
    CREATE ROUTINE
    CREATE RULE
    CREATE SCHEMA
    CREATE SEQUENCE
    CREATE SERVER
    CREATE STATISTICS
    CREATE SUBSCRIPTION
    CREATE TABLE
    CREATE TABLE AS
    CREATE TEXT SEARCH CONFIGURATION
    CREATE TEXT SEARCH DICTIONARY
    CREATE TEXT SEARCH PARSER
    CREATE TEXT SEARCH TEMPLATE
    CREATE TRANSFORM
    CREATE TRIGGER
    CREATE TYPE
    CREATE USER MAPPING
    CREATE VIEW
    DROP ACCESS METHOD
    DROP AGGREGATE
    DROP CAST
    DROP COLLATION
    DROP CONSTRAINT
    DROP CONVERSION
    DROP DOMAIN
    DROP EXTENSION
    DROP FOREIGN DATA WRAPPER
    DROP FOREIGN TABLE
    DROP FUNCTION
    DROP INDEX
    DROP LANGUAGE
    DROP MATERIALIZED VIEW
    DROP OPERATOR
    DROP OPERATOR CLASS
    DROP OPERATOR FAMILY
    DROP OWNED
    DROP POLICY
    DROP PROCEDURE
    DROP PUBLICATION
    DROP ROUTINE
    DROP RULE
    DROP SCHEMA
    DROP SEQUENCE
    DROP SERVER
    DROP STATISTICS
    DROP SUBSCRIPTION
    DROP TABLE
    DROP TEXT SEARCH CONFIGURATION
    DROP TEXT SEARCH DICTIONARY
    DROP TEXT SEARCH PARSER
    DROP TEXT SEARCH TEMPLATE
    DROP TRANSFORM
    DROP TRIGGER
    DROP TYPE
    DROP USER MAPPING
    DROP VIEW
    GRANT
    IMPORT FOREIGN SCHEMA
    REFRESH MATERIALIZED VIEW
    REINDEX
    REVOKE
    SECURITY LABEL
    SELECT INTO
    """.strip().split("\n    ")
)
_TAGS_19 = frozenset(("ALTER PROPERTY GRAPH", "CREATE PROPERTY GRAPH", "DROP PROPERTY GRAPH"))
_REWRITE_TAGS = frozenset(("ALTER MATERIALIZED VIEW", "ALTER TABLE", "ALTER TYPE"))

SILENT_TAGS = frozenset(
    """
    ALTER DATABASE|ALTER EVENT TRIGGER|ALTER ROLE|ALTER SYSTEM|ALTER TABLESPACE|ANALYZE|CLUSTER|COPY
    |CREATE DATABASE|CREATE EVENT TRIGGER|CREATE ROLE|CREATE TABLESPACE|DROP DATABASE|DROP EVENT TRIGGER
    |DROP ROLE|DROP TABLESPACE|GRANT ROLE|LOGIN|REASSIGN OWNED|REVOKE ROLE|TRUNCATE TABLE|VACUUM
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
"""Tags of commands that no event trigger ever sees."""


def name(word: str) -> str:
    """Return an identifier as SQL."""
    return _quoted(word)


def qualified(schema: str, word: str) -> str:
    """Return a schema-qualified identifier as SQL."""
    return f"{_quoted(schema)}.{_quoted(word)}"


def tags(event: Event, version: Version) -> frozenset[str]:
    """Return the command tags for which ``event`` can fire.

    Source: the firing matrix of the PostgreSQL 17 manual, and cmdtaglist.h for the tags new in 19.
    """
    known = _TAGS | _TAGS_19 if version >= (19,) else _TAGS
    if event is Event.TABLE_REWRITE:
        return _REWRITE_TAGS
    if event is Event.SQL_DROP:
        return frozenset(tag for tag in known if tag.startswith("DROP ")) | {
            "ALTER TABLE",
            "ALTER FOREIGN TABLE",
        }
    return known


@lru_cache(maxsize=4096)
def _quoted(word: str) -> str:
    return identifier(word, RESERVED)
