"""Statements: arguments in, SQL text of one statement out. Nothing here knows the model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xtrig.plugin import PREFIX, Hazard, Lines, Statement, dollar_quoted, layout, literal

_SHORT_ROW = 80
OURS = f"LIKE {literal(PREFIX + '%')}"

RAISED: Lines = ["IF problem IS NOT NULL THEN", ["RAISE EXCEPTION '%', problem;"], "END IF;"]
UNTRUSTED = "xtrig.untrusted"
"""A setting of the script's transaction: the query of :class:`~xtrig_pgfamily.catalog.trust.Trust`."""
STOP_IF_UNTRUSTED: Lines = [f"EXECUTE current_setting({literal(UNTRUSTED)}) INTO problem;", *RAISED]


def do_block(lines: Lines, declared: Lines | None = None, language: str = "") -> str:
    """Return an anonymous block; ``language`` "" leaves it to the server, which takes plpgsql."""
    declare: Lines = ["DECLARE", declared] if declared else []
    body = layout([*declare, "BEGIN", lines, "END"])
    named = f"LANGUAGE {language} " if language else ""
    return f"DO {named}{dollar_quoted(f'{chr(10)}{body}{chr(10)}')}"


def insert_into(table: str, columns: Sequence[str], values: Sequence[str]) -> Lines:
    """Return INSERT as a statement of a body; a long row gets a line for each value."""
    head = f"INSERT INTO {table} ({', '.join(columns)})"
    if sum(map(len, values)) < _SHORT_ROW:
        return [head, f"VALUES ({', '.join(values)});"]
    row: Lines = [value + ("," if number < len(values) else "") for number, value in enumerate(values, 1)]
    return [head, "VALUES (", row, ");"]


def drop_unused_role(role: str) -> str:
    """Return the block that drops a role that xtrig made, unless something still needs it."""
    return do_block(
        [
            "IF EXISTS (",
            [
                f"SELECT FROM pg_roles WHERE oid = to_regrole({literal(role)})::oid",
                f"  AND pg_catalog.shobj_description(oid, 'pg_authid') {OURS} AND NOT EXISTS (",
                ["SELECT FROM pg_shdepend WHERE refobjid = pg_roles.oid AND deptype = 'o'"],
                "  )",
            ],
            ") THEN",
            [
                "-- Only what it may do is dropped here: it owns nothing any more.",
                f"DROP OWNED BY {role};",
                f"DROP ROLE {role};",
            ],
            "END IF;",
            "EXCEPTION WHEN dependent_objects_still_exist THEN",
            ["NULL;"],
        ]
    )


def drop_empty_table(table: str) -> str:
    """Return the block that drops a table without rows, and keeps one with rows."""
    return do_block(
        [
            "-- A view in its place would run what somebody else has put there.",
            f"IF (SELECT relkind IN ('r', 'p') FROM pg_class WHERE oid = to_regclass({literal(table)})::oid) THEN",
            [f"IF NOT EXISTS (SELECT FROM {table}) THEN", [f"DROP TABLE {table};"], "END IF;"],
            "END IF;",
        ]
    )


def drop_empty_schema(schema: str, language: str = "") -> str:
    """Return the block that drops a schema that xtrig made, if nothing is in it; ``language`` as for `do_block`."""
    return do_block(
        [
            "IF EXISTS (",
            [
                f"SELECT FROM pg_namespace WHERE oid = to_regnamespace({literal(schema)})::oid",
                f"  AND pg_catalog.obj_description(oid, 'pg_namespace') {OURS}",
            ],
            ") THEN",
            [f"DROP SCHEMA {schema};"],
            "END IF;",
            "EXCEPTION WHEN dependent_objects_still_exist THEN",
            ["NULL;"],
        ],
        language=language,
    )


def clear_login_flag() -> str:
    """Return the cure for hot standbys.

    Once no login trigger is enabled any more, every login on a hot standby fails ("cannot acquire lock mode
    AccessExclusiveLock ... while recovery is in progress") until someone has logged in on the primary and
    so cleared this flag. Seen on 17.9 and 18.4. A service without true superusers may forbid the update.
    """
    return disarm_logins([])


def login_flag_cleared() -> Statement:
    """Return the cure for hot standbys, once no login trigger is enabled any more."""
    purpose = "Without this, hot standbys would refuse every login until someone logs in on the primary"
    return Statement(clear_login_flag(), purpose, hazards=(Hazard.WRITES_CATALOG,))


def settings_kept(parameters: Iterable[str]) -> Statement:
    """Return the block that keeps what settings are, until the transaction ends.

    It is executed with whatever search_path there is, so every name is qualified, and there is no operator.
    """
    return _settings([(f"xtrig.{each}", each) for each in parameters])


def settings_given_back(parameters: Iterable[str]) -> Statement:
    """Return the block that makes settings what :func:`settings_kept` has kept."""
    return _settings([(each, f"xtrig.{each}") for each in parameters])


def _settings(pairs: Iterable[tuple[str, str]]) -> Statement:
    return Statement(
        do_block(
            [
                f"PERFORM pg_catalog.set_config({literal(to)}, pg_catalog.current_setting({literal(of)}), true);"
                for to, of in pairs
            ]
        ),
        "",
    )


def disarm_logins(triggers: Sequence[str]) -> str:
    """Return the block after which logins look for no trigger any more, if there are none but ``triggers``.

    Dropping them once standbys have replayed this refuses nobody there: a login that has seen the flag unset
    does not ask for the lock that a standby cannot give. Enabling any login trigger sets the flag again.
    """
    others = f" AND evtname NOT IN ({literals(triggers)})" if triggers else ""
    return do_block(
        [
            "UPDATE pg_database SET dathasloginevt = false",
            "WHERE datname = current_database() AND dathasloginevt AND NOT EXISTS (",
            [f"SELECT FROM pg_event_trigger WHERE evtevent = 'login' AND evtenabled <> 'D'{others}"],
            ");",
            "EXCEPTION WHEN insufficient_privilege THEN",
            ["RAISE WARNING 'log in to this database once on the primary: until then its standbys refuse logins';"],
        ]
    )


def drop_ours(catalog: str, condition: str, drop: str) -> str:
    """Return the block that drops an object that xtrig made, and only such a one."""
    return do_block(
        [
            "IF EXISTS (",
            [
                f"SELECT FROM {catalog} WHERE {condition}",
                f"  AND obj_description(oid, {literal(catalog)}) {OURS}",
            ],
            ") THEN",
            [drop],
            "END IF;",
        ]
    )


def procedure(function: str) -> str:
    """Return the expression for a function's oid, NULL if there is no such function."""
    return f"to_regprocedure({literal(f'{function}()')})"


def literals(words: Sequence[str]) -> str:
    """Return a list of string literals."""
    return ", ".join(literal(word) for word in words)
