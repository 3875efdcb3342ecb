"""Trying a definition on a real server: apply it, let roles log in and run DDL, and see what happens."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from xtrig.checks import Examination, examine
from xtrig.connect import candidates
from xtrig.dialect import Dialect
from xtrig.dialect.trial import (
    Action,
    ClientError,
    LoginTime,
    Needs,
    Outcome,
    Report,
    Row,
    TrialDatabase,
    TrialServer,
)
from xtrig.errors import UsageError
from xtrig.facts import Event
from xtrig.model import Call, Set, TriggerSet
from xtrig.progress import NoProgress, Progress
from xtrig.registry import get_dialect
from xtrig.render import compiled
from xtrig.resolve import walk

__all__ = [
    "Action",
    "ClientError",
    "LoginTime",
    "Outcome",
    "Progress",
    "Report",
    "Row",
    "TrialDatabase",
    "trial_database",
    "try_out",
]

DEFAULT = "postgresql"
"""The dialect of a trial for which neither a dialect nor a URL is given."""


def try_out(
    triggers: TriggerSet,
    dialect: str | None = None,
    *,
    url: str | None = None,
    rounds: int = 30,
    listener: Progress | None = None,
) -> Report:
    """Try the set on a server that the dialect starts, or on the server of ``url``, and report what it did.

    Everything happens in a database made for the trial; nothing stays. ``rounds`` is how many logins of each
    kind are timed, 0 for none. A trigger that refuses every login is a result, not an error. Without ``dialect`` it is
    the one that connects to ``url``, and ``postgresql`` where there is none.

    Raises :class:`~xtrig.errors.DefinitionError` and :class:`~xtrig.errors.RefusedError` as
    :func:`xtrig.render.render` does, :class:`~xtrig.errors.UsageError` where the dialect has no server to start, and
    :class:`~xtrig.errors.DatabaseError` for trouble with the server.
    """
    listener = listener or NoProgress()
    dialect = dialect or _dialect_for(url)
    target = get_dialect(dialect)
    trial = target.trial()
    if trial is None:
        raise UsageError(
            f"dialect {dialect!r} cannot try a definition on a server; print its script and run it on a server made "
            f"for tests: xtrig render --dialect {dialect}"
        )
    triggers = _self_contained(triggers, None if url is None else f"xtrig_try_{secrets.token_hex(4)}")
    examination = examine(triggers)
    # A server takes seconds to start, so an error in the definition is reported before that.
    script = compiled(examination, target, target.parse_version(trial.own_version)) if url is None else None
    with trial.server(url, listener) as server:
        script = script or compiled(examination, target, target.parse_version(server.version))
        needs = needs_of(examination)
        if needs.routines:
            listener.note(f"not in the trial's database, so calling them fails: {', '.join(needs.routines)}")
        if needs.silent:
            listener.note(f"does not fire in the trial's sessions: {', '.join(needs.silent)}")
        return server.run(script, needs, rounds, listener)


def _dialect_for(url: str | None) -> str:
    """Return a dialect that connects to ``url``, if possible one with a trial."""
    meant = [] if url is None else [each for each in candidates(None) if _connects(each, url)]
    return next((each.name for each in meant if each.trial() is not None), meant[0].name if meant else DEFAULT)


def _connects(dialect: Dialect, url: str) -> bool:
    with suppress(ImportError):
        return dialect.platform is not None and dialect.platform.driver().refusal(url) is None
    return False


@contextmanager
def trial_database(server: TrialServer, triggers: TriggerSet, dialect: str) -> Iterator[TrialDatabase]:
    """Apply the set in a database of its own on a server that is running, and drop it at the end.

    Tables that the definition expects from others are made, as far as their columns are known. Raises the errors of
    :func:`try_out`.
    """
    target = get_dialect(dialect)
    examination = examine(_self_contained(triggers, None))
    script = compiled(examination, target, target.parse_version(server.version))
    with server.database(script, needs_of(examination)) as database:
        yield database


def needs_of(examination: Examination) -> Needs:
    """Return what a definition that was compiled needs around it."""
    resolved = examination.resolved
    assert resolved is not None, "it was compiled"  # noqa: S101  # for mypy
    steps = [(function, visit.step) for function in resolved.functions for visit in walk(function)]
    sessions = resolved.sessions
    return Needs(
        granted=_unique(role for _, step in steps for role in step.roles),
        exempt=_unique(role for function in resolved.functions for role in function.policies.exempt_roles),
        parameters=_unique(
            step.parameter
            for function, step in steps
            if isinstance(step, Set) and step.scope == "session" and Event.LOGON in function.events
        ),
        routines=_unique(step.routine for _, step in steps if isinstance(step, Call)),
        tables=tuple(table for table in resolved.tables.values() if table.table.columns),
        recording=() if sessions is None else (sessions.owner, sessions.writer, sessions.reader),
        views=() if sessions is None else ((resolved.schema, "sessions"),),
        silent=_unique(
            f"{trigger.name} (enable: {trigger.enable})"
            for trigger in resolved.triggers
            if trigger.enable in ("replica", "disabled")
        ),
    )


def _self_contained(triggers: TriggerSet, prefix: str | None) -> TriggerSet:
    """Return the set creating the tables that it expects from others, as far as their columns are known.

    Roles belong to a whole server: with ``prefix`` those that record sessions get names of the trial's own.
    """
    if prefix is not None and triggers.sessions is not None:
        names = {role: f"{prefix}_{role}" for role in ("owner", "writer", "reader")}
        triggers = triggers.model_copy(update={"sessions": triggers.sessions.model_copy(update=names)})
    tables = {
        name: table.model_copy(update={"create": True}) if table.columns else table
        for name, table in triggers.tables.items()
    }
    return triggers.model_copy(update={"tables": tables})


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
