"""What is found in expressions: tables, columns, functions and types; and what is right."""

from __future__ import annotations

import re
from typing import Any

import pytest

import xtrig
from xtrig.checks import examine
from xtrig.findings import Finding
from xtrig.registry import get_dialect

TABLES = {
    "allowed": {"columns": {"who": "text", "net": "inet", "port": "integer", "since": "timestamptz", "ok": "boolean"}},
    "elsewhere": {"create": False},
}


def definition(**step: Any) -> xtrig.TriggerSet:
    trigger = {"event": "logon", "exempt_roles": ["dba"], "steps": [step]}
    return xtrig.TriggerSet.model_validate({"schema": "sec", "tables": TABLES, "triggers": {"gate": trigger}})


def findings(dialect: str = "postgresql", **step: Any) -> list[Finding]:
    found = examine(definition(**step))
    chosen = get_dialect(dialect)
    found_there = found.translate(chosen, chosen.parse_version(None)).findings
    return [each for each in found_there if each.code[:4] in ("XT23", "XT24")]


def of_condition(text: str, dialect: str = "postgresql") -> list[Finding]:
    return findings(dialect, deny="no", when=text)


def one(text: str) -> str:
    (finding,) = of_condition(text)
    return str(finding)


RIGHT = [
    "NOT EXISTS (SELECT 1 FROM allowed WHERE who = ${login_user} AND CAST(${client_ip} AS inet) <<= net)",
    "NOT EXISTS (SELECT FROM sec.allowed AS a WHERE a.who = ${login_user} AND ${client_ip}::inet <<= a.net)",
    "${login_user} NOT IN (SELECT who FROM allowed)",
    "(SELECT count(*) FROM allowed a JOIN elsewhere e ON e.x = a.who WHERE y > 3) > 2",
    "EXISTS (SELECT 1 FROM allowed WHERE EXISTS (SELECT 1 FROM elsewhere WHERE colour = who))",
    "EXISTS (SELECT 1 FROM pg_roles WHERE rolname = ${login_user} AND rolsuper)",
    "EXISTS (SELECT 1 FROM other.people WHERE name = ${login_user})",
    "(SELECT max(since) FROM allowed) < ${now} - interval '1 day'",
    "${login_user} = ANY (ARRAY['a', 'b'])",
    "${login_user} = ANY (SELECT who FROM allowed)",
    "${client_port} BETWEEN 1 AND 1023 OR NOT ${ssl}",
    "lower(${login_user}) LIKE 'app%' AND length(${application}) > 3",
    "coalesce(${client_ip}, 'local') IN ('local', '10.0.0.1')",
    "CASE ${login_user} WHEN 'a' THEN ${ssl} ELSE false END",
    "${client_ip} IS NOT NULL AND ${client_ip} IS DISTINCT FROM '10.0.0.1'",
    "pg_catalog.pg_has_role(${login_user}, 'x', 'MEMBER')",
    "app.is_allowed(${login_user})",
    "current_user <> session_user",
    "${hour('Asia/Seoul')} NOT BETWEEN 8 AND 18 AND ${weekday('Asia/Seoul')} < 6",
    "NOT ${client_in('10.0.0.0/8')} OR ${user_sessions} > 5 OR ${member_of('x')}",
    "extract(epoch FROM ${now}) > 1",
    "position('x' IN ${login_user}) = 0 AND trim(both ' ' FROM ${login_user}) <> ''",
    "decode('00', 'hex') = ''",
    "null",
    "true",
    "'t'",
    "'{1,2}'::int[] && ARRAY[2]",
    "${client_port} << 2 > 4",
    "EXISTS (SELECT allowed FROM allowed ORDER BY since DESC LIMIT 1)",
    "row_number() OVER () = 1",
]


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_right_is_no_finding(text: str):
    assert of_condition(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("EXISTS (SELECT 1 FROM allwed)", "table 'allwed': .*did you mean 'allowed'"),
        ("${login_user} IN (SELECT who FROM people)", "write schema.people"),
        ("EXISTS (SELECT 1 FROM allowed JOIN people USING (who))", "table 'people'"),
        ("EXISTS (SELECT 1 FROM allowed, people)", "table 'people'"),
        ("EXISTS (SELECT 1 FROM (SELECT 1 FROM people) AS p)", "table 'people'"),
        ('EXISTS (SELECT 1 FROM "Allowed")', "table 'Allowed'"),
        ("EXISTS (SELECT 1 FROM log)", "table 'log'"),  # a function of that name is built in, a table is not
    ],
)
def test_a_table_without_its_schema_is_found(text: str, said: str):
    found = one(text)
    assert "XT230" in found
    assert re.search(said, found)


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("EXISTS (SELECT 1 FROM allowed WHERE whoo = 'x')", "'whoo'"),
        ("EXISTS (SELECT 1 FROM allowed a WHERE a.whoo = 'x')", "'a.whoo'"),
        ("EXISTS (SELECT 1 FROM sec.allowed WHERE whoo = 'x')", "'whoo'"),
        ("(SELECT max(sinc) FROM allowed) < ${now}", "'sinc'"),
        ("EXISTS (SELECT 1 FROM allowed WHERE EXISTS (SELECT 1 FROM allowed b WHERE b.who = wo))", "'wo'"),
    ],
)
def test_a_column_that_is_not_there_is_found(text: str, column: str):
    found = one(text)
    assert f"column {column}" in found
    assert "XT231" in found


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("NVL(${client_ip}, 'local') = 'local'", "coalesce"),
        ("SYSDATE > ${now}", r"\$\{now\}"),
        ("getdate() > ${now}", r"\$\{now\}"),
        ("DECODE(${login_user}, 'a', 1, 2) = 1", "CASE"),
        ("ifnull(${client_ip}, '') = ''", "coalesce"),
        ("pg_catalog.nvl(${client_ip}, '') = ''", "coalesce"),
        ("iif(${ssl}, 1, 2) = 1", "CASE"),
        ("len(${login_user}) > 3", "length"),
        ("instr(${login_user}, 'x') > 0", "position"),
        ("polar_login_user = 'a'", r"\$\{login_user\}"),
        ("login_user = 'a'", r"\$\{login_user\}"),
        ("is_allowed(${login_user})", "schema.is_allowed"),
        ("current_user() = 'a'", "without parentheses"),
        ("user() = 'a'", r"\$\{login_user\}"),
        ("yes", "single quotes"),
        ("${login_user} = admin", "single quotes"),
    ],
)
def test_a_word_that_the_vendor_does_not_have_is_found(text: str, instead: str):
    found = one(text)
    assert "XT232" in found
    assert re.search(instead, found)


