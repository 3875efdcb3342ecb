"""Any body and any message comes through rendering byte for byte."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, example, given
from hypothesis import strategies as st
from pglast import parse_plpgsql, parse_sql

import xtrig
from tests.parsers.postgres import parse_script
from tests.properties.strategies import texts
from xtrig.sqltext import dollar_quoted, literal

DIALECTS = ("postgresql", "polardb", "polardb-oracle")
quotes = st.lists(st.sampled_from(["$", "xtrig", "xtrig1", "1", "2", "$xtrig$", "$$", "a"]), max_size=8).map("".join)

WAIVED = dict.fromkeys(("XT304", "XT307", "XT315", "XT318"), "no body here says anything, whatever it looks like")


def rendered(event: str, dialect: str = "postgresql", **trigger: Any) -> xtrig.Script:
    given = {"triggers": {"x": {"event": event, **trigger, **({"ignore": WAIVED} if "body" in trigger else {})}}}
    return xtrig.render(xtrig.TriggerSet.model_validate(given), dialect)


def function_of(script: xtrig.Script) -> str:
    (found,) = [each.sql for each in script if each.sql.startswith("CREATE OR REPLACE FUNCTION")]
    return found


def values(tree: Any, key: str) -> list[Any]:
    """Return what stands under ``key`` anywhere in a tree."""
    if isinstance(tree, list):
        return [found for each in tree for found in values(each, key)]
    if isinstance(tree, dict):
        here = [tree[key]] if key in tree else []
        return here + [found for each in tree.values() for found in values(each, key)]
    return []


def constant(expression: str) -> str:
    text: str = parse_sql(f"SELECT {expression}")[0].stmt.targetList[0].val.val.sval
    return text


@given(st.one_of(texts, quotes))
@example("$xtrig")
@example("$xtrig$ $xtrig1")
def test_a_body_is_kept_byte_for_byte(body: str):
    assume(body.strip())
    script = rendered("logon", body={"postgresql": body})
    (function,) = [each for each in parse_script(str(script)) if each.kind == "create_function"]
    assert function.body == body


@given(texts)
def test_a_body_for_polardb_is_kept_but_for_a_terminator_at_its_end(body: str):
    assume(body.strip())
    for dialect in DIALECTS[1:]:
        kept = body.rstrip().removesuffix(";").rstrip()
        assert function_of(rendered("logon", dialect, body={dialect: body})).endswith(f" IS\n{kept}")
        (function,) = parse_script(function_of(rendered("sql_drop", dialect, body={dialect: body})))
        assert function.body == body


@given(st.one_of(texts, quotes))
def test_dollar_quotes_close_where_the_body_ends(body: str):
    assert constant(dollar_quoted(body)) == body


@given(texts)
def test_a_literal_is_its_text(text: str):
    assert constant(literal(text)) == text


@given(texts)
@example("%")
@example("100%% of $${tag}")
def test_a_message_without_facts_is_its_text(message: str):
    assume(message)
    escaped = message.replace("${", "$${")
    script = rendered("ddl_command_start", steps=[{"deny": escaped}])
    (raised,) = [
        option["PLpgSQL_raise_option"]
        for each in values(parse_plpgsql(function_of(script)), "PLpgSQL_stmt_raise")
        for option in each.get("options", [])
        if option["PLpgSQL_raise_option"]["opt_type"] == 1
    ] or [None]
    assert raised is not None
    assert constant(raised["expr"]["PLpgSQL_expr"]["query"]) == message


@given(texts, texts)
def test_the_same_definition_is_the_same_bytes(body: str, message: str):
    assume(body.strip())
    assume(message)
    for dialect in DIALECTS:
        given = {"event": "ddl_command_end", "steps": [{"deny": message.replace("${", "$${")}]}
        assert str(rendered(dialect=dialect, **given)) == str(rendered(dialect=dialect, **given))
        assert str(rendered("logon", dialect, body={dialect: body})) == str(
            rendered("logon", dialect, body={dialect: body})
        )
