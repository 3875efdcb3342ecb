"""No hand-written text makes a check raise, and a comment or a string makes it find nothing."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

import xtrig
from tests.properties.test_sqltokens import bodies
from xtrig.checks import examine
from xtrig.findings import Finding
from xtrig.registry import get_dialect

TRIES = settings.default.max_examples * 4
_STATEMENTS = st.sampled_from(
    """
    INSERT INTO t VALUES (1)|UPDATE t SET x = 1|EXECUTE 'a' || b|EXECUTE format('%s %I', a, b)|COMMIT|RAISE 'x'
    |SET LOCAL statement_timeout = 1|PERFORM set_config('search_path', a, true)|CREATE TEMP TABLE t (a int)
    |GRANT a TO b|EXECUTE|EXECUTE format(|EXECUTE concat()|x :=|SELECT 1 FROM|INSERT INTO|SET|SET LOCAL|RAISE|UPDATE
    |CREATE|WITH x AS (|FROM a, b JOIN|DO $$ BEGIN a; END|LOCK|cast(|now() AT TIME ZONE 'utc'|pg_sleep(|user
    """.replace("\n", "").split("|")
)
texts = st.lists(st.one_of(_STATEMENTS, bodies), min_size=1, max_size=6).map("; ".join).filter(str.strip)
dialects = st.sampled_from(["postgresql", "polardb", "polardb-oracle"])
events = st.sampled_from(["logon", "ddl_command_start", "ddl_command_end", "sql_drop"])


def found(text: str, dialect: str, event: str) -> list[Finding]:
    triggers = xtrig.TriggerSet.model_validate({"triggers": {"x": {"event": event, "body": {dialect: text}}}})
    target = get_dialect(dialect)
    findings = examine(triggers).translate(target, target.parse_version(None)).findings
    return [finding for finding in findings if finding.code.startswith("XT3")]


@settings(max_examples=TRIES)
@example("EXECUTE", "postgresql", "logon")
@example('BEGIN "', "polardb", "logon")
@given(texts, dialects, events)
def test_every_finding_is_about_a_line_and_has_a_remedy(text: str, dialect: str, event: str):
    for finding in found(text, dialect, event):
        assert finding.remedy
        assert finding.message
        assert 1 <= (finding.text_line or 0) <= text.count("\n") + 1


@settings(max_examples=TRIES)
@given(texts, dialects, events)
def test_what_is_quoted_is_not_looked_at(text: str, dialect: str, event: str):
    literal = "BEGIN RAISE LOG '%', '" + text.replace("'", "''") + "'; END"
    if dialect == "postgresql":
        assert found(literal, dialect, event) == []
    comment = "BEGIN NULL; /* " + text.replace("*/", "").replace("/*", "") + " */ END"
    assert found(comment, dialect, event) == []
