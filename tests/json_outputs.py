"""What a command printed as JSON, held against the schema that `xtrig schema` publishes for it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from xtrig import __version__
from xtrig.outputs import OUTPUTS, schema


def parsed(text: str) -> Any:
    """Return the data of a command's stdout, which has to be JSON and nothing else."""
    data = json.loads(text)
    if isinstance(data, dict) and "output" in data:
        output = data["output"]
        assert (data["format"], data["xtrig"]) == (OUTPUTS[output].format, __version__)
        _validator(output).validate(data)
    return data


@cache
def _validator(output: str) -> Draft202012Validator:
    found = schema(output)
    for each in (found, *found.get("$defs", {}).values()):
        each["additionalProperties"] = False  # readers have to ignore what they do not know; ours know all of it
    Draft202012Validator.check_schema(found)
    return Draft202012Validator(found)
