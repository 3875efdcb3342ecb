"""Session facts as PostgreSQL expressions. Each is one operand, under search_path = pg_catalog, pg_temp."""

from __future__ import annotations

from collections.abc import Mapping

from xtrig.plugin import ALL_EVENTS, DDL_EVENTS, Event, Evidence, Fact, Item, Spelling, seen
from xtrig_pgfamily.evidence import manual

_REWRITE = frozenset({Event.TABLE_REWRITE})
_MANUAL = manual("chapter System Information Functions")
_EVENT_MANUAL = manual("chapter Event Trigger Functions")
_PLPGSQL_MANUAL = manual("chapter PL/pgSQL, Triggers on Events")


def _seen(
    sql: str,
    page: Evidence,
    note: str = "",
    events: frozenset[Event] = ALL_EVENTS,
    item: Item | None = None,
    since: tuple[int, ...] = (),
    null: str = "",
) -> Spelling:
    evidence = seen("tests/server/test_facts.py::test_every_fact_is_what_it_says", 16, 17, 18, otherwise=page)
    return Spelling(sql, events, item, since, note, evidence, null)


# Reading the statistics copies the state of every session first, so it costs more the more there are:
# 2.4 times a bare login in the lab, against 1.7 for a whole guarded trigger.
_STATISTICS = "reads the session statistics, which costs as much as the rest of a trigger"

_NO_SCHEMA = "for an object outside of schemas"
_NO_NAME = "for what schema and name do not tell from others"

# Of the login's own session; an inferred logoff runs in somebody else's.
_OWN = ALL_EVENTS - {Event.LOGOFF}

ZONES = {
    Fact.HOUR: "CAST(EXTRACT(HOUR FROM pg_catalog.timezone({}, pg_catalog.clock_timestamp())) AS integer)",
    Fact.WEEKDAY: "CAST(EXTRACT(ISODOW FROM pg_catalog.timezone({}, pg_catalog.clock_timestamp())) AS integer)",
}
"""Facts of a named time zone, of the moment: a transaction may have begun hours ago. 18 looks the name up in the
session's own TimeZone first, where a client may have put it (``TimeZone=<ASIA/SEOUL>+5``, seen on 18.4): a function
that uses one has a TimeZone of its own."""

OF_LOGIN = {
    # By the grants, since pg_has_role() raises an error where there is no such role, and says yes to superusers.
    Fact.MEMBER_OF: "EXISTS (WITH RECURSIVE held AS (SELECT r.oid FROM pg_catalog.pg_roles r"
    " WHERE r.rolname = session_user UNION SELECT m.roleid FROM pg_catalog.pg_auth_members m"
    " JOIN held h ON m.member = h.oid) SELECT 1 FROM held h JOIN pg_catalog.pg_roles r ON r.oid = h.oid"
    " WHERE r.rolname = {})",
    Fact.CLIENT_IN: "COALESCE(pg_catalog.network_subeq(pg_catalog.inet_client_addr(), CAST({} AS inet)), false)",
    # backend_type is NULL where the function's owner may not see it.
    Fact.USER_SESSIONS: "(SELECT CAST(COUNT(*) AS integer) FROM pg_catalog.pg_stat_get_activity(NULL) s"
    " JOIN pg_catalog.pg_roles r ON r.oid = s.usesysid WHERE r.rolname = session_user"
    " AND COALESCE(s.backend_type, 'client backend') = 'client backend')",
}
"""Facts of the role and the client of a session, every name with its schema."""


def _about(sql: str, page: str, note: str = "", events: frozenset[Event] = ALL_EVENTS) -> Spelling:
    test = "tests/server/test_asking_facts.py::test_a_hostile_client_moves_none_of_them"
    return Spelling(sql, events, note=note, evidence=seen(test, 17, 18, otherwise=manual(page)))


def _dropped(column: str, null: str = "") -> Spelling:
    item = Item.DROPPED_OBJECT
    return _seen(f"dropped_object.{column}", _EVENT_MANUAL, item=item, events=DDL_EVENTS, null=null)


def _of_items(column: str) -> tuple[Spelling, ...]:
    return tuple(_seen(f"{item}.{column}", _EVENT_MANUAL, item=item, events=DDL_EVENTS) for item in Item)


