"""Oracle-style system triggers for DDL, which polardb-oracle has from revision 2.0.14.15.31.0 on.

A trigger becomes one only if its meaning stays the same: it records and does not deny, and its tags begin with
CREATE, ALTER or DROP. Every other one is an event trigger, which the same servers have too.
"""

from __future__ import annotations

from dataclasses import dataclass

from xtrig.model import CreateTempTable, Deny, Log
from xtrig.plugin import Event, Fact, Lines, ResolvedSet, ResolvedTrigger, Version, layout, uses, walk
from xtrig_pgfamily.plpgsql.scope import Scope
from xtrig_polardb.capabilities import SYSTEM_TRIGGERS
from xtrig_polardb.plsql_writer import PlsqlWriter, text_literal
from xtrig_polardb.spellings import SYSTEM
from xtrig_polardb.words import name

_TIMING = {Event.DDL_COMMAND_START: "BEFORE", Event.DDL_COMMAND_END: "AFTER"}
_VERBS = ("CREATE", "ALTER", "DROP")
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
        and all(tag.partition(" ")[0] in _VERBS for tag in trigger.tags)
        and not any(isinstance(visit.step, (Deny, Log, CreateTempTable)) for visit in walk(function))
        and all(fact is Fact.EVENT or SYSTEM.get(fact) for use in uses(function) for fact in use.template.facts)
    )


def system_triggers(triggers: ResolvedSet, version: Version) -> tuple[ResolvedTrigger, ...]:
    """Return the triggers of a set that become system triggers on a version of the Oracle edition."""
    if version < SYSTEM_TRIGGERS:
        return ()
    return tuple(trigger for trigger in triggers.triggers if is_system_trigger(trigger))


def clause(trigger: ResolvedTrigger) -> str:
    """Return when a system trigger fires: BEFORE or AFTER some of the three verbs, or any DDL."""
    verbs = {tag.partition(" ")[0] for tag in trigger.tags}
    joined = " OR ".join(verb for verb in _VERBS if verb in verbs) or "DDL"
    return f"{_TIMING[trigger.event]} {joined} ON DATABASE"


@dataclass(frozen=True, slots=True)
class SystemTriggerWriter:
    """Writes one system trigger."""

    dialect: str
    triggers: ResolvedSet
    trigger: ResolvedTrigger
    kernel: Version

    def create(self) -> str:
        """Return CREATE OR REPLACE TRIGGER with the body in it."""
        trigger = self.trigger
        scope = Scope(self.dialect, SYSTEM, self.kernel, (trigger.event,), {})
        writer = PlsqlWriter(self.triggers, trigger.function, scope)
        block = self._filtered(writer.guarded(), scope)
        declared = writer.declarations(block)
        declare: Lines = ["DECLARE", declared] if declared else []
        head = f"CREATE OR REPLACE TRIGGER {name(trigger.name)}"
        return layout([head, clause(trigger), *declare, "BEGIN", block, "END"])

    def _filtered(self, block: Lines, scope: Scope) -> Lines:
        if not self.trigger.tags:
            return block
        tags = ", ".join(text_literal(tag) for tag in self.trigger.tags)
        return [f"IF {scope.fact(Fact.TAG)} IN ({tags}) THEN", block, "END IF;"]
