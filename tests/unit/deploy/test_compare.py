"""What a definition comes to against what a server has: each kind of change, and what is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import pytest

from tests.unit.deploy.live import AUDIT, applied, but, changes, compared, deployment_of, inventory
from xtrig.deploy.compare import compare
from xtrig.dialect.deployment import Deployment
from xtrig.dialect.objects import Difference, ObjectKind
from xtrig.marks import Mark, mark
from xtrig_pgfamily.objects import Function, TableColumn

ALL_NEW = [
    "create schema audit",
    "create table audit.log",
    "create function audit.note",
    "create function audit.on_drop",
    "create trigger on_drop",
    "create trigger on_logon",
]
LEFT = Function(
    path=("audit", "xtrig_canary_1"), body="", owner="postgres", mark=Mark("", "first"), comment="xtrig:1::first"
)


def test_on_an_empty_server_everything_is_created_in_order() -> None:
    assert changes(AUDIT, []) == ALL_NEW


def test_a_new_object_tells_all_of_its_state() -> None:
    trigger = compared(AUDIT, []).changes[-1]
    assert [(each.attribute, each.live, each.wanted) for each in trigger.differences] == [
        ("event", None, "login"),
        ("function", None, "audit.note"),
        ("tags", None, ""),
        ("enabled", None, "origin"),
    ]


def test_what_was_applied_needs_nothing() -> None:
    assert compared(AUDIT, applied(AUDIT)).changes == ()
    assert compared(AUDIT, applied(AUDIT)).refusals == ()


def test_the_order_in_which_a_server_tells_its_objects_does_not_matter() -> None:
    assert compared(AUDIT, reversed(applied(AUDIT))).changes == ()


def test_another_body_replaces_the_function() -> None:
    objects = but(applied(AUDIT), "audit.note", body="BEGIN END")
    (change,) = compared(AUDIT, objects).changes
    assert str(change.action) == "replace"
    assert [each.attribute for each in change.differences] == ["body"]
    assert change.differences[0].live == "BEGIN END"


def test_another_state_is_only_set() -> None:
    objects = but(applied(AUDIT), "on_drop", enabled="disabled")
    (change,) = compared(AUDIT, objects).changes
    assert (str(change.action), change.differences) == ("enable", (Difference("enabled", "disabled", "origin"),))


def test_another_state_beside_something_else_replaces_the_trigger() -> None:
    objects = but(applied(AUDIT), "on_drop", enabled="disabled", tags=("DROP TABLE",))
    assert changes(AUDIT, objects) == ["replace trigger on_drop"]


def test_another_owner_than_the_triggers_is_put_right() -> None:
    (change,) = compared(AUDIT, but(applied(AUDIT), "audit.note", owner="bob")).changes
    assert (str(change.action), change.owner) == ("owner", "postgres")
    assert change.differences == (Difference("owner", "bob", "postgres"),)


def test_which_owner_is_right_is_not_guessed_where_triggers_have_several() -> None:
    objects = but(but(applied(AUDIT), "on_drop", owner="eve"), "audit.note", owner="bob")
    assert changes(AUDIT, objects) == []


def test_owner_and_body_are_one_change() -> None:
    objects = but(applied(AUDIT), "audit.note", owner="bob", body="x")
    (change,) = compared(AUDIT, objects).changes
    assert (str(change.action), change.owner) == ("replace", "postgres")
    assert [each.attribute for each in change.differences] == ["body", "owner"]


def test_only_another_mark_is_only_marked() -> None:
    objects = but(applied(AUDIT), "audit.note", comment="xtrig:1:0000:first")
    assert changes(AUDIT, objects) == ["comment function audit.note"]


def test_a_stranger_of_the_same_name_is_refused_unless_adopted() -> None:
    objects = but(applied(AUDIT), "audit.note", comment="mine")
    found = compared(AUDIT, objects)
    assert found.changes == ()
    assert found.refusals == (
        "function audit.note exists and was not made by xtrig; rename one of the two, or replace it with --adopt",
    )
    assert changes(AUDIT, objects, adopt=True) == ["comment function audit.note"]
    assert compared(AUDIT, objects, adopt=True).refusals == ()


def test_an_object_of_another_set_is_refused_unless_adopted() -> None:
    objects = but(applied(AUDIT), "on_drop", comment=str(Mark("0", "second")))
    assert compared(AUDIT, objects).refusals == (
        "trigger on_drop belongs to the set 'second', and this is 'first'; rename one of the two, or take it over "
        "with --adopt",
    )
    assert changes(AUDIT, objects, adopt=True) == ["comment trigger on_drop"]


def test_a_schema_that_was_there_is_used_as_it_is() -> None:
    objects = but(applied(AUDIT), "audit", comment=None, owner="somebody")
    assert compared(AUDIT, objects).changes == ()
    assert compared(AUDIT, objects).refusals == ()


def test_what_the_definition_has_no_more_is_kept_until_pruned() -> None:
    smaller = AUDIT[: AUDIT.index("  on_drop:")]
    found = compared(smaller, applied(AUDIT))
    assert (found.changes, [each.name for each in found.surplus]) == ((), ["audit.on_drop", "on_drop"])
    assert changes(smaller, applied(AUDIT), prune=True) == ["drop trigger on_drop", "drop function audit.on_drop"]
    assert compared(smaller, applied(AUDIT), prune=True).surplus == ()


def test_triggers_are_dropped_before_their_functions() -> None:
    other = AUDIT.replace("note", "remark").replace("on_drop", "at_drop")
    assert changes(other, applied(AUDIT), prune=True)[-3:] == [
        "drop trigger on_drop",
        "drop function audit.note",
        "drop function audit.on_drop",
    ]


def test_a_table_is_never_pruned() -> None:
    smaller = AUDIT.replace("  log:", "  diary:").replace("insert: log", "insert: diary")
    found = compared(smaller, applied(AUDIT), prune=True)
    assert [each.name for each in found.surplus] == ["audit.log"]
    assert not [change for change in found.changes if str(change.action) == "drop"]


def test_what_carries_another_mark_or_none_is_nobodys_business() -> None:
    theirs = [replace(each, path=("x", *each.path), mark=Mark("0", "second")) for each in applied(AUDIT)]
    nobodys = [replace(each, path=("y", *each.path), mark=None) for each in applied(AUDIT)]
    found = compared(AUDIT, [*applied(AUDIT), *theirs, *nobodys], prune=True)
    assert (found.changes, found.surplus, found.refusals) == ((), (), ())


def test_what_a_deployment_left_behind_goes_without_asking() -> None:
    assert changes(AUDIT, [*applied(AUDIT), LEFT]) == ["drop function audit.xtrig_canary_1"]


def test_what_others_left_behind_stays() -> None:
    assert changes(AUDIT, [*applied(AUDIT), replace(LEFT, mark=Mark("", "second"))]) == []


def test_the_servers_own_refusals_stay() -> None:
    found = compare(deployment_of(AUDIT), inventory(applied(AUDIT), "nothing works here"))
    assert found.refusals == ("nothing works here",)


def test_a_column_of_somebody_else_is_nobodys_business() -> None:
    assert changes(AUDIT, but(applied(AUDIT), "audit.log", columns=[TableColumn("more", "integer")])) == []


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread(Function):
    """A function of a vendor that cannot read bodies back."""

    unseen: ClassVar[frozenset[str]] = frozenset({"body"})

    @property
    def state(self) -> Mapping[str, str]:
        return {} if self.is_live else {"body": self.body}


class OfUnread(Deployment):
    """A set of one such function."""

    def __init__(self) -> None:
        self.objects = (Unread(path=("f",), body="x").marked("set"),)
        self.set_name = "set"

    server = delayed = queries = inventory = direct = stages = removal = None  # type: ignore[assignment]


@pytest.mark.parametrize(("made_as", "differs"), [({"body": "x"}, False), ({"body": "older"}, True)])
def test_what_cannot_be_read_is_held_against_the_mark(made_as: dict[str, str], differs: bool) -> None:
    there = mark(made_as, "set")
    live = Unread(path=("f",), body="", owner="me", mark=there, comment=str(there), is_live=True)
    found = compare(OfUnread(), inventory([live]))
    assert [str(change.action) for change in found.changes] == (["replace"] if differs else [])


def test_a_plugin_may_have_kinds_of_its_own() -> None:
    kinds = [ObjectKind.TRIGGER, ObjectKind("acme_job", 35, is_kept=True), ObjectKind.TABLE]
    assert [str(each) for each in sorted(kinds, key=lambda each: each.place)] == ["table", "acme_job", "trigger"]
