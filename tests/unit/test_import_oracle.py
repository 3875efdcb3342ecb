"""Oracle's triggers to a definition: what is understood whole, what is kept and why, and input that is none."""

from __future__ import annotations

import random
import re
import time
from contextlib import suppress
from pathlib import Path

import pytest

import xtrig
from tests.parsers.plsql import PlsqlParser
from tests.test_golden import CASES, definition, is_script, options
from xtrig.errors import DefinitionError, XtrigError
from xtrig.importer import Assembled, import_script, to_yaml

FOLDER = Path(__file__).parents[1] / "import"
SAMPLES = {
    path.stem: path.read_text("utf-8")
    for path in sorted(FOLDER.glob("*.sql"))
    if path.read_text("utf-8").startswith("-- oracle\n")
}


def read(script: str) -> Assembled:
    return import_script(script.encode(), "oracle", "old.sql")


def logon(body: str, declared: str = "", table: str = "") -> str:
    return f"{table}CREATE OR REPLACE TRIGGER sec.t AFTER LOGON ON DATABASE\n{declared}BEGIN\n{body}\nEND;\n/\n"


def why(script: str) -> list[str]:
    """Return why a trigger is kept as it is."""
    found = [each.message for each in read(script).findings if each.code == "XT405"]
    assert bool(found) == any(each.body for each in read(script).triggers.triggers.values())
    return [message.partition("alone: ")[2] for message in found]


def condition(asked: str, declared: str = "") -> str:
    """Return what becomes of a condition."""
    script = logon(f"IF {asked} THEN RAISE_APPLICATION_ERROR(-20001, 'no'); END IF;", declared)
    assert why(script) == []
    (step,) = read(script).triggers.triggers["t"].steps
    return step.condition  # type: ignore[union-attr]


def test_there_are_enough_samples() -> None:
    assert len(SAMPLES) >= 20


@pytest.mark.xdist_group("plsql")
@pytest.mark.parametrize("sample", sorted(set(SAMPLES) - {"oracle-broken"}))
def test_every_trigger_of_a_sample_is_plsql_to_the_strict_grammar(sample: str, plsql: PlsqlParser) -> None:
    # The grammar does not know these documented forms: PLUGGABLE DATABASE, EDITIONABLE, INSTEAD OF, CALL package.name.
    text = SAMPLES[sample].replace("ON PLUGGABLE DATABASE", "ON DATABASE").replace("EDITIONABLE ", "")
    found = re.findall(r"^CREATE [^;]*?TRIGGER .*?^/$", text, re.MULTILINE | re.DOTALL)
    assert found
    for trigger in found:
        if re.search(r"\bINSTEAD OF\b|^CALL\b|DATABASE CALL\b", trigger, re.MULTILINE):
            continue
        assert plsql.parse(trigger.removesuffix("/")).errors == (), trigger


@pytest.mark.parametrize("sample", SAMPLES)
def test_no_trigger_of_a_sample_disappears(sample: str) -> None:
    result = read(SAMPLES[sample])
    names = re.findall(r'TRIGGER (?:"?\w+"?\.)?"?(\w+)"? (?:BEFORE|AFTER|INSTEAD)', " ".join(SAMPLES[sample].split()))
    said = " ".join(f"{each.subject} {each.message}" for each in result.findings if each.code == "XT402").lower()
    for name in map(str.lower, names):
        assert name in result.triggers.triggers or name in said, name


@pytest.mark.parametrize("sample", SAMPLES)
def test_what_is_kept_is_rendered_as_it_was(sample: str) -> None:
    triggers = read(SAMPLES[sample]).triggers
    for name, trigger in triggers.triggers.items():
        if trigger.body:
            assert set(trigger.body) == {"oracle"}
            body = re.sub(r"\s+", " ", trigger.body["oracle"])
            assert body in re.sub(r"\s+", " ", SAMPLES[sample].replace(" DISABLE", "")), name


