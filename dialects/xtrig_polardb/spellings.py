"""Session facts as PolarDB expressions.

At logon and logoff a plpgsql function gets the vendor's variables as arguments of the same names, and PostgreSQL's
expressions give the rest (see ``SESSION``); ``PLSQL`` is for functions all in PL/SQL. At DDL events they stand in
plpgsql (see ``PLPGSQL``) or, on polardb-oracle, in a system trigger (see ``SYSTEM``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from xtrig.plugin import DDL_EVENTS, SESSION_EVENTS, Event, Fact, Item, Spelling, unverified
from xtrig_pgfamily.session_facts import OF_LOGIN, ZONES
from xtrig_pgfamily.session_facts import SPELLINGS as POSTGRESQL
from xtrig_polardb.evidence import PAGE, SYSTEM_PAGE

_POSTGRESQL = unverified("a function of the PostgreSQL kernel; not shown in the vendor's page")

Spellings = Mapping[Fact, tuple[Spelling, ...]]


def _documented(sql: str, note: str = "", null: str = "") -> tuple[Spelling, ...]:
    return (Spelling(sql, SESSION_EVENTS, note=note, evidence=PAGE, null=null),)


def _kernel(
    sql: str, note: str = "", events: frozenset[Event] = SESSION_EVENTS, null: str = "", since: tuple[int, ...] = ()
) -> Spelling:
    return Spelling(sql, events, since=since, note=note, evidence=_POSTGRESQL, null=null)


def _own_row(column: str, view: str = "pg_stat_activity") -> str:
    return f"(SELECT s.{column} FROM pg_catalog.{view} s WHERE s.pid = pg_catalog.pg_backend_pid())"


_SOCKET = "on a unix socket"
# An Oracle-mode grammar does not have AT TIME ZONE INTERVAL (seen on IvorySQL 5.4). That a client's TimeZone may
# give UTC another meaning is new in 18, and no PolarDB has that kernel.
_HOUR = "extract(hour FROM timezone('UTC', clock_timestamp()))::integer"

PLPGSQL: Spellings = {
    fact: tuple(
        replace(
            each,
            evidence=_POSTGRESQL,
            sql=_HOUR if fact is Fact.HOUR_UTC else each.sql,
            events=each.events | (SESSION_EVENTS if each.events & SESSION_EVENTS else frozenset()),
        )
        for each in spellings
    )
    for fact, spellings in POSTGRESQL.items()
}
"""In plpgsql the facts of the PostgreSQL that PolarDB is built on, none of them seen on a PolarDB server.

A logoff trigger runs in the session that ends, where PostgreSQL's is inferred in another one: what is known of a
session at logon is known at logoff.
"""

_VARIABLES: Spellings = {
    Fact.LOGIN_USER: _documented("polar_login_user"),
    Fact.DATABASE: _documented("polar_database_name"),
    Fact.CLIENT_IP: _documented("polar_client_ip", "behind the cluster's proxy it may be the proxy's", _SOCKET),
    Fact.INSTANCE: _documented("polar_instance_num", "always 1: it does not tell the nodes of a cluster apart"),
    Fact.NATIVE_EVENT: _documented("tg_event"),
    Fact.TAG: _documented("tg_tag", "its value at logon and logoff is not documented"),
}

SESSION: Spellings = {
    **{
        fact: tuple(replace(each, events=SESSION_EVENTS) for each in spellings if each.events & SESSION_EVENTS)
        for fact, spellings in PLPGSQL.items()
        if any(each.events & SESSION_EVENTS for each in spellings)
    },
    **_VARIABLES,
}
"""At logon and logoff, in the plpgsql function that gets the vendor's variables."""

PLSQL: Spellings = {
    **_VARIABLES,
    Fact.CURRENT_USER: (_kernel("current_user"),),
    Fact.CLIENT_PORT: (_kernel("pg_catalog.inet_client_port()", null=_SOCKET),),
    Fact.CLIENT_HOST: (_kernel(_own_row("client_hostname"), null=f"{_SOCKET}, and for an address without a name"),),
    Fact.APPLICATION: (_kernel("pg_catalog.current_setting('application_name')"),),
    Fact.BACKEND_PID: (_kernel("pg_catalog.pg_backend_pid()"),),
    Fact.SESSION_ID: (
        _kernel("CAST(pg_catalog.pg_backend_pid() AS pg_catalog.text)", "the pid: not unique over time"),
    ),
    Fact.SERVER_VERSION: (_kernel("pg_catalog.current_setting('server_version')"),),
    Fact.AUTH_METHOD: (_kernel("pg_catalog.split_part(system_user, ':', 1)", null="under trust", since=(16,)),),
    Fact.SSL: (_kernel(_own_row("ssl", "pg_stat_ssl")),),
    Fact.NOW: (_kernel("pg_catalog.clock_timestamp()"),),
    Fact.HOUR_UTC: (_kernel("EXTRACT(HOUR FROM pg_catalog.timezone('UTC', pg_catalog.clock_timestamp()))"),),
    **{fact: (_kernel(sql),) for fact, sql in (ZONES | OF_LOGIN).items()},
    Fact.CLIENT_IN: (_kernel(OF_LOGIN[Fact.CLIENT_IN], "behind the cluster's proxy it is the proxy's address"),),
}
"""At logon and logoff, in a function that is all PL/SQL."""


def _system(sql: str, note: str = "", item: Item | None = None, null: str = "") -> Spelling:
    return Spelling(sql, DDL_EVENTS, item, note=note, evidence=SYSTEM_PAGE, null=null)


_TAG = "pg_catalog.concat(ora_sysevent, ' ', ora_dict_obj_type)"

SYSTEM: Spellings = {
    Fact.LOGIN_USER: (_kernel("session_user", events=DDL_EVENTS),),
    Fact.CURRENT_USER: (_kernel("current_user", events=DDL_EVENTS),),
    Fact.DATABASE: (_kernel("pg_catalog.current_database()", events=DDL_EVENTS),),
    Fact.CLIENT_IP: (_kernel("pg_catalog.host(pg_catalog.inet_client_addr())", events=DDL_EVENTS, null=_SOCKET),),
    **{
        fact: tuple(replace(spelling, events=DDL_EVENTS) for spelling in PLSQL[fact])
        for fact in (Fact.CLIENT_PORT, Fact.APPLICATION, Fact.BACKEND_PID, Fact.SESSION_ID, Fact.SERVER_VERSION)
    },
    **{
        fact: tuple(replace(spelling, events=DDL_EVENTS) for spelling in PLSQL[fact])
        for fact in (Fact.NOW, Fact.HOUR_UTC)
    },
    Fact.INSTANCE: (_kernel("1", events=DDL_EVENTS),),
    Fact.NATIVE_EVENT: (_system("ora_sysevent"),),
    Fact.TAG: (_system(_TAG),),
    Fact.COMMAND_TAG: (_system(_TAG),),
    Fact.OBJECT_TYPE: (_system("pg_catalog.lower(ora_dict_obj_type)", item=Item.DDL_COMMAND),),
    Fact.OBJECT_SCHEMA: (
        _system("ora_dict_obj_owner", "", Item.DDL_COMMAND, "for others than tables, views, indexes and their like"),
    ),
    Fact.OBJECT_IDENTITY: (
        _system(
            "pg_catalog.concat_ws('.', ora_dict_obj_owner, ora_dict_obj_name)",
            "not quoted as PostgreSQL would",
            Item.DDL_COMMAND,
        ),
    ),
    Fact.OBJECT_NAME: (_system("ora_dict_obj_name", item=Item.DDL_COMMAND),),
}
