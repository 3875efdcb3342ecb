"""``xtrig apply``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from xtrig.cli.parameters import bound_options, database_options, files_argument, load_definition, text_or_json_option
from xtrig.cli.streams import ask, may_ask, quiet_option, yes_option

if TYPE_CHECKING:
    from xtrig.deploy import Plan, SavedPlan
    from xtrig.model import TriggerSet


@click.command("apply")
@files_argument
@database_options
@click.option("--plan", "saved", metavar="PLAN", type=click.Path(), help="Apply this plan of: xtrig plan --out.")
@click.option("--verify", is_flag=True, help="Apply the plan only if it is signed with the key in XTRIG_PLAN_KEY.")
@click.option("--adopt", is_flag=True, help="Take over objects of the same names that xtrig did not make.")
@click.option("--prune", is_flag=True, help="Drop triggers and functions of the set that the definition has no more.")
@click.option(
    "--canary-role",
    "roles",
    metavar="ROLE",
    multiple=True,
    help="Rehearse the functions as this role, too. Needs a superuser, and no password of the role's.",
)
@click.option(
    "--canary-url",
    "urls",
    metavar="URL",
    multiple=True,
    help="Log in with this, too, once the triggers are live: best as an ordinary role.",
)
@click.option(
    "--login-timeout",
    metavar="SECONDS",
    type=click.FloatRange(2, 600),
    default=10.0,
    show_default=True,
    help="After how long a login counts as hanging.",
)
@bound_options
@click.option("--no-canary", is_flag=True, help="Apply in one transaction, without rehearsal, canary and logins.")
@click.option(
    "--accept-errors",
    is_flag=True,
    help="Apply although a step, or a trigger on a command, fails in the rehearsal; the report says which.",
)
@click.option("--dry-run", is_flag=True, help="Show the statements, stage by stage, and change nothing.")
@text_or_json_option
@yes_option
@quiet_option
def command(
    files: tuple[str, ...],
    url: str | None,
    dialect: str | None,
    saved: str | None,
    verify: bool,
    adopt: bool,
    prune: bool,
    roles: tuple[str, ...],
    urls: tuple[str, ...],
    login_timeout: float,
    lock_timeout: float,
    undo_after: float,
    no_canary: bool,
    accept_errors: bool,
    dry_run: bool,
    form: str,
    yes: bool,
) -> None:
    """Make a database what the definition says, and prove that people can still log in.

    What fires at login is rehearsed in a transaction that is rolled back, then met by a canary connection alone,
    and only then live. If a login fails or hangs, everything is taken back, and the exit code is 1. Should xtrig
    itself be killed or cut off, the server takes everything back. On a terminal the plan is shown, and asked about.
    The exit code is 2 if triggers are left at work that the definition has no more; --prune drops them.

    \b
      xtrig apply --url postgresql://postgres@localhost/mydb --canary-role app_user
      xtrig apply --plan plan.json
    """
    from xtrig.deploy import Bounds, Canary
    from xtrig.model import TriggerSet

    if no_canary and (roles or urls or accept_errors):
        message = "--canary-role, --canary-url and --accept-errors do not go with --no-canary"
        raise click.UsageError(message, click.get_current_context())
    wanted = _wanted(files, saved, fixed=bool(dialect or adopt or prune), verify=verify)
    canary = None if no_canary else Canary(roles, urls, login_timeout, accept_errors=accept_errors)
    bounds = Bounds(lock_timeout, undo_after)
    if dry_run:
        _dry_run(wanted, url, dialect, adopt=adopt, prune=prune, staged=not no_canary, form=form)
        return
    agreed: TriggerSet | Plan | SavedPlan = wanted
    if isinstance(wanted, TriggerSet) and not yes and may_ask():
        agreed = _agreed(wanted, url, dialect, adopt=adopt, prune=prune)
    _apply(agreed, url, dialect, adopt=adopt, prune=prune, canary=canary, bounds=bounds, form=form)


def _wanted(files: tuple[str, ...], saved: str | None, *, fixed: bool, verify: bool) -> TriggerSet | SavedPlan:
    if saved is None:
        if verify:
            raise click.UsageError("--verify is about a saved plan; name it with --plan", click.get_current_context())
        return load_definition(files)
    from xtrig.deploy import load_plan
    from xtrig.deploy.planfile import signing_key

    if files or fixed:
        message = "--plan stands for definition, --dialect, --adopt and --prune; leave them out"
        raise click.UsageError(message, click.get_current_context())
    return load_plan(Path(saved), key=signing_key() if verify else None)


def _agreed(wanted: TriggerSet, url: str | None, dialect: str | None, *, adopt: bool, prune: bool) -> TriggerSet | Plan:
    """Show the plan, and return it if the user agrees; the set itself where there is nothing to agree to."""
    from xtrig.deploy import plan

    made = plan(wanted, url, dialect=dialect, adopt=adopt, prune=prune)
    if made.refusals or not made.changes:
        return wanted
    click.echo(str(made), err=True)
    ask("Apply this plan?")
    return made


def _apply(
    wanted: TriggerSet | Plan | SavedPlan, url: str | None, dialect: str | None, *, form: str, **options: object
) -> None:
    from xtrig.cli.console import Lines
    from xtrig.cli.deploy_text import print_report
    from xtrig.cli.exits import Exit, one_interrupt
    from xtrig.deploy import DeploymentError, ProofError, apply

    with one_interrupt():
        try:
            report = apply(wanted, url, dialect=dialect, listener=Lines(), **options)  # type: ignore[arg-type]
        except (ProofError, DeploymentError) as error:
            print_report(error.report, form)
            raise
    print_report(report, form)
    if report.surplus:
        raise click.exceptions.Exit(Exit.DIFFERS)


def _dry_run(
    wanted: TriggerSet | SavedPlan,
    url: str | None,
    dialect: str | None,
    *,
    adopt: bool,
    prune: bool,
    staged: bool,
    form: str,
) -> None:
    from xtrig.cli.deploy_text import print_statements
    from xtrig.cli.exits import print_findings
    from xtrig.deploy import RefusedPlanError, SavedPlan, plan
    from xtrig.deploy.planfile import difference

    if isinstance(wanted, SavedPlan):
        made = plan(wanted.triggers, url, dialect=wanted.dialect, adopt=wanted.adopt, prune=wanted.prune)
        if (why := difference(wanted, made)) is not None:
            raise RefusedPlanError(why)
    else:
        made = plan(wanted, url, dialect=dialect, adopt=adopt, prune=prune)
    print_findings(made.warnings)
    if made.refusals:
        raise RefusedPlanError(*made.refusals)
    print_statements(made, form, staged=staged)
