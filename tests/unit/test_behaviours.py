"""The files in which a dialect says what its vendor does: their conditions and their evidence."""

from itertools import product

import pytest

from tests.unit.given import load
from xtrig.dialect import Situation, Verified
from xtrig.resolve import resolve
from xtrig_pgfamily import evidence
from xtrig_pgfamily.behaviours import _condition, _evidence

STEPS = {
    "records": "{insert: t, values: {a: '1'}}",
    "denies": "{deny: no}",
}


def situation(*steps: str, policy: str = "") -> Situation:
    """Return that of a logon trigger with some steps, and perhaps a policy."""
    written = ", ".join([*(STEPS[step] for step in steps), "{set: app.a, value: '1'}"])
    triggers = load(
        f"tables: {{t: {{columns: {{a: text}}}}}}\ntriggers:\n  x: {{event: logon, {policy} steps: [{written}]}}"
    )
    return Situation(resolve(triggers).triggers[0], (18,))


@pytest.mark.parametrize(("records", "denies"), list(product((False, True), repeat=2)))
def test_not_binds_most_and_or_least(records: bool, denies: bool):
    asked = situation(*(step for step, is_there in (("records", records), ("denies", denies)) if is_there))
    assert _condition("not records and denies or records and not denies")(asked) is (records != denies)
    assert _condition("")(asked)


def test_a_policy_is_compared_as_a_definition_spells_it():
    assert _condition("lock_timeout is 1s")(situation(policy="lock_timeout: 1s,"))
    assert _condition("lock_timeout is set")(situation(policy="lock_timeout: 1s,"))
    assert not _condition("lock_timeout is set")(situation(policy="lock_timeout: 0,"))
    assert _condition("enable is replica")(situation(policy="enable: replica,"))


def test_a_test_is_evidence_where_it_ran_and_the_next_word_elsewhere():
    known = _evidence(["login_test test_a.py::test_b", "LOGIN"], vars(evidence))
    assert known.at((18,)).source == "tests/server/test_a.py::test_b"
    assert known.at((13,)).verified is not Verified.SERVER
    assert _evidence(["LOGIN"], vars(evidence)) is evidence.LOGIN


@pytest.mark.parametrize("word", ["NOWHERE", "login_tst test_a.py::test_b", "manul chapter"])
def test_a_slip_in_an_evidence_is_an_error(word: str):
    with pytest.raises(KeyError):
        _evidence([word], vars(evidence))


def test_a_slip_in_a_condition_is_an_error():
    with pytest.raises(AttributeError):
        _condition("recrds")(situation())
    with pytest.raises(AttributeError):
        _condition("on_eror is allow")(situation())
