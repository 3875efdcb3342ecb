"""Each check of hand-written texts: what it finds, what silences it, and what only looks like it."""

from __future__ import annotations

import pytest

from tests.unit.body_cases import CASES, Case
from tests.unit.written import block, codes, found
from xtrig.findings import OWN_CODES, Severity
from xtrig_pgfamily.bodies import text_checks
from xtrig_pgfamily.bodies.names import PathOfItsOwn
from xtrig_postgresql.checks.timezones import MovableTimeZone

WRONG = [pytest.param(case, text, id=f"{case.code}: {text}") for case in CASES for text in case.wrong]
CURED = [pytest.param(case, text, id=f"{case.code}: {text}") for case in CASES for text in case.cured]


@pytest.mark.parametrize(("case", "text"), WRONG)
def test_it_is_found(case: Case, text: str):
    assert case.code in codes(block(text), case.dialect, event=case.event)


@pytest.mark.parametrize(("case", "text"), CURED)
def test_what_is_right_or_only_looks_like_it_is_not_found(case: Case, text: str):
    assert case.code not in codes(block(text), case.dialect, event=case.event)


def test_every_check_of_texts_is_shown_here():
    # XT231 is of expressions; in texts: tests/unit/test_body_circumstances.py.
    every = {check.code for check in (*text_checks.CHECKS, MovableTimeZone)} - {"XT231"}
    # What settings risk is in no text: tests/unit/test_settings_of_a_body.py.
    assert (
        {case.code for case in CASES} | {PathOfItsOwn.code}
        == every
        == {code for code in OWN_CODES if code.startswith("XT3")}
    )


def test_a_finding_stands_at_its_line_of_the_file():
    (finding,) = found("BEGIN\n  NULL;\n  -- x\n  PERFORM pg_sleep(1);\nEND")
    assert finding.location is not None
    assert finding.location.line == 10


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_every_finding_is_a_line_with_a_remedy(case: Case):
    for text in case.wrong:
        for finding in found(block(text), case.dialect, event=case.event):
            assert finding.remedy
            assert "\n" not in str(finding)
            assert finding.severity is not Severity.ERROR or finding.code in (
                "XT303",
                "XT304",
                "XT307",
                "XT315",
                "XT317",
                "XT318",
            )
