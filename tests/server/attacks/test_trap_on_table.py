"""Attack 4: a table that a trusted role owns now, with something of mallory's left on it."""

from __future__ import annotations

import pytest

from tests.server.attacks.mallory import Target, holds

DEFINITION = """
xtrig: 1
name: first
schema: guard
tables:
  log: {schema: app, create: false, columns: {at: timestamptz, who: text}}
triggers:
  on_logon: {event: logon, steps: [{insert: log, values: {at: "${now}", who: "${login_user}"}}]}
"""
TABLE = "CREATE TABLE app.log (at timestamptz, who text); GRANT ALL ON app.log TO PUBLIC;"
SPRING = "FOR EACH ROW EXECUTE FUNCTION lair.spring()"
# What mallory makes while the table is hers.
LEFT = {
    "a trigger before": f"{TABLE} CREATE TRIGGER trap BEFORE INSERT ON app.log {SPRING}",
    "a trigger after": f"{TABLE} CREATE TRIGGER trap AFTER INSERT ON app.log {SPRING}",
    "a trigger of a statement": f"{TABLE} CREATE TRIGGER trap AFTER INSERT ON app.log EXECUTE FUNCTION lair.spring()",
    "a deferred constraint trigger": f"{TABLE} CREATE CONSTRAINT TRIGGER trap AFTER INSERT ON app.log "
    f"DEFERRABLE INITIALLY DEFERRED {SPRING}",
    "a rule also": f"{TABLE} CREATE RULE trap AS ON INSERT TO app.log DO ALSO SELECT lair.loot()",
    "a rule instead": f"{TABLE} CREATE RULE trap AS ON INSERT TO app.log DO INSTEAD SELECT lair.loot()",
    "a default": f"{TABLE} ALTER TABLE app.log ADD COLUMN more text DEFAULT lair.loot()",
    "a generated column": f"{TABLE} ALTER TABLE app.log ADD COLUMN more text "
    "GENERATED ALWAYS AS (lair.same(who)) STORED",
    "a check": f"{TABLE} ALTER TABLE app.log ADD CHECK (lair.is_odd(who))",
    "a domain": "CREATE DOMAIN lair.checked AS text CHECK (lair.is_odd(VALUE));"
    "CREATE TABLE app.log (at timestamptz, who lair.checked); GRANT ALL ON app.log TO PUBLIC",
    "a domain's default": "CREATE DOMAIN lair.filled AS text DEFAULT lair.loot();"
    f"{TABLE} ALTER TABLE app.log ADD COLUMN more lair.filled",
    "an index": f"{TABLE} CREATE INDEX ON app.log (lair.same(who))",
    "an index's condition": f"{TABLE} CREATE FUNCTION lair.sure(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE "
    "AS $$ BEGIN PERFORM lair.loot(); RETURN true; END $$; CREATE INDEX ON app.log (at) WHERE lair.sure(who)",
    "a partition": "CREATE TABLE app.log (at timestamptz, who text) PARTITION BY RANGE (at);"
    "CREATE TABLE lair.part PARTITION OF app.log DEFAULT; GRANT ALL ON app.log, lair.part TO PUBLIC;"
    f"CREATE TRIGGER trap BEFORE INSERT ON lair.part {SPRING}",
    "a partition's default": "CREATE TABLE app.log (at timestamptz, who text) PARTITION BY RANGE (at);"
    "CREATE TABLE lair.part PARTITION OF app.log DEFAULT; GRANT ALL ON app.log, lair.part TO PUBLIC;"
    "ALTER TABLE lair.part ADD CHECK (lair.is_odd(who))",
    "a key of partitions": "CREATE TABLE app.log (at timestamptz, who text) PARTITION BY LIST ((lair.same(who)));"
    "CREATE TABLE lair.part PARTITION OF app.log DEFAULT; GRANT ALL ON app.log, lair.part TO PUBLIC",
    "statistics": f"{TABLE} CREATE STATISTICS lair.kept ON (lair.same(who)), at FROM app.log",
    "an exclusion": f"{TABLE} ALTER TABLE app.log ADD EXCLUDE USING btree (lair.same(who) WITH =)",
    "a parent": "CREATE TABLE lair.parent (at timestamptz, who text) PARTITION BY RANGE (at);"
    "CREATE TABLE app.log PARTITION OF lair.parent DEFAULT; GRANT ALL ON app.log TO PUBLIC;"
    f"CREATE TRIGGER trap BEFORE INSERT ON lair.parent {SPRING}",
    "a foreign key": f"CREATE TABLE lair.people (who text PRIMARY KEY); GRANT ALL ON lair.people TO PUBLIC; {TABLE}"
    f"INSERT INTO lair.people VALUES ('postgres'), ('alice'), ('mallory');"
    "ALTER TABLE app.log ADD FOREIGN KEY (who) REFERENCES lair.people;"
    f"CREATE TRIGGER trap BEFORE UPDATE ON lair.people {SPRING}",
}


