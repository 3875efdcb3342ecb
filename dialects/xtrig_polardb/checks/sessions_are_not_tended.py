"""XT209: of a record of sessions PolarDB has the rows and the views; nothing tends them.

Partitions, their retention, roles whose rights a function has, and a log to read have no words in the vendor's pages.
"""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.plugin import Check, Finding, Severity, Translation

_UNUSED = ("look_every", "retention", "partition", "ahead", "owner", "writer")


def find(translation: Translation) -> Iterator[Finding]:
    """Yield a note for a record of sessions with values that come to nothing."""
    sessions = translation.triggers.sessions
    if sessions is None:
        return
    stated = [name for name in _UNUSED if name in sessions.model_fields_set]
    if stated:
        verb = "has" if len(stated) == 1 else "have"
        message = f"{', '.join(stated)} {verb} no effect on {translation.dialect.title}: old rows stay"
        yield CHECK.finding("sessions", message, "delete them by a scheduler of your own", ("sessions",))


CHECK = Check("XT209", Severity.NOTE, find)
