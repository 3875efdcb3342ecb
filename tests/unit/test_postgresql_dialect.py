"""The PostgreSQL script: what comes in which order, and what is left alone."""

from __future__ import annotations

import xtrig
from tests.parsers.postgres import parse_script
from tests.unit.given import load

SET = """
schema: audit
tables:
  t: {columns: {a: text}}
  theirs: {create: false}
triggers:
  login: {event: logon, enable: always, steps: [{insert: t, values: {a: '1'}}]}
  drops: {event: sql_drop, tags: [drop table], steps: [{insert: theirs, values: {a: '1'}}]}
  ends: {event: logoff, if_unsupported: infer, steps: [{log: '${login_user}'}]}
"""


def objects(definition: str = SET, **options: object) -> list[tuple[str, str]]:
    script = xtrig.render(load(definition), **options)
    return [(each.kind, each.name) for each in parse_script(str(script))]


def test_a_login_trigger_is_the_last_thing_made():
    made = [name for kind, name in objects() if kind == "create_event_trigger"]
    assert made[0] == "drops"
    assert set(made[1:]) == {"login", "ends"}


def test_functions_come_before_triggers_and_tables_before_functions():
    kinds = [kind for kind, _ in objects()]
    assert kinds.index("create_schema") < kinds.index("create_table") < kinds.index("create_function")
    assert kinds.index("create_function") < kinds.index("create_event_trigger")


def test_a_table_of_someone_else_is_neither_made_nor_dropped():
    for drop in (False, True):
        assert "theirs" not in [
            name.rpartition(".")[2] for kind, name in objects(drop=drop, with_data=True) if "table" in kind
        ]


def test_built_in_schemas_are_not_made():
    assert not [each for each in objects(SET.replace("schema: audit", "schema: public")) if each[0] == "create_schema"]


def test_tags_and_firing_state_reach_the_server():
    parsed = parse_script(str(xtrig.render(load(SET))))
    (trigger,) = [each for each in parsed if (each.kind, each.name) == ("create_event_trigger", "drops")]
    assert trigger.tags == ("DROP TABLE",)
    states = {each.name: each.enabled for each in parsed if each.kind == "alter_event_trigger" and each.nested}
    assert states["login"] == "always"


def test_every_object_is_marked_as_ours_and_the_mark_follows_the_text():
    def marks(definition: str) -> dict[str, str | None]:
        return {
            each.name: each.text for each in parse_script(str(xtrig.render(load(definition)))) if each.kind == "comment"
        }

    one, other = marks(SET), marks(SET.replace("a: '1'", "a: '2'", 1))
    assert all(text is not None and text.startswith("xtrig:1/") for text in one.values())
    assert one["drops"] == other["drops"]
    assert one["audit.login"] != other["audit.login"]


def test_public_may_not_execute_a_function():
    text = str(xtrig.render(load(SET)))
    assert text.count("FROM PUBLIC") == text.count("CREATE OR REPLACE FUNCTION")


def test_dropping_goes_backwards_and_cures_standbys_once_after_the_last_login_trigger():
    script = xtrig.render(load(SET), drop=True, with_data=True)
    dropped = [(each.kind, each.name) for each in parse_script(str(script)) if each.kind.startswith("drop")]
    assert [kind for kind, _ in dropped[:3]] == ["drop_event_trigger"] * 3
    assert dropped.index(("drop_function", "audit.ends_inferred")) < dropped.index(("drop_table", "audit.ends_open"))
    assert dropped[-2:] == [("drop_table", "audit.t"), ("drop_schema", "audit")]
    text = str(script)
    assert text.count("dathasloginevt = false") == 1
    last = max(text.index("DROP EVENT TRIGGER login"), text.index("DROP EVENT TRIGGER ends"))
    assert last < text.index("dathasloginevt = false")


def test_what_runs_on_a_login_is_said_as_a_hazard():
    script = xtrig.render(load(SET))
    hazards = {each.purpose: set(each.hazards) for each in script if each.hazards}
    assert {"blocks_logins", "refuses_logins"} in hazards.values()
    assert {"refuses_ddl"} in hazards.values()
