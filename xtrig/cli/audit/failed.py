"""``xtrig audit failed``."""

from __future__ import annotations

from typing import Any

import click

from xtrig.cli.audit.options import reading_options, request


@click.command("failed")
@reading_options("the first record", "no bound")
def command(**asked: Any) -> None:
    """List refused logins. User and database are what the client asked for, and need not exist.

    \b
      xtrig audit failed --since 24h
    """
    from xtrig.audit.kinds import REFUSALS
    from xtrig.audit.records import Refusal
    from xtrig.cli.audit.terminal import Listing, cell, client, moment, sentence

    Listing(
        REFUSALS,
        Refusal,
        lambda each: each.at,
        ("at (UTC)", "user", "database", "client", "application", "code", "reason"),
        lambda each: (
            moment(each.at),
            cell(each.login_user),
            cell(each.database),
            client(each.client_ip),
            cell(each.application),
            cell(each.sqlstate),
            sentence(each.reason),
        ),
        "no refused logins",
    ).show(request(**asked))
