"""Running rendered scripts on a real server, as a user's psql would."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psycopg

import xtrig


def execute(connection: psycopg.Connection[Any], script: object) -> None:
    """Run a whole script, BEGIN and COMMIT included; without arguments psycopg leaves % and :name alone."""
    with connection.cursor() as cursor:
        cursor.execute(str(script).encode())


def version_of(connection: psycopg.Connection[Any]) -> str:
    """Return the server's major version, as ``target_version`` takes it."""
    return str(connection.info.server_version // 10000)


def deploy(connection: psycopg.Connection[Any], definition: str, **options: Any) -> xtrig.TriggerSet:
    """Render ``definition`` (YAML text) for the server's version and run it."""
    triggers = xtrig.load_text(definition)
    execute(connection, xtrig.render(triggers, "postgresql", **{"target_version": version_of(connection), **options}))
    return triggers


def wait_until(claim: Callable[[], bool], what: str, seconds: float = 20) -> None:
    """Wait until ``claim`` holds; fail naming ``what`` if it does not in time."""
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}"
        time.sleep(0.02)


def wait_until_gone(connection: psycopg.Connection[Any], pid: int) -> None:
    """Wait until the server process ``pid`` has left the list of sessions."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"

    def gone() -> bool:
        row = connection.execute(query, (pid,)).fetchone()
        return row is not None and row[0] == 0

    wait_until(gone, f"session {pid} ends")
