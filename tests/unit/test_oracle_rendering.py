"""The dialect oracle: what a definition becomes, and what is refused because Oracle would mean something else."""

from __future__ import annotations

import pytest

import xtrig
from tests.parsers.plsql import PlsqlParser
from xtrig.errors import RefusedError, UsageError
from xtrig.findings import Severity


def rendered(definition: str, version: str | None = None) -> xtrig.Script:
    return xtrig.render(xtrig.load_text(definition), "oracle", target_version=version)


def codes(definition: str) -> set[str]:
    try:
        return {each.code for each in rendered(definition).findings}
    except RefusedError as refusal:
        return {each.code for each in refusal.findings if each.severity is Severity.ERROR}


def logon(steps: str, more: str = "") -> str:
    return f"xtrig: 1\nschema: sec\ntriggers:\n  t:\n    event: logon\n{more}    steps: {steps}\n"


def body(definition: str) -> str:
    return next(each.sql for each in rendered(definition) if each.sql.startswith("CREATE OR REPLACE TRIGGER"))


def condition(expression: str) -> str:
    text = body(logon(f'[{{deny: "no", when: "{expression}"}}]', "    on_error: deny\n"))
    return next(line.strip() for line in text.splitlines() if "IF " in line).removeprefix("IF ").removesuffix(" THEN")


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("${login_user} = 'app'", "SYS_CONTEXT('USERENV', 'SESSION_USER') = 'APP'"),
        ("${login_user} IN ('app', 'Web')", "SYS_CONTEXT('USERENV', 'SESSION_USER') IN ('APP', 'Web')"),
        ("lower(${login_user}) = 'app'", "LOWER(SYS_CONTEXT('USERENV', 'SESSION_USER')) = 'app'"),
        ("${application} LIKE 'a%'", "SYS_CONTEXT('USERENV', 'CLIENT_PROGRAM_NAME') LIKE 'a%'"),
        (
            "${application} LIKE 'a\\\\_%'",
            "SYS_CONTEXT('USERENV', 'CLIENT_PROGRAM_NAME') LIKE 'a\\_%' ESCAPE '\\'",
        ),
        ("position('x' IN ${application}) > 0", "INSTR(SYS_CONTEXT('USERENV', 'CLIENT_PROGRAM_NAME'), 'x') > 0"),
        ("1 = 1 AND (2 > 1 OR NOT 3 < 4)", "1 = 1 AND (2 > 1 OR NOT 3 < 4)"),
        ("(${client_ip} = '::1') IS NOT TRUE", "CASE WHEN {ip} = '::1' THEN 1 ELSE 0 END = 0"),
        (
            "${client_ip} IS DISTINCT FROM '::1'",
            "CASE WHEN {ip} = '::1' OR {ip} IS NULL AND '::1' IS NULL THEN 1 ELSE 0 END = 0",
        ),
    ],
)
def test_an_expression_is_written_from_what_it_says(asked: str, written: str) -> None:
    assert condition(asked) == written.replace("{ip}", "SYS_CONTEXT('USERENV', 'IP_ADDRESS')")


def test_what_is_joined_is_null_if_a_part_is_though_oracle_takes_null_for_an_empty_text() -> None:
    address = "SYS_CONTEXT('USERENV', 'IP_ADDRESS')"
    assert condition("'a' || ${client_ip} = 'a'").startswith(
        f"CASE WHEN {address} IS NOT NULL THEN 'a' || {address} END"
    )
    assert condition("'a' || coalesce(${client_ip}, '') = 'a'") == f"'a' || {address} = 'a'"


