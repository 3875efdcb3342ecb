"""What each policy does at PolarDB's logon and logoff, as sentences."""

from __future__ import annotations

from functools import partial

from xtrig.plugin import SESSION_EVENTS, Behaviour, Condition, Evidence, Situation, Topic
from xtrig_pgfamily.ddl_behaviours import ENABLE
from xtrig_pgfamily.plpgsql.function import TRANSACTION_TIMEOUT
from xtrig_polardb.evidence import FUNCTION_PAGE, KERNEL, RENDERED, SILENT

_policy = partial(Behaviour, Topic.POLICY, events=SESSION_EVENTS)


def _native(each: Situation) -> bool:
    return each.policies.language == "native"


def _plpgsql(each: Situation) -> bool:
    return not _native(each)


def _written(each: Situation) -> bool:
    """Whether the function's body is made of steps; around one written by hand there are no guards."""
    return not each.by_hand


def _steps(each: Situation) -> bool:
    return _native(each) and _written(each)


def _plpgsql_steps(each: Situation) -> bool:
    return _plpgsql(each) and _written(each)


def _has_lock_timeout(each: Situation) -> bool:
    """Whether the form has a place for it; that of plpgsql is a clause of the head, also around a body by hand."""
    return _steps(each) or _plpgsql(each)


def _is(policy: str, value: str, also: Condition) -> Condition:
    return lambda each: each.policy(policy) == value and also(each)


def _enabled(value: str) -> Condition:
    return lambda each: each.trigger.enable == value


def session_policies(page: Evidence, *, has_authid: bool) -> tuple[Behaviour, ...]:
    """Return the policies of an edition, which may have a clause for whose rights a function has."""
    return (*(_AUTHID if has_authid else (*_NO_AUTHID, _TIMEOUT)), *_guards(page), *_PLPGSQL)


_NO_AUTHID = (
    _policy(
        "The documented function form has no clause for it: whose rights the function has is not said. Every name is "
        "qualified with its schema, and no search_path is pinned.",
        SILENT,
        applies=_native,
        policy="security",
    ),
)


# Of the PostgreSQL edition alone: the kernels of the other one are older.
_TIMEOUT = _policy(
    "The function is bounded by transaction_timeout = {timeout}. What becomes of a session that takes longer "
    "is not documented; PostgreSQL 17, on which the kernel is built, refuses it.",
    KERNEL,
    since=TRANSACTION_TIMEOUT,
    applies=lambda each: each.policies.timeout is not None and _plpgsql(each),
    policy="timeout",
)


_AUTHID = (
    _policy(
        "AUTHID DEFINER: the function has its owner's rights. Every name is qualified with its schema; this form has "
        "no clause to pin a search_path.",
        FUNCTION_PAGE,
        applies=_is("security", "definer", _native),
        policy="security",
    ),
    _policy(
        "AUTHID CURRENT_USER: the function has the rights of the user who fires it.",
        FUNCTION_PAGE,
        applies=_is("security", "invoker", _native),
        policy="security",
    ),
)


def _guards(page: Evidence) -> tuple[Behaviour, ...]:
    return (
        _policy(
            "It has nothing to do: the server logs an error and keeps nobody out.",
            page,
            applies=_is("on_error", "allow", _steps),
            policy="on_error",
        ),
        _policy(
            "On a read-only node and in a read-only session the steps that write are left out.",
            RENDERED,
            applies=_is("standby", "skip", _steps),
            policy="standby",
        ),
        _policy(
            "There is no guard: on a read-only node and in a read-only session a step that writes fails.",
            KERNEL,
            applies=_is("standby", "run", _written),
            policy="standby",
        ),
        _policy(
            "A step waits {lock_timeout} at most for a lock that someone else holds; then it is an error.",
            RENDERED,
            applies=lambda each: each.policies.lock_timeout is not None and _has_lock_timeout(each),
            policy="lock_timeout",
        ),
        _policy(
            "A step waits for a lock without a bound of xtrig's.",
            RENDERED,
            applies=_has_lock_timeout,
            policy="lock_timeout",
        ),
        _policy(
            "Nothing is rendered for it: no parameter of PolarDB's is documented that would bound a function here.",
            SILENT,
            policy="timeout",
        ),
        _policy(
            "The session waits until its rows are as safe as the server's synchronous_commit makes them.",
            KERNEL,
            applies=_is("durability", "full", _written),
            policy="durability",
        ),
        _policy(
            "The session does not wait until its rows are on disk: a crash may lose those of the last second.",
            RENDERED,
            applies=_is("durability", "relaxed", _written),
            policy="durability",
        ),
        _policy(
            "For {exempt_roles} nothing is done, and nothing is written to the server's log.",
            RENDERED,
            applies=lambda each: bool(each.policies.exempt_roles) and _steps(each),
            policy="exempt_roles",
        ),
        *(_policy(text, KERNEL, applies=_enabled(value), policy="enable") for value, text in _ENABLE.items()),
    )


_ENABLE = {**ENABLE, "origin": "It does not fire in sessions with session_replication_role = replica."}
_PLPGSQL = (
    _policy(
        "The function has its owner's rights, with search_path pinned to pg_catalog, pg_temp.",
        RENDERED,
        applies=_is("security", "definer", _plpgsql),
        policy="security",
    ),
    _policy(
        "The function has the rights of the user who fires it.",
        RENDERED,
        applies=_is("security", "invoker", _plpgsql),
        policy="security",
    ),
    _policy(
        "An error is caught in the function and logged.",
        RENDERED,
        applies=_plpgsql_steps,
        policy="on_error",
    ),
    _policy(
        "On a read-only node and in a read-only session the steps that write are not run; a line in the server's log "
        "says so.",
        RENDERED,
        applies=_is("standby", "skip", _plpgsql_steps),
        policy="standby",
    ),
    _policy(
        "For {exempt_roles} nothing runs but a line in the server's log.",
        RENDERED,
        applies=lambda each: _plpgsql_steps(each) and bool(each.policies.exempt_roles),
        policy="exempt_roles",
    ),
)
