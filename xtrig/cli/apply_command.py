"""``xtrig apply``."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xtrig.cli.many.targets import Selection, database_options
from xtrig.cli.parameters import (
    bound_options,
    canary_of,
    canary_options,
    files_argument,
    load_definition,
    server_dialect_option,
    text_or_json_option,
)
from xtrig.cli.streams import ask, may_ask, quiet_option, yes_option

if TYPE_CHECKING:
    from xtrig.deploy import Plan, SavedPlan
    from xtrig.model import TriggerSet


@click.command("apply")
@files_argument
@database_options(changes=True)
@server_dialect_option
@click.option("--plan", "saved", metavar="PLAN", type=click.Path(), help="Apply this plan of: xtrig plan --out.")
@click.option("--verify", is_flag=True, help="Apply the plan only if it is signed with the key in XTRIG_PLAN_KEY.")
@click.option("--adopt", is_flag=True, help="Take over objects of the same names that xtrig did not make.")
@click.option("--prune", is_flag=True, help="Drop triggers and functions of the set that the definition has no more.")
@canary_options
@bound_options
@click.option("--dry-run", is_flag=True, help="Show the statements, stage by stage, and change nothing.")
@text_or_json_option
@yes_option
@quiet_option
def command(
    files: tuple[str, ...],
    on: Selection,
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
      xtrig apply --url service=shop --database all --first 1
    """
    from xtrig.deploy import Bounds
    from xtrig.model import TriggerSet

    for option, is_given in (("--plan", saved is not None), ("--dry-run", dry_run)):
        if is_given:
            on.alone(option)
    canary = canary_of(roles, urls, login_timeout, no_canary=no_canary, accept_errors=accept_errors)
    bounds = Bounds(lock_timeout, undo_after)
    if not on.is_one:
        _apply_to_many(
            files, on, form, yes=yes, dialect=dialect, adopt=adopt, prune=prune, canary=canary, bounds=bounds
        )
    url = on.url
    wanted = _wanted(files, saved, fixed=bool(dialect or adopt or prune), verify=verify)
    if dry_run:
        _dry_run(wanted, url, dialect, adopt=adopt, prune=prune, staged=not no_canary, form=form)
        return
    agreed: TriggerSet | Plan | SavedPlan = wanted
    if isinstance(wanted, TriggerSet) and not yes and may_ask():
        agreed = _agreed(wanted, url, dialect, adopt=adopt, prune=prune)
    _apply(agreed, url, dialect, adopt=adopt, prune=prune, canary=canary, bounds=bounds, form=form)


def _apply_to_many(files: tuple[str, ...], on: Selection, form: str, *, yes: bool, **options: Any) -> None:
    """Deploy to several databases; on a terminal the plans for all are shown, and asked about."""
    from xtrig.cli.many.outcomes import applied, planned
    from xtrig.cli.many.run import Databases, print_details, run_many
    from xtrig.cli.many.targets import defined

    targets = defined(files, on.targets(options["dialect"]))
    if not yes and may_ask():
        fixed = {name: options[name] for name in ("dialect", "adopt", "prune")}
        plans = Databases(replace(on, keep_going=True, first=0), partial(planned, **fixed)).run(targets)
        changed = sum(bool(each.details) for each in plans)
        print_details(targets, plans, err=True)
        if changed:
            ask(f"Apply this to {changed} of {len(targets)} databases?")
    run_many("apply", on, partial(applied, **options), form=form, targets=targets, is_shared=True, tells=True)


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
    if report.surplus or report.disabled:
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
