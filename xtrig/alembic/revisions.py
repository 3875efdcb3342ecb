"""What earlier revisions say a set was: their ``op.apply_triggers`` calls, read without running them."""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from alembic.script import Script, ScriptDirectory

from xtrig.errors import UsageError
from xtrig.load import load_text
from xtrig.model import TriggerSet

_CALL = "apply_triggers"
_UPGRADE = "upgrade"
"""What the functions of a revision begin with; with several databases they have the names of these, too."""


@dataclass(frozen=True, slots=True)
class FrozenSet:
    """What a revision makes of a set; ``triggers`` None: it drops it."""

    revision: str
    set_name: str
    triggers: TriggerSet | None


def frozen_sets(directory: ScriptDirectory) -> Iterator[FrozenSet]:
    """Yield what the revisions make of sets, the newest revision first.

    Raises :class:`~xtrig.errors.UsageError` for a call whose arguments are not to be had without running it.
    """
    for script in directory.walk_revisions():
        tree = ast.parse(inspect.getsource(script.module))
        functions = [each for each in tree.body if isinstance(each, ast.FunctionDef) and _UPGRADE in each.name]
        calls = [call for function in functions for call in ast.walk(function) if _is_ours(call)]
        for call in reversed(calls):
            assert isinstance(call, ast.Call)  # noqa: S101  # for mypy: _is_ours() has looked
            yield _read(script, call)


def _is_ours(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == _CALL


def _read(script: Script, call: ast.Call) -> FrozenSet:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if call.args:
        given["name"] = call.args[0]
    name, after = (_value(script, given.get(key), key) for key in ("name", "after"))
    return FrozenSet(script.revision, name, thawed(after, f"revision {script.revision}"))


def thawed(given: Any, name: str) -> TriggerSet | None:
    """Return the set that a revision holds as JSON, or as a mapping; ``name`` is what messages call it.

    Raises :class:`~xtrig.errors.UsageError` for anything else, and the errors of :func:`xtrig.load`.
    """
    if given is None or isinstance(given, TriggerSet):
        return given
    if not isinstance(given, (str, Mapping)):
        raise UsageError(f"{name} is of type {type(given).__name__}; give JSON, as autogenerate writes it, or None")
    text = given if isinstance(given, str) else json.dumps(dict(given))
    # By its name the loader knows JSON, in which escapes mean something else than in YAML.
    return load_text(text, f"{name}.json" if text.lstrip().startswith("{") else name)


def _value(script: Script, node: ast.expr | None, key: str) -> Any:
    if isinstance(node, ast.Name) and hasattr(script.module, node.id):
        return getattr(script.module, node.id)
    if node is not None:
        with suppress(ValueError):
            return ast.literal_eval(node)
    raise UsageError(
        f"revision {script.revision}: cannot read {key} of op.{_CALL}; write it as a literal, or as a constant of the "
        "module"
    )
