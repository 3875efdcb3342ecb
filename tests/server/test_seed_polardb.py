"""PolarDB's documented logon and logoff example and our two renderings of it: the same form, without its fault."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import xtrig
from tests.server.sides import example, seed

if TYPE_CHECKING:
    from tests.parsers.plsql import PlsqlParser

DIALECTS = ("polardb", "polardb-oracle")
VARIABLES = {
    "polar_login_user",
    "polar_database_name",
    "polar_client_ip",
    "polar_instance_num",
    "tg_event",
    "tg_tag",
}
# The documentation writes Oracle's types, PostgreSQL has no other names for these.
TYPES = {"varchar2(64)": "varchar(64)", "int": "integer", "serial": "bigserial"}


def statements(script: str) -> list[str]:
    """Split a script into statements without comments; the function is one statement, up to its END.

    The function is the one in the documented form; its helper stands in dollar quotes, and is left out here.
    """
    text = re.sub(r"^\s*--.*\n", "", script, flags=re.MULTILINE)
    text = re.sub(r"^CREATE OR REPLACE FUNCTION [^;]*?\$xtrig\$.*?\$xtrig\$;", "", text, flags=re.MULTILINE | re.DOTALL)
    function = re.search(r"^CREATE (OR REPLACE )?FUNCTION .*?^END;", text, re.MULTILINE | re.DOTALL)
    assert function is not None
    rest = text.replace(function[0], "")
    return [function[0], *filter(None, (part.strip() for part in rest.split(";")))]


def starting(script: str, words: str) -> list[str]:
    return [sql for sql in statements(script) if re.match(words, sql)]


def only(found: list[str]) -> str:
    assert len(found) == 1, found
    return found[0]


def function(script: str) -> str:
    return only(starting(script, r"CREATE (OR REPLACE )?FUNCTION"))


def table(script: str) -> str:
    return only(starting(script, "CREATE TABLE"))


def triggers(script: str) -> dict[str, str]:
    """Return the clause after each event trigger's name, its white space evened out."""
    found = starting(script, "CREATE EVENT TRIGGER")
    words = [re.fullmatch(r"CREATE EVENT TRIGGER (\w+)\s+(.*)", sql, re.DOTALL) for sql in found]
    return {match[1]: " ".join(match[2].split()) for match in words if match is not None}


def tables_named(script: str) -> set[str]:
    """Return the names under which tables are created and written to."""
    return set(re.findall(r"(?:CREATE TABLE(?: IF NOT EXISTS)?|INSERT INTO) ([\w.]+)", "\n".join(statements(script))))


def columns(script: str) -> list[tuple[str, str]]:
    inner = table(script).partition("(")[2].rpartition(")")[0]
    lines = [line.strip().rstrip(",") for line in inner.strip().splitlines()]
    return [(line.split()[0], line.split(maxsplit=1)[1].lower()) for line in lines if not line.startswith("PRIMARY")]


SEED = seed("users_log")


@pytest.fixture(params=[(dialect, form) for dialect in DIALECTS for form in ("native", "plsql")])
def ours(request: pytest.FixtureRequest) -> str:
    """The example in both forms: the documented function as a wrapper, and as all there is."""
    dialect, form = request.param
    definition = example("session_audit").replace("    steps:", f"    language: {form}\n    steps:")
    return str(xtrig.render(xtrig.load_text(definition), dialect=dialect))


def insert(script: str) -> str:
    """The INSERT, which stands in the function itself or in its helper, whose arguments have the variables' names."""
    return only(re.findall(r"^ *(INSERT INTO .*?;)$", script, re.MULTILINE | re.DOTALL))


def test_the_seed_creates_one_table_and_writes_to_another() -> None:
    assert tables_named(SEED) == {"users_log", "polar_loginout.users_log"}


def test_we_create_and_write_to_one_qualified_table(ours: str) -> None:
    assert tables_named(ours) == {"audit.users_log"}
    assert len(re.findall(r"users_log\b", table(ours) + insert(ours))) == 2


def test_the_schema_of_the_table_is_created_before_it(ours: str) -> None:
    made = [sql for sql in ours.splitlines() if sql.startswith("CREATE ")]
    assert made[:2] == ["CREATE SCHEMA IF NOT EXISTS audit;", "CREATE TABLE IF NOT EXISTS audit.users_log ("]


