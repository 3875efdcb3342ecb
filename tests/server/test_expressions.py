"""What expressions do on 17 and 18: allow-lists, and what XT230 to XT233 say of mistakes."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import xtrig
from tests.server.conftest import Database
from tests.server.deploy import execute
from xtrig.checks import examine
from xtrig.registry import get_dialect
from xtrig_pgfamily.plpgsql.scope import Scope
from xtrig_pgfamily.session_facts import SPELLINGS

pytestmark = pytest.mark.server

TABLES = {"allowed": {"columns": {"who": "text", "net": "inet", "port": "integer", "found": "boolean"}}}


def definition(when: str, **values: Any) -> xtrig.TriggerSet:
    steps: list[Any] = [{"deny": "not on the list", "when": when}]
    if values:
        steps = [{"insert": "allowed", "values": values}]
    gate = {"event": "logon", "exempt_roles": ["postgres"], "steps": steps, "on_error": "deny"}
    return xtrig.TriggerSet.model_validate({"schema": "sec", "tables": TABLES, "triggers": {"gate": gate}})


def codes(triggers: xtrig.TriggerSet) -> set[str]:
    dialect = get_dialect("postgresql")
    found = examine(triggers).translate(dialect, (18,)).findings
    return {finding.code for finding in found if finding.code.startswith("XT23")}


def unchecked(triggers: xtrig.TriggerSet) -> str:
    """Return the script of a set whether its findings stop it or not."""
    dialect = get_dialect("postgresql")
    resolved = examine(triggers).resolved
    assert resolved is not None
    return str(dialect.compile(resolved, (17,)))


@pytest.fixture
def guest(login_database: Database):
    with login_database.connect() as admin:
        admin.execute("CREATE ROLE listed_guest LOGIN PASSWORD 'x'")
        admin.commit()
        yield login_database, admin
        admin.rollback()
        execute(admin, "DROP EVENT TRIGGER IF EXISTS gate; DROP OWNED BY listed_guest; DROP ROLE listed_guest")
        admin.commit()


def enters(database: Database) -> bool:
    try:
        database.connect("listed_guest", tcp=True, password="x").close()
    except psycopg.OperationalError:
        return False
    return True


def test_an_allow_list_lets_in_who_is_on_it_and_nobody_else(guest):
    """Case 11: the table is written without its schema, and the address is a text."""
    database, admin = guest
    when = "NOT EXISTS (SELECT 1 FROM allowed WHERE who = ${login_user} AND CAST(${client_ip} AS inet) <<= net)"
    triggers = definition(when)
    assert codes(triggers) == set()
    execute(admin, xtrig.render(triggers, target_version="17"))
    admin.commit()
    assert not enters(database)
    admin.execute("INSERT INTO sec.allowed VALUES ('listed_guest', '127.0.0.0/8')")
    admin.commit()
    assert enters(database)


WRONG = {
    "XT230": "EXISTS (SELECT 1 FROM people)",
    "XT231": "EXISTS (SELECT 1 FROM allowed WHERE whoo = 'x')",
    "XT232": "NVL(${client_ip}, 'x') = 'y'",
    "XT233": "NOT EXISTS (SELECT 1 FROM allowed WHERE ${client_ip} <<= net)",
    "XT237": "EXISTS (SELECT 1 FROM allowed WHERE found)",
}


@pytest.mark.parametrize("code", WRONG)
def test_what_check_finds_fails_at_each_login(code: str, guest):
    database, admin = guest
    triggers = definition(WRONG[code])
    assert codes(triggers) == {code}
    execute(admin, unchecked(triggers))
    admin.commit()
    assert not enters(database)


def test_a_column_that_is_a_variable_too_is_told_from_it_by_its_table(guest):
    database, admin = guest
    triggers = definition("EXISTS (SELECT 1 FROM allowed WHERE allowed.found)")
    assert not codes(triggers)
    execute(admin, str(xtrig.render(triggers)))
    admin.commit()
    assert enters(database)


@pytest.mark.parametrize(
    ("column", "value"), [("net", "${client_ip}"), ("port", "${login_user}"), ("port", "${ssl}"), ("port", "'x'")]
)
def test_a_value_that_its_column_does_not_take_fails_at_each_login(column: str, value: str, guest):
    database, admin = guest
    triggers = definition("", **{column: value})
    assert codes(triggers) == {"XT233"}
    execute(admin, unchecked(triggers))
    admin.commit()
    assert not enters(database)


NUMBERS = st.sampled_from(["1", "2.5", "-3", "length('abc')", "(SELECT max(port) FROM {allowed})", "coalesce(null, 4)"])
TEXTS = st.sampled_from(
    [
        "'a'",
        "${login_user}",
        "lower('ABC')",
        "'' || ${client_ip}",
        "'x' || ${login_user}",
        "(SELECT min(who) FROM {allowed} AS a WHERE a.port > 1)",
    ]
)


def conditions(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("NOT {}".format, inner),
        st.builds("CASE WHEN {} THEN {} ELSE {} END".format, inner, inner, inner),
        st.builds("coalesce({}, {})".format, inner, inner),
    )


COMPARED = st.sampled_from(["=", "<>", "<", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"])
SIMPLE = st.one_of(
    st.builds("{} {} {}".format, TEXTS, COMPARED, TEXTS),
    st.builds("{} {} {}".format, NUMBERS, COMPARED, NUMBERS),
    st.builds("{} NOT IN ({}, {})".format, TEXTS, TEXTS, TEXTS),
    st.builds("{} BETWEEN {} AND {}".format, NUMBERS, NUMBERS, NUMBERS),
    st.builds("{} NOT LIKE 'a%'".format, TEXTS),
    st.builds("{} IS NOT NULL".format, TEXTS),
    st.builds("{} IN (SELECT who FROM {{allowed}} WHERE port = {})".format, TEXTS, NUMBERS),
    st.builds("EXISTS (SELECT 1 FROM {{allowed}} b WHERE b.who = {})".format, TEXTS),
)


def test_a_random_condition_means_what_it_would_with_every_name_qualified(database18: Database):
    schemas = {"allowed": "sec"}
    scope = Scope("postgresql", SPELLINGS, (18,), (xtrig.facts.Event.LOGON,), {}, schemas=schemas)
    with database18.connect() as admin:
        execute(admin, "CREATE SCHEMA sec; CREATE TABLE sec.allowed (who text, net inet, port integer)")
        admin.execute("INSERT INTO sec.allowed VALUES ('a', null, 1), ('postgres', null, 4), (null, null, null)")
        admin.execute("SET search_path = pg_catalog, pg_temp")

        @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.recursive(SIMPLE, conditions, max_leaves=6))
        def holds(text: str) -> None:
            written = text.replace("{allowed}", "allowed")
            assert codes(definition(written)) == set(), written
            whole = text.replace("{allowed}", "sec.allowed")
            for fact in (xtrig.facts.Fact.LOGIN_USER, xtrig.facts.Fact.CLIENT_IP):
                whole = whole.replace(f"${{{fact}}}", scope.fact(fact))
            rendered = scope.expression(written)
            row = admin.execute(f"SELECT ({rendered}), ({whole})").fetchone()
            assert row is not None
            assert row[0] == row[1]

        holds()
