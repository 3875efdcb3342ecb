"""XT203: a deny keeps people out; where it is only logged, it would protect nothing."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.checks.translation.effects import loose_end
from xtrig.dialect import Translation
from xtrig.facts import Event
from xtrig.findings import Check, Finding, Severity
from xtrig.model import Deny
from xtrig.resolve import ResolvedFunction, walk


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each deny that does not bind at an event of its function."""
    for function in translation.triggers.functions:
        effect = loose_end(function, translation)
        for visit in walk(function) if effect else ():
            if isinstance(visit.step, Deny) and not _ends_session(visit.step, function, translation):
                remedy = (
                    "record it with insert, or keep the trigger in a definition of its own for dialects where it binds"
                )
                if translation.dialect.ends_denied_sessions and function.events == (Event.LOGON,):
                    remedy += ", or write enforce: terminate (unverified)"
                yield CHECK.finding(function.subject, f"deny at {effect}", remedy, visit.path)


def _ends_session(step: Deny, function: ResolvedFunction, translation: Translation) -> bool:
    """Whether the definition asks for the session's end, and the dialect can end one that is just beginning."""
    at_logon = function.events == (Event.LOGON,)
    return step.enforce == "terminate" and at_logon and translation.dialect.ends_denied_sessions


CHECK = Check("XT203", Severity.ERROR, find)
