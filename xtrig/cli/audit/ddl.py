"""``xtrig audit ddl``."""

from __future__ import annotations

from typing import Any

import click

from xtrig.cli.audit.options import reading_options, request


@click.command("ddl")
@reading_options("the first record", "no bound")
def command(**asked: Any) -> None:
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
