"""A hand-written text as the checks read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xtrig.dialect import Translation
from xtrig.facts import Event
from xtrig.findings import Check, Finding, Severity
from xtrig.handwritten import HandWritten, hand_written
from xtrig.sqltokens import Token, Tokens, significant, tokens
from xtrig_pgfamily.bodies.blocks import Node, read_body, read_statements
from xtrig_pgfamily.bodies.passages import Passage, passages
from xtrig_pgfamily.language import Language, LanguageOf


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, the translation it is part of, and what was read of it."""

    text: HandWritten
    translation: Translation
    language: Language
    tokens: Tokens
    nodes: tuple[Node, ...]
    passages: tuple[Passage, ...]

    @property
    def is_logon(self) -> bool:
        """Whether it runs when somebody logs in."""
        return Event.LOGON in self.text.events

    @property
    def is_session(self) -> bool:
        """Whether it runs when a session begins or ends."""
        return any(event.is_session for event in self.text.events)

    @property
    def errors_bind(self) -> bool:
        """Whether the dialect refuses a login when its trigger fails."""
        return bool(self.translation.dialect.capability(Event.LOGON, self.translation.version).deny_binds)

    @property
    def refuses_logins(self) -> bool:
        """Whether an error in it refuses the login: nothing around the text catches it."""
        is_bare = self.text.is_body or self.text.function.policies.on_error == "deny"
        return self.is_logon and self.errors_bind and is_bare

    def finding(
        self,
        check: Check[Reading] | type[Check[Reading]],
        token: Token,
        message: str,
        remedy: str,
        severity: Severity | None = None,
    ) -> Finding:
        """Return a finding of ``check`` at a token."""
        line = self.text.line_at(token.start)
        return check.finding(self.text.subject, message, remedy, self.text.path, severity=severity, text_line=line)


def readings(translation: Translation, language_of: LanguageOf) -> Iterator[Reading]:
    """Yield the texts that the dialect will use, where it says what they are written in."""
    for text in hand_written(translation.triggers, translation.dialect.name):
        language = language_of(text.function, translation.version)
        if language is not None:
            yield read(text, translation, language)


def read(text: HandWritten, translation: Translation, language: Language) -> Reading:
    """Read one text."""
    cut = list(tokens(text.text, placeholders=not text.is_body, plsql=language is Language.PLSQL))
    nodes = read_body(cut) if text.is_body else read_statements(cut)
    return Reading(text, translation, language, significant(cut), nodes, tuple(passages(nodes)))
