"""Oracle-style system triggers for DDL, which polardb-oracle has from revision 2.0.14.15.31.0 on.

A trigger becomes one only if its meaning stays the same: it records and does not deny, whatever the command. Every
other one is an event trigger, which the same servers have too. No search_path can be pinned in one (the setting would
stay for the user's transaction), so it is one only if its text holds no operator that a client's path could give.
"""

from __future__ import annotations

import re

from xtrig.model import Deny, ForEach, Sql
from xtrig.plugin import Event, Fact, ResolvedSet, ResolvedTrigger, Template, Version, layout, uses, walk
from xtrig_pgfamily.plpgsql.scope import Scope
from xtrig_polardb.capabilities import SYSTEM_TRIGGERS
from xtrig_polardb.plsql_writer import STEPS, declarations, guarded
from xtrig_polardb.spellings import SYSTEM
from xtrig_polardb.words import name

_TIMING = {Event.DDL_COMMAND_START: "BEFORE", Event.DDL_COMMAND_END: "AFTER"}
_LITERAL = re.compile(r"'[^'\\]*'|\d+|true|false|null", re.IGNORECASE)
_STEPS = tuple(step for step in STEPS if step not in (Deny, Sql))
_RESERVED = ("_polar_evt_tg_on_db", "_polar_evt_tg_on_schema")


def is_system_trigger(trigger: ResolvedTrigger) -> bool:
    """Whether ``trigger`` means the same as a system trigger."""
    function = trigger.function
    return (
        trigger.event in _TIMING
        and len(function.events) == 1
        and trigger.enable == "origin"
        and trigger.name not in _RESERVED
        and not function.body
        and function.policies.on_error == "deny"
        and function.policies.security == "definer"
        and not trigger.tags
        and not function.policies.exempt_roles
        and all(isinstance(visit.step, (*_STEPS, ForEach)) for visit in walk(function))
        and all(_is_plain(use.template) for use in uses(function))
    )


def _is_plain(template: Template) -> bool:
    """Whether an expression is one fact that a system trigger has, or a literal."""
    part, *others = template.parts or ("",)
    is_known = part is Fact.EVENT or part in SYSTEM if isinstance(part, Fact) else _LITERAL.fullmatch(part)
    return bool(is_known) and not others


def system_triggers(triggers: ResolvedSet, version: Version) -> tuple[ResolvedTrigger, ...]:
    """Return the triggers of a set that become system triggers on a version of the Oracle edition."""
    if version < SYSTEM_TRIGGERS:
        return ()
    return tuple(trigger for trigger in triggers.triggers if is_system_trigger(trigger))


def clause(trigger: ResolvedTrigger) -> str:
    """Return when a system trigger fires."""
    return f"{_TIMING[trigger.event]} DDL ON DATABASE"


def create_system_trigger(dialect: str, triggers: ResolvedSet, trigger: ResolvedTrigger, kernel: Version) -> str:
    """Return CREATE OR REPLACE TRIGGER with the body in it."""
    scope = Scope(dialect, SYSTEM, kernel, (trigger.event,), {}, quoted=name)
    block = guarded(triggers, trigger.function, scope)
    declared = declarations(block)
    head = [f"CREATE OR REPLACE TRIGGER {name(trigger.name)}", clause(trigger), *(["DECLARE"] if declared else [])]
    return layout([*head, declared, "BEGIN", block, "END"])
