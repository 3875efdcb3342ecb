"""Whom init_connect does not reach, and what does not reach the client."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.model import Deny
from xtrig.plugin import Check, Finding, Severity, Translation, walk
from xtrig_mariadb.evidence import administrators


class AdministratorsUnseen(Check[Translation], code="MDB101", severity=Severity.NOTE):
    """Administrators that a logon trigger never sees.

    The server does not run init_connect for accounts with CONNECTION ADMIN, by a default role too, and before 11.0 for
    those with SUPER either. They are neither recorded nor refused. Nor is a change of the user in an open connection
    (COM_CHANGE_USER), as pools make them.

    Remedy: Watch administrators with the plugin server_audit, which sees everybody and refuses nobody; then waive the
    note and say so.
    Source: MariaDB documentation, Server System Variables, init_connect; MDEV-29668. Seen on 10.11 and 11.8:
    `tests/server/mariadb/test_mariadb_logon.py::test_administrators_are_never_seen`.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        """Yield a finding for each trigger."""
        for trigger in translation.triggers.triggers:
            who = administrators(translation.version)
            message = f"logon: accounts with {who} are never seen, and never refused"
            remedy = "watch them with the plugin server_audit, and waive this"
            yield self.finding(trigger.subject, message, remedy, trigger.path)


class MessageLost(Check[Translation], code="MDB102", severity=Severity.NOTE):
    """A message of a deny that the client never gets.

    A client that init_connect refuses is told `Aborted connection ... (init_connect command failed)`. The message of
    the deny is in the server's error log alone, cut at 128 characters.

    Remedy: Tell users by other ways why they may be refused; then waive the note.
    Source: Seen on 10.11 and 11.8: `tests/server/mariadb/test_mariadb_logon.py::test_a_deny_refuses_and_its_row_stays`.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        """Yield a finding for each function that denies."""
        for function in translation.triggers.functions:
            visit = next((visit for visit in walk(function) if isinstance(visit.step, Deny)), None)
            if visit is not None:
                message = "deny: the client is refused without the message, which only the error log has"
                remedy = "tell users by other ways why, and waive this"
                yield self.finding(function.subject, message, remedy, visit.path)


class NoPublic(Check[Translation], code="MDB103", severity=Severity.WARNING):
    """A procedure that not everybody may call.

    init_connect has the rights of whoever logs in, who needs EXECUTE on the procedure. From 10.11 on it is granted to
    PUBLIC. Before that it has to be granted to each account or to roles that are default; without it nothing is
    recorded and, under `on_error: allow`, nobody is refused.

    Remedy: Grant EXECUTE on the procedure to each account that is to be seen, or move to 10.11.
    Source: MariaDB documentation, GRANT, TO PUBLIC.
    """

    def find(self, translation: Translation) -> Iterator[Finding]:
        """Yield a finding for each function on a server without PUBLIC."""
        for function in translation.triggers.functions if translation.version < (10, 11) else ():
            message = "logon before 10.11: only accounts with EXECUTE on its procedure are seen, and can be refused"
            remedy = "GRANT EXECUTE ON PROCEDURE to each account or default role, or target 10.11"
            yield self.finding(function.subject, message, remedy, function.path)
