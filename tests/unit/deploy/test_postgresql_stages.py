"""Which stages a plan for PostgreSQL has, in which order, and what each transaction holds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import pytest

from tests.unit.deploy.live import AUDIT, applied, but, deployment_of, inventory, planned
from xtrig.dialect.deployment import Proof, Stage
from xtrig.dialect.objects import DatabaseObject
from xtrig.marks import Mark
from xtrig_pgfamily.deploy.temporary import Placeholder, find_candidates
from xtrig_pgfamily.objects import EventTrigger

ONLY_DDL = """
name: first
triggers:
  on_drop: {event: sql_drop, steps: [{log: "something is gone"}]}
"""
ONLY_REPLICA = """
name: first
triggers:
  greet: {event: logon, enable: replica, steps: [{log: hello}]}
"""
THEIRS = EventTrigger(
    path=("theirs",), event="login", clause="ON login", function=("public", "f"), owner="postgres", is_live=True
)
QUIET = re.compile(r"(CREATE|ALTER|DROP|COMMENT ON) EVENT TRIGGER |DO \$xtrig\$\nBEGIN\n    UPDATE pg_database ")


def stages_of(definition: str, objects: Iterable[DatabaseObject], **options: bool) -> dict[str, Stage]:
    return {stage.name: stage for stage in planned(definition, objects, **options).stages}


def sql_of(stage: Stage) -> str:
    return ";\n".join(statement.sql for statement in stage.statements)


def removal_of(objects: Iterable[DatabaseObject], *, with_data: bool = False) -> list[Stage]:
    return list(deployment_of(AUDIT).removal(inventory(objects), with_data=with_data))


def test_a_first_deployment_is_rehearsed_met_by_a_canary_and_then_live() -> None:
    names = list(stages_of(AUDIT, []))
    assert names[:4] == ["rehearsal", "prepare", "canary", "go live"]
    assert names[-1] == "finish"
    canary = sql_of(stages_of(AUDIT, [])["canary"])
    assert "CREATE EVENT TRIGGER on_logon ON login" in canary
    assert "ALTER EVENT TRIGGER on_logon ENABLE REPLICA" in canary
    assert stages_of(AUDIT, [])["canary"].settings == {"session_replication_role": "replica"}
    proofs = [stage.proof for stage in stages_of(AUDIT, []).values()]
    assert proofs[:4] == [Proof.REHEARSAL, Proof.NONE, Proof.CANARY, Proof.LOGINS]


def test_what_fires_at_no_login_is_made_at_once() -> None:
    stages = stages_of(ONLY_DDL, [])
    assert list(stages) == ["rehearsal", "finish"]
    assert "dathasloginevt" not in sql_of(stages["finish"])


def test_the_text_of_a_live_function_is_switched_after_a_canary() -> None:
    stages = stages_of(AUDIT, but(applied(AUDIT), "audit.note", body="older"))
    assert list(stages)[:4] == ["rehearsal", "prepare", "canary", "switch"]
    assert "go live" not in stages
    assert "CREATE FUNCTION audit.xtrig_canary_1()" in sql_of(stages["prepare"])
    assert "CREATE OR REPLACE FUNCTION audit.note()" not in sql_of(stages["prepare"])
    assert "CREATE OR REPLACE FUNCTION audit.note()" in sql_of(stages["switch"])
    assert "DROP FUNCTION IF EXISTS audit.xtrig_canary_1()" in sql_of(stages["finish"])


def test_a_candidate_is_the_function_under_another_name_however_its_head_is_spelled() -> None:
    function = next(each for each in applied(AUDIT) if each.name == "audit.note")
    function = replace(function, returns="event_trigger -- FUNCTION AUDIT.NOTE()")
    (candidate,) = find_candidates([function], [], Mark("", "first"))
    assert candidate.function is not None
    assert candidate.function.path == candidate.trigger.function == ("audit", "xtrig_canary_1")
    assert candidate.function.sql.startswith("CREATE OR REPLACE FUNCTION audit.xtrig_canary_1()\n")
    assert "FUNCTION audit.note()" not in candidate.function.sql


def test_a_function_that_only_a_disabled_trigger_runs_is_no_login_matter() -> None:
    disabled = AUDIT.replace("on_logon: {event", "on_logon: {enable: disabled, event")
    stages = stages_of(disabled, but(applied(disabled), "audit.note", body="older"))
    assert "canary" not in stages


def test_a_replaced_trigger_is_a_canary_under_another_name_and_takes_its_place() -> None:
    objects = but(applied(AUDIT), "on_logon", function=("audit", "older"))
    stages = stages_of(AUDIT, objects)
    assert "CREATE EVENT TRIGGER xtrig_canary_1 ON login" in sql_of(stages["canary"])
    live = [statement.sql for statement in stages["go live"].statements]
    assert live[:2] == [
        "DROP EVENT TRIGGER IF EXISTS on_logon",
        "ALTER EVENT TRIGGER xtrig_canary_1 RENAME TO on_logon",
    ]
    assert any("FUNCTION audit.older()" in undo.sql for undo in stages["go live"].undo)


def test_a_trigger_that_is_enabled_goes_live_by_way_of_the_canary() -> None:
    stages = stages_of(AUDIT, but(applied(AUDIT), "on_logon", enabled="disabled"))
    assert "ALTER EVENT TRIGGER on_logon ENABLE REPLICA" in sql_of(stages["canary"])
    assert sql_of(stages["go live"]).startswith("ALTER EVENT TRIGGER on_logon ENABLE")
    assert next(undo.sql for undo in stages["canary"].undo) == "ALTER EVENT TRIGGER on_logon DISABLE"


@pytest.mark.parametrize(
    ("definition", "objects"),
    [
        (AUDIT, []),
        (AUDIT, [THEIRS]),
        (AUDIT, but(applied(AUDIT), "audit.note", body="older")),
        (AUDIT, but(applied(AUDIT), "on_logon", function=("audit", "older"))),
        (AUDIT, but(applied(AUDIT), "on_logon", enabled="disabled")),
        (ONLY_REPLICA, []),
    ],
    ids=["first", "beside others", "body", "trigger", "enabled", "replica"],
)
def test_a_transaction_that_holds_up_logins_holds_nothing_but_event_triggers(
    definition: str, objects: list[DatabaseObject]
) -> None:
    for name, stage in stages_of(definition, objects).items():
        if any(re.match(r"CREATE EVENT TRIGGER \S+ ON login", each.sql) for each in stage.statements):
            if name == "rehearsal":
                pytest.fail("a rehearsal holds up no login")
            for statement in stage.statements:
                assert QUIET.match(statement.sql), (name, statement.sql)


def test_a_rehearsal_runs_each_function_once_at_an_event_of_no_login() -> None:
    rehearsal = stages_of(AUDIT, [])["rehearsal"]
    made = [statement.sql for statement in rehearsal.statements if "CREATE EVENT TRIGGER" in statement.sql]
    assert len(made) == 1
    assert made[0].startswith("CREATE EVENT TRIGGER xtrig_rehearsal_1 ON ddl_command_start WHEN TAG IN ('")
    assert made[0].endswith("EXECUTE FUNCTION audit.note()")
    tag = made[0].partition("('")[2].partition("')")[0]
    assert [probe.sql.startswith(f"{tag} IF EXISTS pg_temp.") for probe in rehearsal.probes] == [True]


def test_a_keeper_stands_in_where_the_canary_would_be_the_only_login_trigger() -> None:
    stages = stages_of(AUDIT, [])
    canary = [statement.sql for statement in stages["canary"].statements]
    assert canary[0].startswith("CREATE EVENT TRIGGER xtrig_keeper ON login")
    assert "FUNCTION audit.xtrig_keeper()" in sql_of(stages["prepare"])
    everything = [sql_of(stage) for stage in stages.values()]
    assert sum("DROP EVENT TRIGGER IF EXISTS xtrig_keeper" in sql for sql in everything) == 1


def test_beside_a_login_trigger_of_others_there_is_no_keeper() -> None:
    assert not any("xtrig_keeper" in sql_of(stage) for stage in stages_of(AUDIT, [THEIRS]).values())


def test_a_disabled_one_of_others_keeps_nothing_open() -> None:
    asleep = replace(THEIRS, enabled="disabled")
    assert "xtrig_keeper" in sql_of(stages_of(AUDIT, [asleep])["canary"])


def test_a_keeper_stays_where_only_triggers_for_replicas_are() -> None:
    stages = stages_of(ONLY_REPLICA, [])
    assert "xtrig_keeper" in sql_of(stages["canary"])
    assert not any("DROP EVENT TRIGGER IF EXISTS xtrig_keeper" in sql_of(stage) for stage in stages.values())


def test_a_keeper_that_is_needed_is_no_surplus() -> None:
    placeholder = Placeholder("public", Mark("", "first"))
    keeper = [
        replace(each, owner="postgres", comment=str(placeholder.mark), is_live=True)
        for each in (placeholder.trigger, placeholder.function)
    ]
    plan = planned(ONLY_REPLICA, [*applied(ONLY_REPLICA), *keeper], prune=True)
    assert (plan.changes, plan.surplus, plan.is_empty) == ((), (), True)
    gone = {change.name for change in planned(ONLY_DDL, [*applied(ONLY_DDL), *keeper]).changes}
    assert gone == {"xtrig_keeper", "public.xtrig_keeper"}


def test_every_stage_but_the_rehearsal_and_the_last_can_be_taken_back() -> None:
    for name, stage in stages_of(AUDIT, []).items():
        if name not in ("rehearsal", "forget", "go live"):
            assert stage.undo or stage.late_undo, name


def test_own_ddl_triggers_rest_while_their_set_is_changed() -> None:
    objects = but(applied(AUDIT), "audit.note", body="older")
    switch = [statement.sql for statement in stages_of(AUDIT, objects)["switch"].statements]
    assert switch[0] == "ALTER EVENT TRIGGER on_drop DISABLE"
    assert switch[-1] == "ALTER EVENT TRIGGER on_drop ENABLE"


def test_the_ddl_triggers_of_others_are_met() -> None:
    theirs = replace(THEIRS, event="sql_drop", clause="ON sql_drop")
    objects = [theirs, *but(applied(AUDIT), "audit.note", body="older")]
    assert not any("EVENT TRIGGER theirs" in sql_of(stage) for stage in stages_of(AUDIT, objects).values())


def test_a_removal_disarms_before_it_drops_and_waits_for_standbys() -> None:
    stages = removal_of(applied(AUDIT))
    assert stages[0].name == "disarm"
    assert "UPDATE pg_database SET dathasloginevt = false" in sql_of(stages[0])
    dropping = next(stage for stage in stages if "DROP EVENT TRIGGER IF EXISTS on_logon" in sql_of(stage))
    assert dropping is not stages[0]
    assert dropping.standbys_first


def test_a_removal_beside_a_login_trigger_of_others_disarms_nothing() -> None:
    assert not any("dathasloginevt" in sql_of(stage) for stage in removal_of([*applied(AUDIT), THEIRS]))


def test_a_removal_keeps_tables_unless_asked() -> None:
    assert not any("DROP TABLE" in sql_of(stage) for stage in removal_of(applied(AUDIT)))
    last = removal_of(applied(AUDIT), with_data=True)[-1]
    assert last.name == "forget"
    assert "DROP TABLE IF EXISTS audit.log" in sql_of(last)
    assert "ALTER EVENT TRIGGER on_drop" not in sql_of(last)


def test_taking_a_removal_back_speaks_of_no_trigger_that_is_gone() -> None:
    for stage in removal_of(applied(AUDIT), with_data=True):
        if stage.name in ("retire", "finish"):
            assert not any("EVENT TRIGGER on_drop DISABLE" in undo.sql for undo in stage.undo), stage.name


def test_a_removal_takes_only_what_carries_the_mark() -> None:
    second = Mark("0", "second")
    theirs = [replace(each, path=(*each.path[:-1], f"{each.path[-1]}_2"), mark=second) for each in applied(AUDIT)]
    text = "\n".join(sql_of(stage) for stage in removal_of([*applied(AUDIT), *theirs, THEIRS], with_data=True))
    assert "_2" not in text
    assert "theirs" not in text
    assert removal_of(theirs, with_data=True) == []


def test_in_one_transaction_what_holds_up_logins_comes_last() -> None:
    direct = [statement.sql for statement in planned(AUDIT, []).direct]
    first = next(number for number, sql in enumerate(direct) if re.match(r"CREATE EVENT TRIGGER \S+ ON login", sql))
    assert all(QUIET.match(sql) for sql in direct[first:])
    assert not any("dathasloginevt" in statement.sql for statement in planned(ONLY_DDL, []).direct)
