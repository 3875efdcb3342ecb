"""``xtrig audit who``, ``sessions``, ``failed`` and ``ddl``: one list of records each."""

from __future__ import annotations

from typing import Any

import click

from xtrig.cli.audit.options import reading_options, request


@click.command("who")
@reading_options("the first record", "no bound")
def who(**asked: Any) -> None:
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


@click.command("sessions")
@reading_options("the first record", "no bound")
def sessions(**asked: Any) -> None:
    """List sessions that logged in in a period: who, from where, until when.

    An end is exact where a logoff or the server's log recorded it. Else 'by' stands before the time when the session
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


@click.command("failed")
@reading_options("the first record", "no bound")
def failed(**asked: Any) -> None:
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


@click.command("ddl")
@reading_options("the first record", "no bound")
def ddl(**asked: Any) -> None:
    """List DDL commands: who changed what, and when. They are in a table ddl_log.

    \b
      xtrig audit ddl --since 7d --user deployer
    """
    from dataclasses import replace

    from xtrig.audit.kinds import DDL
    from xtrig.audit.records import Ddl
    from xtrig.cli.audit.terminal import Listing, cell, moment

    Listing(
        replace(DDL, optional=False),  # without the table, an empty list would mean that nothing was changed
        Ddl,
        lambda each: each.at,
        ("at (UTC)", "user", "command", "kind of object", "object"),
        lambda each: (
            moment(each.at),
            cell(each.login_user),
            cell(each.command_tag),
            cell(each.object_type),
            cell(each.object_identity),
        ),
        "no DDL commands",
    ).show(request(**asked))