@pytest.mark.parametrize("trap", LEFT)
def test_what_mallory_leaves_on_a_table_that_is_given_away(target: Target, trap: str) -> None:
    """The preflight says: give the table to a superuser. mallory's trigger, or whatever it is, stays on it.

    The login function writes there with a superuser's rights, and so runs her code with them.
    """
    target.run("CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO mallory; GRANT USAGE ON SCHEMA app TO PUBLIC")
    target.arm()
    target.as_mallory(LEFT[trap])
    refused = target.xtrig("apply", DEFINITION, "--no-canary")
    assert refused.code == 1, refused.err
    assert "mallory" in refused.err
    target.run("ALTER TABLE app.log OWNER TO postgres; REVOKE CREATE ON SCHEMA app FROM mallory")
    said = target.xtrig("apply", DEFINITION, "--no-canary")
    target.logs_in("alice")
    target.logs_in("postgres")
    target.nothing_is_gained(said)


CASTS = {
    "to an enum": ("ENUM ('postgres')", "'postgres'"),
    "to a composite type": ("(word text)", "ROW('x')"),
    "to a range": ("RANGE (subtype = text)", "NULL"),
}


@pytest.mark.parametrize("owner", ["mallory", "postgres"])
@pytest.mark.parametrize("cast", CASTS)
def test_a_cast_to_the_type_of_a_column(target: Target, cast: str, owner: str) -> None:
    """Whoever owns a type makes casts to it; what is written into a column of it is cast, in whatever schema they are.

    Nothing else of hers is left: the schema is the superuser's, and the right TRIGGER was never given.
    """
    target.run("CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO mallory; GRANT USAGE ON SCHEMA app TO PUBLIC")
    target.arm()
    made, value = CASTS[cast]
    target.as_mallory(f"CREATE TYPE app.mood AS {made}; CREATE TABLE app.log (at timestamptz, who app.mood)")
    for source in ("text", "name"):
        target.as_mallory(f"""CREATE FUNCTION app.felt({source}) RETURNS app.mood LANGUAGE plpgsql
            AS $$ BEGIN PERFORM lair.loot(); RETURN {value}::app.mood; END $$;
            CREATE CAST ({source} AS app.mood) WITH FUNCTION app.felt({source}) AS ASSIGNMENT""")
    target.run(f"ALTER TABLE app.log OWNER TO postgres; ALTER TYPE app.mood OWNER TO {owner}")
    target.run("REVOKE CREATE ON SCHEMA app FROM mallory")
    said = target.xtrig("apply", DEFINITION, "--no-canary")
    target.logs_in("postgres")
    target.nothing_is_gained(said)
    assert said.code == 1, said.err


