"""Write docs/_static/report.html and report.png: the page that `xtrig audit report --html` makes of a real run.

    python scripts/record_report.py

Four weeks of logins by real roles, on an embedded PostgreSQL 18 whose clock is moved by libfaketime; nothing is made
up afterwards. Prints the table for the README. Needs Debian's libfaketime and chromium.
"""

from __future__ import annotations

import os
import random
import secrets
import subprocess
import sys
import tempfile
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

import xtrig
from xtrig.audit import session_audit
from xtrig_pgfamily.embedded.server import EmbeddedServer

STATIC = Path(__file__).parents[1] / "docs" / "_static"
ROLES = {"shop_app": 5, "reporting": 3, "alice": 2, "bob": 2, "carol": 1}
"""A role, and how many sessions it has on a working day."""
DAYS = 28
PASSWORD = secrets.token_urlsafe(12)
LAST = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
SETTINGS = {
    "logging_collector": "on",
    "log_destination": "jsonlog",
    "log_connections": "on",
    "log_disconnections": "on",
    "log_timezone": "UTC",
}


class Clock:
    """The server's clock, which stands where it is put."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "time"
        self.put(LAST - timedelta(days=DAYS))

    def put(self, moment: datetime) -> None:
        """Set it, in one step: libfaketime ends a process that finds half a line."""
        draft = self.file.with_suffix(".draft")
        draft.write_text(f"{moment:%Y-%m-%d %H:%M:%S}\n", "ascii")
        draft.chmod(0o644)
        draft.replace(self.file)
        self.now = moment

    def environment(self) -> dict[str, str]:
        """Return what the server is started with."""
        library = next(Path("/usr").glob("lib/*/faketime/libfaketime.so.1"))
        return {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "TZ": "UTC",
        }


def main() -> int:
    """Run it all; return the exit code."""
    chance = random.Random(7)  # noqa: S311  # the same picture each time
    with tempfile.TemporaryDirectory(dir="/tmp") as name:  # the server's user must reach it
        Path(name).chmod(0o755)
        clock = Clock(Path(name))
        with EmbeddedServer(18, settings=SETTINGS, environment=clock.environment()) as server:
            with server.connect() as admin:
                for role in ROLES:
                    admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")
                admin.execute("GRANT CREATE ON SCHEMA public TO alice, shop_app")
            xtrig.apply(session_audit(logoff="server log", instance="shop-1"), server.url())
            with server.connect(options="-c event_triggers=off") as keeper:
                for day in range(DAYS):
                    _day(server, clock, LAST - timedelta(days=DAYS - day), chance)
                    keeper.execute("SELECT audit.maintain()")
            _report(server)
    return 0


def _day(server: EmbeddedServer, clock: Clock, day: datetime, chance: random.Random) -> None:
    """Let people work for a day."""
    factor = 0.2 if day.weekday() >= 5 else 1.0  # Saturday and Sunday
    times = []
    for role, number in ROLES.items():
        for _ in range(round(number * factor * chance.uniform(0.6, 1.6))):
            hour = chance.gauss(12, 3) if role != "reporting" else chance.gauss(2, 1)
            start = day + timedelta(hours=min(max(hour, 0), 22), seconds=chance.randrange(60))
            length = timedelta(minutes=chance.choice((0.05, 0.5, 4, 25, 70)) * chance.uniform(0.5, 1.5))
            times.append((start, role, length))
    if chance.random() < 0.3:
        times.append((day + timedelta(hours=3), "mallory", timedelta()))
    with ExitStack() as open_sessions:
        ends: list[tuple[datetime, psycopg.Connection[Any]]] = []
        for start, role, length in sorted(times, key=lambda each: each[0]):
            for end, session in [each for each in sorted(ends, key=lambda each: each[0]) if each[0] <= start]:
                clock.put(end)
                session.close()
                ends.remove((end, session))
            clock.put(max(start, clock.now))
            with suppress(psycopg.OperationalError):
                session = open_sessions.enter_context(
                    server.connect(role, password=PASSWORD, application_name=f"{role}-{day.day}")
                )
                ends.append((clock.now + length, session))
                if role == "alice" and chance.random() < 0.4:
                    session.execute(f"CREATE TABLE IF NOT EXISTS public.draft_{day.day} (id integer)")
        for end, session in sorted(ends, key=lambda each: each[0]):
            clock.put(max(end, clock.now))
            session.close()


def _report(server: EmbeddedServer) -> None:
    html = STATIC / "report.html"
    environment = {**os.environ, "XTRIG_DATABASE_URL": server.conninfo(tcp=True), "COLUMNS": "150"}
    commands = (
        ["audit", "report", "--html", str(html), "--since", f"{DAYS}d"],
        ["audit", "sessions", "--limit", "8"],
        ["audit", "failed", "--limit", "3"],
    )
    for command in commands:
        subprocess.run([sys.executable, "-m", "xtrig", *command], env=environment, check=True)
    with tempfile.TemporaryDirectory() as profile:
        arguments = "--headless=new --no-sandbox --disable-gpu --hide-scrollbars --window-size=1280,1500".split()
        picture = [f"--user-data-dir={profile}", f"--screenshot={STATIC / 'report.png'}", html.as_uri()]
        subprocess.run(["chromium", *arguments, *picture], check=True, capture_output=True)


if __name__ == "__main__":
    sys.exit(main())
