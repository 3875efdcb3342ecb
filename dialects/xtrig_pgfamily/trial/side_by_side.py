"""A script and what was imported of it, each in a database of its own, and the same logins and commands in both.

Every role belongs to both databases, so what a trigger changes of a role's memberships is taken back at once.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from xtrig.dialect.deployment import Command
from xtrig.dialect.trial import Needs, Observed, SideBySide
from xtrig.facts import Event
from xtrig.imported import Original
from xtrig.plugin import Script, one_line
from xtrig.progress import Progress
from xtrig_pgfamily.deploy import ddl_commands
from xtrig_pgfamily.driver.address import Address
from xtrig_pgfamily.driver.errors import database_errors
from xtrig_pgfamily.trial.database import apply_script
from xtrig_pgfamily.trial.servers import Server
from xtrig_pgfamily.trial.watched import (
    Blurred,
    Heard,
    Refused,
    log_in,
    new_rows,
    settings_of,
    temporary_tables,
    told,
)

_ROWS = """
CREATE SCHEMA xtrig_verify;
GRANT USAGE ON SCHEMA xtrig_verify TO PUBLIC;
CREATE FUNCTION xtrig_verify.rows() RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $rows$
DECLARE
    found jsonb := '{}';
    one record;
    rows jsonb;
BEGIN
    FOR one IN SELECT nspname, relname FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace
        WHERE relkind IN ('r', 'p') AND nspname !~ '^(pg_|information_schema$|xtrig_)' ORDER BY 1, 2
    LOOP
        EXECUTE format('SELECT jsonb_agg(to_jsonb(t)) FROM %I.%I AS t', one.nspname, one.relname) INTO rows;
        IF rows IS NOT NULL THEN
            found := found || jsonb_build_object(one.nspname || '.' || one.relname, rows);
        END IF;
    END LOOP;
    RETURN found;
