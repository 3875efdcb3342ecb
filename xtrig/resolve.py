"""A definition with every default filled in: schemas, policies, and the events that run each function.

Checks and dialects read this form only, so that no two of them fill in different defaults.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

from xtrig.expressions import Template, parse_template
from xtrig.facts import Event, Item
from xtrig.findings import Path
from xtrig.model import ForEach, Function, Policies, Sessions, Step, Table, Trigger, TriggerSet

Key = TypeVar("Key", bound=Hashable)


class EffectivePolicies(NamedTuple):
    """The policies of one function with all defaults filled in. A timeout is like 250ms; None is unbounded."""

    security: str
    on_error: str
    standby: str
    lock_timeout: str | None
    timeout: str | None
    durability: str
    exempt_roles: tuple[str, ...]
    language: str
    stated: frozenset[str] = frozenset()
    """The policies that the function itself gives; the others are defaults."""


class ResolvedTable(NamedTuple):
    """A table with its schema."""

    schema: str
    name: str
    table: Table
    path: Path


@dataclass(frozen=True, slots=True)
class ResolvedFunction:
    """A function with its schema, its policies and the events that run it."""

    schema: str
    name: str
    steps: tuple[Step, ...]
    body: Mapping[str, str]
    events: tuple[Event, ...]
    policies: EffectivePolicies
    path: Path
    settings: Mapping[str, str] | None = None
    """Of a function with a body: all parameters that it sets; None: those that the dialect sets."""

    @property
    def subject(self) -> str:
        """What messages call it, such as ``trigger 'audit'``."""
        return f"{self.path[0][:-1] if isinstance(self.path[0], str) else 'function'} {self.path[1]!r}"


@dataclass(frozen=True, slots=True)
class ResolvedTrigger:
    """A trigger with the function it runs."""

    name: str
    event: Event
    tags: tuple[str, ...]
    enable: str
    if_unsupported: str
    function: ResolvedFunction
    path: Path

    @property
    def subject(self) -> str:
        """What messages call it, such as ``trigger 'audit'``."""
        return f"trigger {self.name!r}"

    @property
    def may_infer(self) -> bool:
        """Whether the event may be inferred from others where a dialect has none."""
        return self.if_unsupported in ("infer", "infer_or_skip")

    @property
    def may_skip(self) -> bool:
        """Whether it may be left out where a dialect cannot have it."""
        return self.if_unsupported in ("skip", "infer_or_skip")


@dataclass(frozen=True, slots=True)
class ResolvedSet:
    """All that a dialect translates, in the order of the definition.

    ``name`` tells the sets of one database apart: the mark of each object that a set creates contains it.
    """

    name: str
    schema: str
    tables: Mapping[str, ResolvedTable]
    functions: tuple[ResolvedFunction, ...]
    triggers: tuple[ResolvedTrigger, ...]
    sessions: Sessions | None = None

    @property
    def table_schemas(self) -> Mapping[str, str]:
        """The schema of each table."""
        return {name: table.schema for name, table in self.tables.items()}

    @property
    def table_columns(self) -> Mapping[str, Mapping[str, str]]:
        """The columns of each table with their types; none where they are not known."""
        return {
            name: {column: each.type for column, each in table.table.columns.items()}
            for name, table in self.tables.items()
        }


class Visit(NamedTuple):
    """A step with its path in the definition; ``item`` is what the for_each around it loops over, if there is one."""

    step: Step
    path: Path
    item: Item | None


class Use(NamedTuple):
    """An expression, message or statement of a step with its path; ``item`` is as in :class:`Visit`."""

    template: Template
    path: Path
    item: Item | None


def resolve(triggers: TriggerSet) -> ResolvedSet:
    """Return the set with its defaults filled in.

    Every reference must be valid, which :func:`xtrig.checks.check` finds out: KeyError otherwise.
    """
    tables = {
        name: ResolvedTable(table.schema_ or triggers.schema_, name, table, ("tables", name))
        for name, table in triggers.tables.items()
    }
    run_by = _grouped((trigger.run, trigger.event) for trigger in triggers.triggers.values())
    functions = {
        name: _resolved(name, function, run_by[name], triggers, ("functions", name))
        for name, function in triggers.functions.items()
        if name in run_by
    }
    resolved = tuple(_trigger(name, trigger, functions, triggers) for name, trigger in triggers.triggers.items())
    run = {(trigger.function.schema, trigger.function.name): trigger.function for trigger in resolved}
    return ResolvedSet(triggers.set_name, triggers.schema_, tables, tuple(run.values()), resolved, triggers.sessions)


def without(triggers: ResolvedSet, left_out: Callable[[ResolvedTrigger], bool]) -> ResolvedSet:
    """Return the set without the triggers for which ``left_out`` is true; only the others' events run its functions."""
    kept = [trigger for trigger in triggers.triggers if not left_out(trigger)]
    run_by = _grouped((id(trigger.function), trigger.event) for trigger in kept)
    functions = {
        id(function): replace(function, events=run_by[id(function)])
        for function in triggers.functions
        if id(function) in run_by
    }
    return replace(
        triggers,
        functions=tuple(functions.values()),
        triggers=tuple(replace(trigger, function=functions[id(trigger.function)]) for trigger in kept),
    )