def test_words_of_a_vendor_are_its_own():
    assert of_condition("NVL(${client_ip}, 'x') = 'x'", "polardb-oracle") == []


@pytest.mark.parametrize(
    "text",
    [
        "${client_ip} <<= '10.0.0.0/8'",
        "EXISTS (SELECT 1 FROM allowed WHERE ${client_ip} <<= net)",
        "EXISTS (SELECT 1 FROM allowed WHERE ${client_ip} = net)",
        "${client_ip} << inet '10.0.0.0/8'",
        "${client_port} = 'ssh'",
        "${client_port} = ${login_user}",
        "${backend_pid} IN (1, 'two')",
        "${login_user} BETWEEN 1 AND 2",
        "${client_port} LIKE '4%'",
        "${ssl} = 'maybe'",
        "${login_user} = 1",
        "${login_user}",
        "${client_port}",
        "'yes please'",
        "NOT ${login_user}",
        "${ssl} AND ${login_user}",
        "coalesce(${client_ip}, 0) = 1",
        "CASE WHEN ${ssl} THEN 1 ELSE ${login_user} END = 1",
        "CASE WHEN ${login_user} THEN true END",
        "length(${client_port}) > 3",
        "abs(${login_user}) > 3",
        "${login_user} + 1 > 2",
        "(1 || 2) IS NULL",
        "EXISTS (SELECT 1 FROM allowed WHERE port = who)",
        "${login_user} IN (SELECT port FROM allowed)",
        "${now}",
        "1",
        "${client_ip} = NULL",
        "NOT (${login_user} = NULL)",
        "${login_user} NOT IN ('a', NULL)",
        "${login_user} IN (NULL)",
        "${login_user} NOT LIKE NULL",
        "${now} - 7 > ${now}",
        "EXISTS (SELECT 1 FROM allowed WHERE since > ${now} - '7 days')",
        "${login_user} IS NOT TRUE",
        "${login_user} LIKE 1",
        "coalesce(${client_ip}, 'local') = ''",
        "${client_ip} IS DISTINCT FROM 'localhost'",
        "${client_ip} IN ('10.0.0.1', '10.0.0.0/8')",
        "CASE ${client_ip} WHEN '2001:DB8::1' THEN true END",
        "coalesce(${client_ip}, '10.0.0.1') < '10.0.0.20'",
        "EXISTS (SELECT 1 FROM allowed WHERE 1)",
        "EXISTS (SELECT 1 FROM allowed WHERE who)",
        "EXISTS (SELECT 1 FROM allowed a JOIN allowed b ON b.port)",
        "EXISTS (SELECT 1 FROM allowed GROUP BY who HAVING count(*))",
        "(SELECT count(*) FILTER (WHERE who) FROM allowed) > 1",
        "(${login_user}, ${now}) OVERLAPS (${now}, interval '1 day')",
        "(${now}, ${now}) OVERLAPS (time '22:00', time '23:00')",
    ],
)
def test_values_that_do_not_go_together_are_found(text: str):
    assert {finding.code for finding in of_condition(text)} == {"XT233"}


