"""The history of deployments, which everybody may read: what its owner has made of it, and whose it is."""

from __future__ import annotations

import threading

import pytest

from tests.server.attacks.mallory import LOG, Target, holds

MORE = LOG.replace("who: text", "who: text, more: text")
CHANGED = {
    "a column is gone": "ALTER TABLE xtrig.deployments DROP COLUMN proofs",
    "a column has another name": "ALTER TABLE xtrig.deployments RENAME deployed_at TO at",
    "a column has another type": "ALTER TABLE xtrig.deployments ALTER deployed_at TYPE text",
    "no column is left": "DROP TABLE xtrig.deployments; CREATE TABLE xtrig.deployments ();"
    "GRANT SELECT ON xtrig.deployments TO PUBLIC",
}
UNWRITTEN = ("a column is gone", "no column is left")


@pytest.mark.parametrize("changed", CHANGED)
def test_a_history_that_is_not_as_xtrig_makes_it(target: Target, changed: str) -> None:
    """Status says so and goes on; so does apply; what it advises helps."""
    target.deploy(LOG)
    target.run(CHANGED[changed])
    said = target.xtrig("status", LOG)
    assert (said.code, "the history of deployments, xtrig.deployments, is not read" in said.out) == (0, True), said
    assert "rename it, and the next xtrig apply makes it anew" in said.out
    assert ("this is not in the history" in target.deploy(MORE).err) is (changed in UNWRITTEN)
    target.run("ALTER TABLE xtrig.deployments RENAME TO former_deployments")
    target.deploy(LOG.replace("who: text", "who: text, other: text"), "--no-canary")
    said = target.xtrig("status", LOG.replace("who: text", "who: text, other: text"))
    assert (said.code, "\nlast: apply" in said.out) == (0, True), said


ODD = {
    "other JSON": "UPDATE xtrig.deployments SET changes = '{\"a\": 1}', proofs = '3'",
    "no JSON": "ALTER TABLE xtrig.deployments ALTER changes TYPE text; UPDATE xtrig.deployments SET changes = '{'",
    "nothing": "ALTER TABLE xtrig.deployments ALTER changes DROP NOT NULL, ALTER role DROP NOT NULL;"
    "UPDATE xtrig.deployments SET changes = NULL, role = NULL",
}


@pytest.mark.parametrize("odd", ODD)
def test_an_entry_that_is_not_as_xtrig_writes_it(target: Target, odd: str) -> None:
    target.deploy(LOG)
    target.run(ODD[odd])
    for options in ([], ["--format", "json"]):
        assert target.xtrig("status", LOG, *options).code == 0


@pytest.mark.parametrize("hers", ["TABLE xtrig.deployments", "SCHEMA xtrig"])
def test_a_history_that_was_given_to_mallory(target: Target, hers: str) -> None:
    """Nothing of hers is read, and nothing is written; the note says whose it is."""
    target.deploy(LOG)
    target.run(f"ALTER {hers} OWNER TO mallory")
    said = target.xtrig("status", LOG)
    holds("belongs to mallory" in said.out and "\nlast:" not in said.out, said.out)
    assert said.code == 0
    assert "this is not in the history of deployments" in target.deploy(MORE).err
    assert target.value("SELECT count(*) FROM xtrig.deployments") == 1


@pytest.mark.parametrize("by", ["apply", "drop"])
@pytest.mark.parametrize("made", ["", "CREATE TABLE xtrig.deployments (a integer)"])
def test_a_schema_that_is_made_while_the_history_is(target: Target, made: str, by: str) -> None:
    """mallory commits while the deployment waits for her: the schema was not there when it was looked for."""
    if by == "drop":
        target.deploy(LOG)
        target.run("DROP SCHEMA xtrig CASCADE")
    with target.enter(autocommit=False) as hers:
        hers.execute(f"CREATE SCHEMA xtrig; {made}".encode())
        timer = threading.Timer(1, hers.commit)
        timer.start()
        said = target.xtrig(by, LOG, *(["--no-canary"] if by == "apply" else []))
        timer.join()
    assert said.code == 0, said.err
    mine = "SELECT count(*) FROM pg_class WHERE relnamespace = 'xtrig'::regnamespace AND relowner <> 'mallory'::regrole"
    holds(target.value(mine) == 0, "a table of the superuser's is in her schema, from where she can drop it")
