"""What Firebird cannot express, and what one has to know of it."""

from __future__ import annotations

from xtrig.plugin import Checks, Translation
from xtrig_firebird.checks.inexpressible import (
    ExpressionNotExpressible,
    NoSuchBound,
    NoSuchPolicy,
    NoSuchStatement,
    TagOfOthers,
)
from xtrig_firebird.checks.sessions import NameOfTheRecord
from xtrig_firebird.checks.traps import NameInLowerCase, NobodyExempt, PasswordsShown, PathInShortColumn

CHECKS: Checks[Translation] = (
    NoSuchStatement,
    ExpressionNotExpressible,
    NoSuchPolicy,
    NoSuchBound,
    NameOfTheRecord,
    TagOfOthers,
    NameInLowerCase,
    NobodyExempt,
    PasswordsShown,
    PathInShortColumn,
)
