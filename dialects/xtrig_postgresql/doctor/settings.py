"""Settings and the server itself: what disables or interrupts triggers, the version, the log, the role that asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xtrig.dialect.doctor import Problem
from xtrig.dialect.driver import Row
from xtrig.plugin import Severity, one_line
from xtrig_pgfamily.words import name
from xtrig_postgresql.doctor.server_state import HealthCheck, ServerState


def _set_to(server: ServerState, setting: str, wanted: Callable[[str], bool]) -> Iterator[tuple[str, str, str, Row]]:
    """Yield each place where a setting has a ``wanted`` value: description, value, RESET, and its row if any."""
    value = server.server_setting(setting)
    if wanted(value):
        yield (
            "the server",
            value,
            f"in postgresql.conf, or: ALTER SYSTEM RESET {setting}; SELECT pg_reload_conf()",
            {},
        )
    for row in server.rows("role settings"):
        if row["name"] == setting and wanted(row["value"]):
            where, altered = _place(row)
            yield where, row["value"], f"ALTER {altered} RESET {setting}", row


def _place(row: Row) -> tuple[str, str]:
    """Return the place of a setting of a database or role: as text, and as it is written after ALTER."""
    database = name(row["database"]) if row["database"] else ""
    role = name(row["role"]) if row["role"] else ""
    if role and database:
        return f"role {role} in database {database}", f"ROLE {role} IN DATABASE {database}"
    if role:
        return f"role {role}", f"ROLE {role}"
    return (f"database {database}", f"DATABASE {database}") if database else ("all roles", "ROLE ALL")


def _truth(value: str) -> bool | None:
    """Return a boolean as the server reads it; ALTER ROLE ... SET keeps what was written (bool.c of 18)."""
    word = value.lower()
    for truth, words in ((True, ("true", "yes", "on", "1")), (False, ("false", "no", "off", "0"))):
        if word not in ("", "o") and any(each.startswith(word) for each in words):
            return truth
    return None


def _event_triggers_off(server: ServerState) -> Iterator[Problem]:
    """For a superuser, event_triggers = off is emergency access and not reported."""
    for where, _, reset, row in _set_to(server, "event_triggers", lambda value: _truth(value) is False):
        if not row.get("is_superuser"):
            message = f"is off for {where}: no login and no DDL trigger fires there, and nothing says so"
            yield EVENT_TRIGGERS_OFF.problem(
                Severity.WARNING, "event_triggers", message, f"once it is no more needed: {reset}"
            )


def _replica_mode(server: ServerState) -> Iterator[Problem]:
    """session_replication_role decides which triggers fire (17.9, 18.4); ``local`` fires the same as ``origin``."""
    for where, _, reset, _row in _set_to(server, "session_replication_role", lambda value: value.lower() == "replica"):
        message = (
            f"is replica for {where}: there only triggers of ENABLE ALWAYS and ENABLE REPLICA fire, "
            "and foreign keys are not checked"
        )
        yield REPLICA_MODE.problem(Severity.WARNING, "session_replication_role", message, reset)


def _read_only_by_default(server: ServerState) -> Iterator[Problem]:
    """A login trigger cannot make its transaction writable again (five ways tried on 18.4)."""
    for where, _, reset, _row in _set_to(server, "default_transaction_read_only", lambda value: _truth(value) is True):
        message = f"is on for {where}: a login trigger writes no row there, and one that must write refuses the login"
        yield READ_ONLY_BY_DEFAULT.problem(Severity.WARNING, "default_transaction_read_only", message, reset)


def _transaction_timeout_for_all(server: ServerState) -> Iterator[Problem]:
    """transaction_timeout ends the session with FATAL, which no handler catches (18.4), at login and later."""
    for where, value, reset, _row in _set_to(server, "transaction_timeout", lambda value: value not in ("", "0")):
        # pg_settings has milliseconds, ALTER ROLE keeps the text that was written.
        shown = f"{value} ms" if value.isdigit() else one_line(value)
        message = (
            f"is {shown} for {where}: it ends dumps, deployments and long work, and bounds logins only for who keeps it"
        )
        remedy = f"bound login triggers by their function's SET clause instead; then: {reset}"
        yield TRANSACTION_TIMEOUT_FOR_ALL.problem(Severity.NOTE, "transaction_timeout", message, remedy)


EVENT_TRIGGERS_OFF = HealthCheck("event-triggers-off", ("settings", "role settings"), _event_triggers_off)
REPLICA_MODE = HealthCheck("replica-mode", ("settings", "role settings"), _replica_mode, since_login_triggers=False)
READ_ONLY_BY_DEFAULT = HealthCheck("read-only-by-default", ("settings", "role settings"), _read_only_by_default)
TRANSACTION_TIMEOUT_FOR_ALL = HealthCheck(
    "transaction-timeout-for-all", ("settings", "role settings"), _transaction_timeout_for_all
)


def _no_login_triggers(server: ServerState) -> Iterator[Problem]:
    if not server.has_login_triggers:
        message = f"PostgreSQL {server['version']} has no login triggers: they came with 17"
        yield NO_LOGIN_TRIGGERS.problem(
            Severity.NOTE, "server", message, "what is about logins alone was not looked for"
        )


def _ordinary_role(server: ServerState) -> Iterator[Problem]:
    """ "Must be superuser to create an event trigger" (18.4); some services let others."""
    if not server["is_superuser"]:
        message = "is no superuser: it cannot create event triggers, nor start a session without them"
        remedy = "deploy, and keep for emergencies, as a superuser"
        yield ORDINARY_ROLE.problem(Severity.NOTE, f"role {name(server['acts_as'])}", message, remedy)


def _log_lines_lost(server: ServerState) -> Iterator[Problem]:
    """In log_min_messages LOG ranks between ERROR and FATAL (manual of 18, 19.8.2); 19 has a level per process type."""
    for level in server.server_setting("log_min_messages").split(","):
        process, _, its = level.strip().rpartition(":")
        if process in ("", "backend") and its in ("fatal", "panic"):
            message = f"is {its}: a trigger's RAISE LOG lines are dropped, also those about its own failures"
            yield LOG_LINES_LOST.problem(
                Severity.WARNING, "log_min_messages", message, "set it to warning, its default"
            )
            return


def _log_not_collected(server: ServerState) -> Iterator[Problem]:
    destinations = {each.strip() for each in server.setting("log_destination").split(",")}
    if server.setting("logging_collector") == "off" and not destinations & {"syslog", "eventlog"}:
        message = "is off, and the log goes to standard error: whether it is kept is up to what starts the server"
        remedy = "see that it keeps it, as systemd and containers do; or set it to on, which needs a restart"
        yield LOG_NOT_COLLECTED.problem(Severity.NOTE, "logging_collector", message, remedy)


def _plpgsql_not_preloaded(server: ServerState) -> Iterator[Problem]:
    """An empty login trigger makes a login 1.27 times as long, 1.12 with plpgsql preloaded (18.4, unix socket)."""
    loaded = {each.strip() for each in server.setting("shared_preload_libraries").split(",")}
    if "plpgsql" not in loaded:
        message = f"is {one_line(server.setting('shared_preload_libraries')) or 'empty'}: each login loads plpgsql anew"
        remedy = "add plpgsql to halve what an empty login trigger costs; it needs a restart"
        yield PLPGSQL_NOT_PRELOADED.problem(Severity.NOTE, "shared_preload_libraries", message, remedy)


NO_LOGIN_TRIGGERS = HealthCheck("no-login-triggers", ("server",), _no_login_triggers, since_login_triggers=False)
ORDINARY_ROLE = HealthCheck("ordinary-role", ("server",), _ordinary_role, since_login_triggers=False)
LOG_LINES_LOST = HealthCheck("log-lines-lost", ("settings",), _log_lines_lost, since_login_triggers=False)
LOG_NOT_COLLECTED = HealthCheck("log-not-collected", ("settings",), _log_not_collected, since_login_triggers=False)
PLPGSQL_NOT_PRELOADED = HealthCheck("plpgsql-not-preloaded", ("settings",), _plpgsql_not_preloaded)

CHECKS = (
    EVENT_TRIGGERS_OFF,
    REPLICA_MODE,
    READ_ONLY_BY_DEFAULT,
    TRANSACTION_TIMEOUT_FOR_ALL,
    NO_LOGIN_TRIGGERS,
    ORDINARY_ROLE,
    LOG_LINES_LOST,
    LOG_NOT_COLLECTED,
    PLPGSQL_NOT_PRELOADED,
)
