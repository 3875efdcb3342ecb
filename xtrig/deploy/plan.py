"""The plan: what deploying a set would change, as data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from xtrig import __version__
from xtrig.checks import examine
from xtrig.connect import READING, Where, database_errors, open_place
from xtrig.deploy.compare import compare
from xtrig.deploy.target import Target, find_target
from xtrig.deploy.text import plan_text
from xtrig.dialect.deployment import Inventory, Stage
from xtrig.dialect.objects import Change, DatabaseObject
from xtrig.dialect.platform import Server
from xtrig.findings import Finding, Severity
from xtrig.model import TriggerSet
from xtrig.script import Statement
from xtrig.sqltext import one_line

if TYPE_CHECKING:
    from xtrig.outputs import ChangeOutput, PlanOutput


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be changed, in which stages, and what stands against it.

    ``fingerprint`` changes with everything that the plan was made from: definition, options, server, database. It
    tells whether that is still so, and not who made the plan.
    """

    triggers: TriggerSet
    """The definition."""
    target: Target
    """The set as the dialect of the server deploys it."""
    changes: tuple[Change, ...]
    """Each object to be changed, in the order in which that can be done."""
    stages: tuple[Stage, ...]
    """The same changes as they are proved."""
    direct: tuple[Statement, ...]
    """The same changes as one transaction, without proofs."""
    refusals: tuple[str, ...]
    """Why it cannot be applied, each with what to do."""
    surplus: tuple[DatabaseObject, ...]
    """Objects of the set that the definition has no more, and that are left alone."""
    adopt: bool
    """Whether objects are taken over that xtrig did not make."""
    prune: bool
    """Whether what the definition has no more is dropped."""
    fingerprint: str
    """Changes with everything that the plan was made from."""
    disabled: tuple[DatabaseObject, ...] = ()
    """Triggers that ``xtrig disable`` keeps from firing; they stay so until ``xtrig enable``."""

    @property
    def dialect(self) -> str:
        """The name of the dialect that the server speaks."""
        return self.target.dialect.name

    @property
    def is_empty(self) -> bool:
        """Whether the database is as the definition says."""
        left = self.disabled or not all(found.kind.is_kept for found in self.surplus)
        return not (self.changes or self.refusals or left)

    @property
    def server(self) -> Server:
        """The server that the plan is for."""
        return self.target.server

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was remarked on the definition."""
        return self.target.findings

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that whoever applies it has to see."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.WARNING)

    def __str__(self) -> str:
        head = f"{self.server.title}, database {one_line(self.server.database)}, set {self.target.deployment.set_name}"
        return plan_text(head, self.changes, self.surplus, self.refusals, self.stages, self.disabled)

    def to_dict(self) -> PlanOutput:
        """Return the plan as JSON-able data."""
        return {
            "dialect": self.dialect,
            "server": self.server.title,
            "database": self.server.database,
            "set": self.target.deployment.set_name,
            "verified": str(self.target.deployment.verified),
            "fingerprint": self.fingerprint,
            "changes": [_change_dict(change) for change in self.changes],
            "surplus": [f"{found.kind} {found.name}" for found in self.surplus],
            "disabled": [f"{each.kind} {each.name}" for each in self.disabled],
            "refusals": list(self.refusals),
            "notes": list(self.server.notes),
            "stages": [stage.to_dict() for stage in self.stages],
            "direct": [statement.sql for statement in self.direct],
            "findings": [finding.to_dict() for finding in self.findings],
        }


def plan(
    triggers: TriggerSet, where: Where = None, *, dialect: str | None = None, adopt: bool = False, prune: bool = False
) -> Plan:
    """Compare a set with a live database and return what would have to be changed; nothing is.

    ``where`` is an engine, a connection or a URL; None takes XTRIG_DATABASE_URL, or what a driver finds.
    ``adopt`` takes over objects that xtrig did not make, ``prune`` drops those that the definition has no more.
    Needs no rights beyond logging in. Raises the errors of :func:`xtrig.render.render`, and
    :class:`~xtrig.errors.DatabaseError`.
    """
    examination = examine(triggers)
    with open_place(where, dialect) as place, database_errors(READING), place.session.reading():
        target = find_target(examination, place.session, dialect)
        return make_plan(triggers, target, target.inventory(place.session), adopt=adopt, prune=prune)


def make_plan(triggers: TriggerSet, target: Target, inventory: Inventory, *, adopt: bool, prune: bool) -> Plan:
    """Return the plan for a database that has been asked what it has."""
    found = compare(target.deployment, inventory, adopt=adopt, prune=prune)
    notes = (*target.server.notes, *inventory.notes, *_other_versions(found.changes))
    target = replace(target, server=replace(target.server, notes=notes))
    stages = tuple(target.deployment.stages(found.changes, inventory)) if found.changes else ()
    direct = tuple(target.deployment.direct(found.changes, inventory)) if found.changes else ()
    return Plan(
        triggers,
        target,
        found.changes,
        stages,
        direct,
        (*target.server.problems, *target.server.idle, *_unchangeable(target, found.changes), *found.refusals),
        found.surplus,
        adopt,
        prune,
        _fingerprint(target, inventory, direct, adopt=adopt, prune=prune),
        found.disabled,
    )


def _other_versions(changes: Sequence[Change]) -> Iterator[str]:
    """Yield which other versions of xtrig have made what is to be changed: they may only have worded it otherwise."""
    marks = [change.found.mark for change in changes if change.found is not None]
    for version in sorted({mark.version for mark in marks if mark is not None} - {"", __version__}):
        yield f"xtrig {version} has made some of what is to be changed, and this is {__version__}"


def _unchangeable(target: Target, changes: Sequence[Change]) -> Iterator[str]:
    if changes and target.server.read_only:
        yield target.server.read_only


def _fingerprint(
    target: Target, inventory: Inventory, direct: tuple[Statement, ...], *, adopt: bool, prune: bool
) -> str:
    wanted = {each.key for each in target.deployment.objects}
    seen = [
        [str(found.kind), found.name, dict(found.state), found.owner, found.comment]
        for found in inventory.objects
        if found.key in wanted or (found.is_of(target.deployment.set_name) and not found.kind.is_global)
    ]
    facts = [
        target.server.identity,
        target.server.system,
        target.server.version,
        dict(inventory.facts),
        seen,
        adopt,
        prune,
    ]
    text = json.dumps([facts, [statement.sql for statement in direct]], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _change_dict(change: Change) -> ChangeOutput:
    return {
        "action": str(change.action),
        "kind": str(change.kind),
        "name": change.name,
        "differences": [each.to_dict() for each in change.differences],
        "hazards": sorted({str(hazard) for each in _created(change) for hazard in each.hazards}),
    }


def _created(change: Change) -> Iterable[Statement]:
    return () if change.wanted is None else change.wanted.create()
