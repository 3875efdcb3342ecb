"""Statements: arguments in, SQL text of one statement out. Nothing here knows the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xtrig.plugin import PREFIX, Hazard, Lines, Statement, dollar_quoted, layout, literal
from xtrig_pgfamily.words import name

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

BUILT_IN_SCHEMAS = ("public", "pg_catalog")
"""Schemas that are there already."""

NEEDED = " NOT NULL"
"""What ends the type of a column that must have a value, in a definition of a column and in the state of a table."""

_SHORT_ROW = 80
OURS = f"LIKE {literal(PREFIX + '%')}"


def do_block(lines: Lines, declared: Lines | None = None) -> str:
    """Return an anonymous block."""
    declare: Lines = ["DECLARE", declared] if declared else []
    body = layout([*declare, "BEGIN", lines, "END"])
    return f"DO {dollar_quoted(f'{chr(10)}{body}{chr(10)}')}"


def create_schema(schema: str) -> str:
    """Return CREATE SCHEMA."""
    return f"CREATE SCHEMA IF NOT EXISTS {name(schema)}"


def create_table(table: str, columns: Sequence[str]) -> str:
    """Return CREATE TABLE; ``table`` is qualified, ``columns`` are definitions."""
    lines: Lines = [column + ("," if number < len(columns) else "") for number, column in enumerate(columns, 1)]
    return layout([f"CREATE TABLE IF NOT EXISTS {table} (", lines, ")"])


def insert_into(table: str, columns: Sequence[str], values: Sequence[str]) -> Lines:
    """Return INSERT as a statement of a body; a long row gets a line for each value."""
    head = f"INSERT INTO {table} ({', '.join(columns)})"
    if sum(map(len, values)) < _SHORT_ROW:
        return [head, f"VALUES ({', '.join(values)});"]
    row: Lines = [value + ("," if number < len(values) else "") for number, value in enumerate(values, 1)]
    return [head, "VALUES (", row, ");"]


def revoke_execute(function: str) -> str:
    """Return the statement that takes a function from PUBLIC; firing a trigger needs no right to execute it."""
    return f"REVOKE ALL ON FUNCTION {function}() FROM PUBLIC"


def comment(kind: str, called: str, text: str | None) -> str:
    """Return COMMENT ON; None takes the comment away."""
    return f"COMMENT ON {kind} {called} IS {'NULL' if text is None else literal(text)}"


def give(kind: str, called: str, owner: str) -> str:
    """Return ALTER ... OWNER TO."""
    return f"ALTER {kind} {called} OWNER TO {name(owner)}"


def grant(line: str, relation: str) -> str:
    """Return GRANT for a line of grants: a role and a privilege."""
    role, _, privilege = line.rpartition(" ")
    return f"GRANT {privilege} ON {relation} TO {'PUBLIC' if role == 'PUBLIC' else name(role)}"


def enable(trigger: str, state: str) -> str:
    """Return ALTER EVENT TRIGGER; ``trigger`` is quoted."""
    return f"ALTER EVENT TRIGGER {trigger} {STATES[state][1]}"


def make_event_trigger(called: str, state: Mapping[str, str]) -> Iterator[Statement]:
    """Yield the statements that create an event trigger, not there yet, in its state; ``called`` is quoted."""
    tags = [tag for tag in state["tags"].split(", ") if tag]
    when = f"\n    WHEN TAG IN ({literals(tags)})" if tags else ""
    event = state["event"]
    hazards = (Hazard.BLOCKS_LOGINS, Hazard.REFUSES_LOGINS) if event == "login" else (Hazard.REFUSES_DDL,)
    sql = f"CREATE EVENT TRIGGER {called} ON {event}{when}\n    EXECUTE FUNCTION {state['function']}()"
    yield Statement(sql, f"Trigger {called}: {event}, {state['enabled']}", hazards=hazards)
    if state["enabled"] != "origin":
        yield Statement(enable(called, state["enabled"]), "")


def drop(kind: str, called: str) -> str:
    """Return DROP ... IF EXISTS."""
    return f"DROP {kind} IF EXISTS {called}"


LOSES_DATA = (Hazard.LOSES_DATA,)


def witnessed_view(view: str, mark: str) -> str:
    """Return the block that marks a view, together with a hash of what the server understood it to be."""
    text = f"COMMENT ON VIEW {view} IS %L".replace("%", "%%").replace("%%L", "%L")
    shown = f"md5(pg_get_viewdef({literal(view)}::regclass))"
    return do_block([f"EXECUTE format({literal(text)}, {literal(mark)} || E'\\n' || {shown});"])


def drop_unused_role(role: str) -> str:
    """Return the block that drops a role that xtrig made, unless something still needs it."""
    return do_block(
        [
            "IF EXISTS (",
            [
                f"SELECT FROM pg_roles WHERE oid = to_regrole({literal(role)})",
                f"  AND shobj_description(oid, 'pg_authid') {OURS} AND NOT EXISTS (",
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
            f"IF to_regclass({literal(table)}) IS NOT NULL THEN",
            [f"IF NOT EXISTS (SELECT FROM {table}) THEN", [f"DROP TABLE {table};"], "END IF;"],
            "END IF;",
        ]
    )


def drop_empty_schema(schema: str) -> str:
    """Return the block that drops a schema that xtrig made, if nothing is in it."""
    return do_block(
        [
            "IF EXISTS (",
            [
                f"SELECT FROM pg_namespace WHERE oid = to_regnamespace({literal(schema)})",
                f"  AND obj_description(oid, 'pg_namespace') {OURS}",
            ],
            ") THEN",
            [f"DROP SCHEMA {schema};"],
            "END IF;",
            "EXCEPTION WHEN dependent_objects_still_exist THEN",
            ["NULL;"],
        ]
    )


def trigger_state(event: str, function: str, tags: Sequence[str], state: str) -> Mapping[str, str]:
    """Return what the catalogs say of an event trigger."""
    return {"event": event, "function": function, "tags": ", ".join(sorted(tags)), "enabled": state}


def create_event_trigger(trigger: str, event: str, tags: Sequence[str], function: str, state: str) -> str:
    """Return the block that creates or replaces an event trigger where it differs, and else leaves it alone.

    PostgreSQL has neither OR REPLACE nor IF NOT EXISTS for them.
    """
    quoted, letter_and_clause = name(trigger), STATES[state]
    letter, clause = letter_and_clause
    same_tags = f"evttags = ARRAY[{literals(tags)}]" if tags else "evttags IS NULL"
    when = [f"WHEN TAG IN ({literals(tags)})"] if tags else []
    lines: Lines = [
        f"-- enable: {state}. {_FIRES[state]}",
        "IF NOT EXISTS (",
        [
            "SELECT FROM pg_event_trigger",
            f"WHERE evtname = {literal(trigger)} AND evtevent = {literal(event)}",
            f"  AND evtfoid = {procedure(function)} AND {same_tags}",
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
    return _drop_ours("pg_proc", f"oid = {procedure(function)}", f"DROP FUNCTION {function}();")


def drop_table(table: str) -> str:
    """Return DROP TABLE."""
    return f"DROP TABLE IF EXISTS {table}"


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


def _drop_ours(catalog: str, condition: str, drop: str) -> str:
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
