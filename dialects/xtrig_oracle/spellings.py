"""Session facts as Oracle expressions; a fact that is not here is refused by xtrig itself.

SYS_CONTEXT and the event attribute functions give what the server knows; no setting of a client changes them but
those that are noted.
"""

from __future__ import annotations

from collections.abc import Mapping

from xtrig.plugin import ALL_EVENTS, DDL_EVENTS, Event, Evidence, Fact, Item, Spelling, unverified
from xtrig_oracle.evidence import ATTRIBUTES, CONTEXT, DATES, V_SESSION

_LOCAL = "for a session that does not come over the network"
_PROGRAM = unverified("in the list of USERENV from 12.1 on; that list was not read")
# EXTRACT of a value with a time zone gives the hour in UTC, hence the CAST (SQL Language Reference, EXTRACT).
_LOCAL_TIME = "CAST((SYSTIMESTAMP AT TIME ZONE {}) AS TIMESTAMP)"
_DAY = "CAST((SYSTIMESTAMP AT TIME ZONE {}) AS DATE)"
_TAG = "(ORA_SYSEVENT || ' ' || ORA_DICT_OBJ_TYPE)"


def context(parameter: str) -> str:
    """Return what a parameter of the session's context is read with."""
    return f"SYS_CONTEXT('USERENV', '{parameter}')"


def _of(
    sql: str,
    evidence: Evidence,
    note: str = "",
    null: str = "",
    events: frozenset[Event] = ALL_EVENTS,
    item: Item | None = None,
) -> Spelling:
    return Spelling(sql, events, item, note=note, evidence=evidence, null=null)


def _of_items(sql: str, note: str = "", null: str = "") -> tuple[Spelling, ...]:
    return tuple(_of(sql, ATTRIBUTES, note, null, DDL_EVENTS, item) for item in Item)


SPELLINGS: Mapping[Fact, tuple[Spelling, ...]] = {
    Fact.LOGIN_USER: (_of(context("SESSION_USER"), CONTEXT, "in capitals, unless the user was made in quotes"),),
    Fact.CURRENT_USER: (_of(context("CURRENT_USER"), CONTEXT, "in a trigger its owner"),),
    Fact.DATABASE: (_of("ORA_DATABASE_NAME", ATTRIBUTES, "with the domain"),),
    Fact.CLIENT_IP: (_of(context("IP_ADDRESS"), CONTEXT, null=_LOCAL),),
    Fact.CLIENT_HOST: (_of(context("HOST"), CONTEXT, "as the client says"),),
    Fact.APPLICATION: (_of(context("CLIENT_PROGRAM_NAME"), _PROGRAM, "as the client says"),),
    Fact.SESSION_ID: (_of(context("SESSIONID"), CONTEXT, "the auditing session id; 0 for SYS"),),
    Fact.INSTANCE: (_of("ORA_INSTANCE_NUM", ATTRIBUTES),),
    Fact.AUTH_METHOD: (_of(context("AUTHENTICATION_METHOD"), CONTEXT),),
    Fact.NATIVE_EVENT: (_of("ORA_SYSEVENT", ATTRIBUTES),),
    Fact.TAG: (
        _of(_TAG, ATTRIBUTES, events=DDL_EVENTS),
        _of("ORA_SYSEVENT", ATTRIBUTES, "LOGON or LOGOFF", events=ALL_EVENTS - DDL_EVENTS),
    ),
    Fact.NOW: (_of("SYSTIMESTAMP", DATES),),
    Fact.HOUR_UTC: (_of("EXTRACT(HOUR FROM SYS_EXTRACT_UTC(SYSTIMESTAMP))", DATES),),
    Fact.HOUR: (_of(f"EXTRACT(HOUR FROM {_LOCAL_TIME})", DATES),),
    # IW is the Monday of the week, whatever NLS_TERRITORY says; format D would follow that.
    Fact.WEEKDAY: (_of(f"(TRUNC({_DAY}) - TRUNC({_DAY}, 'IW') + 1)", DATES),),
    Fact.USER_SESSIONS: (
        _of(
            f"(SELECT COUNT(*) FROM SYS.V_$SESSION s WHERE s.USERNAME = {context('SESSION_USER')})",
            V_SESSION,
            "of this instance; the owner of the trigger needs SELECT on V_$SESSION, granted to itself",
        ),
    ),
    Fact.COMMAND_TAG: (_of(_TAG, ATTRIBUTES, events=DDL_EVENTS),),
    Fact.OBJECT_TYPE: _of_items("LOWER(ORA_DICT_OBJ_TYPE)"),
    Fact.OBJECT_SCHEMA: _of_items("ORA_DICT_OBJ_OWNER", null="for objects without an owner"),
    Fact.OBJECT_IDENTITY: _of_items(
        # NVL2 and DECODE are SQL's alone: PL/SQL has neither.
        "(CASE WHEN ORA_DICT_OBJ_OWNER IS NOT NULL THEN ORA_DICT_OBJ_OWNER || '.' END || ORA_DICT_OBJ_NAME)",
        "not quoted",
    ),
}
