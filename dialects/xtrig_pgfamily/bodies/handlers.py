"""Handlers of errors, and exceptions that refuse a login."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xtrig.findings import Check, Finding, Severity
from xtrig_pgfamily.bodies.blocks import Block, Choice, Clause, Loop, Node, Simple
from xtrig_pgfamily.bodies.passages import Passage, Role, is_exception, passages
from xtrig_pgfamily.bodies.reading import Reading
from xtrig_pgfamily.language import Language

_SILENT = frozenset(("null", "return", "exit", "continue", "get", ""))
_CLIENT_ONLY = ("notice", "info", "debug")
_WHO = frozenset("session_user system_user rolsuper is_superuser pg_has_role pg_auth_members usesuper".split())


def handlers(nodes: tuple[Node, ...]) -> Iterator[Clause]:
    """Yield every WHEN of every EXCEPTION, in the order of the text."""
    for node in nodes:
        match node:
            case Block():
                yield from handlers(node.body)
                for handler in node.handlers:
                    yield handler
                    yield from handlers(handler.body)
            case Choice():
                for clause in node.clauses:
                    yield from handlers(clause.body)
            case Loop():
                yield from handlers(node.body)
            case Simple():
                pass


def catches(handler: Clause, *conditions: str) -> bool:
    """Whether it names one of the conditions."""
    return any(token.word in conditions for token in handler.condition)


class ErrorSwallowed(Check[Reading], code="XT309", severity=Severity.WARNING):
    """A handler that swallows every error.

    The handler keeps an error from refusing logins, which is good, and from ever being known, which is not: the table
    fills its disk or is renamed, and the audit is empty from then on. `RAISE NOTICE` does not help: it goes to the
    client, who is not listening yet.

    Remedy: Write it to the server's log, where no client can silence it:

    ```sql
    EXCEPTION WHEN OTHERS OR assert_failure OR query_canceled THEN
      RAISE LOG 'login of % not recorded: % %', session_user, SQLSTATE, SQLERRM;
    ```

    Source: Measured on PostgreSQL 17.9 and 18.4: any user can make the `INSERT` fail with `-c
    default_transaction_read_only=on`; `RAISE LOG` came through all the same. psycopg and asyncpg receive no notice at
    login.
    """

    def find(self, reading: Reading) -> Iterator[Finding]:
        for handler in handlers(reading.nodes):
            if catches(handler, "others") and not any(map(_tells, passages(handler.body))):
                message = "WHEN OTHERS swallows every error: when recording fails, nobody will know"
                yield reading.finding(self, handler.condition[0], message, _remedy(reading))


def _tells(passage: Passage) -> bool:
    words = [token.word for token in passage.tokens[:2]]
    if words[:1] == ["raise"]:
        # These reach the client alone, and at logon most drivers don't even read them.
        return words[-1] not in _CLIENT_ONLY
    return passage.role is Role.STATEMENT and passage.command not in _SILENT


def _remedy(reading: Reading) -> str:
    if reading.language is Language.PLPGSQL:
        return "write RAISE LOG '% %', SQLSTATE, SQLERRM in it"
    return "insert the error into a table in it, or leave the handler out: the server logs what is raised"


class ErrorsPassHandler(Check[Reading], code="XT310", severity=Severity.NOTE):
    """A handler of OTHERS that lets some errors through.

    `WHEN OTHERS` catches every error but two: a failed `ASSERT` and a cancelled statement (`pg_cancel_backend()`). They
    refuse the login. Where the body refuses people, too, that is right ([XT316](XT316.md)). Nothing at all catches
    `transaction_timeout`, `pg_terminate_backend()` and errors in a `DECLARE` section.

    Remedy: Write `WHEN OTHERS OR assert_failure OR query_canceled THEN`.
    Source: Measured on PostgreSQL 17.9 and 18.4. PostgreSQL manual, PL/pgSQL, Trapping Errors.
    """

    def find(self, reading: Reading) -> Iterator[Finding]:
        if not reading.refuses_logins or reading.language is not Language.PLPGSQL:
            return
        found = list(handlers(reading.nodes))
        others = [handler for handler in found if catches(handler, "others")]
        if any(map(_is_refusal, reading.passages)):
            return  # where somebody is refused, a cancel has to refuse him, too
        if others and not any(catches(handler, "query_canceled") for handler in found):
            message = "WHEN OTHERS does not catch a cancelled statement or a failed ASSERT: they refuse the login"
            remedy = "write WHEN OTHERS OR assert_failure OR query_canceled"
            yield reading.finding(self, others[0].condition[0], message, remedy)


class RefusalNotMeant(Check[Reading], code="XT314", severity=Severity.WARNING):
    """RAISE EXCEPTION that refuses everybody, or nobody.

    On PolarDB an error in a logon trigger is written to the log and the session goes on: an exception that is meant to
    keep somebody out keeps nobody out. On PostgreSQL it refuses everybody, superusers too; there this is a note, unless
    a condition before it asks who logs in.

    Remedy: On PolarDB record the login instead. On PostgreSQL leave a role out (`IF session_user NOT IN (...)`), and
    know the way in: a superuser who connects with `PGOPTIONS='-c event_triggers=off'`.
    Source: PolarDB for PostgreSQL documentation, Logon and logoff triggers: a failing trigger is logged and does not
    stop the login. PostgreSQL: the refusal of superusers was run on 18.
    """

    def find(self, reading: Reading) -> Iterator[Finding]:
        for passage in reading.passages if reading.is_logon and reading.text.is_body else ():
            if not _refuses(passage):
                continue
            if not reading.errors_bind:
                effect = reading.translation.dialect.capability(
                    reading.text.events[0], reading.translation.version
                ).on_error
                message = f"RAISE EXCEPTION keeps nobody out of {reading.translation.dialect.title}: {effect}"
                yield reading.finding(self, passage.tokens[0], message, "record the login instead")
            elif not _asks_who(passage):
                message = "RAISE EXCEPTION refuses superusers too, and nobody could get in to mend it"
                remedy = (
                    "leave some role out with session_user, or keep a way in: a superuser with -c event_triggers=off"
                )
                yield reading.finding(self, passage.tokens[0], message, remedy, Severity.NOTE)


def _refuses(passage: Passage) -> bool:
    if passage.role is not Role.STATEMENT or not passage.tokens or passage.caught:
        return False
    # RAISE alone passes on an error that was there already.
    raises = is_exception(passage.tokens) and len(passage.tokens) > 1
    return raises or passage.tokens[0].word == "raise_application_error"


def _asks_who(passage: Passage) -> bool:
    return any(token.name in _WHO or token.content in _WHO for condition in passage.behind for token in condition)


class RefusalEvaded(Check[Reading], code="XT316", severity=Severity.WARNING):
    """A handler by which a refused user gets in.

    A body that refuses people must not catch `query_canceled`. A cancel comes from the user himself: at a login his
    client can send one as soon as it has the key for it, which `debug_print_plan` and `client_min_messages` make the
    server send while the trigger runs; during a command it is enough to set a `statement_timeout`. The block with the
    refusal then ends in its handler, and he goes on. A handler of `OTHERS` around the refusal catches the refusal
    itself. `ASSERT` refuses nobody: `plpgsql.check_asserts = off`, which any client may choose, skips it. Under
    `security: invoker` a client also chooses `current_user`, by the option `role`, among the roles that it is in.

    Remedy: Write `IF ... THEN RAISE EXCEPTION` for an assertion, and `session_user`. Leave `query_canceled` out of the
    handler: a cancel then refuses the login, which harms nobody but its sender. Put what may fail into a block of its
    own, and `RAISE EXCEPTION` outside of it.
    Source: Seen on PostgreSQL 17 and 18: 16 to 19 of 120 cancelled logins went on, and each with assertions off.
    """

    def find(self, reading: Reading) -> Iterator[Finding]:
        if reading.language is not Language.PLPGSQL or (reading.is_session and not reading.errors_bind):
            return
        for passage in reading.passages:
            if passage.command == "assert":
                message = "ASSERT refuses nobody whose client sets plpgsql.check_asserts to off"
                yield reading.finding(self, passage.tokens[0], message, "write IF NOT (...) THEN RAISE EXCEPTION")
            elif not reading.text.is_definer and _is_refusal(passage):
                words = [token for condition in passage.behind for token in condition if token.word in _CHOSEN]
                for token in words[:1]:
                    message = f"{token.text} is a role of the client's choice: who is refused sets role, and gets in"
                    yield reading.finding(self, token, message, "write session_user")
        for block, after in _blocks(reading.nodes):
            inside = list(passages(block.body))
            refusals = [*filter(_is_refusal, inside), *_decided_in(inside, after)]
            for handler in block.handlers if refusals else ():
                if any(is_exception(each.tokens) for each in passages(handler.body) if each.tokens):
                    continue
                if _catches_cancelling(handler):
                    message = (
                        "the handler catches cancelling: who is refused cancels his own login or command, and goes on"
                    )
                elif any(map(_is_refusal, inside)) and catches(handler, *_REFUSED):
                    message = "the handler catches the refusal in its block, which so refuses nobody"
                else:
                    continue
                remedy = "leave query_canceled out of it, and raise the refusal outside of blocks with handlers"
                yield reading.finding(self, handler.condition[0], message, remedy)


_CHOSEN = ("current_user", "current_role", "user")
_REFUSED = ("others", "raise_exception", "insufficient_privilege", "plpgsql_error")


def _catches_cancelling(handler: Clause) -> bool:
    # 57000 is the class of it, and its name catches the class.
    named = catches(handler, "query_canceled", "operator_intervention")
    return named or any(token.content in ("57014", "57000") for token in handler.condition)


def _is_refusal(passage: Passage) -> bool:
    """Whether a statement raises an error of its own: RAISE alone passes on what was there already."""
    is_statement = passage.role is Role.STATEMENT and len(passage.tokens) > 1
    return is_statement and is_exception(passage.tokens)


def _decided_in(inside: Sequence[Passage], after: Sequence[Passage]) -> Iterator[Passage]:
    """Yield the refusals after a block that depend on what was assigned in it."""
    assigned = {each.tokens[0].name for each in inside if len(each.tokens) > 2 and each.tokens[1].text in (":=", "=")}
    for each in inside:
        assigned |= {each.tokens[n + 1].name for n in range(len(each.tokens) - 1) if each.tokens[n].word == "into"}
    for refusal in filter(_is_refusal, after):
        if any(token.name in assigned - {""} for condition in refusal.behind for token in condition):
            yield refusal


def _blocks(nodes: Sequence[Node]) -> Iterator[tuple[Block, Sequence[Passage]]]:
    """Yield every block with handlers, and what runs after it in its sequence."""
    for number, node in enumerate(nodes):
        match node:
            case Block():
                if node.handlers:
                    yield node, list(passages(tuple(nodes[number + 1 :])))
                yield from _blocks(node.body)
            case Choice():
                for clause in node.clauses:
                    yield from _blocks(clause.body)
            case Loop():
                yield from _blocks(node.body)
            case Simple():
                pass