@pytest.mark.parametrize("case", [each for each in CASES if is_script(each, "oracle")])
def test_a_script_of_ours_comes_back(case: str) -> None:
    if options(case).get("drop"):
        return
    script = xtrig.render(definition(case), "oracle")
    result = import_script(str(script).encode(), "oracle", "ours.sql")
    # UPDATE is no step of Oracle's: that body is kept.
    assert {each.code for each in result.findings} <= {"XT405" if case == "logon-sql-step" else "XT410"}
    again = xtrig.render(xtrig.load_text(to_yaml(result)), "oracle")
    assert [each.sql for each in again] == [each.sql for each in script]


@pytest.mark.parametrize(
    "trigger",
    [
        "{event: sql_drop, tags: [DROP TABLE, DROP VIEW], steps: [{deny: 'no ${tag}'}]}",
        "{event: ddl_command_end, tags: [COMMENT, DROP TABLE], exempt_roles: [dba], steps: "
        "[{for_each: ddl_command, do: [{deny: '${object_identity}'}]}]}",
        "{event: ddl_command_end, tags: [GRANT], steps: [{insert: l, values: {a: '${native_event}'}}]}",
        """{event: ddl_command_start, steps: [{deny: a, when: "${command_tag} IN ('DROP TABLE')"}]}""",
        "{event: ddl_command_end, steps: [{insert: l, values: {a: '${login_user}'}}, {for_each: ddl_command, do: "
        "[{insert: l, values: {a: '${object_type}'}}]}]}",
    ],
)
def test_a_ddl_trigger_of_ours_comes_back(trigger: str) -> None:
    tables = "tables: {l: {columns: {a: text}}}\n" if "insert" in trigger else ""
    triggers = xtrig.load_text(f"xtrig: 1\n{tables}triggers: {{t: {trigger}}}\n")
    script = xtrig.render(triggers, "oracle")
    result = import_script(str(script).encode(), "oracle", "ours.sql")
    assert result.findings == ()
    assert [each.sql for each in xtrig.render(result.triggers, "oracle")] == [each.sql for each in script]
    given, again = triggers.triggers["t"], result.triggers.triggers["t"]
    assert set(again.tags) == set(given.tags)


