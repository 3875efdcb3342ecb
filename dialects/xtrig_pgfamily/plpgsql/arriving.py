"""Whether a row that a function writes arrives: a trigger or a rule of its table may discard it without an error."""

from __future__ import annotations

from collections.abc import Sequence

from xtrig.plugin import Lines, literal

DECLARED = ("xtrig_before bigint[];", "xtrig_after bigint[];", "xtrig_count bigint;", "xtrig_key text;")
"""The variables of a function that looks."""

DISCARDED, TAKEN = "02000", "23505"
"""The SQLSTATE under which a row that does not arrive is told: no_data; that of a second one: unique_violation."""

# A trigger may write the row into a child table, or update the row that is there; both arrive. What a view's trigger
# or rule writes may be in any table. ROW_COUNT is 1 where a view's trigger says so, whatever it has done.
_WRITTEN = """
WITH RECURSIVE family (id) AS (
    SELECT CAST({table} AS regclass)::oid
    UNION SELECT inhrelid FROM pg_inherits JOIN family ON inhparent = id
)
SELECT ARRAY[
    sum(pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)),
    sum(pg_stat_get_xact_tuples_deleted(oid))
] FROM pg_class
WHERE oid IN (TABLE family) OR 'v' = (SELECT relkind FROM pg_class WHERE oid = CAST({table} AS regclass))
"""
_IS_COUNTED_VIEW = """
current_setting('track_counts')::boolean AND EXISTS (
    SELECT FROM pg_class WHERE oid = CAST({table} AS regclass) AND relkind = 'v'
)
"""
# A transaction's own rows, those of its savepoints too. All rows are read, and only where some were deleted meanwhile.
_IS_KEPT = """
NOT has_table_privilege({table}, 'SELECT')
OR EXISTS (SELECT FROM {plain} WHERE xmin::text::bigint >= mod(txid_current(), 4294967296))
"""
# Bits of tgtype: 1 ROW, 4 INSERT, 64 INSTEAD OF; ev_type 3 is INSERT.
_BY = """
SELECT coalesce(string_agg(what, ' or ' ORDER BY what), 'something') FROM (
    SELECT 'trigger ' || quote_ident(tgname) FROM pg_trigger
    WHERE tgrelid = CAST({table} AS regclass) AND NOT tgisinternal AND tgenabled <> 'D'
        AND tgtype & 4 <> 0
    UNION ALL SELECT 'rule ' || quote_ident(rulename) FROM pg_rewrite
    WHERE ev_class = CAST({table} AS regclass) AND ev_type = '3' AND is_instead
) AS found (what)
"""


# The columns of a key, without those that are only included; of an expression or a condition, all that it needs.
_IS_OF_SAME = """
EXISTS (
    SELECT FROM pg_index WHERE (indisunique OR indisexclusion)
        AND indexrelid = (SELECT oid FROM pg_class WHERE relname = xtrig_key AND relnamespace = (
            SELECT relnamespace FROM pg_class WHERE oid = CAST({table} AS regclass)))
        AND NOT EXISTS (
            SELECT FROM pg_attribute WHERE attrelid = indrelid AND attname <> ALL ({columns}) AND attnum IN (
                SELECT number FROM unnest(indkey::int[]) WITH ORDINALITY AS part (number, place)
                WHERE place <= indnkeyatts
                UNION ALL SELECT refobjsubid FROM pg_depend
                WHERE coalesce(indexprs, indpred) IS NOT NULL AND objid = indexrelid AND refobjid = indrelid
                    AND classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass AND refobjsubid > 0
            )
        )
)
"""


def looked_for(table: str, insert: str, told: Lines) -> Lines:
    """Return the statements that write one row and do what ``told`` says if it does not arrive."""
    written = _of(_WRITTEN, table)
    return [
        f"xtrig_before := ({written});",
        f"{insert};",
        "GET DIAGNOSTICS xtrig_count = ROW_COUNT;",
        f"xtrig_after := ({written});",
        f"IF (xtrig_count = 0 OR ({_of(_IS_COUNTED_VIEW, table)})) AND xtrig_before[1] = xtrig_after[1] THEN",
        told,
        "ELSIF xtrig_before[2] < xtrig_after[2] THEN",
        [f"IF NOT ({_of(_IS_KEPT, table)}) THEN", told, "END IF;"],
        "END IF;",
    ]


def looked_for_twice(table: str, insert: str, same: Sequence[str], told: Lines) -> Lines:
    """Return the statements that write a second row and do what ``told`` says if a key keeps it out.

    ``same`` are the columns that have the same value each time.
    """
    columns = f"ARRAY[{', '.join(map(literal, same))}]::name[]"
    return [
        "BEGIN",
        [f"{insert};"],
        "EXCEPTION WHEN unique_violation OR exclusion_violation THEN",
        [
            "GET STACKED DIAGNOSTICS xtrig_key = CONSTRAINT_NAME;",
            f"IF {_of(_IS_OF_SAME, table, columns)} THEN",
            told,
            "END IF;",
        ],
        "END;",
    ]


def what_keeps_out(table: str) -> str:
    """Return the SQL of the message."""
    said = "only the first row arrives in %s: %I keeps out each other one like it, so ask first whether it is there"
    return f"format({literal(said)}, {literal(table)}, xtrig_key)"


def what_discards(table: str) -> str:
    """Return the SQL of the message."""
    return f"format('no row arrives in %s: %s discards it', {literal(table)}, ({_of(_BY, table)}))"


def _of(query: str, table: str, columns: str = "") -> str:
    return query.strip().format(table=literal(table), plain=table, columns=columns)