END $rows$;
"""
"""A role that may read no table can ask it what rows there are, in the transaction of its own command."""
_READ = "SELECT xtrig_verify.rows()"
_MEMBERS = """
SELECT granted.rolname FROM pg_auth_members AS m
JOIN pg_roles AS granted ON granted.oid = m.roleid JOIN pg_roles AS member ON member.oid = m.member
WHERE member.rolname = %s
"""
_EXISTS = "SELECT FROM pg_roles WHERE rolname = %s"
_PARAMETER = re.compile(r"'([a-z_][a-z0-9_]*\.[a-z0-9_.]+)'")
_CHANNEL = re.compile(r"\bNOTIFY\s+([a-z_]\w*)|pg_notify\s*\(\s*'([^']+)'", re.IGNORECASE)
_NAMED = re.compile(r"'((?!pg_)[a-z_][a-z0-9_]{1,30})'")
_CREATED = re.compile(r"\bCREATE\s+(?:ROLE|USER)\s+\"?(\w+)", re.IGNORECASE)
_NO_ROLES = frozenset("utc hour login public on off true false table view function".split())
_MOST_NAMED = 4
_READ_ONLY = {"default_transaction_read_only": "on"}
_COMMITTED = ("CREATE TABLE public.{} (id integer)", "DROP TABLE public.{}")
"""Commands that are not rolled back: a notification is sent only at the commit."""


@dataclass(slots=True)
class _Side:
    """One of the two databases."""

    name: str
    owner: Address
    listening: psycopg.Connection[Any] | None = None
    numbers: dict[str, str] = field(default_factory=dict)
    """The process ids and ports of the sessions so far, each with a word for it."""

    def blurred(self, session: psycopg.Connection[Any] | None = None) -> Blurred:
        """Return what blurs the numbers of all sessions so far, and of this one."""
        if session is not None:
            row = session.execute("SELECT pg_backend_pid(), inet_client_port()").fetchone() or (0, None)
            self.numbers[str(row[0])] = "(process)"
            if row[1] is not None:
                self.numbers[str(row[1])] = "(port)"
        return Blurred(self.name, self.numbers)


@dataclass(slots=True)
class Comparison:
    """The two databases, the roles, and what is looked at."""

    server: Server
    original: Original
    needs: Needs
    events: Mapping[Event, Collection[str]]
    listener: Progress
    roles: dict[str, str] = field(default_factory=dict)
    """The roles that log in, each with its password."""
    made: list[str] = field(default_factory=list)

    def run(self, script: Script) -> Iterator[SideBySide]:
        """Yield each action, with what it did in both databases."""
        token = secrets.token_hex(4)
        with self._databases(token) as (original, imported):
            with database_errors("cannot make the roles of the comparison"):
                self._make_roles(token)
            self.listener.step("the script as it is, in a database")
            self._execute(original, self.original.text, "cannot run the script")
            self.listener.step("what was imported of it, in another")
            self._apply(imported, script)
            for side in (original, imported):
                self._prepare(side)
            yield from self._logins(original, imported)
            if any(not event.is_session for event in self.events):
                yield from self._commands(original, imported)

    @contextmanager
    def _databases(self, token: str) -> Iterator[tuple[_Side, _Side]]:
        names = [f"xtrig_verify_{token}_{which}" for which in ("original", "imported")]
        sides = [
            _Side(name, self.server.address.changed(dbname=name).with_setting("event_triggers", "off"))
            for name in names
        ]
        try:
            with database_errors("cannot make databases for the comparison"), self.server.admin() as admin:
                for name in names:
                    admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
            yield sides[0], sides[1]
        finally:
            for side in sides:
                if side.listening is not None:
                    side.listening.close()
            with database_errors("cannot drop what the comparison has made"), self.server.admin() as admin:
                for name in names:
                    admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
                for role in reversed(self.made):
                    admin.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))

    def _make_roles(self, token: str) -> None:
        """Make two roles that log in; on a server of our own also those that the script names."""
        texts = (self.original.text, *self.original.rest)
        with self.server.admin() as admin:
            known = {name for (name,) in admin.execute("SELECT rolname FROM pg_roles").fetchall()}
            wanted = {f"xtrig_verify_{token}_{which}": True for which in ("one", "two")}
            if self.server.is_own:
                named = [each for each in dict.fromkeys(_NAMED.findall(self.original.text)) if each not in _NO_ROLES]
                wanted |= dict.fromkeys(named[:_MOST_NAMED], True)
                wanted |= {role: False for role in (*self.needs.roles, *_roles_of(texts)) if role not in wanted}
            created = {role.lower() for text in texts for role in _CREATED.findall(text)}
            for role, logs_in in wanted.items():
                if role in known or role.lower() in created or role.lower() == "public":
                    continue
                self._make_role(admin, role, logs_in=logs_in)

    def _make_role(self, admin: psycopg.Connection[Any], role: str, *, logs_in: bool) -> None:
        statement = sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(role), sql.SQL("LOGIN" if logs_in else ""))
        if logs_in:
            password = self.roles[role] = secrets.token_urlsafe(24)
            # As a verifier: a statement stands in the server's log, in clear.
            verifier = admin.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
            statement += sql.SQL(" PASSWORD {}").format(sql.Literal(verifier.decode()))
        self.made.append(role)
        admin.execute(statement)

    def _execute(self, side: _Side, text: str, doing: str) -> None:
        before = self._all_roles()
        with database_errors(doing), side.owner.connect() as connection:
            connection.execute(text.encode())
        self.made += [role for role in self._all_roles() if role not in before]

    def _all_roles(self) -> list[str]:
        with self.server.admin() as admin:
            return [name for (name,) in admin.execute("SELECT rolname FROM pg_roles ORDER BY oid").fetchall()]

    def _apply(self, side: _Side, script: Script) -> None:
        """Run what the definition leaves out, then the definition, then what needed the definition before."""
        waiting = list(self.original.rest)
        waiting = [text for text in waiting if not self._is_done(side, text)]
        apply_script(script, side.owner.engine())
        for text in waiting:
            if not self._is_done(side, text):
                self.listener.note(f"not run beside the definition: {one_line(text)[:70]}")

    def _is_done(self, side: _Side, text: str) -> bool:
        with side.owner.connect() as connection:
            try:
                connection.execute(text.encode())
            except psycopg.Error:
                # A role that the script makes is there since the script ran in the first database.
                return text.upper().lstrip().startswith(("CREATE ROLE", "CREATE USER"))
        return True

    def _prepare(self, side: _Side) -> None:
        with database_errors("cannot prepare the comparison"), side.owner.connect() as connection:
            connection.execute(_ROWS.encode())
            connection.execute("GRANT CREATE ON SCHEMA public TO PUBLIC")
        side.listening = side.owner.connect()
        for channel in self._channels():
            side.listening.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))

    def _channels(self) -> list[str]:
        return list(dict.fromkeys(one.lower() or two for one, two in _CHANNEL.findall(self.original.text)))

    def _parameters(self) -> list[str]:
        found = _PARAMETER.findall(self.original.text.lower())
        return list(dict.fromkeys([*found, *self.needs.parameters]))

    def _logins(self, original: _Side, imported: _Side) -> Iterator[SideBySide]:
        roles = [self.server.superuser, *self.roles]
        for role in roles:
            self.listener.step(f"logging in as {role}")
            for action, settings in (("log in", {}), ("log in, read-only", _READ_ONLY)):
                observed = [self._login(side, role, settings) for side in (original, imported)]
                yield SideBySide(action, role, observed[0], observed[1])

    def _address(self, side: _Side, role: str, settings: Mapping[str, str]) -> Address:
        address = self.server.address.changed(dbname=side.name)
        if role in self.roles:
            address = address.changed(user=role, password=self.roles[role])
        for name, value in settings.items():
            address = address.with_setting(name, value)
        return address

    def _login(self, side: _Side, role: str, settings: Mapping[str, str]) -> Observed:
        before, heard = self._rows(side), Heard()
        members = self._members(role)
        blurred = side.blurred()
        try:
            session = log_in(self._address(side, role, settings), heard)
        except Refused as refused:
            self._take_back(role, members)
            rows = new_rows(before, self._rows(side), blurred)
            return blurred.observed(refused.message, refused.sqlstate, heard.take(), rows=rows)
        with session:
            blurred = side.blurred(session)
            found = settings_of(session, self._parameters(), blurred)
            notices = heard.take()
            effects = [*temporary_tables(session), *self._take_back(role, members), *self._notified(side)]
            rows = new_rows(before, self._rows(side), blurred)
            return blurred.observed("", None, notices, settings=found, rows=rows, effects=tuple(effects))

    def _rows(self, side: _Side) -> Mapping[str, Any]:
        with side.owner.connect() as connection:
            return _read(connection)

    def _members(self, role: str) -> frozenset[str]:
        with self.server.admin() as admin:
            return frozenset(name for (name,) in admin.execute(_MEMBERS, [role]).fetchall())

    def _take_back(self, role: str, before: frozenset[str]) -> tuple[str, ...]:
        """Restore the memberships of a role; return what was changed, in words."""
        after = self._members(role)
        said = [f"member of {name}" for name in sorted(after - before)]
        said += [f"no member of {name}" for name in sorted(before - after)]
        with self.server.admin() as admin:
            for name in after - before:
                admin.execute(sql.SQL("REVOKE {} FROM {}").format(sql.Identifier(name), sql.Identifier(role)))
            for name in before - after:
                admin.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(name), sql.Identifier(role)))
        return tuple(said)

    def _notified(self, side: _Side) -> list[str]:
        if side.listening is None or not self._channels():
            return []
        return [f"notified {each.channel}: {each.payload}" for each in side.listening.notifies(timeout=0.05)]

    def _commands(self, original: _Side, imported: _Side) -> Iterator[SideBySide]:
        tags = [tag for event, tags in self.events.items() if not event.is_session for tag in tags]
        is_any = any(not tags for event, tags in self.events.items() if not event.is_session)
        commands = [each for each in ddl_commands.commands() if is_any or each.kind in tags]
        for role in (self.server.superuser, next(iter(self.roles))):
            self.listener.step(f"{len(commands)} commands as {role}")
            sessions = [self._session(side, role) for side in (original, imported)]
            if None in sessions:
                continue
            for side, session in zip((original, imported), sessions, strict=True):
                self._make_objects(side, role)
                assert session is not None  # noqa: S101  # for mypy
            for command in commands:
                observed = [
                    self._command(side, session, command)
                    for side, session in zip((original, imported), sessions, strict=True)
                    if session is not None
                ]
                yield SideBySide(command.kind, role, observed[0], observed[1])
            for text in _COMMITTED:
                command = Command(" ".join(text.split()[:2]), text.format(f"xtrig_table_{role[-3:]}"))
                observed = [
                    self._command(side, session, command, commits=True)
                    for side, session in zip((original, imported), sessions, strict=True)
                    if session is not None
                ]
                yield SideBySide(f"{command.kind}, committed", role, observed[0], observed[1])
            for session in sessions:
                if session is not None:
                    session.close()

    def _session(self, side: _Side, role: str) -> psycopg.Connection[Any] | None:
        try:
            return log_in(self._address(side, role, {}), Heard())
        except Refused:
            if role != self.server.superuser:
                return None  # a role that no login lets in runs no command
        session = side.owner.connect()
        session.execute("SET event_triggers = on")
        return session

    def _make_objects(self, side: _Side, role: str) -> None:
        with database_errors("cannot make objects for the commands"), side.owner.connect() as connection:
            connection.execute(f"DROP SCHEMA IF EXISTS {ddl_commands.SCHEMA}, xtrig_rehearsal_gone CASCADE")
            for kind in ("PUBLICATION", "FOREIGN DATA WRAPPER", "LANGUAGE"):
                connection.execute(f"DROP {kind} IF EXISTS xtrig_rehearsal CASCADE")
            for statement in ddl_commands.OPENING:
                connection.execute(statement.sql.encode())
            connection.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(role)))
            connection.execute(ddl_commands.objects().sql.encode())

    def _command(
        self, side: _Side, session: psycopg.Connection[Any], command: Command, *, commits: bool = False
    ) -> Observed:
        heard, blurred = Heard(), side.blurred(session)
        session.pgconn.notice_handler = heard
        session.execute("BEGIN")
        try:
            before = _read(session)
            heard.take()
            session.execute(command.sql.encode())
            notices = heard.take()
            after = _read(session)
            session.execute("COMMIT" if commits else "ROLLBACK")
        except psycopg.Error as error:
            notices = heard.take()
            if not session.closed:
                session.execute("ROLLBACK")
            return blurred.observed(*told(error), notices)
        rows = new_rows(before, after, blurred)
        return blurred.observed("", None, notices, rows=rows, effects=tuple(self._notified(side) if commits else ()))


def _read(session: psycopg.Connection[Any]) -> Mapping[str, Any]:
    (rows,) = session.execute(_READ).fetchone() or ({},)
    found: Mapping[str, Any] = rows
    return found


def _roles_of(texts: Sequence[str]) -> Iterator[str]:
    """Yield the roles that statements of SQL name."""
    from xtrig_pgfamily.reading.parser import (  # noqa: PLC0415  # an extra, which whoever imports has
        SyntaxProblem,
        nodes_of,
        parse_statements,
    )

    for text in texts:
        try:
            statements = parse_statements(text)
        except SyntaxProblem:
            continue
        for statement in statements:
            yield from (each.rolename for each in nodes_of(statement.node, "RoleSpec") if each.rolename)
