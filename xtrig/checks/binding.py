"""Whether a refusal keeps anyone out."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.dialect import Translation
from xtrig.facts import Event
from xtrig.findings import Check, Finding
from xtrig.model import Deny
from xtrig.resolve import ResolvedFunction, walk

_REMEDY = "record it with insert, or keep the trigger in a definition of its own for dialects where it binds"


def loose_end(function: ResolvedFunction, translation: Translation) -> str | None:
    """Return where and why an error of the function does not keep anyone out; None if it binds at all its events."""
    for event in function.events:
        capability = translation.dialect.capability(event, translation.version)
        if not capability.deny_binds:
            return f"{event}: it does not keep anyone out of {translation.dialect.title}: {capability.on_error}"
    return None


class DenyNotBinding(Check[Translation], code="XT203"):
    """A deny does not bind on this dialect.

    An error in the vendor's logon trigger is logged and the session goes on. A login rule ported there would protect
    nothing.

    Remedy: Record the login with `insert` and act on what is recorded; or keep the rule in a definition of its own, for
    dialects where it binds.
    Source: PolarDB documentation, Logon and logoff triggers: an error is written to the log and the client gets a
    warning.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in translation.triggers.functions:
            effect = loose_end(function, translation)
            for visit in walk(function) if effect else ():
                if isinstance(visit.step, Deny) and not _ends_session(visit.step, function, translation):
                    remedy = _REMEDY
                    if translation.dialect.ends_denied_sessions and function.events == (Event.LOGON,):
                        remedy += ", or write enforce: terminate (unverified)"
                    yield self.finding(function.subject, f"deny at {effect}", remedy, visit.path)


def _ends_session(step: Deny, function: ResolvedFunction, translation: Translation) -> bool:
    """Whether the definition asks for the session's end, and the dialect can end one that is just beginning."""
    at_logon = function.events == (Event.LOGON,)
    return step.enforce == "terminate" and at_logon and translation.dialect.ends_denied_sessions


class ErrorNotBinding(Check[Translation], code="XT208", waivable=True):
    """on_error: deny does not bind on this dialect.

    As for [XT203](XT203.md), but for errors that nobody planned.

    Remedy: Write `on_error: allow`, which is what happens anyway. Where one definition serves a dialect on which it
    binds, too, waive the finding and say so.
    Source: PolarDB documentation, Logon and logoff triggers.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in translation.triggers.functions:
            if function.policies.on_error != "deny":
                continue
            if effect := loose_end(function, translation):
                yield self.finding(
                    function.subject, f"on_error: deny at {effect}", "write on_error: allow", function.path
                )
