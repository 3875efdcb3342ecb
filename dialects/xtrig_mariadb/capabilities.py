"""What MariaDB can do at which event."""

from __future__ import annotations

from xtrig.plugin import DDL_EVENTS, Capability, Claim, Event, Support, Version
from xtrig_mariadb import evidence
from xtrig_mariadb.evidence import INIT_CONNECT, logon_test, manual

_TRIGGERS = manual("CREATE TRIGGER, which lists INSERT, UPDATE and DELETE alone")


def _logon(since: Version) -> Capability:
    administrators = f"accounts with {evidence.administrators(since)}"
    return Capability(
        Event.LOGON,
        Support.NATIVE,
        since=since,
        spelling="init_connect",
        evidence=logon_test("test_a_login_is_recorded", INIT_CONNECT),
        on_error=Claim(
            "the connection is closed before its first statement; the client learns that init_connect failed, not why",
            logon_test("test_with_on_error_deny_an_error_refuses_the_login", INIT_CONNECT),
        ),
        deny_binds=Claim(True, logon_test("test_a_deny_refuses_and_its_row_stays")),
        exempt=Claim(
            f"{administrators}, which are never seen either",
            logon_test("test_administrators_are_never_seen", INIT_CONNECT),
        ),
        transaction=Claim(
            "none: each statement is by itself, so rows of a refused login stay",
            logon_test("test_a_deny_refuses_and_its_row_stays"),
        ),
        order=Claim("that of the definition", logon_test("test_triggers_run_in_the_order_of_the_definition")),
        way_out=Claim(
            f"one of the {administrators} logs in and runs SET GLOBAL init_connect = ''",
            logon_test("test_administrators_are_never_seen", INIT_CONNECT),
        ),
    )


CAPABILITIES: tuple[Capability, ...] = (
    _logon(()),
    _logon(evidence.FINE_GRAINED),
    Capability(
        Event.LOGOFF,
        Support.REFUSED,
        evidence=INIT_CONNECT,
        reason="MariaDB runs nothing when a session ends",
        remedy="write if_unsupported: skip to leave it out; the plugin server_audit writes the ends of sessions to "
        "a file",
    ),
    *(
        Capability(
            event,
            Support.REFUSED,
            evidence=_TRIGGERS,
            reason="MariaDB has no triggers on DDL",
            remedy="write if_unsupported: skip to leave it out; the plugin server_audit logs such commands, and "
            "refuses none",
        )
        for event in Event
        if event in DDL_EVENTS
    ),
)
