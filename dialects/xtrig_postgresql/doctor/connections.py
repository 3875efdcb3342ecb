"""Connections: standbys and logical replication, logins that hang, pools between the clients and the server."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xtrig.dialect.doctor import Problem
from xtrig.plugin import Severity, one_line
from xtrig_pgfamily.words import name
from xtrig_postgresql.doctor.server_state import HANGING_SECONDS, STARTED_LOCKED_SECONDS, HealthCheck, ServerState

_NEEDED = re.compile(r"\s*(?:(?:FIRST|ANY)\s+)?(\d+)\s*\(", re.IGNORECASE)
"""The number of standbys that synchronous_standby_names asks for (manual of 18); 1 if it names none."""


def _standbys_shut(server: ServerState) -> Iterator[Problem]:
    """With dathasloginevt set and no trigger of ENABLE or ENABLE ALWAYS, a standby refuses every login.

    "cannot acquire lock mode AccessExclusiveLock on database objects while recovery is in progress" (17.9, 18.4).
    """
    states = {trigger.state for trigger in server.login_triggers}
    if not server.looks_for_triggers or states & {"O", "A"}:
        return
    now = bool(server["is_standby"] or server.standbys)
    refuse = "its standbys refuse every login to it now" if now else "a standby would refuse every login to it"
    if states:
        message = f"its only login triggers are of ENABLE REPLICA: {refuse}"
        remedy = "enable them for everybody, or keep one that does nothing: CREATE EVENT TRIGGER ... ON login"
    else:
        message = f"it has no login trigger any more, but logins still look for one: {refuse}"
        remedy = "log in to it once on the primary as an ordinary client would"
    severity = Severity.ERROR if now else Severity.WARNING
    yield STANDBYS_SHUT.problem(severity, f"database {name(server['database'])}", message, remedy)


def _nobody_confirms(server: ServerState) -> Iterator[Problem]:
    """A commit that waits for a synchronous standby is not bounded: transaction_timeout does not fire there (18.4)."""
    names = server.setting("synchronous_standby_names")
    if not names or server["is_standby"] or server.server_setting("synchronous_commit") in ("off", "local"):
        return
    found = _NEEDED.match(names)
    needed = int(found[1]) if found else 1
    there = sum(row["sync_state"] in ("sync", "quorum") for row in server.standbys)
    if there < needed:
        message = (
            f"is {one_line(names)}, and {there} of {needed} standbys are there: a login that writes hangs, unbounded"
        )
        remedy = "bring the standby back; or set it to '' and call pg_reload_conf()"
        yield NOBODY_CONFIRMS.problem(Severity.ERROR, "synchronous_standby_names", message, remedy)


def _standbys_follow(server: ServerState) -> Iterator[Problem]:
    """Login triggers fire on standbys, where INSERT, CREATE TEMP TABLE, nextval and pg_notify fail (18.4)."""
    names = sorted({row["name"] for row in server.standbys})
    idle = [row["name"] for row in server.rows("slots") if row["type"] == "physical" and not row["is_active"]]
    said = [f"connected: {', '.join(map(one_line, names))}"] if names else []
    said += [f"with a slot, and away: {', '.join(idle)}"] if idle else []
    if said:
        message = f"{'; '.join(said)}; login triggers fire there too, and one that writes refuses the login"
        remedy = "see that they leave early where pg_is_in_recovery(), as xtrig's do"
        yield STANDBYS_FOLLOW.problem(Severity.NOTE, "standbys", message, remedy)


def _this_is_a_standby(server: ServerState) -> Iterator[Problem]:
    if server["is_standby"]:
        message = "this is a standby: it has the primary's triggers, and none can be changed here"
        yield THIS_IS_A_STANDBY.problem(Severity.NOTE, "server", message, "run xtrig doctor on the primary as well")


def _logical_replication(server: ServerState) -> Iterator[Problem]:
    """Walsenders with a database, pg_dump, and each table's first copy meet login triggers (18.4)."""
    slots = [row["name"] for row in server.rows("slots") if row["type"] == "logical"]
    if slots:
        message = f"the slots {', '.join(slots)} are read by logins to this database: a trigger that refuses stops them"
        remedy = "exempt the roles of subscribers and change readers from what refuses, and watch the slots"
        yield LOGICAL_REPLICATION.problem(Severity.NOTE, "logical replication", message, remedy)


