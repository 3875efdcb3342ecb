"""Statements: arguments in, SQL text of one statement out. Nothing here knows the model."""

from __future__ import annotations

from collections.abc import Sequence

from xtrig.plugin import Lines, dollar_quoted, layout, literal, one_line
from xtrig_postgresql.words import name

STATES = {
    "origin": ("O", "ENABLE"),
    "always": ("A", "ENABLE ALWAYS"),
    "replica": ("R", "ENABLE REPLICA"),
    "disabled": ("D", "DISABLE"),
}
"""Firing state: pg_event_trigger.evtenabled, and the clause of ALTER EVENT TRIGGER that sets it."""

_FIRES = {
    "origin": "It fires unless session_replication_role is replica.",
    "always": "It fires whatever session_replication_role is.",
    "replica": "It fires only where session_replication_role is replica.",
    "disabled": "It does not fire.",
}

MARK = "xtrig:"
"""What the comment of every object made by xtrig begins with."""

_OURS = f"LIKE {literal(MARK + '%')}"


def do_block(lines: Lines, declared: Lines | None = None) -> str:
    """Return an anonymous block."""
    declare: Lines = ["DECLARE", declared] if declared else []
    body = layout([*declare, "BEGIN", lines, "END"])
    return f"DO {dollar_quoted(f'{chr(10)}{body}{chr(10)}')}"


def preflight(triggers: Sequence[str], functions: Sequence[str], roles: Sequence[str], parked: Sequence[str]) -> str:
    """Return the block that stops before anything is changed.

    ``functions`` are qualified names as SQL; ``parked`` are DDL triggers that could deny this very script.
    """
    lines: Lines = _foreign(
        "event trigger",
        "evtname",
        "pg_event_trigger",
        f"evtname IN ({_literals(triggers)})",
        "pg_event_trigger",
    )
    lines += _foreign(
        "function",
        "oid::regprocedure",
        "pg_proc",
        f"oid IN ({', '.join(_procedure(function) for function in functions)})",
        "pg_proc",
    )
    if roles:
        lines += [
            "SELECT format('role %I does not exist; create it first', wanted) INTO problem",
            f"FROM unnest(ARRAY[{_literals(roles)}]) AS wanted",
            "WHERE to_regrole(quote_ident(wanted)) IS NULL;",
            *_stop(),
        ]
    for trigger in parked:
        lines += [
            f"-- {one_line(name(trigger))} would fire on this script, and may deny it; it rests until the commit.",
            f"IF EXISTS (SELECT FROM pg_event_trigger WHERE evtname = {literal(trigger)}) THEN",
            [f"ALTER EVENT TRIGGER {name(trigger)} DISABLE;"],
            "END IF;",
        ]
    return do_block(lines, ["problem text;"])


def create_schema(schema: str) -> str:
    """Return CREATE SCHEMA."""
    return f"CREATE SCHEMA IF NOT EXISTS {name(schema)}"


def create_table(table: str, columns: Sequence[str]) -> str:
    """Return CREATE TABLE; ``table`` is qualified, ``columns`` are definitions."""
    lines: Lines = [column + ("," if number < len(columns) else "") for number, column in enumerate(columns, 1)]
    return layout([f"CREATE TABLE IF NOT EXISTS {table} (", lines, ")"])


def revoke_execute(function: str) -> str:
    """Return the statement that takes a function from PUBLIC; firing a trigger needs no right to execute it."""
    return f"REVOKE ALL ON FUNCTION {function}() FROM PUBLIC"


def comment(kind: str, called: str, text: str) -> str:
    """Return COMMENT ON."""
    return f"COMMENT ON {kind} {called} IS {literal(text)}"


