"""``xtrig audit verify``: is the audit as it was deployed, are its rows unchanged, was anything not recorded?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from xtrig.audit.formats import utc
from xtrig.audit.kinds import GAPS, TAMPERINGS
from xtrig.audit.reading import Reading, Wanted, open_reading
from xtrig.audit.records import Gap, Source, Tampering
from xtrig.connect import Where
from xtrig.deploy.status import ObjectStatus, Status, status
from xtrig.model import TriggerSet

if TYPE_CHECKING:
    from xtrig.outputs import VerificationOutput

_NEVER_SEEN = (
    "what a superuser rewrote together with the seals and marks that would tell, what was changed and changed back, "
    "and logins that were never written; compare with a copy of the server's log that is kept elsewhere"
)
_NO_SEALS = "rows that were altered or deleted after the fact, as nothing here seals them"


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of a verification.

    ``status`` compares the database with the definition, ``tamperings`` are rows that are not as they were written,
    ``gaps`` the times in which nothing was recorded; ``cannot_see`` names changes that none of them detects.
    """

    source: Source
    status: Status
    tamperings: tuple[Tampering, ...]
    gaps: tuple[Gap, ...]
    cannot_see: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return self.status.is_in_sync and not self.tamperings and not self.gaps

    @property
    def changed(self) -> tuple[ObjectStatus, ...]:
        """Return the objects that are not as the definition says."""
        return tuple(each for each in self.status.objects if not each.is_good)

    def to_dict(self) -> VerificationOutput:
        """Return all of it as JSON-able data."""
        return {
            "clean": self.is_clean,
            "status": self.status.to_dict(),
            "tamper_findings": [
                {"subject": each.subject, "message": each.message, "at": _text(each.at)} for each in self.tamperings
            ],
            "coverage_gaps": [
                {"since": _text(each.since), "until": _text(each.until), "reason": each.reason} for each in self.gaps
            ],
            "cannot_see": list(self.cannot_see),
        }


def verify(
    triggers: TriggerSet, where: Where = None, *, dialect: str | None = None, since: datetime | None = None
) -> Verification:
    """Look for signs of tampering; nothing is changed.

    ``where`` is an engine, a connection or a URL; None takes XTRIG_DATABASE_URL and the PG* variables. ``since``
    leaves out gaps in coverage that had ended before; all other checks cover all records. A definition
    without ``sessions`` has no records that could be verified, only objects.

    Raises the errors of :func:`xtrig.deploy.status`, and :class:`~xtrig.errors.DatabaseError` where the role may
    not read what there is.
    """
    found = status(triggers, where, dialect=dialect)
    with open_reading(where, triggers.schema_) as reading:
        tamperings = tuple(reading.records(TAMPERINGS, Wanted()))
        unsealed = () if reading.has(TAMPERINGS) else (_NO_SEALS,)
        gaps, missing = _gaps(reading, since)
        cannot_see = (*unsealed, *missing, _NEVER_SEEN)
        return Verification(reading.source, found, tamperings, gaps, cannot_see)


def _gaps(reading: Reading, since: datetime | None) -> tuple[tuple[Gap, ...], tuple[str, ...]]:
    """Return the gaps, and what cannot be detected without them."""
    # If the definition creates the view, the status reports it as missing.
    if not reading.has(GAPS):
        return (), ("times in which nothing was recorded, as nothing here notes them",)
    return tuple(reading.records(GAPS, Wanted(since=None if since is None else utc(since)))), ()


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
