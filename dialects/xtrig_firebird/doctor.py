"""``xtrig doctor`` on Firebird: what makes triggers at logon unsafe, and the way past one that refuses everybody."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xtrig.dialect.doctor import Answers, Command, Doctor, Problem
from xtrig.dialect.driver import Row, WayIn
from xtrig.plugin import Severity
from xtrig_firebird.words import name, unfolded

_ACTIVE = (
    "t.rdb$trigger_type IN (8192, 8193) AND coalesce(t.rdb$trigger_inactive, 0) = 0"
    " AND coalesce(t.rdb$system_flag, 0) = 0"
)
"""The condition of an active trigger ON CONNECT or ON DISCONNECT."""
_TRIGGERS = f"SELECT trim(t.rdb$trigger_name) name FROM rdb$triggers t WHERE {_ACTIVE}"
_NEEDED = (
    "SELECT DISTINCT trim(t.rdb$trigger_name) name, trim(d.rdb$depended_on_name) needed FROM rdb$dependencies d"
    " JOIN rdb$triggers t ON d.rdb$dependent_name = t.rdb$trigger_name AND d.rdb$dependent_type = 2"
    f" WHERE {_ACTIVE}"
)


@dataclass(frozen=True, slots=True)
class _HealthCheck:
    """A query with a row for each problem, and what is wrong then; ``{}`` are its columns."""

    name: str
    severity: Severity
    query: str
    subject: str
    message: str
    remedy: str

    def problem(self, row: Row) -> Problem:
        """Return the problem that a row tells of."""
        said = {column: value if value is not None else "" for column, value in row.items()}
        texts = (each.format(**said) for each in (self.subject, self.message, self.remedy))
        return Problem(self.name, self.severity, *texts)


# Language Reference, System Tables: RDB$DEPENDENCIES.RDB$DEPENDED_ON_TYPE 5 is a procedure, 15 a function;
# RDB$USER_PRIVILEGES.RDB$PRIVILEGE L is ALTER, of SQL$DATABASE. All seen on 3.0.11 and 5.0.4.
CHECKS = (
    _HealthCheck(
        "no-way-past",
        Severity.WARNING,
        "SELECT trim(current_user) who, trim(r.rdb$owner_name) db_owner FROM rdb$relations r"
        " WHERE r.rdb$relation_name = 'RDB$DATABASE' AND current_user NOT IN ('SYSDBA', r.rdb$owner_name)"
        " AND current_role <> 'RDB$ADMIN'",
        "user {who}",
        "he cannot get past a trigger that refuses everybody: SYSDBA and the owner ({db_owner}) may, and from 4.0 on "
        "a role with the system privilege IGNORE_DB_TRIGGERS",
        "deploy as one of them",
    ),
    _HealthCheck(
        "static-call",
        Severity.WARNING,
        f"{_NEEDED} AND d.rdb$depended_on_type IN (5, 15)",
        "trigger {name}",
        "it calls {needed} by name: whoever gives that other parameters refuses every login from then on, past any "
        "handler, and the server lets him",
        "call it by EXECUTE STATEMENT, as a call step does",
    ),
    _HealthCheck(
        "monitoring-tables",
        Severity.WARNING,
        f"{_NEEDED} AND d.rdb$depended_on_name STARTING WITH 'MON$'",
        "trigger {name}",
        "it reads {needed}, which has hung logins and shutdowns (FirebirdSQL/firebird#7979 until 3.0.12, #9136)",
        "read it from a procedure that no trigger calls",
    ),
    # Seen on 3.0.11 and 5.0.4: RDB$VALID_BLR is 0 after such a change, and 1 where a call no longer fits its routine.
    _HealthCheck(
        "types-changed",
        Severity.WARNING,
        f"{_TRIGGERS} AND t.rdb$valid_blr = 0",
        "trigger {name}",
        "a domain or a column whose type it uses was altered after it was made: nothing says that it still compiles, "
        "and one that does not refuses every login",
        "make it anew with CREATE OR ALTER TRIGGER and its own text",
    ),
    _HealthCheck(
        "others-may-alter",
        Severity.WARNING,
        "SELECT DISTINCT trim(p.rdb$user) who FROM rdb$user_privileges p"
        " WHERE p.rdb$relation_name = 'SQL$DATABASE' AND p.rdb$privilege = 'L'",
        "user {who}",
        "with ALTER DATABASE he may make and drop triggers at logon, and the statements of one are not checked against "
        "anybody's rights",
        "REVOKE ALTER DATABASE, or trust him as the owner",
    ),
    _HealthCheck(
        "not-by-xtrig",
        Severity.NOTE,
        f"{_TRIGGERS} AND coalesce(t.rdb$description, '') NOT STARTING WITH 'xtrig:'",
        "trigger {name}",
        "it fires at each login or logoff, and xtrig did not make it",
        "see what it does: xtrig import --url",
    ),
    _HealthCheck(
        "read-only",
        Severity.NOTE,
        "SELECT 1 there FROM mon$database WHERE mon$read_only = 1",
        "this database",
        "it is read-only: a trigger that writes refuses everybody, unless standby: skip leaves that out",
        "gfix -mode read_write makes it writable",
    ),
)


class FirebirdDoctor(Doctor):
    """Reads the system tables; every user may."""

    def queries(self) -> Mapping[str, str]:
        """Return a query for each check, and one for the triggers at logon."""
        triggers = f"{_TRIGGERS} AND t.rdb$trigger_type = 8192 ORDER BY 1"
        return {**{check.name: check.query for check in CHECKS}, "triggers": triggers}

    def problems(self, answers: Answers, way_in: WayIn) -> Iterator[Problem]:
        """Yield what the checks find, and a note for each that could not be asked."""
        for check in CHECKS:
            answer = answers[check.name]
            if answer.problem is not None:
                yield Problem("not-looked-at", Severity.NOTE, check.name, answer.problem, "ask as SYSDBA or the owner")
            yield from map(check.problem, answer.rows)

    def emergency_commands(self, answers: Answers, way_in: WayIn) -> Iterator[Command]:
        """Yield what gets SYSDBA in, and what lets everybody in again; no password is among it."""
        names = [name(unfolded(str(row["name"]))) for row in answers["triggers"].rows]
        if not names:
            return
        host, file = way_in.parameters.get("host", ""), way_in.parameters.get("database", "")
        where = shlex.quote(f"{host.replace(':', '/')}:{file}" if host else file)
        isql = f"isql -nodbtriggers -user SYSDBA {where}"
        yield Command("A session that meets no trigger, for SYSDBA and the owner", isql)

        def run(verb: str, end: str = "") -> str:
            return "\n".join([f"{isql} <<'END'", *(f"{verb} TRIGGER {each}{end};" for each in names), "COMMIT;", "END"])

        yield Command("Let everybody in: no trigger at logon fires", run("ALTER", " INACTIVE"), run("ALTER", " ACTIVE"))
        yield Command("The same where one no longer compiles, and cannot be altered", run("DROP"))
        if not host:
            return
        local = f"isql -nodbtriggers -user SYSDBA {shlex.quote(file)}"
        yield Command("On the server's machine, as a user who may open the file; no password is asked", local)