def test_a_server_of_mallory_s_behind_a_foreign_table(target: Target) -> None:
    """She decides where the rows go, and whether logins hang on a host that never answers."""
    target.run("CREATE SCHEMA app; CREATE FOREIGN DATA WRAPPER far; GRANT USAGE ON FOREIGN DATA WRAPPER far TO mallory")
    target.as_mallory("CREATE SERVER far FOREIGN DATA WRAPPER far")
    target.run("CREATE FOREIGN TABLE app.log (at timestamptz, who text) SERVER far")
    said = target.xtrig("apply", DEFINITION, "--no-canary")
    holds("server far, used by app.log, belongs to mallory" in said.err, said.err)
    assert said.code == 1


GRANTED = {
    "TRIGGER": f"CREATE TRIGGER trap BEFORE INSERT ON app.log {SPRING}",
    "TRIGGER, REFERENCES": f"CREATE TRIGGER trap AFTER INSERT ON app.log {SPRING}",
}


@pytest.mark.parametrize("granted", GRANTED)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("grantee", ["mallory", "PUBLIC", "a role that mallory is a member of"])
def test_a_right_to_make_triggers(target: Target, granted: str, when: str, grantee: str) -> None:
    """The table was always a superuser's, and mallory has the TRIGGER right on it: before or after the deployment."""
    target.run(f"CREATE SCHEMA app; GRANT USAGE ON SCHEMA app TO PUBLIC; {TABLE} REVOKE ALL ON app.log FROM PUBLIC")
    target.run("CREATE ROLE crew; GRANT crew TO mallory")
    target.arm()
    role = "crew" if grantee.startswith("a role") else grantee
    target.run(f"GRANT {granted} ON app.log TO {role}")
    if when == "before":
        target.as_mallory(GRANTED[granted])
    said = target.xtrig("apply", DEFINITION, "--no-canary")
    if when == "after":
        refusal = target.tries(GRANTED[granted])
        assert refusal is None or "permission denied" in refusal, refusal
    target.logs_in("postgres")
    target.nothing_is_gained(said)


@pytest.mark.parametrize("owner", ["mallory", "postgres"])
@pytest.mark.parametrize("kind", ["instead of", "rule", "over a table of mallory's"])
def test_a_view_in_the_place_of_a_table(target: Target, kind: str, owner: str) -> None:
    """The table of `create: false` is a view, and what writes for it is mallory's."""
    target.run("CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO mallory; GRANT USAGE ON SCHEMA app TO PUBLIC")
    target.arm()
    if kind == "over a table of mallory's":
        target.as_mallory(f"""CREATE TABLE lair.log (at timestamptz, who text); GRANT ALL ON lair.log TO PUBLIC;
            CREATE TRIGGER trap BEFORE INSERT ON lair.log {SPRING};
            CREATE VIEW app.log AS SELECT * FROM lair.log""")
    else:
        trap = (
            f"CREATE TRIGGER trap INSTEAD OF INSERT ON app.log {SPRING}"
            if kind == "instead of"
            else "CREATE RULE trap AS ON INSERT TO app.log DO INSTEAD SELECT lair.loot()"
        )
        target.as_mallory(f"CREATE VIEW app.log AS SELECT now() AS at, ''::text AS who; {trap}")
    target.run(f"ALTER VIEW app.log OWNER TO {owner}; GRANT ALL ON app.log TO PUBLIC")
    said = target.xtrig("apply", DEFINITION, "--no-canary")
    target.logs_in("postgres")
    target.nothing_is_gained(said)


def test_a_parent_that_is_attached_later(target: Target) -> None:
    """mallory owns a partition of the superuser's table: she may attach triggers to it after the deployment, too."""
    target.run(
        "CREATE SCHEMA app; GRANT USAGE ON SCHEMA app TO PUBLIC;"
        "CREATE TABLE app.log (at timestamptz, who text) PARTITION BY RANGE (at)"
    )
    target.arm()
    target.as_mallory("CREATE TABLE lair.part (at timestamptz, who text); GRANT ALL ON lair.part TO PUBLIC")
    target.run("ALTER TABLE app.log ATTACH PARTITION lair.part DEFAULT")
    said = target.xtrig("apply", DEFINITION, "--no-canary")
    target.tries(f"CREATE TRIGGER trap BEFORE INSERT ON lair.part {SPRING}")
    target.logs_in("postgres")
    target.nothing_is_gained(said)


