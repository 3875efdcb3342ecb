"""SQLAlchemy: sets of triggers that ``create_all`` and ``drop_all`` of a metadata make and drop, and DDL elements."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, MetaData, event
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import ExecutableDDLElement

from xtrig.deploy import Bounds, apply
from xtrig.deploy.migration import drop_within
from xtrig.model import TriggerSet
from xtrig.render import render
from xtrig.script import Script, Statement

__all__ = ["TriggerDDL", "create_triggers", "drop_triggers", "listen"]


class TriggerDDL(ExecutableDDLElement):
    """One statement of a set, to be executed as it is: ``connection.execute(element)``."""

    inherit_cache = False

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        # Else the driver would take a percent sign in a function's body for a placeholder.
        self._execution_options = self._execution_options.union({"no_parameters": True})


@compiles(TriggerDDL)
def _compiled(element: TriggerDDL, compiler: Any, **options: Any) -> str:
    return element.statement.sql


def create_triggers(
    triggers: TriggerSet, *, dialect: str = "postgresql", target_version: str | None = None
) -> list[TriggerDDL]:
    """Return the DDL elements that create a set, in their order, in a transaction whose settings they give back.

    They compare nothing: they stop where something is there that xtrig did not make. Raises the errors of
    :func:`xtrig.render`.
    """
    return _elements(render(triggers, dialect, target_version=target_version))


def drop_triggers(
    triggers: TriggerSet, *, dialect: str = "postgresql", target_version: str | None = None, with_data: bool = False
) -> list[TriggerDDL]:
    """Return the DDL elements that drop what :func:`create_triggers` made; tables stay unless ``with_data``."""
    return _elements(render(triggers, dialect, target_version=target_version, drop=True, with_data=with_data))


def listen(
    metadata: MetaData,
    *sets: TriggerSet,
    dialect: str | None = None,
    target_version: str | None = None,
    with_data: bool = False,
    lock_timeout: float = 1.0,
) -> None:
    """Let ``metadata.create_all`` make the sets after its tables, and ``drop_all`` drop them before its tables.

    Both work in the transaction of their connection, and without proofs: see :func:`xtrig.apply` with
    ``canary=None``. ``create_all`` makes a set what it says, whatever was there of it; ``drop_all`` keeps the tables
    of the sets unless ``with_data``. ``dialect`` None is the one that knows the server; with an engine of
    ``create_mock_engine``, which prints, it is postgresql, for ``target_version``. ``lock_timeout`` is in seconds.

    What is wrong with a set is raised by ``create_all``: the errors of :func:`xtrig.apply`.
    """
    bounds = Bounds(lock_timeout=lock_timeout)

    def create(_: MetaData, connection: Any, **__: Any) -> None:
        for triggers in sets:
            if isinstance(connection, Connection):
                apply(triggers, connection, dialect=dialect, canary=None, prune=True, bounds=bounds)
            else:
                _send(
                    connection,
                    create_triggers(triggers, dialect=dialect or "postgresql", target_version=target_version),
                )

    def drop(_: MetaData, connection: Any, **__: Any) -> None:
        for triggers in reversed(sets):
            if isinstance(connection, Connection):
                drop_within(triggers, connection, dialect=dialect, with_data=with_data, bounds=bounds)
            else:
                wanted = dialect or "postgresql"
                _send(
                    connection,
                    drop_triggers(triggers, dialect=wanted, target_version=target_version, with_data=with_data),
                )

    event.listen(metadata, "after_create", create)
    event.listen(metadata, "before_drop", drop)


def _elements(script: Script) -> list[TriggerDDL]:
    return [TriggerDDL(each) for each in (*script.borrowing.first, *script, *script.borrowing.last)]


def _send(connection: Any, elements: Iterable[TriggerDDL]) -> None:
    for each in elements:
        connection.execute(each)
