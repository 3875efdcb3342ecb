"""What is rendered and what is refused, as the declared data says; nothing is left out silently."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Any

import pytest

from xtrig import Script, TriggerSet
from xtrig.dialect import Capability, Support
from xtrig.facts import FACTS, Event, Fact, Item, example
from xtrig.model import Function, Step, Trigger
from xtrig.resolve import resolve
from xtrig.testing.suite import reading
from xtrig.testing.suite.subject import (
    OWN_REFUSALS,
    SITUATIONS,
    Situation,
    Subject,
    attempt,
    define,
    due_refusals,
    errors,
    offered_triggers,
    refused,
    rendered,
    scripts,
)

Written = dict[str, Any]
"""A step as YAML would give it."""


class TranslatedTests(Subject):
    """Events, facts, steps and policies on the dialect."""

    @pytest.mark.parametrize("event", Event)
    def test_event_is_rendered_or_refused_as_declared(self, event: Event) -> None:
        """Native compiles, emulated compiles when asked for, refused never does; on every version."""
        for version in self.target_versions():
            capability = self.dialect.capability(event, self.dialect.parse_version(version))
            if capability.support is Support.NATIVE:
                rendered(_one(event, on_error=self.own_policy(event)), self.dialect_name, version)
                continue
            self._assert_refused(_one(event), capability, version)
            if capability.support is Support.EMULATED:
                rendered(_one(event, "infer", on_error="allow"), self.dialect_name, version)
            else:
                self._assert_refused(_one(event, "infer"), capability, version)

    @pytest.mark.parametrize("event", Event)
    def test_event_left_out_leaves_the_others(self, event: Event) -> None:
        """``if_unsupported: skip`` says in a warning what is missing, and renders the rest."""
        other = self.offered_events()[0]
        for version in self.target_versions():
            parsed = self.dialect.parse_version(version)
            if self.dialect.capability(other, parsed).support is not Support.NATIVE:
                continue
            pair = _pair(
                _one(event, "skip", on_error=self.own_policy(event)), _one(other, on_error=self.own_policy(other))
            )
            script = rendered(pair, self.dialect_name, version)
            is_native = self.dialect.capability(event, parsed).support is Support.NATIVE
            warned = [f for f in script.findings if f.code == "XT201" and "'first'" in f.subject]
            assert bool(warned) != is_native

    @pytest.mark.parametrize("event", Event)
    def test_event_left_out_asks_nothing_of_its_function(self, event: Event) -> None:
        """A denial that binds where the function runs does not matter for an event that is left out."""
        for version in self.target_versions():
            parsed = self.dialect.parse_version(version)
            if self.dialect.capability(event, parsed).support is Support.NATIVE:
                continue
            for other in Event:
                capability = self.dialect.capability(other, parsed)
                if capability.support is Support.NATIVE and capability.deny_binds:
                    outcome = attempt(_shared(event, other), self.dialect_name, version)
                    if not isinstance(outcome, Script):
                        assert {each.code for each in errors(outcome)} <= OWN_REFUSALS, outcome

    @pytest.mark.parametrize("situation", SITUATIONS, ids=str)
    def test_situation_is_rendered_or_refused_with_reason(self, situation: Situation) -> None:
        """A refusal follows from the declared data, or is one of the dialect's own for steps and policies."""
        due = due_refusals(situation.triggers, self.dialect, self.version)
        outcome = attempt(situation.triggers, self.dialect_name)
        if isinstance(outcome, Script):
            assert not due, f"by the declared data this has to be refused, with {due}"
            assert "${" not in str(outcome), "a placeholder was left in the text"
            return
        codes = {finding.code for finding in errors(outcome)}
        assert due <= codes, f"the refusal leaves out {due - codes}"
        assert codes - due <= (set() if situation.is_least else OWN_REFUSALS), outcome

    @pytest.mark.parametrize("fact", Fact)
    def test_fact_is_rendered_where_spelt_and_refused_elsewhere(self, fact: Fact) -> None:
        """A fact that the dialect lacks must not become an empty string."""
        for version in self.target_versions():
            parsed = self.dialect.parse_version(version)
            for event, item in _places(fact):
                if self.dialect.capability(event, parsed).support is not Support.NATIVE:
                    continue
                triggers = _using(fact, event, item, self.own_policy(event))
                outcome = attempt(triggers, self.dialect_name, version)
                if self.dialect.lacks(fact, event, item, parsed):
                    assert not isinstance(outcome, Script), f"{event} has no {fact}, but was rendered"
                    assert any(f"${{{fact}}}" in each.message for each in errors(outcome, "XT202"))
                elif not isinstance(outcome, Script):
                    # A vendor may have the fact and no way to walk over items.
                    assert item, outcome
                    assert {each.code for each in errors(outcome)} <= OWN_REFUSALS, outcome

    @pytest.mark.parametrize("event", Event)
    def test_deny_is_refused_where_it_does_not_bind(self, event: Event) -> None:
        """A denial that is only logged does not refuse the session, so it must not be rendered as if it did."""
        triggers = _one(event, "infer", steps=[{"deny": "not today"}], on_error=self.own_policy(event))
        self._assert_binds_or_is_refused(triggers, event, "XT203")

    @pytest.mark.parametrize("event", Event)
    def test_on_error_deny_is_refused_where_it_does_not_bind(self, event: Event) -> None:
        """The same for unexpected errors."""
        self._assert_binds_or_is_refused(_one(event, "infer", on_error="deny"), event, "XT208")

    def test_column_type_is_rendered_or_refused_as_declared(self) -> None:
        """A type that the vendor does not have must not reach its server."""
        event = self.offered_events()[0]
        for declared, spelt in (self.dialect.column_types or {}).items():
            typed = _typed(event, declared.replace("()", "(7)"), self.own_policy(event))
            script = rendered(typed, self.dialect_name)
            assert any(spelt.replace("{}", "7") in statement.sql for statement in script.statements), declared
        if self.dialect.column_types is not None:
            refusal = refused(_typed(event, "type_of_nobody", self.own_policy(event)), self.dialect_name)
            assert any("type_of_nobody" in each.message for each in errors(refusal, "XT204"))

    def test_schema_is_refused_where_there_are_none(self) -> None:
        """Two tables of one name would become one; the schema of the whole set is only its name."""
        table = {"schema": "of_its_own", "columns": {"what": "text"}}
        insert = {"insert": "happened", "values": {"what": "'x'"}}
        event = self.offered_events()[0]
        first = {"event": event, "on_error": self.own_policy(event), "steps": [insert]}
        triggers = define({"schema": "of_the_set", "tables": {"happened": table}, "triggers": {"first": first}})
        outcome = attempt(triggers, self.dialect_name)
        assert isinstance(outcome, Script) is self.dialect.has_schemas
        if not isinstance(outcome, Script):
            assert any("of_its_own" in each.message for each in errors(outcome, "XT204"))

    def test_names_that_are_one_to_the_vendor_are_refused(self) -> None:
        """The second would replace the first, or be taken for it."""
        event = self.offered_events()[0]
        first = {"event": event, "on_error": self.own_policy(event), "steps": [{"insert": "t", "values": {"a": "'x'"}}]}
        triggers = define({"tables": {"t": {"columns": {"a": "text"}}}, "triggers": {"name": first, "NAME": first}})
        is_one = self.dialect.folded("name") == self.dialect.folded("NAME")
        assert isinstance(attempt(triggers, self.dialect_name), Script) is not is_one

    def test_body_for_others_is_refused(self) -> None:
        """A hand-written body is never translated."""
        triggers = _one(self.offered_events()[0], steps=None, body={"some-other-dialect": "anything"})
        assert errors(refused(triggers, self.dialect_name), "XT206")

    def _assert_refused(self, triggers: TriggerSet, capability: Capability, version: str) -> None:
        refusal = refused(triggers, self.dialect_name, version)
        found = errors(refusal, "XT201")
        assert found, f"refused, but not for its event: {refusal}"
        for finding in found:
            assert "'first'" in finding.subject
            assert capability.event in finding.message
            assert self.dialect_name in finding.message
            assert capability.reason in finding.message
            assert finding.remedy.strip()

    def _assert_binds_or_is_refused(self, triggers: TriggerSet, event: Event, code: str) -> None:
        for version in self.target_versions():
            capability = self.dialect.capability(event, self.dialect.parse_version(version))
            if capability.support is Support.REFUSED:
                continue
            outcome = attempt(triggers, self.dialect_name, version)
            if not capability.deny_binds:
                assert not isinstance(outcome, Script), f"rendered, though a denial at {event} does not bind"
                assert errors(outcome, code), outcome
            elif not isinstance(outcome, Script):
                assert {each.code for each in errors(outcome)} <= OWN_REFUSALS, outcome


