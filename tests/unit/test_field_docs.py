"""Editors show what stands below a field: every field of the model, and of what functions take and return, says it."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
from typing import Any

import pytest

import xtrig
import xtrig.deploy
import xtrig.model
from xtrig.model.described import described
from xtrig.model.triggers import json_schema
from xtrig.model.values import Model

PUBLIC = {
    each
    for module in (xtrig, xtrig.deploy)
    for name in module.__all__
    if dataclasses.is_dataclass(each := getattr(module, name))
}


@pytest.mark.parametrize("public", sorted(PUBLIC, key=lambda each: each.__name__), ids=lambda each: each.__name__)
def test_every_field_has_its_sentence(public: Any) -> None:
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(public))).body
    assert isinstance(definition, ast.ClassDef)
    body = definition.body
    bare = [
        ast.unparse(each.target)
        for each, after in zip(body, [*body[1:], None], strict=True)
        if isinstance(each, ast.AnnAssign)
        and not ast.unparse(each.target).startswith("_")
        and not (isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant))
    ]
    assert bare == []


@pytest.mark.parametrize("name", [name for name in xtrig.model.__all__ if name != "Step"])
def test_every_field_of_the_model_has_its_sentence(name: str) -> None:
    model: type[Model] = getattr(xtrig.model, name)
    assert set(described(model)) == {str(info.validation_alias or key) for key, info in model.model_fields.items()}


def test_the_schema_has_these_sentences() -> None:
    """Editors of YAML show them."""
    schema = json_schema()
    assert {key: each["description"] for key, each in schema["properties"].items()} == described(xtrig.TriggerSet)
    trigger = schema["$defs"]["Trigger"]["properties"]
    assert trigger["security"]["description"].startswith("Whose rights the function has")
    assert trigger["run"]["description"] == "The function to run."


def test_a_class_whose_source_is_not_there_has_a_schema() -> None:
    made = type("Made", (xtrig.model.Column,), {"__annotations__": {"more": str}, "__module__": "elsewhere"})
    assert set(made.model_json_schema()["properties"]) == {*xtrig.model.Column.model_fields, "more"}
    assert "more" not in described(made)
