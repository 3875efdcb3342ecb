"""Databases that are only imagined: what a server would have if a definition had been applied to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import xtrig
from tests.unit.given import text_of
from xtrig.checks import examine
from xtrig.deploy.compare import Comparison, compare
from xtrig.deploy.plan import Plan
from xtrig.deploy.target import Target
from xtrig.dialect.deployment import Deployment, Inventory, Server
from xtrig.dialect.objects import DatabaseObject, ObjectKind
from xtrig.marks import read_mark
from xtrig.registry import get_dialect
from xtrig.render import translate

OWNER = "postgres"
AUDIT = """
name: first
schema: audit
tables:
  log: {columns: {at: timestamptz, who: text}}
functions:
  note: {steps: [{insert: log, values: {at: "${now}", who: "${login_user}"}}]}
triggers:
  on_logon: {event: logon, run: note}
  on_drop: {event: sql_drop, steps: [{log: "something is gone"}]}
"""
"""A logon trigger and a DDL trigger."""
SERVER = Server("PostgreSQL 18.4", "18", "mydb", "mydb/5", OWNER)


def deployment_of(definition: str, version: str = "18") -> Deployment:
    """Return the deployment of a definition to PostgreSQL."""
    return target_of(definition, version).deployment


def target_of(definition: str, version: str = "18") -> Target:
    """Return a definition for the imagined server."""
    dialect = get_dialect("postgresql")
    number = dialect.parse_version(version)
    translation, findings = translate(examine(xtrig.load_text(text_of(definition))), dialect, number)
    deployment = dialect.deployment(translation.triggers, number)
    assert deployment is not None
    return Target(dialect, number, deployment, SERVER, findings)


def made_by(deployment: Deployment) -> list[Any]:
    """Return every object of a deployment as a server has it afterwards."""
    return [replace(each, owner=OWNER, comment=str(each.mark), is_live=True) for each in deployment.objects]


def applied(definition: str) -> list[Any]:
    """Return what a server has once a definition was applied."""
    return made_by(deployment_of(definition))


def but(objects: Iterable[Any], name: str, kind: ObjectKind | None = None, **changes: Any) -> list[Any]:
    """Return the objects with one of them changed; a ``comment`` brings its mark."""
    found = list(objects)
    (index,) = [
        number for number, each in enumerate(found) if each.name == name and (kind is None or each.kind is kind)
    ]
    if "comment" in changes:
        changes["mark"] = read_mark(changes["comment"])
    if "columns" in changes:
        there = {column.name: column for column in found[index].columns}
        changes["columns"] = tuple({**there, **{each.name: each for each in changes["columns"]}}.values())
    found[index] = replace(found[index], **changes)
    return found


def without(objects: Iterable[DatabaseObject], *names: str) -> list[Any]:
    """Return the objects without those of these names."""
    return [each for each in objects if each.name not in names]


def inventory(objects: Iterable[DatabaseObject], *refusals: str, **facts: str) -> Inventory:
    """Return what a server has."""
    return Inventory(tuple(objects), facts, refusals)


def compared(definition: str, objects: Iterable[DatabaseObject], **options: bool) -> Comparison:
    """Compare a definition with what a server has."""
    return compare(deployment_of(definition), inventory(objects), **options)


def changes(definition: str, objects: Iterable[DatabaseObject], **options: bool) -> list[str]:
    """Return what would be changed, in words."""
    found = compared(definition, objects, **options)
    return [f"{change.action} {change.kind} {change.name}" for change in found.changes]


def planned(definition: str, objects: Iterable[DatabaseObject], *, adopt: bool = False, prune: bool = False) -> Plan:
    """Return the plan for an imagined server."""
    target = target_of(definition)
    there = inventory(objects)
    found = compare(target.deployment, there, adopt=adopt, prune=prune)
    stages = tuple(target.deployment.stages(found.changes, there)) if found.changes else ()
    direct = tuple(target.deployment.direct(found.changes, there)) if found.changes else ()
    triggers = xtrig.load_text(text_of(definition))
    return Plan(
        triggers, target, found.changes, stages, direct, found.refusals, found.surplus, adopt, prune, "fingerprint"
    )
