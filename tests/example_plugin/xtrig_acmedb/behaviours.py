"""What AcmeDB does around a trigger, for ``xtrig explain``."""

from __future__ import annotations

from xtrig.plugin import Behaviour, Event, Topic, documented, unverified

_MANUAL = documented("AcmeDB 5 Reference, CREATE TRIGGER")

BEHAVIOURS: tuple[Behaviour, ...] = (
    Behaviour(Topic.FIRES, "Once a session has begun.", _MANUAL, frozenset({Event.LOGON})),
    Behaviour(Topic.SILENT, "In a connection with triggers=False.", _MANUAL),
    Behaviour(Topic.SILENT, "On replicas.", unverified("the manual does not say")),
    Behaviour(
        Topic.UNRECORDED,
        "A session whose trigger failed: its transaction is rolled back.",
        _MANUAL,
        frozenset({Event.LOGON}),
        applies=lambda each: each.records,
    ),
    Behaviour(
        Topic.POLICY,
        "AcmeDB has no rights, so a trigger may do everything whoever logs in.",
        _MANUAL,
        policy="security",
    ),
    Behaviour(
        Topic.POLICY,
        "A step waits {lock_timeout} at most for a lock.",
        _MANUAL,
        applies=lambda each: each.policies.lock_timeout is not None,
        policy="lock_timeout",
    ),
)
