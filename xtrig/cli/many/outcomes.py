"""What each command comes to for one database among several: exit code, a few words, lines and data."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from xtrig.audit.formats import counted as numbered
from xtrig.cli.deploy_text import report_lines, status_lines
from xtrig.cli.exits import Exit
from xtrig.cli.many.run import Outcome, Prefixed, failed
from xtrig.cli.many.targets import Target
from xtrig.connect import find_driver
from xtrig.deploy import DeploymentError, ProofError, Report, apply, disable, drop, enable, plan, status
from xtrig.deploy.text import counted
from xtrig.findings import Severity


def planned(target: Target, progress: Prefixed, **options: Any) -> Outcome:
    """Return the outcome of ``xtrig plan``."""
    made = plan(target.definition, target.where, **options)
    for note in made.server.notes:
        progress.note(note)
    parts = [counted(made.changes)] if made.changes else []
    parts += [numbered(len(made.refusals), "refusal")] if made.refusals else []
    parts += [f"{len(made.disabled)} disabled"] if made.disabled else []
    parts += [f"{len(made.surplus)} surplus"] if made.surplus and not made.is_empty else []
    code = Exit.FINDINGS if made.refusals else Exit.OK if made.is_empty else Exit.DIFFERS
    details = () if made.is_empty else tuple(str(made).splitlines()[2:])
    return Outcome(code, ", ".join(parts) or "as the definition says", details, made.to_dict())


def looked_at(target: Target, progress: Prefixed, **options: Any) -> Outcome:
    """Return the outcome of ``xtrig status``."""
    found = status(target.definition, target.where, **options)
    counts = Counter(str(each.condition) for each in found.objects if not each.is_good)
    parts = [f"{number} {condition}" for condition, number in counts.items()]
    parts += [numbered(len(found.problems), "problem")] if found.problems else []
    details = () if found.is_in_sync else tuple(status_lines(found))
    return Outcome(
        Exit.OK if found.is_in_sync else Exit.DIFFERS, ", ".join(parts) or "in sync", details, found.to_dict()
    )


def diagnosed(target: Target, progress: Prefixed, *, dialect: str | None) -> Outcome:
    """Return the outcome of ``xtrig doctor``."""
    from xtrig.doctor import examine

    report = examine(target.where, dialect)
    counts = Counter(each.severity for each in report.problems)
    parts = [f"{counts[each]} {each}{'s' if counts[each] > 1 else ''}" for each in Severity if counts[each]]
    # What every report begins and ends with, the database and the commands, would tell alike reports apart.
    problems = [
        f"{each.severity}: {each.subject}: {each.message}; {each.remedy} [{each.name}]" for each in report.problems
    ]
    return Outcome(
        Exit.OK if report.is_safe else Exit.FINDINGS,
        ", ".join(parts) or "nothing was found",
        () if report.is_safe else tuple(problems),
        report.to_dict(),
    )


def applied(target: Target, progress: Prefixed, **options: Any) -> Outcome:
    """Return the outcome of ``xtrig apply``."""
    return _changed(apply, target, progress, "as the definition says", **options)


def dropped(target: Target, progress: Prefixed, **options: Any) -> Outcome:
    """Return the outcome of ``xtrig drop``."""
    return _changed(drop, target, progress, "the set has nothing there", **options)


def disabled(target: Target, progress: Prefixed, **options: Any) -> Outcome:
    """Return the outcome of ``xtrig disable``."""
    return _changed(disable, target, progress, "no trigger of the set was enabled", **options)


def enabled(target: Target, progress: Prefixed, **options: Any) -> Outcome:
    """Return the outcome of ``xtrig enable``."""
    return _changed(enable, target, progress, "no trigger of the set was disabled", **options)


def _changed(verb: Any, target: Target, progress: Prefixed, nothing: str, **options: Any) -> Outcome:
    canary = options.get("canary")
    if canary is not None:
        # Who logs in as a proof does so in the database that is deployed to.
        ways = [find_driver(each)[0].address(each).in_database(target.database) for each in canary.urls]
        options["canary"] = replace(canary, urls=ways)
    try:
        report: Report = verb(target.definition, target.where, listener=progress, **options)
    except (ProofError, DeploymentError) as error:
        return failed(error, error.report.to_dict(), tuple(report_lines(error.report, nothing)))
    left = [*report.surplus, *report.disabled]
    parts = [numbered(len(report.changes), "change") if report.done else nothing]
    parts += [numbered(len(report.logins), "login")] if report.logins else []
    parts += [f"{len(report.surplus)} surplus"] if report.surplus else []
    parts += [f"{len(report.disabled)} disabled"] if report.disabled else []
    return Outcome(Exit.DIFFERS if left else Exit.OK, ", ".join(parts), (), report.to_dict())
