"""Definitions in revisions: whatever a set holds, the constant of the revision is that set again."""

from __future__ import annotations

import ast
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import xtrig.alembic
from xtrig.alembic.autogenerate import literal_of
from xtrig.alembic.revisions import thawed
from xtrig.errors import UsageError
from xtrig.model import Log, Trigger, TriggerSet

HOSTILE = [
    '"""',
    "\\",
    '\\\\"',
    "\u202e x",
    "\u2028",
    "a\nb\tc",
    "''' r\"",
    "${login_user}",
    "세종 😀",
    "\x7f",
    "% %s :x",
]


def check(message: str) -> None:
    made = TriggerSet(name="x", triggers={"t": Trigger(event="logon", steps=[Log(message=message)])})
    literal = literal_of(made)
    assert thawed(ast.literal_eval(literal), "x, after") == made
    # The editor of whoever reviews it must not show it otherwise than it is.
    assert all(char.isprintable() or char == "\n" for char in literal)


@pytest.mark.parametrize("message", HOSTILE)
def test_a_hostile_text_is_itself_again(message: str) -> None:
    check(message)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0$"), min_size=1))
def test_any_text_is_itself_again(message: str) -> None:
    check(message)


@pytest.mark.parametrize("is_old", [False, True])
def test_a_registration_without_alembic_says_what_to_install(is_old: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("xtrig.alembic.operation", "xtrig.alembic.autogenerate"):
        monkeypatch.delitem(sys.modules, name)
    if is_old:
        monkeypatch.delattr("alembic.util.DispatchPriority")
    else:
        monkeypatch.setitem(sys.modules, "alembic.operations", None)  # as if it could not be imported
    with pytest.raises(UsageError, match=r"pip install 'xtrig\[alembic\]'"):
        xtrig.alembic.register()