def test_tags_that_somebody_has_changed_are_a_condition() -> None:
    text = "xtrig: 1\ntriggers: {t: {event: ddl_command_start, tags: [DROP TABLE], steps: [{deny: no}]}}\n"
    script = str(xtrig.render(xtrig.load_text(text), "oracle")).replace("BEFORE DROP", "BEFORE DROP OR ALTER")
    trigger = import_script(script.encode(), "oracle", "ours.sql").triggers.triggers["t"]
    assert trigger.tags == ()
    assert trigger.steps[0].condition == "${command_tag} IN ('DROP TABLE')"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("asked", "portable"),
    [
        ("USER = 'SCOTT'", "${login_user} = 'scott'"),
        ("'SCOTT' <> ora_login_user", "'scott' <> ${login_user}"),
        ("UPPER(USER) = 'SCOTT'", "upper(${login_user}) = 'SCOTT'"),
        ("USER LIKE 'APP%'", "${login_user} LIKE 'app%'"),
        ("SYS_CONTEXT('userenv', 'ip_address') IS NULL", "${client_ip} IS NULL"),
        ("NVL(ora_client_ip_address, 'x') = 'x'", "coalesce(${client_ip}, 'x') = 'x'"),
        ("NVL2(ora_client_ip_address, 1, 0) = 1", "${client_ip} IS NOT NULL"),
        ("USERENV('SESSIONID') = '7'", "${session_id} = '7'"),
        ("q'[it's]' = SYS_CONTEXT('USERENV', 'MODULE')", "'it''s' = ${application}"),
        ("SYS_CONTEXT('USERENV', 'MODULE') LIKE 'A\\_%' ESCAPE '\\'", "${application} LIKE 'A\\_%' ESCAPE '\\'"),
        ("EXTRACT(HOUR FROM SYS_EXTRACT_UTC(SYSTIMESTAMP)) < 8", "${hour_utc} < 8"),
        ("SUBSTR(USER, 1, 3) = 'ADM'", "substr(upper(${login_user}), 1, 3) = 'ADM'"),
        ("INSTR(USER, 'ADM') > 0", "position('ADM' IN upper(${login_user})) > 0"),
        ("REPLACE(USER, '_') LIKE 'AD%'", "replace(upper(${login_user}), '_', '') LIKE 'AD%'"),
        ("USER || ':x' = 'SCOTT:x'", "upper(${login_user}) || ':x' = 'SCOTT:x'"),
        ("NVL(USER, 'x') = 'SCOTT'", "coalesce(upper(${login_user}), 'x') = 'SCOTT'"),
        ("LOWER(TRIM(USER)) = 'scott'", "lower(trim(${login_user})) = 'scott'"),
        (
            "CASE SUBSTR(USER, 1, 1) WHEN 'A' THEN 1 ELSE 2 END = 1",
            "CASE substr(upper(${login_user}), 1, 1) WHEN 'A' THEN 1 ELSE 2 END = 1",
        ),
        ("CASE USER WHEN 'SCOTT' THEN 1 ELSE 2 END = 1", "CASE ${login_user} WHEN 'scott' THEN 1 ELSE 2 END = 1"),
    ],
)
def test_an_expression_is_read_as_what_it_says(asked: str, portable: str) -> None:
    if "NVL2" in asked:
        portable = "CASE WHEN ${client_ip} IS NOT NULL THEN 1 ELSE 0 END = 1"
    assert condition(asked) == portable


@pytest.mark.parametrize("asked", ["USER <> ''", "USER IN ('', 'A')", "USER = '' OR 1 = 1", "USER NOT LIKE ''"])
def test_a_name_beside_an_empty_text_is_kept(asked: str) -> None:
    assert why(logon(f"IF {asked} THEN RAISE_APPLICATION_ERROR(-20001, 'no'); END IF;"))


def test_a_variable_of_sqlplus_is_said() -> None:
    script = logon("INSERT INTO sec.log (who) VALUES ('&&who');")
    said = [each.message for each in read(script).findings]
    assert any(each.startswith("&&who: SQL*Plus puts a value in its place") for each in said)
    assert not any("SQL*Plus" in each.message for each in read(f"SET DEFINE OFF\n{script}").findings)


def test_null_beside_a_bar_is_an_empty_text_as_on_oracle() -> None:
    assert (
        condition("USER || ora_client_ip_address = 'X'") == "upper(${login_user}) || coalesce(${client_ip}, '') = 'X'"
    )
    assert condition("'a' || '' = 'a'") == "'a' || '' = 'a'"


def test_a_variable_is_its_value_and_after_branches_a_case() -> None:
    declared = "DECLARE\n v VARCHAR2(9) := 'a';\n w VARCHAR2(9);\n"
    body = (
        "IF USER = 'X' THEN v := 'b'; ELSIF USER = 'Y' THEN v := 'c'; END IF; w := v;\nIF w = 'b' THEN sec.p; END IF;"
    )
    (step,) = read(logon(body, declared)).triggers.triggers["t"].steps
    case = "CASE WHEN ${login_user} = 'x' THEN 'b' WHEN ${login_user} = 'y' THEN 'c' ELSE 'a' END = 'b'"
    assert step.condition == case  # type: ignore[union-attr]


