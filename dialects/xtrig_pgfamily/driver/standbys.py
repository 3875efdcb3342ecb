"""Waiting until standbys have seen what was committed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from xtrig.errors import DriverError
from xtrig.plugin import literal

if TYPE_CHECKING:
    from xtrig.dialect.driver import Session

_POSITION = "SELECT pg_current_wal_insert_lsn()::text AS position"
_BEHIND = "SELECT count(*) AS behind FROM pg_stat_replication WHERE state = 'streaming' AND replay_lsn < {}"
_PAUSE = 0.1
_PATIENCE = 30.0
_SETTLE = 1.0
"""Seconds for a login on a standby that began before; also for standbys that this server does not know of."""


def wait_for_standbys(session: Session) -> bool:
    """Wait until the standbys have replayed all that is committed; return whether they had in half a minute."""
    caught_up = False
    end = time.monotonic() + _PATIENCE
    try:
        with session.reading():
            position = session.row(_POSITION)["position"]
        while not caught_up and time.monotonic() < end:
            with session.reading():
                caught_up = session.row(_BEHIND.format(literal(position)))["behind"] == 0
            if not caught_up:
                time.sleep(_PAUSE)
    except DriverError:
        # Without the right to look, or with a dead session, there is only the time that it usually takes.
        pass
    time.sleep(_SETTLE)
    return caught_up
