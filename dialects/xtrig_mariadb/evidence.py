"""What is known about MariaDB: tests of this project on 10.11 and 11.8, the manual, and what is left open."""

from __future__ import annotations

from xtrig.plugin import Evidence, documented, seen, unverified

_LOGON = "tests/server/mariadb/test_mariadb_logon.py"
UNTRIED = unverified("seen on 10.11 and 11.8; no test of this project ran on this version")


def manual(page: str) -> Evidence:
    """Return the evidence of a page of the manual."""
    return documented(f"MariaDB documentation, {page}")


def logon_test(test: str, otherwise: Evidence = UNTRIED) -> Evidence:
    """Return the evidence of a test with logins on 10.11 and 11.8; elsewhere ``otherwise``."""
    return seen(f"{_LOGON}::{test}", (10, 11), (11, 8), otherwise=otherwise)


FINE_GRAINED = (11,)
"""The first version in which SUPER does not stand for CONNECTION ADMIN (MDEV-29668)."""


def administrators(version: tuple[int, ...]) -> str:
    """Return the rights with one of which an account never meets init_connect, and may set it."""
    return "CONNECTION ADMIN" if version >= FINE_GRAINED else "SUPER or CONNECTION ADMIN"


INIT_CONNECT = manual("Server System Variables, init_connect")
