"""A database with the views that audits are read from, over plain tables that tests fill."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.server.conftest import Database, fresh_database
from tests.server.deployed import Said
from xtrig.cli import main
from xtrig_pgfamily.embedded.server import EmbeddedServer

Run = Callable[..., Said]
DOWN = "postgresql://nobody@127.0.0.1:1/gone?connect_timeout=5"
"""A server that is not there."""
# The columns are in another order than xtrig reads them, and there is one more: neither may matter.
CONTRACT = """
CREATE SCHEMA {schema};
CREATE TABLE {schema}.s (
    duration interval, source text DEFAULT 'login trigger', session_id text, login_user text DEFAULT 'alice',
    database_name text DEFAULT 'shop', client_ip text DEFAULT '10.0.0.1', client_port integer DEFAULT 50000,
    application text DEFAULT 'psql', auth_method text DEFAULT 'scram-sha-256', backend_pid integer DEFAULT 4711,
    instance text DEFAULT '1', logon_at timestamptz, logoff_at timestamptz, ended_by text, last_seen_at timestamptz,
    detected_at timestamptz
);
CREATE VIEW {schema}.sessions AS SELECT * FROM {schema}.s;
CREATE TABLE {schema}.r (
    at timestamptz, session_id text, login_user text, database_name text, client_ip text, application text,
    sqlstate text, message text
);
CREATE VIEW {schema}.refused_logins AS SELECT * FROM {schema}.r;
CREATE TABLE {schema}.g (since timestamptz, until timestamptz, reason text);
CREATE VIEW {schema}.coverage_gaps AS SELECT * FROM {schema}.g;
CREATE TABLE {schema}.t (subject text, message text, at timestamptz);
CREATE VIEW {schema}.tamper_findings AS SELECT * FROM {schema}.t;
CREATE TABLE {schema}.ddl_log (
    id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz, login_user text, command_tag text, object_type text,
    object_identity text
);
"""
GRANTS = """
GRANT USAGE ON SCHEMA audit TO ledger;
GRANT SELECT ON audit.sessions, audit.refused_logins, audit.coverage_gaps, audit.tamper_findings, audit.ddl_log
    TO ledger;
"""
SAMPLE = """
INSERT INTO audit.s (session_id, login_user, logon_at, logoff_at, ended_by)
VALUES ('a', 'alice', '2026-03-01 08:00:00+00', '2026-03-01 09:30:00.25+00', 'server log');
INSERT INTO audit.s (session_id, login_user, logon_at, ended_by, last_seen_at, detected_at)
VALUES ('b', 'bob', '2026-03-02 08:00+00', 'inferred', '2026-03-02 09:00+00', '2026-03-02 10:00+00');
INSERT INTO audit.s (session_id, login_user, logon_at, last_seen_at, client_ip, client_port)
VALUES ('c', 'carol', '2026-03-03 08:00+00', '2026-03-03 11:00+00', NULL, NULL);
INSERT INTO audit.s (session_id, login_user, logon_at, ended_by, source)
VALUES ('d', 'bob', '2026-03-04 08:00+00', 'unknown', 'server log');
INSERT INTO audit.r VALUES
    ('2026-03-01 07:00+00', 'e', 'mallory', 'shop', '203.0.113.5', 'psql', '28P01', 'password authentication failed');
INSERT INTO audit.g VALUES ('2026-03-02 00:00+00', '2026-03-02 06:00+00', 'event_triggers was off');
INSERT INTO audit.ddl_log (at, login_user, command_tag, object_type, object_identity)
VALUES ('2026-03-02 12:00+00', 'bob', 'CREATE TABLE', 'table', 'public.orders');
"""


@contextmanager
def audited(server: EmbeddedServer, *scripts: str) -> Iterator[Database]:
    """Make a database with the views in the schema `audit`, and run scripts in it."""
    with fresh_database(server) as database, database.connect() as admin:
        admin.execute(CONTRACT.format(schema="audit").encode())
        for script in scripts:
            admin.execute(script.encode())
        yield database


def tamper(admin: psycopg.Connection[Any]) -> None:
    """Have the seals find something."""
    admin.execute("INSERT INTO audit.t VALUES ('seal 7', 'rows were altered', '2026-03-02 12:00+00')")


def run_audit(capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return what runs `xtrig audit` in a folder without definition."""

    monkeypatch.delenv("COLUMNS", raising=False)  # a worker of xdist has one

    def run(*arguments: str) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(["audit", *arguments])
        return Said(int(str(int(left.value.code or 0))), *capsys.readouterr())

    monkeypatch.chdir(folder)  # far from any xtrig.yaml
    return run
