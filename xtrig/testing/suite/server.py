"""A suite for a dialect and a real server of its vendor."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from xtrig import Script, TriggerSet, render
from xtrig.deploy.compare import compare
from xtrig.dialect.deployment import Deployment, Inventory, Proof
from xtrig.model import GrantRole, RevokeRole
from xtrig.registry import get_dialect
from xtrig.render import translate
from xtrig.resolve import resolve, walk
from xtrig.script import Statement
from xtrig.sqltext import literal
from xtrig.testing.suite.expected import attempt, offered_triggers
from xtrig.testing.suite.situations import SITUATIONS, Situation

Connection = Any
"""A connection of the vendor's driver, as DB-API 2.0 describes it."""


class ServerSuite:
    """What a dialect renders is executed, executed again, and taken back with nothing left.

    Inherit it in a class whose name begins with ``Test``, and give it an ``inventory`` and, where a situation
    needs something to be there, a ``prepare``. A fixture ``connection`` gives a connection that commits by
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

    def test_script_and_deployment_leave_the_same(self, connection: Connection, situation: Situation) -> None:
        """The printed script, one transaction, and stages: the same objects, their marks included; a plan is empty."""
        self.prepare(connection, _roles(situation.triggers))
        dialect = get_dialect(self.dialect_name)
        version = dialect.parse_version(self.target_version)
        resolved, _ = translate(situation.triggers, dialect, version)
        deployment = dialect.deployment(resolved, version)
        if deployment is None:
            pytest.skip(f"dialect {self.dialect_name!r} gives no deployment: its scripts are all there is")
        ways = Ways(deployment, dialect.compile(resolved, version), connection, self.execute)
        script, direct, stages = ways.by_script(), ways.by_direct(), ways.by_stages()
        assert script == direct
        assert script == stages

    def _render(self, triggers: TriggerSet, **how: bool) -> Script:
        return render(triggers, self.dialect_name, target_version=self.target_version, **how)

    def _run(self, connection: Connection, script: Script) -> None:
        for statement in script:
            self.execute(connection, statement.sql)

    def _triggers(self, triggers: TriggerSet) -> set[str]:
        dialect = get_dialect(self.dialect_name)
        return offered_triggers(resolve(triggers), dialect, dialect.parse_version(self.target_version))


@dataclass(frozen=True)
class Ways:
    """The ways in which a definition gets onto a server. Each begins and ends where nothing of the set is there."""

    deployment: Deployment
    script: Script
    connection: Connection
    execute: Callable[[Connection, str], None]

    def by_script(self) -> dict[Hashable, object]:
        """Run the printed script; return what it leaves. A plan made then is empty."""
        for statement in self.script:
            self.execute(self.connection, statement.sql)
        found = compare(self.deployment, self.inventory())
        assert not found.changes, f"a plan after the script: {[str(each.object) for each in found.changes]}"
        assert not found.refusals, found
        assert not found.surplus, found
        return self._left()

    def by_direct(self) -> dict[Hashable, object]:
        """Run the one transaction without proofs; return what it leaves."""
        inventory = self.inventory()
        self._run(self.deployment.direct(compare(self.deployment, inventory).changes, inventory))
        return self._left()

    def by_stages(self) -> dict[Hashable, object]:
        """Run the stages, without proofs; return what they leave."""
        inventory = self.inventory()
        for stage in self.deployment.stages(compare(self.deployment, inventory).changes, inventory):
            if stage.proof is not Proof.REHEARSAL:  # it is rolled back
                self._run(stage.statements)
        return self._left()

    def inventory(self) -> Inventory:
        """Read what is there."""
        self._begin()
        try:
            return self.deployment.inventory([self._rows(query) for query in self.deployment.queries()])
        finally:
            self.execute(self.connection, "ROLLBACK")

    def _left(self) -> dict[Hashable, object]:
        """Return what is there of the set, whole, and take it away.

        Of what may have been there before, only that it is there: a script does not know who made it.
        """
        inventory = self.inventory()
        # What a deployment needs for its own use, no script makes.
        found = [each for each in inventory.objects if not self.deployment.is_needed(each, inventory)]
        left: dict[Hashable, object] = {each.key: each.key if each.kind.is_shared else each for each in found}
        assert {each.key for each in self.deployment.objects} <= set(left)
        for stage in self.deployment.removal(inventory, with_data=True):
            self._run(stage.statements)
        assert not [each for each in self.inventory().of(self.deployment.set_name) if not each.kind.is_shared]
        return left

    def _run(self, statements: Iterable[Statement]) -> None:
        self._begin()
        for statement in statements:
            self.execute(self.connection, statement.sql)
        self.execute(self.connection, "COMMIT")

    def _begin(self) -> None:
        """Begin as a deployment does: how a server understands a view depends on settings."""
        words = self.deployment.words
        self.execute(self.connection, "BEGIN")
        for name, value in words.opening.items():
            self.execute(self.connection, words.set.format(name=literal(name), value=literal(value)))

    def _rows(self, query: str) -> list[dict[str, Any]]:
        with self.connection.cursor() as cursor:
            cursor.execute(query)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _roles(triggers: TriggerSet) -> set[str]:
    functions = resolve(triggers).functions
    granted = {
        visit.step.role
        for function in functions
        for visit in walk(function)
        if isinstance(visit.step, (GrantRole, RevokeRole))
    }
    return granted | {role for function in functions for role in function.policies.exempt_roles}