def _grouped(pairs: Iterable[tuple[Key, Event]]) -> dict[Key, tuple[Event, ...]]:
    """Return the events of each key, in the order of :class:`~xtrig.facts.Event`."""
    found: defaultdict[Key, set[Event]] = defaultdict(set)
    for key, event in pairs:
        found[key].add(event)
    return {key: tuple(event for event in Event if event in events) for key, events in found.items()}


def walk(function: ResolvedFunction) -> Iterator[Visit]:
    """Yield every step of a function, inner ones too, in order."""
    return walk_steps(function.steps, (*function.path, "steps"))


def walk_steps(steps: tuple[Step, ...], path: Path, item: Item | None = None) -> Iterator[Visit]:
    """Yield every step of the list at ``path``, inner ones too, in order."""
    for number, step in enumerate(steps):
        here = (*path, number)
        yield Visit(step, here, item)
        for key, inside in step.inner():
            yield from walk_steps(inside, (*here, key), step.item if isinstance(step, ForEach) else item)


def uses(function: ResolvedFunction) -> Iterator[Use]:
    """Yield every expression, message and statement of a function's steps."""
    for visit in walk(function):
        for key, text in visit.step.texts():
            # for_each's own condition is read before its first item.
            yield Use(parse_template(text), (*visit.path, *key), visit.item)


def _trigger(
    name: str, trigger: Trigger, functions: dict[str, ResolvedFunction], triggers: TriggerSet
) -> ResolvedTrigger:
    path: Path = ("triggers", name)
    own = trigger.run is None
    function = _resolved(name, trigger, (trigger.event,), triggers, path) if own else functions[str(trigger.run)]
    return ResolvedTrigger(name, trigger.event, trigger.tags, trigger.enable, trigger.if_unsupported, function, path)


def _resolved(
    name: str, given: Function | Trigger, events: tuple[Event, ...], triggers: TriggerSet, path: Path
) -> ResolvedFunction:
    policies = effective_policies(given, triggers.defaults, events)
    schema = given.schema_ or triggers.schema_
    return ResolvedFunction(schema, name, given.steps, given.body, events, policies, path, given.settings)


def effective_policies(given: Policies, defaults: Policies, events: tuple[Event, ...]) -> EffectivePolicies:
    """Return the policies of a function that ``events`` run: its own, those of the set, and xtrig's defaults."""

    def first(name: str, otherwise: str | None) -> str | None:
        value = getattr(given, name)
        value = getattr(defaults, name) if value is None else value
        return otherwise if value is None else str(value)

    session = any(event.is_session for event in events)
    exempt = given.exempt_roles if given.exempt_roles is not None else defaults.exempt_roles
    return EffectivePolicies(
        security=str(first("security", "definer")),
        on_error=str(first("on_error", "allow" if session else "deny")),
        standby=str(first("standby", "skip")),
        lock_timeout=_bound(first("lock_timeout", "250ms" if session else None)),
        timeout=_bound(first("timeout", "5s" if session else None)),
        durability=str(first("durability", "full")),
        exempt_roles=exempt or (),
        language=str(first("language", "native")),
        stated=frozenset(given.model_fields_set & Policies.model_fields.keys()),
    )


def _bound(duration: str | None) -> str | None:
    return None if duration is None or duration.startswith("0") else duration
