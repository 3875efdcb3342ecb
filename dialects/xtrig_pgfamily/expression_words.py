"""What plain names in an expression mean to PostgreSQL, and what to write instead of the words of others."""

from __future__ import annotations

from functools import cache

from xtrig.plugin import Words
from xtrig_pgfamily.builtin import functions, types
from xtrig_pgfamily.words import RESERVED

_VALUES = (
    "current_user session_user user current_role current_catalog current_schema system_user current_date current_time "
    "current_timestamp localtime localtimestamp tg_event tg_tag found sqlstate sqlerrm "
    # Columns of every table: PostgreSQL manual, System Columns.
    "ctid tableoid xmin xmax cmin cmax"
)
VARIABLES = frozenset(("found", "tg_event", "tg_tag"))
"""Of every event trigger's function: PostgreSQL manual, PL/pgSQL, Obtaining the Result Status, Event Triggers."""
# src/backend/parser/gram.y of 18, func_expr_common_subexpr: no functions of pg_proc have these names.
_FORMS = (
    "cast coalesce extract greatest grouping json json_array json_exists json_object json_query json_scalar "
    "json_serialize json_value least merge_action normalize nullif overlay position substring treat trim xmlconcat "
    "xmlelement xmlexists xmlforest xmlparse xmlpi xmlroot xmlserialize"
)
# gram.y again: words of SQL that take no parentheses.
_BARE = "current_user session_user user current_role current_catalog current_date system_user"
_TYPES = {
    "text": "current_user session_user user current_role current_catalog current_schema system_user tg_event tg_tag "
    "current_database version current_setting host quote_ident quote_literal",
    "timestamptz": "current_timestamp now clock_timestamp statement_timestamp transaction_timestamp to_timestamp",
    "timestamp": "localtimestamp",
    "date": "current_date to_date",
    "time": "current_time localtime",
    "inet": "inet_client_addr inet_server_addr inet cidr",
    "integer": "inet_client_port inet_server_port pg_backend_pid",
    "boolean": "pg_has_role pg_is_in_recovery has_table_privilege has_schema_privilege",
}
_MAKERS = {"json": "to_json(...)", "array": "ARRAY[...]"}
_ARITIES = {"decode": (2,), "to_char": (2,), "to_date": (2,), "to_number": (2,), "to_timestamp": (1, 2)}
_ZONE = "${hour('Asia/Seoul')}"
_INSTEAD = {
    # Oracle: SQL Language Reference, Functions.
    "nvl": "coalesce(...)",
    "nvl2": "CASE WHEN ... IS NOT NULL THEN ... ELSE ... END",
    "decode": "CASE ... WHEN ... THEN ... ELSE ... END",
    "sysdate": "${now}",
    "systimestamp": "${now}",
    "instr": "position(... IN ...)",
    "to_char": "to_char(..., format)",
    "to_date": "to_date(..., format)",
    "to_number": "CAST(... AS numeric)",
    "add_months": "... + INTERVAL '1 month'",
    "sys_context": "a fact such as ${login_user} or ${client_ip}",
    "userenv": "a fact such as ${session_id}",
    "ora_login_user": "${login_user}",
    "ora_client_ip_address": "${client_ip}",
    "ora_database_name": "${database}",
    "ora_sysevent": "${event}",
    "rownum": "LIMIT 1",
    # SQL Server: Transact-SQL Reference, Functions.
    "getdate": "${now}",
    "getutcdate": "${now}",
    "sysdatetime": "${now}",
    "sysdatetimeoffset": "${now}",
    "isnull": "coalesce(...)",
    "len": "length(...)",
    "charindex": "position(... IN ...)",
    "iif": "CASE WHEN ... THEN ... ELSE ... END",
    "convert": "CAST(... AS ...)",
    "datepart": _ZONE,
    "original_login": "${login_user}",
    "suser_sname": "${login_user}",
    "system_user": "${login_user}",
    "host_name": "${client_host}",
    "app_name": "${application}",
    "is_member": "${member_of('audit_reader')}",
    "is_rolemember": "${member_of('audit_reader')}",
    # MySQL and MariaDB: Reference Manual, Built-In Functions.
    "ifnull": "coalesce(...)",
    "if": "CASE WHEN ... THEN ... ELSE ... END",
    "curdate": "${now}",
    "curtime": "${now}",
    "unix_timestamp": "extract(epoch FROM ${now})",
    "utc_timestamp": "${now}",
    "hour": _ZONE,
    "weekday": "${weekday('Asia/Seoul')}",
    "dayofweek": "${weekday('Asia/Seoul')}",
    "inet_aton": "${client_in('10.0.0.0/8')}",
    "database": "${database}",
    "connection_id": "${backend_pid}",
    "group_concat": "string_agg(..., ',')",
    # Words without parentheses.
    "current_user": "${login_user}, or current_user without parentheses",
    "session_user": "${login_user}",
    "user": "${login_user}",
    "current_role": "${login_user}, or current_role without parentheses",
    "current_catalog": "${database}",
    "current_date": "current_date without parentheses",
    # Names of facts, written as functions.
    "login_user": "${login_user}",
    "client_ip": "${client_ip}",
    "member_of": "${member_of('audit_reader')}",
    "client_in": "${client_in('10.0.0.0/8')}",
    "user_sessions": "${user_sessions}",
    # PolarDB: Logon and logoff triggers.
    "polar_login_user": "${login_user}",
    "polar_client_ip": "${client_ip}",
    "polar_database_name": "${database}",
    "polar_instance_num": "${instance}",
}


@cache
def words() -> Words:
    """Return PostgreSQL's words: what is found in pg_catalog."""
    return Words(
        # A type's name is a function, too: inet('10.0.0.1'). PostgreSQL manual, Type Casts.
        functions=frozenset((*functions(), *_FORMS.split(), *(types() - RESERVED))) - frozenset(_BARE.split()),
        values=frozenset(_VALUES.split()),
        prefix="pg_",
        schemas=("pg_catalog",),
        arities=_ARITIES,
        types={name: kind for kind, names in _TYPES.items() for name in names.split()},
        instead=_INSTEAD,
        makers=_MAKERS,
        numbers_are_days=False,
    )
