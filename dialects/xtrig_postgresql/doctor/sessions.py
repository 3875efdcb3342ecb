"""Who is connected: logins that hang, and pools between the clients and the server."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xtrig.dialect.doctor import Ailment
from xtrig.plugin import Severity, one_line
from xtrig_postgresql.doctor.chart import Chart
from xtrig_postgresql.doctor.look import Look
from xtrig_postgresql.doctor.queries import HANGING_SECONDS, STARTED_LOCKED_SECONDS

_POOLERS = re.compile(r"pgbouncer|odyssey|pgcat|pgpool|supavisor|pgagroal", re.IGNORECASE)
_RESETS = 3
"""How many sessions of one address have last been reset, before that is a pool: one alone may be a person."""


def _hanging(chart: Chart) -> Iterator[Ailment]:
    hanging = sum(row["hanging"] for row in chart.rows("sessions"))
    held = sum(row["held"] for row in chart.rows("sessions"))
    if hanging:
        message = f"{hanging} hang in a login trigger for more than {HANGING_SECONDS} s; each keeps its connection"
        remedy = "switch the triggers off, then end these sessions: the commands are below"
        yield HANGING_LOGINS.ailment(Severity.ERROR, "logins", message, remedy)
    if held:
        message = f"{held} wait for a lock before their first trigger for more than {STARTED_LOCKED_SECONDS} s"
        remedy = "end the transaction that creates or enables a login trigger: it holds up every login until it commits"
        yield HANGING_LOGINS.ailment(Severity.ERROR, "logins", message, remedy)


def _this_one(chart: Chart) -> Iterator[Ailment]:
    """A pooler gives its clients a process id of its own making; the server's is another."""
    told = chart.way_in.backend_pid
    if told and chart["pid"] and told != chart["pid"]:
        message = f"the driver was told of process {told}, and process {chart['pid']} answers: a pooler is between"
        remedy = "connect to the server itself: poolers drop PGOPTIONS, and with it the way past a trigger"
        yield THIS_ONE.ailment(Severity.WARNING, "this connection", message, remedy)


def _others(chart: Chart) -> Iterator[Ailment]:
    """A login trigger fires once for a pooled connection, 1 time for 20 clients seen (18.4)."""
    found: dict[str, None] = {}
    for row in chart.rows("sessions"):
        if _POOLERS.search(row["application_name"] or ""):
            found[f"application {one_line(row['application_name'])}"] = None
        elif row["resets"] >= _RESETS:
            found[f"{row['resets']} sessions from {row['address'] or 'this machine'} reset by DISCARD ALL"] = None
    if found:
        message = (
            f"{', '.join(found)}: login triggers fire when the pool connects, as the pool's role, not for each client"
        )
        remedy = "let clients whose logins count connect without it"
        yield OTHERS.ailment(Severity.NOTE, "pools", message, remedy)


HANGING_LOGINS = Look("hanging-logins", ("sessions",), _hanging)
THIS_ONE = Look("pooled-connection", ("server",), _this_one)
OTHERS = Look("pools", ("sessions",), _others)

LOOKS = (HANGING_LOGINS, THIS_ONE, OTHERS)