def _one(event: Event, if_unsupported: str = "refuse", **trigger: Any) -> TriggerSet:
    """Return a definition with one trigger, named first."""
    insert: list[Written] = [{"insert": "happened", "values": {"what": "'it happened'"}}]
    given = {"event": event, "if_unsupported": if_unsupported, "steps": insert, **trigger}
    return define(
        {
            "tables": {"happened": {"columns": {"what": "text"}}},
            "triggers": {"first": {key: value for key, value in given.items() if value is not None}},
        }
    )


def _typed(event: Event, column_type: str, on_error: str) -> TriggerSet:
    """Return a definition with a table that has a column of the type."""
    given = {"event": event, "on_error": on_error, "steps": [{"insert": "t", "values": {"a": None}}]}
    return define({"tables": {"t": {"columns": {"a": column_type}}}, "triggers": {"first": given}})


def _pair(first: TriggerSet, second: TriggerSet) -> TriggerSet:
    """Return one definition with the triggers of two, the second one's renamed."""
    renamed = {"first": first.triggers["first"], "second": second.triggers["first"]}
    return first.model_copy(update={"triggers": renamed})


def _shared(event: Event, other: Event) -> TriggerSet:
    """Return one function that denies, and two events that run it, the first of which may be left out."""
    return define(
        {
            "functions": {"judge": {"on_error": "deny", "steps": [{"deny": "not today"}]}},
            "triggers": {
                "first": {"event": event, "run": "judge", "if_unsupported": "skip"},
                "second": {"event": other, "run": "judge"},
            },
        }
    )


