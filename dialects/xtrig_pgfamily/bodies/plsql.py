"""plpgsql where PL/SQL is wanted."""

from __future__ import annotations

from collections.abc import Iterator

from xtrig.findings import Check, Finding
from xtrig.sqltokens import QUOTED, Kind, Token, Tokens, text_at
from xtrig_pgfamily.bodies.passages import Role
from xtrig_pgfamily.bodies.reading import Reading
from xtrig_pgfamily.language import Language

_WORDS = {"perform": "PERFORM", "assert": "ASSERT", "foreach": "FOREACH", "get": "GET DIAGNOSTICS", "do": "DO"}
_LEVELS = ("debug", "log", "info", "notice", "warning", "exception")


class NotPlsql(Check[Reading], code="XT315", waivable=True):
    """plpgsql where PL/SQL is wanted.

    PolarDB documents the function of a logon or logoff trigger in PL/SQL, the language of Oracle. It has no `PERFORM`,
    no `RAISE` with a level, no `::`, no dollar quotes, no `E''`, and its `EXECUTE` is `EXECUTE IMMEDIATE`. Whether
    PolarDB takes plpgsql there all the same is documented nowhere.

    Remedy: Write it in PL/SQL, or say `language: plpgsql`, which is unverified.
    Source: PolarDB for PostgreSQL documentation, Logon and logoff triggers; Oracle Database PL/SQL Language Reference.
    """

    def find(self, reading: Reading) -> Iterator[Finding]:
        if reading.language is not Language.PLSQL:
            return
        seen: set[str] = set()
        for token, what, remedy in (*_statements(reading), *_signs(reading.tokens)):
            if what not in seen:
                seen.add(what)
                message = f"{what} is not PL/SQL, in which {reading.translation.dialect.title} runs this"
                yield reading.finding(self, token, message, remedy)


def _statements(reading: Reading) -> Iterator[tuple[Token, str, str]]:
    for passage in reading.passages:
        if passage.role is not Role.STATEMENT or not passage.tokens:
            continue
        first = passage.tokens[0]
        if passage.command in _WORDS:
            remedy = "assign the result to a variable" if passage.command == "perform" else "write it in PL/SQL"
            yield first, _WORDS[passage.command], remedy
        elif first.word == "raise" and _has_level(passage.tokens):
            yield first, f"RAISE {passage.tokens[1].text}", "record it with an insert"
        elif passage.command == "execute" and text_at(passage.tokens, 1) != "immediate":
            yield first, "EXECUTE without IMMEDIATE", "write EXECUTE IMMEDIATE"


def _has_level(tokens: Tokens) -> bool:
    return len(tokens) > 1 and (tokens[1].kind in QUOTED or (tokens[1].word in _LEVELS and len(tokens) > 2))


def _signs(tokens: Tokens) -> Iterator[tuple[Token, str, str]]:
    for token in tokens:
        if token.text == "::":
            yield token, "a cast with ::", "write CAST(x AS type)"
        elif token.kind is Kind.DOLLAR:
            yield token, "a dollar quote", "write the text in single quotes"
        elif token.kind is Kind.ESCAPE:
            yield token, "an E'' literal", "write it as '...' or chr(n)"
