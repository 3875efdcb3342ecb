"""What ``env.py`` registers: the sets that revisions are made for."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib import import_module

from xtrig.deploy import Bounds
from xtrig.errors import UsageError
from xtrig.load import load
from xtrig.model import TriggerSet


@dataclass(frozen=True, slots=True)
class Registration:
    """The registered sets, and how they are deployed."""

    sets: tuple[TriggerSet, ...] = ()
    drop: tuple[str, ...] = ()
    """Names of sets that are registered no more, and to be dropped."""
    dialect: str | None = None
    """None: online the one that knows the server, offline postgresql."""
    target_version: str | None = None
    """The server's version for offline scripts; None: the dialect's default."""
    lock_timeout: float = 1.0
    """Seconds that a statement waits for a lock."""

    @property
    def bounds(self) -> Bounds:
        """How long a step may hold things up."""
        return Bounds(lock_timeout=self.lock_timeout)


_registered = Registration()


def current() -> Registration:
    """Return what was registered last."""
    return _registered


def register(
    *sets: TriggerSet | str | os.PathLike[str],
    drop: Collection[str] = (),
    dialect: str | None = None,
    target_version: str | None = None,
    lock_timeout: float = 1.0,
) -> None:
    """Register the sets that belong to the database, each a set or the file of one, in place of those before.

    Call it in ``env.py``, also without sets: it makes ``op.apply_triggers`` known. ``drop`` names former sets for which
    a revision is to be written that drops them; a set that is neither registered nor named there stays. ``dialect``
    and ``target_version`` are for offline scripts (``--sql``); online the server says what it is. ``lock_timeout`` is
    how many seconds a statement waits for a lock: others wait behind it.

    Raises :class:`~alembic.util.CommandError`, of which Alembic's commands print the message alone, for two sets of one
    name and for what :func:`xtrig.load` refuses, and :class:`~xtrig.errors.UsageError` without Alembic.
    """
    global _registered  # env.py is run for each command, and hands nothing else to Alembic
    try:
        operation = import_module("xtrig.alembic.operation")
        import_module("xtrig.alembic.autogenerate")  # both register with Alembic
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "alembic":
            raise
        raise UsageError("Alembic is not installed, or older than 1.18; pip install 'xtrig[alembic]'") from None
    with operation.as_command_error():
        loaded = tuple(each if isinstance(each, TriggerSet) else load(each) for each in sets)
        _check_names([each.set_name for each in loaded], drop)
    _registered = Registration(loaded, tuple(drop), dialect, target_version, lock_timeout)


def _check_names(names: Sequence[str], drop: Collection[str]) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise UsageError(f"two sets are called {twice[0]!r}; give one of them another name:, or load them together")
    if both := sorted({*names} & {*drop}):
        raise UsageError(f"the set {both[0]!r} is registered, and named in drop; leave it out of one of the two")
