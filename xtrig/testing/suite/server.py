"""A suite for a dialect and a real server of its vendor."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any, ClassVar

import pytest

from xtrig import Script, TriggerSet, render
from xtrig.model import GrantRole, RevokeRole
from xtrig.registry import get_dialect
from xtrig.resolve import resolve, walk
from xtrig.script import transactions
from xtrig.testing.suite.expected import attempt, offered_triggers
from xtrig.testing.suite.situations import SITUATIONS, Situation

Connection = Any
"""A connection of the vendor's driver, as DB-API 2.0 describes it."""


class ServerSuite:
    """What a dialect renders is executed, executed again, and taken back with nothing left.

    Inherit it in a class whose name begins with ``Test``, and give it an ``inventory`` and, where a situation
    needs something to be there, a ``prepare``. A fixture ``connection`` gives a connection that does not commit by
    itself, to a database where nothing is of value; it may be one for all tests.
    """

    dialect_name: ClassVar[str]
    target_version: ClassVar[str | None] = None
    """The server's version; None takes the dialect's default."""

    def inventory(self, connection: Connection) -> AbstractSet[str]:
        """Return the names of all triggers, functions and tables that a definition could have made."""
        raise NotImplementedError("a ServerSuite needs a method `inventory`")

    def prepare(self, connection: Connection, roles: AbstractSet[str]) -> None:
        """Make what the definitions take for granted: ``roles`` that are granted to others, or exempt."""

    def execute(self, connection: Connection, sql: str) -> None:
        """Execute one statement, in which ``%`` and ``:name`` mean nothing."""
        with connection.cursor() as cursor:
            cursor.execute(sql)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Run each situation that the dialect renders for the server's version."""
        if "situation" in metafunc.fixturenames:
            outcomes = {each: attempt(each.triggers, self.dialect_name, self.target_version) for each in SITUATIONS}
            rendered = [each for each, outcome in outcomes.items() if isinstance(outcome, Script)]
            metafunc.parametrize("situation", rendered, ids=str)

    def test_script_runs_twice_and_is_taken_back(self, connection: Connection, situation: Situation) -> None:
        """Creates every trigger, changes nothing the second time, and leaves nothing behind."""
        self.prepare(connection, _roles(situation.triggers))
        before = self.inventory(connection)
        script = self._render(situation.triggers)
        self._run(connection, script)
        created = self.inventory(connection)
        assert self._triggers(situation.triggers) <= created - before
        self._run(connection, script)
        assert self.inventory(connection) == created
        self._run(connection, self._render(situation.triggers, drop=True, with_data=True))
        assert self.inventory(connection) == before

    def _render(self, triggers: TriggerSet, **how: bool) -> Script:
        return render(triggers, self.dialect_name, target_version=self.target_version, **how)

    def _run(self, connection: Connection, script: Script) -> None:
        try:
            for group in transactions(script):
                for statement in group:
                    self.execute(connection, statement.sql)
                connection.commit()
        except BaseException:
            connection.rollback()
            raise

    def _triggers(self, triggers: TriggerSet) -> set[str]:
        dialect = get_dialect(self.dialect_name)
        return offered_triggers(resolve(triggers), dialect, dialect.parse_version(self.target_version))


def _roles(triggers: TriggerSet) -> set[str]:
    functions = resolve(triggers).functions
    granted = {
        visit.step.role
        for function in functions
        for visit in walk(function)
        if isinstance(visit.step, (GrantRole, RevokeRole))
    }
    return granted | {role for function in functions for role in function.policies.exempt_roles}
