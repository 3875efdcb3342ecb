"""What is known about PolarDB: pages of the vendor's. No server was at hand, so nothing was seen on one."""

from __future__ import annotations

from xtrig.plugin import documented, unverified

PAGE = documented("PolarDB for PostgreSQL, Logon and logoff triggers (March 2026)")
ORACLE_PAGE = documented("PolarDB for Oracle, The login and logout trigger (March 2026)")
FAQ = documented("PolarDB FAQ 184067, event triggers for DDL")
SYSTEM_PAGE = documented("PolarDB for Oracle, System triggers (June 2025)")
FUNCTION_PAGE = documented("PolarDB for Oracle, CREATE FUNCTION")
SOURCE = unverified("the open-source PolarDB for PostgreSQL 11, event_trigger.c; the service may differ")
KERNEL = unverified("so in the PostgreSQL kernel it is built on; the vendor's pages do not say")
SILENT = unverified("the vendor's pages do not say")
RENDERED = unverified("written by xtrig; no PolarDB server was at hand to see it work")
HELPER = unverified("seen on PostgreSQL 18, where the vendor's form is played (tests/server/test_polardb_wrapper.py)")
