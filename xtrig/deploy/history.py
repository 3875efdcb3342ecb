"""What a deployment leaves in the history of its database, and the last entry there."""

from __future__ import annotations

import hashlib
import json
from contextlib import nullcontext, suppress

from xtrig import __version__
from xtrig.connect import READING, database_errors
from xtrig.deploy.options import Bounds
from xtrig.deploy.report import Report
from xtrig.deploy.target import Target
from xtrig.dialect.deployment import Inventory
from xtrig.dialect.driver import Place, Row, Session, attempt
from xtrig.dialect.history import Entry, History
from xtrig.errors import DatabaseError, DriverError
from xtrig.progress import Progress
from xtrig.sqltext import one_line

_DIGITS = 12


def last_entry(target: Target, session: Session) -> tuple[Entry | None, str]:
    """Return the last entry of a set, None for none, and why the history is not read."""
    history = target.platform.history(target.version)
    if history is None or not session.row(history.look())["may_read"]:
        return None, ""
    try:
        with attempt(session):
            for statement in history.kept():
                session.execute(statement.sql)
            why = _why_unusable(history, session)
            rows = [] if why else session.rows(history.last(target.deployment.set_name))
    except DriverError as error:
        # A table with other columns; whoever may rename it loses no row by that.
        why, rows = f"{error}; rename it, and the next xtrig apply makes it anew", []
    if why:
        return None, f"the history of deployments, {history.name}, is not read: {why}"
    return _entry(rows[0], target.deployment.set_name) if rows else None, ""


def record(
    command: str,
    place: Place,
    target: Target,
    before: Inventory,
    report: Report,
    bounds: Bounds,
    listener: Progress,
    *,
    forgets: bool = False,
) -> None:
    """Record what was done since ``before``; where that cannot be, the report says why, and nothing fails.

    In the caller's transaction it is part of that. ``forgets``: the set is gone with its data, and so are its entries.
    """
    history = target.platform.history(target.version)
    if history is None:
        return
    session = place.session
    try:
        with database_errors(READING), session.reading():
            after = target.inventory(session)
            is_there = session.row(history.look())["is_there"]
        if not is_there and command == "drop":
            return
        made = [] if is_there else [*target.deployment.undisturbed(list(history.make()), after)]
        if forgets:
            told = [*history.forget(target.deployment.set_name)]
        else:
            told = [history.add(_entry_of(command, target, before, after, report))]
        begin = session.borrowed if place.address is None else session.transaction
        with session.nested() if place.address is None else nullcontext(), begin(bounds.lock_timeout):
            for statement in (*made, *history.kept()):
                session.execute(statement.sql)
            if why := _why_unusable(history, session):
                raise DatabaseError(why)
            for statement in told:
                session.execute(statement.sql)
    except DatabaseError as error:
        report.tell(f"this is not in the history of deployments, {history.name}: {error}", listener)


def _why_unusable(history: History, session: Session) -> str:
    return "; ".join(str(row["problem"]) for row in session.rows(history.distrusted()))


def _entry_of(command: str, target: Target, before: Inventory, after: Inventory, report: Report) -> Entry:
    name = target.deployment.set_name
    logins = [f"login as {each.who} ({each.proof})" for each in report.logins if each.refusal is None]
    return Entry(
        command,
        name,
        __version__,
        fingerprint(before, name),
        fingerprint(after, name),
        tuple(map(one_line, report.changes)),
        tuple(map(one_line, dict.fromkeys([*logins, *report.proved]))),
        tuple(map(one_line, report.unproved)),
    )


def fingerprint(inventory: Inventory, set_name: str) -> str:
    """Return a hash of what carries the mark of a set; "" where nothing does."""
    own = [
        [str(each.kind), each.name, dict(each.state), each.owner]
        for each in inventory.of(set_name)
        if not each.kind.is_global
    ]
    text = json.dumps(sorted(own, key=str), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS] if own else ""


def _entry(row: Row, set_name: str) -> Entry:
    changes, proofs, unproved = (_texts(row[name]) for name in ("changes", "proofs", "unproved"))
    command, made_by, before, after, at, role = (
        str(row[name] or "") for name in ("command", "xtrig", "before", "after", "at", "role")
    )
    return Entry(command, set_name, made_by, before, after, changes, proofs, unproved, at, role)


def _texts(given: str | None) -> tuple[str, ...]:
    """Return the texts of a JSON list; the table's owner may have put anything else there, which is one text."""
    with suppress(ValueError, RecursionError):
        found = json.loads(given or "[]")
        if isinstance(found, list):
            return tuple(map(str, found))
    return (given or "",)
