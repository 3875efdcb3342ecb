"""What a fault must leave untouched: who can log in, and every object that is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

import xtrig
from tests.server.conftest import Database
from tests.server.deploy import wait_until
from xtrig.cli.exits import explain
from xtrig.deploy import Bounds, Canary, DeploymentError, ProofError, RefusedPlanError, Report, apply
from xtrig.errors import DatabaseError, UsageError, XtrigError

PEOPLE = ("alice", "bob")
QUICK = Canary(login_timeout=2, rounds=1)
SHORT = Bounds(lock_timeout=1, undo_after=30)
EXITS: Mapping[type[XtrigError], int] = {
    ProofError: 1,
    RefusedPlanError: 1,
    DeploymentError: 3,
    DatabaseError: 3,
    UsageError: 64,
}
UNTOUCHED = "nothing was changed, and logins work"
TAKEN_BACK = "everything was taken back, and logins work again"

_USER_SCHEMA = "nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'"


def _acl(column: str, kind: str, owner: str) -> str:
    """Return the rights: none noted down are the same as those that everything begins with."""
    return f"ARRAY(SELECT unnest(coalesce({column}, acldefault('{kind}', {owner})))::text ORDER BY 1)"


_PROACL = _acl("proacl", "f", "proowner")
_RELACL = _acl("relacl", "r", "relowner")
_NSPACL = _acl("nspacl", "n", "nspowner")
_SNAPSHOT = f"""
SELECT 'event trigger', evtname::text, concat_ws('|', evtevent, evtenabled, evtfoid::regprocedure, evttags,
    evtowner::regrole, obj_description(oid, 'pg_event_trigger')) FROM pg_event_trigger
UNION ALL
SELECT 'function', p.oid::regprocedure::text, concat_ws('|', pg_get_functiondef(p.oid), proowner::regrole, {_PROACL},
    obj_description(p.oid, 'pg_proc'))
FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = pronamespace WHERE {_USER_SCHEMA} AND prokind = 'f'
UNION ALL
SELECT 'relation', c.oid::regclass::text, concat_ws('|', relkind, relowner::regrole, {_RELACL},
    obj_description(c.oid, 'pg_class'), ARRAY(SELECT concat_ws(' ', attname, format_type(atttypid, atttypmod),
    attnotnull) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped ORDER BY attnum))
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace WHERE {_USER_SCHEMA}
UNION ALL
SELECT 'schema', nspname::text, concat_ws('|', nspowner::regrole, {_NSPACL}, obj_description(oid, 'pg_namespace'))
FROM pg_namespace WHERE {_USER_SCHEMA}
ORDER BY 1, 2
"""
_LOCKS = "SELECT count(*) FROM pg_locks JOIN pg_database AS d ON d.oid = database AND datname = current_database()"


class Mischief:
    """A listener that does something at the beginning of a step, once, and writes down every step."""

    def __init__(self, when: str = "", do: Callable[[], object] = lambda: None) -> None:
        self.steps: list[str] = []
        self.notes: list[str] = []
        self.done = False
        self._when = when
        self._do = do

    def step(self, what: str) -> None:
        """Do it, if this is the step."""
        self.steps.append(what)
        if self._when and what.startswith(self._when) and not self.done:
            self.done = True
            self._do()

    def note(self, what: str) -> None:
        """Write it down."""
        self.notes.append(what)


@dataclass(frozen=True)
class Site:
    """A database, with a superuser's session in it that is older than any trigger."""

    database: Database
    admin: psycopg.Connection[Any]

    def url(self, user: str = "postgres") -> str:
        """Return the way in of a role, over the socket."""
        return self.database.server.url(user, self.database.name)

    def log_in(self, user: str = "alice", options: str = "") -> str | None:
        """Log in and out; return what refused it."""
        try:
            self.database.connect(user, options=options, connect_timeout=10).close()
        except psycopg.OperationalError as error:
            return str(error)
        return None

    def value(self, query: str) -> Any:
        """Return the one value of a query."""
        row = self.admin.execute(query.encode()).fetchone()
        assert row is not None
        return row[0]

    def snapshot(self) -> dict[tuple[str, str], str]:
        """Return every object that a deployment could touch, with its text, owner, rights and comment."""
        return {(kind, name): text for kind, name, text in self.admin.execute(_SNAPSHOT.encode())}

    def apply(self, triggers: Any, **options: Any) -> Report:
        """Deploy with short bounds."""
        options = {"canary": QUICK, "bounds": SHORT, **options}
        definition = xtrig.load_text(triggers) if isinstance(triggers, str) else triggers
        return apply(definition, options.pop("url", self.url()), **options)

    def untouched(self, before: dict[tuple[str, str], str]) -> None:
        """See that everything is as it was, that people can log in, and that no lock is held."""
        otherwise = sorted(set(self.snapshot().items()) ^ set(before.items()))
        assert not otherwise, otherwise
        assert [self.log_in(role) for role in PEOPLE] == [None, None]
        # A session is gone a moment after its client has closed it.
        wait_until(lambda: self.value(f"{_LOCKS} WHERE locktype = 'advisory'") == 0, "the lock is let go", 5)

    def fails(self, triggers: Any, kind: type[XtrigError], **options: Any) -> Failure:
        """Deploy, see it fail with an error of just this kind, and see that nothing is otherwise than before."""
        before = self.snapshot()
        with failing(kind) as failure:
            self.apply(triggers, **options)
        self.untouched(before)
        return failure