def test_the_columns_are_the_seeds(ours: str) -> None:
    expected = [(column, TYPES[kind]) for column, kind in columns(SEED)]
    assert columns(ours) == expected
    assert expected[0] == ("id", "bigserial")


def test_the_insert_names_the_seeds_columns(ours: str) -> None:
    pattern = r"INSERT INTO [\w.]+ \((.*?)\)"
    theirs, found = (re.findall(pattern, insert(script), re.DOTALL) for script in (SEED, ours))
    assert found == theirs
    assert len(theirs) == 1


def test_every_variable_of_the_seed_is_used(ours: str) -> None:
    words = {word for word in re.findall(r"\w+", function(SEED)) if word.startswith(("polar_", "tg_"))}
    assert words == VARIABLES | {"polar_loginout"}
    assert set(re.findall(r"\w+", function(ours))) >= VARIABLES


def test_the_values_stand_in_the_seeds_order(ours: str) -> None:
    def order(script: str) -> list[str]:
        values = insert(script).partition("VALUES")[2]
        return list(dict.fromkeys(word for word in re.findall(r"\w+", values) if word in VARIABLES))

    assert order(ours) == order(SEED)


@pytest.mark.parametrize(
    "foreign", [r"\bLANGUAGE\b", r"\bRETURNS\b", r"\$", r"\bPERFORM\b", r"::", r"\bAS\b(?! pg_catalog)"]
)
def test_the_function_holds_nothing_of_plpgsql(foreign: str, ours: str) -> None:
    assert not re.search(foreign, function(ours), re.IGNORECASE)


def test_the_function_has_the_documented_head_and_end(ours: str) -> None:
    head = r"CREATE (OR REPLACE )?FUNCTION ([\w.]+) RETURN event_trigger (AUTHID DEFINER (SET [\w, =]+ )?)?IS\s"
    theirs, found = re.match(head, function(SEED)), re.match(head, function(ours))
    assert theirs is not None
    assert found is not None
    assert found[2] == f"audit.{theirs[2]}"
    assert function(ours).endswith("\nEND;")


def test_polardb_binds_it_with_the_seeds_clauses() -> None:
    ours = str(xtrig.render(xtrig.load_text(example("session_audit")), dialect="polardb"))
    found = {name: clause.replace("public.", "audit.") for name, clause in triggers(SEED).items()}
    theirs = {name: clause.replace("on ", "ON ", 1) for name, clause in found.items()}
    assert theirs == {
        "login_event_trigger": "ON after_user_logon EXECUTE PROCEDURE audit.sample_event_trigger()",
        "logout_event_trigger": "ON before_user_logoff EXECUTE PROCEDURE audit.sample_event_trigger()",
    }
    assert triggers(ours) == theirs


def test_the_oracle_edition_binds_it_with_its_own_clauses() -> None:
    ours = str(xtrig.render(xtrig.load_text(example("session_audit")), dialect="polardb-oracle"))
    assert triggers(ours) == {
        "login_event_trigger": "AFTER LOGON ON DATABASE EXECUTE FUNCTION audit.sample_event_trigger()",
        "logout_event_trigger": "BEFORE LOGOFF ON DATABASE EXECUTE FUNCTION audit.sample_event_trigger()",
    }


def test_a_strict_grammar_reads_both_functions_alike(ours: str, plsql: PlsqlParser) -> None:
    # Oracle has no SET clause; the vendor's page of CREATE FUNCTION has it.
    bare = re.sub(r" SET [\w, =]+(?= IS\s)", "", function(ours))
    theirs, found = plsql.parse(function(SEED)), plsql.parse(bare)
    assert (theirs.errors, found.errors) == ((), ())
    (seed_unit,), (unit,) = theirs.units, found.units
    assert (unit.kind, unit.returns) == (seed_unit.kind, seed_unit.returns) == ("create_function", "event_trigger")
    assert unit.name == f"audit.{seed_unit.name}"
    assert unit.replace
    assert not seed_unit.replace


def test_no_warning_comes_with_the_scripts() -> None:
    for dialect in DIALECTS:
        script = xtrig.render(xtrig.load_text(example("session_audit")), dialect=dialect)
        assert [finding for finding in script.findings if finding.severity != "info"] == []