@pytest.mark.parametrize(
    "text",
    [
        "${login_user} IN ('a', NULL)",
        "${client_ip} IS DISTINCT FROM NULL",
        "${now} + '7 days' > ${now} - interval '1 day'",
        "CAST(${now} AS date) - 7 > '2026-01-01'",
        "inet(${client_ip}) <<= '10.0.0.0/8'",
        "coalesce(NULL, ${login_user}) = 'null'",
        "coalesce(${client_ip}, 'local') NOT IN ('local', '10.1.1.1', '2001:db8::1')",
        "${client_ip} LIKE '10.%' OR coalesce(${client_ip}, '') = ''",
        "EXISTS (SELECT 1 FROM allowed a JOIN allowed b ON true WHERE a.ok HAVING count(*) > 1)",
        "(${now}, interval '1 hour') OVERLAPS ('2026-01-01 00:00+00', interval '1 day')",
    ],
)
def test_values_that_go_together_are_no_finding(text: str):
    assert {finding.code for finding in of_condition(text)} <= {"XT311"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("NOT EXISTS (WITH a AS (SELECT who FROM allowed) SELECT FROM a)", "table 'allowed' without its schema"),
        ("EXISTS (SELECT 1 FROM allowed NATURAL JOIN sec.allowed b)", "table 'allowed' without its schema"),
        ("1 < (SELECT row_number() OVER (ORDER BY nvl(who, '')) FROM sec.allowed)", "function nvl()"),
        ("EXISTS (SELECT 1 FROM sec.allowed a WHERE a.who(+) = ${login_user})", 'at or near ")"'),
        ("${login_user} RLIKE '^a'", 'at or near "RLIKE"'),
        ("EXISTS (SELECT 1 FROM [allowed])", 'at or near "["'),
        ("${login_user} IN ()", 'at or near ")"'),
    ],
)
def test_what_only_postgresql_reads_is_read_by_its_parser(text: str, said: str):
    found = one(text)
    assert said in found
    assert "XT244" in found


@pytest.mark.parametrize(
    "text",
    [
        "NOT EXISTS (WITH a AS (SELECT who FROM sec.allowed) SELECT FROM a, pg_roles)",
        "1 < (SELECT row_number() OVER (ORDER BY lower(who)) FROM sec.allowed)",
        "${login_user} IN (VALUES ('a'), ('b'))",
    ],
)
def test_what_postgresql_reads_is_no_finding(text: str):
    assert of_condition(text) == []


def test_a_table_with_capitals_wants_quotes():
    found = one('EXISTS (SELECT 1 FROM "ALLOWED")')
    assert "XT230" in found
    assert 'write "allowed" in double quotes' in found


def test_days_are_numbers_elsewhere():
    assert of_condition("${now} - 7 > ${now}", "oracle") == []