class Failure:
    """An error, and what it tells."""

    error: XtrigError

    @property
    def message(self) -> str:
        """What the command line prints."""
        return str(self.error)

    @property
    def report(self) -> Report:
        """What the error carries."""
        assert isinstance(self.error, (ProofError, DeploymentError))
        return self.error.report

    @property
    def refused(self) -> list[tuple[str, str]]:
        """Who could not log in, or could not run the functions, and in which proof."""
        return [(login.who, login.proof) for login in self.report.logins if login.refusal is not None]


@contextmanager
def failing(kind: type[XtrigError]) -> Iterator[Failure]:
    """Expect an error of exactly this kind, a line for each reason, and the exit code that belongs to it."""
    failure = Failure()
    with pytest.raises(XtrigError) as caught:
        yield failure
    failure.error = caught.value
    assert type(failure.error) is kind, f"{type(failure.error).__name__}: {failure.error}"
    assert "\n" not in failure.message or kind is RefusedPlanError
    assert explain(failure.error) == EXITS[kind]
    if isinstance(failure.error, (ProofError, DeploymentError)):
        report = failure.error.report
        assert failure.message.startswith(f"{report.failed}: {report.reason}; ")


def logon(
    *steps: str, policies: str = "", name: str = "first", trigger: str = "on_logon", table: str = "{who: text}"
) -> str:
    """Return a definition with one logon trigger, and the table `log` if there are columns for it."""
    lines = [
        "xtrig: 1",
        f"name: {name}",
        "schema: audit",
        *([f"tables: {{log: {{columns: {table}}}}}"] if table else []),
        "triggers:",
        f"  {trigger}:",
        "    event: logon",
        *([f"    {policies}"] if policies else []),
        "    steps:",
        *(f"      - {step}" for step in steps),
    ]
    return "\n".join(lines)


def written(body: str, *, policies: str = "", name: str = "first") -> str:
    """Return a definition with one logon trigger whose body is written by hand: nothing guards it."""
    lines = [
        "xtrig: 1",
        f"name: {name}",
        "schema: audit",
        "functions:",
        "  by_hand:",
        *([f"    {policies}"] if policies else []),
        "    body:",
        "      postgresql: |",
        *(f"        {line}" for line in body.splitlines()),
        "triggers:",
        "  on_logon: {event: logon, run: by_hand}",
    ]
    return "\n".join(lines)


AUDIT = logon('{insert: log, values: {who: "${login_user}"}}')
"""Records who logs in."""
SELDOM = AUDIT.replace("{insert: log,", "{when: \"${login_user} = 'bob'\", insert: log,")
"""Records Bob alone: a table in which somebody has written would be kept."""
STAGES = ("rehearsal", "prepare", "canary", "go live", "finish")
"""The stages of a first deployment, as steps begin."""
REPLACING = ("rehearsal", "prepare", "canary", "switch", "finish")
"""The stages when the text of a live function changes."""
