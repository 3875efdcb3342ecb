"""`xtrig audit`: what goes to stdout, which exit code, what becomes of servers that cannot be read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.audited import DOWN, GRANTS, SAMPLE, Run, audited, run_audit
from tests.server.conftest import Database
from tests.server.deployed import Said
from tests.server.sides import roles
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server

MARCH = ("--since", "2026-03-01", "--until", "2026-04-01")
DEFINITION = """
xtrig: 1
schema: audit
tables: {log: {columns: {who: text}}}
triggers:
  audit_logon: {event: logon, steps: [{insert: log, values: {who: "${login_user}"}}]}
"""


@pytest.fixture(scope="module")
def shared(server18: EmbeddedServer) -> Iterator[Database]:
    """A database that no test changes."""
    with (
        roles(server18, ledger="NOLOGIN", auditor="LOGIN IN ROLE ledger", nobody="LOGIN"),
        audited(server18, GRANTS, SAMPLE) as database,
    ):
        yield database


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    return run_audit(capsys, tmp_path, monkeypatch)


def rows(said: Said) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(said.out, newline="")))


def test_sessions_as_table_csv_and_json(run: Run, shared: Database):
    table = run("sessions", "--url", shared.url)
    assert (table.code, table.err) == (0, "")
    lines = table.out.splitlines()
    assert lines[0].endswith(f"database {shared.name}")
    assert [line.split()[0] for line in lines[4:]] == ["2026-03-04", "2026-03-03", "2026-03-02", "2026-03-01"]
    as_csv, as_json = (run("sessions", "--url", shared.url, "--format", form) for form in ("csv", "json"))
    assert (as_csv.code, as_csv.err, as_json.code, as_json.err) == (0, "", 0, "")
    assert [row["session_id"] for row in rows(as_csv)] == ["a", "b", "c", "d"]
    for one, other in zip(rows(as_csv), as_json.data["records"], strict=True):
        assert one == {key: "" if value is None else str(value) for key, value in other.items()}


def test_a_limit_says_how_many_more_there_are(run: Run, shared: Database):
    out = run("sessions", "--url", shared.url, "--limit", "1").out
    assert out.splitlines()[-1] == "and 3 more; --limit shows more, csv and json have all"
    assert "2026-03-04" in out
    assert "2026-03-03" not in out


def test_who_failed_and_ddl(run: Run, shared: Database):
    def listed(*arguments: str) -> list[str]:
        return [row["login_user"] for row in rows(run(*arguments, "--url", shared.url, "--format", "csv"))]

    assert listed("who") == ["carol"]
    assert listed("failed") == ["mallory"]
    assert listed("ddl") == ["bob"]
    assert listed("sessions", "--user", "alice", "--user", "carol") == ["alice", "carol"]
    assert listed("sessions", "--since", "2026-03-02", "--until", "2026-03-04") == ["bob", "carol"]
    assert listed("sessions", "--since", "24h") == []


@pytest.mark.parametrize("command", ["sessions", "who", "failed", "ddl", "report"])
def test_an_ordinary_role_is_refused_and_a_reader_is_not(command: str, run: Run, shared: Database):
    refused = run(command, "--url", shared.server.url("nobody", shared.name), "--format", "json")
    assert (refused.code, refused.out) == (3, "")
    assert "GRANT audit_reader TO" in refused.err
    assert refused.err.count("\n") == 1
    assert run(command, "--url", shared.server.url("auditor", shared.name), "--format", "json").code == 0


@pytest.mark.parametrize("command", ["sessions", "who", "failed", "ddl", "report"])
@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_without_an_audit_nothing_is_printed_but_what_to_do(command: str, form: str, run: Run, shared: Database):
    said = run(command, "--url", shared.server.url(), "--format", form)
    assert (said.code, said.out) == (3, "")
    assert "xtrig init --preset " in said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("sessions", "--since", "soon"),
        ("sessions", "--until", "2026-02-30"),
        ("sessions", "--since", "1d", "--until", "2d"),
        ("sessions", "--limit", "0"),
        ("sessions", "--exact"),
        ("sessions", "--url", "mysql://x"),
        ("report", "--html", "a.html", "--format", "csv"),
        ("report", "--html", "."),
        ("report", "--html", "no/a.html"),
        ("sesions",),
    ],
)
def test_wrong_usage_is_64_and_one_line(arguments: tuple[str, ...], run: Run):
    said = run(*arguments)
    assert (said.code, said.out) == (64, "")
    assert said.err.count("\n") == 1


def test_two_databases_are_one_report_with_the_vendor_as_a_column(run: Run, shared: Database, server18: EmbeddedServer):
    with audited(server18, SAMPLE) as other:
        urls = ("--url", shared.url, "--url", other.url, "--url", shared.url)
        said = run("sessions", *urls, "--format", "csv")
        assert [row["source_database"] for row in rows(said)] == [shared.name] * 4 + [other.name] * 4
        assert {row["vendor"][:13] for row in rows(said)} == {"PostgreSQL 18"}
        table = run("sessions", *urls, "--limit", "3")
        assert table.out.count("PostgreSQL") == 2 + 3
        assert "and 5 more" in table.out
        report = run("report", *urls, *MARCH)
        assert (report.code, "8 sessions of 3 users" in report.out) == (0, True)


def test_a_server_that_is_down_does_not_hide_the_others(run: Run, shared: Database):
    urls = ("--url", DOWN, "--url", shared.url)
    said = run("sessions", *urls, "--format", "json")
    assert (said.code, len(said.data["records"])) == (3, 4)
    assert said.err.startswith("xtrig: 127.0.0.1:1, database gone: cannot connect: ")
    assert run("sessions", *urls).code == 3
    table = run("report", *urls, *MARCH)
    assert (table.code, "could not be read" in table.out) == (3, True)
    records = run("report", *urls, *MARCH, "--format", "json").data["records"]
    (gap,) = (each for each in records if each.get("reason", "").startswith("could not be read"))
    assert (gap["record"], gap["server"]) == ("coverage gap", "127.0.0.1:1")
    assert (gap["since"], gap["until"]) == ("2026-03-01T00:00:00+00:00", "2026-04-01T00:00:00+00:00")


def test_a_server_that_lacks_the_views_is_a_gap_under_its_own_name(run: Run, shared: Database):
    said = run("report", "--url", shared.server.url(), "--url", shared.url, *MARCH, "--format", "json")
    (gap,) = (each for each in said.data["records"] if "could not be read" in each.get("reason", ""))
    assert (said.code, gap["vendor"][:13], gap["source_database"]) == (3, "PostgreSQL 18", "postgres")


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_where_nothing_can_be_read_nothing_is_reported(form: str, run: Run, tmp_path: Path):
    urls = ("--url", DOWN, "--url", DOWN.replace("gone", "lost"))
    said = run("report", *urls, "--format", form)
    assert (said.code, said.out, said.err.count("\n")) == (3, "", 2)
    assert run("report", *urls, "--html", str(tmp_path / "a.html")).code == 3
    assert list(tmp_path.iterdir()) == []


def test_a_page(run: Run, shared: Database, tmp_path: Path):
    page = tmp_path / "a.html"
    said = run("report", "--url", shared.url, *MARCH, "--html", str(page))
    assert (said.code, said.out, said.err) == (0, "", f"wrote {page}\n")
    text = page.read_text("utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert "Login audit, 2026-03-01 to 2026-04-01" in text
    assert [each.name for each in tmp_path.iterdir()] == ["a.html"]
    to_stdout = run("report", "--url", shared.url, *MARCH, "--html", "-")
    assert (to_stdout.code, to_stdout.err, to_stdout.out[:15]) == (0, "", "<!DOCTYPE html>")


def test_a_report_has_every_record_with_what_it_is(run: Run, shared: Database):
    as_csv = rows(run("report", "--url", shared.url, *MARCH, "--format", "csv"))
    assert [row["record"] for row in as_csv] == ["coverage gap", "refused login", "ddl command", *["session"] * 4]


def test_the_definition_says_the_schema(run: Run, shared: Database, tmp_path: Path):
    (tmp_path / "xtrig.yaml").write_text(DEFINITION.replace("schema: audit", "schema: logs"))
    assert "no logs.sessions" in run("sessions", "--url", shared.url).err
    assert run("sessions", "--schema", "audit", "--url", shared.url).code == 0
    (tmp_path / "other.yaml").write_text(DEFINITION)
    assert run("sessions", "other.yaml", "--url", shared.url).code == 0
