"""Several definitions as one set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from xtrig.errors import DefinitionError
from xtrig.findings import Finding, Location, Path, Severity
from xtrig.model import Function, Policies, Trigger, TriggerSet

_SECTIONS = ("tables", "functions", "triggers")


def merge(sets: Sequence[TriggerSet]) -> TriggerSet:
    """Return one set with everything of all.

    Each part keeps the schema and the default policies of its own file; the set has the name of the first.
    Raises :class:`~xtrig.errors.DefinitionError` naming both places of a name given twice.
    """
    if len(sets) == 1:
        return sets[0]
    findings = _given_twice(sets)
    if findings:
        raise DefinitionError(findings)
    parts: dict[str, dict[str, Any]] = {section: {} for section in _SECTIONS}
    locations: dict[Path, Location] = {}
    for triggers in sets:
        parts["tables"] |= {name: _in_schema(table, triggers) for name, table in triggers.tables.items()}
        parts["functions"] |= {name: _explicit(function, triggers) for name, function in triggers.functions.items()}
        parts["triggers"] |= {name: _explicit(trigger, triggers) for name, trigger in triggers.triggers.items()}
        locations |= triggers._locations
    return TriggerSet(
        name=sets[0].name,
        schema_=sets[0].schema_,
        sessions=next((triggers.sessions for triggers in sets if triggers.sessions is not None), None),
        tables=parts["tables"],
        functions=parts["functions"],
        triggers=parts["triggers"],
    ).located(locations)


def _given_twice(sets: Sequence[TriggerSet]) -> list[Finding]:
    findings: list[Finding] = []
    recording = [triggers.locate(("sessions",)) for triggers in sets if triggers.sessions is not None]
    for here in recording[1:]:
        message = f"sessions are recorded twice, first at {recording[0]}"
        findings.append(Finding("XT002", Severity.ERROR, "sessions", message, "leave one out", ("sessions",), here))
    for section in _SECTIONS:
        first: dict[str, Location | None] = {}
        for triggers in sets:
            for name in getattr(triggers, section):
                here = triggers.locate((section, name))
                if name in first:
                    message = f"the name is given twice, first at {first[name]}"
                    subject = f"{section[:-1]} {name!r}"
                    findings.append(
                        Finding("XT002", Severity.ERROR, subject, message, "rename one", (section, name), here)
                    )
                else:
                    first[name] = here
    return findings


def _in_schema(part: Any, triggers: TriggerSet) -> Any:
    return part if part.schema_ is not None else part.model_copy(update={"schema_": triggers.schema_})


def _explicit(part: Function | Trigger, triggers: TriggerSet) -> Any:
    if isinstance(part, Trigger) and part.run is not None:
        return part
    defaults = {
        name: getattr(triggers.defaults, name)
        for name in Policies.model_fields
        if getattr(part, name) is None and getattr(triggers.defaults, name) is not None
    }
    explicit = part.model_copy(update=defaults)
    # A default is not a policy that the function itself states, also when it comes from another file.
    explicit.model_fields_set.difference_update(defaults)
    return _in_schema(explicit, triggers)
