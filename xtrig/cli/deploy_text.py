"""Plans, reports and statuses for people, or as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from xtrig.audit.formats import counted
from xtrig.cli import print_output
from xtrig.deploy.text import STAYS_DISABLED, difference_lines
from xtrig.sqltext import one_line

if TYPE_CHECKING:
    from xtrig.deploy import Plan, Report, Status
    from xtrig.dialect.deployment import Stage
    from xtrig.dialect.history import Entry
    from xtrig.script import Statement


def print_status(status: Status) -> None:
    """Print a line for each object, and its differences below it."""
    click.echo(f"{status.server.title}, database {one_line(status.server.database)}, set {one_line(status.set_name)}\n")
    for line in status_lines(status):
        click.echo(line)
    if status.last is not None:
        click.echo(f"last: {one_line(_entry_text(status.last))}")


def _entry_text(entry: Entry) -> str:
    proved = counted(len(entry.proofs), "proof") if entry.proofs else "nothing proved"
    states = f"{entry.before or 'nothing'} -> {entry.after or 'nothing'}"
    return f"{entry.command} by {entry.role} at {entry.at}, xtrig {entry.xtrig}, {states}, {proved}"


def status_lines(status: Status) -> Iterator[str]:
    """Yield a line for each object, and its differences below it."""
    width = max((len(each.condition) for each in status.objects), default=0)
    for each in status.objects:
        yield f"{each.condition:<{width}}  {each.kind} {one_line(each.name)}"
        for difference in each.differences:
            yield from (f"{'':<{width}}  {line}" for line in difference_lines(difference))
    yield from (f"! {one_line(problem)}" for problem in status.problems)
    yield from (f"note: {one_line(note)}" for note in status.notes)


def print_report(report: Report, form: str, nothing: str = "the database is as the definition says") -> None:
    """Print the report of a deployment; ``nothing`` is the reason to give if there was nothing to do."""
    if form == "json":
        print_output("apply", report.to_dict())
        return
    click.echo(one_line(f"{report.server}, database {report.database}"))
    for line in report_lines(report, nothing):
        click.echo(line)


def report_lines(report: Report, nothing: str) -> Iterator[str]:
    """Yield what was done and proved, a line each."""
    return map(one_line, _report_lines(report, nothing))


def _report_lines(report: Report, nothing: str) -> Iterator[str]:
    if not report.done and report.failed is None:
        if not (report.surplus or report.disabled):
            yield f"Nothing to do: {nothing}."
        yield from map(_left, report.surplus)
        yield from (f"{each}: {STAYS_DISABLED}" for each in report.disabled)
        return
    if report.failed is None:
        yield from (f"  {change}" for change in report.changes)
    for login in report.logins:
        outcome = "ok" if login.refusal is None else f"REFUSED: {login.refusal}"
        yield f"  login as {login.who} ({login.proof}): {outcome}, {login.seconds * 1000:.1f} ms"
    yield from (f"  {_left(each)}" for each in report.surplus)
    yield from (f"  {each}: {STAYS_DISABLED}" for each in report.disabled)
    yield from (f"  proved: {each}" for each in report.proved)
    yield from (f"  not proved: {each}" for each in report.unproved)
    if report.latency is not None:
        latency = report.latency
        yield (
            f"  a login takes {latency.with_triggers:.1f} ms with the triggers, {latency.without_triggers:.1f} ms "
            f"without ({latency.ratio:.2f} times as long; median of {latency.rounds})"
        )
    if report.ended:
        yield f"  hanging logins that were ended: {', '.join(f'pid {pid}' for pid in report.ended)}"
    if report.failed is not None:
        taken = ", ".join(report.taken_back) or "nothing had been changed"
        yield f"FAILED in stage {report.failed}; the reason is on stderr."
        yield f"Taken back: {taken}."
        yield "Logins work again: proved by a login." if report.restored else "LOGINS MAY NOT WORK: see the message."


def _left(surplus: str) -> str:
    return f"{surplus} is of this set, no more in the definition, and still at work: --prune drops it"


def print_statements(plan: Plan, form: str, *, staged: bool) -> None:
    """Print what ``apply`` would execute, as SQL."""
    if form == "json":
        print_output("plan", plan.to_dict())
    elif staged:
        print_stages(plan.stages, form)
    else:
        click.echo("BEGIN;\n")
        _print_sql(plan.direct)
        click.echo("COMMIT;")


def print_stages(stages: Sequence[Stage], form: str) -> None:
    """Print stages as SQL, each a transaction."""
    if form == "json":
        print_output("drop-stages", {"stages": [each.to_dict() for each in stages]})
        return
    for stage in stages:
        click.echo(f"-- Stage {stage.name}: {one_line(stage.purpose)}; proof: {stage.proof}\nBEGIN;\n")
        _print_sql((*stage.statements, *stage.probes))
        if (tried := stage.commands) is not None:
            _print_sql((*tried.opening, *tried.objects, *tried.triggers))
            for command in tried.commands:
                click.echo(f"{command.sql};\n")
        click.echo("ROLLBACK;\n" if stage.proof == "rehearsal" else "COMMIT;\n")


def _print_sql(statements: Iterable[Statement]) -> None:
    for statement in statements:
        if statement.purpose:
            click.echo(f"-- {one_line(statement.purpose)}")
        click.echo(f"{statement.sql};\n")
