"""What is known about PostgreSQL: tests of this project on 16, 17 and 18, the manual, and what is left open.

What the manual says holds for 13 to 18. Of 19 nothing is known but that its grammar is the same.
"""

from __future__ import annotations

from xtrig.plugin import Evidence, documented, seen, unverified

_DDL_VERSIONS = (13, 14, 15, 16, 17, 18)
_LOGIN_VERSIONS = (17, 18)


def manual(chapter: str, *versions: int) -> Evidence:
    """Return the evidence of a chapter of the manual of all versions up to 18, or of some."""
    return documented(f"PostgreSQL manual, {chapter}", *(versions or _DDL_VERSIONS))


EVENT_TRIGGERS = manual("chapter Event Triggers")
LOGIN = documented("PostgreSQL manual, chapter Event Triggers, login", *_LOGIN_VERSIONS)
UNTRIED = unverified("seen on other versions; no test of this project runs on this one")


def login_test(test: str, otherwise: Evidence = UNTRIED) -> Evidence:
    """Return the evidence of a test with logins on 17 and 18; elsewhere ``otherwise``, if the manual says it."""
    return seen(f"tests/server/{test}", 17, 18, otherwise=otherwise)


def only_on_18(test: str, otherwise: Evidence = UNTRIED) -> Evidence:
    """Return the evidence of a test that needs 18, or programs that only its installation has."""
    return seen(f"tests/server/{test}", 18, otherwise=otherwise)


def ddl_test(test: str, otherwise: Evidence = UNTRIED) -> Evidence:
    """Return the evidence of a test with DDL, which run on 16, 17 and 18; elsewhere ``otherwise``."""
    return seen(f"tests/server/{test}", 16, 17, 18, otherwise=otherwise)


def ddl(test: str, otherwise: Evidence = UNTRIED) -> Evidence:
    """Return the evidence of a test of when DDL triggers fire."""
    return ddl_test(f"test_ddl_occasions.py::{test}", otherwise)
