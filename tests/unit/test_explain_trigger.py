"""What one trigger comes to, in words."""

from __future__ import annotations

import json

import pytest

import xtrig
from tests.unit.given import load, place, text_of
from xtrig.dialect import Support, Verified
from xtrig.errors import DefinitionError, UsageError
from xtrig.explain.sentences import Explanation, Heading
from xtrig.facts import Event

NAMES = ("postgresql", "polardb", "polardb-oracle")
AUDIT = """
schema: audit
tables:
  t: {columns: {id: {type: bigint, identity: true}, who: text, at: {type: timestamptz, default: now()}, why: text}}
triggers:
  x:
    event: logon
    steps:
      - insert: t
        values:
          who: ${login_user}  # here
"""
STEPS = """
tables:
  t: {columns: {a: text}}
triggers:
  x:
    event: ddl_command_end
    on_error: allow
    steps:
      - deny: not ${tag}
        when: ${tag} = 'A'
      - if: 1 = 1
        then: [{set: app.a, value: true}]
        else:
          - for_each: ddl_command
            do: [{insert: t, when: "${object_type} = 'table'", values: {a: null}}]
      - {call: s.f, args: [1, "${now}"]}
      - {log: seen}
      - {sql: "PERFORM  1"}
"""


def explained(definition: str, dialect: str = "postgresql", version: str | None = None, name: str = "x") -> Explanation:
    (found,) = xtrig.explain(load(definition), name, dialects=[dialect], target_version=version)
    return found


def said(explanation: Explanation, heading: Heading) -> list[str]:
    sections = [section for section in explanation.sections if section.heading is heading]
    return [f"{each.text} {each.sql}".strip() for section in sections for each in section.sentences]


def test_every_trigger_on_every_dialect_unless_it_is_asked_for_fewer():
    triggers = load(AUDIT + "  y: {event: logon, steps: [{set: app.a, value: '1'}]}\n")
    pairs = [(each.trigger, each.dialect) for each in xtrig.explain(triggers)]
    assert pairs == [(trigger, dialect) for trigger in ("x", "y") for dialect in xtrig.dialects()]
    assert [each.trigger for each in xtrig.explain(triggers, "y", dialects=["polardb"])] == ["y"]


def test_unknown_triggers_are_named_with_the_nearest():
    with pytest.raises(UsageError, match=r"there is no trigger 'logonaudit'; did you mean 'logon_audit'\?"):
        xtrig.explain(load(AUDIT.replace("  x:", "  logon_audit:")), "logonaudit")
    with pytest.raises(UsageError, match="there is no dialect"):
        xtrig.explain(load(AUDIT), dialects=["mysql"])


def test_a_wrong_definition_is_not_explained():
    with pytest.raises(DefinitionError):
        xtrig.explain(load(AUDIT.replace("insert: t", "insert: u")))


def test_what_is_recorded_is_said_column_by_column_with_its_line():
    found = explained(AUDIT)
    assert said(found, Heading.RECORDED) == [
        "One row in audit.t, each time.",
        "who: ${login_user}",
        "id: numbered by the server",
        "at: its default, now()",
        "why: NULL; no step fills it",
    ]
    (section,) = [each for each in found.sections if each.heading is Heading.RECORDED]
    assert section.sentences[1].source == place(AUDIT)
    assert section.sentences[1].verified is None


def test_steps_are_said_in_order_with_their_conditions():
    found = explained(STEPS)
    steps = next(section for section in found.sections if section.heading is Heading.STEPS)
    assert [(each.depth, each.text) for each in steps.sentences if each.verified is None] == [
        (0, "If ${tag} = 'A': Refuse, with the message \"not ${tag}\"."),
        (0, "If 1 = 1:"),
        (1, "Set app.a to true until the session ends."),
        (0, "Otherwise:"),
        (1, "For each DDL command of the event:"),
        (2, "If ${object_type} = 'table': Insert a row into public.t."),
        (0, "Call function s.f(1, ${now})."),
        (0, 'Write a line to the server\'s log: "seen".'),
        (0, "Run the statement as it is: PERFORM 1"),
    ]
    assert said(found, Heading.RECORDED)[:2] == [
        "One row in public.t, unless ${tag} = 'A', and unless 1 = 1, and for each DDL command of the event, "
        "and if ${object_type} = 'table'.",
        "a: NULL",
    ]


def test_a_deny_is_said_to_bind_where_it_does_and_refused_where_it_does_not():
    definition = AUDIT.replace("    steps:\n", "    steps:\n      - deny: closed\n")
    assert "A deny refuses the session." in said(explained(definition), Heading.FAILURE)
    for dialect in ("polardb", "polardb-oracle"):
        found = explained(definition, dialect)
        assert found.support is Support.REFUSED
        assert [section.heading for section in found.sections] == [Heading.REFUSED]
        (nothing, why, remedy) = found.sections[0].sentences
        assert nothing.text.startswith("Nothing of it is rendered")
        assert "deny at logon: it does not keep anyone out" in why.text
        assert why.verified is Verified.DOCUMENTED
        assert remedy.text.startswith("What to do: record it with insert")
    ddl = explained(STEPS)
    assert "A deny stops the command." in said(ddl, Heading.FAILURE)
    assert not [each for each in said(explained(AUDIT), Heading.FAILURE) if "deny" in each or "A refusal" in each]


