"""``xtrig import --url`` on the command line: exit codes, streams, passwords, and how little it needs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import xtrig
from tests.server.conftest import Database
from tests.server.deploy import deploy
from tests.server.importing import ONE
from xtrig.cli import main
from xtrig.cli.exits import Exit

pytestmark = pytest.mark.server

STATE = "SELECT xmin::text, evtname FROM pg_event_trigger UNION SELECT xmin::text, proname FROM pg_proc ORDER BY 2, 1"


def command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main([*arguments])
    out, err = capsys.readouterr()
    assert isinstance(left.value.code, int)
    return left.value.code, out, err


def test_an_ordinary_role_imports_and_changes_nothing(
    database18: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A session that may write nothing at all, as one on a hot standby.
    monkeypatch.setenv("PGOPTIONS", "-c default_transaction_read_only=on")
    with database18.connect(options="-c default_transaction_read_only=off") as admin:
        deploy(admin, ONE)
        admin.execute("DROP ROLE IF EXISTS plain_importer; CREATE ROLE plain_importer LOGIN")
        try:
            before = admin.execute(STATE).fetchall()
            url = database18.server.url("plain_importer", database18.name)
            code, out, err = command(capsys, "import", "--url", url)
            assert (code, err) == (Exit.OK, "")
            assert out.startswith(f"# Imported from database {database18.name}; ")
            assert "\nschema: first\nname: one\n" in out
            assert xtrig.load_text(out) == xtrig.load_text(ONE)
            code, text, _ = command(
                capsys, "import", "--url", url, "--set", "one", "-f", "json", "--from", "postgresql"
            )
            assert code == Exit.OK
            assert json.loads(text)["name"] == "one"
            assert admin.execute(STATE).fetchall() == before
        finally:
            admin.execute("DROP ROLE plain_importer")


def test_what_is_printed_is_planned_with_and_the_plan_is_empty(
    database18: Database, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with database18.connect() as admin:
        deploy(admin, ONE)
    code, out, _ = command(capsys, "import", "--url", database18.url)
    assert code == Exit.OK
    file = tmp_path / "again.yaml"
    file.write_text(out, "utf-8")
    assert command(capsys, "plan", str(file), "--url", database18.url)[0] == Exit.OK


def test_a_database_without_triggers_is_no_definition(database18: Database, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = command(capsys, "import", "--url", database18.url)
    assert (code, out) == (Exit.FINDINGS, "")
    said = (
        f"database {database18.name}: has no event trigger; name the database that has them: each has its own [XT403]"
    )
    assert err == f"{said}\n"


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (["--set", "none"], Exit.USAGE, "has no set 'none' of xtrig's; it has: none"),
        (["--from", "polardb"], Exit.USAGE, "this server is not one of dialect 'polardb'; leave --from out"),
        (["--from", "oracle"], Exit.USAGE, "dialect 'oracle' reads no database; import a script: xtrig import FILE"),
        (["--from", "db2"], Exit.USAGE, "there is no dialect 'db2'"),
        (["a.sql"], Exit.USAGE, "a script and --url; name one of the two"),
    ],
)
def test_wrong_usage_is_one_line(
    more: list[str], code: int, said: str, database18: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    left, out, err = command(capsys, "import", "--url", database18.url, *more)
    assert (left, out) == (code, "")
    assert said in err
    assert err.count("\n") == 1


def test_a_password_is_not_repeated(database18: Database, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"host={database18.server.host} port={database18.server.port} dbname=nowhere user=x password=geheim"
    code, out, err = command(capsys, "import", "--url", url)
    assert (code, out) == (Exit.DATABASE, "")
    assert err.startswith("xtrig: cannot connect: ")
    assert "geheim" not in err
