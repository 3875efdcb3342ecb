"""Names, texts and bodies that break what is quoted carelessly."""

from __future__ import annotations

from typing import Any

import pytest

from xtrig import Script, TriggerSet
from xtrig.facts import Event
from xtrig.testing.suite import reading
from xtrig.testing.suite.subject import OWN_REFUSALS, Subject, attempt, define, errors, moved, refused, rendered

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
            if self._has(kind):
                assert any(self.names(name, each) for each in sql), f"the {kind}'s name {name!r} is lost"
        removal = script.undone("removal", with_data=True)
        for name in (named["trigger"], named["table"]):
            assert any(self.names(name, each.sql) for each in removal.statements), f"{name!r} stays behind"

    @every_hostile
    def test_hostile_name_changes_no_other_statement(self, text: str) -> None:
        """As many statements as with tame names: none ended early, none was left out."""
        tame = self._script(_named())
        script = self._script(_named(**{kind: text + kind[0] for kind in KINDS}))
        assert tame is not None
        assert script is None or len(script.statements) == len(tame.statements)

    @pytest.mark.parametrize("letter", ["x", "X", "é", "表"])
    def test_longest_name_is_kept_whole(self, letter: str) -> None:
        """Up to ``longest_name``, in its unit."""
        longest = letter * self._letters(letter)
        for kind in KINDS:
            script = self._script(_named(**{kind: longest}))
            assert script is not None, f"a {kind}'s name of {len(longest)} letters is refused"
            if self._has(kind):
                assert any(self.names(longest, statement.sql) for statement in script.statements), kind

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("letter", ["x", "é", "表"])
    def test_longer_name_is_refused(self, kind: str, letter: str) -> None:
        """A server would cut it off, and never find it again."""
        if kind == "schema" and not self.dialect.has_schemas:
            return
        longer = letter * (self._letters(letter) + 1)
        triggers = self._at(self.offered_events()[0], _named(**{kind: longer}))
        refusal = refused(triggers, self.dialect_name)
        assert any(longer in finding.message for finding in errors(refusal, "XT204")), refusal

    @every_hostile
    def test_hostile_literal_in_an_expression_survives(self, text: str) -> None:
        """An expression is the user's own SQL: it is copied."""
        # A placeholder inside quotes is refused before any dialect sees it.
        literal = "'" + text.replace("'", "''").replace("${", "$ {") + "'"
        script = self._script(_named(value=literal))
        assert script is not None
        assert any(reading.holds(literal, statement.sql) for statement in script.statements)

    @every_hostile
    @pytest.mark.parametrize("step", ["deny", "log"])
    def test_hostile_message_is_quoted(self, step: str, text: str) -> None:
        """A message is text: the dialect makes a literal of it. One that has no such step refuses it."""
        for event in self.offered_events():
            triggers = self._at(event, _named(steps=[{step: text.replace("${", "$${")}]))
            outcome = attempt(triggers, self.dialect_name)
            if isinstance(outcome, Script):
                assert any(reading.quotes(text, each.sql) for each in outcome.statements), event
            else:
                assert {each.code for each in errors(outcome)} <= OWN_REFUSALS | {"XT203"}, outcome

    @every_hostile
    def test_body_is_used_verbatim(self, text: str) -> None:
        """Byte for byte, and apart from the words around it."""
        body = f"BEGIN /* {text} */ NULL; END"
        for event in self.offered_events():
            triggers = self._at(event, _named(steps=None, body={self.dialect_name: body}))
            script = attempt(triggers, self.dialect_name)
            if not isinstance(script, Script):
                # A text that opens or closes a comment is no plpgsql, which may be refused where a parser is at hand.
                assert {each.code for each in errors(script)} <= {"XT318"}, script
                continue
            holder = next((each.sql for each in script.statements if body in each.sql), None)
            assert holder is not None, f"the body at {event} was changed"
            before, _, after = holder.partition(body)
            assert not before[-1:].isalnum(), f"the body is glued to the word before it: {before[-20:]!r}"
            assert not after[:1].isalnum(), f"the body is glued to the word behind it: {after[:20]!r}"

    def test_body_with_a_terminator_gets_no_second_one(self) -> None:
        """People end a block as they are used to; the script ends every statement itself."""
        triggers = _named(steps=None, body={self.dialect_name: "BEGIN\n    NULL;\nEND;\n"})
        for event in self.offered_events():
            for statement in rendered(self._at(event, triggers), self.dialect_name).statements:
                assert not statement.sql.rstrip().endswith(";"), statement.sql

    def test_comment_at_the_end_of_sql_swallows_nothing(self) -> None:
        """What follows an sql step must not stand on the line of its last comment."""
        triggers = _named(steps=[{"sql": "delete from elsewhere.t -- the last word"}])
        for event in self.offered_events():
            outcome = attempt(self._at(event, triggers), self.dialect_name)
            lines = str(outcome).splitlines() if isinstance(outcome, Script) else []
            for line in lines:
                assert line.rpartition("the last word")[2] in ("", line), line

    def _letters(self, letter: str) -> int:
        """Return of how many letters of a kind the longest name is."""
        limit = self.dialect.longest_name(self.version)
        return limit.length // limit.size(letter)

    def _has(self, kind: str) -> bool:
        """Whether the vendor keeps such things: one that has the body inside the trigger has no functions to name."""
        if kind != "function":
            return kind != "schema" or self.dialect.has_schemas
        script = self._script(_named(function="tame_function"))
        return script is not None and any("tame_function" in each.sql for each in script.statements)

    def _script(self, triggers: TriggerSet) -> Script | None:
        """Return the script on the first event on offer, or None where the vendor cannot hold a name."""
        outcome = attempt(self._at(self.offered_events()[0], triggers), self.dialect_name)
        if isinstance(outcome, Script):
            return outcome
        assert {finding.code for finding in errors(outcome)} == {"XT204"}, outcome
        return None

    def _at(self, event: Event, triggers: TriggerSet) -> TriggerSet:
        """Return the triggers waiting for another event, under the vendor's own policy there."""
        changed = moved(triggers, event)
        policy = {"on_error": self.own_policy(event)}
        functions = {name: each.model_copy(update=policy) for name, each in changed.functions.items()}
        return changed.model_copy(update={"functions": functions})


def _named(
    trigger: str = "tame_trigger",
    function: str = "tame_function",
    table: str = "tame_table",
    column: str = "tame_column",
    schema: str = "tame_schema",
    value: str = "'x'",
    **given: Any,
) -> TriggerSet:
    """Return a definition with one thing of each kind, under these names."""
    insert = [{"insert": table, "values": {column: value}}]
    fields = {"steps": insert, **given}
    return define(
        {
            "schema": schema,
            "tables": {table: {"columns": {column: "text"}}},
            "functions": {function: {key: field for key, field in fields.items() if field is not None}},
            "triggers": {trigger: {"event": "logon", "run": function}},
        }
    )