def create_event_trigger(trigger: str, event: str, tags: Sequence[str], function: str, state: str) -> str:
    """Return the block that creates or replaces an event trigger where it differs, and else leaves it alone.

    PostgreSQL has neither OR REPLACE nor IF NOT EXISTS for them.
    """
    quoted, letter_and_clause = name(trigger), STATES[state]
    letter, clause = letter_and_clause
    same_tags = f"evttags = ARRAY[{_literals(tags)}]" if tags else "evttags IS NULL"
    when = [f"WHEN TAG IN ({_literals(tags)})"] if tags else []
    lines: Lines = [
        f"-- enable: {state}. {_FIRES[state]}",
        "IF NOT EXISTS (",
        [
            "SELECT FROM pg_event_trigger",
            f"WHERE evtname = {literal(trigger)} AND evtevent = {literal(event)}",
            f"  AND evtfoid = {_procedure(function)} AND {same_tags}",
        ],
        ") THEN",
        [
            f"DROP EVENT TRIGGER IF EXISTS {quoted};",
            f"CREATE EVENT TRIGGER {quoted} ON {event}",
            [*when, f"EXECUTE FUNCTION {function}();"],
        ],
        "END IF;",
        f"IF (SELECT evtenabled FROM pg_event_trigger WHERE evtname = {literal(trigger)}) <> {literal(letter)} THEN",
        [f"ALTER EVENT TRIGGER {quoted} {clause};"],
        "END IF;",
    ]
    return do_block(lines)


def drop_event_trigger(trigger: str) -> str:
    """Return the block that drops an event trigger of ours, and only of ours."""
    return _drop_ours("pg_event_trigger", f"evtname = {literal(trigger)}", f"DROP EVENT TRIGGER {name(trigger)};")


def drop_function(function: str) -> str:
    """Return the block that drops a function of ours, and only of ours."""
    return _drop_ours("pg_proc", f"oid = {_procedure(function)}", f"DROP FUNCTION {function}();")


def drop_table(table: str) -> str:
    """Return DROP TABLE."""
    return f"DROP TABLE IF EXISTS {table}"


def clear_login_flag() -> str:
    """Return the cure for hot standbys.

    Once no login trigger is enabled any more, every login on a hot standby fails ("cannot acquire lock mode
    AccessExclusiveLock ... while recovery is in progress") until someone has logged in on the primary and
    so cleared this flag. Seen on 17.9 and 18.4. A service without true superusers may forbid the update.
    """
    return do_block(
        [
            "UPDATE pg_database SET dathasloginevt = false",
            "WHERE datname = current_database() AND dathasloginevt AND NOT EXISTS (",
            ["SELECT FROM pg_event_trigger WHERE evtevent = 'login' AND evtenabled <> 'D'"],
            ");",
            "EXCEPTION WHEN insufficient_privilege THEN",
            ["RAISE WARNING 'log in to this database once on the primary: until then its standbys refuse logins';"],
        ]
    )


def _foreign(kind: str, called: str, catalog: str, condition: str, described: str) -> Lines:
    message = f"{kind} %s exists and was not made by xtrig; rename one of the two"
    return [
        f"SELECT format({literal(message)}, {called}) INTO problem",
        f"FROM {catalog}",
        f"WHERE {condition}",
        f"  AND coalesce(obj_description(oid, {literal(described)}), '') NOT {_OURS};",
        *_stop(),
    ]


def _stop() -> Lines:
    return ["IF problem IS NOT NULL THEN", ["RAISE EXCEPTION '%', problem;"], "END IF;"]


def _drop_ours(catalog: str, condition: str, drop: str) -> str:
    return do_block(
        [
            "IF EXISTS (",
            [
                f"SELECT FROM {catalog} WHERE {condition}",
                f"  AND obj_description(oid, {literal(catalog)}) {_OURS}",
            ],
            ") THEN",
            [drop],
            "END IF;",
        ]
    )


def _procedure(function: str) -> str:
    return f"to_regprocedure({literal(f'{function}()')})"


def _literals(words: Sequence[str]) -> str:
    return ", ".join(literal(word) for word in words)
