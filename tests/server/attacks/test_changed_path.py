"""A text written by hand leaves the pinned search_path, and what runs afterwards is mallory's."""

from __future__ import annotations

import json

import pytest

from tests.server.attacks.mallory import Target

USE = "n := lower(session_user);"
# {use} is a built-in function by its bare name, of which mallory has made one for the very type of session_user.
TEXTS = {
    "set": "DECLARE n text; BEGIN SET search_path = shop; {use} END",
    "a name in quotes": 'DECLARE n text; BEGIN SET LOCAL "search_path" = shop; {use} END',
    "an assignment": "DECLARE n text; BEGIN n := set_config('search_path', 'shop', false); {use} END",
    "a declaration": "DECLARE n text := set_config('search_path', 'shop', true); BEGIN {use} END",
    "a declaration after it": "BEGIN SET search_path = shop; DECLARE n text := lower(session_user); BEGIN END; END",
    "the next round": "DECLARE n text; BEGIN FOR i IN 1..2 LOOP {use} SET search_path = shop; END LOOP; END",
    "a branch": "DECLARE n text; BEGIN IF true THEN SET search_path = shop; ELSE NULL; END IF; {use} END",
    "pg_settings": "DECLARE n text; BEGIN "
    "UPDATE pg_settings SET setting = 'shop' WHERE name = 'search_path'; {use} END",
    "escapes": "DECLARE n text; BEGIN PERFORM set_config(E'search\\x5fpath', 'shop', false); {use} END",
    "a command in a variable": "DECLARE n text; c text := 'SET search_path = shop'; BEGIN EXECUTE c; {use} END",
    "a command put together": "DECLARE n text; BEGIN EXECUTE 'SET ' || 'search_path = shop'; {use} END",
    "a block of its own": "DECLARE n text; BEGIN DO $x$ BEGIN SET search_path = shop; END $x$; {use} END",
    "pg_catalog last": "DECLARE n text; BEGIN SET search_path = shop, pg_catalog, pg_temp; {use} END",
    "pg_catalog first": "DECLARE n text; BEGIN SET search_path = pg_catalog, shop, pg_temp; {use} END",
    "a path of its name": 'DECLARE n text; BEGIN SET search_path = "$user", pg_temp; {use} END',
    "RESET": "DECLARE n text; BEGIN RESET search_path; {use} END",
}
PLAIN = f"DECLARE n text; BEGIN {USE} END"
SETTINGS: dict[str, dict[str, str]] = {
    "no path": {"work_mem": "8MB"},
    "her schema": {"search_path": "shop, pg_temp"},
    "her schema behind": {"search_path": "pg_catalog, shop, pg_temp"},
    "a schema of her name": {"search_path": '"$user", pg_temp'},
}


def _definition(function: dict[str, object], event: str) -> str:
    return f"""
xtrig: 1
name: first
schema: guard
functions:
  by_hand: {json.dumps(function)}
triggers:
  by_hand: {{event: {event}, run: by_hand}}
"""


def _apply(
    target: Target, text: str, settings: dict[str, str] | None, event: str = "logon", left: str = ""
) -> tuple[int, str]:
    """Deploy a function with her code in schema ``shop``, and let everybody log in.

    ``left`` is what she has made in schema ``app``, where she may create nothing now.
    """
    target.run("CREATE SCHEMA shop; GRANT ALL ON SCHEMA shop TO mallory; GRANT USAGE ON SCHEMA shop TO PUBLIC")
    target.run("ALTER DATABASE " + target.database.name + " SET search_path = pg_catalog, shop")
    target.arm()
    target.as_mallory(
        "CREATE FUNCTION shop.lower(name) RETURNS text LANGUAGE sql AS 'SELECT lair.loot()'; "
        "CREATE SCHEMA postgres; GRANT USAGE ON SCHEMA postgres TO PUBLIC; "
        "CREATE FUNCTION postgres.lower(name) RETURNS text LANGUAGE sql AS 'SELECT lair.loot()'"
    )
    if left:
        target.run("CREATE SCHEMA app; GRANT USAGE ON SCHEMA app TO PUBLIC; GRANT CREATE ON SCHEMA app TO mallory")
        target.as_mallory(left)
        target.run("REVOKE CREATE ON SCHEMA app FROM mallory")
    function: dict[str, object] = {"body": {"postgresql": text}}
    if settings is not None:
        function["settings"] = settings
    said = target.xtrig("apply", _definition(function, event), "--no-canary")
    target.logs_in("mallory", options="-c search_path=shop,pg_catalog")
    target.logs_in("postgres", options="-c search_path=pg_catalog,shop")
    target.nothing_is_gained(said)
    return said.code, said.err


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_that_changes_it(target: Target, text: str) -> None:
    code, said = _apply(target, TEXTS[text].replace("{use}", USE), None)
    assert code == 1, said
    assert "search_path" in said or "schema shop" in said, said


