"""What Oracle's own words are in a definition, and why some are nothing there.

Sources: SQL Language Reference 19c, SYS_CONTEXT; PL/SQL Language Reference 19c, Event Attribute Functions; Database
Reference 19c, V$SESSION.
"""

from __future__ import annotations

from collections.abc import Mapping

from xtrig.plugin import Fact

_CLIENTS = "what the operating system of the client says, which only Oracle's clients send"

USERENV: Mapping[str, Fact] = {
    "session_user": Fact.LOGIN_USER,
    "current_user": Fact.CURRENT_USER,
    "ip_address": Fact.CLIENT_IP,
    "host": Fact.CLIENT_HOST,
    "module": Fact.APPLICATION,
    "client_program_name": Fact.APPLICATION,
    "sessionid": Fact.SESSION_ID,
    "instance": Fact.INSTANCE,
    "db_name": Fact.DATABASE,
    "con_name": Fact.DATABASE,
    "authentication_method": Fact.AUTH_METHOD,
}
"""Parameters of SYS_CONTEXT('USERENV', ...)."""

V_SESSION: Mapping[str, Fact] = {
    "username": Fact.LOGIN_USER,
    "program": Fact.APPLICATION,
    "module": Fact.APPLICATION,
    "machine": Fact.CLIENT_HOST,
    "audsid": Fact.SESSION_ID,
}
"""Columns of the session's own row in V$SESSION."""

WORDS: Mapping[str, Fact] = {
    "user": Fact.LOGIN_USER,
    "ora_login_user": Fact.LOGIN_USER,
    "ora_database_name": Fact.DATABASE,
    "ora_client_ip_address": Fact.CLIENT_IP,
    "ora_instance_num": Fact.INSTANCE,
    "sysdate": Fact.NOW,
    "systimestamp": Fact.NOW,
    "current_timestamp": Fact.NOW,
    "localtimestamp": Fact.NOW,
    "current_date": Fact.NOW,
}
"""Words without parentheses."""

WHY_NOT: Mapping[str, str] = {
    "os_user": _CLIENTS,
    "osuser": _CLIENTS,
    "terminal": _CLIENTS,
    "sid": "the number of a session: xtrig knows ${session_id}, which is SESSIONID",
    "serial#": "the number of a session: xtrig knows ${session_id}, which is SESSIONID",
    "isdba": "SYSDBA is Oracle's: name who is exempt in exempt_roles",
    "proxy_user": "a login for somebody else is Oracle's",
    "current_schema": "the schema in force is no fact: no other vendor's trigger sees one",
    "network_protocol": "tcp or tcps: ${ssl} says whether the connection is encrypted",
    "server_host": "the server's name is no fact",
    "service_name": "a service is Oracle's: ${database} is what there is",
    "sqlcode": "what an error was is not known to a step",
    "sqlerrm": "what an error was is not known to a step",
    "rownum": "the number of a row is Oracle's",
    "ora_sql_txt": "the text of a command is no fact: it can hold passwords",
}
"""Why something is nothing in a definition, by a parameter of USERENV, a column of V$SESSION or a word."""

NOTES: Mapping[Fact, str] = {
    Fact.CLIENT_HOST: "the host: Oracle has the name that the client gives, others look one up for its address",
    Fact.APPLICATION: "the program: Oracle has the file that the client runs, others what the client calls itself",
    Fact.AUTH_METHOD: "how a user was authenticated: the words for it are each vendor's own",
    Fact.SESSION_ID: "the id of a session: another one on each vendor",
    Fact.NOW: "the time: Oracle's is the server's clock, that of a definition has a time zone",
}
"""Facts whose value is another one elsewhere."""

NAMES = frozenset((Fact.LOGIN_USER, Fact.CURRENT_USER, Fact.OBJECT_SCHEMA))
"""Facts that are names, which Oracle keeps in capitals."""

NULLABLE = frozenset((Fact.CLIENT_IP, Fact.CLIENT_HOST, Fact.AUTH_METHOD, Fact.OBJECT_SCHEMA))
"""Facts that can be NULL on some vendor."""

VERBS: Mapping[str, str] = {
    "create": "${command_tag} LIKE 'CREATE %' OR ${command_tag} = 'SELECT INTO'",
    "alter": "${command_tag} LIKE 'ALTER %'",
    "drop": "${command_tag} LIKE 'DROP %'",
    "comment": "${command_tag} = 'COMMENT'",
    "grant": "${command_tag} = 'GRANT'",
    "revoke": "${command_tag} = 'REVOKE'",
}
"""Whether a command is one of Oracle's DDL events."""

TYPES: Mapping[str, str] = {
    each.upper(): each
    for each in "table|view|index|sequence|function|procedure|trigger|type|materialized view".split("|")
}
"""Types of objects by ORA_DICT_OBJ_TYPE, for which DDL triggers of others fire as well."""

OBJECT_NAME = "coalesce(substr(${object_identity}, length(${object_schema}) + 2), ${object_identity})"
"""The name of an object without its schema: exact where neither is in quotes."""

SETTINGS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("dbms_application_info", "set_module"): ("application_name", "userenv.action"),
    ("dbms_application_info", "set_action"): ("userenv.action",),
    ("dbms_application_info", "set_client_info"): ("userenv.client_info",),
    ("dbms_session", "set_identifier"): ("userenv.client_identifier",),
}
"""The settings that the arguments of a procedure are."""

OF_SESSION: Mapping[str, str] = {"current_schema": "search_path", "time_zone": "TimeZone"}
"""Settings by the parameter of ALTER SESSION."""

WHY_NO_CALL: Mapping[tuple[str, ...], str] = {
    ("dbms_session", "set_role"): "in a trigger Oracle refuses it as well (ORA-06565): grant the role by default",
    ("dbms_session", "set_nls"): "formats of dates and numbers are set otherwise by each vendor",
    ("dbms_session", "session_trace_enable"): "tracing is Oracle's",
    ("dbms_monitor", "session_trace_enable"): "tracing is Oracle's",
    ("dbms_output", "put_line"): "it writes for SQL*Plus; the step log writes to the server's log",
    ("dbms_session", "set_context"): "a context is Oracle's: set a setting of your own with the step set",
    ("dbms_lock", "sleep"): "a wait holds up the login",
    ("dbms_session", "sleep"): "a wait holds up the login",
}
