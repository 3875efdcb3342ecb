"""Several databases in one call: each gets what it would get alone, and none is touched by what another meets."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.server.deployed import AUDIT, Here, Said
from xtrig.audit.reading import Reading
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server

# Roles belong to the server: under names of their own no other test's are in the way.
WITH_RECORD = """
xtrig: 1
name: first
schema: audit
sessions: {owner: many_owner, writer: many_writer, reader: many_reader}
"""
BROKEN = "CREATE SCHEMA audit; CREATE FUNCTION audit.note() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'"
QUICK = ("--login-timeout", "5")


@dataclass(frozen=True)
class Several:
    """Databases whose names begin alike, and the commands in a database beside them."""

    here: Here
    names: tuple[str, ...]

    def connect(self, name: str) -> psycopg.Connection[object]:
        return self.here.site.database.server.connect(database=name, options="-c event_triggers=off")

    def run(self, command: str, *arguments: str, definition: str | None = AUDIT) -> Said:
        return self.here.run(command, definition, "--database", f"{self.names[0][:5]}*", *arguments)

    def codes(self, said: Said) -> list[int | None]:
        return [each["exit_code"] for each in said.data["targets"]]


@contextmanager
def databases(server: EmbeddedServer, number: int, prefix: str = "many") -> Iterator[tuple[str, ...]]:
    """Make databases whose names begin alike, and drop them."""
    names = tuple(f"{prefix}_{each:02}" for each in range(number))
    with server.connect() as admin:
        for each in names:
            admin.execute(f"CREATE DATABASE {each} TEMPLATE template0".encode())
    yield names
    with server.connect() as admin:
        for each in names:
            admin.execute(f"DROP DATABASE {each} WITH (FORCE)".encode())


@pytest.fixture(scope="module")
def five(server18: EmbeddedServer) -> Iterator[tuple[str, ...]]:
    with databases(server18, 5) as names:
        yield names


@pytest.fixture
def several(five: tuple[str, ...], here: Here) -> Iterator[Several]:
    several = Several(here, five)
    yield several
    for each in five:
        with several.connect(each) as admin:
            admin.execute("DROP SCHEMA IF EXISTS audit, asian, xtrig CASCADE")


def test_five_are_planned_deployed_looked_at_examined_audited_and_dropped(several: Several) -> None:
    planned = several.run("plan", "--format", "json")
    assert (planned.code, several.codes(planned)) == (2, [2] * 5)
    assert [each["database"] for each in planned.data["targets"]] == list(several.names)
    applied = several.run("apply", "--first", "1", "--format", "json", *QUICK)
    assert (applied.code, several.codes(applied)) == (0, [0] * 5)
    assert all(each["result"]["logins"] for each in applied.data["targets"])
    assert several.run("plan", "--quiet") == Said(0, "", "")
    assert several.run("status", "--quiet") == Said(0, "", "")
    doctor = several.run("doctor", "--format", "json", definition=None)
    assert len(doctor.data["targets"]) == 5
    dropped = several.run("drop", "--with-data", "--format", "json")
    assert (dropped.code, several.codes(dropped)) == (0, [0] * 5)
    for name in several.names:
        with several.connect(name) as admin:
            left = admin.execute("SELECT nspname FROM pg_namespace WHERE nspname IN ('audit', 'xtrig')").fetchall()
            assert left == []


def read_together(several: Several, monkeypatch: pytest.MonkeyPatch, command: str, *options: str) -> None:
    """Assert that the table of an audit needs no database to be read before another one is begun."""
    all_begun = threading.Barrier(3)
    records = Reading.records

    def waiting(reading: Reading, *asked: Any, **how: Any) -> Iterator[Any]:
        if id(reading) not in begun:
            begun.add(id(reading))
            all_begun.wait(60)
        return records(reading, *asked, **how)

    begun: set[int] = set()
    with monkeypatch.context() as patched:
        patched.setattr(Reading, "records", waiting)
        patched.setenv("COLUMNS", "500")  # a narrow table breaks the names
        said = several.here.say("audit", command, "--schema", "audit", *options)
    assert (said.code, said.err) == (0, "")
    assert all(f"database {name}" in said.out for name in several.names[:3]), said.out


def test_roles_that_belong_to_the_server_are_made_once(several: Several, monkeypatch: pytest.MonkeyPatch) -> None:
    three = ("--database", "!many_0[34]")
    applied = several.run("apply", *three, "--format", "json", *QUICK, definition=WITH_RECORD)
    assert (applied.code, applied.err.count("rror")) == (0, 0)
    made = [change for each in applied.data["targets"] for change in each["result"]["changes"] if "role" in change]
    assert len([each for each in made if each.startswith("create role")]) == len(set(made)) > 0
    every = ("--url", several.here.url, "--database", "many_*", *three, "-f", "json")
    listed = several.here.say("audit", "sessions", "--schema", "audit", *every)
    assert listed.code == 0
    assert {each["source_database"] for each in listed.data["records"]} == set(several.names[:3])
    for command in ("sessions", "report"):
        read_together(several, monkeypatch, command, *every[:-2])
    verified = several.here.say("audit", "verify", several.here.file(WITH_RECORD), *every)
    assert (verified.code, len(verified.data["databases"])) == (0, 3)
    dropped = several.run("drop", *three, "--with-data", "--format", "json", definition=WITH_RECORD)
    assert (dropped.code, dropped.data["exit_code"]) == (0, 0)
    assert several.here.admin.execute("SELECT FROM pg_roles WHERE rolname LIKE 'many%'").fetchall() == []


def test_one_that_refuses_stops_the_rest_and_is_not_touched(several: Several) -> None:
    with several.connect("many_00") as admin:
        admin.execute(BROKEN)
    said = several.run("apply", "--first", "1", "--format", "json")
    assert (said.code, several.codes(said)) == (1, [1, None, None, None, None])
    assert "was not made by xtrig" in said.data["targets"][0]["errors"][0]
    assert several.codes(several.run("status", "--format", "json")) == [2] * 5
    went_on = several.run("apply", "--keep-going", "--format", "json", "--no-canary")
    assert (went_on.code, several.codes(went_on)) == (1, [1, 0, 0, 0, 0])
    with several.connect("many_00") as admin:
        assert admin.execute("SELECT prosrc FROM pg_proc WHERE proname = 'note'").fetchall() == [("BEGIN END",)]


def test_without_keep_going_no_further_one_is_begun(several: Several) -> None:
    with several.connect("many_01") as admin:
        admin.execute(BROKEN)
    said = several.run("apply", "--jobs", "1", "--no-canary")
    assert said.code == 1
    lines = [line.split()[:2] for line in said.out.splitlines() if line.startswith("many_")]
    assert lines == [["many_00", "0"], ["many_01", "1"], ["many_02", "not"], ["many_03", "not"], ["many_04", "not"]]
    assert said.out.splitlines()[-1] == "5 databases: 1 ok, 1 refused or with findings, 3 not begun"


def test_a_database_that_cannot_be_reached_is_one_of_them(several: Several) -> None:
    several.here.admin.execute("ALTER DATABASE many_02 CONNECTION LIMIT 0")
    several.here.admin.execute("CREATE ROLE deployer LOGIN")
    try:
        said = several.here.run(
            "plan", AUDIT, "--database", "many_*", "-f", "json", url=several.here.site.url("deployer")
        )
    finally:
        several.here.admin.execute("ALTER DATABASE many_02 CONNECTION LIMIT -1; DROP ROLE deployer")
    assert (said.code, several.codes(said)) == (3, [2, 2, 3, 2, 2])
    assert "too many connections" in said.data["targets"][2]["errors"][0]
    assert said.err.count("many_02: ") == 1


def test_one_that_differs_is_told_from_the_others(several: Several) -> None:
    assert several.run("apply", "--no-canary").code == 0
    with several.connect("many_03") as admin:
        admin.execute("ALTER EVENT TRIGGER on_logon DISABLE")
    said = several.run("status")
    assert said.code == 2
    assert said.out.startswith("== many_03\n")
    assert said.out.splitlines()[-1] == "5 databases: 4 ok, 1 differ"
    assert several.run("disable", "--quiet").code == 0
    assert several.codes(several.run("apply", "--format", "json")) == [2] * 5
    assert several.run("enable", "--quiet", "--no-canary").code == 0
    assert several.run("status", "--quiet").code == 0


def test_a_file_names_databases_with_values_for_variables(several: Several, tmp_path: Path) -> None:
    server = several.here.site.database.server
    targets = tmp_path / "databases.yaml"
    urls = {name: server.conninfo(database=name) for name in several.names[:2]}
    entries = {
        "europe": {"url": urls["many_00"], "vars": {"region": "eu"}},
        "asia": {"url": urls["many_01"], "vars": {"schema": "asian"}},
    }
    targets.write_text(json.dumps({"vars": {"region": "ap", "schema": "audit"}, "targets": entries}), "utf-8")
    definition = several.here.file(
        "xtrig: 1\nname: first\nschema: ${vars.schema}\n"
        "triggers:\n  on_logon: {event: logon, steps: [{log: 'region ${vars.region}'}]}\n"
    )
    said = several.here.say("apply", definition, "--targets", str(targets), "-f", "json", "--no-canary")
    assert said.code == 0
    assert [each["name"] for each in said.data["targets"]] == ["europe", "asia"]
    found = "SELECT pronamespace::regnamespace::text, prosrc ~ %s FROM pg_proc WHERE proname = 'on_logon'"
    for name, schema, region in (("many_00", "audit", "eu"), ("many_01", "asian", "ap")):
        with several.connect(name) as admin:
            assert admin.execute(found, (f"region {region}",)).fetchall() == [(schema, True)]
    assert several.here.say("status", definition, "--targets", str(targets), "--quiet").code == 0
    one = several.here.say("status", definition, "--url", urls["many_00"])
    assert (one.code, "--var region=VALUE" in one.err) == (1, True)
    given = ("--var", "region=eu", "--var", "schema=audit")
    assert several.here.say("status", definition, "--url", urls["many_00"], "--quiet", *given).code == 0


def test_work_goes_on_side_by_side_and_is_bounded(several: Several, monkeypatch: pytest.MonkeyPatch) -> None:
    from xtrig.cli.many import outcomes

    seen, most, lock = 0, 0, threading.Lock()
    real = outcomes.plan

    def counted(*arguments: object, **options: object) -> object:
        nonlocal seen, most
        with lock:
            seen, most = seen + 1, max(most, seen + 1)
        try:
            return real(*arguments, **options)  # type: ignore[arg-type]
        finally:
            with lock:
                seen -= 1

    monkeypatch.setattr(outcomes, "plan", counted)
    assert several.run("plan", "--jobs", "2", "--quiet").code == 2
    assert most == 2


def test_an_interrupt_begins_with_no_further_one_and_leaves_none_half_done(several: Several) -> None:
    command = [sys.executable, "-m", "xtrig", "apply", several.here.file(AUDIT), "--url", several.here.url]
    options = ["--database", "many_*", "--jobs", "1", "--no-canary"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        assert "many_00" in running.stderr.readline()
        running.send_signal(signal.SIGTERM)
        out, err = running.communicate(timeout=60)
    assert (running.returncode, "what was begun is brought to its end" in err) == (130, True)
    codes = [line.split()[1] for line in out.splitlines() if line.startswith("many_")]
    assert codes[0] == "0"
    assert codes[-1] == "not"
    found = several.run("status", "--format", "json").data["targets"]
    assert [each["exit_code"] for each in found] == [{"0": 0, "not": 2}[code] for code in codes]
    assert {len(each["result"]["objects"]) for each in found} == {4}
    assert {each["summary"] for each in found} <= {"in sync", "4 missing"}


@pytest.mark.slow
def test_fifty(here: Here) -> None:
    with databases(here.site.database.server, 50, "fifty") as names:
        several = Several(here, names)
        with several.connect("fifty_25") as admin:
            admin.execute(BROKEN)
        applied = several.run("apply", "--first", "2", "--keep-going", "--format", "json", *QUICK)
        codes = several.codes(applied)
        assert (applied.code, codes.count(0), codes[25]) == (1, 49, 1)
        assert several.codes(several.run("status", "--format", "json")).count(0) == 49
        dropped = several.run("drop", "--with-data", "--format", "json")
        assert (dropped.code, several.codes(dropped)) == (0, [0] * 50)
