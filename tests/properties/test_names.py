"""Any legal name comes through rendering as it is, as independent parsers see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from pglast import parse_sql

import xtrig
from tests.parsers.plpgsql import static_queries
from tests.parsers.plsql import PlsqlParser
from tests.parsers.postgres import Parsed, parse_plpgsql_functions, parse_script
from tests.properties.strategies import edge_names, names

DIALECTS = ("postgresql", "polardb", "polardb-oracle")


@dataclass(frozen=True)
class Names:
    """One name for each kind of object."""

    schema: str
    table: str
    columns: tuple[str, str]
    function: str
    trigger: str
    role: str
    exempt: str

    def all(self) -> tuple[str, ...]:
        """Return all of them."""
        return (self.schema, self.table, *self.columns, self.function, self.trigger, self.role, self.exempt)

    def definition(self, event: str = "logon") -> dict[str, Any]:
        """Use each of them wherever it can stand."""
        one, other = self.columns
        steps = [
            {"insert": self.table, "values": {one: "${login_user}", other: 1}},
            {"grant_role": self.role, "to": "${login_user}"},
            {"revoke_role": self.role, "from": "${login_user}"},
            {"create_temp_table": self.table, "columns": {one: "text"}, "owner": "${login_user}"},
            {"set": "a.b", "value": 1},
        ]
        return {
            "schema": self.schema,
            "tables": {self.table: {"columns": {one: "text", other: {"type": "integer", "primary_key": True}}}},
            "functions": {self.function: {"exempt_roles": [self.exempt], "steps": steps}},
            "triggers": {self.trigger: {"event": event, "run": self.function}},
        }


def distinct(pair: tuple[str, str]) -> bool:
    return pair[0] != pair[1]


any_name = st.one_of(names, names, edge_names)
all_names = st.builds(
    Names,
    schema=any_name,
    table=any_name,
    columns=st.tuples(any_name, any_name).filter(distinct),
    function=any_name,
    trigger=any_name,
    role=any_name,
    exempt=any_name,
)
HARMLESS = Names("s", "t", ("a", "b"), "f", "x", "r", "e")


def rendered(given: Names, dialect: str, **options: Any) -> str:
    return str(xtrig.render(xtrig.TriggerSet.model_validate(given.definition()), dialect, **options))


def only(script: list[Parsed], kind: str) -> Parsed:
    (found,) = [each for each in script if each.kind == kind]
    return found


@given(all_names, st.sampled_from(["logon", "table_rewrite", "sql_drop"]))
def test_no_name_breaks_any_dialect(given: Names, event: str):
    triggers = xtrig.TriggerSet.model_validate(given.definition(event))
    for dialect in DIALECTS:
        for drop in (False, True):
            first = str(xtrig.render(triggers, dialect, drop=drop, with_data=drop))
            again = str(xtrig.render(triggers.model_copy(deep=True), dialect, drop=drop, with_data=drop))
            assert first == again
            assert "\0" not in first


def is_made(schema: str) -> bool:
    """Whether a script makes the schema: each database has two that definitions may name."""
    return schema not in ("public", "pg_catalog")


@given(all_names)
@example(HARMLESS)
def test_postgresql_reads_back_the_same_names(given: Names):
    text = rendered(given, "postgresql")
    script = parse_script(text)
    function = f"{given.schema}.{given.function}"
    assert only(script, "create_function").name == function
    trigger = only(script, "create_event_trigger")
    assert (trigger.name, trigger.function) == (given.trigger, function)
    assert only(script, "create_table").name == f"{given.schema}.{given.table}"
    made = [given.schema] * is_made(given.schema)
    assert [each.name for each in script if each.kind == "create_schema"] == made
    assert [(each.on, each.name) for each in script if each.kind == "comment"] == [
        *(("schema", each) for each in made),
        ("table", f"{given.schema}.{given.table}"),
        ("function", function),
        ("event_trigger", given.trigger),
    ]
    assert parse_plpgsql_functions(text) >= 1


@given(all_names)
def test_postgresql_reads_back_the_same_columns(given: Names):
    text = rendered(given, "postgresql")
    nodes = [raw.stmt for raw in parse_sql(text)]
    (table,) = [node for node in nodes if type(node).__name__ == "CreateStmt"]
    assert tuple(each.colname for each in table.tableElts[:2]) == given.columns
    (routine,) = [
        statement.sql
        for statement in xtrig.render(xtrig.TriggerSet.model_validate(given.definition()))
        if statement.sql.startswith("CREATE OR REPLACE FUNCTION")
    ]
    inner = [node.stmt for query in static_queries(routine) for node in parse_sql(query)]
    (insert,) = [node for node in inner if type(node).__name__ == "InsertStmt"]
    assert tuple(each.name for each in insert.cols) == given.columns
    (temporary,) = [node for node in inner if type(node).__name__ == "CreateStmt"]
    assert (temporary.relation.relname, temporary.tableElts[0].colname) == (given.table, given.columns[0])


@given(all_names)
def test_the_drop_script_drops_the_same_names(given: Names):
    script = parse_script(rendered(given, "postgresql", drop=True, with_data=True))
    function = f"{given.schema}.{given.function}"
    found = [(each.kind, each.name) for each in script if each.kind.startswith("drop_")]
    assert found == [
        ("drop_event_trigger", given.trigger),
        ("drop_function", function),
        ("drop_table", f"{given.schema}.{given.table}"),
        *[("drop_schema", given.schema)] * is_made(given.schema),
    ]


def unquoted(name: str) -> list[str]:
    """Return the parts of a dotted name as a reader of SQL understands them."""
    return [node.sval for node in parse_sql(f"DROP FUNCTION {name}")[0].stmt.objects[0].objname]


@given(all_names, st.sampled_from(["polardb", "polardb-oracle"]))
def test_postgresql_reads_back_the_same_helpers(given: Names, dialect: str):
    rendered = xtrig.render(xtrig.TriggerSet.model_validate(given.definition()), dialect)
    (helper,) = [each.sql for each in rendered if "RETURNS pg_catalog.text" in each.sql]
    assert only(parse_script(helper), "create_function").name == f"{given.schema}.{given.function}"
    assert parse_plpgsql_functions(helper) == 1


# The grammar at hand takes a lone carriage return for the end of a literal; PostgreSQL's lexer does not.
without_returns = all_names.filter(lambda given: "\r" not in "".join(given.all()))


@pytest.mark.parametrize("dialect", ["polardb", "polardb-oracle"])
# A syntax error takes this parser seconds, so a failure is not shrunk.
@settings(max_examples=max(4, settings.default.max_examples // 8), phases=[Phase.explicit, Phase.generate])
@given(batch=st.lists(without_returns, min_size=4, max_size=8))
def test_plsql_reads_back_the_same_functions(plsql: PlsqlParser, dialect: str, batch: list[Names]):
    functions = [
        statement.sql
        for given in batch
        for statement in xtrig.render(xtrig.TriggerSet.model_validate(given.definition()), dialect)
        if " RETURN event_trigger" in statement.sql
    ]
    result = plsql.parse("\n".join(f"{function};" for function in functions))
    assert result.errors == ()
    assert [unquoted(unit.name) for unit in result.units] == [[each.schema, each.function] for each in batch]