@pytest.mark.parametrize("settings", SETTINGS)
def test_settings_beside_a_text(target: Target, settings: str) -> None:
    code, said = _apply(target, PLAIN, SETTINGS[settings])
    assert code == 1, said
    assert "search_path" in said or "schema shop" in said, said


@pytest.mark.parametrize("path", ["app", "pg_catalog", "", "pg_temp, app"])
def test_a_temporary_table_in_front(target: Target, path: str) -> None:
    """For DDL a path that does not end in pg_temp finds her temporary table, with a trigger of hers on it."""
    target.run("CREATE SCHEMA app; CREATE TABLE app.pg_aggregate (a int); GRANT USAGE ON SCHEMA app TO PUBLIC")
    target.arm()
    function: dict[str, object] = {
        "body": {"postgresql": "BEGIN INSERT INTO pg_aggregate VALUES (1); END"},
        "settings": {"search_path": path},
    }
    said = target.xtrig("apply", _definition(function, "ddl_command_end, tags: [CREATE TABLE]"), "--no-canary")
    target.tries(
        "CREATE TEMP VIEW pg_aggregate AS SELECT 1 AS a; "
        "CREATE FUNCTION pg_temp.run() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN PERFORM lair.loot(); RETURN NULL; END'; "
        "CREATE TRIGGER t INSTEAD OF INSERT ON pg_temp.pg_aggregate FOR EACH ROW EXECUTE FUNCTION pg_temp.run(); "
        "CREATE TABLE lair.fires (a int)"
    )
    target.nothing_is_gained(said)
    assert said.code == 1, said.err
    assert "pg_temp" in said.err


def test_a_missing_schema_is_refused(target: Target) -> None:
    """mallory, who may create schemas, would make it and put her code there."""
    text = "DECLARE n text; BEGIN SET search_path = later, pg_temp; " + USE + " END"
    code, said = _apply(target, text, None)
    assert (code, "schema later does not exist" in said) == (1, True), said


@pytest.mark.parametrize(
    "text",
    ["SET search_path = app, pg_temp; {use}", "{use} SET search_path = shop;", "{use} SET search_path = shop; RETURN;"],
)
def test_what_is_right(target: Target, text: str) -> None:
    """A schema in which nobody else creates, and a path for the session at the very end."""
    target.run("CREATE SCHEMA app; GRANT USAGE ON SCHEMA app TO PUBLIC")
    code, said = _apply(target, "DECLARE n text; BEGIN " + text.replace("{use}", USE) + " END", None)
    assert code == 0, said


BEHIND = {
    "a function": ("CREATE FUNCTION app.lower(name) RETURNS text LANGUAGE sql AS 'SELECT lair.loot()'", USE),
    "a function in a command": (
        "CREATE FUNCTION app.lower(name) RETURNS text LANGUAGE sql AS 'SELECT lair.loot()'",
        "EXECUTE 'SELECT lower(session_user)' INTO n;",
    ),
    "an operator": (
        "CREATE FUNCTION app.joined(name, text) RETURNS text LANGUAGE sql AS 'SELECT lair.loot()';"
        "CREATE OPERATOR app.|| (FUNCTION = app.joined, LEFTARG = name, RIGHTARG = text)",
        "n := session_user || 'x'::text;",
    ),
    "a table": (
        "CREATE TABLE app.log (who text); CREATE TRIGGER t BEFORE INSERT ON app.log "
        "FOR EACH ROW EXECUTE FUNCTION lair.spring(); GRANT ALL ON app.log TO PUBLIC",
        "INSERT INTO log VALUES (session_user);",
    ),
}


@pytest.mark.parametrize("what", BEHIND)
def test_what_she_left_in_a_schema_of_the_path(target: Target, what: str) -> None:
    """She may not create there any more; what she has made is found by its plain name all the same."""
    left, use = BEHIND[what]
    text = f"DECLARE n text; BEGIN SET search_path = app, pg_catalog, pg_temp; {use} END"
    code, said = _apply(target, text, None, left=left)
    assert (code, "belongs to mallory" in said) == (1, True), said
