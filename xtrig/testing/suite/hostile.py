"""Names, texts and bodies that break what is quoted carelessly."""

from __future__ import annotations

import json
from typing import Any

import pytest

from xtrig import Script, TriggerSet
from xtrig.facts import Event
from xtrig.testing.suite import reading
from xtrig.testing.suite.expected import OWN_REFUSALS, attempt, errors, refused, rendered
from xtrig.testing.suite.situations import define
from xtrig.testing.suite.subject import Subject

HOSTILE = {
    "two-dollars": "a$$b",
    "dollar-quote-of-xtrig": "$xtrig$",
    "nested-dollar-quotes": "$a$ $xtrig$ $xtrig1$ $a$",
    "single-quote": "it's",
    "double-quote": 'a "b" c',
    "only-a-quote": '"',
    "bracket": "a]b[c",
    "backtick": "a`b",
    "backslash": "a\\b",
    "backslash-at-the-end": "a\\",
    "backslash-and-quote": "a\\'b",
    "percent": "100% %s %I %%",
    "bind-parameter": ":x and %(y)s and ?",
    "newline": "a\nb",
    "semicolon-and-comment": "a; --b",
    "comment-that-opens": "a/*b",
    "comment-that-closes": "a*/b",
    "not-ascii": "Größe 表 🐘",
    "mixed-case": "MixedCase",
    "space-at-the-end": "a ",
    "dot": "a.b",
    "digit-first": "1st",
    "reserved-word": "select",
    "looks-like-a-fact": "${now}",
}
"""What is hostile about it, and the text."""

KINDS = ("trigger", "function", "table", "column", "schema")

every_hostile = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)


class HostileTests(Subject):
    """Whatever a definition may hold comes out as what it is, or is refused; it never becomes SQL."""

    @every_hostile
    def test_hostile_name_is_quoted(self, text: str) -> None:
        """In the script that creates and in the one that removes; a vendor may refuse what it cannot hold."""
        named = {kind: text + ("" if kind == "trigger" else kind[0]) for kind in KINDS}
        script = self._script(_named(**named))
        if script is None:
            return
        sql = [statement.sql for statement in script.statements]
        for kind, name in named.items():
            if kind != "function" or self._has_functions():
                assert any(reading.names(name, each) for each in sql), f"the {kind}'s name {name!r} is lost"
        removal = script.undone("removal", with_data=True)
        for name in (named["trigger"], named["table"]):
            assert any(reading.names(name, each.sql) for each in removal.statements), f"{name!r} stays behind"

    @every_hostile
    def test_hostile_name_changes_no_other_statement(self, text: str) -> None:
        """As many statements as with tame names: none ended early, none was left out."""
        tame = rendered(_named(**{kind: f"tame_{kind}" for kind in KINDS}), self.dialect_name)
        script = self._script(_named(**{kind: text + kind[0] for kind in KINDS}))
        assert script is None or len(script.statements) == len(tame.statements)

    @pytest.mark.parametrize("letter", ["x", "X", "é", "表"])
    def test_longest_name_is_kept_whole(self, letter: str) -> None:
        """Up to ``max_name_bytes`` bytes of UTF-8."""
        longest = letter * (self.dialect.max_name_bytes // len(letter.encode()))
        for kind in KINDS:
            script = self._script(_named(**{kind: longest}))
            assert script is not None, f"a {kind}'s name of {len(longest.encode())} bytes is refused"
            if kind != "function" or self._has_functions():
                assert any(reading.names(longest, statement.sql) for statement in script.statements), kind

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("letter", ["x", "é", "表"])
    def test_longer_name_is_refused(self, kind: str, letter: str) -> None:
        """A server would cut it off, and never find it again."""
        longer = letter * (self.dialect.max_name_bytes // len(letter.encode()) + 1)
        refusal = refused(_named(**{kind: longer}), self.dialect_name)
        assert any(longer in finding.message for finding in errors(refusal, "XT204")), refusal

    @every_hostile
    def test_hostile_literal_in_an_expression_survives(self, text: str) -> None:
        """An expression is the user's own SQL: it is copied."""
        literal = "'" + text.replace("'", "''") + "'"
        script = self._script(_named(value=literal.replace("${", "$${")))
        assert script is not None
        assert any(reading.holds(literal, statement.sql) for statement in script.statements)

    @every_hostile
    @pytest.mark.parametrize("step", ["deny", "log"])
    def test_hostile_message_is_quoted(self, step: str, text: str) -> None:
        """A message is text: the dialect makes a literal of it. One that has no such step refuses it."""
        for event in self.offered_events():
            triggers = _named(event=event, steps=[{step: text.replace("${", "$${")}])
            outcome = attempt(triggers, self.dialect_name)
            if isinstance(outcome, Script):
                assert any(reading.quotes(text, each.sql) for each in outcome.statements), event

    @every_hostile
    def test_body_is_used_verbatim(self, text: str) -> None:
        """Byte for byte, and apart from the words around it."""
        body = f"BEGIN /* {text} */ NULL; END"
        triggers = _named(steps=None, body={self.dialect_name: body})
        for event in self.offered_events():
            script = self._script(_with_event(triggers, event))
            assert script is not None, f"a body at {event} is refused"
            holder = next((each.sql for each in script.statements if body in each.sql), None)
            assert holder is not None, f"the body at {event} was changed"
            before, _, after = holder.partition(body)
            assert not before[-1:].isalnum(), f"the body is glued to the word before it: {before[-20:]!r}"
            assert not after[:1].isalnum(), f"the body is glued to the word behind it: {after[:20]!r}"

    def _has_functions(self) -> bool:
        """Whether the vendor keeps functions: one that has the body inside the trigger has none to name."""
        script = rendered(_named(function="tame_function"), self.dialect_name)
        return any("tame_function" in statement.sql for statement in script.statements)

    def _script(self, triggers: TriggerSet) -> Script | None:
        """Return the script on the first event on offer, or None where the vendor cannot hold a name."""
        outcome = attempt(_with_event(triggers, self.offered_events()[0]), self.dialect_name)
        if isinstance(outcome, Script):
            return outcome
        assert {finding.code for finding in errors(outcome)} == {"XT204"}, outcome
        return None
