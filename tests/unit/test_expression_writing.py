"""The portable language written in other words: all that the text says, or a refusal."""

from __future__ import annotations

import pytest

from xtrig.expressions.kinds import NUMBER, reads_as
from xtrig.expressions.parser import Unread, read
from xtrig.expressions.tree import Literal
from xtrig.expressions.writing import ExpressionWriter, Untranslatable
from xtrig.facts import FactCall
from xtrig.plugin import Placeholder, literal, quoted

TABLES = {"log": {"who": "text", "n": "integer", "ok": "boolean", "day": "date"}}


class Standard(ExpressionWriter):
    """SQL's own words, with names in quotes."""

    functions = {"lower": ("LOWER({0})",), "coalesce": ("COALESCE({})",), "count": ("COUNT(*)", "COUNT({0})")}

    def literal(self, text: str) -> str:
        return literal(text, backslash_escapes=False)

    def name(self, word: str) -> str:
        return quoted(word)

    def fact(self, fact: Placeholder) -> str:
        return f"<{fact.fact if isinstance(fact, FactCall) else fact}>"


def written(text: str, column_type: str = "") -> str:
    return Standard.of(text, TABLES, {"log": "audit"}).expression(column_type)


@pytest.mark.parametrize(
    ("text", "sql"),
    [
        ("1 + 2 * 3", "(1 + (2 * 3))"),
        ("not ${ssl} or ${login_user} = 'a' and true", "((NOT <ssl>) OR ((<login_user> = 'a') AND TRUE))"),
        ("- 1 < 2", "((- 1) < 2)"),
        ("'it''s' || ${login_user}", "('it''s' || <login_user>)"),
        ("lower(${login_user}) in ('a', 'b')", "(LOWER(<login_user>) IN ('a', 'b'))"),
        ("${login_user} not like 'a!%' escape '!'", "(<login_user> NOT LIKE 'a!%' ESCAPE '!')"),
        ("${login_user} ilike 'A%'", r"(LOWER(<login_user>) LIKE LOWER('A%') ESCAPE '\')"),
        ("${hour_utc} between '2' and 3", "(<hour_utc> BETWEEN 2 AND 3)"),
        ("${ssl} = 'yes'", "(<ssl> = TRUE)"),
        ("${client_ip} is distinct from null", "(<client_ip> IS DISTINCT FROM NULL)"),
        ("coalesce(${client_ip}, 'none')", "COALESCE(<client_ip>, 'none')"),
        ("case when ${ssl} then 1 else 2 end", "(CASE WHEN <ssl> THEN 1 ELSE 2 END)"),
        ("case ${login_user} when 'a' then 'x' end", "(CASE <login_user> WHEN 'a' THEN 'x' END)"),
        ("cast('5' as integer)", "5"),
        ("cast(${hour_utc} as text)", "CAST(<hour_utc> AS text)"),
        (
            "exists (select 1 from log l where l.who = ${login_user} and ok)",
            'EXISTS (SELECT 1 FROM "audit"."log" AS "l" WHERE (("l"."who" = <login_user>) AND "ok"))',
        ),
        (
            "(select count(*) from log join sec.blocked b on b.n = log.n) > 3",
            '((SELECT COUNT(*) FROM "audit"."log" AS "log", "sec"."blocked" AS "b" WHERE ("b"."n" = "log"."n")) > 3)',
        ),
        ("${login_user} in (select who from log)", '(<login_user> IN (SELECT "who" FROM "audit"."log" AS "log"))'),
        ("'null' = ${login_user}", "('null' = <login_user>)"),
        ("null = ${login_user}", "(NULL = <login_user>)"),
    ],
)
def test_it_is_written(text: str, sql: str) -> None:
    assert written(text) == sql


@pytest.mark.parametrize(
    ("text", "column", "sql"),
    [
        ("${ssl}", "text", "CASE WHEN <ssl> THEN 'true' WHEN NOT <ssl> THEN 'false' END"),
        ("${ssl}", "boolean", "<ssl>"),
        ("'5'", "integer", "5"),
        ("'5'", "text", "'5'"),
        ("'off'", "boolean", "FALSE"),
        ("null", "integer", "NULL"),
    ],
)
def test_a_value_is_written_as_its_column_takes_it(text: str, column: str, sql: str) -> None:
    assert written(text, column) == sql


NOT_PORTABLE = [
    "${login_user} collate \"C\" = 'a'",
    "${hour_utc} between symmetric 3 and 2",
    "${login_user} = any(array['a'])",
    "${hour_utc} = all (select n from log)",
    "cast(${login_user} as varchar(3)) = 'a'",
    "trim(leading 'x' from ${login_user}) = 'a'",
    "(select count(distinct who) from log) > 1",
    "(select count(*) filter (where ok) from log) > 1",
    "(select string_agg(who, ',' order by n) from log) = 'a'",
    "(select distinct who from log) = 'a'",
    "(select who from log group by who having count(*) > 1) = 'a'",
    "(select who from log order by n limit 1) = 'a'",
    "(select who from log offset 2) = 'a'",
    "exists (select 1 from log union select 2)",
    "exists (select 1 from log a left join log b on a.n = b.n)",
    "exists (select 1 from log a join log b using (n))",
    "exists (select 1 from only log)",
    "exists (select 1 from (select 1) x)",
    "exists (select 1 from generate_series(1, 2))",
    "(array[1, 2])[1] = 1",
    "e'a' = ${login_user}",
    "u&'a' = ${login_user}",
    "x'1f' = ${login_user}",
    "interval '1' day is null",
    "${login_user} operator(pg_catalog.=) 'a'",
    "${login_user} ~ 'a'",
    "${login_user} similar to 'a'",
    "2 ^ 3 = 8",
    "upper(${login_user}) = 'A'",
    "lower(${login_user}, 2) = 'a'",
    "pg_catalog.lower(${login_user}) = 'a'",
    "current_user = 'a'",
    "exists (select 1 from elsewhere)",
    "(1, 2) = (1, 2)",
    "cast(${client_ip} as inet) is null",
    "${now} > '2026-01-01'",
    "0x1f = 31",
    "1_000 = 1000",
]


@pytest.mark.parametrize("text", NOT_PORTABLE)
def test_what_would_be_lost_is_refused(text: str) -> None:
    with pytest.raises(Untranslatable) as caught:
        written(text)
    assert caught.value.message
    assert caught.value.remedy
    assert 0 <= caught.value.at <= len(text)


@pytest.mark.parametrize("text", NOT_PORTABLE)
def test_the_names_of_such_a_text_are_still_read(text: str) -> None:
    assert read(text)


def test_a_text_is_told_from_null() -> None:
    assert read("'null'") == Literal(0, "null", is_quoted=True)
    assert read("null") == Literal(0, "null")
    assert not reads_as(read("'null'"), NUMBER)
    assert reads_as(read("null"), NUMBER)


@pytest.mark.parametrize("text", ["select", "(", "a b"])
def test_what_is_no_expression_is_read_neither_way(text: str) -> None:
    for portable in (False, True):
        with pytest.raises(Unread):
            read(text, portable=portable)
