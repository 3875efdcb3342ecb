"""Steps at logon and logoff: a thin function in the vendor's documented form, and the plpgsql helper that it calls.

Only the documented form has the vendor's variables, and it has no handler, no line in the server's log and, on the
PostgreSQL edition, no SET clause. So it hands them to a helper of the same name, which is what PostgreSQL gets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from xtrig.plugin import Lines, ResolvedFunction, ResolvedSet, Statement, layout, literal
from xtrig_pgfamily.plpgsql.function import denies, function_body, guarded_function
from xtrig_pgfamily.plpgsql.scope import Scope
from xtrig_pgfamily.plpgsql.steps import REFUSED, raise_denial
from xtrig_pgfamily.statements import do_block
from xtrig_polardb.objects import Function
from xtrig_polardb.words import name, qualified

VARIABLES = {
    "polar_login_user": "text",
    "polar_database_name": "text",
    "polar_client_ip": "text",
    "polar_instance_num": "integer",
    "tg_event": "text",
    "tg_tag": "text",
}
"""The vendor's variables, which are the arguments of a helper; their own types are not documented."""

_TYPES = {"text": "pg_catalog.text", "integer": "pg_catalog.int4"}
"""The types as a search_path cannot change them, in words of PL/SQL and of SQL."""

RESULT = "xtrig_ignored"
"""The variable for a result that is not used: PL/SQL has no PERFORM."""

DECLARED = f"{RESULT} {_TYPES['text']};"


def is_wrapped(function: ResolvedFunction) -> bool:
    """Whether a function is written as wrapper and helper: of steps, at logon or logoff, in the vendor's form."""
    return is_plsql(function) and not function.body and function.policies.language == "native"


def is_plsql(function: ResolvedFunction) -> bool:
    """Whether a function has the documented form, which is PL/SQL: at logon and logoff, unless asked for plpgsql."""
    return any(event.is_session for event in function.events) and function.policies.language != "plpgsql"


def helper(triggers: ResolvedSet, function: ResolvedFunction, scope: Scope) -> Function:
    """Return the function that runs the steps. The owner alone may call it, until :func:`rights` has been run."""
    path = (function.schema, function.name)
    made = Function(path=path, body="", types=", ".join(VARIABLES.values()))
    *declare, begin, inner, end = function_body(triggers, function, replace(scope, result="NULL"))
    body = [*declare, begin, [*_refusal(made), *inner, "RETURN NULL;"], end]
    guarded = guarded_function(function, scope, f"\n{layout(body)}\n")
    return replace(
        Function.of(guarded),
        types=made.types,
        arguments=",".join(f"\n    {variable} {_TYPES[kind]}" for variable, kind in VARIABLES.items()) + "\n",
        returns=_TYPES["text"],
    )


def _refusal(made: Function) -> Lines:
    """Return the statement that refuses calls by a client's statement, of all whom the rights do not keep out.

    At logon and logoff no statement runs: there is no current_query(), and the session's state is not that of one.
    A deferred trigger at the end of a pipeline has no current_query() either, but the state ``active``; and a call
    by the fast path has a state of its own (17, 18.4: tests/server/test_polardb_wrapper.py). State and query of the
    own session are hidden from an owner without pg_read_all_stats, and track_activities may be off.
    """
    return [
        "-- Only the trigger calls this: else anybody could record what never was.",
        f"IF has_function_privilege(session_user, {literal(made.signature)}, 'EXECUTE') AND (",
        [
            "SELECT current_query() IS NOT NULL OR state IN ('active', 'fastpath function call')",
            "  OR (polar_login_user <> session_user AND (state = 'disabled' OR query = '<insufficient privilege>'))",
            "FROM pg_stat_get_activity(pg_backend_pid())",
        ],
        ") THEN",
        raise_denial(
            {"MESSAGE": literal(f"function {'.'.join(made.path)} is called by its trigger alone")}, literal(REFUSED)
        ),
        "END IF;",
    ]


def wrapper(function: ResolvedFunction, called: Function, authid: str) -> Function:
    """Return the function in the documented form; ``called`` is its helper, ``authid`` its invoker-rights clause.

    Every argument is cast, so that no other function of the name can be a closer match.
    """
    arguments: Lines = [f"CAST({variable} AS {_TYPES[kind]})," for variable, kind in VARIABLES.items()]
    arguments[-1] = str(arguments[-1]).removesuffix(",")
    block: Lines = [
        "-- Every policy is in the helper: this form has no clause for any, and the helper has no such variables.",
        f"{RESULT} := {qualified(*called.path)}(",
        arguments,
        ");",
    ]
    text = layout([head(function, authid), [DECLARED], "BEGIN", block, "END"])
    return Function(path=called.path, language="plsql", body="", text=text, after=(_rights(function, called),))


def rehearsal(triggers: ResolvedSet, function: ResolvedFunction, scope: Scope) -> Iterator[Statement]:
    """Yield the statements that run the steps once, and let what fails be an error; they are to be rolled back.

    Nothing runs of a function that may end the session.
    """
    if denies(function):
        return
    policies = function.policies._replace(on_error="deny", standby="run", exempt_roles=(), security="invoker")
    plain = replace(function, policies=policies)
    made = helper(triggers, plain, scope)
    body = layout(function_body(triggers, plain, replace(scope, result="NULL")))
    # It is in pg_temp, so the refusal of calls is not in it, and what is left of it goes with the transaction.
    yield Statement(
        replace(made, path=("pg_temp", "xtrig_rehearsal"), body=f"\nBEGIN\n{body};\nRETURN NULL;\nEND\n").sql, ""
    )
    natives = {event: native for native, event in scope.native_events.items()}
    for event in function.events:
        session = "session_user, pg_catalog.current_database(), pg_catalog.host(pg_catalog.inet_client_addr())"
        called = f"pg_temp.xtrig_rehearsal({session}, 1, {literal(natives.get(event, str(event)))}, '')"
        yield Statement(f"SELECT {called}", f"Rehearsal of {made.qualified} at {event}")


def head(function: ResolvedFunction, clauses: str = "") -> str:
    """Return the first line of a function in the documented form, from FUNCTION on."""
    return f"FUNCTION {qualified(function.schema, function.name)} RETURN event_trigger{clauses} IS"


def _rights(function: ResolvedFunction, called: Function) -> Statement:
    """Return the block that lets everybody call a helper where its wrapper has not the rights of its owner."""
    refused = "RAISE EXCEPTION 'security: invoker: this server gives the function the rights of its owner';"
    lines: Lines = [
        "-- No page says whose rights the documented form gives a function.",
        "IF (",
        [
            "SELECT p.prosecdef FROM pg_catalog.pg_proc AS p",
            f"WHERE p.oid OPERATOR(pg_catalog.=) pg_catalog.to_regprocedure({literal(called.qualified + '()')})",
        ],
        ") IS NOT TRUE THEN",
        [
            f"GRANT EXECUTE ON FUNCTION {called.signature} TO PUBLIC;",
            f"GRANT USAGE ON SCHEMA {name(function.schema)} TO PUBLIC;",
        ],
        "END IF;",
    ]
    if function.policies.security == "invoker":
        lines[-1:] = ["ELSE", [refused], "END IF;"]
    purpose = f"Who may call {called.signature}"
    return Statement(do_block(lines, language="plpgsql"), purpose)
