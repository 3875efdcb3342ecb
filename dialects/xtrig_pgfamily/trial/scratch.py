"""A database and roles for one trial.

On the user's server everything has names of its own and is gone afterwards. Roles belong to the whole
server, so there the superuser who logs in is a scratch role too: a definition that grants roles at logon
would otherwise change what the user's own superuser is a member of.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from xtrig.dialect.trial import Needs
from xtrig.errors import DatabaseError
from xtrig.progress import Progress
from xtrig_pgfamily.driver.address import Address
from xtrig_pgfamily.driver.errors import database_errors, reason
from xtrig_pgfamily.trial.servers import Server
from xtrig_pgfamily.trial.witness import DATABASE

STATEMENT_TIMEOUT = "15s"
APPLICATION = "xtrig try"
_LOCALHOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class TrialRole:
    """A role that logs in: ``kind`` is superuser, ordinary or exempt; ``address`` is its way in."""

    kind: str
    name: str
    address: Address


@dataclass(frozen=True, slots=True)
class Scratch:
    """The place of a trial. ``owner`` is the way in of the superuser who applies the definition."""

    database: str
    owner: Address
    roles: tuple[TrialRole, ...]


@dataclass(slots=True)
class _Names:
    """What is made; ``passwords`` are those of the roles that log in."""

    database: str
    superuser: str | None
    ordinary: str
    passwords: dict[str, str] = field(default_factory=dict)
    created: list[str] = field(default_factory=list)


@contextmanager
def scratch(server: Server, needs: Needs, listener: Progress) -> Iterator[Scratch]:
    """Make database and roles; drop them afterwards, whatever happens in between.

    Raises :class:`~xtrig.errors.DatabaseError`, also for what could not be dropped.
    """
    names = _names(server, needs)
    listener.step("making a database for the trial")
    try:
        with database_errors("cannot make a database and roles for the trial"):
            exempt = _create(server, names, needs, listener)
        yield _found(server, names, exempt)
    finally:
        if not server.is_own:
            listener.step("dropping the database and the roles of the trial")
            try:
                _drop(server, names)
            except KeyboardInterrupt:  # only now, in the middle of this
                _drop(server, names)
                raise


def _names(server: Server, needs: Needs) -> _Names:
    if not server.is_own:
        name = f"xtrig_try_{secrets.token_hex(4)}"
        return _Names(name, f"{name}_super", name)
    ordinary = "app_user"
    while ordinary in needs.roles:
        ordinary += "_"
    return _Names(DATABASE, None, ordinary)


def _create(server: Server, names: _Names, needs: Needs, listener: Progress) -> str | None:
    """Create everything; return the exempt role that logs in, if the trial has one to itself."""
    with server.admin() as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(names.database)))
        if names.superuser is not None:
            _create_role(connection, names, names.superuser, "SUPERUSER LOGIN")
        _create_role(connection, names, names.ordinary, "LOGIN")
        names.created += [role for role in needs.recording if not _exists(connection, role)]
        missing = [role for role in needs.roles if not _exists(connection, role)]
        exempt = next((role for role in missing if role in needs.exempt), None)
        for role in missing:
            _create_role(connection, names, role, "LOGIN" if role == exempt else "NOLOGIN")
    if missing:
        after = "" if server.is_own else ", dropped afterwards"
        listener.note(f"made for the trial{after}: role{'s' * (len(missing) > 1)} {', '.join(missing)}")
    return exempt


def _create_role(connection: psycopg.Connection[Any], names: _Names, role: str, attributes: str) -> None:
    statement = sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(role), sql.SQL(attributes))
    if attributes.endswith(" LOGIN") or attributes == "LOGIN":
        password = names.passwords[role] = secrets.token_urlsafe(24)
        # As a verifier: a statement stands in the server's log, in clear.
        verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
        statement += sql.SQL(" PASSWORD {}").format(sql.Literal(verifier.decode()))
    names.created.append(role)
    connection.execute(statement)


def _exists(connection: psycopg.Connection[Any], role: str) -> bool:
    found = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    return found is not None


def _found(server: Server, names: _Names, exempt: str | None) -> Scratch:
    """Return the place with a way in for each role, tried while no trigger can be the reason to refuse."""
    owner = server.address.changed(dbname=names.database)
    way_in = owner.changed(application_name=APPLICATION).with_setting("statement_timeout", STATEMENT_TIMEOUT)
    wanted = [("superuser", names.superuser or server.superuser), ("ordinary", names.ordinary)]
    wanted += [("exempt", exempt)] if exempt else []
    for candidate in _ways_in(way_in):
        roles = tuple(TrialRole(kind, name, _as(candidate, name, names.passwords)) for kind, name in wanted)
        problem = _refusal(roles)
        if problem is None:
            with database_errors("cannot prepare the database of the trial"):
                _let_create(owner, roles)
            return Scratch(names.database, owner, roles)
    raise DatabaseError(
        f"roles made for the trial cannot log in: {problem}; let roles with a password in by pg_hba.conf, "
        "name another way to the server in --url, or leave --url out"
    )


def _ways_in(address: Address) -> Iterator[Address]:
    yield address
    # Sockets often admit users of the operating system only, and TCP on the same machine admits passwords.
    if address.parameters.get("host", "").startswith("/"):
        yield address.changed(host=_LOCALHOST)


def _as(address: Address, role: str, passwords: dict[str, str]) -> Address:
    return address.changed(user=role, password=passwords[role]) if role in passwords else address.changed(user=role)


def _refusal(roles: tuple[TrialRole, ...]) -> str | None:
    try:
        for role in roles:
            role.address.connect().close()
    except psycopg.Error as error:
        return reason(error)
    return None


def _let_create(owner: Address, roles: tuple[TrialRole, ...]) -> None:
    with owner.connect() as connection:
        for role in roles:
            connection.execute(sql.SQL("GRANT CREATE ON SCHEMA public TO {}").format(sql.Identifier(role.name)))


def _drop(server: Server, names: _Names) -> None:
    """Drop database and roles, from a new session: the others may be in any state."""
    drops = [sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(names.database))]
    drops += [sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)) for role in reversed(names.created)]
    left: list[str] = []
    try:
        with server.admin() as connection:
            for drop in drops:
                try:
                    connection.execute(drop)
                except psycopg.DatabaseError as error:
                    left.append(f"{drop.as_string(connection)}: {reason(error)}")
    except psycopg.Error as error:
        left = left or [f"{reason(error)}; by hand: {'; '.join(drop.as_string(None) for drop in drops)}"]
    if left:
        raise DatabaseError(f"something of the trial could not be removed: {' | '.join(left)}")
