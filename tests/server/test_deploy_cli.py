"""The deploying commands: exit codes, streams, and passwords that nobody sees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.server.deployed import AUDIT, NO_DROP, Here, Said
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server

COMMANDS = ("plan", "apply", "status", "drop")
BROKEN = """
xtrig: 1
name: broken
functions:
  f: {body: {postgresql: "begin\\n  raise exception 'nobody comes in';\\nend"}}
triggers:
  t: {event: logon, run: f}
"""
SECRET = "hunter2%41"


@pytest.fixture
def secret(here: Here) -> Iterator[str]:
    """The URL of a superuser with a password."""
    with EmbeddedServer(18, settings={"password_encryption": "scram-sha-256"}) as server:
        hba = server.data_dir / "pg_hba.conf"
        with server.connect() as admin:
            admin.execute(f"CREATE ROLE boss SUPERUSER LOGIN PASSWORD '{SECRET}'".encode())
            hba.write_text("local all postgres trust\nhost all boss 127.0.0.1/32 scram-sha-256\n")
            admin.execute("SELECT pg_reload_conf()")
        port = psycopg.conninfo.conninfo_to_dict(server.conninfo(tcp=True))["port"]
        yield f"postgresql://boss:{SECRET.replace('%', '%25')}@127.0.0.1:{port}/postgres"


def parsed(said: Said) -> object:
    """Return the JSON of stdout; there may be nothing, and never anything else."""
    return json.loads(said.out) if said.out else None


@pytest.mark.parametrize(
    ("command", "codes"), [("plan", (2, 0)), ("apply", (0, 0)), ("status", (2, 0)), ("drop", (0, 0))]
)
def test_before_and_after_applying(command: str, codes: tuple[int, int], here: Here) -> None:
    first = here.run(command, AUDIT, "--format", "json")
    here.apply(AUDIT)
    second = here.run(command, AUDIT, "--format", "json")
    assert (first.code, second.code) == codes
    assert isinstance(first.data, dict)
    assert isinstance(second.data, dict)


def test_a_login_that_fails_gives_1_with_the_report_on_stdout(here: Here) -> None:
    before = here.site.snapshot()
    said = here.run("apply", BROKEN, "--format", "json")
    assert said.code == 1
    assert said.data["failed"] == "rehearsal"
    assert said.data["restored"] is True
    assert said.err.splitlines()[-1] == (
        "xtrig: rehearsal: the functions fail when postgres runs them: nobody comes in (SQLSTATE P0001); "
        "nothing was changed, and logins work"
    )
    text = here.run("apply", BROKEN).out
    assert "FAILED in stage rehearsal; the reason is on stderr." in text
    assert text.endswith("Taken back: nothing had been changed.\nLogins work again: proved by a login.\n")
    assert here.site.snapshot() == before


@pytest.mark.parametrize("command", COMMANDS)
def test_what_cannot_work_gives_64_and_no_data(command: str, here: Here) -> None:
    for arguments in (["--no-such"], ["--format", "yaml"], ["--dialect", "oracle"]):
        said = here.run(command, AUDIT, *arguments)
        assert (said.code, said.out) == (64, ""), arguments
        assert said.err.count("\n") == 1
    said = here.say(command, str(here.folder / "none.yaml"), "--url", here.url)
    assert (said.code, said.out) == (64, "")
    said = here.run(command, AUDIT, url="mysql://ann:hunter2@x/y")
    assert (said.code, said.out) == (64, "")
    assert "hunter2" not in said.err


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("url", ["postgresql://ann:hunter2@127.0.0.1:1/x", "host=127.0.0.1 port=1 password=hunter2"])
def test_a_server_that_is_not_there_gives_3(command: str, url: str, here: Here) -> None:
    said = here.run(command, AUDIT, url=url)
    assert (said.code, said.out) == (3, "")
    assert said.err.startswith("xtrig: cannot connect: ")
    assert said.err.count("\n") == 1
    assert "hunter2" not in said.err


@pytest.mark.parametrize("command", COMMANDS)
def test_a_wrong_definition_gives_1_and_no_data(command: str, here: Here) -> None:
    said = here.run(command, AUDIT.replace("event: logon", "event: log-on"))
    assert (said.code, said.out) == (1, "")
    assert "given.yaml:" in said.err


def test_options_that_exclude_each_other(here: Here) -> None:
    assert here.run("apply", AUDIT, "--no-canary", "--canary-role", "bob").code == 64
    assert here.run("apply", AUDIT, "--no-canary", "--canary-url", "service=x").code == 64
    assert here.run("apply", AUDIT, "--login-timeout", "0.1").code == 64
    assert here.run("apply", AUDIT, "--lock-timeout", "-1").code == 64
    assert here.run("apply", None, "--plan", str(here.folder / "none.json")).code == 64


def test_a_dry_run_is_sql_that_says_where_transactions_end(here: Here) -> None:
    before = here.site.snapshot()
    staged = here.run("apply", AUDIT, "--dry-run")
    assert staged.code == 0
    assert "CREATE EVENT TRIGGER on_logon ON login" in staged.out
    assert staged.out.count("BEGIN;\n") == staged.out.count("COMMIT;\n") + 1
    assert staged.out.count("ROLLBACK;\n") == 1
    direct = here.run("apply", AUDIT, "--dry-run", "--no-canary")
    assert (direct.out.count("BEGIN;\n"), direct.out.count("COMMIT;\n")) == (1, 1)
    assert parsed(here.run("apply", AUDIT, "--dry-run", "--format", "json"))
    assert here.site.snapshot() == before


def test_the_sql_of_a_dry_run_without_a_canary_runs(here: Here) -> None:
    said = here.run("apply", AUDIT, "--dry-run", "--no-canary")
    here.admin.execute(said.out.encode())
    assert here.status(AUDIT).is_in_sync


def test_without_a_canary_there_is_a_note_and_no_login(here: Here) -> None:
    said = here.run("apply", AUDIT, "--no-canary")
    assert said.code == 0
    assert "login as" not in said.out
    assert said.err.splitlines()[-1] == (
        "xtrig: note: no canary was wanted, so no function was run and nobody has logged in as a proof"
    )
    assert here.run("status", AUDIT).code == 0


def test_roles_and_urls_of_canaries_are_in_the_report(here: Here) -> None:
    here.admin.execute("CREATE ROLE olga LOGIN")
    try:
        arguments = ("--canary-role", "olga", "--canary-url", here.site.url("olga"), "--format", "json")
        said = here.run("apply", AUDIT, *arguments)
        assert said.code == 0, said.err
        assert ("olga", "rehearsal") in {(each["who"], each["proof"]) for each in said.data["logins"]}
        assert ("olga", "live") in {(each["who"], each["proof"]) for each in said.data["logins"]}
    finally:
        here.run("drop", AUDIT, "--with-data")
        here.admin.execute("DROP ROLE olga")


def test_the_url_of_the_environment_is_used(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XTRIG_DATABASE_URL", here.url)
    assert here.say("status", here.file(AUDIT)).code == 2
    monkeypatch.setenv("XTRIG_DATABASE_URL", "")
    assert here.say("status", here.file(AUDIT)).code == 64


def test_a_password_is_in_no_output_and_in_no_file(secret: str, here: Here) -> None:
    plan = here.folder / "plan.json"
    everything = ""
    for form in ("text", "json"):
        for command, arguments in (
            ("plan", ["--out", str(plan)]),
            ("status", []),
            ("apply", ["--dry-run"]),
            ("apply", ["--canary-url", secret]),
            ("apply", ["--canary-url", secret.replace("hunter2", "hunter3")]),
            ("drop", ["--dry-run"]),
            ("drop", ["--with-data"]),
            ("apply", ["--canary-url", secret.replace("boss", "nobody")]),
        ):
            said = here.run(command, NO_DROP, "--format", form, *arguments, url=secret)
            assert said.code in (0, 2, 3), (command, arguments, said)
            everything += said.out + said.err
    for command in COMMANDS:
        said = here.run(command, NO_DROP, url=secret.replace("hunter2", "hunter3"))
        assert (said.code, said.out) == (3, "")
        assert "password authentication failed" in said.err
        everything += said.err
    everything += plan.read_text("utf-8")
    for word in ("hunter2", "hunter3", "%41", "%2541"):
        assert word not in everything, everything[max(0, everything.find(word) - 200) :][:400]


def test_progress_is_on_stderr(here: Here) -> None:
    said = here.run("apply", AUDIT)
    assert [line for line in said.err.splitlines() if not line.startswith("xtrig: ")] == []
    assert any(line.startswith("xtrig: canary: ") for line in said.err.splitlines())
    assert "xtrig:" not in said.out


def test_a_definition_that_only_refuses_logons_on_16_is_refused(here16: Here) -> None:
    for command in COMMANDS:
        said = here16.run(command, AUDIT)
        assert (said.code, said.out) == (1, ""), command
        assert "logon on postgresql 16: PostgreSQL has login event triggers from version 17 on" in said.err


def test_ddl_triggers_on_16_with_types_that_have_modifiers(here16: Here) -> None:
    columns = (
        "a: varchar(64), b: 'numeric(10)', c: 'timestamp(3) with time zone', d: 'char', e: 'numeric(9, 2)[]', f: int8"
    )
    definition = NO_DROP.replace("triggers:", f"tables: {{log: {{columns: {{{columns}}}}}}}\ntriggers:")
    assert here16.run("apply", definition).code == 0
    said = here16.run("status", definition)
    assert said.code == 0, said.out
    assert here16.run("plan", definition).code == 0
    said = here16.run("plan", definition.replace("varchar(64)", "varchar(65)"))
    assert said.code == 1
    assert "column a is character varying(64), and the definition says varchar(65)" in said.out
    assert here16.run("drop", definition, "--with-data").code == 0


def test_a_hostile_file_name_stays_on_its_line(here: Here, tmp_path: Path) -> None:
    path = tmp_path / "a\nb\x1b[31m.json"
    path.write_text("{}")
    said = here.run("apply", None, "--plan", str(path))
    assert said.code == 64
    assert "\x1b" not in said.err


def test_on_16_nobody_is_warned_of_a_setting_that_is_not_there(here16: Here) -> None:
    said = here16.run("apply", NO_DROP)
    assert said.code == 0
    assert "event_triggers" not in said.err