@pytest.mark.parametrize(
    ("column", "value", "is_right"),
    [
        ("net", "${client_ip}", False),
        ("net", "CAST(${client_ip} AS inet)", True),
        ("net", "inet_client_addr()", True),
        ("net", "'10.0.0.1'", True),
        ("net", "'here'", False),
        ("port", "${client_port}", True),
        ("port", "${login_user}", False),
        ("port", "'12'", True),
        ("port", "'twelve'", False),
        ("port", True, False),
        ("port", 3.5, True),
        ("since", "${now}", True),
        ("since", "${login_user}", False),
        ("since", 3, False),
        ("ok", "${ssl}", True),
        ("ok", 1, False),
        ("ok", "${client_ip} is null", True),
        ("ok", None, True),
        ("who", "${now}", True),
        ("who", 3, True),
    ],
)
def test_what_a_column_takes(column: str, value: Any, is_right: bool):
    assert [finding.code for finding in findings(insert="allowed", values={column: value})] == (
        [] if is_right else ["XT233"]
    )


def test_a_finding_can_be_waived_and_has_its_line():
    text = (
        "xtrig: 1\ntriggers:\n  gate:\n    event: logon\n    exempt_roles: [dba]\n"
        "    ignore: {XT232: it is in pg_catalog here}\n"
        "    steps:\n      - deny: no\n        when: |\n          ${ssl}\n          and nvl(true, false)\n"
    )
    dialect = get_dialect("postgresql")
    found = examine(xtrig.load_text(text)).translate(dialect, (18,)).findings
    (finding,) = [each for each in found if each.code == "XT232"]
    assert finding.waiver == "it is in pg_catalog here"
    assert finding.location is not None
    assert finding.location.line == 11


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("EXISTS (SELECT 1 FROM allowed)", "EXISTS (SELECT 1 FROM sec.allowed)"),
        ("${login_user} IN (SELECT who FROM allowed)", "session_user IN (SELECT who FROM sec.allowed)"),
        ("EXISTS (SELECT 1 FROM sec.allowed)", "EXISTS (SELECT 1 FROM sec.allowed)"),
        (
            "EXISTS (SELECT 1 FROM allowed AS a, allowed b JOIN elsewhere ON true)",
            "EXISTS (SELECT 1 FROM sec.allowed AS a, sec.allowed b JOIN sec.elsewhere ON true)",
        ),
        ("'FROM allowed' = ${login_user}", "'FROM allowed' = session_user"),
        ("extract(hour FROM since) = 1", "extract(hour FROM since) = 1"),
        ("EXISTS (SELECT 1 FROM other.allowed)", "EXISTS (SELECT 1 FROM other.allowed)"),
    ],
)
def test_a_table_of_the_definition_gets_its_schema(text: str, rendered: str):
    from xtrig_pgfamily.plpgsql.scope import Scope
    from xtrig_pgfamily.session_facts import SPELLINGS

    schemas = {"allowed": "sec", "elsewhere": "sec"}
    scope = Scope("postgresql", SPELLINGS, (18,), (xtrig.facts.Event.LOGON,), {}, schemas=schemas)
    assert scope.expression(text) == rendered


def test_nothing_is_said_of_names_where_the_dialect_does_not_say_what_it_knows():
    assert of_condition("EXISTS (SELECT 1 FROM pg_roles) AND EXISTS (SELECT 1 FROM people)", "polardb") == []


@pytest.mark.parametrize(
    ("declared", "value", "remedy"),
    [
        ("jsonb", "${login_user}", "write to_json(...)"),
        ("text[]", "${login_user}", "write ARRAY[...]"),
        ("inet", "${client_ip}", "cast it: CAST(... AS inet)"),
        ("boolean", "${client_port}", "cast it: CAST(... AS boolean)"),
        ("inet", "${client_port}", "give the column a type that takes it, such as text"),
        ("uuid", "${now}", "give the column a type that takes it, such as text"),
    ],
)
def test_the_remedy_for_a_column_is_one_that_helps(declared: str, value: str, remedy: str):
    step = {"insert": "t", "values": {"a": value}}
    whole = {"tables": {"t": {"columns": {"a": declared}}}, "triggers": {"x": {"event": "logon", "steps": [step]}}}
    dialect = get_dialect("postgresql")
    found = examine(xtrig.TriggerSet.model_validate(whole)).translate(dialect, (18,)).findings
    assert [each.remedy for each in found if each.code == "XT233"] == [remedy]
