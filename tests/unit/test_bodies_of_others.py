"""The checks of hand-written bodies on bodies that are right, xtrig's own, and on one that is famous."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import xtrig
from tests.distributions import ROOT
from xtrig.checks import examine
from xtrig.errors import XtrigError
from xtrig.registry import get_dialect
from xtrig.resolve import ResolvedFunction, resolve

GOLDENS = sorted((ROOT / "tests" / "golden").glob("*/triggers.yaml"))
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
MANUAL = (ROOT / "tests" / "server" / "seeds" / "init_session.sql").read_text("utf-8")
PLPGSQL = r"FUNCTION [^\n]*?{name}\"?\(\)\n[^$]*?AS (\$xtrig\d*\$)(?P<body>.*?)\1;"
PLSQL = r"FUNCTION [^\n]*?{name}\"? RETURN event_trigger[^\n]* IS\n(?P<body>.*?\nEND);"
TRUE = {
    # ${current_user}, ${ssl} and their like are written as asked.
    "logon-all-facts": {"XT305", "XT313"},
    "logon-portable": {"XT313"},
    # Without exempt_roles these do refuse superusers.
    "logon-deny-fail-open": {"XT314"},
    "init_session": {"XT314"},
    "example-init-session": {"XT314"},
}


def codes(body: str, dialect: str, event: str, language: str = "native") -> set[str]:
    trigger = {"event": event, "language": language, "body": {dialect: body}}
    triggers = xtrig.TriggerSet.model_validate({"triggers": {"x": trigger}})
    target = get_dialect(dialect)
    found = examine(triggers).translate(target, target.parse_version(None)).findings
    return {finding.code for finding in found if finding.code.startswith("XT3")}


def rendered(file: Path, dialect: str) -> Iterator[tuple[str, str, str]]:
    """Yield each function body that xtrig renders, with its event and its policy of language."""
    triggers = xtrig.load(file)
    try:
        script = str(xtrig.render(triggers, dialect))
    except XtrigError:
        return
    for function in resolve(triggers).functions:
        if match := re.search(_pattern(function, dialect), script, re.DOTALL):
            yield match["body"], str(function.events[0]), function.policies.language


def _pattern(function: ResolvedFunction, dialect: str) -> str:
    native = function.events[0].is_session and function.policies.language == "native" and dialect != "postgresql"
    return (PLSQL if native else PLPGSQL).format(name=re.escape(function.name))


@pytest.mark.parametrize("dialect", ["postgresql", "polardb", "polardb-oracle"])
def test_what_xtrig_writes_itself_is_right(dialect: str):
    number = 0
    for file in (*GOLDENS, *EXAMPLES):
        case = file.parent.name if file.name == "triggers.yaml" else file.stem
        for body, event, language in rendered(file, dialect):
            number += 1
            assert codes(body, dialect, event, language) <= TRUE.get(case, set()), case
    assert number > 25


def test_the_login_example_of_the_manual():
    body = MANUAL.partition("$$")[2].partition("$$")[0]
    assert codes(body, "postgresql", "logon") == {"XT308", "XT311", "XT314"}
