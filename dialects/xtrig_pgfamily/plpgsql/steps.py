"""Steps as plpgsql."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from xtrig.model import (
    Call,
    CreateTempTable,
    Deny,
    ForEach,
    GrantRole,
    If,
    Insert,
    Log,
    RevokeRole,
    Set,
    Sql,
    Step,
)
from xtrig.plugin import Item, Lines, ResolvedSet, literal
from xtrig_pgfamily.objects.table import column_list
from xtrig_pgfamily.plpgsql.scope import TRACE, Scope
from xtrig_pgfamily.statements import insert_into

ITEM_SOURCES = {
    Item.DDL_COMMAND: "pg_event_trigger_ddl_commands()",
    Item.DROPPED_OBJECT: "pg_event_trigger_dropped_objects()",
}

Guard = Callable[[Sequence[Step], Lines], Lines]
"""Puts statements that write, given with the steps they come from, behind a condition."""


Shelter = Callable[[Lines], Lines]
"""Puts statements into a block of their own, in which errors are caught."""


@dataclass(frozen=True, slots=True)
class StepWriter:
    """Writes the steps of one function.

    ``quiet_deny`` names the block to leave when a deny has set ``denial``; without it a deny raises.
    With a ``guard`` every run of writing steps is put behind it, in branches too. With a ``shelter`` everything that
    comes before a deny stands in one.
    """

    triggers: ResolvedSet
    quiet_deny: str | None = None
    guard: Guard | None = None
    shelter: Shelter | None = None

    def write(self, steps: Iterable[Step], scope: Scope, *, repeated: bool = False) -> Lines:
        """Return the steps as plpgsql statements; ``repeated`` ones come before themselves."""
        steps = list(steps)
        if self.shelter is None:
            return self._run(steps, scope)
        lines: Lines = []
        runs = [list(run) for _, run in groupby(steps, key=_denying)]
        parts = [part for run in runs for part in ([[step] for step in run] if _denying(run[0]) else [run])]
        last = len(parts) if repeated else max((n for n, part in enumerate(parts) if _denying(part[0])), default=-1)
        for number, part in enumerate(parts):
            written = self._run(part, scope)
            lines += self.shelter(written) if number < last else written
        return lines

    def _run(self, steps: Sequence[Step], scope: Scope) -> Lines:
        if self.guard is None:
            return [line for step in steps for line in self._step(step, scope)]
        bare = replace(self, guard=None)
        lines: Lines = []
        for writing, run in groupby(steps, key=lambda step: step.only_writes()):
            together = list(run)
            if writing:
                lines += self.guard(together, bare.write(together, scope))
            else:
                lines += [line for step in together for line in self._step(step, scope)]
        return lines

    def _step(self, step: Step, scope: Scope) -> Lines:
        if (path := scope.traced.get(id(step))) is not None:
            return [f"{TRACE} := {literal(path)};", *self._untraced(step, scope)]
        return self._untraced(step, scope)

    def _untraced(self, step: Step, scope: Scope) -> Lines:
        if isinstance(step, If):
            return self._if(step, scope)
        lines = list(self._simple(step, scope))
        if step.when is None:
            return lines
        return [f"IF {scope.condition(step.when)} THEN", lines, "END IF;"]

    def _if(self, step: If, scope: Scope) -> Lines:
        lines: Lines = [f"IF {scope.condition(step.condition)} THEN", self.write(step.then, scope)]
        if step.otherwise:
            lines += ["ELSE", self.write(step.otherwise, scope)]
        return [*lines, "END IF;"]

    def _simple(self, step: Step, scope: Scope) -> Iterator[str | Lines]:
        match step:
            case Insert():
                yield from self._insert(step, scope)
            case Deny():
                yield from self._deny(step, scope)
            case GrantRole():
                yield from _membership(step.role, scope.operand(step.to), GRANT)
            case RevokeRole():
                yield from _membership(step.role, scope.operand(step.from_), REVOKE)
            case Set():
                is_local = "true" if step.scope == "transaction" else "false"
                value = parameter_text(step, scope)
                yield f"PERFORM set_config({literal(step.parameter)}, {value}, {is_local});"
            case CreateTempTable():
                yield from _temp_table(step, scope)
            case Call():
                schema, _, routine = step.routine.partition(".")
                arguments = ", ".join(scope.value(value) for value in step.args)
                verb = "CALL" if step.kind == "procedure" else "PERFORM"
                yield f"{verb} {scope.qualified(schema, routine)}({arguments});"
            case Log():
                yield f"RAISE {step.level.upper()} '%', {scope.message(step.message)};"
            case ForEach():
                yield f"FOR {step.item} IN SELECT * FROM {ITEM_SOURCES[step.item]} LOOP"
                yield self.write(step.do, scope.inside(step.item), repeated=any(map(_denying, step.do)))
                yield "END LOOP;"
            case Sql():
                yield terminated(scope.expression(step.text(scope.dialect)))

    def _insert(self, step: Insert, scope: Scope) -> Iterator[str | Lines]:
        table = self.triggers.tables[step.table]
        columns = [scope.quoted(column) for column in step.values]
        values = [scope.value(value) for value in step.values.values()]
        yield from insert_into(scope.qualified(table.schema, table.name), columns, values)

    def _deny(self, step: Deny, scope: Scope) -> Iterator[str | Lines]:
        if not scope.raises(step):
            yield "PERFORM pg_terminate_backend(pg_backend_pid());"
            return
        said = {option: scope.message(text) for option, text in _details(step).items() if text is not None}
        if self.quiet_deny:
            yield from (f"{variable} := {said[option]};" for option, variable in DENIAL.items() if option in said)
            if step.sqlstate is not None:
                yield f"{DENIAL_STATE} := {literal(step.sqlstate)};"
            yield f"EXIT {self.quiet_deny};"
        else:
            yield from raise_denial(said, state=literal(step.sqlstate or REFUSED))


GRANT, REVOKE = "GRANT %I TO %I", "REVOKE %I FROM %I"
DENIAL = {"MESSAGE": "denial", "DETAIL": "denial_detail", "HINT": "denial_hint"}
"""The variable of a function for each option of the RAISE that is done after its block."""
DENIAL_STATE = "denial_state"
REFUSED = "insufficient_privilege"
"""What PostgreSQL's own permission checks raise: 42501."""


