"""Who could get in, and where, if login triggers refuse everybody."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.dialect.doctor import Ailment
from xtrig.plugin import Severity
from xtrig_pgfamily.words import name
from xtrig_postgresql.doctor.chart import Chart
from xtrig_postgresql.doctor.look import Look

CROWDED = 0.75
"""The share of the connections from which on a few hanging logins can take the rest."""


def _no_way_back(chart: Chart) -> Iterator[Ailment]:
    """A superuser starts a session with event_triggers=off; so does a role with SET on it, who alters no trigger.

    Tried on 18.4: others get ``permission denied to set parameter "event_triggers"``, CREATEROLE or not.
    """
    rows = chart.rows("roles")
    if any(row["is_superuser"] for row in rows):
        return
    remedy = "keep one superuser that can log in: ALTER ROLE ... SUPERUSER LOGIN VALID UNTIL 'infinity'"
    if not rows:
        message = "there is no superuser who can log in, so nobody could get past a login trigger that refuses"
        yield NO_WAY_BACK.ailment(Severity.ERROR, "roles", message, remedy)
        return
    keys = ", ".join(name(row["name"]) for row in rows)
    message = f"{keys} may set event_triggers and so get in, but there is no superuser who could alter the trigger"
    yield NO_WAY_BACK.ailment(Severity.WARNING, "roles", message, remedy)


def _no_reserve(chart: Chart) -> Iterator[Ailment]:
    """Logins that hang take one connection each, and free none when their clients leave (measured on 18.4)."""
    if chart.setting("superuser_reserved_connections") == "0":
        message = "is 0: logins that hang in a trigger take every connection, also the one that could end them"
        remedy = "set it to 3, its default; it needs a restart"
        yield NO_RESERVE.ailment(Severity.WARNING, "superuser_reserved_connections", message, remedy)
    keys = [row["name"] for row in chart.rows("roles") if not row["is_superuser"]]
    if keys and chart.setting("reserved_connections") == "0":
        called = ", ".join(map(name, keys))
        message = f"is 0: {called} may switch event_triggers off, but finds no connection once hanging logins took all"
        remedy = f"set it to 2 and grant pg_use_reserved_connections to {called}; it needs a restart"
        yield NO_RESERVE.ailment(Severity.NOTE, "reserved_connections", message, remedy)


def _crowded(chart: Chart) -> Iterator[Ailment]:
    most = int(chart.setting("max_connections") or 0)
    kept = sum(int(chart.setting(each) or 0) for each in ("superuser_reserved_connections", "reserved_connections"))
    used = sum(row["number"] for row in chart.rows("sessions"))
    if most and used >= CROWDED * (most - kept):
        message = f"{used} of {most - kept} are taken: a few logins that hang would shut every database of the server"
        remedy = "raise max_connections, or put a pool before the clients that open most"
        yield CROWDED_SERVER.ailment(Severity.WARNING, "connections", message, remedy)


def other_database(chart: Chart) -> str:
    """Return a database that no login trigger of this one, and no other, guards; "" if there is none."""
    rows = [row for row in chart.rows("databases") if not row["is_this"] and not row["looks_for_triggers"]]
    return rows[0]["name"] if rows else ""


def _no_other_database(chart: Chart) -> Iterator[Ailment]:
    if not other_database(chart):
        message = "every other one has login triggers too, so there is none to repair this one from"
        remedy = "keep one without, such as postgres"
        yield NO_OTHER_DATABASE.ailment(Severity.WARNING, "databases", message, remedy)


def _other_databases(chart: Chart) -> Iterator[Ailment]:
    """Login triggers belong to one database; which ones another has cannot be seen from here."""
    there = [row["name"] for row in chart.rows("databases") if not row["is_this"] and row["looks_for_triggers"]]
    if there:
        message = f"{', '.join(map(name, there))} may have login triggers too, which cannot be seen from this database"
        yield OTHER_DATABASES.ailment(Severity.NOTE, "databases", message, "run xtrig doctor there as well")


NO_WAY_BACK = Look("no-way-back", ("roles",), _no_way_back)
NO_RESERVE = Look("no-reserved-connections", ("settings", "roles"), _no_reserve)
CROWDED_SERVER = Look("few-connections-left", ("settings", "sessions"), _crowded)
NO_OTHER_DATABASE = Look("no-other-database", ("databases",), _no_other_database)
OTHER_DATABASES = Look("other-databases", ("databases",), _other_databases)

LOOKS = (NO_WAY_BACK, NO_RESERVE, CROWDED_SERVER, NO_OTHER_DATABASE, OTHER_DATABASES)
