"""Functions and blocks in strict PL/SQL, the language of PolarDB's documented example.

It has no PERFORM, no RAISE WARNING, no dollar quotes, no E'' and, in the documented form, no SET clause:
names are qualified with their schema instead of pinning a search_path.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from xtrig.model import (
    Call,
    CreateTempTable,
    Deny,
    ForEach,
    GrantRole,
    If,
    Insert,
    RevokeRole,
    Set,
    Sql,
    Step,
)
from xtrig.plugin import Fact, Lines, ResolvedFunction, ResolvedSet, layout, literal
from xtrig_pgfamily.plpgsql.scope import Scope
from xtrig_pgfamily.plpgsql.steps import terminated
from xtrig_pgfamily.statements import insert_into
from xtrig_polardb.objects import column_list
from xtrig_polardb.words import name, qualified

READ_ONLY = "pg_catalog.pg_is_in_recovery() OR pg_catalog.current_setting('transaction_read_only') = 'on'"

_STANDBY = "-- standby: skip. Nothing can be written on a read-only node or in a read-only session."


def text_literal(text: str) -> str:
    """Return a string literal: PL/SQL knows no backslash escapes."""
    return literal(text, backslash_escapes=False)


@dataclass(frozen=True, slots=True)
class PlsqlWriter:
    """Writes one function, or the block of one system trigger."""

    triggers: ResolvedSet
    function: ResolvedFunction
    scope: Scope
    has_authid: bool = False
    unexplained: list[str] = field(default_factory=lambda: [_STANDBY])
    """Comments that are not written yet: each stands once, at the first statement that it explains."""

    def create_function(self, authid: str = "") -> str:
        """Return CREATE FUNCTION in the documented form; ``authid`` is its invoker-rights clause, if any."""
        called = qualified(self.function.schema, self.function.name)
        head = f"CREATE OR REPLACE FUNCTION {called} RETURN event_trigger{authid} IS"
        body = self.function.body.get(self.scope.dialect)
        if body is not None:
            # The script ends every statement itself.
            return f"{head}\n{body.rstrip().removesuffix(';').rstrip()}"
        block = self.guarded()
        return layout([head, self.declarations(block), "BEGIN", block, "END"])

    def guarded(self) -> Lines:
        """Return the steps with their guards."""
        lines = [*self._lock_timeout(), *self._durability(), *self._steps()]
        remarks = self._remarks()
        roles = self.function.policies.exempt_roles
        if not roles:
            return [*remarks, *lines]
        user = self.scope.fact(Fact.LOGIN_USER)
        return [
            *remarks,
            "-- exempt_roles: nothing is done for these roles.",
            f"IF {user} NOT IN ({', '.join(map(text_literal, roles))}) THEN",
            lines,
            "END IF;",
        ]

    def declarations(self, block: Lines) -> Lines:
        """Return the declarations that ``block`` needs."""
        text = layout(block)
        needed = {"ignored :=": "ignored text;", "INTO held": "held integer;"}
        return [declaration for use, declaration in needed.items() if use in text]

    def security_remark(self) -> str:
        """Return the comment on policy security, for which only the Oracle edition documents a clause."""
        if self.has_authid:
            return (
                f"-- security: {self.function.policies.security}. Every name is qualified: this form has no SET clause."
            )
        return "-- security: this form has no clause for it and no SET clause; every name is qualified."

    def _remarks(self) -> Lines:
        """Return the policies that need no statement here, and why."""
        if not self.scope.is_session:
            return []
        return [
            self.security_remark(),
            "-- on_error: allow. PolarDB logs an error raised here and lets the session in.",
        ]

    def _lock_timeout(self) -> Lines:
        if not self.function.policies.lock_timeout:
            return []
        return [
            "-- lock_timeout: a lock held elsewhere may delay this, not hold it.",
            _ignore(
                f"pg_catalog.set_config('lock_timeout', {text_literal(self.function.policies.lock_timeout)}, true)"
            ),
        ]

    def _durability(self) -> Lines:
        if self.function.policies.durability != "relaxed" or not self.scope.is_session:
            return []
        return [
            "-- durability: relaxed. The session does not wait for the disk.",
            _ignore("pg_catalog.set_config('synchronous_commit', 'off', true)"),
        ]

    def _steps(self) -> Lines:
        guarded = self.function.policies.standby == "skip" and self.scope.is_session
        return self.write(self.function.steps, guarded=guarded)

    def write(self, steps: Iterable[Step], *, guarded: bool = False) -> Lines:
        """Return the steps as PL/SQL; with ``guarded`` each run of writing ones behind the standby guard."""
        lines: Lines = []
        for writing, run in groupby(steps, key=lambda step: step.only_writes()):
            shut = guarded and writing
            written: Lines = [line for step in run for line in self._step(step, guarded=guarded and not shut)]
            lines += self._unless_read_only(written) if shut else written
        return lines

    def _unless_read_only(self, written: Lines) -> Lines:
        explained = [self.unexplained.pop()] if self.unexplained else []
        return [*explained, f"IF NOT ({READ_ONLY}) THEN", written, "END IF;"]

    def _step(self, step: Step, *, guarded: bool) -> Lines:
        scope = self.scope
        if isinstance(step, If):
            lines: Lines = [f"IF {scope.condition(step.condition)} THEN", self.write(step.then, guarded=guarded)]
            lines += ["ELSE", self.write(step.otherwise, guarded=guarded)] if step.otherwise else []
            return [*lines, "END IF;"]
        if isinstance(step, ForEach):
            # A system trigger fires once for each object, so there is nothing to loop over.
            lines = PlsqlWriter(self.triggers, self.function, scope.inside(step.item)).write(step.do)
        else:
            lines = list(self._simple(step))
        return lines if step.when is None else [f"IF {scope.condition(step.when)} THEN", lines, "END IF;"]

    def _simple(self, step: Step) -> Iterator[str | Lines]:
        scope = self.scope
        match step:
            case Insert():
                yield from self._insert(step)
            case GrantRole():
                yield from self._membership(step.role, scope.operand(step.to), grants=True)
            case RevokeRole():
                yield from self._membership(step.role, scope.operand(step.from_), grants=False)
            case Set():
                is_local = "true" if step.scope == "transaction" else "false"
                value = f"CAST({scope.expression(step.value)} AS text)" if isinstance(step.value, str) else None
                value = value or text_literal("" if step.value is None else scope.value(step.value))
                yield _ignore(f"pg_catalog.set_config({text_literal(step.parameter)}, {value}, {is_local})")
            case CreateTempTable():
                columns = ", ".join(column_list(step.columns))
                command = f"CREATE TEMPORARY TABLE IF NOT EXISTS {name(step.table)} ({columns})"
                yield f"EXECUTE IMMEDIATE {text_literal(command)};"
                if step.owner is not None:
                    alter = text_literal(f"ALTER TABLE pg_temp.{name(step.table)} OWNER TO ")
                    yield f"EXECUTE IMMEDIATE {alter} || pg_catalog.quote_ident({scope.expression(step.owner)});"
            case Deny(enforce="terminate"):
                # An error would only be logged; the message has nowhere to go.
                yield _ignore("pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid())")
            case Call():
                schema, _, routine = step.routine.partition(".")
                arguments = ", ".join(scope.value(value) for value in step.args)
                call = f"{qualified(schema, routine)}({arguments})"
                yield f"{call};" if step.kind == "procedure" else _ignore(call)
            case Sql():
                yield terminated(scope.expression(step.text(scope.dialect)))
            case _:  # check() of the dialect refuses the others before anything is compiled
                raise ValueError(f"{type(step).__name__} has no PL/SQL form")

    def _insert(self, step: Insert) -> Iterator[str | Lines]:
        table = self.triggers.tables[step.table]
        columns = [name(column) for column in step.values]
        values = [self.scope.value(value) for value in step.values.values()]
        yield from insert_into(qualified(table.schema, table.name), columns, values)

    def _membership(self, role: str, member: str, *, grants: bool) -> Iterator[str | Lines]:
        verb, preposition = ("GRANT", "TO") if grants else ("REVOKE", "FROM")
        yield "SELECT COUNT(*) INTO held FROM pg_catalog.pg_auth_members m"
        yield [
            "JOIN pg_catalog.pg_roles granted ON granted.oid = m.roleid",
            "JOIN pg_catalog.pg_roles member ON member.oid = m.member",
            f"WHERE granted.rolname = {text_literal(role)} AND member.rolname = {member};",
        ]
        itself = f" AND {member} <> {text_literal(role)}" if grants else ""
        yield f"IF held {'=' if grants else '>'} 0{itself} THEN"
        command = text_literal(f"{verb} {name(role)} {preposition} ")
        yield [f"EXECUTE IMMEDIATE {command} || pg_catalog.quote_ident({member});"]
        yield "END IF;"


def _ignore(call: str) -> str:
    """Return the call of a function whose result is not used; PL/SQL has no PERFORM."""
    return f"ignored := {call};"
