"""What the fields of the model mean, as it stands below each of them, where editors look for it.

pydantic's own ``use_attribute_docstrings`` would parse the source of every class at each start.
"""

from __future__ import annotations

import ast
import inspect
from contextlib import suppress
from itertools import pairwise

from pydantic import BaseModel


def described(model: type[BaseModel]) -> dict[str, str]:
    """Return key of a definition file to meaning, in the order of the fields.

    Nothing is known of a class whose source is not there, as where only compiled files are installed.
    """
    found: dict[str, str] = {}
    for each in reversed(model.__mro__):
        with suppress(OSError, TypeError):
            (definition,) = ast.parse(inspect.getsource(each)).body
            found |= _below_fields(definition)
    keys = {name: str(info.validation_alias or name) for name, info in model.model_fields.items()}
    return {key: found[name] for name, key in keys.items() if name in found}


def _below_fields(definition: ast.stmt) -> dict[str, str]:
    found = {}
    for field, below in pairwise(getattr(definition, "body", ())):
        match field, below:
            case ast.AnnAssign(target=ast.Name(name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = " ".join(text.split())
    return found
