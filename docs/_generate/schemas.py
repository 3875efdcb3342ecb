"""The JSON Schemas of what commands print, as files of the documentation."""

from __future__ import annotations

import json

from xtrig.outputs import OUTPUTS, schema


def files() -> dict[str, str]:
    """Return the text of each file, by its name."""
    return {f"{output}.json": json.dumps(schema(output), indent=2) + "\n" for output in OUTPUTS}
