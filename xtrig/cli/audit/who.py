"""``xtrig audit who``."""

from __future__ import annotations

from typing import Any

import click

from xtrig.cli.audit.options import reading_options, request


@click.command("who")
@reading_options("the first record", "no bound")
def command(**asked: Any) -> None:
    """List the sessions that are open now, as far as the record knows.

    Where a vendor has no logoff event, a session that has just ended is listed until somebody notices that it is
    gone; the column 'last seen' says when it was looked for.

    \b
      xtrig audit who --url service=shop
    """
    from xtrig.audit.kinds import SESSIONS
    from xtrig.audit.records import Session
    from xtrig.cli.audit.terminal import Listing, cell, client, moment

    Listing(
        SESSIONS,
        Session,
        lambda each: each.logon_at,
        ("user", "database", "client", "application", "method", "process", "logged in (UTC)", "last seen (UTC)"),
        lambda each: (
            cell(each.login_user),
            cell(each.database),
            client(each.client_ip, each.client_port),
            cell(each.application),
            cell(each.auth_method),
            cell(str(each.backend_pid)),
            moment(each.logon_at),
            moment(each.last_seen_at),
        ),
        "no open sessions",
    ).show(request(**asked, is_open=True))
