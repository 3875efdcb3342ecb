"""Session facts as Firebird expressions. Not spelt are those that ask MON$ tables.

A trigger on MON$ATTACHMENTS can hang a session's end or a login: issues FirebirdSQL/firebird#7979 (until 3.0.12) and
#9136 (Classic, open).
"""

from __future__ import annotations

from collections.abc import Mapping

from xtrig.plugin import ALL_EVENTS, DDL_EVENTS, Event, Fact, Item, Spelling, documented, seen
from xtrig_firebird.column_types import ZONES

_CONTEXT = documented("Firebird 3.0 Language Reference, RDB$GET_CONTEXT")
_EMBEDDED = "in an embedded session"


def _seen(
    sql: str,
    note: str = "",
    events: frozenset[Event] = ALL_EVENTS,
    item: Item | None = None,
    since: tuple[int, ...] = (),
    null: str = "",
) -> Spelling:
    evidence = seen("tests/firebird/test_facts.py::test_every_fact_is_what_it_says", (3, 0), (5, 0), otherwise=_CONTEXT)
    return Spelling(sql, events, item, since, note, evidence, null)


def _context(key: str, namespace: str = "SYSTEM") -> str:
    return f"rdb$get_context('{namespace}', '{key}')"


def _path(key: str) -> str:
    """Return a path's first 255 characters.

    Seen on 3.0.11: the value has more than its declared 255 bytes, LEFT of it cuts a character in two, and a column
    of 255 characters in UTF-8 takes neither.
    """
    return f"left(cast({_context(key)} as varchar(8191) character set utf8), 255)"


_ADDRESS = _context("CLIENT_ADDRESS")
_MOMENT = "cast('now' as timestamp with time zone)"
_AT = frozenset({Event.LOGON}), frozenset({Event.LOGOFF}), frozenset({Event.DDL_COMMAND_START})
_AFTER = DDL_EVENTS - _AT[2]
_TAG = _context("DDL_EVENT", "DDL_TRIGGER")
_ROLES = (
    "exists(select 1 from rdb$user_privileges p where p.rdb$user = current_user and p.rdb$user_type = 8"
    " and p.rdb$privilege = 'M' and p.rdb$relation_name = {})"
)
# 4.0 grants roles to roles; UNION ALL is all that a recursive query may have, and a circle of grants is refused.
_ROLES_4 = (
    "exists(with recursive held as (select p.rdb$relation_name granted from rdb$user_privileges p"
    " where p.rdb$user = current_user and p.rdb$user_type = 8 and p.rdb$privilege = 'M' union all"
    " select p.rdb$relation_name from rdb$user_privileges p join held h on p.rdb$user = h.granted"
    " where p.rdb$user_type = 13 and p.rdb$privilege = 'M') select 1 from held where granted = {})"
)

SPELLINGS: Mapping[Fact, tuple[Spelling, ...]] = {
    Fact.LOGIN_USER: (_seen("current_user", "in capitals, unless the account was made in double quotes"),),
    Fact.CURRENT_USER: (
        _seen(_context("EFFECTIVE_USER"), "in capitals, unless the account was made in double quotes", since=ZONES),
    ),
    Fact.DATABASE: (_seen(_path("DB_NAME"), "the path of the file"),),
    Fact.CLIENT_IP: (
        _seen(
            f"substring({_ADDRESS} from 1 for position('/' in {_ADDRESS} || '/') - 1)",
            null=_EMBEDDED,
        ),
    ),
    Fact.CLIENT_PORT: (
        _seen(
            f"cast(nullif(substring({_ADDRESS} from position('/' in {_ADDRESS}) + 1), {_ADDRESS}) as integer)",
            null=_EMBEDDED,
        ),
    ),
    Fact.CLIENT_HOST: (_seen(_context("CLIENT_HOST"), null=_EMBEDDED),),
    Fact.APPLICATION: (_seen(_path("CLIENT_PROCESS"), "the client's program, as it says itself", null=_EMBEDDED),),
    Fact.SESSION_ID: (_seen("cast(current_connection as varchar(20))", "begins again when a backup is restored"),),
    Fact.INSTANCE: (_seen("1", "a Firebird server is one instance"),),
    Fact.SERVER_VERSION: (_seen(_context("ENGINE_VERSION")),),
    Fact.SSL: (_seen(f"(coalesce({_context('WIRE_ENCRYPTED')}, 'FALSE') = 'TRUE')", "Firebird's own, no TLS"),),
    Fact.NATIVE_EVENT: (
        _seen("'CONNECT'", events=_AT[0]),
        _seen("'DISCONNECT'", events=_AT[1]),
        _seen("'BEFORE DDL'", events=_AT[2]),
        _seen("'AFTER DDL'", events=_AFTER),
    ),
    Fact.TAG: (
        _seen("'CONNECT'", events=_AT[0]),
        _seen("'DISCONNECT'", events=_AT[1]),
        _seen(_TAG, events=DDL_EVENTS),
    ),
    Fact.NOW: (
        _seen(_MOMENT, since=ZONES),
        _seen("cast('now' as timestamp)", "in the server's time, without a zone"),
    ),
    Fact.HOUR_UTC: (_seen(f"extract(hour from {_MOMENT} at time zone 'UTC')", since=ZONES),),
    Fact.HOUR: (_seen(f"extract(hour from {_MOMENT} at time zone {{}})", since=ZONES),),
    Fact.WEEKDAY: (_seen(f"(mod(extract(weekday from {_MOMENT} at time zone {{}}) + 6, 7) + 1)", since=ZONES),),
    Fact.MEMBER_OF: (_seen(_ROLES_4, since=ZONES), _seen(_ROLES)),
    Fact.CLIENT_IN: (
        _seen(
            f"(coalesce(substring({_ADDRESS} from 1 for position('/' in {_ADDRESS} || '/') - 1), '')"
            " similar to {} escape '#')",
            "networks of IPv4",
        ),
    ),
    Fact.COMMAND_TAG: (_seen(_TAG, events=DDL_EVENTS),),
    Fact.OBJECT_TYPE: tuple(
        _seen(f"lower({_context('OBJECT_TYPE', 'DDL_TRIGGER')})", events=DDL_EVENTS, item=item) for item in Item
    ),
    Fact.OBJECT_SCHEMA: tuple(
        _seen("cast(null as varchar(63))", events=DDL_EVENTS, item=item, null="always: there are no schemas")
        for item in Item
    ),
    Fact.OBJECT_IDENTITY: tuple(
        _seen(_context("OBJECT_NAME", "DDL_TRIGGER"), "the name as it is stored", DDL_EVENTS, item) for item in Item
    ),
}
