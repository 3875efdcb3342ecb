"""`xtrig audit verify`, and reading what a definition with `sessions` really makes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import xtrig
from tests.server.audited import DOWN, Run, audited, run_audit, tamper
from tests.server.conftest import Database, fresh_database
from tests.server.deployed import QUICK
from tests.server.sides import roles
from xtrig.deploy import apply
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server

DEFINITION = """
xtrig: 1
schema: audit
tables: {log: {columns: {who: text}}}
triggers:
  audit_logon: {event: logon, steps: [{insert: log, values: {who: "${login_user}"}}]}
"""
SESSIONS = """
xtrig: 1
schema: audit
sessions: {owner: book_owner, writer: book_writer, reader: book_reader}
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    return run_audit(capsys, tmp_path, monkeypatch)


@pytest.fixture
def verified(server18: EmbeddedServer, tmp_path: Path) -> Iterator[tuple[Database, str]]:
    """A database with views and a definition that is applied, and the definition's file."""
    file = tmp_path / "audit.yaml"
    file.write_text(DEFINITION)
    with audited(server18) as place:
        apply(xtrig.load(file), place.url, canary=QUICK)
        yield place, str(file)


def test_verify_finds_nothing_where_nothing_is_wrong(run: Run, verified: tuple[Database, str]):
    place, file = verified
    said = run("verify", file, "--url", place.url)
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[1] == "nothing was found"
    assert said.out.splitlines()[-1].startswith("This cannot see: what a superuser rewrote")
    with place.connect() as admin:
        admin.execute("DROP VIEW audit.tamper_findings")
    assert "nothing here seals them" in run("verify", file, "--url", place.url).out.splitlines()[-1]


@pytest.mark.parametrize(
    ("deed", "told"),
    [
        ("ALTER EVENT TRIGGER audit_logon DISABLE", "disabled: "),
        ("DROP EVENT TRIGGER audit_logon", "missing: "),
        ("ALTER FUNCTION audit.audit_logon SET lock_timeout = '1s'", "tampered: "),
        ("CREATE ROLE thief; ALTER FUNCTION audit.audit_logon OWNER TO thief", "owner changed: "),
        ("INSERT INTO audit.t VALUES ('seal 7', 'rows were altered', now())", "rows changed: seal 7, written "),
        (
            "INSERT INTO audit.g VALUES ('2026-03-02+00', NULL, 'off')",
            "not recorded: from 2026-03-02 00:00:00 and still",
        ),
    ],
)
def test_verify_finds_what_was_done(deed: str, told: str, run: Run, verified: tuple[Database, str]):
    place, file = verified
    with place.connect(options="-c event_triggers=off") as admin:
        admin.execute(deed.encode())
        try:
            said = run("verify", file, "--url", place.url)
            assert (said.code, said.err) == (2, "")
            assert [line[: len(told)] for line in said.out.splitlines()[1:-1] if not line.startswith(" ")] == [told]
            found = run("verify", file, "--url", place.url, "--format", "json")
            assert (found.code, [each["clean"] for each in found.data["databases"]]) == (2, [False])
        finally:
            if "thief" in deed:
                admin.execute("DROP OWNED BY thief CASCADE; DROP ROLE thief")


def test_verify_leaves_out_gaps_that_had_ended(run: Run, verified: tuple[Database, str]):
    place, file = verified
    with place.connect() as admin:
        admin.execute("INSERT INTO audit.g VALUES ('2026-03-02+00', '2026-03-03+00', 'off')")
    assert run("verify", file, "--url", place.url).code == 2
    assert run("verify", file, "--url", place.url, "--since", "2026-03-03").code == 0
    with place.connect() as admin:
        tamper(admin)
    assert run("verify", file, "--url", place.url, "--since", "2026-03-03").code == 2


def test_verify_says_what_it_could_not_look_at(run: Run, verified: tuple[Database, str]):
    place, file = verified
    for urls in (("--url", DOWN), ("--url", DOWN, "--url", DOWN.replace("gone", "lost"))):
        said = run("verify", file, *urls, "--format", "json")
        assert (said.code, said.out) == (3, "")
    both = run("verify", file, "--url", DOWN, "--url", place.url, "--format", "json")
    assert (both.code, [each["clean"] for each in both.data["databases"]]) == (3, [True])
    assert "database gone: cannot connect" in both.err


@pytest.fixture
def recorded(server18: EmbeddedServer, tmp_path: Path) -> Iterator[tuple[Database, str]]:
    """A database whose sessions are recorded, and the file of its definition."""
    file = tmp_path / "sessions.yaml"
    file.write_text(SESSIONS)
    made = ("book_owner", "book_writer", "book_reader")
    with roles(server18, *made, alice="LOGIN", auditor="LOGIN"), fresh_database(server18) as place:
        apply(xtrig.load(file), place.url, canary=QUICK)
        yield place, str(file)


def test_what_a_definition_records_can_be_read_and_verified(run: Run, recorded: tuple[Database, str]):
    place, file = recorded
    auditor = place.server.url("auditor", place.name)
    assert run("who", file, "--url", auditor).code == 3
    with place.connect() as admin:
        admin.execute("GRANT book_reader TO auditor")
    with place.connect("alice", application_name="=1+1"):
        (alice,) = run("who", file, "--url", auditor, "--user", "alice", "--format", "json").data["records"]
        assert (alice["application"], alice["database"], alice["ended_by"]) == ("=1+1", place.name, None)
    for command in ("failed", "report", "sessions"):
        assert run(command, "--url", auditor).code == 0, command
    clean = run("verify", file, "--url", auditor)
    assert (clean.code, clean.out.splitlines()[1]) == (0, "nothing was found")
    with place.connect() as admin:
        (name,) = admin.execute("SELECT evtname FROM pg_event_trigger WHERE evtevent = 'login'").fetchone() or ("",)
        admin.execute(f"ALTER EVENT TRIGGER {name} DISABLE")
    found = run("verify", file, "--url", auditor)
    assert (found.code, "disabled: " in found.out) == (2, True)