@pytest.mark.parametrize("body", ["sql", "called"])
def test_a_function_of_mallory_s_that_the_definition_runs(target: Target, body: str) -> None:
    """The definition calls a function that was the superuser's idea and belongs to mallory."""
    target.arm()
    step = '{sql: "PERFORM lair.loot()"}' if body == "sql" else "{call: lair.loot}"
    definition = f"""
xtrig: 1
name: first
schema: guard
triggers:
  on_logon: {{event: logon, steps: [{step}]}}
"""
    said = target.xtrig("apply", definition, "--no-canary")
    assert said.code in (0, 1), said.err
    target.logs_in("postgres")
    target.nothing_is_gained(said)


@pytest.mark.parametrize("policy", ["FOR INSERT WITH CHECK (lair.is_odd(who))", "FOR ALL USING (lair.is_odd(who))"])
def test_a_row_level_policy_for_the_function_s_owner(target: Target, policy: str) -> None:
    """The functions belong to an ordinary deployer, so a policy on the table is asked, and calls mallory's function."""
    target.run("CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO mallory; GRANT USAGE ON SCHEMA app TO PUBLIC")
    target.arm()
    target.as_mallory(
        f"{TABLE} CREATE POLICY trap ON app.log {policy}; ALTER TABLE app.log ENABLE ROW LEVEL SECURITY;"
        "ALTER TABLE app.log FORCE ROW LEVEL SECURITY"
    )
    target.run("ALTER TABLE app.log OWNER TO postgres")
    definition = DEFINITION.replace("triggers:", "defaults: {security: invoker}\ntriggers:")
    said = target.xtrig("apply", definition, "--no-canary")
    target.logs_in("alice")
    target.nothing_is_gained(said)


def test_the_remedy_that_is_printed(target: Target) -> None:
    """What the refusal advises, done word by word, must not end with mallory as superuser."""
    target.run("CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO mallory; GRANT USAGE ON SCHEMA app TO PUBLIC")
    target.arm()
    target.as_mallory(LEFT["a trigger before"])
    refused = target.xtrig("apply", DEFINITION)
    assert refused.code == 1
    holds("give it to a superuser" not in refused.err or "trigger" in refused.err, refused.err.splitlines()[-1])


@pytest.mark.parametrize("grantee", ["mallory", "PUBLIC", "crew"])
@pytest.mark.parametrize("right", ["TRIGGER ON app.log", "CREATE ON SCHEMA app"])
def test_the_remedy_for_a_right(target: Target, right: str, grantee: str) -> None:
    """The REVOKE that is printed, run as it is, lets the superuser deploy, and leaves mallory nothing to begin with."""
    target.run(f"CREATE SCHEMA app; GRANT USAGE ON SCHEMA app TO PUBLIC; {TABLE} REVOKE ALL ON app.log FROM PUBLIC")
    target.run(f"CREATE ROLE crew; GRANT crew TO mallory; GRANT {right} TO {grantee}")
    target.run("CREATE FUNCTION app.note() RETURNS void LANGUAGE sql AS 'SELECT'")
    target.arm()
    definition = DEFINITION.replace("steps: [", "steps: [{call: app.note}, ")
    refused = target.xtrig("apply", definition, "--no-canary")
    remedy = refused.err.strip().rpartition("; ")[2]
    assert (refused.code, remedy) == (1, f"REVOKE {right} FROM {grantee}"), refused.err
    target.run(remedy)
    target.deploy(definition)
    made = "CREATE FUNCTION app.note(text DEFAULT '') RETURNS void LANGUAGE sql AS 'SELECT lair.loot()'"
    holds(target.tries(made if right.startswith("CREATE") else GRANTED["TRIGGER"]), "she has the right all the same")
    target.logs_in("postgres")
    target.nothing_is_gained()
