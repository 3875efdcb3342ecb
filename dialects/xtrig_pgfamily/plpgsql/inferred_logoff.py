"""A logoff event for a server that has none: the next login finds the sessions that have ended.

The logon side writes each session into a table of open sessions. At every login, rows whose session is
gone are taken out, a bounded number at a time, and the function's steps run for each with that session's
facts. A row belongs to a living session only if a server process with its pid started before the row was
written: pids are reused, but the new process starts later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from xtrig.plugin import Event, Fact, Lines, ResolvedFunction, ResolvedSet, ResolvedTrigger, Spelling, layout, uses
from xtrig_pgfamily.objects import Function, Table, TableColumn
from xtrig_pgfamily.plpgsql.function import (
    READ_ONLY,
    Fields,
    caught,
    declared_trace,
    error_fields,
    exemption,
    guarded_function,
    log_line,
    relaxed,
)
from xtrig_pgfamily.plpgsql.scope import Scope
from xtrig_pgfamily.plpgsql.steps import StepWriter
from xtrig_pgfamily.words import name

ENDS_PER_LOGIN = 20
"""The most ended sessions that one login records; after a crash the next logins record the others."""

# Facts of the ended session, kept while it is open. NULL where the function does not use them.
_KEPT: dict[Fact, str] = {
    Fact.LOGIN_USER: "text",
    Fact.CURRENT_USER: "text",
    Fact.CLIENT_IP: "text",
    Fact.CLIENT_PORT: "integer",
    Fact.CLIENT_HOST: "text",
    Fact.APPLICATION: "text",
    Fact.SESSION_ID: "text",
    Fact.AUTH_METHOD: "text",
    Fact.SSL: "boolean",
}
_IDENTITY = (
    TableColumn("backend_pid", "integer", is_needed=True, declared="integer NOT NULL", is_key=True),
    TableColumn("logged_on_at", "timestamptz", is_needed=True, declared="timestamptz NOT NULL", is_key=True),
)
_KEY = "backend_pid, logged_on_at"
INFERRED = {
    Fact.EVENT: "'logoff'",
    Fact.NATIVE_EVENT: "'inferred'",
    Fact.TAG: "'INFERRED'",
    Fact.BACKEND_PID: "ended.backend_pid",
    **{fact: f"ended.{name(fact)}" for fact in _KEPT},
}
"""Facts of the ended session, as expressions."""


def inferred_spelling(fact: Fact, found: Spelling) -> Spelling:
    """Return how ``fact`` is written there, given how it is written at a login."""
    if fact in _KEPT or fact is Fact.BACKEND_PID:
        kept = f"of the ended session, as at its logon{f'; {found.note}' if found.note else ''}"
        return replace(found, sql=INFERRED[fact], note=kept)
    if fact in INFERRED:
        return replace(found, sql=INFERRED[fact], note="tells an inferred logoff from a real one")
    return replace(found, note=f"of the login that notices the end{f'; {found.note}' if found.note else ''}")


@dataclass(frozen=True, slots=True)
class InferredLogoff:
    """The objects of one inferred logoff trigger: the table of open sessions and the function."""

    trigger: ResolvedTrigger

    @property
    def path(self) -> tuple[str, str]:
        """Schema and name of the function, whose name is made from the trigger's."""
        return (self.trigger.function.schema, f"{self.trigger.name}_inferred")

    def table(self) -> Table:
        """Return the table of open sessions. It always has all columns, so that steps may change later."""
        schema, trigger = self.trigger.function.schema, self.trigger.name
        kept = (TableColumn(str(fact), kind, declared=kind) for fact, kind in _KEPT.items())
        return Table(
            path=(schema, f"{trigger}_open"),
            columns=(*_IDENTITY, *kept),
            constraints=(f"PRIMARY KEY ({_KEY})",),
            purpose=f"Open sessions, for the inferred logoff of trigger {trigger}",
        )

    def function(self, triggers: ResolvedSet, scope: Scope) -> Function:
        """Return the function that the login event runs."""
        function, ended = self._of_ended(scope)
        inner: Lines = [
            *exemption(function, ended),
            "-- standby: skip. Nothing can be written there; the next login on the primary catches up.",
            f"IF {READ_ONLY} THEN",
            [*log_line(function, ended, "not written"), "RETURN;"],
            "END IF;",
            *relaxed(function, scope),
            *caught(self._register(scope), function, ended),
            *caught(self._ends(triggers, ended), function, ended),
        ]
        body = layout(["DECLARE", ["ended record;", *declared_trace(ended)], "BEGIN", inner, "END"])
        return guarded_function(function, scope, f"\n{body}\n")

    def planned(self, triggers: ResolvedSet, scope: Scope) -> Function | None:
        """Return the function that plans its queries and executes none; see :func:`planned_function`."""
        from xtrig_pgfamily.plpgsql.planned import planned_function  # noqa: PLC0415  # rendering does without

        function, ended = self._of_ended(scope)
        return planned_function(triggers, function, ended, {"ended": f"SELECT * FROM {self.table().name}"})

    def _of_ended(self, scope: Scope) -> tuple[ResolvedFunction, Scope]:
        function = replace(self.trigger.function, name=self.path[1])
        return function, replace(scope, events=(Event.LOGOFF,), replaced=INFERRED)

    def ended_session(self, scope: Scope) -> str:
        """Return the statement that leaves a session which has ended, so that the next run has one to record."""
        columns = ", ".join(("backend_pid", "logged_on_at", *map(name, _KEPT)))
        # No session has the process 0.
        values = ", ".join(("0", "now()", *map(scope.fact, _KEPT)))
        return f"INSERT INTO {self.table().name} ({columns}) VALUES ({values})"

    def _register(self, scope: Scope) -> Lines:
        used = {fact for use in uses(self.trigger.function) for fact in use.template.facts}
        kept = [fact for fact in _KEPT if fact in used]
        columns = ", ".join(["backend_pid", "logged_on_at", *map(name, kept)])
        values = ", ".join(["pg_backend_pid()", "clock_timestamp()", *(scope.fact(fact) for fact in kept)])
        return [
            "-- This session is open from here on.",
            f"INSERT INTO {self.table().name} ({columns})",
            f"VALUES ({values});",
        ]

    def _ends(self, triggers: ResolvedSet, scope: Scope) -> Lines:
        return [
            f"-- Sessions that have ended since; at most {ENDS_PER_LOGIN} a login, each by one login alone.",
            # An earlier trigger of this login may have cached who was there before the last row was written.
            "PERFORM pg_stat_clear_snapshot();",
            "FOR ended IN",
            [
                f"DELETE FROM {self.table().name} AS o",
                "WHERE (o.backend_pid, o.logged_on_at) IN (",
                [
                    "SELECT candidate.backend_pid, candidate.logged_on_at",
                    f"FROM {self.table().name} AS candidate",
                    "WHERE NOT EXISTS (",
                    [
                        "SELECT FROM pg_stat_get_activity(NULL) AS session",
                        "WHERE session.pid = candidate.backend_pid",
                        # NULL where the owner may not see the session: then it counts as the same one.
                        "  AND (session.backend_start > candidate.logged_on_at) IS NOT TRUE",
                    ],
                    ")",
                    f"ORDER BY candidate.logged_on_at LIMIT {ENDS_PER_LOGIN}",
                    "FOR UPDATE SKIP LOCKED",
                ],
                ")",
                "RETURNING o.*",
            ],
            "LOOP",
            self._record(triggers, scope),
            "END LOOP;",
        ]

    def _record(self, triggers: ResolvedSet, scope: Scope) -> Lines:
        """Return the function's steps for one ended session.

        Any other error takes the whole batch back, to be tried again at the next login; a row that its own
        values make impossible would be tried for ever, and hold up all that ended after it.
        """
        steps = StepWriter(triggers).write(self.trigger.function.steps, scope)
        error: Fields = {**error_fields(scope), "ended": "row_to_json(ended)"}
        return [
            "BEGIN",
            [*steps, "SET CONSTRAINTS ALL IMMEDIATE;"],
            "EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN",
            log_line(self.trigger.function, scope, "not recorded", error),
            "END;",
        ]
