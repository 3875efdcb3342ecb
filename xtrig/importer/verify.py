"""``xtrig import --verify``: a script and what was imported of it do the same, seen on a server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xtrig.checks import examine
from xtrig.dialect.trial import Original, SideBySide, TrialServer
from xtrig.errors import UsageError
from xtrig.facts import Event
from xtrig.importer.assemble import Assembled
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


def verify(
    script: str, imported: Assembled, dialect: str, *, url: str | None = None, listener: Progress | None = None
) -> Verified:
    """Run a script, and what was imported of it, in two databases of a server; compare what they do.

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
    examination = examine(imported.triggers)
    # A server takes seconds to start, so an error in the definition is reported before that.
    compiled(examination, target, target.parse_version(trial.own_version))
    with trial.server(url, listener) as server:
        return verify_on(server, script, imported, dialect, listener)


def verify_on(
    server: TrialServer, script: str, imported: Assembled, dialect: str, listener: Progress | None = None
) -> Verified:
    """Compare on a server that is running; see :func:`verify`."""
    target = get_dialect(dialect)
    examination = examine(imported.triggers)
    made = compiled(examination, target, target.parse_version(server.version))
    original = Original(script, imported.rest)
    tags = _tags(imported)
    seen = list(server.side_by_side(original, made, needs_of(examination), tags, listener or NoProgress()))
    lines = [(line, _announced(each, imported)) for each in seen for line in _differences(each)]
    return Verified(
        len(seen),
        tuple(line for line, code in lines if code is None),
        tuple(f"{line} [{code}]" for line, code in lines if code is not None),
    )


def _tags(imported: Assembled) -> dict[Event, set[str]]:
    """Return the command tags of each event that has a trigger; none stands for all."""
    triggers = imported.triggers.triggers.values()
    found: dict[Event, set[str]] = {}
    for event in {trigger.event for trigger in triggers}:
        tags = [trigger.tags for trigger in triggers if trigger.event is event]
        found[event] = {tag for each in tags for tag in each} if all(tags) else set()
    return found


def _announced(each: SideBySide, imported: Assembled) -> str | None:
    """Return the code of the finding that says of a difference that it comes: of a login that may not write."""
    skips = any(finding.code == "XT408" and "standby" in finding.message for finding in imported.findings)
    return "XT408" if skips and each.original.is_read_only and not each.imported.refusal else None


def _differences(each: SideBySide) -> Iterator[str]:
    for attribute, word in _ATTRIBUTES.items():
        one, other = (Counter(_lines(getattr(side, attribute))) for side in (each.original, each.imported))
        if one != other:
            lost, come = _said(one - other), _said(other - one)
            yield f"{each.action} as {each.role}: {word}: the script {lost}, the definition {come}"


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
