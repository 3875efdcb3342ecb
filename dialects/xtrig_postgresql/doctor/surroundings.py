"""The server itself: its version, its log, what it loads, and who asks."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.dialect.doctor import Ailment
from xtrig.plugin import Severity, one_line
from xtrig_pgfamily.words import name
from xtrig_postgresql.doctor.chart import Chart
from xtrig_postgresql.doctor.look import Look


def _too_old(chart: Chart) -> Iterator[Ailment]:
    if not chart.has_login_triggers:
        message = f"PostgreSQL {chart['version']} has no login triggers: they came with 17"
        yield TOO_OLD.ailment(Severity.NOTE, "server", message, "what is about logins alone was not looked for")


def _ordinary(chart: Chart) -> Iterator[Ailment]:
    """ "Must be superuser to create an event trigger" (18.4); some services let others."""
    if not chart["is_superuser"]:
        message = "is no superuser: it cannot create event triggers, nor start a session without them"
        remedy = "deploy, and keep for emergencies, as a superuser"
        yield ORDINARY.ailment(Severity.NOTE, f"role {name(chart['acts_as'])}", message, remedy)


def _lines_lost(chart: Chart) -> Iterator[Ailment]:
    """LOG ranks between ERROR and FATAL there (manual of 18, 19.8.2); from 19 on each kind of process has its own."""
    for level in chart.server_setting("log_min_messages").split(","):
        process, _, its = level.strip().rpartition(":")
        if process in ("", "backend") and its in ("fatal", "panic"):
            message = f"is {its}: a trigger's RAISE LOG lines are dropped, also those about its own failures"
            yield LINES_LOST.ailment(Severity.WARNING, "log_min_messages", message, "set it to warning, its default")
            return


def _not_collected(chart: Chart) -> Iterator[Ailment]:
    destinations = {each.strip() for each in chart.setting("log_destination").split(",")}
    if chart.setting("logging_collector") == "off" and not destinations & {"syslog", "eventlog"}:
        message = "is off, and the log goes to standard error: whether it is kept is up to what starts the server"
        remedy = "see that it keeps it, as systemd and containers do; or set it to on, which needs a restart"
        yield NOT_COLLECTED.ailment(Severity.NOTE, "logging_collector", message, remedy)


def _loads_each_time(chart: Chart) -> Iterator[Ailment]:
    """An empty login trigger took 1.27 times a login without, and 1.12 with plpgsql preloaded (18.4, unix socket)."""
    loaded = {each.strip() for each in chart.setting("shared_preload_libraries").split(",")}
    if "plpgsql" not in loaded:
        message = f"is {one_line(chart.setting('shared_preload_libraries')) or 'empty'}: each login loads plpgsql anew"
        remedy = "add plpgsql to halve what an empty login trigger costs; it needs a restart"
        yield LOADS_EACH_TIME.ailment(Severity.NOTE, "shared_preload_libraries", message, remedy)


TOO_OLD = Look("no-login-triggers", ("server",), _too_old, since_login_triggers=False)
ORDINARY = Look("ordinary-role", ("server",), _ordinary, since_login_triggers=False)
LINES_LOST = Look("log-lines-lost", ("settings",), _lines_lost, since_login_triggers=False)
NOT_COLLECTED = Look("log-not-collected", ("settings",), _not_collected, since_login_triggers=False)
LOADS_EACH_TIME = Look("plpgsql-not-preloaded", ("settings",), _loads_each_time)

LOOKS = (TOO_OLD, ORDINARY, LINES_LOST, NOT_COLLECTED, LOADS_EACH_TIME)
