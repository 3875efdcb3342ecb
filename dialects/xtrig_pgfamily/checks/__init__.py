"""What no server built on PostgreSQL's kernel can do with a definition, or does otherwise than one may think."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from xtrig.plugin import Checks, Finding, Translation, hand_written
from xtrig_pgfamily.checks.calls import CallWaits, InvokerInserts, NoSuchBuiltIn
from xtrig_pgfamily.checks.refusals import OrderByName, ReplicationPasses, RowsLost
from xtrig_pgfamily.checks.settings import RoleUnderDefiner, SetBeforeSteps
from xtrig_pgfamily.checks.visibility import (
    ConstantCondition,
    NothingListed,
    OtherTagsCreate,
    TagNotSeen,
    UnseenCommands,
    UnseenRewrites,
)
from xtrig_pgfamily.language import LanguageOf

CHECKS: Checks[Translation] = (
    TagNotSeen,
    NothingListed,
    OtherTagsCreate,
    RowsLost,
    OrderByName,
    SetBeforeSteps,
    RoleUnderDefiner,
    CallWaits,
    NoSuchBuiltIn,
    InvokerInserts,
    ConstantCondition,
    ReplicationPasses,
    UnseenRewrites,
    UnseenCommands,
)
"""By the version of the kernel."""


def with_texts(checks: Checks[Translation]) -> Checks[Any]:
    """Return a dialect's checks and those of hand-written texts."""
    from xtrig_pgfamily.bodies import text_checks

    return (*text_checks.CHECKS, *checks)


def in_texts(translation: Translation, language: LanguageOf) -> Iterator[Finding]:
    """Yield what is found in the hand-written texts that the dialect will use."""
    if any(hand_written(translation.triggers, translation.dialect.name)):
        # A reader of whole bodies takes as long to import as everything else here, and few definitions hold any.
        from xtrig_pgfamily.bodies.text_checks import findings

        yield from findings(translation, language)
