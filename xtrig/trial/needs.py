"""What a definition needs around it before it can be tried in an empty database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xtrig.facts import Event
from xtrig.model import Call, Set, TriggerSet
from xtrig.resolve import ResolvedSet, ResolvedTable, walk


@dataclass(frozen=True, slots=True)
class Needs:
    """``granted`` are roles that steps grant or revoke; ``parameters`` those that logon functions set.

    ``silent`` are triggers that do not fire in the sessions of a trial.
    """

    granted: tuple[str, ...]
    exempt: tuple[str, ...]
    parameters: tuple[str, ...]
    routines: tuple[str, ...]
    tables: tuple[ResolvedTable, ...]
    silent: tuple[str, ...]
    recording: tuple[str, ...] = ()
    """Roles that the script itself makes, to record sessions."""
    views: tuple[tuple[str, str], ...] = ()
    """Schema and name of the views of that record."""

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role that is named, each once."""
        return tuple(dict.fromkeys((*self.granted, *self.exempt)))


def needs_of(resolved: ResolvedSet) -> Needs:
    """Return what the set needs."""
    steps = [(function, visit.step) for function in resolved.functions for visit in walk(function)]
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
        recording=_recording(resolved),
        views=((resolved.schema, "sessions"),) if resolved.sessions is not None else (),
        silent=_unique(
            f"{trigger.name} (enable: {trigger.enable})"
            for trigger in resolved.triggers
            if trigger.enable in ("replica", "disabled")
        ),
    )


def self_contained(triggers: TriggerSet, prefix: str | None = None) -> TriggerSet:
    """Return the set with the tables of others made by itself, as far as their columns are known.

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


def _recording(resolved: ResolvedSet) -> tuple[str, ...]:
    sessions = resolved.sessions
    return () if sessions is None else (sessions.owner, sessions.writer, sessions.reader)


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
