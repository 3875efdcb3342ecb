"""The session's PL/SQL parser for the tests of this folder."""

from tests.parsers.plsql import plsql

__all__ = ["plsql"]
