"""Records to report on: single ones, and a realistic set of two vendors in sixty days."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from xtrig.audit.records import AuditData, Ddl, Gap, Refusal, Session, Source, Tampering

POSTGRESQL = Source("PostgreSQL 18.4", "db1.example:5432", "shop")
POLARDB = Source("PolarDB 2.0.14", "pc-9a1.example:1521", "erp")
SINCE = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = 60
UNTIL = SINCE + timedelta(days=DAYS)
MARKUP = '<img src=x onerror="document.title=1"><script>alert(1)</script></style>'
HOSTILE = [
    MARKUP,
    "'\"&amp;&lt;",
    "</table></section><h1 id=injected>injected</h1>",
    "adm\u202enimda\u202c",
    "bell\x07 null\x00 esc\x1b[31m",
    "zero\u200bwidth\u2800\u3164",
    "two\nlines\ttab",
    "\ud800 alone",
    "W" * 600,
    "عربي עברית",
    " ",
]


def at(days: float = 0, **more: float) -> datetime:
    """Return a time after the beginning of the period."""
    return SINCE + timedelta(days=days, **more)


def session(logon_at: datetime = SINCE, **said: Any) -> Session:
    """Return an open session of alice, but for what is said."""
    given: dict[str, Any] = {
        "source": POSTGRESQL,
        "session_id": "1",
        "login_user": "alice",
        "database": "shop",
        "client_ip": "10.0.0.1",
        "client_port": 50000,
        "application": "psql",
        "auth_method": "scram-sha-256",
        "backend_pid": 4711,
        "instance": None,
        "logon_at": logon_at,
    }
    return Session(**{**given, **said})


def ended(logon_at: datetime = SINCE, **lasted: float) -> Session:
    """Return a session that ended with a logoff after a time."""
    return session(logon_at, logoff_at=logon_at + timedelta(**lasted), ended_by="logoff")


def audit(*sessions: Session, **said: Any) -> AuditData:
    """Return the data of a report on sessions."""
    given: dict[str, Any] = {
        "sources": (POSTGRESQL,),
        "sessions": sessions,
        "refusals": (),
        "ddl": (),
        "gaps": (),
        "tamperings": (),
        "since": SINCE,
        "until": UNTIL,
        "generated_at": UNTIL + timedelta(hours=1),
    }
    return AuditData(**{**given, **said})


def realistic(number: int = 3000, *, seed: int = 1) -> AuditData:
    """Return sixty days of two vendors, with hostile names among the others."""
    chance = random.Random(seed)
    return audit(
        *sorted((_session(chance, index) for index in range(number)), key=lambda one: one.logon_at),
        sources=(POSTGRESQL, POLARDB),
        refusals=tuple(_refusal(chance) for _ in range(140)),
        ddl=tuple(_ddl(chance) for _ in range(260)),
        gaps=(
            Gap(POSTGRESQL, at(21, hours=3), at(23, hours=9), "event_triggers was off"),
            Gap(POLARDB, at(59, hours=15), None, f"the trigger {MARKUP} is disabled"),
        ),
    )


def tampered(data: AuditData) -> tuple[Tampering, ...]:
    """Return findings of verification on the sources of some data."""
    return tuple(
        Tampering(source, f"audit.session_log, row {index * 811 + 12}", "the hash does not follow from the row before")
        for index, source in enumerate(data.sources)
    )


USERS = ["app_shop", "app_erp", "reporting", "etl", "alice", "bob", "carol", "dba_kim", "backup", "monitor", "migrate"]
WEIGHTS = [30, 22, 12, 9, 6, 5, 4, 4, 3, 9, 2]
APPLICATIONS = ["shop-api", "erp-batch", "psql", "DBeaver 26.1", "pg_dump", None, ""]


def _session(chance: random.Random, index: int) -> Session:
    source = POSTGRESQL if chance.random() < 0.68 else POLARDB
    user = HOSTILE[index % len(HOSTILE)] if index % 97 == 0 else chance.choices(USERS, WEIGHTS)[0]
    logon_at = _working_time(chance)
    given: dict[str, Any] = {
        "source": source,
        "session_id": f"{index:08x}",
        "login_user": user,
        "database": source.database,
        "client_ip": None if user == "backup" else f"10.{20 + len(user)}.0.{chance.randint(2, 9)}",
        "application": HOSTILE[index % 9] if index % 83 == 0 else chance.choice(APPLICATIONS),
        "auth_method": chance.choice(["scram-sha-256", "peer", "cert", None]),
    }
    return session(logon_at, **given, **_end(chance, source, logon_at))


def _working_time(chance: random.Random) -> datetime:
    while True:
        day, hour = chance.randrange(DAYS), min(23.9, max(0.0, chance.gauss(11.5, 4)))
        if at(day).weekday() < 5 or chance.random() < 0.25:
            return at(day, hours=hour)


def _end(chance: random.Random, source: Source, logon_at: datetime) -> dict[str, Any]:
    gone = logon_at + timedelta(seconds=chance.lognormvariate(6, 2.6))
    if gone >= UNTIL:
        return {"last_seen_at": logon_at + timedelta(minutes=10)}
    how = chance.random()
    if how < 0.6 or source is POLARDB:
        return {"logoff_at": gone, "ended_by": "logoff" if source is POLARDB else "server log"}
    if how < 0.97:
        found = gone + timedelta(minutes=chance.randint(1, 90))
        return {"logoff_at": found, "ended_by": "inferred", "detected_at": found, "last_seen_at": gone}
    return {"ended_by": "unknown"} if how < 0.99 else {"last_seen_at": logon_at + timedelta(hours=5)}


def _refusal(chance: random.Random) -> Refusal:
    user = chance.choice(["postgres", "root", "admin", "alice", "etl", MARKUP])
    reason = chance.choice(
        [f'password authentication failed for user "{user}"', "logins are closed from 20:00 to 06:00 UTC"]
    )
    source = chance.choice([POSTGRESQL, POLARDB])
    return Refusal(source, _working_time(chance), user, source.database, f"203.0.113.{chance.randint(4, 6)}", reason)


def _ddl(chance: random.Random) -> Ddl:
    tag = chance.choices(
        ["CREATE TABLE", "ALTER TABLE", "CREATE INDEX", "DROP TABLE", "GRANT", "CREATE VIEW", "COMMENT", "DROP ROLE"],
        [20, 34, 18, 6, 9, 7, 4, 1],
    )[0]
    kind = None if tag == "GRANT" else tag.split()[-1].lower()
    name = chance.choice(["orders", "order_items", "customers", "stock", "invoices", '"<b>bold</b>"'])
    user = chance.choice(["migrate", "migrate", "dba_kim", "alice"])
    return Ddl(chance.choice([POSTGRESQL, POLARDB]), _working_time(chance), user, tag, kind, f"public.{name}")