def test_a_count_that_was_asked_before_a_row_was_written_is_not_asked_after_it() -> None:
    declared = "DECLARE\n n NUMBER;\n"
    count = "SELECT COUNT(*) INTO n FROM sec.log WHERE who = USER;\n"
    insert = "INSERT INTO sec.log (who) VALUES (USER);\n"
    deny = "IF n > 3 THEN RAISE_APPLICATION_ERROR(-20001, 'no'); END IF;"
    assert why(logon(count + deny + insert, declared)) == []
    assert why(logon(count + insert + deny, declared)) == ["the variable n, whose value is not known here"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("IF USER = 'scott' THEN sec.p; END IF;", "'scott', which no name of Oracle's without quotes is"),
        ("IF ora_client_ip_address = '' THEN sec.p; END IF;", "a comparison with '', which is never true"),
        ("IF SYS_CONTEXT('USERENV', 'MODULE') LIKE 'A\\_%' THEN sec.p; END IF;", "LIKE with a \\"),
        ("IF SYSDATE > DATE '2020-01-01' THEN sec.p; END IF;", "a comparison of times"),
        ("sec.p(TO_CHAR(SYSDATE, 'HH24'));", "to_char(), which reads the server's clock"),
        ("INSERT INTO sec.log (a) VALUES (1) RETURNING a INTO b;", "INSERT with RETURNING"),
        ("INSERT INTO sec.log VALUES (1);", "INSERT without columns"),
        ("INSERT INTO sec.log (a, b) VALUES (1);", "another number of values"),
        ("INSERT INTO sec.log (a) SELECT b FROM sec.other;", "INSERT of the rows of a query"),
        ("SELECT a INTO b FROM sec.other WHERE c = 1;", "SELECT INTO of a row that need not be there"),
        ("EXECUTE IMMEDIATE 'ALTER SESSION SET TIME_ZONE = ''+09:00''';", "TIME_ZONE = '+09:00'"),
        ("EXECUTE IMMEDIATE 'ALTER SESSION SET A = 1' USING x;", "EXECUTE IMMEDIATE of a text that is put together"),
        ("sec.p(SYS_CONTEXT('USERENV', 'OS_USER'));", "OS_USER has no counterpart: what the operating system"),
        ("COMMIT;", "COMMIT, for which there is no step"),
        ("sec.p(a => 1);", "arguments with names"),
        ("IF USER = 'X' THEN RETURN; ELSE sec.p; END IF; sec.q;", "RETURN out of the middle"),
        ("WHILE TRUE LOOP NULL; END LOOP;", "WHILE, for which there is no step"),
        ("sec.p(${login_user});", "it is not read at $"),
    ],
)
def test_what_is_not_understood_is_kept_with_its_reason(body: str, said: str) -> None:
    found = why(logon(body))
    assert any(said in each for each in found), found


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("v NUMBER(5, 2) := 1;", "the variable v of type NUMBER(5,2)"),
        ("v CHAR(9) := 'a';", "the variable v of type CHAR(9)"),
        ("v hr.names := hr.names();", "the variable v of type hr"),
        ("v audit_log%ROWTYPE;", "the variable v of type audit_log"),
        ("v VARCHAR2 := 'a';", "the variable v of type VARCHAR2 without a length"),
        ("INSERT INTO log VALUES (1);", "the variable insert of type INTO log"),
        ("v NUMBER := audit_pkg.note(USER);", "audit_pkg.note()"),
        ("v NUMBER := NVL(note(USER), 1);", "note()"),
    ],
)
def test_a_declaration_that_is_never_read_is_accounted_for(declared: str, said: str) -> None:
    found = why(logon("INSERT INTO sec.log (who) VALUES (USER);", f"DECLARE\n{declared}\n"))
    assert any(message.startswith(said) for message in found), found


def test_a_call_whose_result_nobody_reads_is_accounted_for() -> None:
    body = "v := audit_pkg.note(USER); INSERT INTO sec.log (who) VALUES (USER);"
    assert why(logon(body, "DECLARE\nv NUMBER;\n")) == ["audit_pkg.note()"]


