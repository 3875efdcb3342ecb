"""The body of a trigger: its steps with their guards, or what was written by hand."""

from __future__ import annotations

from xtrig.plugin import Lines, ResolvedSet, ResolvedTrigger, layout, tokens
from xtrig.sqltokens import significant
from xtrig_oracle.ddl import condition
from xtrig_oracle.steps import DECLARED, DENIAL, DENIED, ERROR, NOT_STANDBY, StepWriter, denies, exempt

_TIMES = ("before", "after", "instead")
_AFTER_HEAD = ("when", "declare", "begin", "call", "pragma", "compound", "<<")


def written(triggers: ResolvedSet, trigger: ResolvedTrigger) -> str:
    """Return the block of a trigger with steps, without the last semicolon."""
    function = trigger.function
    policies = function.policies
    catches = policies.on_error == "allow"
    guards = policies.standby == "skip" and trigger.event.is_session
    lines: Lines = StepWriter(triggers, trigger.event, catches, guards).write(function.steps)
    if guards and NOT_STANDBY in layout(lines):
        lines = ["-- standby: skip. Nothing can be written on a physical standby.", *lines]
    if trigger.tags:
        lines = ["-- tags: only these commands.", f"IF {condition(trigger.tags)} THEN", lines, "END IF;"]
    if policies.exempt_roles:
        guarded: Lines = [f"IF {exempt(policies.exempt_roles)} THEN", lines, "END IF;"]
        lines = ["-- exempt_roles: nothing is done for these users.", *guarded]
    handlers: Lines = []
    if catches and any(map(denies, function.steps)):
        handlers = [f"WHEN {DENIED} THEN", [f"RAISE_APPLICATION_ERROR({ERROR}, {DENIAL});"]]
    if catches:
        handlers += [
            "WHEN OTHERS THEN",
            ["-- on_error: allow. Oracle would refuse the login, or the command.", "NULL;"],
        ]
    text = layout(lines)
    declared: Lines = [each for mark, each in DECLARED.items() if mark in text]
    head: Lines = ["DECLARE", declared] if declared else []
    tail: Lines = ["EXCEPTION", handlers] if handlers else []
    return layout([*head, "BEGIN", lines, *tail, "END"])


def by_hand(body: str) -> tuple[str, str]:
    """Return the head that a hand-written body brings, such as ``AFTER LOGON ON SCHEMA``, or "", and the rest.

    A body that begins with BEFORE, AFTER or INSTEAD OF brings one; without, it has that of its event.
    """
    body = body.strip().removesuffix("/").rstrip().removesuffix(";").rstrip()
    found = significant(tokens(body, plsql=True))
    if not found or found[0].word not in _TIMES:
        return "", body
    start = next((token.start for token in found if (token.word or token.text) in _AFTER_HEAD), len(body))
    return body[:start].rstrip(), body[start:]
