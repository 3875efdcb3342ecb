"""What a setting of a definition is in Oracle: a procedure that is called, or a clause of ALTER SESSION.

A definition has the names that the PostgreSQL family gives them, and of its own those with a dot. Both directions,
rendering and importing, read this table.
Source: Oracle Database PL/SQL Packages and Types Reference 19c, DBMS_SESSION, DBMS_APPLICATION_INFO; SQL Language
Reference 19c, ALTER SESSION.
"""

from __future__ import annotations

from collections.abc import Mapping

PROCEDURES: Mapping[str, str] = {
    "application_name": "DBMS_APPLICATION_INFO.SET_MODULE({}, NULL)",
    "userenv.client_identifier": "DBMS_SESSION.SET_IDENTIFIER({})",
    "userenv.action": "DBMS_APPLICATION_INFO.SET_ACTION({})",
    "userenv.client_info": "DBMS_APPLICATION_INFO.SET_CLIENT_INFO({})",
}
"""The call, with ``{}`` for the value, by the name of the setting."""

OF_SESSION: Mapping[str, str] = {"search_path": "CURRENT_SCHEMA", "timezone": "TIME_ZONE"}
"""The parameter of ALTER SESSION, whose value is a literal, by the name of the setting in lower case."""
