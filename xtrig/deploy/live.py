"""``xtrig import --url``: a definition of what a database has, compared with the database before it is given out.

So an import knows what a plan will say: what its text cannot bring back is kept as it stands, and what the
definition says otherwise than the database is a finding.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from xtrig.checks import examine, with_waivers
from xtrig.connect import READING, Where, database_errors, only_rendered, open_place
from xtrig.deploy.compare import Comparison, compare
from xtrig.deploy.target import read_inventory, recognised
from xtrig.dialect import Dialect, Version
from xtrig.dialect.deployment import Deployment
from xtrig.dialect.driver import Session
from xtrig.dialect.objects import Action, Change, DatabaseObject, ObjectKind
from xtrig.errors import FindingsError, UsageError
from xtrig.findings import Finding, Severity
from xtrig.importer import Assembled, Live, choose
from xtrig.model import TriggerSet
from xtrig.registry import get_dialect
from xtrig.render import translate

_BODY = "body"
_SEE = "see: xtrig plan"
_WAIVED = "as it is on the server"
_MARK = "it was changed since xtrig made it; apply only renews its mark"
_LEFT = "it was left by a deployment that was interrupted"


def import_database(where: Where = None, *, dialect: str | None = None, set_name: str | None = None) -> Assembled:
    """Return the definition of a database's triggers, with a finding for what does not carry over.

    ``where`` is an engine, a connection or a URL; None takes XTRIG_DATABASE_URL, or what a driver finds.
    ``dialect`` None takes the one that knows the server. ``set_name`` is the set of xtrig's to import; None takes
    the triggers that xtrig did not make, or if there are none the only set. Nothing is changed, and no rights
    are needed beyond logging in.

    Raises :class:`~xtrig.errors.DefinitionError` if there is nothing to import, :class:`~xtrig.errors.UsageError`
    for a set that is not there, and :class:`~xtrig.errors.DatabaseError`.
    """
    if dialect is not None and get_dialect(dialect).platform is None:
        raise _unreadable(dialect)
    with open_place(where, dialect) as place, database_errors(READING), place.session.reading():
        known = recognised(place.session, dialect, option="--from")
        found, version = known.dialect, known.dialect.parse_version(known.version)
        reader = known.platform.live(version)
        if reader is None:
            raise _unreadable(found.name)
        origin = f"database {known.server.database}"
        with database_errors("cannot read the catalogs"), place.session.savepoint():
            results = [place.session.rows(query) for query in reader.queries()]
        sets = reader.sets(results)
        chosen = choose(sets, set_name, origin)
        others = {name: number for name, number in sets.items() if name is not None and set_name is None}
        others.pop(chosen or "", None)
        live = Live(found.name, reader, results, origin, chosen, others)
        return _Check(live, found, version, place.session).result()


def _unreadable(dialect: str) -> UsageError:
    return UsageError(f"dialect {dialect!r} reads no database; import a script: xtrig import FILE --from {dialect}")


@dataclass(frozen=True, slots=True)
class _Check:
    """A definition read from a database, and what a plan with it would say."""

    live: Live
    dialect: Dialect
    version: Version
    session: Session

    def result(self) -> Assembled:
        """Return the definition whose plan is as empty as can be, with findings for the rest of the plan."""
        kept: dict[str, DatabaseObject] = {}
        while True:
            result = self.live.read(frozenset(kept))
            try:
                deployment, comparison, waived = self._compared(result.triggers)
            except FindingsError as refused:
                return self._with(result, map(_weakened, refused.findings))
            except UsageError as refused:  # it can be rendered, and not deployed
                message, _, remedy = str(refused).partition("; ")
                return self._with(result, [Finding("XT406", Severity.WARNING, "plan", message, remedy or _SEE)])
            reworded = {change.name: change.object for change in comparison.changes if _rewords(change)}
            if self.live.set_name is None or reworded.keys() <= kept.keys():
                told = (
                    *map(_weakened, waived),
                    *_kept(kept.values(), result.triggers),
                    *self._announced(result.triggers, deployment, comparison),
                )
                return self._with(result, told)
            kept |= reworded

    def _compared(self, triggers: TriggerSet) -> tuple[Deployment, Comparison, list[Finding]]:
        """Compare as if all that a definition may waive were waived, and return that, too."""
        waived = with_waivers(triggers, self.dialect, self.version, _WAIVED)
        translation, _ = translate(examine(waived), self.dialect, self.version)
        deployment = self.dialect.deployment(translation.triggers, self.version)
        if deployment is None:
            raise UsageError(only_rendered(self.dialect.name))
        inventory = read_inventory(deployment, self.session)
        comparison = compare(deployment, inventory, adopt=self.live.set_name is None)
        return deployment, comparison, [each for each in translation.findings if each.waiver == _WAIVED]

    def _with(self, result: Assembled, more: Iterable[Finding]) -> Assembled:
        return replace(result, findings=(*result.findings, *map(self.live.placed, more)))

    def _announced(self, triggers: TriggerSet, deployment: Deployment, found: Comparison) -> Iterator[Finding]:
        if self.live.set_name is None:
            message = "xtrig did not make these objects, so a plan refuses to replace them"
            yield Finding("XT409", Severity.NOTE, "database", message, "see what would change: xtrig plan --adopt")
        for change in found.changes:
            for finding in _of_change(change, _subject(change.object, triggers)):
                if self.live.set_name is not None or finding.message != _MARK:  # what is of no set has no mark
                    yield finding
        for refusal in found.refusals:
            message, _, remedy = refusal.partition("; ")
            yield Finding("XT406", Severity.WARNING, "plan", message, remedy or _SEE)
        for each in found.surplus:
            message = f"{each.name} is of this set, but of no use to its triggers: it is left out"
            who = f"{each.kind} {each.name!r}"
            yield Finding("XT402", Severity.WARNING, who, message, "see what it is good for; apply leaves it alone")


def _kept(kept: Iterable[DatabaseObject], triggers: TriggerSet) -> Iterator[Finding]:
    for each in sorted(kept, key=lambda each: each.name):
        message = "its body is kept as it is: steps that do the same would be rendered in other words"
        remedy = "write steps in its place if it is to be portable, and apply them"
        yield Finding("XT405", Severity.NOTE, _subject(each, triggers), message, remedy)


def _rewords(change: Change) -> bool:
    """Whether a function would get another text."""
    is_function = change.kind is ObjectKind.FUNCTION and change.action is not Action.CREATE
    return is_function and any(each.attribute == _BODY for each in change.differences)


def _of_change(change: Change, who: str) -> Iterator[Finding]:
    if change.action is Action.DROP:
        yield Finding("XT402", Severity.WARNING, who, _LEFT, "apply drops it")
    elif change.action is Action.CREATE:
        message = f"it is not in the database, so apply creates {change.name}"
        yield Finding("XT409", Severity.NOTE, who, message, _SEE)
    else:
        for each in change.differences:
            yield _of_difference(who, each.attribute, each.live, each.wanted)


def _of_difference(who: str, attribute: str, live: str | None, wanted: str | None) -> Finding:
    if attribute == _BODY:
        message = "apply replaces its text by what xtrig renders of these steps"
        return Finding("XT409", Severity.NOTE, who, message, "compare the two: xtrig plan")
    if attribute == "mark":
        return Finding("XT409", Severity.NOTE, who, _MARK, "see that the change was meant")
    gone, come = _lines(live) - _lines(wanted), _lines(wanted) - _lines(live)
    said = [f"removes {', '.join(sorted(gone))}"] if gone else []
    said += [f"adds {', '.join(sorted(come))}"] if come else []
    weight = Severity.WARNING if gone else Severity.NOTE
    return Finding("XT406", weight, who, f"apply changes its {attribute}: {' and '.join(said)}", _SEE)


def _lines(value: str | None) -> set[str]:
    """Return the lines of a value; settings are one a line."""
    return set((value or "").splitlines())


def _weakened(finding: Finding) -> Finding:
    """Return what a check refuses as a warning: the database has it, whatever xtrig thinks of it."""
    severity = Severity.WARNING if finding.severity is Severity.ERROR else finding.severity
    return replace(finding, severity=severity, location=None, waiver=None)


def _subject(each: DatabaseObject, triggers: TriggerSet) -> str:
    """Return how findings call an object: by its name in the definition, if it is there."""
    sections: Mapping[ObjectKind, tuple[Mapping[str, object], ...]] = {
        ObjectKind.TABLE: (triggers.tables,),
        ObjectKind.FUNCTION: (triggers.functions, triggers.triggers),
        ObjectKind.TRIGGER: (triggers.triggers,),
    }
    is_there = any(each.path[-1] in section for section in sections.get(each.kind, ()))
    return f"{each.kind} {(each.path[-1] if is_there else each.name)!r}"
