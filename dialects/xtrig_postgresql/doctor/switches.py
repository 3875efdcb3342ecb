"""Settings that switch triggers off, or cut them short: of the server, of a database, of a role."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from xtrig.dialect.doctor import Ailment
from xtrig.dialect.driver import Row
from xtrig.plugin import Severity, one_line
from xtrig_pgfamily.words import name
from xtrig_postgresql.doctor.chart import Chart
from xtrig_postgresql.doctor.look import Look


def _set_to(chart: Chart, setting: str, wanted: Callable[[str], bool]) -> Iterator[tuple[str, str, str, Row]]:
    """Yield where a setting has a value: in words, the value, the clause that takes it back, the row if any."""
    value = chart.server_setting(setting)
    if wanted(value):
        yield (
            "the server",
            value,
            f"ALTER SYSTEM RESET {setting} (or postgresql.conf), then SELECT pg_reload_conf()",
            {},
        )
    for row in chart.rows("role settings"):
        if row["name"] == setting and wanted(row["value"]):
            where, altered = _place(row)
            yield where, row["value"], f"ALTER {altered} RESET {setting}", row


def _place(row: Row) -> tuple[str, str]:
    """Return where a database or a role has a setting: in words, and as ALTER names it."""
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


def _is_off(value: str) -> bool:
    return _truth(value) is False


def _is_on(value: str) -> bool:
    return _truth(value) is True


def _off(chart: Chart) -> Iterator[Ailment]:
    """Superusers for whom it is off are a way back in, and no ailment."""
    for where, _, reset, row in _set_to(chart, "event_triggers", _is_off):
        if not row.get("is_superuser"):
            message = f"is off for {where}: no login and no DDL trigger fires there, and nothing says so"
            yield OFF.ailment(Severity.WARNING, "event_triggers", message, f"once it is no more needed: {reset}")


def _replica(chart: Chart) -> Iterator[Ailment]:
    """Which states fire in which role: seen on 17.9 and 18.4. ``local`` is like ``origin``."""
    for where, _, reset, _row in _set_to(chart, "session_replication_role", lambda value: value.lower() == "replica"):
        message = (
            f"is replica for {where}: there only triggers of ENABLE ALWAYS and ENABLE REPLICA fire, "
            "and foreign keys are not checked"
        )
        yield REPLICA.ailment(Severity.WARNING, "session_replication_role", message, reset)


def _read_only(chart: Chart) -> Iterator[Ailment]:
    """No SQL in a login trigger can undo it (five ways tried on 18.4)."""
    for where, _, reset, _row in _set_to(chart, "default_transaction_read_only", _is_on):
        message = f"is on for {where}: a login trigger writes no row there, and one that must write refuses the login"
        yield READ_ONLY.ailment(Severity.WARNING, "default_transaction_read_only", message, reset)


def _timeout(chart: Chart) -> Iterator[Ailment]:
    """Its error is FATAL and cannot be caught (18.4), at login and in every other transaction."""
    for where, value, reset, _row in _set_to(chart, "transaction_timeout", lambda value: value not in ("", "0")):
        # pg_settings tells milliseconds, ALTER ROLE keeps what was written.
        shown = f"{value} ms" if value.isdigit() else one_line(value)
        message = (
            f"is {shown} for {where}: it ends dumps, deployments and long work, and bounds logins only for who keeps it"
        )
        remedy = f"bound login triggers by their function's SET clause instead, and: {reset}"
        yield TIMEOUT.ailment(Severity.NOTE, "transaction_timeout", message, remedy)


OFF = Look("event-triggers-off", ("settings", "role settings"), _off)
REPLICA = Look("replica-mode", ("settings", "role settings"), _replica, since_login_triggers=False)
READ_ONLY = Look("read-only-by-default", ("settings", "role settings"), _read_only)
TIMEOUT = Look("transaction-timeout-for-all", ("settings", "role settings"), _timeout)

LOOKS = (OFF, REPLICA, READ_ONLY, TIMEOUT)
