"""The checks of hand-written texts, in the order of their findings on one line."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Checks, Finding, Translation, found
from xtrig_pgfamily.bodies.dynamic import UnquotedValue
from xtrig_pgfamily.bodies.handlers import ErrorsPassHandler, ErrorSwallowed, RefusalEvaded, RefusalNotMeant
from xtrig_pgfamily.bodies.names import (
    OwnerTakenForUser,
    PathOfItsOwn,
    RoleSetInText,
    SearchPathChanged,
    UnqualifiedName,
)
from xtrig_pgfamily.bodies.parsed import ColumnNotInText, NotPlpgsql, ResultWithoutPlace
from xtrig_pgfamily.bodies.plsql import NotPlsql
from xtrig_pgfamily.bodies.reading import Reading, readings
from xtrig_pgfamily.bodies.waiting import LoginWaits, SessionStatistics, StatementTimeout
from xtrig_pgfamily.bodies.writing import CreatedAgain, DdlAtLogin, UnguardedWrite
from xtrig_pgfamily.language import LanguageOf

CHECKS: Checks[Reading] = (
    NotPlpgsql,
    ResultWithoutPlace,
    ColumnNotInText,
    NotPlsql,
    LoginWaits,
    UnguardedWrite,
    UnqualifiedName,
    PathOfItsOwn,
    SearchPathChanged,
    OwnerTakenForUser,
    RoleSetInText,
    UnquotedValue,
    CreatedAgain,
    DdlAtLogin,
    ErrorSwallowed,
    ErrorsPassHandler,
    StatementTimeout,
    SessionStatistics,
    RefusalNotMeant,
    RefusalEvaded,
)


def findings(translation: Translation, language: LanguageOf) -> Iterator[Finding]:
    """Yield what is found in each text whose language can be read."""
    return (finding for text in readings(translation, language) for finding in found(CHECKS, text))