def _details(step: Deny) -> Mapping[str, str | None]:
    return {"MESSAGE": step.message, "DETAIL": step.detail, "HINT": step.hint}


def denial_variables(denials: Iterable[Deny]) -> Lines:
    """Return the declarations of a function whose denials are raised after its block."""
    denials = list(denials)
    used = [variable for option, variable in DENIAL.items() if any(_details(each)[option] for each in denials)]
    state = f"{DENIAL_STATE} text := {literal(REFUSED)};"
    return [*(f"{variable} text;" for variable in used), *([state] if any(each.sqlstate for each in denials) else [])]


def raised_denials(denials: Iterable[Deny]) -> Lines:
    """Return the statements that raise what a denial has said; RAISE takes no option that is NULL."""
    denials = list(denials)
    state = DENIAL_STATE if any(each.sqlstate for each in denials) else literal(REFUSED)
    lines: Lines = []
    forms = {tuple(option for option, text in _details(each).items() if text is not None) for each in denials}
    for form in sorted(forms, key=len, reverse=True):
        given = [f"{DENIAL[option]} IS NOT NULL" for option in form]
        raising = raise_denial({option: DENIAL[option] for option in form}, state)
        lines += [f"IF {' AND '.join(given)} THEN", raising, "END IF;"]
    return lines


def _denying(step: Step) -> bool:
    return any(isinstance(each, Deny) for each in step.walk())


def raise_denial(said: Mapping[str, str], state: str) -> Lines:
    """Return the statement that refuses."""
    options = [f"{option} = {text}," for option, text in said.items()]
    return ["RAISE EXCEPTION USING", [*options, f"ERRCODE = {state};"]]


def membership_guard(role: str, member: str, command: str) -> Lines:
    """Return the IF around a GRANT or REVOKE.

    GRANT and REVOKE of what is already so write to the catalog and warn every client at every login.
    """
    granting = command.startswith("GRANT")
    test = "NOT EXISTS" if granting else "EXISTS"
    look: Lines = [
        "SELECT FROM pg_auth_members AS m",
        "JOIN pg_roles AS granted ON granted.oid = m.roleid",
        "JOIN pg_roles AS member ON member.oid = m.member",
        f"WHERE granted.rolname = {literal(role)} AND member.rolname = {member}",
    ]
    # A role cannot be a member of itself; the attempt would refuse that role's logins.
    itself = [f") AND {member} <> {literal(role)} THEN"] if granting else [") THEN"]
    return [f"IF {test} (", look, *itself]


def _membership(role: str, member: str, command: str) -> Lines:
    execute = f"EXECUTE format({literal(command)}, {literal(role)}, {member});"
    return [*membership_guard(role, member, command), [execute], "END IF;"]


def _temp_table(step: CreateTempTable, scope: Scope) -> Iterator[str | Lines]:
    columns = ", ".join(column_list(step.columns, scope.quoted))
    yield f"CREATE TEMPORARY TABLE IF NOT EXISTS {scope.quoted(step.table)} ({columns});"
    if step.owner is not None:
        owner = scope.expression(step.owner)
        command = literal("ALTER TABLE pg_temp.%I OWNER TO %I")
        yield f"EXECUTE format({command}, {literal(step.table)}, {owner});"


def parameter_text(step: Set, scope: Scope) -> str:
    """Return the value that a parameter gets, as a text."""
    if isinstance(step.value, str):
        return f"CAST({scope.expression(step.value)} AS text)"
    return "''" if step.value is None else literal(scope.value(step.value))


def terminated(text: str) -> str:
    """Return a user's statement with exactly the terminator it may lack."""
    text = text.rstrip()
    if text.endswith(";"):
        return text
    # A terminator behind a trailing comment would be part of it.
    return text + ("\n;" if "--" in text.rpartition("\n")[2] else ";")
