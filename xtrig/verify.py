"""``xtrig import --verify``: a script and what was imported of it do the same, seen on a server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from xtrig.checks import Examination, examine, with_waivers
from xtrig.dialect import Dialect, Version
from xtrig.dialect.trial import SideBySide, TrialServer
from xtrig.errors import UsageError
from xtrig.facts import Event
from xtrig.importer.assemble import Assembled
from xtrig.model import TriggerSet
from xtrig.progress import NoProgress, Progress
from xtrig.registry import get_dialect
from xtrig.render import compiled
from xtrig.trial import needs_of

_SHOWN = 3
_ATTRIBUTES = {
    "refusal": "refusal",
    "sqlstate": "SQLSTATE",
    "notices": "messages to the client",
    "settings": "settings of the session",
    "rows": "rows",
    "effects": "effects",
}


@dataclass(frozen=True, slots=True)
class Verified:
    """What a comparison has seen: how many actions, and where the two are not the same."""

    actions: int
    differences: tuple[str, ...]
    """A line for each difference that no finding of the import has announced."""
    announced: tuple[str, ...]
    """A line for each that one has."""


def verify(imported: Assembled, dialect: str, *, url: str | None = None, listener: Progress | None = None) -> Verified:
    """Run the script, and what was imported of it, in two databases of a server; compare what they do.

    The server is one that the dialect starts, or that of ``url``; nothing stays there.

    Raises :class:`~xtrig.errors.UsageError` where the dialect has no server to start,
    :class:`~xtrig.errors.RefusedError` for a definition that cannot be rendered, and
    :class:`~xtrig.errors.DatabaseError` for trouble with the server.
    """
    listener = listener or NoProgress()
    target = get_dialect(dialect)
    trial = target.trial()
    if trial is None:
        raise UsageError(f"dialect {dialect!r} has no server on which --verify could run; try both on one of yours")
    # A server takes seconds to start, so an error in the definition is reported before that.
    version = target.parse_version(trial.own_version)
    compiled(_tried(imported.triggers, target, version), target, version)
    with trial.server(url, listener) as server:
        return verify_on(server, imported, dialect, listener)


def verify_on(
    server: TrialServer,
    imported: Assembled,
    dialect: str,
    listener: Progress | None = None,
    *,
    most: Collection[str] = (),
) -> Verified:
    """Compare on a server that is running; see :func:`verify`.

    ``most`` are command tags: where a trigger fires for every command, only these are tried, if there are any.
    """
    target = get_dialect(dialect)
    version = target.parse_version(server.version)
    examination = _tried(imported.triggers, target, version)
    made = compiled(examination, target, version)
    needs = needs_of(examination)
    tags = {event: listed or set(most) for event, listed in _tags(imported).items()}
    seen = list(server.side_by_side(imported.original, made, needs, tags, listener or NoProgress()))
    lines = [(line, _announced(each, what, imported)) for each in seen for what, line in _differences(each)]
    return Verified(
        len(seen),
        tuple(line for line, code in lines if code is None),
        tuple(f"{line} [{code}]" for line, code in lines if code is not None),
    )


def _tried(triggers: TriggerSet, target: Dialect, version: Version) -> Examination:
    """Return a set whose waivable errors are waived: what a kept body risks is seen on a server that is nobody's."""
    return examine(with_waivers(triggers, target, version, "tried on a server of its own"))


def _tags(imported: Assembled) -> dict[Event, set[str]]:
    """Return the command tags of each event that has a trigger; none stands for all."""
    triggers = imported.triggers.triggers.values()
    found: dict[Event, set[str]] = {}
    for event in {trigger.event for trigger in triggers}:
        tags = [trigger.tags for trigger in triggers if trigger.event is event]
        found[event] = {tag for each in tags for tag in each} if all(tags) else set()
    return found


def _announced(each: SideBySide, what: str, imported: Assembled) -> str | None:
    """Return the code of the finding of the import that says of a difference that it comes; None: there is none."""
    is_let_in = bool(each.original.refusal) and not each.imported.refusal
    is_known = is_let_in or each.original.why == "not found"
    reason = each.original.why if is_known else what
    said = [finding for finding in imported.findings if reason in finding.announces]
    if reason == "rows":
        differing = {f"table {table.rpartition('.')[2]!r}" for table in _tables_that_differ(each)}
        subjects = {finding.subject for finding in said}
        said = said if differing <= subjects or not all(each.startswith("table ") for each in subjects) else []
    return said[0].code if said else None


def _tables_that_differ(each: SideBySide) -> Iterator[str]:
    one, other = each.original.rows, each.imported.rows
    return (table for table in {**one, **other} if one.get(table) != other.get(table))


def _differences(each: SideBySide) -> Iterator[tuple[str, str]]:
    """Yield each attribute of what was observed that is not the same, and a line about it."""
    for attribute, word in _ATTRIBUTES.items():
        one, other = (Counter(_lines(getattr(side, attribute))) for side in (each.original, each.imported))
        is_refused = each.original.refusal or each.imported.refusal
        if one != other and not (attribute == "settings" and is_refused):  # there is no session to look at
            lost, come = _said(one - other), _said(other - one)
            yield attribute, f"{each.action} as {each.role}: {word}: the script {lost}, the definition {come}"


def _lines(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from (f"{key}: {line}" for line in _lines(inner))
    elif isinstance(value, tuple):
        for inner in value:
            yield from _lines(inner)
    elif value:
        yield " ".join(str(value).split())


def _said(lines: Counter[str]) -> str:
    listed = list(lines.elements())
    if not listed:
        return "nothing more"
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return "; ".join(repr(line) for line in listed[:_SHOWN]) + more