SPELLINGS: Mapping[Fact, tuple[Spelling, ...]] = {
    Fact.LOGIN_USER: (_seen("session_user", _MANUAL),),
    Fact.CURRENT_USER: (_seen("current_user", _MANUAL, "the function's owner under security: definer"),),
    Fact.DATABASE: (_seen("current_database()", _MANUAL),),
    Fact.CLIENT_IP: (_seen("host(inet_client_addr())", _MANUAL, null="on a unix socket"),),
    Fact.CLIENT_PORT: (_seen("inet_client_port()", _MANUAL, null="on a unix socket"),),
    Fact.CLIENT_HOST: (
        Spelling(
            "(SELECT client_hostname FROM pg_stat_get_activity(pg_backend_pid()))",
            note=f"needs log_hostname = on; {_STATISTICS}",
            evidence=manual("chapter Monitoring Database Activity, pg_stat_activity"),
            null="on a unix socket, and for an address without a name",
        ),
    ),
    Fact.APPLICATION: (_seen("current_setting('application_name')", _MANUAL, "chosen by the client"),),
    Fact.BACKEND_PID: (_seen("pg_backend_pid()", _MANUAL),),
    Fact.SESSION_ID: (
        _seen(
            "(SELECT format('%s.%s', to_hex(trunc(extract(epoch FROM backend_start))::bigint), to_hex(pid))"
            " FROM pg_stat_get_activity(pg_backend_pid()))",
            manual("log_line_prefix, %c"),
            f"the same id as in the server log; {_STATISTICS}",
        ),
    ),
    Fact.INSTANCE: (_seen("1", _MANUAL, "a PostgreSQL server is one instance"),),
    Fact.SERVER_VERSION: (_seen("current_setting('server_version')", _MANUAL),),
    Fact.AUTH_METHOD: (_seen("split_part(system_user, ':', 1)", _MANUAL, null="under trust", since=(16,)),),
    Fact.SSL: (_seen("(SELECT ssl FROM pg_stat_get_activity(pg_backend_pid()))", _MANUAL, _STATISTICS),),
    Fact.NATIVE_EVENT: (_seen("tg_event", _PLPGSQL_MANUAL),),
    Fact.TAG: (
        _seen("tg_tag", _PLPGSQL_MANUAL, "LOGIN at logon", ALL_EVENTS - DDL_EVENTS),
        _seen("tg_tag", _PLPGSQL_MANUAL, events=DDL_EVENTS),
    ),
    Fact.NOW: (_seen("clock_timestamp()", _MANUAL),),
    Fact.HOUR_UTC: (
        _seen(
            # Not AT TIME ZONE 'utc': 18 looks abbreviations up in the session's own TimeZone first, so that
            # a client who connects with TimeZone=UTC+5 would move the hour.
            "extract(hour FROM clock_timestamp() AT TIME ZONE INTERVAL '0')::integer",
            manual("chapter Date/Time Functions"),
        ),
    ),
    Fact.HOUR: (_about(ZONES[Fact.HOUR], "chapter Date/Time Functions, AT TIME ZONE"),),
    Fact.WEEKDAY: (_about(ZONES[Fact.WEEKDAY], "chapter Date/Time Functions, AT TIME ZONE"),),
    Fact.MEMBER_OF: (_about(OF_LOGIN[Fact.MEMBER_OF], "chapter System Catalogs, pg_auth_members", events=_OWN),),
    Fact.CLIENT_IN: (_about(OF_LOGIN[Fact.CLIENT_IN], "chapter Network Address Functions", events=_OWN),),
    Fact.USER_SESSIONS: (
        _about(OF_LOGIN[Fact.USER_SESSIONS], "chapter Monitoring Database Activity", _STATISTICS, _OWN),
    ),
    Fact.COMMAND_TAG: (
        _seen("ddl_command.command_tag", _EVENT_MANUAL, item=Item.DDL_COMMAND, events=DDL_EVENTS),
        _seen("tg_tag", _PLPGSQL_MANUAL, events=DDL_EVENTS),
    ),
    Fact.OBJECT_TYPE: (
        _seen("ddl_command.object_type", _EVENT_MANUAL, item=Item.DDL_COMMAND, events=DDL_EVENTS),
        _seen("dropped_object.object_type", _EVENT_MANUAL, item=Item.DROPPED_OBJECT, events=DDL_EVENTS),
    ),
    Fact.OBJECT_SCHEMA: (
        _seen("ddl_command.schema_name", _EVENT_MANUAL, item=Item.DDL_COMMAND, events=DDL_EVENTS, null=_NO_SCHEMA),
        _seen(
            "dropped_object.schema_name", _EVENT_MANUAL, item=Item.DROPPED_OBJECT, events=DDL_EVENTS, null=_NO_SCHEMA
        ),
    ),
    Fact.OBJECT_IDENTITY: (
        _seen("ddl_command.object_identity", _EVENT_MANUAL, item=Item.DDL_COMMAND, events=DDL_EVENTS),
        _seen("dropped_object.object_identity", _EVENT_MANUAL, item=Item.DROPPED_OBJECT, events=DDL_EVENTS),
    ),
    Fact.OBJECT_NAME: (
        _seen(
            "(pg_identify_object(ddl_command.classid, ddl_command.objid, ddl_command.objsubid)).name",
            _EVENT_MANUAL,
            "quoted where needed",
            item=Item.DDL_COMMAND,
            events=DDL_EVENTS,
            null=_NO_NAME,
        ),
        _dropped("object_name", _NO_NAME),
    ),
    Fact.OBJECT_OID: _of_items("objid"),
    Fact.OBJECT_SUBID: _of_items("objsubid"),
    Fact.CLASS_OID: _of_items("classid"),
    Fact.IN_EXTENSION: (_seen("ddl_command.in_extension", _EVENT_MANUAL, item=Item.DDL_COMMAND, events=DDL_EVENTS),),
    Fact.IS_TEMPORARY: (_dropped("is_temporary"),),
    Fact.IS_ORIGINAL: (_dropped("original"),),
    Fact.IS_NORMAL: (_dropped("normal"),),
    Fact.ADDRESS_NAMES: (_dropped("address_names"),),
    Fact.ADDRESS_ARGS: (_dropped("address_args"),),
    Fact.TABLE: (_seen("pg_event_trigger_table_rewrite_oid()::regclass::text", _EVENT_MANUAL, events=_REWRITE),),
    Fact.TABLE_OID: (_seen("pg_event_trigger_table_rewrite_oid()", _EVENT_MANUAL, events=_REWRITE),),
    Fact.TABLE_PAGES: (
        _seen(
            "(SELECT relpages FROM pg_class WHERE oid = pg_event_trigger_table_rewrite_oid())",
            _EVENT_MANUAL,
            events=_REWRITE,
        ),
    ),
    Fact.REWRITE_REASON: (_seen("pg_event_trigger_table_rewrite_reason()", _EVENT_MANUAL, events=_REWRITE),),
}
