"""A random definition renders the same every time, or is refused with findings that say what to do."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pglast import parse_sql

import xtrig
from tests.parsers.postgres import parse_plpgsql_functions
from tests.properties.definitions import definitions
from tests.properties.steps import DIALECTS, Data
from tests.properties.strategies import expressions, names, texts
from xtrig.findings import OWN_CODES, Finding
from xtrig.registry import get_dialect

CASES = max(100, settings.default.max_examples)
# No dialect can hold these, or no two readers of a file agree on them.
_STRANGE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 10**9),
    texts,
    names,
    expressions,
    st.sampled_from(["logon", "login", "sql_drop", "deny", "${tag}", "${tog}", "${object_type}", "5 s", "TRUNCATE"]),
    st.lists(texts, max_size=2),
    st.dictionaries(names, texts, max_size=2),
)


def refusals(given: Data) -> list[Finding]:
    """Return what xtrig says to it, from a file, for every dialect; an error other than its own ends the test."""
    try:
        triggers = xtrig.load_text(json.dumps({"xtrig": 1} | given))
    except xtrig.DefinitionError as error:
        return refused(error)
    found = list(xtrig.check(triggers))
    for dialect in DIALECTS:
        try:
            found += xtrig.render(triggers, dialect).findings
        except (xtrig.DefinitionError, xtrig.RefusedError) as error:
            found += refused(error)
    return found


def refused(error: xtrig.DefinitionError | xtrig.RefusedError) -> list[Finding]:
    """Return the findings of a refusal, of which one at least is an error."""
    assert any(finding.severity == "error" for finding in error.findings)
    return list(error.findings)


def assert_helpful(findings: list[Finding]) -> None:
    for finding in findings:
        assert finding.code in OWN_CODES
        for words in (finding.subject, finding.message, finding.remedy):
            assert words.strip()
            assert len(words.splitlines()) == 1, words


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of everything inside some data."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [place for key, value in inner for place in ((*path, key), *places(value, (*path, key)))]


@st.composite
def mangled(draw: Any) -> Data:
    """Return a definition with up to three places in which something else stands."""
    data: Data = json.loads(json.dumps(draw(definitions(sound=False, may_deny=True))))
    for _ in range(draw(st.integers(1, 3))):
        *path, last = draw(st.sampled_from(places(data)))
        inner: Any = data
        for key in path:
            inner = inner[key]
        what = draw(st.sampled_from(["replace", "remove", "rename"]))
        if what == "replace":
            inner[last] = draw(_STRANGE)
        elif what == "remove":
            del inner[last]
        elif isinstance(inner, dict):
            inner[draw(names)] = inner.pop(last)
        else:
            inner.append(inner[last])
    return data


@settings(max_examples=CASES)
@given(given=definitions(sound=False, may_deny=True), data=st.data())
def test_a_definition_renders_the_same_every_time_or_is_refused(given: Data, data: st.DataObject) -> None:
    for dialect in DIALECTS:
        version = data.draw(st.sampled_from([None, *get_dialect(dialect).versions]))
        options = {"target_version": version, "drop": data.draw(st.booleans())}
        once, again = (rendered(given, dialect, **options) for _ in range(2))
        assert once == again


def rendered(given: Data, dialect: str, **options: Any) -> str:
    """Return the script, or the findings of a refusal."""
    triggers = xtrig.TriggerSet.model_validate(given)
    try:
        script = xtrig.render(triggers, dialect, **options)
    except (xtrig.DefinitionError, xtrig.RefusedError) as error:
        assert_helpful(refused(error))
        return str(error)
    assert_helpful(list(script.findings))
    return str(script)


@settings(max_examples=CASES)
@given(given=definitions(sound=True, may_deny=True))
def test_what_is_rendered_for_postgresql_is_what_its_parser_takes(given: Data) -> None:
    triggers = xtrig.TriggerSet.model_validate(given)
    for options in ({}, {"drop": True, "with_data": True}):
        try:
            text = str(xtrig.render(triggers, **options))
        except (xtrig.DefinitionError, xtrig.RefusedError):
            return
        assert parse_sql(text)
        parse_plpgsql_functions(text)


@settings(max_examples=CASES)
@given(given=definitions(sound=False, may_deny=True))
def test_a_definition_says_the_same_from_python_and_from_a_file(given: Data) -> None:
    triggers = xtrig.TriggerSet.model_validate(given)
    assert xtrig.load_text(json.dumps({"xtrig": 1} | given)) == triggers
    again = xtrig.TriggerSet.model_validate_json(triggers.model_dump_json(by_alias=True, exclude_unset=True))
    assert again == triggers


@settings(max_examples=CASES * 2)
@given(given=mangled())
def test_whatever_is_refused_has_a_finding_with_a_remedy(given: Data) -> None:
    assert_helpful(refusals(given))
