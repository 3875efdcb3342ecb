"""Expressions of the portable language: each is on Firebird what it is on PostgreSQL, or is refused."""

from __future__ import annotations

import pytest

import xtrig
from tests.firebird.servers import Database
from xtrig.plugin import Untranslatable
from xtrig.registry import get_dialect
from xtrig.resolve import resolve
from xtrig_firebird.expressions import writer

DIALECT = get_dialect("firebird")
SET = xtrig.load_text(
    """
xtrig: 1
tables:
  numbers: {create: false, columns: {n: integer, at: varchar(10), "Odd one": varchar(5)}}
triggers:
  t: {event: logon, steps: [{insert: numbers, values: {n: 1}}]}
""",
    "x.yaml",
)


def translated(expression: str, version: tuple[int, ...], fact: str = "") -> str:
    return writer(expression, resolve(SET), lambda _: fact, version).expression()


SAME = {
    "'it''s ' || upper('höhe')": "it's HÖHE",
    "length('größe')": 5,
    "char_length('größe')": 5,
    "substring('firebird', 5, 2)": "bi",
    "substr('firebird', 5)": "bird",
    "substring(substring('firebird', 2, 6), length('a' || 'b'), 2)": "re",
    "substring('firebird' from 5 for 4)": "bird",
    "position('b' in 'firebird')": 5,
    "btrim('  x ')": "x",
    "'7'::integer + 1": 8,
    "(1 + 2)::varchar || 'x'": "3x",
    "abs(-3)::bigint": 3,
    "lower('ABC')::text || 'd'": "abcd",
    "cast('8' as int)": 8,
    "CAST( 'a' || 'b' AS text)": "ab",
    "coalesce(nullif('a', 'a'), 'b')": "b",
    "case when 1 < 2 and not 2 < 1 then 'yes' else 'no' end": "yes",
    "case 'x' when 'y' then 1 when 'x' then 2 end": 2,
    "'a\\b' like 'a\\%' escape '!'": True,
    "'a_b' like 'a!_b' escape '!'": True,
    "'axb' like 'a!_b' escape '!'": False,
    "'a' in ('b', 'a') and 'c' not in ('b', 'a')": True,
    "5 between 1 and 5": True,
    "null is not distinct from null": True,
    "'a' is distinct from null": True,
    "(select max(n) from numbers) = 3": True,
    "exists(select 1 from numbers t where t.n = 2 and t.\"at\" = 'two')": True,
    "(select at from numbers where n = 2)": "two",
    '(select "Odd one" from numbers where n = 3)': "yes",
    "2 in (select n from numbers)": True,
    "replace('a-b', '-', '+')": "a+b",
    "mod(7, 3) + round(2.4) * 2": 5,
    "- 3 + 5": 2,
    "extract(year from cast('2026-11-28' as date))": 2026,
    "true and 1 = 1": True,
}
"""Expressions with their values on PostgreSQL 18."""


@pytest.fixture
def numbers(database: Database) -> Database:
    """Return a database with the table that expressions ask."""
    database.execute("""CREATE TABLE numbers (n INTEGER, "AT" VARCHAR(10), "Odd one" VARCHAR(5))""")
    rows = ((1, "one"), (2, "two"), (3, "x"))
    database.execute(*(f"INSERT INTO numbers VALUES ({n}, '{word}', 'yes')" for n, word in rows))
    return database


def test_what_is_translated_is_the_same(numbers: Database) -> None:
    found = {}
    for expression in SAME:
        sql = translated(expression, DIALECT.parse_version(numbers.server.version))
        ((found[expression],),) = numbers.rows(f"SELECT {sql} FROM rdb$database")
    assert found == SAME


REFUSED = (
    "'a' ~ 'b'",
    "array['a'] = array['b']",
    "(array[1, 2])[1] = 1",
    "E'a\\nb' = 'x'",
    "(select 1) = 1",
    "exists(select 1 from sec.allowed)",
    "(select n from numbers order by n limit 1) = 1",
    "'10.0.0.1'::cidr = 'x'",
    "interval '1 day' > interval '2 days'",
    "cast('1' as jsonb) is null",
    "'a' collate \"C\" = 'a'",
    "extract(epoch from ${now}) > 1",
    "row_number() over () = 1",
    "1 between symmetric 2 and 0",
    "2 ^ 3 = 8",
    "greatest(1, 2) = 2",
    "now() is null",
    "concat('a', null) = 'a'",
)


@pytest.mark.parametrize("expression", REFUSED)
def test_what_would_mean_something_else_is_refused(expression: str) -> None:
    with pytest.raises(Untranslatable):
        translated(expression, (5, 0), "x")