STANDBYS_SHUT = HealthCheck("standbys-shut", ("server", "triggers", "databases", "standbys"), _standbys_shut)
NOBODY_CONFIRMS = HealthCheck("nobody-confirms", ("server", "settings", "standbys"), _nobody_confirms)
STANDBYS_FOLLOW = HealthCheck("standbys-follow", ("standbys", "slots"), _standbys_follow)
THIS_IS_A_STANDBY = HealthCheck("this-is-a-standby", ("server",), _this_is_a_standby)
LOGICAL_REPLICATION = HealthCheck("logical-replication", ("slots",), _logical_replication)


_POOLERS = re.compile(r"pgbouncer|odyssey|pgcat|pgpool|supavisor|pgagroal", re.IGNORECASE)
_RESETS = 3
"""From how many sessions of one address that last ran DISCARD ALL on it is a pool; one alone may be a person."""


def _hanging_logins(server: ServerState) -> Iterator[Problem]:
    hanging = sum(row["hanging"] for row in server.rows("sessions"))
    held = sum(row["held"] for row in server.rows("sessions"))
    if hanging:
        message = f"{hanging} hang in a login trigger for more than {HANGING_SECONDS} s; each keeps its connection"
        remedy = "switch the triggers off, then end these sessions: the commands are below"
        yield HANGING_LOGINS.problem(Severity.ERROR, "logins", message, remedy)
    if held:
        message = f"{held} wait for a lock before their first trigger for more than {STARTED_LOCKED_SECONDS} s"
        remedy = "end the transaction that creates or enables a login trigger: it holds up every login until it commits"
        yield HANGING_LOGINS.problem(Severity.ERROR, "logins", message, remedy)


def _pooled_connection(server: ServerState) -> Iterator[Problem]:
    """A pooler gives its clients a process id of its own, which differs from pg_backend_pid()."""
    reported = server.way_in.backend_pid
    if reported and server["pid"] and reported != server["pid"]:
        message = f"the driver was told of process {reported}, and process {server['pid']} answers: a pooler is between"
        remedy = "connect to the server itself: poolers drop PGOPTIONS, and with it the way past a trigger"
        yield POOLED_CONNECTION.problem(Severity.WARNING, "this connection", message, remedy)


def _pools(server: ServerState) -> Iterator[Problem]:
    """A login trigger fires once for a pooled connection: once for 20 clients (18.4)."""
    found: dict[str, None] = {}
    for row in server.rows("sessions"):
        if _POOLERS.search(row["application_name"] or ""):
            found[f"application {one_line(row['application_name'])}"] = None
        elif row["resets"] >= _RESETS:
            found[f"{row['resets']} sessions from {row['address'] or 'this machine'} reset by DISCARD ALL"] = None
    if found:
        message = (
            f"{', '.join(found)}: login triggers fire when the pool connects, as the pool's role, not for each client"
        )
        remedy = "let clients whose logins count connect without it"
        yield POOLS.problem(Severity.NOTE, "pools", message, remedy)


HANGING_LOGINS = HealthCheck("hanging-logins", ("sessions",), _hanging_logins)
POOLED_CONNECTION = HealthCheck("pooled-connection", ("server",), _pooled_connection)
POOLS = HealthCheck("pools", ("sessions",), _pools)

CHECKS = (
    STANDBYS_SHUT,
    NOBODY_CONFIRMS,
    STANDBYS_FOLLOW,
    THIS_IS_A_STANDBY,
    LOGICAL_REPLICATION,
    HANGING_LOGINS,
    POOLED_CONNECTION,
    POOLS,
)
