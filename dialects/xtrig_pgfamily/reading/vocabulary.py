"""A vendor's spelling of facts, events and types in scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from xtrig.plugin import FACTS, Event, Fact, Spelling
from xtrig_pgfamily.reading.tokens import ARGUMENT, Token, Tokens, fact_token, reduce, tokens, without_text_casts
from xtrig_pgfamily.session_facts import SPELLINGS

# Spellings of facts that people write, beside those that xtrig renders.
_NOW = ("now()", "current_timestamp", "transaction_timestamp()", "statement_timestamp()")
_ZONES = ("'utc'", "interval '0'")
ALSO: tuple[tuple[Fact, str], ...] = (
    (Fact.LOGIN_USER, "session_user"),
    (Fact.CURRENT_USER, "current_role"),
    (Fact.CURRENT_USER, "user"),
    (Fact.DATABASE, "current_catalog"),
    (Fact.DATABASE, "current_database()"),
    *((Fact.NOW, spelling) for spelling in _NOW),
    (Fact.HOUR_UTC, "extract(hour from current_time at time zone 'utc')"),
    *((Fact.HOUR_UTC, f"extract(hour from clock_timestamp() at time zone {zone})") for zone in _ZONES),
    (Fact.HOUR_UTC, "date_part('hour', clock_timestamp() at time zone 'utc')"),
    (Fact.CLIENT_IP, "host(inet_client_addr())"),
    (Fact.TABLE, "pg_event_trigger_table_rewrite_oid()::regclass::text"),
)
_CASTS = ("integer", "int", "int4")


@dataclass(frozen=True)
class Vocabulary:
    """One vendor's words. Patterns are tried from the shortest to the longest, each on the result of those before."""

    dialect: str
    spellings: tuple[tuple[Fact, str], ...]
    events: Mapping[str, Event]
    """Names of events in CREATE EVENT TRIGGER."""
    also: tuple[tuple[Fact, str], ...] = ()
    """Spellings of facts that people write; in a rendered script they belong to the user's own expressions."""
    event_expressions: tuple[str, ...] = ()
    """Expressions for the portable name of the event."""
    types: Mapping[str, str] = field(default_factory=dict)
    """Types of the vendor, to portable types."""
    prefixes: tuple[str, ...] = ()
    """Prefixes of the vendor's own variables; one that is no fact cannot be translated."""
    errors_bind: bool = True
    """Whether an error at logon refuses the login."""
    has_clauses: bool = True
    """Whether functions have the clauses SECURITY and SET."""
    is_foreign: bool = False
    """Whether the vendor has functions without a schema that PostgreSQL does not have."""
    translated: Callable[[str], str] = str
    """Writes the vendor's own functions in an expression or statement as PostgreSQL's."""

    def has_word(self, word: str) -> bool:
        """Whether a word is a variable, or a function without parentheses, that is a fact."""
        return word in self._words

    @cached_property
    def _words(self) -> frozenset[str]:
        cut = [tokens(text) for _, text in (*self.spellings, *self.also)]
        whole = {found[0].word for found in cut if len(found) == 1 or found[1].word == "("}
        parts = {
            token.word for found in cut for token in found if self.prefixes and token.word.startswith(self.prefixes)
        }
        return frozenset(whole | parts)

    @cached_property
    def _patterns(self) -> tuple[tuple[tuple[str, ...], Token], ...]:
        texts = [(fact_token(fact), text) for fact, text in (*self.spellings, *self.also) if not text.isdigit()]
        texts += [(fact_token(Fact.EVENT), text) for text in self.event_expressions]
        cut = sorted(((tokens(text), made) for made, text in texts), key=lambda each: len(each[0]))
        patterns: list[tuple[tuple[str, ...], Token]] = []
        for found, made in cut:
            reduced = _reduced(found, patterns)
            pattern = tuple(token.word for token in reduced)
            is_known = len(reduced) == 1 and reduced[0].fact is not None
            if not is_known and (pattern, made) not in patterns:
                patterns.append((pattern, made))
        hour = fact_token(Fact.HOUR_UTC)
        patterns += [((hour.word, "::", cast), hour) for cast in _CASTS]
        return tuple(patterns)

    @cached_property
    def numbers(self) -> Mapping[str, Fact]:
        """The facts that are spelled as a number."""
        return {text: fact for fact, text in self.spellings if text.isdigit()}

    def recognised(self, found: Tokens) -> Tokens:
        """Return tokens with the vendor's expressions of facts replaced by facts."""
        return without_text_casts(_reduced(found, self._patterns))


def _reduced(found: Tokens, patterns: Iterable[tuple[tuple[str, ...], Token]]) -> Tokens:
    for pattern, made in patterns:
        found = reduce(found, pattern, made)
    return found


def flat(spellings: Mapping[Fact, Iterable[Spelling]]) -> tuple[tuple[Fact, str], ...]:
    """Return the spellings of a dialect as pairs, with :data:`ARGUMENT` where a fact has its argument."""
    return tuple(
        (fact, spelling.sql if FACTS[fact].argument is None else spelling.sql.replace("{}", ARGUMENT))
        for fact, each in spellings.items()
        for spelling in each
    )


DDL = {str(event): event for event in Event if not event.is_session}
POSTGRESQL = Vocabulary(
    "postgresql",
    flat(SPELLINGS),
    {"login": Event.LOGON, **DDL},
    ALSO,
    ("CASE tg_event WHEN 'login' THEN 'logon' ELSE tg_event END",),
)
