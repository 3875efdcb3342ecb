"""What Oracle does around a trigger, for ``xtrig explain``. Nothing here was seen on a server."""

from __future__ import annotations

from xtrig.plugin import DDL_EVENTS, SESSION_EVENTS, Behaviour, Event, Evidence, Situation, Topic, unverified
from xtrig_oracle.evidence import ATTRIBUTES, COMPILATION, CONTEXT, ERRORS, EVENTS, GRAMMAR, OLD_MANUAL, RIGHTS

_LOGON, _LOGOFF = frozenset({Event.LOGON}), frozenset({Event.LOGOFF})
_BLOCK = unverified("what PL/SQL does with an error inside a block; not seen in a trigger")
_ROLE = unverified("DATABASE_ROLE is a parameter of USERENV; that a standby fires the trigger was not seen")
_NOTHING = unverified("no clause of CREATE TRIGGER and no parameter of a session bounds it")


def _policy(
    name: str, text: str, evidence: Evidence, events: frozenset[Event] = SESSION_EVENTS | DDL_EVENTS, value: str = ""
) -> Behaviour:
    def applies(each: Situation) -> bool:
        return (not each.by_hand or name in ("security", "enable")) and (each.policy(name) or "") == (
            value or each.policy(name) or "-"
        )

    return Behaviour(Topic.POLICY, text, evidence, events, applies=applies, policy=name)


BEHAVIOURS: tuple[Behaviour, ...] = (
    Behaviour(Topic.FIRES, "After each login, in a container database to this container alone.", GRAMMAR, _LOGON),
    Behaviour(Topic.FIRES, "Before a session ends.", GRAMMAR, _LOGOFF),
    Behaviour(Topic.FIRES, "Once for each command, with the object that it names.", EVENTS, DDL_EVENTS),
    Behaviour(Topic.SILENT, "For sessions that are open when it is made.", OLD_MANUAL, _LOGON),
    Behaviour(Topic.SILENT, "When a session is killed or breaks off.", OLD_MANUAL, _LOGOFF),
    Behaviour(Topic.SILENT, "For the trigger's own DROP.", EVENTS, DDL_EVENTS),
    Behaviour(
        Topic.SILENT,
        "For what goes with the object that is named, such as the columns and indexes of a table.",
        ATTRIBUTES,
        frozenset({Event.SQL_DROP}),
    ),
    Behaviour(
        Topic.STEPS,
        "The steps stand in the trigger, which is made disabled, and enabled once it compiles.",
        COMPILATION,
    ),
    Behaviour(
        Topic.UNRECORDED,
        "A login that the trigger refuses: its rows are rolled back.",
        ERRORS,
        _LOGON,
        applies=lambda each: each.records and each.denies,
    ),
    Behaviour(
        Topic.FAILURE,
        "A table that is gone makes the trigger invalid, and then each login is refused, whatever on_error says, but "
        "that of SYSTEM.",
        COMPILATION,
        _LOGON,
    ),
    _policy("security", "The trigger has the rights of its owner, without the owner's roles.", RIGHTS),
    _policy(
        "on_error",
        "Errors of the steps are caught; what came before them stays.",
        _BLOCK,
        value="allow",
    ),
    _policy(
        "on_error",
        "An error refuses the login, but for ADMINISTER DATABASE TRIGGER.",
        ERRORS,
        _LOGON,
        "deny",
    ),
    _policy("on_error", "An error refuses the command.", ERRORS, DDL_EVENTS, "deny"),
    _policy("standby", "On a physical standby the steps that write are left out.", _ROLE, SESSION_EVENTS, "skip"),
    _policy("standby", "On a physical standby the steps that write fail.", _ROLE, SESSION_EVENTS, "run"),
    _policy("timeout", "Nothing bounds the trigger: {timeout} is not kept.", _NOTHING, SESSION_EVENTS),
    _policy("lock_timeout", "Nothing bounds the wait for a lock: {lock_timeout} is not kept.", _NOTHING),
    _policy("exempt_roles", "For {exempt_roles} nothing is done, and nothing is logged.", CONTEXT),
    _policy("enable", "The trigger is made and stays disabled.", GRAMMAR, value="disabled"),
)
