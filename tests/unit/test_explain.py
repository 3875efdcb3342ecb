"""What pydantic found wrong, in a user's words: the place, what was asked, the nearest legal word."""

from __future__ import annotations

import re

import pytest

from tests.unit.given import MARK, place, step, wrong

CASES = {
    "unknown section": (
        "trigers: {}  # here",
        "definition: unknown key 'trigers'; did you mean 'triggers'",
    ),
    "unknown key of a trigger": (
        """
        triggers:
          a:
            event: logon
            evnt: x  # here
            steps: [{log: x}]
        """,
        "trigger 'a': unknown key 'evnt'; did you mean 'event'",
    ),
    "unknown key of a function": (
        """
        functions:
          f:
            on_eror: allow  # here
            steps: [{log: x}]
        """,
        "function 'f': unknown key 'on_eror'; did you mean 'on_error'",
    ),
    "unknown key of a table": (
        "tables:\n  t:\n    colums: {}  # here",
        "table 't': unknown key 'colums'; did you mean 'columns'",
    ),
    "unknown key of a column": (
        "tables:\n  t:\n    columns:\n      a: {type: text, nulable: true}  # here",
        "unknown key 'nulable'; did you mean 'nullable'",
    ),
    "unknown default policy": (
        "defaults:\n  securty: definer  # here",
        "definition: unknown key 'securty'; did you mean 'security'",
    ),
    "unknown step": (
        step("insrt: t  # here"),
        "trigger 'x': unknown step 'insrt'; did you mean 'insert'",
    ),
    "unknown key of a step": (
        step("{log: x, wen: 'true'}  # here"),
        "trigger 'x': unknown key 'wen'; did you mean 'when'",
    ),
    "unknown key of an inner step": (
        step("{if: 'true', then: [{log: x}, {deny: x, wehn: 'true'}]}  # here"),
        "unknown key 'wehn'; did you mean 'when'",
    ),
    "unknown event": (step("log: x", event="login  # here"), "'login' is not legal; did you mean 'logon'"),
    "unknown policy value": (
        "defaults:\n  on_error: alow  # here",
        "'alow' is not legal; did you mean 'allow'",
    ),
    "unknown item": (
        step("{for_each: ddl_comand, do: [{log: x}]}  # here"),
        "'ddl_comand' is not legal; did you mean 'ddl_command'",
    ),
    "unknown fact in a value": (
        step("insert: t\n        values:\n          a: ${login_usr}  # here"),
        "unknown fact 'login_usr'; did you mean 'login_user'",
    ),
    "unknown fact in a message": (step("log: hi ${tga}  # here"), "unknown fact 'tga'"),
    "unknown fact in a condition": (
        step("log: x\n        when: ${hours} = 1  # here"),
        "unknown fact 'hours'",
    ),
    "missing key": (step("grant_role: r  # here"), "the key 'to' is missing; add it"),
    "missing event": ("triggers:\n  a: {steps: [{log: x}]}  # here", "the key 'event' is missing"),
    "text for a mapping": ("triggers: x  # here", "expected a mapping of keys, got 'x'"),
    "list for a mapping": ("tables:\n  t: [a]  # here", "expected a mapping of keys, got a list"),
    "nothing for a mapping": ("tables:\n  t:  # here", "expected a mapping of keys, got nothing"),
    "mapping for a list": (
        "triggers:\n  a:\n    event: logon\n    steps: {log: x}  # here",
        "list, got a mapping",
    ),
    "text for a list": ("defaults:\n  exempt_roles: admin  # here", "list, got 'admin'"),
    "text for a step": (step("just do it  # here"), "a step is a mapping such as 'log: text', got 'just do it'"),
    "an empty step": (step("{}  # here"), "an empty step; steps: insert, deny"),
    "nothing for steps": ("triggers:\n  a:\n    event: logon\n    steps:  # here", "list, got nothing"),
    "number for text": (step("deny: 42  # here"), "string, got 42"),
    "mapping for an expression": (step("{log: x, when: {a: 1}}  # here"), "got a mapping"),
    "list for a value": (step("{insert: t, values: {a: [1]}}  # here"), "got a list"),
    "text for a boolean": (
        "tables:\n  t:\n    create: maybe  # here\n    columns: {a: text}",
        "boolean.*got 'maybe'",
    ),
    "bad duration": ("defaults:\n  timeout: 5 seconds  # here", "'5 seconds' is not a duration; write a number"),
    "bad column type": ("tables:\n  t:\n    columns:\n      a: text;  # here", "'text;' is not a column type"),
    "empty name": (
        "tables:\n  '': {columns: {a: text}}  # here",
        "",
    ),
    "steps and a body": (
        "functions:\n  f:  # here\n    steps: [{log: x}]\n    body: {postgresql: x}",
        "function 'f': a function needs either steps or a body",
    ),
    "nothing to run": ("triggers:\n  a:  # here\n    event: logon", "needs exactly one of run, steps and body"),
    "a policy beside run": (
        "triggers:\n  a:  # here\n    event: logon\n    run: f\n    on_error: deny",
        "on_error belongs to the function 'f', not to the trigger",
    ),
    "a schema beside run": (
        "triggers:\n  a:  # here\n    event: logon\n    run: f\n    schema: s",
        "schema belongs to the function 'f'",
    ),
    "a table without columns": ("tables:\n  t: {}  # here", "a table needs columns; write 'create: false'"),
    "facts in a default": (
        "tables:\n  t:\n    columns:\n      a: {type: text, default: '${tag}'}  # here",
        "default may not use facts; give them in the insert step",
    ),
    "a default for an identity": (
        "tables:\n  t:\n    columns:\n      a: {type: int, identity: true, default: '1'}  # here",
        "an identity column has no default",
    ),
    "a type that is short for a sequence": (
        "tables:\n  t:\n    columns:\n      a: bigserial  # here",
        "bigserial is short for a sequence; write type: bigint, identity: true",
    ),
    "a routine without a schema": (step("call: f  # here"), "call: .*"),
    "values that are empty": (step("{insert: t, values: {}}  # here"), "values"),
}


