"""Functions and blocks in strict PL/SQL, the language of PolarDB's documented example.

It has no PERFORM, no RAISE WARNING, no dollar quotes and no E'', and nothing that writes to the server's log. Names
are qualified, and a function of its own pins the search_path before the first operator.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xtrig.model import Call, Deny, ForEach, Insert, Set, Sql, Step
from xtrig.plugin import Fact, Lines, ResolvedFunction, ResolvedSet, layout, literal
from xtrig_pgfamily.plpgsql.scope import Scope
from xtrig_pgfamily.plpgsql.steps import StepWriter, terminated
from xtrig_polardb.wrapper import DECLARED, RESULT, head

STEPS = (Insert, Set, Call, Deny, Sql)
"""The steps that have a form in PL/SQL, beside ``if``; a deny only with ``enforce: terminate``."""

_PATH = "pg_catalog, pg_temp"
_PINNED = f" SET search_path = {_PATH} SET standard_conforming_strings = on"
"""The clauses before IS, which the page CREATE FUNCTION of the Oracle edition has."""


def text_literal(text: str) -> str:
    """Return a string literal that no standard_conforming_strings of a client's changes."""
    parts = [literal(part, backslash_escapes=False) for part in text.split("\\")]
    return " || pg_catalog.chr(92) || ".join(parts)


@dataclass(frozen=True, slots=True)
class PlsqlWriter(StepWriter):
    """Writes the steps of one function, or of one system trigger."""

    def _simple(self, step: Step, scope: Scope) -> Iterator[str | Lines]:
        match step:
            case Insert():
                yield from self._insert(step, scope)
            case Set():
                is_local = "true" if step.scope == "transaction" else "false"
                if isinstance(step.value, str):
                    value = f"CAST({scope.expression(step.value)} AS pg_catalog.text)"
                else:
                    value = text_literal("" if step.value is None else scope.value(step.value))
                yield _set_config(text_literal(step.parameter), value, is_local)
            case Deny():
                # An error would only be logged; the message has nowhere to go.
                yield f"{RESULT} := pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid());"
            case Call():
                schema, _, routine = step.routine.partition(".")
                arguments = ", ".join(scope.value(value) for value in step.args)
                call = f"{scope.qualified(schema, routine)}({arguments});"
                yield call if step.kind == "procedure" else f"{RESULT} := {call}"
            case ForEach():
                # A system trigger fires once for each object, so there is nothing to loop over.
                yield from self.write(step.do, scope.inside(step.item))
            case Sql():
                yield terminated(scope.expression(step.text(scope.dialect)))
            case _:  # the checks of the dialect refuse the others before anything is compiled
                raise ValueError(f"{type(step).__name__} has no PL/SQL form")


def plsql_function(triggers: ResolvedSet, function: ResolvedFunction, scope: Scope, authid: str) -> str:
    """Return CREATE FUNCTION with the steps, or the hand-written body, in the documented form.

    ``authid`` is the invoker-rights clause; an edition that has none has no SET clause either.
    """
    body = function.body.get(scope.dialect)
    if body is not None:
        # The script ends every statement itself.
        return f"{head(function, authid)}\n{body.rstrip().removesuffix(';').rstrip()}"
    pinned = f"{RESULT} := pg_catalog.set_config('search_path', '{_PATH}', true);"
    block: Lines = [
        *([] if authid else ["-- First of all: a client chooses whose operators are used below.", pinned]),
        "-- on_error: allow. PolarDB logs an error raised here and lets the session in.",
        *guarded(triggers, function, scope),
    ]
    return layout([head(function, authid and authid + _PINNED), declarations(block), "BEGIN", block, "END"])


def guarded(triggers: ResolvedSet, function: ResolvedFunction, scope: Scope) -> Lines:
    """Return the steps with the guards that PL/SQL has words for."""
    policies = function.policies
    explained = ["-- standby: skip. Nothing can be written on a read-only node."]

    def guard(steps: Sequence[Step], written: Lines) -> Lines:
        remark = [explained.pop()] if explained else []
        return [*remark, "IF NOT pg_catalog.pg_is_in_recovery() THEN", written, "END IF;"]

    is_guarded = policies.standby == "skip" and scope.is_session
    steps = PlsqlWriter(triggers, guard=guard if is_guarded else None).write(function.steps, scope)
    lines: Lines = [*_settings(function, scope), *steps]
    if not policies.exempt_roles:
        return lines
    exempt = f"{scope.fact(Fact.LOGIN_USER)} NOT IN ({', '.join(map(text_literal, policies.exempt_roles))})"
    return ["-- exempt_roles: nothing is done for these roles.", f"IF {exempt} THEN", lines, "END IF;"]


def declarations(block: Lines) -> Lines:
    """Return the declarations that a block needs."""
    return [DECLARED] if f"{RESULT} :=" in layout(block) else []


def _settings(function: ResolvedFunction, scope: Scope) -> Iterator[str]:
    if function.policies.lock_timeout:
        yield "-- lock_timeout: a lock held elsewhere may delay this, not hold it."
        yield _set_config("'lock_timeout'", text_literal(function.policies.lock_timeout), "true")
    if function.policies.durability == "relaxed" and scope.is_session:
        yield "-- durability: relaxed. The session does not wait for the disk."
        yield _set_config("'synchronous_commit'", "'off'", "true")


def _set_config(parameter: str, value: str, is_local: str) -> str:
    return f"{RESULT} := pg_catalog.set_config({parameter}, {value}, {is_local});"
