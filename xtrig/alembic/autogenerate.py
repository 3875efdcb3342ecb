"""Autogenerate: which steps of which sets a new revision needs, and how they are written into it."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Sequence
from typing import Any

from alembic.autogenerate import comparators, renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import UpgradeOps
from alembic.util import CommandError, DispatchPriority

from xtrig.alembic.operation import ApplyTriggers, as_command_error
from xtrig.alembic.registration import Registration, current
from xtrig.alembic.revisions import FrozenSet, frozen_sets
from xtrig.alembic.visibility import look_for_parts
from xtrig.deploy import Plan, plan
from xtrig.deploy.migration import is_untouched
from xtrig.deploy.text import change_lines
from xtrig.model import TriggerSet
from xtrig.sqltext import one_line, shows_as_it_is

_log = logging.getLogger("xtrig.alembic")
_PLUGIN = "xtrig"


@comparators.dispatch_for("autogenerate", priority=DispatchPriority.FIRST)
def look_before_tables_are_compared(context: AutogenContext, upgrade_ops: UpgradeOps) -> None:
    """Ask for what :func:`~xtrig.alembic.visibility.include_object` cannot see of a table."""
    if context.connection is not None:
        with as_command_error():
            look_for_parts(context.connection, current().dialect)


@comparators.dispatch_for("autogenerate", priority=DispatchPriority.LAST)
def compare_if_not_listed(context: AutogenContext, upgrade_ops: UpgradeOps) -> None:
    """Compare where env.py names no plugins: what is registered is not to be forgotten in silence."""
    listed = context.opts.get("autogenerate_plugins")
    if listed is None:
        compare_triggers(context, upgrade_ops)
    elif _PLUGIN not in listed and f"~{_PLUGIN}" not in listed and current().sets:
        _log.warning("the registered triggers are not compared: add %r to autogenerate_plugins", _PLUGIN)


def compare_triggers(context: AutogenContext, upgrade_ops: UpgradeOps) -> None:
    """Add a step for each registered set that is not as the revisions leave it, and for each that is to be dropped.

    Raises :class:`~alembic.util.CommandError` for a database that is not as its revision has left it.
    """
    registered = current()
    if not (registered.sets or registered.drop):
        return
    with as_command_error():
        upgrade_ops.ops += _steps(context, registered)


def _steps(context: AutogenContext, registered: Registration) -> Iterator[ApplyTriggers]:
    directory = context.migration_context.script
    frozen = list(frozen_sets(directory)) if directory is not None else []
    for triggers in registered.sets:
        step = _step(context, registered, triggers, [each for each in frozen if each.set_name == triggers.set_name])
        if step is not None:
            yield step
    known = {each.set_name: each for each in reversed(frozen)}
    for name in registered.drop:
        former = known.pop(name, None)
        if former is None:
            raise CommandError(f"no revision has the set {name!r}; leave it out of drop, and drop it with: xtrig drop")
        if former.triggers is not None:
            yield ApplyTriggers(name, former.triggers, None)
    for name in known.keys() - {each.set_name for each in registered.sets}:
        if known[name].triggers is not None:
            _log.warning(
                "the set %r is not registered any more, and stays; to drop it: register(drop=[%r])", name, name
            )


def _step(
    context: AutogenContext, registered: Registration, triggers: TriggerSet, frozen: Sequence[FrozenSet]
) -> ApplyTriggers | None:
    found = plan(triggers, context.connection, dialect=registered.dialect, prune=True)
    before = frozen[0].triggers if frozen else None
    if before == triggers:
        if found.is_empty:
            return None
        if not is_untouched(triggers, context.connection, registered.dialect):
            raise CommandError(
                f"set {triggers.set_name!r} in the database is not as revision {frozen[0].revision} has left it:\n"
                f"{found}Put it right with xtrig apply, or put the definition right"
            )
    return ApplyTriggers(triggers.set_name, before, triggers, comment=_shown(found))


def _shown(found: Plan) -> str:
    lines = [f"Found by autogenerate in database {found.server.database}, {found.server.title}; see: xtrig plan"]
    for change in found.changes:
        lines += change_lines(change)
    lines += [f"! {refusal}" for refusal in found.refusals]
    return "\n".join(lines)


@renderers.dispatch_for(ApplyTriggers)
def render_step(context: AutogenContext, operation: ApplyTriggers) -> list[str]:
    """Return the lines of a step; the definitions stand at the top of the revision, one time each."""
    step = operation.migration
    before = _constant(context, step.set_name, "BEFORE", step.before)
    after = _constant(context, step.set_name, "AFTER", step.after)
    told = operation.comment.splitlines()
    told += [f"{left} stays, as it may hold rows: with_data=True drops it" for left in step.left()]
    return [
        *(f"# {one_line(line)}".rstrip() for line in told),
        f"{context.opts['alembic_module_prefix']}apply_triggers({step.set_name!r}, before={before}, after={after})",
    ]


def _constant(context: AutogenContext, set_name: str, key: str, triggers: TriggerSet | None) -> str:
    """Return the name of the revision's constant that holds a definition; Alembic prints it below the imports."""
    if triggers is None:
        return "None"
    literal = literal_of(triggers)
    stem = re.sub(r"\W", "_", set_name).upper()
    stem = stem if stem.isidentifier() else f"SET_{stem}"
    made = dict(each.strip().split(" = ", 1) for each in context.imports if each.startswith("\n"))
    known = next((name for name, value in made.items() if value == literal and name.startswith(stem)), None)
    numbered = (f"{stem}_{key}{number or ''}" for number in range(len(made) + 1))
    name = known or next(each for each in numbered if each not in made)
    context.imports.add(f"\n{name} = {literal}")
    return name


def literal_of(triggers: TriggerSet) -> str:
    """Return the set as a literal of Python that holds JSON, and shows what it says."""
    data: dict[str, Any] = triggers.to_dict()
    text = json.dumps(data, indent=2, ensure_ascii=False)
    if not shows_as_it_is(text):
        text = json.dumps(data, indent=2)
    # JSON has a backslash before each quote inside a string, so there are never three quotes in a row.
    return f'r"""{text}"""'