def test_weekday_and_hour_do_not_hang_on_nls_settings() -> None:
    text = condition("${weekday('Asia/Seoul')} = 7 OR ${hour('Asia/Seoul')} < 8")
    assert "'IW'" in text
    assert "'D'" not in text
    # EXTRACT(HOUR FROM a value with a time zone) would be the hour in UTC.
    assert "AS TIMESTAMP)) < 8" in text


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("${client_ip} = ''", "'' is NULL to Oracle"),
        ("${application} ~ 'x'", "the operator ~"),
        ("7 / 2 = 3", "the operator /"),
        ("${now} > '2020-01-01'", "a time compared with a text"),
        ("greatest(1, null) = 1", "greatest() is not translated"),
        ("substr(${application}, -2) = 'ab'", "substr() from a computed place"),
        ("EXISTS (SELECT 1 FROM sec.t ORDER BY 1 LIMIT 1)", "is not translated"),
        ("(SELECT count(DISTINCT who) FROM sec.t) > 1", "DISTINCT is not translated"),
        ("${login_user}::varchar(3) = 'abc'", "a cast to varchar"),
    ],
)
def test_what_would_mean_something_else_is_refused(asked: str, said: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        rendered(logon(f'[{{deny: "no", when: "{asked}"}}]', "    on_error: deny\n"))
    assert any(each.code == "XT207" and said in each.message for each in refusal.value.findings)


def test_a_condition_with_a_sub_select_is_asked_in_sql() -> None:
    text = body(logon('[{deny: no, when: "EXISTS (SELECT 1 FROM sec.t WHERE t.who = ${login_user})"}]'))
    assert "SELECT CASE WHEN EXISTS (SELECT 1 FROM sec.t WHERE t.who = " in text
    assert "THEN 1 ELSE 0 END INTO held FROM DUAL;" in text
    assert "IF held = 1 THEN" in text
    assert "held PLS_INTEGER;" in text


def test_a_refusal_passes_the_handler_that_lets_errors_pass() -> None:
    lines = [
        line.strip()
        for line in body(logon("[{call: sec.p, kind: procedure}, {deny: 'no, ${login_user}'}]")).splitlines()
    ]
    assert lines.index("RAISE denied;") < lines.index("WHEN denied THEN") < lines.index("WHEN OTHERS THEN", -4)
    assert "RAISE_APPLICATION_ERROR(-20000, denial);" in lines
    assert "denial := SUBSTRB('no, ' || SYS_CONTEXT('USERENV', 'SESSION_USER'), 1, 2048);" in lines


def test_names_are_bare_where_oracle_reads_them_so() -> None:
    definition = """
xtrig: 1
schema: sec
tables: {logins: {columns: {who: text, _x: text, "select": text, Mixed: text, type: text}}}
triggers:
  t: {event: logon, exempt_roles: [dba, Own], steps: [{insert: logins, values: {_x: "'a'", type: "'b'"}}]}
"""
    text = str(rendered(definition))
    for column in ("who VARCHAR2", '"_x" VARCHAR2', '"select" VARCHAR2', '"Mixed" VARCHAR2', "type VARCHAR2"):
        assert f"    {column}" in text
    assert "NOT IN ('DBA', 'Own')" in text
    assert codes(definition.replace("Mixed", "Who").replace("who: text, ", "who: text, WHO: text, ")) == {"XT204"}


def test_every_trigger_is_enabled_only_once_it_compiles() -> None:
    made, enabled = list(rendered(logon("[{deny: no}]")))
    assert "\nDISABLE\n" in made.sql
    assert enabled.sql.index("FROM ALL_ERRORS") < enabled.sql.index("'ALTER TRIGGER sec.t ENABLE'")
    (stays,) = rendered(logon("[{deny: no}]", "    enable: disabled\n"))
    assert "\nDISABLE\n" in stays.sql


def test_19_asks_for_an_error_where_23_has_if_exists() -> None:
    table, insert = "tables: {a: {columns: {b: text}}}", "[{insert: a, values: {b: \"'x'\"}}]"
    definition = f"xtrig: 1\n{table}\ntriggers: {{t: {{event: logon, steps: {insert}}}}}"
    old, new = rendered(definition, "19c"), rendered(definition, "23ai")
    assert "SQLCODE <> -955" in str(old)
    assert "CREATE TABLE IF NOT EXISTS a (" in str(new)
    assert "SQLCODE <> -4080" in str(old.undone("x"))
    assert "'DROP TRIGGER IF EXISTS t'" in str(new.undone("x"))
    with pytest.raises(UsageError, match="21c"):
        rendered(definition, "21c")


def test_a_line_of_a_text_that_sqlplus_would_run_is_put_together() -> None:
    text = body(logon('[{deny: "a\\n/\\nb -\\nc\\n# d\\ne"}]'))
    assert not {"/", ".", "# d"} & {line.strip() for line in text.splitlines()}
    assert "'a' || CHR(10) || '/\nb -' || CHR(10) || 'c' || CHR(10) || '# d\ne'" in text


def by_hand(text: str) -> xtrig.TriggerSet:
    return xtrig.TriggerSet.model_validate({"triggers": {"t": {"event": "logon", "body": {"oracle": text}}}})


@pytest.mark.parametrize("line", ["/", " . "])
def test_a_body_with_a_line_that_ends_it_is_refused(line: str) -> None:
    with pytest.raises(RefusedError, match="alone ends the statement in SQL"):
        xtrig.render(by_hand(f"BEGIN\n NULL;\n{line}\nEND;"), "oracle")


def test_a_body_brings_its_own_head() -> None:
    script = xtrig.render(by_hand("AFTER LOGON ON scott.SCHEMA WHEN (1 = 1)\nBEGIN\n  NULL;\nEND;\n/\n"), "oracle")
    head = "CREATE OR REPLACE TRIGGER t\nAFTER LOGON ON scott.SCHEMA\nDISABLE\n"
    assert next(iter(script)).sql == f"{head}WHEN (1 = 1)\nBEGIN\n  NULL;\nEND"


@pytest.mark.parametrize(
    ("step", "written"),
    [
        ("{set: application_name, value: \"'x'\"}", "DBMS_APPLICATION_INFO.SET_MODULE('x', NULL);"),
        ("{set: search_path, value: \"'hr'\"}", "EXECUTE IMMEDIATE 'ALTER SESSION SET CURRENT_SCHEMA = hr';"),
        (
            "{set: TimeZone, value: \"'Asia/Seoul'\"}",
            "EXECUTE IMMEDIATE 'ALTER SESSION SET TIME_ZONE = ''Asia/Seoul''';",
        ),
        (
            "{set: userenv.client_identifier, value: '${login_user}'}",
            "DBMS_SESSION.SET_IDENTIFIER(SYS_CONTEXT('USERENV', 'SESSION_USER'));",
        ),
        ("{call: sec.p, kind: procedure, args: [1, true, null]}", "sec.p(1, TRUE, NULL);"),
    ],
)
def test_a_step_has_its_form(step: str, written: str) -> None:
    assert written in body(logon(f"[{step}]"))


@pytest.mark.parametrize(
    "step",
    [
        "{log: hello}",
        "{grant_role: a, to: '${login_user}'}",
        "{create_temp_table: a, columns: {b: text}}",
        "{call: sec.f}",
        "{set: app.x, value: 1}",
        "{set: search_path, value: '${login_user}'}",
        "{set: application_name, value: \"'x'\", scope: transaction}",
        "{call: sec.p, kind: procedure, args: ['${user_sessions}']}",
    ],
)
def test_a_step_without_a_form_is_refused(step: str) -> None:
    assert codes(logon(f"[{step}]")) == {"XT207"}


def test_who_is_let_in_and_what_is_not_seen_is_said() -> None:
    assert "XT270" in codes(logon("[{deny: no}]"))
    assert "XT271" not in codes(logon("[{deny: no}]"))
    assert codes(logon("[{call: sec.p, kind: procedure}]")) == {"XT271"}
    assert codes(logon("[{call: sec.p, kind: procedure}]", "    on_error: deny\n")) == set()


def test_a_bound_that_is_asked_for_is_a_warning_and_a_default_is_none() -> None:
    assert codes(logon("[{deny: no}]")) == {"XT270"}
    assert codes(logon("[{deny: no}]", "    timeout: 5s\n")) == {"XT209", "XT270"}


def test_commands_that_connect_say_that_they_do_not_know_it() -> None:
    with pytest.raises(UsageError, match="oracle"):
        xtrig.plan(xtrig.load_text(logon("[{deny: no}]")), "oracle://scott@localhost/xe")


@pytest.mark.xdist_group("plsql")
def test_hostile_texts_stay_plsql(plsql: PlsqlParser) -> None:
    for text in ("it's", "a\nb", "a\n/\nb", "q'[x]'", "/* */ --", "&x :y", "\\", "표 🐘"):
        definition = xtrig.TriggerSet.model_validate(
            {"triggers": {"t": {"event": "logon", "steps": [{"deny": text.replace("${", "$${")}]}}}
        )
        for statement in xtrig.render(definition, "oracle"):
            assert plsql.parse(f"{statement.sql};").errors == (), text
