"""What happened to each object, told from its state and its mark."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.deploy.live import AUDIT, SERVER, applied, but, inventory, target_of, without
from xtrig.deploy.status import Condition, ObjectStatus, Status, statuses
from xtrig.dialect.objects import ObjectKind
from xtrig.marks import Mark, mark
from xtrig_pgfamily.objects import TableColumn


def conditions(live: list[Any], definition: str = AUDIT) -> dict[str, str]:
    """Return what is the matter with each object; what is in sync is left out."""
    told = statuses(target_of(definition), inventory(live))
    return {each.name: str(each.condition) for each in told if each.condition is not Condition.IN_SYNC}


def test_what_was_applied_is_in_sync() -> None:
    assert conditions(applied(AUDIT)) == {}


def test_what_is_not_there_is_missing() -> None:
    assert conditions(without(applied(AUDIT), "on_drop", "audit.note")) == {
        "audit.note": "missing",
        "on_drop": "missing",
    }


@pytest.mark.parametrize(
    ("name", "changes", "condition"),
    [
        ("on_drop", {"enabled": "disabled"}, "disabled"),
        ("on_drop", {"enabled": "always"}, "tampered"),
        ("on_drop", {"tags": ("DROP TABLE",)}, "tampered"),
        ("audit.note", {"body": "BEGIN END"}, "tampered"),
        ("audit.note", {"security": "invoker"}, "tampered"),
        ("audit.note", {"owner": "bob"}, "owner changed"),
        ("audit.note", {"comment": None}, "foreign"),
        ("audit.note", {"comment": "a function"}, "foreign"),
        ("audit.note", {"comment": str(Mark("0", "second"))}, "foreign"),
        ("audit.log", {"columns": [TableColumn("who", "integer")]}, "tampered"),
        ("audit.log", {"columns": [TableColumn("extra", "integer")]}, "in sync"),
        ("audit", {"comment": None}, "in sync"),
    ],
)
def test_each_harm_has_its_word(name: str, changes: dict[str, object], condition: str) -> None:
    assert conditions(but(applied(AUDIT), name, **changes)).get(name, "in sync") == condition


def test_what_an_older_definition_made_is_outdated_and_not_tampered_with() -> None:
    older = AUDIT.replace("${login_user}", "${client_ip}")
    assert conditions(applied(older)) == {"audit.note": "outdated"}


def test_what_was_made_by_an_older_definition_and_then_changed_is_tampered_with() -> None:
    older = applied(AUDIT.replace("${login_user}", "${client_ip}"))
    assert conditions(but(older, "audit.note", body="BEGIN END")) == {"audit.note": "tampered"}


def test_what_was_made_disabled_by_an_older_definition_is_disabled() -> None:
    older = AUDIT.replace("on_drop: {event", "on_drop: {enable: disabled, event")
    assert conditions(applied(older)) == {"on_drop": "disabled"}


def test_what_the_definition_has_no_more_is_surplus_and_a_table_is_kept() -> None:
    smaller = AUDIT[: AUDIT.index("  on_drop:")].replace("  log:", "  diary:").replace("insert: log", "insert: diary")
    found = conditions(applied(AUDIT), smaller)
    assert found == {
        "audit.diary": "missing",
        "audit.note": "outdated",
        "on_drop": "surplus",
        "audit.on_drop": "surplus",
        "audit.log": "kept",
    }


def test_what_a_deployment_left_is_told_apart() -> None:
    left = replace(applied(AUDIT)[-1], path=("xtrig_canary_1",), mark=Mark("", "first"))
    assert conditions([*applied(AUDIT), left]) == {"xtrig_canary_1": "left behind"}
    theirs = replace(left, mark=mark({}, "second"))
    assert conditions([*applied(AUDIT), theirs]) == {}


@pytest.mark.parametrize("condition", list(Condition))
def test_only_what_is_in_sync_or_kept_is_well(condition: Condition) -> None:
    each = ObjectStatus(ObjectKind.TABLE, "t", condition)
    status = Status(SERVER, "postgresql", "first", (each,), ())
    assert status.is_in_sync is (condition in (Condition.IN_SYNC, Condition.KEPT))
    assert status.to_dict()["objects"][0]["condition"] == str(condition)


def test_a_problem_of_the_server_is_not_well_either() -> None:
    status = Status(SERVER, "postgresql", "first", (), ("event_triggers is off here",))
    assert not status.is_in_sync
    assert status.to_dict()["problems"] == ["event_triggers is off here"]