def test_each_place_is_a_finding_of_its_own_at_its_line() -> None:
    body = "sec.p(SYS_CONTEXT('USERENV', 'OS_USER'));\nsec.q;\nDBMS_SESSION.SET_ROLE('x');"
    lines = [each.location.line for each in read(logon(body)).findings if each.code == "XT405" and each.location]
    assert lines == [3, 5]


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("-- x\nCREATE TABLE a (b VARCHAR2(3) DEFAULT 'x);\n", 2),
        ("\n\n/* never closed\nCREATE TRIGGER t AFTER LOGON ON DATABASE BEGIN NULL; END;\n/\n", 3),
        (logon("sec.p(q'[never closed]);"), 3),
        ('CREATE TRIGGER "t AFTER LOGON ON DATABASE BEGIN NULL; END;\n/\n', 1),
    ],
)
def test_what_is_not_closed_is_refused_at_its_line(script: str, line: int) -> None:
    with pytest.raises(DefinitionError) as refused:
        read(script)
    (finding,) = refused.value.findings
    assert finding.code == "XT401"
    assert finding.location is not None
    assert finding.location.line == line


@pytest.mark.parametrize("script", ["", "garbage", "SELECT 1 FROM dual;", "CREATE TRIGGER", "\0", "/\n/\n;;;", "BEGIN"])
def test_what_makes_no_trigger_is_a_finding(script: str) -> None:
    with pytest.raises(DefinitionError):
        read(script)


@pytest.mark.parametrize(
    "script",
    [
        logon("IF USER = 'A' THEN\n" * 3000),
        logon("v := " + "(" * 20_000 + "1" + ")" * 20_000 + ";", "DECLARE v NUMBER;\n"),
        logon("v := v || v || v;\n" * 400, "DECLARE v VARCHAR2(9) := 'a';\n"),
        logon("IF USER = 'A' THEN v := v || 'b'; END IF;\n" * 400, "DECLARE v VARCHAR2(9) := 'a';\n"),
        "create trigger x " + "; " * 50_000,
        "/\n" * 200_000 + "x",
        "SELECT 1 FROM dual;\n" * 50_000,
        logon("sec.p('" + "a" * 1_000_000 + "');"),
    ],
    ids=["deep", "parentheses", "doubling", "branches", "ends", "slashes", "statements", "long"],
)
def test_a_hostile_script_ends_soon_and_without_a_traceback(script: str) -> None:
    begun = time.process_time()
    with suppress(XtrigError):
        read(script)
    assert time.process_time() - begun < 20


def mutated(text: str, chance: random.Random) -> str:
    words = (
        "END;",
        "BEGIN",
        "IF",
        "'",
        '"',
        "(",
        ")",
        ";",
        "\n/\n",
        "--",
        "/*",
        "q'[",
        "CASE",
        "USER",
        "${x}",
        ":=",
        "||",
    )
    for _ in range(chance.choice((1, 1, 2, 4))):
        at = chance.randrange(len(text) + 1)
        end = min(len(text), at + chance.choice((0, 1, 8, 60, 400)))
        match chance.randrange(4):
            case 0:
                text = text[:at] + text[end:]
            case 1:
                text = text[:at] + chance.choice(words) + text[at:]
            case 2:
                text = text[:at]
            case _:
                text = text[:at] + text[end : end + 80] + text[at:]
    return text


def check_mutations(number: int, seed: int) -> None:
    """Ask that a changed sample gives findings or a definition that loads, and no traceback."""
    chance = random.Random(seed)
    for _ in range(number):
        script = mutated(chance.choice(list(SAMPLES.values())), chance)
        try:
            result = read(script)
        except XtrigError:
            continue
        assert xtrig.load_text(to_yaml(result)) == result.triggers, script


def test_a_changed_script_gives_findings_and_no_traceback() -> None:
    check_mutations(300, 1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3])
def test_many_changed_scripts_give_findings_and_no_traceback(seed: int) -> None:
    check_mutations(10_000, seed)
