"""``xtrig audit sessions``."""

from __future__ import annotations

from typing import Any

import click

from xtrig.cli.audit.options import reading_options, request


@click.command("sessions")
@reading_options("the first record", "no bound")
def command(**asked: Any) -> None:
    """List sessions that logged in in a period: who, from where, until when.

    An end is exact where a logoff or the server's log told of it. Else 'by' stands before the time when the session
    was found gone; CSV and JSON have both ends of that window, last_seen_at and detected_at.

    \b
      xtrig audit sessions --url service=shop --since yesterday
      xtrig audit sessions --user alice --user bob --format csv > sessions.csv
    """
    from xtrig.audit.formats import lasted
    from xtrig.audit.kinds import SESSIONS
    from xtrig.audit.records import Session
    from xtrig.cli.audit.terminal import Listing, cell, client, ended, moment

    Listing(
        SESSIONS,
        Session,
        lambda each: each.logon_at,
        ("logged in (UTC)", "ended (UTC)", "lasted", "user", "database", "client", "application"),
        lambda each: (
            moment(each.logon_at),
            ended(each),
            cell(lasted(each)),
            cell(each.login_user),
            cell(each.database),
            client(each.client_ip),
            cell(each.application),
        ),
        "no sessions",
    ).show(request(**asked))
