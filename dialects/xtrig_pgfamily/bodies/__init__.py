"""Checks of hand-written bodies and ``sql:`` steps, codes XT3##.

A check looks at one :class:`Reading`: a text in the language that its dialect will run it in. It yields what
:meth:`Reading.finding` makes; the place becomes the line of the file wherever the text is a literal block.
The reading is one of tokens and nested statements, so what a check does not recognise, it passes over.
"""

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