def _using(fact: Fact, event: Event, item: Item | None, on_error: str) -> TriggerSet:
    """Return a trigger that records one fact, of an item if there is one."""
    step: Written = {"insert": "happened", "values": {"what": f"${{{example(fact)}}}"}}
    return _one(event, steps=[{"for_each": item, "do": [step]} if item else step], on_error=on_error)


def _places(fact: Fact) -> Iterator[tuple[Event, Item | None]]:
    """Yield every event, and item inside of it, where a definition may use the fact."""
    for event in Event:
        if event in FACTS[fact].events:
            if not FACTS[fact].items_only:
                yield event, None
            yield from ((event, item) for item in Item if item.event is event)


class WrittenTests(Subject):
    """Steps and policies that are neither rendered nor refused would look right and do nothing."""

    def test_every_step_leaves_its_mark(self) -> None:
        """A step written twice gives another text than one written once."""
        for situation, script in scripts(self.dialect_name):
            offered = offered_triggers(resolve(situation.triggers), self.dialect, self.version)
            for kind, triggers in _with_a_step_twice(situation.triggers, offered):
                outcome = attempt(triggers, self.dialect_name)
                assert not isinstance(outcome, Script) or str(outcome) != str(script), (
                    f"{situation}: a step {kind} is rendered as nothing"
                )

    def test_every_exempt_role_is_in_the_text(self) -> None:
        """An exempt role without effect is found only when it is needed."""
        for situation, script in scripts(self.dialect_name):
            resolved = resolve(situation.triggers)
            offered = offered_triggers(resolved, self.dialect, self.version)
            for trigger in resolved.triggers:
                for role in trigger.function.policies.exempt_roles if trigger.name in offered else ():
                    names = (role, self.dialect.folded(role))
                    found = (reading.quotes(name, each.sql) for each in script.statements for name in names)
                    assert any(found), (situation, role)


def _with_a_step_twice(triggers: TriggerSet, offered: AbstractSet[str]) -> Iterator[tuple[str, TriggerSet]]:
    """Yield the kind of a step that a trigger on offer runs, and the definition with that step written twice."""
    run = {triggers.triggers[name].run for name in offered}
    for name, function in triggers.functions.items():
        for kind, steps in _doubled(function) if name in run else ():
            functions = {**triggers.functions, name: function.model_copy(update={"steps": steps})}
            yield kind, triggers.model_copy(update={"functions": functions})
    for name, trigger in triggers.triggers.items():
        for kind, steps in _doubled(trigger) if name in offered else ():
            changed = {**triggers.triggers, name: trigger.model_copy(update={"steps": steps})}
            yield kind, triggers.model_copy(update={"triggers": changed})


def _doubled(owner: Function | Trigger) -> Iterator[tuple[str, tuple[Step, ...]]]:
    for number, step in enumerate(owner.steps):
        yield type(step).__name__, (*owner.steps[:number], step, *owner.steps[number:])
