"""``xtrig disable`` and ``xtrig enable``."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from xtrig.cli.many.targets import Selection, database_options
from xtrig.cli.parameters import (
    bound_options,
    canary_options,
    files_argument,
    load_definition,
    server_dialect_option,
    text_or_json_option,
)
from xtrig.cli.streams import quiet_option


@click.command("disable")
@files_argument
@database_options(changes=True)
@server_dialect_option
@bound_options
@text_or_json_option
@quiet_option
def disable(
    files: tuple[str, ...], on: Selection, dialect: str | None, lock_timeout: float, undo_after: float, form: str
) -> None:
    """Keep the triggers of a definition from firing, until: xtrig enable.

    Functions, tables and what was recorded stay. Standbys go on letting people in. The definition only says which set.
    'xtrig status' calls the triggers disabled, and 'xtrig apply' leaves them so, also new ones.

    \b
      xtrig disable --url postgresql://postgres@localhost/mydb
    """
    from xtrig.deploy import Bounds

    _run(
        "disable",
        files,
        on,
        form,
        "no trigger of the set was enabled",
        dialect,
        bounds=Bounds(lock_timeout, undo_after),
    )


@click.command("enable")
@files_argument
@database_options(changes=True)
@server_dialect_option
@canary_options
@bound_options
@text_or_json_option
@quiet_option
def enable(
    files: tuple[str, ...],
    on: Selection,
    dialect: str | None,
    roles: tuple[str, ...],
    urls: tuple[str, ...],
    login_timeout: float,
    no_canary: bool,
    accept_errors: bool,
    lock_timeout: float,
    undo_after: float,
    form: str,
) -> None:
    """Let triggers fire again that were disabled, and prove that people can still log in.

    Each gets the firing state that it had before 'xtrig disable', and one that was disabled by hand that of the
    definition. The proofs are those of 'xtrig apply'; if a login fails the triggers are disabled again.

    \b
      xtrig enable --url postgresql://postgres@localhost/mydb --canary-role app_user
    """
    from xtrig.cli.parameters import canary_of
    from xtrig.deploy import Bounds

    canary = canary_of(roles, urls, login_timeout, no_canary=no_canary, accept_errors=accept_errors)
    bounds = Bounds(lock_timeout, undo_after)
    _run("enable", files, on, form, "no trigger of the set was disabled", dialect, canary=canary, bounds=bounds)


def _run(
    command: str, files: tuple[str, ...], on: Selection, form: str, nothing: str, dialect: str | None, **options: Any
) -> None:
    from xtrig import deploy
    from xtrig.cli.console import Lines
    from xtrig.cli.deploy_text import print_report
    from xtrig.cli.exits import one_interrupt
    from xtrig.cli.many import outcomes
    from xtrig.cli.many.run import run_many

    verb, work = {
        "disable": (deploy.disable, outcomes.disabled),
        "enable": (deploy.enable, outcomes.enabled),
    }[command]
    if not on.is_one:
        run_many(
            command, on, partial(work, dialect=dialect, **options), form=form, dialect=dialect, files=files, tells=True
        )
    triggers = load_definition(files)
    with one_interrupt():
        try:
            report = verb(triggers, on.url, dialect=dialect, listener=Lines(), **options)
        except (deploy.ProofError, deploy.DeploymentError) as error:
            print_report(error.report, form)
            raise
    print_report(report, form, nothing)
