"""Fields that a vendor has no form for are said, never left out without a word."""

from __future__ import annotations

import pytest

import xtrig
from xtrig.checks import examine
from xtrig.model import TriggerSet
from xtrig.registry import get_dialect

VENDORS = ("firebird", "mariadb", "oracle")
FIELDS = {"detail": "of ${login_user}", "hint": "ask", "sqlstate": "28000"}


def said(triggers: TriggerSet, dialect: str) -> list[str]:
    target = get_dialect(dialect)
    found = examine(triggers).translate(target, target.parse_version(None)).findings
    return [each.message for each in found if each.code == "XT207"]


def denying(**fields: str) -> TriggerSet:
    step = {"deny": "no", "when": "${login_user} = 'x'", **fields}
    return TriggerSet.model_validate({"triggers": {"t": {"event": "logon", "steps": [step]}}})


def kept(dialect: str) -> TriggerSet:
    function = {"body": {dialect: "BEGIN NULL; END"}, "settings": {"work_mem": "1MB"}, "security": "invoker"}
    return TriggerSet.model_validate({"triggers": {"t": {"event": "logon", **function}}})


@pytest.mark.parametrize("dialect", VENDORS)
@pytest.mark.parametrize("field", FIELDS)
def test_each_field_that_a_refusal_has_not_is_said(field: str, dialect: str) -> None:
    (message,) = said(denying(**{field: FIELDS[field]}), dialect)
    assert message.startswith(f"{field}: a refusal on ")


@pytest.mark.parametrize("dialect", VENDORS)
def test_a_refusal_with_a_message_alone_is_whole(dialect: str) -> None:
    assert said(denying(), dialect) == []
    assert len(said(denying(**FIELDS), dialect)) == len(FIELDS)


@pytest.mark.parametrize("dialect", VENDORS)
def test_settings_that_nothing_sets_are_said(dialect: str) -> None:
    (message,) = said(kept(dialect), dialect)
    assert message.startswith("settings: nothing that is made for ")


def test_postgresql_writes_all_of_them() -> None:
    assert said(denying(**FIELDS), "postgresql") == said(kept("postgresql"), "postgresql") == []
    text = str(xtrig.render(denying(**FIELDS), "postgresql"))
    assert all(word in text for word in ("DETAIL", "HINT", "28000"))
    assert "SET work_mem = '1MB'" in str(xtrig.render(kept("postgresql"), "postgresql"))
