"""What a dialect offers of a set: events, facts, texts, sessions."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.dialect import Capability, Support, Translation
from xtrig.facts import Event
from xtrig.findings import Check, Finding, Severity
from xtrig.model import Sql
from xtrig.resolve import ResolvedTrigger, uses, walk


class EventNotOffered(Check[Translation], code="XT201"):
    """The dialect or its version has no such event.

    The server cannot do it: it has no such event, or not in this version. A trigger that is silently left out would
    look as if it were there.

    Remedy: Target a version that has the event, or say with `if_unsupported` what to do instead: skip (then this is a
    warning), or infer where a logoff can be noticed from later logons.
    Source: The [support matrix](../support-matrix.md), with the source of each cell.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for trigger in translation.left_out:
            capability = translation.dialect.capability(trigger.event, translation.version)
            asked = f"{trigger.event} on {translation.target}"
            path = (*trigger.path, "event")
            if trigger.if_unsupported == "skip":
                message = f"{asked}: {capability.reason}; it is left out, as if_unsupported: skip says"
                remedy = "nothing of it is recorded there"
                yield self.finding(trigger.subject, message, remedy, path, severity=Severity.WARNING)
            else:
                yield self.finding(trigger.subject, f"{asked}: {capability.reason}", _remedy(trigger, capability), path)


def _remedy(trigger: ResolvedTrigger, capability: Capability) -> str:
    if trigger.if_unsupported == "infer" and capability.support is Support.REFUSED:
        return f"it cannot be inferred there either: {capability.remedy}"
    return capability.remedy


class TextMissing(Check[Translation], code="XT206"):
    """A hand-written body is missing for this dialect.

    `body` and the mapping form of `sql` hold one text for each dialect, and this dialect's is not among them.

    Remedy: Add a text for this dialect, or use steps, which are translated.
    Source: [The model](../model/index.md).
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        name = translation.dialect.name
        for function in translation.triggers.functions:
            if function.body and name not in function.body:
                message = f"its body is written for {', '.join(function.body)}, not for {name}"
                remedy = f"add a body for {name}, or use steps"
                yield self.finding(function.subject, message, remedy, function.path)
            for visit in walk(function):
                texts = visit.step.sql if isinstance(visit.step, Sql) else ""
                if not isinstance(texts, str) and name not in texts:
                    message = f"its sql step is written for {', '.join(texts)}, not for {name}"
                    yield self.finding(function.subject, message, f"add a statement for {name}", visit.path)


class FactMissing(Check[Translation], code="XT202"):
    """The dialect or its version lacks a session fact.

    The vendor has no variable for the fact at this event or in this version. An empty text in its place would look like
    an answer.

    Remedy: Leave it out, or give the function a `body` for this dialect that finds the value in another way.
    Source: The list of facts on the page of each [dialect](../dialects/index.md), with their sources.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        dialect, version = translation.dialect, translation.version
        for function in translation.triggers.functions:
            for use in uses(function):
                for fact in dict.fromkeys(use.template.facts):
                    lacking = (event for event in function.events if dialect.lacks(fact, event, use.item, version))
                    event = next(lacking, None)
                    if event is not None:
                        message = f"${{{fact}}} at {event}: {translation.target} has no such variable"
                        remedy = "leave it out, or give the function a body for this dialect"
                        yield self.finding(function.subject, message, remedy, use.path)


class SessionsNotRecorded(Check[Translation], code="XT224"):
    """The dialect does not record sessions.

    `sessions:` is more than a trigger: tables, views, roles and maintenance, which a dialect brings with it. On a
    server without a logon event, or with a dialect that does not bring them, there is nothing to render.

    Remedy: Render for another dialect or version, or write the triggers yourself: the preset `session-rows` shows how.
    Source: [PostgreSQL 17, release notes: login event triggers](https://www.postgresql.org/docs/17/release-17.html).
    Whether a dialect records sessions is an attribute of it: [writing a dialect](../plugins.md).
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        if translation.triggers.sessions is None:
            return
        dialect, version = translation.dialect, translation.version
        logon = dialect.capability(Event.LOGON, version)
        if logon.support is Support.REFUSED:
            yield self.finding(
                "sessions", f"{dialect.title}: {logon.reason}", logon.remedy or "leave it out", ("sessions",)
            )
        elif not dialect.records_sessions:
            message = f"dialect {dialect.name!r} has no record of sessions"
            yield self.finding("sessions", message, "write triggers on logon and logoff for it", ("sessions",))
