"""The JSON Schema of definition files, made from the model."""

from __future__ import annotations

from typing import Any

from xtrig.model import TriggerSet
from xtrig.model.steps import KINDS


def json_schema() -> dict[str, Any]:
    """Return the schema, in the 2020-12 dialect of JSON Schema."""
    schema = TriggerSet.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "xtrig definition"
    # A file says its format version, so that a later xtrig can tell; a set made in Python need not.
    schema["required"] = ["xtrig"]
    definitions = schema["$defs"]
    # The model reads "name: text" as a column of that type, which pydantic cannot know.
    definitions["Column"] = {"anyOf": [{"type": "string"}, definitions["Column"]]}
    for key, kind in KINDS.items():
        definitions[kind.__name__].setdefault("required", [key])
    return schema
