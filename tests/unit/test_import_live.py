"""Which set of a database is imported, and how a table's types are found again; without any database."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.unit.test_import_input import command
from xtrig.cli.exits import Exit
from xtrig.errors import DefinitionError, UsageError
from xtrig.importer import choose
from xtrig.model import Column
from xtrig_pgfamily.objects import Table
from xtrig_pgfamily.objects.table import table_columns
from xtrig_pgfamily.reading.live_functions import filled_by
from xtrig_pgfamily.reading.live_tables import LiveTable


@pytest.mark.parametrize(
    ("sets", "wanted", "chosen"),
    [
        ({"a": 1}, None, "a"),
        ({"a": 1}, "a", "a"),
        ({"a": 1, None: 2}, None, None),
        ({"a": 1, "b": 3, None: 2}, None, None),
        ({"a": 1, "b": 3, None: 2}, "b", "b"),
        ({None: 1}, None, None),
    ],
)
def test_the_set_that_is_chosen(sets: Mapping[str | None, int], wanted: str | None, chosen: str | None) -> None:
    assert choose(sets, wanted, "database d") == chosen


def test_no_set_can_be_chosen_where_nobody_says_which() -> None:
    with pytest.raises(UsageError, match=r"name it with --set: 'a' \(1 trigger\), 'b' \(2 triggers\)"):
        choose({"b": 2, "a": 1}, None, "database d")
    with pytest.raises(UsageError, match="no set 'c'"):
        choose({"a": 1, None: 1}, "c", "database d")
    with pytest.raises(DefinitionError, match="database d: has no event trigger"):
        choose({}, None, "database d")


@pytest.mark.parametrize(
    "types",
    [
        ("bigint", "text", "timestamp with time zone"),
        ("int8", "TEXT", "timestamptz"),
        ("BIGINT", "varchar", "TIMESTAMPTZ(3)"),
        ("int", "integer", "int4"),
        ("decimal(10, 2)", "numeric(5)", "char"),
        ("float", "float8", "varchar(5)[]"),
        ("time(3)", "timetz", "varbit(3)"),
    ],
)
def test_types_are_those_of_the_mark(types: tuple[str, ...]) -> None:
    columns = {f"c{number}": Column(type=each) for number, each in enumerate(types)}
    comment = str(Table(path=("s", "t"), columns=table_columns(columns)).marked("s").mark)
    rows = [row(name, SERVER.get(column.type.lower(), column.type), comment) for name, column in columns.items()]
    assert LiveTable("s", "t", tuple(rows)).table().columns == columns
    stale = [{**each, "comment": "xtrig:1:0000000000000000:s"} for each in rows]
    found = LiveTable("s", "t", tuple(stale)).table().columns
    assert [column.type for column in found.values()] == [each["type"] for each in rows]


SERVER = {
    "int8": "bigint",
    "text": "text",
    "bigint": "bigint",
    "timestamptz": "timestamp with time zone",
    "timestamptz(3)": "timestamp(3) with time zone",
    "varchar": "character varying",
    "int": "integer",
    "int4": "integer",
    "decimal(10, 2)": "numeric(10,2)",
    "numeric(5)": "numeric(5,0)",
    "char": "character(1)",
    "float": "double precision",
    "float8": "double precision",
    "varchar(5)[]": "character varying(5)[]",
    "time(3)": "time(3) without time zone",
    "timetz": "time with time zone",
    "varbit(3)": "bit varying(3)",
}
"""What format_type() of PostgreSQL 18.4 says of a type."""


def row(name: str, kind: str, comment: str) -> dict[str, object]:
    flags = ("is_needed", "is_key", "is_generated", "is_collated", "has_sequence")
    return {
        "column": name,
        "type": kind,
        "comment": comment,
        "kind": "r",
        "identity": "",
        "default": None,
    } | dict.fromkeys(flags, False)


def test_a_table_of_very_many_columns_is_given_up_in_time() -> None:
    rows = [row(f"c{number}", kind, "xtrig:1:0:s") for number, kind in enumerate(list(SERVER.values()) * 20)]
    assert len(LiveTable("s", "t", tuple(rows)).table().columns) == len(rows)


@pytest.mark.parametrize(
    ("body", "tables"),
    [
        ("BEGIN INSERT INTO a.b VALUES (1); insert  into\n c (x) SELECT 1; END", [("a", "b"), (None, "c")]),
        ('BEGIN INSERT INTO "A "".b"."c" VALUES (1); END', [('A ".b', "c")]),
        ("BEGIN /* INSERT INTO a */ RAISE LOG 'INSERT INTO b'; END", []),
        ("BEGIN INSERT INTO", []),
        ("BEGIN 'unterminated", []),
    ],
)
def test_tables_that_a_body_fills(body: str, tables: list[tuple[str | None, str]]) -> None:
    assert [(each.schema, each.name) for each in filled_by(body)] == tables


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Missing argument 'FILE': a script; or name a database with --url"),
        (("a.sql", "--url", "postgresql:///d"), "a script and --url; name one of the two"),
        (("a.sql", "--from", "postgresql", "--set", "s"), "--set is for databases"),
        (("--url", ""), "the database URL is empty"),
        (("--url", "mysql://root:geheim@h/d"), "begins with mysql://"),
    ],
)
def test_wrong_usage_is_one_line(arguments: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = command(capsys, *arguments)
    assert (code, out) == (Exit.USAGE, "")
    assert said in err
    assert err.count("\n") == 1
    assert "geheim" not in err
