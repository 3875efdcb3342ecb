"""Logoffs that are inferred from later logons."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import (
    Check,
    Event,
    Finding,
    NameGivenTwice,
    NameTooLong,
    PolicyNotExpressible,
    ResolvedTrigger,
    StepNotExpressible,
    Support,
    Translation,
)
from xtrig_pgfamily.plpgsql.inferred_logoff import InferredLogoff


def inferred_logoffs(translation: Translation) -> Iterator[ResolvedTrigger]:
    """Yield the logoff triggers that will be inferred from logons."""
    if translation.dialect.capability(Event.LOGOFF, translation.version).support is Support.EMULATED:
        yield from (trigger for trigger in translation.triggers.triggers if trigger.event is Event.LOGOFF)


class InferredNameTaken(Check[Translation], of=NameGivenTwice):
    """The objects that an inferred logoff makes have names of their own."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        triggers = translation.triggers
        taken = {(function.schema, function.name) for function in triggers.functions}
        taken |= {(table.schema, table.name) for table in triggers.tables.values()}
        for trigger in inferred_logoffs(translation):
            each = InferredLogoff(trigger)
            for made in (each.path[1], each.table().path[1]):
                if (trigger.function.schema, made) in taken:
                    message = f"if_unsupported: infer makes an object {made!r}, which the definition has already"
                    yield self.finding(trigger.subject, message, "rename one of them", trigger.path)


class InferredNameTooLong(Check[Translation], of=NameTooLong):
    """The names that an inferred logoff makes are longer than the trigger's own, and must be kept whole too."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        longest = translation.dialect.longest_name(translation.version)
        for trigger in inferred_logoffs(translation):
            each = InferredLogoff(trigger)
            for made in (each.path[1], each.table().path[1]):
                if not longest.keeps(made):
                    message = (
                        f"if_unsupported: infer makes the name {made!r}, longer than {longest.length} {longest.unit}"
                    )
                    yield self.finding(trigger.subject, message, "shorten the trigger's", trigger.path)


class InferredBody(Check[Translation], of=StepNotExpressible):
    """An inferred logoff runs at somebody else's login, which a hand-written body cannot know."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for trigger in inferred_logoffs(translation):
            if trigger.function.body:
                message = (
                    "if_unsupported: infer runs steps for a session that is gone; a hand-written body cannot know it"
                )
                yield self.finding(trigger.subject, message, "use steps, or skip", trigger.path)


class InferredByInvoker(Check[Translation], of=PolicyNotExpressible):
    """An ordinary role sees no other session's start, and would take the living for gone."""

    def find(self, translation: Translation) -> Iterator[Finding]:
        for trigger in inferred_logoffs(translation):
            if trigger.function.policies.security == "invoker":
                message = "if_unsupported: infer looks at every session, which the user who logs in may not"
                yield self.finding(trigger.subject, message, "leave security: invoker out", trigger.path)
