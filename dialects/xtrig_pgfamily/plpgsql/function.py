"""A plpgsql function: its steps, with the guards of its policies around them.

Some forms of a guard have no effect. Those used here were measured on PostgreSQL 17 and 18: see
docs/model/policies.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from xtrig.model import Deny, Insert, Set, Step
from xtrig.plugin import (
    Fact,
    Lines,
    ResolvedFunction,
    ResolvedSet,
    layout,
    literal,
    uses,
    walk,
)
from xtrig_pgfamily.checks.settings import NAMES_CHANGE
from xtrig_pgfamily.objects.function import Function, Setting
from xtrig_pgfamily.plpgsql.scope import TRACE, Scope
from xtrig_pgfamily.plpgsql.steps import StepWriter, denial_variables, raised_denials
from xtrig_pgfamily.session_facts import ZONES
from xtrig_pgfamily.words import LISTS_OF_NAMES, listed_names, name

Fields = dict[str, "str | Fields"]
"""A JSON object: key to SQL expression, or to another object."""

TIMEOUTS = {"lock_timeout": "lock_timeout", "timeout": "transaction_timeout"}
"""The parameter that bounds a function, by the policy that sets it."""

TRANSACTION_TIMEOUT = (17,)
"""The first version with the parameter transaction_timeout."""

_GUARDED = "guarded"
READ_ONLY = "pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean"


def create_function(triggers: ResolvedSet, function: ResolvedFunction, scope: Scope) -> Function:
    """Return a function of the definition."""
    body = function.body.get(scope.dialect)
    if body is None:
        body = "\n" + layout(function_body(triggers, function, scope)) + "\n"
    return guarded_function(function, scope, body)


def guarded_function(function: ResolvedFunction, scope: Scope, body: str) -> Function:
    """Return a function with the clauses that its policies ask for."""
    own = function.settings
    if own is not None:
        note = f"security: {function.policies.security}. The settings below are those of its definition, and all."
    elif function.policies.security == "definer":
        note = "security: definer. The pinned search_path keeps other people's objects out."
    else:
        note = "security: invoker. It has the rights of the user who fires it."
    return Function(
        path=(function.schema, function.name),
        body=body,
        security=function.policies.security,
        security_note=note,
        settings=tuple(map(_own_setting, own.items()) if own is not None else _settings(function, scope)),
    )


def function_body(triggers: ResolvedSet, function: ResolvedFunction, scope: Scope) -> Lines:
    """Return the block: declarations, guards, steps."""
    catches = function.policies.on_error == "allow"
    steps_ = [visit.step for visit in walk(function)] if catches else []
    raised = [each for each in steps_ if isinstance(each, Deny) and scope.raises(each)]
    label = _GUARDED if raised else None
    shelter = (lambda lines: _sheltered(lines, function, scope)) if catches and denies(function) else None
    steps = _guarded_steps(triggers, function, scope, StepWriter(triggers, label, shelter=shelter))
    if catches:
        steps = caught(steps, function, scope, label)
    else:
        effect = "refuses the login" if scope.is_session else "stops the command"
        steps = [f"-- on_error: deny. An error below {effect}.", *steps]
    inner: Lines = [*exemption(function, scope), *relaxed(function, scope), *steps]
    inner += raised_denials(raised)
    declared = [*denial_variables(raised), *_records(function), *declared_trace(scope)]
    declare: Lines = ["DECLARE", [*declared]] if declared else []
    return [*declare, "BEGIN", inner, "END"]


def denies(function: ResolvedFunction) -> bool:
    """Whether a step may refuse."""
    return any(isinstance(visit.step, Deny) for visit in walk(function))


def exemption(function: ResolvedFunction, scope: Scope) -> Lines:
    """Return the guard that lets ``exempt_roles`` pass before anything can fail."""
    if not function.policies.exempt_roles:
        return []
    roles = ", ".join(literal(role) for role in function.policies.exempt_roles)
    return [
        "-- exempt_roles: nothing below can stop these roles.",
        f"IF session_user IN ({roles}) THEN",
        [*log_line(function, scope, "exempt"), f"RETURN {scope.result};" if scope.result else "RETURN;"],
        "END IF;",
    ]


def relaxed(function: ResolvedFunction, scope: Scope) -> Lines:
    """Return the switch to an asynchronous commit."""
    if function.policies.durability != "relaxed" or not scope.is_session:
        return []
    return [
        "-- durability: relaxed. The login does not wait for the disk or for a synchronous standby.",
        # A SET clause of the function would be restored before the commit and change nothing.
        "PERFORM set_config('synchronous_commit', 'off', true);",
    ]


def caught(lines: Lines, function: ResolvedFunction, scope: Scope, label: str | None = None) -> Lines:
    """Return the block in which an error is logged, not raised."""
    what = "login" if scope.is_session else "command"
    return [
        *([f"<<{label}>>"] if label else []),
        "BEGIN",
        lines,
        f"-- on_error: allow. The {what} goes on, and the error is in the server log.",
        *_handler(function, scope),
    ]


def _sheltered(lines: Lines, function: ResolvedFunction, scope: Scope) -> Lines:
    """Return the block around what comes before a denial: a client may be able to make it fail."""
    return [
        "-- An error here must not keep the denials below from being asked.",
        "BEGIN",
        lines,
        *_handler(function, scope),
    ]


def _handler(function: ResolvedFunction, scope: Scope) -> Lines:
    """Return the end of a block that logs errors.

    WHEN OTHERS alone lets assertion failures and cancelled statements through. A cancel is let through on purpose
    where its sender would gain: it comes from the client, or from his statement_timeout, while a denial is being
    asked or a command is being recorded. At a login a client can send one as soon as the server has flushed the key
    for it: seen on 17 and 18 with debug_print_plan and client_min_messages = debug5.
    """
    unbound = scope.is_session and not denies(function)
    return [
        f"EXCEPTION WHEN OTHERS OR assert_failure{' OR query_canceled' if unbound else ''} THEN",
        log_line(function, scope, "error", error_fields(scope)),
        "END;",
    ]


def error_fields(scope: Scope) -> Fields:
    """Return what a log line says of the error that is being handled."""
    return {"sqlstate": "SQLSTATE", "error": "SQLERRM", **({"step": f"{TRACE}::json"} if scope.traced else {})}


def declared_trace(scope: Scope) -> Lines:
    """Return the declaration of the variable in which a traced function notes its step."""
    return [f"{TRACE} text;"] if scope.traced else []


def traced(function: ResolvedFunction, scope: Scope) -> Scope:
    """Return the scope in which a function notes each of its steps before it runs."""
    return replace(scope, traced={id(visit.step): json.dumps(visit.path) for visit in walk(function)})


def log_line(function: ResolvedFunction, scope: Scope, outcome: str, more: Fields | None = None) -> Lines:
    """Return a RAISE LOG of one JSON object: no client can silence, forge or break such a line."""
    fields: Fields = {
        "outcome": literal(outcome),
        "function": literal(f"{function.schema}.{function.name}"),
        "event": scope.fact(Fact.EVENT),
        "login_user": "session_user",
        "client_ip": "host(inet_client_addr())",
        "backend_pid": "pg_backend_pid()",
    }
    return ["RAISE LOG 'xtrig %', json_build_object(", _pairs(fields | (more or {})), ");"]


def _pairs(fields: Fields) -> Lines:
    lines: Lines = []
    for number, (key, value) in enumerate(fields.items(), 1):
        comma = "," if number < len(fields) else ""
        if isinstance(value, str):
            lines.append(f"{literal(key)}, {value}{comma}")
        else:
            lines += [f"{literal(key)}, json_build_object(", _pairs(value), f"){comma}"]
    return lines


def _guarded_steps(triggers: ResolvedSet, function: ResolvedFunction, scope: Scope, writer: StepWriter) -> Lines:
    """Return the steps, each run of writing ones behind the standby guard."""
    if function.policies.standby == "run" or not scope.is_session:
        if _sets_path(function):
            checked = replace(writer, guard=lambda steps, lines: [*lines, *_constraints(steps, function, scope)])
            lines = checked.write(function.steps, scope)
        else:
            lines = [*writer.write(function.steps, scope), *_constraints(function.steps, function, scope)]
        # A DDL command cannot run on a standby, so there the policy has nothing to decide.
        if scope.is_session and any(visit.step.may_write for visit in walk(function)):
            lines.insert(0, "-- standby: run. On a standby or in a read-only session a write below fails.")
        return lines
    explanation = ["-- standby: skip. A write on a standby or in a read-only session would refuse the login."]

    def guard(steps: Sequence[Step], written: Lines) -> Lines:
        skipped = log_line(function, scope, "not written", _rows(triggers, steps, scope))
        explained = [explanation.pop()] if explanation else []
        written = [*written, *_constraints(steps, function, scope)]
        return [*explained, f"IF {READ_ONLY} THEN", skipped, "ELSE", written, "END IF;"]

    return replace(writer, guard=guard).write(function.steps, scope)


def _sets_path(function: ResolvedFunction) -> bool:
    return any(isinstance(visit.step, Set) and visit.step.parameter.lower() in NAMES_CHANGE for visit in walk(function))


def _constraints(steps: Sequence[Step], function: ResolvedFunction, scope: Scope) -> Iterable[str]:
    """Yield the statement that checks deferred constraints inside the handler: at commit nothing could catch them.

    Nor may their triggers run after a step has given the session another search_path: 18 runs them at commit with the
    rights that the function had.
    """
    writes_rows = any(each.may_write_rows for step in steps for each in step.walk())
    if scope.is_session and (function.policies.on_error == "allow" or _sets_path(function)) and writes_rows:
        yield "SET CONSTRAINTS ALL IMMEDIATE;"


def _rows(triggers: ResolvedSet, steps: Sequence[Step], scope: Scope) -> Fields:
    """Return the rows that unconditional inserts would have written, by table."""
    rows: Fields = {}
    for step in steps:
        if isinstance(step, Insert) and step.when is None:
            table = triggers.tables[step.table]
            values: Fields = {column: scope.value(value) for column, value in step.values.items()}
            rows[f"{table.schema}.{table.name}"] = values
    return rows


def _settings(function: ResolvedFunction, scope: Scope) -> list[Setting]:
    policies = function.policies
    settings = [
        Setting("search_path", "pg_catalog, pg_temp"),
        Setting(
            "standard_conforming_strings",
            "on",
            why="A client chooses these before it logs in, and they change what the text below means.",
        ),
    ]
    if any(fact in ZONES for use in uses(function) for fact in use.template.facts):
        why = "18 looks the name of a time zone up in the client's own TimeZone first."
        settings.append(Setting("TimeZone", "UTC", literal("UTC"), why=why))
    if scope.is_session:
        why = "No client makes this wait for him by asking for debug messages and reading none of them."
        settings.append(Setting("client_min_messages", "notice", why=why))
    else:
        settings.append(Setting("quote_all_identifiers", "off"))
    if policies.lock_timeout:
        why = "lock_timeout: a lock held elsewhere may delay this, not hold it."
        settings.append(Setting(TIMEOUTS["lock_timeout"], policies.lock_timeout, literal(policies.lock_timeout), why))
    elif policies.on_error == "allow":
        why = "A bound of the user's own would make an error here, and errors let the command through."
        settings.append(Setting(TIMEOUTS["lock_timeout"], "0", why=why))
    if policies.timeout and scope.is_session and scope.version >= TRANSACTION_TIMEOUT:
        why = "timeout: a login is refused when it takes longer; statement_timeout does not bound it."
        settings.append(Setting(TIMEOUTS["timeout"], policies.timeout, literal(policies.timeout), why))
    return settings


def _own_setting(given: tuple[str, str]) -> Setting:
    parameter, value = given
    if parameter.lower() in LISTS_OF_NAMES:
        return Setting(parameter, value, ", ".join(map(literal, listed_names(value))))
    return Setting(parameter, value, literal(value))


def _records(function: ResolvedFunction) -> Lines:
    items = {visit.item for visit in walk(function) if visit.item is not None}
    return [f"{name(item)} record;" for item in sorted(items)]
