"""Every definition of tests/golden that Firebird takes, executed on both servers: made twice, and taken away."""

from __future__ import annotations

import pytest

import xtrig
from tests.firebird.servers import Database
from tests.test_golden import CASES, definition, options, rendered
from xtrig.testing.suite.subject import attempt, errors

RUN = [case for case in CASES if not options(case).get("drop") and not rendered(case, "firebird")[0]]
OWN = "rdb$system_flag = 0"
NEEDED = {
    "ddl-all-facts": (
        "CREATE TABLE facts (a VARCHAR(64), b VARCHAR(64), c VARCHAR(64), d VARCHAR(64), e VARCHAR(64), f VARCHAR(64))",
    ),
    "logon-call": ("CREATE PACKAGE app AS BEGIN FUNCTION COUNT_LOGIN(a VARCHAR(45)) RETURNS INTEGER; END",),
}
"""What is there already."""
GONE = {"ddl-all-facts": ("DROP TABLE facts",)}


@pytest.mark.parametrize("case", RUN)
def test_what_is_rendered_runs_twice_and_goes_away(case: str, database: Database) -> None:
    script = attempt(definition(case), "firebird", database.server.version)
    if not isinstance(script, xtrig.Script):
        # 3.0 has no time zones and shorter names.
        assert database.server.version == "3.0", script
        assert {each.code for each in errors(script)} <= {"XT202", "XT204", "XT207"}
        return
    if case in NEEDED:
        database.execute(*NEEDED[case])
    for _ in range(2):
        database.run(script)
    made = {name for (name,) in database.rows(f"SELECT rdb$trigger_name FROM rdb$triggers WHERE {OWN}")}
    offered = {trigger.upper() for trigger in definition(case).triggers}
    if definition(case).sessions is not None:
        offered |= {f"{definition(case).set_name}_{event}".upper() for event in ("logon", "logoff")}
    assert {name.upper() for name in made} <= offered
    assert made
    assert database.login() is None or "XTRIG_DENIED" in str(database.login())
    database.run(script.undone("removal", with_data=True))
    for sql in GONE.get(case, ()):
        database.execute(sql)
    for catalog in ("triggers", "relations", "exceptions", "procedures", "roles"):
        assert database.rows(f"SELECT 1 FROM rdb${catalog} WHERE {OWN}") == [], catalog
