"""The doctor of PostgreSQL on rows, without a server."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

import xtrig_mariadb.doctor
from tests.unit.diagnosing import commands, diagnose, rows_of
from xtrig.dialect.doctor import Answer
from xtrig.dialect.driver import WayIn
from xtrig.findings import Severity
from xtrig_firebird.doctor import CHECKS as FIREBIRD_CHECKS
from xtrig_postgresql.doctor import CHECKS, PostgreSQLDoctor
from xtrig_postgresql.doctor.emergency_access import connection_string, quoted

PAGE = Path(__file__).parents[2] / "docs" / "doctor.md"


def test_names_are_stable_words_and_each_is_on_the_page() -> None:
    names = [check.name for check in CHECKS]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)+|[a-z]+", name) for name in names)
    assert on_the_page("PostgreSQL") == sorted(names)
    assert on_the_page("Firebird") == sorted((*(check.name for check in FIREBIRD_CHECKS), "not-looked-at"))
    said = re.findall(r'Problem\("([a-z-]+)"', inspect.getsource(xtrig_mariadb.doctor))
    assert on_the_page("MariaDB") == sorted(said)


def on_the_page(vendor: str) -> list[str]:
    _, _, text = PAGE.read_text("utf-8").partition(f"\n## What it looks for on {vendor}\n")
    return sorted(re.findall(r"^\| `([a-z-]+)` \|", text.partition("\n## ")[0], re.MULTILINE))


def test_each_look_needs_queries_that_are_asked() -> None:
    asked = set(PostgreSQLDoctor((18,)).queries())
    assert {query for check in CHECKS for query in check.needs} <= asked


@pytest.mark.parametrize("version", [(13,), (16,), (17,), (18,), (19,)])
def test_a_version_is_asked_only_for_what_it_has(version: tuple[int, ...]) -> None:
    text = " ".join(PostgreSQLDoctor(version).queries().values())
    assert ("dathasloginevt" in text) == (version >= (17,))
    assert ("has_parameter_privilege" in text) == (version >= (17,))


def test_a_safe_server_has_no_problem() -> None:
    assert diagnose() == []


@pytest.mark.parametrize("query", ["roles", "settings", "role settings", "triggers", "databases", "slots", "leftovers"])
def test_a_query_without_an_answer_is_a_note_and_no_false_alarm(query: str) -> None:
    (found,) = diagnose({query: Answer(problem="permission denied for view x (SQLSTATE 42501)")})
    assert (found.name, found.severity) == ("not-looked-at", Severity.NOTE)
    assert "permission denied" in found.message
    blind = [check.name for check in CHECKS if query in check.needs]
    assert blind
    assert all(name in found.remedy for name in blind)


def test_without_the_right_to_see_sessions_nothing_is_said_about_them() -> None:
    server = {**rows_of("server")[0], "sees_sessions": False, "acts_as": "ann"}
    (found,) = diagnose({"server": Answer((server,)), "sessions": Answer((session(hanging=3),))})
    assert found.name == "not-looked-at"
    assert re.search(r"\bann\b", found.message)  # not the end of a longer word


def session(**columns: Any) -> dict[str, Any]:
    return {"application_name": "", "address": None, "number": 1, "resets": 0, "hanging": 0, "held": 0, **columns}


@pytest.mark.parametrize(
    ("level", "found"),
    [
        ("fatal", 1),
        ("panic", 1),
        ("warning", 0),
        ("log", 0),
        ("fatal, backend:log", 1),
        ("log, backend:panic", 1),
        ("log, archiver:fatal", 0),
    ],
)
def test_levels_that_drop_log_lines(level: str, found: int) -> None:
    assert len(diagnose(settings={"log_min_messages": level})) == found


@pytest.mark.parametrize("destination", ["syslog", "eventlog", "stderr,syslog"])
def test_a_log_that_the_system_keeps(destination: str) -> None:
    assert diagnose(settings={"logging_collector": "off", "log_destination": destination}) == []


@pytest.mark.parametrize(
    ("value", "is_off"),
    [("off", True), ("of", True), ("F", True), ("no", True), ("0", True), ("on", False), ("t", False)],
)
def test_booleans_are_read_as_the_server_reads_them(value: str, is_off: bool) -> None:
    row = {"database": "shop", "role": None, "is_superuser": False, "name": "event_triggers", "value": value}
    assert [found.name for found in diagnose({"role settings": Answer((row,))})] == ["event-triggers-off"] * is_off


@pytest.mark.parametrize(
    ("names", "there", "found"),
    [("a", 0, 1), ("a, b", 1, 0), ("FIRST 2 (a, b)", 1, 1), ("any 2 (a, b, c)", 2, 0), ("2 (a, b)", 1, 1), ("", 0, 0)],
)
def test_how_many_standbys_have_to_confirm(names: str, there: int, found: int) -> None:
    row = {"name": "a", "state": "streaming", "sync_state": "quorum", "database": None}
    said = diagnose({"standbys": Answer((row,) * there)}, settings={"synchronous_standby_names": names})
    assert [each.name for each in said if each.name != "standbys-follow"] == ["nobody-confirms"] * found


def test_walsenders_of_logical_replication_and_backups_are_no_standbys() -> None:
    logical = {"name": "feed", "state": "streaming", "sync_state": "async", "database": "shop"}
    backup = {"name": "pg_basebackup", "state": "backup", "sync_state": "async", "database": None}
    assert diagnose({"standbys": Answer((logical, backup))}) == []


def test_many_who_could_replace_a_function_are_counted() -> None:
    trigger = {**rows_of("triggers")[0], "can_replace": [f"role_{number}" for number in range(9)]}
    (found,) = diagnose({"triggers": Answer((trigger,))})
    assert "role_4 and 4 more can log in" in found.message


def test_no_command_for_a_server_that_forbids_alter_system() -> None:
    assert "ALTER SYSTEM" in str(commands())
    assert "ALTER SYSTEM" not in str(commands(settings={"allow_alter_system": "off"}))


def test_a_file_of_settings_that_lies_elsewhere_is_named() -> None:
    assert "config_file" not in commands()[-1].text
    last = commands(settings={"config_file": "/etc/my server/postgresql.conf"})[-1].text
    assert "-D /var/lib/data -c config_file='/etc/my server/postgresql.conf'" in last


def test_what_an_ordinary_role_may_not_know_is_named_as_the_programs_know_it() -> None:
    text = str(commands({"programs": Answer(problem="permission denied"), "settings": Answer()})[-1])
    assert 'pg_ctl stop -D "$PGDATA"' in text


def test_another_roles_key_is_not_put_into_the_command() -> None:
    way_in = WayIn({"host": "db", "user": "ann", "sslmode": "verify-full", "sslcert": "/ann.crt", "sslkey": "/ann.key"})
    text = str(commands(way_in=way_in))
    assert "sslmode=verify-full" in text
    assert "ann." not in text
    assert "ann." in str(commands(way_in=WayIn({**way_in.parameters, "user": "postgres"})))


WORDS = [
    "plain",
    "a b",
    "it's",
    'say "x"',
    "it's $HOME `x` \\ !",
    "",
    "tab\tand\nline\x1b[31m ü \u202e'\\",
    "-x",
    "~",
    "*",
]


@pytest.mark.parametrize("word", WORDS)
def test_a_shell_reads_back_what_is_quoted(word: str) -> None:
    done = subprocess.run(["bash", "-c", f"printf '%s|' {quoted(word)}"], capture_output=True, check=True)
    assert done.stdout.decode() == f"{word}|"
    assert quoted(word).isprintable()


@pytest.mark.parametrize("word", [word for word in WORDS if word])
def test_libpq_reads_back_a_connection_string(word: str) -> None:
    given = {"host": "/tmp/a b", "dbname": word, "user": "x=y"}
    assert conninfo_to_dict(connection_string(given)) == given


def test_records_are_data() -> None:
    told = [each.to_dict() for each in (*diagnose(settings={"log_min_messages": "fatal"}), *commands())]
    assert json.loads(json.dumps(told)) == told
