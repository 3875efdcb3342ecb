"""Traps of PolarDB, for which no server is at hand: the form of our text, or its refusal, stands for the proof."""

from __future__ import annotations

import re

import pytest

import xtrig
from tests.traps.naive import definition, refused

EDITIONS = ("polardb", "polardb-oracle")
RECORDS = "records: {event: logon, steps: [{insert: log, values: {who: '${login_user}', what: '${instance}'}}]}"
DENIES = "denies: {event: logon, %s steps: [{deny: closed}]}"
ON_DDL = "on_ddl: {event: ddl_command_end, steps: [{insert: log, values: {what: '${tag}'}}]}"


def rendered(dialect: str, *triggers: str, **options: str) -> str:
    return str(xtrig.render(xtrig.load_text(definition(*triggers)), dialect, **options))


@pytest.mark.parametrize("dialect", EDITIONS)
def test_trap_1_a_denial_that_binds_here_is_refused_where_it_is_only_logged(dialect: str) -> None:
    assert "RAISE EXCEPTION" in rendered("postgresql", DENIES % "")
    assert refused(definition(DENIES % ""), dialect) >= {"XT203"}
    assert refused(definition(RECORDS.replace("logon,", "logon, on_error: deny,")), dialect) >= {"XT208"}


@pytest.mark.parametrize("dialect", EDITIONS)
def test_trap_12_a_refusal_says_that_an_error_loses_all_rows_of_the_event(dialect: str) -> None:
    with pytest.raises(xtrig.RefusedError, match="all rows of that event's triggers are lost"):
        rendered(dialect, DENIES % "")


@pytest.mark.parametrize("dialect", ["postgresql", *EDITIONS])
def test_trap_13_the_table_that_is_made_is_the_table_that_is_written(dialect: str) -> None:
    named = re.findall(r"(?:CREATE TABLE IF NOT EXISTS|INSERT INTO) (\S+)", rendered(dialect, RECORDS))
    assert len(named) == 2
    assert set(named) == {"audit.log"}


@pytest.mark.parametrize(("dialect", "spelling"), [("postgresql", "1"), *((e, "polar_instance_num") for e in EDITIONS)])
def test_trap_14_the_instance_is_a_number_that_tells_no_nodes_apart(dialect: str, spelling: str) -> None:
    values = re.search(r"VALUES \((.*)\);", rendered(dialect, RECORDS))
    assert values is not None
    assert values[1].split(", ")[1] == spelling


@pytest.mark.parametrize(
    ("dialect", "clause"),
    [("postgresql", "ON login"), ("polardb", "ON after_user_logon"), ("polardb-oracle", "AFTER LOGON ON DATABASE")],
)
def test_trap_15_each_dialect_has_its_own_clause_for_a_logon(dialect: str, clause: str) -> None:
    text = rendered(dialect, RECORDS)
    assert re.findall(r"^ *CREATE EVENT TRIGGER records (.*)$", text, re.MULTILINE) == [clause]


def test_trap_40_a_system_trigger_is_for_the_database_never_for_a_schema() -> None:
    text = rendered("polardb-oracle", ON_DDL)
    assert "CREATE OR REPLACE TRIGGER" in text
    assert "ON DATABASE" in text
    assert "ON SCHEMA" not in text.replace("COMMENT ON SCHEMA", "")
