"""XT223: no page of the vendor's shows a logon trigger that ends its own session."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.model import Deny
from xtrig.plugin import Check, Event, Finding, Severity, Translation, walk


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a finding for each deny at logon that asks for the session's end."""
    for function in translation.triggers.functions:
        if function.events != (Event.LOGON,):
            continue
        for visit in walk(function):
            if isinstance(visit.step, Deny) and visit.step.enforce == "terminate":
                message = (
                    "enforce: terminate: that pg_terminate_backend ends the session that is logging in is not "
                    "documented; its message is not shown, and the rows of this event's triggers are lost"
                )
                yield CHECK.finding(
                    function.subject, message, "try it on your server before you rely on it", visit.path
                )


CHECK = Check("XT223", Severity.WARNING, find)
