"""Whose objects and whose name a text uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xtrig.findings import Check, Finding, Severity
from xtrig.sqltokens import Tokens, text_at
from xtrig_pgfamily.bodies.commands import settings
from xtrig_pgfamily.bodies.parsed import unqualified_in_expressions
from xtrig_pgfamily.bodies.passages import Passage
from xtrig_pgfamily.bodies.paths import PINNED, fixed, has_temporary_last, is_pinned, path_changes, steps_follow
from xtrig_pgfamily.bodies.reading import Reading
from xtrig_pgfamily.bodies.unqualified import made, unqualified
from xtrig_pgfamily.checks.settings import REMEDY, ROLES, RoleUnderDefiner, refused
from xtrig_pgfamily.language import Language

_REMEDY = "write schema.name"
_OWNER = ("current_user", "current_role")
_NO_VALUE = (".", "as", "to", "for", "role", "create", "alter", "drop")


class UnqualifiedName(Check[Reading], code="XT302", severity=Severity.WARNING, waivable=True):
    """A name without its schema.

    The function's `search_path` is pinned to `pg_catalog, pg_temp`, under `security: invoker` too, since whatever else
    is in it could be anybody's. A table or function without its schema is then simply not found, and the function fails
    each time it runs. A table that has the name of a built-in function, such as `log`, is not built in. In PL/SQL, as
    PolarDB documents it, a function has no `search_path` of its own: there the user's decides whose object it is, and
    the function's owner has the rights.

    Looked at are the names after `INSERT INTO`, `UPDATE`, `DELETE FROM`, `MERGE INTO`, `FROM`, `JOIN`, `PERFORM` and
    `CALL`; where PostgreSQL's own parser is installed (`xtrig[import]`), every function and type too. What is built in,
    what `WITH` names and what the text creates as a temporary table needs no schema. A table of the definition is meant
    without doubt, and an error; of another name somebody else may have made a temporary table.

    Remedy: Write `schema.name`.
    Source: Measured on PostgreSQL 17.9 and 18.4: a body with `SECURITY DEFINER` and without a pinned path gave
    superuser away to a role that could create a function; with the path pinned every attack failed. PostgreSQL manual,
    Writing SECURITY DEFINER Functions Safely.
    """

    def find(self, reading: Reading) -> Iterator[Finding]:
        if reading.language is Language.PLSQL and not reading.text.is_definer:
            return
        if reading.text.is_body and reading.text.function.settings is not None:
            return  # its own path finds them, or the client's: XT319
        seen = made(reading.passages)
        own = reading.translation.triggers.table_schemas if reading.language is Language.PLPGSQL else {}
        relations = [token for passage in reading.passages for token in unqualified(passage, reading.language)]
        for token in (*relations, *unqualified_in_expressions(reading)):
            if token.name in seen:
                continue
            seen.add(token.name)
            is_own = token in relations and token.name in own
            severity = Severity.ERROR if is_own else None
            remedy = f"write {own[token.name]}.{token.text}" if is_own else _REMEDY
            yield reading.finding(self, token, f"{token.text} without its schema: {_effect(reading)}", remedy, severity)


def _effect(reading: Reading) -> str:
    if reading.language is Language.PLSQL:
        return "this function has no search_path of its own, so the user's decides whose object it is"
    effect = "isn't found, and every login is refused" if reading.refuses_logins else "isn't found"
    return f"the function's search_path is pg_catalog, pg_temp, so it {effect}"


class PathOfItsOwn(Check[Reading], code="XT319", severity=Severity.WARNING, waivable=True):
    """A hand-written body with other settings than xtrig's.

    `settings` beside a body are all that its function sets; xtrig's `search_path = pg_catalog, pg_temp` is not among
    them. An import writes them, so that a body that is kept runs as it did. Without a `search_path` the client's
    decides whose tables and functions the body finds; under `security: definer` they run with the rights of the
    function's owner, so that whoever can create a function becomes as mighty as the owner. That is an error, and so is
    a path with `$user`, which is another schema in each database, and for DDL one that does not end in `pg_temp`: the
    user's temporary tables and types are found first. Of the schemas that a path names, script, plan and apply refuse
    those in which somebody else may create. A function in PL/SQL has no settings at all.

    Remedy: Write `schema.name` in the body, and leave `settings` out, or let the path be `pg_catalog, pg_temp`.
    Source: As for [XT302](XT302.md). Run on PostgreSQL 17 and 18: `tests/server/attacks/test_changed_path.py`.
    PostgreSQL manual, Writing SECURITY DEFINER Functions Safely.
    """

    def find(self, reading: Reading) -> Iterator[Finding]:
        settings_, function = reading.text.function.settings, reading.text.function
        if settings_ is None or not reading.text.is_body:
            return
        path, place = _path_of(settings_), (*function.path, "settings")
        if reading.language is Language.PLSQL:
            message = "settings beside a body in PL/SQL, which has none"
            yield self.finding(function.subject, message, "write them into the body", place, severity=Severity.ERROR)
        elif path is None and not reading.text.is_definer:
            message = "no search_path: the client's decides whose tables and functions it finds"
            yield self.finding(function.subject, message, _PIN, place, severity=Severity.NOTE)
        elif path is None:
            message = "no search_path: the client's decides whose functions run with the rights of the owner"
            yield self.finding(function.subject, message, _PIN, place, severity=Severity.ERROR)
        elif reading.text.is_definer:
            yield from (
                self.finding(function.subject, f"search_path = {path}: {message}", remedy, place, severity=severity)
                for message, remedy, severity in _of_path(fixed(path), reading)
            )


_PIN = "qualify the names in the body, and set pg_catalog, pg_temp"


def _path_of(given: Mapping[str, str]) -> str | None:
    return next((value for parameter, value in given.items() if parameter.lower() == "search_path"), None)


def _of_path(names: tuple[str, ...] | None, reading: Reading) -> Iterator[tuple[str, str, Severity]]:
    """Yield what is to be said of a path under which something runs: message, remedy, severity."""
    rights = "with the rights of the owner" if reading.text.is_definer else "with the rights of whoever fires it"
    graver = Severity.ERROR if reading.text.is_definer else Severity.WARNING
    if names is None:
        yield f"what runs under it may be anybody's, {rights}", "write schema.name instead", graver
    elif not has_temporary_last(names, is_session=reading.is_session):
        message = f"temporary tables and types of the user's come first, {rights}"
        yield message, "let pg_temp be the last of its schemas", graver
    elif others := [each for each in names if each not in PINNED]:
        message = f"what anybody creates in {others[0]} may run {rights}"
        yield message, "write schema.name instead, or let nobody else create there", Severity.WARNING


class SearchPathChanged(Check[Reading], code="XT303", severity=Severity.WARNING, waivable=True):
    """A hand-written body that gives the search_path away.

    The pinned `search_path` protects a function that has its owner's rights; a body that changes it takes that away
    from everything that runs after it. Under `security: definer` that is an error where the new path is put together
    at run time, holds `$user`, is taken back with RESET, or, for DDL, does not end in `pg_temp`, in front of which the
    user's temporary tables and types are found. A path of fixed schemas is a warning: script, plan and apply refuse
    those in which somebody else may create, or has made what has a name of the text. The same goes for a function that
    the body creates with `SECURITY DEFINER` and without a path: its callers choose one. As the last thing a body does
    it is fine: that is how a trigger gives a session its path.

    SET, RESET, `set_config()` and UPDATE of `pg_settings` are seen, in EXECUTE and DO too where their text stands in
    the body. What a called routine sets is not seen.

    Remedy: Write `schema.name` where the name is used, or change the path at the very end.
    Source: Measured on PostgreSQL 17.9 and 18.4: `set_config('search_path', ..., false)` outlives the function even
    though the function has a `SET search_path` clause. Run on PostgreSQL 17 and 18, where a role that could create
    functions in the new path became superuser: `tests/server/attacks/test_changed_path.py`. PostgreSQL manual, CREATE
    FUNCTION, Writing SECURITY DEFINER Functions Safely.
    """

    def find(self, reading: Reading) -> Iterator[Finding]:
        seen = set()
        for change in path_changes(reading.nodes, is_followed=steps_follow(reading.text)):
            if change.token.start in seen or is_pinned(change.names, is_session=reading.is_session):
                continue
            seen.add(change.token.start)
            for effect, remedy, severity in _of_path(change.names, reading):
                message = f"search_path is changed: {effect}"
                yield reading.finding(self, change.token, message, f"{remedy}, or change it at the end", severity)
        for passage in reading.passages:
            if _creates_without(passage):
                message = "it creates a SECURITY DEFINER function without a search_path: whoever calls it chooses one"
                remedy = "add SET search_path = pg_catalog, pg_temp to it"
                yield reading.finding(self, passage.tokens[0], message, remedy)


def _creates_without(passage: Passage) -> bool:
    words = [token.word for token in passage.tokens]
    if passage.command != "create" or not {"function", "procedure"} & set(words[:4]):
        return False
    return "definer" in words and "search_path" not in words


class RoleSetInText(Check[Reading], of=RoleUnderDefiner, waivable=True):
    """SET ROLE in a hand-written text."""

    def find(self, reading: Reading) -> Iterator[Finding]:
        for passage in reading.passages if reading.text.is_definer else ():
            for setting in settings(passage.tokens):
                parameter = "session_authorization" if setting.parameter == "authorization" else setting.parameter
                if parameter in ROLES:
                    yield reading.finding(self, setting.token, refused(parameter), REMEDY)


class OwnerTakenForUser(Check[Reading], code="XT305", severity=Severity.WARNING):
    """current_user where it is the function's owner.

    In a function with `security: definer`, `current_user`, `current_role` and `user` are the function's owner: an audit
    that records them records the same name for everybody.

    Remedy: Write `session_user`, which neither `SET ROLE` nor `SECURITY DEFINER` changes; in steps `${login_user}`.
    Source: Measured on PostgreSQL 17.9 and 18.4: in the trigger `session_user` was the role that logged in and
    `current_user` the owner. PostgreSQL manual, System Information Functions.
    """

    def find(self, reading: Reading) -> Iterator[Finding]:
        # Oracle's USER is the user who logged in.
        names = (*_OWNER, "user") if reading.language is Language.PLPGSQL else _OWNER
        for passage in reading.passages if reading.text.is_definer else ():
            for place, token in enumerate(passage.tokens):
                if token.word in names and _is_value(passage.tokens, place):
                    message = f"{token.text} is the function's owner under security: definer, whoever logged in"
                    yield reading.finding(self, token, message, _remedy(reading))


def _is_value(tokens: Tokens, place: int) -> bool:
    return text_at(tokens, place - 1) not in _NO_VALUE and text_at(tokens, place + 1) not in (".", "mapping", ":=")


def _remedy(reading: Reading) -> str:
    return "write session_user" if reading.language is Language.PLPGSQL else "use the variable of the login user"