def test_a_version_without_the_event_is_explained_by_the_refusal():
    found = explained(AUDIT, version="16")
    assert (found.support, found.spelling, found.version) == (Support.REFUSED, "", "16")
    assert found.sections[0].sentences[1].verified is Verified.SERVER


def test_an_event_that_is_left_out_says_so_once():
    found = explained(AUDIT.replace("event: logon", "event: logoff\n    if_unsupported: skip"))
    assert found.support is Support.REFUSED
    assert found.findings == ()
    assert "it is left out, as if_unsupported: skip says" in said(found, Heading.REFUSED)[1]


def test_one_refused_trigger_keeps_the_others_from_being_rendered():
    definition = AUDIT + "  y: {event: logoff, steps: [{set: app.a, value: '1'}]}\n"
    found = explained(definition)
    assert found.support is Support.REFUSED
    assert any("no script is rendered" in each for each in said(found, Heading.REFUSED))
    assert any("trigger 'y'" in each for each in said(found, Heading.REFUSED))


def test_an_inferred_logoff_has_the_facts_of_the_ended_session():
    definition = AUDIT.replace("event: logon", "event: logoff\n    if_unsupported: infer")
    definition = definition.replace("${login_user}  # here", "${login_user} || ${database} || ${tag}")
    found = explained(definition)
    assert found.support is Support.EMULATED
    user, database, tag = said(found, Heading.FACTS)
    assert user.endswith("of the ended session, as at its logon. It is written ended.login_user")
    assert "of the login that notices the end" in database
    assert tag.endswith("It is written 'INFERRED'")
    assert any("inferred" in each for each in said(found, Heading.POLICIES))


def test_a_body_by_hand_is_not_put_into_words():
    definition = "triggers: {x: {event: logon, on_error: deny, body: {postgresql: ' BEGIN NULL; END '}}}\n"
    found = explained(definition)
    assert said(found, Heading.STEPS)[0].startswith("It runs a body written by hand, as it is, unguarded.")
    assert not said(found, Heading.RECORDED)
    policies = said(found, Heading.POLICIES)
    assert "on_error: deny. It changes nothing: the body is written by hand." in policies
    assert any(each.startswith("timeout: 5s (default). A login in which") for each in policies)


@pytest.mark.parametrize("dialect", NAMES)
@pytest.mark.parametrize("event", list(Event))
def test_every_policy_that_counts_is_said_with_what_it_comes_to(event: Event, dialect: str):
    infer = "\n    if_unsupported: infer" if event is Event.LOGOFF else ""
    found = explained(AUDIT.replace("event: logon", f"event: {event}{infer}"), dialect)
    names = [each.partition(":")[0] for each in said(found, Heading.POLICIES)]
    session = ["standby", "timeout", "durability"] if event.is_session else []
    assert {"security", "on_error", "lock_timeout", "exempt_roles", "enable", *session} <= set(names)
    assert len(names) == len(set(names))
    assert not [each for each in found.sentences if "declares nothing" in each.text]


def test_defaults_and_what_is_stated_are_told_apart():
    policies = said(explained("defaults: {lock_timeout: 1s}\n" + AUDIT), Heading.POLICIES)
    assert any(each.startswith("lock_timeout: 1s. ") for each in policies)
    assert any(each.startswith("timeout: 5s (default). ") for each in policies)


def test_a_system_trigger_is_explained_as_one_and_an_event_trigger_as_the_other():
    definition = AUDIT.replace("event: logon", "event: ddl_command_end")
    system, event = explained(definition, "polardb-oracle"), explained(definition, "polardb-oracle", "2.0.14.0.0.0")
    denying = explained(STEPS, "polardb-oracle")
    assert system.spelling == "AFTER DDL ON DATABASE"
    assert "It is written session_user" in said(system, Heading.FACTS)[0]
    assert any("Oracle-style system trigger" in each for each in said(system, Heading.FIRES))
    assert {finding.code for finding in system.findings} >= {"XT211"}
    for each in (event, denying):
        assert each.spelling == "ON ddl_command_end"
        assert not any("system trigger" in sentence.text for sentence in each.sentences)


def test_what_the_definition_waives_is_told_with_the_reason():
    definition = AUDIT.replace(
        "event: logon", "event: ddl_command_end\n    timeout: 1s\n    ignore: {XT111: tradition}"
    )
    found = explained(definition).findings
    assert [finding.waiver for finding in found if finding.code == "XT111"] == ["tradition"]


def test_the_digest_is_of_what_is_said_not_of_how():
    def digest(text: str) -> str:
        return xtrig.explain(xtrig.load_text(text), dialects=["polardb"])[0].definition.digest

    same = text_of(AUDIT)
    assert digest(same) == digest(f"# a remark\n{same}")
    assert digest(same) == digest(
        json.dumps(json.loads(load(AUDIT).model_dump_json(by_alias=True, exclude_unset=True)))
    )
    assert digest(same) != digest(same.replace("why", "what"))


def test_data_is_typed_and_complete():
    found = explained(AUDIT)
    data = json.loads(json.dumps(found.to_dict()))
    assert data["counts"] == found.counts()
    sentences = [each for section in data["sections"] for each in section["sentences"]]
    assert len(sentences) == len(list(found.sentences))
    assert {each["verified"] for each in sentences} <= {"server", "documented", "unverified", "definition"}
    assert all(each["text"] and each["source"] for each in sentences)
