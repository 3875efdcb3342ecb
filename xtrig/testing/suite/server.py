"""A suite for a dialect and a real server of its vendor."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from xtrig import Script, TriggerSet, render
from xtrig.checks import examine
from xtrig.deploy.compare import compare
from xtrig.deploy.target import read_inventory
from xtrig.dialect.deployment import Deployment, Inventory, Proof
from xtrig.dialect.driver import Session, Where
from xtrig.registry import get_dialect
from xtrig.render import translate
from xtrig.resolve import resolve, walk
from xtrig.script import Statement, transactions
from xtrig.testing.suite.subject import SITUATIONS, Situation, attempt, offered_triggers

_LOCK_SECONDS = 5.0

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
        """Make and commit what the definitions expect to exist: ``roles`` that are granted to others, or exempt."""

    def expected(self, triggers: TriggerSet) -> AbstractSet[str]:
        """Return the names that must be in the inventory after the script ran: by default those of the triggers.

        Override it for a vendor that keeps no trigger under the name of the definition.
        """
        dialect = get_dialect(self.dialect_name)
        return offered_triggers(resolve(triggers), dialect, dialect.parse_version(self.target_version))

    def run(self, connection: Connection, script: Script) -> None:
        """Execute the settings and the statements, without the framing of the printed text, and commit."""
        for group in transactions(script):
            for statement in group:
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

    def where(self, connection: Connection) -> Where:
        """Return what names the connection's database, as ``--url`` takes it. Needed by dialects that deploy."""
        raise NotImplementedError("a ServerSuite of a dialect that deploys needs a method `where`")

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

    def test_script_and_deployment_leave_the_same(self, connection: Connection, situation: Situation) -> None:
        """The printed script, one transaction, and stages: the same objects, their marks included; a plan is empty."""
        self.prepare(connection, _roles(situation.triggers))
        dialect = get_dialect(self.dialect_name)
        version = dialect.parse_version(self.target_version)
        resolved = translate(examine(situation.triggers), dialect, version)[0].triggers
        deployment = dialect.deployment(resolved, version)
        if deployment is None or dialect.platform is None:
            pytest.skip(f"dialect {self.dialect_name!r} gives no deployment: its scripts are all there is")
        script = dialect.compile(resolved, version)
        with dialect.platform.driver(version).open(self.where(connection)) as place:
            ways = Ways(deployment, lambda: self.run(connection, script), place.session)
            by_script, by_direct, by_stages = ways.by_script(), ways.by_direct(), ways.by_stages()
        assert by_script == by_direct
        assert by_script == by_stages

    def _render(self, triggers: TriggerSet, **how: bool) -> Script:
        return render(triggers, self.dialect_name, target_version=self.target_version, **how)


@dataclass(frozen=True)
class Ways:
    """The ways in which a definition gets onto a server. Each begins and ends where nothing of the set is there."""

    deployment: Deployment
    run_script: Callable[[], None]
    session: Session

    def by_script(self) -> dict[Hashable, object]:
        """Run the script as by hand; return what it leaves. A plan made then is empty."""
        self.run_script()
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
        with self.session.reading():
            return read_inventory(self.deployment, self.session)

    def _left(self) -> dict[Hashable, object]:
        """Return what is there of the set, whole, and take it away.

        Of what may have been there before, only that it is there: a script does not know who made it.
        """
        inventory = self.inventory()
        # What a deployment needs for its own use, no script makes.
        found = [each for each in inventory.objects if not self.deployment.is_needed(each, inventory)]
        wanted = {each.key for each in self.deployment.objects}
        # A role may have been left on the server by a set of the same name in another database.
        found = [each for each in found if each.key in wanted or not each.kind.is_global]
        left: dict[Hashable, object] = {each.key: each.key if each.kind.is_shared else each for each in found}
        assert wanted <= set(left)
        for stage in self.deployment.removal(inventory, with_data=True):
            self._run(stage.statements)
        assert not [each for each in self.inventory().of(self.deployment.set_name) if not each.kind.is_shared]
        return left

    def _run(self, statements: Iterable[Statement]) -> None:
        for group in transactions(statements):
            with self.session.transaction(_LOCK_SECONDS):
                for statement in group:
                    self.session.execute(statement.sql)


def _roles(triggers: TriggerSet) -> set[str]:
    functions = resolve(triggers).functions
    granted = {role for function in functions for visit in walk(function) for role in visit.step.roles}
    return granted | {role for function in functions for role in function.policies.exempt_roles}
