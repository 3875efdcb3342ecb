"""Event triggers of the database, of xtrig and of others, and their functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from xtrig.dialect.doctor import Problem
from xtrig.plugin import Severity
from xtrig_pgfamily.deploy.temporary import CANDIDATE, PLACEHOLDER
from xtrig_pgfamily.words import name, qualified
from xtrig_postgresql.doctor.server_state import HealthCheck, ServerState, Trigger

_NOT_ZERO = re.compile("[1-9]")


def _by_function(server: ServerState) -> Iterator[Trigger]:
    """Yield one enabled trigger for each function."""
    yield from {trigger.function: trigger for trigger in server.triggers if trigger.is_enabled}.values()


def _unpinned_search_path(server: ServerState) -> Iterator[Problem]:
    """SECURITY DEFINER without a search_path: any role with CREATE on a schema can become the owner (seen on 18.4).

    pg_temp has to be last: manual of 18, CREATE FUNCTION, "Writing SECURITY DEFINER Functions Safely".
    """
    for trigger in _by_function(server):
        if not trigger.row["is_definer"]:
            continue
        path = trigger.setting("search_path")
        altered = f"ALTER FUNCTION {trigger.function}() SET search_path = pg_catalog, pg_temp"
        remedy = f"qualify the names in it, or it fails at each login; then: {altered}"
        subject = f"function {trigger.function}"
        if path is None:
            owner = f"its owner {name(trigger.row['function_owner'])}"
            whom = f"{owner}, a superuser" if trigger.row["function_owner_is_superuser"] else owner
            message = (
                f"is SECURITY DEFINER without a search_path: whoever may create a function anywhere becomes {whom}"
            )
            yield UNPINNED_SEARCH_PATH.problem(Severity.ERROR, subject, message, remedy)
        elif path not in ("", '""') and path.rpartition(",")[2].strip() != "pg_temp":
            message = f"has the search_path {path}, before which the caller's temporary tables are looked up"
            yield UNPINNED_SEARCH_PATH.problem(Severity.NOTE, subject, message, remedy)


def _replaceable_function(server: ServerState) -> Iterator[Problem]:
    """The owner can make the function SECURITY INVOKER, and is superuser after the next superuser's login (18.4).

    A function that is SECURITY DEFINER must not be given to a superuser: its owner's text would run as superuser.
    """
    for trigger in _by_function(server):
        names = [name(role) for role in trigger.row["can_replace"]]
        if names:
            who = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
            message = f"{who} can log in and replace it, and runs as superuser when a superuser fires {trigger.name}"
            if trigger.row["is_definer"] or not server["is_superuser"]:
                anew = "make it anew, as a role without LOGIN and members"
                remedy = f"{anew}; until then: ALTER EVENT TRIGGER {trigger.name} DISABLE"
            else:
                remedy = f"read what it does; then: ALTER FUNCTION {trigger.function}() OWNER TO CURRENT_USER"
            yield REPLACEABLE_FUNCTION.problem(Severity.ERROR, f"function {trigger.function}", message, remedy)


def _untrusted_schema(server: ServerState) -> Iterator[Problem]:
    """Whoever owns the schema drops the function, and with it the trigger, or puts other tables in place (18.4)."""
    for row in server.rows("trust"):
        message, _, remedy = row["problem"].rpartition("; ")
        yield UNTRUSTED_SCHEMA.problem(Severity.ERROR, "schemas of the functions", message, remedy)


def _demoted_owner(server: ServerState) -> Iterator[Problem]:
    """A trigger still fires after its owner lost SUPERUSER, and that role may disable and drop it (18.4).

    Some services let roles that are no superuser create event triggers, and accept that one gives his to a superuser:
    then only the service can alter, disable or drop it (supautils 3.4.0 on 18.4).
    """
    for trigger in server.triggers:
        if trigger.row["owner_is_superuser"]:
            continue
        owner, subject = name(trigger.owner), f"trigger {trigger.name}"
        if server["is_superuser"]:
            message = f"its owner {owner} is no superuser any more, and may still disable, drop or rename it"
            remedy = f"ALTER EVENT TRIGGER {trigger.name} OWNER TO CURRENT_USER"
            yield DEMOTED_OWNER.problem(Severity.WARNING, subject, message, remedy)
        else:
            message = f"its owner {owner} is no superuser, and may disable, drop or rename it"
            remedy = f"keep it so where you are no superuser yourself: {owner} could not take it back from one"
            yield DEMOTED_OWNER.problem(Severity.NOTE, subject, message, remedy)


def _owners_differ(server: ServerState) -> Iterator[Problem]:
    for trigger in server.triggers:
        owner = trigger.row["function_owner"]
        if owner != trigger.owner and not trigger.row["can_replace"]:
            message = f"belongs to {name(trigger.owner)}, and its function {trigger.function} to {name(owner)}"
            remedy = "see that both are meant; whoever owns the function decides what the trigger does"
            yield OWNERS_DIFFER.problem(Severity.NOTE, f"trigger {trigger.name}", message, remedy)


def _unbounded_login_trigger(server: ServerState) -> Iterator[Problem]:
    """Only transaction_timeout ends a login trigger that waits; lock_timeout alone leaves loops (18.4)."""
    for trigger in server.login_triggers:
        if not _NOT_ZERO.search(trigger.setting("transaction_timeout") or ""):
            message = f"nothing bounds {trigger.function}: one lock that it waits for holds up every login"
            remedy = f"ALTER FUNCTION {trigger.function}() SET transaction_timeout = '5s' SET lock_timeout = '250ms'"
            if trigger.name != PLACEHOLDER:
                yield UNBOUNDED_LOGIN_TRIGGER.problem(Severity.WARNING, f"trigger {trigger.name}", message, remedy)


def _missing_exempt_role(server: ServerState) -> Iterator[Problem]:
    """Whoever may create roles makes one of that name, and is let past (18.4)."""
    for trigger in server.triggers:
        for role in trigger.row["missing_exempt"]:
            message = f"lets the role {name(role)} past, which does not exist: it was never made, or renamed since"
            remedy = (
                f"create it, or name the right role under exempt_roles and apply: {trigger.function} has the old one"
            )
            yield MISSING_EXEMPT_ROLE.problem(Severity.WARNING, f"trigger {trigger.name}", message, remedy)


def _triggers_of_others(server: ServerState) -> Iterator[Problem]:
    """They fire in the order of their names, and those at login in one transaction (17.9, 18.4)."""
    enabled = sorted((each for each in server.triggers if each.is_enabled), key=lambda each: each.event)
    for event, group in groupby(enabled, key=lambda each: each.event):
        triggers = list(group)
        others = [each.name for each in triggers if not each.is_ours]
        if not others or (len(triggers) == 1 and event != "login"):
            continue
        order = ", ".join(each.name for each in triggers)
        together = "; one that refuses takes back the rows of those before it" if event == "login" else ""
        firing = f"; {order} fire in this order{together}" if len(triggers) > 1 else ""
        message = f"xtrig did not make {', '.join(others)}{firing}"
        yield TRIGGERS_OF_OTHERS.problem(Severity.NOTE, f"event {event}", message, "see what they do before you deploy")


def _leftovers(server: ServerState) -> Iterator[Problem]:
    """A placeholder trigger is needed only beside ENABLE REPLICA, a canary trigger only during a deployment."""
    login = {trigger.name: trigger for trigger in server.triggers if trigger.event == "login"}
    states = {each.state for each in login.values() if each.name != PLACEHOLDER}
    canaries = [called for called in login if called.startswith(CANDIDATE)]
    found = [f"trigger {called}" for called in canaries]
    placeholder_stays = not canaries and "R" in states and not states & {"O", "A"}
    if PLACEHOLDER in login and not placeholder_stays:
        found.append(f"trigger {PLACEHOLDER}")
    for row in server.rows("leftovers"):
        if not (row["name"] == PLACEHOLDER and placeholder_stays):
            found.append(f"function {qualified(row['schema'], row['name'])}")
    if found:
        message = f"{', '.join(found)}: left behind by a deployment that was cut short, unless one runs just now"
        remedy = "run xtrig apply again with the same definition, which clears up"
        yield LEFTOVERS.problem(Severity.WARNING, "xtrig", message, remedy)


UNPINNED_SEARCH_PATH = HealthCheck(
    "unpinned-search-path", ("triggers",), _unpinned_search_path, since_login_triggers=False
)
REPLACEABLE_FUNCTION = HealthCheck(
    "replaceable-function", ("triggers",), _replaceable_function, since_login_triggers=False
)
UNTRUSTED_SCHEMA = HealthCheck("untrusted-schema", ("trust",), _untrusted_schema, since_login_triggers=False)
DEMOTED_OWNER = HealthCheck("demoted-owner", ("triggers",), _demoted_owner, since_login_triggers=False)
OWNERS_DIFFER = HealthCheck("owners-differ", ("triggers",), _owners_differ, since_login_triggers=False)
UNBOUNDED_LOGIN_TRIGGER = HealthCheck("unbounded-login-trigger", ("triggers",), _unbounded_login_trigger)
MISSING_EXEMPT_ROLE = HealthCheck(
    "missing-exempt-role", ("triggers",), _missing_exempt_role, since_login_triggers=False
)
TRIGGERS_OF_OTHERS = HealthCheck("triggers-of-others", ("triggers",), _triggers_of_others, since_login_triggers=False)
LEFTOVERS = HealthCheck("leftovers", ("triggers", "leftovers"), _leftovers)

CHECKS = (
    UNPINNED_SEARCH_PATH,
    REPLACEABLE_FUNCTION,
    UNTRUSTED_SCHEMA,
    DEMOTED_OWNER,
    OWNERS_DIFFER,
    UNBOUNDED_LOGIN_TRIGGER,
    MISSING_EXEMPT_ROLE,
    LEFTOVERS,
    TRIGGERS_OF_OTHERS,
)
