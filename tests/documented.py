"""The Python that the documentation shows, a file for each snippet, for type checkers: `documented.py FOLDER`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = ["README.md", *(f"docs/{name}.md" for name in ("python-api", "alembic", "testing-your-triggers"))]
GIVEN = {
    **{name: f"import {name}" for name in ("xtrig.alembic", "xtrig.sqlalchemy")},
    # What Alembic gives env.py and a revision; its stubs know no operations of plugins.
    **{name: f"{name}: Any = ..." for name in ("op", "context", "connection", "target_metadata", "AUDIT_AFTER")},
}
"""What a snippet may use without defining it: names, and the lines that define them."""
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def snippets() -> Iterator[tuple[str, str]]:
    """Yield a name and the text of each snippet."""
    for page in PAGES:
        for number, text in enumerate(_BLOCK.findall((ROOT / page).read_text("utf-8")), 1):
            stem = re.sub(r"\W", "_", Path(page).stem)
            yield f"{stem}_{number}", _given(text) + text


def _given(text: str) -> str:
    """Return the lines that define what the snippet uses and does not define."""
    lines = [
        line
        for name, line in GIVEN.items()
        if re.search(rf"(?<![\w.]){re.escape(name)}\b", text)
        and not re.search(rf"^(import {re.escape(name)}(\.\w+)?$|{re.escape(name)} = )", text, re.MULTILINE)
    ]
    return "\n".join([*(["from typing import Any"] if any("Any" in line for line in lines) else []), *lines, ""])


def main(folder: Path) -> None:
    """Write them into a folder, in place of what is there."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.py"):
        old.unlink()
    for name, text in snippets():
        (folder / f"{name}.py").write_text(text, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
