"""What an error in a trigger of Oracle's does, and what nobody sees of it."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Event, Finding, Severity, Translation, walk
from xtrig_oracle.steps import denies


class AdministratorsAdmitted(Check[Translation], code="XT270", severity=Severity.NOTE):
    """A refusal at logon that does not keep administrators out.

    An error in a trigger at AFTER LOGON ON DATABASE refuses the login, but not that of a user with the system privilege
    ADMINISTER DATABASE TRIGGER: Oracle writes the error to a trace file and lets the user in. That is the way in when a
    trigger is broken. It is also a hole in a rule that was meant for everybody, and rows that the trigger wrote before
    the error are gone.

    Remedy: Grant the privilege to few. Record logins of administrators in a trigger of its own that does not refuse.
    Source: Oracle Database PL/SQL Language Reference 19c, 9.8 Exception Handling in Triggers. Not seen on a server.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for trigger in translation.triggers.triggers:
            if trigger.event is Event.LOGON and any(map(denies, trigger.function.steps)):
                message = "deny at logon: who has ADMINISTER DATABASE TRIGGER is let in all the same"
                yield self.finding(trigger.subject, message, "grant that privilege to few", trigger.path)


class ErrorsUnseen(Check[Translation], code="XT271", severity=Severity.NOTE):
    """Errors that are not written anywhere.

    With `on_error: allow` the trigger catches its errors, so that they keep nobody out. PostgreSQL's functions write
    them to the server's log. Oracle documents no procedure by which a trigger could do that, so they are not seen: a
    table that was dropped, or a tablespace that is full, ends the record without a word.

    Remedy: Look at the rows: no row of today is the sign. With `on_error: deny` errors are in a trace file, and refuse
    logins.
    Source: Oracle Database PL/SQL Packages and Types Reference 19c: no package writes to the alert log. Not seen on a
    server.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        for function in translation.triggers.functions:
            if function.policies.on_error == "allow" and any(visit.step.may_fail for visit in walk(function)):
                message = "on_error: allow: Oracle writes the errors of its steps nowhere"
                yield self.finding(function.subject, message, "look at the rows from time to time", function.path)
