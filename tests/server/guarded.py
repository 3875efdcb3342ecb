"""The example session_audit on a real server, seen by an ordinary role, `alice`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.server.conftest import Database
from tests.server.deploy import deploy
from tests.server.sides import Side, emptied, example, refusal, roles

FUNCTION = "audit.sample_event_trigger"
SESSION_AUDIT = example("session_audit")
READ_ONLY = "-c default_transaction_read_only=on"
# What is written by those who follow the manual's syntax and not its warnings.
NAIVE = """
    CREATE SCHEMA audit;
    CREATE TABLE audit.users_log (
        id bigint GENERATED ALWAYS AS IDENTITY, user_name text, event text, client_ip text
    );
    CREATE FUNCTION audit.naive() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        INSERT INTO audit.users_log (user_name, event) VALUES (session_user, 'logon');
    END $$;
    CREATE EVENT TRIGGER naive ON login EXECUTE FUNCTION audit.naive();
"""


@dataclass(frozen=True)
class Guarded:
    """A database with login triggers, and a superuser's session in it that is older than they are."""

    database: Database
    admin: psycopg.Connection[Any]
    user: str
    log_start: int

    def log_in(self, user: str = "", options: str = "") -> str | None:
        """Log in and out; return what the server said if it refused."""
        return refusal(lambda: self.database.connect(user or self.user, options=options).close())

    def rows(self) -> list[str]:
        """Return who was recorded to log in."""
        query = "SELECT user_name FROM audit.users_log WHERE event = 'logon' ORDER BY id"
        return [row[0] for row in self.admin.execute(query)]

    def logged(self, function: str = FUNCTION) -> list[dict[str, Any]]:
        """Return what a function wrote to the log since then, each line one JSON object."""
        text = self.database.server.log_text()[self.log_start :]
        begin = f"@{self.database.name} LOG:  xtrig "
        lines = (line.partition(begin) for line in text.splitlines())
        found = [json.loads(rest) for _, begun, rest in lines if begun]
        return [line for line in found if line["function"] == function]


@contextmanager
def guarded(place: Side, definition: str = SESSION_AUDIT, user: str = "alice", **more_roles: str) -> Iterator[Guarded]:
    """Deploy a definition in an empty database, for a new ordinary role."""
    with roles(place.database.server, **{user: "LOGIN"}, **more_roles), emptied(place):
        deploy(place.admin, definition)
        yield Guarded(place.database, place.admin, user, len(place.database.server.log_text()))


@contextmanager
def naive(place: Side) -> Iterator[Guarded]:
    """Set up an unguarded trigger instead."""
    with roles(place.database.server, alice="LOGIN"), emptied(place):
        place.admin.execute(NAIVE)
        yield Guarded(place.database, place.admin, "alice", len(place.database.server.log_text()))


def with_policy(policy: str) -> str:
    """Return session_audit with a policy more in its function."""
    function = "  sample_event_trigger:\n"
    assert function in SESSION_AUDIT
    return SESSION_AUDIT.replace(function, f"{function}    {policy}\n")
