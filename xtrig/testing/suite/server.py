"""A suite for a dialect and a real server of its vendor."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from contextlib import closing
from typing import Any, ClassVar

import pytest

from xtrig import Script, TriggerSet, render
from xtrig.registry import get_dialect
from xtrig.resolve import resolve, walk
from xtrig.testing.suite.subject import SITUATIONS, Situation, attempt, offered_triggers

Connection = Any
"""A connection of the vendor's driver, as DB-API 2.0 describes it."""


class ServerSuite:
    """A rendered script is executed, executed again, and taken back with nothing left.

    Inherit it in a class whose name begins with ``Test``, and give it an ``inventory`` and, where a situation
    needs existing roles, a ``prepare``. A fixture ``connection`` gives a connection to a database where nothing is
    of value; it may be one for all tests. Override ``run`` or ``execute`` for a vendor whose statements need more
    than a cursor, such as a commit after each statement.
    """

    dialect_name: ClassVar[str]
    target_version: ClassVar[str | None] = None
    """The server's version; None takes the dialect's default."""

    def inventory(self, connection: Connection) -> AbstractSet[str]:
        """Return the names of all objects that a definition could have made, triggers as the definition names them."""
        raise NotImplementedError("a ServerSuite needs a method `inventory`")

    def prepare(self, connection: Connection, roles: AbstractSet[str]) -> None:
        """Make what the definitions expect to exist: ``roles`` that are granted to others, or exempt."""

    def expected(self, triggers: TriggerSet) -> AbstractSet[str]:
        """Return the names that must be in the inventory after the script ran: by default those of the triggers.

        Override it for a vendor that keeps no trigger under the name of the definition.
        """
        dialect = get_dialect(self.dialect_name)
        return offered_triggers(resolve(triggers), dialect, dialect.parse_version(self.target_version))

    def run(self, connection: Connection, script: Script) -> None:
        """Execute the statements, without the framing of the printed text, and commit."""
        for statement in script.statements:
            self.execute(connection, statement.sql)
        connection.commit()

    def execute(self, connection: Connection, sql: str) -> None:
        """Execute one statement, in which ``%`` and ``:name`` mean nothing."""
        with closing(connection.cursor()) as cursor:
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
        self.run(connection, script)
        created = self.inventory(connection)
        assert self.expected(situation.triggers) <= created - before
        self.run(connection, script)
        assert self.inventory(connection) == created
        self.run(connection, self._render(situation.triggers, drop=True, with_data=True))
        assert self.inventory(connection) == before

    def _render(self, triggers: TriggerSet, **how: bool) -> Script:
        return render(triggers, self.dialect_name, target_version=self.target_version, **how)


def _roles(triggers: TriggerSet) -> set[str]:
    functions = resolve(triggers).functions
    granted = {role for function in functions for visit in walk(function) for role in visit.step.roles}
    return granted | {role for function in functions for role in function.policies.exempt_roles}
