"""Hostile names, bodies, messages and values through render into PostgreSQL 18, and back out of its catalog."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import xtrig
from tests.properties.strategies import edge_names, names, texts
from tests.server.conftest import fresh_database
from xtrig.sqltext import literal
from xtrig_pgfamily.embedded.server import EmbeddedServer

pytestmark = pytest.mark.server

Connection = psycopg.Connection[Any]
SYSTEM_COLUMNS = {"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"}
any_name = st.one_of(names, edge_names).filter(lambda name: not name.startswith("pg_"))


@pytest.fixture(scope="module")
def admin(server18: EmbeddedServer) -> Iterator[Connection]:
    """One session for all examples; every example is rolled back."""
    with fresh_database(server18) as database, database.connect(autocommit=False) as connection:
        yield connection


@pytest.fixture(autouse=True)
def _rolled_back(admin: Connection) -> Iterator[None]:
    yield
    admin.rollback()


def run(connection: Connection, script: xtrig.Script) -> None:
    """Execute the statements one by one within the caller's transaction."""
    for statement in script.statements:
        connection.execute(statement.sql.encode())


def model(**given: Any) -> xtrig.TriggerSet:
    return xtrig.TriggerSet.model_validate(given)


def rows(connection: Connection, query: str, *values: Any) -> list[tuple[Any, ...]]:
    return connection.execute(query.encode(), values).fetchall()


@settings(max_examples=settings.default.max_examples // 2)
@example(schema="s", table="t", columns=["a", "b"], function="f", trigger="g", role="r", text="${tag}\\")
@given(
    schema=any_name,
    table=any_name,
    columns=st.lists(any_name.filter(lambda name: name not in SYSTEM_COLUMNS), min_size=2, max_size=2, unique=True),
    function=any_name,
    trigger=any_name,
    role=any_name.filter(lambda name: name not in ("public", "none")),
    text=texts,
)
def test_the_catalog_holds_the_same_names(
    admin: Connection, schema: str, table: str, columns: list[str], function: str, trigger: str, role: str, text: str
) -> None:
    admin.rollback()
    one, other = columns
    triggers = model(
        schema=schema,
        tables={table: {"columns": {one: "text", other: "text"}}},
        functions={
            function: {
                "exempt_roles": [trigger],
                "steps": [
                    {"insert": table, "values": {one: literal(text).replace("${", "$${"), other: "${tag}"}},
                    {"grant_role": role, "to": "${login_user}"},
                ],
            }
        },
        triggers={trigger: {"event": "ddl_command_end", "tags": ["CREATE VIEW"], "run": function}},
    )
    admin.execute(f"CREATE ROLE {psycopg.sql.Identifier(role).as_string(admin)}".encode())
    run(admin, xtrig.render(triggers))
    admin.execute("CREATE VIEW pg_temp.fire AS SELECT 1")
    check_catalog(admin, schema, table, columns, function, trigger)
    ours = psycopg.sql.Identifier(schema, table).as_string(admin)
    assert rows(admin, f"SELECT * FROM {ours}".replace("%", "%%")) == [(text, "CREATE VIEW")]
    member = "SELECT count(*) FROM pg_auth_members WHERE roleid = (SELECT oid FROM pg_roles WHERE rolname = %s)"
    assert rows(admin, member, role) == [(1,)]
    run(admin, xtrig.render(triggers, drop=True, with_data=True))
    left = "SELECT (SELECT count(*) FROM pg_event_trigger), (SELECT count(*) FROM pg_proc WHERE pronamespace = {0}), "
    left += "(SELECT count(*) FROM pg_class WHERE relnamespace = {0})"
    namespace = "(SELECT oid FROM pg_namespace WHERE nspname = %s)"
    in_public = schema == "public"
    assert in_public or rows(admin, left.format(namespace), schema, schema) == [(0, 0, 0)]


def check_catalog(
    connection: Connection, schema: str, table: str, columns: list[str], function: str, trigger: str
) -> None:
    fired = """
        SELECT evtname, proname, nspname FROM pg_event_trigger
        JOIN pg_proc AS p ON p.oid = evtfoid JOIN pg_namespace AS n ON n.oid = pronamespace
    """
    assert rows(connection, fired) == [(trigger, function, schema)]
    held = """
        SELECT relname, attname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
        JOIN pg_attribute ON attrelid = c.oid AND attnum > 0 WHERE nspname = %s AND relkind = 'r' ORDER BY attnum
    """
    assert rows(connection, held, schema) == [(table, column) for column in columns]


@given(text=texts)
def test_the_catalog_holds_a_body_byte_for_byte(admin: Connection, text: str) -> None:
    admin.rollback()
    quoted = text.replace("'", "''")
    body = f"  \n BEGIN\tPERFORM '{quoted}';\r\nEND \n"
    run(admin, xtrig.render(model(triggers={"x": {"event": "sql_drop", "body": {"postgresql": body}}})))
    assert rows(admin, "SELECT prosrc FROM pg_proc WHERE proname = 'x'") == [(body,)]


@given(text=texts)
def test_a_valid_body_may_hold_any_comment(admin: Connection, text: str) -> None:
    admin.rollback()
    comment = text.replace("*/", "* /").replace("/*", "/ *")
    assume("/*" not in comment)
    assume("*/" not in comment)
    body = f"/* {comment} */ BEGIN END"
    run(admin, xtrig.render(model(triggers={"x": {"event": "sql_drop", "body": {"postgresql": body}}})))
    assert rows(admin, "SELECT prosrc FROM pg_proc WHERE proname = 'x'") == [(body,)]


@given(message=texts, catches=st.booleans(), fact=st.booleans())
def test_the_client_gets_exactly_the_message(admin: Connection, message: str, catches: bool, fact: bool) -> None:
    assume(message)
    admin.rollback()
    steps = [{"deny": message.replace("${", "$${") + (" ${tag}" if fact else "")}]
    policies = {"on_error": "allow"} if catches else {}
    run(admin, xtrig.render(model(triggers={"x": {"event": "ddl_command_start", "steps": steps, **policies}})))
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as refused:
        admin.execute("CREATE VIEW pg_temp.fire AS SELECT 1")
    assert refused.value.diag.message_primary == message + (" CREATE VIEW" if fact else "")
    assert refused.value.sqlstate == "42501"


@pytest.mark.parametrize("setting", ["on", "off"])
def test_a_clients_quoting_does_not_change_what_an_expression_means(server18: EmbeddedServer, setting: str) -> None:
    # A client chooses standard_conforming_strings when it connects: '\d' must not become 'd' for it.
    definition = r"""
xtrig: 1
triggers:
  guard:
    event: ddl_command_start
    steps:
      - deny: no
        when: ${tag} ~ '^CREATE\sVIEW$'
"""
    with fresh_database(server18) as database:
        with database.connect(autocommit=True) as connection:
            connection.execute(str(xtrig.render(xtrig.load_text(definition))).encode())
        options = f"-c standard_conforming_strings={setting} -c escape_string_warning=off"
        with (
            database.connect(options=options) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("CREATE VIEW v AS SELECT 1")