@pytest.mark.parametrize("case", CASES)
def test_each_mistake_is_one_finding_in_words_at_its_line(case: str):
    definition, said = CASES[case]
    (finding,) = wrong(definition)
    assert finding.code == "XT001"
    assert str(finding.location) == place(definition)
    text = f"{finding.subject}: {finding.message}; {finding.remedy}"
    assert re.search(said, text)
    assert "\n" not in text


@pytest.mark.parametrize("case", CASES)
def test_no_finding_speaks_of_pydantic_or_python(case: str):
    definition, _ = CASES[case]
    for finding in wrong(definition):
        text = str(finding).lower()
        for word in ("pydantic", "tuple", "dict", "model", "none", "str_type", "discriminator"):
            assert word not in text.replace("the model's page", "").split()


def test_two_mistakes_are_two_findings_in_the_order_of_the_file():
    definition = """
    triggers:
      b: {event: logn, steps: [{log: x}]}
      a: {event: logon, stps: [], steps: [{dny: x}]}
    """
    found = wrong(definition)
    assert [finding.location.line for finding in found] == [3, 4, 4]


def test_a_mistake_in_the_second_step_says_which():
    (finding,) = wrong(step("{log: x}\n      - {grant_role: r}"))
    assert "step 2" in finding.message


def test_long_input_is_cut():
    (finding,) = wrong(step(f"[{'x' * 500}]  {MARK}"))
    assert len(finding.message) < 200


@pytest.mark.parametrize("key", ["insert", "if", "set", "log"])
def test_objects_may_be_named_like_steps(key: str):
    (finding,) = wrong(f"triggers:\n  {key}:\n    event: logn  {MARK}\n    steps: [{{log: x}}]")
    assert finding.subject == f"trigger {key!r}"
    (finding,) = wrong(step(f"{{insert: t, values: {{{key}: '('}}}}  {MARK}"))
    assert "parenthesis" in finding.message
