"""What a dialect offers of a set, and what it cannot express: events, facts, texts, names, refusals that bind."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.dialect import OPTIONAL_FIELDS, Capability, Support, Translation
from xtrig.facts import Event
from xtrig.findings import Check, Finding, Path, Severity
from xtrig.model import Deny, Sql
from xtrig.resolve import ResolvedFunction, ResolvedTrigger, uses, walk


class EventNotOffered(Check[Translation], code="XT201"):
    """The dialect or its version has no such event.

    The server cannot do it: it has no such event, or not in this version. A trigger that is silently left out would
    look as if it were there.

    Remedy: Target a version that has the event, or say with `if_unsupported` what to do instead: skip (then this is a
    warning), infer where a logoff can be noticed from later logons, or infer_or_skip: infer it there, and leave it out
    elsewhere.
    Source: The [support matrix](../support-matrix.md), with the source of each cell.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for trigger in translation.left_out:
            capability = translation.dialect.capability(trigger.event, translation.version)
            asked = f"{trigger.event} on {translation.target}"
            path = (*trigger.path, "event")
            if trigger.may_skip:
                message = (
                    f"{asked}: {capability.reason}; it is left out, as if_unsupported: {trigger.if_unsupported} says"
                )
                remedy = "nothing of it is recorded there"
                yield self.finding(trigger.subject, message, remedy, path, severity=Severity.WARNING)
            else:
                yield self.finding(trigger.subject, f"{asked}: {capability.reason}", _remedy(trigger, capability), path)


def _remedy(trigger: ResolvedTrigger, capability: Capability) -> str:
    if trigger.if_unsupported == "infer" and capability.support is Support.REFUSED:
        return "it cannot be inferred there either: write if_unsupported: infer_or_skip to leave it out there alone"
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
            message, recorded = f"dialect {dialect.name!r} has no record of sessions", "logons and logoffs"
            logoff = dialect.capability(Event.LOGOFF, version)
            if logoff.support is Support.REFUSED:
                message, recorded = f"{message}: {logoff.reason}", "logons"
            remedy = f"record {recorded} by triggers of your own, as the preset session-rows of xtrig init does"
            yield self.finding("sessions", message, remedy, ("sessions",))


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

    As for [XT203](XT203.md), but for errors that were not planned.

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


Name = tuple[str, str, Path]
"""Whose name it is, the name, and where it stands."""


class StepNotExpressible(Check[Translation], code="XT207"):
    """A step that the dialect cannot express.

    The language in which the dialect writes this function has no such statement, or one function is asked to be written
    in two languages, or an inferred logoff is asked to run a hand-written body, which cannot know the ended session.

    Remedy: The message says what to use in its place: mostly `insert` for `log`, and a function for each kind of event.
    Source: PolarDB documentation: the sample function is Oracle's PL/SQL, which has no RAISE LOG; for DDL the vendor
    shows plpgsql.
    """


class FieldLeftOut(Check[Translation], of=StepNotExpressible, severity=Severity.WARNING):
    """Fields of a deny, or settings of a body, that the dialect does not write."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        written = translation.dialect.optional_fields
        for function in translation.triggers.functions:
            if function.settings is not None and "settings" not in written:
                message = f"settings: nothing that is made for {translation.dialect.title} sets them; they are left out"
                remedy = "set them in the body"
                yield self.finding(function.subject, message, remedy, (*function.path, "settings"))
            for visit in walk(function):
                for key in OPTIONAL_FIELDS:
                    if getattr(visit.step, key, None) is None or key in written:
                        continue
                    message = f"{key}: a refusal on {translation.dialect.title} has none, and it is left out"
                    remedy = "put what matters into the message"
                    yield self.finding(function.subject, message, remedy, (*visit.path, key))


class PolicyNotExpressible(Check[Translation], code="XT209"):
    """A policy that the dialect cannot express.

    The documented form of the function has no clause for it, or the server no parameter. It is a warning where the
    function still does its work without.

    Remedy: Leave the policy out, or write `language: plpgsql` where that is offered.
    Source: PolarDB documentation, Logon and logoff triggers; `transaction_timeout` is new in PostgreSQL 17.
    """


class SessionOptionUnused(Check[Translation], of=PolicyNotExpressible, severity=Severity.NOTE):
    """What of ``sessions:`` the dialect declares to be without effect, if the definition says it."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        sessions, dialect = translation.triggers.sessions, translation.dialect
        if sessions is None:
            return
        stated: dict[str, list[str]] = {}
        for option, reason in dialect.unused_session_options.items():
            key, _, value = option.partition(": ")
            if key in sessions.model_fields_set and value in ("", str(getattr(sessions, key))):
                stated.setdefault(reason, []).append(option)
        for reason, options in stated.items():
            verb = "has" if len(options) == 1 else "have"
            message = f"{', '.join(options)} {verb} no effect on {dialect.title}: {reason}"
            yield self.finding("sessions", message, "leave out what is meant for other vendors", ("sessions",))


class TagNeverFires(Check[Translation], code="XT205"):
    """A command tag the dialect does not know, or never fires for.

    Some tags the server rejects; others, such as LOGIN on PostgreSQL, it accepts and never fires for.

    Remedy: Correct the tag. With `if_unsupported: skip` a tag that only other vendors have is left out, with a warning,
    as long as the trigger keeps another one. What no trigger sees, such as CREATE ROLE on PostgreSQL, is left to the
    server log (`log_statement = 'ddl'`).
    Source: `src/include/tcop/cmdtaglist.h` of PostgreSQL 17 and 18; PostgreSQL manual, Event Trigger Firing Matrix;
    Firebird Language Reference, DDL Triggers.
    """


class TagLeftOut(Check[Translation], of=TagNeverFires, severity=Severity.WARNING):
    """Tags that a trigger with ``if_unsupported: skip`` does not have on this dialect."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for trigger in translation.triggers.triggers:
            if tags := translation.tags_left_out.get(trigger.name):
                asked = f"tags {', '.join(tags)}: {trigger.event} on {translation.target} fires for no such command"
                message = f"{asked}; they are left out, as if_unsupported: {trigger.if_unsupported} says"
                remedy = "nothing of such commands is recorded there"
                yield self.finding(trigger.subject, message, remedy, (*trigger.path, "tags"))
