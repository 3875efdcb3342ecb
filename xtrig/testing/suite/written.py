"""What a definition asks for is in the text: nothing is left out silently."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig import Script, TriggerSet
from xtrig.model import Function, Step, Trigger
from xtrig.resolve import resolve
from xtrig.testing.suite import reading
from xtrig.testing.suite.expected import attempt, offered_triggers, scripts
from xtrig.testing.suite.subject import Subject


class WrittenTests(Subject):
    """Steps and policies that are neither rendered nor refused would look right and do nothing."""

    def test_every_step_leaves_its_mark(self) -> None:
        """A step written twice gives another text than one written once."""
        for situation, script in scripts(self.dialect_name):
            if offered_triggers(resolve(situation.triggers), self.dialect, self.version):
                for kind, triggers in _with_a_step_twice(situation.triggers):
                    outcome = attempt(triggers, self.dialect_name)
                    assert not isinstance(outcome, Script) or str(outcome) != str(script), (
                        f"{situation}: a step {kind} is rendered as nothing"
                    )

    def test_every_exempt_role_is_in_the_text(self) -> None:
        """Break-glass that opens nothing is found out too late."""
        for situation, script in scripts(self.dialect_name):
            resolved = resolve(situation.triggers)
            offered = offered_triggers(resolved, self.dialect, self.version)
            for trigger in resolved.triggers:
                for role in trigger.function.policies.exempt_roles if trigger.name in offered else ():
                    assert any(reading.quotes(role, each.sql) for each in script.statements), (situation, role)


def _with_a_step_twice(triggers: TriggerSet) -> Iterator[tuple[str, TriggerSet]]:
    """Yield the kind of a step, and the definition with that step written twice."""
    for name, function in triggers.functions.items():
        for kind, steps in _doubled(function):
            functions = {**triggers.functions, name: function.model_copy(update={"steps": steps})}
            yield kind, triggers.model_copy(update={"functions": functions})
    for name, trigger in triggers.triggers.items():
        for kind, steps in _doubled(trigger):
            changed = {**triggers.triggers, name: trigger.model_copy(update={"steps": steps})}
            yield kind, triggers.model_copy(update={"triggers": changed})


def _doubled(owner: Function | Trigger) -> Iterator[tuple[str, tuple[Step, ...]]]:
    for number, step in enumerate(owner.steps):
        yield type(step).__name__, (*owner.steps[:number], step, *owner.steps[number:])
