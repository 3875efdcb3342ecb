"""Findings over a translation: what a dialect lacks, at its line, and gone when the remedy is followed."""

from __future__ import annotations

import pytest

from tests.unit.given import TranslationCase as Case
from tests.unit.given import load, place, step, translate
from xtrig.errors import RefusedError
from xtrig.findings import Severity
from xtrig.render import render

LONG = "é" * 32


LOGOFF = "triggers:\n  x:\n    event: logoff  # here\n    steps: [{log: x}]"
BODY = "triggers:\n  x:  # here\n    event: logon\n    body: {other: x}"
LISTED = "tables: {listed: {columns: {who: text}}}\n"
GATE = (
    "triggers:\n  x:\n    event: logon\n    enable: always\n    ignore: {{XT221: one database}}\n"
    "    steps:\n      - deny: x\n        when: {}  # here"
)
CASES = {
    "no logoff": Case(
        "XT201", "postgresql", None, LOGOFF, "if_unsupported: infer", "logoff", "logoff\n    if_unsupported: infer"
    ),
    "no logon before 17": Case(
        "XT201",
        "postgresql",
        "16",
        LOGOFF.replace("logoff", "logon"),
        "target 17 or newer",
        "event: logon",
        "event: logon\n    if_unsupported: skip",
    ),
    "no logoff to infer before 17": Case(
        "XT201",
        "postgresql",
        "16",
        LOGOFF + "\n    if_unsupported: infer",
        "cannot be inferred there either",
        "infer",
        "skip",
    ),
    "no logoff, and none to infer": Case(
        "XT201",
        "mariadb",
        None,
        LOGOFF.replace("log: x", "call: a.b") + "\n    if_unsupported: infer",
        "write if_unsupported: infer_or_skip",
        "if_unsupported: infer",
        "if_unsupported: infer_or_skip",
    ),
    "no record of sessions before 17": Case(
        "XT224",
        "postgresql",
        "16",
        "sessions: {}  # here\ntriggers:\n  x: {event: sql_drop, steps: [{log: x}]}",
        "target 17 or newer",
        "sessions: {}",
        "name: audit",
    ),
    "no authentication method before 16": Case(
        "XT202",
        "postgresql",
        "15",
        step("log: ${auth_method}  # here", "sql_drop"),
        "leave it out, or give the function a body",
        "${auth_method}",
        "x",
    ),
    "no authentication method in PolarDB": Case(
        "XT202",
        "polardb",
        None,
        step("insert: t\n        values:\n          a: ${auth_method}  # here"),
        "leave it out",
        "${auth_method}",
        "'x'",
    ),
    "a deny that does not bind": Case(
        "XT203",
        "polardb",
        None,
        step("deny: go away  # here"),
        "with insert",
        "deny: go away",
        "{insert: t, values: {a: '1'}}",
    ),
    "a long trigger": Case(
        "XT204",
        "postgresql",
        None,
        f"functions:\n  f: {{steps: [{{log: x}}]}}\ntriggers:\n  {LONG}: {{event: logon, run: f}}  # here",
        "64 bytes",
        LONG,
        LONG[1:],
    ),
    "a long role": Case(
        "XT204", "postgresql", None, step(f"{{grant_role: {LONG}, to: '1'}}  # here"), "64 bytes", LONG, LONG[1:]
    ),
    "a long column of a temporary table": Case(
        "XT204",
        "polardb",
        None,
        step(f"{{create_temp_table: s, columns: {{{LONG}: text}}}}  # here"),
        "64 bytes",
        LONG,
        LONG[1:],
    ),
    "a long table": Case(
        "XT204",
        "polardb-oracle",
        None,
        f"tables:\n  {LONG}: {{columns: {{a: text}}}}  # here\n"
        "triggers:\n  x: {event: logon, steps: [{set: a.b, value: 1}]}",
        "shorten it",
        LONG,
        LONG[1:],
    ),
    "a tag nobody knows": Case(
        "XT205",
        "postgresql",
        None,
        "triggers:\n  x:\n    event: ddl_command_end\n    tags: [ALTER TABEL]  # here\n    steps: [{log: x}]",
        "did you mean 'ALTER TABLE'",
        "TABEL",
        "TABLE",
    ),
    "a tag that never fires": Case(
        "XT205",
        "polardb",
        None,
        "triggers:\n  x:\n    event: sql_drop\n    tags: [CREATE TABLE]  # here\n    steps: [{log: x}]",
        "sql_drop never fires for it",
        "CREATE TABLE",
        "DROP TABLE",
    ),
    "a body for another dialect": Case(
        "XT206",
        "postgresql",
        None,
        BODY,
        "add a body for postgresql",
        "{other: x}",
        "{other: x, postgresql: BEGIN END}",
    ),
    "a statement for another dialect": Case(
        "XT206",
        "polardb",
        None,
        step("sql: {postgresql: select 1}  # here"),
        "add a statement for polardb",
        "{postgresql: select 1}",
        "{postgresql: select 1, polardb: 'NULL'}",
    ),
    "a log line in PL/SQL": Case(
        "XT207",
        "polardb",
        None,
        step("log: x  # here").replace("event:", "language: plsql\n    ignore: {XT227: y}\n    event:"),
        "leave language out",
        "language: plsql",
        "language: native",
    ),
    "one function for sessions and DDL": Case(
        "XT207",
        "polardb",
        None,
        "functions:\n  f:  # here\n    on_error: allow\n    steps: [{set: a.b, value: 1}]\n"
        "triggers:\n  x: {event: logon, run: f}\n  y: {event: sql_drop, run: f}",
        "give each its own function",
        "run: f}\n  y",
        "steps: [{set: a.b, value: 1}]}\n  y",
    ),
    "an inferred body": Case(
        "XT207",
        "postgresql",
        None,
        "triggers:\n  x:  # here\n    event: logoff\n    if_unsupported: infer\n    body: {postgresql: BEGIN END}",
        "use steps, or skip",
        "body: {postgresql: BEGIN END}",
        "steps: [{log: x}]",
    ),
    "an error that lets in": Case(
        "XT208",
        "polardb-oracle",
        None,
        "triggers:\n  x:  # here\n    event: logon\n    on_error: deny\n    steps: [{set: a.b, value: 1}]",
        "write on_error: allow",
        "on_error: deny",
        "on_error: allow",
    ),
    "an invoker that cannot be said": Case(
        "XT209",
        "polardb",
        None,
        "triggers:\n  x:  # here\n    event: logon\n    security: invoker\n    language: plsql\n"
        "    ignore: {XT227: y}\n    steps: [{set: a.b, value: 1}]",
        "leave it out",
        "language: plsql",
        "language: native",
    ),
    "plpgsql that nobody documents": Case(
        "XT210",
        "polardb",
        None,
        "triggers:\n  x:  # here\n    event: logon\n    language: plpgsql\n    steps: [{set: a.b, value: 1}]",
        "or leave language out",
        "language: plpgsql",
        "language: native",
    ),
    "a firing state that shuts standbys": Case(
        "XT212",
        "postgresql",
        None,
        "triggers:\n  x:\n    event: logon\n    enable: replica  # here\n    steps: [{log: x}]",
        "add a logon trigger that is enabled, or enable this one",
        "enable: replica",
        "enable: origin",
    ),
    "a table without its schema": Case(
        "XT230",
        "postgresql",
        None,
        GATE.format("${login_user} NOT IN (SELECT who FROM people)"),
        "write schema.people",
        "FROM people",
        "FROM hr.people",
    ),
    "a column that is not there": Case(
        "XT231",
        "postgresql",
        None,
        LISTED + GATE.format("NOT EXISTS (SELECT 1 FROM listed WHERE whoo = ${login_user})"),
        "did you mean 'who'",
        "whoo",
        "who",
    ),
    "a column that is a variable, too": Case(
        "XT237",
        "postgresql",
        None,
        LISTED.replace("who:", "found:") + GATE.format("NOT EXISTS (SELECT 1 FROM listed WHERE found = ${login_user})"),
        "write the table before it",
        "WHERE found",
        "WHERE listed.found",
    ),
    "a column that is a variable of PolarDB's, too": Case(
        "XT237",
        "polardb",
        None,
        LISTED.replace("who:", "polar_login_user:")
        + "triggers:\n  x:\n    event: logon\n    steps:\n      - set: a.b\n"
        "        value: (SELECT max(${login_user}) FROM listed)  # here",
        "give the column another name",
        "polar_login_user",
        "who",
    ),
    "a word of another vendor": Case(
        "XT232",
        "postgresql",
        None,
        GATE.format("NVL(${client_ip}, 'x') = 'x' and ${login_user} = 'a'"),
        "write coalesce",
        "NVL",
        "coalesce",
    ),
    "a text that is no address": Case(
        "XT233",
        "polardb",
        None,
        "tables: {t: {columns: {net: inet}}}\n"
        "triggers:\n  x:\n    event: ddl_command_end\n    tags: [ALTER TABLE]\n"
        '    steps:\n      - insert: t\n        values:\n          net: "${client_ip}"  # here',
        "cast it: CAST(... AS inet)",
        "${client_ip}",
        "CAST(${client_ip} AS inet)",
    ),
    "a system trigger": Case(
        "XT211",
        "polardb-oracle",
        None,
        "triggers:\n  x:  # here\n    event: ddl_command_end\n    ignore: {XT220: y}\n"
        "    steps: [{set: a.b, value: 1}]",
        "target 2.0.14.0.0.0 for an event trigger",
        "ignore: {XT220: y}",
        "tags: [ALTER TABLE]",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_each_finding_has_its_code_place_and_remedy(case: Case):
    found = translate(case.definition, case.dialect, case.version)
    assert [finding.code for finding in found] == [case.code]
    (finding,) = found
    assert str(finding.location) == place(case.definition)
    assert case.said in finding.remedy or case.said in finding.message
    assert "\n" not in str(finding)
    assert "<" not in str(finding)


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_following_the_remedy_leaves_no_error(case: Case):
    assert case.old in case.definition
    version = "2.0.14.0.0.0" if case.code == "XT211" else case.version
    cured = translate(case.definition.replace(case.old, case.new, 1), case.dialect, version)
    assert [finding for finding in cured if finding.severity is Severity.ERROR] == []
    assert case.code == "XT201" or cured == []


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_rendering_refuses_errors_and_carries_warnings(case: Case):
    triggers = load(case.definition)
    if case.code in ("XT210", "XT211", "XT212"):
        script = render(triggers, case.dialect, target_version=case.version)
        assert [finding.code for finding in script.findings] == [case.code]
    else:
        with pytest.raises(RefusedError) as caught:
            render(triggers, case.dialect, target_version=case.version)
        assert [str(finding.location) for finding in caught.value.findings] == [place(case.definition)]


def test_a_skipped_trigger_is_a_warning_and_nothing_of_it_is_checked():
    definition = """
    triggers:
      keep: {event: ddl_command_start, tags: [ALTER TABLE], enable: always, steps: [{deny: x}]}
      out: {event: logon, if_unsupported: skip, steps: [{log: '${auth_method}'}]}
    """
    (finding,) = translate(definition, "postgresql", "15")
    assert (finding.code, finding.severity) == ("XT201", Severity.WARNING)


def test_names_of_63_bytes_are_kept():
    name = "é" * 31 + "x"
    definition = f"triggers:\n  {name}: {{event: logon, steps: [{{set: a.b, value: 1}}]}}"
    for dialect in ("postgresql", "polardb", "polardb-oracle"):
        assert translate(definition, dialect) == []


@pytest.mark.parametrize("name", ["é" * 27, "a" * 54])
def test_the_names_an_inferred_logoff_makes_count_too(name: str):
    definition = f"triggers:\n  {name}: {{event: logoff, if_unsupported: infer, steps: [{{log: x}}]}}"
    found = translate(definition, "postgresql")
    expected = [] if len(f"{name}_inferred".encode()) <= 63 else ["XT204"]
    assert [finding.code for finding in found] == expected


@pytest.mark.parametrize("suffix", ["inferred", "open"])
def test_an_inferred_logoff_takes_no_name_that_is_taken(suffix: str):
    definition = f"""
    tables:
      x_open: {{create: {"true" if suffix == "open" else "false"}, schema: s, columns: {{a: text}}}}
    functions:
      x_inferred: {{schema: {"s" if suffix == "inferred" else "other"}, steps: [{{log: x}}]}}
    triggers:
      a: {{event: logon, run: x_inferred}}
      x: {{event: logoff, schema: s, if_unsupported: infer, steps: [{{log: x}}]}}
    """
    assert [finding.code for finding in translate(definition, "postgresql")][:1] == ["XT002"]


@pytest.mark.parametrize("dialect", ["polardb", "polardb-oracle"])
def test_an_escape_literal_is_refused_where_plsql_reads_it_otherwise(dialect: str):
    # To PL/SQL this is the name E, the literal '\' and a statement of the text's own.
    definition = step("insert: t\n        values:\n          a: \"E'\\\\'; x --'\"")
    in_plsql = definition.replace("event:", "language: plsql\n    event:")
    assert [each.code for each in translate(in_plsql, dialect) if each.code != "XT227"] == ["XT207"]
    assert "XT207" not in [each.code for each in translate(definition, dialect)]


@pytest.mark.parametrize("dialect", ["polardb", "polardb-oracle"])
@pytest.mark.parametrize("text", ["'back\\\\slash'", "'a' || '\\\\'", "E'\\\\n'"])
def test_a_backslash_of_an_expression_is_refused_in_plsql(dialect: str, text: str):
    definition = step(f'insert: t\n        values:\n          a: "{text}"').replace(
        "event:", "language: plsql\n    event:"
    )
    assert "XT207" in [each.code for each in translate(definition, dialect)]
