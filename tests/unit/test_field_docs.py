"""Editors show what stands below a field: every field of what the functions take and return has a sentence."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
from typing import Any

import pytest

import xtrig
import xtrig.deploy

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
