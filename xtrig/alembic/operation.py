"""``op.apply_triggers``: one step of one set, in a revision."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic.operations import MigrateOperation, Operations
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError

from xtrig.alembic.registration import current
from xtrig.alembic.revisions import thawed
from xtrig.deploy import Canary
from xtrig.deploy.migration import Migration, migrate, migration_script
from xtrig.errors import UsageError, XtrigError
from xtrig.model import TriggerSet
from xtrig.script import transactions
from xtrig.sqltext import one_line

_log = logging.getLogger("xtrig.alembic")
_UNPROVED = "unproved: no login has been tried; keep a session open, and log in once after the commit"


@Operations.register_operation("apply_triggers")
class ApplyTriggers(MigrateOperation):
    """A set from ``before`` to ``after``; ``comment`` is what stands above it in a revision."""

    def __init__(
        self,
        name: str,
        before: TriggerSet | None,
        after: TriggerSet | None,
        *,
        with_data: bool = False,
        prove: Canary | None = None,
        comment: str = "",
    ) -> None:
        self.migration = Migration(name, before, after, with_data)
        self.prove = prove
        self.comment = comment

    @classmethod
    def apply_triggers(
        cls,
        operations: Operations,
        name: str,
        *,
        before: Any,
        after: Any,
        with_data: bool = False,
        prove: Any = None,
    ) -> None:
        """Make the set ``name`` in the database what ``after`` says; None: it is not there.

        Both are JSON, as autogenerate has written them. The database has to be as ``before`` or already as ``after``,
        else nothing is done and a :class:`~alembic.util.CommandError` says what differs. Tables, and columns, that
        ``after`` does not have stay unless ``with_data`` is true.

        It is done in Alembic's transaction, without proofs. With ``prove``, a :class:`xtrig.deploy.Canary`, what came
        before is committed, and the set is deployed as ``xtrig apply`` does it: if a login fails everything of the set
        is taken back, and the revision is not stamped.
        """
        with as_command_error():
            former, wanted = thawed(before, f"{name}, before"), thawed(after, f"{name}, after")
            operation = cls(name, former, wanted, with_data=with_data, prove=prove)
        operations.invoke(operation)

    def reverse(self) -> ApplyTriggers:
        """Return the step back."""
        step = self.migration
        return ApplyTriggers(step.set_name, step.after, step.before, prove=self.prove)

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """Return what ``alembic check`` prints."""
        step = self.migration
        action = "create" if step.before is None else "drop" if step.after is None else "change"
        return (f"{action}_triggers", step.set_name)


@Operations.implementation_for(ApplyTriggers)
def apply_operation(operations: Operations, operation: ApplyTriggers) -> None:
    """Make the step, or print it."""
    context = operations.migration_context
    with as_command_error():
        if context.as_sql:
            _print(context, operation)
        elif operation.prove is not None:
            _prove(context, operation, operation.prove)
        else:
            _apply(context, operation)


def _apply(context: MigrationContext, operation: ApplyTriggers) -> None:
    registered = current()
    report = migrate(operation.migration, context.bind, dialect=registered.dialect, bounds=registered.bounds)
    _tell(operation, () if report is None else (*report.changes, *report.notes))


def _prove(context: MigrationContext, operation: ApplyTriggers, canary: Canary) -> None:
    if context._in_external_transaction:
        raise UsageError(
            "prove= commits what came before, but the transaction is the caller's; give Alembic a connection that is "
            "in none, or leave prove out"
        )
    with context.autocommit_block():
        assert context.bind is not None  # noqa: S101  # for mypy: only offline there is none
        registered = current()
        engine = context.bind.engine
        report = migrate(
            operation.migration, engine, dialect=registered.dialect, canary=canary, bounds=registered.bounds
        )
    _tell(operation, () if report is None else (*report.changes, *report.notes))


def _tell(operation: ApplyTriggers, lines: tuple[str, ...]) -> None:
    for line in lines or ("the database is as after this step already",):
        _log.info("set %s: %s", operation.migration.set_name, line)


def _print(context: MigrationContext, operation: ApplyTriggers) -> None:
    registered = current()
    script = migration_script(operation.migration, registered.dialect or "postgresql", registered.target_version)
    statements = [*script.borrowing.first, *script, *script.borrowing.last]
    if len(list(transactions(statements))) > 1:
        raise UsageError(f"dialect {script.dialect!r} needs several transactions for this; run it online, with prove=")
    told = [f"xtrig: set {operation.migration.set_name}, {script.dialect} {script.target_version}; {_UNPROVED}"]
    told += [*script.remarks, *(f"{each.severity}: {each.subject}: {each.message}" for each in script.warnings)]
    told += [f"{left} stays: with_data=True drops it" for left in operation.migration.left()]
    context.impl.static_output("\n".join(f"-- {one_line(line)}" for line in told))
    for statement in statements:
        # Not context.execute(): it would take :name for a parameter, and put blanks in the place of tabs.
        purpose = f"-- {one_line(statement.purpose)}\n" if statement.purpose else ""
        context.impl.static_output(f"{purpose}{statement.sql}{script.framing.terminator}")


@contextmanager
def as_command_error() -> Iterator[None]:
    """Raise what xtrig says as the error of which Alembic's command line prints nothing but the message."""
    try:
        yield
    except XtrigError as error:
        raise CommandError(str(error)) from error
