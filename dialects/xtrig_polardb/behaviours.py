"""When PolarDB fires a trigger and when not, what is not recorded, and what policies do, as sentences."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from xtrig.plugin import DDL_EVENTS, SESSION_EVENTS, Behaviour, Event, Evidence, Situation, Topic
from xtrig_pgfamily.ddl_behaviours import DDL_BEHAVIOURS
from xtrig_polardb.capabilities import SYSTEM_TRIGGERS
from xtrig_polardb.evidence import KERNEL, ORACLE_PAGE, PAGE, RENDERED, SILENT, SYSTEM_PAGE
from xtrig_polardb.policies import session_policies
from xtrig_polardb.system_trigger import is_system_trigger

_LOGON = frozenset({Event.LOGON})
_LOGOFF = frozenset({Event.LOGOFF})


def _is_system(each: Situation) -> bool:
    """Whether the trigger becomes a system trigger; versions are those of the Oracle edition."""
    return each.version >= SYSTEM_TRIGGERS and is_system_trigger(each.trigger)


def _session(page: Evidence) -> tuple[Behaviour, ...]:
    fires, silent = partial(Behaviour, Topic.FIRES), partial(Behaviour, Topic.SILENT)
    unrecorded, failure = partial(Behaviour, Topic.UNRECORDED), partial(Behaviour, Topic.FAILURE)
    return (
        fires("After the server process of a session has started.", page, _LOGON),
        fires("Before the server process of a session exits, when the client begins to disconnect.", page, _LOGOFF),
        silent(
            "When a pool or the cluster's proxy keeps the server process for another client: the events follow server "
            "processes, so clients may come and go without them.",
            page,
            SESSION_EVENTS,
        ),
        silent("Open: whether it fires on read-only nodes.", SILENT, SESSION_EVENTS),
        silent(
            "Open: whether it fires for sessions that are killed, time out, or end in a crash.",
            SILENT,
            _LOGOFF,
        ),
        silent("Open: whether it fires for replication connections.", SILENT, SESSION_EVENTS),
        silent("At logons and logoffs in other databases of the cluster.", KERNEL, SESSION_EVENTS),
        Behaviour(
            Topic.STEPS,
            "A condition that is NULL counts as not met, as with a fact that is NULL.",
            KERNEL,
            SESSION_EVENTS,
            applies=lambda each: each.decides,
        ),
        unrecorded(
            "A session in which this trigger or another one of the same event fails: the rows of all of them are "
            "rolled back.",
            page,
            SESSION_EVENTS,
            applies=lambda each: each.records,
        ),
        unrecorded(
            "A session on a read-only node and a read-only session: the rows are left out, and no log line takes their "
            "place.",
            RENDERED,
            SESSION_EVENTS,
            applies=lambda each: (
                each.records and each.policies.standby == "skip" and each.policies.language == "native"
            ),
        ),
        failure(
            "The warning that a client may get is: event trigger occur error after user login. For more information, "
            "see log.",
            page,
            _LOGON,
        ),
        failure(
            "Open: whether the session can be used as usual after a trigger has failed. No page says in so many words "
            "that it goes on.",
            SILENT,
            _LOGON,
        ),
    )


_SYSTEM = (
    Behaviour(
        Topic.FIRES,
        "As an Oracle-style system trigger, once for each object that a CREATE, ALTER or DROP is about.",
        SYSTEM_PAGE,
        applies=_is_system,
    ),
    Behaviour(
        Topic.SILENT,
        "At GRANT, REVOKE, COMMENT and other commands than CREATE, ALTER and DROP; at commands on roles and other "
        "global objects, ALTER SESSION, ALTER SYSTEM and VACUUM.",
        SYSTEM_PAGE,
        applies=_is_system,
    ),
    Behaviour(
        Topic.FAILURE, "Open: what an error in a system trigger does to the command.", SILENT, applies=_is_system
    ),
    Behaviour(Topic.SILENT, "In other databases of the cluster.", KERNEL, applies=_is_system),
    Behaviour(
        Topic.STEPS,
        "A condition that is NULL counts as not met, as with a fact that is NULL.",
        KERNEL,
        applies=lambda each: _is_system(each) and each.decides,
    ),
    Behaviour(
        Topic.UNRECORDED,
        "A command whose transaction is rolled back: the rows go with it.",
        KERNEL,
        applies=lambda each: _is_system(each) and each.records,
    ),
    Behaviour(
        Topic.POLICY,
        "Whose rights a system trigger has is not documented. Every name is qualified with its schema.",
        SILENT,
        applies=_is_system,
        policy="security",
    ),
    Behaviour(
        Topic.POLICY,
        "There is no handler; what an error does to the command is not documented.",
        SILENT,
        applies=_is_system,
        policy="on_error",
    ),
    Behaviour(
        Topic.POLICY,
        "A step waits {lock_timeout} at most for a lock that someone else holds; then it is an error.",
        RENDERED,
        applies=lambda each: _is_system(each) and each.policies.lock_timeout is not None,
        policy="lock_timeout",
    ),
    Behaviour(
        Topic.POLICY,
        "A step waits for a lock without a bound of xtrig's.",
        RENDERED,
        applies=_is_system,
        policy="lock_timeout",
    ),
    Behaviour(
        Topic.POLICY,
        "For {exempt_roles} nothing is done, and nothing is written to the server's log.",
        RENDERED,
        applies=lambda each: _is_system(each) and bool(each.policies.exempt_roles),
        policy="exempt_roles",
    ),
    Behaviour(
        Topic.POLICY,
        "It is created enabled; how a system trigger is disabled is not documented.",
        SILENT,
        applies=_is_system,
        policy="enable",
    ),
)


def _from_kernel(behaviour: Behaviour) -> Behaviour:
    """Return what holds of PostgreSQL's DDL events as what may hold of an event trigger here."""
    return replace(behaviour, evidence=KERNEL, events=behaviour.events & DDL_EVENTS)


def _unless_system(behaviour: Behaviour) -> Behaviour:
    return replace(behaviour, applies=lambda each: not _is_system(each) and behaviour.applies(each))


_KERNEL = tuple(map(_from_kernel, DDL_BEHAVIOURS))

POLARDB: tuple[Behaviour, ...] = (
    *_session(PAGE),
    *session_policies(PAGE, has_authid=False),
    *_KERNEL,
)
POLARDB_ORACLE: tuple[Behaviour, ...] = (
    *_session(ORACLE_PAGE),
    *_SYSTEM,
    *session_policies(ORACLE_PAGE, has_authid=True),
    *map(_unless_system, _KERNEL),
)
